/*
 * journal_fuzz.c - any entry: packed, unpacked, written as JSON and as text;
 * what a failing side says, read
 */

#include <jansson.h>
#include <stdlib.h>

#include "diagnosis/failure.h"
#include "diagnosis/journal.h"
#include "diagnosis/trail.h"

#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

static char packed_buf[JOURNAL_PACK_MAX], line_buf[JOURNAL_LINE_MAX];

static void
no_control_byte(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		MUST((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f);
}

static void
write_entry(const struct journal_entry *entry)
{
	struct text t = text_over(line_buf, sizeof(line_buf));
	struct span masked = SPAN("(masked)"), key = SPAN("inline:");
	json_t *json;
	ptrdiff_t at;

	MUST(journal_add_json(&t, entry));
	no_control_byte(text_span(&t));
	json = json_loadb(t.buf, t.len, JSON_ALLOW_NUL, NULL);
	MUST(json_is_object(json));
	json_decref(json);
	t = text_over(line_buf, sizeof(line_buf));
	MUST(journal_add_text(&t, entry));
	no_control_byte(text_span(&t));
	at = span_find_span(text_span(&t), key);
	if (at >= 0 && span_find_span(entry->target, key) < 0 &&
	    span_find_span(entry->trunk, key) < 0)
		MUST(span_starts(
		    span_from(text_span(&t), (size_t)at + key.n), masked));
}

static bool
lies_in(struct span part, struct span whole)
{
	return part.n == 0 ||
	    (part.p >= whole.p && span_end(part) <= span_end(whole));
}

static void
read_failure(struct span value)
{
	struct text t = text_over(line_buf, sizeof(line_buf));
	struct failure_warning warning;
	struct failure_ms ms;

	if (failure_read_ms(value, &ms))
		MUST(lies_in(ms.reason, value) && lies_in(ms.source, value) &&
		     lies_in(ms.component, value) && ms.code <= 999999999);
	if (failure_read_warning(value, &warning))
		MUST(lies_in(warning.agent, value) &&
		     lies_in(warning.text, value) && warning.code <= 999);
	failure_add(&t, FAILURE_MS, SPAN("ms-diagnostics"), value);
	failure_add(&t, FAILURE_OTHER, SPAN("Reason"), value);
	failure_add(&t, FAILURE_WARNING, SPAN("Warning"), value);
	MUST(!t.overflow && t.len < 1536);
}

static void
read_trail(struct span bytes)
{
	static char texts[2][JOURNAL_PACK_MAX];
	struct journal_entry last;
	struct text out = text_over(texts[0], sizeof(texts[0]));
	size_t n = trail_read(bytes, NULL, &out, &last);
	unsigned turn = 0;

	while (n > 0) {
		write_entry(&last);
		bytes = span_from(bytes, n);
		turn = !turn;
		out = text_over(texts[turn], sizeof(texts[turn]));
		n = trail_read(bytes, &last, &out, &last);
	}
}

/* Fields are separated by 0xfe, which no text holds. */
static void
made_of(struct span data, struct journal_entry *entry)
{
	entry->trunk = span_cut(data, (char)0xfe, &data);
	entry->target = span_cut(data, (char)0xfe, &data);
	entry->before = span_cut(data, (char)0xfe, &data);
	entry->after = span_cut(data, (char)0xfe, &data);
	entry->message = span_cut(data, (char)0xfe, &data);
	entry->reason = span_cut(data, (char)0xfe, &data);
	entry->rule = data;
}

static void
cut_to_fit(struct journal_entry *entry)
{
	size_t i;

	for (i = 0; i < JOURNAL_TEXTS; i++)
		if (entry->text[i].n > JOURNAL_VALUE_MAX)
			entry->text[i].n = JOURNAL_VALUE_MAX;
}

/* Two entries: the second is read as it was, whether the first was at hand
 * when it was written or not. */
static void
keep_trail(const struct journal_entry *first, const struct journal_entry *second,
    bool at_hand)
{
	static char trail[2 * JOURNAL_PACK_MAX], texts[2][JOURNAL_PACK_MAX];
	struct text t = text_over(trail, sizeof(trail)), out;
	struct journal_entry back;
	size_t n = trail_add(&t, NULL, first), i;

	MUST(n > 0 && trail_add(&t, at_hand ? first : NULL, second) > 0);
	out = text_over(texts[0], sizeof(texts[0]));
	MUST(trail_read(text_span(&t), NULL, &out, &back) == n);
	out = text_over(texts[1], sizeof(texts[1]));
	MUST(trail_read(span_from(text_span(&t), n), &back, &out, &back) > 0);
	for (i = 0; i < JOURNAL_TEXTS; i++)
		MUST(span_eq(back.text[i], second->text[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_make((const char *)data, size);
	struct text t = text_over(packed_buf, sizeof(packed_buf));
	struct journal_entry entry = { .kind = JOURNAL_REWRITE }, back;
	size_t n;

	if (journal_unpack(all, &entry) > 0) {
		write_entry(&entry);
		return 0;
	}
	read_failure(all);
	read_trail(all);
	made_of(all, &entry);
	write_entry(&entry);
	n = journal_pack(&t, &entry, NULL);
	MUST(n > 0 && journal_unpack(text_span(&t), &back) == n);
	MUST(entry.before.n > JOURNAL_VALUE_MAX ||
	     span_eq(back.before, entry.before));
	write_entry(&back);
	cut_to_fit(&entry);
	made_of(span_from(all, size / 2), &back);
	cut_to_fit(&back);
	keep_trail(&entry, &back, size % 2);
	return 0;
}
