/*
 * capture.h - SIP messages out of a capture file (pcap, pcapng)
 *
 * Ethernet with VLANs, Linux cooked (both versions), raw IP and loopback; IPv4
 * and IPv6 with fragments put together; UDP, and TCP streams put in order and
 * cut into messages. Whatever the file says: memory is bounded, and what makes
 * no sense is counted and left out.
 */

#ifndef CORDON_CAPTURE_CAPTURE_H
#define CORDON_CAPTURE_CAPTURE_H

#include <stdio.h>

#include "base/address.h"

struct capture;

struct capture_message {
	struct span bytes; /* valid until the next call */
	uint64_t time;     /* microseconds since 1970 */
	uint64_t packet;   /* the first is 1; of several, the last one */
	bool stream;       /* TCP */
	struct address from, to;
};

struct capture_figures {
	uint64_t packets;
	uint64_t messages;
	uint64_t foreign;   /* packets of another protocol, or no SIP */
	uint64_t broken;    /* packets that make no sense */
	uint64_t encrypted; /* TCP segments of TLS */
	uint64_t cut;       /* packets that were not captured whole */
	uint64_t fragments;
	uint64_t incomplete; /* datagrams and messages whose rest did not come */
	uint64_t repeated;  /* TCP segments that were there already */
	uint64_t gaps;      /* holes in TCP streams */
};

/* Takes `file`, also when it fails: NULL with the reason in `error`. */
#define CAPTURE_ERROR_MAX 256
struct capture *capture_open(FILE *file, char error[static CAPTURE_ERROR_MAX]);
void capture_close(struct capture *capture); /* NULL is allowed */

/* The next message that begins like SIP; false at the end. */
bool capture_next(struct capture *capture, struct capture_message *message);

/* NULL when the file was read to its end, else why not. */
const char *capture_fault(const struct capture *capture);

void capture_get_figures(
    const struct capture *capture, struct capture_figures *out);

/* Do these first bytes of a file belong to a capture? */
bool capture_is_magic(struct span bytes);

#endif
