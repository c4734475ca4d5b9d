/*
 * sdp_codec.h - what the formats of an m= line stand for, and which may stay
 */

#ifndef CORDON_SDP_SDP_CODEC_H
#define CORDON_SDP_SDP_CODEC_H

#include "sdp/sdp_edit.h"

struct sdp_codec {
	struct span name; /* "PCMU" */
	uint32_t clock;
	uint32_t channels;
};

/* By its a=rtpmap line, else by the static numbers of RFC 3551. */
bool sdp_codec_find(const struct sdp *sdp, int media, struct span format,
    struct sdp_codec *codec);

/* telephone-event, CN and RED carry nothing without another codec. */
bool sdp_codec_is_sound(const struct sdp_codec *codec);

/*
 * Takes every RTP format off the m= line whose codec is not in `names`
 * ("PCMU", case ignored), with its a=rtpmap, a=fmtp and a=rtcp-fb lines. Order
 * and numbers of the rest stay. False, and nothing changed, when no codec
 * would be left that can carry the media. A media of another transport, or
 * with port 0, is left alone.
 */
bool sdp_keep_codecs(struct sdp_edits *edits, int media,
    const struct span *names, size_t n, const struct sdp_changed *changed);

#endif
