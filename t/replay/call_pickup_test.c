/*
 * A call that rings and is taken by another party of the callee's trunk: an
 * INVITE with Replaces of an early dialog that we began (RFC 3891 section 3).
 */

#include <errno.h>
#include <stdio.h>

#include "agents.h"

#define TAKER  FURTHER
#define SECOND (FURTHER + 1)
#define TAKERS SDP_PORT("192.0.2.10", "4100")
#define ELSEWHERE                                                              \
	"Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"

static void
begin_with_options(const char *pbx, const char *carrier)
{
	begin_with(&(struct world_options){
	    .pbx = pbx, .carrier = carrier, .from_carrier = true });
}

static void
take(enum side side, const char *tag, const char *more, const char *rest)
{
	const struct peer *p = &w->peer[CALLEE];
	static unsigned n;
	char fields[1024];

	snprintf(w->peer[side].call_id, sizeof(w->peer[side].call_id),
	    "taker-%u@192.0.2.10", ++n);

	snprintf(fields, sizeof(fields),
	    "Replaces: %s;to-tag=%s;from-tag=%s%s\n%s", p->call_id, p->our_tag,
	    tag, more, rest);
	invite_as(side, fields);
}

/* Up to our 200 for the caller, and the CANCEL for who rings. */
static const struct replay_sent *
taken(void)
{
	const struct replay_sent *ok;

	take(TAKER, w->peer[CALLEE].tag, "", TAKERS);
	ok = hear(CALLER, "SIP/2.0 200 OK\r\n", "Contact: ", "!m=audio 4100");
	answer(hear(CALLEE, "CANCEL ", ELSEWHERE), "200 OK", "");
	hear_nothing();
	return ok;
}

