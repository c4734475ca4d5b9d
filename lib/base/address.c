#include "base/address.h"

#include <arpa/inet.h>

static size_t
ip_bytes(const struct address *a)
{
	return a->family == AF_INET ? 4 : 16;
}

/* ::ffff:192.0.2.1 is an IPv4 address. */
static void
unmap(struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->family != AF_INET6 || memcmp(a->ip, mapped, 12) != 0)
		return;
	memmove(a->ip, a->ip + 12, 4);
	memset(a->ip + 4, 0, 12);
	a->family = AF_INET;
}

/* "192.0.2.1": four numbers without leading zeros, as inet_pton() wants
 * them. */
static bool
parse_ipv4(struct span s, uint8_t ip[static 4])
{
	const char *p = s.p, *end = span_end(s);
	int i;

	for (i = 0; i < 4; i++) {
		const char *from = p;
		unsigned v = 0;

		while (p < end && *p >= '0' && *p <= '9' && p - from < 3)
			v = v * 10 + (unsigned)(*p++ - '0');
		if (p == from || v > 255 || (*from == '0' && p - from > 1))
			return false;
		ip[i] = (uint8_t)v;
		if (i < 3 && (p == end || *p++ != '.'))
			return false;
	}
	return p == end;
}

bool
address_parse_ip(struct span s, struct address *out)
{
	struct address a = { .port = 0 };
	char buf[INET6_ADDRSTRLEN];

	if (parse_ipv4(s, a.ip)) {
		a.family = AF_INET;
		*out = a;
		return true;
	}
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = span_make(s.p + 1, s.n - 2);
	if (s.n == 0 || s.n >= sizeof(buf) || span_find(s, ':') < 0)
		return false;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	a.family = AF_INET6;
	if (memchr(buf, '\0', s.n) != NULL ||
	    inet_pton(AF_INET6, buf, a.ip) != 1)
		return false;
	unmap(&a);
	*out = a;
	return true;
}

bool
address_parse(struct span s, uint16_t port, struct address *out)
{
	struct span ip = s, digits = SPAN_NONE;
	struct address a;
	uint32_t v = port;
	ptrdiff_t at;

	if (s.n > 0 && s.p[0] == '[') {
		at = span_find(s, ']');
		if (at < 0)
			return false;
		ip = span_make(s.p, (size_t)at + 1);
		digits = span_from(s, (size_t)at + 1);
		if (digits.n > 0 && digits.p[0] != ':')
			return false;
	} else {
		at = span_find(s, ':');
		/* Two colons and no brackets: an IPv6 address without port. */
		if (at >= 0 &&
		    span_find(span_from(s, (size_t)at + 1), ':') < 0) {
			ip = span_make(s.p, (size_t)at);
			digits = span_from(s, (size_t)at);
		}
	}
	if (digits.n > 0 && !span_to_u32(span_from(digits, 1), 65535, &v))
		return false;
	if (!address_parse_ip(ip, &a))
		return false;
	a.port = (uint16_t)v;
	*out = a;
	return true;
}

static void
clear_behind(uint8_t *ip, size_t bytes, unsigned bits)
{
	size_t i;

	for (i = 0; i < bytes; i++) {
		unsigned keep = bits >= 8 ? 8 : bits;

		ip[i] &= (uint8_t)(0xff00 >> keep);
		bits -= keep;
	}
}

bool
prefix_parse(struct span s, struct prefix *out)
{
	struct span bits, ip = span_cut(s, '/', &bits);
	struct prefix p = { .bits = 0 };
	uint8_t given[16];
	uint32_t n;

	if (!address_parse_ip(ip, &p.net))
		return false;
	n = (uint32_t)ip_bytes(&p.net) * 8;
	if (ip.n < s.n && !span_to_u32(bits, n, &n))
		return false;
	p.bits = (uint8_t)n;
	memcpy(given, p.net.ip, sizeof(given));
	clear_behind(p.net.ip, ip_bytes(&p.net), n);
	if (memcmp(given, p.net.ip, sizeof(given)) != 0)
		return false;
	*out = p;
	return true;
}

