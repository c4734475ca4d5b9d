#include "record/recent.h"

#include <stdlib.h>

#include "diagnosis/secret.h"

#define ALIGN 8

/* Before each message; the name of its trunk stands between. */
struct slot {
	uint32_t size; /* with all that belongs to it */
	uint32_t bytes_n;
	uint32_t trunk_n;
	bool stream;
	uint64_t number;
	uint64_t time;
	struct address from, to;
};

/* Positions only grow; the place of one is its rest by `size`. A slot lies in
 * one piece: what is left at the end is filled with one without bytes, or
 * skipped where not even that fits. */
struct recent {
	size_t size;
	uint64_t tail, head;
	uint64_t number;
	char *bytes;
};

struct recent *
recent_create(size_t size)
{
	struct recent *recent = calloc(1, sizeof(*recent));

	if (recent == NULL)
		return NULL;
	recent->size = size / ALIGN * ALIGN;
	recent->bytes = malloc(recent->size);
	if (recent->bytes != NULL)
		return recent;
	free(recent);
	return NULL;
}

void
recent_destroy(struct recent *recent)
{
	if (recent == NULL)
		return;
	free(recent->bytes);
	free(recent);
}

static size_t
rest_at(const struct recent *recent, uint64_t position)
{
	return recent->size - position % recent->size;
}

static void
slot_read(const struct recent *recent, uint64_t position, struct slot *slot)
{
	memcpy(slot, recent->bytes + position % recent->size, sizeof(*slot));
}

static uint64_t
behind(const struct recent *recent, uint64_t position)
{
	size_t rest = rest_at(recent, position);
	struct slot slot;

	if (rest < sizeof(slot))
		return position + rest;
	slot_read(recent, position, &slot);
	return position + slot.size;
}

/* Makes so much room in one piece at the head. */
static void
make_room(struct recent *recent, size_t need)
{
	size_t rest = rest_at(recent, recent->head);
	size_t skip = rest < need ? rest : 0;
	struct slot filler = { .size = (uint32_t)rest };

	while (recent->tail < recent->head &&
	    recent->head + skip + need - recent->tail > recent->size)
		recent->tail = behind(recent, recent->tail);
	if (skip >= sizeof(filler))
		memcpy(recent->bytes + recent->head % recent->size, &filler,
		    sizeof(filler));
	if (recent->tail == recent->head)
		recent->tail += skip;
	recent->head += skip;
}

/* --- secrets --- */

static void
mask(char *copy, struct span whole, struct span secret)
{
	memset(copy + (secret.p - whole.p), 'x', secret.n);
}

/* The key of "a=crypto:1 SUITE inline:KEY", of "a=key-mgmt:KEY" and of
 * "k=METHOD:KEY". */
static struct span
key_of(struct span line)
{
	struct span value = span_from(line, 2);
	ptrdiff_t at = -1;

	if (span_starts(line, SPAN("k=")))
		return value;
	if (!span_istarts(line, SPAN("a=")))
		return SPAN_NONE;
	if (span_istarts(value, SPAN("key-mgmt:")))
		return span_from(value, 9);
	if (span_istarts(value, SPAN("crypto:")))
		at = span_find_span(value, SPAN("inline:"));
	return at < 0 ? SPAN_NONE : span_from(value, (size_t)at + 7);
}

static void
mask_secrets(char *copy, const struct sip_message *msg)
{
	struct span rest = msg->raw, line, password;
	unsigned i;

	while ((password = secret_password_next(&rest, false)).n > 0)
		mask(copy, msg->raw, password);
	for (i = 0; i < msg->lines_n; i++)
		if (sip_header_flags(msg->lines[i].id) & SIP_FLAG_SECRET)
			mask(copy, msg->raw, msg->lines[i].value);
	for (rest = msg->body; !span_empty(rest);) {
		line = span_trim(span_cut(rest, '\n', &rest));
		if (!span_empty(key_of(line)))
			mask(copy, msg->raw, key_of(line));
	}
}

void
recent_add(struct recent *recent, const struct recent_invite *invite,
    const struct sip_message *msg)
{
	struct slot slot = {
		.bytes_n = (uint32_t)msg->raw.n,
		.trunk_n = (uint32_t)invite->trunk.n,
		.stream = invite->stream,
		.number = ++recent->number,
		.time = invite->time,
		.from = invite->from,
		.to = invite->to,
	};
	size_t need = sizeof(slot) + invite->trunk.n + msg->raw.n;
	char *at;

	need = (need + ALIGN - 1) / ALIGN * ALIGN;
	if (msg->raw.n > RECENT_MESSAGE_MAX || need > recent->size)
		return;
	slot.size = (uint32_t)need;
	make_room(recent, need);
	at = recent->bytes + recent->head % recent->size;
	memcpy(at, &slot, sizeof(slot));
	at += sizeof(slot);
	if (invite->trunk.n > 0)
		memcpy(at, invite->trunk.p, invite->trunk.n);
	at += invite->trunk.n;
	memcpy(at, msg->raw.p, msg->raw.n);
	mask_secrets(at, msg);
	recent->head += need;
}

bool
recent_next(
    const struct recent *recent, uint64_t *at, struct recent_invite *out)
{
	struct slot slot = { 0 };
	const char *text = NULL;

	if (*at < recent->tail)
		*at = recent->tail;
	while (*at < recent->head && slot.number == 0) {
		text = recent->bytes + *at % recent->size + sizeof(slot);
		if (rest_at(recent, *at) >= sizeof(slot))
			slot_read(recent, *at, &slot);
		*at = behind(recent, *at);
	}
	if (slot.number == 0)
		return false;
	*out = (struct recent_invite){
		.number = slot.number,
		.time = slot.time,
		.from = slot.from,
		.to = slot.to,
		.stream = slot.stream,
		.trunk = span_make(text, slot.trunk_n),
		.bytes = span_make(text + slot.trunk_n, slot.bytes_n),
	};
	return true;
}
