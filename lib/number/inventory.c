/*
 * inventory.c - looking numbers up in an inventory
 */

#include "number/inventory.h"

#include <stdlib.h>

#include "number/inventory_private.h"
#include "number/number.h"

bool
inventory_read_number(struct span digits, uint64_t *out)
{
	return digits.n > 0 && digits.n <= NUMBER_E164_MAX &&
	       digits.p[0] != '0' && span_to_u64(digits, UINT64_MAX, out);
}

struct inventory *
inventory_ref(struct inventory *inventory)
{
	inventory->references++;
	return inventory;
}

void
inventory_unref(struct inventory *inventory)
{
	if (inventory == NULL || --inventory->references > 0)
		return;
	free(inventory->ranges);
	free(inventory->steps);
	free(inventory->outer);
	free(inventory->facts);
	free(inventory->strings);
	free(inventory->owners);
	free(inventory);
}

size_t
inventory_entries(const struct inventory *inventory)
{
	return inventory->n;
}

uint64_t
inventory_digest(const struct inventory *inventory)
{
	return inventory->digest;
}

size_t
inventory_bytes(const struct inventory *inventory)
{
	size_t each = sizeof(struct range);

	if (inventory->outer != NULL)
		each += sizeof(uint32_t);
	return sizeof(*inventory) + inventory->n * each +
	       inventory->steps_n * sizeof(uint64_t) +
	       inventory->facts_n * sizeof(struct facts) +
	       inventory->strings_n + inventory->owners_n * sizeof(uint32_t);
}

const char *
inventory_owner_at(const struct inventory *inventory, size_t i)
{
	return i < inventory->owners_n
		   ? inventory->strings + inventory->owners[i]
		   : NULL;
}

/* How many of the ranges from `from` up to, not including, `to` begin at
 * `number` or before it, with all before `from`. */
static size_t
count_within(const struct inventory *inventory, uint64_t number, size_t from,
    size_t to)
{
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (inventory->ranges[middle].first <= number)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* How many ranges begin at `number` or before it. The steps stay in the cache,
 * where the ranges do not. */
static size_t
count_up_to(const struct inventory *inventory, uint64_t number)
{
	size_t from = 0, to = inventory->steps_n, end;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (inventory->steps[middle] <= number)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == 0)
		return 0;
	end = from * INVENTORY_STEP;
	return count_within(inventory, number, end - INVENTORY_STEP,
	    end < inventory->n ? end : inventory->n);
}

/* Of the ranges that begin at `number` or before it the narrowest that has it;
 * else the one that comes nearest to it. NULL: none begins before. */
static const struct range *
range_up_to(const struct inventory *inventory, uint64_t number)
{
	size_t n = count_up_to(inventory, number);
	uint32_t at;

	if (n == 0)
		return NULL;
	at = (uint32_t)(n - 1);
	while (inventory->outer != NULL && inventory->outer[at] != RANGE_NONE &&
	       range_last(&inventory->ranges[at]) < number)
		at = inventory->outer[at];
	return &inventory->ranges[at];
}

static const struct range *
range_of(const struct inventory *inventory, uint64_t number)
{
	const struct range *range = range_up_to(inventory, number);

	return range != NULL && range_last(range) >= number ? range : NULL;
}

static enum inventory_verified
verified_of(const struct facts *facts)
{
	if (facts->verified == VERIFIED_UNSAID)
		return INVENTORY_UNSAID;
	return facts->verified == VERIFIED_NO ? INVENTORY_NOT_VERIFIED
					      : INVENTORY_VERIFIED;
}

static void
entry_of(const struct inventory *inventory, const struct range *range,
    struct inventory_entry *out)
{
	const struct facts *facts = &inventory->facts[range->facts];

	*out = (struct inventory_entry){
		.first = range->first,
		.last = range_last(range),
		.file = inventory_string(inventory, facts->file),
		.line = range->line,
		.owner = inventory_string(inventory, facts->owner),
		.label = inventory_string(inventory, range->label),
		.verified = verified_of(facts),
		.verified_on = facts->verified > 0 ? facts->verified : 0,
		.expires = facts->expires,
	};
}

