/*
 * trunk.c - snapshots of trunks, and the trunk that a message belongs to
 */

#include "trunk/trunk.h"

#include <stdlib.h>

#include "base/day.h"
#include "sip/value.h"
#include "trunk/codecs.h"

static struct trunk_state *
state_create(const struct config_trunk *config, uint64_t now)
{
	struct trunk_state *state = calloc(1, sizeof(*state));

	if (state == NULL)
		return NULL;
	state->name = strdup(config->name);
	if (state->name == NULL) {
		free(state);
		return NULL;
	}
	state->references = 1;
	bucket_init(&state->pace, config->calls_per_second,
	    config->calls_per_second, now);
	return state;
}

static void
state_unref(struct trunk_state *state)
{
	if (state == NULL || --state->references > 0)
		return;
	relief_fini(&state->relief);
	free(state->peers);
	free(state->name);
	free(state);
}

/* The state of the same trunk in the snapshot before, with its new rate. */
static struct trunk_state *
state_take_over(const struct trunks *old, size_t place,
    const struct config_trunk *config, uint64_t now)
{
	struct trunk *before = old == NULL
	    ? NULL
	    : trunk_find_near(old, span_of(config->name), place);

	if (before == NULL)
		return state_create(config, now);
	if (before->config->calls_per_second != config->calls_per_second)
		bucket_init(&before->state->pace, config->calls_per_second,
		    config->calls_per_second, now);
	before->state->references++;
	return before->state;
}

/* NULL where it was refused. */
static struct policy *
take_policy(const struct parts *parts, size_t i)
{
	struct policy *policy =
	    parts->policies == NULL ? NULL : parts->policies[i];

	return policy == NULL ? NULL : policy_ref(policy);
}

static bool
trunk_init(struct trunk *trunk, const struct parts *parts, size_t i,
    const struct trunks *old, uint64_t now)
{
	const struct config *config = parts->config;
	const struct config_trunk *ct = &config->trunks[i];
	const struct config_listener *listener =
	    config_find_listener(config, span_of(ct->listener));
	static const enum net_transport transports[] = {
		[CONFIG_UDP] = NET_UDP,
		[CONFIG_TCP] = NET_TCP,
		[CONFIG_TLS] = NET_TLS,
	};

	trunk->config = ct;
	trunk->name = span_of(ct->name);
	trunk->transport =
	    listener == NULL ? NET_UDP : transports[listener->transport];
	trunk->plan = number_plan_find(span_of(ct->country));
	trunk->state = state_take_over(old, i, ct, now);
	trunk->policy_in = take_policy(parts, i * 2);
	trunk->policy_out = take_policy(parts, i * 2 + 1);
	policy_trunk_init(&trunk->facts, ct);
	trunk->facts.transport =
	    span_of(net_transport_uri(trunk->transport));
	return trunk->state != NULL && trunk->policy_in != NULL &&
	    trunk->policy_out != NULL;
}

/* Without a plan no number of the trunk would be read, and no emergency number
 * of the country known: not to be found out by the first call. */
static bool
trunk_check_country(const struct trunk *trunk, const struct config *config,
    struct problems *problems)
{
	const struct config_trunk *ct = trunk->config;
	const char *near;

	if (trunk->plan != NULL || ct->country[0] == '\0')
		return true;
	near = number_plan_nearest(span_of(ct->country));
	problem_add(problems, PROBLEM_ERROR, config->file, ct->line,
	    "trunk \"%s\": no numbering plan for the country \"%s\" is "
	    "known%s%s%s",
	    ct->name, ct->country, near == NULL ? "" : "; did you mean \"",
	    near == NULL ? "" : near, near == NULL ? "" : "\"?");
	return false;
}

static bool
owner_is_known(const struct inventory *inventory, const char *name)
{
	const char *owner;
	size_t i;

	for (i = 0; (owner = inventory_owner_at(inventory, i)) != NULL; i++)
		if (strcmp(owner, name) == 0)
			return true;
	return false;
}

#define OWNERS_MAX 1000 /* among which the nearest is looked for */

