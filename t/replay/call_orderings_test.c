/*
 * Whatever can cross in a call, in each order, on one leg or on
 * both: a matrix of two things, the first one started and not
 * answered when the second one comes.
 */

#include <stdio.h>

#include "agents.h"

#define INTERVAL_MS 100000 /* of the session timers */
#define REFRESH_MS  (INTERVAL_MS / 2)
#define TIMERS      "session_expires = \"100s\";"
#define KEEP_INVITE "Supported: timer\nSession-Expires: 100;refresher=%s\n"
#define KEEP_UPDATE KEEP_INVITE "Allow: INVITE, ACK, BYE, UPDATE\n"
#define JUST_BEFORE 100
/* Longer than any transaction waits, one with a 1xx too. */
#define SILENCE_MS (RING_MS + T1_64 + 2000)

enum what {
	REINVITE,
	UPDATE,
	REFER,
	BYE,
	CANCEL,
	PRACK,
	REFRESH, /* of ours, by re-INVITE */
	REFRESH_UPDATE,
	AGAIN_2XX,   /* the peer's 2xx comes once more */
	UNACKED_2XX, /* ours goes once more: its ACK is late */
	DURATION,    /* the timer that ends the call */
	SILENCE,     /* the timers of a peer that hears nothing */
	WHATS
};

static const char *const names[WHATS] = { "re-INVITE", "UPDATE", "REFER", "BYE",
	"CANCEL", "PRACK", "refresh", "refresh by UPDATE", "2xx again",
	"2xx without ACK", "duration", "silence" };

/* How far the first INVITE is. */
enum stage { EARLY, RELIABLE, ANSWERED, UP, STAGES };

static const char *const stages[STAGES] = { "ringing", "ringing reliably",
	"answered", "up" };

struct ordering {
	enum stage stage;
	enum what first, second; /* while up; else the second only */
	enum side side[2];
	bool last_first; /* which peer answers first; both are slow then */
};

static struct agent_asked *asked[2];
static char at_hand[256];
static uint64_t answered_at;

/* --- what must come of it --- */

#define A(what) (1u << (what))
#define ANY     (A(WHATS) - 1)
#define OFFERS_                                                                \
	(A(REINVITE) | A(UPDATE) | A(CANCEL)) /* CANCEL: of a re-INVITE */
#define ENDS (A(BYE) | A(DURATION))

enum where { ANYWHERE, SAME, OPPOSITE };

/* What a request gets where another thing, `with`, is under way or comes before
 * its answer. The first row that fits holds. */
struct rule {
	unsigned request, with;
	enum where where;
	unsigned status, or ; /* two where it is a matter of who is faster */
};

/* Of the second, while a call is up. */
static const struct rule of_second[] = {
  /* RFC 3261 section 12.2.2: no such dialog any more; a BYE that crosses
	 * ours is answered (section 15.1.2). */
	{A(BYE),     A(BYE),				SAME,     481, 0  },
	{ A(BYE),    ANY,				   ANYWHERE, 200, 0  },
	{ ANY,       ENDS,				  ANYWHERE, 481, 0  },
 /* RFC 3262 section 3: nothing waits for it. */
	{ A(PRACK),  ANY,				   ANYWHERE, 481, 0  },
 /* RFC 3261 section 14.2, RFC 3311 section 5.2, RFC 6141 section 3: into an
  * offer of its own, 500 with Retry-After; of the other side or ours, 491. */
	{ OFFERS_,   OFFERS_,			       SAME,     500, 0  },
	{ OFFERS_,   OFFERS_ | A(REFRESH) | A(UNACKED_2XX), ANYWHERE, 491, 0  },
 /* RFC 3261 section 16.7 and RFC 4320: nobody answers. */
	{ A(UPDATE), A(SILENCE),                            OPPOSITE, 504, 0  },
	{ OFFERS_,   A(SILENCE),                            OPPOSITE, 408, 0  },
	{ A(REFER),  A(REFER),			      ANYWHERE, 491, 0  },
	{ A(REFER),  ANY,				   ANYWHERE, 202, 0  },
	{ A(CANCEL), ANY,				   ANYWHERE, 200, 487},
	{ OFFERS_,   ANY,				   ANYWHERE, 200, 0  },
};

/* Of the first, in the end. */
static const struct rule of_first[] = {
  /* RFC 3261 section 15.1.2. */
	{OFFERS_,      ENDS,       ANYWHERE, 487, 0  },
	{ A(REINVITE), A(CANCEL),  SAME,     200, 487},
	{ A(UPDATE),   A(SILENCE), OPPOSITE, 504, 0  },
 /* A 1xx came before: it is cancelled in the end, and that is not heard. */
	{ OFFERS_,     A(SILENCE), OPPOSITE, 408, 0  },
	{ A(CANCEL),   ANY,        ANYWHERE, 200, 487},
	{ A(PRACK),    ANY,        ANYWHERE, 481, 0  },
	{ A(REFER),    ANY,        ANYWHERE, 202, 0  },
	{ ANY,         ANY,        ANYWHERE, 200, 0  },
};

