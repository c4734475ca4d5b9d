/*
 * rules_identity.c - From and the identity headers as the trunk wants them
 */

#include "base/container.h"
#include "policy/rules.h"
#include "sip/chars.h"
#include "sip/value.h"

static struct span
own_host(const struct apply *apply)
{
	return apply->trunk == NULL ? SPAN_NONE : apply->trunk->host;
}

static struct span
parts_text(struct apply *apply, const struct identity_parts *parts)
{
	size_t mark = sip_draft_mark(apply->draft);

	identity_add(&apply->draft->scratch, parts);
	return sip_draft_keep(apply->draft, mark);
}

/* Where an identity of ours lives: where the policy wants it, else where it
 * was, else the trunk's name for us or a host that the message itself has. */
static struct span
host_for(const struct apply *apply, const struct identity_parts *received)
{
	struct span wanted = apply_host_wanted(apply), host = own_host(apply);

	if (received != NULL && received->host.n > 0)
		return wanted.n > 0 ? wanted : received->host;
	if (host.n == 0 && !identity_is_anonymous(&apply->id.caller))
		host = apply->id.caller.uri.host;
	return host;
}

/* "sip:02079460000;user=phone": the number stands where the host should. */
static bool
number_as_host(const struct nameaddr *na)
{
	struct span user;

	return na->uri.user.n == 0 && identity_user_is_number(na->uri.host) &&
	       span_find(na->uri.host, '.') < 0 &&
	       sip_param_find(na->uri.params, SPAN("user"), &user) &&
	       span_ieq(user, SPAN("phone"));
}

static bool
refuse(struct apply *apply, struct policy_refusal *refusal)
{
	struct edit_why why =
	    apply_why(apply, DIAG_MSG_FROM_MALFORMED, SETTING_DEFAULT_CALLER,
		SPAN("From has no usable URI, and there is no default_caller"));

	refusal->status = 400;
	refusal->diagnostic = DIAG_MSG_FROM_MALFORMED;
	refusal->text = "From has no usable URI";
	edit_note(&apply->edit, SPAN("From"), apply->id.caller.whole, &why);
	return false;
}

/* Fills in who calls where From does not say it; a call for
 * help goes on without that. */
static bool
from_complete(struct apply *apply, struct identity_parts *parts)
{
	const struct nameaddr *na = &apply->id.caller;
	struct span caller = apply_default_caller(apply);
	struct span host = own_host(apply);

	if (nameaddr_usable(na) && !number_as_host(na))
		return true;
	parts->display = na->display;
	parts->scheme = SIP_SCHEME_SIP;
	/* A broken From that hides hides on. */
	if (identity_is_anonymous(na)) {
		identity_parts_hide(parts);
		return true;
	}
	parts->user = number_as_host(na) ? na->uri.host : caller;
	parts->host = host;
	parts->uri_params = SPAN(";user=phone");
	if (parts->user.n > 0 && host.n > 0)
		return true;
	identity_parts_hide(parts);
	return apply->edit.guard->emergency;
}

static bool
from_repair(struct apply *apply, struct policy_refusal *refusal)
{
	const struct nameaddr *na = &apply->id.caller;
	struct identity_parts parts;
	struct edit_why why = apply_why(
	    apply, DIAG_MSG_FROM_MALFORMED, SETTING_DEFAULT_CALLER, SPAN_NONE);
	bool usable = nameaddr_usable(na) && !number_as_host(na);

	if (sip_draft_find(apply->draft, SIP_FROM, 0) < 0)
		return true;
	if (usable && na->defects == 0 && identity_params_clean(na->params))
		return true;
	identity_parts_of(na, &parts);
	if (!from_complete(apply, &parts))
		return refuse(apply, refusal);
	if (!usable)
		why.reason = SPAN("From has no usable URI");
	apply_set_from(apply, &parts, &why);
	return true;
}

bool
rules_from(struct apply *apply, struct policy_refusal *refusal)
{
	if (!from_repair(apply, refusal))
		return false;
	if (apply->policy->choice[SETTING_ASSERTED] == ASSERTED_MAP)
		apply_map(apply, &apply->mapped);
	rules_party_wish(apply);
	if (!rules_anonymous(apply, refusal) || !rules_caller(apply, refusal))
		return false;
	rules_shown(apply);
	return true;
}

