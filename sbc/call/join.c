/*
 * join.c - the offer that joins two legs, and takes them apart again
 *
 * The waiting party is offered, by re-INVITE, what another leg's peer has in
 * force: the target's early media, its answer, or the transferor's again. One
 * offer is out at a time; what changes meanwhile is offered next.
 */

#include "call/transfer.h"

static struct transfer *
transfer_of(const struct exchange *x)
{
	return x->to->call->transfer;
}

/* --- offers to who waits --- */

static void offer_next(struct transfer *t);

static void
again(struct timer *timer)
{
	struct transfer *t = CONTAINER_OF(timer, struct transfer, again);
	struct calls *calls = t->call->calls;

	offer_next(t);
	calls_run_queue(calls);
}

static void
offer_later(struct transfer *t, uint64_t ms)
{
	timer_start(t->call->calls->deps.timers, &t->again, ms, again);
}

static void
offer_accepted(struct transfer *t, struct exchange *x)
{
	t->heard = t->offered;
	t->glares = 0;
	exchange_accept(x);
	offer_next(t);
}

static void
offer_refused(struct transfer *t, struct exchange *x, unsigned status)
{
	struct leg *to = x->to;

	exchange_close(x);
	if (status == 491 && ++t->glares <= OFFER_GLARES_MAX)
		offer_later(t, exchange_glare_ms(to));
	else if (exchange_loses_dialog(status))
		call_end(t->call, END_DIALOG_LOST);
	else
		transfer_raise(t->call, TR_DISAGREED);
}

static void
offer_response(struct exchange *x)
{
	struct transfer *t = transfer_of(x);
	unsigned status = t->call->calls->arrival.msg->status;

	if (status < 200)
		return;
	t->offering = false;
	if (status < 300)
		offer_accepted(t, x);
	else
		offer_refused(t, x, status);
}

static void
offer_lost(struct exchange *x)
{
	struct call *call = x->to->call;

	call->transfer->offering = false;
	exchange_close(x);
	call_end(call, END_DIALOG_LOST);
}

static void
offer_unsent(struct exchange *x)
{
	struct transfer *t = transfer_of(x);

	t->offering = false;
	exchange_close(x);
	transfer_raise(t->call, TR_DISAGREED);
}

static const struct exchange_ops offer_ops = {
	offer_response, offer_lost, offer_unsent
};

/* --- whose offer --- */

static void
offer_next(struct transfer *t)
{
	struct leg *from = t->source;

	if (from == NULL || t->offering)
		return;
	if (session_fingerprint(from) == t->heard) {
		t->source = NULL;
		transfer_raise(t->call, TR_AGREED);
		return;
	}
	if (t->waiting->state != LEG_UP || exchange_offer_pending(t->waiting)) {
		offer_later(t, OFFER_BUSY_MS);
		return;
	}
	t->offered = session_fingerprint(from);
	t->offering = exchange_offer(t->waiting, from, from->sdp, &offer_ops);
	if (!t->offering)
		transfer_raise(t->call, TR_DISAGREED);
}

void
join_begin(struct transfer *t)
{
	t->heard = session_fingerprint(t->transferor);
}

void
join_offer(struct transfer *t, struct leg *from)
{
	t->source = from;
	offer_next(t);
}

void
join_stop(struct transfer *t)
{
	t->source = NULL;
	timer_stop(t->call->calls->deps.timers, &t->again);
}

bool
join_diverts(const struct transfer *t)
{
	return t->offering || t->heard != session_fingerprint(t->transferor);
}

/* --- the target, once more --- */

static void
adjust_response(struct exchange *x)
{
	unsigned status = x->to->call->calls->arrival.msg->status;

	if (status < 200)
		return;
	if (status < 300)
		exchange_accept(x);
	else
		exchange_close(x);
}

/* The session goes on as it is. */
static const struct exchange_ops adjust_ops = {
	adjust_response, exchange_close, exchange_close
};

void
join_adjust(struct transfer *t)
{
	if (session_same(t->call->calls, t->waiting->sdp, t->told))
		return;
	exchange_offer(t->target, t->waiting, t->waiting->sdp, &adjust_ops);
}

