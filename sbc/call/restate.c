/*
 * restate.c - the session description that a peer has of us, said once more
 *
 * It is not kept: it is made again from what the other side said, by the
 * policies, and a fingerprint tells whether that comes out as it went.
 */

#include "call/private.h"

#include "base/hash.h"

static uint32_t
fingerprint(const struct sip_draft *draft)
{
	struct mime_part part;

	if (span_empty(draft->body) ||
	    !mime_find(sip_draft_value(draft, SIP_CONTENT_TYPE), draft->body,
		SPAN("application/sdp"), &part))
		return 0;
	return (uint32_t)hash_quick(&part.body, 1) | 1;
}

void
restate_told(struct leg *leg)
{
	const struct sip_draft *draft = &leg->call->calls->draft;
	uint32_t print;

	if (leg->trunk->config->session_expires == 0 && leg->refresh == NULL)
		return;
	print = fingerprint(draft);
	if (draft->request && draft->method != SIP_METHOD_ACK)
		leg->offered = print;
	else if (print != 0 && (draft->request || draft->status < 300))
		leg->told = print;
}

bool
restate_raise(struct leg *leg)
{
	if (!session_raise(leg))
		return false;
	leg->offered = fingerprint(&leg->call->calls->draft);
	return true;
}

bool
restate_add(struct leg *leg, bool *same)
{
	struct leg *other = leg->other;
	struct sip_draft *draft = &leg->call->calls->draft;
	struct policy_refusal refusal;
	uint32_t before = leg->told;

	if (other == NULL || span_empty(other->sdp))
		return false;
	session_add(leg, other->sdp);
	if (!compose_apply(other, leg, &refusal))
		return false;
	*same = before == 0 || fingerprint(draft) == before;
	leg->told = before;
	return true;
}

void
restate_accepted(struct leg *leg)
{
	if (leg->offered != 0)
		leg->told = leg->offered;
	leg->offered = 0;
}

/* --- what the peer answers to it --- */

static bool
same_media(const struct sdp *a, const struct sdp *b, int i)
{
	struct sdp_host x, y;

	if (a->media[i].port != b->media[i].port ||
	    sdp_direction(a, i) != sdp_direction(b, i))
		return false;
	if (a->media[i].port == 0)
		return true;
	return sdp_connection(a, i, &x) && sdp_connection(b, i, &y) &&
	    span_eq(x.text, y.text);
}

/* Media goes to the same places. An answer may have fewer codecs
 * than the offer or answer that the peer gave before: that changes
 * nothing for the other side. */
static bool
same_places(struct calls *calls, struct span before, struct span now)
{
	const struct sdp *was = &calls->other_sdp, *is = &calls->sdp;
	const char *fault;
	unsigned i;

	if (!sdp_read(&calls->other_sdp, before, &fault) ||
	    !sdp_read(&calls->sdp, now, &fault) || was->media_n != is->media_n)
		return false;
	for (i = 0; i < was->media_n; i++)
		if (!same_media(was, is, (int)i))
			return false;
	return true;
}

static void
carried(struct exchange *x)
{
	const struct arrival *a = &x->to->call->calls->arrival;

	if (a->msg->status < 200)
		return;
	if (a->msg->status < 300) {
		dialog_refresh_target(&x->to->dialog, a->view);
		exchange_send_ack(x, a->view->to_tag, false);
	}
	exchange_close(x);
}

static const struct exchange_ops carry_ops = {
	.response = carried,
	.lost = exchange_close,
	.unsent = exchange_close,
};

/* The other side is offered what this one says now. Where that cannot be, it is
 * with the next message that carries a session description. */
static void
carry(struct leg *leg)
{
	struct exchange *x;
	bool same;

	if (leg == NULL || leg->state != LEG_UP ||
	    exchange_session_pending(leg))
		return;
	x = exchange_begin(leg, SIP_METHOD_INVITE, &carry_ops);
	if (x == NULL)
		return;
	x->offer = true;
	if (restate_add(leg, &same))
		exchange_send(x);
	else
		exchange_close(x);
}

void
restate_answered(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct span answer = session_copy(calls->arrival.msg);

	if (span_empty(answer))
		return;
	if (same_places(calls, leg->sdp, answer)) {
		span_free(&answer);
		return;
	}
	session_set(leg, answer);
	carry(leg->other);
}
