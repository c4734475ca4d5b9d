/*
 * rules_shown.c - whom From shows: the caller, nobody, or who diverted the call
 */

#include "policy/rules.h"
#include "sip/value.h"

/* From before any policy: what a policy hides is not the caller's wish. */
bool
apply_came_anonymous(const struct apply *apply)
{
	return identity_is_anonymous(
	    apply_read_value(apply, apply->edit.guard->from));
}

bool
apply_may_show(const struct apply *apply, struct span user)
{
	return apply->ctx->owns == NULL || apply_owns(apply, user);
}

static bool
names_nobody(const struct nameaddr *na)
{
	struct span display = sip_unquote(na->display);

	return span_ieq(na->uri.user, SPAN("anonymous")) &&
	       span_ieq(na->uri.host, SPAN("anonymous.invalid")) &&
	       (display.n == 0 || span_ieq(display, SPAN("anonymous")));
}

static void
hide_from(struct apply *apply, const struct edit_why *why)
{
	struct identity_parts parts = { .params = apply->id.caller.params };

	identity_parts_hide(&parts);
	if (!names_nobody(&apply->id.caller))
		apply_set_from(apply, &parts, why);
}

static bool
refuse(struct apply *apply, struct policy_refusal *refusal)
{
	struct edit_why why =
	    apply_why(apply, DIAG_CLI_ANONYMOUS, SETTING_ANONYMOUS_FROM,
		SPAN("this trunk takes no anonymous calls"));

	refusal->status = 433;
	refusal->diagnostic = DIAG_CLI_ANONYMOUS;
	refusal->text = "From is anonymous and no Privacy header asks for it";
	edit_note(&apply->edit, SPAN("From"), apply->id.caller.whole, &why);
	return false;
}

/* The asserted identity where it may be shown; of one that is going to be
 * replaced, what will stand there. */
static bool
asserted_parts(
    struct apply *apply, struct span host, struct identity_parts *parts)
{
	struct identity_parts tel;
	bool came = identity_asserted_best(
	    &apply->id.asserted, host, parts, &tel);
	struct span number;

	number = came ? identity_number_in(parts->user) : SPAN_NONE;
	if (came && apply_is_number(apply, number) &&
	    apply_may_show(apply, number)) {
		/* It is shown so that From is anonymous no more. */
		if (identity_says_anonymous(parts->display))
			parts->display = SPAN_NONE;
		return true;
	}
	number = apply_asserted_number(apply);
	if (number.n == 0 || !apply_may_show(apply, number))
		return false;
	*parts = (struct identity_parts){ .scheme = SIP_SCHEME_SIP,
		.user = number,
		.host = came && parts->host.n > 0 ? parts->host : host,
		.uri_params = SPAN(";user=phone") };
	return parts->host.n > 0;
}

static void
show_asserted(struct apply *apply, const struct edit_why *why)
{
	struct span number = apply_default_caller(apply);
	struct span host =
	    apply->trunk == NULL ? SPAN_NONE : apply->trunk->host;
	struct identity_parts parts = { 0 };
	bool found = apply->policy->choice[SETTING_ANONYMOUS_FROM] ==
			 ANONYMOUS_USE_ASSERTED &&
		     asserted_parts(apply, host, &parts);

	if (!found && (number.n == 0 || host.n == 0))
		return;
	if (!found)
		parts = (struct identity_parts){ .scheme = SIP_SCHEME_SIP,
			.user = number,
			.host = host,
			.uri_params = SPAN(";user=phone") };
	parts.params = apply->id.caller.params;
	apply_set_from(apply, &parts, why);
}