void
apply_set_values(struct apply *apply, enum sip_header id,
    const struct span *values, unsigned n, const struct edit_why *why)
{
	unsigned i;
	int at = -1;

	for (i = 0; i < n; i++) {
		at = sip_draft_find(apply->draft, id, (unsigned)(at + 1));
		if (at < 0) {
			edit_add(&apply->edit, id, sip_header_span(id),
			    values[i], why);
			at = (int)apply->draft->fields_n - 1;
		} else {
			edit_set(&apply->edit, at, values[i], why);
		}
	}
	while (
	    (at = sip_draft_find(apply->draft, id, (unsigned)(at + 1))) >= 0) {
		if (edit_remove(&apply->edit, at, why))
			at--;
	}
}

static bool
same_caller(const struct apply *apply, struct span user)
{
	return number_same(apply->read, apply->area,
	    identity_number(&apply->id.caller.uri), user);
}

/* ACS-01: every asserted value names somebody else than a public From. A
 * response asserts the callee. */
static bool
is_mismatch(const struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	unsigned i, usable = 0;

	if (!apply->draft->request || !identity_is_public(&apply->id.caller))
		return false;
	for (i = 0; i < list->n; i++) {
		if (!nameaddr_usable(&list->value[i]))
			continue;
		usable++;
		if (same_caller(
			apply, identity_number(&list->value[i].uri)))
			return false;
	}
	return usable > 0;
}

/* Writes the asserted identity: one sip value, and a tel value where wanted. */
static void
assert_parts(struct apply *apply, const struct identity_parts *sip,
    const struct identity_parts *tel, const struct edit_why *why)
{
	struct span values[2];
	unsigned n = 0;

	values[n++] = parts_text(apply, sip);
	if (tel != NULL && tel->scheme == SIP_SCHEME_TEL)
		values[n++] = parts_text(apply, tel);
	apply_set_values(apply, SIP_P_ASSERTED_IDENTITY, values, n, why);
}

static bool
is_global(struct span user)
{
	return user.n > 0 && user.p[0] == '+' && identity_user_is_number(user);
}

static bool
values_as_wanted(const struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	bool sip =
	    list->n > 0 && (list->value[0].uri.scheme == SIP_SCHEME_SIP ||
			       list->value[0].uri.scheme == SIP_SCHEME_SIPS);

	switch (apply->policy->choice[SETTING_ASSERTED_VALUES]) {
	case VALUES_ONE:
		return list->total == 1 && sip;
	case VALUES_SIP_AND_TEL:
		return list->total == 2 ||
		       (list->total == 1 && sip &&
			   !is_global(list->value[0].uri.user));
	default:
		return list->total > 0;
	}
}

/* Two values stay two where the trunk takes what came. */
static bool
wants_tel(const struct apply *apply, bool sip_came)
{
	unsigned wanted = apply->policy->choice[SETTING_ASSERTED_VALUES];

	return wanted == VALUES_SIP_AND_TEL ||
	       (wanted == VALUES_AS_RECEIVED && sip_came);
}

static bool
sip_value_came(const struct identity_list *list)
{
	unsigned i;

	for (i = 0; i < list->n; i++) {
		if (nameaddr_usable(&list->value[i]) &&
		    list->value[i].uri.scheme != SIP_SCHEME_TEL &&
		    list->value[i].uri.scheme != SIP_SCHEME_OTHER)
			return true;
	}
	return false;
}

static struct identity_parts
tel_of(struct span user)
{
	struct identity_parts tel = { .scheme = SIP_SCHEME_NONE };

	if (is_global(user)) {
		tel.scheme = SIP_SCHEME_TEL;
		tel.user = user;
	}
	return tel;
}

static bool
all_invalid(const struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	unsigned i;

	for (i = 0; i < list->n; i++) {
		if (!apply_is_invalid(
			apply, identity_number(&list->value[i].uri)))
			return false;
	}
	return list->n > 0;
}

