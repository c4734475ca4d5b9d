/* Which transaction a message belongs to, where answers go, and answers without
 * a transaction. */

#include <stdio.h>

#include "transaction_world.h"

static struct world *w;

static void
open_udp(void)
{
	w = world_open(NET_UDP);
}

static void
finish(void)
{
	world_told_nothing(w);
	replay_expect_nothing(&w->net);
	world_close(w);
}

/* An OPTIONS from `remote` with these Via lines, answered: what was sent. */
static const struct replay_sent *
via_answer(const char *remote, const char *via)
{
	static unsigned n;
	struct net_path path = replay_path(NET_UDP, remote, 0);

	replay_inject(&w->net, &path,
	    "OPTIONS sip:b@192.0.2.1 SIP/2.0\n"
	    "%s"
	    "From: <sip:a@example.com>;tag=f\n"
	    "To: <sip:b@example.com>\n"
	    "Call-ID: via%u\n"
	    "CSeq: 1 OPTIONS\n",
	    via, n++);
	world_told(w, "request OPTIONS");
	ck_assert_int_eq(world_respond(w, 200, "ours"), 0);
	return replay_expect(&w->net, NULL, "SIP/2.0 200", NULL);
}

static void
check_via(const char *remote, const char *via, const char *to,
    const char *echoed)
{
	char buf[ADDRESS_TEXT_MAX], lines[512];
	const struct replay_sent *sent = via_answer(remote, via);

	ck_assert_str_eq(address_print(&sent->path.remote, buf), to);
	snprintf(lines, sizeof(lines), "\r\n%sFrom:", echoed);
	ck_assert_msg(
	    span_find_span(sent->bytes, span_of(lines)) >= 0,
	    "\"%s\" is missing from:\n%.*s", echoed, SPAN_ARG(sent->bytes));
}

START_TEST(vias_are_echoed)
{
	open_udp();
	/* As it came: to the port of sent-by. */
	check_via("192.0.2.10:40000",
	    "Via: SIP/2.0/UDP 192.0.2.10:5070;branch=z9hG4bKv1\n",
	    "192.0.2.10:5070",
	    "Via: SIP/2.0/UDP 192.0.2.10:5070;branch=z9hG4bKv1\r\n");
	check_via("192.0.2.10:40000",
	    "v:  SIP / 2.0 /UDP 192.0.2.10 ; Branch=z9hG4bKv2;odd=\"a;b\"\n",
	    "192.0.2.10:5060",
	    "Via: SIP / 2.0 /UDP 192.0.2.10 ; Branch=z9hG4bKv2;odd=\"a;b\""
	    "\r\n");
	/* Another host, or a name: received. */
	check_via("192.0.2.10:40000",
	    "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKv3\n",
	    "192.0.2.10:5070",
	    "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKv3"
	    ";received=192.0.2.10\r\n");
	check_via("192.0.2.10:40000",
	    "Via: SIP/2.0/UDP pbx.example.com;branch=z9hG4bKv4\n",
	    "192.0.2.10:5060",
	    "Via: SIP/2.0/UDP pbx.example.com;branch=z9hG4bKv4"
	    ";received=192.0.2.10\r\n");
	/* rport: RFC 3581. */
	check_via("192.0.2.10:40000",
	    "Via: SIP/2.0/UDP 192.0.2.10;rport;branch=z9hG4bKv5\n",
	    "192.0.2.10:40000",
	    "Via: SIP/2.0/UDP 192.0.2.10;rport=40000;branch=z9hG4bKv5"
	    ";received=192.0.2.10\r\n");
	/* What the sender must not say is not believed. */
	check_via("192.0.2.10:40000",
	    "Via: SIP/2.0/UDP 10.0.0.1;received=203.0.113.9;rport=9;"
	    "maddr=203.0.113.8;branch=z9hG4bKv6;x\n",
	    "192.0.2.10:40000",
	    "Via: SIP/2.0/UDP 10.0.0.1;rport=40000;"
	    "maddr=203.0.113.8;branch=z9hG4bKv6;x;received=192.0.2.10\r\n");
	check_via("[2001:db8::5]:40000",
	    "Via: SIP/2.0/UDP [2001:db8::6]:5070;branch=z9hG4bKv7\n",
	    "[2001:db8::5]:5070",
	    "Via: SIP/2.0/UDP [2001:db8::6]:5070;branch=z9hG4bKv7"
	    ";received=2001:db8::5\r\n");
	finish();
}
END_TEST

