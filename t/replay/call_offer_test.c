/* An INVITE without an offer, toward a peer that wants one. */

#include "transfer_world.h"

#define EARLY   "offer = \"early\";"
#define OURS    "m=audio 9 RTP/AVP 8 0 101\r\n"
#define LATER   SDP_PORT("198.51.100.21", "6002")
#define REPLY   OFFER
#define REPLIES OFFERS

static void
begin_early(void)
{
	begin_with(&(struct world_options){ .carrier = EARLY });
}

/* The INVITE is at the callee, with our offer. */
static void
trying_late(void)
{
	invite("");
	hear(CALLEE, "INVITE ", "Content-Type: application/sdp\r\n", OURS,
	    "c=IN IP4 " US_OUT "\r\n", "a=sendrecv\r\n", "a=rtpmap:101 ");
	hear(CALLER, "SIP/2.0 100 ");
	hear_nothing();
}

/* And the callee's answer is at the caller, as an offer. */
static void
answered_late(void)
{
	trying_late();
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ", "!m=audio");
	hear(CALLER, "SIP/2.0 200 OK\r\n", ANSWERS);
	hear_nothing();
}

/* And the caller's answer at the callee, as another one. */
static const struct replay_sent *
offered_late(void)
{
	const struct replay_sent *sent;

	answered_late();
	ack(CALLER, REPLY);
	sent = hear(CALLEE, "INVITE ", REPLIES, "CSeq: 2 INVITE\r\n");
	hear_nothing();
	return sent;
}

/* Our next try, which comes at least and at most so much later. */
static const struct replay_sent *
hear_again(unsigned least, unsigned most)
{
	unsigned waited;

	wait_ms(least - 1);
	hear_nothing();
	for (waited = least; w->net.looked_at == w->net.sent_n; waited++) {
		ck_assert_uint_le(waited, most);
		wait_ms(1);
	}
	return hear(CALLEE, "INVITE ", REPLIES);
}

static void
up_late(void)
{
	answer(offered_late(), "200 OK", ANSWER);
	hear(CALLEE, "ACK ", "CSeq: 2 ACK\r\n", "!m=audio");
	hear_nothing();
}

START_TEST(as_it_came_by_default)
{
	begin();
	invite("");
	hear(CALLEE, "INVITE ", "!m=audio", "!Content-Type");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, REPLY);
	hear(CALLEE, "ACK ", REPLIES);
	ck_not_noted("DLG-LATE-OFFER");
	hang_up();
	finish();
}
END_TEST

