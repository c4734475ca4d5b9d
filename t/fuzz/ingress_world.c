#include "ingress.h"

#include <errno.h>
#include <unistd.h>

#include "base/hash.h"
#include "record/log.h"
#include "sip/grammar.h"
#include "sip/nameaddr.h"
#include "sip/value.h"

#define START 1000000
#define WALL  1795000000000000

/* What one message may bring about at once, however a call stands. */
#define OUT_EACH  12
#define BYTES_OUT 4096
/* The same with all that timers send for it: where a reload has made T2 smaller
 * than T1, a final response and a CANCEL are each sent 64 times in 64*T1. */
#define OUT_EVER (2 * 64 + OUT_EACH)

struct world world;

/* --- trunks --- */

static const char listeners[] =
    "listeners = ("
    "{ name = \"inside\"; transport = \"udp\"; address = \"192.0.2.1:5060\"; },"
    "{ name = \"outside\"; transport = \"udp\";"
    " address = \"198.51.100.1:5060\"; },"
    "{ name = \"stream\"; transport = \"tcp\";"
    " address = \"198.51.100.1:5062\"; },"
    "{ name = \"inside-tcp\"; transport = \"tcp\";"
    " address = \"192.0.2.1:5062\"; } );\n";

#define PEER_PBX     "192.0.2.10:5060"
#define PEER_CARRIER "198.51.100.20:5060"
#define PEER_FAR     "203.0.113.30:5060"

#define TRUNKS(pbx, carrier, far)                                              \
	"trunks = ("                                                           \
	"{ name = \"pbx\"; listener = \"inside\";"                             \
	" tcp_listener = \"inside-tcp\"; peers = [ \"" PEER_PBX "\" ]; " pbx   \
	"},"                                                                   \
	"{ name = \"carrier\"; listener = \"outside\";"                        \
	" peers = [ \"" PEER_CARRIER "\" ]; " carrier "},"                     \
	"{ name = \"far\"; listener = \"stream\";"                             \
	" peers = [ \"" PEER_FAR "\" ]; " far "} );\n"

static const char *const configs[SNAPSHOTS] = {
	TRUNKS("", "redirect = \"follow\";", "redirect = \"relay\";") "routes = ("
	"{ from = \"pbx\"; to = \"carrier\"; prefix = \"+44\"; },"
	"{ from = \"pbx\"; to = \"far\"; },"
	"{ from = \"carrier\"; to = \"pbx\"; },"
	"{ from = \"far\"; to = \"pbx\"; } );\n",

	"limits = { calls = 3; };\n sip = { udp_max = 600; };\n"
	TRUNKS("country = \"GB\"; area = \"20\"; policy_in = \"in.conf\";"
	       " policy_out = \"out.conf\"; relay_headers = [ \"X-*\" ];"
	       " prack = \"supported\"; ringing_after = \"3s\";"
	       " require = \"supported\"; hold = \"address\";",
	    "policy_out = \"out.conf\"; max_calls = 2; calls_per_second = 2;"
	    " domain = \"carrier.example\"; relay_headers = [ \"X-*\" ];"
	    " prack = \"required\"; ringing = \"180\";"
	    " offer = \"early\"; hold = \"sendonly\";"
	    " redirect = \"follow\";",
	    "policy_out = \"in.conf\"; country = \"US\";") "routes = ("
	"{ from = \"pbx\"; to = \"carrier\"; then = [ \"far\" ]; },"
	"{ from = \"carrier\"; to = \"pbx\"; then = [ \"far\" ]; },"
	"{ from = \"far\"; to = \"carrier\"; } );\n",

	"user_agent = \"\";\n sip = { t1 = \"50ms\"; t2 = \"200ms\";"
	" t4 = \"100ms\"; ring = \"5s\"; };\n"
	TRUNKS("fqdn = \"sbc.example.com\"; media_address = \"192.0.2.1\";"
	       " offer = \"early\"; hold = \"inactive\";",
	    "advertise = \"198.51.100.7\"; allow = [ \"INVITE\", \"ACK\" ];"
	    " forks = \"keep\";",
	    "forks = \"keep\"; prack = \"supported\"; ringing = \"183\";"
	    " ringing_after = \"1s\"; redirect = \"follow\";"
	    " offer = \"early\"; codecs = [ \"G722\" ];") "routes = ("
	"{ from = \"pbx\"; to = \"far\";"
	" then = [ \"carrier\", \"pbx\" ]; },"
	"{ from = \"far\"; to = \"far\"; prefix = \"+4\"; },"
	"{ from = \"far\"; to = \"pbx\"; },"
	"{ from = \"carrier\"; to = \"far\"; } );\n"
};

