#include "call_world.h"

#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"

#define WALL    1795000000000000
#define MEMORY  1048576
#define DIALLED "+442079460000"
#define CALLING "+442079461111"

struct world *w;
const leg_table *const leg_tables[TABLES] = { &caller_table, &callee_table,
	&target_table, &replacer_table };
unsigned cells_met[TABLES][LEG_STATES][LEG_EVENTS];
unsigned transfers_met[TRANSFER_STATES][TRANSFER_EVENTS];

/* --- what the linker puts between the core and us --- */

bool __real_leg_step(struct leg *leg, enum leg_event event);
bool __wrap_leg_step(struct leg *leg, enum leg_event event);
bool __real_transfer_step(
    struct transfer *transfer, enum transfer_event event);
bool __wrap_transfer_step(
    struct transfer *transfer, enum transfer_event event);
void __real_record_note(struct record *record, struct memory_chain *chain,
    const struct journal_entry *entry);
void __wrap_record_note(struct record *record, struct memory_chain *chain,
    const struct journal_entry *entry);

bool
__wrap_leg_step(struct leg *leg, enum leg_event event)
{
	int table = 0;

	while (leg_tables[table] != leg->table)
		table++;
	cells_met[table][leg->state][event]++;
	return __real_leg_step(leg, event);
}

bool
__wrap_transfer_step(struct transfer *transfer, enum transfer_event event)
{
	transfers_met[transfer->state][event]++;
	return __real_transfer_step(transfer, event);
}

/* Entries of no call go to the writer alone: a copy of each is kept here. */
void
__wrap_record_note(struct record *record, struct memory_chain *chain,
    const struct journal_entry *entry)
{
	char buf[JOURNAL_PACK_MAX];
	struct text packed = text_over(buf, sizeof(buf));

	if (chain == NULL && journal_pack(&packed, entry, NULL) > 0) {
		w->outside = realloc(w->outside, w->outside_n + packed.len);
		ck_assert_ptr_nonnull(w->outside);
		memcpy(w->outside + w->outside_n, buf, packed.len);
		w->outside_n += packed.len;
	}
	__real_record_note(record, chain, entry);
}

/* --- the world --- */

static uint64_t
wall_clock(void)
{
	return WALL + w->net.timers.now * 1000;
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

static void
receive(void *arg, struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path)
{
	(void)arg;
	(void)view;
	record_set_time(&w->record, wall_clock());
	calls_receive(w->calls, path, msg->raw, w->lag, 0);
	calls_reap(w->calls);
}

static const struct {
	const char *name;
	uint32_t id;
} listeners[] = {
	{"inside",       1},
        { "outside",     2},
        { "inside-tcp",  3},
	{ "outside-tcp", 4}
};

static uint32_t
listener_id(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(listeners); i++)
		if (strcmp(listeners[i].name, name) == 0)
			return listeners[i].id;
	return 0;
}

static bool
bind_trunk(
    void *arg, const struct config_trunk *trunk, struct trunk_binding *binding)
{
	struct config *config = arg;

	binding->listener = listener_id(trunk->listener);
	binding->tcp_listener = listener_id(trunk->tcp_listener);
	binding->local =
	    config_find_listener(config, span_of(trunk->listener))->address;
	if (binding->tcp_listener == 0)
		return true;
	binding->tcp_transport = NET_TCP;
	binding->tcp_local =
	    config_find_listener(config, span_of(trunk->tcp_listener))->address;
	return true;
}

static const char *
or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

/* A file that is there while the trunks are made. */
static const char *
world_policy(const char *trunk)
{
	static char name[64];

	snprintf(name, sizeof(name), "/tmp/cordon-replay-%s-%d.conf", trunk,
	    (int)getpid());
	return name;
}

