/*
 * datagrams.h - a UDP socket that receives and sends in batches
 *
 * Messages are built in place in the outgoing batch and leave together with
 * datagrams_flush(), or when the batch is full.
 */

#ifndef CORDON_T_PEER_DATAGRAMS_H
#define CORDON_T_PEER_DATAGRAMS_H

#include "base/address.h"
#include "base/text.h"

#define DATAGRAMS_BATCH 64
#define DATAGRAMS_MAX   8192

struct datagrams;

/* Called for each datagram; `from` and `bytes` are valid until it returns. */
typedef void datagrams_fn(void *arg, struct datagrams *datagrams,
    struct span bytes, const struct address *from);

/* Binds a non-blocking socket with large buffers; NULL with errno on
 * failure. */
struct datagrams *datagrams_open(const struct address *address);
void datagrams_close(struct datagrams *datagrams); /* NULL is allowed */
int datagrams_fd(const struct datagrams *datagrams);

/* Reads one batch; returns how many datagrams it held. */
unsigned datagrams_receive(
    struct datagrams *datagrams, datagrams_fn *got, void *arg);

/* An empty text over the next place of the batch, and its sending. A text that
 * overflowed is not sent, and false is returned. */
struct text *datagrams_begin(struct datagrams *datagrams);
bool datagrams_send(struct datagrams *datagrams, const struct address *to);

/* Sends a copy of `bytes`. */
void datagrams_copy(struct datagrams *datagrams, struct span bytes,
    const struct address *to);
void datagrams_flush(struct datagrams *datagrams);

#endif
