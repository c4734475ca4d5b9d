/*
 * duration.h - time as people write it: "500ms", "1.5s", "5m", "1h"
 */

#ifndef CORDON_CONFIG_DURATION_H
#define CORDON_CONFIG_DURATION_H

#include "base/text.h"

/* Up to three decimals; whole milliseconds. False for anything else. */
bool duration_parse(struct span s, uint64_t *ms);

/* In the largest unit that needs no fraction. */
void duration_add(struct text *t, uint64_t ms);

#endif
