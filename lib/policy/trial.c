/*
 * trial.c - a test of a policy file at work
 */

#include "policy/trial_private.h"

#include <stdlib.h>

#include "base/container.h"
#include "policy/media.h"
#include "policy/passage.h"
#include "sip/value.h"

#define NOTES_MAX   64
#define NOTES_TEXT  8192
#define BEFORE_TEXT 16384
#define SHOWN_MAX   200 /* bytes of a value in a difference */

/* One entry of the journal; all but the rule lies in the notes. */
struct noted {
	struct span code;
	struct span target;
	struct span rule; /* lies in the policy */
};

/* Everything that a test needs, made anew for each. */
struct trial {
	const struct policy *policy;
	const struct trial_case *c;
	trial_report_fn *report;
	void *arg;
	bool failed;
	struct sip_message msg;
	struct sip_view view;
	struct sip_draft draft;
	struct policy_trunk trunk;
	struct policy_context ctx;
	struct policy_refusal refusal;
	struct journal journal;
	struct noted codes[NOTES_MAX];
	unsigned codes_n;
	struct span shown_before, shown;
	struct text notes; /* where codes of the file and predictions lie */
	char notes_buf[NOTES_TEXT];
	struct text before; /* values that are to stay */
	char before_buf[BEFORE_TEXT];
};

