/* What one side says of a session, in the words that the other understands. */

#include "transfer_world.h"

#include <stdio.h>

static enum side
other(enum side side)
{
	return side == CALLER ? CALLEE : CALLER;
}

/* --- hold --- */

#define ADDRESS "0.0.0.0"

/* A description: "a=" line, or the address 0.0.0.0, or nothing of both. */
static const char *
described(enum side side, const char *how)
{
	static char text[2][512];
	const char *ip = side == CALLER ? "192.0.2.10" : "198.51.100.20";
	bool none = strcmp(how, ADDRESS) == 0;

	snprintf(text[side], sizeof(text[side]),
	    "Content-Type: application/sdp\n\n"
	    "v=0\no=- 1 2 IN IP4 %s\ns=-\nc=IN IP4 %s\nt=0 0\n"
	    "m=audio %s RTP/AVP 0\n%s%s%s",
	    ip, none ? ADDRESS : ip, side == CALLER ? "4000" : "6000",
	    none || how[0] == '\0' ? "" : "a=", none ? "" : how,
	    none || how[0] == '\0' ? "" : "\n");
	return text[side];
}

/* Does that stand in it? Of two c= lines the last one
 * counts: it is the media's. */
static bool
says(struct span body, const char *what)
{
	struct span own = body;
	int at = span_find_span(body, SPAN("m=audio"));

	if (what[0] == 'c' && at >= 0 &&
	    span_find_span(span_from(body, (size_t)at), SPAN("c=IN")) >= 0)
		own = span_from(body, (size_t)at);
	return span_find_span(own, span_of(what)) >= 0;
}

static void
ck_described(const struct replay_sent *sent, const char *how)
{
	static const char *const all[] = { "a=sendonly", "a=recvonly",
		"a=inactive", "c=IN IP4 " ADDRESS };
	const char *line = strcmp(how, ADDRESS) == 0 ? all[3] : how;
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		ck_assert_msg(says(sent->msg.body, all[i]) ==
			(strstr(all[i], line) != NULL && line[0] != '\0'),
		    "\"%s\" in place of \"%s\":\n%.*s", all[i], how,
		    (int)sent->msg.body.n, sent->msg.body.p);
}

static const struct {
	const char *form;   /* of the carrier's trunk */
	const char *said;   /* by the PBX */
	const char *told;   /* to the carrier */
	const char *answer; /* of the carrier */
	const char *heard;  /* by the PBX */
	unsigned noted;
} holds[] = {
	{ "as-received", "sendonly", "sendonly", "recvonly", "recvonly", 0 },
	{ "as-received", "inactive", "inactive", "inactive", "inactive", 0 },
	{ "as-received", ADDRESS, ADDRESS, "", "", 0 },
	{ "sendonly", "sendonly", "sendonly", "recvonly", "recvonly", 0 },
	{ "sendonly", "inactive", "sendonly", "recvonly", "inactive", 2 },
	{ "sendonly", ADDRESS, "sendonly", "recvonly", "", 3 },
	{ "inactive", "sendonly", "inactive", "inactive", "inactive", 1 },
	{ "inactive", "inactive", "inactive", "inactive", "inactive", 0 },
	{ "inactive", ADDRESS, "inactive", "inactive", "", 3 },
	{ "address", "sendonly", ADDRESS, "", "recvonly", 3 },
	{ "address", "inactive", ADDRESS, "", "inactive", 3 },
	{ "address", ADDRESS, ADDRESS, "", "", 0 },
	{ "inactive", "", "", "", "", 0 },
	{ "inactive", "recvonly", "recvonly", "sendonly", "sendonly", 0 },
};

START_TEST(hold_and_resume)
{
	char options[64];
	const struct replay_sent *sent;
	enum side side = _i % 2 == 0 ? CALLER : CALLEE;
	size_t i = (size_t)_i / 2;

	snprintf(options, sizeof(options), "hold = \"%s\";", holds[i].form);
	begin_with(side == CALLER
		? &(struct world_options){ .carrier = options }
		: &(struct world_options){ .pbx = options });
	up();
	ask(side, "INVITE", described(side, holds[i].said));
	sent = hear(other(side), "INVITE ");
	ck_described(sent, holds[i].told);
	answer(sent, "200 OK", described(other(side), holds[i].answer));
	hear(other(side), "ACK ");
	ck_described(hear(side, "SIP/2.0 200 "), holds[i].heard);
	ack(side, "");
	ck_assert_uint_eq(noted("SDP-HOLD", NULL), holds[i].noted);
	ask(side, "INVITE", described(side, ""));
	sent = hear(other(side), "INVITE ");
	ck_described(sent, "");
	answer(sent, "200 OK", described(other(side), ""));
	hear(other(side), "ACK ");
	ck_described(hear(side, "SIP/2.0 200 "), "");
	ack(side, "");
	ck_assert_uint_eq(noted("SDP-HOLD", NULL), holds[i].noted);
	hang_up();
	finish();
}
END_TEST

