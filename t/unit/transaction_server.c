/* The server transactions: each state, each timer, each race. */

#include <errno.h>

#include "transaction_world.h"

static struct world *w;

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

/* So many events have met a blank cell. */
static void
finish_ignored(unsigned n)
{
	ck_assert_uint_eq(transactions_counters(w->layer)->ignored, n);
	world_told_nothing(w);
	replay_expect_nothing(&w->net);
	world_close(w);
}

static void
finish(void)
{
	finish_ignored(0);
}

static void
invite(void)
{
	world_request(w, "INVITE", "one", "");
	world_told(w, "request INVITE");
	server_set_owner(w->layer, w->server, 42);
	ck_assert_uint_eq(transactions_active(w->layer), 1);
}

static void
respond(unsigned status, const char *start)
{
	ck_assert_int_eq(world_respond(w, status, "ours"), 0);
	replay_expect(&w->net, PEER, start, NULL);
}

/* Nothing for ms - 1, then the message that begins with `start`. */
static const struct replay_sent *
sent_after(uint64_t ms, const char *start)
{
	replay_advance(&w->net, ms - 1);
	replay_expect_nothing(&w->net);
	replay_advance(&w->net, 1);
	return replay_expect(&w->net, NULL, start, NULL);
}

START_TEST(trying_is_sent_when_the_user_is_slow)
{
	open_udp();
	invite();
	replay_expect_nothing(&w->net);
	world_request(w, "INVITE", "one", "");
	replay_expect_nothing(&w->net);
	replay_advance(&w->net, 199);
	replay_expect_nothing(&w->net);
	replay_advance(&w->net, 1);
	replay_expect(&w->net, PEER, "SIP/2.0 100 Trying\r\n",
	    "To: <sip:b@example.com>\r\n", "Content-Length: 0\r\n\r\n",
	    "!Record-Route", NULL);
	world_request(w, "INVITE", "one", "");
	replay_expect(&w->net, PEER, "SIP/2.0 100 Trying\r\n", NULL);
	replay_advance(&w->net, 10000);
	respond(486, "SIP/2.0 486");
	world_request(w, "ACK", "one", "ours");
	finish();
}
END_TEST

START_TEST(trying_is_not_sent_after_an_answer)
{
	open_udp();
	invite();
	respond(100, "SIP/2.0 100");
	replay_advance(&w->net, 60000);
	replay_expect_nothing(&w->net);
	respond(200, "SIP/2.0 200");
	server_acked(w->layer, w->server);
	finish();
}
END_TEST

START_TEST(responses_echo_what_they_must)
{
	const struct replay_sent *sent;

	open_udp();
	invite();
	ck_assert_int_eq(world_respond(w, 180, "ours"), 0);
	replay_expect(&w->net, PEER, "SIP/2.0 180 Ringing\r\n",
	    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKone;rport=5060"
	    ";received=192.0.2.10\r\n",
	    "From: <sip:a@example.com>;tag=from-one\r\n",
	    "To: <sip:b@example.com>;tag=ours\r\n", "Call-ID: call-one\r\n",
	    "CSeq: 7 INVITE\r\n",
	    "Record-Route: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>\r\n"
	    "Record-Route: <sip:p3.example.com;lr>\r\n",
	    "Contact: <sip:us@192.0.2.1>\r\n", NULL);
	/* Without a tag of the user one is made. */
	ck_assert_int_eq(world_respond(w, 486, ""), 0);
	sent = replay_expect(
	    &w->net, PEER, "SIP/2.0 486", "!Record-Route", NULL);
	ck_assert_uint_eq(sent->view.to_tag.n, 16);
	world_request(w, "ACK", "one", "ours");
	finish();
}
END_TEST

START_TEST(a_request_with_a_tag_keeps_it)
{
	open_udp();
	world_request(w, "INVITE", "one", "known");
	world_told(w, "request INVITE");
	ck_assert_int_eq(world_respond(w, 200, "other"), 0);
	replay_expect(&w->net, PEER, "SIP/2.0 200",
	    "To: <sip:b@example.com>;tag=known\r\n", "!other",
	    "!Record-Route", NULL);
	server_acked(w->layer, w->server);
	finish();
}
END_TEST

