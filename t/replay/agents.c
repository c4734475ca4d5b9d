#include "agents.h"

#include <stdio.h>
#include <string.h>

#include "sip/reliable.h"
#include "sip/value.h"

/* More in one dialog than any of these tests has reason for. */
#define STORM 1000

struct agent agents[PEERS];
bool agents_judge = true;
static const char *current = "";

#define ck_fair(condition, side, sent, why)                                    \
	do {                                                                   \
		if (agents_judge)                                              \
			ck_assert_msg(condition, "%s: side %d: %s\n%.*s",      \
			    current, side, why, SPAN_ARG((sent)->bytes));      \
	} while (0)

void
agents_begin(const char *what)
{
	memset(agents, 0, sizeof(agents));
	agents_judge = true;
	current = what;
}

/* --- who is it --- */

static void
keep(char *buf, size_t size, struct span s)
{
	ck_assert_uint_lt(s.n, size);
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
}

/* A call to somebody: the first side that has none, or -1. */
static int
claim(const struct replay_sent *sent)
{
	int side = CALLEE;
	struct peer *p;

	while (side < PEERS && (agents[side].used || side == CONSULT))
		side++;
	if (side == PEERS)
		return -1;
	p = &w->peer[side];
	p->path = sent->path;
	p->address =
	    sent->path.listener % 2 == w->peer[CALLER].path.listener % 2
		? w->peer[CALLER].address
		: w->peer[CALLEE].address;
	p->contact = strcmp(p->address, PBX) == 0 ? "<sip:pbx@" PBX ">"
						  : "<sip:gw@" CARRIER ";x=1>";
	keep(p->call_id, sizeof(p->call_id), sent->view.call_id);
	keep(p->our_tag, sizeof(p->our_tag), sent->view.from_tag);
	p->cseq = 0;
	agents[side].used = true;
	return side;
}

/* -1: nobody's. */
static int
side_of(const struct replay_sent *sent)
{
	int side;

	for (side = 0; side < PEERS; side++)
		if (agents[side].used &&
		    span_eq(sent->view.call_id, span_of(w->peer[side].call_id)))
			return side;
	if (sent->msg.request && sent->msg.method == SIP_METHOD_INVITE &&
	    span_empty(sent->view.to_tag))
		return claim(sent);
	ck_fair(false, -1, sent, "it is for nobody");
	return -1;
}

bool
agent_is_up(enum side side)
{
	return agents[side].used && !agents[side].over &&
	       w->peer[side].our_tag[0] != '\0';
}

/* --- what it knows of its requests --- */

static struct agent_asked *
asked_of(struct agent *a, const struct replay_sent *sent)
{
	unsigned i;

	for (i = a->asked_n; i-- > 0;)
		if (a->asked[i].cseq == sent->view.cseq &&
		    a->asked[i].method == sent->view.cseq_method)
			return &a->asked[i];
	return NULL;
}

bool
agent_offers(enum side side)
{
	const struct agent *a = &agents[side];
	unsigned i;

	for (i = 0; i < a->asked_n; i++)
		if (a->asked[i].status == 0 &&
		    (a->asked[i].method == SIP_METHOD_INVITE ||
			(a->asked[i].method == SIP_METHOD_UPDATE &&
			    a->asked[i].offer)))
			return true;
	return false;
}

bool
agent_invites(enum side side)
{
	const struct agent *a = &agents[side];
	unsigned i;

	for (i = 0; i < a->asked_n; i++)
		if (a->asked[i].status == 0 &&
		    a->asked[i].method == SIP_METHOD_INVITE)
			return true;
	return false;
}

static struct agent_heard *
heard_of(struct agent *a, const struct replay_sent *sent)
{
	unsigned i;

	for (i = 0; i < a->heard_n; i++)
		if (a->heard[i].method == sent->view.cseq_method &&
		    span_eq(a->heard[i].sent->view.via.branch,
			sent->view.via.branch))
			return &a->heard[i];
	return NULL;
}

static struct agent_heard *
last_invite_heard(struct agent *a)
{
	unsigned i;

	for (i = a->heard_n; i-- > 0;)
		if (a->heard[i].method == SIP_METHOD_INVITE)
			return &a->heard[i];
	return NULL;
}

/* Its call is not answered yet: a BYE is not for it to send. */
static bool
is_called(struct agent *a)
{
	const struct agent_heard *h = last_invite_heard(a);

	return h != NULL && h->status == 0 && span_empty(h->sent->view.to_tag);
}

