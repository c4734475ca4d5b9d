/*
 * log.h - what the daemon tells its operator, a line at a time
 *
 * "2026-11-21T10:00:00.123Z info text". Before the writer thread runs, a line
 * is written at once; afterwards it goes through the writer's queue and never
 * blocks the loop. Called from the signalling thread only. A value from the
 * wire is put into the text with text_add_quoted(); bytes that would
 * end or forge a line are replaced here all the same.
 */

#ifndef CORDON_RECORD_LOG_H
#define CORDON_RECORD_LOG_H

#include <stdbool.h>

#include "base/span.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

struct writer;

/*
 * Opens the log; `file` NULL or "" is standard error. 0, or a negative errno,
 * and then lines still go to standard error. Where standard error is the
 * journal of systemd (JOURNAL_STREAM), lines begin with <N> and have no time.
 */
int log_open(enum log_level level, const char *file);

/* Lines go through `writer` from now on; NULL: written at once again. */
void log_attach(struct writer *writer);

/* Opens the file again after it was moved away; with a writer attached,
 * writer_reopen() does it. 0, or a negative errno and the old file stays. */
int log_reopen(void);
void log_close(void);

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* True when a line of that level is written: to save the work of making it. */
bool log_wants(enum log_level level);

/* One line; longer than 2000 bytes is cut and ends in "...". */
void log_write(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

const char *log_level_name(enum log_level level);
/* False when there is no level of that name. */
bool log_level_find(struct span name, enum log_level *level);

#endif
