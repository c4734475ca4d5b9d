/*
 * diversion.c - the chain of who diverted: Diversion, and both as text
 */

#include "identity/diversion.h"

#include "base/container.h"
#include "identity/diversion_private.h"
#include "sip/chars.h"
#include "sip/value.h"

/* RFC 7544. Of a cause the first row is its reason. */
static const struct {
	const char *reason;
	unsigned cause;
} reasons[] = {
	{"unknown",         404},
        { "unconditional",  302},
        { "user-busy",      486},
	{ "no-answer",      408},
        { "deflection",     480},
        { "deflection",     487},
	{ "unavailable",    503},
        { "time-of-day",    404},
	{ "do-not-disturb", 404},
        { "follow-me",      404},
	{ "out-of-service", 404},
        { "away",           404}
};

unsigned
diversion_cause(struct span reason)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++) {
		if (span_ieq(reason, span_of(reasons[i].reason)))
			return reasons[i].cause;
	}
	return 404;
}

struct span
diversion_reason(unsigned cause)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].cause == cause)
			return span_of(reasons[i].reason);
	}
	return span_of(reasons[0].reason);
}

bool
diversion_cause_known(unsigned cause)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].cause == cause)
			return true;
	}
	return false;
}

void
diversion_push(struct diversion_chain *chain, const struct diversion *newest)
{
	struct diversion *list = chain->list;

	if (chain->n == DIVERSION_MAX) {
		list[2].counter += list[1].counter;
		memmove(
		    &list[1], &list[2], (DIVERSION_MAX - 2) * sizeof(*list));
		chain->n--;
	}
	list[chain->n++] = *newest;
}

/* For what comes latest first, to be turned round at the end. */
static void
push_older(struct diversion_chain *chain, const struct diversion *older)
{
	struct diversion *list = chain->list;

	if (chain->n == DIVERSION_MAX) {
		list[DIVERSION_MAX - 2].counter +=
		    list[DIVERSION_MAX - 1].counter;
		chain->n--;
	}
	list[chain->n++] = *older;
}

static void
turn_round(struct diversion_chain *chain)
{
	unsigned i, n = chain->n;

	for (i = 0; i < n / 2; i++) {
		struct diversion swap = chain->list[i];

		chain->list[i] = chain->list[n - 1 - i];
		chain->list[n - 1 - i] = swap;
	}
}

void
diversion_limit(struct diversion_chain *chain)
{
	unsigned i, left = DIVERSION_STEPS - chain->n;

	for (i = chain->n; i-- > 0;) {
		unsigned more = chain->list[i].counter - 1;

		if (more > left)
			more = left;
		left -= more;
		chain->list[i].counter = 1 + more;
	}
}

bool
diversion_who(const struct nameaddr *na, struct diversion *out)
{
	bool tel = na->uri.scheme == SIP_SCHEME_TEL;

	*out = (struct diversion){ .counter = 1 };
	if (!nameaddr_usable(na) || na->uri.scheme == SIP_SCHEME_OTHER ||
	    na->uri.user.n == 0 ||
	    (tel &&
		!sip_all_escaped(na->uri.user, CHAR_USER | CHAR_UNRESERVED)))
		return false;
	identity_parts_of(na, &out->who);
	if (tel)
		out->who.user = na->uri.user;
	out->who.scheme = SIP_SCHEME_SIP;
	out->who.uri_params = SPAN_NONE;
	out->who.params = SPAN_NONE;
	out->hidden = identity_is_anonymous(na);
	return true;
}

/* A token, quoted or not; anything else is nothing. */
static struct span
token_of(struct span params, struct span name)
{
	struct span value;

	if (!sip_param_find(params, name, &value))
		return SPAN_NONE;
	value = sip_unquote(value);
	return sip_is_token(value) ? value : SPAN_NONE;
}

static void
read_value(struct span value, struct diversion_chain *chain)
{
	struct diversion diversion;
	struct nameaddr na;
	uint32_t counter;

	nameaddr_parse(value, &na);
	if (!diversion_who(&na, &diversion))
		return;
	diversion.reason = token_of(na.params, SPAN("reason"));
	diversion.privacy = token_of(na.params, SPAN("privacy"));
	diversion.screen = token_of(na.params, SPAN("screen"));
	diversion.limit = token_of(na.params, SPAN("limit"));
	if (span_to_u32(token_of(na.params, SPAN("counter")), DIVERSION_STEPS,
		&counter) &&
	    counter > 0)
		diversion.counter = counter;
	if (diversion.privacy.n > 0 &&
	    !span_ieq(diversion.privacy, SPAN("off")))
		diversion.hidden = true;
	push_older(chain, &diversion);
}

void
diversion_read(const struct sip_draft *draft, struct diversion_chain *chain)
{
	unsigned i;

	chain->n = 0;
	for (i = 0; i < draft->fields_n; i++) {
		struct span rest = draft->fields[i].value, value;

		if (draft->fields[i].id != SIP_DIVERSION)
			continue;
		while (sip_list_next(&rest, &value))
			read_value(value, chain);
	}
	turn_round(chain);
	diversion_limit(chain);
}