void
join_restore(struct leg *leg)
{
	exchange_offer(leg, leg->other, leg->other->sdp, &adjust_ops);
}

/* --- an offer that is not wanted any more --- */

/* Whose session the peer of that leg has from us, where it talks to nobody. */
static struct leg *
last_other(const struct leg *leg)
{
	const struct transfer *t = leg->call->transfer;

	if (leg->other != NULL || t == NULL || t->waiting != leg)
		return leg->other;
	return t->transferor;
}

static bool
is_invite(const struct exchange *x)
{
	return x->method == SIP_METHOD_INVITE || x->as_invite;
}

/* An offer in it is answered with what was in force before. */
static void
acknowledge(struct exchange *x, struct span to_tag)
{
	struct leg *from = last_other(x->to);

	if (x->offer || from == NULL || span_empty(from->sdp))
		exchange_send_ack(x, to_tag, false);
	else
		exchange_answer_in_ack(x, from, to_tag);
}

/* The answer is of no use, but until it has come nothing else can be offered
 * (RFC 3261 section 14.1). */
static void
late_response(struct exchange *x)
{
	struct leg *leg = x->to;
	const struct arrival *a = &leg->call->calls->arrival;

	if (a->msg->status < 200)
		return;
	if (a->msg->status < 300 && is_invite(x)) {
		dialog_refresh_target(&leg->dialog, a->view);
		session_set(leg, session_copy(a->msg));
		acknowledge(x, a->view->to_tag);
	}
	exchange_close(x);
	if (leg->other != NULL)
		join_restore(leg);
}

static const struct exchange_ops late_ops = {
	late_response, exchange_close, exchange_close
};

static void
give_up_offer(struct exchange *x)
{
	x->ops = &late_ops;
	if (is_invite(x))
		client_cancel(x->to->call->calls->transactions, x->client,
		    SPAN_NONE);
}

bool
join_leave_behind(struct exchange *x)
{
	struct leg *to = x->to;

	if (to->state != LEG_UP || to->call->reason != END_NONE ||
	    (x->method != SIP_METHOD_INVITE && x->method != SIP_METHOD_UPDATE))
		return false;
	if (x->ack_waits)
		acknowledge(x, dialog_remote_tag(&to->dialog));
	if (x->state == EXCHANGE_ANSWERED) {
		server_acked(to->call->calls->transactions, x->server);
		return false;
	}
	if (x->from->invite == x)
		x->from->invite = NULL;
	x->from = NULL;
	x->server = 0;
	x->first = false;
	give_up_offer(x);
	return true;
}

static struct exchange *
find_own(const struct leg *leg)
{
	struct exchange *x;

	for (x = leg->call->exchanges; x != NULL; x = x->next)
		if (x->to == leg && x->from == NULL &&
		    (x->method == SIP_METHOD_INVITE ||
			x->method == SIP_METHOD_UPDATE))
			return x;
	return NULL;
}

bool
join_take_along(struct leg *leg, struct call *call)
{
	struct exchange *x = find_own(leg);

	if (x == NULL)
		return false;
	give_up_offer(x);
	exchange_move(x, call);
	return true;
}

/* --- a target that is on the line already --- */

static void
target_response(struct exchange *x)
{
	struct transfer *t = transfer_of(x);
	unsigned status = t->call->calls->arrival.msg->status;

	if (status < 200)
		return;
	if (status >= 300) {
		exchange_close(x);
		transfer_raise(t->call, TR_DISAGREED);
		return;
	}
	exchange_accept(x);
	join_offer(t, t->target);
}

static void
target_lost(struct exchange *x)
{
	struct transfer *t = transfer_of(x);

	exchange_close(x);
	transfer_raise(t->call, TR_DISAGREED);
}

static const struct exchange_ops target_ops = {
	target_response, target_lost, target_lost
};

void
join_ask_target(struct transfer *t)
{
	if (!exchange_offer(t->target, t->waiting, t->told, &target_ops))
		transfer_raise(t->call, TR_DISAGREED);
}
