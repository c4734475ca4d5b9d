/*
 * call.c - one call: two equal legs, the events between them, its one end
 */

#include "call/private.h"

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
call_leg(struct call *call, enum journal_leg side)
{
	return side == JOURNAL_CALLER ? &call->caller : &call->callee;
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
		leg->call->handle, leg->side, event
	};
}

void
calls_run_queue(struct calls *calls)
{
	unsigned i;

	if (calls->running_queue)
		return;
	calls->running_queue = true;
	for (i = 0; i < calls->queue_n; i++) {
		struct queued_event *q = &calls->queue[i];
		struct call *call = call_find(calls, q->call);

		if (call != NULL)
			leg_step(call_leg(call, q->side), q->event);
	}
	calls->queue_n = 0;
	calls->running_queue = false;
}

/* --- a new call --- */

static void
leg_init(struct leg *leg, struct call *call, enum journal_leg side)
{
	leg->side = side;
	leg->call = call;
	leg->table = side == JOURNAL_CALLER ? &caller_table : &callee_table;
	call->calls->deps.random(&leg->nonce, sizeof(leg->nonce));
}

/* The numbers as they came, for people: user parts, or whole URIs without one. */
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
	leg_init(&call->caller, call, JOURNAL_CALLER);
	leg_init(&call->callee, call, JOURNAL_CALLEE);
	return call;
}

/* The first INVITE is an exchange like any other: exchanges[0]. */
static void
first_exchange(struct call *call, server_tx tx, const struct arrival *a)
{
	call->exchanges[0] = (struct exchange){
		.state = EXCHANGE_PENDING,
		.method = SIP_METHOD_INVITE,
		.first = true,
		.offer = !span_empty(a->msg->body),
		.from = &call->caller,
		.to = &call->callee,
		.server = tx,
		.server_cseq = a->view->cseq,
	};
}

static void
ring_expired(struct timer *timer)
{
	struct call *call = CONTAINER_OF(timer, struct call, ring);

	call_end(call, END_RING_TIMEOUT);
	calls_run_queue(call->calls);
}

/* Which trunk takes it? END_NONE when call->callee.trunk is set. */
static enum end_reason
call_route(struct call *call)
{
	size_t at = 0;
	struct trunk *to =
	    route_next(call->trunks, call->caller.trunk, call->to, &at);

	if (to == NULL)
		return END_NO_ROUTE;
	call->callee.trunk = to;
	switch (trunk_admit(to, call_now(call))) {
	case TRUNK_OK:
		break;
	case TRUNK_FULL:
		return END_TRUNK_FULL;
	case TRUNK_TOO_FAST:
		return END_TRUNK_TOO_FAST;
	}
	to->state->calls++;
	to->state->calls_out++;
	if (!trunk_path(to, 0, &call->callee.dialog.path))
		return END_UNREACHABLE;
	return END_NONE;
}

static bool
caller_init(struct call *call, server_tx tx, const struct arrival *a)
{
	struct leg *caller = &call->caller;

	caller->trunk = a->trunk;
	caller->dialog.path = *a->path;
	caller->state = LEG_TRYING; /* born there: there was no event before */
	a->trunk->state->calls++;
	a->trunk->state->calls_in++;
	first_exchange(call, tx, a);
	server_set_owner(call->calls->transactions, tx, call->handle);
	return dialog_from_request(caller, a->msg, a->view) &&
	    keep_numbers(call, a);
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
	    &a->trunk->binding.local, net_transport_reliable(a->path->transport),
	    a->msg);
	if (!caller_init(call, tx, a)) {
		call_end(call, END_SHORTAGE);
		return;
	}
	call->max_forwards =
	    a->view->max_forwards < 0 ? 70 : (uint32_t)a->view->max_forwards;
	call->kind = policy_call_kind(a->msg, a->trunk->plan);
	note_legs(&call->caller);
	call_tell(call, "start");
	note_vias(&call->caller);
	reason = calls->draining ? END_DRAINING : call_route(call);
	if (reason != END_NONE) {
		call_end(call, reason);
		return;
	}
	timer_start_slack(calls->deps.timers, &call->ring,
	    call->trunks->config->sip.ring, 256, ring_expired);
	leg_raise(&call->callee, EV_TRY);
}

/* --- the end --- */

void
call_end(struct call *call, enum end_reason reason)
{
	if (call->reason != END_NONE)
		return;
	call->reason = reason;
	timer_stop(call->calls->deps.timers, &call->ring);
	exchange_close_all(call);
	leg_raise(&call->caller, EV_HANG_UP);
	leg_raise(&call->callee, EV_HANG_UP);
}

static void
trunk_leave(struct leg *leg)
{
	if (leg->trunk != NULL && leg->trunk->state->calls > 0)
		leg->trunk->state->calls--;
}

/* Its memory stays until calls_reap(): somebody up the stack may hold it. */
void
call_finish_if_gone(struct call *call)
{
	struct calls *calls = call->calls;

	if (call->caller.state != LEG_GONE || call->callee.state != LEG_GONE ||
	    call->dead)
		return;
	exchange_drop_all(call);
	note_end(call);
	trunk_leave(&call->caller);
	trunk_leave(&call->callee);
	if (end_reason_get(call->reason)->fault)
		calls->counters.failed++;
	call->dead = true;
	call_tell(call, "end");
	call->next_dead = calls->dead;
	calls->dead = call;
}
