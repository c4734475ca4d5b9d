/*
 * Two calls that become one, and whatever crosses that: between agents that
 * answer by themselves (agents.h).
 */

#include <errno.h>
#include <stdio.h>

#include "agents.h"

#define TIMERS "session_expires = \"100s\";"
#define KEEP   "Supported: timer\nSession-Expires: 100;refresher=uac\n"

/* The caller talks to the callee, and by a second call to the target. */
static void
consult_with(const struct world_options *options, const char *what)
{
	begin_with(options);
	agents_begin(what);
	agent_invite(CALLER, "");
	agents_run(false);
	agent_invite(CONSULT, "");
	agents_run(false);
}

static void
consult(const char *what)
{
	consult_with(&(struct world_options){ .top = NULL }, what);
}

/* That side's REFER names the dialog of another one. */
static struct agent_asked *
refer_to(enum side side, enum side to)
{
	const struct peer *p = &w->peer[to];
	char fields[512];

	snprintf(fields, sizeof(fields),
	    "Refer-To: <sip:+442079460099@192.0.2.1?Replaces=%.*s%%40192.0.2.10"
	    "%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s>\n",
	    (int)strcspn(p->call_id, "@"), p->call_id, p->our_tag, p->tag);
	return agent_ask(side, "REFER", fields);
}

static void
take_place_of(enum side side)
{
	const struct peer *p = &w->peer[side];
	char fields[512];

	snprintf(fields, sizeof(fields), "Replaces: %s;to-tag=%s;from-tag=%s\n",
	    p->call_id, p->our_tag, p->tag);
	agent_invite(CONSULT, fields);
}

/* All have said what they have to say. */
static void
end(void)
{
	agents_run(false);
	agents_wait(10000, false);
	agents_finish(false);
	finish();
}

static void
change_often(void)
{
	int i;

	for (i = 0; i < 3; i++)
		change_trunks(&(struct world_options){ .top = NULL });
}

/* Who takes the place is known by a newer snapshot than the call. */
START_TEST(a_place_is_taken_after_a_reload)
{
	begin();
	agents_begin("a place is taken after a reload");
	agent_invite(CALLER, "");
	agents_run(false);
	change_often();
	take_place_of(CALLER);
	agents_run(false);
	ck_assert(!agent_is_up(CALLER) && agent_is_up(CONSULT));
	change_often();
	end();
}
END_TEST

/* And is then transferred, and what stands in for it goes back. */
START_TEST(a_leg_of_another_snapshot_is_lent)
{
	begin();
	agents_begin("a leg of another snapshot is lent");
	agent_invite(CALLER, "");
	agents_run(false);
	change_often();
	take_place_of(CALLER);
	agents_run(false);
	change_often();
	/* The callee refers the first call to a second one of its own. */
	agents[CALLER] = (struct agent){ .used = false };
	w->peer[CALLER].our_tag[0] = '\0';
	strcpy(w->peer[CALLER].call_id, "another-one@192.0.2.10");
	agent_invite(CALLER, "");
	agents_run(false);
	ck_assert_uint_eq(refer_to(CALLER, CONSULT)->status, 202);
	agent_ask(CALLER, "BYE", "");
	change_often();
	end();
}
END_TEST

START_TEST(two_calls_are_joined)
{
	consult("two calls are joined");
	ck_assert_uint_eq(refer_to(CALLER, CONSULT)->status, 202);
	agents_run(false);
	agents_wait(2000, false);
	ck_assert(!agent_is_up(CALLER) && !agent_is_up(CONSULT));
	ck_assert(agent_is_up(CALLEE) && agent_is_up(TARGET));
	end();
}
END_TEST

/* The second call is one of another trunk than the REFER's. */
START_TEST(two_calls_of_two_trunks_are_joined)
{
	consult("two calls of two trunks are joined");
	ck_assert_uint_eq(refer_to(CALLEE, CONSULT)->status, 202);
	agents_run(_i == 1);
	agents_wait(2000, _i == 1);
	ck_assert(!agent_is_up(CALLEE) && !agent_is_up(CONSULT));
	ck_assert(agent_is_up(CALLER) && agent_is_up(TARGET));
	ck_noted("XFR-DONE", "attended");
	end();
}
END_TEST