static bool
unknown_owner(const struct inventory *inventory, const struct config *config,
    const struct config_trunk *ct, const char *name, struct problems *problems)
{
	const char *words[OWNERS_MAX], *near;
	size_t n = 0;

	while (n < OWNERS_MAX &&
	    (words[n] = inventory_owner_at(inventory, n)) != NULL)
		n++;
	near = word_nearest(span_of(name), words, n);
	problem_add(problems, PROBLEM_ERROR, config->file, ct->line,
	    "trunk \"%s\": owner \"%s\" has no number in the inventory%s%s%s",
	    ct->name, name, near == NULL ? "" : "; did you mean \"",
	    near == NULL ? "" : near, near == NULL ? "" : "\"?");
	return false;
}

static void
warn_of_policy(const struct trunk *trunk, const struct policy *policy,
    const struct config *config, struct problems *problems)
{
	if (policy != NULL && config->inventory.n == 0 &&
	    policy_wants_owned(policy))
		problem_add(problems, PROBLEM_WARNING, config->file,
		    trunk->config->line,
		    "trunk \"%s\": %s asks which numbers are owned; without "
		    "\"inventory\" it changes none",
		    trunk->config->name, policy_file(policy));
}

/* Does what the configuration says of numbers fit the inventory? */
static bool
trunk_use_inventory(struct trunk *trunk, const struct config *config,
    const struct inventory *inventory, int64_t today, struct problems *problems)
{
	const struct config_trunk *ct = trunk->config;
	struct span caller = span_from(span_of(ct->default_caller), 1);
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));
	bool good = true;
	size_t i;

	trunk->inventory = inventory;
	if (inventory == NULL) {
		warn_of_policy(trunk, trunk->policy_in, config, problems);
		warn_of_policy(trunk, trunk->policy_out, config, problems);
		return true;
	}
	for (i = 0; i < ct->owners.n; i++)
		if (!owner_is_known(inventory, ct->owners.list[i]))
			good = unknown_owner(inventory, config, ct,
			    ct->owners.list[i], problems);
	if (!good || caller.n == 0 ||
	    trunk_owns(trunk, caller, today, NULL) == INVENTORY_OWNED)
		return good;
	trunk_add_why_not(&t, trunk, caller, today);
	problem_add(problems, PROBLEM_WARNING, config->file, ct->line,
	    "trunk \"%s\": default_caller: %s", ct->name, text_cstr(&t));
	return true;
}

struct trunks *
trunks_create_of(const struct parts *parts, const struct trunks *old,
    uint64_t now, int64_t today, struct problems *problems)
{
	struct config *config = parts->config;
	struct trunks *trunks = calloc(1, sizeof(*trunks));
	bool good = parts->good;
	size_t i;

	if (trunks == NULL)
		return NULL;
	trunks->references = 1;
	trunks->config = config_ref(config);
	trunks->list = calloc(config->trunks_n, sizeof(*trunks->list));
	if (trunks->list == NULL && config->trunks_n > 0) {
		trunks_unref(trunks);
		return NULL;
	}
	trunks->n = config->trunks_n;
	if (parts->inventory != NULL)
		trunks->inventory = inventory_ref(parts->inventory);
	/* All of them, so that every trunk's problems are seen in one go. */
	for (i = 0; i < trunks->n; i++) {
		good &= trunk_init(&trunks->list[i], parts, i, old, now);
		good &= trunk_use_inventory(&trunks->list[i], config,
		    trunks->inventory, today, problems);
		good &= trunk_check_country(
		    &trunks->list[i], config, problems);
		good &= trunk_check_codecs(
		    &trunks->list[i], config, problems);
	}
	if (good)
		return trunks;
	trunks_unref(trunks);
	return NULL;
}

struct trunks *
trunks_create(struct config *config, const struct trunks *old, uint64_t now,
    int64_t today, struct problems *problems)
{
	struct trunks *trunks;
	struct parts parts;

	parts_load(&parts, config, today, problems);
	trunks = trunks_create_of(&parts, old, now, today, problems);
	parts_fini(&parts);
	return trunks;
}

