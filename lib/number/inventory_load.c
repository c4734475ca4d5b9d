/*
 * inventory_load.c - the files of an inventory, read line by line
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/container.h"
#include "base/day.h"
#include "base/hash.h"
#include "config/file.h"
#include "number/inventory_private.h"
#include "number/number.h"

#define FILE_SIZE_MAX (512u * 1024 * 1024)
#define LINE_LENGTH_MAX 1024
#define OWNER_MAX     63
#define LABEL_MAX     255

/* Warnings leave room for errors, which come after them when ranges overlap. */
#define WARNINGS_MAX (INVENTORY_PROBLEMS_MAX / 2)

#define NUMBER_WANTED                                                          \
	"expected a number of 7 to 15 digits with its country code, such as "  \
	"+442079460000"

/* A set of 32-bit values, found by what they stand for. */
struct set {
	uint32_t *slot; /* the value plus one, 0: free */
	size_t room;    /* a power of two */
	size_t n;
};

struct loader {
	struct inventory *inventory;
	struct report report;
	struct set strings, facts;
	int64_t today;
	bool no_memory;
	/* of the file and the line being read */
	const char *file;
	uint32_t file_string, owner_string;
	uint32_t line;
	uint32_t expired, expired_line; /* how many, and the first of them */
	/* what was seen last is seen again mostly */
	struct facts last;
	uint32_t last_facts;
};

/* ---- problems ---- */

void
report_add(struct report *report, enum problem_level level, const char *file,
    uint32_t line, const char *fmt, ...)
{
	bool error = level == PROBLEM_ERROR;
	char text[512];
	va_list ap;

	report->found_errors += error;
	if (report->told >= (error ? INVENTORY_PROBLEMS_MAX : WARNINGS_MAX)) {
		report->errors += error;
		report->warnings += !error;
		return;
	}
	report->told++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problem_add(report->problems, level, file, (int)line, "%s", text);
}

static void
report_rest(struct report *report)
{
	if (report->errors + report->warnings > 0)
		problem_add(report->problems,
		    report->errors > 0 ? PROBLEM_ERROR : PROBLEM_WARNING, NULL,
		    0, "the inventory has %zu more errors and %zu more "
		       "warnings like these",
		    report->errors, report->warnings);
}

#define ERROR(loader, ...)                                                     \
	report_add(&(loader)->report, PROBLEM_ERROR, (loader)->file,           \
	    (loader)->line, __VA_ARGS__)
#define WARNING(loader, ...)                                                   \
	report_add(&(loader)->report, PROBLEM_WARNING, (loader)->file,         \
	    (loader)->line, __VA_ARGS__)

/* Text of the file, for a message. */
struct quoted {
	char text[100];
};

static const char *
quote(struct quoted *buf, struct span s)
{
	struct text t = text_over(buf->text, sizeof(buf->text));
	bool cut = s.n > 20;

	/* Each byte takes up to four. */
	text_add_quoted(&t, cut ? span_make(s.p, 20) : s);
	text_add_str(&t, cut ? "..." : "");
	return text_cstr(&t);
}

/* ---- growing ---- */

static bool
grow(struct loader *loader, void *list, size_t *room, size_t wanted,
    size_t each)
{
	size_t n = *room * 2 > wanted ? *room * 2 : wanted;
	void *old, *new;

	if (wanted <= *room)
		return true;
	if (n < 64)
		n = 64;
	memcpy(&old, list, sizeof(old));
	new = n > UINT32_MAX / 2 ? NULL : realloc(old, n * each);
	if (new == NULL) {
		loader->no_memory = true;
		return false;
	}
	memcpy(list, &new, sizeof(new));
	*room = n;
	return true;
}

/* Gives back what was too much; keeps the old block where that fails. */
static void
shrink(void *list, size_t *room, size_t n, size_t each)
{
	void *old, *new;

	memcpy(&old, list, sizeof(old));
	new = n == 0 ? NULL : realloc(old, n * each);
	if (new == NULL)
		return;
	memcpy(list, &new, sizeof(new));
	*room = n;
}

/* ---- sets ---- */

