/*
 * load.c - a policy file: read, checked as a whole, or refused
 */

#include <stdlib.h>

#include "base/container.h"
#include "base/day.h"
#include "config/source.h"
#include "policy/media.h"
#include "policy/rule.h"
#include "policy/setting.h"
#include "sdp/sdp_codec.h"

static bool
is_group(const char *name)
{
	int i;

	for (i = 0; i < SETTINGS; i++) {
		if (name[0] != '\0' && strcmp(setting_rows[i].group, name) == 0)
			return true;
	}
	return false;
}

/* What stands at the top besides settings. `diagnostics` first: rules use them,
 * wherever they stand. */
static const struct section {
	const char *name;
	void (*load)(struct loader *loader, const config_setting_t *at);
} sections[] = {
	{ "diagnostics", rule_load_diagnostics },
	{ "rules", rule_load_all },
	{ "responses", responses_load },
	{ "tests", trial_load_all },
};

static bool
is_section(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(sections); i++) {
		if (strcmp(sections[i].name, name) == 0)
			return true;
	}
	return false;
}

static void
load_sections(struct loader *loader, const config_setting_t *group)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(sections); i++) {
		const config_setting_t *at =
		    config_setting_get_member(group, sections[i].name);

		if (at != NULL)
			sections[i].load(loader, at);
	}
}

#define WORDS_OF_GROUP (2 * SETTINGS + 8)

/* Words that may stand in that group: settings, and at the top the groups. */
static size_t
words_of_group(const char *group, const char **words)
{
	bool top = group[0] == '\0';
	size_t i, n = 0;

	if (top) {
		for (i = 0; i < ARRAY_LEN(sections); i++)
			words[n++] = sections[i].name;
	}
	for (i = 0; i < SETTINGS; i++) {
		if (strcmp(setting_rows[i].group, group) == 0)
			words[n++] = setting_rows[i].name;
		else if (top)
			words[n++] = setting_rows[i].group;
	}
	return n;
}

static void
load_group(
    struct loader *loader, const config_setting_t *group, const char *name)
{
	const char *words[WORDS_OF_GROUP];
	int i, n;

	if (!config_setting_is_group(group)) {
		loader_problem(loader, group, "%s wants a group: { ... }",
		    name[0] == '\0' ? "policy" : name);
		return;
	}
	n = config_setting_length(group);
	for (i = 0; i < n; i++) {
		const config_setting_t *at =
		    config_setting_get_elem(group, (unsigned)i);
		const char *word = config_setting_name(at);
		int id = setting_find(name, word);

		if (id >= 0)
			setting_load(loader, at, (enum setting)id);
		else if (name[0] == '\0' && is_group(word))
			load_group(loader, at, word);
		else if (name[0] != '\0' || !is_section(word))
			loader_unknown(loader, at, "setting", word, words,
			    words_of_group(name, words));
	}
	if (name[0] == '\0')
		load_sections(loader, group);
}

static void
load_top(struct loader *loader, const config_setting_t *root)
{
	static const char *const words[] = { "policy" };
	int i, n = config_setting_length(root);
	bool found = false;

	for (i = 0; i < n; i++) {
		const config_setting_t *at =
		    config_setting_get_elem(root, (unsigned)i);

		if (strcmp(config_setting_name(at), "policy") == 0) {
			found = true;
			load_group(loader, at, "");
		} else {
			loader_unknown(loader, at, "setting",
			    config_setting_name(at), words, 1);
		}
	}
	if (!found)
		loader_problem(loader, NULL, "there is no policy = { ... }");
}

#define BIT(id) ((uint64_t)1 << SETTING_##id)
#define PRESENTATION                                                           \
	(BIT(ONLY_FIRST) | BIT(ONLY_OWNED) | BIT(ID_MEANS_PRIVATE) |           \
	    BIT(SHOW) | BIT(DEFAULT))

static bool
has_sound(const struct policy *policy)
{
	const struct policy_strings *list = &policy->list[SETTING_CODECS];
	size_t i;

	for (i = 0; i < list->n; i++) {
		struct sdp_codec codec = { .name = span_of(list->list[i]) };

		if (sdp_codec_is_sound(&codec))
			return true;
	}
	return false;
}

/* Days since 1970; -1: not given, or no day. */
static int64_t
day_of(const struct policy *policy, enum setting id)
{
	int32_t day;

	return day_parse(policy_text(policy, id), &day) ? day : -1;
}

