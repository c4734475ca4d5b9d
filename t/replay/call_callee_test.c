/* What a callee can do to an INVITE. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

/* --- failures --- */

static void
refused(const char *status_line, const char *to_caller)
{
	begin();
	ringing();
	answer(w->invite, status_line,
	    "Reason: Q.850;cause=17\nWWW-Authenticate: Digest realm=\"x\"\n"
	    "Proxy-Authenticate: Digest realm=\"x\"\nServer: theirs\n");
	hear(CALLEE, "ACK ");
	hear(CALLER, to_caller, "!Digest", "!theirs", "!callee-tag", "!sip:gw@",
	    "!Retry-After");
	ack_failure(CALLER);
}

START_TEST(failures_pass_as_they_are)
{
	static const char *const lines[] = { "404 Not Found", "486 Busy Here",
		"503 Service Unavailable", "603 Decline", "480 Gone Fishing",
		"600 Busy Everywhere", "699 Odd", "400 Bad Request" };
	char expected[64];

	ck_assert_uint_eq(ARRAY_LEN(lines), 8);
	snprintf(expected, sizeof(expected), "SIP/2.0 %s\r\n", lines[_i]);
	refused(lines[_i], expected);
	ck_ended("refused");
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 0);
	finish();
}
END_TEST

START_TEST(failure_without_provisional)
{
	begin();
	trying();
	answer(w->invite, "486 Busy Here", "Retry-After: 30\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 Busy Here\r\n", "Retry-After: 30\r\n");
	ck_ended("refused");
	finish();
}
END_TEST

START_TEST(failure_again_is_acked_again)
{
	begin();
	ringing();
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 486 ");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_nothing();
	wait_ms(500);
	hear(CALLER, "SIP/2.0 486 ");
	ack_failure(CALLER);
	finish();
}
END_TEST

/* Row ACS-06: who said it, and in which words. */
START_TEST(a_refusal_is_told_with_its_sender)
{
	static const struct {
		const char *line, *code;
	} rows[] = {
		{ "400 Bad From", "RSP-400" },
		{ "403 Forbidden", "RSP-403" },
		{ "404 Not Found", "RSP-404" },
		{ "408 Request Timeout", "RSP-408" },
		{ "410 Gone", "RTE-UNALLOCATED" },
		{ "480 Away", "RTE-CALLEE-REFUSED" },
		{ "486 Busy Here", "RTE-CALLEE-REFUSED" },
		{ "500 Oops", "RSP-500" },
		{ "502 Bad Gateway", "RSP-OTHER" },
		{ "503 No channels", "RSP-OTHER" },
		{ "603 Decline", "RSP-603" },
		{ "608 Rejected", "RSP-608" },
	};
	char passed[16];

	snprintf(passed, sizeof(passed), "SIP/2.0 %.3s ", rows[_i].line);
	refused(rows[_i].line, passed);
	ck_noted(rows[_i].code, rows[_i].line);
	ck_noted(rows[_i].code,
	    "carrier " CARRIER " said so, not Cordon; Server: theirs");
	ck_assert_uint_eq(noted(rows[_i].code, NULL), 1);
	ck_assert_uint_eq(
	    trunk_find(w->trunks, SPAN("carrier"))->state->failed,
	    rows[_i].line[0] == '5');
	finish();
}
END_TEST

START_TEST(redirection_is_not_followed)
{
	begin();
	trying();
	answer(w->invite, "302 Moved Temporarily", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 480 ", "Warning: 399 ", "RSP-OTHER", "!Contact");
	ck_ended("redirected");
	ck_noted("RSP-OTHER", NULL);
	finish();
}
END_TEST

START_TEST(a_challenge_is_never_relayed)
{
	static const char *const lines[] = { "401 Unauthorized",
		"407 Proxy Authentication Required" };

	refused(lines[_i], "SIP/2.0 503 ");
	ck_ended("challenged");
	ck_noted("AUTH-CHALLENGED", lines[_i]);
	ck_noted("AUTH-CHALLENGED",
	    "carrier " CARRIER " asks for credentials for the realm \"x\", and "
	    "Cordon has none to give");
	finish();
}
END_TEST

/* --- silence --- */

START_TEST(no_answer_at_all)
{
	size_t n;

	begin();
	trying();
	wait_ms(T1_64 - 300);
	for (n = 0; w->net.looked_at < w->net.sent_n; n++)
		hear(CALLEE, "INVITE ");
	ck_assert_uint_eq(n, 6);
	wait_ms(600);
	hear_failure("SIP/2.0 408 ", "Warning: 399 ", "NET-NO-REPLY");
	ck_ended("no-reply");
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 1);
	finish();
}
END_TEST

