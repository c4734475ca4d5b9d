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

unsigned
cause_from_status(unsigned status)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(from_status); i++)
		if (from_status[i].status == status)
			return from_status[i].q850;
	return 0;
}
