/*
 * datagrams.c - many datagrams with one system call
 *
 * What one reading brings is answered by datagrams that leave together once all
 * of it has been dealt with: fewer calls, and a peer on the same machine is
 * woken once. Nothing waits for more to come.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/container.h"
#include "net/private.h"

#define IN_MAX   32
#define OUT_MAX  64
#define OUT_ROOM 65536
#define OUT_MOST 16384
/* Beginnings of datagrams do not meet in the same lines of a cache. */
#define STRIDE   (65536 + 1088)

struct outgoing {
	struct udp_socket *socket;
	struct address remote;
	size_t at, n;
};

struct datagrams {
	struct mmsghdr in[IN_MAX];
	struct iovec in_vec[IN_MAX];
	struct sockaddr_storage from[IN_MAX];
	struct mmsghdr out[OUT_MAX];
	struct iovec out_vec[OUT_MAX];
	struct sockaddr_storage to[OUT_MAX];
	struct outgoing waiting[OUT_MAX];
	unsigned waiting_n;
	size_t room_used;
	bool gathering;
	char room[OUT_ROOM];
	char bytes[IN_MAX][STRIDE];
};

struct datagrams *
datagrams_create(void)
{
	struct datagrams *d = calloc(1, sizeof(*d));
	unsigned i;

	if (d == NULL)
		return NULL;
	for (i = 0; i < IN_MAX; i++) {
		d->in_vec[i] = (struct iovec){ d->bytes[i], 65536 };
		d->in[i].msg_hdr = (struct msghdr){
			.msg_name = &d->from[i],
			.msg_namelen = sizeof(d->from[i]),
			.msg_iov = &d->in_vec[i],
			.msg_iovlen = 1,
		};
	}
	return d;
}

void
datagrams_destroy(struct datagrams *d)
{
	free(d);
}

/* --- in --- */

int
datagrams_receive(struct datagrams *d, int fd, unsigned most, bool *empty)
{
	int n, i;

	if (most > IN_MAX)
		most = IN_MAX;
	n = recvmmsg(fd, d->in, most, MSG_DONTWAIT, NULL);
	if (n == -1)
		return -errno;
	for (i = 0; i < n; i++)
		d->in[i].msg_hdr.msg_namelen = sizeof(d->from[i]);
	*empty = (unsigned)n < most;
	return n;
}

struct span
datagrams_get(
    const struct datagrams *d, unsigned i, const struct sockaddr **from)
{
	*from = (const struct sockaddr *)&d->from[i];
	return span_make(d->bytes[i], d->in[i].msg_len);
}

/* --- out --- */

void
datagrams_gather(struct datagrams *d)
{
	d->gathering = true;
}

bool
datagrams_add(struct datagrams *d, struct udp_socket *socket,
    const struct address *remote, struct span bytes)
{
	if (!d->gathering)
		return false;
	if (d->waiting_n == OUT_MAX || bytes.n > OUT_ROOM - d->room_used ||
	    bytes.n > OUT_MOST)
		datagrams_send(d);
	if (bytes.n > OUT_MOST)
		return false;
	memcpy(d->room + d->room_used, bytes.p, bytes.n);
	d->waiting[d->waiting_n++] =
	    (struct outgoing){ socket, *remote, d->room_used, bytes.n };
	d->room_used += bytes.n;
	return true;
}

static void
prepare(struct datagrams *d, unsigned i, const struct outgoing *o)
{
	bool connected = o->socket->remote.family != 0;

	d->out_vec[i] = (struct iovec){ d->room + o->at, o->n };
	d->out[i].msg_hdr = (struct msghdr){
		.msg_name = connected ? NULL : &d->to[i],
		.msg_namelen = connected
		    ? 0
		    : address_to_sockaddr(&o->remote, &d->to[i]),
		.msg_iov = &d->out_vec[i],
		.msg_iovlen = 1,
	};
}

/* Takes those of the first one's socket, in their order, off the list. */
static unsigned
take_of_one(struct datagrams *d, struct outgoing taken[static OUT_MAX])
{
	struct udp_socket *socket = d->waiting[0].socket;
	unsigned i, n = 0, left = 0;

	for (i = 0; i < d->waiting_n; i++) {
		struct outgoing o = d->waiting[i];

		if (o.socket == socket) {
			prepare(d, n, &o);
			taken[n++] = o;
		} else {
			d->waiting[left++] = o;
		}
	}
	d->waiting_n = left;
	return n;
}

/* How many of them, from the first on, the kernel took together.
 * One has no need of that. */
static unsigned
send_together(struct datagrams *d, int fd, unsigned at, unsigned n)
{
	int sent =
	    n < 2 ? 0 : sendmmsg(fd, d->out + at, n, MSG_DONTWAIT);

	return sent < 0 ? 0 : (unsigned)sent;
}

static void
send_of_one(struct datagrams *d)
{
	struct outgoing taken[OUT_MAX];
	unsigned n = take_of_one(d, taken), at = 0, end;
	struct udp_socket *socket = taken[0].socket;

	while (at < n) {
		end = at + send_together(d, socket->fd, at, n - at);
		for (; at < end; at++)
			udp_count_sent(socket->listener, taken[at].n);
		if (at == n)
			break;
		/* One that met an error, which may be of an earlier
		 * datagram. */
		udp_send_alone(socket, &taken[at].remote,
		    span_make(d->room + taken[at].at, taken[at].n));
		at++;
	}
}

void
datagrams_send(struct datagrams *d)
{
	while (d->waiting_n > 0)
		send_of_one(d);
	d->room_used = 0;
}

void
datagrams_end(struct datagrams *d)
{
	datagrams_send(d);
	d->gathering = false;
}
