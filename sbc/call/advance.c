/*
 * advance.c - from a target of the call that fails to the next one
 *
 * A failure is met as a row of the trunk's policies says, or without one as RFC
 * 3263 section 4.3 does: silence, a peer that cannot be reached and 503 lead to
 * the next target. Each target is asked on a leg of its own, one after the
 * other, by an INVITE made of the caller's. When none is left, the refusal that
 * says the most goes to the caller (RFC 3261 section 16.7). A 6xx is the last
 * word in any case.
 */

#include "call/redirect.h"

#include <stdlib.h>

#include "sip/chars.h"

/* How the call went so far. */
struct advance {
	unsigned targets;     /* asked */
	struct leg *best;     /* whose refusal says the most; NULL: none yet */
	struct span response; /* it, as it came; owned */
};

void
advance_drop(struct call *call)
{
	if (call->advance == NULL)
		return;
	span_free(&call->advance->response);
	free(call->advance);
	call->advance = NULL;
}

bool
advance_keeps(const struct leg *leg)
{
	const struct advance *a = leg->call->advance;

	return a != NULL && a->best == leg;
}

static struct advance *
advance_of(struct call *call)
{
	if (call->advance == NULL) {
		call->advance = calloc(1, sizeof(*call->advance));
		if (call->advance != NULL)
			call->advance->targets = 1;
	}
	return call->advance;
}

/* --- what a failure means --- */

static const struct sip_message *
failure_of(const struct leg *leg)
{
	return leg->call->calls->arrival.msg;
}

static enum policy_then
then_of(const struct leg *leg)
{
	const struct sip_message *msg = failure_of(leg);

	if (leg->word != NULL)
		return leg->word->then;
	/* Nobody can be told of a challenge; others may not make one. */
	if (msg->status == 401 || msg->status == 407)
		return POLICY_THEN_ADVANCE;
	if (msg->status != 503)
		return POLICY_THEN_RELAY;
	return sip_has(msg, SIP_RETRY_AFTER) ? POLICY_THEN_RETRY_AFTER
					     : POLICY_THEN_ADVANCE;
}

/* As if it went to the caller, where it is noted just so. */
static void
ask_policies(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct sip_message *msg = failure_of(leg);
	struct record_sink sink = leg_sink(leg);
	struct journal journal = record_journal(&sink);
	struct policy_context ctx = {
		.from = &leg->trunk->facts,
		.method = SIP_METHOD_INVITE,
		.journal = &journal,
		.seen = &leg->call->seen,
	};
	char buf[LABEL_MAX];

	sink.message = note_label(&calls->arrival, buf);
	sink.cseq = calls->arrival.view->cseq;
	policy_hear_refusal(
	    leg->trunk->policy_in, &ctx, msg->status, msg->reason);
	policy_hear_refusal(
	    leg->trunk->policy_out, &ctx, msg->status, msg->reason);
	leg->word = ctx.response;
}

/* --- what the trunk is spared --- */

static void
note_relief(struct leg *leg, enum diagnostic diagnostic, const char *target,
    struct span before, struct span after, const char *reason)
{
	const struct arrival *a = &leg->call->calls->arrival;
	char buf[LABEL_MAX];
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = diagnostic,
		.message = note_label(a, buf),
		.cseq = a->view->cseq,
		.target = span_of(target),
		.rule = leg->word == NULL ? SPAN("builtin:advance")
					  : leg->word->rule,
		.before = before,
		.after = after,
		.reason = span_of(reason),
	};

	note(leg, &entry);
}

static void
slow_down(struct leg *leg)
{
	struct relief *relief = &leg->trunk->state->relief;
	uint64_t now = call_now(leg->call);
	char was[48], is[48];
	struct text before = text_over(was, sizeof(was));
	struct text after = text_over(is, sizeof(is));
	uint32_t rate = relief_rate(relief, now);

	if (rate > 0)
		relief_add_rate(&before, rate);
	rate = relief_slow_down(
	    relief, leg->trunk->config->calls_per_second, now);
	relief_add_rate(&after, rate);
	leg->call->calls->counters.slowed++;
	note_relief(leg, DIAG_CAP_SLOWED, "rate", text_span(&before),
	    text_span(&after),
	    "the trunk gets new calls more slowly until it has not refused one "
	    "for its rate for a while");
}

/* "120 (maintenance)", "18000;duration=3600": RFC 3261 section 20.33. False
 * without a number. */
static bool
read_seconds(struct span value, uint32_t *seconds)
{
	struct span digits = sip_take(&value, CHAR_DIGIT);

	if (span_empty(digits))
		return false;
	if (!span_to_u32(digits, UINT32_MAX, seconds))
		*seconds = UINT32_MAX;
	return *seconds > 0;
}

