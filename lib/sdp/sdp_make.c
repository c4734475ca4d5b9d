#include "sdp/sdp_make.h"

#include "base/container.h"
#include "sdp/sdp_codec.h"

/* --- the session --- */

static void
add_address(struct text *t, const struct address *ip)
{
	if (ip->family == AF_INET)
		TEXT_LIT(t, "IN IP4 ");
	else
		TEXT_LIT(t, "IN IP6 ");
	address_add_ip(t, ip);
	TEXT_LIT(t, "\r\n");
}

/* `times`: a t= line, or empty for one without bounds. */
static void
add_session(struct text *t, const struct sdp_author *author, struct span times)
{
	TEXT_LIT(t, "v=0\r\no=- ");
	text_add_u64(t, author->session);
	text_add_char(t, ' ');
	text_add_u64(t, author->version);
	text_add_char(t, ' ');
	add_address(t, author->address);
	TEXT_LIT(t, "s=-\r\nc=");
	add_address(t, author->address);
	text_add(t, span_empty(times) ? SPAN("t=0 0") : times);
	TEXT_LIT(t, "\r\n");
}

/* An answer has the t= line of its offer (RFC 3264 section 6). */
static struct span
times_of(const struct sdp *sdp)
{
	int at = sdp_find(sdp, SDP_SESSION, 't', 0);

	return at < 0 ? SPAN_NONE : sdp->lines[at];
}

static bool
end(struct text *out, size_t mark)
{
	if (!out->overflow)
		return true;
	out->len = mark;
	return false;
}

/* "m=audio 10000/2 RTP/AVP 0 8" */
static void
add_media(struct text *t, const struct sdp_media *media, bool refused)
{
	TEXT_LIT(t, "m=");
	text_add(t, media->kind);
	text_add_char(t, ' ');
	text_add_u64(t, refused ? 0 : media->port);
	if (media->count > 1 && !refused) {
		text_add_char(t, '/');
		text_add_u64(t, media->count);
	}
	text_add_char(t, ' ');
	text_add(t, media->proto);
	if (!span_empty(media->formats))
		text_add_char(t, ' ');
	text_add(t, media->formats);
	TEXT_LIT(t, "\r\n");
}

/* Behind the last of its m-lines that is wanted. */
static struct span
first_media(const struct sdp *sdp, unsigned n)
{
	if (n >= sdp->media_n)
		return sdp->body;
	return span_between(
	    sdp->body.p, sdp->lines[sdp->media[n].first].p);
}

bool
sdp_fit_media_write(
    struct text *out, const struct sdp *given, const struct sdp *session)
{
	size_t mark = out->len;
	unsigned i;

	text_add(out, first_media(given, session->media_n));
	if (session->media_n > given->media_n && out->len > mark &&
	    !out->overflow && out->buf[out->len - 1] != '\n')
		TEXT_LIT(out, "\r\n");
	for (i = given->media_n; i < session->media_n; i++)
		add_media(out, &session->media[i], true);
	return end(out, mark);
}

/* --- the black hole --- */

static bool
is_plain_rtp(const struct sdp_media *media)
{
	return media->port != 0 &&
	       (span_ieq(media->proto, SPAN("RTP/AVP")) ||
		   span_ieq(media->proto, SPAN("RTP/AVPF")));
}

/* What says which codecs the formats are. */
static bool
tells_of_formats(struct span line)
{
	struct span name, value;

	return sdp_attribute_parse(line, &name, &value) &&
	       (span_eq(name, SPAN("rtpmap")) || span_eq(name, SPAN("fmtp")));
}

static void
add_silent_media(struct text *t, const struct sdp *given, int at)
{
	const struct sdp_media *media = &given->media[at];
	unsigned i;

	add_media(t, media, !is_plain_rtp(media));
	if (!is_plain_rtp(media))
		return;
	for (i = media->first + 1; i < media->end; i++) {
		if (!tells_of_formats(given->lines[i]))
			continue;
		text_add(t, given->lines[i]);
		TEXT_LIT(t, "\r\n");
	}
	TEXT_LIT(t, "a=inactive\r\n");
}

bool
sdp_black_hole_write(
    struct text *out, const struct sdp_author *author, const struct sdp *given)
{
	size_t mark = out->len;
	unsigned i;

	add_session(out, author, times_of(given));
	for (i = 0; i < given->media_n; i++)
		add_silent_media(out, given, (int)i);
	return end(out, mark);
}

