/*
 * number_read.c - reads "COUNTRY USER" lines and says what each is,
 * for the check of the table against the numbers of its source:
 * "KIND DIGITS", "-" for none
 */

#include <stdio.h>

#include "base/container.h"
#include "number/number.h"

static const char *const kinds[] = {
	[NUMBER_NOT] = "not",
	[NUMBER_SHORT] = "short",
	[NUMBER_INVALID] = "invalid",
	[NUMBER_PLUS] = "plus",
	[NUMBER_DIALLED] = "dialled",
	[NUMBER_BARE] = "bare",
	[NUMBER_NATIONAL] = "national",
	[NUMBER_LOCAL] = "local",
};

int
main(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct span rest = span_trim(span_of(line));
		struct span country = span_cut(rest, ' ', &rest);
		struct number number;

		number_parse(
		    number_plan_find(country), SPAN_NONE, rest, &number);
		printf("%s %.*s\n", kinds[number.kind],
		    number.digits_n == 0 ? 1 : (int)number.digits_n,
		    number.digits_n == 0 ? "-" : number.digits);
	}
	return 0;
}
