/*
 * private.h - what the files of net/ share with each other and with nobody else
 */

#ifndef CORDON_NET_PRIVATE_H
#define CORDON_NET_PRIVATE_H

#include "base/bucket.h"
#include "base/hash.h"
#include "net/framer.h"
#include "net/net.h"
#include "net/tls.h"

struct bufferevent;
struct event;
struct stream;

/* How old what a socket holds may be: all of it came after `since`. */
struct net_reading {
	uint64_t since; /* us */
	bool drained;   /* seen empty when it was read last */
};

/* --- udp.c --- */

/* The socket of a listener, or one beside it that is connected to a peer. */
struct udp_socket {
	struct listener *listener;
	struct udp_socket *next; /* of the same listener */
	struct hash_node node;   /* in net->udp_peers, when connected */
	struct address remote;   /* family 0: not connected */
	struct event *event;
	int fd;
	bool wanted;     /* by the configuration that is being applied */
	struct net_reading reading;
};

/* --- net.c --- */

struct listener {
	struct net *net;
	uint32_t id;
	char *name;
	enum net_transport transport;
	struct address configured;
	struct address local;
	struct udp_socket *udp; /* the unconnected one first */
	int fd;                 /* of a stream listener */
	struct event *event;
	struct timer pause; /* no descriptors left: try again then */
	struct tls_server *tls;
};

/* Names keep their place, and so their id (place + 1), for good. */
struct listener_slot {
	char *name;
	struct listener *listener; /* NULL: not configured now */
};

struct trunk_slot {
	char *name;
	struct tls_client *tls; /* NULL: not configured now */
};

/* An ICMP error that waits for the end of the turn. */
struct unreachable {
	struct unreachable *next;
	struct net_path path;
	int error;
};

#define LOG_PEERS 256

struct net {
	struct loop *loop;
	struct net_ops ops;
	void *arg;
	struct listener_slot *listeners;
	uint32_t listeners_n;
	struct trunk_slot *trunks;
	uint32_t trunks_n;
	struct hash_table udp_peers;
	struct slab streams;
	struct hash_table stream_keys;
	struct hash_table sources;
	struct stream *ended; /* to be told of and freed between turns */
	struct unreachable *unreachable;
	unsigned unreachable_n;
	struct loop_hook hook;
	struct event *later; /* makes a turn when something waits for its end */
	uint32_t per_source, handshake, idle, half; /* ms but the first */
	uint32_t drain, waiting_max;
	int64_t clock_offset; /* ms, wall clock less monotonic, as seen last */
	struct bucket log_rate;
	struct {
		uint64_t peer;
		uint64_t at; /* ms */
	} logged[LOG_PEERS];
	unsigned descriptors;
	struct net_counters counters;
	struct datagrams *datagrams;
};

void net_log(struct net *net, enum net_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same about one peer, each kind once a minute. */
void net_log_peer(struct net *net, enum diagnostic diagnostic,
    const struct address *peer,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Has the hook run soon, also when the loop has nothing else to do. */
void net_run_hook(struct net *net);
/* Before and after reading a socket: the age in ms that its contents may
 * have. */
uint32_t net_begin_reading(struct net *net, struct net_reading *reading);
void net_seen_empty(struct net *net, struct net_reading *reading);
struct listener *net_find_listener(const struct net *net, uint32_t id);
struct tls_client *net_find_tls(const struct net *net, uint32_t id);
/* A hash over an address, and over a pair of ids with it. */
uint64_t net_hash(
    uint32_t a, uint32_t b, const struct address *address, bool port);

/* --- udp.c --- */

/* 0 or a negative errno; `what` then says which step failed. */
/* Before anything is read: later moves of the wall clock are seen. */
void udp_init_clock(struct net *net);
int udp_open(struct listener *listener, const char **what);
void udp_close(struct listener *listener);
/* Connected sockets to exactly the peers that the configuration has. */
void udp_apply_peers(
    struct listener *listener, const struct config *config);
int udp_send(
    struct listener *listener, struct net_path *path, struct span bytes);
void udp_tell_unreachable(struct net *net);
void udp_count_sent(const struct listener *listener, size_t n);
/* One datagram that was to leave with others. */
void udp_send_alone(struct udp_socket *socket, const struct address *remote,
    struct span bytes);

/* --- datagrams.c: many datagrams with one system call --- */

struct datagrams *datagrams_create(void);
void datagrams_destroy(struct datagrams *d);
/* Reads up to `most` datagrams at once, or fewer; how many, or a negative
 * errno. They stay until the next reading. *empty: the socket had no more. */
int datagrams_receive(
    struct datagrams *d, int fd, unsigned most, bool *empty);
struct span datagrams_get(
    const struct datagrams *d, unsigned i, const struct sockaddr **from);
/* From here to datagrams_end(), which sends it, what is added waits. */
void datagrams_gather(struct datagrams *d);
void datagrams_end(struct datagrams *d);
/* False: not gathering, or too large; what was added before has left then. */
bool datagrams_add(struct datagrams *d, struct udp_socket *socket,
    const struct address *remote, struct span bytes);
void datagrams_send(struct datagrams *d);

/* --- tcp.c --- */

int tcp_open(struct listener *listener, const char **what);
void tcp_close(struct listener *listener);
void tcp_set_options(int fd);
/* A socket on its way to `remote`, from the listener's
 * IP, or a negative errno. */
int tcp_connect(struct listener *listener, const struct address *remote);

/* --- stream.c --- */

int stream_send(struct net *net, struct net_path *path, struct span bytes);
void stream_accept(
    struct listener *listener, int fd, const struct address *remote);
/* Those made with another certificate than the present one are drained. */
void stream_drain_old(struct net *net);
void stream_tell_ended(struct net *net);
void stream_init_all(struct net *net, uint32_t limit);
void stream_end_all(struct net *net);
void stream_fini_all(struct net *net);

#endif