static void
let_rest(struct leg *leg)
{
	struct span value = sip_value(failure_of(leg), SIP_RETRY_AFTER);
	uint32_t most = leg->trunk->config->retry_after_max, seconds;
	struct net_path path;
	char buf[ADDRESS_TEXT_MAX + 32];
	struct text t = text_over(buf, sizeof(buf));

	if (!read_seconds(value, &seconds) || most == 0 ||
	    !trunk_path(leg->trunk, leg->place.peer, &path))
		return;
	if (seconds > most)
		seconds = most;
	relief_rest(&leg->trunk->state->relief, &path.remote,
	    (uint64_t)seconds * 1000, call_now(leg->call));
	leg->call->calls->counters.rested++;
	address_add(&t, &path.remote);
	text_addf(&t, " rests for %u s", seconds);
	note_relief(leg, DIAG_RSP_RETRY_AFTER, "Retry-After", value,
	    text_span(&t),
	    "this peer gets no new calls for as long as it says, and "
	    "retry_after_max allows");
}

bool
advance_hear(struct leg *leg)
{
	enum policy_then then;

	if (leg->call->reason != END_NONE)
		return false;
	ask_policies(leg);
	then = then_of(leg);
	if (then == POLICY_THEN_SLOW_DOWN)
		slow_down(leg);
	if (then == POLICY_THEN_RETRY_AFTER)
		let_rest(leg);
	return leg->word != NULL && then != POLICY_THEN_RELAY;
}

/* --- which refusal says the most --- */

/* RFC 3261 section 16.7, step 6. What a caller cannot be told as it is comes
 * last, and 503 speaks for one server alone. */
static unsigned
worth(unsigned status)
{
	if (status >= 600)
		return 9;
	if (callee_own_reason(status) != END_NONE)
		return 1;
	switch (status) {
	case 415:
	case 420:
	case 484:
		return 6;
	case 503:
		return 2;
	default:
		return status < 500 ? 5 : 3;
	}
}

static unsigned
status_of(struct span response)
{
	struct span rest, line = response;
	uint32_t status;

	span_cut(line, ' ', &rest);
	return span_to_u32(span_cut(rest, ' ', &line), 699, &status) ? status
								     : 0;
}

static void
forget_best(struct advance *a)
{
	struct leg *leg = a->best;

	a->best = NULL;
	span_free(&a->response);
	if (leg != NULL)
		leg_retire(leg);
}

/* The leg fails, with the response at hand, and another is asked. Without
 * memory that one has its say alone. */
static void
keep_refusal(struct advance *a, struct leg *leg)
{
	const struct sip_message *msg = failure_of(leg);

	if (a->best != NULL &&
	    worth(status_of(a->response)) > worth(msg->status))
		return;
	forget_best(a);
	a->response = span_copy(msg->raw);
	if (!span_empty(a->response))
		a->best = leg;
}

/* --- from one leg to the next --- */

static void
add_target(struct text *t, const struct leg *leg)
{
	struct net_path path;

	text_add(t, leg->trunk->name);
	if (!trunk_path(leg->trunk, leg->place.peer, &path))
		return;
	TEXT_LIT(t, " ");
	address_add(t, &path.remote);
}

/* Why the old leg's peer is asked no more: its answer, or what came of it. */
static void
add_cause(struct text *t, const struct leg *old, enum end_reason lost)
{
	text_add(t, old->trunk->name);
	if (lost != END_NONE) {
		TEXT_LIT(t, ": ");
		text_add_str(t, end_reason_get(lost)->sentence);
		return;
	}
	TEXT_LIT(t, " answered ");
	text_add_u64(t, failure_of(old)->status);
}

static void
note_advanced(const struct leg *old, struct leg *new, enum end_reason lost)
{
	char was[128], is[128], why[192];
	struct text before = text_over(was, sizeof(was));
	struct text after = text_over(is, sizeof(is));
	struct text reason = text_over(why, sizeof(why));
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_RTE_ADVANCED,
		.message = SPAN("INVITE"),
		.cseq = 1,
		.target = SPAN("target"),
		.rule = lost != END_NONE || old->word == NULL
		    ? SPAN("builtin:advance")
		    : old->word->rule,
	};

	add_target(&before, old);
	add_target(&after, new);
	add_cause(&reason, old, lost);
	TEXT_LIT(&reason, "; the next target is asked");
	entry.before = text_span(&before);
	entry.after = text_span(&after);
	entry.reason = text_span(&reason);
	note(new, &entry);
}