static uint64_t
hash_bytes(const void *p, size_t n)
{
	struct span part = { p, n };

	return hash_of(&part, 1);
}

typedef bool is_fn(
    const struct inventory *inventory, uint32_t value, struct span key);

/* The slot of that key, or the free one where it belongs. */
static uint32_t *
set_slot(const struct set *set, const struct inventory *inventory,
    struct span key, is_fn *is)
{
	size_t i = hash_bytes(key.p, key.n) & (set->room - 1);

	while (set->slot[i] != 0 && !is(inventory, set->slot[i] - 1, key))
		i = (i + 1) & (set->room - 1);
	return &set->slot[i];
}

typedef struct span key_fn(const struct inventory *inventory, uint32_t value);

/* Makes room for one more. */
static bool
set_grow(struct set *set, const struct inventory *inventory, key_fn *key,
    is_fn *is)
{
	struct set next = { NULL, set->room == 0 ? 64 : set->room * 2, set->n };
	size_t i;

	if (set->n + 1 <= set->room / 2)
		return true;
	next.slot = calloc(next.room, sizeof(*next.slot));
	if (next.slot == NULL)
		return false;
	for (i = 0; i < set->room; i++) {
		if (set->slot[i] != 0)
			*set_slot(&next, inventory,
			    key(inventory, set->slot[i] - 1), is) =
			    set->slot[i];
	}
	free(set->slot);
	*set = next;
	return true;
}

static bool
string_is(const struct inventory *inventory, uint32_t value, struct span key)
{
	return span_eq(inventory_string(inventory, value), key);
}

/* The offset of that text; 0, the empty one, without memory too. */
static uint32_t
intern(struct loader *loader, struct span s)
{
	struct inventory *inventory = loader->inventory;
	uint32_t *slot, at = (uint32_t)inventory->strings_n;

	if (s.n == 0)
		return 0;
	if (!set_grow(
		&loader->strings, inventory, inventory_string, string_is) ||
	    !grow(loader, &inventory->strings, &inventory->strings_room,
		inventory->strings_n + s.n + 1, 1)) {
		loader->no_memory = true;
		return 0;
	}
	slot = set_slot(&loader->strings, inventory, s, string_is);
	if (*slot != 0)
		return *slot - 1;
	memcpy(inventory->strings + at, s.p, s.n);
	inventory->strings[at + s.n] = '\0';
	inventory->strings_n += s.n + 1;
	*slot = at + 1;
	loader->strings.n++;
	return at;
}

static struct span
facts_key(const struct inventory *inventory, uint32_t value)
{
	return span_make(
	    (const char *)&inventory->facts[value], sizeof(struct facts));
}

static bool
facts_is(const struct inventory *inventory, uint32_t value, struct span key)
{
	return span_eq(facts_key(inventory, value), key);
}

static uint32_t
intern_facts(struct loader *loader, const struct facts *facts)
{
	struct inventory *inventory = loader->inventory;
	struct span key = { (const char *)facts, sizeof(*facts) };
	uint32_t *slot;

	if (inventory->facts_n > 0 &&
	    memcmp(&loader->last, facts, sizeof(*facts)) == 0)
		return loader->last_facts;
	if (!set_grow(&loader->facts, inventory, facts_key, facts_is) ||
	    !grow(loader, &inventory->facts, &inventory->facts_room,
		inventory->facts_n + 1, sizeof(*facts))) {
		loader->no_memory = true;
		return 0;
	}
	slot = set_slot(&loader->facts, inventory, key, facts_is);
	if (*slot == 0) {
		inventory->facts[inventory->facts_n++] = *facts;
		*slot = (uint32_t)inventory->facts_n;
		loader->facts.n++;
	}
	loader->last = *facts;
	loader->last_facts = *slot - 1;
	return loader->last_facts;
}

/* ---- numbers ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Cuts the digits off the front. */
static struct span
cut_digits(struct span *rest)
{
	struct span digits = { rest->p, 0 };

	while (digits.n < rest->n && is_digit(rest->p[digits.n]))
		digits.n++;
	*rest = span_from(*rest, digits.n);
	return digits;
}

static bool
read_number(struct span digits, uint64_t *out)
{
	return digits.n >= 7 && inventory_read_number(digits, out);
}