START_TEST(via_stacks_keep_their_order)
{
	open_udp();
	check_via("192.0.2.10:5060",
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKs1, SIP/2.0/TCP b;x=y\n"
	    "Via: SIP/2.0/UDP c;branch=2;received=10.1.1.1;rport=77\n"
	    "Via: SIP/2.0/UDP d ,\tSIP/2.0/TLS e;branch=\"\"\n",
	    "192.0.2.10:5060",
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKs1, SIP/2.0/TCP b;x=y"
	    "\r\n"
	    "Via: SIP/2.0/UDP c;branch=2;received=10.1.1.1;rport=77\r\n"
	    "Via: SIP/2.0/UDP d ,\tSIP/2.0/TLS e;branch=\"\"\r\n");
	/* A fold is one blank. */
	check_via("192.0.2.10:5060",
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKs2\n ;rport\n\t;y\n",
	    "192.0.2.10:5060",
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKs2 ;rport=5060 ;y"
	    ";received=192.0.2.10\r\n");
	finish();
}
END_TEST

/* RFC 3261 section 17.2.3: the same branch of another sender. */
START_TEST(sent_by_tells_senders_apart)
{
	const char *const hosts[] = { "192.0.2.10:5060", "192.0.2.10:5061",
		"192.0.2.11:5060", "192.0.2.11" };
	unsigned i;

	open_udp();
	for (i = 0; i < ARRAY_LEN(hosts); i++) {
		replay_inject(&w->net, &w->path,
		    "OPTIONS sip:b@192.0.2.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP %s;branch=z9hG4bKsame\n"
		    "From: <sip:a@example.com>;tag=f\n"
		    "To: <sip:b@example.com>\n"
		    "Call-ID: c%u\n"
		    "CSeq: 1 OPTIONS\n",
		    hosts[i], i);
		world_told(w, "request OPTIONS");
	}
	finish();
}
END_TEST

static void
old_request(const char *method, const char *uri, const char *to_tag,
    unsigned cseq)
{
	replay_inject(&w->net, &w->path,
	    "%s %s SIP/2.0\n"
	    "Via: SIP/2.0/UDP 192.0.2.10:5060\n"
	    "From: <sip:a@example.com>;tag=f\n"
	    "To: <sip:b@example.com>%s\n"
	    "Call-ID: old\n"
	    "CSeq: %u %s\n",
	    method, uri, to_tag, cseq, method);
}

/* A branch that is the cookie alone tells nothing apart. */
START_TEST(a_cookie_is_no_branch)
{
	unsigned i;

	open_udp();
	for (i = 0; i < 4; i++) {
		replay_inject(&w->net, &w->path,
		    "OPTIONS sip:b@192.0.2.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK\n"
		    "From: <sip:a@example.com>;tag=f\n"
		    "To: <sip:b@example.com>\n"
		    "Call-ID: cookie%u\n"
		    "CSeq: 1 OPTIONS\n",
		    i / 2);
		if (i % 2 == 0)
			world_told(w, "request OPTIONS");
	}
	finish();
}
END_TEST

START_TEST(rfc2543_requests_match)
{
	open_udp();
	old_request("INVITE", "sip:b@192.0.2.1", "", 1);
	world_told(w, "request INVITE");
	old_request("INVITE", "sip:b@192.0.2.1", "", 1);
	old_request("CANCEL", "sip:b@192.0.2.1", "", 1);
	world_told(w, "cancel 0");
	replay_expect(&w->net, PEER, "SIP/2.0 200", "CSeq: 1 CANCEL", NULL);
	ck_assert_int_eq(world_respond(w, 487, "ours"), 0);
	replay_expect(&w->net, PEER, "SIP/2.0 487", NULL);
	old_request("INVITE", "sip:b@192.0.2.1", "", 1);
	replay_expect(&w->net, PEER, "SIP/2.0 487", NULL);
	old_request("ACK", "sip:b@192.0.2.1", ";tag=ours", 1);
	ck_assert_uint_eq(world_server(w)->state, SERVER_CONFIRMED);
	/* The next one differs in CSeq only. */
	old_request("INVITE", "sip:b@192.0.2.1", "", 2);
	world_told(w, "request INVITE");
	ck_assert_int_eq(world_respond(w, 200, "ours"), 0);
	replay_expect(&w->net, PEER, "SIP/2.0 200", NULL);
	old_request("ACK", "sip:us@192.0.2.1", ";tag=ours", 2);
	world_told(w, "ack");
	server_acked(w->layer, w->server);
	old_request("BYE", "sip:us@192.0.2.1", ";tag=ours", 3);
	world_told(w, "request BYE");
	old_request("BYE", "sip:us@192.0.2.1", ";tag=ours", 3);
	finish();
}
END_TEST

