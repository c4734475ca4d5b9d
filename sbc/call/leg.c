/*
 * leg.c - the state tables of both kinds of leg, and the one writer of a state
 */

#include "call/transfer.h"

static const char *const state_names[] = {
#define LEG_STATE(id, name) name,
#include "call/leg_states.def"
#undef LEG_STATE
};

static const char *const event_names[] = {
#define LEG_EVENT(id, name) name,
#include "call/leg_events.def"
#undef LEG_EVENT
};

/* The leg that called us: a user agent server until the dialog is confirmed. */
const leg_table caller_table = {
	[LEG_TRYING] = {
		[EV_RING]    = { caller_ring,        LEG_EARLY },
		[EV_RING_HERE] = { caller_ring_here, LEG_EARLY },
		[EV_ANSWER]  = { caller_answer,      LEG_ANSWERED },
		[EV_FAIL]    = { caller_fail,        LEG_GONE },
		[EV_CANCEL]  = { caller_cancelled,   LEG_GONE },
		[EV_HANG_UP] = { caller_refuse,      LEG_GONE },
	},
	[LEG_EARLY] = {
		[EV_RING]    = { caller_ring,        LEG_EARLY },
		[EV_ANSWER]  = { caller_answer,      LEG_ANSWERED },
		[EV_ANSWER_HERE] = { caller_answer_here, LEG_ANSWERED },
		[EV_FAIL]    = { caller_fail,        LEG_GONE },
		[EV_CANCEL]  = { caller_cancelled,   LEG_GONE },
		[EV_BYE]     = { caller_left_early,  LEG_GONE },
		[EV_HANG_UP] = { caller_refuse,      LEG_GONE },
	},
	[LEG_ANSWERED] = {
		[EV_ACK]     = { caller_acked,       LEG_UP },
		[EV_NO_ACK]  = { caller_not_acked,   LEG_LEAVING },
		[EV_BYE]     = { leg_peer_left,      LEG_LEFT },
		[EV_HANG_UP] = { leg_nothing,        LEG_ENDING },
	},
	[LEG_ENDING] = {
		[EV_ACK]     = { leg_send_bye,       LEG_LEAVING },
		[EV_NO_ACK]  = { caller_not_acked,   LEG_LEAVING },
		[EV_BYE]     = { leg_nothing,        LEG_LEFT },
	},
	[LEG_LEFT] = {
		[EV_ACK]     = { leg_nothing,        LEG_GONE },
		[EV_NO_ACK]  = { leg_nothing,        LEG_GONE },
		[EV_BYE]     = { leg_nothing,        LEG_LEFT },
		[EV_HANG_UP] = { leg_nothing,        LEG_LEFT },
	},
	LEG_CONFIRMED_CELLS,
};

/* The leg that we call: a user agent client until the dialog is confirmed. */
const leg_table callee_table = {
	[LEG_IDLE] = {
		[EV_TRY]     = { callee_invite,      LEG_TRYING },
		[EV_AGAIN]   = { advance_invite,     LEG_TRYING },
		[EV_HANG_UP] = { leg_nothing,        LEG_GONE },
	},
	[LEG_TRYING] = {
		[EV_PROVISIONAL] = { callee_provisional, LEG_EARLY },
		[EV_ACCEPTED] = { callee_accepted,   LEG_UP },
		[EV_REFUSED] = { callee_refused,     LEG_GONE },
		[EV_AGAIN]   = { callee_again,       LEG_TRYING },
		[EV_TIMEOUT] = { callee_timeout,     LEG_GONE },
		[EV_SILENT]  = { advance_silent,     LEG_GONE },
		[EV_UNSENT]  = { callee_unsent,      LEG_GONE },
		[EV_HANG_UP] = { callee_cancel,      LEG_CANCELLING },
	},
	[LEG_EARLY] = {
		[EV_PROVISIONAL] = { callee_provisional, LEG_EARLY },
		[EV_ACCEPTED] = { callee_accepted,   LEG_UP },
		[EV_REFUSED] = { callee_refused,     LEG_GONE },
		[EV_AGAIN]   = { callee_again,       LEG_TRYING },
		[EV_UNSENT]  = { callee_unsent,      LEG_GONE },
		[EV_HANG_UP] = { callee_cancel,      LEG_CANCELLING },
		[EV_TAKEN]   = { callee_taken,       LEG_CANCELLING },
	},
	LEG_CANCELLED_CELLS,
	LEG_CONFIRMED_CELLS,
};

const char *
leg_state_name(enum leg_state state)
{
	return state_names[state];
}

const char *
leg_event_name(enum leg_event event)
{
	return event_names[event];
}

bool
leg_step(struct leg *leg, enum leg_event event)
{
	const struct leg_rule *rule = &(*leg->table)[leg->state][event];

	if (rule->act == NULL) {
		leg->call->calls->counters.blank_cells++;
		return false;
	}
	if (!rule->act(leg))
		return false;
	leg->state = rule->next;
	if (leg->state == LEG_GONE) {
		call_finish_if_gone(leg->call);
		leg_retire(leg);
	}
	return true;
}

/* An action of a cell that only changes the state. */
bool
leg_nothing(struct leg *leg)
{
	(void)leg;
	return true;
}

static void
print_table(const leg_table table, const char *name, FILE *out)
{
	int s, e;

	fprintf(out, "digraph %s {\n", name);
	for (s = 0; s < LEG_STATES; s++)
		for (e = 0; e < LEG_EVENTS; e++)
			if (table[s][e].act != NULL)
				fprintf(out, "\t%s -> %s [label=\"%s\"];\n",
				    state_names[s],
				    state_names[table[s][e].next],
				    event_names[e]);
	fprintf(out, "}\n");
}

void
calls_print_dot(FILE *out)
{
	print_table(caller_table, "caller", out);
	print_table(callee_table, "callee", out);
	print_table(target_table, "target", out);
	print_table(replacer_table, "replacer", out);
	transfer_print_dot(out);
}
