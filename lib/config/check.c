#include "config/check.h"

#include "base/container.h"
#include "config/duration.h"
#include "config/overlap.h"

#define ERROR(check, at, ...)                                                  \
	source_problem((check)->source, PROBLEM_ERROR, (at), __VA_ARGS__)
#define WARNING(check, at, ...)                                                \
	source_problem((check)->source, PROBLEM_WARNING, (at), __VA_ARGS__)

const config_setting_t *
check_setting(const struct check *check, enum option_group group, size_t i,
    const char *option)
{
	const config_setting_t *list =
	    config_lookup(&check->source->tree, option_groups[group].name);
	const config_setting_t *element =
	    config_setting_get_elem(list, (unsigned)i);
	const config_setting_t *member =
	    option == NULL ? NULL : config_setting_get_member(element, option);

	return member == NULL ? element : member;
}

static const config_setting_t *
listener_at(const struct check *check, size_t i, const char *option)
{
	return check_setting(check, GROUP_LISTENER, i, option);
}

static const config_setting_t *
trunk_at(const struct check *check, size_t i, const char *option)
{
	return check_setting(check, GROUP_TRUNK, i, option);
}

static const config_setting_t *
route_at(const struct check *check, size_t i, const char *option)
{
	return check_setting(check, GROUP_ROUTE, i, option);
}

/* The name of element `i`: the first member of each but its line. */
static const char *
element_name(const struct elements *e, enum option_group group, size_t i)
{
	const struct option *name = option_find(group, SPAN("name"));

	return *(char *const *)option_field_const(name, e->list + i * e->size);
}

static void
check_names(struct check *check, enum option_group group)
{
	struct elements e = option_elements(check->config, group);
	size_t i, k;

	for (i = 1; i < e.n; i++) {
		const char *name = element_name(&e, group, i);

		for (k = 0; k < i; k++)
			if (name[0] != '\0' &&
			    strcmp(name, element_name(&e, group, k)) == 0)
				break;
		if (k < i)
			ERROR(check, check_setting(check, group, i, "name"),
			    "two %s have the name \"%s\"; the other is in line "
			    "%u",
			    option_groups[group].name, name,
			    config_setting_source_line(
				check_setting(check, group, k, "name")));
	}
}

