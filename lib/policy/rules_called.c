/*
 * rules_called.c - the dialled number, where a carrier writes it elsewhere than
 * in the Request-URI
 */

#include "base/container.h"
#include "policy/rules.h"
#include "sip/value.h"

/* In the order of the words of called_from. */
static const enum sip_header places[] = { SIP_TO, SIP_P_CALLED_PARTY_ID,
	SIP_HISTORY_INFO, SIP_DIVERSION };

/* The first value of that header whose number is owned. */
static bool
find_in(const struct apply *apply, enum sip_header id, struct span *user)
{
	struct sip_values it = sip_values(apply->ctx->received, id);
	struct span value;

	while (sip_values_next(&it, &value)) {
		const struct nameaddr *na = apply_read_value(apply, value);

		*user = identity_number(&na->uri);
		if (nameaddr_usable(na) && apply_owns(apply, *user))
			return true;
	}
	return false;
}

static bool
find_called(
    const struct apply *apply, enum sip_header *where, struct span *user)
{
	unsigned i, wanted = apply->policy->choice[SETTING_CALLED_FROM];

	if (apply->ctx->received == NULL)
		return false;
	for (i = 0; i < ARRAY_LEN(places); i++) {
		*where = places[i];
		if ((wanted >> i & 1) && find_in(apply, places[i], user))
			return true;
	}
	return false;
}

/* The user part with what belongs to its number. */
static struct span
user_of(const struct sip_uri *uri)
{
	if (uri->scheme == SIP_SCHEME_TEL)
		return identity_subscriber(uri);
	return uri->user_params.n == 0
		   ? uri->user
		   : span_between(uri->user.p, span_end(uri->user_params));
}

/* A Request-URI without user gets one. */
static void
write_called(struct apply *apply, const struct sip_uri *uri, struct span number,
    const struct edit_why *why)
{
	struct sip_draft *draft = apply->draft;
	struct span old = user_of(uri);
	size_t mark;

	if (old.n == 0 && uri->host.n > 0) {
		old = span_make(uri->host.p, 0);
		mark = sip_draft_mark(draft);
		text_add(&draft->scratch, number);
		TEXT_LIT(&draft->scratch, "@");
		number = sip_draft_keep(draft, mark);
	}
	if (number.n > 0 && old.p != NULL)
		apply_splice_uri(apply, old, number, why);
}

/* KAZ-06. */
static void
take_called(struct apply *apply, const struct sip_uri *uri,
    enum sip_header where, struct span user)
{
	struct text *t = &apply->draft->scratch;
	struct span number = apply_e164(apply, user);
	size_t mark = sip_draft_mark(apply->draft);
	struct edit_why why = { DIAG_NUM_ELSEWHERE,
		policy_rule(apply->policy, SETTING_CALLED_FROM), SPAN_NONE };

	TEXT_LIT(t, "the dialled number stands in ");
	text_add_str(t, sip_header_name(where));
	TEXT_LIT(t, ": the Request-URI has ");
	if (uri->user.n > 0)
		text_add(t, uri->user);
	else
		TEXT_LIT(t, "none");
	why.reason = sip_draft_keep(apply->draft, mark);
	write_called(apply, uri, number, &why);
}

/* KAZ-07. */
static void
miss_called(struct apply *apply, const struct sip_uri *uri)
{
	struct edit_why why = { DIAG_RTE_DID_UNKNOWN,
		policy_rule(apply->policy, SETTING_CALLED_FROM),
		apply_why_not(apply, identity_number(uri)) };

	edit_note(&apply->edit, SPAN("request-uri"), apply->draft->uri, &why);
}

void
rules_called(struct apply *apply)
{
	struct sip_uri uri;
	enum sip_header where;
	struct span user;

	if (!policy_gives(apply->policy, SETTING_CALLED_FROM) ||
	    apply->ctx->owns == NULL || apply->edit.guard->emergency ||
	    !sip_uri_parse(apply->draft->uri, &uri) ||
	    uri.scheme == SIP_SCHEME_OTHER ||
	    apply_owns(apply, identity_number(&uri)))
		return;
	if (find_called(apply, &where, &user))
		take_called(apply, &uri, where, user);
	else
		miss_called(apply, &uri);
}
