/*
 * evidence.c - what the peers said last, what failing
 * ones say, and when it ended
 */

#include "call/private.h"

#include <stdlib.h>

#include "diagnosis/drop.h"
#include "diagnosis/failure.h"
#include "sip/session_timer.h"

#define EVIDENCE_MAX 1024
#define SECOND       1000
#define NORMAL_CLEARING 16

/* Headers in which a peer explains a failure. The first three are no headers of
 * any standard: found by name. */
static const struct {
	struct span name;
	enum sip_header id;
	enum failure_header kind;
} explaining[] = {
	{ { "ms-diagnostics", 14 }, SIP_OTHER_HEADER, FAILURE_MS },
	{ { "ms-diagnostics-public", 21 }, SIP_OTHER_HEADER, FAILURE_MS },
	{ { "ms-client-diagnostics", 21 }, SIP_OTHER_HEADER, FAILURE_MS },
	{ { "Reason", 6 }, SIP_REASON, FAILURE_OTHER },
	{ { "Warning", 7 }, SIP_WARNING, FAILURE_WARNING },
};

/* "carrier's 405 to REFER", "pbx's BYE". */
static void
add_event(struct text *t, const struct leg *leg, const struct heard *heard)
{
	text_add(t, leg->trunk == NULL ? SPAN("nobody") : leg->trunk->name);
	TEXT_LIT(t, "'s ");
	if (heard->status != 0) {
		text_add_u64(t, heard->status);
		TEXT_LIT(t, " to ");
	}
	text_add_str(t, sip_method_name((enum sip_method)heard->method));
}

static void
add_interval(struct text *t, uint64_t ms)
{
	if (ms < 10 * SECOND)
		text_addf(t, "%llu ms", (unsigned long long)ms);
	else
		text_addf(t, "%llu s", (unsigned long long)(ms / SECOND));
}

/* ", 200 ms after carrier's 405 to REFER": what the other leg heard last often
 * is what this one complains of. */
static void
add_other_leg(struct text *t, const struct leg *other, uint64_t now)
{
	if (other == NULL || other->heard.at == 0)
		return;
	TEXT_LIT(t, ", ");
	add_interval(t, now - other->heard.at);
	TEXT_LIT(t, " after ");
	add_event(t, other, &other->heard);
}

static struct span
explanation(const struct sip_message *msg, size_t i)
{
	const struct sip_line *line = explaining[i].id == SIP_OTHER_HEADER
	    ? sip_find_name(msg, explaining[i].name)
	    : sip_find(msg, explaining[i].id);

	return line == NULL ? SPAN_NONE : line->value;
}

/* Who hangs up in the usual way explains nothing. */
static bool
is_usual(size_t i, struct span value)
{
	struct sip_reason reason;

	return explaining[i].id == SIP_REASON &&
	       sip_reason_parse(value, &reason) &&
	       reason.cause == NORMAL_CLEARING &&
	       span_ieq(reason.protocol, SPAN("Q.850"));
}

/* All that the message explains. False: nothing; *ms is the first of
 * Microsoft's headers, or past the table. */
static bool
add_explanations(struct text *t, const struct sip_message *msg, size_t *ms)
{
	size_t i, mark = t->len;

	*ms = ARRAY_LEN(explaining);
	for (i = 0; i < ARRAY_LEN(explaining); i++) {
		struct span value = explanation(msg, i);

		if (span_empty(value) || is_usual(i, value))
			continue;
		if (explaining[i].kind == FAILURE_MS && i < *ms)
			*ms = i;
		if (t->len > mark)
			TEXT_LIT(t, "; ");
		failure_add(t, explaining[i].kind, explaining[i].name, value);
	}
	return t->len > mark;
}

/* Row SFB-03. */
static void
note_ms(struct leg *leg, const struct sip_message *msg, size_t i,
    struct span sentence)
{
	const struct arrival *a = &leg->call->calls->arrival;
	char buf[LABEL_MAX];
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_MSD,
		.message = note_label(a, buf),
		.cseq = a->view->cseq,
		.target = explaining[i].name,
		.before = explanation(msg, i),
		.reason = sentence,
	};

	note(leg, &entry);
}

