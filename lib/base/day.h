/*
 * day.h - days as people write them: YYYY-MM-DD
 */

#ifndef CORDON_BASE_DAY_H
#define CORDON_BASE_DAY_H

#include "base/text.h"

/* Days since 1970 of "2026-11-21", from 1970 to 9999. False when it is no day;
 * `*out` is then untouched. */
bool day_parse(struct span s, int32_t *out);

/* Appends the day as YYYY-MM-DD. */
void day_add(struct text *t, int32_t day);

#endif
