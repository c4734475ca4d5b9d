#include "control/peers.h"

#include "control/request.h"
#include "trunk/trunk.h"
#include "trunk/watch.h"

static const char *
method_name(unsigned bit)
{
	return bit < SIP_METHOD_OTHER ? sip_method_name((enum sip_method)bit)
				      : NULL;
}

static const char *
option_name(unsigned bit)
{
	return bit < SIP_OPTION_OTHER ? sip_option_name((enum sip_option)bit)
				      : NULL;
}

/* ,"allow":{"list":["INVITE"],"source":"OPTIONS 200","time":"..."} */
static void
add_capability(struct text *out, const char *key, const struct capability *c,
    const char *(*name)(unsigned bit))
{
	char buf[64];
	struct text source = text_over(buf, sizeof(buf));
	const char *comma = "";
	unsigned bit;

	if (!c->known)
		return;
	text_addf(out, ",\"%s\":{\"list\":[", key);
	for (bit = 0; name(bit) != NULL; bit++) {
		if ((c->mask >> bit & 1) == 0)
			continue;
		text_addf(out, "%s\"%s\"", comma, name(bit));
		comma = ",";
	}
	text_add_char(out, ']');
	capability_add_source(&source, c);
	request_add_string(out, "source", text_span(&source));
	request_add_time(out, "time", c->time);
	text_add_char(out, '}');
}

static void
add_peer(struct text *out, const struct watch_peer *peer)
{
	char buf[64], where[ADDRESS_TEXT_MAX];
	struct text reason = text_over(buf, sizeof(buf));

	text_addf(
	    out, "{\"peer\":\"%s\"", address_print(&peer->address, where));
	request_add_string(
	    out, "state", span_of(watch_state_name(peer->state)));
	request_add_time(out, "since", peer->since);
	watch_add_reason(&reason, peer);
	request_add_string(out, "reason", text_span(&reason));
	request_add_number(out, "asked", peer->asked);
	request_add_number(out, "answered", peer->answered);
	request_add_number(out, "lost", peer->lost);
	if (peer->status != 0) {
		request_add_number(out, "status", peer->status);
		request_add_number(out, "ms", peer->ms);
	}
	text_add_char(out, '}');
}

void
peers_add(struct text *out, const struct trunk *trunk)
{
	const struct watch_peer *peers;
	size_t i, n;

	if (trunk == NULL)
		return;
	add_capability(out, "allow", &trunk->state->can.allow, method_name);
	add_capability(
	    out, "supported", &trunk->state->can.supported, option_name);
	peers = watch_peers(trunk, &n);
	if (n == 0)
		return;
	TEXT_LIT(out, ",\"peers\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			text_add_char(out, ',');
		add_peer(out, &peers[i]);
	}
	text_add_char(out, ']');
}
