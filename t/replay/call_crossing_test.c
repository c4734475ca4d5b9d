/* Session timers (RFC 4028) beside what else goes on in
 * a call, in either order. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

#define HALF_MS 50000
#define END_MS  68000
#define LATER   300

#define TIMER      "Supported: timer\n"
#define ALLOW      "Allow: INVITE, ACK, BYE, UPDATE\n"
#define WE_KEEP    TIMER "Session-Expires: 100;refresher=uac\n"
#define PEER_KEEPS TIMER "Session-Expires: 100;refresher=uas\n"
#define OPTIONS_100 "session_expires = \"100s\";"
#define OFFER_2   SDP_PORT("192.0.2.10", "4002")
#define ANSWER_2  SDP_PORT("198.51.100.20", "6002")
#define OFFERS_2  "m=audio 4002"
#define ANSWERS_2 "m=audio 6002"

/* By which method the callee's leg is refreshed. */
static const struct {
	const char *allow, *method;
} ways[] = {
	{ ALLOW, "UPDATE " },
	{ "", "INVITE " },
};
#define BY_UPDATE 0
#define BY_INVITE 1
#define WAYS      2

static const struct replay_sent *due;
static const char *callee_sdp = ANSWER;

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

static void
up_by(int way, enum net_transport transport)
{
	char fields[512];

	begin_with(&(struct world_options){ .pbx = OPTIONS_100,
	    .carrier = OPTIONS_100,
	    .transport = transport });
	snprintf(fields, sizeof(fields), WE_KEEP "%s", ways[way].allow);
	up_with("", fields);
}

/* Our refresh of the callee's leg is on its way: `due`. */
static void
refreshing(int way)
{
	up_by(way, NET_UDP);
	wait_ms(HALF_MS + LATER);
	due = hear(CALLEE, ways[way].method);
	hear_nothing();
}

static void
refresh_is_answered(int way)
{
	char fields[512];

	snprintf(fields, sizeof(fields), WE_KEEP "%s", callee_sdp);
	answer(due, "200 OK", way == BY_UPDATE ? WE_KEEP : fields);
	if (way == BY_INVITE)
		hear(CALLEE, "ACK ");
}

static void
end_well(void)
{
	hear_nothing();
	ck_assert_uint_eq(calls_count(w->calls), 1);
	hang_up();
	ck_ended("caller-hung-up");
	wait_ms(T1_64);
	replay_skip(&w->net);
	finish();
}

/* Lets time pass until something is sent. */
static void
wait_sent(uint64_t ms)
{
	uint64_t end = w->net.timers.now + ms;

	while (w->net.looked_at == w->net.sent_n && w->net.timers.now < end)
		wait_ms(10);
}

static const struct replay_sent *
wait_for(enum side side, const char *start, uint64_t ms)
{
	wait_sent(ms);
	return hear(side, start);
}

/* The timer goes on: one more refresh comes in time. */
static void
goes_on(int way)
{
	hear_nothing();
	due = wait_for(CALLEE, ways[way].method, HALF_MS + LATER);
	refresh_is_answered(way);
	end_well();
}

static enum side
other(enum side side)
{
	return side == CALLER ? CALLEE : CALLER;
}

static const char *
offer_of(enum side side)
{
	return side == CALLER ? OFFER_2 : ANSWER_2;
}

/* A change that passes from that side, to its end. */
static void
change(enum side side, const char *grant)
{
	char fields[512];

	callee_sdp = ANSWER_2;
	ask(side, "INVITE", offer_of(side));
	snprintf(fields, sizeof(fields), "%s%s", grant, offer_of(other(side)));
	answer(hear(other(side), "INVITE "), "200 OK", fields);
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ");
	ack(side, "");
}

/* --- a refresh of ours is pending, and --- */

/* Two INVITEs at once: both sides are told to wait (RFC 3261 section 14.2). */
START_TEST(a_reinvite_of_that_side_meets_our_reinvite)
{
	refreshing(BY_INVITE);
	ask(CALLEE, "INVITE", ANSWER_2);
	hear(CALLEE, "SIP/2.0 491 ", "an offer of our own");
	ack_failure(CALLEE);
	answer(due, "491 Request Pending", "");
	hear(CALLEE, "ACK ");
	hear_nothing();
	/* What it does instead is a refresh as well. */
	change(CALLEE, "");
	wait_ms(HALF_MS - 1000);
	goes_on(BY_INVITE);
}
END_TEST

