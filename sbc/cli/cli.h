/*
 * cli.h - what the files of cordon(1) share
 */

#ifndef CORDON_CLI_CLI_H
#define CORDON_CLI_CLI_H

#include <jansson.h>

#include "cli/print.h"
#include "control/command.h"

/* Exit status. */
enum cli_exit {
	CLI_YES,   /* done, or it is so */
	CLI_NO,    /* not found, not so, refused */
	CLI_MISUSE /* wrong arguments, or no daemon */
};

struct cli {
	const char *socket;
	bool json;
	struct print print;
	FILE *err;
};

/* Runs the command line and returns the exit status. */
int cli_run(int argc, char **argv, FILE *out, FILE *err);

/* ---- offline.c: commands without a daemon ---- */
int offline_run(struct cli *cli, enum command_id id, char **argv, int argc);

/* ---- help.c ---- */
void help_usage(FILE *out);
int help_run(struct cli *cli, char **argv, int argc);

/* ---- show.c: how answers are shown ---- */

/* Takes the lines of an answer and shows them, at once or at the end. */
struct show {
	struct print print;
	void (*line)(struct show *show, const json_t *line);
	void (*finish)(struct show *show);
	void *data; /* theirs between begin and finish */
	bool failed; /* an error was told: there is nothing to finish with */
};

/* False when there is no memory. */
bool show_begin(struct show *show, enum command_id id, bool follow);

/* What a line begins with: its name, padded. */
void show_label(struct show *show, const char *name);
/* A line of name and value; none for an empty value. */
void show_pair(struct show *show, const char *name, enum paint paint,
    const char *value);

/* ---- why.c ---- */
bool why_begin(struct show *show);
/* Journal entries as `cordon why` shows them: what was rewritten, then what was
 * found. */
void why_print_entries(const struct print *print, json_t *entries);

/* ---- trunks.c ---- */
bool trunks_begin(struct show *show);

/* ---- did.c ---- */
void did_line(struct show *show, const json_t *line);
/* Do the words name files to look in? Then no daemon is needed. */
bool did_is_offline(char **argv, int argc);
int did_offline(struct cli *cli, char **argv, int argc);

/* ---- fields of an answer: never NULL; "" and 0 where there is none ---- */
const char *field_string(const json_t *object, const char *key);
uint64_t field_number(const json_t *object, const char *key);

/* "2026-11-21T10:00:00.123Z" in microseconds since 1970; 0 when it is no
 * time. */
uint64_t field_time(const json_t *object, const char *key);

/* "120 ms", "1.2 s", "3:04", "2:03:04", "5 d 03:12" for milliseconds. */
const char *format_duration(char buf[static 32], uint64_t ms);
/* "2026-11-21 10:00:00" (UTC) of a time of an answer, "" for none. */
const char *format_time(char buf[static 32], const char *time);

#endif
