/*
 * input.h - one message from a file, standard input or a capture
 */

#ifndef CORDON_CLI_INPUT_H
#define CORDON_CLI_INPUT_H

#include "cli/cli.h"

struct input {
	char *bytes; /* freed by input_fini() */
	size_t n;
	uint64_t packet; /* of a capture; 0: plain text */
};

/*
 * `name` "-" is standard input. Of a capture: packet number `packet`, or with 0
 * the first INVITE outside of a dialog. An empty line is added to a text that
 * ends without one. False with a sentence on cli->err.
 */
bool input_read(struct input *input, struct cli *cli, const char *name,
    uint64_t packet);
void input_fini(struct input *input);

#endif
