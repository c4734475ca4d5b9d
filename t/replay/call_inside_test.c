/* Requests inside a call: re-INVITE, UPDATE, INFO and what else comes. */

#include <errno.h>
#include <stdio.h>

#include "call_world.h"

#define OFFER_2   SDP_PORT("192.0.2.10", "4002")
#define ANSWER_2  SDP_PORT("198.51.100.20", "6002")
#define OFFERS_2  "m=audio 4002"
#define ANSWERS_2 "m=audio 6002"

static enum side
other(enum side side)
{
	return side == CALLER ? CALLEE : CALLER;
}

static void
begin_up(void)
{
	begin();
	up();
}

/* The call still works. */
static void
end_well(void)
{
	hear_nothing();
	ck_assert_uint_eq(calls_count(w->calls), 1);
	hang_up();
	ck_ended("caller-hung-up");
	finish();
}

/* --- re-INVITE --- */

START_TEST(reinvite_with_an_offer)
{
	enum side from = (enum side)_i;
	const struct replay_sent *sent, *ack_sent;

	begin_up();
	ask(from, "INVITE", OFFER_2);
	sent = hear(other(from), "INVITE ", OFFERS_2, "Contact: <sip:");
	hear_nothing();
	answer(sent, "100 Trying", "");
	hear_nothing();
	answer(sent, "180 Ringing", "");
	hear(from, "SIP/2.0 180 ");
	answer(sent, "200 OK", ANSWER_2);
	ack_sent = hear(other(from), "ACK ", "Content-Length: 0\r\n");
	ck_assert_uint_eq(ack_sent->view.cseq, sent->view.cseq);
	hear(from, "SIP/2.0 200 ", ANSWERS_2, "Contact: <sip:");
	ack(from, "");
	answer(sent, "200 OK", ANSWER_2);
	hear(other(from), "ACK ");
	end_well();
}
END_TEST

START_TEST(reinvite_without_an_offer)
{
	enum side from = (enum side)_i;
	const struct replay_sent *sent;

	begin_up();
	ask(from, "INVITE", "");
	sent = hear(other(from), "INVITE ", "!Content-Type");
	answer(sent, "200 OK", ANSWER_2);
	hear(from, "SIP/2.0 200 ", ANSWERS_2);
	hear_nothing();
	ack(from, OFFER_2);
	hear(other(from), "ACK ", OFFERS_2);
	end_well();
}
END_TEST

