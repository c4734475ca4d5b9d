/*
 * why.c - the story of one call: legs, rewrites, diagnoses, end
 */

#include <stdlib.h>
#include <strings.h>

#include "base/container.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "diagnosis/diagnosis.h"

struct why {
	json_t *call;    /* the first line; NULL until it came */
	json_t *entries; /* in order */
	json_t *found;   /* candidates, when it is not one call */
};

#define NAME_COLUMNS 10

/* ---- pieces ---- */

static void
heading(const struct print *print, const char *text)
{
	fputc('\n', print->out);
	print_str(print, PAINT_BOLD, text);
	fputc('\n', print->out);
}

/* "10:00:00.123" of "2026-11-21T10:00:00.123Z". */
static struct span
clock_of(const char *time)
{
	return strlen(time) < 23 ? SPAN_NONE : span_make(time + 11, 12);
}

/* Behind all else in a line; a rehearsal has no time. */
static void
print_clock(const struct print *print, const json_t *entry)
{
	struct span clock = clock_of(field_string(entry, "time"));

	if (!span_empty(clock)) {
		fputs("  ", print->out);
		print_painted(print, PAINT_DIM, clock);
	}
	fputc('\n', print->out);
}

static bool
is_kind(const json_t *entry, const char *kind)
{
	return strcmp(field_string(entry, "kind"), kind) == 0;
}

static enum paint
paint_severity(enum diag_severity severity)
{
	static const enum paint paints[] = {
		[SEVERITY_INFO] = PAINT_BOLD,
		[SEVERITY_WARNING] = PAINT_YELLOW,
		[SEVERITY_FAULT] = PAINT_RED,
	};

	return paints[severity];
}

static void
print_code(const struct print *print, unsigned indent, const json_t *entry)
{
	const char *code = field_string(entry, "diagnostic");
	enum diagnostic id = diagnosis_find(span_of(code));
	const struct diagnosis *row = diagnosis_get(id);
	bool mended = is_kind(entry, "rewrite");

	if (code[0] == '\0')
		return;
	fprintf(print->out, "%*s", (int)indent, "");
	print_str(print, mended ? PAINT_BOLD : paint_severity(row->severity),
	    code);
	fputs("  ", print->out);
	print_str(print, PAINT_NONE, id == DIAG_NONE ? "" : row->title);
	fputc('\n', print->out);
}

/* The code with its title, and the sentence where it says more than that. */
static void
print_diagnosis(const struct print *print, unsigned indent,
    const json_t *entry)
{
	const char *reason = field_string(entry, "reason");
	enum diagnostic id =
	    diagnosis_find(span_of(field_string(entry, "diagnostic")));
	const struct diagnosis *row = diagnosis_get(id);

	if (!is_kind(entry, "end") || row->severity != SEVERITY_INFO)
		print_code(print, indent, entry);
	if (reason[0] != '\0' &&
	    (id == DIAG_NONE || strcmp(reason, row->title) != 0))
		print_wrapped(print, PAINT_NONE, indent, span_of(reason));
}

/* Each line of a value behind its sign. */
static void
print_value(const struct print *print, enum paint paint, const char *sign,
    const char *value)
{
	struct span line, rest = span_of(value);

	while (!span_empty(rest)) {
		line = span_cut(rest, '\n', &rest);
		if (!span_empty(line) && line.p[line.n - 1] == '\r')
			line.n--;
		fputs("    ", print->out);
		print_str(print, paint, sign);
		print_painted(print, paint, line);
		fputc('\n', print->out);
	}
}

/* ---- the head ---- */

static const char *
outcome(const json_t *call, enum paint *paint)
{
	bool live = strcmp(field_string(call, "state"), "ended") != 0;
	bool answered = field_string(call, "answer")[0] != '\0';

	*paint = PAINT_GREEN;
	if (live)
		return field_string(call, "state");
	if (json_is_true(json_object_get(call, "fault"))) {
		*paint = PAINT_RED;
		return answered ? "answered, ended with a fault" : "failed";
	}
	if (answered)
		return "answered and ended";
	*paint = PAINT_YELLOW;
	if (strcmp(field_string(call, "diagnostic"), "CALL-ABANDONED") == 0)
		return "given up by the caller";
	return field_number(call, "status") >= 300 ? "refused" : "not answered";
}

