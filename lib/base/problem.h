/*
 * problem.h - what is wrong with a file that a person wrote
 *
 * Checks collect problems instead of stopping at the first: a person sees all
 * of them in one go, each with file, line, what was found and what would be
 * right.
 */

#ifndef CORDON_BASE_PROBLEM_H
#define CORDON_BASE_PROBLEM_H

#include <stdio.h>

#include "base/span.h"

enum problem_level {
	PROBLEM_WARNING, /* the file is used all the same */
	PROBLEM_ERROR,   /* the file is refused as a whole */
	PROBLEM_NOTE     /* nothing is wrong: what a reload has changed */
};

struct problem {
	enum problem_level level;
	char *file; /* NULL: of no file */
	int line;   /* 0: of the whole file */
	char *text;
};

struct problems {
	struct problem *list;
	size_t n;
	size_t errors; /* PROBLEM_ERRORs, also those that found no memory */
};

void problems_init(struct problems *problems);
void problems_fini(struct problems *problems);

/* Notes one problem. `file` and the text are copied. */
void problem_add(struct problems *problems, enum problem_level level,
    const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Appends those of `from`, which is then empty. Without memory for that,
 * only the errors are counted. */
void problems_move(struct problems *problems, struct problems *from);

const char *problem_level_name(enum problem_level level);

/* One a line: "file:line: error: text". */
void problems_print(const struct problems *problems, FILE *out);

/* The word of `words` that is nearest to `word` (few letters added, lost,
 * changed or swapped), or NULL when none is near. */
const char *word_nearest(
    struct span word, const char *const *words, size_t n);

#endif
