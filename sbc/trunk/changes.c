#include "trunk/changes.h"

/* Did an earlier trunk, or the other stage of this one, have that policy? */
static bool
is_told(const struct trunks *trunks, size_t n, const struct policy *policy)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (trunks->list[i].policy_in == policy ||
		    trunks->list[i].policy_out == policy)
			return true;
	return false;
}

static size_t
note_policy(const char *file, const char *before, const struct policy *policy,
    const struct policy *was, struct problems *problems)
{
	if (policy_digest(policy) == policy_digest(was) ||
	    strcmp(file, before) != 0)
		return 0;
	problem_add(
	    problems, PROBLEM_NOTE, file, 0, "the policy file has changed");
	return 1;
}

static size_t
note_policies(const struct trunks *now, const struct trunks *next, size_t i,
    struct problems *problems)
{
	const struct trunk *trunk = &next->list[i];
	const struct trunk *was = trunk_find_near(now, trunk->name, i);
	const struct config_trunk *c = trunk->config;
	size_t n = 0;

	if (was == NULL)
		return 0;
	if (!is_told(next, i, trunk->policy_in))
		n += note_policy(c->policy_in, was->config->policy_in,
		    trunk->policy_in, was->policy_in, problems);
	if (trunk->policy_out != trunk->policy_in &&
	    !is_told(next, i, trunk->policy_out))
		n += note_policy(c->policy_out, was->config->policy_out,
		    trunk->policy_out, was->policy_out, problems);
	return n;
}

static bool
is_same_inventory(const struct inventory *a, const struct inventory *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return inventory_digest(a) == inventory_digest(b);
}

static size_t
count_entries(const struct inventory *inventory)
{
	return inventory == NULL ? 0 : inventory_entries(inventory);
}

static size_t
note_inventory(const struct trunks *now, const struct trunks *next,
    struct problems *problems)
{
	size_t before = count_entries(now->inventory);
	size_t after = count_entries(next->inventory);

	if (is_same_inventory(now->inventory, next->inventory))
		return 0;
	if (before == after)
		problem_add(problems, PROBLEM_NOTE, NULL, 0,
		    "the inventory has changed; it has %zu entries as before",
		    after);
	else
		problem_add(problems, PROBLEM_NOTE, NULL, 0,
		    "the inventory has %zu entries, it had %zu", after, before);
	return 1;
}

size_t
changes_note(const struct trunks *now, const struct trunks *next,
    struct problems *problems)
{
	size_t n = config_note_changes(now->config, next->config, problems);
	size_t i;

	for (i = 0; i < next->n; i++)
		n += note_policies(now, next, i, problems);
	return n + note_inventory(now, next, problems);
}
