/*
 * From a target that fails to the next one: peers of a trunk, trunks of a
 * route, as policies say or as RFC 3263 does; and trunks that asked for less.
 */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

#define SECOND "198.51.100.21:5060"
#define THIRD  "198.51.100.22:5060"
#define BACKUP "198.51.100.30:5060"

#define TWO_PEERS   ", \"" SECOND "\""
#define THREE_PEERS ", \"" SECOND "\", \"" THIRD "\""
#define BACKUP_WITH(options)                                                   \
	", { name = \"backup\"; listener = \"outside\"; peers = [ \"" BACKUP   \
	"\" ]; " options " }"
#define TO_BACKUP                                                              \
	"{ from = \"pbx\"; to = \"carrier\"; then = [ \"backup\" ]; }, "       \
	"{ from = \"carrier\"; to = \"pbx\"; }"

/* The carrier's policy_out has these rows. */
static void
begin_rows(const char *rows, struct world_options options)
{
	char policy[512];

	snprintf(policy, sizeof(policy), "responses = ( %s );", rows);
	options.policy = policy;
	begin_with(&options);
}

#define ROW(status, then)                                                      \
	"{ status = " status "; diagnostic = \"RSP-OTHER\"; then = \"" then    \
	"\"; }"

static void
begin_peers(const char *rows)
{
	begin_rows(rows, (struct world_options){ .peers = TWO_PEERS });
}

static void
begin_trunks(const char *rows)
{
	begin_rows(rows,
	    (struct world_options){ .trunks = BACKUP_WITH(""),
		.routes = TO_BACKUP });
}

/* The callee is the peer at that address from now on, and is asked. */
static void
asked(const char *address)
{
	static char contact[64];
	struct peer *p = &w->peer[CALLEE];

	p->address = address;
	p->path.remote = replay_path(NET_UDP, address, 0).remote;
	snprintf(contact, sizeof(contact), "<sip:gw@%s>", address);
	p->contact = contact;
	hear(CALLEE, "INVITE sip:+442079460000@", "CSeq: 1 INVITE\r\n", OFFERS);
}

static void
fails(const char *status_line, const char *fields)
{
	answer(w->invite, status_line, fields);
	hear(CALLEE, "ACK ");
}

/* To one of our own number, beside which no other Contact stands. */
static void
moves(const char *number)
{
	char fields[128];

	snprintf(
	    fields, sizeof(fields), "Contact: <sip:%s@203.0.113.9>\n", number);
	answer_as(w->invite, "302 Moved Temporarily", "callee-tag", fields);
	hear(CALLEE, "ACK ");
}

static unsigned
counted(const char *trunk)
{
	return trunk_find(w->trunks, span_of(trunk))->state->calls;
}

static void
goes_well(const char *trunk)
{
	accept_invite(ANSWER);
	ack(CALLER, "");
	ck_assert_uint_eq(counted(trunk), 1);
	ck_assert_uint_eq(calls_legs(w->calls), 2);
	hang_up();
	ck_ended("caller-hung-up");
	finish();
}

/* A call more, by the caller's second line. */
static void
invite_again(void)
{
	static unsigned n;
	struct peer *p = &w->peer[CALLER];

	p->cseq = 0;
	snprintf(p->call_id, sizeof(p->call_id), "call-%u@192.0.2.10", ++n);
	invite(OFFER);
}

/* --- which way --- */

START_TEST(to_the_next_peer)
{
	const struct replay_sent *first;

	begin_peers(ROW("500", "advance"));
	trying();
	first = w->invite;
	fails("500 Server Internal Error", "");
	asked(SECOND);
	hear_nothing();
	ck_assert(!span_eq(first->view.call_id, w->invite->view.call_id));
	ck_noted("RSP-OTHER", "500 Server Internal Error");
	ck_noted("RTE-ADVANCED", "carrier " SECOND);
	ck_noted("RTE-ADVANCED", "carrier answered 500");
	ck_not_noted("RTE-EXHAUSTED");
	ck_assert_uint_eq(calls_counters(w->calls)->advanced, 1);
	goes_well("carrier");
}
END_TEST

START_TEST(to_the_next_trunk)
{
	begin_trunks(ROW("404", "advance"));
	trying();
	fails("404 Not Found", "");
	asked(BACKUP);
	ck_assert_uint_eq(counted("carrier"), 0);
	ck_noted("RTE-ADVANCED", "backup " BACKUP);
	goes_well("backup");
}
END_TEST