static void
write_policy(const char *trunk, const char *inside)
{
	FILE *f;

	if (inside == NULL)
		return;
	f = fopen(world_policy(trunk), "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "policy = { name = \"t\"; title = \"t\"; %s };\n", inside);
	ck_assert_int_eq(fclose(f), 0);
}

static void
write_options(FILE *f, const char *trunk, const char *options,
    const char *policy)
{
	fputs(or_empty(options), f);
	if (policy != NULL)
		fprintf(f, " policy_out = \"%s\";", world_policy(trunk));
}

static void
write_config(FILE *f, const struct world_options *o)
{
	const char *transport = net_transport_uri(o->transport);

	fprintf(f,
	    "%s\n"
	    "listeners = (\n"
	    "{ name = \"inside\"; transport = \"%s\"; address = \"%s:5060\"; "
	    "},\n"
	    "{ name = \"outside\"; transport = \"%s\"; address = \"%s:5060\"; "
	    "},\n"
	    "{ name = \"inside-tcp\"; transport = \"tcp\"; address = "
	    "\"%s:5062\"; },\n"
	    "{ name = \"outside-tcp\"; transport = \"tcp\"; address = "
	    "\"%s:5062\"; } );\n"
	    "trunks = (\n"
	    "{ name = \"pbx\"; listener = \"inside\"; peers = [ \"%s\" ]; ",
	    or_empty(o->top), transport, US_IN, transport, US_OUT, US_IN,
	    US_OUT, PBX);
	write_options(f, "pbx", o->pbx, o->pbx_policy);
	fprintf(f,
	    " },\n"
	    "{ name = \"carrier\"; listener = \"outside\"; "
	    "peers = [ \"%s\"%s ]; ",
	    CARRIER, or_empty(o->peers));
	write_options(f, "carrier", o->carrier, o->policy);
	fprintf(f,
	    " }%s );\n"
	    "routes = ( %s );\n",
	    or_empty(o->trunks),
	    o->routes != NULL ? o->routes
			      : "{ from = \"pbx\"; to = \"carrier\"; },"
				"{ from = \"carrier\"; to = \"pbx\"; }");
}

/* What the same text was read as before: many worlds are alike. */
static struct {
	char *text;
	struct config *config;
} loaded[8];
static unsigned loaded_n;

static struct config *
load_config(const char *text)
{
	char file[] = "/tmp/cordon-replay-XXXXXX";
	int fd = mkstemp(file);
	FILE *f = fdopen(fd, "w");
	struct problems problems;
	struct config *config;

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
	problems_init(&problems);
	config = config_load(file, &problems);
	if (config == NULL)
		problems_print(&problems, stderr);
	problems_fini(&problems);
	unlink(file);
	ck_assert_ptr_nonnull(config);
	return config;
}

/* A reference of its own is kept. */
static struct config *
find_config(const struct world_options *options)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	unsigned i;

	write_config(f, options);
	ck_assert_int_eq(fclose(f), 0);
	for (i = 0; i < loaded_n && i < ARRAY_LEN(loaded); i++)
		if (strcmp(loaded[i].text, text) == 0) {
			free(text);
			return loaded[i].config;
		}
	i = loaded_n++ % ARRAY_LEN(loaded);
	free(loaded[i].text);
	if (loaded[i].config != NULL)
		config_unref(loaded[i].config);
	loaded[i].text = text;
	loaded[i].config = load_config(text);
	return loaded[i].config;
}

static struct trunks *
make_trunks(const struct world_options *options, const struct trunks *old)
{
	struct config *config;
	struct problems problems;
	struct trunks *trunks;

	write_policy("pbx", options->pbx_policy);
	write_policy("carrier", options->policy);
	config = find_config(options);
	problems_init(&problems);
	trunks = trunks_create(config, old, w->net.timers.now, 0, &problems);
	unlink(world_policy("pbx"));
	unlink(world_policy("carrier"));
	if (trunks == NULL)
		problems_print(&problems, stderr);
	problems_fini(&problems);
	ck_assert_ptr_nonnull(trunks);
	ck_assert(trunks_bind(trunks, bind_trunk, config));
	return trunks;
}

static void
peer_init(struct peer *peer, bool is_pbx, enum net_transport transport,
    const char *user, const char *tag)
{
	*peer = (struct peer){
		.address = is_pbx ? PBX : CARRIER,
		.contact =
		    is_pbx ? "<sip:pbx@" PBX ">" : "<sip:gw@" CARRIER ";x=1>",
		.vias = "",
		.routes = "",
		.tag = tag,
	};
	peer->path = replay_path(transport, peer->address,
	    transport == NET_UDP ? 0
	    : is_pbx             ? 5
				 : 6);
	peer->path.listener = is_pbx ? 1 : 2;
	snprintf(peer->uri, sizeof(peer->uri), "sip:%s@%s", user,
	    is_pbx ? "192.0.2.10" : "198.51.100.20");
}

static const char *const further[PEERS - FURTHER] = { "further-tag-1",
	"further-tag-2", "further-tag-3", "further-tag-4", "further-tag-5",
	"further-tag-6" };