/* The same call by two ways: RFC 3261 section 8.2.2.2. */
static void
merged_request(const char *branch)
{
	replay_inject(&w->net, &w->path,
	    "INVITE sip:b@192.0.2.1 SIP/2.0\n"
	    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK%s\n"
	    "From: <sip:a@example.com>;tag=f\n"
	    "To: <sip:b@example.com>\n"
	    "Call-ID: merged\n"
	    "CSeq: 1 INVITE\n",
	    branch);
}

START_TEST(merged_requests_are_refused)
{
	open_udp();
	merged_request("m1");
	world_told(w, "request INVITE");
	merged_request("m2");
	replay_expect(&w->net, PEER, "SIP/2.0 482 ", "branch=z9hG4bKm2", NULL);
	ck_assert_uint_eq(transactions_counters(w->layer)->merged, 1);
	/* Refused: the sender may try another way. */
	ck_assert_int_eq(world_respond(w, 503, "ours"), 0);
	replay_expect(&w->net, PEER, "SIP/2.0 503", NULL);
	merged_request("m3");
	world_told(w, "request INVITE");
	ck_assert_int_eq(world_respond(w, 200, "ours"), 0);
	replay_expect(&w->net, PEER, "SIP/2.0 200", NULL);
	server_acked(w->layer, w->server);
	merged_request("m4");
	replay_expect(&w->net, PEER, "SIP/2.0 482 ", NULL);
	replay_advance(&w->net, 33000);
	ck_assert_uint_eq(replay_skip(&w->net), 10);
	world_told(w, "respond_failed 0 -110");
	finish();
}
END_TEST

START_TEST(responses_must_fit)
{
	const struct replay_sent *sent;
	char branch[BRANCH_MAX];
	unsigned i;
	struct {
		const char *vias;
		const char *method;
	} wrong[] = {
		{ "Via: SIP/2.0/UDP x;branch=%s0\n", "OPTIONS" },
		{ "Via: SIP/2.0/UDP x;branch=z9hG4bK\n", "OPTIONS" },
		{ "Via: SIP/2.0/UDP x;branch=%s\n", "INVITE" },
		{ "Via: SIP/2.0/UDP x;branch=%s\n", "CANCEL" },
		{ "Via: SIP/2.0/UDP x;branch=%s,SIP/2.0/UDP y\n", "OPTIONS" },
	};

	open_udp();
	sent = world_send(w, SIP_METHOD_OPTIONS, 7);
	memcpy(branch, w->branch, sizeof(branch));
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		char vias[256];

		if (strstr(wrong[i].vias, "%s") == NULL)
			strcpy(vias, wrong[i].vias);
		else
			snprintf(vias, sizeof(vias), "%.*s%s%s",
			    (int)(strstr(wrong[i].vias, "%s") - wrong[i].vias),
			    wrong[i].vias, branch,
			    strstr(wrong[i].vias, "%s") + 2);
		replay_inject(&w->net, &w->path,
		    "SIP/2.0 200 OK\n%sFrom: <sip:a@x>;tag=f\n"
		    "To: <sip:b@x>;tag=t\nCall-ID: out\nCSeq: 3 %s\n",
		    vias, wrong[i].method);
		ck_assert_uint_eq(
		    transactions_counters(w->layer)->stray, i + 1);
	}
	/* Any digit of handle or nonce. */
	for (i = 7; i < strlen(branch); i++) {
		char other[BRANCH_MAX];

		memcpy(other, branch, sizeof(other));
		other[i] = other[i] == '0' ? '1' : '0';
		replay_inject(&w->net, &w->path,
		    "SIP/2.0 200 OK\nVia: SIP/2.0/UDP x;branch=%s\n"
		    "From: <sip:a@x>;tag=f\nTo: <sip:b@x>;tag=t\n"
		    "Call-ID: out\nCSeq: 3 OPTIONS\n",
		    other);
	}
	ck_assert_uint_eq(transactions_counters(w->layer)->stray,
	    ARRAY_LEN(wrong) + strlen(branch) - 7);
	world_told_nothing(w);
	/* Long enough, and not ours. */
	replay_inject(&w->net, &w->path,
	    "SIP/2.0 200 OK\nVia: SIP/2.0/UDP x;branch=z9hG4bX%s\n"
	    "From: <sip:a@x>;tag=f\nTo: <sip:b@x>;tag=t\n"
	    "Call-ID: out\nCSeq: 3 OPTIONS\n",
	    branch + 7);
	world_told_nothing(w);
	/* sent-by is not compared, nor the case of the branch. */
	replay_inject(&w->net, &w->path,
	    "SIP/2.0 200 OK\nVia: SIP/2.0/UDP elsewhere;branch=Z9HG4BK%s\n"
	    "From: <sip:a@x>;tag=f\nTo: <sip:b@x>;tag=t\n"
	    "Call-ID: out\nCSeq: 3 OPTIONS\n",
	    branch + 7);
	world_told(w, "response 200 7");
	ck_assert_ptr_nonnull(sent);
	finish();
}
END_TEST

