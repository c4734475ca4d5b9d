#include "net/net.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/container.h"
#include "net/private.h"
#include "net/profiles.h"

#define STREAMS_MAX     65536
#define PER_SOURCE      32
#define HANDSHAKE_MS    10000
#define IDLE_MS         600000
#define HALF_MS         32000
/* A non-INVITE transaction is over by then (64*T1). */
#define DRAIN_MS        32000
#define WAITING_MAX     (1024 * 1024)
#define LOG_PEER_MS     60000
#define LOG_A_SECOND    10
#define LOG_TEXT_MAX    768

/* What net_apply() makes before anything is changed. */
struct plan {
	struct listener **listeners;   /* a config listener; NULL: kept as it is */
	struct net_profiles *profiles; /* not the plan's own */
	uint32_t *listener_ids;
	uint32_t *trunk_ids;
};

/* --- log --- */

__attribute__((format(printf, 3, 0))) static void
log_text(struct net *net, enum net_log_level level, const char *fmt, va_list ap)
{
	char buf[LOG_TEXT_MAX];

	if (net->ops.log == NULL)
		return;
	vsnprintf(buf, sizeof(buf), fmt, ap);
	net->ops.log(net->arg, level, buf);
}

static void
note(struct net *net, enum diagnostic diagnostic, struct span target,
    const char *text)
{
	if (diagnostic != DIAG_NONE && net->ops.note != NULL)
		net->ops.note(net->arg, diagnostic, target, text);
}

void
net_log(struct net *net, enum net_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(net, level, fmt, ap);
	va_end(ap);
}

uint64_t
net_hash(uint32_t a, uint32_t b, const struct address *address, bool port)
{
	uint8_t key[16 + 1 + 2 + 8];
	struct span part = span_make((const char *)key, sizeof(key));
	uint16_t number = port ? address->port : 0;

	memcpy(key, address->ip, 16);
	key[16] = address->family;
	memcpy(key + 17, &number, 2);
	memcpy(key + 19, &a, 4);
	memcpy(key + 23, &b, 4);
	return hash_of(&part, 1);
}

/* Peers that share a place in the table displace each other: what bounds the
 * log then is the bucket. */
void
net_log_peer(struct net *net, enum diagnostic diagnostic,
    const struct address *peer, const char *fmt, ...)
{
	char buf[LOG_TEXT_MAX], target[ADDRESS_TEXT_MAX];
	uint64_t hash = net_hash((uint32_t)diagnostic, 0, peer, false);
	uint64_t now = loop_now(net->loop);
	size_t i = hash % LOG_PEERS;
	va_list ap;

	if (net->logged[i].peer == hash && net->logged[i].at != 0 &&
	    now - net->logged[i].at < LOG_PEER_MS)
		return;
	if (!bucket_take(&net->log_rate, now))
		return;
	net->logged[i].peer = hash;
	net->logged[i].at = now;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	net_log(net, NET_LOG_WARNING, "%s", buf);
	note(net, diagnostic, span_of(address_print(peer, target)), buf);
}

/* --- the age of what is read --- */

uint32_t
net_begin_reading(struct net *net, struct net_reading *reading)
{
	uint64_t fresh = loop_fresh_us(net->loop);

	if (reading->drained && reading->since < fresh)
		reading->since = fresh;
	reading->drained = false;
	return (uint32_t)((loop_now_us(net->loop) - reading->since) / 1000);
}

void
net_seen_empty(struct net *net, struct net_reading *reading)
{
	reading->drained = true;
	reading->since = loop_now_us(net->loop);
}

/* --- between turns --- */

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
	struct net *net = arg;

	(void)fd;
	(void)what;
	loop_tick(net->loop);
}

void
net_run_hook(struct net *net)
{
	event_active(net->later, EV_TIMEOUT, 0);
}

static void
end_of_turn(struct loop_hook *hook)
{
	struct net *net = CONTAINER_OF(hook, struct net, hook);

	if (net->unreachable != NULL)
		udp_tell_unreachable(net);
	if (net->ended != NULL)
		stream_tell_ended(net);
}

