/*
 * history.c - the chain of who diverted, read from
 * History-Info, and that extended
 *
 * An entry says where a request was sent next. Who diverted is the
 * entry that mp or rc names, or as RFC 4244 has it, the one before; why
 * is the cause of the next URI (RFC 4458), else the Reason that is
 * escaped in the diverting one's.
 */

#include "base/container.h"
#include "identity/diversion.h"
#include "identity/diversion_private.h"
#include "sip/chars.h"
#include "sip/value.h"

/* Beyond, the oldest entries are forgotten; the first one is kept. */
#define ENTRIES_MAX 32
#define ESCAPED_MAX 160
#define INDEX_MAX   64

enum how { HOW_UNSAID, HOW_SAME, HOW_CONTACT, HOW_MAPPED };

struct entry {
	struct nameaddr na;
	struct span index;
	enum how how;
	struct span source; /* index that mp or rc names */
};

struct history {
	unsigned n;
	struct entry list[ENTRIES_MAX];
};

static const struct {
	const char *name;
	enum how how;
} hows[] = {
	{ "np", HOW_SAME },
	{ "rc", HOW_CONTACT },
	{ "mp", HOW_MAPPED }
};

/* `names` may be NULL. */
static void
entry_read(
    struct nameaddr_memo *names, struct span value, struct entry *entry)
{
	size_t i;

	if (names == NULL)
		nameaddr_parse(value, &entry->na);
	else
		entry->na = *nameaddr_recall(names, value);
	entry->how = HOW_UNSAID;
	entry->source = SPAN_NONE;
	entry->index = SPAN_NONE;
	sip_param_find(entry->na.params, SPAN("index"), &entry->index);
	for (i = 0; i < ARRAY_LEN(hows); i++) {
		if (sip_param_find(entry->na.params, span_of(hows[i].name),
			&entry->source))
			entry->how = hows[i].how;
	}
}

static void
history_add(struct history *history, struct nameaddr_memo *names,
    struct span value)
{
	struct entry *list = history->list;

	if (history->n == ENTRIES_MAX) {
		memmove(&list[1], &list[2], (ENTRIES_MAX - 2) * sizeof(*list));
		history->n--;
	}
	entry_read(names, value, &list[history->n++]);
}

/* "%3B" is ';'. What is escaped wrongly or too long is cut off there. */
static struct span
unescape(struct span s, char *buf, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < s.n && n < size; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '%') {
			c = s.n - i < 3 ? -1 : sip_hex_pair(s.p + i + 1);
			i += 2;
		}
		if (c < 0x20 || c >= 0x7f)
			break;
		buf[n++] = (char)c;
	}
	return span_make(buf, n);
}

/* Cuts the next "name=value" off the headers of a URI. */
static bool
header_next(struct span *rest, struct span *name, struct span *value)
{
	struct span header;

	if (rest->n == 0)
		return false;
	header = span_cut(*rest, '&', rest);
	*name = span_cut(header, '=', value);
	return true;
}

/* The cause that one Reason value has, in RFC 4458's words; 0: none. */
static unsigned
reason_cause(struct span reason)
{
	static const struct {
		unsigned q850, cause;
	} causes[] = {
		{ 17, 486 },
		{ 18, 408 },
		{ 19, 408 },
		{ 20, 503 },
		{ 27, 503 }
	};
	struct span params, protocol = span_cut(reason, ';', &params), text;
	uint32_t cause;
	size_t i;

	if (params.n == 0)
		return 0;
	params = span_between(params.p - 1, span_end(params));
	if (!sip_param_find(params, SPAN("cause"), &text) ||
	    !span_to_u32(text, 699, &cause))
		return 0;
	if (span_ieq(span_trim(protocol), SPAN("SIP")))
		return diversion_cause_known(cause) ? cause
		       : cause == 600               ? 486
						    : 404;
	for (i = 0; i < ARRAY_LEN(causes); i++) {
		if (causes[i].q850 == cause)
			return causes[i].cause;
	}
	return 404;
}

