#include "sip/reliable.h"

#include "sip/chars.h"
#include "sip/value.h"

bool
sip_rseq_read(struct span value, uint32_t *rseq)
{
	return span_to_u32(sip_trim(value), UINT32_MAX, rseq);
}

void
sip_rseq_write(uint32_t rseq, struct text *out)
{
	text_add_u64(out, rseq);
}

/* A number and the blanks behind it, which must be there. */
static bool
take_number(struct span *rest, uint32_t max, uint32_t *out)
{
	struct span digits = sip_take(rest, CHAR_DIGIT);

	return span_to_u32(digits, max, out) &&
	       sip_take(rest, CHAR_BLANK).n > 0;
}

bool
sip_rack_read(struct span value, struct sip_rack *out)
{
	struct span rest = sip_trim(value);
	struct sip_rack read;

	if (!take_number(&rest, UINT32_MAX, &read.rseq) ||
	    !take_number(&rest, INT32_MAX, &read.cseq) || !sip_is_token(rest))
		return false;
	read.method_name = rest;
	read.method = sip_method_find(rest);
	*out = read;
	return true;
}

void
sip_rack_write(const struct sip_rack *rack, struct text *out)
{
	text_add_u64(out, rack->rseq);
	text_add_char(out, ' ');
	text_add_u64(out, rack->cseq);
	text_add_char(out, ' ');
	text_add(out, rack->method == SIP_METHOD_OTHER
			  ? rack->method_name
			  : span_of(sip_method_name(rack->method)));
}