START_TEST(a_trunk_keeps_its_calls_to_itself)
{
	consult_with(
	    &(struct world_options){ .pbx = "replaces = \"trunk\";" },
	    "a trunk keeps its calls to itself");
	ck_assert_uint_eq(refer_to(CALLEE, CONSULT)->status, 481);
	ck_noted("XFR-REPLACES", "its option replaces does not allow");
	ck_assert_uint_eq(refer_to(CALLER, CONSULT)->status, 202);
	agents_run(false);
	agents_wait(2000, false);
	ck_assert(agent_is_up(CALLEE) && agent_is_up(TARGET));
	end();
}
END_TEST

/* The identifiers count: any of them wrong, and the call is not known. */
START_TEST(a_dialog_that_is_named_wrongly)
{
	char *part;

	consult("a dialog that is named wrongly");
	part = _i == 0 ? w->peer[CONSULT].call_id : w->peer[CONSULT].our_tag;
	part[_i == 2 ? 23 : 0]++;
	ck_assert_uint_eq(refer_to(CALLEE, CONSULT)->status, 481);
	part[_i == 2 ? 23 : 0]--;
	ck_assert_uint_eq(refer_to(CALLEE, CONSULT)->status, 202);
	ck_not_noted("DLG-GLARE");
	end();
}
END_TEST

START_TEST(a_transfer_while_a_place_is_taken)
{
	const struct agent_asked *refer;

	begin();
	agents_begin("a transfer while a place is taken");
	agent_invite(CALLER, "");
	agents_run(false);
	take_place_of(CALLER);
	refer = agent_ask(_i == 0 ? CALLEE : CALLER, "REFER",
	    "Refer-To: <sip:+442079460099@192.0.2.1>\n");
	ck_assert_uint_eq(refer->status, 491);
	agents_run(false);
	ck_assert(!agent_is_up(CALLER) && agent_is_up(CONSULT));
	end();
}
END_TEST

/* Two sides are brought to one session (offer.c), and one of them leaves. */
START_TEST(the_transferor_leaves_a_session_behind)
{
	begin_with(&(struct world_options){ .pbx = "offer = \"early\";",
	    .carrier = "offer = \"early\";" });
	agents_begin("the transferor leaves a session behind");
	agent_invite(CALLER, "");
	agents_run(false);
	agent_ask_bare(CALLER, "INVITE", "");
	agent_ask(
	    CALLEE, "REFER", "Refer-To: <sip:+442079460099@198.51.100.1>\n");
	agent_do_next(CALLER);
	agent_ask(CALLEE, "BYE", "");
	agents_run(false);
	agents_wait(3000, false);
	ck_assert(agent_is_up(CALLER) && agent_is_up(TARGET));
	end();
}
END_TEST

/* --- the target is on the line already, and hangs up --- */

START_TEST(the_target_hangs_up_before_it_is_joined)
{
	consult("the target hangs up before it is joined");
	refer_to(CALLER, CONSULT);
	agent_ask(TARGET, "BYE", "");
	agents_run(false);
	/* Nobody is there for the second call; the first one is as it was. */
	ck_assert(!agent_is_up(CONSULT) && !agent_is_up(TARGET));
	ck_assert(agent_is_up(CALLER) && agent_is_up(CALLEE));
	end();
}
END_TEST

START_TEST(the_target_hangs_up_and_the_transferor_too)
{
	consult("the target hangs up before it is joined, and the transferor");
	refer_to(CALLER, CONSULT);
	if (_i == 0)
		agent_ask(CALLER, "BYE", "");
	agent_ask(TARGET, "BYE", "");
	if (_i == 1)
		agent_ask(CALLER, "BYE", "");
	agents_run(false);
	ck_assert(!agent_is_up(CONSULT) && !agent_is_up(TARGET) &&
	    !agent_is_up(CALLER) && !agent_is_up(CALLEE));
	end();
}
END_TEST

/* It has an offer of ours, and is offered the old
 * media only once that is over. */
START_TEST(who_waits_hangs_up_before_the_target_answers)
{
	consult("who waits hangs up before the target answers");
	agents[TARGET].slow = _i == 0;
	refer_to(CALLER, CONSULT);
	agent_ask(CALLEE, "BYE", "");
	agents_run(_i == 2);
	ck_assert(agent_is_up(CONSULT) && agent_is_up(TARGET));
	ck_assert(!agent_is_up(CALLER) && !agent_is_up(CALLEE));
	end();
}
END_TEST

/* Its re-INVITE is at who waits, with an offer or without one, and is
 * answered only when it has gone. */