/* --- the offer --- */

/* Each has a number of its own, so that none is ever given twice. */
static const struct offered {
	unsigned format;
	struct sdp_codec codec;
	struct span fmtp;
} offered[] = {

#define TEXT(literal) { literal, sizeof(literal) - 1 }
#define ROW(format, name, clock, channels, fmtp)                               \
	{ format, { TEXT(name), clock, channels }, TEXT(fmtp) }
	ROW(0, "PCMU", 8000, 1, ""),
	ROW(3, "GSM", 8000, 1, ""),
	ROW(4, "G723", 8000, 1, ""),
	ROW(8, "PCMA", 8000, 1, ""),
	ROW(9, "G722", 8000, 1, ""),
	ROW(13, "CN", 8000, 1, ""),
	ROW(15, "G728", 8000, 1, ""),
	ROW(18, "G729", 8000, 1, "annexb=no"),
	ROW(96, "G726-32", 8000, 1, ""),
	ROW(97, "iLBC", 8000, 1, ""),
	ROW(98, "AMR", 8000, 1, ""),
	ROW(99, "AMR-WB", 16000, 1, ""),
	ROW(101, "telephone-event", 0, 1, "0-15"),
	ROW(111, "opus", 48000, 2, ""),
	ROW(112, "speex", 8000, 1, ""),
#undef ROW
#undef TEXT
};

struct offering {
	unsigned rows[ARRAY_LEN(offered)];
	size_t n;
	/* Of the events; 0: no codec that can carry the media. */
	uint32_t clock;
};

static size_t
find_offered(struct span name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(offered); i++)
		if (span_ieq(name, offered[i].codec.name))
			break;
	return i;
}

bool
sdp_can_offer(struct span name)
{
	return find_offered(name) < ARRAY_LEN(offered);
}

static bool
is_chosen(const struct offering *o, size_t row)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->rows[i] == row)
			return true;
	return false;
}

static void
choose(struct offering *o, struct span name)
{
	size_t row = find_offered(name);
	const struct sdp_codec *codec;

	if (row == ARRAY_LEN(offered) || is_chosen(o, row))
		return;
	o->rows[o->n++] = (unsigned)row;
	codec = &offered[row].codec;
	/* 8 kHz, where anything is offered that has it. */
	if (sdp_codec_is_sound(codec) &&
	    (o->clock == 0 || codec->clock == 8000))
		o->clock = codec->clock;
}

static void
add_codec(struct text *t, const struct offered *row, uint32_t clock)
{
	TEXT_LIT(t, "a=rtpmap:");
	text_add_u64(t, row->format);
	text_add_char(t, ' ');
	text_add(t, row->codec.name);
	text_add_char(t, '/');
	text_add_u64(t, row->codec.clock == 0 ? clock : row->codec.clock);
	if (row->codec.channels > 1) {
		text_add_char(t, '/');
		text_add_u64(t, row->codec.channels);
	}
	TEXT_LIT(t, "\r\n");
	if (span_empty(row->fmtp))
		return;
	TEXT_LIT(t, "a=fmtp:");
	text_add_u64(t, row->format);
	text_add_char(t, ' ');
	text_add(t, row->fmtp);
	TEXT_LIT(t, "\r\n");
}

static void
add_stream(struct text *t, uint16_t port, enum sdp_direction direction,
    const struct offering *o)
{
	size_t i;

	TEXT_LIT(t, "m=audio ");
	text_add_u64(t, port);
	TEXT_LIT(t, " RTP/AVP");
	for (i = 0; i < o->n; i++) {
		text_add_char(t, ' ');
		text_add_u64(t, offered[o->rows[i]].format);
	}
	TEXT_LIT(t, "\r\n");
	for (i = 0; i < o->n; i++)
		add_codec(t, &offered[o->rows[i]], o->clock);
	TEXT_LIT(t, "a=");
	text_add_str(t, sdp_direction_name(direction));
	TEXT_LIT(t, "\r\n");
}

bool
sdp_offer_write(struct text *out, const struct sdp_author *author,
    uint16_t port, enum sdp_direction direction, const struct span *names,
    size_t n)
{
	struct offering offering = { .n = 0 };
	size_t mark = out->len, i;

	for (i = 0; i < n; i++)
		choose(&offering, names[i]);
	if (port == 0 || offering.clock == 0)
		return false;
	add_session(out, author, SPAN_NONE);
	add_stream(out, port, direction, &offering);
	return end(out, mark);
}