START_TEST(reinvite_of_both_at_once)
{
	const struct replay_sent *sent;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	ask(CALLEE, "INVITE", ANSWER_2);
	hear(CALLEE, "SIP/2.0 491 ", "Warning: 399 ", "DLG-GLARE");
	ack_failure(CALLEE);
	answer(sent, "491 Request Pending", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 491 Request Pending\r\n");
	ack_failure(CALLER);
	ck_noted("DLG-GLARE", "491");
	end_well();
}
END_TEST

START_TEST(reinvite_while_one_of_the_same_side_is_pending)
{
	const struct replay_sent *sent;
	unsigned branch, cseq;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	branch = w->peer[CALLER].invite_branch;
	cseq = w->peer[CALLER].invite_cseq;
	sent = hear(CALLEE, "INVITE ");
	ask(CALLER, "INVITE", OFFER_2);
	hear(CALLER, "SIP/2.0 500 ", "Retry-After: ", "DLG-GLARE");
	ack_failure(CALLER);
	w->peer[CALLER].invite_branch = branch;
	w->peer[CALLER].invite_cseq = cseq;
	answer(sent, "200 OK", ANSWER_2);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	end_well();
}
END_TEST

START_TEST(reinvite_before_the_last_one_is_acked)
{
	const struct replay_sent *sent;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	answer(sent, "200 OK", ANSWER_2);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ask(CALLEE, "INVITE", ANSWER_2);
	hear(CALLEE, "SIP/2.0 491 ");
	ack_failure(CALLEE);
	ack(CALLER, "");
	end_well();
}
END_TEST

/* Or its ACK was lost. */
START_TEST(reinvite_of_who_has_not_acked_the_last_one)
{
	unsigned branch, cseq;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	branch = w->peer[CALLER].invite_branch;
	cseq = w->peer[CALLER].invite_cseq;
	answer(hear(CALLEE, "INVITE "), "200 OK", ANSWER_2);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ask(CALLER, "INVITE", OFFER_2);
	hear(CALLER, "SIP/2.0 491 ", "the ACK of this side");
	ack_failure(CALLER);
	w->peer[CALLER].invite_branch = branch;
	w->peer[CALLER].invite_cseq = cseq;
	ack(CALLER, "");
	end_well();
}
END_TEST

START_TEST(reinvite_that_is_refused_leaves_the_session)
{
	enum side from = (enum side)_i;

	begin_up();
	ask(from, "INVITE", OFFER_2);
	answer(hear(other(from), "INVITE "), "488 Not Acceptable Here", "");
	hear(other(from), "ACK ");
	hear(from, "SIP/2.0 488 Not Acceptable Here\r\n");
	ack_failure(from);
	end_well();
}
END_TEST

START_TEST(reinvite_that_is_challenged_is_not_relayed)
{
	static const char *const lines[] = { "401 Unauthorized",
		"407 Proxy Authentication Required" };

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), lines[_i],
	    "WWW-Authenticate: Digest realm=\"x\"\n");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 503 ", "AUTH-CHALLENGED", "!Digest");
	ack_failure(CALLER);
	end_well();
}
END_TEST

START_TEST(reinvite_that_is_redirected_is_not_relayed)
{
	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), "302 Moved Temporarily", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 480 ", "RSP-OTHER", "!Contact");
	ack_failure(CALLER);
	end_well();
}
END_TEST

START_TEST(reinvite_to_a_peer_that_lost_the_dialog)
{
	static const char *const lines[] = {
		"481 Call/Transaction Does Not Exist", "408 Request Timeout"
	};
	const struct replay_sent *bye;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), lines[_i], "");
	hear(CALLEE, "ACK ");
	hear(CALLER, _i == 0 ? "SIP/2.0 481 " : "SIP/2.0 408 ");
	ack_failure(CALLER);
	bye = hear(CALLER, "BYE ", "Reason: Q.850;cause=41");
	answer(hear(CALLEE, "BYE "), "481 Call/Transaction Does Not Exist", "");
	answer(bye, "200 OK", "");
	ck_ended("dialog-lost");
	ck_noted("DLG-PEER-GONE", "knows the dialog no more");
	ck_noted("DLG-PEER-GONE", lines[_i]);
	ck_noted("DLG-PEER-GONE", "carrier " CARRIER);
	finish();
}
END_TEST

/* Requests again, 100 to the one who waits. */
static void
skip_repeats(void)
{
	while (
	    w->net.looked_at < w->net.sent_n &&
	    (w->net.sent[w->net.looked_at]->msg.method == SIP_METHOD_INVITE &&
		(w->net.sent[w->net.looked_at]->msg.request ||
		    w->net.sent[w->net.looked_at]->msg.status == 100)))
		w->net.looked_at++;
}

START_TEST(reinvite_that_nobody_answers)
{
	const struct replay_sent *bye;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	wait_ms(T1_64 + 300);
	skip_repeats();
	hear(CALLER, "SIP/2.0 408 ", "NET-NO-REPLY");
	ack_failure(CALLER);
	bye = hear(CALLER, "BYE ", "Reason: Q.850;cause=41");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	answer(bye, "200 OK", "");
	ck_ended("dialog-lost");
	finish();
}
END_TEST

