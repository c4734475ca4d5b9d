#include "sdp/sdp_edit.h"

#include "sdp/sdp_target.h"

enum { DELETED = 1, REPLACED = 2, INSERTED_BEHIND = 4 };

void
sdp_edit_begin(struct sdp_edits *edits, const struct sdp *sdp)
{
	edits->sdp = sdp;
	edits->changes = 0;
	edits->overflow = false;
	memset(edits->what, 0, sdp->lines_n * sizeof(edits->what[0]));
	edits->inserts_n = 0;
	edits->scratch =
	    text_over(edits->scratch_buf, sizeof(edits->scratch_buf));
}

struct span
sdp_edit_line(const struct sdp_edits *edits, unsigned line)
{
	if (edits->what[line] & DELETED)
		return SPAN_NONE;
	if (edits->what[line] & REPLACED)
		return edits->text[line];
	return edits->sdp->lines[line];
}

/* One line of a type, with nothing in it that would make it two. */
static bool
is_sound(struct span text)
{
	size_t i;

	if (text.n < 2 || text.p[0] < 'a' || text.p[0] > 'z' ||
	    text.p[1] != '=')
		return false;
	for (i = 2; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool
is_one_of(char c, const char *set)
{
	return strchr(set, c) != NULL;
}

static bool
keeps_kind(struct span before, struct span after)
{
	struct sdp_media was, is;

	return sdp_media_parse(before, &was) && sdp_media_parse(after, &is) &&
	       span_eq(was.kind, is.kind);
}

bool
sdp_edit_replace(struct sdp_edits *edits, unsigned line, struct span text)
{
	struct span now = sdp_edit_line(edits, line);

	if (span_eq(now, text))
		return true;
	if (span_empty(now) || !is_sound(text) || text.p[0] != now.p[0])
		return false;
	if (text.p[0] == 'm' && !keeps_kind(now, text))
		return false;
	edits->text[line] = text;
	edits->what[line] |= REPLACED;
	edits->changes++;
	return true;
}

bool
sdp_edit_delete(struct sdp_edits *edits, unsigned line)
{
	struct span now = sdp_edit_line(edits, line);

	if (edits->what[line] & DELETED)
		return true;
	if (!span_empty(now) && is_one_of(now.p[0], "vostm"))
		return false;
	edits->what[line] |= DELETED;
	edits->changes++;
	return true;
}

bool
sdp_edit_insert(struct sdp_edits *edits, unsigned after, struct span text)
{
	if (!is_sound(text) || is_one_of(text.p[0], "vom"))
		return false;
	if (edits->inserts_n == SDP_INSERTS_MAX) {
		edits->overflow = true;
		return false;
	}
	edits->inserts[edits->inserts_n++] = (struct sdp_insert){ after, text };
	edits->what[after] |= INSERTED_BEHIND;
	edits->changes++;
	return true;
}

size_t
sdp_edit_mark(const struct sdp_edits *edits)
{
	return edits->scratch.len;
}

struct span
sdp_edit_keep(struct sdp_edits *edits, size_t mark)
{
	if (edits->scratch.overflow) {
		edits->overflow = true;
		return SPAN_NONE;
	}
	return text_since(&edits->scratch, mark);
}

/* --- writing --- */

/* A line with its end as it came; the last one may have none. */
static struct span
raw_line(const struct sdp *sdp, unsigned line)
{
	const char *end = line + 1 < sdp->lines_n ? sdp->lines[line + 1].p
						  : span_end(sdp->body);

	return span_between(sdp->lines[line].p, end);
}

static void
write_inserts(const struct sdp_edits *edits, unsigned after, struct text *out)
{
	unsigned i;

	for (i = 0; i < edits->inserts_n; i++) {
		if (edits->inserts[i].after != after)
			continue;
		text_add(out, edits->inserts[i].text);
		TEXT_LIT(out, "\r\n");
	}
}

/* The last line may end in CR only, or in nothing. */
static void
end_line(struct span raw, struct text *out)
{
	char last = raw.p[raw.n - 1];

	if (last != '\n' && last != '\r')
		text_add_char(out, '\r');
	if (last != '\n')
		text_add_char(out, '\n');
}

static void
write_line(const struct sdp_edits *edits, unsigned line, struct text *out)
{
	struct span raw = raw_line(edits->sdp, line);
	unsigned what = edits->what[line];

	if (what & DELETED) {
		/* nothing of it */
	} else if (what & REPLACED) {
		text_add(out, edits->text[line]);
		TEXT_LIT(out, "\r\n");
	} else {
		text_add(out, raw);
		if (what & INSERTED_BEHIND)
			end_line(raw, out);
	}
	if (what & INSERTED_BEHIND)
		write_inserts(edits, line, out);
}

bool
sdp_edit_write(
    const struct sdp_edits *edits, struct text *out, struct span *result)
{
	size_t mark = out->len;
	struct sdp written;
	const char *fault;
	unsigned i;

	*result = edits->sdp->body;
	if (edits->overflow)
		return false;
	if (edits->changes == 0)
		return true;
	for (i = 0; i < edits->sdp->lines_n; i++)
		write_line(edits, i, out);
	if (out->overflow)
		return false;
	*result = text_since(out, mark);
	return sdp_read(&written, *result, &fault) &&
	       sdp_same_media(&written, edits->sdp);
}

/* --- direction --- */

/* The last line of a media that is not blank: what is inserted goes behind
 * it. */
static unsigned
last_line(const struct sdp *sdp, const struct sdp_media *media)
{
	unsigned i = media->end - 1;

	while (i > media->first && span_empty(span_trim(sdp->lines[i])))
		i--;
	return i;
}

/* Where a media says its direction twice, the last one counts: all are set. */
static unsigned
replace_directions(
    struct sdp_edits *edits, const struct sdp_media *media, struct span text)
{
	unsigned i, found = 0;

	for (i = media->first + 1; i < media->end; i++)
		if (sdp_direction_parse(sdp_edit_line(edits, i)) !=
			SDP_NO_DIRECTION &&
		    sdp_edit_replace(edits, i, text))
			found++;
	return found;
}

bool
sdp_set_direction(struct sdp_edits *edits, int media,
    enum sdp_direction direction, const struct sdp_changed *changed)
{
	const struct sdp_media *m = &edits->sdp->media[media];
	enum sdp_direction was = sdp_direction(edits->sdp, media);
	struct sdp_target target;
	struct span text;
	size_t mark;

	if (was == direction)
		return true;
	mark = sdp_edit_mark(edits);
	TEXT_LIT(&edits->scratch, "a=");
	text_add_str(&edits->scratch, sdp_direction_name(direction));
	text = sdp_edit_keep(edits, mark);
	if (replace_directions(edits, m, text) == 0 &&
	    !sdp_edit_insert(edits, last_line(edits->sdp, m), text))
		return false;
	sdp_tell(changed, sdp_target(&target, media, "direction"),
	    span_of(sdp_direction_name(was)),
	    span_of(sdp_direction_name(direction)));
	return true;
}
