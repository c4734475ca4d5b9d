/*
 * edit.c - judge, change, note
 */

#include "policy/edit.h"

#include "base/container.h"
#include "base/hash.h"

#define TARGET_MAX 80

static uint32_t
seen_hash(const struct journal_entry *entry)
{
	char kind[4] = { (char)entry->kind, (char)entry->leg,
		(char)entry->stage, (char)entry->diagnostic };
	struct span parts[] = { span_make(kind, sizeof(kind)), entry->trunk,
		entry->target, entry->before, entry->after };

	return (uint32_t)hash_quick(parts, ARRAY_LEN(parts)) | 1;
}

/* True the first time; then the oldest of the memory makes room. */
static bool
is_news(struct edit_seen *seen, const struct journal_entry *entry)
{
	uint32_t hash;
	unsigned i;

	if (seen == NULL)
		return true;
	hash = seen_hash(entry);
	for (i = 0; i < EDIT_SEEN; i++) {
		if (seen->hash[i] == hash)
			return false;
	}
	seen->hash[seen->next] = hash;
	seen->next = (seen->next + 1) % EDIT_SEEN;
	return true;
}

static void
note(struct edit *edit, enum journal_kind kind, struct span target,
    struct span before, struct span after, const struct edit_why *why)
{
	struct journal_entry entry = edit->entry;

	if (edit->journal == NULL)
		return;
	entry.kind = kind;
	entry.diagnostic = why->diagnostic;
	entry.target = target;
	entry.before = before;
	entry.after = after;
	entry.rule = why->rule;
	entry.reason = why->reason;
	if (is_news(edit->seen, &entry))
		journal_note(edit->journal, &entry);
}

void
edit_note(struct edit *edit, struct span target, struct span value,
    const struct edit_why *why)
{
	note(edit, JOURNAL_DIAGNOSIS, target, value, SPAN_NONE, why);
}

void
edit_note_both(struct edit *edit, struct span target, struct span before,
    struct span after, const struct edit_why *why)
{
	note(edit, JOURNAL_DIAGNOSIS, target, before, after, why);
}

void
edit_keep(struct edit *edit, struct span target, struct span value,
    const struct edit_why *why)
{
	note(edit, JOURNAL_KEPT, target, value, SPAN_NONE, why);
}

void
edit_refuse(struct edit *edit, struct span target, struct span before,
    struct span after, struct span reason, const struct edit_why *why)
{
	struct edit_why veto = { DIAG_POL_VETOED, why->rule, reason };

	edit->vetoes++;
	note(edit, JOURNAL_VETO, target, before, after, &veto);
}

static bool
vetoed(struct edit *edit, const struct guard_change *change, struct span target,
    const struct edit_why *why)
{
	const char *broken = guard_judge(edit->guard, edit->draft, change);
	struct edit_why veto = *why;

	if (broken == NULL)
		return false;
	edit->vetoes++;
	veto.diagnostic = DIAG_POL_VETOED;
	veto.reason = span_of(broken);
	if (change->verb == GUARD_BODY)
		note(edit, JOURNAL_VETO, target, SPAN_NONE, SPAN_NONE, &veto);
	else
		note(edit, JOURNAL_VETO, target, change->before, change->after,
		    &veto);
	return true;
}

/* Which one of several of the same name: "Diversion[1]". */
static unsigned
place_of(
    const struct sip_draft *draft, const struct sip_field *field, unsigned end)
{
	unsigned i, place = 0;

	for (i = 0; i < end; i++) {
		const struct sip_field *f = &draft->fields[i];

		if (f->id == field->id && (f->id != SIP_OTHER_HEADER ||
					      span_ieq(f->name, field->name)))
			place++;
	}
	return place;
}

static struct span
target_of(struct text *t, const struct sip_draft *draft,
    const struct sip_field *field, unsigned end)
{
	text_add(t, field->name.n > TARGET_MAX - 8
			? span_make(field->name.p, TARGET_MAX - 8)
			: field->name);
	if (sip_header_flags(field->id) & SIP_FLAG_LIST) {
		text_add_char(t, '[');
		text_add_u64(t, place_of(draft, field, end));
		text_add_char(t, ']');
	}
	return text_span(t);
}

/* RFC 8224: a signature covers From, To and Date; it is now worth nothing. */
static void
note_broken_signature(
    struct edit *edit, enum sip_header id, const struct edit_why *why)
{
	int at;
	struct edit_why broken = { DIAG_CLI_IDENTITY_BROKEN, why->rule,
		SPAN_NONE };

