#include <stdio.h>
#include <time.h>

#include "base/container.h"
#include "base/day.h"
#include "dir.h"
#include "number/inventory.h"
#include "number/number.h"
#include "unit.h"

#define TODAY 20778 /* 2026-11-21 */

static struct problems problems;

static void
setup(void)
{
	problems_init(&problems);
}

static void
teardown(void)
{
	problems_fini(&problems);
}

static struct inventory *
load(const char *text)
{
	return inventory_load_text(
	    span_of(text), "dir/acme.numbers", TODAY, &problems);
}

static struct inventory *
load_good(const char *text)
{
	struct inventory *inventory = load(text);

	ck_assert_msg(inventory != NULL, "refused: %s",
	    problems.n > 0 ? problems.list[0].text : "?");
	return inventory;
}

/* ---- days ---- */

START_TEST(days)
{
	static const struct {
		const char *text;
		int32_t day;
	} rows[] = {
		{ "1970-01-01", 0 },
		{ "1970-12-31", 364 },
		{ "1972-02-29", 789 },
		{ "2000-02-29", 11016 },
		{ "2000-03-01", 11017 },
		{ "2026-11-21", TODAY },
		{ "2100-03-01", 47541 },
		{ "9999-12-31", 2932896 },
	};
	static const char *const wrong[] = { "", "2026-11-2", "2026-11-211",
		"2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10",
		"2026-01-00", "2026-04-31", "1969-12-31", "2026/11/21",
		"2026-1a-21", "20261121  ", " 2026-1-21" };
	int32_t day = -7;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char buf[16];
		struct text t = text_over(buf, sizeof(buf));

		ck_assert(day_parse(span_of(rows[i].text), &day));
		ck_assert_int_eq(day, rows[i].day);
		day_add(&t, day);
		ck_assert_span(text_span(&t), rows[i].text);
	}
	day = -7;
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		ck_assert_msg(
		    !day_parse(span_of(wrong[i]), &day), "%s", wrong[i]);
		ck_assert_int_eq(day, -7);
	}
}
END_TEST

/* ---- what a line says ---- */

START_TEST(line_whole)
{
	struct inventory *inventory = load_good(
	    "\xef\xbb\xbf# ours\r\n"
	    "\r\n"
	    "   # indented\n"
	    "+442079460000..+442079460099 owner=bravo label=\"London, #1 desk\""
	    "\tverified=2026-03-01 expires=2027-03-01 # good\r\n"
	    "+15125550100\n"
	    "+15125550200 verified=yes label=x# # y=z\n"
	    "+15125550201 verified=no");
	struct inventory_entry e;
	char buf[64];
	struct text t = text_over(buf, sizeof(buf));

	ck_assert_uint_eq(problems.n, 0);
	ck_assert_uint_eq(inventory_entries(inventory), 4);
	ck_assert(inventory_find(inventory, SPAN("442079460042"), &e));
	ck_assert_span(e.file, "dir/acme.numbers");
	ck_assert_uint_eq(e.line, 4);
	ck_assert_span(e.owner, "bravo");
	ck_assert_span(e.label, "London, #1 desk");
	ck_assert_int_eq(e.verified, INVENTORY_VERIFIED);
	ck_assert_int_eq(e.verified_on, TODAY - 265);
	ck_assert_int_eq(e.expires, TODAY + 100);
	inventory_add_range(&t, &e);
	ck_assert_span(text_span(&t), "+442079460000..+442079460099");
	ck_assert(inventory_find(inventory, SPAN("15125550100"), &e));
	ck_assert_span(e.owner, "acme");
	ck_assert_span(e.label, "");
	ck_assert_int_eq(e.verified, INVENTORY_UNSAID);
	ck_assert_int_eq(e.verified_on, 0);
	ck_assert_int_eq(e.expires, 0);
	t.len = 0;
	inventory_add_range(&t, &e);
	ck_assert_span(text_span(&t), "+15125550100");
	ck_assert(inventory_find(inventory, SPAN("15125550200"), &e));
	ck_assert_int_eq(e.verified, INVENTORY_VERIFIED);
	ck_assert_span(e.label, "x#");
	ck_assert(inventory_find(inventory, SPAN("15125550201"), &e));
	ck_assert_int_eq(e.verified, INVENTORY_NOT_VERIFIED);
	inventory_unref(inventory);
}
END_TEST

