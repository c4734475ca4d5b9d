/*
 * request.c - what the transaction layer tells us, and whose business it is
 */

#include "call/private.h"

#include <errno.h>

enum method_rule {
	METHOD_CALL,
	METHOD_RELAY,
	METHOD_TRANSFER,
	METHOD_TELL,
	METHOD_ANSWER,
	METHOD_PRACK,
	METHOD_ENDS,
	METHOD_REFUSE,
	METHOD_UNKNOWN,
	METHOD_NO_DIALOG
};

static const struct {
	enum method_rule inside;
	enum method_rule outside;
} methods[SIP_METHODS] = {
#define METHOD_RULE(method, in, out)                                           \
	[SIP_METHOD_##method] = { METHOD_##in, METHOD_##out },
#include "call/methods.def"
#undef METHOD_RULE
};

/* --- what a request must bring --- */

static bool
body_is_readable(const struct sip_message *msg)
{
	struct sip_content_type ct;
	struct span encoding = sip_value(msg, SIP_CONTENT_ENCODING);

	if (span_empty(msg->body))
		return true;
	if (!span_empty(encoding) && !span_ieq(encoding, SPAN("identity")))
		return false;
	if (!sip_content_type_parse(sip_value(msg, SIP_CONTENT_TYPE), &ct))
		return false;
	/* Where a caller is (RFC 6442) may come without an offer. */
	return span_ieq(ct.type, SPAN("application/sdp")) ||
	    span_ieq(ct.type, SPAN("application/pidf+xml")) ||
	    span_istarts(ct.type, SPAN("multipart/"));
}

/* NULL, or why the offer or answer cannot be understood (SDP-INVALID). */
static const char *
sdp_fault(struct calls *calls, const struct sip_message *msg)
{
	struct mime_part part;
	const char *fault = NULL;

	if (span_empty(msg->body) ||
	    !mime_find(sip_value(msg, SIP_CONTENT_TYPE), msg->body,
		SPAN("application/sdp"), &part))
		return NULL;
	if (sdp_read(&calls->sdp, part.body, &fault))
		return NULL;
	return fault;
}

bool
session_body_is_sound(struct calls *calls, struct leg *leg, server_tx tx)
{
	const struct sip_message *msg = calls->arrival.msg;
	const char *fault;

	if (!body_is_readable(msg)) {
		refuse(calls, leg, tx, 415, DIAG_MSG_INVALID,
		    "only a plain application/sdp, application/pidf+xml or "
		    "multipart body is understood");
		return false;
	}
	fault = sdp_fault(calls, msg);
	if (fault == NULL)
		return true;
	refuse(calls, leg, tx, 488, DIAG_SDP_INVALID, "%s", fault);
	return false;
}

/* What INVITE and UPDATE must bring, in a dialog or to make one. False: it has
 * been refused. */
static bool
session_is_sound(struct calls *calls, struct leg *leg, server_tx tx)
{
	if (span_empty(dialog_contact(calls->arrival.view))) {
		refuse(calls, leg, tx, 400, DIAG_MSG_INVALID,
		    "the request has no Contact that can be used");
		return false;
	}
	return session_body_is_sound(calls, leg, tx);
}

/* --- outside of a dialog --- */

static void
refuse_method(struct calls *calls, struct leg *leg, server_tx tx,
    enum method_rule rule)
{
	if (rule == METHOD_UNKNOWN)
		refuse(calls, leg, tx, 501, DIAG_MET_NOT_ALLOWED,
		    "nobody here understands this method");
	else if (rule == METHOD_NO_DIALOG)
		refuse(calls, leg, tx, 481, DIAG_DLG_UNKNOWN,
		    "this method belongs into a dialog, and there is none");
	else
		refuse(calls, leg, tx, 405, DIAG_MET_NOT_ALLOWED,
		    "this method is not offered on this trunk");
}

static void
request_outside(struct calls *calls, server_tx tx)
{
	const struct arrival *a = &calls->arrival;
	enum method_rule rule = methods[a->msg->method].outside;

	if (rule == METHOD_ANSWER) {
		if (extension_check(calls, NULL, tx, false))
			answer_options(calls, tx);
		return;
	}
	if (rule != METHOD_CALL) {
		refuse_method(calls, NULL, tx, rule);
		return;
	}
	if (a->view->max_forwards == 0) {
		refuse(calls, NULL, tx, 483, DIAG_LOOP_DETECTED,
		    "Max-Forwards is used up: the call goes round in a loop");
		return;
	}
	if (!extension_check(calls, NULL, tx, true) ||
	    !session_is_sound(calls, NULL, tx) ||
	    !interval_check(calls, NULL, tx))
		return;
	if (sip_has(a->msg, SIP_REPLACES))
		replaces_invite(calls, tx);
	else
		call_create(calls, tx);
}

/* --- inside a dialog --- */

/* Who hangs up learns nothing by what we are able to. */
void
answer_plain(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	enum sip_method method = calls->arrival.msg->method;

	compose_response(
	    leg, method, calls->arrival.view->cseq, 200, SPAN("OK"));
	if (method != SIP_METHOD_BYE)
		compose_own(leg);
	server_respond(
	    calls->transactions, tx, &calls->draft,
	    dialog_local_tag(&leg->dialog));
}

static void
session_request(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	enum sip_method method = calls->arrival.msg->method;
	bool session =
	    method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE;

	if (session && (!session_is_sound(calls, leg, tx) ||
		!interval_check(calls, leg, tx)))
		return;
	if (!session || !refresh_request(leg, tx))
		exchange_request(leg, tx);
}

/* A request of a callee that rings. 481 would say that its dialog is gone; but
 * BYE is not for a callee to send yet (RFC 3261 section 15). */
static void
request_early(struct leg *leg, server_tx tx, enum method_rule rule)
{
	struct calls *calls = leg->call->calls;

	switch (rule) {
	case METHOD_ENDS:
		refuse(calls, leg, tx, 481, DIAG_DLG_UNKNOWN,
		    "a call is refused with a response before it is answered");
		break;
	case METHOD_ANSWER:
		if (extension_check(calls, leg, tx, false))
			answer_plain(leg, tx);
		break;
	case METHOD_REFUSE:
	case METHOD_UNKNOWN:
		refuse_method(calls, leg, tx, rule);
		break;
	default:
		refuse(calls, leg, tx, 491, DIAG_DLG_GLARE,
		    "the call is not answered yet");
	}
}

static void
request_inside(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	const struct arrival *a = &calls->arrival;
	enum method_rule rule = methods[a->msg->method].inside;

	if (span_empty(dialog_remote_tag(&leg->dialog))) {
		request_early(leg, tx, rule);
		return;
	}
	/* RFC 3261 section 12.2.2: a request from the past. */
	if (a->view->cseq < leg->dialog.remote_cseq) {
		refuse(calls, leg, tx, 500, DIAG_DLG_UNKNOWN,
		    "CSeq is lower than that of a request before");
		return;
	}
	leg->dialog.remote_cseq = a->view->cseq;
	evidence_hear(leg);
	if (rule != METHOD_ENDS &&
	    !extension_check(calls, leg, tx,
		rule == METHOD_CALL || rule == METHOD_RELAY))
		return;
	switch (rule) {
	case METHOD_ENDS:
		answer_plain(leg, tx);
		leg_step(leg, EV_BYE);
		break;
	case METHOD_ANSWER:
		answer_plain(leg, tx);
		break;
	case METHOD_PRACK:
		reliable_prack(leg, tx);
		break;
	case METHOD_CALL:
	case METHOD_RELAY:
		session_request(leg, tx);
		break;
	case METHOD_TRANSFER:
		refer_request(leg, tx);
		break;
	case METHOD_TELL:
		refer_notify(leg, tx);
		break;
	default:
		refuse_method(calls, leg, tx, rule);
	}
}

/* --- the operations that the transaction layer calls --- */

static void
on_request(void *arg, server_tx tx, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	struct calls *calls = arg;
	struct leg *leg;

	(void)path;
	capability_learn(calls->arrival.trunk, msg, calls->deps.record);
	if (span_empty(view->to_tag))
		request_outside(calls, tx);
	else if ((leg = leg_by_request(calls, view)) != NULL)
		request_inside(leg, tx);
	else
		refuse(calls, NULL, tx, 481, DIAG_DLG_UNKNOWN,
		    "no dialog with these tags exists");
	calls_run_queue(calls);
}

/* What the layer below has no transaction for. */
static const struct {
	enum diagnostic diagnostic;
	struct sip_fault fault;
} refused_below[] = {
	{ DIAG_DLG_UNKNOWN,
	    { 481, SIP_VIA, "no INVITE that this CANCEL could be for" } },
	{ DIAG_LOOP_DETECTED,
	    { 482, SIP_VIA, "this request has come by another way before" } },
	{ DIAG_INT_SHORTAGE,
	    { 503, SIP_OTHER_HEADER, "no memory for one more transaction" } },
};

static void
on_refused(void *arg, unsigned status)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(refused_below); i++)
		if (refused_below[i].fault.status == status)
			refuse_stateless(arg, refused_below[i].diagnostic,
			    &refused_below[i].fault);
}

