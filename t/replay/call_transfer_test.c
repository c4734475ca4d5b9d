/*
 * A REFER becomes an INVITE and a re-INVITE (row SFB-01 and its kin).
 */

#include <stdio.h>

#include "transfer_world.h"

START_TEST(a_blind_transfer)
{
	begin();
	up();
	refer();
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	ck_ended("callee-hung-up");
	ck_noted("XFR-REFER-REFUSED", "INVITE to the target");
	ck_not_noted("XFR-BYE-LATE");
	finish();
}
END_TEST

/* Row EXT-05. */
START_TEST(the_transferor_does_not_hang_up)
{
	begin();
	up();
	refer();
	joined(target_answers());
	wait_ms(999);
	hear_nothing();
	wait_ms(1);
	answer(hear(CALLER, "BYE "), "200 OK", "");
	ck_noted("XFR-BYE-LATE", NULL);
	callee_leaves();
	finish();
}
END_TEST

/* A BYE that overtook the NOTIFY would have the higher CSeq. */
START_TEST(the_last_notify_is_lost)
{
	const struct replay_sent *notify;

	begin();
	up();
	refer();
	answer(target_answers(), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "NOTIFY ", "SIP/2.0 200 OK\r\n");
	wait_ms(500);
	notify = hear(CALLER, "NOTIFY ");
	wait_ms(600);
	hear_nothing();
	answer(notify, "200 OK", "");
	wait_ms(1000);
	answer(hear(CALLER, "BYE "), "200 OK", "");
	callee_leaves();
	finish();
}
END_TEST