void
address_from_sockaddr(const struct sockaddr *sa, struct address *out)
{
	*out = (struct address){ .family = 0 };
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		memcpy(out->ip, &in->sin_addr, 4);
		out->port = ntohs(in->sin_port);
		out->family = AF_INET;
	} else if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		out->port = ntohs(in6->sin6_port);
		out->family = AF_INET6;
		memcpy(out->ip, &in6->sin6_addr, 16);
		unmap(out);
	}
}

socklen_t
address_to_sockaddr(const struct address *a, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (a->family == AF_INET) {
		struct sockaddr_in *in = (void *)out;

		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
		return sizeof(*in);
	}
	if (a->family == AF_INET6) {
		struct sockaddr_in6 *in6 = (void *)out;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(a->port);
		memcpy(&in6->sin6_addr, a->ip, 16);
		return sizeof(*in6);
	}
	return 0;
}

bool
address_same_ip(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, 16) == 0;
}

bool
address_eq(const struct address *a, const struct address *b)
{
	return a->port == b->port && address_same_ip(a, b);
}

bool
prefix_contains(const struct prefix *prefix, const struct address *a)
{
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;

	if (a->family != prefix->net.family ||
	    memcmp(a->ip, prefix->net.ip, whole) != 0)
		return false;
	return rest == 0 ||
	    (a->ip[whole] ^ prefix->net.ip[whole]) >> (8 - rest) == 0;
}

static bool
in_any(const struct address *a, const struct prefix *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (prefix_contains(&list[i], a))
			return true;
	return false;
}

#define NET4(a, b, c, d, len)                                                  \
	{                                                                      \
		{ .ip = { a, b, c, d }, .family = AF_INET }, len               \
	}
#define NET6(a, b, len)                                                        \
	{                                                                      \
		{ .ip = { a, b }, .family = AF_INET6 }, len                    \
	}

bool
address_is_private(const struct address *a)
{
	static const struct prefix nets[] = {
		NET4(0, 0, 0, 0, 8),
		NET4(10, 0, 0, 0, 8),
		NET4(100, 64, 0, 0, 10),
		NET4(127, 0, 0, 0, 8),
		NET4(169, 254, 0, 0, 16),
		NET4(172, 16, 0, 0, 12),
		NET4(192, 168, 0, 0, 16),
		NET6(0, 0, 127), /* :: and ::1 */
		NET6(0xfc, 0, 7),
		NET6(0xfe, 0x80, 10),
	};

	return in_any(a, nets, sizeof(nets) / sizeof(nets[0]));
}

bool
address_is_unspecified(const struct address *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, 16) == 0;
}

bool
address_is_multicast(const struct address *a)
{
	static const struct prefix nets[] = {
		NET4(224, 0, 0, 0, 4),
		NET4(255, 255, 255, 255, 32),
		NET6(0xff, 0, 8),
	};

	return in_any(a, nets, sizeof(nets) / sizeof(nets[0]));
}

static char *
put_octet(char *p, unsigned v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

static void
add_ipv4(struct text *t, const uint8_t *ip)
{
	char buf[INET_ADDRSTRLEN], *p = put_octet(buf, ip[0]);
	int i;

	for (i = 1; i < 4; i++) {
		*p++ = '.';
		p = put_octet(p, ip[i]);
	}
	text_add(t, span_between(buf, p));
}

void
address_add_ip(struct text *t, const struct address *a)
{
	char buf[INET6_ADDRSTRLEN];

	if (a->family == AF_INET) {
		add_ipv4(t, a->ip);
	} else if (a->family == AF_INET6 &&
	    inet_ntop(AF_INET6, a->ip, buf, sizeof(buf)) != NULL) {
		text_add_str(t, buf);
	} else {
		text_add_char(t, '-');
	}
}

void
address_add_host(struct text *t, const struct address *a)
{
	if (a->family != AF_INET6) {
		address_add_ip(t, a);
		return;
	}
	text_add_char(t, '[');
	address_add_ip(t, a);
	text_add_char(t, ']');
}

void
address_add(struct text *t, const struct address *a)
{
	address_add_host(t, a);
	text_add_char(t, ':');
	text_add_u64(t, a->port);
}

const char *
address_print(const struct address *a, char buf[static ADDRESS_TEXT_MAX])
{
	struct text t = text_over(buf, ADDRESS_TEXT_MAX);

	address_add(&t, a);
	return text_cstr(&t);
}
