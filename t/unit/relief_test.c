/*
 * relief_test.c - rates that were refused, peers that rest, targets in order
 */

#include <stdio.h>

#include "trunk/relief.h"
#include "unit.h"

static struct relief relief;

static void
calls(unsigned n, uint64_t now)
{
	while (n-- > 0)
		relief_sent(&relief, now);
}

static void
empty(void)
{
	relief = (struct relief){ 0 };
}

static void
over(void)
{
	relief_fini(&relief);
}

START_TEST(begins_with_what_was_sent)
{
	static const struct {
		unsigned before, now;
		uint32_t limit, rate;
	} rows[] = {
		{ 0, 0, 0, 900 },
		{ 0, 10, 0, 9000 },
		{ 20, 3, 0, 18000 },
		{ 0, 10, 5, 4500 },
		{ 0, 1, 30, 900 },
	};

	calls(rows[_i].before, 6500);
	calls(rows[_i].now, 7100);
	ck_assert_uint_eq(relief_rate(&relief, 7200), 0);
	ck_assert_uint_eq(relief_wait(&relief, 7200), 0);
	ck_assert_uint_eq(relief_slow_down(&relief, rows[_i].limit, 7200),
	    rows[_i].rate);
	ck_assert_uint_eq(relief_rate(&relief, 7200), rows[_i].rate);
}
END_TEST

/* A second that is long over says nothing of this one. */
START_TEST(forgets_old_seconds)
{
	calls(50, 1000);
	ck_assert_uint_eq(relief_slow_down(&relief, 0, 9000), 900);
}
END_TEST

START_TEST(down_to_the_least_and_back)
{
	unsigned i;

	calls(10, 5000);
	for (i = 0; i < 100; i++)
		relief_slow_down(&relief, 0, 5000);
	ck_assert_uint_eq(relief_rate(&relief, 5000), RELIEF_LEAST);
	ck_assert_uint_eq(
	    relief_rate(&relief, 5000 + RELIEF_STEP_MS), RELIEF_LEAST + 1000);
	ck_assert(!relief_recovered(&relief, 5000 + 9 * RELIEF_STEP_MS));
	ck_assert_uint_gt(relief_rate(&relief, 5000 + 9 * RELIEF_STEP_MS), 0);
	ck_assert_uint_eq(relief_rate(&relief, 5000 + 10 * RELIEF_STEP_MS), 0);
	ck_assert(relief_recovered(&relief, 5000 + 10 * RELIEF_STEP_MS));
	ck_assert(!relief_recovered(&relief, 5000 + 10 * RELIEF_STEP_MS));
}
END_TEST

/* Over ten seconds as many get through as the rate says, whatever is asked. */
START_TEST(lets_so_many_through)
{
	uint64_t now;
	unsigned n = 0;

	calls(4, 100000);
	relief_slow_down(&relief, 0, 100000);
	for (now = 101000; now < 110000; now += 10)
		if (relief_wait(&relief, now) == 0) {
			relief_sent(&relief, now);
			n++;
		}
	ck_assert_uint_ge(n, 9 * 36 / 10 - 1);
	ck_assert_uint_le(n, 9 * 36 / 10 + 4);
}
END_TEST

START_TEST(the_wait_is_long_enough)
{
	uint64_t wait;

	calls(1, 5000);
	relief_slow_down(&relief, 0, 5000);
	wait = relief_wait(&relief, 5000);
	ck_assert_uint_eq(wait, 1000);
	ck_assert_uint_eq(relief_wait(&relief, 5000 + wait), 0);
	ck_assert_uint_eq(relief_wait(&relief, 5000 + wait - 1), 1);
}
END_TEST

static struct address
peer(unsigned n)
{
	struct address a;
	char text[32];

	snprintf(text, sizeof(text), "192.0.2.%u:5060", n);
	ck_assert(address_parse(span_of(text), 0, &a));
	return a;
}

START_TEST(peers_rest_by_themselves)
{
	struct address a = peer(1), b = peer(2);

	relief_rest(&relief, &a, 5000, 1000);
	ck_assert_uint_eq(relief_resting(&relief, &a, 1000), 5000);
	ck_assert_uint_eq(relief_resting(&relief, &b, 1000), 0);
	ck_assert_uint_eq(relief_resting(&relief, &a, 5999), 1);
	ck_assert_uint_eq(relief_resting(&relief, &a, 6000), 0);
	relief_rest(&relief, &a, 2000, 5000);
	ck_assert_uint_eq(relief_resting(&relief, &a, 5000), 2000);
}
END_TEST

/* A trunk has no more peers than there is room for; over reloads it may. */
START_TEST(the_soonest_makes_room)
{
	struct address a;
	unsigned i;

	for (i = 0; i < RELIEF_PEERS + 1; i++) {
		a = peer(i + 1);
		relief_rest(&relief, &a, 1000 + i, 1000);
	}
	a = peer(1);
	ck_assert_uint_eq(relief_resting(&relief, &a, 1000), 0);
	a = peer(RELIEF_PEERS + 1);
	ck_assert_uint_eq(
	    relief_resting(&relief, &a, 1000), 1000 + RELIEF_PEERS);
}
END_TEST

START_TEST(told_to_people)
{
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));
	struct address a = peer(1);

	relief_add(&t, &relief, 1000);
	ck_assert_uint_eq(t.len, 0);
	calls(5, 1000);
	relief_slow_down(&relief, 0, 1000);
	relief_rest(&relief, &a, 1500, 1000);
	relief_add(&t, &relief, 1000);
	ck_assert_str_eq(text_cstr(&t), "slowed to 4.5 calls a second; "
					"192.0.2.1:5060 rests for 2 s");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("what peers ask for");
	TCase *tc = tcase_create("relief");

	tcase_add_checked_fixture(tc, empty, over);
	tcase_add_loop_test(tc, begins_with_what_was_sent, 0, 5);
	tcase_add_test(tc, forgets_old_seconds);
	tcase_add_test(tc, down_to_the_least_and_back);
	tcase_add_test(tc, lets_so_many_through);
	tcase_add_test(tc, the_wait_is_long_enough);
	tcase_add_test(tc, peers_rest_by_themselves);
	tcase_add_test(tc, the_soonest_makes_room);
	tcase_add_test(tc, told_to_people);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
