/*
 * rules_owned.c - numbers that a trunk may show, and what stands for others
 */

#include "policy/rules.h"
#include "sip/value.h"

/* Shorter than any number with its country code. */
#define DIGITS_MIN 7

static bool
all_digits(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n > 0;
}

/* The digits that the inventory would have the user part by. What no plan reads
 * is looked for as it stands: that guesses nothing. */
static bool
digits_of(const struct apply *apply, struct span user, struct number *number,
    struct span *digits)
{
	number_parse(apply->read, apply->area, user, number);
	*digits = number->kind >= NUMBER_PLUS
		      ? span_make(number->digits, number->digits_n)
		      : user;
	return number->kind >= NUMBER_PLUS ||
	       (all_digits(user) && user.n >= DIGITS_MIN);
}

static bool
look_up(const struct apply *apply, struct span user)
{
	struct number number;
	struct span digits;

	return digits_of(apply, user, &number, &digits) &&
	       apply->ctx->owns(apply->ctx->owns_arg, digits);
}

bool
apply_owns(const struct apply *apply, struct span user)
{
	struct owned_known *known = apply->known;
	unsigned i;

	if (apply->ctx->owns == NULL)
		return false;
	for (i = 0; i < known->n; i++) {
		if (span_eq(user,
			span_make(known->list[i].user, known->list[i].n)))
			return known->list[i].owned;
	}
	if (i == OWNED_KNOWN || user.n == 0 || user.n > OWNED_TEXT)
		return look_up(apply, user);
	memcpy(known->list[i].user, user.p, user.n);
	known->list[i].n = (uint8_t)user.n;
	known->list[i].owned = look_up(apply, user);
	known->n++;
	return known->list[i].owned;
}

struct span
apply_why_not(struct apply *apply, struct span user)
{
	const struct policy_context *ctx = apply->ctx;
	size_t mark = sip_draft_mark(apply->draft);
	struct text *t = &apply->draft->scratch;
	struct number number;
	struct span digits;

	if (ctx->why_not != NULL && digits_of(apply, user, &number, &digits))
		ctx->why_not(ctx->owns_arg, digits, t);
	else if (user.n > 0)
		text_addf(t, "%.*s is not a number that the trunk owns",
		    SPAN_ARG(user));
	else
		TEXT_LIT(t, "it names no number");
	return sip_draft_keep(apply->draft, mark);
}

bool
apply_is_number(const struct apply *apply, struct span user)
{
	struct number number;

	if (identity_user_is_number(user))
		return true;
	number_parse(apply->read, apply->area, user, &number);
	return number.kind >= NUMBER_PLUS;
}

/* Area codes that nobody has: 555, and those of services (211, 911). */
static bool
nanp_is_invalid(const struct number *number)
{
	const char *area = number->digits + number->code_n;

	if (number->plan == NULL || !(number->plan->flags & NUMBER_NANP))
		return false;
	return memcmp(area, "555", 3) == 0 || memcmp(area + 1, "11", 2) == 0;
}

/* Digits of an unknown country: only what is a number nowhere. */
static bool
digits_are_invalid(struct span user)
{
	size_t i = 1;

	if (!all_digits(user))
		return false;
	while (i < user.n && user.p[i] == user.p[0])
		i++;
	return user.n < DIGITS_MIN || user.n > NUMBER_E164_MAX || i == user.n;
}

bool
apply_is_invalid(const struct apply *apply, struct span user)
{
	struct number number;
	bool invalid;

	number_parse(apply->read, apply->area, user, &number);
	switch (number.kind) {
	case NUMBER_NOT:
		invalid = digits_are_invalid(user);
		break;
	case NUMBER_SHORT:
	case NUMBER_INVALID:
		invalid = true;
		break;
	default:
		invalid = nanp_is_invalid(&number);
		break;
	}
	return invalid && !apply_owns(apply, user);
}

struct span
apply_default_caller(const struct apply *apply)
{
	struct span caller = policy_text(apply->policy, SETTING_DEFAULT_CALLER);

	if (caller.n == 0 && apply->trunk != NULL)
		caller = apply->trunk->default_caller;
	return caller;
}

/* ---- what stands in ---- */

static bool
find_asserted(const struct apply *apply, struct span *user)
{
	const struct identity_list *list = &apply->id.asserted;
	unsigned i;

	for (i = 0; i < list->n; i++) {
		*user = identity_number(&list->value[i].uri);
		if (nameaddr_usable(&list->value[i]) &&
		    apply_owns(apply, *user))
			return true;
	}
	return false;
}

