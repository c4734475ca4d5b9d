#include "base/slab.h"

#include <stdlib.h>
#include <string.h>

#define PER_CHUNK  64
#define PLACE_BITS 24
#define PLACE_MASK ((1u << PLACE_BITS) - 1)

/* In front of each object. */
struct header {
	uint64_t generation; /* odd: alive */
	uint32_t next_free;  /* place + 1, when free */
	uint32_t place;
};

void
slab_init(struct slab *slab, size_t size, uint32_t limit)
{
	memset(slab, 0, sizeof(*slab));
	slab->size = (sizeof(struct header) + size + 7) & ~(size_t)7;
	slab->limit = limit < PLACE_MASK ? limit : PLACE_MASK;
}

void
slab_fini(struct slab *slab)
{
	uint32_t i;

	for (i = 0; i < slab->chunks; i++)
		free(slab->chunk[i]);
	free(slab->chunk);
	slab_init(slab, 0, 0);
}

static struct header *
header_at(const struct slab *slab, uint32_t place)
{
	return (void *)(slab->chunk[place / PER_CHUNK] +
	    place % PER_CHUNK * slab->size);
}

static int
grow(struct slab *slab)
{
	char **list, *chunk;
	uint32_t i, first = slab->chunks * PER_CHUNK;

	list = realloc(slab->chunk, (slab->chunks + 1) * sizeof(*list));
	if (list == NULL)
		return -1;
	slab->chunk = list;
	chunk = calloc(PER_CHUNK, slab->size);
	if (chunk == NULL)
		return -1;
	slab->chunk[slab->chunks++] = chunk;
	for (i = PER_CHUNK; i-- > 0;) {
		struct header *h = header_at(slab, first + i);

		h->place = first + i;
		h->next_free = slab->free_head;
		slab->free_head = first + i + 1;
	}
	return 0;
}

void *
slab_alloc(struct slab *slab, slab_handle *handle)
{
	struct header *h;

	if (slab->used >= slab->limit)
		return NULL;
	if (slab->free_head == 0 && grow(slab) == -1)
		return NULL;
	h = header_at(slab, slab->free_head - 1);
	slab->free_head = h->next_free;
	slab->used++;
	h->generation++;
	memset(h + 1, 0, slab->size - sizeof(*h));
	*handle = slab_handle_of(h + 1);
	return h + 1;
}

slab_handle
slab_handle_of(const void *object)
{
	const struct header *h = (const struct header *)object - 1;

	return h->generation << PLACE_BITS | (h->place + 1);
}

void *
slab_find(const struct slab *slab, slab_handle handle)
{
	uint32_t place = (uint32_t)(handle & PLACE_MASK);
	struct header *h;

	if (place == 0 || place > slab->chunks * PER_CHUNK)
		return NULL;
	h = header_at(slab, place - 1);
	/* Only as many bits of the generation as a handle carries. */
	if ((h->generation & 1) == 0 ||
	    (h->generation << PLACE_BITS) >> PLACE_BITS != handle >> PLACE_BITS)
		return NULL;
	return h + 1;
}

void
slab_free(struct slab *slab, slab_handle handle)
{
	void *object = slab_find(slab, handle);
	struct header *h;

	if (object == NULL)
		return;
	h = (struct header *)object - 1;
	h->generation++;
	h->next_free = slab->free_head;
	slab->free_head = h->place + 1;
	slab->used--;
}

void *
slab_next(const struct slab *slab, uint32_t *at)
{
	uint32_t end = slab->chunks * PER_CHUNK;

	while (*at < end) {
		struct header *h = header_at(slab, (*at)++);

		if (h->generation & 1)
			return h + 1;
	}
	return NULL;
}
