/*
 * rules_diversion.c - who diverted a call, in the header that the trunk reads
 */

#include "base/container.h"
#include "identity/diversion.h"
#include "policy/rules.h"
#include "sip/chars.h"
#include "sip/value.h"

/* One number in two forms is one user: the form is for the rules about numbers,
 * which may want another one in a tel URI than in a sip URI. */
static bool
same_user(const void *arg, struct span a, struct span b)
{
	const struct apply *apply = arg;
	struct span a_params, b_params;

	span_cut(a, ';', &a_params);
	span_cut(b, ';', &b_params);
	return span_eq(a_params, b_params) &&
	       number_same(apply->read, apply->area, a, b);
}

static struct diversion_users
users_of(const struct apply *apply)
{
	return (struct diversion_users){ same_user, apply };
}

/* What the message says, and what of it is to be believed. */
struct told {
	struct diversion_chain diversion, history, uri;
	const struct diversion_chain *best;
};

static struct edit_why
why_diverted(const struct apply *apply, enum setting id, struct span reason)
{
	return apply_why(apply, DIAG_CLI_DIVERTED, id, reason);
}

/* The longer chain knows more. Diversion has the more precise reasons. */
static void
told_read(const struct apply *apply, struct told *told)
{
	struct sip_draft *draft = apply->draft;
	const struct sip_message *received = apply->ctx->received;
	struct diversion_users users = users_of(apply);

	diversion_read(draft, apply->id.privacy, &told->diversion);
	diversion_read_history(
	    draft, apply->id.privacy, &users, &told->history);
	told->best = &told->diversion;
	if (diversion_steps(&told->history) > diversion_steps(&told->diversion))
		told->best = &told->history;
	if (told->best->n > 0)
		return;
	told->uri.n = 0;
	told->best = &told->uri;
	if (diversion_all_hide(apply->id.privacy))
		return;
	diversion_read_uri(
	    received == NULL ? draft->uri : received->uri, &told->uri);
}

static struct span
host_of_chain(const struct apply *apply)
{
	const struct policy_trunk *trunk = apply->trunk;

	if (trunk == NULL)
		return SPAN_NONE;
	return apply->policy->choice[SETTING_HOST] == HOST_DOMAIN &&
		       trunk->domain.n > 0
		   ? trunk->domain
		   : trunk->host;
}

/* The last diversion is on top. */
static void
write_diversion(struct apply *apply, const struct diversion_chain *chain,
    const struct edit_why *why)
{
	struct sip_draft *draft = apply->draft;
	struct span values[DIVERSION_MAX], host = host_of_chain(apply);
	unsigned i;

	for (i = 0; i < chain->n; i++) {
		size_t mark = sip_draft_mark(draft);

		diversion_add(
		    &draft->scratch, &chain->list[chain->n - 1 - i], host);
		values[i] = sip_draft_keep(draft, mark);
	}
	apply_set_values(apply, SIP_DIVERSION, values, chain->n, why);
}

static void
write_history(struct apply *apply, const struct diversion_chain *chain,
    const struct edit_why *why)
{
	struct sip_draft *draft = apply->draft;
	struct diversion_users users = users_of(apply);
	size_t mark = sip_draft_mark(draft);
	struct span value, host = host_of_chain(apply);

	if (!diversion_extend_history(&draft->scratch, draft, apply->id.privacy,
		&users, chain, host, draft->uri))
		diversion_add_history(&draft->scratch, chain, host, draft->uri);
	value = sip_draft_keep(draft, mark);
	apply_set_values(apply, SIP_HISTORY_INFO, &value, 1, why);
	apply->target = draft->uri;
}

/* The last value of the last History-Info, up to its parameters. */
static int
last_entry(const struct apply *apply, struct nameaddr *na, struct span *head)
{
	const struct sip_draft *draft = apply->draft;
	int at = sip_draft_find(draft, SIP_HISTORY_INFO, 0), last = -1;
	struct span rest, value, entry = SPAN_NONE;

	for (; at >= 0; at = sip_draft_find(
			    draft, SIP_HISTORY_INFO, (unsigned)(at + 1)))
		last = at;
	if (last < 0)
		return -1;
	rest = draft->fields[last].value;
	while (sip_list_next(&rest, &value))
		entry = value;
	*na = *apply_read_value(apply, entry);
	*head = sip_trim(span_make(na->whole.p, na->whole.n - na->params.n));
	return last;
}

/* The Request-URI as that entry would have it. */
static struct span
target_text(struct apply *apply, const struct nameaddr *na)
{
	struct sip_draft *draft = apply->draft;
	size_t mark = sip_draft_mark(draft);

	diversion_add_target(
	    &draft->scratch, draft->uri, diversion_uri_cause(&na->uri));
	return sip_draft_keep(draft, mark);
}

static bool
is_rendered(const struct apply *apply)
{
	unsigned mode = apply->policy->choice[SETTING_DIVERSION];
	const struct guard *guard = apply->edit.guard;

	/* RFC 7544 section 3.3. */
	return mode != DIVERSION_KEEP && mode != DIVERSION_ABSENT &&
	       apply->draft->request &&
	       apply->draft->method == SIP_METHOD_INVITE &&
	       !guard->in_dialog && !guard->emergency;
}