struct net *
net_create(struct loop *loop, const struct net_ops *ops, void *arg)
{
	struct net *net = calloc(1, sizeof(*net));

	if (net == NULL)
		return NULL;
	net->loop = loop;
	net->ops = *ops;
	net->arg = arg;
	net->per_source = PER_SOURCE;
	net->handshake = HANDSHAKE_MS;
	net->idle = IDLE_MS;
	net->half = HALF_MS;
	net->drain = DRAIN_MS;
	net->waiting_max = WAITING_MAX;
	net->datagrams = datagrams_create();
	if (net->datagrams == NULL) {
		free(net);
		return NULL;
	}
	udp_init_clock(net);
	bucket_init(&net->log_rate, LOG_A_SECOND, 2 * LOG_A_SECOND,
	    loop_now(loop));
	stream_init_all(net, STREAMS_MAX);
	net->later = event_new(loop_base(loop), -1, 0, on_later, net);
	if (net->later == NULL) {
		datagrams_destroy(net->datagrams);
		free(net);
		return NULL;
	}
	loop_add_hook(loop, &net->hook, end_of_turn);
	return net;
}

/* --- listeners and trunks by id --- */

struct listener *
net_find_listener(const struct net *net, uint32_t id)
{
	if (id == 0 || id > net->listeners_n)
		return NULL;
	return net->listeners[id - 1].listener;
}

struct tls_client *
net_find_tls(const struct net *net, uint32_t id)
{
	if (id == 0 || id > net->trunks_n)
		return NULL;
	return net->trunks[id - 1].tls;
}

uint32_t
net_listener_id(const struct net *net, struct span name)
{
	uint32_t i;

	for (i = 0; i < net->listeners_n; i++)
		if (net->listeners[i].listener != NULL &&
		    span_eq(span_of(net->listeners[i].name), name))
			return i + 1;
	return 0;
}

const char *
net_listener_name(const struct net *net, uint32_t id)
{
	if (id == 0 || id > net->listeners_n)
		return "";
	return net->listeners[id - 1].name;
}

struct address
net_local(const struct net *net, uint32_t id)
{
	struct listener *listener = net_find_listener(net, id);

	return listener == NULL ? (struct address){ 0 } : listener->local;
}

enum net_transport
net_listener_transport(const struct net *net, uint32_t id)
{
	struct listener *listener = net_find_listener(net, id);

	return listener == NULL ? NET_UDP : listener->transport;
}

uint32_t
net_tls_id(const struct net *net, struct span trunk)
{
	uint32_t i;

	for (i = 0; i < net->trunks_n; i++)
		if (net->trunks[i].tls != NULL &&
		    span_eq(span_of(net->trunks[i].name), trunk))
			return i + 1;
	return 0;
}

/* The id of a name, a new one where it has none yet; 0 without memory. */
static uint32_t
listener_id_for(struct net *net, const char *name)
{
	struct listener_slot *list;
	uint32_t i;

	for (i = 0; i < net->listeners_n; i++)
		if (strcmp(net->listeners[i].name, name) == 0)
			return i + 1;
	list = realloc(net->listeners, (i + 1) * sizeof(*list));
	if (list == NULL)
		return 0;
	net->listeners = list;
	list[i] = (struct listener_slot){ strdup(name), NULL };
	if (list[i].name == NULL)
		return 0;
	return ++net->listeners_n;
}

static uint32_t
trunk_id_for(struct net *net, const char *name)
{
	struct trunk_slot *list;
	uint32_t i;

	for (i = 0; i < net->trunks_n; i++)
		if (strcmp(net->trunks[i].name, name) == 0)
			return i + 1;
	list = realloc(net->trunks, (i + 1) * sizeof(*list));
	if (list == NULL)
		return 0;
	net->trunks = list;
	list[i] = (struct trunk_slot){ strdup(name), NULL };
	if (list[i].name == NULL)
		return 0;
	return ++net->trunks_n;
}

