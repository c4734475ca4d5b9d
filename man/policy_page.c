/*
 * policy_page.c - the settings of policy files, for cordon-policy(5); with the
 * argument "rules" what rules are made of, with "responses" what rows of
 * responses are
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "responses") == 0)
		policy_print_responses_mdoc(stdout);
	else if (argc > 1)
		policy_print_rules_mdoc(stdout);
	else
		policy_print_mdoc(stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