/* Of values that will be repaired: what will be left of them. */
bool
apply_asserts_invalid(const struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	struct identity_parts sip, tel;

	if (identity_asserted_flaws(list) == 0 && values_as_wanted(apply))
		return all_invalid(apply);
	if (!identity_asserted_best(list, host_for(apply, NULL), &sip, &tel) ||
	    !apply_is_invalid(apply, identity_number_in(sip.user)))
		return false;
	return tel.scheme != SIP_SCHEME_TEL ||
	       !wants_tel(apply, list->total > 1 && sip_value_came(list)) ||
	       apply_is_invalid(apply, identity_parts_number(&tel));
}

/* SFB-07. */
static void
asserted_repair(struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	struct identity_parts sip, tel;
	struct edit_why why =
	    apply_why(apply, DIAG_MSG_PAI_MALFORMED, SETTING_ASSERTED,
		SPAN_NONE);
	unsigned flaws = identity_asserted_flaws(list);
	bool both;

	if (flaws == 0 && values_as_wanted(apply))
		return;
	if (flaws == 0)
		why = apply_why(apply, DIAG_MSG_PAI_MALFORMED,
		    SETTING_ASSERTED_VALUES,
		    SPAN("another number of values is wanted"));
	if (!identity_asserted_best(list, host_for(apply, NULL), &sip, &tel)) {
		why.reason = SPAN("no value has a usable URI");
		apply_remove_all(apply, SIP_P_ASSERTED_IDENTITY, &why);
		return;
	}
	if (tel.scheme == SIP_SCHEME_NONE)
		tel = tel_of(sip.user);
	both = wants_tel(apply, list->total > 1 && sip_value_came(list));
	assert_parts(apply, &sip, both ? &tel : NULL, &why);
}

/* Is the list `user` and nobody else? */
static bool
asserts_only(const struct apply *apply, struct span user)
{
	const struct identity_list *list = &apply->id.asserted;
	unsigned i;

	for (i = 0; i < list->n; i++) {
		if (!number_same(apply->read, apply->area, user,
			identity_number(&list->value[i].uri)))
			return false;
	}
	return list->total > 0 && identity_asserted_flaws(list) == 0;
}

/* The identity that goes is `user`, whoever was asserted before; as a tel value
 * too with `both`. */
static void
asserted_become(struct apply *apply, struct span user, struct span display,
    bool both, const struct edit_why *why)
{
	const struct identity_list *list = &apply->id.asserted;
	struct identity_parts sip = { 0 }, tel, was = { 0 };
	struct span params;
	bool had =
	    identity_asserted_best(list, host_for(apply, NULL), &was, &tel);

	if (asserts_only(apply, user) && values_as_wanted(apply))
		return;
	sip.scheme = SIP_SCHEME_SIP;
	sip.display = had && was.display.n > 0 ? was.display : display;
	sip.user = user;
	sip.host = host_for(apply, had ? &was : NULL);
	if (identity_user_is_number(span_cut(user, ';', &params)))
		sip.uri_params = SPAN(";user=phone");
	if (sip.host.n == 0)
		return;
	tel = tel_of(user);
	assert_parts(apply, &sip, both ? &tel : NULL, why);
}

static void
asserted_from(struct apply *apply)
{
	const struct nameaddr *caller = &apply->id.caller;
	struct span number = identity_number(&caller->uri);
	struct edit_why why = apply_why(apply, DIAG_CLI_MISMATCH,
	    SETTING_ASSERTED,
	    SPAN("the caller of From is asserted"));

	if (!identity_is_public(caller) ||
	    !sip_all_escaped(number, CHAR_USER | CHAR_UNRESERVED)) {
		if (apply->id.asserted.fields > 0)
			asserted_repair(apply);
		return;
	}
	if (asserts_only(apply, number) ||
	    (!is_mismatch(apply) &&
		identity_asserted_flaws(&apply->id.asserted) != 0))
		why.diagnostic = DIAG_MSG_PAI_MALFORMED;
	asserted_become(apply, number, caller->display,
	    wants_tel(apply, false), &why);
}

