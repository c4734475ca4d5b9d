#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>

#define GAP 2

void
table_init(struct table *table, const char *const *titles, size_t columns)
{
	*table = (struct table){ .titles = titles, .columns = columns };
}

void
table_fini(struct table *table)
{
	size_t i;

	for (i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i].text);
	free(table->cells);
}

static bool
add_row(struct table *table)
{
	size_t i;

	if (table->rows == table->room) {
		size_t room = table->room == 0 ? 16 : table->room * 2;
		struct table_cell *cells = realloc(table->cells,
		    room * table->columns * sizeof(*cells));

		if (cells == NULL)
			return false;
		table->cells = cells;
		table->room = room;
	}
	for (i = 0; i < table->columns; i++)
		table->cells[table->rows * table->columns + i] =
		    (struct table_cell){ 0 };
	table->rows++;
	table->filled = 0;
	return true;
}

void
table_add(struct table *table, enum paint paint, const char *text)
{
	struct table_cell *cell;

	if ((table->rows == 0 || table->filled == table->columns) &&
	    !add_row(table))
		return;
	cell = &table->cells[(table->rows - 1) * table->columns];
	cell += table->filled++;
	cell->paint = paint;
	cell->text = text == NULL ? NULL : strdup(text);
}

void
table_addf(struct table *table, enum paint paint, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) == -1)
		text = NULL;
	va_end(ap);
	table_add(table, paint, text);
	free(text);
}

static bool
is_right(const struct table *table, size_t column)
{
	return table->titles[column][0] == '>';
}

static const char *
title_of(const struct table *table, size_t column)
{
	return table->titles[column] + is_right(table, column);
}

static size_t
width_of(const struct table *table, size_t column)
{
	size_t width = print_columns(span_of(title_of(table, column))), i;

	for (i = 0; i < table->rows; i++) {
		const struct table_cell *cell =
		    &table->cells[i * table->columns + column];
		size_t n = print_columns(span_of(cell->text));

		if (n > width)
			width = n;
	}
	return width;
}

/* `blank` counts the columns that are owed to what stands before: a
 * line does not end in blanks. */
static void
print_cell(const struct table *table, const struct print *print, size_t column,
    size_t width, const struct table_cell *cell, int *blank)
{
	int left = (int)(width - print_columns(span_of(cell->text)));
	bool right = is_right(table, column);

	if (cell->text != NULL && cell->text[0] != '\0') {
		fprintf(print->out, "%*s", *blank + (right ? left : 0), "");
		print_str(print, cell->paint, cell->text);
		*blank = right ? 0 : left;
	} else {
		*blank += left;
	}
	*blank += GAP;
}

static void
print_row(const struct table *table, const struct print *print,
    const size_t *width, const struct table_cell *cells)
{
	int blank = 0;
	size_t i;

	for (i = 0; i < table->columns; i++)
		print_cell(table, print, i, width[i], &cells[i], &blank);
	fputc('\n', print->out);
}

void
table_print(const struct table *table, const struct print *print)
{
	size_t width[TABLE_COLUMNS], i, row;
	struct table_cell titles[TABLE_COLUMNS];

	for (i = 0; i < table->columns; i++) {
		width[i] = width_of(table, i);
		titles[i].text = (char *)(uintptr_t)title_of(table, i);
		titles[i].paint = PAINT_BOLD;
	}
	print_row(table, print, width, titles);
	for (row = 0; row < table->rows; row++)
		print_row(table, print, width,
		    &table->cells[row * table->columns]);
}
