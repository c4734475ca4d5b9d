#include "trunk/rehearse.h"

#include "base/container.h"
#include "sip/value.h"

static bool
refuse(struct sip_fault *fault, const char *why)
{
	fault->text = why;
	return false;
}

/* An INVITE before what else may be wrong with it: of a capture most are
 * not. */
static bool
read_sane(struct sip_message *msg, struct sip_view *view, struct span bytes,
    struct sip_fault *fault, bool invite)
{
	*view = (struct sip_view){ 0 };
	*fault = (struct sip_fault){ 0 };
	if (!sip_index(msg, bytes, fault))
		return false;
	if (invite && (!msg->request || msg->method != SIP_METHOD_INVITE))
		return refuse(fault, "it is not an INVITE");
	return sip_view_read(msg, view, fault) && sip_sanity(msg, view, fault);
}

bool
rehearse_read(struct sip_message *msg, struct sip_view *view,
    struct span bytes, struct sip_fault *fault)
{
	if (!read_sane(msg, view, bytes, fault, true))
		return false;
	return span_empty(view->to_tag) ||
	    refuse(fault, "it belongs to a call that is there already");
}

bool
rehearse_read_any(struct sip_message *msg, struct sip_view *view,
    struct span bytes, struct sip_fault *fault)
{
	if (!read_sane(msg, view, bytes, fault, false))
		return false;
	return !msg->request || msg->method == SIP_METHOD_INVITE ||
	    !span_empty(view->to_tag) ||
	    refuse(fault,
		"outside of a call only an INVITE goes on to another trunk");
}

static bool
begins_call(const struct sip_message *msg, const struct sip_view *view)
{
	return msg->request && msg->method == SIP_METHOD_INVITE &&
	    span_empty(view->to_tag);
}

/* The dialog's fields of the other leg are not known
 * here: these stand for them. */
struct dialog_lines {
	const struct sip_line *list[4];
	size_t n;
};

static struct dialog_lines
find_dialog(const struct sip_message *msg)
{
	static const enum sip_header of_dialog[] = { SIP_FROM, SIP_TO,
		SIP_CALL_ID, SIP_CSEQ };
	struct dialog_lines lines = { .n = 0 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(of_dialog); i++) {
		const struct sip_line *line = sip_find(msg, of_dialog[i]);

		if (line != NULL)
			lines.list[lines.n++] = line;
	}
	return lines;
}

static void
add_dialog(struct sip_draft *draft, const struct sip_message *msg)
{
	struct dialog_lines lines = find_dialog(msg);
	size_t i;

	for (i = 0; i < lines.n && draft->fields_n < SIP_DRAFT_FIELDS; i++) {
		sip_draft_copy(draft, lines.list[i]);
		draft->fields[draft->fields_n - 1].owner = SIP_OWNER_DIALOG;
	}
}

static void
add_echo(struct sip_draft *draft, const struct sip_message *msg)
{
	struct dialog_lines lines = find_dialog(msg);
	size_t mark = sip_draft_mark(draft), i;
	struct text *t = &draft->scratch;

	for (i = 0; i < lines.n; i++) {
		text_add_str(t, sip_header_name(lines.list[i]->id));
		TEXT_LIT(t, ": ");
		sip_add_unfolded(t, lines.list[i]->value);
		TEXT_LIT(t, "\r\n");
	}
	draft->head = sip_draft_keep(draft, mark);
}

static struct span
own_via(struct rehearsal *r)
{
	size_t mark = sip_draft_mark(&r->draft);

	trunk_add_via(&r->draft.scratch, r->to, r->to->transport,
	    SPAN("z9hG4bKrehearsal"));
	return sip_draft_keep(&r->draft, mark);
}

static struct span
own_contact(struct rehearsal *r)
{
	size_t mark = sip_draft_mark(&r->draft);

	trunk_add_contact(&r->draft.scratch, r->to);
	return sip_draft_keep(&r->draft, mark);
}

/* A request within a call, or a response. */
static void
begin_other(struct rehearsal *r, const struct sip_message *msg,
    const struct sip_view *view)
{
	struct sip_draft *draft = &r->draft;

	if (msg->request) {
		sip_draft_request(
		    draft, msg->method, msg->method_name, msg->uri);
		sip_draft_add(draft, SIP_VIA, own_via(r), SIP_OWNER_DIALOG);
		sip_draft_add_number(draft, SIP_MAX_FORWARDS,
		    passage_max_forwards(msg, view), SPAN_NONE,
		    SIP_OWNER_DIALOG);
		add_dialog(draft, msg);
	} else {
		sip_draft_response(draft, msg->status, msg->reason);
		add_echo(draft, msg);
	}
	if (sip_has(msg, SIP_CONTACT))
		sip_draft_add(
		    draft, SIP_CONTACT, own_contact(r), SIP_OWNER_DIALOG);
	passage_relay(draft, r->out, &r->to->facts, msg);
}

static void
label(struct rehearsal *r, const struct sip_message *msg,
    const struct sip_view *view)
{
	struct text t = text_over(r->label, sizeof(r->label));

	sip_add_label(&t, msg->status, view->cseq_method_name);
	r->message = t.overflow ? SPAN("message") : text_span(&t);
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

	sip_draft_request(
	    draft, SIP_METHOD_INVITE, SPAN("INVITE"), SPAN_NONE);
	trunk_path(r->to, 0, &path);
	invite.peer = path.remote;
	invite.via = own_via(r);
	invite.contact = own_contact(r);
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
		.asked = msg->request ? NULL : r->from->policy_out,
	};
	bool first = begins_call(msg, view);
	struct policy_context ctx = {
		.from = &r->from->facts,
		.to = &r->to->facts,
		.call = r->kind_given ? r->kind
				      : policy_call_kind(msg, r->from->plan),
		.in_dialog = !first,
		.method = view->cseq_method,
		.entry = { .cseq = first ? 1 : view->cseq },
	};
	struct text out = text_over(r->bytes, sizeof(r->bytes));

	label(r, msg, view);
	ctx.entry.message = r->message;
	if (first)
		begin_draft(r, msg, view);
	else
		begin_other(r, msg, view);
	r->refusal = (struct policy_refusal){ 0 };
	r->leaves = passage_apply(&passage, &ctx, &r->draft, &r->refusal);
	if (r->leaves && !sip_draft_write(&r->draft, &out)) {
		r->leaves = false;
		r->refusal = (struct policy_refusal){ 500, DIAG_MSG_INVALID,
			"the message does not fit" };
	}
	r->kind = ctx.call;
	r->response = ctx.response;
	r->changes = ctx.changes;
	r->vetoes = ctx.vetoes;
	r->wire = r->leaves ? text_span(&out) : SPAN_NONE;
}
