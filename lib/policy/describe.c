#include "policy/describe.h"

#include "base/container.h"
#include "policy/rule.h"
#include "policy/trial.h"

#define ALL_CALLS 15u

static const struct row {
	const char *group;
	const char *name;
	const char *choices;
	const char *kind;
} rows[SETTINGS] = {
#define SETTING(id, group_, name_, kind_, choices_, help)                      \
	[SETTING_##id] = { group_, name_, choices_, #kind_ },
#include "policy/settings.def"
#undef SETTING
};

static const char *
text_of(const struct policy *policy, enum setting id)
{
	return policy->text[id] == NULL ? "" : policy->text[id];
}

void
describe_head(const struct policy *policy, struct describe_head *out)
{
	*out = (struct describe_head){
		.name = policy_name(policy),
		.title = text_of(policy, SETTING_TITLE),
		.as_of = text_of(policy, SETTING_AS_OF),
		.expires = text_of(policy, SETTING_EXPIRES),
		.sources = policy->list[SETTING_SOURCES].n,
		.rules = policy->rules.n,
		.tests = trial_count(policy),
	};
}

const char *
describe_source(const struct policy *policy, size_t i)
{
	const struct policy_strings *list = &policy->list[SETTING_SOURCES];

	return i < list->n ? list->list[i] : NULL;
}

/* --- which part is the i-th? --- */

/* Settings in groups say what happens; those outside say what the file is. */
static bool
is_part(const struct policy *policy, enum setting id)
{
	return rows[id].group[0] != '\0' && policy_gives(policy, id);
}

/* The setting, or SETTINGS and in *rule the number of the rule. */
static enum setting
part_find(const struct policy *policy, size_t i, size_t *rule)
{
	unsigned id;

	for (id = 0; id < SETTINGS; id++)
		if (is_part(policy, (enum setting)id) && i-- == 0)
			return (enum setting)id;
	*rule = i;
	return SETTINGS;
}

static struct span
setting_name(enum setting id)
{
	static const struct span names[SETTINGS] = {
#define SETTING(id_, group, name, kind, choices, help)                         \
	[SETTING_##id_] = { group "." name, sizeof(group "." name) - 1 },
#include "policy/settings.def"
#undef SETTING
	};

	return names[id];
}

static bool
describe_response(
    const struct policy *policy, size_t i, struct describe_part *out)
{
	const struct response_row *row;

	if (i >= policy->responses.n)
		return false;
	row = &policy->responses.list[i];
	*out = (struct describe_part){
		.place = row->means.rule,
		.name = row->id.n > 0 ? row->id : SPAN("responses"),
		.calls = ALL_CALLS,
		.diagnostic = row->means.diagnostic,
	};
	return true;
}

bool
describe_part(
    const struct policy *policy, size_t i, struct describe_part *out)
{
	size_t n = 0;
	enum setting id = part_find(policy, i, &n);
	const struct rule *rule;

	if (id != SETTINGS) {
		*out = (struct describe_part){
			.place = policy_rule(policy, id),
			.name = setting_name(id),
			.calls = ALL_CALLS,
		};
		return true;
	}
	if (n >= policy->rules.n)
		return describe_response(policy, n - policy->rules.n, out);
	rule = &policy->rules.list[n];
	*out = (struct describe_part){
		.rule = true,
		.place = rule->place,
		.name = rule->id,
		.calls = rule->when.calls == 0 ? ALL_CALLS : rule->when.calls,
		.diagnostic = rule->diagnostic,
	};
	return true;
}

/* --- what it wants --- */

static void
add_list(struct text *t, const struct policy_strings *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		text_add_str(t, i == 0 ? "" : ", ");
		text_add_str(t, list->list[i]);
	}
}

/* One choice by its number, or each that has its bit. */
static void
add_choices(struct text *t, const char *choices, unsigned chosen, bool bits)
{
	struct span rest = span_of(choices);
	const char *comma = "";
	unsigned i;

	for (i = 0; !span_empty(rest); i++) {
		struct span word = span_cut(rest, ' ', &rest);

		if (bits ? !(chosen >> i & 1) : chosen != i)
			continue;
		text_add_str(t, comma);
		text_add(t, word);
		comma = ", ";
	}
}

static void
add_setting(struct text *t, const struct policy *policy, enum setting id)
{
	const struct row *row = &rows[id];

	if (row->choices[0] != '\0')
		add_choices(t, row->choices, policy->choice[id],
		    strcmp(row->kind, "WORDS") == 0);
	if (id == SETTING_COUNTRY && policy->plan != NULL)
		text_add_str(t, policy->plan->country);
	else
		text_add_str(t, text_of(policy, id));
	add_list(t, &policy->list[id]);
}

static void
add_rule(struct text *t, const struct rule *rule)
{
	unsigned i;

	text_add_str(t, rule_verb_name(rule->verb));
	for (i = 0; i < rule->targets_n; i++) {
		text_add_str(t, i == 0 ? " " : ", ");
		text_add(t, rule->targets[i]->text);
	}
	if (!rule->has_value)
		return;
	TEXT_LIT(t, " = ");
	text_add(t, rule->value.text);
}

void
describe_add_aim(struct text *t, const struct policy *policy, size_t i)
{
	size_t n = 0;
	enum setting id = part_find(policy, i, &n);

	if (id != SETTINGS)
		add_setting(t, policy, id);
	else if (n < policy->rules.n)
		add_rule(t, &policy->rules.list[n]);
	else if (n - policy->rules.n < policy->responses.n)
		responses_add(
		    t, &policy->responses.list[n - policy->rules.n]);
}

void
describe_add_when(struct text *t, const struct policy *policy, size_t i)
{
	size_t n = 0;

	if (part_find(policy, i, &n) == SETTINGS && n < policy->rules.n)
		text_add(t, policy->rules.list[n].when.text);
}
