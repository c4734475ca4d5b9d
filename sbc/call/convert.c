/*
 * convert.c - a session description, made so that its receiver can take it
 *
 * Hold is told in the form that the trunk wants, and the answer to it
 * put back. Once legs have changed partners, the m-lines of the new
 * one are brought to the number that the session with the receiver has
 * (RFC 3264 sections 6 and 8).
 */

#include "call/private.h"

#include "trunk/codecs.h"

/* --- which offer is answered --- */

static const struct exchange *
exchange_at_hand(const struct leg *to)
{
	const struct calls *calls = to->call->calls;
	const struct exchange *x;

	for (x = to->call->exchanges; x != NULL; x = x->next)
		if (x->from == to && x->server_cseq == calls->draft_cseq &&
		    x->method == calls->draft_cseq_method)
			return x;
	return NULL;
}

/* The offer that the draft answers, as the leg's peer made it; empty: the draft
 * is one itself, or nothing is known. */
static struct span
offer_at_hand(const struct leg *to)
{
	const struct sip_draft *draft = &to->call->calls->draft;
	const struct exchange *x;

	if (draft->request)
		return draft->method == SIP_METHOD_ACK ? to->sdp : SPAN_NONE;
	x = exchange_at_hand(to);
	if (x == NULL)
		return to->sdp;
	if (!x->offer)
		return SPAN_NONE;
	return span_empty(x->sdp) ? to->sdp : x->sdp;
}

/* --- hold --- */

static enum sdp_hold
wanted_form(const struct leg *leg)
{
	static const enum sdp_hold forms[] = {
		[CONFIG_HOLD_KEEP] = SDP_HOLD_NONE,
		[CONFIG_HOLD_SENDONLY] = SDP_HOLD_SENDONLY,
		[CONFIG_HOLD_INACTIVE] = SDP_HOLD_INACTIVE,
		[CONFIG_HOLD_ADDRESS] = SDP_HOLD_ADDRESS,
	};

	return forms[leg->trunk->config->hold];
}

static void
note_hold(void *arg, struct span target, struct span before, struct span after)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_SDP_HOLD,
		.target = target,
		.before = before,
		.after = after,
		.rule = SPAN("builtin:hold"),
		.reason = SPAN("hold in the form that the option hold wants"),
	};

	note(arg, &entry);
}

static bool
is_hold(enum sdp_hold form)
{
	return form == SDP_HOLD_SENDONLY || form == SDP_HOLD_INACTIVE ||
	    form == SDP_HOLD_ADDRESS;
}

static void
hold_offer(struct leg *to, struct sdp_edits *edits)
{
	const struct sdp_changed changed = { note_hold, to };
	enum sdp_hold wanted = wanted_form(to);
	unsigned i;

	for (i = 0; wanted != SDP_HOLD_NONE && i < edits->sdp->media_n; i++) {
		enum sdp_hold form = sdp_hold(edits->sdp, (int)i);

		if (is_hold(form) && form != wanted)
			sdp_set_hold(edits, (int)i, wanted,
			    trunk_media_address(to->trunk), &changed);
	}
}

static bool
sends(enum sdp_direction direction)
{
	return direction == SDP_SENDRECV || direction == SDP_SENDONLY;
}

static bool
receives(enum sdp_direction direction)
{
	return direction == SDP_SENDRECV || direction == SDP_RECVONLY;
}

static enum sdp_direction
make_direction(bool sends, bool receives)
{
	if (sends)
		return receives ? SDP_SENDRECV : SDP_SENDONLY;
	return receives ? SDP_RECVONLY : SDP_INACTIVE;
}

/* Who holds by the address alone does not know what the form that we
 * made of it is answered with. */
static bool
only_mirrors(enum sdp_hold told, enum sdp_direction answer)
{
	return (told == SDP_HOLD_SENDONLY && answer == SDP_RECVONLY) ||
	    (told == SDP_HOLD_INACTIVE && answer == SDP_INACTIVE);
}

/* RFC 3264 section 6.1: who is not heard does not send,
 * and the other way round. */