/* --- opening and closing a listener --- */

static void
listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->transport == NET_UDP)
		udp_close(listener);
	else
		tcp_close(listener);
	tls_server_unref(listener->tls);
	free(listener->name);
	free(listener);
}

/* A listener of ours that has that address now; NULL: somebody else. */
static const struct listener *
find_holder(const struct net *net, const struct config_listener *conf)
{
	bool udp = conf->transport == CONFIG_UDP;
	uint32_t i;

	for (i = 0; i < net->listeners_n; i++) {
		const struct listener *l = net->listeners[i].listener;

		if (l != NULL && (l->transport == NET_UDP) == udp &&
		    l->local.family == conf->address.family &&
		    l->local.port == conf->address.port &&
		    (address_same_ip(&l->local, &conf->address) ||
			address_is_unspecified(&l->local) ||
			address_is_unspecified(&conf->address)))
			return l;
	}
	return NULL;
}

static void
cannot_open(const struct net *net, const struct config *config,
    const struct config_listener *conf, const char *what, int error,
    struct problems *problems)
{
	const struct listener *holder =
	    error == -EADDRINUSE ? find_holder(net, conf) : NULL;
	char text[ADDRESS_TEXT_MAX];

	problem_add(problems, PROBLEM_ERROR, config->file, conf->line,
	    "listener \"%s\": cannot %s %s %s: %s%s%s%s", conf->name, what,
	    net_transport_uri((enum net_transport)conf->transport),
	    address_print(&conf->address, text), strerror(-error),
	    holder == NULL ? "" : ", by listener \"",
	    holder == NULL ? "" : holder->name,
	    holder == NULL ? "" : "\" that is open now: this change takes a "
				  "restart");
}

static struct listener *
listener_open(struct net *net, uint32_t id, const struct config *config,
    const struct config_listener *conf, struct problems *problems)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	const char *what = "open";
	int error = -ENOMEM;

	if (listener != NULL)
		listener->name = strdup(conf->name);
	if (listener != NULL && listener->name != NULL) {
		listener->net = net;
		listener->id = id;
		listener->fd = -1;
		listener->transport = (enum net_transport)conf->transport;
		listener->configured = conf->address;
		error = listener->transport == NET_UDP
		    ? udp_open(listener, &what)
		    : tcp_open(listener, &what);
	}
	if (error == 0)
		return listener;
	cannot_open(net, config, conf, what, error, problems);
	listener_free(listener);
	return NULL;
}

/* --- applying a configuration --- */

static void
plan_fini(struct plan *plan, const struct config *config)
{
	size_t i;

	for (i = 0; i < config->listeners_n && plan->listeners != NULL; i++)
		listener_free(plan->listeners[i]);
	free(plan->listeners);
	free(plan->listener_ids);
	free(plan->trunk_ids);
}

static bool
plan_init(struct plan *plan, const struct config *config)
{
	size_t l = config->listeners_n + 1, t = config->trunks_n + 1;

	plan->listeners = calloc(l, sizeof(*plan->listeners));
	plan->listener_ids = calloc(l, sizeof(*plan->listener_ids));
	plan->trunk_ids = calloc(t, sizeof(*plan->trunk_ids));
	return plan->listeners != NULL && plan->listener_ids != NULL &&
	    plan->trunk_ids != NULL;
}

static bool
stays(const struct listener *listener, const struct config_listener *conf)
{
	return listener != NULL &&
	    listener->transport == (enum net_transport)conf->transport &&
	    address_eq(&listener->configured, &conf->address);
}

static bool
plan_listener(struct net *net, struct plan *plan, const struct config *config,
    size_t i, struct problems *problems)
{
	const struct config_listener *conf = &config->listeners[i];
	uint32_t id = listener_id_for(net, conf->name);

	if (id == 0)
		return false;
	plan->listener_ids[i] = id;
	/* What was refused has been told. */
	if (conf->transport == CONFIG_TLS && plan->profiles->servers[i] == NULL)
		return false;
	if (stays(net->listeners[id - 1].listener, conf))
		return true;
	plan->listeners[i] = listener_open(net, id, config, conf, problems);
	return plan->listeners[i] != NULL;
}

