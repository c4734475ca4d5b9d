/*
 * wire.h - a network and a clock that a test holds in its hands
 *
 * What the code under test sends is recorded, with path and time; what it shall
 * receive is written as text. Time stands still but for replay_advance().
 */

#ifndef CORDON_T_REPLAY_WIRE_H
#define CORDON_T_REPLAY_WIRE_H

#include "base/timer.h"
#include "net/wire.h"
#include "sip/message.h"
#include "sip/view.h"

struct replay_sent {
	uint64_t at;
	struct net_path path;
	struct span bytes;
	struct sip_message msg;
	struct sip_view view; /* as far as it can be read */
};

/* Who gets what replay_inject() makes. */
typedef void replay_receive(void *arg, struct sip_message *msg,
    const struct sip_view *view, const struct net_path *path);

struct replay {
	struct timers timers; /* for the code under test too */
	replay_receive *receive;
	void *arg;
	struct replay_sent **sent;
	size_t sent_n;
	size_t looked_at; /* by replay_expect() */
	int error;        /* what send() returns from now on */
	unsigned error_once_at; /* 1: the next send() returns error_once, 2: ... */
	int error_once;
	slab_handle gone; /* send() on this connection: -ENOTCONN */
	slab_handle open; /* what send() finds where a path has no connection */
	slab_handle connections; /* opened so far; handles count up from 1000 */
};

void replay_init(
    struct replay *replay, uint64_t now, replay_receive *receive, void *arg);
void replay_fini(struct replay *replay);
struct wire replay_wire(struct replay *replay);

/* Lets `ms` pass, running each timer at its own time. */
void replay_advance(struct replay *replay, uint64_t ms);

/* A path to or from "192.0.2.1:5060"; `connection` is 0 for UDP. */
struct net_path replay_path(
    enum net_transport transport, const char *remote, slab_handle connection);

/*
 * Gives one message to the receiver. The text is printf's, with "\n" for line
 * ends; the part behind an empty line is the body; Content-Length is added. It
 * must be a message that can be indexed and viewed.
 */
void replay_inject(struct replay *replay, const struct net_path *path,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Answers a request that was sent, from where it went: `status_line` as "180
 * Ringing", To with `to_tag` where not empty, then `fields` ("" or lines, each
 * with its "\n"). */
void replay_answer(struct replay *replay, const struct replay_sent *request,
    const char *status_line, const char *to_tag, const char *fields);

/*
 * The next message sent that no test has looked at yet: it must have gone to
 * `remote` (NULL: anywhere), begin with `start`, and hold each of the further
 * texts (a NULL ends them; one that begins with '!' must not be there).
 */
const struct replay_sent *replay_expect(struct replay *replay,
    const char *remote, const char *start, ...) __attribute__((sentinel));

/* Nothing was sent that no test has looked at. */
void replay_expect_nothing(struct replay *replay);

/* Takes all that was sent since, and says how many they were. */
size_t replay_skip(struct replay *replay);

#endif
