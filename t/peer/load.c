/*
 * load - makes calls through a program under test, as its caller and its callee
 *
 * Calls start at a fixed rate, whatever becomes of the ones before (open loop).
 * Prints one JSON object at the end; exits with 0 when every call was good.
 */

#include "peer/load.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SLOTS_MAX   (1u << 20)
#define START_BURST 64
#define LAST_BYES   1000 /* ms for BYEs that are still on their way */
#define LOOK_EVERY  50 /* ms between looks for the file that ends the hold */

static volatile sig_atomic_t stopped;

static const char usage_text[] =
    "usage: load --dut A:P --caller A:P --callee A:P --rate N\n"
    "            [--duration S | --count N] [--hold MS] [--drain MS]\n"
    "            [--mark FILE] [--hold-until FILE] [--show]\n";

enum option_kind {
	OPTION_ADDRESS,
	OPTION_REAL,
	OPTION_MS,
	OPTION_COUNT,
	OPTION_FILE,
	OPTION_FLAG
};

static const struct option_row {
	const char *name;
	enum option_kind kind;
	size_t at;
} option_rows[] = {
	{ "dut", OPTION_ADDRESS, offsetof(struct load_options, dut) },
	{ "caller", OPTION_ADDRESS, offsetof(struct load_options, caller) },
	{ "callee", OPTION_ADDRESS, offsetof(struct load_options, callee) },
	{ "rate", OPTION_REAL, offsetof(struct load_options, rate) },
	{ "duration", OPTION_REAL, offsetof(struct load_options, duration) },
	{ "count", OPTION_COUNT, offsetof(struct load_options, count) },
	{ "hold", OPTION_MS, offsetof(struct load_options, hold) },
	{ "drain", OPTION_MS, offsetof(struct load_options, drain) },
	{ "mark", OPTION_FILE, offsetof(struct load_options, mark) },
	{ "hold-until", OPTION_FILE, offsetof(struct load_options, until) },
	{ "show", OPTION_FLAG, offsetof(struct load_options, show) },
};

#define OPTION_ROWS (sizeof(option_rows) / sizeof(option_rows[0]))

static bool
option_set(struct load_options *o, const struct option_row *row, char *arg)
{
	void *to = (char *)o + row->at;
	char *end = NULL;

	switch (row->kind) {
	case OPTION_ADDRESS:
		return address_parse(span_of(arg), 5060, to);
	case OPTION_REAL:
		*(double *)to = strtod(arg, &end);
		return *end == '\0' && *(double *)to > 0;
	case OPTION_MS:
		return span_to_u32(span_of(arg), UINT32_MAX, to);
	case OPTION_COUNT:
		return span_to_u64(span_of(arg), UINT64_MAX, to);
	case OPTION_FILE:
		*(const char **)to = arg;
		return true;
	case OPTION_FLAG:
		*(bool *)to = true;
		return true;
	}
	return false;
}

static bool
options_read(struct load_options *o, int argc, char **argv)
{
	struct option known[OPTION_ROWS + 1] = { { 0 } };
	size_t i;
	int got;

	for (i = 0; i < OPTION_ROWS; i++) {
		known[i].name = option_rows[i].name;
		known[i].has_arg = option_rows[i].kind == OPTION_FLAG
				       ? no_argument
				       : required_argument;
		known[i].val = (int)i + 1;
	}
	while ((got = getopt_long(argc, argv, "", known, NULL)) > 0) {
		if (got > (int)OPTION_ROWS)
			return false;
		if (!option_set(o, &option_rows[got - 1], optarg))
			return false;
	}
	return got < 0 && optind == argc && o->rate > 0 &&
	    o->dut.family != 0 && o->caller.family != 0 &&
	    o->callee.family != 0;
}

static bool
load_open(struct load *load)
{
	const struct load_options *o = &load->options;

	load->total = o->count > 0 ? o->count : (uint64_t)(o->rate * o->duration);
	load->slots = load->total < SLOTS_MAX ? load->total + 1 : SLOTS_MAX;
	load->calls = calloc(load->slots, sizeof(*load->calls));
	load->run = (uint32_t)(load_now_us() ^ (uint64_t)getpid() << 16) &
	    0xffffff;
	address_print(&o->dut, load->dut_host);
	address_print(&o->caller, load->caller_host);
	address_print(&o->callee, load->callee_host);
	load->caller = datagrams_open(&o->caller);
	load->callee = datagrams_open(&o->callee);
	if (load->calls == NULL || load->caller == NULL || load->callee == NULL) {
		perror("load");
		return false;
	}
	timers_init(&load->timers, load_now_us() / 1000);
	return true;
}

static void
load_close(struct load *load)
{
	datagrams_close(load->caller);
	datagrams_close(load->callee);
	free(load->calls);
}

/* Starts the calls that are due; returns the microseconds until the next
 * one. */
static uint64_t
start_due(struct load *load, uint64_t began)
{
	const double us = 1e6 / load->options.rate;
	unsigned burst;

	for (burst = 0; burst < START_BURST; burst++) {
		uint64_t number = load->figures.started;
		uint64_t due = began + (uint64_t)(us * (double)number);
		uint64_t now = load_now_us();

		if (number == load->total)
			return UINT64_MAX;
		if (now < due)
			return due - now;
		if (now - due > load->figures.late_us)
			load->figures.late_us = now - due;
		load_caller_start(load, number);
	}
	return 0;
}

static void
write_mark(const struct load *load)
{
	FILE *f;

	if (load->options.mark == NULL)
		return;
	f = fopen(load->options.mark, "w");
	if (f == NULL) {
		perror(load->options.mark);
		return;
	}
	fprintf(f, "%llu\n", (unsigned long long)load->up);
	fclose(f);
}

