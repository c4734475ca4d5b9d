/*
 * hangup.c - BYE in either direction: the same for both legs
 */

#include "call/private.h"

/* The Reason of the peer's BYE goes along; an end of ours has its own. */
static void
add_reason(struct leg *leg)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	const struct sip_message *msg = leg->call->calls->arrival.msg;
	const struct sip_line *line =
	    msg == NULL ? NULL : sip_find(msg, SIP_REASON);
	size_t mark;

	if (line != NULL) {
		for (; line != NULL; line = sip_find_next(msg, line))
			sip_draft_copy(draft, line);
		return;
	}
	if (!end_reason_get(leg->call->reason)->fault)
		return;
	mark = sip_draft_mark(draft);
	reason_add(&draft->scratch, leg->call->reason);
	sip_draft_add(draft, SIP_REASON, sip_draft_keep(draft, mark),
	    SIP_OWNER_OWN);
}

bool
leg_send_bye(struct leg *leg)
{
	/* A BYE before the ACK would leave the peer sending its 2xx. */
	exchange_flush_ack(leg);
	leg->bye = compose_request(leg, SIP_METHOD_BYE, SPAN("BYE"));
	if (leg->bye != 0) {
		compose_own(leg);
		add_reason(leg);
		compose_apply_rules(leg);
		if (compose_send(leg, &leg->bye) == 0)
			return true;
		leg->bye = 0;
	}
	leg_raise(leg, EV_BYE_DONE);
	return true;
}

/* Its connection went: the BYE may not have arrived. Sent by another, once. */
bool
leg_repeat_bye(struct leg *leg)
{
	if (leg->bye_repeated ||
	    !net_transport_reliable(leg->dialog.path.transport))
		return false;
	leg->bye_repeated = true;
	return leg_send_bye(leg);
}

/* The peer's BYE has been answered; the other leg hears of it. */
bool
leg_peer_left(struct leg *leg)
{
	exchange_flush_ack(leg);
	call_end(leg->call, leg->side == JOURNAL_CALLER ? END_CALLER_HUNG_UP
							: END_CALLEE_HUNG_UP);
	return true;
}