static void
asserted_fixed(struct apply *apply)
{
	struct edit_why why = apply_why(apply,
	    apply->id.asserted.fields > 0 ? DIAG_CLI_PAI_NOT_OWNED
					  : DIAG_CLI_NOT_OWNED,
	    SETTING_ASSERTED, SPAN("the trunk's own number is asserted"));

	asserted_become(apply, policy_text(apply->policy, SETTING_ASSERTED),
	    SPAN_NONE, wants_tel(apply, false), &why);
}

static void asserted_as_received(struct apply *apply);

/* SFB-04: the number that the file has for the caller. */
static void
asserted_map(struct apply *apply)
{
	struct edit_why why = apply_why(apply,
	    apply->id.asserted.fields > 0 ? DIAG_CLI_PAI_NOT_OWNED
					  : DIAG_CLI_NOT_OWNED,
	    SETTING_ASSERTED, SPAN("the caller's number of the file is asserted"));
	struct span asserted = apply->mapped;

	if (apply_map(apply, &asserted) || asserted.n > 0)
		asserted_become(apply, asserted, SPAN_NONE,
		    wants_tel(apply, false), &why);
	else if (apply->id.asserted.fields > 0)
		asserted_as_received(apply);
}

static void
asserted_absent(struct apply *apply)
{
	struct edit_why why = apply_why(apply,
	    is_mismatch(apply) ? DIAG_CLI_MISMATCH : DIAG_SCRUB_PRIVATE_HDR,
	    SETTING_ASSERTED, SPAN("this trunk gets no asserted identity"));

	apply_remove_all(apply, SIP_P_ASSERTED_IDENTITY, &why);
}

/* BWC-26. */
static bool
asserted_replace_invalid(struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	struct edit_why why =
	    apply_why(apply, DIAG_CLI_ANI_INVALID, SETTING_INVALID_ANI,
		SPAN("the asserted number is not valid: carriers block it"));
	struct span number;

	if (apply->policy->choice[SETTING_INVALID_ANI] != INVALID_ANI_REPLACE ||
	    apply->edit.guard->in_dialog || apply->edit.guard->emergency ||
	    !apply_asserts_invalid(apply))
		return false;
	number = apply_stand_in(apply, false);
	if (number.n == 0)
		return false;
	asserted_become(apply, number, SPAN_NONE,
	    wants_tel(apply, list->total > 1 && sip_value_came(list)), &why);
	return true;
}

static void
asserted_as_received(struct apply *apply)
{
	struct edit_why why = apply_why(apply, DIAG_CLI_MISMATCH,
	    SETTING_ASSERTED,
	    SPAN("From and the asserted identity name different callers"));

	if (asserted_replace_invalid(apply))
		return;
	if (is_mismatch(apply))
		edit_note(&apply->edit, SPAN("P-Asserted-Identity"),
		    sip_draft_value(apply->draft, SIP_P_ASSERTED_IDENTITY),
		    &why);
	asserted_repair(apply);
}

/* What of the asserted values is owned. */
struct asserted_state {
	unsigned usable, owned;
	struct span user; /* of the first that is owned */
};

static struct asserted_state
asserted_look(const struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	struct asserted_state state = { 0 };
	unsigned i;

	for (i = 0; i < list->n; i++) {
		struct span user = identity_number(&list->value[i].uri);

		if (!nameaddr_usable(&list->value[i]))
			continue;
		state.usable++;
		if (!apply_owns(apply, user))
			continue;
		if (state.owned++ == 0)
			state.user = user;
	}
	return state;
}

/* SFB-04: who is hidden is not named by a value of ours, unless that is hidden
 * too. */
static bool
needs_asserted(const struct apply *apply)
{
	const struct nameaddr *caller = &apply->id.caller;
	struct span privacy = sip_draft_value(apply->draft, SIP_PRIVACY);

	if (identity_is_public(caller))
		return !apply_owns(apply, identity_number(&caller->uri));
	return identity_privacy_bits(privacy) & IDENTITY_PRIVACY_ID;
}

/* Nothing can stand in. */
static void
asserted_not_owned(struct apply *apply, struct edit_why *why)
{
	bool came = apply->id.asserted.fields > 0;

	if (apply->edit.guard->in_dialog || !apply->draft->request) {
		apply_remove_all(apply, SIP_P_ASSERTED_IDENTITY, why);
		return;
	}
	edit_note(&apply->edit,
	    came ? SPAN("P-Asserted-Identity") : SPAN("From"),
	    came ? sip_draft_value(apply->draft, SIP_P_ASSERTED_IDENTITY)
		 : apply->id.caller.whole,
	    why);
	if (came)
		asserted_repair(apply);
}

