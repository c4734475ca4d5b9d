#include "config/source.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/hash.h"
#include "config/file.h"
#include "config/syntax.h"

#define LEVEL_MAX 10 /* includes inside includes; libconfig's own bound */
#define SYNTAX_ERROR "syntax error" /* libconfig's words */

struct scan {
	struct source *source;
	const char *file; /* as shown in problems */
	struct span text;
	size_t at;
	int line;
	int depth;
	unsigned level;
	unsigned *includes;
};

static bool scan_file(struct scan *scan, const struct scan *from,
    char **content);

__attribute__((format(printf, 2, 3))) static bool
scan_fail(const struct scan *scan, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problem_add(scan->source->problems, PROBLEM_ERROR, scan->file,
	    scan->line, "%s", text);
	return false;
}

/* The byte `ahead` of the place; NUL behind the end. */
static char
peek(const struct scan *scan, size_t ahead)
{
	size_t at = scan->at + ahead;

	return at < scan->text.n ? scan->text.p[at] : '\0';
}

static void
advance(struct scan *scan, size_t n)
{
	for (; n > 0 && scan->at < scan->text.n; n--, scan->at++)
		if (scan->text.p[scan->at] == '\n')
			scan->line++;
}

static bool
at_end(const struct scan *scan)
{
	return scan->at >= scan->text.n;
}

static bool
looking_at(const struct scan *scan, struct span word)
{
	return span_starts(span_from(scan->text, scan->at), word);
}

static bool
scan_line_comment(struct scan *scan)
{
	while (!at_end(scan) && peek(scan, 0) != '\n')
		advance(scan, 1);
	return true;
}

static bool
scan_block_comment(struct scan *scan)
{
	struct scan from = *scan;

	advance(scan, 2);
	while (!at_end(scan)) {
		if (looking_at(scan, SPAN("*/"))) {
			advance(scan, 2);
			return true;
		}
		advance(scan, 1);
	}
	return scan_fail(&from, "the comment that begins here does not end");
}

static bool
scan_string(struct scan *scan)
{
	struct scan from = *scan;

	advance(scan, 1);
	while (!at_end(scan)) {
		char c = peek(scan, 0);

		if (looking_at(scan, SPAN("\\x00")))
			return scan_fail(scan, "a string holds a NUL byte");
		advance(scan, c == '\\' ? 2 : 1);
		if (c == '"')
			return true;
	}
	return scan_fail(&from, "the string that begins here does not end");
}

static bool
name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static bool
scan_name(struct scan *scan)
{
	while (name_char(peek(scan, 0)))
		advance(scan, 1);
	return true;
}

/* Has the number at the place a value that libconfig keeps? It silently cuts an
 * integer to 32 bits, or to 64 with L behind it. */
static bool
scan_number(struct scan *scan)
{
	unsigned base = peek(scan, 0) == '0' && toupper(peek(scan, 1)) == 'X'
	    ? 16
	    : 10;
	unsigned long long v = 0;
	bool over = false;

	advance(scan, base == 16 ? 2 : 0);
	for (; isxdigit((unsigned char)peek(scan, 0)); advance(scan, 1)) {
		char c = peek(scan, 0);
		unsigned digit = isdigit((unsigned char)c)
		    ? (unsigned)(c - '0')
		    : (unsigned)(toupper(c) - 'A') + 10;

		if (digit >= base)
			break;
		over |= v > ((unsigned long long)LLONG_MAX - digit) / base;
		v = over ? 0 : v * base + digit;
	}
	if (base == 10 && memchr(".eE", peek(scan, 0), 3) != NULL)
		return scan_name(scan);
	if (over || (v > INT_MAX && peek(scan, 0) != 'L'))
		return scan_fail(scan,
		    "an integer here is too large; the most is %d", INT_MAX);
	return scan_name(scan);
}

static bool
scan_bracket(struct scan *scan)
{
	scan->depth += strchr("({[", peek(scan, 0)) != NULL ? 1 : -1;
	if (scan->depth > SOURCE_DEPTH_MAX)
		return scan_fail(scan, "brackets are nested more than %d deep",
		    SOURCE_DEPTH_MAX);
	advance(scan, 1);
	return true;
}

