/*
 * trail.h - journal entries of one call, each as what differs from the one
 * before
 *
 * The entries of a call say much the same: its trunks, its messages, a value
 * before and after a change. A third to a half of their packed form is left.
 */

#ifndef CORDON_DIAGNOSIS_TRAIL_H
#define CORDON_DIAGNOSIS_TRAIL_H

#include "diagnosis/journal.h"

/* Appends `entry`, whose spans are no longer than JOURNAL_VALUE_MAX; `last` is
 * the one that stands before it, or NULL: it then reads without that one. Bytes
 * appended; JOURNAL_PACK_MAX always suffices. */
size_t trail_add(struct text *t, const struct journal_entry *last,
    const struct journal_entry *entry);

/* Reads the entry that `buf` begins with: bytes read, 0 when broken or when
 * `out` has no room. Its texts go into `out`, which may not be that of
 * `last`. */
size_t trail_read(struct span buf, const struct journal_entry *last,
    struct text *out, struct journal_entry *entry);

#endif
