#include "capture/datagram.h"

#include <pcap/dlt.h>
#include <stdlib.h>

#include "base/container.h"

#define VLANS_MAX      4
#define EXTENSIONS_MAX 8
#define WHOLE_MAX      65536
#define BLOCKS         (WHOLE_MAX / 8)
#define FRAGMENTED_MAX 64
#define FRAGMENTED_AGE 30000000 /* microseconds, then it is too late (RFC 8200) */
#define WHOLE_AGE      2000000  /* so long its pieces may come twice */

enum {
	ETHER_IPV4 = 0x0800,
	ETHER_IPV6 = 0x86dd,
	ETHER_VLAN = 0x8100,
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_OLD = 0x9100
};

enum {
	PROTOCOL_HOP = 0,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_OPTIONS = 60
};

static unsigned
byte_at(struct span s, size_t at)
{
	return (unsigned char)s.p[at];
}

static unsigned
u16_at(struct span s, size_t at)
{
	return byte_at(s, at) << 8 | byte_at(s, at + 1);
}

static uint32_t
u32_at(struct span s, size_t at)
{
	return (uint32_t)u16_at(s, at) << 16 | u16_at(s, at + 2);
}

/* --- fragments --- */

struct fragment_key {
	uint8_t ip[2][16];
	uint32_t id;
	uint8_t family;
	uint8_t protocol;
};

struct fragmented {
	struct fragment_key key;
	uint64_t age;  /* 0: free */
	uint64_t time; /* when it began, or became whole */
	bool whole;
	size_t total; /* 0: the last one is not there yet */
	size_t end;   /* of the piece that reaches furthest */
	size_t blocks_n;
	uint8_t blocks[BLOCKS / 8]; /* a bit for eight bytes */
	char *bytes;
};

struct fragments {
	uint64_t clock; /* counts those that have begun */
	uint64_t whole; /* those that became whole */
	uint64_t now; /* of the capture, in microseconds */
	struct fragmented list[FRAGMENTED_MAX];
};

struct fragments *
fragments_create(void)
{
	return calloc(1, sizeof(struct fragments));
}

void
fragments_destroy(struct fragments *fragments)
{
	size_t i;

	if (fragments == NULL)
		return;
	for (i = 0; i < FRAGMENTED_MAX; i++)
		free(fragments->list[i].bytes);
	free(fragments);
}

uint64_t
fragments_incomplete(const struct fragments *fragments)
{
	return fragments->clock - fragments->whole;
}

static bool
is_stale(const struct fragments *fragments, const struct fragmented *f)
{
	uint64_t now = fragments->now;

	return (now > f->time ? now - f->time : f->time - now) >
	    (f->whole ? WHOLE_AGE : FRAGMENTED_AGE);
}

static void
fragmented_begin(struct fragments *fragments, struct fragmented *f)
{
	f->age = ++fragments->clock;
	f->time = fragments->now;
	f->whole = false;
	f->total = f->end = f->blocks_n = 0;
	memset(f->blocks, 0, sizeof(f->blocks));
}

/* The one of that key, or the oldest one anew. NULL without memory.
 * An identifier comes again: pieces of another packet are not mixed
 * with what was lost of one. */
static struct fragmented *
fragmented_get(struct fragments *fragments, const struct fragment_key *key)
{
	struct fragmented *oldest = &fragments->list[0];
	size_t i;

	for (i = 0; i < FRAGMENTED_MAX; i++) {
		struct fragmented *f = &fragments->list[i];

		if (is_stale(fragments, f)) {
			f->age = 0;
			f->whole = false;
		}
		if ((f->age != 0 || f->whole) &&
		    memcmp(&f->key, key, sizeof(*key)) == 0)
			return f;
		if (f->age < oldest->age)
			oldest = f;
	}
	if (oldest->bytes == NULL)
		oldest->bytes = malloc(WHOLE_MAX);
	if (oldest->bytes == NULL)
		return NULL;
	oldest->key = *key;
	fragmented_begin(fragments, oldest);
	return oldest;
}

static void
mark_blocks(struct fragmented *f, size_t first, size_t end)
{
	size_t i;

	for (i = first; i < end; i++) {
		uint8_t bit = (uint8_t)(1 << (i & 7));

		f->blocks_n += (f->blocks[i >> 3] & bit) == 0;
		f->blocks[i >> 3] |= bit;
	}
}

/* Does it fit to what is known of where the packet ends? */
static bool
is_within(const struct fragmented *f, size_t end, bool more)
{
	if (f->total != 0)
		return more ? end <= f->total : end == f->total;
	return more || end >= f->end;
}

