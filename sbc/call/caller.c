/*
 * caller.c - the leg that called us: its INVITE is answered here
 *
 * What it is answered with comes from the other leg, whose message is the arrival
 * at hand, or from the call's end reason when the SBC itself decided.
 */

#include "call/private.h"

#include <errno.h>

/* An answer that came with a reliable provisional response need not come again with
 * the 2xx; the caller may not have seen it as one. */
static void
add_earlier_answer(struct leg *leg)
{
	struct sip_draft *draft = &leg->call->calls->draft;

	if (draft->status / 100 != 2 || !span_empty(draft->body) ||
	    !(leg->invite->offer || leg->invite->late) ||
	    span_empty(leg->other->sdp))
		return;
	sip_draft_add(draft, SIP_CONTENT_TYPE, SPAN("application/sdp"),
	    SIP_OWNER_OWN);
	draft->body = leg->other->sdp;
}

/* Passes the response at hand on, in that form. 0, or why it could not be sent. */
static int
pass_response_as(struct leg *leg, const struct early_form *form)
{
	struct calls *calls = leg->call->calls;
	struct policy_refusal refusal;
	char tag[TAG_MAX];

	compose_response(leg, SIP_METHOD_INVITE, leg->invite->server_cseq,
	    form->status, form->reason);
	compose_own(leg);
	compose_relay(leg, calls->arrival.msg);
	if (form->body)
		add_earlier_answer(leg);
	else
		early_drop_body(&calls->draft);
	reliable_mark(leg);
	if (form->status / 100 == 2)
		interval_answer(leg, &leg->invite->terms);
	if (form->status >= 400)
		reason_add_cause(&calls->draft, form->status);
	else if (form->status >= 300)
		redirect_add_contacts(leg);
	if (!compose_apply(leg->other, leg, &refusal))
		return -EBADMSG;
	if (form->status / 100 != 3)
		note_contact(leg->other, leg);
	return server_respond(calls->transactions, leg->invite->server,
	    &calls->draft, early_tag(leg, form->fork, tag));
}

static int
pass_response(struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;
	/* What a redirection describes lies behind us. */
	struct early_form form = { msg->status, msg->reason,
		msg->status / 100 != 3, 0 };

	return pass_response_as(leg, &form);
}

bool
caller_ring(struct leg *leg)
{
	struct early_form form;

	if (!reliable_ready(leg))
		return true;
	form = early_form(leg);
	/* A provisional is not worth a call: one that cannot pass is left out. */
	if (pass_response_as(leg, &form) == 0)
		reliable_sent(leg);
	return true;
}

/* The callee has said nothing for too long. */
bool
caller_ring_here(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_TEL_180_TIMER,
		.target = SPAN("response"),
		.after = SPAN("180 Ringing"),
		.reason = SPAN("the other side has not rung for ringing_after: "
			       "the SBC rings for it"),
	};

	if (leg->early->required && !leg->early->reliable)
		return true;
	compose_response(leg, SIP_METHOD_INVITE, leg->invite->server_cseq, 180,
	    SPAN("Ringing"));
	compose_own(leg);
	reliable_mark(leg);
	if (server_respond(calls->transactions, leg->invite->server,
		&calls->draft, dialog_local_tag(&leg->dialog)) != 0)
		return true;
	reliable_sent(leg);
	note(leg, &entry);
	return true;
}

/* Who takes a leg's place later finds it so. */
static void
call_answered(struct call *call)
{
	call->status = call->calls->arrival.msg->status;
	call->answered = call_now(call);
	call->calls->counters.answered++;
	call_limit(call);
	call_tell(call, "answer");
}

bool
caller_answer(struct leg *leg)
{
	struct call *call = leg->call;
	int error;

	if (!reliable_ready(leg))
		return false;
	error = early_settle(leg) ? pass_response(leg) : -ENOMEM;
	if (error == -EBADMSG) {
		call_end(call, END_BAD_ANSWER);
		return false;
	}
	if (error != 0) {
		call_end(call, END_SHORTAGE);
		return false;
	}
	leg->invite->state = EXCHANGE_ANSWERED;
	if (call->answered == 0)
		call_answered(call);
	return true;
}

static void
answer_bare(struct leg *leg, unsigned status, struct span reason)
{
	struct calls *calls = leg->call->calls;

	compose_response(leg, SIP_METHOD_INVITE, leg->invite->server_cseq,
	    status, reason);
	compose_own(leg);
	answer_last(calls, leg->invite->server, dialog_local_tag(&leg->dialog));
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
