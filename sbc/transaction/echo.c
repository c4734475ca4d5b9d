/*
 * echo.c - what a response repeats of its request: Via byte-exact, with
 * received and rport on the top one (RFC 3261 sections 8.2.6.2 and 18.2.1, RFC
 * 3581), From, To, Call-ID, CSeq and Record-Route; and answers that need no
 * transaction
 */

#include <errno.h>

#include "sip/value.h"
#include "transaction/private.h"

/* A part of the line's value, or all of it. */
static void
add_part(struct text *t, const struct sip_line *line, struct span part)
{
	if (!line->plain && sip_folded(part))
		sip_add_unfolded(t, part);
	else
		text_add(t, part);
}

static void
add_line(struct text *t, struct span name, const struct sip_line *line)
{
	if (line == NULL)
		return;
	text_add(t, name);
	add_part(t, line, line->value);
	TEXT_LIT(t, "\r\n");
}

static void
add_lines(struct text *t, struct span name, const struct sip_message *msg,
    enum sip_header id)
{
	const struct sip_line *line;

	for (line = sip_find(msg, id); line != NULL;
	     line = sip_find_next(msg, line))
		add_line(t, name, line);
}

/* From `from` up to the next ';' or `end`. */
static const char *
next_param(const char *from, const char *end)
{
	const char *at = memchr(from, ';', (size_t)(end - from));

	return at == NULL ? end : at;
}

static bool
needs_received(const struct sip_via *via, const struct net_path *path)
{
	struct address host;

	return via->rport || !address_parse_ip(via->host, &host) ||
	    !address_same_ip(&host, &path->remote);
}

/* Where a parameter ends that was just read, blanks behind it left out. */
static const char *
param_end(struct span name, struct span value, const char *end)
{
	const char *from = span_end(name), *stop;

	if (value.n > 0)
		return span_end(value);
	stop = next_param(from, end);
	return memchr(from, '=', (size_t)(stop - from)) == NULL ? from : stop;
}

/* Everything of the sender stays as it is but the value of rport, and a
 * received that it has no right to. */
static void
add_top_via(struct text *t, const struct sip_line *line,
    const struct sip_via *via, const struct net_path *path)
{
	const char *end = span_end(via->whole), *done = via->whole.p, *at;
	struct span rest, name, value;

	rest = span_between(next_param(span_end(via->host), end), end);
	while (sip_param_next(&rest, &name, &value)) {
		if (span_ieq(name, SPAN("rport"))) {
			add_part(t, line, span_between(done, span_end(name)));
			TEXT_LIT(t, "=");
			text_add_u64(t, path->remote.port);
			done = param_end(name, value, end);
		} else if (span_ieq(name, SPAN("received"))) {
			for (at = name.p; at > done && *at != ';';)
				at--;
			add_part(t, line, span_between(done, at));
			done = param_end(name, value, end);
		}
	}
	add_part(t, line, span_between(done, end));
	if (needs_received(via, path)) {
		TEXT_LIT(t, ";received=");
		address_add_ip(t, &path->remote);
	}
}

/* The top Via begins the first field; further values of it follow there. */
static bool
add_vias(struct text *t, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	const struct sip_line *line = sip_find(msg, SIP_VIA);

	if (line == NULL || view->via.host.n == 0)
		return false;
	TEXT_LIT(t, "Via: ");
	add_top_via(t, line, &view->via, path);
	add_part(t, line,
	    span_between(span_end(view->via.whole), span_end(line->value)));
	TEXT_LIT(t, "\r\n");
	while ((line = sip_find_next(msg, line)) != NULL)
		add_line(t, SPAN("Via: "), line);
	return true;
}

static bool
makes_dialog(const struct sip_message *msg, const struct sip_view *view)
{
	return view->to_tag.n == 0 &&
	    (msg->method == SIP_METHOD_INVITE ||
		msg->method == SIP_METHOD_SUBSCRIBE ||
		msg->method == SIP_METHOD_REFER);
}

struct echo *
echo_create(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	struct text t = text_over(layer->echo, sizeof(layer->echo));
	const struct sip_line *to = sip_find(msg, SIP_TO);
	struct echo *echo, marks = { .tagged = view->to_tag.n > 0 };

	if (to == NULL || !add_vias(&t, msg, view, path))
		return NULL;
	add_line(&t, SPAN("From: "), sip_find(msg, SIP_FROM));
	TEXT_LIT(&t, "To: ");
	add_part(&t, to, to->value);
	marks.to_n = (uint32_t)t.len;
	TEXT_LIT(&t, "\r\n");
	add_line(&t, SPAN("Call-ID: "), sip_find(msg, SIP_CALL_ID));
	add_line(&t, SPAN("CSeq: "), sip_find(msg, SIP_CSEQ));
	marks.rest_n = (uint32_t)t.len - marks.to_n;
	if (makes_dialog(msg, view))
		add_lines(&t, SPAN("Record-Route: "), msg, SIP_RECORD_ROUTE);
	marks.routes_n = (uint32_t)t.len - marks.to_n - marks.rest_n;
	if (t.overflow)
		return NULL;
	echo = pool_alloc(sizeof(*echo) + t.len);
	if (echo == NULL)
		return NULL;
	*echo = marks;
	memcpy(echo->bytes, t.buf, t.len);
	return echo;
}

