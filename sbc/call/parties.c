/*
 * parties.c - who a call is known by, once others than
 * its two ends had part in it
 *
 * A call is found by who began it and whom that one called, and by whom a
 * transfer brought in. Legs come and go: their names are kept here.
 */

#include "call/transfer.h"

#include <stdlib.h>

struct party {
	struct span trunk, call_id, number; /* owned */
};

struct parties {
	struct party of[MEMORY_LEGS];
	struct party before; /* whom a transfer brought in earlier */
};

static void
party_free(struct party *party)
{
	span_free(&party->trunk);
	span_free(&party->call_id);
	span_free(&party->number);
}

/* What cannot be kept is empty. */
static void
party_set(struct party *party, const struct leg *leg, struct span number)
{
	struct party old = *party;

	party->trunk = leg->trunk == NULL ? SPAN_NONE
					  : span_copy(leg->trunk->name);
	party->call_id = span_copy(dialog_call_id(&leg->dialog));
	party->number = span_copy(number);
	party_free(&old);
}

void
parties_free(struct call *call)
{
	size_t i;

	if (call->parties == NULL)
		return;
	for (i = 0; i < MEMORY_LEGS; i++)
		party_free(&call->parties->of[i]);
	party_free(&call->parties->before);
	free(call->parties);
	call->parties = NULL;
}

static struct parties *
parties_of(struct call *call)
{
	struct parties *parties = call->parties;

	if (parties != NULL)
		return parties;
	parties = call->parties = calloc(1, sizeof(*parties));
	if (parties == NULL)
		return NULL;
	party_set(&parties->of[MEMORY_CALLER], call->caller, call->from);
	party_set(&parties->of[MEMORY_CALLEE], call->callee, call->to);
	return parties;
}

void
parties_bring(struct call *call, const struct leg *leg, struct span number)
{
	struct parties *parties = parties_of(call);

	if (parties == NULL)
		return;
	party_free(&parties->before);
	parties->before = parties->of[MEMORY_TARGET];
	parties->of[MEMORY_TARGET] = (struct party){ .number = SPAN_NONE };
	party_set(&parties->of[MEMORY_TARGET], leg, number);
}

void
parties_take_back(struct call *call)
{
	struct parties *parties = call->parties;

	if (parties == NULL || span_empty(parties->before.number))
		return;
	party_free(&parties->of[MEMORY_TARGET]);
	parties->of[MEMORY_TARGET] = parties->before;
	parties->before = (struct party){ .number = SPAN_NONE };
}

void
parties_know_call_id(struct leg *leg)
{
	struct parties *parties = leg->call->parties;
	struct party *target;

	if (parties == NULL)
		return;
	target = &parties->of[MEMORY_TARGET];
	span_free(&target->call_id);
	target->call_id = span_copy(dialog_call_id(&leg->dialog));
}

struct span
parties_number(const struct leg *leg)
{
	const struct call *call = leg->call;

	if (leg->side == JOURNAL_CALLER)
		return call->from;
	if (leg->side == JOURNAL_CALLEE)
		return call->to;
	return call->parties == NULL ? SPAN_NONE
				     : call->parties->of[MEMORY_TARGET].number;
}

static void
tell_ends(const struct call *call, struct memory_summary *s)
{
	const struct leg *ends[] = { call->caller, call->callee };
	size_t i;

	for (i = 0; i < ARRAY_LEN(ends); i++) {
		if (ends[i]->trunk != NULL)
			s->trunk[i] = ends[i]->trunk->name;
		s->call_id[i] = dialog_call_id(&ends[i]->dialog);
	}
	s->number[MEMORY_CALLER] = call->from;
	s->number[MEMORY_CALLEE] = call->to;
}

void
parties_tell(const struct call *call, struct memory_summary *s)
{
	size_t i;

	if (call->parties == NULL) {
		tell_ends(call, s);
		return;
	}
	for (i = 0; i < MEMORY_LEGS; i++) {
		s->trunk[i] = call->parties->of[i].trunk;
		s->call_id[i] = call->parties->of[i].call_id;
		s->number[i] = call->parties->of[i].number;
	}
}
