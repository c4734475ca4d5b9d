/*
 * span.h - a run of bytes that somebody else owns
 *
 * A span never ends in NUL and is never freed. It is valid as long as the
 * buffer that it points into.
 */

#ifndef CORDON_BASE_SPAN_H
#define CORDON_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

/* A span over a string literal. */
#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })
#define SPAN_NONE     ((struct span){ NULL, 0 })

/* The two arguments of printf's "%.*s". For text that we made, never for
 * bytes from the wire: those are quoted by text_quote(). */
#define SPAN_ARG(s) (int)(s).n, (s).p

static inline struct span
span_of(const char *s)
{
	return (struct span){ s, s == NULL ? 0 : strlen(s) };
}

static inline struct span
span_make(const char *p, size_t n)
{
	return (struct span){ p, n };
}

/* The bytes from `from` up to, not including, `to`. */
static inline struct span
span_between(const char *from, const char *to)
{
	return (struct span){ from, (size_t)(to - from) };
}

static inline bool
span_empty(struct span s)
{
	return s.n == 0;
}

static inline const char *
span_end(struct span s)
{
	return s.n == 0 ? s.p : s.p + s.n; /* NULL + 0 is not defined */
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal but for the case of ASCII letters. */
bool span_ieq(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_istarts(struct span s, struct span prefix);
bool span_iends(struct span s, struct span suffix);

/* Without SP and HTAB (and CR, LF of a folded line) at both ends. */
struct span span_trim(struct span s);

/* The bytes from offset `from` on; empty where there are none. */
struct span span_from(struct span s, size_t from);

/* Offset of the first `c`, or -1. */
ptrdiff_t span_find(struct span s, char c);
ptrdiff_t span_find_span(struct span s, struct span needle);

/* Cuts `s` at the first `c`: returns what is before it and leaves in `*rest`
 * what is behind it. Without `c`: returns all, `*rest` is empty. */
struct span span_cut(struct span s, char c, struct span *rest);

/* Reads a decimal number that fills the whole span. False when it is empty, has
 * another character or is over `max`; `*out` is then untouched. */
bool span_to_u64(struct span s, uint64_t max, uint64_t *out);
bool span_to_u32(struct span s, uint32_t max, uint32_t *out);

/* A NUL-terminated copy that the caller frees; NULL when out of memory. */
char *span_dup(struct span s);

/* Matches `s` against a pattern with '*' wildcards, ignoring ASCII case. */
bool span_imatch(struct span s, struct span pattern);

#endif
