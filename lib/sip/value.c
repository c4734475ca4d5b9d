#include "sip/value.h"

#include "sip/chars.h"

/* The '>' of the '<' at `p`. A bracket without its pair hides no comma: `p`
 * then, and no byte is looked at for two brackets. */
static const char *
skip_bracketed(const char *p, const char *end)
{
	const char *at = p + 1;

	while (at < end && *at != '>' && *at != '<')
		at++;
	return at < end && *at == '>' ? at : p;
}

/* The first comma outside quotes and angle brackets, or the end. */
static const char *
list_comma(const char *p, const char *end)
{
	while (p < end && *p != ',') {
		if (*p == '<') {
			p = skip_bracketed(p, end) + 1;
		} else if (*p == '"') {
			p = sip_skip_quoted(p, end);
			if (p == NULL)
				return end;
		} else {
			p++;
		}
	}
	return p;
}

bool
sip_list_next(struct span *rest, struct span *value)
{
	while (rest->n > 0) {
		const char *end = span_end(*rest), *at;

		at = memchr(rest->p, ',', rest->n);
		at = at == NULL ? end : list_comma(rest->p, end);
		*value = sip_trim(span_between(rest->p, at));
		*rest = span_between(at < end ? at + 1 : end, end);
		if (value->n > 0)
			return true;
	}
	return false;
}

struct sip_values
sip_values(const struct sip_message *msg, enum sip_header id)
{
	struct sip_values it = { msg, sip_find(msg, id), SPAN_NONE };

	if (it.line != NULL)
		it.rest = it.line->value;
	return it;
}

bool
sip_values_next(struct sip_values *it, struct span *value)
{
	while (it->line != NULL) {
		if (sip_list_next(&it->rest, value))
			return true;
		it->line = sip_find_next(it->msg, it->line);
		if (it->line != NULL)
			it->rest = it->line->value;
	}
	return false;
}

bool
sip_list_has(
    const struct sip_message *msg, enum sip_header id, struct span token)
{
	struct sip_values it = sip_values(msg, id);
	struct span value, params;

	while (sip_values_next(&it, &value))
		if (span_ieq(sip_trim(span_cut(value, ';', &params)), token))
			return true;
	return false;
}

static const char *
quoted_value_end(const char *p, const char *end)
{
	while (p < end && *p != ';') {
		const char *behind =
		    *p == '"' ? sip_skip_quoted(p, end) : p + 1;

		p = behind == NULL ? end : behind;
	}
	return p;
}

/* Takes what is before the next ';' off *rest: a quoted string hides it. */
static struct span
take_param_value(struct span *rest)
{
	const char *end = span_end(*rest), *p;
	struct span value = *rest;
	ptrdiff_t at = span_find(*rest, ';');

	if (at >= 0)
		value.n = (size_t)at;
	p = span_end(value);
	if (span_find(value, '"') >= 0)
		p = quoted_value_end(rest->p, end);
	value = sip_trim(span_between(rest->p, p));
	*rest = span_between(p, end);
	return value;
}

bool
sip_param_next(struct span *rest, struct span *name, struct span *value)
{
	const char *p = rest->p, *end = span_end(*rest), *from;

	while (p < end && (*p == ';' || sip_char_is(*p, CHAR_BLANK)))
		p++;
	for (from = p; p < end && *p != '=' && *p != ';'; p++)
		;
	if (from == end) {
		*rest = span_make(end, 0);
		return false;
	}
	*name = sip_trim(span_between(from, p));
	*value = span_make(p, 0);
	if (p < end && *p == '=') {
		*rest = span_between(p + 1, end);
		*value = take_param_value(rest);
	} else {
		*rest = span_between(p, end);
	}
	return true;
}

bool
sip_param_find(struct span params, struct span name, struct span *value)
{
	struct span n, v;

	while (sip_param_next(&params, &n, &v))
		if (span_ieq(n, name)) {
			*value = v;
			return true;
		}
	*value = SPAN_NONE;
	return false;
}

void
sip_add_label(struct text *t, unsigned status, struct span method)
{
	if (status != 0) {
		text_add_u64(t, status);
		TEXT_LIT(t, " ");
	}
	text_add(t, method);
}

void
sip_param_set(struct text *t, struct span params, struct span name,
    const struct span *value)
{
	struct span n, v;
	bool done = value == NULL;

	while (sip_param_next(&params, &n, &v)) {
		bool it = span_ieq(n, name);

		if (it && done)
			continue;
		text_add_char(t, ';');
		text_add(t, n);
		done |= it;
		if (it)
			v = *value;
		if (v.n == 0)
			continue;
		text_add_char(t, '=');
		text_add(t, v);
	}
	if (done)
		return;
	text_add_char(t, ';');
	text_add(t, name);
	if (value->n == 0)
		return;
	text_add_char(t, '=');
	text_add(t, *value);
}

struct span
sip_unquote(struct span s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return span_make(s.p + 1, s.n - 2);
	return s;
}

static bool
is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f;
}

void
sip_add_unfolded(struct text *t, struct span value)
{
	size_t i = span_plain(value);

	text_add(t, span_make(value.p, i));
	while (i < value.n) {
		size_t from = i;

		while (i < value.n && is_plain(value.p[i]))
			i++;
		text_add(t, span_make(value.p + from, i - from));
		if (i == value.n)
			return;
		if (is_line_end(value.p[i])) {
			text_add_char(t, ' ');
			while (
			    i < value.n && sip_char_is(value.p[i], CHAR_BLANK))
				i++;
		} else if (value.p[i++] == '\t') {
			text_add_char(t, ' ');
		}
	}
}

bool
sip_is_token(struct span s)
{
	return s.n > 0 && sip_all(s, CHAR_TOKEN);
}
