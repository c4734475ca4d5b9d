/*
 * source.h - a libconfig file as a tree whose settings know where they stand
 *
 * libconfig ends the process at an unreadable include, cuts integers short and
 * recurses without bound. The text is therefore looked through before libconfig
 * sees it.
 */

#ifndef CORDON_CONFIG_SOURCE_H
#define CORDON_CONFIG_SOURCE_H

#include <libconfig.h>

#include "base/problem.h"

#define SOURCE_SIZE_MAX    (1024 * 1024) /* bytes of one file */
#define SOURCE_DEPTH_MAX   16            /* brackets inside brackets */
#define SOURCE_INCLUDE_MAX 100           /* includes, counted all together */

struct source {
	config_t tree;
	char *file; /* as given */
	char *dir;  /* where it lies, as given, "." without a slash */
	char *home; /* the same as an absolute path */
	struct problems *problems;
	/* The same for two means that they had the same text, with all that
	 * it includes. */
	uint64_t digest;
};

/* Reads a file and what it includes (by names relative to its directory). False
 * when it cannot be used: `problems` says why, and nothing is to be closed. */
bool source_open(
    struct source *source, const char *file, struct problems *problems);
void source_close(struct source *source);

/* Notes a problem where that setting stands (NULL: of the whole file). */
void source_problem(const struct source *source, enum problem_level level,
    const config_setting_t *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
