/*
 * redirect_contact.c - the Contacts of a 3xx, and what of them a caller is told
 */

#include "call/redirect.h"

void
redirect_leave_out(struct leg *leg, const struct nameaddr *na,
    enum diagnostic diagnostic, const char *why)
{
	const struct arrival *a = &leg->call->calls->arrival;
	char buf[LABEL_MAX];
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = diagnostic,
		.message = note_label(a, buf),
		.cseq = a->view->cseq,
		.target = SPAN("Contact"),
		.rule = SPAN("builtin:redirect"),
		.before = na->whole,
		.reason = span_of(why),
	};

	note(leg, &entry);
}

/* "0.7". What cannot be read is preferred least. */
static uint16_t
read_q(struct span params)
{
	struct span q, rest;
	uint32_t whole, part = 0;
	size_t i;

	if (!sip_param_find(params, SPAN("q"), &q))
		return CONTACT_Q;
	if (!span_to_u32(span_cut(q, '.', &rest), 1, &whole) || rest.n > 3 ||
	    (rest.n > 0 && !span_to_u32(rest, CONTACT_Q - 1, &part)))
		return 0;
	for (i = rest.n; i < 3; i++)
		part *= 10;
	return whole == 1 ? CONTACT_Q : (uint16_t)part;
}

bool
redirect_names_number(const struct nameaddr *na)
{
	return nameaddr_usable(na) && na->uri.scheme != SIP_SCHEME_OTHER &&
	    !span_empty(na->uri.user) && sip_uri_sound(&na->uri);
}

/* Equal ones stay in the order in which they came. */
static void
insert(struct contact *list, size_t n, const struct contact *contact)
{
	while (n > 0 && list[n - 1].q < contact->q) {
		list[n] = list[n - 1];
		n--;
	}
	list[n] = *contact;
}

size_t
redirect_contacts(struct calls *calls, struct contact list[static CONTACTS_MAX])
{
	struct sip_values it = sip_values(calls->arrival.msg, SIP_CONTACT);
	struct contact contact;
	struct span value;
	size_t n = 0;

	while (n < CONTACTS_MAX && sip_values_next(&it, &value)) {
		nameaddr_parse(value, &contact.na);
		contact.q = read_q(contact.na.params);
		insert(list, n++, &contact);
	}
	return n;
}

/* 305 names a proxy, and 380 an alternative that no Contact tells. */
bool
redirect_names_targets(struct leg *leg)
{
	const struct arrival *a = &leg->call->calls->arrival;

	if (a->msg->status != 305 && a->msg->status != 380)
		return true;
	redirect_leave_out(leg, &a->view->contact, DIAG_RTE_REDIRECTED,
	    "only 300, 301 and 302 name another number for the call");
	return false;
}

/* --- what the caller is told --- */

/* Of a peer's network nobody outside learns (TWI-17; Twilio's 32219). */
static bool
is_hidden(const struct leg *leg, struct span host)
{
	struct address a;

	return address_parse_ip(host, &a) && address_is_private(&a) &&
	    !leg_is_us(leg, host);
}

/* NULL, or why the caller is not told of it. */
static const char *
why_not_told(const struct leg *leg, const struct contact *contact,
    enum diagnostic *diagnostic)
{
	const struct nameaddr *na = &contact->na;

	*diagnostic = DIAG_RTE_REDIRECTED;
	if (!redirect_names_number(na))
		return "the Contact names no number";
	*diagnostic = DIAG_DLG_CONTACT_PRIVATE;
	if (is_hidden(leg, na->uri.host))
		return "a target at a private address is not relayed";
	*diagnostic = DIAG_RTE_NO_MATCH;
	if (!call_has_route(leg->call, na->uri.user))
		return "no route would take this number from the caller's "
		       "trunk";
	return NULL;
}

bool
redirect_may_pass(struct leg *leg)
{
	struct contact list[CONTACTS_MAX];
	size_t i, n = redirect_contacts(leg->call->calls, list);
	bool any = false;

	if (!redirect_names_targets(leg))
		return false;
	for (i = 0; i < n; i++) {
		enum diagnostic diagnostic;
		const char *why = why_not_told(leg, &list[i], &diagnostic);

		if (why != NULL)
			redirect_leave_out(
			    leg, &list[i].na, diagnostic, why);
		else
			any = true;
	}
	return any;
}

static struct span
contact_value(struct leg *caller, const struct contact *contact)
{
	struct sip_draft *draft = &caller->call->calls->draft;
	struct text *t = &draft->scratch;
	size_t mark = sip_draft_mark(draft);
	char buf[512];
	struct text ours = text_over(buf, sizeof(buf));
	struct span before, behind;

	trunk_add_contact(&ours, caller->trunk);
	before = span_cut(text_span(&ours), ':', &behind);
	text_add(t, before);
	TEXT_LIT(t, ":");
	text_add(t, contact->na.uri.user);
	TEXT_LIT(t, "@");
	text_add(t, behind);
	if (contact->q < CONTACT_Q)
		text_addf(t, ";q=0.%03u", contact->q);
	return sip_draft_keep(draft, mark);
}

static void
note_told(struct leg *caller, struct span before, struct span after)
{
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_RTE_REDIRECTED,
		.target = SPAN("Contact"),
		.rule = SPAN("builtin:redirect"),
		.before = before,
		.after = after,
		.reason = SPAN("the caller is told of the number, at our own "
			       "address"),
	};

	note(caller, &entry);
}

void
redirect_add_contacts(struct leg *caller)
{
	struct calls *calls = caller->call->calls;
	struct contact list[CONTACTS_MAX];
	size_t i, n = redirect_contacts(calls, list);
	enum diagnostic unused;
	struct span value;

	for (i = 0; i < n; i++) {
		if (why_not_told(caller->other, &list[i], &unused) != NULL)
			continue;
		value = contact_value(caller, &list[i]);
		sip_draft_add(
		    &calls->draft, SIP_CONTACT, value, SIP_OWNER_DIALOG);
		note_told(caller, list[i].na.whole, value);
	}
}
