#include <time.h>

#include "cli/cli.h"

const char *
field_string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == NULL ? "" : s;
}

uint64_t
field_number(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n < 0 ? 0 : (uint64_t)n;
}

uint64_t
field_time(const json_t *object, const char *key)
{
	const char *s = field_string(object, key);
	struct tm tm = { 0 };
	uint32_t ms = 0;
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t seconds;

	if (end == NULL)
		return 0;
	seconds = timegm(&tm);
	if (seconds < 0)
		return 0;
	if (end[0] == '.' && strlen(end) >= 4)
		span_to_u32(span_make(end + 1, 3), 999, &ms);
	return (uint64_t)seconds * 1000000 + (uint64_t)ms * 1000;
}

const char *
format_duration(char buf[static 32], uint64_t ms)
{
	unsigned long long s = ms / 1000;

	if (ms < 1000)
		snprintf(buf, 32, "%llu ms", (unsigned long long)ms);
	else if (s < 60)
		snprintf(buf, 32, "%llu.%llu s", s,
		    (unsigned long long)ms / 100 % 10);
	else if (s < 3600)
		snprintf(buf, 32, "%llu:%02llu", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, 32, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60,
		    s % 60);
	else
		snprintf(buf, 32, "%llu d %02llu:%02llu", s / 86400,
		    s / 3600 % 24, s / 60 % 60);
	return buf;
}

const char *
format_time(char buf[static 32], const char *time)
{
	/* What the daemon says goes to a terminal:
	 * only what a time is made of. */
	if (strspn(time, "0123456789-:T") < 19) {
		buf[0] = '\0';
		return buf;
	}
	memcpy(buf, time, 19);
	buf[10] = ' ';
	buf[19] = '\0';
	return buf;
}
