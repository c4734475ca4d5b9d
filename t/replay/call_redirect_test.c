/* A callee that says where else the call should go: 3xx. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

#define FIRST  "+442079460001"
#define SECOND "+442079460002"
#define THIRD  "+442079460003"
#define AT_CARRIER "@203.0.113.9"
#define MOVED  "302 Moved Temporarily"

static void
begin_following(const char *routes)
{
	begin_with(&(struct world_options){
	    .carrier = "redirect = \"follow\";", .routes = routes });
}

static void
begin_relaying(const char *routes)
{
	begin_with(&(struct world_options){
	    .carrier = "redirect = \"relay\";", .routes = routes });
}

/* The callee's failure, and our ACK to it. */
static void
fails(const char *status_line, const char *fields)
{
	answer_as(w->invite, status_line, "callee-tag", fields);
	hear(CALLEE, "ACK ");
}

static void
moved_to(const char *contact)
{
	char fields[512];

	snprintf(fields, sizeof(fields), "Contact: %s\n", contact);
	fails(MOVED, fields);
}

#define hear_target(number, ...)                                               \
	hear(CALLEE, "INVITE sip:" number "@", OFFERS, ##__VA_ARGS__)

static unsigned
counted(const char *trunk)
{
	return trunk_find(w->trunks, span_of(trunk))->state->calls;
}

/* Answered by whoever is asked now, and hung up. */
static void
goes_well(void)
{
	accept_invite(ANSWER);
	ack(CALLER, "");
	ck_assert_uint_eq(counted("carrier"), 1);
	ck_assert_uint_eq(calls_legs(w->calls), 2);
	hang_up();
	ck_ended("caller-hung-up");
	finish();
}

/* --- follow --- */

START_TEST(followed_to_the_number_alone)
{
	const struct replay_sent *first;

	begin_following(NULL);
	trying();
	first = w->invite;
	moved_to("\"B\" <sip:" FIRST AT_CARRIER ":5999;x=y?Subject=no>;z=1");
	hear_target(FIRST, "To: <sip:" FIRST "@", "!203.0.113.9", "!Subject",
	    "!x=y", "CSeq: 1 INVITE\r\n",
	    "Diversion: <sip:+442079460000@" US_OUT ">;reason=unconditional"
	    ";counter=1;privacy=off\r\n");
	hear_nothing();
	ck_assert(!span_eq(first->view.call_id, w->invite->view.call_id));
	ck_assert(span_starts(w->invite->msg.uri, SPAN("sip:" FIRST "@")));
	ck_noted("RTE-REDIRECTED", "carrier answered 302");
	ck_assert_uint_eq(noted("CALL-LEGS", NULL), 3);
	ck_assert_uint_eq(counted("carrier"), 1);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 Ringing\r\n");
	goes_well();
}
END_TEST

START_TEST(which_statuses_are_followed)
{
	static const char *const lines[] = { "300 Multiple Choices",
		"301 Moved Permanently", MOVED, "399 Odd" };

	begin_following(NULL);
	trying();
	fails(lines[_i], "Contact: <sip:" FIRST AT_CARRIER ">\n");
	hear_target(FIRST);
	goes_well();
}
END_TEST

START_TEST(which_are_not)
{
	static const char *const lines[] = { "305 Use Proxy",
		"380 Alternative Service" };

	begin_following(NULL);
	trying();
	fails(lines[_i], "Contact: <sip:" FIRST AT_CARRIER ">\n");
	hear_failure("SIP/2.0 480 ", "RSP-OTHER", "!Contact");
	ck_noted("RTE-REDIRECTED", "only 300, 301 and 302");
	ck_ended("redirected");
	finish();
}
END_TEST

START_TEST(a_tel_uri)
{
	begin_following(NULL);
	trying();
	moved_to("<tel:" FIRST ";phone-context=x>");
	hear_target(FIRST);
	goes_well();
}
END_TEST

START_TEST(without_a_number_there_is_no_target)
{
	static const char *const contacts[] = { "<sip:203.0.113.9>", "<>", "*",
		"<mailto:a@b>", "<sip:\"x@203.0.113.9>", "" };

	begin_following(NULL);
	trying();
	moved_to(contacts[_i]);
	hear_failure("SIP/2.0 480 ", "RSP-OTHER");
	ck_ended("redirected");
	ck_assert_uint_eq(noted("RTE-REDIRECTED", NULL), *contacts[_i] != 0);
	finish();
}
END_TEST

START_TEST(no_contact_at_all)
{
	begin_following(NULL);
	trying();
	fails(MOVED, "");
	hear_failure("SIP/2.0 480 ", "RSP-OTHER");
	finish();
}
END_TEST

START_TEST(by_the_route_table_alone)
{
	begin_following("{ from = \"pbx\"; to = \"carrier\"; prefix = \"+44\"; }");
	trying();
	moved_to("<sip:+33123456789@198.51.100.20>");
	hear_failure("SIP/2.0 404 ", "RTE-NO-MATCH");
	ck_noted("RTE-NO-MATCH", "+33123456789");
	ck_ended("no-route");
	finish();
}
END_TEST

/* What has a route is asked, whatever else was named. */
START_TEST(one_of_two_has_a_route)
{
	begin_following("{ from = \"pbx\"; to = \"carrier\"; prefix = \"+44\"; }");
	trying();
	moved_to("<sip:+33123456789@x>, <sip:" FIRST "@x>;q=0.1");
	hear_target(FIRST);
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 Busy Here\r\n");
	ck_ended("refused");
	finish();
}
END_TEST

START_TEST(back_to_where_the_call_came_from)
{
	const struct replay_sent *sent;

	begin_following("{ from = \"pbx\"; to = \"pbx\"; prefix = \"" FIRST
			"\"; }, { from = \"pbx\"; to = \"carrier\"; }");
	trying();
	moved_to("<sip:" FIRST AT_CARRIER ">");
	sent = hear(CALLER, "INVITE sip:" FIRST "@", "Diversion: ");
	ck_assert_uint_eq(counted("carrier"), 0);
	ck_assert_uint_eq(counted("pbx"), 2);
	answer(sent, "486 Busy Here", "");
	hear(CALLER, "ACK ");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

/* A trunk with room for one call has it for the call that it redirects. */
START_TEST(the_place_of_the_old_leg_is_free)
{
	begin_with(&(struct world_options){
	    .carrier = "redirect = \"follow\"; max_calls = 1;" });
	trying();
	moved_to("<sip:" FIRST AT_CARRIER ">");
	hear_target(FIRST);
	goes_well();
}
END_TEST

START_TEST(a_trunk_that_is_full)
{
	begin_with(&(struct world_options){
	    .pbx = "max_calls = 1;",
	    .carrier = "redirect = \"follow\";",
	    .routes = "{ from = \"pbx\"; to = \"pbx\"; prefix = \"" FIRST
		      "\"; }, { from = \"pbx\"; to = \"carrier\"; prefix = "
		      "\"+442079460000\"; }" });
	trying();
	moved_to("<sip:" FIRST AT_CARRIER ">");
	hear_failure("SIP/2.0 503 ", "CAP-CONCURRENT");
	ck_noted("CAP-CONCURRENT", FIRST);
	ck_ended("trunk-full");
	finish();
}
END_TEST

/* --- several --- */

START_TEST(in_order_of_q)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" SECOND "@x>;q=0.55, <sip:" THIRD "@x>;q=0.5\n"
		 "Contact: <sip:" FIRST "@x>;q=1.0");
	hear_target(FIRST);
	fails("486 Busy Here", "");
	hear_target(SECOND, "Diversion: <sip:+442079460000@");
	fails("480 Temporarily Unavailable", "");
	hear_target(THIRD);
	fails("404 Not Found", "");
	hear_failure("SIP/2.0 404 Not Found\r\n", "!Warning: 399");
	ck_ended("refused");
	ck_assert_uint_eq(noted("RTE-REDIRECTED", NULL), 3);
	finish();
}
END_TEST

