/* Session timers (RFC 4028): what is asked for and
 * granted, and who keeps it up. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

/* Both sides have timers of 100 s: due at 50 s, over at 100 - 32 s. */
#define INTERVAL 100
#define HALF_MS  (INTERVAL * 500)
#define END_MS   ((INTERVAL - 32) * 1000)
#define LATER    300 /* the timers have that much slack */

#define TIMER     "Supported: timer\n"
#define ALLOW     "Allow: INVITE, ACK, BYE, UPDATE\n"
#define WE_KEEP   "Session-Expires: 100;refresher=uac\n"
#define PEER_KEEPS "Session-Expires: 100;refresher=uas\n"
#define OPTIONS_100 "session_expires = \"100s\";"

static void
begin_100(void)
{
	begin_with(&(struct world_options){
	    .pbx = OPTIONS_100, .carrier = OPTIONS_100 });
}

/* A call whose INVITE and 200 carry these fields besides. */
static void
up_with(const char *asked, const char *granted)
{
	char fields[1024];

	snprintf(fields, sizeof(fields), "%s%s", asked, OFFER);
	invite(fields);
	hear(CALLEE, "INVITE ", OFFERS);
	hear(CALLER, "SIP/2.0 100 ");
	snprintf(fields, sizeof(fields), "%s%s", granted, ANSWER);
	answer(w->invite, "200 OK", fields);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	ack(CALLER, "");
	hear_nothing();
}

/* The carrier's leg has a timer that we keep up, the caller's has none. */
static void
up_kept_by_us(const char *more)
{
	char fields[256];

	begin_100();
	snprintf(fields, sizeof(fields), TIMER WE_KEEP "%s", more);
	up_with("", fields);
}

/* The carrier's leg has a timer that the carrier keeps up. */
static void
up_kept_by_peer(void)
{
	begin_100();
	up_with("", TIMER ALLOW PEER_KEEPS "Require: timer\n");
}

static void
end_well(void)
{
	hear_nothing();
	ck_assert_uint_eq(calls_count(w->calls), 1);
	hang_up();
	ck_ended("caller-hung-up");
	finish();
}

/* Lets time pass until something is sent: before `ms` are over, but not before
 * `least`. */
static void
wait_sent(uint64_t least, uint64_t ms)
{
	uint64_t start = w->net.timers.now;

	hear_nothing();
	while (w->net.looked_at == w->net.sent_n &&
	    w->net.timers.now < start + ms)
		wait_ms(10);
	ck_assert_uint_lt(w->net.looked_at, w->net.sent_n);
	ck_assert_uint_ge(w->net.timers.now, start + least);
}

/* The same for something else than this request again and again. */
static void
wait_sent_but(const char *start, uint64_t ms)
{
	uint64_t end = w->net.timers.now + ms;

	do {
		wait_sent(0, end - w->net.timers.now);
		if (!span_starts(w->net.sent[w->net.looked_at]->bytes,
			span_of(start)))
			return;
		w->net.looked_at++;
	} while (true);
}

/* Both legs are hung up by us. */
static void
end_by_us(const char *reason)
{
	answer(hear(CALLER, "BYE ", "Reason: Q.850;cause=102"), "200 OK", "");
	answer(hear(CALLEE, "BYE ", "Reason: Q.850;cause=102"), "200 OK", "");
	hear_nothing();
	ck_ended(reason);
	/* A request that nobody answered may still be sent again. */
	wait_ms(T1_64);
	replay_skip(&w->net);
	finish();
}

static const struct replay_sent *
refreshed(const char *start)
{
	hear_nothing();
	wait_ms(HALF_MS + LATER);
	return hear(CALLEE, start, "Supported: replaces, timer\r\n",
	    "Session-Expires: 100;refresher=uac\r\n", "Contact: <sip:",
	    "!Require");
}

/* --- what is asked for --- */

