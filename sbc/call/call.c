/*
 * call.c - one call: two equal legs, the events between them, its one end
 */

#include "call/transfer.h"

#include <stdlib.h>

static const struct end_reason_row reasons[END_REASONS] = {
	[END_NONE] = { "none", 0, 0, false, DIAG_NONE, "the call goes on" },
#define END_REASON(id, name_, status_, q850_, fault_, diagnostic_, sentence_)  \
	[END_##id] = { name_, status_, q850_, fault_, DIAG_##diagnostic_,      \
		sentence_ },
#include "call/end_reasons.def"
#undef END_REASON
};

const struct end_reason_row *
end_reason_get(enum end_reason reason)
{
	return &reasons[reason];
}

uint64_t
call_now(const struct call *call)
{
	return call->calls->deps.timers->now;
}

struct call *
call_find(struct calls *calls, slab_handle handle)
{
	struct call *call = slab_find(&calls->slab, handle);

	return call == NULL || call->dead ? NULL : call;
}

struct leg *
leg_find(struct calls *calls, slab_handle handle)
{
	struct leg *leg = slab_find(&calls->legs, handle);

	return leg == NULL || leg->discarded || leg->call->dead ? NULL : leg;
}

struct leg *
leg_create(struct call *call, enum journal_leg side, const leg_table *table,
    enum leg_state born)
{
	struct calls *calls = call->calls;
	slab_handle handle;
	struct leg *leg = slab_alloc(&calls->legs, &handle);

	if (leg == NULL)
		return NULL;
	leg->handle = handle;
	leg->state = born;
	leg->side = side;
	leg->table = table;
	leg->call = call;
	leg->trunks = trunks_ref(call->trunks);
	leg->next = call->legs;
	call->legs = leg;
	calls->deps.random(&leg->nonce, sizeof(leg->nonce));
	return leg;
}

void
leg_free(struct leg *leg)
{
	dialog_fini(&leg->dialog);
	attempt_free(leg);
	early_free(leg);
	refresh_free(leg);
	span_free(&leg->sdp);
	span_free(&leg->privacy);
	session_disown(leg);
	refer_forget(leg);
	trunks_unref(leg->trunks);
	slab_free(&leg->call->calls->legs, leg->handle);
}

void
leg_set_trunk(struct leg *leg, struct trunks *trunks, struct trunk *trunk)
{
	trunks_ref(trunks);
	trunks_unref(leg->trunks);
	leg->trunks = trunks;
	leg->trunk = trunk;
}

void
legs_join(struct leg *a, struct leg *b)
{
	a->other = b;
	b->other = a;
}

/* --- the queue of events --- */

void
leg_raise(struct leg *leg, enum leg_event event)
{
	struct calls *calls = leg->call->calls;

	/* Each action raises two events at the most, and each runs before the
	 * next message: the queue cannot fill. */
	if (calls->queue_n == QUEUE_MAX) {
		calls->counters.blank_cells++;
		return;
	}
	calls->queue[calls->queue_n++] = (struct queued_event){
		.leg = leg->handle, .event = event
	};
}

void
transfer_raise(struct call *call, enum transfer_event event)
{
	struct calls *calls = call->calls;

	if (calls->queue_n == QUEUE_MAX) {
		calls->counters.blank_cells++;
		return;
	}
	calls->queue[calls->queue_n++] = (struct queued_event){
		.transfer = call->handle, .event = event
	};
}

static void
run_event(struct calls *calls, const struct queued_event *q)
{
	struct leg *leg = leg_find(calls, q->leg);
	struct call *call = call_find(calls, q->transfer);

	sip_draft_clear(&calls->draft);
	if (leg != NULL)
		leg_step(leg, (enum leg_event)q->event);
	else if (call != NULL && call->transfer != NULL)
		transfer_step(call->transfer, (enum transfer_event)q->event);
}

void
calls_run_queue(struct calls *calls)
{
	unsigned i;

	if (calls->running_queue)
		return;
	calls->running_queue = true;
	for (i = 0; i < calls->queue_n; i++) {
		struct queued_event q = calls->queue[i];

		run_event(calls, &q);
	}
	calls->queue_n = 0;
	calls->running_queue = false;
}

/* --- a new call --- */

/* The numbers as they came, for people: user parts, or whole URIs without
 * one. */
static struct span
user_of(const struct sip_uri *uri, struct span text)
{
	return span_empty(uri->user) ? text : uri->user;
}

static bool
keep_numbers(struct call *call, const struct arrival *a)
{
	struct nameaddr from;
	struct span caller, dialled = user_of(&a->view->uri, a->msg->uri);

	nameaddr_parse(a->view->from, &from);
	caller = user_of(&from.uri, from.uri_text);
	call->numbers = malloc(caller.n + dialled.n + 1);
	if (call->numbers == NULL)
		return false;
	memcpy(call->numbers, caller.p, caller.n);
	memcpy(call->numbers + caller.n, dialled.p, dialled.n);
	call->from = span_make(call->numbers, caller.n);
	call->to = span_make(call->numbers + caller.n, dialled.n);
	return true;
}

