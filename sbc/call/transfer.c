/*
 * transfer.c - the state table of a transfer, and what it does to the call
 *
 * The old call stays as it is until the target has answered and the waiting
 * party has accepted its media; whatever fails before leaves it so.
 */

#include "call/transfer.h"

#include <stdlib.h>

/* The transferor's time to hang up by itself (row EXT-05). */
#define LEAVE_MS 1000
/* More of them, while its answer to the final NOTIFY is awaited. */
#define PATIENCE 2

struct transfer *
transfer_create(struct leg *transferor)
{
	struct call *call = transferor->call;
	struct transfer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->call = call;
	t->transferor = transferor;
	t->waiting = transferor->other;
	t->kind = call->kind;
	t->began = call_now(call);
	t->cseq = transferor->dialog.remote_cseq;
	call->transfer = t;
	call->transfers++;
	join_begin(t);
	return t;
}

static void
transfer_free(struct transfer *t)
{
	struct timers *timers = t->call->calls->deps.timers;

	timer_stop(timers, &t->timer);
	timer_stop(timers, &t->again);
	redirect_drop(t->call);
	t->call->transfer = NULL;
	span_free(&t->number);
	span_free(&t->invite);
	span_free(&t->told);
	free(t);
}

void
transfer_drop(struct call *call)
{
	if (call->transfer != NULL)
		transfer_free(call->transfer);
}

void
transfer_note_refused(struct leg *leg, enum diagnostic diagnostic,
    struct span number, struct span why)
{
	note(leg, &(struct journal_entry){ .kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = diagnostic,
		.message = SPAN("INVITE"),
		.target = SPAN("Request-URI"),
		.before = number,
		.reason = why });
}

static void
expired(struct timer *timer)
{
	struct transfer *t = CONTAINER_OF(timer, struct transfer, timer);
	struct calls *calls = t->call->calls;

	transfer_step(t, TR_EXPIRED);
	calls_run_queue(calls);
}

static void
wait_for(struct transfer *t, uint64_t ms)
{
	timer_start(t->call->calls->deps.timers, &t->timer, ms, expired);
}

static void
tell(struct transfer *t, unsigned status)
{
	if (!t->transferor_left)
		refer_tell(t->transferor, status);
}

/* --- a target that is on the line already --- */

static void
move(struct leg *leg, struct call *call)
{
	struct leg **at = &leg->call->legs;

	while (*at != leg)
		at = &(*at)->next;
	*at = leg->next;
	leg->next = call->legs;
	call->legs = leg;
	leg->call = call;
}

static void
replace_end(struct call *call, const struct leg *old, struct leg *new)
{
	if (call->caller == old)
		call->caller = new;
	else
		call->callee = new;
}

/* Keeps the names of a leg that is lent in its call. */
static struct leg *
make_stand_in(struct leg *leg)
{
	struct dialog_parts parts = dialog_parts(&leg->dialog);
	struct leg *stand_in =
	    leg_create(leg->call, leg->side, leg->table, LEG_GONE);

	if (stand_in == NULL)
		return NULL;
	leg_set_trunk(stand_in, leg->trunks, leg->trunk);
	if (dialog_store(&stand_in->dialog, &parts))
		return stand_in;
	leg_discard(stand_in);
	return NULL;
}

static void
bring(struct transfer *t, struct leg *consult, struct leg *stand_in)
{
	struct leg *target = consult->other;

	parties_bring(t->call, target, parties_number(target));
	replace_end(target->call, target, stand_in);
	move(target, t->call);
	target->side = JOURNAL_TARGET;
	target->other = consult->other = NULL;
	t->target = target;
	note_legs(target);
	t->consult = consult->handle;
	t->stand_in = stand_in->handle;
}

bool
transfer_can_borrow(const struct leg *consult)
{
	const struct leg *target = consult->other;

	return consult->call->reason == END_NONE &&
	    consult->call->transfer == NULL && leg_is_end(consult) &&
	    consult->state == LEG_UP && target != NULL &&
	    target->state == LEG_UP && !exchange_offer_pending(consult);
}

bool
transfer_borrow(struct transfer *t, struct leg *consult)
{
	struct leg *target = consult->other, *stand_in;

	t->told = session_live(t->call->calls, t->waiting->sdp);
	if (span_empty(t->told) || !session_own(target))
		return false;
	stand_in = make_stand_in(target);
	if (stand_in == NULL)
		return false;
	exchange_close_leg(target);
	bring(t, consult, stand_in);
	return true;
}

