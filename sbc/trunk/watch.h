/*
 * watch.h - OPTIONS of our own to the peers of trunks (option options_interval)
 *
 * Each peer of such a trunk is asked in turn, one request at a time, at
 * moments that are spread by chance. The answer says that the peer is there
 * and what it can do (capability.h). What is found stands in the trunk's
 * state; no route asks for it.
 */

#ifndef CORDON_TRUNK_WATCH_H
#define CORDON_TRUNK_WATCH_H

#include "transaction/transaction.h"
#include "trunk/trunk.h"

struct record;
struct watch;

/* All of it outlives the watch. */
struct watch_deps {
	struct timers *timers;
	struct transactions *transactions;
	struct record *record;
	uint64_t (*wall_clock)(void); /* microseconds since 1970 */
	void (*random)(void *buf, size_t n);
};

enum watch_state {
	WATCH_WAITING, /* not asked, or not answered yet */
	WATCH_UP,      /* answered: a failure is an answer, 408 and 503 are none */
	WATCH_DOWN
};

/* What is known of one peer; of trunk_state, by address. */
struct watch_peer {
	struct address address;
	enum watch_state state;
	uint64_t since;    /* of the state, microseconds since 1970; 0: waiting */
	uint64_t asked_at; /* ms, monotonic; 0: never */
	uint64_t asked, answered, lost;
	unsigned status;   /* of the last answer; 0: none came */
	uint32_t ms;       /* until the last answer */
};

struct watch *watch_create(const struct watch_deps *deps); /* NULL: no memory */
void watch_destroy(struct watch *watch); /* NULL is allowed */

/* From now on the peers of that snapshot (a reference is taken); NULL:
 * nobody's. What is known of peers that stay is kept. False without
 * memory: nobody is asked. */
bool watch_set_trunks(struct watch *watch, struct trunks *trunks);

/* Each owner of a transaction of the watch has this bit. */
#define WATCH_OWNER (UINT64_C(1) << 63)

/* From transaction_ops; false: it is somebody else's.
 * `msg` NULL: no answer comes. */
bool watch_answered(struct watch *watch, uint64_t owner, client_tx tx,
    const struct sip_message *msg);

/* Are the peers of that trunk asked? */
bool watch_is_on(const struct trunk *trunk);

/* The peer that is best off: up where any is, down where all are. NULL where
 * the trunk is not watched. */
const struct watch_peer *watch_best(const struct trunk *trunk);
const char *watch_state_name(enum watch_state state);

/* "no answer to OPTIONS", "OPTIONS answered 503" of a peer that is down. */
void watch_add_reason(struct text *t, const struct watch_peer *peer);

/* The peers, as many as *n says; none where the trunk is not watched. */
const struct watch_peer *watch_peers(const struct trunk *trunk, size_t *n);

#endif