/* Of several the one that SIP says comes first. */
static unsigned
reason_of(const struct nameaddr *na)
{
	struct span rest = na->uri.headers, name, value;
	unsigned other = 0;

	while (header_next(&rest, &name, &value)) {
		char buf[ESCAPED_MAX];
		struct span list, reason;

		if (!span_ieq(name, SPAN("Reason")))
			continue;
		list = unescape(value, buf, sizeof(buf));
		while (sip_list_next(&list, &reason)) {
			unsigned cause = reason_cause(reason);

			if (cause != 0 && span_istarts(reason, SPAN("SIP")))
				return cause;
			if (other == 0)
				other = cause;
		}
	}
	return other;
}

bool
diversion_is_hidden(const struct nameaddr *na)
{
	struct span rest = na->uri.headers, name, value;

	while (header_next(&rest, &name, &value)) {
		char buf[ESCAPED_MAX];
		unsigned wish;

		if (!span_ieq(name, SPAN("Privacy")))
			continue;
		wish = identity_privacy_bits(
		    unescape(value, buf, sizeof(buf)));
		/* In an entry they can only be about its user. */
		if (diversion_all_hide(wish) ||
		    (wish & (IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_USER)))
			return true;
	}
	return false;
}

unsigned
diversion_uri_cause(const struct sip_uri *uri)
{
	struct span text;
	uint32_t cause;

	if (!sip_param_find(uri->params, SPAN("cause"), &text) ||
	    !span_to_u32(text, 699, &cause) || !diversion_cause_known(cause))
		return 0;
	return cause;
}

/* The entry that led to entry `at`. */
static unsigned
source_of(const struct history *history, unsigned at)
{
	struct span source = history->list[at].source;
	unsigned i;

	for (i = at; source.n > 0 && i-- > 0;) {
		if (span_eq(history->list[i].index, source))
			return i;
	}
	return at - 1;
}

#define DIGITS_COMPARED 7

/* The last digits of what could be a number, the last one first; escapes are
 * separators, and so is "(0)". 0: there is a letter. */
static size_t
last_digits(struct span user, char *digits)
{
	size_t i, n = 0;

	for (i = user.n; i-- > 0;) {
		if (i >= 2 && (user.p[i - 2] == '%' ||
				  memcmp(user.p + i - 2, "(0)", 3) == 0))
			i -= 2;
		else if (sip_char_is(user.p[i], CHAR_ALPHA))
			return 0;
		else if (sip_char_is(user.p[i], CHAR_DIGIT) &&
			 n < DIGITS_COMPARED)
			digits[n++] = user.p[i];
	}
	return n;
}

/* 02079460000 and +442079460000 are one. */
static bool
same_number(struct span a, struct span b)
{
	char x[DIGITS_COMPARED], y[DIGITS_COMPARED];
	size_t n = last_digits(a, x), m = last_digits(b, y);

	if (m < n)
		n = m;
	return n > 5 && memcmp(x, y, n) == 0;
}

/* Two who hide need not be one; of what cannot be read nothing is known. */
static bool
same_user(const struct nameaddr *a, const struct nameaddr *b,
    const struct diversion_users *users)
{
	if (!nameaddr_usable(a) || !nameaddr_usable(b))
		return true;
	if (sip_uri_is_anonymous(&a->uri))
		return false;
	return diversion_same_user(users, identity_number(&a->uri),
		   identity_number(&b->uri)) ||
	       same_number(a->uri.user, b->uri.user);
}

/* "1.1.0.1": entries are missing before it (RFC 7044 section 10.3). */
static bool
is_behind_gap(struct span index)
{
	size_t n = index.n;

	while (n > 0 && index.p[n - 1] != '.')
		n--;
	return n >= 3 && memcmp(index.p + n - 3, ".0.", 3) == 0;
}