START_TEST(provisional_is_repeated)
{
	open_udp();
	invite();
	respond(180, "SIP/2.0 180");
	respond(183, "SIP/2.0 183");
	world_request(w, "INVITE", "one", "");
	replay_expect(&w->net, PEER, "SIP/2.0 183", NULL);
	ck_assert_uint_eq(
	    transactions_counters(w->layer)->retransmissions_in, 1);
	respond(486, "SIP/2.0 486");
	world_request(w, "ACK", "one", "ours");
	finish();
}
END_TEST

/* RFC 3261 section 13.3.1.4, over every transport. */
static void
check_2xx_again(void)
{
	invite();
	respond(200, "SIP/2.0 200");
	sent_after(500, "SIP/2.0 200");
	sent_after(1000, "SIP/2.0 200");
	sent_after(2000, "SIP/2.0 200");
	sent_after(4000, "SIP/2.0 200");
	sent_after(4000, "SIP/2.0 200");
	/* A retransmission of the request is absorbed (RFC 6026). */
	world_request(w, "INVITE", "one", "");
	server_acked(w->layer, w->server);
	ck_assert_uint_eq(transactions_active(w->layer), 0);
	ck_assert_ptr_null(world_server(w)->sent);
	server_acked(w->layer, w->server);
	world_request(w, "INVITE", "one", "");
	/* Timer L: 64*T1 from the 2xx on. */
	replay_advance(&w->net, 20499);
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	replay_advance(&w->net, 257);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}

START_TEST(accepted_is_repeated_until_acked)
{
	open_udp();
	check_2xx_again();
}
END_TEST

START_TEST(accepted_is_repeated_over_streams)
{
	open_tcp();
	check_2xx_again();
}
END_TEST

START_TEST(accepted_without_ack)
{
	open_udp();
	invite();
	respond(200, "SIP/2.0 200");
	replay_advance(&w->net, 31999);
	world_told_nothing(w);
	replay_advance(&w->net, 257);
	world_told(w, "not_acked 42 11");
	ck_assert_uint_eq(replay_skip(&w->net), 10);
	finish();
}
END_TEST

static void
respond_again(struct world *world)
{
	ck_assert_int_eq(world_respond(world, 200, "x"), -ENOENT);
	server_acked(world->layer, world->server);
	server_set_owner(world->layer, world->server, 43);
}

START_TEST(a_user_may_call_back)
{
	open_udp();
	w->reenter = respond_again;
	invite();
	respond(200, "SIP/2.0 200");
	replay_advance(&w->net, 40000);
	world_told(w, "not_acked 42 11");
	replay_skip(&w->net);
	finish_ignored(1);
}
END_TEST

