/*
 * server.c - server transactions: what both machines share, and the user's side
 */

#include <errno.h>

#include "transaction/private.h"

static const struct server_cell *
cell_of(const struct server *tx, enum server_event event)
{
	return tx->invite ? &server_invite_table[tx->state][event]
			  : &server_other_table[tx->state][event];
}

/* Something is still to come, from the user or from the peer. */
static bool
waits(const struct server *tx)
{
	switch (tx->state) {
	case SERVER_TRYING:
	case SERVER_PROCEEDING:
		return true;
	case SERVER_COMPLETED:
		return tx->invite;
	case SERVER_ACCEPTED:
		return !tx->acked;
	default:
		return false;
	}
}

void
server_count_active(struct server *tx)
{
	bool active = waits(tx);

	if (active == tx->active)
		return;
	tx->active = active;
	if (active)
		tx->layer->active++;
	else
		tx->layer->active--;
}

/* The only writer of a server transaction's state. */
static void
server_enter(struct server *tx, enum server_state state)
{
	tx->state = (uint8_t)state;
	server_count_active(tx);
}

void
server_step(struct server *tx, enum server_event event,
    const struct server_input *in)
{
	const struct server_cell *cell = cell_of(tx, event);
	struct transactions *layer = tx->layer;
	server_tx handle = slab_handle_of(tx);

	if (cell->action == NULL) {
		layer->counters.ignored++;
		return;
	}
	server_enter(tx, cell->next);
	cell->action(tx, in);
	tx = slab_find(&layer->servers, handle);
	if (tx != NULL && tx->state == SERVER_TERMINATED)
		server_release(tx);
}

/* --- birth and death --- */

static void
timer_expired(struct timer *timer)
{
	struct server *tx = CONTAINER_OF(timer, struct server, timer);
	bool end = tx->deadline != 0 && tx->layer->timers->now >= tx->deadline;

	server_step(tx, end ? SERVER_TIMER_END : SERVER_TIMER_AGAIN,
	    &(struct server_input){ 0 });
}

void
server_linger(struct server *tx, uint64_t delay)
{
	struct timers *timers = tx->layer->timers;

	tx->deadline = timers->now + delay;
	timer_start_slack(timers, &tx->timer, delay,
	    delay == 0 ? 1 : LINGER_SLACK, timer_expired);
}

void
server_wait(struct server *tx)
{
	struct timers *timers = tx->layer->timers;
	uint64_t left = UINT64_MAX;

	if (tx->deadline != 0)
		left = tx->deadline - timers->now;
	if (left <= tx->interval)
		timer_start_slack(
		    timers, &tx->timer, left, LINGER_SLACK, timer_expired);
	else
		timer_start(timers, &tx->timer, tx->interval, timer_expired);
}

struct server *
server_find(
    const struct transactions *layer, uint64_t key, const uint32_t *cseq)
{
	struct hash_node *node = hash_first(&layer->requests, key);

	for (; node != NULL; node = hash_again(node)) {
		struct server *tx = CONTAINER_OF(node, struct server, node);

		if (cseq == NULL || tx->cseq == *cseq)
			return tx;
	}
	return NULL;
}

bool
server_merged(const struct transactions *layer, uint64_t merge)
{
	return hash_first(&layer->merges, merge) != NULL;
}

/* A request that was refused may come again on another way; one that is being
 * answered, or led to a call, may not. */
static void
leave_merges(struct server *tx)
{
	if (tx->merging)
		hash_remove(&tx->layer->merges, &tx->merge);
	tx->merging = false;
}

static bool
insert(struct server *tx, uint64_t key, uint64_t merge)
{
	struct transactions *layer = tx->layer;

	if (!hash_insert(&layer->requests, &tx->node, key))
		return false;
	tx->merging = merge != 0 &&
	    hash_insert(&layer->merges, &tx->merge, merge);
	return true;
}

