/*
 * route.c - the targets of a number, one after the other
 */

#include "trunk/route.h"

static bool
route_matches(
    const struct config_route *route, const struct route_search *search)
{
	return span_eq(span_of(route->from), search->from->name) &&
	    span_starts(search->number, span_of(route->prefix));
}

/* It has been a target before that place. */
static bool
is_passed(const struct route_search *search, const struct route_place *place,
    const char *name)
{
	const struct config *config = search->trunks->config;
	const char *trunk;
	size_t i, k;

	for (i = 0; i <= place->route; i++) {
		if (!route_matches(&config->routes[i], search))
			continue;
		for (k = 0; i < place->route || k < place->trunk; k++) {
			trunk = config_route_trunk(&config->routes[i], k);
			if (trunk == NULL)
				break;
			if (strcmp(trunk, name) == 0)
				return true;
		}
	}
	return false;
}

static struct trunk *
find_in_route(const struct route_search *search, struct route_place *place)
{
	const struct config_route *route =
	    &search->trunks->config->routes[place->route];
	struct trunk *trunk;
	const char *name;

	for (; (name = config_route_trunk(route, place->trunk)) != NULL;
	     route_pass_trunk(place)) {
		trunk = trunk_find(search->trunks, span_of(name));
		if (trunk == NULL || is_passed(search, place, name))
			continue;
		/* One without peers is a target too: it cannot be reached. */
		if (place->peer == 0 || place->peer < trunk->config->peers.n)
			return trunk;
	}
	return NULL;
}

struct trunk *
route_find(const struct route_search *search, struct route_place *place)
{
	const struct config *config = search->trunks->config;
	struct trunk *trunk;

	while (place->route < config->routes_n) {
		if (route_matches(&config->routes[place->route], search)) {
			trunk = find_in_route(search, place);
			if (trunk != NULL)
				return trunk;
		}
		place->route++;
		place->trunk = place->peer = 0;
	}
	return NULL;
}

void
route_pass_peer(struct route_place *place)
{
	place->peer++;
}

void
route_pass_trunk(struct route_place *place)
{
	place->trunk++;
	place->peer = 0;
}
