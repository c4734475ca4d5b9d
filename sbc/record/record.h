/*
 * record.h - where journal entries of the daemon go: the call's memory and the
 * writer
 *
 * An entry is packed once and handed to both.
 */

#ifndef CORDON_RECORD_RECORD_H
#define CORDON_RECORD_RECORD_H

#include "diagnosis/journal.h"
#include "record/memory.h"
#include "record/recent.h"
#include "record/writer.h"

/* An entry as it was packed; its spans lie there. */
struct record_noted {
	struct journal_entry entry;
	char packed[JOURNAL_PACK_MAX];
};

/* Either may be NULL: then that side is left out. Not owned. */
struct record {
	struct writer *writer;
	struct memory *memory;
	struct recent *recent; /* NULL: INVITEs are not kept */
	uint64_t now;     /* microseconds since 1970, see record_set_time() */
	uint64_t entries; /* noted since the start */
	uint64_t by_kind[JOURNAL_SYSTEM + 1];
	/* What was noted last, of whichever call: most entries follow one of
	 * their own. The next one is packed into the other place. */
	struct record_noted noted[2];
	unsigned turn;
	const struct memory_chain *chain;
	unsigned chain_entries; /* that the chain had then */
	/* What record_check() saw last. */
	bool failing;
	uint64_t failures;
	uint64_t removed;
	uint64_t lost;
};

/* The wall clock of all entries until the next call: once a loop turn. */
void record_set_time(struct record *record, uint64_t microseconds);

/* What an entry gets where its maker left a field empty; one a message, on the
 * stack, or one a call. */
struct record_sink {
	struct record *record;
	struct memory_chain *chain; /* of the call; NULL: of no call */
	uint64_t call;
	enum journal_leg leg;
	enum journal_stage stage;
	uint32_t cseq;
	struct span trunk;
	struct span message;
};

/* The journal to give to whoever changes or finds something. Valid as long as
 * the sink. */
struct journal record_journal(struct record_sink *sink);

/* Notes one entry, without a sink; `chain` may be NULL. */
void record_note(struct record *record, struct memory_chain *chain,
    const struct journal_entry *entry);

/* Keeps an INVITE that begins a call, where they are kept. */
void record_invite(struct record *record, struct span trunk,
    const struct address *from, const struct address *to, bool stream,
    const struct sip_message *msg);

/* Logs when the writer began to fail, lost entries, recovered, or found that a
 * file was removed, since the last time. Call it about once a second. */
void record_check(struct record *record);

#endif
