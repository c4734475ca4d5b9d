/*
 * diversion.h - who diverted a call, one chain whatever header tells it
 *
 * Read from Diversion (RFC 5806), from History-Info (RFC 7044, and as RFC 4244
 * had it: the reason escaped in the URI) and from a Request-URI with cause and
 * target (RFC 4458); written as Diversion or as History-Info. Reasons, privacy
 * and counters are mapped as RFC 7544 says.
 */

#ifndef CORDON_IDENTITY_DIVERSION_H
#define CORDON_IDENTITY_DIVERSION_H

#include "identity/identity.h"

#define DIVERSION_MAX     10 /* users in a chain */
#define DIVERSION_STEPS   20 /* diversions that a chain tells of */
#define DIVERSION_URI_MAX 160
/* Bytes of the number in a tel URI, with its parameters: of one that is longer
 * nothing is known. */
#define DIVERSION_USER_MAX 256

/* One user who diverted. One who is not known ("unknown@unknown.invalid") only
 * adds to the counter of the next one; with no next one he stands by himself,
 * without a name, and does not hide. */
struct diversion {
	struct identity_parts who; /* without parameters */
	struct span reason;        /* as Diversion has it; may be empty */
	unsigned counter;    /* he, and unknown ones before him; at least 1 */
	bool hidden;         /* he wishes not to be named */
	bool phone;          /* a telephone number: user=phone */
	struct span privacy; /* as Diversion had it, or empty */
	struct span screen;  /* likewise */
	struct span limit;   /* likewise */
};

struct diversion_chain {
	unsigned n;
	struct diversion list[DIVERSION_MAX]; /* the first one first */
	char uri[DIVERSION_URI_MAX];          /* of RFC 4458's target */
};

/* Do two user parts name one user? Given by a caller that knows number plans;
 * two forms of one number must be the same. */
struct diversion_users {
	bool (*same)(const void *arg, struct span a, struct span b);
	const void *arg;
};

/*
 * Where there are more than DIVERSION_MAX users, the first and the latest stay,
 * and the counter tells of the others. Spans point into the draft, or into the
 * chain itself, which is not copied.
 *
 * What a chain says (diversion_same()) is what it says when it is written, by
 * diversion_add() or diversion_add_history(), and read again: `privacy`, the
 * bits of the message's Privacy, and `users`, who may be NULL, being as before.
 * Values that the draft knows already are not taken apart again.
 */
void diversion_read(struct sip_draft *draft, unsigned privacy,
    struct diversion_chain *chain);
void diversion_read_history(struct sip_draft *draft, unsigned privacy,
    const struct diversion_users *users, struct diversion_chain *chain);
/* RFC 4458: at most one user, none without a target. */
void diversion_read_uri(struct span text, struct diversion_chain *chain);
/* Whoever diverted the call last of all. */
void diversion_push(
    struct diversion_chain *chain, const struct diversion *newest);

/* The cause in a URI that RFC 4458 lists; 0: none. */
unsigned diversion_uri_cause(const struct sip_uri *uri);

/* Does the Privacy of a message hide all who diverted
 * (RFC 7044 section 10.1.2)? */
bool diversion_all_hide(unsigned privacy);

/* Does a value of History-Info say that its user wishes not to be named? */
bool diversion_is_hidden(const struct nameaddr *na);
/* Do the parameters of a value of Diversion? */
bool diversion_privacy_hides(struct span params);

/* A value that stands for somebody unknown whom a counter told of. */
bool diversion_only_counts(const struct sip_uri *uri);

/* Does a received request say that it was diverted? */
bool diversion_is_told(const struct sip_message *msg);

/* The same users in the same order, for the same causes, as often, as
 * hidden. */
bool diversion_same(const struct diversion_chain *a,
    const struct diversion_chain *b, const struct diversion_users *users);
/* The diversions that a chain tells of. */
unsigned diversion_steps(const struct diversion_chain *chain);

/*
 * Appends one value of Diversion. `host` stands where the users' host was,
 * unless it is empty or theirs is of .invalid.
 */
void diversion_add(
    struct text *t, const struct diversion *diversion, struct span host);

/* Appends all of History-Info, comma-separated; the last one is `target`, the
 * Request-URI. */
void diversion_add_history(struct text *t, const struct diversion_chain *chain,
    struct span host, struct span target);

/*
 * The same where History-Info is there and tells the beginning of the chain:
 * its entries as they are, then those that it lacks (RFC 7544 section 3.4).
 * False, and nothing is appended, where that would not tell the chain.
 */
bool diversion_extend_history(struct text *t, struct sip_draft *draft,
    unsigned privacy, const struct diversion_users *users,
    const struct diversion_chain *chain, struct span host, struct span target);

/* Appends its last entry: the Request-URI, in brackets, as History-Info has
 * it. */
void diversion_add_target(struct text *t, struct span target, unsigned cause);

/* The cause of RFC 4458 for a reason of RFC 5806; 404 for others. */
unsigned diversion_cause(struct span reason);
/* The reason for a cause; "unknown" for others. */
struct span diversion_reason(unsigned cause);

#endif
