/*
 * caller.c - the leg that called us: its INVITE is answered here
 *
 * What it is answered with comes from the other leg, whose message is the arrival
 * at hand, or from the call's end reason when the SBC itself decided.
 */

#include "call/private.h"

#include <errno.h>

#include "diagnosis/cause.h"

static struct exchange *
invite_of(struct leg *leg)
{
	return &leg->call->exchanges[0];
}

/* A failure that says nothing of the telephone network's cause gets the one that
 * its status stands for (RFC 3398). */
static void
add_cause(struct leg *leg, unsigned status)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	unsigned cause = cause_from_status(status);
	size_t mark;

	if (cause == 0 || sip_draft_find(draft, SIP_REASON, 0) >= 0)
		return;
	mark = sip_draft_mark(draft);
	TEXT_LIT(&draft->scratch, "Q.850;cause=");
	text_add_u64(&draft->scratch, cause);
	sip_draft_add(draft, SIP_REASON, sip_draft_keep(draft, mark),
	    SIP_OWNER_OWN);
}

/* Passes the response at hand on. 0, or why it could not be sent. */
static int
pass_response(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct sip_message *msg = calls->arrival.msg;
	struct policy_refusal refusal;

	compose_response(leg, SIP_METHOD_INVITE, invite_of(leg)->server_cseq,
	    msg->status, msg->reason);
	compose_own(leg);
	compose_relay(leg, msg);
	if (msg->status >= 400)
		add_cause(leg, msg->status);
	if (!compose_apply(leg_other(leg), leg, &refusal))
		return -EBADMSG;
	note_contact(leg_other(leg), leg);
	return server_respond(calls->transactions, invite_of(leg)->server,
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
	invite_of(leg)->state = EXCHANGE_ANSWERED;
	call_tell(call, "answer");
	return true;
}

static void
answer_bare(struct leg *leg, unsigned status, struct span reason)
{
	struct calls *calls = leg->call->calls;

	compose_response(leg, SIP_METHOD_INVITE, invite_of(leg)->server_cseq,
	    status, reason);
	compose_own(leg);
	answer_last(calls, invite_of(leg)->server, leg->dialog.local_tag);
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

/* Answers the INVITE with the status of the end reason. */
static void
answer_by_reason(struct leg *leg, const struct end_reason_row *row)
{
	leg->call->status = row->status;
	if (row->diagnostic == DIAG_NONE)
		answer_bare(leg, row->status,
		    span_of(sip_reason_phrase(row->status)));
	else
		refuse(leg->call->calls, leg, invite_of(leg)->server,
		    row->status, row->diagnostic, "%s", row->sentence);
}

bool
caller_refuse(struct leg *leg)
{
	struct call *call = leg->call;

	if (call->reason == END_POLICY && call->refusal.text != NULL) {
		call->status = call->refusal.status;
		refuse(call->calls, leg, invite_of(leg)->server, call->status,
		    call->refusal.diagnostic, "%s", call->refusal.text);
	} else {
		answer_by_reason(leg, end_reason_get(call->reason));
	}
	return true;
}

bool
caller_cancelled(struct leg *leg)
{
	answer_by_reason(leg, end_reason_get(END_CANCELLED));
	call_end(leg->call, END_CANCELLED);
	return true;
}

bool
caller_left_early(struct leg *leg)
{
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
