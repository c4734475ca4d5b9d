/*
 * table.h - rows of texts, printed with aligned columns
 */

#ifndef CORDON_CLI_TABLE_H
#define CORDON_CLI_TABLE_H

#include "cli/print.h"

#define TABLE_COLUMNS 12

struct table_cell {
	char *text; /* NULL: empty */
	enum paint paint;
};

struct table {
	const char *const *titles; /* one that begins with '>' is aligned right */
	size_t columns;
	struct table_cell *cells;
	size_t rows;
	size_t room;
	size_t filled; /* cells of the row being filled */
};

void table_init(struct table *table, const char *const *titles, size_t columns);
void table_fini(struct table *table);

/* The next cell, row by row; the text is copied. What finds no memory is left
 * empty. */
void table_add(struct table *table, enum paint paint, const char *text);
void table_addf(struct table *table, enum paint paint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void table_print(const struct table *table, const struct print *print);

#endif
