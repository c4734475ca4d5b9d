/* Targets and route sets, Vias and Contacts: what is
 * the peer's stays as it is. */

#include <stdio.h>

#include "call_world.h"

/* The proxies of both sides may answer. */
static void
begin_with_proxies(void)
{
	begin_with(&(struct world_options){
	    .pbx = "sources = [ \"192.0.2.0/24\" ];",
	    .carrier = "sources = [ \"198.51.100.0/24\" ];",
	});
}

/* The callee hangs up; the BYE to the caller, which is answered. */
static const struct replay_sent *
bye_to_caller(const char *remote, const char *start, const char *route)
{
	const struct replay_sent *bye;

	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 ");
	bye = replay_expect(&w->net, remote, start, route, NULL);
	answer(bye, "200 OK", "");
	return bye;
}

START_TEST(routes_of_the_caller_are_taken_in_order)
{
	begin_with_proxies();
	w->peer[CALLER].routes = "Record-Route: <sip:192.0.2.11;lr>,\n  "
				 "<sip:192.0.2.12:5070;lr;x=1>\n"
				 "Record-Route: <sip:p3.example.com;lr>\n";
	trying();
	answer(w->invite, "180 Ringing", "");
	hear(CALLER, "SIP/2.0 180 ", "Record-Route: <sip:192.0.2.11;lr>,",
	    "Record-Route: <sip:p3.example.com;lr>\r\n");
	accept_invite(ANSWER);
	ck_assert(span_find_span(w->invite->bytes, SPAN("192.0.2.11")) < 0);
	ack(CALLER, "");
	bye_to_caller("192.0.2.11:5060",
	    "BYE sip:pbx@192.0.2.10:5060 SIP/2.0\r\n",
	    "Route: <sip:192.0.2.11;lr>, <sip:192.0.2.12:5070;lr;x=1>, "
	    "<sip:p3.example.com;lr>\r\n");
	finish();
}
END_TEST

