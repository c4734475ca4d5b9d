#include "policy/setting.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/day.h"
#include "sip/value.h"

const struct setting_row setting_rows[SETTINGS] = {

#define SETTING(id, group_, name_, kind_, choices_, help_)                     \
	[SETTING_##id] = { group_, name_, KIND_##kind_, choices_, help_ },
#include "policy/settings.def"
#undef SETTING
};

#define WORDS_MAX 24

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

static bool
takes_value(struct span choice)
{
	return choice.p[choice.n - 1] == ':';
}

/* Which choice a word is, -1: none; *choice is then the word of the table, what
 * stands behind the ':' of one that takes a value comes after it. */
static int
choice_find(const char *choices, struct span word, struct span *choice)
{
	struct span rest = span_of(choices);
	int i;

	for (i = 0; rest.n > 0; i++) {
		*choice = span_cut(rest, ' ', &rest);
		if (takes_value(*choice) ? span_starts(word, *choice)
					 : span_eq(word, *choice))
			return i;
	}
	return -1;
}

static void
choice_unknown(struct loader *loader, const config_setting_t *at,
    const struct setting_row *row, const char *word)
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
	const struct setting_row *row = &setting_rows[id];
	struct span choice, value;
	int i = choice_find(row->choices, span_of(word), &choice);

	if (i < 0) {
		choice_unknown(loader, at, row, word);
		return;
	}
	loader->policy->choice[id] = (unsigned)i;
	if (!takes_value(choice))
		return;
	value = span_from(span_of(word), choice.n);
	if (span_eq(choice, SPAN("map:")))
		load_map(loader, at, value);
	else if (!is_e164(value))
		loader_problem(loader, at,
		    "%s: a valid E.164 number with + must follow \"%.*s\"",
		    row->name, SPAN_ARG(choice));
	else
		loader->policy->text[id] = loader_keep(loader, value).p;
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
	const struct setting_row *row = &setting_rows[id];
	const char *s = loader_string(loader, at, row->name);
	int32_t day;

	if (s == NULL)
		return;
	switch (row->kind) {
	case KIND_CHOICE:
		load_choice(loader, at, id, s);
		return;
	case KIND_DATE:
		if (!day_parse(span_of(s), &day))
			loader_problem(loader, at,
			    "%s wants a day: \"YYYY-MM-DD\"", row->name);
		break;
	case KIND_NUMBER:
		if (!is_e164(span_of(s)))
			loader_problem(loader, at,
			    "%s wants a valid E.164 number with +", row->name);
		break;
	case KIND_COUNTRY:
		load_country(loader, at, s);
		break;
	case KIND_DIGITS:
		if (!is_area(span_of(s)))
			loader_problem(loader, at,
			    "%s wants one to six digits without trunk prefix",
			    row->name);
		break;
	default:
		break;
	}
	loader->policy->text[id] = loader_keep(loader, span_of(s)).p;
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

/* A list of choices, which are kept as bits. */
static bool
is_choices(const struct setting_row *row)
{
	return row->kind == KIND_WORDS || row->kind == KIND_ORDER;
}

static void
load_item(struct loader *loader, const config_setting_t *at, enum setting id,
    size_t i)
{
	const struct setting_row *row = &setting_rows[id];
	const char *s = config_setting_get_string(at);
	struct policy *policy = loader->policy;
	struct span word;
	int choice;

	if (s == NULL) {
		loader_problem(loader, at, "%s wants strings in double quotes",
		    row->name);
		return;
	}
	if (row->kind == KIND_HEADERS)
		check_header(loader, at, id, s);
	if (row->kind == KIND_CODECS && !sip_is_token(span_of(s)))
		not_a_name(loader, at, s, "codec");
	if (!is_choices(row)) {
		policy->list[id].list[i] = loader_keep(loader, span_of(s)).p;
		return;
	}
	choice = choice_find(row->choices, span_of(s), &word);
	if (choice < 0)
		choice_unknown(loader, at, row, s);
	else if (row->kind == KIND_WORDS)
		policy->choice[id] |= 1u << choice;
	else if (i < ORDER_MAX)
		policy->choice[id] |= (unsigned)(choice + 1) << (4 * i);
}

static void
load_list(struct loader *loader, const config_setting_t *at, enum setting id)
{
	const struct setting_row *row = &setting_rows[id];
	struct policy_strings *list = &loader->policy->list[id];
	int i, n;

	if (!config_setting_is_array(at) && !config_setting_is_list(at)) {
		loader_problem(loader, at,
		    "%s wants a list: [ \"...\", \"...\" ]", row->name);
		return;
	}
	n = config_setting_length(at);
	if (!is_choices(row) && n > 0) {
		list->list = loader_alloc(
		    loader, (size_t)n, sizeof(*list->list));
		if (list->list == NULL)
			return;
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
		    loader, at, "%s is true or false", setting_rows[id].name);
	loader->policy->choice[id] = config_setting_get_bool(at) != 0;
}

void
setting_load(struct loader *loader, const config_setting_t *at, enum setting id)
{
	loader->policy->given |= (uint64_t)1 << id;
	loader->policy->rule[id] = loader_place(loader, at);
	switch (setting_rows[id].kind) {
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

int
setting_find(const char *group, const char *name)
{
	int i;

	for (i = 0; i < SETTINGS; i++) {
		if (strcmp(setting_rows[i].group, group) == 0 &&
		    strcmp(setting_rows[i].name, name) == 0)
			return i;
	}
	return -1;
}
