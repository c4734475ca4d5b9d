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
note(struct problems *problems, const struct config *next, int line,
    const char *label, const struct option *option, const void *was,
    const void *is)
{
	char *old = value_text(option, was), *new = value_text(option, is);

	problem_add(problems, PROBLEM_WARNING, next->file, line,
	    "%s%s stays %s until a restart; %s is not used yet", label,
	    option->name, old == NULL ? "as it is" : old,
	    new == NULL ? "the new value" : new);
	free(old);
	free(new);
}

/* Compares the fixed options of one group or element. */
static size_t
compare_group(enum option_group group, const char *label, int line,
    const void *now, const void *next, const struct config *config,
    struct problems *problems)
{
	size_t i, n = 0;

	for (i = 0; i < option_table_n; i++) {
		const struct option *option = &option_table[i];

		if (option->group != group || !option->fixed ||
		    value_equal(option, option_field_const(option, now),
			option_field_const(option, next)))
			continue;
		note(problems, config, line, label, option, now, next);
		n++;
	}
	return n;
}

static size_t
compare_listener(const struct config_listener *now,
    const struct config_listener *next, const struct config *config,
    struct problems *problems)
{
	char label[96];

	if (now == NULL) {
		problem_add(problems, PROBLEM_WARNING, config->file, next->line,
		    "listener \"%s\" is new; it is opened at a restart",
		    next->name);
		return 1;
	}
	snprintf(label, sizeof(label), "listener \"%s\": ", next->name);
	return compare_group(GROUP_LISTENER, label, next->line, now, next,
	    config, problems);
}

static size_t
compare_listeners(const struct config *now, const struct config *next,
    struct problems *problems)
{
	size_t i, n = 0;

	for (i = 0; i < next->listeners_n; i++) {
		const struct config_listener *l = &next->listeners[i];

		n += compare_listener(
		    config_find_listener(now, span_of(l->name)), l, next,
		    problems);
	}
	for (i = 0; i < now->listeners_n; i++) {
		const char *name = now->listeners[i].name;

		if (config_find_listener(next, span_of(name)) != NULL)
			continue;
		problem_add(problems, PROBLEM_WARNING, next->file, 0,
		    "listener \"%s\" is gone; it is closed at a restart", name);
		n++;
	}
	return n;
}

size_t
config_compare_fixed(const struct config *now, const struct config *next,
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
		n += compare_group((enum option_group)i, label, 0, now, next,
		    next, problems);
	}
	return n + compare_listeners(now, next, problems);
}
