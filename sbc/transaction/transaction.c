/*
 * transaction.c - the layer: each message to its transaction, or to the user
 */

#include "transaction/transaction.h"

#include <stdlib.h>

#include "transaction/private.h"

struct transactions *
transactions_create(struct timers *timers, struct wire wire,
    const struct transaction_timing *timing, const struct transaction_ops *ops,
    void *arg)
{
	struct transactions *layer = calloc(1, sizeof(*layer));

	if (layer == NULL)
		return NULL;
	layer->timers = timers;
	layer->wire = wire;
	layer->timing = *timing;
	layer->ops = *ops;
	layer->arg = arg;
	slab_init(&layer->servers, sizeof(struct server), TRANSACTIONS_MAX);
	slab_init(&layer->clients, sizeof(struct client), TRANSACTIONS_MAX);
	return layer;
}

void
transactions_set_timing(
    struct transactions *layer, const struct transaction_timing *timing)
{
	layer->timing = *timing;
}

void
transactions_destroy(struct transactions *layer)
{
	struct server *server;
	struct client *client;
	uint32_t at = 0;

	if (layer == NULL)
		return;
	while ((server = slab_next(&layer->servers, &at)) != NULL)
		server_release(server);
	at = 0;
	while ((client = slab_next(&layer->clients, &at)) != NULL)
		client_release(client);
	slab_fini(&layer->servers);
	slab_fini(&layer->clients);
	hash_fini(&layer->requests);
	hash_fini(&layer->merges);
	free(layer);
}

int
layer_send(struct transactions *layer, struct net_path *path, struct span bytes)
{
	return layer->wire.send(layer->wire.arg, path, bytes);
}

/* --- requests --- */

static struct server *
find_request(const struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view)
{
	return server_find(
	    layer, match_request(msg, view, msg->method), &view->cseq);
}

/* The ACK to a 2xx is a transaction of its own, and matches nothing here. */
static void
receive_ack(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	uint64_t key = match_request(msg, view, SIP_METHOD_INVITE);
	struct server *tx = server_find(layer, key, NULL);

	if (tx == NULL)
		layer->ops.ack(layer->arg, msg, view, path);
	else
		server_step(tx, SERVER_ACK,
		    &(struct server_input){
			.msg = msg, .view = view, .path = path });
}

static void
refuse_alone(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path, unsigned status)
{
	if (layer->ops.refused != NULL)
		layer->ops.refused(layer->arg, status);
	else
		stateless_respond(layer, msg, view, path, status,
		    span_of(sip_reason_phrase(status)), SPAN_NONE);
}

/* RFC 3261 section 9.2. Answered anew each time: a retransmission gets the
 * same. */
static void
receive_cancel(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	uint64_t key = match_request(msg, view, SIP_METHOD_INVITE);
	struct server *tx = server_find(layer, key, NULL);
	char tag[TAG_MAX];

	if (tx == NULL) {
		refuse_alone(layer, msg, view, path, 481);
		return;
	}
	respond_without(layer, msg, view, path, 200, SPAN("OK"), SPAN_NONE,
	    echo_tag(key, tag));
	server_step(tx, SERVER_CANCEL, &(struct server_input){ .msg = msg });
}

static void
receive_new(struct transactions *layer, uint64_t key,
    const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path)
{
	/* Within a dialog there is nothing to be merged. */
	uint64_t merge = view->to_tag.n == 0 ? match_merged(view) : 0;
	struct server *tx;

	if (merge != 0 && server_merged(layer, merge)) {
		layer->counters.merged++;
		refuse_alone(layer, msg, view, path, 482);
		return;
	}
	tx = server_create(layer, key, merge, msg, view, path);
	if (tx == NULL)
		refuse_alone(layer, msg, view, path, 503);
	else
		layer->ops.request(
		    layer->arg, slab_handle_of(tx), msg, view, path);
}

static void
receive_request(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	uint64_t key = match_request(msg, view, msg->method);
	struct server *tx = server_find(layer, key, &view->cseq);

	if (tx == NULL) {
		receive_new(layer, key, msg, view, path);
		return;
	}
	layer->counters.retransmissions_in++;
	server_step(tx, SERVER_REQUEST, &(struct server_input){ 0 });
}

/* --- responses --- */