static void
print_head(const struct print *print, const json_t *call)
{
	const char *id = field_string(call, "call");
	enum paint paint;
	const char *how = outcome(call, &paint);
	char buf[32];

	print_str(print, PAINT_BOLD, "Call ");
	print_str(print, PAINT_BOLD, id);
	fputs("  ", print->out);
	print_str(print, paint, how);
	fputs("  ", print->out);
	print_str(print, PAINT_DIM,
	    format_time(buf, field_string(call, "start")));
	print_str(print, PAINT_DIM, " UTC");
	fputc('\n', print->out);
}

static void
print_labelled(const struct print *print, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	fputs("  ", print->out);
	print_str(print, PAINT_DIM, name);
	print_pad(print, print_columns(span_of(name)), NAME_COLUMNS);
	print_str(print, PAINT_NONE, value);
	fputc('\n', print->out);
}

/* A target that was asked before: its carrier knows the call by another
 * Call-ID. */
static void
print_target_before(const struct print *print, const json_t *entry)
{
	print_labelled(print, "before", field_string(entry, "trunk"));
	print_labelled(print, "  Call-ID", field_string(entry, "after"));
	print_labelled(print, "  peer", field_string(entry, "before"));
}

/* What a call entry says of its leg: the peer's address beside the Call-ID
 * (which is in the head already), or another identifier; or the targets before
 * that one. */
static void
print_identifiers(const struct print *print, const struct why *why,
    const char *leg, bool former)
{
	const json_t *head = json_object_get(why->call, leg), *entry;
	size_t i;

	json_array_foreach(why->entries, i, entry) {
		const char *after = field_string(entry, "after");
		bool id = strcasecmp(field_string(entry, "target"),
			      "call-id") == 0;

		if (!is_kind(entry, "call") ||
		    strcmp(field_string(entry, "leg"), leg) != 0 ||
		    former != (id &&
			strcmp(after, field_string(head, "call_id")) != 0))
			continue;
		if (former)
			print_target_before(print, entry);
		else
			print_labelled(print,
			    id ? "peer" : field_string(entry, "target"),
			    id ? field_string(entry, "before") : after);
	}
}

static void
print_leg(const struct print *print, const struct why *why, const char *name)
{
	const json_t *leg = json_object_get(why->call, name);

	fputc('\n', print->out);
	print_str(print, PAINT_BOLD, name);
	print_pad(print, strlen(name), NAME_COLUMNS + 2);
	print_str(print, PAINT_BOLD, field_string(leg, "number"));
	fputs(field_string(leg, "trunk")[0] == '\0' ? "" : "  on trunk ",
	    print->out);
	print_str(print, PAINT_BOLD, field_string(leg, "trunk"));
	fputc('\n', print->out);
	print_labelled(print, "Call-ID", field_string(leg, "call_id"));
	print_identifiers(print, why, name, false);
	print_identifiers(print, why, name, true);
}

/* ---- rewrites ---- */

static const char *
stage_text(const char *stage)
{
	static const char *const texts[][2] = {
		{ "in", "repaired as it came in" },
		{ "out", "rendered for the trunk" },
		{ "guard", "kept right by the egress guard" },
		{ "core", "by the B2BUA itself" },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(stage, texts[i][0]) == 0)
			return texts[i][1];
	return stage;
}

static bool
same(const json_t *a, const json_t *b, const char *key)
{
	return strcmp(field_string(a, key), field_string(b, key)) == 0;
}

static bool
same_message(const json_t *a, const json_t *b)
{
	return a != NULL && same(a, b, "message") && same(a, b, "stage") &&
	    same(a, b, "leg") && same(a, b, "trunk") &&
	    field_number(a, "cseq") == field_number(b, "cseq");
}

