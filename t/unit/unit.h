/*
 * unit.h - what every unit test program shares
 */

#ifndef CORDON_T_UNIT_H
#define CORDON_T_UNIT_H

#include <check.h>
#include <stdlib.h>

#include "base/span.h"

/* Fails with both texts shown unless the span has exactly that text. */
#define ck_assert_span(span_, text_)                                           \
	do {                                                                   \
		struct span ck_s = (span_);                                    \
		const char *ck_t = (text_);                                    \
		ck_assert_msg(span_eq(ck_s, span_of(ck_t)),                    \
		    "%s is \"%.*s\", expected \"%s\"", #span_, SPAN_ARG(ck_s), \
		    ck_t);                                                     \
	} while (0)

/* Runs a suite with TAP on standard output; use as main's return value. */
static inline int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
