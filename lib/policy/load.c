/*
 * load.c - a policy file: read, checked as a whole, or refused
 */

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "config/source.h"
#include "policy/media.h"
#include "policy/rule.h"
#include "sdp/sdp_codec.h"
#include "sip/value.h"

enum setting_kind {
	KIND_TEXT,
	KIND_DATE,
	KIND_LIST, /* of strings */
	KIND_CHOICE,
	KIND_WORDS, /* a list of choices */
	KIND_ORDER, /* the same, and their order counts */
	KIND_BOOL,
	KIND_NUMBER, /* E.164 with plus */
	KIND_COUNTRY,
	KIND_DIGITS,
	KIND_CODECS, /* a list of their names */
	KIND_HEADERS /* a list of header names, '*' at the end */
};

static const struct row {
	const char *group;
	const char *name;
	enum setting_kind kind;
	const char *choices;
	const char *help;
} rows[SETTINGS] = {

#define SETTING(id, group_, name_, kind_, choices_, help_)                     \
	[SETTING_##                                                            \
	    id] = { (group_), (name_), KIND_##kind_, (choices_), (help_) },
#include "policy/settings.def"
#undef SETTING
};

#define WORDS_MAX 24

static bool
keep_text(struct loader *loader, char **where, struct span text)
{
	free(*where);
	*where = span_dup(text);
	if (*where == NULL)
		loader_problem(loader, NULL, "out of memory");
	return *where != NULL;
}

/* The word of a blank-separated list at place i. */
static struct span
word_at(const char *words, unsigned i)
{
	struct span rest = span_of(words), word;

	do {
		word = span_cut(rest, ' ', &rest);
	} while (i-- > 0);
	return word;
}

/* The choices as C strings for word_nearest(); `buf` holds them. */
static size_t
words_split(const char *choices, char *buf, size_t size, const char **words)
{
	size_t n = 0;
	char *word, *save = NULL;

	snprintf(buf, size, "%s", choices);
	for (word = strtok_r(buf, " ", &save); word != NULL && n < WORDS_MAX;
	     word = strtok_r(NULL, " ", &save))
		words[n++] = word;
	return n;
}

static bool
is_e164(struct span s)
{
	struct number number;

	number_parse(NULL, SPAN_NONE, s, &number);
	return number.kind == NUMBER_PLUS && s.n == (size_t)number.digits_n + 1;
}

/* Which choice a word is, and what stands behind a ':' of it. -1: none. */
static int
choice_find(const char *choices, struct span word, struct span *value)
{
	struct span rest = span_of(choices);
	int i;

	*value = SPAN_NONE;
	for (i = 0; rest.n > 0; i++) {
		struct span choice = span_cut(rest, ' ', &rest);

		if (span_eq(choice, word))
			return i;
		if (choice.p[choice.n - 1] == ':' &&
		    span_starts(word, choice)) {
			*value = span_from(word, choice.n);
			return i;
		}
	}
	return -1;
}

static void
choice_unknown(struct loader *loader, const config_setting_t *at,
    const struct row *row, const char *word)
{
	char buf[256];
	const char *words[WORDS_MAX];
	size_t n = words_split(row->choices, buf, sizeof(buf), words);

	loader_unknown(loader, at, row->name, word, words, n);
}

/* A file is looked for beside the policy. */
static void
load_map(struct loader *loader, const config_setting_t *at, struct span value)
{
	const char *from = loader_file(loader, at), *slash = strrchr(from, '/');
	int dir = slash == NULL || value.n == 0 || value.p[0] == '/'
		      ? 0
		      : (int)(slash + 1 - from);
	char *file;

	if (value.n == 0) {
		loader_problem(
		    loader, at, "the name of a file must follow \"map:\"");
		return;
	}
	if (asprintf(&file, "%.*s%.*s", dir, from, SPAN_ARG(value)) == -1) {
		loader_problem(loader, at, "out of memory");
		return;
	}
	number_map_free(loader->policy->asserted_map);
	loader->policy->asserted_map = NULL;
	if (access(file, R_OK) == 0)
		loader->policy->asserted_map =
		    number_map_load(file, loader->problems);
	else
		loader_problem(
		    loader, at, "the map %s: %s", file, strerror(errno));
	free(file);
}

static void
load_choice(struct loader *loader, const config_setting_t *at, enum setting id,
    const char *word)
{
	struct span value;
	int i = choice_find(rows[id].choices, span_of(word), &value);

	if (i < 0) {
		choice_unknown(loader, at, &rows[id], word);
		return;
	}
	loader->policy->choice[id] = (unsigned)i;
	if (word_at(rows[id].choices, (unsigned)i)
		.p[word_at(rows[id].choices, (unsigned)i).n - 1] != ':')
		return;
	if (span_eq(word_at(rows[id].choices, (unsigned)i), SPAN("map:")))
		load_map(loader, at, value);
	else if (!is_e164(value))
		loader_problem(loader, at,
		    "%s: a valid E.164 number with + must follow \"%.*s\"",
		    rows[id].name,
		    SPAN_ARG(word_at(rows[id].choices, (unsigned)i)));
	else
		keep_text(loader, &loader->policy->text[id], value);
}

/* Days since 1970, or -1. */
static int64_t
date_read(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	int day = tm.tm_mday;
	time_t t;

	if (end == NULL || *end != '\0' || strlen(text) != 10)
		return -1;
	t = timegm(&tm);
	return t < 0 || tm.tm_mday != day ? -1 : t / 86400;
}

static void
load_country(
    struct loader *loader, const config_setting_t *at, const char *word)
{
	const char *nearest;

	loader->policy->plan = number_plan_find(span_of(word));
	if (loader->policy->plan != NULL)
		return;
	nearest = number_plan_nearest(span_of(word));
	loader_problem(loader, at, "unknown country \"%.20s\"%s%s%s", word,
	    nearest == NULL ? "" : "; did you mean \"",
	    nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\"?");
}

static bool
is_area(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n > 0 && s.n <= 6 && s.p[0] != '0';
}

static void
load_string(struct loader *loader, const config_setting_t *at, enum setting id)
{
	const char *s = config_setting_get_string(at);

	if (s == NULL) {
		loader_problem(loader, at, "%s wants a string in double quotes",
		    rows[id].name);
		return;
	}
	switch (rows[id].kind) {
	case KIND_CHOICE:
		load_choice(loader, at, id, s);
		return;
	case KIND_DATE:
		if (date_read(s) < 0)
			loader_problem(loader, at,
			    "%s wants a day: \"YYYY-MM-DD\"", rows[id].name);
		break;
	case KIND_NUMBER:
		if (!is_e164(span_of(s)))
			loader_problem(loader, at,
			    "%s wants a valid E.164 number with +",
			    rows[id].name);
		break;
	case KIND_COUNTRY:
		load_country(loader, at, s);
		break;
	case KIND_DIGITS:
		if (!is_area(span_of(s)))
			loader_problem(loader, at,
			    "%s wants one to six digits without trunk prefix",
			    rows[id].name);
		break;
	default:
		break;
	}
	keep_text(loader, &loader->policy->text[id], span_of(s));
}

static void
not_a_name(struct loader *loader, const config_setting_t *at, const char *word,
    const char *of)
{
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));

	text_add_quoted(&t, span_make(word, strnlen(word, 40)));
	loader_problem(
	    loader, at, "%s is not the name of a %s", text_cstr(&t), of);
}

