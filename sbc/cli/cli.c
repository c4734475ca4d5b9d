#include "cli/cli.h"

#include <stdlib.h>

#include "cli/client.h"
#include "config.h"

#define DEFAULT_SOCKET CORDON_RUNDIR "/control.sock"

struct words {
	char **list;
	int n;
};

/* ---- talking to the daemon ---- */

struct asking {
	struct cli *cli;
	struct show show;
	int status;
	bool not_one; /* call: candidates; number: nothing known */
};

static void
take(void *arg, json_t *line, const char *text)
{
	struct asking *asking = arg;
	const char *error = field_string(line, "error");

	asking->not_one |= json_is_true(json_object_get(line, "candidate")) ||
	    json_is_false(json_object_get(line, "known"));
	if (asking->cli->json)
		fprintf(asking->cli->print.out, "%s\n", text);
	if (error[0] != '\0') {
		asking->status = (int)field_number(line, "exit");
		asking->show.failed = true;
		fputs("cordon: ", asking->cli->err);
		print_safe(asking->cli->err, span_of(error));
		fputc('\n', asking->cli->err);
	}
	if (!asking->cli->json &&
	    (error[0] == '\0' || json_object_get(line, "problems") != NULL))
		asking->show.line(&asking->show, line);
	fflush(asking->cli->print.out);
}

static int
ask(struct cli *cli, enum command_id id, char **argv, int argc)
{
	const struct command *c = command_get(id);
	bool follow = argc > 0 && strcmp(argv[0], "--follow") == 0;
	struct asking asking = { .cli = cli, .show = { .print = cli->print } };
	FILE *daemon = client_open(cli->socket, follow, cli->err);
	enum client_end end;

	if (daemon == NULL)
		return CLI_MISUSE;
	if (!cli->json && !show_begin(&asking.show, id, follow)) {
		fclose(daemon);
		return CLI_MISUSE;
	}
	end = client_ask(daemon, c->name, argv, (size_t)argc,
	    c->kind == COMMAND_MANY, take, &asking, cli->err);
	fclose(daemon);
	if (asking.show.finish != NULL)
		asking.show.finish(&asking.show);
	if (end == CLIENT_BROKEN)
		return CLI_MISUSE;
	if (end == CLIENT_REFUSED)
		return asking.status == CLI_NO ? CLI_NO : CLI_MISUSE;
	return asking.not_one && argc > 0 ? CLI_NO : CLI_YES;
}

/* ---- the command line ---- */

#define TWO_WORDS_MAX 64 /* more than any command has */

/* The first two words as one name; empty where there is only one. */
static struct span
first_two(const struct words *words, char buf[TWO_WORDS_MAX])
{
	buf[0] = '\0';
	if (words->n > 1)
		snprintf(buf, TWO_WORDS_MAX, "%s %s", words->list[0],
		    words->list[1]);
	return span_of(buf);
}

/* Two words before one: "log level" is a command. How many of the words are
 * its name; 0: there is no such command. */
static int
find_command(const struct words *words, enum command_id *id)
{
	char buf[TWO_WORDS_MAX];

	if (command_find(first_two(words, buf), id))
		return 2;
	return command_find(span_of(words->list[0]), id) ? 1 : 0;
}

/* --help behind a command is about that one. */
static int
help_words(struct cli *cli, const struct words *words)
{
	enum command_id id;
	int used;

	if (words->n > 0) {
		used = find_command(words, &id);
		return help_run(cli, words->list, used == 0 ? 1 : used);
	}
	help_usage(cli->print.out);
	return CLI_YES;
}

/* Takes our options out of the words. -1 to go on, else an exit status. */
static int
take_options(struct cli *cli, int argc, char **argv, struct words *words)
{
	int i;

	for (i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--json") == 0) {
			cli->json = true;
		} else if (strncmp(word, "--socket=", 9) == 0) {
			cli->socket = word + 9;
		} else if (strcmp(word, "--socket") == 0 && i + 1 < argc) {
			cli->socket = argv[++i];
		} else if (strcmp(word, "--help") == 0 ||
		    strcmp(word, "-h") == 0) {
			return help_words(cli, words);
		} else if (strcmp(word, "--version") == 0) {
			fprintf(cli->print.out, "cordon %s\n", PACKAGE_VERSION);
			return CLI_YES;
		} else {
			words->list[words->n++] = argv[i];
		}
	}
	return -1;
}

static const char *
guess(const struct words *words)
{
	struct span first = span_of(words->list[0]);
	char buf[TWO_WORDS_MAX];
	const char *near = command_nearest(first_two(words, buf));
	unsigned i;

	if (near != NULL)
		return near;
	for (i = 0; i < COMMANDS; i++) {
		const char *name = command_get((enum command_id)i)->name;
		struct span rest;

		if (span_eq(span_cut(span_of(name), ' ', &rest), first))
			return name;
	}
	return command_nearest(first);
}

static int
unknown(struct cli *cli, const struct words *words)
{
	const char *near = guess(words);

	fputs("cordon: no command \"", cli->err);
	print_safe(cli->err, span_of(words->list[0]));
	if (near != NULL)
		fprintf(cli->err, "\", is it \"%s\"?\n", near);
	else
		fputs("\"; cordon help lists them\n", cli->err);
	return CLI_MISUSE;
}

static int
run(struct cli *cli, const struct words *words)
{
	enum command_id id;
	int used;

	if (words->n == 0) {
		help_usage(cli->err);
		return CLI_MISUSE;
	}
	used = find_command(words, &id);
	if (used == 0)
		return unknown(cli, words);
	if (command_get(id)->kind == COMMAND_OFFLINE)
		return offline_run(
		    cli, id, words->list + used, words->n - used);
	if (id == COMMAND_ID_DID &&
	    did_is_offline(words->list + used, words->n - used))
		return did_offline(cli, words->list + used, words->n - used);
	return ask(cli, id, words->list + used, words->n - used);
}

int
cli_run(int argc, char **argv, FILE *out, FILE *err)
{
	struct cli cli = { .socket = DEFAULT_SOCKET, .err = err };
	struct words words = { .list = calloc((size_t)argc + 1,
	                           sizeof(char *)) };
	int status;

	if (words.list == NULL)
		return CLI_MISUSE;
	print_init(&cli.print, out);
	status = take_options(&cli, argc, argv, &words);
	if (status == -1)
		status = run(&cli, &words);
	free(words.list);
	if (fflush(out) != 0)
		status = CLI_MISUSE;
	return status;
}
