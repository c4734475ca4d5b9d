/*
 * control_fuzz.c - a line of the management socket, and an answer as cordon(1)
 * shows it
 *
 * The first byte chooses: even, lines are requests to a made-up daemon, and
 * each line of each answer must be JSON; odd, lines are answers of a hostile
 * daemon to some command. Nothing that comes out has a raw control byte.
 */

#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "control/control.h"
#include "control/request.h"
#include "number/inventory.h"
#include "record/log.h"

#define LINES_MAX 4 /* requests of one run: one answer may be long */

static const char hostile[] = "\"\\\r\n\033[2J\x9b\xff<sip:a@b>\xe2\x80\xae";

static struct memory *memory;
static struct memory_chain chain;

static void
check(bool good)
{
	if (!good)
		abort();
}

static bool
find_call(void *arg, uint64_t id, struct control_call *out)
{
	struct span wire = span_make(hostile, sizeof(hostile) - 1);

	(void)arg;
	if (id == 0 || id > 3)
		return false;
	*out = (struct control_call){ .state = "up", .chain = &chain };
	out->summary = (struct memory_summary){ .call = id,
		.start = 1795255200000000,
		.trunk = { SPAN("pbx"), SPAN("carrier") },
		.call_id = { wire, SPAN("live@sbc") },
		.number = { SPAN("+442071234567"), wire } };
	return true;
}

static bool
next_call(void *arg, uint32_t *at, struct control_call *out)
{
	if (!find_call(arg, *at + 1, out))
		return false;
	(*at)++;
	return true;
}

static bool
next_trunk(void *arg, uint32_t *at, struct control_trunk *out)
{
	(void)arg;
	*out = (struct control_trunk){ .name = SPAN("pbx"),
		.transport = "udp",
		.state = "up",
		.reason = span_make(hostile, sizeof(hostile) - 1) };
	return (*at)++ < 2;
}

static uint64_t
reload(void *arg)
{
	(void)arg;
	return 1;
}

static bool
reload_result(
    void *arg, uint64_t number, bool *good, const struct problems **problems)
{
	static char text[sizeof(hostile)];
	static struct problem one = { .level = PROBLEM_ERROR, .line = 1 };
	static struct problems found = { .list = &one, .n = 1, .errors = 1 };

	(void)arg;
	(void)number;
	memcpy(text, hostile, sizeof(hostile));
	one.file = one.text = text;
	*good = false;
	*problems = &found;
	return true;
}

static void
numbers(void *arg, struct control_numbers *out)
{
	static struct inventory *inventory;
	struct problems problems;

	(void)arg;
	problems_init(&problems);
	if (inventory == NULL)
		inventory = inventory_load_text(
		    SPAN("+442079460000-99 label=\"\xe2\x80\xae\\ \x9b\"\n"
			 "+442079460050 expires=2020-01-01\n"
			 "+15125550100 verified=no\n"),
		    hostile, 0, &problems);
	problems_fini(&problems);
	check(inventory != NULL);
	out->inventory = inventory;
	out->today = 20778;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
print_config(void *arg, FILE *out)
{
	(void)arg;
	fprintf(out, "a = \"%s\";\n", hostile);
}

static void
note(struct memory_chain *to)
{
	struct journal_entry entry = { .kind = JOURNAL_REWRITE,
		.time = 1795255200000000,
		.call = 7,
		.message = SPAN("INVITE"),
		.target = SPAN("From"),
		.before = span_make(hostile, sizeof(hostile) - 1),
		.after = SPAN("<sip:a@b>") };

	memory_note(to, NULL, &entry);
}

static void
make_memory(void)
{
	uint64_t id;

	memory = memory_create(65536);
	note(&chain);
	for (id = 16; id < 24; id++) {
		struct memory_chain own = { 0 };
		struct memory_summary summary = { .call = id << 56,
			.end = 1795255200000000,
			.reason = SPAN("hangup"),
			.call_id = { SPAN("ended@pbx"), SPAN_NONE },
			.number = { SPAN("+15551234"), SPAN("911") } };

		note(&own);
		memory_end(memory, &own, &summary);
	}
}

/* Whole lines of JSON and nothing raw. */
static void
check_answer(struct span out)
{
	while (!span_empty(out)) {
		struct span line;
		json_t *o;
		size_t i;

		check(span_find(out, '\n') >= 0);
		line = span_cut(out, '\n', &out);
		for (i = 0; i < line.n; i++)
			check((unsigned char)line.p[i] >= 0x20);
		o = json_loadb(line.p, line.n, 0, NULL);
		check(json_is_object(o));
		json_decref(o);
	}
}

static void
ask(struct span line)
{
	static const struct control_ops ops = { .next_call = next_call,
		.find_call = find_call,
		.next_trunk = next_trunk,
		.numbers = numbers,
		.reload = reload,
		.reload_result = reload_result,
		.drain = nothing,
		.print_config = print_config };
	static char step[REQUEST_STEP_MAX];
	struct text out = text_over(step, sizeof(step));
	struct control_ops with_memory = ops;
	struct request request;
	enum request_state state;

	with_memory.memory = memory;
	state = request_start(&request, &with_memory, line, &out);
	check(out.len > 0 || state == REQUEST_MORE);
	check_answer(text_span(&out));
	while (state == REQUEST_MORE) {
		out.len = 0;
		state = request_step(&request, &out);
		check_answer(text_span(&out));
	}
}

static void
show(enum command_id id, bool follow, struct span lines)
{
	char *printed = NULL;
	size_t n = 0, i;
	struct show to = { .print = { .width = 80, .columns = 80 } };

	to.print.out = open_memstream(&printed, &n);
	check(to.print.out != NULL && show_begin(&to, id, follow));
	while (!span_empty(lines)) {
		struct span line = span_cut(lines, '\n', &lines);
		json_t *o = json_loadb(line.p, line.n, 0, NULL);

		if (json_is_object(o))
			to.line(&to, o);
		json_decref(o);
	}
	if (to.finish != NULL)
		to.finish(&to);
	fclose(to.print.out);
	for (i = 0; i < n; i++) {
		if ((unsigned char)printed[i] >= 0x20 ||
		    printed[i] == '\n' || printed[i] == '\t')
			continue;
		fwrite(printed, 1, n, stderr);
		abort();
	}
	free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make((const char *)data, size);
	unsigned choice, i;

	if (memory == NULL) {
		make_memory();
		log_set_level(LOG_LEVEL_ERROR);
	}
	if (size == 0)
		return 0;
	choice = data[0];
	rest = span_from(rest, 1);
	if (choice % 2 == 1) {
		enum command_id id = (enum command_id)(choice / 4 % COMMANDS);

		if (command_get(id)->kind != COMMAND_OFFLINE)
			show(id, choice / 2 % 2 == 1, rest);
		return 0;
	}
	for (i = 0; i < LINES_MAX && !span_empty(rest); i++)
		ask(span_cut(rest, '\n', &rest));
	return 0;
}
