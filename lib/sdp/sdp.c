#include "sdp/sdp.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
sdp_field_next(struct span *rest, struct span *field)
{
	const char *p = rest->p, *end = span_end(*rest), *from;

	while (p < end && is_blank(*p))
		p++;
	from = p;
	while (p < end && !is_blank(*p))
		p++;
	*field = span_between(from, p);
	*rest = span_between(p, end);
	return field->n > 0;
}

static struct span
cut_field(struct span *rest)
{
	struct span field;

	sdp_field_next(rest, &field);
	return field;
}

/* Cuts the last field off. */
static struct span
cut_last_field(struct span *rest)
{
	struct span s = *rest;
	size_t end;

	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	end = s.n;
	while (s.n > 0 && !is_blank(s.p[s.n - 1]))
		s.n--;
	*rest = s;
	return span_make(s.p + s.n, end - s.n);
}

static bool
is_line(struct span line, char type)
{
	return line.n >= 2 && line.p[0] == type && line.p[1] == '=';
}

/* --- single lines --- */

static bool
parse_port(struct span s, struct sdp_media *media)
{
	struct span count, port = span_cut(s, '/', &count);
	uint32_t v;

	if (!span_to_u32(port, 65535, &v))
		return false;
	media->port = (uint16_t)v;
	media->count = 1;
	if (port.n == s.n)
		return true;
	if (!span_to_u32(count, 65535, &v) || v == 0)
		return false;
	media->count = (uint16_t)v;
	return true;
}

static size_t
count_fields(struct span s)
{
	struct span field;
	size_t n = 0;

	while (sdp_field_next(&s, &field))
		n++;
	return n;
}

bool
sdp_media_parse(struct span line, struct sdp_media *media)
{
	struct span rest = span_from(line, 2);

	if (!is_line(line, 'm'))
		return false;
	media->kind = cut_field(&rest);
	if (span_empty(media->kind) || !parse_port(cut_field(&rest), media))
		return false;
	media->proto = cut_field(&rest);
	media->formats = span_trim(rest);
	if (span_empty(media->proto) ||
	    count_fields(media->formats) > SDP_FORMATS_MAX)
		return false;
	return media->port == 0 || !span_empty(media->formats);
}

bool
sdp_attribute_parse(struct span line, struct span *name, struct span *value)
{
	if (!is_line(line, 'a'))
		return false;
	*name = span_cut(span_from(line, 2), ':', value);
	return true;
}

static bool
set_host(struct sdp_host *host, struct span type, struct span text)
{
	struct span behind;

	host->type = type;
	host->text = span_cut(text, '/', &behind);
	if (!address_parse_ip(host->text, &host->ip))
		host->ip = (struct address){ .family = 0 };
	return !span_empty(host->text);
}

/* "IN IP4 192.0.2.1", behind `skip` other fields. */
static bool
parse_host_fields(struct span rest, unsigned skip, struct sdp_host *host)
{
	struct span type;

	while (skip-- > 0)
		cut_field(&rest);
	cut_field(&rest); /* the net type */
	type = cut_field(&rest);
	return set_host(host, type, cut_field(&rest));
}

/* From the right: the user name in front may hold blanks. */
static bool
parse_origin(struct span line, struct sdp_origin *origin)
{
	struct span rest = span_from(line, 2), text, type;

	text = cut_last_field(&rest);
	type = cut_last_field(&rest);
	cut_last_field(&rest); /* the net type */
	origin->version = cut_last_field(&rest);
	origin->session = cut_last_field(&rest);
	origin->user = span_trim(rest);
	return !span_empty(origin->session) &&
	       set_host(&origin->host, type, text);
}

static bool
parse_candidate(struct span rest, struct sdp_host *host)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		cut_field(&rest);
	return set_host(host, SPAN_NONE, cut_field(&rest));
}

bool
sdp_host_parse(struct span line, struct sdp_host *host)
{
	struct sdp_origin origin;
	struct span name, value;

	if (is_line(line, 'c'))
		return parse_host_fields(span_from(line, 2), 0, host);
	if (is_line(line, 'o')) {
		if (!parse_origin(line, &origin))
			return false;
		*host = origin.host;
		return true;
	}
	if (!sdp_attribute_parse(line, &name, &value))
		return false;
	if (span_eq(name, SPAN("rtcp")))
		return parse_host_fields(value, 1, host);
	return span_eq(name, SPAN("candidate")) && parse_candidate(value, host);
}

