/*
 * client.h - one request to the daemon, and its answer line by line
 */

#ifndef CORDON_CLI_CLIENT_H
#define CORDON_CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum client_end {
	CLIENT_ANSWERED,
	CLIENT_REFUSED, /* the answer was an error; it has been given too */
	CLIENT_BROKEN   /* no daemon, or what it says makes no sense */
};

/* Gets each line; `text` is the line as it came, without its end. The line that
 * only says {"end":true} is not given. */
typedef void client_line_fn(void *arg, json_t *line, const char *text);

/*
 * Opens the socket of the daemon. NULL with a sentence on `err`. `follow`: wait
 * for lines without an end.
 */
FILE *client_open(const char *path, bool follow, FILE *err);

/* Sends a request and reads its answer: one line, or
 * with `many` up to the end. */
enum client_end client_ask(FILE *daemon, const char *command,
    char *const arguments[], size_t n, bool many, client_line_fn *take,
    void *arg, FILE *err);

#endif
