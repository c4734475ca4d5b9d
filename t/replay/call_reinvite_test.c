/* A session that is changed, or not: RFC 6141, and RFC 3261 section 14. */

#include <stdio.h>

#include "transfer_world.h"

#define EARLY   "offer = \"early\";"
#define MOVED   SDP_PORT("203.0.113.5", "4444")
#define MOVES   "m=audio 4444"
#define MOVED_2 SDP_PORT("203.0.113.6", "6666")
#define MOVES_2 "m=audio 6666"

static enum side
other(enum side side)
{
	return side == CALLER ? CALLEE : CALLER;
}

static enum side
begin_up(int i)
{
	begin();
	up();
	return (enum side)(i % 2);
}

static void
end_well(void)
{
	hear_nothing();
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	hang_up();
	finish();
}

/* Each way from here on works as before. */
static void
ck_can_change(void)
{
	enum side side;

	for (side = CALLER; side <= CALLEE; side++) {
		ask(side, "INVITE", MOVED);
		answer(hear(other(side), "INVITE ", MOVES), "200 OK", MOVED_2);
		hear(other(side), "ACK ");
		hear(side, "SIP/2.0 200 ", MOVES_2);
		ack(side, "");
	}
}

/* --- provisional responses --- */

START_TEST(provisionals_pass_and_change_nothing)
{
	enum side side = begin_up(_i);
	const struct replay_sent *sent;

	ask(side, "INVITE", MOVED);
	sent = hear(other(side), "INVITE ");
	answer(sent, "100 Trying", "");
	hear_nothing();
	answer(sent, "180 Ringing", "");
	hear(side, "SIP/2.0 180 Ringing\r\n", "CSeq: ");
	answer(sent, "183 Session Progress", MOVED_2);
	hear(side, "SIP/2.0 183 ", MOVES_2);
	answer(sent, "488 Not Acceptable Here", "");
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 488 ");
	ack_failure(side);
	ck_can_change();
	end_well();
}
END_TEST

START_TEST(who_requires_reliable_ones_gets_none)
{
	enum side side = begin_up(_i);
	const struct replay_sent *sent;

	ask(side, "INVITE", "Require: 100rel\n" MOVED);
	sent = hear(other(side), "INVITE ", "!Require");
	answer(sent, "180 Ringing", "");
	hear_nothing();
	answer(sent, "200 OK", MOVED_2);
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ", MOVES_2);
	ack(side, "");
	end_well();
}
END_TEST

/* --- what is lost on the way --- */

START_TEST(a_lost_ack)
{
	enum side side = begin_up(_i);
	const struct replay_sent *sent;
	int i;

	ask(side, "INVITE", MOVED);
	sent = hear(other(side), "INVITE ");
	answer(sent, "200 OK", MOVED_2);
	hear(other(side), "ACK ", "!m=audio");
	hear(side, "SIP/2.0 200 ", MOVES_2);
	for (i = 0; i < 3; i++) {
		/* As if our ACK were lost. */
		answer(sent, "200 OK", MOVED_2);
		hear(other(side), "ACK ", "!m=audio");
	}
	wait_ms(500);
	hear(side, "SIP/2.0 200 ", MOVES_2);
	wait_ms(1000);
	hear(side, "SIP/2.0 200 ", MOVES_2);
	ack(side, "");
	wait_ms(T1_64);
	again(side);
	end_well();
}
END_TEST

START_TEST(a_lost_ack_with_the_answer)
{
	enum side side = begin_up(_i);
	const struct replay_sent *sent;

	ask(side, "INVITE", "");
	sent = hear(other(side), "INVITE ", "!m=audio");
	answer(sent, "200 OK", MOVED_2);
	hear(side, "SIP/2.0 200 ", MOVES_2);
	answer(sent, "200 OK", MOVED_2);
	hear_nothing();
	wait_ms(500);
	hear(side, "SIP/2.0 200 ", MOVES_2);
	ack(side, MOVED);
	hear(other(side), "ACK ", MOVES);
	answer(sent, "200 OK", MOVED_2);
	hear(other(side), "ACK ", MOVES);
	ck_can_change();
	end_well();
}
END_TEST