struct server *
server_create(struct transactions *layer, uint64_t key, uint64_t merge,
    const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path)
{
	server_tx handle;
	struct server *tx = slab_alloc(&layer->servers, &handle);

	if (tx == NULL)
		return NULL;
	tx->layer = layer;
	tx->path = *path;
	tx->cseq = view->cseq;
	tx->invite = msg->method == SIP_METHOD_INVITE;
	echo_path(view, &tx->path, &tx->port);
	tx->echo = echo_create(layer, msg, view, path);
	if (tx->echo == NULL || !insert(tx, key, merge)) {
		echo_free(tx->echo);
		slab_free(&layer->servers, handle);
		return NULL;
	}
	server_enter(tx, tx->invite ? SERVER_PROCEEDING : SERVER_TRYING);
	if (tx->invite) {
		tx->interval = TRYING_AFTER;
		server_wait(tx);
	} else {
		/* An answer that comes later than this finds nobody. */
		server_linger(tx, layer_64t1(layer));
	}
	return tx;
}

void
server_drop_sent(struct server *tx)
{
	pool_free(tx->sent, tx->sent_n);
	tx->sent = NULL;
	tx->sent_n = 0;
}

void
server_release(struct server *tx)
{
	struct transactions *layer = tx->layer;

	server_enter(tx, SERVER_TERMINATED);
	timer_stop(layer->timers, &tx->timer);
	hash_remove(&layer->requests, &tx->node);
	leave_merges(tx);
	server_drop_sent(tx);
	echo_free(tx->echo);
	slab_free(&layer->servers, slab_handle_of(tx));
}

/* --- actions of both machines --- */

void
server_absorb(struct server *tx, const struct server_input *in)
{
	(void)tx;
	(void)in;
}

void
server_end(struct server *tx, const struct server_input *in)
{
	(void)tx;
	(void)in;
}

void
server_repeat(struct server *tx, const struct server_input *in)
{
	(void)in;
	if (tx->sent == NULL)
		return;
	tx->layer->counters.retransmissions_out++;
	server_send(tx, span_make(tx->sent, tx->sent_n));
}

void
server_give_up(struct server *tx, const struct server_input *in)
{
	struct transactions *layer = tx->layer;

	if (!in->quiet)
		layer->ops.respond_failed(
		    layer->arg, tx->owner, slab_handle_of(tx), in->error);
}

static bool
take_new_connection(struct server *tx)
{
	if (tx->port == 0)
		return false;
	tx->path.connection = 0;
	tx->path.remote.port = tx->port;
	tx->port = 0;
	return true;
}

/* RFC 3261 section 18.2.2: the next response opens a connection of its own. */
void
server_reroute(struct server *tx, const struct server_input *in)
{
	if (!take_new_connection(tx))
		server_step(tx, SERVER_ERROR, in);
}

/* Over UDP an error is a datagram lost: ICMP tells of an earlier one, and
 * buffers empty again. Only a datagram that is too large stays so. */
int
server_send(struct server *tx, struct span bytes)
{
	int error = layer_send(tx->layer, &tx->path, bytes);

	if (error == -ENOTCONN && take_new_connection(tx))
		error = layer_send(tx->layer, &tx->path, bytes);
	if (error == -EMSGSIZE || net_transport_reliable(tx->path.transport))
		return error;
	return 0;
}

/* --- the user's side --- */

void
server_set_owner(struct transactions *layer, server_tx handle, uint64_t owner)
{
	struct server *tx = slab_find(&layer->servers, handle);

	if (tx != NULL)
		tx->owner = owner;
}

static enum server_event
event_of(unsigned status)
{
	return status < 200 ? SERVER_SEND_1XX
	    : status < 300  ? SERVER_SEND_2XX
			    : SERVER_SEND_FAILURE;
}

static struct span
compose(struct server *tx, struct sip_draft *draft, struct span to_tag)
{
	struct transactions *layer = tx->layer;
	struct text t = text_over(layer->out, sizeof(layer->out));
	char tag[TAG_MAX];
	bool written;

	if (to_tag.n == 0)
		to_tag = echo_tag(tx->node.hash, tag);
	draft->head = echo_lines(layer, tx->echo, draft->status, to_tag);
	written = draft->head.n > 0 && sip_draft_write(draft, &t);
	draft->head = SPAN_NONE;
	return written && !t.overflow ? text_span(&t) : SPAN_NONE;
}

/* What may have to be sent again: a 2xx to INVITE and reliable provisionals on
 * every transport, the rest only where a datagram can get lost. */
