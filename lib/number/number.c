/*
 * number.c - reads a user part by a plan, and writes it in another form
 */

#include "number/number.h"

#include "base/address.h"
#include "sip/uri.h"
#include "sip/value.h"

/* More digits than any prefix plus E.164 has: no number. */
#define DIGITS_MAX 24

/* Fewer digits than E.164 numbers have, with the country code. */
#define E164_MIN 7

/* Numbers of up to so many digits without prefix are codes or extensions. */
#define SHORT_MAX 6

#define EMERGENCY_MAX 6

/* No local number has more digits. */
#define LOCAL_MAX 8

struct digits {
	bool plus;
	bool odd_plus; /* another one, or behind digits: "00+44..." */
	size_t n;
	char d[DIGITS_MAX];
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')' || c == ' ' ||
	       c == '/';
}

/* "%2B" is a plus and "%20" a blank; any other escape makes it a name. */
static char
next_char(struct span *rest)
{
	char c = rest->p[0];
	size_t used = 1;

	if (c == '%') {
		if (span_istarts(*rest, SPAN("%2B")))
			c = '+';
		else if (span_starts(*rest, SPAN("%20")))
			c = ' ';
		if (c != '%')
			used = 3;
	}
	*rest = span_from(*rest, used);
	return c;
}

/* The digits that nearly all numbers are from end to end. */
static bool
plain_digits_read(struct span *user, struct digits *out)
{
	size_t n = 0;

	while (n < user->n && n < DIGITS_MAX && is_digit(user->p[n])) {
		out->d[n] = user->p[n];
		n++;
	}
	out->n = n;
	*user = span_from(*user, n);
	return user->n == 0;
}

/* Digits without separators; false when there is anything else. The "(0)" of
 * "+44 (0)20" is for dialling inside the country and goes; a leading "(0)" is a
 * trunk prefix in brackets and stays. */
static bool
digits_read(struct span user, struct digits *out)
{
	out->odd_plus = false;
	out->plus = user.n > 0 && user.p[0] == '+';
	user = span_from(user, out->plus);
	if (plain_digits_read(&user, out))
		return out->n > 0;
	while (user.n > 0) {
		char c;

		if (user.p[0] == '(' && (out->plus || out->n > 0) &&
		    span_starts(user, SPAN("(0)"))) {
			user = span_from(user, 3);
			continue;
		}
		c = next_char(&user);
		if (is_digit(c)) {
			if (out->n == DIGITS_MAX)
				return false;
			out->d[out->n++] = c;
		} else if (c == '+' && out->n == 0 && !out->plus) {
			out->plus = true;
		} else if (c == '+') {
			out->odd_plus = true;
		} else if (!is_separator(c)) {
			return false;
		}
	}
	return out->n > 0;
}

/* A dotted address is not a number with separators. */
static bool
is_address(struct span user)
{
	struct address a;

	return span_find(user, '.') >= 0 && address_parse_ip(user, &a);
}

static struct span
word_next(struct span *words)
{
	return span_cut(*words, ' ', words);
}

static bool
has_word(const char *list, struct span word)
{
	struct span rest = span_of(list);

	while (rest.n > 0) {
		if (span_eq(word_next(&rest), word))
			return true;
	}
	return false;
}

bool
number_is_emergency(const struct number_plan *plan, struct span user)
{
	if (user.n < 2 || user.n > EMERGENCY_MAX)
		return false;
	return has_word("112 911 999", user) ||
	       (plan != NULL && has_word(plan->emergency, user));
}

bool
number_uri_is_emergency(
    const struct number_plan *plan, const struct sip_uri *uri)
{
	struct span sos = SPAN("urn:service:sos");

	if (uri->scheme != SIP_SCHEME_OTHER)
		return number_is_emergency(plan, uri->user);
	return span_istarts(uri->whole, sos) &&
	       (uri->whole.n == sos.n || uri->whole.p[sos.n] == '.');
}

/* May these be the digits behind the country code? */
static bool
significant_fits(const struct number_plan *plan, struct span nsn)
{
	if (nsn.n > NUMBER_E164_MAX ||
	    !(number_plan_lengths(plan, nsn) >> nsn.n & 1))
		return false;
	return !(plan->flags & NUMBER_NANP) || nsn.p[3] >= '2';
}

static void
number_clear(struct number *number)
{
	number->digits_n = 0;
	number->code_n = 0;
	number->plan = NULL;
	number->kind = NUMBER_NOT;
}

