/*
 * view.h - what transactions and dialogs need of every message, read at once
 */

#ifndef CORDON_SIP_VIEW_H
#define CORDON_SIP_VIEW_H

#include "base/span.h"
#include "sip/message.h"
#include "sip/nameaddr.h"

/* One Via value (RFC 3261 section 20.42). */
struct sip_via {
	struct span whole;     /* the value, from the protocol to its last parameter */
	struct span transport; /* "UDP" */
	struct span host;      /* IPv6 with brackets */
	uint16_t port;         /* 0: none given */
	struct span branch;
	struct span received;
	struct span maddr;
	bool rport;          /* the parameter is there, with or without value */
	uint16_t rport_value;
};

#define SIP_MAX_FORWARDS_BAD 256 /* over 255, or not a number */

struct sip_view {
	struct sip_uri uri; /* the Request-URI; scheme NONE: none to be used */
	struct sip_via via; /* the topmost */
	unsigned via_count; /* values in all Via fields */
	struct span call_id;
	struct span from; /* whole values */
	struct span to;
	struct span from_tag; /* empty: none */
	struct span to_tag;
	bool from_balanced; /* each quote and bracket has its pair */
	bool to_balanced;
	struct nameaddr contact; /* the first value; `whole` empty: none */
	uint32_t cseq;
	enum sip_method cseq_method;
	struct span cseq_method_name;
	int max_forwards; /* 0..255, -1: absent, or SIP_MAX_FORWARDS_BAD */
};

/*
 * Reads the view. False, with *fault set, when something that an answer cannot
 * do without is missing or broken (top Via, Call-ID, From, To, CSeq); the parts
 * that could be read are set even then. Sets msg->method of a response.
 */
bool sip_view_read(
    struct sip_message *msg, struct sip_view *view, struct sip_fault *fault);

/* Reads one Via value. */
bool sip_via_parse(struct span value, struct sip_via *via);

#endif