struct span
apply_e164(struct apply *apply, struct span user)
{
	struct text *t = &apply->draft->scratch;
	size_t mark = sip_draft_mark(apply->draft);
	struct number number;
	struct span digits;

	digits_of(apply, user, &number, &digits);
	if (number.kind >= NUMBER_PLUS)
		text_add_char(t, '+');
	text_add(t, digits);
	return sip_draft_keep(apply->draft, mark);
}

bool
apply_map(const struct apply *apply, struct span *asserted)
{
	const struct nameaddr *caller = &apply->id.caller;
	struct number number;

	number_parse(apply->read, apply->area,
	    identity_is_public(caller) ? identity_number(&caller->uri)
				       : SPAN_NONE, &number);
	return number.kind >= NUMBER_PLUS &&
	       number_map_find(apply->policy->asserted_map,
		   span_make(number.digits, number.digits_n), asserted);
}

static bool
has_usable(const struct identity_list *list)
{
	unsigned i;

	for (i = 0; i < list->n; i++) {
		if (nameaddr_usable(&list->value[i]))
			return true;
	}
	return false;
}

/* With asserted = owned, where no value that came is: in place of values, and
 * beside a caller in From who is not owned. */
static bool
asserts_stand_in(const struct apply *apply)
{
	const struct nameaddr *caller = &apply->id.caller;

	return has_usable(&apply->id.asserted) ||
	       (identity_is_public(caller) &&
		   !apply_owns(apply, identity_number(&caller->uri)));
}

/* What rules_identity.c will assert in place of values that are not owned: From
 * must agree with it, or it would be another one the second time. */
static struct span
new_asserted(struct apply *apply)
{
	const unsigned *choice = apply->policy->choice;
	unsigned mode = choice[SETTING_ASSERTED];

	/* Nobody knows what is owned: then it goes as it was received. */
	if (mode == ASSERTED_OWNED && apply->ctx->owns == NULL)
		mode = ASSERTED_AS_RECEIVED;
	switch (mode) {
	case ASSERTED_FIXED:
		return policy_text(apply->policy, SETTING_ASSERTED);
	case ASSERTED_OWNED:
		return asserts_stand_in(apply) ? apply_stand_in(apply, false)
					       : SPAN_NONE;
	case ASSERTED_AS_RECEIVED:
	case ASSERTED_MAP:
		if (apply->mapped.n > 0)
			return apply->mapped;
		if (choice[SETTING_INVALID_ANI] != INVALID_ANI_REPLACE ||
		    !apply_asserts_invalid(apply))
			return SPAN_NONE;
		return apply_stand_in(apply, false);
	default:
		return SPAN_NONE;
	}
}

struct span
apply_asserted_number(struct apply *apply)
{
	struct span user;

	return find_asserted(apply, &user) ? user : new_asserted(apply);
}

struct span
apply_stand_in(struct apply *apply, bool asserted)
{
	struct identity_parts who;
	struct span number = SPAN_NONE;

	if (rules_diverter(apply, apply_owns, &who))
		return apply_e164(apply, who.user);
	if (asserted)
		number = apply_asserted_number(apply);
	return number.n > 0 && apply_owns(apply, number)
		   ? apply_e164(apply, number)
		   : apply_default_caller(apply);
}

/* ---- From ---- */

static struct span
caller_number(const struct apply *apply)
{
	return identity_number(&apply->id.caller.uri);
}

void
apply_set_from(struct apply *apply, const struct identity_parts *parts,
    const struct edit_why *why)
{
	struct sip_draft *draft = apply->draft;
	int at = sip_draft_find(draft, SIP_FROM, 0);
	size_t mark = sip_draft_mark(draft);

	if (at < 0)
		return;
	identity_add(&draft->scratch, parts);
	edit_set(&apply->edit, at, sip_draft_keep(draft, mark), why);
	apply->id.caller = *apply_read_value(apply, draft->fields[at].value);
}

void
apply_renumber(
    struct apply *apply, struct identity_parts *parts, struct span number)
{
	size_t mark = sip_draft_mark(apply->draft);
	struct span context;

	parts->user = number;
	if (parts->scheme == SIP_SCHEME_TEL)
		parts->uri_params = SPAN_NONE;
	if (!sip_param_find(parts->uri_params, SIP_PHONE_CONTEXT, &context))
		return;
	sip_param_set(&apply->draft->scratch, parts->uri_params,
	    SIP_PHONE_CONTEXT, NULL);
	parts->uri_params = sip_draft_keep(apply->draft, mark);
}

/* The same From with another number, which may be empty: then nobody can stand
 * in, and it is only told. */
