#include <errno.h>
#include <stdio.h>

#include "dir.h"
#include "net/loop.h"
#include "trunk/changes.h"
#include "trunk/config_loader.h"
#include "trunk/trunk.h"
#include "unit.h"

static struct {
	struct loop *loop;
	struct config_loader *loader;
	struct trunks *trunks; /* of what was loaded last */
	struct problems problems;
	unsigned told;
	bool again; /* started once more when told */
} world;

static char file[128], numbers[128];

static void
loaded(void *arg, const struct parts *parts,
    struct net_profiles *profiles, struct problems *problems)
{
	ck_assert_ptr_eq(arg, &world);
	problems_fini(&world.problems);
	problems_move(&world.problems, problems);
	ck_assert_uint_eq(problems->n, 0);
	trunks_unref(world.trunks);
	world.trunks = parts->config == NULL
	    ? NULL
	    : trunks_create_of(parts, NULL, 0, 0, &world.problems);
	ck_assert(parts->config != NULL || !parts->good);
	ck_assert((parts->config == NULL) == (profiles == NULL));
	world.told++;
	if (world.again)
		ck_assert_int_eq(
		    config_loader_start(world.loader, file, 0), 0);
	world.again = false;
}

static void
write_config(void)
{
	dir_write("cordon.conf",
	    "inventory = [ \"all.numbers\" ];\n"
	    "listeners = ( { name = \"l\"; transport = \"udp\";"
	    " address = \"127.0.0.1\"; } );\n"
	    "trunks = ( { name = \"a\"; listener = \"l\";"
	    " peers = [ \"127.0.0.2\" ]; policy_in = \"p.conf\";"
	    " policy_out = \"p.conf\"; },\n"
	    " { name = \"b\"; listener = \"l\"; peers = [ \"127.0.0.3\" ];"
	    " policy_in = \"p.conf\"; } );\n"
	    "routes = ( { from = \"a\"; to = \"b\"; },"
	    " { from = \"b\"; to = \"a\"; } );\n");
}

/* Numbers that begin so, with as many digits more as make twelve. */
static void
write_lines(const char *prefix, unsigned n)
{
	int width = 13 - (int)strlen(prefix);
	FILE *f = fopen(numbers, "w");
	unsigned i;

	ck_assert_ptr_nonnull(f);
	for (i = 0; i < n; i++)
		fprintf(f, "%s%0*u\n", prefix, width, i);
	ck_assert_int_eq(fclose(f), 0);
}

static void
setup(void)
{
	memset(&world, 0, sizeof(world));
	dir_make();
	strcpy(file, dir_path("cordon.conf"));
	strcpy(numbers, dir_path("all.numbers"));
	write_config();
	dir_write("p.conf", "policy = { name = \"p\"; title = \"P\"; };\n");
	world.loop = loop_create();
	ck_assert_ptr_nonnull(world.loop);
	world.loader = config_loader_create(world.loop, loaded, &world);
	ck_assert_ptr_nonnull(world.loader);
}

static void
teardown(void)
{
	config_loader_destroy(world.loader);
	loop_destroy(world.loop);
	trunks_unref(world.trunks);
	problems_fini(&world.problems);
	dir_remove();
}

/* The test has a time limit of its own. */
static void
turn_until_told(unsigned times)
{
	while (world.told < times)
		loop_turn(world.loop, true);
}

START_TEST(loads)
{
	write_lines("+44207946", 1000);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(1);
	ck_assert_ptr_nonnull(world.trunks);
	ck_assert_uint_eq(inventory_entries(world.trunks->inventory), 1000);
	ck_assert_uint_eq(world.problems.n, 0);
}
END_TEST

/* Loads what is written now, which changes that of *was; *was is then the one
 * that was loaded. */
static void
check_change(struct trunks **was, const char *text)
{
	struct problems notes;
	unsigned told = world.told;

	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(told + 1);
	ck_assert_ptr_nonnull(world.trunks);
	problems_init(&notes);
	ck_assert_uint_eq(changes_note(*was, world.trunks, &notes),
	    text == NULL ? 0 : 1);
	ck_assert_uint_eq(notes.n, text == NULL ? 0 : 1);
	if (text != NULL)
		ck_assert_str_eq(notes.list[0].text, text);
	problems_fini(&notes);
	trunks_unref(*was);
	*was = trunks_ref(world.trunks);
}

