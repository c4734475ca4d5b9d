/*
 * overlap.h - two trunks that would claim the same request
 */

#ifndef CORDON_CONFIG_OVERLAP_H
#define CORDON_CONFIG_OVERLAP_H

#include "config/check.h"

/*
 * Notes sources and peers of different trunks that overlap on a listener: an
 * error where they are the same, a warning where one lies inside the other, and
 * then goes first. Trunks that are told apart by tls_names may share them.
 */
void overlap_check(struct check *check);

#endif
