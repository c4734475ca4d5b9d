/*
 * trials.c - the tests inside a policy file as a table
 */

#include "base/container.h"
#include "cli/offline.h"
#include "cli/table.h"
#include "policy/trial.h"

static void
collect(void *arg, const char *difference)
{
	json_array_append_new(arg, json_string(difference));
}

static json_t *
run_one(const struct policy *policy, unsigned i)
{
	struct span name = trial_name(policy, i);
	json_t *differences = json_array();
	bool good = trial_run(policy, i, collect, differences);

	return json_pack("{s:s%, s:i, s:b, s:o}", "test", name.p, name.n,
	    "line", (int)trial_line(policy, i), "passed", good, "differences",
	    differences);
}

static void
add_row(struct table *table, const json_t *row)
{
	bool good = json_is_true(json_object_get(row, "passed"));

	table_addf(table, PAINT_DIM, "%llu",
	    (unsigned long long)field_number(row, "line"));
	table_add(table, PAINT_NONE, field_string(row, "test"));
	table_add(table, good ? PAINT_GREEN : PAINT_RED,
	    good ? "passed" : "failed");
}

static void
print_differences(const struct print *print, const json_t *row)
{
	const json_t *differences = json_object_get(row, "differences");
	const json_t *line;
	size_t i;

	if (json_array_size(differences) == 0)
		return;
	fputc('\n', print->out);
	print_str(print, PAINT_BOLD, field_string(row, "test"));
	fputc('\n', print->out);
	json_array_foreach(differences, i, line)
		print_wrapped(
		    print, PAINT_NONE, 2, span_of(json_string_value(line)));
}

static void
print_all(struct cli *cli, const struct policy *policy, const json_t *rows)
{
	static const char *const titles[] = { ">LINE", "TEST", "RESULT" };
	struct table table;
	const json_t *row;
	size_t i;

	if (json_array_size(rows) == 0) {
		fprintf(cli->print.out, "%s has no tests\n",
		    policy_file(policy));
		return;
	}
	table_init(&table, titles, ARRAY_LEN(titles));
	json_array_foreach(rows, i, row)
		add_row(&table, row);
	table_print(&table, &cli->print);
	table_fini(&table);
	json_array_foreach(rows, i, row)
		print_differences(&cli->print, row);
}

static void
pass_over(void *arg, const char *difference)
{
	(void)arg;
	(void)difference;
}

unsigned
trials_failed(const struct policy *policy)
{
	unsigned i, n = trial_count(policy), failed = 0;

	for (i = 0; i < n; i++)
		failed += !trial_run(policy, i, pass_over, NULL);
	return failed;
}

int
trials_print(struct cli *cli, const struct policy *policy)
{
	json_t *rows = json_array();
	unsigned i, n = trial_count(policy);
	int status = CLI_YES;

	for (i = 0; i < n; i++) {
		json_t *row = run_one(policy, i);

		if (!json_is_true(json_object_get(row, "passed")))
			status = CLI_NO;
		json_array_append_new(rows, row);
	}
	for (i = 0; cli->json && i < n; i++) {
		json_dumpf(json_array_get(rows, i), cli->print.out,
		    JSON_COMPACT);
		fputc('\n', cli->print.out);
	}
	if (!cli->json)
		print_all(cli, policy, rows);
	json_decref(rows);
	return status;
}