START_TEST(tells_what_has_changed)
{
	struct trunks *was;

	write_lines("+44207946", 10);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(1);
	was = trunks_ref(world.trunks);
	check_change(&was, NULL);
	write_lines("+44207947", 10);
	check_change(&was,
	    "the inventory has changed; it has 10 entries as before");
	write_lines("+44207947", 11);
	check_change(&was, "the inventory has 11 entries, it had 10");
	/* Told once, whoever has it. */
	dir_write("p.conf", "policy = { name = \"p\"; title = \"Q\"; };\n");
	check_change(&was, "the policy file has changed");
	check_change(&was, NULL);
	trunks_unref(was);
}
END_TEST

START_TEST(tells_problems)
{
	write_lines("0207946", 3);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(1);
	ck_assert_ptr_null(world.trunks);
	ck_assert_uint_eq(world.problems.errors, 3);
	ck_assert_str_eq(world.problems.list[2].file, numbers);
	/* And is ready for the next. */
	write_lines("+44207946", 3);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(2);
	ck_assert_ptr_nonnull(world.trunks);
	ck_assert_uint_eq(world.problems.n, 0);
}
END_TEST

/* One policy for all who name its file, and its faults once. */
START_TEST(shares_policies)
{
	const struct trunk *t;

	write_lines("+44207946", 3);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(1);
	ck_assert_ptr_nonnull(world.trunks);
	t = world.trunks->list;
	ck_assert_str_eq(policy_name(t[0].policy_in), "p");
	ck_assert_ptr_eq(t[0].policy_in, t[0].policy_out);
	ck_assert_ptr_eq(t[0].policy_in, t[1].policy_in);
	ck_assert_ptr_eq(t[1].policy_out, policy_builtin());
	dir_write("p.conf", "policy = { name = \"p\"; title = \"P\"; nane = 1; };\n");
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(2);
	ck_assert_ptr_null(world.trunks);
	ck_assert_uint_eq(world.problems.errors, 1);
}
END_TEST

START_TEST(tells_of_a_bad_configuration)
{
	dir_write("cordon.conf", "trunks = ( { nane = 1; } );\n");
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(1);
	ck_assert_ptr_null(world.trunks);
	ck_assert_uint_gt(world.problems.errors, 0);
	ck_assert_str_eq(world.problems.list[0].file, file);
	ck_assert_int_eq(config_loader_start(world.loader, "/none", 0), 0);
	turn_until_told(2);
	ck_assert_uint_gt(world.problems.errors, 0);
}
END_TEST

START_TEST(is_busy_until_it_has_told)
{
	write_lines("+44207946", 10);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	ck_assert_int_eq(
	    config_loader_start(world.loader, file, 0), -EBUSY);
	world.again = true;
	turn_until_told(2);
	ck_assert_ptr_nonnull(world.trunks);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	turn_until_told(3);
}
END_TEST

/* The loop turns while the thread loads. */
START_TEST(holds_nobody_up)
{
	unsigned turns = 0;

	write_lines("+4420", 200000);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	while (world.told == 0) {
		loop_turn(world.loop, false);
		turns++;
	}
	ck_assert_uint_eq(inventory_entries(world.trunks->inventory), 200000);
	ck_assert_uint_gt(turns, 1);
}
END_TEST

/* Destroyed while it loads, and before the loop could hear of it. */
START_TEST(ends_early)
{
	write_lines("+4420", 50000);
	ck_assert_int_eq(config_loader_start(world.loader, file, 0), 0);
	config_loader_destroy(world.loader);
	world.loader = NULL;
	ck_assert_uint_eq(world.told, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loader");
	TCase *tc = tcase_create("loader");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, loads);
	tcase_add_test(tc, tells_what_has_changed);
	tcase_add_test(tc, tells_problems);
	tcase_add_test(tc, shares_policies);
	tcase_add_test(tc, tells_of_a_bad_configuration);
	tcase_add_test(tc, is_busy_until_it_has_told);
	tcase_add_test(tc, holds_nobody_up);
	tcase_add_test(tc, ends_early);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
