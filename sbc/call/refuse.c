/*
 * refuse.c - what we answer ourselves: never without saying why
 */

#include "call/private.h"

#include <errno.h>

void
add_allow(struct calls *calls, const struct trunk *trunk)
{
	passage_add_allow(&calls->draft, &trunk->config->allow);
}

void
add_server(struct calls *calls, const struct trunk *trunk)
{
	const char *name = calls->trunks->config->user_agent;

	(void)trunk;
	if (name[0] != '\0')
		sip_draft_add(&calls->draft,
		    calls->draft.request ? SIP_USER_AGENT : SIP_SERVER,
		    span_of(name), SIP_OWNER_OWN);
}

/* A quoted-string may hold anything but controls, quote and backslash. */
static void
add_quotable(struct text *t, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
			text_add_char(t, c);
		else
			text_add_char(t, '?');
	}
}

void
warning_add(struct text *t, const struct trunk *trunk,
    enum diagnostic diagnostic, struct span text)
{
	TEXT_LIT(t, "399 ");
	text_add(t, trunk == NULL ? SPAN("cordon") : trunk->host);
	TEXT_LIT(t, " \"");
	text_add_str(t, diagnosis_get(diagnostic)->code);
	TEXT_LIT(t, ": ");
	add_quotable(t, text);
	TEXT_LIT(t, "\"");
}

static void
add_warning(struct calls *calls, const struct trunk *trunk,
    enum diagnostic diagnostic, struct span text)
{
	struct sip_draft *draft = &calls->draft;
	size_t mark = sip_draft_mark(draft);

	warning_add(&draft->scratch, trunk, diagnostic, text);
	sip_draft_add(
	    draft, SIP_WARNING, sip_draft_keep(draft, mark), SIP_OWNER_OWN);
}

/* RFC 3261 section 8.2.2.3: all of what is demanded and not done here. */
static void
add_unsupported(struct calls *calls)
{
	struct sip_draft *draft = &calls->draft;
	struct text *t = &draft->scratch;
	size_t mark = sip_draft_mark(draft);

	sip_option_tags_write_others(
	    calls->arrival.msg, SIP_REQUIRE, EXTENSIONS_OURS, t);
	if (t->len > mark && sip_has(calls->arrival.msg, SIP_PROXY_REQUIRE))
		TEXT_LIT(t, ", ");
	sip_option_tags_write_others(
	    calls->arrival.msg, SIP_PROXY_REQUIRE, 0, t);
	sip_draft_add(draft, SIP_UNSUPPORTED, sip_draft_keep(draft, mark),
	    SIP_OWNER_OWN);
}

static uint32_t
retry_after(const struct calls *calls, const struct leg *leg)
{
	return leg != NULL && leg->call->retry_after != 0
	    ? leg->call->retry_after
	    : calls->trunks->config->limits.retry_after;
}

/* Who heeds a Retry-After sends us nothing at all for so long (RFC 3261 section
 * 21.5.4): it is not for one peer that cannot be had. */
static bool
is_overload(enum diagnostic diagnostic)
{
	return diagnostic != DIAG_NET_FAILED &&
	    diagnostic != DIAG_AUTH_CHALLENGED;
}

/* Headers that a status cannot do without (RFC 3261 section 21). */
static void
add_demanded(struct calls *calls, const struct leg *leg,
    const struct trunk *trunk, unsigned status, enum diagnostic diagnostic)
{
	struct sip_draft *draft = &calls->draft;
	unsigned random = 0;

	switch (status) {
	case 405:
	case 501:
		add_allow(calls, trunk);
		break;
	case 415:
		sip_draft_add(draft, SIP_ACCEPT,
		    SPAN("application/sdp, application/pidf+xml, "
			 "multipart/mixed"),
		    SIP_OWNER_OWN);
		sip_draft_add(draft, SIP_ACCEPT_ENCODING, SPAN("identity"),
		    SIP_OWNER_OWN);
		break;
	case 420:
		add_unsupported(calls);
		break;
	case 422:
		sip_draft_add_number(draft, SIP_MIN_SE,
		    trunk->config->session_minimum, SPAN_NONE, SIP_OWNER_OWN);
		break;
	case 500:
		/* RFC 3261 section 14.2: between 0 and 10 seconds. */
		calls->deps.random(&random, sizeof(random));
		sip_draft_add_number(draft, SIP_RETRY_AFTER, random % 11,
		    SPAN_NONE, SIP_OWNER_OWN);
		break;
	case 503:
		if (!is_overload(diagnostic))
			break;
		sip_draft_add_number(draft, SIP_RETRY_AFTER,
		    retry_after(calls, leg), SPAN_NONE, SIP_OWNER_OWN);
		break;
	default:
		break;
	}
}

/* Leg or trunk at hand, whichever there is: the journal's side of a refusal. */
static void
note_refusal(struct calls *calls, struct leg *leg, unsigned status,
    enum diagnostic diagnostic, struct span text)
{
	char buf[96], why[384];
	struct text t = text_over(buf, sizeof(buf));
	struct text reason = text_over(why, sizeof(why));

