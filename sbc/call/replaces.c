/*
 * replaces.c - dialogs that stand in a Replaces (RFC 3891)
 *
 * A party calls us to take the place of another one: its offer goes to
 * whom that one talks to, as a re-INVITE, and the answer comes back.
 * Of one that rings, too: the caller is answered by us first, since it
 * has an offer out already.
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

	/* Any tag would do where the peer's is not settled yet. */
	if (leg != NULL && span_empty(dialog_remote_tag(&leg->dialog)) &&
	    !early_knows(leg, replaces->from_tag))
		return NULL;
	return leg;
}

/* RFC 3891 section 8. Of a dialog that it may not name, `who` knows nothing. */
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
send_reinvite(struct exchange *x)
{
	return session_own(x->to) && exchange_send_offer(x, SIP_METHOD_INVITE);
}

/* The caller of a call that rang has its answer. */
static bool
replacer_try(struct leg *leg)
{
	if (!send_reinvite(leg->invite))
		leg_raise(leg, EV_UNSENT);
	return true;
}

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
	else
		call_end(leg->call, END_CANCELLED);
	return true;
}

/* Nobody else is there for who is at the other end any more. */
static void
lose_place(struct leg *leg)
{
	if (leg_is_end(leg))
		call_end(leg->call, END_PICKUP_FAILED);
}

static bool
replacer_fail(struct leg *leg)
{
	lose_place(leg);
	return caller_fail(leg);
}

static bool
replacer_unsent(struct leg *leg)
{
	refuse(leg->call->calls, leg, leg->invite->server, 503, DIAG_NET_FAILED,
	    "the other side could not be reached inside its call");
	lose_place(leg);
	return true;
}

const leg_table replacer_table = {
	[LEG_TRYING] = {
		[EV_TRY]     = { replacer_try,       LEG_TRYING },
		[EV_ANSWER]  = { replacer_answer,    LEG_ANSWERED },
		[EV_FAIL]    = { replacer_fail,      LEG_GONE },
		[EV_CANCEL]  = { replacer_cancelled, LEG_TRYING },
		[EV_UNSENT]  = { replacer_unsent,    LEG_GONE },
		[EV_HANG_UP] = { caller_refuse,      LEG_GONE },
	},
	[LEG_GONE] = {
		[EV_HANG_UP] = { leg_nothing,        LEG_GONE },
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

/* Who was there is nobody's partner any more, and the two are each other's. */
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
	old->other = NULL;
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
	if (with->other != leg) {
		struct leg *old = with->other;

		take_place(leg, with);
		call_limit_by(leg);
		leg_raise(old, EV_HANG_UP);
	}
	call_tell(leg->call, "transfer");
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

/* A call that rings at `rings` goes to that leg instead: its caller is answered
 * here, and asked for media once its ACK has come. False: all is as before. */
static bool
pick_up(struct leg *rings, struct leg *leg)
{
	struct leg *caller = rings->other;
	struct span offer = rings->invite->sdp;

	if (!early_settle_apart(caller) ||
	    !exchange_split(rings, leg, rings->call))
		return false;
	rings->invite->sdp = SPAN_NONE;
	session_set(caller, offer);
	take_place(leg, caller);
	attempt_drop(leg->call);
	leg_raise(caller, EV_ANSWER_HERE);
	leg_raise(rings, EV_TAKEN);
	return true;
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
	if (!dialog_from_request(leg, a->msg, a->view) ||
	    !(old->state == LEG_EARLY ? pick_up(old, leg) : send_reinvite(x)))
		leg_raise(leg, EV_UNSENT);
	else
		note_legs(leg);
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
	    "the dialog in the Replaces is answered, and early-only was "
	    "asked for" },
    busy = { 491, DIAG_DLG_GLARE,
	    "the call in the Replaces is being changed at this moment" },
    no_offer = { 488, DIAG_SDP_INVALID,
	    "an INVITE that takes another's place brings an offer" };

/* A dialog that rings may be taken where it was us who began it. */
static const struct verdict *
judge_ringing(const struct leg *leg)
{
	const struct leg *caller = leg->other;

	if (caller == NULL || caller->state != LEG_EARLY ||
	    leg->call->transfer != NULL || reliable_answers(caller))
		return &busy;
	return session_is_in(leg->call->calls->arrival.msg) ? &may_be
							    : &no_offer;
}

static const struct verdict *
judge_confirmed(const struct leg *leg, const struct sip_replaces *replaces)
{
	if (replaces->early_only)
		return &confirmed;
	if (leg->state != LEG_UP || leg->other == NULL ||
	    leg->other->state != LEG_UP || leg->call->transfer != NULL ||
	    exchange_offer_pending(leg))
		return &busy;
	return session_is_in(leg->call->calls->arrival.msg) ? &may_be
							    : &no_offer;
}

static bool
is_leaving(const struct leg *leg)
{
	return leg->call->reason != END_NONE || !leg_is_end(leg) ||
	    leg->state == LEG_CANCELLING || leg->state == LEG_LEFT ||
	    leg->state == LEG_LEAVING;
}

/* RFC 3891 section 3. */
static const struct verdict *
judge(const struct leg *leg, const struct sip_replaces *replaces)
{
	bool rings = leg != NULL && leg->state < LEG_ANSWERED;

	if (leg == NULL || (rings && leg->table != &callee_table) ||
	    !replaces_open_to(leg, leg->call->calls->arrival.trunk, false))
		return &unknown;
	if (is_leaving(leg))
		return &ended;
	return rings ? judge_ringing(leg) : judge_confirmed(leg, replaces);
}

static void
note_replaced(struct leg *leg)
{
	bool rings = leg->state == LEG_EARLY;
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_XFR_REPLACES,
		.message = SPAN("INVITE"),
		.target = SPAN("Replaces"),
		.rule = SPAN("builtin:replaces"),
		.before =
		    sip_value(leg->call->calls->arrival.msg, SIP_REPLACES),
		.after = rings
		    ? SPAN("200 and a re-INVITE to the caller, CANCEL to who "
			   "rings")
		    : SPAN("re-INVITE of the other side"),
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