static bool
uses_tls(const struct config *config, const struct config_trunk *trunk)
{
	return tls_listener_of(config, trunk) != NULL;
}

static bool
plan_trunk(struct net *net, struct plan *plan, const struct config *config,
    size_t i)
{
	const struct config_trunk *trunk = &config->trunks[i];

	if (!uses_tls(config, trunk))
		return true;
	plan->trunk_ids[i] = trunk_id_for(net, trunk->name);
	return plan->trunk_ids[i] != 0 && plan->profiles->clients[i] != NULL;
}

/* Goes on behind a failure, so that all problems are told at once. */
static bool
plan_make(struct net *net, struct plan *plan, const struct config *config,
    size_t errors, struct problems *problems)
{
	size_t i;
	bool ok = plan_init(plan, config);

	for (i = 0; ok && i < config->listeners_n; i++)
		if (!plan_listener(net, plan, config, i, problems) &&
		    problems->errors == errors)
			ok = false;
	for (i = 0; ok && i < config->trunks_n; i++)
		if (!plan_trunk(net, plan, config, i) &&
		    problems->errors == errors)
			ok = false;
	if (!ok)
		problem_add(problems, PROBLEM_ERROR, config->file, 0,
		    "out of memory");
	return problems->errors == errors;
}

static void
close_listener(struct net *net, uint32_t id)
{
	struct listener *listener = net_find_listener(net, id);

	net->listeners[id - 1].listener = NULL;
	listener_free(listener);
}

static bool
is_planned(const struct plan *plan, size_t n, uint32_t id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (plan->listener_ids[i] == id)
			return true;
	return false;
}

/* A profile that says the same stays, with its session tickets. */
static void
commit_server(struct listener *listener, struct tls_server **next)
{
	if (*next == NULL ||
	    (listener->tls != NULL && tls_server_same(listener->tls, *next)))
		return;
	if (listener->tls != NULL) {
		char buf[LOG_TEXT_MAX];
		struct text t = text_over(buf, sizeof(buf));

		tls_server_describe(*next, &t);
		note(listener->net, DIAG_TLS_CERT_RENEW,
		    span_of(listener->name), text_cstr(&t));
	}
	tls_server_unref(listener->tls);
	listener->tls = *next;
	*next = NULL;
}

static void
commit_listeners(
    struct net *net, struct plan *plan, const struct config *config)
{
	uint32_t id;
	size_t i;

	for (id = 1; id <= net->listeners_n; id++)
		if (!is_planned(plan, config->listeners_n, id))
			close_listener(net, id);
	for (i = 0; i < config->listeners_n; i++) {
		id = plan->listener_ids[i];
		if (plan->listeners[i] != NULL) {
			close_listener(net, id);
			net->listeners[id - 1].listener = plan->listeners[i];
			plan->listeners[i] = NULL;
		}
		commit_server(net->listeners[id - 1].listener,
		    &plan->profiles->servers[i]);
		if (net->listeners[id - 1].listener->transport == NET_UDP)
			udp_apply_peers(
			    net->listeners[id - 1].listener, config);
	}
}

static struct tls_client *
take_client(const struct plan *plan, size_t n, uint32_t id)
{
	struct tls_client *client;
	size_t i;

	for (i = 0; i < n; i++) {
		if (plan->trunk_ids[i] != id)
			continue;
		client = plan->profiles->clients[i];
		plan->profiles->clients[i] = NULL;
		return client;
	}
	return NULL;
}

static void
commit_trunks(struct net *net, struct plan *plan, const struct config *config)
{
	uint32_t id;

	for (id = 1; id <= net->trunks_n; id++) {
		struct trunk_slot *slot = &net->trunks[id - 1];
		struct tls_client *next =
		    take_client(plan, config->trunks_n, id);

		if (next != NULL && slot->tls != NULL &&
		    tls_client_same(slot->tls, next)) {
			tls_client_unref(next);
			continue;
		}
		tls_client_unref(slot->tls);
		slot->tls = next;
	}
}

