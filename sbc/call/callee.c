/*
 * callee.c - the leg that we call: our INVITE and what comes of it
 */

#include "call/private.h"

/* The caller hears that its INVITE has gone on: not earlier, so that a call
 * that is refused here gets one answer. */
void
callee_tell_trying(struct call *call)
{
	struct calls *calls = call->calls;

	sip_draft_response(&calls->draft, 100, SPAN("Trying"));
	server_respond(calls->transactions, call->caller->invite->server,
	    &calls->draft, SPAN_NONE);
}

/* False: there is none, and the call has ended. */
static bool
make_invite(struct leg *leg)
{
	struct call *call = leg->call;
	struct policy_refusal refusal;

	if (compose_invite(leg->other, leg, &refusal))
		return true;
	call_end(call, refusal.text == NULL ? END_SHORTAGE : END_POLICY);
	call->refusal = refusal;
	return false;
}

bool
callee_invite(struct leg *leg)
{
	struct call *call = leg->call;

	if (!make_invite(leg))
		return false;
	note_legs(leg);
	note_contact(leg->other, leg);
	if (compose_send(leg, &leg->invite->client) != 0) {
		leg_raise(leg, EV_UNSENT);
		return true;
	}
	callee_tell_trying(call);
	early_expect_ringing(call->caller);
	advance_expect_answer(leg);
	return true;
}

bool
callee_again(struct leg *leg)
{
	struct call *call = leg->call;
	struct exchange *x = leg->invite;
	struct arrival before;

	exchange_forget_client(x);
	early_forget(leg);
	if (!attempt_begin(leg->other, call->invite, &before))
		call_end(call, END_SHORTAGE);
	else if (make_invite(leg))
		compose_send(leg, &x->client);
	attempt_end(call->calls, &before);
	/* Behind the event of the end, where there is
	 * one: either ends the leg. */
	if (x->client == 0)
		leg_raise(leg, EV_UNSENT);
	return true;
}

/* 199 (RFC 6228) ends one early dialog of perhaps several. The one that the
 * caller sees stands for all of them, and goes on. */
bool
callee_provisional(struct leg *leg)
{
	bool ends = leg->call->calls->arrival.msg->status == 199;

	early_heard(leg);
	if (reliable_heard(leg) && !ends)
		leg_raise(leg->other, EV_RING);
	return true;
}

/* Its sender still wants to know that it has come. */
bool
callee_provisional_late(struct leg *leg)
{
	reliable_heard(leg);
	return true;
}

bool
callee_confirm(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct arrival *a = &calls->arrival;
	struct exchange *x = leg->invite;

	if (!dialog_from_response(leg, a->msg, a->view))
		return false;
	session_set(leg, reliable_take_answer(leg));
	refresh_accepted(leg);
	session_set(leg, session_copy(a->msg));
	if (x->from != NULL) {
		session_set(x->from, x->sdp);
		x->sdp = SPAN_NONE;
		attempt_drop(leg->call);
	}
	client_path(calls->transactions, x->client, &leg->dialog.path);
	x->ack_waits = !x->offer && !x->late;
	if (!x->ack_waits)
		exchange_send_ack(x, a->view->to_tag, false);
	return true;
}

bool
callee_accepted(struct leg *leg)
{
	if (!callee_confirm(leg)) {
		call_end(leg->call, END_SHORTAGE);
		return true;
	}
	if (leg->invite->late && span_empty(leg->sdp))
		call_end(leg->call, END_BAD_ANSWER);
	else
		leg_raise(leg->other, EV_ANSWER);
	return true;
}

/* A 2xx that crossed our CANCEL: accept it, then hang up. */
bool
callee_accepted_late(struct leg *leg)
{
	if (callee_confirm(leg))
		return leg_send_bye(leg);
	leg_raise(leg, EV_BYE_DONE);
	return true;
}

