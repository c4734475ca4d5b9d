#include "base/pool.h"

#include <stdlib.h>

#include "base/container.h"

/* malloc() gives pieces of these sizes, and adds nothing to them. */
#define STEP      16
#define LEAST     24
#define MOST      4104
#define ROWS      ((MOST - LEAST) / STEP + 1)
#define ROW_BYTES 262144 /* that wait in one row */

/* With a sanitizer each block is malloc's, so that it sees who uses what. */
#ifdef __has_feature
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#define POOLED 0
#else
#define POOLED 1
#endif

struct block {
	struct block *next;
};

struct row {
	struct block *first;
	size_t n;
};

static _Thread_local struct row rows[ROWS];

static size_t
row_of(size_t n)
{
	return n <= LEAST ? 0 : (n - LEAST + STEP - 1) / STEP;
}

static size_t
row_size(size_t row)
{
	return LEAST + row * STEP;
}

static bool
is_pooled(size_t n)
{
	return POOLED && n <= MOST;
}

void *
pool_alloc(size_t n)
{
	struct row *row;
	struct block *block;

	if (!is_pooled(n))
		return malloc(n == 0 ? 1 : n);
	row = &rows[row_of(n)];
	block = row->first;
	if (block == NULL)
		return malloc(row_size(row_of(n)));
	row->first = block->next;
	row->n--;
	return block;
}

void
pool_free(void *p, size_t n)
{
	struct row *row = &rows[row_of(n <= MOST ? n : MOST)];
	struct block *block = p;

	if (p == NULL || !is_pooled(n) ||
	    row->n >= ROW_BYTES / row_size(row_of(n))) {
		free(p);
		return;
	}
	block->next = row->first;
	row->first = block;
	row->n++;
}

char *
pool_dup(struct span s)
{
	char *copy = pool_alloc(s.n);

	if (copy != NULL && s.n > 0)
		memcpy(copy, s.p, s.n);
	return copy;
}
