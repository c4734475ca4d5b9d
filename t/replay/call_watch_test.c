/* OPTIONS of our own to the peers of trunks. */

#include <errno.h>

#include "call_world.h"

#define MINUTE 60000

static const struct watch_peer *
peer(void)
{
	const struct trunk *trunk = trunk_find(w->trunks, SPAN("carrier"));

	ck_assert_uint_eq(trunk->state->peers_n, 1);
	return &trunk->state->peers[0];
}

static void
begin_watching(const char *interval)
{
	char options[64];

	snprintf(options, sizeof(options), "options_interval = \"%s\";",
	    interval);
	begin_with(&(struct world_options){ .carrier = options });
}

/* Draining stops it: finish() sees that nothing is left to run. */
static void
finish_watching(void)
{
	calls_drain(w->calls, true);
	finish();
}

/* The next OPTIONS; it comes within that time. */
static const struct replay_sent *
asked_within(uint64_t ms)
{
	uint64_t end = w->net.timers.now + ms;

	while (w->net.looked_at == w->net.sent_n) {
		ck_assert_msg(w->net.timers.now < end, "no OPTIONS");
		wait_ms(100);
	}
	return replay_expect(&w->net, CARRIER, "OPTIONS ", NULL);
}

static void
reply(const struct replay_sent *request, const char *status, const char *fields)
{
	replay_answer(&w->net, request, status, "far", fields);
}

START_TEST(nobody_is_asked_by_default)
{
	begin();
	ck_assert_uint_eq(w->net.timers.running, 0);
	wait_ms(24 * 60 * MINUTE);
	hear_nothing();
	ck_assert_ptr_null(trunk_find(w->trunks, SPAN("pbx"))->state->peers);
	finish();
}
END_TEST

START_TEST(a_peer_is_asked_again_and_again)
{
	const struct replay_sent *request;
	uint64_t last = 0;
	int i, differ = 0;

	begin_watching("60s");
	ck_assert_int_eq(peer()->state, WATCH_WAITING);
	for (i = 0; i < 20; i++) {
		uint64_t since;

		request = asked_within(i == 0 ? 5100 : MINUTE * 9 / 8 + 100);
		since = request->at - last;
		if (i > 0) {
			ck_assert_uint_ge(since, MINUTE * 7 / 8);
			ck_assert_uint_le(since, MINUTE * 9 / 8);
			differ += since != MINUTE;
		}
		last = request->at;
		reply(request, "200 OK", "Allow: INVITE\nSupported: timer\n");
		ck_assert_int_eq(peer()->state, WATCH_UP);
	}
	ck_assert_int_gt(differ, 10);
	ck_assert_uint_eq(peer()->asked, 20);
	ck_assert_uint_eq(peer()->answered, 20);
	ck_assert_uint_eq(peer()->lost, 0);
	ck_noted("CAP-NO-REFER", "REFER: not offered (OPTIONS 200)");
	ck_assert_uint_eq(noted("CAP-NO-REFER", NULL), 1);
	finish_watching();
}
END_TEST

static const struct {
	const char *status;
	enum watch_state state;
} answers[] = {
	{ "200 OK", WATCH_UP },
	{ "401 Unauthorized", WATCH_UP },
	{ "404 Not Found", WATCH_UP },
	{ "405 Method Not Allowed", WATCH_UP },
	{ "408 Request Timeout", WATCH_DOWN },
	{ "503 Service Unavailable", WATCH_DOWN },
	{ "603 Decline", WATCH_UP },
};

START_TEST(what_answers_say)
{
	const struct replay_sent *request;
	uint64_t since;

	begin_watching("30s");
	request = asked_within(5100);
	reply(request, "100 Trying", "");
	ck_assert_int_eq(peer()->state, WATCH_WAITING);
	wait_ms(40);
	reply(request, answers[_i].status, "");
	ck_assert_int_eq(peer()->state, answers[_i].state);
	ck_assert_uint_eq(peer()->status, (unsigned)atoi(answers[_i].status));
	ck_assert_uint_ge(peer()->ms, 40);
	since = peer()->since;
	ck_assert_uint_gt(since, 0);
	/* A state that stays began when it began. */
	reply(asked_within(35000), answers[_i].status, "");
	ck_assert_uint_eq(peer()->since, since);
	finish_watching();
}
END_TEST

