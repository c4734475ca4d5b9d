#include "diagnosis/diagnosis.h"

#include <strings.h>

#include "base/container.h"
#include "base/problem.h"

#define PAGE_WIDTH  78
#define LABEL_WIDTH 10

/* Index 0 is DIAG_NONE; the rest is in the order of the codes. */
static const struct diagnosis rows[] = {
	{ .code = "-",
	    .side = SIDE_SBC,
	    .severity = SEVERITY_INFO,
	    .rows = "",
	    .title = "no diagnosis",
	    .symptom = "",
	    .cause = "",
	    .does = "",
	    .person = "" },
#define DIAGNOSTIC(id, ...) { __VA_ARGS__ },
#include "diagnosis/catalogue.def"
#undef DIAGNOSTIC
};

const struct diagnosis *
diagnosis_get(enum diagnostic id)
{
	return &rows[(unsigned)id < ARRAY_LEN(rows) ? id : DIAG_NONE];
}

static int
compare(struct span code, const char *with)
{
	struct span w = span_of(with);
	size_t n = code.n < w.n ? code.n : w.n;
	int order = n == 0 ? 0 : strncasecmp(code.p, w.p, n);

	if (order != 0 || code.n == w.n)
		return order;
	return code.n < w.n ? -1 : 1;
}

enum diagnostic
diagnosis_find(struct span code)
{
	unsigned low = DIAG_NONE + 1, high = DIAGNOSTICS;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int order = compare(code, rows[middle].code);

		if (order == 0)
			return (enum diagnostic)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return DIAG_NONE;
}

/* A beginning of that length means the first code that has it. */
#define BEGINNING_LEAST 5

const char *
diagnosis_nearest(struct span code)
{
	const char *words[DIAGNOSTICS - 1];
	unsigned i;

	for (i = 1; i < DIAGNOSTICS; i++) {
		words[i - 1] = rows[i].code;
		if (code.n >= BEGINNING_LEAST &&
		    span_istarts(span_of(words[i - 1]), code))
			return words[i - 1];
	}
	return word_nearest(code, words, ARRAY_LEN(words));
}

const char *
diag_side_name(enum diag_side side)
{
	static const char *const names[] = {
		[SIDE_SBC] = "sbc",
		[SIDE_PBX] = "pbx",
		[SIDE_CARRIER] = "carrier",
		[SIDE_NETWORK] = "network",
		[SIDE_PEER] = "peer",
		[SIDE_CALLEE] = "callee",
		[SIDE_UNSEEN] = "unseen",
	};

	return (unsigned)side < ARRAY_LEN(names) ? names[side] : "?";
}

const char *
diag_severity_name(enum diag_severity severity)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_FAULT] = "fault",
	};

	return (unsigned)severity < ARRAY_LEN(names) ? names[severity] : "?";
}

/* One paragraph behind its label, broken at blanks. */
static void
print_wrapped(FILE *out, const char *label, const char *text)
{
	struct span word, rest = span_of(text);
	size_t column = LABEL_WIDTH;

	if (span_empty(rest))
		return;
	fprintf(out, "\n%-*s", LABEL_WIDTH, label);
	while (!span_empty(rest)) {
		word = span_cut(rest, ' ', &rest);
		if (column > LABEL_WIDTH && column + 1 + word.n > PAGE_WIDTH) {
			fprintf(out, "\n%*s", LABEL_WIDTH, "");
			column = LABEL_WIDTH;
		} else if (column > LABEL_WIDTH) {
			fputc(' ', out);
			column++;
		}
		fwrite(word.p, 1, word.n, out);
		column += word.n;
	}
	fputc('\n', out);
}

void
diagnosis_print(enum diagnostic id, FILE *out)
{
	const struct diagnosis *row = diagnosis_get(id);

	fprintf(out, "%s: %s\n", row->code, row->title);
	fprintf(out, "%s, side: %s%s%s\n", diag_severity_name(row->severity),
	    diag_side_name(row->side),
	    *row->rows == '\0' ? "" : ", rows: ", row->rows);
	print_wrapped(out, "Symptom", row->symptom);
	print_wrapped(out, "Cause", row->cause);
	print_wrapped(out, "Cordon", row->does);
	print_wrapped(out, "Remedy", row->person);
	print_wrapped(out, "See also",
	    "cordon-policy(5): how a rule of yours answers this code, from the "
	    "symptom to the tested rule.");
}

static void
print_roff_word(FILE *out, struct span word, bool first)
{
	size_t i;

	/* At the start of a line these would begin a request. */
	if (first && (word.p[0] == '.' || word.p[0] == '\''))
		fputs("\\&", out);
	for (i = 0; i < word.n; i++) {
		if (word.p[i] == '\\')
			fputs("\\e", out);
		else
			fputc(word.p[i], out);
	}
}

/* Text lines of mdoc: a new sentence begins a new line. */
static void
print_roff(FILE *out, const char *text)
{
	struct span word, rest = span_of(text);
	size_t column = 0;

	while (!span_empty(rest)) {
		word = span_cut(rest, ' ', &rest);
		if (span_empty(word))
			continue;
		if (column > 0 && column + 1 + word.n > PAGE_WIDTH) {
			fputc('\n', out);
			column = 0;
		} else if (column > 0) {
			fputc(' ', out);
			column++;
		}
		print_roff_word(out, word, column == 0);
		column += word.n;
		if (word.p[word.n - 1] == '.' && !span_empty(rest)) {
			fputc('\n', out);
			column = 0;
		}
	}
	fputc('\n', out);
}

static void
print_mdoc_part(FILE *out, const char *label, const char *text)
{
	fprintf(out, ".It %s:\n", label);
	print_roff(out, text);
}

void
diagnosis_print_mdoc(FILE *out)
{
	const struct diagnosis *row;

	for (row = rows + 1; row < rows + ARRAY_LEN(rows); row++) {
		fprintf(out, ".Ss %s\n", row->code);
		print_roff(out, row->title);
		fprintf(out, "(%s, side: %s%s%s).\n",
		    diag_severity_name(row->severity),
		    diag_side_name(row->side), *row->rows == '\0' ? "" : "; ",
		    row->rows);
		fputs(".Bl -tag -width \"Symptom:\" -compact\n", out);
		print_mdoc_part(out, "Symptom", row->symptom);
		print_mdoc_part(out, "Cause", row->cause);
		print_mdoc_part(out, "Cordon", row->does);
		print_mdoc_part(out, "Remedy", row->person);
		fputs(".El\n", out);
	}
}
