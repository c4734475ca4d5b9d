/*
 * identity_fuzz.c - any header lines through the identity and number
 * rules: what goes out is well-formed, keeps its dialog, and a
 * second time changes nothing
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/container.h"
#include "identity/diversion.h"
#include "identity/identity.h"
#include "policy/policy.h"
#include "sip/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NUMBERS                                                                \
	"numbers = { in = [ \"request\", \"to\", \"from\", \"asserted\","      \
	" \"preferred\", \"remote_party\", \"diverting\", \"referred_by\" ]; " \
	"};"

static const char *const texts[] = {
	"policy = { name = \"a\"; identity = { asserted_values = \"one\";"
	" privacy = \"drop-id-if-public\"; remote_party = \"absent\";"
	" host = \"own\"; default_caller = \"+442079460123\"; }; " NUMBERS
	" };",
	"policy = { name = \"b\"; identity = { asserted = \"from\";"
	" anonymous_from = \"private\";"
	" privacy = \"drop-id\"; remote_party = \"from\"; }; " NUMBERS " };",
	"policy = { name = \"c\"; identity = { asserted ="
	" \"fixed:+442079460123\"; asserted_values = \"sip-and-tel\";"
	" host = \"domain\"; privacy = \"honour\"; }; };",
	"policy = { name = \"d\"; identity = { asserted_values ="
	" \"sip-and-tel\"; }; numbers = { format = \"national\";"
	" in = [ \"from\", \"asserted\" ]; }; };",
	("policy = { name = \"e\"; headers = {"
	 " absent = [ \"Privacy\", \"X*\" ]; relay = [ \"P*\" ]; }; };"),
	"policy = { name = \"f\"; identity = { diversion = \"diversion\";"
	" anonymous_from = \"use-asserted\"; from = \"owned\";"
	" asserted = \"owned\"; }; " NUMBERS " };",
	"policy = { name = \"g\"; identity = { diversion = \"history-info\";"
	" privacy = \"honour\"; diverted_from = \"diverting\";"
	" host = \"own\"; }; " NUMBERS " };",
	"policy = { name = \"h\"; identity = { diversion = \"both\";"
	" privacy = \"honour\"; anonymous_from = \"default\";"
	" from = \"default\"; default_caller = \"+442079460123\"; }; };",
	"policy = { name = \"i\"; identity = { diversion = \"both\";"
	" privacy = \"add\"; from = \"owned\"; host = \"domain\";"
	" diverted_from = \"diverting\"; asserted = \"from\"; }; };",
	"policy = { name = \"j\"; identity = { diversion = \"absent\";"
	" from = \"anonymous\"; asserted = \"owned\";"
	" privacy = \"drop-id\"; anonymous_from = \"reject\"; }; };",
	"policy = { name = \"k\"; identity = { from = \"owned\";"
	" asserted = \"fixed:+442079460124\"; invalid_ani = \"replace\";"
	" anonymous_from = \"use-asserted\"; diversion = \"both\"; }; "
	NUMBERS " };",
	"policy = { name = \"l\"; identity = { invalid_ani = \"replace\";"
	" anonymous_from = \"use-asserted\"; from = \"owned\"; };"
	" numbers = { in = [ \"asserted\" ]; }; };",
	"policy = { name = \"m\"; identity = { from = \"asserted\";"
	" asserted = \"owned\"; invalid_ani = \"replace\";"
	" default_caller = \"+442079460124\"; }; " NUMBERS " };",
	"policy = { name = \"n\"; identity = { from = \"asserted\";"
	" asserted = \"absent\"; diverted_from = \"diverting\";"
	" diversion = \"absent\"; }; };"
};

/* Numbers that end in an even digit are ours. */
static bool
owns(void *arg, struct span e164)
{
	(void)arg;
	return e164.n > 0 && e164.p[e164.n - 1] % 2 == 0;
}

