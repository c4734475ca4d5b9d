/*
 * framer.h - where a SIP message ends on a stream (RFC 3261 section 18.3)
 *
 * Pure: bytes in, messages out, the same messages however the bytes were split.
 * Holds one message that is not whole yet and what came behind it.
 */

#ifndef CORDON_NET_FRAMER_H
#define CORDON_NET_FRAMER_H

#include "base/span.h"

#define FRAMER_HEAD_MAX    65536
#define FRAMER_MESSAGE_MAX 262144

enum framer_result {
	FRAMER_MORE,       /* nothing whole is there */
	FRAMER_MESSAGE,    /* one whole message */
	FRAMER_PING,       /* CRLF CRLF between messages (RFC 5626 section 4.4.1) */
	FRAMER_NO_LENGTH,  /* a head without Content-Length; then broken */
	FRAMER_BAD_LENGTH, /* a head with a Content-Length that is none; broken */
	FRAMER_TOO_LARGE,  /* a head that announces too much; then broken */
	FRAMER_BROKEN      /* no message can follow on this stream */
};

/* All zero is an empty framer. */
struct framer {
	char *buf;
	size_t cap;
	size_t start;   /* of the message being read */
	size_t end;     /* of what came */
	size_t scanned; /* up to here there is no end of head */
	size_t need;    /* length of the message, 0: not known yet */
	unsigned line_ends; /* between messages */
	bool broken;
};

void framer_fini(struct framer *framer);

/* Room for `n` bytes, to be filled and then committed; NULL without memory. */
char *framer_reserve(struct framer *framer, size_t n);
void framer_commit(struct framer *framer, size_t n);
/* The same from bytes that are elsewhere; false without memory. */
bool framer_add(struct framer *framer, struct span bytes);

/* The next thing in order. `*message` is set where there is a message or a
 * head, and valid until the next call of any function here. */
enum framer_result framer_next(struct framer *framer, struct span *message);

/* After FRAMER_MORE: has a message begun that is not whole? */
static inline bool
framer_partial(const struct framer *framer)
{
	return framer->start < framer->end;
}

/* Gives back memory that an empty framer need not keep. */
void framer_rest(struct framer *framer);

#endif
