/*
 * trunks.c - the trunks as a table, or one of them with what its peers can do
 */

#include <stdlib.h>
#include <time.h>

#include "base/container.h"
#include "cli/cli.h"
#include "cli/table.h"

#define LABEL 13

static enum paint
paint_state(const char *state)
{
	if (strcmp(state, "up") == 0)
		return PAINT_GREEN;
	return strcmp(state, "down") == 0 ? PAINT_RED : PAINT_NONE;
}

/* ---- all of them ---- */

static void
add_count(struct table *table, enum paint paint, uint64_t n)
{
	table_addf(table, n == 0 ? PAINT_NONE : paint, "%llu",
	    (unsigned long long)n);
}

static void
add_row(struct table *table, const json_t *line)
{
	const char *state = field_string(line, "state");
	uint64_t limit = field_number(line, "calls_limit");
	uint64_t calls = field_number(line, "calls");

	table_add(table, PAINT_NONE, field_string(line, "trunk"));
	table_add(table, paint_state(state), state);
	table_addf(table, PAINT_NONE, "%s:%s", field_string(line, "transport"),
	    field_string(line, "peer"));
	if (limit == 0)
		add_count(table, PAINT_NONE, calls);
	else
		table_addf(table, calls >= limit ? PAINT_YELLOW : PAINT_NONE,
		    "%llu/%llu", (unsigned long long)calls,
		    (unsigned long long)limit);
	add_count(table, PAINT_NONE, field_number(line, "in"));
	add_count(table, PAINT_NONE, field_number(line, "out"));
	add_count(table, PAINT_RED, field_number(line, "failed"));
	add_count(table, PAINT_YELLOW, field_number(line, "refused"));
	add_count(table, PAINT_YELLOW, field_number(line, "advanced"));
	table_add(table, PAINT_NONE,
	    field_string(line, "reason")[0] != '\0'
		? field_string(line, "reason")
		: field_string(line, "spared"));
}

/* ---- one of them ---- */

static void
label(const struct print *print, const char *name)
{
	fprintf(print->out, "%-*s", LABEL, name);
}

/* "12:01" of today, else with its day. */
static const char *
short_time(char buf[static 32], const char *time_of)
{
	char today[16];
	time_t now = time(NULL);
	struct tm tm;

	format_time(buf, time_of);
	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(today, sizeof(today), "%Y-%m-%d ", &tm) == 0 ||
	    strlen(buf) < 19)
		return buf;
	buf[16] = '\0';
	return strncmp(buf, today, strlen(today)) == 0 ? buf + strlen(today)
						       : buf;
}

