/*
 * stream.c - one TCP or TLS connection, from its first byte to its last
 *
 * What ends is only marked; between two turns it is told of and freed.
 */

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/container.h"
#include "net/private.h"

#define READ_PIECE 16384
/* How long the peer may take to close after we did. */
#define LINGER_MS  2000
/* When it is quiet, but not done: look again then. */
#define AGAIN_MS   500
/* A call may ring that long (timer C), and be answered on this connection. */
#define RINGING_MS 200000
/* A connection with an old certificate does not wait for calls any longer. */
#define DRAIN_LAST_MS 3600000
#define REASON_MAX 320
#define RESERVE    16384
#define VERDICTS   4

enum stream_state {
	STREAM_SETUP,   /* connecting, or in the TLS handshake */
	STREAM_OPEN,
	STREAM_CLOSING, /* writes what is queued, reads nothing any more */
	STREAM_ENDED    /* on net->ended */
};

/* Under what a request may find this connection. */
struct stream_key {
	struct hash_node node;
	struct stream *stream;
	struct address remote;
	uint32_t listener;
	uint32_t tls;
	bool on;
};

/* How many connections an IP address has opened. */
struct source {
	struct hash_node node;
	struct address address;
	unsigned n;
};

/* Looking at a certificate is dear: what was found is kept. */
struct verdict {
	struct tls_client *client;
	bool is;
};

struct stream {
	struct net *net;
	slab_handle handle;
	struct net_path path;
	enum stream_state state;
	struct bufferevent *bev;
	SSL *ssl; /* the bufferevent's; NULL: plain TCP */
	struct framer framer;
	struct net_reading reading;
	struct stream_key keys[2]; /* its own; the one by net_reuse() */
	struct source *source;     /* NULL: we opened it */
	struct tls_server *server;
	struct tls_client *client;
	struct verdict verdicts[VERDICTS];
	unsigned verdict_at;
	bool heard;    /* a whole message came */
	bool known;    /* somebody above has seen its handle */
	bool draining; /* made with a certificate of before */
	struct timer deadline; /* what it is for depends on the state */
	struct timer quiet;
	uint64_t created, active, invited, drained_at; /* ms; 0: never */
	struct stream *next_ended;
	int error;
	char reason[REASON_MAX];
};

static void on_deadline(struct timer *timer);
static void on_quiet(struct timer *timer);

static struct timers *
timers_of(struct stream *s)
{
	return loop_timers(s->net->loop);
}

static struct evbuffer *
output_of(struct stream *s)
{
	return bufferevent_get_output(s->bev);
}

static size_t
waiting(struct stream *s)
{
	return evbuffer_get_length(output_of(s));
}

/* --- keys --- */

static void
add_key(struct stream *s, struct stream_key *key, const struct address *remote,
    uint32_t tls)
{
	uint32_t listener = s->path.listener;

	key->stream = s;
	key->remote = *remote;
	key->listener = listener;
	key->tls = tls;
	key->on = hash_insert(&s->net->stream_keys, &key->node,
	    net_hash(listener, tls, remote, true));
}

static void
remove_keys(struct stream *s)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(s->keys); i++) {
		if (!s->keys[i].on)
			continue;
		hash_remove(&s->net->stream_keys, &s->keys[i].node);
		s->keys[i].on = false;
	}
}

static struct stream *
find_by_path(const struct net *net, const struct net_path *path)
{
	struct hash_node *node = hash_first(&net->stream_keys,
	    net_hash(path->listener, path->tls, &path->remote, true));

	for (; node != NULL; node = hash_again(node)) {
		struct stream_key *key =
		    CONTAINER_OF(node, struct stream_key, node);

		if (key->listener == path->listener && key->tls == path->tls &&
		    address_eq(&key->remote, &path->remote))
			return key->stream;
	}
	return NULL;
}

/* One that can still carry something. */
static struct stream *
find_by_handle(const struct net *net, slab_handle handle)
{
	struct stream *s = slab_find(&net->streams, handle);

	if (s == NULL || s->state == STREAM_CLOSING || s->state == STREAM_ENDED)
		return NULL;
	return s;
}

