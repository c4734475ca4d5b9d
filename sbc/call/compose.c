/*
 * compose.c - messages that we send: made from a whitelist, never by forwarding
 *
 * One draft is in the making at a time (calls->draft). It is begun here, gets the
 * headers that may pass, goes through the policies of both trunks and the guard,
 * and is written once.
 */

#include "call/private.h"

#include <errno.h>

#define MICROSECONDS_A_DAY (86400 * 1000000ull)

static struct span
keep(struct sip_draft *draft, size_t mark)
{
	return sip_draft_keep(draft, mark);
}

static void
add_number(struct sip_draft *draft, enum sip_header id, uint64_t v,
    const char *behind)
{
	size_t mark = sip_draft_mark(draft);

	text_add_u64(&draft->scratch, v);
	text_add_str(&draft->scratch, behind);
	sip_draft_add(draft, id, keep(draft, mark), SIP_OWNER_DIALOG);
}

static struct span
via_value(struct leg *leg, const struct net_path *path, const char *branch)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	size_t mark = sip_draft_mark(draft);
	struct text *t = &draft->scratch;

	TEXT_LIT(t, "SIP/2.0/");
	text_add_str(t, net_transport_via(path->transport));
	TEXT_LIT(t, " ");
	text_add(t, leg->trunk->via_host);
	TEXT_LIT(t, ";rport;branch=");
	text_add_str(t, branch);
	return keep(draft, mark);
}

void
contact_add(struct text *t, const struct trunk *trunk)
{
	TEXT_LIT(t, "<sip:");
	text_add(t, trunk->contact_host);
	if (trunk->transport != NET_UDP) {
		TEXT_LIT(t, ";transport=");
		text_add_str(t, net_transport_uri(trunk->transport));
	}
	TEXT_LIT(t, ">");
}

static void
add_contact(struct leg *leg)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	size_t mark = sip_draft_mark(draft);

	contact_add(&draft->scratch, leg->trunk);
	sip_draft_add(
	    draft, SIP_CONTACT, keep(draft, mark), SIP_OWNER_DIALOG);
}

/* Methods that make a dialog or refresh its target carry a Contact. */
static bool
wants_contact(enum sip_method method)
{
	return method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE;
}

/* What a relayed request may still travel; a request of our own starts anew. */
static unsigned
max_forwards(const struct calls *calls)
{
	const struct arrival *a = &calls->arrival;

	if (a->msg == NULL || !a->msg->request || a->view->max_forwards < 0)
		return 70;
	return a->view->max_forwards == 0 ? 0
					  : (unsigned)a->view->max_forwards - 1;
}

/* The fields that every request of a dialog begins with. */
static void
add_dialog(struct leg *leg, const struct dialog_route *route, uint32_t cseq,
    const char *branch)
{
	struct calls *calls = leg->call->calls;
	struct sip_draft *draft = &calls->draft;
	const struct dialog *dialog = &leg->dialog;
	char method[40];
	struct text t = text_over(method, sizeof(method));

	TEXT_LIT(&t, " ");
	text_add(&t, draft->method_name);
	calls->draft_path = route->path;
	calls->draft_cseq = cseq;
	sip_draft_add(draft, SIP_VIA, via_value(leg, &route->path, branch),
	    SIP_OWNER_DIALOG);
	if (!span_empty(route->routes))
		sip_draft_add(
		    draft, SIP_ROUTE, route->routes, SIP_OWNER_DIALOG);
	add_number(draft, SIP_MAX_FORWARDS, max_forwards(calls), "");
	sip_draft_add(draft, SIP_FROM, dialog->local, SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_TO, dialog->remote, SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_CALL_ID, dialog->call_id, SIP_OWNER_DIALOG);
	if (t.overflow)
		draft->overflow = true;
	add_number(draft, SIP_CSEQ, cseq, text_cstr(&t));
	if (wants_contact(draft->method))
		add_contact(leg);
}

static void
begin_request(struct leg *leg, enum sip_method method, struct span name,
    struct dialog_route *route)
{
	struct calls *calls = leg->call->calls;

	sip_draft_request(&calls->draft, method, name, SPAN_NONE);
	*route = dialog_route(&leg->dialog, leg->trunk, &calls->draft);
	calls->draft.uri = route->uri;
}

client_tx
compose_request(struct leg *leg, enum sip_method method, struct span name)
{
	struct calls *calls = leg->call->calls;
	struct dialog_route route;
	char branch[BRANCH_MAX];
	client_tx tx;

	begin_request(leg, method, name, &route);
	tx = client_create(calls->transactions, method, leg->call->handle,
	    &route.path, branch);
	if (tx != 0)
		add_dialog(leg, &route, ++leg->dialog.local_cseq, branch);
	return tx;
}

