/*
 * hangup.c - BYE in either direction: the same for both legs
 */

#include "call/private.h"

bool
leg_send_bye(struct leg *leg)
{
	/* A BYE before the ACK would leave the peer sending its 2xx. */
	exchange_flush_ack(leg);
	leg->bye = compose_request(leg, SIP_METHOD_BYE, SPAN("BYE"));
	if (leg->bye != 0) {
		compose_own(leg);
		reason_add_to_bye(leg->call);
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

static enum end_reason
end_by(const struct leg *leg)
{
	if (leg->side == JOURNAL_TARGET)
		return END_TARGET_HUNG_UP;
	return leg == leg->call->caller ? END_CALLER_HUNG_UP
					: END_CALLEE_HUNG_UP;
}

/* The peer's BYE has been answered; whoever it talked to hears of it. */
bool
leg_peer_left(struct leg *leg)
{
	exchange_flush_ack(leg);
	if (transfer_leaves(leg) || transfer_loses_target(leg) ||
	    !leg_is_end(leg))
		return true;
	reason_hear(leg);
	call_end(leg->call, end_by(leg));
	return true;
}
