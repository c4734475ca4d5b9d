/*
 * server_invite.c - the INVITE server transaction (RFC 3261 section 17.2.1, as
 * corrected by RFC 6026), and the retransmission of a 2xx until its ACK (RFC
 * 3261 section 13.3.1.4)
 */

#include <errno.h>

#include "transaction/private.h"

/* --- Proceeding --- */

/* The user has said nothing for 200 ms. */
static void
send_trying(struct server *tx, const struct server_input *in)
{
	struct transactions *layer = tx->layer;
	struct text t = text_over(layer->out, sizeof(layer->out));

	(void)in;
	TEXT_LIT(&t, "SIP/2.0 100 Trying\r\n");
	text_add(&t, echo_lines(layer, tx->echo, 100, SPAN_NONE));
	TEXT_LIT(&t, "Content-Length: 0\r\n\r\n");
	if (t.overflow || server_send(tx, text_span(&t)) != 0)
		return;
	layer->counters.responses_out++;
	if (net_transport_reliable(tx->path.transport))
		return;
	tx->sent = pool_dup(text_span(&t));
	tx->sent_n = tx->sent == NULL ? 0 : (uint32_t)t.len;
}

static void
provisional(struct server *tx, const struct server_input *in)
{
	(void)in;
	timer_stop(tx->layer->timers, &tx->timer);
}

/* It has been answered 200 already, by transaction.c. */
static void
cancel(struct server *tx, const struct server_input *in)
{
	struct transactions *layer = tx->layer;

	if (tx->cancelled)
		return;
	tx->cancelled = true;
	layer->ops.cancel(layer->arg, tx->owner, slab_handle_of(tx), in->msg);
}

/* --- Accepted --- */

/* Timer L ends the state; until the ACK the 2xx is sent again, at first after
 * T1, then T2 at the most apart, over streams too. */
static void
accepted(struct server *tx, const struct server_input *in)
{
	struct transactions *layer = tx->layer;

	(void)in;
	tx->times = 1;
	tx->interval = layer->timing.t1;
	tx->deadline = layer->timers->now + layer_64t1(layer);
	server_wait(tx);
}

static void
double_interval(struct server *tx)
{
	uint32_t t2 = tx->layer->timing.t2;

	tx->interval = longer_interval(tx->interval, t2);
	server_wait(tx);
}

static void
send_again(struct server *tx)
{
	int error;

	tx->layer->counters.retransmissions_out++;
	error = server_send(tx, span_make(tx->sent, tx->sent_n));
	if (error == 0)
		double_interval(tx);
	else
		server_step(tx, SERVER_ERROR,
		    &(struct server_input){ .error = error });
}

static void
accept_again(struct server *tx, const struct server_input *in)
{
	(void)in;
	tx->times++;
	send_again(tx);
}

static void
pass_ack(struct server *tx, const struct server_input *in)
{
	struct transactions *layer = tx->layer;

	layer->ops.ack(layer->arg, in->msg, in->view, in->path);
}

/* The state goes on for the INVITEs that are still under way. */
static void
acked(struct server *tx, const struct server_input *in)
{
	struct timers *timers = tx->layer->timers;

	(void)in;
	if (tx->acked)
		return;
	tx->acked = true;
	server_count_active(tx);
	server_drop_sent(tx);
	server_linger(tx,
	    tx->deadline > timers->now ? tx->deadline - timers->now : 0);
}

/* With its ACK in, nothing is to be sent any more. */
static void
accepted_lost(struct server *tx, const struct server_input *in)
{
	if (!tx->acked)
		server_reroute(tx, in);
}

static void
accepted_over(struct server *tx, const struct server_input *in)
{
	struct transactions *layer = tx->layer;

	(void)in;
	if (!tx->acked)
		layer->ops.not_acked(
		    layer->arg, tx->owner, slab_handle_of(tx), tx->times);
}

/* --- Completed and Confirmed --- */

/* Timers G and H. */
static void
failed(struct server *tx, const struct server_input *in)
{
	struct transactions *layer = tx->layer;

	(void)in;
	if (net_transport_reliable(tx->path.transport) || tx->sent == NULL) {
		server_linger(tx, layer_64t1(layer));
		return;
	}
	tx->interval = layer->timing.t1;
	tx->deadline = layer->timers->now + layer_64t1(layer);
	server_wait(tx);
}

static void
fail_again(struct server *tx, const struct server_input *in)
{
	(void)in;
	send_again(tx);
}

/* Timer H: the ACK never came. */
static void
failed_over(struct server *tx, const struct server_input *in)
{
	(void)in;
	server_give_up(tx, &(struct server_input){ .error = -ETIMEDOUT });
}

/* Timer I. */
static void
confirmed(struct server *tx, const struct server_input *in)
{
	bool reliable = net_transport_reliable(tx->path.transport);

	(void)in;
	server_drop_sent(tx);
	server_linger(tx, reliable ? 0 : tx->layer->timing.t4);
}

const struct server_cell server_invite_table[SERVER_STATES][SERVER_EVENTS] = {
	[SERVER_PROCEEDING] = {
		[SERVER_REQUEST] = { server_repeat, SERVER_PROCEEDING },
		[SERVER_CANCEL] = { cancel, SERVER_PROCEEDING },
		[SERVER_SEND_1XX] = { provisional, SERVER_PROCEEDING },
		[SERVER_SEND_2XX] = { accepted, SERVER_ACCEPTED },
		[SERVER_SEND_FAILURE] = { failed, SERVER_COMPLETED },
		[SERVER_TIMER_AGAIN] = { send_trying, SERVER_PROCEEDING },
		[SERVER_LOST] = { server_reroute, SERVER_PROCEEDING },
		[SERVER_ERROR] = { server_give_up, SERVER_TERMINATED },
	},
	[SERVER_ACCEPTED] = {
		[SERVER_REQUEST] = { server_absorb, SERVER_ACCEPTED },
		[SERVER_ACK] = { pass_ack, SERVER_ACCEPTED },
		[SERVER_ACKED] = { acked, SERVER_ACCEPTED },
		[SERVER_TIMER_AGAIN] = { accept_again, SERVER_ACCEPTED },
		[SERVER_TIMER_END] = { accepted_over, SERVER_TERMINATED },
		[SERVER_LOST] = { accepted_lost, SERVER_ACCEPTED },
		[SERVER_ERROR] = { server_give_up, SERVER_TERMINATED },
	},
	[SERVER_COMPLETED] = {
		[SERVER_REQUEST] = { server_repeat, SERVER_COMPLETED },
		[SERVER_ACK] = { confirmed, SERVER_CONFIRMED },
		[SERVER_TIMER_AGAIN] = { fail_again, SERVER_COMPLETED },
		[SERVER_TIMER_END] = { failed_over, SERVER_TERMINATED },
		[SERVER_LOST] = { server_give_up, SERVER_TERMINATED },
		[SERVER_ERROR] = { server_give_up, SERVER_TERMINATED },
	},
	[SERVER_CONFIRMED] = {
		[SERVER_REQUEST] = { server_absorb, SERVER_CONFIRMED },
		[SERVER_ACK] = { server_absorb, SERVER_CONFIRMED },
		[SERVER_TIMER_END] = { server_end, SERVER_TERMINATED },
	},
};
