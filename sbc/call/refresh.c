/*
 * refresh.c - the session timer of a leg (RFC 4028), kept up by us or awaited
 * from the peer; and whether a peer without one is still there
 *
 * Each leg has a timer of its own, or none. interval.c says when it starts,
 * and with which interval.
 */

#include "call/private.h"

#define SECOND 1000
/* Until another look, while something else is on its way. */
#define BUSY   1000
#define SLACK  256
/* Longer intervals are granted, and served as if they were this long. */
#define INTERVAL_MAX (7 * 24 * 3600)
#define MISSES_MAX   2

struct refresh *
refresh_of(struct leg *leg)
{
	slab_handle handle;

	if (leg->refresh != NULL)
		return leg->refresh;
	leg->refresh = slab_alloc(&leg->call->calls->refreshes, &handle);
	if (leg->refresh == NULL)
		return NULL;
	leg->refresh->leg = leg;
	leg->refresh->handle = handle;
	return leg->refresh;
}

static struct timers *
timers_of(const struct refresh *r)
{
	return r->leg->call->calls->deps.timers;
}

void
refresh_free(struct leg *leg)
{
	struct refresh *r = leg->refresh;

	if (r == NULL)
		return;
	leg->refresh = NULL;
	timer_stop(timers_of(r), &r->timer);
	slab_free(&leg->call->calls->refreshes, r->handle);
}

bool
refresh_is_on(const struct leg *leg)
{
	return leg->refresh != NULL && leg->refresh->interval > 0;
}

/* --- the timer --- */

static timer_fn refresh_due;

static void
wait_for(struct refresh *r, uint64_t ms)
{
	timer_start_slack(timers_of(r), &r->timer, ms, SLACK, refresh_due);
}

static void
wait_until_it_ends(struct refresh *r)
{
	uint64_t now = timers_of(r)->now;

	wait_for(r, r->ends > now ? r->ends - now : 0);
}

/* Not now: something else is on its way. */
static void
wait_a_moment(struct refresh *r)
{
	uint64_t now = timers_of(r)->now;

	if (r->interval > 0 && r->ends > now && r->ends < now + BUSY)
		wait_until_it_ends(r);
	else
		wait_for(r, BUSY);
}

/* Again at half of the time that is left: a peer that is in trouble is not
 * pressed, and there is a last chance. */
static void
try_later(struct refresh *r)
{
	uint64_t now = timers_of(r)->now;
	uint64_t left = r->ends > now ? r->ends - now : 0;

	wait_for(r, left / 2 > BUSY ? left / 2 : left < BUSY ? left : BUSY);
}

void
refresh_stop(struct leg *leg)
{
	uint32_t period = leg->trunk->config->session_options;
	struct refresh *r = period == 0 ? leg->refresh : refresh_of(leg);

	if (r == NULL)
		return;
	r->interval = 0;
	r->misses = 0;
	if (period == 0)
		timer_stop(timers_of(r), &r->timer);
	else
		wait_for(r, (uint64_t)period * SECOND);
}

void
refresh_start(struct leg *leg, uint32_t interval, bool ours,
    const struct session_terms *terms)
{
	struct refresh *r = refresh_of(leg);
	uint64_t third;

	if (r == NULL)
		return;
	if (terms->allow_known)
		r->update = terms->update;
	r->interval = interval < INTERVAL_MAX ? interval : INTERVAL_MAX;
	r->ours = ours;
	/* Section 10: BYE goes out before the interval is over. */
	third = (uint64_t)r->interval * SECOND / 3;
	r->ends = timers_of(r)->now + (uint64_t)r->interval * SECOND -
	    (third < 32 * SECOND ? third : 32 * SECOND);
	if (ours)
		wait_for(r, (uint64_t)r->interval * SECOND / 2);
	else
		wait_until_it_ends(r);
}

void
refresh_accepted(struct leg *leg)
{
	restate_accepted(leg);
	interval_accepted(leg);
}

/* --- a refresh of ours --- */

static void
peer_is_gone(struct leg *leg, enum sip_method method)
{
	note(leg, &(struct journal_entry){ .kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_PEER_GONE,
		.message = span_of(sip_method_name(method)),
		.cseq = leg->dialog.local_cseq,
		.target = SPAN("response"),
		.reason = method == SIP_METHOD_OPTIONS
		    ? SPAN("two OPTIONS inside the call met no answer, or one "
			   "that says that the dialog is gone")
		    : SPAN("a refresh of the session met no answer, or one "
			   "that says that the dialog is gone") });
	call_end(leg->call, END_PEER_GONE);
}

/* What a failure of our refresh means. The session goes on as it was (section
 * 10), unless its end is what the failure says. */
