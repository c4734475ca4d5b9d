#include "transaction_world.h"

#include <stdio.h>

static const struct transaction_timing timing = { 500, 4000, 5000 };

static void
tell(struct world *w, const char *fmt, ...)
{
	va_list ap;

	ck_assert_uint_lt(w->told_n, TOLD_MAX);
	va_start(ap, fmt);
	vsnprintf(w->told[w->told_n++], sizeof(w->told[0]), fmt, ap);
	va_end(ap);
}

static void
told_request(void *arg, server_tx tx, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	struct world *w = arg;

	(void)view;
	(void)path;
	w->server = tx;
	tell(w, "request %s", sip_method_name(msg->method));
}

static void
told_ack(void *arg, const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path)
{
	(void)msg;
	(void)view;
	(void)path;
	tell(arg, "ack");
}

static void
told_cancel(void *arg, uint64_t owner, server_tx invite,
    const struct sip_message *msg)
{
	(void)invite;
	(void)msg;
	tell(arg, "cancel %u", (unsigned)owner);
}

static void
told_response(void *arg, uint64_t owner, client_tx tx,
    const struct sip_message *msg, const struct sip_view *view)
{
	struct world *w = arg;

	(void)tx;
	(void)view;
	tell(w, "response %u %u", msg->status, (unsigned)owner);
	if (w->reenter != NULL)
		w->reenter(w);
}

static void
told_timeout(void *arg, uint64_t owner, client_tx tx)
{
	(void)tx;
	tell(arg, "timeout %u", (unsigned)owner);
}

static void
told_failed(void *arg, uint64_t owner, client_tx tx, int error)
{
	(void)tx;
	tell(arg, "failed %u %d", (unsigned)owner, error);
}

static void
told_not_acked(void *arg, uint64_t owner, server_tx invite, unsigned sent)
{
	struct world *w = arg;

	(void)invite;
	tell(w, "not_acked %u %u", (unsigned)owner, sent);
	if (w->reenter != NULL)
		w->reenter(w);
}

static void
told_respond_failed(void *arg, uint64_t owner, server_tx tx, int error)
{
	(void)tx;
	tell(arg, "respond_failed %u %d", (unsigned)owner, error);
}

static const struct transaction_ops ops = {
	.request = told_request,
	.ack = told_ack,
	.cancel = told_cancel,
	.response = told_response,
	.timeout = told_timeout,
	.failed = told_failed,
	.not_acked = told_not_acked,
	.respond_failed = told_respond_failed,
};

static void
receive(void *arg, struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path)
{
	struct world *w = arg;

	transactions_receive(w->layer, msg, view, path);
}

struct world *
world_open(enum net_transport transport)
{
	struct world *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	hash_seed((const uint8_t *)"0123456789abcdef");
	replay_init(&w->net, 1000, receive, w);
	w->layer = transactions_create(
	    &w->net.timers, replay_wire(&w->net), &timing, &ops, w);
	ck_assert_ptr_nonnull(w->layer);
	w->path = replay_path(transport, PEER, transport == NET_UDP ? 0 : 5);
	return w;
}

void
world_close(struct world *w)
{
	replay_advance(&w->net, 300000);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	ck_assert_uint_eq(transactions_active(w->layer), 0);
	ck_assert_uint_eq(w->net.timers.running, 0);
	ck_assert_uint_eq(w->layer->requests.used, 0);
	ck_assert_uint_eq(w->layer->merges.used, 0);
	transactions_destroy(w->layer);
	replay_fini(&w->net);
	free(w);
}

void
world_told(struct world *w, const char *fmt, ...)
{
	char line[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	ck_assert_msg(w->looked_at < w->told_n,
	    "\"%s\" was expected, nothing was told", line);
	ck_assert_str_eq(w->told[w->looked_at++], line);
}

void
world_told_nothing(struct world *w)
{
	ck_assert_msg(w->looked_at == w->told_n,
	    "nothing was expected, told: %s", w->told[w->looked_at]);
}

void
world_request(struct world *w, const char *method, const char *branch,
    const char *to_tag)
{
	replay_inject(&w->net, &w->path,
	    "%s sip:b@192.0.2.1 SIP/2.0\n"
	    "Via: SIP/2.0/%s 192.0.2.10:5060;branch=z9hG4bK%s;rport\n"
	    "Max-Forwards: 70\n"
	    "Record-Route: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>\n"
	    "Record-Route: <sip:p3.example.com;lr>\n"
	    "From: <sip:a@example.com>;tag=from-%s\n"
	    "To: <sip:b@example.com>%s%s\n"
	    "Call-ID: call-%s\n"
	    "CSeq: 7 %s\n",
	    method, net_transport_via(w->path.transport), branch, branch,
	    to_tag[0] == '\0' ? "" : ";tag=", to_tag, branch, method);
}

int
world_respond(struct world *w, unsigned status, const char *to_tag)
{
	static struct sip_draft draft;

	sip_draft_response(
	    &draft, status, span_of(sip_reason_phrase(status)));
	sip_draft_add(&draft, SIP_CONTACT, SPAN("<sip:us@192.0.2.1>"),
	    SIP_OWNER_DIALOG);
	return server_respond(w->layer, w->server, &draft, span_of(to_tag));
}

int
world_create_send(struct world *w, enum sip_method method, uint64_t owner)
{
	char buf[2048];
	struct text t = text_over(buf, sizeof(buf));
	const char *name = sip_method_name(method);

	w->client =
	    client_create(w->layer, method, owner, &w->path, w->branch);
	ck_assert_uint_ne(w->client, 0);
	text_addf(&t,
	    "%s sip:b@192.0.2.10;x=1 SIP/2.0\r\n"
	    "Via: SIP/2.0/%s 192.0.2.1:5060;branch=%s;rport\r\n"
	    "Max-Forwards: 69\r\n"
	    "Route: <sip:r1.example.com;lr>\r\n"
	    "Route: <sip:r2.example.com;lr>\r\n"
	    "From: <sip:a@example.com>;tag=ours\r\n"
	    "To: <sip:b@example.com>\r\n"
	    "Call-ID: out\r\n"
	    "CSeq: 3 %s\r\n"
	    "Subject: only here\r\n"
	    "Content-Length: 0\r\n\r\n",
	    name, net_transport_via(w->path.transport), w->branch, name);
	return client_send(w->layer, w->client, text_span(&t));
}

const struct replay_sent *
world_send(struct world *w, enum sip_method method, uint64_t owner)
{
	ck_assert_int_eq(world_create_send(w, method, owner), 0);
	return replay_expect(&w->net, PEER, sip_method_name(method), NULL);
}

struct server *
world_server(struct world *w)
{
	return slab_find(&w->layer->servers, w->server);
}

struct client *
world_client(struct world *w)
{
	return slab_find(&w->layer->clients, w->client);
}
