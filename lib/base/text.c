#include "base/text.h"

#include <stdio.h>

void
text_add_str(struct text *t, const char *s)
{
	text_add(t, span_of(s));
}

void
text_add_u64(struct text *t, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	text_add(t, span_make(digits + at, sizeof(digits) - at));
}

void
text_add_hex64(struct text *t, uint64_t v)
{
	static const char hex[] = "0123456789abcdef";
	char out[16];
	int i;

	for (i = 15; i >= 0; i--, v >>= 4)
		out[i] = hex[v & 15];
	text_add(t, span_make(out, sizeof(out)));
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

void
text_add_json(struct text *t, struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	while (i < s.n) {
		size_t from = i, n;

		while (i < s.n && json_plain(p[i]))
			i++;
		text_add(t, span_make(s.p + from, i - from));
		if (i == s.n)
			return;
		n = p[i] < 0x80 ? 0 : text_utf8_length(s.p + i, s.n - i);
		if (n == 0)
			add_json_escape(t, p[i++]);
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