/* The hold of the memory test: all up, mark; the file is there, hang up one
 * call after the other at the same rate. */
struct hold {
	bool marked;
	bool over;
	uint64_t looked; /* ms */
	uint64_t from;   /* us, when the file was seen */
	uint64_t next;   /* the next call to hang up */
};

static void
hold_step(struct load *load, struct hold *hold)
{
	uint64_t due;

	if (load->figures.started < load->total || load->up < load->alive)
		return;
	if (!hold->marked)
		write_mark(load);
	hold->marked = true;
	if (load->timers.now - hold->looked < LOOK_EVERY)
		return;
	hold->looked = load->timers.now;
	hold->over = access(load->options.until, F_OK) == 0;
	hold->from = load_now_us();
	due = load->total < load->slots ? load->total : load->slots;
	hold->next = load->total - due;
}

static void
hold_release(struct load *load, struct hold *hold)
{
	double seconds = (double)(load_now_us() - hold->from) / 1e6;
	uint64_t due = (uint64_t)(seconds * load->options.rate);
	struct load_call *call;

	for (; due > 0 && hold->next < load->total && hold->next < due;
	     hold->next++) {
		call = load_call_find(load, hold->next);
		if (call != NULL)
			load_caller_hang_up(call);
	}
}

static void
wait_for_datagrams(struct load *load, uint64_t us)
{
	struct pollfd p[] = {
		{ .fd = datagrams_fd(load->caller), .events = POLLIN },
		{ .fd = datagrams_fd(load->callee), .events = POLLIN },
	};
	uint64_t timer_ms = timers_next(&load->timers);
	struct timespec t;

	if (us > 20000)
		us = 20000;
	if (timer_ms < us / 1000)
		us = timer_ms * 1000;
	t.tv_sec = 0;
	t.tv_nsec = (long)us * 1000;
	ppoll(p, 2, &t, NULL);
}

/* Caller and callee are through, or nothing more is waited for. */
static bool
is_over(const struct load *load, uint64_t last)
{
	uint64_t waited = load->timers.now - last;

	if (load->alive > 0)
		return waited > load->options.drain;
	return load->callees == 0 || waited > LAST_BYES;
}

static void
load_run(struct load *load)
{
	struct hold hold = { .over = load->options.until == NULL };
	uint64_t began = load_now_us(), last = load->timers.now;

	load->window_us = began + (uint64_t)load->options.hold * 1000 +
	    (uint64_t)((double)load->total * 1e6 / load->options.rate);
	while (!stopped) {
		uint64_t us = start_due(load, began);
		unsigned got;

		got = datagrams_receive(load->caller, load_caller_got, load);
		got += datagrams_receive(load->callee, load_callee_got, load);
		timers_advance(&load->timers, load_now_us() / 1000);
		if (!hold.over)
			hold_step(load, &hold);
		else if (hold.marked)
			hold_release(load, &hold);
		datagrams_flush(load->caller);
		datagrams_flush(load->callee);
		if (us < UINT64_MAX || !hold.over || load->up > 0)
			last = load->timers.now;
		else if (is_over(load, last))
			return;
		if (got == 0)
			wait_for_datagrams(load, us);
	}
}

static double
delay_ms(const struct load_figures *f, double share)
{
	uint64_t all = 0, seen = 0;
	size_t i;

	for (i = 0; i <= LOAD_BINS; i++)
		all += f->delay[i];
	for (i = 0; i <= LOAD_BINS && all > 0; i++) {
		seen += f->delay[i];
		if ((double)seen >= share * (double)all)
			return (double)(i * LOAD_BIN_US) / 1000;
	}
	return 0;
}

static double
seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
report(const struct load *load, double elapsed)
{
	const struct load_figures *f = &load->figures;
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
		{ "started", f->started },
		{ "ok", f->ok },
		{ "in_time", f->in_time },
		{ "failed", f->failed },
		{ "rejected", f->rejected },
		{ "unfinished", load->alive },
		{ "timeouts", f->timeouts },
		{ "retransmitted_invite", f->again_invite },
		{ "retransmitted_bye", f->again_bye },
		{ "retransmitted_200", f->again_200 },
		{ "duplicate_invite", f->seen_invite },
		{ "duplicate_200", f->seen_200 },
		{ "unexpected", f->unexpected },
	};
	struct rusage usage;
	size_t i;

	getrusage(RUSAGE_SELF, &usage);
	printf("{");
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		printf("\"%s\":%llu,", counts[i].name,
		    (unsigned long long)counts[i].value);
	printf("\"retransmissions\":%llu,",
	    (unsigned long long)(f->again_invite + f->again_bye + f->again_200));
	printf("\"late_ms\":%.3f,\"elapsed_s\":%.3f,",
	    (double)f->late_us / 1000, elapsed);
	printf("\"delay_p50_ms\":%.2f,\"delay_p95_ms\":%.2f,"
	       "\"delay_p99_ms\":%.2f,\"delay_max_ms\":%.2f,",
	    delay_ms(f, 0.5), delay_ms(f, 0.95), delay_ms(f, 0.99),
	    delay_ms(f, 1));
	printf("\"generator_us_per_call\":%.1f}\n",
	    (seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime)) * 1e6 /
		(double)(f->started > 0 ? f->started : 1));
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
	static struct load load = {
		.options = { .duration = 10, .hold = 1000, .drain = 10000 },
	};
	uint64_t began;

	if (!options_read(&load.options, argc, argv)) {
		fputs(usage_text, stderr);
		return 2;
	}
	if (!load_open(&load))
		return 2;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	began = load_now_us();
	load_run(&load);
	report(&load, (double)(load_now_us() - began) / 1e6);
	load_close(&load);
	return load.figures.ok == load.figures.started ? 0 : 1;
}
