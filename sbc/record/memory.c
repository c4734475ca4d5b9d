#include "record/memory.h"

#include <stdlib.h>

#include "base/container.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/text.h"
#include "diagnosis/trail.h"

#define BLOCK_FIRST 1024
#define BLOCK_MOST  4096
#define TEXT_MOST   255
#define TEXTS       (1 + 3 * MEMORY_LEGS)
#define ALIGN       8u

struct memory_block {
	struct memory_block *next;
	uint32_t size;
	uint32_t used;
	char data[];
};

/*
 * One ended call in the ring: this header, its texts one behind the other, then
 * its packed entries. `size` counts all, rounded up.
 */
struct kept {
	struct hash_node by_id;
	uint64_t previous; /* position of the call that ended before, or 0 */
	uint64_t next;     /* and of the one that ended after */
	uint64_t call, start, answer, end;
	uint32_t size;
	uint32_t entries; /* bytes */
	uint16_t skipped;
	uint16_t status;
	uint16_t diagnostic;
	bool fault;
	uint8_t text[TEXTS]; /* lengths: reason, then leg by leg */
};

/*
 * Positions begin at `size`, so that 0 is none, and only grow; the place is
 * position % size. A call never wraps: what is left before the end stays
 * unused, and the calls are linked so that nobody looks there.
 */
struct memory {
	char *bytes;
	uint64_t size;
	uint64_t head;   /* where the next call goes */
	uint64_t oldest; /* positions of calls, 0: there is none */
	uint64_t newest;
	struct hash_table by_id;
	uint64_t dropped;
};

struct memory *
memory_create(size_t bytes)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return NULL;
	memory->size = bytes / ALIGN * ALIGN;
	memory->head = memory->size;
	if (memory->size > 0) {
		memory->bytes = malloc(memory->size);
		if (memory->bytes == NULL) {
			free(memory);
			return NULL;
		}
	}
	return memory;
}

void
memory_destroy(struct memory *memory)
{
	if (memory == NULL)
		return;
	hash_fini(&memory->by_id);
	free(memory->bytes);
	free(memory);
}

/* Few blocks while a call is set up: what is too much is given back then. */
static struct memory_block *
add_block(struct memory_chain *chain)
{
	uint32_t size = (chain->bytes / 2 + 63) / 64 * 64;
	struct memory_block *block;

	if (size < BLOCK_FIRST)
		size = BLOCK_FIRST;
	if (size > BLOCK_MOST)
		size = BLOCK_MOST;
	block = pool_alloc(size);
	if (block == NULL)
		return NULL;
	block->next = NULL;
	block->size = size - (uint32_t)sizeof(*block);
	block->used = 0;
	if (chain->last == NULL)
		chain->first = block;
	else
		chain->last->next = block;
	chain->last = block;
	return block;
}

/* Entries may lie across blocks. What was begun and finds no memory is taken
 * back by the caller. */
static bool
append(struct memory_chain *chain, struct span s)
{
	while (s.n > 0) {
		struct memory_block *block = chain->last;
		size_t n;

		if (block == NULL || block->used == block->size)
			block = add_block(chain);
		if (block == NULL)
			return false;
		n = block->size - block->used;
		if (n > s.n)
			n = s.n;
		memcpy(block->data + block->used, s.p, n);
		block->used += (uint32_t)n;
		chain->bytes += (uint32_t)n;
		s = span_from(s, n);
	}
	return true;
}

static void
free_blocks(struct memory_block *block)
{
	while (block != NULL) {
		struct memory_block *next = block->next;

		pool_free(block, sizeof(*block) + block->size);
		block = next;
	}
}

/* Back to `bytes` bytes of which the last `used` are in block `last`. */
static void
cut_back(struct memory_chain *chain, struct memory_block *last, uint32_t used,
    uint32_t bytes)
{
	if (last == NULL) {
		free_blocks(chain->first);
		chain->first = NULL;
	} else {
		free_blocks(last->next);
		last->next = NULL;
		last->used = used;
	}
	chain->last = last;
	chain->bytes = bytes;
}

static void
skip(struct memory_chain *chain)
{
	if (chain->skipped < UINT16_MAX)
		chain->skipped++;
}

