/*
 * rules.c - what reading identities and numbers, 20 rules, the guard and the
 * journal add to a call
 *
 * A call is made of its messages in memory, as the core would: read, drafted
 * and written, and in between what compose_apply() does. The same calls are
 * made with one part more each time; what a part costs is the difference. The
 * writer thread and its queue are not in it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/container.h"
#include "record/record.h"
#include "sip/value.h"
#include "trunk/trunk.h"

#define GOAL_US   12.0
#define VARIANTS  64
#define COLD_SIZE (32u << 20) /* bytes walked so that no cache remembers */
#define COLD_PART 100         /* of how many calls one is made cold */
#define LINE_SIZE 64
#define REPEATS   15 /* at the most */

/* What a call is made with: each has the ones before it, too. */
enum part { NOTHING, INVITE_IN, INVITE_OUT, RESPONSES, OTHERS, JOURNAL, PARTS };

static const char *const part_names[PARTS] = {
	[NOTHING] = "without policies",
	[INVITE_IN] = "INVITE, way in",
	[INVITE_OUT] = "INVITE, way out and guard",
	[RESPONSES] = "180 and 200",
	[OTHERS] = "ACK and BYE",
	[JOURNAL] = "journal",
};

/* Whose INVITE it is: one for which there is all to do, and one of a PBX
 * that is set up as usual. */
enum caller { HEAVY, USUAL, CALLERS };

enum step { INVITE, RINGING, ANSWER, ACK, BYE, STEPS };

struct side {
	const struct trunk *trunk;
	const struct policy *in, *out;
};

struct bench {
	struct config *config;
	struct trunks *trunks;
	struct policy *rules;
	struct side pbx, carrier;
	int64_t today;
	struct record record;
	struct sip_message msg;
	struct sip_view view;
	struct sip_draft draft;
	char out[8192];
	char label[32];
	char bytes[CALLERS][VARIANTS][STEPS][2048];
	struct span message[CALLERS][VARIANTS][STEPS];
	char *cold;
	enum caller caller;
	unsigned calls, repeats;
	unsigned changes; /* of one call */
	bool failed;
};

struct call {
	enum part with;
	uint64_t id;
	enum policy_call kind;
	struct edit_seen seen;
	struct memory_chain chain;
};

/* ---- the messages ---- */

static const char offer[] =
    "v=0\r\no=- %u 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
    "m=audio %u RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\na=ptime:20\r\n";

/* As t/peer/load sends it, but dialled and shown as in the PBX's own
 * country. */
static const char invite_start[] =
    "INVITE sip:0207946%04u@192.0.2.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-7f3a-%u-INVITE;rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: %s <sip:0207946%04u@192.0.2.10>;tag=a7f3a-1\r\n"
    "To: <sip:0207946%04u@192.0.2.1>\r\n"
    "Call-ID: 7f3a-%u@192.0.2.10\r\n"
    "CSeq: 1 INVITE\r\nContact: <sip:alice@192.0.2.10>\r\n"
    "P-Asserted-Identity: %s <sip:+44207946%04u@192.0.2.10>\r\n"
    "%s"
    "User-Agent: Load Generator PBX 1.0\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO\r\n"
    "Supported: timer, replaces\r\n"
    "Content-Type: application/sdp\r\n";

static const struct {
	const char *title, *display, *more;
} callers[CALLERS] = {
	[HEAVY] = { "a diverted call with all to be done",
	    "\"Alice Caller\"",
	    "Privacy: id\r\n"
	    "Diversion: <sip:+441632960000@192.0.2.10>;"
	    "reason=unconditional;counter=1\r\n" },
	[USUAL] = { "a usual call", "\"Alice\"", "" },
};

static const char dialog_head[] =
    "%s\r\n"
    "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK0123456789abcdef;rport\r\n"
    "%s"
    "From: \"Alice\" <sip:+44207946%04u@sbc.example.com>;tag=8a7b6c5d4e3f2a1b\r\n"
    "To: <sip:+44207946%04u@sip.example.net>;tag=b7f3a-%u\r\n"
    "Call-ID: 0123456789abcdef0123456789abcdef\r\n"
    "CSeq: %s\r\n%s";

