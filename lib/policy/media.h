/*
 * media.h - what policies do to a session description
 */

#ifndef CORDON_POLICY_MEDIA_H
#define CORDON_POLICY_MEDIA_H

#include "policy/edit.h"
#include "policy/policy.h"

/* Same m-lines by kind of media, number and order. Bodies that hold none are
 * the same. */
bool media_same_lines(struct span before, struct span after);

/* Row TWI-26: private addresses of the draft's SDP become the trunk's. */
void media_replace_private(
    struct edit *edit, const struct policy_trunk *trunk, struct span rule);

#endif
