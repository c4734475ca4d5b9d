/*
 * transfer_world.h - pieces of transfers, in the world of call_world.h
 *
 * The caller is the transferor, the callee waits, and the target is called by
 * the trunk of the callee. CONSULT is the caller's second call to it.
 */

#ifndef CORDON_T_REPLAY_TRANSFER_WORLD_H
#define CORDON_T_REPLAY_TRANSFER_WORLD_H

#include "call_world.h"

#define REFER_TO(number)                                                       \
	"Contact: <sip:pbx@" PBX ">\n"                                         \
	"Refer-To: <sip:" number "@192.0.2.1>\n"
#define TARGETS_MEDIA SDP_PORT("198.51.100.20", "7000")
#define TARGETS       "m=audio 7000"

/* The transferor's REFER, up to the INVITE that the target gets. */
void refer(void);
/* The same, but for the target: `fields` of the REFER,
 * up to the NOTIFY of 100. */
void refer_with(const char *fields);
/* The target's answer, up to what the waiting party is offered. */
const struct replay_sent *target_answers(void);
/* The waiting party takes that offer, and the transferor hears of it. */
void joined(const struct replay_sent *offer);
void transferor_leaves(void);
/* The waiting party hangs up, and the target hears of it. */
void callee_leaves(void);

/* The caller talks to the callee, and by a second call to the target. */
void consulting(void);
/* REFER of the caller that names its second call. */
void ask_to_join(void);
/* The same, up to the NOTIFY of 100. */
void refer_attended(void);

#endif