static const char answer_tail[] =
    "Contact: <sip:bob@198.51.100.10>\r\nServer: Load Generator 1.0\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\n";

static const struct {
	const char *first, *hops, *cseq, *tail;
} dialog_steps[STEPS] = {
	[RINGING] = { "SIP/2.0 180 Ringing", "", "1 INVITE", answer_tail },
	[ANSWER] = { "SIP/2.0 200 OK", "", "1 INVITE", answer_tail },
	[ACK] = { "ACK sip:bob@198.51.100.1 SIP/2.0", "Max-Forwards: 70\r\n",
	    "1 ACK", "" },
	[BYE] = { "BYE sip:bob@198.51.100.1 SIP/2.0", "Max-Forwards: 70\r\n",
	    "2 BYE", "" },
};

static void
add_body(struct text *t, unsigned number)
{
	char body[512];
	int n = snprintf(body, sizeof(body), offer, number, 20000 + 2 * number);

	text_addf(t, "Content-Length: %d\r\n\r\n", n);
	text_add(t, span_make(body, (size_t)n));
}

static bool
make_message(struct bench *b, enum caller caller, unsigned v, enum step step)
{
	const char *display = callers[caller].display;
	struct text t = text_over(b->bytes[caller][v][step],
	    sizeof(b->bytes[caller][v][step]));
	unsigned n = 1000 + v * 37;

	if (step == INVITE)
		text_addf(&t, invite_start, n + 5000, n, display, n, n + 5000,
		    n, display, n, callers[caller].more);
	else
		text_addf(&t, dialog_head, dialog_steps[step].first,
		    dialog_steps[step].hops, n, n + 5000, n,
		    dialog_steps[step].cseq, dialog_steps[step].tail);
	if (step == ANSWER)
		TEXT_LIT(&t, "Content-Type: application/sdp\r\n");
	if (step == INVITE || step == ANSWER)
		add_body(&t, n);
	else
		TEXT_LIT(&t, "Content-Length: 0\r\n\r\n");
	b->message[caller][v][step] = text_span(&t);
	return !t.overflow;
}

static bool
make_messages(struct bench *b)
{
	bool good = true;
	unsigned i, v, step;

	for (i = 0; i < CALLERS * VARIANTS; i++) {
		v = i / CALLERS;
		for (step = 0; step < STEPS; step++)
			good &= make_message(b, (enum caller)(i % CALLERS), v,
			    (enum step)step);
	}
	return good;
}

/* ---- what the core does anyway ---- */

static struct span
made(struct bench *b, void (*add)(struct text *t, const struct trunk *trunk),
    const struct trunk *trunk)
{
	size_t mark = sip_draft_mark(&b->draft);

	add(&b->draft.scratch, trunk);
	return sip_draft_keep(&b->draft, mark);
}

static void
add_our_via(struct text *t, const struct trunk *trunk)
{
	trunk_add_via(
	    t, trunk, trunk->transport, SPAN("z9hG4bK0123456789abcdef"));
}

static void
draft_invite(struct bench *b)
{
	const struct side *from = &b->pbx, *to = &b->carrier;
	struct passage_invite invite = {
		.msg = &b->msg,
		.view = &b->view,
		.from = &from->trunk->facts,
		.to = &to->trunk->facts,
		.out = to->out,
		.ours = from->trunk->binding.local,
		.peer = to->trunk->binding.local,
		.call_id = SPAN("0123456789abcdef0123456789abcdef"),
		.tag = SPAN("8a7b6c5d4e3f2a1b"),
		.cseq = 1,
		.allow = &to->trunk->config->allow,
		.user_agent = span_of(b->config->user_agent),
	};

	sip_draft_request(
	    &b->draft, SIP_METHOD_INVITE, SPAN("INVITE"), SPAN_NONE);
	invite.via = made(b, add_our_via, to->trunk);
	invite.contact = made(b, trunk_add_contact, to->trunk);
	passage_draft_invite(&b->draft, &invite);
}

