/*
 * private.h - what the files of this directory share
 *
 * A transaction is moved by server_step() or client_step() only: they look the
 * event up in the table of its machine, enter the next state, then run the
 * action. A cell without an action is a rule: the event is ignored and counted.
 * An action tells the user last, because the user may call back; after it the
 * transaction may be gone.
 */

#ifndef CORDON_TRANSACTION_PRIVATE_H
#define CORDON_TRANSACTION_PRIVATE_H

#include "base/container.h"
#include "base/hash.h"
#include "base/pool.h"
#include "transaction/transaction.h"

/* Most transactions of a side at once; more are refused with 503. */
#define TRANSACTIONS_MAX (1u << 20)
/* Timers that only end what lingers are rounded up to this, in ms. */
#define LINGER_SLACK     256
/* Without an answer of the user: 100 after this (RFC 3261 section 17.2.1). */
#define TRYING_AFTER     200
/* Most To tags of one INVITE that are told apart. */
#define FORKS_MAX        16
/* Echoed lines as written, canonical names and received/rport included. */
#define ECHO_MAX         (SIP_HEAD_MAX + 8192)

struct transactions {
	struct timers *timers;
	struct wire wire;
	struct transaction_timing timing;
	struct transaction_ops ops;
	void *arg;
	struct slab servers;
	struct slab clients;
	struct hash_table requests; /* servers, by match_request() */
	struct hash_table merges;   /* those that a merged request can meet */
	unsigned active;
	struct transaction_counters counters;
	struct sip_message own; /* index over a request of ours */
	char echo[ECHO_MAX];
	char out[SIP_MESSAGE_MAX];
};

/* The times of a transaction, as RFC 3261 table 4 gives them. */
static inline uint64_t
layer_64t1(const struct transactions *layer)
{
	return (uint64_t)64 * layer->timing.t1;
}

int layer_send(
    struct transactions *layer, struct net_path *path, struct span bytes);

/* --- match.c: which transaction a message belongs to --- */

/* The key of a request's server transaction; for ACK and CANCEL with
 * SIP_METHOD_INVITE as `method`, that of their INVITE. */
uint64_t match_request(const struct sip_message *msg,
    const struct sip_view *view, enum sip_method method);
/* The key that a merged request has in common (RFC 3261 section 8.2.2.2). */
uint64_t match_merged(const struct sip_view *view);
/* What nobody can guess of a handle. */
uint64_t match_nonce(client_tx tx);
void match_branch_write(
    client_tx tx, uint64_t nonce, char branch[static BRANCH_MAX]);
bool match_branch_read(struct span branch, client_tx *tx, uint64_t *nonce);

/* --- echo.c: what a response repeats of its request --- */

struct echo {
	uint32_t to_n;     /* Via, From and To, without To's line end */
	uint32_t rest_n;   /* that line end, Call-ID, CSeq */
	uint32_t routes_n; /* Record-Route */
	bool tagged;       /* the request's To has a tag */
	char bytes[];
};

/* NULL without memory, or when the request has no Via to answer to. */
struct echo *echo_create(struct transactions *layer,
    const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path);
void echo_free(struct echo *echo);
/* The header lines of a response, in layer->echo; empty if they do not fit. */
struct span echo_lines(struct transactions *layer, const struct echo *echo,
    unsigned status, struct span to_tag);
/* Where a response goes (RFC 3261 section 18.2.2, RFC 3581): changes the path
 * that the request came by; *port is for a new connection when that one is
 * gone. */
void echo_path(
    const struct sip_view *view, struct net_path *path, uint16_t *port);

#define TAG_MAX 16
/* A To tag that is the same for each retransmission. */
struct span echo_tag(uint64_t key, char tag[static TAG_MAX]);

/* A whole response without body for a request that has no transaction. */
int respond_without(struct transactions *layer, const struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path, unsigned status,
    struct span reason, struct span fields, struct span to_tag);

/* Timers E and G: doubled, up to T2. A T2 that a reload made smaller than that
 * shortens nothing: what has waited longer shall not be sent more often. */
static inline uint32_t
longer_interval(uint32_t interval, uint32_t t2)
{
	if (interval >= t2)
		return interval;
	return interval > t2 / 2 ? t2 : interval * 2;
}

/* --- server side: server.c, server_invite.c, server_other.c --- */

enum server_state {
	SERVER_TRYING,
	SERVER_PROCEEDING,
	SERVER_COMPLETED,
	SERVER_ACCEPTED, /* RFC 6026 */
	SERVER_CONFIRMED,
	SERVER_TERMINATED,
	SERVER_STATES
};

enum server_event {
	SERVER_REQUEST, /* the request again */
	SERVER_ACK,
	SERVER_CANCEL,
	SERVER_SEND_1XX,
	SERVER_SEND_2XX,
	SERVER_SEND_FAILURE,
	SERVER_ACKED,       /* the user has the ACK to the 2xx */
	SERVER_TIMER_AGAIN, /* time to send again */
	SERVER_TIMER_END,   /* the state has lasted long enough */
	SERVER_LOST,        /* the connection is gone */
	SERVER_ERROR,       /* sending failed for good */
	SERVER_EVENTS
};

