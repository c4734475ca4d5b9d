/* Calls that come about: both directions, early and late offers, the ACK. */

#include "call_world.h"

static void
basic_call(bool from_carrier)
{
	struct call_info info;
	uint32_t at = 0;

	begin_with(&(struct world_options){ .from_carrier = from_carrier });
	up();
	ck_assert(calls_next(w->calls, &at, &info));
	ck_assert_str_eq(info.state, "up");
	ck_assert_uint_eq(calls_legs(w->calls), 2);
	hang_up();
	ck_ended("caller-hung-up");
	ck_assert_uint_eq(calls_counters(w->calls)->answered, 1);
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 0);
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	ck_noted("CALL-LEGS", w->peer[CALLER].call_id);
	ck_noted("CALL-LEGS", w->peer[CALLEE].call_id);
	finish();
}

START_TEST(pbx_calls_carrier)
{
	basic_call(false);
}
END_TEST

START_TEST(carrier_calls_pbx)
{
	basic_call(true);
}
END_TEST

START_TEST(nothing_of_one_leg_reaches_the_other)
{
	const struct replay_sent *sent;

	begin();
	invite(OFFER);
	sent =
	    hear(CALLEE, "INVITE sip:+442079460000@198.51.100.20:5060 SIP/2.0",
		"Max-Forwards: 69\r\n", "Contact: <sip:198.51.100.1>\r\n",
		"CSeq: 1 INVITE\r\n", "!caller-tag", "!callers-own-id",
		"!sip:pbx@", "!Record-Route");
	hear(CALLER, "SIP/2.0 100 ", "!Contact");
	ck_assert_uint_eq(sent->view.via_count, 1);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ", "Contact: <sip:192.0.2.1>\r\n",
	    "!callee-tag", "!sip:gw@", "!198.51.100");
	accept_invite("Server: theirs\nSupported: timer\n" ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(answer_without_provisional)
{
	begin();
	trying();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(late_offer_is_answered_in_the_ack)
{
	begin();
	invite("");
	hear(CALLEE, "INVITE ", "!Content-Type", "Content-Length: 0\r\n");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	/* The callee's offer first; its ACK waits for the caller's answer. */
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	hear_nothing();
	answer(w->invite, "200 OK", ANSWER);
	hear_nothing();
	ack(CALLER, OFFER);
	hear(CALLEE, "ACK ", OFFERS, "CSeq: 1 ACK\r\n",
	    "Content-Type: application/sdp\r\n");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ", OFFERS);
	hang_up();
	finish();
}
END_TEST

#define PLACE   "<presence entity=\"pres:a@x\"/>\n"
#define PLACE_T "Content-Type: application/pidf+xml\n"

/* Where the caller is (RFC 6442) is no offer, in either form. */
START_TEST(a_late_offer_beside_a_location)
{
	static const char *const bodies[] = {
		PLACE_T "\n" PLACE,
		"Content-Type: multipart/mixed;boundary=x\n\n"
		"--x\n" PLACE_T "\n" PLACE "--x--\n",
	};

	begin_with(&(struct world_options){
	    .carrier = "prack = \"supported\";" });
	invite(bodies[_i]);
	/* The answer would have to go into a PRACK. */
	hear(CALLEE, "INVITE ", "pres:a@x", "!m=audio", "!100rel");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	hear_nothing();
	ack(CALLER, OFFER);
	hear(CALLEE, "ACK ", OFFERS);
	hang_up();
	finish();
}
END_TEST

START_TEST(late_offer_and_an_ack_without_answer)
{
	begin();
	invite("");
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, "");
	hear(CALLEE, "ACK ", "Content-Length: 0\r\n", "!Content-Type");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_callees_200_again_gets_the_same_ack)
{
	const struct replay_sent *first, *second;

	begin();
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	first = hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	answer(w->invite, "200 OK", ANSWER);
	second = hear(CALLEE, "ACK ");
	hear_nothing();
	ck_assert(span_eq(first->bytes, second->bytes));
	ck_assert_uint_eq(calls_counters(w->calls)->answered, 1);
	ack(CALLER, "");
	hang_up();
	/* Still, when the call is gone. */
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

START_TEST(our_200_is_sent_again_until_the_ack)
{
	const struct replay_sent *first, *second;

	begin();
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	first = hear(CALLER, "SIP/2.0 200 ");
	wait_ms(499);
	hear_nothing();
	wait_ms(1);
	second = hear(CALLER, "SIP/2.0 200 ");
	ck_assert(span_eq(first->bytes, second->bytes));
	wait_ms(1000);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	wait_ms(60000);
	hear_nothing();
	ack(CALLER, "");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(an_invite_again_gets_the_last_provisional)
{
	begin();
	ringing();
	again(CALLER);
	hear(CALLER, "SIP/2.0 180 ");
	hear_nothing();
	ck_assert_uint_eq(calls_count(w->calls), 1);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

static void
never_acked(void)
{
	size_t times;

	accept_invite(ANSWER);
	wait_ms(T1_64 - 1000);
	times = 1 + replay_skip(&w->net);
	ck_assert_uint_gt(times, 8);
	wait_ms(1300);
	while (w->net.looked_at < w->net.sent_n &&
	       !w->net.sent[w->net.looked_at]->msg.request) {
		hear(CALLER, "SIP/2.0 200 ");
		times++;
	}
	answer(hear(CALLER, "BYE sip:pbx@192.0.2.10:5060 ",
		   "Reason: Q.850;cause=102;text=\""),
	    "200 OK", "");
	answer(hear(CALLEE, "BYE ", "Reason: Q.850;cause=102"), "200 OK", "");
	ck_ended("not-acked");
	{
		char text[64];

		snprintf(
		    text, sizeof(text), "200 sent %zu times to " PBX, times);
		ck_noted("DLG-ACK-TARGET", text);
	}
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 1);
}

START_TEST(a_caller_that_never_acks_is_hung_up)
{
	begin();
	ringing();
	never_acked();
	finish();
}
END_TEST

START_TEST(an_ack_after_the_end_is_a_blank_cell)
{
	const struct replay_sent *bye;

	begin();
	ringing();
	accept_invite(ANSWER);
	wait_ms(T1_64 + 300);
	while (!w->net.sent[w->net.looked_at]->msg.request)
		hear(CALLER, "SIP/2.0 200 ");
	bye = hear(CALLER, "BYE ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	ack(CALLER, "");
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 1);
	answer(bye, "200 OK", "");
	finish();
}
END_TEST

START_TEST(an_ack_with_the_wrong_cseq_is_none)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	w->peer[CALLER].invite_cseq = 7;
	ack(CALLER, "");
	wait_ms(500);
	hear(CALLER, "SIP/2.0 200 ");
	w->peer[CALLER].invite_cseq = 1;
	ack(CALLER, "");
	wait_ms(4000);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(two_calls_at_once_do_not_mix)
{
	struct peer first[SIDES];

	begin();
	up();
	first[CALLER] = w->peer[CALLER];
	first[CALLEE] = w->peer[CALLEE];
	w->peer[CALLER].last = w->peer[CALLEE].last = NULL;
	strcpy(w->peer[CALLER].call_id, "second");
	w->peer[CALLER].tag = "second-tag";
	up();
	ck_assert_uint_eq(calls_count(w->calls), 2);
	ck_assert_str_ne(w->peer[CALLEE].call_id, first[CALLEE].call_id);
	hang_up();
	free(w->peer[CALLER].last);
	ck_assert_uint_eq(calls_count(w->calls), 1);
	w->peer[CALLER] = first[CALLER];
	w->peer[CALLEE] = first[CALLEE];
	hang_up();
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("calls that come about");
	TCase *tc = tcase_create("basic");

	tcase_add_test(tc, pbx_calls_carrier);
	tcase_add_test(tc, carrier_calls_pbx);
	tcase_add_test(tc, nothing_of_one_leg_reaches_the_other);
	tcase_add_test(tc, answer_without_provisional);
	tcase_add_test(tc, late_offer_is_answered_in_the_ack);
	tcase_add_loop_test(tc, a_late_offer_beside_a_location, 0, 2);
	tcase_add_test(tc, late_offer_and_an_ack_without_answer);
	tcase_add_test(tc, the_callees_200_again_gets_the_same_ack);
	tcase_add_test(tc, our_200_is_sent_again_until_the_ack);
	tcase_add_test(tc, an_invite_again_gets_the_last_provisional);
	tcase_add_test(tc, a_caller_that_never_acks_is_hung_up);
	tcase_add_test(tc, an_ack_after_the_end_is_a_blank_cell);
	tcase_add_test(tc, an_ack_with_the_wrong_cseq_is_none);
	tcase_add_test(tc, two_calls_at_once_do_not_mix);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
