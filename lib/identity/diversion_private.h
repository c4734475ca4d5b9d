/*
 * diversion_private.h - inside of diversion, shared by its two files
 */

#ifndef CORDON_IDENTITY_DIVERSION_PRIVATE_H
#define CORDON_IDENTITY_DIVERSION_PRIVATE_H

#include "identity/diversion.h"

bool diversion_cause_known(unsigned cause);

/* False when the value names nobody who could be written again. */
bool diversion_who(const struct nameaddr *na, struct diversion *out);

/* Cuts the counters to DIVERSION_STEPS in all; the latest keep theirs. */
void diversion_limit(struct diversion_chain *chain);

#endif
