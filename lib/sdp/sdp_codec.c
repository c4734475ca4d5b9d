#include "sdp/sdp_codec.h"

#include "base/container.h"
#include "sdp/sdp_target.h"

/* RFC 3551 section 6. */
static const struct static_codec {
	struct span format;
	struct sdp_codec codec;
} static_codecs[] = {

#define ROW(number, name, clock, channels)                                     \
	{                                                                      \
		{ number, sizeof(number) - 1 },                                \
		{                                                              \
			{ name, sizeof(name) - 1 }, clock, channels            \
		}                                                              \
	}
	ROW("0", "PCMU", 8000, 1),
	ROW("3", "GSM", 8000, 1),
	ROW("4", "G723", 8000, 1),
	ROW("5", "DVI4", 8000, 1),
	ROW("6", "DVI4", 16000, 1),
	ROW("7", "LPC", 8000, 1),
	ROW("8", "PCMA", 8000, 1),
	ROW("9", "G722", 8000, 1),
	ROW("10", "L16", 44100, 2),
	ROW("11", "L16", 44100, 1),
	ROW("12", "QCELP", 8000, 1),
	ROW("13", "CN", 8000, 1),
	ROW("14", "MPA", 90000, 1),
	ROW("15", "G728", 8000, 1),
	ROW("16", "DVI4", 11025, 1),
	ROW("17", "DVI4", 22050, 1),
	ROW("18", "G729", 8000, 1),
	ROW("25", "CelB", 90000, 1),
	ROW("26", "JPEG", 90000, 1),
	ROW("28", "nv", 90000, 1),
	ROW("31", "H261", 90000, 1),
	ROW("32", "MPV", 90000, 1),
	ROW("33", "MP2T", 90000, 1),
	ROW("34", "H263", 90000, 1),
#undef ROW
};

static bool
find_static(struct span format, struct sdp_codec *codec)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(static_codecs); i++) {
		if (span_eq(static_codecs[i].format, format)) {
			*codec = static_codecs[i].codec;
			return true;
		}
	}
	return false;
}

/* "PCMU/8000", "opus/48000/2" */
static bool
parse_codec(struct span s, struct sdp_codec *codec)
{
	struct span clock, channels;

	codec->name = span_cut(span_trim(s), '/', &clock);
	clock = span_cut(clock, '/', &channels);
	if (!span_to_u32(clock, UINT32_MAX, &codec->clock))
		codec->clock = 0;
	if (!span_to_u32(channels, UINT32_MAX, &codec->channels))
		codec->channels = 1;
	return !span_empty(codec->name);
}

bool
sdp_codec_find(const struct sdp *sdp, int media, struct span format,
    struct sdp_codec *codec)
{
	struct span value, number;
	int i = -1;

	while ((i = sdp_find_attribute(sdp, media, SPAN("rtpmap"),
		    (unsigned)(i + 1), &value)) >= 0) {
		if (sdp_field_next(&value, &number) &&
		    span_eq(number, format) && parse_codec(value, codec))
			return true;
	}
	return find_static(format, codec);
}

bool
sdp_codec_is_sound(const struct sdp_codec *codec)
{
	return !span_ieq(codec->name, SPAN("telephone-event")) &&
	       !span_ieq(codec->name, SPAN("CN")) &&
	       !span_ieq(codec->name, SPAN("red"));
}

/* --- the filter --- */

struct filter {
	struct sdp_edits *edits;
	int media;
	const struct span *names;
	size_t names_n;
	struct span dropped[SDP_FORMATS_MAX];
	size_t dropped_n;
};

static bool
is_listed(const struct filter *f, const struct sdp_codec *codec)
{
	size_t i;

	for (i = 0; i < f->names_n; i++)
		if (span_ieq(f->names[i], codec->name))
			return true;
	return false;
}

static bool
is_dropped(const struct filter *f, struct span format)
{
	size_t i;

	for (i = 0; i < f->dropped_n; i++)
		if (span_eq(f->dropped[i], format))
			return true;
	return false;
}

/* Writes the formats that stay; true when one of them can carry the media. */
static bool
write_formats(struct filter *f, struct span formats, struct text *t)
{
	size_t mark = t->len;
	struct sdp_codec codec;
	struct span format;
	bool sound = false;

	while (sdp_field_next(&formats, &format)) {
		if (!sdp_codec_find(f->edits->sdp, f->media, format, &codec) ||
		    !is_listed(f, &codec)) {
			f->dropped[f->dropped_n++] = format;
			continue;
		}
		if (t->len > mark)
			text_add_char(t, ' ');
		text_add(t, format);
		sound = sound || sdp_codec_is_sound(&codec);
	}
	return sound;
}

static void
drop_attributes(struct filter *f)
{
	const struct sdp_media *media = &f->edits->sdp->media[f->media];
	struct span name, value, format;
	unsigned i;

	for (i = media->first + 1; i < media->end; i++) {
		if (!sdp_attribute_parse(
			sdp_edit_line(f->edits, i), &name, &value) ||
		    !sdp_field_next(&value, &format))
			continue;
		if ((span_eq(name, SPAN("rtpmap")) ||
			span_eq(name, SPAN("fmtp")) ||
			span_eq(name, SPAN("rtcp-fb"))) &&
		    is_dropped(f, format))
			sdp_edit_delete(f->edits, i);
	}
}

/* sdp_media_parse() has seen that there are no more formats than `dropped` can
 * hold. */
static bool
filter_formats(struct filter *f, struct span line, struct sdp_media *media,
    const struct sdp_changed *changed)
{
	struct text *t = &f->edits->scratch;
	size_t mark = sdp_edit_mark(f->edits), at;
	struct sdp_target target;
	struct span text, left;

	text_add(t, span_between(line.p, media->formats.p));
	at = t->len;
	if (!write_formats(f, media->formats, t)) {
		t->len = mark;
		return false;
	}
	left = text_since(t, at);
	text = sdp_edit_keep(f->edits, mark);
	if (f->dropped_n == 0)
		return true;
	if (span_empty(text) || !sdp_edit_replace(f->edits, media->first, text))
		return false;
	drop_attributes(f);
	sdp_tell(changed, sdp_target(&target, f->media, "formats"),
	    media->formats, left);
	return true;
}

bool
sdp_keep_codecs(struct sdp_edits *edits, int media, const struct span *names,
    size_t n, const struct sdp_changed *changed)
{
	struct sdp_media m = edits->sdp->media[media];
	struct span line = sdp_edit_line(edits, m.first);
	struct filter f = {
		.edits = edits, .media = media, .names = names, .names_n = n
	};

	if (!sdp_media_parse(line, &m) || m.port == 0 ||
	    span_find_span(m.proto, SPAN("RTP/")) < 0)
		return true;
	return filter_formats(&f, line, &m, changed);
}
