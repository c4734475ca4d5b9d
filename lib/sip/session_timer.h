/*
 * session_timer.h - Session-Expires and Min-SE (RFC 4028 sections 4 and 5)
 */

#ifndef CORDON_SIP_SESSION_TIMER_H
#define CORDON_SIP_SESSION_TIMER_H

#include "base/span.h"
#include "base/text.h"

/* No interval may be shorter (RFC 4028 section 4). The readers do not look. */
#define SIP_MIN_SE_LEAST 90

struct sip_session_expires {
	uint32_t seconds;

	enum {
		SIP_REFRESHER_NONE,
		SIP_REFRESHER_UAC,
		SIP_REFRESHER_UAS
	} refresher;
};

/* Each takes one value. False, and *out untouched, when it does not begin with
 * a number up to 2^32-1 that ends there or at a ';'. Other parameters, and a
 * refresher that is neither uac nor uas, are passed over. */
bool sip_session_expires_read(
    struct span value, struct sip_session_expires *out);
bool sip_min_se_read(struct span value, uint32_t *seconds);

void sip_session_expires_write(
    const struct sip_session_expires *expires, struct text *out);
void sip_min_se_write(uint32_t seconds, struct text *out);

#endif
