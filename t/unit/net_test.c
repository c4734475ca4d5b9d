#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"
#include "net/framer.h"
#include "net_rig.h"

static struct rig rig;

static void
setup(void)
{
	rig_start(&rig);
}

static void
teardown(void)
{
	rig_stop(&rig);
}

/* --- loop --- */

static struct timer early, late;
static unsigned order[4], order_n;

static void
on_early(struct timer *timer)
{
	(void)timer;
	order[order_n++] = 1;
}

static void
on_late(struct timer *timer)
{
	(void)timer;
	order[order_n++] = 2;
}

START_TEST(timers_run_in_order)
{
	struct timers *timers = loop_timers(rig.loop);

	loop_tick(rig.loop);
	timer_start(timers, &late, 30, on_late);
	timer_start(timers, &early, 3, on_early);
	rig_wait(&rig, order_n == 2);
	ck_assert_uint_eq(order[0], 1);
	ck_assert_uint_eq(order[1], 2);
}
END_TEST

static void
stop_loop(void *arg)
{
	loop_stop(arg);
}

static void *
ring(void *arg)
{
	loop_wake_send(arg);
	loop_wake_send(arg);
	return NULL;
}

START_TEST(another_thread_wakes_the_loop)
{
	struct loop_wake *wake =
	    loop_wake_create(rig.loop, stop_loop, rig.loop);
	pthread_t thread;

	ck_assert_ptr_nonnull(wake);
	ck_assert_int_eq(pthread_create(&thread, NULL, ring, wake), 0);
	ck_assert_int_eq(loop_run(rig.loop), 0);
	pthread_join(thread, NULL);
	loop_wake_destroy(wake);
}
END_TEST

static void
on_signal(void *arg, int signo)
{
	ck_assert_int_eq(signo, SIGUSR1);
	loop_stop(arg);
}

START_TEST(signals_are_events)
{
	ck_assert(loop_add_signal(rig.loop, SIGUSR1, on_signal, rig.loop));
	raise(SIGUSR1);
	ck_assert_int_eq(loop_run(rig.loop), 0);
}
END_TEST

struct turn_counter {
	struct loop_hook hook;
	unsigned n;
};

static void
count_turn(struct loop_hook *hook)
{
	CONTAINER_OF(hook, struct turn_counter, hook)->n++;
	loop_remove_hook(rig.loop, hook);
}

START_TEST(a_hook_runs_between_turns_and_may_remove_itself)
{
	struct turn_counter one = { .n = 0 }, two = { .n = 0 };

	loop_add_hook(rig.loop, &one.hook, count_turn);
	loop_add_hook(rig.loop, &two.hook, count_turn);
	ck_assert_int_eq(loop_turn(rig.loop, false), 0);
	ck_assert_int_eq(loop_turn(rig.loop, false), 0);
	ck_assert_uint_eq(one.n, 1);
	ck_assert_uint_eq(two.n, 1);
}
END_TEST

/* --- framer --- */

#define HEAD "OPTIONS sip:x SIP/2.0\r\n"

static const struct {
	const char *stream;
	const char *expected; /* a letter a result: Message, Ping, ... */
	const char *first;    /* first message or head */
} framed[] = {
	{ HEAD "Content-Length: 2\r\n\r\nab", "M",
	    HEAD "Content-Length: 2\r\n\r\nab" },
	{ HEAD "l:0\r\n\r\n" HEAD "l:0\r\n\r\n", "MM", HEAD "l:0\r\n\r\n" },
	{ HEAD "L : 1\r\n\r\nx", "M", HEAD "L : 1\r\n\r\nx" },
	{ HEAD "cOnTeNt-lEnGtH\t:\r\n  3\r\n\r\nabc", "M",
	    HEAD "cOnTeNt-lEnGtH\t:\r\n  3\r\n\r\nabc" },
	{ HEAD "X: Content-Length: 7\r\nl: 0\r\n\r\n", "M", NULL },
	{ HEAD "X: a\r\n Content-Length: 7\r\nl: 0\r\n\r\n", "M", NULL },
	{ "OPTIONS sip:x SIP/2.0\nl: 1\n\nx", "M",
	    "OPTIONS sip:x SIP/2.0\nl: 1\n\nx" },
	{ HEAD "l: 1\r\n\nx", "M", NULL },
	{ HEAD "l: 2\r\nContent-Length: 2\r\n\r\nab", "M", NULL },
	{ "\r\n\r\n", "P", NULL },
	{ "\r\n\r\n\r\n\r\n", "PP", NULL },
	{ "\r\n" HEAD "l: 0\r\n\r\n", "M", HEAD "l: 0\r\n\r\n" },
	{ "\r\n\r\n" HEAD "l: 0\r\n\r\n\r\n\r\n", "PMP", NULL },
	{ HEAD "\r\n", "N", HEAD "\r\n" },
	{ HEAD "l: -1\r\n\r\n", "B", HEAD "l: -1\r\n\r\n" },
	{ HEAD "l: 1 2\r\n\r\n", "B", NULL },
	{ HEAD "l: 1\r\n 2\r\n\r\n", "B", NULL },
	{ HEAD "l:\r\n\r\n", "B", NULL },
	{ HEAD "l: 1\r\nContent-Length: 2\r\n\r\n", "B", NULL },
	{ HEAD "l: 4294967297\r\n\r\n", "B", NULL },
	{ HEAD "l: 99999999999999999999999\r\n\r\n", "B", NULL },
	{ HEAD "l: 2147483647\r\n\r\n", "L", HEAD "l: 2147483647\r\n\r\n" },
	{ HEAD "l: 262144\r\n\r\n", "L", NULL },
	{ "\x16\x03\x01\x02", "X", NULL },
	{ "\rOPTIONS", "X", NULL },
	{ " OPTIONS", "X", NULL },
	{ HEAD "l: 2\r\n\r\na", "", NULL },
	{ HEAD "l: 2\r\n", "", NULL },
};