static bool
must_keep(const struct server *tx, enum server_event event)
{
	return !net_transport_reliable(tx->path.transport) || tx->keeping ||
	    (tx->invite && event == SERVER_SEND_2XX);
}

/* RFC 4320 section 4: to a request that is not INVITE only 100, only once its
 * sender's timer E is at T2, and no 408. Others are not sent. */
static bool
forbidden(const struct server *tx, unsigned status)
{
	const struct transaction_timing *timing = &tx->layer->timing;
	uint64_t begin, wait = 0, interval = timing->t1;

	if (tx->invite || (status >= 200 && status != 408))
		return false;
	if (status != 100)
		return true;
	if (net_transport_reliable(tx->path.transport))
		return false;
	for (; interval < timing->t2; interval *= 2)
		wait += interval;
	begin = tx->deadline - layer_64t1(tx->layer);
	return tx->layer->timers->now < begin + wait;
}

static int
send_kept(struct server *tx, enum server_event event, struct span bytes)
{
	char *copy = NULL;
	int error;

	if (must_keep(tx, event) && (copy = pool_dup(bytes)) == NULL)
		return -ENOMEM;
	error = server_send(tx, bytes);
	if (error != 0) {
		pool_free(copy, bytes.n);
		return error;
	}
	tx->layer->counters.responses_out++;
	server_drop_sent(tx);
	tx->sent = copy;
	tx->sent_n = copy == NULL ? 0 : (uint32_t)bytes.n;
	return 0;
}

static int
respond(struct server *tx, enum server_event event, struct sip_draft *draft,
    struct span to_tag)
{
	struct span bytes = compose(tx, draft, to_tag);
	int error;

	if (bytes.n == 0)
		return -EMSGSIZE;
	error = send_kept(tx, event, bytes);
	/* Something smaller, or a final response on another day, may go. */
	if (error != 0 && error != -EMSGSIZE && error != -ENOMEM &&
	    event != SERVER_SEND_1XX)
		server_step(tx, SERVER_ERROR,
		    &(struct server_input){ .error = error, .quiet = true });
	return error;
}

/* The final response is on its way, or never will be. */
static void
finish(struct server *tx, enum server_event event)
{
	echo_free(tx->echo);
	tx->echo = NULL;
	if (!tx->invite || event != SERVER_SEND_2XX)
		leave_merges(tx);
}

int
server_respond(struct transactions *layer, server_tx handle,
    struct sip_draft *draft, struct span to_tag)
{
	struct server *tx = slab_find(&layer->servers, handle);
	enum server_event event = event_of(draft->status);
	int error;

	if (tx == NULL || cell_of(tx, event)->action == NULL)
		return -ENOENT;
	if (forbidden(tx, draft->status)) {
		if (event == SERVER_SEND_1XX)
			return 0;
		server_drop_sent(tx);
	} else {
		error = respond(tx, event, draft, to_tag);
		if (error != 0)
			return error;
	}
	if (event != SERVER_SEND_1XX)
		finish(tx, event);
	server_step(tx, event, &(struct server_input){ 0 });
	return 0;
}

void
server_keep_provisionals(struct transactions *layer, server_tx handle)
{
	struct server *tx = slab_find(&layer->servers, handle);

	if (tx != NULL)
		tx->keeping = true;
}

void
server_respond_again(struct transactions *layer, server_tx handle)
{
	struct server *tx = slab_find(&layer->servers, handle);

	if (tx != NULL && tx->invite && tx->state == SERVER_PROCEEDING)
		server_repeat(tx, NULL);
}

void
server_abandon(struct transactions *layer, server_tx handle)
{
	struct server *tx = slab_find(&layer->servers, handle);

	if (tx == NULL || cell_of(tx, SERVER_SEND_FAILURE)->action == NULL)
		return;
	server_drop_sent(tx);
	finish(tx, SERVER_SEND_FAILURE);
	server_step(tx, SERVER_SEND_FAILURE, &(struct server_input){ 0 });
}

void
server_acked(struct transactions *layer, server_tx handle)
{
	struct server *tx = slab_find(&layer->servers, handle);

	if (tx != NULL)
		server_step(tx, SERVER_ACKED, &(struct server_input){ 0 });
}
