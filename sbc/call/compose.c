/*
 * compose.c - messages that we send: made from a whitelist, never by forwarding
 *
 * One draft is in the making at a time (calls->draft). It is begun here, gets
 * the headers that may pass, goes through the policies of both trunks and the
 * guard, and is written once.
 */

#include "call/transfer.h"

#include <errno.h>

#define MICROSECONDS_A_DAY (86400 * 1000000ull)

static struct span
via_value(struct leg *leg, const struct net_path *path, const char *branch)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	size_t mark = sip_draft_mark(draft);

	trunk_add_via(
	    &draft->scratch, leg->trunk, path->transport, span_of(branch));
	return sip_draft_keep(draft, mark);
}

static struct span
contact_value(struct leg *leg)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	size_t mark = sip_draft_mark(draft);

	trunk_add_contact(&draft->scratch, leg->trunk);
	return sip_draft_keep(draft, mark);
}

static void
add_contact(struct leg *leg)
{
	sip_draft_add(&leg->call->calls->draft, SIP_CONTACT,
	    contact_value(leg), SIP_OWNER_DIALOG);
}

/* Methods that make a dialog or refresh its target carry a Contact. */
static bool
wants_contact(enum sip_method method)
{
	return method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE ||
	    method == SIP_METHOD_REFER || method == SIP_METHOD_NOTIFY;
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
	sip_draft_add_number(draft, SIP_MAX_FORWARDS,
	    passage_max_forwards(calls->arrival.msg, calls->arrival.view),
	    SPAN_NONE, SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_FROM, dialog_local(dialog), SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_TO, dialog_remote(dialog), SIP_OWNER_DIALOG);
	sip_draft_add(
	    draft, SIP_CALL_ID, dialog_call_id(dialog), SIP_OWNER_DIALOG);
	if (t.overflow)
		draft->overflow = true;
	sip_draft_add_number(
	    draft, SIP_CSEQ, cseq, text_span(&t), SIP_OWNER_DIALOG);
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
	tx = client_create(calls->transactions, method, leg->handle,
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

static struct span
call_id_of(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	size_t mark = sip_draft_mark(&calls->draft);
	uint64_t r;

	if (!span_empty(dialog_call_id(&leg->dialog)))
		return sip_draft_copy_text(
		    &calls->draft, dialog_call_id(&leg->dialog));
	/* People find the call by the first half. */
	calls->deps.random(&r, sizeof(r));
	text_add_hex64(&calls->draft.scratch, leg->call->id);
	text_add_hex64(&calls->draft.scratch, r);
	return sip_draft_keep(&calls->draft, mark);
}

/* What the policies made of From, To and Request-URI is the dialog's from
 * now. */
static bool
keep_dialog(struct leg *leg, const struct dialog_parts *given)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	struct dialog_parts p = *given;

	p.local = sip_draft_value(draft, SIP_FROM);
	p.remote = sip_draft_value(draft, SIP_TO);
	p.target = draft->uri;
	leg->dialog.ours = true;
	return dialog_store(&leg->dialog, &p);
}

/* What Microsoft Teams finds the call again by, in a
 * Refer-To that names itself. */
static bool
is_teams(struct span name)
{
	return span_ieq(name, SPAN("x-m")) || span_ieq(name, SPAN("x-t")) ||
	    span_ieq(name, SPAN("x-ti")) || span_ieq(name, SPAN("x-tt"));
}

/* Of the URI that a transferor named. */
static struct span
kept_params(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct transfer *t = leg->call->transfer;
	struct span rest = calls->arrival.view->uri.params, name, value;
	struct text *out = &calls->draft.scratch;
	size_t mark = sip_draft_mark(&calls->draft);

	if (t == NULL || t->target != leg)
		return SPAN_NONE;
	while (sip_param_next(&rest, &name, &value)) {
		if (!is_teams(name))
			continue;
		TEXT_LIT(out, ";");
		text_add(out, name);
		TEXT_LIT(out, "=");
		text_add(out, value);
	}
	return sip_draft_keep(&calls->draft, mark);
}

static void
draft_invite(struct leg *from_leg, struct leg *leg,
    const struct dialog_parts *p, const char *branch)
{
	struct calls *calls = leg->call->calls;
	const struct trunk *from = from_leg->trunk;
	struct passage_invite invite = {
		.msg = calls->arrival.msg,
		.view = calls->arrival.view,
		.from = &from->facts,
		.to = &leg->trunk->facts,
		.out = leg->trunk->policy_out,
		.ours = from->binding.local,
		.peer = leg->dialog.path.remote,
		.call_id = p->call_id,
		.tag = p->local_tag,
		.cseq = leg->dialog.local_cseq,
		.allow = &leg->trunk->config->allow,
		.user_agent = span_of(calls->trunks->config->user_agent),
	};

	invite.via = via_value(leg, &leg->dialog.path, branch);
	invite.contact = contact_value(leg);
	invite.params = kept_params(leg);
	passage_draft_invite(&calls->draft, &invite);
	offer_add(leg);
	interval_ask(leg);
}

bool
compose_invite(
    struct leg *from, struct leg *leg, struct policy_refusal *refusal)
{
	struct calls *calls = leg->call->calls;
	struct exchange *x = leg->invite;
	char branch[BRANCH_MAX], tag[TAG_MAX];
	struct dialog_parts p = { .local_tag = leg_make_tag(leg, tag) };

	x->client = client_create(calls->transactions, SIP_METHOD_INVITE,
	    leg->handle, &leg->dialog.path, branch);
	*refusal = (struct policy_refusal){ 0 };
	if (x->client == 0)
		return false;
	sip_draft_request(
	    &calls->draft, SIP_METHOD_INVITE, SPAN("INVITE"), SPAN_NONE);
	calls->draft_path = leg->dialog.path;
	x->client_cseq = calls->draft_cseq = ++leg->dialog.local_cseq;
	p.call_id = call_id_of(leg);
	draft_invite(from, leg, &p, branch);
	extension_tell(leg);
	extension_pass(from, leg);
	if (compose_apply(from, leg, refusal)) {
		attempt_apply(leg);
		if (keep_dialog(leg, &p))
			return true;
		refusal->text = NULL;
	}
	exchange_forget_client(x);
	return false;
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

void
compose_relay(struct leg *leg, const struct sip_message *msg)
{
	passage_relay(&leg->call->calls->draft, leg->trunk->policy_out,
	    &leg->trunk->facts, msg);
}

void
compose_own(struct leg *leg)
{
	struct calls *calls = leg->call->calls;

	add_allow(calls, leg->trunk);
	extension_tell(leg);
	if (calls->draft.request && wants_contact(calls->draft.method))
		interval_ask(leg);
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
		.method = call->calls->draft_cseq_method,
		.in_dialog = call->calls->draft.method != SIP_METHOD_INVITE ||
		    !call->calls->draft.request ||
		    to->state >= LEG_ANSWERED,
		.seen = &call->seen,
	};
}

/* What policies have made of the session, in the words
 * that its receiver knows. */
static bool
settle_session(
    struct leg *from, struct leg *to, struct policy_refusal *refusal)
{
	if (convert_session(from, to) && session_sign(to))
		return true;
	*refusal = (struct policy_refusal){ 500, DIAG_INT_SHORTAGE,
		"no room for the session description" };
	return false;
}

bool
compose_apply(struct leg *from, struct leg *to, struct policy_refusal *refusal)
{
	struct calls *calls = to->call->calls;
	struct record_sink sinks[] = { leg_sink(from), leg_sink(to) };
	struct journal in = record_journal(&sinks[0]);
	struct journal out = record_journal(&sinks[1]);
	int64_t today =
	    (int64_t)(calls->deps.record->now / MICROSECONDS_A_DAY);
	struct trunk_ownership owners[] = {
		{ from->trunk, today },
		{ to->trunk, today },
	};
	struct passage passage = {
		.in = trunk_passage(&owners[0], from->trunk->policy_in, &in),
		.out = trunk_passage(&owners[1], to->trunk->policy_out, &out),
		.msg = calls->arrival.msg,
		.asked = from->trunk->policy_out,
	};
	struct policy_context ctx;
	bool good;

	begin_context(&ctx, from, to);
	good = passage_apply(&passage, &ctx, &calls->draft, refusal) &&
	    settle_session(from, to, refusal);
	to->call->rewrites += ctx.changes;
	calls->counters.rewrites += ctx.changes;
	if (good)
		restate_told(to);
	return good;
}

/* What nobody sent us has nothing to be mended, and cannot be held back; the
 * free rules of the trunks may still want a word in it. */
void
compose_apply_rules(struct leg *leg)
{
	struct leg *from = leg->other;
	struct policy_refusal refusal;

	if (from != NULL && from->trunk != NULL &&
	    (policy_has_rules(from->trunk->policy_in) ||
		policy_has_rules(leg->trunk->policy_out)))
		compose_apply(from, leg, &refusal);
}

struct span
compose_write(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct text out = text_over(calls->out, sizeof(calls->out));

	return sip_draft_write(&calls->draft, &out) ? text_span(&out)
						    : SPAN_NONE;
}

/* The same request by another path. Only the Via differs, and it is always the
 * first field. Empty: it stays as it was, with its transaction. */
static struct span
rewrite_for_path(struct leg *leg, client_tx *tx, const struct net_path *path)
{
	struct calls *calls = leg->call->calls;
	struct sip_field *via = &calls->draft.fields[0];
	struct span before = via->value, bytes;
	char branch[BRANCH_MAX];
	client_tx other = client_create(calls->transactions,
	    calls->draft.method, leg->handle, path, branch);

	if (other == 0)
		return SPAN_NONE;
	via->value = via_value(leg, path, branch);
	bytes = compose_write(leg);
	if (span_empty(bytes))
		via->value = before;
	client_forget(calls->transactions, span_empty(bytes) ? other : *tx);
	if (!span_empty(bytes))
		*tx = other;
	return bytes;
}

/* RFC 3261 section 18.1.1: a large request goes by TCP where the trunk has
 * it. */
static struct span
rewrite_for_tcp(struct leg *leg, client_tx *tx)
{
	struct net_path path = leg->call->calls->draft_path;

	if (!trunk_path_tcp(leg->trunk, &path))
		return SPAN_NONE;
	return rewrite_for_path(leg, tx, &path);
}

/* The connection is gone, which we are told of only when this turn ends: the
 * next one is opened at once. */
static int
send_by_another(struct leg *leg, client_tx *tx)
{
	struct calls *calls = leg->call->calls;
	struct net_path path = calls->draft_path;
	struct span bytes;

	trunk_path_again(leg->trunk, &path);
	bytes = rewrite_for_path(leg, tx, &path);
	if (span_empty(bytes))
		return -ENOTCONN;
	return client_send(calls->transactions, *tx, bytes);
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

	if (span_empty(bytes)) {
		client_forget(calls->transactions, *tx);
	} else {
		/* May make *tx another one. */
		bytes = fit_datagram(leg, tx, bytes);
		error = client_send(calls->transactions, *tx, bytes);
	}
	if (error == -ENOTCONN)
		error = send_by_another(leg, tx);
	if (error == 0)
		return 0;
	*tx = 0;
	note_unsent(leg, calls->draft.method_name, error);
	return error;
}