static void
fresh_branch(struct calls *calls, char branch[static BRANCH_MAX])
{
	struct text t = text_over(branch, BRANCH_MAX);
	uint64_t r;

	calls->deps.random(&r, sizeof(r));
	TEXT_LIT(&t, "z9hG4bK");
	text_add_hex64(&t, r);
	text_cstr(&t);
}

/* An ACK to a 2xx is a transaction of its own that nobody answers: it needs a
 * branch and nothing else (RFC 3261 section 13.2.2.4). */
void
compose_ack(struct leg *leg, uint32_t cseq, struct net_path *path)
{
	struct dialog_route route;
	char branch[BRANCH_MAX];

	begin_request(leg, SIP_METHOD_ACK, SPAN("ACK"), &route);
	fresh_branch(leg->call->calls, branch);
	add_dialog(leg, &route, cseq, branch);
	note_ack_target(leg, &route.path);
	*path = route.path;
}

/* --- the first INVITE --- */

/* The number as dialled, at the peer's address; a domain of the trunk is put in
 * by policy, which says so. */
static struct span
target_uri(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct sip_draft *draft = &calls->draft;
	const struct sip_uri *uri = &calls->arrival.view->uri;
	struct text *t = &draft->scratch;
	size_t mark = sip_draft_mark(draft);

	if (uri->scheme == SIP_SCHEME_NONE || uri->scheme == SIP_SCHEME_OTHER)
		return calls->arrival.msg->uri;
	TEXT_LIT(t, "sip:");
	text_add(t, uri->user);
	text_add(t, uri->user_params);
	if (!span_empty(uri->user))
		TEXT_LIT(t, "@");
	if (leg->trunk->config->domain[0] != '\0' && !span_empty(uri->host))
		text_add(t, uri->host);
	else
		address_add(t, &leg->dialog.path.remote);
	if (uri->scheme == SIP_SCHEME_TEL ||
	    span_find_span(uri->params, SPAN("user=phone")) >= 0)
		TEXT_LIT(t, ";user=phone");
	return keep(draft, mark);
}

/* Behind host and port. */
static const char *
uri_host_end(const struct sip_uri *uri)
{
	const char *at = span_end(uri->host);

	if (uri->port == 0)
		return at;
	for (at++; at < span_end(uri->whole) && *at >= '0' && *at <= '9'; at++)
		;
	return at;
}

static struct span
retagged(struct sip_draft *draft, struct span received, struct span tag)
{
	size_t mark = sip_draft_mark(draft);

	identity_add_retagged(&draft->scratch, received, tag);
	return keep(draft, mark);
}

/* A To that names us is made to name whom we call: our own address on the caller's
 * side is nobody else's business. */
static struct span
called_party(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct trunk *from = leg->call->caller.trunk;
	struct sip_draft *draft = &calls->draft;
	struct span to = retagged(draft, calls->arrival.view->to, SPAN_NONE);
	struct sip_uri target;
	struct nameaddr na;
	struct address a;
	size_t mark;

	nameaddr_parse(to, &na);
	if (!nameaddr_usable(&na) || span_empty(na.uri.host) ||
	    !sip_uri_parse(draft->uri, &target) || span_empty(target.host))
		return to;
	if (!span_ieq(na.uri.host, from->host) &&
	    !(address_parse_ip(na.uri.host, &a) &&
		address_same_ip(&a, &from->binding.local)))
		return to;
	mark = sip_draft_mark(draft);
	text_add(&draft->scratch, span_between(to.p, na.uri.host.p));
	text_add(&draft->scratch, target.host);
	text_add(&draft->scratch,
	    span_between(uri_host_end(&na.uri), span_end(to)));
	return keep(draft, mark);
}

static struct span
new_call_id(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	size_t mark = sip_draft_mark(&calls->draft);
	uint64_t r;

	/* People find the call by the first half. */
	calls->deps.random(&r, sizeof(r));
	text_add_hex64(&calls->draft.scratch, leg->call->id);
	text_add_hex64(&calls->draft.scratch, r);
	return keep(&calls->draft, mark);
}

/* What the policies made of From, To and Request-URI is the dialog's from now. */
static bool
keep_dialog(struct leg *leg, const struct dialog_parts *given)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	struct dialog_parts p = *given;

	p.local = sip_draft_value(draft, SIP_FROM);
	p.remote = sip_draft_value(draft, SIP_TO);
	p.target = draft->uri;
	return dialog_store(&leg->dialog, &p);
}