START_TEST(equal_ones_in_their_order)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" THIRD "@x>;q=0, <sip:" FIRST "@x>, <sip:" SECOND
		 "@x>;q=1, <sip:+4420794600044@x>;q=bad");
	hear_target(FIRST);
	fails("486 Busy Here", "");
	hear_target(SECOND);
	fails("486 Busy Here", "");
	hear_target(THIRD);
	goes_well();
}
END_TEST

START_TEST(the_second_one_answers)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>, <sip:" SECOND "@x>");
	hear_target(FIRST);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	fails("486 Busy Here", "Reason: Q.850;cause=17\n");
	hear_target(SECOND);
	hear_nothing();
	goes_well();
}
END_TEST

START_TEST(a_6xx_speaks_for_all)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>, <sip:" SECOND "@x>");
	hear_target(FIRST);
	fails("603 Decline", "");
	hear_failure("SIP/2.0 603 Decline\r\n");
	ck_ended("refused");
	finish();
}
END_TEST

START_TEST(silence_then_the_next)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>, <sip:" SECOND "@x>");
	hear_target(FIRST);
	wait_ms(T1_64 - 300);
	replay_skip(&w->net);
	wait_ms(600);
	hear_target(SECOND);
	goes_well();
}
END_TEST

START_TEST(silence_of_the_last)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST);
	wait_ms(T1_64 + 300);
	replay_skip(&w->net);
	ck_ended("no-reply");
	ack_failure(CALLER);
	finish();
}
END_TEST

