/*
 * udp.c - datagrams
 *
 * Level-triggered, read until empty, answered at once. A known peer has
 * a socket of its own, bound to the same address and connected: cheaper
 * to send on, and ICMP errors come back on it. The kernel gives a
 * datagram to the connected socket when source address and port fit, and
 * to the listener's otherwise.
 */

#include <errno.h>
#include <event2/event.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "net/private.h"

/* Shorter than any request or response line. */
#define DATAGRAM_MIN     16
#define BATCH            128
/* With fewer, sending the answers together costs more than it saves. */
#define GATHER_FROM      8
/* Large enough for a burst, small enough that its tail is worth an answer. */
#define RECEIVE_BUFFER   (4 * 1024 * 1024)
#define PEERS_MAX        256
/* From here on the kernel is asked how old a datagram really is. */
#define LAG_ASK_MS       8
#define UNREACHABLE_MAX  64

/* The table holds what is configured and nothing from the wire: no key is
 * needed, and it is looked into for each datagram sent. */
static uint64_t
peer_hash(uint32_t listener, const struct address *remote)
{
	uint64_t ip[2], hash = (uint64_t)listener << 16 | remote->port;

	memcpy(ip, remote->ip, sizeof(ip));
	hash = (hash ^ ip[0]) * UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ hash >> 32 ^ ip[1]) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static struct udp_socket *
find_peer(const struct listener *listener, const struct address *remote)
{
	struct hash_node *node = hash_first(
	    &listener->net->udp_peers, peer_hash(listener->id, remote));

	for (; node != NULL; node = hash_again(node)) {
		struct udp_socket *s =
		    CONTAINER_OF(node, struct udp_socket, node);

		if (s->listener == listener && address_eq(&s->remote, remote))
			return s;
	}
	return NULL;
}

static void
note_unreachable(
    struct listener *listener, const struct address *remote, int error)
{
	struct net *net = listener->net;
	struct unreachable *u;

	net->counters.unreachable++;
	for (u = net->unreachable; u != NULL; u = u->next)
		if (u->path.listener == listener->id &&
		    address_eq(&u->path.remote, remote))
			return;
	if (net->unreachable_n == UNREACHABLE_MAX)
		return;
	u = calloc(1, sizeof(*u));
	if (u == NULL)
		return;
	u->path.transport = NET_UDP;
	u->path.listener = listener->id;
	u->path.remote = *remote;
	u->error = -error;
	u->next = net->unreachable;
	net->unreachable = u;
	net->unreachable_n++;
	net_run_hook(net);
}

void
udp_tell_unreachable(struct net *net)
{
	struct unreachable *list = net->unreachable, *u;

	net->unreachable = NULL;
	net->unreachable_n = 0;
	while ((u = list) != NULL) {
		list = u->next;
		net->ops.failed(
		    net->arg, &u->path, u->error, strerror(-u->error));
		free(u);
	}
}

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Age in ms of the datagram read last, by the kernel's stamp; `otherwise` when
 * that is not to be had, or cannot be because it is more than `most`. */
static uint32_t
ask_age(int fd, uint32_t most, uint32_t otherwise)
{
	struct timespec stamp;
	int64_t age;

	if (ioctl(fd, SIOCGSTAMPNS, &stamp) == -1)
		return otherwise;
	age = clock_ms(CLOCK_REALTIME) - (int64_t)stamp.tv_sec * 1000 -
	    stamp.tv_nsec / 1000000;
	return age < 0 || age > most ? otherwise : (uint32_t)age;
}

/* Was the wall clock moved since this was asked last? */
static bool
clock_moved(struct net *net)
{
	int64_t offset = clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_MONOTONIC);
	int64_t moved = offset - net->clock_offset;

	net->clock_offset = offset;
	return moved < -LAG_ASK_MS || moved > LAG_ASK_MS;
}

void
udp_init_clock(struct net *net)
{
	(void)clock_moved(net);
}

/* Of the first datagram of a batch, which may be `lag` old by what is
 * known, on a socket that was seen empty `quiet` ms ago. That the loop
 * waited since does not say that there was nothing: it may not have been
 * let run. The stamp tells. */
