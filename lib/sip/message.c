#include "sip/message.h"

#include "sip/chars.h"

enum {
	ONCE = SIP_FLAG_ONCE,
	LIST = SIP_FLAG_LIST,
	OURS = SIP_FLAG_OURS,
	RELAY = SIP_FLAG_RELAY,
	SECRET = SIP_FLAG_SECRET,
	BODY = SIP_FLAG_BODY,
	DIALOG = SIP_FLAG_DIALOG | SIP_FLAG_OURS
};

struct name_row {
	const char *name;
	uint8_t n;
	char compact;
};

static const struct name_row headers[SIP_HEADERS] = {
#define SIP_HEADER(id, name, compact, flags)                                   \
	{ name, sizeof(name) - 1, compact },
#include "sip/headers.def"
#undef SIP_HEADER
	{ "?", 1, 0 }
};

const uint8_t sip_header_flag_bits[SIP_HEADERS] = {
#define SIP_HEADER(id, name, compact, flags) flags,
#include "sip/headers.def"
#undef SIP_HEADER
	0
};

static const struct name_row methods[SIP_METHODS] = {
#define SIP_METHOD(id, name) { name, sizeof(name) - 1, 0 },
#include "sip/methods.def"
#undef SIP_METHOD
	{ "?", 1, 0 }
};

/* The masks of struct sip_message have a bit for each. */
_Static_assert(SIP_HEADERS <= 128, "more headers than bits");

/*
 * Names are found by their length and three letters. The table is made from
 * headers.def when the program starts; rows that meet in one slot are chained.
 */
#define NAME_SLOTS 512
static uint8_t name_first[NAME_SLOTS];
static uint8_t name_next[SIP_HEADERS];
static uint8_t compact_header[32];

static inline unsigned
name_slot(const char *p, size_t n)
{
	unsigned first = (unsigned char)p[0] & 31;
	unsigned middle = (unsigned char)p[n / 2] & 31;
	unsigned last = (unsigned char)p[n - 1] & 31;

	return (unsigned)(first * 11 + middle * 76 + last * 86 + n * 34) %
	       NAME_SLOTS;
}

static void name_table_make(void) __attribute__((constructor));

static void
name_table_make(void)
{
	unsigned id;

	memset(name_first, SIP_OTHER_HEADER, sizeof(name_first));
	memset(compact_header, SIP_OTHER_HEADER, sizeof(compact_header));
	for (id = 0; id < SIP_OTHER_HEADER; id++) {
		unsigned slot = name_slot(headers[id].name, headers[id].n);

		name_next[id] = name_first[slot];
		name_first[slot] = (uint8_t)id;
		if (headers[id].compact != 0)
			compact_header[headers[id].compact & 31] = (uint8_t)id;
	}
}

static inline bool
name_is(struct span name, const struct name_row *row)
{
	/* Most senders write the canonical form. */
	return row->n == name.n &&
	       (memcmp(row->name, name.p, name.n) == 0 ||
		   span_same_letters(row->name, name.p, name.n));
}

static enum sip_header
compact_find(char c)
{
	return sip_char_is(c, CHAR_ALPHA) ? compact_header[c & 31]
					  : SIP_OTHER_HEADER;
}

static inline enum sip_header
header_find(struct span name)
{
	unsigned id;

	if (name.n <= 1)
		return name.n == 0 ? SIP_OTHER_HEADER : compact_find(*name.p);
	id = name_first[name_slot(name.p, name.n)];
	while (id != SIP_OTHER_HEADER && !name_is(name, &headers[id]))
		id = name_next[id];
	return id;
}

enum sip_header
sip_header_find(struct span name)
{
	return header_find(name);
}

const char *
sip_header_name(enum sip_header id)
{
	return headers[id < SIP_HEADERS ? id : SIP_OTHER_HEADER].name;
}

struct span
sip_header_span(enum sip_header id)
{
	const struct name_row *row =
	    &headers[id < SIP_HEADERS ? id : SIP_OTHER_HEADER];

	return span_make(row->name, row->n);
}

