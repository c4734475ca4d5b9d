/*
 * net.h - bytes in, bytes out: UDP, TCP and TLS
 *
 * Made from the configuration; hands each whole message up, and sends through
 * the wire of wire.h. Knows addresses, connections and certificates, and
 * nothing about SIP but where a message ends on a stream (framer.h).
 */

#ifndef CORDON_NET_NET_H
#define CORDON_NET_NET_H

#include "config/config.h"
#include "diagnosis/diagnosis.h"
#include "net/loop.h"
#include "net/wire.h"

struct net;
struct net_profiles;

/* Levels of net_ops.log: the order is that of enum config_log_level. */
enum net_log_level {
	NET_LOG_ERROR,
	NET_LOG_WARNING,
	NET_LOG_INFO,
	NET_LOG_DEBUG
};

/* What is wrong with a message that a stream can not go on behind. It is given
 * up all the same, so that it can be answered (400, or 513 for TOO_LARGE);
 * `bytes` is then its head alone. After receive() returns, the connection is
 * closed as soon as what was sent on it is out. */
enum net_fault {
	NET_FAULT_NONE,
	NET_FAULT_NO_LENGTH,  /* no Content-Length on a stream (RFC 4475 ncl) */
	NET_FAULT_BAD_LENGTH, /* not a number, or two different ones */
	NET_FAULT_TOO_LARGE   /* head and body over SIP_MESSAGE_MAX */
};

struct net_ops {
	/*
	 * One whole message: a datagram, or what was cut from a stream. `bytes`
	 * is valid during the call. `path` is ready to be answered on. `lag` is
	 * the age in ms that the message may have (loop_lag_ms()), or
	 * NET_LAG_FULL.
	 */
	void (*receive)(void *arg, const struct net_path *path,
	    struct span bytes, uint32_t lag, enum net_fault fault);

	/*
	 * Stream: the connection path->connection is gone, or could not be
	 * made; once a connection that was ever used. `error` is 0 for one that
	 * ended in order, with nothing waiting to be sent. UDP: ICMP says that
	 * path->remote can not be reached; path->connection is 0. `error` is a
	 * negative errno, `reason` a short text of ours. Called from the loop
	 * only, never from inside send().
	 */
	void (*failed)(void *arg, const struct net_path *path, int error,
	    const char *reason);

	/*
	 * Something that the catalogue names: TLS-HANDSHAKE and
	 * TLS-PEER-NAME, each of a peer once a minute at most; TLS-CERT-RENEW,
	 * of a listener. `target` is an address or a name, `text` the
	 * evidence. NULL: not wanted.
	 */
	void (*note)(void *arg, enum diagnostic diagnostic, struct span target,
	    const char *text);

	/* One line, without a newline, wire bytes quoted. */
	void (*log)(void *arg, enum net_log_level level, const char *text);
};

/* NULL without memory. `ops` is copied. */
struct net *net_create(
    struct loop *loop, const struct net_ops *ops, void *arg);
/* Closes every connection and listener without telling anybody: what
 * net_connections() and net_descriptors() count is then zero, or a leak. */
void net_close(struct net *net);
/* The same, and frees it. NULL is allowed. */
void net_destroy(struct net *net);

/*
 * Opens what the configuration has and closes what it has no longer: all or
 * nothing. False leaves everything as it was; `problems` says address and
 * errno, or which certificate file and why. Listeners keep their id as long as
 * the process lives, by name. Certificates are read again: when they differ,
 * connections made with the old ones carry no new requests (but those that name
 * them in path->connection) and close when idle. The snapshot is not kept.
 * Never call this, or net_destroy(), from within receive() or failed().
 */
bool net_apply(
    struct net *net, const struct config *config, struct problems *problems);
/* The same with the TLS profiles of that configuration, made before; those that
 * are put in force are taken out of them. */
bool net_apply_with(struct net *net, const struct config *config,
    struct net_profiles *profiles, struct problems *problems);

