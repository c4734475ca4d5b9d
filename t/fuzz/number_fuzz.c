/*
 * number_fuzz.c - any user part by any plan: what comes out is a
 * number in the form that was asked for, the same subscriber, and
 * stays as it is the second time
 */

#include "fuzz.h"

#include <string.h>

#include "number/number.h"

struct reading {
	const struct number_plan *plan;
	struct span area;
	enum number_form form;
	struct span user;
};

static struct span
digits_of(struct span user)
{
	ptrdiff_t at = span_find(user, ';');

	return at < 0 ? user : span_make(user.p, (size_t)at);
}

/* Areas that a plan can have: where nothing is dialled before one, all of it
 * always is, and none begins as a call abroad does. */
static bool
is_area(const struct number_plan *plan, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return plan != NULL && plan->national[0] != '\0' && s.n > 0 &&
	       s.n <= 6 && s.p[0] != '0' &&
	       (s.p[0] != '1' || strcmp(plan->international, "810") != 0);
}

static void
check_parse(const struct reading *r)
{
	struct number number;
	unsigned i;

	number_parse(r->plan, r->area, r->user, &number);
	FUZZ_CHECK(number.digits_n <= NUMBER_E164_MAX);
	FUZZ_CHECK((number.digits_n > 0) == (number.kind >= NUMBER_PLUS));
	FUZZ_CHECK(number.code_n <= number.digits_n);
	for (i = 0; i < number.digits_n; i++)
		FUZZ_CHECK(number.digits[i] >= '0' && number.digits[i] <= '9');
}

static bool
must_stay(const struct reading *r)
{
	struct span digits = digits_of(r->user);

	return number_is_emergency(r->plan, digits) ||
	       span_find(digits, '*') >= 0 || span_find(digits, '#') >= 0;
}

static void
check_written(const struct reading *r, struct span written)
{
	struct span digits = digits_of(written);
	size_t i, from = digits.n > 0 && digits.p[0] == '+';

	FUZZ_CHECK(!must_stay(r));
	FUZZ_CHECK(digits.n > from);
	FUZZ_CHECK(r->form != NUMBER_FORM_PLUS || from == 1);
	for (i = from; i < digits.n; i++)
		FUZZ_CHECK(digits.p[i] >= '0' && digits.p[i] <= '9');
	/* Parameters behind it stay. */
	FUZZ_CHECK(span_eq(span_from(written, digits.n),
	    span_from(r->user, digits_of(r->user).n)));
}

/* Read again it is that number; without a plus perhaps none: too short for one
 * that is dialled, or one of two. */
static void
check_same(const struct reading *r, struct span written)
{
	struct number number;

	number_parse(r->plan, r->area, digits_of(written), &number);
	if (number.kind < NUMBER_PLUS) {
		FUZZ_CHECK(r->form != NUMBER_FORM_PLUS);
		return;
	}
	FUZZ_CHECK(number_same(
	    r->plan, r->area, digits_of(r->user), digits_of(written)));
}

static void
check_form(const struct reading *r)
{
	char buf[8192], again_buf[8192];
	struct text t = text_over(buf, sizeof(buf));
	struct text again = text_over(again_buf, sizeof(again_buf));
	enum number_result result = number_to_form(
	    r->plan, r->area, r->user, r->form, r->plan, &t, NULL);

	FUZZ_CHECK(!t.overflow);
	FUZZ_CHECK(result == NUMBER_REWRITTEN || t.len == 0);
	if (result != NUMBER_REWRITTEN)
		return;
	check_written(r, text_span(&t));
	check_same(r, text_span(&t));
	FUZZ_CHECK(number_to_form(r->plan, r->area, text_span(&t), r->form,
		       r->plan, &again, NULL) != NUMBER_REWRITTEN);
}

/* The plan, the form, a length and the area, the user part. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading r;
	struct span rest;

	if (size < 3 || size > 4096)
		return 0;
	r.plan = data[0] % (number_plans() + 1) == number_plans()
		     ? NULL
		     : number_plan_at(data[0] % (number_plans() + 1));
	r.form = (enum number_form)(data[1] % 4);
	rest = fuzz_span(data + 2, size - 2);
	r.area = fuzz_take(&rest);
	r.user = rest;
	if (!is_area(r.plan, r.area))
		r.area = SPAN_NONE;
	check_parse(&r);
	check_form(&r);
	return 0;
}
