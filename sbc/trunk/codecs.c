/*
 * codecs.c - what a trunk offers by itself
 */

#include "trunk/codecs.h"

#include "base/container.h"

#define CODECS_MAX 16

/* Port 9 is "discard" (RFC 863): where media that nobody awaits does no
 * harm. */
#define DISCARD 9

const struct address *
trunk_media_address(const struct trunk *trunk)
{
	return trunk->config->media.family != 0 ? &trunk->config->media
						: &trunk->binding.local;
}

static size_t
codecs_of(const struct trunk *trunk, struct span names[static CODECS_MAX])
{
	const struct config_strings *list = &trunk->config->codecs;
	size_t n;

	if (list->n == 0) {
		names[0] = SPAN("PCMA");
		names[1] = SPAN("PCMU");
		names[2] = SPAN("telephone-event");
		return 3;
	}
	for (n = 0; n < list->n && n < CODECS_MAX; n++)
		names[n] = span_of(list->list[n]);
	return n;
}

bool
trunk_write_offer(const struct trunk *trunk, uint64_t session, struct text *out)
{
	struct span names[CODECS_MAX];
	size_t n = codecs_of(trunk, names);
	struct sdp_author author = { session, 1, trunk_media_address(trunk) };

	return sdp_offer_write(out, &author, DISCARD, SDP_SENDRECV, names, n);
}

bool
trunk_check_codecs(const struct trunk *trunk, const struct config *config,
    struct problems *problems)
{
	const struct config_trunk *ct = trunk->config;
	struct address any = { .family = AF_INET };
	struct sdp_author author = { 1, 1, &any };
	struct span names[CODECS_MAX];
	size_t n = codecs_of(trunk, names), i;
	char buf[4096];
	struct text t = text_over(buf, sizeof(buf));

	for (i = 0; i < n; i++)
		if (!sdp_can_offer(names[i])) {
			problem_add(problems, PROBLEM_ERROR, config->file,
			    ct->line, "trunk \"%s\": codecs: nothing is known "
			    "of \"%s\"", ct->name, ct->codecs.list[i]);
			return false;
		}
	if (sdp_offer_write(&t, &author, DISCARD, SDP_SENDRECV, names, n))
		return true;
	problem_add(problems, PROBLEM_ERROR, config->file, ct->line,
	    "trunk \"%s\": codecs: none of them carries sound", ct->name);
	return false;
}
