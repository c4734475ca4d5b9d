/* Reason headers: what a peer says of the end, to whom
 * it goes, what it decides. */

#include <stdio.h>

#include "call_world.h"

#define ELSEWHERE "SIP;cause=200;text=\"Call completed elsewhere\""

/* --- failures --- */

START_TEST(a_failure_keeps_its_status_and_its_causes)
{
	begin();
	ringing();
	answer(w->invite, "500 Server Internal Error",
	    "Reason: SIP;cause=486\nReason: q.850 ;cause=17;text=\"Busy, now\"\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 500 ", "Reason: SIP;cause=486\r\n",
	    "Reason: q.850 ;cause=17;text=\"Busy, now\"\r\n", "!Q.850;cause=41");
	ck_ended("refused");
	ck_noted("CALL-CAUSE", "the callee says: user busy (Q.850 cause 17)");
	ck_noted("CALL-CAUSE",
	    "SIP;cause=486, q.850 ;cause=17;text=\"Busy, now\"");
	ck_noted("CALL-ENDED", "a failure: user busy (Q.850 cause 17)");
	finish();
}
END_TEST

static const struct {
	const char *status_line;
	const char *reason; /* in full; NULL: none */
} failures[] = {
	{ "404 Not Found", "Reason: Q.850;cause=1\r\n" },
	{ "408 Request Timeout", "Reason: Q.850;cause=102\r\n" },
	{ "480 Temporarily Unavailable", "Reason: Q.850;cause=18\r\n" },
	{ "486 Busy Here", "Reason: Q.850;cause=17\r\n" },
	{ "503 Service Unavailable", "Reason: Q.850;cause=41\r\n" },
	{ "603 Decline", "Reason: Q.850;cause=21\r\n" },
	{ "699 Odd", NULL },
};

START_TEST(a_failure_without_a_cause_gets_that_of_its_status)
{
	begin();
	ringing();
	answer(w->invite, failures[_i].status_line, "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 ",
	    failures[_i].reason == NULL ? "!Reason" : failures[_i].reason);
	/* Ours says nothing that the status does not. */
	ck_not_noted("CALL-CAUSE");
	finish();
}
END_TEST

START_TEST(a_reason_that_makes_no_sense_passes_and_means_nothing)
{
	begin();
	ringing();
	answer(w->invite, "486 Busy Here", "Reason: Q.850;cause=busy\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ", "Reason: Q.850;cause=busy\r\n");
	ck_not_noted("CALL-CAUSE");
	finish();
}
END_TEST

/* No one here follows it: what the caller gets is ours to choose. */
START_TEST(the_cause_of_a_redirection_decides_the_status)
{
	begin();
	ringing();
	answer(w->invite, "302 Moved Temporarily", "Reason: Q.850;cause=17\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ", "Reason: Q.850;cause=17\r\n",
	    "Warning: 399 ", "RSP-OTHER");
	ck_ended("redirected");
	ck_noted("CALL-CAUSE", "user busy");
	finish();
}
END_TEST

/* --- CANCEL, and BYE before the answer --- */

static const struct {
	const char *reason;
	const char *status; /* to the caller */
	const char *said;   /* in the journal; NULL: nothing */
} taken_back[] = {
	{ "Q.850;cause=1", "SIP/2.0 404 ", "unallocated number" },
	{ "Q.850;cause=17", "SIP/2.0 486 ", "user busy (Q.850 cause 17)" },
	{ "Q.850;cause=18", "SIP/2.0 408 ", "no user responding" },
	{ "Q.850;cause=21", "SIP/2.0 403 ", "call rejected" },
	{ "Q.850;cause=34", "SIP/2.0 503 ", "no circuit available" },
	{ "Q.850;cause=102;text=\"timer\"", "SIP/2.0 504 ", "timer expiry" },
	/* These say no more than the CANCEL itself. */
	{ "Q.850;cause=16", "SIP/2.0 487 ", NULL },
	{ "Q.850;cause=26", "SIP/2.0 487 ", "non-selected user clearing" },
	{ "Q.850;cause=31", "SIP/2.0 487 ", "normal, unspecified" },
	/* Of these no status is known. */
	{ "Q.850;cause=25", "SIP/2.0 487 ", "exchange routing error" },
	{ "Q.850;cause=99", "SIP/2.0 487 ", "the caller says: Q.850 cause 99" },
	{ "Q.850", "SIP/2.0 487 ", NULL },
	{ "SIP;cause=600", "SIP/2.0 487 ", "SIP cause 600" },
	/* Taken back because it was a success. */
	{ ELSEWHERE, "SIP/2.0 487 ", "SIP cause 200" },
	{ "Q.850;cause=17, " ELSEWHERE, "SIP/2.0 487 ", "user busy" },
};