enum sip_method
sip_method_find(struct span name)
{
	unsigned i;

	for (i = 0; i < SIP_METHOD_OTHER; i++)
		if (methods[i].n == name.n &&
		    memcmp(methods[i].name, name.p, name.n) == 0)
			break;
	return i;
}

const char *
sip_method_name(enum sip_method method)
{
	return methods[method < SIP_METHODS ? method : SIP_METHOD_OTHER].name;
}

/* The first fault stays. Responses and ACK are never answered. */
static void
refuse(const struct sip_message *msg, struct sip_fault *fault, unsigned status,
    enum sip_header header, const char *text)
{
	if (fault->text != NULL)
		return;
	if (!msg->request || msg->method == SIP_METHOD_ACK)
		status = 0;
	*fault = (struct sip_fault){ status, header, text };
}

/* A CR that no LF follows ends a line for some, and not for others. */
static bool
has_bare_cr(struct span s)
{
	const char *p = s.p, *end = span_end(s);

	while (p < end && (p = memchr(p, '\r', (size_t)(end - p))) != NULL) {
		if (++p == end)
			return false;
		if (*p != '\n')
			return true;
	}
	return false;
}

static void
check_line_ends(
    const struct sip_message *msg, struct sip_fault *fault, struct span s)
{
	if (has_bare_cr(s))
		refuse(msg, fault, 400, SIP_OTHER_HEADER,
		       "A line has a CR without its LF.");
}

/* Some write the Request-URI as a name-addr, or let headers stand in it: the
 * URI is what remains without them (RFC 4475 sections 3.1.2.5 and 3.1.2.7). */
static struct span
request_uri(struct span s)
{
	struct span host, rest;
	ptrdiff_t at;

	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		s = sip_trim(span_make(s.p + 1, s.n - 2));
	if (span_find(s, '?') < 0)
		return s;
	at = span_find(s, '@');
	host = span_from(s, at < 0 ? 0 : (size_t)at);
	host = span_cut(host, '?', &rest);
	return span_between(s.p, span_end(host));
}

static void
read_request_line(struct sip_message *msg, struct sip_fault *fault)
{
	struct span rest = msg->start_line, version;

	msg->method_name = sip_take(&rest, CHAR_GRAPH);
	rest = sip_trim(rest);
	version = span_make(span_end(rest), 0);
	while (version.p > rest.p && sip_char_is(version.p[-1], CHAR_GRAPH)) {
		version.p--;
		version.n++;
	}
	if (!span_istarts(version, SPAN("SIP/"))) {
		refuse(msg, fault, 0, SIP_OTHER_HEADER,
		    "The start line is not of SIP.");
		return;
	}
	msg->request = true;
	msg->method = sip_method_find(msg->method_name);
	msg->uri = request_uri(sip_trim(span_between(rest.p, version.p)));
	if (!span_ieq(version, SPAN("SIP/2.0")))
		refuse(msg, fault, 505, SIP_OTHER_HEADER,
		    "The SIP version is not 2.0.");
	if (!sip_all(msg->method_name, CHAR_TOKEN))
		refuse(msg, fault, 400, SIP_OTHER_HEADER,
		    "The method is not a token.");
	if (msg->uri.n == 0)
		refuse(msg, fault, 400, SIP_OTHER_HEADER,
		    "The Request-URI is missing.");
}

static void
read_status_line(struct sip_message *msg, struct sip_fault *fault)
{
	struct span rest = msg->start_line;
	struct span version = sip_take(&rest, CHAR_GRAPH), code;
	uint32_t status;

	sip_skip_blanks(&rest);
	code = sip_take(&rest, CHAR_GRAPH);
	msg->reason = sip_trim(rest);
	if (!span_ieq(version, SPAN("SIP/2.0")))
		refuse(msg, fault, 0, SIP_OTHER_HEADER,
		    "The SIP version is not 2.0.");
	else if (code.n != 3 || !span_to_u32(code, 699, &status) ||
		 status < 100)
		refuse(msg, fault, 0, SIP_OTHER_HEADER,
		    "The status code is not of three digits from 100 to 699.");
	else
		msg->status = status;
}

