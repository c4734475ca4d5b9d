#include <stdlib.h>
#include <time.h>

#include "base/container.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "diagnosis/diagnosis.h"

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t
age_ms(const json_t *object, const char *key)
{
	uint64_t then = field_time(object, key) / 1000, now = now_ms();

	return then == 0 || then > now ? 0 : now - then;
}

/* ---- label and value, a line each ---- */

#define LABEL 13

void
show_label(struct show *show, const char *name)
{
	fprintf(show->print.out, "%-*s", LABEL, name);
}

void
show_pair(
    struct show *show, const char *name, enum paint paint, const char *value)
{
	if (value[0] == '\0')
		return;
	show_label(show, name);
	print_str(&show->print, paint, value);
	fputc('\n', show->print.out);
}

static void
status_calls(struct show *show, const json_t *calls)
{
	FILE *out = show->print.out;
	uint64_t limit = field_number(calls, "limit");

	show_label(show, "calls");
	fprintf(out, "%llu now",
	    (unsigned long long)field_number(calls, "now"));
	if (limit > 0)
		fprintf(out, " of %llu", (unsigned long long)limit);
	fprintf(out, "; %llu since the start, %llu answered, %llu failed\n",
	    (unsigned long long)field_number(calls, "total"),
	    (unsigned long long)field_number(calls, "answered"),
	    (unsigned long long)field_number(calls, "failed"));
}

static void
status_journal(struct show *show, const json_t *journal)
{
	bool failing = json_is_true(json_object_get(journal, "failing"));
	uint64_t lost = field_number(journal, "lost");
	FILE *out = show->print.out;
	char text[32];

	show_label(show, "journal");
	fprintf(out, "%llu written, %llu waiting, ",
	    (unsigned long long)field_number(journal, "written"),
	    (unsigned long long)field_number(journal, "waiting"));
	snprintf(text, sizeof(text), "%llu lost", (unsigned long long)lost);
	print_str(&show->print, lost > 0 ? PAINT_RED : PAINT_NONE, text);
	fputc('\n', out);
	if (!failing)
		return;
	show_label(show, "");
	print_str(&show->print, PAINT_RED, "cannot be written: ");
	print_str(&show->print, PAINT_RED, field_string(journal, "last_error"));
	fputc('\n', out);
}

static void
status_memory(struct show *show, const json_t *memory)
{
	char buf[32];
	FILE *out = show->print.out;

	show_label(show, "memory");
	fprintf(out, "%llu ended calls in %.1f of %.0f MiB",
	    (unsigned long long)field_number(memory, "calls"),
	    (double)field_number(memory, "bytes") / 1048576,
	    (double)field_number(memory, "size") / 1048576);
	if (field_time(memory, "oldest") != 0)
		fprintf(out, ", the oldest from %s ago",
		    format_duration(buf, age_ms(memory, "oldest")));
	fputc('\n', out);
}

static void
status_line(struct show *show, const json_t *line)
{
	bool running = strcmp(field_string(line, "state"), "running") == 0;
	char buf[32], buf2[32];
	FILE *out = show->print.out;

	show_label(show, "cordond");
	print_str(&show->print, PAINT_BOLD, field_string(line, "version"));
	fputs(", ", out);
	print_str(&show->print, running ? PAINT_GREEN : PAINT_YELLOW,
	    field_string(line, "state"));
	fprintf(out, ", process %llu\n",
	    (unsigned long long)field_number(line, "pid"));
	show_label(show, "started");
	fprintf(out, "%s UTC, %s ago\n",
	    format_time(buf, field_string(line, "started")),
	    format_duration(buf2, age_ms(line, "started")));
	show_pair(show, "loaded", PAINT_NONE,
	    format_time(buf, field_string(line, "loaded")));
	status_calls(show, json_object_get(line, "calls"));
	status_journal(show, json_object_get(line, "journal"));
	status_memory(show, json_object_get(line, "memory"));
	show_label(show, "loop lag");
	fprintf(out, "%llu ms\n",
	    (unsigned long long)field_number(line, "lag_ms"));
}

/* ---- lists as tables ---- */

static void
finish_table(struct show *show)
{
	struct table *table = show->data;

	if (table->rows == 0)
		fputs(show->failed ? "" : "none\n", show->print.out);
	else
		table_print(table, &show->print);
	table_fini(table);
	free(table);
}

static bool
begin_table(struct show *show, const char *const *titles, size_t columns)
{
	struct table *table = malloc(sizeof(*table));

	if (table == NULL)
		return false;
	table_init(table, titles, columns);
	show->data = table;
	show->finish = finish_table;
	return true;
}