START_TEST(a_reinvite_of_the_other_side_meets_our_reinvite)
{
	refreshing(BY_INVITE);
	ask(CALLER, "INVITE", OFFER_2);
	hear(CALLER, "SIP/2.0 491 ", "an offer of our own");
	ack_failure(CALLER);
	refresh_is_answered(BY_INVITE);
	change(CALLER, WE_KEEP);
	goes_on(BY_INVITE);
}
END_TEST

START_TEST(an_offer_in_an_update_meets_our_reinvite)
{
	enum side side = (enum side)_i;

	refreshing(BY_INVITE);
	ask(side, "UPDATE", offer_of(side));
	hear(side, "SIP/2.0 491 ");
	refresh_is_answered(BY_INVITE);
	goes_on(BY_INVITE);
}
END_TEST

/* No offer, no glare (RFC 3311 section 5.1). */
START_TEST(a_reinvite_meets_our_update)
{
	enum side side = (enum side)_i;

	refreshing(BY_UPDATE);
	change(side, side == CALLER ? WE_KEEP : "");
	refresh_is_answered(BY_UPDATE);
	goes_on(BY_UPDATE);
}
END_TEST

START_TEST(an_update_without_offer_meets_our_refresh)
{
	enum side side = (enum side)(_i / WAYS);
	int way = _i % WAYS;

	refreshing(way);
	ask(side, "UPDATE", side == CALLEE ? WE_KEEP : "");
	hear(side, "SIP/2.0 200 ");
	refresh_is_answered(way);
	/* The peer has taken the refreshes over, and now we have again. */
	goes_on(way);
}
END_TEST

/* It was agreed on, and who sends this may know nothing of it any more. */
START_TEST(a_reinvite_without_a_word_of_it)
{
	enum side side = (enum side)_i;

	begin_with(&(struct world_options){
	    .pbx = OPTIONS_100, .carrier = OPTIONS_100 });
	up_with(TIMER ALLOW, PEER_KEEPS);
	ask(side, "INVITE", offer_of(side));
	answer(hear(other(side), "INVITE "), "200 OK",
	    side == CALLER ? PEER_KEEPS ANSWER_2 : TIMER WE_KEEP OFFER_2);
	hear(other(side), "ACK ");
	/* We go on; a peer that should have, does not. */
	if (side == CALLER)
		hear(CALLER, "SIP/2.0 200 ",
		    "Session-Expires: 100;refresher=uas\r\n", "!Require");
	else
		hear(CALLEE, "SIP/2.0 200 ", "!Session-Expires");
	ack(side, "");
	abandon();
}
END_TEST

START_TEST(a_bye_meets_our_refresh)
{
	enum side side = (enum side)(_i / WAYS);
	int way = _i % WAYS;

	refreshing(way);
	ask(side, "BYE", "");
	hear(side, "SIP/2.0 200 ", "BYE");
	answer(hear(other(side), "BYE "), "200 OK", "");
	/* It may be answered as the RFC wants, or not at all. */
	if (side == CALLEE) {
		answer(due, "487 Request Terminated", "");
		if (way == BY_INVITE)
			hear(CALLEE, "ACK ");
	}
	wait_ms(T1_64 + 300);
	replay_skip(&w->net);
	ck_ended(side == CALLER ? "caller-hung-up" : "callee-hung-up");
	finish();
}
END_TEST

/* Its 200 crosses our BYE: it is acknowledged, or the peer sends it for
 * ever. */
