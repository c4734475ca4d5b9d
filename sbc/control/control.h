/*
 * control.h - the management socket of the daemon
 *
 * A Unix stream socket: one JSON request a line, {"command":"why",
 * "arguments":["7f3a"]}; the answer is one JSON line, or a stream of lines that
 * ends with {"end":true}. A request that fails is answered with {"error":"...",
 * "exit":N}, N the exit status of cordon(1). Root, the daemon's own user and
 * members of the socket's group may talk; nothing here waits for a client. The
 * process must ignore SIGPIPE.
 */

#ifndef CORDON_CONTROL_CONTROL_H
#define CORDON_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/memory.h"
#include "record/recent.h"
#include "record/writer.h"

#define CONTROL_CLIENTS_MAX 64
#define CONTROL_LINE_MAX    65536
#define CONTROL_UNREAD_MAX  (1024 * 1024)

struct event_base;
struct control;
struct inventory;
struct trunk;
struct trunks;

struct control_status {
	const char *version;
	uint64_t started; /* microseconds since 1970 */
	uint64_t loaded;  /* when configuration was read last */
	bool draining;
	uint32_t lag;     /* ms, of the loop */
	uint32_t calls;
	uint32_t calls_limit; /* 0: none */
	uint64_t calls_total; /* since the start */
	uint64_t calls_answered;
	uint64_t calls_failed; /* ended with a fault */
};

/* A call in progress; `end` of the summary is 0. */
struct control_call {
	struct memory_summary summary;
	const char *state; /* "ringing", "up", ... */
	const struct memory_chain *chain;
};

struct control_trunk {
	struct span name;
	const char *transport; /* "udp" */
	struct span peer;      /* the address in use, as text */
	const char *state;     /* "up", "down", "unwatched", ... */
	struct span reason;    /* why it is down, or empty */
	uint64_t since;        /* of the state, microseconds since 1970, or 0 */
	uint32_t calls;
	uint32_t calls_limit;  /* 0: none */
	uint32_t calls_per_second; /* limit, 0: none */
	uint64_t calls_in;     /* since the start, from the trunk */
	uint64_t calls_out;    /* and to it */
	uint64_t failed;
	uint64_t refused;      /* over a limit, or spared */
	uint64_t advanced;     /* went on to another target */
	struct span spared;    /* what its peers asked for, or empty */
	const struct trunk *trunk; /* with its peers; NULL: nothing is known */
};

struct control_counter {
	const char *name; /* "transaction.retransmissions" */
	uint64_t value;
	const char *help; /* half a sentence, or "" */
};

/* What is known of numbers now; valid until the loop goes on. */
struct control_numbers {
	const struct inventory *inventory; /* NULL: none is configured */
	const struct trunks *trunks;
	int64_t today; /* days since 1970 */
};

/*
 * What control needs from the daemon. A function that is NULL answers "not
 * available here". Spans and pointers that are handed out stay valid until the
 * next call of any of these.
 */
struct control_ops {
	void *arg;

	/* Called first in each callback from the loop (loop_tick). */
	void (*tick)(void *arg);

	void (*status)(void *arg, struct control_status *out);

	/* One after the other; *at is 0 at first and theirs to count. False at
	 * the end. Calls may begin and end between two calls of it. */
	bool (*next_call)(void *arg, uint32_t *at, struct control_call *out);
	bool (*next_trunk)(void *arg, uint32_t *at, struct control_trunk *out);
	bool (*next_counter)(
	    void *arg, uint32_t *at, struct control_counter *out);

	bool (*find_call)(void *arg, uint64_t call, struct control_call *out);

	void (*numbers)(void *arg, struct control_numbers *out);

	/* Begins to read the files again, or does so when a reload that runs
	 * has ended. What reload_result() is to be asked for. */
	uint64_t (*reload)(void *arg);
	/* False while it runs: control_wake() says when to ask again. `*good`
	 * false: refused, everything stays; `*problems` says why. */
	bool (*reload_result)(void *arg, uint64_t reload, bool *good,
	    const struct problems **problems);
	void (*drain)(void *arg);

	/* The configuration in use as cordon.conf text: config_print(). */
	void (*print_config)(void *arg, FILE *out);

	const struct memory *memory; /* may be NULL, as may those below */
	const struct writer *writer;
	const struct recent *recent;
};

/*
 * Listens on `path` (mode 0660). The socket of a daemon that is dead is
 * replaced; where one answers, or something else lies there, it is refused.
 * NULL with the reason in `problems`. `ops` is kept, not copied.
 */
struct control *control_start(struct event_base *base, const char *path,
    const struct control_ops *ops, struct problems *problems);

/* Removes the socket and drops all clients. NULL is allowed. */
void control_stop(struct control *control);

/* Tells those who follow that a call began, was answered or ended. */
void control_call_event(struct control *control, const char *event,
    const struct control_call *call);

/* Answers that wait for something look again. NULL is allowed. */
void control_wake(struct control *control);

struct control_figures {
	unsigned clients;
	uint64_t accepted;
	uint64_t refused; /* over the limit, or not allowed */
	uint64_t dropped; /* did not read, sent too long a line, or nothing */
	uint64_t requests;
};

void control_get_figures(
    const struct control *control, struct control_figures *out);

#endif
