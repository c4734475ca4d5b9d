#include "base/day.h"

#define YEAR_FIRST 1970

static bool
is_leap(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t
month_days(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* Days of all years before `year`, counted from the year 1. */
static uint32_t
days_before(uint32_t year)
{
	uint32_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

bool
day_parse(struct span s, int32_t *out)
{
	uint32_t year, month, day, m, days;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' ||
	    !span_to_u32(span_make(s.p, 4), 9999, &year) ||
	    !span_to_u32(span_make(s.p + 5, 2), 12, &month) ||
	    !span_to_u32(span_make(s.p + 8, 2), 31, &day))
		return false;
	if (year < YEAR_FIRST || month == 0 || day == 0 ||
	    day > month_days(year, month))
		return false;
	days = days_before(year) - days_before(YEAR_FIRST);
	for (m = 1; m < month; m++)
		days += month_days(year, m);
	*out = (int32_t)(days + day - 1);
	return true;
}

void
day_add(struct text *t, int32_t day)
{
	uint32_t left = day < 0 ? 0 : (uint32_t)day;
	uint32_t year = YEAR_FIRST, month = 1;

	while (left >= (is_leap(year) ? 366u : 365u))
		left -= is_leap(year++) ? 366u : 365u;
	while (left >= month_days(year, month))
		left -= month_days(year, month++);
	text_addf(t, "%04u-%02u-%02u", (unsigned)year, (unsigned)month,
	    (unsigned)left + 1);
}
