#include "sip/view.h"

#include "sip/chars.h"
#include "sip/nameaddr.h"
#include "sip/value.h"

/* The first fault stays; a response or an ACK is never answered. */
static bool
refuse(const struct sip_message *msg, struct sip_fault *fault,
    enum sip_header header, const char *text)
{
	if (fault->text == NULL) {
		fault->header = header;
		fault->text = text;
		fault->status =
		    msg->request && msg->method != SIP_METHOD_ACK ? 400 : 0;
	}
	return false;
}

static struct span
take_sent_by_host(struct span *rest)
{
	struct span host;
	ptrdiff_t at;

	if (rest->n == 0 || rest->p[0] != '[')
		return sip_take(rest, CHAR_TOKEN);
	at = span_find(*rest, ']');
	if (at < 0)
		return SPAN_NONE;
	host = span_make(rest->p, (size_t)at + 1);
	*rest = span_from(*rest, (size_t)at + 1);
	return host;
}

/* "SIP/2.0/", as nearly all write it, or with blanks. */
static bool
take_protocol(struct span *rest)
{
	const struct span usual = SPAN("SIP/2.0/");
	struct span name, version;

	if (span_starts(*rest, usual)) {
		*rest = span_from(*rest, usual.n);
		sip_skip_blanks(rest);
		return true;
	}
	name = sip_take(rest, CHAR_TOKEN);
	if (!span_ieq(name, SPAN("SIP")) || !sip_take_char(rest, '/'))
		return false;
	version = sip_take(rest, CHAR_TOKEN);
	return version.n > 0 && sip_take_char(rest, '/');
}

/* "SIP / 2.0 / UDP host:port", with blanks wherever the grammar has LWS. */
static bool
take_sent_by(struct span *rest, struct sip_via *via)
{
	uint32_t port = 0;

	if (!take_protocol(rest))
		return false;
	via->transport = sip_take(rest, CHAR_TOKEN);
	if (via->transport.n == 0 || rest->n == 0 ||
	    !sip_char_is(rest->p[0], CHAR_BLANK))
		return false;
	sip_skip_blanks(rest);
	via->host = take_sent_by_host(rest);
	if (via->host.n == 0)
		return false;
	if (sip_take_char(rest, ':')) {
		if (!span_to_u32(sip_take(rest, CHAR_DIGIT), 65535, &port) ||
		    port == 0)
			return false;
		sip_skip_blanks(rest);
	}
	via->port = (uint16_t)port;
	return rest->n == 0 || rest->p[0] == ';';
}

/* False: a parameter that nobody here asks for. */
static bool
read_via_param(struct sip_via *via, struct span name, struct span value)
{
	uint32_t port;

	if (span_ieq(name, SPAN("branch"))) {
		via->branch = value;
	} else if (span_ieq(name, SPAN("rport"))) {
		via->rport = true;
		if (span_to_u32(value, 65535, &port))
			via->rport_value = (uint16_t)port;
	} else if (span_ieq(name, SPAN("received"))) {
		via->received = value;
	} else if (span_ieq(name, SPAN("maddr"))) {
		via->maddr = value;
	} else {
		return false;
	}
	return true;
}

bool
sip_via_parse(struct span value, struct sip_via *via)
{
	struct span rest, name, v;

	*via = (struct sip_via){ .whole = sip_trim(value) };
	rest = via->whole;
	if (!take_sent_by(&rest, via))
		return false;
	while (sip_param_next(&rest, &name, &v)) {
		/* With a control byte in it, "br\anch"
		 * would go back as branch. */
		if (!read_via_param(via, name, v) && !sip_all(name, CHAR_TOKEN))
			return false;
	}
	return sip_all(via->branch, CHAR_OPAQUE);
}

static unsigned
count_values(const struct sip_line *line, const struct sip_message *msg)
{
	unsigned n = 0;

	for (; line != NULL; line = sip_find_next(msg, line)) {
		struct span rest = line->value, value;

		while (sip_list_next(&rest, &value))
			n++;
	}
	return n;
}

static bool
read_via(const struct sip_message *msg, struct sip_view *view,
    struct sip_fault *fault)
{
	const struct sip_line *line = sip_find(msg, SIP_VIA);
	struct span rest, value = SPAN_NONE;
	bool good;

