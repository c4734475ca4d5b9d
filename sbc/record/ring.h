/*
 * ring.h - a bounded queue of byte records from one thread to one other
 *
 * Records lie in one piece and are read in place. No lock: the producer owns
 * `head` and `base`, the consumer `tail`. Positions only grow; the place of one
 * is (position - base) & mask.
 */

#ifndef CORDON_RECORD_RING_H
#define CORDON_RECORD_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct ring {
	char *bytes;
	uint64_t size; /* a power of two */
	uint64_t limit; /* records at once */
	/* Each side on a cache line of its own. */
	_Alignas(64) _Atomic uint64_t head;
	_Atomic uint64_t put;  /* records, ever */
	_Atomic uint64_t base; /* moves only while the ring is empty */
	uint64_t tail_seen;
	_Alignas(64) _Atomic uint64_t tail;
	_Atomic uint64_t taken;
};

/* For up to `records` records of `average` bytes. False without memory. */
bool ring_init(struct ring *ring, uint32_t records, uint32_t average);
void ring_fini(struct ring *ring);

/* Producer: copies one record in; false when there is no room, and for a
 * record over a quarter of the ring (16 KB at the least). */
bool ring_put(struct ring *ring, struct span record);

/* Consumer: the oldest record, which stays until ring_pop(). False when there
 * is none before position `until`. */
bool ring_peek(struct ring *ring, uint64_t until, struct span *record);
void ring_pop(struct ring *ring);

/* Either side. */
bool ring_empty(const struct ring *ring);
/* More than a quarter of its records or bytes are in use. */
bool ring_is_filling(const struct ring *ring);

#endif
