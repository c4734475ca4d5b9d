#include "capture/segment.h"

#include <stdlib.h>

#include "base/container.h"
#include "base/hash.h"
#include "net/framer.h"

#define FLOWS_MAX      8192
#define HELD_MAX       ((size_t)64 << 20)
#define EARLY_MAX      64 /* segments that wait for one before them */
#define EARLY_BYTES    262144
#define START_LINE_MAX 2048
#define BEHIND_MAX     (1u << 20) /* no segment is repeated that late */
#define NOWHERE        SIZE_MAX

struct early {
	struct early *next; /* in order of arrival */
	uint32_t seq;
	size_t n;
	size_t begin; /* of the first message, NOWHERE: none begins in it */
	char bytes[];
};

struct flow {
	struct hash_node node;
	struct capture_figures *figures;
	struct flow *older, *newer; /* by last use */
	struct address from, to;
	bool synced;
	bool ended; /* by FIN or RST */
	bool tls;
	uint32_t seq; /* of the next byte */
	struct framer framer;
	struct early *early;
	unsigned early_n;
	size_t early_bytes;
	size_t held; /* as counted in flows->held */
};

struct flows {
	struct capture_figures *figures;
	struct hash_table table;
	struct flow *oldest, *newest;
	size_t n;
	size_t held;
	struct flow *current;
};

struct flows *
flows_create(struct capture_figures *figures)
{
	struct flows *flows = calloc(1, sizeof(*flows));

	if (flows != NULL)
		flows->figures = figures;
	return flows;
}

bool
segment_begins_sip(struct span bytes)
{
	const struct span version = SPAN("SIP/2.0");
	struct span line, rest;

	if (span_starts(bytes, SPAN("SIP/2.0 ")))
		return true;
	line = span_up_to(bytes, START_LINE_MAX);
	line = span_trim(span_cut(line, '\n', &rest));
	if (line.n < version.n + 4 || line.p[0] < 'A' || line.p[0] > 'z')
		return false;
	return span_eq(span_from(line, line.n - version.n), version);
}

/* What never became whole. */
static void
flow_drop_partial(struct flow *flow)
{
	const struct framer *framer = &flow->framer;

	if (framer_partial(framer) &&
	    segment_begins_sip(span_make(framer->buf + framer->start,
		framer->end - framer->start)))
		flow->figures->incomplete++;
	framer_fini(&flow->framer);
}

static void
flow_drop_early(struct flow *flow)
{
	while (flow->early != NULL) {
		struct early *next = flow->early->next;

		flow->figures->incomplete += flow->early->begin != NOWHERE;
		flow->figures->foreign += flow->early->begin == NOWHERE;
		free(flow->early);
		flow->early = next;
	}
	flow->early_n = 0;
	flow->early_bytes = 0;
}

static void
flow_unlink(struct flows *flows, struct flow *flow)
{
	if (flow->older != NULL)
		flow->older->newer = flow->newer;
	else
		flows->oldest = flow->newer;
	if (flow->newer != NULL)
		flow->newer->older = flow->older;
	else
		flows->newest = flow->older;
	flow->older = flow->newer = NULL;
}

static void
flow_link(struct flows *flows, struct flow *flow)
{
	flow->older = flows->newest;
	flow->newer = NULL;
	if (flows->newest != NULL)
		flows->newest->newer = flow;
	else
		flows->oldest = flow;
	flows->newest = flow;
}

static void
flow_destroy(struct flows *flows, struct flow *flow)
{
	if (flows->current == flow)
		flows->current = NULL;
	flows->held -= flow->held;
	flows->n--;
	hash_remove(&flows->table, &flow->node);
	flow_unlink(flows, flow);
	flow_drop_early(flow);
	flow_drop_partial(flow);
	free(flow);
}

void
flows_destroy(struct flows *flows)
{
	if (flows == NULL)
		return;
	while (flows->oldest != NULL)
		flow_destroy(flows, flows->oldest);
	hash_fini(&flows->table);
	free(flows);
}

static uint64_t
flow_hash(const struct datagram *d)
{
	const struct span parts[] = {
		span_make((const char *)d->from.ip, sizeof(d->from.ip)),
		span_make((const char *)&d->from.port, sizeof(d->from.port)),
		span_make((const char *)d->to.ip, sizeof(d->to.ip)),
		span_make((const char *)&d->to.port, sizeof(d->to.port)),
	};

	return hash_of(parts, ARRAY_LEN(parts));
}