bool
transfer_can_take(const struct leg *consult)
{
	const struct leg *target = consult->other;

	return consult->call->reason == END_NONE &&
	    consult->call->transfer == NULL && leg_is_end(consult) &&
	    consult->state == LEG_EARLY && target != NULL &&
	    target->table == &callee_table && target->state == LEG_EARLY &&
	    target->invite != NULL && target->invite->offer;
}

/* What it was offered is the transferor's, until it has answered. */
bool
transfer_take(struct transfer *t, struct leg *consult)
{
	struct leg *target = consult->other, *stand_in;
	struct exchange *x = target->invite;

	session_set(consult, x->sdp);
	x->sdp = SPAN_NONE;
	t->told = session_live(t->call->calls, t->waiting->sdp);
	if (span_empty(t->told) || !session_own(target))
		return false;
	stand_in = make_stand_in(target);
	if (stand_in == NULL || !exchange_split(target, stand_in, t->call))
		return false;
	target->table = &target_table;
	t->taken = true;
	bring(t, consult, stand_in);
	return true;
}

/* False: there is nobody to give it back to. */
static bool
give_back(struct transfer *t, struct leg *target)
{
	struct calls *calls = t->call->calls;
	struct leg *consult = leg_find(calls, t->consult);
	struct leg *stand_in = leg_find(calls, t->stand_in);
	bool offering;

	t->consult = 0;
	if (consult == NULL || stand_in == NULL ||
	    consult->state != LEG_UP || consult->call->reason != END_NONE)
		return false;
	if (target->state != LEG_UP) {
		call_end(consult->call, END_TARGET_HUNG_UP);
		return false;
	}
	offering = join_take_along(target, consult->call);
	exchange_close_leg(target);
	replace_end(consult->call, stand_in, target);
	move(target, consult->call);
	target->side = stand_in->side;
	leg_discard(stand_in);
	legs_join(consult, target);
	if (!offering)
		join_restore(target);
	return true;
}

/* --- what became of it --- */

static void
add_number(struct text *text, const struct leg *leg)
{
	struct span number = parties_number(leg);

	text_add(text, span_empty(number) ? SPAN("somebody") : number);
}

static void
note_result(struct transfer *t, enum diagnostic diagnostic, struct span after,
    struct span reason)
{
	struct memory_summary s = { .call = 0 };

	parties_tell(t->call, &s);
	note(t->transferor,
	    &(struct journal_entry){ .kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = diagnostic,
		.message = SPAN("REFER"),
		.cseq = t->cseq,
		.target = SPAN("transfer"),
		.before = s.number[MEMORY_TARGET],
		.after = after,
		.reason = reason });
}

static void
note_done(struct transfer *t)
{
	char buf[512];
	struct text text = text_over(buf, sizeof(buf));

	add_number(&text, t->waiting);
	TEXT_LIT(&text, " talks to ");
	add_number(&text, t->target);
	TEXT_LIT(&text, " now, ");
	text_add_u64(&text, call_now(t->call) - t->began);
	text_add_str(&text, t->consult == 0 ? " ms after a blind transfer"
					    : " ms after an attended transfer");
	TEXT_LIT(&text, " was asked for");
	note_result(t, DIAG_XFR_DONE, SPAN("joined"), text_span(&text));
}

static void
note_failed(struct transfer *t, unsigned status, const char *so)
{
	char buf[64], why[512];
	struct text after = text_over(buf, sizeof(buf));
	struct text text = text_over(why, sizeof(why));

	text_add_u64(&after, status);
	TEXT_LIT(&after, " ");
	text_add_str(&after, sip_reason_phrase(status));
	add_number(&text, t->waiting);
	text_add_str(&text, so);
	note_result(
	    t, DIAG_XFR_FAILED, text_span(&after), text_span(&text));
}

/* --- actions --- */

static bool
nothing(struct transfer *t)
{
	(void)t;
	return true;
}

static bool
call_target(struct transfer *t)
{
	tell(t, 100);
	wait_for(t, t->call->trunks->config->sip.ring);
	leg_raise(t->target, EV_TRY);
	return true;
}

/* Both who remain are on the line: the target hears of
 * the waiting party first. */
static bool
adopt_target(struct transfer *t)
{
	tell(t, 100);
	wait_for(t, t->call->trunks->config->sip.ring);
	join_ask_target(t);
	return true;
}

/* It has rung for the transferor until now. */
static bool
take_target(struct transfer *t)
{
	tell(t, 180);
	wait_for(t, t->call->trunks->config->sip.ring);
	return true;
}

