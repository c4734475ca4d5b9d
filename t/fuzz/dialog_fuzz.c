/*
 * dialog_fuzz.c - what peers do in a live call, in any order
 *
 * The real call core between the user agents of t/replay/agents.h. The
 * first byte chooses the trunks and whether the peers are correct: then
 * only what a correct user agent may do is done, and all that agents.h
 * judges has to hold. Else messages are lost, doubled and answered wrongly,
 * and nothing may be left at the end.
 */

#include "../replay/agents.h"
#include "fuzz.h"

#include <errno.h>
#include <stdarg.h>

#define ACTIONS_MAX 40
/* Messages out, each action and in all. */
#define OUT_EACH 60
#define OUT_MORE 800

/* --- a check that does not hold, in what we share with the replay tests --- */

void _ck_assert_failed(
    const char *file, int line, const char *expr, const char *msg, ...)
    __attribute__((format(printf, 4, 5)));
void
_ck_assert_failed(
    const char *file, int line, const char *expr, const char *msg, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: %s: ", file, line, expr);
	va_start(ap, msg);
	if (msg != NULL)
		vfprintf(stderr, msg, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	abort();
}

void
_mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}

/* --- the script --- */

static bool fair; /* the peers are correct */
static uint64_t held; /* ms, since all was answered */

/* Of a correct peer's call, in all: more is the same again and again. */
#define FAIR_MS 1200000

static const struct world_options worlds[] = {
	{ .top = NULL },
	{ .pbx = "session_expires = \"100s\";",
	    .carrier = "session_expires = \"100s\"; session_refresh = \"invite\";" },
	{ .pbx = "prack = \"supported\"; forks = \"keep\"; ringing_after = \"1s\";",
	    .carrier = "prack = \"supported\"; hold = \"inactive\";" },
	{ .transport = NET_TCP },
	{ .pbx = "offer = \"early\"; transfer = \"local\";",
	    .carrier = "offer = \"early\"; redirect = \"follow\";"
		       "session_options = \"30s\";" },
	{ .pbx = "transfer = \"forward\"; require = \"supported\";",
	    .carrier = "transfer_caller = \"transferor\";",
	    .top = "limits: { max_duration = \"200s\"; };" },
};

static uint8_t
take(struct span *rest)
{
	uint8_t byte = rest->n > 0 ? (uint8_t)rest->p[0] : 0;

	*rest = span_from(*rest, 1);
	return byte;
}

/* One of those who have part in anything. */
static enum side
side_by(uint8_t byte)
{
	enum side used[PEERS];
	unsigned n = 0;
	int side;

	for (side = 0; side < PEERS; side++)
		if (agents[side].used)
			used[n++] = (enum side)side;
	return used[byte % n];
}

/* --- requests --- */

static const char *const targets[] = {
	"Refer-To: <sip:+442079460099@192.0.2.1>\n",
	"Refer-To: <sip:+442079460099@198.51.100.1>\nRefer-Sub: false\n",
	"Refer-To: <tel:+442079460099>\nReferred-By: <sip:a@b>\n",
	"Refer-To: <sip:+442079460098@192.0.2.1;method=BYE>\n",
	"Refer-To: <sip:a@192.0.2.1?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz>\n",
	"Refer-To: <sip:a@192.0.2.1?Route=%3Csip:evil%3E&Via=x&From=b>\n",
	"Refer-To: <sip:a@b?Subject=%0d%0aVia:%20x&body=v%3D0>\n",
	"Refer-To: <http://a.example/>\n",
	"Refer-To: <sip:999@192.0.2.1>, <sip:a@b>\n",
	"Refer-To: \"<;,>\" <sip:%22@%3c;a=?x=%>;y\n",
	"Refer-To: sip:+442079460000@192.0.2.1?Require=x\nRequire: norefersub\n",
	"",
};

static void
refer(enum side side, uint8_t how)
{
	char fields[512];
	const struct peer *to = &w->peer[how % 2 ? CONSULT : CALLER];

	if (how < 128) {
		agent_ask(side, "REFER", targets[how % ARRAY_LEN(targets)]);
		return;
	}
	snprintf(fields, sizeof(fields),
	    "Refer-To: <sip:+442079460099@192.0.2.1?Replaces=%.*s%%40192.0.2.10"
	    "%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s>\n",
	    (int)strcspn(to->call_id, "@"), to->call_id, to->our_tag, to->tag);
	agent_ask(side, "REFER", fields);
}

static void
prack(enum side side, uint8_t how)
{
	char fields[64];

	snprintf(fields, sizeof(fields), "RAck: %u %u %s\n", how * 17u,
	    how % 3u, how & 4 ? "INVITE" : "BYE");
	agent_ask(side, "PRACK", fields);
}