static void
draft_response(struct bench *b)
{
	const struct side *to = &b->pbx;

	sip_draft_response(&b->draft, b->msg.status, b->msg.reason);
	sip_draft_add(&b->draft, SIP_CONTACT,
	    made(b, trunk_add_contact, to->trunk), SIP_OWNER_DIALOG);
	passage_add_allow(&b->draft, &to->trunk->config->allow);
	sip_draft_add(&b->draft, SIP_SERVER, span_of(b->config->user_agent),
	    SIP_OWNER_OWN);
	passage_relay(&b->draft, to->out, &to->trunk->facts, &b->msg);
}

static void
draft_in_dialog(struct bench *b)
{
	struct sip_draft *draft = &b->draft;

	sip_draft_request(draft, b->msg.method, b->msg.method_name, b->msg.uri);
	sip_draft_add(draft, SIP_VIA, made(b, add_our_via, b->carrier.trunk),
	    SIP_OWNER_DIALOG);
	sip_draft_add_number(draft, SIP_MAX_FORWARDS,
	    passage_max_forwards(&b->msg, &b->view), SPAN_NONE,
	    SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_FROM, b->view.from, SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_TO, b->view.to, SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_CALL_ID, b->view.call_id, SIP_OWNER_DIALOG);
	sip_draft_add_number(draft, SIP_CSEQ, b->view.cseq,
	    b->msg.method == SIP_METHOD_ACK ? SPAN(" ACK") : SPAN(" BYE"),
	    SIP_OWNER_DIALOG);
}

/* ---- what is measured ---- */

/* As leg_sink() of sbc/call. */
static struct record_sink
sink_of(struct bench *b, struct call *call, const struct side *side)
{
	struct text t = text_over(b->label, sizeof(b->label));

	sip_add_label(&t, b->draft.status,
	    span_of(sip_method_name(b->view.cseq_method)));
	return (struct record_sink){
		.record = &b->record,
		.chain = &call->chain,
		.call = call->id,
		.leg = side == &b->pbx ? JOURNAL_CALLER : JOURNAL_CALLEE,
		.cseq = 1,
		.trunk = side->trunk->name,
		.message = text_span(&t),
	};
}

/* The first half of passage_apply(). */
static bool
apply_in(const struct passage *passage, struct policy_context *ctx,
    struct sip_draft *draft, struct policy_refusal *refusal)
{
	ctx->received = passage->msg;
	policy_begin(ctx, draft);
	ctx->owns = passage->in.owns;
	ctx->why_not = passage->in.why_not;
	ctx->owns_arg = passage->in.owns_arg;
	return policy_apply(passage->in.policy, STAGE_IN, ctx, draft, refusal);
}

/* As compose_apply() of sbc/call. */
static void
apply(struct bench *b, struct call *call, const struct side *from,
    const struct side *to)
{
	bool heard = call->with >= JOURNAL;
	struct record_sink sinks[2];
	struct journal in, out;
	struct trunk_ownership owners[] = {
		{ from->trunk, b->today },
		{ to->trunk, b->today },
	};
	struct passage passage = { .msg = &b->msg, .asked = from->out };
	struct policy_context ctx = {
		.from = &from->trunk->facts,
		.to = &to->trunk->facts,
		.call = call->kind,
		.method = b->view.cseq_method,
		.in_dialog =
		    !b->msg.request || b->msg.method != SIP_METHOD_INVITE,
		.seen = &call->seen,
	};
	struct policy_refusal refusal;

	if (heard) {
		sinks[0] = sink_of(b, call, from);
		sinks[1] = sink_of(b, call, to);
		in = record_journal(&sinks[0]);
		out = record_journal(&sinks[1]);
	}
	passage.in = trunk_passage(&owners[0], from->in, heard ? &in : NULL);
	passage.out = trunk_passage(&owners[1], to->out, heard ? &out : NULL);
	if (!(call->with == INVITE_IN ? apply_in : passage_apply)(
		&passage, &ctx, &b->draft, &refusal))
		b->failed = true;
	b->changes += ctx.changes;
}

static void
pass_invite(struct bench *b, struct call *call)
{
	draft_invite(b);
	if (call->with < INVITE_IN)
		return;
	call->kind = policy_call_kind(&b->msg, b->pbx.trunk->plan);
	apply(b, call, &b->pbx, &b->carrier);
}

