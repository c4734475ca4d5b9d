#include "sip/nameaddr.h"

#include "sip/chars.h"

/* The '<' that begins the URI, NULL for a bare addr-spec. A ';' before it makes
 * what follows a parameter. */
static const char *
find_bracket(struct span s, unsigned *defects)
{
	const char *p = s.p, *end = span_end(s);

	while (p < end && *p != '<' && *p != ';') {
		const char *behind =
		    *p == '"' ? sip_skip_quoted(p, end) : p + 1;

		if (behind == NULL) {
			/* A quote without its pair hides no URI. */
			*defects |= NAMEADDR_UNBALANCED;
			return memchr(p, '<', (size_t)(end - p));
		}
		p = behind;
	}
	return p < end && *p == '<' ? p : NULL;
}

/* Reads what stands in the brackets; returns what is behind them. */
static struct span
take_brackets(struct nameaddr *out, const char *open)
{
	const char *end = span_end(out->whole);
	const char *close = memchr(open, '>', (size_t)(end - open));

	out->brackets = true;
	out->display = sip_trim(span_between(out->whole.p, open));
	if (close == NULL) {
		out->defects |= NAMEADDR_UNBALANCED;
		out->uri_text = sip_trim(span_between(open + 1, end));
		return span_make(end, 0);
	}
	out->uri_text = sip_trim(span_between(open + 1, close));
	return span_between(close + 1, end);
}

static size_t
bare_end(struct span s, size_t from)
{
	size_t n = from;

	while (n < s.n && s.p[n] != ';' && s.p[n] != ',')
		n++;
	return n;
}

/* Without its context a local number is another number: no header has these
 * parameters of RFC 3966. */
static bool
is_of_number(struct span param)
{
	return span_istarts(param, SPAN(";phone-context=")) ||
	       span_istarts(param, SPAN(";ext=")) ||
	       span_istarts(param, SPAN(";isub="));
}

/* Cuts a bare addr-spec; returns what is behind it. */
static struct span
take_addr_spec(struct nameaddr *out)
{
	struct span s = out->whole;
	size_t n = bare_end(s, 0);

	if (n < s.n && s.p[n] == ';' && span_istarts(s, SPAN("tel:"))) {
		while (is_of_number(span_from(s, n)))
			n = bare_end(s, n + 1);
	}
	out->uri_text = sip_trim(span_make(s.p, n));
	if (span_find(out->uri_text, '>') >= 0)
		out->defects |= NAMEADDR_UNBALANCED;
	return span_from(s, n);
}

static bool
quotes_balanced(struct span s)
{
	ptrdiff_t at;

	while ((at = span_find(s, '"')) >= 0) {
		const char *behind = sip_skip_quoted(s.p + at, span_end(s));

		if (behind == NULL)
			return false;
		s = span_between(behind, span_end(s));
	}
	return true;
}

/* The header's parameters: from the first ';' on, whatever is before it. */
static void
take_params(struct nameaddr *out, struct span rest)
{
	rest = sip_trim(rest);
	if (rest.n > 0 && rest.p[0] != ';' && rest.p[0] != ',')
		out->defects |= NAMEADDR_BAD_BYTES;
	while (rest.n > 0 && rest.p[0] != ';' && rest.p[0] != ',')
		rest = span_from(rest, 1);
	out->params = span_make(rest.p, 0);
	if (rest.n == 0 || rest.p[0] == ',')
		return;
	out->params = rest;
	if (!quotes_balanced(rest))
		out->defects |= NAMEADDR_UNBALANCED;
}

/* ";;", or a ';' at the end: blanks between are none. */
static bool
seems_empty_param(struct span params)
{
	const char *p = params.p, *end = span_end(params);

	while (p < end && (p = memchr(p, ';', (size_t)(end - p))) != NULL) {
		for (p++; p < end && sip_char_is(*p, CHAR_BLANK); p++)
			;
		if (p == end || *p == ';')
			return true;
	}
	return false;
}

/* The same outside quotes. */
static bool
has_empty_param(struct span params)
{
	bool empty = false, quoted = false;
	size_t i;

	if (!seems_empty_param(params))
		return false;
	for (i = 0; i < params.n; i++) {
		char c = params.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ';' && empty && !quoted)
			return true;
		empty = c == ';' || (empty && sip_char_is(c, CHAR_BLANK));
	}
	return empty && !quoted;
}

/* Control bytes that are neither of a fold nor escaped in a quoted string. */
static bool
has_bad_bytes(struct span display)
{
	bool quoted = display.n > 0 && display.p[0] == '"';
	size_t i;

	if (span_is_plain(display))
		return false;
	for (i = 0; i < display.n; i++) {
		unsigned char c = (unsigned char)display.p[i];

		if (quoted && c == '\\')
			i++;
		else if ((c < 0x20 && !sip_char_is((char)c, CHAR_BLANK)) ||
			 c == 0x7f)
			return true;
	}
	return false;
}

static unsigned
uri_defects(struct span text, struct sip_uri *uri)
{
	unsigned defects = 0;

	if (text.n == 0)
		return NAMEADDR_EMPTY_URI;
	if (!sip_uri_parse(text, uri)) {
		if (uri->scheme_name.n == 0)
			return NAMEADDR_NO_SCHEME;
		return uri->host.n == 0 ? NAMEADDR_NO_HOST : NAMEADDR_BAD_BYTES;
	}
	if (has_empty_param(uri->params))
		defects |= NAMEADDR_EMPTY_PARAM;
	if (!sip_uri_sound(uri))
		defects |= NAMEADDR_BAD_BYTES;
	return defects;
}

