/*
 * Each cell of the state tables: the shortest way on the wire that
 * leads there, and that there is no cell without one. With the argument
 * "dot": the tables as Graphviz.
 */

#include <errno.h>
#include <stdio.h>

#include "transfer_world.h"

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

/* There is another one that can be asked. */
static void
silent(void)
{
	change_trunks(&(struct world_options){
	    .peers = ", \"198.51.100.21:5060\"" });
	trying();
	wait_ms(6000 + 300);
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
callee_hangs_up(void)
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
	callee_hangs_up();
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
	callee_hangs_up();
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

/* --- ways of transfers --- */

static void
refers(void)
{
	up();
	refer();
}

static void
refers_and_rings(void)
{
	refers();
	answer(w->invite, "180 Ringing", "");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
}

static void
refers_nowhere(void)
{
	change_trunks(&(struct world_options){
	    .routes = "{ from = \"pbx\"; to = \"carrier\"; prefix = \"+4\"; }" });
	up();
	ask(CALLER, "REFER", REFER_TO("+19005550100"));
}

static void
target_rings_twice(void)
{
	refers_and_rings();
	answer(w->invite, "183 Session Progress", "");
}

static void
target_answers_at_once(void)
{
	refers();
	answer(w->invite, "200 OK", TARGETS_MEDIA);
}

static void
target_answers_ringing(void)
{
	refers_and_rings();
	answer(w->invite, "200 OK", TARGETS_MEDIA);
}

static void
target_busy_at_once(void)
{
	refers();
	answer(w->invite, "486 Busy Here", "");
}

static void
target_busy(void)
{
	refers_and_rings();
	answer(w->invite, "486 Busy Here", "");
}

static void
target_lacks_at_once(void)
{
	refers();
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
}

static void
target_lacks(void)
{
	refers_and_rings();
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
}

static void
target_is_silent(void)
{
	refers();
	wait_ms(T1_64 + 300);
}

static void
target_rings_on(void)
{
	refers_and_rings();
	wait_ms(RING_MS + 300);
}

static void
target_has_moved(void)
{
	refers();
	answer_as(w->invite, "302 Moved Temporarily", "target-tag",
	    "Contact: <sip:+442079460077@203.0.113.9>\n");
}

static void
target_rings_on_and_call_ends(void)
{
	target_rings_on();
	ask(CALLEE, "BYE", "");
}

/* It says 100 and nothing else. */
static void
target_tries_on(void)
{
	refers();
	answer(w->invite, "100 Trying", "");
	wait_ms(RING_MS + 300);
}

/* Behind the 202 and the NOTIFY. */
static void
target_unsent(void)
{
	up();
	w->net.error_once = -ECONNREFUSED;
	w->net.error_once_at = 3;
	ask(CALLER, "REFER", REFER_TO("+442079460099"));
}

static void
target_stream_lost(void)
{
	refers_and_rings();
	calls_connection_lost(
	    w->calls, w->invite->path.connection, -ECONNRESET);
}

static void
who_waits_leaves_at_once(void)
{
	refers();
	ask(CALLEE, "BYE", "");
}

static void
who_waits_leaves(void)
{
	refers_and_rings();
	ask(CALLEE, "BYE", "");
}

static void
who_waits_leaves_and_target(const char *status, const char *fields)
{
	who_waits_leaves();
	answer(w->invite, status, fields);
}

static void
target_rings_late(void)
{
	who_waits_leaves_and_target("183 Session Progress", "");
}

static void
target_accepts_late(void)
{
	who_waits_leaves_and_target("200 OK", TARGETS_MEDIA);
}

static void
target_ends_late(void)
{
	who_waits_leaves_and_target("487 Request Terminated", "");
}

static void
target_says_nothing_late(void)
{
	who_waits_leaves();
	wait_ms(T1_64 + 300);
}

static void
target_unsent_late(void)
{
	who_waits_leaves_at_once();
	w->net.error = -ECONNREFUSED;
	wait_ms(500);
}

static void
joins(void)
{
	refers();
	joined(target_answers());
}

static void
transferor_leaves_joined(void)
{
	joins();
	transferor_leaves();
}

static void
transferor_is_sent_off(void)
{
	joins();
	wait_ms(1100);
}

static void
joined_call_ends(void)
{
	joins();
	ask(CALLEE, "BYE", "");
}

static void
target_leaves(void)
{
	transferor_leaves_joined();
	ask(TARGET, "BYE", "");
}

static void
who_waited_leaves(void)
{
	transferor_leaves_joined();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
}

static void
target_and_who_waited_leave(void)
{
	who_waited_leaves();
	ask(TARGET, "BYE", "");
}

static void
target_is_left(void)
{
	who_waited_leaves();
	answer(hear(TARGET, "BYE "), "200 OK", "");
}

static void
target_acks_no_reinvite(void)
{
	transferor_leaves_joined();
	ask(TARGET, "INVITE", SDP_PORT("198.51.100.20", "7002"));
	answer(hear(CALLEE, "INVITE "), "200 OK", ANSWER);
	wait_ms(T1_64 + 300);
}

static void
attended(void)
{
	consulting();
	refer_attended();
}

static void
attended_to_one_that_rings(void)
{
	up();
	invite_as(CONSULT, SDP_PORT("192.0.2.10", "4100"));
	hear(TARGET, "INVITE ");
	hear(CONSULT, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", "");
	hear(CONSULT, "SIP/2.0 180 ");
	ask_to_join();
}

static void
transferor_leaves_at_once(void)
{
	refers();
	ask(CALLER, "BYE", "");
}

static void
transferor_leaves_ringing(void)
{
	refers_and_rings();
	ask(CALLER, "BYE", "");
}

static void
transferor_leaves_joining(void)
{
	refers();
	target_answers();
	ask(CALLER, "BYE", "");
}

static void
target_leaves_joining(void)
{
	refers();
	target_answers();
	ask(TARGET, "BYE", "");
}

static void
who_waits_leaves_joining(void)
{
	refers();
	target_answers();
	ask(CALLEE, "BYE", "");
}

static void
who_waits_refuses(void)
{
	refers();
	answer(target_answers(), "488 Not Acceptable Here", "");
}

/* It says 100 to its offer and nothing else: that ends
 * before the re-INVITE does. */
static void
who_waits_thinks(void)
{
	attended();
	answer(hear(TARGET, "INVITE "), "100 Trying", "");
	wait_ms(RING_MS + 300);
}

static const struct replay_sent *
early_media(void)
{
	refers();
	answer(w->invite, "183 Session Progress", TARGETS_MEDIA);
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	return hear(CALLEE, "INVITE sip:gw@", TARGETS);
}

static void
early_media_is_taken(void)
{
	answer(early_media(), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
}

static void
early_media_is_refused(void)
{
	answer(early_media(), "488 Not Acceptable Here", "");
}

static const struct replay_sent *
restores(void)
{
	early_media_is_taken();
	answer(w->invite, "486 Busy Here", "");
	hear(TARGET, "ACK ");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	return hear(CALLEE, "INVITE sip:gw@", OFFERS);
}

static void
old_media_is_taken(void)
{
	answer(restores(), "200 OK", ANSWER);
}

static void
old_media_is_refused(void)
{
	answer(restores(), "488 Not Acceptable Here", "");
}

static void
old_media_is_thought_about(void)
{
	answer(restores(), "100 Trying", "");
	wait_ms(RING_MS + 300);
}

static void
caller_leaves_restoring(void)
{
	restores();
	ask(CALLER, "BYE", "");
}

/* --- and of who takes a place --- */

static void
begins_to_take_place(void)
{
	char fields[1024];

	up();
	snprintf(fields, sizeof(fields),
	    "Replaces: %s;to-tag=%s;from-tag=caller-tag\n%s",
	    w->peer[CALLER].call_id, w->peer[CALLER].our_tag,
	    SDP_PORT("192.0.2.10", "4100"));
	invite_as(CONSULT, fields);
}

static const struct replay_sent *
takes_place(void)
{
	begins_to_take_place();
	return hear(CALLEE, "INVITE ");
}

static void
place_is_taken(void)
{
	answer(takes_place(), "200 OK", ANSWER);
}

static void
place_is_refused(void)
{
	answer(takes_place(), "488 Not Acceptable Here", "");
}

static void
place_is_given_up(void)
{
	takes_place();
	cancel(CONSULT, "");
}

static void
place_of_one_who_leaves(void)
{
	takes_place();
	ask(CALLEE, "BYE", "");
}

static void
place_unsent(void)
{
	w->net.error_once = -ECONNREFUSED;
	/* INVITE, 100, 180, ACK and 200 of the call come before. */
	w->net.error_once_at = 6;
	begins_to_take_place();
}

/* --- and of a call that rings --- */

static void
is_taken(void)
{
	char fields[1024];

	ringing();
	snprintf(fields, sizeof(fields),
	    "Replaces: %s;to-tag=%s;from-tag=callee-tag\n%s",
	    w->peer[CALLEE].call_id, w->peer[CALLEE].our_tag,
	    SDP_PORT("198.51.100.20", "4100"));
	strcpy(w->peer[FURTHER].call_id, "taker@198.51.100.20");
	invite_as(FURTHER, fields);
	hear(CALLER, "SIP/2.0 200 ");
}

static void
is_taken_and_acked(void)
{
	is_taken();
	ack(CALLER, "");
}

static void
is_taken_and_over(void)
{
	is_taken();
	ask(CALLER, "BYE", "");
}

static void
is_taken_and_refused(void)
{
	is_taken_and_acked();
	hear(CALLEE, "CANCEL ");
	answer(hear(CALLER, "INVITE "), "488 Not Acceptable Here", "");
}

/* --- the tables again, with the way to each cell --- */

#define CALLER_CELL(state, event, way)                                         \
	{                                                                      \
		CALLERS, LEG_##state, EV_##event, way, NET_UDP                  \
	}
#define TARGET_CELL(state, event, way)                                         \
	{                                                                      \
		TARGETS_, LEG_##state, EV_##event, way, NET_UDP                \
	}
#define REPLACER_CELL(state, event, way)                                       \
	{                                                                      \
		REPLACERS, LEG_##state, EV_##event, way, NET_UDP               \
	}
#define CALLEE_CELL(state, event, way)                                         \
	{                                                                      \
		CALLEES, LEG_##state, EV_##event, way, NET_UDP                  \
	}

static const struct {
	enum table table;
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
	CALLER_CELL(EARLY, ANSWER_HERE, is_taken),
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
	CALLER_CELL(UP, HANG_UP, callee_hangs_up),
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
	CALLEE_CELL(TRYING, SILENT, silent),
	CALLEE_CELL(TRYING, UNSENT, unsent),
	CALLEE_CELL(TRYING, HANG_UP, cancelled_at_once),
	CALLEE_CELL(EARLY, PROVISIONAL, rings_twice),
	CALLEE_CELL(EARLY, ACCEPTED, answered),
	CALLEE_CELL(EARLY, REFUSED, busy),
	CALLEE_CELL(EARLY, AGAIN, bad_extension),
	{CALLEES, LEG_EARLY, EV_UNSENT, stream_lost, NET_TCP},
	CALLEE_CELL(EARLY, HANG_UP, cancelled),
	CALLEE_CELL(EARLY, TAKEN, is_taken),
	CALLEE_CELL(CANCELLING, HANG_UP, is_taken_and_over),
	CALLEE_CELL(CANCELLING, PROVISIONAL, cancelled_and_rings),
	CALLEE_CELL(CANCELLING, ACCEPTED, cancelled_and_accepted),
	CALLEE_CELL(CANCELLING, REFUSED, cancelled_and_refused),
	CALLEE_CELL(CANCELLING, TIMEOUT, cancelled_and_silent),
	CALLEE_CELL(CANCELLING, UNSENT, cancelled_and_unsent),
	CALLEE_CELL(UP, NO_ACK, callee_acks_no_reinvite),
	CALLEE_CELL(UP, BYE, callee_hangs_up),
	CALLEE_CELL(UP, HANG_UP, caller_leaves),
	CALLEE_CELL(LEAVING, BYE, both_leave),
	CALLEE_CELL(LEAVING, BYE_DONE, caller_left),
	CALLEE_CELL(LEAVING, HANG_UP, callee_acks_no_reinvite),
	CALLEE_CELL(GONE, HANG_UP, callee_hangs_up),

	TARGET_CELL(IDLE, TRY, refers),
	TARGET_CELL(IDLE, AGAIN, target_has_moved),
	TARGET_CELL(IDLE, HANG_UP, refers_nowhere),
	TARGET_CELL(TRYING, PROVISIONAL, refers_and_rings),
	TARGET_CELL(TRYING, ACCEPTED, target_answers_at_once),
	TARGET_CELL(TRYING, REFUSED, target_busy_at_once),
	TARGET_CELL(TRYING, AGAIN, target_lacks_at_once),
	TARGET_CELL(TRYING, TIMEOUT, target_is_silent),
	TARGET_CELL(TRYING, UNSENT, target_unsent),
	TARGET_CELL(TRYING, HANG_UP, who_waits_leaves_at_once),
	TARGET_CELL(EARLY, PROVISIONAL, target_rings_twice),
	TARGET_CELL(EARLY, ACCEPTED, target_answers_ringing),
	TARGET_CELL(EARLY, REFUSED, target_busy),
	TARGET_CELL(EARLY, AGAIN, target_lacks),
	{TARGETS_, LEG_EARLY, EV_UNSENT, target_stream_lost, NET_TCP},
	TARGET_CELL(EARLY, HANG_UP, who_waits_leaves),
	TARGET_CELL(CANCELLING, PROVISIONAL, target_rings_late),
	TARGET_CELL(CANCELLING, ACCEPTED, target_accepts_late),
	TARGET_CELL(CANCELLING, REFUSED, target_ends_late),
	TARGET_CELL(CANCELLING, TIMEOUT, target_says_nothing_late),
	TARGET_CELL(CANCELLING, UNSENT, target_unsent_late),
	TARGET_CELL(CANCELLING, HANG_UP, target_rings_on_and_call_ends),
	TARGET_CELL(UP, NO_ACK, target_acks_no_reinvite),
	TARGET_CELL(UP, BYE, target_leaves),
	TARGET_CELL(UP, HANG_UP, who_waited_leaves),
	TARGET_CELL(LEAVING, BYE, target_and_who_waited_leave),
	TARGET_CELL(LEAVING, BYE_DONE, target_is_left),
	TARGET_CELL(LEAVING, HANG_UP, target_acks_no_reinvite),
	TARGET_CELL(GONE, HANG_UP, target_leaves),

	REPLACER_CELL(TRYING, TRY, is_taken_and_acked),
	REPLACER_CELL(TRYING, ANSWER, place_is_taken),
	REPLACER_CELL(TRYING, FAIL, place_is_refused),
	REPLACER_CELL(TRYING, CANCEL, place_is_given_up),
	REPLACER_CELL(TRYING, UNSENT, place_unsent),
	REPLACER_CELL(TRYING, HANG_UP, place_of_one_who_leaves),
	REPLACER_CELL(GONE, HANG_UP, is_taken_and_refused),
};

#define TRANSFER_CELL(state, event, way)                                       \
	{                                                                      \
		TRANSFER_##state, TR_##event, way                              \
	}

static const struct {
	enum transfer_state state;
	enum transfer_event event;
	void (*way)(void);
} transfer_cells[] = {
	TRANSFER_CELL(NEW, CALL, refers),
	TRANSFER_CELL(NEW, ADOPT, attended),
	TRANSFER_CELL(NEW, TAKE, attended_to_one_that_rings),
	TRANSFER_CELL(NEW, FAIL, refers_nowhere),
	TRANSFER_CELL(CALLING, RING, refers_and_rings),
	TRANSFER_CELL(CALLING, ANSWER, target_answers_at_once),
	TRANSFER_CELL(CALLING, FAIL, target_busy_at_once),
	TRANSFER_CELL(CALLING, LEFT, transferor_leaves_at_once),
	TRANSFER_CELL(CALLING, EXPIRED, target_tries_on),
	TRANSFER_CELL(CALLING, END, who_waits_leaves_at_once),
	TRANSFER_CELL(RINGING, RING, target_rings_twice),
	TRANSFER_CELL(RINGING, ANSWER, target_answers_ringing),
	TRANSFER_CELL(RINGING, FAIL, target_busy),
	TRANSFER_CELL(RINGING, AGREED, early_media_is_taken),
	TRANSFER_CELL(RINGING, DISAGREED, early_media_is_refused),
	TRANSFER_CELL(RINGING, LEFT, transferor_leaves_ringing),
	TRANSFER_CELL(RINGING, EXPIRED, target_rings_on),
	TRANSFER_CELL(RINGING, END, who_waits_leaves),
	TRANSFER_CELL(JOINING, FAIL, target_leaves_joining),
	TRANSFER_CELL(JOINING, AGREED, joins),
	TRANSFER_CELL(JOINING, DISAGREED, who_waits_refuses),
	TRANSFER_CELL(JOINING, LEFT, transferor_leaves_joining),
	TRANSFER_CELL(JOINING, EXPIRED, who_waits_thinks),
	TRANSFER_CELL(JOINING, END, who_waits_leaves_joining),
	TRANSFER_CELL(LEAVING, LEFT, transferor_leaves_joined),
	TRANSFER_CELL(LEAVING, EXPIRED, transferor_is_sent_off),
	TRANSFER_CELL(LEAVING, END, joined_call_ends),
	TRANSFER_CELL(RESTORING, AGREED, old_media_is_taken),
	TRANSFER_CELL(RESTORING, DISAGREED, old_media_is_refused),
	TRANSFER_CELL(RESTORING, EXPIRED, old_media_is_thought_about),
	TRANSFER_CELL(RESTORING, END, caller_leaves_restoring),
};

static const char *const table_names[TABLES] = { "caller", "callee", "target",
	"replacer" };

static void
begin_for(enum net_transport transport)
{
	begin_with(&(struct world_options){ .transport = transport,
	    .pbx = "ringing_after = \"1s\";",
	    .carrier = "redirect = \"follow\";" });
	memset(cells_met, 0, sizeof(cells_met));
	memset(transfers_met, 0, sizeof(transfers_met));
}

START_TEST(a_way_leads_to_the_cell)
{
	enum leg_state state = cells[_i].state;
	enum leg_event event = cells[_i].event;

	begin_for(cells[_i].transport);
	cells[_i].way();
	ck_assert_msg(cells_met[cells[_i].table][state][event] > 0,
	    "no %s met \"%s\" in the state \"%s\"",
	    table_names[cells[_i].table], leg_event_name(event), leg_state_name(state));
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	abandon();
}
END_TEST

static bool
has_way(int table, int state, int event)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(cells); i++)
		if ((int)cells[i].table == table && (int)cells[i].state == state &&
		    (int)cells[i].event == event)
			return true;
	return false;
}

START_TEST(no_cell_is_without_a_way)
{
	int table, state, event;

	for (table = 0; table < TABLES; table++)
		for (state = 0; state < LEG_STATES; state++)
			for (event = 0; event < LEG_EVENTS; event++)
				ck_assert_msg(
				    has_way(table, state, event) ==
					((*leg_tables[table])[state][event].act !=
					    NULL),
				    "%s: %s, %s", table_names[table],
				    leg_state_name((enum leg_state)state),
				    leg_event_name((enum leg_event)event));
}
END_TEST

/* Tries the event on a leg of that state, which must refuse it. */
static void
ck_blank(int table, enum leg_state state, enum leg_event event)
{
	struct call call = { .calls = w->calls };
	struct leg leg = { .state = state,
		.table = leg_tables[table],
		.call = &call };
	uint64_t before = calls_counters(w->calls)->blank_cells;

	ck_assert(!leg_step(&leg, event));
	ck_assert_int_eq(leg.state, state);
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, before + 1);
}

