/*
 * media.c - session descriptions: addresses that only the sender can reach, and
 * codecs that the trunk does not take
 */

#include "policy/media.h"
#include "sdp/sdp_codec.h"

#include "sip/mime.h"

bool
media_line_next(struct span *rest, struct span *line)
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

	while (media_line_next(rest, &line)) {
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

static struct span
parts_keep(struct media_change *change, struct span s)
{
	size_t mark = change->text.len;

	text_add(&change->text, s);
	return text_since(&change->text, mark);
}

void
media_change_told(
    void *arg, struct span target, struct span before, struct span after)
{
	struct media_change *change = arg;
	struct edit_part *part = &change->part[change->n];

	if (change->n == MEDIA_PARTS || change->text.overflow)
		return;
	part->target = parts_keep(change, target);
	part->before = parts_keep(change, before);
	part->after = parts_keep(change, after);
	change->n += !change->text.overflow;
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

bool
media_change_begin(struct media_change *change, struct sip_draft *draft)
{
	struct mime_part part;
	const char *fault;

	if (!mime_find(sip_draft_value(draft, SIP_CONTENT_TYPE), draft->body,
		SPAN("application/sdp"), &part) ||
	    !sdp_read(&change->sdp, part.body, &fault))
		return false;
	change->draft = draft;
	change->body = part.body;
	change->n = 0;
	change->text = text_over(change->buf, sizeof(change->buf));
	sdp_edit_begin(&change->edits, &change->sdp);
	return true;
}

bool
media_change_commit(
    struct media_change *change, struct edit *edit, const struct edit_why *why)
{
	struct sip_draft *draft = change->draft;
	struct span result;

	if (change->edits.changes == 0)
		return true;
	if (!sdp_edit_write(&change->edits, &draft->scratch, &result)) {
		edit_refuse(edit, SPAN("sdp"), SPAN_NONE, SPAN_NONE,
		    SPAN("the session description would not be one any more"),
		    why);
		return false;
	}
	return edit_body(edit, body_with(draft, change->body, result),
	    change->part, change->n, why);
}

void
media_replace_private(
    struct edit *edit, const struct policy_trunk *trunk, struct span rule)
{
	struct edit_why why = { DIAG_MED_SDP_PRIVATE, rule, SPAN_NONE };
	struct media_change change;
	struct sdp_changed changed = { media_change_told, &change };

	if (trunk == NULL || !trunk->media_direct || trunk->media.family == 0 ||
	    !media_change_begin(&change, edit->draft))
		return;
	sdp_replace_private(&change.edits, &trunk->media, false, &changed);
	media_change_commit(&change, edit, &why);
}

void
media_keep_codecs(
    struct edit *edit, const char *const *names, size_t n, struct span rule)
{
	struct edit_why why = { DIAG_MED_CODEC, rule,
		SPAN("this trunk takes other codecs") };
	struct edit_why none = { DIAG_MED_CODEC, rule,
		SPAN("this trunk takes none of these codecs") };
	struct span wanted[MEDIA_CODECS_MAX];
	struct media_change change;
	struct sdp_changed changed = { media_change_told, &change };
	size_t i;
	unsigned k;

	if (!media_change_begin(&change, edit->draft))
		return;
	for (i = 0; i < n && i < MEDIA_CODECS_MAX; i++)
		wanted[i] = span_of(names[i]);
	for (k = 0; k < change.sdp.media_n; k++) {
		if (!sdp_keep_codecs(
			&change.edits, (int)k, wanted, i, &changed))
			edit_note(edit, SPAN("sdp.m"),
			    change.sdp.lines[change.sdp.media[k].first], &none);
	}
	media_change_commit(&change, edit, &why);
}