static void
show(struct apply *apply, struct span number, const struct edit_why *why)
{
	struct identity_parts parts;

	if (number.n == 0) {
		edit_note(
		    &apply->edit, SPAN("From"), apply->id.caller.whole, why);
		return;
	}
	if (span_eq(number, caller_number(apply)))
		return;
	identity_parts_of(&apply->id.caller, &parts);
	apply_renumber(apply, &parts, number);
	apply_set_from(apply, &parts, why);
}

/* BWC-26. */
static bool
refuse_invalid(struct apply *apply, struct policy_refusal *refusal)
{
	struct edit_why why =
	    apply_why(apply, DIAG_CLI_ANI_INVALID, SETTING_INVALID_ANI,
		SPAN("the calling number is not valid, and is refused here"));

	refusal->status = 403;
	refusal->diagnostic = DIAG_CLI_ANI_INVALID;
	refusal->text = "the calling number is not valid";
	edit_note(&apply->edit, SPAN("From"), apply->id.caller.whole, &why);
	return false;
}

static struct edit_why
why_invalid(struct apply *apply)
{
	struct text *t = &apply->draft->scratch;
	size_t mark = sip_draft_mark(apply->draft);

	TEXT_LIT(t, "the calling number ");
	text_add(t, caller_number(apply));
	TEXT_LIT(t, " is not valid: carriers block it");
	return apply_why(apply, DIAG_CLI_ANI_INVALID, SETTING_INVALID_ANI,
	    sip_draft_keep(apply->draft, mark));
}

/* TWI-08. */
static void
show_owned(struct apply *apply)
{
	struct span user = caller_number(apply);
	struct edit_why why;

	if (apply->ctx->owns == NULL || apply_owns(apply, user))
		return;
	why = apply_why(apply, DIAG_CLI_NOT_OWNED, SETTING_FROM,
	    apply_why_not(apply, user));
	show(apply, apply_stand_in(apply, true), &why);
}

static void
show_default(struct apply *apply)
{
	struct span caller = apply_default_caller(apply);
	struct edit_why why = apply_why(apply, DIAG_CLI_NOT_OWNED, SETTING_FROM,
	    SPAN("this trunk shows its default caller"));

	if (!number_same(
		apply->read, apply->area, caller, caller_number(apply)))
		show(apply, caller, &why);
}

/* What of the asserted values this policy leaves: one that is owned, one in
 * their place, or the one that came. */
static struct span
asserted_as_sent(struct apply *apply)
{
	bool fixed = apply->policy->choice[SETTING_ASSERTED] == ASSERTED_FIXED;
	struct span number;
	struct identity_parts sip, tel;

	number = fixed || apply->mapped.n > 0 ? new_asserted(apply)
					      : apply_asserted_number(apply);
	if (number.n > 0 ||
	    !identity_asserted_best(&apply->id.asserted,
		apply->id.caller.uri.host, &sip, &tel))
		return number;
	number = identity_number_in(sip.user);
	return apply_is_number(apply, number) &&
		       !apply_is_invalid(apply, number)
		   ? number
		   : SPAN_NONE;
}

static void
show_asserted(struct apply *apply)
{
	struct edit_why why = apply_why(apply, DIAG_CLI_MISMATCH, SETTING_FROM,
	    SPAN("this trunk is shown the asserted identity"));
	struct span number;

	if (apply_wishes_hiding(apply))
		return;
	number = asserted_as_sent(apply);
	if (number.n > 0 && !number_same(apply->read, apply->area, number,
				caller_number(apply)))
		show(apply, number, &why);
}

bool
rules_caller(struct apply *apply, struct policy_refusal *refusal)
{
	const unsigned *choice = apply->policy->choice;
	bool looks = policy_gives(apply->policy, SETTING_INVALID_ANI);
	struct edit_why why;

	if (apply->edit.guard->emergency ||
	    !identity_is_public(&apply->id.caller))
		return true;
	if (looks && choice[SETTING_INVALID_ANI] == INVALID_ANI_REJECT &&
	    (apply_is_invalid(apply, caller_number(apply)) ||
		apply_asserts_invalid(apply)))
		return refuse_invalid(apply, refusal);
	if (looks && apply_is_invalid(apply, caller_number(apply))) {
		why = why_invalid(apply);
		show(apply,
		    choice[SETTING_INVALID_ANI] == INVALID_ANI_REPLACE
			? apply_stand_in(apply, true)
			: SPAN_NONE,
		    &why);
	}
	if (choice[SETTING_FROM] == FROM_OWNED)
		show_owned(apply);
	else if (choice[SETTING_FROM] == FROM_ASSERTED)
		show_asserted(apply);
	else if (choice[SETTING_FROM] == FROM_DEFAULT)
		show_default(apply);
	return true;
}