static void
pass_response(struct bench *b, struct call *call)
{
	draft_response(b);
	if (call->with >= RESPONSES)
		apply(b, call, &b->carrier, &b->pbx);
}

/* Of no peer's making: only rules may want a word in it. */
static void
pass_in_dialog(struct bench *b, struct call *call)
{
	draft_in_dialog(b);
	if (call->with >= OTHERS &&
	    (policy_has_rules(b->pbx.in) || policy_has_rules(b->carrier.out)))
		apply(b, call, &b->pbx, &b->carrier);
}

static void
pass(struct bench *b, struct call *call, enum step step, struct span bytes)
{
	struct sip_fault fault = { 0 };
	struct text out = text_over(b->out, sizeof(b->out));

	if (!sip_index(&b->msg, bytes, &fault) ||
	    !sip_view_read(&b->msg, &b->view, &fault) ||
	    !sip_sanity(&b->msg, &b->view, &fault)) {
		b->failed = true;
		return;
	}
	if (step == INVITE)
		pass_invite(b, call);
	else if (step == RINGING || step == ANSWER)
		pass_response(b, call);
	else
		pass_in_dialog(b, call);
	if (!sip_draft_write(&b->draft, &out))
		b->failed = true;
}

static void
make_call(struct bench *b, enum part with, unsigned number)
{
	struct call call = { .with = with, .id = number + 1 };
	struct memory_summary summary = { .call = call.id, .status = 200 };
	unsigned step;

	b->changes = 0;
	for (step = 0; step < STEPS; step++) {
		pass(b, &call, (enum step)step,
		    b->message[b->caller][number % VARIANTS][step]);
		if (step == ANSWER)
			memory_settle(&call.chain);
	}
	if (with >= JOURNAL)
		memory_end(b->record.memory, &call.chain, &summary);
}

/* ---- time ---- */

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double
measure_warm(struct bench *b, enum part with)
{
	double began = cpu_us();
	unsigned i;

	for (i = 0; i < b->calls; i++)
		make_call(b, with, i);
	return (cpu_us() - began) / b->calls;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), compare);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Each call finds nothing of ours in the caches: its code neither. */
static double
measure_cold(struct bench *b, enum part with)
{
	unsigned n = b->calls / COLD_PART + 1, i;
	double *us = calloc(n, sizeof(*us)), result;
	size_t at;

	if (us == NULL) {
		b->failed = true;
		return 0;
	}
	for (i = 0; i < n; i++) {
		for (at = 0; at < COLD_SIZE; at += LINE_SIZE)
			((volatile char *)b->cold)[at]++;
		us[i] = cpu_us();
		make_call(b, with, i);
		us[i] = cpu_us() - us[i];
	}
	result = median(us, n);
	free(us);
	return result;
}

/* One a repeat; the parts without what is before them. */
struct figures {
	double part[PARTS][REPEATS];
	double sum[REPEATS];
};

typedef double measure_fn(struct bench *b, enum part with);

static void
repeat(struct bench *b, measure_fn *measure, unsigned r, struct figures *out)
{
	double before = 0, us;
	unsigned p;

	for (p = 0; p < PARTS; p++) {
		us = measure(b, (enum part)p);
		out->part[p][r] = us - before;
		before = us;
	}
	out->sum[r] = before - out->part[NOTHING][r];
}

static void
print_cell(double *v, unsigned n)
{
	double middle = median(v, n);

	printf("  %6.2f (%6.2f to %6.2f)", middle, v[0], v[n - 1]);
}

static void
print_row(const char *name, double *warm, double *cold, unsigned n)
{
	printf("%-26s", name);
	print_cell(warm, n);
	print_cell(cold, n);
	putchar('\n');
}

static void
measure_setup(struct bench *b, const char *title)
{
	static struct figures warm, cold;
	uint64_t entries = b->record.entries;
	unsigned r, p;

	make_call(b, JOURNAL, 0);
	printf("\n%s, %s: %u changes and %u journal entries\n", title,
	    callers[b->caller].title, b->changes,
	    (unsigned)(b->record.entries - entries));
	printf("%-26s  %-25s  %s\n", "", "us, median (spread)", "cold caches");
	measure_warm(b, JOURNAL);
	for (r = 0; r < b->repeats; r++) {
		repeat(b, measure_warm, r, &warm);
		repeat(b, measure_cold, r, &cold);
	}
	for (p = 0; p < PARTS; p++)
		print_row(
		    part_names[p], warm.part[p], cold.part[p], b->repeats);
	print_row("what policies add", warm.sum, cold.sum, b->repeats);
	fflush(stdout);
}

