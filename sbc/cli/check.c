/*
 * check.c - cordon check: a configuration, its policies and their tests
 */

#include "base/container.h"
#include "cli/offline.h"
#include "cli/table.h"
#include "cli/world.h"
#include "config/source.h"
#include "policy/trial.h"

#define POLICIES_MAX 256

/* One file in the table. */
struct checked {
	const char *file;
	const char *kind;
	bool good;
	size_t errors, warnings;
	unsigned tests; /* of a policy that is good */
	char name[64];
};

struct check {
	struct checked list[POLICIES_MAX + 1];
	size_t n;
	struct problems problems; /* all, each once */
	struct config *config;    /* the file names lie in it */
};

static void
count(struct checked *row, const struct problems *problems, size_t from)
{
	size_t i;

	for (i = from; i < problems->n; i++)
		if (problems->list[i].level == PROBLEM_ERROR)
			row->errors++;
		else
			row->warnings++;
}

static struct checked *
add(struct check *check, const char *file, const char *kind)
{
	struct checked *row = &check->list[check->n++];

	*row = (struct checked){ .file = file, .kind = kind };
	return row;
}

static void
check_policy(struct check *check, const char *file)
{
	size_t i, before = check->problems.n;
	struct checked *row;
	struct policy *policy;

	for (i = 0; i < check->n; i++)
		if (strcmp(check->list[i].file, file) == 0)
			return;
	if (file[0] == '\0' || check->n > POLICIES_MAX)
		return;
	row = add(check, file, "policy");
	policy = policy_load(file, world_today(), &check->problems);
	count(row, &check->problems, before);
	row->good = policy != NULL;
	if (policy != NULL) {
		row->tests = trial_count(policy);
		snprintf(row->name, sizeof(row->name), "%s",
		    policy_name(policy));
	}
	policy_unref(policy);
}

/* What is wrong between files: numbers that nobody owns, and the like. What the
 * policies have said already is not said again. */
static bool
check_together(struct check *check, struct config *config)
{
	struct problems problems;
	struct trunks *trunks;
	bool good;
	size_t i, j;

	problems_init(&problems);
	trunks = trunks_create(config, NULL, 0, world_today(), &problems);
	good = trunks != NULL;
	for (i = 0; i < problems.n; i++) {
		const struct problem *p = &problems.list[i];

		for (j = 1; j < check->n; j++)
			if (p->file != NULL &&
			    strcmp(p->file, check->list[j].file) == 0)
				break;
		if (j == check->n && p->text != NULL)
			problem_add(&check->problems, p->level, p->file,
			    p->line, "%s", p->text);
	}
	trunks_unref(trunks);
	problems_fini(&problems);
	return good;
}

/* As the daemon does before it uses the file; opens no socket. */
static bool
check_all(struct check *check, const char *file)
{
	struct checked *row = add(check, file, "configuration");
	struct config *config = config_load(file, &check->problems);
	size_t i, before;
	bool good = config != NULL;

	check->config = config;
	count(row, &check->problems, 0);
	for (i = 0; config != NULL && i < config->trunks_n; i++) {
		check_policy(check, config->trunks[i].policy_in);
		check_policy(check, config->trunks[i].policy_out);
	}
	before = check->problems.n;
	if (config != NULL)
		good = check_together(check, config);
	count(&check->list[0], &check->problems, before);
	check->list[0].good = config != NULL && check->list[0].errors == 0;
	return good && check->problems.errors == 0;
}

/* A policy alone: people name the file that they have at hand. */
static bool
is_policy(const char *file)
{
	struct problems problems;
	struct source source;
	bool found;

	problems_init(&problems);
	found = source_open(&source, file, &problems);
	if (found) {
		found = config_lookup(&source.tree, "policy") != NULL;
		source_close(&source);
	}
	problems_fini(&problems);
	return found;
}

static bool
check_file(struct check *check, const char *file)
{
	check->config = NULL;
	if (!is_policy(file))
		return check_all(check, file);
	check_policy(check, file);
	return check->list[0].good;
}

/* ---- what comes out ---- */

static void
add_count(struct text *t, size_t n, const char *what)
{
	if (n == 0)
		return;
	text_addf(t, "%s%zu %s%s", t->len == 0 ? "" : ", ", n, what,
	    n == 1 ? "" : "s");
}

static void
add_row(struct table *table, const struct checked *row)
{
	bool policy = strcmp(row->kind, "policy") == 0;
	char buf[64];
	struct text t = text_over(buf, sizeof(buf));

	table_add(table, PAINT_NONE, row->kind);
	table_add(table, PAINT_NONE, row->file);
	table_add(table, PAINT_NONE, row->name);
	if (policy && row->good)
		table_addf(table, row->tests == 0 ? PAINT_YELLOW : PAINT_NONE,
		    "%u", row->tests);
	else
		table_add(table, PAINT_NONE, "");
	add_count(&t, row->errors, "error");
	add_count(&t, row->warnings, "warning");
	if (t.len == 0)
		TEXT_LIT(&t, "good");
	table_add(table, !row->good  ? PAINT_RED
		: row->warnings > 0 ? PAINT_YELLOW
				    : PAINT_GREEN,
	    text_cstr(&t));
}

static void
print_check(struct cli *cli, const struct check *check, bool good)
{
	static const char *const titles[] = { "WHAT", "FILE", "NAME", ">TESTS",
		"RESULT" };
	struct table table;
	size_t i;

	problems_print(&check->problems, cli->print.out);
	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 0; i < check->n; i++)
		add_row(&table, &check->list[i]);
	table_print(&table, &cli->print);
	table_fini(&table);
	if (good)
		fprintf(cli->print.out, "%s: good%s\n", check->list[0].file,
		    check->problems.n > 0 ? ", with warnings" : "");
}

static json_t *
problems_json(const struct problems *problems)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:s?, s:i, s:s}", "level",
		        p->level == PROBLEM_ERROR ? "error" : "warning", "file",
		        p->file, "line", p->line, "text",
		        p->text == NULL ? "" : p->text));
	}
	return list;
}

static void
dump_check(FILE *out, const struct check *check, bool good)
{
	json_t *policies = json_array(), *answer;
	size_t i;

	for (i = 0; i < check->n; i++)
		if (strcmp(check->list[i].kind, "policy") == 0)
			json_array_append_new(policies,
			    json_pack("{s:s, s:s, s:b, s:i}", "file",
				check->list[i].file, "name",
				check->list[i].name, "good",
				check->list[i].good, "tests",
				(int)check->list[i].tests));
	answer = json_pack("{s:s, s:b, s:o, s:o}", "file", check->list[0].file,
	    "good", good, "problems", problems_json(&check->problems),
	    "policies", policies);
	json_dumpf(answer, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(answer);
}

int
check_run(struct cli *cli, char **argv, int argc)
{
	static struct check check;
	bool good;

	check.n = 0;
	problems_init(&check.problems);
	good = check_file(&check, argc == 0 ? WORLD_CONFIG : argv[0]);
	if (cli->json)
		dump_check(cli->print.out, &check, good);
	else
		print_check(cli, &check, good);
	problems_fini(&check.problems);
	config_unref(check.config);
	return good ? CLI_YES : CLI_NO;
}
