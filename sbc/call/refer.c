/*
 * refer.c - REFER, and the NOTIFYs that tell how it went (RFC 3515, RFC 4488)
 *
 * What a Refer-To names is never dialled: it is looked up in the
 * route table as a number that the transferor's trunk calls, or in
 * our own dialogs as a Replaces.
 */

#include "call/transfer.h"

#include <stdlib.h>

#include "sip/sipfrag.h"
#include "sip/subscription.h"

/* --- what a transferor is told --- */

/* What a leg's peer asked to be told of. */
struct subscription {
	uint32_t id;   /* CSeq of its REFER, from the second one on; 0: no id */
	unsigned next; /* status that waits for the answer to the last NOTIFY */
	bool pending;  /* a NOTIFY is not answered yet */
	bool last;     /* and it is the last one */
};

void
refer_forget(struct leg *leg)
{
	free(leg->subscription);
	leg->subscription = NULL;
}

/* RFC 4488: a peer that wants no NOTIFY has no subscription. */
static bool
subscribe(struct leg *leg, uint32_t cseq)
{
	struct subscription *s = leg->subscription;

	if (s == NULL)
		s = calloc(1, sizeof(*s));
	else
		*s = (struct subscription){ .pending = s->pending };
	if (s == NULL)
		return false;
	if (leg->call->transfers > 1)
		s->id = cseq;
	leg->subscription = s;
	return true;
}

static void notify_response(struct exchange *x);
static void notify_lost(struct exchange *x);

static const struct exchange_ops notify_ops = {
	notify_response, notify_lost, notify_lost
};

static void
add_event(struct sip_draft *draft, uint32_t id)
{
	struct sip_event event = { .package = SPAN("refer") };
	char digits[16];
	struct text t = text_over(digits, sizeof(digits));
	size_t mark;

	if (id != 0) {
		text_add_u64(&t, id);
		event.id = text_span(&t);
	}
	mark = sip_draft_mark(draft);
	sip_event_write(&event, &draft->scratch);
	sip_draft_add(draft, SIP_EVENT, sip_draft_keep(draft, mark),
	    SIP_OWNER_DIALOG);
}

static void
add_state(struct leg *leg, bool last)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	struct sip_subscription_state state = {
		.state = SIP_SUBSTATE_ACTIVE,
		.has_expires = true,
		.expires = leg->call->trunks->config->sip.ring / 1000,
	};
	size_t mark = sip_draft_mark(draft);

	if (last)
		state = (struct sip_subscription_state){
			.state = SIP_SUBSTATE_TERMINATED,
			.reason = SPAN("noresource"),
		};
	sip_subscription_state_write(&state, &draft->scratch);
	sip_draft_add(draft, SIP_SUBSCRIPTION_STATE,
	    sip_draft_keep(draft, mark), SIP_OWNER_DIALOG);
}

static void
notify_next(struct leg *leg)
{
	struct subscription *s = leg->subscription;
	struct sip_draft *draft = &leg->call->calls->draft;
	unsigned status = s->next;
	struct exchange *x;
	size_t mark;

	if (s->pending || status == 0 || leg->state != LEG_UP)
		return;
	x = exchange_begin(leg, SIP_METHOD_NOTIFY, &notify_ops);
	if (x == NULL)
		return;
	s->next = 0;
	s->last = status >= 200;
	s->pending = true;
	add_event(draft, s->id);
	add_state(leg, s->last);
	sip_draft_add(draft, SIP_CONTENT_TYPE,
	    SPAN("message/sipfrag;version=2.0"), SIP_OWNER_OWN);
	mark = sip_draft_mark(draft);
	sipfrag_write_status(&draft->scratch, status,
	    span_of(sip_reason_phrase(status)));
	draft->body = sip_draft_keep(draft, mark);
	compose_apply_rules(leg);
	if (exchange_send(x) != 0)
		refer_forget(leg);
}

/* RFC 6665 section 4.4.1: who does not know the subscription is not told more,
 * and nothing else of the dialog is harmed (RFC 5057). */
static void
notify_response(struct exchange *x)
{
	struct leg *leg = x->to;
	struct subscription *s = leg->subscription;
	unsigned status = leg->call->calls->arrival.msg->status;

	if (status < 200)
		return;
	exchange_close(x);
	if (s == NULL)
		return;
	s->pending = false;
	if (s->next != 0 && status < 300)
		notify_next(leg);
	else if (s->last || status >= 300)
		refer_forget(leg);
}

