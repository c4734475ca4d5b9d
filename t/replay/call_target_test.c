/* Who a transfer calls: what it is told, what refuses it, and what crosses. */

#include <stdio.h>

#include "transfer_world.h"

/* A carrier whose policy has that inside, and more options. */
static void
begin_with_policy(const char *inside, const char *more, bool from_carrier)
{
	begin_with(&(struct world_options){
	    .policy = inside,
	    .carrier = more,
	    .pbx = "country = \"GB\";",
	    .from_carrier = from_carrier });
}

static void
told(const char *line)
{
	answer(hear(CALLER, "NOTIFY ", "Subscription-State: terminated", line),
	    "200 OK", "");
	hear_nothing();
}

/* --- RFC 3264 section 8 --- */

START_TEST(the_target_is_told_again)
{
	const struct replay_sent *again;

	begin();
	up();
	refer();
	answer(target_answers(), "200 OK", SDP_PORT("198.51.100.20", "6002"));
	hear(CALLEE, "ACK ");
	again = hear(TARGET, "INVITE ", "m=audio 6002",
	    "o=- 1 2 IN IP4 198.51.100.20\r\n");
	told("SIP/2.0 200 OK\r\n");
	answer(again, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(who_waits_is_told_when_the_transferor_has_gone)
{
	const struct replay_sent *offer;

	begin();
	up();
	refer();
	transferor_leaves();
	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	offer = hear(CALLEE, "INVITE sip:gw@", TARGETS,
	    "o=- 1 2 IN IP4 192.0.2.10\r\n");
	answer(offer, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	callee_leaves();
	finish();
}
END_TEST

/* --- what the INVITE says --- */

START_TEST(who_referred_is_told_once)
{
	const struct replay_sent *sent;
	unsigned i, n = 0;

	begin();
	up();
	refer_with("Referred-By: <sip:boss@pbx.example>;cid=1\n"
		   "Contact: <sip:pbx@" PBX ">\n"
		   "Refer-To: <sip:+442079460099@192.0.2.1?Referred-By="
		   "%3Csip:evil@x%3E&Subject=hello&Route=%3Csip:evil%3E"
		   "&P-Asserted-Identity=%3Csip:1@evil%3E&X-Own=1>\n");
	sent = hear(TARGET, "INVITE ", "Subject: hello\r\n", "!evil", "!X-Own",
	    "Referred-By: <sip:boss@pbx.example>;cid=1\r\n");
	for (i = 0; i < sent->msg.lines_n; i++)
		n += sent->msg.lines[i].id == SIP_REFERRED_BY;
	ck_assert_uint_eq(n, 1);
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

#define TEAMS                                                                  \
	";x-m=8:orgid:0123;x-t=11112222-3333;x-ti=tenant;x-tt=aHR0cHM6Ly9hcGk"

/* Who hid its number from the first one called hides it from the next. */
START_TEST(who_waits_stays_as_private_as_it_was)
{
	begin_with(&(struct world_options){
	    .carrier = _i == 0 ? "" : "transfer_caller = \"transferor\";" });
	invite("Privacy: id;\n critical\n" OFFER);
	hear(CALLEE, "INVITE ", "Privacy: id; critical\r\n");
	hear(CALLER, "SIP/2.0 100 ");
	accept_invite(ANSWER);
	ack(CALLER, "");
	ask(CALLEE, "REFER",
	    "Contact: <sip:gw@" CARRIER ">\n"
	    "Refer-To: <sip:+442079460099@198.51.100.1>\n");
	hear(CALLEE, "SIP/2.0 202 ");
	hear(CALLEE, "NOTIFY ");
	replay_expect(&w->net, PBX, "INVITE sip:+442079460099@",
	    _i == 0 ? "Privacy: id; critical\r\n" : "!Privacy:", NULL);
	abandon();
}
END_TEST

START_TEST(what_teams_wants_back)
{
	begin();
	up();
	refer_with("Contact: <sip:pbx@" PBX ">\n"
		   "Refer-To: <sip:+442079460099@192.0.2.1:5061;transport=tls" TEAMS
		   ";x-other=1>\n");
	hear(TARGET, "INVITE sip:+442079460099@198.51.100.20:5060" TEAMS " SIP/2.0",
	    "To: <sip:+442079460099@198.51.100.20");
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(its_policy_knows_that_it_is_transferred)
{
	begin_with_policy("rules = ( { id = \"a\"; on = \"INVITE\"; "
			  "when = { call = \"transferred\"; }; "
			  "ensure = \"Subject\"; value = \"${call.kind}\"; "
			  "diagnostic = \"CLI-DIVERTED\"; } );",
	    "", false);
	up();
	refer_with(REFER_TO("+442079460099"));
	hear(TARGET, "INVITE ", "Subject: transferred\r\n");
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

/* A call for help is nothing else, whoever made it. */
START_TEST(an_emergency)
{
	begin_with_policy("rules = ( { id = \"a\"; on = \"INVITE\"; "
			  "ensure = \"Subject\"; value = \"${call.kind}\"; "
			  "diagnostic = \"CLI-DIVERTED\"; } );",
	    "", false);
	up();
	refer_with(REFER_TO("999"));
	hear(TARGET, "INVITE sip:999@", "Subject: emergency\r\n");
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

/* --- refused --- */

START_TEST(a_policy_refuses_it)
{
	begin_with_policy("identity = { invalid_ani = \"reject\"; };",
	    "country = \"GB\";", true);
	snprintf(w->peer[CALLER].uri, sizeof(w->peer[CALLER].uri),
	    "sip:+44207@198.51.100.20");
	up();
	ask(CALLEE, "REFER", REFER_TO("+442079460099"));
	hear(CALLEE, "SIP/2.0 202 ");
	answer(hear(CALLEE, "NOTIFY ", "SIP/2.0 100 "), "200 OK", "");
	answer(hear(CALLEE, "NOTIFY ", "SIP/2.0 403 "), "200 OK", "");
	hear_nothing();
	ck_noted("CLI-ANI-INVALID", "sip:+442079460099@192.0.2.1");
	hang_up();
	finish();
}
END_TEST

START_TEST(its_trunk_is_full)
{
	begin_with(&(struct world_options){ .carrier = "max_calls = 1;" });
	up();
	ask(CALLER, "REFER", REFER_TO("+442079460099"));
	hear(CALLER, "SIP/2.0 202 ");
	told("SIP/2.0 503 ");
	ck_noted("CAP-CONCURRENT", NULL);
	hang_up();
	finish();
}
END_TEST

START_TEST(no_route_takes_it)
{
	begin_with(&(struct world_options){
	    .routes = "{ from = \"pbx\"; to = \"carrier\"; prefix = \"+4420\"; },"
		      "{ from = \"carrier\"; to = \"pbx\"; }" });
	up();
	ask(CALLER, "REFER", REFER_TO("+19005550100"));
	hear(CALLER, "SIP/2.0 202 ");
	told("SIP/2.0 404 Not Found\r\n");
	ck_noted("RTE-NO-MATCH", "+19005550100");
	hang_up();
	finish();
}
END_TEST

/* --- what crosses --- */

/* 481 would end that peer's dialog. */
START_TEST(who_waits_changes_its_media_meanwhile)
{
	const struct replay_sent *offer;

	begin();
	up();
	refer();
	transferor_leaves();
	ask(CALLEE, "INVITE", SDP_PORT("198.51.100.20", "6002"));
	hear(CALLEE, "SIP/2.0 491 ", "DLG-GLARE");
	ack_failure(CALLEE);
	ask(CALLEE, "INFO", "");
	hear(CALLEE, "SIP/2.0 491 ", "DLG-GLARE");
	offer = target_answers();
	answer(offer, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	callee_leaves();
	finish();
}
END_TEST

START_TEST(the_target_asks_before_it_is_joined)
{
	const struct replay_sent *offer;

	begin();
	up();
	refer();
	offer = target_answers();
	ask(TARGET, "INVITE", SDP_PORT("198.51.100.20", "7002"));
	hear(TARGET, "SIP/2.0 491 ", "DLG-GLARE");
	ack_failure(TARGET);
	ask(TARGET, "INFO", "");
	hear(TARGET, "SIP/2.0 491 ");
	ask(TARGET, "REFER", REFER_TO("+442079460098"));
	hear(TARGET, "SIP/2.0 491 ");
	joined(offer);
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(the_consultation_is_changed_meanwhile)
{
	begin();
	consulting();
	refer_attended();
	hear(TARGET, "INVITE sip:gw@", "m=audio 6000");
	ask(CONSULT, "INVITE", SDP_PORT("192.0.2.10", "4102"));
	hear(CONSULT, "SIP/2.0 491 ", "DLG-GLARE");
	ack_failure(CONSULT);
	ask(CONSULT, "REFER", REFER_TO("+442079460098"));
	hear(CONSULT, "SIP/2.0 491 ");
	abandon();
}
END_TEST

/* --- a target that rings --- */

/* The caller's second call rings at the target. */
static void
consulting_one_that_rings(void)
{
	up();
	invite_as(CONSULT, SDP_PORT("192.0.2.10", "4100"));
	hear(TARGET, "INVITE ", "m=audio 4100");
	hear(CONSULT, "SIP/2.0 100 ");
	answer(w->invite, "180 Ringing", "");
	hear(CONSULT, "SIP/2.0 180 ");
	ask_to_join();
	hear(CALLER, "SIP/2.0 202 Accepted\r\n");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 180 Ringing\r\n"), "200 OK", "");
	hear_nothing();
}

static void
consultation_fails(const char *start)
{
	hear(CONSULT, start);
	ack_failure(CONSULT);
	hear_nothing();
}

START_TEST(a_target_that_rings)
{
	begin();
	consulting_one_that_rings();
	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	answer(hear(TARGET, "INVITE sip:gw@", "m=audio 6000",
		   "o=- 1 2 IN IP4 192.0.2.10"),
	    "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	joined(hear(CALLEE, "INVITE sip:gw@", TARGETS));
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	consultation_fails("SIP/2.0 480 ");
	ck_ended("transferred");
	ck_noted("XFR-DONE", "attended");
	callee_leaves();
	finish();
}
END_TEST

START_TEST(a_target_that_rings_and_is_busy)
{
	begin();
	consulting_one_that_rings();
	answer(w->invite, "486 Busy Here", "");
	hear(TARGET, "ACK ");
	answer(hear(CALLER, "NOTIFY ", "Subscription-State: terminated",
		   "SIP/2.0 486 "),
	    "200 OK", "");
	consultation_fails("SIP/2.0 480 ");
	ck_ended("consultation-lost");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_target_that_rings_and_whose_caller_gives_up)
{
	begin();
	consulting_one_that_rings();
	cancel(CONSULT, "");
	hear(CONSULT, "SIP/2.0 200 ");
	consultation_fails("SIP/2.0 487 ");
	ck_ended("cancelled");
	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	answer(hear(TARGET, "INVITE sip:gw@", "m=audio 6000"), "200 OK",
	    TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	joined(hear(CALLEE, "INVITE sip:gw@", TARGETS));
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(a_target_that_rings_and_nobody_waits_any_more)
{
	begin();
	consulting_one_that_rings();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 487 "), "200 OK", "");
	hear(CONSULT, "SIP/2.0 480 ");
	ack_failure(CONSULT);
	answer(hear(TARGET, "CANCEL "), "200 OK", "");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(TARGET, "ACK ");
	finish();
}
END_TEST

/* What it hears before the answer is between it and the transferor. */
START_TEST(a_target_that_rings_with_media)
{
	begin();
	consulting_one_that_rings();
	answer(w->invite, "183 Session Progress", TARGETS_MEDIA);
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 183 "), "200 OK", "");
	hear_nothing();
	wait_ms(RING_MS);
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 408 "), "200 OK", "");
	answer(hear(TARGET, "CANCEL "), "200 OK", "");
	consultation_fails("SIP/2.0 480 ");
	answer(w->invite, "487 Request Terminated", "");
	hear(TARGET, "ACK ");
	hang_up();
	finish();
}
END_TEST

/* It talked to the transferor, and is gone in the middle. */
START_TEST(a_target_that_hangs_up_when_it_is_asked)
{
	const struct replay_sent *offer;

	begin();
	consulting();
	refer_attended();
	offer = hear(TARGET, "INVITE sip:gw@", "m=audio 6000");
	ask(TARGET, "BYE", "");
	hear(TARGET, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 480 "), "200 OK", "");
	answer(hear(CONSULT, "BYE "), "200 OK", "");
	answer(offer, "487 Request Terminated", "");
	hear(TARGET, "ACK ");
	ck_ended("target-hung-up");
	hang_up();
	finish();
}
END_TEST

/* --- a target that says where else it is --- */

#define ELSEWHERE "+442079460077"

static void
begin_redirected(const char *options, const char *routes)
{
	begin_with(&(struct world_options){
	    .carrier = options, .routes = routes });
	up();
	refer();
}

/* The target's 302 with that Contact. */
static void
moved(const char *contact)
{
	char fields[256];

	snprintf(fields, sizeof(fields), "Contact: %s\n", contact);
	answer_as(w->invite, "302 Moved Temporarily", "target-tag", fields);
	hear(TARGET, "ACK ");
}

/* The number that it named is asked instead. */
static void
followed(void)
{
	hear(TARGET, "INVITE sip:" ELSEWHERE "@198.51.100.20:5060",
	    "Referred-By: <sip:", "m=audio 6000",
	    "Diversion: <sip:+442079460099@");
	hear_nothing();
	ck_noted("RTE-REDIRECTED", ELSEWHERE);
}

START_TEST(a_target_that_has_moved)
{
	begin_redirected("redirect = \"follow\";", NULL);
	if (_i == 1) {
		answer(w->invite, "180 Ringing", "");
		answer(hear(CALLER, "NOTIFY ", "SIP/2.0 180 "), "200 OK", "");
	}
	moved("<sip:" ELSEWHERE "@203.0.113.9>");
	followed();
	answer(w->invite, "180 Ringing", "");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 180 "), "200 OK", "");
	joined(target_answers());
	ck_noted("XFR-DONE", "blind");
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

/* Who waits hears the first one, and then the second. */
START_TEST(a_target_that_has_moved_and_had_media)
{
	const struct replay_sent *offer;

	begin_redirected("redirect = \"follow\";", NULL);
	answer(w->invite, "183 Session Progress",
	    SDP_PORT("198.51.100.20", "7770"));
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 183 "), "200 OK", "");
	offer = hear(CALLEE, "INVITE sip:gw@", "m=audio 7770");
	if (_i == 0) {
		answer(offer, "200 OK", ANSWER);
		hear(CALLEE, "ACK ");
	}
	moved("<sip:" ELSEWHERE "@203.0.113.9>");
	followed();
	if (_i == 1) {
		answer(w->invite, "200 OK", TARGETS_MEDIA);
		hear(TARGET, "ACK ");
		answer(offer, "200 OK", ANSWER);
		hear(CALLEE, "ACK ");
		joined(hear(CALLEE, "INVITE sip:gw@", TARGETS));
	} else {
		joined(target_answers());
	}
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(a_target_that_has_moved_and_no_transferor)
{
	begin_redirected("redirect = \"follow\";", NULL);
	transferor_leaves();
	moved("<sip:" ELSEWHERE "@203.0.113.9>");
	followed();
	answer(target_answers(), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	callee_leaves();
	finish();
}
END_TEST

static const struct {
	const char *options, *contact, *status, *code;
} not_followed[] = {
	{ "redirect = \"refuse\";", "<sip:" ELSEWHERE "@203.0.113.9>", "480",
	    NULL },
	{ "redirect = \"relay\";", "<sip:" ELSEWHERE "@203.0.113.9>", "480",
	    NULL },
	{ "redirect = \"follow\";", "<sip:203.0.113.9>", "480",
	    "RTE-REDIRECTED" },
	{ "redirect = \"follow\";", "<sip:+442079460099@203.0.113.9>", "482",
	    "LOOP-DETECTED" },
	{ "redirect = \"follow\";", "<sip:+19005550100@203.0.113.9>", "404",
	    "RTE-NO-MATCH" },
};

START_TEST(a_target_whose_move_is_not_followed)
{
	char line[32];

	begin_redirected(not_followed[_i].options,
	    "{ from = \"pbx\"; to = \"carrier\"; prefix = \"+4420\"; },"
	    "{ from = \"carrier\"; to = \"pbx\"; }");
	moved(not_followed[_i].contact);
	snprintf(line, sizeof(line), "SIP/2.0 %s ", not_followed[_i].status);
	told(line);
	if (not_followed[_i].code != NULL)
		ck_noted(not_followed[_i].code, NULL);
	ck_noted("XFR-FAILED", NULL);
	hang_up();
	finish();
}
END_TEST

START_TEST(a_target_that_has_moved_and_is_busy)
{
	begin_redirected("redirect = \"follow\";", NULL);
	moved("<sip:" ELSEWHERE "@203.0.113.9>;q=0.9, "
	      "<sip:+442079460078@203.0.113.9>;q=0.5");
	followed();
	answer(w->invite, "486 Busy Here", "");
	hear(TARGET, "ACK ");
	hear(TARGET, "INVITE sip:+442079460078@");
	if (_i == 0) {
		joined(target_answers());
		transferor_leaves();
		callee_leaves();
	} else {
		moved("<sip:" ELSEWHERE "@203.0.113.9>");
		told("SIP/2.0 482 ");
		hang_up();
	}
	finish();
}
END_TEST

/* Where a call would go on to the next peer of the trunk, this does, too. */
START_TEST(a_target_by_another_way)
{
	begin_with(&(struct world_options){
	    .peers = ", \"198.51.100.30:5060\"" });
	up();
	refer();
	answer_as(w->invite, "503 Service Unavailable", "target-tag", "");
	hear(TARGET, "ACK ");
	learn(TARGET,
	    replay_expect(&w->net, "198.51.100.30:5060",
		"INVITE sip:+442079460099@", "m=audio 6000",
		"Referred-By: ", NULL));
	ck_noted("RTE-ADVANCED", "carrier answered 503");
	answer_as(w->invite, "486 Busy Here", "target-tag", "");
	replay_expect(&w->net, "198.51.100.30:5060", "ACK ", NULL);
	told("SIP/2.0 486 ");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_target_that_has_moved_and_nobody_waits)
{
	begin_redirected("redirect = \"follow\";", NULL);
	moved("<sip:" ELSEWHERE "@203.0.113.9>");
	followed();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 487 "), "200 OK", "");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	wait_ms(0);
	answer(w->invite, "180 Ringing", "");
	answer(hear(TARGET, "CANCEL "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(TARGET, "ACK ");
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("call_target");
	TCase *said = tcase_create("said");
	TCase *rings = tcase_create("rings");
	TCase *crossing = tcase_create("crossing");
	TCase *moves = tcase_create("moves");

	tcase_add_test(said, the_target_is_told_again);
	tcase_add_test(said, who_waits_is_told_when_the_transferor_has_gone);
	tcase_add_test(said, who_referred_is_told_once);
	tcase_add_loop_test(
	    said, who_waits_stays_as_private_as_it_was, 0, 2);
	tcase_add_test(said, what_teams_wants_back);
	tcase_add_test(said, its_policy_knows_that_it_is_transferred);
	tcase_add_test(said, an_emergency);
	tcase_add_test(said, a_policy_refuses_it);
	tcase_add_test(said, its_trunk_is_full);
	tcase_add_test(said, no_route_takes_it);
	tcase_add_test(crossing, who_waits_changes_its_media_meanwhile);
	tcase_add_test(crossing, the_target_asks_before_it_is_joined);
	tcase_add_test(crossing, the_consultation_is_changed_meanwhile);
	tcase_add_test(rings, a_target_that_rings);
	tcase_add_test(rings, a_target_that_rings_and_is_busy);
	tcase_add_test(rings, a_target_that_rings_and_whose_caller_gives_up);
	tcase_add_test(rings, a_target_that_rings_and_nobody_waits_any_more);
	tcase_add_test(rings, a_target_that_rings_with_media);
	tcase_add_test(rings, a_target_that_hangs_up_when_it_is_asked);
	tcase_add_loop_test(moves, a_target_that_has_moved, 0, 2);
	tcase_add_loop_test(moves, a_target_that_has_moved_and_had_media, 0, 2);
	tcase_add_test(moves, a_target_that_has_moved_and_no_transferor);
	tcase_add_loop_test(moves, a_target_whose_move_is_not_followed, 0,
	    (int)ARRAY_LEN(not_followed));
	tcase_add_loop_test(moves, a_target_that_has_moved_and_is_busy, 0, 2);
	tcase_add_test(moves, a_target_that_has_moved_and_nobody_waits);
	tcase_add_test(moves, a_target_by_another_way);
	suite_add_tcase(suite, moves);
	suite_add_tcase(suite, said);
	suite_add_tcase(suite, rings);
	suite_add_tcase(suite, crossing);
	return unit_run(suite);
}
