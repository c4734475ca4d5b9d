#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "cli/cli.h"
#include "control/control.h"
#include "control/request.h"
#include "number/inventory.h"
#include "record/log.h"
#include "unit.h"

#define DEADLINE_MS 20000

/* ---- a daemon that is made up ---- */

#define CALLS_MAX 20000

static struct {
	struct event_base *base;
	struct control *control;
	struct control_ops ops;
	struct memory *memory;
	struct recent *recent;
	struct memory_chain chain;
	struct inventory *inventory;
	uint32_t calls;
	bool refuse;
	bool busy; /* a reload runs */
	bool many; /* 300 problems more */
	uint64_t reloads;
	struct problems problems; /* of the last */
	bool draining;
	unsigned ticks;
} fake;

static char directory[64];
static char path[96];

static void
fake_tick(void *arg)
{
	(void)arg;
	fake.ticks++;
}

static void
fake_status(void *arg, struct control_status *out)
{
	(void)arg;
	out->version = "1.2.3";
	out->started = 1795255200000000;
	out->calls = fake.calls;
	out->calls_limit = 5000;
	out->calls_total = 12345;
	out->calls_answered = 12000;
	out->calls_failed = 7;
	out->draining = fake.draining;
}

/* Call n has the id n * 2^32 + n, and is live when n <= fake.calls. */
static bool
fake_find_call(void *arg, uint64_t id, struct control_call *out)
{
	uint64_t n = id >> 32;
	static char call_id[32];

	(void)arg;
	if (n == 0 || n > fake.calls || (id & 0xffffffff) != n)
		return false;
	snprintf(call_id, sizeof(call_id), "leg-%u-a@pbx", (unsigned)n);
	*out = (struct control_call){ .state = "up", .chain = &fake.chain };
	out->summary = (struct memory_summary){ .call = id,
		.start = 1795255200123000,
		.answer = 1795255204500000,
		.status = 200,
		.trunk = { SPAN("pbx"), SPAN("twilio") },
		.call_id = { span_of(call_id), SPAN("9Zx31@sbc") },
		.number = { SPAN("+442071234567"), SPAN("+15551234") } };
	return true;
}

static bool
fake_next_call(void *arg, uint32_t *at, struct control_call *out)
{
	uint64_t n = *at + 1;

	if (!fake_find_call(arg, n << 32 | n, out))
		return false;
	(*at)++;
	return true;
}

static bool
fake_next_trunk(void *arg, uint32_t *at, struct control_trunk *out)
{
	static const struct control_trunk trunks[] = {
		{ .name = SPAN("pbx"),
		    .transport = "udp",
		    .peer = SPAN("192.0.2.10:5060"),
		    .state = "up",
		    .calls = 12,
		    .calls_in = 3400 },
		{ .name = SPAN("twilio"),
		    .transport = "tls",
		    .peer = SPAN("198.51.100.1:5061"),
		    .state = "down",
		    .reason = SPAN("certificate \033[2Jexpired"),
		    .calls = 12,
		    .calls_limit = 12,
		    .calls_out = 3400,
		    .failed = 4,
		    .refused = 9 },
	};

	(void)arg;
	if (*at >= ARRAY_LEN(trunks))
		return false;
	*out = trunks[(*at)++];
	return true;
}

static bool
fake_next_counter(void *arg, uint32_t *at, struct control_counter *out)
{
	(void)arg;
	if (*at >= 3)
		return false;
	*out = (struct control_counter){ "net.datagrams", 1000 * *at,
		"datagrams that came in" };
	(*at)++;
	return true;
}

/* As long as it is busy, a reload waits; each is done when it is asked for. */
static uint64_t
fake_reload(void *arg)
{
	(void)arg;
	return ++fake.reloads;
}

static bool
fake_reload_result(void *arg, uint64_t reload, bool *good,
    const struct problems **problems)
{
	int i;

	(void)arg;
	ck_assert_uint_le(reload, fake.reloads);
	if (fake.busy)
		return false;
	problems_fini(&fake.problems);
	problem_add(
	    &fake.problems, PROBLEM_WARNING, "cordon.conf", 3, "careful");
	if (fake.refuse)
		problem_add(&fake.problems, PROBLEM_ERROR, "cordon.conf", 7,
		    "unknown option \"lisen\"");
	for (i = 0; fake.many && i < 300; i++)
		problem_add(&fake.problems, PROBLEM_WARNING, "x", i, "more");
	*good = !fake.refuse;
	*problems = &fake.problems;
	return true;
}

static void
fake_numbers(void *arg, struct control_numbers *out)
{
	(void)arg;
	out->inventory = fake.inventory;
	out->today = 20778; /* 2026-11-21 */
}

static void
fake_drain(void *arg)
{
	struct control_call call;

	(void)arg;
	fake.draining = true;
	/* Calls may end while a request is answered. */
	ck_assert(fake_find_call(NULL, 1ull << 32 | 1, &call));
	if (fake.control != NULL)
		control_call_event(fake.control, "end", &call);
}

static void
fake_print_config(void *arg, FILE *out)
{
	(void)arg;
	fputs("journal = {\n\tfile = \"/var/log/x\";\n};\n", out);
}

static void
note(struct memory_chain *chain, const struct journal_entry *entry)
{
	struct journal_entry e = *entry;

	e.time = 1795255200123000;
	e.call = 0x7f3a000000000001;
	ck_assert(memory_note(chain, NULL, &e));
}

