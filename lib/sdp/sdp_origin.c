/*
 * sdp_origin.c - the same session description, said to be another author's
 */

#include "sdp/sdp_edit.h"

static bool
is_field(struct span s)
{
	return s.n > 0 && span_find(s, ' ') < 0 && span_find(s, '\t') < 0;
}

static void
add_origin(struct text *t, const struct sdp_origin *as, uint64_t version)
{
	TEXT_LIT(t, "o=");
	text_add(t, span_empty(as->user) ? SPAN("-") : as->user);
	text_add_char(t, ' ');
	text_add(t, as->session);
	text_add_char(t, ' ');
	text_add_u64(t, version);
	TEXT_LIT(t, " IN ");
	text_add(t, as->host.type);
	text_add_char(t, ' ');
	text_add(t, as->host.text);
}

bool
sdp_set_origin(
    struct sdp_edits *edits, const struct sdp_origin *as, uint64_t version)
{
	size_t mark = sdp_edit_mark(edits);
	struct span text;

	if (edits->sdp->origin < 0 || !is_field(as->session) ||
	    !is_field(as->host.type) || !is_field(as->host.text))
		return false;
	add_origin(&edits->scratch, as, version);
	text = sdp_edit_keep(edits, mark);
	return !span_empty(text) &&
	       sdp_edit_replace(edits, (unsigned)edits->sdp->origin, text);
}
