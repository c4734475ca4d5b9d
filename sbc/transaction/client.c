/*
 * client.c - client transactions: what both machines share, and the user's side
 */

#include <errno.h>

#include "transaction/private.h"

static const struct client_cell *
cell_of(const struct client *tx, enum client_event event)
{
	return tx->method == SIP_METHOD_INVITE
	    ? &client_invite_table[tx->state][event]
	    : &client_other_table[tx->state][event];
}

static unsigned
waits(enum client_state state)
{
	return state <= CLIENT_PROCEEDING;
}

/* The only writer of a client transaction's state. */
static void
client_enter(struct client *tx, enum client_state state)
{
	tx->layer->active += waits(state) - waits(tx->state);
	tx->state = (uint8_t)state;
}

void
client_step(struct client *tx, enum client_event event,
    const struct client_input *in)
{
	const struct client_cell *cell = cell_of(tx, event);
	struct transactions *layer = tx->layer;
	client_tx handle = slab_handle_of(tx);

	if (cell->action == NULL) {
		layer->counters.ignored++;
		return;
	}
	client_enter(tx, cell->next);
	cell->action(tx, in);
	tx = slab_find(&layer->clients, handle);
	if (tx != NULL && tx->state == CLIENT_TERMINATED)
		client_release(tx);
}

/* --- birth and death --- */

static void
timer_expired(struct timer *timer)
{
	struct client *tx = CONTAINER_OF(timer, struct client, timer);
	bool end = tx->layer->timers->now >= tx->deadline;

	client_step(tx, end ? CLIENT_TIMER_END : CLIENT_TIMER_AGAIN,
	    &(struct client_input){ .error = 0 });
}

void
client_linger(struct client *tx, uint64_t delay)
{
	struct timers *timers = tx->layer->timers;

	tx->deadline = timers->now + delay;
	timer_start_slack(timers, &tx->timer, delay,
	    delay == 0 ? 1 : LINGER_SLACK, timer_expired);
}

void
client_wait(struct client *tx)
{
	struct timers *timers = tx->layer->timers;
	uint64_t left = tx->deadline - timers->now;

	if (left <= tx->interval ||
	    net_transport_reliable(tx->path.transport))
		timer_start_slack(
		    timers, &tx->timer, left, LINGER_SLACK, timer_expired);
	else
		timer_start(timers, &tx->timer, tx->interval, timer_expired);
}

struct client *
client_open(struct transactions *layer, enum sip_method method,
    uint64_t owner, const struct net_path *path)
{
	client_tx handle;
	struct client *tx = slab_alloc(&layer->clients, &handle);

	if (tx == NULL)
		return NULL;
	tx->layer = layer;
	tx->owner = owner;
	tx->path = *path;
	tx->method = (uint8_t)method;
	layer->active += waits(CLIENT_CREATED);
	return tx;
}

void
client_drop_sent(struct client *tx)
{
	pool_free(tx->sent, tx->sent_n);
	tx->sent = NULL;
	tx->sent_n = 0;
}

bool
client_keep(struct client *tx, struct span bytes)
{
	char *copy = pool_dup(bytes);

	if (copy == NULL)
		return false;
	client_drop_sent(tx);
	tx->sent = copy;
	tx->sent_n = (uint32_t)bytes.n;
	return true;
}

static void
release_forks(struct client *tx)
{
	struct fork *fork;

	while ((fork = tx->forks) != NULL) {
		tx->forks = fork->next;
		pool_free(fork, sizeof(*fork) + fork->ack_n);
	}
}

void
client_release(struct client *tx)
{
	struct transactions *layer = tx->layer;
	struct client *cancel = slab_find(&layer->clients, tx->cancel);

	/* Its responses were found through this one. */
	if (cancel != NULL)
		client_release(cancel);
	client_enter(tx, CLIENT_TERMINATED);
	timer_stop(layer->timers, &tx->timer);
	client_drop_sent(tx);
	release_forks(tx);
	slab_free(&layer->clients, slab_handle_of(tx));
}

/* --- actions of both machines --- */

void
client_absorb(struct client *tx, const struct client_input *in)
{
	(void)tx;
	(void)in;
}

void
client_end(struct client *tx, const struct client_input *in)
{
	(void)tx;
	(void)in;
}

void
client_tell_response(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;

	if (!tx->forgotten)
		layer->ops.response(layer->arg, tx->owner, slab_handle_of(tx),
		    in->msg, in->view);
}

