/*
 * mime.h - the parts of a multipart body (RFC 2046, RFC 5621)
 */

#ifndef CORDON_SIP_MIME_H
#define CORDON_SIP_MIME_H

#include "base/span.h"

struct mime_part {
	struct span head; /* its header lines */
	struct span type; /* "application/sdp"; text/plain when it names none */
	struct span body;
};

/*
 * Finds the first part of that type. `content_type` is the message's: when it
 * is the type itself, the part is the whole body. False when there is none or
 * the multipart is broken. Nested multiparts are searched one level deep.
 */
bool mime_find(struct span content_type, struct span body, struct span type,
    struct mime_part *out);

#endif
