/*
 * datagram.h - from a link-layer frame to a UDP or TCP payload
 */

#ifndef CORDON_CAPTURE_DATAGRAM_H
#define CORDON_CAPTURE_DATAGRAM_H

#include "capture/capture.h"

struct fragments; /* packets that are not whole yet */

struct fragments *fragments_create(void); /* NULL without memory */
void fragments_destroy(struct fragments *fragments);
/* How many have begun and did not become whole. */
uint64_t fragments_incomplete(const struct fragments *fragments);

enum datagram_result {
	DATAGRAM_FOREIGN, /* neither UDP nor TCP */
	DATAGRAM_BROKEN,
	DATAGRAM_CUT,      /* not captured whole */
	DATAGRAM_FRAGMENT, /* kept until the others are there */
	DATAGRAM_UDP,
	DATAGRAM_TCP
};

struct datagram {
	struct address from, to;
	struct span payload;
	uint32_t seq; /* TCP */
	bool syn;
	bool ended; /* FIN or RST */
	bool reassembled; /* it was the last fragment */
};

/* Is the link type (DLT_*) one that datagram_read() knows? */
bool datagram_knows_link(int link);

/* `frame` as captured at `time` (microseconds) on a link of that DLT_* type;
 * `out` points into it or into `fragments`. */
enum datagram_result datagram_read(struct fragments *fragments, int dlt,
    uint64_t time, struct span frame, struct datagram *out);

#endif