START_TEST(range_forms)
{
	static const struct {
		const char *text;
		uint64_t first, last;
	} rows[] = {
		{ "+442079460000-99", 442079460000, 442079460099 },
		{ "+442079460010-9", 442079460010, 442079460019 },
		{ "+442079460000-442079460000", 0, 0 },
		{ "+442079460000-00", 442079460000, 442079460000 },
		{ "+442079460000..+442079460099", 442079460000, 442079460099 },
		{ "+442079460000..442079460099", 442079460000, 442079460099 },
		{ "+442079000000..+442079999999", 442079000000, 442079999999 },
		{ "+442079000000-999999", 442079000000, 442079999999 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct inventory *inventory = load(rows[i].text);
		struct inventory_entry e;

		if (rows[i].first == 0) {
			ck_assert_ptr_null(inventory);
			continue;
		}
		ck_assert_msg(inventory != NULL, "%s", rows[i].text);
		ck_assert(inventory_find(inventory,
		    span_make(rows[i].text + 1, 12), &e));
		ck_assert_uint_eq(e.first, rows[i].first);
		ck_assert_uint_eq(e.last, rows[i].last);
		inventory_unref(inventory);
	}
}
END_TEST

/* What is wrong with a line, and a part of what is said of it. */
static const struct {
	const char *line;
	const char *text;
} wrong[] = {
	{ "442079460000", "with its country code, such as +442079460000" },
	{ "02079460000", "found \"02079460000\", expected a number" },
	{ "+", "expected a number" },
	{ "+0442079460000", "expected a number" },
	{ "+123456", "7 to 15 digits" },
	{ "+1234567890123456", "7 to 15 digits" },
	{ "+44207946000a", "expected a number" },
	{ "+44(0)2079460000", "expected a number" },
	{ "sip:+442079460000@pbx", "expected a number" },
	{ "+442079460000@pbx", "expected a number" },
	{ "@include \"x\"", "found \"@include\", expected a number" },
	{ "+44 2079460000", "expected a number" },
	{ "+442079460000 2", "found \"2\", expected owner=" },
	{ "+442079460000-", "found the range" },
	{ "+442079460000-9a", "found the range" },
	{ "+442079460000-442079460099", "found the range" },
	{ "+442079460000..+44207946009", "found the range" },
	{ "+442079460000..", "found the range" },
	{ "+442079460000...+442079460001", "found the range" },
	{ "+442079460099-00", "ends before it begins" },
	{ "+442079460099..+442079460000", "lower number first" },
	{ "+442070000000..+442071000000", "1000001 numbers, expected at most" },
	{ "+442079460000 ovner=a", "did you mean owner=?" },
	{ "+442079460000 owner", "expected owner=" },
	{ "+442079460000 =a", "expected owner=" },
	{ "+442079460000 owner=", "owner: found \"\", expected 1 to 63" },
	{ "+442079460000 owner=a owner=b", "owner= stands there twice" },
	{ "+442079460000 label=\"x", "does not end" },
	{ "+442079460000 label=\"x\"owner=b", "expected a blank" },
	{ "+442079460000 label=\"\x1b[31m\"", "printable" },
	{ "+442079460000 verified=maybe", "expected yes, no or the day" },
	{ "+442079460000 verified=2026-02-30", "expected yes, no or the day" },
	{ "+442079460000 expires=never", "the last good day (YYYY-MM-DD)" },
	{ "+442079460000 expires=1970-01-01", "the last good day" },
};

START_TEST(line_wrong)
{
	ck_assert_ptr_null(load(wrong[_i].line));
	ck_assert_uint_eq(problems.n, 1);
	ck_assert_uint_eq(problems.errors, 1);
	ck_assert_str_eq(problems.list[0].file, "dir/acme.numbers");
	ck_assert_int_eq(problems.list[0].line, 1);
	ck_assert_msg(
	    strstr(problems.list[0].text, wrong[_i].text) != NULL,
	    "%s: \"%s\" does not say \"%s\"", wrong[_i].line,
	    problems.list[0].text, wrong[_i].text);
}
END_TEST

START_TEST(line_too_long)
{
	char line[1200];

	memset(line, 'x', sizeof(line));
	memcpy(line, "+442079460000 label=", 20);
	line[sizeof(line) - 1] = '\0';
	ck_assert_ptr_null(load(line));
	ck_assert_ptr_nonnull(
	    strstr(problems.list[0].text, "1199 characters, expected"));
}
END_TEST

START_TEST(all_problems_at_once)
{
	ck_assert_ptr_null(load("+442079460000\n"
				"02079460001\n"
				"+442079460002 verified=x\n"
				"\n"
				"+4420794600\n"
				"+442079460009-0\n"
				"+442079460000 owner=other\n"));
	ck_assert_uint_eq(problems.errors, 4);
	ck_assert_uint_eq(problems.n, 5);
	ck_assert_int_eq(problems.list[0].line, 2);
	ck_assert_int_eq(problems.list[1].line, 3);
	ck_assert_int_eq(problems.list[2].line, 5);
	ck_assert_int_eq(problems.list[2].level, PROBLEM_WARNING);
	ck_assert_int_eq(problems.list[3].line, 6);
	ck_assert_int_eq(problems.list[4].line, 7);
	ck_assert_ptr_nonnull(strstr(problems.list[4].text,
	    "is already in dir/acme.numbers:1, which is of \"acme\""));
}
END_TEST

/* The first hundred in words, the others as a number; errors are not hidden by
 * warnings that came before them. */
START_TEST(many_problems)
{
	char *text, *at;
	const char *last;
	int i;

	text = at = malloc(100000);
	for (i = 0; i < 1000; i++)
		at += sprintf(at, "+442079%04d\n", i);
	for (i = 0; i < 500; i++)
		at += sprintf(at, "x%d\n", i);
	ck_assert_ptr_null(load(text));
	ck_assert_uint_eq(problems.n, INVENTORY_PROBLEMS_MAX + 1);
	ck_assert_int_eq(problems.list[49].level, PROBLEM_WARNING);
	ck_assert_int_eq(problems.list[50].level, PROBLEM_ERROR);
	ck_assert_int_eq(problems.list[50].line, 1001);
	last = problems.list[INVENTORY_PROBLEMS_MAX].text;
	ck_assert_ptr_nonnull(
	    strstr(last, "450 more errors and 950 more warnings"));
	free(text);
}
END_TEST

/* ---- plans ---- */

START_TEST(plans)
{
	struct inventory *inventory =
	    load_good("+44207946000012\n"
		      "+15121550100\n"
		      "+442079460000..+442079460001\n"
		      "+4912345\n"
		      "+88212345678\n");
	struct inventory_entry e;

	ck_assert_uint_eq(problems.n, 2);
	ck_assert_uint_eq(problems.errors, 0);
	ck_assert_str_eq(problems.list[0].text,
	    "+44207946000012 is no number of its country: behind +44 come 10 "
	    "digits");
	ck_assert_int_eq(problems.list[1].line, 2);
	ck_assert_ptr_nonnull(strstr(problems.list[1].text,
	    "behind +1 come 10 digits, and neither area nor exchange begins "
	    "with 0 or 1"));
	/* A warning: it is in all the same. */
	ck_assert(inventory_find(inventory, SPAN("44207946000012"), &e));
	inventory_unref(inventory);
}
END_TEST

/* ---- overlaps ---- */

START_TEST(duplicate)
{
	struct inventory *inventory =
	    load_good("+442079460001 label=b\n"
		      "+442079460000 label=a\n"
		      "+442079460001 label=c expires=2020-01-01\n");
	struct inventory_entry e;

	ck_assert_uint_eq(inventory_entries(inventory), 2);
	ck_assert(inventory_find(inventory, SPAN("442079460001"), &e));
	ck_assert_span(e.label, "b");
	ck_assert_uint_eq(problems.n, 2);
	ck_assert_int_eq(problems.list[1].line, 3);
	ck_assert_str_eq(problems.list[1].text,
	    "+442079460001 has no effect, it is already in dir/acme.numbers:1");
	inventory_unref(inventory);
}
END_TEST

START_TEST(overlap_of_owners)
{
	ck_assert_ptr_null(load("+442079460000-99 owner=a\n"
				"+442079460050-59 owner=b\n"
				"+442079460090-99 owner=a\n"
				"+442079460099..+442079460105 owner=c\n"));
	ck_assert_uint_eq(problems.errors, 2);
	ck_assert_int_eq(problems.list[0].line, 2);
	ck_assert_ptr_nonnull(strstr(problems.list[0].text,
	    "+442079460050..+442079460059 of \"b\" overlaps with "
	    "dir/acme.numbers:1, which is of \"a\"; a number has one owner"));
	ck_assert_int_eq(problems.list[1].line, 4);
}
END_TEST

START_TEST(range_in_range)
{
	struct inventory *inventory =
	    load_good("+442079460000-99 label=all\n"
		      "+442079460000-09 label=low\n"
		      "+442079460020-39 label=mid\n"
		      "+442079460030-34 label=deep\n"
		      "+442079460032 label=one\n"
		      "+442079460099 label=end\n"
		      "+442079460100-199 label=next\n");
	static const struct {
		const char *number, *label;
	} rows[] = {
		{ "442079460000", "low" },
		{ "442079460009", "low" },
		{ "442079460010", "all" },
		{ "442079460020", "mid" },
		{ "442079460030", "deep" },
		{ "442079460032", "one" },
		{ "442079460033", "deep" },
		{ "442079460035", "mid" },
		{ "442079460040", "all" },
		{ "442079460098", "all" },
		{ "442079460099", "end" },
		{ "442079460100", "next" },
	};
	struct inventory_entry e;
	size_t i;

	ck_assert_uint_eq(problems.n, 0);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert(
		    inventory_find(inventory, span_of(rows[i].number), &e));
		ck_assert_span(e.label, rows[i].label);
	}
	ck_assert(!inventory_find(inventory, SPAN("442079459999"), &e));
	ck_assert(!inventory_find(inventory, SPAN("442079460200"), &e));
	inventory_unref(inventory);
}
END_TEST

