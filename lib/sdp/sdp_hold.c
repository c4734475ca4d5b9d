/*
 * sdp_hold.c - hold, in the form that the other side understands
 */

#include "sdp/sdp_target.h"

/* Behind the m= line and its i=, where the grammar wants a c=. */
static unsigned
place_of_connection(const struct sdp *sdp, int media)
{
	const struct sdp_media *m = &sdp->media[media];
	unsigned next = m->first + 1;

	if (next < m->end && sdp_find(sdp, media, 'i', next) == (int)next)
		return next;
	return m->first;
}

static struct span
write_connection(struct sdp_edits *edits, struct span type, struct span ip)
{
	size_t mark = sdp_edit_mark(edits);

	TEXT_LIT(&edits->scratch, "c=IN ");
	text_add(&edits->scratch, type);
	text_add_char(&edits->scratch, ' ');
	text_add(&edits->scratch, ip);
	return sdp_edit_keep(edits, mark);
}

static bool
set_connection(struct sdp_edits *edits, int media, struct span type,
    struct span ip, const struct sdp_changed *changed)
{
	int own = edits->sdp->media[media].connection;
	struct span text = write_connection(edits, type, ip);
	struct sdp_target target;
	struct sdp_host was;

	if (span_empty(text) || !sdp_connection(edits->sdp, media, &was))
		return false;
	if (own >= 0 ? !sdp_edit_replace(edits, (unsigned)own, text)
		     : !sdp_edit_insert(
			   edits, place_of_connection(edits->sdp, media), text))
		return false;
	sdp_tell(changed, sdp_target(&target, media, "c"), was.text, ip);
	return true;
}

static bool
set_address(struct sdp_edits *edits, int media, const struct address *address,
    const struct sdp_changed *changed)
{
	char buf[64];
	struct text t = text_over(buf, sizeof(buf));

	address_add_ip(&t, address);
	return set_connection(edits, media,
	    address->family == AF_INET ? SPAN("IP4") : SPAN("IP6"),
	    text_span(&t), changed);
}

static bool
set_no_address(struct sdp_edits *edits, int media, const struct sdp_host *was,
    const struct sdp_changed *changed)
{
	bool six = span_ieq(was->type, SPAN("IP6"));

	return set_connection(edits, media, six ? SPAN("IP6") : SPAN("IP4"),
	    six ? SPAN("::") : SPAN("0.0.0.0"), changed);
}

bool
sdp_set_hold(struct sdp_edits *edits, int media, enum sdp_hold form,
    const struct address *address, const struct sdp_changed *changed)
{
	static const enum sdp_direction directions[] = {
		[SDP_HOLD_NONE] = SDP_SENDRECV,
		[SDP_HOLD_SENDONLY] = SDP_SENDONLY,
		[SDP_HOLD_RECVONLY] = SDP_RECVONLY,
		[SDP_HOLD_INACTIVE] = SDP_INACTIVE,
		[SDP_HOLD_ADDRESS] = SDP_SENDRECV,
	};
	struct sdp_host was;
	bool none;

	if (form == SDP_HOLD_OFF || edits->sdp->media[media].port == 0 ||
	    !sdp_connection(edits->sdp, media, &was))
		return false;
	none = was.ip.family != 0 && address_is_unspecified(&was.ip);
	if (form != SDP_HOLD_ADDRESS && none &&
	    (address == NULL || address_is_unspecified(address) ||
		!set_address(edits, media, address, changed)))
		return false;
	if (form == SDP_HOLD_ADDRESS && !none &&
	    !set_no_address(edits, media, &was, changed))
		return false;
	return sdp_set_direction(edits, media, directions[form], changed);
}

bool
sdp_set_directions(struct sdp_edits *edits, enum sdp_direction direction,
    const struct sdp_changed *changed)
{
	unsigned i;

	for (i = 0; i < edits->sdp->media_n; i++)
		if (edits->sdp->media[i].port != 0 &&
		    !sdp_set_direction(edits, (int)i, direction, changed))
			return false;
	return true;
}