/* The offer is in the 2xx, the answer in the ACK. */
START_TEST(hold_in_a_late_offer)
{
	const struct replay_sent *sent;

	begin_with(&(struct world_options){ .pbx = "hold = \"sendonly\";" });
	up();
	ask(CALLER, "INVITE", "");
	sent = hear(CALLEE, "INVITE ", "!m=audio");
	answer(sent, "200 OK", described(CALLEE, "inactive"));
	ck_described(hear(CALLER, "SIP/2.0 200 "), "sendonly");
	ack(CALLER, described(CALLER, "recvonly"));
	ck_described(hear(CALLEE, "ACK "), "inactive");
	hang_up();
	finish();
}
END_TEST

START_TEST(hold_by_update)
{
	const struct replay_sent *sent;

	begin_with(
	    &(struct world_options){ .carrier = "hold = \"inactive\";" });
	up();
	ask(CALLER, "UPDATE", described(CALLER, "sendonly"));
	sent = hear(CALLEE, "UPDATE ");
	ck_described(sent, "inactive");
	answer(sent, "200 OK", described(CALLEE, "inactive"));
	ck_described(hear(CALLER, "SIP/2.0 200 "), "inactive");
	hang_up();
	finish();
}
END_TEST

/* --- UPDATE --- */

#define NO_UPDATE "Allow: INVITE, ACK, BYE, CANCEL\n"
#define MOVED     SDP_PORT("192.0.2.10", "4444")

static void
up_without_update(void)
{
	begin();
	ringing();
	accept_invite(NO_UPDATE ANSWER);
	ack(CALLER, "");
}

static const struct replay_sent *
updated(void)
{
	const struct replay_sent *sent;

	ask(CALLER, "UPDATE", "X-Any: 1\n" MOVED);
	sent = hear(CALLEE, "INVITE ", "m=audio 4444", "CSeq: 2 INVITE\r\n",
	    "Contact: ");
	ck_noted("DLG-UPDATE", "UPDATE");
	hear_nothing();
	return sent;
}