START_TEST(range_beside_range)
{
	struct inventory *inventory =
	    load_good("+442079460000-49 label=a\n"
		      "+442079460030-79 label=b\n"
		      "+442079460060-99 label=c\n");
	struct inventory_entry e;

	ck_assert_uint_eq(problems.n, 2);
	ck_assert_ptr_nonnull(strstr(problems.list[0].text,
	    "overlaps with, but is not inside of, dir/acme.numbers:1"));
	ck_assert(inventory_find(inventory, SPAN("442079460029"), &e));
	ck_assert_span(e.label, "a");
	ck_assert(inventory_find(inventory, SPAN("442079460049"), &e));
	ck_assert_span(e.label, "b");
	ck_assert(inventory_find(inventory, SPAN("442079460099"), &e));
	ck_assert_span(e.label, "c");
	inventory_unref(inventory);
}
END_TEST

START_TEST(too_deep)
{
	char text[2000], *at = text;
	int i;

	for (i = 0; i < 17; i++)
		at += sprintf(at, "+4420794600%02d-%02d\n", i, 99 - i);
	ck_assert_ptr_null(load(text));
	ck_assert_uint_eq(problems.errors, 1);
	ck_assert_int_eq(problems.list[0].line, 17);
	at[-17] = '\0';
	teardown();
	setup();
	inventory_unref(load_good(text));
	ck_assert_uint_eq(problems.n, 0);
}
END_TEST

