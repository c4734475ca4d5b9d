/*
 * transfer.h - a call on its way from one party to another (RFC 3515, RFC 5589)
 *
 * transfer.c       the state table of a transfer, and what it does to the call
 * transfer_step.c  the one writer of its state
 * target.c         the leg that it calls
 * join.c           the offer that joins two legs, and takes them apart again
 * refer.c          REFER, and the NOTIFYs that tell how it went
 * replaces.c       dialogs that stand in a Replaces
 *
 * The transferor asked for it; who waits was talking to the transferor and
 * goes on with the target.
 */

#ifndef CORDON_CALL_TRANSFER_H
#define CORDON_CALL_TRANSFER_H

#include "call/private.h"
#include "sip/refer.h"

enum transfer_state {
#define TRANSFER_STATE(id, name) TRANSFER_##id,
#include "call/transfer_states.def"
#undef TRANSFER_STATE
	TRANSFER_STATES
};

enum transfer_event {
#define TRANSFER_EVENT(id, name) TR_##id,
#include "call/transfer_events.def"
#undef TRANSFER_EVENT
	TRANSFER_EVENTS
};

/* At most so many in one call: more go round in a loop. Who looks for somebody
 * that is there may have to try more often. */
#define TRANSFER_DEPTH 5
#define TRANSFER_TRIES 30

struct transfer {
	enum transfer_state state; /* written by transfer_step() only */
	struct call *call;
	struct leg *transferor;
	struct leg *waiting;
	struct leg *target;  /* NULL: not called yet */
	bool transferor_left;
	struct span number;  /* in the Refer-To; owned */
	struct span invite;  /* the target's, as if the transferor had sent it; owned */
	slab_handle consult; /* attended: whom the target talked to, or 0 */
	bool taken;          /* the target was taken while it rang */
	slab_handle stand_in; /* in the target's place there */
	bool stepping;       /* transfer_step() is at work */
	enum policy_call kind; /* of the call, before */
	uint64_t began;      /* ms, monotonic */
	uint32_t cseq;       /* of the REFER */
	unsigned status;     /* why it failed */
	unsigned patience;   /* used up while the last NOTIFY is not answered */
	struct timer timer;  /* of the state */
	struct timer again;  /* an offer that could not be made yet */
	struct span told;    /* what the target was offered; owned */
	struct leg *source;  /* whose media the waiting party shall hear next, or NULL */
	bool offering;       /* an offer is on its way to it */
	unsigned glares;     /* offers that met one of its own */
	uint64_t heard;      /* fingerprint of what it has accepted */
	uint64_t offered;    /* of what is on its way */
};

struct transfer_rule {
	bool (*act)(struct transfer *transfer);
	enum transfer_state next;
};
typedef struct transfer_rule transfer_table_t[TRANSFER_STATES][TRANSFER_EVENTS];

/* --- transfer.c --- */
extern const transfer_table_t transfer_table;
const char *transfer_state_name(enum transfer_state state);
const char *transfer_event_name(enum transfer_event event);
/* False: a blank cell. The transfer may be gone afterwards. */
bool transfer_step(struct transfer *transfer, enum transfer_event event);
/* The table as Graphviz. */
void transfer_print_dot(FILE *out);
/* The same once the action at hand has ended, if there is a transfer then. */
void transfer_raise(struct call *call, enum transfer_event event);
/* A transfer of the call at that leg's wish; NULL without memory. */
struct transfer *transfer_create(struct leg *transferor);
/* The leg to its target was not sent an INVITE, or not to that number. */
void transfer_note_refused(struct leg *leg, enum diagnostic diagnostic,
    struct span number, struct span why);
/* The other side of `consult` becomes the target; it
 * goes back where that fails. */
bool transfer_can_borrow(const struct leg *consult);
bool transfer_borrow(struct transfer *transfer, struct leg *consult);
/* The same of a target that rings, which is not given back. */
bool transfer_can_take(const struct leg *consult);
bool transfer_take(struct transfer *transfer, struct leg *consult);

/* Another leg is asked instead of the target, which has failed. */
void transfer_replace_target(struct transfer *transfer, struct leg *target);

/* --- target.c, replaces.c --- */
extern const leg_table replacer_table;
extern const leg_table target_table;

/* --- join.c --- */
/* The waiting party hears the transferor. */
void join_begin(struct transfer *transfer);
/* Offers the waiting party what `from`'s peer has in force: AGREED or DISAGREED
 * comes later, AGREED also where it has heard that already. */
void join_offer(struct transfer *transfer, struct leg *from);
/* Stops whatever join_offer() began. */
void join_stop(struct transfer *transfer);
/* Offers a target that is on the line already transfer->told, then its
 * answer to the waiting party. */
void join_ask_target(struct transfer *transfer);
/* True while the waiting party hears, or may soon hear, another than the
 * transferor: offers of these two must not cross. */
bool join_diverts(const struct transfer *transfer);
/* A leg hears again whom it talks to. */
void join_restore(struct leg *leg);
/* The leg goes to another call, with the offer of ours that waits
 * for its answer: that is cancelled, and join_restore() follows
 * it. False: there is none. */
bool join_take_along(struct leg *leg, struct call *call);
/* The target learns what the waiting party answered, where that is
 * not what it was offered. */
void join_adjust(struct transfer *transfer);

/* --- refer.c --- */
/* How it goes with what `leg` asked for: one NOTIFY at a time, the newest
 * first. From 200 on it is the last. */
void refer_tell(struct leg *leg, unsigned status);
/* True while a NOTIFY to that leg is not answered. */
bool refer_waits(const struct leg *leg);

/* --- replaces.c --- */
/* The leg whose dialog that is, seen from its peer; NULL: none of ours. */
struct leg *replaces_find(
    struct calls *calls, const struct sip_replaces *replaces);
/* May `who` name that dialog? Who knows its Call-ID and both tags had part in
 * it, or was told by who had; the option of the dialog's trunk says whether
 * that is enough. `refer`: in the Refer-To of a REFER. */
bool replaces_open_to(
    const struct leg *leg, const struct trunk *who, bool refer);
/* True while somebody is about to take a place in that call. */
bool replaces_pending(const struct call *call);

#endif
