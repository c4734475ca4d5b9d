/*
 * redirect_invite.c - the caller's INVITE, as if
 * another number had been dialled
 *
 * Who diverted the call is told in the headers that the caller's INVITE
 * tells it in, and in Diversion (RFC 5806, RFC 7044); the policies make
 * of it what a trunk wants.
 */

#include "call/redirect.h"

#include "identity/diversion.h"

/* Who diverted, as the caller's INVITE tells: the longer chain knows more. */
static struct diversion_chain *
read_chain(struct calls *calls, struct diversion_chain chains[static 2])
{
	const struct sip_message *msg = calls->arrival.msg;
	struct span wish = sip_value(msg, SIP_PRIVACY);
	unsigned privacy = identity_privacy_bits(wish), i;

	sip_draft_request(
	    &calls->draft, SIP_METHOD_INVITE, SPAN("INVITE"), SPAN_NONE);
	for (i = 0; i < msg->lines_n; i++)
		if (msg->lines[i].id == SIP_DIVERSION ||
		    msg->lines[i].id == SIP_HISTORY_INFO)
			sip_draft_copy(&calls->draft, &msg->lines[i]);
	diversion_read(&calls->draft, privacy, &chains[0]);
	diversion_read_history(&calls->draft, privacy, NULL, &chains[1]);
	if (diversion_steps(&chains[1]) > diversion_steps(&chains[0]))
		return &chains[1];
	if (chains[0].n == 0)
		diversion_read_uri(msg->uri, &chains[0]);
	return &chains[0];
}

/* And what became of it here: the oldest is the number
 * that the caller dialled. */
static void
push_diversions(struct diversion_chain *chain, const struct leg *leg,
    const struct target *target)
{
	const struct call *call = leg->call;
	const struct redirect *r = call->redirect;
	const struct target *path[TARGETS_MAX] = { target };
	struct diversion diversion = { .counter = 1,
		.who = { .scheme = SIP_SCHEME_SIP, .host = leg->trunk->host } };
	size_t n = 1;

	while (path[n - 1]->from != 0 && n < TARGETS_MAX) {
		path[n] = &r->targets[path[n - 1]->from - 1];
		n++;
	}
	while (n > 0) {
		target = path[--n];
		diversion.who.user = redirect_number(call, target->from);
		diversion.reason = target->reason;
		diversion_push(chain, &diversion);
	}
}

static void
add_diversions(struct text *t, struct leg *leg, const struct target *target,
    struct span uri)
{
	struct calls *calls = leg->call->calls;
	struct diversion_chain chains[2], *chain = read_chain(calls, chains);
	unsigned i;

	push_diversions(chain, leg, target);
	TEXT_LIT(t, "Diversion: ");
	for (i = chain->n; i > 0; i--) {
		diversion_add(t, &chain->list[i - 1], SPAN_NONE);
		text_add_str(t, i > 1 ? ", " : "\r\n");
	}
	if (!sip_has(calls->arrival.msg, SIP_HISTORY_INFO))
		return;
	TEXT_LIT(t, "History-Info: ");
	diversion_add_history(t, chain, SPAN_NONE, uri);
	TEXT_LIT(t, "\r\n");
}

/* As if the caller had dialled it here. */
static void
add_uri(struct text *t, const struct call *call, struct span number)
{
	TEXT_LIT(t, "sip:");
	text_add(t, number);
	TEXT_LIT(t, "@");
	text_add(t, call_asker(call)->trunk->host);
	if (identity_user_is_number(number))
		TEXT_LIT(t, ";user=phone");
}

/* The caller's INVITE, which is at hand, to that target. An emergency call
 * tells nobody of a diversion. */
static void
add_invite(struct text *t, struct leg *leg, const struct target *target)
{
	const struct call *call = leg->call;
	const struct sip_message *msg = call->calls->arrival.msg;
	bool told = call->redirect->kind != POLICY_CALL_EMERGENCY;
	struct span uri;
	unsigned i;

	TEXT_LIT(t, "INVITE ");
	add_uri(t, call, target->number);
	uri = text_since(t, 7);
	TEXT_LIT(t, " SIP/2.0\r\n");
	for (i = 0; i < msg->lines_n; i++) {
		const struct sip_line *line = &msg->lines[i];

		if (told && (line->id == SIP_DIVERSION ||
			line->id == SIP_HISTORY_INFO))
			continue;
		text_add(t, line->name);
		TEXT_LIT(t, ": ");
		if (line->id == SIP_TO) {
			TEXT_LIT(t, "<");
			text_add(t, uri);
			TEXT_LIT(t, ">");
		} else {
			text_add(t, line->value);
		}
		TEXT_LIT(t, "\r\n");
	}
	if (told)
		add_diversions(t, leg, target, uri);
	TEXT_LIT(t, "\r\n");
	text_add(t, msg->body);
}

bool
redirect_write_invite(struct leg *leg, const struct target *target)
{
	struct call *call = leg->call;
	struct calls *calls = call->calls;
	struct text t = text_over(calls->out, sizeof(calls->out));
	struct span *invite = call_invite(call);
	struct arrival before;
	bool read =
	    attempt_begin(call_asker(call), call->redirect->invite, &before);

	if (read)
		add_invite(&t, leg, target);
	attempt_end(calls, &before);
	span_free(invite);
	if (read && !t.overflow)
		*invite = span_copy(text_span(&t));
	return !span_empty(*invite);
}
