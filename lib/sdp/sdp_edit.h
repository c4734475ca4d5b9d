/*
 * sdp_edit.h - changes to a session description, applied by one strict writer
 *
 * Changes are collected line by line over a description that was read, then
 * written once. Every byte of every other line is kept, line ends included;
 * lines that are written anew end in CRLF.
 */

#ifndef CORDON_SDP_SDP_EDIT_H
#define CORDON_SDP_SDP_EDIT_H

#include "base/text.h"
#include "sdp/sdp.h"

#define SDP_INSERTS_MAX  32
#define SDP_SCRATCH_SIZE 8192

struct sdp_insert {
	unsigned after; /* index of a line */
	struct span text;
};

struct sdp_edits {
	const struct sdp *sdp;
	unsigned changes; /* 0: the body stays byte for byte what it is */
	bool overflow;    /* no room: nothing may be written */
	uint8_t what[SDP_LINES_MAX];     /* sdp_edit.c knows */
	struct span text[SDP_LINES_MAX]; /* of replaced lines */
	unsigned inserts_n;
	struct sdp_insert inserts[SDP_INSERTS_MAX];
	struct text scratch;
	char scratch_buf[SDP_SCRATCH_SIZE];
};

void sdp_edit_begin(struct sdp_edits *edits, const struct sdp *sdp);

/* The text of a line as it is by now; empty when it was deleted. */
struct span sdp_edit_line(const struct sdp_edits *edits, unsigned line);

/*
 * Each is refused (false, nothing changed) when the description would lose
 * what it must have: v=, o=, s=, t= and m= lines are never deleted, v=, o= and
 * m= never inserted; an m= line keeps its kind; a line keeps its type; text is
 * one line "x=..." without control bytes. Text must live as long as the edits.
 * Inserts behind the same line keep their order.
 */
bool sdp_edit_replace(
    struct sdp_edits *edits, unsigned line, struct span text);
bool sdp_edit_delete(struct sdp_edits *edits, unsigned line);
bool sdp_edit_insert(
    struct sdp_edits *edits, unsigned after, struct span text);

/* Text that lives as long as the edits: write into &edits->scratch between
 * mark and keep. On overflow the span is empty and edits->overflow is set. */
size_t sdp_edit_mark(const struct sdp_edits *edits);
struct span sdp_edit_keep(struct sdp_edits *edits, size_t mark);

/*
 * *result is the body to send: the one that was read when nothing changed,
 * else what was appended to `out`. False when there was no room, or when the
 * result does not read as a description with the same m-lines: send neither
 * then.
 */
bool sdp_edit_write(const struct sdp_edits *edits, struct text *out,
    struct span *result);

/* Tells of one change, for the journal. `target` is "sdp.c", "sdp.o",
 * "sdp.media[0].c", ".rtcp", ".candidate", ".formats" or ".direction"; it
 * and the values are only good for the time of the call. An empty `after`:
 * deleted. */
struct sdp_changed {
	void (*told)(void *arg, struct span target, struct span before,
	    struct span after);
	void *arg;
};

/* What sdp_replace_addresses() looks for and what it puts there. */
struct sdp_replacement {
	/* True for an address to be replaced. */
	bool (*wanted)(void *arg, const struct address *ip);
	void *arg;
	const struct address *with;
	bool keep_candidates; /* else those with a wanted address are deleted */
};

/*
 * Replaces addresses in c=, o= and a=rtcp of the session and of every media,
 * also of those with port 0. The address type follows; ports, m= lines and the
 * version of o= stay. 0.0.0.0 and :: mean hold and are never replaced; names
 * stay. Lines a=candidate and a=remote-candidates with such an address
 * (candidates also with a .local name) are deleted: they cannot be right any
 * more. Returns the number of changes; `changed` may be NULL.
 */
unsigned sdp_replace_addresses(struct sdp_edits *edits,
    const struct sdp_replacement *how, const struct sdp_changed *changed);

/* The same for private addresses (rows TWI-26 and BWC-21). */
unsigned sdp_replace_private(struct sdp_edits *edits,
    const struct address *with, bool keep_candidates,
    const struct sdp_changed *changed);

/* Sets the direction of one media, once in a set of edits. True when it is
 * now as wanted. */
bool sdp_set_direction(struct sdp_edits *edits, int media,
    enum sdp_direction direction, const struct sdp_changed *changed);

/* Sets the direction of every media that is not off: for SDP_INACTIVE, what
 * parks a call with all its ports kept. */
bool sdp_set_directions(struct sdp_edits *edits, enum sdp_direction direction,
    const struct sdp_changed *changed);

/*
 * Gives one media another form of hold, once in a set of edits and not beside
 * sdp_set_direction(). SDP_HOLD_ADDRESS: 0.0.0.0 or :: as the media's address,
 * and sendrecv. Others: the direction, and `address` where the media has
 * 0.0.0.0 or :: now. The session's lines stay, for other media. False, and
 * nothing changed, for SDP_HOLD_OFF and a media that is off, and when
 * `address` is needed and is none. (On overflow nothing may be written.)
 */
bool sdp_set_hold(struct sdp_edits *edits, int media, enum sdp_hold form,
    const struct address *address, const struct sdp_changed *changed);

/*
 * Writes the o= line anew: user (empty: "-"), session, address type and address
 * as in `as`, and that version (RFC 3264 section 8). False, and nothing
 * changed, when there is no o= line or a field of `as` is empty or has a blank
 * (the user may).
 */
bool sdp_set_origin(
    struct sdp_edits *edits, const struct sdp_origin *as, uint64_t version);

#endif
