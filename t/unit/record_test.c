#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "dir.h"
#include "record/log.h"
#include "record/memory.h"
#include "record/record.h"
#include "record/ring.h"
#include "record/writer.h"
#include "unit.h"

#define DEADLINE_MS 10000

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Looks again until it is so, or the deadline fails the test. */
#define WAIT_FOR(condition)                                                    \
	do {                                                                   \
		uint64_t wait_end = now_ms() + DEADLINE_MS;                    \
		while (!(condition)) {                                         \
			if (now_ms() > wait_end)                               \
				ck_abort_msg("never: %s", #condition);         \
			poll(NULL, 0, 1);                                      \
		}                                                              \
	} while (0)

static struct writer_figures
figures(const struct writer *writer)
{
	struct writer_figures f;

	writer_get_figures(writer, &f);
	return f;
}

/* An entry whose cseq is its number. */
static struct journal_entry
numbered(uint32_t number)
{
	return (struct journal_entry){
		.kind = JOURNAL_REWRITE,
		.time = 1795255200123456,
		.call = 0x7f3a000000000000,
		.leg = JOURNAL_CALLEE,
		.stage = STAGE_OUT,
		.cseq = number,
		.trunk = SPAN("twilio"),
		.message = SPAN("INVITE"),
		.target = SPAN("P-Asserted-Identity[0]"),
		.before = SPAN("<sip:+442071234567@pbx>"),
		.after = SPAN("<sip:+442079460000@sbc.example.com>"),
	};
}

static bool
give(struct writer *writer, uint32_t number)
{
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = numbered(number);

	return journal_pack(&t, &entry, NULL) > 0 &&
	    writer_journal(writer, text_span(&t));
}

static char *
read_all(const char *path, size_t *n)
{
	char *all = malloc(1 << 24);
	int fd = open(path, O_RDONLY);
	ssize_t got;

	ck_assert_int_ne(fd, -1);
	*n = 0;
	while ((got = read(fd, all + *n, (1 << 24) - *n - 1)) > 0)
		*n += (size_t)got;
	ck_assert_int_eq(got, 0);
	close(fd);
	all[*n] = '\0';
	return all;
}

/* What a run of journal lines says: each must be whole and valid JSON. */
struct heard {
	uint32_t next;  /* number of the entry that must come */
	uint32_t lines;
	uint64_t lost;  /* the sum of what JRN-LOST said */
	bool gaps;      /* numbers may be left out, and are then counted here */
	uint64_t missing;
};

static void
hear_line(struct heard *heard, const char *line, size_t n)
{
	json_t *entry = json_loadb(line, n, 0, NULL);
	const char *code;
	uint32_t cseq;

	ck_assert_msg(entry != NULL, "not JSON: %.*s", (int)n, line);
	heard->lines++;
	code = json_string_value(json_object_get(entry, "diagnostic"));
	if (code != NULL && strcmp(code, "JRN-LOST") == 0) {
		const char *reason =
		    json_string_value(json_object_get(entry, "reason"));

		heard->lost += strtoull(reason, NULL, 10);
		json_decref(entry);
		return;
	}
	cseq = (uint32_t)json_integer_value(json_object_get(entry, "cseq"));
	if (heard->gaps) {
		ck_assert_uint_ge(cseq, heard->next);
		heard->missing += cseq - heard->next;
	} else {
		ck_assert_uint_eq(cseq, heard->next);
	}
	heard->next = cseq + 1;
	json_decref(entry);
}

static void
hear(struct heard *heard, const char *text, size_t n)
{
	while (n > 0) {
		const char *end = memchr(text, '\n', n);

		ck_assert_msg(end != NULL, "half a line: %.*s", (int)n, text);
		hear_line(heard, text, (size_t)(end - text));
		n -= (size_t)(end + 1 - text);
		text = end + 1;
	}
}

static void
hear_file(struct heard *heard, const char *path)
{
	size_t n;
	char *text = read_all(path, &n);

	hear(heard, text, n);
	free(text);
}

static struct writer *
start(const char *journal, uint32_t queue)
{
	struct writer_options options = { .journal_file = journal,
		.queue = queue,
		.log_fd = -1 };
	struct writer *writer = writer_start(&options);

	ck_assert_ptr_nonnull(writer);
	return writer;
}

/* ---- ring ---- */

START_TEST(ring_keeps_order_over_its_end)
{
	struct ring ring;
	struct span record;
	char buf[3000];
	uint32_t in = 1, out = 1, i;

	ck_assert(ring_init(&ring, 1000, 1));
	for (i = 0; i < 100000; i++) {
		size_t n = 4 + in * 7919 % (sizeof(buf) - 4);

		memset(buf, (int)(in & 0xff), n);
		memcpy(buf, &in, 4);
		if (ring_put(&ring, span_make(buf, n)))
			in++;
		if (i % 3 == 0)
			continue;
		if (!ring_peek(&ring, UINT64_MAX, &record))
			continue;
		ck_assert_mem_eq(record.p, &out, 4);
		ck_assert_uint_eq(record.n, 4 + out * 7919 % (sizeof(buf) - 4));
		ck_assert_int_eq((unsigned char)record.p[record.n - 1],
		    record.n == 4 ? (int)(out >> 24) : (int)(out & 0xff));
		ring_pop(&ring);
		out++;
	}
	ck_assert_uint_gt(out, 60000);
	while (ring_peek(&ring, UINT64_MAX, &record)) {
		ring_pop(&ring);
		out++;
	}
	ck_assert_uint_eq(in, out);
	ring_fini(&ring);
}
END_TEST

START_TEST(ring_that_is_emptied_stays_low)
{
	struct ring ring;
	struct span record;
	char buf[1000] = "";
	unsigned i;

	ck_assert(ring_init(&ring, 100000, 256));
	for (i = 0; i < 50000; i++) {
		ck_assert(ring_put(&ring, span_make(buf, sizeof(buf))));
		if (i % 3 != 0)
			continue;
		while (ring_peek(&ring, UINT64_MAX, &record)) {
			ck_assert_int_lt(record.p - ring.bytes, 70000);
			ring_pop(&ring);
		}
	}
	ring_fini(&ring);
}
END_TEST

START_TEST(ring_refuses_what_has_no_room)
{
	struct ring ring;
	struct span record;
	char big[20000] = "";
	unsigned i;

	ck_assert(ring_init(&ring, 3, 10));
	ck_assert(!ring_put(&ring, span_make(big, sizeof(big))));
	for (i = 0; i < 3; i++)
		ck_assert(ring_put(&ring, SPAN("x")));
	ck_assert(!ring_put(&ring, SPAN("x")));
	ck_assert(ring_peek(&ring, UINT64_MAX, &record));
	ring_pop(&ring);
	ck_assert(ring_put(&ring, SPAN("y")));
	ck_assert(!ring_put(&ring, SPAN("x")));
	ring_fini(&ring);
}
END_TEST

START_TEST(ring_tells_when_it_fills)
{
	struct ring ring;
	struct span record;
	char big[10000] = "";
	unsigned i;

	ck_assert(ring_init(&ring, 8, 1));
	for (i = 0; i < 3; i++) {
		ck_assert(!ring_is_filling(&ring));
		ck_assert(ring_put(&ring, SPAN("x")));
	}
	ck_assert(ring_is_filling(&ring)); /* records */
	ck_assert(ring_peek(&ring, UINT64_MAX, &record));
	ring_pop(&ring);
	ck_assert(!ring_is_filling(&ring));
	ck_assert(ring_put(&ring, span_make(big, sizeof(big))));
	ring_pop(&ring);
	ck_assert(!ring_is_filling(&ring));
	ring_pop(&ring);
	ck_assert(ring_put(&ring, span_make(big, sizeof(big))));
	ck_assert(ring_is_filling(&ring)); /* bytes */
	ring_fini(&ring);
}
END_TEST

/* ---- writer ---- */

START_TEST(writer_writes_all_in_order)
{
	struct writer *writer = start(dir_path("journal"), 50000);
	struct heard heard = { .next = 1 };
	uint32_t i;

	for (i = 1; i <= 20000; i++)
		ck_assert(give(writer, i));
	WAIT_FOR(figures(writer).waiting == 0);
	ck_assert_uint_eq(figures(writer).written, 20000);
	/* Time for it to fall asleep; with less the test would only be
	 * weaker. */
	for (; i <= 20003; i++) {
		poll(NULL, 0, 60);
		ck_assert(give(writer, i));
		WAIT_FOR(figures(writer).written == i);
	}
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&heard, dir_path("journal"));
	ck_assert_uint_eq(heard.lines, 20003);
}
END_TEST