	if (line == NULL)
		return refuse(msg, fault, SIP_VIA, "Via is missing.");
	rest = line->value;
	good = sip_list_next(&rest, &value) &&
	       sip_via_parse(value, &view->via);
	view->via_count = rest.n == 0 && !sip_has_twice(msg, SIP_VIA)
			      ? value.n > 0
			      : count_values(line, msg);
	if (!good)
		return refuse(msg, fault, SIP_VIA, "The top Via is malformed.");
	return true;
}

static bool
read_call_id(const struct sip_message *msg, struct sip_view *view,
    struct sip_fault *fault)
{
	struct span value = sip_value(msg, SIP_CALL_ID);

	if (value.n == 0)
		return refuse(msg, fault, SIP_CALL_ID, "Call-ID is missing.");
	if (!sip_all(value, CHAR_GRAPH))
		return refuse(
		    msg, fault, SIP_CALL_ID, "Call-ID is not one word.");
	view->call_id = value;
	return true;
}

/* False: the tag is malformed. */
static bool
read_tag(struct span params, struct span *tag)
{
	const struct span usual = SPAN(";tag=");

	*tag = span_from(params, usual.n);
	if (span_starts(params, usual) && sip_all(*tag, CHAR_OPAQUE))
		return true;
	sip_param_find(params, SPAN("tag"), tag);
	return sip_all(*tag, CHAR_OPAQUE);
}

/* From or To: as much as an answer and a dialog need of it. */
static bool
read_party(const struct sip_message *msg, enum sip_header id,
    struct span *value, struct span *tag, bool *balanced,
    struct sip_fault *fault)
{
	struct span params, found;

	*value = sip_value(msg, id);
	if (value->n == 0)
		return refuse(msg, fault, id, "From or To is missing.");
	*balanced = nameaddr_cut(*value, &params);
	if (!read_tag(params, &found))
		return refuse(
		    msg, fault, id, "The tag of From or To is malformed.");
	*tag = found;
	return true;
}

static bool
read_cseq(
    struct sip_message *msg, struct sip_view *view, struct sip_fault *fault)
{
	struct span rest = sip_value(msg, SIP_CSEQ), number, method;

	number = sip_take(&rest, CHAR_DIGIT);
	sip_skip_blanks(&rest);
	method = rest;
	if (!span_to_u32(number, INT32_MAX, &view->cseq))
		return refuse(
		    msg, fault, SIP_CSEQ, "CSeq has no number below 2^31.");
	if (!sip_is_token(method) || span_end(number) == method.p)
		return refuse(msg, fault, SIP_CSEQ, "CSeq has no method.");
	view->cseq_method_name = method;
	view->cseq_method = sip_method_find(method);
	if (!msg->request) {
		msg->method = view->cseq_method;
		msg->method_name = method;
	}
	return true;
}

static void
read_contact(const struct sip_message *msg, struct sip_view *view)
{
	struct sip_values it;
	struct span value;

	if (!sip_has(msg, SIP_CONTACT))
		return;
	it = sip_values(msg, SIP_CONTACT);
	if (sip_values_next(&it, &value))
		nameaddr_parse(value, &view->contact);
}

static int
read_max_forwards(const struct sip_message *msg)
{
	uint32_t n;

	if (!sip_has(msg, SIP_MAX_FORWARDS))
		return -1;
	if (!span_to_u32(sip_value(msg, SIP_MAX_FORWARDS), 255, &n))
		return SIP_MAX_FORWARDS_BAD;
	return (int)n;
}

bool
sip_view_read(
    struct sip_message *msg, struct sip_view *view, struct sip_fault *fault)
{
	bool ok;

	*fault = (struct sip_fault){ 0, SIP_OTHER_HEADER, NULL };
	memset(view, 0, sizeof(*view));
	view->cseq_method = SIP_METHOD_OTHER;
	if (msg->request)
		sip_uri_parse(msg->uri, &view->uri);
	ok = read_via(msg, view, fault);
	ok &= read_call_id(msg, view, fault);
	ok &= read_party(msg, SIP_FROM, &view->from, &view->from_tag,
	    &view->from_balanced, fault);
	ok &= read_party(msg, SIP_TO, &view->to, &view->to_tag,
	    &view->to_balanced, fault);
	ok &= read_cseq(msg, view, fault);
	read_contact(msg, view);
	view->max_forwards = read_max_forwards(msg);
	return ok;
}
