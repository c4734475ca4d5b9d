#include "transfer_world.h"

void
refer_with(const char *fields)
{
	ask(CALLER, "REFER", fields);
	hear(CALLER, "SIP/2.0 202 Accepted\r\n", "Contact: ");
	answer(hear(CALLER, "NOTIFY ", "Event: refer\r\n",
		   "Subscription-State: active;expires=180\r\n",
		   "Content-Type: message/sipfrag;version=2.0\r\n",
		   "\r\n\r\nSIP/2.0 100 Trying\r\n"),
	    "200 OK", "");
}

void
refer(void)
{
	refer_with(REFER_TO("+442079460099"));
	hear(TARGET, "INVITE sip:+442079460099@198.51.100.20:5060",
	    "Referred-By: <sip:", "m=audio 6000", "!Replaces", "!Refer-To");
	hear_nothing();
}

const struct replay_sent *
target_answers(void)
{
	const struct replay_sent *offer;

	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	offer = hear(CALLEE, "INVITE sip:gw@", TARGETS);
	hear_nothing();
	return offer;
}

void
joined(const struct replay_sent *offer)
{
	answer(offer, "200 OK", ANSWER);
	hear(CALLEE, "ACK ");
	answer(hear(CALLER, "NOTIFY ",
		   "Subscription-State: terminated;reason=noresource\r\n",
		   "\r\n\r\nSIP/2.0 200 OK\r\n"),
	    "200 OK", "");
	hear_nothing();
}

void
transferor_leaves(void)
{
	ask(CALLER, "BYE", "");
	hear(CALLER, "SIP/2.0 200 OK\r\n");
	hear_nothing();
}

void
callee_leaves(void)
{
	ask(CALLEE, "BYE", "");
	hear(CALLEE, "SIP/2.0 200 OK\r\n");
	answer(hear(TARGET, "BYE "), "200 OK", "");
	hear_nothing();
}

#define DIALOG_OF_CONSULT                                                      \
	"Contact: <sip:pbx@" PBX ">\n"                                         \
	"Refer-To: <sip:+442079460099@192.0.2.1?Replaces=consultation%%40"      \
	"192.0.2.10%%3Bto-tag%%3D%s%%3Bfrom-tag%%3Dconsult-tag>\n"

void
consulting(void)
{
	up();
	invite_as(CONSULT, SDP_PORT("192.0.2.10", "4100"));
	hear(TARGET, "INVITE ");
	hear(CONSULT, "SIP/2.0 100 ");
	answer(w->invite, "200 OK", TARGETS_MEDIA);
	hear(TARGET, "ACK ");
	hear(CONSULT, "SIP/2.0 200 ");
	ack(CONSULT, "");
	hear_nothing();
}

void
ask_to_join(void)
{
	char fields[512];

	snprintf(fields, sizeof(fields), DIALOG_OF_CONSULT,
	    w->peer[CONSULT].our_tag);
	ask(CALLER, "REFER", fields);
}

void
refer_attended(void)
{
	ask_to_join();
	hear(CALLER, "SIP/2.0 202 Accepted\r\n");
	answer(hear(CALLER, "NOTIFY ", "SIP/2.0 100 Trying\r\n"), "200 OK", "");
}
