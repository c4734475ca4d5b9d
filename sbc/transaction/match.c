/*
 * match.c - which transaction a message belongs to (RFC 3261 sections 17.1.3
 * and 17.2.3)
 *
 * A request is found by a keyed 64-bit hash of what makes it one transaction,
 * and its CSeq number; nobody outside can make two hashes meet, so the bytes
 * themselves are not kept. A response carries the handle in the branch that we
 * made.
 */

#include "transaction/private.h"

#define COOKIE SPAN("z9hG4bK")

static struct span
span_over(const void *p, size_t n)
{
	return span_make(p, n);
}

/* Of RFC 2543, where a branch says nothing. The To tag of an INVITE is left
 * out: its ACK has the one of our response. */
static uint64_t
match_old(const struct sip_message *msg, const struct sip_view *view,
    struct span method)
{
	bool invite = span_eq(method, SPAN("INVITE"));
	struct span parts[] = {
		method,
		msg->uri,
		view->from_tag,
		invite ? SPAN_NONE : view->to_tag,
		view->call_id,
		span_over(&view->cseq, sizeof(view->cseq)),
		/* By its parts: the ACK may fold its Via in another way. */
		view->via.transport,
		view->via.host,
		span_over(&view->via.port, sizeof(view->via.port)),
		view->via.branch,
	};

	return hash_of(parts, ARRAY_LEN(parts));
}

uint64_t
match_request(const struct sip_message *msg, const struct sip_view *view,
    enum sip_method method)
{
	struct span name = method == SIP_METHOD_INVITE ? SPAN("INVITE")
						       : msg->method_name;
	struct span parts[] = {
		name,
		view->via.branch,
		view->via.host,
		span_over(&view->via.port, sizeof(view->via.port)),
		/* Not in section 17.2.3: some devices use a branch twice. */
		view->call_id,
	};

	if (!span_istarts(view->via.branch, COOKIE) ||
	    view->via.branch.n == COOKIE.n)
		return match_old(msg, view, name);
	return hash_of(parts, ARRAY_LEN(parts));
}

uint64_t
match_merged(const struct sip_view *view)
{
	struct span parts[] = {
		view->from_tag,
		view->call_id,
		span_over(&view->cseq, sizeof(view->cseq)),
		view->cseq_method_name,
	};

	return hash_of(parts, ARRAY_LEN(parts));
}

uint64_t
match_nonce(client_tx tx)
{
	struct span parts[] = { SPAN("nonce"), span_over(&tx, sizeof(tx)) };

	return hash_of(parts, ARRAY_LEN(parts));
}

void
match_branch_write(
    client_tx tx, uint64_t nonce, char branch[static BRANCH_MAX])
{
	struct text t = text_over(branch, BRANCH_MAX);

	text_add(&t, COOKIE);
	text_add_hex64(&t, tx);
	text_add_hex64(&t, nonce);
	text_cstr(&t);
}

bool
match_branch_read(struct span branch, client_tx *tx, uint64_t *nonce)
{
	if (branch.n != COOKIE.n + 32 || !span_istarts(branch, COOKIE))
		return false;
	branch = span_from(branch, COOKIE.n);
	return span_to_hex64(span_make(branch.p, 16), tx) &&
	    span_to_hex64(span_from(branch, 16), nonce);
}
