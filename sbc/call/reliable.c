/*
 * reliable.c - reliable provisional responses and PRACK
 * (RFC 3262), a leg for itself
 *
 * A caller that requires them gets each 18x with an RSeq, sent again until its
 * PRACK; the next one waits for that. A callee's reliable 18x are acknowledged
 * here at once. The other side sees plain ones.
 */

#include "call/private.h"

#include <stdlib.h>

#include "sip/reliable.h"

/* A callee that rings more often, retransmissions too, is not listened to: each
 * would cost a transaction. */
#define PRACKS_MAX 200

/* --- toward a caller --- */

bool
reliable_begin(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct sip_message *msg = calls->arrival.msg;
	bool required = extension_requires_100rel(calls);
	uint32_t random;

	if (!required &&
	    (leg->trunk->config->prack == CONFIG_PRACK_OFF ||
		!leg->invite->offer ||
		!sip_list_has(msg, SIP_SUPPORTED, SPAN("100rel"))))
		return true;
	if (early_of(leg) == NULL)
		return false;
	/* The first reliable response to an INVITE without offer
	 * would have to bring one (RFC 3261 section 13.2.1), and
	 * there is none before the 2xx. */
	leg->early->reliable = leg->invite->offer;
	leg->early->required = required;
	leg->early->cseq = leg->invite->server_cseq;
	calls->deps.random(&random, sizeof(random));
	leg->early->rseq = random & 0xffffff;
	server_keep_provisionals(calls->transactions, leg->invite->server);
	return true;
}

/* The newest goes next; but one with SDP makes no way for one without. */
static void
hold(struct leg *leg)
{
	struct early *early = leg->early;
	const struct sip_message *msg = leg->call->calls->arrival.msg;

	if (msg->status < 200 && early->held_sdp && span_empty(msg->body))
		return;
	span_free(&early->held);
	early->held = span_copy(msg->raw);
	early->held_sdp = !span_empty(msg->body);
	if (msg->status >= 200 && span_empty(early->held))
		call_end(leg->call, END_SHORTAGE);
}

bool
reliable_answers(const struct leg *leg)
{
	const struct early *early = leg->early;

	return early != NULL && early->waiting && early->with_sdp;
}

bool
reliable_ready(struct leg *leg)
{
	const struct early *early = leg->early;
	unsigned status = leg->call->calls->arrival.msg->status;

	if (early == NULL || status >= 300)
		return true;
	if (status < 200 && early->required && !early->reliable)
		return false;
	/* A 2xx waits for the PRACK to an answer only. */
	if (!(early->waiting && (status < 200 || early->with_sdp)) &&
	    !early_offer_pending(leg))
		return true;
	hold(leg);
	return false;
}

void
reliable_mark(struct leg *leg)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	size_t mark = sip_draft_mark(draft);

	if (leg->early == NULL || !leg->early->reliable || draft->status >= 200)
		return;
	sip_rseq_write(leg->early->rseq + 1, &draft->scratch);
	sip_draft_add(
	    draft, SIP_RSEQ, sip_draft_keep(draft, mark), SIP_OWNER_DIALOG);
	sip_draft_add(draft, SIP_REQUIRE, SPAN("100rel"), SIP_OWNER_DIALOG);
}

static void
again_is_due(struct timer *timer)
{
	struct early *early = CONTAINER_OF(timer, struct early, again);
	struct leg *leg = early->leg;
	struct calls *calls = leg->call->calls;
	uint64_t now = calls->deps.timers->now;

	if (leg->state != LEG_EARLY || !early->waiting)
		return;
	if (now >= early->deadline) {
		call_end(leg->call, END_NOT_PRACKED);
		calls_run_queue(calls);
		return;
	}
	server_respond_again(calls->transactions, leg->invite->server);
	early->interval *= 2;
	if (early->interval > early->deadline - now)
		early->interval = (uint32_t)(early->deadline - now);
	timer_start(
	    calls->deps.timers, &early->again, early->interval, again_is_due);
}

void
reliable_sent(struct leg *leg)
{
	struct early *early = leg->early;
	struct calls *calls = leg->call->calls;
	uint32_t t1 = leg->call->trunks->config->sip.t1;

	if (early == NULL || !early->reliable)
		return;
	early->rseq++;
	early->waiting = true;
	early->with_sdp = !span_empty(calls->draft.body);
	early->interval = t1;
	early->deadline = calls->deps.timers->now + (uint64_t)64 * t1;
	timer_start(calls->deps.timers, &early->again, t1, again_is_due);
}

static bool
acknowledges(const struct early *early, const struct sip_message *prack)
{
	struct sip_rack rack;

	return early != NULL && early->waiting &&
	    sip_rack_read(sip_value(prack, SIP_RACK), &rack) &&
	    rack.rseq == early->rseq && rack.cseq == early->cseq &&
	    rack.method == SIP_METHOD_INVITE;
}

