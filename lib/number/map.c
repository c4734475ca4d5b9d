/*
 * map.c - a sorted table of number pairs
 */

#include "number/map.h"

#include <stdlib.h>

#include "config/file.h"
#include "number/number.h"

#define PROBLEMS_MAX 100
#define MAP_SIZE_MAX (64u * 1024 * 1024)

struct pair {
	uint64_t from;
	unsigned line;
	uint8_t to_n;
	char to[NUMBER_E164_MAX + 1]; /* with plus */
};

struct number_map {
	size_t n;
	struct pair *list; /* by `from` */
};

struct reader {
	const char *file;
	struct problems *problems;
	unsigned said;
	size_t room;
	struct number_map *map;
};

static void
complain(struct reader *reader, unsigned line, const char *text)
{
	if (reader->said++ < PROBLEMS_MAX)
		problem_add(reader->problems, PROBLEM_ERROR, reader->file,
		    (int)line, "%s", text);
}

static struct span
next_word(struct span *rest)
{
	size_t i = 0;
	struct span word;

	*rest = span_trim(*rest);
	while (i < rest->n && rest->p[i] != ' ' && rest->p[i] != '\t')
		i++;
	word = span_make(rest->p, i);
	*rest = span_from(*rest, i);
	return word;
}

/* E.164 with plus, and nothing else. */
static bool
read_number(struct span word, uint64_t *digits)
{
	struct number number;

	number_parse(NULL, SPAN_NONE, word, &number);
	return number.kind == NUMBER_PLUS &&
	       word.n == (size_t)number.digits_n + 1 &&
	       span_to_u64(span_from(word, 1), UINT64_MAX, digits);
}

static bool
make_room(struct reader *reader)
{
	struct number_map *map = reader->map;
	size_t room = reader->room == 0 ? 64 : reader->room * 2;
	struct pair *list;

	if (map->n < reader->room)
		return true;
	list = realloc(map->list, room * sizeof(*list));
	if (list == NULL) {
		complain(reader, 0, "out of memory");
		return false;
	}
	map->list = list;
	reader->room = room;
	return true;
}

static bool
read_line(struct reader *reader, struct span text, unsigned line)
{
	struct span comment, rest = span_cut(text, '#', &comment);
	struct span from = next_word(&rest), to = next_word(&rest);
	struct pair pair = { .line = line };
	uint64_t digits;

	if (from.n == 0)
		return true;
	if (!read_number(from, &pair.from) || !read_number(to, &digits) ||
	    span_trim(rest).n > 0) {
		complain(reader, line,
		    "a line wants two E.164 numbers with +, such as "
		    "\"+442079460000 +442079460123\"");
		return true;
	}
	pair.to_n = (uint8_t)to.n;
	memcpy(pair.to, to.p, to.n);
	if (!make_room(reader))
		return false;
	reader->map->list[reader->map->n++] = pair;
	return true;
}

static int
by_number(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static const struct pair *
find(const struct number_map *map, uint64_t from)
{
	size_t low = 0, high = map->n;

	while (low < high) {
		size_t at = low + (high - low) / 2;

		if (map->list[at].from < from)
			low = at + 1;
		else
			high = at;
	}
	return low < map->n && map->list[low].from == from ? &map->list[low]
							   : NULL;
}

static struct span
result_of(const struct pair *pair)
{
	return span_make(pair->to, pair->to_n);
}

static void
check_pair(struct reader *reader, const struct pair *pair, bool twice)
{
	const struct pair *next;
	char text[96];
	uint64_t to;

	if (twice) {
		snprintf(text, sizeof(text), "this number is in line %u too",
		    pair[-1].line);
		complain(reader, pair->line, text);
	}
	span_to_u64(span_from(result_of(pair), 1), UINT64_MAX, &to);
	next = find(reader->map, to);
	if (next == NULL || span_eq(result_of(next), result_of(pair)))
		return;
	snprintf(text, sizeof(text),
	    "the second number has another one of its own in line %u",
	    next->line);
	complain(reader, pair->line, text);
}

static void
check_map(struct reader *reader)
{
	struct number_map *map = reader->map;
	size_t i;

	if (map->n == 0)
		return;
	qsort(map->list, map->n, sizeof(*map->list), by_number);
	for (i = 0; i < map->n; i++)
		check_pair(reader, &map->list[i],
		    i > 0 && map->list[i].from == map->list[i - 1].from);
}

struct number_map *
number_map_load_text(
    struct span text, const char *file, struct problems *problems)
{
	struct reader reader = { .file = file, .problems = problems };
	unsigned line = 0;

	reader.map = calloc(1, sizeof(*reader.map));
	if (reader.map == NULL) {
		complain(&reader, 0, "out of memory");
		return NULL;
	}
	while (text.n > 0) {
		struct span one = span_cut(text, '\n', &text);

		if (!read_line(&reader, one, ++line))
			break;
	}
	check_map(&reader);
	if (reader.said > PROBLEMS_MAX)
		problem_add(problems, PROBLEM_ERROR, file, 0,
		    "and %u more problems", reader.said - PROBLEMS_MAX);
	if (reader.said == 0)
		return reader.map;
	number_map_free(reader.map);
	return NULL;
}

struct number_map *
number_map_load(const char *file, struct problems *problems)
{
	struct number_map *map;
	const char *why;
	size_t n;
	char *text = file_read(file, MAP_SIZE_MAX, &n, NULL, &why);

	if (text == NULL) {
		problem_add(problems, PROBLEM_ERROR, file, 0,
		    "cannot be read: %s", why);
		return NULL;
	}
	map = number_map_load_text(span_make(text, n), file, problems);
	free(text);
	return map;
}

void
number_map_free(struct number_map *map)
{
	if (map == NULL)
		return;
	free(map->list);
	free(map);
}

bool
number_map_find(
    const struct number_map *map, struct span digits, struct span *out)
{
	const struct pair *pair;
	uint64_t from;

	if (!span_to_u64(digits, UINT64_MAX, &from))
		return false;
	pair = find(map, from);
	if (pair != NULL)
		*out = result_of(pair);
	return pair != NULL;
}
