/*
 * media.c - addresses in a session description that only the sender can reach
 */

#include "policy/media.h"

#include "sdp/sdp_edit.h"
#include "sip/mime.h"

/* Cuts the next line off, without its end; *whole keeps the end. */
static bool
line_next(struct span *rest, struct span *line)
{
	ptrdiff_t at;

	if (rest->n == 0)
		return false;
	at = span_find(*rest, '\n');
	*line = at < 0 ? *rest : span_make(rest->p, (size_t)at);
	*rest = at < 0 ? SPAN_NONE : span_from(*rest, (size_t)at + 1);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* The kind of the next m-line: "audio". */
static bool
media_next(struct span *rest, struct span *kind)
{
	struct span line, more;

	while (line_next(rest, &line)) {
		if (!span_starts(line, SPAN("m=")))
			continue;
		*kind = span_cut(span_from(line, 2), ' ', &more);
		return true;
	}
	return false;
}

bool
media_same_lines(struct span before, struct span after)
{
	struct span a, b;
	bool more_a, more_b;

	do {
		more_a = media_next(&before, &a);
		more_b = media_next(&after, &b);
		if (more_a != more_b || (more_a && !span_eq(a, b)))
			return false;
	} while (more_a);
	return true;
}

/* Changes beyond these are made all the same, and not told one by one. */
#define PARTS_MAX  16
#define PARTS_TEXT 2048

struct parts {
	size_t n;
	struct edit_part part[PARTS_MAX];
	struct text text;
	char buf[PARTS_TEXT];
};

static struct span
parts_keep(struct parts *parts, struct span s)
{
	size_t mark = parts->text.len;

	text_add(&parts->text, s);
	return text_since(&parts->text, mark);
}

static void
parts_told(void *arg, struct span target, struct span before, struct span after)
{
	struct parts *parts = arg;
	struct edit_part *part = &parts->part[parts->n];

	if (parts->n == PARTS_MAX || parts->text.overflow)
		return;
	part->target = parts_keep(parts, target);
	part->before = parts_keep(parts, before);
	part->after = parts_keep(parts, after);
	parts->n += !parts->text.overflow;
}

/* The body with the changed part in it: a multipart keeps what is around. */
static struct span
body_with(struct sip_draft *draft, struct span old, struct span part)
{
	struct span body = draft->body;
	size_t mark = sip_draft_mark(draft);

	if (old.p == body.p && old.n == body.n)
		return part;
	text_add(&draft->scratch, span_between(body.p, old.p));
	text_add(&draft->scratch, part);
	text_add(&draft->scratch, span_between(span_end(old), span_end(body)));
	return sip_draft_keep(draft, mark);
}

void
media_replace_private(
    struct edit *edit, const struct policy_trunk *trunk, struct span rule)
{
	struct sip_draft *draft = edit->draft;
	struct edit_why why = { DIAG_MED_SDP_PRIVATE, rule, SPAN_NONE };
	struct parts parts;
	struct sdp_changed changed = { parts_told, &parts };
	struct sdp sdp;
	struct sdp_edits edits;
	struct mime_part part;
	struct span result;
	const char *fault;

	if (trunk == NULL || !trunk->media_direct || trunk->media.family == 0 ||
	    !mime_find(sip_draft_value(draft, SIP_CONTENT_TYPE), draft->body,
		SPAN("application/sdp"), &part) ||
	    !sdp_read(&sdp, part.body, &fault))
		return;
	parts.n = 0;
	parts.text = text_over(parts.buf, sizeof(parts.buf));
	sdp_edit_begin(&edits, &sdp);
	if (sdp_replace_private(&edits, &trunk->media, false, &changed) == 0 ||
	    !sdp_edit_write(&edits, &draft->scratch, &result))
		return;
	edit_body(edit, body_with(draft, part.body, result), parts.part,
	    parts.n, &why);
}
