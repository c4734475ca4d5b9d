/*
 * grammar.h - single headers whose grammar matters, read by sofia-sip
 *
 * The one edge to the library: no other file includes a sofia header. Each
 * function takes one value of up to 2 KB, folded or not, and fills in a plain
 * structure of ours; its spans lie in the value unless it says otherwise. False
 * when the value breaks the grammar; the structure is then as it was.
 */

#ifndef CORDON_SIP_GRAMMAR_H
#define CORDON_SIP_GRAMMAR_H

#include "base/span.h"
#include "base/text.h"
#include "sip/message.h"

/* One value of Reason (RFC 3326). */
struct sip_reason {
	struct span protocol; /* "Q.850", "SIP" */
	unsigned cause;       /* 0: none */
	struct span text;     /* with its quotes; may be empty */
};
bool sip_reason_parse(struct span value, struct sip_reason *out);

/* Content-Type: "application/sdp" without parameters, and the boundary. */
struct sip_content_type {
	struct span type; /* "application/sdp" */
	struct span boundary;
};
bool sip_content_type_parse(struct span value, struct sip_content_type *out);

/* For the differential fuzz target: what sofia makes of a whole message. */
struct sip_oracle {
	bool accepted;
	bool request;
	unsigned status;
	char method[32];
	char call_id[256];
	char from_tag[128];
	char to_tag[128];
	uint32_t cseq;
	size_t via_count;
};
void sip_oracle_read(struct span raw, struct sip_oracle *out);

#endif
