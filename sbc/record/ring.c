#include "record/ring.h"

#include <stdlib.h>

#define HEADER   8u
#define SKIP     UINT32_MAX /* the rest up to the ring's end holds nothing */
#define SIZE_LEAST 65536u
/* An empty ring begins again at its first byte once it got this far: the room
 * for a bad hour then costs no memory on a good day. */
#define STAY_LOW   65536u

bool
ring_init(struct ring *ring, uint32_t records, uint32_t average)
{
	uint64_t want = (uint64_t)records * (average + HEADER);

	*ring = (struct ring){ .size = SIZE_LEAST, .limit = records };
	while (ring->size < want)
		ring->size *= 2;
	ring->bytes = malloc(ring->size);
	return ring->bytes != NULL;
}

void
ring_fini(struct ring *ring)
{
	free(ring->bytes);
	ring->bytes = NULL;
}

static uint64_t
stride(uint64_t n)
{
	return HEADER + (n + 7) / 8 * 8;
}

static void
set_length(struct ring *ring, uint64_t at, uint32_t n)
{
	memcpy(ring->bytes + at, &n, sizeof(n));
}

static uint32_t
get_length(const struct ring *ring, uint64_t at)
{
	uint32_t n;

	memcpy(&n, ring->bytes + at, sizeof(n));
	return n;
}

static uint64_t
place(const struct ring *ring, uint64_t position)
{
	return (position -
	           atomic_load_explicit(&ring->base, memory_order_relaxed)) &
	    (ring->size - 1);
}

static bool
has_room(struct ring *ring, uint64_t head, uint64_t bytes)
{
	if (head + bytes - ring->tail_seen <= ring->size)
		return true;
	ring->tail_seen = atomic_load_explicit(
	    &ring->tail, memory_order_acquire);
	return head + bytes - ring->tail_seen <= ring->size;
}

/* The place of the next record. The consumer reads the base only where there is
 * a record, and every record is written after the base that it has. */
static uint64_t
next_place(struct ring *ring, uint64_t head)
{
	uint64_t at = place(ring, head);

	if (at < STAY_LOW ||
	    atomic_load_explicit(&ring->tail, memory_order_acquire) != head)
		return at;
	atomic_store_explicit(&ring->base, head, memory_order_relaxed);
	return 0;
}

bool
ring_put(struct ring *ring, struct span record)
{
	uint64_t head, put, need, left, skip, at;

	if (record.n > ring->size / 4)
		return false;
	head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	put = atomic_load_explicit(&ring->put, memory_order_relaxed);
	if (put - atomic_load_explicit(&ring->taken, memory_order_relaxed) >=
	    ring->limit)
		return false;
	need = stride(record.n);
	at = next_place(ring, head);
	left = ring->size - at;
	skip = need > left ? left : 0;
	if (!has_room(ring, head, skip + need))
		return false;
	if (skip > 0) {
		set_length(ring, at, SKIP);
		head += skip;
		at = 0;
	}
	set_length(ring, at, (uint32_t)record.n);
	memcpy(ring->bytes + at + HEADER, record.p, record.n);
	atomic_store_explicit(&ring->put, put + 1, memory_order_relaxed);
	/* Sequentially consistent, as is the writer's `asleep`: one of the two
	 * sides sees the other's store. */
	atomic_store(&ring->head, head + need);
	return true;
}

bool
ring_peek(struct ring *ring, uint64_t until, struct span *record)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint64_t head = atomic_load(&ring->head), at;

	if (tail == head || tail >= until)
		return false;
	at = place(ring, tail);
	if (get_length(ring, at) == SKIP) {
		tail += ring->size - at;
		atomic_store_explicit(&ring->tail, tail, memory_order_release);
		if (tail >= until)
			return false;
		at = 0;
	}
	*record = span_make(ring->bytes + at + HEADER, get_length(ring, at));
	return true;
}

void
ring_pop(struct ring *ring)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint64_t at = place(ring, tail);

	tail += stride(get_length(ring, at));
	atomic_fetch_add_explicit(&ring->taken, 1, memory_order_relaxed);
	atomic_store_explicit(&ring->tail, tail, memory_order_release);
}

bool
ring_empty(const struct ring *ring)
{
	return atomic_load(&ring->tail) == atomic_load(&ring->head);
}

bool
ring_is_filling(const struct ring *ring)
{
	return atomic_load(&ring->put) - atomic_load(&ring->taken) >
	    ring->limit / 4 ||
	    atomic_load(&ring->head) - atomic_load(&ring->tail) >
	    ring->size / 4;
}
