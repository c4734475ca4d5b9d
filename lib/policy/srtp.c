/*
 * srtp.c - whether a trunk and what it is offered agree on encrypted media
 *
 * Nothing here encrypts: media goes directly between the two sides, so that
 * only what both of them speak can work. Said before the call is made, it is
 * clearer than a 488 of the peer, or silence.
 */

#include "policy/media.h"

/* What the m-lines of RTP that are in use ask for. */
struct srtp_lines {
	unsigned clear;
	unsigned secure;  /* with a key, or the fingerprint of one */
	unsigned keyless; /* secure by their profile, and without either */
	int first;        /* the first one; -1: none */
};

/* RTP/SAVP, RTP/SAVPF, UDP/TLS/RTP/SAVPF, TCP/RTP/SAVP. */
static bool
is_secured(struct span proto)
{
	return span_find_span(proto, SPAN("RTP/SAVP")) >= 0;
}

static bool
has_key(const struct sdp *sdp, int media)
{
	static const struct span names[] = {
		{ "crypto", 6 }, { "fingerprint", 11 }, { "key-mgmt", 8 }
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (sdp_find_attribute(sdp, media, names[i], 0, NULL) >= 0 ||
		    sdp_find_attribute(sdp, SDP_SESSION, names[i], 0, NULL) >=
			0)
			return true;
	}
	return false;
}

static struct srtp_lines
count(const struct sdp *sdp)
{
	struct srtp_lines n = { .first = -1 };
	unsigned i;

	for (i = 0; i < sdp->media_n; i++) {
		const struct sdp_media *media = &sdp->media[i];

		if (media->port == 0 ||
		    span_find_span(media->proto, SPAN("RTP/")) < 0)
			continue;
		if (n.first < 0)
			n.first = (int)i;
		if (!is_secured(media->proto))
			n.clear++;
		else if (has_key(sdp, (int)i))
			n.secure++;
		else
			n.keyless++;
	}
	return n;
}

/* Beside RTP/AVP a key is an offer that may be left alone; to a trunk without
 * SRTP it is an odd line at best. */
static void
remove_keys(struct media_change *change, int media)
{
	const struct sdp *sdp = &change->sdp;
	char buf[32];
	struct text target = text_over(buf, sizeof(buf));
	int at = 0;

	text_addf(&target, "sdp.media[%d].crypto", media);
	while ((at = sdp_find_attribute(
		    sdp, media, SPAN("crypto"), (unsigned)at, NULL)) >= 0) {
		if (sdp_edit_delete(&change->edits, (unsigned)at))
			media_change_told(change, text_span(&target),
			    sdp->lines[at], SPAN_NONE);
		at++;
	}
}

static void
remove_spare_keys(
    struct edit *edit, struct media_change *change, struct span rule)
{
	struct edit_why why = { DIAG_MED_SRTP, rule,
		SPAN("this trunk has no SRTP: the media goes in the clear") };
	unsigned i;

	for (i = 0; i < change->sdp.media_n; i++) {
		if (!is_secured(change->sdp.media[i].proto))
			remove_keys(change, (int)i);
	}
	media_change_commit(change, edit, &why);
}

/* NULL: it can work. */
static const char *
fault_of(const struct srtp_lines *n, enum media_srtp wanted)
{
	if (n->first < 0)
		return NULL;
	if (wanted == MEDIA_SRTP_OFF)
		return n->clear > 0 ? NULL
				    : "the offer wants SRTP, and the trunk "
				      "that it goes to has none";
	if (n->secure > 0)
		return NULL;
	return n->keyless > 0
		   ? "the offer says SRTP and carries no key for it"
		   : "the offer has no SRTP, which the trunk that it goes to "
		     "requires";
}

bool
media_check_srtp(struct edit *edit, enum media_srtp wanted, bool may_refuse,
    struct span rule, struct policy_refusal *refusal)
{
	struct edit_why why = { DIAG_MED_SRTP, rule, SPAN_NONE };
	struct media_change change;
	struct srtp_lines n;
	const char *fault;

	if (wanted == MEDIA_SRTP_AS_RECEIVED ||
	    !media_change_begin(&change, edit->draft))
		return true;
	n = count(&change.sdp);
	fault = fault_of(&n, wanted);
	if (fault == NULL) {
		if (wanted == MEDIA_SRTP_OFF)
			remove_spare_keys(edit, &change, rule);
		return true;
	}
	why.reason = span_of(fault);
	edit_note(edit, SPAN("sdp.m"),
	    change.sdp.lines[change.sdp.media[n.first].first], &why);
	if (!may_refuse)
		return true;
	*refusal = (struct policy_refusal){ 488, DIAG_MED_SRTP, fault };
	return false;
}
