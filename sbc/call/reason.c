/*
 * reason.c - the Reason header (RFC 3326, RFC 6432) and Q.850 causes (RFC 3398)
 *
 * What a peer says of the end of a call goes to the other side as
 * it is, and into the journal. It decides a status only where there
 * is none to be passed on.
 */

#include "call/private.h"

#include "diagnosis/cause.h"

#define NORMAL_CLEARING 16

/* Causes with which a caller that takes its call back says no more than
 * that. */
static bool
says_nothing(unsigned q850)
{
	return q850 == NORMAL_CLEARING || q850 == 26 || q850 == 31;
}

static void
hear_value(struct call *call, struct span value)
{
	struct sip_reason r;

	if (!sip_reason_parse(value, &r))
		return;
	if (span_ieq(r.protocol, SPAN("Q.850")) && call->cause.q850 == 0)
		call->cause.q850 = (uint16_t)r.cause;
	else if (span_ieq(r.protocol, SPAN("SIP")) && call->cause.sip == 0)
		call->cause.sip = (uint16_t)r.cause;
}

static void
add_values(const struct sip_message *msg, struct text *t)
{
	struct sip_values it = sip_values(msg, SIP_REASON);
	struct span value;

	while (sip_values_next(&it, &value)) {
		if (t->len > 0)
			TEXT_LIT(t, ", ");
		sip_add_unfolded(t, value);
	}
}

static void
note_cause(struct leg *leg)
{
	const struct call *call = leg->call;
	const struct arrival *a = &call->calls->arrival;
	char buf[REASON_MAX], name[LABEL_MAX], words[96];
	struct text values = text_over(buf, sizeof(buf));
	struct text reason = text_over(words, sizeof(words));
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_CALL_CAUSE,
		.message = note_label(a, name),
		.cseq = a->view->cseq,
		.target = SPAN("Reason"),
	};

	add_values(a->msg, &values);
	TEXT_LIT(&reason, "the ");
	text_add_str(&reason, journal_leg_name(leg->side));
	TEXT_LIT(&reason, " says");
	reason_describe(call, &reason);
	entry.before = text_span(&values);
	entry.reason = text_span(&reason);
	note(leg, &entry);
}

void
reason_hear(struct leg *leg)
{
	struct call *call = leg->call;
	const struct sip_message *msg = call->calls->arrival.msg;
	struct sip_values it;
	struct span value;

	if (call->reason != END_NONE || msg == NULL)
		return;
	it = sip_values(msg, SIP_REASON);
	while (sip_values_next(&it, &value))
		hear_value(call, value);
	/* Almost every BYE says this much. */
	if (call->cause.sip == 0 && (call->cause.q850 == 0 ||
		call->cause.q850 == NORMAL_CLEARING))
		return;
	note_cause(leg);
}

unsigned
reason_status(const struct call *call, unsigned otherwise)
{
	unsigned status = cause_to_status(call->cause.q850);

	/* "SIP;cause=200": taken back because it was answered elsewhere. */
	if (status == 0 || says_nothing(call->cause.q850) ||
	    call->cause.sip / 100 == 2)
		return otherwise;
	return status;
}

void
reason_describe(const struct call *call, struct text *t)
{
	const char *name = cause_name(call->cause.q850);

	if (call->cause.q850 != 0) {
		text_addf(t, ": %s%sQ.850 cause %u%s", name == NULL ? "" : name,
		    name == NULL ? "" : " (", call->cause.q850,
		    name == NULL ? "" : ")");
	} else if (call->cause.sip != 0) {
		text_addf(t, ": %s (SIP cause %u)",
		    sip_reason_phrase(call->cause.sip), call->cause.sip);
	}
}

bool
reason_copy(struct calls *calls)
{
	const struct sip_message *msg = calls->arrival.msg;
	const struct sip_line *line =
	    msg == NULL ? NULL : sip_find(msg, SIP_REASON);
	bool any = line != NULL;

	for (; line != NULL; line = sip_find_next(msg, line))
		sip_draft_copy(&calls->draft, line);
	return any;
}

/* What the peer said, once its message is no longer at hand. */
static void
add_heard(const struct call *call, struct text *t)
{
	const char *name = cause_name(call->cause.q850);

	if (call->cause.q850 != 0)
		text_addf(t, "Q.850;cause=%u", call->cause.q850);
	if (name != NULL)
		text_addf(t, ";text=\"%s\"", name);
	if (call->cause.sip != 0)
		text_addf(t, "%sSIP;cause=%u",
		    call->cause.q850 != 0 ? ", " : "", call->cause.sip);
}

static void
add_own(const struct call *call, struct text *t)
{
	const struct end_reason_row *row = end_reason_get(call->reason);

	if (row->q850 != 0)
		text_addf(t, "Q.850;cause=%u;text=\"%s\"", row->q850,
		    row->sentence);
}

void
reason_add_to_bye(struct call *call)
{
	struct sip_draft *draft = &call->calls->draft;
	size_t mark = sip_draft_mark(draft);

	if (reason_copy(call->calls))
		return;
	if (call->cause.q850 != 0 || call->cause.sip != 0)
		add_heard(call, &draft->scratch);
	else if (end_reason_get(call->reason)->fault)
		add_own(call, &draft->scratch);
	if (draft->scratch.len > mark)
		sip_draft_add(draft, SIP_REASON, sip_draft_keep(draft, mark),
		    SIP_OWNER_OWN);
}

void
reason_add_cause(struct sip_draft *draft, unsigned status)
{
	unsigned cause = cause_from_status(status);
	size_t mark;

	if (cause == 0 || sip_draft_find(draft, SIP_REASON, 0) >= 0)
		return;
	mark = sip_draft_mark(draft);
	TEXT_LIT(&draft->scratch, "Q.850;cause=");
	text_add_u64(&draft->scratch, cause);
	sip_draft_add(draft, SIP_REASON, sip_draft_keep(draft, mark),
	    SIP_OWNER_OWN);
}

struct span
reason_of_cancel(const struct call *call, char buf[static REASON_MAX])
{
	const struct sip_message *msg = call->calls->arrival.msg;
	struct text t = text_over(buf, REASON_MAX);

	if (msg != NULL && msg->request)
		add_values(msg, &t);
	/* What is too long must not keep the CANCEL from being sent. */
	if (t.len == 0 || t.overflow) {
		t = text_over(buf, REASON_MAX);
		add_own(call, &t);
	}
	return text_span(&t);
}
