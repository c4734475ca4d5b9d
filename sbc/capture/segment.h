/*
 * segment.h - TCP segments put in order, and cut into messages
 *
 * A flow is one direction of a connection. One that was not captured from its
 * beginning, or that has a hole which too many segments wait behind, goes on
 * with the next segment that begins like a SIP message or has a request behind
 * a line end. What is TLS is counted and left out.
 */

#ifndef CORDON_CAPTURE_SEGMENT_H
#define CORDON_CAPTURE_SEGMENT_H

#include "capture/datagram.h"

struct flows;

/* Counts in *figures as long as it lives; NULL without memory. */
struct flows *flows_create(struct capture_figures *figures);
void flows_destroy(struct flows *flows);

/* Takes one segment. Then ask for messages until there is none. */
void flows_take(struct flows *flows, const struct datagram *segment);
/* The next whole message of the flow of the last segment; its bytes are valid
 * until the next call of either function. */
bool flows_next(struct flows *flows, struct span *message);

/* When no segment comes any more: goes on behind the next hole of a flow, of
 * which flows_next() then has messages. False when nothing waits behind one;
 * then there is no flow any more. */
bool flows_drain(struct flows *flows, struct address *from, struct address *to);

/* Does it begin with a start line of SIP? */
bool segment_begins_sip(struct span bytes);

#endif
