#include "base/container.h"
#include "cli/compare.h"
#include "cli/replay.h"
#include "cli/table.h"

static unsigned long long
number(uint64_t n)
{
	return n;
}

struct part {
	uint64_t n;
	const char *what;
};

/* "left out: 12 retransmitted, 3 of no trunk"; nothing when there is none. */
static void
print_parts(
    FILE *out, const char *title, const struct part *parts, size_t parts_n)
{
	const char *before = title;
	size_t i;

	for (i = 0; i < parts_n; i++) {
		if (parts[i].n == 0)
			continue;
		fprintf(out, "%s%llu %s", before, number(parts[i].n),
		    parts[i].what);
		before = ", ";
	}
	if (before != title)
		fputc('\n', out);
}

/* INVITEs that were not rehearsed, and why. */
static void
print_left_out(FILE *out, const struct replay_figures *f)
{
	const struct part parts[] = {
		{ f->repeated, "retransmitted" },
		{ f->within, "within a call" },
		{ f->ours, "sent by us" },
		{ f->unknown, "of no trunk" },
		{ f->no_route, "without a route" },
		{ f->invalid, "not valid" },
	};

	print_parts(out, "left out: ", parts, ARRAY_LEN(parts));
}

/* What of the capture holds no message that could be read. */
static void
print_passed_over(FILE *out, const struct capture_figures *f)
{
	const struct part parts[] = {
		{ f->foreign, "without SIP" },
		{ f->encrypted, "encrypted" },
		{ f->cut, "cut short" },
		{ f->broken, "broken" },
		{ f->incomplete, "incomplete" },
	};

	print_parts(out, "packets passed over: ", parts, ARRAY_LEN(parts));
	if (f->gaps > 0)
		fprintf(out, "holes in TCP streams: %llu\n", number(f->gaps));
}

static void
print_kinds(const struct print *print, const struct replay_figures *f)
{
	static const char *const titles[] = { "CALLS", ">NUMBER", ">CHANGE" };
	struct table table;
	unsigned i;

	if (f->invites == 0)
		return;
	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 0; i < REPLAY_KINDS; i++) {
		if (f->kinds[i] == 0)
			continue;
		table_add(&table, PAINT_NONE,
		    policy_call_name((enum policy_call)i));
		table_addf(&table, PAINT_NONE, "%llu", number(f->kinds[i]));
		table_addf(&table,
		    f->kinds_changed[i] > 0 ? PAINT_YELLOW : PAINT_NONE, "%llu",
		    number(f->kinds_changed[i]));
	}
	fputc('\n', print->out);
	table_print(&table, print);
	table_fini(&table);
}

static void
print_headers(const struct print *print, const struct replay_figures *f)
{
	static const char *const titles[] = { "WHAT", ">CHANGED", ">GAINED",
		">LOST" };
	struct table table;
	size_t i;

	if (f->headers_n == 0)
		return;
	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 0; i < f->headers_n; i++) {
		const struct replay_header *h = &f->headers[i];

		table_add(&table, PAINT_BOLD, h->name);
		table_addf(&table, PAINT_NONE, "%llu", number(h->changed));
		table_addf(&table, PAINT_NONE, "%llu", number(h->gained));
		table_addf(&table, h->lost > 0 ? PAINT_RED : PAINT_NONE, "%llu",
		    number(h->lost));
	}
	fputc('\n', print->out);
	table_print(&table, print);
	table_fini(&table);
}

static void
print_codes(const struct print *print, const struct replay_figures *f)
{
	static const char *const titles[] = { "DIAGNOSTIC", ">OLD", ">NEW", "" };
	struct table table;
	unsigned i;

	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 1; i < DIAGNOSTICS; i++) {
		uint64_t old = f->codes[REPLAY_OLD][i];
		uint64_t new = f->codes[REPLAY_NEW][i];
		const struct diagnosis *row;

		if (old == 0 && new == 0)
			continue;
		row = diagnosis_get((enum diagnostic)i);
		table_add(&table, PAINT_BOLD, row->code);
		table_addf(&table, PAINT_NONE, "%llu", number(old));
		table_addf(&table, old == new ? PAINT_NONE : PAINT_YELLOW,
		    "%llu", number(new));
		table_add(&table, PAINT_NONE, row->title);
	}
	if (table.rows > 0) {
		fputc('\n', print->out);
		table_print(&table, print);
	}
	table_fini(&table);
}

