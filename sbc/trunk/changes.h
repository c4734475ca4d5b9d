/*
 * changes.h - what a reload changes, in words
 */

#ifndef CORDON_TRUNK_CHANGES_H
#define CORDON_TRUNK_CHANGES_H

#include "trunk/trunk.h"

/* Notes each difference between two snapshots: of the configurations, of
 * the text of policies that keep their file, and of the inventory.
 * Returns how many there are. */
size_t changes_note(const struct trunks *now, const struct trunks *next,
    struct problems *problems);

#endif
