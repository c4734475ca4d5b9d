/*
 * notes.c - journal entries with the call, the leg and the message filled in
 */

#include "call/private.h"

#include <errno.h>

#include "number/number.h"
#include "sip/value.h"

static struct span
label(char buf[static LABEL_MAX], unsigned status, struct span method)
{
	struct text t = text_over(buf, LABEL_MAX);

	sip_add_label(&t, status, method);
	return text_span(&t);
}

struct span
note_label(const struct arrival *a, char buf[static LABEL_MAX])
{
	return label(buf, a->msg->status, a->view->cseq_method_name);
}

/* What an entry is about when it does not say so: the message that is being
 * written, else the one that came; neither when only time has passed. */
static void
name_message(struct calls *calls, struct record_sink *sink)
{
	const struct sip_draft *draft = &calls->draft;

	if (draft->request || draft->status != 0) {
		sink->message = draft->request
		    ? label(calls->label, 0, draft->method_name)
		    : label(calls->label, draft->status,
			  span_of(sip_method_name(calls->draft_cseq_method)));
		sink->cseq = calls->draft_cseq;
	} else if (calls->arrival.msg != NULL) {
		sink->message = note_label(&calls->arrival, calls->label);
		sink->cseq = calls->arrival.view->cseq;
	}
}

struct record_sink
leg_sink(struct leg *leg)
{
	struct call *call = leg->call;
	struct record_sink sink = {
		.record = call->calls->deps.record,
		.chain = &call->chain,
		.call = call->id,
		.leg = leg->side,
		.trunk = leg->trunk == NULL ? SPAN_NONE : leg->trunk->name,
	};

	name_message(call->calls, &sink);
	return sink;
}

void
note(struct leg *leg, const struct journal_entry *entry)
{
	struct record_sink sink = leg_sink(leg);
	struct journal journal = record_journal(&sink);

	journal_note(&journal, entry);
}

void
calls_note_system(struct calls *calls, const struct journal_entry *entry)
{
	record_note(calls->deps.record, NULL, entry);
}

static bool
note_is_due(const struct leg *leg, enum note_once what)
{
	return !(leg->once >> what & 1);
}

void
note_once(
    struct leg *leg, enum note_once what, const struct journal_entry *entry)
{
	if (!note_is_due(leg, what))
		return;
	leg->once |= (uint16_t)(1 << what);
	note(leg, entry);
}

/* Outside of a call: what stands in the request at hand. */
static void
note_outside(struct calls *calls, struct journal_entry *entry)
{
	const struct arrival *a = &calls->arrival;

	if (a->trunk != NULL)
		entry->trunk = a->trunk->name;
	if (a->msg != NULL && a->msg->request)
		entry->message = a->msg->method_name;
	calls_note_system(calls, entry);
}

void
note_diagnosis(struct calls *calls, struct leg *leg, enum diagnostic diagnostic,
    struct span target, struct span found, struct span reason)
{
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = diagnostic,
		.target = target,
		.before = found,
		.reason = reason,
	};

	if (leg == NULL)
		note_outside(calls, &entry);
	else
		note(leg, &entry);
}

/* The identifiers of a leg: what people look for in the peer's traces. */
void
note_legs(struct leg *leg)
{
	char buf[ADDRESS_TEXT_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_CALL,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_CALL_LEGS,
		.target = SPAN("Call-ID"),
		.after = dialog_call_id(&leg->dialog),
		.message = SPAN("INVITE"),
	};

	address_add(&t, &leg->dialog.path.remote);
	entry.before = text_span(&t);
	entry.cseq = leg->dialog.local_cseq > 0 ? leg->dialog.local_cseq
						: leg->dialog.remote_cseq;
	note(leg, &entry);
}

/* --- what a B2BUA cures by nature: once a call and leg --- */

static bool
host_is_private(struct span host)
{
	struct address a;

	return address_parse_ip(host, &a) && address_is_private(&a);
}

void
note_contact(struct leg *from, struct leg *to)
{
	const struct sip_view *view = from->call->calls->arrival.view;
	const struct nameaddr *contact = &view->contact;
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_REWRITE,
		.stage = STAGE_CORE,
		.target = SPAN("Contact"),
		.rule = SPAN("builtin:contact"),
		.before = contact->whole,
	};
	bool private_due = note_is_due(to, ONCE_CONTACT);
	bool fqdn_due = to->trunk->transport == NET_TLS &&
	    to->trunk->config->fqdn[0] != '\0' &&
	    note_is_due(to, ONCE_FQDN);

	if (span_empty(contact->uri.host) || !(private_due || fqdn_due))
		return;
	trunk_add_contact(&t, to->trunk);
	entry.after = text_span(&t);
	if (private_due && host_is_private(contact->uri.host)) {
		entry.diagnostic = DIAG_DLG_CONTACT_PRIVATE;
		note_once(to, ONCE_CONTACT, &entry);
	}
	if (fqdn_due) {
		entry.diagnostic = DIAG_TLS_FQDN;
		note_once(to, ONCE_FQDN, &entry);
	}
}

