#include "base/text.h"

#include <endian.h>
#include <stdio.h>

void
text_add_str(struct text *t, const char *s)
{
	text_add(t, span_of(s));
}

/* Octets, ports, status codes: nearly every number. */
static void
add_short(struct text *t, uint32_t v)
{
	char *p = t->buf + t->len;

	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	t->len = (size_t)(p - t->buf);
}

void
text_add_u64(struct text *t, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint32_t low;

	if (v < 1000 && !t->overflow && t->cap - t->len >= 3) {
		add_short(t, (uint32_t)v);
		return;
	}
	for (; v > UINT32_MAX; v /= 10)
		digits[--at] = (char)('0' + v % 10);
	/* Most numbers are short: narrow divisions are the cheaper ones. */
	for (low = (uint32_t)v; low >= 10; low /= 10)
		digits[--at] = (char)('0' + low % 10);
	digits[--at] = (char)('0' + low);
	text_add(t, span_make(digits + at, sizeof(digits) - at));
}

/* Eight digits: each nibble of `v` in a byte of its own, the highest first. */
static void
write_hex32(char out[static 8], uint32_t v)
{
	uint64_t x = v, letters;

	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x << 4) & SPAN_EACH(0x0f);
	letters = (x + SPAN_EACH(6)) >> 4 & SPAN_EACH(1);
	x = htobe64(x + SPAN_EACH('0') + letters * ('a' - '0' - 10));
	memcpy(out, &x, sizeof(x));
}

void
text_add_hex64(struct text *t, uint64_t v)
{
	if (t->overflow || t->cap - t->len < 16) {
		t->overflow = true;
		return;
	}
	write_hex32(t->buf + t->len, (uint32_t)(v >> 32));
	write_hex32(t->buf + t->len + 8, (uint32_t)v);
	t->len += 16;
}

void
text_vaddf(struct text *t, const char *fmt, va_list ap)
{
	size_t room = t->cap - t->len;
	int n;

	if (t->overflow)
		return;
	n = vsnprintf(room == 0 ? NULL : t->buf + t->len, room, fmt, ap);
	/* vsnprintf needs a byte for its NUL: a text of exactly `room` bytes
	 * counts as an overflow too. */
	if (n < 0 || (size_t)n >= room) {
		t->overflow = true;
		return;
	}
	t->len += (size_t)n;
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(t, fmt, ap);
	va_end(ap);
}

size_t
text_utf8_length(const char *s, size_t left)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > left)
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

static void
add_u00(struct text *t, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char out[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	text_add(t, span_make(out, sizeof(out)));
}

static void
add_json_escape(struct text *t, unsigned char c)
{
	switch (c) {
	case '"':
		TEXT_LIT(t, "\\\"");
		break;
	case '\\':
		TEXT_LIT(t, "\\\\");
		break;
	case '\n':
		TEXT_LIT(t, "\\n");
		break;
	case '\r':
		TEXT_LIT(t, "\\r");
		break;
	case '\t':
		TEXT_LIT(t, "\\t");
		break;
	default:
		add_u00(t, c);
	}
}

static bool
json_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Whether eight bytes all are json_plain(): the top bit of each is made to say
 * so, and none carries into the next. */
static bool
json_plain_word(const char *p)
{
	uint64_t v, low, bad;

	memcpy(&v, p, sizeof(v));
	low = v & SPAN_EACH(0x7f);
	bad = v | ~(low + SPAN_EACH(0x60)) | (low + SPAN_EACH(0x01));
	bad |= ~((low ^ SPAN_EACH('"')) + SPAN_EACH(0x7f));
	bad |= ~((low ^ SPAN_EACH('\\')) + SPAN_EACH(0x7f));
	return (bad & SPAN_EACH(0x80)) == 0;
}

/* The first byte at or behind `i` that cannot stand as it is. */
static size_t
json_run(struct span s, size_t i)
{
	while (i + 8 <= s.n && json_plain_word(s.p + i))
		i += 8;
	/* The last word once more, from where it is whole. */
	if (i + 8 > s.n && s.n >= 8 && json_plain_word(s.p + s.n - 8))
		return s.n;
	while (i < s.n && json_plain((unsigned char)s.p[i]))
		i++;
	return i;
}

/* U+0080 to U+009F: terminals act upon some of them as upon ESC and a
 * letter. */
static bool
is_c1_control(const char *p, size_t n)
{
	return n == 2 && (unsigned char)p[0] == 0xc2 &&
	    (unsigned char)p[1] < 0xa0;
}

void
text_add_json(struct text *t, struct span s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t from = i, n;

		i = json_run(s, i);
		text_add(t, span_make(s.p + from, i - from));
		if (i == s.n)
			return;
		n = text_utf8_length(s.p + i, s.n - i);
		if (n <= 1) {
			add_json_escape(t, (unsigned char)s.p[i++]);
			continue;
		}
		if (is_c1_control(s.p + i, n))
			add_u00(t, (unsigned char)s.p[i + 1]);
		else
			text_add(t, span_make(s.p + i, n));
		i += n;
	}
}

void
text_add_quoted(struct text *t, struct span s)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	text_add_char(t, '"');
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\') {
			text_add_char(t, '\\');
			text_add_char(t, (char)c);
		} else if (c >= 0x20 && c < 0x7f) {
			text_add_char(t, (char)c);
		} else {
			char out[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

			text_add(t, span_make(out, sizeof(out)));
		}
	}
	text_add_char(t, '"');
}

const char *
text_cstr(struct text *t)
{
	if (t->cap == 0)
		return "";
	if (t->len == t->cap) {
		t->len--;
		t->overflow = true;
	}
	t->buf[t->len] = '\0';
	return t->buf;
}