static void
add_count(struct table *table, enum paint paint, uint64_t n)
{
	table_addf(table, n == 0 ? PAINT_NONE : paint, "%llu",
	    (unsigned long long)n);
}

static void
counter_line(struct show *show, const json_t *line)
{
	struct table *table = show->data;

	table_add(table, PAINT_NONE, field_string(line, "counter"));
	add_count(table, PAINT_NONE, field_number(line, "value"));
	table_add(table, PAINT_DIM, field_string(line, "help"));
}

static const json_t *
leg_of(const json_t *call, bool callee)
{
	return json_object_get(call, callee ? "callee" : "caller");
}

/* Whom a transfer brought in; NULL: nobody. */
static const json_t *
target_of(const json_t *call)
{
	return json_object_get(call, "target");
}

static void
call_line(struct show *show, const json_t *line)
{
	struct table *table = show->data;
	const char *state = field_string(line, "state");
	char buf[32];
	int i;

	table_add(table, PAINT_BOLD, field_string(line, "call"));
	table_add(table, strcmp(state, "up") == 0 ? PAINT_GREEN : PAINT_NONE,
	    state);
	table_add(table, PAINT_NONE,
	    format_duration(buf, age_ms(line, "start")));
	for (i = 0; i < 2; i++) {
		table_add(table, PAINT_NONE,
		    field_string(leg_of(line, i == 1), "trunk"));
		table_add(table, PAINT_NONE,
		    field_string(leg_of(line, i == 1), "number"));
	}
	table_add(table, PAINT_NONE, field_string(target_of(line), "trunk"));
	table_add(table, PAINT_NONE, field_string(target_of(line), "number"));
}

/* Lines as they come: widths that suit most. */
static void
follow_line(struct show *show, const json_t *line)
{
	const char *event = field_string(line, "event");
	bool ended = strcmp(field_string(line, "state"), "ended") == 0;
	const char *reason = field_string(line, "reason");
	unsigned status = (unsigned)field_number(line, "status");
	FILE *out = show->print.out;
	int i;

	print_str(&show->print, PAINT_BOLD, field_string(line, "call"));
	fputs("  ", out);
	if (event[0] == '\0')
		event = field_string(line, "state");
	print_str(&show->print, PAINT_NONE, event);
	print_pad(&show->print, print_columns(span_of(event)), 9);
	for (i = 0; i < 2; i++) {
		const json_t *leg = leg_of(line, i == 1);

		fputs(i == 1 ? " -> " : "", out);
		print_str(&show->print, PAINT_NONE, field_string(leg, "trunk"));
		fputc(' ', out);
		print_str(
		    &show->print, PAINT_NONE, field_string(leg, "number"));
	}
	if (target_of(line) != NULL) {
		fputs(", transferred to ", out);
		print_str(&show->print, PAINT_NONE,
		    field_string(target_of(line), "trunk"));
		fputc(' ', out);
		print_str(&show->print, PAINT_NONE,
		    field_string(target_of(line), "number"));
	}
	if (ended && reason[0] != '\0') {
		bool fault = json_is_true(json_object_get(line, "fault"));

		fputs(", ", out);
		print_str(&show->print, fault ? PAINT_RED : PAINT_NONE, reason);
		if (status >= 300)
			fprintf(out, " (%u)", status);
	}
	fputc('\n', out);
	fflush(out);
}

/* ---- one thing ---- */

static void
call_leg(struct show *show, const json_t *call, const char *name)
{
	const json_t *leg = json_object_get(call, name);
	FILE *out = show->print.out;

	if (leg == NULL)
		return;
	show_label(show, name);
	print_str(&show->print, PAINT_NONE, field_string(leg, "trunk"));
	fputs("  ", out);
	print_str(&show->print, PAINT_BOLD, field_string(leg, "number"));
	fputc('\n', out);
	show_pair(show, "  Call-ID", PAINT_NONE, field_string(leg, "call_id"));
}

static void
one_call(struct show *show, const json_t *line)
{
	char buf[32];

	show_pair(show, "call", PAINT_BOLD, field_string(line, "call"));
	show_pair(show, "state", PAINT_NONE, field_string(line, "state"));
	call_leg(show, line, "caller");
	call_leg(show, line, "callee");
	call_leg(show, line, "target");
	show_pair(show, "started", PAINT_NONE,
	    format_time(buf, field_string(line, "start")));
	show_pair(show, "answered", PAINT_NONE,
	    format_time(buf, field_string(line, "answer")));
	show_pair(show, "ended", PAINT_NONE,
	    format_time(buf, field_string(line, "end")));
	show_pair(show, "reason", PAINT_NONE, field_string(line, "reason"));
	show_pair(show, "diagnostic", PAINT_YELLOW,
	    field_string(line, "diagnostic"));
}

