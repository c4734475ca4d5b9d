/*
 * replaces.h - the dialog that a new one takes the place of (RFC 3891)
 */

#ifndef CORDON_SIP_REPLACES_H
#define CORDON_SIP_REPLACES_H

#include "base/span.h"
#include "base/text.h"

/* The tags are those of who receives it: to_tag is its own, from_tag its
 * peer's. "0" stands for no tag of an RFC 2543 peer, and is kept as it is
 * (RFC 3891 section 3). */
struct sip_replaces {
	struct span call_id;
	struct span to_tag;
	struct span from_tag;
	bool early_only;
};

/*
 * Reads the one value of Replaces (RFC 3891 section 6.1), its escapes taken off
 * when it stood in a URI; the spans lie in it. False, and *out untouched: a
 * part is missing or there twice, holds what it may not, or there is a second
 * value. Other parameters are passed over.
 */
bool sip_replaces_read(struct span value, struct sip_replaces *out);

/* Appends the value. The parts must be such as sip_replaces_read() accepts. */
void sip_replaces_write(const struct sip_replaces *replaces, struct text *out);

#endif
