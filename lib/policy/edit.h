/*
 * edit.h - the one gate for every change of an outgoing message
 *
 * Asks the guard, changes the draft, notes before and after in the journal. A
 * change that changes nothing writes nothing.
 */

#ifndef CORDON_POLICY_EDIT_H
#define CORDON_POLICY_EDIT_H

#include "diagnosis/journal.h"
#include "policy/guard.h"
#include "sip/draft.h"

/* What a call has journalled already: a rewrite that repeats in every message
 * is noted only where it differs. All zero is empty; kept by the call, 68
 * bytes. */
#define EDIT_SEEN 16

struct edit_seen {
	uint32_t next;
	uint32_t hash[EDIT_SEEN];
};

struct edit {
	struct sip_draft *draft;
	const struct guard *guard;
	const struct journal *journal; /* NULL: nobody listens */
	struct journal_entry entry; /* call, leg, stage, trunk, message, cseq */
	struct edit_seen *seen;     /* NULL: note everything */
	unsigned changes;
	unsigned vetoes;
	bool identity_noted; /* CLI-IDENTITY-BROKEN, once a message */
};

/* Why a change is made. Spans live until the edit returns. */
struct edit_why {
	enum diagnostic diagnostic;
	struct span rule;   /* "policies/x.conf:12", "builtin:sdp-private" */
	struct span reason; /* one sentence; empty: the catalogue's title */
};

/*
 * Values must be one line and live as long as the draft. True when the draft is
 * now as wanted (also without a change); false after a veto or without room.
 * edit_remove() keeps the order of other fields, their indexes move down.
 */
bool edit_set(struct edit *edit, int field, struct span value,
    const struct edit_why *why);
bool edit_remove(struct edit *edit, int field, const struct edit_why *why);
bool edit_add(struct edit *edit, enum sip_header id, struct span name,
    struct span value, const struct edit_why *why);
bool edit_request_uri(
    struct edit *edit, struct span uri, const struct edit_why *why);

/* One place of a body that a change of it touches: what the journal shows. */
struct edit_part {
	struct span target; /* "sdp.c" */
	struct span before;
	struct span after;
};

/* A body in place of the draft's: one entry a part. */
bool edit_body(struct edit *edit, struct span body,
    const struct edit_part *parts, size_t n, const struct edit_why *why);

/* Notes as a veto what was not even tried, and why; counts it. */
void edit_refuse(struct edit *edit, struct span target, struct span before,
    struct span after, struct span reason, const struct edit_why *why);

/* Notes a diagnosis: nothing is changed. */
void edit_note(struct edit *edit, struct span target, struct span value,
    const struct edit_why *why);
/* The same, of something that was one thing and is now another. */
void edit_note_both(struct edit *edit, struct span target, struct span before,
    struct span after, const struct edit_why *why);
/* Notes that what a rule wants is there already, and stays as it is. */
void edit_keep(struct edit *edit, struct span target, struct span value,
    const struct edit_why *why);

#endif
