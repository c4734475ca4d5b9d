#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads up to `max` bytes; returns how many, or -1 with errno. */
static ssize_t
read_all(int fd, char *buf, size_t max)
{
	size_t n = 0;

	while (n < max) {
		ssize_t got = read(fd, buf + n, max - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static const char *
unfit(const struct stat *st, size_t max)
{
	if (S_ISDIR(st->st_mode))
		return "it is a directory";
	if (!S_ISREG(st->st_mode))
		return "it is no regular file";
	if ((unsigned long long)st->st_size > max)
		return "it is too large";
	return NULL;
}

/* Half of an old text and half of a new one may look good together. */
static bool
has_changed(int fd, const struct stat *before, size_t read)
{
	struct stat now;

	return read != (size_t)before->st_size || fstat(fd, &now) != 0 ||
	    now.st_size != before->st_size ||
	    now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

char *
file_read(const char *path, size_t max, size_t *n, struct stat *st,
    const char **why)
{
	/* Without O_NONBLOCK a named pipe would hold the daemon. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat own;
	char *buf = NULL;
	ssize_t got = -1;

	if (st == NULL)
		st = &own;
	if (fd < 0) {
		*why = strerror(errno);
		return NULL;
	}
	if (fstat(fd, st) != 0)
		*why = strerror(errno);
	else if ((*why = unfit(st, max)) == NULL) {
		buf = malloc((size_t)st->st_size + 1);
		if (buf != NULL)
			got = read_all(fd, buf, (size_t)st->st_size);
		if (got < 0)
			*why = strerror(errno);
	}
	if (got >= 0 && has_changed(fd, st, (size_t)got)) {
		*why = "it changes while it is read";
		got = -1;
	}
	close(fd);
	if (got < 0) {
		free(buf);
		return NULL;
	}
	buf[got] = '\0';
	*n = (size_t)got;
	return buf;
}