/* Why the request went from one entry to the next; 0: it was not diverted. */
static unsigned
step_cause(const struct entry *from, const struct entry *to,
    const struct diversion_users *users)
{
	unsigned cause = diversion_uri_cause(&to->na.uri);

	if (to->how == HOW_SAME)
		return 0;
	if (cause == 0)
		cause = reason_of(&from->na);
	if (cause != 0 || to->how == HOW_CONTACT)
		return cause;
	if (to->how == HOW_MAPPED)
		return 404;
	if (is_behind_gap(to->index))
		return 0;
	return same_user(&from->na, &to->na, users) ? 0 : 404;
}

bool
diversion_only_counts(const struct sip_uri *uri)
{
	return span_ieq(uri->user, SPAN("unknown")) &&
	       span_ieq(uri->host, SPAN("unknown.invalid"));
}

/* Who it is, or who counts for the next one that has a name. */
static bool
step_who(const struct entry *from, struct diversion *out)
{
	if (!diversion_who(&from->na, out) || diversion_is_nobody(out))
		return false;
	out->hidden = out->hidden || diversion_is_hidden(&from->na);
	return true;
}

static void
chain_from(const struct history *history, unsigned privacy,
    const struct diversion_users *users, struct diversion_chain *chain)
{
	unsigned i, unknown = 0, last = ENTRIES_MAX, cause = 0;

	for (i = 1; i < history->n; i++) {
		unsigned source = source_of(history, i);
		const struct entry *from = &history->list[source];
		unsigned why = step_cause(from, &history->list[i], users);
		struct diversion step;

		if (why == 0)
			continue;
		cause = why;
		if (source == last && chain->n > 0) {
			chain->list[chain->n - 1].reason =
			    diversion_reason(cause);
			continue;
		}
		if (!step_who(from, &step)) {
			unknown++;
			continue;
		}
		step.reason = diversion_reason(cause);
		step.counter = 1 + unknown;
		unknown = 0;
		last = source;
		diversion_push(chain, &step);
	}
	diversion_finish(chain, privacy, unknown, diversion_reason(cause));
}

static void
chain_of_draft(struct sip_draft *draft, struct history *history)
{
	unsigned i;

	history->n = 0;
	for (i = 0; i < draft->fields_n; i++) {
		struct span rest = draft->fields[i].value, value;

		if (draft->fields[i].id != SIP_HISTORY_INFO)
			continue;
		while (sip_list_next(&rest, &value))
			history_add(history, &draft->names, value);
	}
}

void
diversion_read_history(struct sip_draft *draft, unsigned privacy,
    const struct diversion_users *users, struct diversion_chain *chain)
{
	struct history history;

	chain->n = 0;
	chain_of_draft(draft, &history);
	chain_from(&history, privacy, users, chain);
}

/* Digits and dots, and short enough to grow. */
static bool
is_index(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != '.' && !sip_char_is(s.p[i], CHAR_DIGIT))
			return false;
	return s.n > 0 && s.n <= INDEX_MAX - 4;
}

static bool
is_sound(const struct history *history)
{
	unsigned i;

	for (i = 0; i < history->n; i++)
		if (!nameaddr_usable(&history->list[i].na) ||
		    history->list[i].na.defects != 0)
			return false;
	return history->n < ENTRIES_MAX &&
	       is_index(history->list[history->n - 1].index);
}

/* Does `start` tell how `chain` begins, and not all of it? */
static bool
is_start_of(const struct diversion_chain *start,
    const struct diversion_chain *chain, const struct diversion_users *users)
{
	struct diversion_chain begin = *chain;

	begin.n = start->n;
	return start->n > 0 && start->n < chain->n &&
	       diversion_same(start, &begin, users);
}