START_TEST(reinvite_is_cancelled)
{
	const struct replay_sent *sent;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	answer(sent, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ");
	cancel(CALLER, "Reason: SIP;cause=487\n");
	hear(CALLER, "SIP/2.0 200 ", "CANCEL\r\n");
	answer(
	    hear(CALLEE, "CANCEL ", "Reason: SIP;cause=487\r\n"), "200 OK", "");
	answer(sent, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 487 ");
	ack_failure(CALLER);
	end_well();
}
END_TEST

START_TEST(reinvite_whose_200_crosses_the_cancel)
{
	const struct replay_sent *sent, *c;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	answer(sent, "100 Trying", "");
	cancel(CALLER, "");
	hear(CALLER, "SIP/2.0 200 ", "CANCEL\r\n");
	c = hear(CALLEE, "CANCEL ");
	answer(sent, "200 OK", ANSWER_2);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "INVITE\r\n");
	ack(CALLER, "");
	answer(c, "481 Call/Transaction Does Not Exist", "");
	end_well();
}
END_TEST

START_TEST(reinvite_whose_200_is_never_acked)
{
	enum side from = (enum side)_i;
	const struct replay_sent *bye;

	begin_up();
	ask(from, "INVITE", OFFER_2);
	answer(hear(other(from), "INVITE "), "200 OK", ANSWER_2);
	hear(other(from), "ACK ");
	wait_ms(T1_64 + 300);
	while (!w->net.sent[w->net.looked_at]->msg.request)
		hear(from, "SIP/2.0 200 ");
	bye = hear(from, "BYE ", "Reason: Q.850;cause=102");
	answer(hear(other(from), "BYE "), "200 OK", "");
	answer(bye, "200 OK", "");
	ck_ended("not-acked");
	ck_noted("DLG-ACK-TARGET", "200 sent");
	finish();
}
END_TEST

START_TEST(bye_while_a_reinvite_is_pending)
{
	enum side from = (enum side)_i;
	const struct replay_sent *sent, *bye;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	ask(from, "BYE", "");
	hear(from, "SIP/2.0 200 ", "BYE\r\n");
	hear(CALLER, "SIP/2.0 487 ", "INVITE\r\n");
	ack_failure(CALLER);
	bye = hear(other(from), "BYE ");
	/* The callee ends its side of the re-INVITE. */
	answer(sent, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	answer(bye, "200 OK", "");
	finish();
}
END_TEST

START_TEST(bye_before_the_ack_of_a_reinvite)
{
	const struct replay_sent *bye;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), "200 OK", ANSWER_2);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	bye = hear(CALLER, "BYE ");
	answer(bye, "200 OK", "");
	/* Both dialogs are gone: nothing of the re-INVITE goes on. */
	finish();
}
END_TEST

START_TEST(bye_of_the_callee_before_the_ack_of_its_late_offer)
{
	const struct replay_sent *sent, *bye;

	begin_up();
	ask(CALLER, "INVITE", "");
	sent = hear(CALLEE, "INVITE ");
	answer(sent, "200 OK", ANSWER_2);
	hear(CALLER, "SIP/2.0 200 ");
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	hear(CALLEE, "ACK ", "Content-Length: 0\r\n");
	bye = hear(CALLER, "BYE ");
	ack(CALLER, OFFER_2);
	answer(bye, "200 OK", "");
	finish();
}
END_TEST

START_TEST(reinvite_that_cannot_be_sent_leaves_the_session)
{
	begin_up();
	w->net.error = -ECONNREFUSED;
	ask(CALLER, "INVITE", OFFER_2);
	w->net.error = 0;
	wait_ms(500);
	hear(CALLER, "SIP/2.0 503 ", "NET-FAILED");
	ack_failure(CALLER);
	end_well();
}
END_TEST

START_TEST(reinvite_and_icmp_says_that_nobody_is_there)
{
	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	hear(CALLEE, "INVITE ");
	calls_unreachable(w->calls, &w->peer[CALLEE].path, -ECONNREFUSED);
	hear(CALLER, "SIP/2.0 503 ", "NET-FAILED");
	ack_failure(CALLER);
	end_well();
}
END_TEST

