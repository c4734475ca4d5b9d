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
#define APART   NUMBER_APART
#define ONE     NUMBER_SERVICE_1

#define STARTS 100 /* that two digits can be */

/* The same file is the lengths, the places, the plans and the index. */
#define NUMBER_CODE(code, country, from, to, ...)                              \
	static const uint16_t lengths_##code[STARTS] = { __VA_ARGS__ };
#define NUMBER_PLAN(country, code, national, international, flags, emergency)
#include "number/plans.def"
#undef NUMBER_CODE
#undef NUMBER_PLAN

enum place {
	PLACE_NONE,
#define NUMBER_CODE(code, country, from, to, ...)
#define NUMBER_PLAN(country, code, national, international, flags, emergency)  \
	PLACE_##country,
#include "number/plans.def"
#undef NUMBER_PLAN
	PLACES
};

static const struct number_plan plans[] = {
#define NUMBER_PLAN(country_, code_, nat, intl, flags_, sos)                   \
	{ .country = #country_,                                                \
		.code = #code_,                                                \
		.code_n = sizeof(#code_) - 1,                                  \
		.national = (nat),                                             \
		.international = (intl),                                       \
		.lengths = lengths_##code_,                                    \
		.emergency = (sos),                                            \
		.flags = (flags_) },
#include "number/plans.def"
#undef NUMBER_CODE
#undef NUMBER_PLAN
};

/* By the first three digits of a number: a place in the table. */
static const uint8_t index_of[1000] = {
#define NUMBER_CODE(code, country, from, to, ...)                              \
	[from ... to] = PLACE_##country,
#define NUMBER_PLAN(country, code, national, international, flags, emergency)
#include "number/plans.def"
#undef NUMBER_CODE
#undef NUMBER_PLAN
};

_Static_assert(PLACES <= UINT8_MAX, "a place has a byte");

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

static unsigned
digit_of(struct span digits, size_t at)
{
	return at < digits.n ? (unsigned char)digits.p[at] - '0' : 0;
}

const struct number_plan *
number_plan_of(struct span digits)
{
	unsigned a = digit_of(digits, 0);
	unsigned b = digit_of(digits, 1);
	unsigned c = digit_of(digits, 2);
	unsigned place;

	if (a > 9 || b > 9 || c > 9)
		return NULL;
	place = index_of[100 * a + 10 * b + c];
	if (place == PLACE_NONE || plans[place - 1].code_n > digits.n)
		return NULL;
	return &plans[place - 1];
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