static const char *const session_fields[] = { "", "Supported: timer\n",
	"Supported: timer\nSession-Expires: 100;refresher=uac\n",
	"Supported: timer\nSession-Expires: 90;refresher=uas\nMin-SE: 90\n",
	"Session-Expires: 20\nSupported: timer\n",
	"Require: 100rel\n", "Require: timer, x\n",
	"Allow: INVITE, ACK, BYE, CANCEL, UPDATE, REFER\n" };

/* What a correct peer leaves out. */
static const char *
session_by(uint8_t how)
{
	size_t n = fair ? 4 : ARRAY_LEN(session_fields);

	return session_fields[how % n];
}

static void
offer(enum side side, const char *method, uint8_t how)
{
	if (fair && !agent_may_offer(side))
		return;
	if (how & 128)
		agent_ask_bare(side, method, session_by(how));
	else
		agent_ask(side, method, session_by(how));
}

static void
give_up(enum side side)
{
	if (!fair || (agents[side].asked_n > 0 && agent_invites(side) &&
			 !agents[side].left))
		agent_cancel(side);
}

static void
tell(enum side side, uint8_t how)
{
	static const char *const methods[] = { "INFO", "OPTIONS", "MESSAGE",
		"NOTIFY", "SUBSCRIBE", "PUBLISH", "WHATEVER", "ACK" };

	if (fair)
		agent_ask(side, methods[how % 3], "");
	else
		agent_ask(side, methods[how % ARRAY_LEN(methods)],
		    "Event: refer\nSubscription-State: active\n");
}

static void
ask_something(struct span *rest)
{
	enum side side = side_by(take(rest));
	uint8_t what = take(rest), how = take(rest);

	if (!agent_is_up(side) && (fair || w->peer[side].our_tag[0] == '\0')) {
		if (what % 8 == 6)
			give_up(side);
		return;
	}
	if (fair && agents[side].left)
		return;
	switch (what % 8) {
	case 0:
		offer(side, "INVITE", how);
		break;
	case 1:
		offer(side, "UPDATE", how);
		break;
	case 2:
	case 3:
		refer(side, how);
		break;
	case 4:
		if (!fair || agent_may_leave(side))
			agent_ask(side, "BYE", "");
		break;
	case 5:
		prack(side, how);
		break;
	case 6:
		give_up(side);
		break;
	default:
		tell(side, how);
	}
}

static void
take_place(uint8_t how)
{
	struct peer *p = &w->peer[CALLER];
	char fields[512];

	snprintf(fields, sizeof(fields), "Replaces: %s;to-tag=%s;from-tag=%s%s\n",
	    p->call_id, p->our_tag, p->tag, how & 1 ? ";early-only" : "");
	agent_invite(CONSULT, fields);
}

static void
call_once_more(struct span *rest)
{
	uint8_t how = take(rest);

	if (agents[CONSULT].used)
		return;
	if (how % 4 == 3)
		take_place(how / 4);
	else
		agent_invite(CONSULT, session_by(how / 4));
}

/* --- answers --- */

static void
run(struct span *rest)
{
	agents_run(take(rest) & 1);
	held = 0;
}

static void
do_one(struct span *rest)
{
	agent_do_next(side_by(take(rest)));
}

static const char *const answers[] = { "100 Trying", "180 Ringing",
	"183 Session Progress", "200 OK", "202 Accepted", "302 Moved",
	"401 Unauthorized", "408 Timeout", "420 Bad Extension",
	"422 Interval Too Small", "481 Gone", "486 Busy Here", "488 No", "491 Glare",
	"500 Error", "603 Decline" };

static const char *const answer_fields[] = { "",
	SDP_PORT("198.51.100.20", "7000"),
	"Require: 100rel\nRSeq: 1\n" SDP_PORT("198.51.100.20", "7002"),
	"Require: 100rel\nRSeq: 2\n",
	"Supported: timer\nSession-Expires: 100;refresher=uac\n" SDP_PORT(
	    "198.51.100.20", "7004"),
	"Min-SE: 200\nUnsupported: timer\nRetry-After: 2\n",
	"Content-Type: application/sdp\n\nv=0\nm=audio\n",
	"Content-Type: text/plain\n\nhello\n" };

static void
answer_wrongly(struct span *rest)
{
	enum side side = side_by(take(rest));
	uint8_t how = take(rest), with = take(rest);

	agent_answer_next(side, answers[how % 16],
	    answer_fields[with % ARRAY_LEN(answer_fields)]);
}

static void
lose(struct span *rest)
{
	agent_lose_next(side_by(take(rest)));
}

static void
repeat(struct span *rest)
{
	uint8_t how = take(rest);
	enum side side = side_by(how / 2);

	if (how & 1)
		agent_repeat_2xx(side);
	else if (w->peer[side].last != NULL)
		again(side);
	agents_hear();
}