static const char letters[] = {
	[FRAMER_MORE] = 0,
	[FRAMER_MESSAGE] = 'M',
	[FRAMER_PING] = 'P',
	[FRAMER_NO_LENGTH] = 'N',
	[FRAMER_BAD_LENGTH] = 'B',
	[FRAMER_TOO_LARGE] = 'L',
	[FRAMER_BROKEN] = 'X',
};

/* Takes what is there; letters go to `out`. */
static void
take_results(struct framer *framer, struct text *out, const char *first)
{
	for (;;) {
		struct span message = SPAN_NONE;
		enum framer_result result = framer_next(framer, &message);

		if (result == FRAMER_MORE || framer->broken * out->len > 64)
			return;
		if (result == FRAMER_BROKEN && out->len > 0 &&
		    strchr("NBLX", out->buf[out->len - 1]) != NULL)
			return;
		if (first != NULL && message.n > 0 &&
		    memchr(out->buf, 'M', out->len) == NULL)
			ck_assert_span(message, first);
		text_add_char(out, letters[result]);
	}
}

static void
check_framed(size_t row, size_t piece)
{
	struct span rest = span_of(framed[row].stream);
	struct framer framer = { 0 };
	char buf[128];
	struct text out = text_over(buf, sizeof(buf));

	while (rest.n > 0) {
		size_t n = piece < rest.n ? piece : rest.n;

		ck_assert(framer_add(&framer, span_make(rest.p, n)));
		rest = span_from(rest, n);
		take_results(&framer, &out, framed[row].first);
		framer_rest(&framer);
	}
	ck_assert_msg(strcmp(text_cstr(&out), framed[row].expected) == 0,
	    "row %zu in pieces of %zu: \"%s\"", row, piece, buf);
	framer_fini(&framer);
}

START_TEST(framer_finds_messages_however_they_are_split)
{
	size_t piece;

	for (piece = 1; piece <= 80; piece++)
		check_framed((size_t)_i, piece);
}
END_TEST

START_TEST(framer_limits_head_and_message)
{
	struct framer framer = { 0 };
	struct span message;
	unsigned i;

	ck_assert(framer_add(&framer, SPAN(HEAD "X: ")));
	for (i = 0; i < FRAMER_HEAD_MAX / 16; i++)
		ck_assert(framer_add(&framer, SPAN("aaaaaaaaaaaaaaaa")));
	ck_assert_int_eq(framer_next(&framer, &message), FRAMER_BROKEN);
	framer_fini(&framer);

	ck_assert(framer_add(&framer, SPAN(HEAD "l: 262000\r\n\r\n")));
	ck_assert_int_eq(framer_next(&framer, &message), FRAMER_MORE);
	for (i = 0; i < 262000 / 16; i++)
		ck_assert(framer_add(&framer, SPAN("aaaaaaaaaaaaaaaa")));
	ck_assert_int_eq(framer_next(&framer, &message), FRAMER_MESSAGE);
	ck_assert_uint_eq(framer.start, framer.end);
	framer_rest(&framer);
	ck_assert_uint_eq(framer.cap, 0);
	framer_fini(&framer);
}
END_TEST

/* --- UDP --- */

static void
start_udp(const char *a, const char *b)
{
	rig_listener(&rig.a, "main", CONFIG_UDP, a);
	rig_listener(&rig.b, "main", CONFIG_UDP, b);
	rig_apply(&rig.a);
	rig_apply(&rig.b);
}