static void
add_received(struct text *t, const struct history *history)
{
	unsigned i;

	for (i = 0; i < history->n; i++) {
		text_add(t, history->list[i].na.whole);
		TEXT_LIT(t, ", ");
	}
}

/* The next who diverted is the last entry, or there is a gap between them (RFC
 * 7044 section 10.3). */
static void
add_rest(struct text *t, const struct entry *last, unsigned told,
    const struct diversion_users *users, const struct diversion_chain *chain,
    struct span host, struct span target)
{
	const struct diversion *next = &chain->list[told];
	struct diversion who;
	bool known = next->counter == 1 && diversion_who(&last->na, &who) &&
		     diversion_same_who(users, &who.who, &next->who);
	struct diversion_place place = { .parent =
					     known ? last->index : SPAN_NONE };
	char buf[INDEX_MAX];
	struct text base = text_over(buf, sizeof(buf));

	text_add(&base, last->index);
	text_add(&base, known ? SPAN(".1") : SPAN(".0.1"));
	place.base = text_span(&base);
	diversion_add_entries(t, chain, known ? told + 1 : told,
	    known ? diversion_cause(next->reason) : 0, host, target, place);
}

static bool
tells(struct span text, const struct diversion_users *users,
    const struct diversion_chain *chain)
{
	struct history history = { 0 };
	struct diversion_chain told;
	struct span value;

	while (sip_list_next(&text, &value))
		history_add(&history, NULL, value);
	told.n = 0;
	chain_from(&history, 0, users, &told);
	return diversion_same(&told, chain, users);
}

bool
diversion_extend_history(struct text *t, struct sip_draft *draft,
    unsigned privacy, const struct diversion_users *users,
    const struct diversion_chain *chain, struct span host, struct span target)
{
	size_t mark = t->len;
	struct history history;
	struct diversion_chain start = { 0 };

	/* Its last entry, where the call went, is then one that hides. */
	if (diversion_all_hide(privacy))
		return false;
	chain_of_draft(draft, &history);
	if (history.n == 0 || !is_sound(&history))
		return false;
	chain_from(&history, 0, users, &start);
	if (!is_start_of(&start, chain, users))
		return false;
	add_received(t, &history);
	add_rest(t, &history.list[history.n - 1], start.n, users, chain, host,
	    target);
	if (t->overflow || tells(text_since(t, mark), users, chain))
		return true;
	t->len = mark;
	return false;
}

void
diversion_read_uri(struct span text, struct diversion_chain *chain)
{
	struct nameaddr na;
	struct sip_uri uri;
	struct span target;
	unsigned cause;

	chain->n = 0;
	if (!sip_uri_parse(text, &uri))
		return;
	cause = diversion_uri_cause(&uri);
	if (cause == 0 || !sip_param_find(uri.params, SPAN("target"), &target))
		return;
	target = unescape(target, chain->uri, sizeof(chain->uri));
	if (target.n == sizeof(chain->uri))
		return;
	nameaddr_parse(target, &na);
	if (!diversion_who(&na, &chain->list[0]) ||
	    diversion_is_nobody(&chain->list[0]))
		return;
	chain->list[0].reason = diversion_reason(cause);
	chain->n = 1;
}

bool
diversion_is_told(const struct sip_message *msg)
{
	struct sip_values it = sip_values(msg, SIP_HISTORY_INFO);
	struct history history;
	struct span value;
	struct sip_uri uri;
	unsigned i;

	if (sip_has(msg, SIP_DIVERSION) ||
	    (sip_uri_parse(msg->uri, &uri) && diversion_uri_cause(&uri) != 0))
		return true;
	if (!sip_has(msg, SIP_HISTORY_INFO))
		return false;
	history.n = 0;
	while (sip_values_next(&it, &value))
		history_add(&history, NULL, value);
	for (i = 1; i < history.n; i++) {
		if (step_cause(&history.list[source_of(&history, i)],
			&history.list[i], NULL) != 0)
			return true;
	}
	return false;
}
