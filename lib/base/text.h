/*
 * text.h - bounded building of text
 *
 * A writer that would pass its end writes nothing more and remembers it: the
 * caller looks at `overflow` once, at the end.
 */

#ifndef CORDON_BASE_TEXT_H
#define CORDON_BASE_TEXT_H

#include <stdarg.h>

#include "base/span.h"

struct text {
	char *buf; /* owned by the caller */
	size_t cap;
	size_t len;
	bool overflow;
};

static inline struct text
text_over(char *buf, size_t cap)
{
	return (struct text){ buf, cap, 0, false };
}

/* Appends; on overflow appends nothing and sets t->overflow. */
static inline void
text_add(struct text *t, struct span s)
{
	if (t->overflow || s.n > t->cap - t->len) {
		t->overflow = true;
		return;
	}
	if (s.n > 0)
		memcpy(t->buf + t->len, s.p, s.n);
	t->len += s.n;
}

#define TEXT_LIT(t, literal) text_add((t), SPAN(literal))

static inline void
text_add_char(struct text *t, char c)
{
	text_add(t, span_make(&c, 1));
}

void text_add_str(struct text *t, const char *s);
void text_add_u64(struct text *t, uint64_t v);
void text_add_hex64(struct text *t, uint64_t v);
void text_addf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *t, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Appends `s` as the inside of a JSON string: quotes, backslashes and control
 * bytes escaped, bytes that are not UTF-8 written as \u00XX. */
void text_add_json(struct text *t, struct span s);

/* Appends `s` in double quotes for people and for key=value logs: control and
 * non-ASCII bytes as \xHH, quote and backslash escaped. */
void text_add_quoted(struct text *t, struct span s);

/* Length of the well-formed UTF-8 sequence at `s`, which has `left` (at least
 * one) bytes; 0 when there is none. */
size_t text_utf8_length(const char *s, size_t left);

static inline struct span
text_span(const struct text *t)
{
	return span_make(t->buf, t->len);
}

/* What was appended since `mark`, an earlier t->len. */
static inline struct span
text_since(const struct text *t, size_t mark)
{
	return span_make(t->buf + mark, t->len - mark);
}

/* Terminates with NUL and returns the buffer; the last byte is given up for it
 * when the buffer is full. */
const char *text_cstr(struct text *t);

#endif