static bool
same(const struct diversion *a, const struct diversion *b)
{
	return span_eq(a->who.user, b->who.user) && a->counter == b->counter &&
	       a->hidden == b->hidden &&
	       diversion_cause(a->reason) == diversion_cause(b->reason);
}

bool
diversion_same(const struct diversion_chain *a, const struct diversion_chain *b)
{
	unsigned i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (!same(&a->list[i], &b->list[i]))
			return false;
	}
	return true;
}

unsigned
diversion_steps(const struct diversion_chain *chain)
{
	unsigned i, steps = 0;

	for (i = 0; i < chain->n; i++)
		steps += chain->list[i].counter;
	return steps;
}

/* Nobody's host stays nobody's. */
static void
add_user(struct text *t, const struct diversion *diversion, struct span host)
{
	const struct identity_parts *who = &diversion->who;
	bool keep = host.n == 0 || span_iends(who->host, SPAN(".invalid"));

	TEXT_LIT(t, "<sip:");
	text_add(t, who->user);
	text_add_char(t, '@');
	text_add(t, keep && who->host.n > 0 ? who->host
		    : host.n > 0            ? host
					    : SPAN("unknown.invalid"));
}

static void
add_param(struct text *t, const char *name, struct span value)
{
	if (value.n == 0)
		return;
	text_add_str(t, name);
	text_add(t, value);
}

void
diversion_add(
    struct text *t, const struct diversion *diversion, struct span host)
{
	struct span privacy = diversion->privacy;

	if (privacy.n == 0 ||
	    (diversion->hidden && span_ieq(privacy, SPAN("off"))))
		privacy = diversion->hidden ? SPAN("full") : SPAN("off");
	if (diversion->who.display.n > 0) {
		nameaddr_add_display(t, diversion->who.display);
		text_add_char(t, ' ');
	}
	add_user(t, diversion, host);
	add_param(t, ">;reason=",
	    diversion->reason.n > 0 ? diversion->reason : SPAN("unknown"));
	TEXT_LIT(t, ";counter=");
	text_add_u64(t, diversion->counter);
	add_param(t, ";limit=", diversion->limit);
	add_param(t, ";privacy=", privacy);
	add_param(t, ";screen=", diversion->screen);
}

/* "1", "1.1", "1.1.1", ... */
static void
add_index(struct text *t, unsigned depth)
{
	text_add_char(t, '1');
	while (depth-- > 0)
		TEXT_LIT(t, ".1");
}

static void
add_place(struct text *t, unsigned depth)
{
	TEXT_LIT(t, ">;index=");
	add_index(t, depth);
	if (depth == 0)
		return;
	TEXT_LIT(t, ";mp=");
	add_index(t, depth - 1);
}

static void
add_cause(struct text *t, unsigned cause)
{
	if (cause == 0)
		return;
	TEXT_LIT(t, ";cause=");
	text_add_u64(t, cause);
}

/* The Request-URI without what belongs to the entry, or to nobody. */
static void
add_target(struct text *t, struct span target, unsigned cause)
{
	struct span params, name, value, whole;
	struct sip_uri uri;

	text_add_char(t, '<');
	if (!sip_uri_parse(target, &uri) || !sip_uri_sound(&uri)) {
		TEXT_LIT(t, "sip:unknown@unknown.invalid");
		return;
	}
	if (uri.scheme == SIP_SCHEME_TEL || uri.scheme == SIP_SCHEME_OTHER) {
		text_add(t, target);
		return;
	}
	whole = uri.whole;
	if (uri.headers.n > 0)
		whole = span_between(whole.p, uri.headers.p - 1);
	if (uri.params.n > 0)
		whole = span_between(whole.p, uri.params.p);
	text_add(t, whole);
	params = uri.params;
	while (sip_param_next(&params, &name, &value)) {
		if (span_ieq(name, SPAN("cause")) ||
		    span_ieq(name, SPAN("target")))
			continue;
		text_add_char(t, ';');
		text_add(t, name);
		add_param(t, "=", value);
	}
	add_cause(t, cause);
}

void
diversion_add_history(struct text *t, const struct diversion_chain *chain,
    struct span host, struct span target)
{
	unsigned i, k, depth = 0, cause = 0;

	for (i = 0; i < chain->n; i++) {
		const struct diversion *diversion = &chain->list[i];

		for (k = 1; k < diversion->counter; k++) {
			TEXT_LIT(t, "<sip:unknown@unknown.invalid");
			add_cause(t, cause);
			add_place(t, depth++);
			TEXT_LIT(t, ", ");
			cause = 404;
		}
		if (diversion->who.display.n > 0) {
			nameaddr_add_display(t, diversion->who.display);
			text_add_char(t, ' ');
		}
		add_user(t, diversion, host);
		add_cause(t, cause);
		if (diversion->hidden)
			TEXT_LIT(t, "?Privacy=history");
		add_place(t, depth++);
		TEXT_LIT(t, ", ");
		cause = diversion_cause(diversion->reason);
	}
	add_target(t, target, cause);
	add_place(t, depth);
}
