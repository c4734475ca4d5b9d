/*
 * client_invite.c - the INVITE client transaction (RFC 3261 section 17.1.1, as
 * corrected by RFC 6026), its CANCEL (section 9.1), and its ACKs: to a failure
 * the layer makes them, to a 2xx the user does and the layer repeats them
 */

#include <errno.h>

#include "sip/value.h"
#include "transaction/private.h"

/* Forgotten and not cancelled, with a peer that never answers (Timer C). */
#define FORGOTTEN_MAX 180000

/* --- requests made of the INVITE --- */

static void
add_field(struct text *t, const char *name, struct span value)
{
	text_add_str(t, name);
	text_add(t, value);
	TEXT_LIT(t, "\r\n");
}

/* ACK to a failure (section 17.1.1.3) and CANCEL (section 9.1) have the same
 * form; a response's To may be folded, ours is not. */
static struct span
derive(struct client *tx, const char *method, struct span to,
    struct span reason)
{
	struct transactions *layer = tx->layer;
	struct text t = text_over(layer->out, sizeof(layer->out));
	struct sip_message *own = &layer->own;
	const struct sip_line *route;
	struct sip_fault fault;
	struct span rest;

	if (!sip_index(own, span_make(tx->sent, tx->sent_n), &fault))
		return SPAN_NONE;
	text_add_str(&t, method);
	TEXT_LIT(&t, " ");
	text_add(&t, own->uri);
	add_field(&t, " SIP/2.0\r\nVia: ", sip_value(own, SIP_VIA));
	TEXT_LIT(&t, "Max-Forwards: 70\r\n");
	for (route = sip_find(own, SIP_ROUTE); route != NULL;
	     route = sip_find_next(own, route))
		add_field(&t, "Route: ", route->value);
	add_field(&t, "From: ", sip_value(own, SIP_FROM));
	TEXT_LIT(&t, "To: ");
	sip_add_unfolded(&t, to.n > 0 ? to : sip_value(own, SIP_TO));
	add_field(&t, "\r\nCall-ID: ", sip_value(own, SIP_CALL_ID));
	TEXT_LIT(&t, "CSeq: ");
	text_add(&t, span_cut(sip_value(own, SIP_CSEQ), ' ', &rest));
	TEXT_LIT(&t, " ");
	text_add_str(&t, method);
	TEXT_LIT(&t, "\r\n");
	if (reason.n > 0)
		add_field(&t, "Reason: ", reason);
	TEXT_LIT(&t, "Content-Length: 0\r\n\r\n");
	return t.overflow ? SPAN_NONE : text_span(&t);
}

/* An ACK has no transaction that could send it again: where its connection is
 * gone it takes another. */
static int
send_ack(struct transactions *layer, struct net_path *path, struct span ack)
{
	int error = layer_send(layer, path, ack);

	if (error != -ENOTCONN || path->connection == 0)
		return error;
	path->connection = 0;
	return layer_send(layer, path, ack);
}

/* --- CANCEL --- */

/* A transaction of its own with the same branch; it waits, unsent, until the
 * INVITE has a provisional. */
static struct client *
make_cancel(struct client *tx, struct span reason)
{
	struct client *cancel;
	struct span bytes = derive(tx, "CANCEL", SPAN_NONE, reason);

	if (bytes.n == 0)
		return NULL;
	cancel = client_open(tx->layer, SIP_METHOD_CANCEL, 0, &tx->path);
	if (cancel == NULL)
		return NULL;
	cancel->forgotten = true;
	if (!client_keep(cancel, bytes)) {
		client_release(cancel);
		return NULL;
	}
	tx->cancel = slab_handle_of(cancel);
	return cancel;
}

/* Whatever becomes of the CANCEL, 64*T1 end the INVITE. */
static void
send_cancel(struct client *tx, struct client *cancel)
{
	client_linger(tx, layer_64t1(tx->layer));
	if (cancel != NULL)
		client_start(cancel, span_make(cancel->sent, cancel->sent_n));
}