START_TEST(the_target_rings)
{
	begin();
	up();
	refer();
	answer(w->invite, "180 Ringing", "");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 180 Ringing\r\n"), "200 OK", "");
	hear_nothing();
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

/* Who waits need not agree before sip.ring is over, too. */
START_TEST(the_target_answers_in_the_last_moment)
{
	const struct replay_sent *offer;

	begin();
	up();
	refer();
	answer(w->invite, "180 Ringing", "");
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	wait_ms(RING_MS - 100);
	offer = target_answers();
	wait_ms(300);
	joined(offer);
	transferor_leaves();
	callee_leaves();
	ck_not_noted("XFR-FAILED");
	finish();
}
END_TEST

/* Of the trunk that the transfer leads to, from then on. */
START_TEST(the_longest_duration_of_the_target)
{
	begin_with(&(struct world_options){
	    .trunks =
		", { name = \"elsewhere\"; listener = \"outside\";"
		" max_duration = \"60s\"; peers = [ \"198.51.100.30\" ]; }",
	    .routes = "{ from = \"pbx\"; prefix = \"+442079460099\";"
		      " to = \"elsewhere\"; },"
		      "{ from = \"pbx\"; to = \"carrier\"; }" });
	up();
	wait_ms(100000);
	refer_with(REFER_TO("+442079460099"));
	learn(TARGET,
	    replay_expect(&w->net, "198.51.100.30:5060", "INVITE ", NULL));
	joined(target_answers());
	transferor_leaves();
	wait_ms(60000 - 10);
	hear_nothing();
	wait_ms(300);
	answer(hear(CALLEE, "BYE ", "Reason: Q.850;cause=102"), "200 OK", "");
	answer(hear(TARGET, "BYE ", "longest duration"), "200 OK", "");
	ck_ended("max-duration");
	finish();
}
END_TEST

START_TEST(the_target_is_busy)
{
	begin();
	up();
	refer();
	answer(w->invite, "486 Busy Here", "");
	hear(TARGET, "ACK ");
	answer(hear(CALLER, "NOTIFY ", "Subscription-State: terminated",
		   "SIP/2.0 486 Busy Here\r\n"),
	    "200 OK", "");
	hear_nothing();
	wait_ms(2000);
	hear_nothing();
	/* The old call goes on. */
	ask(CALLER, "INFO", "");
	answer(hear(CALLEE, "INFO "), "200 OK", "");
	hear(CALLER, "SIP/2.0 200 ");
	hang_up();
	finish();
}
END_TEST

/* Who answers the telephone looks for somebody that is there. */
START_TEST(many_targets_are_busy)
{
	unsigned i;

	begin();
	up();
	for (i = 0; i < 30; i++) {
		ask(CALLER, "REFER", REFER_TO("+442079460099"));
		hear(CALLER, "SIP/2.0 202 ");
		answer(hear(CALLER, "NOTIFY "), "200 OK", "");
		hear(TARGET, "INVITE ");
		answer_as(w->invite, "486 Busy Here", "target-tag", "");
		hear(TARGET, "ACK ");
		answer(hear(CALLER, "NOTIFY ", "SIP/2.0 486 "), "200 OK", "");
	}
	ask(CALLER, "REFER", REFER_TO("+442079460099"));
	hear(CALLER, "SIP/2.0 482 ", "LOOP-DETECTED", "thirty");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_target_is_asked_again)
{
	const struct replay_sent *first;

	begin();
	up();
	refer();
	first = w->invite;
	answer(first, "421 Extension Required", "Require: 100rel\n");
	hear(TARGET, "ACK ");
	hear(TARGET, "INVITE sip:+442079460099@", "CSeq: 2 INVITE\r\n",
	    "Referred-By: <sip:", "Supported: 100rel", "m=audio 6000");
	hear_nothing();
	answer(w->invite, "420 Bad Extension", "Unsupported: 100rel\n");
	hear(TARGET, "ACK ");
	hear(TARGET, "INVITE sip:+442079460099@", "CSeq: 3 INVITE\r\n",
	    "!100rel");
	answer(w->invite, "420 Bad Extension", "Unsupported: x\n");
	hear(TARGET, "ACK ");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 420 "), "200 OK", "");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(the_target_rings_reliably)
{
	begin_with(&(struct world_options){
	    .carrier = "prack = \"supported\";" });
	up();
	refer();
	answer(w->invite, "180 Ringing", "Require: 100rel\nRSeq: 9\n");
	answer(hear(TARGET, "PRACK ", "RAck: 9 1 INVITE\r\n"), "200 OK", "");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 180 Ringing\r\n"), "200 OK", "");
	answer(w->invite, "180 Ringing", "Require: 100rel\nRSeq: 9\n");
	hear_nothing();
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 487 "), "200 OK", "");
	answer(hear(TARGET, "CANCEL "), "200 OK", "");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(w->invite, "183 Session Progress", "Require: 100rel\nRSeq: 10\n");
	answer(hear(TARGET, "PRACK ", "RAck: 10 1 INVITE\r\n"), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(TARGET, "ACK ");
	finish();
}
END_TEST

START_TEST(the_waiting_party_hears_early_media)
{
	const struct replay_sent *offer;

	begin();
	up();
	refer();
	answer(w->invite, "183 Session Progress", TARGETS_MEDIA);
	hear(CALLER, "NOTIFY ", "SIP/2.0 183 Session Progress\r\n");
	offer = hear(CALLEE, "INVITE sip:gw@", TARGETS);
	answer(offer, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	hear_nothing(); /* its NOTIFY is not answered yet */
	abandon();
}
END_TEST

/* The offer that takes the waiting party back. */
static const struct replay_sent *
heard_and_then_busy(void)
{
	begin();
	up();
	refer();
	answer(w->invite, "183 Session Progress", TARGETS_MEDIA);
	answer(hear(CALLER, "NOTIFY "), "200 OK", "");
	answer(hear(CALLEE, "INVITE sip:gw@", TARGETS), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(w->invite, "486 Busy Here", "");
	hear(TARGET, "ACK ");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 486 "), "200 OK", "");
	return hear(CALLEE, "INVITE sip:gw@", OFFERS);
}

START_TEST(early_media_and_then_busy)
{
	answer(heard_and_then_busy(), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

/* Our offer is over when it has an answer, not when we are tired of waiting. */
START_TEST(early_media_and_the_waiting_party_hesitates)
{
	const struct replay_sent *offer = heard_and_then_busy();

	wait_ms(100);
	answer(offer, "180 Ringing", "");
	wait_ms(RING_MS);
	answer(hear(CALLEE, "CANCEL "), "200 OK", "");
	answer(offer, "487 Request Terminated", "");
	hear(CALLEE, "ACK ");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(the_transferor_hangs_up_first)
{
	const struct replay_sent *offer;

	begin();
	up();
	refer();
	transferor_leaves();
	offer = target_answers();
	answer(offer, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(the_transferor_hangs_up_and_the_target_is_busy)
{
	begin();
	up();
	refer();
	transferor_leaves();
	answer(w->invite, "486 Busy Here", "");
	hear(TARGET, "ACK ");
	answer(hear(CALLEE, "BYE ", "Reason: Q.850;cause=31"), "200 OK", "");
	ck_ended("transfer-failed");
	finish();
}
END_TEST

START_TEST(the_waiting_party_hangs_up)
{
	begin();
	up();
	refer();
	answer(w->invite, "180 Ringing", "");
	answer(hear(CALLER, "NOTIFY ", "180 "), "200 OK", "");
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 487 "), "200 OK", "");
	answer(hear(TARGET, "CANCEL "), "200 OK", "");
	answer(hear(CALLER, "BYE "), "200 OK", "");
	answer(w->invite, "487 Request Terminated", "");
	hear(TARGET, "ACK ");
	hear_nothing();
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

/* --- attended --- */

START_TEST(an_attended_transfer)
{
	begin();
	consulting();
	refer_attended();
	answer(hear(TARGET, "INVITE sip:gw@", "m=audio 6000", "o=- 1 2 IN"),
	    "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	answer(hear(CALLEE, "INVITE sip:gw@", TARGETS, "o=- 1 2 IN"), "200 OK",
	    ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 200 OK\r\n"), "200 OK", "");
	hear_nothing();
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	answer(hear(CONSULT, "BYE "), "200 OK", "");
	ck_ended("transferred");
	callee_leaves();
	ck_ended("callee-hung-up");
	finish();
}
END_TEST

START_TEST(an_attended_transfer_that_the_target_refuses)
{
	begin();
	consulting();
	refer_attended();
	answer(hear(TARGET, "INVITE sip:gw@", "m=audio 6000"),
	    "488 Not Acceptable Here", "");
	hear(TARGET, "ACK ");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 488 "), "200 OK", "");
	answer(hear(TARGET, "INVITE sip:gw@", "m=audio 4100"), "200 OK",
	    TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	hear_nothing();
	/* Both calls are as they were. */
	ask(CONSULT, "INFO", "");
	answer(hear(TARGET, "INFO "), "200 OK", "");
	hear(CONSULT, "SIP/2.0 200 ");
	ask(CONSULT, "BYE", "");
	hear(CONSULT, "SIP/2.0 200 ");
	answer(hear(TARGET, "BYE "), "200 OK", "");
	hang_up();
	finish();
}
END_TEST

START_TEST(an_attended_transfer_that_the_waiting_party_refuses)
{
	begin();
	consulting();
	refer_attended();
	answer(hear(TARGET, "INVITE sip:gw@", "m=audio 6000"), "200 OK",
	    TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	answer(hear(CALLEE, "INVITE sip:gw@", TARGETS),
	    "488 Not Acceptable Here", "");
	hear(CALLEE, "ACK ");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 488 "), "200 OK", "");
	answer(hear(TARGET, "INVITE sip:gw@", "m=audio 4100"), "200 OK",
	    TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	hear_nothing();
	ask(TARGET, "BYE", "");
	hear(TARGET, "SIP/2.0 200 ");
	answer(hear(CONSULT, "BYE "), "200 OK", "");
	hang_up();
	finish();
}
END_TEST

START_TEST(the_waiting_party_hangs_up_while_two_are_joined)
{
	begin();
	consulting();
	refer_attended();
	hear(TARGET, "INVITE sip:gw@", "m=audio 6000");
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 OK\r\n");
	abandon();
}
END_TEST

START_TEST(a_transfer_to_itself)
{
	char fields[512];

	begin();
	up();
	snprintf(fields, sizeof(fields),
	    "Refer-To: <sip:x@192.0.2.1?Replaces=callers-own-id%%40192.0.2.10"
	    "%%3Bto-tag%%3D%s%%3Bfrom-tag%%3Dcaller-tag>\n",
	    w->peer[CALLER].our_tag);
	ask(CALLER, "REFER", fields);
	hear(CALLER, "SIP/2.0 603 ", "LOOP-DETECTED");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_replaces_of_nobody)
{
	begin();
	up();
	ask(CALLER, "REFER",
	    "Refer-To: <sip:x@192.0.2.1?Replaces=a%3Bto-tag%3Db%3B"
	    "from-tag%3Dc>\n");
	hear(CALLER, "SIP/2.0 481 ", "XFR-REPLACES");
	hang_up();
	finish();
}
END_TEST

/* --- refused --- */

START_TEST(one_transfer_at_a_time)
{
	begin();
	up();
	refer();
	ask(CALLER, "REFER", REFER_TO("+442079460098"));
	hear(CALLER, "SIP/2.0 491 ", "DLG-GLARE");
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(a_refer_without_a_target)
{
	begin();
	up();
	ask(CALLER, "REFER", "");
	hear(CALLER, "SIP/2.0 400 ", "MSG-INVALID");
	ask(CALLER, "REFER", "Refer-To: <http://a.example>\n");
	hear(CALLER, "SIP/2.0 416 ");
	ask(CALLER, "REFER", "Refer-To: <sip:a@b;method=BYE>\n");
	hear(CALLER, "SIP/2.0 403 ");
	hang_up();
	finish();
}
END_TEST

START_TEST(a_refer_to_where_no_route_leads)
{
	begin_with(&(struct world_options){
	    .routes = "{ from = \"pbx\"; to = \"carrier\"; prefix = \"+4420\"; },"
		      "{ from = \"carrier\"; to = \"pbx\"; }" });
	up();
	ask(CALLER, "REFER", REFER_TO("+19005550100"));
	hear(CALLER, "SIP/2.0 202 ");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 404 Not Found\r\n"), "200 OK",
	    "");
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_transferor_that_wants_no_notify)
{
	begin();
	up();
	ask(CALLER, "REFER", "Refer-Sub: false\n" REFER_TO("+442079460099"));
	hear(CALLER, "SIP/2.0 202 ", "Refer-Sub: false\r\n");
	hear(TARGET, "INVITE ");
	answer(target_answers(), "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear_nothing();
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

/* --- passed on --- */

START_TEST(a_refer_that_is_the_other_sides_business)
{
	begin_with(&(struct world_options){ .pbx = "transfer = \"forward\";" });
	up();
	ask(CALLER, "REFER", REFER_TO("+442079460099"));
	answer(hear(CALLEE, "REFER sip:gw@", "Refer-To: <sip:+442079460099@"),
	    "202 Accepted", "");
	hear(CALLER, "SIP/2.0 202 Accepted\r\n");
	ask(CALLEE, "NOTIFY",
	    "Event: refer\nSubscription-State: terminated\n"
	    "Content-Type: message/sipfrag\n\nSIP/2.0 200 OK\n");
	answer(hear(CALLER, "NOTIFY ", "Event: refer\r\n",
		   "Subscription-State: terminated\r\n", "SIP/2.0 200 OK"),
	    "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ");
	ck_not_noted("XFR-REFER-REFUSED");
	hang_up();
	finish();
}
END_TEST

/* Our own address is none that the other side could call. */
static const struct {
	const char *carrier, *given, *want;
} referred[] = {
	{ "", "<sip:+442079460099@192.0.2.1>",
	    "Refer-To: <sip:+442079460099@198.51.100.20:5060>\r\n" },
	{ "domain = \"trunk.example.com\";",
	    "\"B\" <sip:+442079460099@192.0.2.1:5060;transport=tcp;"
	    "user=phone?Subject=x>;p=1",
	    "Refer-To: \"B\" <sip:+442079460099@trunk.example.com;user=phone"
	    "?Subject=x>;p=1\r\n" },
	{ "domain = \"trunk.example.com\";", "<sip:1001@pbx.example.net>",
	    "Refer-To: <sip:1001@pbx.example.net>\r\n" },
	{ "", "sip:+442079460099@192.0.2.1;p=1",
	    "Refer-To: sip:+442079460099@198.51.100.20:5060;p=1\r\n" },
	{ "", "<tel:+442079460099>", "Refer-To: <tel:+442079460099>\r\n" },
};

START_TEST(a_refer_that_passes_names_its_target)
{
	char fields[256];

	begin_with(&(struct world_options){ .pbx = "transfer = \"forward\";",
	    .carrier = referred[_i].carrier });
	up();
	snprintf(fields, sizeof(fields), "Contact: <sip:pbx@" PBX ">\n"
	    "Refer-To: %s\n", referred[_i].given);
	ask(CALLER, "REFER", fields);
	answer(hear(CALLEE, "REFER sip:gw@", referred[_i].want),
	    "202 Accepted", "");
	hear(CALLER, "SIP/2.0 202 Accepted\r\n");
	hang_up();
	finish();
}
END_TEST

/* By the policy toward the carrier, as if the transferor had dialled them. */
static const struct {
	const char *given, *want;
} numbers_referred[] = {
	{ "<sip:02079460099@192.0.2.1;user=phone>",
	    "Refer-To: <sip:+442079460099@198.51.100.20:5060;user=phone>\r\n" },
	{ "<sip:999@192.0.2.1>",
	    "Refer-To: <sip:999@198.51.100.20:5060>\r\n" },
	{ "<sip:1001@192.0.2.1>",
	    "Refer-To: <sip:1001@198.51.100.20:5060>\r\n" },
};

START_TEST(a_refer_that_passes_has_numbers_in_the_form)
{
	char fields[256];

	begin_with(&(struct world_options){
	    .pbx = "transfer = \"forward\"; country = \"GB\";",
	    .policy = "numbers = { format = \"+e164\"; in = [ \"request\" ]; "
		      "};" });
	up();
	snprintf(fields, sizeof(fields), "Contact: <sip:pbx@" PBX ">\n"
	    "Refer-To: %s\n", numbers_referred[_i].given);
	ask(CALLER, "REFER", fields);
	answer(hear(CALLEE, "REFER sip:gw@", numbers_referred[_i].want),
	    "202 Accepted", "");
	hear(CALLER, "SIP/2.0 202 Accepted\r\n");
	if (_i == 0)
		ck_noted("NUM-NOT-E164", "+442079460099");
	hang_up();
	finish();
}
END_TEST

/* RFC 3515 section 2.4.6: by its CSeq, which is another one on each side. */
START_TEST(a_notify_that_passes_names_its_refer)
{
	const struct replay_sent *refer_sent;
	char fields[256], want[64];
	unsigned i;

	begin_with(&(struct world_options){ .pbx = "transfer = \"forward\";" });
	up();
	w->peer[CALLER].cseq = 70;
	for (i = 0; i < 2; i++) {
		ask(CALLER, "REFER", REFER_TO("+442079460099"));
		refer_sent = hear(CALLEE, "REFER ");
		answer(refer_sent, "202 Accepted", "");
		hear(CALLER, "SIP/2.0 202 Accepted\r\n");
		snprintf(fields, sizeof(fields),
		    "Event: refer;id=%u\nSubscription-State: terminated\n"
		    "Content-Type: message/sipfrag\n\nSIP/2.0 486 Busy\n",
		    refer_sent->view.cseq);
		ask(CALLEE, "NOTIFY", fields);
		snprintf(want, sizeof(want), "Event: refer;id=%u\r\n",
		    w->peer[CALLER].cseq);
		answer(hear(CALLER, "NOTIFY ", want), "200 OK", "");
		hear(CALLEE, "SIP/2.0 200 ");
	}
	hang_up();
	finish();
}
END_TEST

/* RFC 4488: whether there is a subscription is the two sides' business, too. */
START_TEST(a_refer_that_passes_and_wants_no_notify)
{
	begin_with(&(struct world_options){ .pbx = "transfer = \"forward\";" });
	up();
	ask(CALLER, "REFER", "Refer-Sub: false\n" REFER_TO("+442079460099"));
	answer(hear(CALLEE, "REFER sip:gw@", "Refer-Sub: false\r\n"),
	    "202 Accepted", "Refer-Sub: false\n");
	hear(CALLER, "SIP/2.0 202 Accepted\r\n", "Refer-Sub: false\r\n");
	hang_up();
	finish();
}
END_TEST

/* RFC 5057: the subscription is over, the call is not. */
START_TEST(a_notify_that_its_receiver_does_not_know)
{
	const struct replay_sent *notify;

	begin_with(&(struct world_options){ .pbx = "transfer = \"forward\";" });
	up();
	ask(CALLER, "REFER", REFER_TO("+442079460099"));
	answer(hear(CALLEE, "REFER sip:gw@"), "202 Accepted", "");
	hear(CALLER, "SIP/2.0 202 Accepted\r\n");
	ask(CALLEE, "NOTIFY",
	    "Event: refer\nSubscription-State: active\n"
	    "Content-Type: message/sipfrag\n\nSIP/2.0 100 Trying\n");
	notify = hear(CALLER, "NOTIFY ");
	if (_i == 0) {
		answer(notify, "481 Subscription Does Not Exist", "");
		hear(CALLEE, "SIP/2.0 481 ");
	} else {
		wait_ms(T1_64 - 400);
		replay_skip(&w->net);
		wait_ms(700);
		hear(CALLEE, "SIP/2.0 504 ", "NET-NO-REPLY");
	}
	hear_nothing();
	hang_up();
	ck_ended("caller-hung-up");
	finish();
}
END_TEST

/* The policy toward the carrier says what becomes of a REFER. */
static void
begin_with_policy(const char *wanted, const char *option)
{
	char policy[64], pbx[64];

	snprintf(policy, sizeof(policy), "transfer = \"%s\";", wanted);
	snprintf(pbx, sizeof(pbx), "transfer = \"%s\";", option);
	begin_with(&(struct world_options){ .policy = policy, .pbx = pbx });
}

START_TEST(a_policy_wants_transfers_made_here)
{
	begin_with_policy("local", "forward");
	up();
	refer();
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(a_policy_wants_a_refer)
{
	begin_with_policy("forward", "local");
	up();
	ask(CALLER, "REFER", REFER_TO("+442079460099"));
	answer(hear(CALLEE, "REFER sip:gw@"), "202 Accepted", "");
	hear(CALLER, "SIP/2.0 202 Accepted\r\n");
	hang_up();
	finish();
}
END_TEST

/* Rows SFB-01 and SFB-02. */
START_TEST(the_other_side_lacks_refer)
{
	begin();
	up();
	ask(CALLEE, "INVITE", "Allow: INVITE, ACK, BYE, CANCEL, REFER\n" ANSWER);
	answer(hear(CALLER, "INVITE "), "200 OK", OFFER);
	hear(CALLER, "ACK ");
	hear(CALLEE, "SIP/2.0 200 ");
	ack(CALLEE, "");
	hear_nothing();
	ask(CALLER, "REFER", REFER_TO("+442079460099"));
	answer(hear(CALLEE, "REFER "), "405 Method Not Allowed",
	    "Allow: INVITE, ACK, BYE, CANCEL\n");
	hear(CALLER, "SIP/2.0 405 ");
	ck_noted("XFR-REFER-REFUSED", "405");
	refer();
	joined(target_answers());
	transferor_leaves();
	callee_leaves();
	finish();
}
END_TEST

START_TEST(a_notify_of_nothing)
{
	begin();
	up();
	ask(CALLEE, "NOTIFY", "Event: refer\nSubscription-State: active\n");
	hear(CALLEE, "SIP/2.0 481 ", "DLG-UNKNOWN");
	hang_up();
	finish();
}
END_TEST

/* --- INVITE with Replaces --- */

static void
take_the_place(const char *more)
{
	char fields[1024];

	snprintf(fields, sizeof(fields),
	    "Replaces: %s;to-tag=%s;from-tag=caller-tag%s\n%s",
	    w->peer[CALLER].call_id, w->peer[CALLER].our_tag, more,
	    SDP_PORT("192.0.2.10", "4100"));
	invite_as(CONSULT, fields);
}

START_TEST(an_invite_takes_the_place_of_a_leg)
{
	begin();
	up();
	take_the_place("");
	answer(hear(CALLEE, "INVITE sip:gw@", "m=audio 4100", "!Replaces"),
	    "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CONSULT, "SIP/2.0 200 OK\r\n", ANSWERS);
	answer(hear(CALLER, "BYE "), "200 OK", "");
	ack(CONSULT, "");
	hear_nothing();
	ask(CONSULT, "BYE", "");
	hear(CONSULT, "SIP/2.0 200 OK\r\n");
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	ck_noted("XFR-REPLACES", "re-INVITE");
	/* The call was answered before, and is no longer for it. */
	ck_assert_uint_eq(calls_counters(w->calls)->answered, 1);
	finish();
}
END_TEST

START_TEST(a_replaces_that_is_refused_by_the_other_side)
{
	begin();
	up();
	take_the_place("");
	answer(hear(CALLEE, "INVITE sip:gw@"), "488 Not Acceptable Here", "");
	hear(CALLEE, "ACK ");
	hear(CONSULT, "SIP/2.0 488 ");
	ack_failure(CONSULT);
	hear_nothing();
	hang_up();
	finish();
}
END_TEST

START_TEST(a_replaces_that_wants_a_ringing_call)
{
	begin();
	up();
	take_the_place(";early-only");
	hear(CONSULT, "SIP/2.0 486 ", "XFR-REPLACES");
	ack_failure(CONSULT);
	hang_up();
	finish();
}
END_TEST

START_TEST(a_replaces_of_a_call_that_rings)
{
	begin();
	ringing();
	take_the_place("");
	hear(CONSULT, "SIP/2.0 481 ", "XFR-REPLACES");
	ack_failure(CONSULT);
	accept_invite(ANSWER);
	ack(CALLER, "");
	hang_up();
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("call_transfer");
	TCase *blind = tcase_create("blind");
	TCase *more = tcase_create("attended");

	tcase_add_test(blind, a_blind_transfer);
	tcase_add_test(blind, the_transferor_does_not_hang_up);
	tcase_add_test(blind, the_last_notify_is_lost);
	tcase_add_test(blind, the_target_rings);
	tcase_add_test(blind, the_target_answers_in_the_last_moment);
	tcase_add_test(blind, the_longest_duration_of_the_target);
	tcase_add_test(blind, the_target_is_busy);
	tcase_add_test(blind, many_targets_are_busy);
	tcase_add_test(blind, the_target_is_asked_again);
	tcase_add_test(blind, the_target_rings_reliably);
	tcase_add_test(blind, the_waiting_party_hears_early_media);
	tcase_add_test(blind, early_media_and_then_busy);
	tcase_add_test(blind, early_media_and_the_waiting_party_hesitates);
	tcase_add_test(blind, the_transferor_hangs_up_first);
	tcase_add_test(blind, the_transferor_hangs_up_and_the_target_is_busy);
	tcase_add_test(blind, the_waiting_party_hangs_up);
	tcase_add_test(more, an_attended_transfer);
	tcase_add_test(more, an_attended_transfer_that_the_target_refuses);
	tcase_add_test(more, an_attended_transfer_that_the_waiting_party_refuses);
	tcase_add_test(more, the_waiting_party_hangs_up_while_two_are_joined);
	tcase_add_test(more, a_transfer_to_itself);
	tcase_add_test(more, a_replaces_of_nobody);
	tcase_add_test(more, one_transfer_at_a_time);
	tcase_add_test(more, a_refer_without_a_target);
	tcase_add_test(more, a_refer_to_where_no_route_leads);
	tcase_add_test(more, a_transferor_that_wants_no_notify);
	tcase_add_test(more, an_invite_takes_the_place_of_a_leg);
	tcase_add_test(more, a_replaces_that_is_refused_by_the_other_side);
	tcase_add_test(more, a_replaces_that_wants_a_ringing_call);
	tcase_add_test(more, a_replaces_of_a_call_that_rings);
	tcase_add_test(more, a_refer_that_is_the_other_sides_business);
	tcase_add_loop_test(more, a_refer_that_passes_names_its_target, 0,
	    ARRAY_LEN(referred));
	tcase_add_loop_test(more, a_refer_that_passes_has_numbers_in_the_form,
	    0, ARRAY_LEN(numbers_referred));
	tcase_add_test(more, a_notify_that_passes_names_its_refer);
	tcase_add_test(more, a_refer_that_passes_and_wants_no_notify);
	tcase_add_loop_test(
	    more, a_notify_that_its_receiver_does_not_know, 0, 2);
	tcase_add_test(more, a_policy_wants_transfers_made_here);
	tcase_add_test(more, a_policy_wants_a_refer);
	tcase_add_test(more, the_other_side_lacks_refer);
	tcase_add_test(more, a_notify_of_nothing);
	suite_add_tcase(suite, blind);
	suite_add_tcase(suite, more);
	return unit_run(suite);
}
