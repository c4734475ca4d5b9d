/* The client transactions: each state, each timer, each race. */

#include <errno.h>
#include <stdio.h>

#include "transaction_world.h"

static struct world *w;
static const struct replay_sent *sent; /* the last request() */

static void
open_udp(void)
{
	w = world_open(NET_UDP);
}

static void
open_tcp(void)
{
	w = world_open(NET_TCP);
}

static void
finish(void)
{
	world_told_nothing(w);
	replay_expect_nothing(&w->net);
	world_close(w);
}

static void
request(enum sip_method method)
{
	sent = world_send(w, method, 7);
	ck_assert_uint_eq(transactions_active(w->layer), 1);
}

static void
answer(const char *status_line, const char *to_tag)
{
	replay_answer(&w->net, sent, status_line, to_tag, "");
}

static void
sent_after(uint64_t ms, const char *start)
{
	replay_advance(&w->net, ms - 1);
	replay_expect_nothing(&w->net);
	replay_advance(&w->net, 1);
	replay_expect(&w->net, PEER, start, NULL);
}

static void
gone_after(uint64_t ms)
{
	replay_advance(&w->net, ms - 1);
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	replay_advance(&w->net, 257);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
}

START_TEST(an_invite_without_answer)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	sent_after(500, "INVITE");
	sent_after(1000, "INVITE");
	sent_after(2000, "INVITE");
	sent_after(4000, "INVITE");
	sent_after(8000, "INVITE");
	sent_after(16000, "INVITE");
	ck_assert(span_eq(w->net.sent[0]->bytes, w->net.sent[6]->bytes));
	world_told_nothing(w);
	gone_after(500);
	world_told(w, "timeout 7");
	ck_assert_uint_eq(
	    transactions_counters(w->layer)->retransmissions_out, 6);
	finish();
}
END_TEST

START_TEST(an_invite_over_a_stream)
{
	open_tcp();
	request(SIP_METHOD_INVITE);
	gone_after(32000);
	world_told(w, "timeout 7");
	finish();
}
END_TEST

static void
ack_it(const char *to_tag, const char *text)
{
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));

	text_addf(&t,
	    "ACK sip:b@192.0.2.20 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKack%s\r\n"
	    "From: <sip:a@example.com>;tag=ours\r\n"
	    "To: <sip:b@example.com>;tag=%s\r\n"
	    "Call-ID: out\r\n"
	    "CSeq: 3 ACK\r\n"
	    "Content-Length: 0\r\n\r\n",
	    text, to_tag);
	ck_assert_int_eq(client_ack(w->layer, w->client, span_of(to_tag),
			     &w->path, text_span(&t)),
	    0);
}

START_TEST(accepted_and_its_forks)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	replay_advance(&w->net, 100000);
	replay_expect_nothing(&w->net);
	ck_assert_uint_eq(transactions_counters(w->layer)->ignored, 0);
	answer("200 OK", "one");
	world_told(w, "response 200 7");
	ck_assert_ptr_null(world_client(w)->sent);
	ck_assert_uint_eq(transactions_active(w->layer), 0);
	/* Nothing to say yet to a retransmission. */
	answer("200 OK", "one");
	replay_expect_nothing(&w->net);
	ack_it("one", "a");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKacka", NULL);
	answer("200 OK", "one");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKacka", NULL);
	/* Another fork has its own ACK. */
	answer("200 OK", "two");
	world_told(w, "response 200 7");
	ack_it("two", "b");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKackb", NULL);
	answer("200 OK", "one");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKacka", NULL);
	answer("200 OK", "two");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKackb", NULL);
	/* A newer one takes its place. */
	ack_it("one", "c");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKackc", NULL);
	answer("200 OK", "one");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKackc", NULL);
	/* Provisionals and failures come too late. */
	answer("180 Ringing", "one");
	answer("486 Busy Here", "one");
	gone_after(32000);
	/* Late: it matches nothing. */
	ck_assert_uint_eq(transactions_counters(w->layer)->stray, 0);
	answer("200 OK", "three");
	ck_assert_uint_eq(transactions_counters(w->layer)->stray, 1);
	ack_it("three", "d");
	replay_expect(&w->net, PEER, "ACK", "z9hG4bKackd", NULL);
	finish();
}
END_TEST