/* "..+442079460099", with or without its plus. */
static bool
read_whole_end(struct span rest, struct span first, struct span *last)
{
	rest = span_from(rest, 2);
	if (span_starts(rest, SPAN("+")))
		rest = span_from(rest, 1);
	*last = cut_digits(&rest);
	return rest.n == 0 && last->n == first.n;
}

/* "-99": the last digits of the last number. */
static bool
read_short_end(struct span rest, struct span first, char *buf,
    struct span *last)
{
	struct span tail;

	rest = span_from(rest, 1);
	tail = cut_digits(&rest);
	if (rest.n > 0 || tail.n == 0 || tail.n >= first.n)
		return false;
	memcpy(buf, first.p, first.n);
	memcpy(buf + first.n - tail.n, tail.p, tail.n);
	*last = span_make(buf, first.n);
	return true;
}

static void
not_a_number(struct loader *loader, struct span word)
{
	struct quoted found;

	ERROR(loader, "found %s, " NUMBER_WANTED, quote(&found, word));
}

static bool
bad_end(struct loader *loader, struct span word)
{
	struct quoted found;

	ERROR(loader,
	    "found the range %s, expected +442079460000-99 (the last digits) "
	    "or +442079460000..+442079460099",
	    quote(&found, word));
	return false;
}

/* The digits of the first and the last number of a word. */
static bool
read_ends(struct loader *loader, struct span word, char *buf,
    struct span *first, struct span *last)
{
	struct span rest = word;
	uint64_t number;

	if (!span_starts(word, SPAN("+"))) {
		not_a_number(loader, word);
		return false;
	}
	rest = span_from(rest, 1);
	*first = *last = cut_digits(&rest);
	if (!read_number(*first, &number)) {
		not_a_number(loader, word);
		return false;
	}
	if (rest.n == 0)
		return true;
	if (span_starts(rest, SPAN("..")))
		return read_whole_end(rest, *first, last) ||
		       bad_end(loader, word);
	if (rest.p[0] == '-')
		return read_short_end(rest, *first, buf, last) ||
		       bad_end(loader, word);
	not_a_number(loader, word);
	return false;
}

/* "9 or 10" */
static void
add_lengths(struct text *t, uint32_t lengths)
{
	const char *between = "";
	unsigned n;

	for (n = 1; n < 16; n++) {
		if (!(lengths >> n & 1))
			continue;
		text_addf(t, "%s%u", between, n);
		between = " or ";
	}
}

/* `digits` stand behind a plus. */
static void
check_plan(struct loader *loader, struct span digits)
{
	const struct number_plan *plan;
	struct number number;
	uint32_t lengths;
	char list[64];
	struct text t = text_over(list, sizeof(list));

	number_parse(NULL, SPAN_NONE, span_make(digits.p - 1, digits.n + 1),
	    &number);
	if (number.kind == NUMBER_PLUS)
		return;
	plan = number_plan_of(digits);
	if (plan == NULL) {
		WARNING(loader, "+%.*s is no E.164 number", SPAN_ARG(digits));
		return;
	}
	lengths = number_plan_lengths(plan, span_from(digits, plan->code_n));
	if (lengths == 0) {
		WARNING(loader,
		    "+%.*s is no number of its country: behind +%s none "
		    "begins so",
		    SPAN_ARG(digits), plan->code);
		return;
	}
	add_lengths(&t, lengths);
	WARNING(loader,
	    "+%.*s is no number of its country: behind +%s come %s digits%s",
	    SPAN_ARG(digits), plan->code, text_cstr(&t),
	    plan->flags & NUMBER_NANP
		? ", and neither area nor exchange begins with 0 or 1"
		: "");
}

/* `last` was put together elsewhere: it gets a plus of its own. */
static void
check_plans(struct loader *loader, struct span first, struct span last)
{
	char buf[NUMBER_E164_MAX + 1] = "+";

	check_plan(loader, first);
	if (span_eq(first, last))
		return;
	memcpy(buf + 1, last.p, last.n);
	check_plan(loader, span_make(buf + 1, last.n));
}

