#include "diagnosis/journal.h"

#include <strings.h>

#include "base/container.h"
#include "diagnosis/secret.h"

#define MASK "(masked)"

static const char *
name_of(const char *const *names, size_t n, unsigned i)
{
	return i < n ? names[i] : "?";
}

const char *
journal_kind_name(enum journal_kind kind)
{
	static const char *const names[] = {
		[JOURNAL_CALL] = "call",
		[JOURNAL_REWRITE] = "rewrite",
		[JOURNAL_VETO] = "veto",
		[JOURNAL_KEPT] = "kept",
		[JOURNAL_DIAGNOSIS] = "diagnosis",
		[JOURNAL_END] = "end",
		[JOURNAL_SYSTEM] = "system",
	};

	return name_of(names, ARRAY_LEN(names), kind);
}

const char *
journal_leg_name(enum journal_leg leg)
{
	static const char *const names[] = {
		[JOURNAL_NO_LEG] = "",
		[JOURNAL_CALLER] = "caller",
		[JOURNAL_CALLEE] = "callee",
		[JOURNAL_TARGET] = "target",
	};

	return name_of(names, ARRAY_LEN(names), leg);
}

const char *
journal_stage_name(enum journal_stage stage)
{
	static const char *const names[] = {
		[STAGE_NONE] = "",
		[STAGE_IN] = "in",
		[STAGE_OUT] = "out",
		[STAGE_GUARD] = "guard",
		[STAGE_CORE] = "core",
	};

	return name_of(names, ARRAY_LEN(names), stage);
}

typedef void add_fn(struct text *t, struct span s);

static struct span
cut_long(struct span s)
{
	return s.n > JOURNAL_VALUE_MAX ? span_make(s.p, JOURNAL_VALUE_MAX) : s;
}

/* The value for people, without its secrets. */
static void
add_value(struct text *t, struct span value, bool secret, add_fn *add)
{
	struct span rest = cut_long(value);
	bool cut = value.n >= JOURNAL_VALUE_MAX;

	if (secret || secret_is_credentials(rest)) {
		TEXT_LIT(t, MASK);
		return;
	}
	while (!span_empty(rest)) {
		add(t, secret_cut_shown(&rest, cut, &secret));
		if (secret)
			TEXT_LIT(t, MASK);
	}
	if (cut)
		TEXT_LIT(t, "...");
}

/* --- time --- */

static void
add_digits(struct text *t, unsigned v, unsigned digits)
{
	char out[8];
	unsigned i;

	for (i = digits; i-- > 0; v /= 10)
		out[i] = (char)('0' + v % 10);
	text_add(t, span_make(out, digits));
}

/* "2026-11-21T10:00:00". The year is counted from March, so that a leap day is
 * the last of its year. */
static void
add_second(struct text *t, uint64_t second)
{
	uint64_t days = second / 86400 + 719468;
	unsigned of_day = (unsigned)(second % 86400);
	unsigned of_era = (unsigned)(days % 146097);
	unsigned year_of_era =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year =
	    of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned from_march = (5 * of_year + 2) / 153;
	unsigned day = of_year - (153 * from_march + 2) / 5 + 1;
	unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;
	unsigned year =
	    (unsigned)(days / 146097 % 25) * 400 + year_of_era + (month <= 2);

	add_digits(t, year % 10000, 4);
	text_add_char(t, '-');
	add_digits(t, month, 2);
	text_add_char(t, '-');
	add_digits(t, day, 2);
	text_add_char(t, 'T');
	add_digits(t, of_day / 3600, 2);
	text_add_char(t, ':');
	add_digits(t, of_day / 60 % 60, 2);
	text_add_char(t, ':');
	add_digits(t, of_day % 60, 2);
}

#define SECOND_TEXT 19

/* RFC 3339 in UTC with milliseconds. Many entries are of one second: its text
 * is kept from one to the next. */
static void
add_time(struct text *t, uint64_t micros)
{
	static _Thread_local uint64_t kept = UINT64_MAX;
	static _Thread_local char buf[SECOND_TEXT];
	uint64_t second = micros / 1000000;

	if (second != kept) {
		struct text text = text_over(buf, sizeof(buf));

		add_second(&text, second);
		kept = second;
	}
	text_add(t, span_make(buf, sizeof(buf)));
	text_add_char(t, '.');
	add_digits(t, (unsigned)(micros / 1000 % 1000), 3);
	text_add_char(t, 'Z');
}

