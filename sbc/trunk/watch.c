/*
 * watch.c - OPTIONS to the peers of trunks, and what comes of them
 */

#include "trunk/watch.h"

#include <stdlib.h>

#include "base/container.h"
#include "policy/passage.h"
#include "record/log.h"
#include "record/record.h"
#include "sip/draft.h"

#define FIRST_MOST 5000 /* ms: the first one after the start or a reload */
#define SECOND     1000
#define TAG_BYTES  24

/* One peer that is asked. */
struct target {
	struct watch *watch;
	struct timer timer;
	struct trunk *trunk;
	size_t peer;  /* of the trunk's, and of its state's list */
	client_tx tx; /* 0: nothing is asked */
};

struct watch {
	struct watch_deps deps;
	struct trunks *trunks;
	struct target *list;
	size_t n;
	struct sip_draft draft;
	char out[4096];
};

static struct watch_peer *
peer_of(const struct target *target)
{
	return &target->trunk->state->peers[target->peer];
}

/* Row ACS-10: once as it goes, and once as it comes back. */
static void
note_change(struct target *target, enum watch_state before)
{
	const struct watch_peer *peer = peer_of(target);
	const struct trunk *trunk = target->trunk;
	bool down = peer->state == WATCH_DOWN;
	char buf[64], from[ADDRESS_TEXT_MAX];
	struct text reason = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_SYSTEM,
		.diagnostic = DIAG_OPT_TRUNK_DOWN,
		.trunk = trunk->name,
		.target = SPAN("peer"),
		.message = SPAN("OPTIONS"),
		.before = span_of(address_print(&peer->address, from)),
		.after = span_of(watch_state_name(peer->state)),
	};

	if (!down && before != WATCH_DOWN)
		return;
	if (down)
		watch_add_reason(&reason, peer);
	else
		text_addf(&reason, "OPTIONS answered %u again", peer->status);
	entry.reason = text_span(&reason);
	record_note(target->watch->deps.record, NULL, &entry);
	log_write(down ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
	    "trunk %.*s: peer %s is %s: %s", (int)trunk->name.n, trunk->name.p,
	    from, watch_state_name(peer->state), text_cstr(&reason));
}

static void
enter(struct target *target, enum watch_state state)
{
	struct watch_peer *peer = peer_of(target);
	enum watch_state before = peer->state;

	if (before == state)
		return;
	peer->state = state;
	peer->since = target->watch->deps.wall_clock();
	note_change(target, before);
}

/* --- asking --- */

static void
add_tag(struct watch *watch, struct text *t)
{
	uint64_t r;

	watch->deps.random(&r, sizeof(r));
	text_add_hex64(t, r);
}

/* "sip:host[:port][;transport=...]" of the peer. */
static void
add_peer_uri(struct text *t, const struct trunk *trunk,
    const struct net_path *path)
{
	TEXT_LIT(t, "sip:");
	if (trunk->config->domain[0] != '\0')
		text_add_str(t, trunk->config->domain);
	else
		address_add(t, &path->remote);
	if (path->transport == NET_UDP)
		return;
	TEXT_LIT(t, ";transport=");
	text_add_str(t, net_transport_uri(path->transport));
}

/* Each value into the draft's scratch; the spans of a value are kept by it. */
#define VALUE(draft, id, statement, owner)                                     \
	do {                                                                   \
		size_t mark_ = sip_draft_mark(draft);                          \
		statement;                                                     \
		sip_draft_add(                                                 \
		    draft, id, sip_draft_keep(draft, mark_), owner);           \
	} while (0)

static void
add_from(struct watch *watch, struct text *t, const struct trunk *trunk)
{
	TEXT_LIT(t, "<sip:");
	text_add(t, trunk->host);
	TEXT_LIT(t, ">;tag=");
	add_tag(watch, t);
}

static void
add_call_id(struct watch *watch, struct text *t)
{
	add_tag(watch, t);
	add_tag(watch, t);
}

static void
add_to(struct text *t, struct span uri)
{
	TEXT_LIT(t, "<");
	text_add(t, uri);
	TEXT_LIT(t, ">");
}

