/*
 * sip_oracle_fuzz.c - our reading of a message against sofia's: where both
 * accept one, they must agree on what it is and to whom it belongs.
 *
 * That only one of them accepts is no fault in itself. We refuse more on
 * purpose: a bare CR, a Request-URI with a foreign scheme, odd bytes or no
 * host, a version other than 2.0, a CSeq of another method, a missing Call-ID,
 * From, To, CSeq or Via, a body shorter than Content-Length, bytes in tags and
 * branches that only a quoted string may hold. And less: broken dates, identity
 * headers, addresses and parameters, which are mended or never relayed.
 */

#include "fuzz.h"
#include "sip/grammar.h"
#include "sip/message.h"
#include "sip/view.h"

static struct sip_message msg;

/* sofia's texts are cut at the size of their arrays. */
static bool
same(struct span ours, const char *theirs, size_t size)
{
	struct span s = span_of(theirs);

	return s.n < size - 1 ? span_eq(ours, s) : span_starts(ours, s);
}

#define SAME(ours, theirs) FUZZ_CHECK(same(ours, theirs, sizeof(theirs)))

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_oracle oracle;
	struct sip_fault fault;
	struct sip_view view;

	sip_oracle_read(fuzz_span(data, size), &oracle);
	if (!sip_index(&msg, fuzz_span(data, size), &fault) ||
	    !sip_view_read(&msg, &view, &fault) ||
	    !sip_sanity(&msg, &view, &fault) || !oracle.accepted)
		return 0;
	FUZZ_CHECK(msg.request == oracle.request);
	if (msg.request)
		SAME(msg.method_name, oracle.method);
	else
		FUZZ_CHECK(msg.status == oracle.status);
	SAME(view.call_id, oracle.call_id);
	SAME(view.from_tag, oracle.from_tag);
	SAME(view.to_tag, oracle.to_tag);
	FUZZ_CHECK(view.cseq == oracle.cseq);
	FUZZ_CHECK(view.via_count == oracle.via_count);
	return 0;
}