START_TEST(a_late_offer_is_refused_and_the_session_stays)
{
	enum side side = begin_up(_i);

	ask(side, "INVITE", "");
	answer(hear(other(side), "INVITE "), "488 No", "");
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 488 ");
	ack_failure(side);
	ck_can_change();
	end_well();
}
END_TEST

/* What is in force is seen by whom the caller transfers the callee to. */
START_TEST(a_late_offer_is_in_force_once_it_is_answered)
{
	begin();
	up();
	ask(CALLER, "INVITE", "");
	answer(hear(CALLEE, "INVITE "), "200 OK", MOVED_2);
	hear(CALLER, "SIP/2.0 200 ", MOVES_2);
	ack(CALLER, _i == 0 ? "" : MOVED);
	hear(CALLEE, "ACK ", _i == 0 ? "!m=audio" : MOVES);
	refer_with(REFER_TO("+442079460099"));
	hear(TARGET, "INVITE ", _i == 0 ? ANSWERS : MOVES_2);
	ask(CALLER, "BYE", "");
	ask(CALLEE, "BYE", "");
	abandon();
}
END_TEST

START_TEST(a_late_offer_is_cancelled)
{
	enum side side = begin_up(_i);
	const struct replay_sent *sent;

	ask(side, "INVITE", "");
	sent = hear(other(side), "INVITE ");
	answer(sent, "180 Ringing", "");
	hear(side, "SIP/2.0 180 ");
	cancel(side, "");
	hear(side, "SIP/2.0 200 ", "CANCEL");
	answer(hear(other(side), "CANCEL "), "200 OK", "");
	answer(sent, "487 Request Terminated", "");
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 487 ");
	ack_failure(side);
	ck_can_change();
	end_well();
}
END_TEST

/* --- two at once --- */

START_TEST(a_reinvite_and_an_update_of_one_side)
{
	static const char *const methods[] = { "INVITE", "UPDATE" };
	enum side side = begin_up(_i);
	const char *first = methods[_i / 2], *second = methods[1 - _i / 2];
	const struct replay_sent *sent;
	char start[16];

	snprintf(start, sizeof(start), "%s ", first);
	ask(side, first, MOVED);
	sent = hear(other(side), start, MOVES);
	ask(side, second, MOVED_2);
	hear(side, "SIP/2.0 500 ", "Retry-After: ", second);
	if (_i / 2 == 1)
		ack_failure(side);
	answer(sent, "200 OK", MOVED_2);
	if (_i / 2 == 0)
		hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ", MOVES_2, first);
	if (_i / 2 == 0)
		ack(side, "");
	ck_can_change();
	end_well();
}
END_TEST

START_TEST(a_reinvite_and_an_update_of_both_sides)
{
	static const char *const methods[] = { "INVITE", "UPDATE" };
	enum side side = begin_up(_i);
	const char *first = methods[_i / 2], *second = methods[1 - _i / 2];
	const struct replay_sent *sent;
	char start[16];

	snprintf(start, sizeof(start), "%s ", first);
	ask(side, first, MOVED);
	sent = hear(other(side), start, MOVES);
	ask(other(side), second, MOVED_2);
	hear(other(side), "SIP/2.0 491 ", second);
	if (_i / 2 == 1)
		ack_failure(other(side));
	answer(sent, "491 Request Pending", "");
	if (_i / 2 == 0)
		hear(other(side), "ACK ");
	hear(side, "SIP/2.0 491 ", first);
	if (_i / 2 == 0)
		ack_failure(side);
	ck_can_change();
	end_well();
}
END_TEST

/* --- what is in force --- */

/* What the callee has said, as the caller is offered it. */
static void
ck_in_force(const char *media)
{
	ask(CALLER, "INVITE", "");
	hear(CALLER, "SIP/2.0 200 ", media);
	ack(CALLER, OFFER);
	answer(hear(CALLEE, "INVITE ", OFFERS), "200 OK",
	    strcmp(media, ANSWERS) == 0 ? ANSWER : MOVED_2);
	hear(CALLEE, "ACK ");
	hear_nothing();
}

