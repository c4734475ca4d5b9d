/*
 * caller.c - the leg that called us: its INVITE is answered here
 *
 * What it is answered with comes from the other leg, whose message is the
 * arrival at hand, or from the call's end reason when the SBC itself decided.
 */

#include "call/private.h"

#include <errno.h>

#include "trunk/codecs.h"

/* An answer that came with a reliable provisional response need not come again
 * with the 2xx; the caller may not have seen it as one. */
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

/* Passes the response at hand on, in that form. 0, or
 * why it could not be sent. */
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
	/* A provisional is not worth a call: one that cannot pass is left
	 * out. */
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

/* Of the first caller: who takes a leg's place later changes nothing. */
static void
keep_status(struct call *call, unsigned status)
{
	if (call->answered == 0)
		call->status = status;
}

/* Who takes a leg's place later finds the call answered. */
static void
note_answered(struct leg *leg, unsigned status)
{
	struct call *call = leg->call;

	leg->invite->state = EXCHANGE_ANSWERED;
	if (call->answered != 0)
		return;
	call->status = status;
	call->answered = call_now(call);
	call->calls->counters.answered++;
	call_limit(call);
	call_tell(call, "answer");
}

/* What became of an answer that was not passed on. */
static enum end_reason
reason_of(int error)
{
	switch (error) {
	case -EBADMSG:
		return END_BAD_ANSWER;
	case -ENOMEM:
	case -EMSGSIZE:
		return END_SHORTAGE;
	default:
		return END_PEER_LOST;
	}
}

bool
caller_answer(struct leg *leg)
{
	struct call *call = leg->call;
	int error;

	if (!reliable_ready(leg))
		return false;
	error = early_settle(leg) ? pass_response(leg) : -ENOMEM;
	if (error != 0) {
		call_end(call, reason_of(error));
		return false;
	}
	note_answered(leg, call->calls->arrival.msg->status);
	return true;
}

/* What stands for the callee's session until there is one: an answer by
 * the pattern of the caller's offer, in which nobody sends; or an offer
 * where the INVITE had none. */
static bool
add_placeholder(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct sip_draft *draft = &calls->draft;
	struct sdp_author author = { leg->call->id >> 2, 1,
		trunk_media_address(leg->trunk) };
	size_t mark = sip_draft_mark(draft);
	const char *fault;

	if (leg->invite->offer
		? !sdp_read(&calls->sdp, leg->sdp, &fault) ||
		    !sdp_black_hole_write(
			&draft->scratch, &author, &calls->sdp)
		: !trunk_write_offer(
		      leg->trunk, author.session, &draft->scratch))
		return false;
	session_add(leg, sip_draft_keep(draft, mark));
	return session_own_draft(leg);
}

static bool
send_answer_here(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct policy_refusal refusal;

	compose_response(leg, SIP_METHOD_INVITE, leg->invite->server_cseq, 200,
	    SPAN("OK"));
	compose_own(leg);
	interval_answer(leg, &leg->invite->terms);
	return add_placeholder(leg) &&
	    compose_apply(leg->other, leg, &refusal) &&
	    server_respond(calls->transactions, leg->invite->server,
		&calls->draft, dialog_local_tag(&leg->dialog)) == 0;
}

bool
caller_answer_here(struct leg *leg)
{
	if (!send_answer_here(leg)) {
		call_end(leg->call, END_PICKUP_FAILED);
		return false;
	}
	note_answered(leg, 200);
	return true;
}

/* Who has taken the callee's place waits for this. */
bool
caller_acked(struct leg *leg)
{
	if (leg->other != NULL && leg->other->state == LEG_TRYING)
		leg_raise(leg->other, EV_TRY);
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

	keep_status(leg->call, msg->status);
	/* Whatever cannot pass is left out; the status always can. */
	if (pass_response(leg) != 0)
		answer_bare(leg, msg->status, msg->reason);
	return true;
}

/* Answers the INVITE with the status of the end reason, or that of the cause
 * which a peer gave for it. */
static void
answer_by_reason(struct leg *leg, const struct end_reason_row *row)
{
	struct call *call = leg->call;
	unsigned status = reason_status(call, row->status);

	keep_status(call, status);
	/* Who takes a call back need not be told of it. */
	if (row->diagnostic == DIAG_NONE ||
	    row->diagnostic == DIAG_CALL_ABANDONED)
		answer_bare(leg, status, span_of(sip_reason_phrase(status)));
	else
		refuse(call->calls, leg, leg->invite->server, status,
		    row->diagnostic, "%s", row->sentence);
}

bool
caller_refuse(struct leg *leg)
{
	struct call *call = leg->call;

	if (call->reason == END_POLICY && call->refusal.text != NULL) {
		keep_status(call, call->refusal.status);
		refuse(call->calls, leg, leg->invite->server,
		    call->refusal.status, call->refusal.diagnostic, "%s",
		    call->refusal.text);
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
