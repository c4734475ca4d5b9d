/*
 * address.h - transport addresses and prefixes, IPv4 and IPv6
 */

#ifndef CORDON_BASE_ADDRESS_H
#define CORDON_BASE_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/span.h"
#include "base/text.h"

/* An IP address and a port (host byte order, 0 where there is none). IPv4 is
 * kept as itself, never as a mapped IPv6 address. */
struct address {
	uint8_t ip[16]; /* network order; IPv4 in the first four, rest zero */
	uint16_t port;
	uint8_t family; /* AF_INET, AF_INET6, or 0: no address */
};

struct prefix {
	struct address net; /* bits behind `bits` are zero */
	uint8_t bits;
};

/* Reads "192.0.2.1", "[2001:db8::1]" or "2001:db8::1" without a port. */
bool address_parse_ip(struct span s, struct address *out);

/* Reads "192.0.2.1:5060", "[2001:db8::1]:5060";
 * without a port, `port` is used. */
bool address_parse(struct span s, uint16_t port, struct address *out);

/* Reads "192.0.2.0/24", "2001:db8::/32" or an address for all its bits. False
 * also when bits behind the mask are set. */
bool prefix_parse(struct span s, struct prefix *out);

void address_from_sockaddr(const struct sockaddr *sa, struct address *out);
socklen_t address_to_sockaddr(
    const struct address *a, struct sockaddr_storage *out);

/* Same family, IP and port. */
bool address_eq(const struct address *a, const struct address *b);
bool address_same_ip(const struct address *a, const struct address *b);
bool prefix_contains(const struct prefix *prefix, const struct address *a);

/* Not routable on the public Internet: RFC 1918, 100.64/10, link-local,
 * loopback, unspecified, unique-local IPv6 (row TWI-17). */
bool address_is_private(const struct address *a);
bool address_is_unspecified(const struct address *a);
bool address_is_multicast(const struct address *a); /* and 255.255.255.255 */

/* "192.0.2.1", "2001:db8::1"; with brackets for a URI or a Via. */
void address_add_ip(struct text *t, const struct address *a);
void address_add_host(struct text *t, const struct address *a);
/* "192.0.2.1:5060", "[2001:db8::1]:5060". */
void address_add(struct text *t, const struct address *a);

#define ADDRESS_TEXT_MAX 56
/* The same as a C string in `buf`, which is returned. */
const char *address_print(
    const struct address *a, char buf[static ADDRESS_TEXT_MAX]);

#endif
