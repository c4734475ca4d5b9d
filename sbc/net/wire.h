/*
 * wire.h - where bytes come from and go to
 *
 * The transaction layer sends through a wire: the real one is net.h's, a replay
 * test has its own.
 */

#ifndef CORDON_NET_WIRE_H
#define CORDON_NET_WIRE_H

#include "base/address.h"
#include "base/slab.h"
#include "base/span.h"

enum net_transport {
	NET_UDP,
	NET_TCP,
	NET_TLS,
	NET_TRANSPORTS
};

/* "UDP", as in a Via; "udp", as in a URI parameter and the configuration. */
const char *net_transport_via(enum net_transport transport);
const char *net_transport_uri(enum net_transport transport);

static inline bool
net_transport_reliable(enum net_transport transport)
{
	return transport != NET_UDP;
}

/* How a message came in, or how one shall go out. A value: copy it freely. */
struct net_path {
	enum net_transport transport : 8;
	bool reused; /* by send(): that connection stood open before */
	uint32_t listener; /* id of the listener, stable over reloads */
	uint32_t tls;      /* id of the TLS profile for a new connection, or 0 */
	struct address remote;
	slab_handle connection; /* stream: this one; 0: reuse or open one */
};

/* In place of the age of a datagram: the socket's buffer is more than half
 * full. What comes next may be lost before it is read, whatever its age. */
#define NET_LAG_FULL UINT32_MAX

struct wire {
	/*
	 * Sends one message now, or queues it on a stream. Fills in
	 * path->connection and path->reused. 0, or a negative errno:
	 * -EMSGSIZE, -ECONNREFUSED (an ICMP error of an earlier datagram
	 * included), -ENOTCONN (that connection is gone and the path
	 * allows no other), -ENOBUFS.
	 */
	int (*send)(void *arg, struct net_path *path, struct span bytes);
	void *arg;
};

#endif