static void
compose(struct watch *watch, const struct trunk *trunk,
    const struct net_path *path, const char *branch)
{
	struct sip_draft *d = &watch->draft;
	const char *agent = watch->trunks->config->user_agent;
	size_t mark;

	sip_draft_request(d, SIP_METHOD_OPTIONS, SPAN("OPTIONS"), SPAN_NONE);
	mark = sip_draft_mark(d);
	add_peer_uri(&d->scratch, trunk, path);
	d->uri = sip_draft_keep(d, mark);
	VALUE(d, SIP_VIA,
	    trunk_add_via(&d->scratch, trunk, path->transport, span_of(branch)),
	    SIP_OWNER_DIALOG);
	sip_draft_add(d, SIP_MAX_FORWARDS, SPAN("70"), SIP_OWNER_DIALOG);
	VALUE(d, SIP_FROM, add_from(watch, &d->scratch, trunk),
	    SIP_OWNER_DIALOG);
	VALUE(d, SIP_TO, add_to(&d->scratch, d->uri), SIP_OWNER_DIALOG);
	VALUE(d, SIP_CALL_ID, add_call_id(watch, &d->scratch),
	    SIP_OWNER_DIALOG);
	sip_draft_add(d, SIP_CSEQ, SPAN("1 OPTIONS"), SIP_OWNER_DIALOG);
	VALUE(d, SIP_CONTACT, trunk_add_contact(&d->scratch, trunk),
	    SIP_OWNER_DIALOG);
	sip_draft_add(d, SIP_ACCEPT, SPAN("application/sdp"), SIP_OWNER_OWN);
	passage_add_allow(d, &trunk->config->allow);
	if (agent[0] != '\0')
		sip_draft_add(
		    d, SIP_USER_AGENT, span_of(agent), SIP_OWNER_OWN);
}

static void
no_answer(struct target *target)
{
	struct watch_peer *peer = peer_of(target);

	peer->lost++;
	peer->status = 0;
	enter(target, WATCH_DOWN);
}

static void
ask(struct target *target)
{
	struct watch *watch = target->watch;
	struct transactions *layer = watch->deps.transactions;
	struct text out = text_over(watch->out, sizeof(watch->out));
	struct watch_peer *peer = peer_of(target);
	char branch[BRANCH_MAX];
	struct net_path path;

	if (!trunk_path(target->trunk, target->peer, &path))
		return;
	target->tx = client_create(layer, SIP_METHOD_OPTIONS,
	    WATCH_OWNER | (uint64_t)(target - watch->list), &path, branch);
	if (target->tx == 0)
		return;
	peer->asked++;
	peer->asked_at = watch->deps.timers->now;
	compose(watch, target->trunk, &path, branch);
	if (sip_draft_write(&watch->draft, &out) &&
	    client_send(layer, target->tx, text_span(&out)) == 0)
		return;
	client_abandon(layer, target->tx);
	target->tx = 0;
	no_answer(target);
}

/* An eighth of the interval earlier or later, so that those that began
 * together do not stay together. */
static uint64_t
next_delay(struct watch *watch, const struct trunk *trunk)
{
	uint64_t interval =
	    (uint64_t)trunk->config->options_interval * SECOND;
	uint32_t r;

	watch->deps.random(&r, sizeof(r));
	return interval - interval / 8 + r % (interval / 4 + 1);
}

static void
asking_is_due(struct timer *timer)
{
	struct target *target = CONTAINER_OF(timer, struct target, timer);
	struct watch *watch = target->watch;

	/* One at a time: a peer that is silent is asked
	 * again when that is said. */
	if (target->tx == 0)
		ask(target);
	timer_start(watch->deps.timers, timer,
	    next_delay(watch, target->trunk), asking_is_due);
}

