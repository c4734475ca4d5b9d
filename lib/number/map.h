/*
 * map.h - a file that has a number for a number
 *
 * A line: "+442079460000 +442079460123  # comment". No number is both on the
 * right and, with another one, on the left: a result that is looked up again
 * stays.
 */

#ifndef CORDON_NUMBER_MAP_H
#define CORDON_NUMBER_MAP_H

#include "base/problem.h"
#include "base/span.h"

struct number_map;

/* NULL when the file cannot be read or a line is wrong; all problems are noted,
 * with file:line. */
struct number_map *number_map_load(const char *file, struct problems *problems);
struct number_map *number_map_load_text(
    struct span text, const char *file, struct problems *problems);
void number_map_free(struct number_map *map); /* NULL is allowed */

/* The number for `digits` (E.164 without plus), with its plus; it lives as long
 * as the map. False when there is none. */
bool number_map_find(
    const struct number_map *map, struct span digits, struct span *out);

#endif
