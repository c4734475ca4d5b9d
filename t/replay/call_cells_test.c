/*
 * Each cell of the two leg tables: the shortest way on the wire that leads there,
 * and that there is no cell without one.
 */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

/* --- ways --- */

static void
rings_twice(void)
{
	ringing();
	answer(w->invite, "183 Session Progress", "");
}

static void
rings_late(void)
{
	trying();
	wait_ms(1000);
}

static void
answered_at_once(void)
{
	trying();
	accept_invite(ANSWER);
}

static void
answered(void)
{
	ringing();
	accept_invite(ANSWER);
}

static void
busy_at_once(void)
{
	trying();
	answer(w->invite, "486 Busy Here", "");
}

static void
busy(void)
{
	ringing();
	answer(w->invite, "486 Busy Here", "");
}

static void
bad_extension_at_once(void)
{
	trying();
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
}

static void
bad_extension(void)
{
	ringing();
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
}

static void
redirected(void)
{
	trying();
	answer(w->invite, "302 Moved Temporarily", "");
}

static void
cancelled_at_once(void)
{
	trying();
	cancel(CALLER, "");
}

static void
cancelled(void)
{
	ringing();
	cancel(CALLER, "");
}

static void
cancelled_and_rings(void)
{
	cancelled();
	answer(w->invite, "183 Session Progress", "");
}

static void
cancelled_and_accepted(void)
{
	cancelled();
	answer(w->invite, "200 OK", ANSWER);
}

static void
cancelled_and_refused(void)
{
	cancelled();
	answer(w->invite, "487 Request Terminated", "");
}

static void
cancelled_and_silent(void)
{
	cancelled();
	wait_ms(T1_64 + 300);
}

static void
cancelled_and_unsent(void)
{
	cancelled_at_once();
	w->net.error = -ECONNREFUSED;
	wait_ms(500);
}

static void
no_answer(void)
{
	trying();
	wait_ms(T1_64 + 300);
}

static void
unsent(void)
{
	w->net.error = -ECONNREFUSED;
	invite(OFFER);
}

static void
stream_lost(void)
{
	ringing();
	calls_connection_lost(
	    w->calls, w->invite->path.connection, -ECONNRESET);
}

static void
draining(void)
{
	calls_drain(w->calls, true);
	invite(OFFER);
}

static void
rings_too_long(void)
{
	ringing();
	wait_ms(RING_MS + 300);
}

static void
caller_leaves_early(void)
{
	ringing();
	ask(CALLER, "BYE", "");
}

static void
caller_never_acks(void)
{
	answered();
	wait_ms(T1_64 + 300);
}

static void
caller_leaves_unacked(void)
{
	answered();
	ask(CALLER, "BYE", "");
}

static void
caller_leaves_unacked_twice(void)
{
	caller_leaves_unacked();
	ask(CALLER, "BYE", "");
}

static void
caller_leaves_and_acks(void)
{
	caller_leaves_unacked();
	ack(CALLER, "");
}

static void
caller_leaves_and_never_acks(void)
{
	caller_leaves_unacked();
	wait_ms(T1_64 + 300);
}

static void
callee_leaves_unacked(void)
{
	answered();
	ask(CALLEE, "BYE", "");
}

static void
both_leave_unacked(void)
{
	callee_leaves_unacked();
	ask(CALLER, "BYE", "");
}

static void
callee_leaves_then_ack(void)
{
	callee_leaves_unacked();
	ack(CALLER, "");
}

static void
callee_leaves_and_no_ack(void)
{
	callee_leaves_unacked();
	wait_ms(T1_64 + 300);
}

static void
leaves(enum side side)
{
	up();
	ask(side, "BYE", "");
	hear(side, "SIP/2.0 200 ");
}

static void
caller_leaves(void)
{
	leaves(CALLER);
}

static void
callee_leaves(void)
{
	leaves(CALLEE);
}

static void
caller_left(void)
{
	caller_leaves();
	answer(hear(CALLEE, "BYE "), "200 OK", "");
}

static void
callee_left(void)
{
	callee_leaves();
	answer(hear(CALLER, "BYE "), "200 OK", "");
}

static void
both_leave(void)
{
	caller_leaves();
	ask(CALLEE, "BYE", "");
}

static void
both_leave_callee_first(void)
{
	callee_leaves();
	ask(CALLER, "BYE", "");
}

static void
reinvite_not_acked(enum side from)
{
	up();
	ask(from, "INVITE", OFFER);
	answer(hear(from == CALLER ? CALLEE : CALLER, "INVITE "), "200 OK",
	    ANSWER);
	wait_ms(T1_64 + 300);
}

