/*
 * diversion_private.h - inside of diversion, shared by its two files
 */

#ifndef CORDON_IDENTITY_DIVERSION_PRIVATE_H
#define CORDON_IDENTITY_DIVERSION_PRIVATE_H

#include "identity/diversion.h"

bool diversion_cause_known(unsigned cause);

/* False when the value names nobody who could be written again. */
bool diversion_who(const struct nameaddr *na, struct diversion *out);
bool diversion_is_nobody(const struct diversion *diversion);

bool diversion_same_user(
    const struct diversion_users *users, struct span a, struct span b);
bool diversion_same_who(const struct diversion_users *users,
    const struct identity_parts *a, const struct identity_parts *b);

/* Where the next entry of History-Info goes: below `base`, and which
 * entry its mp names there. */
struct diversion_place {
	struct span base, parent; /* parent: empty where nothing is known */
	unsigned depth;
};

/* Appends the entries from `first` on, which was diverted to for `cause`, or
 * for none that is told (0), and the Request-URI. */
void diversion_add_entries(struct text *t, const struct diversion_chain *chain,
    unsigned first, unsigned cause, struct span host, struct span target,
    struct diversion_place place);

/* Ends a chain that was read: the first one is first, `unknown` more came
 * behind the last one, for `reason`. */
void diversion_finish(struct diversion_chain *chain, unsigned privacy,
    unsigned unknown, struct span reason);

#endif
