/*
 * inventory_fuzz.c - any text as an inventory: refused with a problem, or each
 * number found where a search from the first range to the last finds it
 */

#include "fuzz.h"

#include "number/inventory_private.h"

static void
digits_of(uint64_t number, struct text *t)
{
	t->len = 0;
	text_add_u64(t, number);
}

static bool
has(const struct range *range, uint64_t number)
{
	return number >= range->first && number <= range_last(range);
}

/* Of the ranges that have the number the one that begins last, and of those the
 * narrowest. */
static const struct range *
search(const struct inventory *inventory, uint64_t number)
{
	const struct range *best = NULL;
	size_t i;

	for (i = 0; i < inventory->n; i++) {
		if (has(&inventory->ranges[i], number))
			best = &inventory->ranges[i];
	}
	return best;
}

static void
look_up(const struct inventory *inventory, uint64_t number)
{
	char buf[24];
	struct text t = text_over(buf, sizeof(buf));
	const struct range *want;
	struct inventory_entry e;
	bool found;

	digits_of(number, &t);
	want = t.len > 15 || number == 0 ? NULL : search(inventory, number);
	found = inventory_find(inventory, text_span(&t), &e);
	FUZZ_CHECK(found == (want != NULL));
	if (found)
		FUZZ_CHECK(e.first == want->first &&
			   e.last == range_last(want) &&
			   e.line == want->line);
	if (inventory_find_below(inventory, text_span(&t), &e))
		FUZZ_CHECK(e.first <= e.last && e.owner.n > 0);
	if (inventory_find_above(inventory, text_span(&t), &e))
		FUZZ_CHECK(e.first <= e.last && e.line > 0);
}

static void
look_up_ends(const struct inventory *inventory, const struct range *range)
{
	look_up(inventory, range->first - 1);
	look_up(inventory, range->first);
	look_up(inventory, range_last(range));
	look_up(inventory, range_last(range) + 1);
	look_up(inventory, range->first / 10);
	look_up(inventory, range_last(range) * 10);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems problems;
	struct inventory *inventory;
	size_t i;

	if (size > 16384)
		return 0;
	problems_init(&problems);
	inventory = inventory_load_text(
	    fuzz_span(data, size), "fuzz.numbers", 20000, &problems);
	FUZZ_CHECK((inventory == NULL) == (problems.errors > 0));
	FUZZ_CHECK(problems.n <= INVENTORY_PROBLEMS_MAX + 1);
	for (i = 0; inventory != NULL && i < inventory->n && i < 100; i++)
		look_up_ends(inventory, &inventory->ranges[i]);
	inventory_unref(inventory);
	problems_fini(&problems);
	return 0;
}
