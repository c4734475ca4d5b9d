/*
 * inventory_index.c - the order of an inventory: sorted, each range once, and
 * which ranges lie inside others
 */

#include <stdlib.h>

#include "number/inventory_private.h"

/* Ranges inside ranges: a look-up walks outward through as many. */
#define NESTING_MAX 16

static struct inventory_entry
entry_for(const struct inventory *inventory, const struct range *range)
{
	const struct facts *facts = &inventory->facts[range->facts];

	return (struct inventory_entry){
		.first = range->first,
		.last = range_last(range),
		.file = inventory_string(inventory, facts->file),
		.owner = inventory_string(inventory, facts->owner),
		.line = range->line,
	};
}

static uint32_t
file_of(const struct inventory *inventory, const struct range *range)
{
	return inventory->facts[range->facts].file;
}

/* The wider range first; equal ones as they stand in the files. */
static int
compare(const void *a, const void *b, void *arg)
{
	const struct range *p = a, *q = b;
	uint32_t p_file, q_file;

	if (p->first != q->first)
		return p->first < q->first ? -1 : 1;
	if (p->count != q->count)
		return p->count > q->count ? -1 : 1;
	p_file = file_of(arg, p);
	q_file = file_of(arg, q);
	if (p_file != q_file)
		return p_file < q_file ? -1 : 1;
	return p->line < q->line ? -1 : p->line > q->line;
}

static bool
is_sorted(struct inventory *inventory)
{
	const struct range *ranges = inventory->ranges;
	size_t i;

	for (i = 1; i < inventory->n; i++) {
		if (compare(&ranges[i - 1], &ranges[i], inventory) > 0)
			return false;
	}
	return true;
}

static bool
same_owner(const struct inventory *inventory, const struct range *a,
    const struct range *b)
{
	return inventory->facts[a->facts].owner ==
	       inventory->facts[b->facts].owner;
}

/* What `range` has to do with `other`, for a person. */
static void
tell(const struct inventory *inventory, struct report *report,
    enum problem_level level, const struct range *range,
    const struct range *other, const char *what)
{
	struct inventory_entry e = entry_for(inventory, range);
	struct inventory_entry o = entry_for(inventory, other);
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	inventory_add_range(&t, &e);
	if (level == PROBLEM_ERROR)
		report_add(report, level, e.file.p, e.line,
		    "%s of \"%s\" %s %s:%lu, which is of \"%s\"; a number has "
		    "one owner",
		    text_cstr(&t), e.owner.p, what, o.file.p,
		    (unsigned long)o.line, o.owner.p);
	else
		report_add(report, level, e.file.p, e.line, "%s %s %s:%lu",
		    text_cstr(&t), what, o.file.p, (unsigned long)o.line);
}

static bool
same_range(const struct range *a, const struct range *b)
{
	return a->first == b->first && a->count == b->count;
}

/* Keeps the first of equal ranges. */
static void
drop_duplicates(struct inventory *inventory, struct report *report)
{
	size_t i, kept = 0;

	for (i = 0; i < inventory->n; i++) {
		struct range *range = &inventory->ranges[i];
		struct range *last = &inventory->ranges[kept - (kept > 0)];

		if (kept == 0 || !same_range(last, range)) {
			inventory->ranges[kept++] = *range;
			continue;
		}
		if (same_owner(inventory, last, range))
			tell(inventory, report, PROBLEM_WARNING, range, last,
			    "has no effect, it is already in");
		else
			tell(inventory, report, PROBLEM_ERROR, range, last,
			    "is already in");
	}
	inventory->n = kept;
}

/* The ranges that reach on, each further than the one above it. */
struct nesting {
	uint32_t at[NESTING_MAX];
	unsigned n;
};

static const struct range *
innermost(const struct inventory *inventory, const struct nesting *open)
{
	return open->n == 0 ? NULL : &inventory->ranges[open->at[open->n - 1]];
}

/* Closes those that end before `place`. */
static const struct range *
close_before(const struct inventory *inventory, struct nesting *open,
    uint64_t place)
{
	const struct range *range;

	while ((range = innermost(inventory, open)) != NULL &&
	       range_last(range) < place)
		open->n--;
	return range;
}

static void
check_overlap(const struct inventory *inventory, struct report *report,
    const struct range *range, const struct range *around)
{
	if (!same_owner(inventory, range, around))
		tell(inventory, report, PROBLEM_ERROR, range, around,
		    "overlaps with");
	else if (range_last(range) > range_last(around))
		tell(inventory, report, PROBLEM_WARNING, range, around,
		    "overlaps with, but is not inside of,");
}

static bool
needs_outer(struct inventory *inventory)
{
	size_t i;

	if (inventory->outer != NULL)
		return true;
	inventory->outer = malloc(inventory->n * sizeof(*inventory->outer));
	for (i = 0; inventory->outer != NULL && i < inventory->n; i++)
		inventory->outer[i] = RANGE_NONE;
	return inventory->outer != NULL;
}

static void
too_deep(const struct inventory *inventory, struct report *report,
    const struct range *range)
{
	struct inventory_entry e = entry_for(inventory, range);
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	inventory_add_range(&t, &e);
	report_add(report, PROBLEM_ERROR, e.file.p, e.line,
	    "%s lies inside of %d other ranges, each inside the next; expected "
	    "fewer",
	    text_cstr(&t), NESTING_MAX);
}

static bool
nest(struct inventory *inventory, struct report *report, struct nesting *open,
    uint32_t at)
{
	const struct range *range = &inventory->ranges[at];
	const struct range *around =
	    close_before(inventory, open, range->first);

	if (around != NULL) {
		check_overlap(inventory, report, range, around);
		around = close_before(
		    inventory, open, range_last(range) + 1);
	}
	if (around != NULL) {
		if (!needs_outer(inventory))
			return false;
		inventory->outer[at] = open->at[open->n - 1];
	}
	if (open->n < NESTING_MAX)
		open->at[open->n++] = at;
	else
		too_deep(inventory, report, range);
	return true;
}

static bool
make_steps(struct inventory *inventory)
{
	size_t i, n = (inventory->n + INVENTORY_STEP - 1) / INVENTORY_STEP;

	if (n == 0)
		return true;
	inventory->steps = malloc(n * sizeof(*inventory->steps));
	if (inventory->steps == NULL)
		return false;
	for (i = 0; i < n; i++)
		inventory->steps[i] =
		    inventory->ranges[i * INVENTORY_STEP].first;
	inventory->steps_n = n;
	return true;
}

bool
inventory_index(struct inventory *inventory, struct report *report)
{
	struct nesting open = { .n = 0 };
	uint32_t i;

	if (!is_sorted(inventory))
		qsort_r(inventory->ranges, inventory->n,
		    sizeof(*inventory->ranges), compare, inventory);
	drop_duplicates(inventory, report);
	for (i = 0; i < inventory->n; i++) {
		if (!nest(inventory, report, &open, i))
			return false;
	}
	return make_steps(inventory);
}