void
begin_with(const struct world_options *options)
{
	int i;
	struct calls_deps deps = {
		.record = NULL,
		.wall_clock = wall_clock,
		.random = random_bytes,
	};

	w = calloc(1, sizeof(*w));
	ck_assert_ptr_nonnull(w);
	random_state = 1;
	hash_seed((const uint8_t *)"0123456789abcdef");
	replay_init(&w->net, 1000, receive, NULL);
	w->memory = memory_create(MEMORY);
	w->record.memory = w->memory;
	record_set_time(&w->record, wall_clock());
	w->trunks = make_trunks(options, NULL);
	deps.timers = &w->net.timers;
	deps.wire = replay_wire(&w->net);
	deps.record = &w->record;
	w->calls = calls_create(&deps, w->trunks);
	ck_assert_ptr_nonnull(w->calls);
	peer_init(&w->peer[CALLER], !options->from_carrier, options->transport,
	    CALLING, "caller-tag");
	peer_init(&w->peer[CALLEE], options->from_carrier, options->transport,
	    DIALLED, "callee-tag");
	peer_init(&w->peer[TARGET], options->from_carrier, options->transport,
	    "+442079460099", "target-tag");
	peer_init(&w->peer[CONSULT], !options->from_carrier, options->transport,
	    CALLING, "consult-tag");
	for (i = FURTHER; i < PEERS; i++)
		peer_init(&w->peer[i], options->from_carrier,
		    options->transport, DIALLED, further[i - FURTHER]);
	strcpy(w->peer[CALLER].call_id, "callers-own-id@192.0.2.10");
	strcpy(w->peer[CONSULT].call_id, "consultation@192.0.2.10");
}

void
begin(void)
{
	begin_with(&(struct world_options){ .top = NULL });
}

void
change_trunks(const struct world_options *options)
{
	struct trunks *trunks = make_trunks(options, w->trunks);

	calls_set_trunks(w->calls, trunks);
	trunks_unref(w->trunks);
	w->trunks = trunks;
}

static void
ck_all_over(void)
{
	size_t i;

	hear_nothing();
	ck_assert_uint_eq(calls_count(w->calls), 0);
	ck_assert_uint_eq(calls_legs(w->calls), 0);
	ck_assert_uint_eq(transactions_active(calls_transactions(w->calls)), 0);
	for (i = 0; i < w->trunks->n; i++)
		ck_assert_uint_eq(w->trunks->list[i].state->calls, 0);
}

void
abandon(void)
{
	int i;

	calls_destroy(w->calls);
	trunks_unref(w->trunks);
	memory_destroy(w->memory);
	replay_fini(&w->net);
	for (i = 0; i < PEERS; i++)
		free(w->peer[i].last);
	free(w->outside);
	free(w);
	w = NULL;
}

void
finish(void)
{
	ck_all_over();
	wait_ms(T1_64 + 10000);
	ck_all_over();
	ck_assert_uint_eq(transactions_count(calls_transactions(w->calls)), 0);
	ck_assert_uint_eq(w->net.timers.running, 0);
	ck_assert_uint_eq(w->calls->slab.used, 0);
	ck_assert_uint_eq(w->calls->legs.used, 0);
	ck_assert_uint_eq(w->calls->exchanges.used, 0);
	ck_assert_uint_eq(w->calls->refreshes.used, 0);
	abandon();
}

/* --- what the peers say --- */