static void
notify_lost(struct exchange *x)
{
	struct leg *leg = x->to;

	exchange_close(x);
	refer_forget(leg);
}

bool
refer_waits(const struct leg *leg)
{
	return leg->subscription != NULL && leg->subscription->pending;
}

void
refer_tell(struct leg *leg, unsigned status)
{
	if (leg->subscription == NULL)
		return;
	leg->subscription->next = status;
	notify_next(leg);
}

/* --- the INVITE of the target --- */

/* A URI as From and its kin may have it (RFC 3261 section 19.1.1, table 1):
 * what it said of the way to its peer is nobody else's business. */
static void
add_identity(struct text *t, const struct nameaddr *na)
{
	struct span rest = na->uri.params, name, value;

	text_add(t, span_between(na->uri.whole.p, na->uri.params.p));
	while (sip_param_next(&rest, &name, &value))
		if (span_ieq(name, SPAN("user")) && !span_empty(value)) {
			TEXT_LIT(t, ";user=");
			text_add(t, value);
		}
}

/* The party that waits is the caller, unless the trunk's owner says that the
 * transferor is. */
static void
add_caller(struct text *t, const struct transfer *transfer)
{
	const struct leg *as =
	    transfer->transferor->trunk->config->transfer_caller ==
		    CONFIG_TRANSFEROR
		? transfer->transferor
		: transfer->waiting;

	struct nameaddr na;

	nameaddr_parse(dialog_remote(&as->dialog), &na);
	if (!span_empty(as->privacy)) {
		TEXT_LIT(t, "Privacy: ");
		sip_add_unfolded(t, as->privacy);
		TEXT_LIT(t, "\r\n");
	}
	TEXT_LIT(t, "From: ");
	if (!nameaddr_usable(&na)) {
		identity_add_retagged(
		    t, dialog_remote(&as->dialog), SPAN("transfer"));
	} else {
		text_add(t, na.display);
		text_add_str(t, span_empty(na.display) ? "<" : " <");
		add_identity(t, &na);
		TEXT_LIT(t, ">;tag=transfer");
	}
	TEXT_LIT(t, "\r\n");
}

static void
add_referred_by(struct text *t, const struct leg *transferor,
    const struct sip_message *refer)
{
	struct span given = sip_value(refer, SIP_REFERRED_BY);
	struct nameaddr na;

	TEXT_LIT(t, "Referred-By: ");
	if (!span_empty(given)) {
		sip_add_unfolded(t, given);
	} else {
		nameaddr_parse(dialog_remote(&transferor->dialog), &na);
		TEXT_LIT(t, "<");
		add_identity(t, &na);
		TEXT_LIT(t, ">");
	}
	TEXT_LIT(t, "\r\n");
}

/* What the Refer-To carries and an INVITE may hold.
 * Who referred has been said. */
static void
add_carried(struct text *t, const struct refer_to *to)
{
	char buf[1024];
	struct span rest = to->headers;
	struct refer_header header;
	struct text scratch = text_over(buf, sizeof(buf));

	while (refer_header_next(&rest, &scratch, &header)) {
		if (header.id != SIP_REFERRED_BY &&
		    refer_header_may_pass(header.name, false)) {
			text_add(t, header.name);
			TEXT_LIT(t, ": ");
			text_add(t, header.value);
			TEXT_LIT(t, "\r\n");
		}
		scratch = text_over(buf, sizeof(buf));
	}
}

static void
add_body(struct text *t, struct span sdp)
{
	TEXT_LIT(t, "Content-Type: application/sdp\r\nContent-Length: ");
	text_add_u64(t, sdp.n);
	TEXT_LIT(t, "\r\n\r\n");
	text_add(t, sdp);
}

/* As if the transferor had dialled the target itself: all that a policy knows
 * of a call from its trunk holds. */
static bool
write_invite(struct transfer *transfer, const struct refer_to *to)
{
	struct calls *calls = transfer->call->calls;
	const struct arrival *a = &calls->arrival;
	struct text t = text_over(calls->out, sizeof(calls->out));

	TEXT_LIT(&t, "INVITE ");
	refer_to_write_target(to, &t);
	TEXT_LIT(&t, " SIP/2.0\r\nVia: SIP/2.0/UDP ");
	text_add(&t, a->trunk->host);
	TEXT_LIT(&t, ";branch=z9hG4bKtransfer\r\nMax-Forwards: ");
	text_add_u64(&t, passage_max_forwards(a->msg, a->view));
	TEXT_LIT(&t, "\r\n");
	add_caller(&t, transfer);
	TEXT_LIT(&t, "To: <");
	text_add(&t, span_between(to->uri.whole.p, to->uri.params.p));
	TEXT_LIT(&t, ">\r\nCall-ID: transfer\r\nCSeq: 1 INVITE\r\n");
	add_referred_by(&t, transfer->transferor, a->msg);
	add_carried(&t, to);
	add_body(&t, transfer->told);
	if (!t.overflow)
		transfer->invite = span_copy(text_span(&t));
	return !span_empty(transfer->invite);
}