/* --- sources --- */

static struct source *
find_source(struct net *net, const struct address *remote)
{
	struct hash_node *node =
	    hash_first(&net->sources, net_hash(0, 0, remote, false));

	for (; node != NULL; node = hash_again(node)) {
		struct source *source =
		    CONTAINER_OF(node, struct source, node);

		if (address_same_ip(&source->address, remote))
			return source;
	}
	return NULL;
}

/* Counts one more connection from there; NULL when there are enough. */
static struct source *
take_source(struct net *net, const struct address *remote)
{
	struct source *source = find_source(net, remote);

	if (source == NULL) {
		source = calloc(1, sizeof(*source));
		if (source == NULL)
			return NULL;
		source->address = *remote;
		if (!hash_insert(&net->sources, &source->node,
		        net_hash(0, 0, remote, false))) {
			free(source);
			return NULL;
		}
	}
	if (source->n >= net->per_source)
		return NULL;
	source->n++;
	return source;
}

static void
drop_source(struct net *net, struct source *source)
{
	if (source == NULL || --source->n > 0)
		return;
	hash_remove(&net->sources, &source->node);
	free(source);
}

/* --- states --- */

/* The only writer of the state, and of the timers that belong to it. */
static void
set_state(struct stream *s, enum stream_state state)
{
	struct timers *timers = timers_of(s);

	s->state = state;
	timer_stop(timers, &s->deadline);
	timer_stop(timers, &s->quiet);
	switch (state) {
	case STREAM_SETUP:
		timer_start(
		    timers, &s->deadline, s->net->handshake, on_deadline);
		break;
	case STREAM_OPEN:
		s->active = loop_now(s->net->loop);
		timer_start(timers, &s->quiet,
		    s->draining ? s->net->drain : s->net->idle, on_quiet);
		/* Who connects has to say something in time. */
		if (s->source != NULL)
			timer_start(
			    timers, &s->deadline, s->net->half, on_deadline);
		break;
	case STREAM_CLOSING:
		timer_start(timers, &s->deadline, LINGER_MS, on_deadline);
		break;
	case STREAM_ENDED:
		break;
	}
}

/* The one way to end. The first reason stays. */
static void
end(struct stream *s, int error, const char *reason)
{
	struct net *net = s->net;
	struct text t = text_over(s->reason, sizeof(s->reason));

	if (s->state == STREAM_ENDED)
		return;
	if (s->reason[0] == '\0') {
		s->error = error;
		text_add_str(&t, reason);
		text_cstr(&t);
	}
	set_state(s, STREAM_ENDED);
	remove_keys(s);
	bufferevent_setcb(s->bev, NULL, NULL, NULL, NULL);
	bufferevent_disable(s->bev, EV_READ | EV_WRITE);
	s->next_ended = net->ended;
	net->ended = s;
	net_run_hook(net);
}

/* All is written: says so to the peer, and waits for it to close, because bytes
 * that it still sends would make a reset of our close and lose the answer. */
static void
finish_writing(struct stream *s)
{
	if (s->ssl != NULL && SSL_is_init_finished(s->ssl))
		(void)SSL_shutdown(s->ssl);
	ERR_clear_error();
	(void)shutdown(bufferevent_getfd(s->bev), SHUT_WR);
}

static void
close_in_order(struct stream *s, const char *reason)
{
	struct text t = text_over(s->reason, sizeof(s->reason));

	text_add_str(&t, reason);
	text_cstr(&t);
	remove_keys(s);
	set_state(s, STREAM_CLOSING);
	if (waiting(s) == 0)
		finish_writing(s);
}

static void
free_stream(struct stream *s)
{
	struct net *net = s->net;
	size_t i;

	bufferevent_free(s->bev);
	net->descriptors--;
	framer_fini(&s->framer);
	drop_source(net, s->source);
	tls_server_unref(s->server);
	tls_client_unref(s->client);
	for (i = 0; i < VERDICTS; i++)
		tls_client_unref(s->verdicts[i].client);
	slab_free(&net->streams, s->handle);
}

