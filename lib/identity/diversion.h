/*
 * diversion.h - who diverted a call, one chain whatever header tells it
 *
 * Read from Diversion (RFC 5806), from History-Info (RFC 7044, and as RFC 4244
 * had it: the reason escaped in the URI) and from a Request-URI with cause and
 * target (RFC 4458); written as Diversion or as History-Info. Reasons, privacy and
 * counters are mapped as RFC 7544 says.
 */

#ifndef CORDON_IDENTITY_DIVERSION_H
#define CORDON_IDENTITY_DIVERSION_H

#include "identity/identity.h"

#define DIVERSION_MAX     10 /* users in a chain */
#define DIVERSION_STEPS   20 /* diversions that a chain tells of */
#define DIVERSION_URI_MAX 160

/* One user who diverted. */
struct diversion {
	struct identity_parts who; /* without parameters */
	struct span reason;        /* as Diversion has it; may be empty */
	unsigned counter;    /* he, and unknown ones before him; at least 1 */
	bool hidden;         /* he wishes not to be named */
	struct span privacy; /* as Diversion had it, or empty */
	struct span screen;  /* likewise */
	struct span limit;   /* likewise */
};

struct diversion_chain {
	unsigned n;
	struct diversion list[DIVERSION_MAX]; /* the first one first */
	char uri[DIVERSION_URI_MAX];          /* of RFC 4458's target */
};

/*
 * Where there are more than DIVERSION_MAX users, the first and the latest stay,
 * and the counter tells of the others. Spans point into the draft, or into the
 * chain itself, which is not copied.
 */
void diversion_read(
    const struct sip_draft *draft, struct diversion_chain *chain);
/* `privacy` are the bits of the message's Privacy. */
void diversion_read_history(const struct sip_draft *draft, unsigned privacy,
    struct diversion_chain *chain);
/* RFC 4458: at most one user, none without a target. */
void diversion_read_uri(struct span uri, struct diversion_chain *chain);
/* Whoever diverted the call last of all. */
void diversion_push(
    struct diversion_chain *chain, const struct diversion *newest);

/* A cause that RFC 4458 lists is in the Request-URI. */
bool diversion_uri_has_cause(const struct sip_uri *uri);

/* Does a value of History-Info say that its user wishes not to be named? */
bool diversion_is_hidden(const struct nameaddr *na);

/* An entry of History-Info that stands for somebody unknown whom a counter told
 * of. */
bool diversion_only_counts(const struct sip_uri *uri);

/* Does a received request say that it was diverted? */
bool diversion_is_told(const struct sip_message *msg);

/* The same users in the same order, for the same causes, as often, as hidden. */
bool diversion_same(
    const struct diversion_chain *a, const struct diversion_chain *b);
/* The diversions that a chain tells of. */
unsigned diversion_steps(const struct diversion_chain *chain);

/*
 * Appends one value of Diversion. `host` stands where the users' host was, unless
 * it is empty or theirs is of .invalid.
 */
void diversion_add(
    struct text *t, const struct diversion *diversion, struct span host);

/* Appends all of History-Info, comma-separated; the last one is `target`, the
 * Request-URI. */
void diversion_add_history(struct text *t, const struct diversion_chain *chain,
    struct span host, struct span target);

/* The cause of RFC 4458 for a reason of RFC 5806; 404 for others. */
unsigned diversion_cause(struct span reason);
/* The reason for a cause; "unknown" for others. */
struct span diversion_reason(unsigned cause);

#endif