START_TEST(a_plain_call_is_asked_and_has_none)
{
	uint32_t at = 0;

	begin();
	invite(OFFER);
	hear(CALLEE, "INVITE ", "Supported: replaces, timer\r\n",
	    "Session-Expires: 1800\r\n", "!Min-SE");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "!Session-Expires", "!Require");
	ack(CALLER, "");
	ck_noted_of("200 INVITE", "DLG-TIMER-STRIPPED");
	ck_not_noted("DLG-422");
	ck_assert_ptr_null(slab_next(&w->calls->refreshes, &at));
	wait_ms(86400000);
	end_well();
}
END_TEST

static const struct {
	const char *options, *fields;
} asking[] = {
	{ "session_expires = \"0s\";", "!Session-Expires" },
	{ "session_expires = \"0s\";", "Supported: replaces\r\n" },
	{ "session_expires = \"2h\"; session_minimum = \"10m\";",
	    "Min-SE: 600\r\n" },
	{ "session_refresher = \"us\";",
	    "Session-Expires: 1800;refresher=uac\r\n" },
	{ "session_refresher = \"peer\";",
	    "Session-Expires: 1800;refresher=uas\r\n" },
};

START_TEST(options_decide_what_is_asked)
{
	begin_with(
	    &(struct world_options){ .carrier = asking[_i].options });
	invite(OFFER);
	hear(CALLEE, "INVITE ", asking[_i].fields);
	abandon();
}
END_TEST

/* --- what is granted --- */

static const struct {
	const char *options, *asked, *granted, *require;
} granting[] = {
	/* Nobody who does not know timers gets one. */
	{ "", "", "!Session-Expires", "!Require" },
	{ "", "Session-Expires: 1800\n", "!Session-Expires", "!Require" },
	{ "", "Session-Expires: abc\n", "!Session-Expires", "!Require" },
	{ "", "Session-Expires: abc\n" TIMER,
	    "Session-Expires: 1800;refresher=uas\r\n", "!Require" },
	/* Who knows them and does not ask, by the option. */
	{ "", TIMER, "Session-Expires: 1800;refresher=uas\r\n", "!Require" },
	{ "session_refresher = \"peer\";", TIMER,
	    "Session-Expires: 1800;refresher=uac\r\n", "Require: timer\r\n" },
	{ "session_expires = \"0s\";", TIMER, "!Session-Expires", "!Require" },
	{ "", TIMER "Min-SE: 2000\n", "Session-Expires: 2000;refresher=uas\r\n",
	    "!Require" },
	/* Who asks gets it, and the refresher that it named. */
	{ "", TIMER "Session-Expires: 600;refresher=uac\n",
	    "Session-Expires: 600;refresher=uac\r\n", "Require: timer\r\n" },
	{ "session_refresher = \"peer\";",
	    TIMER "Session-Expires: 600;refresher=uas\n",
	    "Session-Expires: 600;refresher=uas\r\n", "!Require" },
	{ "session_expires = \"0s\";", "k: timer\nx: 600\n",
	    "Session-Expires: 600;refresher=uas\r\n", "!Require" },
	{ "session_expires = \"0s\";", TIMER "Session-Expires: 86400\n",
	    "Session-Expires: 86400;refresher=uas\r\n", "!Require" },
	/* Shorter than it asked for, but never below its Min-SE. */
	{ "", TIMER "Session-Expires: 86400\n",
	    "Session-Expires: 1800;refresher=uas\r\n", "!Require" },
	{ "", TIMER "Session-Expires: 86400\nMin-SE: 3600\n",
	    "Session-Expires: 3600;refresher=uas\r\n", "!Require" },
	{ "", TIMER "Session-Expires: 4294967295;refresher=uac\nMin-SE: "
		    "4294967295\n",
	    "Session-Expires: 4294967295;refresher=uac\r\n",
	    "Require: timer\r\n" },
};

START_TEST(what_is_granted)
{
	char fields[512];

	begin_with(&(struct world_options){ .pbx = granting[_i].options });
	snprintf(
	    fields, sizeof(fields), "%s%s", granting[_i].asked, OFFER);
	invite(fields);
	/* Nothing of it passes. */
	hear(CALLEE, "INVITE ", "Session-Expires: 1800\r\n", "!Min-SE");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", granting[_i].granted,
	    granting[_i].require);
	ack(CALLER, "");
	end_well();
}
END_TEST

