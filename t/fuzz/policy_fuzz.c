/*
 * policy_fuzz.c - any text as a policy file: refused with a problem, or usable
 */

#include <stdlib.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig loses the string before a syntax error: not ours to mend. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems problems;
	struct policy *policy;
	char *text;

	/* An @include would read files of the machine. */
	if (size > 4096 || memmem(data, size, "@include", 8) != NULL)
		return 0;
	text = span_dup(span_make((const char *)data, size));
	if (text == NULL)
		return 0;
	problems_init(&problems);
	policy = policy_load_text(text, "fuzz.conf", 20000, &problems);
	if ((policy == NULL) != (problems.errors > 0))
		abort();
	if (policy != NULL && policy_name(policy) == NULL)
		abort();
	policy_unref(policy);
	problems_fini(&problems);
	free(text);
	return 0;
}