static void differ(struct trial *trial, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
differ(struct trial *trial, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trial->failed = true;
	trial->report(trial->arg, text);
}

/* A value as a difference shows it. */
struct shown {
	char buf[4 * SHOWN_MAX + 8];
};

static const char *
show(struct shown *shown, struct span s)
{
	struct text t = text_over(shown->buf, sizeof(shown->buf));

	text_add_quoted(&t, s.n > SHOWN_MAX ? span_make(s.p, SHOWN_MAX) : s);
	return text_cstr(&t);
}

/* --- the journal --- */

static struct span
keep_note(struct trial *trial, struct span s)
{
	size_t mark = trial->notes.len;

	text_add(&trial->notes, s);
	return text_since(&trial->notes, mark);
}

/* A code of the file itself stands before the sentence: "MY-CODE: ...". */
static struct span
code_of(struct trial *trial, const struct journal_entry *entry)
{
	struct span rest;

	if (entry->diagnostic != DIAG_POL_LOCAL)
		return span_of(diagnosis_get(entry->diagnostic)->code);
	return keep_note(trial, span_cut(entry->reason, ':', &rest));
}

static void
note(void *arg, const struct journal_entry *entry)
{
	struct trial *trial = arg;

	if (entry->diagnostic == DIAG_CLI_SIMULATE) {
		trial->shown_before = keep_note(trial, entry->before);
		trial->shown = keep_note(trial, entry->after);
	}
	if (trial->codes_n < NOTES_MAX)
		trial->codes[trial->codes_n++] = (struct noted){
			code_of(trial, entry),
			keep_note(trial, entry->target), entry->rule };
}

/* A prediction changes nothing, and each call has one: no wildcard means it. */
static const struct noted *
find_noted(const struct trial *trial, struct span pattern)
{
	struct span simulate = SPAN("CLI-SIMULATE");
	unsigned i;

	for (i = 0; i < trial->codes_n; i++) {
		struct span code = trial->codes[i].code;

		if (span_imatch(code, pattern) &&
		    (!span_eq(code, simulate) || span_ieq(pattern, simulate)))
			return &trial->codes[i];
	}
	return NULL;
}

/* The last rewrite of the header: "Diversion[1]" is one of "Diversion.uri". */
static const struct noted *
find_change(const struct trial *trial, const struct rule_target *target)
{
	unsigned i;

	for (i = trial->codes_n; i > 0; i--) {
		const struct noted *noted = &trial->codes[i - 1];
		struct span rest;

		if (target->place == PLACE_HEADER &&
		    span_ieq(span_cut(noted->target, '[', &rest),
			target->name))
			return noted;
	}
	return NULL;
}

/* SFB-11: what was touched by a rule that asks for no kind of call. */
static void
add_scope(struct trial *trial, const struct noted *noted, struct text *t)
{
	const struct rule_set *rules = &trial->policy->rules;
	unsigned i;

	for (i = 0; noted != NULL && i < rules->n; i++) {
		if (!span_eq(rules->list[i].place, noted->rule))
			continue;
		TEXT_LIT(t, "; the rule ");
		text_add(t, noted->rule);
		TEXT_LIT(t, " did that to ");
		text_add_str(t, policy_call_phrase(trial->ctx.call));
		if (!rule_when_names_calls(&rules->list[i].when))
			TEXT_LIT(t,
			    ", and asks for no kind of call (POL-SCOPE)");
		return;
	}
}

static const char *
noted_codes(const struct trial *trial, char *buf, size_t size)
{
	struct text t = text_over(buf, size);
	unsigned i;

	for (i = 0; i < trial->codes_n; i++) {
		if (i > 0)
			TEXT_LIT(&t, ", ");
		text_add(&t, trial->codes[i].code);
	}
	return trial->codes_n == 0 ? "nothing" : text_cstr(&t);
}

/* --- the draft --- */

static bool
owns(void *arg, struct span e164)
{
	const struct trial_case *c = arg;
	unsigned i;

	for (i = 0; i < c->owned_n; i++) {
		struct span number = c->owned[i];

		if (number.n > 0 && number.p[0] == '+')
			number = span_from(number, 1);
		if (span_imatch(e164, number))
			return true;
	}
	return false;
}

static void
draft_invite(struct trial *trial)
{
	const struct trial_case *c = trial->c;
	bool out = c->stage == STAGE_OUT;
	const struct config_strings all = { NULL, 0 };
	struct passage_invite invite = {
		.msg = &trial->msg,
		.view = &trial->view,
		.from = trial->ctx.from,
		.to = trial->ctx.to,
		.out = out ? trial->policy : policy_builtin(),
		.peer = c->peer,
		.via = SPAN("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKours"),
		.contact = SPAN("<sip:192.0.2.2:5060>"),
		.call_id = SPAN("ours"),
		.tag = SPAN("ours"),
		.cseq = 1,
		.allow = &all,
		.user_agent = SPAN("Cordon"),
	};

	sip_draft_request(
	    &trial->draft, SIP_METHOD_INVITE, SPAN("INVITE"), trial->msg.uri);
	passage_draft_invite(&trial->draft, &invite);
}

/* A request within a dialog has the dialog's fields; a response echoes those of
 * its request outside of the draft's fields. */
static void
draft_other(struct trial *trial)
{
	static const enum sip_header dialog[] = { SIP_VIA, SIP_MAX_FORWARDS,
		SIP_FROM, SIP_TO, SIP_CALL_ID, SIP_CSEQ, SIP_CONTACT };
	struct sip_draft *draft = &trial->draft;
	const struct sip_message *msg = &trial->msg;
	size_t i;

	if (msg->request)
		sip_draft_request(
		    draft, msg->method, msg->method_name, msg->uri);
	else
		sip_draft_response(draft, msg->status, msg->reason);
	for (i = 0; msg->request && i < ARRAY_LEN(dialog); i++) {
		if (sip_has(msg, dialog[i]))
			sip_draft_add(draft, dialog[i],
			    sip_value(msg, dialog[i]), SIP_OWNER_DIALOG);
	}
	passage_relay(draft,
	    trial->c->stage == STAGE_OUT ? trial->policy : policy_builtin(),
	    trial->ctx.to, msg);
}

/* What a policy at the stage of arrival is to see: what passes is not its
 * business. */
static void
relay_all(struct trial *trial)
{
	static char star[] = "*";
	static char *list[] = { star };
	static const struct config_strings all = { list, 1 };

	trial->trunk = trial->c->other;
	trial->trunk.relay_headers = &all;
	trial->ctx.to = &trial->trunk;
}

static bool
begin(struct trial *trial)
{
	const struct trial_case *c = trial->c;
	bool in = c->stage == STAGE_IN;
	struct sip_fault fault = { 0 };

	if (!sip_index(&trial->msg, c->given, &fault) ||
	    !sip_view_read(&trial->msg, &trial->view, &fault)) {
		differ(trial, "the message given is none: %s", fault.text);
		return false;
	}
	trial->ctx.from = in ? &c->trunk : &c->other;
	trial->ctx.to = in ? &c->other : &c->trunk;
	if (in)
		relay_all(trial);
	trial->ctx.call =
	    c->call >= 0 ? (enum policy_call)c->call
			 : policy_call_kind(&trial->msg, trial->ctx.from->plan);
	trial->ctx.in_dialog =
	    c->dialog || !trial->msg.request || trial->view.to_tag.n > 0;
	trial->ctx.journal = &trial->journal;
	trial->ctx.method = trial->view.cseq_method;
	trial->ctx.received = &trial->msg;
	trial->ctx.owns = c->has_owned ? owns : NULL;
	trial->ctx.owns_arg = (void *)c;
	if (trial->msg.request && trial->msg.method == SIP_METHOD_INVITE &&
	    !trial->ctx.in_dialog)
		draft_invite(trial);
	else
		draft_other(trial);
	return true;
}

/* --- looking at the draft --- */

/* Walks the values of a target, in headers, Request-URI or SDP. */
struct walk {
	struct rule_spots spots;
	const struct rule_target *target;
	struct media_change *change; /* of SDP */
	unsigned line;
};

static void
walk_begin(
    struct walk *walk, struct trial *trial, const struct rule_target *target)
{
	walk->target = target;
	walk->line = 0;
	walk->change = NULL;
	if (target->place == PLACE_SDP)
		walk->change = malloc(sizeof(*walk->change));
	if (walk->change != NULL &&
	    !media_change_begin(walk->change, &trial->draft))
		walk->change->sdp.lines_n = 0;
	rule_spots_begin(&walk->spots, &trial->draft, target);
}

static bool
walk_next(struct walk *walk, struct span *value)
{
	struct rule_spot spot;

	if (walk->target->place == PLACE_SDP) {
		while (walk->change != NULL &&
		       walk->line < walk->change->sdp.lines_n) {
			if (rule_sdp_value(walk->target,
				walk->change->sdp.lines[walk->line++], value))
				return true;
		}
		return false;
	}
	while (rule_spots_next(&walk->spots, &spot)) {
		*value = spot.part;
		if (spot.there)
			return true;
	}
	return false;
}

static void
walk_end(struct walk *walk)
{
	free(walk->change);
}

/* The tag of From and To is ours, and no policy's business. */
static struct span
without_tag(const struct rule_target *target, struct span value)
{
	ptrdiff_t at;

	if (target->place != PLACE_HEADER || target->part != PART_WHOLE ||
	    (target->id != SIP_FROM && target->id != SIP_TO))
		return value;
	at = span_find_span(value, SPAN(";tag="));
	return at < 0 ? value : span_make(value.p, (size_t)at);
}

static void
check_value(struct trial *trial, const struct trial_value *wanted)
{
	struct shown first, want;
	struct walk walk;
	struct span value, found = SPAN_NONE;
	bool any = false, good = false;

	walk_begin(&walk, trial, wanted->target);
	while (!good && walk_next(&walk, &value)) {
		value = without_tag(wanted->target, value);
		good =
		    span_eq(value, without_tag(wanted->target, wanted->value));
		if (!any)
			found = value;
		any = true;
	}
	if (!good && !any)
		differ(trial, "%.*s is not there, expected %s",
		    SPAN_ARG(wanted->target->text), show(&want, wanted->value));
	else if (!good)
		differ(trial, "%.*s is %s, expected %s",
		    SPAN_ARG(wanted->target->text), show(&first, found),
		    show(&want, wanted->value));
	walk_end(&walk);
}

static void
check_absent(struct trial *trial, const struct trial_value *wanted)
{
	struct shown shown;
	struct walk walk;
	struct span value;

	walk_begin(&walk, trial, wanted->target);
	if (walk_next(&walk, &value))
		differ(trial, "%.*s is there, expected none: %s",
		    SPAN_ARG(wanted->target->text), show(&shown, value));
	walk_end(&walk);
}

static void
add_values(
    struct trial *trial, struct text *t, const struct rule_target *target)
{
	struct walk walk;
	struct span value;
	size_t mark = t->len;

	walk_begin(&walk, trial, target);
	while (walk_next(&walk, &value)) {
		if (t->len > mark)
			TEXT_LIT(t, " | ");
		text_add(t, value);
	}
	walk_end(&walk);
}

static void
check_unchanged(
    struct trial *trial, const struct trial_value *wanted, struct span before)
{
	char buf[BEFORE_TEXT], scope_buf[256];
	struct text t = text_over(buf, sizeof(buf));
	struct text scope = text_over(scope_buf, sizeof(scope_buf));
	struct shown was, is;

	add_values(trial, &t, wanted->target);
	if (span_eq(text_span(&t), before))
		return;
	add_scope(trial, find_change(trial, wanted->target), &scope);
	differ(trial, "%.*s is %s, expected as it came: %s%s",
	    SPAN_ARG(wanted->target->text), show(&is, text_span(&t)),
	    show(&was, before), text_cstr(&scope));
}

/* --- the expectations --- */

static void
check_journal(struct trial *trial)
{
	const struct trial_expect *expect = &trial->c->expect;
	const struct noted *noted;
	char buf[512], scope_buf[256];
	unsigned i;

	for (i = 0; i < expect->journal_n; i++) {
		if (!find_noted(trial, expect->journal[i]))
			differ(trial, "the journal has %s, expected %.*s",
			    noted_codes(trial, buf, sizeof(buf)),
			    SPAN_ARG(expect->journal[i]));
	}
	for (i = 0; i < expect->journal_absent_n; i++) {
		struct text scope = text_over(scope_buf, sizeof(scope_buf));

		noted = find_noted(trial, expect->journal_absent[i]);
		if (noted == NULL)
			continue;
		add_scope(trial, noted, &scope);
		differ(trial, "the journal has %s, expected no %.*s%s",
		    noted_codes(trial, buf, sizeof(buf)),
		    SPAN_ARG(expect->journal_absent[i]), text_cstr(&scope));
	}
}

static void
check_shown(struct trial *trial, const char *when, struct span shown,
    struct span wanted)
{
	struct shown is, want;

	if (wanted.n > 0 && !span_eq(shown, wanted))
		differ(trial, "the presentation%s is %s, expected %s", when,
		    show(&is, shown), show(&want, wanted));
}

static void
check_message(struct trial *trial)
{
	const struct trial_expect *expect = &trial->c->expect;
	struct shown is, want;
	unsigned i;

	if (expect->request.n > 0 &&
	    !span_eq(trial->draft.uri, expect->request))
		differ(trial, "the Request-URI is %s, expected %s",
		    show(&is, trial->draft.uri), show(&want, expect->request));
	check_shown(trial, "", trial->shown, expect->shown);
	check_shown(trial, " before rewriting", trial->shown_before,
	    expect->shown_before);
	for (i = 0; i < expect->values_n; i++)
		check_value(trial, &expect->values[i]);
	for (i = 0; i < expect->absent_n; i++)
		check_absent(trial, &expect->absent[i]);
}

static void
check_kept(struct trial *trial, const struct span *before)
{
	const struct trial_expect *expect = &trial->c->expect;
	unsigned i;

	for (i = 0; i < expect->unchanged_n; i++)
		check_unchanged(trial, &expect->unchanged[i], before[i]);
}

static void
unsteady(void *arg, struct span rule)
{
	differ(arg,
	    "POL-NOT-IDEMPOTENT: applied twice, the rule %.*s changes its own "
	    "result",
	    SPAN_ARG(rule));
}

/* What the policy wanted otherwise the second time. */
struct again {
	struct trial *trial;
	bool told;
};

static void
note_again(void *arg, const struct journal_entry *entry)
{
	struct again *again = arg;
	struct shown is;

	if (entry->kind != JOURNAL_REWRITE)
		return;
	again->told = true;
	differ(again->trial,
	    "POL-NOT-IDEMPOTENT: applied twice, the policy changes its own "
	    "result: %.*s makes %.*s %s",
	    SPAN_ARG(entry->rule), SPAN_ARG(entry->target),
	    entry->after.n == 0 ? "absent" : show(&is, entry->after));
}

/* All of it once more: settings and rules must agree about the end. */
static void
check_again(struct trial *trial)
{
	unsigned changes = trial->ctx.changes;
	struct again again = { trial, false };

	trial->journal = (struct journal){ note_again, &again };
	trial->ctx.unsteady = NULL;
	policy_apply(trial->policy, trial->c->stage, &trial->ctx, &trial->draft,
	    &trial->refusal);
	if (trial->ctx.changes != changes && !again.told)
		differ(trial, "POL-NOT-IDEMPOTENT: applied twice, the policy "
			      "changes its own result");
}

static bool
apply(struct trial *trial)
{
	const char *why = NULL;

	policy_begin(&trial->ctx, &trial->draft);
	if (trial->c->stage == STAGE_IN)
		policy_hear(trial->policy, &trial->ctx, &trial->draft);
	if (trial->c->stage == STAGE_OUT && !trial->ctx.in_dialog)
		policy_scrub(trial->policy, &trial->ctx, &trial->msg);
	if (!policy_apply(trial->policy, trial->c->stage, &trial->ctx,
		&trial->draft, &trial->refusal))
		return false;
	if (guard_check(&trial->ctx.guard, &trial->draft, &why))
		return true;
	differ(trial, "the guard stops the message: %s", why);
	return true;
}

static void
check_refusal(struct trial *trial, bool goes_on)
{
	unsigned want = trial->c->expect.refused;

	if (goes_on && want != 0)
		differ(trial, "the message goes on, expected a refusal with %u",
		    want);
	else if (!goes_on && want != trial->refusal.status)
		differ(trial, "it is refused with %u (%s), expected %s%.0u",
		    trial->refusal.status, trial->refusal.text,
		    want == 0 ? "that it goes on" : "", want);
}

/* A response that no row names is relayed. */
static void
check_then(struct trial *trial)
{
	const struct policy_response *response = trial->ctx.response;
	enum policy_then then =
	    response == NULL ? POLICY_THEN_RELAY : response->then;

	if (trial->c->expect.then >= 0 && (int)then != trial->c->expect.then)
		differ(trial, "what is done about it is \"%s\", expected \"%s\"",
		    policy_then_name(then),
		    policy_then_name(
			(enum policy_then)trial->c->expect.then));
}

static void
run(struct trial *trial)
{
	const struct trial_expect *expect = &trial->c->expect;
	struct span before[TRIAL_VALUES];
	unsigned i;
	bool goes_on;

	for (i = 0; i < expect->unchanged_n; i++) {
		size_t mark = trial->before.len;

		add_values(trial, &trial->before, expect->unchanged[i].target);
		before[i] = text_since(&trial->before, mark);
	}
	goes_on = apply(trial);
	check_refusal(trial, goes_on);
	if (goes_on) {
		check_message(trial);
		check_kept(trial, before);
		check_again(trial);
	}
	check_journal(trial);
	check_then(trial);
}

bool
trial_run(
    const struct policy *policy, unsigned i, trial_report_fn *report, void *arg)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	bool failed;

	if (trial == NULL) {
		report(arg, "out of memory");
		return false;
	}
	trial->policy = policy;
	trial->c = &policy->trials.list[i];
	trial->report = report;
	trial->arg = arg;
	trial->journal = (struct journal){ note, trial };
	trial->notes = text_over(trial->notes_buf, sizeof(trial->notes_buf));
	trial->before = text_over(trial->before_buf, sizeof(trial->before_buf));
	trial->ctx.unsteady = unsteady;
	trial->ctx.unsteady_arg = trial;
	if (begin(trial))
		run(trial);
	failed = trial->failed;
	free(trial);
	return !failed;
}

unsigned
trial_count(const struct policy *policy)
{
	return policy->trials.n;
}

struct span
trial_name(const struct policy *policy, unsigned i)
{
	return policy->trials.list[i].name;
}

unsigned
trial_line(const struct policy *policy, unsigned i)
{
	return policy->trials.list[i].line;
}