START_TEST(the_transferor_leaves_an_offer_behind)
{
	begin();
	agents_begin("the transferor leaves an offer behind");
	agent_invite(CALLER, "");
	agents_run(false);
	agents[CALLEE].slow = _i & 1;
	if (_i & 2)
		agent_ask_bare(CALLER, "INVITE", "");
	else
		agent_ask(CALLER, _i & 4 ? "UPDATE" : "INVITE", "");
	agent_ask(
	    CALLER, "REFER", "Refer-To: <sip:+442079460099@192.0.2.1>\n");
	agent_ask(CALLER, "BYE", "");
	agents_run(_i & 8);
	agents_wait(2000, false);
	ck_assert(agent_is_up(CALLEE) && agent_is_up(TARGET));
	end();
}
END_TEST

/* --- whatever else crosses the join of two calls --- */

/* The target has our offer: that is where each of these begins. */
static void
joining(const char *what)
{
	consult(what);
	ck_assert_uint_eq(refer_to(CALLER, CONSULT)->status, 202);
}

static void
ck_joined(void)
{
	agents_run(false);
	agents_wait(10000, false);
	ck_assert(agent_is_up(CALLEE) && agent_is_up(TARGET));
	ck_assert(!agent_is_up(CALLER) && !agent_is_up(CONSULT));
}

START_TEST(the_consultation_ends_while_two_are_joined)
{
	joining("the consultation ends");
	agent_ask(CONSULT, "BYE", "");
	ck_joined();
	end();
}
END_TEST

START_TEST(an_offer_of_either_crosses_the_join)
{
	struct agent_asked *asked;

	joining("an offer crosses the join");
	asked = agent_ask(
	    _i & 1 ? TARGET : CALLEE, _i & 2 ? "UPDATE" : "INVITE", "");
	/* RFC 3261 section 14.2, RFC 3311 section 5.2. */
	ck_assert_uint_eq(asked->status, 491);
	ck_joined();
	end();
}
END_TEST

START_TEST(a_reload_while_two_are_joined)
{
	joining("a reload while two are joined");
	change_often();
	agent_do_next(TARGET);
	change_often();
	ck_joined();
	end();
}
END_TEST

/* 491 of who waits; then, after a while, 200. */
START_TEST(who_waits_has_an_offer_of_its_own)
{
	joining("who waits has an offer of its own");
	agent_do_next(TARGET);
	agent_answer_next(CALLEE, "491 Request Pending", "");
	agents_wait(5000, false);
	ck_joined();
	end();
}
END_TEST

START_TEST(a_notify_that_is_not_answered)
{
	joining("a NOTIFY is not answered");
	if (_i == 0)
		agent_answer_next(CALLER, "481 No Subscription", "");
	else
		agents[CALLER].mute = true;
	agents_run(false);
	agents_wait(3000, false);
	ck_assert(agent_is_up(CALLEE) && agent_is_up(TARGET));
	agents[CALLER].mute = false;
	agents_wait(T1_64 + 1000, false);
	ck_joined();
	end();
}
END_TEST

START_TEST(all_hang_up_at_once)
{
	static const enum side orders[][4] = {
		{ CALLER, CALLEE, TARGET, CONSULT },
		{ CONSULT, TARGET, CALLEE, CALLER },
		{ TARGET, CALLER, CALLEE, CONSULT },
		{ CALLEE, CONSULT, CALLER, TARGET },
	};
	int i;

	joining("all hang up at once");
	if (_i & 4)
		agents_run(false);
	for (i = 0; i < 4; i++)
		if (agent_may_leave(orders[_i & 3][i]))
			agent_ask(orders[_i & 3][i], "BYE", "");
	agents_run(false);
	end();
}
END_TEST

START_TEST(a_callee_transfers)
{
	begin();
	agents_begin("a callee transfers");
	agent_invite(CALLER, "");
	agents_run(false);
	agents[CALLEE].stays = _i == 1;
	agent_ask(
	    CALLEE, "REFER", "Refer-To: <sip:+442079460099@198.51.100.1>\n");
	agents_run(false);
	agents_wait(3000, false);
	ck_assert(!agent_is_up(CALLEE));
	ck_assert(agent_is_up(CALLER) && agent_is_up(TARGET));
	end();
}
END_TEST

