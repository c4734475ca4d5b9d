/*
 * Each allocation fails once: calls of every kind then go on, or are refused,
 * and nothing is left of them. The linker leads malloc() and its kin here, and
 * those of the pool.
 */

#include <errno.h>

#include "transaction_world.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_pool_alloc(size_t n);
char *__real_pool_dup(struct span s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_pool_alloc(size_t n);
char *__wrap_pool_dup(struct span s);

/* Allocations until the one that fails; 0: none does. */
static unsigned fail_in;

/* What the test itself asks for is always there. */
#define CHECK(condition)                                                       \
	do {                                                                   \
		bool ck_ok = (condition);                                      \
		unsigned ck_left = fail_in;                                    \
                                                                               \
		fail_in = 0;                                                   \
		ck_assert_msg(ck_ok, "%s", #condition);                        \
		fail_in = ck_left;                                             \
	} while (0)

static bool
fails(void)
{
	return fail_in > 0 && --fail_in == 0;
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

/* What was given back earlier would not be asked for. */
void *
__wrap_pool_alloc(size_t n)
{
	return fails() ? NULL : __real_pool_alloc(n);
}

char *
__wrap_pool_dup(struct span s)
{
	return fails() ? NULL : __real_pool_dup(s);
}

static struct timers timers;
static struct transactions *layer;
static struct net_path path;
static server_tx incoming; /* the last, 0 when the request was refused */
static unsigned answered;  /* responses sent */
static unsigned told;      /* responses given to the user */

static int
send_nothing(void *arg, struct net_path *to, struct span bytes)
{
	(void)arg;
	(void)to;
	answered += span_starts(bytes, SPAN("SIP/2.0 "));
	return 0;
}

static void
on_request(void *arg, server_tx tx, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *from)
{
	(void)arg;
	(void)msg;
	(void)view;
	(void)from;
	incoming = tx;
}

static void
on_response(void *arg, uint64_t owner, client_tx tx,
    const struct sip_message *msg, const struct sip_view *view)
{
	(void)arg;
	(void)owner;
	told++;
	if (msg->status == 200 && msg->method == SIP_METHOD_INVITE)
		client_ack(layer, tx, view->to_tag, &path,
		    SPAN("ACK sip:b SIP/2.0\r\n\r\n"));
}

static void
on_ack(void *arg, const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *from)
{
	(void)arg;
	(void)msg;
	(void)view;
	(void)from;
}

static void
on_end(void *arg, uint64_t owner, client_tx tx)
{
	(void)arg;
	(void)owner;
	(void)tx;
}

static void
on_error(void *arg, uint64_t owner, client_tx tx, int error)
{
	(void)arg;
	(void)owner;
	(void)tx;
	(void)error;
}

static void
on_not_acked(void *arg, uint64_t owner, server_tx tx, unsigned sent)
{
	(void)arg;
	(void)owner;
	(void)tx;
	(void)sent;
}

static const struct transaction_ops ops = {
	.request = on_request,
	.ack = on_ack,
	.response = on_response,
	.timeout = on_end,
	.failed = on_error,
	.not_acked = on_not_acked,
	.respond_failed = on_error,
};

static void
receive(const char *start, const char *branch, const char *cseq,
    const char *to_tag)
{
	static struct sip_message msg;
	static char buf[2048];
	struct text t = text_over(buf, sizeof(buf));
	struct sip_view view;
	struct sip_fault fault;

	text_addf(&t,
	    "%s\r\n"
	    "Via: SIP/2.0/UDP 192.0.2.1;branch=%s\r\n"
	    "From: <sip:a@x>;tag=f\r\n"
	    "To: <sip:b@x>;tag=%s\r\n"
	    "Call-ID: %s\r\n"
	    "CSeq: 1 %s\r\n\r\n",
	    start, branch, to_tag, branch, cseq);
	CHECK(sip_index(&msg, text_span(&t), &fault));
	CHECK(sip_view_read(&msg, &view, &fault));
	transactions_receive(layer, &msg, &view, &path);
}

static void
respond(unsigned status)
{
	static struct sip_draft draft;

	sip_draft_response(&draft, status, SPAN("Whatever"));
	/* Short of memory for the answer: a second try finds some. */
	if (server_respond(layer, incoming, &draft, SPAN("t")) == -ENOMEM)
		CHECK(server_respond(layer, incoming, &draft, SPAN("t")) == 0);
}

static void
serve(const char *request, const char *method, const char *branch,
    unsigned status)
{
	incoming = 0;
	answered = 0;
	receive(request, branch, method, "");
	if (incoming != 0) {
		respond(180);
		respond(status);
	}
	CHECK(answered >= 1);
}

static client_tx
request(enum sip_method method, char branch[static BRANCH_MAX])
{
	static char buf[2048];
	struct text t = text_over(buf, sizeof(buf));
	client_tx tx = client_create(layer, method, 1, &path, branch);

	if (tx == 0)
		return 0;
	text_addf(&t,
	    "%s sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=%s\r\n"
	    "From: <sip:a@x>;tag=f\r\nTo: <sip:b@x>\r\nCall-ID: o\r\n"
	    "CSeq: 1 %s\r\n\r\n",
	    sip_method_name(method), branch, sip_method_name(method));
	return client_send(layer, tx, text_span(&t)) == 0 ? tx : 0;
}

static void
call_out(bool cancel)
{
	char branch[BRANCH_MAX];
	client_tx tx = request(SIP_METHOD_INVITE, branch);

	if (tx == 0)
		return;
	told = 0;
	receive("SIP/2.0 180 Ringing", branch, "INVITE", "t1");
	if (cancel) {
		client_cancel(layer, tx, SPAN_NONE);
		receive("SIP/2.0 487 Terminated", branch, "INVITE", "t1");
		CHECK(told == 2);
		return;
	}
	/* A 2xx may find no memory: it comes again. */
	receive("SIP/2.0 200 OK", branch, "INVITE", "t1");
	receive("SIP/2.0 200 OK", branch, "INVITE", "t1");
	receive("SIP/2.0 200 OK", branch, "INVITE", "t2");
	receive("SIP/2.0 200 OK", branch, "INVITE", "t2");
	CHECK(told == 3);
}

static void
bye_out(void)
{
	char branch[BRANCH_MAX];

	if (request(SIP_METHOD_BYE, branch) == 0)
		return;
	told = 0;
	receive("SIP/2.0 200 OK", branch, "BYE", "t1");
	CHECK(told == 1);
}

static void
run_all(void)
{
	serve("INVITE sip:b@x SIP/2.0", "INVITE", "z9hG4bK1", 200);
	serve("INVITE sip:b@x SIP/2.0", "INVITE", "z9hG4bK2", 486);
	serve("OPTIONS sip:b@x SIP/2.0", "OPTIONS", "z9hG4bK3", 200);
	receive("INVITE sip:b@x SIP/2.0", "z9hG4bK4", "INVITE", "");
	timers_advance(&timers, timers.now + 200);
	server_acked(layer, incoming);
	respond(486);
	call_out(false);
	call_out(true);
	bye_out();
}

START_TEST(memory_may_run_out)
{
	static const struct transaction_timing timing = { 500, 4000, 5000 };
	struct wire wire = { send_nothing, NULL };
	unsigned n = 0, left;

	path = replay_path(NET_UDP, PEER, 0);
	hash_seed((const uint8_t *)"0123456789abcdef");
	do {
		timers_init(&timers, 1);
		layer = transactions_create(
		    &timers, wire, &timing, &ops, NULL);
		fail_in = ++n;
		run_all();
		left = fail_in;
		fail_in = 0;
		timers_advance(&timers, 400000);
		ck_assert_uint_eq(transactions_count(layer), 0);
		ck_assert_uint_eq(transactions_active(layer), 0);
		ck_assert_uint_eq(timers.running, 0);
		transactions_destroy(layer);
	} while (left == 0);
	/* The last round has met no failure. */
	ck_assert_uint_gt(n, 25);
	fail_in = 1;
	ck_assert_ptr_null(transactions_create(
	    &timers, wire, &timing, &ops, NULL));
}
END_TEST

TCase *
memory_tests(void)
{
	TCase *tc = tcase_create("memory");

	tcase_add_test(tc, memory_may_run_out);
	return tc;
}
