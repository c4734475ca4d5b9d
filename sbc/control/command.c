#include "control/command.h"

#include "base/problem.h"

static const struct command commands[] = {
#define COMMAND(id, name, arguments, kind, help, detail)                       \
	{ name, arguments, COMMAND_##kind, help, detail },
#include "control/commands.def"
#undef COMMAND
};

const struct command *
command_get(enum command_id id)
{
	return &commands[id];
}

bool
command_find(struct span name, enum command_id *id)
{
	unsigned i;

	for (i = 0; i < COMMANDS; i++)
		if (span_eq(name, span_of(commands[i].name))) {
			*id = (enum command_id)i;
			return true;
		}
	return false;
}

const char *
command_nearest(struct span name)
{
	const char *names[COMMANDS];
	unsigned i;

	for (i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	return word_nearest(name, names, COMMANDS);
}

void
command_print_usage(enum command_id id, FILE *out)
{
	const struct command *c = &commands[id];

	fprintf(out, "%s%s%s", c->name, c->arguments[0] == '\0' ? "" : " ",
	    c->arguments);
}