/* The INVITE is the new leg's now; the old one has no part in the call any
 * more. */
static void
give_place(struct leg *old, struct leg *new)
{
	struct exchange *x = old->invite;

	old->invite = NULL;
	x->to = new;
	new->invite = x;
	leg_replace_asked(old, new);
}

void
advance_take_place(struct leg *old, struct leg *new)
{
	if (old->other != NULL)
		early_turn(old->other, old);
	old->invite->client = 0;
	give_place(old, new);
	leg_raise(new, EV_AGAIN);
}

static void
note_barred(struct leg *leg)
{
	note_diagnosis(leg->call->calls, leg, DIAG_RTE_EXHAUSTED,
	    SPAN("target"), SPAN_NONE,
	    SPAN("the caller has acknowledged the media of this callee "
		 "already: another could not be put in its place"));
}

/* A trunk that takes too many calls is spared at all its peers. */
static struct route_place
next_place(const struct leg *leg, bool lost)
{
	struct route_place place = leg->place;

	if (!lost && then_of(leg) == POLICY_THEN_SLOW_DOWN)
		route_pass_trunk(&place);
	else
		route_pass_peer(&place);
	return place;
}

static struct leg *
next_leg(struct leg *old, bool lost)
{
	struct call *call = old->call;
	struct leg *new = leg_create(call, old->side, old->table, LEG_IDLE);

	if (new == NULL)
		return NULL;
	new->place = next_place(old, lost);
	if (leg_route_instead(new, old, call_number(call)) == END_NONE)
		return new;
	leg_discard(new);
	return NULL;
}

/* `lost`: without a response; END_NONE: by the one at hand. */
static bool
ask_next(struct leg *old, enum end_reason lost)
{
	struct call *call = old->call;
	struct advance *a;
	struct leg *new;

	if (!leg_has_next(old))
		return false;
	if (redirect_is_barred(old)) {
		note_barred(old);
		return false;
	}
	a = advance_of(call);
	new = a == NULL ? NULL : next_leg(old, lost != END_NONE);
	if (new == NULL)
		return false;
	a->targets++;
	/* The transferor hears of the last one. */
	if (lost == END_NONE && call->transfer == NULL)
		keep_refusal(a, old);
	note_advanced(old, new, lost);
	old->trunk->state->advanced++;
	call->calls->counters.advanced++;
	advance_take_place(old, new);
	return true;
}

static void
note_stop(struct leg *leg)
{
	struct call *call = leg->call;
	char buf[64];
	struct text t = text_over(buf, sizeof(buf));

	if (!leg_has_next(leg) && !redirect_has_next(call))
		return;
	text_add_u64(&t, failure_of(leg)->status);
	TEXT_LIT(&t, " is final: no other target is asked");
	note_diagnosis(call->calls, leg, DIAG_RTE_STOP_6XX, SPAN("response"),
	    span_make(t.buf, 3), text_span(&t));
}

bool
advance_refused(struct leg *leg, enum end_reason *reason)
{
	enum end_reason other = END_REFUSED;
	enum policy_then then = then_of(leg);

	if (!leg_is_asked(leg))
		return false;
	if (failure_of(leg)->status >= 600) {
		note_stop(leg);
		return false;
	}
	if (then == POLICY_THEN_STOP)
		return false;
	if (then != POLICY_THEN_RELAY && ask_next(leg, END_NONE))
		return true;
	/* Where the policy has named it a redirection is not followed. */
	if (leg->word != NULL && then != POLICY_THEN_RELAY)
		return redirect_goes_on(leg, &other);
	return redirect_goes_on(leg, reason);
}

/* Who has heard it ring is not sent elsewhere by a loss: it may be answered. */
bool
advance_lost(struct leg *leg, enum end_reason *reason)
{
	bool rang = leg->state == LEG_EARLY;

	if (!leg_is_asked(leg))
		return false;
	if (!rang && ask_next(leg, *reason)) {
		/* It may be that the first one was never sent. */
		if (*reason == END_UNREACHABLE &&
		    leg->call->caller->state == LEG_TRYING)
			callee_tell_trying(leg->call);
		return true;
	}
	return redirect_goes_on(leg, reason);
}

/* --- when none is left --- */

static void
note_exhausted(struct leg *leg)
{
	char buf[32];
	struct text t = text_over(buf, sizeof(buf));

	text_add_u64(&t, leg->call->advance->targets);
	TEXT_LIT(&t, " targets");
	note_diagnosis(leg->call->calls, leg, DIAG_RTE_EXHAUSTED,
	    SPAN("target"), text_span(&t),
	    SPAN("all that may be asked have failed: the answer that says the "
		 "most goes to the caller"));
}