bool
agent_may_offer(enum side side)
{
	return agent_is_up(side) && !agents[side].left &&
	    !is_called(&agents[side]) && !agent_offers(side);
}

bool
agent_may_leave(enum side side)
{
	return agent_is_up(side) && !agents[side].left &&
	    !is_called(&agents[side]);
}

/* --- session descriptions --- */

static const char *
sdp_of(enum side side, unsigned version)
{
	static char text[512];
	const char *ip = strcmp(w->peer[side].address, PBX) == 0
			     ? "192.0.2.10"
			     : "198.51.100.20";

	snprintf(text, sizeof(text),
	    "Content-Type: application/sdp\n\n"
	    "v=0\no=- %d %u IN IP4 %s\ns=-\nc=IN IP4 %s\n"
	    "t=0 0\nm=audio %u RTP/AVP 0\n",
	    1 + (int)side, version, ip, ip,
	    4000 + 1000 * (unsigned)side + 2 * version);
	return text;
}

/* Each one differs from the one before. */
static const char *
new_sdp(enum side side)
{
	return sdp_of(side, ++agents[side].version);
}

/* --- what it hears --- */

static void
respond(
    enum side side, struct agent_heard *h, unsigned status, const char *fields)
{
	char line[32], all[2048];
	bool makes = status > 100 && span_empty(h->sent->view.to_tag);
	bool contact =
	    h->method == SIP_METHOD_INVITE || h->method == SIP_METHOD_UPDATE;

	if (status >= 200)
		h->status = status;
	snprintf(line, sizeof(line), "%u Said", status);
	snprintf(all, sizeof(all), "%s%s%s%s", contact ? "Contact: " : "",
	    contact ? w->peer[side].contact : "", contact ? "\n" : "", fields);
	answer_as(h->sent, line, makes ? w->peer[side].tag : "", all);
}

static void
hear_response(enum side side, const struct replay_sent *sent)
{
	struct agent *a = &agents[side];
	struct peer *p = &w->peer[side];
	struct agent_asked *asked = asked_of(a, sent);

	if (sent->view.cseq_method == SIP_METHOD_CANCEL)
		return;
	ck_fair(asked != NULL, side, sent, "a response to nothing");
	if (asked == NULL)
		return;
	if (sent->msg.status > 100 && asked->method == SIP_METHOD_INVITE &&
	    p->our_tag[0] == '\0')
		keep(p->our_tag, sizeof(p->our_tag), sent->view.to_tag);
	if (sent->msg.status < 200)
		return;
	ck_fair(asked->status == 0 || (asked->method == SIP_METHOD_INVITE &&
					  asked->status == sent->msg.status),
	    side, sent, "a second final response");
	if (asked->status != 0)
		return;
	asked->status = sent->msg.status;
	asked->final = sent;
	asked->retry_after = sip_has(&sent->msg, SIP_RETRY_AFTER);
	if ((asked->method == SIP_METHOD_BYE && !is_called(a)) ||
	    (asked->first && asked->status >= 300))
		a->over = true;
	if (asked->status < 300 &&
	    (asked->method == SIP_METHOD_INVITE || asked->offer))
		ck_fair(sent->msg.body.n > 0, side, sent,
		    "a 2xx without the answer, or offer");
}

static void
hear_ack(enum side side, const struct replay_sent *sent)
{
	struct agent *a = &agents[side];
	unsigned i;

	for (i = a->heard_n; i-- > 0;) {
		struct agent_heard *h = &a->heard[i];

		if (h->method != SIP_METHOD_INVITE ||
		    h->sent->view.cseq != sent->view.cseq)
			continue;
		ck_fair(h->status != 0, side, sent, "an ACK before the answer");
		if (h->offers)
			a->unanswered |= sent->msg.body.n == 0;
		else
			ck_fair(sent->msg.body.n == 0, side, sent,
			    "an ACK with a second answer");
		h->acked = true;
		return;
	}
	ck_fair(false, side, sent, "an ACK to nothing");
}

static bool
is_offer(const struct replay_sent *sent)
{
	return sent->msg.method == SIP_METHOD_INVITE ||
	       (sent->msg.method == SIP_METHOD_UPDATE && sent->msg.body.n > 0);
}

/* An offer of ours to it that it has not answered, or not yet seen the ACK
 * of. */