/* A place is used again; its branch is not, nor can it be told from another. */
START_TEST(branches_cannot_be_guessed)
{
	char branch[3][BRANCH_MAX];
	client_tx tx;
	unsigned i;

	open_udp();
	memset(branch, 'x', sizeof(branch));
	for (i = 0; i < 3; i++) {
		tx = client_create(
		    w->layer, SIP_METHOD_BYE, 1, &w->path, branch[i]);
		ck_assert_uint_eq(strlen(branch[i]), 7 + 32);
		client_forget(w->layer, tx);
	}
	for (i = 0; i < 3; i++) {
		char *other = branch[(i + 1) % 3];

		ck_assert(memcmp(branch[i] + 7, other + 7, 16) != 0);
		ck_assert(memcmp(branch[i] + 23, other + 23, 8) != 0);
		ck_assert(memcmp(branch[i] + 31, other + 31, 8) != 0);
	}
	/* Of the key alone. */
	hash_seed((const uint8_t *)"abcdefghijklmnop");
	ck_assert_uint_ne(match_nonce(1), match_nonce(2));
	ck_assert_uint_ne(match_nonce(1), 0);
	finish();
}
END_TEST

/* --- without a transaction --- */

static void
stateless(const char *method, const char *to_tag, unsigned status)
{
	char text[512];
	struct text t = text_over(text, sizeof(text));
	static struct sip_message msg;
	struct sip_view view;
	struct sip_fault fault;

	text_addf(&t,
	    "%s sip:b@192.0.2.1 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKone\r\n"
	    "From: <sip:a@example.com>;tag=f\r\n"
	    "To: <sip:b@example.com>%s\r\n"
	    "Call-ID: none\r\n"
	    "CSeq: 1 %s\r\n"
	    "Content-Length: 0\r\n\r\n",
	    method, to_tag, method);
	ck_assert(sip_index(&msg, text_span(&t), &fault));
	ck_assert(sip_view_read(&msg, &view, &fault));
	stateless_respond(w->layer, &msg, &view, &w->path, status, SPAN("No"),
	    SPAN("Warning: 399 cordon \"x\"\r\n"));
}