/* RFC 3261 section 17.1.3; sent-by is not compared, the nonce says more. */
static struct client *
find_response(
    const struct transactions *layer, const struct sip_view *view)
{
	struct client *tx;
	uint64_t nonce;
	client_tx handle;

	if (view->via_count != 1 ||
	    !match_branch_read(view->via.branch, &handle, &nonce))
		return NULL;
	tx = slab_find(&layer->clients, handle);
	if (tx == NULL || tx->nonce != nonce)
		return NULL;
	/* A CANCEL has the branch of its INVITE. */
	if (view->cseq_method == SIP_METHOD_CANCEL)
		tx = slab_find(&layer->clients, tx->cancel);
	else if (tx->method != view->cseq_method)
		return NULL;
	return tx;
}

static void
receive_response(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view)
{
	struct client *tx = find_response(layer, view);
	enum client_event event = msg->status < 200 ? CLIENT_1XX
	    : msg->status < 300 ? CLIENT_2XX
				: CLIENT_FAILURE;

	/* An answer to what was never sent is a guess. */
	if (tx == NULL || tx->state == CLIENT_CREATED)
		layer->counters.stray++;
	else
		client_step(tx, event,
		    &(struct client_input){ .msg = msg, .view = view });
}

void
transactions_receive(struct transactions *layer, struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	if (!msg->request) {
		layer->counters.responses_in++;
		receive_response(layer, msg, view);
		return;
	}
	layer->counters.requests_in++;
	if (msg->method == SIP_METHOD_ACK)
		receive_ack(layer, msg, view, path);
	else if (msg->method == SIP_METHOD_CANCEL)
		receive_cancel(layer, msg, view, path);
	else
		receive_request(layer, msg, view, path);
}

/* --- what goes wrong below --- */

void
transactions_connection_lost(
    struct transactions *layer, slab_handle connection, int error)
{
	struct server_input server_in = { .error = error };
	struct client_input client_in = { .error = error };
	struct server *server;
	struct client *client;
	uint32_t at = 0;

	if (connection == 0)
		return;
	while ((server = slab_next(&layer->servers, &at)) != NULL)
		if (server->path.connection == connection)
			server_step(server, SERVER_LOST, &server_in);
	at = 0;
	while ((client = slab_next(&layer->clients, &at)) != NULL)
		if (client->path.connection == connection)
			client_step(client, CLIENT_LOST, &client_in);
}

static bool
goes_to(const struct client *tx, const struct net_path *path)
{
	return tx->path.transport == path->transport &&
	    tx->path.listener == path->listener &&
	    address_eq(&tx->path.remote, &path->remote);
}

/* A provisional shows that the peer was there: only requests without any answer
 * are given up. */
void
transactions_unreachable(
    struct transactions *layer, const struct net_path *path, int error)
{
	struct client_input in = { .error = error };
	struct client *tx;
	uint32_t at = 0;

	while ((tx = slab_next(&layer->clients, &at)) != NULL)
		if ((tx->state == CLIENT_CALLING ||
			tx->state == CLIENT_TRYING) &&
		    goes_to(tx, path))
			client_step(tx, CLIENT_ERROR, &in);
}

/* --- without a transaction --- */

void
stateless_respond(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path, unsigned status,
    struct span reason, struct span fields)
{
	struct span parts[] = { view->via.branch, view->call_id };
	char tag[TAG_MAX];
	int error;

	error = respond_without(layer, msg, view, path, status, reason, fields,
	    echo_tag(hash_of(parts, ARRAY_LEN(parts)), tag));
	if (error == 0)
		layer->counters.stateless++;
}

bool
transactions_shed(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path,
    unsigned retry_after, struct span warning)
{
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));

	if (!msg->request || msg->method == SIP_METHOD_ACK ||
	    msg->method == SIP_METHOD_CANCEL ||
	    find_request(layer, msg, view) != NULL)
		return false;
	text_addf(&t, "Retry-After: %u\r\n", retry_after);
	if (warning.n > 0 && warning.n < 256) {
		TEXT_LIT(&t, "Warning: ");
		text_add(&t, warning);
		TEXT_LIT(&t, "\r\n");
	}
	layer->counters.shed++;
	stateless_respond(layer, msg, view, path, 503,
	    SPAN("Service Unavailable"), text_span(&t));
	return true;
}

/* --- figures --- */

const struct transaction_counters *
transactions_counters(const struct transactions *layer)
{
	return &layer->counters;
}

unsigned
transactions_count(const struct transactions *layer)
{
	return layer->servers.used + layer->clients.used;
}

unsigned
transactions_active(const struct transactions *layer)
{
	return layer->active;
}