void
nameaddr_split(struct span value, struct nameaddr *out)
{
	const char *open;

	out->whole = sip_trim(value);
	out->display = span_make(out->whole.p, 0);
	out->brackets = false;
	out->uri_text = SPAN_NONE;
	sip_uri_clear(&out->uri);
	out->params = SPAN_NONE;
	out->defects = 0;
	open = find_bracket(out->whole, &out->defects);
	take_params(
	    out, open != NULL ? take_brackets(out, open) : take_addr_spec(out));
}

void
nameaddr_parse(struct span value, struct nameaddr *out)
{
	nameaddr_split(value, out);
	out->defects |= uri_defects(out->uri_text, &out->uri);
	if (has_empty_param(out->params))
		out->defects |= NAMEADDR_EMPTY_PARAM;
	if (has_bad_bytes(out->display))
		out->defects |= NAMEADDR_BAD_BYTES;
}

/* Where values lie tells them apart; what they were
 * tells whether they still are. */
const struct nameaddr *
nameaddr_recall(struct nameaddr_memo *memo, struct span value)
{
	uint64_t hash = (uintptr_t)value.p * UINT64_C(0x9e3779b97f4a7c15);
	unsigned i = (unsigned)(hash >> 32) % NAMEADDR_MEMO, bit = 1u << i;

	if ((memo->known & bit) && memo->slot[i].p == value.p &&
	    memo->slot[i].n == value.n && value.n > 0 &&
	    memcmp(memo->slot[i].text, value.p, value.n) == 0)
		return &memo->slot[i].na;
	nameaddr_parse(value, &memo->slot[i].na);
	memo->known &= ~bit;
	if (value.n > NAMEADDR_MEMO_TEXT || value.n == 0)
		return &memo->slot[i].na;
	memo->known |= bit;
	memo->slot[i].p = value.p;
	memo->slot[i].n = value.n;
	memcpy(memo->slot[i].text, value.p, value.n);
	return &memo->slot[i].na;
}

/* Does a display name end where it seems to? One with a backslash, or a ';', is
 * read byte by byte. */
static bool
is_simple_display(struct span s)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' || s.p[i] == ';')
			return false;
		quoted ^= s.p[i] == '"';
	}
	return !quoted;
}

/* What nearly all values are: display, <URI>, parameters without quotes. False:
 * this one is not, or may not be. */
static bool
cut_simple(struct span value, struct span *params)
{
	ptrdiff_t open = span_find(value, '<'), close;
	struct span rest;

	if (open < 0 || !is_simple_display(span_make(value.p, (size_t)open)))
		return false;
	rest = span_from(value, (size_t)open);
	close = span_find(rest, '>');
	if (close < 0)
		return false;
	rest = span_from(rest, (size_t)close + 1);
	if (rest.n > 0 && (rest.p[0] != ';' || span_find(rest, '"') >= 0))
		return false;
	*params = rest;
	return true;
}

bool
nameaddr_cut(struct span value, struct span *params)
{
	struct nameaddr na;

	value = sip_trim(value);
	if (cut_simple(value, params))
		return true;
	nameaddr_split(value, &na);
	*params = na.params;
	return (na.defects & NAMEADDR_UNBALANCED) == 0;
}

/* True when `s` is one quoted string and nothing else. */
static bool
is_quoted(struct span s)
{
	return s.n >= 2 && s.p[0] == '"' &&
	       sip_skip_quoted(s.p, span_end(s)) == span_end(s);
}

static bool
is_plain_text(struct span s)
{
	size_t i;

	for (i = span_plain(s); i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = text_utf8_length(s.p + i, s.n - i);

		if (c < 0x20 || c == 0x7f || n == 0)
			return false;
		i += n - 1;
	}
	return true;
}

/* Adds one character of a quoted string; returns how many bytes it took. */
static size_t
add_character(struct text *t, struct span rest)
{
	unsigned char c = (unsigned char)rest.p[0];
	size_t n = text_utf8_length(rest.p, rest.n);

	if (sip_char_is((char)c, CHAR_BLANK)) {
		struct span behind = rest;

		sip_skip_blanks(&behind);
		text_add_char(t, ' ');
		return c == ' ' ? 1 : (size_t)(behind.p - rest.p);
	}
	if (n == 0 || c < 0x20 || c == 0x7f)
		return 1;
	if (c == '"' || c == '\\')
		text_add_char(t, '\\');
	text_add(t, span_make(rest.p, n));
	return n;
}

static void
add_requoted(struct text *t, struct span s)
{
	bool quoted = s.n > 0 && s.p[0] == '"';

	if (is_quoted(s))
		s.n--;
	if (quoted)
		s = span_from(s, 1);
	text_add_char(t, '"');
	while (s.n > 0) {
		if (quoted && s.p[0] == '\\' && s.n > 1)
			s = span_from(s, 1);
		s = span_from(s, add_character(t, s));
	}
	text_add_char(t, '"');
}

void
nameaddr_add_display(struct text *t, struct span display)
{
	struct span rest;
	bool tokens = true;

	display = sip_trim(display);
	if (display.n == 0)
		return;
	for (rest = display; rest.n > 0 && tokens; rest = span_from(rest, 1))
		tokens = rest.p[0] == ' ' || sip_char_is(rest.p[0], CHAR_TOKEN);
	if (tokens || (is_quoted(display) && is_plain_text(display)))
		text_add(t, display);
	else
		add_requoted(t, display);
}
