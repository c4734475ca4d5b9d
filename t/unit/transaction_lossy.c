/*
 * Two layers, and between them a network that loses a tenth of what it carries
 * and delays the rest by chance, so that messages overtake each other. Whatever
 * happens: each call ends in a way that somebody was told of, and nothing is
 * left.
 */

#include <stdio.h>

#include "transaction_world.h"

#define CALLS 2000

enum outcome {
	OPEN,
	ANSWERED, /* caller: 2xx and our ACK; callee: ACK */
	REFUSED,
	TIMED_OUT,
	ENDED /* the BYE has its final response or its timeout */
};

struct side {
	struct transactions *layer;
	struct side *other;
	struct net_path path; /* to the other side */
	enum outcome outcome[CALLS];
	client_tx invite[CALLS];
	server_tx incoming[CALLS];
	unsigned byes;     /* that reached the callee */
	unsigned finished; /* calls, of the caller */
};

struct packet {
	struct timer timer;
	struct side *to;
	size_t n;
	char bytes[];
};

static struct timers timers;
static struct side caller, callee;
static unsigned in_flight, lost_percent;
static uint64_t random_state;

static unsigned
chance(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state % n);
}

static void
deliver(struct timer *timer)
{
	struct packet *packet = CONTAINER_OF(timer, struct packet, timer);
	static struct sip_message msg;
	struct sip_view view;
	struct sip_fault fault;

	in_flight--;
	ck_assert(sip_index(&msg, span_make(packet->bytes, packet->n), &fault));
	ck_assert(sip_view_read(&msg, &view, &fault));
	transactions_receive(packet->to->layer, &msg, &view,
	    &packet->to->path);
	free(packet);
}

static int
send_lossy(void *arg, struct net_path *path, struct span bytes)
{
	struct side *from = arg;
	struct packet *packet;

	ck_assert(address_eq(&path->remote, &from->path.remote));
	if (chance(100) < lost_percent)
		return 0;
	packet = calloc(1, sizeof(*packet) + bytes.n);
	ck_assert_ptr_nonnull(packet);
	packet->to = from->other;
	packet->n = bytes.n;
	memcpy(packet->bytes, bytes.p, bytes.n);
	in_flight++;
	timer_start(&timers, &packet->timer, 5 + chance(80), deliver);
	return 0;
}

/* --- both users --- */

/* The number of the call is its Call-ID. */
static unsigned
call_of(const struct sip_view *view)
{
	uint32_t n;

	ck_assert(span_to_u32(view->call_id, CALLS - 1, &n));
	return n;
}

static int
send_request(struct side *side, enum sip_method method, unsigned call,
    client_tx *tx)
{
	char buf[1024], branch[BRANCH_MAX];
	struct text t = text_over(buf, sizeof(buf));
	bool bye = method == SIP_METHOD_BYE;

	*tx = client_create(side->layer, method, call, &side->path, branch);
	text_addf(&t,
	    "%s sip:b@192.0.2.2 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.1;branch=%s\r\n"
	    "From: <sip:a@192.0.2.1>;tag=a%u\r\n"
	    "To: <sip:b@192.0.2.2>%s\r\n"
	    "Call-ID: %u\r\n"
	    "CSeq: %u %s\r\n"
	    "Content-Length: 0\r\n\r\n",
	    sip_method_name(method), branch, call, bye ? ";tag=b" : "", call,
	    bye ? 2 : 1, sip_method_name(method));
	return client_send(side->layer, *tx, text_span(&t));
}

static void
send_ack(unsigned call, client_tx tx)
{
	char buf[1024];
	struct text t = text_over(buf, sizeof(buf));

	text_addf(&t,
	    "ACK sip:b@192.0.2.2 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKack%u\r\n"
	    "From: <sip:a@192.0.2.1>;tag=a%u\r\n"
	    "To: <sip:b@192.0.2.2>;tag=b\r\n"
	    "Call-ID: %u\r\n"
	    "CSeq: 1 ACK\r\n"
	    "Content-Length: 0\r\n\r\n",
	    call, call, call);
	client_ack(caller.layer, tx, SPAN("b"), &caller.path, text_span(&t));
}

