/*
 * watch_state.c - what the OPTIONS to a trunk's peers have found, for who asks
 */

#include "trunk/watch.h"

bool
watch_is_on(const struct trunk *trunk)
{
	return trunk->config->options_interval > 0 &&
	    trunk->config->peers.n > 0;
}

const char *
watch_state_name(enum watch_state state)
{
	static const char *const names[] = {
		[WATCH_WAITING] = "waiting",
		[WATCH_UP] = "up",
		[WATCH_DOWN] = "down",
	};

	return names[state];
}

const struct watch_peer *
watch_peers(const struct trunk *trunk, size_t *n)
{
	*n = watch_is_on(trunk) ? trunk->state->peers_n : 0;
	return trunk->state->peers;
}

const struct watch_peer *
watch_best(const struct trunk *trunk)
{
	static const int ranks[] = {
		[WATCH_DOWN] = 0,
		[WATCH_WAITING] = 1,
		[WATCH_UP] = 2,
	};
	const struct watch_peer *best = NULL, *peers;
	size_t i, n;

	peers = watch_peers(trunk, &n);
	for (i = 0; i < n; i++)
		if (best == NULL || ranks[peers[i].state] > ranks[best->state])
			best = &peers[i];
	return best;
}

void
watch_add_reason(struct text *t, const struct watch_peer *peer)
{
	if (peer->state != WATCH_DOWN)
		return;
	if (peer->status == 0) {
		TEXT_LIT(t, "no answer to OPTIONS");
		return;
	}
	TEXT_LIT(t, "OPTIONS answered ");
	text_add_u64(t, peer->status);
}