static struct span
reason_of(const struct journal_entry *entry)
{
	if (!span_empty(entry->reason) || entry->diagnostic == DIAG_NONE)
		return entry->reason;
	return span_of(diagnosis_get(entry->diagnostic)->title);
}

/* --- JSON --- */

/* `key` is a literal that begins with the comma: ,"trunk":" */
static void
json_value(struct text *t, struct span key, struct span value, bool secret)
{
	if (span_empty(value))
		return;
	text_add(t, key);
	add_value(t, value, secret, text_add_json);
	text_add_char(t, '"');
}

static void
json_word(struct text *t, struct span key, const char *word)
{
	if (*word == '\0')
		return;
	text_add(t, key);
	text_add_str(t, word);
	text_add_char(t, '"');
}

bool
journal_add_json(struct text *t, const struct journal_entry *entry)
{
	bool secret = secret_is_target(entry->target);

	text_add_char(t, '{');
	if (entry->time != 0) {
		TEXT_LIT(t, "\"time\":\"");
		add_time(t, entry->time);
		TEXT_LIT(t, "\",");
	}
	TEXT_LIT(t, "\"kind\":\"");
	text_add_str(t, journal_kind_name(entry->kind));
	text_add_char(t, '"');
	if (entry->call != 0) {
		TEXT_LIT(t, ",\"call\":\"");
		text_add_hex64(t, entry->call);
		text_add_char(t, '"');
	}
	json_word(t, SPAN(",\"leg\":\""), journal_leg_name(entry->leg));
	json_value(t, SPAN(",\"trunk\":\""), entry->trunk, false);
	json_word(t, SPAN(",\"stage\":\""), journal_stage_name(entry->stage));
	json_value(t, SPAN(",\"message\":\""), entry->message, false);
	if (entry->cseq != 0) {
		TEXT_LIT(t, ",\"cseq\":");
		text_add_u64(t, entry->cseq);
	}
	json_value(t, SPAN(",\"target\":\""), entry->target, false);
	json_value(t, SPAN(",\"before\":\""), entry->before, secret);
	json_value(t, SPAN(",\"after\":\""), entry->after, secret);
	json_value(t, SPAN(",\"rule\":\""), entry->rule, false);
	if (entry->diagnostic != DIAG_NONE)
		json_word(t, SPAN(",\"diagnostic\":\""),
		    diagnosis_get(entry->diagnostic)->code);
	/* Titles of the catalogue have nothing to be escaped or masked. */
	if (!span_empty(entry->reason))
		json_value(t, SPAN(",\"reason\":\""), entry->reason, false);
	else if (entry->diagnostic != DIAG_NONE)
		json_word(t, SPAN(",\"reason\":\""),
		    diagnosis_get(entry->diagnostic)->title);
	text_add_char(t, '}');
	return !t->overflow;
}

/* --- text --- */

/* As text_add_quoted(), without the quotes around it. */
static void
add_quoted_inside(struct text *t, struct span s)
{
	size_t mark = t->len;

	text_add_quoted(t, s);
	if (t->overflow)
		return;
	memmove(t->buf + mark, t->buf + mark + 1, t->len - mark - 2);
	t->len -= 2;
}

static bool
is_bare(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '"' ||
		    s.p[i] == '=' || s.p[i] == '\\')
			return false;
	return s.n > 0;
}

static void
text_quoted(struct text *t, struct span key, struct span value, bool secret)
{
	if (span_empty(value))
		return;
	text_add(t, key);
	text_add_char(t, '"');
	add_value(t, value, secret, add_quoted_inside);
	text_add_char(t, '"');
}

/* Quoted only where it has to be. */
static void
text_word(struct text *t, struct span key, struct span value)
{
	if (value.n >= JOURNAL_VALUE_MAX || !is_bare(value)) {
		text_quoted(t, key, value, false);
		return;
	}
	text_add(t, key);
	add_value(t, value, false, text_add);
}

