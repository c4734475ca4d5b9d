/*
 * exchange.c - requests inside a dialog, and the INVITE that makes one
 *
 * re-INVITE, UPDATE, INFO, MESSAGE pass from one leg to the other: the request
 * is made anew for the other dialog, its response comes back the same way.
 * Requests of our own have operations instead of a leg that they come from.
 */

#include "call/private.h"

#include <errno.h>
#include <stdlib.h>

struct exchange *
exchange_by_client(struct call *call, client_tx tx)
{
	struct exchange *x;

	for (x = call->exchanges; x != NULL; x = x->next)
		if (x->client == tx && tx != 0)
			return x;
	return NULL;
}

struct exchange *
exchange_by_server(struct call *call, server_tx tx)
{
	struct exchange *x;

	for (x = call->exchanges; x != NULL; x = x->next)
		if (x->server == tx && tx != 0)
			return x;
	return NULL;
}

/* Offers, answers and targets travel in these two. */
static bool
moves_session(enum sip_method method)
{
	return method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE;
}

static unsigned
count(const struct call *call)
{
	const struct exchange *x;
	unsigned n = 0;

	for (x = call->exchanges; x != NULL; x = x->next)
		n++;
	return n;
}

struct exchange *
exchange_open(struct leg *from, struct leg *to, enum sip_method method)
{
	struct call *call = to->call;
	slab_handle handle;
	struct exchange *x;

	if (count(call) >= CALL_EXCHANGES)
		return NULL;
	x = slab_alloc(&call->calls->exchanges, &handle);
	if (x == NULL)
		return NULL;
	x->handle = handle;
	x->method = method;
	x->from = from;
	x->to = to;
	x->next = call->exchanges;
	call->exchanges = x;
	return x;
}

void
exchange_forget_client(struct exchange *x)
{
	if (x->client != 0)
		client_forget(x->to->call->calls->transactions, x->client);
	x->client = 0;
}

static void
unlink_exchange(struct exchange *x)
{
	struct exchange **at = &x->to->call->exchanges;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
}

void
exchange_close(struct exchange *x)
{
	struct leg *from = x->from, *to = x->to;

	exchange_forget_client(x);
	timer_stop(to->call->calls->deps.timers, &x->patience);
	unlink_exchange(x);
	if (from != NULL && from->invite == x)
		from->invite = NULL;
	if (to->invite == x)
		to->invite = NULL;
	free(x->target);
	span_free(&x->sdp);
	slab_free(&to->call->calls->exchanges, x->handle);
}

void
exchange_move(struct exchange *x, struct call *call)
{
	unlink_exchange(x);
	x->next = call->exchanges;
	call->exchanges = x;
}

bool
exchange_split(struct leg *leg, struct leg *stand_in, struct call *call)
{
	struct exchange *x = leg->invite;
	struct exchange *y =
	    exchange_open(x->from, stand_in, SIP_METHOD_INVITE);

	if (y == NULL)
		return false;
	y->first = true;
	y->offer = x->offer;
	y->server = x->server;
	y->server_cseq = x->server_cseq;
	y->terms = x->terms;
	y->from->invite = y;
	x->from = NULL;
	x->server = 0;
	exchange_move(x, call);
	return true;
}

/* The dialogs are over: a 2xx that still waits for its ACK waits in vain. */
void
exchange_drop_all(struct call *call)
{
	struct exchange *x;

	while ((x = call->exchanges) != NULL) {
		if (x->state == EXCHANGE_ANSWERED)
			server_acked(call->calls->transactions, x->server);
		exchange_close(x);
	}
}

void
exchange_flush_ack(struct leg *leg)
{
	struct exchange *x;

	for (x = leg->call->exchanges; x != NULL; x = x->next)
		if (x->to == leg && x->ack_waits)
			exchange_send_ack(
			    x, dialog_remote_tag(&leg->dialog), false);
}

