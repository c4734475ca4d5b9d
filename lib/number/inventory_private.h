/*
 * inventory_private.h - how an inventory lies in memory
 */

#ifndef CORDON_NUMBER_INVENTORY_PRIVATE_H
#define CORDON_NUMBER_INVENTORY_PRIVATE_H

#include "number/inventory.h"

#define RANGE_NONE     UINT32_MAX
#define INVENTORY_STEP 16

/* 24 bytes a line: a million of them is what a large carrier has. */
struct range {
	uint64_t first;
	uint32_t count;
	uint32_t line;
	uint32_t facts; /* index */
	uint32_t label; /* offset in `strings` */
};

/* What many lines have in common. */
struct facts {
	uint32_t owner; /* offset in `strings` */
	uint32_t file;  /* likewise */
	int32_t verified;
	int32_t expires;
};

/* Values of facts.verified besides a day. */
#define VERIFIED_UNSAID 0
#define VERIFIED_YES    (-1)
#define VERIFIED_NO     (-2)

struct inventory {
	unsigned references;
	struct range *ranges; /* sorted by first, the wider before the narrower */
	size_t n, room;
	uint64_t *steps; /* `first` of each INVENTORY_STEP-th range */
	size_t steps_n;
	/* For each range the one before it that reaches further, where numbers
	 * behind its end may still be. NULL: no two ranges overlap. */
	uint32_t *outer;
	struct facts *facts;
	size_t facts_n, facts_room;
	char *strings; /* each ends in NUL; the first is empty */
	size_t strings_n, strings_room;
	uint32_t *owners; /* offsets */
	size_t owners_n;
	uint64_t digest;
};

static inline uint64_t
range_last(const struct range *range)
{
	return range->first + range->count - 1;
}

static inline struct span
inventory_string(const struct inventory *inventory, uint32_t offset)
{
	return span_of(inventory->strings + offset);
}

/* Reads 1 to 15 digits without a leading zero. */
bool inventory_read_number(struct span digits, uint64_t *out);

/* Of the problems of one load: so many are told, the others are counted. */
struct report {
	struct problems *problems;
	size_t told, warnings, errors; /* the latter two: not told */
	size_t found_errors;
};

void report_add(struct report *report, enum problem_level level,
    const char *file, uint32_t line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Sorts, drops duplicates, finds overlaps. False without memory. */
bool inventory_index(struct inventory *inventory, struct report *report);

#endif