/* A call with one of each kind of entry. */
static void
note_story(struct memory_chain *chain)
{
	static const struct journal_entry story[] = {
		{ .kind = JOURNAL_CALL,
		    .leg = JOURNAL_CALLER,
		    .trunk = SPAN("pbx"),
		    .target = SPAN("From"),
		    .after = SPAN("\"Ann\" <sip:100@192.168.1.10>;tag=as58f") },
		{ .kind = JOURNAL_CALL,
		    .leg = JOURNAL_CALLER,
		    .trunk = SPAN("pbx"),
		    .target = SPAN("Call-ID"),
		    .before = SPAN("192.0.2.10:5060"),
		    .after = SPAN("a84b4c76e66710@pbx") },
		{ .kind = JOURNAL_CALL,
		    .leg = JOURNAL_CALLEE,
		    .trunk = SPAN("twilio"),
		    .target = SPAN("To"),
		    .after = SPAN("<sip:+15551234@twilio.example>;tag=8812") },
		{ .kind = JOURNAL_REWRITE,
		    .leg = JOURNAL_CALLEE,
		    .stage = STAGE_OUT,
		    .cseq = 1,
		    .trunk = SPAN("twilio"),
		    .message = SPAN("INVITE"),
		    .target = SPAN("P-Asserted-Identity[0]"),
		    .before = SPAN("<sip:+442071234567@pbx>"),
		    .after = SPAN("<sip:+442079460000@sbc.example.com>"),
		    .rule = SPAN("policies/twilio-termination.conf:12"),
		    .reason = SPAN("+442071234567 is not in the inventory of "
		                   "twilio; the trunk's own number stands in "
		                   "its place.") },
		{ .kind = JOURNAL_REWRITE,
		    .leg = JOURNAL_CALLEE,
		    .stage = STAGE_OUT,
		    .cseq = 1,
		    .trunk = SPAN("twilio"),
		    .message = SPAN("INVITE"),
		    .target = SPAN("X-Secret-\033[2J"),
		    .before = SPAN("line one\r\nline two\x9b"),
		    .rule = SPAN("builtin:whitelist") },
		{ .kind = JOURNAL_VETO,
		    .leg = JOURNAL_CALLEE,
		    .stage = STAGE_GUARD,
		    .cseq = 1,
		    .trunk = SPAN("twilio"),
		    .message = SPAN("INVITE"),
		    .target = SPAN("Call-ID"),
		    .before = SPAN("9Zx31@sbc"),
		    .after = SPAN("mine@sbc"),
		    .rule = SPAN("policies/x.conf:3") },
		{ .kind = JOURNAL_DIAGNOSIS,
		    .leg = JOURNAL_CALLEE,
		    .trunk = SPAN("twilio"),
		    .message = SPAN("403 INVITE"),
		    .target = SPAN("Warning"),
		    .before = SPAN("399 \"caller id not allowed\"") },
		{ .kind = JOURNAL_END, .reason = SPAN("the callee refused") },
	};
	struct journal_entry entry;
	size_t i;

	for (i = 0; i < ARRAY_LEN(story); i++) {
		entry = story[i];
		if (i == 3)
			entry.diagnostic =
			    diagnosis_find(SPAN("CLI-PAI-NOT-OWNED"));
		if (i == 6)
			entry.diagnostic = diagnosis_find(SPAN("CLI-MISMATCH"));
		note(chain, &entry);
	}
}

static void
end_story(uint64_t id, const char *number)
{
	struct memory_chain chain = { 0 };
	struct memory_summary summary = { .call = id,
		.start = 1795255200123000,
		.end = 1795255203623000,
		.status = 403,
		.fault = true,
		.reason = SPAN("the callee refused"),
		.diagnostic = diagnosis_find(SPAN("CLI-MISMATCH")),
		.trunk = { SPAN("pbx"), SPAN("twilio") },
		.call_id = { SPAN("a84b4c76e66710@pbx"), SPAN("77Zx@sbc") },
		.number = { SPAN("+442071234567"), span_of(number) } };

	note_story(&chain);
	memory_end(fake.memory, &chain, &summary);
}

static void
start_control(void)
{
	struct problems problems;

	problems_init(&problems);
	fake.control = control_start(fake.base, path, &fake.ops, &problems);
	problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(fake.control);
	problems_fini(&problems);
}

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	snprintf(directory, sizeof(directory), "/tmp/cordon-control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/sock", directory);
	fake.base = event_base_new();
	fake.memory = memory_create(1 << 20);
	fake.calls = 2;
	fake.ops = (struct control_ops){ .tick = fake_tick,
		.status = fake_status,
		.next_call = fake_next_call,
		.find_call = fake_find_call,
		.next_trunk = fake_next_trunk,
		.next_counter = fake_next_counter,
		.numbers = fake_numbers,
		.reload = fake_reload,
		.reload_result = fake_reload_result,
		.drain = fake_drain,
		.print_config = fake_print_config,
		.memory = fake.memory };
	end_story(0x7f3a000000000001, "+15559876");
	note_story(&fake.chain);
}

static void
setup_control(void)
{
	setup();
	start_control();
}

static void
teardown(void)
{
	control_stop(fake.control);
	problems_fini(&fake.problems);
	inventory_unref(fake.inventory);
	memory_drop(&fake.chain);
	memory_destroy(fake.memory);
	event_base_free(fake.base);
	unlink(path);
	rmdir(directory);
}

/* ---- requests without a socket ---- */

static char answer[4 * 1024 * 1024];

/* The whole answer, as a string. */
static const char *
answer_to_span(struct span line)
{
	static char step[REQUEST_STEP_MAX];
	struct request request;
	struct text out = text_over(step, sizeof(step));
	struct text all = text_over(answer, sizeof(answer));
	enum request_state state = request_start(
	    &request, &fake.ops, line, &out);

	for (;;) {
		text_add(&all, text_span(&out));
		if (state != REQUEST_MORE)
			break;
		out.len = 0;
		state = request_step(&request, &out);
	}
	ck_assert(!all.overflow);
	return text_cstr(&all);
}

static const char *
answer_to(const char *line)
{
	return answer_to_span(span_of(line));
}

static unsigned
count_lines(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

/* The first line of the answer, as JSON that the caller drops. */
static json_t *
first_of(const char *text)
{
	json_t *line = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);

	ck_assert_msg(line != NULL, "not JSON: %s", text);
	return line;
}

static void
check_error(const char *request, int exit_status, const char *words)
{
	json_t *line = first_of(answer_to(request));
	const char *error = json_string_value(json_object_get(line, "error"));

	ck_assert_msg(error != NULL, "no error: %s -> %s", request, answer);
	ck_assert_msg(strstr(error, words) != NULL, "%s -> %s", request, error);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(line, "exit")), exit_status);
	ck_assert_uint_eq(count_lines(answer), 1);
	json_decref(line);
}