/* Early media of a target that was taken go to the transferor. */
static bool
target_rings(struct transfer *t)
{
	tell(t, t->call->calls->arrival.msg->status);
	if (!t->taken && !span_empty(t->target->sdp))
		join_offer(t, t->target);
	return true;
}

/* It has answered in time: what is left to do has time of its own. */
static bool
target_answers(struct transfer *t)
{
	wait_for(t, t->call->trunks->config->sip.ring);
	if (t->taken)
		join_ask_target(t);
	else
		join_offer(t, t->target);
	return true;
}

void
transfer_replace_target(struct transfer *t, struct leg *target)
{
	/* Early media of the one before. */
	if (t->source == t->target)
		join_stop(t);
	t->target = target;
	parties_bring(t->call, target, call_number(t->call));
}

/* The target takes the transferor's place. */
static void
take_place(struct transfer *t)
{
	struct call *call = t->call;

	if (call->caller == t->transferor)
		call->caller = t->target;
	else
		call->callee = t->target;
	t->transferor->other = NULL;
	legs_join(t->waiting, t->target);
}

/* What stood beside the target before has nobody to talk to any more. */
static void
end_consultation(struct transfer *t)
{
	struct leg *leg = leg_find(t->call->calls, t->consult);

	if (leg != NULL)
		call_end(leg->call, END_TRANSFERRED);
}

static bool
join(struct transfer *t)
{
	take_place(t);
	t->call->joined++;
	call_limit_by(t->target);
	note_done(t);
	call_tell(t->call, "transfer");
	join_adjust(t);
	tell(t, 200);
	if (!t->transferor_left) {
		wait_for(t, LEAVE_MS);
		return true;
	}
	leg_retire(t->transferor);
	transfer_raise(t->call, TR_LEFT);
	return true;
}

/* A BYE does not overtake the NOTIFY that tells of success,
 * unless nobody answers that. */
static bool
send_off(struct transfer *t)
{
	if (!t->transferor_left && refer_waits(t->transferor) &&
	    t->patience++ < PATIENCE) {
		wait_for(t, LEAVE_MS);
		return false;
	}
	if (!t->transferor_left) {
		note_diagnosis(t->call->calls, t->transferor, DIAG_XFR_BYE_LATE,
		    SPAN("BYE"), SPAN("none for a second"),
		    SPAN("the transfer is done, and the transferring side did "
			 "not hang up: the SBC does"));
		leg_raise(t->transferor, EV_HANG_UP);
	}
	end_consultation(t);
	return true;
}

static bool
transferor_done(struct transfer *t)
{
	t->transferor_left = true;
	end_consultation(t);
	return true;
}

/* Nobody is left to come back to: the target's answer is
 * waited for all the same. */
static bool
transferor_left(struct transfer *t)
{
	t->transferor_left = true;
	session_own(t->waiting);
	exchange_close_leg(t->transferor);
	t->transferor->other = NULL;
	t->waiting->other = NULL;
	return true;
}

static void
give_up_target(struct transfer *t)
{
	struct leg *target = t->target;
	struct leg *consult = leg_find(t->call->calls, t->consult);

	if (target == NULL)
		return;
	t->target = NULL;
	if (give_back(t, target))
		return;
	/* Where the call ends with this, call_end() tells it. */
	if (t->call->reason == END_NONE && !t->transferor_left)
		leg_raise(target, EV_HANG_UP);
	if (consult != NULL)
		call_end(consult->call, END_CONSULT_LOST);
}

/* The old call is the call again, if there is one. */
static bool
fail(struct transfer *t)
{
	struct call *call = t->call;

	join_stop(t);
	call->kind = t->kind;
	if (t->status == 0)
		t->status = 503;
	tell(t, t->status);
	note_failed(t, t->status,
	    t->transferor_left
		? " has nobody left: who asked for the transfer had hung up"
		: " stays with who asked for the transfer");
	give_up_target(t);
	if (t->transferor_left) {
		call_end(call, END_TRANSFER_FAILED);
		return false;
	}
	parties_take_back(call);
	return true;
}

/* The same, where the waiting party may have heard the target already. */
static bool
fail_and_restore(struct transfer *t)
{
	if (!fail(t))
		return false;
	wait_for(t, t->call->trunks->config->sip.ring);
	join_offer(t, t->transferor);
	return true;
}

static bool
no_answer(struct transfer *t)
{
	t->status = 408;
	return fail_and_restore(t);
}

static bool
no_media(struct transfer *t)
{
	t->status = 488;
	return fail_and_restore(t);
}

/* An offer that is out still ends by its own patience. */
static bool
is_restored(struct transfer *t)
{
	return !t->offering;
}

