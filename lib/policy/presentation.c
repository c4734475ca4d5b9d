/*
 * presentation.c - what the called person will see, by the carrier's own rules
 * as a policy states them
 */

#include "policy/rules.h"

/* In the order of the choices of presentation.order. */
enum source {
	SOURCE_PREFERRED = 1,
	SOURCE_ASSERTED,
	SOURCE_REMOTE_PARTY,
	SOURCE_FROM
};

static const char *const names[] = { "", "preferred", "asserted",
	"remote_party", "from" };

static const struct identity_list *
list_of(const struct identity *id, enum source source)
{
	switch (source) {
	case SOURCE_PREFERRED:
		return &id->preferred;
	case SOURCE_ASSERTED:
		return &id->asserted;
	default:
		return &id->remote_party;
	}
}

/* May the carrier take that value? */
static bool
is_accepted(const struct apply *apply, const struct nameaddr *na)
{
	struct span number = identity_number(&na->uri);

	if (!nameaddr_usable(na) || !identity_is_public(na) ||
	    !apply_is_number(apply, number))
		return false;
	return !apply->policy->choice[SETTING_ONLY_OWNED] ||
	       apply->ctx->owns == NULL || apply_owns(apply, number);
}

/* `there`: the message names somebody at that place, acceptable or not. */
static const struct nameaddr *
accepted_of(const struct apply *apply, const struct identity *id,
    enum source source, bool *there)
{
	const struct identity_list *list;
	const struct nameaddr *na;
	unsigned i;

	if (source == SOURCE_FROM)
		return is_accepted(apply, &id->caller) ? &id->caller : NULL;
	list = list_of(id, source);
	*there = list->n > 0;
	if (source == SOURCE_REMOTE_PARTY) {
		na = identity_calling_party(id);
		return na != NULL && is_accepted(apply, na) ? na : NULL;
	}
	for (i = 0; i < list->n; i++) {
		if (is_accepted(apply, &list->value[i]))
			return &list->value[i];
	}
	return NULL;
}

/* A caller who hides in From is shown as such where nothing else is
 * accepted. */
static void
add_fallback(
    const struct apply *apply, const struct identity *id, struct text *t)
{
	struct span number = policy_text(apply->policy, SETTING_DEFAULT);

	if (identity_is_anonymous(&id->caller)) {
		TEXT_LIT(t, "private: From is anonymous");
		return;
	}
	if (number.n > 0)
		text_add(t, number);
	else
		TEXT_LIT(t, "a number of the carrier's choice, or a refusal");
	TEXT_LIT(t, ": none is accepted");
}

static void
add_shown(const struct apply *apply, const struct identity *id,
    const struct nameaddr *accepted, struct text *t)
{
	bool from = apply->policy->choice[SETTING_SHOW] == SHOW_FROM;

	if (from && !identity_is_public(&id->caller)) {
		TEXT_LIT(t, "private: From is anonymous, accepted by ");
		return;
	}
	text_add(t,
	    identity_number(from ? &id->caller.uri : &accepted->uri));
	text_add_str(t, from ? ": from, accepted by " : ": ");
}

/* Privacy counts once a number was accepted: a carrier that takes none shows
 * its own, whatever the caller wished. */
void
presentation_add(struct apply *apply, const struct identity *id, struct text *t)
{
	const struct policy *policy = apply->policy;
	const struct nameaddr *na = NULL;
	bool there = false;
	unsigned order;

	for (order = policy->choice[SETTING_ORDER]; order != 0; order >>= 4) {
		na = accepted_of(apply, id, (enum source)(order & 15), &there);
		if (na != NULL ||
		    (there && policy->choice[SETTING_ONLY_FIRST]))
			break;
	}
	if (na == NULL) {
		add_fallback(apply, id, t);
		return;
	}
	if (policy->choice[SETTING_ID_MEANS_PRIVATE] &&
	    (id->privacy & IDENTITY_PRIVACY_ID)) {
		TEXT_LIT(t, "private: Privacy has id");
		return;
	}
	if ((order & 15) == SOURCE_REMOTE_PARTY && identity_party_hides(na)) {
		TEXT_LIT(t, "private: Remote-Party-ID has privacy");
		return;
	}
	add_shown(apply, id, na, t);
	text_add_str(t, names[order & 15]);
}
