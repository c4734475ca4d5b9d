#include "config/overlap.h"

#include <stdlib.h>

struct claim {
	const char *listener;
	struct prefix prefix;
	size_t trunk;
	const char *option; /* where it is written */
};

struct claims {
	struct claim *list;
	size_t n;
};

static size_t
count_claims(const struct config *config)
{
	size_t i, n = 0;

	for (i = 0; i < config->trunks_n; i++)
		n += config->trunks[i].peers.n + config->trunks[i].sources.n;
	return 2 * n;
}

static void
add_trunk(struct claims *claims, const struct config_trunk *trunk, size_t at,
    const char *listener)
{
	size_t i;

	if (listener[0] == '\0')
		return;
	for (i = 0; i < trunk->sources.n; i++)
		claims->list[claims->n++] = (struct claim){ listener,
			trunk->sources.list[i], at, "sources" };
	/* A peer counts by its address alone: over TCP it has any port. */
	for (i = 0; i < trunk->peers.n; i++) {
		struct prefix p = { trunk->peers.list[i], 128 };

		p.net.port = 0;
		p.bits = p.net.family == AF_INET ? 32 : 128;
		claims->list[claims->n++] =
		    (struct claim){ listener, p, at, "peers" };
	}
}

/* By listener, then by network, wider ones before those inside them. */
static int
compare(const void *a, const void *b)
{
	const struct claim *p = a, *q = b;
	int c = strcmp(p->listener, q->listener);

	if (c == 0)
		c = (int)p->prefix.net.family - (int)q->prefix.net.family;
	if (c == 0)
		c = memcmp(p->prefix.net.ip, q->prefix.net.ip, 16);
	if (c == 0)
		c = (int)p->prefix.bits - (int)q->prefix.bits;
	if (c == 0)
		c = p->trunk < q->trunk ? -1 : p->trunk > q->trunk;
	return c;
}

static bool
contains(const struct claim *outer, const struct claim *inner)
{
	return strcmp(outer->listener, inner->listener) == 0 &&
	    outer->prefix.bits <= inner->prefix.bits &&
	    prefix_contains(&outer->prefix, &inner->prefix.net);
}

static bool
names_meet(const struct config_strings *a, const struct config_strings *b)
{
	size_t i, k;

	for (i = 0; i < a->n; i++)
		for (k = 0; k < b->n; k++)
			if (span_ieq(span_of(a->list[i]), span_of(b->list[k])))
				return true;
	return false;
}

static bool
told_apart_by_name(const struct config *config, const struct claim *a,
    const struct claim *b)
{
	const struct config_listener *listener =
	    config_find_listener(config, span_of(a->listener));
	const struct config_strings *p = &config->trunks[a->trunk].tls_names;
	const struct config_strings *q = &config->trunks[b->trunk].tls_names;

	return listener != NULL && listener->transport == CONFIG_TLS &&
	    p->n > 0 && q->n > 0 && !names_meet(p, q);
}

static const char *
prefix_text(const struct prefix *prefix, char buf[static ADDRESS_TEXT_MAX])
{
	struct text t = text_over(buf, ADDRESS_TEXT_MAX);

	address_add_ip(&t, &prefix->net);
	text_addf(&t, "/%u", prefix->bits);
	return text_cstr(&t);
}

static void
report(
    struct check *check, const struct claim *outer, const struct claim *inner)
{
	const struct config *config = check->config;
	bool same = outer->prefix.bits == inner->prefix.bits;
	const struct claim *at = outer->trunk > inner->trunk ? outer : inner;
	const config_setting_t *setting =
	    check_setting(check, GROUP_TRUNK, at->trunk, at->option);
	char in[ADDRESS_TEXT_MAX], out[ADDRESS_TEXT_MAX];

	if (outer->trunk == inner->trunk ||
	    told_apart_by_name(config, outer, inner))
		return;
	if (same)
		source_problem(check->source, PROBLEM_ERROR, setting,
		    "trunks \"%s\" and \"%s\" both claim %s on listener "
		    "\"%s\": requests from there could be of either",
		    config->trunks[outer->trunk].name,
		    config->trunks[inner->trunk].name,
		    prefix_text(&inner->prefix, in), inner->listener);
	else
		source_problem(check->source, PROBLEM_WARNING, setting,
		    "%s of trunk \"%s\" lies inside %s of trunk \"%s\" on "
		    "listener \"%s\"; the narrower one goes first",
		    prefix_text(&inner->prefix, in),
		    config->trunks[inner->trunk].name,
		    prefix_text(&outer->prefix, out),
		    config->trunks[outer->trunk].name, inner->listener);
}

/* Sorted prefixes are nested or apart: a stack of those around the present one
 * finds each overlap with the next wider one, without comparing all pairs. */
static void
sweep(struct check *check, const struct claims *claims, size_t *around)
{
	size_t i, depth = 0;

	for (i = 0; i < claims->n; i++) {
		const struct claim *claim = &claims->list[i];

		while (depth > 0 &&
		    !contains(&claims->list[around[depth - 1]], claim))
			depth--;
		if (depth > 0)
			report(check, &claims->list[around[depth - 1]], claim);
		around[depth++] = i;
	}
}

void
overlap_check(struct check *check)
{
	const struct config *config = check->config;
	size_t i, most = count_claims(config), *around;
	struct claims claims = { .n = 0 };

	if (most == 0)
		return;
	claims.list = calloc(most, sizeof(*claims.list));
	around = calloc(most, sizeof(*around));
	if (claims.list == NULL || around == NULL) {
		source_problem(
		    check->source, PROBLEM_ERROR, NULL, "out of memory");
		free(claims.list);
		free(around);
		return;
	}
	for (i = 0; i < config->trunks_n; i++) {
		const struct config_trunk *trunk = &config->trunks[i];

		add_trunk(&claims, trunk, i, trunk->listener);
		if (strcmp(trunk->listener, trunk->tcp_listener) != 0)
			add_trunk(&claims, trunk, i, trunk->tcp_listener);
	}
	qsort(claims.list, claims.n, sizeof(*claims.list), compare);
	sweep(check, &claims, around);
	free(claims.list);
	free(around);
}
