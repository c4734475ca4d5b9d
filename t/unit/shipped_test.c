/*
 * shipped_test.c - every file in policies/: loads without a word, is installed,
 * and one about a product has facts with a date and enough tests of its own
 */

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/day.h"
#include "policy/rules.h"
#include "policy/trial.h"
#include "unit.h"

#define FILES_MAX 64
#define TESTS_MIN 5

/* Those that are about no product, and have no facts. */
static const char *const general[] = { "carrier-e164.conf",
	"pbx-default.conf" };

static char files[FILES_MAX][64];
static int files_n;

static bool
ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

static void
find_files(void)
{
	DIR *dir = opendir(SRCDIR "/policies");
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!ends_in(entry->d_name, ".conf") || files_n == FILES_MAX ||
		    strlen(entry->d_name) >= sizeof(files[0]))
			continue;
		strcpy(files[files_n++], entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
}

static bool
is_general(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(general); i++) {
		if (strcmp(general[i], name) == 0)
			return true;
	}
	return false;
}

/* Loading runs the tests of the file. */
static struct policy *
load(const char *name, const char *today)
{
	struct problems problems;
	struct policy *policy;
	char file[512];
	int32_t day;

	ck_assert(day_parse(span_of(today), &day));
	snprintf(file, sizeof(file), "%s/policies/%s", SRCDIR, name);
	problems_init(&problems);
	policy = policy_load(file, day, &problems);
	problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(problems.n, 0);
	problems_fini(&problems);
	return policy;
}

START_TEST(loads)
{
	policy_unref(load(files[_i], "2026-11-21"));
}
END_TEST

START_TEST(has_facts_and_tests)
{
	struct policy *policy = load(files[_i], "2026-11-21");

	if (!is_general(files[_i])) {
		ck_assert_msg(policy_gives(policy, SETTING_AS_OF) &&
				  policy_gives(policy, SETTING_EXPIRES) &&
				  policy_gives(policy, SETTING_SOURCES),
		    "%s: facts want as_of, expires and sources", files[_i]);
		ck_assert_msg(trial_count(policy) >= TESTS_MIN,
		    "%s has %u tests, expected %d or more", files[_i],
		    trial_count(policy), TESTS_MIN);
	}
	policy_unref(policy);
}
END_TEST

/* Lists call a policy by its name: that of its file. */
START_TEST(is_called_like_its_file)
{
	struct policy *policy = load(files[_i], "2026-11-21");
	struct span name = policy_text(policy, SETTING_NAME);

	ck_assert_span(
	    span_make(files[_i], strlen(files[_i]) - strlen(".conf")),
	    name.p);
	policy_unref(policy);
}
END_TEST

START_TEST(is_installed)
{
	char list[8192], want[128];
	FILE *f = fopen(SRCDIR "/policies/local.mk", "r");
	size_t n;

	ck_assert_ptr_nonnull(f);
	n = fread(list, 1, sizeof(list) - 1, f);
	fclose(f);
	list[n] = '\0';
	snprintf(want, sizeof(want), "policies/%s", files[_i]);
	ck_assert_msg(strstr(list, want) != NULL,
	    "%s is not in policies/local.mk", want);
}
END_TEST

START_TEST(are_found)
{
	ck_assert_int_ge(files_n, 2);
	ck_assert_int_lt(files_n, FILES_MAX);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("shipped");
	TCase *tc = tcase_create("policies");

	find_files();
	tcase_add_test(tc, are_found);
	tcase_add_loop_test(tc, loads, 0, files_n);
	tcase_add_loop_test(tc, has_facts_and_tests, 0, files_n);
	tcase_add_loop_test(tc, is_called_like_its_file, 0, files_n);
	tcase_add_loop_test(tc, is_installed, 0, files_n);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
