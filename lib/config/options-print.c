/*
 * options-print.c - prints the table of options, to make the manual and
 * cordon-full.conf when Cordon is built
 */

#include <stdlib.h>

#include "base/container.h"
#include "config/config.h"

static const struct {
	const char *name;
	void (*print)(FILE *out);
} forms[] = {
	{ "mdoc", config_print_mdoc },
	{ "full", config_print_full },
};

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < ARRAY_LEN(forms); i++) {
		if (strcmp(argv[1], forms[i].name) != 0)
			continue;
		forms[i].print(stdout);
		return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fprintf(stderr, "usage: options-print mdoc|full\n");
	return EXIT_FAILURE;
}