static void
caller_acks_no_reinvite(void)
{
	reinvite_not_acked(CALLER);
}

static void
callee_acks_no_reinvite(void)
{
	reinvite_not_acked(CALLEE);
}

/* --- the tables again, with the way to each cell --- */

#define CALLER_CELL(state, event, way)                                         \
	{                                                                      \
		CALLER, LEG_##state, EV_##event, way, NET_UDP                  \
	}
#define CALLEE_CELL(state, event, way)                                         \
	{                                                                      \
		CALLEE, LEG_##state, EV_##event, way, NET_UDP                  \
	}

static const struct {
	enum side side;
	enum leg_state state;
	enum leg_event event;
	void (*way)(void);
	enum net_transport transport;
} cells[] = {
	CALLER_CELL(TRYING, RING, ringing),
	CALLER_CELL(TRYING, RING_HERE, rings_late),
	CALLER_CELL(TRYING, ANSWER, answered_at_once),
	CALLER_CELL(TRYING, FAIL, busy_at_once),
	CALLER_CELL(TRYING, CANCEL, cancelled_at_once),
	CALLER_CELL(TRYING, HANG_UP, draining),
	CALLER_CELL(EARLY, RING, rings_twice),
	CALLER_CELL(EARLY, ANSWER, answered),
	CALLER_CELL(EARLY, FAIL, busy),
	CALLER_CELL(EARLY, CANCEL, cancelled),
	CALLER_CELL(EARLY, BYE, caller_leaves_early),
	CALLER_CELL(EARLY, HANG_UP, rings_too_long),
	CALLER_CELL(ANSWERED, ACK, up),
	CALLER_CELL(ANSWERED, NO_ACK, caller_never_acks),
	CALLER_CELL(ANSWERED, BYE, caller_leaves_unacked),
	CALLER_CELL(ANSWERED, HANG_UP, callee_leaves_unacked),
	CALLER_CELL(ENDING, ACK, callee_leaves_then_ack),
	CALLER_CELL(ENDING, NO_ACK, callee_leaves_and_no_ack),
	CALLER_CELL(ENDING, BYE, both_leave_unacked),
	CALLER_CELL(LEFT, ACK, caller_leaves_and_acks),
	CALLER_CELL(LEFT, NO_ACK, caller_leaves_and_never_acks),
	CALLER_CELL(LEFT, BYE, caller_leaves_unacked_twice),
	CALLER_CELL(LEFT, HANG_UP, caller_leaves_unacked),
	CALLER_CELL(UP, NO_ACK, caller_acks_no_reinvite),
	CALLER_CELL(UP, BYE, caller_leaves),
	CALLER_CELL(UP, HANG_UP, callee_leaves),
	CALLER_CELL(LEAVING, BYE, both_leave_callee_first),
	CALLER_CELL(LEAVING, BYE_DONE, callee_left),
	CALLER_CELL(LEAVING, HANG_UP, caller_never_acks),
	CALLER_CELL(GONE, HANG_UP, cancelled),

	CALLEE_CELL(IDLE, TRY, trying),
	CALLEE_CELL(IDLE, AGAIN, redirected),
	CALLEE_CELL(IDLE, HANG_UP, draining),
	CALLEE_CELL(TRYING, PROVISIONAL, ringing),
	CALLEE_CELL(TRYING, ACCEPTED, answered_at_once),
	CALLEE_CELL(TRYING, REFUSED, busy_at_once),
	CALLEE_CELL(TRYING, AGAIN, bad_extension_at_once),
	CALLEE_CELL(TRYING, TIMEOUT, no_answer),
	CALLEE_CELL(TRYING, UNSENT, unsent),
	CALLEE_CELL(TRYING, HANG_UP, cancelled_at_once),
	CALLEE_CELL(EARLY, PROVISIONAL, rings_twice),
	CALLEE_CELL(EARLY, ACCEPTED, answered),
	CALLEE_CELL(EARLY, REFUSED, busy),
	CALLEE_CELL(EARLY, AGAIN, bad_extension),
	{CALLEE, LEG_EARLY, EV_UNSENT, stream_lost, NET_TCP},
	CALLEE_CELL(EARLY, HANG_UP, cancelled),
	CALLEE_CELL(CANCELLING, PROVISIONAL, cancelled_and_rings),
	CALLEE_CELL(CANCELLING, ACCEPTED, cancelled_and_accepted),
	CALLEE_CELL(CANCELLING, REFUSED, cancelled_and_refused),
	CALLEE_CELL(CANCELLING, TIMEOUT, cancelled_and_silent),
	CALLEE_CELL(CANCELLING, UNSENT, cancelled_and_unsent),
	CALLEE_CELL(UP, NO_ACK, callee_acks_no_reinvite),
	CALLEE_CELL(UP, BYE, callee_leaves),
	CALLEE_CELL(UP, HANG_UP, caller_leaves),
	CALLEE_CELL(LEAVING, BYE, both_leave),
	CALLEE_CELL(LEAVING, BYE_DONE, caller_left),
	CALLEE_CELL(LEAVING, HANG_UP, callee_acks_no_reinvite),
	CALLEE_CELL(GONE, HANG_UP, callee_leaves),
};

