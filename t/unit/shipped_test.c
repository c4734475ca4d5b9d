/*
 * shipped_test.c - every file in policies/: loads without a word, is installed,
 * and one about a product has facts with a date, enough tests of its own, and
 * an example of a trunk that the configuration takes
 */

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "base/day.h"
#include "config/config.h"
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
	    span_make(files[_i], strlen(files[_i]) - strlen(".conf")), name.p);
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
	ck_assert_msg(
	    strstr(list, want) != NULL, "%s is not in policies/local.mk", want);
}

END_TEST

/* ---- the example in the comment at the head ---- */

#define EXAMPLE_BEGINS "#\ttrunks = ("
#define EXAMPLE_ENDS   "#\t} );"
#define EXAMPLE_FILE   "shipped-example.conf"

static const char example_head[] =
    "listeners = (\n"
    "{ name = \"inside\"; transport = \"udp\"; address = \"127.0.0.1:5060\"; "
    "},\n"
    "{ name = \"inside-tcp\"; transport = \"tcp\"; address = "
    "\"127.0.0.1:5060\"; },\n"
    "{ name = \"outside\"; transport = \"udp\"; address = "
    "\"127.0.0.2:5060\"; },\n"
    /* Without a certificate: TLS options are read, and of no effect. */
    "{ name = \"outside-tls\"; transport = \"tcp\"; address = "
    "\"127.0.0.2:5061\"; } );\n";

static const char example_tail[] =
    "routes = ( { from = \"%s\"; to = \"%s\"; } );\n";

/* Names of policies become paths: the example has them beside it. */
static void
write_example_line(FILE *out, const char *line)
{
	const char *at = strstr(line, "policy_");
	const char *name = at == NULL ? NULL : strchr(at, '"');

	if (name == NULL)
		fputs(line, out);
	else
		fprintf(out, "%.*s%s/policies/%s", (int)(name + 1 - line), line,
		    SRCDIR, name + 1);
}

/* True when there was one; `trunk` gets the name of its trunk. */
static bool
write_example(FILE *in, FILE *out, char *trunk)
{
	char line[512];
	bool inside = false, named = false;

	while (fgets(line, sizeof(line), in) != NULL && line[0] == '#') {
		inside |=
		    strncmp(line, EXAMPLE_BEGINS, strlen(EXAMPLE_BEGINS)) == 0;
		if (!inside)
			continue;
		named |= !named &&
			 sscanf(line, "#\t name = \"%63[^\"]\"", trunk) == 1;
		write_example_line(out, line + 1);
		if (strncmp(line, EXAMPLE_ENDS, strlen(EXAMPLE_ENDS)) == 0)
			return named;
	}
	return false;
}

START_TEST(has_an_example)
{
	struct problems problems;
	struct config *config;
	char file[512], trunk[64];
	FILE *in, *out;

	if (is_general(files[_i]))
		return;
	snprintf(file, sizeof(file), "%s/policies/%s", SRCDIR, files[_i]);
	in = fopen(file, "r");
	out = fopen(EXAMPLE_FILE, "w");
	ck_assert(in != NULL && out != NULL);
	fputs(example_head, out);
	ck_assert_msg(write_example(in, out, trunk),
	    "%s has no example of a trunk in its head", files[_i]);
	fprintf(out, example_tail, trunk, trunk);
	fclose(in);
	fclose(out);
	problems_init(&problems);
	config = config_load(EXAMPLE_FILE, &problems);
	if (config == NULL)
		problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(config);
	ck_assert(config_find_trunk(config, span_of(trunk))->policy_in[0] ||
		  config_find_trunk(config, span_of(trunk))->policy_out[0]);
	config_unref(config);
	problems_fini(&problems);
	remove(EXAMPLE_FILE);
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
	tcase_add_loop_test(tc, has_an_example, 0, files_n);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