static bool
has_part(const struct exchange *x, const struct leg *leg)
{
	return leg != NULL && (x->from == leg || x->to == leg);
}

static void
answer_terminated(struct exchange *x)
{
	struct calls *calls = x->to->call->calls;

	compose_response(x->from, x->method, x->server_cseq, 487,
	    SPAN("Request Terminated"));
	compose_own(x->from);
	answer_last(calls, x->server, SPAN_NONE);
}

/* The dialog of a request that waits for its response is over (RFC 3261 section
 * 15.1.1): it is not sent again. An INVITE has an end of its own, and what a
 * NOTIFY tells outlives the call (RFC 5057 section 4.1). */
static void
abandon_client(struct exchange *x)
{
	if (x->method == SIP_METHOD_INVITE || x->as_invite ||
	    x->method == SIP_METHOD_NOTIFY)
		return;
	client_abandon(x->to->call->calls->transactions, x->client);
	x->client = 0;
}

/* The call is over: what still waits inside its dialogs is
 * answered 487 (RFC 3261 section 15.1.2). An INVITE that makes a
 * dialog is the legs' own business. */
void
exchange_close_all(struct call *call)
{
	struct exchange *x, *next;

	for (x = call->exchanges; x != NULL; x = next) {
		next = x->next;
		if (x->state != EXCHANGE_PENDING || x->first)
			continue;
		if (x->from != NULL)
			answer_terminated(x);
		abandon_client(x);
		exchange_close(x);
	}
}

void
exchange_close_leg(struct leg *leg)
{
	struct exchange *x, *next;

	offer_forget(leg);
	for (x = leg->call->exchanges; x != NULL; x = next) {
		next = x->next;
		if (!has_part(x, leg))
			continue;
		if (x->from != NULL && x->state == EXCHANGE_PENDING)
			answer_terminated(x);
		if (x->from == leg && join_leave_behind(x))
			continue;
		if (x->to == leg && leg->state == LEG_GONE)
			abandon_client(x);
		exchange_close(x);
	}
}

/* --- requests of our own --- */

struct exchange *
exchange_begin(
    struct leg *to, enum sip_method method, const struct exchange_ops *ops)
{
	struct exchange *x = exchange_open(NULL, to, method);

	if (x == NULL)
		return NULL;
	x->ops = ops;
	x->client =
	    compose_request(to, method, span_of(sip_method_name(method)));
	if (x->client == 0) {
		exchange_close(x);
		return NULL;
	}
	x->client_cseq = to->dialog.local_cseq;
	compose_own(to);
	return x;
}

int
exchange_send(struct exchange *x)
{
	int error = compose_send(x->to, &x->client);

	if (error == 0)
		return 0;
	exchange_close(x);
	return error;
}

bool
exchange_offer(struct leg *to, struct leg *from, struct span sdp,
    const struct exchange_ops *ops)
{
	struct policy_refusal refusal;
	struct exchange *x;

	if (!session_own(to))
		return false;
	x = exchange_begin(to, SIP_METHOD_INVITE, ops);
	if (x == NULL)
		return false;
	x->offer = true;
	session_add(to, sdp);
	if (compose_apply(from, to, &refusal))
		return exchange_send(x) == 0;
	exchange_close(x);
	return false;
}

void
exchange_accept(struct exchange *x)
{
	const struct arrival *a = &x->to->call->calls->arrival;

	dialog_refresh_target(&x->to->dialog, a->view);
	session_set(x->to, session_copy(a->msg));
	exchange_send_ack(x, a->view->to_tag, false);
	exchange_close(x);
}

/* --- what passes --- */

/* Another INVITE, or an UPDATE with an offer, is on its way between these two,
 * or from us to one of them, and not over. */
static const struct exchange *
pending_offer(const struct leg *leg)
{
	const struct exchange *x;

	for (x = leg->call->exchanges; x != NULL; x = x->next)
		if ((has_part(x, leg) || has_part(x, leg->other)) &&
		    (x->method == SIP_METHOD_INVITE ||
			(x->method == SIP_METHOD_UPDATE && x->offer)))
			return x;
	return NULL;
}