struct trunks *
trunks_ref(struct trunks *trunks)
{
	trunks->references++;
	return trunks;
}

void
trunks_unref(struct trunks *trunks)
{
	size_t i;

	if (trunks == NULL || --trunks->references > 0)
		return;
	for (i = 0; i < trunks->n; i++) {
		policy_unref(trunks->list[i].policy_in);
		policy_unref(trunks->list[i].policy_out);
		state_unref(trunks->list[i].state);
	}
	free(trunks->list);
	inventory_unref(trunks->inventory);
	config_unref(trunks->config);
	free(trunks);
}

enum inventory_verdict
trunk_owns(const struct trunk *trunk, struct span digits, int64_t today,
    struct inventory_entry *entry)
{
	const struct config_strings *owners = &trunk->config->owners;
	enum inventory_verdict verdict = INVENTORY_OF_OTHERS;
	size_t i;

	if (owners->n == 0)
		return inventory_owns(
		    trunk->inventory, SPAN_NONE, digits, today, entry);
	for (i = 0; i < owners->n && verdict == INVENTORY_OF_OTHERS; i++)
		verdict = inventory_owns(trunk->inventory,
		    span_of(owners->list[i]), digits, today, entry);
	return verdict;
}

void
trunk_add_why_not(struct text *t, const struct trunk *trunk,
    struct span digits, int64_t today)
{
	struct inventory_entry entry;

	TEXT_LIT(t, "+");
	text_add(t, digits);
	switch (trunk_owns(trunk, digits, today, &entry)) {
	case INVENTORY_UNKNOWN:
		TEXT_LIT(t, " is not in the inventory");
		break;
	case INVENTORY_OF_OTHERS:
		TEXT_LIT(t, " is of \"");
		text_add(t, entry.owner);
		TEXT_LIT(t, "\", who is no owner of trunk ");
		text_add(t, trunk->name);
		break;
	case INVENTORY_EXPIRED:
		TEXT_LIT(t, " has expired in the inventory: good until ");
		day_add(t, entry.expires);
		break;
	case INVENTORY_UNVERIFIED:
		TEXT_LIT(t, " is not verified, as the inventory says");
		break;
	default:
		TEXT_LIT(t, " is owned");
		break;
	}
}

static bool
owns(void *arg, struct span e164)
{
	const struct trunk_ownership *o = arg;

	return trunk_owns(o->trunk, e164, o->today, NULL) == INVENTORY_OWNED;
}

static void
why_not(void *arg, struct span e164, struct text *t)
{
	const struct trunk_ownership *o = arg;

	trunk_add_why_not(t, o->trunk, e164, o->today);
}

struct passage_stage
trunk_passage(struct trunk_ownership *ownership, const struct policy *policy,
    const struct journal *journal)
{
	return (struct passage_stage){
		.policy = policy,
		.journal = journal,
		.owns = ownership->trunk->inventory == NULL ? NULL : owns,
		.why_not = why_not,
		.owns_arg = ownership,
	};
}

/* "name", or the address. */
static void
add_name(struct text *t, const char *name, const struct address *local)
{
	struct address named;

	if (name[0] == '\0')
		address_add_host(t, local);
	else if (address_parse_ip(span_of(name), &named))
		address_add_host(t, &named);
	else
		text_add_str(t, name);
}

/* Unless it is the transport's own. */
static void
add_port(struct text *t, uint16_t port, enum net_transport transport)
{
	if (port == (transport == NET_TLS ? 5061 : 5060))
		return;
	text_add_char(t, ':');
	text_add_u64(t, port);
}

static void
add_host(struct trunk *trunk, struct text *t, const char *name)
{
	add_name(t, name, &trunk->binding.local);
	trunk->host = text_span(t);
	add_port(t, trunk->binding.local.port, trunk->transport);
}

/* A Via names where responses go: the address before the name. */
static const char *
via_name(const struct trunk *trunk)
{
	const struct config_trunk *c = trunk->config;

	return c->advertise[0] != '\0' ? c->advertise : c->fqdn;
}