/* ---- neighbours ---- */

static void
next_to(const struct inventory *inventory, const char *number,
    const char *below, const char *above)
{
	struct inventory_entry e;
	struct span s = span_of(number);

	ck_assert_int_eq(
	    inventory_find_below(inventory, s, &e), below != NULL);
	if (below != NULL)
		ck_assert_span(e.label, below);
	ck_assert_int_eq(
	    inventory_find_above(inventory, s, &e), above != NULL);
	if (above != NULL)
		ck_assert_span(e.label, above);
}

START_TEST(neighbours)
{
	struct inventory *inventory =
	    load_good("+15125550100 label=us\n"
		      "+33123456700-99 label=fr\n"
		      "+442079460000-99 label=wide\n"
		      "+442079460010-19 label=in\n"
		      "+442079460200-99 label=high\n"
		      "+8613912345678 label=cn\n");

	next_to(inventory, "442079460100", "wide", "high");
	next_to(inventory, "442079460300", "high", "cn");
	next_to(inventory, "442079459999", "fr", "wide");
	next_to(inventory, "33123456800", "fr", "wide");
	next_to(inventory, "33123456699", "us", "fr");
	next_to(inventory, "15125550099", NULL, "us");
	next_to(inventory, "8613912345679", "cn", NULL);
	/* a digit short, or one too many */
	next_to(inventory, "44207946015", "wide", "high");
	next_to(inventory, "4420794601500", "wide", "high");
	next_to(inventory, "", NULL, NULL);
	next_to(inventory, "0123", NULL, NULL);
	next_to(inventory, "44x", NULL, NULL);
	inventory_unref(inventory);
}
END_TEST