static struct flow *
flow_get(struct flows *flows, const struct datagram *d)
{
	uint64_t hash = flow_hash(d);
	struct hash_node *node;
	struct flow *flow;

	for (node = hash_first(&flows->table, hash); node != NULL;
	     node = hash_again(node)) {
		flow = CONTAINER_OF(node, struct flow, node);
		if (address_eq(&flow->from, &d->from) &&
		    address_eq(&flow->to, &d->to))
			return flow;
	}
	if (flows->n == FLOWS_MAX)
		flow_destroy(flows, flows->oldest);
	flow = calloc(1, sizeof(*flow));
	if (flow == NULL)
		return NULL;
	flow->figures = flows->figures;
	flow->from = d->from;
	flow->to = d->to;
	if (!hash_insert(&flows->table, &flow->node, hash)) {
		free(flow);
		return NULL;
	}
	flow_link(flows, flow);
	flows->n++;
	return flow;
}

/* "INVITE sip:1@a SIP/2.0", and no "Subject: SIP/2.0". */
static bool
begins_request(struct span bytes)
{
	size_t i = 0;

	while (i < bytes.n && bytes.p[i] >= 'A' && bytes.p[i] <= 'Z')
		i++;
	return i > 0 && i < bytes.n && bytes.p[i] == ' ' &&
	    segment_begins_sip(bytes);
}

/* Where in a segment a message begins: at once, or a request behind a line end.
 * No status line is looked for there: it may belong to a body (RFC 3420). */
static size_t
find_begin(struct span bytes)
{
	size_t at = 0;
	ptrdiff_t lf;

	if (segment_begins_sip(bytes))
		return 0;
	while ((lf = span_find(span_from(bytes, at), '\n')) >= 0) {
		at += (size_t)lf + 1;
		if (begins_request(span_from(bytes, at)))
			return at;
	}
	return NOWHERE;
}

/* A record of TLS: type 20 to 24, version 3.0 to 3.4. */
static bool
begins_tls(struct span bytes)
{
	return bytes.n >= 3 && bytes.p[0] >= 20 && bytes.p[0] <= 24 &&
	    bytes.p[1] == 3 && (unsigned char)bytes.p[2] <= 4;
}

/* Nothing of it is known any more; it goes on where a message begins. */
static void
flow_reset(struct flow *flow)
{
	flow->synced = flow->ended = flow->tls = false;
	flow_drop_partial(flow);
	flow_drop_early(flow);
}

/* What is not in order yet. False when too much of it waits. */
static bool
keep_early(struct flow *flow, uint32_t seq, struct span bytes)
{
	struct early **at = &flow->early, *early;

	if (flow->early_n == EARLY_MAX ||
	    flow->early_bytes + bytes.n > EARLY_BYTES)
		return false;
	early = malloc(sizeof(*early) + bytes.n);
	if (early == NULL)
		return false;
	*early = (struct early){ .seq = seq,
		.n = bytes.n,
		.begin = find_begin(bytes) };
	memcpy(early->bytes, bytes.p, bytes.n);
	while (*at != NULL)
		at = &(*at)->next;
	*at = early;
	flow->early_n++;
	flow->early_bytes += bytes.n;
	return true;
}

/* Bytes that begin at or before the next one. */
static void
feed(struct flow *flow, uint32_t seq, struct span bytes)
{
	size_t old = flow->seq - seq;

	if (old >= bytes.n) {
		flow->figures->repeated += bytes.n > 0;
		return;
	}
	bytes = span_from(bytes, old);
	if (!framer_add(&flow->framer, bytes)) {
		flow_reset(flow);
		return;
	}
	flow->seq += (uint32_t)bytes.n;
}

static bool
is_ahead(const struct flow *flow, uint32_t seq)
{
	return (int32_t)(seq - flow->seq) > 0;
}

/* Waiting segments whose turn has come. */
static void
feed_early(struct flow *flow)
{
	struct early **at = &flow->early;

	while (*at != NULL) {
		struct early *early = *at;

		if (is_ahead(flow, early->seq)) {
			at = &early->next;
			continue;
		}
		*at = early->next;
		flow->early_n--;
		flow->early_bytes -= early->n;
		feed(flow, early->seq, span_make(early->bytes, early->n));
		free(early);
		if (!flow->synced)
			return;
		at = &flow->early;
	}
}