START_TEST(peers_before_trunks)
{
	begin_rows(ROW("404", "advance"),
	    (struct world_options){ .peers = TWO_PEERS,
		.trunks = BACKUP_WITH(""), .routes = TO_BACKUP });
	trying();
	fails("404 Not Found", "");
	asked(SECOND);
	fails("404 Not Found", "");
	asked(BACKUP);
	ck_assert_uint_eq(noted("RTE-ADVANCED", NULL), 2);
	goes_well("backup");
}
END_TEST

/* Several routes that match are tried like several trunks of one; a trunk is
 * asked once. */
START_TEST(to_the_next_route)
{
	begin_rows(ROW("404", "advance"),
	    (struct world_options){ .trunks = BACKUP_WITH(""),
		.routes = "{ from = \"pbx\"; to = \"carrier\"; prefix = "
			  "\"+44\"; }, { from = \"pbx\"; to = \"carrier\"; "
			  "then = [ \"backup\" ]; }" });
	trying();
	fails("404 Not Found", "");
	asked(BACKUP);
	fails("404 Not Found", "");
	hear_failure("SIP/2.0 404 ");
	finish();
}
END_TEST

/* Its policy has its own rows: those of the first do not count there. */
START_TEST(each_trunk_by_its_own_policy)
{
	begin_trunks(ROW("404", "advance"));
	trying();
	fails("404 Not Found", "");
	asked(BACKUP);
	fails("404 Not Found", "");
	hear_failure("SIP/2.0 404 ");
	ck_assert_uint_eq(noted("RSP-OTHER", NULL), 1);
	ck_noted("RTE-EXHAUSTED", "2 targets");
	finish();
}
END_TEST

START_TEST(what_holds_without_a_row)
{
	static const struct {
		const char *line;
		bool goes_on;
	} table[] = {
		{ "503 Service Unavailable", true },
		{ "401 Unauthorized", true },
		{ "407 Proxy Authentication Required", true },
		{ "500 Server Internal Error", false },
		{ "408 Request Timeout", false },
		{ "486 Busy Here", false },
		{ "404 Not Found", false },
		{ "603 Decline", false },
	};

	begin_with(&(struct world_options){ .peers = TWO_PEERS });
	trying();
	fails(table[_i].line, "");
	if (table[_i].goes_on) {
		asked(SECOND);
		goes_well("carrier");
		return;
	}
	hear_failure("SIP/2.0 ", table[_i].line);
	ck_not_noted("RTE-ADVANCED");
	finish();
}
END_TEST

START_TEST(relay_holds_503_back)
{
	begin_peers(ROW("503", "relay"));
	trying();
	fails("503 Service Unavailable", "");
	hear_failure("SIP/2.0 503 ");
	ck_assert_uint_eq(noted("RSP-OTHER", "503 "), 1);
	ck_not_noted("RTE-ADVANCED");
	finish();
}
END_TEST

START_TEST(stop_ends_it)
{
	static const char *const lines[] = { "503 Service Unavailable",
		"302 Moved Temporarily", "420 Bad Extension",
		"407 Proxy Authentication Required" };

	begin_rows(ROW("\"3xx\"", "stop") ", " ROW("\"4xx\"", "stop") ", "
		ROW("\"5xx\"", "stop"),
	    (struct world_options){ .peers = TWO_PEERS,
		.carrier = "redirect = \"follow\";" });
	trying();
	fails(lines[_i], "Unsupported: x\n"
			 "Contact: <sip:+442079460001@203.0.113.9>\n");
	hear_failure("SIP/2.0 ");
	ck_assert_uint_eq(noted("RSP-OTHER", lines[_i]), 1);
	ck_not_noted("RTE-ADVANCED");
	finish();
}
END_TEST

/* A row that says no more than what it means leaves all else as it is. */
START_TEST(relay_leaves_cures_alone)
{
	begin_peers(ROW("420", "relay"));
	trying();
	fails("420 Bad Extension", "Unsupported: x\n");
	hear(CALLEE, "INVITE ", "CSeq: 2 INVITE\r\n");
	goes_well("carrier");
}
END_TEST

START_TEST(advance_is_no_cure)
{
	begin_peers(ROW("420", "advance"));
	trying();
	fails("420 Bad Extension", "Unsupported: x\n");
	asked(SECOND);
	goes_well("carrier");
}
END_TEST