/* --- REFER --- */

struct request {
	struct leg *leg; /* who asks */
	server_tx tx;
	struct refer_to to;
};

static void
refuse_request(const struct request *r, unsigned status,
    enum diagnostic diagnostic, const char *why)
{
	refuse(
	    r->leg->call->calls, r->leg, r->tx, status, diagnostic, "%s", why);
}

static bool
is_readable(struct request *r)
{
	struct calls *calls = r->leg->call->calls;
	const struct sip_message *msg = calls->arrival.msg;
	struct sip_fault fault;

	if (sip_has_twice(msg, SIP_REFER_TO)) {
		refuse_request(r, 400, DIAG_MSG_INVALID,
		    "a REFER has one Refer-To");
		return false;
	}
	if (refer_to_read(sip_value(msg, SIP_REFER_TO), &r->to, &fault))
		return true;
	refuse_request(r, fault.status, DIAG_MSG_INVALID, fault.text);
	return false;
}

/* What must be so for any transfer; the first that is not is told. */
static bool
is_possible(const struct request *r)
{
	const struct leg *leg = r->leg;
	const struct call *call = leg->call;

	if (call->reason != END_NONE ||
	    (!leg_is_end(leg) && !transfer_holds(leg)))
		refuse_request(r, 481, DIAG_DLG_UNKNOWN,
		    "the call is being ended");
	else if (leg->state != LEG_UP || leg->other == NULL ||
	    leg->other->state != LEG_UP)
		refuse_request(r, 491, DIAG_DLG_GLARE,
		    "the call is not answered on both sides yet");
	else if (replaces_pending(call))
		refuse_request(r, 491, DIAG_DLG_GLARE,
		    "another party is about to take a place in the call");
	else if (call->transfer != NULL)
		refuse_request(r, 491, DIAG_DLG_GLARE,
		    "the call is being transferred already");
	else if (offer_pending(call))
		refuse_request(r, 491, DIAG_DLG_GLARE,
		    "the two sides of the call are just told of each other");
	else if (call->joined >= TRANSFER_DEPTH)
		refuse_request(r, 482, DIAG_LOOP_DETECTED,
		    "the call was transferred five times: it goes round in a "
		    "loop");
	else if (call->transfers >= TRANSFER_TRIES)
		refuse_request(r, 482, DIAG_LOOP_DETECTED,
		    "thirty transfers of the call were asked for: somebody "
		    "tries it without end");
	else if (span_empty(leg->other->sdp))
		refuse_request(r, 488, DIAG_SDP_INVALID,
		    "nothing is known of the other side's media");
	else
		return true;
	return false;
}

static bool
accept_request(const struct request *r)
{
	struct leg *leg = r->leg;
	struct calls *calls = leg->call->calls;
	const struct arrival *a = &calls->arrival;
	bool wanted = true;

	refer_sub_read(sip_value(a->msg, SIP_REFER_SUB), &wanted);
	compose_response(
	    leg, SIP_METHOD_REFER, a->view->cseq, 202, SPAN("Accepted"));
	compose_own(leg);
	if (!wanted)
		sip_draft_add(&calls->draft, SIP_REFER_SUB, SPAN("false"),
		    SIP_OWNER_OWN);
	if (wanted && !subscribe(leg, a->view->cseq))
		return false;
	return server_respond(calls->transactions, r->tx, &calls->draft,
		   dialog_local_tag(&leg->dialog)) == 0;
}

static void
note_transfer(struct leg *leg, struct span how)
{
	struct call *call = leg->call;
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_XFR_REFER_REFUSED,
		.message = SPAN("REFER"),
		.cseq = leg->dialog.remote_cseq,
		.target = SPAN("REFER"),
		.rule = SPAN("builtin:transfer"),
		.before = sip_value(call->calls->arrival.msg, SIP_REFER_TO),
		.after = how,
		.reason = SPAN("the transfer is made here: the other side sees "
			       "no REFER"),
	};

	note(leg, &entry);
}