/* ---- verdicts ---- */

START_TEST(verdicts)
{
	struct inventory *inventory =
	    load_good("+442079460000 owner=a\n"
		      "+442079460001 owner=a expires=2026-11-20\n"
		      "+442079460002 owner=a expires=2026-11-21\n"
		      "+442079460003 owner=a verified=no\n"
		      "+442079460004 owner=a verified=2026-01-01\n"
		      "+442079460005 owner=b\n");
	static const struct {
		const char *number, *owner;
		int64_t today;
		enum inventory_verdict want;
	} rows[] = {
		{ "442079460000", "a", TODAY, INVENTORY_OWNED },
		{ "442079460000", "", TODAY, INVENTORY_OWNED },
		{ "442079460000", "b", TODAY, INVENTORY_OF_OTHERS },
		{ "442079460000", "A", TODAY, INVENTORY_OF_OTHERS },
		{ "442079460001", "a", TODAY, INVENTORY_EXPIRED },
		{ "442079460001", "a", TODAY - 1, INVENTORY_OWNED },
		{ "442079460001", "a", 0, INVENTORY_OWNED },
		{ "442079460001", "b", TODAY, INVENTORY_OF_OTHERS },
		{ "442079460002", "a", TODAY, INVENTORY_OWNED },
		{ "442079460002", "a", TODAY + 1, INVENTORY_EXPIRED },
		{ "442079460003", "a", TODAY, INVENTORY_UNVERIFIED },
		{ "442079460004", "a", TODAY, INVENTORY_OWNED },
		{ "442079460005", "", TODAY, INVENTORY_OWNED },
		{ "442079460006", "", TODAY, INVENTORY_UNKNOWN },
		{ "+442079460000", "", TODAY, INVENTORY_UNKNOWN },
		{ "44207946000", "", TODAY, INVENTORY_UNKNOWN },
		{ "4420794600000", "", TODAY, INVENTORY_UNKNOWN },
		{ "", "", TODAY, INVENTORY_UNKNOWN },
		{ "4420794600004420794600000000", "", TODAY,
		    INVENTORY_UNKNOWN },
	};
	size_t i;

	ck_assert_uint_eq(problems.n, 1);
	ck_assert_int_eq(problems.list[0].line, 2);
	ck_assert_ptr_nonnull(
	    strstr(problems.list[0].text, "expired by 2026-11-21"));
	for (i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(inventory_owns(inventory, span_of(rows[i].owner),
				  span_of(rows[i].number), rows[i].today,
				  NULL) == rows[i].want,
		    "row %zu: %s of %s", i, rows[i].number, rows[i].owner);
	ck_assert_str_eq(inventory_owner_at(inventory, 0), "a");
	ck_assert_str_eq(inventory_owner_at(inventory, 1), "b");
	ck_assert_ptr_null(inventory_owner_at(inventory, 2));
	inventory_unref(inventory);
}
END_TEST

/* A reload tells that the inventory has changed by this alone. */
START_TEST(digest)
{
	static const char *const others[] = {
		"",
		"+442079460000",
		"+442079460000..+442079460098 label=desk",
		"+442079460000..+442079460099 label=desks",
		"+442079460000..+442079460099 label=desk owner=other",
		"+442079460000..+442079460099 label=desk verified=no",
		"+442079460000..+442079460099 label=desk expires=2027-01-01",
		"\n+442079460000..+442079460099 label=desk",
	};
	static const char text[] = "+442079460000..+442079460099 label=desk";
	struct inventory *a = load_good(text), *b = load_good(text);
	uint64_t is = inventory_digest(a);
	size_t i;

	ck_assert(is == inventory_digest(b));
	inventory_unref(a);
	inventory_unref(b);
	for (i = 0; i < ARRAY_LEN(others); i++) {
		a = load_good(others[i]);
		ck_assert_msg(inventory_digest(a) != is, "%s", others[i]);
		inventory_unref(a);
	}
}
END_TEST

START_TEST(empty)
{
	struct inventory *inventory = load_good("# nothing yet\n");
	struct inventory_entry e;

	ck_assert_uint_eq(inventory_entries(inventory), 0);
	ck_assert(!inventory_find(inventory, SPAN("442079460000"), &e));
	ck_assert_ptr_null(inventory_owner_at(inventory, 0));
	next_to(inventory, "442079460000", NULL, NULL);
	inventory_unref(inventory_ref(inventory));
	inventory_unref(inventory);
	inventory_unref(NULL);
}
END_TEST

/* ---- files ---- */

START_TEST(files)
{
	const char *list[3];
	struct inventory *inventory;
	struct inventory_entry e;

	dir_make();
	list[0] = dir_path("twilio.numbers");
	list[1] = dir_path(".hidden");
	list[2] = dir_path("none");
	dir_write("twilio.numbers", "+15125550100\n");
	dir_write(
	    ".hidden", "+15125550101\n+15125550100 owner=twilio\n");
	inventory = inventory_load(list, 2, TODAY, &problems);
	ck_assert_ptr_nonnull(inventory);
	ck_assert_uint_eq(problems.n, 1);
	ck_assert_str_eq(problems.list[0].file, list[1]);
	ck_assert(inventory_find(inventory, SPAN("15125550100"), &e));
	ck_assert_span(e.owner, "twilio");
	ck_assert_span(e.file, list[0]);
	ck_assert(inventory_find(inventory, SPAN("15125550101"), &e));
	ck_assert_span(e.owner, ".hidden");
	ck_assert_uint_eq(e.line, 1);
	inventory_unref(inventory);
	ck_assert_ptr_null(inventory_load(list, 3, TODAY, &problems));
	ck_assert_uint_eq(problems.errors, 1);
	ck_assert_str_eq(problems.list[1].file, list[2]);
	ck_assert_str_eq(problems.list[1].text,
	    "the inventory cannot be read: No such file or directory");
	dir_remove();
}
END_TEST

/* ---- a million ---- */

#define MILLION 1000000

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Every other number of +4420 0000 0000 to +4420 0199 9998. */
static struct span
million(bool shuffled)
{
	char *text = malloc((size_t)MILLION * 80), *at = text;
	uint32_t i;

	ck_assert_ptr_nonnull(text);
	for (i = 0; i < MILLION; i++) {
		/* 7 has no factor in common with a million */
		uint32_t k = shuffled ? i * 7 % MILLION : i;

		at += sprintf(at,
		    "+44200%07u owner=customer-%u label=\"site %u\" "
		    "verified=2026-%02u-01\n",
		    k * 2, k % 500, k % 1000, k % 12 + 1);
	}
	return span_between(text, at);
}

START_TEST(a_million)
{
	struct span text = million(_i == 1);
	double begin = seconds(), loaded, found;
	struct inventory *inventory =
	    inventory_load_text(text, "million", TODAY, &problems);
	struct inventory_entry e;
	uint32_t i, hits = 0;

	loaded = seconds() - begin;
	ck_assert_ptr_nonnull(inventory);
	free((char *)text.p);
	ck_assert_uint_eq(problems.n, 0);
	ck_assert_uint_eq(inventory_entries(inventory), MILLION);
	ck_assert_uint_lt(inventory_bytes(inventory), 32 * 1000 * 1000);
	begin = seconds();
	for (i = 0; i < MILLION; i++) {
		char digits[] = "442000000000";
		uint32_t k = (uint32_t)(i * 7919ull % (2 * MILLION)), d, left;

		for (d = 11, left = k; left > 0; left /= 10)
			digits[d--] = (char)('0' + left % 10);
		if (inventory_find(inventory, span_make(digits, 12), &e) &&
		    e.first == 442000000000u + k)
			hits++;
		else if (k % 2 == 0)
			ck_abort_msg("+%s is not found", digits);
	}
	found = seconds() - begin;
	ck_assert_uint_eq(hits, MILLION / 2);
	printf("# a million lines%s: loaded in %.2f s, %.0f ns a look-up, "
	       "%.1f MB\n",
	    _i == 1 ? " in disorder" : "", loaded, found * 1e9 / MILLION,
	    (double)inventory_bytes(inventory) / 1e6);
	inventory_unref(inventory);
}
END_TEST

static TCase *
case_of(const char *name)
{
	TCase *c = tcase_create(name);

	tcase_add_checked_fixture(c, setup, teardown);
	return c;
}

int
main(void)
{
	Suite *suite = suite_create("inventory");
	TCase *lines = case_of("lines"), *index = case_of("index"),
	      *size = case_of("size");

	tcase_add_test(lines, days);
	tcase_add_test(lines, line_whole);
	tcase_add_test(lines, range_forms);
	tcase_add_loop_test(lines, line_wrong, 0, ARRAY_LEN(wrong));
	tcase_add_test(lines, line_too_long);
	tcase_add_test(lines, all_problems_at_once);
	tcase_add_test(lines, many_problems);
	tcase_add_test(lines, plans);
	tcase_add_test(index, duplicate);
	tcase_add_test(index, overlap_of_owners);
	tcase_add_test(index, range_in_range);
	tcase_add_test(index, range_beside_range);
	tcase_add_test(index, too_deep);
	tcase_add_test(index, neighbours);
	tcase_add_test(index, verdicts);
	tcase_add_test(index, digest);
	tcase_add_test(index, empty);
	tcase_add_test(index, files);
	tcase_set_timeout(size, 120);
	tcase_add_loop_test(size, a_million, 0, 2);
	suite_add_tcase(suite, lines);
	suite_add_tcase(suite, index);
	suite_add_tcase(suite, size);
	return unit_run(suite);
}