static bool
read_range(struct loader *loader, struct span word, struct range *range)
{
	char buf[NUMBER_E164_MAX];
	struct span first, last;
	uint64_t end = 0;

	if (!read_ends(loader, word, buf, &first, &last))
		return false;
	inventory_read_number(first, &range->first);
	if (!read_number(last, &end) || end < range->first) {
		ERROR(loader,
		    "the range ends before it begins: +%.*s to +%.*s; expected "
		    "the lower number first",
		    SPAN_ARG(first), SPAN_ARG(last));
		return false;
	}
	if (end - range->first >= INVENTORY_RANGE_MAX) {
		ERROR(loader,
		    "a range of %llu numbers, expected at most %d",
		    (unsigned long long)(end - range->first + 1),
		    INVENTORY_RANGE_MAX);
		return false;
	}
	range->count = (uint32_t)(end - range->first + 1);
	check_plans(loader, first, last);
	return true;
}

/* ---- key=value ---- */

enum key { KEY_OWNER, KEY_LABEL, KEY_VERIFIED, KEY_EXPIRES, KEYS };

static const char *const keys[KEYS] = {
	[KEY_OWNER] = "owner",
	[KEY_LABEL] = "label",
	[KEY_VERIFIED] = "verified",
	[KEY_EXPIRES] = "expires",
};

/* A line as it is being read. */
struct line {
	struct range range;
	struct facts facts;
	unsigned seen; /* keys */
};

static bool
is_printable(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	}
	return true;
}

/* A text of 1 to `max` bytes, without control characters. */
static bool
read_text(struct loader *loader, enum key key, struct span value, size_t max,
    uint32_t *out)
{
	struct quoted found;

	if (value.n == 0 || value.n > max || !is_printable(value)) {
		ERROR(loader,
		    "%s: found %s, expected 1 to %zu printable characters",
		    keys[key], quote(&found, value), max);
		return false;
	}
	*out = intern(loader, value);
	return true;
}

static bool
read_day(struct span value, int32_t *out)
{
	return day_parse(value, out) && *out > 0;
}

static bool
read_verified(struct loader *loader, struct span value, int32_t *out)
{
	struct quoted found;

	if (span_eq(value, SPAN("yes")))
		*out = VERIFIED_YES;
	else if (span_eq(value, SPAN("no")))
		*out = VERIFIED_NO;
	else if (!read_day(value, out)) {
		ERROR(loader,
		    "verified: found %s, expected yes, no or the day "
		    "(YYYY-MM-DD)",
		    quote(&found, value));
		return false;
	}
	return true;
}

static bool
read_expires(struct loader *loader, struct span value, int32_t *out)
{
	struct quoted found;

	if (!read_day(value, out)) {
		ERROR(loader,
		    "expires: found %s, expected the last good day "
		    "(YYYY-MM-DD)",
		    quote(&found, value));
		return false;
	}
	return true;
}

static bool
read_value(struct loader *loader, struct line *line, enum key key,
    struct span value)
{
	switch (key) {
	case KEY_OWNER:
		return read_text(
		    loader, key, value, OWNER_MAX, &line->facts.owner);
	case KEY_LABEL:
		return read_text(
		    loader, key, value, LABEL_MAX, &line->range.label);
	case KEY_VERIFIED:
		return read_verified(loader, value, &line->facts.verified);
	default:
		return read_expires(loader, value, &line->facts.expires);
	}
}

static enum key
find_key(struct span name)
{
	unsigned i;

	for (i = 0; i < KEYS; i++) {
		if (span_eq(name, span_of(keys[i])))
			break;
	}
	return (enum key)i;
}

static bool
unknown_key(struct loader *loader, struct span name)
{
	const char *near = word_nearest(name, keys, KEYS);
	struct quoted found;

	ERROR(loader, "found %s, expected owner=, label=, verified= or "
	              "expires=%s%s%s",
	    quote(&found, name), near == NULL ? "" : "; did you mean ",
	    near == NULL ? "" : near, near == NULL ? "" : "=?");
	return false;
}

