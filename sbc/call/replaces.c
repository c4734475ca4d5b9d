/*
 * replaces.c - dialogs that stand in a Replaces (RFC 3891)
 *
 * A party calls us to take the place of another one: its offer goes to whom that one
 * talks to, as a re-INVITE, and the answer comes back.
 */

#include "call/transfer.h"

struct leg *
replaces_find(struct calls *calls, const struct sip_replaces *replaces)
{
	struct sip_view as = {
		.call_id = replaces->call_id,
		.to_tag = replaces->to_tag,
		.from_tag = replaces->from_tag,
	};
	struct leg *leg = leg_by_request(calls, &as);

	/* Where the peer's tag is not known yet, any would do. */
	return leg == NULL || span_empty(dialog_remote_tag(&leg->dialog))
	    ? NULL
	    : leg;
}

/* RFC 3891 section 8. A dialog that `who` may not name is one that it does not know. */
bool
replaces_open_to(const struct leg *leg, const struct trunk *who, bool refer)
{
	enum config_replaces least =
	    refer ? CONFIG_REPLACES_TRANSFER : CONFIG_REPLACES_ANY;

	if (trunk_same(leg->trunk, who) ||
	    leg->trunk->config->replaces >= least)
		return true;
	note_diagnosis(leg->call->calls, NULL, DIAG_XFR_REPLACES,
	    SPAN("Replaces"), leg->trunk->name,
	    SPAN("a dialog of this trunk is named by another one, which its "
		 "option replaces does not allow"));
	return false;
}

/* --- the leg that takes a place --- */

static bool
replacer_answer(struct leg *leg)
{
	leg->table = &caller_table;
	return caller_answer(leg);
}

/* The re-INVITE is cancelled; what comes of it is passed on. */
static bool
replacer_cancelled(struct leg *leg)
{
	char buf[REASON_MAX];

	if (leg->invite->client != 0)
		client_cancel(leg->call->calls->transactions,
		    leg->invite->client, reason_of_cancel(leg->call, buf));
	return true;
}

static bool
replacer_unsent(struct leg *leg)
{
	refuse(leg->call->calls, leg, leg->invite->server, 503, DIAG_NET_FAILED,
	    "the other side could not be reached inside its call");
	return true;
}

const leg_table replacer_table = {
	[LEG_TRYING] = {
		[EV_ANSWER]  = { replacer_answer,    LEG_ANSWERED },
		[EV_FAIL]    = { caller_fail,        LEG_GONE },
		[EV_CANCEL]  = { replacer_cancelled, LEG_TRYING },
		[EV_UNSENT]  = { replacer_unsent,    LEG_GONE },
		[EV_HANG_UP] = { caller_refuse,      LEG_GONE },
	},
};

bool
replaces_pending(const struct call *call)
{
	const struct leg *leg;

	for (leg = call->legs; leg != NULL; leg = leg->next)
		if (leg->table == &replacer_table && leg->state != LEG_GONE)
			return true;
	return false;
}

/* Who was there leaves, and the two talk to each other. */
static void
take_place(struct leg *leg, struct leg *with)
{
	struct call *call = leg->call;
	struct leg *old = with->other;
	struct nameaddr na;

	nameaddr_parse(dialog_remote(&leg->dialog), &na);
	parties_bring(call, leg,
	    span_empty(na.uri.user) ? na.uri_text : na.uri.user);
	if (call->caller == old)
		call->caller = leg;
	else
		call->callee = leg;
	legs_join(leg, with);
	call_tell(call, "transfer");
	old->other = NULL;
	leg_raise(old, EV_HANG_UP);
}

static void
accepted(struct exchange *x)
{
	struct leg *leg = x->from, *with = x->to;
	const struct arrival *a = &leg->call->calls->arrival;

	dialog_refresh_target(&with->dialog, a->view);
	session_set(with, session_copy(a->msg));
	session_set(leg, x->sdp);
	x->sdp = SPAN_NONE;
	exchange_send_ack(x, a->view->to_tag, false);
	take_place(leg, with);
	leg_step(leg, EV_ANSWER);
}

static void
replace_response(struct exchange *x)
{
	struct leg *leg = x->from;
	struct call *call = leg->call;
	unsigned status = call->calls->arrival.msg->status;

	if (status < 200)
		return;
	if (status < 300) {
		accepted(x);
		return;
	}
	exchange_forget_client(x);
	leg_step(leg, EV_FAIL);
	if (exchange_loses_dialog(status))
		call_end(call, END_DIALOG_LOST);
}

static void
replace_lost(struct exchange *x)
{
	x->client = 0;
	call_end(x->to->call, END_DIALOG_LOST);
}

static void
replace_unsent(struct exchange *x)
{
	x->client = 0;
	leg_raise(x->from, EV_UNSENT);
}

static const struct exchange_ops replace_ops = {
	replace_response, replace_lost, replace_unsent
};

/* --- INVITE --- */

