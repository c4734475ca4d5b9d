#include "config/syntax.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32
#define SHOWN_MAX 40
#define BLANKS    " \t\r\n\f"

enum kind { END, WORD, STRING, MARK };

struct token {
	enum kind kind;
	char mark; /* of a MARK: one of = : ; , ( ) { } [ ] or what is none */
	struct span text;
	int line;
};

/* Where the walk is: what may come next. */
enum place {
	NAME,   /* a setting, or the end of the group */
	EQUALS, /* behind the name */
	VALUE,  /* behind '=' */
	AFTER,  /* behind the value, in a group */
	ENTRY,  /* an entry of a list or an array */
	NEXT    /* behind an entry */
};

struct walk {
	struct span rest;
	struct span gap; /* the last one */
	int line;
	enum place place;
	struct token name;   /* of the setting at hand */
	bool behind;         /* it stands behind a value, without ';' */
	struct token before; /* the token before */
	struct token open[DEPTH_MAX];
	unsigned depth;
	int strayed; /* where a string near by begins that ends in another */
	int at;      /* line of what does not fit */
	struct text *why;
};

/* ---- tokens ---- */

static struct span
take(struct walk *walk, size_t n)
{
	struct span taken = span_make(walk->rest.p, n);
	size_t i;

	for (i = 0; i < n; i++)
		walk->line += taken.p[i] == '\n';
	walk->rest = span_from(walk->rest, n);
	return taken;
}

static size_t
line_length(struct span s)
{
	ptrdiff_t end = span_find(s, '\n');

	return end < 0 ? s.n : (size_t)end;
}

/* With its quotes. */
static size_t
string_length(struct span s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] != '"')
		n += s.p[n] == '\\' ? 2 : 1;
	return n < s.n ? n + 1 : s.n;
}

static size_t
comment_length(struct span s)
{
	ptrdiff_t end;

	if (span_starts(s, SPAN("#")) || span_starts(s, SPAN("//")))
		return line_length(s);
	if (!span_starts(s, SPAN("/*")))
		return 0;
	end = span_find_span(span_from(s, 2), SPAN("*/"));
	return end < 0 ? s.n : (size_t)end + 4;
}

/* What is between the tokens; included files are walked over by themselves. */
static size_t
gap_length(struct span s)
{
	if (strchr(BLANKS, s.p[0]) != NULL && s.p[0] != '\0')
		return 1;
	return span_starts(s, SPAN("@include ")) ? line_length(s)
						 : comment_length(s);
}

/* A value without quotes runs on over what divides names from values. */
static size_t
word_length(struct span s, enum place place)
{
	const char *ends = place == NAME || place == AFTER
	    ? BLANKS ";,(){}[]\"#=:"
	    : BLANKS ";,(){}[]\"#=";
	size_t n = 0;

	while (n < s.n && s.p[n] != '\0' && strchr(ends, s.p[n]) == NULL)
		n++;
	return n;
}

static void
token_next(struct walk *walk, struct token *token)
{
	size_t n;

	while (walk->rest.n > 0 && (n = gap_length(walk->rest)) > 0)
		walk->gap = take(walk, n);
	*token = (struct token){ .kind = END, .line = walk->line };
	if (walk->rest.n == 0)
		return;
	if (walk->rest.p[0] == '"') {
		token->kind = STRING;
		token->text = take(walk, string_length(walk->rest));
		if (walk->line > token->line && walk->strayed == 0)
			walk->strayed = token->line;
		return;
	}
	n = walk->rest.p[0] == ':' ? 0 : word_length(walk->rest, walk->place);
	token->kind = n > 0 ? WORD : MARK;
	token->mark = n > 0 ? '\0' : walk->rest.p[0];
	token->text = take(walk, n > 0 ? n : 1);
}

static bool
is_name(struct span s)
{
	size_t i;

	if (!isalpha((unsigned char)s.p[0]) && s.p[0] != '*')
		return false;
	for (i = 1; i < s.n; i++) {
		if (!isalnum((unsigned char)s.p[i]) &&
		    strchr("-_*", s.p[i]) == NULL)
			return false;
	}
	return true;
}

