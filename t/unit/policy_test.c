#include "policy/policy.h"
#include "unit.h"

START_TEST(builtin)
{
	ck_assert_str_eq(policy_name(policy_builtin()), "builtin");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tc = tcase_create("policy");

	tcase_add_test(tc, builtin);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