START_TEST(a_challenge_and_nobody_else)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST);
	fails("407 Proxy Authentication Required",
	    "Proxy-Authenticate: Digest realm=\"x\"\n");
	hear_failure("SIP/2.0 503 ", "AUTH-CHALLENGED");
	ck_ended("challenged");
	finish();
}
END_TEST

/* --- deeper --- */

START_TEST(twice)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>, <sip:" THIRD "@x>");
	hear_target(FIRST);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	moved_to("<sip:" SECOND "@x>");
	/* RFC 5806: the latest stands first. It rang: a deflection. */
	hear_target(SECOND,
	    "Diversion: <sip:" FIRST "@" US_OUT ">;reason=deflection;counter=1"
	    ";privacy=off, <sip:+442079460000@" US_OUT
	    ">;reason=unconditional;counter=1;privacy=off\r\n");
	fails("486 Busy Here", "");
	/* The alternative of the dialled number: the first has no part in
	 * it. */
	hear_target(THIRD, "Diversion: <sip:+442079460000@", "!" FIRST);
	goes_well();
}
END_TEST

START_TEST(the_reason_that_the_contact_gives)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x;cause=486>");
	hear_target(FIRST, "reason=user-busy", "!cause=486");
	goes_well();
}
END_TEST

START_TEST(round_in_a_loop)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST);
	moved_to("<sip:+442079460000@x>, <sip:" FIRST "@y>");
	hear_failure("SIP/2.0 482 ", "LOOP-DETECTED");
	ck_ended("redirect-loop");
	ck_noted("LOOP-DETECTED", "+442079460000@x");
	finish();
}
END_TEST

START_TEST(to_itself)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:+44-20-7946-0000@x>");
	hear_failure("SIP/2.0 482 ", "LOOP-DETECTED");
	finish();
}
END_TEST

START_TEST(five_and_no_more)
{
	char contact[64];
	unsigned i;

	begin_following(NULL);
	trying();
	for (i = 1; i <= 5; i++) {
		snprintf(contact, sizeof(contact), "<sip:+44207946010%u@x>", i);
		moved_to(contact);
		hear(CALLEE, "INVITE sip:+44207946010");
	}
	moved_to("<sip:" FIRST "@x>");
	hear_failure("SIP/2.0 482 ", "LOOP-DETECTED");
	ck_noted("LOOP-DETECTED", "five numbers");
	ck_assert_uint_eq(noted("RTE-REDIRECTED", NULL), 5);
	finish();
}
END_TEST

START_TEST(six_at_once)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:+4420794601@x>, <sip:+4420794602@x>, <sip:+4420794603@x>,"
		 "<sip:+4420794604@x>, <sip:+4420794605@x>, <sip:" FIRST
		 "@x>;q=0.1");
	hear(CALLEE, "INVITE sip:+4420794601@");
	ck_noted("LOOP-DETECTED", FIRST);
	goes_well();
}
END_TEST

/* --- what the INVITE says --- */

