/*
 * fuzz.h - what every fuzz target shares
 */

#ifndef CORDON_T_FUZZ_H
#define CORDON_T_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run with the condition that does not hold. */
#define FUZZ_CHECK(condition)                                                  \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
			    __LINE__, #condition);                             \
			abort();                                               \
		}                                                              \
	} while (0)

static inline struct span
fuzz_span(const uint8_t *data, size_t size)
{
	return span_make((const char *)data, size);
}

/* Whether `s` points into `whole`; an empty span may point nowhere. */
static inline bool
fuzz_inside(struct span s, struct span whole)
{
	return s.n == 0 || (s.p >= whole.p && s.n <= whole.n &&
		s.p + s.n <= whole.p + whole.n);
}

/* Cuts a piece off the input: a length byte, then at most as many bytes. */
static inline struct span
fuzz_take(struct span *rest)
{
	struct span piece;
	size_t n;

	if (rest->n == 0)
		return span_make("", 0);
	n = (unsigned char)rest->p[0];
	*rest = span_from(*rest, 1);
	piece = span_make(rest->p, n < rest->n ? n : rest->n);
	*rest = span_from(*rest, piece.n);
	return piece;
}

#endif