START_TEST(forks_are_bounded)
{
	char tag[16];
	int i;

	open_udp();
	request(SIP_METHOD_INVITE);
	for (i = 0; i < 40; i++) {
		snprintf(tag, sizeof(tag), "fork%d", i);
		answer("200 OK", tag);
		if (i < FORKS_MAX)
			world_told(w, "response 200 7");
	}
	finish();
}
END_TEST

START_TEST(accepted_without_a_provisional)
{
	open_tcp();
	request(SIP_METHOD_INVITE);
	answer("200 OK", "one");
	world_told(w, "response 200 7");
	ack_it("one", "a");
	replay_expect(&w->net, PEER, "ACK", NULL);
	answer("200 OK", "one");
	replay_expect(&w->net, PEER, "ACK", NULL);
	transactions_connection_lost(w->layer, 5, -EPIPE);
	gone_after(32000);
	finish();
}
END_TEST

/* RFC 3261 section 17.1.1.3. */
START_TEST(failed_and_acknowledged)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	answer("486 Busy Here", "one");
	world_told(w, "response 486 7");
	ck_assert_uint_eq(transactions_active(w->layer), 0);
	sent = replay_expect(&w->net, PEER,
	    "ACK sip:b@192.0.2.10;x=1 SIP/2.0\r\n", w->branch,
	    "Max-Forwards: 70\r\n",
	    "Route: <sip:r1.example.com;lr>\r\nRoute: <sip:r2.example.com;lr>",
	    "From: <sip:a@example.com>;tag=ours\r\n",
	    "To: <sip:b@example.com>;tag=one\r\n", "Call-ID: out\r\n",
	    "CSeq: 3 ACK\r\n", "!Subject", "!INVITE", NULL);
	ck_assert_uint_eq(sent->view.via_count, 1);
	sent = w->net.sent[0];
	answer("486 Busy Here", "one");
	replay_expect(&w->net, PEER, "ACK", "tag=one\r\n", NULL);
	answer("180 Ringing", "one");
	answer("200 OK", "one");
	gone_after(32000);
	finish();
}
END_TEST

START_TEST(failed_over_a_stream)
{
	open_tcp();
	request(SIP_METHOD_INVITE);
	answer("404 Not Found", "one");
	world_told(w, "response 404 7");
	replay_expect(&w->net, PEER, "ACK", NULL);
	ck_assert_ptr_null(world_client(w)->sent);
	replay_advance(&w->net, 1);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

/* --- CANCEL --- */

static const struct replay_sent *
expect_cancel(const char *reason)
{
	return replay_expect(&w->net, PEER,
	    "CANCEL sip:b@192.0.2.10;x=1 SIP/2.0\r\n", w->branch,
	    "To: <sip:b@example.com>\r\n", "CSeq: 3 CANCEL\r\n",
	    "Route: <sip:r1.example.com;lr>\r\nRoute: <sip:r2.example.com;lr>",
	    reason, "!Subject", NULL);
}

START_TEST(cancel_waits_for_a_provisional)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	client_cancel(w->layer, w->client,
	    SPAN("Q.850;cause=16;text=\"bye\""));
	client_cancel(w->layer, w->client, SPAN_NONE);
	replay_expect_nothing(&w->net);
	sent_after(500, "INVITE");
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	expect_cancel("Reason: Q.850;cause=16;text=\"bye\"\r\n");
	client_cancel(w->layer, w->client, SPAN_NONE);
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	answer("487 Request Terminated", "one");
	world_told(w, "response 487 7");
	replay_expect(&w->net, PEER, "ACK", "tag=one", NULL);
	/* The CANCEL itself is still without its answer. */
	sent_after(500, "CANCEL");
	replay_skip(&w->net);
	replay_advance(&w->net, 40000);
	ck_assert_uint_gt(replay_skip(&w->net), 8);
	finish();
}
END_TEST

