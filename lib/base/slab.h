/*
 * slab.h - objects of one size, named by handles that outlive them
 *
 * A handle is what goes into a branch, a tag, a timer's owner or an
 * asynchronous answer: it finds the object, or nothing once the object is gone.
 * Pointers stay valid until slab_free().
 */

#ifndef CORDON_BASE_SLAB_H
#define CORDON_BASE_SLAB_H

#include <stddef.h>
#include <stdint.h>

/* Low 24 bits: place + 1; above: generation of that place. 0 names nothing. */
typedef uint64_t slab_handle;

struct slab {
	size_t size;    /* of an object, its header included */
	uint32_t chunks;
	uint32_t used;  /* objects alive */
	uint32_t limit; /* most objects alive at once */
	uint32_t free_head;
	char **chunk;
};

/* `limit` objects of `size` bytes at the most (up to 2^24 - 1). Allocates
 * nothing. */
void slab_init(struct slab *slab, size_t size, uint32_t limit);

/* Frees all memory; objects still alive are gone. */
void slab_fini(struct slab *slab);

/* A zeroed object, and its handle; NULL at the limit or without memory. */
void *slab_alloc(struct slab *slab, slab_handle *handle);
void slab_free(struct slab *slab, slab_handle handle);

/* The handle of an object that is alive. */
slab_handle slab_handle_of(const void *object);

/* The object of that handle, NULL when it is gone or never was. */
void *slab_find(const struct slab *slab, slab_handle handle);

/* The first object at or behind place *at, which moves behind it; NULL at the
 * end. Start with 0. Objects may be freed on the way. */
void *slab_next(const struct slab *slab, uint32_t *at);

#endif