bool
memory_note(struct memory_chain *chain, const struct journal_entry *last,
    const struct journal_entry *entry)
{
	struct memory_block *block = chain->last;
	uint32_t used = block == NULL ? 0 : block->used, bytes = chain->bytes;
	char buf[JOURNAL_PACK_MAX];
	struct text t = text_over(buf, sizeof(buf));

	if (trail_add(&t, last, entry) == 0 ||
	    t.len > MEMORY_CHAIN_MAX - bytes || chain->entries == UINT16_MAX) {
		skip(chain);
		return false;
	}
	if (!append(chain, text_span(&t))) {
		cut_back(chain, block, used, bytes);
		skip(chain);
		return false;
	}
	chain->entries++;
	return true;
}

static void
copy_out(const struct memory_chain *chain, char *to)
{
	const struct memory_block *block;

	for (block = chain->first; block != NULL; block = block->next) {
		memcpy(to, block->data, block->used);
		to += block->used;
	}
}

void
memory_settle(struct memory_chain *chain)
{
	size_t size = sizeof(struct memory_block) + chain->bytes;
	struct memory_block *whole;

	if (chain->first == NULL || (whole = pool_alloc(size)) == NULL)
		return;
	*whole = (struct memory_block){ .size = chain->bytes,
		.used = chain->bytes };
	copy_out(chain, whole->data);
	free_blocks(chain->first);
	chain->first = chain->last = whole;
}

void
memory_drop(struct memory_chain *chain)
{
	free_blocks(chain->first);
	*chain = (struct memory_chain){ 0 };
}

struct memory_reader {
	struct journal_entry last;
	unsigned turn; /* of the texts: those of the last one are still needed */
	bool begun;
	struct span rest;
	char texts[2][JOURNAL_PACK_MAX];
	char bytes[];
};

static struct memory_reader *
make_reader(size_t n)
{
	struct memory_reader *reader = malloc(sizeof(*reader) + n);

	if (reader == NULL)
		return NULL;
	reader->turn = 0;
	reader->begun = false;
	reader->rest = span_make(reader->bytes, n);
	return reader;
}

struct memory_reader *
memory_read_live(const struct memory_chain *chain)
{
	struct memory_reader *reader = make_reader(chain->bytes);

	if (reader != NULL)
		copy_out(chain, reader->bytes);
	return reader;
}

struct memory_reader *
memory_read_ended(const struct memory_found *found)
{
	struct memory_reader *reader = make_reader(found->entries.n);

	if (reader != NULL && found->entries.n > 0)
		memcpy(reader->bytes, found->entries.p, found->entries.n);
	return reader;
}

void
memory_reader_destroy(struct memory_reader *reader)
{
	free(reader);
}

const struct journal_entry *
memory_next(struct memory_reader *reader)
{
	struct text out =
	    text_over(reader->texts[reader->turn], JOURNAL_PACK_MAX);
	size_t n = trail_read(reader->rest,
	    reader->begun ? &reader->last : NULL, &out, &reader->last);

	if (n == 0)
		return NULL;
	reader->begun = true;
	reader->turn = !reader->turn;
	reader->rest = span_from(reader->rest, n);
	return &reader->last;
}

static struct kept *
kept_at(const struct memory *memory, uint64_t position)
{
	return (struct kept *)(void *)(memory->bytes + position % memory->size);
}

static void
drop_oldest(struct memory *memory)
{
	struct kept *kept = kept_at(memory, memory->oldest);

	hash_remove(&memory->by_id, &kept->by_id);
	memory->dropped++;
	memory->oldest = kept->next;
	if (memory->oldest == 0)
		memory->newest = 0;
	else
		kept_at(memory, memory->oldest)->previous = 0;
}

/* Moves the head to where `need` bytes lie in one piece, and frees them. */
static bool
make_room(struct memory *memory, uint64_t need)
{
	uint64_t left = memory->size - memory->head % memory->size;

	if (need > memory->size)
		return false;
	if (need > left)
		memory->head += left;
	while (memory->oldest != 0 &&
	    memory->head + need - memory->oldest > memory->size)
		drop_oldest(memory);
	return true;
}

static void
link_newest(struct memory *memory, struct kept *kept)
{
	kept->previous = memory->newest;
	if (memory->newest == 0)
		memory->oldest = memory->head;
	else
		kept_at(memory, memory->newest)->next = memory->head;
	memory->newest = memory->head;
	memory->head += kept->size;
}

static void
list_texts(const struct memory_summary *s, struct span out[TEXTS])
{
	size_t i, n = 0;

	out[n++] = s->reason;
	for (i = 0; i < MEMORY_LEGS; i++) {
		out[n++] = s->trunk[i];
		out[n++] = s->call_id[i];
		out[n++] = s->number[i];
	}
	for (i = 0; i < TEXTS; i++)
		if (out[i].n > TEXT_MOST)
			out[i].n = TEXT_MOST;
}