static bool
is_offered(const struct agent *a)
{
	unsigned i;

	for (i = 0; i < a->heard_n; i++)
		if (is_offer(a->heard[i].sent) &&
		    (a->heard[i].status == 0 ||
			(a->heard[i].offers && !a->heard[i].acked)))
			return true;
	return false;
}

static void
hear_request(enum side side, const struct replay_sent *sent)
{
	struct agent *a = &agents[side];
	struct agent_heard *h;

	ck_fair(!a->over || sent->msg.method == SIP_METHOD_CANCEL, side, sent,
	    "a request in a dialog that is over");
	if (is_offer(sent)) {
		ck_fair(!is_offered(a), side, sent,
		    "an offer while the last one is not answered");
		ck_fair(!agent_offers(side), side, sent,
		    "an offer while that of the peer is not answered");
	}
	ck_assert(a->heard_n < AGENT_HEARD || !agents_judge);
	if (a->heard_n == AGENT_HEARD)
		return;
	h = &a->heard[a->heard_n++];
	*h = (struct agent_heard){ .sent = sent, .method = sent->msg.method };
	if (h->method == SIP_METHOD_BYE)
		a->over = true;
	if (a->slow && h->method == SIP_METHOD_INVITE)
		respond(side, h, 100, "");
}

static void
put_off(struct agent *a, const struct replay_sent *sent)
{
	ck_assert(a->todo_n < AGENT_TODO || !agents_judge);
	if (a->todo_n < AGENT_TODO)
		a->todo[a->todo_n++] = sent;
}

static void
hear_one(const struct replay_sent *sent)
{
	int of = side_of(sent);
	enum side side = of < 0 ? CALLER : (enum side)of;
	struct agent *a = &agents[side];

	if (of < 0)
		return;
	if (!sent->msg.request) {
		hear_response(side, sent);
	} else if (sent->msg.method == SIP_METHOD_ACK) {
		hear_ack(side, sent);
		return;
	} else if (a->mute) {
		return;
	} else if (heard_of(a, sent) == NULL) {
		hear_request(side, sent);
	}
	put_off(a, sent);
}

void
agents_hear(void)
{
	int side;

	while (w->net.looked_at < w->net.sent_n)
		hear_one(w->net.sent[w->net.looked_at++]);
	/* Where the call ends, there is no answer that could come. */
	for (side = 0; side < PEERS; side++)
		ck_assert_msg(!agents[side].unanswered || agents[side].over ||
			!agents_judge,
		    "%s: side %d: an ACK without the answer to our offer",
		    current, side);
	calls_reap(w->calls);
}

/* --- what it says --- */

static struct agent_asked *
remember(enum side side, enum sip_method method, bool offer)
{
	struct agent *a = &agents[side];
	struct agent_asked *asked;

	ck_assert(a->asked_n < AGENT_ASKED || !agents_judge);
	if (a->asked_n == AGENT_ASKED)
		a->asked_n--;
	asked = &a->asked[a->asked_n++];
	*asked = (struct agent_asked){ .method = method,
		.cseq = w->peer[side].cseq + 1,
		.branch = w->peer[side].branch + 1,
		.offer = offer };
	return asked;
}

static struct agent_asked *
ask_now(enum side side, const char *method, const char *fields, bool bare)
{
	enum sip_method id = sip_method_find(span_of(method));
	bool offer =
	    !bare && (id == SIP_METHOD_INVITE || id == SIP_METHOD_UPDATE);
	struct agent_asked *asked = remember(side, id, offer);
	char all[2048];

	agents[side].left |= id == SIP_METHOD_BYE && !is_called(&agents[side]);

	snprintf(all, sizeof(all), "%s%s", fields, offer ? new_sdp(side) : "");
	ask(side, method, all);
	agents_hear();
	return asked;
}

struct agent_asked *
agent_ask(enum side side, const char *method, const char *fields)
{
	return ask_now(side, method, fields, false);
}

struct agent_asked *
agent_ask_bare(enum side side, const char *method, const char *fields)
{
	return ask_now(side, method, fields, true);
}

void
agent_invite(enum side side, const char *fields)
{
	char all[2048];

	agents[side].used = true;
	w->peer[side].cseq = 0;
	remember(side, SIP_METHOD_INVITE, true)->first = true;
	snprintf(all, sizeof(all), "%s%s", fields, new_sdp(side));
	invite_as(side, all);
	agents_hear();
}

