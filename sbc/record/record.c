#include "record/record.h"

#include <string.h>

#include "base/container.h"
#include "record/log.h"

void
record_set_time(struct record *record, uint64_t microseconds)
{
	record->now = microseconds;
}

static void
note_for_call(struct record *record, struct memory_chain *chain,
    const struct journal_entry *entry)
{
	bool follows = record->chain == chain && chain->entries > 0 &&
	    record->chain_entries == chain->entries;
	const struct record_noted *last = &record->noted[record->turn];

	if (!memory_note(chain, follows ? &last->entry : NULL, entry))
		return;
	record->turn = !record->turn;
	record->chain = chain;
	record->chain_entries = chain->entries;
}

void
record_note(struct record *record, struct memory_chain *chain,
    const struct journal_entry *entry)
{
	struct record_noted *next = &record->noted[!record->turn];
	struct text packed = text_over(next->packed, sizeof(next->packed));

	next->entry = *entry;
	next->entry.time = record->now;
	if (journal_pack(&packed, &next->entry, &next->entry) == 0)
		return;
	record->entries++;
	if ((size_t)entry->kind < ARRAY_LEN(record->by_kind))
		record->by_kind[entry->kind]++;
	if (chain != NULL)
		note_for_call(record, chain, &next->entry);
	if (record->writer != NULL)
		writer_journal(record->writer, text_span(&packed));
}

static void
note_for_sink(void *arg, const struct journal_entry *entry)
{
	const struct record_sink *sink = arg;
	struct journal_entry e = *entry;

	if (e.call == 0)
		e.call = sink->call;
	if (e.leg == JOURNAL_NO_LEG)
		e.leg = sink->leg;
	if (e.stage == STAGE_NONE)
		e.stage = sink->stage;
	if (span_empty(e.trunk))
		e.trunk = sink->trunk;
	if (span_empty(e.message)) {
		e.message = sink->message;
		e.cseq = sink->cseq;
	}
	record_note(sink->record, sink->chain, &e);
}

struct journal
record_journal(struct record_sink *sink)
{
	return (struct journal){ note_for_sink, sink };
}

void
record_invite(struct record *record, struct span trunk,
    const struct address *from, const struct address *to, bool stream,
    const struct sip_message *msg)
{
	const struct recent_invite invite = {
		.time = record->now,
		.from = *from,
		.to = *to,
		.stream = stream,
		.trunk = trunk,
	};

	if (record->recent != NULL)
		recent_add(record->recent, &invite, msg);
}

void
record_check(struct record *record)
{
	struct writer_figures now;

	if (record->writer == NULL)
		return;
	writer_say_losses(record->writer);
	writer_get_figures(record->writer, &now);
	if (now.failures != record->failures && !record->failing)
		log_write(LOG_LEVEL_ERROR,
		    "record: a write failed: %s; what comes waits in the queue",
		    strerror(now.last_error));
	if (now.lost != record->lost)
		log_write(LOG_LEVEL_ERROR,
		    "record: %llu journal entries lost, the queue is full",
		    (unsigned long long)(now.lost - record->lost));
	if (now.removed != record->removed)
		log_write(LOG_LEVEL_WARNING,
		    "record: a file was removed while it was written; it is "
		    "made anew");
	if (record->failing && now.error == 0)
		log_write(LOG_LEVEL_INFO, "record: files are written again");
	record->failing = now.error != 0;
	record->failures = now.failures;
	record->removed = now.removed;
	record->lost = now.lost;
}