	calls->counters.refused++;
	text_add_u64(&t, status);
	TEXT_LIT(&t, " ");
	text_add_str(&t, sip_reason_phrase(status));
	text_add(&reason, text);
	if (leg != NULL)
		note_add_target(leg->call, &reason);
	note_diagnosis(calls, leg, diagnostic, SPAN("response"), text_span(&t),
	    text_span(&reason));
	if (diagnostic == DIAG_INT_SBC_GENERATED)
		return;
	note_diagnosis(calls, leg, DIAG_INT_SBC_GENERATED, SPAN("response"),
	    text_span(&t), span_of(diagnosis_get(diagnostic)->code));
}

/* Which request the answer is for: one of the leg's that waits,
 * else the message at hand. */
static void
name_request(struct calls *calls, struct leg *leg, server_tx tx)
{
	const struct exchange *x =
	    leg == NULL ? NULL : exchange_by_server(leg->call, tx);

	if (x != NULL) {
		calls->draft_cseq = x->server_cseq;
		calls->draft_cseq_method = x->method;
	} else if (calls->arrival.view != NULL) {
		calls->draft_cseq = calls->arrival.view->cseq;
		calls->draft_cseq_method = calls->arrival.view->cseq_method;
	}
}

void
answer_last(struct calls *calls, server_tx tx, struct span to_tag)
{
	int error = server_respond(
	    calls->transactions, tx, &calls->draft, to_tag);

	if (error == -EMSGSIZE || error == -ENOMEM)
		server_abandon(calls->transactions, tx);
}

static void
answer(struct calls *calls, struct leg *leg, const struct trunk *trunk,
    server_tx tx, unsigned status, enum diagnostic diagnostic, struct span text,
    struct span tag)
{
	const struct sip_message *msg = calls->arrival.msg;

	sip_draft_response(
	    &calls->draft, status, span_of(sip_reason_phrase(status)));
	name_request(calls, leg, tx);
	add_server(calls, trunk);
	add_demanded(calls, leg, trunk, status, diagnostic);
	add_warning(calls, trunk, diagnostic, text);
	/* It stands for a response of the other side, whose causes it keeps. */
	if (leg != NULL && msg != NULL && !msg->request && msg->status >= 300)
		reason_copy(calls);
	answer_last(calls, tx, tag);
	note_refusal(calls, leg, status, diagnostic, text);
}

static struct span
random_tag(struct calls *calls, char buf[static TAG_MAX])
{
	struct text t = text_over(buf, TAG_MAX);
	uint64_t r;

	calls->deps.random(&r, sizeof(r));
	text_add_hex64(&t, r);
	return text_span(&t);
}

void
refuse(struct calls *calls, struct leg *leg, server_tx tx, unsigned status,
    enum diagnostic diagnostic, const char *fmt, ...)
{
	char buf[256], tag[TAG_MAX];
	struct text t = text_over(buf, sizeof(buf));
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&t, fmt, ap);
	va_end(ap);
	answer(calls, leg, leg == NULL ? calls->arrival.trunk : leg->trunk, tx,
	    status, diagnostic, text_span(&t),
	    leg == NULL ? random_tag(calls, tag)
			: dialog_local_tag(&leg->dialog));
}

/* Row ACS-05: a keep-alive is answered here, whatever stands behind us. */
void
answer_options(struct calls *calls, server_tx tx)
{
	char tag[TAG_MAX];
	struct sip_draft *draft = &calls->draft;
	struct trunk *trunk = calls->arrival.trunk;
	struct journal_entry entry = {
		.kind = JOURNAL_KEPT,
		.diagnostic = DIAG_OPT_ANSWERED_ELSEWHERE,
		.trunk = trunk->name,
		.message = SPAN("OPTIONS"),
		.reason = SPAN("answered here with 200: keep-alives of this "
			       "trunk never reach what stands behind"),
	};
	size_t mark;

	sip_draft_response(draft, 200, SPAN("OK"));
	mark = sip_draft_mark(draft);
	trunk_add_contact(&draft->scratch, trunk);
	sip_draft_add(
	    draft, SIP_CONTACT, sip_draft_keep(draft, mark), SIP_OWNER_DIALOG);
	add_allow(calls, trunk);
	sip_draft_add(
	    draft, SIP_ACCEPT, SPAN("application/sdp"), SIP_OWNER_OWN);
	/* Empty is legal, and says that no extension may be demanded. */
	mark = sip_draft_mark(draft);
	sip_option_tags_write(extension_supported(trunk), &draft->scratch);
	sip_draft_add(draft, SIP_SUPPORTED, sip_draft_keep(draft, mark),
	    SIP_OWNER_OWN);
	add_server(calls, trunk);
	server_respond(
	    calls->transactions, tx, draft, random_tag(calls, tag));
	if (!trunk->state->options_noted) {
		trunk->state->options_noted = true;
		calls_note_system(calls, &entry);
	}
}
