/*
 * memory.h - the journal of live and of the last ended calls, for `cordon why`
 *
 * A live call collects its entries in a chain of small blocks that it
 * owns. When it ends they move, with a summary, into a ring of fixed size; the
 * oldest calls make room.
 */

#ifndef CORDON_RECORD_MEMORY_H
#define CORDON_RECORD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "diagnosis/journal.h"

struct memory;
struct memory_block;
struct memory_reader;

/* Lives in the call; all zero is an empty chain. */
struct memory_chain {
	struct memory_block *first;
	struct memory_block *last;
	uint32_t bytes;   /* of entries (diagnosis/trail.h) */
	uint16_t entries;
	uint16_t skipped; /* entries beyond MEMORY_CHAIN_MAX, or without memory */
};

/* Most bytes that one call may keep: a call of days must not eat the
 * machine. */
#define MEMORY_CHAIN_MAX 32768

/* A leg's place in the arrays below. */
enum memory_leg {
	MEMORY_CALLER,
	MEMORY_CALLEE,
	MEMORY_TARGET, /* of the last transfer, if there was one */
	MEMORY_LEGS
};

/* What is known of a call at a glance. Times are microseconds since
 * 1970, 0 where it has not happened. Spans may be empty; each is
 * cut at 255 bytes when kept. */
struct memory_summary {
	uint64_t call;
	uint64_t start;
	uint64_t answer;
	uint64_t end;
	uint16_t status;   /* SIP status of the INVITE's final response, or 0 */
	bool fault;        /* it ended in a way that somebody has to look at */
	enum diagnostic diagnostic; /* why it ended so, or DIAG_NONE */
	struct span reason; /* how it ended: the reason's name or sentence */
	struct span trunk[MEMORY_LEGS];
	struct span call_id[MEMORY_LEGS];
	struct span number[MEMORY_LEGS]; /* who calls, who is called, who came in */
};

/* An ended call that was found. Everything points into the ring and is valid
 * until the next memory_end(). */
struct memory_found {
	struct memory_summary summary;
	struct span entries; /* to be read by memory_read_ended() */
	uint32_t skipped;
};

/* `bytes` for ended calls; 0 keeps none. NULL without memory. */
struct memory *memory_create(size_t bytes);
void memory_destroy(struct memory *memory); /* NULL is allowed */

/* Appends one entry, whose spans are no longer than JOURNAL_VALUE_MAX. `last`
 * is the one that the chain got before, NULL: nobody has it at hand any more,
 * and it takes a little more room. False when it was skipped (counted). */
bool memory_note(struct memory_chain *chain, const struct journal_entry *last,
    const struct journal_entry *entry);

/* The call is over: its entries and the summary move into the ring; the chain
 * is empty afterwards, whether they found room or not. */
void memory_end(struct memory *memory, struct memory_chain *chain,
    const struct memory_summary *summary);

/* Gives back what the chain holds and does not use: most of what a call has to
 * tell is told by the time it is answered, and it may then go on for hours. */
void memory_settle(struct memory_chain *chain);

/* Frees the entries of a call that shall leave no trace. */
void memory_drop(struct memory_chain *chain);

/* The ended call of that id. */
bool memory_find(const struct memory *memory, uint64_t call,
    struct memory_found *out);

/* Ended calls, the newest first: start with *at = 0; false at the end, and when
 * the call at *at has been dropped since. */
bool memory_last(const struct memory *memory, uint64_t *at,
    struct memory_found *out);

/* Copies of the entries: the call may end, and the ring move, while they are
 * read. NULL without memory. */
struct memory_reader *memory_read_live(const struct memory_chain *chain);
struct memory_reader *memory_read_ended(const struct memory_found *found);
/* The next entry, valid until the one after it is read; NULL at the end. */
const struct journal_entry *memory_next(struct memory_reader *reader);
void memory_reader_destroy(struct memory_reader *reader); /* NULL is allowed */

/* How `text` names a call. A Call-ID is often hexadecimal: the id goes
 * first. */
enum memory_match {
	MEMORY_MATCH_NONE,
	MEMORY_MATCH_TEXT, /* a part of a Call-ID (at least 4 bytes), or of a
	                      number (at least 3) */
	MEMORY_MATCH_ID    /* the beginning of its id in hexadecimal, at least 4 */
};

enum memory_match memory_matches(
    const struct memory_summary *summary, struct span text);

struct memory_figures {
	uint64_t calls;   /* in the ring */
	uint64_t bytes;   /* used of it */
	uint64_t size;
	uint64_t dropped; /* ended calls that made room, since the start */
	uint64_t oldest;  /* when the oldest call that is kept ended, or 0 */
};

void memory_get_figures(
    const struct memory *memory, struct memory_figures *out);

#endif