static const char policy_in[] =
    "policy = { name = \"in\"; identity = { asserted = \"from\";"
    " privacy = \"drop-id\"; remote_party = \"from\"; };"
    " headers = { relay = [ \"P*\" ]; }; };\n";
static const char policy_out[] =
    "policy = { name = \"out\"; identity = { asserted_values = \"one\";"
    " privacy = \"drop-id-if-public\"; remote_party = \"absent\";"
    " host = \"own\"; };"
    " numbers = { format = \"+e164\"; in = [ \"request\", \"to\", \"from\","
    " \"asserted\", \"diverting\", \"referred_by\" ]; };"
    " headers = { absent = [ \"X-Secret\" ]; };"
    " media = { srtp = \"off\"; };"
    " responses = ( { status = 503; diagnostic = \"CAP-CPS\";"
    " then = \"slow-down\"; }, { status = 480; diagnostic = \"RSP-OTHER\";"
    " then = \"retry-after\"; }, { status = [ \"3xx\", \"486-487\" ]; diagnostic ="
    " \"RSP-OTHER\"; then = \"stop\"; }, { status = [ \"4xx\", \"5xx\" ];"
    " diagnostic = \"RSP-OTHER\"; then = \"advance\"; } ); };\n";

static char directory[] = "/tmp/cordon-fuzz-XXXXXX";

static const char *
write_file(const char *name, const char *a, const char *b)
{
	static char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "w");
	FUZZ_CHECK(f != NULL && fputs(a, f) >= 0 && fputs(b, f) >= 0);
	FUZZ_CHECK(fclose(f) == 0);
	return path;
}

static bool
bind_trunk(
    void *arg, const struct config_trunk *trunk, struct trunk_binding *binding)
{
	static const char *const names[] = { "inside", "outside", "stream",
		"inside-tcp" };
	struct config *config = arg;
	uint32_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], trunk->listener) == 0)
			binding->listener = i + 1;
		if (strcmp(names[i], trunk->tcp_listener) == 0)
			binding->tcp_listener = i + 1;
	}
	binding->local =
	    config_find_listener(config, span_of(trunk->listener))->address;
	return true;
}

static struct trunks *
make_trunks(const char *text, const struct trunks *old)
{
	const char *path = write_file("c.conf", listeners, text);
	struct problems problems;
	struct config *config;
	struct trunks *trunks = NULL;

	problems_init(&problems);
	config = config_load(path, &problems);
	if (config != NULL)
		trunks = trunks_create(config, old, START, 0, &problems);
	if (trunks == NULL)
		problems_print(&problems, stderr);
	FUZZ_CHECK(trunks != NULL && trunks_bind(trunks, bind_trunk, config));
	config_unref(config);
	problems_fini(&problems);
	return trunks;
}

/* Snapshots share what they count: it is put back before each run. */
static void
keep_states(void)
{
	const struct trunks *trunks = world.snapshots[0];
	size_t i;

	world.states = calloc(trunks->n, sizeof(*world.states));
	FUZZ_CHECK(world.states != NULL);
	for (i = 0; i < trunks->n; i++)
		world.states[i] = *trunks->list[i].state;
}

static void
restore_states(void)
{
	const struct trunks *trunks = world.snapshots[0];
	size_t i;

	for (i = 0; i < trunks->n; i++) {
		struct trunk_state *state = trunks->list[i].state;

		relief_fini(&state->relief);
		*state = world.states[i];
		state->pace.at = world.timers.now;
	}
}

static void
prepare(void)
{
	size_t i;

	log_set_level(LOG_LEVEL_ERROR);
	hash_seed((const uint8_t *)"0123456789abcdef");
	FUZZ_CHECK(mkdtemp(directory) != NULL);
	write_file("in.conf", policy_in, "");
	write_file("out.conf", policy_out, "");
	for (i = 0; i < SNAPSHOTS; i++)
		world.snapshots[i] = make_trunks(
		    configs[i], i == 0 ? NULL : world.snapshots[0]);
	unlink(write_file("c.conf", "", ""));
	unlink(write_file("in.conf", "", ""));
	unlink(write_file("out.conf", "", ""));
	rmdir(directory);
	keep_states();
	world.record.memory = memory_create(65536);
	world.received_max = 4096;
	world.received = calloc(world.received_max, sizeof(*world.received));
	FUZZ_CHECK(world.record.memory != NULL && world.received != NULL);
}