static void
cancel_calling(struct client *tx, const struct client_input *in)
{
	if (tx->cancel == 0)
		make_cancel(tx, in->reason);
}

static void
cancel_proceeding(struct client *tx, const struct client_input *in)
{
	if (tx->cancel == 0)
		send_cancel(tx, make_cancel(tx, in->reason));
}

static struct client *
find_cancel(const struct client *tx)
{
	return slab_find(&tx->layer->clients, tx->cancel);
}

/* A final response came first: nothing is left to be cancelled. */
static void
drop_unsent_cancel(struct client *tx)
{
	struct client *cancel = find_cancel(tx);

	if (cancel != NULL && cancel->state == CLIENT_CREATED)
		client_release(cancel);
}

/* --- Calling --- */

static void
repeat(struct client *tx, const struct client_input *in)
{
	tx->interval *= 2;
	client_repeat(tx, in);
}

static void
first_provisional(struct client *tx, const struct client_input *in)
{
	timer_stop(tx->layer->timers, &tx->timer);
	if (tx->cancel != 0)
		send_cancel(tx, find_cancel(tx));
	else if (tx->forgotten)
		client_linger(tx, FORGOTTEN_MAX);
	client_tell_response(tx, in);
}

/* --- Proceeding --- */

static void
forget_proceeding(struct client *tx, const struct client_input *in)
{
	(void)in;
	if (tx->cancel == 0)
		client_linger(tx, FORGOTTEN_MAX);
}

/* --- Completed: a failure, which the layer acknowledges --- */

static void
failed(struct client *tx, const struct client_input *in)
{
	bool reliable = net_transport_reliable(tx->path.transport);
	struct span ack = derive(
	    tx, "ACK", sip_value(in->msg, SIP_TO), SPAN_NONE);

	drop_unsent_cancel(tx);
	if (ack.n > 0) {
		tx->layer->counters.requests_out++;
		send_ack(tx->layer, &tx->path, ack);
	}
	if (reliable || ack.n == 0 || !client_keep(tx, ack))
		client_drop_sent(tx);
	client_linger(tx, reliable ? 0 : layer_64t1(tx->layer));
	client_tell_response(tx, in);
}

static void
fail_again(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;

	(void)in;
	layer->counters.retransmissions_in++;
	if (tx->sent == NULL)
		return;
	layer->counters.retransmissions_out++;
	layer_send(layer, &tx->path, span_make(tx->sent, tx->sent_n));
}

/* --- Accepted: 2xx of one fork or more, which the user acknowledges --- */

static uint64_t
tag_hash(struct span tag)
{
	return hash_quick(&tag, 1);
}

static struct fork **
find_fork(struct client *tx, uint64_t tag, unsigned *n)
{
	struct fork **at = &tx->forks;

	for (*n = 0; *at != NULL && (*at)->tag != tag; at = &(*at)->next)
		++*n;
	return at;
}

static bool
add_fork(struct fork **at, uint64_t tag)
{
	struct fork *fork = pool_alloc(sizeof(*fork));

	if (fork == NULL)
		return false;
	*fork = (struct fork){ .tag = tag };
	*at = fork;
	return true;
}

static void
repeat_ack(struct client *tx, struct fork *fork)
{
	struct transactions *layer = tx->layer;

	layer->counters.retransmissions_in++;
	if (fork->ack_n == 0)
		return;
	layer->counters.retransmissions_out++;
	send_ack(layer, &fork->path, span_make(fork->ack, fork->ack_n));
}

/* A 2xx that finds no memory, or is one fork too many, is as good as lost. */
static void
accept_fork(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;
	uint64_t tag = tag_hash(in->view->to_tag);
	unsigned n;
	struct fork **at = find_fork(tx, tag, &n);

	if (*at != NULL) {
		repeat_ack(tx, *at);
		return;
	}
	if (n >= FORKS_MAX || !add_fork(at, tag)) {
		layer->counters.ignored++;
		return;
	}
	layer->ops.response(
	    layer->arg, tx->owner, slab_handle_of(tx), in->msg, in->view);
}

