#include "sip/subscription.h"

#include "sip/chars.h"
#include "sip/value.h"

static const char *const substates[] = {
	[SIP_SUBSTATE_ACTIVE] = "active",
	[SIP_SUBSTATE_PENDING] = "pending",
	[SIP_SUBSTATE_TERMINATED] = "terminated",
};

/* The parameter, which must be a token where it is there. */
static bool
find_token(struct span params, struct span name, struct span *value)
{
	return !sip_param_find(params, name, value) || sip_is_token(*value);
}

static bool
find_number(struct span params, struct span name, bool *has, uint32_t *out)
{
	struct span value;

	*has = sip_param_find(params, name, &value);
	return !*has || span_to_u32(value, UINT32_MAX, out);
}

bool
sip_event_read(struct span value, struct sip_event *out)
{
	struct sip_event read;
	struct span params;

	read.package = sip_trim(span_cut(value, ';', &params));
	if (!sip_is_token(read.package) ||
	    !find_token(params, SPAN("id"), &read.id))
		return false;
	*out = read;
	return true;
}

void
sip_event_write(const struct sip_event *event, struct text *out)
{
	text_add(out, event->package);
	if (event->id.n == 0)
		return;
	TEXT_LIT(out, ";id=");
	text_add(out, event->id);
}

static enum sip_substate
find_substate(struct span name)
{
	unsigned i;

	for (i = 0; i < SIP_SUBSTATE_OTHER; i++)
		if (span_ieq(name, span_of(substates[i])))
			break;
	return (enum sip_substate)i;
}

bool
sip_subscription_state_read(
    struct span value, struct sip_subscription_state *out)
{
	struct sip_subscription_state read = { .expires = 0 };
	struct span params;

	read.state_name = sip_trim(span_cut(value, ';', &params));
	read.state = find_substate(read.state_name);
	if (!sip_is_token(read.state_name) ||
	    !find_token(params, SPAN("reason"), &read.reason) ||
	    !find_number(
		params, SPAN("expires"), &read.has_expires, &read.expires) ||
	    !find_number(params, SPAN("retry-after"), &read.has_retry_after,
		&read.retry_after))
		return false;
	*out = read;
	return true;
}

static void
add_number(struct text *out, struct span name, bool has, uint32_t number)
{
	if (!has)
		return;
	text_add(out, name);
	text_add_u64(out, number);
}

void
sip_subscription_state_write(
    const struct sip_subscription_state *state, struct text *out)
{
	text_add(out, state->state == SIP_SUBSTATE_OTHER
			  ? state->state_name
			  : span_of(substates[state->state]));
	if (state->reason.n > 0) {
		TEXT_LIT(out, ";reason=");
		text_add(out, state->reason);
	}
	add_number(out, SPAN(";expires="), state->has_expires, state->expires);
	add_number(out, SPAN(";retry-after="), state->has_retry_after,
	    state->retry_after);
}
