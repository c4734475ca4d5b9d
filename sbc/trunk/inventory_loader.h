/*
 * inventory_loader.h - loads an inventory beside the loop
 *
 * A million lines take a second, which calls do not wait for: a thread reads the
 * files, and the loop is told when it is done. One at a time.
 */

#ifndef CORDON_TRUNK_INVENTORY_LOADER_H
#define CORDON_TRUNK_INVENTORY_LOADER_H

#include "config/config.h"
#include "net/loop.h"
#include "number/inventory.h"

struct inventory_loader;

/* On the loop. `inventory` is NULL where the files have errors, else the reference
 * is the callee's. The problems are the callee's too: to move or to free. The
 * loader is free for the next. */
typedef void inventory_loaded_fn(
    void *arg, struct inventory *inventory, struct problems *problems);

/* NULL without memory or descriptors. */
struct inventory_loader *inventory_loader_create(
    struct loop *loop, inventory_loaded_fn *loaded, void *arg);
/* Waits for a thread that still loads; nobody is told then. NULL is allowed. */
void inventory_loader_destroy(struct inventory_loader *loader);

/* Begins; the list is copied. 0, or a negative errno: -EBUSY while it loads. */
int inventory_loader_start(struct inventory_loader *loader,
    const struct config_strings *files, int64_t today);

#endif