START_TEST(advance_follows_no_redirection)
{
	begin_rows(ROW("302", "advance"),
	    (struct world_options){ .carrier = "redirect = \"follow\";" });
	trying();
	moves("+442079460001");
	hear_failure("SIP/2.0 480 ");
	finish();
}
END_TEST

/* The route of the number that a redirection named has targets of its own. */
START_TEST(from_the_target_of_a_redirection)
{
	begin_rows(ROW("480", "advance"),
	    (struct world_options){ .peers = TWO_PEERS,
		.carrier = "redirect = \"follow\";" });
	trying();
	moves("+442079460001");
	hear(CALLEE, "INVITE sip:+442079460001@", "Diversion: ");
	fails("480 Temporarily Unavailable", "");
	w->peer[CALLEE].address = SECOND;
	hear(CALLEE, "INVITE sip:+442079460001@", "Diversion: ");
	fails("480 Temporarily Unavailable", "");
	hear_failure("SIP/2.0 480 ");
	finish();
}
END_TEST

START_TEST(a_6xx_is_the_last_word)
{
	begin_peers(ROW("503", "advance"));
	trying();
	fails("603 Decline", "");
	hear_failure("SIP/2.0 603 Decline\r\n");
	ck_noted("RTE-STOP-6XX", "603");
	ck_not_noted("RTE-ADVANCED");
	finish();
}
END_TEST

START_TEST(also_of_the_second)
{
	begin_peers(ROW("486", "advance"));
	trying();
	fails("486 Busy Here", "");
	asked(SECOND);
	fails("607 Unwanted", "");
	hear_failure("SIP/2.0 607 Unwanted\r\n");
	ck_not_noted("RTE-STOP-6XX");
	ck_not_noted("RTE-EXHAUSTED");
	finish();
}
END_TEST

/* --- which refusal the caller gets --- */

static const struct {
	const char *first, *second, *caller;
} pairs[] = {
	{ "503 Service Unavailable", "486 Busy Here", "486 Busy Here" },
	{ "486 Busy Here", "503 Service Unavailable", "486 Busy Here" },
	{ "404 Not Found", "500 Server Internal Error", "404 Not Found" },
	{ "503 Service Unavailable", "500 Server Internal Error",
	    "500 Server Internal Error" },
	{ "484 Address Incomplete", "404 Not Found", "484 Address Incomplete" },
	{ "404 Not Found", "480 Temporarily Unavailable",
	    "480 Temporarily Unavailable" },
	{ "486 Busy Here", "407 Proxy Authentication Required",
	    "486 Busy Here" },
	{ "503 First", "503 Second", "503 Second" },
	{ "480 Temporarily Unavailable", "302 Moved Temporarily",
	    "480 Temporarily Unavailable" },
};

START_TEST(the_best_one)
{
	begin_peers(ROW("[ \"3xx\", \"4xx\", \"5xx\" ]", "advance"));
	trying();
	fails(pairs[_i].first, "");
	asked(SECOND);
	fails(pairs[_i].second, "");
	hear_failure("SIP/2.0 ", pairs[_i].caller);
	ck_noted("RTE-EXHAUSTED", "2 targets");
	ck_ended("refused");
	ck_assert_uint_eq(calls_counters(w->calls)->blank_cells, 0);
	finish();
}
END_TEST

/* What a policy has named goes as it is. */
START_TEST(named_ones_are_not_weighed)
{
	begin_peers(ROW("486", "advance") ", " ROW("500", "stop"));
	trying();
	fails("486 Busy Here", "");
	asked(SECOND);
	fails("500 Server Internal Error", "");
	hear_failure("SIP/2.0 500 ");
	finish();
}
END_TEST

/* Nobody has said that this one leads on: others are left. */
START_TEST(others_are_left)
{
	begin_rows(ROW("503", "advance"),
	    (struct world_options){ .peers = THREE_PEERS });
	trying();
	fails("503 Service Unavailable", "");
	asked(SECOND);
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	ck_not_noted("RTE-EXHAUSTED");
	finish();
}
END_TEST