static void
keep(struct memory *memory, struct memory_chain *chain,
    const struct memory_summary *s)
{
	struct span text[TEXTS];
	uint64_t need = sizeof(struct kept) + chain->bytes;
	struct kept *kept;
	size_t i;
	char *p;

	list_texts(s, text);
	for (i = 0; i < TEXTS; i++)
		need += text[i].n;
	need = (need + ALIGN - 1) / ALIGN * ALIGN;
	if (!make_room(memory, need))
		return;
	kept = kept_at(memory, memory->head);
	*kept = (struct kept){ .call = s->call,
		.start = s->start,
		.answer = s->answer,
		.end = s->end,
		.size = (uint32_t)need,
		.entries = chain->bytes,
		.skipped = chain->skipped,
		.status = s->status,
		.diagnostic = (uint16_t)s->diagnostic,
		.fault = s->fault };
	/* Its id was drawn by chance, and is as good as a hash of it. */
	if (!hash_insert(&memory->by_id, &kept->by_id, s->call))
		return;
	p = (char *)(kept + 1);
	for (i = 0; i < TEXTS; i++) {
		kept->text[i] = (uint8_t)text[i].n;
		if (text[i].n > 0)
			memcpy(p, text[i].p, text[i].n);
		p += text[i].n;
	}
	copy_out(chain, p);
	link_newest(memory, kept);
}

void
memory_end(struct memory *memory, struct memory_chain *chain,
    const struct memory_summary *summary)
{
	if (memory->size > 0)
		keep(memory, chain, summary);
	memory_drop(chain);
}

static void
give(const struct kept *kept, struct memory_found *out)
{
	struct memory_summary *s = &out->summary;
	const char *p = (const char *)(kept + 1);
	struct span text[TEXTS];
	size_t i, n = 0;

	for (i = 0; i < TEXTS; i++) {
		text[i] = span_make(p, kept->text[i]);
		p += kept->text[i];
	}
	*s = (struct memory_summary){ .call = kept->call,
		.start = kept->start,
		.answer = kept->answer,
		.end = kept->end,
		.status = kept->status,
		.fault = kept->fault,
		.diagnostic = (enum diagnostic)kept->diagnostic };
	s->reason = text[n++];
	for (i = 0; i < MEMORY_LEGS; i++) {
		s->trunk[i] = text[n++];
		s->call_id[i] = text[n++];
		s->number[i] = text[n++];
	}
	out->entries = span_make(p, kept->entries);
	out->skipped = kept->skipped;
}

bool
memory_find(const struct memory *memory, uint64_t call,
    struct memory_found *out)
{
	struct hash_node *node = hash_first(&memory->by_id, call);

	for (; node != NULL; node = hash_again(node)) {
		const struct kept *kept =
		    CONTAINER_OF(node, struct kept, by_id);

		if (kept->call == call) {
			give(kept, out);
			return true;
		}
	}
	return false;
}

bool
memory_last(const struct memory *memory, uint64_t *at, struct memory_found *out)
{
	const struct kept *kept;

	if (*at == 0)
		*at = memory->newest;
	if (*at < memory->oldest || *at >= memory->head || *at == 0)
		return false;
	kept = kept_at(memory, *at);
	give(kept, out);
	/* 0 would begin again: UINT64_MAX is behind every call. */
	*at = kept->previous == 0 ? UINT64_MAX : kept->previous;
	return true;
}

static bool
holds(struct span s, struct span text, size_t least)
{
	return text.n >= least && text.n <= s.n && span_find_span(s, text) >= 0;
}

enum memory_match
memory_matches(const struct memory_summary *summary, struct span text)
{
	char hex[16];
	struct text id = text_over(hex, sizeof(hex));
	size_t i;

	text_add_hex64(&id, summary->call);
	if (text.n >= 4 && span_istarts(text_span(&id), text))
		return MEMORY_MATCH_ID;
	for (i = 0; i < MEMORY_LEGS; i++)
		if (holds(summary->call_id[i], text, 4) ||
		    holds(summary->number[i], text, 3))
			return MEMORY_MATCH_TEXT;
	return MEMORY_MATCH_NONE;
}

void
memory_get_figures(const struct memory *memory, struct memory_figures *out)
{
	*out = (struct memory_figures){ .calls = memory->by_id.used,
		.size = memory->size,
		.dropped = memory->dropped };
	if (memory->oldest == 0)
		return;
	out->bytes = memory->head - memory->oldest;
	out->oldest = kept_at(memory, memory->oldest)->end;
}