void
echo_free(struct echo *echo)
{
	if (echo != NULL)
		pool_free(echo, sizeof(*echo) + echo->to_n + echo->rest_n +
			echo->routes_n);
}

struct span
echo_lines(struct transactions *layer, const struct echo *echo,
    unsigned status, struct span to_tag)
{
	struct text t = text_over(layer->echo, sizeof(layer->echo));
	const char *rest = echo->bytes + echo->to_n;

	text_add(&t, span_make(echo->bytes, echo->to_n));
	if (status > 100 && !echo->tagged) {
		TEXT_LIT(&t, ";tag=");
		text_add(&t, to_tag);
	}
	text_add(&t, span_make(rest, echo->rest_n));
	if (status > 100 && status < 300)
		text_add(&t, span_make(rest + echo->rest_n, echo->routes_n));
	return t.overflow ? SPAN_NONE : text_span(&t);
}

static uint16_t
default_port(const struct net_path *path)
{
	return path->transport == NET_TLS ? 5061 : 5060;
}

/* maddr is never obeyed: it would let anybody aim our answers at others. */
void
echo_path(const struct sip_view *view, struct net_path *path, uint16_t *port)
{
	uint16_t sent_by = view->via.port;

	if (sent_by == 0)
		sent_by = default_port(path);
	*port = 0;
	if (net_transport_reliable(path->transport))
		*port = sent_by;
	else if (!view->via.rport)
		path->remote.port = sent_by;
}

struct span
echo_tag(uint64_t key, char tag[static TAG_MAX])
{
	struct text t = text_over(tag, TAG_MAX);
	struct span part = span_make((const char *)&key, sizeof(key));

	text_add_hex64(&t, hash_of(&part, 1));
	return text_span(&t);
}

/* A broken message is answered with what it has: its lines as they came, a tag
 * only where To could be read (RFC 4475 section 3.3.1). */
static void
add_identity(struct text *t, const struct sip_message *msg,
    const struct sip_view *view, unsigned status, struct span to_tag)
{
	const struct sip_line *to = sip_find(msg, SIP_TO);

	add_line(t, SPAN("From: "), sip_find(msg, SIP_FROM));
	if (to != NULL) {
		TEXT_LIT(t, "To: ");
		add_part(t, to, to->value);
		if (status > 100 && view->to.n > 0 && view->to_tag.n == 0) {
			TEXT_LIT(t, ";tag=");
			text_add(t, to_tag);
		}
		TEXT_LIT(t, "\r\n");
	}
	add_line(t, SPAN("Call-ID: "), sip_find(msg, SIP_CALL_ID));
	add_line(t, SPAN("CSeq: "), sip_find(msg, SIP_CSEQ));
}

static int
send_without(struct transactions *layer, const struct sip_view *view,
    const struct net_path *path, struct span bytes)
{
	struct net_path back = *path;
	uint16_t port;
	int error;

	echo_path(view, &back, &port);
	error = layer_send(layer, &back, bytes);
	if (error == -ENOTCONN && port != 0) {
		back.connection = 0;
		back.remote.port = port;
		error = layer_send(layer, &back, bytes);
	}
	if (error == 0)
		layer->counters.responses_out++;
	return error;
}

int
respond_without(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path, unsigned status,
    struct span reason, struct span fields, struct span to_tag)
{
	struct text t = text_over(layer->out, sizeof(layer->out));

	if (!msg->request || msg->method == SIP_METHOD_ACK ||
	    !sip_has(msg, SIP_CSEQ))
		return -EINVAL;
	TEXT_LIT(&t, "SIP/2.0 ");
	text_add_u64(&t, status);
	TEXT_LIT(&t, " ");
	text_add(&t, reason);
	TEXT_LIT(&t, "\r\n");
	if (!add_vias(&t, msg, view, path))
		return -EINVAL;
	add_identity(&t, msg, view, status, to_tag);
	text_add(&t, fields);
	TEXT_LIT(&t, "Content-Length: 0\r\n\r\n");
	if (t.overflow)
		return -EMSGSIZE;
	return send_without(layer, view, path, text_span(&t));
}
