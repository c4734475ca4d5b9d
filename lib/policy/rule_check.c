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

/* What each hop makes for itself, and what is refused here. */
static const char *
never_by_method(const struct rule_when *when)
{
	static const uint32_t unseen =
	    1u << SIP_METHOD_CANCEL | 1u << SIP_METHOD_REGISTER |
	    1u << SIP_METHOD_SUBSCRIBE | 1u << SIP_METHOD_PUBLISH;

	return when->methods != 0 && (when->methods & ~unseen) == 0
		   ? "no policy sees such a request"
		   : NULL;
}

static bool
is_other_match(const struct rule_test *a, const struct rule_test *b)
{
	return a->negated != b->negated &&
	       span_ieq(a->target->text, b->target->text) &&
	       span_eq(rule_pattern_text(a->pattern),
		   rule_pattern_text(b->pattern));
}

static bool
is_taken_back(
    const struct rule_word *word, const struct rule_word *words, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (words[i].negated &&
		    span_imatch(word->pattern, words[i].pattern))
			return true;
	}
	return false;
}

/* Each word without '!' is taken back by one with it; or all names are. */
static bool
leaves_no_trunk(const struct rule_word *words, unsigned n)
{
	static const struct rule_word any = { false, { "*", 1 } };
	bool wanted = false;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (words[i].negated)
			continue;
		if (!is_taken_back(&words[i], words, n))
			return false;
		wanted = true;
	}
	return wanted || is_taken_back(&any, words, n);
}

