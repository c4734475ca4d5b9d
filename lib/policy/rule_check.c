/*
 * rule_check.c - what the rules of a file mean together, before any is used
 */

#include "policy/rule.h"

#include "base/container.h"
#include "sip/value.h"

static void problem_of(struct loader *loader, const struct rule *rule,
    enum problem_level level, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
problem_of(struct loader *loader, const struct rule *rule,
    enum problem_level level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problem_add(
	    loader->problems, level, loader->file, (int)rule->line, "%s", text);
}

/* --- never --- */

static const char *
never_by_target(const struct rule *rule)
{
	unsigned i;

	for (i = 0; i < rule->targets_n; i++) {
		if (rule->targets[i]->place != PLACE_REQUEST)
			return NULL;
	}
	if (rule->when.messages == MESSAGE_RESPONSE || rule->when.status_n > 0)
		return "a response has no Request-URI";
	return NULL;
}

/* Which header a condition or a target is about. */
static bool
same_header(const struct rule_target *absent, const struct rule_target *target)
{
	if (target->place != PLACE_HEADER)
		return false;
	return absent->wild && !target->wild
		   ? span_imatch(target->name, absent->name)
		   : span_ieq(target->name, absent->name);
}

/* header = "!absent" holds: then there is no such place. */
static bool
leaves_out(const struct rule_target *absent, const struct rule_target *target)
{
	int index = target->keep >= 0 ? target->keep : target->index;

	if (!same_header(absent, target))
		return false;
	if (absent->part == PART_WHOLE)
		return absent->index < 0 || index >= absent->index;
	return absent->part == target->part && absent->index == index &&
	       span_ieq(absent->param, target->param);
}

static bool
is_left_out(const struct rule_when *when, const struct rule_target *target)
{
	unsigned i;

	for (i = 0; target != NULL && i < when->header_n; i++) {
		if (when->header[i].negated &&
		    leaves_out(when->header[i].target, target))
			return true;
	}
	return false;
}

/* A verb that does nothing where its target is not there. */
static bool
needs_target(const struct rule *rule, const struct rule_target *target)
{
	switch (rule->verb) {
	case VERB_APPEND:
		return false;
	case VERB_SET:
	case VERB_ENSURE:
		return rule->match != NULL || target->wild;
	default:
		return true;
	}
}

static bool
targets_left_out(const struct rule *rule)
{
	unsigned i;

	for (i = 0; i < rule->targets_n; i++) {
		const struct rule_target *target = rule->targets[i];
		struct rule_target whole = *target;

		/* Of a header that is not there no part can be set. */
		whole.part = PART_WHOLE;
		if (!(needs_target(rule, target) &&
			is_left_out(&rule->when, target)) &&
		    !(target->part != PART_WHOLE &&
			is_left_out(&rule->when, &whole)))
			return false;
	}
	return rule->targets_n > 0;
}

static bool
is_always_there(const struct rule_target *target)
{
	static const enum sip_header always[] = { SIP_VIA, SIP_FROM, SIP_TO,
		SIP_CALL_ID, SIP_CSEQ };
	size_t i;

	if (target->part != PART_WHOLE || target->index > 0 || target->wild)
		return false;
	for (i = 0; i < ARRAY_LEN(always); i++) {
		if (target->id == always[i])
			return true;
	}
	return false;
}

/* A header is to be absent, and its value to say something. */
static const char *
never_by_absence(const struct rule *rule)
{
	const struct rule_when *when = &rule->when;
	unsigned i;

	for (i = 0; i < when->header_n; i++) {
		if (when->header[i].negated &&
		    is_always_there(when->header[i].target))
			return "every message has the header that is to be "
			       "absent";
	}
	for (i = 0; i < when->matches_n; i++) {
		if (!when->matches[i].negated &&
		    is_left_out(when, when->matches[i].target))
			return "a header is to be absent and to match";
	}
	for (i = 0; i < when->owned_n; i++) {
		if (!when->owned[i].negated &&
		    is_left_out(when, when->owned[i].target))
			return "a header is to be absent and its number ours";
	}
	for (i = 0; i < rule->value.n; i++) {
		if (is_left_out(when, rule->value.pieces[i].target))
			return "the value reads a header that is to be absent";
	}
	return targets_left_out(rule)
		   ? "it is about a header that is to be absent"
		   : NULL;
}

/* Within a dialog the guard keeps them: said at once, and vetoed each time. */
static void
check_dialog(struct loader *loader, const struct rule *rule)
{
	unsigned i;

	for (i = 0; i < rule->targets_n; i++) {
		const struct rule_target *target = rule->targets[i];

		if (rule_when_in_dialog(&rule->when) &&
		    (target->place == PLACE_REQUEST ||
			(target->place == PLACE_HEADER &&
			    (target->id == SIP_FROM || target->id == SIP_TO))))
			problem_of(loader, rule, PROBLEM_WARNING,
			    "%.*s does not change within a dialog: the guard "
			    "will veto this rule",
			    SPAN_ARG(target->text));
	}
}

/* --- two that fight --- */

static bool
same_when(const struct rule *a, const struct rule *b)
{
	unsigned no_on_a = a->when.given, no_on_b = b->when.given;

	return no_on_a == no_on_b && a->when.methods == b->when.methods &&
	       span_eq(a->when.text, b->when.text);
}

static bool
same_target(const struct rule_target *a, const struct rule_target *b)
{
	return a->place == b->place && a->part == b->part && a->id == b->id &&
	       a->index == b->index && a->keep == b->keep &&
	       a->type == b->type && span_ieq(a->name, b->name) &&
	       span_ieq(a->param, b->param);
}

/* One wants it there, the other away. */
static bool
is_there_and_away(const struct rule *a, const struct rule *b)
{
	static const unsigned wants =
	    1u << VERB_SET | 1u << VERB_ENSURE | 1u << VERB_APPEND;

	return a->verb == VERB_ABSENT && a->match == NULL &&
	       (wants >> b->verb & 1) && b->match == NULL;
}

static const char *
fight_of(const struct rule *a, const struct rule *b)
{
	if (is_there_and_away(a, b) || is_there_and_away(b, a))
		return "one wants it there, the other away";
	if (a->verb == VERB_SET && b->verb == VERB_SET && a->match == NULL &&
	    b->match == NULL && !span_eq(a->value.text, b->value.text))
		return "each sets another value";
	return NULL;
}

/* "X-*" and "X-Account". */
static bool
covers(const struct rule_target *wild, const struct rule_target *name)
{
	return wild->wild && wild->part == PART_WHOLE &&
	       name->place == PLACE_HEADER && name->part == PART_WHOLE &&
	       span_imatch(name->name, wild->name);
}

static const struct rule_target *
common_target(const struct rule *a, const struct rule *b)
{
	unsigned i, j;

	for (i = 0; i < a->targets_n; i++) {
		for (j = 0; j < b->targets_n; j++) {
			if (same_target(a->targets[i], b->targets[j]) ||
			    covers(a->targets[i], b->targets[j]))
				return b->targets[j];
			if (covers(b->targets[j], a->targets[i]))
				return a->targets[i];
		}
	}
	return NULL;
}

static void
check_fight(struct loader *loader, const struct rule *a, const struct rule *b)
{
	const struct rule_target *target = common_target(a, b);
	const char *why = fight_of(a, b);

	if (target == NULL || why == NULL || !same_when(a, b))
		return;
	problem_of(loader, b, PROBLEM_ERROR,
	    "fights with the rule in line %u over %.*s: %s", a->line,
	    SPAN_ARG(target->text), why);
}

/* --- a rule and a setting that fight --- */

/* Settings by which a header is not there. */
static const struct {
	enum setting id;
	unsigned choice;
	enum sip_header header;
	const char *name;
} removers[] = {
	{SETTING_ASSERTED,      ASSERTED_ABSENT,     SIP_P_ASSERTED_IDENTITY,
         "identity.asserted"						     },
	{ SETTING_PREFERRED,    ABSENT,              SIP_P_PREFERRED_IDENTITY,
         "identity.preferred"						     },
	{ SETTING_REMOTE_PARTY, REMOTE_PARTY_ABSENT, SIP_REMOTE_PARTY_ID,
         "identity.remote_party"					     },
	{ SETTING_DIVERSION,    DIVERSION_ABSENT,    SIP_DIVERSION,
         "identity.diversion"						     },
	{ SETTING_DIVERSION,    DIVERSION_ABSENT,    SIP_HISTORY_INFO,
         "identity.diversion"						     },
	{ SETTING_DIVERSION,    DIVERSION_HISTORY,   SIP_DIVERSION,
         "identity.diversion"						     },
	{ SETTING_DIVERSION,    DIVERSION_DIVERSION, SIP_HISTORY_INFO,
         "identity.diversion"						     },
};

/* The setting that takes away what a rule would put there; NULL: none. */
static const char *
remover_of(const struct policy *policy, const struct rule_target *target)
{
	size_t i;

	if (policy_lists_header(policy, SETTING_ABSENT, target->name))
		return "headers.absent";
	for (i = 0; i < ARRAY_LEN(removers); i++) {
		if (target->id == removers[i].header &&
		    policy_gives(policy, removers[i].id) &&
		    policy->choice[removers[i].id] == removers[i].choice)
			return removers[i].name;
	}
	return NULL;
}

/* Settings come first: each time one would take away what the other puts there. */
static void
check_settings(struct loader *loader, const struct rule *rule)
{
	static const unsigned puts =
	    1u << VERB_SET | 1u << VERB_ENSURE | 1u << VERB_APPEND;
	unsigned i;

	if (!(puts >> rule->verb & 1) || rule->match != NULL)
		return;
	for (i = 0; i < rule->targets_n; i++) {
		const struct rule_target *target = rule->targets[i];
		const char *name;

		if (target->place != PLACE_HEADER || target->wild ||
		    target->part != PART_WHOLE)
			continue;
		name = remover_of(loader->policy, target);
		if (name != NULL)
			problem_of(loader, rule, PROBLEM_ERROR,
			    "fights with %s over %.*s: one wants it there, the "
			    "other away",
			    name, SPAN_ARG(target->text));
	}
}

/* --- a value that grows --- */

static bool
is_within_uri(enum rule_part part)
{
	return part == PART_USER || part == PART_HOST || part == PART_PORT ||
	       part == PART_URI_PARAM;
}

static bool
parts_overlap(const struct rule_target *a, const struct rule_target *b)
{
	if (a->part == b->part)
		return span_ieq(a->param, b->param);
	return a->part == PART_WHOLE || b->part == PART_WHOLE ||
	       (a->part == PART_URI && is_within_uri(b->part)) ||
	       (b->part == PART_URI && is_within_uri(a->part));
}

static bool
same_place(const struct rule_target *writes, const struct rule_target *reads)
{
	if (writes->place != reads->place || writes->place == PLACE_SDP)
		return false;
	return (writes->wild ? span_imatch(reads->name, writes->name)
			     : span_ieq(reads->name, writes->name)) &&
	       parts_overlap(writes, reads);
}

/* Each time it would be written anew from what was written. */
static void
check_growth(struct loader *loader, const struct rule *rule)
{
	unsigned i, j;

	if (rule->verb == VERB_ENSURE)
		return;
	for (i = 0; i < rule->value.n; i++) {
		const struct rule_target *reads = rule->value.pieces[i].target;

		for (j = 0; reads != NULL && j < rule->targets_n; j++) {
			if (same_place(rule->targets[j], reads))
				problem_of(loader, rule, PROBLEM_ERROR,
				    "the value reads what the rule writes, "
				    "%.*s: use replace with captures",
				    SPAN_ARG(rule->targets[j]->text));
		}
	}
}

/* --- emergency numbers --- */

static bool
touches_number(const struct rule_target *target)
{
	bool part = target->part == PART_WHOLE || target->part == PART_URI ||
		    target->part == PART_USER;

	if (target->place == PLACE_REQUEST)
		return part;
	return target->place == PLACE_HEADER && part &&
	       (target->wild ? span_imatch(SPAN("To"), target->name)
			     : target->id == SIP_TO);
}

static bool
excludes_emergency(const struct rule *rule)
{
	return rule->when.calls != 0 &&
	       !(rule->when.calls >> POLICY_CALL_EMERGENCY & 1);
}

/* What the expression would see of a call to that number. */
static bool
matches_number(struct loader *loader, const struct rule *rule, bool user,
    struct span number)
{
	static const char *const around[][2] = {
		{"sip:",   "@sbc.example.com"          },
		{ "sip:",  "@192.0.2.1:5060;user=phone"},
		{ "<sip:", "@sbc.example.com>"         },
		{ "tel:",  ""                          },
	};
	struct span captures[RULE_CAPTURES];
	char buf[128];
	size_t i;

	(void)loader;
	if (user)
		return rule_pattern_match(rule->match, number, captures) !=
		       MATCHED_NO;
	for (i = 0; i < ARRAY_LEN(around); i++) {
		struct text t = text_over(buf, sizeof(buf));

		text_add_str(&t, around[i][0]);
		text_add(&t, number);
		text_add_str(&t, around[i][1]);
		if (rule_pattern_match(rule->match, text_span(&t), captures) !=
		    MATCHED_NO)
			return true;
	}
	return false;
}

/* The first of "112 999" that the expression matches. */
static struct span
matched_of(struct loader *loader, const struct rule *rule, bool user,
    const char *numbers)
{
	struct span rest = span_of(numbers), number;

	while (rest.n > 0) {
		number = span_cut(rest, ' ', &rest);
		if (number.n > 0 && matches_number(loader, rule, user, number))
			return number;
	}
	return SPAN_NONE;
}

static struct span
matched_emergency(struct loader *loader, const struct rule *rule, bool user)
{
	struct span number = matched_of(loader, rule, user, "112 911 999");
	size_t i;

	for (i = 0; number.n == 0 && i < number_plans(); i++)
		number = matched_of(
		    loader, rule, user, number_plan_at(i)->emergency);
	return number;
}

static void
check_emergency(struct loader *loader, const struct rule *rule,
    const struct rule_target *target)
{
	struct span number = SPAN("112");

	if (!touches_number(target) || excludes_emergency(rule))
		return;
	if (rule->match != NULL) {
		number =
		    matched_emergency(loader, rule, target->part == PART_USER);
		if (number.n == 0)
			return;
	}
	problem_of(loader, rule, PROBLEM_ERROR,
	    "it could change the emergency number %.*s; add when = { call = "
	    "\"!emergency\"; }%s",
	    SPAN_ARG(number),
	    rule->match == NULL ? "" : ", or let match leave it out");
}

void
rule_check_all(struct loader *loader)
{
	const struct rule_set *rules = &loader->policy->rules;
	unsigned i, j;

	for (i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->list[i];
		const char *never = rule_when_never(&rule->when);

		if (never == NULL)
			never = never_by_target(rule);
		if (never == NULL)
			never = never_by_absence(rule);
		if (never != NULL)
			problem_of(loader, rule, PROBLEM_ERROR,
			    "the rule can never match: %s", never);
		check_dialog(loader, rule);
		check_growth(loader, rule);
		check_settings(loader, rule);
		for (j = 0; j < i; j++)
			check_fight(loader, &rules->list[j], rule);
		for (j = 0; j < rule->targets_n; j++)
			check_emergency(loader, rule, rule->targets[j]);
	}
}