void
stream_tell_ended(struct net *net)
{
	struct stream *list = net->ended, *s;

	net->ended = NULL;
	while ((s = list) != NULL) {
		list = s->next_ended;
		if (s->known)
			net->ops.failed(
			    net->arg, &s->path, s->error, s->reason);
		free_stream(s);
	}
}

/* --- timers --- */

static void
on_setup_over(struct stream *s)
{
	struct net *net = s->net;
	char peer[ADDRESS_TEXT_MAX];

	if (s->ssl == NULL) {
		net->counters.connect_failed++;
		end(s, -ETIMEDOUT, "no answer to the connection attempt");
		return;
	}
	net->counters.handshake_failed++;
	net_log_peer(net, DIAG_TLS_HANDSHAKE, &s->path.remote,
	    "TLS %s %s: the handshake did not end in %u ms",
	    s->source != NULL ? "from" : "to",
	    address_print(&s->path.remote, peer), net->handshake);
	end(s, -ETIMEDOUT, "the TLS handshake did not end in time");
}

static void
on_deadline(struct timer *timer)
{
	struct stream *s = CONTAINER_OF(timer, struct stream, deadline);

	switch (s->state) {
	case STREAM_SETUP:
		on_setup_over(s);
		break;
	case STREAM_OPEN:
		s->net->counters.half_messages++;
		end(s, -ETIMEDOUT,
		    framer_partial(&s->framer) ? "a message did not end in time"
					       : "no message came in time");
		break;
	case STREAM_CLOSING:
		end(s, 0, "closed");
		break;
	case STREAM_ENDED:
		break;
	}
}

/* How long it has to be quiet. A peer that never rests for long must not keep
 * an old certificate in use: after one period a short pause will do. */
static uint64_t
quiet_needed(const struct stream *s, uint64_t now)
{
	if (!s->draining)
		return s->net->idle;
	return now - s->drained_at < s->net->drain ? s->net->drain
						   : s->net->drain / 32;
}

/* When it may be closed for being quiet, as far as is known now. */
static uint64_t
quiet_until(const struct stream *s, uint64_t now)
{
	uint64_t until = s->active + quiet_needed(s, now);

	if (s->draining && now - s->drained_at > DRAIN_LAST_MS)
		return until;
	if (s->invited != 0 && until < s->invited + RINGING_MS)
		until = s->invited + RINGING_MS;
	return until;
}

static void
on_quiet(struct timer *timer)
{
	struct stream *s = CONTAINER_OF(timer, struct stream, quiet);
	uint64_t now = loop_now(s->net->loop);
	uint64_t until = quiet_until(s, now);

	if (until <= now && (framer_partial(&s->framer) || waiting(s) > 0))
		until = now + AGAIN_MS;
	if (until > now) {
		timer_start(timers_of(s), timer, until - now, on_quiet);
		return;
	}
	if (s->draining)
		s->net->counters.drained++;
	else
		s->net->counters.idle_closed++;
	close_in_order(s, s->draining ? "closed: its certificate is replaced"
				      : "closed: idle");
}

/* --- reading --- */

static bool
is_invite(struct span message)
{
	return span_starts(message, SPAN("INVITE "));
}

static void
deliver(struct stream *s, struct span message, enum net_fault fault)
{
	struct net *net = s->net;

	net->counters.messages_in++;
	s->heard = s->known = true;
	s->active = loop_now(net->loop);
	if (is_invite(message))
		s->invited = s->active;
	net->ops.receive(
	    net->arg, &s->path, message, loop_lag_ms(net->loop), fault);
}

