#include "sip/chars.h"

#define SOUND  (CHAR_GRAPH | CHAR_SOUND)
#define GRAPH  (SOUND | CHAR_OPAQUE)
#define MARK   (GRAPH | CHAR_UNRESERVED)
#define LETTER (MARK | CHAR_TOKEN | CHAR_ALPHA)

const uint16_t sip_chars[256] = {
	['\t'] = CHAR_BLANK,
	['\n'] = CHAR_BLANK,
	['\r'] = CHAR_BLANK,
	[' '] = CHAR_BLANK,
	['0' ... '9'] = MARK | CHAR_TOKEN | CHAR_DIGIT | CHAR_HEX,
	['A' ... 'F'] = LETTER | CHAR_HEX,
	['G' ... 'Z'] = LETTER,
	['a' ... 'f'] = LETTER | CHAR_HEX,
	['g' ... 'z'] = LETTER,
	['-'] = MARK | CHAR_TOKEN | CHAR_VISUAL,
	['.'] = MARK | CHAR_TOKEN | CHAR_VISUAL,
	['_'] = MARK | CHAR_TOKEN,
	['!'] = MARK | CHAR_TOKEN,
	['~'] = MARK | CHAR_TOKEN,
	['*'] = MARK | CHAR_TOKEN,
	['\''] = MARK | CHAR_TOKEN,
	['('] = MARK | CHAR_VISUAL,
	[')'] = MARK | CHAR_VISUAL,
	['%'] = GRAPH | CHAR_TOKEN,
	['`'] = GRAPH | CHAR_TOKEN,
	['+'] = GRAPH | CHAR_TOKEN | CHAR_RESERVED | CHAR_USER | CHAR_PASSWORD |
		CHAR_PARAM | CHAR_HEADER,
	['&'] = GRAPH | CHAR_RESERVED | CHAR_USER | CHAR_PASSWORD | CHAR_PARAM,
	['='] = GRAPH | CHAR_RESERVED | CHAR_USER | CHAR_PASSWORD,
	['$'] = GRAPH | CHAR_RESERVED | CHAR_USER | CHAR_PASSWORD | CHAR_PARAM |
		CHAR_HEADER,
	[','] = SOUND | CHAR_RESERVED | CHAR_USER | CHAR_PASSWORD,
	[';'] = SOUND | CHAR_HOST_END | CHAR_RESERVED | CHAR_USER,
	['?'] = GRAPH | CHAR_RESERVED | CHAR_USER | CHAR_HEADER |
		CHAR_HOST_END,
	['/'] = GRAPH | CHAR_RESERVED | CHAR_USER | CHAR_PARAM | CHAR_HEADER,
	[':'] = GRAPH | CHAR_RESERVED | CHAR_PARAM | CHAR_HEADER |
		CHAR_HOST_END,
	['@'] = GRAPH | CHAR_RESERVED,
	['['] = GRAPH | CHAR_PARAM | CHAR_HEADER,
	[']'] = GRAPH | CHAR_PARAM | CHAR_HEADER,
	['#'] = GRAPH,
	['\\'] = GRAPH,
	['^'] = GRAPH,
	['{'] = GRAPH,
	['|'] = GRAPH,
	['}'] = GRAPH,
	['"'] = CHAR_GRAPH,
	['<'] = CHAR_GRAPH,
	['>'] = CHAR_GRAPH,
};

/* Four bytes at a time that have a class in common. */
static size_t
run_of_one(struct span s, unsigned class)
{
	const unsigned char *c = (const unsigned char *)s.p;
	size_t n = 0;

	while (n + 4 <= s.n &&
	    (sip_chars[c[n]] & sip_chars[c[n + 1]] & sip_chars[c[n + 2]] &
		sip_chars[c[n + 3]] & class) != 0)
		n += 4;
	return n;
}

size_t
sip_run(struct span s, unsigned classes)
{
	size_t n = (classes & (classes - 1)) == 0 ? run_of_one(s, classes) : 0;

	while (n < s.n && sip_char_is(s.p[n], classes))
		n++;
	return n;
}

typedef uint8_t sixteen_bytes __attribute__((vector_size(16)));

static inline bool
sixteen_are_sound(const char *p)
{
	sixteen_bytes v;
	uint64_t sound[2];

	memcpy(&v, p, sizeof(v));
	v = (sixteen_bytes)((v - 0x21 < 0x7f - 0x21) & (v != '"') &
	    (v != '<') & (v != '>'));
	memcpy(sound, &v, sizeof(sound));
	return (sound[0] & sound[1]) == UINT64_MAX;
}

bool
sip_all_sound(struct span s)
{
	size_t i;

	if (s.n < 16)
		return sip_all(s, CHAR_SOUND);
	for (i = 0; i + 16 <= s.n; i += 16) {
		if (!sixteen_are_sound(s.p + i))
			return false;
	}
	/* The last ones once more, from where they are whole. */
	return sixteen_are_sound(s.p + s.n - 16);
}

int
sip_hex_pair(const char *p)
{
	int high = span_hex_digit(p[0]), low = span_hex_digit(p[1]);

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool
sip_all_escaped(struct span s, unsigned classes)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '%') {
			if (s.n - i < 3 || sip_hex_pair(s.p + i + 1) < 0)
				return false;
			i += 2;
		} else if (!sip_char_is(s.p[i], classes)) {
			return false;
		}
	}
	return true;
}

const char *
sip_skip_quoted(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && p + 1 < end)
			p++;
	}
	return NULL;
}