/* The leg of the target, and its INVITE to come. */
static bool
make_target(struct transfer *t)
{
	struct leg *target =
	    leg_create(t->call, JOURNAL_TARGET, &target_table, LEG_IDLE);
	struct exchange *x = target == NULL
	    ? NULL
	    : exchange_open(NULL, target, SIP_METHOD_INVITE);

	t->target = target;
	if (x == NULL)
		return false;
	x->first = true;
	x->offer = true;
	target->invite = x;
	return true;
}

static struct span
dialled(const struct refer_to *to)
{
	return span_empty(to->uri.user) ? to->uri.whole : to->uri.user;
}

static void
start(struct transfer *t, const struct request *r)
{
	enum end_reason reason = END_SHORTAGE;
	const struct end_reason_row *row;

	t->told = session_live(t->call->calls, t->waiting->sdp);
	t->number = span_copy(dialled(&r->to));
	if (make_target(t) && !span_empty(t->number) &&
	    !span_empty(t->told) && write_invite(t, &r->to))
		reason = leg_route(t->target, dialled(&r->to));
	if (t->target != NULL)
		parties_bring(t->call, t->target, dialled(&r->to));
	row = end_reason_get(reason);
	t->status = row->status;
	if (reason != END_NONE)
		transfer_note_refused(t->target == NULL ? r->leg : t->target,
		    row->diagnostic, dialled(&r->to), span_of(row->sentence));
	transfer_raise(t->call, reason == END_NONE ? TR_CALL : TR_FAIL);
}

static void
transfer_blindly(const struct request *r)
{
	struct transfer *t = transfer_create(r->leg);

	if (t == NULL || !accept_request(r)) {
		transfer_drop(r->leg->call);
		refuse_request(r, 503, DIAG_INT_SHORTAGE,
		    "no memory for a transfer");
		return;
	}
	note_transfer(r->leg, SPAN("INVITE to the target, then re-INVITE"));
	start(t, r);
}

static void
transfer_attended(const struct request *r, struct leg *consult)
{
	struct transfer *t = transfer_create(r->leg);
	bool rings = consult->state != LEG_UP;

	if (t == NULL || !(rings ? transfer_take(t, consult)
				 : transfer_borrow(t, consult))) {
		transfer_drop(r->leg->call);
		refuse_request(r, 503, DIAG_INT_SHORTAGE,
		    "no memory for a transfer");
		return;
	}
	if (!accept_request(r)) {
		refuse_request(r, 503, DIAG_INT_SHORTAGE,
		    "no memory for a subscription");
		transfer_raise(t->call, TR_FAIL);
		return;
	}
	note_transfer(r->leg,
	    rings ? SPAN("the target that rings, then both joined by re-INVITE")
		  : SPAN("both calls joined by re-INVITE"));
	transfer_raise(t->call, rings ? TR_TAKE : TR_ADOPT);
}

/* Attended: the dialog in the Replaces is another one of the transferor,
 * whatever trunk it came by, and its other side a party that can be joined. */
static void
request_attended(const struct request *r)
{
	char buf[512];
	struct text scratch = text_over(buf, sizeof(buf));
	struct sip_replaces replaces;
	struct leg *consult;

	if (!refer_to_replaces(&r->to, &scratch, &replaces)) {
		refuse_request(r, 400, DIAG_MSG_INVALID,
		    "the Replaces in the Refer-To cannot be read");
		return;
	}
	consult = replaces_find(r->leg->call->calls, &replaces);
	if (consult == NULL || !replaces_open_to(consult, r->leg->trunk, true))
		refuse_request(r, 481, DIAG_XFR_REPLACES,
		    "the dialog in the Replaces is none of those here");
	else if (consult->call == r->leg->call)
		refuse_request(r, 603, DIAG_LOOP_DETECTED,
		    "the call cannot be transferred to itself");
	else if (!transfer_can_borrow(consult) &&
	    !transfer_can_take(consult))
		refuse_request(r, 491, DIAG_DLG_GLARE,
		    "the call to the target is not settled yet");
	else
		transfer_attended(r, consult);
}

/* What the policy toward the other trunk says, else the option of this one. */
static enum policy_transfer
wanted_of(const struct trunk *trunk, const struct trunk *other)
{
	static const enum policy_transfer by_option[] = {
		[CONFIG_TRANSFER_AUTO] = POLICY_TRANSFER_AUTO,
		[CONFIG_TRANSFER_LOCAL] = POLICY_TRANSFER_LOCAL,
		[CONFIG_TRANSFER_FORWARD] = POLICY_TRANSFER_FORWARD,
	};
	enum policy_transfer wanted = policy_transfer(other->policy_out);

	return wanted != POLICY_TRANSFER_AS_CONFIGURED
	    ? wanted
	    : by_option[trunk->config->transfer];
}

