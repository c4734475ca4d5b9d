/*
 * policy_page.c - the settings of policy files, for cordon-policy(5); with an
 * argument, what rules are made of
 */

#include <stdio.h>
#include <stdlib.h>

#include "policy/policy.h"

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		policy_print_rules_mdoc(stdout);
	else
		policy_print_mdoc(stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
