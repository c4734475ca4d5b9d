#include "base/span.h"

#include <endian.h>
#include <stdlib.h>

/* Not strncasecmp(): a NUL ends nothing here, and no locale has a say. */
static bool
same_letter(char a, char b)
{
	unsigned char x = (unsigned char)a, y = (unsigned char)b;
	unsigned char letter = x | 0x20;

	return x == y ||
	    ((x ^ y) == 0x20 && letter >= 'a' && letter <= 'z');
}

bool
span_same_letters(const char *a, const char *b, size_t n)
{
	size_t i;

	/* Most are written as everybody writes them. */
	if (n >= 8 && a[0] == b[0] && memcmp(a, b, n) == 0)
		return true;
	for (i = 0; i < n; i++)
		if (!same_letter(a[i], b[i]))
			return false;
	return true;
}

/* Most words differ in the first letter: then no length is asked for. */
static bool
is_word(struct span s, const char *word)
{
	if (s.n == 0)
		return *word == '\0';
	return same_letter(s.p[0], *word) && span_ieq(s, span_of(word));
}

size_t
span_iword(struct span s, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_word(s, words[i]))
			break;
	return i;
}

bool
span_istarts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && span_ieq(span_make(s.p, prefix.n), prefix);
}

bool
span_iends(struct span s, struct span suffix)
{
	return s.n >= suffix.n &&
	       span_ieq(span_from(s, s.n - suffix.n), suffix);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span
span_trim(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

ptrdiff_t
span_find_span(struct span s, struct span needle)
{
	const char *at;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return -1;
	at = memmem(s.p, s.n, needle.p, needle.n);
	return at == NULL ? -1 : at - s.p;
}

typedef uint8_t eight_bytes __attribute__((vector_size(8)));
typedef uint8_t sixteen_bytes __attribute__((vector_size(16)));

/* Each byte of `good` is all ones, or it is zero. */
static inline size_t
good_bytes(uint64_t good)
{
	return (size_t)__builtin_ctzll(~le64toh(good)) / 8;
}

/* How many of eight, or sixteen, bytes are plain before the first that is
 * not. */
static inline size_t
plain_of_eight(const char *p)
{
	eight_bytes v;
	uint64_t good;

	memcpy(&v, p, sizeof(v));
	v = (eight_bytes)(v - ' ' < 0x7f - ' ');
	memcpy(&good, &v, sizeof(good));
	return good == UINT64_MAX ? 8 : good_bytes(good);
}

static inline size_t
plain_of_sixteen(const char *p)
{
	sixteen_bytes v;
	uint64_t good[2];

	memcpy(&v, p, sizeof(v));
	v = (sixteen_bytes)(v - ' ' < 0x7f - ' ');
	memcpy(good, &v, sizeof(good));
	if ((good[0] & good[1]) == UINT64_MAX)
		return 16;
	return good[0] != UINT64_MAX ? good_bytes(good[0])
				     : 8 + good_bytes(good[1]);
}

size_t
span_plain(struct span s)
{
	size_t i = 0, n;

	for (; i + 16 <= s.n; i += 16) {
		n = plain_of_sixteen(s.p + i);
		if (n < 16)
			return i + n;
	}
	/* The last ones once more, from where they are whole. */
	if (s.n >= 16)
		return s.n - 16 + plain_of_sixteen(s.p + s.n - 16);
	if (s.n >= 8) {
		n = plain_of_eight(s.p);
		return n < 8 ? n : s.n - 8 + plain_of_eight(s.p + s.n - 8);
	}
	while (i < s.n && s.p[i] >= ' ' && s.p[i] < 0x7f)
		i++;
	return i;
}

bool
span_to_u64(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (s.n == 0)
		return false;
	for (i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || v > (max - digit) / 10 || digit > max)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}

bool
span_to_u32(struct span s, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (s.n == 0)
		return false;
	for (i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		v = v * 10 + digit;
		if (digit > 9 || v > max)
			return false;
	}
	*out = (uint32_t)v;
	return true;
}

const int8_t span_hex_values[256] = {
	[0 ... '0' - 1] = -1,
	['0'] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
	['9' + 1 ... 'A' - 1] = -1,
	['A'] = 10, 11, 12, 13, 14, 15,
	['F' + 1 ... 'a' - 1] = -1,
	['a'] = 10, 11, 12, 13, 14, 15,
	['f' + 1 ... 255] = -1,
};

bool
span_to_hex64(struct span s, uint64_t *out)
{
	uint64_t v = 0;
	int all = 0; /* negative once one digit is none */
	size_t i;

	if (s.n == 0 || s.n > 16)
		return false;
	for (i = 0; i < s.n; i++) {
		int digit = span_hex_digit(s.p[i]);

		all |= digit;
		v = v << 4 | (unsigned)(digit & 15);
	}
	if (all < 0)
		return false;
	*out = v;
	return true;
}

char *
span_dup(struct span s)
{
	char *copy = malloc(s.n + 1);

	if (copy == NULL)
		return NULL;
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

struct span
span_copy(struct span s)
{
	char *p = s.n == 0 ? NULL : malloc(s.n);

	if (p == NULL)
		return SPAN_NONE;
	memcpy(p, s.p, s.n);
	return span_make(p, s.n);
}

void
span_free(struct span *s)
{
	free((char *)s->p);
	*s = SPAN_NONE;
}

bool
span_imatch(struct span s, struct span pattern)
{
	size_t i = 0, k = 0, mark = 0, star = SIZE_MAX;

	/* On a mismatch the last '*' takes one byte more; no recursion. */
	while (i < s.n) {
		if (k < pattern.n && pattern.p[k] == '*') {
			star = k++;
			mark = i;
		} else if (k < pattern.n &&
		    same_letter(s.p[i], pattern.p[k])) {
			i++;
			k++;
		} else if (star != SIZE_MAX) {
			k = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (k < pattern.n && pattern.p[k] == '*')
		k++;
	return k == pattern.n;
}
