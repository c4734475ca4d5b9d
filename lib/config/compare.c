/*
 * compare.c - what a reload changes, and what it cannot change
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

#define VALUE_SHOWN 120 /* bytes of a value in a sentence */

/* Whose options are compared. */
struct pair {
	enum option_group group;
	const char *file; /* of the new ones */
	int line;
	char label[128]; /* "limits.", "trunk \"pbx\": " */
	const void *was, *is;
};

static void
note_change(const struct pair *pair, const struct option *option,
    struct problems *problems)
{
	char *old = value_text(option, pair->was);
	char *new = value_text(option, pair->is);
	char *text[2] = { new, old };
	size_t i;

	/* The end of a long list would say little. */
	for (i = 0; i < 2; i++)
		if (text[i] != NULL && strlen(text[i]) > VALUE_SHOWN + 3)
			memcpy(text[i] + VALUE_SHOWN, "...", 4);
	problem_add(problems, PROBLEM_NOTE, pair->file, pair->line,
	    "%s%s: %s, was %s", pair->label, option->name,
	    new == NULL ? "another value" : new,
	    old == NULL ? "another" : old);
	free(old);
	free(new);
}

static size_t
note_options(const struct pair *pair, struct problems *problems)
{
	size_t i, n = 0;

	for (i = 0; i < option_table_n; i++) {
		const struct option *option = &option_table[i];

		if (option->group != pair->group ||
		    value_equal(option, option_field_const(option, pair->was),
			option_field_const(option, pair->is)))
			continue;
		note_change(pair, option, problems);
		n++;
	}
	return n;
}

static const char *
element(const struct elements *e, size_t i)
{
	return e->list + i * e->size;
}

static int
line_of(enum option_group group, const char *element)
{
	int line;

	memcpy(&line, element + option_groups[group].line, sizeof(line));
	return line;
}

/* NULL: elements of that group have none. */
static const char *
name_of(const struct option *name, const char *element)
{
	const char *text;

	if (name == NULL)
		return NULL;
	memcpy(&text, option_field_const(name, element), sizeof(text));
	return text;
}

/* The element of that name, looked for from the place `near` on, where it
 * mostly is; NULL: there is none. */
static const char *
find_named(const struct elements *e, const struct option *name,
    const char *wanted, size_t near)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		const char *at = element(e, (near + i) % e->n);

		if (strcmp(name_of(name, at), wanted) == 0)
			return at;
	}
	return NULL;
}

static void
label_named(struct pair *pair, const char *name)
{
	snprintf(pair->label, sizeof(pair->label), "%s \"%.64s\": ",
	    option_groups[pair->group].one, name);
}

static void
note_element(const struct pair *pair, const char *name, const char *what,
    struct problems *problems)
{
	problem_add(problems, PROBLEM_NOTE, pair->file, pair->line,
	    "%s \"%s\" is %s", option_groups[pair->group].one, name, what);
}

static size_t
note_named(struct pair *pair, const struct option *name,
    const struct elements *was, const struct elements *is,
    struct problems *problems)
{
	size_t i, n = 0;

	for (i = 0; i < is->n; i++) {
		pair->is = element(is, i);
		pair->line = line_of(pair->group, pair->is);
		label_named(pair, name_of(name, pair->is));
		pair->was =
		    find_named(was, name, name_of(name, pair->is), i);
		if (pair->was != NULL) {
			n += note_options(pair, problems);
			continue;
		}
		note_element(pair, name_of(name, pair->is), "new", problems);
		n++;
	}
	for (i = 0, pair->line = 0; i < was->n; i++) {
		pair->was = element(was, i);
		if (find_named(is, name, name_of(name, pair->was), i) != NULL)
			continue;
		note_element(pair, name_of(name, pair->was), "gone", problems);
		n++;
	}
	return n;
}

/* Elements without names are told apart by their places. */
static size_t
note_unnamed(struct pair *pair, const struct elements *was,
    const struct elements *is, struct problems *problems)
{
	const struct group *g = &option_groups[pair->group];
	size_t i, n = 0;

	if (was->n != is->n) {
		problem_add(problems, PROBLEM_NOTE, pair->file, 0,
		    "%s: %zu, were %zu", g->name, is->n, was->n);
		return 1;
	}
	for (i = 0; i < is->n; i++) {
		pair->was = element(was, i);
		pair->is = element(is, i);
		pair->line = line_of(pair->group, pair->is);
		snprintf(pair->label, sizeof(pair->label), "%s[%zu]: ",
		    g->name, i);
		n += note_options(pair, problems);
	}
	return n;
}

static size_t
note_group(enum option_group group, const struct config *now,
    const struct config *next, struct problems *problems)
{
	const struct group *g = &option_groups[group];
	const struct option *name = option_find(group, SPAN("name"));
	struct elements was, is;
	struct pair pair = { .group = group, .file = next->file, .was = now,
		.is = next };

	if (g->one == NULL) {
		snprintf(pair.label, sizeof(pair.label), "%s%s",
		    g->name == NULL ? "" : g->name, g->name == NULL ? "" : ".");
		return note_options(&pair, problems);
	}
	was = option_elements(now, group);
	is = option_elements(next, group);
	return name == NULL ? note_unnamed(&pair, &was, &is, problems)
			    : note_named(&pair, name, &was, &is, problems);
}

size_t
config_note_changes(const struct config *now, const struct config *next,
    struct problems *problems)
{
	size_t i, n = 0;

	for (i = 0; i < GROUPS; i++)
		n += note_group((enum option_group)i, now, next, problems);
	return n;
}
