/*
 * message.h - a SIP message: the bytes as they came, and an index over them
 *
 * Three layers, and nothing else walks bytes: the index (lines only, one pass,
 * no copy, no allocation), the view (what a transaction needs, view.h), and
 * accessors that look at one value when asked (value.h, uri.h, nameaddr.h).
 */

#ifndef CORDON_SIP_MESSAGE_H
#define CORDON_SIP_MESSAGE_H

#include "base/span.h"

enum sip_header {
#define SIP_HEADER(id, name, compact, flags) SIP_##id,
#include "sip/headers.def"
#undef SIP_HEADER
	SIP_OTHER_HEADER, /* a name that headers.def does not know */
	SIP_HEADERS
};

enum sip_method {
#define SIP_METHOD(id, name) SIP_METHOD_##id,
#include "sip/methods.def"
#undef SIP_METHOD
	SIP_METHOD_OTHER,
	SIP_METHODS
};

enum sip_header_flag {
	SIP_FLAG_ONCE = 1,
	SIP_FLAG_LIST = 2,
	SIP_FLAG_OURS = 4,
	SIP_FLAG_RELAY = 8,
	SIP_FLAG_SECRET = 16,
	SIP_FLAG_DIALOG = 32,
	SIP_FLAG_BODY = 64
};

/* Case counts in method names (RFC 3261 section 7.1), not in header names. */
enum sip_method sip_method_find(struct span name);
const char *sip_method_name(enum sip_method method); /* "?" for OTHER */
enum sip_header sip_header_find(struct span name);   /* compact forms too */
const char *sip_header_name(enum sip_header id);     /* "?" for OTHER */
struct span sip_header_span(enum sip_header id);     /* likewise */

/* enum sip_header_flag bits. */
extern const uint8_t sip_header_flag_bits[SIP_HEADERS];

static inline unsigned
sip_header_flags(enum sip_header id)
{
	return sip_header_flag_bits[id];
}

#define SIP_MESSAGE_MAX 262144
#define SIP_HEAD_MAX    65536
#define SIP_LINES_MAX   256

/* One header field; folded lines belong to their field. */
struct sip_line {
	struct span name;  /* as it came, without blanks before the colon */
	struct span value; /* trimmed; may hold folds (see sip_add_unfolded) */
	enum sip_header id;
	bool plain; /* the value is printable ASCII from end to end */
};

struct sip_message {
	struct span raw; /* the whole message, surplus behind the body cut off */
	struct span start_line;
	bool request;
	enum sip_method method; /* of a response: of its CSeq once viewed */
	struct span method_name;
	struct span uri;    /* Request-URI, without <> around it or ?headers */
	unsigned status;    /* 100..699; responses only */
	struct span reason; /* may be empty */
	struct span body;   /* what Content-Length says (UDP: at most the rest) */
	uint64_t present[2]; /* a bit a known header */
	uint64_t twice[2];   /* a bit a known header that has two fields */
	uint8_t first[SIP_HEADERS]; /* the first line of one that is present */
	unsigned lines_n;
	struct sip_line lines[SIP_LINES_MAX];
};

/* Why sip_index() or sip_sanity() refused. `status` is what to answer, 0: by
 * RFC silence (a response, an ACK, nothing that could be answered to). */
struct sip_fault {
	unsigned status;
	enum sip_header header; /* at fault, SIP_OTHER_HEADER: none */
	const char *text;       /* one sentence, ours */
};

/*
 * Indexes `raw`, one whole message (a datagram, or what the framer cut from a
 * stream). Accepts a bare LF for CRLF, leading CRLFs, compact names, blanks
 * before the colon. Returns false and fills *fault when no message can be made
 * out: no start line, another version (505), a line without a colon, a CR
 * without LF, no empty line, a false Content-Length, a header or message too
 * long (513). What could be indexed (Via, From, To, Call-ID, CSeq) stays
 * usable for an answer. Nothing is copied: the index lives as long as `raw`.
 */
bool sip_index(
    struct sip_message *msg, struct span raw, struct sip_fault *fault);

/*
 * The checks that RFC 4475 teaches, after a successful index and view: nothing
 * twice that stands once (of a response: From, To, Call-ID, CSeq,
 * Content-Length); balanced quotes and brackets in From, To, Contact; of a
 * request also: a CSeq of its method, Max-Forwards to 255, Via to 70 and each
 * readable, a Request-URI of scheme sip, sips or tel (416) without blanks,
 * brackets or bytes of no URI. Requests: false means answer with
 * fault->status. Responses: false means drop. Identity headers
 * (P-Asserted-Identity, ...) are never judged here, nor are the URIs of From
 * and To: they are repaired later.
 */
struct sip_view;
bool sip_sanity(const struct sip_message *msg, const struct sip_view *view,
    struct sip_fault *fault);

static inline bool
sip_has(const struct sip_message *msg, enum sip_header id)
{
	return msg->present[id >> 6] >> (id & 63) & 1;
}

static inline bool
sip_has_twice(const struct sip_message *msg, enum sip_header id)
{
	return msg->twice[id >> 6] >> (id & 63) & 1;
}

/* The first field of that header, NULL when absent: one AND on the mask. */
const struct sip_line *sip_find(
    const struct sip_message *msg, enum sip_header id);
/* The next field of the same header, NULL at the end. */
const struct sip_line *sip_find_next(
    const struct sip_message *msg, const struct sip_line *line);
/* By name: for headers that headers.def does not know. */
const struct sip_line *sip_find_name(
    const struct sip_message *msg, struct span name);

/* The value of the first field; SPAN_NONE when absent. */
struct span sip_value(const struct sip_message *msg, enum sip_header id);

/* True when the value holds a fold (CR or LF): it must be unfolded before it is
 * written into another message. */
bool sip_folded(struct span value);

#endif
