/*
 * passage.c - a draft made from a whitelist, never by forwarding
 */

#include "policy/passage.h"

#include "identity/identity.h"
#include "sip/nameaddr.h"
#include "sip/value.h"

/* What this program understands inside and outside of a dialog: true, so that
 * peers choose well (rows ACS-05, SFB-02). */
static const char allow_default[] =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, MESSAGE, "
    "REFER, NOTIFY";

void
passage_add_allow(struct sip_draft *draft, const struct config_strings *allow)
{
	size_t mark = sip_draft_mark(draft), i;

	if (allow->n == 0) {
		sip_draft_add(draft, SIP_ALLOW, span_of(allow_default),
		    SIP_OWNER_OWN);
		return;
	}
	for (i = 0; i < allow->n; i++) {
		if (i > 0)
			TEXT_LIT(&draft->scratch, ", ");
		text_add_str(&draft->scratch, allow->list[i]);
	}
	sip_draft_add(
	    draft, SIP_ALLOW, sip_draft_keep(draft, mark), SIP_OWNER_OWN);
}

unsigned
passage_max_forwards(
    const struct sip_message *msg, const struct sip_view *view)
{
	if (msg == NULL || !msg->request || view->max_forwards < 0)
		return 70;
	return view->max_forwards == 0 ? 0 : (unsigned)view->max_forwards - 1;
}

static void
add_user(struct text *t, const struct sip_uri *uri)
{
	if (uri->scheme == SIP_SCHEME_TEL) {
		identity_add_subscriber(t, identity_subscriber(uri));
	} else {
		text_add(t, uri->user);
		text_add(t, uri->user_params);
	}
	if (!span_empty(uri->user))
		TEXT_LIT(t, "@");
}

/* Some write it behind the host. Without it a local number
 * would be read as one of ours. */
static void
add_context(struct text *t, const struct sip_uri *uri)
{
	struct span context;

	if (uri->scheme == SIP_SCHEME_TEL ||
	    !sip_param_find(uri->params, SIP_PHONE_CONTEXT, &context) ||
	    span_empty(context))
		return;
	TEXT_LIT(t, ";phone-context=");
	text_add(t, context);
}

/* The number as dialled, at the peer's address; a domain of the trunk is put in
 * by policy, which says so. */
static struct span
target_uri(struct sip_draft *draft, const struct passage_invite *invite)
{
	const struct sip_uri *uri = &invite->view->uri;
	struct text *t = &draft->scratch;
	size_t mark = sip_draft_mark(draft);

	if (uri->scheme == SIP_SCHEME_NONE || uri->scheme == SIP_SCHEME_OTHER)
		return invite->msg->uri;
	TEXT_LIT(t, "sip:");
	add_user(t, uri);
	if (!span_empty(invite->to->domain) && !span_empty(uri->host))
		text_add(t, uri->host);
	else
		address_add(t, &invite->peer);
	add_context(t, uri);
	if (uri->scheme == SIP_SCHEME_TEL ||
	    span_find_span(uri->params, SPAN("user=phone")) >= 0)
		TEXT_LIT(t, ";user=phone");
	text_add(t, invite->params);
	return sip_draft_keep(draft, mark);
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
	return sip_draft_keep(draft, mark);
}

/* A To that names nobody ("sip:07969987654@;user=phone", source of row
 * SFB-08), or us, is made to name whom we call: our own address on the
 * caller's side is nobody else's business. */
static struct span
called_party(struct sip_draft *draft, const struct passage_invite *invite)
{
	struct span to = retagged(draft, invite->view->to, SPAN_NONE);
	struct sip_uri target;
	struct nameaddr na;
	struct address a;
	size_t mark;

	nameaddr_parse(to, &na);
	if (!nameaddr_usable(&na)) {
		mark = sip_draft_mark(draft);
		TEXT_LIT(&draft->scratch, "<");
		text_add(&draft->scratch, draft->uri);
		TEXT_LIT(&draft->scratch, ">");
		return sip_draft_keep(draft, mark);
	}
	if (span_empty(na.uri.host) ||
	    !sip_uri_parse(draft->uri, &target) || span_empty(target.host))
		return to;
	if (!span_ieq(na.uri.host, invite->from->host) &&
	    !(address_parse_ip(na.uri.host, &a) &&
		address_same_ip(&a, &invite->ours)))
		return to;
	mark = sip_draft_mark(draft);
	text_add(&draft->scratch, span_between(to.p, na.uri.host.p));
	text_add(&draft->scratch, target.host);
	text_add(&draft->scratch,
	    span_between(uri_host_end(&na.uri), span_end(to)));
	return sip_draft_keep(draft, mark);
}

void
passage_draft_invite(
    struct sip_draft *draft, const struct passage_invite *invite)
{
	draft->uri = target_uri(draft, invite);
	sip_draft_add(draft, SIP_VIA, invite->via, SIP_OWNER_DIALOG);
	sip_draft_add_number(draft, SIP_MAX_FORWARDS,
	    passage_max_forwards(invite->msg, invite->view), SPAN_NONE,
	    SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_FROM,
	    retagged(draft, invite->view->from, invite->tag), SIP_OWNER_PEER);
	sip_draft_add(
	    draft, SIP_TO, called_party(draft, invite), SIP_OWNER_PEER);
	sip_draft_add(draft, SIP_CALL_ID, invite->call_id, SIP_OWNER_DIALOG);
	sip_draft_add_number(
	    draft, SIP_CSEQ, invite->cseq, SPAN(" INVITE"), SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_CONTACT, invite->contact, SIP_OWNER_DIALOG);
	passage_add_allow(draft, invite->allow);
	if (!span_empty(invite->user_agent))
		sip_draft_add(draft, SIP_USER_AGENT, invite->user_agent,
		    SIP_OWNER_OWN);
	passage_relay(draft, invite->out, invite->to, invite->msg);
}

void
passage_relay(struct sip_draft *draft, const struct policy *out,
    const struct policy_trunk *to, const struct sip_message *msg)
{
	unsigned i;

	for (i = 0; i < msg->lines_n; i++) {
		const struct sip_line *line = &msg->lines[i];

		if (span_empty(msg->body) &&
		    (sip_header_flags(line->id) & SIP_FLAG_BODY))
			continue;
		if (policy_relays(out, to, line))
			sip_draft_copy(draft, line);
	}
	draft->body = msg->body;
}

static void
begin_stage(struct policy_context *ctx, const struct passage_stage *stage)
{
	ctx->journal = stage->journal;
	ctx->owns = stage->owns;
	ctx->why_not = stage->why_not;
	ctx->owns_arg = stage->owns_arg;
}

bool
passage_apply(const struct passage *passage, struct policy_context *ctx,
    struct sip_draft *draft, struct policy_refusal *refusal)
{
	const struct passage_stage *in = &passage->in, *out = &passage->out;
	const char *why = NULL;

	ctx->received = passage->msg;
	policy_begin(ctx, draft);
	begin_stage(ctx, in);
	policy_hear(in->policy, ctx, draft);
	if (passage->asked != NULL)
		policy_hear(passage->asked, ctx, draft);
	if (!policy_apply(in->policy, STAGE_IN, ctx, draft, refusal))
		return false;
	begin_stage(ctx, out);
	if (!ctx->in_dialog && ctx->journal != NULL)
		policy_scrub(out->policy, ctx, passage->msg);
	if (!policy_apply(out->policy, STAGE_OUT, ctx, draft, refusal))
		return false;
	if (guard_check(&ctx->guard, draft, &why))
		return true;
	*refusal = (struct policy_refusal){ 500, DIAG_POL_VETOED, why };
	return false;
}