START_TEST(writer_stops_only_when_all_is_written)
{
	struct writer *writer = start(dir_path("journal"), 50000);
	struct heard heard = { .next = 1 };
	uint32_t i;

	for (i = 1; i <= 20000; i++)
		ck_assert(give(writer, i));
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&heard, dir_path("journal"));
	ck_assert_uint_eq(heard.lines, 20000);
}
END_TEST

START_TEST(writer_writes_text_when_asked)
{
	struct writer_options options = { .journal_file = dir_path("journal"),
		.format = WRITER_TEXT,
		.queue = 10,
		.log_fd = -1 };
	struct writer *writer = writer_start(&options);
	char *text;
	size_t n;

	ck_assert(give(writer, 1));
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	text = read_all(dir_path("journal"), &n);
	ck_assert_ptr_nonnull(strstr(text, "call=7f3a000000000000"));
	ck_assert_int_eq(text[n - 1], '\n');
	free(text);
}
END_TEST

static int
open_fifo(const char *path)
{
	int fd;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	return fd;
}

/* Reads the FIFO until the writer has nothing left, and hears it. */
static void
drain_fifo(struct writer *writer, int fd, struct heard *heard)
{
	static char text[1 << 23];
	size_t n = 0;
	ssize_t got;

	WAIT_FOR((got = read(fd, text + n, sizeof(text) - n),
	    n += got > 0 ? (size_t)got : 0,
	    got <= 0 && figures(writer).waiting == 0));
	while ((got = read(fd, text + n, sizeof(text) - n)) > 0)
		n += (size_t)got;
	hear(heard, text, n);
}

