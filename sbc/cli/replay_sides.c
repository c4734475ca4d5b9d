#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/replay.h"

static const char *
base_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash == NULL ? file : slash + 1;
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
has_base(const struct policy *policy, const char *file)
{
	return policy_file(policy)[0] != '\0' &&
	    strcmp(base_of(policy_file(policy)), base_of(file)) == 0;
}

/* Is the name of either file used by a policy of some trunk? */
static bool
is_used(const struct trunks *trunks, const char *const files[])
{
	size_t i, j;

	for (i = 0; i < trunks->n; i++)
		for (j = 0; j < REPLAY_SIDES; j++)
			if (has_base(trunks->list[i].policy_in, files[j]) ||
			    has_base(trunks->list[i].policy_out, files[j]))
				return true;
	return false;
}

static void
put(struct policy **place, struct policy *policy)
{
	policy_unref(*place);
	*place = policy_ref(policy);
}

static bool
put_file(struct replay *replay, struct cli *cli, enum replay_side side,
    const char *const files[], bool in)
{
	const struct trunks *trunks = replay->world.trunks;
	struct policy *policy = world_policy(cli, files[side]);
	bool used = is_used(trunks, files);
	size_t i, j;

	for (i = 0; policy != NULL && i < trunks->n; i++) {
		const struct trunk *trunk = &trunks->list[i];
		struct replay_slot *slot = &replay->slots[side][i];

		if (!used)
			put(in ? &slot->in : &slot->out, policy);
		for (j = 0; used && j < REPLAY_SIDES; j++) {
			if (has_base(trunk->policy_in, files[j]))
				put(&slot->in, policy);
			if (has_base(trunk->policy_out, files[j]))
				put(&slot->out, policy);
		}
	}
	policy_unref(policy);
	return policy != NULL;
}

/* The file of that name in the directory, where there is one. */
static bool
put_from(struct cli *cli, const char *dir, const struct policy *now,
    struct policy **place, unsigned *found)
{
	char path[WORLD_PATH_MAX];
	struct text t = text_over(path, sizeof(path));
	struct policy *policy;

	if (policy_file(now)[0] == '\0')
		return true;
	text_add_str(&t, dir);
	TEXT_LIT(&t, "/");
	text_add_str(&t, base_of(policy_file(now)));
	if (t.overflow || access(text_cstr(&t), R_OK) != 0)
		return true;
	policy = world_policy(cli, path);
	if (policy == NULL)
		return false;
	put(place, policy);
	policy_unref(policy);
	(*found)++;
	return true;
}

static bool
put_directory(struct replay *replay, struct cli *cli, enum replay_side side,
    const char *dir)
{
	const struct trunks *trunks = replay->world.trunks;
	unsigned found = 0;
	size_t i;

	for (i = 0; i < trunks->n; i++) {
		const struct trunk *trunk = &trunks->list[i];
		struct replay_slot *slot = &replay->slots[side][i];

		if (!put_from(cli, dir, trunk->policy_in, &slot->in, &found) ||
		    !put_from(cli, dir, trunk->policy_out, &slot->out, &found))
			return false;
	}
	if (found > 0)
		return true;
	arguments_complain(cli, "no policy of the configuration is in ", dir,
	    replay->world.made_up ? "; --config FILE names one" : "");
	return false;
}

/* The file that a name finds, "x/out.conf" for "x/out"; else as it is. */
static const char *
find_file(const char *name, char buf[static WORLD_PATH_MAX])
{
	const char *file =
	    is_directory(name) ? NULL : world_policy_file(name, buf);

	return file == NULL ? name : file;
}

bool
replay_load(struct replay *replay, struct cli *cli, const char *old,
    const char *new, bool in)
{
	const struct trunks *trunks = replay->world.trunks;
	char paths[REPLAY_SIDES][WORLD_PATH_MAX];
	const char *const files[] = { find_file(old, paths[REPLAY_OLD]),
		find_file(new, paths[REPLAY_NEW]) };
	size_t side, i;

	for (side = 0; side < REPLAY_SIDES; side++) {
		struct replay_slot *slots = calloc(trunks->n, sizeof(*slots));

		if (slots == NULL)
			return false;
		replay->slots[side] = slots;
		for (i = 0; i < trunks->n; i++) {
			slots[i].in = policy_ref(trunks->list[i].policy_in);
			slots[i].out = policy_ref(trunks->list[i].policy_out);
		}
		if (is_directory(files[side])
			? !put_directory(replay, cli, (enum replay_side)side,
			      files[side])
			: !put_file(replay, cli, (enum replay_side)side, files,
			      in))
			return false;
	}
	return true;
}

void
replay_unload(struct replay *replay)
{
	size_t side, i;

	for (side = 0; side < REPLAY_SIDES; side++) {
		struct replay_slot *slots = replay->slots[side];

		for (i = 0; slots != NULL && i < replay->world.trunks->n; i++) {
			policy_unref(slots[i].in);
			policy_unref(slots[i].out);
		}
		free(slots);
		replay->slots[side] = NULL;
	}
}
