/*
 * peers.h - what is known of a trunk's peers, for `cordon trunks`
 */

#ifndef CORDON_CONTROL_PEERS_H
#define CORDON_CONTROL_PEERS_H

#include "base/text.h"

struct trunk;

/* ,"allow":{...},"supported":{...},"peers":[...]: what nothing is known of is
 * left out. NULL adds nothing. */
void peers_add(struct text *out, const struct trunk *trunk);

#endif
