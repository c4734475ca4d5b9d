/*
 * render.c - identity values as text: rebuilt from their usable parts
 */

#include "identity/identity.h"
#include "sip/chars.h"
#include "sip/value.h"

/* Cuts the next ";..." off, quotes respected; empty ones included. */
static bool
param_cut(struct span *rest, struct span *param)
{
	bool quoted = false;
	size_t i;

	if (rest->n == 0)
		return false;
	for (i = 1; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\')
			i++;
		else if (!quoted && c == ';')
			break;
	}
	if (i > rest->n)
		i = rest->n;
	*param = span_trim(span_make(rest->p + 1, i - 1));
	*rest = span_from(*rest, i);
	return true;
}

static struct span
param_name(struct span param)
{
	struct span rest;

	return span_trim(span_cut(param, '=', &rest));
}

static bool
is_private(struct span param)
{
	struct span name = param_name(param);

	return span_ieq(name, SPAN("epid")) || span_istarts(name, SPAN("ms-"));
}

/* One quoted string, or bytes that need no quotes; a comma would begin
 * the next value of a list. */
static bool
is_sound_value(struct span s)
{
	bool quoted = s.n >= 2 && s.p[0] == '"';
	size_t i;

	if (quoted)
		return sip_skip_quoted(s.p, span_end(s)) == span_end(s);
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' ||
		    c == '>' || c == ',')
			return false;
	}
	return s.n > 0;
}

/* May the parameter go out: well-formed, and nobody's private matter? */
static bool
is_fit(struct span param)
{
	struct span value, name = span_trim(span_cut(param, '=', &value));

	if (!sip_is_token(name) || is_private(param))
		return false;
	return span_find(param, '=') < 0 || is_sound_value(span_trim(value));
}

bool
identity_add_params(struct text *t, struct span params)
{
	struct span param;
	bool all = true;

	while (param_cut(&params, &param)) {
		if (!is_fit(param)) {
			all = false;
			continue;
		}
		text_add_char(t, ';');
		text_add(t, param);
	}
	return all;
}

bool
identity_params_clean(struct span params)
{
	struct span param;

	while (param_cut(&params, &param)) {
		if (!is_fit(param))
			return false;
	}
	return true;
}

/* A quote without its pair would swallow the tag. */
static bool
has_loose_quote(struct span param)
{
	struct span value, name = span_cut(param, '=', &value);

	if (span_find(param, '"') < 0)
		return false;
	return span_find(name, '"') >= 0 || !is_sound_value(span_trim(value));
}

/* From the first ';' behind the URI: what stands between is dropped. */
static struct span
params_behind(const struct nameaddr *na)
{
	const char *end = span_end(na->whole), *p;
	struct span rest;
	ptrdiff_t at;

	if (na->params.n > 0 || !na->brackets)
		return na->params;
	p = memchr(na->uri_text.p + na->uri_text.n, '>',
	    (size_t)(end - (na->uri_text.p + na->uri_text.n)));
	if (p == NULL)
		return SPAN_NONE;
	rest = span_between(p + 1, end);
	at = span_find(rest, ';');
	return at < 0 ? SPAN_NONE : span_from(rest, (size_t)at);
}

/* The value up to its parameters. */
static struct span
head_before(const struct nameaddr *na)
{
	const char *p;

	if (!na->brackets)
		return span_make(na->whole.p, na->whole.n - na->params.n);
	p = span_end(na->uri_text);
	p = memchr(p, '>', (size_t)(span_end(na->whole) - p));
	return p == NULL ? SPAN_NONE : span_between(na->whole.p, p + 1);
}

static void
add_retagged(struct text *t, struct span plain, struct span tag)
{
	struct nameaddr na;
	struct span param, params, head;

	nameaddr_split(plain, &na);
	head = na.defects & NAMEADDR_UNBALANCED ? SPAN_NONE : head_before(&na);
	params = head.n == 0 ? SPAN_NONE : params_behind(&na);
	text_add(t, head.n == 0 ? SPAN("<>") : head);
	while (param_cut(&params, &param)) {
		if (span_ieq(param_name(param), SPAN("tag")) ||
		    has_loose_quote(param))
			continue;
		text_add_char(t, ';');
		text_add(t, param);
	}
	if (tag.n > 0) {
		TEXT_LIT(t, ";tag=");
		text_add(t, tag);
	}
}

