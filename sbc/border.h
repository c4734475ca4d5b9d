/*
 * border.h - the running border: everything that one process holds, started in
 * order and stopped in mirror order
 */

#ifndef CORDON_BORDER_H
#define CORDON_BORDER_H

#include "base/problem.h"

struct border;

/*
 * Reads the configuration and starts: log, journal, sockets, trunks,
 * calls, the management socket. NULL with every problem in `problems`;
 * nothing is left open then.
 */
struct border *border_start(const char *file, struct problems *problems);

/* Runs until it has been stopped (SIGTERM, SIGINT). 0, or a negative errno. */
int border_run(struct border *border);

/* Closes everything; the last log line counts what is left: all zero. */
void border_stop(struct border *border);

/* Checks a configuration with its policies, as `cordond -T` and a reload do.
 * False when it would be refused. */
bool border_check(const char *file, struct problems *problems);

#endif
