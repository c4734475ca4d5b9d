/*
 * loop.h - the one event loop: libevent, the timers, signals, and what happens
 * between two turns
 *
 * One thread runs a loop and owns everything on it. Only loop_wake_send() may
 * be called from another thread.
 */

#ifndef CORDON_NET_LOOP_H
#define CORDON_NET_LOOP_H

#include <stdbool.h>

#include "base/timer.h"

struct event_base;
struct loop;

/* NULL without memory or descriptors. The clock is CLOCK_MONOTONIC. From here
 * on the process ignores SIGPIPE. */
struct loop *loop_create(void);
/* Everything that was put on the loop must be gone. NULL is allowed. */
void loop_destroy(struct loop *loop);

/* Runs turns until loop_stop(). 0, or a negative errno when the loop broke. */
int loop_run(struct loop *loop);
/* One turn: waits for something to happen unless `wait` is false. */
int loop_turn(struct loop *loop, bool wait);
/* The turn that is running ends as usual, hooks included; then loop_run()
 * returns. */
void loop_stop(struct loop *loop);

struct event_base *loop_base(struct loop *loop);
/* Armed with libevent by itself: start and stop timers, do nothing else. */
struct timers *loop_timers(struct loop *loop);

/* Milliseconds, monotonic, as of the last loop_tick(). */
uint64_t loop_now(const struct loop *loop);
/* Microseconds of the same moment. */
uint64_t loop_now_us(const struct loop *loop);

/* Reads the clock and runs the timers that are due. Each callback that libevent
 * makes begins with it; never call it from within a timer or a callback of
 * another module. Returns loop_now(). */
uint64_t loop_tick(struct loop *loop);

/*
 * The age in ms of what is being processed: how long the oldest of it may have
 * waited for us. Written by who reads a socket (loop_set_lag), 0 again when the
 * loop had nothing to do.
 */
uint32_t loop_lag_ms(const struct loop *loop);
void loop_set_lag(struct loop *loop, uint32_t ms);
/* A moment (as loop_now_us): a socket that was seen empty when it was read last
 * holds nothing that came before. */
uint64_t loop_fresh_us(const struct loop *loop);

/* Called at the end of each turn, in the order of adding: the place where
 * objects are freed. Lives inside its owner; a hook may remove itself. */
struct loop_hook {
	struct loop_hook *next;
	void (*run)(struct loop_hook *hook);
};

void loop_add_hook(struct loop *loop, struct loop_hook *hook,
    void (*run)(struct loop_hook *hook));
void loop_remove_hook(struct loop *loop, struct loop_hook *hook);

/* Calls `fn` on the loop for each `signo`. False without memory, or when there
 * are LOOP_SIGNALS_MAX already. Gone with the loop. */
#define LOOP_SIGNALS_MAX 8
bool loop_add_signal(
    struct loop *loop, int signo, void (*fn)(void *arg, int signo), void *arg);

/* A bell that another thread may ring: `fn` then runs on the loop, once for any
 * number of rings before it. NULL without memory or descriptors. */
struct loop_wake;
struct loop_wake *loop_wake_create(
    struct loop *loop, void (*fn)(void *arg), void *arg);
void loop_wake_destroy(struct loop_wake *wake);
void loop_wake_send(struct loop_wake *wake);

#endif