START_TEST(reinvite_whose_200_is_too_big)
{
	const struct replay_sent *bye;

	begin_up();
	ask(CALLER, "INVITE", _i == 0 ? OFFER_2 : "");
	w->net.error_once_at = _i == 0 ? 2 : 1;
	w->net.error_once = -EMSGSIZE;
	answer(hear(CALLEE, "INVITE "), "200 OK", ANSWER_2);
	if (_i == 0)
		hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 502 ");
	ack_failure(CALLER);
	bye = hear(CALLER, "BYE ");
	if (_i == 1)
		hear(CALLEE, "ACK ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	answer(bye, "200 OK", "");
	ck_ended("bad-answer");
	finish();
}
END_TEST

START_TEST(reinvite_whose_failure_is_too_big)
{
	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	w->net.error_once_at = 2;
	w->net.error_once = -EMSGSIZE;
	answer(hear(CALLEE, "INVITE "), "488 Not Acceptable Here", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 488 ");
	ack_failure(CALLER);
	end_well();
}
END_TEST

START_TEST(reinvite_with_a_broken_session)
{
	begin_up();
	ask(CALLER, "INVITE",
	    "Content-Type: application/sdp\n\nthis is no session\n");
	hear(CALLER, "SIP/2.0 488 ", "SDP-INVALID");
	ack_failure(CALLER);
	end_well();
}
END_TEST

/* --- UPDATE, and whose target is where --- */

START_TEST(update_with_an_offer)
{
	enum side from = (enum side)_i;

	begin_up();
	ask(from, "UPDATE", OFFER_2);
	answer(hear(other(from), "UPDATE ", OFFERS_2, "Contact: <sip:"),
	    "200 OK", ANSWER_2);
	hear(from, "SIP/2.0 200 ", ANSWERS_2, "UPDATE\r\n", "Contact: <sip:");
	end_well();
}
END_TEST

START_TEST(update_without_an_offer_passes_a_pending_reinvite)
{
	const struct replay_sent *sent;

	begin_up();
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	ask(CALLEE, "UPDATE", ANSWER_2);
	hear(CALLEE, "SIP/2.0 491 ", "DLG-GLARE");
	ask(CALLEE, "UPDATE", "P-Asserted-Identity: <sip:1@carrier.example>\n");
	answer(hear(CALLER, "UPDATE "), "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ", "UPDATE\r\n");
	/* What only refreshes is nobody else's business. */
	ask(CALLEE, "UPDATE", "");
	hear(CALLEE, "SIP/2.0 200 ", "UPDATE\r\n", "Contact: <sip:");
	answer(sent, "200 OK", ANSWER_2);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	end_well();
}
END_TEST

START_TEST(target_of_a_reinvite_is_used_once_it_is_accepted)
{
	const struct replay_sent *sent;

	begin_up();
	w->peer[CALLER].contact = "<sip:new@192.0.2.10:5064>";
	ask(CALLER, "INVITE", OFFER_2);
	sent = hear(CALLEE, "INVITE ");
	/* Not before: it may yet be refused (RFC 3261 section 12.2.2). */
	ask(CALLEE, "INFO", "");
	answer(hear(CALLER, "INFO sip:pbx@192.0.2.10:5060 SIP/2.0\r\n"),
	    "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ", "INFO\r\n");
	w->peer[CALLEE].contact = "<sip:new@198.51.100.20:5066>";
	answer(sent, "200 OK", ANSWER_2);
	replay_expect(&w->net, "198.51.100.20:5066",
	    "ACK sip:new@198.51.100.20:5066 SIP/2.0\r\n", NULL);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	answer(replay_expect(&w->net, "192.0.2.10:5064",
		   "BYE sip:new@192.0.2.10:5064 SIP/2.0\r\n", NULL),
	    "200 OK", "");
	finish();
}
END_TEST

START_TEST(target_of_a_refused_reinvite_is_forgotten)
{
	begin_up();
	w->peer[CALLER].contact = "<sip:new@192.0.2.10:5064>";
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), "488 Not Acceptable Here", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 488 ");
	ack_failure(CALLER);
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	answer(hear(CALLER, "BYE sip:pbx@192.0.2.10:5060 SIP/2.0\r\n"),
	    "200 OK", "");
	finish();
}
END_TEST

START_TEST(target_of_an_update_is_used)
{
	begin_up();
	w->peer[CALLEE].contact = "<sip:moved@198.51.100.20:5070>";
	ask(CALLEE, "UPDATE", ANSWER_2);
	answer(hear(CALLER, "UPDATE "), "200 OK", OFFER_2);
	hear(CALLEE, "SIP/2.0 200 ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(replay_expect(&w->net, "198.51.100.20:5070",
		   "BYE sip:moved@198.51.100.20:5070 SIP/2.0\r\n", NULL),
	    "200 OK", "");
	finish();
}
END_TEST

