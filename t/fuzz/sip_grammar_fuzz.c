/*
 * sip_grammar_fuzz.c - the headers that sofia-sip reads for us, and multipart
 * bodies: the first byte says which, the rest is the value.
 */

#include "fuzz.h"
#include "sip/grammar.h"
#include "sip/mime.h"

static void
read_reason(struct span value)
{
	struct sip_reason reason;

	if (!sip_reason_parse(value, &reason))
		return;
	FUZZ_CHECK(reason.protocol.n > 0);
	FUZZ_CHECK(fuzz_inside(reason.protocol, value));
	FUZZ_CHECK(fuzz_inside(reason.text, value));
}

static void
read_content_type(struct span value)
{
	struct sip_content_type type;

	if (!sip_content_type_parse(value, &type))
		return;
	FUZZ_CHECK(fuzz_inside(type.type, value));
	FUZZ_CHECK(fuzz_inside(type.boundary, value));
}

/* The value is a Content-Type, a line end, and the body. */
static void
read_multipart(struct span value)
{
	struct span body, type = span_cut(value, '\n', &body);
	struct mime_part part;

	if (!mime_find(type, body, SPAN("application/sdp"), &part))
		return;
	FUZZ_CHECK(fuzz_inside(part.head, body));
	FUZZ_CHECK(fuzz_inside(part.body, body));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = fuzz_span(data, size);

	if (size == 0)
		return 0;
	value = span_from(value, 1);
	switch (data[0]) {
	case 'r':
		read_reason(value);
		break;
	case 'c':
		read_content_type(value);
		break;
	case 'b':
		read_multipart(value);
		break;
	}
	return 0;
}
