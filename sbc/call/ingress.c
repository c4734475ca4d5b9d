/*
 * ingress.c - from bytes to a transaction, or to silence by rule
 */

#include "call/private.h"

/* Of the names in a certificate. */
#define NAMES_MAX 512

static bool
whatever_its_name(void *arg, slab_handle connection, uint32_t tls)
{
	(void)arg;
	(void)connection;
	(void)tls;
	return true;
}

/* The address is that of a trunk, the certificate is not. */
static bool
is_misnamed(struct calls *calls, const struct net_path *path,
    struct journal_entry *entry, struct text *names)
{
	const struct trunk *trunk = path->transport != NET_TLS
	    ? NULL
	    : trunk_match(calls->trunks, path, whatever_its_name, NULL);

	if (trunk == NULL)
		return false;
	if (calls->deps.peer_names != NULL)
		calls->deps.peer_names(
		    calls->deps.is_peer_arg, path->connection, names);
	entry->diagnostic = DIAG_TLS_PEER_NAME;
	entry->trunk = trunk->name;
	entry->after =
	    names->len == 0 ? SPAN("no certificate") : text_span(names);
	entry->reason = SPAN(
	    "the address is of this trunk, but the certificate has none of its "
	    "tls_names, or leads to another CA: what came was dropped");
	return true;
}

/* The journal hears of it, but not at the sender's pace. */
static void
note_unknown(
    struct calls *calls, const struct net_path *path, struct span bytes)
{
	char buf[ADDRESS_TEXT_MAX], certificate[NAMES_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct text names = text_over(certificate, sizeof(certificate));
	struct journal_entry entry = {
		.kind = JOURNAL_SYSTEM,
		.diagnostic = DIAG_ACL_UNKNOWN_SOURCE,
		.target = SPAN("source"),
	};
	struct span line, rest;

	if (!bucket_take(&calls->complaints, calls->deps.timers->now))
		return;
	address_add(&t, &path->remote);
	entry.before = text_span(&t);
	line = span_cut(bytes, '\n', &rest);
	if (!is_misnamed(calls, path, &entry, &names))
		entry.after = span_trim(span_up_to(line, 80));
	calls_note_system(calls, &entry);
}

/* Someone whom no trunk knows is counted and gets no answer: nothing to learn,
 * nothing to reflect. */
static void
drop_unknown(
    struct calls *calls, const struct net_path *path, struct span bytes)
{
	calls->counters.unknown_source++;
	note_unknown(calls, path, bytes);
}

/* And no connection to keep. */
static void
hang_up_stranger(struct calls *calls, const struct net_path *path)
{
	if (path->connection != 0 && calls->deps.hang_up != NULL)
		calls->deps.hang_up(calls->deps.hang_up_arg, path->connection);
}

/* "400 to 203.0.113.5:5060, Call-ID x": of no call that people could ask for. */
static void
add_what_became(struct text *t, const struct arrival *a, unsigned status)
{
	if (status != 0 && a->msg->request)
		text_addf(t, "%u to ", status);
	else
		TEXT_LIT(t, "dropped, from ");
	address_add(t, &a->path->remote);
	if (span_empty(a->view->call_id))
		return;
	TEXT_LIT(t, ", Call-ID ");
	text_add(t, span_up_to(a->view->call_id, 128));
}

static void
note_stateless(struct calls *calls, enum diagnostic diagnostic,
    const struct sip_fault *fault)
{
	const struct arrival *a = &calls->arrival;
	bool whole = fault->header == SIP_OTHER_HEADER;
	char buf[256];
	struct text after = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.stage = STAGE_CORE,
		.diagnostic = diagnostic,
		.trunk = a->trunk->name,
		.target = whole ? SPAN("message")
				: span_of(sip_header_name(fault->header)),
		.before = whole
		    ? SPAN_NONE
		    : span_up_to(sip_value(a->msg, fault->header), 200),
		.reason = span_of(fault->text),
	};

	if (a->msg->request)
		entry.message = a->msg->method_name;
	add_what_became(&after, a, fault->status);
	entry.after = text_span(&after);
	calls_note_system(calls, &entry);
}

void
refuse_stateless(struct calls *calls, enum diagnostic diagnostic,
    const struct sip_fault *fault)
{
	const struct arrival *a = &calls->arrival;
	char buf[384];
	struct text t = text_over(buf, sizeof(buf));

	if (bucket_take(&calls->complaints, calls->deps.timers->now))
		note_stateless(calls, diagnostic, fault);
	if (fault->status == 0 || !a->msg->request)
		return;
	TEXT_LIT(&t, "Warning: ");
	warning_add(&t, a->trunk, diagnostic, span_of(fault->text));
	TEXT_LIT(&t, "\r\n");
	stateless_respond(calls->transactions, a->msg, a->view, a->path,
	    fault->status, span_of(sip_reason_phrase(fault->status)),
	    text_span(&t));
}

static void
note_shed(struct calls *calls)
{
	char buf[32];
	struct text t = text_over(buf, sizeof(buf));

	if (!bucket_take(&calls->complaints, calls->deps.timers->now))
		return;
	if (calls->arrival.lag == NET_LAG_FULL) {
		TEXT_LIT(&t, "receive buffer half full");
	} else {
		text_add_u64(&t, calls->arrival.lag);
		TEXT_LIT(&t, " ms");
	}
	note_diagnosis(calls, NULL, DIAG_OVERLOAD_SHED, SPAN("lag"),
	    text_span(&t),
	    SPAN("new calls get 503 until the loop has caught up"));
}