/* What a user part may mean: the one number, or that there are two. */
struct reading {
	struct number *number;
	bool unsure;
};

/* A country that the table has beats one that it has not. */
static bool
is_likelier(const struct number_plan *a, const struct number_plan *b)
{
	return a != NULL && b == NULL;
}

static bool
is_number(const struct number *number, struct span code, struct span nsn)
{
	struct span digits = { number->digits, number->digits_n };

	return digits.n == code.n + nsn.n && span_starts(digits, code) &&
	       span_eq(span_from(digits, code.n), nsn);
}

static void
reading_add(struct reading *reading, enum number_kind kind,
    const struct number_plan *plan, struct span code, struct span nsn)
{
	struct number *number = reading->number;

	if (code.n + nsn.n > NUMBER_E164_MAX || code.n + nsn.n < E164_MIN)
		return;
	if (number->digits_n > 0 && !is_likelier(plan, number->plan)) {
		reading->unsure |= !is_likelier(number->plan, plan) &&
				   !is_number(number, code, nsn);
		return;
	}
	reading->unsure = false;
	memcpy(number->digits, code.p, code.n);
	memcpy(number->digits + code.n, nsn.p, nsn.n);
	number->digits_n = (uint8_t)(code.n + nsn.n);
	number->code_n = plan == NULL ? 0 : plan->code_n;
	number->plan = plan;
	number->kind = kind;
}

/* Country code and significant number. Countries that the table does not have
 * are held to E.164's own bounds. */
static void
read_global(struct reading *reading, struct span digits, enum number_kind kind)
{
	const struct number_plan *plan;
	struct span code, nsn;

	if (digits.n < E164_MIN || digits.n > NUMBER_E164_MAX ||
	    digits.p[0] == '0')
		return;
	plan = number_plan_of(digits);
	code = span_make(digits.p, plan == NULL ? 0 : plan->code_n);
	nsn = span_from(digits, code.n);
	if (plan == NULL || significant_fits(plan, nsn))
		reading_add(reading, kind, plan, code, nsn);
}

static void
read_significant(struct reading *reading, const struct number_plan *plan,
    struct span nsn, enum number_kind kind)
{
	if (significant_fits(plan, nsn))
		reading_add(reading, kind, plan,
		    span_make(plan->code, plan->code_n), nsn);
}

/* The next prefix of the list that is there, cut off. */
static bool
prefix_next(struct span *list, struct span digits, struct span *rest)
{
	while (list->n > 0) {
		struct span prefix = word_next(list);

		if (prefix.n > 0 && prefix.n < digits.n &&
		    span_starts(digits, prefix)) {
			*rest = span_from(digits, prefix.n);
			return true;
		}
	}
	return false;
}

static void
read_international(
    struct reading *reading, const struct number_plan *plan, struct span digits)
{
	struct span list = span_of(plan->international), rest;

	while (prefix_next(&list, digits, &rest))
		read_global(reading, rest, NUMBER_DIALLED);
}

/* The trunk prefix of the NANP is its country code: read as bare. */
static void
read_national(
    struct reading *reading, const struct number_plan *plan, struct span digits)
{
	struct span list = span_of(plan->national), rest;

	if (plan->flags & NUMBER_NANP)
		return;
	while (prefix_next(&list, digits, &rest))
		read_significant(reading, plan, rest, NUMBER_NATIONAL);
}

static void
read_local(struct reading *reading, const struct number_plan *plan,
    struct span area, struct span digits)
{
	char whole[NUMBER_E164_MAX];
	struct span nsn = { whole, area.n + digits.n };

	if (area.n == 0 || digits.n < SHORT_MAX || digits.n > LOCAL_MAX ||
	    digits.p[0] < '2' || nsn.n > sizeof(whole))
		return;
	memcpy(whole, area.p, area.n);
	memcpy(whole + area.n, digits.p, digits.n);
	read_significant(reading, plan, nsn, NUMBER_LOCAL);
}

/* Without any prefix: as dialled where a country has no trunk prefix or does
 * not insist on it, and with the country's own code. */
static void
read_bare(
    struct reading *reading, const struct number_plan *plan, struct span digits)
{
	bool no_trunk = plan->national[0] == '\0';
	bool has_code =
	    span_starts(digits, span_make(plan->code, plan->code_n));

