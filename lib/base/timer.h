/*
 * timer.h - the one timer structure: a hierarchical wheel, monotonic
 * milliseconds
 *
 * Starting and stopping are O(1). Time comes from outside (the loop, or a
 * test): nothing here reads a clock. Expired timers run from timers_advance()
 * only.
 */

#ifndef CORDON_BASE_TIMER_H
#define CORDON_BASE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer;
typedef void timer_fn(struct timer *timer);

/* Lives inside its owner; all zero is a stopped timer. The function finds its
 * owner with CONTAINER_OF (base/container.h). */
struct timer {
	struct timer *next;
	struct timer **link; /* what points to us; NULL: not running */
	uint64_t due;
	timer_fn *expired;
};

#define TIMER_LEVELS    6
#define TIMER_SLOT_BITS 6
#define TIMER_SLOTS     (1 << TIMER_SLOT_BITS)

struct timers {
	uint64_t now; /* ms, monotonic; read it freely */
	unsigned running;
	struct timer *slots[TIMER_LEVELS][TIMER_SLOTS];
	uint64_t busy[TIMER_LEVELS]; /* a bit a slot that is not empty */
	struct timer *due_now;       /* being run by timers_advance() */
};

void timers_init(struct timers *timers, uint64_t now);

/* Runs `expired` once, at the first timers_advance() at or after now + delay.
 * A running timer is restarted. */
void timer_start(struct timers *timers, struct timer *timer, uint64_t delay,
    timer_fn *expired);

/* As timer_start(), but rounded up to a multiple of `slack` ms (a power of
 * two): timers that nobody waits for then expire together and wake the loop
 * less. */
void timer_start_slack(struct timers *timers, struct timer *timer,
    uint64_t delay, uint64_t slack, timer_fn *expired);

void timer_stop(struct timers *timers, struct timer *timer);

static inline bool
timer_running(const struct timer *timer)
{
	return timer->link != NULL;
}

/* Moves the clock to `now` (never back) and runs what is due, in order of
 * time. */
void timers_advance(struct timers *timers, uint64_t now);

/* Milliseconds until timers_advance() has something to do: never later than the
 * next expiry, possibly earlier. UINT64_MAX when nothing runs. */
uint64_t timers_next(const struct timers *timers);

#endif