static void
on_ack(void *arg, const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path)
{
	struct calls *calls = arg;
	struct leg *leg = leg_by_request(calls, view);

	(void)msg;
	(void)path;
	if (leg != NULL) {
		evidence_hear(leg);
		exchange_ack(leg);
	}
	calls_run_queue(calls);
}

static void
on_cancel(void *arg, uint64_t owner, server_tx invite,
    const struct sip_message *msg)
{
	struct calls *calls = arg;
	struct leg *leg = leg_find(calls, owner);
	struct exchange *x =
	    leg == NULL ? NULL : exchange_by_server(leg->call, invite);
	char buf[REASON_MAX];

	(void)msg;
	if (x == NULL)
		return;
	evidence_hear(x->from);
	if (x->first)
		leg_step(leg, EV_CANCEL);
	else if (x->client != 0)
		client_cancel(calls->transactions, x->client,
		    reason_of_cancel(leg->call, buf));
	calls_run_queue(calls);
}

/* The first INVITE's responses move the callee's leg. */
static void
first_response(struct exchange *x, const struct sip_message *msg)
{
	struct leg *leg = x->to;

	advance_heard(leg);
	if (msg->status == 100)
		return;
	if (msg->status < 300)
		leg_step(leg,
		    msg->status < 200 ? EV_PROVISIONAL : EV_ACCEPTED);
	else if (!advance_hear(leg) && attempt_wanted(leg))
		leg_step(leg, EV_AGAIN);
	else
		leg_step(leg, EV_REFUSED);
}