START_TEST(request_refuses_what_is_not_one)
{
	char deep[4000];

	check_error("", 2, "one JSON object");
	check_error("garbage", 2, "one JSON object");
	check_error("[]", 2, "one JSON object");
	check_error("{}", 2, "has a \"command\"");
	check_error("{\"command\":7}", 2, "has a \"command\"");
	check_error("{\"command\":\"wyh\"}", 2, "is it \"why\"?");
	check_error("{\"command\":\"check\"}", 2, "needs no daemon");
	check_error("{\"command\":\"why\",\"arguments\":7}", 2, "arguments");
	check_error("{\"command\":\"why\",\"arguments\":[7]}", 2, "arguments");
	check_error("{\"command\":\"why\",\"arguments\":"
	            "[\"1\",\"2\",\"3\",\"4\",\"5\"]}", 2, "up to four");
	check_error("{\"command\":\"status\",\"command\":\"why\"}", 2,
	    "one JSON object");
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	check_error(deep, 2, "one JSON object");
	answer_to_span(SPAN("{\"command\":\"a\\u0000\xff\"}"));
}
END_TEST

START_TEST(request_knows_what_is_missing)
{
	fake.ops = (struct control_ops){ 0 };
	check_error("{\"command\":\"status\"}", 2, "not available");
	check_error("{\"command\":\"trunks\"}", 2, "not available");
	check_error("{\"command\":\"calls\"}", 2, "not available");
	check_error("{\"command\":\"counters\"}", 2, "not available");
	check_error("{\"command\":\"show config\"}", 2, "not available");
	check_error("{\"command\":\"reload\"}", 2, "not available");
	check_error("{\"command\":\"drain\"}", 2, "not available");
	check_error("{\"command\":\"why\",\"arguments\":[\"7f3a\"]}", 1,
	    "no call");
	ck_assert_str_eq(answer_to("{\"command\":\"why\"}"),
	    "{\"end\":true,\"count\":0}\n");
}
END_TEST

START_TEST(request_checks_arguments)
{
	static const char *const none[] = { "status", "counters",
		"reload", "drain", "show config" };
	char line[100];
	size_t i;

	for (i = 0; i < ARRAY_LEN(none); i++) {
		snprintf(line, sizeof(line),
		    "{\"command\":\"%s\",\"arguments\":[\"x\"]}", none[i]);
		check_error(line, 2, "usage: ");
	}
	check_error("{\"command\":\"trunks\",\"arguments\":[\"a\",\"b\"]}", 2,
	    "usage: trunks [NAME]");
	check_error("{\"command\":\"trunks\",\"arguments\":[\"twilo\"]}", 1,
	    "no trunk has the name");
	check_error("{\"command\":\"calls\",\"arguments\":[\"--folow\"]}", 2,
	    "usage: calls [--follow]");
	check_error("{\"command\":\"call\",\"arguments\":[\"12\"]}", 2,
	    "16 hexadecimal digits");
	check_error("{\"command\":\"log level\",\"arguments\":[\"loud\"]}", 2,
	    "error, warning, info or debug");
}
END_TEST

START_TEST(request_tells_the_status)
{
	json_t *s = first_of(answer_to("{\"command\":\"status\"}"));

	ck_assert_str_eq(field_string(s, "state"), "running");
	ck_assert_str_eq(field_string(s, "version"), "1.2.3");
	ck_assert_str_eq(
	    field_string(s, "started"), "2026-11-21T10:00:00.000Z");
	ck_assert_uint_eq(
	    field_number(json_object_get(s, "calls"), "failed"), 7);
	ck_assert_uint_eq(
	    field_number(json_object_get(s, "memory"), "calls"), 1);
	json_decref(s);
}
END_TEST

START_TEST(request_sets_the_log_level)
{
	log_set_level(LOG_LEVEL_INFO);
	ck_assert_str_eq(answer_to("{\"command\":\"log level\"}"),
	    "{\"level\":\"info\"}\n");
	ck_assert_str_eq(
	    answer_to("{\"command\":\"log level\",\"arguments\":[\"debug\"]}"),
	    "{\"level\":\"debug\"}\n");
	ck_assert_int_eq(log_get_level(), LOG_LEVEL_DEBUG);
}
END_TEST

static const char numbers[] =
    "+442079460000..+442079460099 label=\"say \\hi\\\" verified=2026-03-01 "
    "expires=2027-03-01\n"
    "+442079460100-99 owner=bravo expires=2026-01-01\n"
    "+15125550100 verified=no\n";

static void
load_numbers(void)
{
	struct problems problems;

	problems_init(&problems);
	fake.inventory = inventory_load_text(
	    span_of(numbers), "acme.numbers", 0, &problems);
	ck_assert_ptr_nonnull(fake.inventory);
	problems_fini(&problems);
}

#define DID(number) "{\"command\":\"did\",\"arguments\":[\"" number "\"]}"

START_TEST(request_asks_about_a_number)
{
	check_error(DID("+442079460000"), 1, "has no inventory");
	load_numbers();
	check_error("{\"command\":\"did\"}", 2, "usage: did NUMBER");
	check_error(DID("02079460000"), 2, "with its country code");
	check_error(DID("+44x"), 2, "with its country code");
	check_error(DID("+"), 2, "with its country code");
	check_error(DID("1234567890123456"), 2, "with its country code");
	check_error(DID("12345678901234567890123456789012345678901234567890"),
	    2, "with its country code");
	ck_assert_str_eq(answer_to(DID("+44 (20) 7946-0042")),
	    "{\"number\":\"+442079460042\",\"known\":true,\"valid\":true,"
	    "\"entry\":{\"range\":\"+442079460000..+442079460099\","
	    "\"numbers\":100,\"owner\":\"acme\","
	    "\"label\":\"say \\\\hi\\\\\",\"verified\":true,"
	    "\"verified_on\":\"2026-03-01\",\"expires\":\"2027-03-01\","
	    "\"expired\":false,\"file\":\"acme.numbers\",\"line\":1},"
	    "\"entries\":3}\n");
	ck_assert_ptr_nonnull(
	    strstr(answer_to(DID("442079460100")), "\"expired\":true"));
	ck_assert_ptr_nonnull(
	    strstr(answer_to(DID("15125550100")), "\"verified\":false"));
	ck_assert_str_eq(answer_to(DID("+1512555010")),
	    "{\"number\":\"+1512555010\",\"known\":false,\"valid\":false,"
	    "\"below\":{\"range\":\"+15125550100\",\"numbers\":1,"
	    "\"owner\":\"acme\",\"verified\":false,\"expired\":false,"
	    "\"file\":\"acme.numbers\",\"line\":3},"
	    "\"above\":{\"range\":\"+442079460000..+442079460099\","
	    "\"numbers\":100,\"owner\":\"acme\","
	    "\"label\":\"say \\\\hi\\\\\",\"verified\":true,"
	    "\"verified_on\":\"2026-03-01\",\"expires\":\"2027-03-01\","
	    "\"expired\":false,\"file\":\"acme.numbers\",\"line\":1},"
	    "\"entries\":3}\n");
}
END_TEST

