/*
 * call.h - the calls that pass through: the public face of this directory
 */

#ifndef CORDON_CALL_CALL_H
#define CORDON_CALL_CALL_H

#include "diagnosis/journal.h"
#include "record/record.h"
#include "transaction/transaction.h"
#include "trunk/trunk.h"

struct calls;

enum end_reason {
	END_NONE, /* the call is not over */
#define END_REASON(id, ...) END_##id,
#include "call/end_reasons.def"
#undef END_REASON
	END_REASONS
};

struct end_reason_row {
	const char *name;
	unsigned status;
	unsigned q850;
	bool fault;
	enum diagnostic diagnostic;
	const char *sentence;
};
const struct end_reason_row *end_reason_get(enum end_reason reason);

/* A call that lives. Spans stay valid until the loop goes on. */
struct call_info {
	struct memory_summary summary; /* its `end` is 0 */
	const char *state; /* "trying", "ringing", "up", "transferring", "ending" */
	const struct memory_chain *chain;
};

/* What the layer stands on. All of it outlives the layer. */
struct calls_deps {
	struct timers *timers;
	struct wire wire;
	struct record *record;
	trunk_peer_fn *is_peer; /* the name check of TLS peers */
	void *is_peer_arg;
	/* The names in the certificate of that peer, quoted, for people, with
	 * is_peer_arg; NULL: not to be had. */
	void (*peer_names)(
	    void *arg, slab_handle connection, struct text *out);
	/* Requests to `peer` may go out on this connection, which the peer
	 * opened (RFC 5923); NULL: never. */
	void (*reuse)(void *arg, slab_handle connection,
	    const struct address *peer, uint32_t tls);
	void *reuse_arg;
	/* Nothing is wanted from that connection; NULL: it stays. */
	void (*hang_up)(void *arg, slab_handle connection);
	void *hang_up_arg;
	/* A call began ("start"), was answered, got another end ("transfer") or
	 * ended; NULL: nobody listens. */
	void (*event)(
	    void *arg, const char *what, const struct call_info *info);
	void *event_arg;
	uint64_t (*wall_clock)(void); /* microseconds since 1970 */
	void (*random)(void *buf, size_t n);
};

struct calls_counters {
	uint64_t messages;     /* received */
	uint64_t unknown_source; /* dropped: nobody's trunk */
	uint64_t invalid;      /* refused or dropped by the sanity checks */
	uint64_t calls;        /* INVITEs that became a call */
	uint64_t answered;
	uint64_t failed;       /* ended by a fault (end_reasons.def) */
	uint64_t refused;      /* requests answered by ourselves with a failure */
	uint64_t shed;         /* new calls refused for lag */
	uint64_t blank_cells;  /* events that a state table refuses */
	uint64_t advanced;     /* INVITEs that went on to a next target */
	uint64_t slowed;       /* refusals that made a trunk slower */
	uint64_t rested;       /* refusals that let a peer rest */
	uint64_t rewrites;     /* journal entries of that kind */
};

/* Takes a reference to `trunks` (bound: trunks_bind). NULL without memory. */
struct calls *calls_create(
    const struct calls_deps *deps, struct trunks *trunks);
/* Ends nothing on the wire; frees everything. */
void calls_destroy(struct calls *calls);

/* New calls use this snapshot from now on; old calls keep theirs. */
void calls_set_trunks(struct calls *calls, struct trunks *trunks);
struct trunks *calls_trunks(const struct calls *calls);

/*
 * One whole message from the network; `lag` is the age in ms of what is
 * being read, as the loop measures it, or NET_LAG_FULL. `status` is 0, or
 * what a request gets that a stream could not cut out well (400, 513):
 * `bytes` is then its head.
 */
void calls_receive(struct calls *calls, const struct net_path *path,
    struct span bytes, uint32_t lag, unsigned status);

/* A stream is gone; ICMP says that nobody is at that address. */
void calls_connection_lost(
    struct calls *calls, slab_handle connection, int error);
void calls_unreachable(
    struct calls *calls, const struct net_path *path, int error);

/* Frees what ended. Between loop turns only. */
void calls_reap(struct calls *calls);

/* Refuses new calls with 503 from now on (`draining`), or takes them again. */
void calls_drain(struct calls *calls, bool draining);
bool calls_draining(const struct calls *calls);

/* Hangs up every call (SIGTERM's limit, or the second SIGTERM). */
void calls_end_all(struct calls *calls, enum end_reason reason);

unsigned calls_count(const struct calls *calls);
unsigned calls_going(const struct calls *calls); /* not being ended */
unsigned calls_legs(const struct calls *calls); /* not yet gone */
const struct calls_counters *calls_counters(const struct calls *calls);
struct transactions *calls_transactions(const struct calls *calls);

/* The next call at or behind place *at (start with 0). False at the end. */
bool calls_next(
    const struct calls *calls, uint32_t *at, struct call_info *info);
bool calls_find(const struct calls *calls, uint64_t id, struct call_info *info);

/* Notes an entry that belongs to no call (a reload, ...). */
void calls_note_system(struct calls *calls, const struct journal_entry *entry);

/* The state tables as Graphviz: t/replay/call_cells_test dot. */
void calls_print_dot(FILE *out);

#endif