static void
check_whole(struct loader *loader, int64_t today)
{
	struct policy *policy = loader->policy;
	int64_t as_of = day_of(policy, SETTING_AS_OF);
	int64_t expires = day_of(policy, SETTING_EXPIRES);

	if (!policy_gives(policy, SETTING_NAME))
		loader_problem(loader, NULL, "policy has no name");
	if (expires >= 0 && expires < as_of)
		loader_problem(loader, NULL, "expires is before as_of");
	if (today > 0 && expires >= 0 && expires < today)
		problem_add(loader->problems, PROBLEM_WARNING, loader->file, 0,
		    "expired on %s: check its facts again",
		    policy->text[SETTING_EXPIRES]);
	if (policy_gives(policy, SETTING_FORMAT) &&
	    !policy_gives(policy, SETTING_IN))
		loader_problem(loader, NULL,
		    "numbers.format does nothing without numbers.in");
	if (policy->list[SETTING_CODECS].n > MEDIA_CODECS_MAX)
		loader_problem(loader, NULL, "media.codecs names more than %d",
		    MEDIA_CODECS_MAX);
	if (policy_gives(policy, SETTING_CODECS) && !has_sound(policy))
		loader_problem(loader, NULL,
		    "media.codecs names no codec that can carry a call");
	if (!policy_gives(policy, SETTING_ORDER) &&
	    (policy->given & PRESENTATION) != 0)
		loader_problem(loader, NULL,
		    "presentation does nothing without presentation.order");
}

/* "/etc/cordon/policies/x.conf" is "policies/x.conf" in the journal. */
static const char *
label_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		return file;
	while (slash > file && slash[-1] != '/')
		slash--;
	return slash;
}

static struct policy *
policy_create(const char *file)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (policy == NULL)
		return NULL;
	policy->references = 1;
	policy->file = strdup(file);
	if (policy->file == NULL) {
		free(policy);
		return NULL;
	}
	return policy;
}

/* `dir`: where included files lie; `draft`: its tests are not run. */
static struct policy *
load(config_t *config, const char *dir, const char *file, int64_t today,
    bool draft, struct problems *problems)
{
	struct loader loader = { policy_create(file), file, dir, label_of(file),
		problems };
	size_t errors = problems->errors;

	if (loader.policy == NULL) {
		loader_problem(&loader, NULL, "out of memory");
		return NULL;
	}
	load_top(&loader, config_root_setting(config));
	check_whole(&loader, today);
	rule_check_all(&loader);
	/* Tests of what is not as it was meant would tell nothing. */
	if (problems->errors == errors && !draft)
		trial_check_all(&loader);
	if (problems->errors == errors)
		return loader.policy;
	policy_unref(loader.policy);
	return NULL;
}

static struct policy *
load_file(
    const char *file, int64_t today, bool draft, struct problems *problems)
{
	struct source source;
	struct policy *policy;

	if (!source_open(&source, file, problems))
		return NULL;
	policy = load(&source.tree, source.dir, file, today, draft, problems);
	if (policy != NULL)
		policy->digest = source.digest;
	source_close(&source);
	return policy;
}

struct policy *
policy_load(const char *file, int64_t today, struct problems *problems)
{
	return load_file(file, today, false, problems);
}

struct policy *
policy_load_draft(const char *file, int64_t today, struct problems *problems)
{
	return load_file(file, today, true, problems);
}

struct policy *
policy_load_text(const char *text, const char *file, int64_t today,
    struct problems *problems)
{
	config_t config;
	struct policy *policy = NULL;

	config_init(&config);
	if (config_read_string(&config, text))
		policy = load(&config, "", file, today, false, problems);
	else
		problem_add(problems, PROBLEM_ERROR, file,
		    config_error_line(&config), "%s",
		    config_error_text(&config));
	config_destroy(&config);
	return policy;
}

static void
blocks_free(struct policy_block *block)
{
	while (block != NULL) {
		struct policy_block *next = block->next;

		free(block);
		block = next;
	}
}

uint64_t
policy_digest(const struct policy *policy)
{
	return policy->digest;
}

struct policy *
policy_ref(struct policy *policy)
{
	if (!policy->builtin)
		policy->references++;
	return policy;
}

void
policy_unref(struct policy *policy)
{
	if (policy == NULL || policy->builtin || --policy->references > 0)
		return;
	rule_patterns_free(policy);
	blocks_free(policy->blocks);
	number_map_free(policy->asserted_map);
	free(policy->file);
	free(policy);
}

struct policy *
policy_builtin(void)
{
	static struct policy builtin = { .builtin = true };

	return &builtin;
}

const char *
policy_name(const struct policy *policy)
{
	return policy->builtin ? "builtin" : policy->text[SETTING_NAME];
}

const char *
policy_file(const struct policy *policy)
{
	return policy->builtin ? "" : policy->file;
}

/* A built-in rule is named by the setting that would change it. */
struct span
policy_rule(const struct policy *policy, enum setting id)
{
	static const struct span names[SETTINGS] = {
#define SETTING(id_, group, name, kind, choices, help)                         \
	[SETTING_##id_] = { "builtin:" name, sizeof("builtin:" name) - 1 },
#include "policy/settings.def"
#undef SETTING
	};

	return policy->rule[id].n == 0 ? names[id] : policy->rule[id];
}

bool
policy_lists_header(
    const struct policy *policy, enum setting id, struct span name)
{
	const struct policy_strings *list = &policy->list[id];
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (span_imatch(name, span_of(list->list[i])))
			return true;
	}
	return false;
}
