/*
 * relief.h - what the peers of a trunk have asked for: fewer new calls, or none
 * for a while
 *
 * A refusal for the rate of calls lowers that of the trunk; without another it
 * comes back by itself, in steps. A Retry-After lets the one peer rest that
 * said it. Times are ms, monotonic. Nothing is refused here: trunk_admit() and
 * the choice of a target ask, and for emergency calls neither does.
 */

#ifndef CORDON_TRUNK_RELIEF_H
#define CORDON_TRUNK_RELIEF_H

#include "base/address.h"
#include "base/text.h"

/* Rates are new calls in 1000 s. */
#define RELIEF_LEAST   500   /* however often it is refused */
#define RELIEF_STEP_MS 10000 /* each brings a tenth of the full rate back */
#define RELIEF_PEERS   32

struct relief {
	uint32_t full;     /* what it was, and comes back to; 0: not slowed */
	uint32_t rate;     /* at `slowed` */
	uint64_t slowed;   /* when it was refused last */
	uint64_t due;      /* when the calls so far are through at that rate */
	uint64_t second;   /* in which calls are counted */
	uint32_t sent, sent_before; /* in it, and in the one before */
	struct rest *rests; /* RELIEF_PEERS of them; NULL: none so far */
};

void relief_fini(struct relief *relief);

/* A call goes to the trunk. */
void relief_sent(struct relief *relief, uint64_t now);

/* Refused because of its rate. `limit` is what the configuration allows in a
 * second; 0: as much as was sent. Returns the rate from now on. */
uint32_t relief_slow_down(
    struct relief *relief, uint32_t limit, uint64_t now);
/* The rate that it is slowed to; 0: it is not. */
uint32_t relief_rate(const struct relief *relief, uint64_t now);
/* "4.5 calls a second" */
void relief_add_rate(struct text *t, uint32_t rate);
/* ms until one more call may go, as far as the slowed rate is concerned. */
uint64_t relief_wait(const struct relief *relief, uint64_t now);
/* True once, when a trunk that was slowed has its full rate again. */
bool relief_recovered(struct relief *relief, uint64_t now);

/* No calls for that peer for so long. Without memory it gets them. */
void relief_rest(struct relief *relief, const struct address *peer,
    uint64_t ms, uint64_t now);
/* "slowed to 4.5 calls a second; 192.0.2.1:5060 rests for 30 s"; nothing where
 * nothing is spared. */
void relief_add(struct text *t, const struct relief *relief, uint64_t now);
/* ms until it gets calls again; 0: it does. */
uint64_t relief_resting(const struct relief *relief,
    const struct address *peer, uint64_t now);

#endif