static void
print_calls(const struct print *print, const struct replay_figures *f)
{
	static const char *const titles[] = { ">PACKET", "CALL-ID", "CALL",
		"WHAT" };
	struct table table;
	size_t i;

	if (f->shown_n == 0)
		return;
	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 0; i < f->shown_n; i++) {
		const struct replay_call *c = &f->shown[i];

		table_addf(&table, PAINT_DIM, "%llu", number(c->packet));
		table_add(&table, PAINT_NONE, c->call_id);
		table_addf(&table, PAINT_NONE, "%s, %.*s to %.*s",
		    policy_call_name(c->kind), SPAN_ARG(c->from->name),
		    SPAN_ARG(c->to->name));
		table_add(&table, PAINT_NONE, c->what);
	}
	fputc('\n', print->out);
	table_print(&table, print);
	table_fini(&table);
	if (f->changed > f->shown_n)
		fprintf(print->out, "... and %llu more\n",
		    number(f->changed - f->shown_n));
}

void
replay_print(struct cli *cli, const struct replay *replay, uint64_t took)
{
	const struct replay_figures *f = &replay->figures;
	const struct print *print = &cli->print;
	uint64_t ms = took / 1000;
	char text[64];

	if (f->changed == 0)
		snprintf(text, sizeof(text), "none would change");
	else
		snprintf(text, sizeof(text), "%llu would change",
		    number(f->changed));
	fprintf(print->out, "%llu INVITE%s, ", number(f->invites),
	    f->invites == 1 ? "" : "s");
	print_str(print, f->changed > 0 ? PAINT_YELLOW : PAINT_GREEN, text);
	fprintf(print->out, "; read in %llu.%03llu s\n", number(ms / 1000),
	    number(ms % 1000));
	print_left_out(print->out, f);
	if (replay->captured)
		print_passed_over(print->out, &replay->capture);
	if (f->refused[REPLAY_OLD] != 0 || f->refused[REPLAY_NEW] != 0)
		fprintf(print->out,
		    "refused: %llu by the old, %llu by the new\n",
		    number(f->refused[REPLAY_OLD]),
		    number(f->refused[REPLAY_NEW]));
	if (f->vetoes[REPLAY_OLD] != 0 || f->vetoes[REPLAY_NEW] != 0)
		fprintf(print->out,
		    "vetoed: %llu of the old, %llu of the new\n",
		    number(f->vetoes[REPLAY_OLD]),
		    number(f->vetoes[REPLAY_NEW]));
	print_kinds(print, f);
	print_headers(print, f);
	print_codes(print, f);
	print_calls(print, f);
}

/* ---- for programs: in ASCII, for it may be a terminal that reads it ---- */

static json_t *
headers_json(const struct replay_figures *f)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < f->headers_n; i++)
		json_array_append_new(list,
		    json_pack("{s:o, s:I, s:I, s:I}", "name",
			book_string(span_of(f->headers[i].name)), "changed",
			(json_int_t)f->headers[i].changed, "gained",
			(json_int_t)f->headers[i].gained, "lost",
			(json_int_t)f->headers[i].lost));
	return list;
}

static json_t *
codes_json(const struct replay_figures *f)
{
	json_t *list = json_array();
	unsigned i;

	for (i = 1; i < DIAGNOSTICS; i++)
		if (f->codes[REPLAY_OLD][i] + f->codes[REPLAY_NEW][i] > 0)
			json_array_append_new(list,
			    json_pack("{s:s, s:I, s:I}", "diagnostic",
				diagnosis_get((enum diagnostic)i)->code, "old",
				(json_int_t)f->codes[REPLAY_OLD][i], "new",
				(json_int_t)f->codes[REPLAY_NEW][i]));
	return list;
}

static json_t *
calls_json(const struct replay_figures *f)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < f->shown_n; i++)
		json_array_append_new(list,
		    json_pack("{s:I, s:o, s:s, s:o, s:o, s:o}", "packet",
			(json_int_t)f->shown[i].packet, "call_id",
			book_string(span_of(f->shown[i].call_id)), "kind",
			policy_call_name(f->shown[i].kind), "from",
			book_string(f->shown[i].from->name), "to",
			book_string(f->shown[i].to->name), "what",
			book_string(span_of(f->shown[i].what))));
	return list;
}

