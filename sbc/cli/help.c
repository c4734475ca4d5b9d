#include "base/container.h"
#include "cli/cli.h"

#define NAME_COLUMNS 34

static const struct {
	const char *option;
	const char *help;
} options[] = {
	{ "--json", "one JSON object a line, for programs" },
	{ "--socket PATH", "the daemon's socket" },
	{ "--help", "this list" },
	{ "--version", "the version" },
};

static void
print_row(FILE *out, int used, const char *help)
{
	fprintf(out, "%*s%s\n", used < NAME_COLUMNS ? NAME_COLUMNS - used : 1,
	    "", help);
}

static void
print_command(FILE *out, enum command_id id)
{
	const struct command *c = command_get(id);

	print_row(out,
	    fprintf(out, "  %s%s%s", c->name,
		c->arguments[0] == '\0' ? "" : " ", c->arguments),
	    c->help);
}

/* The commands, or those of two words whose first one it is; how many. */
static size_t
each_command(FILE *out, struct span first,
    void (*print)(FILE *out, enum command_id id))
{
	size_t i, n = 0;

	for (i = 0; i < COMMANDS; i++) {
		const struct command *c = command_get((enum command_id)i);
		struct span second;

		if (!span_empty(first) &&
		    !span_eq(span_cut(span_of(c->name), ' ', &second), first))
			continue;
		print(out, (enum command_id)i);
		n++;
	}
	return n;
}

void
help_usage(FILE *out)
{
	size_t i;

	fputs("usage: cordon [--json] [--socket PATH] COMMAND ...\n\n", out);
	each_command(out, SPAN_NONE, print_command);
	fputc('\n', out);
	for (i = 0; i < ARRAY_LEN(options); i++)
		print_row(out, fprintf(out, "  %s", options[i].option),
		    options[i].help);
}

static void
print_json(FILE *out, enum command_id id)
{
	const struct command *c = command_get(id);
	json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:b}", "command", c->name,
	    "arguments", c->arguments, "help", c->help, "detail", c->detail,
	    "daemon", c->kind != COMMAND_OFFLINE);

	json_dumpf(row, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(row);
}

/* The commands as the list of cordon(1). */
static void
print_mdoc(FILE *out)
{
	const struct print page = { .out = out, .width = 78 };
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		const struct command *c = command_get((enum command_id)i);
		struct span rest = span_of(c->detail);

		fprintf(out, ".It Cm %s", c->name);
		if (c->arguments[0] != '\0')
			fprintf(out, " Ar %s", c->arguments);
		fputc('\n', out);
		/* A sentence a line. */
		while (!span_empty(rest)) {
			ptrdiff_t at = span_find_span(rest, SPAN(". "));
			size_t n = at < 0 ? rest.n : (size_t)at + 1;

			print_wrapped(
			    &page, PAINT_NONE, 0, span_make(rest.p, n));
			rest = span_from(rest, at < 0 ? n : n + 1);
		}
	}
}

/* First words, and for those with two the second ones, for the completion. */
static void
print_words(FILE *out)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		const struct command *c = command_get((enum command_id)i);

		fprintf(out, "\t'%s:%s'\n", c->name, c->arguments);
	}
}

static int
help_one(struct cli *cli, struct span name)
{
	enum command_id id;
	const char *near;

	if (command_find(name, &id)) {
		if (cli->json) {
			print_json(cli->print.out, id);
			return CLI_YES;
		}
		fputs("cordon ", cli->print.out);
		command_print_usage(id, cli->print.out);
		fputs("\n\n", cli->print.out);
		print_wrapped(&cli->print, PAINT_NONE, 0,
		    span_of(command_get(id)->detail));
		return CLI_YES;
	}
	if (each_command(cli->print.out, name,
		cli->json ? print_json : print_command) > 0)
		return CLI_YES;
	near = command_nearest(name);
	fputs("cordon: no command \"", cli->err);
	print_safe(cli->err, name);
	fputs(near == NULL ? "\"" : "\", is it \"", cli->err);
	fprintf(cli->err, "%s%s\n", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
	return CLI_MISUSE;
}

int
help_run(struct cli *cli, char **argv, int argc)
{
	char name[64];

	if (argc == 1 && strcmp(argv[0], "--mdoc") == 0) {
		print_mdoc(cli->print.out);
		return CLI_YES;
	}
	if (argc == 1 && strcmp(argv[0], "--words") == 0) {
		print_words(cli->print.out);
		return CLI_YES;
	}
	if (argc > 0) {
		snprintf(name, sizeof(name), "%s%s%s", argv[0],
		    argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
		return help_one(cli, span_of(name));
	}
	if (!cli->json) {
		help_usage(cli->print.out);
		return CLI_YES;
	}
	each_command(cli->print.out, SPAN_NONE, print_json);
	return CLI_YES;
}