/* What only the passing of time brings about is of no message. */
static const char *
message_of(const json_t *entry)
{
	const char *message = field_string(entry, "message");

	return message[0] == '\0' ? "Call" : message;
}

/* "INVITE 1  callee twilio, rendered for the trunk  10:00:00.123" */
static void
print_message(const struct print *print, const json_t *entry)
{
	uint64_t cseq = field_number(entry, "cseq");
	const char *trunk = field_string(entry, "trunk");
	const char *stage = field_string(entry, "stage");

	fputc('\n', print->out);
	print_str(print, PAINT_BOLD, message_of(entry));
	if (cseq > 0)
		fprintf(print->out, " %llu", (unsigned long long)cseq);
	fputs("  ", print->out);
	print_str(print, PAINT_NONE, field_string(entry, "leg"));
	fputs(trunk[0] == '\0' ? "" : " ", print->out);
	print_str(print, PAINT_NONE, trunk);
	if (stage[0] != '\0') {
		fputs(", ", print->out);
		print_str(print, PAINT_NONE, stage_text(stage));
	}
	print_clock(print, entry);
}

/* How each kind of entry shows its two values. */
static const struct change_style {
	const char *kind;
	const char *remark; /* behind the target */
	const char *before, *after;
	enum paint before_paint, after_paint, remark_paint;
} change_styles[] = {
	{ "rewrite", "", "- ", "+ ", PAINT_RED, PAINT_GREEN, PAINT_NONE },
	{ "veto", "  vetoed: it stays as it was", "= ", "x ", PAINT_NONE,
	    PAINT_YELLOW, PAINT_YELLOW },
	{ "kept", "  kept as it must be", "= ", "> ", PAINT_NONE, PAINT_NONE,
	    PAINT_DIM },
};

static const struct change_style *
change_style(const json_t *entry)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(change_styles); i++)
		if (is_kind(entry, change_styles[i].kind))
			return &change_styles[i];
	return NULL;
}

static void
print_change(const struct print *print, const struct change_style *style,
    const json_t *entry)
{
	const char *rule = field_string(entry, "rule");

	fputs("  ", print->out);
	print_str(print, PAINT_BOLD, field_string(entry, "target"));
	print_str(print, style->remark_paint, style->remark);
	fputc('\n', print->out);
	print_value(print, style->before_paint, style->before,
	    field_string(entry, "before"));
	print_value(print, style->after_paint, style->after,
	    field_string(entry, "after"));
	print_diagnosis(print, 4, entry);
	if (rule[0] == '\0')
		return;
	fputs("    ", print->out);
	print_str(print, PAINT_DIM, "rule ");
	print_str(print, PAINT_DIM, rule);
	fputc('\n', print->out);
}

static void
print_rewrites(const struct print *print, const struct why *why)
{
	const json_t *entry, *last = NULL;
	size_t i;

	json_array_foreach(why->entries, i, entry) {
		const struct change_style *style = change_style(entry);

		if (style == NULL)
			continue;
		if (!same_message(last, entry))
			print_message(print, entry);
		last = entry;
		print_change(print, style, entry);
	}
	if (last == NULL) {
		fputc('\n', print->out);
		fputs("Nothing was rewritten.\n", print->out);
	}
}

/* ---- diagnoses and the end ---- */

/* What was found, and behind an arrow what became of it or was done. */
static void
print_evidence(const struct print *print, const json_t *entry)
{
	const char *before = field_string(entry, "before");
	const char *after = field_string(entry, "after");

	if (before[0] == '\0' && after[0] == '\0')
		return;
	fputs("    ", print->out);
	print_str(print, PAINT_DIM, field_string(entry, "target"));
	fputs(": ", print->out);
	print_str(print, PAINT_NONE, before);
	fputs(before[0] != '\0' && after[0] != '\0' ? " -> " : "", print->out);
	print_str(print, PAINT_NONE, after);
	fputc('\n', print->out);
}

