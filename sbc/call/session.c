/*
 * session.c - the session description that each leg's peer has in force
 *
 * Kept for what the SBC offers by itself later: to the target of a transfer, to the
 * party that waits for it, and in a refresh. What is sent is made from it by the
 * policies, as it was when it first passed.
 */

#include "call/private.h"

struct span
session_copy(const struct sip_message *msg)
{
	struct mime_part part;

	if (span_empty(msg->body) ||
	    !mime_find(sip_value(msg, SIP_CONTENT_TYPE), msg->body,
		SPAN("application/sdp"), &part))
		return SPAN_NONE;
	return span_copy(part.body);
}

void
session_set(struct leg *leg, struct span sdp)
{
	if (span_empty(sdp))
		return;
	span_free(&leg->sdp);
	leg->sdp = sdp;
}
