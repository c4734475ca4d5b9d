#include "cli/compare.h"

#include <stdlib.h>

#include "sip/message.h"
#include "sip/nameaddr.h"

#define LINES_MAX   1024
#define BESIDE_LEAST 100

enum mark {
	MARK_SAME,
	MARK_NATURE, /* another one, as in every call */
	MARK_CHANGED,
	MARK_LEFT, /* only there */
	MARK_RIGHT
};

struct row {
	enum mark mark;
	struct span left, right;
};

struct rows {
	struct row *list;
	size_t n;
};

/* The lines of one message. */
struct lines {
	struct span list[LINES_MAX];
	bool paired[LINES_MAX];
	size_t n;
	size_t head; /* of them before the body: start line and headers */
};

static void
lines_read(struct lines *lines, struct span message)
{
	bool body = false;

	*lines = (struct lines){ 0 };
	while (!span_empty(message) && lines->n < LINES_MAX) {
		struct span line = span_cut(message, '\n', &message);

		if (!span_empty(line) && line.p[line.n - 1] == '\r')
			line.n--;
		if (!body && span_empty(line) && lines->n > 0) {
			body = true;
			lines->head = lines->n;
			continue;
		}
		lines->list[lines->n++] = line;
	}
	if (!body)
		lines->head = lines->n;
}

/* A folded line belongs to its header; it is paired by its blanks. */
static struct span
name_of(struct span line)
{
	struct span rest, name = span_trim(span_cut(line, ':', &rest));
	enum sip_header id = sip_header_find(name);

	return id == SIP_OTHER_HEADER ? name : span_of(sip_header_name(id));
}

static struct span
value_of(struct span line)
{
	struct span value;

	span_cut(line, ':', &value);
	return span_trim(value);
}

static struct span
without_tag(struct span value)
{
	struct nameaddr na;
	ptrdiff_t at;

	nameaddr_parse(value, &na);
	if (!nameaddr_usable(&na))
		return value;
	at = span_find_span(na.params, SPAN(";tag="));
	if (at < 0)
		return value;
	return span_between(value.p, na.params.p + at);
}

static bool
is_own(struct span name)
{
	return (sip_header_flags(sip_header_find(name)) & SIP_FLAG_OURS) != 0;
}

bool
compare_same_header(struct span name, struct span a, struct span b)
{
	enum sip_header id = sip_header_find(name);

	if (span_eq(a, b))
		return true;
	if (id == SIP_FROM || id == SIP_TO)
		return span_eq(without_tag(a), without_tag(b));
	return is_own(name);
}

static void
rows_add(struct rows *rows, enum mark mark, struct span left, struct span right)
{
	rows->list[rows->n++] = (struct row){ mark, left, right };
}

static enum mark
mark_header(struct span left, struct span right)
{
	struct span name = name_of(left);

	if (span_eq(value_of(left), value_of(right)))
		return MARK_SAME;
	return compare_same_header(name, value_of(left), value_of(right))
	    ? MARK_NATURE
	    : MARK_CHANGED;
}

/* The next one of that name that has no pair yet; n->head: none. */
static size_t
pair_find(const struct lines *lines, struct span name)
{
	size_t i;

	for (i = 1; i < lines->head; i++)
		if (!lines->paired[i] &&
		    span_ieq(name_of(lines->list[i]), name))
			break;
	return i;
}

static void
pair_headers(struct rows *rows, const struct lines *left, struct lines *right)
{
	size_t i, j;

	for (i = 1; i < left->head; i++) {
		struct span name = name_of(left->list[i]);

		j = pair_find(right, name);
		if (j >= right->head) {
			rows_add(rows, is_own(name) ? MARK_NATURE : MARK_LEFT,
			    left->list[i], SPAN_NONE);
			continue;
		}
		right->paired[j] = true;
		rows_add(rows, mark_header(left->list[i], right->list[j]),
		    left->list[i], right->list[j]);
	}
	for (j = 1; j < right->head; j++)
		if (!right->paired[j])
			rows_add(rows,
			    is_own(name_of(right->list[j])) ? MARK_NATURE
							    : MARK_RIGHT,
			    SPAN_NONE, right->list[j]);
}

/* How many lines from `at` on stand before that one; SIZE_MAX: it is not
 * there. Each line may look at all, of which there are LINES_MAX. */
static size_t
distance(const struct lines *lines, size_t at, struct span line)
{
	size_t i;

	for (i = at; i < lines->n; i++)
		if (span_eq(lines->list[i], line))
			return i - at;
	return SIZE_MAX;
}

static enum mark
mark_body(const struct lines *left, size_t l, const struct lines *right,
    size_t r)
{
	size_t gone, come;

	if (l >= left->n)
		return MARK_RIGHT;
	if (r >= right->n)
		return MARK_LEFT;
	gone = distance(left, l, right->list[r]);
	come = distance(right, r, left->list[l]);
	if (gone == come)
		return gone == 0 ? MARK_SAME : MARK_CHANGED;
	return gone < come ? MARK_LEFT : MARK_RIGHT;
}

/* A line that comes later on the other side waits for it; where neither does,
 * the one has become the other. */