void
client_tell_timeout(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;

	(void)in;
	if (!tx->forgotten)
		layer->ops.timeout(layer->arg, tx->owner, slab_handle_of(tx));
}

void
client_tell_failed(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;

	if (!tx->forgotten)
		layer->ops.failed(
		    layer->arg, tx->owner, slab_handle_of(tx), in->error);
}

/* Timers A and B, E and F. */
void
client_begin(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;

	(void)in;
	tx->interval = layer->timing.t1;
	tx->deadline = layer->timers->now + layer_64t1(layer);
	client_wait(tx);
}

/* Timers A and E; full buffers are a datagram lost. */
void
client_repeat(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;
	int error;

	(void)in;
	layer->counters.retransmissions_out++;
	error = layer_send(
	    layer, &tx->path, span_make(tx->sent, tx->sent_n));
	if (error == 0 || error == -ENOBUFS)
		client_wait(tx);
	else
		client_step(tx, CLIENT_ERROR,
		    &(struct client_input){ .error = error });
}

/*
 * A connection that stood open may have been closed by the peer before it read
 * the request, which is then sent once more by another (RFC 3261 section 18.4):
 * with its branch, so that a peer which did read it knows it again. One that
 * was made for the request has told what there is to know.
 */
void
client_lose(struct client *tx, const struct client_input *in)
{
	struct transactions *layer = tx->layer;
	bool worth = tx->path.reused && tx->sent != NULL && !tx->forgotten &&
	    tx->cancel == 0;

	tx->path.connection = 0;
	if (worth &&
	    layer_send(layer, &tx->path, span_make(tx->sent, tx->sent_n)) == 0)
		layer->counters.retransmissions_out++;
	else
		client_step(tx, CLIENT_ERROR, in);
}

/* --- the user's side --- */

client_tx
client_create(struct transactions *layer, enum sip_method method,
    uint64_t owner, const struct net_path *path, char branch[static BRANCH_MAX])
{
	struct client *tx = client_open(layer, method, owner, path);

	if (tx == NULL)
		return 0;
	tx->nonce = match_nonce(slab_handle_of(tx));
	match_branch_write(slab_handle_of(tx), tx->nonce, branch);
	return slab_handle_of(tx);
}

/* A stream brings a request there by itself, unless it stood open before and
 * is lost; of an INVITE CANCEL and ACK are made. */
static bool
must_keep(const struct client *tx)
{
	return tx->method == SIP_METHOD_INVITE || tx->path.reused ||
	    !net_transport_reliable(tx->path.transport);
}

int
client_start(struct client *tx, struct span bytes)
{
	struct transactions *layer = tx->layer;
	int error;

	error = layer_send(layer, &tx->path, bytes);
	if (error != 0) {
		client_release(tx);
		return error;
	}
	layer->counters.requests_out++;
	if (!must_keep(tx))
		client_drop_sent(tx);
	client_step(tx, CLIENT_SENT, &(struct client_input){ .error = 0 });
	return 0;
}

int
client_send(struct transactions *layer, client_tx handle, struct span request)
{
	struct client *tx = slab_find(&layer->clients, handle);

	if (tx == NULL || tx->state != CLIENT_CREATED)
		return -ENOENT;
	if (!client_keep(tx, request)) {
		client_release(tx);
		return -ENOMEM;
	}
	return client_start(tx, request);
}

void
client_cancel(
    struct transactions *layer, client_tx invite, struct span reason)
{
	struct client *tx = slab_find(&layer->clients, invite);

	if (tx != NULL)
		client_step(tx, CLIENT_CANCEL,
		    &(struct client_input){ .reason = reason });
}

void
client_forget(struct transactions *layer, client_tx handle)
{
	struct client *tx = slab_find(&layer->clients, handle);

	if (tx == NULL)
		return;
	tx->owner = 0;
	tx->forgotten = true;
	client_step(tx, CLIENT_FORGET, &(struct client_input){ .error = 0 });
}

void
client_abandon(struct transactions *layer, client_tx handle)
{
	struct client *tx = slab_find(&layer->clients, handle);

	if (tx != NULL)
		client_release(tx);
}

bool
client_path(
    const struct transactions *layer, client_tx handle, struct net_path *path)
{
	const struct client *tx = slab_find(&layer->clients, handle);

	if (tx == NULL)
		return false;
	*path = tx->path;
	return true;
}