START_TEST(target_of_a_reinvite_in_a_call_that_ends)
{
	begin_up();
	w->peer[CALLER].contact = "<sip:new@192.0.2.10:5064>";
	ask(CALLER, "INVITE", OFFER_2);
	answer(hear(CALLEE, "INVITE "), "100 Trying", "");
	calls_end_all(w->calls, END_DRAINING);
	hear(CALLER, "SIP/2.0 487 ");
	ack_failure(CALLER);
	answer(hear(CALLER, "BYE sip:pbx@"), "200 OK", "");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	wait_ms(180000 + 300);
	finish();
}
END_TEST

/* --- the rest --- */

START_TEST(info_and_message_pass_both_ways)
{
	static const char *const methods[] = { "INFO", "MESSAGE" };
	enum side from = (enum side)(_i & 1);
	const char *method = methods[_i >> 1];
	char start[16];

	begin_up();
	snprintf(start, sizeof(start), "%s ", method);
	ask(from, method,
	    "Content-Type: application/dtmf-relay\nInfo-Package: x\n"
	    "X-Own: 1\n\nSignal=5\n");
	answer(hear(other(from), start, "Content-Type: application/dtmf-relay",
		   "Signal=5\r\n", "!X-Own", "!Contact"),
	    "200 OK", "");
	hear(from, "SIP/2.0 200 ");
	ask(from, method, "");
	answer(hear(other(from), start), "415 Unsupported Media Type", "");
	hear(from, "SIP/2.0 415 ");
	end_well();
}
END_TEST