static const char *
never_by_words(const struct rule_when *when)
{
	unsigned i, j;

	for (i = 0; i < when->matches_n; i++) {
		for (j = 0; j < i; j++) {
			if (is_other_match(&when->matches[i], &when->matches[j]))
				return "a value is to match and not to match";
		}
	}
	return leaves_no_trunk(when->trunk, when->trunk_n) ||
		       leaves_no_trunk(when->other, when->other_n)
		   ? "a trunk is wanted and not wanted"
		   : NULL;
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

/* No condition, or only such as are sets of a few words. */
static bool
has_only_sets(const struct rule_when *when)
{
	return __builtin_popcount(when->given) ==
	       (when->methods != 0) + (when->messages != 0) +
		   (when->stages != 0) + (when->calls != 0) +
		   (when->transports != 0);
}

static bool
set_covers(uint32_t wide, uint32_t narrow)
{
	return wide == 0 || (narrow != 0 && (narrow & ~wide) == 0);
}

/* Where `b` is applied `a` is too. */
static bool
when_covers(const struct rule *a, const struct rule *b)
{
	const struct rule_when *wide = &a->when, *narrow = &b->when;

	return same_when(a, b) ||
	       (has_only_sets(wide) &&
		   set_covers(wide->methods, narrow->methods) &&
		   set_covers(wide->messages, narrow->messages) &&
		   set_covers(wide->stages, narrow->stages) &&
		   set_covers(wide->calls, narrow->calls) &&
		   set_covers(wide->transports, narrow->transports));
}

static bool
same_target(const struct rule_target *a, const struct rule_target *b)
{
	return a->place == b->place && a->part == b->part && a->id == b->id &&
	       a->index == b->index && a->keep == b->keep &&
	       a->type == b->type && span_ieq(a->name, b->name) &&
	       span_ieq(a->param, b->param);
}

static bool
is_whole_header(const struct rule_target *target)
{
	return target->place == PLACE_HEADER && target->part == PART_WHOLE;
}

/* "X-*" and "X-Account"; "sdp.a" and "sdp.a(ptime)". */
static bool
covers(const struct rule_target *wide, const struct rule_target *name)
{
	if (wide->place == PLACE_SDP)
		return name->place == PLACE_SDP && wide->type == name->type &&
		       wide->name.n == 0;
	return wide->wild && is_whole_header(wide) && is_whole_header(name) &&
	       span_imatch(name->name, wide->name);
}

static bool
is_common(const struct rule_target *a, const struct rule_target *b)
{
	return same_target(a, b) || covers(a, b);
}

static const unsigned putting =
    1u << VERB_SET | 1u << VERB_ENSURE | 1u << VERB_APPEND;

/* It is there whatever came: no expression chooses some. */
static bool
puts_there(const struct rule *rule, const struct rule_target *target)
{
	return (putting >> rule->verb & 1) && rule->match == NULL && !target->wild;
}

/* One wants it there, the other away. */
static bool
takes_away(const struct rule *rule, const struct rule_target *target,
    const struct rule_target *name)
{
	unsigned i;

	if (rule->match != NULL || !is_common(target, name))
		return false;
	if (rule->verb == VERB_ABSENT || rule->verb == VERB_RENAME)
		return true;
	if (rule->verb != VERB_KEEP_ONLY || !target->wild || rule->words_n == 0)
		return false;
	for (i = 0; i < rule->words_n; i++) {
		if (span_imatch(name->name, rule->words[i]))
			return false;
	}
	return true;
}

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

/* Two texts for one place, or for a place within the other. */
static bool
sets_another(const struct rule *a, const struct rule_target *x,
    const struct rule *b, const struct rule_target *y)
{
	bool same_place = x->place == y->place && x->id == y->id &&
			  span_ieq(x->name, y->name) && !x->wild && !y->wild &&
			  (x->index == y->index || x->index < 0 || y->index < 0);

	if (a->verb != VERB_SET || b->verb != VERB_SET || a->match != NULL ||
	    b->match != NULL)
		return false;
	if (same_target(x, y))
		return !span_eq(a->value.text, b->value.text);
	return same_place && x->place != PLACE_SDP && parts_overlap(x, y);
}

/* A list that is to have one value, and one that is to have another too. */
static bool
sets_and_appends(const struct rule *set, const struct rule *append)
{
	return set->verb == VERB_SET && append->verb == VERB_APPEND &&
	       set->match == NULL &&
	       span_find_span(set->value.text, append->value.text) < 0;
}

static const char *
fight_over(const struct rule *a, const struct rule_target *x,
    const struct rule *b, const struct rule_target *y)
{
	if ((takes_away(a, x, y) && puts_there(b, y)) ||
	    (takes_away(b, y, x) && puts_there(a, x)))
		return "one wants it there, the other away";
	if (sets_another(a, x, b, y))
		return "each sets another value";
	if (same_target(x, y) && is_whole_header(x) && x->index < 0 &&
	    (sets_and_appends(a, b) || sets_and_appends(b, a)))
		return "one wants one value, the other one more";
	return NULL;
}

/* The header that a rename makes. */
static struct rule_target
renamed_to(const struct rule *rename)
{
	struct rule_target to = { .name = rename->value.text,
		.place = PLACE_HEADER,
		.id = sip_header_find(rename->value.text),
		.index = -1,
		.keep = -1 };

	if (to.id != SIP_OTHER_HEADER)
		to.name = span_of(sip_header_name(to.id));
	return to;
}

/* Over the name that a header is given. */
static const char *
fight_over_name(const struct rule *rename, const struct rule *other,
    const struct rule_target *target)
{
	struct rule_target to = renamed_to(rename), back;

	if (rename->verb != VERB_RENAME || !takes_away(other, target, &to))
		return NULL;
	if (other->verb != VERB_RENAME)
		return "one wants it there, the other away";
	back = renamed_to(other);
	return same_target(rename->targets[0], &back)
		   ? "each gives it the name that the other takes away"
		   : NULL;
}

static void
told_fight(struct loader *loader, const struct rule *a, const struct rule *b,
    struct span what, const char *why)
{
	problem_of(loader, b, PROBLEM_ERROR,
	    "fights with the rule in line %u over %.*s: %s; let their "
	    "conditions exclude each other",
	    a->line, SPAN_ARG(what), why);
}

static void
check_fight(struct loader *loader, const struct rule *a, const struct rule *b)
{
	const char *why;
	unsigned i, j;

	for (i = 0; i < a->targets_n; i++) {
		why = fight_over_name(b, a, a->targets[i]);
		if (why != NULL) {
			told_fight(loader, a, b, b->value.text, why);
			return;
		}
		for (j = 0; j < b->targets_n; j++) {
			why = fight_over(a, a->targets[i], b, b->targets[j]);
			if (why == NULL)
				continue;
			told_fight(loader, a, b,
			    b->targets[j]->wild ? a->targets[i]->text
						: b->targets[j]->text,
			    why);
			return;
		}
	}
	for (j = 0; j < b->targets_n; j++) {
		why = fight_over_name(a, b, b->targets[j]);
		if (why != NULL) {
			told_fight(loader, a, b, a->value.text, why);
			return;
		}
	}
}

/* --- one that finds nothing any more --- */

/* `taker` leaves no such header: then none of it, and no part of it, either. */
static bool
leaves_none(const struct rule *taker, const struct rule_target *target)
{
	struct rule_target whole = *target;
	unsigned i;

	whole.part = PART_WHOLE;
	whole.index = whole.keep = -1;
	if (target->id == SIP_FROM || target->id == SIP_TO ||
	    guard_owns_header(target->id))
		return false;
	for (i = 0; i < taker->targets_n; i++) {
		const struct rule_target *away = taker->targets[i];

		if (away->keep < 0 && is_whole_header(away) &&
		    target->place == PLACE_HEADER &&
		    (covers(away, &whole) || span_ieq(away->name, whole.name)))
			return true;
	}
	return false;
}

static bool
finds_nothing(const struct rule *taker, const struct rule *rule)
{
	unsigned i;

	if (taker->verb != VERB_ABSENT || taker->match != NULL ||
	    !when_covers(taker, rule))
		return false;
	for (i = 0; i < rule->targets_n; i++) {
		const struct rule_target *target = rule->targets[i];

		if (!(target->part != PART_WHOLE || needs_target(rule, target)) ||
		    !leaves_none(taker, target))
			return false;
	}
	return rule->targets_n > 0;
}

static void
check_pair(struct loader *loader, const struct rule *a, const struct rule *b)
{
	if (finds_nothing(a, b))
		problem_of(loader, b, PROBLEM_ERROR,
		    "the rule can never match: the rule in line %u has taken "
		    "%.*s away",
		    a->line, SPAN_ARG(b->targets[0]->text));
	else if (when_covers(a, b) || when_covers(b, a))
		check_fight(loader, a, b);
}

/* --- one whose header never gets here --- */

/* A rule of the file makes that header. */
static bool
is_made(const struct rule_set *rules, const struct rule_target *target)
{
	unsigned i, j;

	for (i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->list[i];
		struct rule_target to = renamed_to(rule);

		if (rule->verb == VERB_RENAME && span_ieq(to.name, target->name))
			return true;
		for (j = 0; j < rule->targets_n; j++) {
			if (puts_there(rule, rule->targets[j]) &&
			    is_whole_header(rule->targets[j]) &&
			    span_ieq(rule->targets[j]->name, target->name))
				return true;
		}
	}
	return false;
}

static bool
gets_here(const struct policy *policy, const struct rule_target *target)
{
	unsigned flags = sip_header_flags(target->id);

	return target->place != PLACE_HEADER || target->wild ||
	       (target->id != SIP_OTHER_HEADER &&
		   (flags & (SIP_FLAG_RELAY | SIP_FLAG_OURS))) ||
	       policy_lists_header(policy, SETTING_RELAY, target->name) ||
	       is_made(&policy->rules, target);
}

/* Headers that nobody lets pass are not in the message when rules are applied.
 * A trunk may have an option that does: said, and not refused. */
static void
check_passes(struct loader *loader, const struct rule *rule)
{
	unsigned i;

	if (rule->verb == VERB_ABSENT || rule->verb == VERB_KEEP_ONLY)
		return;
	for (i = 0; i < rule->targets_n; i++) {
		const struct rule_target *target = rule->targets[i];

		if ((target->part != PART_WHOLE || needs_target(rule, target)) &&
		    !gets_here(loader->policy, target))
			problem_of(loader, rule, PROBLEM_WARNING,
			    "%.*s does not go on by itself: without it in "
			    "headers.relay the rule finds none",
			    SPAN_ARG(target->name));
	}
}

/* --- a rule and a setting that fight --- */

/* Settings by which a header is not there. */
static const struct {
	enum setting id;
	unsigned choice;
	enum sip_header header;
	const char *name;
} removers[] = {
	{ SETTING_ASSERTED, ASSERTED_ABSENT, SIP_P_ASSERTED_IDENTITY,
	    "identity.asserted" },
	{ SETTING_PREFERRED, ABSENT, SIP_P_PREFERRED_IDENTITY,
	    "identity.preferred" },
	{ SETTING_REMOTE_PARTY, REMOTE_PARTY_ABSENT, SIP_REMOTE_PARTY_ID,
	    "identity.remote_party" },
	{ SETTING_DIVERSION, DIVERSION_ABSENT, SIP_DIVERSION,
	    "identity.diversion" },
	{ SETTING_DIVERSION, DIVERSION_ABSENT, SIP_HISTORY_INFO,
	    "identity.diversion" },
	{ SETTING_DIVERSION, DIVERSION_HISTORY, SIP_DIVERSION,
	    "identity.diversion" },
	{ SETTING_DIVERSION, DIVERSION_DIVERSION, SIP_HISTORY_INFO,
	    "identity.diversion" },
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

/* Settings come first: each time one would take away
 * what the other puts there. */
static void
check_settings(struct loader *loader, const struct rule *rule)
{
	unsigned i;

	if (!(putting >> rule->verb & 1) || rule->match != NULL)
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

/* The first of "112 999" that the expression matches. */
static struct span
matched_of(const struct rule *rule, const char *numbers)
{
	struct span captures[RULE_CAPTURES];
	struct span rest = span_of(numbers), number;

	while (rest.n > 0) {
		number = span_cut(rest, ' ', &rest);
		if (number.n > 0 &&
		    rule_pattern_match(rule->match, number, captures) !=
			MATCHED_NO)
			return number;
	}
	return SPAN_NONE;
}

static struct span
matched_emergency(const struct rule *rule)
{
	struct span number = matched_of(rule, "112 911 999");
	size_t i;

	for (i = 0; number.n == 0 && i < number_plans(); i++)
		number = matched_of(rule, number_plan_at(i)->emergency);
	return number;
}

/* Of a user part every emergency number can be tried; of a whole URI, with its
 * hosts and parameters, it cannot. */
static void
check_emergency(struct loader *loader, const struct rule *rule,
    const struct rule_target *target)
{
	struct span number = SPAN("112");
	const char *or = "";

	if (!touches_number(target) || excludes_emergency(rule))
		return;
	if (rule->match != NULL && target->part == PART_USER) {
		number = matched_emergency(rule);
		if (number.n == 0)
			return;
		or = ", or let match leave it out";
	} else if (rule->match != NULL) {
		or = target->place == PLACE_REQUEST
			 ? ", or name request.user"
			 : ", or name To.uri.user";
	}
	problem_of(loader, rule, PROBLEM_ERROR,
	    "it could change the emergency number %.*s; add when = { call = "
	    "\"!emergency\"; }%s",
	    SPAN_ARG(number), or);
}

static void
check_rule(struct loader *loader, unsigned at)
{
	const struct rule_set *rules = &loader->policy->rules;
	const struct rule *rule = &rules->list[at];
	const char *never = rule_when_never(&rule->when);
	unsigned i;

	if (never == NULL)
		never = never_by_method(&rule->when);
	if (never == NULL)
		never = never_by_words(&rule->when);
	if (never == NULL)
		never = never_by_target(rule);
	if (never == NULL)
		never = never_by_absence(rule);
	if (never != NULL)
		problem_of(loader, rule, PROBLEM_ERROR,
		    "the rule can never match: %s", never);
	check_dialog(loader, rule);
	check_passes(loader, rule);
	check_growth(loader, rule);
	check_settings(loader, rule);
	for (i = 0; i < at; i++) {
		if (!rules->list[i].broken)
			check_pair(loader, &rules->list[i], rule);
	}
	for (i = 0; i < rule->targets_n; i++)
		check_emergency(loader, rule, rule->targets[i]);
}

/* What is wrong by itself is not looked at again together with others. */
void
rule_check_all(struct loader *loader)
{
	unsigned i;

	for (i = 0; i < loader->policy->rules.n; i++) {
		if (!loader->policy->rules.list[i].broken)
			check_rule(loader, i);
	}
}
