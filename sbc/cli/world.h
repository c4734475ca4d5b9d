/*
 * world.h - trunks and policies as the daemon would have them, without a daemon
 */

#ifndef CORDON_CLI_WORLD_H
#define CORDON_CLI_WORLD_H

#include "capture/capture.h"
#include "cli/cli.h"
#include "trunk/trunk.h"

#define WORLD_CONFIG CORDON_SYSCONFDIR "/cordon.conf"

struct world {
	struct config *config;
	struct trunks *trunks;
	int64_t today;
	bool made_up;
};

/*
 * Loads a configuration with all that it names; NULL: makes one up, of the
 * trunks "caller" and "callee" in `country` (may be NULL). No socket is opened.
 * False, and the problems printed on cli->err.
 */
bool world_open(struct world *world, struct cli *cli, const char *file,
    const char *country);
void world_close(struct world *world);

/* Days since 1970. */
int64_t world_today(void);

/* The trunk of that name; NULL with a sentence on cli->err. */
struct trunk *world_trunk(
    const struct world *world, struct cli *cli, const char *name);

/* Whose message that is: by listener where the receiver's address is one of
 * ours, else by sender alone. NULL: nobody's. *ours: we have sent it. */
struct trunk *world_sender(const struct world *world,
    const struct capture_message *message, bool *ours);

/* The name of a policy or file name: "twilio", "./x.conf". The file where it
 * is, looked for here, then among the site's policies, then those that came
 * with the program. NULL without one; else in `buf`. */
#define WORLD_PATH_MAX 4096
const char *world_policy_file(
    const char *name, char buf[static WORLD_PATH_MAX]);

/* Loads it. NULL, and the problems printed on cli->err. */
struct policy *world_policy(struct cli *cli, const char *name);
/* The same, its tests not run. */
struct policy *world_draft(struct cli *cli, const char *name);

#endif