static void
check_header(struct loader *loader, const config_setting_t *at,
    enum setting setting, const char *name)
{
	struct span s = span_of(name);
	bool wild = s.n > 0 && s.p[s.n - 1] == '*';
	enum sip_header id = sip_header_find(s);

	if (wild)
		s.n--;
	if (!sip_is_token(s))
		not_a_name(loader, at, name, "header");
	else if (!wild && (guard_owns_header(id) || id == SIP_FROM ||
			      id == SIP_TO))
		loader_problem(loader, at,
		    "%s belongs to the transaction or the dialog", name);
	else if (!wild && setting == SETTING_RELAY &&
		 id != SIP_OTHER_HEADER &&
		 (sip_header_flags(id) & SIP_FLAG_OURS))
		loader_problem(loader, at,
		    "%s is made anew on each side, and never passes", name);
}

static bool
is_choices(enum setting id)
{
	return rows[id].kind == KIND_WORDS || rows[id].kind == KIND_ORDER;
}

static void
load_item(struct loader *loader, const config_setting_t *at, enum setting id,
    size_t i)
{
	const char *s = config_setting_get_string(at);
	struct policy *policy = loader->policy;
	struct span value;
	int choice;

	if (s == NULL) {
		loader_problem(loader, at, "%s wants strings in double quotes",
		    rows[id].name);
		return;
	}
	if (rows[id].kind == KIND_HEADERS)
		check_header(loader, at, id, s);
	if (rows[id].kind == KIND_CODECS && !sip_is_token(span_of(s)))
		not_a_name(loader, at, s, "codec");
	if (!is_choices(id)) {
		keep_text(loader, &policy->list[id].list[i], span_of(s));
		return;
	}
	choice = choice_find(rows[id].choices, span_of(s), &value);
	if (choice < 0)
		choice_unknown(loader, at, &rows[id], s);
	else if (rows[id].kind == KIND_WORDS)
		policy->choice[id] |= 1u << choice;
	else if (i < ORDER_MAX)
		policy->choice[id] |= (unsigned)(choice + 1) << (4 * i);
}

