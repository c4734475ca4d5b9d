#include "base/address.h"
#include "unit.h"

START_TEST(address_reads_and_prints)
{
	struct address a;
	char buf[ADDRESS_TEXT_MAX];

	ck_assert(address_parse(SPAN("[2001:db8::1]:5060"), 0, &a));
	ck_assert_str_eq(address_print(&a, buf), "[2001:db8::1]:5060");
	ck_assert(!address_parse(SPAN("192.0.2.1:"), 0, &a));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("address");

	tcase_add_test(tc, address_reads_and_prints);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
