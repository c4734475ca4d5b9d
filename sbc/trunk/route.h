/*
 * route.h - where a call may go: the targets of its number, in order
 *
 * A target is one peer of one trunk. Routes are taken in the order of the
 * configuration, trunks in that of the route, peers in that of the trunk; a
 * trunk that stands in several routes is one target all the same.
 */

#ifndef CORDON_TRUNK_ROUTE_H
#define CORDON_TRUNK_ROUTE_H

#include "trunk/trunk.h"

/* A place in that order. All 0: the beginning. */
struct route_place {
	uint16_t route;
	uint8_t trunk; /* of the route */
	uint8_t peer;  /* of the trunk */
};

/* Of one call: who calls whom. `number` is the user part as dialled. */
struct route_search {
	const struct trunks *trunks;
	const struct trunk *from;
	struct span number;
};

/* The trunk of the target at *place, or of the first one behind it, where
 * *place then is. NULL: no more. */
struct trunk *route_find(
    const struct route_search *search, struct route_place *place);

/* From that target to the next peer of its trunk, or behind all of them. */
void route_pass_peer(struct route_place *place);
void route_pass_trunk(struct route_place *place);

#endif
