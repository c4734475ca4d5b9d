#include "record/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "diagnosis/journal.h"
#include "net/thread.h"
#include "record/ring.h"

/* Lines are collected up to BATCH; one more of LINE_MOST still fits behind. */
#define BATCH        65536
#define LINE_MOST    (JOURNAL_LINE_MAX + 1)
#define PIPE_CHUNK   4096 /* what a pipe or terminal that polls ready takes */
#define PAUSE_MS     50   /* between two looks at a queue that is in use */
#define AGAIN_MS     10   /* until a pipe that is full is looked at again */
#define RETRY_MS     250
#define LOG_LINES    2048
#define RECORD_BYTES 256 /* of an average entry, for the size of the ring */

enum output_kind { OUTPUT_JOURNAL, OUTPUT_LOG, OUTPUTS };

/* One file with its queue. A full journal disk does not hold up the log. */
struct output {
	enum output_kind kind;
	enum writer_format format;
	struct ring ring;
	char *path; /* NULL: a file descriptor that somebody else opened */
	bool used;
	int fd; /* the thread's own once it runs */
	bool full; /* the last batch was a full one: there is more */
	bool regular;
	bool socket;
	char *buf;
	size_t len;  /* of lines made */
	size_t done; /* of them written */
	uint64_t retry_at;
	uint64_t lost_said; /* producer: `lost` that has been told */
	_Atomic uint64_t reopen_at; /* queue position; UINT64_MAX: no request */
	_Atomic uint64_t lost;
	_Atomic uint64_t finished; /* lines in the file, or that cannot be made */
	_Atomic uint64_t failures;
	_Atomic uint64_t removed;
	_Atomic int error;
	_Atomic int last_error;
};

struct writer {
	struct output output[OUTPUTS];
	pthread_t thread;
	int wake;  /* eventfd */
	int ended; /* eventfd: the thread is through */
	_Atomic bool asleep;
	_Atomic bool pausing;
	_Atomic bool stopping;
	_Atomic bool giving_up;
};

/* ---- the thread ---- */

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int
open_path(const char *path)
{
	/* O_NONBLOCK: a FIFO that nobody reads must not hold the thread. */
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
}

static void
use_fd(struct output *o, int fd)
{
	struct stat st;
	bool known = fstat(fd, &st) == 0;

	o->fd = fd;
	o->regular = known && S_ISREG(st.st_mode);
	o->socket = known && S_ISSOCK(st.st_mode);
}

static uint64_t
count_lines(const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t lines = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return lines;
}

static void
add_line(struct output *o, struct span record)
{
	struct text t = text_over(o->buf + o->len, LINE_MOST);
	struct journal_entry entry;
	bool good = true;

	if (o->kind == OUTPUT_LOG)
		text_add(&t, record);
	else if (journal_unpack(record, &entry) == 0)
		good = false;
	else if (o->format == WRITER_JSON)
		good = journal_add_json(&t, &entry);
	else
		good = journal_add_text(&t, &entry);
	text_add_char(&t, '\n');
	if (!good || t.overflow) {
		atomic_fetch_add(&o->lost, 1);
		atomic_fetch_add(&o->finished, 1);
		return;
	}
	o->len += t.len;
}

/* Makes lines of what waits, up to a batch. */
static void
fill(struct output *o)
{
	uint64_t until = atomic_load(&o->reopen_at);
	struct span record;

	while (o->len < BATCH && ring_peek(&o->ring, until, &record)) {
		add_line(o, record);
		ring_pop(&o->ring);
	}
	o->full = o->len >= BATCH;
}