static void
ring_timeout(void)
{
	wait_ms(RING_MS - 1000);
	hear_nothing();
	wait_ms(1000 + 256);
	hear_failure("SIP/2.0 408 ", "CALL-NO-ANSWER");
	answer(hear(CALLEE, "CANCEL ", "Reason: Q.850;cause=19"), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("ring-timeout");
	finish();
}

START_TEST(it_rings_for_too_long)
{
	begin();
	ringing();
	ring_timeout();
}
END_TEST

START_TEST(only_100_and_then_silence)
{
	begin();
	trying();
	answer(w->invite, "100 Trying", "");
	hear_nothing();
	ring_timeout();
}
END_TEST

START_TEST(sip_ring_is_obeyed)
{
	begin_with(
	    &(struct world_options){ .top = "sip = { ring = \"10s\"; };" });
	ringing();
	wait_ms(9999);
	hear_nothing();
	wait_ms(300);
	hear_failure("SIP/2.0 408 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

/* --- it cannot be reached --- */

START_TEST(icmp_says_that_nobody_is_there)
{
	begin();
	trying();
	calls_unreachable(w->calls, &w->invite->path, -ECONNREFUSED);
	calls_reap(w->calls);
	/* Which is said of overload, and keeps other calls away, too. */
	hear_failure("SIP/2.0 503 ", "NET-FAILED", "!Retry-After");
	ck_ended("unreachable");
	finish();
}
END_TEST

START_TEST(icmp_after_a_provisional_means_nothing)
{
	begin();
	ringing();
	calls_unreachable(w->calls, &w->invite->path, -ECONNREFUSED);
	hear_nothing();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_invite_cannot_be_sent)
{
	begin();
	w->net.error = -ECONNREFUSED;
	invite(OFFER);
	w->net.error = 0;
	hear_nothing();
	ck_ended("unreachable");
	wait_ms(500);
	hear_failure("SIP/2.0 503 ", "NET-FAILED");
	finish();
}
END_TEST

START_TEST(the_invite_again_cannot_be_sent)
{
	begin();
	trying();
	w->net.error = -EHOSTUNREACH;
	wait_ms(500);
	w->net.error = 0;
	ck_ended("unreachable");
	wait_ms(500);
	hear_failure("SIP/2.0 503 ", "NET-FAILED");
	finish();
}
END_TEST

START_TEST(the_stream_to_the_callee_is_lost_while_it_rings)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	ringing();
	calls_connection_lost(
	    w->calls, w->invite->path.connection, -ECONNRESET);
	calls_reap(w->calls);
	hear_failure("SIP/2.0 503 ", "NET-FAILED");
	ck_ended("unreachable");
	finish();
}
END_TEST

START_TEST(the_stream_to_the_callee_is_lost_while_it_is_cancelled)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	hear(CALLEE, "CANCEL ");
	calls_connection_lost(
	    w->calls, w->invite->path.connection, -ECONNRESET);
	calls_reap(w->calls);
	ck_ended("cancelled");
	finish();
}
END_TEST

/* The caller's connection went before the 200 came, and no other is to be
 * had. */
START_TEST(the_200_to_the_caller_is_never_sent)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	ringing();
	calls_connection_lost(
	    w->calls, w->peer[CALLER].path.connection, -ECONNRESET);
	w->net.error_once_at = 2; /* behind our ACK */
	w->net.error_once = -ENETUNREACH;
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("peer-lost");
	ck_noted("NET-FAILED", "no way back");
	ck_not_noted("INT-SHORTAGE");
	finish();
}
END_TEST