	if ((id != SIP_FROM && id != SIP_TO && id != SIP_DATE) ||
	    edit->identity_noted)
		return;
	at = sip_draft_find(edit->draft, SIP_IDENTITY, 0);
	if (at < 0)
		return;
	edit->identity_noted = true;
	edit_note(
	    edit, SPAN("Identity"), edit->draft->fields[at].value, &broken);
}

bool
edit_set(
    struct edit *edit, int at, struct span value, const struct edit_why *why)
{
	struct sip_field *field = &edit->draft->fields[at];
	struct guard_change change = { GUARD_SET, field->id, field->name,
		field->owner, field->value, value };
	char buf[TARGET_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct span target;

	if (edit->draft->overflow)
		return false;
	if (span_eq(field->value, value))
		return true;
	target = target_of(&t, edit->draft, field, (unsigned)at);
	if (vetoed(edit, &change, target, why))
		return false;
	field->value = value;
	if (field->owner != SIP_OWNER_DIALOG)
		field->owner = SIP_OWNER_POLICY;
	edit->changes++;
	note(edit, JOURNAL_REWRITE, target, change.before, value, why);
	note_broken_signature(edit, field->id, why);
	return true;
}

bool
edit_remove(struct edit *edit, int at, const struct edit_why *why)
{
	const struct sip_field *field = &edit->draft->fields[at];
	struct guard_change change = { GUARD_REMOVE, field->id, field->name,
		field->owner, field->value, SPAN_NONE };
	char buf[TARGET_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct span target;

	if (edit->draft->overflow)
		return false;
	target = target_of(&t, edit->draft, field, (unsigned)at);
	if (vetoed(edit, &change, target, why))
		return false;
	note_broken_signature(edit, field->id, why);
	sip_draft_remove(edit->draft, (unsigned)at);
	edit->changes++;
	note(edit, JOURNAL_REWRITE, target, change.before, SPAN_NONE, why);
	return true;
}

bool
edit_add(struct edit *edit, enum sip_header id, struct span name,
    struct span value, const struct edit_why *why)
{
	struct sip_draft *draft = edit->draft;
	struct sip_field field = { .id = id, .name = name };
	struct guard_change change = { GUARD_ADD, id, name, SIP_OWNER_POLICY,
		SPAN_NONE, value };
	char buf[TARGET_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct span target;

	if (draft->overflow)
		return false;
	target = target_of(&t, draft, &field, draft->fields_n);
	if (vetoed(edit, &change, target, why))
		return false;
	if (id == SIP_OTHER_HEADER)
		sip_draft_add_name(draft, name, value, SIP_OWNER_POLICY);
	else
		sip_draft_add(draft, id, value, SIP_OWNER_POLICY);
	if (draft->overflow)
		return false;
	edit->changes++;
	note(edit, JOURNAL_REWRITE, target, SPAN_NONE, value, why);
	note_broken_signature(edit, id, why);
	return true;
}

bool
edit_request_uri(struct edit *edit, struct span uri, const struct edit_why *why)
{
	struct sip_draft *draft = edit->draft;
	struct guard_change change = {
		.verb = GUARD_REQUEST_URI, .before = draft->uri, .after = uri
	};

	if (draft->overflow)
		return false;
	if (span_eq(draft->uri, uri))
		return true;
	if (vetoed(edit, &change, SPAN("Request-URI"), why))
		return false;
	draft->uri = uri;
	edit->changes++;
	note(edit, JOURNAL_REWRITE, SPAN("Request-URI"), change.before, uri,
	    why);
	return true;
}

bool
edit_body(struct edit *edit, struct span body, const struct edit_part *parts,
    size_t n, const struct edit_why *why)
{
	struct sip_draft *draft = edit->draft;
	struct guard_change change = {
		.verb = GUARD_BODY, .before = draft->body, .after = body
	};
	size_t i;

	if (draft->overflow)
		return false;
	if (span_eq(draft->body, body))
		return true;
	if (vetoed(edit, &change, SPAN("body"), why))
		return false;
	draft->body = body;
	edit->changes++;
	for (i = 0; i < n; i++)
		note(edit, JOURNAL_REWRITE, parts[i].target, parts[i].before,
		    parts[i].after, why);
	return true;
}
