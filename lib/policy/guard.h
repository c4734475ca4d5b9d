/*
 * guard.h - the egress invariants: what no policy may break
 *
 * A snapshot of the draft is taken when the core has built it and before the
 * first policy sees it. Each edit is judged against it, and the whole once more
 * before sending (rows TWI-14, TWI-15, TWI-16).
 */

#ifndef CORDON_POLICY_GUARD_H
#define CORDON_POLICY_GUARD_H

#include "base/span.h"
#include "number/number.h"
#include "sip/draft.h"

struct guard {
	bool in_dialog;   /* From, To and Request-URI are the dialog's */
	bool emergency;   /* the dialled number stays as it is */
	struct span uri;  /* as built */
	struct span from; /* likewise; empty where a response echoes it */
	struct span to;
	struct span from_tag;
	struct span to_tag;
	struct span body;
	unsigned fields_n; /* dialog fields as built */
	uint64_t fields;   /* digest: which ones, in order, where their text is */
};

/*
 * Takes the snapshot. `in_dialog`: every response, ACK, BYE, CANCEL and request
 * inside a dialog. `plan` (may be NULL) tells emergency numbers of the caller.
 * The core keeps the draft's texts unchanged until guard_check().
 */
void guard_begin(struct guard *guard, const struct sip_draft *draft,
    bool in_dialog, const struct number_plan *plan);

enum guard_verb {
	GUARD_SET,
	GUARD_REMOVE,
	GUARD_ADD,
	GUARD_REQUEST_URI,
	GUARD_BODY
};

/* One change that somebody wants. */
struct guard_change {
	enum guard_verb verb;
	enum sip_header id;   /* SET, REMOVE, ADD */
	struct span name;     /* likewise */
	enum sip_owner owner; /* of the field as it is; SET, REMOVE */
	struct span before;
	struct span after;
};

/* NULL: allowed. Else the sentence that says which invariant forbids it. */
const char *guard_judge(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change);

/* The last look at a whole draft: false, and why, when it must not be sent. */
bool guard_check(const struct guard *guard, struct sip_draft *draft,
    const char **reason);

/* Headers that no policy changes: the transaction's, the dialog's, and
 * Content-Length. From and To are not among them: only their tags are. */
bool guard_owns_header(enum sip_header id);

/* The invariants, for tests and people: NULL at the end. */
const char *guard_invariant_name(size_t i);
const char *guard_invariant_text(size_t i);

#endif
