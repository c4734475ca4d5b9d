#include "diagnosis/cause.h"

#include <stddef.h>

#include "base/container.h"

static const struct cause {
	unsigned status;
	unsigned q850;
} from_status[] = {
#define CAUSE(status, q850) { status, q850 },
#include "diagnosis/causes.def"
#undef CAUSE
};

/* Section 7.2.4.1 is not the mirror of the other table. */
static const struct cause from_cause[] = {
	{ 404, 1 }, { 404, 2 }, { 404, 3 }, { 486, 17 }, { 480, 18 },
	{ 480, 19 }, { 480, 20 }, { 403, 21 }, { 410, 22 }, { 410, 23 },
	{ 404, 26 }, { 502, 27 }, { 484, 28 }, { 501, 29 }, { 480, 31 },
	{ 503, 34 }, { 503, 38 }, { 503, 41 }, { 503, 42 }, { 503, 47 },
	{ 403, 55 }, { 403, 57 }, { 503, 58 }, { 488, 65 }, { 488, 70 },
	{ 501, 79 }, { 403, 87 }, { 503, 88 }, { 504, 102 }, { 500, 111 },
	{ 500, 127 },
};

unsigned
cause_from_status(unsigned status)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(from_status); i++)
		if (from_status[i].status == status)
			return from_status[i].q850;
	return 0;
}

unsigned
cause_to_status(unsigned cause)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(from_cause); i++)
		if (from_cause[i].q850 == cause)
			return from_cause[i].status;
	return 0;
}