bool
journal_add_text(struct text *t, const struct journal_entry *entry)
{
	const struct diagnosis *row = diagnosis_get(entry->diagnostic);
	bool secret = secret_is_target(entry->target);

	text_add_str(t, journal_kind_name(entry->kind));
	if (entry->call != 0) {
		TEXT_LIT(t, " call=");
		text_add_hex64(t, entry->call);
	}
	text_word(t, SPAN(" leg="), span_of(journal_leg_name(entry->leg)));
	text_word(t, SPAN(" trunk="), entry->trunk);
	text_word(t, SPAN(" dir="), span_of(journal_stage_name(entry->stage)));
	text_word(t, SPAN(" msg="), entry->message);
	if (entry->cseq != 0) {
		TEXT_LIT(t, " cseq=");
		text_add_u64(t, entry->cseq);
	}
	text_word(t, SPAN(" hdr="), entry->target);
	text_quoted(t, SPAN(" old="), entry->before, secret);
	text_quoted(t, SPAN(" new="), entry->after, secret);
	text_word(t, SPAN(" rule="), entry->rule);
	if (entry->diagnostic != DIAG_NONE)
		text_word(t, SPAN(" diag="), span_of(row->code));
	text_word(t, SPAN(" ref="), span_of(row->rows));
	text_quoted(t, SPAN(" reason="), reason_of(entry), false);
	if (entry->time != 0) {
		TEXT_LIT(t, " time=");
		add_time(t, entry->time);
	}
	return !t->overflow;
}

/* --- binary --- */

struct packed {
	uint64_t time;
	uint64_t call;
	uint32_t cseq;
	uint16_t diagnostic;
	uint8_t kind;
	uint8_t leg;
	uint8_t stage;
	uint8_t zero;
	uint16_t n[JOURNAL_TEXTS];
};

_Static_assert(sizeof(struct packed) == 40, "no byte without meaning");
_Static_assert(JOURNAL_PACK_MAX >= sizeof(struct packed) +
		       (size_t)JOURNAL_TEXTS * JOURNAL_VALUE_MAX,
    "every entry can be packed");

size_t
journal_pack(struct text *t, const struct journal_entry *entry,
    struct journal_entry *packed)
{
	struct packed head = {
		.time = entry->time,
		.call = entry->call,
		.cseq = entry->cseq,
		.diagnostic = (uint16_t)entry->diagnostic,
		.kind = (uint8_t)entry->kind,
		.leg = (uint8_t)entry->leg,
		.stage = (uint8_t)entry->stage,
	};
	size_t size = sizeof(head), i;
	char *to = t->buf + t->len;

	for (i = 0; i < JOURNAL_TEXTS; i++) {
		head.n[i] = (uint16_t)cut_long(entry->text[i]).n;
		size += head.n[i];
	}
	if (t->overflow || size > t->cap - t->len)
		return 0;
	memcpy(to, &head, sizeof(head));
	to += sizeof(head);
	for (i = 0; i < JOURNAL_TEXTS; i++) {
		if (head.n[i] > 0)
			memcpy(to, entry->text[i].p, head.n[i]);
		if (packed != NULL)
			packed->text[i] = span_make(to, head.n[i]);
		to += head.n[i];
	}
	t->len += size;
	return size;
}

size_t
journal_unpack(struct span buf, struct journal_entry *entry)
{
	struct packed head;
	size_t size = sizeof(head), i;
	const char *at;

	if (buf.n < sizeof(head))
		return 0;
	memcpy(&head, buf.p, sizeof(head));
	if (head.kind > JOURNAL_SYSTEM || head.leg > JOURNAL_TARGET ||
	    head.stage > STAGE_CORE || head.diagnostic >= DIAGNOSTICS)
		return 0;
	for (i = 0; i < JOURNAL_TEXTS; i++)
		size += head.n[i];
	if (size > buf.n)
		return 0;
	at = buf.p + sizeof(head);
	for (i = 0; i < JOURNAL_TEXTS; i++) {
		entry->text[i] = span_make(at, head.n[i]);
		at += head.n[i];
	}
	entry->kind = (enum journal_kind)head.kind;
	entry->time = head.time;
	entry->call = head.call;
	entry->leg = (enum journal_leg)head.leg;
	entry->stage = (enum journal_stage)head.stage;
	entry->diagnostic = (enum diagnostic)head.diagnostic;
	entry->cseq = head.cseq;
	return size;
}