static json_t *
kinds_json(const struct replay_figures *f)
{
	json_t *kinds = json_object();
	unsigned i;

	for (i = 0; i < REPLAY_KINDS; i++)
		json_object_set_new(kinds,
		    policy_call_name((enum policy_call)i),
		    json_pack("{s:I, s:I}", "calls", (json_int_t)f->kinds[i],
			"changed", (json_int_t)f->kinds_changed[i]));
	return kinds;
}

static json_t *
capture_json(const struct replay *replay)
{
	const struct capture_figures *f = &replay->capture;
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "packets", (json_int_t)f->packets, "messages",
	    (json_int_t)f->messages, "foreign", (json_int_t)f->foreign,
	    "encrypted", (json_int_t)f->encrypted, "cut", (json_int_t)f->cut,
	    "broken", (json_int_t)f->broken, "incomplete",
	    (json_int_t)f->incomplete, "gaps", (json_int_t)f->gaps);

	if (replay->fault[0] != '\0')
		json_object_set_new(
		    o, "fault", book_string(span_of(replay->fault)));
	return o;
}

void
replay_dump(struct cli *cli, const struct replay *replay)
{
	const struct replay_figures *f = &replay->figures;
	json_t *o = json_pack("{s:I, s:I, s:[I,I], s:[I,I], s:o, s:o, s:o, s:o}",
	    "invites", (json_int_t)f->invites, "changed",
	    (json_int_t)f->changed, "refused",
	    (json_int_t)f->refused[REPLAY_OLD],
	    (json_int_t)f->refused[REPLAY_NEW], "vetoes",
	    (json_int_t)f->vetoes[REPLAY_OLD],
	    (json_int_t)f->vetoes[REPLAY_NEW], "kinds", kinds_json(f),
	    "headers", headers_json(f), "diagnostics", codes_json(f), "calls",
	    calls_json(f));

	json_object_set_new(o, "left_out",
	    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "repeated",
		(json_int_t)f->repeated, "within", (json_int_t)f->within,
		"ours", (json_int_t)f->ours, "unknown", (json_int_t)f->unknown,
		"no_route", (json_int_t)f->no_route, "invalid",
		(json_int_t)f->invalid));
	if (replay->captured)
		json_object_set_new(o, "capture", capture_json(replay));
	json_dumpf(o, cli->print.out, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', cli->print.out);
	json_decref(o);
}

/* ---- one call ---- */

static void
print_side(struct cli *cli, const struct replay *replay, unsigned side,
    const char *title)
{
	const struct rehearsal *r = replay->side[side];
	json_t *entries = book_json(&replay->books[side]);

	fputc('\n', cli->print.out);
	print_str(&cli->print, PAINT_BOLD, title);
	if (!r->leaves)
		fprintf(cli->print.out, ": it does not leave, %u %s",
		    r->refusal.status,
		    diagnosis_get(r->refusal.diagnostic)->code);
	fputc('\n', cli->print.out);
	why_print_entries(&cli->print, entries);
	json_decref(entries);
}

static void
dump_call(struct cli *cli, const struct replay *replay, uint64_t packet)
{
	json_t *o = json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "packet",
	    (json_int_t)packet, "call_id", book_string(replay->view.call_id),
	    "old", book_string(replay->side[REPLAY_OLD]->wire), "new",
	    book_string(replay->side[REPLAY_NEW]->wire), "old_entries",
	    book_json(&replay->books[REPLAY_OLD]), "new_entries",
	    book_json(&replay->books[REPLAY_NEW]));

	json_dumpf(o, cli->print.out, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', cli->print.out);
	json_decref(o);
}

void
replay_print_call(
    struct cli *cli, const struct replay *replay, uint64_t packet)
{
	const struct print *print = &cli->print;
	const struct rehearsal *r = replay->side[REPLAY_NEW];

	if (cli->json) {
		dump_call(cli, replay, packet);
		return;
	}
	fprintf(print->out, "packet %llu, %s from trunk %.*s to %.*s\n",
	    number(packet), policy_call_phrase(r->kind),
	    SPAN_ARG(r->from->name), SPAN_ARG(r->to->name));
	print_str(print, PAINT_BOLD, "Call-ID ");
	print_painted(print, PAINT_BOLD, replay->view.call_id);
	fputs("\n\n", print->out);
	compare_print(print, "by the old policies",
	    replay->side[REPLAY_OLD]->wire, "by the new policies", r->wire);
	print_side(cli, replay, REPLAY_OLD, "Old journal");
	print_side(cli, replay, REPLAY_NEW, "New journal");
}
