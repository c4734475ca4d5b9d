/*
 * sipfrag.h - the status line that a NOTIFY of a REFER brings (RFC 3420, RFC
 * 3515 section 2.4.5)
 */

#ifndef CORDON_SIP_SIPFRAG_H
#define CORDON_SIP_SIPFRAG_H

#include "base/span.h"
#include "base/text.h"

#define SIPFRAG_TYPE "message/sipfrag;version=2.0"

/* Appends "SIP/2.0 180 Ringing" and its line end. An empty phrase: that of the
 * RFCs. False, and nothing written, for a status outside 100..699. */
bool sipfrag_write_status(
    struct text *out, unsigned status, struct span phrase);

/*
 * Reads the status line of a message/sipfrag body. Blank lines before it, a
 * bare LF, a missing line end and whatever is behind it do no harm. False when
 * the first line is no status line of SIP/2.0. The phrase lies in the body and
 * holds no CR or LF; it may be empty.
 */
bool sipfrag_read_status(
    struct span body, unsigned *status, struct span *phrase);

#endif
