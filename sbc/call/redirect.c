/*
 * redirect.c - a callee that says where else the call should go
 * (RFC 3261 section 8.1.3.4)
 *
 * What the Contact of a 3xx names is never dialled: its number is looked up in
 * the route table, as if the caller had dialled it. Each is asked on a leg of
 * its own, one after the other, by an INVITE made of the caller's.
 */

#include "call/redirect.h"

#include <stdlib.h>

#include "identity/diversion.h"

void
redirect_drop(struct call *call)
{
	struct redirect *r = call->redirect;

	if (r == NULL)
		return;
	while (r->n > 0)
		span_free(&r->targets[--r->n].number);
	span_free(&r->invite);
	free(r);
	call->redirect = NULL;
}

static struct redirect *
redirect_of(struct call *call)
{
	struct redirect *r = call->redirect;

	if (r != NULL)
		return r;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->kind = call->kind;
	r->invite = *call_invite(call);
	*call_invite(call) = SPAN_NONE;
	call->redirect = r;
	return r;
}

struct span
redirect_number(const struct call *call, uint8_t place)
{
	return place == 0 ? call_wanted(call)
			  : call->redirect->targets[place - 1].number;
}

/* --- which numbers --- */

static bool
was_named(const struct call *call, struct span number)
{
	const struct trunk *from = call_asker(call)->trunk;
	uint8_t i;

	for (i = 0; i <= call->redirect->n; i++)
		if (number_same(from->plan, span_of(from->config->area),
			redirect_number(call, i), number))
			return true;
	return false;
}

/* Why a Contact is not followed; END_NONE: it is. */
static enum end_reason
judge(struct leg *leg, const struct contact *contact)
{
	const struct call *call = leg->call;
	const struct nameaddr *na = &contact->na;

	if (!redirect_names_number(na)) {
		redirect_leave_out(leg, na, DIAG_RTE_REDIRECTED,
		    "the Contact names no number: its address alone is not "
		    "called");
		return END_REDIRECTED;
	}
	if (was_named(call, na->uri.user)) {
		redirect_leave_out(leg, na, DIAG_LOOP_DETECTED,
		    "this number was asked already, or is going to be");
		return END_REDIRECT_LOOP;
	}
	if (call->redirect->n == TARGETS_MAX) {
		redirect_leave_out(leg, na, DIAG_LOOP_DETECTED,
		    "a call is redirected to five numbers at the most");
		return END_REDIRECT_LOOP;
	}
	if (!call_has_route(call, na->uri.user)) {
		redirect_leave_out(leg, na, DIAG_RTE_NO_MATCH,
		    "no route takes this number from the caller's trunk");
		return END_NO_ROUTE;
	}
	return END_NONE;
}

/* RFC 4458 in the Contact; else whether it rang before tells (RFC 5806). */
static struct span
reason_of(const struct leg *leg, const struct sip_uri *uri)
{
	struct span cause;
	uint32_t status;

	if (sip_param_find(uri->params, SPAN("cause"), &cause) &&
	    span_to_u32(cause, 699, &status))
		return diversion_reason(status);
	return diversion_reason(leg->state == LEG_EARLY ? 487 : 302);
}

static bool
add_target(struct leg *leg, const struct contact *contact)
{
	struct redirect *r = leg->call->redirect;
	struct target *target = &r->targets[r->n];

	*target = (struct target){
		.number = span_copy(contact->na.uri.user),
		.trunk = leg->trunk->name,
		.status = (uint16_t)leg->call->calls->arrival.msg->status,
		.reason = reason_of(leg, &contact->na.uri),
		.q = contact->q,
		.from = r->now,
	};
	if (span_empty(target->number))
		return false;
	r->n++;
	return true;
}

/* The answer that the caller has acknowledged cannot be taken back, and no
 * other number would give the same. */
bool
redirect_is_barred(const struct leg *leg)
{
	const struct early *early =
	    leg->other == NULL ? NULL : leg->other->early;

	return early != NULL && early->reliable && leg->media_fork != 0;
}