START_TEST(a_refused_offer_is_rolled_back)
{
	const struct replay_sent *sent;

	begin_with(&(struct world_options){ .carrier = EARLY });
	up();
	ask(CALLEE, "INVITE", MOVED_2);
	sent = hear(CALLER, "INVITE ", MOVES_2);
	answer(sent, "183 Session Progress", MOVED);
	hear(CALLEE, "SIP/2.0 183 ");
	answer(sent, "488 Not Acceptable Here", "");
	hear(CALLER, "ACK ");
	hear(CALLEE, "SIP/2.0 488 ");
	ack_failure(CALLEE);
	ck_in_force(ANSWERS);
	end_well();
}
END_TEST

START_TEST(an_accepted_offer_is_in_force)
{
	begin_with(&(struct world_options){ .carrier = EARLY });
	up();
	ask(CALLEE, "INVITE", MOVED_2);
	answer(hear(CALLER, "INVITE ", MOVES_2), "200 OK", MOVED);
	hear(CALLER, "ACK ");
	hear(CALLEE, "SIP/2.0 200 ");
	ack(CALLEE, "");
	ck_in_force(MOVES_2);
	end_well();
}
END_TEST

/* RFC 6141 section 4.7: the target goes with an accepted request,
 * whatever becomes of the session. */
START_TEST(a_new_target_and_a_refused_one)
{
	enum side side = begin_up(_i);
	const char *old = w->peer[side].contact;
	const struct replay_sent *sent;

	w->peer[side].contact = "<sip:new@203.0.113.9>";
	ask(side, "INVITE", MOVED);
	answer(hear(other(side), "INVITE "), "488 No", "");
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 488 ");
	ack_failure(side);
	ask(other(side), "INFO", "");
	sent = hear(side, "INFO ", "!203.0.113.9");
	answer(sent, "200 OK", "");
	hear(other(side), "SIP/2.0 200 ");
	w->peer[side].contact = old;
	end_well();
}
END_TEST

/* --- 491 to an offer of ours --- */

/* Of a Call-ID that the peer made, we are the ones who wait less. */
START_TEST(a_caller_that_offers_at_the_same_time)
{
	const struct replay_sent *sent;
	unsigned waited = 0;

	begin_with(&(struct world_options){ .carrier = EARLY });
	invite("");
	hear(CALLEE, "INVITE ", "m=audio 9 ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, OFFER);
	answer(hear(CALLEE, "INVITE "), "200 OK", MOVED_2);
	hear(CALLEE, "ACK ");
	sent = hear(CALLER, "INVITE ", MOVES_2);
	answer(sent, "491 Request Pending", "");
	hear(CALLER, "ACK ");
	while (w->net.looked_at == w->net.sent_n) {
		ck_assert_uint_le(waited++, 2000);
		wait_ms(1);
	}
	answer(hear(CALLER, "INVITE ", MOVES_2), "200 OK", OFFER);
	hear(CALLER, "ACK ");
	end_well();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("a session that is changed");
	TCase *tc = tcase_create("re-INVITE");

	tcase_add_loop_test(tc, provisionals_pass_and_change_nothing, 0, 2);
	tcase_add_loop_test(tc, who_requires_reliable_ones_gets_none, 0, 2);
	tcase_add_loop_test(tc, a_lost_ack, 0, 2);
	tcase_add_loop_test(tc, a_lost_ack_with_the_answer, 0, 2);
	tcase_add_loop_test(
	    tc, a_late_offer_is_refused_and_the_session_stays, 0, 2);
	tcase_add_loop_test(
	    tc, a_late_offer_is_in_force_once_it_is_answered, 0, 2);
	tcase_add_loop_test(tc, a_late_offer_is_cancelled, 0, 2);
	tcase_add_loop_test(tc, a_reinvite_and_an_update_of_one_side, 0, 4);
	tcase_add_loop_test(tc, a_reinvite_and_an_update_of_both_sides, 0, 4);
	tcase_add_test(tc, a_refused_offer_is_rolled_back);
	tcase_add_test(tc, an_accepted_offer_is_in_force);
	tcase_add_loop_test(tc, a_new_target_and_a_refused_one, 0, 2);
	tcase_add_test(tc, a_caller_that_offers_at_the_same_time);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