void
agent_cancel(enum side side)
{
	struct agent *a = &agents[side];
	unsigned i;

	for (i = a->asked_n; i-- > 0;)
		if (a->asked[i].method == SIP_METHOD_INVITE) {
			a->asked[i].cancelled = true;
			break;
		}
	cancel(side, "");
	agents_hear();
}

static void
say_again(enum side side, const struct agent_heard *h)
{
	char fields[1024], line[32];

	snprintf(fields, sizeof(fields), "Contact: %s\n%s",
	    w->peer[side].contact,
	    h->version > 0 ? sdp_of(side, h->version) : "");
	snprintf(line, sizeof(line), "%u Again", h->status);
	answer_as(h->sent, line,
	    span_empty(h->sent->view.to_tag) ? w->peer[side].tag : "", fields);
	agents_hear();
}

bool
agent_repeat_2xx(enum side side)
{
	struct agent_heard *h = last_invite_heard(&agents[side]);

	if (h == NULL || h->status / 100 != 2)
		return false;
	say_again(side, h);
	return true;
}

/* --- what it does about what it has heard --- */

static void
accept_offer(enum side side, struct agent_heard *h)
{
	struct agent *a = &agents[side];
	char fields[1024];

	snprintf(fields, sizeof(fields), "%s%s",
	    a->grants == NULL ? "" : a->grants, new_sdp(side));
	h->version = a->version;
	respond(side, h, 200, fields);
}

static void
answer_offer(enum side side, struct agent_heard *h)
{
	struct agent *a = &agents[side];
	bool makes = span_empty(h->sent->view.to_tag);

	if (a->left) {
		respond(side, h, 487, "");
	} else if (agent_offers(side) && is_offer(h->sent)) {
		respond(side, h, 491, "");
	} else if (makes && a->rings) {
		a->rung = h;
		respond(side, h, 180, "");
	} else if (h->method == SIP_METHOD_UPDATE && h->sent->msg.body.n == 0) {
		respond(side, h, 200, "");
	} else {
		h->offers = h->sent->msg.body.n == 0;
		accept_offer(side, h);
	}
}

static void
be_cancelled(enum side side, struct agent_heard *cancel)
{
	struct agent *a = &agents[side];
	struct agent_heard *h = NULL;
	unsigned i;

	for (i = 0; i < a->heard_n; i++)
		if (a->heard[i].method == SIP_METHOD_INVITE &&
		    a->heard[i].sent->view.cseq == cancel->sent->view.cseq)
			h = &a->heard[i];
	respond(side, cancel, h == NULL ? 481 : 200, "");
	if (h != NULL && h->status == 0) {
		respond(side, h, 487, "");
		if (span_empty(h->sent->view.to_tag))
			a->over = true;
	}
}

/* RFC 3261 section 15.1.2: what waits is answered 487. */
static void
be_left(enum side side, struct agent_heard *bye)
{
	struct agent *a = &agents[side];
	unsigned i;

	respond(side, bye, 200, "");
	for (i = 0; i < a->heard_n; i++)
		if (a->heard[i].status == 0 && &a->heard[i] != bye)
			respond(side, &a->heard[i], 487, "");
}

/* The transfer is done: whoever asked for it leaves. */
static void
be_notified(enum side side, struct agent_heard *notify)
{
	struct agent *a = &agents[side];

	respond(side, notify, 200, "");
	if (span_find_span(notify->sent->bytes, SPAN("SIP/2.0 200")) < 0 ||
	    a->stays || a->over)
		return;
	agents_hear();
	agent_ask(side, "BYE", "");
}

static void
do_request(enum side side, const struct replay_sent *sent)
{
	struct agent *a = &agents[side];
	struct agent_heard *h = heard_of(a, sent);

	if (h == NULL || a->mute)
		return;
	if (h->status != 0) {
		say_again(side, h);
		return;
	}
	switch (h->method) {
	case SIP_METHOD_INVITE:
	case SIP_METHOD_UPDATE:
		answer_offer(side, h);
		break;
	case SIP_METHOD_CANCEL:
		be_cancelled(side, h);
		break;
	case SIP_METHOD_BYE:
		be_left(side, h);
		break;
	case SIP_METHOD_NOTIFY:
		be_notified(side, h);
		break;
	default:
		respond(side, h, 200, "");
	}
	agents_hear();
}

