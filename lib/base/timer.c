/*
 * timer.c - hierarchical timing wheel
 *
 * Level 0 has a slot a millisecond, each further level slots 64 times as wide.
 * A timer waits in the level where its distance fits and falls one level when
 * its slot is reached; what is still to come is exact to the millisecond.
 */

#include "base/timer.h"

#include <stddef.h>
#include <string.h>

#define SLOT_MASK (TIMER_SLOTS - 1)
/* The farthest distance that the wheel holds; longer ones wait here and are
 * placed anew when they come near. */
#define HORIZON   ((UINT64_C(1) << (TIMER_LEVELS * TIMER_SLOT_BITS)) - 1)

void
timers_init(struct timers *timers, uint64_t now)
{
	memset(timers, 0, sizeof(*timers));
	timers->now = now;
}

static void
push(struct timer **head, struct timer *timer)
{
	timer->next = *head;
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	*head = timer;
	timer->link = head;
}

static void
unlink_timer(struct timer *timer)
{
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	timer->link = NULL;
	timer->next = NULL;
}

static unsigned
slot_of(uint64_t due, int level)
{
	return (unsigned)(due >> (level * TIMER_SLOT_BITS)) & SLOT_MASK;
}

/* The level is that of the highest digit (base 64) in which due and now differ:
 * its slot is then reached after now and within one turn of that level. */
static void
place(struct timers *timers, struct timer *timer)
{
	uint64_t due = timer->due, differ;
	int level = 0;
	unsigned slot;

	if (due - timers->now > HORIZON)
		due = timers->now + HORIZON;
	differ = due ^ timers->now;
	while (level < TIMER_LEVELS - 1 &&
	    differ >> ((level + 1) * TIMER_SLOT_BITS) != 0)
		level++;
	slot = slot_of(due, level);
	push(&timers->slots[level][slot], timer);
	timers->busy[level] |= UINT64_C(1) << slot;
}

void
timer_start(struct timers *timers, struct timer *timer, uint64_t delay,
    timer_fn *expired)
{
	timer_start_slack(timers, timer, delay, 1, expired);
}

void
timer_start_slack(struct timers *timers, struct timer *timer, uint64_t delay,
    uint64_t slack, timer_fn *expired)
{
	uint64_t last = UINT64_MAX - slack - timers->now;

	timer_stop(timers, timer);
	/* Due now means at the next advance: never inside the caller. */
	if (delay == 0)
		delay = 1;
	timer->due = timers->now + (delay < last ? delay : last);
	timer->due = (timer->due + slack - 1) & ~(slack - 1);
	timer->expired = expired;
	place(timers, timer);
	timers->running++;
}

/* A slot that a stopped timer leaves empty wakes nobody. */
static void
forget_slot(struct timers *timers, struct timer **head)
{
	size_t at = (size_t)(((uintptr_t)head - (uintptr_t)timers->slots) /
	    sizeof(*head));

	if (*head == NULL && at < TIMER_LEVELS * TIMER_SLOTS)
		timers->busy[at / TIMER_SLOTS] &=
		    ~(UINT64_C(1) << at % TIMER_SLOTS);
}

void
timer_stop(struct timers *timers, struct timer *timer)
{
	struct timer **link = timer->link;

	if (link == NULL)
		return;
	unlink_timer(timer);
	forget_slot(timers, link);
	timers->running--;
}

static void
run_due(struct timers *timers)
{
	struct timer *timer;

	while ((timer = timers->due_now) != NULL) {
		unlink_timer(timer);
		timers->running--;
		timer->expired(timer);
	}
}

/* Takes the whole slot that `now` has reached on `level`: what is due runs, the
 * rest falls to a lower level. */
static void
empty_slot(struct timers *timers, int level)
{
	unsigned slot = slot_of(timers->now, level);
	struct timer *list = timers->slots[level][slot], *timer;

	timers->slots[level][slot] = NULL;
	timers->busy[level] &= ~(UINT64_C(1) << slot);
	if (list != NULL)
		list->link = &list;
	while ((timer = list) != NULL) {
		unlink_timer(timer);
		if (timer->due <= timers->now)
			push(&timers->due_now, timer);
		else
			place(timers, timer);
	}
}

/* The first time after now at which a slot of some level is reached. */
static uint64_t
next_slot_time(const struct timers *timers)
{
	uint64_t best = UINT64_MAX;
	int level;

	for (level = 0; level < TIMER_LEVELS; level++) {
		int shift = level * TIMER_SLOT_BITS;
		unsigned at = slot_of(timers->now, level);
		/* Slots behind `at` in this turn of the level. A slot at or
		 * before it belongs to no turn: place() goes a level up. */
		uint64_t ahead = at == SLOT_MASK
		    ? 0
		    : timers->busy[level] & (UINT64_MAX << (at + 1));
		uint64_t turn, when;

		if (ahead == 0)
			continue;
		turn = timers->now >> shift >> TIMER_SLOT_BITS;
		when = ((turn << TIMER_SLOT_BITS) +
			   (unsigned)__builtin_ctzll(ahead))
		    << shift;
		if (when < best)
			best = when;
	}
	return best;
}

/* A timer in the top level may lie in the next turn of it: its slot is then not
 * ahead. Such a wheel is woken once a turn of the level below. */
static uint64_t
next_stop(const struct timers *timers)
{
	uint64_t when = next_slot_time(timers);
	int shift = (TIMER_LEVELS - 1) * TIMER_SLOT_BITS;

	if (timers->busy[TIMER_LEVELS - 1] != 0) {
		uint64_t turn = ((timers->now >> shift) + 1) << shift;

		if (turn < when)
			when = turn;
	}
	return when;
}

void
timers_advance(struct timers *timers, uint64_t now)
{
	uint64_t when;

	while (timers->now < now) {
		int level;

		when = timers->running == 0 ? UINT64_MAX : next_stop(timers);
		timers->now = when < now ? when : now;
		if (when > now)
			return;
		for (level = TIMER_LEVELS - 1; level >= 0; level--)
			empty_slot(timers, level);
		run_due(timers);
	}
}

uint64_t
timers_next(const struct timers *timers)
{
	uint64_t when;

	if (timers->running == 0)
		return UINT64_MAX;
	when = next_stop(timers);
	return when - timers->now;
}