START_TEST(info_that_nobody_answers)
{
	const struct replay_sent *bye;

	begin_up();
	ask(CALLER, "INFO", "");
	wait_ms(T1_64 - 400);
	replay_skip(&w->net);
	wait_ms(700);
	hear(CALLER, "SIP/2.0 504 ", "NET-NO-REPLY");
	bye = hear(CALLER, "BYE ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	answer(bye, "200 OK", "");
	ck_ended("dialog-lost");
	finish();
}
END_TEST

/* Its 1xx has stopped the timer of the transaction. */
START_TEST(a_reinvite_that_is_never_answered)
{
	const struct replay_sent *reinvite;

	begin();
	up();
	ask(CALLER, "INVITE", SDP_PORT("192.0.2.10", "4002"));
	reinvite = hear(CALLEE, "INVITE ");
	answer(reinvite, "100 Trying", "");
	wait_ms(RING_MS - 1);
	hear(CALLER, "SIP/2.0 100 ");
	hear_nothing();
	wait_ms(1);
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(reinvite, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 487 ");
	ack_failure(CALLER);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

/* RFC 3261 section 13.2.2.4 is not for a re-INVITE. */
START_TEST(a_reinvite_that_is_answered_after_the_end)
{
	const struct replay_sent *reinvite, *bye;

	begin();
	up();
	ask(CALLER, "INVITE", SDP_PORT("192.0.2.10", "4002"));
	reinvite = hear(CALLEE, "INVITE ");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	hear(CALLER, "SIP/2.0 487 ");
	ack_failure(CALLER);
	bye = hear(CALLEE, "BYE ");
	answer(reinvite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	answer(bye, "200 OK", "");
	finish();
}
END_TEST

/* A number that the PBX dials in INFO, and the first one is lost. */
START_TEST(digits_that_are_not_answered_yet)
{
	const struct replay_sent *sent[11];
	char fields[80];
	size_t i;

	begin_up();
	for (i = 0; i < ARRAY_LEN(sent); i++) {
		snprintf(fields, sizeof(fields),
		    "Content-Type: application/dtmf-relay\n\nSignal=%u\n",
		    (unsigned)i % 10);
		ask(CALLER, "INFO", fields);
		sent[i] = hear(CALLEE, "INFO ", "Signal=");
	}
	for (i = 0; i < ARRAY_LEN(sent); i++) {
		answer(sent[i], "200 OK", "");
		hear(CALLER, "SIP/2.0 200 ");
	}
	end_well();
}
END_TEST

START_TEST(more_requests_than_a_call_holds)
{
	const struct replay_sent *sent[CALL_EXCHANGES];
	size_t i;

	begin_up();
	for (i = 0; i < CALL_EXCHANGES; i++) {
		ask(CALLER, "INFO", "");
		sent[i] = hear(CALLEE, "INFO ");
	}
	ask(CALLER, "INFO", "");
	hear(CALLER, "SIP/2.0 500 ", "Retry-After: ");
	for (i = 0; i < CALL_EXCHANGES; i++) {
		answer(sent[i], "200 OK", "");
		hear(CALLER, "SIP/2.0 200 ");
	}
	end_well();
}
END_TEST

START_TEST(requests_that_are_answered_here)
{
	static const struct {
		const char *method;
		const char *start;
		const char *text;
	} cases[] = {
		{"OPTIONS",    "SIP/2.0 200 ", "Allow: "        },
		{ "FROB",      "SIP/2.0 501 ", "MET-NOT-ALLOWED"},
		{ "SUBSCRIBE", "SIP/2.0 405 ", "Allow: "        },
		{ "PUBLISH",   "SIP/2.0 405 ", "MET-NOT-ALLOWED"},
		{ "REGISTER",  "SIP/2.0 405 ", "MET-NOT-ALLOWED"},
		{ "NOTIFY",    "SIP/2.0 481 ", "DLG-UNKNOWN"    },
		{ "PRACK",     "SIP/2.0 481 ", "DLG-UNKNOWN"    },
	};
	enum side from = (enum side)(_i & 1);

	ck_assert_uint_eq(ARRAY_LEN(cases), 7);
	begin_up();
	ask(from, cases[_i >> 1].method, "");
	hear(from, cases[_i >> 1].start, cases[_i >> 1].text);
	end_well();
}
END_TEST

START_TEST(a_required_extension_that_nobody_knows)
{
	begin_up();
	ask(CALLER, "INFO", "Require: frob\n");
	hear(
	    CALLER, "SIP/2.0 420 ", "Unsupported: frob\r\n", "EXT-UNSUPPORTED");
	ask(CALLER, "BYE", "Require: frob\n");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_cseq_from_the_past)
{
	begin_up();
	w->peer[CALLER].cseq = 40;
	ask(CALLER, "INFO", "");
	answer(hear(CALLEE, "INFO "), "200 OK", "");
	hear(CALLER, "SIP/2.0 200 ");
	w->peer[CALLER].cseq = 39 - 1;
	ask(CALLER, "INFO", "");
	hear(CALLER, "SIP/2.0 500 ", "Warning: 399 ", "DLG-UNKNOWN");
	w->peer[CALLER].cseq = 50;
	end_well();
}
END_TEST

/* --- before the call is up --- */

START_TEST(requests_of_the_caller_while_it_rings)
{
	begin();
	ringing();
	ask(CALLER, "UPDATE", OFFER_2);
	hear(CALLER, "SIP/2.0 491 ", "DLG-GLARE");
	ask(CALLER, "INFO", "");
	hear(CALLER, "SIP/2.0 491 ");
	ask(CALLER, "OPTIONS", "");
	hear(CALLER, "SIP/2.0 200 ");
	accept_invite(ANSWER);
	ask(CALLER, "INVITE", OFFER_2);
	hear(CALLER, "SIP/2.0 491 ");
	ack_failure(CALLER);
	w->peer[CALLER].invite_cseq = 1;
	ack(CALLER, "");
	end_well();
}
END_TEST

/* 481 would tell the callee that its early dialog is gone. */
START_TEST(requests_of_the_callee_while_it_rings)
{
	begin();
	ringing();
	ask(CALLEE, "UPDATE", ANSWER_2);
	hear(CALLEE, "SIP/2.0 491 ", "DLG-GLARE");
	ask(CALLEE, "INFO", "");
	hear(CALLEE, "SIP/2.0 491 ");
	/* What would be no other once it is. */
	ask(CALLEE, "OPTIONS", "");
	hear(CALLEE, "SIP/2.0 200 ", "Allow: INVITE");
	ask(CALLEE, "SUBSCRIBE", "");
	hear(CALLEE, "SIP/2.0 405 ", "Allow: INVITE");
	ask(CALLEE, "PLAY", "");
	hear(CALLEE, "SIP/2.0 501 ");
	accept_invite(ANSWER);
	ask(CALLEE, "UPDATE", ANSWER_2);
	hear(CALLEE, "SIP/2.0 491 ");
	ack(CALLER, "");
	end_well();
}
END_TEST

START_TEST(requests_after_the_hang_up)
{
	const struct replay_sent *bye;

	begin_up();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	bye = hear(CALLEE, "BYE ");
	ask(CALLEE, "INVITE", ANSWER_2);
	hear(CALLEE, "SIP/2.0 481 ");
	ack_failure(CALLEE);
	ask(CALLER, "INFO", "");
	hear(CALLER, "SIP/2.0 481 ");
	answer(bye, "200 OK", "");
	ask(CALLEE, "INFO", "");
	hear(CALLEE, "SIP/2.0 481 ");
	finish();
}
END_TEST

START_TEST(wrong_tags_are_nobodys_dialog)
{
	struct peer right;
	static const char *const tags[] = { "x", "00000000010000010000000000",
		"zzzzzzzzzzzzzzzzr00000000" };
	size_t i;

	begin_up();
	right = w->peer[CALLER];
	for (i = 0; i < ARRAY_LEN(tags); i++) {
		strcpy(w->peer[CALLER].our_tag, tags[i]);
		ask(CALLER, "INFO", "");
		hear(CALLER, "SIP/2.0 481 ", "Warning: 399 ", "DLG-UNKNOWN");
	}
	strcpy(w->peer[CALLER].our_tag, right.our_tag);
	w->peer[CALLER].tag = "not-the-caller";
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 481 ");
	w->peer[CALLER].tag = right.tag;
	strcpy(w->peer[CALLER].call_id, "another");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 481 ");
	strcpy(w->peer[CALLER].call_id, right.call_id);
	/* The other leg's tag is not this dialog's. */
	strcpy(w->peer[CALLER].our_tag, w->peer[CALLEE].our_tag);
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 481 ");
	strcpy(w->peer[CALLER].our_tag, right.our_tag);
	end_well();
}
END_TEST

static TCase *
reinvite_tests(void)
{
	TCase *tc = tcase_create("re-INVITE");

	tcase_add_loop_test(tc, reinvite_with_an_offer, 0, 2);
	tcase_add_loop_test(tc, reinvite_without_an_offer, 0, 2);
	tcase_add_test(tc, reinvite_of_both_at_once);
	tcase_add_test(tc, reinvite_while_one_of_the_same_side_is_pending);
	tcase_add_test(tc, reinvite_before_the_last_one_is_acked);
	tcase_add_test(tc, reinvite_of_who_has_not_acked_the_last_one);
	tcase_add_loop_test(
	    tc, reinvite_that_is_refused_leaves_the_session, 0, 2);
	tcase_add_loop_test(
	    tc, reinvite_that_is_challenged_is_not_relayed, 0, 2);
	tcase_add_test(tc, reinvite_that_is_redirected_is_not_relayed);
	tcase_add_loop_test(tc, reinvite_to_a_peer_that_lost_the_dialog, 0, 2);
	tcase_add_test(tc, reinvite_that_nobody_answers);
	tcase_add_test(tc, reinvite_is_cancelled);
	tcase_add_test(tc, reinvite_whose_200_crosses_the_cancel);
	tcase_add_loop_test(tc, reinvite_whose_200_is_never_acked, 0, 2);
	tcase_add_loop_test(tc, bye_while_a_reinvite_is_pending, 0, 2);
	tcase_add_test(tc, bye_before_the_ack_of_a_reinvite);
	tcase_add_test(tc, bye_of_the_callee_before_the_ack_of_its_late_offer);
	tcase_add_test(tc, reinvite_that_cannot_be_sent_leaves_the_session);
	tcase_add_test(tc, reinvite_and_icmp_says_that_nobody_is_there);
	tcase_add_loop_test(tc, reinvite_whose_200_is_too_big, 0, 2);
	tcase_add_test(tc, reinvite_whose_failure_is_too_big);
	tcase_add_test(tc, reinvite_with_a_broken_session);
	return tc;
}

static TCase *
update_tests(void)
{
	TCase *tc = tcase_create("UPDATE and targets");

	tcase_add_loop_test(tc, update_with_an_offer, 0, 2);
	tcase_add_test(tc, update_without_an_offer_passes_a_pending_reinvite);
	tcase_add_test(tc, target_of_a_reinvite_is_used_once_it_is_accepted);
	tcase_add_test(tc, target_of_a_refused_reinvite_is_forgotten);
	tcase_add_test(tc, target_of_an_update_is_used);
	tcase_add_test(tc, target_of_a_reinvite_in_a_call_that_ends);
	return tc;
}

static TCase *
other_tests(void)
{
	TCase *tc = tcase_create("other requests");

	tcase_add_loop_test(tc, info_and_message_pass_both_ways, 0, 4);
	tcase_add_test(tc, info_that_nobody_answers);
	tcase_add_test(tc, a_reinvite_that_is_never_answered);
	tcase_add_test(tc, a_reinvite_that_is_answered_after_the_end);
	tcase_add_test(tc, digits_that_are_not_answered_yet);
	tcase_add_test(tc, more_requests_than_a_call_holds);
	tcase_add_loop_test(tc, requests_that_are_answered_here, 0, 14);
	tcase_add_test(tc, a_required_extension_that_nobody_knows);
	tcase_add_test(tc, a_cseq_from_the_past);
	tcase_add_test(tc, requests_of_the_caller_while_it_rings);
	tcase_add_test(tc, requests_of_the_callee_while_it_rings);
	tcase_add_test(tc, requests_after_the_hang_up);
	tcase_add_test(tc, wrong_tags_are_nobodys_dialog);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("requests inside a call");

	suite_add_tcase(suite, reinvite_tests());
	suite_add_tcase(suite, update_tests());
	suite_add_tcase(suite, other_tests());
	return unit_run(suite);
}