/* Timer M. */
static void
accepted(struct client *tx, const struct client_input *in)
{
	drop_unsent_cancel(tx);
	client_drop_sent(tx);
	client_linger(tx, layer_64t1(tx->layer));
	accept_fork(tx, in);
}

static struct fork *
keep_ack(struct fork **at, const struct net_path *path, struct span ack)
{
	struct fork *fork = pool_alloc(sizeof(*fork) + ack.n), *old = *at;

	if (fork == NULL)
		return NULL;
	*fork = *old;
	pool_free(old, sizeof(*old) + old->ack_n);
	fork->path = *path;
	fork->ack_n = (uint32_t)ack.n;
	memcpy(fork->ack, ack.p, ack.n);
	*at = fork;
	return fork;
}

int
client_ack(struct transactions *layer, client_tx handle, struct span to_tag,
    const struct net_path *path, struct span ack)
{
	struct client *tx = slab_find(&layer->clients, handle);
	struct net_path once = *path;
	struct fork **at = NULL, *fork = NULL;
	unsigned n;

	if (tx != NULL && tx->state == CLIENT_ACCEPTED)
		at = find_fork(tx, tag_hash(to_tag), &n);
	if (at != NULL && *at != NULL)
		fork = keep_ack(at, path, ack);
	layer->counters.requests_out++;
	return send_ack(layer, fork == NULL ? &once : &fork->path, ack);
}

const struct client_cell client_invite_table[CLIENT_STATES][CLIENT_EVENTS] = {
	[CLIENT_CREATED] = {
		[CLIENT_SENT] = { client_begin, CLIENT_CALLING },
		[CLIENT_FORGET] = { client_end, CLIENT_TERMINATED },
	},
	[CLIENT_CALLING] = {
		[CLIENT_1XX] = { first_provisional, CLIENT_PROCEEDING },
		[CLIENT_2XX] = { accepted, CLIENT_ACCEPTED },
		[CLIENT_FAILURE] = { failed, CLIENT_COMPLETED },
		[CLIENT_CANCEL] = { cancel_calling, CLIENT_CALLING },
		[CLIENT_FORGET] = { client_absorb, CLIENT_CALLING },
		[CLIENT_TIMER_AGAIN] = { repeat, CLIENT_CALLING },
		[CLIENT_TIMER_END] = { client_tell_timeout, CLIENT_TERMINATED },
		[CLIENT_LOST] = { client_lose, CLIENT_CALLING },
		[CLIENT_ERROR] = { client_tell_failed, CLIENT_TERMINATED },
	},
	[CLIENT_PROCEEDING] = {
		[CLIENT_1XX] = { client_tell_response, CLIENT_PROCEEDING },
		[CLIENT_2XX] = { accepted, CLIENT_ACCEPTED },
		[CLIENT_FAILURE] = { failed, CLIENT_COMPLETED },
		[CLIENT_CANCEL] = { cancel_proceeding, CLIENT_PROCEEDING },
		[CLIENT_FORGET] = { forget_proceeding, CLIENT_PROCEEDING },
		[CLIENT_TIMER_END] = { client_tell_timeout, CLIENT_TERMINATED },
		[CLIENT_LOST] = { client_tell_failed, CLIENT_TERMINATED },
		[CLIENT_ERROR] = { client_tell_failed, CLIENT_TERMINATED },
	},
	[CLIENT_COMPLETED] = {
		[CLIENT_FAILURE] = { fail_again, CLIENT_COMPLETED },
		[CLIENT_FORGET] = { client_absorb, CLIENT_COMPLETED },
		[CLIENT_TIMER_END] = { client_end, CLIENT_TERMINATED },
	},
	[CLIENT_ACCEPTED] = {
		[CLIENT_2XX] = { accept_fork, CLIENT_ACCEPTED },
		[CLIENT_FORGET] = { client_absorb, CLIENT_ACCEPTED },
		[CLIENT_TIMER_END] = { client_end, CLIENT_TERMINATED },
	},
};