/* Cuts a value off the front: up to a blank, or in quotes. */
static bool
cut_value(struct loader *loader, struct span *rest, struct span *value)
{
	size_t n = 0;

	if (!span_starts(*rest, SPAN("\""))) {
		while (n < rest->n && !is_blank(rest->p[n]))
			n++;
		*value = span_make(rest->p, n);
		*rest = span_from(*rest, n);
		return true;
	}
	*rest = span_from(*rest, 1);
	if (span_find(*rest, '"') < 0) {
		ERROR(loader, "a text begins with a quote and does not end "
		              "with one");
		return false;
	}
	*value = span_cut(*rest, '"', rest);
	if (rest->n == 0 || is_blank(rest->p[0]))
		return true;
	ERROR(loader, "expected a blank behind the quote that ends a text");
	return false;
}

static bool
read_word(struct loader *loader, struct line *line, struct span *rest)
{
	struct span name = { rest->p, 0 }, value;
	enum key key;

	while (name.n < rest->n && rest->p[name.n] != '=' &&
	       !is_blank(rest->p[name.n]))
		name.n++;
	key = find_key(name);
	if (key == KEYS || name.n == rest->n || rest->p[name.n] != '=')
		return unknown_key(loader, name);
	*rest = span_from(*rest, name.n + 1);
	if (line->seen >> key & 1) {
		ERROR(loader, "%s= stands there twice", keys[key]);
		return false;
	}
	line->seen |= 1u << key;
	return cut_value(loader, rest, &value) &&
	       read_value(loader, line, key, value);
}

/* ---- lines ---- */

static struct span
skip_blanks(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = span_from(s, 1);
	return s;
}

static void
keep_line(struct loader *loader, struct line *line)
{
	struct inventory *inventory = loader->inventory;

	line->range.facts = intern_facts(loader, &line->facts);
	if (line->facts.expires != 0 && line->facts.expires < loader->today &&
	    loader->expired++ == 0)
		loader->expired_line = loader->line;
	if (grow(loader, &inventory->ranges, &inventory->room,
		inventory->n + 1, sizeof(line->range)))
		inventory->ranges[inventory->n++] = line->range;
}

static void
read_line(struct loader *loader, struct span text)
{
	struct line line = {
		.range = { .line = loader->line },
		.facts = { .owner = loader->owner_string,
		    .file = loader->file_string },
	};
	struct span word, rest = skip_blanks(text);
	size_t n = 0;

	if (rest.n == 0 || rest.p[0] == '#')
		return;
	while (n < rest.n && !is_blank(rest.p[n]))
		n++;
	word = span_make(rest.p, n);
	if (!read_range(loader, word, &line.range))
		return;
	rest = skip_blanks(span_from(rest, n));
	while (rest.n > 0 && rest.p[0] != '#') {
		if (!read_word(loader, &line, &rest))
			return;
		rest = skip_blanks(rest);
	}
	keep_line(loader, &line);
}

static void
read_lines(struct loader *loader, struct span text)
{
	if (span_starts(text, SPAN("\xef\xbb\xbf")))
		text = span_from(text, 3);
	while (text.n > 0 && !loader->no_memory) {
		struct span line = span_cut(text, '\n', &text);

		loader->line++;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n > LINE_LENGTH_MAX)
			ERROR(loader,
			    "a line of %zu characters, expected at most %d",
			    line.n, LINE_LENGTH_MAX);
		else
			read_line(loader, line);
	}
}

/* "/etc/cordon/acme.numbers": acme. */
static struct span
owner_of_file(const char *file)
{
	const char *slash = strrchr(file, '/');
	struct span name = span_of(slash == NULL ? file : slash + 1), rest;
	struct span owner = span_cut(name, '.', &rest);

	if (owner.n == 0)
		owner = name;
	return owner.n > OWNER_MAX ? span_make(owner.p, OWNER_MAX) : owner;
}

static void
tell_expired(struct loader *loader)
{
	char day[16];
	struct text t = text_over(day, sizeof(day));

	if (loader->expired == 0)
		return;
	day_add(&t, (int32_t)loader->today);
	report_add(&loader->report, PROBLEM_WARNING, loader->file,
	    loader->expired_line,
	    "has expired by %s, and does not count as owned; %lu such entries "
	    "in the file",
	    text_cstr(&t), (unsigned long)loader->expired);
}