START_TEST(writer_counts_and_tells_what_a_full_queue_lost)
{
	int fd = open_fifo(dir_path("journal"));
	struct writer *writer = start(dir_path("journal"), 100);
	struct heard heard = { .next = 1, .gaps = true };
	uint32_t i;
	uint64_t lost = 0;

	/* Nobody reads: the pipe fills, then the queue. */
	for (i = 1; lost < 500; i++)
		if (!give(writer, i))
			lost++;
	ck_assert_uint_eq(figures(writer).lost, lost);
	drain_fifo(writer, fd, &heard);
	/* The loss is said without waiting for another entry. */
	writer_say_losses(writer);
	drain_fifo(writer, fd, &heard);
	ck_assert_uint_eq(heard.lost, lost);
	ck_assert(give(writer, i));
	drain_fifo(writer, fd, &heard);
	ck_assert_uint_eq(heard.next, i + 1);
	ck_assert_uint_eq(heard.missing, lost);
	ck_assert_uint_eq(heard.lost, lost);
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	close(fd);
}
END_TEST

START_TEST(writer_stop_keeps_its_deadline)
{
	int fd = open_fifo(dir_path("journal"));
	struct writer *writer = start(dir_path("journal"), 1000);
	uint64_t lost = 0;
	uint32_t i;

	for (i = 1; lost == 0; i++)
		if (!give(writer, i))
			lost++;
	ck_assert_uint_gt(writer_stop(writer, 50), 0);
	close(fd);
}
END_TEST

/* Check's own messages are a file too: few assertions while this holds. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_DFL);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(writer_survives_a_full_disk)
{
	struct writer *writer = start(dir_path("journal"), 10000);
	struct heard before = { .next = 1 }, after = { .next = 1 };
	uint32_t i, taken = 0;
	char *text;
	size_t n;

	/* No multiple of a line: the last one is cut in the middle. */
	limit_files(10007);
	for (i = 1; i <= 1000; i++)
		taken += give(writer, i);
	WAIT_FOR(figures(writer).error == EFBIG);
	/* Failing again and again must not write anything twice. */
	WAIT_FOR(figures(writer).failures >= 3);
	text = read_all(dir_path("journal"), &n);
	limit_files(0);
	hear(&before, text, n);
	free(text);
	ck_assert_uint_eq(taken, 1000);
	ck_assert_uint_gt(n, 5000);
	WAIT_FOR(figures(writer).waiting == 0);
	ck_assert_int_eq(figures(writer).error, 0);
	ck_assert_int_eq(figures(writer).last_error, EFBIG);
	ck_assert_uint_eq(figures(writer).lost, 0);
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&after, dir_path("journal"));
	ck_assert_uint_eq(after.lines, 1000);
}
END_TEST

START_TEST(writer_keeps_logging_when_the_journal_disk_is_full)
{
	struct writer_options options = { .journal_file = dir_path("journal"),
		.queue = 10,
		.log_file = dir_path("log"),
		.log_fd = -1 };
	struct writer *writer;
	char *text;
	size_t n;

	ck_assert_int_eq(symlink("/dev/full", dir_path("journal")), 0);
	writer = writer_start(&options);
	ck_assert_ptr_nonnull(writer);
	ck_assert(give(writer, 1));
	WAIT_FOR(figures(writer).error == ENOSPC);
	ck_assert(writer_log(writer, SPAN("still here")));
	WAIT_FOR((text = read_all(dir_path("log"), &n), free(text), n > 0));
	text = read_all(dir_path("log"), &n);
	ck_assert_str_eq(text, "still here\n");
	free(text);
	ck_assert_uint_eq(writer_stop(writer, 50), 1);
}
END_TEST

