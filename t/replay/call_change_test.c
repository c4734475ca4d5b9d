/* What changes under a call: the configuration, and the transport. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

/* --- another configuration --- */

/* The carrier's policy relays one more header. */
#define RELAYING(header)                                                       \
	&(struct world_options)                                                \
	{                                                                      \
		.policy = "headers = { relay = [ \"" header "\" ]; };",        \
		.carrier = "max_calls = 3;"                                    \
	}

#define BOTH "X-Old: 1\nX-New: 1\n"

START_TEST(a_call_keeps_the_policies_that_it_began_with)
{
	struct peer old[SIDES];
	struct trunk *trunk;

	begin_with(RELAYING("X-Old"));
	up();
	old[CALLER] = w->peer[CALLER];
	old[CALLEE] = w->peer[CALLEE];
	w->peer[CALLER].last = w->peer[CALLEE].last = NULL;
	change_trunks(RELAYING("X-New"));
	trunk = trunk_find(w->trunks, SPAN("carrier"));
	ck_assert_uint_eq(trunk->state->calls, 1);

	strcpy(w->peer[CALLER].call_id, "second");
	invite(BOTH OFFER);
	hear(CALLEE, "INVITE ", "X-New: 1\r\n", "!X-Old");
	hear(CALLER, "SIP/2.0 100 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	ck_assert_uint_eq(trunk->state->calls, 2);
	hang_up();
	free(w->peer[CALLER].last);
	free(w->peer[CALLEE].last);

	w->peer[CALLER] = old[CALLER];
	w->peer[CALLEE] = old[CALLEE];
	ask(CALLER, "INFO", BOTH);
	answer(hear(CALLEE, "INFO ", "X-Old: 1\r\n", "!X-New"), "200 OK", "");
	hear(CALLER, "SIP/2.0 200 ");
	ck_assert_uint_eq(trunk->state->calls, 1);
	hang_up();
	ck_assert_uint_eq(trunk->state->calls, 0);
	finish();
}
END_TEST

START_TEST(a_call_outlives_the_address_of_its_trunk)
{
	begin_with(&(struct world_options){
	    .carrier = "sources = [ \"203.0.113.0/24\" ];" });
	up();
	w->peer[CALLEE].address = "203.0.113.7:5060";
	w->peer[CALLEE].path = replay_path(NET_UDP, "203.0.113.7:5060", 0);
	w->peer[CALLEE].path.listener = 2;
	change_trunks(&(struct world_options){ .top = "" });
	change_trunks(&(struct world_options){ .top = "" });
	/* No new call from there, and no other request either. */
	say(CALLEE, "OPTIONS sip:x@y SIP/2.0\n"
		    "Via: SIP/2.0/UDP 203.0.113.7;branch=z9hG4bKx\n"
		    "From: <sip:a@x>;tag=a\nTo: <sip:b@x>\nCall-ID: c\n"
		    "CSeq: 1 OPTIONS\n");
	hear_nothing();
	ck_assert_uint_eq(calls_counters(w->calls)->unknown_source, 1);
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	ck_ended("callee-hung-up");
	ask(CALLEE, "INFO", "");
	hear_nothing();
	finish();
}
END_TEST

START_TEST(another_limit_of_calls_is_in_force_at_once)
{
	begin();
	up();
	change_trunks(
	    &(struct world_options){ .top = "limits = { calls = 1; };" });
	{
		struct peer first = w->peer[CALLER];

		w->peer[CALLER].last = NULL;
		w->peer[CALLER].tag = "second";
		strcpy(w->peer[CALLER].call_id, "second");
		invite(OFFER);
		hear_failure("SIP/2.0 503 ", "CAP-CALLS");
		free(w->peer[CALLER].last);
		w->peer[CALLER] = first;
	}
	hang_up();
	finish();
}
END_TEST

/* --- another transport --- */

static void
big_invite(const struct replay_sent **sent)
{
	char fields[4096];

	snprintf(fields, sizeof(fields), "Call-Info: <http://x/%01200d>\n%s", 0,
	    OFFER);
	invite(fields);
	*sent = hear(CALLEE, "INVITE ", "Call-Info: <http://x/000");
	hear(CALLER, "SIP/2.0 100 ");
	ck_assert_uint_gt((*sent)->bytes.n, 1300);
	hear_nothing();
}

START_TEST(a_big_invite_without_tcp_goes_all_the_same)
{
	const struct replay_sent *sent;

	begin();
	big_invite(&sent);
	ck_assert_int_eq(sent->path.transport, NET_UDP);
	ck_noted("MSG-TOO-BIG", "sent over UDP all the same");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_big_invite_goes_over_tcp)
{
	const struct replay_sent *sent, *next;

	begin_with(&(struct world_options){
	    .carrier = "tcp_listener = \"outside-tcp\";" });
	big_invite(&sent);
	ck_assert_int_eq(sent->path.transport, NET_TCP);
	ck_assert_uint_eq(sent->path.listener, 4);
	ck_assert_uint_ne(sent->path.connection, 0);
	ck_assert_span(sent->view.via.transport, "TCP");
	ck_assert_span(sent->view.via.host, US_OUT);
	ck_assert_uint_eq(sent->view.via.port, 5062);
	ck_assert_uint_eq(sent->view.via_count, 1);
	ck_noted("MSG-TOO-BIG", "sent over TCP");
	/* One transaction of the two sides each: that of UDP is gone. */
	ck_assert_uint_eq(transactions_count(calls_transactions(w->calls)), 2);
	wait_ms(2000);
	hear_nothing();
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "200 OK", ANSWER);
	next = hear(CALLEE, "ACK ", "Via: SIP/2.0/TCP ");
	ck_assert_uint_eq(next->path.connection, sent->path.connection);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	next = hear(CALLEE, "BYE ", "Via: SIP/2.0/TCP ");
	ck_assert_uint_eq(next->path.connection, sent->path.connection);
	answer(next, "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_big_invite_finds_nobody_at_tcp)
{
	const struct replay_sent *sent;

	begin_with(&(struct world_options){
	    .carrier = "tcp_listener = \"outside-tcp\";" });
	big_invite(&sent);
	calls_connection_lost(w->calls, sent->path.connection, -ECONNREFUSED);
	calls_reap(w->calls);
	hear_failure("SIP/2.0 503 ", "NET-FAILED");
	finish();
}
END_TEST

START_TEST(a_big_request_inside_goes_over_tcp)
{
	const struct replay_sent *sent;
	char fields[2048];

	begin_with(
	    &(struct world_options){ .pbx = "tcp_listener = \"inside-tcp\";" });
	up();
	snprintf(
	    fields, sizeof(fields), "Content-Type: text/plain\n\n%01300d\n", 0);
	ask(CALLEE, "MESSAGE", fields);
	sent = hear(CALLER, "MESSAGE ", "Via: SIP/2.0/TCP ");
	ck_assert_int_eq(sent->path.transport, NET_TCP);
	ck_assert_uint_eq(sent->path.listener, 3);
	answer(sent, "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ");
	hear_nothing();
	/* The next one is small again. */
	ask(CALLEE, "INFO", "");
	sent = hear(CALLER, "INFO ", "Via: SIP/2.0/UDP ");
	answer(sent, "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_call_over_tcp)
{
	begin_with(&(struct world_options){ .transport = NET_TCP });
	invite(OFFER);
	hear(CALLEE, "INVITE ", "Via: SIP/2.0/TCP ",
	    "Contact: <sip:198.51.100.1;transport=tcp>\r\n");
	hear(CALLER, "SIP/2.0 100 ");
	wait_ms(5000);
	hear_nothing();
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	accept_invite(ANSWER);
	/* RFC 3261 section 13.3.1.4: over streams too. */
	wait_ms(500);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("what changes under a call");
	TCase *tc = tcase_create("configuration");

	tcase_add_test(tc, a_call_keeps_the_policies_that_it_began_with);
	tcase_add_test(tc, a_call_outlives_the_address_of_its_trunk);
	tcase_add_test(tc, another_limit_of_calls_is_in_force_at_once);
	suite_add_tcase(suite, tc);
	tc = tcase_create("transport");
	tcase_add_test(tc, a_big_invite_without_tcp_goes_all_the_same);
	tcase_add_test(tc, a_big_invite_goes_over_tcp);
	tcase_add_test(tc, a_big_invite_finds_nobody_at_tcp);
	tcase_add_test(tc, a_big_request_inside_goes_over_tcp);
	tcase_add_test(tc, a_call_over_tcp);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