/* The other side transfers by itself. What names our own
 * dialogs it would not know. */
static bool
is_the_others(const struct request *r)
{
	const struct trunk *other = r->leg->other->trunk;

	if (r->to.has_replaces)
		return false;
	switch (wanted_of(r->leg->trunk, other)) {
	case POLICY_TRANSFER_FORWARD:
		return true;
	case POLICY_TRANSFER_AUTO:
		return capability_allows(other, SIP_METHOD_REFER) ==
		    CAPABILITY_YES;
	default:
		return false;
	}
}

/* What says how to reach us is of no use to who is told of somebody else. */
static void
add_params(struct text *t, struct span rest)
{
	struct span param, name, value;

	while (rest.n > 0) {
		param = span_cut(rest, ';', &rest);
		name = span_cut(param, '=', &value);
		if (param.n == 0 || span_ieq(name, SPAN("transport")) ||
		    span_ieq(name, SPAN("maddr")) || span_ieq(name, SPAN("lr")))
			continue;
		TEXT_LIT(t, ";");
		text_add(t, param);
	}
}

void
refer_address(const struct leg *from, struct leg *to)
{
	struct sip_draft *draft = &to->call->calls->draft;
	int at = sip_draft_find(draft, SIP_REFER_TO, 0);
	struct text *t = &draft->scratch;
	size_t mark = sip_draft_mark(draft);
	struct span value = sip_draft_value(draft, SIP_REFER_TO);
	struct nameaddr na;

	nameaddr_parse(value, &na);
	if (at < 0 || !nameaddr_usable(&na) || span_empty(na.uri.host) ||
	    !leg_is_us(from, na.uri.host))
		return;
	text_add(t, span_between(value.p, na.uri.host.p));
	if (span_empty(to->trunk->facts.domain))
		address_add(t, &to->dialog.path.remote);
	else
		text_add(t, to->trunk->facts.domain);
	add_params(t, na.uri.params);
	text_add(t, span_between(span_end(na.uri.params), span_end(value)));
	draft->fields[at].value = sip_draft_keep(draft, mark);
}

static void
pass_on(struct leg *leg, server_tx tx)
{
	const struct leg *to = leg->other;
	struct call *call = leg->call;

	call->refer.asked = call->calls->arrival.view->cseq;
	exchange_request(leg, tx);
	call->refer.passed = to->dialog.local_cseq;
}

/* RFC 3515 section 2.4.6. */
void
refer_name_event(struct call *call)
{
	struct sip_draft *draft = &call->calls->draft;
	int at = sip_draft_find(draft, SIP_EVENT, 0);
	size_t mark = sip_draft_mark(draft);
	struct sip_event event;
	char digits[16];
	struct text t = text_over(digits, sizeof(digits));
	uint32_t id;

	if (at < 0 || !sip_event_read(draft->fields[at].value, &event) ||
	    !span_ieq(event.package, SPAN("refer")) ||
	    !span_to_u32(event.id, UINT32_MAX, &id) ||
	    id != call->refer.passed)
		return;
	text_add_u64(&t, call->refer.asked);
	event.id = text_span(&t);
	sip_event_write(&event, &draft->scratch);
	draft->fields[at].value = sip_draft_keep(draft, mark);
}

void
refer_request(struct leg *leg, server_tx tx)
{
	struct request r = { .leg = leg, .tx = tx };

	if (!is_readable(&r) || !is_possible(&r))
		return;
	if (r.to.has_replaces) {
		request_attended(&r);
	} else if (is_the_others(&r)) {
		pass_on(leg, tx);
	} else {
		transfer_blindly(&r);
	}
}

void
refer_notify(struct leg *leg, server_tx tx)
{
	if (leg->call->refer.passed != 0)
		exchange_request(leg, tx);
	else
		refuse(leg->call->calls, leg, tx, 481, DIAG_DLG_UNKNOWN,
		    "there is no subscription to be notified of");
}

void
refer_refused(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	char buf[32];
	struct text t = text_over(buf, sizeof(buf));

	text_add_u64(&t, calls->arrival.msg->status);
	note_diagnosis(calls, leg, DIAG_XFR_REFER_REFUSED, SPAN("REFER"),
	    text_span(&t),
	    SPAN("the other side refuses the transfer; transfer = \"local\" "
		 "makes it here"));
}