/* A value that stands without quotes. */
static bool
is_plain(struct span s)
{
	char buf[64], *end;

	if (span_ieq(s, SPAN("true")) || span_ieq(s, SPAN("false")))
		return true;
	if (s.n >= sizeof(buf) || strchr("+-.0123456789", s.p[0]) == NULL)
		return false;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	(void)strtod(buf, &end);
	return *end == '\0' || strcmp(end, "L") == 0 || strcmp(end, "LL") == 0;
}

/* ---- what is wrong ---- */

/* The beginning, if it is long; it may be any bytes. */
static void
add_part(struct text *t, struct span s)
{
	size_t i, n = line_length(s);

	n = n > SHOWN_MAX ? SHOWN_MAX : n;
	for (i = 0; i < n; i++)
		text_add_char(t, iscntrl((unsigned char)s.p[i]) ? '?' : s.p[i]);
	if (n < s.n)
		TEXT_LIT(t, "...");
}

static void
add_shown(struct text *t, const struct token *token)
{
	static const char quotes[] = { [WORD] = '"', [MARK] = '\'' };

	if (token->kind == END) {
		TEXT_LIT(t, "the end of the file");
		return;
	}
	if (token->kind != STRING)
		text_add_char(t, quotes[token->kind]);
	add_part(t, token->text);
	if (token->kind != STRING)
		text_add_char(t, quotes[token->kind]);
}

static void
fault(struct walk *walk, int line)
{
	walk->at = line;
	if (walk->strayed > 0)
		text_addf(walk->why,
		    "; the string of line %d goes on over the end of its "
		    "line: is a quote missing there?",
		    walk->strayed);
}

/* "found X, expected Y" */
static void
unexpected(struct walk *walk, const struct token *token, const char *expected)
{
	TEXT_LIT(walk->why, "syntax error: found ");
	add_shown(walk->why, token);
	TEXT_LIT(walk->why, ", expected ");
	text_add_str(walk->why, expected);
	fault(walk, token->line);
}

static void
unquoted(struct walk *walk, const struct token *token)
{
	TEXT_LIT(walk->why, "syntax error: found ");
	add_part(walk->why, token->text);
	TEXT_LIT(walk->why, ", expected quotes around it: ");
	add_shown(walk->why, token);
	fault(walk, token->line);
}

/* ---- brackets ---- */

static bool
in_group(const struct walk *walk)
{
	return walk->depth == 0 || walk->open[walk->depth - 1].mark == '{';
}

static void
open_bracket(struct walk *walk, const struct token *token)
{
	if (walk->depth == DEPTH_MAX) {
		unexpected(walk, token, "fewer brackets inside brackets");
		return;
	}
	walk->open[walk->depth++] = *token;
	walk->place = token->mark == '{' ? NAME : ENTRY;
}

static char
closing(char open)
{
	return open == '{' ? '}' : open == '(' ? ')' : ']';
}

/* Also the end of the file, which closes nothing. */
static void
close_bracket(struct walk *walk, const struct token *token)
{
	const struct token *open;

	if (walk->depth == 0) {
		unexpected(walk, token, "a setting: no bracket is open here");
		return;
	}
	open = &walk->open[walk->depth - 1];
	if (token->kind != END && token->mark == closing(open->mark)) {
		walk->depth--;
		walk->place = in_group(walk) ? AFTER : NEXT;
		return;
	}
	TEXT_LIT(walk->why, "syntax error: found ");
	add_shown(walk->why, token);
	text_addf(walk->why, ", expected '%c': the '%c' of line %d is open",
	    closing(open->mark), open->mark, open->line);
	fault(walk, token->line);
}

static bool
is_mark(const struct token *token, const char *marks)
{
	return token->kind == MARK && token->mark != '\0' &&
	       strchr(marks, token->mark) != NULL;
}

/* ---- places ---- */

/* libconfig wants a line end behind a comment, also in the last line. */
static void
at_end(struct walk *walk, const struct token *token)
{
	if (span_starts(walk->gap, SPAN("#")) ||
	    span_starts(walk->gap, SPAN("//")))
		unexpected(walk, token, "the end of the line of the comment");
}

