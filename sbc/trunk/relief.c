/*
 * relief.c - rates that were refused, and peers that rest
 */

#include "trunk/relief.h"

#include <stdlib.h>

struct rest {
	struct address peer;
	uint64_t until;
};

#define SECOND 1000
#define RATE   1000 /* of one call a second */

void
relief_fini(struct relief *relief)
{
	free(relief->rests);
	relief->rests = NULL;
}

/* --- rates --- */

static uint32_t
rate_at(const struct relief *relief, uint64_t now)
{
	uint64_t steps = (now - relief->slowed) / RELIEF_STEP_MS;

	return steps >= 10
	    ? relief->full
	    : relief->rate + (uint32_t)(relief->full / 10 * steps);
}

uint32_t
relief_rate(const struct relief *relief, uint64_t now)
{
	uint32_t rate = relief->full == 0 ? 0 : rate_at(relief, now);

	return rate >= relief->full ? 0 : rate;
}

void
relief_add_rate(struct text *t, uint32_t rate)
{
	text_addf(t, "%u.%u calls a second", rate / RATE, rate % RATE / 100);
}

/* How far apart calls are at that rate, at the least on average. */
static uint64_t
apart(uint32_t rate)
{
	return (uint64_t)SECOND * RATE / rate;
}

/* Up to the calls of one second may come at once. */
uint64_t
relief_wait(const struct relief *relief, uint64_t now)
{
	uint32_t rate = relief_rate(relief, now);
	uint64_t spare = rate <= RATE ? 0 : SECOND - apart(rate);

	if (rate == 0 || relief->due <= now + spare)
		return 0;
	return relief->due - now - spare;
}

static void
turn_second(struct relief *relief, uint64_t now)
{
	uint64_t second = now / SECOND;

	if (second == relief->second)
		return;
	relief->sent_before = second == relief->second + 1 ? relief->sent : 0;
	relief->sent = 0;
	relief->second = second;
}

void
relief_sent(struct relief *relief, uint64_t now)
{
	uint32_t rate = relief_rate(relief, now);

	turn_second(relief, now);
	relief->sent++;
	if (rate == 0)
		return;
	if (relief->due < now)
		relief->due = now;
	relief->due += apart(rate);
}

/* What the trunk was given before somebody said that it is too much. */
static uint32_t
full_rate(struct relief *relief, uint32_t limit, uint64_t now)
{
	uint32_t most;

	turn_second(relief, now);
	most = relief->sent > relief->sent_before ? relief->sent
						  : relief->sent_before;
	if (most == 0)
		most = 1;
	if (limit > 0 && limit < most)
		most = limit;
	return most > UINT32_MAX / RATE ? UINT32_MAX : most * RATE;
}

uint32_t
relief_slow_down(struct relief *relief, uint32_t limit, uint64_t now)
{
	uint32_t rate = relief_rate(relief, now);

	if (rate == 0) {
		relief->full = rate = full_rate(relief, limit, now);
		relief->due = now + apart(rate);
	}
	rate -= rate / 10;
	relief->rate = rate < RELIEF_LEAST ? RELIEF_LEAST : rate;
	relief->slowed = now;
	return relief->rate;
}

bool
relief_recovered(struct relief *relief, uint64_t now)
{
	if (relief->full == 0 || relief_rate(relief, now) != 0)
		return false;
	relief->full = 0;
	return true;
}

/* --- peers that rest --- */

static struct rest *
find(const struct relief *relief, const struct address *peer)
{
	size_t i;

	for (i = 0; relief->rests != NULL && i < RELIEF_PEERS; i++)
		if (relief->rests[i].until != 0 &&
		    address_eq(&relief->rests[i].peer, peer))
			return &relief->rests[i];
	return NULL;
}

/* A place that is free, or that of the one who has rested longest. */
static struct rest *
place(struct relief *relief)
{
	struct rest *best = relief->rests;
	size_t i;

	for (i = 1; i < RELIEF_PEERS; i++)
		if (relief->rests[i].until < best->until)
			best = &relief->rests[i];
	return best;
}

void
relief_rest(struct relief *relief, const struct address *peer, uint64_t ms,
    uint64_t now)
{
	struct rest *rest;

	if (relief->rests == NULL)
		relief->rests = calloc(RELIEF_PEERS, sizeof(*relief->rests));
	if (relief->rests == NULL)
		return;
	rest = find(relief, peer);
	if (rest == NULL)
		rest = place(relief);
	rest->peer = *peer;
	rest->until = now + ms;
}

uint64_t
relief_resting(const struct relief *relief, const struct address *peer,
    uint64_t now)
{
	const struct rest *rest = find(relief, peer);

	return rest == NULL || rest->until <= now ? 0 : rest->until - now;
}

void
relief_add(struct text *t, const struct relief *relief, uint64_t now)
{
	uint32_t rate = relief_rate(relief, now);
	size_t i, mark = t->len;

	if (rate > 0) {
		TEXT_LIT(t, "slowed to ");
		relief_add_rate(t, rate);
	}
	for (i = 0; relief->rests != NULL && i < RELIEF_PEERS; i++) {
		const struct rest *rest = &relief->rests[i];

		if (rest->until <= now)
			continue;
		text_add_str(t, t->len > mark ? "; " : "");
		address_add(t, &rest->peer);
		text_addf(t, " rests for %llu s",
		    (unsigned long long)((rest->until - now + 999) / 1000));
	}
}
