#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "net/loop.h"
#include "trunk/inventory_loader.h"
#include "unit.h"

static struct {
	struct loop *loop;
	struct inventory_loader *loader;
	struct inventory *inventory;
	struct problems problems;
	unsigned told;
	const struct config_strings *next; /* started when told */
} world;

static char path[64];
static char *list[] = { path };
static const struct config_strings files = { list, 1 };

static void
loaded(void *arg, struct inventory *inventory, struct problems *problems)
{
	ck_assert_ptr_eq(arg, &world);
	inventory_unref(world.inventory);
	world.inventory = inventory;
	problems_fini(&world.problems);
	problems_move(&world.problems, problems);
	ck_assert_uint_eq(problems->n, 0);
	world.told++;
	if (world.next != NULL)
		ck_assert_int_eq(
		    inventory_loader_start(world.loader, world.next, 0), 0);
	world.next = NULL;
}

/* Numbers that begin so, with as many digits more as make twelve. */
static void
write_lines(const char *prefix, unsigned n)
{
	int width = 13 - (int)strlen(prefix);
	FILE *f = fopen(path, "w");
	unsigned i;

	ck_assert_ptr_nonnull(f);
	for (i = 0; i < n; i++)
		fprintf(f, "%s%0*u\n", prefix, width, i);
	ck_assert_int_eq(fclose(f), 0);
}

static void
setup(void)
{
	int fd;

	memset(&world, 0, sizeof(world));
	strcpy(path, "/tmp/loader-test-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	close(fd);
	world.loop = loop_create();
	ck_assert_ptr_nonnull(world.loop);
	world.loader = inventory_loader_create(world.loop, loaded, &world);
	ck_assert_ptr_nonnull(world.loader);
}

static void
teardown(void)
{
	inventory_loader_destroy(world.loader);
	loop_destroy(world.loop);
	inventory_unref(world.inventory);
	problems_fini(&world.problems);
	unlink(path);
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
	ck_assert_int_eq(inventory_loader_start(world.loader, &files, 0), 0);
	turn_until_told(1);
	ck_assert_ptr_nonnull(world.inventory);
	ck_assert_uint_eq(inventory_entries(world.inventory), 1000);
	ck_assert_uint_eq(world.problems.n, 0);
}
END_TEST

START_TEST(tells_problems)
{
	write_lines("0207946", 3);
	ck_assert_int_eq(inventory_loader_start(world.loader, &files, 0), 0);
	turn_until_told(1);
	ck_assert_ptr_null(world.inventory);
	ck_assert_uint_eq(world.problems.errors, 3);
	ck_assert_str_eq(world.problems.list[2].file, path);
	/* And is ready for the next. */
	write_lines("+44207946", 3);
	ck_assert_int_eq(inventory_loader_start(world.loader, &files, 0), 0);
	turn_until_told(2);
	ck_assert_ptr_nonnull(world.inventory);
	ck_assert_uint_eq(world.problems.n, 0);
}
END_TEST

START_TEST(is_busy_until_it_has_told)
{
	write_lines("+44207946", 10);
	ck_assert_int_eq(inventory_loader_start(world.loader, &files, 0), 0);
	ck_assert_int_eq(
	    inventory_loader_start(world.loader, &files, 0), -EBUSY);
	world.next = &files;
	turn_until_told(2);
	ck_assert_ptr_nonnull(world.inventory);
	ck_assert_int_eq(inventory_loader_start(world.loader, &files, 0), 0);
	turn_until_told(3);
}
END_TEST

/* The loop turns while the thread loads. */
START_TEST(holds_nobody_up)
{
	unsigned turns = 0;

	write_lines("+4420", 200000);
	ck_assert_int_eq(inventory_loader_start(world.loader, &files, 0), 0);
	while (world.told == 0) {
		loop_turn(world.loop, false);
		turns++;
	}
	ck_assert_uint_eq(inventory_entries(world.inventory), 200000);
	ck_assert_uint_gt(turns, 1);
}
END_TEST

/* Destroyed while it loads, and before the loop could hear of it. */
START_TEST(ends_early)
{
	write_lines("+4420", 50000);
	ck_assert_int_eq(inventory_loader_start(world.loader, &files, 0), 0);
	inventory_loader_destroy(world.loader);
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
	tcase_add_test(tc, tells_problems);
	tcase_add_test(tc, is_busy_until_it_has_told);
	tcase_add_test(tc, holds_nobody_up);
	tcase_add_test(tc, ends_early);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
