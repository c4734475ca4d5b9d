/* CANCEL, and every message that it can cross. */

#include "call_world.h"

START_TEST(cancel_waits_for_the_first_provisional)
{
	const struct replay_sent *c;

	begin();
	trying();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 1 CANCEL\r\n");
	hear_failure(
	    "SIP/2.0 487 Request Terminated\r\n", "CSeq: 1 INVITE\r\n");
	hear_nothing();
	answer(w->invite, "100 Trying", "");
	c = hear(CALLEE, "CANCEL ", "CSeq: 1 CANCEL\r\n");
	ck_assert(span_eq(c->view.via.branch, w->invite->view.via.branch));
	ck_assert(span_eq(c->msg.uri, w->invite->msg.uri));
	answer(c, "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("cancelled");
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 0);
	finish();
}
END_TEST

START_TEST(cancel_waits_for_a_180_too)
{
	begin();
	trying();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	wait_ms(500);
	hear(CALLEE, "INVITE ");
	answer(w->invite, "180 Ringing", "");
	/* Nobody is told any more that it rings. */
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	hear_nothing();
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

START_TEST(cancel_while_it_rings)
{
	begin();
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ", "CANCEL\r\n");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL ", "Reason: Q.850;cause=16"), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(reason_of_cancel_is_passed_on)
{
	begin();
	ringing();
	cancel(CALLER,
	    "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\n");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(
	    hear(CALLEE, "CANCEL ",
		"Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
		"!Q.850"),
	    "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

START_TEST(cancel_again_is_answered_again)
{
	const struct replay_sent *c;

	begin();
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear(CALLER, "SIP/2.0 487 ");
	c = hear(CALLEE, "CANCEL ");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 1 CANCEL\r\n");
	hear_nothing();
	ack_failure(CALLER);
	answer(c, "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

START_TEST(a_200_that_crosses_the_cancel_is_hung_up)
{
	const struct replay_sent *c, *bye;

	begin();
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	c = hear(CALLEE, "CANCEL ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK sip:gw@198.51.100.20:5060;x=1 SIP/2.0\r\n",
	    "CSeq: 1 ACK\r\n");
	bye = hear(CALLEE, "BYE sip:gw@198.51.100.20:5060;x=1 SIP/2.0\r\n",
	    "CSeq: 2 BYE\r\n", ";tag=callee-tag\r\n");
	hear_nothing();
	answer(c, "481 Call/Transaction Does Not Exist", "");
	answer(bye, "200 OK", "");
	ck_assert_uint_eq(calls_counters(w->calls)->answered, 0);
	finish();
}
END_TEST

START_TEST(a_200_before_any_provisional_stops_the_held_cancel)
{
	begin();
	trying();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_late_offer_that_crosses_the_cancel_is_acked_too)
{
	begin();
	invite("");
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ", "Content-Length: 0\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_late_200_is_hung_up_when_the_cancelled_call_waits)
{
	begin();
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "183 Session Progress", "");
	hear_nothing();
	wait_ms(20000);
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(cancel_after_the_200_does_nothing)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 1 CANCEL\r\n");
	hear_nothing();
	ack(CALLER, "");
	ck_assert_uint_eq(calls_count(w->calls), 1);
	hang_up();
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

START_TEST(cancel_after_a_failure_does_nothing)
{
	begin();
	trying();
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 486 ");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 1 CANCEL\r\n");
	hear_nothing();
	ack_failure(CALLER);
	finish();
}
END_TEST

START_TEST(cancel_of_nothing_gets_481)
{
	begin();
	w->peer[CALLER].invite_branch = 77;
	w->peer[CALLER].invite_cseq = 1;
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 481 ", "DLG-UNKNOWN", "CSeq: 1 CANCEL\r\n");
	finish();
}
END_TEST

START_TEST(a_callee_that_ignores_the_cancel_is_given_up)
{
	begin();
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	hear(CALLEE, "CANCEL ");
	wait_ms(T1_64 + 300);
	while (w->net.looked_at < w->net.sent_n)
		hear(CALLEE, "CANCEL ");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(a_callee_that_never_answers_gets_no_cancel)
{
	begin();
	trying();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	wait_ms(T1_64 + 300);
	while (w->net.looked_at < w->net.sent_n)
		hear(CALLEE, "INVITE ");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(a_486_that_crosses_the_cancel_ends_it)
{
	const struct replay_sent *c;

	begin();
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	c = hear(CALLEE, "CANCEL ");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	answer(c, "481 Call/Transaction Does Not Exist", "");
	ck_ended("cancelled");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("calls that are cancelled");
	TCase *tc = tcase_create("cancel");

	tcase_add_test(tc, cancel_waits_for_the_first_provisional);
	tcase_add_test(tc, cancel_waits_for_a_180_too);
	tcase_add_test(tc, cancel_while_it_rings);
	tcase_add_test(tc, reason_of_cancel_is_passed_on);
	tcase_add_test(tc, cancel_again_is_answered_again);
	tcase_add_test(tc, a_200_that_crosses_the_cancel_is_hung_up);
	tcase_add_test(tc, a_200_before_any_provisional_stops_the_held_cancel);
	tcase_add_test(tc, a_late_offer_that_crosses_the_cancel_is_acked_too);
	tcase_add_test(tc, a_late_200_is_hung_up_when_the_cancelled_call_waits);
	tcase_add_test(tc, cancel_after_the_200_does_nothing);
	tcase_add_test(tc, cancel_after_a_failure_does_nothing);
	tcase_add_test(tc, cancel_of_nothing_gets_481);
	tcase_add_test(tc, a_callee_that_ignores_the_cancel_is_given_up);
	tcase_add_test(tc, a_callee_that_never_answers_gets_no_cancel);
	tcase_add_test(tc, a_486_that_crosses_the_cancel_ends_it);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