START_TEST(a_silent_peer_is_asked_one_at_a_time)
{
	const struct replay_sent *first, *again;

	begin_watching("1s");
	first = asked_within(1100);
	while (peer()->lost == 0) {
		ck_assert_uint_eq(peer()->asked, 1);
		wait_ms(100);
		ck_assert_uint_le(w->net.timers.now, first->at + T1_64 + 300);
	}
	ck_assert_int_eq(peer()->state, WATCH_DOWN);
	replay_skip(&w->net);
	again = asked_within(1300);
	ck_assert(!span_eq(again->view.via.branch, first->view.via.branch));
	reply(again, "200 OK", "");
	ck_assert_int_eq(peer()->state, WATCH_UP);
	/* Too late: it is nobody's. */
	reply(first, "503 Service Unavailable", "");
	ck_assert_int_eq(peer()->state, WATCH_UP);
	finish_watching();
}
END_TEST

START_TEST(a_peer_that_cannot_be_reached_is_down)
{
	struct net_path path;

	begin_watching("10s");
	w->net.error = -ECONNREFUSED;
	while (peer()->lost == 0)
		wait_ms(100);
	ck_assert_int_eq(peer()->state, WATCH_DOWN);
	ck_assert_uint_eq(peer()->status, 0);
	w->net.error = 0;
	replay_skip(&w->net);
	path = asked_within(12000)->path;
	calls_unreachable(w->calls, &path, -ECONNREFUSED);
	ck_assert_uint_eq(peer()->lost, 2);
	finish_watching();
}
END_TEST

START_TEST(reloads_do_not_make_more_of_it)
{
	const struct world_options options = {
		.carrier = "options_interval = \"60s\";" };
	int i;

	begin_with(&options);
	reply(asked_within(5100), "200 OK", "");
	for (i = 0; i < 50; i++) {
		change_trunks(&options);
		wait_ms(1000);
	}
	hear_nothing();
	ck_assert_uint_eq(peer()->asked, 1);
	ck_assert_int_eq(peer()->state, WATCH_UP);
	asked_within(15000);
	/* One that waits for its answer is left alone, and asked anew. */
	change_trunks(&options);
	ck_assert_uint_eq(transactions_active(calls_transactions(w->calls)), 0);
	reply(asked_within(MINUTE + 5100), "200 OK", "");
	ck_assert_uint_eq(peer()->answered, 2);
	/* Switched off: as if it had never been. */
	change_trunks(&(struct world_options){ .top = "" });
	ck_assert_uint_eq(w->net.timers.running, 1); /* timer K */
	wait_ms(10 * MINUTE);
	hear_nothing();
	finish();
}
END_TEST

START_TEST(draining_stops_it)
{
	const struct replay_sent *request;

	begin_watching("1s");
	request = asked_within(1100);
	calls_drain(w->calls, true);
	ck_assert_uint_eq(transactions_active(calls_transactions(w->calls)), 0);
	ck_assert_uint_eq(w->net.timers.running, 0);
	reply(request, "200 OK", "");
	ck_assert_uint_eq(
	    transactions_counters(calls_transactions(w->calls))->stray, 1);
	wait_ms(10 * MINUTE);
	hear_nothing();
	/* Nor does a reload begin it again, but the end of draining. */
	change_trunks(
	    &(struct world_options){ .carrier = "options_interval = \"1s\";" });
	wait_ms(10 * MINUTE);
	hear_nothing();
	calls_drain(w->calls, false);
	asked_within(1100);
	finish_watching();
}
END_TEST

START_TEST(it_may_end_in_the_middle)
{
	begin_watching("1s");
	asked_within(1100);
	abandon();
}
END_TEST

/* Row SFB-02: of a call, and of what only answers. */
START_TEST(capabilities_are_learnt_from_calls)
{
	const struct trunk *pbx, *carrier;

	begin();
	pbx = trunk_find(w->trunks, SPAN("pbx"));
	carrier = trunk_find(w->trunks, SPAN("carrier"));
	ck_assert_int_eq(capability_allows(pbx, SIP_METHOD_REFER),
	    CAPABILITY_UNKNOWN);
	invite("Allow: INVITE, REFER\nSupported: \n" OFFER);
	w->invite = hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	ck_assert_int_eq(
	    capability_allows(pbx, SIP_METHOD_REFER), CAPABILITY_YES);
	ck_assert_int_eq(
	    capability_supports(pbx, SIP_OPTION_TIMER), CAPABILITY_NO);
	/* A provisional says nothing, a 2xx does. */
	answer(w->invite, "180 Ringing", "Allow: INVITE\n");
	hear(CALLER, "SIP/2.0 180 ");
	ck_assert_int_eq(capability_allows(carrier, SIP_METHOD_REFER),
	    CAPABILITY_UNKNOWN);
	accept_invite("Allow: INVITE, UPDATE\n" ANSWER);
	ack(CALLER, "");
	ck_assert_int_eq(
	    capability_allows(carrier, SIP_METHOD_REFER), CAPABILITY_NO);
	ck_assert_int_eq(
	    capability_allows(carrier, SIP_METHOD_UPDATE), CAPABILITY_YES);
	ck_assert_int_eq(capability_supports(carrier, SIP_OPTION_TIMER),
	    CAPABILITY_UNKNOWN);
	ask(CALLER, "INFO", "");
	answer(hear(CALLEE, "INFO "), "405 Method Not Allowed",
	    "Allow: INVITE, REFER\n");
	hear(CALLER, "SIP/2.0 405 ");
	ck_assert_int_eq(
	    capability_allows(carrier, SIP_METHOD_REFER), CAPABILITY_YES);
	ck_assert_uint_eq(noted("CAP-NO-REFER", NULL), 1);
	hang_up();
	finish();
}
END_TEST

