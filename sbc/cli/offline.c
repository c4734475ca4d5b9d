#include <time.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "config/config.h"
#include "diagnosis/diagnosis.h"
#include "trunk/trunk.h"

/* ---- explain ---- */

static struct span
family_of(enum diagnostic id)
{
	struct span rest;

	return span_cut(span_of(diagnosis_get(id)->code), '-', &rest);
}

static enum paint
paint_of(enum diag_severity severity)
{
	return severity == SEVERITY_FAULT ? PAINT_RED :
	    severity == SEVERITY_WARNING  ? PAINT_YELLOW :
	                                    PAINT_BOLD;
}

static int
list_codes(struct cli *cli)
{
	struct span family = SPAN_NONE;
	FILE *out = cli->print.out;
	unsigned i;

	for (i = 1; i < DIAGNOSTICS; i++) {
		const struct diagnosis *row = diagnosis_get((enum diagnostic)i);

		if (!span_eq(family, family_of((enum diagnostic)i))) {
			family = family_of((enum diagnostic)i);
			fputs(i == 1 ? "" : "\n", out);
		}
		fputs("  ", out);
		print_str(&cli->print, paint_of(row->severity), row->code);
		print_pad(&cli->print, strlen(row->code), 26);
		fprintf(out, "%s\n", row->title);
	}
	return CLI_YES;
}

static void
dump_code(FILE *out, enum diagnostic id)
{
	const struct diagnosis *row = diagnosis_get(id);
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
	    "code", row->code, "title", row->title, "side",
	    diag_side_name(row->side), "severity",
	    diag_severity_name(row->severity), "rows", row->rows, "symptom",
	    row->symptom, "cause", row->cause, "does", row->does, "person",
	    row->person);

	json_dumpf(o, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(o);
}

static int
explain_one(struct cli *cli, const char *code)
{
	enum diagnostic id = diagnosis_find(span_of(code));
	const char *near;

	if (id != DIAG_NONE) {
		if (cli->json)
			dump_code(cli->print.out, id);
		else
			diagnosis_print(id, cli->print.out);
		return CLI_YES;
	}
	near = diagnosis_nearest(span_of(code));
	fputs("cordon: no code \"", cli->err);
	print_safe(cli->err, span_of(code));
	fprintf(cli->err, "\"%s%s%s\n", near == NULL ? "" : ", is it ",
	    near == NULL ? "" : near, near == NULL ? "" : "?");
	return CLI_NO;
}

static int
explain(struct cli *cli, char **argv, int argc)
{
	unsigned i;

	if (argc == 1)
		return explain_one(cli, argv[0]);
	if (!cli->json)
		return list_codes(cli);
	for (i = 1; i < DIAGNOSTICS; i++)
		dump_code(cli->print.out, (enum diagnostic)i);
	return CLI_YES;
}

/* ---- check ---- */

static void
dump_problems(FILE *out, const char *file, bool good,
    const struct problems *problems)
{
	json_t *list = json_array(), *answer;
	size_t i;

	for (i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:s?, s:i, s:s}", "level",
		        p->level == PROBLEM_ERROR ? "error" : "warning", "file",
		        p->file, "line", p->line, "text",
		        p->text == NULL ? "" : p->text));
	}
	answer = json_pack("{s:s, s:b, s:o}", "file", file, "good", good,
	    "problems", list);
	json_dumpf(answer, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(answer);
}

/* As the daemon does before it uses the file; opens no socket. */
static bool
is_good(const char *file, struct problems *problems)
{
	struct config *config = config_load(file, problems);
	struct trunks *trunks = NULL;

	if (config != NULL)
		trunks = trunks_create(config, NULL, 0,
		    (int64_t)(time(NULL) / 86400), problems);
	trunks_unref(trunks);
	config_unref(config);
	return trunks != NULL && problems->errors == 0;
}

static int
check(struct cli *cli, char **argv, int argc)
{
	const char *file =
	    argc == 0 ? CORDON_SYSCONFDIR "/cordon.conf" : argv[0];
	struct problems problems;
	bool good;

	problems_init(&problems);
	good = is_good(file, &problems);
	if (cli->json) {
		dump_problems(cli->print.out, file, good, &problems);
	} else {
		problems_print(&problems, cli->print.out);
		if (good)
			fprintf(cli->print.out, "%s: good%s\n", file,
			    problems.n > 0 ? ", with warnings" : "");
	}
	problems_fini(&problems);
	return good ? CLI_YES : CLI_NO;
}

int
offline_run(struct cli *cli, enum command_id id, char **argv, int argc)
{
	if (id == COMMAND_ID_HELP && argc <= 2)
		return help_run(cli, argv, argc);
	if (id == COMMAND_ID_EXPLAIN && argc <= 1)
		return explain(cli, argv, argc);
	if (id == COMMAND_ID_CHECK && argc <= 1)
		return check(cli, argv, argc);
	fputs("usage: cordon ", cli->err);
	command_print_usage(id, cli->err);
	fputc('\n', cli->err);
	return CLI_MISUSE;
}
