#include "cli/print.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_NONE  80
#define WIDTH_LEAST 60
#define WIDTH_MOST  100
#define COLUMNS_MOST 1000

static unsigned
find_columns(FILE *out)
{
	const char *given = getenv("COLUMNS");
	struct winsize size;
	uint32_t n;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (given != NULL && span_to_u32(span_of(given), COLUMNS_MOST, &n) &&
	    n > 0)
		return n;
	return WIDTH_NONE;
}

static unsigned
find_width(unsigned columns)
{
	if (columns < WIDTH_LEAST)
		return WIDTH_LEAST;
	return columns > WIDTH_MOST ? WIDTH_MOST : columns;
}

void
print_init(struct print *print, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool wanted = no_color == NULL || no_color[0] == '\0';

	print->out = out;
	print->color = wanted && isatty(fileno(out)) == 1 &&
	    (term == NULL || strcmp(term, "dumb") != 0);
	print->columns = find_columns(out);
	print->width = find_width(print->columns);
}

/* Decodes one character of valid UTF-8 (Jansson gives no other); anything
 * else is a byte of its own. */
static size_t
decode(struct span s, uint32_t *c)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n, i;

	*c = p[0];
	if (p[0] < 0xc2)
		return 1;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > s.n)
		return 1;
	*c = p[0] & (0x7f >> n);
	for (i = 1; i < n; i++)
		*c = *c << 6 | (p[i] & 0x3f);
	return n;
}

/* Control characters, and those that are not seen or turn the text around. */
static bool
is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void
print_safe(FILE *out, struct span text)
{
	while (!span_empty(text)) {
		uint32_t c;
		size_t n = decode(text, &c);

		if (is_unsafe(c))
			fprintf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
		else
			fwrite(text.p, 1, n, out);
		text = span_from(text, n);
	}
}

static size_t
columns_of(uint32_t c)
{
	return !is_unsafe(c) ? 1 : c < 0x100 ? 4 : 6;
}

size_t
print_fit(struct span text, size_t columns)
{
	size_t bytes = 0, used = 0;

	while (bytes < text.n) {
		uint32_t c;
		size_t n = decode(span_from(text, bytes), &c);

		used += columns_of(c);
		if (used > columns && bytes > 0)
			break;
		bytes += n;
	}
	return bytes;
}

size_t
print_columns(struct span text)
{
	size_t columns = 0;

	while (!span_empty(text)) {
		uint32_t c;
		size_t n = decode(text, &c);

		columns += columns_of(c);
		text = span_from(text, n);
	}
	return columns;
}

static void
begin(const struct print *print, enum paint paint)
{
	static const char *const codes[] = {
		[PAINT_NONE] = "",
		[PAINT_BOLD] = "\033[1m",
		[PAINT_DIM] = "\033[2m",
		[PAINT_RED] = "\033[31m",
		[PAINT_GREEN] = "\033[32m",
		[PAINT_YELLOW] = "\033[33m",
	};

	if (print->color)
		fputs(codes[paint], print->out);
}

static void
end(const struct print *print, enum paint paint)
{
	if (print->color && paint != PAINT_NONE)
		fputs("\033[0m", print->out);
}

void
print_painted(const struct print *print, enum paint paint, struct span text)
{
	begin(print, paint);
	print_safe(print->out, text);
	end(print, paint);
}

void
print_wrapped(const struct print *print, enum paint paint, unsigned indent,
    struct span text)
{
	size_t column = 0;

	while (!span_empty(text)) {
		struct span word = span_cut(text, ' ', &text);
		size_t n = print_columns(word);

		if (n == 0)
			continue;
		if (column > 0 && column + 1 + n > print->width) {
			end(print, paint);
			fputc('\n', print->out);
			column = 0;
		}
		if (column == 0) {
			fprintf(print->out, "%*s", (int)indent, "");
			begin(print, paint);
			column = indent + n;
		} else {
			fputc(' ', print->out);
			column += 1 + n;
		}
		print_safe(print->out, word);
	}
	end(print, paint);
	fputc('\n', print->out);
}

void
print_pad(const struct print *print, size_t used, size_t columns)
{
	int n = used < columns ? (int)(columns - used) : 1;

	fprintf(print->out, "%*s", n, "");
}