/* A response of ours to the caller speaks of somebody else. */
static bool
is_own_answer(const json_t *entry)
{
	return strcmp(field_string(entry, "target"), "response") == 0 &&
	    strcmp(field_string(entry, "leg"), "caller") == 0;
}

/* Who has to look: where it may be either peer, the one of the entry. */
static void
add_whose(struct text *t, const json_t *entry, const struct diagnosis *row)
{
	const char *trunk = field_string(entry, "trunk");

	if (row->side == SIDE_PEER && trunk[0] != '\0' &&
	    !is_own_answer(entry))
		text_addf(t, "trunk %s", trunk);
	else
		text_add_str(t, diag_side_name(row->side));
}

/* Nobody has to do anything about what is only worth knowing. */
static void
print_advice(const struct print *print, const json_t *entry)
{
	const char *code = field_string(entry, "diagnostic");
	enum diagnostic id = diagnosis_find(span_of(code));
	const struct diagnosis *row = diagnosis_get(id);
	char buf[1024];
	struct text t = text_over(buf, sizeof(buf));

	if (id == DIAG_NONE || row->severity == SEVERITY_INFO ||
	    row->person[0] == '\0')
		return;
	TEXT_LIT(&t, "To do (");
	add_whose(&t, entry, row);
	text_addf(&t, "): %s", row->person);
	print_wrapped(print, PAINT_NONE, 4, text_span(&t));
}

static void
print_found(const struct print *print, const json_t *entry)
{
	fputs("  ", print->out);
	print_str(print, PAINT_NONE, message_of(entry));
	fputs(field_string(entry, "leg")[0] == '\0' ? "" : "  ", print->out);
	print_str(print, PAINT_NONE, field_string(entry, "leg"));
	fputs(field_string(entry, "trunk")[0] == '\0' ? "" : " ", print->out);
	print_str(print, PAINT_NONE, field_string(entry, "trunk"));
	print_clock(print, entry);
	print_diagnosis(print, 4, entry);
	print_evidence(print, entry);
	print_advice(print, entry);
}

static void
print_diagnoses(const struct print *print, const struct why *why)
{
	const json_t *entry;
	bool any = false;
	size_t i;

	json_array_foreach(why->entries, i, entry) {
		if (!is_kind(entry, "diagnosis") && !is_kind(entry, "system"))
			continue;
		if (!any)
			heading(print, "Diagnosed");
		any = true;
		print_found(print, entry);
	}
}

static void
print_times(const struct print *print, const json_t *call)
{
	uint64_t start = field_time(call, "start");
	uint64_t answer = field_time(call, "answer");
	uint64_t end = field_time(call, "end");
	char buf[32];

	if (answer != 0)
		fprintf(print->out, "  answered after %s",
		    format_duration(buf, (answer - start) / 1000));
	if (answer != 0 && end != 0)
		fprintf(print->out, ", talked %s",
		    format_duration(buf, (end - answer) / 1000));
	if (answer == 0 && end != 0)
		fprintf(print->out, "  not answered, ended after %s",
		    format_duration(buf, (end - start) / 1000));
	if (answer != 0 || end != 0)
		fputc('\n', print->out);
}

static void
print_end(const struct print *print, const struct why *why)
{
	const json_t *entry;
	uint64_t status = field_number(why->call, "status");
	enum paint paint;
	bool said = false;
	size_t i;
	char text[32];

	heading(print, field_time(why->call, "end") != 0 ? "End" : "So far");
	print_times(print, why->call);
	if (status > 0) {
		outcome(why->call, &paint);
		fputs("  final response ", print->out);
		snprintf(text, sizeof(text), "%llu",
		    (unsigned long long)status);
		print_painted(print, status >= 300 ? paint : PAINT_NONE,
		    span_of(text));
		fputc('\n', print->out);
	}
	json_array_foreach(why->entries, i, entry) {
		if (!is_kind(entry, "end"))
			continue;
		said = true;
		print_diagnosis(print, 2, entry);
		/* What a peer said of it, with the other side's last event. */
		if (field_string(entry, "before")[0] != '\0')
			print_wrapped(print, PAINT_NONE, 2,
			    span_of(field_string(entry, "before")));
		if (!same(entry, why->call, "diagnostic"))
			print_code(print, 2, why->call);
	}
	if (!said)
		print_diagnosis(print, 2, why->call);
}

