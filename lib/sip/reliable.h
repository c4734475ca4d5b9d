/*
 * reliable.h - RSeq and RAck of reliable provisional responses (RFC 3262
 * section 7)
 */

#ifndef CORDON_SIP_RELIABLE_H
#define CORDON_SIP_RELIABLE_H

#include "base/text.h"
#include "sip/message.h"

/* What a PRACK acknowledges. */
struct sip_rack {
	uint32_t rseq;
	uint32_t cseq; /* up to 2^31-1 */
	enum sip_method method;
	struct span method_name; /* written for SIP_METHOD_OTHER only */
};

/* A number and nothing else; 0, which RFC 3262 does not use, is read too. False
 * when it is none or over 2^32-1; *rseq is then untouched. */
bool sip_rseq_read(struct span value, uint32_t *rseq);
void sip_rseq_write(uint32_t rseq, struct text *out);

/* Three fields, and nothing else; method_name lies in the value. False when it
 * breaks the grammar; *out is then untouched. */
bool sip_rack_read(struct span value, struct sip_rack *out);
void sip_rack_write(const struct sip_rack *rack, struct text *out);

#endif