static bool
is_taken(const struct exchange *x, const struct sip_view *view)
{
	return !span_empty(dialog_remote_tag(&x->to->dialog)) &&
	    !span_eq(dialog_remote_tag(&x->to->dialog), view->to_tag);
}

/* A 2xx to an INVITE (of `asked`, NULL: it is gone) that nobody waits for: in a
 * dialog that is there it was a re-INVITE, whose end the dialog outlives or
 * not. */
static void
stray_accepted(struct calls *calls, const struct leg *asked, client_tx tx,
    const struct sip_view *view)
{
	struct sip_view as = {
		.call_id = view->call_id,
		.to_tag = view->from_tag,
		.from_tag = view->to_tag,
	};
	struct leg *leg = leg_by_request(calls, &as);

	if (leg != NULL && !span_empty(dialog_remote_tag(&leg->dialog)))
		exchange_acknowledge(leg, tx);
	else
		callee_decline(calls, asked, tx);
}

static void
leg_response(struct leg *leg, client_tx tx, const struct sip_message *msg,
    const struct sip_view *view)
{
	struct exchange *x = exchange_by_client(leg->call, tx);
	bool accepted = view->cseq_method == SIP_METHOD_INVITE &&
	    msg->status >= 200 && msg->status < 300;

	evidence_hear(leg);
	if (x == NULL || (accepted && is_taken(x, view))) {
		if (accepted)
			stray_accepted(leg->call->calls, leg, tx, view);
		else if (tx == leg->bye && msg->status >= 200)
			leg_step(leg, EV_BYE_DONE);
		return;
	}
	if (x->first && x->ops == NULL)
		first_response(x, msg);
	else
		exchange_response(x);
}