static void
load_list(struct loader *loader, const config_setting_t *at, enum setting id)
{
	struct policy_strings *list = &loader->policy->list[id];
	int i, n;

	if (!config_setting_is_array(at) && !config_setting_is_list(at)) {
		loader_problem(loader, at,
		    "%s wants a list: [ \"...\", \"...\" ]", rows[id].name);
		return;
	}
	n = config_setting_length(at);
	if (!is_choices(id) && n > 0) {
		list->list = calloc((size_t)n, sizeof(*list->list));
		if (list->list == NULL) {
			loader_problem(loader, NULL, "out of memory");
			return;
		}
		list->n = (size_t)n;
	}
	for (i = 0; i < n; i++)
		load_item(loader, config_setting_get_elem(at, (unsigned)i), id,
		    (size_t)i);
}

static void
load_bool(struct loader *loader, const config_setting_t *at, enum setting id)
{
	if (config_setting_type(at) != CONFIG_TYPE_BOOL)
		loader_problem(
		    loader, at, "%s is true or false", rows[id].name);
	loader->policy->choice[id] = config_setting_get_bool(at) != 0;
}

static void
load_setting(struct loader *loader, const config_setting_t *at, enum setting id)
{
	struct policy *policy = loader->policy;
	char *rule;

	policy->given |= (uint64_t)1 << id;
	if (asprintf(&rule, "%s:%u", loader->label,
		config_setting_source_line(at)) == -1) {
		loader_problem(loader, NULL, "out of memory");
		return;
	}
	policy->rule[id] = span_of(rule);
	switch (rows[id].kind) {
	case KIND_LIST:
	case KIND_CODECS:
	case KIND_WORDS:
	case KIND_ORDER:
	case KIND_HEADERS:
		load_list(loader, at, id);
		break;
	case KIND_BOOL:
		load_bool(loader, at, id);
		break;
	default:
		load_string(loader, at, id);
		break;
	}
}

static int
setting_find(const char *group, const char *name)
{
	int i;

	for (i = 0; i < SETTINGS; i++) {
		if (strcmp(rows[i].group, group) == 0 &&
		    strcmp(rows[i].name, name) == 0)
			return i;
	}
	return -1;
}