/* Notes that `name` is no element of that list, with the nearest that is. */
static void
unknown_name(struct check *check, enum option_group group,
    const config_setting_t *at, const char *what, const char *name)
{
	struct elements e = option_elements(check->config, group);
	const char *words[1024], *near;
	size_t i, n = 0;

	for (i = 0; i < e.n && n < ARRAY_LEN(words); i++)
		words[n++] = element_name(&e, group, i);
	near = word_nearest(span_of(name), words, n);
	ERROR(check, at, "%s: there is no %s \"%s\"%s%s%s", what,
	    option_groups[group].one, name,
	    near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?");
}

/* Listeners */

static uint16_t
usual_port(enum config_transport transport)
{
	return transport == CONFIG_TLS ? 5061 : 5060;
}

static bool
has_tls(const struct config_tls *tls)
{
	return tls->certificate[0] != '\0' || tls->key[0] != '\0' ||
	    tls->ca[0] != '\0' || tls->ciphers[0] != '\0' ||
	    tls->ciphersuites[0] != '\0';
}

/* One of certificate and key is worth nothing. */
static void
check_pair(struct check *check, const struct config_tls *tls, const char *what,
    const char *name, const config_setting_t *at)
{
	if ((tls->certificate[0] == '\0') != (tls->key[0] == '\0'))
		ERROR(check, at, "%s \"%s\" has a \"%s\" but no \"%s\"", what,
		    name, tls->key[0] == '\0' ? "certificate" : "key",
		    tls->key[0] == '\0' ? "key" : "certificate");
}

static void
check_listener_tls(
    struct check *check, const struct config_listener *listener, size_t i)
{
	const config_setting_t *at = listener_at(check, i, NULL);
	const struct config_tls *tls = &listener->tls;

	check_pair(check, tls, "listener", listener->name, at);
	if (tls->certificate[0] == '\0' && tls->key[0] == '\0')
		ERROR(check, at,
		    "listener \"%s\" speaks TLS and needs \"certificate\" and "
		    "\"key\"",
		    listener->name);
	if (listener->client_certificate != CONFIG_CLIENT_CERT_NONE &&
	    tls->ca[0] == '\0')
		ERROR(check, listener_at(check, i, "client_certificate"),
		    "listener \"%s\" asks for client certificates and needs "
		    "\"ca\" to judge them by",
		    listener->name);
}

static void
check_listener(struct check *check, size_t i)
{
	struct config_listener *listener = &check->config->listeners[i];

	if (listener->address.port == 0)
		listener->address.port = usual_port(listener->transport);
	if (address_is_multicast(&listener->address))
		ERROR(check, listener_at(check, i, "address"),
		    "listener \"%s\": a multicast address cannot be listened "
		    "on",
		    listener->name);
	if (listener->transport == CONFIG_TLS)
		check_listener_tls(check, listener, i);
	else if (has_tls(&listener->tls) ||
	    listener->client_certificate != CONFIG_CLIENT_CERT_NONE)
		WARNING(check, listener_at(check, i, NULL),
		    "listener \"%s\" does not speak TLS; its TLS options have "
		    "no effect",
		    listener->name);
}

/* Would one of them find the port taken by the other? TLS is TCP there. */
static bool
listeners_collide(
    const struct config_listener *a, const struct config_listener *b)
{
	if ((a->transport == CONFIG_UDP) != (b->transport == CONFIG_UDP) ||
	    a->address.family != b->address.family || a->address.family == 0 ||
	    a->address.port != b->address.port)
		return false;
	return address_same_ip(&a->address, &b->address) ||
	    address_is_unspecified(&a->address) ||
	    address_is_unspecified(&b->address);
}

static void
check_collisions(struct check *check)
{
	const struct config *config = check->config;
	char buf[ADDRESS_TEXT_MAX];
	size_t i, k;

	for (i = 1; i < config->listeners_n; i++)
		for (k = 0; k < i; k++)
			if (listeners_collide(&config->listeners[i],
				&config->listeners[k]))
				ERROR(check, listener_at(check, i, "address"),
				    "listener \"%s\": %s is taken by listener "
				    "\"%s\" already",
				    config->listeners[i].name,
				    address_print(
					&config->listeners[i].address, buf),
				    config->listeners[k].name);
}

static void
check_listeners(struct check *check)
{
	size_t i;

	if (config_lookup(&check->source->tree, "listeners") == NULL ||
	    (check->config->listeners_n == 0 &&
		check->source->problems->errors == 0))
		ERROR(check, NULL,
		    "there is no listener, such as listeners = ( { name = "
		    "\"inside\"; address = \"127.0.0.1:5060\"; } );");
	for (i = 0; i < check->config->listeners_n; i++)
		check_listener(check, i);
	check_names(check, GROUP_LISTENER);
	check_collisions(check);
}

/* Trunks */

/* The listener of that name; NULL, and noted, where there is none. */
static const struct config_listener *
find_listener(struct check *check, size_t i, const char *option,
    const char *name)
{
	const struct config_listener *listener;
	char what[128];

	if (name[0] == '\0')
		return NULL;
	listener = config_find_listener(check->config, span_of(name));
	snprintf(what, sizeof(what), "trunk \"%s\": %s",
	    check->config->trunks[i].name, option);
	if (listener == NULL)
		unknown_name(check, GROUP_LISTENER, trunk_at(check, i, option),
		    what, name);
	return listener;
}

static const char *
family_name(const struct address *a)
{
	return a->family == AF_INET ? "IPv4" : "IPv6";
}

static void
check_peer(struct check *check, size_t i, struct address *peer,
    const struct config_listener *listener)
{
	const struct config_trunk *trunk = &check->config->trunks[i];
	const config_setting_t *at = trunk_at(check, i, "peers");
	char buf[ADDRESS_TEXT_MAX];

	if (peer->port == 0)
		peer->port = usual_port(listener->transport);
	if (address_is_multicast(peer) || address_is_unspecified(peer))
		ERROR(check, at, "trunk \"%s\": %s is the address of no peer",
		    trunk->name, address_print(peer, buf));
	else if (listener->address.family != 0 &&
	    peer->family != listener->address.family)
		ERROR(check, at,
		    "trunk \"%s\": peer %s is %s, but listener \"%s\" is %s",
		    trunk->name, address_print(peer, buf), family_name(peer),
		    listener->name, family_name(&listener->address));
}

static void
check_peers(struct check *check, size_t i,
    const struct config_listener *listener)
{
	struct config_trunk *trunk = &check->config->trunks[i];
	size_t k;

	for (k = 0; k < trunk->peers.n; k++)
		check_peer(check, i, &trunk->peers.list[k], listener);
	for (k = 0; k < trunk->sources.n; k++) {
		const struct address *net = &trunk->sources.list[k].net;

		if (listener->address.family != 0 &&
		    net->family != listener->address.family)
			WARNING(check, trunk_at(check, i, "sources"),
			    "trunk \"%s\": an %s source never reaches listener "
			    "\"%s\", which is %s",
			    trunk->name, family_name(net), listener->name,
			    family_name(&listener->address));
	}
}

static void
check_tcp_listener(struct check *check, size_t i,
    const struct config_listener *listener)
{
	const struct config_trunk *trunk = &check->config->trunks[i];
	const struct config_listener *tcp =
	    find_listener(check, i, "tcp_listener", trunk->tcp_listener);
	const config_setting_t *at = trunk_at(check, i, "tcp_listener");

	if (tcp == NULL)
		return;
	if (tcp->transport == CONFIG_UDP)
		ERROR(check, at,
		    "trunk \"%s\": tcp_listener \"%s\" speaks UDP; it has to "
		    "speak TCP or TLS",
		    trunk->name, tcp->name);
	else if (listener != NULL && tcp->address.family != 0 &&
	    tcp->address.family != listener->address.family)
		ERROR(check, at,
		    "trunk \"%s\": tcp_listener \"%s\" is %s, but listener "
		    "\"%s\" is %s",
		    trunk->name, tcp->name, family_name(&tcp->address),
		    listener->name, family_name(&listener->address));
}

/* The listener of the trunk that speaks TLS, or NULL. */
const struct config_listener *
check_tls_listener(
    const struct config *config, const struct config_trunk *trunk)
{
	const struct config_listener *l =
	    config_find_listener(config, span_of(trunk->listener));

	if (l == NULL || l->transport != CONFIG_TLS)
		l = config_find_listener(config, span_of(trunk->tcp_listener));
	return l == NULL || l->transport != CONFIG_TLS ? NULL : l;
}

static void
check_trunk_tls(struct check *check, size_t i)
{
	const struct config_trunk *trunk = &check->config->trunks[i];
	const config_setting_t *at = trunk_at(check, i, NULL);

	check_pair(check, &trunk->tls, "trunk", trunk->name, at);
	if (check_tls_listener(check->config, trunk) != NULL)
		return;
	if (has_tls(&trunk->tls) || trunk->tls_names.n > 0)
		WARNING(check, at,
		    "trunk \"%s\" has no listener that speaks TLS; its TLS "
		    "options have no effect",
		    trunk->name);
}

/* A Contact of 0.0.0.0 leads nowhere. */
static void
check_own_name(struct check *check, size_t i,
    const struct config_listener *listener)
{
	const struct config_trunk *trunk = &check->config->trunks[i];
	char buf[ADDRESS_TEXT_MAX];

	if (listener->address.family != 0 &&
	    address_is_unspecified(&listener->address) &&
	    trunk->fqdn[0] == '\0' && trunk->advertise[0] == '\0')
		ERROR(check, trunk_at(check, i, NULL),
		    "trunk \"%s\" needs \"fqdn\" or \"advertise\": its "
		    "listener \"%s\" has %s, which says nothing to a peer",
		    trunk->name, listener->name,
		    address_print(&listener->address, buf));
}

static void
derive_addresses(struct config_trunk *trunk)
{
	struct address a;

	if (address_parse_ip(span_of(trunk->advertise), &a))
		trunk->advertise_address = a;
	trunk->media = trunk->advertise_address;
	if (address_parse_ip(span_of(trunk->media_address), &a))
		trunk->media = a;
}

/* Has the list entries in the file, right or wrong? */
static bool
listed(const struct check *check, size_t i, const char *option)
{
	const config_setting_t *at = trunk_at(check, i, option);

	return at != trunk_at(check, i, NULL) && config_setting_length(at) > 0;
}

static void
check_owners(struct check *check, size_t i)
{
	const struct config_trunk *trunk = &check->config->trunks[i];

	if (trunk->owners.n > 0 && check->config->inventory.n == 0 &&
	    config_lookup(&check->source->tree, "inventory") == NULL)
		WARNING(check, trunk_at(check, i, "owners"),
		    "trunk \"%s\": owners have no effect without \"inventory\"",
		    trunk->name);
}

static void
check_session(struct check *check, size_t i)
{
	const struct config_trunk *trunk = &check->config->trunks[i];
	const config_setting_t *at = trunk_at(check, i, "session_minimum");

	if (at == NULL)
		at = trunk_at(check, i, "session_expires");
	if (trunk->session_expires > 0 &&
	    trunk->session_expires < trunk->session_minimum)
		ERROR(check, at,
		    "trunk \"%s\": session_expires is %u s, expected 0 or at "
		    "least session_minimum, which is %u s",
		    trunk->name, trunk->session_expires,
		    trunk->session_minimum);
}

static void
check_trunk(struct check *check, size_t i)
{
	struct config_trunk *trunk = &check->config->trunks[i];
	const struct config_listener *listener =
	    find_listener(check, i, "listener", trunk->listener);

	derive_addresses(trunk);
	check_owners(check, i);
	check_tcp_listener(check, i, listener);
	check_trunk_tls(check, i);
	check_session(check, i);
	if (!listed(check, i, "peers") && !listed(check, i, "sources"))
		ERROR(check, trunk_at(check, i, NULL),
		    "trunk \"%s\" has neither \"peers\" nor \"sources\": "
		    "nobody could talk to us by it",
		    trunk->name);
	if (listener == NULL)
		return;
	check_peers(check, i, listener);
	check_own_name(check, i, listener);
}

/* Routes */

static const struct config_route *
route_of(const struct check *check, size_t i)
{
	return &check->config->routes[i];
}

static void
check_route_end(struct check *check, size_t i, const char *option,
    const char *name)
{
	char what[64];

	if (name[0] == '\0' ||
	    config_find_trunk(check->config, span_of(name)) != NULL)
		return;
	snprintf(what, sizeof(what), "routes[%zu]: %s", i, option);
	unknown_name(
	    check, GROUP_TRUNK, route_at(check, i, option), what, name);
}

static bool
route_has_trunk(const struct config_route *route, const char *name, size_t n)
{
	const char *trunk;
	size_t i;

	for (i = 0; i < n; i++)
		if ((trunk = config_route_trunk(route, i)) == NULL)
			return false;
		else if (strcmp(trunk, name) == 0)
			return true;
	return false;
}

static void
check_route_trunks(struct check *check, size_t i)
{
	const struct config_route *route = route_of(check, i);
	const char *name;
	size_t k;

	check_route_end(check, i, "to", route->to);
	for (k = 1; (name = config_route_trunk(route, k)) != NULL; k++) {
		check_route_end(check, i, "then", name);
		if (route_has_trunk(route, name, k))
			ERROR(check, route_at(check, i, "then"),
			    "routes[%zu]: then: trunk \"%s\" is named twice", i,
			    name);
	}
	if (route_has_trunk(route, route->from, SIZE_MAX))
		WARNING(check, route_at(check, i, NULL),
		    "routes[%zu] sends calls of trunk \"%s\" back to it", i,
		    route->from);
}

/* Whatever `later` matches has gone to the same trunks by `earlier`. */
static bool
route_covers(
    const struct config_route *earlier, const struct config_route *later)
{
	const char *name;
	size_t i;

	for (i = 0; (name = config_route_trunk(later, i)) != NULL; i++)
		if (!route_has_trunk(earlier, name, SIZE_MAX))
			return false;
	return strcmp(earlier->from, later->from) == 0 &&
	    span_starts(span_of(later->prefix), span_of(earlier->prefix));
}

static void
check_route(struct check *check, size_t i)
{
	const struct config_route *route = route_of(check, i);
	size_t k;

	check_route_end(check, i, "from", route->from);
	if (route->from[0] == '\0' || route->to[0] == '\0') {
		check_route_end(check, i, "to", route->to);
		return;
	}
	check_route_trunks(check, i);
	for (k = 0; k < i; k++)
		if (route_covers(route_of(check, k), route))
			break;
	if (k < i)
		WARNING(check, route_at(check, i, NULL),
		    "routes[%zu] has no effect: the route in line %d takes all "
		    "that it matches to trunk \"%s\" before",
		    i, check->config->routes[k].line, route->to);
}

static bool
trunk_is_routed(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->routes_n; i++)
		if (strcmp(config->routes[i].from, name) == 0 ||
		    route_has_trunk(&config->routes[i], name, SIZE_MAX))
			return true;
	return false;
}