START_TEST(the_200_to_the_caller_finds_no_way)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	ringing();
	accept_invite(ANSWER);
	calls_connection_lost(
	    w->calls, w->peer[CALLER].path.connection, -ECONNRESET);
	w->net.error_once_at = 1;
	w->net.error_once = -ECONNREFUSED;
	wait_ms(500);
	ck_assert_uint_eq(calls_count(w->calls), 1);
	answer(hear(CALLER, "BYE ", "Reason: Q.850;cause=27"), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("peer-lost");
	finish();
}
END_TEST

/* --- provisionals --- */

START_TEST(provisionals_with_and_without_sdp)
{
	begin();
	trying();
	answer(w->invite, "183 Session Progress", ANSWER);
	hear(CALLER, "SIP/2.0 183 Session Progress\r\n", ANSWERS,
	    "Content-Type: application/sdp\r\n",
	    "Contact: <sip:192.0.2.1>\r\n");
	answer(w->invite, "180 Ringing",
	    "Alert-Info: <http://x/>\nRSeq: 1\nRequire: 100rel\n");
	answer(hear(CALLEE, "PRACK ", "RAck: 1 1 INVITE\r\n"), "200 OK", "");
	hear(CALLER, "SIP/2.0 180 ", "Content-Length: 0\r\n",
	    "Alert-Info: <http://x/>\r\n", "!RSeq", "!100rel");
	answer(w->invite, "199 Early Dialog Terminated", "");
	hear_nothing();
	answer(w->invite, "100 Trying", "");
	hear_nothing();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(forks_that_ring_are_one_to_the_caller)
{
	const struct replay_sent *first, *second;

	begin();
	trying();
	answer_as(w->invite, "180 Ringing", "fork-a", "Contact: <sip:a@x>\n");
	first = hear(CALLER, "SIP/2.0 180 ", "!fork-a");
	answer_as(w->invite, "183 Session Progress", "fork-b",
	    "Contact: <sip:b@x>\n" ANSWER);
	second = hear(CALLER, "SIP/2.0 183 ", "!fork-b", ANSWERS);
	ck_assert(span_eq(first->view.to_tag, second->view.to_tag));
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

/* --- more than one 2xx --- */

/* Its target is not where it came from, which the journal is told of. */
#define FORK_CONTACT "Contact: <sip:b@203.0.113.9:5070>\n"

static void
second_fork(void)
{
	answer_as(w->invite, "200 OK", "fork-b", FORK_CONTACT ANSWER);
	replay_expect(&w->net, "203.0.113.9:5070",
	    "ACK sip:b@203.0.113.9:5070 SIP/2.0\r\n", ";tag=fork-b\r\n",
	    "CSeq: 1 ACK\r\n", NULL);
	answer(replay_expect(&w->net, "203.0.113.9:5070",
		   "BYE sip:b@203.0.113.9:5070 SIP/2.0\r\n", ";tag=fork-b\r\n",
		   "CSeq: 2 BYE\r\n", NULL),
	    "200 OK", "");
	hear_nothing();
}

#define FORKS                                                                  \
	&(struct world_options)                                                \
	{                                                                      \
		.carrier = "sources = [ \"203.0.113.0/24\" ];"                 \
	}

START_TEST(a_second_fork_that_answers_is_hung_up)
{
	begin_with(FORKS);
	up();
	second_fork();
	ck_assert_uint_eq(calls_count(w->calls), 1);
	answer_as(w->invite, "200 OK", "fork-b", FORK_CONTACT ANSWER);
	replay_expect(&w->net, "203.0.113.9:5070", "ACK ", ";tag=fork-b", NULL);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_200_after_the_call_is_gone)
{
	begin_with(FORKS);
	up();
	hang_up();
	ck_assert_uint_eq(calls_count(w->calls), 0);
	second_fork();
	finish();
}
END_TEST

/* What the journal is told of it belongs to no call, and leaves no memory. */
START_TEST(a_second_fork_with_a_private_contact)
{
	begin();
	up();
	answer_as(w->invite, "200 OK", "fork-b",
	    "Contact: <sip:b@10.0.0.9>\n" ANSWER);
	hear(CALLEE, "ACK sip:b@10.0.0.9 SIP/2.0\r\n", ";tag=fork-b\r\n");
	answer(hear(CALLEE, "BYE sip:b@10.0.0.9 SIP/2.0\r\n"), "200 OK", "");
	hang_up();
	finish();
}
END_TEST

/* Its dialog would be nobody's. */
START_TEST(a_fork_that_lost_our_tag)
{
	begin();
	up();
	replay_inject(&w->net, &w->peer[CALLEE].path,
	    "SIP/2.0 200 OK\nVia: %.*s\nFrom: <sip:x@x>\n"
	    "To: <sip:y@x>;tag=fork-b\nCall-ID: %s\nCSeq: 1 INVITE\n"
	    "Contact: <sip:b@203.0.113.9:5070>\n",
	    (int)value_of(w->invite, SIP_VIA).n,
	    value_of(w->invite, SIP_VIA).p, w->peer[CALLEE].call_id);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_fork_whose_from_comes_back_folded)
{
	begin();
	up();
	replay_inject(&w->net, &w->peer[CALLEE].path,
	    "SIP/2.0 200 OK\nVia: %.*s\nFrom: \"A\"\n <sip:x@%s>;tag=%s\n"
	    "To: <sip:y@x>\n ;tag=fork-b\nCall-ID: %s\nCSeq: 1 INVITE\n"
	    "Contact: <sip:gw@" CARRIER ">\n" ANSWER,
	    SPAN_ARG(w->invite->view.via.whole), US_OUT,
	    w->peer[CALLEE].our_tag, w->peer[CALLEE].call_id);
	hear(CALLEE, "ACK ", "To: <sip:y@x> ;tag=fork-b\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	hang_up();
	finish();
}
END_TEST

/* --- a 2xx that cannot be passed on --- */

START_TEST(a_200_that_is_too_big_for_the_caller)
{
	begin();
	ringing();
	w->net.error_once_at = 2;
	w->net.error_once = -EMSGSIZE;
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 503 ", "INT-SHORTAGE");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("shortage");
	finish();
}
END_TEST

START_TEST(a_failure_that_is_too_big_for_the_caller)
{
	begin();
	ringing();
	w->net.error_once_at = 2;
	w->net.error_once = -EMSGSIZE;
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 Busy Here\r\n");
	ck_ended("refused");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("what a callee can do");
	TCase *tc = tcase_create("callee");

	tcase_add_loop_test(tc, failures_pass_as_they_are, 0, 8);
	tcase_add_test(tc, failure_without_provisional);
	tcase_add_test(tc, failure_again_is_acked_again);
	tcase_add_loop_test(tc, a_refusal_is_told_with_its_sender, 0, 12);
	tcase_add_test(tc, redirection_is_not_followed);
	tcase_add_loop_test(tc, a_challenge_is_never_relayed, 0, 2);
	tcase_add_test(tc, no_answer_at_all);
	tcase_add_test(tc, it_rings_for_too_long);
	tcase_add_test(tc, only_100_and_then_silence);
	tcase_add_test(tc, sip_ring_is_obeyed);
	tcase_add_test(tc, icmp_says_that_nobody_is_there);
	tcase_add_test(tc, icmp_after_a_provisional_means_nothing);
	tcase_add_test(tc, the_invite_cannot_be_sent);
	tcase_add_test(tc, the_invite_again_cannot_be_sent);
	tcase_add_test(tc, the_stream_to_the_callee_is_lost_while_it_rings);
	tcase_add_test(
	    tc, the_stream_to_the_callee_is_lost_while_it_is_cancelled);
	tcase_add_test(tc, the_200_to_the_caller_is_never_sent);
	tcase_add_test(tc, the_200_to_the_caller_finds_no_way);
	tcase_add_test(tc, provisionals_with_and_without_sdp);
	tcase_add_test(tc, forks_that_ring_are_one_to_the_caller);
	tcase_add_test(tc, a_second_fork_that_answers_is_hung_up);
	tcase_add_test(tc, a_200_after_the_call_is_gone);
	tcase_add_test(tc, a_second_fork_with_a_private_contact);
	tcase_add_test(tc, a_fork_that_lost_our_tag);
	tcase_add_test(tc, a_fork_whose_from_comes_back_folded);
	tcase_add_test(tc, a_200_that_is_too_big_for_the_caller);
	tcase_add_test(tc, a_failure_that_is_too_big_for_the_caller);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