/* SFB-04, SFB-05. */
static void
asserted_owned(struct apply *apply)
{
	const struct identity_list *list = &apply->id.asserted;
	struct asserted_state state = asserted_look(apply);
	struct span number = state.user, display = SPAN_NONE;
	struct edit_why why = apply_why(apply,
	    state.usable > 0 ? DIAG_CLI_PAI_NOT_OWNED : DIAG_CLI_NOT_OWNED,
	    SETTING_ASSERTED, SPAN_NONE);

	if (state.usable > 0 ? state.owned == state.usable
			     : !needs_asserted(apply)) {
		if (list->fields > 0)
			asserted_repair(apply);
		return;
	}
	if (list->n > 0)
		display = list->value[0].display;
	why.reason =
	    apply_why_not(apply, identity_number(state.usable > 0
						  ? &list->value[0].uri
						  : &apply->id.caller.uri));
	if (state.owned > 0)
		why.reason = SPAN("only one of the asserted numbers is owned");
	else if (!apply->edit.guard->in_dialog && apply->draft->request)
		number = apply_stand_in(apply, false);
	if (number.n > 0)
		asserted_become(apply, number, display,
		    wants_tel(apply, list->total > 1 && sip_value_came(list)),
		    &why);
	else
		asserted_not_owned(apply, &why);
}

/* Where nobody knows what is owned, and for an emergency, all stays. */
static bool
asks_for_owned(const struct apply *apply)
{
	return apply->policy->choice[SETTING_ASSERTED] == ASSERTED_OWNED &&
	       apply->ctx->owns != NULL && !apply->edit.guard->emergency;
}

static void
rules_asserted(struct apply *apply)
{
	unsigned mode = apply->policy->choice[SETTING_ASSERTED];
	bool own = mode == ASSERTED_FROM || mode == ASSERTED_FIXED ||
		   mode == ASSERTED_MAP;
	bool came = apply->id.asserted.fields > 0;

	if (asks_for_owned(apply)) {
		if (came || !apply->edit.guard->in_dialog)
			asserted_owned(apply);
		return;
	}
	/* Within a dialog and in responses nothing is made up. */
	if (own && !apply->draft->request)
		mode = ASSERTED_ABSENT;
	if (!came && (!own || apply->edit.guard->in_dialog))
		return;
	switch (mode) {
	case ASSERTED_ABSENT:
		asserted_absent(apply);
		break;
	case ASSERTED_FROM:
		asserted_from(apply);
		break;
	case ASSERTED_FIXED:
		asserted_fixed(apply);
		break;
	case ASSERTED_MAP:
		asserted_map(apply);
		break;
	default:
		asserted_as_received(apply);
		break;
	}
}

static void
rules_preferred(struct apply *apply)
{
	struct edit_why why = apply_why(apply, DIAG_SCRUB_PRIVATE_HDR,
	    SETTING_PREFERRED, SPAN("this trunk gets no preferred identity"));

	if (apply->policy->choice[SETTING_PREFERRED] == ABSENT &&
	    apply->id.preferred.fields > 0)
		apply_remove_all(apply, SIP_P_PREFERRED_IDENTITY, &why);
}

/* TWI-09: an identity of its own in Remote-Party-ID contradicts From. */
static void
remote_party_from(struct apply *apply, const struct edit_why *why)
{
	const struct nameaddr *rpid = identity_calling_party(&apply->id);
	struct identity_parts parts, caller;
	struct span value;

	if (rpid == NULL || !identity_is_public(&apply->id.caller)) {
		apply_remove_all(apply, SIP_REMOTE_PARTY_ID, why);
		return;
	}
	if (apply->id.remote_party.total == 1 && rpid->defects == 0 &&
	    same_caller(apply, identity_number(&rpid->uri)))
		return;
	identity_parts_of(rpid, &parts);
	identity_parts_of(&apply->id.caller, &caller);
	caller.display = parts.display;
	caller.params = parts.params;
	value = parts_text(apply, &caller);
	apply_set_values(apply, SIP_REMOTE_PARTY_ID, &value, 1, why);
}