/* What speaks of the end stays: answers to a BYE of ours come later. */
static void
keep(struct call *call, struct span sentence)
{
	if (call->evidence != NULL && call->reason != END_NONE)
		return;
	free(call->evidence);
	call->evidence = span_dup(sentence);
}

static void
take_failure(
    struct leg *leg, const struct sip_message *msg, const struct heard *now)
{
	char buf[EVIDENCE_MAX];
	struct text t = text_over(buf, sizeof(buf));
	size_t mark, ms;

	add_event(&t, leg, now);
	TEXT_LIT(&t, ": ");
	mark = t.len;
	if (!add_explanations(&t, msg, &ms))
		return;
	add_other_leg(&t, leg->other, now->at);
	if (ms < ARRAY_LEN(explaining))
		note_ms(leg, msg, ms, text_since(&t, mark));
	keep(leg->call, text_span(&t));
}

static bool
is_failure(const struct sip_message *msg)
{
	return msg->request ? msg->method == SIP_METHOD_BYE ||
		msg->method == SIP_METHOD_CANCEL
			    : msg->status >= 300;
}

/* RFC 4028: what the peer wants, or has granted, as it said last. */
static void
take_session(struct heard *heard, const struct sip_message *msg)
{
	struct sip_session_expires expires;

	if (sip_has(msg, SIP_SESSION_EXPIRES) && msg->status < 300 &&
	    sip_session_expires_read(
		sip_value(msg, SIP_SESSION_EXPIRES), &expires))
		heard->session = expires.seconds;
}

void
evidence_hear(struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;
	struct heard now = leg->heard;

	if (!msg->request && msg->status == 100)
		return;
	if (msg->request && msg->method == SIP_METHOD_ACK) {
		leg->heard.acked = true;
		return;
	}
	now.method = (uint8_t)msg->method;
	now.status = (uint16_t)(msg->request ? 0 : msg->status);
	now.at = call_now(leg->call);
	take_session(&now, msg);
	if (is_failure(msg))
		take_failure(leg, msg, &now);
	leg->heard = now;
}

/* --- row ACS-06 --- */

/* "carrier 203.0.113.5:5060". */
void
evidence_add_peer(struct text *t, const struct leg *leg)
{
	text_add(t, leg->trunk->name);
	TEXT_LIT(t, " ");
	address_add(t, &leg->dialog.path.remote);
}

/* Of a challenge all but the realm is a secret. */
static void
add_realm(struct text *t, struct span challenge)
{
	const struct span key = SPAN("realm=\"");
	struct span realm;

	for (; challenge.n > key.n; challenge = span_from(challenge, 1)) {
		if (!span_istarts(challenge, key))
			continue;
		realm = span_cut(span_from(challenge, key.n), '"', &challenge);
		text_addf(t, " for the realm \"%.*s\"",
		    SPAN_ARG(span_up_to(realm, 128)));
		return;
	}
}

/* Where we seem to come from: an access list may lack that address. */
static void
add_seen(struct text *t, const struct leg *leg)
{
	const struct sip_via *via = &leg->call->calls->arrival.view->via;

	if (span_empty(via->received) || span_ieq(via->received, via->host))
		return;
	TEXT_LIT(t, "; it sees us at ");
	text_add(t, via->received);
}

static void
add_header(struct text *t, const struct sip_message *msg, enum sip_header id,
    struct span name)
{
	struct span value = sip_value(msg, id);

	if (span_empty(value))
		return;
	TEXT_LIT(t, "; ");
	failure_add(t, FAILURE_OTHER, name, value);
}

/* The number may be wrong, or its form: row BWC-04. */
static void
add_called(struct text *t, const struct leg *leg)
{
	struct nameaddr to;

	nameaddr_parse(leg->call->calls->arrival.view->to, &to);
	if (span_empty(to.uri.whole))
		return;
	TEXT_LIT(t, "; it was called as ");
	text_add(t, to.uri.whole);
}