static char *print(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static char *
print(const char *fmt, va_list ap)
{
	char *text = NULL;

	ck_assert_int_ge(vasprintf(&text, fmt, ap), 0);
	return text;
}

static void say_kept(struct peer *peer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say_kept(struct peer *peer, const char *fmt, ...)
{
	va_list ap;

	free(peer->last);
	va_start(ap, fmt);
	peer->last = print(fmt, ap);
	va_end(ap);
	replay_inject(&w->net, &peer->path, "%s", peer->last);
}

void
say(enum side side, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = print(fmt, ap);
	va_end(ap);
	replay_inject(&w->net, &w->peer[side].path, "%s", text);
	free(text);
}

void
again(enum side side)
{
	replay_inject(&w->net, &w->peer[side].path, "%s", w->peer[side].last);
}

static const char *
via_of(const struct peer *peer, unsigned branch)
{
	static char via[128];

	snprintf(via, sizeof(via), "SIP/2.0/%s %s;branch=z9hG4bK%s-%u;rport",
	    net_transport_via(peer->path.transport), peer->address, peer->tag,
	    branch);
	return via;
}

static const char *
us_of(const struct peer *peer)
{
	return strcmp(peer->address, PBX) == 0 ? US_IN : US_OUT;
}

void
invite(const char *fields)
{
	invite_as(CALLER, fields);
}

void
invite_as(enum side side, const char *fields)
{
	struct peer *p = &w->peer[side];

	p->our_tag[0] = '\0';
	p->invite_cseq = p->cseq = 1;
	p->invite_branch = ++p->branch;
	say_kept(p,
	    "INVITE sip:" DIALLED "@%s SIP/2.0\n"
	    "Via: %s\n%s"
	    "Max-Forwards: 70\n"
	    "%s"
	    "From: \"A\" <%s>;tag=%s\n"
	    "To: <sip:" DIALLED "@%s>\n"
	    "Call-ID: %s\n"
	    "CSeq: 1 INVITE\n"
	    "Contact: %s\n"
	    "%s",
	    us_of(p), via_of(p, p->branch), p->vias, p->routes, p->uri, p->tag,
	    us_of(p), p->call_id, p->contact, fields);
}

static void
inside(struct peer *p, const char *method, unsigned branch, unsigned cseq,
    bool tagged, const char *fields)
{
	say_kept(p,
	    "%s sip:%s%s SIP/2.0\n"
	    "Via: %s\n%s"
	    "Max-Forwards: 70\n"
	    "From: \"A\" <%s>;tag=%s\n"
	    "To: <sip:" DIALLED "@%s>%s%s\n"
	    "Call-ID: %s\n"
	    "CSeq: %u %s\n"
	    "%s",
	    method, tagged ? "" : DIALLED "@", us_of(p), via_of(p, branch),
	    p->vias, p->uri, p->tag, us_of(p), tagged ? ";tag=" : "",
	    tagged ? p->our_tag : "", p->call_id, cseq, method, fields);
}

static bool
wants_contact_field(const char *method)
{
	return strcmp(method, "INVITE") == 0 || strcmp(method, "UPDATE") == 0;
}

void
ask(enum side side, const char *method, const char *fields)
{
	struct peer *p = &w->peer[side];
	char all[4096];

	snprintf(all, sizeof(all), "%s%s%s%s",
	    wants_contact_field(method) ? "Contact: " : "",
	    wants_contact_field(method) ? p->contact : "",
	    wants_contact_field(method) ? "\n" : "", fields);
	p->branch++;
	p->cseq++;
	if (strcmp(method, "INVITE") == 0) {
		p->invite_branch = p->branch;
		p->invite_cseq = p->cseq;
	}
	inside(p, method, p->branch, p->cseq, true, all);
}

void
ack(enum side side, const char *fields)
{
	struct peer *p = &w->peer[side];

	inside(p, "ACK", ++p->branch, p->invite_cseq, true, fields);
}

void
ack_failure(enum side side)
{
	struct peer *p = &w->peer[side];

	inside(p, "ACK", p->invite_branch, p->invite_cseq, true, "");
}

void
cancel(enum side side, const char *fields)
{
	struct peer *p = &w->peer[side];

	inside(p, "CANCEL", p->invite_branch, p->invite_cseq,
	    p->invite_cseq > 1, fields);
}

void
answer_as(const struct replay_sent *request, const char *status_line,
    const char *tag, const char *fields)
{
	replay_answer(&w->net, request, status_line, tag, fields);
}

/* By the dialog, where it tells two peers of one address apart; listeners of
 * the inside have odd ids. */
static enum side
side_of(const struct replay_sent *sent)
{
	uint32_t to_caller = w->peer[CALLER].path.listener;
	int side;

	for (side = TARGET; side < PEERS; side++)
		if (span_eq(sent->view.call_id,
			span_of(w->peer[side].call_id)))
			return (enum side)side;
	return sent->path.listener % 2 == to_caller % 2 ? CALLER : CALLEE;
}

void
answer(const struct replay_sent *request, const char *status_line,
    const char *fields)
{
	struct peer *p = &w->peer[side_of(request)];
	bool session = request->view.cseq_method == SIP_METHOD_INVITE ||
		       request->view.cseq_method == SIP_METHOD_UPDATE;
	bool makes =
	    status_line[0] != '1' || strncmp(status_line, "100", 3) != 0;
	bool tagged = request->view.to_tag.n > 0;
	char all[4096];

	snprintf(all, sizeof(all), "%s%s%s%s%s",
	    session && !tagged && makes ? p->routes : "",
	    session ? "Contact: " : "", session ? p->contact : "",
	    session ? "\n" : "", fields);
	answer_as(request, status_line, tagged || !makes ? "" : p->tag, all);
}

/* --- what they get --- */

static void
keep_text(char *buf, size_t size, struct span s)
{
	ck_assert_uint_lt(s.n, size);
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
}

const struct replay_sent *
learn(enum side side, const struct replay_sent *sent)
{
	struct peer *p = &w->peer[side];
	const struct sip_view *v = &sent->view;

	if (v->cseq_method != SIP_METHOD_INVITE)
		return sent;
	if ((side == CALLER || side == CONSULT || side >= FURTHER) &&
	    !sent->msg.request &&
	    sent->msg.status > 100 &&
	    p->our_tag[0] == '\0')
		keep_text(p->our_tag, sizeof(p->our_tag), v->to_tag);
	if ((side == CALLEE || side == TARGET) && sent->msg.request &&
	    sent->msg.method == SIP_METHOD_INVITE && v->to_tag.n == 0) {
		keep_text(p->our_tag, sizeof(p->our_tag), v->from_tag);
		keep_text(p->call_id, sizeof(p->call_id), v->call_id);
		w->invite = sent;
	}
	return sent;
}

struct span
value_of(const struct replay_sent *sent, enum sip_header id)
{
	return sip_value(&sent->msg, id);
}

/* --- pieces of calls --- */

void
trying(void)
{
	invite(OFFER);
	hear(CALLEE, "INVITE ", OFFERS);
	hear(CALLER, "SIP/2.0 100 ");
	hear_nothing();
}

void
ringing(void)
{
	trying();
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 Ringing\r\n");
	hear_nothing();
}

void
accept_invite(const char *fields)
{
	answer(w->invite, "200 OK", fields);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	hear_nothing();
}

void
up(void)
{
	ringing();
	accept_invite(ANSWER);
	ack(CALLER, "");
	hear_nothing();
}

void
hang_up(void)
{
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	hear_nothing();
}

/* --- what was written down --- */

static bool
fits(const struct journal_entry *e, const char *code, const char *text)
{
	struct span wanted = span_of(text);

	if (strcmp(diagnosis_get(e->diagnostic)->code, code) != 0)
		return false;
	return text == NULL || span_find_span(e->before, wanted) >= 0 ||
	       span_find_span(e->after, wanted) >= 0 ||
	       span_find_span(e->reason, wanted) >= 0;
}

static unsigned
count(struct memory_reader *entries, const char *code, const char *text)
{
	const struct journal_entry *e;
	unsigned n = 0;

	while ((e = memory_next(entries)) != NULL)
		n += fits(e, code, text);
	memory_reader_destroy(entries);
	return n;
}

static unsigned
count_outside(const char *code, const char *text)
{
	struct span rest = span_make(w->outside, w->outside_n);
	struct journal_entry e;
	size_t size;
	unsigned n = 0;

	while ((size = journal_unpack(rest, &e)) > 0) {
		n += fits(&e, code, text);
		rest = span_from(rest, size);
	}
	return n;
}

static unsigned
count_live(const char *code, const char *text)
{
	struct call_info info;
	uint32_t at = 0;
	unsigned n = 0;

	while (calls_next(w->calls, &at, &info))
		n += count(memory_read_live(info.chain), code, text);
	return n;
}

void
ck_noted_of(const char *message, const char *code)
{
	struct call_info info;
	uint32_t at = 0;
	unsigned n = 0;

	while (calls_next(w->calls, &at, &info)) {
		struct memory_reader *entries = memory_read_live(info.chain);
		const struct journal_entry *e;

		while ((e = memory_next(entries)) != NULL) {
			if (!fits(e, code, NULL))
				continue;
			ck_assert_span(e->message, message);
			n++;
		}
		memory_reader_destroy(entries);
	}
	ck_assert_uint_gt(n, 0);
}

unsigned
noted(const char *code, const char *text)
{
	struct memory_found found;
	unsigned n = count_live(code, text) + count_outside(code, text);
	uint64_t at = 0;

	ck_assert_msg(diagnosis_find(span_of(code)) != DIAG_NONE,
	    "no diagnostic is called %s", code);
	while (memory_last(w->memory, &at, &found))
		n += count(memory_read_ended(&found), code, text);
	return n;
}

void
ck_ended(const char *reason)
{
	struct memory_reader *entries;
	const struct journal_entry *e;
	struct memory_found found;
	uint64_t at = 0;

	ck_assert(memory_last(w->memory, &at, &found));
	entries = memory_read_ended(&found);
	while ((e = memory_next(entries)) != NULL)
		if (e->kind == JOURNAL_END)
			ck_assert_span(e->target, reason);
	memory_reader_destroy(entries);
}
