#include "transaction_world.h"

int
main(void)
{
	Suite *suite = suite_create("transaction");

	suite_add_tcase(suite, server_tests());
	suite_add_tcase(suite, client_tests());
	suite_add_tcase(suite, match_tests());
	suite_add_tcase(suite, lossy_tests());
	suite_add_tcase(suite, memory_tests());
	return unit_run(suite);
}