START_TEST(request_reloads_or_says_why_not)
{
	json_t *line = first_of(answer_to("{\"command\":\"reload\"}"));
	const json_t *problems = json_object_get(line, "problems");

	ck_assert(json_is_true(json_object_get(line, "reloaded")));
	ck_assert_uint_eq(json_array_size(problems), 1);
	json_decref(line);
	fake.refuse = true;
	line = first_of(answer_to("{\"command\":\"reload\"}"));
	problems = json_object_get(line, "problems");
	ck_assert_uint_eq(field_number(line, "exit"), 1);
	ck_assert_uint_eq(json_array_size(problems), 2);
	/* The error before the warning, which was found first. */
	ck_assert_str_eq(
	    field_string(json_array_get(problems, 0), "level"), "error");
	ck_assert_uint_eq(
	    field_number(json_array_get(problems, 0), "line"), 7);
	json_decref(line);
	fake.many = true;
	line = first_of(answer_to("{\"command\":\"reload\"}"));
	problems = json_object_get(line, "problems");
	ck_assert_uint_eq(json_array_size(problems), 201);
	ck_assert_str_eq(
	    field_string(json_array_get(problems, 200), "text"),
	    "102 more problems; the log has them");
	json_decref(line);
}
END_TEST

START_TEST(request_lists_many_calls_in_steps)
{
	const char *text;

	fake.calls = 3000;
	text = answer_to("{\"command\":\"calls\"}");
	ck_assert_uint_eq(count_lines(text), 3001);
	ck_assert_ptr_nonnull(strstr(text, "{\"end\":true,\"count\":3000}\n"));
}
END_TEST

static void
check_why(const char *what, const char *call, unsigned lines)
{
	char request[200];
	json_t *first;

	snprintf(request, sizeof(request),
	    "{\"command\":\"why\",\"arguments\":[\"%s\"]}", what);
	first = first_of(answer_to(request));
	ck_assert_str_eq(field_string(first, "call"), call);
	ck_assert_ptr_null(json_object_get(first, "candidate"));
	ck_assert_uint_eq(count_lines(answer), lines);
	json_decref(first);
}

START_TEST(request_why_finds_a_call_by_what_is_known_of_it)
{
	check_why("7f3a000000000001", "7f3a000000000001", 10);
	check_why("7F3A", "7f3a000000000001", 10);
	check_why("c76e667", "7f3a000000000001", 10);
	check_why("9876", "7f3a000000000001", 10);
	check_why("0000000200000002", "0000000200000002", 10);
	check_why("leg-2-a", "0000000200000002", 10);
	ck_assert_ptr_nonnull(strstr(answer, "\"state\":\"up\""));
	check_error("{\"command\":\"why\",\"arguments\":[\"nobody\"]}", 1,
	    "matches \"nobody\"");
	check_error("{\"command\":\"why\",\"arguments\":[\"ffffffffffffffff\"]}",
	    1, "no call");
}
END_TEST

START_TEST(request_why_lists_what_is_ambiguous)
{
	unsigned i;

	/* Both live calls and the ended one have that number. */
	answer_to("{\"command\":\"why\",\"arguments\":[\"2071234\"]}");
	ck_assert_uint_eq(count_lines(answer), 4);
	ck_assert_ptr_nonnull(strstr(answer, "{\"candidate\":true,"));
	ck_assert_ptr_nonnull(strstr(answer, "{\"end\":true,\"count\":3}\n"));
	for (i = 2; i < 50; i++)
		end_story(0x7f3a000000000000 + i, "+15550000");
	answer_to("{\"command\":\"why\"}");
	ck_assert_uint_eq(count_lines(answer), 21);
	ck_assert_ptr_nonnull(
	    strstr(answer, "{\"candidate\":true,\"call\":\"7f3a000000000031\""));
	answer_to("{\"command\":\"why\",\"arguments\":[\"2071234\"]}");
	ck_assert_uint_eq(count_lines(answer), 21);
}
END_TEST

START_TEST(request_why_prefers_the_id_to_other_text)
{
	struct memory_chain chain = { 0 };
	struct memory_summary other = { .call = 0x1111000000000000,
		.call_id = { SPAN("x7f3ax@pbx"), SPAN_NONE } };

	memory_end(fake.memory, &chain, &other);
	check_why("7f3a", "7f3a000000000001", 10);
	check_why("x7f3ax", "1111000000000000", 2);
}
END_TEST

