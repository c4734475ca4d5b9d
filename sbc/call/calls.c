/*
 * calls.c - the layer: what stands between the network and the single calls
 */

#include "call/private.h"

#include <stdlib.h>

/* Calls have a limit; what belongs to them needs none of its own. */
#define OBJECTS_MAX UINT32_MAX

static struct transaction_timing
timing_of(const struct config *config)
{
	return (struct transaction_timing){ config->sip.t1, config->sip.t2,
		config->sip.t4 };
}

/* Without memory nobody is asked, and all else goes on. */
static bool
calls_watch(struct calls *calls)
{
	struct watch_deps deps = {
		.timers = calls->deps.timers,
		.transactions = calls->transactions,
		.record = calls->deps.record,
		.wall_clock = calls->deps.wall_clock,
		.random = calls->deps.random,
	};

	calls->watch = watch_create(&deps);
	if (calls->watch != NULL)
		watch_set_trunks(calls->watch, calls->trunks);
	return calls->watch != NULL;
}

struct calls *
calls_create(const struct calls_deps *deps, struct trunks *trunks)
{
	const struct config *config = trunks->config;
	struct transaction_timing timing = timing_of(config);
	struct calls *calls = calloc(1, sizeof(*calls));

	if (calls == NULL)
		return NULL;
	calls->deps = *deps;
	calls->trunks = trunks_ref(trunks);
	slab_init(&calls->slab, sizeof(struct call), config->limits.calls);
	slab_init(&calls->legs, sizeof(struct leg), OBJECTS_MAX);
	slab_init(&calls->exchanges, sizeof(struct exchange), OBJECTS_MAX);
	slab_init(&calls->refreshes, sizeof(struct refresh), OBJECTS_MAX);
	bucket_init(&calls->complaints, 1, 10, deps->timers->now);
	calls->transactions = transactions_create(
	    deps->timers, deps->wire, &timing, &calls_transaction_ops, calls);
	if (calls->transactions == NULL || !calls_watch(calls)) {
		calls_destroy(calls);
		return NULL;
	}
	return calls;
}

/* Snapshots that no call holds any more. */
static void
drop_unused_before(struct calls *calls)
{
	size_t i, n = 0;

	for (i = 0; i < BEFORE_MAX; i++) {
		struct trunks *trunks = calls->before[i];

		calls->before[i] = NULL;
		if (trunks != NULL && trunks->references > 1)
			calls->before[n++] = trunks;
		else
			trunks_unref(trunks);
	}
}

/* Takes over the reference. The oldest makes room: its calls hear nothing more
 * from addresses that no newer snapshot knows. */
static void
keep_before(struct calls *calls, struct trunks *trunks)
{
	trunks_unref(calls->before[BEFORE_MAX - 1]);
	memmove(calls->before + 1, calls->before,
	    (BEFORE_MAX - 1) * sizeof(calls->before[0]));
	calls->before[0] = trunks;
	drop_unused_before(calls);
}

static void
free_dead_legs(struct calls *calls)
{
	while (calls->dead_legs != NULL) {
		struct leg *leg = calls->dead_legs;

		calls->dead_legs = leg->next;
		leg_free(leg);
	}
}

void
calls_destroy(struct calls *calls)
{
	uint32_t at = 0;
	struct call *call;
	size_t i;

	if (calls == NULL)
		return;
	free_dead_legs(calls);
	while ((call = slab_next(&calls->slab, &at)) != NULL)
		call_free(call);
	slab_fini(&calls->slab);
	slab_fini(&calls->legs);
	slab_fini(&calls->exchanges);
	slab_fini(&calls->refreshes);
	watch_destroy(calls->watch);
	transactions_destroy(calls->transactions);
	for (i = 0; i < BEFORE_MAX; i++)
		trunks_unref(calls->before[i]);
	trunks_unref(calls->trunks);
	free(calls);
}

void
calls_reap(struct calls *calls)
{
	free_dead_legs(calls);
	if (calls->dead == NULL)
		return;
	while (calls->dead != NULL) {
		struct call *call = calls->dead;

		calls->dead = call->next_dead;
		call_free(call);
	}
	drop_unused_before(calls);
}