static void
at_name(struct walk *walk, const struct token *token)
{
	if (token->kind == END && walk->depth == 0) {
		at_end(walk, token);
	} else if (token->kind == END || is_mark(token, ")}]")) {
		close_bracket(walk, token);
	} else if (token->kind == WORD && is_name(token->text)) {
		walk->name = *token;
		walk->place = EQUALS;
	} else {
		unexpected(walk, token, "the name of a setting");
	}
}

/* "30 s" reads as a value and the name of the next setting. */
static void
at_equals(struct walk *walk, const struct token *token)
{
	if (is_mark(token, "=:")) {
		walk->place = VALUE;
		return;
	}
	if (walk->behind) {
		unexpected(walk, &walk->name,
		    "';' behind the value, or quotes around all of it");
		return;
	}
	TEXT_LIT(walk->why, "syntax error: found ");
	add_shown(walk->why, token);
	TEXT_LIT(walk->why, ", expected '=' behind ");
	add_shown(walk->why, &walk->name);
	fault(walk, token->line);
}

static bool
is_scalar(const struct token *token)
{
	return token->kind == STRING ||
	       (token->kind == WORD && is_plain(token->text));
}

static void
at_value(struct walk *walk, const struct token *token)
{
	if (is_mark(token, "({["))
		open_bracket(walk, token);
	else if (is_scalar(token))
		walk->place = AFTER;
	else if (token->kind == WORD)
		unquoted(walk, token);
	else
		unexpected(walk, token, "a value behind '='");
}

/* Strings beside each other are one. */
static bool
goes_on(const struct walk *walk, const struct token *token)
{
	return token->kind == STRING && walk->before.kind == STRING;
}

static void
at_after(struct walk *walk, const struct token *token)
{
	walk->behind = false;
	if (is_mark(token, ";,")) {
		walk->place = NAME;
	} else if (!goes_on(walk, token)) {
		walk->behind = true;
		at_name(walk, token);
	}
}

static void
at_entry(struct walk *walk, const struct token *token)
{
	bool first = walk->before.kind == MARK && walk->before.mark != ',';
	bool array = walk->open[walk->depth - 1].mark == '[';

	if (is_mark(token, "({[") && array)
		unexpected(walk, token, "a plain value: entries of [ ] are no "
					"groups or lists, those of ( ) may be");
	else if (is_mark(token, "({["))
		open_bracket(walk, token);
	else if (is_scalar(token))
		walk->place = NEXT;
	else if (token->kind == WORD && span_starts(span_trim(walk->rest),
						SPAN("=")))
		unexpected(walk, token,
		    "an entry: settings of one stand in { } together");
	else if (token->kind == WORD)
		unquoted(walk, token);
	else if (is_mark(token, ")}]") && !first)
		unexpected(walk, token, "an entry behind ','");
	else if (is_mark(token, ")}]") || token->kind == END)
		close_bracket(walk, token);
	else
		unexpected(walk, token, "an entry");
}

static void
at_next(struct walk *walk, const struct token *token)
{
	if (is_mark(token, ","))
		walk->place = ENTRY;
	else if (is_mark(token, ")}]") || token->kind == END)
		close_bracket(walk, token);
	else if (!goes_on(walk, token))
		unexpected(walk, token, "',' between the entries");
}

int
syntax_explain(struct span file, struct text *why)
{
	static void (*const steps[])(struct walk *, const struct token *) = {
		[NAME] = at_name, [EQUALS] = at_equals, [VALUE] = at_value,
		[AFTER] = at_after, [ENTRY] = at_entry, [NEXT] = at_next
	};
	struct walk walk = { .rest = file, .line = 1, .why = why };
	struct token token;

	do {
		token_next(&walk, &token);
		steps[walk.place](&walk, &token);
		walk.before = token;
		if (token.kind == MARK)
			walk.strayed = 0;
	} while (walk.at == 0 && token.kind != END);
	return walk.at;
}