/* ---- the socket ---- */

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Turns the loop until it is so, or the deadline fails the test. */
#define TURN_UNTIL(condition)                                                  \
	do {                                                                   \
		uint64_t turn_end = now_ms() + DEADLINE_MS;                    \
		while (!(condition)) {                                         \
			if (now_ms() > turn_end)                               \
				ck_abort_msg("never: %s", #condition);         \
			if (event_base_loop(fake.base,                         \
			        EVLOOP_ONCE | EVLOOP_NONBLOCK) == -1)          \
				ck_abort_msg("the loop broke");                \
		}                                                              \
	} while (0)

static int
try_connect(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
connect_client(void)
{
	int fd;

	TURN_UNTIL((fd = try_connect()) != -1);
	return fd;
}

static struct control_figures
figures(void)
{
	struct control_figures f;

	control_get_figures(fake.control, &f);
	return f;
}

static void
send_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = send(fd, text, n, MSG_NOSIGNAL);

		if (done > 0) {
			text += done;
			n -= (size_t)done;
		} else if (errno != EAGAIN) {
			return; /* it hung up: what it said can still be read */
		}
		event_base_loop(fake.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
}

static void
send_str(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

/* Reads until `end` is there or, with NULL, until the other side closes. */
static const char *
read_until(int fd, const char *end)
{
	size_t n = 0;
	ssize_t got = 0;

	answer[0] = '\0';
	TURN_UNTIL((got = recv(fd, answer + n, sizeof(answer) - n - 1, 0),
	    n += got > 0 ? (size_t)got : 0, answer[n] = '\0',
	    got == 0 || (got == -1 && errno == ECONNRESET) ||
	        (end != NULL && strstr(answer, end) != NULL)));
	return answer;
}

START_TEST(socket_has_its_mode_and_goes_away)
{
	struct stat st;

	umask(0);
	start_control();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	control_stop(fake.control);
	fake.control = NULL;
	ck_assert_int_eq(stat(path, &st), -1);
	umask(077);
	start_control();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
}
END_TEST

static void
check_refused(const char *words)
{
	struct problems problems;

	problems_init(&problems);
	ck_assert_ptr_null(
	    control_start(fake.base, path, &fake.ops, &problems));
	ck_assert_uint_eq(problems.n, 1);
	ck_assert_msg(strstr(problems.list[0].text, words) != NULL, "%s",
	    problems.list[0].text);
	problems_fini(&problems);
}

START_TEST(socket_of_a_live_daemon_is_refused)
{
	struct stat st;

	start_control();
	check_refused("another daemon");
	ck_assert_int_eq(stat(path, &st), 0);
}
END_TEST

START_TEST(socket_of_a_dead_daemon_is_replaced)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sa.sun_path, path, strlen(path) + 1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	close(fd);
	start_control();
	fd = connect_client();
	send_str(fd, "{\"command\":\"drain\"}\n");
	ck_assert_str_eq(read_until(fd, "\n"), "{\"draining\":true}\n");
	close(fd);
}
END_TEST

START_TEST(socket_replaces_nothing_else)
{
	FILE *file = fopen(path, "w");

	fclose(file);
	check_refused("not a socket");
	ck_assert_int_eq(access(path, F_OK), 0);
	memset(path + strlen(directory), 'x', 10);
	snprintf(path, sizeof(path), "%s/no/such", directory);
	check_refused("No such file");
	snprintf(path, sizeof(path), "%s/sock", directory);
}
END_TEST

START_TEST(client_asks_in_pieces_and_in_a_row)
{
	int fd = connect_client();
	json_t *line;

	send_str(fd, "{\"comm");
	TURN_UNTIL(figures().clients == 1);
	send_str(fd, "and\":\"status\"}\n{\"command\":\"trunks\"}\ngarbage\n");
	read_until(fd, "\"exit\":2}\n");
	ck_assert_uint_eq(count_lines(answer), 5);
	line = first_of(answer);
	ck_assert_str_eq(field_string(line, "state"), "running");
	json_decref(line);
	ck_assert_uint_eq(figures().requests, 3);
	ck_assert_uint_gt(fake.ticks, 0);
	close(fd);
	TURN_UNTIL(figures().clients == 0);
	ck_assert_uint_eq(figures().dropped, 0);
}
END_TEST

/* A reload that takes time holds up nobody else, and costs no turns. */
START_TEST(client_waits_for_a_reload)
{
	int fd = connect_client(), second = connect_client();
	unsigned ticks, i;

	fake.busy = true;
	send_str(fd, "{\"command\":\"reload\"}\n{\"command\":\"drain\"}\n");
	shutdown(fd, SHUT_WR);
	send_str(second, "{\"command\":\"reload\"}\n");
	TURN_UNTIL(figures().requests == 2);
	send_str(second, "{\"command\":\"drain\"}\n");
	for (i = 0; i < 20; i++)
		event_base_loop(fake.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ticks = fake.ticks;
	for (i = 0; i < 20; i++)
		event_base_loop(fake.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_eq(fake.ticks, ticks);
	ck_assert_uint_eq(figures().requests, 2);
	/* Woken, and it is not done yet. */
	control_wake(fake.control);
	for (i = 0; i < 20; i++)
		event_base_loop(fake.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_eq(figures().requests, 2);
	fake.busy = false;
	control_wake(fake.control);
	read_until(fd, NULL);
	ck_assert_uint_eq(count_lines(answer), 2);
	ck_assert_ptr_nonnull(strstr(answer, "{\"reloaded\":true"));
	ck_assert_ptr_nonnull(strstr(answer, "{\"draining\":true}"));
	read_until(second, "{\"draining\":true}");
	ck_assert_uint_eq(fake.reloads, 2);
	close(fd);
	close(second);
	TURN_UNTIL(figures().clients == 0);
	control_wake(NULL);
}
END_TEST

/* One that goes away while it waits. */
START_TEST(client_waits_no_longer)
{
	int fd = connect_client();

	fake.busy = true;
	send_str(fd, "{\"command\":\"reload\"}\n");
	TURN_UNTIL(figures().requests == 1);
	close(fd);
	fake.busy = false;
	control_wake(fake.control);
	TURN_UNTIL(figures().clients == 0);
}
END_TEST

START_TEST(client_that_has_said_all_is_answered)
{
	int fd = connect_client();

	fake.calls = 2000;
	send_str(fd, "{\"command\":\"calls\"}\n{\"command\":\"status\"}\nhalf");
	shutdown(fd, SHUT_WR);
	read_until(fd, NULL);
	ck_assert_uint_eq(count_lines(answer), 2002);
	TURN_UNTIL(figures().clients == 0);
	close(fd);
}
END_TEST

START_TEST(client_with_a_long_line_is_told_and_dropped)
{
	static char megabyte[1 << 20];
	int fd = connect_client();

	memset(megabyte, 'x', sizeof(megabyte));
	send_all(fd, megabyte, sizeof(megabyte));
	ck_assert_ptr_nonnull(strstr(read_until(fd, "\n"), "65536 bytes"));
	close(fd);
	TURN_UNTIL(figures().clients == 0);
	ck_assert_uint_eq(figures().dropped, 1);

	/* The longest that is taken is one byte shorter. */
	fd = connect_client();
	send_all(fd, megabyte, CONTROL_LINE_MAX - 1);
	send_str(fd, "\n{\"command\":\"drain\"}\n");
	ck_assert_ptr_nonnull(
	    strstr(read_until(fd, "draining"), "one JSON object"));
	close(fd);
}
END_TEST

START_TEST(client_that_does_not_read_costs_little)
{
	int fd = connect_client(), other = connect_client();
	unsigned i;

	fake.calls = CALLS_MAX;
	for (i = 0; i < 50; i++)
		send_str(fd, "{\"command\":\"calls\"}\n");
	/* It stands still; others are served. */
	send_str(other, "{\"command\":\"drain\"}\n");
	ck_assert_str_eq(read_until(other, "\n"), "{\"draining\":true}\n");
	ck_assert_uint_eq(figures().clients, 2);
	for (i = 0; i < 3000; i++)
		event_base_loop(fake.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_le(figures().requests, 2);
	close(fd);
	close(other);
	TURN_UNTIL(figures().clients == 0);
}
END_TEST

START_TEST(follower_sees_events_until_it_does_not_read)
{
	int fd = connect_client();
	struct control_call call;
	unsigned i;

	send_str(fd, "{\"command\":\"calls\",\"arguments\":[\"--follow\"]}\n");
	read_until(fd, "\"call\":\"0000000200000002\"");
	ck_assert(fake_find_call(NULL, 1ull << 32 | 1, &call));
	control_call_event(fake.control, "answer", &call);
	read_until(fd, "{\"event\":\"answer\",\"call\":\"0000000100000001\"");
	for (i = 0; i < 20000 && figures().clients == 1; i++) {
		control_call_event(fake.control, "answer", &call);
		event_base_loop(fake.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	ck_assert_uint_eq(figures().clients, 0);
	ck_assert_uint_eq(figures().dropped, 1);
	close(fd);
}
END_TEST

START_TEST(a_thousand_clients_are_too_many)
{
	static int fd[1000];
	struct rlimit files;
	size_t i;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	for (i = 0; i < 1000; i++)
		fd[i] = connect_client();
	TURN_UNTIL(figures().accepted + figures().refused == 1000);
	ck_assert_uint_eq(figures().clients, CONTROL_CLIENTS_MAX);
	ck_assert_ptr_nonnull(strstr(read_until(fd[999], NULL), "too many"));
	send_str(fd[0], "{\"command\":\"drain\"}\n");
	ck_assert_str_eq(read_until(fd[0], "\n"), "{\"draining\":true}\n");
	for (i = 0; i < 1000; i++)
		close(fd[i]);
	TURN_UNTIL(figures().clients == 0);
	fd[0] = connect_client();
	TURN_UNTIL(figures().clients == 1);
	close(fd[0]);
}
END_TEST

START_TEST(listener_survives_a_shortage_of_descriptors)
{
	struct rlimit files;
	int fd = connect_client(), low;

	TURN_UNTIL(figures().clients == 1);
	low = try_connect();
	ck_assert_int_ne(low, -1);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	send_str(fd, "{\"command\":\"drain\"}\n");
	ck_assert_str_eq(read_until(fd, "\n"), "{\"draining\":true}\n");
	ck_assert_uint_eq(figures().clients, 1);
	files.rlim_cur = files.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	TURN_UNTIL(figures().clients == 2);
	close(fd);
	close(low);
}
END_TEST

/* ---- the command against it ---- */

#define NOBODY 65534
#define GROUP  61234 /* one that nobody else has */

static char printed[1 << 20], complained[1 << 16];
static bool as_nobody;
static size_t groups; /* that nobody is in, beside its own: GROUP */

static void
become_nobody(void)
{
	const gid_t group = GROUP;

	if (setgroups(groups, &group) != 0 || setgid(NOBODY) != 0 ||
	    setuid(NOBODY) != 0)
		_exit(99);
}

static void
read_pipe(int fd, char *to, size_t room)
{
	size_t n = strlen(to);
	ssize_t got = read(fd, to + n, room - n - 1);

	if (got > 0)
		to[n + (size_t)got] = '\0';
}

/* Runs it in a process of its own while the daemon's loop turns here. */
static int
cordon(const char *const words[])
{
	char *argv[12] = { (char *)(uintptr_t)"cordon" };
	int out[2], err[2], status = -1, argc = 1;
	pid_t pid;

	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	argv[argc++] = (char *)(uintptr_t)"--socket";
	argv[argc++] = path;
	ck_assert_int_eq(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	ck_assert_int_eq(pipe2(err, O_CLOEXEC | O_NONBLOCK), 0);
	pid = fork();
	if (pid == 0) {
		FILE *o = fdopen(out[1], "w"), *e = fdopen(err[1], "w");

		fcntl(out[1], F_SETFL, 0);
		if (as_nobody)
			become_nobody();
		status = cli_run(argc, argv, o, e);
		fclose(o);
		fclose(e);
		_exit(status);
	}
	close(out[1]);
	close(err[1]);
	printed[0] = complained[0] = '\0';
	TURN_UNTIL((read_pipe(out[0], printed, sizeof(printed)),
	    read_pipe(err[0], complained, sizeof(complained)),
	    waitpid(pid, &status, WNOHANG) == pid));
	read_pipe(out[0], printed, sizeof(printed));
	read_pipe(err[0], complained, sizeof(complained));
	close(out[0]);
	close(err[0]);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define CORDON(...) cordon((const char *const[]){ __VA_ARGS__, NULL })

/* Printed, and without one raw control byte but line ends and tabs. */
static void
check_printed(const char *words)
{
	const char *p;

	ck_assert_msg(
	    strstr(printed, words) != NULL, "not there: %s\n%s", words, printed);
	ck_assert_ptr_null(strstr(printed, " \n"));
	for (p = printed; *p != '\0'; p++)
		ck_assert((unsigned char)*p >= 0x20 || *p == '\n' || *p == '\t');
}

START_TEST(cordon_shows_tables)
{
	ck_assert_int_eq(CORDON("status"), 0);
	check_printed("cordond      1.2.3, running, process ");
	check_printed("2 now of 5000; 12345 since the start");
	ck_assert_int_eq(CORDON("trunks"), 0);
	check_printed("TRUNK   STATE  PEER");
	check_printed("twilio  down   tls:198.51.100.1:5061  12/12");
	check_printed("certificate \\x1b[2Jexpired");
	ck_assert_int_eq(CORDON("trunks", "twilio"), 0);
	check_printed("trunk        twilio, down: certificate \\x1b[2Jexpired\n");
	check_printed("12 now of 12; since the start 0 in, 3400 out, 4 failed");
	check_printed("  REFER: not known yet\n");
	ck_assert_int_eq(CORDON("calls"), 0);
	check_printed("0000000200000002  up");
	ck_assert_int_eq(CORDON("counters"), 0);
	check_printed("net.datagrams   2000  datagrams that came in");
	ck_assert_int_eq(CORDON("call", "0000000100000001"), 0);
	check_printed("  Call-ID    leg-1-a@pbx");
	ck_assert_int_eq(CORDON("show", "config"), 0);
	check_printed("\tfile = \"/var/log/x\";\n");
	ck_assert_int_eq(CORDON("log", "level", "warning"), 0);
	check_printed("log level warning\n");
	ck_assert_int_eq(CORDON("drain"), 0);
}
END_TEST

START_TEST(cordon_tells_the_story_of_a_call)
{
	ck_assert_int_eq(CORDON("why", "7f3a"), 0);
	check_printed("Call 7f3a000000000001  failed  2026-11-21 10:00:00 UTC\n");
	check_printed("caller      +442071234567  on trunk pbx\n");
	check_printed("  peer      192.0.2.10:5060\n");
	check_printed("  From      \"Ann\" <sip:100@192.168.1.10>;tag=as58f\n");
	check_printed("INVITE 1  callee twilio, rendered for the trunk");
	check_printed("  P-Asserted-Identity[0]\n"
	              "    - <sip:+442071234567@pbx>\n"
	              "    + <sip:+442079460000@sbc.example.com>\n"
	              "    CLI-PAI-NOT-OWNED  ");
	check_printed("    rule policies/twilio-termination.conf:12\n");
	check_printed("  X-Secret-\\x1b[2J\n    - line one\n"
	              "    - line two\\x9b\n    rule builtin:whitelist\n");
	check_printed("  Call-ID  vetoed: it stays as it was\n"
	              "    = 9Zx31@sbc\n    x mine@sbc\n");
	check_printed("\nDiagnosed\n  403 INVITE  callee twilio");
	check_printed("\nEnd\n  not answered, ended after 3.5 s\n"
	              "  final response 403\n"
	              "  the callee refused\n"
	              "  CLI-MISMATCH  ");
	if (getenv("SHOW") != NULL)
		fputs(printed, stderr);
	ck_assert_int_eq(CORDON("why"), 0);
	check_printed("CALL              START");
	ck_assert_int_eq(CORDON("why", "2071234"), 1);
	check_printed("0000000100000001");
}
END_TEST

START_TEST(cordon_knows_numbers)
{
	char file[96];
	FILE *f;

	load_numbers();
	ck_assert_int_eq(CORDON("did", "442079460042"), 0);
	check_printed("+442079460042 is in an entry of the inventory\n"
		      "entry        +442079460000..+442079460099, 100 numbers\n"
		      "owner        acme\n"
		      "label        say \\hi\\\n"
		      "verified     2026-03-01\n"
		      "expires      2027-03-01\n"
		      "written in   acme.numbers:1\n");
	ck_assert_int_eq(CORDON("did", "+1512555010"), 1);
	check_printed("+1512555010 is in no entry of the inventory\n"
		      "but          the plan of its country has no such number\n"
		      "below        +15125550100 of acme, acme.numbers:3\n"
		      "above        +442079460000..+442079460099 of acme, "
		      "acme.numbers:1\n");
	snprintf(file, sizeof(file), "%s/delta.numbers", directory);
	f = fopen(file, "w");
	fputs("+442079460001 verified=yes\n", f);
	fclose(f);
	ck_assert_int_eq(CORDON("did", "--file", file, "+442079460001"), 0);
	check_printed("owner        delta\n"
		      "verified     yes\n"
		      "written in   ");
	ck_assert_int_eq(CORDON("did", "+442079460002", "--file", file), 1);
	ck_assert_int_eq(CORDON("did", "02079460002", "--file", file), 2);
	ck_assert_int_eq(CORDON("did", "--file", file), 2);
	ck_assert_ptr_nonnull(strstr(complained, "usage: cordon did NUMBER"));
	ck_assert_int_eq(CORDON("did", "+442079460002", "--file"), 2);
	unlink(file);
	ck_assert_int_eq(CORDON("did", "+442079460002", "--file", file), 1);
	ck_assert_ptr_nonnull(strstr(complained, "cannot be read"));
}
END_TEST

/* One that the daemon has kept, through two policies. */
START_TEST(cordon_replays_what_the_daemon_kept)
{
	static struct sip_message msg;
	struct recent_invite invite = { .time = 1795255200000000,
		.trunk = SPAN("caller") };
	struct sip_fault fault;
	char old[96], new[96];
	FILE *f;

	ck_assert_int_eq(CORDON("invites"), 1);
	ck_assert_ptr_nonnull(strstr(complained, "journal.invites is 0"));
	fake.ops.recent = fake.recent = recent_create(4096);
	ck_assert(address_parse(SPAN("192.0.2.10:5060"), 0, &invite.from));
	ck_assert(sip_index(&msg,
	    SPAN("INVITE sip:1@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1"
		 "\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: kept@a"
		 "\r\nCSeq: 1 INVITE\r\nSubject: \xff\r\n\r\n"), &fault));
	recent_add(fake.recent, &invite, &msg);
	ck_assert_int_eq(CORDON("invites"), 0);
	check_printed("2026-11-21 10:00:00  caller  192.0.2.10:5060");
	check_printed("INVITE sip:1@b SIP/2.0\n");
	snprintf(old, sizeof(old), "%s/old.conf", directory);
	snprintf(new, sizeof(new), "%s/new.conf", directory);
	f = fopen(old, "w");
	fputs("policy = { name = \"old\"; };", f);
	fclose(f);
	f = fopen(new, "w");
	fputs("policy = { name = \"new\"; headers = { absent = [ \"Subject\" ];"
	      " }; };", f);
	fclose(f);
	ck_assert_int_eq(
	    CORDON("replay", "--ring", "--old", old, "--new", new), 1);
	check_printed("1 INVITE, 1 would change; ");
	check_printed("kept@a");
	check_printed("Subject lost");
	unlink(old);
	unlink(new);
	recent_destroy(fake.recent);
	fake.ops.recent = NULL;
}
END_TEST

START_TEST(cordon_is_honest_in_its_exit_status)
{
	ck_assert_int_eq(CORDON("why", "nobody"), 1);
	ck_assert_ptr_nonnull(strstr(complained, "no call in progress"));
	ck_assert_str_eq(printed, "");
	ck_assert_int_eq(CORDON("counters", "all"), 2);
	ck_assert_str_eq(printed, "");
	ck_assert_int_eq(CORDON("call", "12"), 2);
	ck_assert_int_eq(CORDON("log", "level", "loud"), 2);
	ck_assert_int_eq(CORDON("whi"), 2);
	ck_assert_ptr_nonnull(strstr(complained, "is it \"why\"?"));
	ck_assert_int_eq(CORDON("show"), 2);
	ck_assert_ptr_nonnull(strstr(complained, "is it \"show config\"?"));
	ck_assert_int_eq(CORDON("why", "\xff"), 2);
	fake.refuse = true;
	ck_assert_int_eq(CORDON("reload"), 1);
	check_printed("cordon.conf:7: error: unknown option \"lisen\"");
	fake.refuse = false;
	ck_assert_int_eq(CORDON("reload"), 0);
	check_printed("reloaded\n");
	ck_assert_int_eq(CORDON("explain", "CLI-MISMATCH"), 0);
	ck_assert_int_eq(CORDON("explain", "CLI-MISMATC"), 1);
	ck_assert_ptr_nonnull(strstr(complained, "is it CLI-MISMATCH?"));
	ck_assert_int_eq(CORDON("check", "/no/such/file"), 1);
	ck_assert_int_eq(CORDON("check", "a", "b"), 2);
	control_stop(fake.control);
	fake.control = NULL;
	ck_assert_int_eq(CORDON("status"), 2);
	ck_assert_ptr_nonnull(strstr(complained, "is cordond running?"));
}
END_TEST

/* The rights of the file are opened here: what is left
 * is the check of our own. */
START_TEST(others_may_not_talk)
{
	if (geteuid() != 0)
		return; /* who is not root cannot become somebody else */
	as_nobody = true;
	ck_assert_int_eq(chmod(directory, 0755), 0);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(CORDON("status"), 2);
	ck_assert_ptr_nonnull(strstr(complained, "not allowed"));
	ck_assert_int_eq(CORDON("drain", "--json"), 2);
	ck_assert(!fake.draining);
	ck_assert_int_eq(chown(path, 0, GROUP), 0);
	ck_assert_int_eq(CORDON("status"), 2);
	groups = 1;
	ck_assert_int_eq(CORDON("status"), 0);
	ck_assert_int_eq(chown(path, 0, NOBODY), 0);
	groups = 0;
	ck_assert_int_eq(CORDON("status"), 0);
	ck_assert_uint_eq(figures().refused, 3);
}
END_TEST

static void
check_json_lines(void)
{
	char *line, *rest = printed;

	ck_assert_uint_gt(strlen(printed), 0);
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		json_t *o = json_loads(line, 0, NULL);

		ck_assert_msg(json_is_object(o), "not JSON: %s", line);
		json_decref(o);
	}
}

START_TEST(cordon_speaks_json_everywhere)
{
	static const char *const commands[] = { "status", "trunks", "calls",
		"counters", "why", "explain", "help", "reload", "drain" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(commands); i++) {
		ck_assert_int_eq(CORDON("--json", commands[i]), 0);
		check_json_lines();
	}
	ck_assert_int_eq(CORDON("why", "7f3a", "--json"), 0);
	ck_assert_uint_eq(count_lines(printed), 9);
	check_json_lines();
	ck_assert_int_eq(CORDON("check", "/no/such/file", "--json"), 1);
	check_json_lines();
}
END_TEST

START_TEST(commands_fit_the_screen)
{
	char *line, *rest = printed;
	unsigned i;

	ck_assert_int_eq(CORDON("help"), 0);
	while ((line = strsep(&rest, "\n")) != NULL)
		ck_assert_uint_le(strlen(line), 79);
	for (i = 0; i < COMMANDS; i++) {
		const struct command *c = command_get((enum command_id)i);

		ck_assert_int_eq(CORDON("help", c->name), 0);
		check_printed(c->name);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("control");
	TCase *requests = tcase_create("requests");
	TCase *start = tcase_create("start");
	TCase *clients = tcase_create("clients");

	tcase_add_checked_fixture(requests, setup, teardown);
	tcase_add_test(requests, request_refuses_what_is_not_one);
	tcase_add_test(requests, request_knows_what_is_missing);
	tcase_add_test(requests, request_checks_arguments);
	tcase_add_test(requests, request_tells_the_status);
	tcase_add_test(requests, request_sets_the_log_level);
	tcase_add_test(requests, request_asks_about_a_number);
	tcase_add_test(requests, request_reloads_or_says_why_not);
	tcase_add_test(requests, request_lists_many_calls_in_steps);
	tcase_add_test(
	    requests, request_why_finds_a_call_by_what_is_known_of_it);
	tcase_add_test(requests, request_why_lists_what_is_ambiguous);
	tcase_add_test(requests, request_why_prefers_the_id_to_other_text);
	suite_add_tcase(suite, requests);

	tcase_add_checked_fixture(start, setup, teardown);
	tcase_add_test(start, socket_has_its_mode_and_goes_away);
	tcase_add_test(start, socket_of_a_live_daemon_is_refused);
	tcase_add_test(start, socket_of_a_dead_daemon_is_replaced);
	tcase_add_test(start, socket_replaces_nothing_else);
	suite_add_tcase(suite, start);

	tcase_add_checked_fixture(clients, setup_control, teardown);
	tcase_set_timeout(clients, 60);
	tcase_add_test(clients, client_asks_in_pieces_and_in_a_row);
	tcase_add_test(clients, client_waits_for_a_reload);
	tcase_add_test(clients, client_waits_no_longer);
	tcase_add_test(clients, client_that_has_said_all_is_answered);
	tcase_add_test(clients, client_with_a_long_line_is_told_and_dropped);
	tcase_add_test(clients, client_that_does_not_read_costs_little);
	tcase_add_test(clients, follower_sees_events_until_it_does_not_read);
	tcase_add_test(clients, a_thousand_clients_are_too_many);
	tcase_add_test(clients, listener_survives_a_shortage_of_descriptors);
	tcase_add_test(clients, others_may_not_talk);
	tcase_add_test(clients, cordon_shows_tables);
	tcase_add_test(clients, cordon_tells_the_story_of_a_call);
	tcase_add_test(clients, cordon_knows_numbers);
	tcase_add_test(clients, cordon_replays_what_the_daemon_kept);
	tcase_add_test(clients, cordon_is_honest_in_its_exit_status);
	tcase_add_test(clients, cordon_speaks_json_everywhere);
	tcase_add_test(clients, commands_fit_the_screen);
	suite_add_tcase(suite, clients);
	return unit_run(suite);
}
