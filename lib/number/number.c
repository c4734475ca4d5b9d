/*
 * number.c - reads a user part by a plan, and writes it in another form
 */

#include "number/number.h"

#include "base/address.h"

/* More digits than any prefix plus E.164 has: no number. */
#define DIGITS_MAX 24

/* Numbers of up to so many digits without prefix are codes or extensions. */
#define SHORT_MAX 6

/* No local number has more digits. */
#define LOCAL_MAX 8

struct digits {
	bool plus;
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
	if (user.n < 2 || user.n > 5)
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

static bool
length_fits(const struct number_plan *plan, size_t n)
{
	return n <= NUMBER_E164_MAX && (plan->lengths >> n & 1);
}

/* May these be the digits behind the country code? */
static bool
significant_fits(const struct number_plan *plan, struct span nsn)
{
	if (!length_fits(plan, nsn.n))
		return false;
	if (plan->flags & NUMBER_NANP)
		return nsn.p[0] >= '2' && nsn.p[3] >= '2';
	return nsn.p[0] != '0' || (plan->flags & NUMBER_ZERO);
}

static bool
keep(struct number *out, enum number_kind kind, struct span a, struct span b,
    struct span c, const struct number_plan *plan)
{
	struct text t = text_over(out->digits, sizeof(out->digits));

	text_add(&t, a);
	text_add(&t, b);
	text_add(&t, c);
	if (t.overflow)
		return false;
	out->digits_n = (uint8_t)t.len;
	out->code_n = plan == NULL ? 0 : (uint8_t)strlen(plan->code);
	out->plan = plan;
	out->kind = kind;
	return true;
}

/* Country code and significant number. Countries that the table does not have
 * are held to E.164's own bounds. */
static bool
read_global(struct span digits, enum number_kind kind, struct number *out)
{
	const struct number_plan *plan;
	struct span nsn = digits;

	if (digits.n < 7 || digits.n > NUMBER_E164_MAX || digits.p[0] == '0')
		return false;
	plan = number_plan_of(digits);
	if (plan != NULL) {
		nsn = span_from(digits, strlen(plan->code));
		if (!significant_fits(plan, nsn))
			return false;
	}
	return keep(out, kind, digits, SPAN_NONE, SPAN_NONE, plan);
}

static bool
read_national(const struct number_plan *plan, struct span area, struct span nsn,
    enum number_kind kind, struct number *out)
{
	return keep(out, kind, span_of(plan->code), area, nsn, plan);
}

/* Cuts off the first prefix of the list that is there. */
static bool
cut_prefix(const char *list, struct span digits, struct span *rest)
{
	struct span prefixes = span_of(list);

	while (prefixes.n > 0) {
		struct span prefix = word_next(&prefixes);

		if (prefix.n > 0 && span_starts(digits, prefix)) {
			*rest = span_from(digits, prefix.n);
			return true;
		}
	}
	return false;
}

static bool
read_local(const struct number_plan *plan, struct span area, struct span digits,
    struct number *out)
{
	char whole[NUMBER_E164_MAX];
	struct span nsn = { whole, area.n + digits.n };

