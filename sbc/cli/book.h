/*
 * book.h - the journal of a rehearsal, kept in order
 */

#ifndef CORDON_CLI_BOOK_H
#define CORDON_CLI_BOOK_H

#include <jansson.h>

#include "diagnosis/journal.h"

/* All zero is empty. Entries that find no memory are counted as lost. */
struct book {
	char *bytes;
	size_t n, cap;
	unsigned entries, lost;
};

struct journal book_journal(struct book *book);
void book_clear(struct book *book); /* keeps the memory */
void book_fini(struct book *book);

/* One after the other; *at is 0 at first. Spans live until the book changes. */
bool book_next(
    const struct book *book, size_t *at, struct journal_entry *entry);

/* As an array of what the journal file has; NULL without memory. */
json_t *book_json(const struct book *book);

/* A string of any bytes: what is not UTF-8 as in the journal. */
json_t *book_string(struct span s);

#endif