void
rules_target(struct apply *apply)
{
	struct nameaddr na;
	struct span head;

	if (is_rendered(apply) && last_entry(apply, &na, &head) >= 0 &&
	    span_eq(head, target_text(apply, &na)))
		apply->target = apply->draft->uri;
}

void
rules_retarget(struct apply *apply)
{
	struct edit_why why = why_diverted(apply, SETTING_DIVERSION,
	    SPAN("the last entry of History-Info is where the call goes"));
	struct nameaddr na;
	struct span head;
	int at;

	if (apply->target.n == 0 || span_eq(apply->target, apply->draft->uri))
		return;
	at = last_entry(apply, &na, &head);
	if (at >= 0)
		apply_splice(apply, at, head, target_text(apply, &na), &why);
}

static void
want_diversion(struct apply *apply, const struct told *told)
{
	struct edit_why why = why_diverted(apply, SETTING_DIVERSION,
	    SPAN("who diverted the call goes in Diversion"));

	struct diversion_users users = users_of(apply);

	if (told->best->n > 0 &&
	    !diversion_same(told->best, &told->diversion, &users))
		write_diversion(apply, told->best, &why);
}

static void
want_history(struct apply *apply, const struct told *told)
{
	struct edit_why why = why_diverted(apply, SETTING_DIVERSION,
	    SPAN("who diverted the call goes in History-Info"));

	struct diversion_users users = users_of(apply);

	if (told->best->n > 0 &&
	    !diversion_same(told->best, &told->history, &users))
		write_history(apply, told->best, &why);
}

static void
remove_header(struct apply *apply, enum sip_header id)
{
	struct edit_why why = why_diverted(apply, SETTING_DIVERSION,
	    SPAN("this trunk is told in another header who diverted, or not at "
		 "all"));

	apply_remove_all(apply, id, &why);
}

static void
render(struct apply *apply)
{
	unsigned mode = apply->policy->choice[SETTING_DIVERSION];
	struct told told;

	told_read(apply, &told);
	if (mode != DIVERSION_HISTORY)
		want_diversion(apply, &told);
	if (mode != DIVERSION_DIVERSION)
		want_history(apply, &told);
	if (mode == DIVERSION_DIVERSION)
		remove_header(apply, SIP_HISTORY_INFO);
	if (mode == DIVERSION_HISTORY)
		remove_header(apply, SIP_DIVERSION);
}

bool
rules_diverter(struct apply *apply,
    bool (*fits)(const struct apply *apply, struct span user),
    struct identity_parts *who)
{
	struct told told;
	unsigned i;

	if (diversion_all_hide(apply->id.privacy))
		return false;
	told_read(apply, &told);
	for (i = told.best->n; i-- > 0;) {
		const struct diversion *diversion = &told.best->list[i];
		struct span user = identity_number_in(diversion->who.user);

		if (diversion->hidden || !apply_is_number(apply, user) ||
		    !fits(apply, user))
			continue;
		*who = diversion->who;
		who->user = told.best == &told.uri
				? sip_draft_copy_text(apply->draft, user)
				: user;
		return true;
	}
	return false;
}

/* --- privacy --- */

static unsigned
values_of(const struct sip_draft *draft, enum sip_header id)
{
	unsigned n = 0;
	int at = -1;

	while ((at = sip_draft_find(draft, id, (unsigned)(at + 1))) >= 0) {
		struct span rest = draft->fields[at].value, value;

		while (sip_list_next(&rest, &value))
			n++;
	}
	return n;
}

static bool
wants_hiding(const struct nameaddr *na, enum sip_header id)
{
	/* As diversion_who() takes it. */
	if (identity_is_anonymous(na))
		return true;
	return id == SIP_HISTORY_INFO ? diversion_is_hidden(na)
				      : diversion_privacy_hides(na->params);
}

/* What stands for a value that hides; the cause is nobody's secret. The wish is
 * fulfilled by that (RFC 7044 section 10.1.2). */
static struct span
hidden_text(struct apply *apply, const struct nameaddr *na, enum sip_header id)
{
	size_t mark = sip_draft_mark(apply->draft);
	struct text *t = &apply->draft->scratch;
	unsigned cause = diversion_uri_cause(&na->uri);

	TEXT_LIT(t, "<sip:anonymous@anonymous.invalid");
	if (id == SIP_HISTORY_INFO && cause != 0) {
		TEXT_LIT(t, ";cause=");
		text_add_u64(t, cause);
	}
	text_add_char(t, '>');
	return sip_draft_keep(apply->draft, mark);
}

/* Is there a value that hides, and one that cannot be taken apart surely? Then
 * no byte of the field is safe to send. */
static bool
hides_in_ruins(
    struct apply *apply, struct span rest, enum sip_header id, bool all)
{
	bool ruins = false;
	struct span value;

