/*
 * session.c - the session description that each leg's peer has in force
 *
 * Kept for what the SBC offers by itself later: to the target of a transfer, to
 * the party that waits for it, and in a refresh. What is sent is made from it
 * by the policies, as it was when it first passed.
 */

#include "call/private.h"

#include <stdlib.h>

#include "base/hash.h"

/* The o= line that a peer knows, from when on somebody else's would follow it:
 * RFC 3264 section 8 wants the same but for a version that grows. */
struct origin {
	uint64_t version;
	uint64_t last; /* hash of what was signed last */
	char line[];
};

static bool
find_session(const struct sip_message *msg, struct mime_part *part)
{
	return !span_empty(msg->body) &&
	    mime_find(sip_value(msg, SIP_CONTENT_TYPE), msg->body,
		SPAN("application/sdp"), part);
}

bool
session_is_in(const struct sip_message *msg)
{
	struct mime_part part;

	return find_session(msg, &part);
}

struct span
session_copy(const struct sip_message *msg)
{
	struct mime_part part;

	return find_session(msg, &part) ? span_copy(part.body) : SPAN_NONE;
}

void
session_set(struct leg *leg, struct span sdp)
{
	if (span_empty(sdp))
		return;
	span_free(&leg->sdp);
	leg->sdp = sdp;
}

/* The draft gets a body that describes a session. */
void
session_add(struct leg *to, struct span sdp)
{
	struct sip_draft *draft = &to->call->calls->draft;

	sip_draft_add(draft, SIP_CONTENT_TYPE, SPAN("application/sdp"),
	    SIP_OWNER_PEER);
	draft->body = sdp;
}

/* A copy with that direction everywhere; owned. */
static struct span
directed(struct calls *calls, struct span sdp, enum sdp_direction direction)
{
	struct sdp_edits *edits = &calls->edits;
	struct text out = text_over(calls->out, sizeof(calls->out));
	struct span body;
	const char *fault;

	if (!sdp_read(&calls->sdp, sdp, &fault))
		return SPAN_NONE;
	sdp_edit_begin(edits, &calls->sdp);
	sdp_set_directions(edits, direction, NULL);
	return sdp_edit_write(edits, &out, &body) ? span_copy(body) : SPAN_NONE;
}

struct span
session_live(struct calls *calls, struct span sdp)
{
	return directed(calls, sdp, SDP_SENDRECV);
}

bool
session_same(struct calls *calls, struct span a, struct span b)
{
	const char *fault;

	return sdp_read(&calls->sdp, a, &fault) &&
	    sdp_read(&calls->other_sdp, b, &fault) &&
	    sdp_same_but_origin(&calls->sdp, &calls->other_sdp);
}

static bool
same_directions(struct calls *calls, struct span a, struct span b)
{
	const char *fault;
	unsigned i;

	if (!sdp_read(&calls->sdp, a, &fault) ||
	    !sdp_read(&calls->other_sdp, b, &fault) ||
	    !sdp_same_media(&calls->sdp, &calls->other_sdp))
		return false;
	for (i = 0; i < calls->sdp.media_n; i++)
		if (sdp_direction(&calls->sdp, (int)i) !=
		    sdp_direction(&calls->other_sdp, (int)i))
			return false;
	return true;
}

bool
session_means_same(struct calls *calls, struct span a, struct span b)
{
	struct span plain_a, plain_b;
	bool same;

	if (!same_directions(calls, a, b))
		return false;
	plain_a = directed(calls, a, SDP_INACTIVE);
	plain_b = directed(calls, b, SDP_INACTIVE);
	same = session_same(calls, plain_a, plain_b);
	span_free(&plain_a);
	span_free(&plain_b);
	return same;
}

/* --- whose session it is --- */

static uint64_t
fingerprint(struct span sdp)
{
	return hash_quick(&sdp, 1);
}

uint64_t
session_fingerprint(const struct leg *leg)
{
	return fingerprint(leg->sdp);
}

static struct origin *
make_origin(struct span line, const struct sdp_origin *as, struct span body)
{
	struct origin *origin = malloc(sizeof(*origin) + line.n + 1);

	if (origin == NULL)
		return NULL;
	memcpy(origin->line, line.p, line.n);
	origin->line[line.n] = '\0';
	origin->last = fingerprint(body);
	if (!span_to_u64(as->version, UINT64_MAX / 2, &origin->version))
		origin->version = 1;
	return origin;
}

static bool
read_draft(struct calls *calls, struct sdp_origin *as)
{
	const char *fault;

	return sdp_read(&calls->sdp, calls->draft.body, &fault) &&
	    sdp_origin(&calls->sdp, as);
}

bool
session_own_draft(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct sdp_origin as;

	if (leg->origin != NULL || !read_draft(calls, &as))
		return true;
	leg->origin = make_origin(
	    calls->sdp.lines[calls->sdp.origin], &as, calls->draft.body);
	return leg->origin != NULL;
}

/* What the leg's peer has of us is made once more, to see its o= line. */
bool
session_own(struct leg *leg)
{
	struct policy_refusal refusal;
	struct net_path path;

	if (leg->origin != NULL || leg->other == NULL ||
	    span_empty(leg->other->sdp))
		return true;
	compose_ack(leg, leg->dialog.local_cseq, &path);
	session_add(leg, leg->other->sdp);
	return !compose_apply(leg->other, leg, &refusal) ||
	    session_own_draft(leg);
}

void
session_disown(struct leg *leg)
{
	free(leg->origin);
	leg->origin = NULL;
}

bool
session_raise(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct sdp_origin as;

	if (leg->origin != NULL || !read_draft(calls, &as))
		return true;
	leg->origin = make_origin(
	    calls->sdp.lines[calls->sdp.origin], &as, SPAN_NONE);
	return leg->origin != NULL && session_sign(leg);
}

bool
session_in_draft(const struct calls *calls)
{
	const struct sip_draft *draft = &calls->draft;

	return !span_empty(draft->body) &&
	    span_ieq(sip_draft_value(draft, SIP_CONTENT_TYPE),
		SPAN("application/sdp"));
}

/* The o= line of `origin`, as fields. */
static bool
read_origin(struct calls *calls, const struct origin *origin,
    struct sdp_origin *as)
{
	struct text t = text_over(calls->out, sizeof(calls->out));
	const char *fault;

	TEXT_LIT(&t, "v=0\r\n");
	text_add_str(&t, origin->line);
	TEXT_LIT(&t, "\r\n");
	return sdp_read(&calls->other_sdp, text_span(&t), &fault) &&
	    sdp_origin(&calls->other_sdp, as);
}

bool
session_sign(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct sip_draft *draft = &calls->draft;
	struct origin *origin = leg->origin;
	struct sdp_origin as;
	const char *fault;
	struct span body;

	if (origin == NULL || !session_in_draft(calls))
		return true;
	if (!read_origin(calls, origin, &as) ||
	    !sdp_read(&calls->sdp, draft->body, &fault))
		return false;
	if (fingerprint(draft->body) != origin->last) {
		origin->last = fingerprint(draft->body);
		origin->version++;
	}
	sdp_edit_begin(&calls->edits, &calls->sdp);
	if (!sdp_set_origin(&calls->edits, &as, origin->version) ||
	    !sdp_edit_write(&calls->edits, &draft->scratch, &body))
		return false;
	draft->body = body;
	return true;
}
