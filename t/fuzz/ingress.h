/*
 * ingress.h - the real call core between three peers that a script plays
 *
 * ingress_fuzz.c   the script: bytes become actions, and the end is checked
 * ingress_peer.c   what the peers say, rightly and wrongly
 * ingress_world.c  trunks, clock and wire; what Cordon sends is checked here
 */

#ifndef CORDON_T_FUZZ_INGRESS_H
#define CORDON_T_FUZZ_INGRESS_H

#include "base/container.h"
#include "base/timer.h"
#include "call/call.h"
#include "fuzz.h"
#include "sip/reliable.h"
#include "sip/view.h"

enum side { PBX, CARRIER, FAR, SIDES };

#define SNAPSHOTS 3
#define TALKS     6  /* dialogs that a peer remembers */
#define ASKED     6  /* requests that it may answer */
#define TEXT_MAX  16384

/* A dialog as a peer sees it. */
struct talk {
	bool used;
	bool caller; /* the peer sent its INVITE */
	char call_id[128];
	char own_tag[64];
	char their_tag[64]; /* empty: not known */
	unsigned cseq, branch;
	unsigned invite_cseq, invite_branch;
	uint32_t rseq; /* of the last reliable response; 0: none */
};

/* A request that Cordon sent to a peer. */
struct asked {
	bool used;
	struct net_path path;
	enum sip_method method;
	char via[256], from[768], to[768], call_id[256], cseq[64];
	bool tagged; /* inside a dialog */
};

struct peer {
	const char *mark; /* stands in all that must not reach another peer */
	const char *address;
	const char *us;   /* Cordon, as this peer sees it */
	const char *via;  /* transport */
	struct net_path path;
	struct talk talks[TALKS];
	unsigned talks_n; /* made so far; the oldest makes room */
	struct asked asked[ASKED];
	unsigned asked_n;
	char *last; /* what it sent last */
	size_t last_n;
};

/* A request that Cordon has got: what its responses must echo. */
struct received {
	bool sound;
	uint64_t top;  /* of the topmost Via */
	uint64_t rest; /* of the others */
};

struct world {
	struct timers timers;
	struct record record;
	struct trunks *snapshots[SNAPSHOTS];
	struct trunk_state *states;  /* as they were at the start */
	struct calls *calls;
	struct peer peers[SIDES];
	slab_handle connections;     /* opened so far */
	slab_handle lost;            /* the last one that went */
	int error;                   /* of the next sends */
	unsigned errors;             /* how many of them fail */
	struct received *received;
	size_t received_n, received_max;
	uint64_t run;
	uint64_t in, out, out_bytes; /* messages of this run */
	bool dirty; /* something was sent that is in no template */
	const char *mutation;        /* of the next message */
	size_t mutation_n;
};

extern struct world world;

/* --- ingress_world.c --- */
void world_begin(unsigned snapshot);
void world_end(void);
void world_advance(uint64_t ms);
void world_receive(const struct net_path *path, const char *bytes, size_t n,
    uint32_t lag, unsigned status);

/* --- ingress_peer.c --- */
/* Cordon sent that to the peer. */
void peer_hears(struct peer *peer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path);
/* Each byte of `how` chooses; whatever it is, something is sent. */
void peer_invites(struct peer *peer, const uint8_t how[static 3]);
void peer_asks(struct peer *peer, const uint8_t how[static 3]);
void peer_asks_outside(struct peer *peer, const uint8_t how[static 3]);
void peer_answers(struct peer *peer, const uint8_t how[static 3]);
void peer_repeats(struct peer *peer);
void peer_says(struct peer *peer, const char *bytes, size_t n);

#endif