static bool
read_message(struct calls *calls, struct span bytes, struct sip_view *view,
    struct sip_fault *fault, unsigned status)
{
	bool indexed = sip_index(&calls->msg, bytes, fault);

	/* Also of a broken message: an answer needs what can be made out. */
	if (!sip_view_read(
		&calls->msg, view, indexed ? fault : &(struct sip_fault){ 0 }))
		return false;
	if (status != 0) {
		*fault = (struct sip_fault){ status, SIP_CONTENT_LENGTH,
			"the stream cannot be cut behind this message" };
		return false;
	}
	return indexed && sip_sanity(&calls->msg, view, fault);
}

/* What is wrong with a message that is refused. */
static enum diagnostic
diagnostic_of(const struct sip_view *view)
{
	return view->uri.scheme == SIP_SCHEME_OTHER &&
		!sip_uri_is_service(&view->uri)
	    ? DIAG_URI_SCHEME
	    : DIAG_MSG_INVALID;
}

/* New calls are refused before queues build up: what is read is then still
 * worth its answer. An emergency call, and whatever belongs to a call that
 * is there already, goes on. */
static bool
shed(struct calls *calls)
{
	const struct arrival *a = &calls->arrival;
	const struct config *config = calls->trunks->config;
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));

	if (a->lag < config->limits.lag || !a->msg->request ||
	    a->msg->method != SIP_METHOD_INVITE || a->view->to_tag.n > 0 ||
	    number_uri_is_emergency(a->trunk->plan, &a->view->uri))
		return false;
	warning_add(&t, a->trunk, DIAG_OVERLOAD_SHED,
	    SPAN("the SBC is busy; new calls wait"));
	if (!transactions_shed(calls->transactions, a->msg, a->view, a->path,
		config->limits.retry_after, text_span(&t)))
		return false;
	calls->counters.shed++;
	note_shed(calls);
	return true;
}

/* RFC 5923: a TLS connection that a peer opened serves for requests to it too.
 * Offered once a connection. */
static void
offer_reuse(struct calls *calls)
{
	const struct arrival *a = &calls->arrival;
	struct trunk *trunk = a->trunk;
	const struct config_addresses *peers = &trunk->config->peers;
	size_t i;

	if (a->path->transport != NET_TLS || calls->deps.reuse == NULL ||
	    trunk->state->reused == a->path->connection)
		return;
	trunk->state->reused = a->path->connection;
	for (i = 0; i < peers->n; i++)
		if (address_same_ip(&peers->list[i], &a->path->remote))
			calls->deps.reuse(calls->deps.reuse_arg,
			    a->path->connection, &peers->list[i],
			    trunk->binding.tls);
}

/* A peer that the configuration does not know any more may still end the calls
 * that it has: by the snapshots that those began with. */
static struct trunk *
match_before(struct calls *calls, const struct net_path *path)
{
	struct trunk *trunk = NULL;
	size_t i;

	for (i = 0; i < BEFORE_MAX && trunk == NULL; i++)
		if (calls->before[i] != NULL)
			trunk = trunk_match(calls->before[i], path,
			    calls->deps.is_peer, calls->deps.is_peer_arg);
	return trunk;
}

static bool
belongs_to_a_call(const struct sip_message *msg, const struct sip_view *view)
{
	return !msg->request || !span_empty(view->to_tag) ||
	    msg->method == SIP_METHOD_ACK || msg->method == SIP_METHOD_CANCEL;
}

/* What a peer has to be told once its connection is gone takes a new one (RFC
 * 3261 section 18.2.2). */
static struct net_path
path_back(const struct trunk *trunk, const struct net_path *path)
{
	struct net_path back = *path;

	trunk_take_profile(trunk, &back);
	return back;
}

static void
receive_before(struct calls *calls, const struct net_path *path,
    struct span bytes, uint32_t lag, unsigned status)
{
	struct trunk *trunk = match_before(calls, path);
	struct sip_fault fault = { 0, SIP_OTHER_HEADER, "" };
	struct sip_view view = { 0 };
	struct net_path back;

	if (trunk == NULL ||
	    !read_message(calls, bytes, &view, &fault, status) ||
	    !belongs_to_a_call(&calls->msg, &view)) {
		drop_unknown(calls, path, bytes);
		if (trunk == NULL)
			hang_up_stranger(calls, path);
		return;
	}
	back = path_back(trunk, path);
	calls->arrival =
	    (struct arrival){ &calls->msg, &view, &back, trunk, lag };
	transactions_receive(calls->transactions, &calls->msg, &view, &back);
	calls->arrival = (struct arrival){ 0 };
}

void
calls_receive(struct calls *calls, const struct net_path *path,
    struct span bytes, uint32_t lag, unsigned status)
{
	struct trunk *trunk = trunk_match(calls->trunks, path,
	    calls->deps.is_peer, calls->deps.is_peer_arg);
	struct sip_fault fault = { 0, SIP_OTHER_HEADER, "" };
	struct sip_view view;
	struct net_path back;

	calls->counters.messages++;
	sip_draft_clear(&calls->draft);
	if (trunk == NULL) {
		receive_before(calls, path, bytes, lag, status);
		return;
	}
	back = path_back(trunk, path);
	calls->arrival = (struct arrival){ &calls->msg, &view, &back, trunk,
		lag };
	if (!read_message(calls, bytes, &view, &fault, status)) {
		calls->counters.invalid++;
		refuse_stateless(calls, diagnostic_of(&view), &fault);
	} else if (!shed(calls)) {
		trunk->state->last_in = calls->deps.timers->now;
		offer_reuse(calls);
		transactions_receive(
		    calls->transactions, &calls->msg, &view, &back);
	}
	calls->arrival = (struct arrival){ 0 };
}
