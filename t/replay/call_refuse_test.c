/* What is refused here: each with its status, its Warning, its entry. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

#define TO_US "sip:+442079460000@" US_IN

/* An INVITE like any other but for `fields`,
 * Max-Forwards and Contact among them. */
static void
invite_of(const char *uri, const char *fields)
{
	struct peer *p = &w->peer[CALLER];

	p->our_tag[0] = '\0';
	p->invite_branch = ++p->branch;
	p->invite_cseq = 1;
	snprintf(p->call_id, sizeof(p->call_id), "raw-%u", p->branch);
	say(CALLER,
	    "INVITE %s SIP/2.0\n"
	    "Via: SIP/2.0/UDP %s;branch=z9hG4bK%s-%u;rport\n"
	    "From: <sip:a@x>;tag=%s\nTo: <%s>\nCall-ID: %s\n"
	    "CSeq: 1 INVITE\n%s",
	    uri, p->address, p->tag, p->branch, p->tag, uri, p->call_id, fields);
}

/* The next message refuses the caller's INVITE with that status, and says
 * why. */
static void
refused(const char *start, const char *code, const char *field)
{
	char warning[96];

	snprintf(
	    warning, sizeof(warning), "Warning: 399 192.0.2.1 \"%s: ", code);
	hear(CALLER, start, warning, "Server: Cordon\r\n", field);
	ack_failure(CALLER);
	hear_nothing();
	ck_noted(code, NULL);
	ck_noted("INT-SBC-GENERATED", code);
}

#define MF   "Max-Forwards: 70\n"
#define CT   "Contact: <sip:a@192.0.2.10>\n"
#define BODY "\n\nhello\n"

static const struct {
	const char *uri;
	const char *fields;
	const char *start;
	const char *code;
	const char *field;
} refusals[] = {
	{TO_US,  "Max-Forwards: 0\n" CT OFFER,                    "SIP/2.0 483 ", "LOOP-DETECTED",
         "Too Many Hops"													    },
	{ TO_US, MF CT "Require: foo\n" OFFER,                    "SIP/2.0 420 ",
         "EXT-UNSUPPORTED",									  "Unsupported: foo\r\n"         },
	{ TO_US, MF CT "Require: foo, bar\nRequire: baz\n" OFFER,
         "SIP/2.0 420 ",							  "EXT-UNSUPPORTED",
         "Unsupported: foo, bar, baz\r\n"											   },
	{ TO_US, MF CT "Proxy-Require: foo\n" OFFER,              "SIP/2.0 420 ",
         "EXT-UNSUPPORTED",									  "Unsupported: foo\r\n"         },
	{ TO_US, MF OFFER,					"SIP/2.0 400 ", "MSG-INVALID",     "Contact"                      },
	{ TO_US, MF "Contact: <msip:a@192.0.2.10>\n" OFFER,
	    "SIP/2.0 400 ", "MSG-INVALID", "Contact" },
	{ TO_US, MF "Contact: <nothing>\n" OFFER,                 "SIP/2.0 400 ", "MSG-INVALID",
         "Contact"														  },
	{ TO_US, MF CT "Content-Type: text/plain" BODY,           "SIP/2.0 415 ",
         "MSG-INVALID",									      "Accept: application/sdp"      },
	{ TO_US, MF CT "Content-Encoding: gzip\n" OFFER,          "SIP/2.0 415 ",
         "MSG-INVALID",									      "Accept-Encoding: identity\r\n"},
	{ TO_US, MF CT "Content-Type: application/sdp" BODY,      "SIP/2.0 488 ",
         "SDP-INVALID",									      "SDP-INVALID"                  },
};

START_TEST(an_invite_that_cannot_be_taken)
{
	begin();
	invite_of(refusals[_i].uri, refusals[_i].fields);
	refused(refusals[_i].start, refusals[_i].code, refusals[_i].field);
	ck_assert_uint_eq(calls_counters(w->calls)->refused, 1);
	ck_assert_uint_eq(calls_counters(w->calls)->calls, 0);
	finish();
}
END_TEST

