/*
 * extension.c - option tags (RFC 3261 section 19.2): what may be demanded, of whom
 */

#include "call/private.h"

static bool
list_has(struct span list, struct span token)
{
	struct span value;

	while (sip_list_next(&list, &value))
		if (span_ieq(value, token))
			return true;
	return false;
}

/* What is left of a list; nothing: the field goes. */
static void
remove_from_field(struct sip_draft *draft, unsigned at, struct span tags)
{
	struct sip_field *field = &draft->fields[at];
	struct span rest = field->value, tag;
	size_t mark = sip_draft_mark(draft);

	while (sip_list_next(&rest, &tag)) {
		if (list_has(tags, tag))
			continue;
		if (draft->scratch.len > mark)
			TEXT_LIT(&draft->scratch, ", ");
		text_add(&draft->scratch, tag);
	}
	if (draft->scratch.len == mark)
		sip_draft_remove(draft, at);
	else
		field->value = sip_draft_keep(draft, mark);
}

void
extension_remove(struct sip_draft *draft, enum sip_header id, struct span tags)
{
	int at = sip_draft_find(draft, id, 0);
	unsigned left;

	while (at >= 0) {
		left = draft->fields_n;
		remove_from_field(draft, (unsigned)at, tags);
		at = sip_draft_find(draft, id,
		    (unsigned)at + (left == draft->fields_n ? 1 : 0));
	}
}