/* Whoever it is transferred to is asked for the same. */
static bool
keep_privacy(struct leg *caller, const struct sip_message *invite)
{
	struct span wish = sip_value(invite, SIP_PRIVACY);

	if (!span_empty(wish))
		caller->privacy = span_copy(wish);
	return span_empty(wish) || !span_empty(caller->privacy);
}

static bool
make_ends(struct call *call)
{
	call->caller =
	    leg_create(call, JOURNAL_CALLER, &caller_table, LEG_TRYING);
	call->callee =
	    leg_create(call, JOURNAL_CALLEE, &callee_table, LEG_IDLE);
	if (call->caller == NULL || call->callee == NULL)
		return false;
	legs_join(call->caller, call->callee);
	return true;
}

static struct call *
call_alloc(struct calls *calls)
{
	slab_handle handle;
	struct call *call = slab_alloc(&calls->slab, &handle);

	if (call == NULL)
		return NULL;
	call->calls = calls;
	call->handle = handle;
	call->trunks = trunks_ref(calls->trunks);
	call->started = call_now(call);
	call->started_wall = calls->deps.wall_clock();
	calls->deps.random(&call->id, sizeof(call->id));
	if (make_ends(call))
		return call;
	call_free(call);
	return NULL;
}

/* The first INVITE is an exchange like any other. */
static bool
first_exchange(struct call *call, server_tx tx, const struct arrival *a)
{
	struct exchange *x =
	    exchange_open(call->caller, call->callee, SIP_METHOD_INVITE);

	if (x == NULL)
		return false;
	x->first = true;
	x->offer = session_is_in(a->msg);
	x->server = tx;
	x->server_cseq = a->view->cseq;
	x->sdp = session_copy(a->msg);
	interval_read(a->msg, &x->terms);
	call->caller->invite = call->callee->invite = x;
	return true;
}

static void
ring_expired(struct timer *timer)
{
	struct call *call = CONTAINER_OF(timer, struct call, ring);

	call_end(call, END_RING_TIMEOUT);
	calls_run_queue(call->calls);
}

static void
duration_over(struct timer *timer)
{
	struct call *call = CONTAINER_OF(timer, struct call, ring);

	call_end(call, END_MAX_DURATION);
	calls_run_queue(call->calls);
}

/* The smaller one; 0 is no limit. */
static uint32_t
tighter(uint32_t a, uint32_t b)
{
	return b == 0 || (a != 0 && a < b) ? a : b;
}

/* So many seconds from now, unless it ends before; 0 is no limit. */
static void
limit(struct call *call, uint32_t seconds)
{
	struct timers *timers = call->calls->deps.timers;
	uint64_t most = seconds * 1000ull;

	if (most > 0 &&
	    (!timer_running(&call->ring) ||
		call->ring.due > timers->now + most))
		timer_start_slack(
		    timers, &call->ring, most, 256, duration_over);
}

void
call_limit(struct call *call)
{
	timer_stop(call->calls->deps.timers, &call->ring);
	limit(call,
	    tighter(call->trunks->config->limits.max_duration,
		tighter(call->caller->trunk->config->max_duration,
		    call->callee->trunk->config->max_duration)));
}

void
call_limit_by(const struct leg *leg)
{
	limit(leg->call, leg->trunk->config->max_duration);
}

void
leg_count(struct leg *leg)
{
	leg->trunk->state->calls++;
	leg->counted = true;
}

static bool
caller_init(struct call *call, server_tx tx, const struct arrival *a)
{
	struct leg *caller = call->caller;

	caller->trunk = a->trunk;
	caller->dialog.path = *a->path;
	a->trunk->state->calls_in++;
	leg_count(caller);
	server_set_owner(call->calls->transactions, tx, caller->handle);
	return first_exchange(call, tx, a) &&
	    dialog_from_request(caller, a->msg, a->view) &&
	    keep_privacy(caller, a->msg) && keep_numbers(call, a) &&
	    attempt_keep(call) && reliable_begin(caller);
}

static void
refuse_one_more(struct calls *calls, server_tx tx)
{
	if (calls->slab.used >= calls->slab.limit)
		refuse(calls, NULL, tx, 503, DIAG_CAP_CALLS,
		    "as many calls exist as limits.calls allows");
	else
		refuse(calls, NULL, tx, 503, DIAG_INT_SHORTAGE,
		    "no memory for one more call");
}

