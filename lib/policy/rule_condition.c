/*
 * rule_condition.c - when a rule is applied
 *
 * A condition is a row: how it is read, and whether it holds. All that a rule
 * names must hold; of several words in one condition one is enough, except
 * where the row says otherwise.
 */

#include "policy/rule.h"

#include "base/container.h"
#include "sip/value.h"

/* --- words that are bits --- */

/* Words, or words that each begin with '!': the others. */
static bool
read_bits(struct loader *loader, const config_setting_t *at, const char *what,
    const char *const *words, size_t n, unsigned *bits)
{
	unsigned i, all = (1u << n) - 1, found = 0, negated = 0;
	unsigned items = loader_items(at);
	size_t errors = loader->problems->errors;

	for (i = 0; i < items; i++) {
		const config_setting_t *item = loader_item(at, i);
		const char *s = loader_string(loader, item, what);
		size_t j;

		if (s == NULL)
			continue;
		negated += s[0] == '!';
		s += s[0] == '!';
		for (j = 0; j < n && strcmp(s, words[j]) != 0; j++)
			;
		if (j == n)
			loader_unknown(loader, item, what, s, words, n);
		else
			found |= 1u << j;
	}
	if (negated > 0 && negated < items)
		loader_problem(loader, at,
		    "%s: either all words have a \"!\" or none", what);
	*bits = negated > 0 ? all & ~found : found;
	return loader->problems->errors == errors;
}

static void
load_methods(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	const char *words[SIP_METHOD_OTHER];
	unsigned bits, i;

	for (i = 0; i < SIP_METHOD_OTHER; i++)
		words[i] = sip_method_name((enum sip_method)i);
	if (!read_bits(loader, at, "method", words, i, &bits))
		return;
	/* Named twice, by on and by method: both must hold. */
	when->methods = when->methods == 0 ? bits : when->methods & bits;
	if (when->methods == 0)
		loader_problem(loader, at,
		    "the rule can never match: on and method exclude each "
		    "other");
}

static bool
method_holds(struct rule_run *run)
{
	const struct apply *apply = run->apply;
	enum sip_method method =
	    apply->draft->request ? apply->draft->method : apply->ctx->method;

	return run->rule->when.methods >> method & 1;
}

const char *const rule_messages[RULE_MESSAGES] = { "request", "response" };

static void
load_message(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	read_bits(loader, at, "message", rule_messages, RULE_MESSAGES,
	    &when->messages);
}

static bool
message_holds(struct rule_run *run)
{
	return run->rule->when.messages &
	       (run->apply->draft->request ? MESSAGE_REQUEST
					   : MESSAGE_RESPONSE);
}

const char *const rule_stages[RULE_STAGES] = { "in", "out" };

static void
load_stage(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	read_bits(loader, at, "stage", rule_stages, RULE_STAGES,
	    &when->stages);
}

static bool
stage_holds(struct rule_run *run)
{
	return run->rule->when.stages &
	       (run->apply->edit.entry.stage == STAGE_IN ? WHEN_STAGE_IN
							 : WHEN_STAGE_OUT);
}

static void
load_call(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	const char *words[POLICY_CALL_EMERGENCY + 1];
	unsigned i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		words[i] = policy_call_name((enum policy_call)i);
	read_bits(loader, at, "call", words, i, &when->calls);
}

static bool
call_holds(struct rule_run *run)
{
	return run->rule->when.calls >> apply_call(run->apply) & 1;
}

const char *const rule_transports[RULE_TRANSPORTS] = { "udp", "tcp", "tls" };

static void
load_transport(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	read_bits(loader, at, "transport", rule_transports, RULE_TRANSPORTS,
	    &when->transports);
}

static bool
transport_holds(struct rule_run *run)
{
	const struct policy_trunk *trunk = run->apply->trunk;
	size_t i;

	if (trunk == NULL)
		return false;
	i = span_iword(trunk->transport, rule_transports, RULE_TRANSPORTS);
	return i < RULE_TRANSPORTS && (run->rule->when.transports >> i & 1);
}

static void
load_dialog(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	if (config_setting_type(at) != CONFIG_TYPE_BOOL)
		loader_problem(loader, at, "dialog is true or false");
	when->dialog = config_setting_get_bool(at) != 0;
}

static bool
dialog_holds(struct rule_run *run)
{
	return run->rule->when.dialog == run->apply->edit.guard->in_dialog;
}

/* --- status --- */

