#include "diagnosis/trail.h"

#include <endian.h>

/*
 * Kind, leg and stage in one byte; in the next a bit for each text that is the
 * same as before, and one for an entry that stands there whole: nothing of it
 * is written against the one before. Then numbers, seven bits a byte, and what
 * is new of each text: what it has in common at both ends with the text that it
 * is written against, and what stands between.
 */
#define KIND_BITS 3
#define LEG_BITS  2
#define WHOLE     (1u << JOURNAL_TEXTS)

_Static_assert(JOURNAL_SYSTEM < 1 << KIND_BITS &&
		   JOURNAL_TARGET < 1 << LEG_BITS &&
		   STAGE_CORE < 1 << (8 - KIND_BITS - LEG_BITS),
    "a byte holds them");

/* `after` comes behind `before`, which it is written against; the
 * others against themselves. */
static struct span
written_against(const struct journal_entry *last,
    const struct journal_entry *entry, size_t i)
{
	return &entry->text[i] == &entry->after ? entry->before : last->text[i];
}

/* How much room all numbers of an entry may need. */
#define NUMBERS_MAX (2 + 4 * 10 + JOURNAL_TEXTS * 3 * 3)

static char *
put_number(char *to, uint64_t v)
{
	for (; v > 127; v >>= 7)
		*to++ = (char)((v & 127) | 128);
	*to++ = (char)v;
	return to;
}

