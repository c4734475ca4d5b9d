/*
 * render.c - identity values as text: rebuilt from their usable parts
 */

#include "identity/identity.h"
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

bool
identity_add_params(struct text *t, struct span params)
{
	struct span param;
	bool all = true;

	while (param_cut(&params, &param)) {
		if (param_name(param).n == 0 || is_private(param)) {
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
		if (param_name(param).n == 0 || is_private(param))
			return false;
	}
	return true;
}

void
identity_add_retagged(struct text *t, struct span received, struct span tag)
{
	struct nameaddr na;
	struct span param, params;
	size_t head;

	nameaddr_parse(received, &na);
	params = na.params;
	head = params.n == 0 ? received.n : (size_t)(params.p - received.p);
	sip_add_unfolded(t, span_make(received.p, head));
	while (param_cut(&params, &param)) {
		if (span_ieq(param_name(param), SPAN("tag")))
			continue;
		text_add_char(t, ';');
		sip_add_unfolded(t, param);
	}
	if (tag.n > 0) {
		TEXT_LIT(t, ";tag=");
		text_add(t, tag);
	}
}

/* From the first byte of `a` to the last of the later parts that are there. */
static struct span
span_join(struct span a, struct span b)
{
	return b.n == 0 ? a : span_between(a.p, span_end(b));
}

static struct span
host_and_port(const struct sip_uri *uri)
{
	const char *end = span_end(uri->host), *stop = span_end(uri->whole);

	if (uri->host.n == 0 || end == stop || *end != ':')
		return uri->host;
	end++;
	while (end < stop && *end >= '0' && *end <= '9')
		end++;
	return span_between(uri->host.p, end);
}

void
identity_parts_of(const struct nameaddr *na, struct identity_parts *out)
{
	const struct sip_uri *uri = &na->uri;

	out->display = na->display;
	out->scheme = uri->scheme;
	out->user = span_join(uri->user, uri->user_params);
	out->host = host_and_port(uri);
	out->uri_params = uri->params;
	out->params = na->params;
}

static struct span
scheme_text(enum sip_scheme scheme)
{
	if (scheme == SIP_SCHEME_TEL)
		return SPAN("tel:");
	return scheme == SIP_SCHEME_SIPS ? SPAN("sips:") : SPAN("sip:");
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
	text_add(t, parts->user);
	if (parts->scheme != SIP_SCHEME_TEL) {
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
			.user = number->uri.user,
			.host = host,
			.uri_params = SPAN(";user=phone") };
	} else {
		return false;
	}
	if (sip->display.n == 0)
		sip->display = first_display(list);
	return true;
}