static void
refused(struct leg *leg, enum sip_method method, unsigned status)
{
	struct refresh *r = leg->refresh;

	if (exchange_loses_dialog(status)) {
		reason_hear(leg);
		peer_is_gone(leg, method);
		return;
	}
	switch (status) {
	case 422:
		if (!interval_demanded(leg))
			break;
		wait_for(r, 0);
		return;
	case 491:
		timer_start(timers_of(r), &r->timer, exchange_glare_ms(leg),
		    refresh_due);
		return;
	case 405:
	case 501:
		if (method != SIP_METHOD_UPDATE)
			break;
		r->no_update = true;
		wait_for(r, 0);
		return;
	default:
		break;
	}
	try_later(r);
}

/* refresh_accepted() has started the next one. */
static void
accepted(struct exchange *x)
{
	struct leg *leg = x->to;
	const struct arrival *a = &leg->call->calls->arrival;

	dialog_refresh_target(&leg->dialog, a->view);
	if (x->method == SIP_METHOD_INVITE) {
		exchange_send_ack(x, a->view->to_tag, false);
		restate_answered(leg);
	}
	exchange_close(x);
}

static void
refresh_response(struct exchange *x)
{
	struct leg *leg = x->to;
	enum sip_method method = x->method;
	unsigned status = leg->call->calls->arrival.msg->status;

	if (status < 200)
		return;
	if (status < 300) {
		accepted(x);
		return;
	}
	exchange_close(x);
	if (refresh_is_on(leg))
		refused(leg, method, status);
}

static void
refresh_lost(struct exchange *x)
{
	struct leg *leg = x->to;
	enum sip_method method = x->method;

	exchange_close(x);
	peer_is_gone(leg, method);
}

static void
refresh_unsent(struct exchange *x)
{
	struct leg *leg = x->to;

	exchange_close(x);
	if (refresh_is_on(leg))
		try_later(leg->refresh);
}

static const struct exchange_ops refresh_ops = {
	.response = refresh_response,
	.lost = refresh_lost,
	.unsent = refresh_unsent,
};

static enum sip_method
method_of(const struct refresh *r)
{
	enum config_refresh wanted = r->leg->trunk->config->session_refresh;

	if (r->no_update || wanted == CONFIG_REFRESH_INVITE)
		return SIP_METHOD_INVITE;
	return r->update || wanted == CONFIG_REFRESH_UPDATE
	    ? SIP_METHOD_UPDATE
	    : SIP_METHOD_INVITE;
}

/* An UPDATE says nothing of the session; a re-INVITE says what it said
 * before. */
static bool
fill(struct leg *leg, struct exchange *x)
{
	bool same;

	if (x->method == SIP_METHOD_UPDATE) {
		compose_apply_rules(leg);
		return true;
	}
	if (!restate_add(leg, &same))
		return false;
	x->offer = true;
	return same || restate_raise(leg);
}

/* In a transfer, which makes offers of its own: what the peer has
 * of us is about to change. */
static bool
is_moved(const struct leg *leg)
{
	return leg->other == NULL || leg->call->transfer != NULL;
}

static void
send_refresh(struct refresh *r)
{
	struct leg *leg = r->leg;
	enum sip_method method = method_of(r);
	struct exchange *x = NULL;

	if (!exchange_session_pending(leg) &&
	    !(method == SIP_METHOD_INVITE && is_moved(leg)))
		x = exchange_begin(leg, method, &refresh_ops);
	if (x == NULL) {
		wait_a_moment(r);
		return;
	}
	if (!fill(leg, x)) {
		exchange_close(x);
		try_later(r);
		return;
	}
	wait_until_it_ends(r);
	if (exchange_send(x) != 0)
		try_later(r);
}

/* --- a refresh that does not come --- */

static void
expire(struct refresh *r)
{
	struct leg *leg = r->leg;
	char buf[32];
	struct text t = text_over(buf, sizeof(buf));

	text_addf(&t, "%u s", r->interval);
	note(leg, &(struct journal_entry){ .kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_SESSION_EXPIRED,
		.message = SPAN("BYE"),
		.cseq = leg->dialog.local_cseq + 1,
		.target = SPAN("Session-Expires"),
		.before = text_span(&t),
		.reason = r->ours ? SPAN("the peer accepted no refresh of ours")
				  : SPAN("no refresh of the peer came") });
	call_end(leg->call, END_SESSION_EXPIRED);
}

/* --- a peer without a timer --- */

static void
wait_for_probe(struct refresh *r)
{
	wait_for(r, (uint64_t)r->leg->trunk->config->session_options * SECOND);
}

/* Another kind of timer may have begun while the OPTIONS was on its way. */
static void
probe_ended(struct leg *leg, bool alive)
{
	struct refresh *r = leg->refresh;

	if (r->interval > 0)
		return;
	r->misses = alive ? 0 : r->misses + 1;
	if (r->misses == MISSES_MAX)
		peer_is_gone(leg, SIP_METHOD_OPTIONS);
	else
		wait_for_probe(r);
}