void
call_create(struct calls *calls, server_tx tx)
{
	const struct arrival *a = &calls->arrival;
	struct call *call = call_alloc(calls);
	enum end_reason reason;

	if (call == NULL) {
		refuse_one_more(calls, tx);
		return;
	}
	calls->counters.calls++;
	record_invite(calls->deps.record, a->trunk->name, &a->path->remote,
	    &a->trunk->binding.local,
	    net_transport_reliable(a->path->transport), a->msg);
	if (!caller_init(call, tx, a)) {
		call_end(call, END_SHORTAGE);
		return;
	}
	call->max_forwards =
	    a->view->max_forwards < 0 ? 70 : (uint32_t)a->view->max_forwards;
	call->kind = policy_call_kind(a->msg, a->trunk->plan);
	evidence_hear(call->caller);
	note_legs(call->caller);
	if (call->kind == POLICY_CALL_EMERGENCY)
		note_emergency(call->caller);
	call_tell(call, "start");
	note_vias(call->caller);
	interval_note_orphan(call->caller);
	reason = calls->draining
	    ? END_DRAINING
	    : leg_route(call->callee, call->to);
	if (reason != END_NONE) {
		call_end(call, reason);
		return;
	}
	timer_start_slack(calls->deps.timers, &call->ring,
	    call->trunks->config->sip.ring, 256, ring_expired);
	leg_raise(call->callee, EV_TRY);
}

/* --- the end --- */

void
call_end(struct call *call, enum end_reason reason)
{
	struct leg *leg;

	if (call->reason != END_NONE)
		return;
	call->reason = reason;
	call->ended = call_now(call);
	timer_stop(call->calls->deps.timers, &call->ring);
	transfer_end(call);
	offer_drop(call);
	exchange_close_all(call);
	for (leg = call->legs; leg != NULL; leg = leg->next)
		if (!leg_is_end(leg))
			leg_raise(leg, EV_HANG_UP);
	leg_raise(call->caller, EV_HANG_UP);
	leg_raise(call->callee, EV_HANG_UP);
}

void
leg_uncount(struct leg *leg)
{
	if (leg->counted)
		leg->trunk->state->calls--;
	leg->counted = false;
}

bool
leg_is_end(const struct leg *leg)
{
	return leg == leg->call->caller || leg == leg->call->callee;
}

/* Its memory stays until calls_reap(). */
void
leg_discard(struct leg *leg)
{
	struct call *call = leg->call;
	struct leg **at = &call->legs;

	exchange_close_leg(leg);
	leg_uncount(leg);
	while (*at != leg)
		at = &(*at)->next;
	*at = leg->next;
	leg->discarded = true;
	leg->next = call->calls->dead_legs;
	call->calls->dead_legs = leg;
}

void
leg_retire(struct leg *leg)
{
	if (leg->state == LEG_GONE && !leg_is_end(leg) && !leg->call->dead &&
	    !advance_keeps(leg))
		leg_discard(leg);
}

static bool
all_gone(const struct call *call)
{
	const struct leg *leg;

	for (leg = call->legs; leg != NULL; leg = leg->next)
		if (leg->state != LEG_GONE)
			return false;
	return true;
}

/* Was the call never given to a trunk? Of some the trunk counts that itself. */
static bool
is_not_given(enum end_reason reason)
{
	return reason == END_NO_ROUTE || reason == END_POLICY ||
	    reason == END_TRUNK_FULL || reason == END_TRUNK_TOO_FAST ||
	    reason == END_RESTING;
}

static void
count_failure(const struct call *call)
{
	const struct leg *callee = call->callee;
	bool fault = end_reason_get(call->reason)->fault;

	if (fault)
		call->calls->counters.failed++;
	else if (call->reason != END_REFUSED || call->status / 100 != 5)
		return;
	if (callee->trunk != NULL && !is_not_given(call->reason))
		callee->trunk->state->failed++;
}

/* Its memory stays until calls_reap(): somebody up the stack may hold it. */
void
call_finish_if_gone(struct call *call)
{
	struct calls *calls = call->calls;
	struct leg *leg;

	if (call->dead || !all_gone(call))
		return;
	transfer_drop(call);
	exchange_drop_all(call);
	note_end(call);
	for (leg = call->legs; leg != NULL; leg = leg->next)
		leg_uncount(leg);
	count_failure(call);
	call->dead = true;
	call_tell(call, "end");
	call->next_dead = calls->dead;
	calls->dead = call;
}

void
call_free(struct call *call)
{
	struct calls *calls = call->calls;

	timer_stop(calls->deps.timers, &call->ring);
	transfer_drop(call);
	offer_drop(call);
	exchange_drop_all(call);
	while (call->legs != NULL) {
		struct leg *leg = call->legs;

		call->legs = leg->next;
		leg_free(leg);
	}
	memory_drop(&call->chain);
	parties_free(call);
	free(call->numbers);
	free(call->evidence);
	attempt_drop(call);
	advance_drop(call);
	trunks_unref(call->trunks);
	slab_free(&calls->slab, call->handle);
}
