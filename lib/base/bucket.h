/*
 * bucket.h - token bucket: `rate` a second on average, `burst` at once
 */

#ifndef CORDON_BASE_BUCKET_H
#define CORDON_BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	uint64_t rate;  /* tokens a second; 0 refuses everything */
	uint64_t burst; /* tokens it holds at the most; 0 refuses everything */
	uint64_t level; /* thousandths of a token */
	uint64_t at;    /* ms, of `level` */
};

/* A full bucket. */
void bucket_init(
    struct bucket *bucket, uint64_t rate, uint64_t burst, uint64_t now);

/* Takes one token; false when there is none. */
bool bucket_take(struct bucket *bucket, uint64_t now);

#endif
