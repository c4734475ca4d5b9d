/*
 * offer.c - an offer of our own, toward peers that want one in each INVITE
 *
 * An INVITE without an offer goes out with one that leads media nowhere. What
 * the peer answers is offered to who sent the INVITE, in the 2xx; what that
 * one answers, in its ACK, is offered to the peer by a re-INVITE (RFC 3725
 * section 4.4, with the answer in the place of another offer: who wants no
 * INVITE without an offer wants no such re-INVITE either). A re-INVITE without
 * an offer is answered here.
 */

#include "call/private.h"

#include <stdlib.h>

#include "trunk/codecs.h"

/* What one side answers may change what the other was told: not for ever. */
#define ROUNDS_MAX 4

/* Two sides on their way to one session. */
struct settling {
	struct call *call;
	slab_handle to;     /* who is offered what the other has in force */
	struct span told;   /* what the other believes of `to`; owned */
	struct timer again;
	bool first;         /* without it the call has no session at all */
	unsigned glares, rounds;
};

/* --- the INVITE --- */

static bool
wants_early(const struct trunk *trunk, const struct sip_message *msg)
{
	return trunk->config->offer == CONFIG_OFFER_EARLY &&
	    span_empty(msg->body);
}

static void
note_offer(struct leg *leg, struct span sdp)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_LATE_OFFER,
		.target = SPAN("sdp"),
		.rule = SPAN("builtin:offer"),
		.after = sdp,
		.reason = SPAN("the INVITE has no offer, and this trunk wants "
			       "one: ours stands in for it until the answer"),
	};

	note(leg, &entry);
}

/* The same number each time that the INVITE is sent: it is one session. */
static uint64_t
session_id(const struct leg *leg)
{
	return leg->call->id >> 2;
}

void
offer_add(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct sip_draft *draft = &calls->draft;
	size_t mark = sip_draft_mark(draft);
	struct span sdp;

	leg->invite->late = wants_early(leg->trunk, calls->arrival.msg);
	if (!leg->invite->late)
		return;
	if (!trunk_write_offer(leg->trunk, session_id(leg), &draft->scratch)) {
		leg->invite->late = false;
		return;
	}
	sdp = sip_draft_keep(draft, mark);
	session_add(leg, sdp);
	/* Without memory its versions do not hold together: no more than
	 * that. */
	session_own_draft(leg);
	note_offer(leg, sdp);
}

/* --- both sides brought together --- */

void
offer_drop(struct call *call)
{
	struct settling *s = call->settling;

	if (s == NULL)
		return;
	call->settling = NULL;
	timer_stop(call->calls->deps.timers, &s->again);
	span_free(&s->told);
	free(s);
}

static void settle(struct settling *s);

static void
again(struct timer *timer)
{
	struct settling *s = CONTAINER_OF(timer, struct settling, again);
	struct calls *calls = s->call->calls;

	settle(s);
	calls_run_queue(calls);
}

static void
settle_later(struct settling *s, uint64_t ms)
{
	timer_start(s->call->calls->deps.timers, &s->again, ms, again);
}

/* NULL: it is gone, or of another call by now. */
static struct leg *
receiver(const struct settling *s)
{
	struct leg *leg = leg_find(s->call->calls, s->to);

	return leg == NULL || leg->call != s->call ? NULL : leg;
}

void
offer_forget(struct leg *leg)
{
	struct settling *s = leg->call->settling;
	struct leg *to = s == NULL ? NULL : receiver(s);

	if (to == NULL || to == leg || to->other == leg)
		offer_drop(leg->call);
}

/* Whose offer that is; NULL: it is settled without it. */
static struct settling *
settling_of(const struct exchange *x)
{
	struct settling *s = x->to->call->settling;

	return s == NULL || s->to != x->to->handle ? NULL : s;
}

/* Without any session the call is nothing; else the one that it has goes on. */
static void
fail(struct settling *s, struct span found)
{
	struct call *call = s->call;
	bool over = s->first && s->rounds == 0;

	note_diagnosis(call->calls, receiver(s), DIAG_DLG_LATE_OFFER,
	    SPAN("sdp"), found,
	    over ? SPAN("this side does not take what the other answered, and "
			"there is no session yet: the call ends")
		 : SPAN("this side does not take what the other answered: the "
			"session stays as it was"));
	offer_drop(call);
	if (over)
		call_end(call, END_NO_SESSION);
}

static void
agreed(struct settling *s, struct leg *to)
{
	struct leg *from = to->other;
	struct span told = s->told;
	bool same = from == NULL ||
	    session_means_same(s->call->calls, to->sdp, told);

	s->glares = 0;
	if (same || ++s->rounds == ROUNDS_MAX) {
		offer_drop(s->call);
		return;
	}
	s->told = span_copy(from->sdp);
	span_free(&told);
	s->to = from->handle;
	settle(s);
}