static ssize_t
write_some(const struct output *o, const char *p, size_t n)
{
	struct pollfd ready = { .fd = o->fd, .events = POLLOUT };

	if (o->regular)
		return write(o->fd, p, n);
	if (o->socket)
		return send(o->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&ready, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(o->fd, p, n < PIPE_CHUNK ? n : PIPE_CHUNK);
}

/* Takes the half line that a full disk left back out of the file, so that the
 * line is written in one piece, there or into the next file. */
static void
take_back_half(struct output *o)
{
	const char *start = memrchr(o->buf, '\n', o->done);
	size_t whole = start == NULL ? 0 : (size_t)(start + 1 - o->buf);
	size_t half = o->done - whole;
	struct stat st;

	/* Only where we append: a cut elsewhere would leave a hole. */
	if (half == 0 || o->path == NULL || !o->regular ||
	    fstat(o->fd, &st) != 0 || (size_t)st.st_size < half)
		return;
	if (ftruncate(o->fd, st.st_size - (off_t)half) == 0)
		o->done = whole;
}

static void
drop_written(struct output *o)
{
	if (o->done == 0)
		return;
	memmove(o->buf, o->buf + o->done, o->len - o->done);
	o->len -= o->done;
	o->done = 0;
}

static void
note_failure(struct output *o, int error)
{
	o->full = false;
	o->retry_at = now_ms() + (error == EAGAIN ? AGAIN_MS : RETRY_MS);
	if (error == EAGAIN)
		return;
	atomic_store(&o->error, error);
	atomic_store(&o->last_error, error);
	atomic_fetch_add(&o->failures, 1);
}

/* False, with errno, where it does not open: the old one stays. */
static bool
open_again(struct output *o)
{
	int fd = open_path(o->path);

	if (fd == -1)
		return false;
	close(o->fd);
	use_fd(o, fd);
	drop_written(o);
	return true;
}

static bool
is_removed(const struct output *o)
{
	struct stat st;

	return o->path != NULL && o->regular && fstat(o->fd, &st) == 0 &&
	    st.st_nlink == 0;
}

/* Nobody would read what is written to a file that is gone. */
static bool
make_anew(struct output *o)
{
	if (!open_again(o)) {
		note_failure(o, errno);
		return false;
	}
	atomic_fetch_add(&o->removed, 1);
	return true;
}

/* Writes the lines made. False when the file does not take them now. */
static bool
flush(struct output *o)
{
	size_t from;
	int error = 0;

	if (is_removed(o) && !make_anew(o))
		return false;
	from = o->done;
	while (o->done < o->len && error == 0) {
		ssize_t n = write_some(o, o->buf + o->done, o->len - o->done);

		if (n >= 0)
			o->done += (size_t)n;
		else if (errno != EINTR)
			error = errno;
	}
	if (error != 0)
		take_back_half(o);
	if (o->done > from)
		atomic_fetch_add(&o->finished,
		    count_lines(o->buf + from, o->done - from));
	if (error != 0) {
		note_failure(o, error);
		return false;
	}
	atomic_store(&o->error, 0);
	o->len = o->done = 0;
	return true;
}

/* A file that does not open again leaves the old one in use. */
static void
reopen(struct output *o)
{
	atomic_store(&o->reopen_at, UINT64_MAX);
	if (o->path == NULL)
		return;
	if (open_again(o))
		o->retry_at = 0;
	else
		note_failure(o, errno);
}

/* True when it did something. */
static bool
serve(struct output *o)
{
	uint64_t until;
	bool worked = false;

	if (!o->used || (o->retry_at != 0 && now_ms() < o->retry_at))
		return false;
	o->retry_at = 0;
	fill(o);
	if (o->len > 0)
		worked = flush(o);
	/* A failing file gets no more: the new one does. */
	until = atomic_load(&o->reopen_at);
	if (until != UINT64_MAX &&
	    (o->retry_at != 0 || (o->len == 0 &&
	        atomic_load(&o->ring.tail) >= until)))
		reopen(o);
	return worked;
}

static bool
has_work(const struct output *o)
{
	return o->used &&
	    (o->len > 0 || !ring_empty(&o->ring) ||
	        atomic_load(&o->reopen_at) != UINT64_MAX);
}

static bool
any_work(const struct writer *writer)
{
	size_t i;

	for (i = 0; i < OUTPUTS; i++)
		if (has_work(&writer->output[i]))
			return true;
	return false;
}

static bool
full(const struct writer *writer)
{
	size_t i;

	for (i = 0; i < OUTPUTS; i++)
		if (writer->output[i].full)
			return true;
	return false;
}

static void
wait_for(struct writer *writer, int ms)
{
	struct pollfd p = { .fd = writer->wake, .events = POLLIN };
	uint64_t count;

	if (poll(&p, 1, ms) == 1 && read(writer->wake, &count, 8) == -1)
		return;
}

static bool
any_filling(const struct writer *writer)
{
	size_t i;

	for (i = 0; i < OUTPUTS; i++)
		if (writer->output[i].used &&
		    ring_is_filling(&writer->output[i].ring))
			return true;
	return false;
}

static bool
any_failing(const struct writer *writer)
{
	size_t i;

	for (i = 0; i < OUTPUTS; i++)
		if (writer->output[i].retry_at != 0)
			return true;
	return false;
}

/* What comes meanwhile costs no wake-up, unless it is much. */
static void
pause_briefly(struct writer *writer)
{
	if (any_failing(writer)) {
		wait_for(writer, AGAIN_MS);
		return;
	}
	atomic_store(&writer->pausing, true);
	if (!any_filling(writer) && !atomic_load(&writer->stopping))
		wait_for(writer, PAUSE_MS);
	atomic_store(&writer->pausing, false);
}

/* Sleeps until the producer wakes it; work that came in between is seen
 * first. */
static void
sleep_deep(struct writer *writer)
{
	atomic_store(&writer->asleep, true);
	if (!any_work(writer) && !atomic_load(&writer->stopping))
		wait_for(writer, -1);
	atomic_store(&writer->asleep, false);
}

static void *
run(void *arg)
{
	struct writer *writer = arg;
	bool worked = false, idle = false;
	uint64_t one = 1;
	size_t i;

	while (!atomic_load(&writer->giving_up)) {
		worked = false;
		for (i = 0; i < OUTPUTS; i++)
			worked |= serve(&writer->output[i]);
		if (!any_work(writer) && atomic_load(&writer->stopping))
			break;
		if (worked && (atomic_load(&writer->stopping) || full(writer)))
			continue;
		if (worked || any_work(writer) || !idle)
			pause_briefly(writer);
		else
			sleep_deep(writer);
		idle = !worked;
	}
	if (write(writer->ended, &one, sizeof(one)) == -1)
		return NULL;
	return NULL;
}

/* ---- the producer ---- */

static void
wake_up(struct writer *writer)
{
	uint64_t one = 1;

	if (write(writer->wake, &one, sizeof(one)) == -1)
		return; /* EAGAIN: it is awake a thousand times over */
}

/* A write for each sleep, not for each entry. */
static void
wake_sleeper(struct writer *writer)
{
	if (atomic_load(&writer->asleep) &&
	    atomic_exchange(&writer->asleep, false))
		wake_up(writer);
}

static bool
put(struct writer *writer, struct output *o, struct span record)
{
	if (!o->used)
		return false;
	if (!ring_put(&o->ring, record)) {
		atomic_fetch_add(&o->lost, 1);
		return false;
	}
	wake_sleeper(writer);
	if (atomic_load_explicit(&writer->pausing, memory_order_relaxed) &&
	    ring_is_filling(&o->ring) &&
	    atomic_exchange(&writer->pausing, false))
		wake_up(writer);
	return true;
}

/* Says how many were lost, before the next that is not. */
static bool
say_lost_entries(struct output *o, uint64_t lost)
{
	char buf[JOURNAL_PACK_MAX], reason[80];
	struct text packed = text_over(buf, sizeof(buf));
	struct text sentence = text_over(reason, sizeof(reason));
	struct timespec now;
	struct journal_entry entry = {
		.kind = JOURNAL_SYSTEM,
		.diagnostic = diagnosis_find(SPAN("JRN-LOST")),
		.target = SPAN("journal"),
	};

	clock_gettime(CLOCK_REALTIME, &now);
	entry.time = (uint64_t)now.tv_sec * 1000000 +
	    (uint64_t)now.tv_nsec / 1000;
	text_add_u64(&sentence, lost);
	TEXT_LIT(
	    &sentence, " journal entries were lost here: the queue was full");
	entry.reason = text_span(&sentence);
	return journal_pack(&packed, &entry, NULL) > 0 &&
	    ring_put(&o->ring, text_span(&packed));
}

static bool
say_lost_lines(struct output *o, uint64_t lost)
{
	char buf[80];
	struct text line = text_over(buf, sizeof(buf));

	text_add_u64(&line, lost);
	TEXT_LIT(&line, " log lines were lost here: the queue was full");
	return ring_put(&o->ring, text_span(&line));
}

static bool
say_lost(struct output *o)
{
	uint64_t lost = atomic_load(&o->lost);

	if (!o->used || lost == o->lost_said)
		return true;
	if (o->kind == OUTPUT_JOURNAL ?
	        !say_lost_entries(o, lost - o->lost_said) :
	        !say_lost_lines(o, lost - o->lost_said))
		return false;
	o->lost_said = lost;
	return true;
}

static bool
put_after_losses(struct writer *writer, enum output_kind kind,
    struct span record)
{
	struct output *o = &writer->output[kind];

	if (!say_lost(o)) {
		atomic_fetch_add(&o->lost, 1);
		return false;
	}
	return put(writer, o, record);
}

bool
writer_journal(struct writer *writer, struct span packed)
{
	return put_after_losses(writer, OUTPUT_JOURNAL, packed);
}

bool
writer_log(struct writer *writer, struct span line)
{
	return put_after_losses(writer, OUTPUT_LOG, line);
}

void
writer_say_losses(struct writer *writer)
{
	size_t i;

	for (i = 0; i < OUTPUTS; i++)
		say_lost(&writer->output[i]);
	wake_sleeper(writer);
}

void
writer_reopen(struct writer *writer)
{
	size_t i;

	for (i = 0; i < OUTPUTS; i++)
		atomic_store(&writer->output[i].reopen_at,
		    atomic_load(&writer->output[i].ring.head));
	wake_sleeper(writer);
}

static uint64_t
unfinished(const struct output *o)
{
	return atomic_load(&o->ring.put) - atomic_load(&o->finished);
}

void
writer_get_figures(const struct writer *writer, struct writer_figures *out)
{
	const struct output *j = &writer->output[OUTPUT_JOURNAL];
	const struct output *l = &writer->output[OUTPUT_LOG];

	*out = (struct writer_figures){
		.written = atomic_load(&j->finished),
		.waiting = unfinished(j) + unfinished(l),
		.lost = atomic_load(&j->lost),
		.log_lost = atomic_load(&l->lost),
		.failures = atomic_load(&j->failures) +
		    atomic_load(&l->failures),
		.removed = atomic_load(&j->removed) +
		    atomic_load(&l->removed),
		.error = atomic_load(&j->error),
		.last_error = atomic_load(&j->last_error),
	};
	if (out->error == 0)
		out->error = atomic_load(&l->error);
	if (out->last_error == 0)
		out->last_error = atomic_load(&l->last_error);
}

/* ---- start and stop ---- */

static bool
output_init(struct output *o, const char *path, uint32_t records)
{
	if (path != NULL && path[0] != '\0') {
		int fd = open_path(path);

		if (fd == -1)
			return false;
		o->path = strdup(path);
		if (o->path == NULL) {
			close(fd);
			return false;
		}
		use_fd(o, fd);
	}
	o->used = o->fd != -1;
	if (!o->used)
		return true;
	o->buf = malloc(BATCH + LINE_MOST);
	return o->buf != NULL && ring_init(&o->ring, records, RECORD_BYTES);
}

static void
output_fini(struct output *o)
{
	if (o->path != NULL)
		close(o->fd);
	free(o->path);
	free(o->buf);
	ring_fini(&o->ring);
}

static void
destroy(struct writer *writer)
{
	int error = errno;
	size_t i;

	for (i = 0; i < OUTPUTS; i++)
		output_fini(&writer->output[i]);
	if (writer->wake != -1)
		close(writer->wake);
	if (writer->ended != -1)
		close(writer->ended);
	free(writer);
	errno = error;
}

static bool
start_thread(struct writer *writer)
{
	errno = thread_start(&writer->thread, "cordon-writer", run, writer);
	return errno == 0;
}

static bool
outputs_init(struct writer *writer, const struct writer_options *options)
{
	struct output *journal = &writer->output[OUTPUT_JOURNAL];
	struct output *log = &writer->output[OUTPUT_LOG];

	journal->kind = OUTPUT_JOURNAL;
	journal->format = options->format;
	log->kind = OUTPUT_LOG;
	journal->fd = log->fd = -1;
	atomic_store(&journal->reopen_at, UINT64_MAX);
	atomic_store(&log->reopen_at, UINT64_MAX);
	if (options->log_fd != -1)
		use_fd(log, options->log_fd);
	return output_init(journal, options->journal_file,
	           options->queue == 0 ? 1 : options->queue) &&
	    output_init(log, options->log_file, LOG_LINES);
}

struct writer *
writer_start(const struct writer_options *options)
{
	struct writer *writer = aligned_alloc(64, sizeof(*writer));

	if (writer == NULL)
		return NULL;
	memset(writer, 0, sizeof(*writer));
	writer->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	writer->ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (writer->wake == -1 || writer->ended == -1 ||
	    !outputs_init(writer, options) || !start_thread(writer)) {
		destroy(writer);
		return NULL;
	}
	return writer;
}

static bool
has_ended(struct writer *writer, unsigned ms)
{
	struct pollfd p = { .fd = writer->ended, .events = POLLIN };

	return poll(&p, 1, (int)ms) == 1;
}

uint64_t
writer_stop(struct writer *writer, unsigned ms)
{
	uint64_t left;

	writer_say_losses(writer);
	atomic_store(&writer->stopping, true);
	wake_up(writer);
	if (!has_ended(writer, ms)) {
		atomic_store(&writer->giving_up, true);
		wake_up(writer);
	}
	left = unfinished(&writer->output[OUTPUT_JOURNAL]) +
	    unfinished(&writer->output[OUTPUT_LOG]);
	/* It sits in a write that does not return: its memory stays its own. */
	if (!has_ended(writer, 100)) {
		pthread_detach(writer->thread);
		return left;
	}
	pthread_join(writer->thread, NULL);
	left = unfinished(&writer->output[OUTPUT_JOURNAL]) +
	    unfinished(&writer->output[OUTPUT_LOG]);
	destroy(writer);
	return left;
}