void
note_emergency(struct leg *leg)
{
	struct journal_entry entry = {
		.kind = JOURNAL_KEPT,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_CALL_EMERGENCY,
		.target = SPAN("Request-URI"),
		.before = leg->call->calls->arrival.msg->uri,
	};

	note(leg, &entry);
}

/* Row TWI-16: a private address in a Via behind the top
 * one is not ours to mend. */
void
note_vias(struct leg *leg)
{
	struct sip_values it =
	    sip_values(leg->call->calls->arrival.msg, SIP_VIA);
	struct journal_entry entry = {
		.kind = JOURNAL_KEPT,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_VIA_TOUCHED,
		.target = SPAN("Via"),
		.message = SPAN("INVITE"),
		.reason = SPAN("every Via goes back as it came; only received "
			       "and rport are added to the first"),
	};
	struct sip_via via;
	bool first = true;

	while (sip_values_next(&it, &entry.before)) {
		if (!first && sip_via_parse(entry.before, &via) &&
		    host_is_private(via.host)) {
			note_once(leg, ONCE_VIA, &entry);
			return;
		}
		first = false;
	}
}

static void
note_foreign(struct leg *leg, struct span uri)
{
	struct journal_entry entry = {
		.kind = JOURNAL_KEPT,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_TOUCHED_FOREIGN,
		.target = SPAN("Request-URI"),
		.before = uri,
		.reason = SPAN("a private address of the peer's own Contact or "
			       "route is left exactly as it is"),
	};

	note_once(leg, ONCE_FOREIGN, &entry);
}

/* Rows TWI-14 and TWI-15: Request-URI and next hop of the ACK are told where
 * they are not the same place. */
void
note_ack_target(struct leg *leg, const struct net_path *path)
{
	struct calls *calls = leg->call->calls;
	char buf[ADDRESS_TEXT_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_KEPT,
		.stage = STAGE_CORE,
		.diagnostic = DIAG_DLG_ACK_TARGET,
		.target = SPAN("ACK"),
		.before = calls->draft.uri,
		.reason = SPAN("the Request-URI is the peer's Contact, and the "
			       "route set says where the ACK is sent"),
	};
	struct address target;
	struct sip_uri uri;

	if (!sip_uri_parse(calls->draft.uri, &uri) ||
	    !address_parse_ip(uri.host, &target) ||
	    address_same_ip(&target, &path->remote))
		return;
	address_add(&t, &path->remote);
	entry.after = text_span(&t);
	note_once(leg, ONCE_ACK_TARGET, &entry);
	if (address_is_private(&target))
		note_foreign(leg, calls->draft.uri);
}

void
note_not_acked(struct leg *leg, unsigned sent)
{
	char found[ADDRESS_TEXT_MAX + 64];
	struct text t = text_over(found, sizeof(found));

	TEXT_LIT(&t, "200 sent ");
	text_add_u64(&t, sent);
	TEXT_LIT(&t, " times to ");
	address_add(&t, &leg->dialog.path.remote);
	note_diagnosis(leg->call->calls, leg, DIAG_DLG_ACK_TARGET, SPAN("ACK"),
	    text_span(&t),
	    SPAN("no ACK came: the peer's ACK goes elsewhere, or our 200 does "
		 "not reach it"));
}

