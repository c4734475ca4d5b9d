#include "net/wire.h"

const char *
net_transport_via(enum net_transport transport)
{
	static const char *const names[NET_TRANSPORTS] = { "UDP", "TCP", "TLS" };

	return names[transport];
}

const char *
net_transport_uri(enum net_transport transport)
{
	static const char *const names[NET_TRANSPORTS] = { "udp", "tcp", "tls" };

	return names[transport];
}