/* 486, "4xx", "180-183". */
static bool
read_range(struct span s, struct rule_range *range)
{
	struct span to, from;
	uint32_t digit;

	if (s.n == 3 && span_iends(s, SPAN("xx"))) {
		if (!span_to_u32(span_make(s.p, 1), 6, &digit) || digit == 0)
			return false;
		*range = (struct rule_range){ digit * 100, digit * 100 + 99 };
		return true;
	}
	from = span_cut(s, '-', &to);
	if (!span_to_u32(from, 699, &range->from))
		return false;
	range->to = range->from;
	return (to.n == 0 || span_to_u32(to, 699, &range->to)) &&
	       range->from >= 100 && range->from <= range->to;
}

bool
rule_range_load(
    const config_setting_t *at, bool *negated, struct rule_range *range)
{
	const char *s = config_setting_get_string(at);
	int code = config_setting_get_int(at);

	if (s == NULL) {
		*range = (struct rule_range){ (unsigned)code, (unsigned)code };
		return code >= 100 && code <= 699;
	}
	*negated |= s[0] == '!';
	return read_range(span_of(s + (s[0] == '!')), range);
}

static void
load_status(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	unsigned i, n = loader_items(at);

	if (n == 0 || n > RULE_STATUS_MAX) {
		loader_problem(
		    loader, at, "status wants 1 to %d codes", RULE_STATUS_MAX);
		return;
	}
	for (i = 0; i < n; i++) {
		const config_setting_t *item = loader_item(at, i);
		bool negated = false;

		if (!rule_range_load(item, &negated, &when->status[i]))
			loader_problem(loader, item,
			    "status wants 100 to 699, \"4xx\" or "
			    "\"180-183\"");
		when->status_not |= (unsigned)negated << i;
	}
	when->status_n = n;
}

/* One of those without '!' has it, where there are some; none of the others. */
static bool
status_fits(const struct rule_when *when, unsigned status)
{
	bool found = when->status_not == (1u << when->status_n) - 1;
	unsigned i;

	for (i = 0; i < when->status_n; i++) {
		if (status < when->status[i].from ||
		    status > when->status[i].to)
			continue;
		if (when->status_not >> i & 1)
			return false;
		found = true;
	}
	return found;
}

static bool
status_holds(struct rule_run *run)
{
	return !run->apply->draft->request &&
	       status_fits(&run->rule->when, run->apply->draft->status);
}

/* --- names of trunks --- */

static void
load_words(struct loader *loader, const config_setting_t *at, const char *what,
    struct rule_word **words, unsigned *words_n)
{
	unsigned i, n = loader_items(at);

	*words = loader_alloc(loader, n, sizeof(**words));
	if (*words == NULL)
		return;
	for (i = 0; i < n; i++) {
		const char *s = loader_string(loader, loader_item(at, i), what);

		if (s == NULL)
			continue;
		(*words)[*words_n].negated = s[0] == '!';
		(*words)[(*words_n)++].pattern =
		    loader_keep(loader, span_of(s + (s[0] == '!')));
	}
}

static void
load_trunk(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	load_words(loader, at, "trunk", &when->trunk, &when->trunk_n);
}

static void
load_other(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	load_words(loader, at, "other", &when->other, &when->other_n);
}

/* One of those without '!' fits, where there are some; none of the others. */
static bool
name_fits(
    const struct policy_trunk *trunk, const struct rule_word *words, unsigned n)
{
	struct span name = trunk == NULL ? SPAN_NONE : trunk->name;
	bool wanted = false, found = false;
	unsigned i;

	for (i = 0; i < n; i++) {
		bool fits = span_imatch(name, words[i].pattern);

		if (words[i].negated && fits)
			return false;
		wanted |= !words[i].negated;
		found |= !words[i].negated && fits;
	}
	return found || !wanted;
}

static bool
trunk_holds(struct rule_run *run)
{
	return name_fits(
	    run->apply->trunk, run->rule->when.trunk, run->rule->when.trunk_n);
}

static bool
other_holds(struct rule_run *run)
{
	const struct policy_context *ctx = run->apply->ctx;

	return name_fits(
	    run->apply->edit.entry.stage == STAGE_IN ? ctx->to : ctx->from,
	    run->rule->when.other, run->rule->when.other_n);
}

/* --- what the message has --- */

static struct rule_test *
load_tests(struct loader *loader, const config_setting_t *at, unsigned *n)
{
	*n = loader_items(at);
	return loader_alloc(loader, *n, sizeof(struct rule_test));
}

