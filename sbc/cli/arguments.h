/*
 * arguments.h - options and plain words of a command that runs offline
 */

#ifndef CORDON_CLI_ARGUMENTS_H
#define CORDON_CLI_ARGUMENTS_H

#include "cli/cli.h"

/* One of the two is set. */
struct option_row {
	const char *name; /* "--config" */
	const char **value;
	bool *flag;
};

/*
 * Takes the options out of `argv`; "--name value" and "--name=value". The plain
 * words stay at its beginning: how many, or -1 with a sentence on cli->err when
 * an option is unknown or lacks its value, or there are more words than `most`.
 */
int arguments_take(struct cli *cli, const struct option_row *rows, size_t n,
    char **argv, int argc, int most);

/* "usage: cordon ..." on cli->err; returns CLI_MISUSE. */
int arguments_misused(struct cli *cli, enum command_id id);

/* "cordon: SENTENCE" on cli->err; text from outside goes through
 * print_safe(). */
void arguments_complain(struct cli *cli, const char *before, const char *what,
    const char *behind);

#endif