static uint32_t
first_age(struct udp_socket *s, uint32_t lag, uint32_t quiet)
{
	struct net *net = s->listener->net;
	uint32_t age;

	if (lag >= LAG_ASK_MS)
		return ask_age(s->fd, lag, lag);
	if (quiet < LAG_ASK_MS || clock_moved(net))
		return lag;
	age = ask_age(s->fd, quiet, lag);
	if (age > lag)
		s->reading.since = loop_now_us(net->loop) - age * 1000ull;
	return age;
}

/* ms since it was seen empty; 0 where it was not. */
static uint32_t
quiet_for(const struct udp_socket *s)
{
	uint64_t now = loop_now_us(s->listener->net->loop);

	return s->reading.drained ? (uint32_t)((now - s->reading.since) / 1000)
				  : 0;
}

static bool
is_filling(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0 &&
	    info[SK_MEMINFO_RMEM_ALLOC] > info[SK_MEMINFO_RCVBUF] / 2;
}

static bool
is_keepalive(struct span bytes)
{
	size_t i;

	if (bytes.n > 0 && (unsigned char)bytes.p[0] < 4) /* STUN */
		return true;
	for (i = 0; i < bytes.n; i++)
		if (bytes.p[i] != '\r' && bytes.p[i] != '\n')
			return false;
	return true;
}

static void
take(struct udp_socket *s, struct span bytes, const struct sockaddr *from,
    uint32_t lag)
{
	struct net *net = s->listener->net;
	struct net_path path = {
		.transport = NET_UDP,
		.listener = s->listener->id,
	};

	net->counters.datagrams_in++;
	net->counters.bytes_in += bytes.n;
	if (is_keepalive(bytes)) {
		net->counters.keepalives++;
		return;
	}
	if (bytes.n < DATAGRAM_MIN) {
		net->counters.too_short++;
		return;
	}
	address_from_sockaddr(from, &path.remote);
	net->ops.receive(net->arg, &path, bytes, lag, NET_FAULT_NONE);
}

/* Of what a turn reads of one socket. */
struct age {
	uint32_t lag;
	uint32_t quiet;
	bool known; /* `lag` is that of the first datagram */
	bool filling;
};

/* The stamp that the kernel gives is that of the datagram read last: where it
 * is wanted of the first one, that is read alone. */
static bool
reads_one(const struct age *age)
{
	return !age->known &&
	    (age->lag >= LAG_ASK_MS || age->quiet >= LAG_ASK_MS);
}

/* How many were read; 0 once the socket is empty. */
static unsigned
read_some(struct udp_socket *s, struct age *age, unsigned most)
{
	struct net *net = s->listener->net;
	const struct sockaddr *from;
	bool empty = false;
	int i, n = datagrams_receive(net->datagrams, s->fd,
	    reads_one(age) ? 1 : most, &empty);

	if (n < 0 && s->remote.family != 0 && n != -EAGAIN) {
		note_unreachable(s->listener, &s->remote, -n);
		return 1;
	}
	if (n < 0 || empty)
		net_seen_empty(net, &s->reading);
	if (n > 0 && !age->known)
		age->lag = first_age(s, age->lag, age->quiet);
	age->known = true;
	if (n >= GATHER_FROM)
		datagrams_gather(net->datagrams);
	for (i = 0; i < n; i++) {
		struct span bytes =
		    datagrams_get(net->datagrams, (unsigned)i, &from);

		loop_set_lag(net->loop, age->lag);
		take(s, bytes, from, age->filling ? NET_LAG_FULL : age->lag);
	}
	return n < 0 || empty ? 0 : (unsigned)n;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct udp_socket *s = arg;
	struct net *net = s->listener->net;
	/* Asked only where the last reading left something behind. */
	struct age age = { .filling = !s->reading.drained && is_filling(fd) };
	unsigned n = 1, left;

	(void)what;
	loop_tick(net->loop);
	age.quiet = quiet_for(s);
	age.lag = net_begin_reading(net, &s->reading);
	for (left = BATCH; left > 0 && n > 0; left -= n)
		n = read_some(s, &age, left);
	datagrams_end(net->datagrams);
}