static void
load_header(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	unsigned i, n;

	when->header = load_tests(loader, at, &n);
	for (i = 0; when->header != NULL && i < n; i++) {
		const config_setting_t *item = loader_item(at, i);
		const char *s = loader_string(loader, item, "header");
		struct rule_test *test = &when->header[when->header_n];

		if (s == NULL)
			continue;
		test->kind = TEST_PRESENT;
		test->negated = s[0] == '!';
		test->target =
		    rule_target_load(loader, item, span_of(s + test->negated));
		if (test->target == NULL)
			continue;
		if (test->target->place != PLACE_HEADER)
			loader_problem(
			    loader, item, "header wants the name of a header");
		when->header_n++;
	}
}

static bool
header_holds(struct rule_run *run)
{
	const struct rule_when *when = &run->rule->when;
	unsigned i;

	for (i = 0; i < when->header_n; i++) {
		const struct rule_test *test = &when->header[i];

		if (rule_header_is_there(run->apply, test->target) ==
		    test->negated)
			return false;
	}
	return true;
}

static void
test_target(struct loader *loader, const config_setting_t *at, void *into)
{
	struct rule_test *test = into;
	const char *s = loader_string(loader, at, "target");

	if (s == NULL)
		return;
	test->target = rule_target_load(loader, at, span_of(s));
	if (test->target != NULL &&
	    (test->target->place == PLACE_SDP || test->target->wild))
		loader_problem(loader, at,
		    "a condition looks at one value: no wildcard, and no SDP");
}

static void
test_pattern(struct loader *loader, const config_setting_t *at, void *into)
{
	struct rule_test *test = into;
	const char *s = loader_string(loader, at, "match");

	if (s == NULL)
		return;
	test->negated = s[0] == '!';
	test->pattern = rule_pattern_load(loader, at, s + test->negated);
}

static void
load_matches(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	static const struct loader_member members[] = {
		{ "target", test_target },
		{ "match", test_pattern },
	};
	unsigned i, n;

	when->matches = load_tests(loader, at, &n);
	for (i = 0; when->matches != NULL && i < n; i++) {
		const config_setting_t *item = loader_item(at, i);
		struct rule_test *test = &when->matches[when->matches_n];
		size_t errors = loader->problems->errors;

		*test = (struct rule_test){ .kind = TEST_MATCHES };
		loader_group(
		    loader, item, "matches", members, ARRAY_LEN(members), test);
		if (test->target != NULL && test->pattern != NULL)
			when->matches_n++;
		else if (loader->problems->errors == errors)
			loader_problem(loader, item,
			    "matches wants { target = \"...\"; match = "
			    "\"...\"; "
			    "}");
	}
}

static bool
matches_holds(struct rule_run *run)
{
	const struct rule_when *when = &run->rule->when;
	struct span value;
	unsigned i;

	for (i = 0; i < when->matches_n; i++) {
		const struct rule_test *test = &when->matches[i];
		enum rule_matched matched = MATCHED_NO;

		if (rule_value_read(run->apply, test->target, &value))
			matched = rule_look(run, test->pattern, value);
		if (matched > MATCHED ||
		    (matched == MATCHED) == test->negated)
			return false;
	}
	return true;
}

/* The words of the identity, besides any target. */
static const struct {
	const char *word, *target;
} parties[] = {
	{ "from", "From.uri.user" },
	{ "to", "To.uri.user" },
	{ "request", "request.user" },
	{ "asserted", "P-Asserted-Identity[0].uri.user" },
	{ "preferred", "P-Preferred-Identity[0].uri.user" },
	{ "remote_party", "Remote-Party-ID[0].uri.user" },
	{ "diverting", "Diversion[0].uri.user" },
	{ "referred_by", "Referred-By.uri.user" },
};

static const struct rule_target *
load_party(struct loader *loader, const config_setting_t *at, const char *s)
{
	const char *words[ARRAY_LEN(parties)];
	size_t i;

	for (i = 0; i < ARRAY_LEN(parties); i++) {
		words[i] = parties[i].word;
		if (strcmp(s, words[i]) == 0)
			return rule_target_load(
			    loader, at, span_of(parties[i].target));
	}
	loader_unknown(loader, at, "party", s, words, i);
	return NULL;
}

static void
load_owned(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	unsigned i, n;

	when->owned = load_tests(loader, at, &n);
	for (i = 0; when->owned != NULL && i < n; i++) {
		const config_setting_t *item = loader_item(at, i);
		const char *s = loader_string(loader, item, "owned");
		struct rule_test *test = &when->owned[when->owned_n];

		if (s == NULL)
			continue;
		test->kind = TEST_OWNED;
		test->negated = s[0] == '!';
		test->target = load_party(loader, item, s + test->negated);
		if (test->target != NULL)
			when->owned_n++;
	}
}

/* The user part that the target names; of a local number with its context,
 * which is in the URI around it. */