static void
send_ack(enum side side, struct agent_asked *asked)
{
	struct peer *p = &w->peer[side];
	unsigned branch = p->invite_branch, cseq = p->invite_cseq;

	p->invite_branch = asked->branch;
	p->invite_cseq = asked->cseq;
	asked->acked = true;
	if (asked->status >= 300)
		ack_failure(side);
	else
		ack(side, asked->offer ? "" : new_sdp(side));
	p->invite_branch = branch;
	p->invite_cseq = cseq;
	agents_hear();
}

void
agent_ack(enum side side)
{
	struct agent *a = &agents[side];
	unsigned i;

	for (i = 0; i < a->asked_n; i++)
		if (a->asked[i].method == SIP_METHOD_INVITE &&
		    a->asked[i].status != 0 && !a->asked[i].acked)
			send_ack(side, &a->asked[i]);
}

static void
send_prack(enum side side, const struct replay_sent *sent)
{
	char fields[128];
	uint32_t rseq;

	if (!sip_rseq_read(sip_value(&sent->msg, SIP_RSEQ), &rseq))
		return;
	snprintf(fields, sizeof(fields), "RAck: %u %u INVITE\n", rseq,
	    sent->view.cseq);
	agent_ask(side, "PRACK", fields);
}

/* The dialog is not known there: RFC 3261 section 12.2.1.2. */
static void
be_unknown(enum side side, const struct agent_asked *asked)
{
	if (agents[side].over ||
	    (asked->status != 481 && asked->status != 408) ||
	    (asked->method != SIP_METHOD_INVITE &&
		asked->method != SIP_METHOD_UPDATE))
		return;
	agent_ask(side, "BYE", "");
}

static void
do_response(enum side side, const struct replay_sent *sent)
{
	struct agent *a = &agents[side];
	struct agent_asked *asked = asked_of(a, sent);

	if (asked == NULL)
		return;
	if (sent->msg.status > 100 && sent->msg.status < 200 && !a->over)
		send_prack(side, sent);
	if (sent->msg.status < 200)
		return;
	if (asked->method == SIP_METHOD_INVITE && !a->deaf)
		send_ack(side, asked);
	be_unknown(side, asked);
}

/* Whoever is slow sees a CANCEL while the INVITE still waits. */
static unsigned
first_cancel(const struct agent *a)
{
	unsigned i;

	for (i = 0; i < a->todo_n; i++)
		if (a->todo[i]->msg.request &&
		    a->todo[i]->msg.method == SIP_METHOD_CANCEL)
			return i;
	return 0;
}

static const struct replay_sent *
take_next(struct agent *a)
{
	unsigned i = a->slow ? first_cancel(a) : 0;
	const struct replay_sent *sent;

	if (a->todo_n == 0)
		return NULL;
	sent = a->todo[i];
	a->todo_n--;
	memmove(a->todo + i, a->todo + i + 1,
	    (a->todo_n - i) * sizeof(a->todo[0]));
	return sent;
}

bool
agent_do_next(enum side side)
{
	const struct replay_sent *sent = take_next(&agents[side]);

	if (sent == NULL)
		return false;
	if (sent->msg.request)
		do_request(side, sent);
	else
		do_response(side, sent);
	agents_hear();
	return true;
}

void
agent_lose_next(enum side side)
{
	take_next(&agents[side]);
}

void
agent_answer_next(
    enum side side, const char *status_line, const char *fields)
{
	const struct replay_sent *sent = take_next(&agents[side]);
	struct agent_heard *h;
	char all[2048];

	if (sent == NULL || !sent->msg.request)
		return;
	h = heard_of(&agents[side], sent);
	if (h != NULL && status_line[0] != '1')
		h->status = (unsigned)atoi(status_line);
	snprintf(all, sizeof(all), "Contact: %s\n%s", w->peer[side].contact,
	    fields);
	answer_as(sent, status_line,
	    span_empty(sent->view.to_tag) ? w->peer[side].tag : "", all);
	agents_hear();
}

void
agents_run(bool last_first)
{
	int i, side;

	agents_hear();
	for (i = 0; i < PEERS;) {
		side = last_first ? PEERS - 1 - i : i;
		i = agent_do_next((enum side)side) ? 0 : i + 1;
	}
}

