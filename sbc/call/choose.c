/*
 * choose.c - the target of a call: the first in its route that may be asked now
 *
 * A trunk that is full or given calls too fast is passed over, and so is a peer
 * that has asked to be left alone. An emergency call passes nobody over.
 */

#include <stdlib.h>

#include "call/redirect.h"
#include "call/transfer.h"

/* What was passed over on the way to a target. */
struct choice {
	struct leg *leg;
	struct route_search search;
	enum end_reason first; /* why; END_NONE: nothing was */
	struct trunk *trunk;   /* of the first */
	struct route_place place;
	unsigned n;
	uint64_t wait; /* ms: until the soonest may be asked */
};

static bool
is_emergency(const struct leg *leg)
{
	return leg->call->kind == POLICY_CALL_EMERGENCY;
}

/* --- what is said of the others --- */

static void
note_passed(struct choice *c, struct trunk *trunk,
    const struct route_place *place, enum end_reason why)
{
	const struct end_reason_row *row = end_reason_get(why);
	struct net_path path;
	char buf[ADDRESS_TEXT_MAX];
	struct text t = text_over(buf, sizeof(buf));

	c->leg->trunk = trunk;
	if (trunk_path(trunk, place->peer, &path))
		address_add(&t, &path.remote);
	note_diagnosis(c->leg->call->calls, c->leg, row->diagnostic,
	    SPAN("target"), text_span(&t), span_of(row->sentence));
}

/* The first is told of once there is a second: alone it is the call's end,
 * which says it. */
static void
pass(struct choice *c, enum end_reason why, uint64_t wait)
{
	struct leg *leg = c->leg;

	if (wait > 0 && (c->wait == 0 || wait < c->wait))
		c->wait = wait;
	if (c->n++ == 0) {
		c->first = why;
		c->trunk = leg->trunk;
		c->place = leg->place;
	} else {
		note_passed(c, leg->trunk, &leg->place, why);
	}
	if (why == END_RESTING)
		route_pass_peer(&leg->place);
	else
		route_pass_trunk(&leg->place);
}

static void
note_first(struct choice *c)
{
	struct trunk *now = c->leg->trunk;

	if (c->n > 0)
		note_passed(c, c->trunk, &c->place, c->first);
	c->leg->trunk = now;
}

/* --- one after the other --- */

static enum end_reason
refusal_of(enum trunk_verdict verdict)
{
	return verdict == TRUNK_FULL ? END_TRUNK_FULL : END_TRUNK_TOO_FAST;
}

static void
note_recovered(struct leg *leg)
{
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_CAP_SLOWED,
		.message = SPAN("INVITE"),
		.target = SPAN("rate"),
		.after = SPAN("full"),
		.reason = SPAN("the trunk has not refused a call for its rate "
			       "for long enough"),
	};

	note(leg, &entry);
}

/* True when the leg's trunk takes the call at that peer. */
static bool
try_target(struct choice *c)
{
	struct leg *leg = c->leg;
	struct trunk *trunk = leg->trunk;
	struct trunk_state *state = trunk->state;
	uint64_t now = call_now(leg->call), rests;
	enum trunk_verdict verdict;

	if (!trunk_path(trunk, leg->place.peer, &leg->dialog.path)) {
		pass(c, END_UNREACHABLE, 0);
		return false;
	}
	rests = is_emergency(leg)
	    ? 0
	    : relief_resting(&state->relief, &leg->dialog.path.remote, now);
	if (rests > 0) {
		state->refused++;
		pass(c, END_RESTING, rests);
		return false;
	}
	if (relief_recovered(&state->relief, now))
		note_recovered(leg);
	verdict = trunk_admit(trunk, is_emergency(leg), now);
	if (verdict == TRUNK_OK)
		return true;
	pass(c, refusal_of(verdict), relief_wait(&state->relief, now));
	return false;
}

static enum end_reason
nobody(struct choice *c)
{
	struct leg *leg = c->leg;

	if (c->n == 0)
		return END_NO_ROUTE;
	if (c->n > 1)
		note_first(c);
	leg->trunk = c->trunk;
	leg->place = c->place;
	leg->call->retry_after = (uint32_t)((c->wait + 999) / 1000);
	return c->first;
}

enum end_reason
leg_route(struct leg *leg, struct span number)
{
	struct call *call = leg->call;
	struct choice c = {
		.leg = leg,
		.search = { call->trunks, call_asker(call)->trunk, number },
	};

	while ((leg->trunk = route_find(&c.search, &leg->place)) != NULL) {
		if (!try_target(&c))
			continue;
		note_first(&c);
		leg->trunk->state->calls_out++;
		leg_count(leg);
		return END_NONE;
	}
	return nobody(&c);
}

enum end_reason
leg_route_instead(struct leg *new, struct leg *old, struct span number)
{
	bool counted = old->counted;
	enum end_reason reason;

	leg_uncount(old);
	reason = leg_route(new, number);
	if (reason != END_NONE && counted)
		leg_count(old);
	return reason;
}

/* --- who is asked, and for whom --- */

struct leg *
call_asker(const struct call *call)
{
	return call->transfer == NULL ? call->caller
				      : call->transfer->transferor;
}

struct span
call_wanted(const struct call *call)
{
	return call->transfer == NULL ? call->to : call->transfer->number;
}

struct span *
call_invite(struct call *call)
{
	return call->transfer == NULL ? &call->invite
				      : &call->transfer->invite;
}

struct span
call_number(const struct call *call)
{
	return call->redirect == NULL
	    ? call_wanted(call)
	    : redirect_number(call, call->redirect->now);
}

/* A target that was taken while it rang is somebody else's call. */
bool
leg_is_asked(const struct leg *leg)
{
	const struct call *call = leg->call;
	const struct transfer *t = call->transfer;

	if (call->reason != END_NONE)
		return false;
	return t == NULL ? leg == call->callee : leg == t->target && !t->taken;
}

void
leg_replace_asked(struct leg *old, struct leg *new)
{
	struct call *call = old->call;

	if (call->transfer != NULL) {
		transfer_replace_target(call->transfer, new);
		return;
	}
	call->callee = new;
	legs_join(old->other, new);
	old->other = NULL;
	/* It spoke of a failure that is none of the call's. */
	free(call->evidence);
	call->evidence = NULL;
}

bool
leg_has_next(const struct leg *leg)
{
	const struct call *call = leg->call;
	struct route_search search = { call->trunks, call_asker(call)->trunk,
		call_number(call) };
	struct route_place place = leg->place;

	route_pass_peer(&place);
	return route_find(&search, &place) != NULL;
}

bool
call_has_route(const struct call *call, struct span number)
{
	struct route_search search = { call->trunks, call_asker(call)->trunk,
		number };
	struct route_place place = { 0 };

	return route_find(&search, &place) != NULL;
}