static bool
read_number(const struct apply *apply, const struct rule_target *target,
    struct span *number)
{
	struct rule_target whole = *target;
	struct sip_uri uri;
	struct span text;

	if (!rule_value_read(apply, target, number))
		return false;
	whole.part = PART_URI;
	if (span_starts(*number, SPAN("+")) ||
	    !rule_value_read(apply, &whole, &text) ||
	    !sip_uri_parse(text, &uri))
		return true;
	*number = identity_number(&uri);
	return true;
}

static bool
is_owned(struct apply *apply, const struct rule_target *target)
{
	struct span user;

	if (!read_number(apply, target, &user))
		return false;
	apply_plans(apply);
	return apply_owns(apply, user);
}

/* Without an inventory nobody knows: neither holds. */
static bool
owned_holds(struct rule_run *run)
{
	const struct rule_when *when = &run->rule->when;
	unsigned i;

	if (run->apply->ctx->owns == NULL)
		return false;
	for (i = 0; i < when->owned_n; i++) {
		if (is_owned(run->apply, when->owned[i].target) ==
		    when->owned[i].negated)
			return false;
	}
	return true;
}

/* Cheap ones first: they are asked in this order. */
static const struct condition {
	const char *name;
	void (*load)(struct loader *loader, const config_setting_t *at,
	    struct rule_when *when);
	bool (*holds)(struct rule_run *run);
	const char *help;
} conditions[] = {
	{ "method", load_methods, method_holds,
	    "Method of the request, or of the request that a response "
	    "answers." },
	{ "message", load_message, message_holds, "request or response." },
	{ "stage", load_stage, stage_holds,
	    "in: the message came from this trunk. out: it leaves by it." },
	{ "call", load_call, call_holds,
	    "Kind of the call: direct, diverted, transferred, emergency." },
	{ "dialog", load_dialog, dialog_holds,
	    "true: a response, or a request within a dialog. false: a request "
	    "that begins one or stands alone." },
	{ "status", load_status, status_holds,
	    "Status of a response: 486, \"4xx\", \"180-183\". [ \"4xx\", "
	    "\"!486\" ] is each of the first but the second." },
	{ "transport", load_transport, transport_holds,
	    "Transport of this trunk: udp, tcp, tls." },
	{ "trunk", load_trunk, trunk_holds,
	    "Name of this trunk; an asterisk matches any text." },
	{ "other", load_other, other_holds,
	    "Name of the trunk on the other side, likewise." },
	{ "header", load_header, header_holds,
	    "A header that is there, also one that was received and does not "
	    "pass. Each of a list must be there." },
	{ "owned", load_owned, owned_holds,
	    "A party whose number is in the inventory: from, to, request, "
	    "asserted, preferred, remote_party, diverting, referred_by. Each "
	    "of "
	    "a list must be. Without an inventory the rule is not applied." },
	{ "matches", load_matches, matches_holds,
	    "A target and an expression that matches its value: { target = "
	    "\"From.uri.user\"; match = \"^0(.*)\"; }. Each of a list must "
	    "match." },
};

static void
text_setting(struct text *t, const config_setting_t *at)
{
	int i;

	if (config_setting_is_aggregate(at)) {
		for (i = 0; i < config_setting_length(at); i++)
			text_setting(
			    t, config_setting_get_elem(at, (unsigned)i));
		return;
	}
	if (config_setting_type(at) == CONFIG_TYPE_STRING)
		text_add_quoted(t, span_of(config_setting_get_string(at)));
	else
		text_addf(t, "%d/%d ", config_setting_get_int(at),
		    config_setting_get_bool(at));
}

/* Conditions in the order of the table, for a comparison of two rules. */
static struct span
text_of(struct loader *loader, const config_setting_t *group)
{
	char buf[2048];
	struct text t = text_over(buf, sizeof(buf));
	size_t i;

	for (i = 0; i < ARRAY_LEN(conditions); i++) {
		const config_setting_t *at =
		    config_setting_get_member(group, conditions[i].name);

		if (at == NULL)
			continue;
		text_add_str(&t, conditions[i].name);
		text_setting(&t, at);
		TEXT_LIT(&t, ";");
	}
	return t.overflow ? SPAN_NONE : loader_keep(loader, text_span(&t));
}

static const struct condition *
condition_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(conditions); i++) {
		if (strcmp(conditions[i].name, name) == 0)
			return &conditions[i];
	}
	return NULL;
}

void
rule_when_load(struct loader *loader, const config_setting_t *group,
    struct rule_when *when)
{
	const char *words[ARRAY_LEN(conditions)];
	size_t j;
	int i;

