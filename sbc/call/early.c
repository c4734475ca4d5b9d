/*
 * early.c - what a caller is shown before the answer
 *
 * A callee may fork: each To tag is an early dialog of its own (RFC 3261
 * section 12.1.2). The caller sees one of them, or all, as its trunk wants it;
 * and a 180 of our own where the callee says nothing for too long.
 */

#include "call/private.h"

#include <stdlib.h>

#include "base/hash.h"

struct early *
early_of(struct leg *leg)
{
	if (leg->early != NULL)
		return leg->early;
	leg->early = calloc(1, sizeof(*leg->early));
	if (leg->early != NULL)
		leg->early->leg = leg;
	return leg->early;
}

static void
free_fork(struct fork *fork)
{
	span_free(&fork->sdp);
	if (fork->dialog != NULL)
		dialog_fini(fork->dialog);
	free(fork->dialog);
}

void
early_forget(struct leg *leg)
{
	struct early *early = leg->early;

	leg->first_fork = leg->media_fork = 0;
	while (early != NULL && early->forks_n > 0)
		free_fork(&early->forks[--early->forks_n]);
}

void
early_free(struct leg *leg)
{
	struct timers *timers = leg->call->calls->deps.timers;

	if (leg->early == NULL)
		return;
	early_forget(leg);
	timer_stop(timers, &leg->early->ringing);
	timer_stop(timers, &leg->early->again);
	timer_stop(timers, &leg->early->silence);
	span_free(&leg->early->held);
	free(leg->early);
	leg->early = NULL;
}

/* --- forks --- */

/* 0: there is none. */
static uint32_t
hash_tag(struct span tag)
{
	return span_empty(tag) ? 0 : (uint32_t)hash_quick(&tag, 1) | 1;
}

/* Of the response at hand. */
static uint32_t
tag_at_hand(const struct calls *calls)
{
	return hash_tag(calls->arrival.view->to_tag);
}

bool
early_knows(const struct leg *leg, struct span tag)
{
	const struct early *early = leg->early;
	uint32_t hash = hash_tag(tag);
	unsigned i;

	for (i = 0; early != NULL && i < early->forks_n; i++)
		if (early->forks[i].tag == hash)
			return true;
	return leg->first_fork != 0 && leg->first_fork == hash;
}

struct fork *
early_fork(struct leg *leg)
{
	struct early *early = early_of(leg);
	uint32_t tag = tag_at_hand(leg->call->calls);
	unsigned i;

	if (early == NULL || tag == 0)
		return NULL;
	for (i = 0; i < early->forks_n; i++)
		if (early->forks[i].tag == tag)
			return &early->forks[i];
	if (early->forks_n == FORKS_KEPT)
		return NULL;
	early->forks[early->forks_n] = (struct fork){ .tag = tag };
	return &early->forks[early->forks_n++];
}

struct fork *
early_media_fork(struct leg *leg)
{
	struct early *early = leg->early;
	unsigned i;

	for (i = 0; early != NULL && i < early->forks_n; i++) {
		struct fork *fork = &early->forks[i];

		if (fork->tag == leg->media_fork && fork->dialog != NULL &&
		    !span_empty(fork->sdp))
			return fork;
	}
	return NULL;
}

/* RSeq counts in each early dialog anew: a caller that counts sees but one. */
static bool
sees_all_forks(const struct leg *leg)
{
	return leg->trunk->config->forks == CONFIG_FORKS_KEEP &&
	    (leg->early == NULL || !leg->early->reliable);
}

static void
note_forked(struct leg *leg)
{
	const struct arrival *a = &leg->call->calls->arrival;
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_FORKED_18X,
		.target = SPAN("To"),
		.rule = SPAN("builtin:forks"),
		.message = SPAN("18x INVITE"),
		.before = a->view->to,
		.after = dialog_local_tag(&leg->other->dialog),
	};

	if (sees_all_forks(leg->other)) {
		entry.kind = JOURNAL_KEPT;
		entry.reason = SPAN("one more early dialog: the caller sees it "
				    "as one of its own");
	} else {
		entry.reason = SPAN("one more early dialog: the caller sees "
				    "one only, with the SDP of the first");
	}
	note_once(leg, ONCE_FORKED, &entry);
}

void
early_heard(struct leg *leg)
{
	uint32_t tag = tag_at_hand(leg->call->calls);

	if (tag == 0)
		return;
	if (leg->first_fork == 0)
		leg->first_fork = tag;
	else if (leg->first_fork != tag)
		note_forked(leg);
	if (leg->first_fork != tag || sees_all_forks(leg->other))
		early_fork(leg);
}

static unsigned
fork_number(const struct leg *caller)
{
	struct leg *callee = caller->other;
	unsigned passed = caller->early == NULL ? 0 : caller->early->passed;
	const struct fork *fork;

	if (!sees_all_forks(caller))
		return passed;
	fork = early_fork(callee);
	return passed +
	    (fork == NULL ? 0 : (unsigned)(fork - callee->early->forks));
}