START_TEST(cancel_meets_an_answer)
{
	const struct replay_sent *cancel;

	open_udp();
	request(SIP_METHOD_INVITE);
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	client_cancel(w->layer, w->client, SPAN_NONE);
	cancel = expect_cancel("!Reason");
	/* The answer to the CANCEL is nobody's business. */
	replay_answer(&w->net, cancel, "200 OK", "one", "");
	replay_answer(&w->net, cancel, "200 OK", "one", "");
	world_told_nothing(w);
	/* Crossed: the call is there all the same. */
	answer("200 OK", "one");
	world_told(w, "response 200 7");
	client_cancel(w->layer, w->client, SPAN_NONE);
	finish();
}
END_TEST

START_TEST(cancel_is_not_sent_after_a_final)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	client_cancel(w->layer, w->client, SPAN_NONE);
	ck_assert_uint_eq(transactions_count(w->layer), 2);
	answer("200 OK", "one");
	world_told(w, "response 200 7");
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	replay_advance(&w->net, 33000);
	request(SIP_METHOD_INVITE);
	client_cancel(w->layer, w->client, SPAN_NONE);
	answer("503 Service Unavailable", "one");
	world_told(w, "response 503 7");
	replay_expect(&w->net, PEER, "ACK", NULL);
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	finish();
}
END_TEST

START_TEST(cancel_brings_nothing)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	replay_advance(&w->net, 60000);
	client_cancel(w->layer, w->client, SPAN_NONE);
	replay_advance(&w->net, 31999);
	world_told_nothing(w);
	replay_advance(&w->net, 257);
	world_told(w, "timeout 7");
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	/* Timer E of the CANCEL. */
	ck_assert_uint_eq(replay_skip(&w->net), 11);
	finish();
}
END_TEST

START_TEST(cancel_of_the_unanswered)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	client_cancel(w->layer, w->client, SPAN_NONE);
	replay_advance(&w->net, 32256);
	world_told(w, "timeout 7");
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	ck_assert_uint_eq(replay_skip(&w->net), 6);
	finish();
}
END_TEST

/* --- forgotten --- */

START_TEST(forgotten_before_it_was_sent)
{
	open_udp();
	w->client = client_create(
	    w->layer, SIP_METHOD_INVITE, 7, &w->path, w->branch);
	ck_assert_uint_eq(transactions_active(w->layer), 1);
	client_forget(w->layer, w->client);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	ck_assert_int_eq(
	    client_send(w->layer, w->client, SPAN("x")), -ENOENT);
	w->client = client_create(
	    w->layer, SIP_METHOD_BYE, 7, &w->path, w->branch);
	client_forget(w->layer, w->client);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

/* In each state it is allowed, and no one is told. */
START_TEST(forgotten_at_any_time)
{
	static const enum sip_method methods[] = { SIP_METHOD_INVITE,
		SIP_METHOD_OPTIONS };
	static const char *const lines[] = { "100 Trying", "200 OK",
		"486 Busy Here" };
	size_t i, k;

	open_udp();
	for (i = 0; i < ARRAY_LEN(methods); i++) {
		request(methods[i]);
		client_forget(w->layer, w->client);
		replay_advance(&w->net, 33000);
		replay_skip(&w->net);
		for (k = 0; k < ARRAY_LEN(lines); k++) {
			request(methods[i]);
			answer(lines[k], "one");
			w->looked_at = w->told_n;
			client_forget(w->layer, w->client);
			replay_advance(&w->net, 200000);
			replay_skip(&w->net);
			ck_assert_uint_eq(transactions_count(w->layer), 0);
		}
	}
	ck_assert_uint_eq(transactions_counters(w->layer)->ignored, 0);
	finish();
}
END_TEST

START_TEST(forgotten_and_cancelled)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	client_cancel(w->layer, w->client, SPAN_NONE);
	client_forget(w->layer, w->client);
	answer("180 Ringing", "one");
	expect_cancel("!Reason");
	answer("487 Request Terminated", "one");
	replay_expect(&w->net, PEER, "ACK", NULL);
	world_told_nothing(w);
	replay_advance(&w->net, 40000);
	replay_skip(&w->net);
	finish();
}
END_TEST