static void
check_echo(void)
{
	struct net_path path =
	    rig_path(&rig.a, "main", rig_address(&rig.b, "main"));
	struct address a = rig_address(&rig.a, "main");

	rig.b.answer = "SIP/2.0 200 OK\r\n\r\n";
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.received == 1);
	ck_assert_str_eq(rig.b.messages[0].text, OPTIONS);
	ck_assert(address_eq(&rig.b.messages[0].path.remote, &a));
	ck_assert_str_eq(rig.a.messages[0].text, rig.b.answer);
	ck_assert(address_eq(&rig.a.messages[0].path.remote, &path.remote));
	ck_assert_int_eq(rig.a.messages[0].path.transport, NET_UDP);
}

START_TEST(udp_carries_messages_both_ways)
{
	start_udp("127.40.1.1", "127.40.1.2");
	check_echo();
}
END_TEST

START_TEST(udp_works_over_ipv6)
{
	start_udp("::1", "::1");
	check_echo();
}
END_TEST

START_TEST(udp_drops_what_is_no_message)
{
	int fd;

	start_udp("127.40.1.1", "127.40.1.2");
	fd = rig_socket(SOCK_DGRAM, rig_address(&rig.a, "main"));
	rig_write(fd, "\r\n\r\n");
	rig_write(fd, "OPTIONS sip:x");
	rig_write(fd, "\x01 a binding request of STUN");
	ck_assert_int_eq(send(fd, "", 0, 0), 0);
	rig_write(fd, OPTIONS);
	rig_wait(&rig, rig.a.received == 1);
	ck_assert_uint_eq(net_counters(rig.a.net)->keepalives, 3);
	ck_assert_uint_eq(net_counters(rig.a.net)->too_short, 1);
	close(fd);
}
END_TEST

/* End a knows b as a peer, so that it has a connected socket to it. */
static void
start_peers(void)
{
	struct address b;

	rig_listener(&rig.b, "main", CONFIG_UDP, "127.40.1.2");
	rig_apply(&rig.b);
	b = rig_address(&rig.b, "main");
	rig_listener(&rig.a, "main", CONFIG_UDP, "127.40.1.1");
	rig_trunk(&rig.a, "b", "main", &b);
	rig_apply(&rig.a);
	ck_assert_uint_eq(net_descriptors(rig.a.net), 2);
}

START_TEST(udp_peer_has_a_connected_socket)
{
	start_peers();
	check_echo();
	rig_apply(&rig.a);
	ck_assert_uint_eq(net_descriptors(rig.a.net), 2);
	rig.a.config.trunks_n = 0;
	rig_apply(&rig.a);
	ck_assert_uint_eq(net_descriptors(rig.a.net), 1);
	rig.a.received = rig.b.received = 0;
	check_echo();
}
END_TEST

START_TEST(udp_other_ports_of_a_peer_reach_the_listener)
{
	struct net_path path;
	int fd;

	start_peers();
	rig_listener(&rig.b, "other", CONFIG_UDP, "127.40.1.2");
	rig_apply(&rig.b);
	path = rig_path(&rig.b, "other", rig_address(&rig.a, "main"));
	ck_assert_int_eq(rig_send(&rig.b, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.received == 1);
	fd = rig_socket(SOCK_DGRAM, rig_address(&rig.a, "main"));
	rig_write(fd, OPTIONS);
	rig_wait(&rig, rig.a.received == 2);
	close(fd);
}
END_TEST

START_TEST(udp_tells_of_an_unreachable_peer)
{
	struct net_path path;

	start_peers();
	path = rig_path(&rig.a, "main", rig_address(&rig.b, "main"));
	net_destroy(rig.b.net);
	rig.b.net = NULL;
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.failures == 1);
	ck_assert_int_eq(rig.a.error, -ECONNREFUSED);
	ck_assert_uint_eq(rig.a.failed_path.connection, 0);
	ck_assert(address_eq(&rig.a.failed_path.remote, &path.remote));
	/* Also when the next send meets the error first. */
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.failures >= 2);
}
END_TEST

START_TEST(udp_says_when_a_datagram_is_too_large)
{
	static char huge[70000];
	struct net_path path;

	start_udp("127.40.1.1", "127.40.1.2");
	path = rig_path(&rig.a, "main", rig_address(&rig.b, "main"));
	memset(huge, 'x', sizeof(huge) - 1);
	ck_assert_int_eq(rig_send(&rig.a, &path, huge), -EMSGSIZE);
	ck_assert_uint_eq(net_counters(rig.a.net)->too_large_out, 1);
	path.listener = 7;
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), -EADDRNOTAVAIL);
}
END_TEST

