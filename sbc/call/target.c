/*
 * target.c - the leg that a transfer calls
 *
 * A callee whose INVITE nobody sent us: its responses move the transfer. Once
 * joined it is a leg like any other.
 */

#include "call/transfer.h"

static void
unreachable(struct leg *leg, unsigned status)
{
	struct transfer *t = leg->call->transfer;

	/* The first reason stays. */
	if (t != NULL && t->status == 0)
		t->status = status;
	transfer_raise(leg->call, TR_FAIL);
}

/* No memory has no words of its own. */
static void
refused_by_policy(struct leg *leg, const struct policy_refusal *refusal)
{
	if (refusal->text == NULL)
		return;
	leg->call->transfer->status = refusal->status;
	transfer_note_refused(leg, refusal->diagnostic,
	    leg->call->calls->arrival.msg->uri, span_of(refusal->text));
}

/* What the waiting party has said of its media, as it came: the target need not
 * know that it was on hold while the transfer was arranged. */
static bool
send_invite(struct leg *leg)
{
	struct policy_refusal refusal;

	leg->call->kind = advance_kind(leg->call);
	if (!compose_invite(leg->call->transfer->transferor, leg, &refusal)) {
		refused_by_policy(leg, &refusal);
		return false;
	}
	session_own_draft(leg);
	parties_know_call_id(leg);
	note_legs(leg);
	return compose_send(leg, &leg->invite->client) == 0;
}

static bool
target_invite(struct leg *leg)
{
	struct transfer *t = leg->call->transfer;
	struct arrival before;
	bool sent = attempt_begin(t->transferor, t->invite, &before) &&
	    send_invite(leg);

	attempt_end(leg->call->calls, &before);
	if (!sent)
		leg_raise(leg, EV_UNSENT);
	return true;
}

static bool
target_again(struct leg *leg)
{
	exchange_forget_client(leg->invite);
	early_forget(leg);
	return target_invite(leg);
}

static bool
target_provisional(struct leg *leg)
{
	if (!reliable_heard(leg))
		return true;
	session_set(leg, session_copy(leg->call->calls->arrival.msg));
	transfer_raise(leg->call, TR_RING);
	return true;
}

static bool
target_accepted(struct leg *leg)
{
	if (!callee_confirm(leg)) {
		unreachable(leg, 503);
		leg_raise(leg, EV_HANG_UP);
		return true;
	}
	exchange_close(leg->invite);
	transfer_raise(leg->call, TR_ANSWER);
	return true;
}

static bool
target_refused(struct leg *leg)
{
	unsigned status = leg->call->calls->arrival.msg->status;
	enum end_reason reason = callee_own_reason(status);

	evidence_note_refusal(leg);
	exchange_forget_client(leg->invite);
	if (advance_refused(leg, &reason))
		return true;
	exchange_close(leg->invite);
	unreachable(leg,
	    reason == END_NONE ? status : end_reason_get(reason)->status);
	return true;
}

static bool
lost(struct leg *leg, enum end_reason reason)
{
	exchange_forget_client(leg->invite);
	if (advance_lost(leg, &reason))
		return true;
	exchange_close(leg->invite);
	unreachable(leg, end_reason_get(reason)->status);
	return true;
}

static bool
target_timeout(struct leg *leg)
{
	return lost(leg, END_NO_REPLY);
}

static bool
target_unsent(struct leg *leg)
{
	return lost(leg, END_UNREACHABLE);
}

const leg_table target_table = {
	[LEG_IDLE] = {
		[EV_TRY]     = { target_invite,      LEG_TRYING },
		[EV_AGAIN]   = { target_invite,      LEG_TRYING },
		[EV_HANG_UP] = { leg_nothing,        LEG_GONE },
	},
	[LEG_TRYING] = {
		[EV_PROVISIONAL] = { target_provisional, LEG_EARLY },
		[EV_ACCEPTED] = { target_accepted,   LEG_UP },
		[EV_REFUSED] = { target_refused,     LEG_GONE },
		[EV_AGAIN]   = { target_again,       LEG_TRYING },
		[EV_TIMEOUT] = { target_timeout,     LEG_GONE },
		[EV_UNSENT]  = { target_unsent,      LEG_GONE },
		[EV_HANG_UP] = { callee_cancel,      LEG_CANCELLING },
	},
	[LEG_EARLY] = {
		[EV_PROVISIONAL] = { target_provisional, LEG_EARLY },
		[EV_ACCEPTED] = { target_accepted,   LEG_UP },
		[EV_REFUSED] = { target_refused,     LEG_GONE },
		[EV_AGAIN]   = { target_again,       LEG_TRYING },
		[EV_UNSENT]  = { target_unsent,      LEG_GONE },
		[EV_HANG_UP] = { callee_cancel,      LEG_CANCELLING },
	},
	LEG_CANCELLED_CELLS,
	LEG_CONFIRMED_CELLS,
};
