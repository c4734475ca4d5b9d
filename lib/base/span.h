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

bool span_same_letters(const char *a, const char *b, size_t n);

/* Equal but for the case of ASCII letters. */
static inline bool
span_ieq(struct span a, struct span b)
{
	return a.n == b.n && span_same_letters(a.p, b.p, a.n);
}

static inline bool
span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && span_eq(span_make(s.p, prefix.n), prefix);
}

/* The index of the word that `s` is, ASCII case ignored; `n`: none of them. */
size_t span_iword(struct span s, const char *const *words, size_t n);

bool span_istarts(struct span s, struct span prefix);
bool span_iends(struct span s, struct span suffix);

/* Without SP and HTAB (and CR, LF of a folded line) at both ends. */
struct span span_trim(struct span s);

/* The bytes from offset `from` on; empty where there are none. */
static inline struct span
span_from(struct span s, size_t from)
{
	if (from >= s.n)
		return span_make(span_end(s), 0);
	return span_make(s.p + from, s.n - from);
}

/* Offset of the first `c`, or -1. */
static inline ptrdiff_t
span_find(struct span s, char c)
{
	const char *at =
	    s.n == 0 ? NULL : (const char *)memchr(s.p, c, s.n);

	return at == NULL ? -1 : at - s.p;
}

ptrdiff_t span_find_span(struct span s, struct span needle);

/* Eight times the same byte, to look at eight bytes at once. */
#define SPAN_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Length of the run of printable ASCII, 0x20 to 0x7e, that `s` begins with:
 * what most values are made of from end to end, found eight bytes at a time. */
size_t span_plain(struct span s);

static inline bool
span_is_plain(struct span s)
{
	return span_plain(s) == s.n;
}

/* The first `most` bytes, or all where there are no more. */
static inline struct span
span_up_to(struct span s, size_t most)
{
	return span_make(s.p, s.n < most ? s.n : most);
}

/* Cuts `s` at the first `c`: returns what is before it and leaves in `*rest`
 * what is behind it. Without `c`: returns all, `*rest` is empty. */
static inline struct span
span_cut(struct span s, char c, struct span *rest)
{
	ptrdiff_t at = span_find(s, c);

	*rest = span_from(s, at < 0 ? s.n : (size_t)at + 1);
	return at < 0 ? s : span_make(s.p, (size_t)at);
}

/* Reads a decimal number that fills the whole span. False when it is empty, has
 * another character or is over `max`; `*out` is then untouched. */
bool span_to_u64(struct span s, uint64_t max, uint64_t *out);
bool span_to_u32(struct span s, uint32_t max, uint32_t *out);

/* The value of a hexadecimal digit, -1: it is none. */
extern const int8_t span_hex_values[256];
static inline int
span_hex_digit(char c)
{
	return span_hex_values[(unsigned char)c];
}

/* Reads up to 16 hexadecimal digits that fill the whole span. False for
 * anything else; `*out` is then untouched. */
bool span_to_hex64(struct span s, uint64_t *out);

/* A NUL-terminated copy that the caller frees; NULL when out of memory. */
char *span_dup(struct span s);

/* The same as an owned span, to be freed by span_free(). Empty: `s`
 * is, or there is no memory. */
struct span span_copy(struct span s);
/* Frees an owned span and empties it. */
void span_free(struct span *s);

/* Matches `s` against a pattern with '*' wildcards, ignoring ASCII case. */
bool span_imatch(struct span s, struct span pattern);

#endif
