/*
 * inventory.h - the numbers that are ours: which, whose, verified, until when
 *
 * Files of lines such as
 *
 *	+442079460000..+442079460099 owner=acme label="London, front desk"
 *	+442079460100-99 verified=2026-03-01 expires=2027-03-01  # the last digits
 *	+15125550100 verified=no
 *
 * A range inside a range is the more precise word. An entry that names no owner
 * belongs to who the file is called after ("acme.numbers": acme). A snapshot
 * never changes once loaded; its references are counted by one thread.
 */

#ifndef CORDON_NUMBER_INVENTORY_H
#define CORDON_NUMBER_INVENTORY_H

#include "base/problem.h"
#include "base/span.h"
#include "base/text.h"

#define INVENTORY_RANGE_MAX    1000000 /* numbers in one range */
#define INVENTORY_PROBLEMS_MAX 100     /* that are shown of one load */

struct inventory;

enum inventory_verified {
	INVENTORY_UNSAID,
	INVENTORY_VERIFIED,
	INVENTORY_NOT_VERIFIED
};

/* One line of a file. Spans live as long as the inventory. */
struct inventory_entry {
	uint64_t first, last; /* E.164 read as a decimal */
	struct span file;
	uint32_t line;
	struct span owner;
	struct span label; /* may be empty */
	enum inventory_verified verified;
	int32_t verified_on; /* days since 1970; 0: not said */
	int32_t expires;     /* the last good day; 0: never */
};

/*
 * Reads files into one inventory. NULL when one of them has an error; all
 * problems are noted, the first INVENTORY_PROBLEMS_MAX of them in words,
 * the others as a number. What expired before `today` (days since 1970,
 * 0: not looked at) is warned of once. Costs about 1 us a line and no
 * global state: any thread may.
 */
struct inventory *inventory_load(const char *const *files, size_t n,
    int64_t today, struct problems *problems);
/* The same from memory; `file` is what problems and entries call it. */
struct inventory *inventory_load_text(struct span text, const char *file,
    int64_t today, struct problems *problems);
struct inventory *inventory_ref(struct inventory *inventory);
void inventory_unref(struct inventory *inventory); /* NULL is allowed */

size_t inventory_entries(const struct inventory *inventory);
/* The same for two means that they hold the same, from the same lines. */
uint64_t inventory_digest(const struct inventory *inventory);
size_t inventory_bytes(const struct inventory *inventory); /* of memory */

/* The owners, each once, in the order of the files; NULL behind the last. */
const char *inventory_owner_at(const struct inventory *inventory, size_t i);

/* `digits` is E.164 without the plus; separators are not read. */

/* The most precise entry that has the number. */
bool inventory_find(const struct inventory *inventory, struct span digits,
    struct inventory_entry *out);

/* The entries next to a number that is in none, as numbers are sorted in a
 * directory: +4420 stands between +441 and +443. */
bool inventory_find_below(const struct inventory *inventory,
    struct span digits, struct inventory_entry *out);
bool inventory_find_above(const struct inventory *inventory,
    struct span digits, struct inventory_entry *out);

enum inventory_verdict {
	INVENTORY_OWNED,
	INVENTORY_UNKNOWN,    /* in no entry */
	INVENTORY_OF_OTHERS,  /* of another owner */
	INVENTORY_EXPIRED,    /* ours until a day before `today` */
	INVENTORY_UNVERIFIED  /* verified=no: carriers will not show it */
};

/* May `owner` (empty: whoever) show that number? `entry` (may be NULL) is set
 * unless it is unknown. */
enum inventory_verdict inventory_owns(const struct inventory *inventory,
    struct span owner, struct span digits, int64_t today,
    struct inventory_entry *entry);

bool inventory_has_expired(const struct inventory_entry *entry, int64_t today);

/* "+442079460000", or "+442079460000..+442079460099". */
void inventory_add_range(struct text *t, const struct inventory_entry *entry);

#endif