START_TEST(the_best_of_three)
{
	begin_rows(ROW("[ \"4xx\", \"5xx\" ]", "advance"),
	    (struct world_options){ .peers = THREE_PEERS });
	trying();
	fails("503 Service Unavailable", "");
	asked(SECOND);
	fails("486 Busy Here", "Reason: Q.850;cause=17\n");
	asked(THIRD);
	fails("500 Server Internal Error", "");
	hear_failure("SIP/2.0 486 Busy Here\r\n", "Reason: Q.850;cause=17\r\n");
	ck_assert_uint_eq(noted("RSP-OTHER", "486 Busy Here"), 1);
	ck_noted("CALL-CAUSE", "cause=17");
	finish();
}
END_TEST

START_TEST(an_answer_says_more_than_silence)
{
	begin_peers(ROW("486", "advance"));
	trying();
	fails("486 Busy Here", "");
	asked(SECOND);
	wait_ms(T1_64 + 300);
	replay_skip(&w->net);
	ck_ended("refused");
	ack_failure(CALLER);
	finish();
}
END_TEST

/* --- who says nothing, or cannot be reached --- */

START_TEST(silence_leads_on)
{
	const struct replay_sent *first;

	begin_peers("");
	trying();
	first = w->invite;
	wait_ms(5500);
	replay_skip(&w->net);
	wait_ms(600);
	asked(SECOND);
	ck_noted("NET-NO-REPLY", "carrier " CARRIER);
	ck_noted("NET-NO-REPLY", "not even 100, in 6000 ms");
	ck_noted_of("INVITE", "NET-NO-REPLY");
	ck_noted("RTE-ADVANCED", "never answered");
	/* It comes to life: it is called off, and what it says passes nobody.
	 * */
	answer(first, "180 Ringing", "");
	answer(replay_expect(&w->net, CARRIER, "CANCEL ", NULL), "200 OK", "");
	answer_as(first, "487 Request Terminated", "late", "");
	replay_expect(&w->net, CARRIER, "ACK ", NULL);
	goes_well("carrier");
}
END_TEST

START_TEST(silence_and_a_late_answer)
{
	const struct replay_sent *first;

	begin_peers("");
	trying();
	first = w->invite;
	wait_ms(6300);
	replay_skip(&w->net);
	w->peer[CALLEE].address = SECOND;
	w->invite = w->net.sent[w->net.sent_n - 1];
	answer_as(first, "200 OK", "late",
	    "Contact: <sip:gw@" CARRIER ">\n" ANSWER);
	replay_expect(&w->net, CARRIER, "ACK ", NULL);
	answer(replay_expect(&w->net, CARRIER, "BYE ", NULL), "200 OK", "");
	hear_nothing();
	abandon();
}
END_TEST

/* 100 is an answer: who says it is waited for. */
START_TEST(trying_is_no_silence)
{
	begin_peers("");
	trying();
	answer(w->invite, "100 Trying", "");
	wait_ms(20000);
	hear_nothing();
	goes_well("carrier");
}
END_TEST

START_TEST(silence_of_the_only_one)
{
	begin();
	trying();
	wait_ms(T1_64 - 1000);
	replay_skip(&w->net);
	goes_well("carrier");
}
END_TEST

START_TEST(silence_may_be_as_long_as_it_takes)
{
	begin_with(&(struct world_options){ .peers = TWO_PEERS,
	    .carrier = "silence = \"0s\";" });
	trying();
	wait_ms(T1_64 - 300);
	replay_skip(&w->net);
	wait_ms(600);
	asked(SECOND);
	goes_well("carrier");
}
END_TEST

/* There is another one, but it may not be asked: the first is waited for. */
START_TEST(silence_with_nobody_free)
{
	begin_with(&(struct world_options){
	    .trunks = BACKUP_WITH("max_calls = 1;"), .routes = TO_BACKUP });
	leg_count(&(struct leg){ .trunk =
	    trunk_find(w->trunks, SPAN("backup")) });
	trying();
	wait_ms(10000);
	replay_skip(&w->net);
	accept_invite(ANSWER);
	abandon();
}
END_TEST