static const leg_table *const tables[SIDES] = { &caller_table, &callee_table };

START_TEST(a_way_leads_to_the_cell)
{
	enum leg_state state = cells[_i].state;
	enum leg_event event = cells[_i].event;

	begin_with(&(struct world_options){ .transport = cells[_i].transport,
	    .pbx = "ringing_after = \"1s\";",
	    .carrier = "redirect = \"follow\";" });
	memset(cells_met, 0, sizeof(cells_met));
	cells[_i].way();
	ck_assert_msg(cells_met[cells[_i].side][state][event] > 0,
	    "no %s met \"%s\" in the state \"%s\"",
	    cells[_i].side == CALLER ? "caller" : "callee",
	    leg_event_name(event), leg_state_name(state));
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	abandon();
}
END_TEST

static bool
has_way(enum side side, int state, int event)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(cells); i++)
		if (cells[i].side == side && (int)cells[i].state == state &&
		    (int)cells[i].event == event)
			return true;
	return false;
}

START_TEST(no_cell_is_without_a_way)
{
	int side, state, event;

	for (side = 0; side < SIDES; side++)
		for (state = 0; state < LEG_STATES; state++)
			for (event = 0; event < LEG_EVENTS; event++)
				ck_assert_msg(
				    has_way((enum side)side, state, event) ==
					((*tables[side])[state][event].act !=
					    NULL),
				    "%d: %s, %s", side,
				    leg_state_name((enum leg_state)state),
				    leg_event_name((enum leg_event)event));
}
END_TEST

/* Tries the event on a leg of that state, which must refuse it. */
static void
ck_blank(enum side side, enum leg_state state, enum leg_event event)
{
	struct call call = { .calls = w->calls };
	struct leg leg = { .state = state,
		.side = side == CALLER ? JOURNAL_CALLER : JOURNAL_CALLEE,
		.table = tables[side],
		.call = &call };
	uint64_t before = calls_counters(w->calls)->blank_cells;

	ck_assert(!leg_step(&leg, event));
	ck_assert_int_eq(leg.state, state);
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, before + 1);
}

START_TEST(blank_cells_are_refused_and_counted)
{
	int side, state, event;

	begin();
	for (side = 0; side < SIDES; side++)
		for (state = 0; state < LEG_STATES; state++)
			for (event = 0; event < LEG_EVENTS; event++)
				if ((*tables[side])[state][event].act == NULL)
					ck_blank((enum side)side,
					    (enum leg_state)state,
					    (enum leg_event)event);
	finish();
}
END_TEST

START_TEST(the_tables_print_each_cell)
{
	char *text = NULL, line[128];
	const char *callees;
	size_t n = 0, i;
	FILE *f = open_memstream(&text, &n);

	calls_print_dot(f);
	ck_assert_int_eq(fclose(f), 0);
	callees = strstr(text, "digraph callee {\n");
	ck_assert_int_eq(strncmp(text, "digraph caller {\n", 17), 0);
	ck_assert_ptr_nonnull(callees);
	for (i = 0; i < ARRAY_LEN(cells); i++) {
		enum leg_state state = cells[i].state;
		const struct leg_rule *rule =
		    &(*tables[cells[i].side])[state][cells[i].event];
		const char *at;

		snprintf(line, sizeof(line), "\t%s -> %s [label=\"%s\"];\n",
		    leg_state_name(state), leg_state_name(rule->next),
		    leg_event_name(cells[i].event));
		at = strstr(cells[i].side == CALLER ? text : callees, line);
		ck_assert_msg(
		    at != NULL && (cells[i].side == CALLEE || at < callees),
		    "missing: %s", line);
	}
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("the tables of both legs");
	TCase *tc = tcase_create("cells");

	tcase_add_loop_test(tc, a_way_leads_to_the_cell, 0, ARRAY_LEN(cells));
	tcase_add_test(tc, no_cell_is_without_a_way);
	tcase_add_test(tc, blank_cells_are_refused_and_counted);
	tcase_add_test(tc, the_tables_print_each_cell);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