static void
commit_limits(struct net *net, const struct config *config)
{
	if (config->limits.connections_per_source != 0)
		net->per_source = config->limits.connections_per_source;
	if (config->limits.handshake != 0)
		net->handshake = config->limits.handshake;
	if (config->limits.idle != 0)
		net->idle = config->limits.idle;
	if (config->limits.half_message != 0)
		net->half = config->limits.half_message;
}

static bool
apply(struct net *net, const struct config *config,
    struct net_profiles *profiles, size_t errors, struct problems *problems)
{
	struct plan plan = { .profiles = profiles };
	bool ok = plan_make(net, &plan, config, errors, problems);

	if (ok) {
		commit_limits(net, config);
		commit_listeners(net, &plan, config);
		commit_trunks(net, &plan, config);
		stream_drain_old(net);
	}
	plan_fini(&plan, config);
	return ok;
}

bool
net_apply_with(struct net *net, const struct config *config,
    struct net_profiles *profiles, struct problems *problems)
{
	return apply(net, config, profiles, problems->errors, problems);
}

bool
net_apply(
    struct net *net, const struct config *config, struct problems *problems)
{
	size_t errors = problems->errors;
	struct net_profiles *profiles = net_profiles_create(config, problems);
	bool ok = false;

	if (profiles == NULL)
		problem_add(problems, PROBLEM_ERROR, config->file, 0,
		    "out of memory");
	else
		ok = apply(net, config, profiles, errors, problems);
	net_profiles_destroy(profiles);
	return ok;
}

void
net_close(struct net *net)
{
	uint32_t i;

	stream_end_all(net);
	for (i = 0; i < net->listeners_n; i++) {
		listener_free(net->listeners[i].listener);
		net->listeners[i].listener = NULL;
	}
}

void
net_destroy(struct net *net)
{
	uint32_t i;

	if (net == NULL)
		return;
	net_close(net);
	for (i = 0; i < net->listeners_n; i++)
		free(net->listeners[i].name);
	for (i = 0; i < net->trunks_n; i++) {
		tls_client_unref(net->trunks[i].tls);
		free(net->trunks[i].name);
	}
	while (net->unreachable != NULL) {
		struct unreachable *u = net->unreachable;

		net->unreachable = u->next;
		free(u);
	}
	loop_remove_hook(net->loop, &net->hook);
	event_free(net->later);
	stream_fini_all(net);
	hash_fini(&net->udp_peers);
	free(net->listeners);
	free(net->trunks);
	datagrams_destroy(net->datagrams);
	free(net);
}

void
net_stop_accepting(struct net *net)
{
	uint32_t i;

	for (i = 0; i < net->listeners_n; i++) {
		struct listener *listener = net->listeners[i].listener;

		if (listener != NULL && listener->transport != NET_UDP)
			tcp_close(listener);
	}
}

/* --- the wire --- */

static int
net_send(void *arg, struct net_path *path, struct span bytes)
{
	struct net *net = arg;
	struct listener *listener;

	if (path->connection != 0)
		return stream_send(net, path, bytes);
	listener = net_find_listener(net, path->listener);
	if (listener == NULL)
		return -EADDRNOTAVAIL;
	if (listener->configured.family != path->remote.family)
		return -EAFNOSUPPORT;
	path->transport = listener->transport;
	if (listener->transport == NET_UDP)
		return udp_send(listener, path, bytes);
	return stream_send(net, path, bytes);
}

struct wire
net_wire(struct net *net)
{
	return (struct wire){ net_send, net };
}

const struct net_counters *
net_counters(const struct net *net)
{
	return &net->counters;
}

unsigned
net_descriptors(const struct net *net)
{
	return net->descriptors;
}

void
net_set_patience(struct net *net, uint32_t drain, uint32_t waiting)
{
	net->drain = drain;
	net->waiting_max = waiting;
}