bool
exchange_session_pending(const struct leg *leg)
{
	const struct exchange *x;

	for (x = leg->call->exchanges; x != NULL; x = x->next)
		if (has_part(x, leg) && moves_session(x->method))
			return true;
	return false;
}

bool
exchange_offer_pending(const struct leg *leg)
{
	return pending_offer(leg) != NULL || offer_pending(leg->call);
}

/* Whose user agent made the Call-ID waits longer than the other: the two do not
 * meet again. */
uint64_t
exchange_glare_ms(const struct leg *leg)
{
	uint16_t r;

	leg->call->calls->deps.random(&r, sizeof(r));
	return leg->dialog.ours ? 2100 + r % 191 * 10 : r % 201 * 10;
}

/* RFC 3261 section 14.2 and RFC 3311 section 5.2: 491 when we have an offer out
 * to that peer, 500 with Retry-After when its own one is not answered yet. */
static bool
glare(struct leg *from, server_tx tx, bool offer)
{
	const struct exchange *x;

	if (offer && transfer_crosses(from)) {
		refuse(from->call->calls, from, tx, 491, DIAG_DLG_GLARE,
		    "the call is being transferred");
		return true;
	}
	if (!offer || (x = pending_offer(from)) == NULL)
		return false;
	if (x->from == from && x->state == EXCHANGE_PENDING)
		refuse(from->call->calls, from, tx, 500, DIAG_DLG_GLARE,
		    "the last offer of this side is not answered yet");
	else if (x->from == from)
		refuse(from->call->calls, from, tx, 491, DIAG_DLG_GLARE,
		    "the ACK of this side to the last answer has not come yet");
	else if (x->from == NULL)
		refuse(from->call->calls, from, tx, 491, DIAG_DLG_GLARE,
		    "an offer of our own is on its way");
	else
		refuse(from->call->calls, from, tx, 491, DIAG_DLG_GLARE,
		    "an offer of the other side is on its way");
	return true;
}

/* Only a confirmed dialog on both sides can pass a request on. */
static bool
both_up(struct leg *from, server_tx tx)
{
	if (from->state == LEG_UP && from->other != NULL &&
	    from->other->state == LEG_UP)
		return true;
	if (from->call->reason != END_NONE ||
	    (from->other == NULL && !transfer_holds(from)))
		refuse(from->call->calls, from, tx, 481, DIAG_DLG_UNKNOWN,
		    "the call is being ended");
	else
		refuse(from->call->calls, from, tx, 491, DIAG_DLG_GLARE,
		    "the call is not answered on both sides yet");
	return false;
}

static struct exchange *
open_request(struct leg *from, server_tx tx, bool offer)
{
	struct calls *calls = from->call->calls;
	const struct arrival *a = &calls->arrival;
	struct exchange *x = exchange_open(from, from->other, a->msg->method);

	if (x == NULL)
		return NULL;
	x->offer = offer;
	x->mute = x->method == SIP_METHOD_INVITE &&
	    extension_requires_100rel(calls);
	x->server = tx;
	x->server_cseq = a->view->cseq;
	if (moves_session(x->method)) {
		x->target = dialog_new_target(&from->dialog, a->view);
		x->sdp = session_copy(a->msg);
		interval_read(a->msg, &x->terms);
		interval_note_orphan(from);
	}
	server_set_owner(calls->transactions, tx, from->handle);
	return x;
}

/* The draft, as x->from wants it. False: it has been
 * refused, or could not be sent. */
static bool
send_draft(struct exchange *x, struct policy_refusal *refusal)
{
	if (!compose_apply(x->from, x->to, refusal)) {
		exchange_forget_client(x);
		return false;
	}
	if (compose_send(x->to, &x->client) == 0)
		return true;
	x->client = 0;
	return false;
}