START_TEST(blank_cells_are_refused_and_counted)
{
	int table, state, event;

	begin();
	for (table = 0; table < TABLES; table++)
		for (state = 0; state < LEG_STATES; state++)
			for (event = 0; event < LEG_EVENTS; event++)
				if ((*leg_tables[table])[state][event].act == NULL)
					ck_blank(table,
					    (enum leg_state)state,
					    (enum leg_event)event);
	finish();
}
END_TEST

/* Cells that no message leads to, and why they are there. */
static const struct {
	enum transfer_state state;
	enum transfer_event event;
	const char *why;
} guards[] = {
	{ TRANSFER_NEW, TR_END, "the first event follows in the same turn: only "
	    "shortage of memory can end the call between" },
};

static bool
transfer_has_way(int state, int event)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(transfer_cells); i++)
		if ((int)transfer_cells[i].state == state &&
		    (int)transfer_cells[i].event == event)
			return true;
	for (i = 0; i < ARRAY_LEN(guards); i++)
		if ((int)guards[i].state == state &&
		    (int)guards[i].event == event)
			return true;
	return false;
}

START_TEST(a_way_leads_to_the_transfers_cell)
{
	enum transfer_state state = transfer_cells[_i].state;
	enum transfer_event event = transfer_cells[_i].event;

	begin_for(NET_UDP);
	transfer_cells[_i].way();
	ck_assert_msg(transfers_met[state][event] > 0,
	    "no transfer met \"%s\" in the state \"%s\"",
	    transfer_event_name(event), transfer_state_name(state));
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	abandon();
}
END_TEST

