/*
 * pcap_make.h - small capture files, made in memory by the tests
 */

#ifndef CORDON_T_PCAP_MAKE_H
#define CORDON_T_PCAP_MAKE_H

#include <stdio.h>

#include "base/span.h"

#define PCAP_MAKE_MAX (1 << 20)

enum pcap_make_link {
	MAKE_NULL = 0,
	MAKE_ETHERNET = 1,
	MAKE_RAW = 101,
	MAKE_LOOP = 108,
	MAKE_SLL = 113,
	MAKE_SLL2 = 276
};

struct pcap_make {
	enum pcap_make_link link;
	unsigned vlans; /* tags of each frame */
	bool ipv6;
	bool options;   /* IPv6: such a header stands before that of UDP */
	unsigned later; /* seconds, of the frames to come */
	size_t n;
	unsigned frames;
	unsigned char bytes[PCAP_MAKE_MAX];
};

void pcap_make_begin(struct pcap_make *make, enum pcap_make_link link);

/* From 192.0.2.SIDE to 192.0.2.(3 - SIDE), or likewise with IPv6; side 1 or
 * 2. */
void pcap_make_udp(struct pcap_make *make, int side, struct span payload);
/* In IP fragments of that many bytes (a multiple of 8), in reverse order when
 * asked; `skip` is the number of one that is left out, -1: none. */
void pcap_make_fragments(struct pcap_make *make, struct span payload,
    size_t piece, bool reversed, int skip);
/* One IPv4 fragment of a UDP datagram, whatever it says. */
void pcap_make_fragment(struct pcap_make *make, unsigned id, size_t offset,
    bool more, struct span piece);
void pcap_make_tcp(struct pcap_make *make, int side, uint32_t seq, bool syn,
    struct span payload);
/* A FIN without a payload. */
void pcap_make_tcp_end(struct pcap_make *make, int side, uint32_t seq);
/* Any frame; `wire` is its length before it was cut. */
void pcap_make_frame(struct pcap_make *make, struct span frame, size_t wire);

/* To read it; the caller or capture_open() closes it. */
FILE *pcap_make_open(const struct pcap_make *make);

#endif