static void
rules_remote_party(struct apply *apply)
{
	unsigned mode = apply->policy->choice[SETTING_REMOTE_PARTY];
	struct edit_why why =
	    apply_why(apply, DIAG_CLI_RPID, SETTING_REMOTE_PARTY, SPAN_NONE);

	if (mode == REMOTE_PARTY_KEEP || apply->id.remote_party.fields == 0)
		return;
	if (mode == REMOTE_PARTY_FROM && apply->draft->request)
		remote_party_from(apply, &why);
	else
		apply_remove_all(apply, SIP_REMOTE_PARTY_ID, &why);
}

/* What of a Privacy value remains without "id". */
static struct span
privacy_without_id(struct apply *apply, struct span value, bool critical)
{
	size_t mark = sip_draft_mark(apply->draft);
	struct text *t = &apply->draft->scratch;
	struct span token;

	while (identity_privacy_next(&value, &token)) {
		unsigned bit = identity_privacy_bit(token);

		if (bit == IDENTITY_PRIVACY_ID ||
		    (bit == IDENTITY_PRIVACY_CRITICAL && !critical))
			continue;
		if (t->len > mark)
			text_add_char(t, ';');
		text_add(t, token);
	}
	return sip_draft_keep(apply->draft, mark);
}

static void
privacy_drop_id(struct apply *apply, const struct edit_why *why)
{
	/* "critical" makes the other tokens a must: alone it says nothing. */
	unsigned rest =
	    apply->id.privacy &
	    ~(unsigned)(IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_CRITICAL);
	int at = -1;

	while ((at = sip_draft_find(
		    apply->draft, SIP_PRIVACY, (unsigned)(at + 1))) >= 0) {
		struct span value = apply->draft->fields[at].value;

		if (!(identity_privacy_bits(value) &
			(IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_CRITICAL)))
			continue;
		value = privacy_without_id(apply, value, rest != 0);
		if (value.n > 0)
			edit_set(&apply->edit, at, value, why);
		else if (edit_remove(&apply->edit, at, why))
			at--;
	}
}

/* Who pays and who refers is often who calls. What else RFC 3323 section 5.3
 * takes out is only for the token user. */
static void
privacy_honour(struct apply *apply)
{
	static const enum sip_header hidden[] = { SIP_P_ASSERTED_IDENTITY,
		SIP_P_PREFERRED_IDENTITY, SIP_REMOTE_PARTY_ID,
		SIP_P_CHARGE_INFO, SIP_REFERRED_BY, SIP_SUBJECT, SIP_CALL_INFO,
		SIP_ORGANIZATION };
	size_t n = apply->id.privacy & IDENTITY_PRIVACY_USER ? ARRAY_LEN(hidden)
							     : 4;
	struct edit_why why = apply_why(apply, DIAG_CLI_PRIVACY_ID,
	    SETTING_PRIVACY,
	    SPAN("the caller wishes privacy, and this trunk is not trusted"));
	size_t i;

	for (i = 0; i < n; i++)
		apply_remove_all(apply, hidden[i], &why);
	identity_read_draft(apply->draft, &apply->id);
}

static void
privacy_keep(struct apply *apply)
{
	struct edit_why why =
	    apply_why(apply, DIAG_CLI_PRIVACY_ID, SETTING_PRIVACY, SPAN_NONE);

	if (apply->id.asserted.fields > 0 && apply->draft->request)
		edit_note(&apply->edit, SPAN("Privacy"),
		    sip_draft_value(apply->draft, SIP_PRIVACY), &why);
}

/* All that is wished for, in whatever fields, but not "none". */
static void
add_wishes(struct sip_draft *draft)
{
	int at = -1;

	while ((at = sip_draft_find(draft, SIP_PRIVACY, (unsigned)(at + 1))) >=
	       0) {
		struct span rest = draft->fields[at].value, token;

		while (identity_privacy_next(&rest, &token)) {
			if (identity_privacy_bit(token) ==
			    IDENTITY_PRIVACY_NONE)
				continue;
			text_add(&draft->scratch, token);
			text_add_char(&draft->scratch, ';');
		}
	}
}