START_TEST(no_cell_of_a_transfer_is_without_a_way)
{
	int state, event;

	for (state = 0; state < TRANSFER_STATES; state++)
		for (event = 0; event < TRANSFER_EVENTS; event++)
			ck_assert_msg(transfer_has_way(state, event) ==
				(transfer_table[state][event].act != NULL),
			    "%s, %s",
			    transfer_state_name((enum transfer_state)state),
			    transfer_event_name((enum transfer_event)event));
}
END_TEST

START_TEST(blank_cells_of_a_transfer_are_refused_and_counted)
{
	int s, e;

	begin();
	for (s = 0; s < TRANSFER_STATES; s++)
		for (e = 0; e < TRANSFER_EVENTS; e++) {
			struct call call = { .calls = w->calls };
			struct transfer t = { .state = (enum transfer_state)s,
				.call = &call };
			uint64_t n = calls_counters(w->calls)->blank_cells;

			if (transfer_table[s][e].act != NULL)
				continue;
			ck_assert(!transfer_step(&t, (enum transfer_event)e));
			ck_assert_int_eq(t.state, s);
			ck_assert_uint_eq(
			    calls_counters(w->calls)->blank_cells, n + 1);
		}
	finish();
}
END_TEST

/* --- ends --- */

#define BIT(event) (1u << EV_##event)
#define ENDED_BY_PEER                                                          \
	(BIT(REFUSED) | BIT(UNSENT) | BIT(TIMEOUT) | BIT(CANCEL) | BIT(BYE) |  \
	    BIT(NO_ACK) | BIT(BYE_DONE) | BIT(FAIL))