static void
on_bad_framing(struct stream *s, enum framer_result result, struct span head)
{
	static const enum net_fault faults[] = {
		[FRAMER_NO_LENGTH] = NET_FAULT_NO_LENGTH,
		[FRAMER_BAD_LENGTH] = NET_FAULT_BAD_LENGTH,
		[FRAMER_TOO_LARGE] = NET_FAULT_TOO_LARGE,
	};

	s->net->counters.framing_errors++;
	if (result == FRAMER_BROKEN) {
		end(s, -EPROTO, "what came is no SIP message");
		return;
	}
	deliver(s, head, faults[result]);
	if (s->state == STREAM_OPEN)
		close_in_order(s, "closed: where the message ends is unknown");
}

static void
answer_ping(struct stream *s)
{
	s->net->counters.keepalives++;
	s->active = loop_now(s->net->loop);
	if (waiting(s) == 0)
		bufferevent_write(s->bev, "\r\n", 2);
}

/* True when a whole message was among it. */
static bool
take_messages(struct stream *s)
{
	bool any = false;

	while (s->state == STREAM_OPEN) {
		struct span message = SPAN_NONE;
		enum framer_result result = framer_next(&s->framer, &message);

		if (result == FRAMER_MORE)
			break;
		if (result == FRAMER_PING) {
			answer_ping(s);
		} else if (result == FRAMER_MESSAGE) {
			any = true;
			deliver(s, message, NET_FAULT_NONE);
		} else {
			on_bad_framing(s, result, message);
		}
	}
	return any;
}

/* A message has a limited time from its first byte to its last: more bytes of
 * the same one do not prolong it. */
static void
watch_half_message(struct stream *s, bool any)
{
	if (s->state != STREAM_OPEN)
		return;
	if (!framer_partial(&s->framer)) {
		if (s->heard || s->source == NULL)
			timer_stop(timers_of(s), &s->deadline);
		return;
	}
	if (any || !timer_running(&s->deadline))
		timer_start(
		    timers_of(s), &s->deadline, s->net->half, on_deadline);
}

static void
read_input(struct stream *s)
{
	struct evbuffer *input = bufferevent_get_input(s->bev);
	size_t n, all = evbuffer_get_length(input);
	struct net *net = s->net;
	bool any = false;

	loop_set_lag(net->loop, net_begin_reading(net, &s->reading));

	while (s->state == STREAM_OPEN &&
	    (n = evbuffer_get_length(input)) > 0) {
		char *room;

		if (n > READ_PIECE)
			n = READ_PIECE;
		room = framer_reserve(&s->framer, n);
		if (room == NULL) {
			end(s, -ENOMEM, "out of memory");
			return;
		}
		evbuffer_remove(input, room, n);
		framer_commit(&s->framer, n);
		net->counters.bytes_in += n;
		any |= take_messages(s);
	}
	if (all < READ_PIECE)
		net_seen_empty(net, &s->reading);
	watch_half_message(s, any);
	if (s->state == STREAM_OPEN)
		framer_rest(&s->framer);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct stream *s = arg;

	loop_tick(s->net->loop);
	if (s->state == STREAM_OPEN)
		read_input(s);
	else if (s->state != STREAM_SETUP)
		evbuffer_drain(bufferevent_get_input(bev), SIZE_MAX);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct stream *s = arg;

	(void)bev;
	loop_tick(s->net->loop);
	if (s->state == STREAM_CLOSING && waiting(s) == 0)
		finish_writing(s);
}

/* --- what happens to a connection --- */

static void
on_established(struct stream *s)
{
	if (s->state != STREAM_SETUP)
		return;
	if (s->source == NULL)
		s->net->counters.connected++;
	set_state(s, STREAM_OPEN);
	/* libevent reads what came with the end of the handshake before it
	 * says that this is over. */
	read_input(s);
}

/* The first error that OpenSSL noted is the cause. libevent gives the last one
 * first, and behind them all the result of SSL_get_error(), which has no
 * library in it. */
static unsigned long
first_tls_error(struct stream *s)
{
	unsigned long code, first = 0;

	while ((code = bufferevent_get_openssl_error(s->bev)) != 0)
		if (ERR_GET_LIB(code) != 0)
			first = code;
	ERR_clear_error();
	return first;
}

/* What a connection that is there cannot end with. */
static bool
no_connection(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH ||
	    error == ENETUNREACH;
}