static void
on_response(void *arg, uint64_t owner, client_tx tx,
    const struct sip_message *msg, const struct sip_view *view)
{
	struct calls *calls = arg;
	struct leg *leg = leg_find(calls, owner);

	if (watch_answered(calls->watch, owner, tx, msg))
		return;
	capability_learn(calls->arrival.trunk, msg, calls->deps.record);
	if (leg != NULL)
		leg_response(leg, tx, msg, view);
	else if (view->cseq_method == SIP_METHOD_INVITE && msg->status >= 200 &&
	    msg->status < 300)
		stray_accepted(calls, NULL, tx, view);
	calls_run_queue(calls);
}

static void
no_answer_to_bye(struct leg *leg, enum leg_event event)
{
	if (event != EV_UNSENT || !leg_repeat_bye(leg))
		leg_step(leg, EV_BYE_DONE);
}

/* No response will come: `event` is what that means to a callee's leg; `error`
 * is negative where the network said why. */
static void
no_response(struct calls *calls, uint64_t owner, client_tx tx,
    enum leg_event event, int error)
{
	struct leg *leg = leg_find(calls, owner);
	struct exchange *x;

	if (watch_answered(calls->watch, owner, tx, NULL) || leg == NULL)
		return;
	x = exchange_by_client(leg->call, tx);
	if (x != NULL && x->first && error != 0)
		note_unsent(leg, SPAN("INVITE"), error);
	if (tx == leg->bye)
		no_answer_to_bye(leg, event);
	else if (x != NULL && x->first && x->ops == NULL)
		leg_step(leg, event);
	else if (x != NULL && event == EV_UNSENT)
		exchange_unsent(x);
	else if (x != NULL)
		exchange_lost(x);
	calls_run_queue(calls);
}

static void
on_timeout(void *arg, uint64_t owner, client_tx tx)
{
	no_response(arg, owner, tx, EV_TIMEOUT, 0);
}

static void
on_failed(void *arg, uint64_t owner, client_tx tx, int error)
{
	no_response(arg, owner, tx, EV_UNSENT, error);
}

static void
on_not_acked(void *arg, uint64_t owner, server_tx invite, unsigned sent)
{
	struct calls *calls = arg;
	struct leg *leg = leg_find(calls, owner);
	struct exchange *x =
	    leg == NULL ? NULL : exchange_by_server(leg->call, invite);

	if (x == NULL)
		return;
	note_not_acked(x->from, sent);
	leg_step(x->from, EV_NO_ACK);
	calls_run_queue(calls);
}

/* Our final response to an INVITE found no way. Of a 2xx no ACK can be hoped
 * for: nothing else ends that wait. */
static void
on_respond_failed(void *arg, uint64_t owner, server_tx tx, int error)
{
	struct calls *calls = arg;
	struct leg *leg = leg_find(calls, owner);
	struct exchange *x =
	    leg == NULL ? NULL : exchange_by_server(leg->call, tx);

	(void)error;
	if (x == NULL)
		return;
	if (x->state == EXCHANGE_ANSWERED) {
		call_end(leg->call, END_PEER_LOST);
		leg_step(x->from, EV_NO_ACK);
	} else if (x->first) {
		call_end(leg->call, END_PEER_LOST);
	}
	calls_run_queue(calls);
}

const struct transaction_ops calls_transaction_ops = {
	.request = on_request,
	.refused = on_refused,
	.ack = on_ack,
	.cancel = on_cancel,
	.response = on_response,
	.timeout = on_timeout,
	.failed = on_failed,
	.not_acked = on_not_acked,
	.respond_failed = on_respond_failed,
};
