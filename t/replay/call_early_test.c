/* What a caller is shown before the answer: forks,
 * ringing, and what is required. */

#include <stdio.h>

#include "call_world.h"

#define OTHER_ANSWER  SDP_PORT("198.51.100.21", "7000")
#define OTHER_ANSWERS "m=audio 7000"

static void
pbx_wants(const char *options)
{
	begin_with(&(struct world_options){ .pbx = options });
	trying();
}

static void
fork_says(const char *status_line, const char *tag, const char *fields)
{
	char all[4096];

	snprintf(all, sizeof(all), "Contact: <sip:%s@" CARRIER ">\n%s", tag,
	    fields);
	answer_as(w->invite, status_line, tag, all);
}

/* --- forks --- */

START_TEST(forks_are_one_to_the_caller)
{
	const struct replay_sent *first, *r;

	pbx_wants("");
	fork_says("180 Ringing", "a", "");
	first = hear(CALLER, "SIP/2.0 180 ");
	ck_not_noted("DLG-FORKED-18x");
	fork_says("183 Session Progress", "b", ANSWER);
	r = hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	ck_assert(span_eq(first->view.to_tag, r->view.to_tag));
	fork_says("183 Session Progress", "a", OTHER_ANSWER);
	r = hear(CALLER, "SIP/2.0 183 ", "!m=audio", "!Content-Type",
	    "Content-Length: 0\r\n");
	ck_assert(span_eq(first->view.to_tag, r->view.to_tag));
	fork_says("183 Session Progress", "b", ANSWER);
	hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	ck_assert_uint_eq(noted("DLG-FORKED-18x", NULL), 1);
	fork_says("200 OK", "a", OTHER_ANSWER);
	hear(CALLEE, "ACK sip:a@", ";tag=a\r\n");
	r = hear(CALLER, "SIP/2.0 200 ", OTHER_ANSWERS);
	ck_assert(span_eq(first->view.to_tag, r->view.to_tag));
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE sip:a@"), "200 OK", "");
	finish();
}
END_TEST

START_TEST(forks_that_are_kept_have_tags_of_their_own)
{
	const struct replay_sent *a, *b, *r;

	pbx_wants("forks = \"keep\";");
	fork_says("183 Session Progress", "a", ANSWER);
	a = hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	fork_says("183 Session Progress", "b", OTHER_ANSWER);
	b = hear(CALLER, "SIP/2.0 183 ", OTHER_ANSWERS);
	ck_assert(!span_eq(a->view.to_tag, b->view.to_tag));
	fork_says("180 Ringing", "a", "");
	r = hear(CALLER, "SIP/2.0 180 ");
	ck_assert(span_eq(a->view.to_tag, r->view.to_tag));
	ck_assert_uint_eq(noted("DLG-FORKED-18x", NULL), 1);
	w->peer[CALLER].our_tag[0] = '\0';
	fork_says("200 OK", "b", OTHER_ANSWER);
	hear(CALLEE, "ACK sip:b@", ";tag=b\r\n");
	r = hear(CALLER, "SIP/2.0 200 ", OTHER_ANSWERS);
	ck_assert(span_eq(b->view.to_tag, r->view.to_tag));
	ack(CALLER, "");
	w->peer[CALLEE].tag = "b";
	ask(CALLEE, "INFO", "");
	answer(hear(CALLER, "INFO ", w->peer[CALLER].our_tag), "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE sip:b@"), "200 OK", "");
	finish();
}
END_TEST

