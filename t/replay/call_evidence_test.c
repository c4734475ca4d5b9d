/* What failing peers say, and the moments at which calls drop. */

#include "call_world.h"

#define INTERVAL "Session-Expires: 90;refresher=uac\n"
#define MS "ms-diagnostics: 10014;reason=\"Gateway\";component=\"MS\"\n"

START_TEST(a_bye_explains_itself_beside_the_other_leg)
{
	begin();
	up();
	ask(CALLER, "INFO", "");
	answer(hear(CALLEE, "INFO "), "405 Method Not Allowed", "");
	hear(CALLER, "SIP/2.0 405 ");
	wait_ms(200);
	ask(CALLER, "BYE", MS);
	hear(CALLER, "SIP/2.0 200 ");
	/* Answers to our BYE say nothing of the end. */
	answer(hear(CALLEE, "BYE "), "481 Gone", "Warning: 399 x \"later\"\n");
	ck_noted("MSD",
	    "ms-diagnostics 10014 \"Gateway\" (MS), 200 ms after carrier's 405 "
	    "to INFO");
	ck_assert_uint_eq(noted("MSD", NULL), 1);
	ck_noted("CALL-ENDED",
	    "pbx's BYE: ms-diagnostics 10014 \"Gateway\" (MS), 200 ms after "
	    "carrier's 405 to INFO");
	ck_assert_uint_eq(noted("CALL-ENDED", "later"), 0);
	finish();
}
END_TEST

START_TEST(a_failure_of_the_invite_explains_itself)
{
	begin();
	ringing();
	wait_ms(12345);
	answer(w->invite, "503 Service Unavailable",
	    "Warning: 399 gw \"no trunk\"\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 503 ");
	ck_noted("CALL-ENDED",
	    "carrier's 503 to INVITE: Warning 399 \"no trunk\", 12 s after "
	    "pbx's INVITE");
	ck_not_noted("MSD");
	finish();
}
END_TEST

START_TEST(a_cancel_explains_itself)
{
	begin();
	ringing();
	cancel(CALLER, MS);
	hear(CALLER, "SIP/2.0 200 ", "CANCEL");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", MS);
	hear(CALLEE, "ACK ");
	ck_noted("MSD", "ms after carrier's 180 to INVITE");
	ck_noted("CALL-ENDED", "pbx's CANCEL: ms-diagnostics 10014");
	finish();
}
END_TEST

START_TEST(a_failure_inside_is_kept_until_the_end)
{
	begin();
	up();
	ask(CALLEE, "INFO", "");
	answer(hear(CALLER, "INFO "), "500 No", MS);
	hear(CALLEE, "SIP/2.0 500 ");
	ck_noted("MSD", "after carrier's INFO");
	hang_up();
	ck_noted("CALL-ENDED", "pbx's 500 to INFO: ms-diagnostics 10014");
	finish();
}
END_TEST

static void
hung_up_by(enum side side)
{
	enum side other = side == CALLER ? CALLEE : CALLER;

	ask(side, "BYE", "");
	hear(side, "SIP/2.0 200 ");
	answer(hear(other, "BYE "), "200 OK", "");
}

static const struct {
	uint64_t talked;
	enum side by;
	const char *sentence; /* NULL: none */
} drops[] = {
	{ 1000, CALLER, NULL },
	{ 30000, CALLER, "ended by the caller (pbx) after 30.0 s: a watchdog" },
	{ 32000, CALLEE, "ended by the callee (carrier) after 32.0 s: as one" },
	{ 32000, CALLER, "its own was here, one behind it got lost" },
	{ 300000, CALLER, "after 300.0 s: 5 minutes" },
	{ 600000, CALLEE, "after 600.0 s: 10 minutes" },
	{ 900000, CALLER, "after 900.0 s: 15 minutes" },
	{ 1799000, CALLEE, "after 1799.0 s: 30 minutes" },
	{ 3600000, CALLER, "after 3600.0 s: 60 minutes" },
	{ 700000, CALLER, NULL },
};

START_TEST(a_moment_names_its_timer)
{
	begin();
	up();
	wait_ms(drops[_i].talked);
	hung_up_by(drops[_i].by);
	if (drops[_i].sentence == NULL)
		ck_not_noted("DLG-DROP-TIME");
	else
		ck_noted("DLG-DROP-TIME", drops[_i].sentence);
	finish();
}
END_TEST

static const struct {
	uint64_t talked;
	const char *sentence; /* NULL: none */
} sessions[] = {
	{ 90000, "the whole of the Session-Expires (90 s) that the callee" },
	{ 60000, "what a missed refresh leaves of the Session-Expires (90 s)" },
	{ 46000, "half of the Session-Expires (90 s) that the callee" },
	{ 75000, NULL },
};

START_TEST(a_session_that_is_not_refreshed)
{
	begin();
	ringing();
	accept_invite(INTERVAL ANSWER);
	ack(CALLER, "");
	/* It answers our refresh, and drops the call all the same. */
	wait_ms(45500);
	answer(hear(CALLEE, "INVITE "), "200 OK", INTERVAL ANSWER);
	hear(CALLEE, "ACK ");
	wait_ms(sessions[_i].talked - 45500);
	hung_up_by(CALLEE);
	if (sessions[_i].sentence == NULL)
		ck_not_noted("DLG-DROP-TIME");
	else
		ck_noted("DLG-DROP-TIME", sessions[_i].sentence);
	finish();
}
END_TEST

START_TEST(nobody_acks)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	wait_ms(2 * T1_64 + 600);
	replay_skip(&w->net);
	ck_noted("DLG-DROP-TIME",
	    "ended by us after 32.0 s: the 200 OK was never ACKed");
	abandon();
}
END_TEST

START_TEST(the_caller_gives_up_without_an_ack)
{
	begin();
	ringing();
	accept_invite(ANSWER);
	wait_ms(T1_64 - 500);
	replay_skip(&w->net);
	ask(CALLER, "BYE", "");
	wait_ms(T1_64 + 300);
	replay_skip(&w->net);
	ck_noted("DLG-DROP-TIME",
	    "ended by the caller (pbx) after 31.5 s: the 200 OK was never "
	    "ACKed");
	abandon();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("evidence of an end");
	TCase *tc = tcase_create("evidence");

	tcase_add_test(tc, a_bye_explains_itself_beside_the_other_leg);
	tcase_add_test(tc, a_failure_of_the_invite_explains_itself);
	tcase_add_test(tc, a_cancel_explains_itself);
	tcase_add_test(tc, a_failure_inside_is_kept_until_the_end);
	tcase_add_loop_test(tc, a_moment_names_its_timer, 0, ARRAY_LEN(drops));
	tcase_add_loop_test(
	    tc, a_session_that_is_not_refreshed, 0, ARRAY_LEN(sessions));
	tcase_add_test(tc, nobody_acks);
	tcase_add_test(tc, the_caller_gives_up_without_an_ack);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
