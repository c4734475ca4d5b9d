/*
 * rule_generate.c - rules and messages by the dice: whatever a file asks for, a
 * rule that is applied twice changes nothing the second time, and what is sent
 * keeps the egress invariants
 *
 * CORDON_CASES is how many cases are tried, CORDON_SEED where the dice begin.
 */

#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "policy/passage.h"
#include "policy/trial.h"
#include "rule_generate.h"
#include "unit.h"

#define MESSAGES_A_FILE 200
#define RULES_MAX	6

struct dice {
	uint64_t state;
};

static unsigned
roll(struct dice *dice, unsigned n)
{
	dice->state += 0x9e3779b97f4a7c15u;
	uint64_t z = dice->state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

#define PICK(dice, list) ((list)[roll((dice), ARRAY_LEN(list))])

static const char *const headers[] = { "From", "To", "Subject", "X-A", "X-B",
	"P-Asserted-Identity", "Diversion", "Privacy", "Remote-Party-ID",
	"Call-Info", "User-Agent", "Supported", "History-Info", "Call-ID",
	"Via", "Contact", "CSeq", "Content-Type", "Reason" };
static const char *const wilds[] = { "X-*", "*", "C*", "P-*", "*a*", "*-ID" };
static const char *const parts[] = { ".display", ".uri", ".uri.user",
	".uri.host", ".uri.port", ".uri.param(user)", ".uri.param(x)",
	".param(reason)", ".param(tag)", ".param(q)" };
static const char *const requests[] = { "request", "request.user",
	"request.host", "request.port", "request.param(user)" };
static const char *const sdps[] = { "sdp.a", "sdp.a(ptime)", "sdp.a(rtpmap)",
	"sdp.m", "sdp.c", "sdp.b", "sdp.s", "sdp.o", "sdp.i", "sdp.a(x)" };
static const char *const texts[] = { "x", "phone", "5062", "+442079460000",
	"<sip:1@a.example>", "<sip:2@a.example>;q=1", "\\\"Q, R\\\" <sip:3@c>",
	"a.example", "sip:7@h.example", "tel:+441", "a, b", "a b", "ptime:20",
	"audio 9 RTP/AVP 0", "IN IP4 198.51.100.1", "x;y=z", "a@b", "\\\"",
	"<sip:8@b", "rtpmap:0 PCMU/8000" };
static const char *const variables[] = { "${trunk.name}", "${trunk.domain}",
	"${call.caller}", "${call.dialled}", "${call.kind}", "${call.id}",
	"${header.Organization}", "${header.Alert-Info}" };
static const char *const patterns[] = { "^a", "1", "^(.*)$", "sip:([^@]*)@",
	"(?<n>[0-9]+)", "x|y", "^$", "(a*)*b", "ptime", ";tag" };
static const char *const conditions[] = { "method = \"INVITE\";",
	"message = \"request\";", "stage = \"out\";", "call = \"!emergency\";",
	"dialog = false;", "header = \"X-A\";", "header = \"!X-B\";",
	"owned = \"from\";", "owned = \"!from\";", "trunk = \"carrier\";",
	"matches = { target = \"From.uri.user\"; match = \"^(.)\"; };",
	"status = \"2xx\";" };

static void
add_target(struct dice *dice, struct text *t)
{
	switch (roll(dice, 8)) {
	case 0:
		text_add_str(t, PICK(dice, requests));
		return;
	case 1:
	case 2:
		text_add_str(t, PICK(dice, sdps));
		return;
	case 3:
		text_add_str(t, PICK(dice, wilds));
		break;
	default:
		text_add_str(t, PICK(dice, headers));
		if (roll(dice, 4) == 0)
			text_addf(t, "[%u]", roll(dice, 3));
		break;
	}
	if (roll(dice, 2) == 0)
		text_add_str(t, PICK(dice, parts));
}

static void
add_value(struct dice *dice, struct text *t)
{
	text_add_str(t, " value = \"");
	if (roll(dice, 3) == 0)
		text_add_str(t, PICK(dice, variables));
	else
		text_add_str(t, PICK(dice, texts));
	if (roll(dice, 5) == 0)
		text_add_str(t, PICK(dice, variables));
	text_add_str(t, "\";");
}

/* Not replace: what it finds may be in what it writes. */
static void
add_rule(struct dice *dice, struct text *t)
{
	static const char *const verbs[] = { "absent", "set", "set", "ensure",
		"append", "keep_only", "rename" };
	const char *verb = PICK(dice, verbs);

	text_add_str(t, "  { ");
	if (roll(dice, 3) > 0)
		text_addf(t, "when = { %s }; ", PICK(dice, conditions));
	text_addf(t, "%s = \"", verb);
	add_target(dice, t);
	text_add_str(t, "\";");
	if (strcmp(verb, "rename") == 0)
		text_addf(t, " value = \"%s\";", PICK(dice, headers));
	else if (strcmp(verb, "keep_only") == 0 && roll(dice, 2) == 0)
		text_add_str(t, " value = [ \"X-A\", \"id\", \"ptime\" ];");
	else if (strcmp(verb, "set") == 0 || strcmp(verb, "ensure") == 0 ||
		 strcmp(verb, "append") == 0)
		add_value(dice, t);
	if ((strcmp(verb, "absent") == 0 || strcmp(verb, "set") == 0 ||
		strcmp(verb, "keep_only") == 0) &&
	    roll(dice, 3) == 0)
		text_addf(t, " match = \"%s\";", PICK(dice, patterns));
	text_add_str(t, " diagnostic = \"CLI-DIVERTED\"; }");
}

/* Most are refused, for good reasons: on with the next. */
static struct policy *
make_policy(struct dice *dice, char *buf, size_t size)
{
	struct problems problems;
	struct policy *policy;

	for (;;) {
		struct text t = text_over(buf, size - 1);
		unsigned i, n = 1 + roll(dice, RULES_MAX);
		struct policy *one;

		text_add_str(&t, "policy = { name = \"dice\"; headers = { relay "
				 "= [ \"X-*\" ]; };\n rules = (\n");
		for (i = 0; i < n;) {
			char rule[512], whole[768];
			struct text r = text_over(rule, sizeof(rule) - 1);

			add_rule(dice, &r);
			snprintf(whole, sizeof(whole),
			    "policy = { name = \"d\"; rules = ( %s ); };",
			    text_cstr(&r));
			problems_init(&problems);
			one = policy_load_text(whole, "d.conf", 0, &problems);
			problems_fini(&problems);
			policy_unref(one);
			if (one == NULL)
				continue;
			text_add_str(&t, i++ == 0 ? "" : ",\n");
			text_add_str(&t, rule);
		}
		text_add_str(&t, "\n );\n};\n");
		text_cstr(&t);
		problems_init(&problems);
		policy = policy_load_text(buf, "dice.conf", 0, &problems);
		problems_fini(&problems);
		if (policy != NULL)
			return policy;
	}
}

static const char *const starts[] = { "INVITE sip:02079460000@b;user=phone",
	"INVITE sip:+442079460001@b", "INVITE tel:+442079460001",
	"INVITE sip:b", "INVITE sip:999@b", "INFO sip:1@b", "200 INVITE",
	"486 INVITE", "BYE sip:1@b", "UPDATE sip:x@192.0.2.7;ob",
	"180 INVITE", "INVITE sip:112@b" };
static const char *const lines[] = { "From: \"A\" <sip:1@a>",
	"From: sip:2@a;q=1", "From: <sip:a:5070;user=phone>",
	"From: tel:+442079460000", "From: <>", "From: \"x <sip:1@a>",
	"To: <sip:5@b>", "To: \"B\" <tel:+441>;x", "Subject: a", "Subject:",
	"X-A: 1", "X-A: a, b", "X-B: \"", "X-B: <sip:1@a>, , <sip:2@a>;q",
	"P-Asserted-Identity: <sip:1@a>, <tel:+441>",
	"P-Asserted-Identity: \"Q, R\" <sip:1@a>;reason=x",
	"P-Asserted-Identity: \"F\"<>,tel:+441", "Diversion: <sip:1@a>;reason=x",
	"Diversion: <sip:2@a;user=phone;x>,<sip:3@a>", "Diversion: \"",
	"Privacy: id", "Privacy: header;id", "Remote-Party-ID: <sip:9@a>;party=x",
	"Call-Info: <http://a>", "Organization: O", "Alert-Info: <x>, <y>",
	"History-Info: <sip:1@a>;index=1, <sip:2@a>;index=1.1",
	"Reason: Q.850;cause=16", "Accept-Language: en, de;q=0" };
static const char *const bodies[] = { "", "",
	"v=0\no=- 1 1 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\n"
	"m=audio 10000 RTP/AVP 0 8\nb=AS:64\na=rtpmap:0 PCMU/8000\na=ptime:20\n"
	"m=video 0 RTP/AVP 96\na=x\n",
	"v=0\no=- 1 1 IN IP4 10.0.0.1\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0\n"
	"i=x\nc=IN IP4 10.0.0.1\na=x:1\na=x:2\n",
	"v=0\nnonsense\n" };

static bool
make_message(struct dice *dice, struct text *out)
{
	char buf[4096];
	struct text t = text_over(buf, sizeof(buf));
	unsigned i, n = roll(dice, 8);

	text_add_str(&t, PICK(dice, starts));
	for (i = 0; i < n; i++)
		text_addf(&t, "\n%s", PICK(dice, lines));
	text_addf(&t, "\n\n%s", PICK(dice, bodies));
	return trial_complete(out, text_span(&t), roll(dice, 4) == 0);
}

/* --- one case --- */

struct world {
	char raw[16384];
	struct text text;
	struct sip_message msg;
	struct sip_view view;
	struct sip_draft draft;
	struct policy_trunk pbx, carrier;
	struct policy_context ctx;
	const char *file;
	char wire[65536];
	unsigned vetoes, changes;
};

static void
say(const struct world *w, const char *what)
{
	ck_abort_msg("%s\n%s\n%.*s", what, w->file, (int)w->text.len, w->raw);
}

static void
unsteady(void *arg, struct span rule)
{
	char text[128];

	snprintf(text, sizeof(text), "not steady: %.*s", SPAN_ARG(rule));
	say(arg, text);
}

static bool
owns(void *arg, struct span e164)
{
	(void)arg;
	return e164.n > 0 && e164.p[e164.n - 1] == '0';
}

static void
draft_invite(struct world *w, const struct policy *policy)
{
	static const struct config_strings all = { NULL, 0 };
	struct passage_invite invite = {
		.msg = &w->msg,
		.view = &w->view,
		.from = &w->pbx,
		.to = &w->carrier,
		.out = policy,
		.via = SPAN("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKours"),
		.contact = SPAN("<sip:192.0.2.2:5060>"),
		.call_id = SPAN("ours"),
		.tag = SPAN("ours"),
		.cseq = 1,
		.allow = &all,
		.user_agent = SPAN("Cordon"),
	};

	ck_assert(address_parse(SPAN("192.0.2.1"), 5060, &invite.peer));
	sip_draft_request(
	    &w->draft, SIP_METHOD_INVITE, SPAN("INVITE"), w->msg.uri);
	passage_draft_invite(&w->draft, &invite);
}

static void
draft_other(struct world *w, const struct policy *policy)
{
	static const enum sip_header own[] = { SIP_VIA, SIP_MAX_FORWARDS,
		SIP_FROM, SIP_TO, SIP_CALL_ID, SIP_CSEQ, SIP_CONTACT };
	size_t i;

	if (w->msg.request)
		sip_draft_request(&w->draft, w->msg.method, w->msg.method_name,
		    w->msg.uri);
	else
		sip_draft_response(&w->draft, w->msg.status, w->msg.reason);
	for (i = 0; i < ARRAY_LEN(own); i++) {
		if (sip_has(&w->msg, own[i]))
			sip_draft_add(&w->draft, own[i],
			    sip_value(&w->msg, own[i]), SIP_OWNER_DIALOG);
	}
	passage_relay(&w->draft, policy, &w->carrier, &w->msg);
}

static bool
begin(struct world *w, const struct policy *policy, struct dice *dice)
{
	struct sip_fault fault;

	w->text = text_over(w->raw, sizeof(w->raw));
	ck_assert(make_message(dice, &w->text));
	if (!sip_index(&w->msg, text_span(&w->text), &fault) ||
	    !sip_view_read(&w->msg, &w->view, &fault))
		return false;
	w->pbx = (struct policy_trunk){ .name = SPAN("pbx"),
		.host = SPAN("lan.example.com"),
		.plan = number_plan_find(SPAN("GB")) };
	w->carrier = (struct policy_trunk){ .name = SPAN("carrier"),
		.host = SPAN("sbc.example.com"),
		.plan = number_plan_find(SPAN("GB")) };
	w->ctx = (struct policy_context){ .from = &w->pbx,
		.to = &w->carrier,
		.call = policy_call_kind(&w->msg, w->pbx.plan),
		.in_dialog = w->view.to_tag.n > 0 || !w->msg.request,
		.method = w->view.cseq_method,
		.received = &w->msg,
		.owns = owns,
		.unsteady = unsteady,
		.unsteady_arg = w };
	if (w->msg.request && w->msg.method == SIP_METHOD_INVITE &&
	    !w->ctx.in_dialog)
		draft_invite(w, policy);
	else
		draft_other(w, policy);
	return true;
}

/* What the draft says of the dialog, in a row. */
static struct span
dialog_of(const struct sip_draft *draft, struct text *t)
{
	static const enum sip_header own[] = { SIP_VIA, SIP_ROUTE,
		SIP_RECORD_ROUTE, SIP_CONTACT, SIP_CALL_ID, SIP_CSEQ,
		SIP_MAX_FORWARDS };
	size_t i;
	int at;

	for (i = 0; i < ARRAY_LEN(own); i++) {
		for (at = sip_draft_find(draft, own[i], 0); at >= 0;
		     at = sip_draft_find(draft, own[i], (unsigned)at + 1)) {
			text_add(t, draft->fields[at].value);
			text_add_str(t, "|");
		}
	}
	return text_span(t);
}

static void
check_wire(struct world *w)
{
	struct text wire = text_over(w->wire, sizeof(w->wire));
	struct sip_message msg;
	struct sip_fault fault;

	if (w->draft.overflow)
		return;
	if (!sip_draft_write(&w->draft, &wire))
		say(w, "cannot be written");
	if (!sip_index(&msg, text_span(&wire), &fault))
		say(w, fault.text);
	if (msg.body.n != w->draft.body.n)
		say(w, "another body");
}

static void
check_emergency(const struct world *w, struct span before)
{
	struct sip_uri was, is;

	ck_assert(sip_uri_parse(before, &was));
	if (!sip_uri_parse(w->draft.uri, &is) || !span_eq(was.user, is.user))
		say(w, "an emergency number was changed");
}

static void
one_case(struct world *w, const struct policy *policy, struct dice *dice)
{
	char was[4096], is[4096];
	struct text before = text_over(was, sizeof(was));
	struct text after = text_over(is, sizeof(is));
	struct policy_refusal refusal;
	struct span uri;
	const char *why;

	if (!begin(w, policy, dice))
		return;
	dialog_of(&w->draft, &before);
	uri = w->draft.uri;
	policy_begin(&w->ctx, &w->draft);
	if (!policy_apply(
		policy, STAGE_OUT, &w->ctx, &w->draft, &refusal))
		return;
	if (!guard_check(&w->ctx.guard, &w->draft, &why))
		say(w, why);
	if (!span_eq(dialog_of(&w->draft, &after), text_span(&before)))
		say(w, "a field of the dialog was changed");
	if (w->ctx.in_dialog && !span_eq(uri, w->draft.uri))
		say(w, "the Request-URI was changed");
	if (w->ctx.call == POLICY_CALL_EMERGENCY)
		check_emergency(w, uri);
	check_wire(w);
	w->changes += w->ctx.changes;
	w->vetoes += w->ctx.vetoes;
}

void
rule_generate(unsigned long cases, uint64_t seed)
{
	struct dice dice = { seed };
	struct world *w = calloc(1, sizeof(*w));
	char file[8192];
	unsigned long done = 0;
	unsigned i;

	ck_assert_ptr_nonnull(w);
	while (done < cases) {
		struct policy *policy = make_policy(&dice, file, sizeof(file));

		w->file = file;
		for (i = 0; i < MESSAGES_A_FILE && done < cases; i++, done++)
			one_case(w, policy, &dice);
		policy_unref(policy);
	}
	/* The dice were good: there was much to do, and much to forbid. */
	ck_assert_uint_gt(w->changes, cases / 10);
	ck_assert_uint_gt(w->vetoes, cases / 100);
	free(w);
}
