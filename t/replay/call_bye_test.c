/* BYE: from either side, early, crossing, unanswered. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

START_TEST(the_caller_hangs_up)
{
	begin();
	up();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 2 BYE\r\n");
	answer(hear(CALLEE, "BYE sip:gw@198.51.100.20:5060;x=1 SIP/2.0\r\n",
		   "CSeq: 2 BYE\r\n", "!Reason"),
	    "200 OK", "");
	ck_ended("caller-hung-up");
	ck_noted("CALL-ENDED", "status=200");
	finish();
}
END_TEST

START_TEST(the_callee_hangs_up)
{
	begin();
	up();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 OK\r\n", "CSeq: 1 BYE\r\n");
	answer(hear(CALLER, "BYE sip:pbx@192.0.2.10:5060 SIP/2.0\r\n",
		   "CSeq: 1 BYE\r\n", "Call-ID: callers-own-id@192.0.2.10\r\n",
		   ";tag=caller-tag\r\n"),
	    "200 OK", "");
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

START_TEST(both_hang_up_at_once)
{
	const struct replay_sent *bye;

	begin();
	up();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	bye = hear(CALLEE, "BYE ");
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	hear_nothing();
	answer(bye, "200 OK", "");
	ck_ended("caller-hung-up");
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	finish();
}
END_TEST

START_TEST(both_hang_up_and_the_callee_forgets_at_once)
{
	const struct replay_sent *bye;

	begin();
	up();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	bye = hear(CALLER, "BYE ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(bye, "481 Call/Transaction Does Not Exist", "");
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

START_TEST(bye_of_the_caller_before_its_ack)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 2 BYE\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	/* Its INVITE still has to end: the 200 goes on until the ACK. */
	wait_ms(500);
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 1 INVITE\r\n");
	ack(CALLER, "");
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

START_TEST(bye_of_the_caller_and_it_never_acks)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 2 BYE\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 3 BYE\r\n");
	wait_ms(T1_64 + 300);
	ck_assert_uint_gt(replay_skip(&w->net), 5);
	ck_ended("caller-hung-up");
	ck_noted("DLG-ACK-TARGET", "200 sent");
	finish();
}
END_TEST

START_TEST(bye_of_the_callee_before_the_callers_ack)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	/* RFC 3261 section 15: no BYE to the caller before its ACK. */
	hear_nothing();
	ack(CALLER, "");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

START_TEST(bye_of_the_callee_and_the_caller_never_acks)
{
	const struct replay_sent *bye;

	begin();
	ringing();
	accept_invite(ANSWER);
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	wait_ms(T1_64 + 300);
	while (!w->net.sent[w->net.looked_at]->msg.request)
		hear(CALLER, "SIP/2.0 200 ");
	bye = hear(CALLER, "BYE ");
	answer(bye, "200 OK", "");
	ck_ended("callee-hung-up");
	ck_noted("DLG-ACK-TARGET", "200 sent");
	finish();
}
END_TEST

START_TEST(both_hang_up_before_the_callers_ack)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "BYE\r\n");
	hear_nothing();
	ack(CALLER, "");
	hear_nothing();
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

