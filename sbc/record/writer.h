/*
 * writer.h - the one thread that writes files
 *
 * The signalling thread puts packed entries and log lines into two bounded
 * rings; the thread makes lines of them and writes many at once. Nothing here
 * waits for a disk: what finds no room is lost, counted, and said as JRN-LOST
 * in the journal as soon as there is room again. A full or failing
 * disk is tried again; what waits is then written in order, no line twice, none
 * in half. A file that was removed is made anew; one that was renamed goes on
 * until writer_reopen(). One producer thread; no lock on its path, and a system
 * call only when the writer sleeps.
 */

#ifndef CORDON_RECORD_WRITER_H
#define CORDON_RECORD_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum writer_format { WRITER_JSON, WRITER_TEXT };

struct writer_options {
	const char *journal_file; /* NULL or "": no journal is written */
	enum writer_format format;
	uint32_t queue;           /* entries that may wait, about 256 bytes each */
	const char *log_file;     /* NULL or "": log_fd */
	int log_fd;               /* stays open; -1: no log */
};

struct writer_figures {
	uint64_t written;     /* journal entries that are in the file */
	uint64_t waiting;     /* in the queue, or made and not yet written */
	uint64_t lost;        /* for want of room */
	uint64_t log_lost;    /* log lines, likewise */
	uint64_t failures;    /* writes that failed: disk full, input/output error */
	uint64_t removed;     /* files that were removed, and made anew */
	int error;            /* errno of a failure that lasts, or 0 */
	int last_error;       /* errno of the last failure ever, or 0 */
};

struct writer;

/*
 * Opens the files and starts the thread. NULL with errno set when a file does
 * not open or there is no memory or thread. Start after privileges are dropped.
 */
struct writer *writer_start(const struct writer_options *options);

/* Takes one entry of journal_pack(). False when it was lost. */
bool writer_journal(struct writer *writer, struct span packed);

/* Takes one line without its end. False when it was lost. */
bool writer_log(struct writer *writer, struct span line);

/* Opens the files again by name once all that was given before is written into
 * the old ones (logrotate, SIGHUP). Returns at once. */
void writer_reopen(struct writer *writer);

/* Puts what is to be said about losses into the queue, where there is room now:
 * for when nothing else comes. */
void writer_say_losses(struct writer *writer);

void writer_get_figures(
    const struct writer *writer, struct writer_figures *out);

/*
 * Writes what waits and ends the thread, for `ms` milliseconds at the most.
 * Returns the entries and lines that were not written; the writer is gone. A
 * thread that hangs in a dead disk is left behind.
 */
uint64_t writer_stop(struct writer *writer, unsigned ms);

#endif
