/*
 * command.h - the one list of commands: for daemon, command, manual, completion
 */

#ifndef CORDON_CONTROL_COMMAND_H
#define CORDON_CONTROL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/span.h"

enum command_kind { COMMAND_ONE, COMMAND_MANY, COMMAND_OFFLINE };

enum command_id {
#define COMMAND(id, name, arguments, kind, help, detail) COMMAND_ID_##id,
#include "control/commands.def"
#undef COMMAND
	COMMANDS
};

struct command {
	const char *name;      /* one or two words: "show config" */
	const char *arguments; /* "" when it has none */
	enum command_kind kind;
	const char *help;      /* half a sentence */
	const char *detail;
};

const struct command *command_get(enum command_id id);

/* False when there is no command of that name. */
bool command_find(struct span name, enum command_id *id);

/* The name of a command that is near to it, or NULL. */
const char *command_nearest(struct span name);

/* As it is called: "log level [LEVEL]". */
void command_print_usage(enum command_id id, FILE *out);

#endif