static bool
include_file(struct scan *scan, struct span name)
{
	char path[PATH_MAX];
	struct scan inner;

	if (span_empty(name) || name.p[0] == '/')
		return scan_fail(scan, "@include wants the name of a file, "
				       "relative to the directory of %s",
		    scan->source->file);
	if (scan->level >= LEVEL_MAX - 1 ||
	    ++*scan->includes > SOURCE_INCLUDE_MAX)
		return scan_fail(scan,
		    "too many files are included (does one include itself?)");
	if ((size_t)snprintf(path, sizeof(path), "%s/%.*s", scan->source->dir,
		SPAN_ARG(name)) >= sizeof(path))
		return scan_fail(scan, "the name of the file is too long");
	inner = (struct scan){ .source = scan->source, .file = path,
		.level = scan->level + 1, .includes = scan->includes };
	return scan_file(&inner, scan, NULL);
}

/* Anything but a complete directive is left to libconfig, which calls it a
 * syntax error. */
static bool
scan_include(struct scan *scan)
{
	struct span name;
	size_t from;

	if (!looking_at(scan, SPAN("@include"))) {
		advance(scan, 1);
		return true;
	}
	advance(scan, strlen("@include"));
	while (peek(scan, 0) == ' ' || peek(scan, 0) == '\t')
		advance(scan, 1);
	if (peek(scan, 0) != '"')
		return true;
	from = scan->at + 1;
	if (!scan_string(scan))
		return false;
	name = span_make(scan->text.p + from, scan->at - 1 - from);
	if (memchr(name.p, '\\', name.n) != NULL)
		return scan_fail(scan, "@include takes no backslash");
	return include_file(scan, name);
}

static bool
scan_token(struct scan *scan)
{
	char c = peek(scan, 0);

	if (c == '#' || looking_at(scan, SPAN("//")))
		return scan_line_comment(scan);
	if (looking_at(scan, SPAN("/*")))
		return scan_block_comment(scan);
	if (c == '"')
		return scan_string(scan);
	if (c == '@')
		return scan_include(scan);
	if (isdigit((unsigned char)c))
		return scan_number(scan);
	if (isalpha((unsigned char)c) || c == '*')
		return scan_name(scan);
	if (c != '\0' && strchr("(){}[]", c) != NULL)
		return scan_bracket(scan);
	if (c == '\0')
		return scan_fail(scan, "there is a NUL byte");
	advance(scan, 1);
	return true;
}

/* NUL bytes anywhere, comments and strings too. */
static bool
scan_nul(struct scan *scan)
{
	const char *nul = memchr(scan->text.p, '\0', scan->text.n);
	struct scan at = *scan;

	if (nul == NULL)
		return true;
	advance(&at, (size_t)(nul - scan->text.p));
	return scan_fail(&at, "there is a NUL byte; this is no text file");
}

/* What some editors write before the text; libconfig would find no word in it. */
static bool
scan_mark(struct scan *scan)
{
	return !span_starts(scan->text, SPAN("\xef\xbb\xbf")) ||
	       scan_fail(scan, "the file begins with a byte order mark; save "
			       "it as UTF-8 without one");
}

static void
add_to_digest(struct source *source, struct span text)
{
	struct span parts[2] = {
		{ (const char *)&source->digest, sizeof(source->digest) },
		text,
	};

	source->digest = hash_quick(parts, 2);
}

/* Looks through the file of `scan` and what it includes; `from` is where it is
 * included, or NULL. With `content` the text is handed over to the caller. */
