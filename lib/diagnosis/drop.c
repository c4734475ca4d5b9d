#include "diagnosis/drop.h"

#include "base/container.h"

#define SECOND 1000u

/* How near is near; a short period has a small margin, else everything fits. */
static bool
is_near(uint64_t talked, uint64_t period, uint64_t margin)
{
	uint64_t off = talked > period ? talked - period : period - talked;

	return period > 0 && off <= (margin < period / 8 ? margin : period / 8);
}

/* RFC 4028 section 10: who misses a refresh hangs up that long before the
 * end. */
static uint64_t
early_bye(uint64_t session)
{
	uint64_t before = session / 3;

	return session - (before < 32 * SECOND ? before : 32 * SECOND);
}

static bool
judge_session(const struct drop_facts *facts, struct drop *drop)
{
	enum drop_leg leg;
	size_t i;

	for (leg = DROP_CALLER; leg < DROP_LEGS; leg++) {
		uint64_t whole = (uint64_t)facts->session[leg] * SECOND;
		const struct {
			enum drop_kind kind;
			uint64_t period;
		} fits[] = {
			{ DROP_SESSION, whole },
			{ DROP_SESSION_HALF, whole / 2 },
			{ DROP_SESSION_EARLY, early_bye(whole) },
		};

		for (i = 0; i < ARRAY_LEN(fits); i++) {
			if (!is_near(facts->talked, fits[i].period, 2 * SECOND))
				continue;
			drop->kind = fits[i].kind;
			drop->period = (uint32_t)fits[i].period;
			drop->timer = leg;
			return true;
		}
	}
	return false;
}

static bool
judge_ack(const struct drop_facts *facts, struct drop *drop)
{
	if (!is_near(facts->talked, facts->ack_wait, SECOND))
		return false;
	/* A callee waits for an ACK of ours, which we sent. */
	drop->kind = facts->acked || facts->by == JOURNAL_CALLEE
	    ? DROP_ACK_BEYOND
	    : DROP_NO_ACK;
	drop->period = facts->ack_wait;
	return true;
}

static void
judge_fixed(const struct drop_facts *facts, struct drop *drop)
{
	static const struct {
		uint32_t period, margin;
		enum drop_kind kind;
	} rows[] = {
		{ 30 * SECOND, SECOND, DROP_RTCP },
		{ 300 * SECOND, 1500, DROP_ROUND },
		{ 600 * SECOND, 1500, DROP_ROUND },
		{ 900 * SECOND, 1500, DROP_ROUND },
		{ 1800 * SECOND, 1500, DROP_ROUND },
		{ 3600 * SECOND, 1500, DROP_ROUND },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (!is_near(facts->talked, rows[i].period, rows[i].margin))
			continue;
		drop->kind = rows[i].kind;
		drop->period = rows[i].period;
		return;
	}
}

/* What says most goes first: a value that the peers agreed on, then the one
 * timer that each of them has, then what is only usual. */
struct drop
drop_judge(const struct drop_facts *facts)
{
	struct drop drop = { .kind = DROP_NONE };

	/* An end of ours has its own reason; this one has a time as well. */
	if (facts->by == JOURNAL_NO_LEG) {
		if (!facts->acked)
			judge_ack(facts, &drop);
		return drop;
	}
	if (!facts->acked && judge_ack(facts, &drop))
		return drop;
	if (!judge_session(facts, &drop) && !judge_ack(facts, &drop))
		judge_fixed(facts, &drop);
	return drop;
}

/* --- the sentence --- */

static void
add_leg(struct text *t, const struct drop_facts *facts, enum drop_leg leg)
{
	text_add_str(t, leg == DROP_CALLER ? "the caller" : "the callee");
	if (span_empty(facts->trunk[leg]))
		return;
	TEXT_LIT(t, " (");
	text_add(t, facts->trunk[leg]);
	TEXT_LIT(t, ")");
}

static void
add_ender(struct text *t, const struct drop_facts *facts)
{
	if (facts->by == JOURNAL_NO_LEG)
		TEXT_LIT(t, "us");
	else
		add_leg(t, facts,
		    facts->by == JOURNAL_CALLER ? DROP_CALLER : DROP_CALLEE);
}

static void
add_session(
    struct text *t, const struct drop_facts *facts, const struct drop *drop)
{
	static const char *const what[] = {
		[DROP_SESSION] = "the whole",
		[DROP_SESSION_EARLY] = "what a missed refresh leaves",
		[DROP_SESSION_HALF] = "half",
	};

	text_add_str(t, what[drop->kind]);
	text_addf(t, " of the Session-Expires (%u s) that ",
	    (unsigned)facts->session[drop->timer]);
	add_leg(t, facts, drop->timer);
	TEXT_LIT(t, " was last heard with: a refresh failed, or never came");
}

static const char *
ack_text(const struct drop_facts *facts, enum drop_kind kind)
{
	if (kind == DROP_NO_ACK)
		return "the 200 OK was never ACKed";
	return facts->by == JOURNAL_CALLEE
	    ? "as one that waits for an ACK: ours did not reach it, or one "
	      "behind it got lost"
	    : "as one that waits for an ACK: its own was here, one behind it "
	      "got lost";
}

void
drop_add_sentence(
    struct text *t, const struct drop_facts *facts, const struct drop *drop)
{
	if (drop->kind == DROP_NONE)
		return;
	TEXT_LIT(t, "ended by ");
	add_ender(t, facts);
	text_addf(t, " after %llu.%llu s: ",
	    (unsigned long long)(facts->talked / SECOND),
	    (unsigned long long)(facts->talked % SECOND / 100));
	switch (drop->kind) {
	case DROP_NO_ACK:
	case DROP_ACK_BEYOND:
		text_add_str(t, ack_text(facts, drop->kind));
		break;
	case DROP_RTCP:
		TEXT_LIT(t, "a watchdog of that side that hears no RTCP for "
			    "30 s would do that");
		break;
	case DROP_ROUND:
		text_addf(t, "%u minutes are a limit of that side, or a timer "
			     "of a firewall before it",
		    (unsigned)(drop->period / (60 * SECOND)));
		break;
	default:
		add_session(t, facts, drop);
	}
}
