/*
 * rules_values.c - numbers, hosts and domain, in place
 *
 * Only the digits or the host are exchanged: every other byte of
 * a value stays as it came.
 */

#include "base/container.h"
#include "identity/diversion.h"
#include "policy/rules.h"
#include "sip/value.h"

#define USER_MAX   128
#define REASON_MAX 160

static const struct target {
	unsigned bit;
	enum sip_header id;
	bool caller; /* shown to the callee: a lost plus is CLI-FORMAT */
	bool host;   /* identity.host is for it too */
} targets[] = {
	{ NUMBER_IN_TO, SIP_TO, false, false },
	{ NUMBER_IN_FROM, SIP_FROM, true, true },
	{ NUMBER_IN_ASSERTED, SIP_P_ASSERTED_IDENTITY, true, true },
	{ NUMBER_IN_PREFERRED, SIP_P_PREFERRED_IDENTITY, true, true },
	{ NUMBER_IN_REMOTE_PARTY, SIP_REMOTE_PARTY_ID, true, true },
	{ NUMBER_IN_DIVERTING, SIP_DIVERSION, false, true },
	{ NUMBER_IN_DIVERTING, SIP_HISTORY_INFO, false, true },
	{ NUMBER_IN_REFERRED_BY, SIP_REFERRED_BY, false, false },
	/* What its receiver shall dial. */
	{ NUMBER_IN_REQUEST, SIP_REFER_TO, false, false }
};

/* A number in one place, before and after. */
struct change {
	struct span old; /* as written; with what follows a number in a context */
	const struct number_plan *plan; /* by which it was read */
	bool dialled;     /* Request-URI, To or Refer-To */
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
diagnostic_of(
    const struct change *change, enum number_form form, enum number_kind kind)
{
	if (form != NUMBER_FORM_PLUS)
		return change->dialled ? DIAG_NUM_INBOUND : DIAG_CLI_FORMAT;
	if (change->dialled || kind == NUMBER_DIALLED)
		return DIAG_NUM_NOT_E164;
	if (change->caller && (kind == NUMBER_BARE || kind == NUMBER_PLUS))
		return DIAG_CLI_FORMAT;
	return DIAG_NUM_NATIONAL;
}

static void
reason_write(struct change *change, const char *says)
{
	struct text *t = &change->reason;

	*t = text_over(change->reason_buf, sizeof(change->reason_buf));
	if (change->old.n > 40)
		return;
	text_add(t, change->old);
	text_add_str(t, says);
	text_add(t, text_span(&change->now));
	if (change->plan == NULL)
		return;
	TEXT_LIT(t, " by the plan of ");
	text_add_str(t, change->plan->country);
}

static struct edit_why
why_number(const struct apply *apply, const struct change *change)
{
	return (struct edit_why){ change->diagnostic,
		policy_rule(apply->policy, SETTING_IN),
		text_span(&change->reason) };
}

/* RFC 3966: the context of a tel URI, or of one that was made a sip URI. Behind
 * the host of a sip URI nobody knows what it means. */
static bool
context_of(const struct sip_uri *uri, struct span *params, struct span *context)
{
	*params = uri->scheme == SIP_SCHEME_TEL ? uri->params : uri->user_params;
	return params->n > 0 && sip_param_find(*params, SIP_PHONE_CONTEXT, context);
}

static enum number_result
local_form(const struct apply *apply, const struct sip_uri *uri,
    struct span context, struct change *change, enum number_kind *kind)
{
	struct number number;
	enum number_result result =
	    number_from_context(context, uri->user, &number);

	*kind = number.kind;
	if (result != NUMBER_REWRITTEN)
		return result;
	change->plan = number.plan;
	number_add(&change->now, &number, form_of(apply, uri), apply->write);
	return result;
}

/* What number_to_form() says, with the new text in `change`. */
static enum number_result
number_form(const struct apply *apply, const struct sip_uri *uri,
    struct change *change, enum number_kind *kind)
{
	struct span params, context;
	bool has_context = context_of(uri, &params, &context);
	enum number_result result;