static void
who_rang_ends(void)
{
	answer(w->invite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	hear_nothing();
}

/* The caller is asked for media. */
static const struct replay_sent *
asked(const char *fields)
{
	const struct replay_sent *offer;

	ack(CALLER, fields);
	offer = hear(CALLER, "INVITE ", "m=audio 4100", "!Replaces");
	hear_nothing();
	return offer;
}

static void
agreed(const struct replay_sent *offer)
{
	answer(offer, "200 OK", ANSWER);
	hear(CALLER, "ACK ");
	hear(TAKER, "SIP/2.0 200 OK\r\n", ANSWERS);
	ack(TAKER, "");
	hear_nothing();
}

static void
taker_hangs_up(void)
{
	ask(TAKER, "BYE", "");
	hear(TAKER, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	ck_ended("target-hung-up");
	ck_assert_uint_eq(calls_counters(w->calls)->failed, 0);
	finish();
}

static void
refused(enum side side, const char *start)
{
	hear(side, start, "Warning: 399 ");
	ack_failure(side);
	hear_nothing();
}

START_TEST(a_call_is_taken)
{
	begin_with_options("", "");
	ringing();
	take(TAKER, w->peer[CALLEE].tag, _i == 0 ? "" : ";early-only", TAKERS);
	hear(CALLER, "SIP/2.0 200 OK\r\n", "a=inactive\r\n",
	    "m=audio 4000 RTP/AVP 0\r\n");
	answer(hear(CALLEE, "CANCEL ", ELSEWHERE), "200 OK", "");
	who_rang_ends();
	agreed(asked(""));
	ask(CALLER, "INFO", "");
	answer(hear(TAKER, "INFO "), "200 OK", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	ck_noted("XFR-REPLACES", "CANCEL to who rings");
	ck_not_noted("DLG-UNKNOWN");
	ck_assert_uint_eq(calls_counters(w->calls)->answered, 1);
	taker_hangs_up();
}
END_TEST

/* RFC 3264 section 8: the re-INVITE goes on with what the 200 began. */
START_TEST(the_caller_has_one_session)
{
	struct sdp_origin before, after;
	const struct replay_sent *sent;
	struct sdp sdp;
	const char *fault;

	begin_with_options("", "");
	ringing();
	ck_assert(sdp_read(&sdp, taken()->msg.body, &fault));
	ck_assert(sdp_origin(&sdp, &before));
	who_rang_ends();
	sent = asked("");
	ck_assert(sdp_read(&sdp, sent->msg.body, &fault));
	ck_assert(sdp_origin(&sdp, &after));
	ck_assert(span_eq(before.session, after.session));
	ck_assert_span(before.version, "1");
	ck_assert_span(after.version, "2");
	agreed(sent);
	taker_hangs_up();
}
END_TEST

START_TEST(a_caller_without_an_offer)
{
	begin_with_options("", "");
	invite("");
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	take(TAKER, w->peer[CALLEE].tag, "", TAKERS);
	hear(CALLER, "SIP/2.0 200 OK\r\n", "m=audio 9 ");
	answer(hear(CALLEE, "CANCEL ", ELSEWHERE), "200 OK", "");
	who_rang_ends();
	agreed(asked(_i == 0 ? ANSWER : ""));
	taker_hangs_up();
}
END_TEST

/* What it has seen of the callee's media is not taken back in that dialog. */
START_TEST(a_caller_that_has_early_media)
{
	const struct replay_sent *ok;
	struct span shown;

	begin_with_options("", _i == 1 ? "forks = \"keep\";" : "");
	trying();
	answer(w->invite, "183 Session Progress", ANSWER);
	shown = hear(CALLER, "SIP/2.0 183 ", ANSWERS)->view.to_tag;
	ok = taken();
	ck_assert(!span_eq(ok->view.to_tag, shown));
	w->peer[CALLER].our_tag[0] = '\0';
	learn(CALLER, ok);
	who_rang_ends();
	agreed(asked(""));
	taker_hangs_up();
}
END_TEST

START_TEST(an_answer_that_waits_for_its_prack)
{
	char rack[256];
	const struct replay_sent *rel;

	begin_with_options("", "prack = \"supported\";");
	invite("Supported: 100rel\n" OFFER);
	hear(CALLEE, "INVITE ", OFFERS);
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "183 Session Progress", ANSWER);
	rel = hear(CALLER, "SIP/2.0 183 ", "RSeq: ");
	take(TAKER, w->peer[CALLEE].tag, "", TAKERS);
	refused(TAKER, "SIP/2.0 491 ");
	snprintf(rack, sizeof(rack), "RAck: %.*s 1 INVITE\n",
	    (int)value_of(rel, SIP_RSEQ).n, value_of(rel, SIP_RSEQ).p);
	ask(CALLER, "PRACK", rack);
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	take(TAKER, w->peer[CALLEE].tag, "", TAKERS);
	w->peer[CALLER].our_tag[0] = '\0';
	hear(CALLER, "SIP/2.0 200 OK\r\n", "a=inactive");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	who_rang_ends();
	agreed(asked(""));
	taker_hangs_up();
}
END_TEST

/* --- which dialog --- */

START_TEST(any_fork_of_it)
{
	begin_with_options("", _i == 0 ? "" : "forks = \"keep\";");
	ringing();
	answer_as(w->invite, "180 Ringing", "other-fork", "");
	hear(CALLER, "SIP/2.0 180 ");
	take(TAKER, "third-fork", "", TAKERS);
	refused(TAKER, "SIP/2.0 481 ");
	take(TAKER, "other-fork", "", TAKERS);
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	who_rang_ends();
	agreed(asked(""));
	taker_hangs_up();
}
END_TEST

START_TEST(a_call_that_does_not_ring)
{
	begin_with_options("", "");
	trying();
	take(TAKER, w->peer[CALLEE].tag, "", TAKERS);
	refused(TAKER, "SIP/2.0 481 ");
	answer(w->invite, "486 Busy Here", "");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 486 ");
	finish();
}
END_TEST

START_TEST(who_brings_no_offer)
{
	begin_with_options("", "");
	ringing();
	take(TAKER, w->peer[CALLEE].tag, "", "");
	refused(TAKER, "SIP/2.0 488 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

/* The caller's own trunk may take it only where that is allowed. */
START_TEST(a_party_of_another_trunk)
{
	begin_with_options(_i == 0 ? "" : "replaces = \"any\";", "");
	ringing();
	take(CONSULT, w->peer[CALLEE].tag, "", TAKERS);
	if (_i == 0) {
		refused(CONSULT, "SIP/2.0 481 ");
		ck_noted("XFR-REPLACES", "option replaces");
		abandon();
		return;
	}
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	abandon();
}
END_TEST

/* --- what crosses --- */

START_TEST(who_rang_answers_all_the_same)
{
	begin_with_options("", "");
	ringing();
	taken();
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	hear_nothing();
	agreed(asked(""));
	taker_hangs_up();
}
END_TEST

START_TEST(who_rang_says_nothing_more)
{
	begin_with_options("", "");
	ringing();
	taken();
	agreed(asked(""));
	wait_ms(T1_64 + 300);
	hear_nothing();
	taker_hangs_up();
}
END_TEST

START_TEST(a_second_one_comes_too_late)
{
	begin_with_options("", "");
	ringing();
	taken();
	take(SECOND, w->peer[CALLEE].tag, "", TAKERS);
	refused(SECOND, "SIP/2.0 603 ");
	who_rang_ends();
	take(SECOND, w->peer[CALLEE].tag, "", TAKERS);
	refused(SECOND, "SIP/2.0 481 ");
	agreed(asked(""));
	taker_hangs_up();
}
END_TEST

START_TEST(the_caller_gives_up_before)
{
	begin_with_options("", "");
	ringing();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_failure("SIP/2.0 487 ");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	take(TAKER, w->peer[CALLEE].tag, "", TAKERS);
	refused(TAKER, "SIP/2.0 603 ");
	who_rang_ends();
	finish();
}
END_TEST

/* Its CANCEL has crossed our 200. */
START_TEST(the_caller_gives_up_behind)
{
	const struct replay_sent *offer;

	begin_with_options("", "");
	ringing();
	taken();
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 OK\r\n", "CSeq: 1 CANCEL");
	who_rang_ends();
	offer = asked("");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	hear(TAKER, "SIP/2.0 487 ");
	ack_failure(TAKER);
	answer(offer, "487 Request Terminated", "");
	hear(CALLER, "ACK ");
	finish();
}
END_TEST

START_TEST(the_taker_gives_up)
{
	begin_with_options("", "");
	ringing();
	taken();
	who_rang_ends();
	if (_i == 1) {
		const struct replay_sent *offer = asked("");

		cancel(TAKER, "");
		hear(TAKER, "SIP/2.0 200 OK\r\n");
		hear_nothing();
		answer(offer, "100 Trying", "");
		answer(hear(CALLER, "CANCEL "), "200 OK", "");
		answer(offer, "487 Request Terminated", "");
		hear(CALLER, "ACK ");
		hear(TAKER, "SIP/2.0 487 ");
		ack_failure(TAKER);
	} else {
		cancel(TAKER, "");
		hear(TAKER, "SIP/2.0 200 OK\r\n");
		hear(TAKER, "SIP/2.0 487 ");
		ack_failure(TAKER);
		hear_nothing();
		ack(CALLER, "");
	}
	answer(hear(CALLER, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(the_caller_refuses_its_media)
{
	begin_with_options("", "");
	ringing();
	taken();
	who_rang_ends();
	answer(asked(""), "488 Not Acceptable Here", "");
	hear(CALLER, "ACK ");
	hear(TAKER, "SIP/2.0 488 ");
	ack_failure(TAKER);
	answer(hear(CALLER, "BYE "), "200 OK", "");
	ck_ended("pickup-failed");
	finish();
}
END_TEST

START_TEST(the_caller_never_acks)
{
	begin_with_options("", "");
	ringing();
	taken();
	who_rang_ends();
	wait_ms(T1_64 + 300);
	ck_assert_uint_gt(replay_skip(&w->net), 5);
	ck_noted("DLG-ACK-TARGET", NULL);
	abandon();
}
END_TEST

START_TEST(the_caller_hangs_up_at_once)
{
	begin_with_options("", "");
	ringing();
	taken();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	hear(TAKER, "SIP/2.0 487 ");
	ack_failure(TAKER);
	who_rang_ends();
	ack(CALLER, "");
	hear_nothing();
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

/* --- between agents that answer by themselves, in either order --- */

static void
callee_answers(void)
{
	agents[CALLEE].rings = false;
	agents_pick_up();
}

static void
caller_cancels(void)
{
	agent_cancel(CALLER);
}

static void
taker_cancels(void)
{
	agent_cancel(TAKER);
}

static void
a_reload(void)
{
	change_trunks(&(struct world_options){ .from_carrier = true });
}

static void
nothing(void)
{
}

static void (*const meanwhile[])(void) = { nothing, callee_answers,
	caller_cancels, taker_cancels, a_reload };

START_TEST(whatever_comes_in_between)
{
	int what = _i % (int)ARRAY_LEN(meanwhile);
	int when = _i / (int)ARRAY_LEN(meanwhile);
	char fields[512];

	begin_with_options("", "");
	agents_begin("whatever comes in between");
	agents[CALLEE].rings = true;
	agent_invite(CALLER, "");
	agents_run(false);
	if (when == 0 && meanwhile[what] != taker_cancels)
		meanwhile[what]();
	snprintf(fields, sizeof(fields),
	    "Replaces: %s;to-tag=%s;from-tag=callee-tag\n",
	    w->peer[CALLEE].call_id, w->peer[CALLEE].our_tag);
	strcpy(w->peer[TAKER].call_id, "taker@192.0.2.10");
	agent_invite(TAKER, fields);
	if (when == 1)
		meanwhile[what]();
	if (when == 2) {
		agent_do_next(CALLER);
		meanwhile[what]();
	}
	agents_run(when == 1);
	agents_wait(10000, false);
	agents_finish(false);
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("call_pickup");
	TCase *taking = tcase_create("taking");
	TCase *which = tcase_create("which");
	TCase *crossing = tcase_create("crossing");

	tcase_add_loop_test(taking, a_call_is_taken, 0, 2);
	tcase_add_test(taking, the_caller_has_one_session);
	tcase_add_loop_test(taking, a_caller_without_an_offer, 0, 2);
	tcase_add_loop_test(taking, a_caller_that_has_early_media, 0, 2);
	tcase_add_test(taking, an_answer_that_waits_for_its_prack);
	tcase_add_loop_test(which, any_fork_of_it, 0, 2);
	tcase_add_test(which, a_call_that_does_not_ring);
	tcase_add_test(which, who_brings_no_offer);
	tcase_add_loop_test(which, a_party_of_another_trunk, 0, 2);
	tcase_add_test(crossing, who_rang_answers_all_the_same);
	tcase_add_test(crossing, who_rang_says_nothing_more);
	tcase_add_test(crossing, a_second_one_comes_too_late);
	tcase_add_test(crossing, the_caller_gives_up_before);
	tcase_add_test(crossing, the_caller_gives_up_behind);
	tcase_add_loop_test(crossing, the_taker_gives_up, 0, 2);
	tcase_add_test(crossing, the_caller_refuses_its_media);
	tcase_add_test(crossing, the_caller_never_acks);
	tcase_add_test(crossing, the_caller_hangs_up_at_once);
	tcase_add_loop_test(crossing, whatever_comes_in_between, 0,
	    3 * (int)ARRAY_LEN(meanwhile));
	suite_add_tcase(suite, taking);
	suite_add_tcase(suite, which);
	suite_add_tcase(suite, crossing);
	return unit_run(suite);
}
