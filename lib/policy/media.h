/*
 * media.h - what policies do to a session description
 */

#ifndef CORDON_POLICY_MEDIA_H
#define CORDON_POLICY_MEDIA_H

#include "policy/edit.h"
#include "policy/policy.h"
#include "sdp/sdp_edit.h"

/* Cuts the next line off, without its end. */
bool media_line_next(struct span *rest, struct span *line);
/* Same m-lines by kind of media, number and order. Bodies that hold none are
 * the same. */
bool media_same_lines(struct span before, struct span after);

/* Changes beyond these are made all the same, and not told one by one. */
#define MEDIA_PARTS      16
#define MEDIA_PARTS_TEXT 2048

/* The SDP of a draft while it is being changed. Large, for the stack. */
struct media_change {
	struct sip_draft *draft;
	struct sdp sdp;
	struct sdp_edits edits;
	struct span body; /* of the part that is SDP */
	size_t n;
	struct edit_part part[MEDIA_PARTS];
	struct text text;
	char buf[MEDIA_PARTS_TEXT];
};

/* False when the draft has no SDP that can be read. */
bool media_change_begin(struct media_change *change, struct sip_draft *draft);
/* What the journal is to show of one change: texts are copied. `arg` is the
 * struct media_change. */
void media_change_told(
    void *arg, struct span target, struct span before, struct span after);
/* Puts the changed SDP into the draft. False after a veto or without room. */
bool media_change_commit(struct media_change *change, struct edit *edit,
    const struct edit_why *why);

#define MEDIA_CODECS_MAX 32

/* Only codecs of these names stay on the media lines. */
void media_keep_codecs(struct edit *edit, const char *const *names, size_t n,
    struct span rule);

/* What a trunk wants; in the order of the setting's choices. */
enum media_srtp { MEDIA_SRTP_AS_RECEIVED, MEDIA_SRTP_REQUIRED, MEDIA_SRTP_OFF };

/* Does the offer in the draft suit it? Where it does not the journal says so,
 * and the result is false if it may be refused. Keys that a trunk without SRTP
 * has no use for are taken off lines that can do without. */
bool media_check_srtp(struct edit *edit, enum media_srtp wanted, bool may_refuse,
    struct span rule, struct policy_refusal *refusal);

/* Row TWI-26: private addresses of the draft's SDP become the trunk's. */
void media_replace_private(
    struct edit *edit, const struct policy_trunk *trunk, struct span rule);

#endif