static void
refused(struct settling *s, const struct leg *to, unsigned status)
{
	char buf[16];
	struct text t = text_over(buf, sizeof(buf));

	text_add_u64(&t, status);
	if (status == 491 && ++s->glares <= OFFER_GLARES_MAX)
		settle_later(s, exchange_glare_ms(to));
	else if (exchange_loses_dialog(status))
		call_end(s->call, END_DIALOG_LOST);
	else
		fail(s, text_span(&t));
}

static void
settle_response(struct exchange *x)
{
	struct leg *to = x->to;
	struct settling *s = settling_of(x);
	unsigned status = to->call->calls->arrival.msg->status;

	if (status < 200)
		return;
	if (status < 300)
		exchange_accept(x);
	else
		exchange_close(x);
	if (s == NULL)
		return;
	if (status < 300)
		agreed(s, to);
	else
		refused(s, to, status);
}

static void
settle_lost(struct exchange *x)
{
	struct call *call = x->to->call;

	exchange_close(x);
	call_end(call, END_DIALOG_LOST);
}

static void
settle_unsent(struct exchange *x)
{
	struct settling *s = settling_of(x);

	exchange_close(x);
	if (s != NULL)
		fail(s, SPAN("not sent"));
}

static const struct exchange_ops settle_ops = {
	settle_response, settle_lost, settle_unsent
};

static void
settle(struct settling *s)
{
	struct leg *to = receiver(s), *from = to == NULL ? NULL : to->other;

	if (from == NULL || to->state != LEG_UP || from->state != LEG_UP) {
		offer_drop(s->call);
		return;
	}
	if (exchange_session_pending(to) || exchange_session_pending(from))
		settle_later(s, OFFER_BUSY_MS);
	else if (!exchange_offer(to, from, from->sdp, &settle_ops))
		fail(s, SPAN("not sent"));
}

/* What `answered` was offered, of the other side. */
static struct span
what_was_offered(struct leg *answered, bool first)
{
	struct span sdp = answered->other->sdp;

	return first ? span_copy(sdp)
		     : session_live(answered->call->calls, sdp);
}

static struct settling *
begin(struct leg *answered, bool first)
{
	struct call *call = answered->call;
	struct settling *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	offer_drop(call);
	s->call = call;
	s->to = answered->other->handle;
	s->first = first;
	s->told = what_was_offered(answered, first);
	call->settling = s;
	return s;
}

void
offer_answered(struct leg *leg, bool first)
{
	struct call *call = leg->call;
	struct settling *s;

	if (call->reason != END_NONE || leg->other == NULL)
		return;
	s = begin(leg, first);
	if (s == NULL)
		call_end(call, END_SHORTAGE);
	else if (span_empty(call->calls->arrival.msg->body))
		fail(s, SPAN("an ACK without an answer"));
	else
		settle(s);
}

bool
offer_pending(const struct call *call)
{
	return call->settling != NULL;
}

/* --- a re-INVITE without an offer --- */

static struct exchange *
open_late(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	struct exchange *x = exchange_open(leg, leg->other, SIP_METHOD_INVITE);

	if (x == NULL)
		return NULL;
	x->late = true;
	x->server = tx;
	x->server_cseq = calls->arrival.view->cseq;
	x->state = EXCHANGE_ANSWERED;
	interval_read(calls->arrival.msg, &x->terms);
	server_set_owner(calls->transactions, tx, leg->handle);
	return x;
}

static bool
send_offer(struct exchange *x, struct span sdp)
{
	struct leg *leg = x->from;
	struct calls *calls = leg->call->calls;
	struct policy_refusal refusal;

	compose_response(leg, x->method, x->server_cseq, 200, SPAN("OK"));
	compose_own(leg);
	session_add(leg, sdp);
	interval_answer(leg, &x->terms);
	return compose_apply(leg->other, leg, &refusal) &&
	    server_respond(calls->transactions, x->server, &calls->draft,
		dialog_local_tag(&leg->dialog)) == 0;
}

bool
offer_request(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	const struct arrival *a = &calls->arrival;
	struct exchange *x;
	struct span sdp;
	bool sent;

	if (a->msg->method != SIP_METHOD_INVITE ||
	    !wants_early(leg->other->trunk, a->msg))
		return false;
	sdp = session_live(calls, leg->other->sdp);
	if (span_empty(sdp) || !session_own(leg) ||
	    (x = open_late(leg, tx)) == NULL) {
		span_free(&sdp);
		return false;
	}
	sent = send_offer(x, sdp);
	span_free(&sdp);
	if (sent)
		dialog_refresh_target(&leg->dialog, a->view);
	else
		exchange_close(x);
	return sent;
}
