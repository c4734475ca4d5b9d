#include "net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* The loop wakes at least this often; also keeps libevent from ending for want
 * of events. */
#define WAKE_MAX_MS 60000
/* A pause between two turns longer than this was spent waiting: nothing was
 * there to be read. */
#define WAITED_US   200

struct loop_signal {
	struct event *event;
	struct loop *loop;
	void (*fn)(void *arg, int signo);
	void *arg;
};

struct loop {
	struct event_base *base;
	struct event *alarm;
	uint64_t armed; /* ms, when `alarm` fires */
	struct timers timers;
	uint64_t now_us;
	uint64_t turn_end_us;
	uint64_t turn_us;  /* when this turn began */
	uint64_t fresh_us;
	uint32_t lag;
	bool between; /* no callback yet since the last turn */
	bool stopping;
	struct loop_hook *hooks;
	struct loop_signal signals[LOOP_SIGNALS_MAX];
	unsigned signals_n;
};

struct loop_wake {
	struct event *event;
	struct loop *loop;
	int fd;
	void (*fn)(void *arg);
	void *arg;
};

static uint64_t
read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void
on_alarm(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;

	(void)fd;
	(void)what;
	loop->armed = UINT64_MAX;
	loop_tick(loop);
}

struct loop *
loop_create(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return NULL;
	loop->now_us = read_clock();
	loop->turn_end_us = loop->turn_us = loop->fresh_us = loop->now_us;
	loop->armed = UINT64_MAX;
	loop->between = true;
	/* Neither libevent nor OpenSSL asks the kernel not to raise it. */
	signal(SIGPIPE, SIG_IGN);
	timers_init(&loop->timers, loop->now_us / 1000);
	loop->base = event_base_new();
	if (loop->base != NULL)
		loop->alarm = event_new(loop->base, -1, 0, on_alarm, loop);
	if (loop->alarm == NULL) {
		loop_destroy(loop);
		return NULL;
	}
	return loop;
}

void
loop_destroy(struct loop *loop)
{
	unsigned i;

	if (loop == NULL)
		return;
	for (i = 0; i < loop->signals_n; i++)
		event_free(loop->signals[i].event);
	if (loop->alarm != NULL)
		event_free(loop->alarm);
	if (loop->base != NULL)
		event_base_free(loop->base);
	free(loop);
}

/* An alarm that is too early costs one turn without work, which is cheaper than
 * moving it each time a timer is stopped. */
static void
arm(struct loop *loop)
{
	uint64_t delay = timers_next(&loop->timers);
	struct timeval tv;

	if (delay > WAKE_MAX_MS)
		delay = WAKE_MAX_MS;
	if (loop->timers.now + delay >= loop->armed)
		return;
	tv.tv_sec = (time_t)(delay / 1000);
	tv.tv_usec = (suseconds_t)(delay % 1000 * 1000);
	if (event_add(loop->alarm, &tv) == 0)
		loop->armed = loop->timers.now + delay;
}

static void
run_hooks(struct loop *loop)
{
	struct loop_hook *hook, *next;

	for (hook = loop->hooks; hook != NULL; hook = next) {
		next = hook->next;
		hook->run(hook);
	}
}

int
loop_turn(struct loop *loop, bool wait)
{
	int flags = EVLOOP_ONCE | (wait ? 0 : EVLOOP_NONBLOCK);
	int error;

	arm(loop);
	loop->between = true;
	errno = 0;
	if (event_base_loop(loop->base, flags) == -1) {
		error = errno == 0 ? EIO : errno;
		return -error;
	}
	loop_tick(loop);
	run_hooks(loop);
	loop->turn_end_us = read_clock();
	return 0;
}

int
loop_run(struct loop *loop)
{
	int error = 0;

	loop->stopping = false;
	while (!loop->stopping && error == 0)
		error = loop_turn(loop, true);
	return error;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

struct timers *
loop_timers(struct loop *loop)
{
	return &loop->timers;
}

uint64_t
loop_now(const struct loop *loop)
{
	return loop->timers.now;
}

uint64_t
loop_now_us(const struct loop *loop)
{
	return loop->now_us;
}

/* What this turn reports came after the last one had asked, or just now when
 * nothing was there and the loop waited. */
static void
begin_turn(struct loop *loop)
{
	bool waited = loop->now_us - loop->turn_end_us > WAITED_US;

	loop->between = false;
	loop->fresh_us = waited ? loop->now_us : loop->turn_us;
	loop->turn_us = loop->now_us;
	if (waited)
		loop->lag = 0;
}

uint64_t
loop_tick(struct loop *loop)
{
	loop->now_us = read_clock();
	if (loop->between)
		begin_turn(loop);
	timers_advance(&loop->timers, loop->now_us / 1000);
	return loop->timers.now;
}

uint32_t
loop_lag_ms(const struct loop *loop)
{
	return loop->lag;
}

void
loop_set_lag(struct loop *loop, uint32_t ms)
{
	loop->lag = ms;
}

uint64_t
loop_fresh_us(const struct loop *loop)
{
	return loop->fresh_us;
}

void
loop_add_hook(struct loop *loop, struct loop_hook *hook,
    void (*run)(struct loop_hook *hook))
{
	struct loop_hook **end = &loop->hooks;

	while (*end != NULL)
		end = &(*end)->next;
	hook->next = NULL;
	hook->run = run;
	*end = hook;
}

void
loop_remove_hook(struct loop *loop, struct loop_hook *hook)
{
	struct loop_hook **at = &loop->hooks;

	while (*at != NULL && *at != hook)
		at = &(*at)->next;
	if (*at != NULL)
		*at = hook->next;
}

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct loop_signal *signal = arg;

	(void)what;
	loop_tick(signal->loop);
	signal->fn(signal->arg, (int)signo);
}

bool
loop_add_signal(
    struct loop *loop, int signo, void (*fn)(void *arg, int signo), void *arg)
{
	struct loop_signal *signal;

	if (loop->signals_n == LOOP_SIGNALS_MAX)
		return false;
	signal = &loop->signals[loop->signals_n];
	*signal = (struct loop_signal){ NULL, loop, fn, arg };
	signal->event = evsignal_new(loop->base, signo, on_signal, signal);
	if (signal->event == NULL)
		return false;
	if (event_add(signal->event, NULL) == -1) {
		event_free(signal->event);
		return false;
	}
	loop->signals_n++;
	return true;
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct loop_wake *wake = arg;
	eventfd_t rings;

	(void)what;
	if (eventfd_read(fd, &rings) == -1)
		return;
	loop_tick(wake->loop);
	wake->fn(wake->arg);
}

struct loop_wake *
loop_wake_create(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct loop_wake *wake = calloc(1, sizeof(*wake));

	if (wake == NULL)
		return NULL;
	wake->loop = loop;
	wake->fn = fn;
	wake->arg = arg;
	wake->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (wake->fd != -1)
		wake->event = event_new(loop->base, wake->fd,
		    EV_READ | EV_PERSIST, on_wake, wake);
	if (wake->event == NULL || event_add(wake->event, NULL) == -1) {
		loop_wake_destroy(wake);
		return NULL;
	}
	return wake;
}

void
loop_wake_destroy(struct loop_wake *wake)
{
	if (wake == NULL)
		return;
	if (wake->event != NULL)
		event_free(wake->event);
	if (wake->fd != -1)
		close(wake->fd);
	free(wake);
}

void
loop_wake_send(struct loop_wake *wake)
{
	/* Fails only when the counter is full: the bell rings already. */
	(void)eventfd_write(wake->fd, 1);
}
