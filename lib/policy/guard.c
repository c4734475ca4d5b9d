/*
 * guard.c - one row an invariant, each with its own check
 */

#include "policy/guard.h"

#include "base/container.h"
#include "policy/media.h"
#include "sip/nameaddr.h"
#include "sip/uri.h"
#include "sip/value.h"

static struct span
tag_in(struct span params)
{
	struct span tag;

	return sip_param_find(params, SPAN("tag"), &tag) ? tag : SPAN_NONE;
}

/* Of a value that the rules read, too. */
static struct span
tag_of(struct sip_draft *draft, struct span value)
{
	return tag_in(nameaddr_recall(&draft->names, value)->params);
}

static bool
is_party(enum sip_header id)
{
	return id == SIP_FROM || id == SIP_TO;
}

/* Whoever wrote it. */
static bool
is_dialog_header(enum sip_header id)
{
	return (sip_header_flags(id) & SIP_FLAG_DIALOG) != 0;
}

bool
guard_owns_header(enum sip_header id)
{
	return is_dialog_header(id) || id == SIP_CONTENT_LENGTH;
}

static bool
breaks_dialog_field(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)guard;
	(void)draft;
	return is_dialog_header(change->id) ||
	       (change->owner == SIP_OWNER_DIALOG && !is_party(change->id));
}

static bool
breaks_tag(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	struct span want;

	if (!is_party(change->id))
		return false;
	want = change->id == SIP_FROM ? guard->from_tag : guard->to_tag;
	return !span_eq(tag_of(draft, change->after), want);
}

static bool
breaks_dialog_party(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)draft;
	return guard->in_dialog && is_party(change->id);
}

static bool
breaks_dialog_uri(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)draft;
	(void)change;
	return guard->in_dialog;
}

/* Is there one already, among the fields or in the echoed head? */
static bool
has_header(const struct sip_draft *draft, const struct guard_change *change)
{
	if (change->id != SIP_OTHER_HEADER)
		return sip_draft_find(draft, change->id, 0) >= 0;
	return false;
}

static bool
breaks_one(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)guard;
	if (change->verb == GUARD_REMOVE)
		return is_party(change->id);
	return is_party(change->id) ||
	       ((sip_header_flags(change->id) & SIP_FLAG_ONCE) &&
		   has_header(draft, change));
}

static bool
breaks_length(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)guard;
	(void)draft;
	return change->id == SIP_CONTENT_LENGTH;
}

/* Control bytes, and the over-long UTF-8 forms that hide one. */
static bool
has_bad_bytes(struct span s)
{
	size_t i;

	for (i = span_plain(s); i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i], next;

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
		if (c < 0xc0 || i + 1 == s.n)
			continue;
		next = (unsigned char)s.p[i + 1];
		if (((c == 0xc0 || c == 0xc1 || c == 0xf0) && next >= 0x80 &&
			next < (c == 0xf0 ? 0x90 : 0xc0)) ||
		    ((c == 0xe0 || c == 0xc2) && next >= 0x80 && next < 0xa0))
			return true;
	}
	return false;
}

static bool
breaks_bytes(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)guard;
	(void)draft;
	return has_bad_bytes(change->after) ||
	       (change->id == SIP_OTHER_HEADER && !sip_is_token(change->name));
}

static bool
breaks_uri_form(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	struct sip_uri uri;

	(void)guard;
	(void)draft;
	return !(sip_uri_parse(change->after, &uri) && sip_uri_valid(&uri));
}

static bool
same_user(struct span a, struct span b)
{
	struct sip_uri x, y;

	return sip_uri_parse(a, &x) && sip_uri_parse(b, &y) &&
	       span_eq(x.user, y.user);
}

static bool
breaks_emergency(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)draft;
	return guard->emergency && !same_user(guard->uri, change->after);
}

static bool
breaks_media_lines(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	(void)draft;
	return !media_same_lines(guard->body, change->after);
}

enum {
	ON_SET = 1 << GUARD_SET,
	ON_REMOVE = 1 << GUARD_REMOVE,
	ON_ADD = 1 << GUARD_ADD,
	ON_FIELD = ON_SET | ON_REMOVE | ON_ADD,
	ON_URI = 1 << GUARD_REQUEST_URI,
	ON_BODY = 1 << GUARD_BODY
};

/* Order matters for the sentence only: the first that is broken is told. */
static const struct {
	const char *name;
	unsigned verbs; /* that may break it */
	bool (*breaks)(const struct guard *guard, struct sip_draft *draft,
	    const struct guard_change *change);
	const char *text;
} invariants[] = {
	{ "dialog-field", ON_FIELD, breaks_dialog_field,
	    "the field belongs to the transaction or the dialog" },
	{ "content-length", ON_FIELD, breaks_length,
	    "Content-Length is what the body has" },
	{ "one", ON_REMOVE | ON_ADD, breaks_one,
	    "the message must have exactly one of it" },
	{ "dialog-party", ON_SET, breaks_dialog_party,
	    "From and To do not change within a dialog" },
	{ "tag", ON_SET, breaks_tag,
	    "the tag of From or To belongs to the dialog" },
	{ "bytes", ON_SET | ON_ADD, breaks_bytes,
	    "the value holds a byte that no header field may hold" },
	{ "dialog-uri", ON_URI, breaks_dialog_uri,
	    "the Request-URI within a dialog is the peer's Contact" },
	{ "uri-form", ON_URI, breaks_uri_form,
	    "it is not a valid Request-URI" },
	{ "emergency", ON_URI, breaks_emergency,
	    "an emergency number passes unchanged" },
	{ "media-lines", ON_BODY, breaks_media_lines,
	    "the m-lines of an offer keep their number and order" },
};

