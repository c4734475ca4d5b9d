/*
 * transaction_world.h - a transaction layer between a fake wire and a fake user
 *
 * What the layer tells its user is written down as a line of text each:
 *
 *	request METHOD		ack		cancel OWNER
 *	response STATUS OWNER	timeout OWNER	failed OWNER ERROR
 *	not_acked OWNER SENT	respond_failed OWNER ERROR
 */

#ifndef CORDON_T_UNIT_TRANSACTION_WORLD_H
#define CORDON_T_UNIT_TRANSACTION_WORLD_H

#include "../replay/wire.h"
#include "transaction/private.h"
#include "unit.h"

#define TOLD_MAX 64

struct world {
	struct replay net;
	struct transactions *layer;
	struct net_path path; /* to and from the peer */
	server_tx server;     /* of the last request() */
	client_tx client;     /* of the last world_send() */
	char branch[BRANCH_MAX];
	char told[TOLD_MAX][64];
	unsigned told_n;
	unsigned looked_at;
	/* When set: called inside response() and not_acked(). */
	void (*reenter)(struct world *w);
};

#define PEER "192.0.2.10:5060"

/* A world whose peer is PEER over UDP, or by connection 5 over TCP. */
struct world *world_open(enum net_transport transport);
/* Lets everything run out: nothing may be left. */
void world_close(struct world *w);

/* The next line that the user was told and no test has looked at. */
void world_told(struct world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void world_told_nothing(struct world *w);

/* A request from the peer: branch without its cookie, To tag or "". */
void world_request(struct world *w, const char *method, const char *branch,
    const char *to_tag);
int world_respond(struct world *w, unsigned status, const char *to_tag);

/* A request to the peer, with this owner; 0 or client_send()'s error. */
int world_create_send(struct world *w, enum sip_method method, uint64_t owner);
/* The same, which must succeed; what went out. */
const struct replay_sent *world_send(
    struct world *w, enum sip_method method, uint64_t owner);

struct server *world_server(struct world *w);
struct client *world_client(struct world *w);

TCase *server_tests(void);
TCase *client_tests(void);
TCase *match_tests(void);
TCase *lossy_tests(void);
TCase *memory_tests(void);

#endif
