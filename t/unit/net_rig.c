#include "net_rig.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define PULSE_MS 5

static char nothing[] = "";

static void
on_receive(void *arg, const struct net_path *path, struct span bytes,
    uint32_t lag, enum net_fault fault)
{
	struct rig_end *end = arg;
	struct rig_message *m = &end->messages[end->received % RIG_MESSAGES];
	struct wire wire = net_wire(end->net);
	struct net_path back = *path;

	m->lag = lag;
	m->path = *path;
	m->fault = fault;
	m->n = bytes.n;
	memset(m->text, 0, sizeof(m->text));
	memcpy(m->text, bytes.p, bytes.n < RIG_TEXT ? bytes.n : RIG_TEXT - 1);
	end->received++;
	if (end->answer != NULL)
		ck_assert_int_eq(wire.send(wire.arg, &back,
		                     span_of(end->answer)),
		    0);
}

static void
on_failed(
    void *arg, const struct net_path *path, int error, const char *reason)
{
	struct rig_end *end = arg;

	end->failures++;
	end->failed_path = *path;
	end->error = error;
	snprintf(end->reason, sizeof(end->reason), "%s", reason);
}

static void
on_log(void *arg, enum net_log_level level, const char *text)
{
	struct rig_end *end = arg;

	(void)level;
	end->logged++;
	snprintf(end->log, sizeof(end->log), "%s", text);
}

static void
on_pulse(struct timer *timer)
{
	(void)timer;
}

static void
start_end(struct rig *rig, struct rig_end *end)
{
	static const struct net_ops ops = {
		.receive = on_receive,
		.failed = on_failed,
		.log = on_log,
	};

	problems_init(&end->problems);
	end->config.listeners = end->listeners;
	end->config.trunks = end->trunks;
	end->net = net_create(rig->loop, &ops, end);
	ck_assert_ptr_nonnull(end->net);
}

void
rig_start(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->loop = loop_create();
	ck_assert_ptr_nonnull(rig->loop);
	start_end(rig, &rig->a);
	start_end(rig, &rig->b);
}

void
rig_stop(struct rig *rig)
{
	net_destroy(rig->a.net);
	net_destroy(rig->b.net);
	timer_stop(loop_timers(rig->loop), &rig->pulse);
	problems_fini(&rig->a.problems);
	problems_fini(&rig->b.problems);
	loop_destroy(rig->loop);
}

void
rig_turn(struct rig *rig)
{
	timer_start(loop_timers(rig->loop), &rig->pulse, PULSE_MS, on_pulse);
	ck_assert_int_eq(loop_turn(rig->loop, true), 0);
}

static struct config_tls
no_tls(void)
{
	return (struct config_tls){ nothing, nothing, nothing, nothing, nothing,
		CONFIG_TLS_1_2 };
}

struct config_listener *
rig_listener(struct rig_end *end, const char *name,
    enum config_transport transport, const char *ip)
{
	struct config_listener *l = &end->listeners[end->config.listeners_n++];

	ck_assert_uint_le(end->config.listeners_n, RIG_LISTENERS);
	*l = (struct config_listener){ .name = (char *)(uintptr_t)name,
		.transport = transport,
		.tls = no_tls() };
	ck_assert(address_parse(span_of(ip), 0, &l->address));
	return l;
}

struct config_trunk *
rig_trunk(struct rig_end *end, const char *name, const char *listener,
    const struct address *peer)
{
	size_t i = end->config.trunks_n++;
	struct config_trunk *t = &end->trunks[i];

	ck_assert_uint_le(end->config.trunks_n, RIG_TRUNKS);
	*t = (struct config_trunk){
		.name = (char *)(uintptr_t)name,
		.listener = (char *)(uintptr_t)listener,
		.tcp_listener = nothing,
		.tls = no_tls(),
		.fqdn = nothing,
		.domain = nothing,
	};
	t->tls_names.list = &end->names[i];
	if (peer != NULL) {
		end->peers[i] = *peer;
		t->peers.list = &end->peers[i];
		t->peers.n = 1;
	}
	return t;
}

void
rig_apply(struct rig_end *end)
{
	bool ok = net_apply(end->net, &end->config, &end->problems);

	ck_assert_msg(ok, "%s", rig_problems(end));
}

const char *
rig_problems(struct rig_end *end)
{
	static char buf[4096];
	struct text t = text_over(buf, sizeof(buf));
	size_t i;

	for (i = 0; i < end->problems.n; i++)
		text_addf(&t, "%s\n", end->problems.list[i].text);
	return text_cstr(&t);
}

struct address
rig_address(struct rig_end *end, const char *listener)
{
	return net_local(
	    end->net, net_listener_id(end->net, span_of(listener)));
}

struct net_path
rig_path(struct rig_end *end, const char *listener, struct address remote)
{
	uint32_t id = net_listener_id(end->net, span_of(listener));

	ck_assert_uint_ne(id, 0);
	return (struct net_path){
		.transport = net_listener_transport(end->net, id),
		.listener = id,
		.remote = remote,
	};
}

int
rig_send(struct rig_end *end, struct net_path *path, const char *text)
{
	struct wire wire = net_wire(end->net);

	return wire.send(wire.arg, path, span_of(text));
}

int
rig_socket(int type, struct address remote)
{
	struct sockaddr_storage sa;
	struct address local = { .ip = { 127, 40, 0, 9 }, .family = AF_INET };
	socklen_t len = address_to_sockaddr(&local, &sa);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, len), 0);
	len = address_to_sockaddr(&remote, &sa);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, len), 0);
	return fd;
}

int
rig_read(int fd, char *buf, size_t size)
{
	ssize_t n = recv(fd, buf, size - 1, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return -1;
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	return (int)n;
}

void
rig_write(int fd, const char *text)
{
	ck_assert_int_eq(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), (int)strlen(text));
}

unsigned
rig_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}
