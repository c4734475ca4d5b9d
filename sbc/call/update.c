/*
 * update.c - an UPDATE becomes a re-INVITE (RFC 3311)
 *
 * Not every peer allows UPDATE. What one side asks for in it is asked of the
 * other by a re-INVITE, whose answer goes back in the 2xx to the UPDATE.
 */

#include "call/private.h"

bool
update_needs_invite(const struct exchange *x)
{
	return x->method == SIP_METHOD_UPDATE && x->offer &&
	    (x->to->no_update ||
		capability_allows(x->to->trunk, SIP_METHOD_UPDATE) ==
		    CAPABILITY_NO);
}

void
update_note(struct exchange *x)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_UPDATE,
		.target = SPAN("request"),
		.rule = SPAN("builtin:update"),
		.before = SPAN("UPDATE"),
		.after = SPAN("INVITE"),
		.reason = SPAN("the peer does not allow UPDATE"),
	};

	note(x->to, &entry);
}

/* --- once more --- */

/* The failure at hand says that the method is not known. */
static bool
ask_again(struct exchange *x)
{
	unsigned status = x->to->call->calls->arrival.msg->status;

	if (x->method != SIP_METHOD_UPDATE || !x->offer ||
	    (status != 405 && status != 501) || span_empty(x->sdp))
		return false;
	exchange_forget_client(x);
	x->to->no_update = true;
	x->as_invite = true;
	if (!exchange_send_offer(x, SIP_METHOD_INVITE))
		return false;
	update_note(x);
	return true;
}

/* --- responses --- */

/* An UPDATE is answered at once: who would ask somebody first is not waited for
 * (section 5.2). */
static void
stop_waiting(struct exchange *x)
{
	char buf[REASON_MAX];
	struct call *call = x->to->call;

	if (x->mute)
		return;
	x->mute = true;
	client_cancel(call->calls->transactions, x->client,
	    reason_of_cancel(call, buf));
}

static void
refuse_to_wait(struct exchange *x)
{
	refuse(x->from->call->calls, x->from, x->server, 504, DIAG_DLG_UPDATE,
	    "the other side does not answer a change of the session at once");
	exchange_close(x);
}

bool
update_response(struct exchange *x)
{
	const struct arrival *a = &x->to->call->calls->arrival;
	unsigned status = a->msg->status;

	if (!x->as_invite)
		return ask_again(x);
	if (status < 200) {
		stop_waiting(x);
		return true;
	}
	if (status == 487 && x->mute) {
		refuse_to_wait(x);
		return true;
	}
	if (status < 300)
		exchange_send_ack(x, a->view->to_tag, false);
	return false;
}