static bool
scan_file(struct scan *scan, const struct scan *from, char **content)
{
	const char *why;
	size_t n;
	char *text = file_read(scan->file, SOURCE_SIZE_MAX, &n, NULL, &why);
	bool good;

	if (text == NULL && from != NULL)
		return scan_fail(
		    from, "\"%s\" cannot be read: %s", scan->file, why);
	if (text == NULL)
		return scan_fail(scan, "the file cannot be read: %s", why);
	scan->text = span_make(text, n);
	scan->line = 1;
	add_to_digest(scan->source, scan->text);
	good = scan_mark(scan) && scan_nul(scan);
	while (good && !at_end(scan))
		good = scan_token(scan);
	if (good && content != NULL)
		*content = text;
	else
		free(text);
	return good;
}

static bool
place(struct source *source, const char *file)
{
	const char *slash = strrchr(file, '/');
	struct span dir = SPAN(".");

	if (slash != NULL)
		dir = span_between(file, slash == file ? file + 1 : slash);
	source->file = strdup(file);
	source->dir = span_dup(dir);
	if (source->file == NULL || source->dir == NULL)
		return false;
	source->home = realpath(source->dir, NULL);
	if (source->home == NULL)
		source->home = strdup(source->dir);
	return source->home != NULL;
}

/* "conf/site.conf" for what `file` of the tree names; the source itself where
 * that is NULL. */
static const char *
shown_file(const struct source *source, const char *file, char buf[PATH_MAX])
{
	if (file == NULL)
		return source->file;
	snprintf(buf, PATH_MAX, "%s/%s", source->dir, file);
	return buf;
}

/* A syntax error in words, where the text of its file shows it. */
static bool
explain(const struct source *source, const char *file, const char *text)
{
	char buf[512];
	struct text why = text_over(buf, sizeof(buf));
	int line = syntax_explain(span_of(text), &why);

	if (line > 0)
		problem_add(source->problems, PROBLEM_ERROR, file, line,
		    "%.*s", SPAN_ARG(text_span(&why)));
	return line > 0;
}

/* The same of a file that is included. */
static bool
explain_included(const struct source *source, const char *file)
{
	const char *why;
	size_t n;
	char *text = file_read(file, SOURCE_SIZE_MAX, &n, NULL, &why);
	bool explained = text != NULL && explain(source, file, text);

	free(text);
	return explained;
}

/* What libconfig says of `content`, or of a file that it includes. */
static void
tell(const struct source *source, const char *content)
{
	const config_t *tree = &source->tree;
	const char *says = config_error_text(tree);
	const char *in = config_error_file(tree);
	char buf[PATH_MAX];
	const char *file = shown_file(source, in, buf);

	if (says == NULL)
		says = SYNTAX_ERROR;
	if (strcmp(says, SYNTAX_ERROR) == 0 &&
	    (in == NULL ? explain(source, file, content)
			: explain_included(source, file)))
		return;
	problem_add(source->problems, PROBLEM_ERROR, file,
	    config_error_line(tree), "%s", says);
}

static bool
parse(struct source *source)
{
	unsigned includes = 0;
	struct scan scan = { .source = source, .file = source->file,
		.includes = &includes };
	char *text = NULL;
	bool good;

	if (!scan_file(&scan, NULL, &text))
		return false;
	config_set_include_dir(&source->tree, source->dir);
	good = config_read_string(&source->tree, text) == CONFIG_TRUE;
	if (!good)
		tell(source, text);
	free(text);
	return good;
}

bool
source_open(struct source *source, const char *file, struct problems *problems)
{
	*source = (struct source){ .problems = problems };
	config_init(&source->tree);
	if (!place(source, file))
		problem_add(problems, PROBLEM_ERROR, file, 0, "out of memory");
	else if (parse(source))
		return true;
	source_close(source);
	return false;
}

void
source_close(struct source *source)
{
	config_destroy(&source->tree);
	free(source->file);
	free(source->dir);
	free(source->home);
}

void
source_problem(const struct source *source, enum problem_level level,
    const config_setting_t *at, const char *fmt, ...)
{
	char text[1024], buf[PATH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problem_add(source->problems, level,
	    shown_file(source,
		at == NULL ? NULL : config_setting_source_file(at), buf),
	    at == NULL ? 0 : (int)config_setting_source_line(at), "%s", text);
}
