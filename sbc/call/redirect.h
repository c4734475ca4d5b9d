/*
 * redirect.h - what the files about redirections share
 *
 * redirect.c         from one number to the next
 * redirect_invite.c  the caller's INVITE, as if another number had been dialled
 * redirect_contact.c the Contacts of a 3xx, and what of them a caller is told
 */

#ifndef CORDON_CALL_REDIRECT_H
#define CORDON_CALL_REDIRECT_H

#include "call/private.h"

#define TARGETS_MAX  5  /* in one call: so deep it may go, too */
#define CONTACTS_MAX 16 /* that are looked at in one response */
#define CONTACT_Q    1000 /* the highest q */

/* A number that was named. */
struct target {
	struct span number; /* user part; owned */
	struct span trunk;  /* who named it, and with which status */
	uint16_t status;
	struct span reason; /* why it diverts, as in Diversion; a constant */
	uint16_t q;         /* thousandths */
	uint8_t from;       /* instead of which: place in the list, from 1; 0:
			     * the number that the caller dialled */
	bool asked;
};

struct redirect {
	struct span invite;    /* that made the call, as it came; owned */
	enum policy_call kind; /* of it */
	uint8_t now;           /* who is asked now: as `from` */
	uint8_t n;
	struct target targets[TARGETS_MAX];
};

/* A Contact that could be a target. */
struct contact {
	struct nameaddr na;
	uint16_t q;
};

/* Whom the call went to at that place. */
struct span redirect_number(const struct call *call, uint8_t place);

/* --- redirect_invite.c --- */
/* call->invite becomes the one to that target, by that leg's
 * trunk. False without memory. */
bool redirect_write_invite(struct leg *leg, const struct target *target);

/* --- redirect_contact.c --- */
/* Those of the response at hand, best first; returns how many. */
size_t redirect_contacts(
    struct calls *calls, struct contact list[static CONTACTS_MAX]);
bool redirect_names_number(const struct nameaddr *na);
/* False: a 3xx that names no numbers, which is noted. */
bool redirect_names_targets(struct leg *leg);
/* That Contact of the response at hand is of no use. */
void redirect_leave_out(struct leg *leg, const struct nameaddr *na,
    enum diagnostic diagnostic, const char *why);
/* Is there anything in the 3xx at hand that the caller may be told? */
bool redirect_may_pass(struct leg *leg);

#endif