static bool
trunk_sends_to(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->routes_n; i++)
		if (route_has_trunk(&config->routes[i], name, SIZE_MAX))
			return true;
	return false;
}

/* What is written but serves nothing, or serves what cannot be. */
static void
check_use(struct check *check, size_t i)
{
	const struct config_trunk *trunk = &check->config->trunks[i];
	const config_setting_t *at = trunk_at(check, i, NULL);

	if (trunk->name[0] == '\0')
		return;
	if (!trunk_is_routed(check->config, trunk->name))
		WARNING(check, at, "trunk \"%s\" is in no route", trunk->name);
	else if (!listed(check, i, "peers") &&
	    trunk_sends_to(check->config, trunk->name))
		ERROR(check, at,
		    "trunk \"%s\" is the end of a route, but has no \"peers\" "
		    "to send calls to",
		    trunk->name);
}

static bool
listener_is_used(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->trunks_n; i++)
		if (strcmp(config->trunks[i].listener, name) == 0 ||
		    strcmp(config->trunks[i].tcp_listener, name) == 0)
			return true;
	return false;
}

static void
check_listener_use(struct check *check, size_t i)
{
	const char *name = check->config->listeners[i].name;

	if (name[0] != '\0' && !listener_is_used(check->config, name))
		WARNING(check, listener_at(check, i, NULL),
		    "listener \"%s\" is used by no trunk: whatever comes in is "
		    "dropped",
		    name);
}

