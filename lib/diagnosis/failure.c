#include "diagnosis/failure.h"

#include "base/container.h"

#define TEXT_MOST 160

/* The part of `*rest` up to the next `sep` outside of
 * quotes; *rest moves behind it. */
static struct span
cut(struct span *rest, char sep)
{
	struct span all = *rest;
	bool quoted = false;
	size_t i;

	for (i = 0; i < all.n; i++) {
		char c = all.p[i];

		if (c == '\\' && quoted)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == sep && !quoted)
			break;
	}
	if (i > all.n)
		i = all.n;
	*rest = span_from(all, i < all.n ? i + 1 : i);
	return span_trim(span_make(all.p, i));
}

static struct span
unquote(struct span s)
{
	s = span_trim(s);
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return span_make(s.p + 1, s.n - 2);
	return s;
}

/* The parameter of that name in what stands behind the first semicolon. */
static struct span
parameter(struct span rest, struct span name)
{
	while (!span_empty(rest)) {
		struct span value = cut(&rest, ';');
		struct span key = span_trim(span_cut(value, '=', &value));

		if (span_ieq(key, name))
			return unquote(value);
	}
	return SPAN_NONE;
}

bool
failure_read_ms(struct span value, struct failure_ms *out)
{
	struct span rest = value, code = cut(&rest, ';');

	*out = (struct failure_ms){ 0 };
	if (!span_to_u32(code, 999999999, &out->code))
		return false;
	out->reason = parameter(rest, SPAN("reason"));
	out->component = parameter(rest, SPAN("component"));
	out->source = parameter(rest, SPAN("source"));
	return true;
}

bool
failure_read_warning(struct span value, struct failure_warning *out)
{
	struct span rest = span_trim(value), code = cut(&rest, ' ');

	*out = (struct failure_warning){ 0 };
	if (!span_to_u32(code, 999, &out->code))
		return false;
	rest = span_trim(rest);
	out->agent = cut(&rest, ' ');
	out->text = unquote(rest);
	return true;
}

static struct span
shortened(struct span s)
{
	return span_up_to(s, TEXT_MOST);
}

/* In quotes that are the journal's own to escape. */
static void
add_said(struct text *t, struct span said)
{
	if (span_empty(said))
		return;
	TEXT_LIT(t, " \"");
	text_add(t, shortened(said));
	TEXT_LIT(t, "\"");
}

static bool
add_ms(struct text *t, struct span name, struct span value)
{
	struct failure_ms ms;

	if (!failure_read_ms(value, &ms))
		return false;
	text_add(t, name);
	TEXT_LIT(t, " ");
	text_add_u64(t, ms.code);
	add_said(t, ms.reason);
	if (span_empty(ms.component))
		return true;
	TEXT_LIT(t, " (");
	text_add(t, shortened(ms.component));
	TEXT_LIT(t, ")");
	return true;
}

static bool
add_warning(struct text *t, struct span name, struct span value)
{
	struct failure_warning warning;

	if (!failure_read_warning(value, &warning))
		return false;
	text_add(t, name);
	TEXT_LIT(t, " ");
	text_add_u64(t, warning.code);
	add_said(t, warning.text);
	return true;
}

void
failure_add(struct text *t, enum failure_header header, struct span name,
    struct span value)
{
	static bool (*const readers[])(
	    struct text *t, struct span name, struct span value) = {
		[FAILURE_MS] = add_ms,
		[FAILURE_WARNING] = add_warning,
	};

	if (header != FAILURE_OTHER && readers[header](t, name, value))
		return;
	text_add(t, name);
	TEXT_LIT(t, ": ");
	text_add(t, shortened(span_trim(value)));
}

enum diagnostic
failure_diagnostic(unsigned status)
{
	static const struct {
		unsigned status;
		enum diagnostic diagnostic;
	} rows[] = {
		{ 400, DIAG_RSP_400 },
		{ 401, DIAG_AUTH_CHALLENGED },
		{ 403, DIAG_RSP_403 },
		{ 404, DIAG_RSP_404 },
		{ 407, DIAG_AUTH_CHALLENGED },
		{ 408, DIAG_RSP_408 },
		{ 410, DIAG_RTE_UNALLOCATED },
		{ 480, DIAG_RTE_CALLEE_REFUSED },
		{ 484, DIAG_RTE_UNALLOCATED },
		{ 485, DIAG_RTE_UNALLOCATED },
		{ 486, DIAG_RTE_CALLEE_REFUSED },
		{ 500, DIAG_RSP_500 },
		{ 600, DIAG_RTE_CALLEE_REFUSED },
		{ 603, DIAG_RSP_603 },
		{ 604, DIAG_RTE_UNALLOCATED },
		{ 607, DIAG_RSP_607 },
		{ 608, DIAG_RSP_608 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].diagnostic;
	return DIAG_RSP_OTHER;
}
