/*
 * rules_numbers.c - numbers into the form that the trunk wants, and its domain
 *
 * Only the digits are exchanged: every other byte of a value stays as it came.
 */

#include "base/container.h"
#include "policy/rules.h"
#include "sip/value.h"

#define USER_MAX   128
#define REASON_MAX 160

static const struct {
	unsigned bit;
	enum sip_header id;
	bool caller; /* shown to the callee: a lost plus is CLI-FORMAT */
} targets[] = {
	{ NUMBER_IN_TO,           SIP_TO,                   false },
	{ NUMBER_IN_FROM,         SIP_FROM,                 true  },
	{ NUMBER_IN_ASSERTED,     SIP_P_ASSERTED_IDENTITY,  true  },
	{ NUMBER_IN_PREFERRED,    SIP_P_PREFERRED_IDENTITY, true  },
	{ NUMBER_IN_REMOTE_PARTY, SIP_REMOTE_PARTY_ID,      true  },
	{ NUMBER_IN_DIVERTING,    SIP_DIVERSION,            false },
	{ NUMBER_IN_REFERRED_BY,  SIP_REFERRED_BY,          false }
};

/* A number in one place, before and after. */
struct change {
	struct span user; /* as written */
	bool dialled;     /* Request-URI or To */
	bool caller;
	struct text now;
	char buf[USER_MAX];
	struct text reason;
	char reason_buf[REASON_MAX];
	enum diagnostic diagnostic;
};

static enum number_form
form_of(const struct apply *apply, const struct sip_uri *uri)
{
	/* A tel URI is global: RFC 3966 section 5.1.4. */
	if (uri->scheme == SIP_SCHEME_TEL)
		return NUMBER_FORM_PLUS;
	return (enum number_form)apply->policy->choice[SETTING_FORMAT];
}

static enum diagnostic
diagnostic_of(const struct change *change, enum number_form form,
    enum number_kind kind)
{
	if (form != NUMBER_FORM_PLUS)
		return DIAG_NUM_INBOUND;
	if (change->dialled || kind == NUMBER_DIALLED)
		return DIAG_NUM_NOT_E164;
	if (change->caller && (kind == NUMBER_BARE || kind == NUMBER_PLUS))
		return DIAG_CLI_FORMAT;
	return DIAG_NUM_NATIONAL;
}

static void
reason_write(struct change *change, const struct apply *apply, const char *says)
{
	struct text *t = &change->reason;

	*t = text_over(change->reason_buf, sizeof(change->reason_buf));
	if (change->user.n > 40)
		return;
	text_add(t, change->user);
	text_add_str(t, says);
	text_add(t, text_span(&change->now));
	if (apply->read == NULL)
		return;
	TEXT_LIT(t, " by the plan of ");
	text_add_str(t, apply->read->country);
}

static struct edit_why
why_number(const struct apply *apply, const struct change *change)
{
	return (struct edit_why){ change->diagnostic,
		policy_rule(apply->policy, SETTING_IN),
		text_span(&change->reason) };
}

/* True when the URI has a number that is wanted in another form. `where` is for
 * the note about a number that no plan knows. */
static bool
number_wants(struct apply *apply, const struct sip_uri *uri,
    struct change *change, struct span where)
{
	enum number_form form = form_of(apply, uri);
	enum number_kind kind;
	struct span context;
	struct edit_why why;

	change->user = uri->user;
	change->now = text_over(change->buf, sizeof(change->buf));
	change->reason = text_over(change->reason_buf, 0);
	if (uri->user.n == 0 ||
	    sip_param_find(uri->params, SPAN("phone-context"), &context))
		return false;
	switch (number_to_form(apply->read, apply->area, uri->user, form,
	    apply->write, &change->now, &kind)) {
	case NUMBER_REWRITTEN:
		break;
	case NUMBER_BAD_LENGTH:
		change->diagnostic = DIAG_NUM_INVALID;
		reason_write(change, apply, ": no valid number; left unchanged");
		why = why_number(apply, change);
		edit_note(&apply->edit, where, uri->user, &why);
		return false;
	default:
		return false;
	}
	if (change->now.overflow)
		return false;
	change->diagnostic = diagnostic_of(change, form, kind);
	reason_write(change, apply, " is ");
	return true;
}

