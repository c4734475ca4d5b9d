/*
 * rehearse.h - what would leave by one trunk for a message from another
 *
 * The same draft, policies and guard as in a call, without a call: nothing is
 * sent, routed or counted. What the core itself would note of the call is left
 * out.
 */

#ifndef CORDON_TRUNK_REHEARSE_H
#define CORDON_TRUNK_REHEARSE_H

#include "trunk/trunk.h"

/*
 * Reads what can be rehearsed: a sane INVITE outside of a dialog. False, and
 * why not, for anything else. *msg and *view live as long as `bytes`.
 */
bool rehearse_read(struct sip_message *msg, struct sip_view *view,
    struct span bytes, struct sip_fault *fault);

/* The same for what else policies see: requests within a call, and responses. */
bool rehearse_read_any(struct sip_message *msg, struct sip_view *view,
    struct span bytes, struct sip_fault *fault);

/* Large: one on the heap serves for many. */
struct rehearsal {
	/* Given. */
	const struct trunk *from, *to;
	const struct policy *in, *out; /* often those of the trunks */
	int64_t today;
	struct span user_agent; /* ours; may be empty */
	/* Of the call; else what the message tells of it. */
	bool kind_given;
	struct journal journal; /* note NULL: nobody listens */
	/* Found. */
	bool leaves;
	struct policy_refusal refusal; /* when it does not */
	enum policy_call kind;
	const struct policy_response *response; /* of a refusal; or NULL */
	struct span message; /* "INVITE", "486 INVITE" */
	unsigned changes, vetoes;
	struct span wire;   /* what would be sent; empty when it does not leave */
	struct sip_draft draft;
	char label[64];
	char bytes[SIP_MESSAGE_MAX];
};

void rehearse(struct rehearsal *r, const struct sip_message *msg,
    const struct sip_view *view);

#endif
