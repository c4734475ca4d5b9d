/*
 * caller.c - the leg that called us: its INVITE is answered here
 *
 * What it is answered with comes from the other leg, whose message is the arrival
 * at hand, or from the call's end reason when the SBC itself decided.
 */

#include "call/private.h"

#include <errno.h>

/* Passes the response at hand on. 0, or why it could not be sent. */
static int
pass_response(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct sip_message *msg = calls->arrival.msg;
	struct policy_refusal refusal;

	compose_response(leg, SIP_METHOD_INVITE, leg->invite->server_cseq,
	    msg->status, msg->reason);
	compose_own(leg);
	compose_relay(leg, msg);
	if (msg->status >= 400)
		reason_add_cause(&calls->draft, msg->status);
	if (!compose_apply(leg->other, leg, &refusal))
		return -EBADMSG;
	note_contact(leg->other, leg);
	return server_respond(calls->transactions, leg->invite->server,
	    &calls->draft, leg->dialog.local_tag);
}

bool
caller_ring(struct leg *leg)
{
	/* A provisional is not worth a call: one that cannot pass is left out. */
	pass_response(leg);
	return true;
}

bool
caller_answer(struct leg *leg)
{
	struct call *call = leg->call;
	int error = pass_response(leg);

	if (error == -EBADMSG) {
		call_end(call, END_BAD_ANSWER);
		return false;
	}
	if (error != 0) {
		call_end(call, END_SHORTAGE);
		return false;
	}
	call->status = call->calls->arrival.msg->status;
	call->answered = call_now(call);
	call->calls->counters.answered++;
	timer_stop(call->calls->deps.timers, &call->ring);
	leg->invite->state = EXCHANGE_ANSWERED;
	call_tell(call, "answer");
	return true;
}

static void
answer_bare(struct leg *leg, unsigned status, struct span reason)
{
	struct calls *calls = leg->call->calls;

	compose_response(leg, SIP_METHOD_INVITE, leg->invite->server_cseq,
	    status, reason);
	compose_own(leg);
	answer_last(calls, leg->invite->server, leg->dialog.local_tag);
}

bool
caller_fail(struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;

	leg->call->status = msg->status;
	/* Whatever cannot pass is left out; the status always can. */
	if (pass_response(leg) != 0)
		answer_bare(leg, msg->status, msg->reason);
	return true;
}

/* Answers the INVITE with the status of the end reason, or that of the cause which
 * a peer gave for it. */
static void
answer_by_reason(struct leg *leg, const struct end_reason_row *row)
{
	struct call *call = leg->call;

	call->status = reason_status(call, row->status);
	if (row->diagnostic == DIAG_NONE)
		answer_bare(leg, call->status,
		    span_of(sip_reason_phrase(call->status)));
	else
		refuse(call->calls, leg, leg->invite->server, call->status,
		    row->diagnostic, "%s", row->sentence);
}

bool
caller_refuse(struct leg *leg)
{
	struct call *call = leg->call;

	if (call->reason == END_POLICY && call->refusal.text != NULL) {
		call->status = call->refusal.status;
		refuse(call->calls, leg, leg->invite->server, call->status,
		    call->refusal.diagnostic, "%s", call->refusal.text);
	} else {
		answer_by_reason(leg, end_reason_get(call->reason));
	}
	return true;
}

bool
caller_cancelled(struct leg *leg)
{
	reason_hear(leg);
	answer_by_reason(leg, end_reason_get(END_CANCELLED));
	call_end(leg->call, END_CANCELLED);
	return true;
}

bool
caller_left_early(struct leg *leg)
{
	reason_hear(leg);
	answer_by_reason(leg, end_reason_get(END_CANCELLED));
	call_end(leg->call, END_CALLER_HUNG_UP);
	return true;
}

/* The 2xx to an INVITE of this leg (the first, or a re-INVITE) met no ACK. */
bool
caller_not_acked(struct leg *leg)
{
	call_end(leg->call, END_NOT_ACKED);
	return leg_send_bye(leg);
}