/* The first of them is the lowest of the number. */
static uint64_t
eight_bytes(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
common_head(struct span a, struct span b)
{
	size_t n = smaller(a.n, b.n), i;

	for (i = 0; n - i >= 8; i += 8) {
		uint64_t differ = eight_bytes(a.p + i) ^ eight_bytes(b.p + i);

		if (differ != 0)
			return i + (size_t)__builtin_ctzll(differ) / 8;
	}
	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

static size_t
common_tail(struct span a, struct span b)
{
	size_t n = smaller(a.n, b.n), i;
	const char *x = span_end(a), *y = span_end(b);

	for (i = 0; n - i >= 8; i += 8) {
		uint64_t differ =
		    eight_bytes(x - i - 8) ^ eight_bytes(y - i - 8);

		if (differ != 0)
			return i + (size_t)__builtin_clzll(differ) / 8;
	}
	while (i < n && x[-1 - (ptrdiff_t)i] == y[-1 - (ptrdiff_t)i])
		i++;
	return i;
}

static char *
put_bytes(char *to, const char *p, size_t n)
{
	if (n > 0)
		memcpy(to, p, n);
	return to + n;
}

/* The length of what is new, twice, and one more where something is common. */
static char *
put_text(char *to, struct span s, struct span against)
{
	size_t head = common_head(s, against);
	size_t tail =
	    common_tail(span_from(s, head), span_from(against, head));
	size_t n = s.n - head - tail;

	if (head + tail == 0)
		return put_bytes(put_number(to, n * 2), s.p, n);
	to = put_number(to, n * 2 + 1);
	to = put_number(to, head);
	to = put_number(to, tail);
	return put_bytes(to, s.p + head, n);
}

/* All of an entry but its texts; the flags are not known yet. */
static char *
put_head(char *to, const struct journal_entry *last,
    const struct journal_entry *entry, bool whole)
{
	*to++ = (char)(entry->kind | entry->leg << KIND_BITS |
	    entry->stage << (KIND_BITS + LEG_BITS));
	to++;
	if (whole)
		to = put_number(to, entry->call);
	to = put_number(to, entry->time - (whole ? 0 : last->time));
	to = put_number(to, entry->diagnostic);
	return put_number(to, entry->cseq);
}

size_t
trail_add(struct text *t, const struct journal_entry *last,
    const struct journal_entry *entry)
{
	static const struct journal_entry nothing;
	bool whole = last == NULL || last->call != entry->call ||
	    last->time > entry->time;
	char *begin = t->buf + t->len, *to;
	size_t room = t->cap - t->len, most = NUMBERS_MAX, i;
	unsigned flags = whole ? WHOLE : 0;

	if (whole)
		last = &nothing;
	if (t->overflow || most > room)
		return 0;
	to = put_head(begin, last, entry, whole);
	for (i = 0; i < JOURNAL_TEXTS; i++) {
		struct span s = entry->text[i];

		if (span_eq(s, last->text[i])) {
			flags |= 1u << i;
			continue;
		}
		most += s.n;
		if (most > room)
			return 0;
		to = put_text(to, s, written_against(last, entry, i));
	}
	begin[1] = (char)flags;
	t->len += (size_t)(to - begin);
	return (size_t)(to - begin);
}

/* --- reading --- */

struct cursor {
	struct span rest;
	bool broken;
};

static uint64_t
read_number(struct cursor *c, uint64_t max)
{
	uint64_t v = 0;
	unsigned shift;

	for (shift = 0; shift < 64 && !span_empty(c->rest); shift += 7) {
		unsigned char byte = (unsigned char)*c->rest.p;

		c->rest = span_from(c->rest, 1);
		v |= (uint64_t)(byte & 127) << shift;
		if (byte < 128) {
			c->broken |= v > max;
			return v;
		}
	}
	c->broken = true;
	return 0;
}

static struct span
read_text(struct cursor *c, struct span against, struct text *out)
{
	uint64_t n = read_number(c, 2 * JOURNAL_VALUE_MAX + 1);
	uint64_t head = n & 1 ? read_number(c, against.n) : 0;
	uint64_t tail = n & 1 ? read_number(c, against.n) : 0;
	size_t mark = out->len;

	n /= 2;
	if (c->broken || n > c->rest.n || head + tail > against.n) {
		c->broken = true;
		return SPAN_NONE;
	}
	text_add(out, span_make(against.p, head));
	text_add(out, span_make(c->rest.p, n));
	text_add(out, span_from(against, against.n - tail));
	c->rest = span_from(c->rest, n);
	c->broken |= out->overflow;
	return text_since(out, mark);
}

static struct span
copy_text(struct cursor *c, struct span s, struct text *out)
{
	size_t mark = out->len;

	text_add(out, s);
	c->broken |= out->overflow;
	return text_since(out, mark);
}

static void
read_head(struct cursor *c, unsigned flags, const struct journal_entry *last,
    struct journal_entry *e)
{
	bool whole = flags & WHOLE;

	e->call = whole ? read_number(c, UINT64_MAX) : last->call;
	e->time = read_number(c, UINT64_MAX) + (whole ? 0 : last->time);
	e->diagnostic = (enum diagnostic)read_number(c, DIAGNOSTICS - 1);
	e->cseq = (uint32_t)read_number(c, UINT32_MAX);
}

size_t
trail_read(struct span buf, const struct journal_entry *last, struct text *out,
    struct journal_entry *entry)
{
	static const struct journal_entry nothing;
	struct journal_entry e = nothing;
	struct cursor c = { span_from(buf, 2), false };
	unsigned what, flags;
	size_t i;

	if (buf.n < 2)
		return 0;
	what = (unsigned char)buf.p[0];
	flags = (unsigned char)buf.p[1];
	if (flags & WHOLE || last == NULL)
		last = &nothing;
	e.kind = (enum journal_kind)(what & ((1 << KIND_BITS) - 1));
	e.leg = (enum journal_leg)(what >> KIND_BITS & ((1 << LEG_BITS) - 1));
	e.stage = (enum journal_stage)(what >> (KIND_BITS + LEG_BITS));
	read_head(&c, flags, last, &e);
	for (i = 0; i < JOURNAL_TEXTS && !c.broken; i++)
		e.text[i] = flags >> i & 1
				? copy_text(&c, last->text[i], out)
				: read_text(&c,
				      written_against(last, &e, i), out);
	if (c.broken || e.kind > JOURNAL_SYSTEM || e.stage > STAGE_CORE)
		return 0;
	*entry = e;
	return buf.n - c.rest.n;
}
