#include "sip/uri.h"

#include "base/address.h"
#include "sip/chars.h"

/* A URI with more parameters is not valid: each is looked up among those
 * behind it. */
#define PARAMS_MAX 64

static enum sip_scheme
scheme_of(struct span name)
{
	if (span_ieq(name, SPAN("sip")))
		return SIP_SCHEME_SIP;
	if (span_ieq(name, SPAN("sips")))
		return SIP_SCHEME_SIPS;
	if (span_ieq(name, SPAN("tel")))
		return SIP_SCHEME_TEL;
	return SIP_SCHEME_OTHER;
}

/* "scheme:", of a letter and what RFC 3986 allows behind it. */
static bool
take_scheme(struct span *rest, struct sip_uri *uri)
{
	const struct span usual = SPAN("sip:");
	size_t n = 0;

	if (span_starts(*rest, usual)) {
		uri->scheme = SIP_SCHEME_SIP;
		uri->scheme_name = span_make(rest->p, usual.n - 1);
		*rest = span_from(*rest, usual.n);
		return true;
	}

	while (n < rest->n &&
	       (sip_char_is(rest->p[n], CHAR_ALPHA | CHAR_DIGIT) ||
		   rest->p[n] == '+' || rest->p[n] == '-' || rest->p[n] == '.'))
		n++;
	if (n == 0 || n == rest->n || rest->p[n] != ':' ||
	    !sip_char_is(rest->p[0], CHAR_ALPHA))
		return false;
	uri->scheme_name = span_make(rest->p, n);
	uri->scheme = scheme_of(uri->scheme_name);
	*rest = span_from(*rest, n + 1);
	return true;
}

static void
take_userinfo(struct span *rest, struct sip_uri *uri)
{
	ptrdiff_t at = span_find(*rest, '@');
	struct span userinfo;

	if (at < 0)
		return;
	userinfo = span_make(rest->p, (size_t)at);
	*rest = span_from(*rest, (size_t)at + 1);
	userinfo = span_cut(userinfo, ':', &uri->password);
	at = span_find(userinfo, ';');
	uri->user = at < 0 ? userinfo : span_make(userinfo.p, (size_t)at);
	uri->user_params = span_from(userinfo, uri->user.n);
}

/* Host and port; false without a host or with a port that is none. */
static bool
take_hostport(struct span *rest, struct sip_uri *uri)
{
	const char *p = rest->p, *end = span_end(*rest);
	uint32_t port = 0;

	if (p < end && *p == '[') {
		p = memchr(p, ']', rest->n);
		if (p == NULL)
			return false;
		p++;
	}
	while (p < end && !sip_char_is(*p, CHAR_HOST_END))
		p++;
	if (p == rest->p)
		return false;
	uri->host = span_between(rest->p, p);
	if (p < end && *p == ':') {
		for (p++; p < end && sip_char_is(*p, CHAR_DIGIT); p++)
			if ((port = port * 10 + (unsigned)(*p - '0')) > 65535)
				return false;
		if (port == 0 || (p < end && *p != ';' && *p != '?'))
			return false;
		uri->port = (uint16_t)port;
	}
	*rest = span_between(p, end);
	return true;
}

static bool
parse_sip(struct span rest, struct sip_uri *uri)
{
	take_userinfo(&rest, uri);
	if (!take_hostport(&rest, uri))
		return false;
	uri->params = span_cut(rest, '?', &uri->headers);
	return true;
}

static bool
parse_tel(struct span rest, struct sip_uri *uri)
{
	size_t n = 0;

	while (n < rest.n && rest.p[n] != ';')
		n++;
	uri->user = span_make(rest.p, n);
	uri->params = span_from(rest, n);
	return n > 0;
}

bool
sip_uri_parse(struct span s, struct sip_uri *uri)
{
	struct span rest = s;
	bool ok = true;

	sip_uri_clear(uri);
	uri->whole = s;
	if (!take_scheme(&rest, uri))
		return false;
	if (uri->scheme == SIP_SCHEME_SIP || uri->scheme == SIP_SCHEME_SIPS)
		ok = parse_sip(rest, uri);
	else if (uri->scheme == SIP_SCHEME_TEL)
		ok = parse_tel(rest, uri);
	else
		ok = rest.n > 0;
	if (!ok)
		uri->scheme = SIP_SCHEME_NONE;
	return ok;
}

/* True when an '@' stands there with nothing before it. */
static bool
has_empty_user(const struct sip_uri *uri)
{
	return uri->host.n > 0 && uri->host.p[-1] == '@' && uri->user.n == 0;
}

static bool
is_ipv6(struct span host)
{
	struct span inside;

	if (host.n < 4 || host.p[0] != '[' || host.p[host.n - 1] != ']')
		return false;
	inside = span_make(host.p + 1, host.n - 2);
	while (inside.n > 0) {
		if (!sip_char_is(*inside.p, CHAR_HEX) && *inside.p != ':' &&
		    *inside.p != '.')
			return false;
		inside = span_from(inside, 1);
	}
	return true;
}

bool
sip_uri_sound(const struct sip_uri *uri)
{
	if (uri->scheme == SIP_SCHEME_NONE || has_empty_user(uri) ||
	    !sip_all_sound(uri->whole))
		return false;
	return sip_all(uri->host, CHAR_TOKEN) || is_ipv6(uri->host);
}

/* hostname: labels of letters, digits and inner hyphens, the last one beginning
 * with a letter. */