static void
pair_body(struct rows *rows, const struct lines *left,
    const struct lines *right)
{
	size_t l = left->head, r = right->head;

	while (l < left->n || r < right->n) {
		enum mark mark = mark_body(left, l, right, r);
		bool has_left = mark != MARK_RIGHT;
		bool has_right = mark != MARK_LEFT;

		rows_add(rows, mark, has_left ? left->list[l] : SPAN_NONE,
		    has_right ? right->list[r] : SPAN_NONE);
		l += has_left;
		r += has_right;
	}
}

static void
pair(struct rows *rows, const struct lines *left, struct lines *right)
{
	if (left->n > 0 || right->n > 0)
		rows_add(rows,
		    span_eq(left->list[0], right->list[0]) ? MARK_SAME
		    : left->n == 0                         ? MARK_RIGHT
		    : right->n == 0                        ? MARK_LEFT
							   : MARK_CHANGED,
		    left->list[0], right->list[0]);
	pair_headers(rows, left, right);
	if (left->n > left->head || right->n > right->head)
		rows_add(rows, MARK_SAME, SPAN_NONE, SPAN_NONE);
	pair_body(rows, left, right);
}

/* ---- printing ---- */

static const struct mark_style {
	const char *between;
	enum paint left, right;
} styles[] = {
	[MARK_SAME] = { "   ", PAINT_NONE, PAINT_NONE },
	[MARK_NATURE] = { "   ", PAINT_DIM, PAINT_DIM },
	[MARK_CHANGED] = { " | ", PAINT_RED, PAINT_GREEN },
	[MARK_LEFT] = { " < ", PAINT_RED, PAINT_NONE },
	[MARK_RIGHT] = { " > ", PAINT_NONE, PAINT_GREEN },
};

/* What fits of it into `columns` is printed and cut off; the columns used. */
static size_t
print_piece(const struct print *print, enum paint paint, struct span *rest,
    size_t columns)
{
	struct span piece = span_make(rest->p, print_fit(*rest, columns));

	if (span_empty(piece))
		return 0;
	print_painted(print, paint, piece);
	*rest = span_from(*rest, piece.n);
	return print_columns(piece);
}

static void
print_beside(const struct print *print, const struct row *row)
{
	const struct mark_style *style = &styles[row->mark];
	size_t columns = (print->columns - 3) / 2, used;
	struct span left = row->left, right = row->right;
	bool first = true;

	while (first || !span_empty(left) || !span_empty(right)) {
		bool bare = span_empty(right) && row->mark != MARK_LEFT;

		used = print_piece(print, style->left, &left, columns);
		if (!bare)
			fprintf(print->out, "%*s%s", (int)(columns - used), "",
			    span_empty(right) && row->mark == MARK_LEFT ? " <"
				: style->between);
		print_piece(print, style->right, &right, columns);
		fputc('\n', print->out);
		first = false;
	}
}

static void
print_line(const struct print *print, enum paint paint, const char *sign,
    struct span line)
{
	print_str(print, paint, sign);
	print_painted(print, paint, line);
	fputc('\n', print->out);
}

static void
print_above(const struct print *print, const struct row *row)
{
	const struct mark_style *style = &styles[row->mark];

	if (row->mark == MARK_SAME || row->mark == MARK_NATURE) {
		if (row->mark == MARK_NATURE && span_empty(row->right))
			return;
		if (span_empty(row->right))
			fputc('\n', print->out);
		else
			print_line(print, style->right, "  ", row->right);
		return;
	}
	if (row->mark != MARK_RIGHT)
		print_line(print, style->left, "- ", row->left);
	if (row->mark != MARK_LEFT)
		print_line(print, style->right, "+ ", row->right);
}

static void
print_titles(const struct print *print, const char *left, const char *right)
{
	size_t columns = (print->columns - 3) / 2;

	if (print->columns >= BESIDE_LEAST) {
		print_str(print, PAINT_BOLD, left);
		print_pad(print, print_columns(span_of(left)), columns + 3);
		print_str(print, PAINT_BOLD, right);
	} else {
		print_str(print, PAINT_RED, "- ");
		print_str(print, PAINT_BOLD, left);
		fputc('\n', print->out);
		print_str(print, PAINT_GREEN, "+ ");
		print_str(print, PAINT_BOLD, right);
	}
	fputs("\n\n", print->out);
}

void
compare_print(const struct print *print, const char *left_title,
    struct span left, const char *right_title, struct span right)
{
	struct lines *lines = calloc(2, sizeof(*lines));
	struct rows rows = { calloc(2 * LINES_MAX + 2, sizeof(struct row)), 0 };
	size_t i;

	if (lines != NULL && rows.list != NULL) {
		lines_read(&lines[0], left);
		lines_read(&lines[1], right);
		pair(&rows, &lines[0], &lines[1]);
		print_titles(print, left_title, right_title);
	}
	for (i = 0; i < rows.n; i++)
		if (print->columns >= BESIDE_LEAST)
			print_beside(print, &rows.list[i]);
		else
			print_above(print, &rows.list[i]);
	free(rows.list);
	free(lines);
}