START_TEST(udp_flood_lets_timers_live)
{
	int fd;
	unsigned i, sent = 0;

	start_udp("127.40.1.1", "127.40.1.2");
	fd = rig_socket(SOCK_DGRAM, rig_address(&rig.a, "main"));
	for (i = 0; i < 1000; i++)
		sent += send(fd, OPTIONS, sizeof(OPTIONS) - 1, MSG_DONTWAIT) >
		    0;
	ck_assert_uint_gt(sent, 200);
	ck_assert_int_eq(loop_turn(rig.loop, false), 0);
	/* One turn takes a part, not all. */
	ck_assert_uint_gt(rig.a.received, 0);
	ck_assert_uint_lt(rig.a.received, 200);
	rig_wait(&rig, rig.a.received == sent);
	close(fd);
}
END_TEST

static unsigned
count_answers(int fd, const char *answer)
{
	char buf[RIG_TEXT];
	unsigned n = 0;
	int got;

	while ((got = rig_read(fd, buf, sizeof(buf))) > 0) {
		ck_assert_int_eq(got, (int)strlen(answer));
		ck_assert_mem_eq(buf, answer, strlen(answer));
		n++;
	}
	return n;
}

/* What is read together, and answered together, is still one by one. */
START_TEST(udp_burst_is_answered)
{
	static const char answer[] = "SIP/2.0 200 OK\r\n\r\n";
	unsigned i, k, got[3] = { 0 };
	int fd[3];

	start_udp("127.40.1.1", "127.40.1.2");
	rig.a.answer = answer;
	for (k = 0; k < 3; k++)
		fd[k] = rig_socket(SOCK_DGRAM, rig_address(&rig.a, "main"));
	for (i = 0; i < 50; i++)
		for (k = 0; k < 3; k++)
			rig_write(fd[k], OPTIONS);
	/* One of them goes away meanwhile: no other answer is lost by that. */
	close(fd[2]);
	rig_wait(&rig, (got[0] += count_answers(fd[0], answer)) == 50);
	rig_wait(&rig, (got[1] += count_answers(fd[1], answer)) == 50);
	rig_wait(&rig, rig.a.received == 150);
	ck_assert_uint_ge(net_counters(rig.a.net)->datagrams_out, 100);
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static int waiting_fd;

/* A datagram comes while the loop is busy with something else. */
static void
on_busy(struct timer *timer)
{
	struct timespec work = { 0, 60 * 1000000 };

	(void)timer;
	rig_write(waiting_fd, OPTIONS);
	nanosleep(&work, NULL);
}

START_TEST(a_datagram_that_waited_is_known_to_be_old)
{
	uint64_t sent;

	start_udp("127.40.1.1", "127.40.1.2");
	waiting_fd = rig_socket(SOCK_DGRAM, rig_address(&rig.a, "main"));
	loop_tick(rig.loop);
	timer_start(loop_timers(rig.loop), &early, 1, on_busy);
	rig_wait(&rig, rig.a.received == 1);
	ck_assert_uint_ge(rig.a.messages[0].lag, 50);

	/* One that comes while the loop waits is not. */
	rig_turn(&rig);
	sent = loop_tick(rig.loop);
	rig_write(waiting_fd, OPTIONS);
	rig_wait(&rig, rig.a.received == 2);
	ck_assert_uint_le(
	    rig.a.messages[1].lag, loop_tick(rig.loop) - sent + 1);
	close(waiting_fd);
}
END_TEST

START_TEST(a_buffer_that_fills_is_told)
{
	const struct rig_message *last;
	unsigned i, full;

	start_udp("127.40.1.1", "127.40.1.2");
	waiting_fd = rig_socket(SOCK_DGRAM, rig_address(&rig.a, "main"));
	for (i = 0; i < 20000; i++)
		(void)!send(waiting_fd, OPTIONS, strlen(OPTIONS), MSG_DONTWAIT);
	/* What the first reading leaves behind is more than half. */
	rig_wait(&rig, rig.a.received > 0);
	ck_assert_uint_ne(rig.a.messages[0].lag, NET_LAG_FULL);
	full = rig.a.received;
	rig_wait(&rig, rig.a.received > full);
	last = &rig.a.messages[(rig.a.received - 1) % RIG_MESSAGES];
	ck_assert_uint_eq(last->lag, NET_LAG_FULL);

	/* Less than half is none. */
	rig_wait(&rig,
	    rig.a.messages[(rig.a.received - 1) % RIG_MESSAGES].lag !=
		NET_LAG_FULL);
	close(waiting_fd);
}
END_TEST

/* --- applying --- */

START_TEST(apply_is_all_or_nothing)
{
	uint32_t id;
	struct address before;

	start_udp("127.40.1.1", "127.40.1.2");
	id = net_listener_id(rig.a.net, SPAN("main"));
	before = rig_address(&rig.a, "main");
	rig_listener(&rig.a, "good", CONFIG_UDP, "127.40.1.3");
	rig_listener(&rig.a, "bad", CONFIG_TCP, "192.0.2.1");
	ck_assert(!net_apply(rig.a.net, &rig.a.config, &rig.a.problems));
	ck_assert_ptr_nonnull(strstr(rig_problems(&rig.a),
	    "\"bad\": cannot bind tcp 192.0.2.1:0: Cannot assign"));
	ck_assert_uint_eq(net_listener_id(rig.a.net, SPAN("good")), 0);
	ck_assert_uint_eq(net_descriptors(rig.a.net), 1);
	check_echo();

	rig.a.config.listeners_n = 2;
	rig_apply(&rig.a);
	ck_assert_uint_eq(net_listener_id(rig.a.net, SPAN("main")), id);
	ck_assert_uint_ne(net_listener_id(rig.a.net, SPAN("good")), 0);
	ck_assert_uint_eq(rig_address(&rig.a, "main").port, before.port);
}
END_TEST

START_TEST(a_second_daemon_is_refused)
{
	start_peers();
	rig_listener(&rig.b, "same", CONFIG_UDP, "127.40.1.1");
	rig.b.listeners[1].address = rig_address(&rig.a, "main");
	ck_assert(!net_apply(rig.b.net, &rig.b.config, &rig.b.problems));
	ck_assert_ptr_nonnull(
	    strstr(rig_problems(&rig.b), "Address already in use"));
}
END_TEST

START_TEST(ids_outlive_a_listener)
{
	uint32_t id;

	start_udp("127.40.1.1", "127.40.1.2");
	rig_listener(&rig.a, "second", CONFIG_UDP, "127.40.1.3");
	rig_apply(&rig.a);
	id = net_listener_id(rig.a.net, SPAN("second"));
	rig.a.config.listeners_n = 1;
	rig_apply(&rig.a);
	ck_assert_uint_eq(net_listener_id(rig.a.net, SPAN("second")), 0);
	ck_assert_int_eq(net_local(rig.a.net, id).family, 0);
	rig.a.config.listeners_n = 2;
	rig_apply(&rig.a);
	ck_assert_uint_eq(net_listener_id(rig.a.net, SPAN("second")), id);
}
END_TEST

/* --- TCP --- */

static struct net_path
start_tcp(void)
{
	rig_listener(&rig.a, "main", CONFIG_TCP, "127.40.1.1");
	rig_listener(&rig.b, "main", CONFIG_TCP, "127.40.1.2");
	rig_apply(&rig.a);
	rig_apply(&rig.b);
	return rig_path(&rig.a, "main", rig_address(&rig.b, "main"));
}

START_TEST(tcp_opens_once_and_answers_on_the_connection)
{
	struct net_path first = start_tcp(), second = first;
	slab_handle handle;

	rig.b.answer = "SIP/2.0 200 OK\r\nl: 0\r\n\r\n";
	ck_assert_int_eq(rig_send(&rig.a, &first, OPTIONS), 0);
	ck_assert_int_eq(rig_send(&rig.a, &second, OPTIONS), 0);
	ck_assert_uint_ne(first.connection, 0);
	ck_assert_uint_eq(first.connection, second.connection);
	rig_wait(&rig, rig.a.received == 2);
	ck_assert_str_eq(rig.b.messages[1].text, OPTIONS);
	ck_assert_str_eq(rig.a.messages[1].text, rig.b.answer);
	ck_assert_uint_eq(rig.a.messages[1].path.connection, first.connection);
	ck_assert_uint_eq(net_counters(rig.b.net)->accepted, 1);
	ck_assert_mem_eq(rig.b.messages[0].path.remote.ip, "\x7f\x28\x01\x01", 4);

	/* A request of b to that very address takes the same connection. */
	rig.b.answer = NULL;
	handle = rig.b.messages[0].path.connection;
	first = rig.b.messages[0].path;
	first.connection = 0;
	ck_assert_int_eq(rig_send(&rig.b, &first, OPTIONS), 0);
	ck_assert_uint_eq(first.connection, handle);
	rig_wait(&rig, rig.a.received == 3);
}
END_TEST

START_TEST(tcp_failure_to_connect_is_told_once)
{
	struct net_path path = start_tcp();

	net_stop_accepting(rig.b.net);
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.a.failures > 0);
	ck_assert_int_eq(rig.a.error, -ECONNREFUSED);
	ck_assert_uint_eq(rig.a.failed_path.connection, path.connection);
	rig_turn(&rig);
	rig_turn(&rig);
	ck_assert_uint_eq(rig.a.failures, 1);
	ck_assert_uint_eq(net_connections(rig.a.net), 0);
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), -ENOTCONN);
}
END_TEST

