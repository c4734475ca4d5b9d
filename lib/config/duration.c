#include "config/duration.h"

#include "base/container.h"

#define WHOLE_MAX 1000000000

static const struct {
	struct span name;
	uint64_t ms;
} units[] = {
	{ { "h", 1 }, 3600000 },
	{ { "m", 1 }, 60000 },
	{ { "s", 1 }, 1000 },
	{ { "ms", 2 }, 1 },
};

static size_t
digits(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* Reads ".125" as thousandths and moves behind it; true when there is none. */
static bool
fraction(struct span *s, uint64_t *thousandths)
{
	uint64_t v, scale[] = { 0, 100, 10, 1 };
	size_t n;

	*thousandths = 0;
	if (s->n == 0 || s->p[0] != '.')
		return true;
	*s = span_from(*s, 1);
	n = digits(*s);
	if (n == 0 || n > 3 || !span_to_u64(span_make(s->p, n), 999, &v))
		return false;
	*thousandths = v * scale[n];
	*s = span_from(*s, n);
	return true;
}

bool
duration_parse(struct span s, uint64_t *ms)
{
	size_t i, n = digits(s);
	uint64_t whole, part;

	if (!span_to_u64(span_make(s.p, n), WHOLE_MAX, &whole))
		return false;
	s = span_from(s, n);
	if (!fraction(&s, &part))
		return false;
	for (i = 0; i < ARRAY_LEN(units); i++) {
		if (!span_eq(s, units[i].name))
			continue;
		if (part * units[i].ms % 1000 != 0)
			return false;
		*ms = whole * units[i].ms + part * units[i].ms / 1000;
		return true;
	}
	return false;
}

void
duration_add(struct text *t, uint64_t ms)
{
	size_t i = 0;

	while (units[i].ms > 1 && (ms == 0 || ms % units[i].ms != 0))
		i++;
	text_add_u64(t, ms / units[i].ms);
	text_add(t, units[i].name);
}