static bool
end(struct transfer *t)
{
	join_stop(t);
	tell(t, 487);
	if (t->status == 0)
		note_failed(t, 487, " is not joined: the call ended before");
	give_up_target(t);
	return true;
}

static bool
end_joined(struct transfer *t)
{
	end_consultation(t);
	return true;
}

const transfer_table_t transfer_table = {
	[TRANSFER_NEW] = {
		[TR_CALL]      = { call_target,      TRANSFER_CALLING },
		[TR_ADOPT]     = { adopt_target,     TRANSFER_JOINING },
		[TR_TAKE]      = { take_target,      TRANSFER_RINGING },
		[TR_FAIL]      = { fail,             TRANSFER_OVER },
		[TR_END]       = { end,              TRANSFER_OVER },
	},
	[TRANSFER_CALLING] = {
		[TR_RING]      = { target_rings,     TRANSFER_RINGING },
		[TR_ANSWER]    = { target_answers,   TRANSFER_JOINING },
		[TR_FAIL]      = { fail,             TRANSFER_OVER },
		[TR_LEFT]      = { transferor_left,  TRANSFER_CALLING },
		[TR_EXPIRED]   = { no_answer,        TRANSFER_RESTORING },
		[TR_END]       = { end,              TRANSFER_OVER },
	},
	[TRANSFER_RINGING] = {
		[TR_RING]      = { target_rings,     TRANSFER_RINGING },
		[TR_ANSWER]    = { target_answers,   TRANSFER_JOINING },
		[TR_FAIL]      = { fail_and_restore, TRANSFER_RESTORING },
		[TR_AGREED]    = { nothing,          TRANSFER_RINGING },
		[TR_DISAGREED] = { nothing,          TRANSFER_RINGING },
		[TR_LEFT]      = { transferor_left,  TRANSFER_RINGING },
		[TR_EXPIRED]   = { no_answer,        TRANSFER_RESTORING },
		[TR_END]       = { end,              TRANSFER_OVER },
	},
	[TRANSFER_JOINING] = {
		[TR_FAIL]      = { fail_and_restore, TRANSFER_RESTORING },
		[TR_AGREED]    = { join,             TRANSFER_LEAVING },
		[TR_DISAGREED] = { no_media,         TRANSFER_RESTORING },
		[TR_LEFT]      = { transferor_left,  TRANSFER_JOINING },
		[TR_EXPIRED]   = { no_media,         TRANSFER_RESTORING },
		[TR_END]       = { end,              TRANSFER_OVER },
	},
	[TRANSFER_LEAVING] = {
		[TR_LEFT]      = { transferor_done,  TRANSFER_OVER },
		[TR_EXPIRED]   = { send_off,         TRANSFER_OVER },
		[TR_END]       = { end_joined,       TRANSFER_OVER },
	},
	[TRANSFER_RESTORING] = {
		[TR_AGREED]    = { nothing,          TRANSFER_OVER },
		[TR_DISAGREED] = { nothing,          TRANSFER_OVER },
		[TR_EXPIRED]   = { is_restored,      TRANSFER_OVER },
		[TR_END]       = { end,              TRANSFER_OVER },
	},
};

bool
transfer_leaves(struct leg *leg)
{
	struct transfer *t = leg->call->transfer;

	if (t == NULL || t->transferor != leg || t->state == TRANSFER_RESTORING)
		return false;
	transfer_raise(leg->call, TR_LEFT);
	return true;
}

/* It is on the line and not joined: whom it talked to before is told, too. */
bool
transfer_loses_target(const struct leg *leg)
{
	struct transfer *t = leg->call->transfer;

	if (t == NULL || t->target != leg || leg->other != NULL)
		return false;
	t->status = 480;
	transfer_raise(leg->call, TR_FAIL);
	return true;
}

bool
transfer_crosses(const struct leg *leg)
{
	const struct transfer *t = leg->call->transfer;

	return t != NULL && leg_is_end(leg) && t->state != TRANSFER_LEAVING &&
	    (t->state == TRANSFER_JOINING || join_diverts(t));
}

bool
transfer_holds(const struct leg *leg)
{
	const struct call *call = leg->call;

	return leg->other == NULL && call->reason == END_NONE &&
	    (leg_is_end(leg) ||
		(call->transfer != NULL && call->transfer->target == leg));
}

void
transfer_end(struct call *call)
{
	struct transfer *t = call->transfer;

	if (t == NULL)
		return;
	if (t->stepping)
		transfer_raise(call, TR_END);
	else
		transfer_step(t, TR_END);
}