/* The policy has named the one at hand, or a 6xx has. */
static bool
is_final(const struct leg *leg)
{
	return failure_of(leg)->status >= 600 ||
	    (leg->word != NULL &&
		(leg->word->then == POLICY_THEN_RELAY ||
		    leg->word->then == POLICY_THEN_STOP));
}

bool
advance_ends(struct leg *leg, bool at_hand)
{
	struct call *call = leg->call;
	struct advance *a = call->advance;
	struct leg *best;
	struct arrival before;
	bool good;

	if (a == NULL || !leg_is_asked(leg) || (at_hand && is_final(leg)))
		return false;
	if (!leg_has_next(leg))
		note_exhausted(leg);
	best = a->best;
	if (best == NULL ||
	    (at_hand && worth(failure_of(leg)->status) >=
		    worth(status_of(a->response))))
		return false;
	give_place(leg, best);
	good = attempt_begin(best, a->response, &before);
	if (good)
		callee_relay_failure(best,
		    callee_own_reason(failure_of(best)->status));
	attempt_end(call->calls, &before);
	return good;
}

/* --- the INVITE --- */

enum policy_call
advance_kind(const struct call *call)
{
	if (call->redirect == NULL && call->transfer == NULL)
		return call->kind;
	if (call->redirect != NULL &&
	    call->redirect->kind == POLICY_CALL_EMERGENCY)
		return POLICY_CALL_EMERGENCY;
	return policy_call_kind(
	    call->calls->arrival.msg, call_asker(call)->trunk->plan);
}

static enum end_reason
send_invite(struct leg *leg, struct policy_refusal *refusal)
{
	leg->call->kind = advance_kind(leg->call);
	if (!compose_invite(leg->other, leg, refusal))
		return refusal->text == NULL ? END_SHORTAGE : END_POLICY;
	note_legs(leg);
	note_contact(leg->other, leg);
	if (compose_send(leg, &leg->invite->client) != 0)
		return END_UNREACHABLE;
	return END_NONE;
}

bool
advance_invite(struct leg *leg)
{
	struct call *call = leg->call;
	struct calls *calls = call->calls;
	enum end_reason reason = END_SHORTAGE;
	struct policy_refusal refusal = { 0 };
	struct arrival before;

	if (attempt_begin(leg->other, call->invite, &before))
		reason = send_invite(leg, &refusal);
	attempt_end(calls, &before);
	if (reason == END_NONE) {
		advance_expect_answer(leg);
		return true;
	}
	if (reason == END_UNREACHABLE ? advance_lost(leg, &reason)
				      : redirect_goes_on(leg, &reason)) {
		leg_raise(leg, EV_HANG_UP);
	} else if (!advance_ends(leg, false)) {
		call_end(call, reason);
		call->refusal = refusal;
	}
	return false;
}

/* --- a peer that says nothing --- */

static void
silence_is_over(struct timer *timer)
{
	struct early *early = CONTAINER_OF(timer, struct early, silence);
	struct leg *leg = early->leg;

	if (leg->state == LEG_TRYING && leg_is_asked(leg))
		leg_step(leg, EV_SILENT);
	calls_run_queue(leg->call->calls);
}

void
advance_expect_answer(struct leg *leg)
{
	uint32_t after = leg->trunk->config->silence;

	if (after > 0 && leg_has_next(leg) && early_of(leg) != NULL)
		timer_start(leg->call->calls->deps.timers,
		    &leg->early->silence, after, silence_is_over);
}

void
advance_heard(struct leg *leg)
{
	if (leg->early != NULL)
		timer_stop(leg->call->calls->deps.timers, &leg->early->silence);
}

static void
note_silent(struct leg *leg)
{
	char why[128];
	struct text reason = text_over(why, sizeof(why));

	text_addf(&reason,
	    "no answer at all, not even 100, in %u ms: the option silence "
	    "allows no more",
	    (unsigned)leg->trunk->config->silence);
	note_unreached(
	    leg, DIAG_NET_NO_REPLY, SPAN("INVITE"), text_span(&reason));
}

/* Whatever the peer still says is cancelled, or hung up, by itself. */
bool
advance_silent(struct leg *leg)
{
	struct transactions *transactions = leg->call->calls->transactions;
	client_tx tx = leg->invite->client;

	/* The cause stands before what comes of it. */
	if (leg_has_next(leg))
		note_silent(leg);
	if (!ask_next(leg, END_NO_REPLY))
		return false;
	client_cancel(transactions, tx, SPAN_NONE);
	client_forget(transactions, tx);
	return true;
}
