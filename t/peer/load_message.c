#include "peer/load.h"

struct header {
	const char *name;
	char compact;
	size_t one;   /* offset of the span that holds it */
	size_t list;  /* offset of the list, when it may come several times */
	size_t count; /* offset of the list's length */
};

#define ONE(field) offsetof(struct load_message, field), 0, 0
#define LIST(field, count)                                                     \
	0, offsetof(struct load_message, field),                               \
	    offsetof(struct load_message, count)

static const struct header headers[] = {
	{ "Via", 'v', LIST(via, vias) },
	{ "Record-Route", 0, LIST(route, routes) },
	{ "From", 'f', ONE(from) },
	{ "To", 't', ONE(to) },
	{ "Call-ID", 'i', ONE(call_id) },
	{ "CSeq", 0, ONE(cseq) },
	{ "Contact", 'm', ONE(contact) },
};

static bool
header_is(const struct header *h, struct span name)
{
	if (name.n == 1)
		return h->compact != 0 && (name.p[0] | 0x20) == h->compact;
	return span_ieq(name, span_of(h->name));
}

static void
header_set(struct load_message *m, const struct header *h, struct span value)
{
	char *base = (char *)m;
	unsigned *count = (unsigned *)(void *)(base + h->count);
	struct span *list = (struct span *)(void *)(base + h->list);

	if (h->list == 0)
		*(struct span *)(void *)(base + h->one) = value;
	else if (*count < LOAD_LIST_MAX)
		list[(*count)++] = value;
}

static void
header_read(struct load_message *m, struct span line)
{
	struct span value, name = span_trim(span_cut(line, ':', &value));
	size_t i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (!header_is(&headers[i], name))
			continue;
		header_set(m, &headers[i], span_trim(value));
		return;
	}
}

static bool
first_line_read(struct load_message *m, struct span line)
{
	uint32_t status;

	m->first = span_trim(line);
	if (!span_starts(line, SPAN("SIP/2.0 "))) {
		m->method = span_cut(line, ' ', &line);
		return m->method.n > 0;
	}
	if (line.n < 11 || !span_to_u32(span_make(line.p + 8, 3), 699, &status))
		return false;
	m->status = status;
	return true;
}

bool
load_message_read(struct span bytes, struct load_message *m)
{
	struct span line = span_cut(bytes, '\n', &bytes);

	memset(m, 0, sizeof(*m));
	if (!first_line_read(m, line))
		return false;
	while (bytes.n > 0) {
		line = span_trim(span_cut(bytes, '\n', &bytes));
		if (line.n == 0)
			break;
		header_read(m, line);
	}
	return m->vias > 0 && m->from.n > 0 && m->to.n > 0 && m->cseq.n > 0 &&
	    m->call_id.n > 0;
}

struct span
load_message_uri(struct span name_addr)
{
	ptrdiff_t open = span_find(name_addr, '<');
	struct span rest;

	if (open < 0)
		return span_cut(name_addr, ';', &rest);
	return span_cut(span_from(name_addr, (size_t)open + 1), '>', &rest);
}

bool
load_message_has_tag(struct span name_addr)
{
	ptrdiff_t close = span_find(name_addr, '>');
	struct span parameters = span_from(name_addr, (size_t)(close + 1));

	return span_find_span(parameters, SPAN(";tag=")) >= 0;
}
