/*
 * chars.h - which bytes may stand where (RFC 3261 section 25.1, RFC 3966)
 */

#ifndef CORDON_SIP_CHARS_H
#define CORDON_SIP_CHARS_H

#include "base/span.h"

enum sip_char {
	CHAR_TOKEN = 1,
	CHAR_UNRESERVED = 2,
	CHAR_USER = 4,      /* user-unreserved */
	CHAR_PASSWORD = 8,  /* what a password may hold beside unreserved */
	CHAR_PARAM = 16,    /* param-unreserved */
	CHAR_HEADER = 32,   /* hnv-unreserved */
	CHAR_RESERVED = 64, /* RFC 2396: never the same as its escape */
	CHAR_DIGIT = 128,
	CHAR_ALPHA = 256,
	CHAR_HEX = 512,
	CHAR_VISUAL = 1024, /* visual separators of a telephone number */
	CHAR_BLANK = 2048,  /* SP, HTAB, and CR, LF of a fold */
	CHAR_OPAQUE = 4096, /* a tag, a branch: visible and no delimiter */
	CHAR_GRAPH = 8192,  /* visible ASCII */
	CHAR_SOUND = 16384, /* the same without quotes and angle brackets */
	CHAR_HOST_END = 32768 /* ends the host of a URI */
};

extern const uint16_t sip_chars[256];

static inline bool
sip_char_is(char c, unsigned classes)
{
	return (sip_chars[(unsigned char)c] & classes) != 0;
}

/* Length of the run of bytes of those classes that `s` begins with. */
size_t sip_run(struct span s, unsigned classes);

/* True when every byte is of one of the classes; for an empty span too. */
static inline bool
sip_all(struct span s, unsigned classes)
{
	return sip_run(s, classes) == s.n;
}

/* sip_all() of CHAR_SOUND, which whole URIs are looked at for. */
bool sip_all_sound(struct span s);

/* The same, where "%HH" stands for any byte. */
bool sip_all_escaped(struct span s, unsigned classes);

/* The value of two hexadecimal digits at `p`, -1 when they are none. */
int sip_hex_pair(const char *p);

/* Behind the quoted string that begins at `p`; NULL when it has no end. */
const char *sip_skip_quoted(const char *p, const char *end);

/* span_trim(), in place of a call. */
static inline struct span
sip_trim(struct span s)
{
	while (s.n > 0 && sip_char_is(s.p[0], CHAR_BLANK)) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && sip_char_is(s.p[s.n - 1], CHAR_BLANK))
		s.n--;
	return s;
}

/* Takes blanks off the front. */
static inline void
sip_skip_blanks(struct span *s)
{
	while (s->n > 0 && sip_char_is(s->p[0], CHAR_BLANK)) {
		s->p++;
		s->n--;
	}
}

/* Takes the longest run of bytes of those classes off the front. */
static inline struct span
sip_take(struct span *s, unsigned classes)
{
	struct span taken = span_make(s->p, sip_run(*s, classes));

	*s = span_between(span_end(taken), span_end(*s));
	return taken;
}

/* Takes `c` and the blanks around it off the front; false without it. */
static inline bool
sip_take_char(struct span *s, char c)
{
	sip_skip_blanks(s);
	if (s->n == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	sip_skip_blanks(s);
	return true;
}

#endif
