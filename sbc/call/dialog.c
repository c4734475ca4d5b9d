/*
 * dialog.c - identifiers, targets and route sets (RFC 3261 section 12)
 */

#include "call/private.h"

#include <stdlib.h>

void
dialog_fini(struct dialog *dialog)
{
	free(dialog->block);
	dialog->block = NULL;
}

struct dialog_parts
dialog_parts(const struct dialog *dialog)
{
	return (struct dialog_parts){
		.call_id = dialog_call_id(dialog),
		.local = dialog_local(dialog),
		.remote = dialog_remote(dialog),
		.local_tag = dialog_local_tag(dialog),
		.remote_tag = dialog_remote_tag(dialog),
		.target = dialog_target(dialog),
		.routes = dialog_routes(dialog),
	};
}

static struct dialog_text
place(struct text *t, struct span s)
{
	struct dialog_text placed = { (uint16_t)t->len, (uint16_t)s.n };

	text_add(t, s);
	return placed;
}

/* What of `part` does not stand at the end of `whole` already, as a tag mostly
 * does. */
static size_t
extra(struct span whole, struct span part)
{
	return whole.n >= part.n &&
		span_eq(span_from(whole, whole.n - part.n), part)
	    ? 0
	    : part.n;
}

static struct dialog_text
place_tag(struct text *t, struct dialog_text whole, struct span value,
    struct span tag)
{
	if (extra(value, tag) > 0)
		return place(t, tag);
	return (struct dialog_text){ (uint16_t)(whole.at + whole.n - tag.n),
		(uint16_t)tag.n };
}

bool
dialog_store(struct dialog *dialog, const struct dialog_parts *p)
{
	size_t n = p->call_id.n + p->local.n + p->remote.n +
	    extra(p->local, p->local_tag) + extra(p->remote, p->remote_tag) +
	    p->target.n + p->routes.n;
	char *block = n > UINT16_MAX ? NULL : malloc(n + 1);
	struct text t = text_over(block, n);

	if (block == NULL)
		return false;
	dialog->call_id = place(&t, p->call_id);
	dialog->local = place(&t, p->local);
	dialog->remote = place(&t, p->remote);
	dialog->local_tag =
	    place_tag(&t, dialog->local, p->local, p->local_tag);
	dialog->remote_tag =
	    place_tag(&t, dialog->remote, p->remote, p->remote_tag);
	dialog->target = place(&t, p->target);
	dialog->routes = place(&t, p->routes);
	free(dialog->block);
	dialog->block = block;
	return true;
}

struct span
dialog_contact(const struct sip_view *view)
{
	const struct nameaddr *contact = &view->contact;

	if (!nameaddr_usable(contact) ||
	    contact->uri.scheme == SIP_SCHEME_OTHER)
		return SPAN_NONE;
	return contact->uri_text;
}

static void
add_route(struct text *t, size_t start, struct span value)
{
	if (t->len > start)
		TEXT_LIT(t, ", ");
	sip_add_unfolded(t, value);
}

#define ROUTES_MAX 64

/* Record-Route values, comma-separated; a client takes them in reverse order
 * (sections 12.1.1 and 12.1.2). */
static struct span
record_routes(const struct sip_message *msg, bool reverse, struct text *t)
{
	struct sip_values it = sip_values(msg, SIP_RECORD_ROUTE);
	struct span values[ROUTES_MAX];
	size_t mark = t->len, n = 0, i;

	while (n < ROUTES_MAX && sip_values_next(&it, &values[n]))
		n++;
	for (i = 0; i < n; i++)
		add_route(t, mark, values[reverse ? n - 1 - i : i]);
	return text_since(t, mark);
}

static struct span
unfolded(struct text *t, struct span value)
{
	size_t mark = t->len;

	sip_add_unfolded(t, value);
	return text_since(t, mark);
}

bool
dialog_from_request(struct leg *leg, const struct sip_message *msg,
    const struct sip_view *view)
{
	struct calls *calls = leg->call->calls;
	struct text text = text_over(calls->out, sizeof(calls->out));
	struct text *t = &text;
	size_t mark;
	char buf[TAG_MAX];
	struct dialog_parts p = {
		.call_id = view->call_id,
		.remote_tag = view->from_tag,
		.local_tag = leg_make_tag(leg, buf),
		.target = dialog_contact(view),
	};

	p.remote = unfolded(t, view->from);
	mark = t->len;
	sip_add_unfolded(t, view->to);
	TEXT_LIT(t, ";tag=");
	text_add(t, p.local_tag);
	p.local = text_since(t, mark);
	p.routes = record_routes(msg, false, t);
	leg->dialog.remote_cseq = view->cseq;
	return !t->overflow && dialog_store(&leg->dialog, &p);
}

