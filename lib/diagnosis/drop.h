/*
 * drop.h - what the moment tells at which a call was dropped (row BWC-18)
 *
 * A timer that nobody serves ends calls always after the same time. This says
 * which timer fits, and why; whether it was one, a person has to see.
 */

#ifndef CORDON_DIAGNOSIS_DROP_H
#define CORDON_DIAGNOSIS_DROP_H

#include "diagnosis/journal.h"

/* A leg's place in the arrays below. */
enum drop_leg { DROP_CALLER, DROP_CALLEE, DROP_LEGS };

struct drop_facts {
	uint64_t talked;     /* ms, from the answer to the end */
	enum journal_leg by; /* who ended it; JOURNAL_NO_LEG: ourselves */
	bool acked;          /* the caller's ACK to the 200 OK has come */
	uint32_t ack_wait;   /* ms: 64*T1 */
	uint32_t session[DROP_LEGS];  /* s, Session-Expires; 0: none */
	struct span trunk[DROP_LEGS]; /* for the sentence */
};

enum drop_kind {
	DROP_NONE,          /* nothing speaks for a timer */
	DROP_NO_ACK,        /* 64*T1 and the ACK never came */
	DROP_ACK_BEYOND,    /* 64*T1, by a side that should have had its ACK */
	DROP_SESSION,       /* Session-Expires of a leg */
	DROP_SESSION_EARLY, /* RFC 4028 section 10: min(32 s, a third) before it */
	DROP_SESSION_HALF,  /* where the refresh is due */
	DROP_RTCP,          /* 30 s: a watchdog that hears no RTCP */
	DROP_ROUND          /* 5, 10, 15, 30 or 60 minutes */
};

struct drop {
	enum drop_kind kind;
	uint32_t period;      /* ms: the timer that fits */
	enum drop_leg timer;  /* whose Session-Expires */
};

struct drop drop_judge(const struct drop_facts *facts);

/* "ended by the callee (carrier) after 32.0 s: ...": no full stop; nothing for
 * DROP_NONE. */
void drop_add_sentence(struct text *t, const struct drop_facts *facts,
    const struct drop *drop);

#endif