static void
take_targets(struct leg *leg, enum end_reason *reason)
{
	struct calls *calls = leg->call->calls;
	struct contact list[CONTACTS_MAX];
	size_t i, n = redirect_contacts(calls, list);

	if (!redirect_names_targets(leg))
		return;
	if (redirect_is_barred(leg)) {
		redirect_leave_out(leg, &calls->arrival.view->contact,
		    DIAG_RTE_REDIRECTED,
		    "the caller has acknowledged the media of this callee "
		    "already: another could not be put in its place");
		return;
	}
	if (redirect_of(leg->call) == NULL) {
		*reason = END_SHORTAGE;
		return;
	}
	for (i = 0; i < n; i++) {
		enum end_reason why = judge(leg, &list[i]);

		if (why != END_NONE)
			*reason = why;
		else if (!add_target(leg, &list[i]))
			*reason = END_SHORTAGE;
	}
}

/* Whoever was named last comes first: what a number diverts to is asked
 * before its own alternatives. */
static struct target *
next_target(struct redirect *r)
{
	struct target *best = NULL;
	uint8_t i;

	for (i = 0; r != NULL && i < r->n; i++) {
		struct target *t = &r->targets[i];

		if (!t->asked &&
		    (best == NULL || t->from > best->from ||
			(t->from == best->from && t->q > best->q)))
			best = t;
	}
	return best;
}

/* --- from one leg to the next --- */

static void
note_target(struct leg *leg, const struct target *target)
{
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_RTE_REDIRECTED,
		.message = SPAN("INVITE"),
		.cseq = 1,
		.target = SPAN("Request-URI"),
		.rule = SPAN("builtin:redirect"),
		.before = redirect_number(leg->call, target->from),
		.after = target->number,
	};

	text_add(&t, target->trunk);
	text_addf(&t,
	    " answered %u: this number is asked instead, by its route",
	    target->status);
	entry.reason = text_span(&t);
	note(leg, &entry);
}

static void
note_not_asked(struct leg *leg, const struct target *target,
    enum end_reason reason)
{
	const struct end_reason_row *row = end_reason_get(reason);

	note_diagnosis(leg->call->calls, leg, row->diagnostic,
	    SPAN("Request-URI"), target->number, span_of(row->sentence));
}

static enum end_reason
ask(struct leg *old, struct target *target)
{
	struct call *call = old->call;
	struct leg *new = leg_create(call, old->side, old->table, LEG_IDLE);
	enum end_reason reason;

	target->asked = true;
	if (new == NULL)
		return END_SHORTAGE;
	reason = leg_route_instead(new, old, target->number);
	if (reason == END_NONE && !redirect_write_invite(new, target))
		reason = END_SHORTAGE;
	if (reason == END_NONE) {
		call->redirect->now =
		    (uint8_t)(target - call->redirect->targets + 1);
		note_target(new, target);
		advance_take_place(old, new);
		return END_NONE;
	}
	note_not_asked(new, target, reason);
	leg_discard(new);
	return reason;
}

static bool
ask_next(struct leg *leg, enum end_reason *reason)
{
	struct target *target;

	while ((target = next_target(leg->call->redirect)) != NULL) {
		enum end_reason why = ask(leg, target);

		if (why == END_NONE)
			return true;
		/* What a peer said of another target says more. */
		if (*reason == END_REDIRECTED)
			*reason = why;
	}
	return false;
}

bool
redirect_has_next(const struct call *call)
{
	return next_target(call->redirect) != NULL;
}

bool
redirect_goes_on(struct leg *leg, enum end_reason *reason)
{
	enum config_redirect way = leg->trunk->config->redirect;
	bool redirected = *reason == END_REDIRECTED;

	if (redirected && way == CONFIG_REDIRECT_FOLLOW)
		take_targets(leg, reason);
	if (ask_next(leg, reason))
		return true;
	/* A transferor cannot be told: its REFER was accepted. */
	if (redirected && way == CONFIG_REDIRECT_RELAY &&
	    leg->call->transfer == NULL && redirect_may_pass(leg))
		*reason = END_REDIRECT_RELAYED;
	return false;
}