void
reliable_release(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	struct span held = leg->early->held;
	struct arrival before;

	leg->early->held = SPAN_NONE;
	leg->early->held_sdp = false;
	if (span_empty(held))
		return;
	/* An answer that did not wait has made it worthless. */
	if (leg->state == LEG_EARLY && leg->call->reason == END_NONE &&
	    leg->other != NULL && attempt_begin(leg->other, held, &before)) {
		leg_step(leg,
		    calls->kept.status < 200 ? EV_RING : EV_ANSWER);
		/* What it leads to looks at the message, too. */
		calls_run_queue(calls);
		attempt_end(calls, &before);
	}
	span_free(&held);
}

void
reliable_prack(struct leg *leg, server_tx tx)
{
	struct calls *calls = leg->call->calls;
	const struct sip_message *msg = calls->arrival.msg;

	if (!acknowledges(leg->early, msg)) {
		refuse(calls, leg, tx, 481, DIAG_DLG_UNKNOWN,
		    "no provisional response waits for this PRACK");
		return;
	}
	leg->early->waiting = false;
	leg->early->answered |= leg->early->with_sdp;
	timer_stop(calls->deps.timers, &leg->early->again);
	if (span_empty(msg->body))
		answer_plain(leg, tx);
	else
		early_offer(leg, tx);
	if (!early_offer_pending(leg))
		reliable_release(leg);
}

/* --- toward a callee --- */

void
reliable_swap_dialog(struct leg *leg, struct fork *fork)
{
	struct dialog before = leg->dialog;

	leg->dialog = *fork->dialog;
	leg->dialog.local_cseq = before.local_cseq;
	*fork->dialog = before;
}

/* As the leg's own, to which the response at hand adds its part. */
static bool
make_dialog(struct leg *leg, struct fork *fork)
{
	struct dialog_parts p = dialog_parts(&leg->dialog);

	if (fork->dialog == NULL)
		fork->dialog = calloc(1, sizeof(*fork->dialog));
	if (fork->dialog == NULL || !dialog_store(fork->dialog, &p))
		return false;
	client_path(leg->call->calls->transactions, leg->invite->client,
	    &fork->dialog->path);
	return true;
}

static void
send_prack(struct leg *leg, uint32_t rseq)
{
	struct calls *calls = leg->call->calls;
	const struct arrival *a = &calls->arrival;
	struct sip_draft *draft = &calls->draft;
	struct sip_rack rack = { rseq, leg->invite->client_cseq,
		SIP_METHOD_INVITE, SPAN_NONE };
	client_tx tx = 0;
	size_t mark;

	if (dialog_from_response(leg, a->msg, a->view))
		tx = compose_request(leg, SIP_METHOD_PRACK, SPAN("PRACK"));
	if (tx == 0)
		return;
	mark = sip_draft_mark(draft);
	sip_rack_write(&rack, &draft->scratch);
	sip_draft_add(
	    draft, SIP_RACK, sip_draft_keep(draft, mark), SIP_OWNER_DIALOG);
	compose_own(leg);
	compose_apply_rules(leg);
	/* Lost, or refused: that alone ends no call. */
	compose_send(leg, &tx);
}

/* By the response at hand (RFC 3311 section 5.1), or
 * what its trunk said before. */
static bool
allows_update(const struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;
	uint32_t mask = 0;

	if (!sip_has(msg, SIP_ALLOW))
		return capability_allows(leg->trunk, SIP_METHOD_UPDATE) ==
		    CAPABILITY_YES;
	return sip_allow_read(msg, &mask) &&
	    (mask & SIP_METHOD_BIT(SIP_METHOD_UPDATE)) != 0;
}

bool
reliable_heard(struct leg *leg)
{
	struct calls *calls = leg->call->calls;
	const struct sip_message *msg = calls->arrival.msg;
	struct fork *fork;
	uint32_t rseq;

	if (!sip_has(msg, SIP_RSEQ) || !extension_requires_100rel(calls) ||
	    !sip_rseq_read(sip_value(msg, SIP_RSEQ), &rseq))
		return true;
	fork = early_fork(leg);
	if (fork != NULL && ++leg->early->pracks > PRACKS_MAX)
		return false;
	/* Again, or ahead of one that is still to come: it will come again. */
	if (fork == NULL || (fork->rseq != 0 && rseq != fork->rseq + 1))
		return false;
	fork->rseq = rseq;
	fork->update = allows_update(leg);
	if (span_empty(fork->sdp))
		fork->sdp = session_copy(msg);
	if (make_dialog(leg, fork)) {
		reliable_swap_dialog(leg, fork);
		send_prack(leg, rseq);
		reliable_swap_dialog(leg, fork);
	}
	return true;
}

struct span
reliable_take_answer(struct leg *leg)
{
	struct fork *fork = leg->early == NULL ? NULL : early_fork(leg);
	struct span sdp = SPAN_NONE;

	if (fork != NULL) {
		sdp = fork->sdp;
		fork->sdp = SPAN_NONE;
	}
	return sdp;
}