bool
exchange_send_offer(struct exchange *x, enum sip_method method)
{
	struct leg *to = x->to;
	struct policy_refusal refusal;

	x->client =
	    compose_request(to, method, span_of(sip_method_name(method)));
	if (x->client == 0)
		return false;
	x->client_cseq = to->dialog.local_cseq;
	compose_own(to);
	session_add(to, x->sdp);
	return send_draft(x, &refusal);
}

/* False: as send_draft(). */
static bool
pass_request(struct exchange *x, struct policy_refusal *refusal)
{
	struct leg *from = x->from, *to = x->to;
	const struct sip_message *msg = from->call->calls->arrival.msg;

	x->as_invite = update_needs_invite(x);
	if (x->as_invite)
		x->client =
		    compose_request(to, SIP_METHOD_INVITE, SPAN("INVITE"));
	else
		x->client = compose_request(to, msg->method, msg->method_name);
	if (x->client == 0)
		return false;
	x->client_cseq = to->dialog.local_cseq;
	compose_own(to);
	extension_pass(from, to);
	compose_relay(to, msg);
	if (x->method == SIP_METHOD_REFER)
		refer_address(from, to);
	else if (x->method == SIP_METHOD_NOTIFY)
		refer_name_event(to->call);
	if (!send_draft(x, refusal))
		return false;
	if (x->as_invite)
		update_note(x);
	return true;
}

void
exchange_request(struct leg *from, server_tx tx)
{
	const struct sip_message *msg = from->call->calls->arrival.msg;
	bool offer = moves_session(msg->method) && session_is_in(msg);
	struct policy_refusal refusal = { 503, DIAG_NET_FAILED,
		"the request could not be passed on" };
	struct exchange *x;

	if (!both_up(from, tx) ||
	    glare(from, tx, offer || msg->method == SIP_METHOD_INVITE) ||
	    offer_request(from, tx))
		return;
	x = open_request(from, tx, offer);
	if (x == NULL) {
		refuse(from->call->calls, from, tx, 500, DIAG_DLG_GLARE,
		    "too many requests of this call wait for an answer");
		return;
	}
	if (pass_request(x, &refusal))
		return;
	refuse(from->call->calls, from, tx, refusal.status, refusal.diagnostic,
	    "%s", refusal.text);
	exchange_close(x);
}

bool
exchange_pass_response(struct exchange *x)
{
	struct leg *from = x->from;
	struct calls *calls = from->call->calls;
	const struct sip_message *msg = calls->arrival.msg;
	struct policy_refusal refusal;

	compose_response(
	    from, x->method, x->server_cseq, msg->status, msg->reason);
	compose_own(from);
	compose_relay(from, msg);
	if (msg->status / 100 == 2 && moves_session(x->method))
		interval_answer(from, &x->terms);
	if (!compose_apply(x->to, from, &refusal))
		return false;
	return server_respond(calls->transactions, x->server, &calls->draft,
		   SPAN_NONE) == 0;
}

/* An accepted request, and no other, moves targets (RFC 3261 section 12.2.2)
 * and what both peers said of the session. */
static void
take_effect(struct exchange *x)
{
	const struct arrival *a = &x->to->call->calls->arrival;

	dialog_refresh_target(&x->to->dialog, a->view);
	if (x->target != NULL)
		dialog_set_target(&x->from->dialog, span_of(x->target));
	if (!x->offer) {
		/* An offer, in force once the ACK answers it. */
		span_free(&x->sdp);
		x->sdp = session_copy(a->msg);
		return;
	}
	session_set(x->to, session_copy(a->msg));
	session_set(x->from, x->sdp);
	x->sdp = SPAN_NONE;
	offer_drop(x->to->call);
}

static void
refuse_by_reason(struct exchange *x, enum end_reason reason)
{
	const struct end_reason_row *row = end_reason_get(reason);

	refuse(x->from->call->calls, x->from, x->server, row->status,
	    row->diagnostic, "%s", row->sentence);
}

