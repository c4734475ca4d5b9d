#include "diagnosis/cause.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/container.h"

#define STATUSES_MAX 8

static const struct cause {
	uint16_t q850;
	uint16_t status;
	uint16_t from[STATUSES_MAX]; /* behind the last: 0 */
	const char *name;
} causes[] = {
#define FROM(...) { __VA_ARGS__ }
#define CAUSE(q850, status, from, name) { q850, status, from, name },
#include "diagnosis/causes.def"
#undef CAUSE
#undef FROM
};

static bool
comes_from(const struct cause *cause, unsigned status)
{
	size_t i;

	for (i = 0; i < STATUSES_MAX && cause->from[i] != 0; i++)
		if (cause->from[i] == status)
			return true;
	return false;
}

unsigned
cause_from_status(unsigned status)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(causes); i++)
		if (comes_from(&causes[i], status))
			return causes[i].q850;
	return 0;
}

static const struct cause *
find_cause(unsigned q850)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(causes); i++)
		if (causes[i].q850 == q850)
			return &causes[i];
	return NULL;
}

unsigned
cause_to_status(unsigned cause)
{
	const struct cause *row = find_cause(cause);

	return row == NULL ? 0 : row->status;
}

const char *
cause_name(unsigned cause)
{
	const struct cause *row = find_cause(cause);

	return row == NULL ? NULL : row->name;
}
