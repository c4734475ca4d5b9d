/*
 * request.h - one request line, answered in steps
 *
 * A step makes so many lines that they fit, and a bounded number of them: a
 * list of a hundred thousand calls costs the loop no more at once than a short
 * one. Knows nothing of sockets.
 */

#ifndef CORDON_CONTROL_REQUEST_H
#define CORDON_CONTROL_REQUEST_H

#include <jansson.h>

#include "base/text.h"
#include "control/command.h"
#include "control/control.h"

/* Room that `out` needs for a step. */
#define REQUEST_STEP_MAX 131072

#define REQUEST_ARGUMENTS  4
#define REQUEST_CANDIDATES 20

enum request_state {
	REQUEST_DONE,
	REQUEST_MORE,  /* call request_step() when there is room again */
	REQUEST_WAIT,  /* the same when something has happened */
	REQUEST_FOLLOW /* done; wants to be told of events */
};

struct request;
typedef enum request_state request_fn(
    struct request *request, struct text *out);

struct request {
	const struct control_ops *ops;
	json_t *root; /* the arguments point into it */
	struct span argument[REQUEST_ARGUMENTS];
	size_t arguments;
	request_fn *step;
	uint32_t at; /* where the list goes on */
	uint64_t count;
	uint64_t reload; /* that is waited for */
	/* of why: the calls that match */
	uint64_t candidate[REQUEST_CANDIDATES];
	size_t candidates;
	enum memory_match best; /* how well they match */
	uint64_t ring_at;
	/* what is sent piece by piece */
	char *text;
	struct span rest;
	struct memory_reader *entries;
};

/* Answers one line without its end. Unless it is done at once, `request`
 * must be stepped or closed. */
enum request_state request_start(struct request *request,
    const struct control_ops *ops, struct span line, struct text *out);
enum request_state request_step(struct request *request, struct text *out);

/* Frees what it holds; harmless on one that is done. */
void request_close(struct request *request);

/* {"error":"...","exit":N} and the line's end. */
void request_add_error(struct text *out, int exit_status, struct span text);

/* ,"key":value; a string that is empty, and a time that is 0, is left out. */
void request_add_string(
    struct text *out, const char *key, struct span value);
void request_add_number(struct text *out, const char *key, uint64_t value);
void request_add_time(struct text *out, const char *key, uint64_t micros);

/* A call as the inside of a JSON object. `state` NULL for an ended one. */
void request_add_call(struct text *out, const struct memory_summary *summary,
    const char *state);

#endif
