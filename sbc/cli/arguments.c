#include "cli/arguments.h"

#include "base/container.h"
#include "base/problem.h"

#define ROWS_MAX 12

void
arguments_complain(struct cli *cli, const char *before, const char *what,
    const char *behind)
{
	fprintf(cli->err, "cordon: %s", before);
	print_safe(cli->err, span_of(what));
	fprintf(cli->err, "%s\n", behind);
}

int
arguments_misused(struct cli *cli, enum command_id id)
{
	fputs("usage: cordon ", cli->err);
	command_print_usage(id, cli->err);
	fputc('\n', cli->err);
	return CLI_MISUSE;
}

static const struct option_row *
row_find(const struct option_row *rows, size_t n, struct span name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_eq(span_of(rows[i].name), name))
			return &rows[i];
	return NULL;
}

static bool
unknown(struct cli *cli, const struct option_row *rows, size_t n,
    const char *word)
{
	const char *names[ROWS_MAX], *near;
	char tail[64];
	size_t i;

	for (i = 0; i < n && i < ROWS_MAX; i++)
		names[i] = rows[i].name;
	near = word_nearest(span_of(word), names, i);
	snprintf(tail, sizeof(tail), "\"%s%s%s", near == NULL ? "" : ", is it ",
	    near == NULL ? "" : near, near == NULL ? "" : "?");
	arguments_complain(cli, "no option \"", word, tail);
	return false;
}

/* One option with its value; *i is at its name and is left at its last word. */
static bool
take_option(struct cli *cli, const struct option_row *rows, size_t n,
    char **argv, int argc, int *i)
{
	struct span word = span_of(argv[*i]), value;
	struct span name = span_cut(word, '=', &value);
	bool has_value = name.n < word.n;
	const struct option_row *row = row_find(rows, n, name);

	if (row == NULL)
		return unknown(cli, rows, n, argv[*i]);
	if (row->flag != NULL && has_value) {
		arguments_complain(cli, "", row->name, " takes no value");
		return false;
	}
	if (row->flag != NULL) {
		*row->flag = true;
		return true;
	}
	if (!has_value && *i + 1 == argc) {
		arguments_complain(cli, "", row->name, " wants a value");
		return false;
	}
	*row->value = has_value ? value.p : argv[++*i];
	return true;
}

int
arguments_take(struct cli *cli, const struct option_row *rows, size_t n,
    char **argv, int argc, int most)
{
	int i, plain = 0;

	for (i = 0; i < argc; i++) {
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[plain++] = argv[i];
			continue;
		}
		if (!take_option(cli, rows, n, argv, argc, &i))
			return -1;
	}
	if (plain <= most)
		return plain;
	arguments_complain(
	    cli, "what is \"", argv[most], "\"? That is one word too many");
	return -1;
}
