/*
 * refer.h - where a REFER sends a call (RFC 3515), and the headers that its
 * URI carries (RFC 3261 section 19.1.1)
 *
 * The transferor writes the URI, so everything in it is hostile: headers are
 * only to be had one by one, unescaped, and the whitelist says which of them an
 * INVITE of ours may hold.
 */

#ifndef CORDON_SIP_REFER_H
#define CORDON_SIP_REFER_H

#include "base/span.h"
#include "base/text.h"
#include "sip/message.h"
#include "sip/replaces.h"
#include "sip/uri.h"

#define REFER_HEADERS_MAX 32

/* A Refer-To; its spans lie in the value. */
struct refer_to {
	struct span display; /* as written; may be empty */
	/* sip, sips or tel; `whole` ends before the '?', `headers` is empty. */
	struct sip_uri uri;
	struct span params;   /* of the header, from the first ';' */
	struct span headers;  /* behind the '?', escaped; may be empty */
	bool has_replaces;    /* one of them is a Replaces */
	struct span replaces; /* its value, escaped */
	bool requires_tags;   /* one of them is a Require */
};

/*
 * Reads the one value of Refer-To (RFC 3515 section 2.1). False with *fault
 * set: no or several values, a URI that cannot be used, headers that are not
 * "name=value", a broken escape, an escaped control byte, a body, two Replaces
 * or Require, more than REFER_HEADERS_MAX headers (400); another scheme (416);
 * another method than INVITE (403).
 */
bool refer_to_read(
    struct span value, struct refer_to *out, struct sip_fault *fault);

/* Appends the URI as a Request-URI: without headers and `method` parameter
 * (RFC 3261 section 19.1.1, table 1), and without empty parameters. */
void refer_to_write_target(const struct refer_to *to, struct text *out);

/* A header that the URI carries, unescaped: one line, without control bytes
 * (a HTAB may be there). */
struct refer_header {
	enum sip_header id;
	struct span name;
	struct span value;
};

/*
 * Cuts the next header off *rest, which begins as to->headers of a Refer-To
 * that was read, and unescapes it into `scratch`. False at the end, and where
 * `scratch` has no room: scratch->overflow is then set.
 */
bool refer_header_next(
    struct span *rest, struct text *scratch, struct refer_header *out);

/*
 * Whether a header of that name may go from a Refer-To into an INVITE of ours.
 * Never what routes, identifies or authorizes, nor what describes a body.
 * Replaces and Require are no: they are for the caller to work on. `custom`:
 * names that headers.def does not know may pass too, but for the families
 * ("P-", "Content-", ...) whose kin are refused.
 */
bool refer_header_may_pass(struct span name, bool custom);

/* The Replaces of the URI, unescaped into `scratch`. False without one, when it
 * is broken, and where `scratch` has no room. */
bool refer_to_replaces(
    const struct refer_to *to, struct text *scratch, struct sip_replaces *out);

/* Appends "?name=value" for the first header of a URI, else "&name=value", each
 * escaped (RFC 3261 section 25.1, hname and hvalue). */
void refer_header_write(
    struct text *out, bool first, struct span name, struct span value);

/* Refer-Sub (RFC 4488): false when it is neither "true" nor "false". */
bool refer_sub_read(struct span value, bool *subscribe);

#endif