static bool
name_ourselves(struct trunk *trunk)
{
	const struct config_trunk *c = trunk->config;
	const char *contact = c->fqdn[0] != '\0' ? c->fqdn : c->advertise;
	struct text t = text_over(trunk->text, sizeof(trunk->text) / 2);
	struct text v =
	    text_over(trunk->text + t.cap, sizeof(trunk->text) - t.cap);

	add_host(trunk, &v, via_name(trunk));
	trunk->via_host = text_span(&v);
	add_host(trunk, &t, contact);
	trunk->contact_host = text_span(&t);
	trunk->facts.host = trunk->host;
	return !t.overflow && !v.overflow;
}

bool
trunks_bind(struct trunks *trunks, trunk_bind_fn *bind, void *arg)
{
	size_t i;

	for (i = 0; i < trunks->n; i++) {
		struct trunk *trunk = &trunks->list[i];

		if (!bind(arg, trunk->config, &trunk->binding) ||
		    !name_ourselves(trunk))
			return false;
	}
	return true;
}

void
trunk_add_via(struct text *t, const struct trunk *trunk,
    enum net_transport transport, struct span branch)
{
	const struct trunk_binding *b = &trunk->binding;

	TEXT_LIT(t, "SIP/2.0/");
	text_add_str(t, net_transport_via(transport));
	TEXT_LIT(t, " ");
	if (transport == trunk->transport || b->tcp_listener == 0) {
		text_add(t, trunk->via_host);
	} else {
		add_name(t, via_name(trunk), &b->tcp_local);
		add_port(t, b->tcp_local.port, transport);
	}
	TEXT_LIT(t, ";rport;branch=");
	text_add(t, branch);
}

void
trunk_add_contact(struct text *t, const struct trunk *trunk)
{
	TEXT_LIT(t, "<sip:");
	text_add(t, trunk->contact_host);
	if (trunk->transport != NET_UDP) {
		TEXT_LIT(t, ";transport=");
		text_add_str(t, net_transport_uri(trunk->transport));
	}
	TEXT_LIT(t, ">");
}

struct trunk *
trunk_find_near(const struct trunks *trunks, struct span name, size_t place)
{
	struct trunk *at;
	size_t i;

	for (i = 0; i < trunks->n; i++) {
		at = &trunks->list[(place + i) % trunks->n];
		if (span_eq(at->name, name))
			return at;
	}
	return NULL;
}

struct trunk *
trunk_find(const struct trunks *trunks, struct span name)
{
	return trunk_find_near(trunks, name, 0);
}

/* How closely the trunk knows that source: bits of the
 * prefix plus one, 0: not. */
static unsigned
source_rank(const struct trunk *trunk, const struct address *source)
{
	const struct config_trunk *c = trunk->config;
	unsigned best = 0;
	size_t i;

	for (i = 0; i < c->peers.n; i++)
		if (address_same_ip(&c->peers.list[i], source))
			return 130;
	for (i = 0; i < c->sources.n; i++)
		if (prefix_contains(&c->sources.list[i], source) &&
		    c->sources.list[i].bits + 1u > best)
			best = c->sources.list[i].bits + 1u;
	return best;
}

static bool
name_fits(const struct trunk *trunk, const struct net_path *path,
    trunk_peer_fn *is_peer, void *arg)
{
	return trunk->config->tls_names.n == 0 || path->transport != NET_TLS ||
	    is_peer(arg, path->connection, trunk->binding.tls);
}

struct trunk *
trunk_match(const struct trunks *trunks, const struct net_path *path,
    trunk_peer_fn *is_peer, void *arg)
{
	struct trunk *best = NULL;
	unsigned rank = 0;
	size_t i;

	for (i = 0; i < trunks->n; i++) {
		struct trunk *trunk = &trunks->list[i];
		unsigned r;

		if (trunk->binding.listener != path->listener &&
		    (trunk->binding.tcp_listener == 0 ||
			trunk->binding.tcp_listener != path->listener))
			continue;
		r = source_rank(trunk, &path->remote);
		if (r > rank && name_fits(trunk, path, is_peer, arg)) {
			rank = r;
			best = trunk;
		}
	}
	return best;
}