static void
add_who_refused(struct text *t, const struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;

	evidence_add_peer(t, leg);
	if (msg->status == 401 || msg->status == 407) {
		TEXT_LIT(t, " asks for credentials");
		add_realm(t,
		    sip_value(msg, msg->status == 401
			    ? SIP_WWW_AUTHENTICATE
			    : SIP_PROXY_AUTHENTICATE));
		TEXT_LIT(t, ", and Cordon has none to give");
		return;
	}
	text_add_str(t, msg->status < 400 ? " redirects the call"
					  : " said so, not Cordon");
	add_header(t, msg, SIP_SERVER, SPAN("Server"));
	if (msg->status < 400)
		add_header(t, msg, SIP_CONTACT, SPAN("Contact"));
	if (msg->status == 403)
		add_seen(t, leg);
	switch (failure_diagnostic(msg->status)) {
	case DIAG_RSP_404:
	case DIAG_RTE_UNALLOCATED:
		add_called(t, leg);
		break;
	default:
		break;
	}
}

void
evidence_note_refusal(struct leg *leg)
{
	const struct arrival *a = &leg->call->calls->arrival;
	char buf[LABEL_MAX], said[160], why[REASON_MAX];
	struct text words = text_over(said, sizeof(said));
	struct text reason = text_over(why, sizeof(why));
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = failure_diagnostic(a->msg->status),
		.message = note_label(a, buf),
		.cseq = a->view->cseq,
		.target = SPAN("response"),
	};

	if (leg->word != NULL)
		return;
	text_addf(&words, "%u ", a->msg->status);
	text_add(&words, span_up_to(a->msg->reason, 128));
	add_who_refused(&reason, leg);
	entry.before = text_span(&words);
	entry.reason = text_span(&reason);
	note(leg, &entry);
}

/* --- row BWC-18 --- */

/* A target stands where the transferor stood. */
static enum journal_leg
end_of_target(const struct call *call)
{
	bool caller = call->caller->side == JOURNAL_TARGET;

	if (caller == (call->callee->side == JOURNAL_TARGET))
		return JOURNAL_NO_LEG;
	return caller ? JOURNAL_CALLER : JOURNAL_CALLEE;
}

static enum journal_leg
ended_by(const struct call *call)
{
	switch (call->reason) {
	case END_TARGET_HUNG_UP:
		return end_of_target(call);
	case END_CALLER_HUNG_UP:
		return JOURNAL_CALLER;
	case END_CALLEE_HUNG_UP:
		return JOURNAL_CALLEE;
	default:
		return JOURNAL_NO_LEG;
	}
}

static void
add_side(struct drop_facts *facts, enum drop_leg at, const struct leg *leg)
{
	if (leg == NULL || leg->trunk == NULL)
		return;
	facts->session[at] = leg->heard.session;
	facts->trunk[at] = leg->trunk->name;
}

void
evidence_judge_end(struct call *call)
{
	char buf[512], found[48];
	struct text t = text_over(buf, sizeof(buf));
	struct text f = text_over(found, sizeof(found));
	struct drop_facts facts = {
		.by = ended_by(call),
		.acked = call->caller->heard.acked,
		.ack_wait = 64 * call->trunks->config->sip.t1,
	};
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.call = call->id,
		.leg = facts.by,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_DROP_TIME,
		.target = SPAN("duration"),
	};
	struct drop drop;

	if (call->answered == 0 ||
	    (facts.by == JOURNAL_NO_LEG && call->reason != END_NOT_ACKED))
		return;
	facts.talked = call->ended - call->answered;
	add_side(&facts, DROP_CALLER, call->caller);
	add_side(&facts, DROP_CALLEE, call->callee);
	drop = drop_judge(&facts);
	if (drop.kind == DROP_NONE)
		return;
	drop_add_sentence(&t, &facts, &drop);
	text_addf(&f, "%llu ms", (unsigned long long)facts.talked);
	entry.before = text_span(&f);
	entry.reason = text_span(&t);
	if (facts.by != JOURNAL_NO_LEG)
		entry.trunk = facts.trunk[facts.by == JOURNAL_CALLEE];
	record_note(call->calls->deps.record, &call->chain, &entry);
}