static void
read_text_of(struct loader *loader, struct span text, const char *file)
{
	loader->file = file;
	loader->file_string = intern(loader, span_of(file));
	loader->owner_string = intern(loader, owner_of_file(file));
	loader->line = 0;
	loader->expired = 0;
	read_lines(loader, text);
	tell_expired(loader);
}

static void
read_file(struct loader *loader, const char *file)
{
	const char *why;
	size_t n;
	char *text = file_read(file, FILE_SIZE_MAX, &n, NULL, &why);

	if (text == NULL) {
		report_add(&loader->report, PROBLEM_ERROR, file, 0,
		    "the inventory cannot be read: %s", why);
		return;
	}
	read_text_of(loader, span_make(text, n), file);
	free(text);
}

/* ---- the whole ---- */

static bool
begin(struct loader *loader, int64_t today, struct problems *problems)
{
	*loader = (struct loader){ .report = { .problems = problems },
		.today = today };
	loader->inventory = calloc(1, sizeof(*loader->inventory));
	if (loader->inventory == NULL)
		return false;
	loader->inventory->references = 1;
	if (!grow(loader, &loader->inventory->strings,
		&loader->inventory->strings_room, 1, 1))
		return false;
	loader->inventory->strings[0] = '\0';
	loader->inventory->strings_n = 1;
	return true;
}

static int
compare_offsets(const void *a, const void *b)
{
	uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;

	return p < q ? -1 : p > q;
}

/* Each owner that has an entry; texts lie in the order of the files. */
static bool
list_owners(struct inventory *inventory)
{
	size_t i, n = inventory->facts_n, kept = 0;
	uint32_t *owners = malloc((n + 1) * sizeof(*owners));

	if (owners == NULL)
		return false;
	for (i = 0; i < n; i++)
		owners[i] = inventory->facts[i].owner;
	qsort(owners, n, sizeof(*owners), compare_offsets);
	for (i = 0; i < n; i++) {
		if (kept == 0 || owners[kept - 1] != owners[i])
			owners[kept++] = owners[i];
	}
	inventory->owners = owners;
	inventory->owners_n = kept;
	return true;
}

static uint64_t
digest_of(const struct inventory *inventory)
{
	const struct span parts[] = {
		{ (const char *)inventory->ranges,
		    inventory->n * sizeof(*inventory->ranges) },
		{ (const char *)inventory->facts,
		    inventory->facts_n * sizeof(*inventory->facts) },
		{ inventory->strings, inventory->strings_n },
	};

	return hash_quick(parts, ARRAY_LEN(parts));
}

static struct inventory *
finish(struct loader *loader)
{
	struct inventory *inventory = loader->inventory;
	bool good = inventory != NULL && !loader->no_memory &&
		    inventory_index(inventory, &loader->report) &&
		    list_owners(inventory);

	free(loader->strings.slot);
	free(loader->facts.slot);
	if (!good)
		report_add(
		    &loader->report, PROBLEM_ERROR, NULL, 0, "out of memory");
	report_rest(&loader->report);
	if (!good || loader->report.found_errors > 0) {
		inventory_unref(inventory);
		return NULL;
	}
	shrink(&inventory->ranges, &inventory->room, inventory->n,
	    sizeof(*inventory->ranges));
	shrink(&inventory->facts, &inventory->facts_room, inventory->facts_n,
	    sizeof(*inventory->facts));
	shrink(&inventory->strings, &inventory->strings_room,
	    inventory->strings_n, 1);
	inventory->digest = digest_of(inventory);
	return inventory;
}

struct inventory *
inventory_load(const char *const *files, size_t n, int64_t today,
    struct problems *problems)
{
	struct loader loader;
	size_t i;

	if (begin(&loader, today, problems)) {
		for (i = 0; i < n && !loader.no_memory; i++)
			read_file(&loader, files[i]);
	}
	return finish(&loader);
}

struct inventory *
inventory_load_text(struct span text, const char *file, int64_t today,
    struct problems *problems)
{
	struct loader loader;

	if (begin(&loader, today, problems))
		read_text_of(&loader, text, file);
	return finish(&loader);
}