static void
add_invite_fields(struct leg *leg, const struct dialog_parts *p,
    const char *branch)
{
	struct calls *calls = leg->call->calls;
	struct sip_draft *draft = &calls->draft;
	const struct sip_view *view = calls->arrival.view;

	sip_draft_add(draft, SIP_VIA,
	    via_value(leg, &leg->dialog.path, branch), SIP_OWNER_DIALOG);
	add_number(draft, SIP_MAX_FORWARDS, max_forwards(calls), "");
	sip_draft_add(draft, SIP_FROM, retagged(draft, view->from, p->local_tag),
	    SIP_OWNER_PEER);
	sip_draft_add(draft, SIP_TO, called_party(leg), SIP_OWNER_PEER);
	sip_draft_add(draft, SIP_CALL_ID, p->call_id, SIP_OWNER_DIALOG);
	add_number(draft, SIP_CSEQ, leg->dialog.local_cseq, " INVITE");
	add_contact(leg);
	compose_own(leg);
	compose_relay(leg, calls->arrival.msg);
}

client_tx
compose_invite(struct leg *leg)
{
	struct call *call = leg->call;
	struct calls *calls = call->calls;
	struct policy_refusal refusal;
	char branch[BRANCH_MAX], tag[TAG_MAX];
	struct dialog_parts p = { .local_tag = leg_make_tag(leg, tag) };
	client_tx tx;

	tx = client_create(calls->transactions, SIP_METHOD_INVITE, call->handle,
	    &leg->dialog.path, branch);
	if (tx == 0)
		return 0;
	sip_draft_request(
	    &calls->draft, SIP_METHOD_INVITE, SPAN("INVITE"), SPAN_NONE);
	calls->draft.uri = target_uri(leg);
	calls->draft_path = leg->dialog.path;
	calls->draft_cseq = leg->dialog.local_cseq = 1;
	p.call_id = new_call_id(leg);
	add_invite_fields(leg, &p, branch);
	if (compose_apply(&call->caller, leg, &refusal)) {
		if (keep_dialog(leg, &p))
			return tx;
	} else {
		call_end(call, END_POLICY);
		call->refusal = refusal;
	}
	client_forget(calls->transactions, tx);
	return 0;
}

/* --- responses --- */

/* A response that makes or refreshes a dialog carries our Contact. */
static bool
response_wants_contact(const struct calls *calls, unsigned status)
{
	return status > 100 && status < 300 &&
	    wants_contact(calls->draft_cseq_method);
}

void
compose_response(struct leg *leg, enum sip_method method, uint32_t cseq,
    unsigned status, struct span reason)
{
	struct calls *calls = leg->call->calls;

	sip_draft_response(&calls->draft, status, reason);
	calls->draft_cseq = cseq;
	calls->draft_cseq_method = method;
	if (response_wants_contact(calls, status))
		add_contact(leg);
}

/* --- what passes --- */

static bool
is_content(enum sip_header id)
{
	switch (id) {
	case SIP_CONTENT_TYPE:
	case SIP_CONTENT_DISPOSITION:
	case SIP_CONTENT_ENCODING:
	case SIP_CONTENT_ID:
	case SIP_CONTENT_LANGUAGE:
	case SIP_MIME_VERSION:
		return true;
	default:
		return false;
	}
}

void
compose_relay(struct leg *leg, const struct sip_message *msg)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	unsigned i;

	for (i = 0; i < msg->lines_n; i++) {
		const struct sip_line *line = &msg->lines[i];

		if (is_content(line->id) && span_empty(msg->body))
			continue;
		if (policy_relays(
			leg->trunk->policy_out, &leg->trunk->facts, line))
			sip_draft_copy(draft, line);
	}
	draft->body = msg->body;
}

void
compose_own(struct leg *leg)
{
	struct calls *calls = leg->call->calls;

	add_allow(calls, leg->trunk);
	add_server(calls, leg->trunk);
}

static void
begin_context(struct policy_context *ctx, struct leg *from, struct leg *to)
{
	struct call *call = to->call;

	*ctx = (struct policy_context){
		.from = &from->trunk->facts,
		.to = &to->trunk->facts,
		.call = call->kind,
		.in_dialog = call->calls->draft.method != SIP_METHOD_INVITE ||
		    !call->calls->draft.request || to->dialog.block != NULL,
		.seen = &call->seen,
	};
}

/* Who asks whether a number is owned, and when. */
struct ownership {
	const struct trunk *trunk;
	int64_t today;
};

static bool
owns(void *arg, struct span e164)
{
	const struct ownership *o = arg;

	return trunk_owns(o->trunk, e164, o->today, NULL) == INVENTORY_OWNED;
}

static void
why_not(void *arg, struct span e164, struct text *t)
{
	const struct ownership *o = arg;

	trunk_add_why_not(t, o->trunk, e164, o->today);
}