START_TEST(bye_of_the_caller_in_the_early_dialog)
{
	begin();
	ringing();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 2 BYE\r\n");
	hear_failure("SIP/2.0 487 ", "CSeq: 1 INVITE\r\n");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

START_TEST(bye_of_the_callee_in_the_early_dialog_is_refused)
{
	begin();
	ringing();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 481 ", "DLG-UNKNOWN");
	ck_assert_uint_eq(calls_count(w->calls), 1);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

static const struct {
	const char *method, *fields;
} waiting[] = {
	{ "UPDATE", SDP_PORT("192.0.2.10", "4002") },
	{ "INFO", "" },
};

/* Who hears a BYE does not hear anything else of that call again. */
START_TEST(bye_while_a_request_waits)
{
	const char *method = waiting[_i / 2].method;
	enum side from = _i % 2 == 0 ? CALLER : CALLEE;
	const struct replay_sent *sent;
	char start[32];

	begin();
	up();
	ask(from, method, waiting[_i / 2].fields);
	snprintf(start, sizeof(start), "%s ", method);
	sent = hear(CALLER + CALLEE - from, start);
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "BYE\r\n");
	hear(from, "SIP/2.0 487 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	wait_ms(T1_64);
	hear_nothing();
	/* An answer that comes late is nobody's. */
	answer(sent, "200 OK", "");
	hear_nothing();
	finish();
}
END_TEST

/* Its refresh, too, which is our own request. */
START_TEST(bye_while_a_refresh_waits)
{
	const char *terms = "Supported: timer\nAllow: UPDATE, INVITE\n"
			    "Session-Expires: 100;refresher=uac\n" ANSWER;

	begin_with(&(struct world_options){
	    .carrier = "session_expires = \"100s\";" });
	ringing();
	accept_invite(terms);
	ack(CALLER, "");
	wait_ms(50500);
	hear(CALLEE, "UPDATE ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "BYE\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	wait_ms(T1_64);
	hear_nothing();
	finish();
}
END_TEST

START_TEST(bye_again_gets_the_same_200)
{
	const struct replay_sent *first, *second, *bye;

	begin();
	up();
	ask(CALLER, "BYE", "");
	first = hear(CALLER, "SIP/2.0 200 ");
	bye = hear(CALLEE, "BYE ");
	again(CALLER);
	second = hear(CALLER, "SIP/2.0 200 ");
	hear_nothing();
	ck_assert(span_eq(first->bytes, second->bytes));
	answer(bye, "200 OK", "");
	again(CALLER);
	hear(CALLER, "SIP/2.0 200 ");
	finish();
}
END_TEST

START_TEST(bye_that_nobody_answers_ends_after_its_time)
{
	begin();
	up();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	hear(CALLEE, "BYE ");
	wait_ms(499);
	hear_nothing();
	wait_ms(1);
	hear(CALLEE, "BYE ");
	wait_ms(T1_64 - 600);
	ck_assert_uint_eq(calls_count(w->calls), 1);
	wait_ms(600);
	ck_assert_uint_eq(calls_count(w->calls), 0);
	ck_ended("caller-hung-up");
	/* They talked until then, not until the silence was over. */
	ck_noted("CALL-ENDED", "talk_ms=0");
	replay_skip(&w->net);
	finish();
}
END_TEST

static void
bye_answered(const char *status_line)
{
	begin();
	up();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE "), status_line, "");
	hear_nothing();
	ck_ended("caller-hung-up");
	finish();
}

START_TEST(bye_answered_481)
{
	bye_answered("481 Call/Transaction Does Not Exist");
}
END_TEST

START_TEST(bye_answered_408)
{
	bye_answered("408 Request Timeout");
}
END_TEST

START_TEST(bye_answered_407)
{
	bye_answered("407 Proxy Authentication Required");
}
END_TEST

START_TEST(bye_with_a_provisional_waits_for_the_final)
{
	const struct replay_sent *bye;

	begin();
	up();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	bye = hear(CALLEE, "BYE ");
	answer(bye, "100 Trying", "");
	ck_assert_uint_eq(calls_count(w->calls), 1);
	answer(bye, "200 OK", "");
	finish();
}
END_TEST

START_TEST(bye_that_cannot_be_sent)
{
	begin();
	up();
	ask(CALLER, "OPTIONS", "");
	hear(CALLER, "SIP/2.0 200 ");
	w->net.error = -ECONNREFUSED;
	ask(CALLER, "BYE", "");
	w->net.error = 0;
	hear_nothing();
	ck_ended("caller-hung-up");
	again(CALLER);
	hear(CALLER, "SIP/2.0 200 ");
	finish();
}
END_TEST

START_TEST(bye_and_icmp_says_that_nobody_is_there)
{
	begin();
	up();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	hear(CALLEE, "BYE ");
	calls_unreachable(w->calls, &w->peer[CALLEE].path, -ECONNREFUSED);
	calls_reap(w->calls);
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

START_TEST(reason_of_bye_is_passed_on)
{
	begin();
	up();
	ask(CALLER, "BYE",
	    "Reason: Q.850;cause=16;text=\"Terminated\"\n"
	    "Reason: SIP;cause=200\nX-Private: 1\n");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE ",
		   "Reason: Q.850;cause=16;text=\"Terminated\"\r\n",
		   "Reason: SIP;cause=200\r\n", "!X-Private"),
	    "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_late_offer_is_acked_before_the_bye)
{
	begin();
	invite("");
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLER, "SIP/2.0 200 ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "BYE\r\n");
	hear(CALLEE, "ACK ", "CSeq: 1 ACK\r\n", "Content-Length: 0\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ack(CALLER, "");
	finish();
}
END_TEST

/* Both streams of a call are lost; the peers have new ones. */
static void
lose_streams(void)
{
	struct peer *p;

	calls_connection_lost(
	    w->calls, w->invite->path.connection, -ECONNRESET);
	p = &w->peer[CALLER];
	calls_connection_lost(w->calls, p->path.connection, -ECONNRESET);
	calls_reap(w->calls);
	hear_nothing();
	p->path.connection = 77;
	p->path.remote.port = 34567;
	w->peer[CALLEE].path.connection = 78;
	w->peer[CALLEE].path.remote.port = 34568;
}

START_TEST(a_call_outlives_its_streams_and_the_caller_hangs_up)
{
	const struct replay_sent *bye;

	begin_with(&(struct world_options){ .transport = NET_TCP });
	up();
	lose_streams();
	w->net.gone = w->invite->path.connection;
	ask(CALLER, "BYE", "");
	replay_expect(&w->net, "192.0.2.10:34567", "SIP/2.0 200 ", NULL);
	bye = hear(CALLEE, "BYE ");
	ck_assert_uint_ne(bye->path.connection, w->invite->path.connection);
	answer(bye, "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_call_outlives_its_streams_and_the_callee_hangs_up)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	/* The caller's stream came from another port than it listens at. */
	w->peer[CALLER].path.remote.port = 40000;
	w->peer[CALLER].address = "192.0.2.10:40000";
	w->peer[CALLER].contact = "<sip:pbx@pbx.example.com>";
	up();
	lose_streams();
	w->net.gone = 5;
	ask(CALLEE, "BYE", "");
	replay_expect(&w->net, "198.51.100.20:34568", "SIP/2.0 200 ", NULL);
	answer(replay_expect(&w->net, PBX, "BYE ", NULL), "200 OK", "");
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

/* Two peers at one address: the stream that is lost was to the second. */
START_TEST(a_call_outlives_its_stream_to_the_second_port)
{
	static const char second[] = "198.51.100.20:5070";

	begin_with(&(struct world_options){
	    .peers = ", \"198.51.100.20:5070\"", .transport = NET_TCP });
	trying();
	answer(w->invite, "503 Service Unavailable", "");
	hear(CALLEE, "ACK ");
	w->peer[CALLEE].address = second;
	w->peer[CALLEE].contact = "<sip:carrier@carrier.example.com>";
	w->invite = hear(CALLEE, "INVITE ");
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	calls_connection_lost(
	    w->calls, w->invite->path.connection, -ECONNRESET);
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(the_end_of_all_calls_hangs_up_on_both_sides)
{
	const struct replay_sent *bye;

	begin();
	up();
	calls_end_all(w->calls, END_DRAINING);
	bye = hear(CALLER, "BYE ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	answer(bye, "200 OK", "");
	ck_ended("draining");
	finish();
}
END_TEST

START_TEST(the_end_of_all_calls_while_it_rings)
{
	begin();
	ringing();
	calls_end_all(w->calls, END_DRAINING);
	hear_failure("SIP/2.0 503 ", "INT-DRAINING", "Retry-After: ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("calls that are hung up");
	TCase *tc = tcase_create("bye");

	tcase_add_test(tc, the_caller_hangs_up);
	tcase_add_test(tc, the_callee_hangs_up);
	tcase_add_test(tc, both_hang_up_at_once);
	tcase_add_test(tc, both_hang_up_and_the_callee_forgets_at_once);
	tcase_add_test(tc, bye_of_the_caller_before_its_ack);
	tcase_add_test(tc, bye_of_the_caller_and_it_never_acks);
	tcase_add_test(tc, bye_of_the_callee_before_the_callers_ack);
	tcase_add_test(tc, bye_of_the_callee_and_the_caller_never_acks);
	tcase_add_test(tc, both_hang_up_before_the_callers_ack);
	tcase_add_test(tc, bye_of_the_caller_in_the_early_dialog);
	tcase_add_test(tc, bye_of_the_callee_in_the_early_dialog_is_refused);
	tcase_add_loop_test(tc, bye_while_a_request_waits, 0, 4);
	tcase_add_test(tc, bye_while_a_refresh_waits);
	tcase_add_test(tc, bye_again_gets_the_same_200);
	tcase_add_test(tc, bye_that_nobody_answers_ends_after_its_time);
	tcase_add_test(tc, bye_answered_481);
	tcase_add_test(tc, bye_answered_408);
	tcase_add_test(tc, bye_answered_407);
	tcase_add_test(tc, bye_with_a_provisional_waits_for_the_final);
	tcase_add_test(tc, bye_that_cannot_be_sent);
	tcase_add_test(tc, bye_and_icmp_says_that_nobody_is_there);
	tcase_add_test(tc, reason_of_bye_is_passed_on);
	tcase_add_test(tc, a_late_offer_is_acked_before_the_bye);
	tcase_add_test(tc, a_call_outlives_its_streams_and_the_caller_hangs_up);
	tcase_add_test(tc, a_call_outlives_its_streams_and_the_callee_hangs_up);
	tcase_add_test(tc, a_call_outlives_its_stream_to_the_second_port);
	tcase_add_test(tc, the_end_of_all_calls_hangs_up_on_both_sides);
	tcase_add_test(tc, the_end_of_all_calls_while_it_rings);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