static const struct range *
find_range(const struct inventory *inventory, struct span digits)
{
	uint64_t number;

	return inventory_read_number(digits, &number)
		   ? range_of(inventory, number)
		   : NULL;
}

bool
inventory_find(const struct inventory *inventory, struct span digits,
    struct inventory_entry *out)
{
	const struct range *range = find_range(inventory, digits);

	if (range != NULL)
		entry_of(inventory, range, out);
	return range != NULL;
}

/* ---- neighbours, over numbers of all lengths ---- */

static uint64_t
power_of_ten(unsigned n)
{
	uint64_t power = 1;

	while (n-- > 0)
		power *= 10;
	return power;
}

static unsigned
length_of(uint64_t number)
{
	unsigned n = 1;

	while (number >= 10) {
		number /= 10;
		n++;
	}
	return n;
}

/* Where the number stands in a directory: its digits from the left. */
static uint64_t
aligned(uint64_t number)
{
	return number * power_of_ten(NUMBER_E164_MAX - length_of(number));
}

/* The greatest (`below`) or least number of that length on that side of
 * `place`, `place` included; a length has a neighbour of its own. */
static uint64_t
scaled(uint64_t place, unsigned length, bool below)
{
	uint64_t unit = power_of_ten(NUMBER_E164_MAX - length);

	return below ? place / unit : (place + unit - 1) / unit;
}

static const struct range *
neighbour(const struct inventory *inventory, uint64_t place, unsigned length,
    bool below)
{
	uint64_t from = scaled(place, length, below);
	const struct range *range = range_up_to(inventory, from);

	if (!below) {
		size_t n = count_up_to(inventory, from);

		range = n < inventory->n ? &inventory->ranges[n] : NULL;
	}
	return range != NULL && length_of(range->first) == length ? range
								  : NULL;
}

static bool
find_neighbour(const struct inventory *inventory, struct span digits,
    bool below, struct inventory_entry *out)
{
	const struct range *best = NULL;
	uint64_t number, place, nearest = 0;
	unsigned length;

	if (!inventory_read_number(digits, &number))
		return false;
	place = aligned(number);
	for (length = 1; length <= NUMBER_E164_MAX; length++) {
		const struct range *range =
		    neighbour(inventory, place, length, below);
		uint64_t at;

		if (range == NULL)
			continue;
		at = aligned(below ? range_last(range) : range->first);
		if (best == NULL || (below ? at > nearest : at < nearest)) {
			best = range;
			nearest = at;
		}
	}
	if (best != NULL)
		entry_of(inventory, best, out);
	return best != NULL;
}

bool
inventory_find_below(const struct inventory *inventory, struct span digits,
    struct inventory_entry *out)
{
	return find_neighbour(inventory, digits, true, out);
}

bool
inventory_find_above(const struct inventory *inventory, struct span digits,
    struct inventory_entry *out)
{
	return find_neighbour(inventory, digits, false, out);
}

/* ---- verdicts ---- */

static bool
is_over(int32_t expires, int64_t today)
{
	return expires != 0 && today != 0 && expires < today;
}

bool
inventory_has_expired(const struct inventory_entry *entry, int64_t today)
{
	return is_over(entry->expires, today);
}

enum inventory_verdict
inventory_owns(const struct inventory *inventory, struct span owner,
    struct span digits, int64_t today, struct inventory_entry *entry)
{
	const struct range *range = find_range(inventory, digits);
	const struct facts *facts;

	if (range == NULL)
		return INVENTORY_UNKNOWN;
	if (entry != NULL)
		entry_of(inventory, range, entry);
	facts = &inventory->facts[range->facts];
	if (owner.n > 0 &&
	    !span_eq(owner, inventory_string(inventory, facts->owner)))
		return INVENTORY_OF_OTHERS;
	if (is_over(facts->expires, today))
		return INVENTORY_EXPIRED;
	return facts->verified == VERIFIED_NO ? INVENTORY_UNVERIFIED
					      : INVENTORY_OWNED;
}

void
inventory_add_range(struct text *t, const struct inventory_entry *entry)
{
	text_add_char(t, '+');
	text_add_u64(t, entry->first);
	if (entry->first == entry->last)
		return;
	TEXT_LIT(t, "..+");
	text_add_u64(t, entry->last);
}