/* One more piece; *whole is what all of them make. */
static enum datagram_result
fragment_add(struct fragments *fragments, const struct fragment_key *key,
    size_t offset, bool more, struct span piece, struct span *whole)
{
	struct fragmented *f;
	size_t end = offset + piece.n;

	if (end >= WHOLE_MAX || piece.n == 0 || (more && piece.n % 8 != 0))
		return DATAGRAM_BROKEN;
	f = fragmented_get(fragments, key);
	if (f == NULL)
		return DATAGRAM_BROKEN;
	if (f->whole)
		return DATAGRAM_FRAGMENT;
	if (!is_within(f, end, more))
		fragmented_begin(fragments, f);
	memcpy(f->bytes + offset, piece.p, piece.n);
	mark_blocks(f, offset / 8, (end + 7) / 8);
	if (end > f->end)
		f->end = end;
	if (!more)
		f->total = end;
	if (f->total == 0 || f->blocks_n < (f->total + 7) / 8)
		return DATAGRAM_FRAGMENT;
	*whole = span_make(f->bytes, f->total);
	f->age = 0;
	f->time = fragments->now;
	f->whole = true;
	fragments->whole++;
	return DATAGRAM_UDP;
}

/* --- UDP and TCP --- */

static enum datagram_result
read_udp(struct span s, struct datagram *out)
{
	size_t length;

	if (s.n < 8)
		return DATAGRAM_BROKEN;
	out->from.port = (uint16_t)u16_at(s, 0);
	out->to.port = (uint16_t)u16_at(s, 2);
	length = u16_at(s, 4);
	if (length < 8)
		return DATAGRAM_BROKEN;
	if (length > s.n)
		return DATAGRAM_CUT;
	out->payload = span_make(s.p + 8, length - 8);
	return DATAGRAM_UDP;
}

static enum datagram_result
read_tcp(struct span s, struct datagram *out)
{
	size_t head;

	if (s.n < 20)
		return DATAGRAM_BROKEN;
	out->from.port = (uint16_t)u16_at(s, 0);
	out->to.port = (uint16_t)u16_at(s, 2);
	out->seq = u32_at(s, 4);
	out->syn = (byte_at(s, 13) & 2) != 0;
	out->ended = (byte_at(s, 13) & 5) != 0;
	head = (byte_at(s, 12) >> 4) * 4u;
	if (head < 20 || head > s.n)
		return DATAGRAM_BROKEN;
	out->payload = span_from(s, head);
	return DATAGRAM_TCP;
}

static enum datagram_result
read_transport(unsigned protocol, struct span s, struct datagram *out)
{
	if (protocol == PROTOCOL_UDP)
		return read_udp(s, out);
	if (protocol == PROTOCOL_TCP)
		return read_tcp(s, out);
	return DATAGRAM_FOREIGN;
}

/* --- IP --- */

static void
set_address(struct address *a, int family, const char *ip)
{
	*a = (struct address){ .family = (uint8_t)family };
	memcpy(a->ip, ip, family == AF_INET ? 4 : 16);
}

/* Length of an extension header, 0: it is none. */
static size_t
extension_length(unsigned next, struct span s)
{
	switch (next) {
	case PROTOCOL_HOP:
	case PROTOCOL_ROUTING:
	case PROTOCOL_OPTIONS:
		return (byte_at(s, 1) + 1) * 8u;
	case PROTOCOL_AUTHENTICATION:
		return (byte_at(s, 1) + 2) * 4u;
	default:
		return 0;
	}
}

/* To the header that is none of an extension, or that of a fragment. False when
 * there are too many, or they are not whole. */
static bool
skip_extensions(unsigned *next, struct span *s)
{
	int i;

	for (i = 0; i < EXTENSIONS_MAX && s->n >= 8; i++) {
		size_t n = extension_length(*next, *s);

		if (n == 0)
			return true;
		if (n > s->n)
			return false;
		*next = byte_at(*s, 0);
		*s = span_from(*s, n);
	}
	return false;
}

/* A piece of a packet: of what it makes, when it is the last one. */
static enum datagram_result
read_fragment(struct fragments *fragments, unsigned protocol, uint32_t id,
    size_t offset, bool more, struct span piece, struct datagram *out)
{
	struct fragment_key key;
	enum datagram_result result;
	struct span whole;

	memset(&key, 0, sizeof(key));
	memcpy(key.ip[0], out->from.ip, sizeof(key.ip[0]));
	memcpy(key.ip[1], out->to.ip, sizeof(key.ip[1]));
	key.id = id;
	key.family = out->from.family;
	key.protocol = (uint8_t)protocol;
	result = fragment_add(fragments, &key, offset, more, piece, &whole);
	if (result != DATAGRAM_UDP)
		return result;
	out->reassembled = true;
	if (out->from.family == AF_INET6 && !skip_extensions(&protocol, &whole))
		return DATAGRAM_BROKEN;
	return read_transport(protocol, whole, out);
}