bool
trunk_path(const struct trunk *trunk, size_t peer, struct net_path *path)
{
	if (peer >= trunk->config->peers.n)
		return false;
	*path = (struct net_path){
		.transport = trunk->transport,
		.listener = trunk->binding.listener,
		.tls = trunk->binding.tls,
		.remote = trunk->config->peers.list[peer],
	};
	return true;
}

void
trunk_take_profile(const struct trunk *trunk, struct net_path *path)
{
	path->tls = path->transport == NET_TLS ? trunk->binding.tls : 0;
}

/* Where a connection of our own to the same peer goes: it may be on its way
 * there already, and otherwise came from a port at which nobody listens. */
static void
aim_at_peer(const struct trunk *trunk, struct net_path *path)
{
	const struct config_addresses *peers = &trunk->config->peers;
	const struct address *first = NULL;
	size_t i;

	trunk_take_profile(trunk, path);
	for (i = 0; i < peers->n; i++) {
		if (address_eq(&peers->list[i], &path->remote))
			return;
		if (first == NULL &&
		    address_same_ip(&peers->list[i], &path->remote))
			first = &peers->list[i];
	}
	if (first != NULL)
		path->remote = *first;
}

void
trunk_path_again(const struct trunk *trunk, struct net_path *path)
{
	path->connection = 0;
	aim_at_peer(trunk, path);
}

/* False when the URI asks for a transport that this trunk does not speak. */
static bool
transport_fits(const struct trunk *trunk, const struct sip_uri *uri)
{
	struct span wanted;

	if (uri->scheme == SIP_SCHEME_SIPS)
		return trunk->transport == NET_TLS;
	if (!sip_param_find(uri->params, SPAN("transport"), &wanted))
		return true;
	return span_ieq(wanted, span_of(net_transport_uri(trunk->transport)));
}

struct net_path
trunk_next_hop(const struct trunk *trunk, const struct sip_uri *uri,
    const struct net_path *learned)
{
	struct net_path path = *learned;
	uint16_t usual = trunk->transport == NET_TLS ? 5061 : 5060;
	struct address a;
	bool same;

	/* Should the connection be gone, that is where the peer listens. */
	if (path.connection != 0)
		aim_at_peer(trunk, &path);
	if (!transport_fits(trunk, uri) || !address_parse_ip(uri->host, &a) ||
	    a.family != trunk->binding.local.family)
		return path;
	same = address_same_ip(&a, &learned->remote);
	if (!same && address_is_private(&a) &&
	    !address_is_private(&learned->remote))
		return path;
	a.port = uri->port != 0 ? uri->port : usual;
	path.remote = a;
	trunk_take_profile(trunk, &path);
	/* A live connection to that host serves, whatever its port (RFC
	 * 5923). */
	if (!same)
		path.connection = 0;
	return path;
}

bool
trunk_path_tcp(const struct trunk *trunk, struct net_path *path)
{
	if (trunk->binding.tcp_listener == 0)
		return false;
	path->transport = trunk->binding.tcp_transport;
	path->listener = trunk->binding.tcp_listener;
	path->connection = 0;
	return true;
}

static enum trunk_verdict
limits_allow(const struct trunk *trunk, uint64_t now)
{
	const struct config_trunk *c = trunk->config;

	if (c->max_calls > 0 && trunk->state->calls >= c->max_calls)
		return TRUNK_FULL;
	if (relief_wait(&trunk->state->relief, now) > 0 ||
	    (c->calls_per_second > 0 &&
		!bucket_take(&trunk->state->pace, now)))
		return TRUNK_TOO_FAST;
	return TRUNK_OK;
}

enum trunk_verdict
trunk_admit(struct trunk *trunk, bool emergency, uint64_t now)
{
	enum trunk_verdict verdict =
	    emergency ? TRUNK_OK : limits_allow(trunk, now);

	if (verdict == TRUNK_OK)
		relief_sent(&trunk->state->relief, now);
	else
		trunk->state->refused++;
	return verdict;
}