	if (digits.n <= SHORT_MAX)
		return;
	if (has_code)
		read_global(reading, digits, NUMBER_BARE);
	if (has_code && (plan->flags & NUMBER_APART))
		return;
	if (no_trunk || (plan->flags & NUMBER_BARE_TOO))
		read_significant(reading, plan, digits,
		    no_trunk ? NUMBER_NATIONAL : NUMBER_BARE);
}

static bool
is_service(const struct number_plan *plan, struct span digits)
{
	return (plan->flags & NUMBER_SERVICE_1) && digits.p[0] == '1';
}

static enum number_kind
kind_without_form(struct span digits)
{
	return digits.n <= SHORT_MAX ? NUMBER_SHORT : NUMBER_INVALID;
}

static void
read_dialled(struct reading *reading, const struct number_plan *plan,
    struct span area, struct span digits)
{
	struct number *number = reading->number;

	read_international(reading, plan, digits);
	read_national(reading, plan, digits);
	read_local(reading, plan, area, digits);
	read_bare(reading, plan, digits);
	if (number->digits_n > 0 && !reading->unsure)
		return;
	number_clear(number);
	number->kind =
	    is_service(plan, digits) ? NUMBER_SHORT : kind_without_form(digits);
}

/* `bare` is what comes before `params`. */
static void
parse_with_params(const struct number_plan *plan, struct span area,
    struct span bare, struct span params, struct number *out)
{
	struct span context;
	struct digits d;

	if (bare.n == 0 || !digits_read(bare, &d))
		return;
	if (d.plus || d.odd_plus ||
	    !sip_param_find(params, SIP_PHONE_CONTEXT, &context)) {
		number_parse(plan, area, bare, out);
		return;
	}
	switch (number_from_context(context, bare, out)) {
	case NUMBER_REWRITTEN:
		break;
	case NUMBER_BAD_LENGTH:
		out->kind = NUMBER_INVALID;
		break;
	default:
		out->kind = NUMBER_SHORT;
		break;
	}
}

void
number_parse(const struct number_plan *plan, struct span area, struct span user,
    struct number *out)
{
	struct reading reading = { out, false };
	struct digits d;
	struct span digits;
	ptrdiff_t at;

	number_clear(out);
	if (!digits_read(user, &d)) {
		at = span_find(user, ';');
		if (at >= 0)
			parse_with_params(plan, area,
			    span_make(user.p, (size_t)at),
			    span_from(user, (size_t)at), out);
		return;
	}
	if (is_address(user))
		return;
	digits = span_make(d.d, d.n);
	if (d.odd_plus) {
		out->kind = NUMBER_INVALID;
	} else if (d.plus) {
		out->kind = NUMBER_INVALID;
		read_global(&reading, digits, NUMBER_PLUS);
	} else if (number_is_emergency(plan, digits)) {
		out->kind = NUMBER_SHORT;
	} else if (plan != NULL) {
		read_dialled(&reading, plan, area, digits);
	}
}

void
number_add(struct text *t, const struct number *number, enum number_form form,
    const struct number_plan *reader)
{
	struct span digits = { number->digits, number->digits_n };
	struct span prefix, rest;

	if (form == NUMBER_FORM_DIGITS) {
		text_add(t, digits);
		return;
	}
	if (form == NUMBER_FORM_PLUS || reader == NULL) {
		text_add_char(t, '+');
		text_add(t, digits);
		return;
	}
	if (form == NUMBER_FORM_NATIONAL &&
	    span_starts(digits, span_make(reader->code, reader->code_n))) {
		rest = span_of(reader->national);
		prefix = word_next(&rest);
		text_add(t, prefix);
		text_add(t, span_from(digits, reader->code_n));
		return;
	}
	rest = span_of(reader->international);
	prefix = word_next(&rest);
	text_add(t, prefix);
	text_add(t, digits);
}

static bool
is_taken_for_another(const struct number_plan *plan, struct span area,
    struct span written, const struct number *number)
{
	struct number other;

	if (plan == NULL)
		return false;
	number_parse(plan, area, written, &other);
	return other.kind >= NUMBER_PLUS &&
	       !is_number(
		   number, span_make(other.digits, other.digits_n), SPAN_NONE);
}

/* Who writes a number, and who reads it. */
struct sides {
	const struct number_plan *writer, *reader;
	struct span area; /* of the writer */
};