static void
probe_response(struct exchange *x)
{
	struct leg *leg = x->to;
	unsigned status = leg->call->calls->arrival.msg->status;

	if (status < 200)
		return;
	exchange_close(x);
	probe_ended(leg, !exchange_loses_dialog(status));
}

static void
probe_lost(struct exchange *x)
{
	struct leg *leg = x->to;

	exchange_close(x);
	probe_ended(leg, false);
}

static const struct exchange_ops probe_ops = {
	.response = probe_response,
	.lost = probe_lost,
	.unsent = probe_lost,
};

static void
probe(struct refresh *r)
{
	struct leg *leg = r->leg;
	struct exchange *x =
	    exchange_begin(leg, SIP_METHOD_OPTIONS, &probe_ops);

	if (x == NULL) {
		wait_a_moment(r);
		return;
	}
	compose_apply_rules(leg);
	if (exchange_send(x) != 0)
		probe_ended(leg, false);
}

/* --- the timer runs out --- */

static void
due_when_up(struct refresh *r)
{
	if (r->interval == 0)
		probe(r);
	else if (timers_of(r)->now >= r->ends &&
	    !(r->ours && is_moved(r->leg)))
		expire(r);
	else
		send_refresh(r);
}

static void
refresh_due(struct timer *timer)
{
	struct refresh *r = CONTAINER_OF(timer, struct refresh, timer);
	struct leg *leg = r->leg;

	if (leg->call->reason != END_NONE)
		return;
	switch (leg->state) {
	case LEG_UP:
		due_when_up(r);
		break;
	case LEG_ENDING:
	case LEG_LEFT:
	case LEG_LEAVING:
	case LEG_GONE:
		break;
	default: /* not yet: a 2xx without its ACK ends by itself */
		wait_a_moment(r);
		break;
	}
	calls_run_queue(leg->call->calls);
}

/* --- a refresh of the peer --- */

/* No offer, and nobody that the other side would have to hear of:
 * who is there may have changed (RFC 4916), which is told by an
 * UPDATE that refreshes nothing. */
static bool
update_only_refreshes(const struct sip_message *msg)
{
	return span_empty(msg->body) &&
	    (sip_has(msg, SIP_SESSION_EXPIRES) ||
		!(sip_has(msg, SIP_P_ASSERTED_IDENTITY) ||
		    sip_has(msg, SIP_REMOTE_PARTY_ID)));
}

static bool
invite_only_refreshes(const struct leg *leg, const struct sip_message *msg)
{
	struct mime_part part;

	return refresh_is_on(leg) && !span_empty(leg->sdp) &&
	    !is_moved(leg) && leg->other->state == LEG_UP &&
	    !exchange_session_pending(leg) && !span_empty(msg->body) &&
	    mime_find(sip_value(msg, SIP_CONTENT_TYPE), msg->body,
		SPAN("application/sdp"), &part) &&
	    span_eq(part.body, leg->sdp);
}

static void
begin_answer(struct leg *leg, struct session_terms *terms)
{
	const struct arrival *a = &leg->call->calls->arrival;

	interval_read(a->msg, terms);
	compose_response(
	    leg, a->msg->method, a->view->cseq, 200, SPAN("OK"));
	compose_own(leg);
}

static void
answer_update(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	struct session_terms terms;

	begin_answer(leg, &terms);
	interval_answer(leg, &terms);
	dialog_refresh_target(&leg->dialog, calls->arrival.view);
	server_respond(
	    calls->transactions, tx, &calls->draft,
	    dialog_local_tag(&leg->dialog));
}

/* False: the session is not what it was, which is for
 * the other side to answer. */
static bool
answer_invite(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	const struct arrival *a = &calls->arrival;
	struct session_terms terms;
	struct exchange *x;
	bool same;

	begin_answer(leg, &terms);
	if (!restate_add(leg, &same) || !same)
		return false;
	x = exchange_open(leg, leg, SIP_METHOD_INVITE);
	if (x == NULL)
		return false;
	x->server = tx;
	x->server_cseq = a->view->cseq;
	x->state = EXCHANGE_ANSWERED;
	server_set_owner(calls->transactions, tx, leg->handle);
	interval_answer(leg, &terms);
	dialog_refresh_target(&leg->dialog, a->view);
	if (server_respond(calls->transactions, tx, &calls->draft,
		dialog_local_tag(&leg->dialog)) == 0)
		return true;
	exchange_close(x);
	return false;
}

bool
refresh_request(struct leg *leg, server_tx tx)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;

	if (leg->state != LEG_UP || leg->call->reason != END_NONE)
		return false;
	if (msg->method == SIP_METHOD_UPDATE && update_only_refreshes(msg)) {
		answer_update(leg, tx);
		return true;
	}
	return msg->method == SIP_METHOD_INVITE &&
	    invite_only_refreshes(leg, msg) && answer_invite(leg, tx);
}
