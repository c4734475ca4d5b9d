/*
 * sdp_target.h - the name of a changed place; for the files of this directory
 */

#ifndef CORDON_SDP_SDP_TARGET_H
#define CORDON_SDP_SDP_TARGET_H

#include "sdp/sdp_edit.h"

struct sdp_target {
	char buf[64];
};

/* "sdp.c", "sdp.media[0].c" */
static inline struct span
sdp_target(struct sdp_target *target, int media, const char *part)
{
	struct text t = text_over(target->buf, sizeof(target->buf));

	TEXT_LIT(&t, "sdp.");
	if (media != SDP_SESSION) {
		TEXT_LIT(&t, "media[");
		text_add_u64(&t, (uint64_t)media);
		TEXT_LIT(&t, "].");
	}
	text_add_str(&t, part);
	return text_span(&t);
}

static inline void
sdp_tell(const struct sdp_changed *changed, struct span target,
    struct span before, struct span after)
{
	if (changed != NULL)
		changed->told(changed->arg, target, before, after);
}

#endif
