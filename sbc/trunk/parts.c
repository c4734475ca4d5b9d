#include "trunk/parts.h"

#include <stdlib.h>

static const char *
policy_file_of(const struct config *config, size_t i)
{
	const struct config_trunk *trunk = &config->trunks[i / 2];

	return i % 2 == 0 ? trunk->policy_in : trunk->policy_out;
}

/* The first that names the same file: `i` itself, or one before it. */
static size_t
first_with_file(const struct config *config, size_t i)
{
	const char *file = policy_file_of(config, i);
	size_t first = 0;

	while (strcmp(policy_file_of(config, first), file) != 0)
		first++;
	return first;
}

static void
load_policy(struct parts *parts, size_t i, int64_t today,
    struct problems *problems)
{
	const char *file = policy_file_of(parts->config, i);
	size_t first = first_with_file(parts->config, i);
	struct policy *policy = parts->policies[first];

	if (file[0] == '\0') {
		parts->policies[i] = policy_ref(policy_builtin());
	} else if (first == i) {
		parts->policies[i] = policy_load(file, today, problems);
	} else {
		parts->policies[i] = policy == NULL ? NULL : policy_ref(policy);
	}
}

/* All of them, so that every policy's problems are seen in one go. */
static void
load_policies(struct parts *parts, int64_t today, struct problems *problems)
{
	size_t i, n = parts->config->trunks_n * 2;

	parts->policies = calloc(n + 1, sizeof(*parts->policies));
	if (parts->policies == NULL) {
		problem_add(problems, PROBLEM_ERROR, parts->config->file, 0,
		    "out of memory");
		parts->good = false;
		return;
	}
	for (i = 0; i < n; i++) {
		load_policy(parts, i, today, problems);
		parts->good &= parts->policies[i] != NULL;
	}
}

void
parts_load(struct parts *parts, struct config *config, int64_t today,
    struct problems *problems)
{
	const struct config_strings *files = &config->inventory;

	*parts = (struct parts){ .config = config_ref(config), .good = true };
	if (files->n > 0) {
		parts->inventory =
		    inventory_load((const char *const *)files->list, files->n,
			today, problems);
		parts->good = parts->inventory != NULL;
	}
	load_policies(parts, today, problems);
}

void
parts_fini(struct parts *parts)
{
	size_t i;

	for (i = 0; parts->policies != NULL &&
	     i < parts->config->trunks_n * 2;
	     i++)
		policy_unref(parts->policies[i]);
	free(parts->policies);
	inventory_unref(parts->inventory);
	config_unref(parts->config);
	*parts = (struct parts){ 0 };
}