START_TEST(stateless_answers)
{
	open_udp();
	stateless("INVITE", "", 400);
	stateless("INVITE", "", 400);
	stateless("ACK", "", 400);
	replay_expect(&w->net, PEER, "SIP/2.0 400 No\r\n",
	    "Warning: 399 cordon \"x\"\r\n",
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKone\r\n",
	    "Content-Length: 0\r\n\r\n", NULL);
	ck_assert_uint_gt(w->net.sent[0]->view.to_tag.n, 8);
	ck_assert(span_eq(w->net.sent[0]->bytes, w->net.sent[1]->bytes));
	replay_skip(&w->net);
	ck_assert_uint_eq(transactions_counters(w->layer)->stateless, 2);
	/* One tag at the most, and none in a 100. */
	stateless("BYE", ";tag=t", 481);
	replay_expect(&w->net, PEER, "SIP/2.0 481 ",
	    "To: <sip:b@example.com>;tag=t\r\n", NULL);
	stateless("INVITE", "", 100);
	replay_expect(&w->net, PEER, "SIP/2.0 100 ",
	    "To: <sip:b@example.com>\r\n", NULL);
	ck_assert_uint_eq(transactions_count(w->layer), 0);
	finish();
}
END_TEST

/* As with a transaction: RFC 3261 section 18.2.2. */
START_TEST(stateless_answers_find_their_way)
{
	const struct replay_sent *sent;

	open_udp();
	w->path.remote.port = 40000;
	stateless("INVITE", "", 400);
	replay_expect(&w->net, PEER, "SIP/2.0 400 No\r\n", NULL);
	w->path = replay_path(NET_TCP, "192.0.2.10:40000", 5);
	stateless("INVITE", "", 400);
	sent = replay_expect(
	    &w->net, "192.0.2.10:40000", "SIP/2.0 400 No\r\n", NULL);
	ck_assert_uint_eq(sent->path.connection, 5);
	w->net.gone = 5;
	stateless("INVITE", "", 400);
	sent = replay_expect(&w->net, PEER, "SIP/2.0 400 No\r\n", NULL);
	ck_assert_uint_eq(sent->path.connection, 1000);
	ck_assert_uint_eq(transactions_counters(w->layer)->responses_out, 3);
	w->net.error = -1;
	stateless("INVITE", "", 400);
	ck_assert_uint_eq(transactions_counters(w->layer)->stateless, 3);
	w->net.error = 0;
	finish();
}
END_TEST

/* Only what makes a dialog has Record-Route in its answer. */
START_TEST(record_route_makes_dialogs)
{
	static const struct {
		const char *method, *tag, *echoed;
	} rows[] = {
		{ "SUBSCRIBE", "", "Record-Route: <sip:p3" },
		{ "REFER", "", "Record-Route: <sip:p3" },
		{ "REFER", "known", "!Record-Route" },
		{ "OPTIONS", "", "!Record-Route" },
		{ "REGISTER", "", "!Record-Route" },
	};
	char branch[8];
	unsigned i;

	open_udp();
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(branch, sizeof(branch), "rr%u", i);
		world_request(w, rows[i].method, branch, rows[i].tag);
		world_told(w, "request %s", rows[i].method);
		ck_assert_int_eq(world_respond(w, 200, "ours"), 0);
		replay_expect(
		    &w->net, PEER, "SIP/2.0 200", rows[i].echoed, NULL);
	}
	finish();
}
END_TEST

static void
stateless_broken(const char *text)
{
	static struct sip_message msg;
	struct sip_view view;
	struct sip_fault fault;

	sip_index(&msg, span_of(text), &fault);
	sip_view_read(&msg, &view, &fault);
	stateless_respond(w->layer, &msg, &view, &w->path, 400,
	    SPAN("Bad Request"), SPAN_NONE);
}

/* RFC 4475 section 3.3.1. */
START_TEST(broken_requests_are_answered_as_far_as_they_go)
{
	open_udp();
	stateless_broken("INVITE sip:b@x SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKb\r\n"
			 "To: <sip:b@x>\r\n"
			 "CSeq: 1 INVITE\r\n\r\n");
	replay_expect(&w->net, PEER, "SIP/2.0 400 Bad Request\r\nVia: ",
	    "CSeq: 1 INVITE", "To: <sip:b@x>;tag=", "!From", "!Call-ID", NULL);
	/* Nowhere to send it to, or nothing that tells what it answers. */
	stateless_broken("INVITE sip:b@x SIP/2.0\r\n"
			 "CSeq: 1 INVITE\r\n\r\n");
	stateless_broken("INVITE sip:b@x SIP/2.0\r\n"
			 "Via: nonsense\r\n"
			 "CSeq: 1 INVITE\r\n\r\n");
	stateless_broken("INVITE sip:b@x SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKb\r\n\r\n");
	stateless_broken("SIP/2.0 200 OK\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKb\r\n"
			 "CSeq: 1 INVITE\r\n\r\n");
	ck_assert_uint_eq(transactions_counters(w->layer)->stateless, 1);
	finish();
}
END_TEST