void
calls_set_trunks(struct calls *calls, struct trunks *trunks)
{
	struct transaction_timing timing = timing_of(trunks->config);
	struct trunks *old = calls->trunks;

	transactions_set_timing(calls->transactions, &timing);
	calls->trunks = trunks_ref(trunks);
	calls->slab.limit = trunks->config->limits.calls;
	watch_set_trunks(calls->watch, calls->draining ? NULL : trunks);
	keep_before(calls, old);
}

struct trunks *
calls_trunks(const struct calls *calls)
{
	return calls->trunks;
}

static void
leave_connection(struct leg *leg, slab_handle connection)
{
	if (leg->trunk != NULL && leg->dialog.path.connection == connection)
		trunk_path_again(leg->trunk, &leg->dialog.path);
}

/* Dialogs outlive their connections: the next request opens one. */
void
calls_connection_lost(struct calls *calls, slab_handle connection, int error)
{
	uint32_t at = 0;
	struct leg *leg;

	if (connection == 0)
		return;
	while ((leg = slab_next(&calls->legs, &at)) != NULL)
		leave_connection(leg, connection);
	transactions_connection_lost(calls->transactions, connection, error);
}

void
calls_unreachable(
    struct calls *calls, const struct net_path *path, int error)
{
	transactions_unreachable(calls->transactions, path, error);
}

void
calls_drain(struct calls *calls, bool draining)
{
	calls->draining = draining;
	watch_set_trunks(calls->watch, draining ? NULL : calls->trunks);
}

bool
calls_draining(const struct calls *calls)
{
	return calls->draining;
}

void
calls_end_all(struct calls *calls, enum end_reason reason)
{
	uint32_t at = 0;
	struct call *call;

	/* The queue holds two events a call: it is run for each. */
	while ((call = slab_next(&calls->slab, &at)) != NULL) {
		if (call->dead)
			continue;
		call_end(call, reason);
		calls_run_queue(calls);
	}
}

unsigned
calls_count(const struct calls *calls)
{
	return calls->slab.used;
}

unsigned
calls_going(const struct calls *calls)
{
	uint32_t at = 0;
	unsigned going = 0;
	struct call *call;

	while ((call = slab_next(&calls->slab, &at)) != NULL)
		going += call->reason == END_NONE;
	return going;
}

unsigned
calls_legs(const struct calls *calls)
{
	uint32_t at = 0;
	unsigned legs = 0;
	const struct leg *leg;

	while ((leg = slab_next(&calls->legs, &at)) != NULL)
		legs += leg->state != LEG_GONE;
	return legs;
}

const struct calls_counters *
calls_counters(const struct calls *calls)
{
	return &calls->counters;
}

struct transactions *
calls_transactions(const struct calls *calls)
{
	return calls->transactions;
}

static const char *
state_of(const struct call *call)
{
	if (call->reason != END_NONE)
		return "ending";
	if (call->transfer != NULL)
		return "transferring";
	if (call->answered != 0)
		return "up";
	return call->caller->state == LEG_EARLY ? "ringing" : "trying";
}

static void
describe(const struct call *call, struct call_info *info)
{
	call_summarize(call, &info->summary);
	if (!call->dead)
		info->summary.end = 0;
	info->state = state_of(call);
	info->chain = &call->chain;
}

void
call_tell(const struct call *call, const char *what)
{
	const struct calls_deps *deps = &call->calls->deps;
	struct call_info info;

	if (deps->event == NULL)
		return;
	describe(call, &info);
	deps->event(deps->event_arg, what, &info);
}

bool
calls_next(const struct calls *calls, uint32_t *at, struct call_info *info)
{
	struct call *call;

	while ((call = slab_next(&calls->slab, at)) != NULL) {
		if (call->dead)
			continue;
		describe(call, info);
		return true;
	}
	return false;
}

bool
calls_find(const struct calls *calls, uint64_t id, struct call_info *info)
{
	uint32_t at = 0;
	struct call *call;

	while ((call = slab_next(&calls->slab, &at)) != NULL) {
		if (call->id != id || call->dead)
			continue;
		describe(call, info);
		return true;
	}
	return false;
}
