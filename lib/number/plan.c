/*
 * plan.c - the table of numbering plans
 */

#include "base/container.h"
#include "base/problem.h"
#include "number/number.h"

#define N(n)    (1u << (n))
#define R(a, b) ((1u << ((b) + 1)) - (1u << (a)))
#define NANP    NUMBER_NANP
#define BARE    NUMBER_BARE_TOO
#define ZERO    NUMBER_ZERO
#define ONE     NUMBER_SERVICE_1

static const struct number_plan plans[] = {
#define NUMBER_PLAN(c, code_, nat, intl, len, flags_, sos)                     \
	{ .country = (c),                                                      \
		.code = (code_),                                               \
		.national = (nat),                                             \
		.international = (intl),                                       \
		.lengths = (len),                                              \
		.emergency = (sos),                                            \
		.flags = (flags_) },
#include "number/plans.def"
#undef NUMBER_PLAN
};

const struct number_plan *
number_plan_find(struct span country)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(plans); i++) {
		if (span_ieq(span_of(plans[i].country), country))
			return &plans[i];
	}
	return NULL;
}

static bool
begins_with(struct span digits, const char *code)
{
	size_t i;

	for (i = 0; i < digits.n && code[i] != '\0'; i++) {
		if (digits.p[i] != code[i])
			return false;
	}
	return code[i] == '\0';
}

const struct number_plan *
number_plan_of(struct span digits)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(plans); i++) {
		if (begins_with(digits, plans[i].code))
			return &plans[i];
	}
	return NULL;
}

size_t
number_plans(void)
{
	return ARRAY_LEN(plans);
}

const struct number_plan *
number_plan_at(size_t i)
{
	return i < ARRAY_LEN(plans) ? &plans[i] : NULL;
}

#define COUNTRIES_MAX 256

const char *
number_plan_nearest(struct span country)
{
	const char *words[COUNTRIES_MAX];
	size_t i, n = number_plans();

	/* What people write who live there. */
	if (span_ieq(country, SPAN("UK")))
		return "GB";
	for (i = 0; i < n && i < ARRAY_LEN(words); i++)
		words[i] = number_plan_at(i)->country;
	return word_nearest(country, words, i);
}
