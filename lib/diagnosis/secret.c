#include "diagnosis/secret.h"

#include <string.h>

#include "base/container.h"

/* Names of headers, and of parts of the SDP, whose whole value is a secret. */
static bool
is_secret_name(struct span name)
{
	static const char *const names[] = { "Authorization",
		"Proxy-Authorization", "WWW-Authenticate", "Proxy-Authenticate",
		"Authentication-Info", "Proxy-Authentication-Info", "crypto" };

	return span_iword(name, names, ARRAY_LEN(names)) < ARRAY_LEN(names);
}

/* A target is a path: "Authorization[0]", "header.Authorization.response". */
bool
secret_is_target(struct span target)
{
	struct span rest = target;

	while (!span_empty(rest)) {
		struct span index, part = span_cut(rest, '.', &rest);

		if (is_secret_name(span_trim(span_cut(part, '[', &index))))
			return true;
	}
	return false;
}

bool
secret_is_credentials(struct span value)
{
	char first;

	while (value.n > 0 && (unsigned char)value.p[0] <= ' ')
		value = span_from(value, 1);
	first = value.n == 0 ? '\0' : (char)(value.p[0] | 0x20);
	if (first != 'd' && first != 'b')
		return false;
	return span_istarts(value, SPAN("Digest ")) ||
	       span_istarts(value, SPAN("Basic ")) ||
	       span_istarts(value, SPAN("Bearer "));
}

/* What stands before a colon when a secret stands behind it. */
struct secret_mark {
	struct span name;
	bool whole_line; /* else up to the end of the word */
};

/* How any of them ends: most colons are told apart by it. */
static bool
ends_mark(char c)
{
	switch (c | 0x20) {
	case 'e':
	case 'r':
	case '4':
	case 'i':
	case 'n':
	case 'o':
		return true;
	default:
		return false;
	}
}

static const struct secret_mark *
find_mark(struct span before_colon)
{
	static const struct secret_mark marks[] = {
		{ { "inline", 6 }, false },
		{ { "k=clear", 7 }, false },
		{ { "k=base64", 8 }, false },
		{ { "k=uri", 5 }, true },
		{ { "authorization", 13 }, true },
		{ { "authenticate", 12 }, true },
		{ { "authentication-info", 19 }, true },
	};
	struct span s = before_colon;
	size_t i;

	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	if (s.n == 0 || !ends_mark(s.p[s.n - 1]))
		return NULL;
	for (i = 0; i < ARRAY_LEN(marks); i++)
		if (span_iends(s, marks[i].name))
			return &marks[i];
	return NULL;
}

static size_t
secret_length(struct span s, const struct secret_mark *mark)
{
	size_t i = 0;

	if (mark->whole_line) {
		while (i < s.n && s.p[i] != '\r' && s.p[i] != '\n')
			i++;
		return i;
	}
	/* A blank between the mark and the secret belongs to the secret. */
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	while (i < s.n && memchr(" \t\r\n|;\"", s.p[i], 7) == NULL)
		i++;
	return i;
}

/* What may not stand in a URI. */
static bool
ends_word(char c)
{
	return (unsigned char)c <= ' ' || c == '<' || c == '>' || c == '"';
}

static bool
is_scheme(struct span before_colon)
{
	return span_iends(before_colon, SPAN("sip")) ||
	       span_iends(before_colon, SPAN("sips"));
}

/* Of "sip:user:password", which ends here, what is behind the user. */
static struct span
password_of(struct span s)
{
	size_t n, from = 0;

	for (n = s.n; n > 0 && !ends_word(s.p[n - 1]); n--) {
		if (s.p[n - 1] != ':')
			continue;
		if (is_scheme(span_make(s.p, n - 1)))
			return from > 0 ? span_from(s, from) : SPAN_NONE;
		from = n;
	}
	return SPAN_NONE;
}

struct span
secret_password_next(struct span *rest, bool open)
{
	const char *end = span_end(*rest);

	while (rest->n > 0) {
		struct span before = span_cut(*rest, '@', rest), password;

		if (span_end(before) == end && !open)
			break;
		password = password_of(before);
		if (password.n == 0)
			continue;
		*rest = span_between(span_end(password), end);
		return password;
	}
	*rest = SPAN_NONE;
	return SPAN_NONE;
}

static struct span
cut_before_mark(struct span *rest, bool *secret)
{
	struct span s = *rest, behind = s;
	const struct secret_mark *mark;
	ptrdiff_t at;

	*secret = false;
	while ((at = span_find(behind, ':')) >= 0) {
		behind = span_from(behind, (size_t)at + 1);
		mark = find_mark(span_between(s.p, behind.p - 1));
		if (mark == NULL)
			continue;
		*secret = true;
		*rest = span_from(behind, secret_length(behind, mark));
		return span_between(s.p, behind.p);
	}
	*rest = SPAN_NONE;
	return s;
}

struct span
secret_cut_shown(struct span *rest, bool open, bool *secret)
{
	struct span s = *rest, behind = s, shown = cut_before_mark(rest, secret);
	struct span password = secret_password_next(&behind, open);

	if (password.n == 0 || password.p >= span_end(shown))
		return shown;
	*secret = true;
	*rest = behind;
	return span_between(s.p, password.p);
}