bool
dialog_from_response(struct leg *leg, const struct sip_message *msg,
    const struct sip_view *view)
{
	struct calls *calls = leg->call->calls;
	struct text t = text_over(calls->out, sizeof(calls->out));
	struct dialog *dialog = &leg->dialog;
	struct dialog_parts p = dialog_parts(dialog);
	struct span target = dialog_contact(view);

	p.remote = unfolded(&t, view->to);
	p.remote_tag = view->to_tag;
	p.routes = record_routes(msg, true, &t);
	if (!span_empty(target))
		p.target = target;
	return !t.overflow && dialog_store(dialog, &p);
}

bool
dialog_set_target(struct dialog *dialog, struct span target)
{
	struct dialog_parts p = dialog_parts(dialog);

	if (span_empty(target) || span_eq(target, dialog_target(dialog)))
		return true;
	p.target = target;
	return dialog_store(dialog, &p);
}

bool
dialog_refresh_target(struct dialog *dialog, const struct sip_view *view)
{
	return dialog_set_target(dialog, dialog_contact(view));
}

char *
dialog_new_target(const struct dialog *dialog, const struct sip_view *view)
{
	struct span target = dialog_contact(view);

	if (span_empty(target) || span_eq(target, dialog_target(dialog)))
		return NULL;
	return strndup(target.p, target.n);
}

/* A strict router wants its own URI in the start line and the remote target as
 * the last Route (section 12.2.1.1). */
static void
strict_route(struct dialog_route *route, const struct dialog *dialog,
    struct span first, struct span rest, struct sip_draft *draft)
{
	size_t mark = sip_draft_mark(draft);

	text_add(&draft->scratch, span_trim(rest));
	if (draft->scratch.len > mark)
		TEXT_LIT(&draft->scratch, ", ");
	TEXT_LIT(&draft->scratch, "<");
	text_add(&draft->scratch, dialog_target(dialog));
	TEXT_LIT(&draft->scratch, ">");
	route->routes = sip_draft_keep(draft, mark);
	route->uri = first;
}

struct dialog_route
dialog_route(const struct dialog *dialog, const struct trunk *trunk,
    struct sip_draft *draft)
{
	struct dialog_route route = { dialog_target(dialog),
		dialog_routes(dialog), dialog->path };
	struct span rest = dialog_routes(dialog), first, flag;
	struct sip_uri uri;
	struct nameaddr na;

	if (!sip_list_next(&rest, &first)) {
		if (sip_uri_parse(dialog_target(dialog), &uri))
			route.path = trunk_next_hop(trunk, &uri, &dialog->path);
		return route;
	}
	nameaddr_parse(first, &na);
	if (!nameaddr_usable(&na))
		return route;
	if (!sip_param_find(na.uri.params, SPAN("lr"), &flag))
		strict_route(&route, dialog, na.uri_text, rest, draft);
	route.path = trunk_next_hop(trunk, &na.uri, &dialog->path);
	return route;
}

#define NONCE_DIGITS  8
#define HANDLE_DIGITS 16

static void
add_hex32(struct text *t, uint32_t v)
{
	static const char hex[] = "0123456789abcdef";
	int shift;

	for (shift = 28; shift >= 0; shift -= 4)
		text_add_char(t, hex[v >> shift & 15]);
}

/* <leg handle> <nonce> */
struct span
leg_make_tag(struct leg *leg, char buf[static TAG_MAX])
{
	struct text t = text_over(buf, TAG_MAX);

	text_add_hex64(&t, leg->handle);
	add_hex32(&t, leg->nonce);
	return text_span(&t);
}

bool
leg_is_us(const struct leg *leg, struct span host)
{
	const struct trunk *trunk = leg->trunk;
	struct address a;

	return span_ieq(host, trunk->host) ||
	    (address_parse_ip(host, &a) &&
		address_same_ip(&a, &trunk->binding.local));
}

struct leg *
leg_by_request(struct calls *calls, const struct sip_view *view)
{
	struct span tag = view->to_tag;
	uint64_t handle, nonce;
	struct leg *leg;

	if (tag.n < HANDLE_DIGITS + NONCE_DIGITS ||
	    !span_to_hex64(span_make(tag.p, HANDLE_DIGITS), &handle) ||
	    !span_to_hex64(
		span_make(tag.p + HANDLE_DIGITS, NONCE_DIGITS), &nonce))
		return NULL;
	leg = leg_find(calls, handle);
	if (leg == NULL || leg->nonce != nonce || leg->state == LEG_GONE ||
	    !(span_eq(dialog_local_tag(&leg->dialog), tag) ||
		early_has_tag(leg, tag)) ||
	    !span_eq(dialog_call_id(&leg->dialog), view->call_id))
		return NULL;
	/* A callee's tag is not known before its 2xx: any may ring. */
	if (!span_empty(dialog_remote_tag(&leg->dialog)) &&
	    !span_eq(dialog_remote_tag(&leg->dialog), view->from_tag))
		return NULL;
	return leg;
}