START_TEST(forgotten_and_answered)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	client_cancel(w->layer, w->client, SPAN_NONE);
	expect_cancel("!Reason");
	client_forget(w->layer, w->client);
	answer("200 OK", "one");
	world_told(w, "response 200 0");
	ack_it("one", "a");
	replay_expect(&w->net, PEER, "ACK", NULL);
	replay_advance(&w->net, 40000);
	replay_skip(&w->net);
	finish();
}
END_TEST

/* The peer may ring for ever. */
START_TEST(forgotten_while_ringing)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	client_forget(w->layer, w->client);
	gone_after(180000);
	request(SIP_METHOD_INVITE);
	client_forget(w->layer, w->client);
	answer("180 Ringing", "one");
	gone_after(180000);
	request(SIP_METHOD_OPTIONS);
	client_forget(w->layer, w->client);
	answer("200 OK", "one");
	gone_after(5000);
	finish();
}
END_TEST

/* --- errors --- */

START_TEST(a_request_that_cannot_be_sent)
{
	open_udp();
	w->net.error = -EMSGSIZE;
	ck_assert_int_eq(
	    world_create_send(w, SIP_METHOD_INVITE, 7), -EMSGSIZE);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	ck_assert_int_eq(
	    client_send(w->layer, w->client, SPAN("x")), -ENOENT);
	client_cancel(w->layer, w->client, SPAN_NONE);
	client_forget(w->layer, w->client);
	w->net.error = 0;
	finish();
}
END_TEST

START_TEST(a_retransmission_that_cannot_be_sent)
{
	static const enum sip_method methods[] = { SIP_METHOD_INVITE,
		SIP_METHOD_BYE };
	size_t i;

	open_udp();
	for (i = 0; i < ARRAY_LEN(methods); i++) {
		request(methods[i]);
		w->net.error = -ENOBUFS;
		replay_advance(&w->net, 500);
		world_told_nothing(w);
		w->net.error = -ECONNREFUSED;
		replay_advance(&w->net, 1000);
		world_told(w, "failed 7 %d", -ECONNREFUSED);
		ck_assert_uint_eq(transactions_count(w->layer), 0);
		w->net.error = 0;
	}
	finish();
}
END_TEST

START_TEST(a_peer_that_is_not_there)
{
	struct net_path other = replay_path(NET_UDP, "192.0.2.10:5061", 0);

	open_udp();
	request(SIP_METHOD_INVITE);
	transactions_unreachable(w->layer, &other, -ECONNREFUSED);
	world_told_nothing(w);
	transactions_unreachable(w->layer, &w->path, -ECONNREFUSED);
	world_told(w, "failed 7 %d", -ECONNREFUSED);
	request(SIP_METHOD_INVITE);
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	transactions_unreachable(w->layer, &w->path, -ECONNREFUSED);
	answer("486 Busy Here", "one");
	world_told(w, "response 486 7");
	replay_expect(&w->net, PEER, "ACK", NULL);
	finish();
}
END_TEST

START_TEST(a_connection_that_is_lost)
{
	open_tcp();
	w->path.connection = 0;
	request(SIP_METHOD_BYE);
	transactions_connection_lost(w->layer, 6, -EPIPE);
	world_told_nothing(w);
	transactions_connection_lost(w->layer, 1000, -EPIPE);
	world_told(w, "failed 7 %d", -EPIPE);
	w->path.connection = 5;
	request(SIP_METHOD_OPTIONS);
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	transactions_connection_lost(w->layer, 5, -EPIPE);
	world_told(w, "failed 7 %d", -EPIPE);
	w->path.connection = 0;
	request(SIP_METHOD_INVITE);
	ck_assert(client_path(w->layer, w->client, &w->path));
	ck_assert_uint_eq(w->path.connection, 1001);
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	client_cancel(w->layer, w->client, SPAN_NONE);
	expect_cancel("!Reason");
	transactions_connection_lost(w->layer, 1001, -ECONNRESET);
	world_told(w, "failed 7 %d", -ECONNRESET);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	ck_assert(!client_path(w->layer, w->client, &w->path));
	finish();
}
END_TEST

/* RFC 3261 section 18.4: the peer may have closed it before the request
 * came. */