START_TEST(both_sides_are_brought_together)
{
	begin_early();
	up_late();
	ck_assert_uint_eq(noted("DLG-LATE-OFFER", "m=audio 9"), 1);
	wait_ms(T1_64);
	hear_nothing();
	hang_up();
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

/* RFC 3264 section 8: one session, whoever speaks. */
START_TEST(the_callee_sees_one_session)
{
	struct span first, second;
	const struct replay_sent *sent;
	char want[128];

	begin_early();
	sent = offered_late();
	first = w->invite->msg.body;
	second = sent->msg.body;
	ck_assert_int_ge(span_find_span(first, SPAN(" 1 IN IP4 " US_OUT)), 0);
	first = span_make(first.p + 5, 30);
	first.n = (size_t)span_find_span(first, SPAN(" 1 IN "));
	snprintf(want, sizeof(want), "%.*s 2 IN IP4 " US_OUT "\r\n",
	    (int)first.n, first.p);
	ck_assert_int_ge(span_find_span(second, span_of(want)), 0);
	answer(sent, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	/* And on. */
	ask(CALLER, "INVITE", SDP_PORT("192.0.2.11", "4002"));
	snprintf(want, sizeof(want), "%.*s 3 IN IP4 " US_OUT "\r\n",
	    (int)first.n, first.p);
	answer(hear(CALLEE, "INVITE ", "m=audio 4002", want), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(codecs_and_address_are_those_of_the_trunk)
{
	begin_with(&(struct world_options){
	    .carrier = EARLY "media_address = \"203.0.113.9\";"
			     "codecs = [ \"G722\", \"pcmu\" ];" });
	invite("");
	hear(CALLEE, "INVITE ", "c=IN IP4 203.0.113.9\r\n",
	    "m=audio 9 RTP/AVP 9 0\r\n");
	hear(CALLER, "SIP/2.0 100 ");
	abandon();
}
END_TEST

START_TEST(early_media_is_not_shown)
{
	begin_early();
	trying_late();
	answer(w->invite, "183 Session Progress", ANSWER);
	hear(CALLER, "SIP/2.0 183 ", "!m=audio", "!Content-Type");
	accept_invite(ANSWER);
	ack(CALLER, REPLY);
	answer(hear(CALLEE, "INVITE ", REPLIES), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hang_up();
	finish();
}
END_TEST

/* What was answered in a reliable 183 need not come again with the 200. */
START_TEST(an_answer_that_came_before_is_offered)
{
	begin_with(&(struct world_options){
	    .carrier = EARLY "prack = \"supported\";" });
	trying_late();
	answer(w->invite, "183 Session Progress",
	    "Require: 100rel\nRSeq: 7\n" ANSWER);
	answer(hear(CALLEE, "PRACK "), "200 OK", "");
	hear(CALLER, "SIP/2.0 183 ", "!m=audio", "!RSeq");
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, REPLY);
	answer(hear(CALLEE, "INVITE ", REPLIES), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hang_up();
	finish();
}
END_TEST

/* 422, 421: it is the same session, of the same author. */
START_TEST(the_offer_is_made_again)
{
	struct span first;

	begin_early();
	trying_late();
	first = w->invite->msg.body;
	answer(w->invite, "421 Extension Required", "Require: 100rel\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", OURS, "CSeq: 2 INVITE\r\n", "100rel");
	ck_assert(span_eq(first, w->invite->msg.body));
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, REPLY);
	answer(hear(CALLEE, "INVITE ", REPLIES, " 2 IN IP4 "), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_callee_that_answers_nothing_is_no_session)
{
	begin_early();
	trying_late();
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 502 ", "SDP-INVALID");
	ack_failure(CALLER);
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("bad-answer");
	finish();
}
END_TEST

START_TEST(what_the_callee_changes_is_offered_to_the_caller)
{
	const struct replay_sent *sent;

	begin_early();
	sent = offered_late();
	answer(sent, "200 OK", LATER);
	hear(CALLEE, "ACK ");
	sent = hear(CALLER, "INVITE ", "m=audio 6002");
	answer(sent, "200 OK", REPLY);
	hear(CALLER, "ACK ");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(sides_that_never_agree_are_left_alone)
{
	const struct replay_sent *sent;
	char sdp[256];
	int i, turns = 0;

	begin_early();
	sent = offered_late();
	for (i = 0; sent != NULL; i++) {
		enum side side = i % 2 == 0 ? CALLEE : CALLER;

		ck_assert_int_lt(++turns, 10);
		snprintf(sdp, sizeof(sdp), SDP_PORT("203.0.113.1", "%d"),
		    7000 + 2 * i);
		answer(sent, "200 OK", sdp);
		hear(side, "ACK ");
		sent = turns == 4
		    ? NULL
		    : hear(side == CALLEE ? CALLER : CALLEE, "INVITE ");
	}
	wait_ms(T1_64);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_caller_whose_ack_has_no_answer)
{
	begin_early();
	answered_late();
	ack(CALLER, "");
	ck_noted("DLG-LATE-OFFER", "an ACK without an answer");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("no-session");
	finish();
}
END_TEST

START_TEST(a_callee_that_refuses_the_answer)
{
	begin_early();
	answer(offered_late(), "488 Not Acceptable Here", "");
	hear(CALLEE, "ACK ");
	ck_noted("DLG-LATE-OFFER", "488");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("no-session");
	finish();
}
END_TEST

START_TEST(a_callee_that_lost_the_dialog)
{
	begin_early();
	answer(offered_late(), "481 Call/Transaction Does Not Exist", "");
	hear(CALLEE, "ACK ");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "481 Gone", "");
	ck_ended("dialog-lost");
	finish();
}
END_TEST

START_TEST(a_callee_that_does_not_answer_any_more)
{
	begin_early();
	offered_late();
	wait_ms(T1_64);
	replay_skip(&w->net);
	wait_ms(T1_64 * 2);
	replay_skip(&w->net);
	ck_ended("dialog-lost");
	abandon();
}
END_TEST

START_TEST(a_callee_that_offers_at_the_same_time)
{
	const struct replay_sent *sent;

	begin_early();
	sent = offered_late();
	ask(CALLEE, "INVITE", ANSWER);
	hear(CALLEE, "SIP/2.0 491 ");
	ack_failure(CALLEE);
	answer(sent, "491 Request Pending", "");
	hear(CALLEE, "ACK ");
	/* We made its Call-ID: RFC 3261 section 14.1. */
	answer(hear_again(2100, 4000), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

/* Its own offer, meanwhile, brings both together as well. */
START_TEST(a_callee_whose_own_offer_comes_first)
{
	begin_early();
	answer(offered_late(), "491 Request Pending", "");
	hear(CALLEE, "ACK ");
	ask(CALLEE, "INVITE", LATER);
	answer(hear(CALLER, "INVITE ", "m=audio 6002"), "200 OK", REPLY);
	hear(CALLER, "ACK ");
	hear(CALLEE, "SIP/2.0 200 ", REPLIES);
	ack(CALLEE, "");
	wait_ms(10000);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_callee_that_says_491_for_ever)
{
	int i;

	begin_early();
	answer(offered_late(), "491 Request Pending", "");
	for (i = 0; i < 5; i++) {
		hear(CALLEE, "ACK ");
		answer(hear_again(2100, 4000), "491 Request Pending", "");
	}
	hear(CALLEE, "ACK ");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("no-session");
	finish();
}
END_TEST

START_TEST(the_caller_gives_up_while_it_rings)
{
	begin_early();
	trying_late();
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	if (_i == 0) {
		answer(w->invite, "487 Request Terminated", "");
		hear(CALLEE, "ACK ");
	} else {
		answer(w->invite, "200 OK", ANSWER);
		hear(CALLEE, "ACK ");
		answer(hear(CALLEE, "BYE "), "200 OK", "");
	}
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(hang_up_before_the_ack)
{
	enum side side = _i == 0 ? CALLER : CALLEE;

	begin_early();
	answered_late();
	ask(side, "BYE", "");
	hear(side, "SIP/2.0 200 ", "BYE");
	if (side == CALLER) {
		answer(hear(CALLEE, "BYE "), "200 OK", "");
		ack(CALLER, REPLY);
	} else {
		ack(CALLER, REPLY);
		answer(hear(CALLER, "BYE "), "200 OK", "");
	}
	hear_nothing();
	finish();
}
END_TEST

START_TEST(hang_up_while_the_answer_is_offered)
{
	const struct replay_sent *sent;
	enum side side = _i == 0 ? CALLER : CALLEE;

	begin_early();
	sent = offered_late();
	ask(side, "BYE", "");
	hear(side, "SIP/2.0 200 ", "BYE");
	answer(hear(side == CALLER ? CALLEE : CALLER, "BYE "), "200 OK", "");
	answer(sent, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	hear_nothing();
	finish();
}
END_TEST

START_TEST(hang_up_before_another_try)
{
	enum side side = _i == 0 ? CALLER : CALLEE;

	begin_early();
	answer(offered_late(), "491 Request Pending", "");
	hear(CALLEE, "ACK ");
	ask(side, "BYE", "");
	hear(side, "SIP/2.0 200 ", "BYE");
	answer(hear(side == CALLER ? CALLEE : CALLER, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(the_ack_of_the_caller_is_lost)
{
	begin_early();
	answered_late();
	wait_ms(500);
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, REPLY);
	answer(hear(CALLEE, "INVITE ", REPLIES), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	again(CALLER);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(offers_and_transfers_wait_for_it)
{
	const struct replay_sent *sent;

	begin_early();
	sent = offered_late();
	ask(CALLER, "INVITE", OFFER);
	hear(CALLER, "SIP/2.0 491 ");
	ack_failure(CALLER);
	ask(CALLER, "REFER", "Refer-To: <sip:+442079460099@x>\n");
	hear(CALLER, "SIP/2.0 491 ");
	answer(sent, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	ask(CALLER, "INVITE", OFFER);
	answer(hear(CALLEE, "INVITE "), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

/* --- a re-INVITE without an offer --- */

static void
asked_again(void)
{
	ask(CALLER, "INVITE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", ANSWERS, "!a=inactive", "Contact: ");
	hear_nothing();
}

START_TEST(a_late_reinvite_is_answered_here)
{
	begin_early();
	up();
	asked_again();
	ack(CALLER, SDP_PORT("192.0.2.11", "4002"));
	answer(hear(CALLEE, "INVITE ", "m=audio 4002"), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hang_up();
	finish();
}
END_TEST

/* RFC 3725: the offer is a whole one, also where the callee is on hold. */
START_TEST(a_late_reinvite_ends_a_hold)
{
	begin_early();
	up();
	ask(CALLER, "INVITE", OFFER "a=inactive\n");
	answer(hear(CALLEE, "INVITE ", "a=inactive"), "200 OK",
	    ANSWER "a=inactive\n");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "o=- 1 1 ", "a=inactive");
	ack(CALLER, "");
	ask(CALLER, "INVITE", "");
	hear(CALLER, "SIP/2.0 200 ", "o=- 1 2 ", "a=sendrecv\r\n");
	ack(CALLER, REPLY);
	answer(hear(CALLEE, "INVITE ", REPLIES, "!a=inactive"), "200 OK",
	    ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_late_reinvite_whose_answer_is_refused)
{
	begin_early();
	up();
	asked_again();
	ack(CALLER, SDP_PORT("192.0.2.11", "4002"));
	answer(hear(CALLEE, "INVITE ", "m=audio 4002"), "488 No", "");
	hear(CALLEE, "ACK ");
	ck_noted("DLG-LATE-OFFER", "the session stays as it was");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_late_reinvite_that_is_never_answered)
{
	begin_early();
	up();
	asked_again();
	if (_i == 0) {
		ack(CALLER, "");
		ck_noted("DLG-LATE-OFFER", "the session stays as it was");
		hang_up();
	} else {
		wait_ms(T1_64);
		replay_skip(&w->net);
		wait_ms(T1_64 * 2);
		replay_skip(&w->net);
		ck_ended("not-acked");
		abandon();
		return;
	}
	finish();
}
END_TEST

/* The callee's late re-INVITE is answered while the transferor is on its way
 * out; the try that waits finds it gone. */
START_TEST(who_was_to_be_told_has_left)
{
	const struct replay_sent *offer;

	begin_with(&(struct world_options){ .pbx = EARLY });
	up();
	refer();
	ask(CALLEE, "INVITE", "");
	hear(CALLEE, "SIP/2.0 200 ", OFFERS);
	ack(CALLEE, ANSWER);
	answer(hear(CALLER, "INVITE ", ANSWERS), "491 Request Pending", "");
	hear(CALLER, "ACK ");
	hear_nothing();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	offer = NULL;
	wait_ms(5000);
	while (w->net.looked_at < w->net.sent_n) {
		offer = learn(CALLEE, w->net.sent[w->net.looked_at++]);
		if (offer->msg.request && offer->msg.method == SIP_METHOD_INVITE)
			break;
	}
	ck_assert_ptr_nonnull(offer);
	answer(offer, "200 OK", ANSWER);
	replay_skip(&w->net);
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	answer(hear(TARGET, "BYE "), "200 OK", "");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("an offer of our own");
	TCase *tc = tcase_create("INVITE");

	tcase_add_test(tc, as_it_came_by_default);
	tcase_add_test(tc, both_sides_are_brought_together);
	tcase_add_test(tc, the_callee_sees_one_session);
	tcase_add_test(tc, codecs_and_address_are_those_of_the_trunk);
	tcase_add_test(tc, early_media_is_not_shown);
	tcase_add_test(tc, an_answer_that_came_before_is_offered);
	tcase_add_test(tc, the_offer_is_made_again);
	tcase_add_test(tc, a_callee_that_answers_nothing_is_no_session);
	tcase_add_test(tc, what_the_callee_changes_is_offered_to_the_caller);
	tcase_add_test(tc, sides_that_never_agree_are_left_alone);
	tcase_add_test(tc, a_caller_whose_ack_has_no_answer);
	tcase_add_test(tc, a_callee_that_refuses_the_answer);
	tcase_add_test(tc, a_callee_that_lost_the_dialog);
	tcase_add_test(tc, a_callee_that_does_not_answer_any_more);
	tcase_add_test(tc, a_callee_that_offers_at_the_same_time);
	tcase_add_test(tc, a_callee_whose_own_offer_comes_first);
	tcase_add_test(tc, a_callee_that_says_491_for_ever);
	tcase_add_loop_test(tc, the_caller_gives_up_while_it_rings, 0, 2);
	tcase_add_loop_test(tc, hang_up_before_the_ack, 0, 2);
	tcase_add_loop_test(tc, hang_up_while_the_answer_is_offered, 0, 2);
	tcase_add_loop_test(tc, hang_up_before_another_try, 0, 2);
	tcase_add_test(tc, the_ack_of_the_caller_is_lost);
	tcase_add_test(tc, offers_and_transfers_wait_for_it);
	suite_add_tcase(suite, tc);
	tc = tcase_create("re-INVITE");
	tcase_add_test(tc, a_late_reinvite_is_answered_here);
	tcase_add_test(tc, a_late_reinvite_ends_a_hold);
	tcase_add_test(tc, a_late_reinvite_whose_answer_is_refused);
	tcase_add_test(tc, who_was_to_be_told_has_left);
	tcase_add_loop_test(tc, a_late_reinvite_that_is_never_answered, 0, 2);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