/* 2xx to a re-INVITE: ACK now, or with the answer that the other ACK brings. */
static void
reinvite_accepted(struct exchange *x)
{
	const struct arrival *a = &x->from->call->calls->arrival;

	take_effect(x);
	x->ack_waits = !x->offer;
	if (!x->ack_waits)
		exchange_send_ack(x, a->view->to_tag, false);
	x->state = EXCHANGE_ANSWERED;
	if (exchange_pass_response(x))
		return;
	refuse_by_reason(x, END_BAD_ANSWER);
	call_end(x->from->call, END_BAD_ANSWER);
}

bool
exchange_loses_dialog(unsigned status)
{
	return status == 408 || status == 481;
}

/* A NOTIFY belongs to a subscription: where its receiver does not know that, or
 * says nothing, the call is another usage of the dialog, and goes on (RFC 5057
 * section 5.1). */
static bool
is_of_call(const struct exchange *x)
{
	return x->method != SIP_METHOD_NOTIFY;
}

/* The status alone, where the whole response cannot pass. */
static void
answer_bare(struct exchange *x)
{
	struct calls *calls = x->from->call->calls;
	const struct sip_message *msg = calls->arrival.msg;

	compose_response(
	    x->from, x->method, x->server_cseq, msg->status, msg->reason);
	compose_own(x->from);
	answer_last(calls, x->server, SPAN_NONE);
}

static void
exchange_final(struct exchange *x)
{
	struct call *call = x->from->call;
	struct leg *to = x->to;
	unsigned status = call->calls->arrival.msg->status;
	enum end_reason own =
	    status < 300 ? END_NONE : callee_own_reason(status);
	bool loses = exchange_loses_dialog(status) && is_of_call(x);

	/* Its sender tries again, and is then asked for what this peer
	 * wants. */
	if (status == 422)
		interval_demanded(to);
	if (status < 300 && x->method == SIP_METHOD_UPDATE)
		take_effect(x);
	if (status >= 300 && x->method == SIP_METHOD_REFER)
		refer_refused(to);
	if (own != END_NONE)
		refuse_by_reason(x, own);
	else if (!exchange_pass_response(x))
		answer_bare(x);
	exchange_close(x);
	if (!loses)
		return;
	reason_hear(to);
	note_lost(to);
	call_end(call, END_DIALOG_LOST);
}

static void
patience_ends(struct timer *timer)
{
	struct exchange *x = CONTAINER_OF(timer, struct exchange, patience);

	if (x->client != 0)
		client_cancel(
		    x->to->call->calls->transactions, x->client, SPAN_NONE);
}

/* A 1xx stops the transaction's own timer: without a final response nothing
 * could be offered in this call any more (RFC 3261 section 16.6, timer C). */
static void
begin_patience(struct exchange *x)
{
	struct call *call = x->to->call;

	if (x->method == SIP_METHOD_INVITE && !timer_running(&x->patience))
		timer_start(call->calls->deps.timers, &x->patience,
		    call->trunks->config->sip.ring, patience_ends);
}

void
exchange_response(struct exchange *x)
{
	const struct sip_message *msg = x->to->call->calls->arrival.msg;

	if (msg->status < 200)
		begin_patience(x);
	if (msg->status == 100)
		return;
	if (msg->status / 100 == 2 && moves_session(x->method))
		refresh_accepted(x->to);
	if (x->ops != NULL)
		x->ops->response(x);
	else if (update_response(x))
		return;
	else if (msg->status < 200 && x->mute)
		return;
	else if (msg->status < 200)
		exchange_pass_response(x);
	else if (msg->status < 300 && x->method == SIP_METHOD_INVITE)
		reinvite_accepted(x);
	else
		exchange_final(x);
}