/* --- what Cordon may lean on --- */

static uint64_t
wall_clock(void)
{
	return WALL + world.timers.now * 1000;
}

static uint64_t random_state;

static void
random_bytes(void *buf, size_t n)
{
	unsigned char *p = buf;

	while (n-- > 0) {
		random_state =
		    random_state * 6364136223846793005u + 1442695040888963407u;
		*p++ = (unsigned char)(random_state >> 56);
	}
}

/* Whoever listens reads all of it. */
static void
event(void *arg, const char *what, const struct call_info *info)
{
	const struct memory_summary *s = &info->summary;
	const struct span spans[] = { s->reason, s->trunk[0], s->trunk[1],
		s->call_id[0], s->call_id[1], s->number[0], s->number[1] };
	volatile char sum = 0;
	size_t i, k;

	(void)arg;
	FUZZ_CHECK(what[0] != '\0' && info->state[0] != '\0');
	for (i = 0; i < ARRAY_LEN(spans); i++)
		for (k = 0; k < spans[i].n; k++)
			sum = (char)(sum ^ spans[i].p[k]);
}

/* --- what Cordon sends --- */

static uint64_t
sum_of(uint64_t sum, struct span s)
{
	size_t i;

	/* Folds and blanks between values may change, controls go. */
	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ' && s.p[i] != 0x7f)
			sum = (sum ^ (unsigned char)s.p[i]) *
			    UINT64_C(0x100000001b3);
	return sum;
}

/* The topmost Via but for what is added to it: received and the value of rport
 * (RFC 3581). */
static uint64_t
sum_of_top(struct span top)
{
	static char buf[SIP_HEAD_MAX];
	struct text t = text_over(buf, sizeof(buf));
	uint64_t sum = 1;
	struct span rest, part;
	size_t i;

	for (i = 0; i < top.n; i++)
		if ((unsigned char)top.p[i] > ' ' && top.p[i] != 0x7f)
			text_add_char(&t, top.p[i]);
	rest = text_span(&t);
	while (rest.n > 0) {
		part = span_cut(rest, ';', &rest);
		if (span_istarts(part, SPAN("rport")))
			part = SPAN("rport");
		if (part.n > 0 && !span_istarts(part, SPAN("received=")))
			sum = sum_of(sum_of(sum, part), SPAN(";"));
	}
	return sum;
}

static struct received
stack_of(const struct sip_message *msg, const struct sip_via *top)
{
	struct received r = { .top = sum_of_top(top->whole), .rest = 1 };
	struct sip_values it = sip_values(msg, SIP_VIA);
	struct span value;

	if (sip_values_next(&it, &value))
		while (sip_values_next(&it, &value))
			r.rest = sum_of(sum_of(r.rest, value), SPAN(","));
	return r;
}

/* False: no request had these Vias. Sound: all that had were. */
static bool
find_received(const struct received *wanted, bool *sound)
{
	size_t i;
	bool found = false;

	*sound = true;
	for (i = 0; i < world.received_n; i++) {
		const struct received *r = &world.received[i];

		if (r->top != wanted->top || r->rest != wanted->rest)
			continue;
		found = true;
		*sound &= r->sound;
	}
	return found;
}

static void
check_once(const struct sip_message *msg, enum sip_header id)
{
	FUZZ_CHECK(sip_has(msg, id) && !sip_has_twice(msg, id));
}

static void
check_form(const struct sip_message *msg, struct span bytes)
{
	uint32_t length = 0;

	check_once(msg, SIP_FROM);
	check_once(msg, SIP_TO);
	check_once(msg, SIP_CALL_ID);
	check_once(msg, SIP_CSEQ);
	check_once(msg, SIP_CONTENT_LENGTH);
	FUZZ_CHECK(msg->raw.n == bytes.n);
	FUZZ_CHECK(span_to_u32(sip_value(msg, SIP_CONTENT_LENGTH),
	    SIP_MESSAGE_MAX, &length));
	FUZZ_CHECK(length == msg->body.n);
	FUZZ_CHECK(msg->body.p + msg->body.n == bytes.p + bytes.n);
}

/* What a broken request had goes back as it came. */
static void
check_response(struct sip_message *msg, struct span bytes,
    struct sip_view *view)
{
	struct sip_fault fault;
	bool viewed = sip_view_read(msg, view, &fault), sound;
	struct received stack = stack_of(msg, &view->via);