static bool
send_reinvite(struct exchange *x)
{
	struct leg *from = x->from, *to = x->to;
	struct calls *calls = to->call->calls;
	struct policy_refusal refusal;

	if (!session_own(to))
		return false;
	x->client = compose_request(to, SIP_METHOD_INVITE, SPAN("INVITE"));
	if (x->client == 0)
		return false;
	x->client_cseq = to->dialog.local_cseq;
	compose_own(to);
	session_add(to, x->sdp);
	if (compose_apply(from, to, &refusal) &&
	    compose_send(to, &x->client) == 0)
		return true;
	if (x->client != 0)
		client_forget(calls->transactions, x->client);
	x->client = 0;
	return false;
}

static struct exchange *
open_exchange(struct leg *from, struct leg *to, server_tx tx)
{
	struct calls *calls = from->call->calls;
	struct exchange *x = exchange_open(from, to, SIP_METHOD_INVITE);

	if (x == NULL)
		return NULL;
	x->ops = &replace_ops;
	x->first = true;
	x->offer = true;
	x->server = tx;
	x->server_cseq = calls->arrival.view->cseq;
	x->sdp = session_copy(calls->arrival.msg);
	interval_read(calls->arrival.msg, &x->terms);
	server_set_owner(calls->transactions, tx, from->handle);
	from->invite = x;
	return x;
}

static bool
begin(struct leg *old, server_tx tx)
{
	struct call *call = old->call;
	const struct arrival *a = &call->calls->arrival;
	struct leg *leg =
	    leg_create(call, JOURNAL_TARGET, &replacer_table, LEG_TRYING);
	struct exchange *x;

	if (leg == NULL)
		return false;
	/* Who calls now is known by the snapshot in force. */
	leg_set_trunk(leg, call->calls->trunks, a->trunk);
	leg->other = old->other;
	leg->dialog.path = *a->path;
	x = open_exchange(leg, old->other, tx);
	if (x == NULL) {
		leg_discard(leg);
		return false;
	}
	leg_count(leg);
	if (!dialog_from_request(leg, a->msg, a->view) || !send_reinvite(x))
		leg_raise(leg, EV_UNSENT);
	return true;
}

static const struct verdict {
	unsigned status; /* 0: it may be */
	enum diagnostic diagnostic;
	const char *why;
} may_be,
    unknown = { 481, DIAG_XFR_REPLACES,
	    "the dialog in the Replaces is none of those here" },
    ended = { 603, DIAG_XFR_REPLACES,
	    "the dialog in the Replaces has ended" },
    confirmed = { 486, DIAG_XFR_REPLACES,
	    "the dialog in the Replaces is answered, and early-only was asked for" },
    busy = { 491, DIAG_DLG_GLARE,
	    "the call in the Replaces is being changed at this moment" },
    no_offer = { 488, DIAG_SDP_INVALID,
	    "an INVITE that takes another's place brings an offer" };

/* RFC 3891 section 3. A dialog that rings is not ours to take: it was not this peer
 * that began it. */
static const struct verdict *
judge(const struct leg *leg, const struct sip_replaces *replaces)
{
	const struct arrival *a;

	if (leg == NULL)
		return &unknown;
	a = &leg->call->calls->arrival;
	if (leg->state < LEG_ANSWERED ||
	    !replaces_open_to(leg, a->trunk, false))
		return &unknown;
	if (leg->call->reason != END_NONE || !leg_is_end(leg) ||
	    leg->state == LEG_LEFT || leg->state == LEG_LEAVING)
		return &ended;
	if (replaces->early_only)
		return &confirmed;
	if (leg->state != LEG_UP || leg->other == NULL ||
	    leg->other->state != LEG_UP || leg->call->transfer != NULL ||
	    exchange_offer_pending(leg))
		return &busy;
	return span_empty(a->msg->body) ? &no_offer : &may_be;
}

static void
note_replaced(struct leg *leg)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_XFR_REPLACES,
		.message = SPAN("INVITE"),
		.target = SPAN("Replaces"),
		.rule = SPAN("builtin:replaces"),
		.before = sip_value(leg->call->calls->arrival.msg, SIP_REPLACES),
		.after = SPAN("re-INVITE of the other side"),
		.reason = SPAN("the peers' dialogs are ours: the other side "
			       "never sees a Replaces"),
	};

	note(leg, &entry);
}

void
replaces_invite(struct calls *calls, server_tx tx)
{
	const struct sip_message *msg = calls->arrival.msg;
	struct sip_replaces replaces;
	const struct verdict *v;
	struct leg *old;

	if (sip_has_twice(msg, SIP_REPLACES) ||
	    !sip_replaces_read(sip_value(msg, SIP_REPLACES), &replaces)) {
		refuse(calls, NULL, tx, 400, DIAG_MSG_INVALID,
		    "the Replaces cannot be read");
		return;
	}
	old = replaces_find(calls, &replaces);
	v = judge(old, &replaces);
	if (v->status != 0) {
		refuse(calls, NULL, tx, v->status, v->diagnostic, "%s", v->why);
		return;
	}
	note_replaced(old);
	if (!begin(old, tx))
		refuse(calls, NULL, tx, 503, DIAG_INT_SHORTAGE,
		    "no memory for one more leg");
}