void
agents_wait(uint64_t ms, bool last_first)
{
	uint64_t step = 100, left;

	for (left = ms; left > 0; left -= step < left ? step : left) {
		wait_ms(step < left ? step : left);
		agents_run(last_first);
	}
}

static void
pick_up(enum side side)
{
	struct agent *a = &agents[side];

	a->rings = false;
	if (!a->over && a->rung != NULL && a->rung->status == 0)
		answer_offer(side, a->rung);
	agents_hear();
}

void
agents_pick_up(void)
{
	int side;

	for (side = 0; side < PEERS; side++)
		pick_up((enum side)side);
}

/* --- the end --- */

static bool
was_called(const struct agent *a)
{
	return a->heard_n > 0 && a->heard[0].method == SIP_METHOD_INVITE &&
	    span_empty(a->heard[0].sent->view.to_tag);
}

static unsigned
count_wanted(const struct agent *a)
{
	unsigned i, n = 0;

	for (i = 0; i < a->asked_n; i++)
		n += a->asked[i].first ||
		    (a->asked[i].method == SIP_METHOD_REFER &&
			a->asked[i].status == 202);
	return n;
}

/* No call that nobody asked for. */
static void
ck_calls(void)
{
	unsigned called = 0, wanted = 0;
	int side;

	for (side = 0; side < PEERS; side++) {
		called += was_called(&agents[side]);
		wanted += count_wanted(&agents[side]);
	}
	ck_assert_msg(called <= wanted, "%s: %u calls for %u", current, called,
	    wanted);
}

/* One that has lost something may think that it is up, and be alone with
 * that. */
static int
next_up(int side, bool excused)
{
	while (side < PEERS && (!agent_is_up((enum side)side) ||
				   (agents[side].excused && !excused)))
		side++;
	return side;
}

static bool
ends_are_excused(void)
{
	int first = next_up(0, false);

	return first == PEERS || next_up(first + 1, false) == PEERS;
}

/* That side's INFO reaches one other side, and its answer comes back. */
static void
pass_info(int side, bool last_first)
{
	struct agent_asked *asked;
	unsigned before[PEERS], reached = 0;
	int i;

	for (i = 0; i < PEERS; i++)
		before[i] = agents[i].heard_n;
	asked = agent_ask((enum side)side, "INFO", "");
	agents_run(last_first);
	ck_assert_msg(asked->status == 200, "%s: the INFO of side %d: %u",
	    current, side, asked->status);
	for (i = 0; i < PEERS; i++)
		reached += agents[i].heard_n - before[i];
	ck_assert_msg(
	    reached == 1, "%s: the INFO was heard %u times", current, reached);
}

static void
ck_request(int side, const struct agent_asked *asked)
{
	ck_assert_msg(asked->status != 0,
	    "%s: side %d: %s %u got no final response", current, side,
	    sip_method_name(asked->method), asked->cseq);
}

static void
ck_answer(int side, const struct agent_heard *h)
{
	if (h->method == SIP_METHOD_INVITE && h->status / 100 == 2)
		ck_assert_msg(h->acked, "%s: side %d: no ACK to our 2xx:\n%.*s",
		    current, side, SPAN_ARG(h->sent->bytes));
}

static void
ck_agent(int side)
{
	const struct agent *a = &agents[side];
	unsigned i;

	for (i = 0; i < a->asked_n; i++)
		ck_request(side, &a->asked[i]);
	for (i = 0; i < a->heard_n; i++)
		ck_answer(side, &a->heard[i]);
	ck_assert_msg(a->over || !a->used, "%s: side %d has a dialog still",
	    current, side);
}

void
agents_finish(bool last_first)
{
	int side;

	while (calls_going(w->calls) > 0) {
		bool excused = ends_are_excused();
		int other;

		side = next_up(0, excused);
		ck_assert_msg(
		    side < PEERS, "%s: a call without peers", current);
		pass_info(side, last_first);
		for (other = next_up(side + 1, excused); other < PEERS;
		     other = next_up(other + 1, excused))
			pass_info(other, last_first);
		agent_ask((enum side)side, "BYE", "");
		agents_run(last_first);
		agents_wait(1000, last_first);
	}
	agents_wait(T1_64 + 5000, last_first);
	for (side = 0; side < PEERS; side++)
		if (agents[side].used && !agents[side].excused)
			ck_agent(side);
	ck_calls();
	ck_assert_msg(w->net.sent_n < STORM, "%s: %zu messages", current,
	    w->net.sent_n);
}
