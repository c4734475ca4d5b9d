#include "sip/draft.h"

#include "sip/chars.h"
#include "sip/value.h"

void
sip_draft_clear(struct sip_draft *draft)
{
	draft->request = false;
	draft->method = SIP_METHOD_OTHER;
	draft->method_name = SPAN_NONE;
	draft->uri = SPAN_NONE;
	draft->status = 0;
	draft->reason = SPAN_NONE;
	draft->head = SPAN_NONE;
	draft->fields_n = 0;
	draft->body = SPAN_NONE;
	draft->overflow = false;
	draft->names.known = 0;
	draft->scratch =
	    text_over(draft->scratch_buf, sizeof(draft->scratch_buf));
}

void
sip_draft_request(struct sip_draft *draft, enum sip_method method,
    struct span method_name, struct span uri)
{
	sip_draft_clear(draft);
	draft->request = true;
	draft->method = method;
	draft->method_name = method == SIP_METHOD_OTHER
				 ? method_name
				 : span_of(sip_method_name(method));
	draft->uri = uri;
}

void
sip_draft_response(struct sip_draft *draft, unsigned status, struct span reason)
{
	sip_draft_clear(draft);
	draft->status = status;
	draft->reason = reason;
}

static void
add(struct sip_draft *draft, enum sip_header id, struct span name,
    struct span value, enum sip_owner owner)
{
	if (draft->fields_n == SIP_DRAFT_FIELDS) {
		draft->overflow = true;
		return;
	}
	draft->fields[draft->fields_n++] =
	    (struct sip_field){ id, name, value, owner };
}

static struct span
canonical_name(enum sip_header id, struct span name)
{
	return id == SIP_OTHER_HEADER ? name : sip_header_span(id);
}

void
sip_draft_add(struct sip_draft *draft, enum sip_header id, struct span value,
    enum sip_owner owner)
{
	add(draft, id, sip_header_span(id), value, owner);
}

void
sip_draft_add_name(struct sip_draft *draft, struct span name, struct span value,
    enum sip_owner owner)
{
	enum sip_header id = sip_header_find(name);

	add(draft, id, canonical_name(id, name), value, owner);
}

/* No CR, LF or NUL: it ends where its line ends. */
static inline bool
is_one_line(struct span s)
{
	return span_is_plain(s) ||
	       (span_find(s, '\n') < 0 && span_find(s, '\r') < 0 &&
		   span_find(s, '\0') < 0);
}

void
sip_draft_copy(struct sip_draft *draft, const struct sip_line *line)
{
	struct span value = line->value;

	if (!line->plain && !is_one_line(value)) {
		size_t mark = sip_draft_mark(draft);

		sip_add_unfolded(&draft->scratch, value);
		value = sip_draft_keep(draft, mark);
	}
	add(draft, line->id, canonical_name(line->id, line->name), value,
	    SIP_OWNER_PEER);
}

int
sip_draft_find(const struct sip_draft *draft, enum sip_header id, unsigned from)
{
	unsigned i;

	for (i = from; i < draft->fields_n; i++)
		if (draft->fields[i].id == id)
			return (int)i;
	return -1;
}

struct span
sip_draft_value(const struct sip_draft *draft, enum sip_header id)
{
	int at = sip_draft_find(draft, id, 0);

	return at < 0 ? SPAN_NONE : draft->fields[at].value;
}

void
sip_draft_remove(struct sip_draft *draft, unsigned index)
{
	if (index >= draft->fields_n)
		return;
	draft->fields_n--;
	memmove(&draft->fields[index], &draft->fields[index + 1],
	    (draft->fields_n - index) * sizeof(draft->fields[0]));
}

size_t
sip_draft_mark(struct sip_draft *draft)
{
	return draft->scratch.len;
}

struct span
sip_draft_keep(struct sip_draft *draft, size_t mark)
{
	if (draft->scratch.overflow) {
		draft->overflow = true;
		return SPAN_NONE;
	}
	return text_since(&draft->scratch, mark);
}

struct span
sip_draft_copy_text(struct sip_draft *draft, struct span s)
{
	size_t mark = sip_draft_mark(draft);

	text_add(&draft->scratch, s);
	return sip_draft_keep(draft, mark);
}

void
sip_draft_add_number(struct sip_draft *draft, enum sip_header id, uint64_t v,
    struct span behind, enum sip_owner owner)
{
	size_t mark = sip_draft_mark(draft);

	text_add_u64(&draft->scratch, v);
	text_add(&draft->scratch, behind);
	sip_draft_add(draft, id, sip_draft_keep(draft, mark), owner);
}

static bool
write_start_line(const struct sip_draft *draft, struct text *out)
{
	if (draft->request) {
		if (!sip_is_token(draft->method_name) || draft->uri.n == 0 ||
		    !sip_char_is(draft->uri.p[0], CHAR_ALPHA) ||
		    !sip_all(draft->uri, CHAR_GRAPH))
			return false;
		text_add(out, draft->method_name);
		text_add_char(out, ' ');
		text_add(out, draft->uri);
		TEXT_LIT(out, " SIP/2.0\r\n");
		return true;
	}
	if (draft->status < 100 || draft->status > 699 ||
	    !is_one_line(draft->reason))
		return false;
	TEXT_LIT(out, "SIP/2.0 ");
	text_add_u64(out, draft->status);
	text_add_char(out, ' ');
	text_add(out, draft->reason);
	TEXT_LIT(out, "\r\n");
	return true;
}

/* Whole lines, none of them empty: an empty one would end the header. */
static bool
is_head(struct span head)
{
	if (head.n == 0)
		return true;
	if (head.n < 3 || !span_iends(head, SPAN("\r\n")) ||
	    !sip_char_is(head.p[0], CHAR_GRAPH))
		return false;
	while (head.n > 0 && head.p[0] != '\r' && head.p[0] != '\n')
		span_cut(head, '\n', &head);
	return head.n == 0;
}

/* "Name: value" with its line end: room is looked for once. */
static void
add_field(struct text *out, struct span name, struct span value)
{
	size_t n = name.n + value.n + 4;
	char *p = out->buf + out->len;

	if (out->overflow || n > out->cap - out->len) {
		out->overflow = true;
		return;
	}
	memcpy(p, name.p, name.n);
	p += name.n;
	*p++ = ':';
	*p++ = ' ';
	if (value.n > 0)
		memcpy(p, value.p, value.n);
	p += value.n;
	*p++ = '\r';
	*p++ = '\n';
	out->len += n;
}

static bool
write_field(const struct sip_field *field, struct text *out)
{
	/* The one that is true is written behind all others. */
	if (field->id == SIP_CONTENT_LENGTH)
		return true;
	if (!is_one_line(field->value) ||
	    (field->id == SIP_OTHER_HEADER && !sip_is_token(field->name)))
		return false;
	add_field(out, field->name, field->value);
	return true;
}

static bool
write_all(const struct sip_draft *draft, struct text *out)
{
	unsigned i;

	if (draft->overflow || !write_start_line(draft, out) ||
	    !is_head(draft->head))
		return false;
	text_add(out, draft->head);
	for (i = 0; i < draft->fields_n; i++)
		if (!write_field(&draft->fields[i], out))
			return false;
	TEXT_LIT(out, "Content-Length: ");
	text_add_u64(out, draft->body.n);
	TEXT_LIT(out, "\r\n\r\n");
	text_add(out, draft->body);
	return !out->overflow;
}

bool
sip_draft_write(const struct sip_draft *draft, struct text *out)
{
	size_t mark = out->len;

	if (write_all(draft, out))
		return true;
	out->len = mark;
	return false;
}