/*
 * What the transaction layer sends through. Takes path->connection; where that
 * is 0, path->listener, ->remote and, for TLS, ->tls, and reuses a connection
 * that fits or opens one. Besides what wire.h says: -EADDRNOTAVAIL (no such
 * listener), -EAFNOSUPPORT (IPv4 from IPv6 or the other way), -EINVAL (TLS
 * without a profile), and what connect() says at once. A connection that is
 * gone is never replaced: -ENOTCONN, and the caller may clear path->connection.
 */
struct wire net_wire(struct net *net);

/* Stops listening for new streams; what is open goes on (drain at the end). */
void net_stop_accepting(struct net *net);

/* Id of the listener of that name, 0 when there is none. */
uint32_t net_listener_id(const struct net *net, struct span name);
/* Name of a listener id, "" when there is none. */
const char *net_listener_name(const struct net *net, uint32_t id);
/* The address that the listener is bound to (the port that the kernel chose
 * where the configuration says 0), or one with family 0. */
struct address net_local(const struct net *net, uint32_t id);
enum net_transport net_listener_transport(const struct net *net, uint32_t id);

/* Id of the TLS client profile of that trunk for net_path.tls, 0 when it has
 * none (its listener is not TLS). Stable over reloads, by name. */
uint32_t net_tls_id(const struct net *net, struct span trunk);

/*
 * Does the peer's certificate, verified in the handshake, carry that name? SAN
 * DNS (one-label wildcard) and "sip:" URI, the common name only where there is
 * no such SAN (RFC 5922 section 7.1). False without a certificate.
 */
bool net_peer_has_name(
    struct net *net, slab_handle connection, struct span name);

/*
 * Is that peer who the trunk's TLS profile says: a certificate that leads to
 * the CA of *that trunk* and carries one of its tls_names? Use this to tell
 * trunks apart: another trunk's CA may sign any name.
 */
bool net_peer_is(struct net *net, slab_handle connection, uint32_t tls);

/* The identities of the peer's certificate, comma separated and quoted, for
 * people; nothing without a certificate. */
void net_peer_add_names(
    struct net *net, slab_handle connection, struct text *out);

/* Requests to `remote` with profile `tls` may go out on this connection that
 * the peer opened (RFC 5923): false unless it is TLS and net_peer_is() so. */
bool net_reuse(struct net *net, slab_handle connection,
    const struct address *remote, uint32_t tls);

/* Closes one connection once what is queued on it is out. */
void net_close_connection(struct net *net, slab_handle connection);

struct net_counters {
	uint64_t datagrams_in, datagrams_out;
	uint64_t messages_in, messages_out; /* on streams */
	uint64_t bytes_in, bytes_out;
	uint64_t keepalives;    /* CRLF, CRLFCRLF, STUN */
	uint64_t too_short;     /* datagrams under 16 bytes */
	uint64_t unreachable;   /* ICMP errors */
	uint64_t too_large_out; /* EMSGSIZE */
	uint64_t no_buffers;    /* ENOBUFS, EAGAIN on sending */
	uint64_t accepted, connected;
	uint64_t connect_failed;
	uint64_t refused;        /* connections over the limit of a source */
	uint64_t handshake_failed;
	uint64_t half_messages;  /* closed: a message did not end in time */
	uint64_t idle_closed;
	uint64_t framing_errors; /* closed: no end of message to be found */
	uint64_t not_reading;    /* closed: the peer does not read */
	uint64_t drained;        /* closed: old certificate */
};

const struct net_counters *net_counters(const struct net *net);
/* Streams that are open or being opened, and all descriptors that net holds. */
unsigned net_connections(const struct net *net);
unsigned net_descriptors(const struct net *net);

/* One open stream, for people. */
struct net_connection {
	slab_handle handle;
	struct net_path path;
	bool inbound;
	bool established;
	bool draining;
	uint32_t age;     /* s */
	uint32_t idle;    /* s */
	uint32_t waiting; /* bytes to be written */
	const char *protocol; /* "TLSv1.3", or "" */
	const char *cipher;
};

/* The next one behind *at; false at the end. Start with 0. */
bool net_next_connection(
    struct net *net, uint32_t *at, struct net_connection *out);

/* How long a connection with an old certificate stays after its last
 * message, in ms, and how many bytes may wait for a peer that does not read:
 * for tests. */
void net_set_patience(struct net *net, uint32_t drain, uint32_t waiting);

#endif