static bool
apply_stage(struct leg *leg, struct policy *policy, enum journal_stage stage,
    struct policy_context *ctx, struct policy_refusal *refusal)
{
	struct calls *calls = leg->call->calls;
	struct record_sink sink = leg_sink(leg);
	struct journal journal = record_journal(&sink);
	struct ownership ownership = {
		.trunk = leg->trunk,
		.today = (int64_t)(calls->deps.record->now / MICROSECONDS_A_DAY),
	};

	ctx->journal = &journal;
	ctx->owns = leg->trunk->inventory == NULL ? NULL : owns;
	ctx->why_not = why_not;
	ctx->owns_arg = &ownership;
	if (stage == STAGE_OUT && !ctx->in_dialog)
		policy_scrub(policy, ctx, calls->arrival.msg);
	return policy_apply(policy, stage, ctx, &calls->draft, refusal);
}

bool
compose_apply(struct leg *from, struct leg *to, struct policy_refusal *refusal)
{
	struct calls *calls = to->call->calls;
	struct policy_context ctx;
	const char *why = NULL;
	bool good;

	begin_context(&ctx, from, to);
	policy_begin(&ctx, &calls->draft);
	good = apply_stage(from, from->trunk->policy_in, STAGE_IN, &ctx, refusal) &&
	    apply_stage(to, to->trunk->policy_out, STAGE_OUT, &ctx, refusal);
	to->call->rewrites += ctx.changes;
	calls->counters.rewrites += ctx.changes;
	if (!good)
		return false;
	if (guard_check(&ctx.guard, &calls->draft, &why))
		return true;
	*refusal = (struct policy_refusal){ 500, DIAG_POL_VETOED, why };
	return false;
}

struct span
compose_write(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct text out = text_over(calls->out, sizeof(calls->out));

	return sip_draft_write(&calls->draft, &out) ? text_span(&out) : SPAN_NONE;
}

/* RFC 3261 section 18.1.1: a large request goes by TCP where the trunk has it.
 * Only the Via differs, and it is always the first field. Empty: it stays as it
 * was, with its transaction. */
static struct span
rewrite_for_tcp(struct leg *leg, client_tx *tx)
{
	struct calls *calls = leg->call->calls;
	struct sip_field *via = &calls->draft.fields[0];
	struct span before = via->value, bytes;
	struct net_path path = calls->draft_path;
	char branch[BRANCH_MAX];
	client_tx over_tcp;

	if (!trunk_path_tcp(leg->trunk, &path))
		return SPAN_NONE;
	over_tcp = client_create(calls->transactions, calls->draft.method,
	    leg->call->handle, &path, branch);
	if (over_tcp == 0)
		return SPAN_NONE;
	via->value = via_value(leg, &path, branch);
	bytes = compose_write(leg);
	if (span_empty(bytes))
		via->value = before;
	client_forget(calls->transactions, span_empty(bytes) ? over_tcp : *tx);
	if (!span_empty(bytes))
		*tx = over_tcp;
	return bytes;
}

static struct span
fit_datagram(struct leg *leg, client_tx *tx, struct span bytes)
{
	struct calls *calls = leg->call->calls;
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.diagnostic = DIAG_MSG_TOO_BIG,
		.target = SPAN("size"),
	};
	char size[32];
	struct text t = text_over(size, sizeof(size));
	struct span over_tcp;

	if (calls->draft_path.transport != NET_UDP ||
	    bytes.n <= leg->call->trunks->config->sip.udp_max)
		return bytes;
	over_tcp = rewrite_for_tcp(leg, tx);
	text_add_u64(&t, bytes.n);
	entry.before = text_span(&t);
	entry.after = span_empty(over_tcp) ? SPAN("sent over UDP all the same")
					   : SPAN("sent over TCP");
	note(leg, &entry);
	return span_empty(over_tcp) ? compose_write(leg) : over_tcp;
}

int
compose_send(struct leg *leg, client_tx *tx)
{
	struct calls *calls = leg->call->calls;
	struct span bytes = compose_write(leg);
	int error = -EMSGSIZE;

	if (span_empty(bytes))
		client_forget(calls->transactions, *tx);
	else
		error = client_send(calls->transactions, *tx,
		    fit_datagram(leg, tx, bytes));
	if (error != 0)
		*tx = 0;
	return error;
}

void
reason_add(struct text *t, enum end_reason reason)
{
	const struct end_reason_row *row = end_reason_get(reason);

	if (row->q850 == 0)
		return;
	TEXT_LIT(t, "Q.850;cause=");
	text_add_u64(t, row->q850);
	TEXT_LIT(t, ";text=\"");
	text_add_str(t, row->sentence);
	TEXT_LIT(t, "\"");
}