/* Retransmissions begin T1 apart and double up to T2. */
static void
check_timers(struct check *check)
{
	const struct config *config = check->config;
	const config_t *tree = &check->source->tree;
	const config_setting_t *at = config_lookup(tree, "sip.t2");
	char buf[2][32];
	struct text t1 = text_over(buf[0], sizeof(buf[0]));
	struct text t2 = text_over(buf[1], sizeof(buf[1]));

	if (config->sip.t2 >= config->sip.t1)
		return;
	/* The presets go well together: one of the two is written. */
	if (at == NULL)
		at = config_lookup(tree, "sip.t1");
	duration_add(&t1, config->sip.t1);
	duration_add(&t2, config->sip.t2);
	ERROR(check, at,
	    "sip.t2: found %s, expected at least sip.t1, which is %s",
	    text_cstr(&t2), text_cstr(&t1));
}

void
check_all(struct check *check)
{
	size_t i;

	check_timers(check);
	check_listeners(check);
	for (i = 0; i < check->config->trunks_n; i++)
		check_trunk(check, i);
	check_names(check, GROUP_TRUNK);
	overlap_check(check);
	for (i = 0; i < check->config->routes_n; i++)
		check_route(check, i);
	for (i = 0; i < check->config->trunks_n; i++)
		check_use(check, i);
	for (i = 0; i < check->config->listeners_n; i++)
		check_listener_use(check, i);
	certificate_check_all(check);
}