/* Of a request while the first INVITE is not acknowledged, by stage and
 * side. */
static const struct {
	unsigned request, stages;
	enum side side;
	unsigned status;
} of_early[] = {
  /* RFC 3261 section 15: a callee refuses, it does not hang up. */
	{A(BYE),     A(EARLY) | A(RELIABLE), CALLEE, 481},
	{ A(BYE),    ANY,                    CALLER, 200},
	{ A(BYE),    ANY,                    CALLEE, 200},
	{ A(PRACK),  ANY,                    CALLER, 481},
	{ A(PRACK),  A(ANSWERED),            CALLEE, 481},
 /* Its CANCEL is for the INVITE itself: 487, below. */
	{ A(CANCEL), A(EARLY) | A(RELIABLE), CALLER, 0  },
	{ ANY,       ANY,		    CALLER, 491},
	{ ANY,       ANY,		    CALLEE, 491},
};

static void
ck_rule(const struct rule *rules, const struct agent_asked *request,
    enum what what, enum what with, bool same)
{
	const struct rule *r = rules;

	if (request == NULL)
		return;
	while ((r->request & A(what)) == 0 || (r->with & A(with)) == 0 ||
	       (r->where != ANYWHERE && (r->where == SAME) != same))
		r++;
	ck_assert_msg(request->status == r->status ||
			  (r->or != 0 && request->status == r->or),
	    "%s: the %s got %u, not %u", at_hand, names[what], request->status,
	    r->status);
	ck_assert_msg(r->status != 500 || request->retry_after,
	    "%s: 500 without Retry-After", at_hand);
}

static void
ck_early(const struct ordering *o, const struct agent_asked *request)
{
	size_t i = 0;

	if (request == NULL)
		return;
	while ((of_early[i].request & A(o->second)) == 0 ||
	       (of_early[i].stages & A(o->stage)) == 0 ||
	       of_early[i].side != o->side[1])
		i++;
	ck_assert_msg(request->status == of_early[i].status,
	    "%s: it got %u, not %u", at_hand, request->status,
	    of_early[i].status);
}

static void
ck_statuses(const struct ordering *o)
{
	const struct agent_asked *invite = &agents[CALLER].asked[0];
	bool same = o->side[0] == o->side[1];

	if (o->stage == UP) {
		ck_rule(of_first, asked[0], o->first, o->second, same);
		ck_rule(of_second, asked[1], o->second, o->first, same);
		return;
	}
	ck_early(o, asked[1]);
	if (o->stage < ANSWERED && o->side[1] == CALLER &&
	    (A(o->second) & (A(CANCEL) | A(BYE))))
		ck_assert_uint_eq(invite->status, 487);
	else
		ck_assert_msg(invite->status == 200 || invite->status == 408,
		    "%s: the INVITE got %u", at_hand, invite->status);
}

/* --- the things that cross --- */

static bool
is_of(const struct ordering *o, enum what what)
{
	return o->second == what || (o->stage == UP && o->first == what);
}

static void
pass_until(uint64_t at)
{
	uint64_t now = w->net.timers.now;

	if (at > now)
		wait_ms(at - now);
	agents_hear();
}

/* Both on one scale; the one that is to be first is. */
static uint64_t
duration_ms(const struct ordering *o)
{
	return o->stage == UP && o->first == DURATION ? REFRESH_MS - 1000
						      : REFRESH_MS + 1000;
}

static void
hold_ack(enum side side)
{
	agents[side].deaf = true;
	agent_ask(side, "INVITE", "");
	agents_run(false);
	wait_ms(600);
	agents_hear();
}

static struct agent_asked *
give_up(enum side side)
{
	struct agent_asked *invite = NULL;

	if (!agent_invites(side))
		invite = agent_ask(side, "INVITE", "");
	agent_cancel(side);
	return invite;
}

static struct agent_asked *
start(const struct ordering *o, enum what what, enum side side)
{
	switch (what) {
	case REINVITE:
		return agent_ask(side, "INVITE", "");
	case UPDATE:
		return agent_ask(side, "UPDATE", "");
	case REFER:
		return agent_ask(
		    side, "REFER", "Refer-To: <sip:+442079460099@192.0.2.1>\n");
	case BYE:
		return agent_ask(side, "BYE", "");
	case CANCEL:
		return give_up(side);
	case PRACK:
		return agent_ask(side, "PRACK", "RAck: 1 1 INVITE\n");
	case REFRESH:
	case REFRESH_UPDATE:
		pass_until(answered_at + REFRESH_MS + 400);
		break;
	case AGAIN_2XX:
		agent_repeat_2xx(side);
		break;
	case UNACKED_2XX:
		hold_ack(side);
		break;
	case DURATION:
		pass_until(answered_at + duration_ms(o) + 400);
		break;
	case SILENCE:
		agents[side].mute = agents[side].excused = true;
		break;
	default:
		break;
	}
	return NULL;
}

