/*
 * ingress_fuzz.c - three peers around the real call
 * core, as a script plays them
 *
 * The first byte chooses the configuration; then each action is one byte, and
 * as many behind it as it takes. The lower half of the byte says what is done,
 * the upper one who does it. At the end nothing may be left of it all, and each
 * message that went out has been looked at (ingress_world.c).
 */

#include "ingress.h"

#include <errno.h>

#define ACTIONS_MAX 200

static struct peer *
peer_of(uint8_t op)
{
	return &world.peers[op / 16 % SIDES];
}

static const uint8_t *
take(struct span *rest, size_t n)
{
	static uint8_t bytes[3];
	size_t i;

	for (i = 0; i < n; i++)
		bytes[i] = i < rest->n ? (uint8_t)rest->p[i] : 0;
	*rest = span_from(*rest, n);
	return bytes;
}

static void
advance(uint8_t op, struct span *rest)
{
	static const uint64_t steps[] = { 1, 50, 100, 400, 500, 600, 1000, 2000,
		4000, 5000, 16000, 32000, 33000, 40000, 180000, 10 };

	(void)rest;
	world_advance(steps[op / 16]);
}

static void
say_raw(uint8_t op, struct span *rest)
{
	struct span bytes = fuzz_take(rest);

	world.dirty = true;
	peer_says(peer_of(op), bytes.p, bytes.n);
}

static void
repeat(uint8_t op, struct span *rest)
{
	(void)rest;
	peer_repeats(peer_of(op));
}

static void
invite(uint8_t op, struct span *rest)
{
	peer_invites(peer_of(op), take(rest, 3));
}

static void
ask(uint8_t op, struct span *rest)
{
	peer_asks(peer_of(op), take(rest, 3));
}

static void
ask_outside(uint8_t op, struct span *rest)
{
	peer_asks_outside(peer_of(op), take(rest, 3));
}

static void
answer(uint8_t op, struct span *rest)
{
	peer_answers(peer_of(op), take(rest, 3));
}

/* The next message is sent with these changes. */
static void
mutate(uint8_t op, struct span *rest)
{
	size_t n = (op / 16 % 4 + 1) * 4u;

	if (rest->n < n)
		return;
	world.mutation = rest->p;
	world.mutation_n = n;
	*rest = span_from(*rest, n);
}

static void
lose_connection(uint8_t op, struct span *rest)
{
	slab_handle lost = take(rest, 1)[0];

	(void)op;
	world.lost = lost % (world.connections + 1);
	calls_connection_lost(world.calls, world.lost, -ECONNRESET);
	calls_reap(world.calls);
}

static void
unreachable(uint8_t op, struct span *rest)
{
	(void)rest;
	calls_unreachable(world.calls, &peer_of(op)->path, -ECONNREFUSED);
	calls_reap(world.calls);
}

static void
drain(uint8_t op, struct span *rest)
{
	(void)rest;
	calls_drain(world.calls, op & 16);
	if (!(op & 32))
		return;
	calls_end_all(world.calls, END_DRAINING);
	calls_reap(world.calls);
}

static void
change_trunks(uint8_t op, struct span *rest)
{
	(void)rest;
	calls_set_trunks(world.calls, world.snapshots[op / 16 % SNAPSHOTS]);
}

static void
fail_sends(uint8_t op, struct span *rest)
{
	static const int errors[] = { -ECONNREFUSED, -ENOTCONN, -ENOBUFS,
		-EMSGSIZE };

	(void)rest;
	world.error = errors[op / 16 % 4];
	world.errors = op / 64 + 1u;
}

/* The last message once more: late, half, from a stranger or another way. */
static void
repeat_oddly(uint8_t op, struct span *rest)
{
	static const unsigned statuses[] = { 0, 0, 400, 513 };
	struct peer *peer = peer_of(op);
	uint8_t how = take(rest, 1)[0];
	struct net_path path = peer->path;

	if (peer->last == NULL)
		return;
	if (how & 1)
		path.remote.ip[3] ^= 1;
	if (how & 2)
		path.listener = path.listener % SIDES + 1;
	if (how & 4)
		path.remote.port++;
	world.dirty = true;
	world_receive(&path, peer->last, peer->last_n, how & 8 ? 500 : 0,
	    statuses[how / 16 % 4]);
}

static void
look(uint8_t op, struct span *rest)
{
	struct call_info info;
	uint32_t at = 0;

	(void)op;
	(void)rest;
	while (calls_next(world.calls, &at, &info))
		FUZZ_CHECK(calls_find(
		    world.calls, info.summary.call, &info));
}

static void (*const actions[16])(uint8_t op, struct span *rest) = {
	invite, ask, answer, advance, mutate, repeat, answer, ask, ask_outside,
	lose_connection, unreachable, drain, change_trunks, fail_sends,
	say_raw, repeat_oddly
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = fuzz_span(data, size);
	unsigned i;

	if (size == 0)
		return 0;
	world_begin(data[0] % SNAPSHOTS);
	rest = span_from(rest, 1);
	for (i = 0; i < ACTIONS_MAX && rest.n > 0; i++) {
		uint8_t op = (uint8_t)rest.p[0];

		rest = span_from(rest, 1);
		actions[op % 16](op, &rest);
		look(op, &rest);
	}
	world_end();
	return 0;
}
