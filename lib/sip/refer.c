#include "sip/refer.h"

#include "base/container.h"
#include "sip/chars.h"
#include "sip/nameaddr.h"
#include "sip/value.h"

#define NAME_MAX_BYTES 64

static bool
refuse(struct sip_fault *fault, unsigned status, const char *text)
{
	*fault = (struct sip_fault){ status, SIP_REFER_TO, text };
	return false;
}

/* --- escapes --- */

/* Takes the next byte of an escaped text; -1 for a broken escape and for a byte
 * that no header may hold. */
static int
take_byte(struct span *s)
{
	int c = (unsigned char)s->p[0];
	size_t n = 1;

	if (c == '%') {
		if (s->n < 3)
			return -1;
		c = sip_hex_pair(s->p + 1);
		n = 3;
	}
	*s = span_from(*s, n);
	return (c < 0x20 && c != '\t') || c == 0x7f ? -1 : c;
}

static bool
add_unescaped(struct text *out, struct span s)
{
	int c;

	while (s.n > 0) {
		c = take_byte(&s);
		if (c < 0)
			return false;
		text_add_char(out, (char)c);
	}
	return !out->overflow;
}

static bool
is_escaped_well(struct span s)
{
	while (s.n > 0)
		if (take_byte(&s) < 0)
			return false;
	return true;
}

static void
add_escaped(struct text *out, struct span s)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (sip_char_is(s.p[i], CHAR_HEADER | CHAR_UNRESERVED)) {
			text_add_char(out, s.p[i]);
			continue;
		}
		text_add_char(out, '%');
		text_add_char(out, digits[c >> 4]);
		text_add_char(out, digits[c & 15]);
	}
}

void
refer_header_write(
    struct text *out, bool first, struct span name, struct span value)
{
	text_add_char(out, first ? '?' : '&');
	add_escaped(out, name);
	text_add_char(out, '=');
	add_escaped(out, value);
}

/* --- the headers of the URI --- */

/* Cuts the next "name=value" off, still escaped; false at the end, and *name
 * empty when it is none. */
static bool
take_pair(struct span *rest, struct span *name, struct span *value)
{
	struct span pair;

	if (rest->n == 0)
		return false;
	pair = span_cut(*rest, '&', rest);
	*name = span_cut(pair, '=', value);
	if (name->n == pair.n)
		*name = span_make(pair.p, 0);
	return true;
}

/* Takes note of a value that may be there once. */
static bool
note_once(bool *has, struct span *place, struct span value)
{
	if (*has)
		return false;
	*has = true;
	if (place != NULL)
		*place = value;
	return true;
}

static bool
check_header(struct refer_to *to, struct span name, struct span value)
{
	char buf[NAME_MAX_BYTES];
	struct text text = text_over(buf, sizeof(buf));

	if (!add_unescaped(&text, name) || !sip_is_token(text_span(&text)) ||
	    !is_escaped_well(value) || span_ieq(text_span(&text), SPAN("body")))
		return false;
	switch (sip_header_find(text_span(&text))) {
	case SIP_REPLACES:
		return note_once(&to->has_replaces, &to->replaces, value);
	case SIP_REQUIRE:
		return note_once(&to->requires_tags, NULL, value);
	default:
		return true;
	}
}

static bool
check_headers(struct refer_to *to)
{
	struct span rest = to->headers, name, value;
	unsigned n = 0;

	/* A '&' with nothing behind it leaves no trace in `rest`. */
	if (rest.n > 0 && rest.p[rest.n - 1] == '&')
		return false;
	while (take_pair(&rest, &name, &value))
		if (++n > REFER_HEADERS_MAX || !check_header(to, name, value))
			return false;
	return true;
}

bool
refer_header_next(
    struct span *rest, struct text *scratch, struct refer_header *out)
{
	struct span name, value;
	size_t mark = scratch->len, at;

	if (!take_pair(rest, &name, &value) || !add_unescaped(scratch, name))
		return false;
	at = scratch->len;
	if (!add_unescaped(scratch, value))
		return false;
	out->name = span_make(scratch->buf + mark, at - mark);
	out->value = sip_trim(text_since(scratch, at));
	out->id = sip_header_find(out->name);
	return true;
}

