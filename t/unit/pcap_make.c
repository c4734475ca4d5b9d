#include "pcap_make.h"

#include <stdlib.h>

static unsigned char packet[70000];
static size_t packet_n;

static void
put(const void *bytes, size_t n)
{
	if (n > sizeof(packet) - packet_n)
		abort();
	if (n > 0)
		memcpy(packet + packet_n, bytes, n);
	packet_n += n;
}

static void
put_u16(unsigned v)
{
	const unsigned char b[] = { (unsigned char)(v >> 8), (unsigned char)v };

	put(b, sizeof(b));
}

static void
put_u32(uint32_t v)
{
	put_u16(v >> 16);
	put_u16(v & 0xffff);
}

static void
put_zero(size_t n)
{
	while (n-- > 0)
		put("", 1);
}

static void
add(struct pcap_make *make, const void *bytes, size_t n)
{
	if (n > sizeof(make->bytes) - make->n)
		abort();
	memcpy(make->bytes + make->n, bytes, n);
	make->n += n;
}

void
pcap_make_begin(struct pcap_make *make, enum pcap_make_link link)
{
	const uint32_t head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 262144,
		(uint32_t)link };

	make->link = link;
	make->vlans = 0;
	make->ipv6 = make->options = false;
	make->later = 0;
	make->n = 0;
	make->frames = 0;
	add(make, head, sizeof(head));
}

void
pcap_make_frame(struct pcap_make *make, struct span frame, size_t wire)
{
	const uint32_t head[] = { 1795255200 + make->frames + make->later, 250000,
		(uint32_t)frame.n, (uint32_t)wire };

	make->frames++;
	add(make, head, sizeof(head));
	add(make, frame.p, frame.n);
}

static void
put_link(const struct pcap_make *make)
{
	unsigned type = make->ipv6 ? 0x86dd : 0x0800, i;

	packet_n = 0;
	switch (make->link) {
	case MAKE_ETHERNET:
		put_zero(12);
		for (i = 0; i < make->vlans; i++) {
			put_u16(0x8100);
			put_u16(100 + i);
		}
		put_u16(type);
		break;
	case MAKE_SLL:
		put_zero(14);
		put_u16(type);
		break;
	case MAKE_SLL2:
		put_u16(type);
		put_zero(18);
		break;
	case MAKE_NULL:
	case MAKE_LOOP:
		put_u32(2);
		break;
	case MAKE_RAW:
		break;
	}
}

static void
put_ip(const struct pcap_make *make, int side, unsigned protocol, size_t n,
    unsigned id, unsigned fragment)
{
	static const unsigned char four[] = { 192, 0, 2 };
	static const unsigned char six[15] = { 0x20, 0x01, 0x0d, 0xb8 };
	const unsigned char last[] = { (unsigned char)side,
		(unsigned char)(3 - side) };
	int i;

	if (make->ipv6) {
		put_u32(0x60000000);
		put_u16((unsigned)n);
		put_u16(protocol << 8 | 64);
		for (i = 0; i < 2; i++) {
			put(six, sizeof(six));
			put(&last[i], 1);
		}
		return;
	}
	put_u16(0x4500);
	put_u16((unsigned)n + 20);
	put_u16(id);
	put_u16(fragment);
	put_u16(64 << 8 | protocol);
	put_u16(0);
	for (i = 0; i < 2; i++) {
		put(four, sizeof(four));
		put(&last[i], 1);
	}
}

static void
put_udp_head(size_t n)
{
	put_u16(5060);
	put_u16(5060);
	put_u16((unsigned)n + 8);
	put_u16(0);
}

static void
finish(struct pcap_make *make)
{
	pcap_make_frame(make, span_make((const char *)packet, packet_n),
	    packet_n);
}

void
pcap_make_udp(struct pcap_make *make, int side, struct span payload)
{
	put_link(make);
	put_ip(make, side, 17, payload.n + 8, 0, 0);
	put_udp_head(payload.n);
	put(payload.p, payload.n);
	finish(make);
}

void
pcap_make_fragments(struct pcap_make *make, struct span payload, size_t piece,
    bool reversed, int skip)
{
	static unsigned char whole[66000];
	static unsigned id;
	size_t total, pieces, i;

	packet_n = 0;
	if (make->options)
		put("\x11\0\1\4\0\0\0\0", 8);
	put_udp_head(payload.n);
	put(payload.p, payload.n);
	memcpy(whole, packet, packet_n);
	total = packet_n;
	pieces = (total + piece - 1) / piece;
	id++;
	for (i = 0; i < pieces; i++) {
		size_t which = reversed ? pieces - 1 - i : i;
		size_t at = which * piece;
		size_t n = total - at < piece ? total - at : piece;
		unsigned more = at + n < total ? 0x2000 : 0;

		if ((int)which == skip)
			continue;
		put_link(make);
		if (make->ipv6) {
			put_ip(make, 1, 44, n + 8, 0, 0);
			put_u16(make->options ? 60 << 8 : 17 << 8);
			put_u16((unsigned)at | (more != 0));
			put_u32(id);
		} else {
			put_ip(make, 1, 17, n, id, more | (unsigned)(at / 8));
		}
		put(whole + at, n);
		finish(make);
	}
}

void
pcap_make_fragment(struct pcap_make *make, unsigned id, size_t offset,
    bool more, struct span piece)
{
	put_link(make);
	put_ip(make, 1, 17, piece.n, id,
	    (more ? 0x2000 : 0) | (unsigned)(offset / 8));
	put(piece.p, piece.n);
	finish(make);
}

static void
make_tcp(struct pcap_make *make, int side, uint32_t seq, unsigned flags,
    struct span payload)
{
	put_link(make);
	put_ip(make, side, 6, payload.n + 20, 0, 0);
	put_u16(40000);
	put_u16(5060);
	put_u32(seq);
	put_u32(0);
	put_u16(0x5000u | flags);
	put_zero(6);
	put(payload.p, payload.n);
	finish(make);
}

void
pcap_make_tcp(struct pcap_make *make, int side, uint32_t seq, bool syn,
    struct span payload)
{
	make_tcp(make, side, seq, syn ? 2 : 0x10, payload);
}

void
pcap_make_tcp_end(struct pcap_make *make, int side, uint32_t seq)
{
	make_tcp(make, side, seq, 0x11, SPAN_NONE);
}

FILE *
pcap_make_open(const struct pcap_make *make)
{
	FILE *file = tmpfile();

	if (file == NULL || fwrite(make->bytes, 1, make->n, file) != make->n)
		abort();
	rewind(file);
	return file;
}