START_TEST(tcp_end_of_a_connection_is_told)
{
	struct net_path path = start_tcp();

	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.b.received == 1);
	net_close_connection(rig.b.net, rig.b.messages[0].path.connection);
	rig_wait(&rig, rig.a.failures == 1 && rig.b.failures == 1);
	ck_assert_int_eq(rig.a.error, 0);
	ck_assert_uint_eq(net_connections(rig.a.net), 0);
	ck_assert_uint_eq(net_connections(rig.b.net), 0);
}
END_TEST

/* Reset by the peer, which the loop has not heard yet. */
START_TEST(tcp_dead_connection_is_replaced)
{
	struct linger linger = { 1, 0 };
	struct net_path first, second;
	struct sockaddr_storage sa;
	struct address remote;
	socklen_t len;
	int fd, peer = socket(AF_INET, SOCK_STREAM, 0);

	start_tcp();
	ck_assert(address_parse(SPAN("127.40.1.3:0"), 0, &remote));
	len = address_to_sockaddr(&remote, &sa);
	ck_assert_int_eq(bind(peer, (struct sockaddr *)&sa, len), 0);
	ck_assert_int_eq(listen(peer, 4), 0);
	len = sizeof(sa);
	ck_assert_int_eq(getsockname(peer, (struct sockaddr *)&sa, &len), 0);
	address_from_sockaddr((struct sockaddr *)&sa, &remote);
	first = second = rig_path(&rig.a, "main", remote);
	ck_assert_int_eq(rig_send(&rig.a, &first, OPTIONS), 0);
	rig_wait(&rig, net_counters(rig.a.net)->connected == 1);
	fd = accept(peer, NULL, NULL);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger,
	                     sizeof(linger)),
	    0);
	close(fd);
	ck_assert_int_eq(rig_send(&rig.a, &second, OPTIONS), 0);
	ck_assert_uint_ne(second.connection, first.connection);
	ck_assert(!second.reused);
	rig_wait(&rig, net_counters(rig.a.net)->connected == 2);
	ck_assert_uint_eq(rig.a.failures, 1);
	ck_assert_uint_eq(
	    rig.a.failed_path.connection, first.connection);
	close(peer);
	rig_wait(&rig, net_connections(rig.a.net) == 0);
}
END_TEST

