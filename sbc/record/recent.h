/*
 * recent.h - the last INVITEs as they came, for `cordon replay --ring`
 *
 * So much memory and no more: the oldest make room. Credentials and media keys
 * are masked, in place, before anything is kept.
 */

#ifndef CORDON_RECORD_RECENT_H
#define CORDON_RECORD_RECENT_H

#include "base/address.h"
#include "sip/message.h"

#define RECENT_MESSAGE_MAX 49152 /* longer ones are not kept */

struct recent;

struct recent_invite {
	uint64_t number; /* the first since the start is 1 */
	uint64_t time;   /* microseconds since 1970 */
	struct address from, to; /* sender, and our listener */
	bool stream;
	struct span trunk;
	struct span bytes;
};

/* `size` in bytes; NULL without memory. */
struct recent *recent_create(size_t size);
void recent_destroy(struct recent *recent); /* NULL is allowed */

/* Keeps a copy of `msg`, which is what `invite->bytes` is taken from. */
void recent_add(struct recent *recent, const struct recent_invite *invite,
    const struct sip_message *msg);

/*
 * One after the other, the oldest first; *at is 0 at first and ours
 * to count. What was overwritten in between is left out. Spans live
 * until the next recent_add().
 */
bool recent_next(
    const struct recent *recent, uint64_t *at, struct recent_invite *out);

#endif
