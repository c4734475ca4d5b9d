#include "cli/offline.h"

#include <limits.h>

#include "cli/arguments.h"
#include "diagnosis/diagnosis.h"

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

/* ---- the commands ---- */

static const struct {
	int (*run)(struct cli *cli, char **argv, int argc);
	int least, most; /* words */
} runs[COMMANDS] = {
	[COMMAND_ID_HELP] = { help_run, 0, 2 },
	[COMMAND_ID_EXPLAIN] = { explain, 0, 1 },
	[COMMAND_ID_CHECK] = { check_run, 0, 1 },
	[COMMAND_ID_TEST] = { try_run, 1, INT_MAX },
	[COMMAND_ID_REPLAY] = { replay_run, 1, INT_MAX },
	[COMMAND_ID_POLICY_LIST] = { policy_list_run, 0, INT_MAX },
	[COMMAND_ID_POLICY_LINT] = { policy_lint_run, 0, INT_MAX },
	[COMMAND_ID_POLICY_SHOW] = { policy_show_run, 1, 1 },
};

int
offline_run(struct cli *cli, enum command_id id, char **argv, int argc)
{
	if (runs[id].run == NULL || argc < runs[id].least ||
	    argc > runs[id].most)
		return arguments_misused(cli, id);
	return runs[id].run(cli, argv, argc);
}