/* From the PBX, with that Allow. */
static void
tell_allow(const char *allow)
{
	static unsigned n;

	n++;
	say(CALLER,
	    "OPTIONS sip:x@192.0.2.1 SIP/2.0\n"
	    "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKo%u\n"
	    "From: <sip:a@x>;tag=a\nTo: <sip:b@x>\nCall-ID: o%u\n"
	    "CSeq: 1 OPTIONS\n%s",
	    n, n, allow);
	hear(CALLER, "SIP/2.0 200 ");
}

/* Devices behind one trunk that differ must not fill the journal. */
START_TEST(changes_are_noted_so_often_an_hour)
{
	const struct trunk *pbx;
	int i;

	begin();
	pbx = trunk_find(w->trunks, SPAN("pbx"));
	for (i = 0; i < 30; i++) {
		tell_allow("Allow: INVITE\n");
		tell_allow("Allow: INVITE\nAllow: refer, REFER\n");
		ck_assert_int_eq(capability_allows(pbx, SIP_METHOD_REFER),
		    CAPABILITY_YES);
	}
	ck_assert_uint_eq(noted("CAP-NO-REFER", NULL), 10);
	wait_ms(60 * MINUTE);
	tell_allow("Allow:\n");
	ck_assert_int_eq(
	    capability_allows(pbx, SIP_METHOD_INVITE), CAPABILITY_NO);
	/* Nothing said changes nothing; case counts in names of methods. */
	tell_allow("");
	tell_allow("Allow: refer\n");
	ck_assert_int_eq(
	    capability_allows(pbx, SIP_METHOD_REFER), CAPABILITY_NO);
	ck_assert_uint_eq(noted("CAP-NO-REFER", NULL), 11);
	finish();
}
END_TEST

/* More values than are kept are read again, and right. */
START_TEST(many_values_take_turns)
{
	static const char *const values[] = { "Allow: INVITE\n",
		"Allow: INVITE, REFER\n", "Allow: UPDATE\n",
		"Allow: UPDATE, REFER\n", "Allow: PRACK\n",
		"Allow: PRACK, REFER\n", "Allow: INVITE\nAllow: REFER\n" };
	const struct trunk *pbx;
	unsigned i;

	begin();
	pbx = trunk_find(w->trunks, SPAN("pbx"));
	for (i = 0; i < 40; i++) {
		unsigned at = i * i % ARRAY_LEN(values);

		tell_allow(values[at]);
		ck_assert_int_eq(capability_allows(pbx, SIP_METHOD_REFER),
		    strstr(values[at], "REFER") != NULL ? CAPABILITY_YES
							: CAPABILITY_NO);
	}
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("OPTIONS of our own");
	TCase *tc = tcase_create("watch");

	tcase_add_test(tc, nobody_is_asked_by_default);
	tcase_add_test(tc, a_peer_is_asked_again_and_again);
	tcase_add_loop_test(tc, what_answers_say, 0, ARRAY_LEN(answers));
	tcase_add_test(tc, a_silent_peer_is_asked_one_at_a_time);
	tcase_add_test(tc, a_peer_that_cannot_be_reached_is_down);
	tcase_add_test(tc, reloads_do_not_make_more_of_it);
	tcase_add_test(tc, draining_stops_it);
	tcase_add_test(tc, it_may_end_in_the_middle);
	tcase_add_test(tc, capabilities_are_learnt_from_calls);
	tcase_add_test(tc, changes_are_noted_so_often_an_hour);
	tcase_add_test(tc, many_values_take_turns);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