/* RFC 6228: the caller's one early dialog stands for what rings on. */
START_TEST(a_fork_that_ends_is_not_told_of)
{
	pbx_wants(_i == 0 ? "" : "forks = \"keep\";");
	fork_says("183 Session Progress", "a", ANSWER);
	hear(CALLER, "SIP/2.0 183 ");
	fork_says("180 Ringing", "b", "");
	hear(CALLER, "SIP/2.0 180 ");
	fork_says("199 Early Dialog Terminated", "a", "");
	hear_nothing();
	w->peer[CALLER].our_tag[0] = '\0';
	fork_says("200 OK", "b", OTHER_ANSWER);
	hear(CALLEE, "ACK sip:b@", ";tag=b\r\n");
	hear(CALLER, "SIP/2.0 200 ", OTHER_ANSWERS);
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE sip:b@"), "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_kept_fork_is_hung_up_early)
{
	pbx_wants("forks = \"keep\";");
	fork_says("180 Ringing", "a", "");
	hear(CALLER, "SIP/2.0 180 ");
	w->peer[CALLER].our_tag[0] = '\0';
	fork_says("180 Ringing", "b", "");
	hear(CALLER, "SIP/2.0 180 ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "BYE");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

START_TEST(a_tag_that_is_nearly_ours)
{
	begin();
	ringing();
	strcat(w->peer[CALLER].our_tag, "-x");
	ask(CALLER, "INFO", "");
	hear(CALLER, "SIP/2.0 491 ");
	w->peer[CALLER].our_tag[strlen(w->peer[CALLER].our_tag) - 2] = 'y';
	ask(CALLER, "INFO", "");
	hear(CALLER, "SIP/2.0 481 ");
	w->peer[CALLER].our_tag[strlen(w->peer[CALLER].our_tag) - 2] = '\0';
	accept_invite(ANSWER);
	ack(CALLER, "");
	strcat(w->peer[CALLER].our_tag, "-1");
	ask(CALLER, "INFO", "");
	hear(CALLER, "SIP/2.0 481 ");
	w->peer[CALLER].our_tag[strlen(w->peer[CALLER].our_tag) - 2] = '\0';
	hang_up();
	finish();
}
END_TEST

START_TEST(kept_forks_and_prack_are_one)
{
	const struct replay_sent *a, *b;

	begin_with(&(struct world_options){ .pbx = "forks = \"keep\";" });
	invite("Require: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	fork_says("180 Ringing", "a", "");
	a = hear(CALLER, "SIP/2.0 180 ", "RSeq: ");
	fork_says("183 Session Progress", "b", ANSWER);
	hear_nothing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	b = hear(CALLER, "SIP/2.0 487 ");
	ck_assert(span_eq(a->view.to_tag, b->view.to_tag));
	ack_failure(CALLER);
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

/* --- 180 and 183 --- */

static const struct {
	const char *wants, *status_line, *fields, *to_caller;
	bool noted;
} forms[] = {
	{ "keep", "183 Session Progress", "", "SIP/2.0 183 ", false },
	{ "180", "183 Session Progress", "", "SIP/2.0 180 Ringing\r\n", true },
	{ "180", "183 Session Progress", ANSWER, "SIP/2.0 183 ", false },
	{ "180", "180 Ringing", "", "SIP/2.0 180 ", false },
	{ "180", "182 Queued", "", "SIP/2.0 182 ", false },
	{ "183", "180 Ringing", "", "SIP/2.0 183 Session Progress\r\n", true },
	{ "183", "180 Ringing", ANSWER, "SIP/2.0 183 ", true },
	{ "183", "183 Session Progress", ANSWER, "SIP/2.0 183 ", false },
	{ "183", "181 Forwarded", "", "SIP/2.0 181 Forwarded\r\n", false },
};

START_TEST(ringing_is_what_the_caller_wants)
{
	char options[64];

	snprintf(
	    options, sizeof(options), "ringing = \"%s\";", forms[_i].wants);
	pbx_wants(options);
	answer(w->invite, forms[_i].status_line, forms[_i].fields);
	hear(CALLER, forms[_i].to_caller,
	    forms[_i].fields[0] == '\0' ? "!m=audio" : ANSWERS);
	ck_assert_uint_eq(noted("DLG-RINGING", NULL), forms[_i].noted);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_183_whose_sdp_is_not_shown_rings)
{
	pbx_wants("ringing = \"180\";");
	fork_says("183 Session Progress", "a", ANSWER);
	hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	fork_says("183 Session Progress", "b", OTHER_ANSWER);
	hear(CALLER, "SIP/2.0 180 ", "!m=audio");
	fork_says("200 OK", "b", OTHER_ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", OTHER_ANSWERS);
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

/* --- our own 180 --- */

#define AFTER "ringing_after = \"3s\";"

START_TEST(it_rings_here_when_the_callee_thinks)
{
	pbx_wants(AFTER);
	wait_ms(2999);
	replay_skip(&w->net); /* the INVITE again */
	wait_ms(1);
	hear(CALLER, "SIP/2.0 180 Ringing\r\n", "Contact: <sip:192.0.2.1>\r\n");
	ck_noted("TEL-180-TIMER", "180 Ringing");
	answer(w->invite, "183 Session Progress", ANSWER);
	hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(it_does_not_when_the_callee_has_rung)
{
	pbx_wants(AFTER);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	wait_ms(10000);
	hear_nothing();
	ck_not_noted("TEL-180-TIMER");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_100_is_no_ringing)
{
	pbx_wants(AFTER);
	answer(w->invite, "100 Trying", "");
	wait_ms(3000);
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(it_does_not_when_all_is_over)
{
	pbx_wants(AFTER);
	answer(w->invite, "100 Trying", "");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	hear(CALLEE, "CANCEL ");
	wait_ms(10000);
	replay_skip(&w->net);
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	wait_ms(T1_64);
	replay_skip(&w->net);
	finish();
}
END_TEST

START_TEST(it_does_not_when_the_call_is_answered)
{
	pbx_wants(AFTER);
	accept_invite(ANSWER);
	ack(CALLER, "");
	wait_ms(10000);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(our_own_180_is_reliable_where_it_has_to_be)
{
	const struct replay_sent *r;
	char fields[64];

	begin_with(&(struct world_options){ .pbx = AFTER });
	invite("Require: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "100 Trying", "");
	wait_ms(3000);
	r = hear(CALLER, "SIP/2.0 180 ", "Require: 100rel\r\n");
	wait_ms(500);
	hear(CALLER, "SIP/2.0 180 ");
	snprintf(fields, sizeof(fields), "RAck: %.*s 1 INVITE\n",
	    SPAN_ARG(value_of(r, SIP_RSEQ)));
	ask(CALLER, "PRACK", fields);
	hear(CALLER, "SIP/2.0 200 ", "PRACK");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(none_where_it_could_not_be_reliable)
{
	begin_with(&(struct world_options){ .pbx = AFTER });
	invite("Require: 100rel\n");
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "100 Trying", "");
	wait_ms(4000);
	hear_nothing();
	ck_not_noted("TEL-180-TIMER");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(the_callee_is_asked_again_after_our_own_180)
{
	pbx_wants(AFTER);
	answer(w->invite, "100 Trying", "");
	wait_ms(3000);
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", "CSeq: 2 INVITE\r\n");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

/* --- what is required --- */

START_TEST(what_nobody_does_is_refused)
{
	begin();
	invite("Require: x-one, 100rel, timerx\nProxy-Require: x-two\n" OFFER);
	hear_failure("SIP/2.0 420 ", "Unsupported: x-one, timerx, x-two\r\n",
	    "EXT-UNSUPPORTED");
	hear_nothing();
	finish();
}
END_TEST

START_TEST(what_nobody_does_is_offered_by_option)
{
	begin_with(&(struct world_options){ .pbx = "require = \"supported\";",
	    .carrier = "prack = \"supported\";" });
	invite("Require: x-one, 100rel\nRequire: X-Two\n" OFFER);
	hear(CALLEE, "INVITE ", "Supported: 100rel, replaces, timer\r\n",
	    "Supported: x-one, X-Two\r\n", "!Require");
	hear(CALLER, "SIP/2.0 100 ");
	ck_noted("MSG-REQUIRE", "x-one, X-Two");
	answer(w->invite, "420 Bad Extension", "Unsupported: x-two\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", "Supported: x-one\r\n", "!Two", "!Require");
	accept_invite(ANSWER);
	ack(CALLER, "");
	ask(CALLER, "INFO", "Require: x-one\n");
	answer(hear(CALLEE, "INFO ", "Supported: x-one\r\n", "!Require"),
	    "200 OK", "");
	hear(CALLER, "SIP/2.0 200 ");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_proxy_is_nothing_that_we_are)
{
	begin_with(
	    &(struct world_options){ .pbx = "require = \"supported\";" });
	invite("Proxy-Require: x-two\n" OFFER);
	hear_failure("SIP/2.0 420 ", "Unsupported: x-two\r\n");
	say(CALLER,
	    "OPTIONS sip:" US_IN " SIP/2.0\nVia: SIP/2.0/UDP " PBX
	    ";branch=z9hG4bKo\nMax-Forwards: 70\nFrom: <sip:a@b>;tag=1\n"
	    "To: <sip:" US_IN ">\nCall-ID: o\nCSeq: 1 OPTIONS\n"
	    "Require: x-one\n");
	hear(CALLER, "SIP/2.0 420 ", "Unsupported: x-one\r\n");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("before the answer");
	TCase *tc = tcase_create("early");

	tcase_add_test(tc, forks_are_one_to_the_caller);
	tcase_add_test(tc, forks_that_are_kept_have_tags_of_their_own);
	tcase_add_loop_test(tc, a_fork_that_ends_is_not_told_of, 0, 2);
	tcase_add_test(tc, a_kept_fork_is_hung_up_early);
	tcase_add_test(tc, a_tag_that_is_nearly_ours);
	tcase_add_test(tc, kept_forks_and_prack_are_one);
	tcase_add_loop_test(
	    tc, ringing_is_what_the_caller_wants, 0, ARRAY_LEN(forms));
	tcase_add_test(tc, a_183_whose_sdp_is_not_shown_rings);
	tcase_add_test(tc, it_rings_here_when_the_callee_thinks);
	tcase_add_test(tc, it_does_not_when_the_callee_has_rung);
	tcase_add_test(tc, a_100_is_no_ringing);
	tcase_add_test(tc, it_does_not_when_all_is_over);
	tcase_add_test(tc, it_does_not_when_the_call_is_answered);
	tcase_add_test(tc, our_own_180_is_reliable_where_it_has_to_be);
	tcase_add_test(tc, none_where_it_could_not_be_reliable);
	tcase_add_test(tc, the_callee_is_asked_again_after_our_own_180);
	tcase_add_test(tc, what_nobody_does_is_refused);
	tcase_add_test(tc, what_nobody_does_is_offered_by_option);
	tcase_add_test(tc, a_proxy_is_nothing_that_we_are);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
