/*
 * server_other.c - the server transaction of all requests but INVITE (RFC 3261
 * section 17.2.2, RFC 4320)
 */

#include "transaction/private.h"

/* Its time goes on: 64*T1 after the request the client has given up. */
static void
provisional(struct server *tx, const struct server_input *in)
{
	(void)tx;
	(void)in;
}

/* Timer J. */
static void
completed(struct server *tx, const struct server_input *in)
{
	bool reliable = net_transport_reliable(tx->path.transport);

	(void)in;
	server_linger(tx, reliable ? 0 : layer_64t1(tx->layer));
}

const struct server_cell server_other_table[SERVER_STATES][SERVER_EVENTS] = {
	[SERVER_TRYING] = {
		[SERVER_REQUEST] = { server_absorb, SERVER_TRYING },
		[SERVER_SEND_1XX] = { provisional, SERVER_PROCEEDING },
		[SERVER_SEND_2XX] = { completed, SERVER_COMPLETED },
		[SERVER_SEND_FAILURE] = { completed, SERVER_COMPLETED },
		[SERVER_TIMER_END] = { server_end, SERVER_TERMINATED },
		[SERVER_LOST] = { server_reroute, SERVER_TRYING },
		[SERVER_ERROR] = { server_give_up, SERVER_TERMINATED },
	},
	[SERVER_PROCEEDING] = {
		[SERVER_REQUEST] = { server_repeat, SERVER_PROCEEDING },
		[SERVER_SEND_1XX] = { provisional, SERVER_PROCEEDING },
		[SERVER_SEND_2XX] = { completed, SERVER_COMPLETED },
		[SERVER_SEND_FAILURE] = { completed, SERVER_COMPLETED },
		[SERVER_TIMER_END] = { server_end, SERVER_TERMINATED },
		[SERVER_LOST] = { server_reroute, SERVER_PROCEEDING },
		[SERVER_ERROR] = { server_give_up, SERVER_TERMINATED },
	},
	[SERVER_COMPLETED] = {
		[SERVER_REQUEST] = { server_repeat, SERVER_COMPLETED },
		[SERVER_TIMER_END] = { server_end, SERVER_TERMINATED },
	},
};
