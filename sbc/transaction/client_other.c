/*
 * client_other.c - the client transaction of all requests but INVITE (RFC 3261
 * section 17.1.2)
 */

#include "transaction/private.h"

static void
repeat_trying(struct client *tx, const struct client_input *in)
{
	uint32_t t2 = tx->layer->timing.t2;

	tx->interval = longer_interval(tx->interval, t2);
	client_repeat(tx, in);
}

static void
repeat_proceeding(struct client *tx, const struct client_input *in)
{
	if (tx->interval < tx->layer->timing.t2)
		tx->interval = tx->layer->timing.t2;
	client_repeat(tx, in);
}

/* Timer K. */
static void
completed(struct client *tx, const struct client_input *in)
{
	bool reliable = net_transport_reliable(tx->path.transport);

	client_drop_sent(tx);
	client_linger(tx, reliable ? 0 : tx->layer->timing.t4);
	client_tell_response(tx, in);
}

const struct client_cell client_other_table[CLIENT_STATES][CLIENT_EVENTS] = {
	[CLIENT_CREATED] = {
		[CLIENT_SENT] = { client_begin, CLIENT_TRYING },
		[CLIENT_FORGET] = { client_end, CLIENT_TERMINATED },
	},
	[CLIENT_TRYING] = {
		[CLIENT_1XX] = { client_tell_response, CLIENT_PROCEEDING },
		[CLIENT_2XX] = { completed, CLIENT_COMPLETED },
		[CLIENT_FAILURE] = { completed, CLIENT_COMPLETED },
		[CLIENT_FORGET] = { client_absorb, CLIENT_TRYING },
		[CLIENT_TIMER_AGAIN] = { repeat_trying, CLIENT_TRYING },
		[CLIENT_TIMER_END] = { client_tell_timeout, CLIENT_TERMINATED },
		[CLIENT_LOST] = { client_lose, CLIENT_TRYING },
		[CLIENT_ERROR] = { client_tell_failed, CLIENT_TERMINATED },
	},
	[CLIENT_PROCEEDING] = {
		[CLIENT_1XX] = { client_tell_response, CLIENT_PROCEEDING },
		[CLIENT_2XX] = { completed, CLIENT_COMPLETED },
		[CLIENT_FAILURE] = { completed, CLIENT_COMPLETED },
		[CLIENT_FORGET] = { client_absorb, CLIENT_PROCEEDING },
		[CLIENT_TIMER_AGAIN] = { repeat_proceeding, CLIENT_PROCEEDING },
		[CLIENT_TIMER_END] = { client_tell_timeout, CLIENT_TERMINATED },
		[CLIENT_LOST] = { client_tell_failed, CLIENT_TERMINATED },
		[CLIENT_ERROR] = { client_tell_failed, CLIENT_TERMINATED },
	},
	[CLIENT_COMPLETED] = {
		[CLIENT_FORGET] = { client_absorb, CLIENT_COMPLETED },
		[CLIENT_TIMER_END] = { client_end, CLIENT_TERMINATED },
	},
};