/* Less than 256 lines have been added before. */
static void
add_line(struct sip_message *msg, enum sip_header id, struct span name,
    struct span value, bool plain)
{
	uint64_t bit = (uint64_t)1 << (id & 63);

	if (msg->present[id >> 6] & bit)
		msg->twice[id >> 6] |= bit;
	else
		msg->first[id] = (uint8_t)msg->lines_n;
	msg->present[id >> 6] |= bit;
	msg->lines[msg->lines_n++] =
	    (struct sip_line){ name, value, id, plain };
}

/* CHAR_BLANK has CR and LF, too. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One field without its line end; `s` may hold folds, but for a plain one. */
static void
index_field(struct sip_message *msg, struct sip_fault *fault, struct span s,
    bool plain)
{
	ptrdiff_t colon = span_find(s, ':');
	struct span name = span_make(s.p, colon < 0 ? 0 : (size_t)colon);
	enum sip_header id;

	while (name.n > 0 && is_blank(name.p[name.n - 1]))
		name.n--;
	id = header_find(name);
	/* A name that is known is a token. */
	if (id == SIP_OTHER_HEADER &&
	    (name.n == 0 || !sip_all(name, CHAR_TOKEN))) {
		refuse(msg, fault, 400, SIP_OTHER_HEADER,
		    "A header line has no name and colon.");
		return;
	}
	add_line(msg, id, name,
	    sip_trim(span_between(s.p + colon + 1, span_end(s))), plain);
}

/* The LF that ends the field at `at`, folds included; NULL without one. */
static const char *
field_end(const char *at, const char *end)
{
	const char *lf = memchr(at, '\n', (size_t)(end - at));

	while (lf != NULL && lf + 1 < end && is_blank(lf[1]))
		lf = memchr(lf + 1, '\n', (size_t)(end - lf - 1));
	return lf;
}

/* What nearly all fields are: printable ASCII up to CRLF, and no fold
 * behind. */
static bool
is_plain_field(const char *at, const char *end, size_t n)
{
	return (size_t)(end - at) > n + 2 && at[n] == '\r' &&
	       at[n + 1] == '\n' && !is_blank(at[n + 2]);
}

/* Takes the field at `at`; what is behind it, or NULL when it has no end. */
static const char *
take_field(struct sip_message *msg, struct sip_fault *fault, const char *at,
    const char *end)
{
	size_t n = span_plain(span_between(at, end));
	const char *lf;

	if (is_plain_field(at, end, n)) {
		index_field(msg, fault, span_make(at, n), true);
		return at + n + 2;
	}
	lf = at < end ? field_end(at, end) : NULL;
	if (lf == NULL)
		return NULL;
	check_line_ends(msg, fault, span_between(at, lf));
	index_field(msg, fault, span_between(at, lf), false);
	return lf + 1;
}

static bool
is_empty_line(const char *at, const char *end)
{
	return at < end && (at[0] == '\n' || (at[0] == '\r' && at + 1 < end &&
						 at[1] == '\n'));
}

/* Indexes the fields; the first byte behind the empty line, or NULL. */
static const char *
index_head(struct sip_message *msg, struct sip_fault *fault, const char *at,
    const char *end)
{
	const char *limit = end;

	if (end - msg->raw.p > SIP_HEAD_MAX)
		limit = msg->raw.p + SIP_HEAD_MAX;
	while (!is_empty_line(at, limit)) {
		if (msg->lines_n == SIP_LINES_MAX) {
			refuse(msg, fault, 513, SIP_OTHER_HEADER,
			    "There are more than 256 header lines.");
			return NULL;
		}
		at = take_field(msg, fault, at, limit);
		if (at != NULL)
			continue;
		if (limit < end)
			refuse(msg, fault, 513, SIP_OTHER_HEADER,
			    "The header is longer than 64 KB.");
		else
			refuse(msg, fault, 400, SIP_OTHER_HEADER,
			    "No empty line ends the header.");
		return NULL;
	}
	return at + (at[0] == '\r' ? 2 : 1);
}