void
exchange_lost(struct exchange *x)
{
	struct call *call = x->to->call;
	bool loses = is_of_call(x);

	x->client = 0;
	if (x->ops != NULL) {
		x->ops->lost(x);
		return;
	}
	/* RFC 4320: no 408 to anything but INVITE. */
	refuse(call->calls, x->from, x->server,
	    x->method == SIP_METHOD_INVITE ? 408 : 504, DIAG_NET_NO_REPLY,
	    "the other side does not answer inside this call");
	exchange_close(x);
	if (loses)
		call_end(call, END_DIALOG_LOST);
}

void
exchange_unsent(struct exchange *x)
{
	x->client = 0;
	if (x->ops != NULL) {
		x->ops->unsent(x);
		return;
	}
	refuse(x->from->call->calls, x->from, x->server, 503, DIAG_NET_FAILED,
	    "the request could not be passed on");
	exchange_close(x);
}

void
exchange_send_ack(struct exchange *x, struct span to_tag, bool with_body)
{
	struct leg *leg = x->to;
	struct calls *calls = leg->call->calls;
	struct policy_refusal refusal;
	struct net_path path;
	struct span ack;

	x->ack_waits = false;
	compose_ack(leg, x->client_cseq, &path);
	if (with_body) {
		compose_relay(leg, calls->arrival.msg);
		if (!compose_apply(x->from, leg, &refusal))
			call_end(leg->call, END_BAD_ANSWER);
	} else {
		compose_apply_rules(leg);
	}
	ack = compose_write(leg);
	if (!span_empty(ack))
		client_ack(calls->transactions, x->client, to_tag, &path, ack);
}

void
exchange_acknowledge(struct leg *leg, client_tx tx)
{
	const struct sip_view *view = leg->call->calls->arrival.view;
	struct exchange x = {
		.method = SIP_METHOD_INVITE,
		.to = leg,
		.client = tx,
		.client_cseq = view->cseq,
	};

	exchange_send_ack(&x, view->to_tag, false);
}

void
exchange_answer_in_ack(
    struct exchange *x, struct leg *from, struct span to_tag)
{
	struct leg *leg = x->to;
	struct calls *calls = leg->call->calls;
	struct policy_refusal refusal;
	struct net_path path;
	struct span ack;

	x->ack_waits = false;
	compose_ack(leg, x->client_cseq, &path);
	session_add(leg, from->sdp);
	if (!compose_apply(from, leg, &refusal))
		call_end(leg->call, END_BAD_ANSWER);
	ack = compose_write(leg);
	if (!span_empty(ack))
		client_ack(calls->transactions, x->client, to_tag, &path, ack);
}

static struct exchange *
answered_by(struct leg *from, uint32_t cseq)
{
	struct exchange *x;

	for (x = from->call->exchanges; x != NULL; x = x->next)
		if (x->state == EXCHANGE_ANSWERED && x->from == from &&
		    x->server_cseq == cseq)
			return x;
	return NULL;
}

/* The ACK at hand has the answer to the offer of the 2xx; without one, both
 * sides keep what they had. */
static void
answer_takes_effect(struct exchange *x)
{
	const struct sip_message *msg = x->from->call->calls->arrival.msg;

	if (span_empty(msg->body))
		return;
	session_set(x->from, session_copy(msg));
	session_set(x->to, x->sdp);
	x->sdp = SPAN_NONE;
}

void
exchange_ack(struct leg *from)
{
	struct calls *calls = from->call->calls;
	const struct arrival *a = &calls->arrival;
	struct exchange *x = answered_by(from, a->view->cseq);
	bool first, late;

	if (x == NULL)
		return;
	server_acked(calls->transactions, x->server);
	if (x->ack_waits) {
		answer_takes_effect(x);
		exchange_send_ack(
		    x, dialog_remote_tag(&x->to->dialog),
		    !span_empty(a->msg->body));
	}
	first = x->first;
	late = x->late;
	if (late)
		session_set(from, session_copy(a->msg));
	exchange_close(x);
	if (first)
		leg_step(from, EV_ACK);
	if (late)
		offer_answered(from, first);
	if (first)
		memory_settle(&from->call->chain);
}