static void
config_line(struct show *show, const json_t *line)
{
	const char *text = field_string(line, "line");

	/* Tabs indent; nothing else of the kind is in a configuration. */
	while (*text == '\t') {
		fputc('\t', show->print.out);
		text++;
	}
	print_str(&show->print, PAINT_NONE, text);
	fputc('\n', show->print.out);
}

static void
level_line(struct show *show, const json_t *line)
{
	fputs("log level ", show->print.out);
	print_str(&show->print, PAINT_NONE, field_string(line, "level"));
	fputc('\n', show->print.out);
}

static void
print_problem(struct show *show, const json_t *problem)
{
	static const enum paint paints[] = { PAINT_RED, PAINT_YELLOW };
	const char *level = field_string(problem, "level");
	const char *file = field_string(problem, "file");
	uint64_t at = field_number(problem, "line");
	FILE *out = show->print.out;

	print_str(&show->print, PAINT_BOLD, file);
	if (at > 0)
		fprintf(out, ":%llu", (unsigned long long)at);
	fputs(file[0] == '\0' ? "" : ": ", out);
	if (strcmp(level, "note") != 0) {
		print_str(&show->print, paints[strcmp(level, "error") != 0],
		    level);
		fputs(": ", out);
	}
	print_str(&show->print, PAINT_NONE, field_string(problem, "text"));
	fputc('\n', out);
}

static void
reload_line(struct show *show, const json_t *line)
{
	const json_t *problem;
	size_t i;

	json_array_foreach(json_object_get(line, "problems"), i, problem)
		print_problem(show, problem);
	json_array_foreach(json_object_get(line, "changes"), i, problem)
		print_problem(show, problem);
	if (json_is_true(json_object_get(line, "reloaded")))
		fputs("reloaded\n", show->print.out);
}

static void
drain_line(struct show *show, const json_t *line)
{
	(void)line;
	fputs("draining: new calls are refused\n", show->print.out);
}

static void
invite_line(struct show *show, const json_t *line)
{
	struct table *table = show->data;
	char buf[32];

	table_add(
	    table, PAINT_DIM, format_time(buf, field_string(line, "time")));
	table_add(table, PAINT_BOLD, field_string(line, "trunk"));
	table_add(table, PAINT_NONE, field_string(line, "from"));
	table_addf(table, PAINT_NONE, "%llu",
	    (unsigned long long)field_number(line, "bytes"));
	table_add(table, PAINT_NONE, field_string(line, "line"));
}

/* ---- which for what ---- */

static const char *const call_titles[] = { "CALL", "STATE", ">AGE", "FROM", "",
	"TO", "", "TARGET", "" };
static const char *const invite_titles[] = { "TIME", "TRUNK", "FROM", ">BYTES",
	"" };
static const char *const counter_titles[] = { "COUNTER", ">VALUE", "" };

static const struct {
	void (*line)(struct show *show, const json_t *line);
	const char *const *titles; /* of a table */
	size_t columns;
} shows[COMMANDS] = {
	[COMMAND_ID_STATUS] = { status_line, NULL, 0 },
	[COMMAND_ID_CALLS] = { call_line, call_titles, ARRAY_LEN(call_titles) },
	[COMMAND_ID_CALL] = { one_call, NULL, 0 },
	[COMMAND_ID_COUNTERS] = { counter_line, counter_titles,
	    ARRAY_LEN(counter_titles) },
	[COMMAND_ID_INVITES] = { invite_line, invite_titles,
	    ARRAY_LEN(invite_titles) },
	[COMMAND_ID_SHOW_CONFIG] = { config_line, NULL, 0 },
	[COMMAND_ID_LOG_LEVEL] = { level_line, NULL, 0 },
	[COMMAND_ID_DID] = { did_line, NULL, 0 },
	[COMMAND_ID_RELOAD] = { reload_line, NULL, 0 },
	[COMMAND_ID_DRAIN] = { drain_line, NULL, 0 },
};

bool
show_begin(struct show *show, enum command_id id, bool follow)
{
	if (id == COMMAND_ID_WHY)
		return why_begin(show);
	if (id == COMMAND_ID_TRUNKS)
		return trunks_begin(show);
	if (follow) {
		show->line = follow_line;
		return true;
	}
	show->line = shows[id].line;
	if (shows[id].titles == NULL)
		return true;
	return begin_table(show, shows[id].titles, shows[id].columns);
}
