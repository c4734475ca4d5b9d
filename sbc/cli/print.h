/*
 * print.h - text for a person at a terminal
 *
 * Everything that may have come from the wire goes through print_safe() or
 * the functions made of it: no control byte, and nothing that reorders
 * text, reaches the terminal.
 */

#ifndef CORDON_CLI_PRINT_H
#define CORDON_CLI_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/span.h"

enum paint {
	PAINT_NONE,
	PAINT_BOLD,
	PAINT_DIM,
	PAINT_RED,
	PAINT_GREEN,
	PAINT_YELLOW
};

struct print {
	FILE *out;
	bool color;
	unsigned width;   /* columns to wrap at */
	unsigned columns; /* that there are */
};

/* Colours on a terminal unless NO_COLOR is set or TERM is dumb; its
 * width, from 60 to 100, or 80 where there is none: then COLUMNS
 * says how many there are. */
void print_init(struct print *print, FILE *out);

void print_safe(FILE *out, struct span text);
/* The columns that print_safe() takes. */
size_t print_columns(struct span text);
/* The bytes of it that fit into that many columns; at least one character. */
size_t print_fit(struct span text, size_t columns);

void print_painted(
    const struct print *print, enum paint paint, struct span text);
static inline void
print_str(const struct print *print, enum paint paint, const char *text)
{
	print_painted(print, paint, span_of(text));
}

/* Wrapped at the width, each line behind `indent` blanks, and its end. */
void print_wrapped(const struct print *print, enum paint paint, unsigned indent,
    struct span text);

/* Blanks up to `columns`, where `used` of them are used; at least one. */
void print_pad(const struct print *print, size_t used, size_t columns);

#endif