	if (has_context && !identity_is_global(uri->user))
		result = local_form(apply, uri, context, change, kind);
	else
		result = number_to_form(apply->read, apply->area, uri->user,
		    form_of(apply, uri), apply->write, &change->now, kind);
	if (!has_context || result == NUMBER_UNCHANGED ||
	    result == NUMBER_NO_NUMBER)
		return result;
	/* All that follows the number; its context has done its service. */
	change->old = span_between(uri->user.p, span_end(params));
	if (result == NUMBER_REWRITTEN)
		sip_param_set(&change->now, params, SIP_PHONE_CONTEXT, NULL);
	return result;
}

/* True when the URI has a number that is wanted in another form.
 * `change` says already whose number it is; `where` is for the note
 * about one that no plan knows. */
static bool
number_wants(struct apply *apply, const struct sip_uri *uri,
    struct change *change, struct span where)
{
	enum number_kind kind;
	struct span context;
	struct edit_why why;

	change->old = uri->user;
	change->plan = apply->read;
	change->now = text_over(change->buf, sizeof(change->buf));
	change->reason = text_over(change->reason_buf, 0);
	if (uri->user.n == 0 ||
	    (uri->scheme != SIP_SCHEME_TEL &&
		sip_param_find(uri->params, SIP_PHONE_CONTEXT, &context)))
		return false;
	switch (number_form(apply, uri, change, &kind)) {
	case NUMBER_REWRITTEN:
		break;
	case NUMBER_BAD_LENGTH:
		change->diagnostic = DIAG_NUM_INVALID;
		reason_write(change, " is left unchanged: no valid number");
		why = why_number(apply, change);
		edit_note(&apply->edit, where, change->old, &why);
		return false;
	default:
		return false;
	}
	if (change->now.overflow)
		return false;
	change->diagnostic = diagnostic_of(change, form_of(apply, uri), kind);
	reason_write(change, " is ");
	return true;
}

static bool
has_number(const struct sip_uri *uri)
{
	return uri->scheme == SIP_SCHEME_SIP ||
	       uri->scheme == SIP_SCHEME_SIPS || uri->scheme == SIP_SCHEME_TEL;
}

/* One value of a list field: where it is, and what is behind it. */
struct place {
	int field;
	struct span value;
	size_t behind; /* bytes of the field behind the value */
	struct apply_room room;
};

static void
value_splice(struct apply *apply, struct place *place, struct span old,
    struct span text, const struct edit_why *why)
{
	struct span was = apply->draft->fields[place->field].value, now;
	size_t before = (size_t)(place->value.p - was.p);

	now = apply_splice_more(
	    apply, &place->room, place->field, old, text, why);
	place->value =
	    span_make(now.p + before, now.n - before - place->behind);
}

static void
value_number(struct apply *apply, const struct target *target,
    struct place *place, struct nameaddr *na)
{
	struct change change;
	struct edit_why why;

	change.dialled = target->id == SIP_TO || target->id == SIP_REFER_TO;
	change.caller = target->caller;
	if (!has_number(&na->uri) ||
	    !number_wants(apply, &na->uri, &change,
		apply->draft->fields[place->field].name))
		return;
	why = why_number(apply, &change);
	value_splice(apply, place, change.old, text_span(&change.now), &why);
	*na = *apply_read_value(apply, place->value);
}

/* What hides a caller stays, and so does an entry that only counts. */
static void
value_host(struct apply *apply, struct place *place, const struct nameaddr *na,
    struct span host)
{
	struct span old = identity_host_port(&na->uri);
	struct edit_why why = { DIAG_SCRUB_PRIVATE_HDR,
		policy_rule(apply->policy, SETTING_HOST),
		SPAN("the sender's own host names stay inside") };

