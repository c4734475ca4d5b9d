/*
 * policy_page.c - the settings of policy files, for cordon-policy(5)
 */

#include <stdio.h>
#include <stdlib.h>

#include "policy/policy.h"

int
main(void)
{
	policy_print_mdoc(stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