START_TEST(a_reused_connection_that_is_lost)
{
	const struct replay_sent *first, *again;

	open_tcp();
	w->path.connection = 0;
	w->net.open = 5;
	first = world_send(w, SIP_METHOD_INVITE, 7);
	ck_assert_uint_eq(first->path.connection, 5);
	w->net.open = 6;
	transactions_connection_lost(w->layer, 5, 0);
	again = replay_expect(&w->net, PEER, "INVITE", NULL);
	ck_assert_uint_eq(again->path.connection, 6);
	ck_assert(span_eq(first->bytes, again->bytes));
	w->net.open = 0;
	transactions_connection_lost(w->layer, 6, -EPIPE);
	again = replay_expect(&w->net, PEER, "INVITE", NULL);
	ck_assert_uint_eq(again->path.connection, 1000);
	world_told_nothing(w);
	/* That one was made for it. */
	transactions_connection_lost(w->layer, 1000, -ECONNRESET);
	world_told(w, "failed 7 %d", -ECONNRESET);
	finish();
}
END_TEST

/* Requests inside a dialog name its connection. */
START_TEST(a_named_connection_that_is_lost)
{
	const struct replay_sent *first, *again;
	static const enum sip_method methods[] = { SIP_METHOD_BYE,
		SIP_METHOD_UPDATE, SIP_METHOD_INVITE };

	open_tcp();
	first = world_send(w, methods[_i], 7);
	ck_assert_uint_eq(first->path.connection, 5);
	transactions_connection_lost(w->layer, 5, -ECONNRESET);
	again = replay_expect(&w->net, PEER, "", NULL);
	ck_assert_uint_eq(again->path.connection, 1000);
	ck_assert(span_eq(first->bytes, again->bytes));
	world_told_nothing(w);
	transactions_connection_lost(w->layer, 1000, -ECONNRESET);
	world_told(w, "failed 7 %d", -ECONNRESET);
	finish();
}
END_TEST

/* The peer's 2xx comes again by another connection: so does the ACK. */
START_TEST(an_ack_whose_connection_is_gone)
{
	const struct replay_sent *out;

	open_tcp();
	request(SIP_METHOD_INVITE);
	answer("200 OK", "one");
	world_told(w, "response 200 7");
	ack_it("one", "a");
	out = replay_expect(&w->net, PEER, "ACK", "z9hG4bKacka", NULL);
	ck_assert_uint_eq(out->path.connection, 5);
	transactions_connection_lost(w->layer, 5, 0);
	w->net.gone = 5;
	answer("200 OK", "one");
	out = replay_expect(&w->net, PEER, "ACK", "z9hG4bKacka", NULL);
	ck_assert_uint_eq(out->path.connection, 1000);
	answer("200 OK", "one");
	out = replay_expect(&w->net, PEER, "ACK", "z9hG4bKacka", NULL);
	ck_assert_uint_eq(out->path.connection, 1000);
	finish();
}
END_TEST

START_TEST(a_reused_connection_that_is_lost_after_an_answer)
{
	open_tcp();
	w->path.connection = 0;
	w->net.open = 5;
	request(SIP_METHOD_INVITE);
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	transactions_connection_lost(w->layer, 5, -EPIPE);
	world_told(w, "failed 7 %d", -EPIPE);
	finish();
}
END_TEST

START_TEST(a_reused_connection_that_is_lost_and_no_other_is_to_be_had)
{
	open_tcp();
	w->path.connection = 0;
	w->net.open = 5;
	request(SIP_METHOD_INVITE);
	w->net.error = -ECONNREFUSED;
	transactions_connection_lost(w->layer, 5, 0);
	world_told(w, "failed 7 0");
	w->net.error = 0;
	finish();
}
END_TEST

/* Nobody waits for the answer any more. */
START_TEST(a_reused_connection_that_is_lost_after_a_cancel)
{
	open_tcp();
	w->path.connection = 0;
	w->net.open = 5;
	request(SIP_METHOD_INVITE);
	client_cancel(w->layer, w->client, SPAN_NONE);
	transactions_connection_lost(w->layer, 5, -EPIPE);
	world_told(w, "failed 7 %d", -EPIPE);
	replay_expect_nothing(&w->net);
	finish();
}
END_TEST