static bool
has_control(struct span s)
{
	size_t i;

	for (i = span_plain(s); i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	}
	return false;
}

/* Unfolded first: what is left out could otherwise hide a tag. */
void
identity_add_retagged(struct text *t, struct span received, struct span tag)
{
	size_t mark = t->len, from;

	if (!has_control(received)) {
		add_retagged(t, received, tag);
		return;
	}
	sip_add_unfolded(t, received);
	from = t->len;
	add_retagged(t, text_since(t, mark), tag);
	if (t->overflow)
		return;
	memmove(t->buf + mark, t->buf + from, t->len - from);
	t->len -= from - mark;
}

/* From the first byte of `a` to the last of the later parts that are there. */
static struct span
span_join(struct span a, struct span b)
{
	return b.n == 0 ? a : span_between(a.p, span_end(b));
}

bool
identity_is_global(struct span user)
{
	return span_starts(user, SPAN("+")) || span_istarts(user, SPAN("%2B"));
}

struct span
identity_number_in(struct span user)
{
	struct span params, context, number = span_cut(user, ';', &params);

	if (number.n == user.n || identity_is_global(number) ||
	    !sip_param_find(span_from(user, number.n), SIP_PHONE_CONTEXT, &context))
		return number;
	return user;
}

struct span
identity_number(const struct sip_uri *uri)
{
	bool tel = uri->scheme == SIP_SCHEME_TEL;
	struct span context;

	if (uri->user_params.n > 0)
		return identity_number_in(span_join(uri->user, uri->user_params));
	if (uri->params.n == 0 || identity_is_global(uri->user) ||
	    !sip_param_find(uri->params, SIP_PHONE_CONTEXT, &context))
		return uri->user;
	/* Behind a host: "user@host;..." */
	return tel || uri->user.n > 0
		   ? span_between(uri->user.p, span_end(uri->params))
		   : uri->user;
}

struct span
identity_parts_number(const struct identity_parts *parts)
{
	struct span number =
	    parts->scheme == SIP_SCHEME_TEL
		? span_join(parts->user, parts->uri_params)
		: parts->user;

	return identity_number_in(number);
}

#define NAMED 4 /* parameters with a place of their own */

/* The others come behind them, by name. */
static size_t
rank_of(struct span name)
{
	static const char *const first[NAMED] = { "isub", "ext", "postd",
		"phone-context" };

	return span_iword(name, first, NAMED);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool
comes_before(struct span a, struct span b)
{
	struct span x = param_name(a), y = param_name(b);
	size_t m = rank_of(x), n = rank_of(y);
	size_t i;

	if (m != n || m < NAMED)
		return m < n;
	for (i = 0; i < x.n && i < y.n; i++) {
		if (lower(x.p[i]) != lower(y.p[i]))
			return lower(x.p[i]) < lower(y.p[i]);
	}
	return x.n < y.n;
}

/* Escapes stay as they are. */
static void
add_user_text(struct text *t, struct span s, bool fold)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%' && s.n - i > 2 && sip_hex_pair(s.p + i + 1) >= 0) {
			text_add(t, span_make(s.p + i, 3));
			i += 2;
		} else if (sip_char_is(c, CHAR_USER | CHAR_UNRESERVED)) {
			text_add_char(t, fold ? lower(c) : c);
		} else {
			text_addf(t, "%%%02X", (unsigned char)c);
		}
	}
}

/* What an extension means is its own matter: only its name has no case. */
static void
add_subscriber_param(struct text *t, struct span param)
{
	struct span name = param_name(param);
	size_t folded = rank_of(name) < NAMED ? param.n : name.n;

	text_add_char(t, ';');
	add_user_text(t, span_make(param.p, folded), true);
	add_user_text(t, span_from(param, folded), false);
}

#define SORTED_MAX 16 /* those behind stay as they came */

void
identity_add_subscriber(struct text *t, struct span subscriber)
{
	struct span behind, list[SORTED_MAX], param;
	struct span number = span_cut(subscriber, ';', &behind);
	struct span rest = span_from(subscriber, number.n);
	unsigned i, n = 0;

	add_user_text(t, number, true);
	while (n < SORTED_MAX && param_cut(&rest, &param)) {
		if (param.n == 0)
			continue;
		for (i = n++; i > 0 && comes_before(param, list[i - 1]); i--)
			list[i] = list[i - 1];
		list[i] = param;
	}
	for (i = 0; i < n; i++)
		add_subscriber_param(t, list[i]);
	while (param_cut(&rest, &param)) {
		if (param.n > 0)
			add_subscriber_param(t, param);
	}
}

