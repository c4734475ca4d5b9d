/*
 * config_loader.h - reads a configuration and all that it names beside the loop
 *
 * A million numbers take a second, and so do the tests of hundreds of policies,
 * which calls do not wait for: a thread reads the files, and the loop is told
 * when it is done. One at a time.
 */

#ifndef CORDON_TRUNK_CONFIG_LOADER_H
#define CORDON_TRUNK_CONFIG_LOADER_H

#include "net/loop.h"
#include "net/profiles.h"
#include "trunk/parts.h"

struct config_loader;

/* On the loop. The parts are lent: what is to stay takes a reference, or is
 * taken out of `profiles`. Their `config` is NULL where the file itself was
 * refused, `profiles` then, too. The problems are the callee's: to move or to
 * free. The loader is free for the next. */
typedef void config_loaded_fn(void *arg, const struct parts *parts,
    struct net_profiles *profiles, struct problems *problems);

/* NULL without memory or descriptors. */
struct config_loader *config_loader_create(
    struct loop *loop, config_loaded_fn *loaded, void *arg);
/* Waits for a thread that still loads; nobody is told then. NULL is allowed. */
void config_loader_destroy(struct config_loader *loader);

/* Begins; the name is copied. 0, or a negative errno: -EBUSY while it loads. */
int config_loader_start(
    struct config_loader *loader, const char *file, int64_t today);

#endif
