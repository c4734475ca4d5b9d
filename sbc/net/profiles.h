/*
 * profiles.h - the TLS profiles of a whole configuration
 *
 * The CAs of a system take some 30 ms to read, which calls do not wait for: at
 * a reload another thread makes them.
 */

#ifndef CORDON_NET_PROFILES_H
#define CORDON_NET_PROFILES_H

#include "net/tls.h"

/* NULL where a listener or trunk uses no TLS, and where a file was refused. */
struct net_profiles {
	struct tls_server **servers; /* a config listener */
	struct tls_client **clients; /* a config trunk */
	size_t servers_n, clients_n;
};

/* On any thread. What is wrong is in `problems`. NULL without memory. */
struct net_profiles *net_profiles_create(
    const struct config *config, struct problems *problems);
/* What was taken out is NULL and stays. NULL is allowed. */
void net_profiles_destroy(struct net_profiles *profiles);

#endif