START_TEST(who_diverted_before)
{
	begin_following(NULL);
	invite("Diversion: <sip:+441632960001@pbx>;reason=user-busy\n"
	       "History-Info: <sip:+441632960001@pbx>;index=1,\n"
	       " <sip:+442079460000@pbx;cause=486>;index=1.1\n"
	       "X-Odd: 1\nSubject: lunch\n" OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST, "Subject: lunch\r\n",
	    "Diversion: <sip:+442079460000@" US_OUT
	    ">;reason=unconditional;counter=1;privacy=off, "
	    "<sip:+441632960001@pbx>;reason=user-busy;counter=1;privacy=off\r\n",
	    "History-Info: <sip:+441632960001@pbx>;index=1, "
	    "<sip:+442079460000@" US_OUT ";cause=486>;index=1.1;mp=1, "
	    "<sip:" FIRST "@" US_IN ";user=phone;cause=302>;index=1.1.1;mp=1.1"
	    "\r\n");
	goes_well();
}
END_TEST

/* A caller that dials the emergency number has it, or what it was redirected
 * to, and nothing is added. */
START_TEST(an_emergency_call)
{
	begin_following(NULL);
	say(CALLER,
	    "INVITE sip:112@" US_IN " SIP/2.0\n"
	    "Via: SIP/2.0/UDP " PBX ";branch=z9hG4bKcaller-tag-0;rport\n"
	    "Max-Forwards: 70\n"
	    "From: <sip:a@192.0.2.10>;tag=caller-tag\n"
	    "To: <sip:112@" US_IN ">\n"
	    "Call-ID: callers-own-id@192.0.2.10\n"
	    "CSeq: 1 INVITE\n"
	    "Contact: <sip:pbx@" PBX ">\n" OFFER);
	w->peer[CALLER].invite_cseq = w->peer[CALLER].cseq = 1;
	hear(CALLEE, "INVITE sip:112@");
	hear(CALLER, "SIP/2.0 100 ");
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST, "!Diversion");
	accept_invite(ANSWER);
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(asked_again_in_other_words)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST, "CSeq: 1 INVITE\r\n");
	fails("420 Bad Extension", "Unsupported: x\n");
	hear_target(FIRST, "CSeq: 2 INVITE\r\n", "Diversion: ");
	goes_well();
}
END_TEST

START_TEST(its_policy_knows_that_it_is_diverted)
{
	begin_with(&(struct world_options){
	    .policy = "rules = ( { id = \"a\"; on = \"INVITE\"; "
		      "when = { call = \"diverted\"; }; ensure = \"Subject\"; "
		      "value = \"diverted\"; diagnostic = \"CLI-DIVERTED\"; } "
		      ");",
	    .carrier = "redirect = \"follow\";" });
	invite(OFFER);
	hear(CALLEE, "INVITE ", "!Subject");
	hear(CALLER, "SIP/2.0 100 ");
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST, "Subject: diverted\r\n");
	goes_well();
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