/* Names that headers.def does not know, but whose family is none to trust. */
static bool
is_of_refused_family(struct span name)
{
	static const char *const families[] = { "P-", "Content-", "Proxy-",
		"Security-", "Identity", "Authentication", "Authorization",
		"Feature-", "Target-", "Refer-", "Record-", "Service-" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(families); i++)
		if (span_istarts(name, span_of(families[i])))
			return true;
	return false;
}

bool
refer_header_may_pass(struct span name, bool custom)
{
	switch (sip_header_find(name)) {
	case SIP_REFERRED_BY:
	case SIP_SUBJECT:
	case SIP_USER_TO_USER:
		return true;
	case SIP_OTHER_HEADER:
		/* What is known by one letter has a row of headers.def. */
		return custom && name.n > 1 && sip_is_token(name) &&
		       !span_ieq(name, SPAN("body")) &&
		       !is_of_refused_family(name);
	default:
		return false;
	}
}

bool
refer_to_replaces(
    const struct refer_to *to, struct text *scratch, struct sip_replaces *out)
{
	size_t mark = scratch->len;

	return to->has_replaces && add_unescaped(scratch, to->replaces) &&
	       sip_replaces_read(text_since(scratch, mark), out);
}

/* --- the value --- */

static bool
has_other_method(const struct sip_uri *uri)
{
	struct span rest = uri->params, name, value;

	while (sip_param_next(&rest, &name, &value))
		if (span_ieq(name, SPAN("method")) &&
		    !span_eq(value, SPAN("INVITE")))
			return true;
	return false;
}

static bool
is_dialled_by(enum sip_scheme scheme)
{
	return scheme == SIP_SCHEME_SIP || scheme == SIP_SCHEME_SIPS ||
	       scheme == SIP_SCHEME_TEL;
}

static bool
read_uri(
    const struct nameaddr *na, struct refer_to *to, struct sip_fault *fault)
{
	if (!is_dialled_by(na->uri.scheme))
		return refuse(fault, 416,
		    "The URI of Refer-To is of another scheme than sip, sips "
		    "and tel.");
	to->uri = na->uri;
	to->uri.whole = span_between(na->uri.whole.p, span_end(na->uri.params));
	to->uri.headers = span_make(span_end(to->uri.whole), 0);
	to->headers = na->uri.headers;
	if (to->uri.scheme == SIP_SCHEME_TEL) {
		to->headers = to->uri.headers;
		if (span_find(to->uri.whole, '?') >= 0)
			return refuse(
			    fault, 400, "A tel URI of Refer-To has headers.");
		return true;
	}
	if (!check_headers(to))
		return refuse(fault, 400,
		    "The headers in the URI of Refer-To cannot be used.");
	if (has_other_method(&to->uri))
		return refuse(fault, 403,
		    "Refer-To asks for another method than INVITE.");
	return true;
}

bool
refer_to_read(struct span value, struct refer_to *out, struct sip_fault *fault)
{
	struct refer_to read = { .has_replaces = false };
	struct span rest = value, more;
	struct nameaddr na;

	if (!sip_list_next(&rest, &value) || sip_list_next(&rest, &more))
		return refuse(fault, 400, "Refer-To does not have one value.");
	nameaddr_parse(value, &na);
	if (!nameaddr_usable(&na) || (na.defects & NAMEADDR_UNBALANCED) != 0)
		return refuse(
		    fault, 400, "The URI of Refer-To cannot be used.");
	read.display = na.display;
	read.params = na.params;
	if (!read_uri(&na, &read, fault))
		return false;
	*out = read;
	return true;
}

void
refer_to_write_target(const struct refer_to *to, struct text *out)
{
	struct span rest = to->uri.params, param, name, value;

	text_add(out, span_between(to->uri.whole.p, rest.p));
	while (rest.n > 0) {
		param = span_cut(rest, ';', &rest);
		name = span_cut(param, '=', &value);
		if (param.n == 0 || span_ieq(name, SPAN("method")))
			continue;
		text_add_char(out, ';');
		text_add(out, param);
	}
}

bool
refer_sub_read(struct span value, bool *subscribe)
{
	struct span params, word = sip_trim(span_cut(value, ';', &params));

	if (!span_ieq(word, SPAN("true")) && !span_ieq(word, SPAN("false")))
		return false;
	*subscribe = span_ieq(word, SPAN("true"));
	return true;
}
