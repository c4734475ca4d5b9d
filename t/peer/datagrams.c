#include "peer/datagrams.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define BUFFER_BYTES (32 << 20)

struct batch {
	struct mmsghdr message[DATAGRAMS_BATCH];
	struct iovec part[DATAGRAMS_BATCH];
	struct sockaddr_storage name[DATAGRAMS_BATCH];
	char bytes[DATAGRAMS_BATCH][DATAGRAMS_MAX];
};

struct datagrams {
	int fd;
	unsigned waiting; /* messages in `out` */
	struct text text;
	struct batch in, out;
};

static void
batch_init(struct batch *batch)
{
	unsigned i;

	for (i = 0; i < DATAGRAMS_BATCH; i++) {
		struct msghdr *h = &batch->message[i].msg_hdr;

		batch->part[i].iov_base = batch->bytes[i];
		batch->part[i].iov_len = DATAGRAMS_MAX;
		h->msg_iov = &batch->part[i];
		h->msg_iovlen = 1;
		h->msg_name = &batch->name[i];
		h->msg_namelen = sizeof(batch->name[i]);
	}
}

/* The FORCE forms pass the system's limit and need privilege. */
static void
set_buffer(int fd, int forced, int plain)
{
	int bytes = BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof(bytes)) != 0)
		setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

struct datagrams *
datagrams_open(const struct address *address)
{
	struct sockaddr_storage sa;
	socklen_t n = address_to_sockaddr(address, &sa);
	struct datagrams *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0 || bind(d->fd, (struct sockaddr *)&sa, n) != 0) {
		datagrams_close(d);
		return NULL;
	}
	set_buffer(d->fd, SO_RCVBUFFORCE, SO_RCVBUF);
	set_buffer(d->fd, SO_SNDBUFFORCE, SO_SNDBUF);
	batch_init(&d->in);
	batch_init(&d->out);
	return d;
}

void
datagrams_close(struct datagrams *datagrams)
{
	int saved = errno;

	if (datagrams == NULL)
		return;
	if (datagrams->fd >= 0)
		close(datagrams->fd);
	free(datagrams);
	errno = saved;
}

int
datagrams_fd(const struct datagrams *datagrams)
{
	return datagrams->fd;
}

unsigned
datagrams_receive(struct datagrams *datagrams, datagrams_fn *got, void *arg)
{
	struct batch *in = &datagrams->in;
	int i, n;

	n = recvmmsg(datagrams->fd, in->message, DATAGRAMS_BATCH, MSG_DONTWAIT,
	    NULL);
	for (i = 0; i < n; i++) {
		struct mmsghdr *m = &in->message[i];
		struct address from;

		address_from_sockaddr((struct sockaddr *)&in->name[i], &from);
		m->msg_hdr.msg_namelen = sizeof(in->name[i]);
		got(arg, datagrams, span_make(in->bytes[i], m->msg_len), &from);
	}
	return n < 0 ? 0 : (unsigned)n;
}

struct text *
datagrams_begin(struct datagrams *datagrams)
{
	if (datagrams->waiting == DATAGRAMS_BATCH)
		datagrams_flush(datagrams);
	datagrams->text = text_over(
	    datagrams->out.bytes[datagrams->waiting], DATAGRAMS_MAX);
	return &datagrams->text;
}

bool
datagrams_send(struct datagrams *datagrams, const struct address *to)
{
	struct batch *out = &datagrams->out;
	unsigned i = datagrams->waiting;

	if (datagrams->text.overflow)
		return false;
	out->part[i].iov_len = datagrams->text.len;
	out->message[i].msg_hdr.msg_namelen =
	    address_to_sockaddr(to, &out->name[i]);
	datagrams->waiting++;
	return true;
}

void
datagrams_copy(
    struct datagrams *datagrams, struct span bytes, const struct address *to)
{
	text_add(datagrams_begin(datagrams), bytes);
	datagrams_send(datagrams, to);
}

static void
wait_for_room(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	poll(&p, 1, 1);
}

void
datagrams_flush(struct datagrams *datagrams)
{
	unsigned done = 0;
	int n;

	while (done < datagrams->waiting) {
		n = sendmmsg(datagrams->fd, datagrams->out.message + done,
		    datagrams->waiting - done, 0);
		if (n > 0) {
			done += (unsigned)n;
			continue;
		}
		if (errno == EAGAIN || errno == ENOBUFS)
			wait_for_room(datagrams->fd);
		else if (errno != EINTR)
			done++; /* nobody listens there: the datagram is lost */
	}
	datagrams->waiting = 0;
}