START_TEST(a_connection_with_requests_both_ways)
{
	open_tcp();
	world_request(w, "OPTIONS", "in", "");
	world_told(w, "request OPTIONS");
	world_send(w, SIP_METHOD_BYE, 7);
	w->net.error = -ECONNREFUSED;
	transactions_connection_lost(w->layer, 5, -EPIPE);
	world_told(w, "failed 7 %d", -EPIPE);
	w->net.error = 0;
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	finish();
}
END_TEST

/* --- other requests --- */

START_TEST(other_requests_without_answer)
{
	open_udp();
	request(SIP_METHOD_BYE);
	sent_after(500, "BYE");
	sent_after(1000, "BYE");
	sent_after(2000, "BYE");
	sent_after(4000, "BYE");
	sent_after(4000, "BYE");
	replay_advance(&w->net, 20000);
	ck_assert_uint_eq(replay_skip(&w->net), 5);
	world_told_nothing(w);
	gone_after(500);
	world_told(w, "timeout 7");
	finish();
}
END_TEST

START_TEST(other_requests_over_a_stream)
{
	open_tcp();
	w->path.connection = 0;
	request(SIP_METHOD_BYE);
	ck_assert_ptr_null(world_client(w)->sent);
	gone_after(32000);
	world_told(w, "timeout 7");
	request(SIP_METHOD_BYE);
	answer("200 OK", "one");
	world_told(w, "response 200 7");
	replay_advance(&w->net, 1);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

START_TEST(other_requests_with_a_provisional)
{
	open_udp();
	request(SIP_METHOD_OPTIONS);
	sent_after(500, "OPTIONS");
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	sent_after(1000, "OPTIONS");
	sent_after(4000, "OPTIONS");
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	sent_after(4000, "OPTIONS");
	answer("200 OK", "one");
	world_told(w, "response 200 7");
	ck_assert_ptr_null(world_client(w)->sent);
	/* Completed absorbs until timer K. */
	answer("200 OK", "one");
	answer("100 Trying", "");
	gone_after(5000);
	request(SIP_METHOD_OPTIONS);
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	replay_advance(&w->net, 32256);
	world_told(w, "timeout 7");
	replay_skip(&w->net);
	finish();
}
END_TEST

START_TEST(other_requests_fail)
{
	open_udp();
	request(SIP_METHOD_OPTIONS);
	answer("404 Not Found", "one");
	world_told(w, "response 404 7");
	answer("404 Not Found", "one");
	gone_after(5000);
	request(SIP_METHOD_OPTIONS);
	answer("100 Trying", "");
	world_told(w, "response 100 7");
	answer("404 Not Found", "one");
	world_told(w, "response 404 7");
	gone_after(5000);
	finish();
}
END_TEST

/* --- a user who calls back --- */

static void
call_back(struct world *world)
{
	static unsigned depth;

	if (depth++ > 0)
		return;
	client_forget(world->layer, world->client);
	ck_assert_int_eq(
	    world_create_send(world, SIP_METHOD_INVITE, 9), 0);
	client_cancel(world->layer, world->client, SPAN_NONE);
	client_forget(world->layer, world->client);
}

START_TEST(a_user_may_call_back)
{
	open_udp();
	request(SIP_METHOD_INVITE);
	w->reenter = call_back;
	answer("180 Ringing", "one");
	world_told(w, "response 180 7");
	replay_expect(&w->net, PEER, "INVITE", NULL);
	replay_advance(&w->net, 33000);
	replay_skip(&w->net);
	finish();
}
END_TEST

/* --- blank cells --- */

static void
reach(bool invite, enum client_state state)
{
	enum sip_method method = invite ? SIP_METHOD_INVITE : SIP_METHOD_BYE;

	if (state == CLIENT_CREATED) {
		w->client =
		    client_create(w->layer, method, 7, &w->path, w->branch);
	} else {
		request(method);
	}
	if (state == CLIENT_PROCEEDING)
		answer("180 Ringing", "one");
	if (state == CLIENT_COMPLETED)
		answer("486 Busy Here", "one");
	if (state == CLIENT_ACCEPTED)
		answer("200 OK", "one");
	ck_assert_uint_eq(world_client(w)->state, state);
	w->looked_at = w->told_n;
	replay_skip(&w->net);
}

static unsigned
check_blank(bool invite, unsigned state, unsigned event)
{
	const struct client_cell *cell = invite
	    ? &client_invite_table[state][event]
	    : &client_other_table[state][event];

	if (cell->action != NULL)
		return 0;
	open_udp();
	reach(invite, state);
	client_step(world_client(w), event, &(struct client_input){ 0 });
	ck_assert_uint_eq(transactions_counters(w->layer)->ignored, 1);
	ck_assert_uint_eq(world_client(w)->state, state);
	world_told_nothing(w);
	replay_expect_nothing(&w->net);
	client_release(world_client(w));
	world_close(w);
	return 1;
}

START_TEST(blank_cells_ignore)
{
	static const unsigned invite_states[] = { CLIENT_CREATED,
		CLIENT_CALLING, CLIENT_PROCEEDING, CLIENT_COMPLETED,
		CLIENT_ACCEPTED };
	static const unsigned other_states[] = { CLIENT_CREATED,
		CLIENT_TRYING, CLIENT_PROCEEDING, CLIENT_COMPLETED };
	unsigned event, i, n = 0;

	for (event = 0; event < CLIENT_EVENTS; event++) {
		for (i = 0; i < ARRAY_LEN(invite_states); i++)
			n += check_blank(true, invite_states[i], event);
		for (i = 0; i < ARRAY_LEN(other_states); i++)
			n += check_blank(false, other_states[i], event);
	}
	ck_assert_uint_gt(n, 20);
}
END_TEST

TCase *
client_tests(void)
{
	TCase *tc = tcase_create("client");

	tcase_add_test(tc, an_invite_without_answer);
	tcase_add_test(tc, an_invite_over_a_stream);
	tcase_add_test(tc, accepted_and_its_forks);
	tcase_add_test(tc, forks_are_bounded);
	tcase_add_test(tc, accepted_without_a_provisional);
	tcase_add_test(tc, failed_and_acknowledged);
	tcase_add_test(tc, failed_over_a_stream);
	tcase_add_test(tc, cancel_waits_for_a_provisional);
	tcase_add_test(tc, cancel_meets_an_answer);
	tcase_add_test(tc, cancel_is_not_sent_after_a_final);
	tcase_add_test(tc, cancel_brings_nothing);
	tcase_add_test(tc, cancel_of_the_unanswered);
	tcase_add_test(tc, forgotten_before_it_was_sent);
	tcase_add_test(tc, forgotten_at_any_time);
	tcase_add_test(tc, forgotten_and_cancelled);
	tcase_add_test(tc, forgotten_and_answered);
	tcase_add_test(tc, forgotten_while_ringing);
	tcase_add_test(tc, a_request_that_cannot_be_sent);
	tcase_add_test(tc, a_retransmission_that_cannot_be_sent);
	tcase_add_test(tc, a_peer_that_is_not_there);
	tcase_add_test(tc, a_connection_that_is_lost);
	tcase_add_test(tc, a_reused_connection_that_is_lost);
	tcase_add_loop_test(tc, a_named_connection_that_is_lost, 0, 3);
	tcase_add_test(tc, an_ack_whose_connection_is_gone);
	tcase_add_test(tc, a_reused_connection_that_is_lost_after_an_answer);
	tcase_add_test(
	    tc, a_reused_connection_that_is_lost_and_no_other_is_to_be_had);
	tcase_add_test(tc, a_reused_connection_that_is_lost_after_a_cancel);
	tcase_add_test(tc, a_connection_with_requests_both_ways);
	tcase_add_test(tc, other_requests_without_answer);
	tcase_add_test(tc, other_requests_over_a_stream);
	tcase_add_test(tc, other_requests_with_a_provisional);
	tcase_add_test(tc, other_requests_fail);
	tcase_add_test(tc, a_user_may_call_back);
	tcase_add_test(tc, blank_cells_ignore);
	return tc;
}