void
note_lost(struct leg *leg)
{
	const struct sip_message *msg = leg->call->calls->arrival.msg;
	char buf[128], peer[LABEL_MAX + ADDRESS_TEXT_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct text who = text_over(peer, sizeof(peer));

	text_addf(&t, "%u ", msg->status);
	text_add(&t, span_up_to(msg->reason, 96));
	evidence_add_peer(&who, leg);
	TEXT_LIT(&who, " said so, not Cordon");
	note_diagnosis(leg->call->calls, leg, DIAG_DLG_PEER_GONE,
	    SPAN("response"), text_span(&t), text_span(&who));
}

void
note_unreached(struct leg *leg, enum diagnostic diagnostic, struct span method,
    struct span reason)
{
	char buf[LABEL_MAX + ADDRESS_TEXT_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = diagnostic,
		.message = method,
		.target = SPAN("target"),
		.reason = reason,
	};

	evidence_add_peer(&t, leg);
	entry.before = text_span(&t);
	note(leg, &entry);
}

void
note_unsent(struct leg *leg, struct span method, int error)
{
	/* Why, is said once a peer and minute, of no call. */
	if (error == -EPROTO && leg->dialog.path.transport == NET_TLS)
		note_unreached(leg, DIAG_TLS_HANDSHAKE, method,
		    SPAN("the journal's last TLS-HANDSHAKE or TLS-PEER-NAME of "
			 "this address, and the log, give OpenSSL's reason"));
	else
		note_unreached(leg, DIAG_NET_FAILED, method,
		    span_of(strerror(-error)));
}

/* --- the end --- */

/* Is it the end of an INVITE that its target has not taken? */
static bool
is_of_target(enum end_reason reason)
{
	switch (reason) {
	case END_NO_REPLY:
	case END_UNREACHABLE:
	case END_RING_TIMEOUT:
	case END_TRUNK_FULL:
	case END_TRUNK_TOO_FAST:
	case END_RESTING:
	case END_CHALLENGED:
	case END_REDIRECTED:
	case END_INTERVAL:
		return true;
	default:
		return false;
	}
}

#define PREFIXES_MOST 8

static bool
is_of(const struct config_route *route, const struct trunk *asker)
{
	return span_eq(span_of(route->from), asker->name);
}

/* Row ACS-09: what would have had a route. */
static void
add_routes(const struct call *call, struct text *t)
{
	const struct trunk *asker = call_asker(call)->trunk;
	const struct config *config = call->trunks->config;
	char buf[64];
	struct text e164 = text_over(buf, sizeof(buf));
	size_t i, n = 0;

	TEXT_LIT(t, ": ");
	text_add(t, call_number(call));
	TEXT_LIT(t, " from ");
	text_add(t, asker->name);
	for (i = 0; i < config->routes_n; i++) {
		if (!is_of(&config->routes[i], asker) || ++n > PREFIXES_MOST)
			continue;
		text_add_str(t, n == 1 ? ", whose routes begin with " : ", ");
		text_add_str(t, config->routes[i].prefix);
	}
	if (n == 0)
		TEXT_LIT(t, ", which has no route");
	else if (n > PREFIXES_MOST)
		TEXT_LIT(t, " and others");
	if (number_to_form(asker->plan, span_of(asker->config->area),
		call_number(call), NUMBER_FORM_PLUS, NULL, &e164, NULL) ==
		NUMBER_REWRITTEN &&
	    call_has_route(call, text_span(&e164))) {
		TEXT_LIT(t, "; it would have one as ");
		text_add(t, text_span(&e164));
	}
}

void
note_add_target(const struct call *call, struct text *t)
{
	const struct leg *leg = call->callee;
	struct net_path path;

	if (call->reason == END_NO_ROUTE) {
		add_routes(call, t);
		return;
	}
	if (!is_of_target(call->reason) || leg->trunk == NULL)
		return;
	TEXT_LIT(t, ": ");
	text_add(t, leg->trunk->name);
	if (!trunk_path(leg->trunk, leg->place.peer, &path))
		return;
	TEXT_LIT(t, " ");
	address_add(t, &path.remote);
}

/* When it ended; that both sides know may take another half minute. */
static uint64_t
end_of(const struct call *call)
{
	return call->ended != 0 ? call->ended : call_now(call);
}

void
call_summarize(const struct call *call, struct memory_summary *s)
{
	const struct end_reason_row *row = end_reason_get(call->reason);

	*s = (struct memory_summary){
		.call = call->id,
		.start = call->started_wall,
		.end = call->started_wall +
		    (end_of(call) - call->started) * 1000,
		.status = (uint16_t)call->status,
		.fault = row->fault,
		.diagnostic = row->diagnostic,
		.reason = span_of(row->sentence),
	};
	parties_tell(call, s);
	if (call->answered != 0)
		s->answer = call->started_wall +
		    (call->answered - call->started) * 1000;
}

void
note_end(struct call *call)
{
	const struct end_reason_row *row = end_reason_get(call->reason);
	struct record *record = call->calls->deps.record;
	struct memory_summary summary;
	uint64_t setup_end =
	    call->answered == 0 ? end_of(call) : call->answered;
	char buf[96], why[384];
	struct text t = text_over(buf, sizeof(buf));
	struct text reason = text_over(why, sizeof(why));
	struct journal_entry entry = {
		.kind = JOURNAL_END,
		.call = call->id,
		.stage = STAGE_CORE,
		.diagnostic = row->fault ? row->diagnostic : DIAG_CALL_ENDED,
		.trunk = call->caller->trunk->name,
		.target = span_of(row->name),
	};

	text_add_str(&reason, row->sentence);
	note_add_target(call, &reason);
	reason_describe(call, &reason);
	entry.reason = text_span(&reason);
	TEXT_LIT(&t, "status=");
	text_add_u64(&t, call->status);
	TEXT_LIT(&t, " setup_ms=");
	text_add_u64(&t, setup_end - call->started);
	TEXT_LIT(&t, " talk_ms=");
	text_add_u64(&t,
	    call->answered == 0 ? 0 : end_of(call) - call->answered);
	entry.after = text_span(&t);
	if (call->evidence != NULL)
		entry.before = span_of(call->evidence);
	evidence_judge_end(call);
	record_note(record, &call->chain, &entry);
	call_summarize(call, &summary);
	summary.reason = entry.reason;
	if (record->memory != NULL)
		memory_end(record->memory, &call->chain, &summary);
	else
		memory_drop(&call->chain);
}
