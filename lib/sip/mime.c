#include "sip/mime.h"

#include "sip/chars.h"
#include "sip/grammar.h"
#include "sip/message.h"

/* RFC 2046 section 5.1.1. */
#define BOUNDARY_MAX 70

enum line_kind { LINE_OTHER, LINE_DELIMITER, LINE_CLOSE };

/* Cuts a line off *rest, its line end included. */
static struct span
take_line(struct span *rest)
{
	ptrdiff_t lf = span_find(*rest, '\n');
	size_t n = lf < 0 ? rest->n : (size_t)lf + 1;
	struct span line = span_make(rest->p, n);

	*rest = span_from(*rest, n);
	return line;
}

static enum line_kind
line_kind(struct span line, struct span boundary)
{
	struct span tail;

	if (!span_starts(line, SPAN("--")) ||
	    !span_starts(span_from(line, 2), boundary))
		return LINE_OTHER;
	tail = span_from(line, 2 + boundary.n);
	if (span_starts(tail, SPAN("--")))
		return sip_trim(span_from(tail, 2)).n == 0 ? LINE_CLOSE
							   : LINE_OTHER;
	return sip_trim(tail).n == 0 ? LINE_DELIMITER : LINE_OTHER;
}

/* Skips to behind the next delimiter; *part gets what was before it. */
static enum line_kind
take_part(struct span *rest, struct span boundary, struct span *part)
{
	const char *from = rest->p;

	while (rest->n > 0) {
		struct span line = take_line(rest);
		enum line_kind kind = line_kind(line, boundary);
		const char *end = line.p;

		if (kind == LINE_OTHER)
			continue;
		/* The line end before a delimiter belongs to it. */
		if (end > from && end[-1] == '\n')
			end--;
		if (end > from && end[-1] == '\r')
			end--;
		*part = span_between(from, end);
		return kind;
	}
	return LINE_OTHER;
}

/* Cuts a part into its header and its body. */
static void
read_part(struct span part, struct mime_part *out)
{
	struct span rest = part;

	*out = (struct mime_part){ .type = SPAN("text/plain") };
	while (rest.n > 0) {
		struct span line = take_line(&rest);
		struct span name, value;

		if (sip_trim(line).n == 0) {
			out->head = span_between(part.p, line.p);
			break;
		}
		while (rest.n > 0 && (*rest.p == ' ' || *rest.p == '\t') &&
		       sip_trim(line).n > 0)
			line = span_between(line.p, span_end(take_line(&rest)));
		name = sip_trim(span_cut(line, ':', &value));
		if (sip_header_find(name) == SIP_CONTENT_TYPE)
			out->type = sip_trim(value);
	}
	out->body = rest;
}

static struct span
type_alone(struct span content_type)
{
	struct span params;

	return sip_trim(span_cut(content_type, ';', &params));
}

static bool find_in(struct span content_type, struct span body,
    struct span type, int depth, struct mime_part *out);

static bool
find_in_parts(struct span content_type, struct span body, struct span type,
    int depth, struct mime_part *out)
{
	struct sip_content_type read;
	struct span part = SPAN_NONE;
	struct mime_part p;

	if (!sip_content_type_parse(content_type, &read) ||
	    read.boundary.n == 0 || read.boundary.n > BOUNDARY_MAX)
		return false;
	/* What is before the first delimiter is the preamble. */
	if (take_part(&body, read.boundary, &part) != LINE_DELIMITER)
		return false;
	for (;;) {
		enum line_kind kind = take_part(&body, read.boundary, &part);

		if (kind == LINE_OTHER)
			return false;
		read_part(part, &p);
		if (span_ieq(type_alone(p.type), type)) {
			*out = p;
			out->type = type_alone(p.type);
			return true;
		}
		if (depth > 0 && find_in(p.type, p.body, type, depth - 1, out))
			return true;
		if (kind == LINE_CLOSE)
			return false;
	}
}

static bool
find_in(struct span content_type, struct span body, struct span type, int depth,
    struct mime_part *out)
{
	struct span alone = type_alone(content_type);

	if (span_ieq(alone, type)) {
		*out = (struct mime_part){ SPAN_NONE, alone, body };
		return true;
	}
	return span_istarts(alone, SPAN("multipart/")) &&
	       find_in_parts(content_type, body, type, depth, out);
}

bool
mime_find(struct span content_type, struct span body, struct span type,
    struct mime_part *out)
{
	return find_in(content_type, body, type, 1, out);
}