	if (area.n == 0 || digits.n < SHORT_MAX || digits.n > LOCAL_MAX ||
	    digits.p[0] < '2' || nsn.n > sizeof(whole))
		return false;
	memcpy(whole, area.p, area.n);
	memcpy(whole + area.n, digits.p, digits.n);
	return significant_fits(plan, nsn) &&
	       read_national(plan, area, digits, NUMBER_LOCAL, out);
}

/* E.164 without its plus where numbers are dialled without a prefix too: none of
 * them begins so, but Italian mobile numbers (39x), which have ten digits. */
#define ZERO_MOBILE_MAX 10

static bool
has_own_code(const struct number_plan *plan, struct span digits)
{
	if ((plan->flags & NUMBER_ZERO) && digits.n <= ZERO_MOBILE_MAX)
		return false;
	return plan->national[0] == '\0' &&
	       span_starts(digits, span_of(plan->code)) &&
	       significant_fits(plan, span_from(digits, strlen(plan->code)));
}

/* Without any prefix: as dialled where a country has no trunk prefix or does not
 * insist on it; else only when it begins with the country's own code. */
static bool
read_bare(
    const struct number_plan *plan, struct span digits, struct number *out)
{
	bool no_trunk = plan->national[0] == '\0';

	if (digits.n <= SHORT_MAX)
		return false;
	if ((no_trunk || (plan->flags & NUMBER_BARE_TOO)) &&
	    significant_fits(plan, digits) && !has_own_code(plan, digits))
		return read_national(plan, SPAN_NONE, digits,
		    no_trunk ? NUMBER_NATIONAL : NUMBER_BARE, out);
	return span_starts(digits, span_of(plan->code)) &&
	       read_global(digits, NUMBER_BARE, out);
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

static enum number_kind
read_dialled(const struct number_plan *plan, struct span area,
    struct span digits, struct number *out)
{
	struct span rest;

	if (cut_prefix(plan->international, digits, &rest)) {
		if (read_global(rest, NUMBER_DIALLED, out))
			return out->kind;
		return kind_without_form(digits);
	}
	/* The trunk prefix of the NANP is its country code: read as bare. */
	if (!(plan->flags & NUMBER_NANP) &&
	    cut_prefix(plan->national, digits, &rest) && rest.n > 0 &&
	    significant_fits(plan, rest) &&
	    read_national(plan, SPAN_NONE, rest, NUMBER_NATIONAL, out))
		return out->kind;
	if (read_local(plan, area, digits, out) || read_bare(plan, digits, out))
		return out->kind;
	return is_service(plan, digits) ? NUMBER_SHORT
					: kind_without_form(digits);
}

void
number_parse(const struct number_plan *plan, struct span area, struct span user,
    struct number *out)
{
	struct digits d;
	struct span digits;

	out->digits_n = 0;
	out->code_n = 0;
	out->plan = NULL;
	out->kind = NUMBER_NOT;
	if (!digits_read(user, &d) || is_address(user))
		return;
	digits = span_make(d.d, d.n);
	if (d.plus)
		out->kind = read_global(digits, NUMBER_PLUS, out)
				? NUMBER_PLUS
				: NUMBER_INVALID;
	else if (number_is_emergency(plan, digits))
		out->kind = NUMBER_SHORT;
	else if (plan == NULL)
		out->kind = NUMBER_NOT;
	else
		out->kind = read_dialled(plan, area, digits, out);
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
	    span_starts(digits, span_of(reader->code))) {
		rest = span_of(reader->national);
		prefix = word_next(&rest);
		text_add(t, prefix);
		text_add(t, span_from(digits, strlen(reader->code)));
		return;
	}
	rest = span_of(reader->international);
	prefix = word_next(&rest);
	text_add(t, prefix);
	text_add(t, digits);
}

enum number_result
number_to_form(const struct number_plan *plan, struct span area,
    struct span user, enum number_form form, const struct number_plan *reader,
    struct text *out, enum number_kind *kind)
{
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
	number_add(out, &number, form, reader);
	if (span_eq(text_since(out, mark), user)) {
		out->len = mark;
		return NUMBER_UNCHANGED;
	}
	text_add(out, params);
	return NUMBER_REWRITTEN;
}

enum number_result
number_to_e164(const struct number_plan *plan, struct span area,
    struct span user, struct text *out)
{
	return number_to_form(
	    plan, area, user, NUMBER_FORM_PLUS, NULL, out, NULL);
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

/* Significant numbers begin with a zero in few countries; elsewhere it is the trunk
 * prefix. */
static bool
may_follow(const struct number_plan *plan, bool whole_country, char first)
{
	return first != '0' || (whole_country && (plan->flags & NUMBER_ZERO));
}

enum number_result
number_from_context(struct span context, struct span user, struct number *out)
{
	struct digits prefix = { 0 }, local = { 0 };
	char whole[2 * DIGITS_MAX];
	struct span digits;
	const struct number_plan *plan;
	bool whole_country;

	out->kind = NUMBER_NOT;
	if (!digits_read(context, &prefix) || !prefix.plus ||
	    !digits_read(user, &local) || local.plus)
		return NUMBER_NO_NUMBER;
	memcpy(whole, prefix.d, prefix.n);
	memcpy(whole + prefix.n, local.d, local.n);
	digits = span_make(whole, prefix.n + local.n);
	plan = number_plan_of(span_make(prefix.d, prefix.n));
	whole_country = plan != NULL && strlen(plan->code) == prefix.n;
	if (number_is_emergency(plan, span_make(local.d, local.n)) ||
	    (whole_country && local.n <= SHORT_MAX))
		return NUMBER_UNCHANGED;
	if (plan == NULL || !may_follow(plan, whole_country, local.d[0]) ||
	    !read_global(digits, NUMBER_LOCAL, out))
		return NUMBER_BAD_LENGTH;
	return NUMBER_REWRITTEN;
}
