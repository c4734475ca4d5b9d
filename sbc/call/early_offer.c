/*
 * early_offer.c - an offer in a PRACK, for a callee that has not answered yet
 *
 * A caller that has its answer by a reliable provisional response may
 * offer another session in the PRACK, and gets the answer in its 200 (RFC
 * 3262 section 5). Our own PRACK to the callee went as soon as its
 * response had come, so there it becomes an UPDATE (RFC 3311), in the
 * early dialog whose answer the caller has.
 */

#include "call/private.h"

static void early_response(struct exchange *x);
static void early_lost(struct exchange *x);

static const struct exchange_ops early_ops = {
	early_response, early_lost, early_lost
};

bool
early_offer_pending(const struct leg *leg)
{
	const struct exchange *x;

	for (x = leg->call->exchanges; x != NULL; x = x->next)
		if (x->from == leg && x->ops == &early_ops)
			return true;
	return false;
}

/* --- the answer --- */

/* The 2xx to the INVITE need not have waited for this. */
static void
take_effect(struct exchange *x)
{
	struct leg *from = x->from, *to = x->to;
	const struct arrival *a = &to->call->calls->arrival;
	struct fork *fork = early_media_fork(to);
	struct span answer = session_copy(a->msg);

	restate_accepted(to);
	if (to->state == LEG_UP) {
		dialog_refresh_target(&to->dialog, a->view);
		session_set(to, answer);
		session_set(from, x->sdp);
	} else if (fork == NULL || to->invite == NULL || span_empty(answer)) {
		span_free(&answer);
		return;
	} else {
		dialog_refresh_target(fork->dialog, a->view);
		span_free(&fork->sdp);
		fork->sdp = answer;
		span_free(&to->invite->sdp);
		to->invite->sdp = x->sdp;
	}
	x->sdp = SPAN_NONE;
}

static void
end(struct exchange *x)
{
	struct leg *from = x->from;

	exchange_close(x);
	reliable_release(from);
}

/* The session stays as it was. */
static void
refuse_offer(struct exchange *x, const char *why)
{
	refuse(x->from->call->calls, x->from, x->server, 488, DIAG_DLG_UPDATE,
	    "%s", why);
	end(x);
}

static void
early_response(struct exchange *x)
{
	const struct sip_message *msg = x->to->call->calls->arrival.msg;

	if (msg->status < 200)
		return;
	if (msg->status == 405 || msg->status == 501)
		x->to->no_update = true;
	if (msg->status >= 300) {
		refuse_offer(x, "the other side refuses the UPDATE that the "
				"offer in this PRACK became");
		return;
	}
	if (span_empty(msg->body) || !exchange_pass_response(x)) {
		refuse_offer(x, "the answer of the other side to the offer in "
				"this PRACK could not be passed on");
		return;
	}
	take_effect(x);
	end(x);
}

static void
early_lost(struct exchange *x)
{
	refuse_offer(x, "the other side does not answer the UPDATE that the "
			"offer in this PRACK became");
}

/* --- the offer --- */

static void
note_update(struct leg *to)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_UPDATE,
		.target = SPAN("request"),
		.rule = SPAN("builtin:early-offer"),
		.before = SPAN("PRACK"),
		.after = SPAN("UPDATE"),
		.reason = SPAN("the offer in the caller's PRACK goes on as an "
			       "UPDATE: ours has gone already"),
	};

	note(to, &entry);
}

static struct exchange *
open_offer(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	struct exchange *x = exchange_open(leg, leg->other, SIP_METHOD_PRACK);

	if (x == NULL)
		return NULL;
	x->ops = &early_ops;
	x->offer = true;
	x->server = tx;
	x->server_cseq = calls->arrival.view->cseq;
	x->sdp = session_copy(calls->arrival.msg);
	server_set_owner(calls->transactions, tx, leg->handle);
	return x;
}

/* NULL, or why the callee cannot be asked. */
static const char *
why_not(struct leg *leg)
{
	struct leg *to = leg->other;
	const struct fork *fork;

	if (!leg->early->answered)
		return "the offer of the INVITE is not answered yet";
	if (leg->call->reason != END_NONE || leg->state != LEG_EARLY ||
	    to == NULL || to->state != LEG_EARLY)
		return "the call rings no more";
	fork = early_media_fork(to);
	if (fork == NULL)
		return "the other side has not answered the first offer by a "
		       "reliable response: it can be asked for no other yet";
	if (to->no_update || !fork->update)
		return "the other side does not allow UPDATE: before its "
		       "answer it can be asked for no other session";
	return NULL;
}

void
early_offer(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	const char *why;
	struct exchange *x;
	struct fork *fork;
	bool sent;

	if (!session_body_is_sound(calls, leg, tx))
		return;
	why = why_not(leg);
	if (why != NULL) {
		refuse(calls, leg, tx, 488, DIAG_DLG_UPDATE, "%s", why);
		return;
	}
	x = open_offer(leg, tx);
	if (x == NULL) {
		refuse(calls, leg, tx, 500, DIAG_DLG_GLARE,
		    "too many requests of this call wait for an answer");
		return;
	}
	fork = early_media_fork(leg->other);
	reliable_swap_dialog(leg->other, fork);
	sent = exchange_send_offer(x, SIP_METHOD_UPDATE);
	reliable_swap_dialog(leg->other, fork);
	if (sent)
		note_update(leg->other);
	else
		refuse_offer(
		    x, "the offer in this PRACK could not be passed on");
}
