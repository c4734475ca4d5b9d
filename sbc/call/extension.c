/*
 * extension.c - option tags (RFC 3261 section 19.2): what
 * may be demanded, of whom
 */

#include "call/private.h"

/* --- what is required of us --- */

static bool
requires_others(const struct sip_message *msg)
{
	struct sip_option_tags tags = sip_option_tags_read(msg, SIP_REQUIRE);

	return tags.has_unknown || (tags.mask & ~EXTENSIONS_OURS) != 0;
}

static bool
has_value(const struct sip_message *msg, enum sip_header id)
{
	struct sip_values it = sip_values(msg, id);
	struct span value;

	return sip_values_next(&it, &value);
}

static bool
moves(const struct trunk *trunk)
{
	return trunk->config->require == CONFIG_REQUIRE_SUPPORTED;
}

bool
extension_check(struct calls *calls, struct leg *leg, server_tx tx, bool passes)
{
	const struct arrival *a = &calls->arrival;

	if (!sip_has(a->msg, SIP_REQUIRE) &&
	    !sip_has(a->msg, SIP_PROXY_REQUIRE))
		return true;
	if (!has_value(a->msg, SIP_PROXY_REQUIRE) &&
	    ((passes && moves(a->trunk)) || !requires_others(a->msg)))
		return true;
	refuse(calls, leg, tx, 420, DIAG_EXT_UNSUPPORTED,
	    "the request demands an extension that is not offered here");
	return false;
}

bool
extension_requires_100rel(const struct calls *calls)
{
	return sip_list_has(calls->arrival.msg, SIP_REQUIRE, SPAN("100rel"));
}

/* --- what goes on --- */

static void
note_required(struct leg *from, struct span tags, bool moved)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_MSG_REQUIRE,
		.target = SPAN("Require"),
		.rule = SPAN("builtin:require"),
		.before = tags,
		.after = moved ? SPAN("Supported") : SPAN_NONE,
		.reason = moved
		    ? SPAN("the other side is offered the extension, and need "
			   "not know it")
		    : SPAN("done here, on this leg: the other side is not "
			   "asked for it"),
	};

	note(from, &entry);
}

void
extension_pass(struct leg *from, struct leg *to)
{
	struct calls *calls = to->call->calls;
	struct sip_draft *draft = &calls->draft;
	struct sip_option_tags tags;
	char buf[256];
	struct text done = text_over(buf, sizeof(buf));
	size_t mark = sip_draft_mark(draft);
	bool due = !(from->once >> ONCE_REQUIRE & 1);
	struct span others;

	if (!sip_has(calls->arrival.msg, SIP_REQUIRE))
		return;
	tags = sip_option_tags_read(calls->arrival.msg, SIP_REQUIRE);
	sip_option_tags_write(tags.mask & EXTENSIONS_OURS, &done);
	sip_option_tags_write_others(calls->arrival.msg, SIP_REQUIRE,
	    EXTENSIONS_OURS, &draft->scratch);
	others = sip_draft_keep(draft, mark);
	from->once |= 1 << ONCE_REQUIRE;
	if (due && done.len > 0)
		note_required(from, text_span(&done), false);
	if (span_empty(others))
		return;
	sip_draft_add(draft, SIP_SUPPORTED, others, SIP_OWNER_OWN);
	if (due)
		note_required(from, others, true);
}

/* --- what we say of ourselves --- */

/* Which messages speak of extensions: those that make or change a session. */
static bool
speaks(const struct calls *calls)
{
	const struct sip_draft *draft = &calls->draft;
	enum sip_method method =
	    draft->request ? draft->method : calls->draft_cseq_method;

	return (method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE) &&
	    (draft->request || (draft->status > 100 && draft->status < 300));
}

/* Of an INVITE without offer the answer would have to go into a PRACK, and of a
 * re-INVITE no provisional response is worth one: there it is not offered. */
static bool
offers_100rel(const struct leg *leg)
{
	const struct sip_draft *draft = &leg->call->calls->draft;

	return !draft->request ||
	    (draft->method == SIP_METHOD_INVITE && leg->invite != NULL &&
		(leg->invite->offer || leg->invite->late) &&
		span_empty(dialog_remote_tag(&leg->dialog)));
}

static void
add_tags(struct sip_draft *draft, enum sip_header id, uint32_t mask)
{
	size_t mark = sip_draft_mark(draft);

	if (mask == 0)
		return;
	sip_option_tags_write(mask, &draft->scratch);
	sip_draft_add(draft, id, sip_draft_keep(draft, mark), SIP_OWNER_OWN);
}

uint32_t
extension_supported(const struct trunk *trunk)
{
	uint32_t tags = SIP_OPTION_BIT(SIP_OPTION_REPLACES);

	if (trunk->config->prack != CONFIG_PRACK_OFF)
		tags |= SIP_OPTION_BIT(SIP_OPTION_100REL);
	return tags;
}

void
extension_tell(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	enum config_prack prack = leg->trunk->config->prack;
	uint32_t supported, required = 0;

	if (!speaks(calls))
		return;
	supported = extension_supported(leg->trunk);
	if (leg->attempt != NULL && calls->draft.request)
		supported |= leg->attempt->supported;
	if (calls->draft.request && interval_is_asked(leg))
		supported |= SIP_OPTION_BIT(SIP_OPTION_TIMER);
	if (!offers_100rel(leg))
		supported &= ~SIP_OPTION_BIT(SIP_OPTION_100REL);
	if (prack == CONFIG_PRACK_REQUIRED && calls->draft.request)
		required = supported & SIP_OPTION_BIT(SIP_OPTION_100REL);
	add_tags(&calls->draft, SIP_SUPPORTED, supported & ~required);
	add_tags(&calls->draft, SIP_REQUIRE, required);
}

/* --- what a peer refused --- */

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