START_TEST(tcp_message_in_single_bytes)
{
	const char *p;
	int fd;

	start_tcp();
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	for (p = OPTIONS_HEAD "l: 2\r\n\r\nab"; *p != '\0'; p++) {
		ck_assert_uint_eq(rig.a.received, 0);
		ck_assert_int_eq(send(fd, p, 1, 0), 1);
		loop_turn(rig.loop, false);
	}
	rig_wait(&rig, rig.a.received == 1);
	ck_assert_str_eq(
	    rig.a.messages[0].text, OPTIONS_HEAD "l: 2\r\n\r\nab");
	close(fd);
	rig_wait(&rig, net_connections(rig.a.net) == 0);
}
END_TEST

START_TEST(tcp_answers_a_ping)
{
	char buf[64];
	int fd;

	start_tcp();
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_write(fd, "\r\n\r\n");
	rig_wait(&rig, rig_read(fd, buf, sizeof(buf)) > 0);
	ck_assert_str_eq(buf, "\r\n");
	ck_assert_uint_eq(rig.a.received, 0);
	close(fd);
}
END_TEST

START_TEST(tcp_without_length_is_answered_and_closed)
{
	char buf[256];
	int fd, n = -1;

	start_tcp();
	rig.a.answer = "SIP/2.0 400 Bad Request\r\nl: 0\r\n\r\n";
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_write(fd, OPTIONS_HEAD "\r\nOPTIONS sip:y SIP/2.0\r\nl: 0\r\n\r\n");
	rig_wait(&rig, rig_read(fd, buf, sizeof(buf)) > 0);
	ck_assert_str_eq(buf, rig.a.answer);
	ck_assert_uint_eq(rig.a.received, 1);
	ck_assert_int_eq(rig.a.messages[0].fault, NET_FAULT_NO_LENGTH);
	ck_assert_str_eq(rig.a.messages[0].text, OPTIONS_HEAD "\r\n");
	rig_wait(&rig, (n = rig_read(fd, buf, sizeof(buf))) >= 0);
	ck_assert_int_eq(n, 0);
	close(fd);
	rig_wait(&rig, net_connections(rig.a.net) == 0);
	ck_assert_uint_eq(net_counters(rig.a.net)->framing_errors, 1);
}
END_TEST