static enum sdp_direction
fitting(const struct sdp *offer, int media, enum sdp_hold told,
    enum sdp_direction answer)
{
	enum sdp_direction offered = sdp_direction(offer, media);

	if (sdp_hold(offer, media) == SDP_HOLD_ADDRESS &&
	    told != SDP_HOLD_ADDRESS && only_mirrors(told, answer))
		return SDP_SENDRECV;
	return make_direction(sends(answer) && receives(offered),
	    receives(answer) && sends(offered));
}

/* `from` was told of the hold in a form of ours. */
static void
hold_answer(struct leg *from, struct leg *to, struct sdp_edits *edits,
    const struct sdp *offer)
{
	const struct sdp_changed changed = { note_hold, to };
	enum sdp_hold told = wanted_form(from);
	unsigned i;

	if (told == SDP_HOLD_NONE)
		return;
	for (i = 0; i < edits->sdp->media_n && i < offer->media_n; i++) {
		enum sdp_direction is = sdp_direction(edits->sdp, (int)i);
		enum sdp_direction fits = fitting(offer, (int)i, told, is);

		if (edits->sdp->media[i].port != 0 && fits != is)
			sdp_set_direction(edits, (int)i, fits, &changed);
	}
}

/* --- the number of m-lines --- */

/* Those that the offer does not have are refused ones,
 * which we had added to it. */
static bool
surplus_is_refused(const struct sdp *answer, const struct sdp *offer)
{
	unsigned i;

	for (i = offer->media_n; i < answer->media_n; i++)
		if (answer->media[i].port != 0)
			return false;
	return true;
}

static bool
wants_fitting(const struct leg *from, const struct leg *to, bool answers,
    const struct sdp *now, const struct sdp *session)
{
	if (answers)
		return from->origin != NULL &&
		       now->media_n > session->media_n &&
		       surplus_is_refused(now, session);
	return to->origin != NULL && now->media_n < session->media_n;
}

/* `session`: the offer that is answered, or what the receiver said last. */
static bool
fit_media(struct leg *from, struct leg *to, bool answers, struct span session)
{
	struct calls *calls = to->call->calls;
	struct sip_draft *draft = &calls->draft;
	size_t mark = sip_draft_mark(draft);
	const char *fault;

	if (span_empty(session) ||
	    !sdp_read(&calls->sdp, draft->body, &fault) ||
	    !sdp_read(&calls->other_sdp, session, &fault) ||
	    !wants_fitting(from, to, answers, &calls->sdp, &calls->other_sdp))
		return true;
	if (!sdp_fit_media_write(
		&draft->scratch, &calls->sdp, &calls->other_sdp))
		return false;
	draft->body = sip_draft_keep(draft, mark);
	return true;
}

/* --- both --- */

static bool
convert_hold(struct leg *from, struct leg *to, struct span offer)
{
	struct calls *calls = to->call->calls;
	struct sip_draft *draft = &calls->draft;
	struct sdp_edits *edits = &calls->edits;
	struct span body;
	const char *fault;

	if (!sdp_read(&calls->sdp, draft->body, &fault))
		return true;
	sdp_edit_begin(edits, &calls->sdp);
	if (span_empty(offer))
		hold_offer(to, edits);
	else if (sdp_read(&calls->other_sdp, offer, &fault))
		hold_answer(from, to, edits, &calls->other_sdp);
	if (edits->changes == 0)
		return true;
	if (!sdp_edit_write(edits, &draft->scratch, &body))
		return false;
	draft->body = body;
	return true;
}

static bool
has_own_form(const struct leg *leg)
{
	return leg->trunk->config->hold != CONFIG_HOLD_KEEP;
}

bool
convert_session(struct leg *from, struct leg *to)
{
	struct span offer;
	bool hold = has_own_form(from) || has_own_form(to);
	bool fits = from->origin == NULL && to->origin == NULL;

	if ((!hold && fits) || !session_in_draft(to->call->calls))
		return true;
	offer = offer_at_hand(to);
	if (hold && !convert_hold(from, to, offer))
		return false;
	return fits ||
	    fit_media(from, to, !span_empty(offer),
		span_empty(offer) ? to->sdp : offer);
}
