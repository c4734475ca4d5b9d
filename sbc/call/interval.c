/*
 * interval.c - what both sides say of session timers (RFC 4028):
 * asked for, refused, granted
 *
 * What a request asks for is read when it comes and granted in its 2xx.
 * What we ask for goes out in each INVITE and UPDATE and holds as the 2xx
 * grants it. These two moments, and no others, start, change and stop the
 * timer of a leg (refresh.c).
 */

#include "call/private.h"

#include "sip/session_timer.h"

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* --- what a message says --- */

static void
read_expires(const struct sip_message *msg, struct session_terms *terms)
{
	struct sip_session_expires e;

	if (!sip_has(msg, SIP_SESSION_EXPIRES) ||
	    !sip_session_expires_read(sip_value(msg, SIP_SESSION_EXPIRES), &e))
		return;
	/* 0 is too short, but is not none. */
	terms->expires = larger(e.seconds, 1);
	terms->refresher = (uint8_t)e.refresher;
}

/* Whether UPDATE stands in Allow: each call asks, so nothing is taken apart.
 * What only contains the word is found out by its 405. */
static bool
allows_update(const struct sip_message *msg)
{
	const struct sip_line *line = sip_find(msg, SIP_ALLOW);

	for (; line != NULL; line = sip_find_next(msg, line))
		if (span_find_span(line->value, SPAN("UPDATE")) >= 0)
			return true;
	return false;
}

void
interval_read(const struct sip_message *msg, struct session_terms *terms)
{
	*terms = (struct session_terms){ .expires = 0 };
	terms->timer = sip_list_has(msg, SIP_SUPPORTED, SPAN("timer")) ||
	    sip_list_has(msg, SIP_REQUIRE, SPAN("timer"));
	read_expires(msg, terms);
	if (!terms->timer && terms->expires == 0)
		return;
	if (sip_has(msg, SIP_MIN_SE))
		sip_min_se_read(sip_value(msg, SIP_MIN_SE), &terms->minimum);
	terms->allow_known = sip_has(msg, SIP_ALLOW);
	terms->update = terms->allow_known && allows_update(msg);
}

bool
interval_check(struct calls *calls, struct leg *leg, server_tx tx)
{
	const struct sip_message *msg = calls->arrival.msg;
	const struct trunk *trunk =
	    leg == NULL ? calls->arrival.trunk : leg->trunk;
	struct session_terms terms;

	if (!sip_has(msg, SIP_SESSION_EXPIRES))
		return true;
	interval_read(msg, &terms);
	/* Who knows no timers cannot be told (section 8.1). */
	if (!terms.timer || terms.expires == 0 ||
	    terms.expires >= trunk->config->session_minimum)
		return true;
	refuse(calls, leg, tx, 422, DIAG_DLG_422,
	    "a session timer of %u s is shorter than the %u s of this trunk",
	    terms.expires, trunk->config->session_minimum);
	return false;
}

/* Row TWI-22: a carrier took the timer out of Supported and left its interval.
 * It passes nowhere; that is said once. */
void
interval_note_orphan(struct leg *leg)
{
	const struct arrival *a = &leg->call->calls->arrival;
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));
	struct span value;

	if (!sip_has(a->msg, SIP_SESSION_EXPIRES) ||
	    sip_list_has(a->msg, SIP_SUPPORTED, SPAN("timer")) ||
	    sip_list_has(a->msg, SIP_REQUIRE, SPAN("timer")))
		return;
	value = sip_value(a->msg, SIP_SESSION_EXPIRES);
	TEXT_LIT(&t, "orphan Session-Expires: ");
	sip_add_unfolded(&t, span_up_to(value, 64));
	TEXT_LIT(&t, " removed");
	note_once(leg, ONCE_ORPHAN,
	    &(struct journal_entry){ .kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_422,
		.message = a->msg->method_name,
		.cseq = a->view->cseq,
		.target = SPAN("Session-Expires"),
		.before = value,
		.rule = SPAN("builtin:session-timer"),
		.reason = text_span(&t) });
}

/* --- as a server: what is granted --- */

/* 0: no timer. */
static uint32_t
grant(const struct leg *leg, const struct session_terms *terms)
{
	const struct config_trunk *config = leg->trunk->config;
	uint32_t most = larger(config->session_expires,
	    larger(config->session_minimum, terms->minimum));

	/* Ours goes on beside a peer that has forgotten of it. */
	if (!terms->timer)
		return refresh_is_on(leg) && leg->refresh->ours
		    ? leg->refresh->interval
		    : 0;
	if (terms->expires == 0 && refresh_is_on(leg))
		return larger(leg->refresh->interval, terms->minimum);
	if (config->session_expires == 0)
		return terms->expires;
	/* It may be made shorter than was asked for, never longer. */
	return terms->expires == 0 || most < terms->expires ? most
							    : terms->expires;
}

static bool
ours_as_server(const struct leg *leg, const struct session_terms *terms)
{
	if (terms->timer && terms->refresher != SIP_REFRESHER_NONE)
		return terms->refresher == SIP_REFRESHER_UAS;
	if (refresh_is_on(leg))
		return leg->refresh->ours;
	return leg->trunk->config->session_refresher != CONFIG_REFRESHER_PEER;
}

