/*
 * attempt.c - the INVITE that made a call, to be worked on once more
 *
 * A callee may have to be asked again: in other words (420, 422), or by another
 * way (a redirection). The INVITE is kept as it came until it is answered, and
 * becomes the message at hand again.
 */

#include "call/transfer.h"

#include <stdlib.h>

/* Of one INVITE, whatever the reasons. */
#define ATTEMPTS_MAX 3

bool
attempt_keep(struct call *call)
{
	call->invite = span_copy(call->calls->arrival.msg->raw);
	return !span_empty(call->invite);
}

void
attempt_drop(struct call *call)
{
	span_free(&call->invite);
	redirect_drop(call);
}

bool
attempt_begin(struct leg *from, struct span invite, struct arrival *before)
{
	struct calls *calls = from->call->calls;
	struct sip_fault fault = { 0, SIP_OTHER_HEADER, "" };

	*before = calls->arrival;
	if (span_empty(invite) || !sip_index(&calls->kept, invite, &fault) ||
	    !sip_view_read(&calls->kept, &calls->kept_view, &fault))
		return false;
	calls->arrival = (struct arrival){ &calls->kept, &calls->kept_view,
		&from->dialog.path, from->trunk, 0 };
	return true;
}

void
attempt_end(struct calls *calls, const struct arrival *before)
{
	calls->arrival = *before;
}

/* --- what the next one says otherwise --- */

/* All values of that list, as one; owned by the caller. */
static struct span
copy_list(struct calls *calls, enum sip_header id)
{
	struct sip_values it = sip_values(calls->arrival.msg, id);
	struct text t = text_over(calls->out, sizeof(calls->out));
	struct span value;

	while (sip_values_next(&it, &value)) {
		if (t.len > 0)
			TEXT_LIT(&t, ", ");
		sip_add_unfolded(&t, value);
	}
	return t.overflow || t.len == 0 ? SPAN_NONE : span_copy(text_span(&t));
}

/* 420: without what its Unsupported names (RFC 3261 section 8.1.3.5). */
static bool
leave_out_unsupported(struct leg *leg, struct attempt *attempt)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_MSG_REQUIRE,
		.message = SPAN("INVITE"),
		.cseq = leg->dialog.local_cseq + 1,
		.target = SPAN("Require"),
		.rule = SPAN("builtin:again"),
		.reason = SPAN("the peer answered 420: it is asked once more "
			       "without the option tags that it named"),
	};

	span_free(&attempt->without);
	attempt->without = copy_list(leg->call->calls, SIP_UNSUPPORTED);
	if (span_empty(attempt->without))
		return false;
	entry.before = attempt->without;
	note(leg, &entry);
	return true;
}

/* 421: with what its Require names (RFC 3261 section 21.4.16), where we do
 * it. */
static bool
offer_required(struct leg *leg, struct attempt *attempt)
{
	struct call *call = leg->call;
	struct sip_option_tags tags =
	    sip_option_tags_read(call->calls->arrival.msg, SIP_REQUIRE);
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_MSG_REQUIRE,
		.message = SPAN("INVITE"),
		.cseq = leg->dialog.local_cseq + 1,
		.target = SPAN("Supported"),
		.rule = SPAN("builtin:again"),
		.reason = SPAN("the peer answered 421: it is asked once more "
			       "with the extensions that it requires"),
	};

	if (tags.mask == 0 || tags.has_unknown ||
	    (tags.mask & ~EXTENSIONS_OURS) != 0 ||
	    !(leg->invite->offer || leg->invite->late))
		return false;
	attempt->supported = tags.mask;
	sip_option_tags_write(tags.mask, &t);
	entry.after = text_span(&t);
	note(leg, &entry);
	return true;
}

/* 422: with the interval that its Min-SE names (RFC 4028 section 7.3). */
static bool
wait_longer(struct leg *leg, struct attempt *attempt)
{
	(void)attempt;
	return interval_demanded(leg);
}

/* Which failures another INVITE may cure, each once. */
static const struct {
	unsigned status;
	bool (*prepare)(struct leg *leg, struct attempt *attempt);
} cures[] = {
	{ 420, leave_out_unsupported },
	{ 421, offer_required },
	{ 422, wait_longer },
};

static struct attempt *
attempt_of(struct leg *leg)
{
	if (leg->attempt == NULL)
		leg->attempt = calloc(1, sizeof(*leg->attempt));
	return leg->attempt;
}

static bool
prepare(struct leg *leg, size_t cure)
{
	struct attempt *attempt = attempt_of(leg);

	if (attempt == NULL || attempt->n == ATTEMPTS_MAX ||
	    (attempt->tried >> cure & 1) ||
	    !cures[cure].prepare(leg, attempt))
		return false;
	attempt->tried |= (uint8_t)(1 << cure);
	attempt->n++;
	return true;
}

/* Is what the leg's INVITE was made of still there? */
static bool
is_kept(const struct leg *leg)
{
	return !span_empty(*call_invite(leg->call));
}

bool
attempt_wanted(struct leg *leg)
{
	const struct call *call = leg->call;
	size_t i;

	if (!leg_is_asked(leg) || !is_kept(leg))
		return false;
	for (i = 0; i < ARRAY_LEN(cures); i++)
		if (cures[i].status == call->calls->arrival.msg->status)
			return prepare(leg, i);
	return false;
}

void
attempt_apply(struct leg *leg)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	const struct attempt *attempt = leg->attempt;

	if (attempt == NULL || span_empty(attempt->without))
		return;
	extension_remove(draft, SIP_REQUIRE, attempt->without);
	extension_remove(draft, SIP_PROXY_REQUIRE, attempt->without);
	extension_remove(draft, SIP_SUPPORTED, attempt->without);
}

void
attempt_free(struct leg *leg)
{
	if (leg->attempt != NULL)
		span_free(&leg->attempt->without);
	free(leg->attempt);
	leg->attempt = NULL;
}