static void
on_tls_error(struct stream *s, int error)
{
	struct net *net = s->net;
	unsigned long code = first_tls_error(s);
	char peer[ADDRESS_TEXT_MAX], buf[REASON_MAX];
	struct text why = text_over(buf, sizeof(buf));
	bool setup = s->state == STREAM_SETUP;

	if (code == 0 && error != 0 &&
	    SSL_get_verify_result(s->ssl) == X509_V_OK)
		text_add_str(&why, strerror(error));
	else
		tls_add_failure(s->ssl, code, &why);
	if (setup && s->source == NULL && no_connection(error)) {
		net->counters.connect_failed++;
		net_log_peer(net, DIAG_NET_FAILED, &s->path.remote,
		    "TLS to %s: no connection: %s",
		    address_print(&s->path.remote, peer), text_cstr(&why));
	} else if (setup) {
		net->counters.handshake_failed++;
		net_log_peer(net, tls_failure(s->ssl), &s->path.remote,
		    "TLS %s %s: handshake failed: %s",
		    s->source != NULL ? "from" : "to",
		    address_print(&s->path.remote, peer), text_cstr(&why));
	} else if (code != 0) {
		net_log_peer(net, DIAG_NONE, &s->path.remote, "TLS with %s: %s",
		    address_print(&s->path.remote, peer), text_cstr(&why));
	}
	end(s, code != 0 || error == 0 ? -EPROTO : -error, text_cstr(&why));
}

static void
on_error(struct stream *s, int error)
{
	if (s->ssl != NULL) {
		on_tls_error(s, error);
		return;
	}
	if (s->state == STREAM_SETUP)
		s->net->counters.connect_failed++;
	if (error == 0)
		error = ECONNRESET;
	end(s, -error, strerror(error));
}

/* libevent says "end of file" also where a connection could not be made; errno
 * is then still that of the failed call, or of something long ago. */
static bool
is_network_error(int error)
{
	return error == ECONNREFUSED || error == ETIMEDOUT ||
	    error == EHOSTUNREACH || error == ENETUNREACH;
}

static void
on_end_of_file(struct stream *s, int error)
{
	if (s->state == STREAM_CLOSING)
		end(s, 0, "closed");
	else if (s->state == STREAM_SETUP)
		on_error(s, is_network_error(error) ? error : ECONNRESET);
	else if (waiting(s) > 0 || framer_partial(&s->framer))
		end(s, -ECONNRESET, "closed by the peer too early");
	else
		end(s, 0, "closed by the peer");
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	int error = EVUTIL_SOCKET_ERROR();
	struct stream *s = arg;

	(void)bev;
	loop_tick(s->net->loop);
	if (s->state == STREAM_ENDED)
		return;
	if (what & BEV_EVENT_CONNECTED)
		on_established(s);
	else if (what & BEV_EVENT_EOF)
		on_end_of_file(s, error);
	else if (what & BEV_EVENT_ERROR)
		on_error(s, error);
}

/* --- making one --- */

static struct stream *
new_stream(struct net *net, const struct net_path *path)
{
	slab_handle handle;
	struct stream *s = slab_alloc(&net->streams, &handle);

	if (s == NULL)
		return NULL;
	s->net = net;
	s->handle = handle;
	s->path = *path;
	s->path.connection = handle;
	s->created = s->active = loop_now(net->loop);
	net_seen_empty(net, &s->reading);
	return s;
}

/* libevent 2.1 does not survive the end of memory inside of
 * bufferevent_openssl_socket_new(): what that needs must be there before. */
static bool
memory_is_left(void)
{
	void *probe = malloc(RESERVE);

	free(probe);
	return probe != NULL;
}

/* Puts the descriptor on the loop. It belongs to the stream from here on, also
 * when this fails. */