START_TEST(the_new_pair_transfers_again)
{
	joining("the new pair transfers again");
	ck_joined();
	agent_ask(_i == 0 ? TARGET : CALLEE, "REFER",
	    "Refer-To: <sip:+442079460055@198.51.100.1>\n");
	agents_run(false);
	agents_wait(3000, false);
	ck_assert(agent_is_up(FURTHER));
	ck_assert(!agent_is_up(_i == 0 ? TARGET : CALLEE));
	end();
}
END_TEST

/* Each time who waited asks for the next one. */
START_TEST(a_call_goes_round_and_round)
{
	struct agent_asked *asked = NULL;
	int i, side, last = CALLER;

	begin();
	agents_begin("a call goes round and round");
	agent_invite(CALLER, "");
	agents_run(false);
	for (i = 0; i < 6; i++) {
		for (side = 0; side == last || !agent_is_up((enum side)side);)
			side++;
		last = side;
		asked = agent_ask((enum side)side, "REFER",
		    side == CALLER
			? "Refer-To: <sip:+442079460055@192.0.2.1>\n"
			: "Refer-To: <sip:+442079460055@198.51.100.1>\n");
		agents_run(false);
		agents_wait(3000, false);
		ck_assert_uint_eq(asked->status, i < 5 ? 202 : 482);
	}
	end();
}
END_TEST

START_TEST(a_connection_is_lost_while_two_are_joined)
{
	static const slab_handle connections[] = { 5, 6, 1000, 1001 };

	consult_with(&(struct world_options){ .transport = NET_TCP },
	    "a connection is lost while two are joined");
	refer_to(CALLER, CONSULT);
	/* What went by it may have come or not. */
	agents_judge = false;
	agents[TARGET].excused = true;
	calls_connection_lost(w->calls, connections[_i & 3], -ECONNRESET);
	if (_i & 4)
		w->net.gone = connections[_i & 3];
	agents_run(false);
	end();
}
END_TEST

START_TEST(a_session_timer_fires_while_two_are_joined)
{
	consult_with(&(struct world_options){ .pbx = TIMERS, .carrier = TIMERS },
	    "a session timer fires while two are joined");
	agents[CALLEE].grants = agents[TARGET].grants = KEEP;
	agent_ask(CALLER, "INVITE", "");
	agent_ask(CONSULT, "INVITE", "");
	agents_run(false);
	agents_wait(49900, false);
	ck_assert_uint_eq(refer_to(CALLER, CONSULT)->status, 202);
	wait_ms(500);
	agents_hear();
	ck_joined();
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("call_join");
	TCase *tc = tcase_create("crossing");

	tcase_add_test(tc, two_calls_are_joined);
	tcase_add_loop_test(tc, two_calls_of_two_trunks_are_joined, 0, 2);
	tcase_add_test(tc, a_trunk_keeps_its_calls_to_itself);
	tcase_add_loop_test(tc, a_dialog_that_is_named_wrongly, 0, 3);
	tcase_add_test(tc, a_place_is_taken_after_a_reload);
	tcase_add_test(tc, a_leg_of_another_snapshot_is_lent);
	tcase_add_loop_test(tc, a_transfer_while_a_place_is_taken, 0, 2);
	tcase_add_test(tc, the_target_hangs_up_before_it_is_joined);
	tcase_add_loop_test(
	    tc, the_target_hangs_up_and_the_transferor_too, 0, 2);
	tcase_add_loop_test(
	    tc, who_waits_hangs_up_before_the_target_answers, 0, 3);
	tcase_add_loop_test(tc, the_transferor_leaves_an_offer_behind, 0, 16);
	tcase_add_test(tc, the_transferor_leaves_a_session_behind);
	tcase_add_test(tc, the_consultation_ends_while_two_are_joined);
	tcase_add_loop_test(tc, an_offer_of_either_crosses_the_join, 0, 4);
	tcase_add_test(tc, a_reload_while_two_are_joined);
	tcase_add_test(tc, who_waits_has_an_offer_of_its_own);
	tcase_add_loop_test(tc, a_notify_that_is_not_answered, 0, 2);
	tcase_add_loop_test(tc, all_hang_up_at_once, 0, 8);
	tcase_add_loop_test(tc, a_callee_transfers, 0, 2);
	tcase_add_loop_test(tc, the_new_pair_transfers_again, 0, 2);
	tcase_add_test(tc, a_call_goes_round_and_round);
	tcase_add_loop_test(
	    tc, a_connection_is_lost_while_two_are_joined, 0, 8);
	tcase_add_test(tc, a_session_timer_fires_while_two_are_joined);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
