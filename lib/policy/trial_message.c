/*
 * trial_message.c - a whole message out of one that leaves out what is the same
 * in every test
 */

#include "policy/trial_private.h"

#include "base/container.h"
#include "sip/chars.h"
#include "sip/value.h"

struct message {
	struct text *t;
	struct span rest;
	bool dialog;
	bool response;
	bool crlf; /* each line of the file ends in CR */
	struct span method;
	struct span uri;
	uint64_t seen; /* a bit a row of `needed` */
	bool typed;    /* it has a Content-Type */
};

/* Cuts a line off: without blanks before it, unless the one before it ended in
 * CR (so that a test can have a folded line). */
static struct span
next_line(struct message *m, bool *folded)
{
	struct span line = span_cut(m->rest, '\n', &m->rest);
	bool keep = *folded;

	*folded = !m->crlf && line.n > 0 && line.p[line.n - 1] == '\r' &&
		  m->rest.n > 0 && sip_char_is(m->rest.p[0], CHAR_BLANK) &&
		  m->rest.p[0] != '\r' && m->rest.p[0] != '\n';
	while (!keep && line.n > 0 && sip_char_is(line.p[0], CHAR_BLANK))
		line = span_from(line, 1);
	while (line.n > 0 && sip_char_is(line.p[line.n - 1], CHAR_BLANK))
		line.n--;
	return line;
}

static void
end_line(struct message *m)
{
	TEXT_LIT(m->t, "\r\n");
}

/* "200 INVITE", "486 Busy Here", "180". */
static void
status_line(struct message *m, struct span line)
{
	struct span behind, code;
	uint32_t status = 0;

	if (span_starts(line, SPAN("SIP/2.0 ")))
		line = span_from(line, 8);
	code = span_cut(line, ' ', &behind);
	span_to_u32(code, 699, &status);
	m->response = true;
	m->method = SPAN("INVITE");
	if (sip_method_find(behind) != SIP_METHOD_OTHER) {
		m->method = behind;
		behind = SPAN_NONE;
	}
	TEXT_LIT(m->t, "SIP/2.0 ");
	text_add(m->t, code);
	TEXT_LIT(m->t, " ");
	if (behind.n > 0)
		text_add(m->t, behind);
	else
		text_add_str(m->t, sip_reason_phrase(status));
}

static void
start_line(struct message *m, struct span line)
{
	struct span behind;

	if (line.n > 0 && (sip_char_is(line.p[0], CHAR_DIGIT) ||
			      span_starts(line, SPAN("SIP/2.0 ")))) {
		status_line(m, line);
	} else {
		m->method = span_cut(line, ' ', &behind);
		m->uri = span_cut(behind, ' ', &behind);
		text_add(m->t, line);
		if (behind.n == 0)
			TEXT_LIT(m->t, " SIP/2.0");
	}
	end_line(m);
}

static void
add_via(struct message *m)
{
	TEXT_LIT(m->t, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKgiven");
}

static void
add_from(struct message *m)
{
	TEXT_LIT(m->t, "<sip:+442079460001@pbx.example.com>;tag=given");
}

static void
add_to(struct message *m)
{
	TEXT_LIT(m->t, "<");
	text_add(m->t,
	    m->uri.n > 0 ? m->uri : SPAN("sip:+442079460002@sbc.example.com"));
	TEXT_LIT(m->t, ">");
	if (m->dialog || m->response)
		TEXT_LIT(m->t, ";tag=other");
}

static void
add_call_id(struct message *m)
{
	TEXT_LIT(m->t, "given@pbx.example.com");
}

static void
add_cseq(struct message *m)
{
	TEXT_LIT(m->t, "1 ");
	text_add(m->t, m->method);
}

static void
add_max_forwards(struct message *m)
{
	TEXT_LIT(m->t, "70");
}

static void
add_contact(struct message *m)
{
	TEXT_LIT(m->t, "<sip:192.0.2.9:5060>");
}

static const struct {
	enum sip_header id;
	void (*add)(struct message *m);
} needed[] = {
	{ SIP_VIA, add_via },
	{ SIP_FROM, add_from },
	{ SIP_TO, add_to },
	{ SIP_CALL_ID, add_call_id },
	{ SIP_CSEQ, add_cseq },
	{ SIP_MAX_FORWARDS, add_max_forwards },
	{ SIP_CONTACT, add_contact },
};

static void
header_line(struct message *m, struct span line)
{
	struct span value, name = span_trim(span_cut(line, ':', &value));
	enum sip_header id = sip_header_find(name);
	bool to = id == SIP_TO && (m->dialog || m->response);
	size_t i;

	for (i = 0; i < ARRAY_LEN(needed); i++)
		m->seen |= (uint64_t)(needed[i].id == id) << i;
	m->typed |= id == SIP_CONTENT_TYPE;
	text_add(m->t, line);
	if ((id == SIP_FROM || to) && span_find_span(value, SPAN("tag=")) < 0)
		text_add_str(m->t, to ? ";tag=other" : ";tag=given");
	end_line(m);
}

static void
add_missing(struct message *m)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(needed); i++) {
		if (m->seen >> i & 1)
			continue;
		text_add_str(m->t, sip_header_name(needed[i].id));
		TEXT_LIT(m->t, ": ");
		needed[i].add(m);
		end_line(m);
	}
}

/* The text twice: measured first, for its Content-Length. */
static void
add_body(struct message *m)
{
	size_t mark = m->t->len, length;
	struct span rest = m->rest;
	bool folded = false;
	struct span line;
	int round;

	for (round = 0; round < 2 && !m->t->overflow; round++) {
		m->rest = rest;
		while (m->rest.n > 0) {
			line = next_line(m, &folded);
			if (line.n == 0 && m->rest.n == 0)
				break;
			text_add(m->t, line);
			end_line(m);
		}
		length = m->t->len - mark;
		if (round > 0 || m->t->overflow)
			return;
		m->t->len = mark;
		if (length > 0 && !m->typed)
			TEXT_LIT(m->t, "Content-Type: application/sdp\r\n");
		TEXT_LIT(m->t, "Content-Length: ");
		text_add_u64(m->t, length);
		TEXT_LIT(m->t, "\r\n\r\n");
	}
}

bool
trial_complete(struct text *t, struct span given, bool dialog)
{
	struct message m = { .t = t, .rest = given, .dialog = dialog };
	bool folded = false;
	struct span line;

	/* A start line is not folded: that is how the file's lines end. */
	do {
		line = next_line(&m, &folded);
		m.crlf |= folded;
		folded = false;
	} while (line.n == 0 && m.rest.n > 0);
	start_line(&m, line);
	while (m.rest.n > 0) {
		line = next_line(&m, &folded);
		if (line.n == 0)
			break;
		header_line(&m, line);
	}
	add_missing(&m);
	add_body(&m);
	return !t->overflow;
}
