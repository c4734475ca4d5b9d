/*
 * identity.c - reads the identity of a message, whatever its defects
 */

#include "identity/identity.h"

#include "base/container.h"
#include "sip/value.h"

static void
list_add(
    struct identity_list *list, struct nameaddr_memo *names, struct span field)
{
	struct span value;

	list->fields++;
	while (sip_list_next(&field, &value)) {
		list->total++;
		if (list->n == IDENTITY_VALUES)
			continue;
		list->value[list->n++] = *nameaddr_recall(names, value);
	}
}

static void
list_init(struct identity_list *list)
{
	list->fields = 0;
	list->total = 0;
	list->n = 0;
}

static void
identity_init(struct identity *out)
{
	list_init(&out->asserted);
	list_init(&out->preferred);
	list_init(&out->remote_party);
	out->caller = (struct nameaddr){ 0 };
	out->privacy = 0;
	out->party_hides = false;
}

static void
single_add(
    struct nameaddr *na, struct nameaddr_memo *names, struct span value)
{
	if (na->whole.n == 0)
		*na = *nameaddr_recall(names, value);
}

static bool
is_called_party(const struct nameaddr *na)
{
	struct span party;

	return sip_param_find(na->params, SPAN("party"), &party) &&
	       span_ieq(sip_unquote(party), SPAN("called"));
}

const struct nameaddr *
identity_calling_party(const struct identity *id)
{
	unsigned i;

	for (i = 0; i < id->remote_party.n; i++) {
		const struct nameaddr *na = &id->remote_party.value[i];

		if (nameaddr_usable(na) && !is_called_party(na))
			return na;
	}
	return NULL;
}

/* "full", "uri", and what the network may have added: "full-network". */
bool
identity_party_hides(const struct nameaddr *na)
{
	struct span privacy;

	if (!sip_param_find(na->params, SPAN("privacy"), &privacy))
		return false;
	privacy = sip_unquote(privacy);
	return span_istarts(privacy, SPAN("full")) ||
	       span_istarts(privacy, SPAN("uri")) ||
	       span_ieq(privacy, SPAN("yes"));
}

static void
read_party(struct identity *out)
{
	const struct nameaddr *party = identity_calling_party(out);

	out->party_hides = party != NULL && identity_party_hides(party);
}

static void
identity_add_field(struct identity *out, struct nameaddr_memo *names,
    enum sip_header id, struct span value)
{
	switch (id) {
	case SIP_FROM:
		single_add(&out->caller, names, value);
		break;
	case SIP_P_ASSERTED_IDENTITY:
		list_add(&out->asserted, names, value);
		break;
	case SIP_P_PREFERRED_IDENTITY:
		list_add(&out->preferred, names, value);
		break;
	case SIP_REMOTE_PARTY_ID:
		list_add(&out->remote_party, names, value);
		read_party(out);
		break;
	case SIP_PRIVACY:
		out->privacy |= identity_privacy_bits(value);
		break;
	default:
		break;
	}
}

void
identity_read(const struct sip_message *msg, struct nameaddr_memo *names,
    struct identity *out)
{
	unsigned i;

	identity_init(out);
	for (i = 0; i < msg->lines_n; i++)
		identity_add_field(
		    out, names, msg->lines[i].id, msg->lines[i].value);
}

void
identity_read_draft(struct sip_draft *draft, struct identity *out)
{
	unsigned i;

	identity_init(out);
	for (i = 0; i < draft->fields_n; i++)
		identity_add_field(out, &draft->names, draft->fields[i].id,
		    draft->fields[i].value);
}

static bool
is_one_of(struct span s, const char *const *words, size_t n)
{
	return span_iword(s, words, n) < n;
}

/* What gateways and exchanges write of a caller who withholds his number. */
static bool
is_withheld(struct span s)
{
	static const char *const words[] = { "anonymous", "restricted",
		"private", "withheld", "private number", "withheld number",
		"number withheld", "restricted number", "private caller",
		"anonymous caller" };

	return s.n > 0 && (s.p[0] | 0x20) >= 'a' &&
	       is_one_of(s, words, ARRAY_LEN(words));
}

#define SHOWN_MAX 48 /* more than the words above need */

/* As it would be written: what is repaired must not say more than it said. */
bool
identity_says_anonymous(struct span display)
{
	char buf[SHOWN_MAX], *to = buf;
	struct text t = text_over(buf, sizeof(buf));
	struct span shown;
	size_t i;

	if (display.n == 0)
		return false;
	nameaddr_add_display(&t, display);
	if (t.overflow)
		return false;
	shown = sip_unquote(text_span(&t));
	for (i = 0; i < shown.n; i++) {
		if (shown.p[i] != '\\')
			*to++ = shown.p[i];
	}
	return is_withheld(span_trim(span_between(buf, to)));
}

bool
identity_is_anonymous(const struct nameaddr *na)
{
	return sip_uri_is_anonymous(&na->uri) || is_withheld(na->uri.user) ||
	       identity_says_anonymous(na->display);
}

bool
identity_names_caller(const struct nameaddr *na)
{
	static const char *const words[] = { "unavailable", "unknown" };

	return identity_is_public(na) &&
	       !is_one_of(na->uri.user, words, ARRAY_LEN(words));
}

bool
identity_is_public(const struct nameaddr *na)
{
	return nameaddr_usable(na) && na->uri.user.n > 0 &&
	       !identity_is_anonymous(na);
}

static bool
is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
}

/* The same as lib/number reads: what it would write anew is one here too. */
bool
identity_user_is_number(struct span user)
{
	size_t digits = 0;
	bool plus = false;

	while (user.n > 0) {
		char c = user.p[0];
		bool escaped = c == '%' && span_istarts(user, SPAN("%2B"));

		if (c >= '0' && c <= '9')
			digits++;
		else if ((c == '+' || escaped) && digits == 0 && !plus)
			plus = true;
		else if (!is_separator(c) && !span_starts(user, SPAN("%20")))
			return false;
		user = span_from(user, c == '%' ? 3 : 1);
	}
	return digits >= 3;
}

unsigned
identity_asserted_flaws(const struct identity_list *list)
{
	unsigned i, flaws = 0, sip = 0, tel = 0;

	for (i = 0; i < list->n; i++) {
		const struct nameaddr *na = &list->value[i];

		if (!nameaddr_usable(na))
			flaws |= IDENTITY_BROKEN_VALUE;
		else if (na->defects != 0)
			flaws |= IDENTITY_UNTIDY;
		if (na->uri.scheme == SIP_SCHEME_SIP ||
		    na->uri.scheme == SIP_SCHEME_SIPS)
			sip++;
		else if (na->uri.scheme == SIP_SCHEME_TEL)
			tel++;
		else
			flaws |= IDENTITY_BROKEN_VALUE;
	}
	if (sip > 1 || tel > 1 || list->total > 2)
		flaws |= IDENTITY_TOO_MANY;
	if (list->fields > 0 && list->total == 0)
		flaws |= IDENTITY_BROKEN_VALUE;
	return flaws;
}