static const char *const direction_names[] = {
	[SDP_NO_DIRECTION] = "sendrecv",
	[SDP_SENDRECV] = "sendrecv",
	[SDP_SENDONLY] = "sendonly",
	[SDP_RECVONLY] = "recvonly",
	[SDP_INACTIVE] = "inactive",
};

const char *
sdp_direction_name(enum sdp_direction direction)
{
	return direction_names[direction];
}

enum sdp_direction
sdp_direction_parse(struct span line)
{
	struct span name = span_trim(span_from(line, 2));
	unsigned i;

	/* All four names have eight letters. */
	if (!is_line(line, 'a') || name.n != 8)
		return SDP_NO_DIRECTION;
	for (i = SDP_SENDRECV; i <= SDP_INACTIVE; i++)
		if (memcmp(name.p, direction_names[i], 8) == 0)
			return (enum sdp_direction)i;
	return SDP_NO_DIRECTION;
}

/* --- reading --- */

static bool
has_control_byte(struct span s)
{
	size_t i;

	for (i = span_plain(s); i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

/* Cuts one line without its end; a bare LF ends a line too. */
static struct span
cut_line(struct span *rest)
{
	struct span line = span_cut(*rest, '\n', rest);

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static const char *
read_media(struct sdp *sdp, unsigned at)
{
	struct sdp_media *media;

	if (sdp->media_n == SDP_MEDIA_MAX)
		return "The session description has too many media.";
	if (sdp->media_n == 0)
		sdp->session_end = at;
	media = &sdp->media[sdp->media_n++];
	*media = (struct sdp_media){ .first = at, .connection = -1 };
	if (!sdp_media_parse(sdp->lines[at], media))
		return "A line m= of the session description is unreadable.";
	return NULL;
}

static const char *
read_connection(struct sdp *sdp, unsigned at)
{
	struct sdp_host host;
	int *place = sdp->media_n == 0
			 ? &sdp->connection
			 : &sdp->media[sdp->media_n - 1].connection;

	if (!sdp_host_parse(sdp->lines[at], &host))
		return "A line c= of the session description is unreadable.";
	if (*place < 0)
		*place = (int)at;
	return NULL;
}

static void
read_attribute(struct sdp *sdp, unsigned at)
{
	enum sdp_direction direction = sdp_direction_parse(sdp->lines[at]);
	enum sdp_direction *place =
	    sdp->media_n == 0 ? &sdp->direction
			      : &sdp->media[sdp->media_n - 1].direction;

	if (direction != SDP_NO_DIRECTION)
		*place = direction;
}

static const char *
read_line(struct sdp *sdp, unsigned at)
{
	struct span line = sdp->lines[at];

	if (has_control_byte(line))
		return "The session description holds a control byte.";
	/* Blank lines do no harm: some devices end with one. */
	if (span_empty(span_trim(line)))
		return NULL;
	if (line.n < 2 || line.p[1] != '=')
		return "A line of the session description has no type.";
	switch (line.p[0]) {
	case 'v':
		return "The session description has a second line v=.";
	case 'o':
		if (sdp->origin < 0)
			sdp->origin = (int)at;
		return NULL;
	case 'c':
		return read_connection(sdp, at);
	case 'm':
		return read_media(sdp, at);
	case 'a':
		read_attribute(sdp, at);
		return NULL;
	default:
		return NULL;
	}
}

static const char *
read_end(struct sdp *sdp)
{
	unsigned i;

	if (sdp->media_n == 0)
		sdp->session_end = sdp->lines_n;
	for (i = 0; i < sdp->media_n; i++) {
		struct sdp_media *media = &sdp->media[i];

		media->end = i + 1 < sdp->media_n ? sdp->media[i + 1].first
						  : sdp->lines_n;
		if (media->port != 0 && media->connection < 0 &&
		    sdp->connection < 0)
			return "A media of the session description has no "
			       "line c=.";
	}
	return NULL;
}

static const char *
read_body(struct sdp *sdp)
{
	struct span rest = sdp->body;
	const char *fault;

	if (rest.n > SDP_BODY_MAX)
		return "The session description is too long.";
	sdp->lines[0] = cut_line(&rest);
	if (!span_eq(span_trim(sdp->lines[0]), SPAN("v=0")) ||
	    has_control_byte(sdp->lines[0]))
		return "The session description does not begin with v=0.";
	sdp->lines_n = 1;
	while (!span_empty(rest)) {
		if (sdp->lines_n == SDP_LINES_MAX)
			return "The session description has too many lines.";
		sdp->lines[sdp->lines_n++] = cut_line(&rest);
		fault = read_line(sdp, sdp->lines_n - 1);
		if (fault != NULL)
			return fault;
	}
	return read_end(sdp);
}

bool
sdp_read(struct sdp *sdp, struct span body, const char **fault)
{
	sdp->body = body;
	sdp->lines_n = 0;
	sdp->session_end = 0;
	sdp->connection = -1;
	sdp->origin = -1;
	sdp->direction = SDP_NO_DIRECTION;
	sdp->media_n = 0;
	*fault = read_body(sdp);
	return *fault == NULL;
}

/* --- asking --- */

static void
section(const struct sdp *sdp, int media, unsigned *first, unsigned *end)
{
	*first = media == SDP_SESSION ? 0 : sdp->media[media].first;
	*end = media == SDP_SESSION ? sdp->session_end : sdp->media[media].end;
}

int
sdp_find(const struct sdp *sdp, int media, char type, unsigned from)
{
	unsigned i, end;

	section(sdp, media, &i, &end);
	if (from > i)
		i = from;
	for (; i < end; i++)
		if (is_line(sdp->lines[i], type))
			return (int)i;
	return -1;
}

int
sdp_find_attribute(const struct sdp *sdp, int media, struct span name,
    unsigned from, struct span *value)
{
	struct span is, v;
	int i;

	while ((i = sdp_find(sdp, media, 'a', from)) >= 0) {
		if (sdp_attribute_parse(sdp->lines[i], &is, &v) &&
		    span_eq(is, name)) {
			if (value != NULL)
				*value = v;
			return i;
		}
		from = (unsigned)i + 1;
	}
	return -1;
}

bool
sdp_connection(const struct sdp *sdp, int media, struct sdp_host *host)
{
	int at = sdp->connection;

	if (media != SDP_SESSION && sdp->media[media].connection >= 0)
		at = sdp->media[media].connection;
	if (at < 0 || !sdp_host_parse(sdp->lines[at], host))
		return false;
	if (media != SDP_SESSION)
		host->ip.port = sdp->media[media].port;
	return true;
}

bool
sdp_origin(const struct sdp *sdp, struct sdp_origin *origin)
{
	return sdp->origin >= 0 &&
	       parse_origin(sdp->lines[sdp->origin], origin);
}

enum sdp_direction
sdp_direction(const struct sdp *sdp, int media)
{
	enum sdp_direction direction = sdp->direction;

	if (media != SDP_SESSION &&
	    sdp->media[media].direction != SDP_NO_DIRECTION)
		direction = sdp->media[media].direction;
	return direction == SDP_NO_DIRECTION ? SDP_SENDRECV : direction;
}

bool
sdp_media_held(const struct sdp *sdp, int media)
{
	enum sdp_direction direction = sdp_direction(sdp, media);
	struct sdp_host host;

	if (sdp->media[media].port == 0)
		return false;
	if (direction == SDP_SENDONLY || direction == SDP_INACTIVE)
		return true;
	return sdp_connection(sdp, media, &host) && host.ip.family != 0 &&
	       address_is_unspecified(&host.ip);
}

enum sdp_hold
sdp_hold(const struct sdp *sdp, int media)
{
	static const enum sdp_hold forms[] = {
		[SDP_SENDONLY] = SDP_HOLD_SENDONLY,
		[SDP_RECVONLY] = SDP_HOLD_RECVONLY,
		[SDP_INACTIVE] = SDP_HOLD_INACTIVE,
	};
	enum sdp_direction direction = sdp_direction(sdp, media);

	if (sdp->media[media].port == 0)
		return SDP_HOLD_OFF;
	if (direction != SDP_SENDRECV)
		return forms[direction];
	return sdp_media_held(sdp, media) ? SDP_HOLD_ADDRESS : SDP_HOLD_NONE;
}

bool
sdp_same_but_origin(const struct sdp *a, const struct sdp *b)
{
	unsigned i;

	if (a->lines_n != b->lines_n || a->origin != b->origin)
		return false;
	for (i = 0; i < a->lines_n; i++)
		if ((int)i != a->origin && !span_eq(a->lines[i], b->lines[i]))
			return false;
	return true;
}

bool
sdp_same_media(const struct sdp *a, const struct sdp *b)
{
	unsigned i;

	if (a->media_n != b->media_n)
		return false;
	for (i = 0; i < a->media_n; i++)
		if (!span_eq(a->media[i].kind, b->media[i].kind))
			return false;
	return true;
}
