#include "record/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"
#include "record/writer.h"

#define LINE_MAX_BYTES 2000
#define PATIENCE_MS    1000

static struct {
	enum log_level level;
	int fd;
	char *file; /* NULL: standard error */
	bool systemd;
	struct writer *writer;
} logger = { .level = LOG_LEVEL_INFO, .fd = STDERR_FILENO };

/* The number is the priority that systemd reads from "<N>". */
static const struct {
	const char *name;
	const char *priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "<3>" },
	[LOG_LEVEL_WARNING] = { "warning", "<4>" },
	[LOG_LEVEL_INFO] = { "info", "<6>" },
	[LOG_LEVEL_DEBUG] = { "debug", "<7>" },
};

static int
open_file(const char *file)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
	int fd = open(file, flags | O_NONBLOCK, 0640);

	return fd == -1 ? -errno : fd;
}

int
log_open(enum log_level level, const char *file)
{
	int fd;

	logger.level = level;
	logger.systemd = false;
	if (file == NULL || file[0] == '\0') {
		logger.systemd = getenv("JOURNAL_STREAM") != NULL;
		return 0;
	}
	fd = open_file(file);
	if (fd < 0)
		return fd;
	logger.file = strdup(file);
	if (logger.file == NULL) {
		close(fd);
		return -ENOMEM;
	}
	logger.fd = fd;
	return 0;
}

void
log_attach(struct writer *writer)
{
	logger.writer = writer;
	/* The writer may have followed a rotation that we did not see. */
	if (writer == NULL)
		log_reopen();
}

int
log_reopen(void)
{
	int fd;

	if (logger.file == NULL || logger.writer != NULL)
		return 0;
	fd = open_file(logger.file);
	if (fd < 0)
		return fd;
	close(logger.fd);
	logger.fd = fd;
	return 0;
}

void
log_close(void)
{
	if (logger.file != NULL)
		close(logger.fd);
	free(logger.file);
	logger.file = NULL;
	logger.fd = STDERR_FILENO;
	logger.writer = NULL;
}

void
log_set_level(enum log_level level)
{
	logger.level = level;
}

enum log_level
log_get_level(void)
{
	return logger.level;
}

bool
log_wants(enum log_level level)
{
	return level <= logger.level;
}

static void
add_time(struct text *t)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	text_addf(t, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
}

/* A caller that forgot to quote must not let the wire write lines of its
 * own. */
static void
clean(char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = '.';
}

/* Before the writer runs and behind its end. What fails is dropped, and a pipe
 * that nobody reads holds nobody. */
static void
write_now(const char *p, size_t n)
{
	struct pollfd ready = { .fd = logger.fd, .events = POLLOUT };
	ssize_t done;

	if (poll(&ready, 1, PATIENCE_MS) != 1)
		return;
	do
		done = write(logger.fd, p, n);
	while (done == -1 && errno == EINTR);
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES + 64];
	struct text t = text_over(line, sizeof(line));
	size_t room, from;
	va_list ap;
	int n;

	if (!log_wants(level))
		return;
	if (logger.systemd) {
		text_add_str(&t, levels[level].priority);
	} else {
		add_time(&t);
		text_add_str(&t, levels[level].name);
		text_add_char(&t, ' ');
	}
	from = t.len;
	room = LINE_MAX_BYTES - from;
	va_start(ap, fmt);
	n = vsnprintf(line + from, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	t.len += (size_t)n < room ? (size_t)n : room - 1;
	if ((size_t)n >= room)
		TEXT_LIT(&t, "...");
	clean(line + from, t.len - from);
	if (logger.writer != NULL) {
		writer_log(logger.writer, text_span(&t));
		return;
	}
	text_add_char(&t, '\n');
	write_now(line, t.len);
}

const char *
log_level_name(enum log_level level)
{
	return levels[level].name;
}

bool
log_level_find(struct span name, enum log_level *level)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(levels); i++)
		if (span_ieq(name, span_of(levels[i].name))) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}
