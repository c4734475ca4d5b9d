/*
 * trunk.h - who may talk at all, and where calls go
 *
 * A `struct trunks` is one snapshot: a configuration with its policies loaded.
 * It never changes once made; a reload makes another beside it and calls in
 * progress hold a reference to theirs. What counts over time (calls, rates)
 * lives in a `struct trunk_state` that snapshots share by the trunk's name.
 */

#ifndef CORDON_TRUNK_TRUNK_H
#define CORDON_TRUNK_TRUNK_H

#include "base/bucket.h"
#include "config/config.h"
#include "net/wire.h"
#include "number/number.h"
#include "policy/passage.h"
#include "sip/uri.h"
#include "trunk/capability.h"
#include "trunk/parts.h"
#include "trunk/relief.h"

struct trunk_state {
	unsigned references;
	char *name;
	unsigned calls; /* legs of this trunk that exist now */
	struct bucket pace;
	struct relief relief;
	uint64_t calls_in, calls_out; /* since start */
	uint64_t failed;   /* calls to it: by a fault, or refused with 5xx */
	uint64_t refused;  /* over a limit, or because of what its peers asked for */
	uint64_t advanced; /* went on to another target */
	uint64_t last_in, last_out; /* ms, monotonic, of a request; 0: never */
	slab_handle reused;         /* TLS connection offered for reuse last */
	bool timer_noted;           /* DLG-TIMER-STRIPPED stands in the journal */
	bool options_noted;         /* OPT-ANSWERED-ELSEWHERE stands in the journal */
	struct capabilities can;
	struct watch_peer *peers;   /* watch.h; NULL: never asked */
	size_t peers_n;
};

/* What the network layer knows of a trunk. Filled in by trunks_bind(). */
struct trunk_binding {
	uint32_t listener;     /* id */
	uint32_t tcp_listener; /* id, 0: none */
	uint32_t tls;          /* client profile, 0: none */
	struct address local;  /* of the listener */
	struct address tcp_local;
	enum net_transport tcp_transport; /* TCP or TLS */
};

struct trunk {
	const struct config_trunk *config;
	enum net_transport transport;
	struct trunk_binding binding;
	struct trunk_state *state;
	const struct number_plan *plan; /* NULL: country not given */
	const struct inventory *inventory; /* NULL: none */
	struct policy *policy_in;       /* never NULL: the built-in one */
	struct policy *policy_out;
	struct span name;
	/* Host and port that stand for us toward this trunk, as in a URI:
	 * fqdn, else advertise, else the listener's address. */
	struct span contact_host; /* "sbc.example.com:5061" */
	struct span via_host;     /* "198.51.100.7:5061" */
	struct span host;         /* contact_host without its port */
	struct policy_trunk facts; /* what policies may know of it */
	char text[544];           /* where those spans lie: two names of 253
				   * bytes with their ports */
};

struct trunks {
	unsigned references;
	struct config *config;
	struct inventory *inventory; /* NULL: none is configured */
	struct trunk *list;
	size_t n;
};

/*
 * Makes a snapshot of `config` (a reference is taken) and loads its policies
 * and its inventory, which may take seconds; `now` is the monotonic ms,
 * `today` days since 1970 (what has expired is warned of). Counters are taken
 * over from `old` by name (NULL: none). NULL when a file has errors (noted in
 * `problems`) or without memory.
 */
struct trunks *trunks_create(struct config *config, const struct trunks *old,
    uint64_t now, int64_t today, struct problems *problems);
/* The same of parts that were loaded before (references are taken): this takes
 * no time. */
struct trunks *trunks_create_of(const struct parts *parts,
    const struct trunks *old, uint64_t now, int64_t today,
    struct problems *problems);
struct trunks *trunks_ref(struct trunks *trunks);
void trunks_unref(struct trunks *trunks); /* NULL is allowed */

/* May a call by this trunk show that number (digits of E.164)? The trunk has an
 * inventory. `entry` (may be NULL) is set unless the number is unknown. */
enum inventory_verdict trunk_owns(const struct trunk *trunk,
    struct span digits, int64_t today, struct inventory_entry *entry);
/* Why not, as a sentence without its stop. */
void trunk_add_why_not(struct text *t, const struct trunk *trunk,
    struct span digits, int64_t today);

/* Who asks whether a number is owned, and on which day. */
struct trunk_ownership {
	const struct trunk *trunk;
	int64_t today;
};

/* The trunk's stage of a passage: `ownership` and `journal`
 * (may be NULL) live as long. */
struct passage_stage trunk_passage(struct trunk_ownership *ownership,
    const struct policy *policy, const struct journal *journal);

/* Asks `bind` for the network side of each trunk. Before first use. */
typedef bool trunk_bind_fn(void *arg, const struct config_trunk *config,
    struct trunk_binding *binding);
bool trunks_bind(struct trunks *trunks, trunk_bind_fn *bind, void *arg);

/* The value of our Via toward that trunk, and the URI of our Contact in angle
 * brackets. */
void trunk_add_via(struct text *t, const struct trunk *trunk,
    enum net_transport transport, struct span branch);
void trunk_add_contact(struct text *t, const struct trunk *trunk);

struct trunk *trunk_find(const struct trunks *trunks, struct span name);
/* The same, looked for from that place on, where it mostly is in another
 * snapshot, too. */
struct trunk *trunk_find_near(
    const struct trunks *trunks, struct span name, size_t place);

/* Is the peer of that connection who the trunk's TLS profile says (RFC 5922)?
 * Asked only where a trunk has tls_names. */
typedef bool trunk_peer_fn(void *arg, slab_handle connection, uint32_t tls);

/*
 * Which trunk does a message on that path belong to? Listener first; then
 * the longest matching source prefix or peer address; a trunk with
 * tls_names also wants the peer's certificate to carry one. NULL:
 * nobody's, drop it unanswered.
 */
struct trunk *trunk_match(const struct trunks *trunks,
    const struct net_path *path, trunk_peer_fn *is_peer, void *arg);

/* The same trunk, also of another snapshot. */
static inline bool
trunk_same(const struct trunk *a, const struct trunk *b)
{
	return span_eq(a->name, b->name);
}

/* The way to a peer of the trunk (0 is the first). False: no such peer. */
bool trunk_path(
    const struct trunk *trunk, size_t peer, struct net_path *path);

/*
 * Where a request inside a dialog goes: `uri` is the first Route or the remote
 * target (RFC 3261 section 12.2.1.1). Its IP address and port are taken, except
 * that a name, a foreign transport, or a private address of a peer that reaches
 * us from a public one (it is behind a NAT) leaves `learned` as it is: the path
 * that the dialog was made on.
 */
struct net_path trunk_next_hop(const struct trunk *trunk,
    const struct sip_uri *uri, const struct net_path *learned);

/* A connection that the peer opened knows no profile for one of our own: that
 * path has it from now on. */
void trunk_take_profile(const struct trunk *trunk, struct net_path *path);

/* The connection of that path is gone: the same peer by a new one, at the
 * address where it listens where that is known. */
void trunk_path_again(const struct trunk *trunk, struct net_path *path);

/* The same path over the trunk's TCP listener, for a request too big for UDP.
 * False when the trunk has none. */
bool trunk_path_tcp(const struct trunk *trunk, struct net_path *path);

/* May one more call start on this trunk? Takes a token where there is a rate.
 * An emergency call always may. */
enum trunk_verdict { TRUNK_OK, TRUNK_FULL, TRUNK_TOO_FAST };
enum trunk_verdict trunk_admit(
    struct trunk *trunk, bool emergency, uint64_t now);

#endif