static bool
lists(const json_t *list, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (json_is_string(item) &&
		    strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

/* "REFER: not offered (OPTIONS 200, 12:01)" */
static void
show_capability(const struct print *print, const json_t *what, const char *name,
    const char *yes, const char *no)
{
	char buf[32];
	bool can = lists(json_object_get(what, "list"), name);

	fprintf(print->out, "  %s: ", name);
	if (what == NULL) {
		fputs("not known yet\n", print->out);
		return;
	}
	print_str(print, can ? PAINT_GREEN : PAINT_YELLOW, can ? yes : no);
	fputs(" (", print->out);
	print_str(print, PAINT_NONE, field_string(what, "source"));
	fprintf(print->out, ", %s)\n",
	    short_time(buf, field_string(what, "time")));
}

static void
show_capabilities(const struct print *print, const json_t *line)
{
	static const char *const methods[] = { "REFER", "UPDATE", "PRACK",
		"INFO", "NOTIFY", "MESSAGE" };
	static const char *const tags[] = { "100rel", "timer", "replaces" };
	size_t i;

	fputs("the peer can (times are UTC)\n", print->out);
	for (i = 0; i < ARRAY_LEN(methods); i++)
		show_capability(print, json_object_get(line, "allow"),
		    methods[i], "offered", "not offered");
	for (i = 0; i < ARRAY_LEN(tags); i++)
		show_capability(print, json_object_get(line, "supported"),
		    tags[i], "supported", "not supported");
}

static void
show_peer(const struct print *print, const json_t *peer)
{
	const char *state = field_string(peer, "state");
	const char *reason = field_string(peer, "reason");
	uint64_t status = field_number(peer, "status");
	char buf[32];

	label(print, "peer");
	print_str(print, PAINT_BOLD, field_string(peer, "peer"));
	fputs("  ", print->out);
	print_str(print, paint_state(state), state);
	if (field_string(peer, "since")[0] != '\0')
		fprintf(print->out, " since %s",
		    short_time(buf, field_string(peer, "since")));
	if (reason[0] != '\0') {
		fputs(": ", print->out);
		print_str(print, PAINT_RED, reason);
	}
	fprintf(print->out, "; %llu of %llu OPTIONS answered",
	    (unsigned long long)field_number(peer, "answered"),
	    (unsigned long long)field_number(peer, "asked"));
	if (status != 0)
		fprintf(print->out, ", the last with %llu after %llu ms",
		    (unsigned long long)status,
		    (unsigned long long)field_number(peer, "ms"));
	fputc('\n', print->out);
}

static void
show_calls(const struct print *print, const json_t *line)
{
	uint64_t limit = field_number(line, "calls_limit");

	label(print, "calls");
	fprintf(print->out, "%llu now",
	    (unsigned long long)field_number(line, "calls"));
	if (limit > 0)
		fprintf(print->out, " of %llu", (unsigned long long)limit);
	fprintf(print->out,
	    "; since the start %llu in, %llu out, %llu failed, %llu refused, "
	    "%llu advanced\n",
	    (unsigned long long)field_number(line, "in"),
	    (unsigned long long)field_number(line, "out"),
	    (unsigned long long)field_number(line, "failed"),
	    (unsigned long long)field_number(line, "refused"),
	    (unsigned long long)field_number(line, "advanced"));
}

static void
show_spared(const struct print *print, const json_t *line)
{
	if (field_string(line, "spared")[0] == '\0')
		return;
	label(print, "spared");
	print_str(print, PAINT_YELLOW, field_string(line, "spared"));
	fputc('\n', print->out);
}

static void
show_one(const struct print *print, const json_t *line)
{
	const json_t *peers = json_object_get(line, "peers"), *peer;
	const char *state = field_string(line, "state");
	size_t i;

	label(print, "trunk");
	print_str(print, PAINT_BOLD, field_string(line, "trunk"));
	fputs(", ", print->out);
	print_str(print, paint_state(state), state);
	if (field_string(line, "reason")[0] != '\0') {
		fputs(": ", print->out);
		print_str(print, PAINT_RED, field_string(line, "reason"));
	}
	fputc('\n', print->out);
	show_calls(print, line);
	show_spared(print, line);
	if (peers == NULL) {
		label(print, "peer");
		print_str(print, PAINT_NONE, field_string(line, "transport"));
		fputc(':', print->out);
		print_str(print, PAINT_NONE, field_string(line, "peer"));
		fputc('\n', print->out);
	}
	json_array_foreach(peers, i, peer)
		show_peer(print, peer);
	show_capabilities(print, line);
}

/* ---- as the answer comes ---- */

static void
trunks_line(struct show *show, const json_t *line)
{
	if (json_is_true(json_object_get(line, "detail")))
		show_one(&show->print, line);
	else
		add_row(show->data, line);
}

static void
trunks_finish(struct show *show)
{
	struct table *table = show->data;

	if (table->rows > 0)
		table_print(table, &show->print);
	table_fini(table);
	free(table);
}

bool
trunks_begin(struct show *show)
{
	static const char *const titles[] = { "TRUNK", "STATE", "PEER",
		">CALLS", ">IN", ">OUT", ">FAILED", ">REFUSED", ">ADVANCED",
		"" };
	struct table *table = malloc(sizeof(*table));

	if (table == NULL)
		return false;
	table_init(table, titles, ARRAY_LEN(titles));
	show->data = table;
	show->line = trunks_line;
	show->finish = trunks_finish;
	return true;
}