static bool
is_before(const struct early *a, const struct early *b)
{
	return (int32_t)(a->seq - b->seq) < 0;
}

/* What was waited for does not come: of what waits, the first that begins a
 * message is next. False when none does; then nothing waits any more. */
static bool
flow_skip(struct flow *flow)
{
	const struct early *early, *first = NULL;

	flow->figures->gaps++;
	for (early = flow->early; early != NULL; early = early->next) {
		if (early->begin != NOWHERE &&
		    (first == NULL || is_before(early, first)))
			first = early;
	}
	if (first == NULL) {
		flow_reset(flow);
		return false;
	}
	flow_drop_partial(flow);
	flow->seq = first->seq + (uint32_t)first->begin;
	feed_early(flow);
	return flow->synced;
}

/* Not of the connection that is known, but of one of the same addresses? */
static bool
is_other(const struct flow *flow, const struct datagram *d, uint32_t seq)
{
	uint32_t behind = flow->seq - seq;

	if (d->syn) /* else it came late, or twice */
		return !flow->synced || flow->ended || behind > BEHIND_MAX;
	return flow->synced && !is_ahead(flow, seq) && behind > BEHIND_MAX &&
	    segment_begins_sip(d->payload);
}

/* What belongs to no message. */
static void
pass_over(
    struct flow *flow, struct span bytes)
{
	if (begins_tls(bytes)) {
		flow_reset(flow);
		flow->tls = true;
	}
	flow->figures->encrypted += flow->tls;
	flow->figures->foreign += !flow->tls;
}

/* In step with the sender before this segment is read? Then at flow->seq. */
static bool
flow_sync(struct flow *flow, uint32_t seq, struct span bytes)
{
	size_t begin;

	if (flow->synced)
		return framer_partial(&flow->framer) || !begins_tls(bytes);
	begin = find_begin(bytes);
	if (begin == NOWHERE)
		return false;
	flow->synced = true;
	flow->tls = false;
	flow->seq = seq + (uint32_t)begin;
	return true;
}

static void
flow_take(struct flow *flow, const struct datagram *d)
{
	uint32_t seq = d->seq + d->syn;

	if (is_other(flow, d, seq)) {
		flow_reset(flow);
		flow->synced = d->syn;
		flow->seq = seq;
	}
	flow->ended |= d->ended;
	if (span_empty(d->payload))
		return;
	while (flow->synced && is_ahead(flow, seq)) {
		if (keep_early(flow, seq, d->payload))
			return;
		flow_skip(flow);
	}
	if (!flow_sync(flow, seq, d->payload)) {
		pass_over(flow, d->payload);
		return;
	}
	feed(flow, seq, d->payload);
	feed_early(flow);
}

static void
count_held(struct flows *flows, struct flow *flow)
{
	size_t held = flow->framer.cap + flow->early_bytes;

	flows->held += held - flow->held;
	flow->held = held;
	while (flows->held > HELD_MAX && flows->oldest != flow)
		flow_destroy(flows, flows->oldest);
}

void
flows_take(struct flows *flows, const struct datagram *segment)
{
	struct flow *flow = flow_get(flows, segment);

	flows->current = flow;
	if (flow == NULL)
		return;
	flow_unlink(flows, flow);
	flow_link(flows, flow);
	flow_take(flow, segment);
	count_held(flows, flow);
}

bool
flows_drain(struct flows *flows, struct address *from, struct address *to)
{
	struct flow *flow;

	while ((flow = flows->oldest) != NULL) {
		if (flow->early == NULL || !flow_skip(flow)) {
			flow_destroy(flows, flow);
			continue;
		}
		flows->current = flow;
		*from = flow->from;
		*to = flow->to;
		return true;
	}
	return false;
}

bool
flows_next(struct flows *flows, struct span *message)
{
	struct flow *flow = flows->current;

	*message = SPAN_NONE;
	while (flow != NULL && flow->synced) {
		switch (framer_next(&flow->framer, message)) {
		case FRAMER_MESSAGE:
			return true;
		case FRAMER_PING:
			break;
		case FRAMER_MORE:
			framer_rest(&flow->framer);
			count_held(flows, flow);
			return false;
		default: /* *message is its head, where there is one */
			flow->figures->broken += segment_begins_sip(*message);
			flow->figures->foreign += !segment_begins_sip(*message);
			framer_fini(&flow->framer);
			flow_reset(flow);
			count_held(flows, flow);
			return false;
		}
	}
	return false;
}