static void
measure_all(struct bench *b)
{
	struct policy *none = policy_builtin();

	printf("# %u calls of %u messages, %u repeats; the goal is %.0f us a "
	       "call\n",
	    b->calls, STEPS, b->repeats, GOAL_US);
	b->pbx.in = b->pbx.out = b->carrier.in = b->carrier.out = none;
	measure_setup(b, "no policy file");
	b->carrier.out = b->rules;
	measure_setup(b, "the rules toward the carrier");
	b->caller = USUAL;
	measure_setup(b, "the rules toward the carrier");
	b->caller = HEAVY;
	b->pbx.in = b->pbx.out = b->carrier.in = b->rules;
	measure_setup(b, "the same rules in and out of both trunks");
}

/* ---- begin and end ---- */

static bool
bind_trunk(void *arg, const struct config_trunk *trunk,
    struct trunk_binding *binding)
{
	const struct config_listener *own =
	    config_find_listener(arg, span_of(trunk->listener));

	*binding = (struct trunk_binding){ .listener = 1 };
	if (own != NULL)
		binding->local = own->address;
	return own != NULL;
}

static bool
load(struct bench *b, const char *directory, struct problems *problems)
{
	char trunks[1024], rules[1024];

	snprintf(trunks, sizeof(trunks), "%s/rules-trunks.conf", directory);
	snprintf(rules, sizeof(rules), "%s/rules.conf", directory);
	b->today = (int64_t)(time(NULL) / 86400);
	b->config = config_load(trunks, problems);
	if (b->config != NULL)
		b->trunks =
		    trunks_create(b->config, NULL, 0, b->today, problems);
	b->rules = policy_load(rules, b->today, problems);
	if (b->trunks == NULL || b->rules == NULL ||
	    !trunks_bind(b->trunks, bind_trunk, b->config))
		return false;
	b->pbx.trunk = trunk_find(b->trunks, SPAN("pbx"));
	b->carrier.trunk = trunk_find(b->trunks, SPAN("carrier"));
	return b->pbx.trunk != NULL && b->carrier.trunk != NULL;
}

static bool
begin(struct bench *b, const char *directory)
{
	struct problems problems;
	bool good;

	problems_init(&problems);
	good = load(b, directory, &problems);
	problems_print(&problems, stderr);
	problems_fini(&problems);
	if (!good)
		return false;
	b->cold = calloc(1, COLD_SIZE);
	b->record.memory =
	    memory_create((size_t)b->config->journal.memory << 20);
	record_set_time(&b->record, (uint64_t)time(NULL) * 1000000);
	return b->cold != NULL && b->record.memory != NULL && make_messages(b);
}

static void
end(struct bench *b)
{
	memory_destroy(b->record.memory);
	free(b->cold);
	policy_unref(b->rules);
	trunks_unref(b->trunks);
	config_unref(b->config);
}

static bool
read_number(const char *word, uint32_t most, unsigned *out)
{
	uint32_t n;

	if (word == NULL)
		return true;
	if (!span_to_u32(span_of(word), most, &n) || n == 0)
		return false;
	*out = n;
	return true;
}

int
main(int argc, char **argv)
{
	static struct bench b = { .calls = 20000, .repeats = 7 };
	bool good;

	if (argc < 2 || argc > 4 || !read_number(argv[2], 10000000, &b.calls) ||
	    (argc == 4 && !read_number(argv[3], REPEATS, &b.repeats))) {
		fputs("usage: rules DIRECTORY [CALLS [REPEATS]]\n", stderr);
		return EXIT_FAILURE;
	}
	good = begin(&b, argv[1]);
	if (good)
		measure_all(&b);
	if (b.failed)
		fputs("rules: a message was refused or does not fit\n", stderr);
	end(&b);
	return good && !b.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
