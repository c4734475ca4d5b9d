/*
 * attempt.c - the INVITE that made a call, to be worked on once more
 *
 * A callee may have to be asked again: in other words (420, 422), or by another way
 * (a redirection). The INVITE is kept as it came until it is answered, and becomes
 * the message at hand again.
 */

#include "call/private.h"

bool
attempt_keep(struct call *call)
{
	call->invite = span_copy(call->calls->arrival.msg->raw);
	return !span_empty(call->invite);
}

void
attempt_drop(struct call *call)
{
	span_free(&call->invite);
}

bool
attempt_begin(struct leg *from, struct span invite, struct arrival *before)
{
	struct calls *calls = from->call->calls;
	struct sip_fault fault = { 0, SIP_OTHER_HEADER, "" };

	*before = calls->arrival;
	if (span_empty(invite) || !sip_index(&calls->kept, invite, &fault) ||
	    !sip_view_read(&calls->kept, &calls->kept_view, &fault))
		return false;
	calls->arrival = (struct arrival){ &calls->kept, &calls->kept_view,
		&from->dialog.path, from->trunk, 0 };
	return true;
}

void
attempt_end(struct calls *calls, const struct arrival *before)
{
	calls->arrival = *before;
}