/* States in which a hang-up is not answered by a cell of its own, and why
 * not. */
static const struct {
	enum table table;
	enum leg_state state;
	const char *why;
} waits[] = {
	{ CALLEES, LEG_CANCELLING, "the call has ended: only once does it" },
	{ TARGETS_, LEG_CANCELLING, "the call has ended: only once does it" },
	{ CALLERS, LEG_ENDING, "the call has ended: only once does it" },
};

static bool
only_waits(int table, int state)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(waits); i++)
		if ((int)waits[i].table == table && (int)waits[i].state == state)
			return true;
	return false;
}

static unsigned
events_of(int table, int state)
{
	unsigned events = 0;
	int e;

	for (e = 0; e < LEG_EVENTS; e++)
		if ((*leg_tables[table])[state][e].act != NULL)
			events |= 1u << e;
	return events;
}

/* What waits for nothing (idle) ends by the call only; each other state also by
 * its peer: by a failure or hang-up, or by its silence. */
START_TEST(each_state_but_the_last_ends)
{
	int table, state;

	for (table = 0; table < TABLES; table++)
		for (state = 0; state < LEG_GONE; state++) {
			unsigned events = events_of(table, state);

			if (events == 0)
				continue;
			ck_assert_msg((events & BIT(HANG_UP)) ||
				only_waits(table, state),
			    "%s: %s answers no hang-up", table_names[table],
			    leg_state_name((enum leg_state)state));
			ck_assert_msg(
			    state == LEG_IDLE || (events & ENDED_BY_PEER),
			    "%s: %s answers no failure", table_names[table],
			    leg_state_name((enum leg_state)state));
		}
	for (state = 0; state < TRANSFER_OVER; state++) {
		const struct transfer_rule *row = transfer_table[state];

		ck_assert_ptr_nonnull(row[TR_END].act);
		ck_assert(row[TR_FAIL].act != NULL ||
		    row[TR_DISAGREED].act != NULL || row[TR_LEFT].act != NULL);
		ck_assert(
		    row[TR_EXPIRED].act != NULL || state == TRANSFER_NEW);
	}
}
END_TEST