	while (sip_list_next(&rest, &value)) {
		const struct nameaddr *na = apply_read_value(apply, value);

		all = all || wants_hiding(na, id);
		ruins = ruins || !nameaddr_usable(na) || na->defects != 0 ||
			!nameaddr_balanced(value);
	}
	return ruins && all;
}

static const struct edit_why *
why_hidden(const struct apply *apply, struct edit_why *why)
{
	*why = (struct edit_why){ DIAG_CLI_PRIVACY_ID,
		policy_rule(apply->policy, SETTING_PRIVACY),
		SPAN("who diverted wishes privacy, and this trunk is not "
		     "trusted") };
	return why;
}

static void
remove_ruins(struct apply *apply, enum sip_header id, bool all)
{
	struct edit_why why;
	int at = -1;

	while (
	    (at = sip_draft_find(apply->draft, id, (unsigned)(at + 1))) >= 0) {
		if (hides_in_ruins(
			apply, apply->draft->fields[at].value, id, all) &&
		    edit_remove(&apply->edit, at, why_hidden(apply, &why)))
			at--;
	}
}

/* Anonymous, or one of the entries that only count. */
static bool
names_nobody(const struct nameaddr *na)
{
	return (na->display.n == 0 || span_ieq(sip_unquote(na->display),
					  SPAN("anonymous"))) &&
	       (sip_uri_is_anonymous(&na->uri) ||
		   diversion_only_counts(&na->uri));
}

static void
hide_field(
    struct apply *apply, int at, enum sip_header id, bool all, unsigned *left)
{
	const struct sip_field *field = &apply->draft->fields[at];
	struct span rest = field->value, value;
	struct apply_room room = { 0 };
	struct edit_why why;

	while (sip_list_next(&rest, &value)) {
		size_t behind = rest.n;
		struct nameaddr na;
		struct span head;

		nameaddr_parse(value, &na);
		/* The last entry of History-Info is where the call goes. */
		if (--*left == 0 && id == SIP_HISTORY_INFO)
			all = false;
		if ((!all && !wants_hiding(&na, id)) ||
		    names_nobody(&na))
			continue;
		head = span_make(value.p, value.n - na.params.n);
		apply_splice_more(apply, &room, at, head,
		    hidden_text(apply, &na, id), why_hidden(apply, &why));
		rest = span_from(field->value, field->value.n - behind);
	}
}

/* RFC 7044 section 10.1.2, and the same for Diversion. */
void
rules_hide_diverting(struct apply *apply)
{
	static const enum sip_header headers[] = { SIP_DIVERSION,
		SIP_HISTORY_INFO };

	bool all = diversion_all_hide(apply->id.privacy);
	size_t i;

	if (apply->policy->choice[SETTING_PRIVACY] != PRIVACY_HONOUR ||
	    apply->edit.guard->emergency)
		return;
	for (i = 0; i < ARRAY_LEN(headers); i++) {
		unsigned left;
		int at = -1;

		remove_ruins(apply, headers[i], all);
		left = values_of(apply->draft, headers[i]);
		while ((at = sip_draft_find(
			    apply->draft, headers[i], (unsigned)(at + 1))) >= 0)
			hide_field(apply, at, headers[i], all, &left);
	}
}

static bool
asserts_owned(const struct apply *apply)
{
	int at = -1;

	while ((at = sip_draft_find(apply->draft, SIP_P_ASSERTED_IDENTITY,
		    (unsigned)(at + 1))) >= 0) {
		struct span rest = apply->draft->fields[at].value, value;

		while (sip_list_next(&rest, &value)) {
			const struct nameaddr *na =
			    apply_read_value(apply, value);

			if (nameaddr_usable(na) &&
			    apply_owns(apply, identity_number(&na->uri)))
				return true;
		}
	}
	return false;
}

/* ACS-04: the carrier is told nobody whom it knows. */
static void
note_nobody_owned(struct apply *apply)
{
	struct edit_why why = why_diverted(apply, SETTING_ASSERTED,
	    SPAN("a diverted call, and no owned number is asserted: the "
		 "carrier shows its default or refuses"));

	if (apply_call(apply) != POLICY_CALL_DIVERTED ||
	    apply->ctx->owns == NULL || apply->edit.guard->in_dialog ||
	    !apply->draft->request || apply->edit.entry.stage != STAGE_OUT ||
	    apply_owns(apply, identity_number(&apply->id.caller.uri)) ||
	    asserts_owned(apply))
		return;
	edit_note(&apply->edit, SPAN("From"), apply->id.caller.whole, &why);
}

void
rules_diversion(struct apply *apply)
{
	const struct policy *policy = apply->policy;

	if (apply->edit.guard->emergency)
		return;
	note_nobody_owned(apply);
	if (policy->choice[SETTING_DIVERSION] == DIVERSION_ABSENT) {
		remove_header(apply, SIP_DIVERSION);
		remove_header(apply, SIP_HISTORY_INFO);
	} else if (is_rendered(apply)) {
		render(apply);
	}
}
