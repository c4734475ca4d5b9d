/*
 * offline.h - the commands that need no daemon, a function each
 */

#ifndef CORDON_CLI_OFFLINE_H
#define CORDON_CLI_OFFLINE_H

#include "cli/cli.h"
#include "policy/policy.h"

/* Each returns the exit status. */
int check_run(struct cli *cli, char **argv, int argc);
int try_run(struct cli *cli, char **argv, int argc);
int replay_run(struct cli *cli, char **argv, int argc);
int policy_list_run(struct cli *cli, char **argv, int argc);
int policy_lint_run(struct cli *cli, char **argv, int argc);
int policy_show_run(struct cli *cli, char **argv, int argc);

/* Runs the tests inside a policy and prints a table of them. */
int trials_print(struct cli *cli, const struct policy *policy);
/* How many of them fail. */
unsigned trials_failed(const struct policy *policy);

#endif