static bool
attach(struct stream *s, int fd)
{
	struct event_base *base = loop_base(s->net->loop);
	int state = s->source != NULL ? BUFFEREVENT_SSL_ACCEPTING
				      : BUFFEREVENT_SSL_CONNECTING;

	if (s->ssl == NULL)
		s->bev = bufferevent_socket_new(
		    base, fd, BEV_OPT_CLOSE_ON_FREE);
	else if (memory_is_left())
		s->bev = bufferevent_openssl_socket_new(
		    base, fd, s->ssl, state, BEV_OPT_CLOSE_ON_FREE);
	else
		SSL_free(s->ssl);
	if (s->bev == NULL) {
		close(fd);
		return false;
	}
	s->net->descriptors++;
	bufferevent_setcb(s->bev, on_read, on_written, on_event, s);
	if (s->ssl != NULL)
		bufferevent_openssl_set_allow_dirty_shutdown(s->bev, 1);
	return bufferevent_enable(s->bev, EV_READ | EV_WRITE) == 0;
}

/* Undoes what was made before the stream was on the loop. */
static void
discard(struct stream *s)
{
	if (s->bev != NULL) {
		free_stream(s);
		return;
	}
	drop_source(s->net, s->source);
	tls_server_unref(s->server);
	tls_client_unref(s->client);
	slab_free(&s->net->streams, s->handle);
}

