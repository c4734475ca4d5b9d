/*
 * subscription.h - what a NOTIFY says of its subscription (RFC 6665)
 */

#ifndef CORDON_SIP_SUBSCRIPTION_H
#define CORDON_SIP_SUBSCRIPTION_H

#include "base/span.h"
#include "base/text.h"

/* Event (RFC 6665 section 8.2.1); of a second REFER in a dialog the id is its
 * CSeq (RFC 3515 section 2.4.6). */
struct sip_event {
	struct span package; /* "refer", with its templates: "presence.winfo" */
	struct span id;      /* empty: none */
};

/* The spans lie in the value. False when it breaks the grammar or has two
 * values; *out is then untouched. */
bool sip_event_read(struct span value, struct sip_event *out);
void sip_event_write(const struct sip_event *event, struct text *out);

enum sip_substate {
	SIP_SUBSTATE_ACTIVE,
	SIP_SUBSTATE_PENDING,
	SIP_SUBSTATE_TERMINATED,
	SIP_SUBSTATE_OTHER
};

/* Subscription-State (RFC 6665 section 8.2.3). */
struct sip_subscription_state {
	enum sip_substate state;
	struct span state_name; /* written for OTHER only */
	struct span reason;     /* "noresource"; empty: none */
	bool has_expires;
	uint32_t expires; /* seconds */
	bool has_retry_after;
	uint32_t retry_after; /* seconds */
};

/* As above. A number that is none, or over 2^32-1, breaks the grammar. */
bool sip_subscription_state_read(
    struct span value, struct sip_subscription_state *out);
void sip_subscription_state_write(
    const struct sip_subscription_state *state, struct text *out);

#endif
