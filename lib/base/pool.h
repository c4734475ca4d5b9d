/*
 * pool.h - bytes that come and go with each message, and are used again
 *
 * Blocks that were given back wait, by size and up to a limit, in front of
 * malloc(), which is slow where many live long and few are of one size. Each
 * thread has blocks of its own: who takes one gives it back.
 */

#ifndef CORDON_BASE_POOL_H
#define CORDON_BASE_POOL_H

#include "base/span.h"

/* NULL without memory; free it with pool_free() and the same size. */
void *pool_alloc(size_t n);
/* NULL is allowed. */
void pool_free(void *p, size_t n);

/* A copy of its bytes, without a NUL: pool_free(copy, s.n). */
char *pool_dup(struct span s);

#endif
