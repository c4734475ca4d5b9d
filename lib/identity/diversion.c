/*
 * diversion.c - the chain of who diverted: Diversion, and both as text
 */

#include "identity/diversion.h"

#include "base/container.h"
#include "identity/diversion_private.h"
#include "sip/chars.h"
#include "sip/value.h"

#define COUNTER_MAX 99

/* RFC 7544. Of a cause the first row is its reason. */
static const struct {
	const char *reason;
	unsigned cause;
} reasons[] = {
	{ "unknown", 404 },
	{ "unconditional", 302 },
	{ "user-busy", 486 },
	{ "no-answer", 408 },
	{ "deflection", 480 },
	{ "deflection", 487 },
	{ "unavailable", 503 },
	{ "time-of-day", 404 },
	{ "do-not-disturb", 404 },
	{ "follow-me", 404 },
	{ "out-of-service", 404 },
	{ "away", 404 }
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

/* Without a host of its own the name is written with that of nobody. */
bool
diversion_is_nobody(const struct diversion *diversion)
{
	const struct identity_parts *who = &diversion->who;
	struct span params;

	return span_ieq(span_cut(who->user, ';', &params), SPAN("unknown")) &&
	       (who->host.n == 0 ||
		   span_ieq(who->host, SPAN("unknown.invalid")));
}

void
diversion_push(struct diversion_chain *chain, const struct diversion *newest)
{
	struct diversion *list = chain->list;
	unsigned unknown = 0;

	if (chain->n == 1 && diversion_is_nobody(&list[0]))
		unknown = list[--chain->n].counter;
	if (chain->n == DIVERSION_MAX) {
		list[2].counter += list[1].counter;
		memmove(
		    &list[1], &list[2], (DIVERSION_MAX - 2) * sizeof(*list));
		chain->n--;
	}
	list[chain->n] = *newest;
	list[chain->n++].counter += unknown;
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

/* Cuts the counters to DIVERSION_STEPS in all; the latest keep theirs. */
static void
limit(struct diversion_chain *chain)
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
diversion_all_hide(unsigned privacy)
{
	return (privacy & (IDENTITY_PRIVACY_HISTORY | IDENTITY_PRIVACY_HEADER |
			      IDENTITY_PRIVACY_SESSION)) != 0;
}

void
diversion_finish(struct diversion_chain *chain, unsigned privacy,
    unsigned unknown, struct span reason)
{
	struct diversion *list = chain->list;
	unsigned i;

	if (chain->n == 0 && unknown > 0)
		list[chain->n++] = (struct diversion){
			.who = { .scheme = SIP_SCHEME_SIP,
			    .user = SPAN("unknown"),
			    .host = SPAN("unknown.invalid") },
			.reason = reason,
			.counter = unknown
		};
	else if (unknown > 0)
		list[chain->n - 1].counter += unknown;
	for (i = 0; diversion_all_hide(privacy) && i < chain->n; i++)
		list[i].hidden = !diversion_is_nobody(&list[i]);
	limit(chain);
}

bool
diversion_who(const struct nameaddr *na, struct diversion *out)
{
	bool tel = na->uri.scheme == SIP_SCHEME_TEL;
	struct span phone, number;

	*out = (struct diversion){ .counter = 1 };
	if (!nameaddr_usable(na) || na->uri.scheme == SIP_SCHEME_OTHER ||
	    na->uri.user.n == 0)
		return false;
	number = identity_subscriber(&na->uri);
	if (tel &&
	    (number.n > DIVERSION_USER_MAX ||
		!sip_all_escaped(na->uri.user, CHAR_USER | CHAR_UNRESERVED)))
		return false;
	identity_parts_of(na, &out->who);
	if (tel)
		out->who.user = number;
	out->who.subscriber = tel;
	out->phone = tel || (sip_param_find(na->uri.params, SPAN("user"),
				 &phone) &&
				span_ieq(phone, SPAN("phone")));
	out->who.scheme = SIP_SCHEME_SIP;
	out->who.uri_params = SPAN_NONE;
	out->who.params = SPAN_NONE;
	out->hidden = identity_is_anonymous(na);
	return true;
}

/* As written, but for its quotes. */
static struct span
param_of(struct span params, struct span name)
{
	struct span value;

	return sip_param_find(params, name, &value) ? sip_unquote(value)
						    : SPAN_NONE;
}

/* A token, quoted or not; anything else is nothing. */
static struct span
token_of(struct span params, struct span name)
{
	struct span value = param_of(params, name);

	return sip_is_token(value) ? value : SPAN_NONE;
}

bool
diversion_privacy_hides(struct span params)
{
	struct span privacy = param_of(params, SPAN("privacy"));

	return privacy.n > 0 && !span_ieq(privacy, SPAN("off"));
}

/* RFC 5806: one or two digits. */
static unsigned
counter_of(struct span params)
{
	uint32_t counter;

	if (!span_to_u32(
		token_of(params, SPAN("counter")), COUNTER_MAX, &counter) ||
	    counter == 0)
		return 1;
	return counter;
}

/* Diversion as it is read: the latest one first. */
struct reading {
	struct diversion_chain *chain;
	unsigned unknown; /* later than all who are in the chain */
	struct span reason; /* of the latest one */
	bool any;
};

static void
read_value(struct reading *reading, const struct nameaddr *na)
{
	struct diversion_chain *chain = reading->chain;
	struct diversion diversion;

	if (!diversion_who(na, &diversion))
		return;
	diversion.reason = token_of(na->params, SPAN("reason"));
	diversion.privacy = token_of(na->params, SPAN("privacy"));
	diversion.screen = token_of(na->params, SPAN("screen"));
	diversion.limit = token_of(na->params, SPAN("limit"));
	diversion.counter = counter_of(na->params);
	if (diversion_privacy_hides(na->params))
		diversion.hidden = true;
	if (!reading->any)
		reading->reason = diversion.reason;
	reading->any = true;
	if (!diversion_is_nobody(&diversion))
		push_older(chain, &diversion);
	else if (chain->n > 0)
		chain->list[chain->n - 1].counter += diversion.counter;
	else
		reading->unknown += diversion.counter;
}

void
diversion_read(struct sip_draft *draft, unsigned privacy,
    struct diversion_chain *chain)
{
	struct reading reading = { .chain = chain };
	unsigned i;

	chain->n = 0;
	for (i = 0; i < draft->fields_n; i++) {
		struct span rest = draft->fields[i].value, value;

		if (draft->fields[i].id != SIP_DIVERSION)
			continue;
		while (sip_list_next(&rest, &value))
			read_value(
			    &reading, nameaddr_recall(&draft->names, value));
	}
	turn_round(chain);
	diversion_finish(chain, privacy, reading.unknown, reading.reason);
}

bool
diversion_same_user(
    const struct diversion_users *users, struct span a, struct span b)
{
	return span_eq(a, b) || (users != NULL && users->same(users->arg, a, b));
}

/* As it will be read again. */
static struct span
user_as_written(const struct identity_parts *who, struct text *t)
{
	if (!who->subscriber)
		return who->user;
	identity_add_subscriber(t, who->user);
	return text_span(t);
}

bool
diversion_same_who(const struct diversion_users *users,
    const struct identity_parts *a, const struct identity_parts *b)
{
	/* Each byte may be escaped. */
	char x[3 * DIVERSION_USER_MAX], y[3 * DIVERSION_USER_MAX];
	struct text t = text_over(x, sizeof(x)), u = text_over(y, sizeof(y));

	return diversion_same_user(
	    users, user_as_written(a, &t), user_as_written(b, &u));
}

static bool
same(const struct diversion *a, const struct diversion *b,
    const struct diversion_users *users)
{
	return diversion_same_who(users, &a->who, &b->who) &&
	       a->counter == b->counter && a->hidden == b->hidden &&
	       diversion_cause(a->reason) == diversion_cause(b->reason);
}

bool
diversion_same(const struct diversion_chain *a,
    const struct diversion_chain *b, const struct diversion_users *users)
{
	unsigned i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (!same(&a->list[i], &b->list[i], users))
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
	if (who->subscriber)
		identity_add_subscriber(t, who->user);
	else
		text_add(t, who->user);
	text_add_char(t, '@');
	text_add(t, keep && who->host.n > 0 ? who->host
		    : host.n > 0            ? host
					    : SPAN("unknown.invalid"));
	if (diversion->phone)
		TEXT_LIT(t, ";user=phone");
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
add_index(struct text *t, struct span base, unsigned depth)
{
	text_add(t, base);
	while (depth-- > 0)
		TEXT_LIT(t, ".1");
}

static void
add_place(struct text *t, struct diversion_place *place)
{
	TEXT_LIT(t, ";index=");
	add_index(t, place->base, place->depth);
	if (place->depth > 0 || place->parent.n > 0)
		TEXT_LIT(t, ";mp=");
	if (place->depth > 0)
		add_index(t, place->base, place->depth - 1);
	else
		text_add(t, place->parent);
	place->depth++;
}

static void
add_cause(struct text *t, unsigned cause)
{
	if (cause == 0)
		return;
	TEXT_LIT(t, ";cause=");
	text_add_u64(t, cause);
}

/* Of a tel URI, which can have no cause, and of what is none at all. RFC 7544
 * section 5, note 3. */
static void
add_other_target(struct text *t, const struct sip_uri *uri, bool sound)
{
	bool number = sound && uri->scheme == SIP_SCHEME_TEL &&
		      sip_all_escaped(uri->user, CHAR_USER | CHAR_UNRESERVED);

	TEXT_LIT(t, "sip:");
	if (number)
		identity_add_subscriber(t, identity_subscriber(uri));
	else
		TEXT_LIT(t, "unknown");
	TEXT_LIT(t, "@unknown.invalid");
	if (number)
		TEXT_LIT(t, ";user=phone");
}

/* The Request-URI without what belongs to the entry, or to nobody. */
static void
add_sip_target(struct text *t, const struct sip_uri *uri)
{
	struct span params = uri->params, name, value, whole = uri->whole;

	if (uri->headers.n > 0)
		whole = span_between(whole.p, uri->headers.p - 1);
	if (params.n > 0)
		whole = span_between(whole.p, params.p);
	text_add(t, whole);
	while (sip_param_next(&params, &name, &value)) {
		if (span_ieq(name, SPAN("cause")) ||
		    span_ieq(name, SPAN("target")))
			continue;
		text_add_char(t, ';');
		text_add(t, name);
		add_param(t, "=", value);
	}
}

void
diversion_add_target(struct text *t, struct span target, unsigned cause)
{
	struct sip_uri uri;
	bool sound = sip_uri_parse(target, &uri) && sip_uri_sound(&uri);

	text_add_char(t, '<');
	if (sound && (uri.scheme == SIP_SCHEME_SIP ||
			 uri.scheme == SIP_SCHEME_SIPS))
		add_sip_target(t, &uri);
	else
		add_other_target(t, &uri, sound);
	add_cause(t, cause);
	text_add_char(t, '>');
}

/* Who is anonymous already needs to say no more (RFC 7044 section 10.1.2). */
static bool
asks_to_hide(const struct diversion *diversion)
{
	const struct identity_parts *who = &diversion->who;

	return diversion->hidden && !span_ieq(who->user, SPAN("anonymous")) &&
	       !span_ieq(who->host, SPAN("anonymous.invalid"));
}

static void
add_unknown(struct text *t, unsigned cause, struct diversion_place *place)
{
	TEXT_LIT(t, "<sip:unknown@unknown.invalid");
	add_cause(t, cause);
	text_add_char(t, '>');
	add_place(t, place);
	TEXT_LIT(t, ", ");
}

static void
add_entry(struct text *t, const struct diversion *diversion, struct span host,
    unsigned cause, struct diversion_place *place)
{
	unsigned k;

	for (k = 1; k < diversion->counter; k++) {
		add_unknown(t, cause, place);
		cause = 404;
	}
	if (diversion->who.display.n > 0) {
		nameaddr_add_display(t, diversion->who.display);
		text_add_char(t, ' ');
	}
	add_user(t, diversion, host);
	add_cause(t, cause);
	if (asks_to_hide(diversion))
		TEXT_LIT(t, "?Privacy=history");
	text_add_char(t, '>');
	add_place(t, place);
	TEXT_LIT(t, ", ");
}

void
diversion_add_entries(struct text *t, const struct diversion_chain *chain,
    unsigned first, unsigned cause, struct span host, struct span target,
    struct diversion_place place)
{
	unsigned i;

	for (i = first; i < chain->n; i++) {
		add_entry(t, &chain->list[i], host, cause, &place);
		cause = diversion_cause(chain->list[i].reason);
	}
	diversion_add_target(t, target, cause);
	add_place(t, &place);
}

void
diversion_add_history(struct text *t, const struct diversion_chain *chain,
    struct span host, struct span target)
{
	diversion_add_entries(t, chain, 0, 0, host, target,
	    (struct diversion_place){ .base = SPAN("1") });
}