	FUZZ_CHECK(find_received(&stack, &sound));
	if (!sound)
		return;
	check_form(msg, bytes);
	FUZZ_CHECK(viewed && sip_sanity(msg, view, &fault));
}

static void
check_request(struct sip_message *msg, struct span bytes,
    struct sip_view *view)
{
	struct sip_fault fault;

	check_form(msg, bytes);
	FUZZ_CHECK(sip_view_read(msg, view, &fault));
	FUZZ_CHECK(sip_sanity(msg, view, &fault));
	FUZZ_CHECK(view->via_count == 1 && view->max_forwards >= 0);
	FUZZ_CHECK(span_starts(view->via.branch, SPAN("z9hG4bK")));
	FUZZ_CHECK(view->from_tag.n > 0);
}

static struct peer *
peer_at(const struct net_path *path)
{
	size_t i;

	for (i = 0; i < SIDES; i++)
		if (address_same_ip(&world.peers[i].path.remote, &path->remote))
			return &world.peers[i];
	return NULL;
}

/* Nothing of a peer's dialog reaches another one. */
static void
check_hidden(const struct peer *to, struct span bytes)
{
	size_t i;

	for (i = 0; i < SIDES; i++)
		if (&world.peers[i] != to)
			FUZZ_CHECK(span_find_span(bytes,
				       span_of(world.peers[i].mark)) < 0);
}

static void
check_sent(const struct net_path *path, struct span bytes)
{
	static struct sip_message msg;
	struct sip_fault fault;
	struct sip_view view;
	struct peer *peer = peer_at(path);

	FUZZ_CHECK(sip_index(&msg, bytes, &fault));
	if (msg.request)
		check_request(&msg, bytes, &view);
	else
		check_response(&msg, bytes, &view);
	if (peer == NULL)
		return;
	if (!world.dirty)
		check_hidden(peer, bytes);
	peer_hears(peer, &msg, &view, path);
}

/* With CORDON_FUZZ_TRACE set, a finding tells its story. */
static void
trace(const char *what, const struct net_path *path, struct span bytes)
{
	static const char *wanted = "";
	char buf[ADDRESS_TEXT_MAX];

	if (wanted != NULL)
		wanted = getenv("CORDON_FUZZ_TRACE");
	if (wanted != NULL)
		fprintf(stderr, "--- %llu %s %s (%llx)\n",
		    (unsigned long long)world.timers.now, what,
		    address_print(&path->remote, buf),
		    (unsigned long long)path->connection);
	if (wanted != NULL)
		fwrite(bytes.p, 1, bytes.n, stderr);
}

/* Timers send the same again and again: that has been looked at. */
static bool
is_repeated(const struct net_path *path, struct span bytes)
{
	static struct {
		char bytes[2048];
		size_t n;
		struct address to;
		uint64_t run;
	} kept[8];
	static unsigned next;
	size_t i;

	for (i = 0; i < ARRAY_LEN(kept); i++)
		if (kept[i].n == bytes.n && kept[i].run == world.run &&
		    address_eq(&kept[i].to, &path->remote) &&
		    memcmp(kept[i].bytes, bytes.p, bytes.n) == 0)
			return true;
	if (bytes.n > sizeof(kept[0].bytes))
		return false;
	i = next++ % ARRAY_LEN(kept);
	memcpy(kept[i].bytes, bytes.p, bytes.n);
	kept[i].n = bytes.n;
	kept[i].to = path->remote;
	kept[i].run = world.run;
	return false;
}

static int
send_message(void *arg, struct net_path *path, struct span bytes)
{
	(void)arg;
	world.out++;
	world.out_bytes += bytes.n;
	FUZZ_CHECK(bytes.n > 0 && path->listener != 0);
	trace("sends", path, bytes);
	if (world.errors > 0) {
		world.errors--;
		return world.error;
	}
	if (path->connection != 0 && path->connection == world.lost)
		return -ENOTCONN;
	if (net_transport_reliable(path->transport) && path->connection == 0)
		path->connection = ++world.connections;
	if (!is_repeated(path, bytes))
		check_sent(path, bytes);
	return 0;
}

/* --- what Cordon gets --- */

