/* A callee that is asked once more, in other words. */

#include <errno.h>

#include "call_world.h"

#define REFUSAL "Unsupported: x-two\nUnsupported: x-four,\n x-one\n"

/* The carrier's policy demands three extensions, and offers a fourth. */
static void
begin_demanding(enum net_transport transport)
{
	begin_with(&(struct world_options){
	    .policy = "rules = (\n"
		      "{ id = \"a\"; on = \"INVITE\"; ensure = \"Require\";\n"
		      "  value = \"x-one, x-two ,x-three\"; diagnostic = "
		      "\"MSG-REQUIRE\"; },\n"
		      "{ id = \"b\"; on = \"INVITE\"; append = \"Supported\";\n"
		      "  value = \"X-Four\"; diagnostic = \"MSG-REQUIRE\"; } );",
	    .carrier = "session_expires = \"0s\";",
	    .transport = transport });
}

static void
asked(void)
{
	begin_demanding(NET_UDP);
	trying();
	ck_assert_span(
	    value_of(w->invite, SIP_REQUIRE), "x-one, x-two ,x-three");
}

/* The callee refuses and is asked again. */
static void
asked_again(void)
{
	answer(w->invite, "420 Bad Extension", REFUSAL);
	hear(CALLEE, "ACK ", "CSeq: 1 ACK\r\n");
	hear(CALLEE, "INVITE ", "CSeq: 2 INVITE\r\n", "Require: x-three\r\n",
	    "Supported: replaces\r\n", "!X-Four", OFFERS);
	hear_nothing();
}

START_TEST(without_what_it_does_not_support)
{
	const struct replay_sent *first;

	asked();
	first = w->invite;
	asked_again();
	ck_assert(span_eq(first->view.call_id, w->invite->view.call_id));
	ck_assert(span_eq(first->view.from, w->invite->view.from));
	ck_assert(span_eq(first->view.to, w->invite->view.to));
	ck_assert(span_eq(first->msg.uri, w->invite->msg.uri));
	ck_assert(!span_eq(first->view.via.branch, w->invite->view.via.branch));
	ck_noted("MSG-REQUIRE", "x-two, x-four, x-one");
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLEE, "BYE ", "CSeq: 3 BYE\r\n"), "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_second_refusal_is_the_last)
{
	asked();
	asked_again();
	answer(w->invite, "420 Bad Extension", "Unsupported: x-three\n");
	hear(CALLEE, "ACK ", "CSeq: 2 ACK\r\n");
	hear_failure("SIP/2.0 420 Bad Extension\r\n");
	ck_ended("refused");
	finish();
}
END_TEST

START_TEST(a_refusal_that_names_nothing)
{
	asked();
	answer(w->invite, "420 Bad Extension", "Unsupported: ,\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 420 ");
	ck_ended("refused");
	finish();
}
END_TEST

START_TEST(another_failure_is_none_of_that)
{
	asked();
	answer(w->invite, "486 Busy Here", REFUSAL);
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(it_rang_before)
{
	asked();
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	asked_again();
	answer(w->invite, "183 Session Progress", ANSWER);
	hear(CALLER, "SIP/2.0 183 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

/* --- what crosses --- */

static void
cancelled(void)
{
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
}

START_TEST(cancelled_before_the_refusal)
{
	asked();
	answer(w->invite, "100 Trying", "");
	cancelled();
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "420 Bad Extension", REFUSAL);
	hear(CALLEE, "ACK ");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(cancelled_after_it)
{
	asked();
	asked_again();
	cancelled();
	hear_nothing();
	answer(w->invite, "100 Trying", "");
	answer(hear(CALLEE, "CANCEL ", "CSeq: 2 CANCEL\r\n"), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(the_first_refusal_comes_again)
{
	const struct replay_sent *first;

	asked();
	first = w->invite;
	asked_again();
	answer(first, "420 Bad Extension", REFUSAL);
	hear(CALLEE, "ACK ", "CSeq: 1 ACK\r\n");
	hear_nothing();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_second_one_meets_silence)
{
	asked();
	asked_again();
	wait_ms(T1_64 + 300);
	replay_skip(&w->net);
	ck_ended("no-reply");
	ack_failure(CALLER);
	finish();
}
END_TEST

START_TEST(the_second_one_cannot_be_sent)
{
	begin_demanding(NET_TCP);
	trying();
	w->net.error_once_at = 2;
	w->net.error_once = -ECONNREFUSED;
	answer(w->invite, "420 Bad Extension", REFUSAL);
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 503 ", "NET-FAILED");
	ck_ended("unreachable");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("a callee that is asked once more");
	TCase *tc = tcase_create("again");

	tcase_add_test(tc, without_what_it_does_not_support);
	tcase_add_test(tc, a_second_refusal_is_the_last);
	tcase_add_test(tc, a_refusal_that_names_nothing);
	tcase_add_test(tc, another_failure_is_none_of_that);
	tcase_add_test(tc, it_rang_before);
	tcase_add_test(tc, cancelled_before_the_refusal);
	tcase_add_test(tc, cancelled_after_it);
	tcase_add_test(tc, the_first_refusal_comes_again);
	tcase_add_test(tc, the_second_one_meets_silence);
	tcase_add_test(tc, the_second_one_cannot_be_sent);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
