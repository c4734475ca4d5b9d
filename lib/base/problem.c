#include "base/problem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

#define WORD_MAX 64

void
problems_init(struct problems *problems)
{
	*problems = (struct problems){ 0 };
}

void
problems_fini(struct problems *problems)
{
	size_t i;

	for (i = 0; i < problems->n; i++) {
		free(problems->list[i].file);
		free(problems->list[i].text);
	}
	free(problems->list);
	problems_init(problems);
}

void
problem_add(struct problems *problems, enum problem_level level,
    const char *file, int line, const char *fmt, ...)
{
	struct problem *list, p = { .level = level, .line = line };
	va_list ap;

	if (level == PROBLEM_ERROR)
		problems->errors++;
	list = realloc(problems->list, (problems->n + 1) * sizeof(*list));
	if (list == NULL)
		return;
	problems->list = list;
	p.file = file == NULL ? NULL : strdup(file);
	va_start(ap, fmt);
	if (vasprintf(&p.text, fmt, ap) == -1)
		p.text = NULL;
	va_end(ap);
	problems->list[problems->n++] = p;
}

void
problems_move(struct problems *problems, struct problems *from)
{
	struct problem *list;

	problems->errors += from->errors;
	list = realloc(problems->list,
	    (problems->n + from->n + 1) * sizeof(*list));
	if (list != NULL) {
		if (from->n > 0)
			memcpy(list + problems->n, from->list,
			    from->n * sizeof(*list));
		problems->list = list;
		problems->n += from->n;
		from->n = 0;
	}
	problems_fini(from);
}

const char *
problem_level_name(enum problem_level level)
{
	static const char *const names[] = {
		[PROBLEM_WARNING] = "warning",
		[PROBLEM_ERROR] = "error",
		[PROBLEM_NOTE] = "note",
	};

	return names[level];
}

void
problems_print(const struct problems *problems, FILE *out)
{
	size_t i;

	for (i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		if (p->file != NULL)
			fprintf(out, "%s:", p->file);
		if (p->file != NULL && p->line > 0)
			fprintf(out, "%d:", p->line);
		fprintf(out, "%s%s: %s\n", p->file == NULL ? "" : " ",
		    problem_level_name(p->level),
		    p->text == NULL ? "out of memory" : p->text);
	}
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static bool
same_letter(char a, char b)
{
	return strncasecmp(&a, &b, 1) == 0;
}

/* Edits (insert, delete, change, swap of neighbours) from a to b. */
static unsigned
distance(struct span a, struct span b)
{
	unsigned row[3][WORD_MAX + 1];
	size_t i, k;

	for (k = 0; k <= b.n; k++)
		row[0][k] = (unsigned)k;
	for (i = 1; i <= a.n; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3];

		now[0] = (unsigned)i;
		for (k = 1; k <= b.n; k++) {
			bool same = same_letter(a.p[i - 1], b.p[k - 1]);

			now[k] = min3(last[k] + 1, now[k - 1] + 1,
			    last[k - 1] + (same ? 0 : 1));
			if (i > 1 && k > 1 &&
			    same_letter(a.p[i - 1], b.p[k - 2]) &&
			    same_letter(a.p[i - 2], b.p[k - 1]) &&
			    row[(i + 1) % 3][k - 2] + 1 < now[k])
				now[k] = row[(i + 1) % 3][k - 2] + 1;
		}
	}
	return row[a.n % 3][b.n];
}

const char *
word_nearest(struct span word, const char *const *words, size_t n)
{
	unsigned best = (unsigned)(word.n / 3 + 1);
	const char *nearest = NULL;
	size_t i;

	if (word.n == 0 || word.n > WORD_MAX)
		return NULL;
	for (i = 0; i < n; i++) {
		struct span w = span_of(words[i]);
		unsigned d;

		if (w.n > WORD_MAX)
			continue;
		d = distance(word, w);
		if (d < best || (d == best && nearest == NULL)) {
			best = d;
			nearest = words[i];
		}
	}
	return nearest;
}