const char *
guard_judge(const struct guard *guard, struct sip_draft *draft,
    const struct guard_change *change)
{
	unsigned verb = 1u << change->verb;
	size_t i;

	for (i = 0; i < ARRAY_LEN(invariants); i++) {
		if ((invariants[i].verbs & verb) &&
		    invariants[i].breaks(guard, draft, change))
			return invariants[i].text;
	}
	return NULL;
}

const char *
guard_invariant_name(size_t i)
{
	return i < ARRAY_LEN(invariants) ? invariants[i].name : NULL;
}

const char *
guard_invariant_text(size_t i)
{
	return i < ARRAY_LEN(invariants) ? invariants[i].text : NULL;
}

/* Where a value lies tells one from another: the text itself never changes. */
static uint64_t
mix(uint64_t sum, const struct sip_field *field)
{
	sum = (sum ^ field->id) * 0x9e3779b97f4a7c15u;
	sum = (sum ^ (uintptr_t)field->value.p) * 0x9e3779b97f4a7c15u;
	return (sum ^ field->value.n) * 0x9e3779b97f4a7c15u;
}

static bool
is_guarded(const struct sip_field *field)
{
	return is_dialog_header(field->id) ||
	       (field->owner == SIP_OWNER_DIALOG && !is_party(field->id));
}

struct survey {
	unsigned guarded_n;
	uint64_t guarded;
	unsigned from_n, to_n, contact_n;
	struct span from, to;
	uint64_t once[2];
	bool twice; /* a header that may be there once only */
	bool bad_bytes;
};

static void
survey_field(struct survey *s, const struct sip_field *field)
{
	unsigned flags = sip_header_flags(field->id);
	uint64_t bit = (uint64_t)1 << (field->id & 63);

	if (is_guarded(field)) {
		s->guarded_n++;
		s->guarded = mix(s->guarded, field);
	}
	if (field->id == SIP_FROM) {
		s->from = field->value;
		s->from_n++;
	} else if (field->id == SIP_TO) {
		s->to = field->value;
		s->to_n++;
	} else if (field->id == SIP_CONTACT) {
		s->contact_n++;
	}
	if (field->owner == SIP_OWNER_POLICY && has_bad_bytes(field->value))
		s->bad_bytes = true;
	if (!(flags & SIP_FLAG_ONCE))
		return;
	s->twice |= (s->once[field->id >> 6] & bit) != 0;
	s->once[field->id >> 6] |= bit;
}

static void
survey_draft(struct survey *s, const struct sip_draft *draft)
{
	unsigned i;

	*s = (struct survey){ 0 };
	for (i = 0; i < draft->fields_n; i++)
		survey_field(s, &draft->fields[i]);
}

void
guard_begin(struct guard *guard, const struct sip_draft *draft, bool in_dialog,
    const struct number_plan *plan)
{
	struct survey s;
	struct sip_uri uri;

	survey_draft(&s, draft);
	guard->in_dialog = in_dialog;
	guard->uri = draft->uri;
	guard->emergency = draft->request && !in_dialog &&
			   sip_uri_parse(draft->uri, &uri) &&
			   number_uri_is_emergency(plan, &uri);
	guard->from = s.from;
	guard->to = s.to;
	guard->from_tag = tag_in(nameaddr_params(s.from));
	guard->to_tag = tag_in(nameaddr_params(s.to));
	guard->body = draft->body;
	guard->fields_n = s.guarded_n;
	guard->fields = s.guarded;
}

static bool
same_place(struct span a, struct span b)
{
	return a.n == b.n && (a.p == b.p || a.n == 0);
}

static bool
party_kept(const struct guard *guard, struct sip_draft *draft, struct span was,
    struct span is, struct span tag)
{
	if (same_place(was, is))
		return true;
	return !guard->in_dialog && span_eq(tag_of(draft, is), tag);
}

static const char *
check_fields(const struct guard *guard, struct sip_draft *draft)
{
	struct survey s;
	unsigned redirect = !draft->request && draft->status / 100 == 3;

	survey_draft(&s, draft);
	if (s.guarded_n != guard->fields_n || s.guarded != guard->fields)
		return "a field of the transaction or the dialog was changed";
	if (draft->request && (s.from_n != 1 || s.to_n != 1))
		return "a request has exactly one From and one To";
	if (draft->request && guard->from_tag.n == 0)
		return "From has no tag";
	if (s.twice)
		return "a header that may be there once is there twice";
	if (s.contact_n > 1 && !redirect)
		return "there is more than one Contact";
	if (!party_kept(
		guard, draft, guard->from, s.from, guard->from_tag) ||
	    !party_kept(guard, draft, guard->to, s.to, guard->to_tag))
		return "the tag of From or To was changed";
	return s.bad_bytes
		   ? "a value holds a byte that no header field may hold"
		   : NULL;
}

static const char *
check_uri(const struct guard *guard, const struct sip_draft *draft)
{
	if (!draft->request || same_place(guard->uri, draft->uri))
		return NULL;
	if (guard->in_dialog)
		return "the Request-URI within a dialog was changed";
	if (guard->emergency && !same_user(guard->uri, draft->uri))
		return "an emergency number was changed";
	return NULL;
}

static const char *
check_all(const struct guard *guard, struct sip_draft *draft)
{
	const char *why;

	if (draft->overflow)
		return "the message has more headers or text than fit";
	why = check_fields(guard, draft);
	if (why == NULL)
		why = check_uri(guard, draft);
	if (why == NULL && !same_place(guard->body, draft->body) &&
	    !media_same_lines(guard->body, draft->body))
		why = "the m-lines changed their number or order";
	return why;
}

bool
guard_check(const struct guard *guard, struct sip_draft *draft,
    const char **reason)
{
	*reason = check_all(guard, draft);
	return *reason == NULL;
}