START_TEST(it_cannot_be_sent)
{
	begin_with(&(struct world_options){ .peers = TWO_PEERS,
	    .transport = NET_TCP });
	w->net.error_once_at = 1;
	w->net.error_once = -ECONNREFUSED;
	invite(OFFER);
	hear(CALLER, "SIP/2.0 100 ");
	w->peer[CALLEE].address = SECOND;
	hear(CALLEE, "INVITE ");
	ck_noted("NET-FAILED", "carrier " CARRIER);
	ck_noted("NET-FAILED", "Connection refused");
	ck_noted("RTE-ADVANCED", "could not be sent");
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(nor_to_the_last_one)
{
	begin_with(&(struct world_options){ .peers = TWO_PEERS,
	    .transport = NET_TCP });
	w->net.error = -ECONNREFUSED;
	invite(OFFER);
	w->net.error = 0;
	ck_ended("unreachable");
	abandon();
}
END_TEST

/* A telephone that rings may be answered: it is not rung elsewhere. */
START_TEST(a_lost_connection_after_ringing)
{
	begin_with(&(struct world_options){ .peers = TWO_PEERS,
	    .transport = NET_TCP });
	ringing();
	calls_connection_lost(
	    w->calls, w->invite->path.connection, -ECONNRESET);
	hear_failure("SIP/2.0 503 ", "NET-FAILED");
	ck_not_noted("RTE-ADVANCED");
	finish();
}
END_TEST

/* --- what crosses --- */

START_TEST(cancelled_after_it)
{
	begin_peers("");
	trying();
	fails("503 Service Unavailable", "");
	asked(SECOND);
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(w->invite, "100 Trying", "");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	fails("487 Request Terminated", "");
	ck_ended("cancelled");
	finish();
}
END_TEST

/* The failure that would lead on meets a call that is taken back. */
START_TEST(cancelled_before_it)
{
	begin_peers("");
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	fails("503 Service Unavailable", "Retry-After: 60\n");
	hear_nothing();
	ck_not_noted("RTE-ADVANCED");
	ck_ended("cancelled");
	finish();
}
END_TEST

START_TEST(cancelled_and_answered)
{
	begin_peers("");
	trying();
	fails("503 Service Unavailable", "");
	asked(SECOND);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("cancelled");
	finish();
}
END_TEST

/* Silence is over while the caller takes the call back. */
START_TEST(cancelled_in_silence)
{
	begin_peers("");
	trying();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	wait_ms(T1_64 + 300);
	replay_skip(&w->net);
	ck_not_noted("RTE-ADVANCED");
	finish();
}
END_TEST

START_TEST(the_failure_comes_again)
{
	const struct replay_sent *first;

	begin_peers("");
	trying();
	first = w->invite;
	fails("503 Service Unavailable", "");
	asked(SECOND);
	answer_as(first, "503 Service Unavailable", "callee-tag", "");
	replay_expect(&w->net, CARRIER, "ACK ", NULL);
	hear_nothing();
	goes_well("carrier");
}
END_TEST

/* Two answers in one dialog would contradict each other: to the caller it is as
 * if the call had been forked. */
START_TEST(early_media_of_two)
{
	const struct replay_sent *one, *two;

	begin_peers(ROW("480", "advance"));
	trying();
	answer(w->invite, "183 Session Progress", ANSWER);
	one = hear(CALLER, "SIP/2.0 183 ", ANSWERS);
	fails("480 Temporarily Unavailable", "");
	asked(SECOND);
	answer(w->invite, "183 Session Progress",
	    SDP_PORT("198.51.100.21", "6100"));
	two = hear(CALLER, "SIP/2.0 183 ", "m=audio 6100");
	ck_assert(!span_eq(one->view.to_tag, two->view.to_tag));
	answer(w->invite, "200 OK", SDP_PORT("198.51.100.21", "6100"));
	hear(CALLEE, "ACK ");
	one = hear(CALLER, "SIP/2.0 200 ", "m=audio 6100");
	ck_assert(span_eq(one->view.to_tag, two->view.to_tag));
	snprintf(w->peer[CALLER].our_tag, sizeof(w->peer[CALLER].our_tag),
	    "%.*s", SPAN_ARG(two->view.to_tag));
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

/* Who only rang has answered nothing: it stays one dialog. */
START_TEST(ringing_of_two)
{
	const struct replay_sent *one;

	begin_peers(ROW("480", "advance"));
	trying();
	answer(w->invite, "180 Ringing", "");
	one = hear(CALLER, "SIP/2.0 180 ");
	fails("480 Temporarily Unavailable", "");
	asked(SECOND);
	answer(w->invite, "180 Ringing", "");
	ck_assert(span_eq(one->view.to_tag,
	    hear(CALLER, "SIP/2.0 180 ")->view.to_tag));
	goes_well("carrier");
}
END_TEST

START_TEST(forks_of_two)
{
	const struct replay_sent *r[3];

	begin_rows(ROW("480", "advance"),
	    (struct world_options){ .peers = TWO_PEERS,
		.pbx = "forks = \"keep\";" });
	trying();
	answer_as(w->invite, "180 Ringing", "a", "");
	r[0] = hear(CALLER, "SIP/2.0 180 ");
	answer_as(w->invite, "180 Ringing", "b", "");
	r[1] = hear(CALLER, "SIP/2.0 180 ");
	fails("480 Temporarily Unavailable", "");
	asked(SECOND);
	answer(w->invite, "180 Ringing", "");
	r[2] = hear(CALLER, "SIP/2.0 180 ");
	ck_assert(!span_eq(r[0]->view.to_tag, r[1]->view.to_tag));
	ck_assert(!span_eq(r[0]->view.to_tag, r[2]->view.to_tag));
	ck_assert(!span_eq(r[1]->view.to_tag, r[2]->view.to_tag));
	fails("480 Temporarily Unavailable", "");
	hear_failure("SIP/2.0 480 ");
	finish();
}
END_TEST

/* The caller has acknowledged an answer: no other can be given. */
START_TEST(after_an_answer_that_counts)
{
	const struct replay_sent *r;
	char fields[64];

	begin_peers("");
	invite("Require: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "183 Session Progress", ANSWER);
	r = hear(CALLER, "SIP/2.0 183 ", "RSeq: ", ANSWERS);
	snprintf(fields, sizeof(fields), "RAck: %.*s 1 INVITE\n",
	    SPAN_ARG(value_of(r, SIP_RSEQ)));
	ask(CALLER, "PRACK", fields);
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	fails("503 Service Unavailable", "");
	hear_failure("SIP/2.0 503 ");
	ck_noted("RTE-EXHAUSTED", "acknowledged the media");
	finish();
}
END_TEST

START_TEST(one_clock_for_all)
{
	begin_peers(ROW("480", "advance"));
	ringing();
	wait_ms(RING_MS - 1000);
	fails("480 Temporarily Unavailable", "");
	asked(SECOND);
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	wait_ms(1000 + 256);
	hear_failure("SIP/2.0 408 ", "CALL-NO-ANSWER");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	fails("487 Request Terminated", "");
	finish();
}
END_TEST

/* --- limits --- */

START_TEST(a_full_trunk_is_passed_over)
{
	begin_with(&(struct world_options){ .carrier = "max_calls = 1;",
	    .trunks = BACKUP_WITH(""), .routes = TO_BACKUP });
	leg_count(&(struct leg){ .trunk =
	    trunk_find(w->trunks, SPAN("carrier")) });
	invite(OFFER);
	asked(BACKUP);
	hear(CALLER, "SIP/2.0 100 ");
	ck_noted("CAP-CONCURRENT", CARRIER);
	ck_not_noted("RTE-ADVANCED");
	abandon();
}
END_TEST

START_TEST(too_fast_is_passed_over)
{
	begin_with(&(struct world_options){ .carrier = "calls_per_second = 1;",
	    .trunks = BACKUP_WITH(""), .routes = TO_BACKUP });
	trying();
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	invite_again();
	asked(BACKUP);
	hear(CALLER, "SIP/2.0 100 ");
	ck_noted("CAP-CPS", CARRIER);
	abandon();
}
END_TEST

/* --- slow-down --- */

#define SLOW                                                                   \
	"{ status = 503; phrase = \"CPS\"; diagnostic = \"CAP-CPS\"; then = "  \
	"\"slow-down\"; }"

START_TEST(slower_and_the_next_trunk)
{
	begin_rows(SLOW, (struct world_options){ .peers = TWO_PEERS,
			     .trunks = BACKUP_WITH(""), .routes = TO_BACKUP });
	trying();
	fails("503 Trunk CPS limit exceeded", "");
	/* A peer of the same trunk would count against the same limit. */
	asked(BACKUP);
	ck_noted("CAP-CPS", "503 Trunk CPS limit exceeded");
	ck_noted("CAP-SLOWED", "0.9 calls a second");
	ck_assert_uint_eq(calls_counters(w->calls)->slowed, 1);
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	/* Over the rate: it is not even asked. */
	invite_again();
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	ck_noted("CAP-CPS", CARRIER);
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(slower_without_another)
{
	begin_rows(SLOW, (struct world_options){ 0 });
	trying();
	fails("503 Trunk CPS limit exceeded", "");
	hear_failure("SIP/2.0 503 Trunk CPS limit exceeded");
	invite_again();
	hear_failure("SIP/2.0 503 ", "CAP-CPS", "Retry-After: 1\r\n");
	ck_ended("trunk-too-fast");
	/* At that rate the next one may go. */
	wait_ms(1200);
	invite_again();
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(back_to_full_speed)
{
	struct relief *relief;

	begin_rows(SLOW, (struct world_options){ 0 });
	relief = &w->trunks->list[1].state->relief;
	trying();
	fails("503 Trunk CPS limit exceeded", "");
	hear_failure("SIP/2.0 503 ");
	ck_assert_uint_eq(relief_rate(relief, w->net.timers.now), 900);
	wait_ms(RELIEF_STEP_MS);
	ck_assert_uint_eq(relief_rate(relief, w->net.timers.now), 0);
	invite_again();
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	ck_noted("CAP-SLOWED", "full");
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(an_emergency_call_is_not_slowed)
{
	unsigned i;

	begin_rows(SLOW, (struct world_options){
			     .carrier = "max_calls = 1;" });
	trying();
	fails("503 Trunk CPS limit exceeded", "");
	hear_failure("SIP/2.0 503 ");
	relief_rest(&w->trunks->list[1].state->relief,
	    &w->peer[CALLEE].path.remote, 60000, w->net.timers.now);
	for (i = 0; i < 2; i++) {
		say(CALLER,
		    "INVITE sip:112@" US_IN " SIP/2.0\n"
		    "Via: SIP/2.0/UDP " PBX ";branch=z9hG4bKsos-%u;rport\n"
		    "Max-Forwards: 70\n"
		    "From: <sip:a@192.0.2.10>;tag=sos\n"
		    "To: <sip:112@" US_IN ">\n"
		    "Call-ID: sos-%u@192.0.2.10\n"
		    "CSeq: 1 INVITE\n"
		    "Contact: <sip:pbx@" PBX ">\n" OFFER, i, i);
		replay_expect(&w->net, CARRIER, "INVITE sip:112@", NULL);
		hear(CALLER, "SIP/2.0 100 ");
	}
	abandon();
}
END_TEST

/* --- retry-after --- */

START_TEST(rests_for_as_long_as_it_says)
{
	begin_peers("");
	trying();
	fails("503 Service Unavailable", "Retry-After: 20 (moving)\n");
	asked(SECOND);
	ck_noted("RSP-RETRY-AFTER", CARRIER " rests for 20 s");
	ck_assert_uint_eq(calls_counters(w->calls)->rested, 1);
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	invite_again();
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	wait_ms(20000);
	invite_again();
	asked(CARRIER);
	hear(CALLER, "SIP/2.0 100 ");
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(the_only_one_rests)
{
	begin();
	trying();
	fails("503 Service Unavailable", "Retry-After: 20\n");
	hear_failure("SIP/2.0 503 ", "Retry-After: 20\r\n");
	wait_ms(5000);
	invite_again();
	hear_failure("SIP/2.0 503 ", "RSP-RETRY-AFTER", "Retry-After: 15\r\n");
	ck_ended("resting");
	finish();
}
END_TEST

START_TEST(no_longer_than_allowed)
{
	begin_with(&(struct world_options){
	    .carrier = "retry_after_max = \"10s\";" });
	trying();
	fails("503 Service Unavailable", "Retry-After: 99999999999;duration=1\n");
	hear_failure("SIP/2.0 503 ");
	ck_noted("RSP-RETRY-AFTER", "rests for 10 s");
	wait_ms(10000);
	invite_again();
	hear(CALLEE, "INVITE ");
	abandon();
}
END_TEST

START_TEST(values_that_are_none)
{
	static const char *const fields[] = { "Retry-After: 0\n",
		"Retry-After: soon\n", "Retry-After: -5\n", "Retry-After:\n" };

	begin();
	trying();
	fails("503 Service Unavailable", fields[_i]);
	hear_failure("SIP/2.0 503 ");
	ck_not_noted("RSP-RETRY-AFTER");
	finish();
}
END_TEST

START_TEST(not_heeded_where_told_so)
{
	begin_with(&(struct world_options){
	    .carrier = "retry_after_max = \"0s\";" });
	trying();
	fails("503 Service Unavailable", "Retry-After: 60\n");
	hear_failure("SIP/2.0 503 ");
	invite_again();
	hear(CALLEE, "INVITE ");
	abandon();
}
END_TEST

START_TEST(of_another_status_by_a_row)
{
	begin_peers(ROW("480", "retry-after"));
	trying();
	fails("480 Temporarily Unavailable", "Retry-After: 30\n");
	asked(SECOND);
	ck_noted("RSP-RETRY-AFTER", CARRIER " rests for 30 s");
	goes_well("carrier");
}
END_TEST

/* A reload keeps what the peers have asked for. */
START_TEST(rests_over_a_reload)
{
	begin_with(&(struct world_options){ .peers = TWO_PEERS });
	trying();
	fails("503 Service Unavailable", "Retry-After: 20\n");
	asked(SECOND);
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	change_trunks(&(struct world_options){ .peers = THREE_PEERS });
	invite_again();
	asked(SECOND);
	hear(CALLER, "SIP/2.0 100 ");
	fails("486 Busy Here", "");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

#define LEN(a) (int)ARRAY_LEN(a)

int
main(void)
{
	Suite *suite = suite_create("from one target to the next");
	TCase *tc = tcase_create("advance");

	tcase_add_test(tc, to_the_next_peer);
	tcase_add_test(tc, to_the_next_trunk);
	tcase_add_test(tc, peers_before_trunks);
	tcase_add_test(tc, to_the_next_route);
	tcase_add_test(tc, each_trunk_by_its_own_policy);
	tcase_add_loop_test(tc, what_holds_without_a_row, 0, 8);
	tcase_add_test(tc, relay_holds_503_back);
	tcase_add_loop_test(tc, stop_ends_it, 0, 4);
	tcase_add_test(tc, relay_leaves_cures_alone);
	tcase_add_test(tc, advance_is_no_cure);
	tcase_add_test(tc, advance_follows_no_redirection);
	tcase_add_test(tc, from_the_target_of_a_redirection);
	tcase_add_test(tc, a_6xx_is_the_last_word);
	tcase_add_test(tc, also_of_the_second);
	tcase_add_loop_test(tc, the_best_one, 0, LEN(pairs));
	tcase_add_test(tc, named_ones_are_not_weighed);
	tcase_add_test(tc, others_are_left);
	tcase_add_test(tc, the_best_of_three);
	tcase_add_test(tc, an_answer_says_more_than_silence);
	tcase_add_test(tc, silence_leads_on);
	tcase_add_test(tc, silence_and_a_late_answer);
	tcase_add_test(tc, trying_is_no_silence);
	tcase_add_test(tc, silence_of_the_only_one);
	tcase_add_test(tc, silence_may_be_as_long_as_it_takes);
	tcase_add_test(tc, silence_with_nobody_free);
	tcase_add_test(tc, it_cannot_be_sent);
	tcase_add_test(tc, nor_to_the_last_one);
	tcase_add_test(tc, a_lost_connection_after_ringing);
	tcase_add_test(tc, cancelled_after_it);
	tcase_add_test(tc, cancelled_before_it);
	tcase_add_test(tc, cancelled_and_answered);
	tcase_add_test(tc, cancelled_in_silence);
	tcase_add_test(tc, the_failure_comes_again);
	tcase_add_test(tc, early_media_of_two);
	tcase_add_test(tc, ringing_of_two);
	tcase_add_test(tc, forks_of_two);
	tcase_add_test(tc, after_an_answer_that_counts);
	tcase_add_test(tc, one_clock_for_all);
	tcase_add_test(tc, a_full_trunk_is_passed_over);
	tcase_add_test(tc, too_fast_is_passed_over);
	tcase_add_test(tc, slower_and_the_next_trunk);
	tcase_add_test(tc, slower_without_another);
	tcase_add_test(tc, back_to_full_speed);
	tcase_add_test(tc, an_emergency_call_is_not_slowed);
	tcase_add_test(tc, rests_for_as_long_as_it_says);
	tcase_add_test(tc, the_only_one_rests);
	tcase_add_test(tc, no_longer_than_allowed);
	tcase_add_loop_test(tc, values_that_are_none, 0, 4);
	tcase_add_test(tc, not_heeded_where_told_so);
	tcase_add_test(tc, of_another_status_by_a_row);
	tcase_add_test(tc, rests_over_a_reload);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