static bool
is_hostname(struct span s)
{
	size_t i, label = 0;

	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.') {
			if (i == label || s.p[i - 1] == '-')
				return false;
			label = i + 1;
		} else if (!sip_char_is(s.p[i], CHAR_ALPHA | CHAR_DIGIT) &&
			   (s.p[i] != '-' || i == label)) {
			return false;
		}
	}
	return label < s.n && s.p[s.n - 1] != '-' &&
	       sip_char_is(s.p[label], CHAR_ALPHA);
}

static bool
is_host(struct span host)
{
	struct address ip;

	return is_hostname(host) || address_parse_ip(host, &ip);
}

/* Cuts the first of a list of "name=value" off *rest. */
static bool
take_pair(struct span *rest, char between, struct span *name,
    struct span *value, bool *has_value)
{
	struct span pair;
	ptrdiff_t at;

	if (rest->n == 0)
		return false;
	pair = span_cut(*rest, between, rest);
	at = span_find(pair, '=');
	*has_value = at >= 0;
	*name = span_cut(pair, '=', value);
	return true;
}

static bool
find_param(struct span list, struct span wanted, struct span *value)
{
	struct span name;
	bool has_value;

	while (take_pair(&list, ';', &name, value, &has_value))
		if (span_ieq(name, wanted))
			return true;
	return false;
}

/* Behind the first ';', which every list of parameters begins with. */
static struct span
params_list(struct span params)
{
	return span_from(params, 1);
}

static size_t
count_params(struct span list)
{
	struct span name, value;
	bool has_value;
	size_t n = 0;

	while (take_pair(&list, ';', &name, &value, &has_value))
		n++;
	return n;
}

static bool
are_params_valid(struct span params, unsigned name_classes)
{
	struct span list = params_list(params), name, value, again;
	bool has_value;

	if (count_params(list) > PARAMS_MAX ||
	    (params.n > 0 && params.p[params.n - 1] == ';'))
		return false;
	while (take_pair(&list, ';', &name, &value, &has_value)) {
		if (name.n == 0 || !sip_all_escaped(name, name_classes) ||
		    (has_value && value.n == 0) ||
		    !sip_all_escaped(value, CHAR_PARAM | CHAR_UNRESERVED) ||
		    find_param(list, name, &again))
			return false;
	}
	return true;
}

static bool
is_ttl_valid(struct span params)
{
	struct span value;
	uint32_t ttl;

	return !find_param(params_list(params), SPAN("ttl"), &value) ||
	       (value.n <= 3 && span_to_u32(value, 255, &ttl));
}

static bool
are_headers_valid(struct span headers)
{
	struct span name, value;
	bool has_value;

	if (headers.n > 0 && headers.p[headers.n - 1] == '&')
		return false;
	while (take_pair(&headers, '&', &name, &value, &has_value))
		if (name.n == 0 || !has_value ||
		    !sip_all_escaped(name, CHAR_HEADER | CHAR_UNRESERVED) ||
		    !sip_all_escaped(value, CHAR_HEADER | CHAR_UNRESERVED))
			return false;
	return true;
}

static bool
is_sip_valid(const struct sip_uri *uri)
{
	/* '?' with nothing behind it leaves no trace in `headers`. */
	if (span_end(uri->whole)[-1] == '?' || has_empty_user(uri))
		return false;
	return sip_all_escaped(uri->user, CHAR_USER | CHAR_UNRESERVED) &&
	       sip_all_escaped(uri->user_params, CHAR_USER | CHAR_UNRESERVED) &&
	       sip_all_escaped(
		   uri->password, CHAR_PASSWORD | CHAR_UNRESERVED) &&
	       is_host(uri->host) &&
	       are_params_valid(uri->params, CHAR_PARAM | CHAR_UNRESERVED) &&
	       is_ttl_valid(uri->params) && are_headers_valid(uri->headers);
}

/* RFC 3966: "+" and digits; or a local number, which needs its context. */
static bool
is_tel_valid(const struct sip_uri *uri)
{
	struct span number = uri->user, context;
	bool global = number.n > 0 && number.p[0] == '+';
	size_t i, digits = 0;

	for (i = global; i < number.n; i++) {
		bool digit =
		    sip_char_is(number.p[i], global ? CHAR_DIGIT : CHAR_HEX) ||
		    (!global && (number.p[i] == '*' || number.p[i] == '#'));

		if (!digit && !sip_char_is(number.p[i], CHAR_VISUAL))
			return false;
		digits += digit;
	}
	if (digits == 0 || !are_params_valid(uri->params, CHAR_UNRESERVED))
		return false;
	return global ||
	       (find_param(params_list(uri->params), SIP_PHONE_CONTEXT,
		    &context) &&
		   context.n > 0);
}

bool
sip_uri_valid(const struct sip_uri *uri)
{
	switch (uri->scheme) {
	case SIP_SCHEME_SIP:
	case SIP_SCHEME_SIPS:
		return is_sip_valid(uri);
	case SIP_SCHEME_TEL:
		return is_tel_valid(uri);
	case SIP_SCHEME_OTHER:
		return sip_all_escaped(
		    uri->whole, CHAR_UNRESERVED | CHAR_RESERVED);
	case SIP_SCHEME_NONE:
		break;
	}
	return false;
}

bool
sip_uri_is_service(const struct sip_uri *uri)
{
	const struct span prefix = SPAN("urn:service:");

	return uri->scheme == SIP_SCHEME_OTHER &&
	       span_istarts(uri->whole, prefix) && uri->whole.n > prefix.n;
}

bool
sip_uri_is_anonymous(const struct sip_uri *uri)
{
	return span_ieq(uri->user, SPAN("anonymous")) ||
	       span_ieq(uri->host, SPAN("anonymous.invalid"));
}