/* The token "id" is there, in the one field; "none" contradicts it. */
void
apply_add_id(struct apply *apply, const struct edit_why *why)
{
	struct sip_draft *draft = apply->draft;
	size_t mark = sip_draft_mark(draft);
	struct span value;

	add_wishes(draft);
	TEXT_LIT(&draft->scratch, "id");
	value = sip_draft_keep(draft, mark);
	apply_set_values(apply, SIP_PRIVACY, &value, 1, why);
}

static void
privacy_add(struct apply *apply)
{
	struct edit_why why = apply_why(apply, DIAG_CLI_PRIVACY_ID,
	    SETTING_PRIVACY, SPAN("this trunk gets Privacy: id"));

	if (!(apply->id.privacy & IDENTITY_PRIVACY_ID) &&
	    apply->draft->request && !apply->edit.guard->in_dialog &&
	    !apply->edit.guard->emergency)
		apply_add_id(apply, &why);
}

/* By From as it was before any repair: a default caller is nobody's consent. */
static const struct nameaddr *
caller_as_received(const struct apply *apply)
{
	return apply_read_value(apply, apply->edit.guard->from);
}

/* By Remote-Party-ID, which may be gone by now, and has then hidden From. */
static bool
hidden_by_party(const struct apply *apply)
{
	return apply->id.party_hides ||
	       (apply->draft->request &&
		   identity_is_anonymous(&apply->id.caller));
}

static bool
is_hidden(const struct apply *apply)
{
	return hidden_by_party(apply) ||
	       !identity_names_caller(caller_as_received(apply));
}

/* May the token be the sender's habit, and not the caller's wish? Only where
 * From shows a number, and nothing else says that it is to be hidden. */
static bool
is_coupled(const struct apply *apply)
{
	const struct nameaddr *caller = caller_as_received(apply);

	return apply->draft->request && !hidden_by_party(apply) &&
	       !(apply->id.privacy & IDENTITY_PRIVACY_USER) &&
	       identity_is_public(caller) &&
	       apply_is_number(apply, identity_number(&caller->uri));
}

/* Who answers an emergency call is told who calls. */
static enum privacy_mode
privacy_mode(const struct apply *apply)
{
	unsigned mode = apply->policy->choice[SETTING_PRIVACY];

	return mode == PRIVACY_HONOUR && apply->edit.guard->emergency
	    ? PRIVACY_KEEP
	    : (enum privacy_mode)mode;
}

static void
rules_privacy(struct apply *apply, enum privacy_mode mode)
{
	struct edit_why dropped = apply_why(apply, DIAG_CLI_PRIVACY_ID,
	    SETTING_PRIVACY, SPAN("this trunk gets no Privacy: id"));
	struct edit_why coupled =
	    apply_why(apply, DIAG_CLI_PRIVACY_COUPLED, SETTING_PRIVACY,
		SPAN("dropped because From is public: the sender couples "
		     "Privacy: id to P-Asserted-Identity"));

	switch (mode) {
	case PRIVACY_HONOUR:
		privacy_honour(apply);
		break;
	case PRIVACY_DROP_ID:
		if (is_hidden(apply))
			privacy_keep(apply);
		else
			privacy_drop_id(apply, &dropped);
		break;
	case PRIVACY_DROP_ID_IF_PUBLIC:
		if (is_coupled(apply))
			privacy_drop_id(apply, &coupled);
		break;
	default:
		privacy_keep(apply);
		break;
	}
}

void
rules_identity(struct apply *apply)
{
	enum privacy_mode mode = privacy_mode(apply);
	bool wish = apply->id.privacy & IDENTITY_PRIVACY_ID;
	bool hide = mode == PRIVACY_HONOUR &&
		    (apply->id.privacy &
			(IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_USER));

	if (wish || hide)
		rules_privacy(apply, mode);
	else if (mode == PRIVACY_ADD)
		privacy_add(apply);
	if (!hide)
		rules_asserted(apply);
	rules_preferred(apply);
	rules_remote_party(apply);
	/* Last: until then who diverted may stand in. */
	rules_diversion(apply);
}