/* A caller who hides in From, and asks for it, stays hidden there. */
static void
check_wish(const struct identity *before, const struct identity *after)
{
	unsigned wish = IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_USER |
			IDENTITY_PRIVACY_HEADER;

	if ((before->privacy & wish) &&
	    identity_is_anonymous(&before->caller) &&
	    !identity_is_anonymous(&after->caller))
		abort();
}

static struct policy *
policy_get(unsigned i)
{
	static struct policy *policies[ARRAY_LEN(texts)];
	struct problems problems;

	if (i == ARRAY_LEN(texts))
		return policy_builtin();
	if (policies[i] != NULL)
		return policies[i];
	problems_init(&problems);
	policies[i] = policy_load_text(texts[i], "fuzz.conf", 0, &problems);
	if (policies[i] == NULL)
		abort();
	return policies[i];
}

/* The last change: what to look at when a second application makes one. */
static char last[8192];

static void
note(void *arg, const struct journal_entry *entry)
{
	char buf[8192];
	struct text t = text_over(buf, sizeof(buf));

	(void)arg;
	journal_add_json(&t, entry);
	if (entry->kind == JOURNAL_REWRITE)
		snprintf(last, sizeof(last), "%.*s", (int)t.len, buf);
}

static void
party(struct sip_draft *draft, enum sip_header id, struct span received,
    struct span tag)
{
	size_t mark = sip_draft_mark(draft);

	identity_add_retagged(&draft->scratch, received, tag);
	sip_draft_add(draft, id, sip_draft_keep(draft, mark), SIP_OWNER_DIALOG);
}

static void
check_sent(struct sip_draft *draft, struct span tag)
{
	static char out[SIP_MESSAGE_MAX];
	static struct sip_message msg;
	struct text wire = text_over(out, sizeof(out));
	struct sip_fault fault;
	struct sip_view view;

	if (!sip_draft_write(draft, &wire))
		return;
	if (!sip_index(&msg, text_span(&wire), &fault) ||
	    !sip_view_read(&msg, &view, &fault) || !span_eq(view.from_tag, tag))
		abort();
}

/* The chain as one header or the other tells it. */
static void
chain_read(struct sip_draft *draft, enum sip_header id, unsigned privacy,
    struct diversion_chain *chain)
{
	if (id == SIP_DIVERSION)
		diversion_read(draft, privacy, chain);
	else
		diversion_read_history(draft, privacy, NULL, chain);
}

static void
chain_write(struct sip_draft *draft, enum sip_header id,
    const struct diversion_chain *chain, struct span host, struct span uri)
{
	size_t mark = sip_draft_mark(draft);
	unsigned i;

	if (id == SIP_HISTORY_INFO)
		diversion_add_history(&draft->scratch, chain, host, uri);
	for (i = chain->n; id == SIP_DIVERSION && i-- > 0;) {
		diversion_add(&draft->scratch, &chain->list[i], host);
		if (i > 0)
			TEXT_LIT(&draft->scratch, ",");
	}
	sip_draft_add(draft, id, sip_draft_keep(draft, mark), SIP_OWNER_POLICY);
}

/* Whichever header tells who diverted, the other one tells the same. */
static void
check_chains(struct sip_draft *draft, unsigned privacy)
{
	static const enum sip_header ids[] = { SIP_DIVERSION,
		SIP_HISTORY_INFO };
	static const struct span hosts[] = { { NULL, 0 },
		{ "t.example.net", 13 } };
	static struct sip_draft other;
	struct diversion_chain chain, again;
	unsigned i;

	for (i = 0; i < 8; i++) {
		enum sip_header to = ids[i / 2 % 2];

		chain_read(draft, ids[i % 2], privacy, &chain);
		sip_draft_request(
		    &other, SIP_METHOD_INVITE, SPAN_NONE, draft->uri);
		chain_write(&other, to, &chain, hosts[i / 4], draft->uri);
		chain_read(&other, to, privacy, &again);
		if (chain.n > 0 && !other.overflow &&
		    !diversion_same(&chain, &again, NULL)) {
			fprintf(stderr, "%.*s",
			    SPAN_ARG(other.fields[0].value));
			abort();
		}
	}
}

