#include "sip/replaces.h"

#include "sip/chars.h"
#include "sip/value.h"

/* Sets a tag that may be there once. */
static bool
set_tag(struct span *tag, struct span value)
{
	if (tag->n > 0 || value.n == 0 || !sip_all(value, CHAR_OPAQUE))
		return false;
	*tag = value;
	return true;
}

/* Outside quotes, a comma would begin a second value. */
static bool
is_one_value(struct span s)
{
	return span_find(s, ',') < 0 ||
	       (s.p[0] == '"' &&
		   sip_skip_quoted(s.p, span_end(s)) == span_end(s));
}

static bool
read_param(struct sip_replaces *read, struct span name, struct span value)
{
	if (span_ieq(name, SPAN("to-tag")))
		return set_tag(&read->to_tag, value);
	if (span_ieq(name, SPAN("from-tag")))
		return set_tag(&read->from_tag, value);
	if (span_ieq(name, SPAN("early-only"))) {
		if (read->early_only)
			return false;
		read->early_only = true;
	}
	return sip_is_token(name) && is_one_value(value);
}

/* callid = word [ "@" word ]: visible, and nothing that ends a value. */
static bool
is_call_id(struct span s)
{
	return s.n > 0 && sip_all(s, CHAR_GRAPH) && span_find(s, ',') < 0;
}

bool
sip_replaces_read(struct span value, struct sip_replaces *out)
{
	struct sip_replaces read = { .early_only = false };
	struct span rest, name, param;

	read.call_id = sip_trim(span_cut(value, ';', &rest));
	if (!is_call_id(read.call_id))
		return false;
	while (sip_param_next(&rest, &name, &param))
		if (!read_param(&read, name, param))
			return false;
	if (read.to_tag.n == 0 || read.from_tag.n == 0)
		return false;
	*out = read;
	return true;
}

void
sip_replaces_write(const struct sip_replaces *replaces, struct text *out)
{
	text_add(out, replaces->call_id);
	TEXT_LIT(out, ";to-tag=");
	text_add(out, replaces->to_tag);
	TEXT_LIT(out, ";from-tag=");
	text_add(out, replaces->from_tag);
	if (replaces->early_only)
		TEXT_LIT(out, ";early-only");
}