static void
add_expires(struct sip_draft *draft, uint32_t seconds, int refresher)
{
	struct sip_session_expires e = { .seconds = seconds };
	size_t mark = sip_draft_mark(draft);

	e.refresher = refresher;
	sip_session_expires_write(&e, &draft->scratch);
	sip_draft_add(draft, SIP_SESSION_EXPIRES, sip_draft_keep(draft, mark),
	    SIP_OWNER_OWN);
}

void
interval_answer(struct leg *leg, const struct session_terms *terms)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	uint32_t interval = grant(leg, terms);
	bool ours;

	if (interval == 0) {
		refresh_stop(leg);
		return;
	}
	ours = ours_as_server(leg, terms);
	add_expires(draft, interval,
	    ours ? SIP_REFRESHER_UAS : SIP_REFRESHER_UAC);
	if (!ours)
		sip_draft_add(
		    draft, SIP_REQUIRE, SPAN("timer"), SIP_OWNER_OWN);
	refresh_start(leg, interval, ours, terms);
}

/* --- as a client: what is asked for --- */

static bool
makes_dialog(const struct leg *leg)
{
	return leg->invite != NULL && leg->invite->to == leg;
}

/* s; 0: nothing. Inside of a dialog only what is in force: a peer that has no
 * timer is not asked again and again. */
static uint32_t
asked(const struct leg *leg)
{
	const struct config_trunk *config = leg->trunk->config;
	const struct refresh *r = leg->refresh;
	uint32_t wanted = refresh_is_on(leg) ? r->interval
	    : makes_dialog(leg) ? config->session_expires
				: 0;
	uint32_t demanded = r == NULL ? 0 : r->minimum;

	if (wanted == 0 && demanded == 0)
		return 0;
	return larger(wanted, larger(demanded, config->session_minimum));
}

bool
interval_is_asked(const struct leg *leg)
{
	return asked(leg) > 0;
}

static int
wanted_refresher(const struct leg *leg)
{
	if (refresh_is_on(leg))
		return leg->refresh->ours ? SIP_REFRESHER_UAC
					  : SIP_REFRESHER_UAS;
	switch (leg->trunk->config->session_refresher) {
	case CONFIG_REFRESHER_US:
		return SIP_REFRESHER_UAC;
	case CONFIG_REFRESHER_PEER:
		return SIP_REFRESHER_UAS;
	case CONFIG_REFRESHER_AUTO:
		break;
	}
	return SIP_REFRESHER_NONE;
}

void
interval_ask(struct leg *leg)
{
	struct sip_draft *draft = &leg->call->calls->draft;
	uint32_t interval = asked(leg);
	uint32_t minimum = leg->trunk->config->session_minimum;

	if (interval == 0)
		return;
	if (leg->refresh != NULL)
		minimum = larger(minimum, leg->refresh->minimum);
	add_expires(draft, interval, wanted_refresher(leg));
	if (minimum != SIP_MIN_SE_LEAST)
		sip_draft_add_number(
		    draft, SIP_MIN_SE, minimum, SPAN_NONE, SIP_OWNER_OWN);
}

/* Row TWI-33, once a trunk: it is so in each of its calls. */
static void
note_stripped(struct leg *leg)
{
	struct trunk_state *state = leg->trunk->state;

	if (state->timer_noted)
		return;
	state->timer_noted = true;
	note(leg, &(struct journal_entry){ .kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_TIMER_STRIPPED,
		.target = SPAN("Session-Expires"),
		.reason = SPAN("the peer grants no session timer: this leg has "
			       "none; said once of this trunk") });
}

void
interval_accepted(struct leg *leg)
{
	struct session_terms terms;
	uint32_t interval = asked(leg);

	interval_read(leg->call->calls->arrival.msg, &terms);
	if (terms.expires > 0) {
		refresh_start(leg,
		    larger(terms.expires,
			leg->trunk->config->session_minimum),
		    terms.refresher != SIP_REFRESHER_UAS, &terms);
		return;
	}
	if (interval > 0 && terms.timer &&
	    leg->trunk->config->session_refresher == CONFIG_REFRESHER_US) {
		refresh_start(leg, interval, true, &terms);
		return;
	}
	if (interval > 0 && !terms.timer)
		note_stripped(leg);
	refresh_stop(leg);
}

bool
interval_demanded(struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;
	uint32_t minimum, before = asked(leg);
	char was[16], is[16];
	struct text b = text_over(was, sizeof(was));
	struct text a = text_over(is, sizeof(is));
	struct refresh *r;

	if (!sip_has(msg, SIP_MIN_SE) ||
	    !sip_min_se_read(sip_value(msg, SIP_MIN_SE), &minimum) ||
	    minimum <= before || (r = refresh_of(leg)) == NULL)
		return false;
	r->minimum = minimum;
	text_add_u64(&b, before);
	text_add_u64(&a, minimum);
	note(leg, &(struct journal_entry){ .kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_422,
		.message = span_of(sip_method_name(msg->method)),
		.cseq = leg->dialog.local_cseq + 1,
		.target = SPAN("Session-Expires"),
		.before = text_span(&b),
		.after = text_span(&a),
		.rule = SPAN("builtin:again"),
		.reason = SPAN("the peer answered 422: it is asked once more "
			       "with the interval that it wants") });
	return true;
}