START_TEST(writer_follows_a_rotation_without_loss)
{
	struct writer *writer = start(dir_path("journal"), 10000);
	struct heard heard = { .next = 1 };
	uint32_t i, first;

	for (i = 1; i <= 1000; i++)
		ck_assert(give(writer, i));
	ck_assert_int_eq(rename(dir_path("journal"), dir_path("journal.1")), 0);
	for (; i <= 1500; i++)
		ck_assert(give(writer, i));
	writer_reopen(writer);
	for (; i <= 2000; i++)
		ck_assert(give(writer, i));
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&heard, dir_path("journal.1"));
	first = heard.lines;
	ck_assert_uint_eq(first, 1500);
	hear_file(&heard, dir_path("journal"));
	ck_assert_uint_eq(heard.lines, 2000);
}
END_TEST

START_TEST(writer_rotates_away_from_a_full_disk)
{
	struct writer *writer = start(dir_path("journal"), 10000);
	struct heard heard = { .next = 1 };
	uint32_t i, taken = 0;

	limit_files(10007);
	for (i = 1; i <= 60; i++)
		taken += give(writer, i);
	WAIT_FOR(figures(writer).error == EFBIG);
	ck_assert_uint_eq(taken, 60);
	ck_assert_int_eq(rename(dir_path("journal"), dir_path("journal.1")), 0);
	writer_reopen(writer);
	WAIT_FOR(figures(writer).waiting == 0);
	limit_files(0);
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&heard, dir_path("journal.1"));
	ck_assert_uint_lt(heard.lines, 60);
	hear_file(&heard, dir_path("journal"));
	ck_assert_uint_eq(heard.lines, 60);
}
END_TEST

START_TEST(writer_keeps_the_old_file_when_the_new_does_not_open)
{
	struct writer *writer = start(dir_path("journal"), 100);
	struct heard heard = { .next = 1 };

	ck_assert(give(writer, 1));
	WAIT_FOR(figures(writer).waiting == 0);
	ck_assert_int_eq(rename(dir_path("journal"), dir_path("journal.1")), 0);
	ck_assert_int_eq(mkdir(dir_path("journal"), 0700), 0);
	writer_reopen(writer);
	WAIT_FOR(figures(writer).last_error == EISDIR);
	ck_assert(give(writer, 2));
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&heard, dir_path("journal.1"));
	ck_assert_uint_eq(heard.lines, 2);
	rmdir(dir_path("journal"));
}
END_TEST

START_TEST(writer_makes_a_removed_file_anew)
{
	struct writer *writer = start(dir_path("journal"), 100);
	struct heard heard = { .next = 2 };

	ck_assert(give(writer, 1));
	WAIT_FOR(figures(writer).waiting == 0);
	ck_assert_int_eq(unlink(dir_path("journal")), 0);
	ck_assert(give(writer, 2));
	WAIT_FOR(figures(writer).waiting == 0);
	ck_assert_uint_eq(figures(writer).removed, 1);
	ck_assert(give(writer, 3));
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&heard, dir_path("journal"));
	ck_assert_uint_eq(heard.lines, 2);
}
END_TEST

/* Until its directory is there again, what comes waits. */
START_TEST(writer_waits_for_a_removed_directory)
{
	struct writer *writer;
	struct heard heard = { .next = 2 };

	ck_assert_int_eq(mkdir(dir_path("d"), 0700), 0);
	writer = start(dir_path("d/journal"), 100);
	ck_assert(give(writer, 1));
	WAIT_FOR(figures(writer).waiting == 0);
	ck_assert_int_eq(unlink(dir_path("d/journal")), 0);
	ck_assert_int_eq(rmdir(dir_path("d")), 0);
	writer_reopen(writer);
	ck_assert(give(writer, 2));
	WAIT_FOR(figures(writer).failures >= 3);
	ck_assert_int_eq(figures(writer).error, ENOENT);
	ck_assert_uint_eq(figures(writer).waiting, 1);
	ck_assert_int_eq(mkdir(dir_path("d"), 0700), 0);
	WAIT_FOR(figures(writer).waiting == 0);
	ck_assert_int_eq(figures(writer).error, 0);
	ck_assert(give(writer, 3));
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	hear_file(&heard, dir_path("d/journal"));
	ck_assert_uint_eq(heard.lines, 2);
	unlink(dir_path("d/journal"));
	rmdir(dir_path("d"));
}
END_TEST

