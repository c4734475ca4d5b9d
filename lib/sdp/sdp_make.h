/*
 * sdp_make.h - session descriptions that nobody sent: offers and answers of our
 * own (RFC 3264, RFC 8866)
 *
 * Each is appended to `out` and reads with sdp_read(). False, and nothing
 * appended, when it does not fit.
 */

#ifndef CORDON_SDP_SDP_MAKE_H
#define CORDON_SDP_SDP_MAKE_H

#include "base/text.h"
#include "sdp/sdp.h"

/* Who speaks: of the o= and the c= line. */
struct sdp_author {
	uint64_t session;
	uint64_t version;
	const struct address *address; /* with a family; its port is not used */
};

/* A codec that sdp_offer_write() knows. */
bool sdp_can_offer(struct span name);

/*
 * An offer of one audio stream, for a call whose INVITE had none. Codecs are
 * named ("PCMU", "opus", "telephone-event", case ignored) and offered in that
 * order; a name that is not known, or comes again, is passed over. Events get
 * the clock of a codec beside them. False also when no codec is left that can
 * carry the media, and for port 0.
 */
bool sdp_offer_write(struct text *out, const struct sdp_author *author,
    uint16_t port, enum sdp_direction direction, const struct span *names,
    size_t n);

/*
 * A description that has the m-lines of `given`, with their ports and formats,
 * all inactive: an answer to an offer, or an offer by its pattern, where nobody
 * is there to hear. Plain RTP only: other transports, whose keys or session
 * nobody has, get port 0.
 */
bool sdp_black_hole_write(
    struct text *out, const struct sdp_author *author, const struct sdp *given);

/*
 * `given` with as many m-lines as `session` has: those that it lacks are added
 * with port 0 (RFC 3264 section 8: a session never gets fewer), those that it
 * has more are left out, which only an answer may do that refuses them. Byte
 * for byte `given` in everything else.
 */
bool sdp_fit_media_write(
    struct text *out, const struct sdp *given, const struct sdp *session);

#endif