static void
heard_by_the_caller(size_t i)
{
	char passed[128];

	snprintf(passed, sizeof(passed), "Reason: %s\r\n", taken_back[i].reason);
	hear_failure(taken_back[i].status, "CSeq: 1 INVITE\r\n");
	answer(hear(CALLEE, "CANCEL ", passed), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	if (taken_back[i].said == NULL)
		ck_not_noted("CALL-CAUSE");
	else
		ck_noted("CALL-CAUSE", taken_back[i].said);
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 0);
	finish();
}

static const char *
field(size_t i)
{
	static char text[128];

	snprintf(text, sizeof(text), "Reason: %s\n", taken_back[i].reason);
	return text;
}

START_TEST(the_cause_of_a_cancel_decides_the_status)
{
	begin();
	ringing();
	cancel(CALLER, field(_i));
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 1 CANCEL\r\n");
	heard_by_the_caller(_i);
}
END_TEST

START_TEST(the_cause_of_an_early_bye_decides_the_status)
{
	begin();
	ringing();
	ask(CALLER, "BYE", field(_i));
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 2 BYE\r\n");
	heard_by_the_caller(_i);
}
END_TEST

START_TEST(every_reason_of_a_cancel_passes_on_one_line)
{
	begin();
	ringing();
	cancel(CALLER,
	    "Reason: SIP;cause=200\n ;text=\"Call completed elsewhere\"\n"
	    "Reason: Q.850;cause=26\n");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL ",
		   "\r\nReason: SIP;cause=200 ;text=\"Call completed "
		   "elsewhere\", Q.850;cause=26\r\n"),
	    "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(a_reason_of_any_length_leaves_the_cancel_alone)
{
	char fields[1200];
	int n = snprintf(fields, sizeof(fields), "Reason: Q.850;cause=16;text=\"");

	memset(fields + n, 'x', sizeof(fields) - (size_t)n);
	strcpy(fields + sizeof(fields) - 3, "\"\n");
	begin();
	ringing();
	cancel(CALLER, fields);
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL ", "Reason: Q.850;cause=16;text=\"", "!xxx"),
	    "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

/* --- BYE --- */

START_TEST(the_cause_of_a_bye_names_the_end)
{
	enum side from = _i == 0 ? CALLER : CALLEE;
	enum side to = _i == 0 ? CALLEE : CALLER;

	begin();
	up();
	ask(from, "BYE", "Reason: Q.850;cause=38;text=\"out of order\"\n");
	hear(from, "SIP/2.0 200 ");
	answer(hear(to, "BYE ",
		   "Reason: Q.850;cause=38;text=\"out of order\"\r\n"),
	    "200 OK", "");
	ck_ended(_i == 0 ? "caller-hung-up" : "callee-hung-up");
	ck_noted("CALL-CAUSE", _i == 0
		? "the caller says: network out of order (Q.850 cause 38)"
		: "the callee says: network out of order (Q.850 cause 38)");
	ck_noted("CALL-ENDED",
	    "hung up: network out of order (Q.850 cause 38)");
	finish();
}
END_TEST

/* RFC 3261 section 15: the caller has no BYE before its ACK, and the callee's
 * is no longer at hand then. */