static void
set_int(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

static void
set_options(int fd, int family)
{
	struct timespec stamp;

	set_int(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
	/* A datagram too big for the path is cut by whoever must: a large SIP
	 * request lost without a word would be worse. */
	if (family == AF_INET)
		set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	else
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	/* The first asking has the kernel stamp what comes from now on. */
	(void)ioctl(fd, SIOCGSTAMPNS, &stamp);
}

static void
free_socket(struct udp_socket *s)
{
	struct net *net = s->listener->net;

	if (s->remote.family != 0)
		hash_remove(&net->udp_peers, &s->node);
	if (s->event != NULL)
		event_free(s->event);
	if (s->fd != -1) {
		close(s->fd);
		net->descriptors--;
	}
	free(s);
}

static struct udp_socket *
new_socket(struct listener *listener, int *error)
{
	struct net *net = listener->net;
	struct udp_socket *s = calloc(1, sizeof(*s));

	*error = -ENOMEM;
	if (s == NULL)
		return NULL;
	s->listener = listener;
	net_seen_empty(net, &s->reading);
	s->fd = socket(listener->configured.family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd == -1) {
		*error = -errno;
		free(s);
		return NULL;
	}
	net->descriptors++;
	set_options(s->fd, listener->configured.family);
	s->event = event_new(loop_base(net->loop), s->fd,
	    EV_READ | EV_PERSIST, on_readable, s);
	if (s->event == NULL) {
		free_socket(s);
		return NULL;
	}
	return s;
}

static int
bind_to(int fd, const struct address *local)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(local, &sa);

	return bind(fd, (struct sockaddr *)&sa, len) == -1 ? -errno : 0;
}

static int
start_reading(struct udp_socket *s)
{
	return event_add(s->event, NULL) == -1 ? -ENOMEM : 0;
}

int
udp_open(struct listener *listener, const char **what)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct udp_socket *s;
	int error;

	*what = "open a socket for";
	s = new_socket(listener, &error);
	if (s == NULL)
		return error;
	*what = "bind";
	error = bind_to(s->fd, &listener->configured);
	if (error == 0)
		error = start_reading(s);
	if (error == 0 &&
	    getsockname(s->fd, (struct sockaddr *)&sa, &len) == -1)
		error = -errno;
	if (error != 0) {
		free_socket(s);
		return error;
	}
	address_from_sockaddr((struct sockaddr *)&sa, &listener->local);
	listener->udp = s;
	return 0;
}

void
udp_close(struct listener *listener)
{
	struct udp_socket *s;

	while ((s = listener->udp) != NULL) {
		listener->udp = s->next;
		free_socket(s);
	}
}

/*
 * Sockets may share an address when all of them say so at the time of a bind.
 * It is said for that moment only: nobody else can then join us, and a second
 * daemon is refused. What comes between bind and connect may be anybody's, so
 * the source is read from each datagram here too.
 */
static void
share_address(struct listener *listener, int on)
{
	struct udp_socket *s;

	for (s = listener->udp; s != NULL; s = s->next)
		set_int(s->fd, SOL_SOCKET, SO_REUSEADDR, on);
}

static int
bind_beside(struct udp_socket *s)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(&s->remote, &sa);
	int error;

	set_int(s->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	error = bind_to(s->fd, &s->listener->local);
	if (error == 0 && connect(s->fd, (struct sockaddr *)&sa, len) == -1)
		error = -errno;
	return error;
}

/* A socket that takes what comes from that address and port; the address is
 * shared at this time. */
static struct udp_socket *
open_peer(
    struct listener *listener, const struct address *remote, int *error)
{
	struct udp_socket *s = new_socket(listener, error);

	if (s == NULL)
		return NULL;
	*error = -ENOMEM;
	if (hash_insert(&listener->net->udp_peers, &s->node,
	        peer_hash(listener->id, remote))) {
		s->remote = *remote;
		*error = bind_beside(s);
	}
	if (*error == 0)
		*error = start_reading(s);
	if (*error == 0)
		return s;
	free_socket(s);
	return NULL;
}

