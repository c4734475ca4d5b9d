#include "sip/session_timer.h"

#include "sip/chars.h"
#include "sip/value.h"

/* delta-seconds, and the parameters behind it. */
static bool
take_seconds(struct span value, uint32_t *seconds, struct span *params)
{
	struct span digits;

	sip_skip_blanks(&value);
	digits = sip_take(&value, CHAR_DIGIT);
	sip_skip_blanks(&value);
	*params = value;
	return (value.n == 0 || value.p[0] == ';') &&
	       span_to_u32(digits, UINT32_MAX, seconds);
}

bool
sip_session_expires_read(struct span value, struct sip_session_expires *out)
{
	struct sip_session_expires read = { .refresher = SIP_REFRESHER_NONE };
	struct span params, who;

	if (!take_seconds(value, &read.seconds, &params))
		return false;
	sip_param_find(params, SPAN("refresher"), &who);
	if (span_ieq(who, SPAN("uac")))
		read.refresher = SIP_REFRESHER_UAC;
	else if (span_ieq(who, SPAN("uas")))
		read.refresher = SIP_REFRESHER_UAS;
	*out = read;
	return true;
}

bool
sip_min_se_read(struct span value, uint32_t *seconds)
{
	struct span params;

	return take_seconds(value, seconds, &params);
}

void
sip_session_expires_write(
    const struct sip_session_expires *expires, struct text *out)
{
	text_add_u64(out, expires->seconds);
	if (expires->refresher == SIP_REFRESHER_UAC)
		TEXT_LIT(out, ";refresher=uac");
	else if (expires->refresher == SIP_REFRESHER_UAS)
		TEXT_LIT(out, ";refresher=uas");
}

void
sip_min_se_write(uint32_t seconds, struct text *out)
{
	text_add_u64(out, seconds);
}
