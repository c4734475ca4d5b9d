#include "policy/describe.h"

#include "base/container.h"
#include "policy/rule.h"
#include "policy/setting.h"
#include "policy/trial.h"

#define ALL_CALLS 15u

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

/* Some settings say what happens, others what the file is. */
static bool
is_part(const struct policy *policy, enum setting id)
{
	return (setting_rows[id].group[0] != '\0' ||
		   setting_rows[id].choices[0] != '\0') &&
	       policy_gives(policy, id);
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

	/* "transfer" is in no group. */
	return span_from(names[id], names[id].p[0] == '.' ? 1 : 0);
}

/* A code of the file itself stands before the sentence: "MY-CODE: ...". */
static struct span
code_of(enum diagnostic diagnostic, struct span reason)
{
	struct span rest;

	if (diagnostic != DIAG_POL_LOCAL)
		return span_of(diagnosis_get(diagnostic)->code);
	return span_cut(reason, ':', &rest);
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
		.code = code_of(row->means.diagnostic, row->means.reason),
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
		.code = code_of(rule->diagnostic, rule->reason),
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

/* Choices whose order counts: four bits each, one more than its number. */
static void
add_order(struct text *t, const char *choices, unsigned chosen)
{
	const char *comma = "";

	for (; chosen != 0; chosen >>= 4) {
		text_add_str(t, comma);
		add_choices(t, choices, (chosen & 15) - 1, false);
		comma = ", ";
	}
}

static void
add_setting(struct text *t, const struct policy *policy, enum setting id)
{
	const struct setting_row *row = &setting_rows[id];

	if (row->kind == KIND_ORDER)
		add_order(t, row->choices, policy->choice[id]);
	else if (row->kind == KIND_BOOL)
		text_add_str(t, policy->choice[id] ? "true" : "false");
	else if (row->choices[0] != '\0')
		add_choices(t, row->choices, policy->choice[id],
		    row->kind == KIND_WORDS);
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
	for (i = 0; i < rule->words_n; i++) {
		text_add_str(t, i == 0 ? " = " : ", ");
		text_add(t, rule->words[i]);
	}
	if (rule->match != NULL) {
		TEXT_LIT(t, " that matches ");
		text_add_quoted(t, rule_pattern_text(rule->match));
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

/* --- when --- */

/* "message response; status 503, 480-488; header !X-A" */
struct conditions {
	struct text *t;
	bool any;
};

static void
begin_condition(struct conditions *c, const char *name)
{
	if (c->any)
		TEXT_LIT(c->t, "; ");
	c->any = true;
	text_add_str(c->t, name);
}

static void
add_word(struct conditions *c, unsigned i, bool negated, struct span word)
{
	text_add_str(c->t, i == 0 ? " " : ", ");
	if (negated)
		text_add_char(c->t, '!');
	text_add(c->t, word);
}

/* The words whose bits are set, or those that are left
 * out where they are fewer. */
static void
add_bits(struct conditions *c, const char *name, uint32_t bits, unsigned n,
    const char *(*word_of)(unsigned i))
{
	unsigned i, all = (1u << n) - 1, found = 0;
	bool others = (unsigned)__builtin_popcount(bits) * 2 > n && bits != all;

	if (bits == 0)
		return;
	begin_condition(c, name);
	for (i = 0; i < n; i++) {
		if ((bits >> i & 1) != others)
			add_word(c, found++, others, span_of(word_of(i)));
	}
}

static const char *
method_word(unsigned i)
{
	return sip_method_name((enum sip_method)i);
}

static const char *
call_word(unsigned i)
{
	return policy_call_name((enum policy_call)i);
}

static const char *
message_word(unsigned i)
{
	return rule_messages[i];
}

static const char *
stage_word(unsigned i)
{
	return rule_stages[i];
}

static const char *
transport_word(unsigned i)
{
	return rule_transports[i];
}

static void
add_status(struct conditions *c, const struct rule_when *when)
{
	char buf[16];
	unsigned i;

	if (when->status_n > 0)
		begin_condition(c, "status");
	for (i = 0; i < when->status_n; i++) {
		struct text t = text_over(buf, sizeof(buf));

		text_addf(&t, "%u", when->status[i].from);
		if (when->status[i].to != when->status[i].from)
			text_addf(&t, "-%u", when->status[i].to);
		add_word(c, i, when->status_not >> i & 1, text_span(&t));
	}
}

static void
add_trunks(struct conditions *c, const char *name,
    const struct rule_word *words, unsigned n)
{
	unsigned i;

	if (n > 0)
		begin_condition(c, name);
	for (i = 0; i < n; i++)
		add_word(c, i, words[i].negated, words[i].pattern);
}

static void
add_tests(struct conditions *c, const char *name, const struct rule_test *tests,
    unsigned n)
{
	unsigned i;

	if (n > 0)
		begin_condition(c, name);
	for (i = 0; i < n; i++) {
		if (tests[i].pattern == NULL) {
			add_word(c, i, tests[i].negated, tests[i].target->text);
			continue;
		}
		add_word(c, i, false, tests[i].target->text);
		text_add_str(c->t, tests[i].negated ? " !" : " ");
		text_add_quoted(c->t, rule_pattern_text(tests[i].pattern));
	}
}

static void
add_when(struct text *t, const struct rule_when *when)
{
	struct conditions c = { t, false };

	add_bits(&c, when->on ? "on" : "method", when->methods,
	    SIP_METHOD_OTHER, method_word);
	if (!when->on)
		add_bits(&c, "message", when->messages, RULE_MESSAGES,
		    message_word);
	add_bits(&c, "stage", when->stages, RULE_STAGES, stage_word);
	add_bits(&c, "call", when->calls, POLICY_CALL_EMERGENCY + 1, call_word);
	if (rule_when_names_dialog(when))
		begin_condition(&c, when->dialog ? "dialog" : "no dialog");
	add_status(&c, when);
	add_bits(&c, "transport", when->transports, RULE_TRANSPORTS,
	    transport_word);
	add_trunks(&c, "trunk", when->trunk, when->trunk_n);
	add_trunks(&c, "other", when->other, when->other_n);
	add_tests(&c, "header", when->header, when->header_n);
	add_tests(&c, "owned", when->owned, when->owned_n);
	add_tests(&c, "matches", when->matches, when->matches_n);
}

void
describe_add_when(struct text *t, const struct policy *policy, size_t i)
{
	size_t n = 0;

	if (part_find(policy, i, &n) == SETTINGS && n < policy->rules.n)
		add_when(t, &policy->rules.list[n].when);
}