struct server {
	struct hash_node node;
	struct hash_node merge;
	struct timer timer;
	struct transactions *layer;
	uint64_t owner;
	uint64_t deadline; /* of TIMER_END */
	struct net_path path;
	struct echo *echo; /* until the final response */
	char *sent;        /* the last response, while it may be sent again */
	uint32_t sent_n;
	uint32_t cseq;
	uint32_t interval; /* of TIMER_AGAIN */
	uint16_t times;    /* that the 2xx went out */
	uint16_t port;     /* for a new connection; 0: not allowed any more */
	uint8_t state;     /* server_enter() writes it */
	bool invite;
	bool keeping;   /* provisionals, on streams too */
	bool merging;   /* in layer->merges */
	bool cancelled;
	bool acked;
	bool active;    /* counted in layer->active */
};

/* What came with an event; members that an event does not have are 0. */
struct server_input {
	const struct sip_message *msg;
	const struct sip_view *view;
	const struct net_path *path;
	int error;
	bool quiet; /* the user sees the error as a return value */
};

typedef void server_action(struct server *tx, const struct server_input *in);

struct server_cell {
	server_action *action;
	enum server_state next;
};

extern const struct server_cell server_invite_table[SERVER_STATES]
						   [SERVER_EVENTS];
extern const struct server_cell server_other_table[SERVER_STATES]
						  [SERVER_EVENTS];

/* NULL without memory; `key` is match_request()'s,
 * `merge` match_merged()'s or 0. */
struct server *server_create(struct transactions *layer, uint64_t key,
    uint64_t merge, const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path);
struct server *server_find(
    const struct transactions *layer, uint64_t key, const uint32_t *cseq);
bool server_merged(const struct transactions *layer, uint64_t merge);
void server_step(struct server *tx, enum server_event event,
    const struct server_input *in);
void server_release(struct server *tx);

/* Actions and parts of actions that both machines use. */
server_action server_absorb;
server_action server_repeat;
server_action server_end;
server_action server_give_up;
server_action server_reroute;
int server_send(struct server *tx, struct span bytes);
void server_drop_sent(struct server *tx);
void server_count_active(struct server *tx);
/* TIMER_END after `delay` ms; nothing else until then. */
void server_linger(struct server *tx, uint64_t delay);
/* TIMER_AGAIN after tx->interval ms, or TIMER_END where that is earlier. */
void server_wait(struct server *tx);

/* --- client side: client.c, client_invite.c, client_other.c --- */

enum client_state {
	CLIENT_CREATED, /* not sent yet */
	CLIENT_CALLING,
	CLIENT_TRYING,
	CLIENT_PROCEEDING,
	CLIENT_COMPLETED,
	CLIENT_ACCEPTED, /* RFC 6026 */
	CLIENT_TERMINATED,
	CLIENT_STATES
};

enum client_event {
	CLIENT_SENT,
	CLIENT_1XX,
	CLIENT_2XX,
	CLIENT_FAILURE,
	CLIENT_CANCEL, /* the user wants it cancelled */
	CLIENT_FORGET,
	CLIENT_TIMER_AGAIN,
	CLIENT_TIMER_END,
	CLIENT_LOST,  /* the connection is gone */
	CLIENT_ERROR, /* sending failed */
	CLIENT_EVENTS
};

/* One To tag of a 2xx, and the ACK for it once the user has given it. */
struct fork {
	struct fork *next;
	uint64_t tag; /* its hash */
	struct net_path path;
	uint32_t ack_n; /* 0: not given yet */
	char ack[];
};

struct client {
	struct timer timer;
	struct transactions *layer;
	uint64_t owner;
	uint64_t nonce;
	uint64_t deadline;
	struct net_path path;
	client_tx cancel; /* of an INVITE: its CANCEL, sent or waiting */
	struct fork *forks;
	char *sent; /* the request while it is needed; in Completed the ACK */
	uint32_t sent_n;
	uint32_t interval;
	uint8_t state; /* client_enter() writes it */
	uint8_t method;
	bool forgotten;
};

struct client_input {
	const struct sip_message *msg;
	const struct sip_view *view;
	int error;
	struct span reason; /* of CLIENT_CANCEL */
};

typedef void client_action(struct client *tx, const struct client_input *in);

struct client_cell {
	client_action *action;
	enum client_state next;
};

extern const struct client_cell client_invite_table[CLIENT_STATES]
						   [CLIENT_EVENTS];
extern const struct client_cell client_other_table[CLIENT_STATES]
						  [CLIENT_EVENTS];

struct client *client_open(struct transactions *layer, enum sip_method method,
    uint64_t owner, const struct net_path *path);
void client_step(struct client *tx, enum client_event event,
    const struct client_input *in);
void client_release(struct client *tx);

client_action client_absorb;
client_action client_begin;
client_action client_end;
client_action client_tell_response;
client_action client_tell_timeout;
client_action client_tell_failed;
client_action client_repeat;
client_action client_lose;
bool client_keep(struct client *tx, struct span bytes);
void client_drop_sent(struct client *tx);
void client_linger(struct client *tx, uint64_t delay);
void client_wait(struct client *tx);
/* Sends what client_keep() has kept, for the first time. */
int client_start(struct client *tx, struct span bytes);

#endif