static int
try_respond(server_tx tx, unsigned status)
{
	static struct sip_draft draft;

	sip_draft_response(&draft, status, SPAN("Whatever"));
	return server_respond(callee.layer, tx, &draft, SPAN("b"));
}

static void
respond(server_tx tx, unsigned status)
{
	ck_assert_int_eq(try_respond(tx, status), 0);
}

static void
bye(unsigned call)
{
	client_tx tx;

	ck_assert_int_eq(
	    send_request(&caller, SIP_METHOD_BYE, call, &tx), 0);
}

static void
finish(unsigned call, enum outcome outcome)
{
	ck_assert_int_ne(caller.outcome[call], REFUSED);
	ck_assert_int_ne(caller.outcome[call], TIMED_OUT);
	ck_assert_int_ne(caller.outcome[call], ENDED);
	caller.outcome[call] = outcome;
	caller.finished++;
}

/* --- the callee: every fourth call is refused, some ring first --- */

static void
callee_request(void *arg, server_tx tx, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	unsigned call = call_of(view);

	(void)arg;
	(void)path;
	if (msg->method == SIP_METHOD_BYE) {
		callee.byes++;
		respond(tx, 200);
		return;
	}
	ck_assert_uint_eq(callee.incoming[call], 0);
	callee.incoming[call] = tx;
	server_set_owner(callee.layer, tx, call);
	if (call % 3 == 0)
		respond(tx, 100);
	if (call % 2 == 0)
		respond(tx, 180);
	if (call % 4 == 3)
		respond(tx, 486);
	else if (call % 8 != 6)
		respond(tx, 200);
}

static void
callee_ack(void *arg, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path)
{
	unsigned call = call_of(view);

	(void)arg;
	(void)msg;
	(void)path;
	server_acked(callee.layer, callee.incoming[call]);
	callee.outcome[call] = ANSWERED;
}

static void
callee_cancel(void *arg, uint64_t owner, server_tx invite,
    const struct sip_message *msg)
{
	(void)arg;
	(void)msg;
	ck_assert_uint_eq(callee.incoming[owner], invite);
	respond(invite, 487);
}

static void
callee_not_acked(void *arg, uint64_t owner, server_tx invite, unsigned sent)
{
	(void)arg;
	(void)invite;
	ck_assert_uint_eq(sent, 11);
	callee.outcome[owner] = TIMED_OUT;
}

static void
callee_failed(void *arg, uint64_t owner, server_tx tx, int error)
{
	(void)arg;
	(void)owner;
	(void)tx;
	(void)error;
}

/* --- the caller: calls that only ring are cancelled --- */

static void
caller_response(void *arg, uint64_t owner, client_tx tx,
    const struct sip_message *msg, const struct sip_view *view)
{
	unsigned call = (unsigned)owner;

	(void)arg;
	if (view->cseq_method == SIP_METHOD_BYE) {
		finish(call, ENDED);
	} else if (msg->status < 200) {
		if (call % 8 == 6)
			client_cancel(caller.layer, tx, SPAN_NONE);
	} else if (msg->status < 300) {
		caller.outcome[call] = ANSWERED;
		send_ack(call, tx);
		bye(call);
	} else {
		finish(call, REFUSED);
	}
}

static void
caller_timeout(void *arg, uint64_t owner, client_tx tx)
{
	(void)arg;
	(void)tx;
	finish((unsigned)owner,
	    caller.outcome[owner] == ANSWERED ? ENDED : TIMED_OUT);
}

static void
caller_failed(void *arg, uint64_t owner, client_tx tx, int error)
{
	(void)arg;
	(void)owner;
	(void)tx;
	ck_abort_msg("no request fails here: %d", error);
}

static const struct transaction_ops ops = {
	.request = callee_request,
	.ack = callee_ack,
	.cancel = callee_cancel,
	.response = caller_response,
	.timeout = caller_timeout,
	.failed = caller_failed,
	.not_acked = callee_not_acked,
	.respond_failed = callee_failed,
};

