/* Reliable provisional responses (RFC 3262) on either
 * leg, and what crosses them. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"
#include "sip/reliable.h"

#define DEMANDS "Require: 100rel\n"
#define OFFERED                                                                \
	&(struct world_options)                                                \
	{                                                                      \
		.carrier = "prack = \"supported\";",                           \
		.pbx = "prack = \"supported\";"                                \
	}

/* --- toward a caller --- */

static unsigned rseq; /* of the last reliable response that the caller got */

static const struct replay_sent *
hear_reliable(const char *start, const char *text)
{
	const struct replay_sent *r =
	    hear(CALLER, start, "Require: 100rel\r\n", text);

	rseq = 0;
	sip_rseq_read(value_of(r, SIP_RSEQ), &rseq);
	ck_assert_uint_gt(rseq, 0);
	return r;
}

static void
prack(unsigned number, const char *fields)
{
	char all[4096];

	snprintf(all, sizeof(all), "RAck: %u 1 INVITE\n%s", number, fields);
	ask(CALLER, "PRACK", all);
}

static void
demanding(const char *more)
{
	char fields[4096];

	snprintf(fields, sizeof(fields), DEMANDS "%s", more);
	invite(fields);
	hear(CALLEE, "INVITE ", "!100rel", "!Require");
	hear(CALLER, "SIP/2.0 100 ", "!100rel");
}

static void
early_media(void)
{
	begin();
	demanding(OFFER);
	answer(w->invite, "183 Session Progress", ANSWER);
	hear_reliable("SIP/2.0 183 ", ANSWERS);
	hear_nothing();
}

static void
pracked(void)
{
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 2 PRACK\r\n", "!RSeq");
}