/* The SDP of two callees would be two answers in one dialog: to the caller it
 * is as if its call had been forked, one target after the other. */
void
early_turn(struct leg *caller, struct leg *old)
{
	bool all = sees_all_forks(caller);

	if (!(all ? old->first_fork != 0 : old->media_fork != 0) ||
	    early_of(caller) == NULL)
		return;
	caller->early->passed +=
	    all && old->early != NULL && old->early->forks_n > 1
	    ? old->early->forks_n
	    : 1;
}

struct span
early_tag(const struct leg *leg, unsigned fork, char buf[static TAG_MAX])
{
	struct text t = text_over(buf, TAG_MAX);

	if (fork == 0)
		return dialog_local_tag(&leg->dialog);
	text_add(&t, dialog_local_tag(&leg->dialog));
	TEXT_LIT(&t, "-");
	text_add_u64(&t, fork);
	return text_span(&t);
}

bool
early_has_tag(const struct leg *leg, struct span tag)
{
	struct span ours = dialog_local_tag(&leg->dialog);

	return leg->state == LEG_EARLY && span_starts(tag, ours) &&
	    tag.n > ours.n && tag.p[ours.n] == '-';
}

static bool
settle(struct leg *leg, unsigned fork)
{
	struct calls *calls = leg->call->calls;
	struct text t = text_over(calls->out, sizeof(calls->out));
	struct dialog_parts p = dialog_parts(&leg->dialog);
	char buf[TAG_MAX];

	if (fork == 0)
		return true;
	/* The tag ends it: dialog_from_request(). */
	p.local_tag = early_tag(leg, fork, buf);
	text_add(&t,
	    span_make(p.local.p,
		p.local.n - dialog_local_tag(&leg->dialog).n));
	text_add(&t, p.local_tag);
	p.local = text_span(&t);
	return dialog_store(&leg->dialog, &p);
}

bool
early_settle(struct leg *leg)
{
	return settle(leg, fork_number(leg));
}

bool
early_settle_apart(struct leg *leg)
{
	unsigned passed = leg->early == NULL ? 0 : leg->early->passed;

	/* The numbers of the callee's own end before that one. */
	return settle(
	    leg, leg->other->media_fork == 0 ? passed : passed + FORKS_KEPT);
}

/* --- in which form --- */

/* Another fork's SDP would move the caller's audio back and forth. */
static bool
shows_sdp(struct leg *caller)
{
	struct calls *calls = caller->call->calls;
	struct leg *callee = caller->other;
	uint32_t tag = tag_at_hand(calls);

	/* The answer to an offer of ours. */
	if (span_empty(calls->arrival.msg->body) || caller->invite->late)
		return false;
	if (callee->media_fork == 0)
		callee->media_fork = tag;
	return tag == 0 || callee->media_fork == tag || sees_all_forks(caller);
}

static void
change_status(struct leg *leg, struct early_form *form, unsigned status)
{
	char before[16], after[16];
	struct text b = text_over(before, sizeof(before));
	struct text a = text_over(after, sizeof(after));
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_RINGING,
		.target = SPAN("status"),
		.rule = SPAN("builtin:ringing"),
		.message = SPAN("18x INVITE"),
		.reason = SPAN("the option ringing of the caller's trunk wants "
			       "it so"),
	};

	text_add_u64(&b, form->status);
	text_add_u64(&a, status);
	entry.before = text_span(&b);
	entry.after = text_span(&a);
	form->status = status;
	form->reason = span_of(sip_reason_phrase(status));
	note_once(leg, ONCE_RINGING, &entry);
}

struct early_form
early_form(struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;
	enum config_ringing ringing = leg->trunk->config->ringing;
	struct early_form form = { msg->status, msg->reason, shows_sdp(leg),
		fork_number(leg) };

	if (ringing == CONFIG_RINGING_180 && form.status == 183 && !form.body)
		change_status(leg, &form, 180);
	else if (ringing == CONFIG_RINGING_183 && form.status == 180)
		change_status(leg, &form, 183);
	return form;
}

void
early_drop_body(struct sip_draft *draft)
{
	unsigned i = 0;

	draft->body = SPAN_NONE;
	while (i < draft->fields_n)
		if (sip_header_flags(draft->fields[i].id) & SIP_FLAG_BODY)
			sip_draft_remove(draft, i);
		else
			i++;
}

/* --- ringing of our own --- */

static void
ringing_is_due(struct timer *timer)
{
	struct early *early = CONTAINER_OF(timer, struct early, ringing);
	struct leg *leg = early->leg;

	if (leg->state == LEG_TRYING && leg->call->reason == END_NONE)
		leg_step(leg, EV_RING_HERE);
	calls_run_queue(leg->call->calls);
}

void
early_expect_ringing(struct leg *leg)
{
	uint32_t after = leg->trunk->config->ringing_after;

	if (after > 0 && leg->state == LEG_TRYING && early_of(leg) != NULL)
		timer_start(leg->call->calls->deps.timers,
		    &leg->early->ringing, after, ringing_is_due);
}
