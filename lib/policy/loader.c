/*
 * loader.c - problems and memory of a policy file that is being read
 */

#include "policy/loader.h"

#include <limits.h>
#include <stdlib.h>

static void problem_at(struct loader *loader, enum problem_level level,
    const config_setting_t *at, const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));

const char *
loader_file(struct loader *loader, const config_setting_t *at)
{
	const char *file = at == NULL ? NULL : config_setting_source_file(at);
	char buf[PATH_MAX];
	struct text t = text_over(buf, sizeof(buf) - 1);

	if (file == NULL)
		return loader->file;
	if (loader->dir[0] == '\0')
		return file;
	text_add_str(&t, loader->dir);
	TEXT_LIT(&t, "/");
	text_add_str(&t, file);
	file = loader_keep(loader, span_of(text_cstr(&t))).p;
	return file == NULL ? loader->file : file;
}

static void
problem_at(struct loader *loader, enum problem_level level,
    const config_setting_t *at, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	problem_add(loader->problems, level, loader_file(loader, at),
	    at == NULL ? 0 : (int)config_setting_source_line(at), "%s", text);
}

void
loader_problem(
    struct loader *loader, const config_setting_t *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_at(loader, PROBLEM_ERROR, at, fmt, ap);
	va_end(ap);
}

void
loader_warning(
    struct loader *loader, const config_setting_t *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_at(loader, PROBLEM_WARNING, at, fmt, ap);
	va_end(ap);
}

#define KNOWN_MAX 12

/* The nearest of the words that are known; where none is near, all of them, if
 * they are few. */
static void
add_known(struct text *t, const char *word, const char *const *words, size_t n)
{
	const char *nearest = word_nearest(span_of(word), words, n);
	size_t i;

	if (nearest != NULL) {
		text_addf(t, "; did you mean \"%s\"?", nearest);
		return;
	}
	for (i = 0; n <= KNOWN_MAX && i < n; i++) {
		text_add_str(t, i == 0 ? "; known are " : ", ");
		text_add_str(t, words[i]);
	}
}

/* `in`: how what the word stands in is called, or NULL. */
static void
problem_unknown(struct loader *loader, const config_setting_t *at,
    const char *what, const char *word, const char *in,
    const char *const *words, size_t n)
{
	char buf[384];
	struct text t = text_over(buf, sizeof(buf));

	text_add_quoted(&t, span_make(word, strnlen(word, 40)));
	if (in != NULL)
		text_addf(&t, " in %s", in);
	add_known(&t, word, words, n);
	loader_problem(loader, at, "unknown %s %s", what, text_cstr(&t));
}

void
loader_unknown(struct loader *loader, const config_setting_t *at,
    const char *what, const char *word, const char *const *words, size_t n)
{
	problem_unknown(loader, at, what, word, NULL, words, n);
}

void *
loader_alloc(struct loader *loader, size_t n, size_t size)
{
	struct policy_block *block;

	if (n == 0 || size > (SIZE_MAX - sizeof(*block)) / n)
		n = size = 1;
	block = calloc(1, sizeof(*block) + n * size);
	if (block == NULL) {
		loader_problem(loader, NULL, "out of memory");
		return NULL;
	}
	block->next = loader->policy->blocks;
	loader->policy->blocks = block;
	return block->data;
}

struct span
loader_keep(struct loader *loader, struct span text)
{
	char *copy = loader_alloc(loader, text.n + 1, 1);

	if (copy == NULL)
		return SPAN_NONE;
	if (text.n > 0)
		memcpy(copy, text.p, text.n);
	return span_make(copy, text.n);
}

struct span
loader_place(struct loader *loader, const config_setting_t *at)
{
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));

	text_addf(
	    &t, "%.200s:%u", loader->label, config_setting_source_line(at));
	return loader_keep(loader, text_span(&t));
}

const char *
loader_string(
    struct loader *loader, const config_setting_t *at, const char *what)
{
	const char *s = config_setting_get_string(at);

	if (s == NULL)
		loader_problem(
		    loader, at, "%s wants a string in double quotes", what);
	return s;
}

void
loader_keep_string(struct loader *loader, const config_setting_t *at,
    const char *what, struct span *out)
{
	const char *s = loader_string(loader, at, what);

	if (s != NULL)
		*out = loader_keep(loader, span_of(s));
}

static bool
is_many(const config_setting_t *at)
{
	return config_setting_is_array(at) || config_setting_is_list(at);
}

unsigned
loader_items(const config_setting_t *at)
{
	return is_many(at) ? (unsigned)config_setting_length(at) : 1;
}

const config_setting_t *
loader_item(const config_setting_t *at, unsigned i)
{
	return is_many(at) ? config_setting_get_elem(at, i) : at;
}

static const struct loader_member *
member_find(const struct loader_member *members, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	}
	return NULL;
}

#define MEMBERS_MAX 40

void
loader_group(struct loader *loader, const config_setting_t *group,
    const char *what, const struct loader_member *members, size_t n, void *into)
{
	const char *words[MEMBERS_MAX];
	size_t j;
	int i;

	if (!config_setting_is_group(group)) {
		loader_problem(
		    loader, group, "%s wants a group: { ... }", what);
		return;
	}
	for (j = 0; j < n && j < MEMBERS_MAX; j++)
		words[j] = members[j].name;
	for (i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *at =
		    config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(at);
		const struct loader_member *member =
		    member_find(members, n, name);

		if (member == NULL)
			problem_unknown(
			    loader, at, "word", name, what, words, j);
		else
			member->load(loader, at, into);
	}
}

unsigned
loader_groups(
    struct loader *loader, const config_setting_t *at, const char *what)
{
	int i, n;

	if (!config_setting_is_list(at)) {
		loader_problem(loader, at,
		    "%s wants a list of groups: ( { ... }, { ... } )", what);
		return 0;
	}
	n = config_setting_length(at);
	for (i = 0; i < n; i++) {
		const config_setting_t *e =
		    config_setting_get_elem(at, (unsigned)i);

		if (config_setting_is_group(e))
			continue;
		loader_problem(loader, e, "%s wants groups: { ... }", what);
		return 0;
	}
	return (unsigned)n;
}
