/*
 * sip_write_fuzz.c - a draft made of arbitrary bytes: what is written must be
 * read again as the same fields, no more and no fewer.
 */

#include "fuzz.h"
#include "sip/draft.h"
#include "sip/message.h"
#include "sip/value.h"

static struct sip_draft draft;
static struct sip_message msg;

static void
start(struct span *rest)
{
	unsigned kind = rest->n == 0 ? 0 : (unsigned char)rest->p[0];
	struct span text;

	*rest = span_from(*rest, 1);
	text = fuzz_take(rest);
	if (kind & 1)
		sip_draft_response(&draft, 100 + kind * 3, text);
	else if (kind & 2)
		sip_draft_request(&draft, SIP_METHOD_OTHER, text, fuzz_take(rest));
	else
		sip_draft_request(
		    &draft, kind % SIP_METHOD_OTHER, SPAN_NONE, text);
}

static void
add_fields(struct span *rest)
{
	while (rest->n > 0 && draft.fields_n < SIP_DRAFT_FIELDS) {
		unsigned kind = (unsigned char)rest->p[0];
		struct span name, value;

		*rest = span_from(*rest, 1);
		if (kind == 0)
			break;
		name = kind & 1 ? fuzz_take(rest) :
				  span_of(sip_header_name(
				      (kind >> 1) % SIP_OTHER_HEADER));
		value = fuzz_take(rest);
		if (kind & 128) {
			struct sip_line line = {
				.name = name,
				.value = value,
				.id = sip_header_find(name),
				.plain = span_is_plain(value),
			};

			sip_draft_copy(&draft, &line);
		} else {
			sip_draft_add_name(&draft, name, value, SIP_OWNER_OWN);
		}
	}
}

static void
check_fields(void)
{
	unsigned i, at = 0;

	for (i = 0; i < draft.fields_n; i++) {
		const struct sip_field *field = &draft.fields[i];
		const struct sip_line *line = &msg.lines[at];

		if (field->id == SIP_CONTENT_LENGTH)
			continue;
		FUZZ_CHECK(at < msg.lines_n);
		FUZZ_CHECK(line->id == field->id);
		FUZZ_CHECK(span_eq(line->name, field->name));
		FUZZ_CHECK(span_eq(line->value, span_trim(field->value)));
		at++;
	}
	FUZZ_CHECK(at + 1 == msg.lines_n);
	FUZZ_CHECK(msg.lines[at].id == SIP_CONTENT_LENGTH);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char buf[SIP_MESSAGE_MAX];
	struct text out = text_over(buf, sizeof(buf));
	struct span rest = fuzz_span(data, size);
	struct sip_fault fault;

	start(&rest);
	add_fields(&rest);
	draft.body = rest;
	if (!sip_draft_write(&draft, &out)) {
		FUZZ_CHECK(out.len == 0);
		return 0;
	}
	FUZZ_CHECK(sip_index(&msg, text_span(&out), &fault));
	FUZZ_CHECK(msg.request == draft.request);
	FUZZ_CHECK(span_eq(msg.raw, text_span(&out)));
	FUZZ_CHECK(span_eq(msg.body, draft.body));
	if (draft.request) {
		FUZZ_CHECK(span_eq(msg.method_name, draft.method_name));
		FUZZ_CHECK(span_find(draft.uri, '<') >= 0 ||
		    span_find(draft.uri, '?') >= 0 ||
		    span_eq(msg.uri, draft.uri));
	} else {
		FUZZ_CHECK(msg.status == draft.status);
		FUZZ_CHECK(span_eq(msg.reason, span_trim(draft.reason)));
	}
	check_fields();
	return 0;
}