struct span
identity_host_port(const struct sip_uri *uri)
{
	struct span rest;
	size_t n = 0;

	if (uri->host.n == 0)
		return uri->host;
	rest = span_between(span_end(uri->host), span_end(uri->whole));
	if (rest.n > 0 && rest.p[0] == ':')
		for (n = 1; n < rest.n; n++)
			if (rest.p[n] < '0' || rest.p[n] > '9')
				break;
	return span_make(uri->host.p, uri->host.n + n);
}

void
identity_parts_of(const struct nameaddr *na, struct identity_parts *out)
{
	const struct sip_uri *uri = &na->uri;

	out->display = na->display;
	out->scheme = uri->scheme;
	out->user = span_join(uri->user, uri->user_params);
	out->host = identity_host_port(uri);
	out->subscriber = false;
	out->uri_params = uri->params;
	out->params = na->params;
	if (uri->scheme == SIP_SCHEME_OTHER)
		out->user = uri->whole;
}

static struct span
scheme_text(enum sip_scheme scheme)
{
	if (scheme == SIP_SCHEME_TEL)
		return SPAN("tel:");
	if (scheme == SIP_SCHEME_OTHER)
		return SPAN_NONE;
	return scheme == SIP_SCHEME_SIPS ? SPAN("sips:") : SPAN("sip:");
}

void
identity_parts_hide(struct identity_parts *parts)
{
	parts->display = SPAN("\"Anonymous\"");
	parts->scheme = SIP_SCHEME_SIP;
	parts->user = SPAN("anonymous");
	parts->subscriber = false;
	parts->host = SPAN("anonymous.invalid");
	parts->uri_params = SPAN_NONE;
}

void
identity_add(struct text *t, const struct identity_parts *parts)
{
	if (parts->display.n > 0) {
		nameaddr_add_display(t, parts->display);
		text_add_char(t, ' ');
	}
	text_add_char(t, '<');
	text_add(t, scheme_text(parts->scheme));
	if (parts->subscriber)
		identity_add_subscriber(t, parts->user);
	else
		text_add(t, parts->user);
	if (parts->scheme == SIP_SCHEME_SIP ||
	    parts->scheme == SIP_SCHEME_SIPS) {
		if (parts->user.n > 0)
			text_add_char(t, '@');
		text_add(t, parts->host);
	}
	identity_add_params(t, parts->uri_params);
	text_add_char(t, '>');
	identity_add_params(t, parts->params);
}

static const struct nameaddr *
find_value(const struct identity_list *list, bool tel, bool number)
{
	unsigned i;

	for (i = 0; i < list->n; i++) {
		const struct nameaddr *na = &list->value[i];

		if (!nameaddr_usable(na) ||
		    na->uri.scheme == SIP_SCHEME_OTHER ||
		    (na->uri.scheme == SIP_SCHEME_TEL) != tel)
			continue;
		if (!number || identity_user_is_number(na->uri.user))
			return na;
	}
	return NULL;
}

static struct span
first_display(const struct identity_list *list)
{
	unsigned i;

	for (i = 0; i < list->n; i++) {
		if (sip_unquote(list->value[i].display).n > 0)
			return list->value[i].display;
	}
	return SPAN_NONE;
}

bool
identity_asserted_best(const struct identity_list *list, struct span host,
    struct identity_parts *sip, struct identity_parts *tel)
{
	const struct nameaddr *number = find_value(list, true, true);
	const struct nameaddr *best = find_value(list, false, true);

	*tel = (struct identity_parts){ .scheme = SIP_SCHEME_NONE };
	if (number != NULL)
		identity_parts_of(number, tel);
	if (best == NULL && number == NULL)
		best = find_value(list, false, false);
	if (best != NULL) {
		identity_parts_of(best, sip);
	} else if (number != NULL && host.n > 0) {
		*sip = (struct identity_parts){ .scheme = SIP_SCHEME_SIP,
			.user = identity_subscriber(&number->uri),
			.subscriber = true,
			.host = host,
			.uri_params = SPAN(";user=phone") };
	} else {
		return false;
	}
	if (sip->display.n == 0)
		sip->display = first_display(list);
	return true;
}