START_TEST(a_late_200_after_the_call)
{
	refreshing(BY_INVITE);
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ", "BYE");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	answer(due, "200 OK", WE_KEEP ANSWER);
	hear(CALLEE, "ACK ");
	wait_ms(T1_64 + 300);
	replay_skip(&w->net);
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

START_TEST(an_info_meets_our_refresh)
{
	enum side side = (enum side)(_i / WAYS);
	int way = _i % WAYS;

	refreshing(way);
	ask(side, "INFO", "");
	answer(hear(other(side), "INFO "), "200 OK", "");
	hear(side, "SIP/2.0 200 ");
	refresh_is_answered(way);
	goes_on(way);
}
END_TEST

START_TEST(its_200_comes_again)
{
	refreshing(BY_INVITE);
	refresh_is_answered(BY_INVITE);
	answer(due, "200 OK", WE_KEEP ANSWER);
	hear(CALLEE, "ACK ");
	wait_ms(1000);
	answer(due, "200 OK", WE_KEEP ANSWER);
	hear(CALLEE, "ACK ");
	goes_on(BY_INVITE);
}
END_TEST

START_TEST(its_connection_is_lost)
{
	int way = _i;

	up_by(way, NET_TCP);
	wait_ms(HALF_MS + LATER);
	due = hear(CALLEE, ways[way].method);
	calls_connection_lost(w->calls, due->path.connection, -ECONNRESET);
	/* Half of the 18 s that are left. */
	due = wait_for(CALLEE, ways[way].method, 9000 + LATER);
	refresh_is_answered(way);
	end_well();
}
END_TEST

START_TEST(it_cannot_be_sent)
{
	int way = _i;

	up_by(way, NET_UDP);
	w->net.error = -ECONNREFUSED;
	wait_ms(HALF_MS + LATER);
	w->net.error = 0;
	replay_skip(&w->net);
	due = wait_for(CALLEE, ways[way].method, 9000 + LATER);
	refresh_is_answered(way);
	end_well();
}
END_TEST

START_TEST(it_times_out_over_tcp)
{
	begin_with(&(struct world_options){
	    .carrier = "session_expires = \"10m\";",
	    .transport = NET_TCP });
	up_with("", TIMER ALLOW "Session-Expires: 600;refresher=uac\n");
	wait_ms(300000 + LATER);
	hear(CALLEE, "UPDATE ");
	answer(wait_for(CALLER, "BYE ", T1_64), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("peer-gone");
	finish();
}
END_TEST

/* --- when a refresh is due, there is pending --- */

START_TEST(a_reinvite_that_is_answered_later)
{
	enum side side = (enum side)(_i / WAYS);
	int way = _i % WAYS;
	const struct replay_sent *sent;
	char fields[512];

	up_by(way, NET_UDP);
	wait_ms(HALF_MS - 100);
	ask(side, "INVITE", offer_of(side));
	sent = hear(other(side), "INVITE ");
	answer(sent, "180 Ringing", "");
	hear(side, "SIP/2.0 180 ");
	wait_ms(5000);
	hear_nothing();
	callee_sdp = ANSWER_2;
	snprintf(fields, sizeof(fields), "%s%s", side == CALLER ? WE_KEEP : "",
	    offer_of(other(side)));
	answer(sent, "200 OK", fields);
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ");
	wait_ms(400);
	hear_nothing();
	ack(side, "");
	goes_on(way);
}
END_TEST

START_TEST(a_reinvite_that_is_cancelled)
{
	int way = _i;
	const struct replay_sent *sent;

	up_by(way, NET_UDP);
	wait_ms(HALF_MS - 100);
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	answer(sent, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	wait_ms(1000);
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ", "CANCEL");
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(sent, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 487 ");
	ack_failure(CALLER);
	due = wait_for(CALLEE, ways[way].method, 1000 + LATER);
	refresh_is_answered(way);
	goes_on(way);
}
END_TEST

START_TEST(a_reinvite_that_nobody_answers)
{
	up_by(BY_UPDATE, NET_UDP);
	wait_ms(HALF_MS - 100);
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	/* The session is over before it, and both are hung up. */
	wait_for(CALLER, "SIP/2.0 487 ", END_MS - HALF_MS + LATER);
	ack_failure(CALLER);
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("session-expired");
	wait_ms(180000 + LATER);
	replay_skip(&w->net);
	finish();
}
END_TEST

START_TEST(an_ack_of_the_caller)
{
	begin_with(&(struct world_options){
	    .pbx = "session_expires = \"4s\"; session_minimum = \"2s\";" });
	invite(TIMER OFFER);
	hear(CALLEE, "INVITE ");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "Session-Expires: 4;refresher=uas\r\n");
	wait_ms(2700);
	ck_assert_uint_eq(calls_count(w->calls), 1);
	/* Only the 200 again and again. */
	while (w->net.looked_at < w->net.sent_n)
		hear(CALLER, "SIP/2.0 200 ");
	abandon();
}
END_TEST

/* --- both legs --- */

START_TEST(both_legs_at_once)
{
	const struct replay_sent *one, *two;

	begin_with(&(struct world_options){
	    .pbx = OPTIONS_100, .carrier = OPTIONS_100 });
	up_with(TIMER, WE_KEEP);
	wait_ms(HALF_MS + LATER);
	two = replay_expect(&w->net, NULL, "INVITE ", NULL);
	one = replay_expect(&w->net, NULL, "INVITE ", NULL);
	ck_assert(two->path.listener != one->path.listener);
	answer(one, "200 OK", one->path.listener == 1 ? WE_KEEP OFFER
						      : WE_KEEP ANSWER);
	replay_expect(&w->net, NULL, "ACK ", NULL);
	answer(two, "200 OK", two->path.listener == 1 ? WE_KEEP OFFER
						      : WE_KEEP ANSWER);
	replay_expect(&w->net, NULL, "ACK ", NULL);
	end_well();
}
END_TEST

START_TEST(both_peers_at_once)
{
	begin_with(&(struct world_options){
	    .pbx = OPTIONS_100, .carrier = OPTIONS_100 });
	up_with(WE_KEEP, PEER_KEEPS);
	wait_ms(HALF_MS);
	ask(CALLER, "INVITE", WE_KEEP OFFER);
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ask(CALLEE, "INVITE", WE_KEEP ANSWER);
	hear(CALLEE, "SIP/2.0 200 ", OFFERS);
	ack(CALLEE, "");
	ack(CALLER, "");
	wait_ms(HALF_MS);
	end_well();
}
END_TEST

/* --- a refresh of the peer --- */

START_TEST(a_refresh_that_comes_again)
{
	begin_with(&(struct world_options){ .carrier = OPTIONS_100 });
	up_with("", PEER_KEEPS);
	wait_ms(HALF_MS);
	ask(CALLEE, "UPDATE", WE_KEEP);
	hear(CALLEE, "SIP/2.0 200 ");
	again(CALLEE);
	hear(CALLEE, "SIP/2.0 200 ");
	ask(CALLEE, "INVITE", WE_KEEP ANSWER);
	hear(CALLEE, "SIP/2.0 200 ");
	again(CALLEE);
	hear_nothing();
	/* Its 200 is sent until the ACK comes. */
	wait_ms(500);
	hear(CALLEE, "SIP/2.0 200 ");
	ack(CALLEE, "");
	wait_ms(HALF_MS);
	end_well();
}
END_TEST

START_TEST(a_refresh_that_is_never_acked)
{
	begin_with(&(struct world_options){ .carrier = OPTIONS_100 });
	up_with("", PEER_KEEPS);
	wait_ms(HALF_MS);
	ask(CALLEE, "INVITE", WE_KEEP ANSWER);
	while (calls_count(w->calls) > 0 &&
	    w->net.looked_at < w->net.sent_n) {
		const struct replay_sent *sent =
		    replay_expect(&w->net, NULL, "", NULL);

		if (sent->msg.request)
			answer(sent, "200 OK", "");
		else
			wait_ms(4000);
	}
	wait_ms(T1_64);
	replay_skip(&w->net);
	ck_ended("not-acked");
	finish();
}
END_TEST

START_TEST(a_refresh_while_a_change_is_pending)
{
	const struct replay_sent *sent;

	begin_with(&(struct world_options){ .carrier = OPTIONS_100 });
	up_with("", PEER_KEEPS);
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ", "Session-Expires: 100;refresher=uas\r\n");
	ask(CALLEE, "INVITE", WE_KEEP ANSWER);
	hear(CALLEE, "SIP/2.0 491 ");
	ack_failure(CALLEE);
	ask(CALLEE, "UPDATE", WE_KEEP);
	hear(CALLEE, "SIP/2.0 200 ");
	answer(sent, "200 OK", PEER_KEEPS ANSWER_2);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	end_well();
}
END_TEST

START_TEST(a_refresh_just_in_time_and_one_too_late)
{
	begin_with(&(struct world_options){ .carrier = OPTIONS_100 });
	up_with("", PEER_KEEPS);
	wait_ms(END_MS - 10);
	ask(CALLEE, "UPDATE", WE_KEEP);
	hear(CALLEE, "SIP/2.0 200 ");
	wait_ms(END_MS + LATER);
	answer(hear(CALLER, "BYE "), "200 OK", "");
	due = hear(CALLEE, "BYE ");
	ask(CALLEE, "UPDATE", WE_KEEP);
	hear(CALLEE, "SIP/2.0 481 ");
	answer(due, "200 OK", "");
	ck_ended("session-expired");
	finish();
}
END_TEST

/* --- the session that a refresh repeats --- */

/* A rule for what begins a call only: the refresh comes out differently. */
static void
begin_with_rule(void)
{
	begin_with(&(struct world_options){
	    .policy = "rules = (\n"
		      "{ id = \"a\"; when = { dialog = false; };\n"
		      "  set = \"sdp.s\"; value = \"call\";\n"
		      "  diagnostic = \"SDP-INVALID\"; } );",
	    .carrier = OPTIONS_100 });
}

START_TEST(what_differs_has_another_version)
{
	begin_with_rule();
	invite(OFFER);
	hear(CALLEE, "INVITE ", "\ns=call", "o=- 1 1 IN");
	hear(CALLER, "SIP/2.0 100 ");
	accept_invite(WE_KEEP ANSWER);
	ack(CALLER, "");
	wait_ms(HALF_MS + LATER);
	due = hear(CALLEE, "INVITE ", "\ns=-", "o=- 1 2 IN");
	refresh_is_answered(BY_INVITE);
	/* And that one is repeated, until something changes. */
	wait_ms(HALF_MS + LATER);
	due = hear(CALLEE, "INVITE ", "\ns=-", "o=- 1 2 IN");
	refresh_is_answered(BY_INVITE);
	end_well();
}
END_TEST

START_TEST(after_a_change_the_new_one_is_repeated)
{
	up_by(BY_INVITE, NET_UDP);
	change(CALLER, WE_KEEP);
	wait_ms(HALF_MS + LATER);
	due = hear(CALLEE, "INVITE ", OFFERS_2);
	answer(due, "200 OK", WE_KEEP ANSWER_2);
	hear(CALLEE, "ACK ");
	end_well();
}
END_TEST

/* The offer that was refused is not what the peer has. */
START_TEST(after_a_refused_change_the_old_one_is_repeated)
{
	const struct replay_sent *first;

	up_by(BY_INVITE, NET_UDP);
	first = w->invite;
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), "488 Not Acceptable Here", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 488 ");
	ack_failure(CALLER);
	wait_ms(HALF_MS + LATER);
	due = hear(CALLEE, "INVITE ");
	ck_assert(span_eq(due->msg.body, first->msg.body));
	refresh_is_answered(BY_INVITE);
	end_well();
}
END_TEST

START_TEST(after_a_late_offer_the_answer_is_repeated)
{
	begin_with(&(struct world_options){ .carrier = OPTIONS_100 });
	invite("");
	hear(CALLEE, "INVITE ", "!Content-Type");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", WE_KEEP ANSWER);
	hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	ack(CALLER, OFFER);
	hear(CALLEE, "ACK ", OFFERS);
	wait_ms(HALF_MS + LATER);
	due = hear(CALLEE, "INVITE ", OFFERS, "o=- 1 1 IN");
	refresh_is_answered(BY_INVITE);
	end_well();
}
END_TEST

/* Fewer codecs than it offered once are no change; another port is. */
START_TEST(the_answer_to_a_refresh_moves_the_media)
{
	up_by(BY_INVITE, NET_UDP);
	wait_ms(HALF_MS + LATER);
	answer(hear(CALLEE, "INVITE "), "200 OK", WE_KEEP ANSWER_2);
	hear(CALLEE, "ACK ");
	due = hear(CALLER, "INVITE ", ANSWERS_2);
	answer(due, "200 OK", OFFER);
	hear(CALLER, "ACK ");
	wait_ms(HALF_MS + LATER);
	answer(hear(CALLEE, "INVITE "), "200 OK", WE_KEEP ANSWER_2);
	hear(CALLEE, "ACK ");
	end_well();
}
END_TEST

START_TEST(the_media_moves_while_the_other_side_is_busy)
{
	const struct replay_sent *sent;

	refreshing(BY_INVITE);
	ask(CALLEE, "INFO", "");
	sent = hear(CALLER, "INFO ");
	answer(due, "200 OK", WE_KEEP ANSWER_2);
	hear(CALLEE, "ACK ");
	due = hear(CALLER, "INVITE ", ANSWERS_2);
	answer(sent, "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ");
	answer(due, "488 Not Acceptable Here", "");
	hear(CALLER, "ACK ");
	end_well();
}
END_TEST

/* --- a transfer --- */

#define TARGETS_MEDIA SDP_PORT("198.51.100.20", "7000")
#define TARGETS       "m=audio 7000"

/* The caller transfers the callee; the target is asked. */
static void
refer(void)
{
	ask(CALLER, "REFER",
	    "Contact: <sip:pbx@" PBX ">\n"
	    "Refer-To: <sip:+442079460099@192.0.2.1>\n");
	hear(CALLER, "SIP/2.0 202 ");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	hear(TARGET, "INVITE ", "Session-Expires: 100\r\n",
	    "Supported: replaces, timer\r\n");
	answer(w->invite, "100 Trying", "");
	hear_nothing();
}

/* The target has a timer that we keep up, too. */
static void
transfer(void)
{
	answer(w->invite, "200 OK", WE_KEEP TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	answer(hear(CALLEE, "INVITE ", TARGETS,
		   "Session-Expires: 100;refresher=uac\r\n"),
	    "200 OK", WE_KEEP ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	hear_nothing();
}

static void
end_of_transfer(void)
{
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	answer(hear(TARGET, "BYE "), "200 OK", "");
	ck_ended("callee-hung-up");
	finish();
}

/* Each of the two that are left is told again what it was told last. */
static const struct replay_sent *
offered_last(struct span call_id)
{
	size_t i = w->net.sent_n;

	while (i-- > 0) {
		const struct replay_sent *sent = w->net.sent[i];

		if (sent->msg.request && sent->msg.method == SIP_METHOD_INVITE &&
		    span_eq(sent->view.call_id, call_id))
			return sent;
	}
	ck_abort_msg("it was offered nothing");
	return NULL;
}

START_TEST(a_transfer_and_its_refreshes)
{
	const struct replay_sent *told[2], *sent[2];
	struct span target;
	int i;

	up_by(BY_INVITE, NET_UDP);
	told[0] = w->invite;
	refer();
	target = w->invite->view.call_id;
	transfer();
	told[0] = offered_last(told[0]->view.call_id);
	told[1] = offered_last(target);
	wait_ms(HALF_MS + LATER);
	for (i = 0; i < 2; i++)
		sent[i] = replay_expect(&w->net, NULL, "INVITE ", NULL);
	for (i = 0; i < 2; i++) {
		bool to_target = span_eq(sent[i]->view.call_id, target);

		ck_assert(
		    span_eq(sent[i]->msg.body, told[to_target]->msg.body));
		answer(sent[i], "200 OK",
		    to_target ? WE_KEEP TARGETS_MEDIA : WE_KEEP ANSWER);
		replay_expect(&w->net, NULL, "ACK ", NULL);
	}
	end_of_transfer();
}
END_TEST

/* What the peer has of us is about to change: it waits. */
START_TEST(a_refresh_waits_for_a_transfer)
{
	up_by(BY_INVITE, NET_UDP);
	wait_ms(HALF_MS - 1000);
	refer();
	answer(w->invite, "180 Ringing", "");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	wait_ms(END_MS);
	hear_nothing();
	transfer();
	end_of_transfer();
}
END_TEST

START_TEST(an_update_needs_not_wait_for_a_transfer)
{
	up_by(BY_UPDATE, NET_UDP);
	wait_ms(HALF_MS - 1000);
	refer();
	wait_ms(1000 + LATER);
	due = hear(CALLEE, "UPDATE ");
	refresh_is_answered(BY_UPDATE);
	transfer();
	end_of_transfer();
}
END_TEST

START_TEST(a_refresh_behind_a_transfer_that_fails)
{
	const struct replay_sent *first;

	up_by(BY_INVITE, NET_UDP);
	first = w->invite;
	wait_ms(HALF_MS - 1000);
	refer();
	wait_ms(2000);
	hear_nothing();
	answer(w->invite, "486 Busy Here", "");
	hear(TARGET, "ACK ");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	due = wait_for(CALLEE, "INVITE ", 1000 + LATER);
	ck_assert(span_eq(due->msg.body, first->msg.body));
	refresh_is_answered(BY_INVITE);
	end_well();
}
END_TEST

START_TEST(a_transfer_meets_our_refresh)
{
	refreshing(BY_INVITE);
	refer();
	refresh_is_answered(BY_INVITE);
	transfer();
	end_of_transfer();
}
END_TEST

/* --- OPTIONS inside the call, and its longest duration --- */

#define PROBE_MS 30000

static void
begin_probing(void)
{
	begin_with(&(struct world_options){
	    .carrier = "session_options = \"30s\"; session_expires = \"0s\";" });
	up_with("", "");
}

static const struct replay_sent *
probed(void)
{
	hear_nothing();
	wait_ms(PROBE_MS + LATER);
	return hear(CALLEE, "OPTIONS sip:gw@", "Allow: ", "To: ");
}

static const char *const alive[] = { "200 OK", "405 Method Not Allowed",
	"500 Server Internal Error", "501 Not Implemented", "488 No" };

START_TEST(who_answers_is_there)
{
	unsigned i;

	begin_probing();
	for (i = 0; i < ARRAY_LEN(alive); i++) {
		answer(probed(), "481 Gone", "");
		answer(probed(), alive[i], "");
	}
	end_well();
}
END_TEST

START_TEST(two_misses_are_the_end)
{
	begin_probing();
	answer(probed(), "481 Gone", "");
	answer(probed(), _i == 0 ? "481 Gone" : "408 Request Timeout", "");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("peer-gone");
	ck_noted("DLG-PEER-GONE", "two OPTIONS");
	finish();
}
END_TEST

START_TEST(two_silences_are_the_end)
{
	uint32_t cseq = 0;
	unsigned n = 0;

	begin_probing();
	wait_ms(PROBE_MS);
	while (calls_count(w->calls) > 0) {
		wait_sent(PROBE_MS + T1_64);
		due = replay_expect(&w->net, NULL, "", NULL);
		if (due->msg.method == SIP_METHOD_BYE)
			break;
		n += due->view.cseq != cseq;
		cseq = due->view.cseq;
	}
	ck_assert_uint_eq(n, 2);
	answer(due, "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_ended("peer-gone");
	finish();
}
END_TEST

START_TEST(an_options_meets_the_end)
{
	begin_probing();
	due = probed();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	answer(due, "481 Gone", "");
	finish();
}
END_TEST

/* From then on the refreshes are the sign of life. */
START_TEST(an_options_meets_a_timer_that_begins)
{
	begin_probing();
	due = probed();
	ask(CALLEE, "UPDATE", TIMER "Session-Expires: 100;refresher=uas\n");
	hear(CALLEE, "SIP/2.0 200 ", "Session-Expires: 100;refresher=uas\r\n");
	answer(due, "481 Gone", "");
	wait_ms(HALF_MS - 1000);
	hear_nothing();
	wait_ms(1000 + LATER);
	due = hear(CALLEE, "INVITE ");
	/* And back. */
	answer(due, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(probed(), "200 OK", "");
	end_well();
}
END_TEST

static const char *const longest[][2] = {
	{ "limits = { max_duration = \"60s\"; };", "" },
	{ "", "max_duration = \"60s\";" },
	{ "limits = { max_duration = \"2h\"; };", "max_duration = \"60s\";" },
	{ "limits = { max_duration = \"60s\"; };", "max_duration = \"2h\";" },
};

START_TEST(no_call_lasts_longer)
{
	begin_with(&(struct world_options){
	    .top = longest[_i][0], .carrier = longest[_i][1] });
	ringing();
	/* Ringing does not count. */
	wait_ms(100000);
	accept_invite(ANSWER);
	ack(CALLER, "");
	wait_ms(60000 - 10);
	hear_nothing();
	wait_ms(LATER);
	answer(hear(CALLER, "BYE ", "Reason: Q.850;cause=102"), "200 OK", "");
	answer(hear(CALLEE, "BYE ", "longest duration"), "200 OK", "");
	ck_ended("max-duration");
	ck_noted("CALL-MAX-DURATION", NULL);
	finish();
}
END_TEST

/* --- suite --- */

static TCase *
pending_tests(void)
{
	TCase *tc = tcase_create("our refresh is pending");

	tcase_add_test(tc, a_reinvite_of_that_side_meets_our_reinvite);
	tcase_add_test(tc, a_reinvite_of_the_other_side_meets_our_reinvite);
	tcase_add_loop_test(
	    tc, an_offer_in_an_update_meets_our_reinvite, 0, SIDES);
	tcase_add_loop_test(tc, a_reinvite_meets_our_update, 0, SIDES);
	tcase_add_loop_test(
	    tc, an_update_without_offer_meets_our_refresh, 0, SIDES * WAYS);
	tcase_add_loop_test(tc, a_reinvite_without_a_word_of_it, 0, SIDES);
	tcase_add_loop_test(tc, a_bye_meets_our_refresh, 0, SIDES * WAYS);
	tcase_add_test(tc, a_late_200_after_the_call);
	tcase_add_loop_test(tc, an_info_meets_our_refresh, 0, SIDES * WAYS);
	tcase_add_test(tc, its_200_comes_again);
	tcase_add_loop_test(tc, its_connection_is_lost, 0, WAYS);
	tcase_add_loop_test(tc, it_cannot_be_sent, 0, WAYS);
	tcase_add_test(tc, it_times_out_over_tcp);
	return tc;
}

static TCase *
due_tests(void)
{
	TCase *tc = tcase_create("a refresh is due");

	tcase_add_loop_test(
	    tc, a_reinvite_that_is_answered_later, 0, SIDES * WAYS);
	tcase_add_loop_test(tc, a_reinvite_that_is_cancelled, 0, WAYS);
	tcase_add_test(tc, a_reinvite_that_nobody_answers);
	tcase_add_test(tc, an_ack_of_the_caller);
	tcase_add_test(tc, both_legs_at_once);
	tcase_add_test(tc, both_peers_at_once);
	tcase_add_test(tc, a_refresh_that_comes_again);
	tcase_add_test(tc, a_refresh_that_is_never_acked);
	tcase_add_test(tc, a_refresh_while_a_change_is_pending);
	tcase_add_test(tc, a_refresh_just_in_time_and_one_too_late);
	return tc;
}

static TCase *
session_tests(void)
{
	TCase *tc = tcase_create("the session");

	tcase_add_test(tc, what_differs_has_another_version);
	tcase_add_test(tc, after_a_change_the_new_one_is_repeated);
	tcase_add_test(tc, after_a_refused_change_the_old_one_is_repeated);
	tcase_add_test(tc, after_a_late_offer_the_answer_is_repeated);
	tcase_add_test(tc, the_answer_to_a_refresh_moves_the_media);
	tcase_add_test(tc, the_media_moves_while_the_other_side_is_busy);
	return tc;
}

static TCase *
transfer_tests(void)
{
	TCase *tc = tcase_create("a transfer");

	tcase_add_test(tc, a_transfer_and_its_refreshes);
	tcase_add_test(tc, a_refresh_waits_for_a_transfer);
	tcase_add_test(tc, an_update_needs_not_wait_for_a_transfer);
	tcase_add_test(tc, a_refresh_behind_a_transfer_that_fails);
	tcase_add_test(tc, a_transfer_meets_our_refresh);
	return tc;
}

static TCase *
end_tests(void)
{
	TCase *tc = tcase_create("who is gone");

	tcase_add_test(tc, who_answers_is_there);
	tcase_add_loop_test(tc, two_misses_are_the_end, 0, 2);
	tcase_add_test(tc, two_silences_are_the_end);
	tcase_add_test(tc, an_options_meets_the_end);
	tcase_add_test(tc, an_options_meets_a_timer_that_begins);
	tcase_add_loop_test(
	    tc, no_call_lasts_longer, 0, (int)ARRAY_LEN(longest));
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("session timers crossing");

	suite_add_tcase(suite, pending_tests());
	suite_add_tcase(suite, due_tests());
	suite_add_tcase(suite, session_tests());
	suite_add_tcase(suite, transfer_tests());
	suite_add_tcase(suite, end_tests());
	return unit_run(suite);
}