START_TEST(tcp_garbage_is_closed)
{
	char buf[64];
	int fd;

	start_tcp();
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_write(fd, "\x16\x03\x01 hello");
	rig_wait(&rig, rig_read(fd, buf, sizeof(buf)) == 0);
	ck_assert_uint_eq(rig.a.received, 0);
	close(fd);
}
END_TEST

START_TEST(tcp_half_message_has_a_deadline)
{
	char buf[64];
	int fd;

	rig.a.config.limits.half_message = 50;
	start_tcp();
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_write(fd, OPTIONS OPTIONS_HEAD);
	/* More bytes of the same message do not help. */
	rig_wait(&rig,
	    rig_read(fd, buf, sizeof(buf)) == 0 ||
	        (send(fd, "x", 1, MSG_NOSIGNAL) != 1 && errno != EAGAIN));
	ck_assert_uint_eq(rig.a.received, 1);
	ck_assert_uint_eq(net_counters(rig.a.net)->half_messages, 1);
	ck_assert_uint_eq(rig.a.failures, 1);
	close(fd);
}
END_TEST

START_TEST(tcp_silent_connections_are_closed)
{
	char buf[64];
	int mute, idle;

	rig.a.config.limits.half_message = 60;
	rig.a.config.limits.idle = 120;
	start_tcp();
	mute = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	idle = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_write(idle, OPTIONS);
	rig_wait(&rig, rig_read(mute, buf, sizeof(buf)) == 0);
	ck_assert_uint_eq(net_counters(rig.a.net)->idle_closed, 0);
	rig_wait(&rig, rig_read(idle, buf, sizeof(buf)) == 0);
	ck_assert_uint_eq(net_counters(rig.a.net)->half_messages, 1);
	ck_assert_uint_eq(net_counters(rig.a.net)->idle_closed, 1);
	close(mute);
	close(idle);
	rig_wait(&rig, net_connections(rig.a.net) == 0);
}
END_TEST

START_TEST(tcp_connections_of_a_source_are_limited)
{
	int fd[6];
	char buf[64];
	unsigned i;

	rig.a.config.limits.connections_per_source = 3;
	start_tcp();
	for (i = 0; i < 6; i++)
		fd[i] = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_wait(&rig, net_counters(rig.a.net)->refused == 3);
	ck_assert_uint_eq(net_connections(rig.a.net), 3);
	/* Said once a minute. */
	ck_assert_uint_eq(rig.a.logged, 1);
	ck_assert_ptr_nonnull(strstr(rig.a.log, "\"main\": a connection from "
	    "127.40.0.9:"));
	ck_assert_ptr_nonnull(strstr(rig.a.log, "is refused: there are 3 "
	    "already (limits.connections_per_source)"));
	ck_assert_int_eq(rig_read(fd[5], buf, sizeof(buf)), 0);
	rig_write(fd[0], OPTIONS);
	rig_wait(&rig, rig.a.received == 1);
	for (i = 0; i < 6; i++)
		close(fd[i]);
	rig_wait(&rig, net_connections(rig.a.net) == 0);
	fd[0] = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_wait(&rig, net_connections(rig.a.net) == 1);
	close(fd[0]);
}
END_TEST

START_TEST(tcp_peer_that_never_reads_is_closed)
{
	static char big[60000];
	struct net_path path;
	int fd, error = 0;
	unsigned i;

	start_tcp();
	net_set_patience(rig.a.net, 1000, 200000);
	fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	rig_write(fd, OPTIONS);
	rig_wait(&rig, rig.a.received == 1);
	path = rig.a.messages[0].path;
	memset(big, 'x', sizeof(big) - 1);
	for (i = 0; i < 1000 && error == 0; i++) {
		error = rig_send(&rig.a, &path, big);
		loop_turn(rig.loop, false);
	}
	ck_assert_int_eq(error, -ENOBUFS);
	rig_wait(&rig, rig.a.failures == 1);
	ck_assert_uint_eq(net_counters(rig.a.net)->not_reading, 1);
	ck_assert_uint_eq(net_connections(rig.a.net), 0);
	close(fd);
}
END_TEST