START_TEST(nothing_is_relayed_with_max_forwards_of_1_but_once)
{
	begin();
	invite_of(TO_US, "Max-Forwards: 1\n" CT OFFER);
	hear(CALLEE, "INVITE ", "Max-Forwards: 0\r\n");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "483 Too Many Hops", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 483 ");
	finish();
}
END_TEST

START_TEST(an_empty_require_demands_nothing)
{
	begin();
	invite("Require:\nProxy-Require:\n" OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(no_route_takes_the_number)
{
	begin_with(&(struct world_options){
	    .routes = "{ from = \"pbx\"; to = \"carrier\"; prefix = \"+1\"; },"
		      "{ from = \"carrier\"; to = \"pbx\"; }" });
	invite(OFFER);
	refused("SIP/2.0 404 Not Found\r\n", "RTE-NO-MATCH", "404");
	ck_ended("no-route");
	finish();
}
END_TEST

/* Another call beside the first, which stays. */
static void
other_call(const char *name, unsigned branch, const char *code)
{
	struct peer first = w->peer[CALLER];

	w->peer[CALLER].last = NULL;
	w->peer[CALLER].tag = name;
	w->peer[CALLER].branch += branch;
	strcpy(w->peer[CALLER].call_id, name);
	invite(OFFER);
	refused(
	    "SIP/2.0 503 Service Unavailable\r\n", code, "Retry-After: 10\r\n");
	free(w->peer[CALLER].last);
	w->peer[CALLER] = first;
	ck_assert_uint_eq(calls_count(w->calls), 1);
}

START_TEST(the_trunk_is_full)
{
	begin_with(&(struct world_options){ .carrier = "max_calls = 1;" });
	up();
	other_call("second", 10, "CAP-CONCURRENT");
	/* What was refused took no place, and gives none back. */
	other_call("third", 20, "CAP-CONCURRENT");
	ck_ended("trunk-full");
	/* Told to the caller's trunk: whose limit it is says the sentence. */
	ck_noted("CAP-CONCURRENT", "as it may have: carrier " CARRIER);
	/* It has not failed what it was not given. */
	ck_assert_uint_eq(
	    trunk_find(w->trunks, SPAN("carrier"))->state->failed, 0);
	hang_up();
	strcpy(w->peer[CALLER].call_id, "fourth");
	up();
	hang_up();
	finish();
}
END_TEST

START_TEST(calls_come_too_fast)
{
	begin_with(
	    &(struct world_options){ .carrier = "calls_per_second = 1;" });
	up();
	other_call("second", 10, "CAP-CPS");
	ck_ended("trunk-too-fast");
	hang_up();
	wait_ms(1000);
	strcpy(w->peer[CALLER].call_id, "third");
	up();
	hang_up();
	finish();
}
END_TEST

START_TEST(draining_takes_no_new_call)
{
	begin();
	up();
	calls_drain(w->calls, true);
	other_call("second", 10, "INT-DRAINING");
	ask(CALLER, "INFO", "");
	answer(hear(CALLEE, "INFO "), "200 OK", "");
	hear(CALLER, "SIP/2.0 200 ");
	calls_drain(w->calls, false);
	hang_up();
	finish();
}
END_TEST

START_TEST(our_own_limit_of_calls)
{
	begin_with(
	    &(struct world_options){ .top = "limits = { calls = 1; };" });
	up();
	other_call("second", 10, "CAP-CALLS");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_request_that_comes_by_two_ways)
{
	struct peer *p;

	begin();
	p = &w->peer[CALLER];
	ringing();
	say(CALLER,
	    "INVITE " TO_US " SIP/2.0\n"
	    "Via: SIP/2.0/UDP %s;branch=z9hG4bKother\n" MF CT
	    "From: <%s>;tag=%s\nTo: <" TO_US ">\nCall-ID: %s\n"
	    "CSeq: 1 INVITE\n" OFFER,
	    p->address, p->uri, p->tag, p->call_id);
	hear(
	    CALLER, "SIP/2.0 482 ", "Warning: 399 192.0.2.1 \"LOOP-DETECTED: ");
	ck_noted("LOOP-DETECTED", NULL);
	hear_nothing();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(an_unknown_source_hears_nothing)
{
	static const char *const starts[] = { "INVITE " TO_US " SIP/2.0",
		"OPTIONS " TO_US " SIP/2.0", "nonsense", "SIP/2.0 200 OK" };
	struct net_path path;
	size_t i;

	begin();
	path = replay_path(NET_UDP, "203.0.113.66:5060", 0);
	for (i = 0; i < 40; i++) {
		calls_receive(w->calls, &path,
		    span_of(starts[i % ARRAY_LEN(starts)]), 0, 0);
		hear_nothing();
	}
	ck_assert_uint_eq(calls_counters(w->calls)->unknown_source, 40);
	/* The journal is not written at the sender's pace. */
	ck_assert_uint_eq(noted("ACL-UNKNOWN-SOURCE", "203.0.113.66:5060"), 10);
	/* The PBX's address at the carrier's side is nobody either. */
	path = w->peer[CALLER].path;
	path.listener = 2;
	calls_receive(w->calls, &path, span_of(starts[0]), 0, 0);
	ck_assert_uint_eq(calls_counters(w->calls)->unknown_source, 41);
	finish();
}
END_TEST

/* --- overload --- */

START_TEST(new_calls_wait_while_the_loop_is_late)
{
	size_t i;

	begin();
	w->lag = 200;
	invite(OFFER);
	for (i = 0; i < 2; i++) {
		hear(CALLER, "SIP/2.0 503 ", "Retry-After: 10\r\n",
		    "Warning: 399 192.0.2.1 \"OVERLOAD-SHED: ");
		again(CALLER);
	}
	hear(CALLER, "SIP/2.0 503 ");
	ack_failure(CALLER);
	hear_nothing();
	ck_assert_uint_eq(calls_counters(w->calls)->shed, 3);
	ck_assert_uint_eq(calls_counters(w->calls)->calls, 0);
	ck_noted("OVERLOAD-SHED", "200 ms");
	w->lag = 199;
	strcpy(w->peer[CALLER].call_id, "later");
	up();
	hang_up();
	finish();
}
END_TEST

START_TEST(an_emergency_call_does_not_wait)
{
	begin();
	w->lag = 5000;
	say(CALLER,
	    "INVITE urn:service:sos SIP/2.0\n"
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKsos;rport\n"
	    "Max-Forwards: 70\n"
	    "From: <sip:a@192.0.2.10>;tag=caller-tag\n"
	    "To: <urn:service:sos>\n"
	    "Call-ID: sos@192.0.2.10\n"
	    "CSeq: 1 INVITE\n"
	    "Contact: <sip:pbx@192.0.2.10>\n" OFFER);
	hear(CALLEE, "INVITE urn:service:sos SIP/2.0\r\n");
	hear(CALLER, "SIP/2.0 100 ");
	ck_assert_uint_eq(calls_counters(w->calls)->shed, 0);
	ck_noted("CALL-EMERGENCY", "urn:service:sos");
	ck_not_noted("OVERLOAD-SHED");
	abandon();
}
END_TEST

START_TEST(calls_that_exist_go_on_while_the_loop_is_late)
{
	begin();
	ringing();
	w->lag = 5000;
	again(CALLER);
	hear(CALLER, "SIP/2.0 180 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	ask(CALLER, "INVITE", OFFER);
	answer(hear(CALLEE, "INVITE "), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	hang_up();
	ck_assert_uint_eq(calls_counters(w->calls)->shed, 0);
	finish();
}
END_TEST

/* --- messages that are none --- */

START_TEST(an_invalid_request_is_told_why)
{
	begin();
	say(CALLER,
	    "INVITE " TO_US " SIP/2.0\n"
	    "Via: SIP/2.0/UDP %s;branch=z9hG4bKx\n" MF CT
	    "From: <sip:a@x>;tag=a\nTo: <sip:b@x>\nCall-ID: c\n"
	    "CSeq: 1 BYE\n",
	    w->peer[CALLER].address);
	hear(CALLER, "SIP/2.0 400 ", "Warning: 399 192.0.2.1 \"MSG-INVALID: ");
	ck_noted("MSG-INVALID", "400 to 192.0.2.10:5060, Call-ID ");
	say(CALLER,
	    "SIP/2.0 200 OK\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\n"
	    "From: <sip:a@x>;tag=a\nTo: <sip:b@x>\nCall-ID: c\nCall-ID: d\n"
	    "CSeq: 1 BYE\n");
	hear_nothing();
	ck_assert_uint_eq(calls_counters(w->calls)->invalid, 2);
	finish();
}
END_TEST

START_TEST(a_stream_that_cannot_be_cut)
{
	begin();
	calls_receive(w->calls, &w->peer[CALLER].path,
	    SPAN("INVITE " TO_US " SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKx\r\n"
		 "From: <sip:a@x>;tag=a\r\nTo: <sip:b@x>\r\nCall-ID: c\r\n"
		 "CSeq: 1 INVITE\r\nContent-Length: 999999999\r\n\r\n"),
	    0, 513);
	hear(CALLER, "SIP/2.0 513 ", "MSG-INVALID");
	finish();
}
END_TEST

START_TEST(a_response_to_nothing)
{
	begin();
	say(CALLEE, "SIP/2.0 200 OK\nVia: SIP/2.0/UDP " US_OUT
		    ";branch=z9hG4bK00000000000000010000000000000002\n"
		    "From: <sip:a@x>;tag=a\nTo: <sip:b@x>;tag=b\nCall-ID: c\n"
		    "CSeq: 1 INVITE\n");
	hear_nothing();
	finish();
}
END_TEST

/* --- requests outside of a call --- */

static const struct {
	const char *method;
	const char *start;
	const char *text;
} outside[] = {
	{"OPTIONS",    "SIP/2.0 200 ", "Allow: INVITE, ACK, "},
	{ "BYE",       "SIP/2.0 481 ", "DLG-UNKNOWN"         },
	{ "UPDATE",    "SIP/2.0 481 ", "DLG-UNKNOWN"         },
	{ "INFO",      "SIP/2.0 481 ", "DLG-UNKNOWN"         },
	{ "NOTIFY",    "SIP/2.0 481 ", "DLG-UNKNOWN"         },
	{ "PRACK",     "SIP/2.0 481 ", "DLG-UNKNOWN"         },
	{ "REGISTER",  "SIP/2.0 405 ", "Allow: INVITE, ACK, "},
	{ "MESSAGE",   "SIP/2.0 405 ", "MET-NOT-ALLOWED"     },
	{ "SUBSCRIBE", "SIP/2.0 405 ", "MET-NOT-ALLOWED"     },
	{ "REFER",     "SIP/2.0 405 ", "MET-NOT-ALLOWED"     },
	{ "FROB",      "SIP/2.0 501 ", "MET-NOT-ALLOWED"     },
};

static void
say_outside(const char *method, const char *fields)
{
	say(CALLER,
	    "%s " TO_US " SIP/2.0\n"
	    "Via: SIP/2.0/UDP %s;branch=z9hG4bKx%s\n" MF CT
	    "From: <sip:a@x>;tag=a\nTo: <sip:b@x>\nCall-ID: c\n"
	    "CSeq: 1 %s\n%s",
	    method, w->peer[CALLER].address, method, method, fields);
}

START_TEST(requests_outside_of_a_call)
{
	begin();
	say_outside(outside[_i].method, "");
	hear(CALLER, outside[_i].start, outside[_i].text, ";tag=");
	finish();
}
END_TEST

START_TEST(options_outside_of_a_call)
{
	begin();
	say_outside("OPTIONS", "");
	hear(CALLER, "SIP/2.0 200 ", "Contact: <sip:192.0.2.1>\r\n",
	    "Accept: application/sdp\r\n");
	ck_noted("OPT-ANSWERED-ELSEWHERE", NULL);
	say_outside("OPTIONS", "Require: frob\nSubject: 2\n");
	hear(CALLER, "SIP/2.0 200 "); /* the same branch: the same answer */
	finish();
}
END_TEST

START_TEST(options_that_require_too_much)
{
	begin();
	say_outside("OPTIONS", "Require: frob\n");
	hear(CALLER, "SIP/2.0 420 ", "Unsupported: frob\r\n");
	finish();
}
END_TEST

START_TEST(an_ack_outside_of_a_call)
{
	begin();
	say_outside("ACK", "");
	hear_nothing();
	finish();
}
END_TEST

START_TEST(an_invite_into_a_dialog_that_is_gone)
{
	begin();
	up();
	hang_up();
	ask(CALLER, "INVITE", OFFER);
	hear(CALLER, "SIP/2.0 481 ", "DLG-UNKNOWN");
	ack_failure(CALLER);
	finish();
}
END_TEST

/* Nothing is left of it all the same, and it is no new
 * call when it comes again. */
START_TEST(an_invite_that_no_answer_fits)
{
	begin();
	w->net.error = -EMSGSIZE;
	invite(OFFER);
	w->net.error = 0;
	again(CALLER);
	wait_ms(1000);
	hear_nothing();
	ck_ended("unreachable");
	wait_ms(T1_64);
	finish();
}
END_TEST

static TCase *
call_tests(void)
{
	TCase *tc = tcase_create("new calls");

	tcase_add_loop_test(
	    tc, an_invite_that_cannot_be_taken, 0, ARRAY_LEN(refusals));
	tcase_add_test(tc, nothing_is_relayed_with_max_forwards_of_1_but_once);
	tcase_add_test(tc, an_empty_require_demands_nothing);
	tcase_add_test(tc, no_route_takes_the_number);
	tcase_add_test(tc, the_trunk_is_full);
	tcase_add_test(tc, calls_come_too_fast);
	tcase_add_test(tc, draining_takes_no_new_call);
	tcase_add_test(tc, our_own_limit_of_calls);
	tcase_add_test(tc, an_invite_that_no_answer_fits);
	tcase_add_test(tc, a_request_that_comes_by_two_ways);
	tcase_add_test(tc, an_unknown_source_hears_nothing);
	tcase_add_test(tc, new_calls_wait_while_the_loop_is_late);
	tcase_add_test(tc, an_emergency_call_does_not_wait);
	tcase_add_test(tc, calls_that_exist_go_on_while_the_loop_is_late);
	return tc;
}

static TCase *
other_tests(void)
{
	TCase *tc = tcase_create("other messages");

	tcase_add_test(tc, an_invalid_request_is_told_why);
	tcase_add_test(tc, a_stream_that_cannot_be_cut);
	tcase_add_test(tc, a_response_to_nothing);
	tcase_add_loop_test(
	    tc, requests_outside_of_a_call, 0, ARRAY_LEN(outside));
	tcase_add_test(tc, options_outside_of_a_call);
	tcase_add_test(tc, options_that_require_too_much);
	tcase_add_test(tc, an_ack_outside_of_a_call);
	tcase_add_test(tc, an_invite_into_a_dialog_that_is_gone);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("what is refused here");

	suite_add_tcase(suite, call_tests());
	suite_add_tcase(suite, other_tests());
	return unit_run(suite);
}