static void
index_body(struct sip_message *msg, struct sip_fault *fault, const char *at)
{
	size_t rest = (size_t)(span_end(msg->raw) - at);
	uint64_t n = rest;

	msg->body = span_make(at, rest);
	if (!sip_has(msg, SIP_CONTENT_LENGTH))
		return;
	if (!span_to_u64(sip_value(msg, SIP_CONTENT_LENGTH), UINT64_MAX, &n)) {
		refuse(msg, fault, 400, SIP_CONTENT_LENGTH,
		    "Content-Length is not a number.");
		return;
	}
	if (n > rest) {
		refuse(msg, fault, 400, SIP_CONTENT_LENGTH,
		    "The body is shorter than Content-Length.");
		return;
	}
	msg->body.n = n;
	msg->raw = span_between(msg->raw.p, at + n);
}

static void
clear(struct sip_message *msg, struct span raw)
{
	msg->raw = raw;
	msg->start_line = SPAN_NONE;
	msg->request = false;
	msg->method = SIP_METHOD_OTHER;
	msg->method_name = SPAN_NONE;
	msg->uri = SPAN_NONE;
	msg->status = 0;
	msg->reason = SPAN_NONE;
	msg->body = span_make(raw.p == NULL ? NULL : span_end(raw), 0);
	msg->present[0] = msg->present[1] = 0;
	msg->twice[0] = msg->twice[1] = 0;
	msg->lines_n = 0;
}

bool
sip_index(struct sip_message *msg, struct span raw, struct sip_fault *fault)
{
	const char *lf, *body;

	*fault = (struct sip_fault){ 0, SIP_OTHER_HEADER, NULL };
	while (raw.n > 0 && (raw.p[0] == '\r' || raw.p[0] == '\n'))
		raw = span_make(raw.p + 1, raw.n - 1);
	clear(msg, raw);
	lf = raw.n == 0 ? NULL : memchr(raw.p, '\n', raw.n);
	if (lf == NULL) {
		refuse(
		    msg, fault, 0, SIP_OTHER_HEADER, "There is no start line.");
		return false;
	}
	msg->start_line = sip_trim(span_between(raw.p, lf));
	if (span_istarts(msg->start_line, SPAN("SIP/")))
		read_status_line(msg, fault);
	else
		read_request_line(msg, fault);
	if (!msg->request && fault->text != NULL)
		return false;
	check_line_ends(msg, fault, span_between(raw.p, lf));
	if (raw.n > SIP_MESSAGE_MAX)
		refuse(msg, fault, 513, SIP_OTHER_HEADER,
		    "The message is longer than 256 KB.");
	body = index_head(msg, fault, lf + 1, span_end(raw));
	if (body != NULL)
		index_body(msg, fault, body);
	return fault->text == NULL;
}

static const struct sip_line *
find_from(const struct sip_message *msg, unsigned at, enum sip_header id)
{
	for (; at < msg->lines_n; at++)
		if (msg->lines[at].id == id)
			return &msg->lines[at];
	return NULL;
}

const struct sip_line *
sip_find(const struct sip_message *msg, enum sip_header id)
{
	return sip_has(msg, id) ? &msg->lines[msg->first[id]] : NULL;
}

const struct sip_line *
sip_find_next(const struct sip_message *msg, const struct sip_line *line)
{
	if (!sip_has_twice(msg, line->id))
		return NULL;
	return find_from(msg, (unsigned)(line - msg->lines) + 1, line->id);
}

const struct sip_line *
sip_find_name(const struct sip_message *msg, struct span name)
{
	enum sip_header id = sip_header_find(name);
	const struct sip_line *line = sip_find(msg, id);

	if (id != SIP_OTHER_HEADER)
		return line;
	while (line != NULL && !span_ieq(line->name, name))
		line = sip_find_next(msg, line);
	return line;
}

struct span
sip_value(const struct sip_message *msg, enum sip_header id)
{
	const struct sip_line *line = sip_find(msg, id);

	return line == NULL ? SPAN_NONE : line->value;
}

bool
sip_folded(struct span value)
{
	return !span_is_plain(value) &&
	       (span_find(value, '\n') >= 0 || span_find(value, '\r') >= 0);
}