	if (old.n > 0 && !span_ieq(old, host) &&
	    !sip_uri_is_anonymous(&na->uri) &&
	    !diversion_only_counts(&na->uri))
		value_splice(apply, place, old, host, &why);
}

/* The entry of History-Info that follows the Request-URI. */
static bool
follows_target(const struct apply *apply, enum sip_header id, int at,
    struct span behind)
{
	struct span value;

	return id == SIP_HISTORY_INFO && apply->target.n > 0 &&
	       !sip_list_next(&behind, &value) &&
	       sip_draft_find(apply->draft, id, (unsigned)(at + 1)) < 0;
}

static void
rewrite_field(struct apply *apply, const struct target *target, int at,
    bool numbers, struct span host)
{
	const struct sip_field *field = &apply->draft->fields[at];
	struct span rest = field->value;
	struct place place = { .field = at };

	while (sip_list_next(&rest, &place.value)) {
		struct nameaddr na;
		const char *end = span_end(field->value);

		place.behind = (size_t)(end - span_end(place.value));
		na = *apply_read_value(apply, place.value);
		if (!nameaddr_usable(&na) ||
		    follows_target(apply, target->id, at, rest))
			continue;
		if (numbers)
			value_number(apply, target, &place, &na);
		if (host.n > 0)
			value_host(apply, &place, &na, host);
		rest =
		    span_between(span_end(place.value), span_end(field->value));
	}
}

void
rules_dialled(struct apply *apply)
{
	const struct guard *guard = apply->edit.guard;
	struct change change;
	struct edit_why why;
	struct sip_uri uri;

	change.dialled = true;
	change.caller = false;
	if (!(apply->policy->choice[SETTING_IN] & NUMBER_IN_REQUEST) ||
	    !apply->draft->request || guard->in_dialog || guard->emergency)
		return;
	if (!sip_uri_parse(apply->draft->uri, &uri) || !has_number(&uri) ||
	    !number_wants(apply, &uri, &change, SPAN("Request-URI")))
		return;
	why = why_number(apply, &change);
	apply_splice_uri(apply, change.old, text_span(&change.now), &why);
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
rules_values(struct apply *apply)
{
	unsigned in = apply->policy->choice[SETTING_IN];
	struct span host = apply_host_wanted(apply);
	size_t i;
	int at;

	if (in == 0 && host.n == 0)
		return;
	for (i = 0; i < ARRAY_LEN(targets); i++) {
		const struct target *target = &targets[i];
		bool numbers = (in & target->bit) != 0;

		if (!target_open(apply, target->id) ||
		    (!numbers && (!target->host || host.n == 0)))
			continue;
		for (at = sip_draft_find(apply->draft, target->id, 0); at >= 0;
		     at = sip_draft_find(
			 apply->draft, target->id, (unsigned)(at + 1)))
			rewrite_field(apply, target, at, numbers,
			    target->host ? host : SPAN_NONE);
	}
}

/* Another host goes with its port; the domain keeps the port that a rule of the
 * policy gave it. */
static struct span
foreign_host(const struct sip_uri *uri, struct span domain)
{
	return span_ieq(uri->host, domain) ? SPAN_NONE
					   : identity_host_port(uri);
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
	const struct nameaddr *to;
	struct sip_uri uri;
	struct span old;
	int at = sip_draft_find(apply->draft, SIP_TO, 0);

	if (domain.n == 0 || !apply->draft->request)
		return;
	if (sip_uri_parse(apply->draft->uri, &uri)) {
		old = foreign_host(&uri, domain);
		if (old.n > 0)
			apply_splice_uri(apply, old, domain, &why);
	}
	if (at < 0)
		return;
	to = apply_read_value(apply, apply->draft->fields[at].value);
	if (!nameaddr_usable(to))
		return;
	old = foreign_host(&to->uri, domain);
	if (old.n > 0)
		apply_splice(apply, at, old, domain, &why);
}