bool
rules_anonymous(struct apply *apply, struct policy_refusal *refusal)
{
	unsigned mode = apply->policy->choice[SETTING_ANONYMOUS_FROM];
	struct edit_why why = apply_why(
	    apply, DIAG_CLI_ANONYMOUS, SETTING_ANONYMOUS_FROM, SPAN_NONE);

	/* Who helps must know who calls, and as it was said. */
	if (apply->edit.guard->emergency ||
	    apply_wishes_hiding(apply) || !apply_came_anonymous(apply) ||
	    !identity_is_anonymous(&apply->id.caller))
		return true;
	if (mode == ANONYMOUS_REJECT)
		return refuse(apply, refusal);
	if (mode == ANONYMOUS_PRIVATE &&
	    !(apply->id.privacy & IDENTITY_PRIVACY_NONE)) {
		why.reason = SPAN("this trunk hides who asks for it by Privacy: "
				  "id");
		apply_add_id(apply, &why);
		apply->id.privacy |= IDENTITY_PRIVACY_ID;
	} else if (mode == ANONYMOUS_KEEP || mode == ANONYMOUS_PRIVATE) {
		edit_note(
		    &apply->edit, SPAN("From"), apply->id.caller.whole, &why);
	} else {
		show_asserted(apply, &why);
	}
	return true;
}

/* draft-ietf-sip-privacy as gateways speak it: where the header goes no
 * further, RFC 3323 and RFC 3325 say the same. */
void
rules_party_wish(struct apply *apply)
{
	const unsigned *choice = apply->policy->choice;
	struct edit_why why = apply_why(apply, DIAG_CLI_PRIVACY_ID,
	    SETTING_REMOTE_PARTY,
	    SPAN("Remote-Party-ID asks to hide the caller, and goes no "
		 "further"));

	if (!apply->id.party_hides || !apply->draft->request ||
	    apply->edit.guard->emergency ||
	    (choice[SETTING_REMOTE_PARTY] != REMOTE_PARTY_ABSENT &&
		choice[SETTING_PRIVACY] != PRIVACY_HONOUR))
		return;
	hide_from(apply, &why);
	if (!(apply->id.privacy & IDENTITY_PRIVACY_ID))
		apply_add_id(apply, &why);
	apply->id.privacy |= IDENTITY_PRIVACY_ID;
}

/* Who says Anonymous beside a number asks for what id alone does not. */
static bool
hides_in_from(const struct apply *apply)
{
	return (apply->id.privacy & IDENTITY_PRIVACY_USER) ||
	       ((apply->id.privacy & IDENTITY_PRIVACY_ID) &&
		   identity_is_anonymous(&apply->id.caller));
}

static void
show_diverter(struct apply *apply)
{
	struct edit_why why =
	    apply_why(apply, DIAG_CLI_DIVERTED, SETTING_DIVERTED_FROM,
		SPAN("From shows who diverted the call last"));
	const struct nameaddr *caller = &apply->id.caller;
	struct identity_parts parts, who;

	if (!identity_is_public(caller) ||
	    !rules_diverter(apply, apply_may_show, &who) ||
	    number_same(apply->read, apply->area,
		identity_number(&caller->uri), who.user))
		return;
	identity_parts_of(caller, &parts);
	if (parts.scheme != SIP_SCHEME_SIP && parts.scheme != SIP_SCHEME_SIPS)
		return;
	parts.display = who.display;
	apply_renumber(apply, &parts, who.user);
	apply_set_from(apply, &parts, &why);
}

void
rules_shown(struct apply *apply)
{
	const unsigned *choice = apply->policy->choice;
	struct edit_why wish = apply_why(apply, DIAG_CLI_PRIVACY_ID,
	    SETTING_PRIVACY,
	    SPAN("the caller wishes privacy, and this trunk is not trusted"));
	struct edit_why why = apply_why(apply, DIAG_CLI_PRIVACY_ID,
	    SETTING_FROM, SPAN("this trunk is shown no caller"));

	if (apply->edit.guard->emergency)
		return;
	if (choice[SETTING_PRIVACY] == PRIVACY_HONOUR &&
	    hides_in_from(apply))
		hide_from(apply, &wish);
	if (choice[SETTING_FROM] == FROM_ANONYMOUS)
		hide_from(apply, &why);
	else if (choice[SETTING_DIVERTED_FROM] == DIVERTED_DIVERTING &&
		 choice[SETTING_FROM] != FROM_DEFAULT &&
		 choice[SETTING_FROM] != FROM_ASSERTED)
		show_diverter(apply);
}
