/*
 * config.c - a file becomes a snapshot, and a snapshot is freed
 */

#include "config/config.h"

#include <stdlib.h>
#include <time.h>

#include "config/check.h"
#include "config/value.h"

/* Puts the defaults into an element, or into the groups that are no lists. */
static bool
preset_group(enum option_group group, void *base)
{
	size_t i;

	for (i = 0; i < option_table_n; i++)
		if (option_table[i].group == group &&
		    !value_preset(&option_table[i],
			option_field(&option_table[i], base)))
			return false;
	return true;
}

static void
read_member(struct reader *reader, enum option_group group,
    const config_setting_t *setting, void *base)
{
	struct span name = span_of(config_setting_name(setting));
	const struct option *option = option_find(group, name);
	const char *near;

	if (option != NULL) {
		value_read(reader, option, setting, option_field(option, base));
		return;
	}
	near = option_nearest(group, name);
	source_problem(reader->source, PROBLEM_ERROR, setting,
	    "%s%sunknown option \"%.60s\"%s%s%s", reader->label,
	    reader->label[0] == '\0' ? "" : ": ", name.p,
	    near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
}

static void
require_members(struct reader *reader, enum option_group group,
    const config_setting_t *setting)
{
	size_t i;

	for (i = 0; i < option_table_n; i++) {
		const struct option *option = &option_table[i];

		if (option->group == group && option->required &&
		    config_setting_get_member(setting, option->name) == NULL)
			source_problem(reader->source, PROBLEM_ERROR, setting,
			    "%s: \"%s\" is missing, such as %s = %s;",
			    reader->label, option->name, option->name,
			    option->example);
	}
}

static void
read_group(struct reader *reader, enum option_group group,
    const config_setting_t *setting, void *base)
{
	int i, n = config_setting_length(setting);

	for (i = 0; i < n; i++)
		read_member(reader, group,
		    config_setting_get_elem(setting, (unsigned)i), base);
	require_members(reader, group, setting);
}

/* "trunk \"pbx\"", or "trunks[2]" where it has no name yet. */
static void
label_element(struct reader *reader, const struct group *group,
    const config_setting_t *setting, size_t i)
{
	const char *name = NULL;
	struct text t = text_over(reader->label, sizeof(reader->label));

	config_setting_lookup_string(setting, "name", &name);
	if (name != NULL && strlen(name) < 64) {
		text_add_str(&t, group->one);
		text_add_char(&t, ' ');
		text_add_quoted(&t, span_of(name));
	} else {
		text_addf(&t, "%s[%zu]", group->name, i);
	}
	text_cstr(&t);
	reader->separator = ": ";
}

static void
read_element(struct reader *reader, enum option_group group, size_t i,
    const config_setting_t *setting, char *base)
{
	const struct group *g = &option_groups[group];
	int line = (int)config_setting_source_line(setting);

	if (!config_setting_is_group(setting)) {
		source_problem(reader->source, PROBLEM_ERROR, setting,
		    "%s[%zu]: expected a group { } of the options of a %s",
		    g->name, i, g->one);
		return;
	}
	label_element(reader, g, setting, i);
	memcpy(base + g->line, &line, sizeof(line));
	read_group(reader, group, setting, base);
}

/* Makes room for all elements, each with the defaults. */
static bool
make_elements(struct config *config, enum option_group group, size_t n)
{
	const struct group *g = &option_groups[group];
	char *list = calloc(n, g->size);
	size_t i;

	if (list == NULL)
		return false;
	memcpy((char *)config + g->list, &list, sizeof(list));
	memcpy((char *)config + g->n, &n, sizeof(n));
	for (i = 0; i < n; i++)
		if (!preset_group(group, list + i * g->size))
			return false;
	return true;
}

static void
read_list(struct reader *reader, enum option_group group,
    const config_setting_t *setting, struct config *config)
{
	const struct group *g = &option_groups[group];
	size_t i, n = (size_t)config_setting_length(setting);
	struct elements e;

	if (n > g->max) {
		source_problem(reader->source, PROBLEM_ERROR, setting,
		    "%s: found %zu, expected at most %lu", g->name, n,
		    (unsigned long)g->max);
		return;
	}
	if (n == 0)
		return;
	if (!make_elements(config, group, n)) {
		source_problem(
		    reader->source, PROBLEM_ERROR, setting, "out of memory");
		return;
	}
	e = option_elements(config, group);
	for (i = 0; i < n; i++)
		read_element(reader, group, i,
		    config_setting_get_elem(setting, (unsigned)i),
		    e.list + i * e.size);
}

/* A group of the file: a list of elements or a group of options. */
static void
read_named_group(struct reader *reader, enum option_group group,
    const config_setting_t *setting, struct config *config)
{
	const struct group *g = &option_groups[group];
	bool list = g->one != NULL;

	if (list ? !config_setting_is_list(setting)
		 : !config_setting_is_group(setting)) {
		source_problem(reader->source, PROBLEM_ERROR, setting,
		    list ? "%s: expected a list of groups: ( { }, { } )"
			 : "%s: expected a group: { }",
		    g->name);
		return;
	}
	if (list) {
		read_list(reader, group, setting, config);
		return;
	}
	snprintf(reader->label, sizeof(reader->label), "%s", g->name);
	reader->separator = ".";
	read_group(reader, group, setting, config);
}

static enum option_group
find_group(const char *name)
{
	size_t i;

	for (i = GROUP_TOP + 1; i < GROUPS; i++)
		if (strcmp(option_groups[i].name, name) == 0)
			return (enum option_group)i;
	return GROUPS;
}

static void
read_root(struct source *source, struct config *config)
{
	const config_setting_t *root = config_root_setting(&source->tree);
	int i, n = config_setting_length(root);

	for (i = 0; i < n; i++) {
		const config_setting_t *setting =
		    config_setting_get_elem(root, (unsigned)i);
		enum option_group group =
		    find_group(config_setting_name(setting));
		struct reader reader = { .source = source, .separator = "" };

		if (group != GROUPS)
			read_named_group(&reader, group, setting, config);
		else
			read_member(&reader, GROUP_TOP, setting, config);
	}
}

static struct config *
create(const char *file)
{
	struct config *config = calloc(1, sizeof(*config));
	size_t group;

	if (config == NULL)
		return NULL;
	config->references = 1;
	config->file = strdup(file);
	for (group = 0; config->file != NULL && group < GROUPS; group++)
		if (option_groups[group].one == NULL &&
		    !preset_group((enum option_group)group, config))
			break;
	if (group == GROUPS)
		return config;
	config_unref(config);
	return NULL;
}

struct config *
config_load_at(const char *file, time_t now, struct problems *problems)
{
	size_t errors = problems->errors;
	struct check check = { .now = now };
	struct config *config;
	struct source source;

	if (!source_open(&source, file, problems))
		return NULL;
	config = create(file);
	if (config == NULL) {
		source_problem(&source, PROBLEM_ERROR, NULL, "out of memory");
		source_close(&source);
		return NULL;
	}
	read_root(&source, config);
	check.source = &source;
	check.config = config;
	check_all(&check);
	source_close(&source);
	if (problems->errors == errors)
		return config;
	config_unref(config);
	return NULL;
}

struct config *
config_load(const char *file, struct problems *problems)
{
	return config_load_at(file, time(NULL), problems);
}

struct config *
config_ref(struct config *config)
{
	config->references++;
	return config;
}

static void
free_group(enum option_group group, void *base)
{
	size_t i;

	for (i = 0; i < option_table_n; i++)
		if (option_table[i].group == group)
			value_free(&option_table[i],
			    option_field(&option_table[i], base));
}

static void
free_elements(const struct config *config, enum option_group group)
{
	struct elements e = option_elements(config, group);
	size_t i;

	for (i = 0; i < e.n; i++)
		free_group(group, e.list + i * e.size);
	free(e.list);
}

void
config_unref(struct config *config)
{
	size_t i;

	if (config == NULL || --config->references > 0)
		return;
	for (i = 0; i < GROUPS; i++) {
		if (option_groups[i].one != NULL)
			free_elements(config, (enum option_group)i);
		else
			free_group((enum option_group)i, config);
	}
	free(config->file);
	free(config);
}

const struct config_trunk *
config_find_trunk(const struct config *config, struct span name)
{
	size_t i;

	for (i = 0; i < config->trunks_n; i++)
		if (span_eq(span_of(config->trunks[i].name), name))
			return &config->trunks[i];
	return NULL;
}

const char *
config_route_trunk(const struct config_route *route, size_t i)
{
	if (i == 0)
		return route->to;
	return i <= route->then.n ? route->then.list[i - 1] : NULL;
}

const struct config_listener *
config_find_listener(const struct config *config, struct span name)
{
	size_t i;

	for (i = 0; i < config->listeners_n; i++)
		if (span_eq(span_of(config->listeners[i].name), name))
			return &config->listeners[i];
	return NULL;
}