static void
run(const struct policy *policy, const struct sip_message *msg,
    const struct sip_view *view)
{
	static struct sip_draft draft;
	struct policy_trunk pbx = { .host = SPAN("lan.example.com"),
		.plan = number_plan_find(SPAN("GB")),
		.area = SPAN("20") };
	struct policy_trunk carrier = { .host = SPAN("sbc.example.com"),
		.domain = SPAN("t.example.net"),
		.media_direct = true };
	struct journal journal = { note, NULL };
	struct edit_seen seen = { 0 };
	struct policy_context ctx = {
		.from = &pbx, .to = &carrier, .journal = &journal, .seen = &seen
	};
	struct policy_refusal refusal;
	struct identity id, before;
	const char *reason;
	unsigned i, changes;

	address_parse_ip(SPAN("198.51.100.7"), &carrier.media);
	sip_draft_request(&draft, msg->method, msg->method_name, msg->uri);
	party(&draft, SIP_FROM, view->from, SPAN("ours"));
	party(&draft, SIP_TO, view->to, SPAN_NONE);
	sip_draft_add(&draft, SIP_VIA,
	    SPAN("SIP/2.0/UDP 1.2.3.4;branch=z9hG4bK"), SIP_OWNER_DIALOG);
	sip_draft_add(&draft, SIP_CALL_ID, SPAN("ours"), SIP_OWNER_DIALOG);
	sip_draft_add(&draft, SIP_CSEQ, SPAN("1 INVITE"), SIP_OWNER_DIALOG);
	for (i = 0; i < msg->lines_n; i++) {
		if (policy_relays(policy, &carrier, &msg->lines[i]))
			sip_draft_copy(&draft, &msg->lines[i]);
	}
	draft.body = msg->body;
	if (msg->lines_n % 2 == 0)
		ctx.owns = owns;
	identity_read_draft(&draft, &before);
	check_chains(&draft, before.privacy);
	policy_begin(&ctx, &draft);
	/* A header twice that may be there once is the core's to refuse. */
	if (!guard_check(&ctx.guard, &draft, &reason))
		return;
	policy_scrub(policy, &ctx, msg);
	if (!policy_apply(policy, STAGE_OUT, &ctx, &draft, &refusal))
		return;
	changes = ctx.changes;
	if (draft.overflow)
		return;
	ctx.seen = NULL;
	if (!policy_apply(policy, STAGE_OUT, &ctx, &draft, &refusal) ||
	    (ctx.changes != changes && !draft.overflow && ctx.vetoes == 0)) {
		fprintf(stderr, "%s", last);
		abort();
	}
	if (draft.overflow)
		return;
	if (!guard_check(&ctx.guard, &draft, &reason))
		abort();
	identity_read_draft(&draft, &id);
	if (ctx.vetoes == 0)
		check_wish(&before, &id);
	if (ctx.vetoes == 0 && identity_asserted_flaws(&id.asserted) != 0)
		abort();
	check_sent(&draft, SPAN("ours"));
}

static void
parties(const uint8_t *data, size_t size)
{
	static char raw[16384];
	static struct sip_message msg;
	struct text t = text_over(raw, sizeof(raw));
	struct sip_fault fault;
	struct sip_view view;
	struct number number;

	number_parse(number_plan_at(data[0] % number_plans()), SPAN("20"),
	    span_make((const char *)data + 1, size - 1), &number);
	TEXT_LIT(&t, "INVITE sip:02079460001@sbc SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
		     "Call-ID: 1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n");
	text_add(&t, span_make((const char *)data + 1, size - 1));
	if (t.overflow || !sip_index(&msg, text_span(&t), &fault) ||
	    !sip_view_read(&msg, &view, &fault) ||
	    !sip_sanity(&msg, &view, &fault))
		return;
	run(policy_get(data[0] % (ARRAY_LEN(texts) + 1)), &msg, &view);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1)
		parties(data, size);
	return 0;
}