static void
change_peer(struct span *rest)
{
	uint8_t how = take(rest);
	struct agent *a = &agents[side_by(how / 8)];

	switch (how % 8) {
	case 0:
		a->rings = !a->rings;
		break;
	case 1:
		a->slow = !a->slow;
		break;
	case 2:
		a->stays = !a->stays;
		break;
	case 3:
		a->deaf = !a->deaf && !fair;
		break;
	case 4:
		a->mute = !a->mute && !fair;
		break;
	default:
		agents_pick_up();
	}
}

/* --- the world around them --- */

static void
advance(struct span *rest)
{
	static const uint64_t steps[] = { 1, 50, 100, 200, 500, 500, 600, 1000,
		2000, 4000, 8000, 16000, 33000, 50000, 70000, 190000 };
	uint8_t how = take(rest);
	uint64_t ms = steps[how % 16];

	if (fair && w->net.timers.now > FAIR_MS)
		return;
	/* A peer that is correct does not leave us waiting for long. */
	if (how & 128 || (fair && held + ms > 4000)) {
		agents_run(how & 64);
		held = 0;
		while (fair && ms > 0) {
			uint64_t step = ms < 500 ? ms : 500;

			wait_ms(step);
			agents_run(how & 64);
			ms -= step;
		}
	}
	held += ms;
	wait_ms(ms);
	agents_hear();
}

static void
break_something(struct span *rest)
{
	static const int errors[] = { -ECONNREFUSED, -ENOTCONN, -ENOBUFS,
		-EMSGSIZE };
	uint8_t how = take(rest);

	if (how & 1) {
		w->net.error_once = errors[how / 2 % 4];
		w->net.error_once_at = how / 8 % 4 + 1;
	} else if (how & 2) {
		calls_connection_lost(w->calls, how & 4 ? 5 + how / 8 % 2
							: 1000 + how / 8 % 8,
		    -ECONNRESET);
	} else {
		calls_unreachable(w->calls,
		    &w->peer[side_by(how / 4)].path, -ECONNREFUSED);
	}
	agents_hear();
}

static void
change_snapshot(struct span *rest)
{
	struct world_options o = worlds[take(rest) % ARRAY_LEN(worlds)];

	o.transport = w->peer[CALLER].path.transport;
	change_trunks(&o);
}

static void
drain(struct span *rest)
{
	uint8_t how = take(rest);

	calls_drain(w->calls, how & 1);
	if (how & 2)
		calls_end_all(w->calls, END_DRAINING);
	agents_hear();
}

static void (*const actions[])(struct span *rest) = { ask_something,
	ask_something, ask_something, do_one, do_one, run, advance, advance,
	call_once_more, change_peer, change_snapshot,
	/* from here on for peers that are not correct */
	answer_wrongly, lose, repeat, break_something, drain };
#define FAIR_ACTIONS 11

static void
play(struct span rest)
{
	unsigned i;

	for (i = 0; i < ACTIONS_MAX && rest.n > 0; i++) {
		size_t before = w->net.sent_n;
		size_t n = fair ? FAIR_ACTIONS : ARRAY_LEN(actions);

		actions[take(&rest) % n](&rest);
		FUZZ_CHECK(w->net.sent_n - before < OUT_EACH + OUT_MORE);
	}
	FUZZ_CHECK(w->net.sent_n < OUT_EACH * ACTIONS_MAX + OUT_MORE);
}

/* --- the call, and its end --- */

static void
begin_call(uint8_t how)
{
	begin_with(&worlds[how / 2 % ARRAY_LEN(worlds)]);
	agents_begin("a script");
	fair = agents_judge = how & 1;
	held = 0;
	agents[CALLEE].rings = how & 16;
	if (how & 32)
		agents[CALLEE].grants =
		    "Supported: timer\nSession-Expires: 100;refresher=uac\n";
	agent_invite(CALLER, how & 64 ? "Require: 100rel\n" : "");
	if (how & 128)
		agents_run(false);
}

static void
let_all_answer(void)
{
	int side;

	for (side = 0; side < PEERS; side++) {
		agents[side].mute = agents[side].deaf = false;
		agent_ack((enum side)side);
	}
	w->net.error_once_at = 0;
	agents_run(false);
	agents_pick_up();
	agents_run(false);
}

/* Calls that are up stay up by themselves; all others are over in time. */
static void
end_anyhow(void)
{
	int i;

	for (i = 0; i < 40; i++) {
		wait_ms(10000);
		agents_run(false);
	}
	calls_drain(w->calls, false);
	calls_end_all(w->calls, END_DRAINING);
	calls_reap(w->calls);
	agents_run(false);
	wait_ms(400000);
	agents_hear();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = fuzz_span(data, size);

	if (size == 0)
		return 0;
	begin_call(take(&rest));
	play(rest);
	let_all_answer();
	if (fair) {
		agents_wait(10000, false);
		agents_finish(false);
	} else {
		end_anyhow();
	}
	finish();
	return 0;
}