static bool
is_group(const char *name)
{
	int i;

	for (i = 0; i < SETTINGS; i++) {
		if (name[0] != '\0' && strcmp(rows[i].group, name) == 0)
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
	size_t n = 0;
	int i;

	for (i = 0; group[0] == '\0' && i < (int)ARRAY_LEN(sections); i++)
		words[n++] = sections[i].name;
	for (i = 0; i < SETTINGS; i++) {
		if (strcmp(rows[i].group, group) == 0)
			words[n++] = rows[i].name;
		else if (group[0] == '\0')
			words[n++] = rows[i].group;
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
			load_setting(loader, at, (enum setting)id);
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
	(BIT(ONLY_FIRST) | BIT(ONLY_OWNED) | BIT(ID_MEANS_PRIVATE) | BIT(SHOW) | BIT(DEFAULT))

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

static void
check_whole(struct loader *loader, int64_t today)
{
	struct policy *policy = loader->policy;
	const char *as_of = policy->text[SETTING_AS_OF];
	const char *expires = policy->text[SETTING_EXPIRES];

	if (!policy_gives(policy, SETTING_NAME))
		loader_problem(loader, NULL, "policy has no name");
	if (as_of != NULL && expires != NULL &&
	    date_read(expires) < date_read(as_of))
		loader_problem(loader, NULL, "expires is before as_of");
	if (today > 0 && expires != NULL && date_read(expires) >= 0 &&
	    date_read(expires) < today)
		problem_add(loader->problems, PROBLEM_WARNING, loader->file, 0,
		    "expired on %s: check its facts again", expires);
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

static void
strings_free(struct policy_strings *strings)
{
	size_t i;

	for (i = 0; i < strings->n; i++)
		free(strings->list[i]);
	free(strings->list);
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
	int i;

	if (policy == NULL || policy->builtin || --policy->references > 0)
		return;
	for (i = 0; i < SETTINGS; i++) {
		free(policy->text[i]);
		free((char *)policy->rule[i].p);
		strings_free(&policy->list[i]);
	}
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

/* A sentence begins a line, and no line is long: what mdoc wants. */
void
policy_print_prose(FILE *out, const char *prose)
{
	struct span rest = span_of(prose);
	size_t column = 0;

	while (rest.n > 0) {
		struct span word = span_cut(rest, ' ', &rest);
		bool ends = word.p[word.n - 1] == '.';

		if (column > 0 && column + word.n > 70) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(
		    out, "%s%.*s", column > 0 ? " " : "", SPAN_ARG(word));
		if (ends || rest.n == 0) {
			fputc('\n', out);
			column = 0;
		}
	}
}

/* The first of several that exclude each other is the default. */
static void
print_choices(FILE *out, const char *choices, bool one)
{
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));
	struct span rest = span_of(choices);

	text_add_str(&t, one ? "One of " : "Any of ");
	while (rest.n > 0) {
		struct span word = span_cut(rest, ' ', &rest);

		text_add(&t, word);
		if (word.p[word.n - 1] == ':')
			text_add_str(&t,
			    span_eq(word, SPAN("map:")) ? "FILE" : "NUMBER");
		if (one && word.p == choices)
			TEXT_LIT(&t, " (the default)");
		if (rest.n > 0)
			TEXT_LIT(&t, ", ");
	}
	text_add_char(&t, '.');
	policy_print_prose(out, text_cstr(&t));
}

/* Those of a group stand together, wherever their rows do. */
static void
print_group(FILE *out, const char *group)
{
	int i;

	fprintf(out, ".Bl -tag -width Ds\n");
	for (i = 0; i < SETTINGS; i++) {
		const struct row *row = &rows[i];

		if (strcmp(row->group, group) != 0)
			continue;
		fprintf(out, ".It Ic %s\n", row->name);
		policy_print_prose(out, row->help);
		if (row->kind == KIND_CHOICE || is_choices((enum setting)i))
			print_choices(
			    out, row->choices, row->kind == KIND_CHOICE);
	}
	fprintf(out, ".El\n");
}

void
policy_print_mdoc(FILE *out)
{
	int i, j;

	print_group(out, "");
	for (i = 0; i < SETTINGS; i++) {
		for (j = 0; strcmp(rows[j].group, rows[i].group) != 0; j++)
			;
		if (j < i || rows[i].group[0] == '\0')
			continue;
		fprintf(out, ".Ss %s = { ... }\n", rows[i].group);
		print_group(out, rows[i].group);
	}
}

void
policy_print_rules_mdoc(FILE *out)
{
	static const struct {
		const char *title;
		void (*print)(FILE *out);
	} lists[] = {
		{ "Verbs", rule_print_verbs },
		{ "Parts of a target", rule_print_targets },
		{ "Conditions", rule_print_conditions },
		{ "Variables", rule_print_variables },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", lists[i].title);
		lists[i].print(out);
		fprintf(out, ".El\n");
	}
}
