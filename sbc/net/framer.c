#include "net/framer.h"

#include <ctype.h>
#include <stdlib.h>

#define KEEP_MAX 4096

enum { LENGTH_NONE = -1, LENGTH_BAD = -2 };

void
framer_fini(struct framer *framer)
{
	free(framer->buf);
	*framer = (struct framer){ 0 };
}

void
framer_rest(struct framer *framer)
{
	if (framer->start < framer->end)
		return;
	framer->start = framer->end = framer->scanned = 0;
	if (framer->cap <= KEEP_MAX)
		return;
	free(framer->buf);
	framer->buf = NULL;
	framer->cap = 0;
}

/* What is read already makes room before memory is asked for. */
static void
compact(struct framer *framer)
{
	if (framer->start == 0)
		return;
	memmove(framer->buf, framer->buf + framer->start,
	    framer->end - framer->start);
	framer->end -= framer->start;
	framer->scanned -= framer->start;
	framer->start = 0;
}

char *
framer_reserve(struct framer *framer, size_t n)
{
	size_t cap = framer->cap == 0 ? KEEP_MAX : framer->cap;
	char *buf;

	if (framer->cap - framer->end >= n)
		return framer->buf + framer->end;
	if (framer->buf != NULL)
		compact(framer);
	while (cap - framer->end < n)
		cap *= 2;
	if (cap > framer->cap) {
		buf = realloc(framer->buf, cap);
		if (buf == NULL)
			return NULL;
		framer->buf = buf;
		framer->cap = cap;
	}
	return framer->buf + framer->end;
}

void
framer_commit(struct framer *framer, size_t n)
{
	framer->end += n;
}

bool
framer_add(struct framer *framer, struct span bytes)
{
	char *room = framer_reserve(framer, bytes.n);

	if (room == NULL)
		return false;
	if (bytes.n > 0)
		memcpy(room, bytes.p, bytes.n);
	framer_commit(framer, bytes.n);
	return true;
}

static enum framer_result
give_up(struct framer *framer, enum framer_result result)
{
	framer->broken = true;
	return result;
}

static bool
begins_message(char c)
{
	return isalnum((unsigned char)c) ||
	    (c != '\0' && strchr("-.!%*_+`'~", c) != NULL);
}

/* Takes the line ends before a message. FRAMER_MESSAGE: one begins here. */
static enum framer_result
skip_line_ends(struct framer *framer)
{
	while (framer->start < framer->end) {
		const char *p = framer->buf + framer->start;
		size_t n = *p == '\r' ? 2 : 1;

		if (*p != '\r' && *p != '\n')
			break;
		if (framer->end - framer->start < n)
			return FRAMER_MORE;
		if (p[n - 1] != '\n')
			return give_up(framer, FRAMER_BROKEN);
		framer->start += n;
		framer->scanned = framer->start;
		if (++framer->line_ends == 2) {
			framer->line_ends = 0;
			return FRAMER_PING;
		}
	}
	if (framer->start == framer->end)
		return FRAMER_MORE;
	framer->line_ends = 0;
	if (!begins_message(framer->buf[framer->start]))
		return give_up(framer, FRAMER_BROKEN);
	return FRAMER_MESSAGE;
}

/* Length of an empty line at `p`; 0: none, -1: more bytes must tell. */
static int
empty_line(const char *p, const char *end)
{
	if (p == end)
		return -1;
	if (*p == '\n')
		return 1;
	if (*p != '\r')
		return 0;
	if (p + 1 == end)
		return -1;
	return p[1] == '\n' ? 2 : 0;
}

/* Finds the end of the head; 0 while it is not there. Each byte is looked at
 * once, however small the pieces. */
static size_t
find_head_end(struct framer *framer)
{
	const char *end = framer->buf + framer->end;

	while (framer->scanned < framer->end) {
		const char *at = framer->buf + framer->scanned;
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		int n;

		if (lf == NULL)
			break;
		n = empty_line(lf + 1, end);
		if (n > 0)
			return (size_t)(lf + 1 + n - framer->buf);
		framer->scanned = (size_t)(lf - framer->buf);
		if (n < 0)
			return 0;
		framer->scanned++;
	}
	framer->scanned = framer->end;
	return 0;
}

/* One header field with its folded lines; empty at the end of the head. */
static struct span
next_field(struct span *rest)
{
	struct span all = *rest;
	size_t n = 0;

	while (n < all.n) {
		ptrdiff_t lf = span_find(span_from(all, n), '\n');

		n = lf < 0 ? all.n : n + (size_t)lf + 1;
		if (n < all.n && all.p[n] != ' ' && all.p[n] != '\t')
			break;
	}
	*rest = span_from(all, n);
	return span_make(all.p, n);
}

static bool
names_length(struct span name)
{
	return span_ieq(name, SPAN("Content-Length")) ||
	    span_ieq(name, SPAN("l"));
}

/* The Content-Length of a head, or LENGTH_NONE or LENGTH_BAD. */
static long
find_length(struct span head)
{
	long length = LENGTH_NONE;
	struct span rest = head;

	next_field(&rest); /* the start line */
	while (rest.n > 0) {
		struct span value, name = span_cut(next_field(&rest), ':',
		    &value);
		uint32_t n;

		if (!names_length(span_trim(name)))
			continue;
		if (!span_to_u32(span_trim(value), INT32_MAX, &n))
			return LENGTH_BAD;
		if (length >= 0 && length != (long)n)
			return LENGTH_BAD;
		length = (long)n;
	}
	return length;
}

/* The head is whole: how much belongs to the message? */
static enum framer_result
measure(struct framer *framer, size_t head_end, struct span *head)
{
	long length;

	*head = span_make(
	    framer->buf + framer->start, head_end - framer->start);
	if (head->n > FRAMER_HEAD_MAX)
		return give_up(framer, FRAMER_BROKEN);
	length = find_length(*head);
	if (length == LENGTH_NONE)
		return give_up(framer, FRAMER_NO_LENGTH);
	if (length == LENGTH_BAD)
		return give_up(framer, FRAMER_BAD_LENGTH);
	if ((size_t)length > FRAMER_MESSAGE_MAX - head->n)
		return give_up(framer, FRAMER_TOO_LARGE);
	framer->need = head->n + (size_t)length;
	return FRAMER_MESSAGE;
}

enum framer_result
framer_next(struct framer *framer, struct span *message)
{
	enum framer_result result;
	size_t head_end;

	if (framer->broken)
		return FRAMER_BROKEN;
	if (framer->need == 0) {
		result = skip_line_ends(framer);
		if (result != FRAMER_MESSAGE)
			return result;
		head_end = find_head_end(framer);
		if (head_end == 0 &&
		    framer->end - framer->start > FRAMER_HEAD_MAX)
			return give_up(framer, FRAMER_BROKEN);
		if (head_end == 0)
			return FRAMER_MORE;
		result = measure(framer, head_end, message);
		if (result != FRAMER_MESSAGE)
			return result;
	}
	if (framer->end - framer->start < framer->need)
		return FRAMER_MORE;
	*message = span_make(framer->buf + framer->start, framer->need);
	framer->start += framer->need;
	framer->scanned = framer->start;
	framer->need = 0;
	return FRAMER_MESSAGE;
}
