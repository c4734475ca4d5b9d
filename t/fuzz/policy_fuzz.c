/*
 * policy_fuzz.c - any text as a policy file: refused with a problem, or usable
 * on messages without breaking what the guard keeps
 */

#include <libconfig.h>
#include <sanitizer/allocator_interface.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "policy/passage.h"
#include "policy/trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* --- leaks --- */

/* libconfig loses the strings before a syntax error, run for run, and libFuzzer
 * would soon give up looking for leaks at all. So each block is counted here:
 * what is lost in a run must be what libconfig alone loses with the same text,
 * block for block and byte for byte; then it is freed. */

#define BLOCKS_MAX 65536 /* of one run; a power of two */

static struct {
	const volatile void *block;
	size_t size;
} blocks[BLOCKS_MAX];
static bool watching;

struct lost {
	size_t blocks, bytes;
};

static size_t
slot_of(const volatile void *block)
{
	size_t i = ((uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u % BLOCKS_MAX;

	while (blocks[i].block != NULL && blocks[i].block != block)
		i = (i + 1) % BLOCKS_MAX;
	return i;
}

static struct lost lost;

static void
block_made(const volatile void *block, size_t size)
{
	size_t i;

	if (!watching || block == NULL)
		return;
	i = slot_of(block);
	blocks[i].block = block;
	blocks[i].size = size;
	lost.blocks++;
	lost.bytes += size;
	if (lost.blocks > BLOCKS_MAX / 2)
		abort();
}

/* Those behind it move up, so that none becomes unreachable. */
static void
slot_clear(size_t i)
{
	size_t k;

	blocks[i].block = NULL;
	for (k = (i + 1) % BLOCKS_MAX; blocks[k].block != NULL;
	     k = (k + 1) % BLOCKS_MAX) {
		const volatile void *block = blocks[k].block;
		size_t to;

		blocks[k].block = NULL;
		to = slot_of(block);
		blocks[to].block = block;
		blocks[to].size = blocks[k].size;
	}
}

static void
block_gone(const volatile void *block)
{
	size_t i;

	if (!watching || block == NULL)
		return;
	i = slot_of(block);
	if (blocks[i].block == NULL)
		return;
	lost.blocks--;
	lost.bytes -= blocks[i].size;
	slot_clear(i);
}

/* Frees what was lost in the watch that is over. */
static struct lost
watch_forget(void)
{
	struct lost was = lost;
	size_t i;

	for (i = 0; lost.blocks > 0 && i < BLOCKS_MAX; i++) {
		if (blocks[i].block == NULL)
			continue;
		free((void *)blocks[i].block);
		blocks[i].block = NULL;
		lost.blocks--;
	}
	lost = (struct lost){ 0 };
	return was;
}

static struct lost
lost_by_libconfig(const char *text)
{
	config_t config;

	watching = true;
	config_init(&config);
	config_read_string(&config, text);
	config_destroy(&config);
	watching = false;
	return watch_forget();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char off[] = "-detect_leaks=0";
	char **args = calloc((size_t)*argc + 2, sizeof(*args));
	int i;

	if (args == NULL)
		abort();
	for (i = 0; i < *argc; i++)
		args[i] = (*argv)[i];
	args[i] = off;
	*argv = args;
	(*argc)++;
	/* What the C library keeps for itself. */
	tzset();
	__sanitizer_install_malloc_and_free_hooks(block_made, block_gone);
	return 0;
}

/* --- policies --- */

static const char *const messages[] = {
	"INVITE sip:02079460000@b\nFrom: \"A\" <sip:07700900123@a>\n"
	"P-Asserted-Identity: \"F\"<>,tel:+442079460001\nX-A: 1, 2\n"
	"Diversion: <sip:1@a>;reason=x\nPrivacy: id\nSubject: "
	"aaaaaaaaaaaaa!\n\n"
	"v=0\no=- 1 1 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\n"
	"m=audio 10000 RTP/AVP 0 8\na=rtpmap:0 PCMU/8000\na=ptime:20\n",
	"INVITE sip:112@b\nFrom: <sip:anonymous@anonymous.invalid>",
	"486 INVITE\nReason: Q.850;cause=17\nX-A: \"",
};

struct world {
	char raw[8192];
	struct sip_message msg;
	struct sip_view view;
	struct sip_draft draft;
	char wire[65536];
};

static void
note(void *arg, const struct journal_entry *entry)
{
	char buf[JOURNAL_LINE_MAX];
	struct text t = text_over(buf, sizeof(buf));

	(void)arg;
	if (!journal_add_json(&t, entry))
		abort();
}

static bool
owns(void *arg, struct span e164)
{
	(void)arg;
	return e164.n > 0 && e164.p[e164.n - 1] == '0';
}

static void
draft_make(struct world *w, const struct policy *policy,
    const struct policy_context *ctx)
{
	static const struct config_strings all = { NULL, 0 };
	struct passage_invite invite = {
		.msg = &w->msg,
		.view = &w->view,
		.from = ctx->from,
		.to = ctx->to,
		.out = policy,
		.via = SPAN("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKours"),
		.contact = SPAN("<sip:192.0.2.2:5060>"),
		.call_id = SPAN("ours"),
		.tag = SPAN("ours"),
		.cseq = 1,
		.allow = &all,
	};

	address_parse(SPAN("192.0.2.1"), 5060, &invite.peer);
	if (w->msg.request) {
		sip_draft_request(
		    &w->draft, w->msg.method, w->msg.method_name, w->msg.uri);
		passage_draft_invite(&w->draft, &invite);
	} else {
		sip_draft_response(&w->draft, w->msg.status, w->msg.reason);
		passage_relay(&w->draft, policy, ctx->to, &w->msg);
	}
}

static void
message_pass(struct world *w, const struct policy *policy, const char *given,
    enum journal_stage stage)
{
	const struct policy_trunk from = { .name = SPAN("pbx"),
		.host = SPAN("a.example"),
		.plan = number_plan_find(SPAN("GB")) };
	const struct policy_trunk to = { .name = SPAN("carrier"),
		.host = SPAN("b.example"),
		.domain = SPAN("c.example"),
		.plan = number_plan_find(SPAN("GB")) };
	struct journal journal = { note, NULL };
	struct text t = text_over(w->raw, sizeof(w->raw));
	struct policy_context ctx = { .from = &from, .to = &to };
	struct policy_refusal refusal;
	struct sip_fault fault;
	const char *why;

	if (!trial_complete(&t, span_of(given), false) ||
	    !sip_index(&w->msg, text_span(&t), &fault) ||
	    !sip_view_read(&w->msg, &w->view, &fault))
		abort();
	ctx.call = policy_call_kind(&w->msg, from.plan);
	ctx.in_dialog = !w->msg.request;
	ctx.journal = &journal;
	ctx.received = &w->msg;
	ctx.owns = owns;
	ctx.method = w->view.cseq_method;
	draft_make(w, policy, &ctx);
	policy_begin(&ctx, &w->draft);
	policy_hear(policy, &ctx, &w->draft);
	if (!policy_apply(policy, stage, &ctx, &w->draft, &refusal))
		return;
	t = text_over(w->wire, sizeof(w->wire));
	if (!w->draft.overflow && (!guard_check(&ctx.guard, &w->draft, &why) ||
				      !sip_draft_write(&w->draft, &t)))
		abort();
}

static void
policy_use(const struct policy *policy)
{
	struct world *w = malloc(sizeof(*w));
	size_t i;

	if (w == NULL)
		return;
	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		message_pass(w, policy, messages[i], STAGE_IN);
		message_pass(w, policy, messages[i], STAGE_OUT);
	}
	free(w);
}

static void
policy_try(const char *text)
{
	struct problems problems;
	struct policy *policy;

	problems_init(&problems);
	policy = policy_load_text(text, "fuzz.conf", 20000, &problems);
	if ((policy == NULL) != (problems.errors > 0))
		abort();
	if (policy != NULL && policy_name(policy) == NULL)
		abort();
	if (policy != NULL)
		policy_use(policy);
	policy_unref(policy);
	problems_fini(&problems);
}

static void
check_tight(const char *text)
{
	struct lost alone = lost_by_libconfig(text);

	watching = true;
	policy_try(text);
	watching = false;
	if (lost.blocks != alone.blocks || lost.bytes != alone.bytes) {
		fprintf(stderr, "lost %zu blocks of %zu bytes; libconfig alone "
				"%zu of %zu\n",
		    lost.blocks, lost.bytes, alone.blocks, alone.bytes);
		__lsan_do_recoverable_leak_check();
		abort();
	}
	watch_forget();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	/* An @include would read files of the machine. */
	if (size > 4096 || memmem(data, size, "@include", 8) != NULL)
		return 0;
	text = span_dup(span_make((const char *)data, size));
	if (text == NULL)
		return 0;
	check_tight(text);
	free(text);
	return 0;
}
