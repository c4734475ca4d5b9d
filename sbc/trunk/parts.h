/*
 * parts.h - what a snapshot of trunks is made of: a configuration, its
 * inventory and the policies of its trunks
 *
 * All that takes time is done here, on whatever thread: files are read, and the
 * tests of policies run.
 */

#ifndef CORDON_TRUNK_PARTS_H
#define CORDON_TRUNK_PARTS_H

#include "config/config.h"
#include "number/inventory.h"
#include "policy/policy.h"

struct parts {
	struct config *config;
	struct inventory *inventory; /* NULL: none is configured, or refused */
	/* Two a trunk, in and out, in the order of the configuration; NULL:
	 * refused. Trunks that name one file share what was made of it. */
	struct policy **policies;
	bool good; /* none was refused */
};

/* Reads what `config` names (a reference is taken); `today` is days
 * since 1970. What is wrong is in `problems`, that of each file once,
 * and `good` is false then. */
void parts_load(struct parts *parts, struct config *config, int64_t today,
    struct problems *problems);
void parts_fini(struct parts *parts); /* zeros are allowed */

#endif