bool
watch_answered(struct watch *watch, uint64_t owner, client_tx tx,
    const struct sip_message *msg)
{
	uint64_t place = owner & ~WATCH_OWNER;
	struct target *target;
	struct watch_peer *peer;

	if ((owner & WATCH_OWNER) == 0)
		return false;
	if (place >= watch->n || watch->list[place].tx != tx ||
	    (msg != NULL && msg->status < 200))
		return true;
	target = &watch->list[place];
	target->tx = 0;
	if (msg == NULL) {
		no_answer(target);
		return true;
	}
	peer = peer_of(target);
	peer->answered++;
	peer->status = msg->status;
	peer->ms = (uint32_t)(watch->deps.timers->now - peer->asked_at);
	enter(target,
	    msg->status == 408 || msg->status == 503 ? WATCH_DOWN : WATCH_UP);
	capability_learn(target->trunk, msg, watch->deps.record);
	return true;
}

/* --- whom --- */

static void
stop(struct watch *watch)
{
	size_t i;

	for (i = 0; i < watch->n; i++) {
		struct target *target = &watch->list[i];

		timer_stop(watch->deps.timers, &target->timer);
		if (target->tx != 0)
			client_abandon(watch->deps.transactions, target->tx);
	}
	free(watch->list);
	watch->list = NULL;
	watch->n = 0;
	trunks_unref(watch->trunks);
	watch->trunks = NULL;
}

static const struct watch_peer *
peer_before(const struct trunk_state *state, const struct address *address)
{
	size_t i;

	for (i = 0; i < state->peers_n; i++)
		if (address_eq(&state->peers[i].address, address))
			return &state->peers[i];
	return NULL;
}

/* The list of the trunk's state, in the order of its peers. */
static bool
list_peers(const struct trunk *trunk)
{
	const struct config_addresses *addresses = &trunk->config->peers;
	struct trunk_state *state = trunk->state;
	struct watch_peer *list = calloc(addresses->n, sizeof(*list));
	size_t i;

	if (list == NULL)
		return false;
	for (i = 0; i < addresses->n; i++) {
		const struct watch_peer *before =
		    peer_before(state, &addresses->list[i]);

		if (before != NULL)
			list[i] = *before;
		list[i].address = addresses->list[i];
	}
	free(state->peers);
	state->peers = list;
	state->peers_n = addresses->n;
	return true;
}

/* Reloads one after the other must not make more of it than the interval
 * says. */
static uint64_t
first_delay(struct watch *watch, const struct target *target)
{
	uint64_t interval =
	    (uint64_t)target->trunk->config->options_interval * SECOND;
	uint64_t most = interval < FIRST_MOST ? interval : FIRST_MOST;
	uint64_t now = watch->deps.timers->now;
	uint64_t asked = peer_of(target)->asked_at, due;
	uint32_t r;

	watch->deps.random(&r, sizeof(r));
	due = now + r % (most + 1);
	if (asked != 0 && asked + interval > due)
		due = asked + interval;
	return due - now;
}

static void
add_targets(struct watch *watch, struct trunk *trunk)
{
	size_t i;

	for (i = 0; i < trunk->config->peers.n; i++) {
		struct target *target = &watch->list[watch->n++];

		*target = (struct target){ .watch = watch, .trunk = trunk,
			.peer = i };
		timer_start(watch->deps.timers, &target->timer,
		    first_delay(watch, target), asking_is_due);
	}
}

bool
watch_set_trunks(struct watch *watch, struct trunks *trunks)
{
	size_t i, n = 0;

	stop(watch);
	for (i = 0; trunks != NULL && i < trunks->n; i++) {
		if (!watch_is_on(&trunks->list[i]))
			continue;
		if (!list_peers(&trunks->list[i]))
			return false;
		n += trunks->list[i].config->peers.n;
	}
	if (n == 0)
		return true;
	watch->list = calloc(n, sizeof(*watch->list));
	if (watch->list == NULL)
		return false;
	watch->trunks = trunks_ref(trunks);
	for (i = 0; i < trunks->n; i++)
		if (watch_is_on(&trunks->list[i]))
			add_targets(watch, &trunks->list[i]);
	return true;
}

struct watch *
watch_create(const struct watch_deps *deps)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (watch != NULL)
		watch->deps = *deps;
	return watch;
}

void
watch_destroy(struct watch *watch)
{
	if (watch == NULL)
		return;
	stop(watch);
	free(watch);
}