static enum datagram_result
read_ipv4(struct fragments *fragments, struct span s, struct datagram *out)
{
	size_t head, total;
	unsigned bits;

	if (s.n < 20)
		return DATAGRAM_BROKEN;
	head = (byte_at(s, 0) & 15) * 4u;
	total = u16_at(s, 2);
	if (total == 0) /* left to the network card */
		total = s.n;
	if (head < 20 || head > s.n || total < head)
		return DATAGRAM_BROKEN;
	set_address(&out->from, AF_INET, s.p + 12);
	set_address(&out->to, AF_INET, s.p + 16);
	bits = u16_at(s, 6);
	s.n = total < s.n ? total : s.n;
	if ((bits & 0x3fff) == 0)
		return read_transport(byte_at(s, 9), span_from(s, head), out);
	if (s.n < total)
		return DATAGRAM_CUT;
	return read_fragment(fragments, byte_at(s, 9), u16_at(s, 4),
	    (bits & 0x1fff) * 8u, (bits & 0x2000) != 0, span_from(s, head),
	    out);
}

static enum datagram_result
read_extensions(struct fragments *fragments, unsigned next, struct span s,
    bool whole, struct datagram *out)
{
	if (!skip_extensions(&next, &s))
		return DATAGRAM_BROKEN;
	if (next != PROTOCOL_FRAGMENT)
		return read_transport(next, s, out);
	if (!whole)
		return DATAGRAM_CUT;
	return read_fragment(fragments, byte_at(s, 0), u32_at(s, 4),
	    u16_at(s, 2) & 0xfff8u, (u16_at(s, 2) & 1) != 0, span_from(s, 8),
	    out);
}

static enum datagram_result
read_ipv6(struct fragments *fragments, struct span s, struct datagram *out)
{
	size_t length;
	bool whole;

	if (s.n < 40)
		return DATAGRAM_BROKEN;
	set_address(&out->from, AF_INET6, s.p + 8);
	set_address(&out->to, AF_INET6, s.p + 24);
	length = u16_at(s, 4);
	if (length == 0)
		length = s.n - 40;
	whole = length <= s.n - 40;
	return read_extensions(fragments, byte_at(s, 6),
	    span_make(s.p + 40, whole ? length : s.n - 40), whole, out);
}

static enum datagram_result
read_ip(struct fragments *fragments, struct span s, struct datagram *out)
{
	unsigned version = span_empty(s) ? 0 : byte_at(s, 0) >> 4;

	if (version == 4)
		return read_ipv4(fragments, s, out);
	if (version == 6)
		return read_ipv6(fragments, s, out);
	return DATAGRAM_BROKEN;
}

/* --- links --- */

/* Where the EtherType is, and the IP header (or the VLAN tag) behind it; type
 * -1: there is none, the header comes at once. */
static const struct link {
	int dlt;
	int type;
	size_t head;
} links[] = {
	{ DLT_EN10MB, 12, 14 },
	{ DLT_LINUX_SLL, 14, 16 },
#ifdef DLT_LINUX_SLL2
	{ DLT_LINUX_SLL2, 0, 20 },
#endif
	{ DLT_RAW, -1, 0 },
	{ DLT_IPV4, -1, 0 },
	{ DLT_IPV6, -1, 0 },
	{ DLT_NULL, -1, 4 },
	{ DLT_LOOP, -1, 4 },
};

static const struct link *
link_find(int dlt)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(links); i++)
		if (links[i].dlt == dlt)
			return &links[i];
	return NULL;
}

bool
datagram_knows_link(int link)
{
	return link_find(link) != NULL;
}

static bool
is_vlan(unsigned type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ ||
	    type == ETHER_QINQ_OLD;
}

enum datagram_result
datagram_read(struct fragments *fragments, int dlt, uint64_t time,
    struct span frame, struct datagram *out)
{
	const struct link *link = link_find(dlt);
	unsigned type, tags;

	*out = (struct datagram){ 0 };
	fragments->now = time;
	if (link == NULL)
		return DATAGRAM_FOREIGN;
	if (frame.n < link->head)
		return DATAGRAM_BROKEN;
	if (link->type < 0)
		return read_ip(fragments, span_from(frame, link->head), out);
	type = u16_at(frame, (size_t)link->type);
	frame = span_from(frame, link->head);
	for (tags = 0; tags < VLANS_MAX && is_vlan(type); tags++) {
		if (frame.n < 4)
			return DATAGRAM_BROKEN;
		type = u16_at(frame, 2);
		frame = span_from(frame, 4);
	}
	if (type != ETHER_IPV4 && type != ETHER_IPV6)
		return DATAGRAM_FOREIGN;
	return read_ip(fragments, frame, out);
}
