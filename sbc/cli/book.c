#include "cli/book.h"

#include <stdlib.h>

static void
note(void *arg, const struct journal_entry *given)
{
	struct book *book = arg;
	struct journal_entry entry = *given;
	struct text t;
	size_t packed;

	if (book->cap - book->n < JOURNAL_PACK_MAX) {
		size_t cap = book->cap * 2 + 2 * JOURNAL_PACK_MAX;
		char *bytes = realloc(book->bytes, cap);

		if (bytes == NULL) {
			book->lost++;
			return;
		}
		book->bytes = bytes;
		book->cap = cap;
	}
	if (entry.leg == JOURNAL_NO_LEG)
		entry.leg = entry.stage == STAGE_IN ? JOURNAL_CALLER
						    : JOURNAL_CALLEE;
	t = text_over(book->bytes + book->n, book->cap - book->n);
	packed = journal_pack(&t, &entry, NULL);
	book->n += packed;
	book->entries += packed > 0;
	book->lost += packed == 0;
}

struct journal
book_journal(struct book *book)
{
	return (struct journal){ note, book };
}

void
book_clear(struct book *book)
{
	book->n = book->entries = book->lost = 0;
}

void
book_fini(struct book *book)
{
	free(book->bytes);
	*book = (struct book){ 0 };
}

bool
book_next(const struct book *book, size_t *at, struct journal_entry *entry)
{
	size_t n;

	if (*at >= book->n)
		return false;
	n = journal_unpack(span_make(book->bytes + *at, book->n - *at), entry);
	*at += n;
	return n > 0;
}

json_t *
book_json(const struct book *book)
{
	static char line[JOURNAL_LINE_MAX];
	json_t *list = json_array();
	struct journal_entry entry;
	size_t at = 0;

	while (list != NULL && book_next(book, &at, &entry)) {
		struct text t = text_over(line, sizeof(line));

		if (journal_add_json(&t, &entry))
			json_array_append_new(
			    list, json_loadb(t.buf, t.len, 0, NULL));
	}
	return list;
}

json_t *
book_string(struct span s)
{
	size_t cap = s.n * 6 + 3;
	char *bytes = malloc(cap);
	struct text t = text_over(bytes, bytes == NULL ? 0 : cap);
	json_t *string;

	TEXT_LIT(&t, "\"");
	text_add_json(&t, s);
	TEXT_LIT(&t, "\"");
	string = t.overflow
	    ? json_null()
	    : json_loadb(t.buf, t.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	free(bytes);
	return string;
}