START_TEST(writer_does_not_start_without_its_file)
{
	struct writer_options options = { .queue = 10, .log_fd = -1 };

	options.journal_file = dir_path("missing/journal");
	errno = 0;
	ck_assert_ptr_null(writer_start(&options));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(writer_without_files_takes_nothing)
{
	struct writer *writer = start(NULL, 10);

	ck_assert(!give(writer, 1));
	ck_assert(!writer_log(writer, SPAN("x")));
	ck_assert_uint_eq(figures(writer).lost, 0);
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
}
END_TEST

/* ---- log ---- */

START_TEST(log_lines_are_whole_and_clean)
{
	struct writer_options options = { .queue = 10,
		.log_file = dir_path("log"),
		.log_fd = -1 };
	struct writer *writer;
	char long_text[5000], *text;
	size_t n;

	ck_assert_int_eq(log_open(LOG_LEVEL_INFO, dir_path("log")), 0);
	log_write(LOG_LEVEL_DEBUG, "not this");
	log_write(LOG_LEVEL_INFO, "one %d", 1);
	writer = writer_start(&options);
	log_attach(writer);
	log_write(LOG_LEVEL_ERROR, "two\r\n2026 forged\033[31m\x7f");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	log_write(LOG_LEVEL_WARNING, "%s", long_text);
	log_attach(NULL);
	ck_assert_uint_eq(writer_stop(writer, DEADLINE_MS), 0);
	log_close();

	text = read_all(dir_path("log"), &n);
	ck_assert_ptr_null(strstr(text, "not this"));
	ck_assert_int_eq(text[10], 'T');
	ck_assert_int_eq(text[23], 'Z');
	ck_assert_msg(strncmp(text + 25, "info one 1\n", 11) == 0, "%s", text);
	ck_assert_ptr_nonnull(
	    strstr(text, "Z error two..2026 forged.[31m.\n"));
	ck_assert_ptr_nonnull(strstr(text, "xxx...\n"));
	ck_assert_uint_lt(n, 2300);
	free(text);
}
END_TEST

START_TEST(log_speaks_the_priorities_of_systemd)
{
	int out[2], old = dup(STDERR_FILENO);
	char buf[100];
	ssize_t n;

	ck_assert_int_eq(pipe(out), 0);
	dup2(out[1], STDERR_FILENO);
	setenv("JOURNAL_STREAM", "8:12345", 1);
	ck_assert_int_eq(log_open(LOG_LEVEL_DEBUG, ""), 0);
	log_write(LOG_LEVEL_WARNING, "careful");
	n = read(out[0], buf, sizeof(buf));
	dup2(old, STDERR_FILENO);
	unsetenv("JOURNAL_STREAM");
	ck_assert_span(span_make(buf, (size_t)n), "<4>careful\n");
	log_close();
}
END_TEST

START_TEST(log_levels_have_names)
{
	enum log_level level = LOG_LEVEL_ERROR;

	ck_assert(log_level_find(SPAN("Debug"), &level));
	ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
	ck_assert(!log_level_find(SPAN("loud"), &level));
	ck_assert_str_eq(log_level_name(LOG_LEVEL_WARNING), "warning");
}
END_TEST

/* ---- memory ---- */

static bool
try_numbered(struct memory_chain *chain, uint32_t number)
{
	struct journal_entry last = numbered(number - 1),
			     entry = numbered(number);

	return memory_note(chain, chain->entries == 0 ? NULL : &last, &entry);
}

static void
note_numbered(struct memory_chain *chain, uint32_t number)
{
	ck_assert(try_numbered(chain, number));
}

static void
check_entries(struct memory_reader *entries, uint32_t from, uint32_t to)
{
	const struct journal_entry *entry;
	uint32_t i;

	for (i = from; i <= to; i++) {
		entry = memory_next(entries);
		ck_assert_ptr_nonnull(entry);
		ck_assert_uint_eq(entry->cseq, i);
		ck_assert_span(entry->target, "P-Asserted-Identity[0]");
	}
	ck_assert_ptr_null(memory_next(entries));
	memory_reader_destroy(entries);
}

/* A call whose summary and entries follow from its id. */
static void
end_call(struct memory *memory, uint64_t call)
{
	struct memory_chain chain = { 0 };
	char id[40];
	struct memory_summary summary = { .call = call,
		.start = call * 10,
		.end = call * 10 + 5,
		.status = 200,
		.fault = call % 2 == 1,
		.reason = SPAN("hangup"),
		.trunk = { SPAN("pbx"), SPAN("twilio") },
		.number = { SPAN("+442071234567"), SPAN("+15551234") } };
	uint32_t i;

	summary.call_id[MEMORY_CALLER] = span_make(id,
	    (size_t)snprintf(id, sizeof(id), "call-%llu@pbx",
	        (unsigned long long)call));
	for (i = 1; i <= call % 9; i++)
		note_numbered(&chain, (uint32_t)call * 10 + i);
	memory_end(memory, &chain, &summary);
	ck_assert_ptr_null(chain.first);
	ck_assert_uint_eq(chain.bytes, 0);
}

static void
check_call(const struct memory_found *found, uint64_t call)
{
	const struct memory_summary *s = &found->summary;
	char id[40];

	snprintf(id, sizeof(id), "call-%llu@pbx", (unsigned long long)call);
	ck_assert_uint_eq(s->call, call);
	ck_assert_uint_eq(s->start, call * 10);
	ck_assert_uint_eq(s->end, call * 10 + 5);
	ck_assert_uint_eq(s->status, 200);
	ck_assert_int_eq(s->fault, call % 2 == 1);
	ck_assert_span(s->reason, "hangup");
	ck_assert_span(s->trunk[MEMORY_CALLEE], "twilio");
	ck_assert_span(s->call_id[MEMORY_CALLER], id);
	ck_assert_span(s->call_id[MEMORY_CALLEE], "");
	ck_assert_span(s->number[MEMORY_CALLEE], "+15551234");
	check_entries(memory_read_ended(found), (uint32_t)call * 10 + 1,
	    (uint32_t)call * 10 + call % 9);
}

START_TEST(memory_keeps_the_newest_calls)
{
	struct memory *memory = memory_create(20000);
	struct memory_found found;
	struct memory_figures f;
	uint64_t call, at, kept, newest;

	for (newest = 1; newest <= 600; newest++) {
		end_call(memory, newest);
		memory_get_figures(memory, &f);
		ck_assert_uint_le(f.bytes, f.size);
		ck_assert_uint_eq(f.calls + f.dropped, newest);
		kept = f.calls;
		for (call = newest, at = 0; call > newest - kept; call--) {
			ck_assert(memory_last(memory, &at, &found));
			check_call(&found, call);
			ck_assert(memory_find(memory, call, &found));
			check_call(&found, call);
		}
		ck_assert(!memory_last(memory, &at, &found));
		ck_assert(!memory_find(memory, newest - kept, &found));
		ck_assert_uint_eq(f.oldest, (newest - kept + 1) * 10 + 5);
	}
	ck_assert_uint_gt(kept, 10);
	memory_destroy(memory);
}
END_TEST

START_TEST(memory_forgets_what_does_not_fit)
{
	struct memory *memory = memory_create(1000), *none = memory_create(0);
	struct memory_summary summary = { .call = 99 };
	struct memory_chain chain = { 0 };
	struct memory_found found;
	uint64_t at = 0;
	uint32_t i;

	end_call(memory, 1);
	for (i = 1; i <= 300; i++)
		note_numbered(&chain, i);
	memory_end(memory, &chain, &summary);
	ck_assert(!memory_find(memory, 99, &found));
	ck_assert(memory_find(memory, 1, &found));
	end_call(none, 1);
	ck_assert(!memory_find(none, 1, &found));
	ck_assert(!memory_last(none, &at, &found));
	memory_destroy(memory);
	memory_destroy(none);
}
END_TEST

START_TEST(memory_of_a_live_call_is_bounded_and_small)
{
	struct memory_chain chain = { 0 };
	uint32_t i, kept;

	for (i = 1; i <= 8; i++)
		note_numbered(&chain, i);
	ck_assert_uint_lt(chain.bytes, 8 * 75);
	check_entries(memory_read_live(&chain), 1, 8);
	/* What is given back takes nothing with it, and more may come. */
	memory_settle(&chain);
	check_entries(memory_read_live(&chain), 1, 8);
	for (; chain.skipped == 0; i++)
		try_numbered(&chain, i);
	kept = i - 2;
	ck_assert_uint_eq(chain.entries, kept);
	ck_assert_uint_le(chain.bytes, MEMORY_CHAIN_MAX);
	ck_assert_uint_gt(chain.bytes, MEMORY_CHAIN_MAX - 200);
	check_entries(memory_read_live(&chain), 1, kept);
	memory_drop(&chain);
	memory_settle(&chain);
	check_entries(memory_read_live(&chain), 1, 0);
}
END_TEST

START_TEST(memory_cuts_long_texts)
{
	struct memory *memory = memory_create(10000);
	struct memory_chain chain = { 0 };
	struct memory_found found;
	char text[400];
	struct memory_summary summary = { .call = 5 };

	memset(text, 'a', sizeof(text));
	summary.call_id[MEMORY_CALLEE] = span_make(text, sizeof(text));
	summary.number[MEMORY_CALLEE] = SPAN("42");
	memory_end(memory, &chain, &summary);
	ck_assert(memory_find(memory, 5, &found));
	ck_assert_uint_eq(found.summary.call_id[MEMORY_CALLEE].n, 255);
	ck_assert_span(found.summary.number[MEMORY_CALLEE], "42");
	memory_destroy(memory);
}
END_TEST

START_TEST(memory_matches_ids_numbers_and_call_ids)
{
	struct memory_summary s = { .call = 0x7f3a12345678abcd,
		.call_id = { SPAN("a84b4c76e66710@pbx"), SPAN("9Zx-31@sbc") },
		.number = { SPAN("+442071234567"), SPAN("911") } };

	ck_assert_int_eq(memory_matches(&s, SPAN("7f3a")),
	    MEMORY_MATCH_ID);
	ck_assert_int_eq(memory_matches(&s, SPAN("7F3A12345678ABCD")),
	    MEMORY_MATCH_ID);
	ck_assert_int_eq(memory_matches(&s, SPAN("c76e6")),
	    MEMORY_MATCH_TEXT);
	ck_assert_int_eq(memory_matches(&s, SPAN("9Zx-31@sbc")),
	    MEMORY_MATCH_TEXT);
	ck_assert_int_eq(memory_matches(&s, SPAN("911")),
	    MEMORY_MATCH_TEXT);
	ck_assert_int_eq(memory_matches(&s, SPAN("1234567")),
	    MEMORY_MATCH_TEXT);
	ck_assert_int_eq(memory_matches(&s, SPAN("7f3")),
	    MEMORY_MATCH_NONE);
	ck_assert_int_eq(memory_matches(&s, SPAN("3a12")),
	    MEMORY_MATCH_NONE);
	ck_assert_int_eq(memory_matches(&s, SPAN("7f3a12345678abcde")),
	    MEMORY_MATCH_NONE);
	ck_assert_int_eq(memory_matches(&s, SPAN("")),
	    MEMORY_MATCH_NONE);
	ck_assert_int_eq(memory_matches(&s, SPAN("999")),
	    MEMORY_MATCH_NONE);
}
END_TEST

/* ---- record ---- */

START_TEST(record_fills_in_what_the_maker_left_empty)
{
	struct memory_chain chain = { 0 };
	struct record record = { 0 };
	struct record_sink sink = { .record = &record,
		.chain = &chain,
		.call = 77,
		.leg = JOURNAL_CALLEE,
		.stage = STAGE_OUT,
		.cseq = 12,
		.trunk = SPAN("twilio"),
		.message = SPAN("INVITE") };
	struct journal journal = record_journal(&sink);
	struct journal_entry entry = { .kind = JOURNAL_REWRITE,
		.stage = STAGE_GUARD,
		.target = SPAN("From") };
	struct memory_reader *entries;
	const struct journal_entry *kept;

	record_set_time(&record, 1795255200000000);
	journal_note(&journal, &entry);
	ck_assert_uint_eq(record.entries, 1);
	ck_assert_uint_eq(record.by_kind[JOURNAL_REWRITE], 1);
	entries = memory_read_live(&chain);
	kept = memory_next(entries);
	ck_assert_ptr_nonnull(kept);
	ck_assert_uint_eq(kept->time, 1795255200000000);
	ck_assert_uint_eq(kept->call, 77);
	ck_assert_int_eq(kept->leg, JOURNAL_CALLEE);
	ck_assert_int_eq(kept->stage, STAGE_GUARD);
	ck_assert_uint_eq(kept->cseq, 12);
	ck_assert_span(kept->trunk, "twilio");
	ck_assert_span(kept->message, "INVITE");
	memory_reader_destroy(entries);
	memory_drop(&chain);
}
END_TEST

/* Not each entry has one. */
static struct span
reason_of(uint32_t number)
{
	return number % 3 == 0 ? SPAN("so it is") : SPAN_NONE;
}

static void
check_chain(const struct memory_chain *chain, uint32_t n, struct span trunk)
{
	struct memory_reader *entries = memory_read_live(chain);
	const struct journal_entry *entry;
	uint32_t i;

	for (i = 1; i <= n; i++) {
		entry = memory_next(entries);
		ck_assert_ptr_nonnull(entry);
		ck_assert_uint_eq(entry->cseq, i);
		ck_assert(span_eq(entry->trunk, trunk));
		ck_assert(span_eq(entry->reason, reason_of(i)));
	}
	ck_assert_ptr_null(memory_next(entries));
	memory_reader_destroy(entries);
}

/* Entries of many calls among each other, as they come: each is kept by what
 * differs from the one before of its own call. */
START_TEST(record_tells_calls_apart)
{
	const struct span trunks[3] = { SPAN("pbx"), SPAN("twilio"),
		SPAN("carrier") };
	struct record record = { 0 };
	struct memory_chain chains[3] = { { 0 } };
	uint32_t had[3] = { 0 }, i, n;

	for (i = 0; i < 2000; i++) {
		struct journal_entry entry;

		n = (i * 7 + i / 5) % 3;
		if (i % 97 == 0) {
			memory_drop(&chains[n]);
			had[n] = 0;
		}
		entry = numbered(++had[n]);
		entry.trunk = trunks[n];
		entry.reason = reason_of(had[n]);
		record_note(&record, &chains[n], &entry);
		if (i % 50 == 0)
			memory_settle(&chains[n]);
	}
	for (n = 0; n < 3; n++) {
		ck_assert_uint_gt(had[n], 10);
		check_chain(&chains[n], had[n], trunks[n]);
		memory_drop(&chains[n]);
	}
}
END_TEST

START_TEST(record_keeps_what_differs)
{
	struct record record = { 0 };
	struct memory_chain chain = { 0 };
	uint32_t i;

	for (i = 1; i <= 8; i++) {
		struct journal_entry entry = numbered(i);

		entry.reason = reason_of(i);
		record_note(&record, &chain, &entry);
	}
	ck_assert_uint_lt(chain.bytes, 160 + 7 * 8);
	check_chain(&chain, 8, SPAN("twilio"));
	memory_drop(&chain);
}
END_TEST

START_TEST(record_says_in_the_log_when_writing_fails)
{
	struct writer_options options = { .journal_file = dir_path("journal"),
		.queue = 1,
		.log_file = dir_path("log"),
		.log_fd = -1 };
	struct record record = { 0 };
	char *text;
	size_t n;

	ck_assert_int_eq(symlink("/dev/full", dir_path("journal")), 0);
	record.writer = writer_start(&options);
	log_attach(record.writer);
	log_set_level(LOG_LEVEL_INFO);
	ck_assert(give(record.writer, 1));
	WAIT_FOR(figures(record.writer).error == ENOSPC);
	ck_assert(give(record.writer, 2));
	ck_assert(!give(record.writer, 3));
	record_check(&record);
	record_check(&record);
	log_attach(NULL);
	writer_stop(record.writer, 50);
	text = read_all(dir_path("log"), &n);
	ck_assert_ptr_nonnull(strstr(text, "No space left on device"));
	ck_assert_ptr_nonnull(strstr(text, " 1 journal entries lost"));
	ck_assert_ptr_eq(strstr(text, "No space"),
	    strstr(text, "No space left on device;"));
	ck_assert_ptr_null(strstr(strstr(text, "No space") + 1, "No space"));
	free(text);
}
END_TEST

static void
add_writer_tests(TCase *t)
{
	tcase_add_test(t, writer_writes_all_in_order);
	tcase_add_test(t, writer_stops_only_when_all_is_written);
	tcase_add_test(t, writer_writes_text_when_asked);
	tcase_add_test(t, writer_counts_and_tells_what_a_full_queue_lost);
	tcase_add_test(t, writer_stop_keeps_its_deadline);
	tcase_add_test(t, writer_survives_a_full_disk);
	tcase_add_test(t, writer_keeps_logging_when_the_journal_disk_is_full);
	tcase_add_test(t, writer_follows_a_rotation_without_loss);
	tcase_add_test(t, writer_rotates_away_from_a_full_disk);
	tcase_add_test(t, writer_keeps_the_old_file_when_the_new_does_not_open);
	tcase_add_test(t, writer_makes_a_removed_file_anew);
	tcase_add_test(t, writer_waits_for_a_removed_directory);
	tcase_add_test(t, writer_does_not_start_without_its_file);
	tcase_add_test(t, writer_without_files_takes_nothing);
}

static void
add_memory_tests(TCase *t)
{
	tcase_add_test(t, memory_keeps_the_newest_calls);
	tcase_add_test(t, memory_forgets_what_does_not_fit);
	tcase_add_test(t, memory_of_a_live_call_is_bounded_and_small);
	tcase_add_test(t, memory_cuts_long_texts);
	tcase_add_test(t, memory_matches_ids_numbers_and_call_ids);
}

int
main(void)
{
	Suite *suite = suite_create("record");
	TCase *t = tcase_create("record");

	tcase_add_checked_fixture(t, dir_make, dir_remove);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, ring_keeps_order_over_its_end);
	tcase_add_test(t, ring_that_is_emptied_stays_low);
	tcase_add_test(t, ring_tells_when_it_fills);
	tcase_add_test(t, ring_refuses_what_has_no_room);
	add_writer_tests(t);
	tcase_add_test(t, log_lines_are_whole_and_clean);
	tcase_add_test(t, log_speaks_the_priorities_of_systemd);
	tcase_add_test(t, log_levels_have_names);
	add_memory_tests(t);
	tcase_add_test(t, record_fills_in_what_the_maker_left_empty);
	tcase_add_test(t, record_tells_calls_apart);
	tcase_add_test(t, record_keeps_what_differs);
	tcase_add_test(t, record_says_in_the_log_when_writing_fails);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