START_TEST(the_cause_of_a_bye_waits_for_the_ack)
{
	static const char *const reasons[][2] = {
		{ "Reason: Q.850;cause=38;text=\"no line\"\n",
		    "Reason: Q.850;cause=38;text=\"network out of order\"\r\n" },
		{ "Reason: SIP;cause=503, Q.850;cause=99\n",
		    "Reason: Q.850;cause=99, SIP;cause=503\r\n" },
		{ "Reason: SIP;cause=503\n", "Reason: SIP;cause=503\r\n" },
		{ "", "!Reason" },
	};

	begin();
	ringing();
	accept_invite(ANSWER);
	ask(CALLEE, "BYE", reasons[_i][0]);
	hear(CALLEE, "SIP/2.0 200 ");
	hear_nothing();
	ack(CALLER, "");
	answer(hear(CALLER, "BYE ", reasons[_i][1]), "200 OK", "");
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

START_TEST(normal_clearing_is_no_news)
{
	begin();
	up();
	ask(CALLEE, "BYE", "Reason: Q.850;cause=16\n");
	hear(CALLEE, "SIP/2.0 200 ");
	answer(hear(CALLER, "BYE ", "Reason: Q.850;cause=16\r\n"), "200 OK", "");
	ck_not_noted("CALL-CAUSE");
	ck_noted("CALL-ENDED",
	    "the callee hung up: normal call clearing (Q.850 cause 16)");
	finish();
}
END_TEST

START_TEST(the_first_cause_stays)
{
	const struct replay_sent *bye;

	begin();
	up();
	ask(CALLEE, "BYE", "Reason: Q.850;cause=27\n");
	hear(CALLEE, "SIP/2.0 200 ");
	bye = hear(CALLER, "BYE ");
	ask(CALLER, "BYE", "Reason: Q.850;cause=47\n");
	hear(CALLER, "SIP/2.0 200 ");
	answer(bye, "200 OK", "");
	ck_noted("CALL-ENDED", "destination out of order (Q.850 cause 27)");
	ck_assert_uint_eq(noted("CALL-CAUSE", NULL), 1);
	finish();
}
END_TEST

/* --- inside of the call --- */

START_TEST(the_cause_of_a_lost_dialog)
{
	const struct replay_sent *bye;

	begin();
	up();
	ask(CALLER, "INFO", "");
	answer(hear(CALLEE, "INFO "), "481 Gone", "Reason: Q.850;cause=27\n");
	hear(CALLER, "SIP/2.0 481 ", "Reason: Q.850;cause=27\r\n");
	bye = hear(CALLER, "BYE ", "Reason: Q.850;cause=27\r\n");
	answer(bye, "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("dialog-lost");
	ck_noted("CALL-CAUSE", "the callee says: destination out of order");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("Reason");
	TCase *tc = tcase_create("reason");

	tcase_add_test(tc, a_failure_keeps_its_status_and_its_causes);
	tcase_add_loop_test(tc,
	    a_failure_without_a_cause_gets_that_of_its_status, 0,
	    ARRAY_LEN(failures));
	tcase_add_test(
	    tc, a_reason_that_makes_no_sense_passes_and_means_nothing);
	tcase_add_test(tc, the_cause_of_a_redirection_decides_the_status);
	tcase_add_loop_test(tc, the_cause_of_a_cancel_decides_the_status, 0,
	    ARRAY_LEN(taken_back));
	tcase_add_loop_test(tc, the_cause_of_an_early_bye_decides_the_status, 0,
	    ARRAY_LEN(taken_back));
	tcase_add_test(tc, every_reason_of_a_cancel_passes_on_one_line);
	tcase_add_test(tc, a_reason_of_any_length_leaves_the_cancel_alone);
	tcase_add_loop_test(tc, the_cause_of_a_bye_names_the_end, 0, 2);
	tcase_add_loop_test(tc, the_cause_of_a_bye_waits_for_the_ack, 0, 4);
	tcase_add_test(tc, normal_clearing_is_no_news);
	tcase_add_test(tc, the_first_cause_stays);
	tcase_add_test(tc, the_cause_of_a_lost_dialog);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
