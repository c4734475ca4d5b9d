/*
 * transfer_step.c - the one writer of a transfer's state, and
 * how its table prints itself
 */

#include "call/transfer.h"

static const char *const state_names[] = {
#define TRANSFER_STATE(id, name) name,
#include "call/transfer_states.def"
#undef TRANSFER_STATE
};

static const char *const event_names[] = {
#define TRANSFER_EVENT(id, name) name,
#include "call/transfer_events.def"
#undef TRANSFER_EVENT
};

const char *
transfer_state_name(enum transfer_state state)
{
	return state_names[state];
}

const char *
transfer_event_name(enum transfer_event event)
{
	return event_names[event];
}

bool
transfer_step(struct transfer *t, enum transfer_event event)
{
	const struct transfer_rule *rule = &transfer_table[t->state][event];
	bool acted;

	if (rule->act == NULL) {
		t->call->calls->counters.blank_cells++;
		return false;
	}
	t->stepping = true;
	acted = rule->act(t);
	t->stepping = false;
	if (!acted)
		return false;
	t->state = rule->next;
	if (t->state == TRANSFER_OVER)
		transfer_drop(t->call);
	return true;
}

void
transfer_print_dot(FILE *out)
{
	int s, e;

	fprintf(out, "digraph transfer {\n");
	for (s = 0; s < TRANSFER_STATES; s++)
		for (e = 0; e < TRANSFER_EVENTS; e++)
			if (transfer_table[s][e].act != NULL)
				fprintf(out, "\t%s -> %s [label=\"%s\"];\n",
				    state_names[s],
				    state_names[transfer_table[s][e].next],
				    event_names[e]);
	fprintf(out, "}\n");
}
