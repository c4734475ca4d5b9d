/*
 * codecs.h - what a trunk offers by itself (RFC 3264)
 */

#ifndef CORDON_TRUNK_CODECS_H
#define CORDON_TRUNK_CODECS_H

#include "base/problem.h"
#include "sdp/sdp_make.h"
#include "trunk/trunk.h"

/* Where our own descriptions say that media goes. */
const struct address *trunk_media_address(const struct trunk *trunk);

/*
 * Appends an offer of the trunk's codecs. No media port is ours: it names the
 * discard port, and nothing is to be sent there. False, and nothing appended,
 * when it does not fit.
 */
bool trunk_write_offer(
    const struct trunk *trunk, uint64_t session, struct text *out);

/* False, with the problem told, when its codecs make no offer. */
bool trunk_check_codecs(const struct trunk *trunk, const struct config *config,
    struct problems *problems);

#endif
