#include "trunk/rehearse.h"

bool
rehearse_read(struct sip_message *msg, struct sip_view *view,
    struct span bytes, struct sip_fault *fault)
{
	*view = (struct sip_view){ 0 };
	*fault = (struct sip_fault){ 0 };
	if (!sip_index(msg, bytes, fault))
		return false;
	if (!msg->request || msg->method != SIP_METHOD_INVITE) {
		fault->text = "it is not an INVITE";
		return false;
	}
	if (!sip_view_read(msg, view, fault) || !sip_sanity(msg, view, fault))
		return false;
	if (span_empty(view->to_tag))
		return true;
	fault->text = "it belongs to a call that is there already";
	return false;
}

static void
begin_draft(struct rehearsal *r, const struct sip_message *msg,
    const struct sip_view *view)
{
	struct net_path path = { .remote = r->to->binding.local };
	struct sip_draft *draft = &r->draft;
	struct passage_invite invite = {
		.msg = msg,
		.view = view,
		.from = &r->from->facts,
		.to = &r->to->facts,
		.out = r->out,
		.ours = r->from->binding.local,
		.call_id = SPAN("0000000000000000rehearsal"),
		.tag = SPAN("rehearsal"),
		.cseq = 1,
		.allow = &r->to->config->allow,
		.user_agent = r->user_agent,
	};
	size_t mark;

	sip_draft_request(
	    draft, SIP_METHOD_INVITE, SPAN("INVITE"), SPAN_NONE);
	trunk_path(r->to, 0, &path);
	invite.peer = path.remote;
	mark = sip_draft_mark(draft);
	trunk_add_via(&draft->scratch, r->to, r->to->transport,
	    SPAN("z9hG4bKrehearsal"));
	invite.via = sip_draft_keep(draft, mark);
	mark = sip_draft_mark(draft);
	trunk_add_contact(&draft->scratch, r->to);
	invite.contact = sip_draft_keep(draft, mark);
	passage_draft_invite(draft, &invite);
}

void
rehearse(struct rehearsal *r, const struct sip_message *msg,
    const struct sip_view *view)
{
	const struct journal *journal =
	    r->journal.note == NULL ? NULL : &r->journal;
	struct trunk_ownership owners[] = {
		{ r->from, r->today },
		{ r->to, r->today },
	};
	struct passage passage = {
		.in = trunk_passage(&owners[0], r->in, journal),
		.out = trunk_passage(&owners[1], r->out, journal),
		.msg = msg,
	};
	struct policy_context ctx = {
		.from = &r->from->facts,
		.to = &r->to->facts,
		.call = policy_call_kind(msg, r->from->plan),
		.entry = { .message = SPAN("INVITE"), .cseq = 1 },
	};
	struct text out = text_over(r->bytes, sizeof(r->bytes));

	begin_draft(r, msg, view);
	r->refusal = (struct policy_refusal){ 0 };
	r->leaves = passage_apply(&passage, &ctx, &r->draft, &r->refusal);
	if (r->leaves && !sip_draft_write(&r->draft, &out)) {
		r->leaves = false;
		r->refusal = (struct policy_refusal){ 500, DIAG_MSG_INVALID,
			"the message does not fit" };
	}
	r->kind = ctx.call;
	r->changes = ctx.changes;
	r->vetoes = ctx.vetoes;
	r->wire = r->leaves ? text_span(&out) : SPAN_NONE;
}
