/*
 * replay.h - two sets of policies over the same traffic: what would change
 */

#ifndef CORDON_CLI_REPLAY_H
#define CORDON_CLI_REPLAY_H

#include "cli/book.h"
#include "cli/world.h"
#include "trunk/rehearse.h"

#define REPLAY_HEADERS 256 /* names that are told apart */
#define REPLAY_SHOWN   20  /* changed calls that are listed */
#define REPLAY_KINDS   4
#define REPLAY_NAME    48
#define REPLAY_SEEN    131072 /* rows of */
#define REPLAY_ROW     8      /* hashes of the last requests that fell there */

enum replay_side { REPLAY_OLD, REPLAY_NEW, REPLAY_SIDES };

#define REPLAY_OTHERS "other headers"

/* The policies of one trunk on one side; references are held. */
struct replay_slot {
	struct policy *in, *out;
};

struct replay_header {
	char name[REPLAY_NAME]; /* "Request-URI" and "body" too */
	uint64_t changed, gained, lost;
};

/* A call that would change. */
struct replay_call {
	char call_id[128];
	uint64_t packet;
	const struct trunk *from, *to;
	enum policy_call kind;
	char what[256];
};

struct replay_figures {
	uint64_t invites;  /* that were rehearsed */
	uint64_t changed;
	uint64_t refused[REPLAY_SIDES]; /* did not leave */
	uint64_t kinds[REPLAY_KINDS];
	uint64_t kinds_changed[REPLAY_KINDS];
	uint64_t vetoes[REPLAY_SIDES];
	uint64_t codes[REPLAY_SIDES][DIAGNOSTICS]; /* calls that have it */
	/* Left out. */
	uint64_t repeated, within, invalid, ours, unknown, no_route;
	struct replay_header headers[REPLAY_HEADERS]; /* the last: of the rest */
	size_t headers_n;
	struct replay_call shown[REPLAY_SHOWN];
	size_t shown_n;
};

struct replay {
	struct world world;
	struct replay_slot *slots[REPLAY_SIDES]; /* one a trunk */
	struct rehearsal *side[REPLAY_SIDES];
	struct book books[REPLAY_SIDES];
	struct sip_message *msg;
	struct sip_view view;
	uint64_t (*seen)[REPLAY_ROW]; /* for retransmissions */
	const char *wanted; /* part of a Call-ID to show, or NULL */
	uint64_t found;     /* of them */
	struct replay_figures figures;
	bool captured; /* then: */
	struct capture_figures capture;
	char fault[CAPTURE_ERROR_MAX]; /* why it ends early, or empty */
};

/* ---- replay_sides.c ---- */

/* Old and new policies in the places of those that the configuration has: a
 * file where its name is used, or of each policy_out (`in`: policy_in); of a
 * directory the files whose names are used. False, and said why. */
bool replay_load(struct replay *replay, struct cli *cli, const char *old,
    const char *new, bool in);
void replay_unload(struct replay *replay);

/* ---- replay_judge.c ---- */

/* Compares what the last rehearsals made of the message; true when it
 * differs. */
bool replay_judge(struct replay *replay, uint64_t packet);

/* ---- replay_print.c ---- */

void replay_print(struct cli *cli, const struct replay *replay,
    uint64_t microseconds);
void replay_dump(struct cli *cli, const struct replay *replay);
/* One call in full. */
void replay_print_call(struct cli *cli, const struct replay *replay,
    uint64_t packet);

#endif