/* --- overload --- */

static bool
shed(const char *method, const char *branch)
{
	char text[512];
	struct text t = text_over(text, sizeof(text));
	static struct sip_message msg;
	struct sip_view view;
	struct sip_fault fault;

	text_addf(&t,
	    "%s sip:b@192.0.2.1 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK%s;rport\r\n"
	    "From: <sip:a@example.com>;tag=from-%s\r\n"
	    "To: <sip:b@example.com>\r\n"
	    "Call-ID: call-%s\r\n"
	    "CSeq: 7 %s\r\n\r\n",
	    method, branch, branch, branch, method);
	ck_assert(sip_index(&msg, text_span(&t), &fault));
	ck_assert(sip_view_read(&msg, &view, &fault));
	return transactions_shed(w->layer, &msg, &view, &w->path, 5,
	    SPAN("399 cordon \"CAP-OVERLOAD\""));
}

START_TEST(new_requests_are_shed)
{
	open_udp();
	ck_assert(shed("INVITE", "one"));
	replay_expect(&w->net, PEER, "SIP/2.0 503 Service Unavailable\r\n",
	    "Retry-After: 5\r\n", "Warning: 399 cordon \"CAP-OVERLOAD\"\r\n",
	    NULL);
	ck_assert_uint_eq(transactions_counters(w->layer)->shed, 1);
	world_request(w, "INVITE", "two", "");
	world_told(w, "request INVITE");
	ck_assert(!shed("INVITE", "two"));
	ck_assert(!shed("ACK", "two"));
	ck_assert(!shed("CANCEL", "two"));
	ck_assert_int_eq(world_respond(w, 200, "ours"), 0);
	replay_expect(&w->net, PEER, "SIP/2.0 200", NULL);
	server_acked(w->layer, w->server);
	finish();
}
END_TEST

START_TEST(transactions_are_bounded)
{
	open_udp();
	w->layer->servers.limit = 1;
	w->layer->clients.limit = 0;
	world_request(w, "OPTIONS", "one", "");
	world_told(w, "request OPTIONS");
	world_request(w, "OPTIONS", "two", "");
	replay_expect(&w->net, PEER, "SIP/2.0 503 ", "z9hG4bKtwo", NULL);
	world_request(w, "OPTIONS", "one", "");
	ck_assert_uint_eq(client_create(w->layer, SIP_METHOD_BYE, 1, &w->path,
			      w->branch),
	    0);
	finish();
}
END_TEST

START_TEST(transactions_are_small)
{
	ck_assert_uint_le(sizeof(struct server), 200);
	ck_assert_uint_le(sizeof(struct client), 200);
}
END_TEST

TCase *
match_tests(void)
{
	TCase *tc = tcase_create("match");

	tcase_add_test(tc, vias_are_echoed);
	tcase_add_test(tc, via_stacks_keep_their_order);
	tcase_add_test(tc, sent_by_tells_senders_apart);
	tcase_add_test(tc, a_cookie_is_no_branch);
	tcase_add_test(tc, rfc2543_requests_match);
	tcase_add_test(tc, merged_requests_are_refused);
	tcase_add_test(tc, responses_must_fit);
	tcase_add_test(tc, branches_cannot_be_guessed);
	tcase_add_test(tc, stateless_answers);
	tcase_add_test(tc, stateless_answers_find_their_way);
	tcase_add_test(tc, record_route_makes_dialogs);
	tcase_add_test(tc, broken_requests_are_answered_as_far_as_they_go);
	tcase_add_test(tc, new_requests_are_shed);
	tcase_add_test(tc, transactions_are_bounded);
	tcase_add_test(tc, transactions_are_small);
	return tc;
}