/* --- how they print --- */

static char *
print_tables(void)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	calls_print_dot(f);
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

/* The lines of one table, to its "}". */
static void
ck_printed(const char *text, const char *name, const char *from,
    const char *to, const char *event)
{
	char head[64], line[128];
	const char *at, *table;

	snprintf(head, sizeof(head), "digraph %s {\n", name);
	snprintf(line, sizeof(line), "\t%s -> %s [label=\"%s\"];\n", from, to,
	    event);
	table = strstr(text, head);
	ck_assert_msg(table != NULL, "missing: %s", head);
	at = strstr(table, line);
	ck_assert_msg(at != NULL && at < strchr(table, '}'),
	    "missing in %s: %s", name, line);
}

START_TEST(the_tables_print_each_cell)
{
	char *text = print_tables();
	size_t i;

	for (i = 0; i < ARRAY_LEN(cells); i++) {
		const struct leg_rule *rule =
		    &(*leg_tables[cells[i].table])[cells[i].state]
						  [cells[i].event];

		ck_printed(text, table_names[cells[i].table],
		    leg_state_name(cells[i].state), leg_state_name(rule->next),
		    leg_event_name(cells[i].event));
	}
	for (i = 0; i < ARRAY_LEN(transfer_cells); i++) {
		enum transfer_state state = transfer_cells[i].state;
		enum transfer_event event = transfer_cells[i].event;

		ck_printed(text, "transfer", transfer_state_name(state),
		    transfer_state_name(transfer_table[state][event].next),
		    transfer_event_name(event));
	}
	free(text);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("the state tables");
	TCase *tc = tcase_create("cells");

	if (argc > 1 && strcmp(argv[1], "dot") == 0) {
		calls_print_dot(stdout);
		return EXIT_SUCCESS;
	}
	tcase_add_loop_test(tc, a_way_leads_to_the_cell, 0, ARRAY_LEN(cells));
	tcase_add_test(tc, no_cell_is_without_a_way);
	tcase_add_test(tc, blank_cells_are_refused_and_counted);
	tcase_add_loop_test(tc, a_way_leads_to_the_transfers_cell, 0,
	    ARRAY_LEN(transfer_cells));
	tcase_add_test(tc, no_cell_of_a_transfer_is_without_a_way);
	tcase_add_test(tc, blank_cells_of_a_transfer_are_refused_and_counted);
	tcase_add_test(tc, each_state_but_the_last_ends);
	tcase_add_test(tc, the_tables_print_each_cell);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