START_TEST(too_short_is_422)
{
	begin();
	invite(TIMER "Session-Expires: 89\n" OFFER);
	hear_failure("SIP/2.0 422 ", "Min-SE: 90\r\n", "Warning: 399 ",
	    "DLG-422");
	ck_noted("DLG-422", "89 s");
	ck_assert_uint_eq(calls_count(w->calls), 0);
	invite(TIMER "Session-Expires: 0\n" OFFER);
	hear_failure("SIP/2.0 422 ", "Min-SE: 90\r\n");
	finish();
}
END_TEST

START_TEST(too_short_inside_is_422)
{
	begin();
	up();
	ask(CALLER, "INVITE", TIMER "Session-Expires: 89\n" OFFER);
	hear_failure("SIP/2.0 422 ", "Min-SE: 90\r\n");
	ask(CALLEE, "UPDATE", TIMER "Session-Expires: 89\n");
	hear(CALLEE, "SIP/2.0 422 ", "Min-SE: 90\r\n");
	end_well();
}
END_TEST

START_TEST(an_orphan_is_removed_and_said_once)
{
	begin();
	up_with("Session-Expires: 90\nMin-SE: 90\n", "");
	ck_noted("DLG-422", "orphan Session-Expires: 90 removed");
	ask(CALLER, "UPDATE", "Session-Expires: 90\n");
	hear(CALLER, "SIP/2.0 200 ", "!Session-Expires");
	ask(CALLER, "INVITE", "Session-Expires: 90\n" OFFER);
	answer(hear(CALLEE, "INVITE ", "!Session-Expires"), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ck_assert_uint_eq(noted("DLG-422", NULL), 1);
	end_well();
}
END_TEST

/* --- 422 from the callee --- */

START_TEST(a_422_is_met_with_a_longer_interval)
{
	begin_100();
	trying();
	answer(w->invite, "422 Session Interval Too Small", "Min-SE: 1800\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ", "CSeq: 2 INVITE\r\n", "Session-Expires: 1800\r\n",
	    "Min-SE: 1800\r\n", "Supported: replaces, timer\r\n", OFFERS);
	hear_nothing();
	accept_invite(TIMER WE_KEEP ANSWER);
	ack(CALLER, "");
	ck_noted("DLG-422", "1800");
	/* Refreshes say it again (section 7.4). */
	wait_ms(HALF_MS + LATER);
	hear(CALLEE, "INVITE ", "Min-SE: 1800\r\n",
	    "Session-Expires: 1800;refresher=uac\r\n");
	abandon();
}
END_TEST

static const char *const no_longer[] = { "", "Min-SE: 100\n", "Min-SE: x\n",
	"Min-SE: 50\n" };

START_TEST(a_422_that_asks_for_nothing)
{
	begin_100();
	trying();
	answer(w->invite, "422 Session Interval Too Small", no_longer[_i]);
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 500 ", "DLG-422");
	ck_ended("session-interval");
	finish();
}
END_TEST

START_TEST(a_second_422)
{
	begin_100();
	trying();
	answer(w->invite, "422 Session Interval Too Small", "Min-SE: 1800\n");
	hear(CALLEE, "ACK ");
	hear(CALLEE, "INVITE ");
	answer(w->invite, "422 Session Interval Too Small", "Min-SE: 3600\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 500 ", "DLG-422");
	finish();
}
END_TEST

START_TEST(a_422_to_a_request_that_passes)
{
	begin();
	up();
	ask(CALLER, "INVITE", OFFER);
	answer(hear(CALLEE, "INVITE ", "!Session-Expires"),
	    "422 Session Interval Too Small", "Min-SE: 1800\n");
	hear(CALLEE, "ACK ");
	hear_failure("SIP/2.0 500 ", "Retry-After: ", "DLG-422");
	ask(CALLER, "INVITE", OFFER);
	answer(hear(CALLEE, "INVITE ", "Session-Expires: 1800\r\n",
		   "Min-SE: 1800\r\n"),
	    "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	end_well();
}
END_TEST

/* --- a refresh of ours --- */

START_TEST(by_update)
{
	const struct replay_sent *sent;
	unsigned i;

	up_kept_by_us(ALLOW);
	for (i = 0; i < 3; i++) {
		sent = refreshed("UPDATE ");
		ck_assert(span_empty(sent->msg.body));
		answer(sent, "200 OK", TIMER WE_KEEP);
	}
	end_well();
}
END_TEST

START_TEST(by_reinvite_without_allow)
{
	const struct replay_sent *sent, *first;
	unsigned i;

	up_kept_by_us("");
	first = w->invite;
	for (i = 0; i < 3; i++) {
		sent = refreshed("INVITE ");
		ck_assert(span_eq(sent->msg.body, first->msg.body));
		ck_assert(span_eq(sent->view.call_id, first->view.call_id));
		answer(sent, "200 OK", TIMER WE_KEEP ANSWER);
		hear(CALLEE, "ACK ", "Content-Length: 0\r\n");
	}
	end_well();
}
END_TEST

/* RFC 3261 section 12.1.2: it may be of RFC 2543. */
START_TEST(of_a_dialog_without_the_peers_tag)
{
	begin_100();
	w->peer[CALLEE].tag = "";
	up_with("", TIMER WE_KEEP);
	answer(refreshed("INVITE "), "200 OK", TIMER WE_KEEP ANSWER);
	hear(CALLEE, "ACK ", "!;tag=\r\n");
	end_well();
}
END_TEST

START_TEST(toward_the_caller)
{
	const struct replay_sent *sent;

	begin_100();
	up_with(TIMER, "");
	wait_ms(HALF_MS + LATER);
	sent = hear(CALLER, "INVITE ", "Session-Expires: 100;refresher=uac\r\n",
	    ANSWERS);
	answer(sent, "200 OK", TIMER WE_KEEP OFFER);
	hear(CALLER, "ACK ");
	end_well();
}
END_TEST

static const struct {
	const char *option, *allow, *start;
} methods[] = {
	{ "session_refresh = \"update\";", "", "UPDATE " },
	{ "session_refresh = \"invite\";", ALLOW, "INVITE " },
	{ "session_refresh = \"auto\";", "Allow: INVITE, BYE\n", "INVITE " },
	{ "session_refresh = \"auto\";", ALLOW, "UPDATE " },
};

START_TEST(options_decide_the_method)
{
	char option[256], fields[256];

	snprintf(option, sizeof(option), OPTIONS_100 " %s", methods[_i].option);
	begin_with(&(struct world_options){ .carrier = option });
	snprintf(fields, sizeof(fields), TIMER WE_KEEP "%s", methods[_i].allow);
	up_with("", fields);
	refreshed(methods[_i].start);
	abandon();
}
END_TEST

START_TEST(an_update_that_is_not_understood)
{
	const struct replay_sent *sent;

	up_kept_by_us(ALLOW);
	answer(refreshed("UPDATE "), "501 Not Implemented", "");
	wait_ms(LATER);
	sent = hear(CALLEE, "INVITE ", OFFERS);
	answer(sent, "200 OK", TIMER WE_KEEP ANSWER);
	hear(CALLEE, "ACK ");
	refreshed("INVITE ");
	abandon();
}
END_TEST

START_TEST(a_refresh_without_a_grant_is_the_last)
{
	up_kept_by_us(ALLOW);
	answer(refreshed("UPDATE "), "200 OK", "");
	wait_ms(10 * INTERVAL * 1000);
	end_well();
}
END_TEST

START_TEST(us_keeps_a_timer_that_nobody_wants)
{
	begin_with(&(struct world_options){
	    .carrier = OPTIONS_100 " session_refresher = \"us\";" });
	up_with("", TIMER ALLOW);
	answer(refreshed("UPDATE "), "200 OK", TIMER);
	answer(refreshed("UPDATE "), "200 OK", TIMER);
	end_well();
}
END_TEST

START_TEST(the_interval_changes_on_the_way)
{
	up_kept_by_us(ALLOW);
	answer(refreshed("UPDATE "), "200 OK",
	    TIMER "Session-Expires: 200;refresher=uac\n");
	wait_ms(HALF_MS + LATER);
	hear_nothing();
	wait_ms(HALF_MS);
	answer(hear(CALLEE, "UPDATE ", "Session-Expires: 200;refresher=uac\r\n"),
	    "200 OK", TIMER "Session-Expires: 5;refresher=uac\n");
	/* Nobody makes us refresh more often than our own minimum. */
	wait_ms(44000);
	hear_nothing();
	wait_ms(1000 + LATER);
	hear(CALLEE, "UPDATE ");
	abandon();
}
END_TEST

START_TEST(the_roles_change_on_the_way)
{
	up_kept_by_us(ALLOW);
	answer(refreshed("UPDATE "), "200 OK", TIMER PEER_KEEPS);
	wait_ms(HALF_MS + LATER);
	hear_nothing();
	ask(CALLEE, "UPDATE", TIMER "Session-Expires: 100;refresher=uas\n");
	hear(CALLEE, "SIP/2.0 200 ", "Session-Expires: 100;refresher=uas\r\n",
	    "!Require");
	answer(refreshed("UPDATE "), "200 OK", TIMER WE_KEEP);
	end_well();
}
END_TEST

/* --- a refresh of ours that fails --- */

static const char *const gone[] = { "408 Request Timeout",
	"481 Call Does Not Exist" };

START_TEST(a_refresh_says_that_the_call_is_gone)
{
	up_kept_by_us(ALLOW);
	answer(refreshed("UPDATE "), gone[_i], "");
	end_by_us("peer-gone");
}
END_TEST

START_TEST(nobody_answers_a_refresh)
{
	begin_with(&(struct world_options){
	    .carrier = "session_expires = \"10m\";" });
	up_with("", TIMER "Session-Expires: 600;refresher=uac\n");
	wait_ms(300000 + LATER);
	hear(CALLEE, "INVITE ");
	wait_sent_but("INVITE ", T1_64);
	ck_noted("DLG-PEER-GONE", "a refresh of the session");
	end_by_us("peer-gone");
}
END_TEST

START_TEST(the_session_ends_before_a_refresh_is_answered)
{
	up_kept_by_us(ALLOW);
	refreshed("UPDATE ");
	wait_sent_but("UPDATE ", END_MS - HALF_MS);
	ck_noted("DLG-SESSION-EXPIRED", "accepted no refresh");
	end_by_us("session-expired");
}
END_TEST

START_TEST(a_refused_refresh_is_tried_again)
{
	up_kept_by_us(ALLOW);
	answer(refreshed("UPDATE "), "500 Server Internal Error", "");
	hear_nothing();
	/* Half of what is left: 18 s, 9 s. */
	wait_sent(8500, 9000 + LATER);
	answer(hear(CALLEE, "UPDATE "), "488 Not Acceptable Here", "");
	wait_sent(4000, 5000);
	answer(hear(CALLEE, "UPDATE "), "200 OK", TIMER WE_KEEP);
	answer(refreshed("UPDATE "), "200 OK", TIMER WE_KEEP);
	end_well();
}
END_TEST

START_TEST(each_refresh_is_refused)
{
	unsigned tries = 0;

	up_kept_by_us(ALLOW);
	wait_sent(HALF_MS, HALF_MS + LATER);
	while (span_starts(
	    w->net.sent[w->net.looked_at]->bytes, SPAN("UPDATE "))) {
		answer(hear(CALLEE, "UPDATE "), "500 Server Internal Error",
		    "");
		wait_sent(0, END_MS - HALF_MS);
		tries++;
	}
	ck_assert_uint_gt(tries, 3);
	ck_assert_uint_lt(tries, 10);
	end_by_us("session-expired");
}
END_TEST

START_TEST(a_refresh_meets_422)
{
	up_kept_by_us(ALLOW);
	answer(refreshed("UPDATE "), "422 Session Interval Too Small",
	    "Min-SE: 300\n");
	wait_ms(LATER);
	answer(hear(CALLEE, "UPDATE ", "Min-SE: 300\r\n",
		   "Session-Expires: 300;refresher=uac\r\n"),
	    "200 OK", TIMER "Session-Expires: 300;refresher=uac\n");
	wait_ms(150000 + LATER);
	hear(CALLEE, "UPDATE ", "Session-Expires: 300;");
	abandon();
}
END_TEST

/* The callee's Call-ID is ours: 2.1 to 4 s; the caller's is its own: 0 to 2
 * s. */
START_TEST(a_refresh_meets_491)
{
	enum side side = (enum side)_i;
	const struct replay_sent *sent;

	begin_100();
	if (side == CALLER)
		up_with(TIMER, "");
	else
		up_with("", TIMER WE_KEEP);
	wait_ms(HALF_MS + LATER);
	answer(hear(side, "INVITE "), "491 Request Pending", "");
	hear(side, "ACK ");
	if (side == CALLEE)
		wait_sent(2100, 4001);
	else
		wait_sent(0, 2001);
	sent = hear(side, "INVITE ");
	answer(sent, "200 OK",
	    side == CALLER ? TIMER WE_KEEP OFFER : TIMER WE_KEEP ANSWER);
	hear(side, "ACK ");
	end_well();
}
END_TEST

/* --- a refresh of the peer --- */

START_TEST(the_peer_refreshes_by_update)
{
	unsigned i;

	up_kept_by_peer();
	for (i = 0; i < 3; i++) {
		wait_ms(HALF_MS + LATER);
		hear_nothing();
		ask(CALLEE, "UPDATE",
		    TIMER "Session-Expires: 100;refresher=uac\n");
		hear(CALLEE, "SIP/2.0 200 ", "Require: timer\r\n",
		    "Session-Expires: 100;refresher=uac\r\n",
		    "Contact: <sip:");
	}
	end_well();
}
END_TEST

START_TEST(the_peer_refreshes_by_the_same_reinvite)
{
	const struct replay_sent *sent;
	unsigned i;

	up_kept_by_peer();
	for (i = 0; i < 3; i++) {
		wait_ms(HALF_MS + LATER);
		ask(CALLEE, "INVITE",
		    TIMER "Session-Expires: 100;refresher=uac\n" ANSWER);
		sent = hear(CALLEE, "SIP/2.0 200 ", "Require: timer\r\n",
		    "Session-Expires: 100;refresher=uac\r\n", OFFERS);
		ck_assert(span_eq(sent->msg.body, w->invite->msg.body));
		hear_nothing();
		ack(CALLEE, "");
	}
	end_well();
}
END_TEST

START_TEST(the_peer_refreshes_by_another_reinvite)
{
	up_kept_by_peer();
	wait_ms(HALF_MS);
	ask(CALLEE, "INVITE",
	    TIMER "Session-Expires: 100;refresher=uac\n" SDP_PORT(
		"198.51.100.20", "6002"));
	answer(hear(CALLER, "INVITE ", "!Session-Expires"), "200 OK", OFFER);
	hear(CALLER, "ACK ");
	hear(CALLEE, "SIP/2.0 200 ", "Require: timer\r\n",
	    "Session-Expires: 100;refresher=uac\r\n");
	ack(CALLEE, "");
	wait_ms(HALF_MS);
	end_well();
}
END_TEST

/* A change that is refused refreshes nothing. */
START_TEST(a_refused_reinvite_is_no_refresh)
{
	up_kept_by_peer();
	wait_ms(HALF_MS);
	ask(CALLEE, "INVITE",
	    TIMER "Session-Expires: 100;refresher=uac\n" SDP_PORT(
		"198.51.100.20", "6002"));
	answer(hear(CALLER, "INVITE "), "488 Not Acceptable Here", "");
	hear(CALLER, "ACK ");
	hear(CALLEE, "SIP/2.0 488 ");
	ack_failure(CALLEE);
	wait_ms(END_MS - HALF_MS + LATER);
	end_by_us("session-expired");
}
END_TEST

START_TEST(the_peer_does_not_refresh)
{
	up_kept_by_peer();
	wait_ms(END_MS - LATER);
	hear_nothing();
	wait_ms(2 * LATER);
	ck_noted("DLG-SESSION-EXPIRED", "no refresh of the peer");
	end_by_us("session-expired");
}
END_TEST

/* What passes to a leg with a timer is a refresh too, and must not end it. */
START_TEST(a_reinvite_that_passes_refreshes)
{
	up_kept_by_us(ALLOW);
	wait_ms(HALF_MS - 1000);
	ask(CALLER, "INVITE", SDP_PORT("192.0.2.10", "4002"));
	answer(hear(CALLEE, "INVITE ", "Session-Expires: 100;refresher=uac\r\n",
		   "Supported: replaces, timer\r\n"),
	    "200 OK", TIMER WE_KEEP ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "!Session-Expires");
	ack(CALLER, "");
	wait_ms(HALF_MS - 1000);
	hear_nothing();
	wait_ms(1000 + LATER);
	answer(hear(CALLEE, "UPDATE "), "200 OK", TIMER WE_KEEP);
	end_well();
}
END_TEST

/* --- suite --- */

static TCase *
interval_tests(void)
{
	TCase *tc = tcase_create("interval");

	tcase_add_test(tc, a_plain_call_is_asked_and_has_none);
	tcase_add_loop_test(tc, options_decide_what_is_asked, 0,
	    (int)ARRAY_LEN(asking));
	tcase_add_loop_test(
	    tc, what_is_granted, 0, (int)ARRAY_LEN(granting));
	tcase_add_test(tc, too_short_is_422);
	tcase_add_test(tc, too_short_inside_is_422);
	tcase_add_test(tc, an_orphan_is_removed_and_said_once);
	tcase_add_test(tc, a_422_is_met_with_a_longer_interval);
	tcase_add_loop_test(tc, a_422_that_asks_for_nothing, 0,
	    (int)ARRAY_LEN(no_longer));
	tcase_add_test(tc, a_second_422);
	tcase_add_test(tc, a_422_to_a_request_that_passes);
	return tc;
}

static TCase *
our_tests(void)
{
	TCase *tc = tcase_create("ours");

	tcase_add_test(tc, by_update);
	tcase_add_test(tc, by_reinvite_without_allow);
	tcase_add_test(tc, of_a_dialog_without_the_peers_tag);
	tcase_add_test(tc, toward_the_caller);
	tcase_add_loop_test(
	    tc, options_decide_the_method, 0, (int)ARRAY_LEN(methods));
	tcase_add_test(tc, an_update_that_is_not_understood);
	tcase_add_test(tc, a_refresh_without_a_grant_is_the_last);
	tcase_add_test(tc, us_keeps_a_timer_that_nobody_wants);
	tcase_add_test(tc, the_interval_changes_on_the_way);
	tcase_add_test(tc, the_roles_change_on_the_way);
	tcase_add_loop_test(tc, a_refresh_says_that_the_call_is_gone, 0, 2);
	tcase_add_test(tc, nobody_answers_a_refresh);
	tcase_add_test(tc, the_session_ends_before_a_refresh_is_answered);
	tcase_add_test(tc, a_refused_refresh_is_tried_again);
	tcase_add_test(tc, each_refresh_is_refused);
	tcase_add_test(tc, a_refresh_meets_422);
	tcase_add_loop_test(tc, a_refresh_meets_491, 0, SIDES);
	return tc;
}

static TCase *
peer_tests(void)
{
	TCase *tc = tcase_create("the peer's");

	tcase_add_test(tc, the_peer_refreshes_by_update);
	tcase_add_test(tc, the_peer_refreshes_by_the_same_reinvite);
	tcase_add_test(tc, the_peer_refreshes_by_another_reinvite);
	tcase_add_test(tc, a_refused_reinvite_is_no_refresh);
	tcase_add_test(tc, the_peer_does_not_refresh);
	tcase_add_test(tc, a_reinvite_that_passes_refreshes);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("session timers");

	suite_add_tcase(suite, interval_tests());
	suite_add_tcase(suite, our_tests());
	suite_add_tcase(suite, peer_tests());
	return unit_run(suite);
}