static void
keep_received(struct span bytes)
{
	static struct sip_message msg;
	struct sip_fault fault;
	struct sip_view view;
	struct received *r = &world.received[world.received_n];
	bool sound = sip_index(&msg, bytes, &fault);

	sound &= sip_view_read(&msg, &view, &fault);
	if (world.received_n == world.received_max || !msg.request)
		return;
	*r = stack_of(&msg, &view.via);
	r->sound = sound && sip_sanity(&msg, &view, &fault);
	world.received_n++;
}

/* In a block of its own, which is gone afterwards. */
void
world_receive(const struct net_path *path, const char *bytes, size_t n,
    uint32_t lag, unsigned status)
{
	uint64_t out = world.out, out_bytes = world.out_bytes;
	char *copy = malloc(n + (n == 0));

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, bytes, n);
	keep_received(span_make(copy, n));
	world.in++;
	trace("gets", path, span_make(bytes, n));
	record_set_time(&world.record, wall_clock());
	calls_receive(world.calls, path, span_make(copy, n), lag, status);
	free(copy);
	calls_reap(world.calls);
	FUZZ_CHECK(world.out - out <= OUT_EACH);
	FUZZ_CHECK(
	    world.out_bytes - out_bytes <= OUT_EACH * (2 * n + BYTES_OUT));
	if (peer_at(path) == NULL)
		FUZZ_CHECK(world.out == out);
}

void
world_advance(uint64_t ms)
{
	timers_advance(&world.timers, world.timers.now + ms);
	record_set_time(&world.record, wall_clock());
	calls_reap(world.calls);
}

/* --- begin and end --- */

static void
peer_init(enum side side, const char *mark, const char *address,
    const char *us, enum net_transport transport)
{
	struct peer *peer = &world.peers[side];

	*peer = (struct peer){ .mark = mark,
		.address = address,
		.us = us,
		.via = net_transport_via(transport) };
	peer->path.transport = transport;
	peer->path.listener = side + 1;
	if (net_transport_reliable(transport))
		peer->path.connection = ++world.connections;
	FUZZ_CHECK(
	    address_parse(span_of(address), 5060, &peer->path.remote));
}

/* The layer is made once: each run leaves it as it was, which is what is
 * checked at its end. The clock goes on. */
static void
make_calls(void)
{
	struct calls_deps deps = {
		.timers = &world.timers,
		.wire = { send_message, NULL },
		.record = &world.record,
		.event = event,
		.wall_clock = wall_clock,
		.random = random_bytes,
	};

	prepare();
	timers_init(&world.timers, START);
	world.calls = calls_create(&deps, world.snapshots[0]);
	FUZZ_CHECK(world.calls != NULL);
}

void
world_begin(unsigned snapshot)
{
	if (world.calls == NULL)
		make_calls();
	restore_states();
	calls_set_trunks(world.calls, world.snapshots[snapshot]);
	calls_drain(world.calls, false);
	world.run++;
	random_state = 1;
	world.connections = world.lost = 0;
	world.errors = 0;
	world.received_n = 0;
	world.in = world.out = world.out_bytes = 0;
	world.dirty = false;
	world.mutation_n = 0;
	peer_init(PBX, "pbx-mark", PEER_PBX, "192.0.2.1", NET_UDP);
	peer_init(
	    CARRIER, "carrier-mark", PEER_CARRIER, "198.51.100.1", NET_UDP);
	peer_init(FAR, "far-mark", PEER_FAR, "198.51.100.1:5062", NET_TCP);
	record_set_time(&world.record, wall_clock());
}

static void
check_gone(void)
{
	const struct trunks *trunks = world.snapshots[0];
	uint64_t out = world.out;
	size_t i;

	FUZZ_CHECK(calls_count(world.calls) == 0);
	FUZZ_CHECK(calls_legs(world.calls) == 0);
	FUZZ_CHECK(transactions_count(calls_transactions(world.calls)) == 0);
	FUZZ_CHECK(world.timers.running == 0);
	for (i = 0; i < trunks->n; i++)
		FUZZ_CHECK(trunks->list[i].state->calls == 0);
	FUZZ_CHECK(world.out <= OUT_EVER * (world.in + 1));
	world_advance(3600000);
	FUZZ_CHECK(world.out == out);
}

/* Calls that are up stay up by themselves; all others are over in time. */
void
world_end(void)
{
	size_t i;

	world_advance(400000);
	calls_end_all(world.calls, END_DRAINING);
	calls_reap(world.calls);
	world_advance(400000);
	check_gone();
	for (i = 0; i < SIDES; i++)
		free(world.peers[i].last);
}