	for (j = 0; j < ARRAY_LEN(conditions); j++)
		words[j] = conditions[j].name;
	if (!config_setting_is_group(group)) {
		loader_problem(loader, group, "when wants a group: { ... }");
		return;
	}
	for (i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *at =
		    config_setting_get_elem(group, (unsigned)i);
		const struct condition *row =
		    condition_find(config_setting_name(at));

		if (row == NULL) {
			loader_unknown(loader, at, "condition",
			    config_setting_name(at), words, j);
			continue;
		}
		when->given |= 1u << (row - conditions);
		row->load(loader, at, when);
	}
	when->text = text_of(loader, group);
}

void
rule_when_on(
    struct loader *loader, const config_setting_t *at, struct rule_when *when)
{
	when->on = true;
	load_methods(loader, at, when);
}

static unsigned
bit_of(const char *name)
{
	return 1u << (condition_find(name) - conditions);
}

/* "on" is a method and a request, whichever was read first. */
void
rule_when_finish(struct rule_when *when)
{
	if (!when->on)
		return;
	when->messages = when->given & bit_of("message")
			     ? when->messages & MESSAGE_REQUEST
			     : MESSAGE_REQUEST;
	when->given |= bit_of("message") | bit_of("method");
}

bool
rule_when_holds(struct rule_run *run)
{
	unsigned bits = run->rule->when.given;

	for (; bits != 0; bits &= bits - 1) {
		if (!conditions[__builtin_ctz(bits)].holds(run))
			return false;
	}
	return true;
}

/* Requests of these methods are only ever sent within a dialog. */
bool
rule_when_in_dialog(const struct rule_when *when)
{
	static const unsigned inside =
	    1u << SIP_METHOD_ACK | 1u << SIP_METHOD_BYE |
	    1u << SIP_METHOD_CANCEL | 1u << SIP_METHOD_UPDATE |
	    1u << SIP_METHOD_PRACK | 1u << SIP_METHOD_INFO;

	return when->methods != 0 && (when->methods & ~inside) == 0;
}

bool
rule_when_names_calls(const struct rule_when *when)
{
	return (when->given & bit_of("call")) != 0;
}

static bool
status_never_fits(const struct rule_when *when)
{
	unsigned status = 100;

	while (status < 700 && !status_fits(when, status))
		status++;
	return when->status_n > 0 && status == 700;
}

bool
rule_when_names_dialog(const struct rule_when *when)
{
	return (when->given & bit_of("dialog")) != 0;
}

static const char *
never_by_message(const struct rule_when *when)
{
	bool request = when->messages == MESSAGE_REQUEST;

	if (when->on && when->messages == 0)
		return "on names requests; for responses use method";
	if (request && when->status_n > 0)
		return "a request has no status";
	if (when->messages == MESSAGE_RESPONSE &&
	    when->methods == 1u << SIP_METHOD_ACK)
		return "an ACK has no response";
	if (when->status_n > 0 && when->methods == 1u << SIP_METHOD_ACK)
		return "an ACK has no response";
	return NULL;
}

static bool
excludes(const struct rule_test *a, const struct rule_test *b)
{
	return a->negated != b->negated &&
	       span_ieq(a->target->text, b->target->text);
}

static bool
has_contradiction(const struct rule_test *tests, unsigned n)
{
	unsigned i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (excludes(&tests[i], &tests[j]))
				return true;
		}
	}
	return false;
}

/* The condition of that name is there, and has no word left. */
static bool
is_empty(const struct rule_when *when, const char *name, unsigned bits)
{
	return bits == 0 && (when->given & bit_of(name));
}

const char *
rule_when_never(const struct rule_when *when)
{
	const char *why = never_by_message(when);
	bool dialog = rule_when_names_dialog(when);

	if (why != NULL)
		return why;
	if (is_empty(when, "message", when->messages) ||
	    is_empty(when, "stage", when->stages) ||
	    is_empty(when, "call", when->calls) ||
	    is_empty(when, "transport", when->transports) ||
	    status_never_fits(when))
		return "a condition leaves nothing";
	if (has_contradiction(when->header, when->header_n))
		return "a header is wanted and not wanted";
	if (has_contradiction(when->owned, when->owned_n))
		return "a number is to be ours and not ours";
	if (dialog && !when->dialog && rule_when_in_dialog(when))
		return "such a request is always within a dialog";
	if (dialog && !when->dialog &&
	    (when->status_n > 0 || when->messages == MESSAGE_RESPONSE))
		return "a response counts as within a dialog";
	return NULL;
}

void
rule_print_conditions(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(conditions); i++) {
		fprintf(out, ".It Ic %s\n", conditions[i].name);
		policy_print_prose(out, conditions[i].help);
	}
}