START_TEST(cancelled_after_it)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>, <sip:" SECOND "@x>");
	hear_target(FIRST);
	cancelled();
	hear_nothing();
	answer(w->invite, "100 Trying", "");
	answer(hear(CALLEE, "CANCEL ", "CSeq: 1 CANCEL\r\n"), "200 OK", "");
	fails("487 Request Terminated", "");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(cancelled_before_it)
{
	begin_following(NULL);
	trying();
	answer(w->invite, "100 Trying", "");
	cancelled();
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	moved_to("<sip:" FIRST "@x>");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(cancelled_and_answered)
{
	begin_following(NULL);
	trying();
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	cancelled();
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(hung_up_early)
{
	begin_following(NULL);
	ringing();
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 2 BYE");
	hear(CALLER, "SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	fails("487 Request Terminated", "");
	ack_failure(CALLER);
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

START_TEST(the_redirection_comes_again)
{
	const struct replay_sent *first;

	begin_following(NULL);
	trying();
	first = w->invite;
	moved_to("<sip:" FIRST "@x>");
	hear_target(FIRST);
	answer_as(first, MOVED, "callee-tag", "Contact: <sip:" SECOND "@x>\n");
	hear(CALLEE, "ACK ");
	hear_nothing();
	goes_well();
}
END_TEST

/* The caller has acknowledged the media of a callee that diverts afterwards. */
START_TEST(after_an_answer_that_counts)
{
	const struct replay_sent *r;
	char fields[64];

	begin_following(NULL);
	invite("Require: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "183 Session Progress", ANSWER);
	r = hear(CALLER, "SIP/2.0 183 ", "RSeq: ", ANSWERS);
	snprintf(fields, sizeof(fields), "RAck: %.*s 1 INVITE\n",
	    (int)value_of(r, SIP_RSEQ).n, value_of(r, SIP_RSEQ).p);
	ask(CALLER, "PRACK", fields);
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	moved_to("<sip:" FIRST "@x>");
	hear_failure("SIP/2.0 480 ", "RSP-OTHER");
	ck_noted("RTE-REDIRECTED", "acknowledged the media");
	finish();
}
END_TEST

START_TEST(one_clock_for_all)
{
	begin_following(NULL);
	ringing();
	wait_ms(RING_MS - 1000);
	moved_to("<sip:" FIRST "@x>, <sip:" SECOND "@x>");
	hear_target(FIRST);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	wait_ms(1000 + 256);
	hear_failure("SIP/2.0 408 ", "CALL-NO-ANSWER");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	fails("487 Request Terminated", "");
	ck_ended("ring-timeout");
	finish();
}
END_TEST

START_TEST(it_cannot_be_sent)
{
	begin_with(&(struct world_options){ .carrier = "redirect = \"follow\";",
	    .transport = NET_TCP });
	trying();
	w->net.error_once_at = 2;
	w->net.error_once = -ECONNREFUSED;
	moved_to("<sip:" FIRST "@x>, <sip:" SECOND "@x>");
	hear_target(SECOND);
	goes_well();
}
END_TEST

START_TEST(nor_the_last_one)
{
	begin_with(&(struct world_options){ .carrier = "redirect = \"follow\";",
	    .transport = NET_TCP });
	trying();
	w->net.error_once_at = 2;
	w->net.error_once = -ECONNREFUSED;
	moved_to("<sip:" FIRST "@x>");
	hear_failure("SIP/2.0 503 ", "NET-FAILED");
	ck_ended("unreachable");
	finish();
}
END_TEST

/* --- relay --- */

START_TEST(the_caller_is_told)
{
	begin_relaying(NULL);
	trying();
	fails(MOVED,
	    "Contact: \"B\" <sip:" FIRST AT_CARRIER ";x=y>;q=0.5, <tel:" SECOND
	    ">\nContent-Type: text/plain\nReason: Q.850;cause=23\n\n10.0.0.1");
	hear_failure("SIP/2.0 302 Moved Temporarily\r\n",
	    "Contact: <sip:" SECOND "@" US_IN ">\r\n"
	    "Contact: <sip:" FIRST "@" US_IN ">;q=0.500\r\n",
	    "Reason: Q.850;cause=23\r\n", "!203.0.113", "!10.0.0.1",
	    "!Content-Type", "!x=y");
	hear_nothing();
	ck_ended("redirect-relayed");
	ck_noted("RTE-REDIRECTED", "sip:" FIRST AT_CARRIER);
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 0);
	finish();
}
END_TEST

START_TEST(a_private_target_is_not_told)
{
	begin_relaying(NULL);
	trying();
	moved_to("<sip:" FIRST "@10.0.0.5>");
	hear_failure("SIP/2.0 480 ", "RSP-OTHER", "!10.0.0.5", "!Contact");
	ck_noted("DLG-CONTACT-PRIVATE", "10.0.0.5");
	ck_ended("redirected");
	finish();
}
END_TEST

START_TEST(beside_one_that_is_not)
{
	begin_relaying(NULL);
	trying();
	moved_to("<sip:" FIRST "@192.168.1.5>, <sip:" SECOND "@x>");
	hear_failure("SIP/2.0 302 ", "Contact: <sip:" SECOND "@", "!" FIRST);
	ck_noted("DLG-CONTACT-PRIVATE", "192.168.1.5");
	finish();
}
END_TEST

START_TEST(nor_what_has_no_way_back)
{
	begin_relaying("{ from = \"pbx\"; to = \"carrier\"; prefix = \"+44\"; }");
	trying();
	moved_to("<sip:+33123456789@x>");
	hear_failure("SIP/2.0 480 ", "!Contact");
	ck_noted("RTE-NO-MATCH", "+33123456789");
	finish();
}
END_TEST

START_TEST(what_no_caller_is_told)
{
	static const char *const lines[] = { "305 Use Proxy",
		"380 Alternative Service" };

	begin_relaying(NULL);
	ringing();
	fails(lines[_i], "Contact: <sip:" FIRST "@x>\n");
	hear_failure("SIP/2.0 480 ", "!Contact");
	finish();
}
END_TEST

/* --- a policy has its word --- */

/* The PBX refuses what is forwarded to it from a number that cannot be. */
static void
begin_refusing(void)
{
	begin_with(&(struct world_options){
	    .pbx_policy = "identity = { invalid_ani = \"reject\"; };",
	    .pbx = "country = \"GB\";",
	    .carrier = "redirect = \"follow\";",
	    .routes = "{ from = \"pbx\"; to = \"pbx\"; prefix = \"" FIRST
		      "\"; }, { from = \"pbx\"; to = \"carrier\"; }" });
	strcpy(w->peer[CALLER].uri, "sip:+4420@192.0.2.10");
	trying();
}

START_TEST(refused_by_a_policy)
{
	begin_refusing();
	moved_to("<sip:" FIRST "@x>");
	hear_failure("SIP/2.0 403 ", "CLI-ANI-INVALID");
	ck_ended("policy");
	finish();
}
END_TEST

START_TEST(refused_by_a_policy_then_the_next)
{
	begin_refusing();
	moved_to("<sip:" FIRST "@x>, <sip:" SECOND "@x>");
	hear_target(SECOND);
	ck_assert_uint_eq(counted("pbx"), 1);
	goes_well();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("a callee that redirects the call");
	TCase *tc = tcase_create("redirect");

	tcase_add_test(tc, followed_to_the_number_alone);
	tcase_add_loop_test(tc, which_statuses_are_followed, 0, 4);
	tcase_add_loop_test(tc, which_are_not, 0, 2);
	tcase_add_test(tc, a_tel_uri);
	tcase_add_loop_test(tc, without_a_number_there_is_no_target, 0, 6);
	tcase_add_test(tc, no_contact_at_all);
	tcase_add_test(tc, by_the_route_table_alone);
	tcase_add_test(tc, one_of_two_has_a_route);
	tcase_add_test(tc, back_to_where_the_call_came_from);
	tcase_add_test(tc, the_place_of_the_old_leg_is_free);
	tcase_add_test(tc, a_trunk_that_is_full);
	tcase_add_test(tc, in_order_of_q);
	tcase_add_test(tc, equal_ones_in_their_order);
	tcase_add_test(tc, the_second_one_answers);
	tcase_add_test(tc, a_6xx_speaks_for_all);
	tcase_add_test(tc, silence_then_the_next);
	tcase_add_test(tc, silence_of_the_last);
	tcase_add_test(tc, a_challenge_and_nobody_else);
	tcase_add_test(tc, twice);
	tcase_add_test(tc, the_reason_that_the_contact_gives);
	tcase_add_test(tc, round_in_a_loop);
	tcase_add_test(tc, to_itself);
	tcase_add_test(tc, five_and_no_more);
	tcase_add_test(tc, six_at_once);
	tcase_add_test(tc, who_diverted_before);
	tcase_add_test(tc, an_emergency_call);
	tcase_add_test(tc, asked_again_in_other_words);
	tcase_add_test(tc, its_policy_knows_that_it_is_diverted);
	tcase_add_test(tc, cancelled_after_it);
	tcase_add_test(tc, cancelled_before_it);
	tcase_add_test(tc, cancelled_and_answered);
	tcase_add_test(tc, hung_up_early);
	tcase_add_test(tc, the_redirection_comes_again);
	tcase_add_test(tc, after_an_answer_that_counts);
	tcase_add_test(tc, one_clock_for_all);
	tcase_add_test(tc, it_cannot_be_sent);
	tcase_add_test(tc, nor_the_last_one);
	tcase_add_test(tc, the_caller_is_told);
	tcase_add_test(tc, a_private_target_is_not_told);
	tcase_add_test(tc, beside_one_that_is_not);
	tcase_add_test(tc, nor_what_has_no_way_back);
	tcase_add_loop_test(tc, what_no_caller_is_told, 0, 2);
	tcase_add_test(tc, refused_by_a_policy);
	tcase_add_test(tc, refused_by_a_policy_then_the_next);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