/* Closes without the states that TCP keeps of a connection. */
static void
refuse(struct net *net, int fd)
{
	struct linger linger = { 1, 0 };

	net->counters.refused++;
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

/* Who opens many by right, a PBX with one a call, can see which limit it
 * was. */
static void
log_refused(const struct listener *listener, const struct address *remote)
{
	struct net *net = listener->net;
	char peer[ADDRESS_TEXT_MAX];

	if (find_source(net, remote) != NULL)
		net_log_peer(net, DIAG_NONE, remote,
		    "listener \"%s\": a connection from %s is refused: there "
		    "are %u already (limits.connections_per_source)",
		    listener->name, address_print(remote, peer),
		    net->per_source);
}

static bool
is_plain(const struct listener *listener)
{
	return listener->transport == NET_TCP;
}

void
stream_accept(struct listener *listener, int fd, const struct address *remote)
{
	struct net *net = listener->net;
	struct net_path path = {
		.transport = listener->transport,
		.listener = listener->id,
		.remote = *remote,
	};
	struct source *source = take_source(net, remote);
	struct stream *s = source == NULL ? NULL : new_stream(net, &path);

	if (s == NULL) {
		if (source == NULL)
			log_refused(listener, remote);
		drop_source(net, source);
		refuse(net, fd);
		return;
	}
	s->source = source;
	tcp_set_options(fd);
	net->counters.accepted++;
	if (!is_plain(listener)) {
		s->server = tls_server_ref(listener->tls);
		s->ssl = tls_server_ssl(s->server);
		if (s->ssl == NULL) {
			discard(s);
			refuse(net, fd);
			return;
		}
	}
	if (!attach(s, fd)) {
		discard(s);
		return;
	}
	set_state(s, is_plain(listener) ? STREAM_OPEN : STREAM_SETUP);
	if (is_plain(listener))
		add_key(s, &s->keys[0], remote, 0);
}

static struct stream *
open_stream(struct net *net, const struct net_path *path, int *error)
{
	struct listener *listener = net_find_listener(net, path->listener);
	struct tls_client *client = net_find_tls(net, path->tls);
	struct stream *s;
	int fd;

	*error = -EINVAL;
	if (!is_plain(listener) && client == NULL)
		return NULL;
	fd = tcp_connect(listener, &path->remote);
	*error = fd;
	if (fd < 0)
		return NULL;
	*error = -ENOBUFS;
	s = new_stream(net, path);
	if (s == NULL) {
		close(fd);
		return NULL;
	}
	if (!is_plain(listener)) {
		s->client = tls_client_ref(client);
		s->ssl = tls_client_ssl(client);
		if (s->ssl == NULL) {
			close(fd);
			discard(s);
			return NULL;
		}
	}
	if (!attach(s, fd) ||
	    (s->ssl == NULL && bufferevent_socket_connect(s->bev, NULL, 0))) {
		discard(s);
		return NULL;
	}
	set_state(s, STREAM_SETUP);
	add_key(s, &s->keys[0], &path->remote, path->tls);
	return s;
}

/* --- writing --- */

/* What the socket takes at once needs no turn of the loop. Bytes written, or a
 * negative errno. */
static ssize_t
write_at_once(struct stream *s, struct span bytes)
{
	ssize_t n;

	if (s->ssl != NULL || s->state != STREAM_OPEN || waiting(s) > 0)
		return 0;
	n = send(bufferevent_getfd(s->bev), bytes.p, bytes.n,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == -1)
		return errno == EAGAIN ? 0 : -errno;
	return n;
}

static int
write_message(struct stream *s, struct span bytes)
{
	struct net *net = s->net;
	ssize_t n;

	if (bytes.n > net->waiting_max ||
	    waiting(s) > net->waiting_max - bytes.n) {
		net->counters.not_reading++;
		end(s, -ENOBUFS, "the peer does not read");
		return -ENOBUFS;
	}
	n = write_at_once(s, bytes);
	if (n < 0) {
		end(s, (int)n, strerror((int)-n));
		return -ENOTCONN;
	}
	bytes = span_from(bytes, (size_t)n);
	if (bytes.n > 0 && bufferevent_write(s->bev, bytes.p, bytes.n) == -1) {
		end(s, -ENOMEM, "out of memory");
		return -ENOBUFS;
	}
	return 0;
}

/* One that fits, or a new one; NULL with *error. */
static struct stream *
find_or_open(struct net *net, const struct net_path *path, int *error)
{
	struct stream *s = find_by_path(net, path);

	return s != NULL ? s : open_stream(net, path, error);
}

/* One that the peer has closed may be found before its end was read. */
static int
write_to_any(struct net *net, struct net_path *path, struct span bytes,
    struct stream **s)
{
	int error = -ENOTCONN;

	if (path->transport == NET_TCP)
		path->tls = 0;
	*s = find_or_open(net, path, &error);
	if (*s == NULL)
		return error;
	path->reused = (*s)->state == STREAM_OPEN;
	error = write_message(*s, bytes);
	if (error != -ENOTCONN || !path->reused)
		return error;
	path->reused = false;
	*s = find_or_open(net, path, &error);
	return *s == NULL ? error : write_message(*s, bytes);
}

static int
write_to_one(struct net *net, struct net_path *path, struct span bytes,
    struct stream **s)
{
	*s = find_by_handle(net, path->connection);
	if (*s == NULL)
		return -ENOTCONN;
	path->reused = (*s)->state == STREAM_OPEN;
	return write_message(*s, bytes);
}

int
stream_send(struct net *net, struct net_path *path, struct span bytes)
{
	struct stream *s;
	int error;

	path->reused = false;
	error = path->connection != 0 ? write_to_one(net, path, bytes, &s)
				      : write_to_any(net, path, bytes, &s);
	if (error != 0)
		return error;
	path->connection = s->handle;
	s->known = true;
	s->active = loop_now(net->loop);
	if (is_invite(bytes))
		s->invited = s->active;
	net->counters.messages_out++;
	net->counters.bytes_out += bytes.n;
	return 0;
}

/* --- all of them --- */

void
stream_init_all(struct net *net, uint32_t limit)
{
	slab_init(&net->streams, sizeof(struct stream), limit);
}

void
stream_end_all(struct net *net)
{
	struct stream *s;
	uint32_t at = 0;

	while ((s = slab_next(&net->streams, &at)) != NULL)
		end(s, 0, "closed");
	while ((s = net->ended) != NULL) {
		net->ended = s->next_ended;
		free_stream(s);
	}
}

void
stream_fini_all(struct net *net)
{
	slab_fini(&net->streams);
	hash_fini(&net->stream_keys);
	hash_fini(&net->sources);
}

static bool
is_old(const struct stream *s)
{
	const struct listener *listener =
	    net_find_listener(s->net, s->path.listener);

	if (listener == NULL || listener->transport != s->path.transport)
		return true;
	if (s->source != NULL)
		return listener->tls != s->server;
	return s->client != NULL &&
	    net_find_tls(s->net, s->path.tls) != s->client;
}

void
stream_drain_old(struct net *net)
{
	struct stream *s;
	uint32_t at = 0;

	while ((s = slab_next(&net->streams, &at)) != NULL) {
		if (s->draining || s->state == STREAM_CLOSING ||
		    s->state == STREAM_ENDED || !is_old(s))
			continue;
		s->draining = true;
		s->drained_at = loop_now(net->loop);
		remove_keys(s);
		if (s->state == STREAM_OPEN)
			timer_start(timers_of(s), &s->quiet, net->drain,
			    on_quiet);
	}
}

/* --- for the users of net.h --- */

bool
net_peer_has_name(struct net *net, slab_handle connection, struct span name)
{
	struct stream *s = find_by_handle(net, connection);

	return s != NULL && s->ssl != NULL && s->state == STREAM_OPEN &&
	    tls_peer_has_name(s->ssl, name);
}

static bool
judge(struct stream *s, struct tls_client *client)
{
	struct verdict *verdict;
	unsigned i;

	for (i = 0; i < VERDICTS; i++)
		if (s->verdicts[i].client == client)
			return s->verdicts[i].is;
	verdict = &s->verdicts[s->verdict_at++ % VERDICTS];
	tls_client_unref(verdict->client);
	verdict->client = tls_client_ref(client);
	verdict->is = tls_peer_is(s->ssl, client);
	return verdict->is;
}

bool
net_peer_is(struct net *net, slab_handle connection, uint32_t tls)
{
	struct stream *s = find_by_handle(net, connection);
	struct tls_client *client = net_find_tls(net, tls);

	return s != NULL && client != NULL && s->ssl != NULL &&
	    s->state == STREAM_OPEN && judge(s, client);
}

void
net_peer_add_names(struct net *net, slab_handle connection, struct text *out)
{
	struct stream *s = find_by_handle(net, connection);

	if (s != NULL && s->ssl != NULL && s->state == STREAM_OPEN)
		tls_peer_add_names(s->ssl, out);
}

bool
net_reuse(struct net *net, slab_handle connection,
    const struct address *remote, uint32_t tls)
{
	struct stream *s = find_by_handle(net, connection);

	if (s == NULL || s->draining || !net_peer_is(net, connection, tls))
		return false;
	if (s->keys[1].on)
		hash_remove(&net->stream_keys, &s->keys[1].node);
	add_key(s, &s->keys[1], remote, tls);
	return s->keys[1].on;
}

void
net_close_connection(struct net *net, slab_handle connection)
{
	struct stream *s = find_by_handle(net, connection);

	if (s == NULL)
		return;
	if (s->state == STREAM_OPEN)
		close_in_order(s, "closed by us");
	else
		end(s, 0, "closed by us");
}

unsigned
net_connections(const struct net *net)
{
	return net->streams.used;
}

bool
net_next_connection(
    struct net *net, uint32_t *at, struct net_connection *out)
{
	uint64_t now = loop_now(net->loop);
	struct stream *s = slab_next(&net->streams, at);

	while (s != NULL && s->state == STREAM_ENDED)
		s = slab_next(&net->streams, at);
	if (s == NULL)
		return false;
	*out = (struct net_connection){
		.handle = s->handle,
		.path = s->path,
		.inbound = s->source != NULL,
		.established = s->state != STREAM_SETUP,
		.draining = s->draining,
		.age = (uint32_t)((now - s->created) / 1000),
		.idle = (uint32_t)((now - s->active) / 1000),
		.waiting = (uint32_t)waiting(s),
		.protocol = "",
		.cipher = "",
	};
	if (s->ssl != NULL && s->state != STREAM_SETUP) {
		out->protocol = SSL_get_version(s->ssl);
		out->cipher = SSL_get_cipher_name(s->ssl);
	}
	return true;
}
