/*
 * compare.c - what a reload cannot change
 */

#include <stdlib.h>

#include "config/value.h"

/* The value as it would stand in the file; the caller frees it. NULL without
 * memory. */
static char *
value_text(const struct option *option, const void *base)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	value_print(option, option_field_const(option, base), out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void
note(struct problems *problems, const struct config *next, const char *label,
    const struct option *option, const struct config *now)
{
	char *old = value_text(option, now), *new = value_text(option, next);

	problem_add(problems, PROBLEM_WARNING, next->file, 0,
	    "%s%s stays %s until a restart; %s is not used yet", label,
	    option->name, old == NULL ? "as it is" : old,
	    new == NULL ? "the new value" : new);
	free(old);
	free(new);
}

/* Where memory is short the new value stays, which only `show config` sees. */
static size_t
keep_group(enum option_group group, const char *label,
    const struct config *now, struct config *next, struct problems *problems)
{
	size_t i, n = 0;

	for (i = 0; i < option_table_n; i++) {
		const struct option *option = &option_table[i];
		const void *was = option_field_const(option, now);
		void *is = option_field(option, next);

		if (option->group != group || !option->fixed ||
		    value_equal(option, was, is))
			continue;
		note(problems, next, label, option, now);
		value_copy(option, is, was);
		n++;
	}
	return n;
}

size_t
config_keep_fixed(const struct config *now, struct config *next,
    struct problems *problems)
{
	size_t i, n = 0;
	char label[32];

	for (i = 0; i < GROUPS; i++) {
		const char *name = option_groups[i].name;

		if (option_groups[i].one != NULL)
			continue;
		snprintf(label, sizeof(label), "%s%s", name == NULL ? "" : name,
		    name == NULL ? "" : ".");
		n += keep_group(
		    (enum option_group)i, label, now, next, problems);
	}
	return n;
}
