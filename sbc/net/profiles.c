#include "net/profiles.h"

#include <stdlib.h>

/* A trunk before that one whose peers are checked against the same CAs,
 * read once for all of them. */
static const struct tls_client *
find_alike(const struct net_profiles *profiles, const struct config *config,
    size_t i)
{
	const char *ca = tls_client_ca(config, &config->trunks[i]);
	size_t k;

	for (k = 0; k < i; k++)
		if (profiles->clients[k] != NULL &&
		    strcmp(tls_client_ca(config, &config->trunks[k]), ca) == 0)
			return profiles->clients[k];
	return NULL;
}

/* Goes on behind a failure, so that all problems are told at once. */
static void
make_all(struct net_profiles *profiles, const struct config *config,
    struct problems *problems)
{
	size_t i;

	for (i = 0; i < config->listeners_n; i++)
		if (config->listeners[i].transport == CONFIG_TLS)
			profiles->servers[i] = tls_server_create(
			    config, &config->listeners[i], problems);
	for (i = 0; i < config->trunks_n; i++)
		if (tls_listener_of(config, &config->trunks[i]) != NULL)
			profiles->clients[i] =
			    tls_client_create(config, &config->trunks[i],
				find_alike(profiles, config, i), problems);
}

struct net_profiles *
net_profiles_create(const struct config *config, struct problems *problems)
{
	struct net_profiles *profiles = calloc(1, sizeof(*profiles));

	if (profiles == NULL)
		return NULL;
	profiles->servers_n = config->listeners_n;
	profiles->clients_n = config->trunks_n;
	profiles->servers =
	    calloc(config->listeners_n + 1, sizeof(*profiles->servers));
	profiles->clients =
	    calloc(config->trunks_n + 1, sizeof(*profiles->clients));
	if (profiles->servers == NULL || profiles->clients == NULL) {
		net_profiles_destroy(profiles);
		return NULL;
	}
	make_all(profiles, config, problems);
	return profiles;
}

void
net_profiles_destroy(struct net_profiles *profiles)
{
	size_t i;

	if (profiles == NULL)
		return;
	for (i = 0; profiles->servers != NULL && i < profiles->servers_n; i++)
		tls_server_unref(profiles->servers[i]);
	for (i = 0; profiles->clients != NULL && i < profiles->clients_n; i++)
		tls_client_unref(profiles->clients[i]);
	free(profiles->servers);
	free(profiles->clients);
	free(profiles);
}