START_TEST(a_caller_that_requires_it)
{
	unsigned first;

	early_media();
	ck_noted("MSG-REQUIRE", "100rel");
	first = rseq;
	pracked();
	hear_nothing();
	answer(w->invite, "180 Ringing", "");
	hear_reliable("SIP/2.0 180 ", "Content-Length: 0\r\n");
	ck_assert_uint_eq(rseq, first + 1);
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 3 PRACK\r\n");
	wait_ms(20000);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(it_is_sent_again_until_the_prack)
{
	const uint64_t gaps[] = { 500, 1000, 2000, 4000, 8000 };
	size_t i;

	early_media();
	for (i = 0; i < ARRAY_LEN(gaps); i++) {
		unsigned before = rseq;

		wait_ms(gaps[i] - 1);
		hear_nothing();
		wait_ms(1);
		hear_reliable("SIP/2.0 183 ", ANSWERS);
		ck_assert_uint_eq(rseq, before);
	}
	pracked();
	wait_ms(20000);
	hear_nothing();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(also_over_streams)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	demanding(OFFER);
	answer(w->invite, "180 Ringing", "");
	hear_reliable("SIP/2.0 180 ", "");
	wait_ms(500);
	hear_reliable("SIP/2.0 180 ", "");
	pracked();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(no_prack_ends_the_call)
{
	early_media();
	wait_ms(T1_64 + 10);
	while (w->net.sent[w->net.looked_at]->msg.status == 183)
		hear(CALLER, "SIP/2.0 183 ");
	hear_failure("SIP/2.0 504 ", "MSG-REQUIRE");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("not-pracked");
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 1);
	finish();
}
END_TEST

START_TEST(a_prack_for_something_else)
{
	early_media();
	prack(rseq + 1, "");
	hear(CALLER, "SIP/2.0 481 ", "DLG-UNKNOWN");
	ask(CALLER, "PRACK", "RAck: 1 INVITE\n");
	hear(CALLER, "SIP/2.0 481 ");
	ask(CALLER, "PRACK", "");
	hear(CALLER, "SIP/2.0 481 ");
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 200 ");
	again(CALLER);
	hear(CALLER, "SIP/2.0 200 ");
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 481 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 481 ");
	ask(CALLEE, "PRACK", "RAck: 1 1 INVITE\n");
	hear(CALLEE, "SIP/2.0 481 ");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_next_ones_wait_and_the_newest_goes)
{
	unsigned first;

	begin();
	demanding(OFFER);
	answer(w->invite, "180 Ringing", "");
	hear_reliable("SIP/2.0 180 ", "");
	first = rseq;
	answer(w->invite, "181 Call Is Being Forwarded", "");
	answer(w->invite, "183 Session Progress", ANSWER);
	answer(w->invite, "182 Queued", "");
	hear_nothing();
	pracked();
	hear_reliable("SIP/2.0 183 ", ANSWERS);
	ck_assert_uint_eq(rseq, first + 1);
	hear_nothing();
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_nothing();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_200_waits_for_the_prack_to_the_answer)
{
	early_media();
	answer(w->invite, "180 Ringing", "");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	pracked();
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 1 INVITE\r\n", ANSWERS);
	ack(CALLER, "");
	wait_ms(20000);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_200_does_not_wait_for_the_prack_to_ringing)
{
	begin();
	demanding(OFFER);
	answer(w->invite, "180 Ringing", "");
	hear_reliable("SIP/2.0 180 ", "");
	accept_invite(ANSWER);
	pracked();
	hear_nothing();
	ack(CALLER, "");
	wait_ms(20000);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_200_that_waits_in_vain)
{
	early_media();
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	wait_ms(T1_64 + 10);
	while (w->net.sent[w->net.looked_at]->msg.status == 183)
		hear(CALLER, "SIP/2.0 183 ");
	hear_failure("SIP/2.0 504 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("not-pracked");
	finish();
}
END_TEST

static void
waiting_200(void)
{
	early_media();
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
}

START_TEST(cancel_while_the_200_waits)
{
	waiting_200();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ", "CANCEL");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 481 ");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(the_callee_hangs_up_while_the_200_waits)
{
	waiting_200();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 480 ");
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

START_TEST(the_callee_asks_while_the_200_waits)
{
	waiting_200();
	ask(CALLEE, "INVITE", OFFER);
	hear(CALLEE, "SIP/2.0 491 ");
	ack_failure(CALLEE);
	pracked();
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 1 INVITE\r\n");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(bye_while_a_provisional_waits)
{
	early_media();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "BYE");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

START_TEST(cancel_while_a_provisional_waits)
{
	early_media();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ", "CANCEL");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	wait_ms(T1_64);
	hear_nothing();
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(a_failure_waits_for_no_prack)
{
	early_media();
	answer(w->invite, "180 Ringing", "");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ", "!RSeq");
	ck_ended("refused");
	finish();
}
END_TEST

START_TEST(without_an_offer_nothing_can_ring_reliably)
{
	begin();
	demanding("");
	answer(w->invite, "180 Ringing", "");
	answer(w->invite, "183 Session Progress", ANSWER);
	hear_nothing();
	answer(w->invite, "200 OK", OFFER);
	hear(CALLER, "SIP/2.0 200 OK\r\n", OFFERS, "!RSeq");
	ack(CALLER, ANSWER);
	hear(CALLEE, "ACK ", ANSWERS);
	hang_up();
	finish();
}
END_TEST

START_TEST(a_caller_that_could_is_not_asked_for_it)
{
	begin();
	invite("Supported: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ", "!100rel");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ", "!RSeq", "!100rel");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_caller_that_could_is_asked_by_option)
{
	begin_with(OFFERED);
	invite("Supported: timer, 100REL\n" OFFER);
	hear(CALLEE, "INVITE ", "Supported: 100rel, replaces, timer\r\n");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", "");
	hear_reliable("SIP/2.0 180 ", "Supported: 100rel, replaces\r\n");
	pracked();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_reinvite_that_requires_it_gets_no_provisional)
{
	const struct replay_sent *inner;

	begin();
	up();
	ask(CALLER, "INVITE", DEMANDS OFFER);
	inner = hear(CALLEE, "INVITE ", "!100rel");
	answer(inner, "180 Ringing", "");
	hear_nothing();
	answer(inner, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(what_waited_for_ringing_is_worthless_with_the_200)
{
	begin();
	demanding(OFFER);
	answer(w->invite, "180 Ringing", "");
	hear_reliable("SIP/2.0 180 ", "");
	answer(w->invite, "183 Session Progress", ANSWER);
	accept_invite(ANSWER);
	pracked();
	hear_nothing();
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(it_rings_for_too_long_while_one_waits)
{
	begin_with(
	    &(struct world_options){ .top = "sip = { ring = \"5s\"; };" });
	demanding(OFFER);
	answer(w->invite, "183 Session Progress", ANSWER);
	hear_reliable("SIP/2.0 183 ", "");
	wait_ms(5300);
	while (w->net.sent[w->net.looked_at]->msg.status == 183)
		hear(CALLER, "SIP/2.0 183 ");
	hear_failure("SIP/2.0 408 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	wait_ms(T1_64);
	hear_nothing();
	ck_ended("ring-timeout");
	finish();
}
END_TEST

START_TEST(the_callers_stream_is_lost_while_one_waits)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	demanding(OFFER);
	answer(w->invite, "183 Session Progress", ANSWER);
	hear_reliable("SIP/2.0 183 ", "");
	calls_connection_lost(
	    w->calls, w->peer[CALLER].path.connection, -ECONNRESET);
	calls_reap(w->calls);
	wait_ms(500);
	/* By another one: where the caller listens. */
	hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	pracked();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_callee_is_asked_again_while_one_waits)
{
	early_media();
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", "CSeq: 2 INVITE\r\n");
	answer(w->invite, "180 Ringing", "");
	hear_nothing();
	pracked();
	hear_reliable("SIP/2.0 180 ", "");
	prack(rseq, "");
	hear(CALLER, "SIP/2.0 200 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_end_in_the_middle)
{
	early_media();
	answer(w->invite, "180 Ringing", "");
	abandon();
}
END_TEST

/* --- toward a callee --- */

#define RELIABLE(n) "RSeq: " n "\nRequire: 100rel\n"

static void
offered(void)
{
	begin_with(OFFERED);
	invite(OFFER);
	hear(CALLEE, "INVITE ", "Supported: 100rel, replaces, timer\r\n", "!Require");
	hear(CALLER, "SIP/2.0 100 ");
}

START_TEST(a_callee_is_acknowledged_at_once)
{
	offered();
	answer(w->invite, "183 Session Progress", RELIABLE("7") ANSWER);
	answer(hear(CALLEE, "PRACK sip:gw@" CARRIER ";x=1 SIP/2.0\r\n",
		   ";tag=callee-tag\r\n", "RAck: 7 1 INVITE\r\n",
		   "CSeq: 2 PRACK\r\n", "!m=audio"),
	    "200 OK", "");
	hear(CALLER, "SIP/2.0 183 ", ANSWERS, "!RSeq", "!Require");
	answer(w->invite, "180 Ringing", RELIABLE("8"));
	answer(hear(CALLEE, "PRACK ", "RAck: 8 1 INVITE\r\n",
		   "CSeq: 3 PRACK\r\n"),
	    "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ", "CSeq: 1 ACK\r\n");
	/* Its answer came before; the caller has not seen it as one. */
	hear(CALLER, "SIP/2.0 200 ", ANSWERS,
	    "Content-Type: application/sdp\r\n");
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE ", "CSeq: 4 BYE\r\n"), "200 OK", "");
	finish();
}
END_TEST

START_TEST(its_route_is_that_of_the_response)
{
	begin_with(&(struct world_options){
	    .carrier = "prack = \"supported\"; "
		       "sources = [ \"203.0.113.0/24\" ];" });
	w->peer[CALLEE].routes =
	    "Record-Route: <sip:" CARRIER ";lr>, <sip:203.0.113.1;lr>\n";
	invite(OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", RELIABLE("1"));
	answer(replay_expect(&w->net, "203.0.113.1:5060", "PRACK ",
		   "Route: <sip:203.0.113.1;lr>, <sip:" CARRIER ";lr>\r\n",
		   NULL),
	    "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(what_comes_again_or_too_early_is_no_news)
{
	offered();
	answer(w->invite, "180 Ringing", RELIABLE("7"));
	answer(hear(CALLEE, "PRACK "), "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "180 Ringing", RELIABLE("7"));
	answer(w->invite, "183 Session Progress", RELIABLE("9") ANSWER);
	answer(w->invite, "180 Ringing", RELIABLE("6"));
	hear_nothing();
	answer(w->invite, "183 Session Progress", RELIABLE("8") ANSWER);
	answer(hear(CALLEE, "PRACK ", "RAck: 8 1 "), "200 OK", "");
	hear(CALLER, "SIP/2.0 183 ");
	answer(w->invite, "182 Queued", "RSeq: x\nRequire: 100rel\n");
	hear(CALLER, "SIP/2.0 182 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(each_fork_counts_for_itself)
{
	offered();
	answer_as(w->invite, "180 Ringing", "a",
	    "Contact: <sip:a@" CARRIER ">\n" RELIABLE("7"));
	answer(hear(CALLEE, "PRACK sip:a@", ";tag=a\r\n"), "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer_as(w->invite, "183 Session Progress", "b",
	    "Contact: <sip:b@" CARRIER ">\n" RELIABLE("3") ANSWER);
	answer(hear(CALLEE, "PRACK sip:b@", ";tag=b\r\n", "RAck: 3 1 "),
	    "200 OK", "");
	hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	answer_as(w->invite, "180 Ringing", "a",
	    "Contact: <sip:a@" CARRIER ">\n" RELIABLE("8"));
	answer(hear(CALLEE, "PRACK sip:a@", "RAck: 8 1 "), "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer_as(w->invite, "200 OK", "b", "Contact: <sip:b@" CARRIER ">\n");
	hear(CALLEE, "ACK sip:b@");
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE sip:b@", ";tag=b\r\n"), "200 OK", "");
	finish();
}
END_TEST

#define CONTACT_OF_FORK "Contact: <sip:gw@" CARRIER ">\n"

/* Its BYE would be one from the past with the number of a PRACK. */
START_TEST(a_fork_that_was_acknowledged_is_hung_up)
{
	const struct replay_sent *bye;
	unsigned n;

	begin_with(&(struct world_options){
	    .carrier = "prack = \"supported\";" });
	trying();
	for (n = 1; n <= 2; n++) {
		char fields[64];

		snprintf(fields, sizeof(fields), "Require: 100rel\nRSeq: %u\n",
		    n);
		answer_as(w->invite, "180 Ringing", "fork-b", fields);
		answer(hear(CALLEE, "PRACK "), "200 OK", "");
		hear(CALLER, "SIP/2.0 180 ");
	}
	answer_as(w->invite, "200 OK", "fork-a", CONTACT_OF_FORK ANSWER);
	hear(CALLEE, "ACK ", "tag=fork-a");
	hear(CALLER, "SIP/2.0 200 ");
	answer_as(w->invite, "200 OK", "fork-b", CONTACT_OF_FORK ANSWER);
	hear(CALLEE, "ACK ", "tag=fork-b", "CSeq: 1 ACK");
	bye = hear(CALLEE, "BYE ", "tag=fork-b");
	ck_assert_uint_gt(bye->view.cseq, 3);
	answer(bye, "200 OK", "");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_prack_that_is_lost_or_refused_ends_nothing)
{
	offered();
	answer(w->invite, "180 Ringing", RELIABLE("7"));
	hear(CALLEE, "PRACK ");
	hear(CALLER, "SIP/2.0 180 ");
	wait_ms(500);
	hear(CALLEE, "PRACK ", "CSeq: 2 PRACK\r\n");
	wait_ms(T1_64);
	replay_skip(&w->net);
	answer(w->invite, "183 Session Progress", RELIABLE("8"));
	answer(hear(CALLEE, "PRACK "), "481 Call Does Not Exist", "");
	hear(CALLER, "SIP/2.0 183 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(it_crosses_our_cancel)
{
	offered();
	answer(w->invite, "100 Trying", "");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "180 Ringing", RELIABLE("7"));
	answer(hear(CALLEE, "PRACK "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

START_TEST(the_prack_is_answered_after_the_call)
{
	const struct replay_sent *sent;

	offered();
	answer(w->invite, "180 Ringing", RELIABLE("7"));
	sent = hear(CALLEE, "PRACK ");
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ");
	answer(sent, "200 OK", "");
	finish();
}
END_TEST

START_TEST(the_200_comes_before_that_to_the_prack)
{
	const struct replay_sent *sent;

	offered();
	answer(w->invite, "183 Session Progress", RELIABLE("7") ANSWER);
	sent = hear(CALLEE, "PRACK ");
	hear(CALLER, "SIP/2.0 183 ");
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ", "CSeq: 1 ACK\r\n");
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	answer(sent, "200 OK", "");
	/* It crossed the 200: nobody asks for it any more. */
	answer(w->invite, "183 Session Progress", RELIABLE("8") ANSWER);
	hear_nothing();
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(asked_again_it_counts_anew)
{
	offered();
	answer(w->invite, "183 Session Progress", RELIABLE("7") ANSWER);
	answer(hear(CALLEE, "PRACK ", "CSeq: 2 PRACK\r\n"), "200 OK", "");
	hear(CALLER, "SIP/2.0 183 ");
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", "CSeq: 3 INVITE\r\n");
	answer(w->invite, "180 Ringing", RELIABLE("3"));
	answer(hear(CALLEE, "PRACK ", "RAck: 3 3 INVITE\r\n"), "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ");
	/* The answer of the first INVITE is none to the second. */
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ", "CSeq: 3 ACK\r\n");
	hear(CALLER, "SIP/2.0 200 ", "!m=audio");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_callee_that_rings_without_end)
{
	char fields[64];
	unsigned i, heard = 0;

	offered();
	for (i = 1; i <= 300; i++) {
		snprintf(fields, sizeof(fields),
		    "RSeq: %u\nRequire: 100rel\n", i);
		answer(w->invite, "180 Ringing", fields);
		if (w->net.looked_at == w->net.sent_n)
			continue;
		answer(hear(CALLEE, "PRACK "), "200 OK", "");
		hear(CALLER, "SIP/2.0 180 ");
		heard++;
	}
	ck_assert_uint_eq(heard, 200);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(too_many_forks)
{
	char tag[8];
	unsigned i, heard = 0;

	offered();
	for (i = 0; i < 12; i++) {
		snprintf(tag, sizeof(tag), "t%u", i);
		answer_as(w->invite, "180 Ringing", tag,
		    "Contact: <sip:gw@" CARRIER ">\n" RELIABLE("1"));
		if (w->net.looked_at == w->net.sent_n)
			continue;
		answer(hear(CALLEE, "PRACK "), "200 OK", "");
		hear(CALLER, "SIP/2.0 180 ");
		heard++;
	}
	ck_assert_uint_eq(heard, FORKS_KEPT);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(required_of_a_callee_that_refuses)
{
	begin_with(&(struct world_options){
	    .carrier = "prack = \"required\";" });
	invite(OFFER);
	hear(CALLEE, "INVITE ", "Require: 100rel\r\n", "!Supported: 100rel");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "420 Bad Extension", "Unsupported: 100rel\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", "!100rel");
	ck_noted("MSG-REQUIRE", "100rel");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_callee_that_requires_it)
{
	begin();
	trying();
	answer(w->invite, "421 Extension Required", "Require: 100rel\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", "Supported: 100rel, replaces, timer\r\n", "CSeq: 2 INVITE\r\n");
	ck_noted("MSG-REQUIRE", "421");
	answer(w->invite, "180 Ringing", RELIABLE("7"));
	answer(hear(CALLEE, "PRACK ", "RAck: 7 2 INVITE\r\n",
		   "CSeq: 3 PRACK\r\n"),
	    "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_callee_that_requires_too_much)
{
	static const char *const demands[] = { "Require: frob\n",
		"Require: 100rel, frob\n", "" };

	begin();
	trying();
	answer(w->invite, "421 Extension Required", demands[_i]);
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 421 ");
	finish();
}
END_TEST

START_TEST(not_offered_without_an_offer)
{
	begin_with(OFFERED);
	invite("");
	hear(CALLEE, "INVITE ", "!100rel");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "421 Extension Required", "Require: 100rel\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 421 ");
	finish();
}
END_TEST

START_TEST(both_sides_at_once)
{
	begin_with(OFFERED);
	invite(DEMANDS OFFER);
	hear(CALLEE, "INVITE ", "Supported: 100rel, replaces, timer\r\n", "!Require");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "183 Session Progress", RELIABLE("7") ANSWER);
	answer(hear(CALLEE, "PRACK "), "200 OK", "");
	hear_reliable("SIP/2.0 183 ", ANSWERS);
	answer(w->invite, "180 Ringing", RELIABLE("8"));
	answer(hear(CALLEE, "PRACK "), "200 OK", "");
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ");
	hear_nothing();
	pracked();
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

/* --- an offer in a PRACK --- */

#define UPDATES  "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\n"
#define OFFER_2  SDP_PORT("192.0.2.10", "4002")
#define ANSWER_2 SDP_PORT("198.51.100.20", "6002")

/* Both sides have acknowledged an answer; the caller's PRACK is to come. */
static void
answered_reliably(const char *allow)
{
	char fields[1024];

	begin_with(OFFERED);
	invite("Supported: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ", "100rel");
	hear(CALLER, "SIP/2.0 100 ");
	snprintf(fields, sizeof(fields), "%s%s", allow, RELIABLE("7") ANSWER);
	answer(w->invite, "183 Session Progress", fields);
	answer(hear(CALLEE, "PRACK ", "RAck: 7 1 INVITE\r\n"), "200 OK", "");
	hear_reliable("SIP/2.0 183 ", ANSWERS);
	hear_nothing();
}

static const struct replay_sent *
offers_again(void)
{
	const struct replay_sent *update;

	answered_reliably(UPDATES);
	prack(rseq, OFFER_2);
	update = hear(CALLEE, "UPDATE sip:gw@", "m=audio 4002",
	    "CSeq: 3 UPDATE", ";tag=callee-tag\r\n");
	hear_nothing();
	return update;
}

START_TEST(an_offer_in_a_prack)
{
	const struct replay_sent *update = offers_again();

	answer(update, "200 OK", ANSWER_2);
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 2 PRACK\r\n", "m=audio 6002");
	ck_noted("DLG-UPDATE", "PRACK");
	hear_nothing();
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "1 INVITE\r\n", "m=audio 6002");
	ack(CALLER, "");
	/* What a transfer would offer is what was said last. */
	ask(CALLER, "REFER", "Refer-To: <sip:+442079460099@192.0.2.1>\n");
	hear(CALLER, "SIP/2.0 202 ");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	hear(TARGET, "INVITE ", "m=audio 6002");
	abandon();
}
END_TEST

START_TEST(what_comes_meanwhile_waits)
{
	const struct replay_sent *update = offers_again();

	if (_i == 0) {
		answer(w->invite, "180 Ringing", "");
	} else {
		answer(w->invite, "200 OK", "");
		hear(CALLEE, "ACK ");
	}
	hear_nothing();
	answer(update, "200 OK", ANSWER_2);
	hear(CALLER, "SIP/2.0 200 OK\r\n", "PRACK\r\n", "m=audio 6002");
	if (_i == 0) {
		hear_reliable("SIP/2.0 180 ", "Content-Length: 0\r\n");
		prack(rseq, "");
		hear(CALLER, "SIP/2.0 200 OK\r\n", "PRACK\r\n");
		answer(w->invite, "200 OK", "");
		hear(CALLEE, "ACK ");
	}
	hear(CALLER, "SIP/2.0 200 OK\r\n", "1 INVITE\r\n", "m=audio 6002");
	ack(CALLER, "");
	ask(CALLER, "INFO", "");
	answer(hear(CALLEE, "INFO "), "200 OK", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	hang_up();
	finish();
}
END_TEST

static const struct {
	const char *status, *fields;
} refusals[] = {
	{ "488 Not Acceptable Here", "" },
	{ "491 Request Pending", "" },
	{ "405 Method Not Allowed", "Allow: INVITE, ACK, BYE, CANCEL\n" },
	{ "200 OK", "" },
};

START_TEST(an_offer_in_a_prack_that_the_callee_refuses)
{
	answer(offers_again(), refusals[_i].status, refusals[_i].fields);
	hear(CALLER, "SIP/2.0 488 ", "PRACK\r\n", "DLG-UPDATE");
	hear_nothing();
	answer(w->invite, "200 OK", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 1 INVITE\r\n", ANSWERS);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(an_offer_in_a_prack_and_silence)
{
	offers_again();
	replay_advance(&w->net, T1_64 + 300);
	replay_skip(&w->net);
	ck_noted("DLG-UPDATE", "does not answer the UPDATE");
	accept_invite("");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(an_offer_in_a_prack_and_the_end)
{
	const struct replay_sent *update = offers_again();

	if (_i == 0) {
		cancel(CALLER, "");
		hear(CALLER, "SIP/2.0 200 OK\r\n", "CANCEL\r\n");
		hear(CALLER, "SIP/2.0 487 ", "INVITE\r\n");
		ack_failure(CALLER);
		hear(CALLER, "SIP/2.0 487 ", "PRACK\r\n");
		answer(hear(CALLEE, "CANCEL "), "200 OK", "");
		answer(w->invite, "487 Request Terminated", "");
		hear(CALLEE, "ACK ");
	} else {
		answer(w->invite, "486 Busy Here", "");
		hear(CALLEE, "ACK ");
		hear_failure("SIP/2.0 486 ");
		hear(CALLER, "SIP/2.0 487 ", "PRACK\r\n");
	}
	wait_ms(T1_64);
	hear_nothing();
	answer(update, "481 Call Does Not Exist", "");
	hear_nothing();
	finish();
}
END_TEST

/* The callee did not answer reliably, or allows no UPDATE. */
START_TEST(an_offer_that_the_callee_cannot_be_asked)
{
	if (_i == 0)
		early_media();
	else
		answered_reliably(
		    _i == 1 ? "" : "Allow: INVITE, ACK, BYE, CANCEL, PRACK\n");
	prack(rseq, OFFER_2);
	hear(CALLER, "SIP/2.0 488 ", "Warning: 399 ", "DLG-UPDATE");
	wait_ms(1000);
	hear_nothing();
	accept_invite(_i == 0 ? ANSWER : "");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_broken_offer_in_a_prack)
{
	answered_reliably(UPDATES);
	prack(rseq, "Content-Type: application/sdp\n\nv=1\n");
	hear(CALLER, "SIP/2.0 488 ", "SDP-INVALID");
	hear_nothing();
	abandon();
}
END_TEST

/* The PRACK to a 180 that has none: the offer of the INVITE waits still. */
START_TEST(an_offer_before_the_answer)
{
	begin_with(OFFERED);
	invite("Supported: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", UPDATES);
	hear_reliable("SIP/2.0 180 ", "Content-Length: 0\r\n");
	prack(rseq, OFFER_2);
	hear(CALLER, "SIP/2.0 488 ", "not answered yet");
	hear_nothing();
	abandon();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reliable provisional responses");
	TCase *tc = tcase_create("prack");

	tcase_add_test(tc, a_caller_that_requires_it);
	tcase_add_test(tc, it_is_sent_again_until_the_prack);
	tcase_add_test(tc, also_over_streams);
	tcase_add_test(tc, no_prack_ends_the_call);
	tcase_add_test(tc, a_prack_for_something_else);
	tcase_add_test(tc, the_next_ones_wait_and_the_newest_goes);
	tcase_add_test(tc, a_200_waits_for_the_prack_to_the_answer);
	tcase_add_test(tc, a_200_does_not_wait_for_the_prack_to_ringing);
	tcase_add_test(tc, a_200_that_waits_in_vain);
	tcase_add_test(tc, cancel_while_the_200_waits);
	tcase_add_test(tc, the_callee_hangs_up_while_the_200_waits);
	tcase_add_test(tc, the_callee_asks_while_the_200_waits);
	tcase_add_test(tc, bye_while_a_provisional_waits);
	tcase_add_test(tc, cancel_while_a_provisional_waits);
	tcase_add_test(tc, a_failure_waits_for_no_prack);
	tcase_add_test(tc, an_offer_in_a_prack);
	tcase_add_loop_test(tc, what_comes_meanwhile_waits, 0, 2);
	tcase_add_loop_test(tc, an_offer_in_a_prack_that_the_callee_refuses, 0,
	    (int)ARRAY_LEN(refusals));
	tcase_add_test(tc, an_offer_in_a_prack_and_silence);
	tcase_add_loop_test(tc, an_offer_in_a_prack_and_the_end, 0, 2);
	tcase_add_loop_test(tc, an_offer_that_the_callee_cannot_be_asked, 0, 3);
	tcase_add_test(tc, a_broken_offer_in_a_prack);
	tcase_add_test(tc, an_offer_before_the_answer);
	tcase_add_test(tc, without_an_offer_nothing_can_ring_reliably);
	tcase_add_test(tc, a_caller_that_could_is_not_asked_for_it);
	tcase_add_test(tc, a_caller_that_could_is_asked_by_option);
	tcase_add_test(tc, a_reinvite_that_requires_it_gets_no_provisional);
	tcase_add_test(tc, what_waited_for_ringing_is_worthless_with_the_200);
	tcase_add_test(tc, it_rings_for_too_long_while_one_waits);
	tcase_add_test(tc, the_callers_stream_is_lost_while_one_waits);
	tcase_add_test(tc, the_callee_is_asked_again_while_one_waits);
	tcase_add_test(tc, the_end_in_the_middle);
	tcase_add_test(tc, the_200_comes_before_that_to_the_prack);
	tcase_add_test(tc, asked_again_it_counts_anew);
	tcase_add_test(tc, a_callee_that_rings_without_end);
	tcase_add_test(tc, too_many_forks);
	tcase_add_test(tc, a_callee_is_acknowledged_at_once);
	tcase_add_test(tc, its_route_is_that_of_the_response);
	tcase_add_test(tc, what_comes_again_or_too_early_is_no_news);
	tcase_add_test(tc, each_fork_counts_for_itself);
	tcase_add_test(tc, a_fork_that_was_acknowledged_is_hung_up);
	tcase_add_test(tc, a_prack_that_is_lost_or_refused_ends_nothing);
	tcase_add_test(tc, it_crosses_our_cancel);
	tcase_add_test(tc, the_prack_is_answered_after_the_call);
	tcase_add_test(tc, required_of_a_callee_that_refuses);
	tcase_add_test(tc, a_callee_that_requires_it);
	tcase_add_loop_test(tc, a_callee_that_requires_too_much, 0, 3);
	tcase_add_test(tc, not_offered_without_an_offer);
	tcase_add_test(tc, both_sides_at_once);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