START_TEST(an_update_becomes_a_reinvite)
{
	up_without_update();
	answer(updated(), "200 OK", ANSWER);
	hear(CALLEE, "ACK ", "CSeq: 2 ACK\r\n", "!m=audio");
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 2 UPDATE\r\n", ANSWERS);
	hear_nothing();
	again(CALLER);
	hear(CALLER, "SIP/2.0 200 ", "CSeq: 2 UPDATE\r\n");
	ask(CALLER, "INVITE", OFFER);
	answer(hear(CALLEE, "INVITE "), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(its_200_comes_again)
{
	const struct replay_sent *sent;

	up_without_update();
	sent = updated();
	answer(sent, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	answer(sent, "200 OK", ANSWER);
	hear(CALLEE, "ACK ", "CSeq: 2 ACK\r\n");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(an_update_whose_reinvite_is_refused)
{
	static const struct {
		const char *status, *start;
	} failures[] = {
		{ "488 No", "SIP/2.0 488 " },
		{ "491 Pending", "SIP/2.0 491 " },
		{ "500 Later", "SIP/2.0 500 " },
	};

	up_without_update();
	answer(updated(), failures[_i].status, "");
	hear(CALLEE, "ACK ");
	hear(CALLER, failures[_i].start, "UPDATE");
	hang_up();
	finish();
}
END_TEST

START_TEST(an_update_whose_reinvite_asks_somebody)
{
	const struct replay_sent *sent, *c;

	up_without_update();
	sent = updated();
	answer(sent, "100 Trying", "");
	hear_nothing();
	answer(sent, "180 Ringing", "");
	c = hear(CALLEE, "CANCEL ");
	answer(sent, "180 Ringing", "");
	hear_nothing();
	answer(c, "200 OK", "");
	if (_i == 0) {
		answer(sent, "487 Request Terminated", "");
		hear(CALLEE, "ACK ");
		hear(CALLER, "SIP/2.0 504 ", "DLG-UPDATE", "UPDATE");
	} else {
		answer(sent, "200 OK", ANSWER);
		hear(CALLEE, "ACK ");
		hear(CALLER, "SIP/2.0 200 ", ANSWERS);
	}
	hang_up();
	finish();
}
END_TEST

START_TEST(an_update_whose_reinvite_finds_no_dialog)
{
	up_without_update();
	answer(updated(), "481 Gone", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 481 ");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "481 Gone", "");
	ck_ended("dialog-lost");
	finish();
}
END_TEST

START_TEST(an_update_in_a_call_that_ends)
{
	const struct replay_sent *sent;

	up_without_update();
	sent = updated();
	ask(_i == 0 ? CALLER : CALLEE, "BYE", "");
	hear(_i == 0 ? CALLER : CALLEE, "SIP/2.0 200 ", "BYE");
	hear(CALLER, "SIP/2.0 487 ", "UPDATE");
	answer(hear(_i == 0 ? CALLEE : CALLER, "BYE "), "200 OK", "");
	answer(sent, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	finish();
}
END_TEST

START_TEST(a_reinvite_crosses_it)
{
	const struct replay_sent *sent;

	up_without_update();
	sent = updated();
	ask(CALLEE, "INVITE", ANSWER);
	hear(CALLEE, "SIP/2.0 491 ");
	ack_failure(CALLEE);
	ask(CALLER, "INVITE", OFFER);
	hear(CALLER, "SIP/2.0 500 ", "Retry-After: ");
	ack_failure(CALLER);
	answer(sent, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "UPDATE");
	hang_up();
	finish();
}
END_TEST

/* Who says nothing of what it allows is asked, and not twice. */
START_TEST(an_update_that_is_not_known)
{
	const struct replay_sent *sent;

	begin();
	up();
	ask(CALLER, "UPDATE", MOVED);
	answer(hear(CALLEE, "UPDATE ", "m=audio 4444"),
	    _i == 0 ? "405 Method Not Allowed" : "501 Not Implemented", "");
	sent = hear(CALLEE, "INVITE ", "m=audio 4444");
	answer(sent, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "UPDATE", ANSWERS);
	ask(CALLER, "UPDATE", OFFER);
	answer(hear(CALLEE, "INVITE ", OFFERS), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "UPDATE", ANSWERS);
	hang_up();
	finish();
}
END_TEST

START_TEST(an_update_that_is_allowed_stays_one)
{
	begin();
	ringing();
	accept_invite("Allow: INVITE, UPDATE, BYE\n" ANSWER);
	ack(CALLER, "");
	ask(CALLER, "UPDATE", MOVED);
	answer(hear(CALLEE, "UPDATE "), "200 OK", ANSWER);
	hear(CALLER, "SIP/2.0 200 ");
	ck_not_noted("DLG-UPDATE");
	hang_up();
	finish();
}
END_TEST

/* --- m-lines --- */

#define IMAGE(ip, port)                                                        \
	SDP_PORT(ip, "0") "m=image " port " udptl t38\na=T38FaxVersion:0\n"
#define VIDEO(port) "m=video " port " RTP/AVP 96\na=rtpmap:96 VP8/90000\n"

START_TEST(lines_come_and_go)
{
	enum side side = (enum side)_i;

	begin();
	up();
	ask(side, "INVITE", SDP_PORT("192.0.2.77", "4000") VIDEO("4002"));
	answer(hear(other(side), "INVITE ", "m=audio 4000",
		   "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"),
	    "200 OK", SDP_PORT("192.0.2.78", "6000") VIDEO("0"));
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ", "m=audio 6000", "m=video 0 RTP/AVP 96\r\n");
	ack(side, "");
	ask(side, "INVITE", SDP_PORT("192.0.2.77", "4000") VIDEO("0"));
	answer(hear(other(side), "INVITE ", "m=video 0 RTP/AVP 96\r\n"),
	    "200 OK", SDP_PORT("192.0.2.78", "6000") VIDEO("0"));
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ", "m=video 0 ");
	ack(side, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_fax_is_taken)
{
	enum side side = (enum side)_i;

	begin();
	up();
	ask(side, "INVITE", IMAGE("192.0.2.77", "4010"));
	answer(hear(other(side), "INVITE ", "m=audio 0 RTP/AVP 0\r\n",
		   "m=image 4010 udptl t38\r\na=T38FaxVersion:0\r\n"),
	    "200 OK", IMAGE("192.0.2.78", "6010"));
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ", "m=audio 0 ", "m=image 6010 udptl t38\r\n");
	ack(side, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_fax_is_refused_and_the_call_goes_on)
{
	enum side side = (enum side)_i;
	const char *media = side == CALLER ? OFFER : ANSWER;
	const char *back = side == CALLER ? ANSWER : OFFER;

	begin();
	up();
	ask(side, "INVITE", IMAGE("192.0.2.77", "4010"));
	answer(hear(other(side), "INVITE ", "m=image"), "488 Not Acceptable",
	    "");
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 488 ");
	ack_failure(side);
	ask(side, "INVITE", media);
	answer(hear(other(side), "INVITE ", "!m=image"), "200 OK", back);
	hear(other(side), "ACK ");
	hear(side, "SIP/2.0 200 ");
	ack(side, "");
	hang_up();
	finish();
}
END_TEST

/* Both know two lines. */
static void
up_with_two_lines(void)
{
	begin();
	up();
	ask(CALLER, "INVITE", OFFER VIDEO("4002"));
	answer(hear(CALLEE, "INVITE ", "m=video"), "200 OK",
	    ANSWER VIDEO("6002"));
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
}

/* RFC 3264 section 8: who knew two lines is offered two, and who offers one is
 * answered with one. */
START_TEST(a_session_never_gets_fewer_lines)
{
	const struct replay_sent *adjust;

	up_with_two_lines();
	refer();
	/* The target takes one line, against the rules. */
	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	answer(hear(CALLEE, "INVITE ", TARGETS, "m=video 0 RTP/AVP 96\r\n"),
	    "200 OK", ANSWER VIDEO("0"));
	hear(CALLEE, "ACK ");
	adjust = hear(TARGET, "INVITE ", ANSWERS);
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 200 OK"), "200 OK", "");
	answer(adjust, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	transferor_leaves();

	ask(TARGET, "INVITE", SDP_PORT("198.51.100.20", "7002"));
	answer(hear(CALLEE, "INVITE ", "m=audio 7002", "m=video 0 "), "200 OK",
	    ANSWER VIDEO("0"));
	hear(CALLEE, "ACK ");
	hear(TARGET, "SIP/2.0 200 ", ANSWERS, "!m=video");
	ack(TARGET, "");
	ask(CALLEE, "INVITE", ANSWER VIDEO("6004"));
	answer(hear(TARGET, "INVITE ", "m=video 6004"), "200 OK",
	    TARGETS_MEDIA VIDEO("7004"));
	hear(TARGET, "ACK ");
	hear(CALLEE, "SIP/2.0 200 ", TARGETS, "m=video 7004");
	ack(CALLEE, "");
	callee_leaves();
	finish();
}
END_TEST

START_TEST(who_takes_a_place_sees_its_own_lines)
{
	char fields[512];

	up_with_two_lines();
	snprintf(fields, sizeof(fields),
	    "Replaces: %s;to-tag=%s;from-tag=caller-tag\n%s",
	    w->peer[CALLER].call_id, w->peer[CALLER].our_tag,
	    SDP_PORT("192.0.2.10", "4100"));
	invite_as(CONSULT, fields);
	answer(hear(CALLEE, "INVITE ", "m=audio 4100", "m=video 0 RTP/AVP 96"),
	    "200 OK", ANSWER VIDEO("0"));
	hear(CALLEE, "ACK ");
	hear(CONSULT, "SIP/2.0 200 OK\r\n", ANSWERS, "!m=video");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	ack(CONSULT, "");
	ask(CONSULT, "BYE", "");
	hear(CONSULT, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("a session in other words");
	TCase *tc = tcase_create("hold");

	tcase_add_loop_test(
	    tc, hold_and_resume, 0, 2 * (int)ARRAY_LEN(holds));
	tcase_add_test(tc, hold_in_a_late_offer);
	tcase_add_test(tc, hold_by_update);
	suite_add_tcase(suite, tc);
	tc = tcase_create("UPDATE");
	tcase_add_test(tc, an_update_becomes_a_reinvite);
	tcase_add_test(tc, its_200_comes_again);
	tcase_add_loop_test(tc, an_update_whose_reinvite_is_refused, 0, 3);
	tcase_add_loop_test(tc, an_update_whose_reinvite_asks_somebody, 0, 2);
	tcase_add_test(tc, an_update_whose_reinvite_finds_no_dialog);
	tcase_add_loop_test(tc, an_update_in_a_call_that_ends, 0, 2);
	tcase_add_test(tc, a_reinvite_crosses_it);
	tcase_add_loop_test(tc, an_update_that_is_not_known, 0, 2);
	tcase_add_test(tc, an_update_that_is_allowed_stays_one);
	suite_add_tcase(suite, tc);
	tc = tcase_create("m-lines");
	tcase_add_loop_test(tc, lines_come_and_go, 0, 2);
	tcase_add_loop_test(tc, a_fax_is_taken, 0, 2);
	tcase_add_loop_test(tc, a_fax_is_refused_and_the_call_goes_on, 0, 2);
	tcase_add_test(tc, a_session_never_gets_fewer_lines);
	tcase_add_test(tc, who_takes_a_place_sees_its_own_lines);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