static void
add_peer(struct listener *listener, const struct address *remote)
{
	char text[ADDRESS_TEXT_MAX];
	int error;
	struct udp_socket *s = open_peer(listener, remote, &error);

	if (s == NULL) {
		net_log(listener->net, NET_LOG_INFO,
		    "no connected socket to %s: %s; the listener's is used",
		    address_print(remote, text), strerror(-error));
		return;
	}
	s->wanted = true;
	s->next = listener->udp->next;
	listener->udp->next = s;
}

static void
want_peers(struct listener *listener, const struct config_trunk *trunk,
    unsigned *count)
{
	size_t i;

	for (i = 0; i < trunk->peers.n && *count < PEERS_MAX; i++) {
		const struct address *remote = &trunk->peers.list[i];
		struct udp_socket *s;

		if (remote->family != listener->local.family ||
		    remote->port == 0 || address_is_unspecified(remote) ||
		    address_eq(remote, &listener->local))
			continue;
		(*count)++;
		s = find_peer(listener, remote);
		if (s != NULL)
			s->wanted = true;
		else
			add_peer(listener, remote);
	}
}

static void
drop_unwanted(struct listener *listener)
{
	struct udp_socket **at = &listener->udp->next, *s;

	while ((s = *at) != NULL) {
		if (s->wanted) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		free_socket(s);
	}
}

void
udp_apply_peers(struct listener *listener, const struct config *config)
{
	struct udp_socket *s;
	unsigned count = 0;
	size_t i;

	for (s = listener->udp->next; s != NULL; s = s->next)
		s->wanted = false;
	share_address(listener, 1);
	/* Bound to any address, connect() would fix one of ours for the
	 * peer. */
	for (i = 0; i < config->trunks_n; i++)
		if (strcmp(config->trunks[i].listener, listener->name) == 0 &&
		    !address_is_unspecified(&listener->local))
			want_peers(listener, &config->trunks[i], &count);
	share_address(listener, 0);
	drop_unwanted(listener);
}

static ssize_t
send_once(const struct listener *listener, const struct udp_socket *peer,
    const struct address *remote, struct span bytes)
{
	struct sockaddr_storage sa;
	socklen_t len;

	if (peer != NULL)
		return send(peer->fd, bytes.p, bytes.n, MSG_DONTWAIT);
	len = address_to_sockaddr(remote, &sa);
	return sendto(listener->udp->fd, bytes.p, bytes.n, MSG_DONTWAIT,
	    (struct sockaddr *)&sa, len);
}

static int
count_error(struct net_counters *counters, int error)
{
	switch (error) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
		counters->no_buffers++;
		return -ENOBUFS;
	case EMSGSIZE:
		counters->too_large_out++;
		return -EMSGSIZE;
	default:
		return -error;
	}
}

void
udp_count_sent(const struct listener *listener, size_t n)
{
	struct net_counters *counters = &listener->net->counters;

	counters->datagrams_out++;
	counters->bytes_out += n;
}

static int
send_now(struct listener *listener, const struct udp_socket *peer,
    const struct address *remote, struct span bytes)
{
	ssize_t n = send_once(listener, peer, remote, bytes);

	/* What is refused here is an earlier datagram; this one did not
	 * leave. */
	if (n == -1 && peer != NULL && errno == ECONNREFUSED) {
		note_unreachable(listener, remote, errno);
		n = send_once(listener, peer, remote, bytes);
	}
	if (n == -1)
		return count_error(&listener->net->counters, errno);
	udp_count_sent(listener, bytes.n);
	return 0;
}

int
udp_send(struct listener *listener, struct net_path *path, struct span bytes)
{
	struct udp_socket *peer = find_peer(listener, &path->remote);

	if (datagrams_add(listener->net->datagrams,
	        peer == NULL ? listener->udp : peer, &path->remote, bytes))
		return 0;
	return send_now(listener, peer, &path->remote, bytes);
}

/* It went with others, and nobody waits for an error: those that it was for are
 * told as of an ICMP error. */
void
udp_send_alone(struct udp_socket *socket, const struct address *remote,
    struct span bytes)
{
	int error = send_now(socket->listener,
	    socket->remote.family == 0 ? NULL : socket, remote, bytes);

	if (error != 0 && error != -ENOBUFS && error != -EMSGSIZE)
		note_unreachable(socket->listener, remote, -error);
}