static void
open_side(struct side *side, struct side *other, const char *remote)
{
	static const struct transaction_timing timing = { 500, 4000, 5000 };
	struct wire wire = { send_lossy, side };

	memset(side, 0, sizeof(*side));
	side->other = other;
	side->path = replay_path(NET_UDP, remote, 0);
	side->layer = transactions_create(&timers, wire, &timing, &ops, side);
	ck_assert_ptr_nonnull(side->layer);
}

static void
check_side(struct side *side)
{
	ck_assert_uint_eq(transactions_count(side->layer), 0);
	ck_assert_uint_eq(transactions_active(side->layer), 0);
	transactions_destroy(side->layer);
}

/* A call may ring on because its answer, or its CANCEL, was lost: that is for
 * the users to end. */
static void
give_up(unsigned call)
{
	if (caller.outcome[call] == OPEN)
		client_cancel(caller.layer, caller.invite[call], SPAN_NONE);
	if (callee.incoming[call] != 0)
		try_respond(callee.incoming[call], 480);
}

static void
exchange(unsigned lost, uint64_t seed)
{
	unsigned call;

	random_state = seed;
	lost_percent = lost;
	timers_init(&timers, 1);
	open_side(&caller, &callee, "192.0.2.2");
	open_side(&callee, &caller, "192.0.2.1");
	for (call = 0; call < CALLS; call++) {
		ck_assert_int_eq(send_request(&caller, SIP_METHOD_INVITE,
				     call, &caller.invite[call]),
		    0);
		timers_advance(&timers, timers.now + 10);
	}
	timers_advance(&timers, timers.now + 100000);
	for (call = 0; call < CALLS; call++)
		give_up(call);
	timers_advance(&timers, timers.now + 200000);
	ck_assert_uint_eq(caller.finished, CALLS);
	ck_assert_uint_eq(in_flight, 0);
	check_side(&caller);
	check_side(&callee);
	ck_assert_uint_eq(timers.running, 0);
}

static unsigned
count(const struct side *side, enum outcome outcome)
{
	unsigned call, n = 0;

	for (call = 0; call < CALLS; call++)
		n += side->outcome[call] == outcome;
	return n;
}

START_TEST(nothing_is_lost)
{
	exchange(0, 1);
	ck_assert_uint_eq(count(&caller, ENDED), CALLS * 5 / 8);
	ck_assert_uint_eq(count(&caller, REFUSED), CALLS * 3 / 8);
	ck_assert_uint_eq(count(&callee, ANSWERED), CALLS * 5 / 8);
	ck_assert_uint_eq(callee.byes, CALLS * 5 / 8);
}
END_TEST

/* Seven losses in a row are one call in ten million, so all of them succeed. */
START_TEST(a_tenth_is_lost)
{
	exchange(10, 20261121u + (unsigned)_i);
	ck_assert_uint_eq(count(&caller, ENDED), CALLS * 5 / 8);
	ck_assert_uint_eq(count(&caller, REFUSED), CALLS * 3 / 8);
	ck_assert_uint_eq(count(&callee, ANSWERED), CALLS * 5 / 8);
	ck_assert_uint_eq(callee.byes, CALLS * 5 / 8);
}
END_TEST

/* So much is lost that some time out: they too end. */
START_TEST(most_is_lost)
{
	exchange(70, 7);
	ck_assert_uint_gt(count(&caller, TIMED_OUT), 0);
	ck_assert_uint_gt(count(&caller, ENDED), 0);
	ck_assert_uint_gt(count(&callee, TIMED_OUT), 0);
	ck_assert_uint_eq(count(&caller, OPEN), 0);
	ck_assert_uint_eq(count(&caller, ANSWERED), 0);
}
END_TEST

TCase *
lossy_tests(void)
{
	TCase *tc = tcase_create("lossy");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nothing_is_lost);
	tcase_add_loop_test(tc, a_tenth_is_lost, 0, 3);
	tcase_add_test(tc, most_is_lost);
	return tc;
}