/* --- the call that they meet --- */

static const char *
timer_fields(const struct ordering *o, enum side side, const char *refresher)
{
	static char text[2][256];
	unsigned i;

	for (i = o->stage == UP ? 0 : 1; i < 2; i++) {
		enum what what = i == 0 ? o->first : o->second;

		if (o->side[i] != side ||
		    (what != REFRESH && what != REFRESH_UPDATE))
			continue;
		snprintf(text[side], sizeof(text[side]),
		    what == REFRESH ? KEEP_INVITE : KEEP_UPDATE, refresher);
		return text[side];
	}
	return "";
}

static void
begin_call(const struct ordering *o)
{
	char fields[512], top[64] = "", carrier[128];

	if (is_of(o, DURATION))
		snprintf(top, sizeof(top),
		    "limits: { max_duration = \"%us\"; };",
		    (unsigned)(duration_ms(o) / 1000));
	snprintf(carrier, sizeof(carrier), "%s", TIMERS);
	begin_with(&(struct world_options){
	    .top = top, .pbx = TIMERS, .carrier = carrier });
	snprintf(fields, sizeof(fields), "%s%s", timer_fields(o, CALLER, "uas"),
	    o->stage == RELIABLE ? "Require: 100rel\n" : "");
	agents[CALLEE].grants = timer_fields(o, CALLEE, "uac");
	agents[CALLEE].rings = o->stage == EARLY || o->stage == RELIABLE;
	agent_invite(CALLER, fields);
}

static void
reach(const struct ordering *o)
{
	begin_call(o);
	switch (o->stage) {
	case ANSWERED:
		agents[CALLER].deaf = true;
		agents_run(true);
		break;
	case UP:
		agents_run(false);
		answered_at = w->net.timers.now;
		if (is_of(o, AGAIN_2XX)) {
			agent_ask(CALLEE, "INVITE", "");
			agents_run(false);
		}
		break;
	default:
		agents_run(false);
	}
	if (is_of(o, DURATION) || is_of(o, REFRESH) || is_of(o, REFRESH_UPDATE))
		agents_wait(
		    (o->stage == UP && o->first == DURATION ? duration_ms(o)
							    : REFRESH_MS) -
			JUST_BEFORE,
		    false);
}

static void
let_all_answer(const struct ordering *o)
{
	int side;

	agents_run(o->last_first);
	agents_pick_up();
	agents_run(o->last_first);
	if (is_of(o, SILENCE))
		agents_wait(SILENCE_MS, o->last_first);
	for (side = 0; side < SIDES; side++) {
		agents[side].mute = agents[side].deaf = false;
		agent_ack((enum side)side);
	}
	agents_run(o->last_first);
	agents_wait(10000, o->last_first);
}

static void
describe(const struct ordering *o)
{
	snprintf(at_hand, sizeof(at_hand),
	    "%s of %s, then %s of %s; %s answers first",
	    o->stage == UP ? names[o->first] : stages[o->stage],
	    o->side[0] == CALLER ? "caller" : "callee", names[o->second],
	    o->side[1] == CALLER ? "caller" : "callee",
	    o->last_first ? "callee" : "caller");
}

static void
cross(const struct ordering *o)
{
	describe(o);
	agents_begin(at_hand);
	reach(o);
	agents[CALLER].slow = agents[CALLEE].slow = o->last_first;
	asked[0] = o->stage == UP ? start(o, o->first, o->side[0]) : NULL;
	asked[1] = start(o, o->second, o->side[1]);
	let_all_answer(o);
	agents_finish(o->last_first);
	ck_statuses(o);
	finish();
}

/* --- the matrix --- */

static void
cross_both_ways(struct ordering o)
{
	int last_first;

	for (last_first = 0; last_first < 2; last_first++) {
		o.last_first = last_first == 1;
		cross(&o);
	}
}

START_TEST(two_things_cross_in_a_call)
{
	struct ordering o = { .stage = UP,
		.first = (enum what)(_i / WHATS),
		.second = (enum what)(_i % WHATS) };
	int a, b;

	for (a = 0; a < SIDES; a++)
		for (b = 0; b < SIDES; b++) {
			o.side[0] = (enum side)a;
			o.side[1] = (enum side)b;
			cross_both_ways(o);
		}
}

END_TEST

START_TEST(something_crosses_the_first_invite)
{
	struct ordering o = { .stage = (enum stage)(_i / WHATS),
		.second = (enum what)(_i % WHATS) };
	int side;

	for (side = 0; side < SIDES; side++) {
		o.side[1] = (enum side)side;
		cross_both_ways(o);
	}
}

END_TEST

int
main(void)
{
	Suite *suite = suite_create("orderings");
	TCase *tc = tcase_create("matrix");

	tcase_add_loop_test(
	    tc, something_crosses_the_first_invite, 0, UP * WHATS);
	tcase_add_loop_test(tc, two_things_cross_in_a_call, 0, WHATS * WHATS);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