/* Digits must say the same to who wrote them, too. */
static bool
is_misleading(const struct sides *sides, struct span written,
    enum number_form form, const struct number *number)
{
	if (is_taken_for_another(sides->reader, SPAN_NONE, written, number))
		return true;
	return form == NUMBER_FORM_DIGITS &&
	       is_taken_for_another(
		   sides->writer, sides->area, written, number);
}

/* Appends the number in the form, or in a safer one where it would be taken for
 * another. */
static void
add_safely(struct text *out, const struct number *number, enum number_form form,
    const struct sides *sides)
{
	static const enum number_form safer[] = {
		[NUMBER_FORM_DIGITS] = NUMBER_FORM_INTERNATIONAL,
		[NUMBER_FORM_NATIONAL] = NUMBER_FORM_INTERNATIONAL,
		[NUMBER_FORM_INTERNATIONAL] = NUMBER_FORM_PLUS,
	};
	size_t mark = out->len;

	number_add(out, number, form, sides->reader);
	while (form != NUMBER_FORM_PLUS && !out->overflow &&
	       is_misleading(sides, text_since(out, mark), form, number)) {
		out->len = mark;
		form = safer[form];
		number_add(out, number, form, sides->reader);
	}
}

enum number_result
number_to_form(const struct number_plan *plan, struct span area,
    struct span user, enum number_form form, const struct number_plan *reader,
    struct text *out, enum number_kind *kind)
{
	const struct sides sides = { plan, reader, area };
	struct number number;
	struct span params = SPAN_NONE;
	ptrdiff_t at = span_find(user, ';');
	size_t mark = out->len;

	if (at >= 0) {
		params = span_from(user, (size_t)at);
		user = span_make(user.p, (size_t)at);
	}
	number_parse(plan, area, user, &number);
	if (kind != NULL)
		*kind = number.kind;
	if (number.kind == NUMBER_NOT)
		return NUMBER_NO_NUMBER;
	if (number.kind == NUMBER_INVALID)
		return NUMBER_BAD_LENGTH;
	if (number.kind == NUMBER_SHORT)
		return NUMBER_UNCHANGED;
	add_safely(out, &number, form, &sides);
	if (span_eq(text_since(out, mark), user)) {
		out->len = mark;
		return NUMBER_UNCHANGED;
	}
	text_add(out, params);
	return NUMBER_REWRITTEN;
}

bool
number_same(const struct number_plan *plan, struct span area, struct span a,
    struct span b)
{
	struct number x, y;

	if (span_eq(a, b))
		return true;
	number_parse(plan, area, a, &x);
	number_parse(plan, area, b, &y);
	return x.kind >= NUMBER_PLUS && y.kind >= NUMBER_PLUS &&
	       span_eq(span_make(x.digits, x.digits_n),
		   span_make(y.digits, y.digits_n));
}

/* A zero is the trunk prefix where there is such a one. */
static bool
may_follow(const struct number_plan *plan, bool whole_country, char first)
{
	return first != '0' ||
	       (whole_country && strchr(plan->national, '0') == NULL);
}

enum number_result
number_from_context(struct span context, struct span user, struct number *out)
{
	struct digits prefix = { 0 }, local = { 0 };
	char whole[2 * DIGITS_MAX];
	struct span digits;
	const struct number_plan *plan;
	struct reading reading = { out, false };
	bool whole_country;

	number_clear(out);
	if (!digits_read(context, &prefix) || !prefix.plus ||
	    prefix.odd_plus || !digits_read(user, &local) || local.plus ||
	    local.odd_plus)
		return NUMBER_NO_NUMBER;
	memcpy(whole, prefix.d, prefix.n);
	memcpy(whole + prefix.n, local.d, local.n);
	digits = span_make(whole, prefix.n + local.n);
	plan = number_plan_of(span_make(prefix.d, prefix.n));
	whole_country = plan != NULL && plan->code_n == prefix.n;
	if (number_is_emergency(plan, span_make(local.d, local.n)) ||
	    (whole_country && local.n <= SHORT_MAX))
		return NUMBER_UNCHANGED;
	if (plan == NULL || !may_follow(plan, whole_country, local.d[0]))
		return NUMBER_BAD_LENGTH;
	read_global(&reading, digits, NUMBER_LOCAL);
	return out->digits_n > 0 ? NUMBER_REWRITTEN : NUMBER_BAD_LENGTH;
}