START_TEST(tcp_flood_of_connects_leaves_nothing)
{
	unsigned before, i;

	start_tcp();
	rig_turn(&rig);
	before = rig_count_fds();
	for (i = 0; i < 1000; i++) {
		struct linger linger = { 1, 0 };
		int fd = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));

		if (i % 3 == 0)
			rig_write(fd, "\x01 no SIP at all");
		if (i % 3 == 1)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger,
			    sizeof(linger));
		close(fd);
		loop_turn(rig.loop, false);
	}
	rig_wait(&rig,
	    net_counters(rig.a.net)->accepted +
	                net_counters(rig.a.net)->refused >
	            900 &&
	        net_connections(rig.a.net) == 0);
	rig_turn(&rig);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_count_fds(), before);
	ck_assert_uint_eq(net_descriptors(rig.a.net), 1);
}
END_TEST

/* Row 15: without descriptors nothing spins, and all is well again after. */
START_TEST(tcp_shortage_of_descriptors_passes)
{
	struct rlimit before, few;
	struct net_path path;
	unsigned turns;
	int a, b;

	start_tcp();
	a = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	b = rig_socket(SOCK_STREAM, rig_address(&rig.a, "main"));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)b + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	rig_wait(&rig, rig.a.logged == 1);
	ck_assert_ptr_nonnull(strstr(rig.a.log, "Too many open files"));
	/* A turn that is not for the pulse alone would be for the listener. */
	for (turns = 0; turns < 5; turns++)
		rig_turn(&rig);
	ck_assert_uint_eq(rig.a.logged, 1);
	path = rig_path(&rig.a, "main", rig_address(&rig.b, "main"));
	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	rig_write(a, OPTIONS);
	rig_write(b, OPTIONS);
	rig_wait(&rig, rig.a.received == 2);
	close(a);
	close(b);
}
END_TEST

START_TEST(tcp_connections_are_listed)
{
	struct net_path path = start_tcp();
	struct net_connection c;
	uint32_t at = 0;

	ck_assert_int_eq(rig_send(&rig.a, &path, OPTIONS), 0);
	rig_wait(&rig, rig.b.received == 1);
	ck_assert(net_next_connection(rig.a.net, &at, &c));
	ck_assert_uint_eq(c.handle, path.connection);
	ck_assert(!c.inbound && c.established);
	ck_assert(!net_next_connection(rig.a.net, &at, &c));
	at = 0;
	ck_assert(net_next_connection(rig.b.net, &at, &c));
	ck_assert(c.inbound);
	ck_assert(!net_peer_has_name(rig.b.net, c.handle, SPAN("x")));
}
END_TEST

#define ADD(test) tcase_add_test(tc, test)

int
main(void)
{
	Suite *suite = suite_create("net");
	TCase *tc = tcase_create("loop");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	ADD(timers_run_in_order);
	ADD(another_thread_wakes_the_loop);
	ADD(signals_are_events);
	ADD(a_hook_runs_between_turns_and_may_remove_itself);
	suite_add_tcase(suite, tc);

	tc = tcase_create("framer");
	tcase_add_loop_test(tc,
	    framer_finds_messages_however_they_are_split, 0,
	    ARRAY_LEN(framed));
	ADD(framer_limits_head_and_message);
	suite_add_tcase(suite, tc);

	tc = tcase_create("udp");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	ADD(udp_carries_messages_both_ways);
	ADD(udp_works_over_ipv6);
	ADD(udp_drops_what_is_no_message);
	ADD(udp_peer_has_a_connected_socket);
	ADD(udp_other_ports_of_a_peer_reach_the_listener);
	ADD(udp_tells_of_an_unreachable_peer);
	ADD(udp_says_when_a_datagram_is_too_large);
	ADD(udp_flood_lets_timers_live);
	ADD(udp_burst_is_answered);
	ADD(a_datagram_that_waited_is_known_to_be_old);
	ADD(a_buffer_that_fills_is_told);
	suite_add_tcase(suite, tc);

	tc = tcase_create("apply");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	ADD(apply_is_all_or_nothing);
	ADD(a_second_daemon_is_refused);
	ADD(ids_outlive_a_listener);
	suite_add_tcase(suite, tc);

	tc = tcase_create("tcp");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	ADD(tcp_opens_once_and_answers_on_the_connection);
	ADD(tcp_failure_to_connect_is_told_once);
	ADD(tcp_end_of_a_connection_is_told);
	ADD(tcp_dead_connection_is_replaced);
	ADD(tcp_message_in_single_bytes);
	ADD(tcp_answers_a_ping);
	ADD(tcp_without_length_is_answered_and_closed);
	ADD(tcp_garbage_is_closed);
	ADD(tcp_half_message_has_a_deadline);
	ADD(tcp_silent_connections_are_closed);
	ADD(tcp_connections_of_a_source_are_limited);
	ADD(tcp_peer_that_never_reads_is_closed);
	ADD(tcp_flood_of_connects_leaves_nothing);
	ADD(tcp_shortage_of_descriptors_passes);
	ADD(tcp_connections_are_listed);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