static bool
has_number(const struct sip_uri *uri)
{
	return uri->scheme == SIP_SCHEME_SIP ||
	    uri->scheme == SIP_SCHEME_SIPS || uri->scheme == SIP_SCHEME_TEL;
}

static void
numbers_of_field(struct apply *apply, int at, bool dialled, bool caller)
{
	struct sip_field *field = &apply->draft->fields[at];
	struct span rest = field->value, value;

	while (sip_list_next(&rest, &value)) {
		struct change change = { .dialled = dialled, .caller = caller };
		struct span whole = field->value;
		struct nameaddr na;
		struct edit_why why;
		size_t behind =
		    rest.n == 0 ? 0 : (size_t)(span_end(whole) - rest.p);

		nameaddr_parse(value, &na);
		if (!nameaddr_usable(&na) || !has_number(&na.uri) ||
		    !number_wants(apply, &na.uri, &change, field->name))
			continue;
		why = why_number(apply, &change);
		whole = apply_splice(apply, at, na.uri.user,
		    text_span(&change.now), &why);
		rest = span_from(whole, whole.n - behind);
	}
}

static void
numbers_of_request(struct apply *apply)
{
	struct change change = { .dialled = true };
	struct edit_why why;
	struct sip_uri uri;

	if (!sip_uri_parse(apply->draft->uri, &uri) || !has_number(&uri) ||
	    !number_wants(apply, &uri, &change, SPAN("Request-URI")))
		return;
	why = why_number(apply, &change);
	apply_splice_uri(apply, uri.user, text_span(&change.now), &why);
}

static bool
target_open(const struct apply *apply, enum sip_header id)
{
	const struct guard *guard = apply->edit.guard;

	if (id == SIP_FROM)
		return !guard->in_dialog;
	if (id == SIP_TO)
		return !guard->in_dialog && !guard->emergency;
	return true;
}

void
rules_numbers(struct apply *apply)
{
	unsigned in = apply->policy->choice[SETTING_IN];
	const struct guard *guard = apply->edit.guard;
	size_t i;
	int at;

	if (in == 0)
		return;
	if ((in & NUMBER_IN_REQUEST) && apply->draft->request &&
	    !guard->in_dialog && !guard->emergency)
		numbers_of_request(apply);
	for (i = 0; i < ARRAY_LEN(targets); i++) {
		if (!(in & targets[i].bit) ||
		    !target_open(apply, targets[i].id))
			continue;
		at = -1;
		while ((at = sip_draft_find(apply->draft, targets[i].id,
			    (unsigned)(at + 1))) >= 0)
			numbers_of_field(apply, at, targets[i].id == SIP_TO,
			    targets[i].caller);
	}
}

/* TWI-03: a carrier that is given another host drops the request. */
void
rules_domain(struct apply *apply)
{
	struct span domain =
	    apply->trunk == NULL ? SPAN_NONE : apply->trunk->domain;
	struct edit_why why = { DIAG_RTE_WRONG_RURI_HOST,
		SPAN("builtin:domain"),
		SPAN("the trunk wants its domain as the host") };
	struct nameaddr to;
	struct sip_uri uri;
	struct span old;
	int at = sip_draft_find(apply->draft, SIP_TO, 0);

	if (domain.n == 0 || !apply->draft->request)
		return;
	if (sip_uri_parse(apply->draft->uri, &uri)) {
		old = identity_host_port(&uri);
		if (old.n > 0 && !span_ieq(old, domain))
			apply_splice_uri(apply, old, domain, &why);
	}
	if (at < 0)
		return;
	nameaddr_parse(apply->draft->fields[at].value, &to);
	old = identity_host_port(&to.uri);
	if (nameaddr_usable(&to) && old.n > 0 && !span_ieq(old, domain))
		apply_splice(apply, at, old, domain, &why);
}