START_TEST(routes_of_the_callee_are_taken_in_reverse)
{
	static const char route[] = "Route: <sip:198.51.100.22:5070;lr>, "
				    "<sip:198.51.100.21;lr;x=1>\r\n";

	begin_with_proxies();
	w->peer[CALLEE].routes = "Record-Route: <sip:198.51.100.21;lr;x=1>,"
				 "<sip:198.51.100.22:5070;lr>\n";
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	replay_expect(&w->net, "198.51.100.22:5070",
	    "ACK sip:gw@198.51.100.20:5060;x=1 SIP/2.0\r\n", route, NULL);
	hear(CALLER, "SIP/2.0 200 ", "!198.51.100.22", "!Record-Route");
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(
	    replay_expect(&w->net, "198.51.100.22:5070",
		"BYE sip:gw@198.51.100.20:5060;x=1 SIP/2.0\r\n", route, NULL),
	    "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_strict_router_is_served)
{
	begin_with_proxies();
	w->peer[CALLEE].routes = "Record-Route: <sip:198.51.100.21;lr>,"
				 "<sip:198.51.100.22:5070>\n";
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	replay_expect(&w->net, "198.51.100.22:5070",
	    "ACK sip:198.51.100.22:5070 SIP/2.0\r\n",
	    "Route: <sip:198.51.100.21;lr>, "
	    "<sip:gw@198.51.100.20:5060;x=1>\r\n",
	    NULL);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(replay_expect(&w->net, "198.51.100.22:5070",
		   "BYE sip:198.51.100.22:5070 SIP/2.0\r\n",
		   "Route: <sip:198.51.100.21;lr>, "
		   "<sip:gw@198.51.100.20:5060;x=1>\r\n",
		   NULL),
	    "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_strict_router_of_the_caller_alone)
{
	begin_with_proxies();
	w->peer[CALLER].routes = "Record-Route: <sip:192.0.2.11;x=1>\n";
	up();
	bye_to_caller("192.0.2.11:5060", "BYE sip:192.0.2.11;x=1 SIP/2.0\r\n",
	    "Route: <sip:pbx@192.0.2.10:5060>\r\n");
	finish();
}
END_TEST

START_TEST(routes_do_not_change_in_the_dialog)
{
	const struct replay_sent *sent;

	begin_with_proxies();
	w->peer[CALLEE].routes = "Record-Route: <sip:198.51.100.21;lr>\n";
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	replay_expect(&w->net, "198.51.100.21:5060", "ACK ", NULL);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ask(CALLER, "INVITE", OFFER);
	sent = replay_expect(&w->net, "198.51.100.21:5060", "INVITE ",
	    "Route: <sip:198.51.100.21;lr>\r\n", NULL);
	answer(sent, "200 OK", "Record-Route: <sip:198.51.100.99;lr>\n" ANSWER);
	replay_expect(&w->net, "198.51.100.21:5060", "ACK ",
	    "Route: <sip:198.51.100.21;lr>\r\n", "!198.51.100.99", NULL);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ask(CALLER, "BYE", "Route: <sip:192.0.2.99;lr>\n");
	hear(CALLER, "SIP/2.0 200 ");
	answer(replay_expect(
		   &w->net, "198.51.100.21:5060", "BYE ", "!192.0.2.99", NULL),
	    "200 OK", "");
	finish();
}
END_TEST

/* TWI-14: the first Route says where, the Contact says what. */
START_TEST(the_ack_has_the_contact_to_the_byte)
{
	static const char uri[] =
	    "sip:+1%32%33;npdi@10.1.2.3:5080;ob;X-Y=%61;transport=UDP";
	char contact[128], line[128];

	begin_with_proxies();
	snprintf(contact, sizeof(contact), "\"Gw\" <%s>;expires=3600", uri);
	snprintf(line, sizeof(line), "ACK %s SIP/2.0\r\n", uri);
	w->peer[CALLEE].contact = contact;
	w->peer[CALLEE].routes = "Record-Route: <sip:198.51.100.21;lr>\n";
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	replay_expect(&w->net, "198.51.100.21:5060", line,
	    "Route: <sip:198.51.100.21;lr>\r\n", NULL);
	hear(CALLER, "SIP/2.0 200 ", "!10.1.2.3");
	ack(CALLER, "");
	ck_noted("DLG-ACK-TARGET", uri);
	ck_noted("DLG-TOUCHED-FOREIGN", uri);
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	memcpy(line, "BYE", 3);
	answer(replay_expect(&w->net, "198.51.100.21:5060", line, NULL),
	    "200 OK", "");
	/* Once a call. */
	ck_assert_uint_eq(noted("DLG-ACK-TARGET", NULL), 1);
	finish();
}
END_TEST

/* TWI-15: without a route a private Contact is kept, and not followed. */
START_TEST(a_private_contact_is_left_alone)
{
	begin();
	w->peer[CALLER].contact = "<sip:pbx@10.0.0.5:5062>";
	w->peer[CALLEE].contact = "<sip:gw@192.168.7.7:5080>";
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK sip:gw@192.168.7.7:5080 SIP/2.0\r\n", "!Route");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ck_noted("DLG-TOUCHED-FOREIGN", "sip:gw@192.168.7.7:5080");
	bye_to_caller(PBX, "BYE sip:pbx@10.0.0.5:5062 SIP/2.0\r\n", "!Route");
	finish();
}
END_TEST

START_TEST(a_contact_of_another_scheme_is_no_target)
{
	begin();
	w->peer[CALLEE].contact = "<msip:gw@198.51.100.20>";
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK sip:", "!msip");
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(hear(CALLEE, "BYE sip:", "!msip"), "200 OK", "");
	finish();
}
END_TEST

START_TEST(a_contact_that_is_a_name_goes_where_the_call_went)
{
	begin();
	w->peer[CALLER].contact = "<sip:pbx.example.com>";
	w->peer[CALLEE].contact = "sip:gw.example.com";
	up();
	bye_to_caller(PBX, "BYE sip:pbx.example.com SIP/2.0\r\n", "!Route");
	finish();
}
END_TEST

START_TEST(a_public_contact_is_followed)
{
	begin_with_proxies();
	w->peer[CALLEE].contact = "<sip:gw@198.51.100.33:5099>";
	ringing();
	answer(w->invite, "200 OK", ANSWER);
	replay_expect(&w->net, "198.51.100.33:5099",
	    "ACK sip:gw@198.51.100.33:5099 SIP/2.0\r\n", NULL);
	hear(CALLER, "SIP/2.0 200 ");
	ack(CALLER, "");
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 ");
	answer(replay_expect(&w->net, "198.51.100.33:5099", "BYE ", NULL),
	    "200 OK", "");
	finish();
}
END_TEST

/* TWI-16 */
#define VIAS                                                                   \
	"Via:  SIP/2.0/UDP  10.0.0.7:5062;branch=z9hG4bKb;rport , "            \
	"SIP/2.0/TLS p.example.com;branch=z9hG4bKc;received=10.0.0.8;x\n"      \
	"v: SIP/2.0/TCP [2001:db8::9]:5061;branch=z9hG4bKd;;y=\"a, b\"\n"

static void
check_vias(const struct replay_sent *sent)
{
	static const char *const values[] = {
		"SIP/2.0/UDP  10.0.0.7:5062;branch=z9hG4bKb;rport",
		"SIP/2.0/TLS p.example.com;branch=z9hG4bKc;received=10.0.0.8;x",
		"SIP/2.0/TCP [2001:db8::9]:5061;branch=z9hG4bKd;;y=\"a, b\""
	};
	struct sip_values it = sip_values(&sent->msg, SIP_VIA);
	struct span value;
	size_t i;

	ck_assert_uint_eq(sent->view.via_count, 4);
	ck_assert(sip_values_next(&it, &value));
	ck_assert(span_find_span(value, SPAN(";received=192.0.2.10")) > 0);
	for (i = 0; i < ARRAY_LEN(values); i++) {
		ck_assert(sip_values_next(&it, &value));
		ck_assert_span(value, values[i]);
	}
}

START_TEST(stacked_vias_come_back_to_the_byte)
{
	begin();
	w->peer[CALLER].vias = VIAS;
	invite(OFFER);
	hear(CALLEE, "INVITE ", "!10.0.0.7", "!p.example.com", "!2001:db8::9");
	check_vias(hear(CALLER, "SIP/2.0 100 "));
	answer(w->invite, "180 Ringing", "");
	check_vias(hear(CALLER, "SIP/2.0 180 "));
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	check_vias(hear(CALLER, "SIP/2.0 200 "));
	ack(CALLER, "");
	ck_noted("DLG-VIA-TOUCHED", "10.0.0.7");
	ask(CALLER, "BYE", "");
	check_vias(hear(CALLER, "SIP/2.0 200 "));
	answer(hear(CALLEE, "BYE "), "200 OK", "");
	finish();
}
END_TEST

/* TWI-17 */
START_TEST(our_contact_stands_for_a_private_one)
{
	begin();
	w->peer[CALLER].contact = "<sip:pbx@192.168.1.2:5060>";
	w->peer[CALLEE].contact = "<sip:gw@10.9.9.9>";
	invite(OFFER);
	hear(CALLEE, "INVITE ", "Contact: <sip:198.51.100.1>\r\n",
	    "!192.168.1.2");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	hear(CALLER, "SIP/2.0 200 ", "Contact: <sip:192.0.2.1>\r\n",
	    "!10.9.9.9");
	ack(CALLER, "");
	ck_noted("DLG-CONTACT-PRIVATE", "sip:pbx@192.168.1.2:5060");
	ck_noted("DLG-CONTACT-PRIVATE", "sip:gw@10.9.9.9");
	hang_up();
	finish();
}
END_TEST

START_TEST(our_contact_is_what_the_trunk_calls_us)
{
	begin_with(&(struct world_options){
	    .pbx = "advertise = \"203.0.113.1\";",
	    .carrier =
		"fqdn = \"sbc.example.com\"; advertise = \"203.0.113.2\";",
	});
	invite(OFFER);
	hear(CALLEE, "INVITE ", "Contact: <sip:sbc.example.com>\r\n",
	    "Via: SIP/2.0/UDP 203.0.113.2;");
	hear(CALLER, "SIP/2.0 100 ");
	answer(w->invite, "183 Session Progress", "");
	hear(CALLER, "SIP/2.0 183 ", "Contact: <sip:203.0.113.1>\r\n");
	accept_invite(ANSWER);
	ack(CALLER, "");
	ck_not_noted("TLS-FQDN"); /* that is for a TLS trunk */
	ask(CALLEE, "INVITE", OFFER);
	answer(hear(CALLER, "INVITE ", "Contact: <sip:203.0.113.1>\r\n"),
	    "200 OK", ANSWER);
	hear(CALLER, "ACK ", "!Contact");
	hear(CALLEE, "SIP/2.0 200 ", "Contact: <sip:sbc.example.com>\r\n");
	ack(CALLEE, "");
	hang_up();
	finish();
}
END_TEST

START_TEST(identifiers_stay_through_the_dialog)
{
	const struct replay_sent *first, *info;

	begin();
	up();
	first = w->invite;
	ask(CALLER, "INFO", "");
	info = hear(CALLEE, "INFO ", "CSeq: 2 INFO\r\n");
	ck_assert(span_eq(info->view.call_id, first->view.call_id));
	ck_assert(span_eq(info->view.from, first->view.from));
	ck_assert_span(info->view.to_tag, "callee-tag");
	ck_assert(!span_eq(info->view.via.branch, first->view.via.branch));
	answer(info, "200 OK", "");
	hear(CALLER, "SIP/2.0 200 ");
	ask(CALLEE, "INFO", "");
	answer(
	    hear(CALLER, "INFO ", "CSeq: 1 INFO\r\n",
		"To: \"A\" <sip:+442079461111@192.0.2.10>;tag=caller-tag\r\n"),
	    "200 OK", "");
	hear(CALLEE, "SIP/2.0 200 ");
	hang_up();
	finish();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dialogs");
	TCase *tc = tcase_create("dialog");

	tcase_add_test(tc, routes_of_the_caller_are_taken_in_order);
	tcase_add_test(tc, routes_of_the_callee_are_taken_in_reverse);
	tcase_add_test(tc, a_strict_router_is_served);
	tcase_add_test(tc, a_strict_router_of_the_caller_alone);
	tcase_add_test(tc, routes_do_not_change_in_the_dialog);
	tcase_add_test(tc, the_ack_has_the_contact_to_the_byte);
	tcase_add_test(tc, a_private_contact_is_left_alone);
	tcase_add_test(tc, a_contact_of_another_scheme_is_no_target);
	tcase_add_test(tc, a_contact_that_is_a_name_goes_where_the_call_went);
	tcase_add_test(tc, a_public_contact_is_followed);
	tcase_add_test(tc, stacked_vias_come_back_to_the_byte);
	tcase_add_test(tc, our_contact_stands_for_a_private_one);
	tcase_add_test(tc, our_contact_is_what_the_trunk_calls_us);
	tcase_add_test(tc, identifiers_stay_through_the_dialog);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