static void
print_story(const struct print *print, const struct why *why)
{
	uint64_t skipped = field_number(why->call, "skipped");

	print_head(print, why->call);
	print_leg(print, why, "caller");
	print_leg(print, why, "callee");
	if (json_object_get(why->call, "target") != NULL)
		print_leg(print, why, "target");
	print_rewrites(print, why);
	if (skipped > 0)
		fprintf(print->out,
		    "\n%llu later entries are in the journal file only.\n",
		    (unsigned long long)skipped);
	print_diagnoses(print, why);
	print_end(print, why);
}

void
why_print_entries(const struct print *print, json_t *entries)
{
	const struct why why = { .entries = entries };

	print_rewrites(print, &why);
	print_diagnoses(print, &why);
}

/* ---- when it is not one call ---- */

static void
add_candidate(struct table *table, const json_t *call)
{
	const json_t *caller = json_object_get(call, "caller");
	const json_t *callee = json_object_get(call, "callee");
	enum paint paint;
	const char *code = field_string(call, "diagnostic");
	const char *how = outcome(call, &paint);
	char buf[32], with_status[32];

	if (strcmp(how, "answered and ended") == 0)
		how = "answered";
	if (strcmp(how, "refused") == 0) {
		snprintf(with_status, sizeof(with_status), "refused with %u",
		    (unsigned)field_number(call, "status") % 1000);
		how = with_status;
	}
	/* The year is known; what is left fits the screen. */
	format_time(buf, field_string(call, "start"));
	table_add(table, PAINT_BOLD, field_string(call, "call"));
	table_add(table, PAINT_NONE, buf[0] == '\0' ? "" : buf + 5);
	table_add(table, PAINT_NONE, field_string(caller, "number"));
	table_add(table, PAINT_NONE, field_string(callee, "number"));
	table_add(table, paint, code[0] != '\0' ? code : how);
}

static void
print_candidates(const struct print *print, const struct why *why)
{
	static const char *const titles[] = { "CALL", "START", "CALLER",
		"CALLEE", "OUTCOME" };
	struct table table;
	const json_t *call;
	size_t i;

	table_init(&table, titles, sizeof(titles) / sizeof(titles[0]));
	json_array_foreach(why->found, i, call)
		add_candidate(&table, call);
	table_print(&table, print);
	table_fini(&table);
}

/* ---- as the answer comes ---- */

static void
why_line(struct show *show, const json_t *line)
{
	struct why *why = show->data;
	json_t *own = json_incref((json_t *)(uintptr_t)line);

	if (json_is_true(json_object_get(line, "candidate")))
		json_array_append_new(why->found, own);
	else if (why->call == NULL)
		why->call = own;
	else
		json_array_append_new(why->entries, own);
}

static void
why_finish(struct show *show)
{
	struct why *why = show->data;

	if (why->call != NULL)
		print_story(&show->print, why);
	else if (json_array_size(why->found) > 0)
		print_candidates(&show->print, why);
	else if (!show->failed)
		fputs("no call has ended yet\n", show->print.out);
	json_decref(why->call);
	json_decref(why->entries);
	json_decref(why->found);
	free(why);
}

bool
why_begin(struct show *show)
{
	struct why *why = calloc(1, sizeof(*why));

	if (why == NULL)
		return false;
	why->entries = json_array();
	why->found = json_array();
	show->data = why;
	show->line = why_line;
	show->finish = why_finish;
	return true;
}