START_TEST(failure_is_repeated_until_ack)
{
	open_udp();
	invite();
	respond(486, "SIP/2.0 486");
	sent_after(500, "SIP/2.0 486");
	sent_after(1000, "SIP/2.0 486");
	sent_after(2000, "SIP/2.0 486");
	sent_after(4000, "SIP/2.0 486");
	sent_after(4000, "SIP/2.0 486");
	world_request(w, "INVITE", "one", "");
	replay_expect(&w->net, PEER, "SIP/2.0 486", NULL);
	ck_assert_uint_eq(transactions_active(w->layer), 1);
	world_request(w, "ACK", "one", "ours");
	ck_assert_uint_eq(transactions_active(w->layer), 0);
	ck_assert_ptr_null(world_server(w)->sent);
	ck_assert_ptr_null(world_server(w)->echo);
	/* Confirmed absorbs until timer I. */
	world_request(w, "ACK", "one", "ours");
	world_request(w, "INVITE", "one", "");
	replay_advance(&w->net, 4999);
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	replay_advance(&w->net, 257);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

START_TEST(failure_without_ack)
{
	open_udp();
	invite();
	respond(486, "SIP/2.0 486");
	replay_advance(&w->net, 31999);
	world_told_nothing(w);
	replay_advance(&w->net, 257);
	world_told(w, "respond_failed 42 %d", -ETIMEDOUT);
	ck_assert_uint_eq(replay_skip(&w->net), 10);
	finish();
}
END_TEST

START_TEST(failure_over_a_stream)
{
	open_tcp();
	invite();
	respond(486, "SIP/2.0 486");
	ck_assert_ptr_null(world_server(w)->sent);
	replay_advance(&w->net, 20000);
	replay_expect_nothing(&w->net);
	world_request(w, "ACK", "one", "ours");
	replay_advance(&w->net, 1);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

START_TEST(ack_of_a_2xx_is_the_users)
{
	open_udp();
	invite();
	respond(200, "SIP/2.0 200");
	world_request(w, "ACK", "another", "ours");
	world_told(w, "ack");
	/* A peer that uses the branch of the INVITE. */
	world_request(w, "ACK", "one", "ours");
	world_told(w, "ack");
	server_acked(w->layer, w->server);
	finish();
}
END_TEST

START_TEST(cancel_while_proceeding)
{
	open_udp();
	invite();
	world_request(w, "CANCEL", "one", "");
	world_told(w, "cancel 42");
	replay_expect(&w->net, PEER, "SIP/2.0 200 OK\r\n", "CSeq: 7 CANCEL\r\n",
	    "branch=z9hG4bKone;", "To: <sip:b@example.com>;tag=", NULL);
	/* Again: the same answer, and nobody is told. */
	world_request(w, "CANCEL", "one", "");
	ck_assert(span_eq(w->net.sent[0]->bytes, w->net.sent[1]->bytes));
	replay_expect(&w->net, PEER, "SIP/2.0 200 OK\r\n", NULL);
	respond(487, "SIP/2.0 487");
	world_request(w, "ACK", "one", "ours");
	world_request(w, "CANCEL", "one", "");
	replay_expect(&w->net, PEER, "SIP/2.0 200 OK\r\n", NULL);
	finish_ignored(1);
}
END_TEST

START_TEST(cancel_too_late)
{
	open_udp();
	invite();
	respond(200, "SIP/2.0 200");
	world_request(w, "CANCEL", "one", "");
	replay_expect(&w->net, PEER, "SIP/2.0 200", "CSeq: 7 CANCEL", NULL);
	server_acked(w->layer, w->server);
	world_request(w, "INVITE", "two", "");
	world_told(w, "request INVITE");
	respond(486, "SIP/2.0 486");
	world_request(w, "CANCEL", "two", "");
	replay_expect(&w->net, PEER, "SIP/2.0 200", "CSeq: 7 CANCEL", NULL);
	world_request(w, "ACK", "two", "ours");
	finish_ignored(2);
}
END_TEST

START_TEST(cancel_of_nothing)
{
	open_udp();
	world_request(w, "CANCEL", "one", "");
	replay_expect(&w->net, PEER, "SIP/2.0 481 ", "CSeq: 7 CANCEL", NULL);
	/* CANCEL cancels INVITE only. */
	world_request(w, "OPTIONS", "two", "");
	world_told(w, "request OPTIONS");
	world_request(w, "CANCEL", "two", "");
	replay_expect(&w->net, PEER, "SIP/2.0 481 ", "CSeq: 7 CANCEL", NULL);
	finish();
}
END_TEST

START_TEST(other_requests)
{
	open_udp();
	world_request(w, "BYE", "one", "ours");
	world_told(w, "request BYE");
	world_request(w, "BYE", "one", "ours");
	replay_expect_nothing(&w->net);
	respond(200, "SIP/2.0 200");
	ck_assert_uint_eq(transactions_active(w->layer), 0);
	world_request(w, "BYE", "one", "ours");
	replay_expect(&w->net, PEER, "SIP/2.0 200", "CSeq: 7 BYE", NULL);
	ck_assert_int_eq(world_respond(w, 200, "ours"), -ENOENT);
	/* Timer J. */
	replay_advance(&w->net, 31999);
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	replay_advance(&w->net, 257);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

START_TEST(other_requests_over_a_stream)
{
	open_tcp();
	world_request(w, "BYE", "one", "ours");
	world_told(w, "request BYE");
	respond(200, "SIP/2.0 200");
	ck_assert_ptr_null(world_server(w)->sent);
	replay_advance(&w->net, 1);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

/* RFC 4320. */
START_TEST(other_requests_have_few_provisionals)
{
	open_udp();
	world_request(w, "OPTIONS", "one", "");
	world_told(w, "request OPTIONS");
	ck_assert_int_eq(world_respond(w, 100, ""), 0);
	ck_assert_int_eq(world_respond(w, 180, "ours"), 0);
	replay_advance(&w->net, 3499);
	ck_assert_int_eq(world_respond(w, 100, ""), 0);
	replay_expect_nothing(&w->net);
	replay_advance(&w->net, 1);
	respond(100, "SIP/2.0 100");
	world_request(w, "OPTIONS", "one", "");
	replay_expect(&w->net, PEER, "SIP/2.0 100", NULL);
	ck_assert_int_eq(world_respond(w, 408, "ours"), 0);
	replay_expect_nothing(&w->net);
	world_request(w, "OPTIONS", "one", "");
	finish();
}
END_TEST

START_TEST(other_requests_end_after_a_provisional)
{
	open_udp();
	world_request(w, "OPTIONS", "one", "");
	world_told(w, "request OPTIONS");
	replay_advance(&w->net, 4000);
	respond(100, "SIP/2.0 100");
	respond(100, "SIP/2.0 100");
	respond(200, "SIP/2.0 200");
	world_request(w, "OPTIONS", "two", "");
	world_told(w, "request OPTIONS");
	replay_advance(&w->net, 4000);
	respond(100, "SIP/2.0 100");
	/* 64*T1 after the request, and not after the 100. */
	replay_advance(&w->net, 28300);
	ck_assert_ptr_null(world_server(w));
	finish();
}
END_TEST

START_TEST(other_requests_are_forgotten)
{
	open_udp();
	world_request(w, "OPTIONS", "one", "");
	world_told(w, "request OPTIONS");
	replay_advance(&w->net, 32300);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	ck_assert_int_eq(world_respond(w, 200, "ours"), -ENOENT);
	finish();
}
END_TEST

START_TEST(a_broken_draft_changes_nothing)
{
	static struct sip_draft draft;

	open_udp();
	invite();
	sip_draft_response(&draft, 200, SPAN("OK"));
	sip_draft_add(
	    &draft, SIP_SUBJECT, SPAN("a\r\nb"), SIP_OWNER_OWN);
	ck_assert_int_eq(
	    server_respond(w->layer, w->server, &draft, SPAN("ours")),
	    -EMSGSIZE);
	w->net.error = -EMSGSIZE;
	ck_assert_int_eq(world_respond(w, 200, "ours"), -EMSGSIZE);
	w->net.error = 0;
	respond(500, "SIP/2.0 500");
	ck_assert_int_eq(world_respond(w, 200, "ours"), -ENOENT);
	world_request(w, "ACK", "one", "ours");
	finish();
}
END_TEST

START_TEST(an_error_over_udp_is_a_loss)
{
	open_udp();
	invite();
	w->net.error = -ECONNREFUSED;
	ck_assert_int_eq(world_respond(w, 200, "ours"), 0);
	replay_advance(&w->net, 499);
	w->net.error = 0;
	replay_advance(&w->net, 1);
	replay_expect(&w->net, PEER, "SIP/2.0 200", NULL);
	server_acked(w->layer, w->server);
	finish();
}
END_TEST

START_TEST(an_error_on_a_stream_is_the_end)
{
	open_tcp();
	invite();
	w->net.error = -ECONNREFUSED;
	ck_assert_int_eq(world_respond(w, 180, "ours"), -ECONNREFUSED);
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	ck_assert_int_eq(world_respond(w, 200, "ours"), -ECONNREFUSED);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	w->net.error = 0;
	/* Later ones are told. */
	world_request(w, "INVITE", "two", "");
	world_told(w, "request INVITE");
	server_set_owner(w->layer, w->server, 8);
	respond(200, "SIP/2.0 200");
	w->net.error = -EPIPE;
	replay_advance(&w->net, 500);
	world_told(w, "respond_failed 8 %d", -EPIPE);
	w->net.error = 0;
	finish();
}
END_TEST

/* RFC 3261 section 18.2.2: to the port of sent-by. */
START_TEST(a_response_opens_a_connection)
{
	const struct replay_sent *sent;

	open_tcp();
	w->path.remote.port = 40000;
	invite();
	w->net.gone = 5;
	ck_assert_int_eq(world_respond(w, 200, "ours"), 0);
	sent = replay_expect(&w->net, PEER, "SIP/2.0 200",
	    ";rport=40000;received=192.0.2.10\r\n", NULL);
	ck_assert_uint_eq(sent->path.connection, 1000);
	transactions_connection_lost(w->layer, 5, -EPIPE);
	transactions_connection_lost(w->layer, 1000, -EPIPE);
	world_told(w, "respond_failed 42 %d", -EPIPE);
	finish();
}
END_TEST

START_TEST(a_lost_connection_is_replaced)
{
	open_tcp();
	w->path.remote.port = 40000;
	invite();
	transactions_connection_lost(w->layer, 5, -EPIPE);
	world_told_nothing(w);
	respond(180, "SIP/2.0 180");
	respond(200, "SIP/2.0 200");
	server_acked(w->layer, w->server);
	transactions_connection_lost(w->layer, 1000, -EPIPE);
	finish();
}
END_TEST

START_TEST(a_connection_lost_after_a_failure)
{
	open_tcp();
	invite();
	respond(486, "SIP/2.0 486");
	transactions_connection_lost(w->layer, 4, -EPIPE);
	transactions_connection_lost(w->layer, 0, -EPIPE);
	world_told_nothing(w);
	transactions_connection_lost(w->layer, 5, -EPIPE);
	world_told(w, "respond_failed 42 %d", -EPIPE);
	finish();
}
END_TEST

START_TEST(a_failure_that_can_no_longer_be_sent)
{
	open_udp();
	invite();
	respond(486, "SIP/2.0 486");
	w->net.error = -EMSGSIZE;
	replay_advance(&w->net, 500);
	world_told(w, "respond_failed 42 %d", -EMSGSIZE);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	w->net.error = 0;
	finish();
}
END_TEST

/* In Trying and in Proceeding, answered or not. */
START_TEST(other_requests_lose_their_connection)
{
	static const unsigned provisional[] = { 0, 100 };
	char branch[2] = "a";
	unsigned i;

	for (i = 0; i < 4; i++) {
		open_tcp();
		branch[0]++;
		world_request(w, "OPTIONS", branch, "");
		world_told(w, "request OPTIONS");
		if (provisional[i % 2] != 0)
			respond(100, "SIP/2.0 100");
		transactions_connection_lost(w->layer, 5, -EPIPE);
		world_told_nothing(w);
		if (i < 2) {
			respond(404, "SIP/2.0 404");
		} else {
			w->net.error = -ECONNREFUSED;
			ck_assert_int_eq(
			    world_respond(w, 404, "ours"), -ECONNREFUSED);
			ck_assert_uint_eq(transactions_count(w->layer), 0);
			w->net.error = 0;
		}
		finish();
	}
}
END_TEST

START_TEST(destroy_frees_what_is_open)
{
	open_udp();
	invite();
	respond(200, "SIP/2.0 200");
	world_request(w, "INVITE", "two", "");
	world_request(w, "OPTIONS", "three", "");
	world_send(w, SIP_METHOD_INVITE, 1);
	client_cancel(w->layer, w->client, SPAN_NONE);
	transactions_destroy(w->layer);
	ck_assert_uint_eq(w->net.timers.running, 0);
	replay_fini(&w->net);
	free(w);
}
END_TEST

/* --- blank cells --- */

static void
reach(bool is_invite, enum server_state state)
{
	world_request(w, is_invite ? "INVITE" : "OPTIONS", "one", "");
	if (state == SERVER_ACCEPTED) {
		world_respond(w, 200, "ours");
	} else if (is_invite && state != SERVER_PROCEEDING) {
		world_respond(w, 486, "ours");
		if (state == SERVER_CONFIRMED)
			world_request(w, "ACK", "one", "ours");
	} else if (!is_invite && state != SERVER_TRYING) {
		replay_advance(&w->net, 4000);
		world_respond(
		    w, state == SERVER_PROCEEDING ? 100 : 200, "ours");
	}
	ck_assert_uint_eq(world_server(w)->state, state);
	w->looked_at = w->told_n;
	replay_skip(&w->net);
}

static unsigned
check_blank(bool is_invite, unsigned state, unsigned event)
{
	const struct server_cell *cell = is_invite
	    ? &server_invite_table[state][event]
	    : &server_other_table[state][event];

	if (cell->action != NULL)
		return 0;
	open_udp();
	reach(is_invite, state);
	server_step(world_server(w), event, &(struct server_input){ 0 });
	ck_assert_uint_eq(transactions_counters(w->layer)->ignored, 1);
	ck_assert_uint_eq(world_server(w)->state, state);
	world_told_nothing(w);
	replay_expect_nothing(&w->net);
	server_release(world_server(w));
	world_close(w);
	return 1;
}

START_TEST(blank_cells_ignore)
{
	static const unsigned other_states[] = { SERVER_TRYING,
		SERVER_PROCEEDING, SERVER_COMPLETED };
	unsigned state, event, i, n = 0;

	for (event = 0; event < SERVER_EVENTS; event++) {
		for (state = SERVER_PROCEEDING; state < SERVER_TERMINATED;
		     state++)
			n += check_blank(true, state, event);
		for (i = 0; i < ARRAY_LEN(other_states); i++)
			n += check_blank(false, other_states[i], event);
	}
	ck_assert_uint_gt(n, 20);
}
END_TEST

START_TEST(a_smaller_t2_shortens_nothing)
{
	struct transaction_timing timing = { 50, 100, 100 };
	int i;

	open_udp();
	invite();
	respond(486, "SIP/2.0 486");
	transactions_set_timing(w->layer, &timing);
	for (i = 0; i < 4; i++) {
		replay_advance(&w->net, 499);
		replay_expect_nothing(&w->net);
		replay_advance(&w->net, 1);
		replay_expect(&w->net, PEER, "SIP/2.0 486", NULL);
	}
	world_request(w, "ACK", "one", "ours");
	finish();
}
END_TEST

START_TEST(an_abandoned_invite_is_absorbed)
{
	open_udp();
	invite();
	server_abandon(w->layer, w->server);
	server_abandon(w->layer, w->server);
	world_request(w, "INVITE", "one", "");
	replay_advance(&w->net, 31999);
	ck_assert_uint_eq(transactions_count(w->layer), 1);
	replay_advance(&w->net, 257);
	world_told(w, "respond_failed 42 %d", -ETIMEDOUT);
	world_told_nothing(w);
	replay_expect_nothing(&w->net);
	finish();
}
END_TEST

TCase *
server_tests(void)
{
	TCase *tc = tcase_create("server");

	tcase_add_test(tc, trying_is_sent_when_the_user_is_slow);
	tcase_add_test(tc, trying_is_not_sent_after_an_answer);
	tcase_add_test(tc, responses_echo_what_they_must);
	tcase_add_test(tc, a_request_with_a_tag_keeps_it);
	tcase_add_test(tc, provisional_is_repeated);
	tcase_add_test(tc, accepted_is_repeated_until_acked);
	tcase_add_test(tc, accepted_is_repeated_over_streams);
	tcase_add_test(tc, accepted_without_ack);
	tcase_add_test(tc, a_user_may_call_back);
	tcase_add_test(tc, failure_is_repeated_until_ack);
	tcase_add_test(tc, failure_without_ack);
	tcase_add_test(tc, failure_over_a_stream);
	tcase_add_test(tc, ack_of_a_2xx_is_the_users);
	tcase_add_test(tc, cancel_while_proceeding);
	tcase_add_test(tc, cancel_too_late);
	tcase_add_test(tc, cancel_of_nothing);
	tcase_add_test(tc, other_requests);
	tcase_add_test(tc, other_requests_over_a_stream);
	tcase_add_test(tc, other_requests_have_few_provisionals);
	tcase_add_test(tc, other_requests_end_after_a_provisional);
	tcase_add_test(tc, other_requests_are_forgotten);
	tcase_add_test(tc, a_broken_draft_changes_nothing);
	tcase_add_test(tc, an_error_over_udp_is_a_loss);
	tcase_add_test(tc, an_error_on_a_stream_is_the_end);
	tcase_add_test(tc, a_response_opens_a_connection);
	tcase_add_test(tc, a_lost_connection_is_replaced);
	tcase_add_test(tc, a_connection_lost_after_a_failure);
	tcase_add_test(tc, a_failure_that_can_no_longer_be_sent);
	tcase_add_test(tc, other_requests_lose_their_connection);
	tcase_add_test(tc, destroy_frees_what_is_open);
	tcase_add_test(tc, a_smaller_t2_shortens_nothing);
	tcase_add_test(tc, an_abandoned_invite_is_absorbed);
	tcase_add_test(tc, blank_cells_ignore);
	return tc;
}
