/*
 * relay - passes datagrams on unread, as a good or as a bad network
 *
 * What comes from the callee's address goes to the caller, all else to the
 * callee. Without faults it is the least that a program between the two can
 * cost; with faults it is the network of the robustness tests.
 */

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/container.h"
#include "base/timer.h"
#include "peer/datagrams.h"

struct faults {
	double loss, duplicate, reorder; /* percent */
	uint32_t delay, jitter;          /* ms; jitter to both sides */
	uint32_t seed;
};

struct relay {
	struct address listen, caller, callee;
	struct faults faults;
	bool faulty;
	struct datagrams *socket;
	struct timers timers;
};

/* A datagram on its way. */
struct held {
	struct timer timer;
	struct relay *relay;
	struct address to;
	size_t n;
	char bytes[];
};

#define REORDER_MS 20 /* what a reordered datagram is late */

static volatile sig_atomic_t stopped;

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool
happens(double percent)
{
	return drand48() * 100 < percent;
}

static uint32_t
delay_drawn(const struct faults *f)
{
	int64_t ms = f->delay;

	if (f->jitter > 0)
		ms += (int64_t)(drand48() * 2 * f->jitter) - f->jitter;
	if (happens(f->reorder))
		ms += REORDER_MS;
	return ms > 0 ? (uint32_t)ms : 0;
}

static void
held_expired(struct timer *timer)
{
	struct held *held = CONTAINER_OF(timer, struct held, timer);

	datagrams_copy(held->relay->socket, span_make(held->bytes, held->n),
	    &held->to);
	free(held);
}

/* Without memory the datagram is lost, as on any network. */
static void
hold(struct relay *relay, struct span bytes, const struct address *to)
{
	uint32_t ms = delay_drawn(&relay->faults);
	struct held *held;

	if (ms == 0) {
		datagrams_copy(relay->socket, bytes, to);
		return;
	}
	held = calloc(1, sizeof(*held) + bytes.n);
	if (held == NULL)
		return;
	held->relay = relay;
	held->to = *to;
	held->n = bytes.n;
	memcpy(held->bytes, bytes.p, bytes.n);
	timer_start(&relay->timers, &held->timer, ms, held_expired);
}

static void
got_datagram(void *arg, struct datagrams *socket, struct span bytes,
    const struct address *from)
{
	struct relay *relay = arg;
	const struct address *to =
	    address_eq(from, &relay->callee) ? &relay->caller : &relay->callee;

	if (!relay->faulty) {
		datagrams_copy(socket, bytes, to);
		return;
	}
	if (happens(relay->faults.loss))
		return;
	if (happens(relay->faults.duplicate))
		hold(relay, bytes, to);
	hold(relay, bytes, to);
}

static void
relay_run(struct relay *relay)
{
	struct pollfd p = { .fd = datagrams_fd(relay->socket),
		.events = POLLIN };
	uint64_t ms;

	while (!stopped) {
		ms = timers_next(&relay->timers);
		if (poll(&p, 1, ms < 1000 ? (int)ms : 1000) > 0)
			datagrams_receive(relay->socket, got_datagram, relay);
		timers_advance(&relay->timers, now_ms());
		datagrams_flush(relay->socket);
	}
}

static const char usage_text[] =
    "usage: relay --listen A:P --caller A:P --callee A:P [--loss %] "
    "[--duplicate %]\n"
    "             [--reorder %] [--delay MS] [--jitter MS] [--seed N]\n";

enum { TAKES_ADDRESS, TAKES_PERCENT, TAKES_NUMBER };

static const struct option_row {
	const char *name;
	int takes;
	size_t at;
} option_rows[] = {
	{ "listen", TAKES_ADDRESS, offsetof(struct relay, listen) },
	{ "caller", TAKES_ADDRESS, offsetof(struct relay, caller) },
	{ "callee", TAKES_ADDRESS, offsetof(struct relay, callee) },
	{ "loss", TAKES_PERCENT, offsetof(struct relay, faults.loss) },
	{ "duplicate", TAKES_PERCENT, offsetof(struct relay, faults.duplicate) },
	{ "reorder", TAKES_PERCENT, offsetof(struct relay, faults.reorder) },
	{ "delay", TAKES_NUMBER, offsetof(struct relay, faults.delay) },
	{ "jitter", TAKES_NUMBER, offsetof(struct relay, faults.jitter) },
	{ "seed", TAKES_NUMBER, offsetof(struct relay, faults.seed) },
};

static bool
option_set(struct relay *relay, const struct option_row *row, const char *arg)
{
	void *to = (char *)relay + row->at;
	char *end = NULL;

	if (row->takes == TAKES_ADDRESS)
		return address_parse(span_of(arg), 5060, to);
	if (row->takes == TAKES_NUMBER)
		return span_to_u32(span_of(arg), UINT32_MAX, to);
	*(double *)to = strtod(arg, &end);
	return *end == '\0' && *(double *)to >= 0 && *(double *)to <= 100;
}

static bool
options_read(struct relay *relay, int argc, char **argv)
{
	struct option known[ARRAY_LEN(option_rows) + 1] = { { 0 } };
	const struct faults *f = &relay->faults;
	size_t i;
	int got;

	for (i = 0; i < ARRAY_LEN(option_rows); i++) {
		known[i].name = option_rows[i].name;
		known[i].has_arg = required_argument;
		known[i].val = (int)i + 1;
	}
	while ((got = getopt_long(argc, argv, "", known, NULL)) > 0) {
		if (got > (int)ARRAY_LEN(option_rows) ||
		    !option_set(relay, &option_rows[got - 1], optarg))
			return false;
	}
	relay->faulty = f->loss > 0 || f->duplicate > 0 || f->reorder > 0 ||
	    f->delay > 0 || f->jitter > 0;
	srand48(f->seed);
	return got < 0 && optind == argc && relay->listen.family != 0 &&
	    relay->caller.family != 0 && relay->callee.family != 0;
}

static void
on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

int
main(int argc, char **argv)
{
	static struct relay relay;

	if (!options_read(&relay, argc, argv)) {
		fputs(usage_text, stderr);
		return 2;
	}
	timers_init(&relay.timers, now_ms());
	relay.socket = datagrams_open(&relay.listen);
	if (relay.socket == NULL) {
		perror("relay");
		return 2;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	relay_run(&relay);
	datagrams_close(relay.socket);
	return 0;
}
