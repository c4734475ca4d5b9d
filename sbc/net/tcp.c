/*
 * tcp.c - sockets of streams: listening, accepting, connecting out
 */

#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/container.h"
#include "net/private.h"

#define BACKLOG         1024
#define ACCEPT_BATCH    64
#define PAUSE_MS        250
/* A peer that acknowledges nothing for that long is gone (64*T1). */
#define USER_TIMEOUT_MS 32000
#define KEEPALIVE_S     60

static void
set_int(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

void
tcp_set_options(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S);
}

static void
on_pause_over(struct timer *timer)
{
	struct listener *listener =
	    CONTAINER_OF(timer, struct listener, pause);

	if (event_add(listener->event, NULL) == -1)
		timer_start(loop_timers(listener->net->loop), timer, PAUSE_MS,
		    on_pause_over);
}

/* Without a descriptor the connection stays in the backlog, and the listener
 * would be readable without end: look away for a moment. */
static void
pause_accepting(struct listener *listener, int error)
{
	net_log_peer(listener->net, DIAG_NONE, &listener->local,
	    "listener \"%s\": cannot accept connections: %s", listener->name,
	    strerror(error));
	event_del(listener->event);
	timer_start(loop_timers(listener->net->loop), &listener->pause,
	    PAUSE_MS, on_pause_over);
}

static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

static void
on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;
	struct sockaddr_storage sa;
	struct address remote;
	unsigned i;

	(void)what;
	loop_tick(listener->net->loop);
	for (i = 0; i < ACCEPT_BATCH; i++) {
		socklen_t len = sizeof(sa);
		int stream = accept4(fd, (struct sockaddr *)&sa, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (stream == -1 && is_shortage(errno)) {
			pause_accepting(listener, errno);
			return;
		}
		if (stream == -1 && errno == EAGAIN)
			return;
		if (stream == -1)
			continue; /* that one is gone again */
		address_from_sockaddr((struct sockaddr *)&sa, &remote);
		stream_accept(listener, stream, &remote);
	}
}

static int
listen_on(struct listener *listener, const char **what)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(&listener->configured, &sa);

	set_int(listener->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (listener->configured.family == AF_INET6)
		set_int(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	*what = "bind";
	if (bind(listener->fd, (struct sockaddr *)&sa, len) == -1)
		return -errno;
	*what = "listen on";
	if (listen(listener->fd, BACKLOG) == -1)
		return -errno;
	len = sizeof(sa);
	if (getsockname(listener->fd, (struct sockaddr *)&sa, &len) == -1)
		return -errno;
	address_from_sockaddr((struct sockaddr *)&sa, &listener->local);
	return 0;
}

int
tcp_open(struct listener *listener, const char **what)
{
	struct net *net = listener->net;
	int error;

	*what = "open a socket for";
	listener->fd = socket(listener->configured.family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd == -1)
		return -errno;
	net->descriptors++;
	error = listen_on(listener, what);
	if (error != 0)
		return error;
	listener->event = event_new(loop_base(net->loop), listener->fd,
	    EV_READ | EV_PERSIST, on_connection, listener);
	if (listener->event == NULL || event_add(listener->event, NULL) == -1)
		return -ENOMEM;
	return 0;
}

void
tcp_close(struct listener *listener)
{
	timer_stop(loop_timers(listener->net->loop), &listener->pause);
	if (listener->event != NULL)
		event_free(listener->event);
	listener->event = NULL;
	if (listener->fd == -1)
		return;
	close(listener->fd);
	listener->fd = -1;
	listener->net->descriptors--;
}

static int
connect_from(
    int fd, const struct address *local, const struct address *remote)
{
	struct sockaddr_storage sa;
	struct address from = *local;
	socklen_t len;

	from.port = 0;
	len = address_to_sockaddr(&from, &sa);
	set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (bind(fd, (struct sockaddr *)&sa, len) == -1)
		return -errno;
	len = address_to_sockaddr(remote, &sa);
	if (connect(fd, (struct sockaddr *)&sa, len) == -1 &&
	    errno != EINPROGRESS)
		return -errno;
	return 0;
}

int
tcp_connect(struct listener *listener, const struct address *remote)
{
	int error, fd = socket(remote->family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -errno;
	tcp_set_options(fd);
	error = connect_from(fd, &listener->local, remote);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}