enum end_reason
callee_own_reason(unsigned status)
{
	if (status == 401 || status == 407)
		return END_CHALLENGED;
	if (status < 400)
		return END_REDIRECTED;
	if (status == 422)
		return END_INTERVAL;
	return END_NONE;
}

void
callee_relay_failure(struct leg *leg, enum end_reason reason)
{
	struct call *call = leg->call;

	/* A challenge is not for the caller, and no more is what it says. */
	if (reason != END_CHALLENGED)
		reason_hear(leg);
	if (reason != END_NONE && reason != END_REDIRECT_RELAYED) {
		call_end(call, reason);
		return;
	}
	leg_step(leg->other, EV_FAIL);
	call_end(call, reason == END_NONE ? END_REFUSED : reason);
}

bool
callee_refused(struct leg *leg)
{
	enum end_reason reason =
	    callee_own_reason(leg->call->calls->arrival.msg->status);

	evidence_note_refusal(leg);
	exchange_forget_client(leg->invite);
	if (!advance_refused(leg, &reason) && !advance_ends(leg, true))
		callee_relay_failure(leg, reason);
	return true;
}

/* Nothing was said. */
static bool
fail(struct leg *leg, enum end_reason reason)
{
	exchange_forget_client(leg->invite);
	if (!advance_lost(leg, &reason) && !advance_ends(leg, false))
		call_end(leg->call, reason);
	return true;
}

bool
callee_timeout(struct leg *leg)
{
	return fail(leg, END_NO_REPLY);
}

bool
callee_unsent(struct leg *leg)
{
	return fail(leg, END_UNREACHABLE);
}

bool
callee_cancel(struct leg *leg)
{
	char buf[REASON_MAX];

	client_cancel(leg->call->calls->transactions, leg->invite->client,
	    reason_of_cancel(leg->call, buf));
	return true;
}

/* RFC 3891 section 3, and RFC 3326 for the reason. */
bool
callee_taken(struct leg *leg)
{
	client_cancel(leg->call->calls->transactions, leg->invite->client,
	    SPAN("SIP;cause=200;text=\"Call completed elsewhere\""));
	return true;
}

/* The last one that this branch may have seen: of a PRACK to it. */
static uint32_t
used_cseq(const struct leg *asked, uint32_t of_invite)
{
	return asked == NULL || asked->dialog.local_cseq < of_invite
	    ? of_invite
	    : asked->dialog.local_cseq;
}

/*
 * A 2xx that nobody waits for: of another branch of our INVITE (the call is
 * taken already), or for a call that is gone. It is accepted and hung up at
 * once (RFC 3261 section 13.2.2.4), from what the message itself says.
 */
void
callee_decline(struct calls *calls, const struct leg *asked, client_tx tx)
{
	const struct arrival *a = &calls->arrival;
	struct call ghost = { .calls = calls, .trunks = calls->trunks };
	struct leg ghost_leg = {
		.side = JOURNAL_CALLEE, .call = &ghost, .trunk = a->trunk
	}, *leg = &ghost_leg;
	struct exchange x = {
		.method = SIP_METHOD_INVITE,
		.to = leg,
		.client = tx,
		.client_cseq = a->view->cseq,
	};
	struct text t = text_over(calls->out, sizeof(calls->out));
	struct dialog_parts p = {
		.call_id = a->view->call_id,
		.local_tag = a->view->from_tag,
	};

	if (span_empty(p.local_tag))
		return;
	leg->dialog.local_cseq = used_cseq(asked, a->view->cseq);
	leg->dialog.path = *a->path;
	sip_add_unfolded(&t, a->view->from);
	p.local = text_span(&t);
	if (!t.overflow && dialog_store(&leg->dialog, &p) &&
	    dialog_from_response(leg, a->msg, a->view)) {
		exchange_send_ack(&x, a->view->to_tag, false);
		leg_send_bye(leg);
	}
	/* What was noted is in the journal; no call remembers it. */
	memory_drop(&ghost.chain);
	dialog_fini(&leg->dialog);
}
