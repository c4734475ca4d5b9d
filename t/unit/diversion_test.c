#include <stdio.h>

#include "base/container.h"
#include "identity/diversion.h"
#include "unit.h"

#define TARGET SPAN("sip:+449@out;user=phone;cause=302?Subject=x")

static struct sip_draft draft;

static void
draft_with(enum sip_header id, const char *value)
{
	sip_draft_request(&draft, SIP_METHOD_INVITE, SPAN_NONE, TARGET);
	sip_draft_add(&draft, id, span_of(value), SIP_OWNER_PEER);
}

/* "user reason counter*", the first one first; '!' for one who hides. */
static void
chain_text(const struct diversion_chain *chain, struct text *t)
{
	unsigned i;

	for (i = 0; i < chain->n; i++) {
		const struct diversion *d = &chain->list[i];

		if (i > 0)
			TEXT_LIT(t, ", ");
		text_add(t, d->who.user);
		text_add_char(t, ' ');
		text_add(t, d->reason);
		if (d->counter > 1)
			text_addf(t, " %u", d->counter);
		if (d->hidden)
			TEXT_LIT(t, " !");
	}
}

#define NOBODY "<sip:unknown@unknown.invalid"

static const struct {
	enum sip_header id;
	const char *value;
	const char *want;
} reads[] = {
	/* RFC 5806: the last diversion is on top. */
	{ SIP_DIVERSION, "<sip:+442@x>;reason=user-busy;counter=1;privacy=off, "
			 "<sip:+441@x>;reason=no-answer;counter=3;privacy=full",
	    "+441 no-answer 3 !, +442 user-busy" },
	{ SIP_DIVERSION, "\"B, o\" <tel:+44@x>;reason=\"away\";screen=yes",
	    "" },
	{ SIP_DIVERSION, "\"B, o\" <tel:+44123>;reason=\"away\";screen=yes",
	    "+44123 away" },
	{ SIP_DIVERSION, "sip:+441@x;reason=unknown;counter=0", "+441 unknown" },
	{ SIP_DIVERSION, "<sip:+441@x>;counter=4294967296", "+441 " },
	{ SIP_DIVERSION, "<sip:+441@x>;counter=-1;reason=a=b", "+441 " },
	{ SIP_DIVERSION, "<sip:+441@x>;privacy=\"off\"", "+441 " },
	{ SIP_DIVERSION, "<sip:+441@x>;privacy=name", "+441  !" },
	{ SIP_DIVERSION, "<sip:anonymous@anonymous.invalid>", "anonymous  !" },
	{ SIP_DIVERSION, "<sip:+441@x>;privacy=\"a b\"", "+441  !" },
	{ SIP_DIVERSION, "<sip:+441@x>;counter=21", "+441  20" },
	{ SIP_DIVERSION, "<sip:+441@x>;counter=100", "+441 " },
	/* It says so as soon as its quotes are mended. */
	{ SIP_DIVERSION, "\"Anonymous <sip:+441@x>", "+441  !" },
	{ SIP_DIVERSION, "Anonymous\xff <sip:+441@x>", "+441  !" },
	{ SIP_DIVERSION, "<urn:x>, <>, garbage, <sip:x>, <sip:+441@x>",
	    "+441 " },
	{ SIP_DIVERSION, "", "" },

	/* RFC 7044 */
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1", "" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1, "
			    "<sip:+442@x;cause=408>;index=1.1;mp=1, "
			    "<sip:+443@x;cause=486>;index=1.1.1;mp=1.1",
	    "+441 no-answer, +442 user-busy" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1, "
			    "<sip:+441@192.0.2.1>;index=1.1;rc=1, "
			    "<sip:+443@x;cause=302>;index=1.2;mp=1",
	    "+441 unconditional" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1, "
			    "<sip:+441@y>;index=1.1;np=1, "
			    "<sip:+442@y;cause=487>;index=1.1.1;mp=1.1",
	    "+441 deflection" },
	{ SIP_HISTORY_INFO, "<sip:+441@x?Privacy=history>;index=1, "
			    "<sip:+442@x;cause=503>;index=1.1;mp=1",
	    "+441 unavailable !" },
	{ SIP_HISTORY_INFO, "<sip:+441@x?Privacy=none>;index=1, "
			    "<sip:+442@x;cause=404>;index=1.1;mp=9",
	    "+441 unknown" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1, "
			    "<sip:+442@x>;index=1.1;mp=1",
	    "+441 unknown" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1, "
			    "<sip:+442@x;cause=302>;index=1.1;mp=1, "
			    "<sip:+443@x;cause=408>;index=1.2;mp=1",
	    "+441 no-answer" },

	/* RFC 4244: the reason is that of the entry before. */
	{ SIP_HISTORY_INFO,
	    "<sip:+441@sip.example.net:5061;user=phone?"
	    "Reason=SIP%3Bcause%3D302%3Btext%3D%22Moved%20Temporarily%22>"
	    ";index=1, <sip:+442@sip.example.net>;index=1.1",
	    "+441 unconditional" },
	{ SIP_HISTORY_INFO,
	    "<sip:+441@x?Privacy=history&Reason=SIP%3Bcause%3D486>;index=1,"
	    "<sip:+442@x?Reason=Q.850%3Bcause%3D18%2CSIP%3Bcause%3D408>"
	    ";index=1.1,<sip:+443@x>;index=1.2",
	    "+441 user-busy !, +442 no-answer" },
	{ SIP_HISTORY_INFO, "<sip:+441@x?Reason=Q.850%3Bcause%3D17>;index=1,"
			    "<sip:+442@x>;index=1.1",
	    "+441 user-busy" },
	{ SIP_HISTORY_INFO, "<sip:+441@x?reason=sip%3bcause%3d600>;index=1,"
			    "<sip:+442@x>;index=1.1",
	    "+441 user-busy" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1,<sip:+442@x>;index=1.1",
	    "+441 unknown" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1,<sip:+441@y>;index=1.1", "" },
	{ SIP_HISTORY_INFO, "<sip:+442079(0)460055@x>;index=1,"
			    "<sip:02079460055@y>;index=1.1", "" },
	{ SIP_HISTORY_INFO, "<sip:+441@x?Reason=SIP%3>;index=1,"
			    "<sip:+442@x?Reason=%>;index=1.1,"
			    "<sip:+443@x?Reason>;index=1.2",
	    "+441 unknown, +442 unknown" },
	{ SIP_HISTORY_INFO, "<sip:+441@x?Reason=SIP%3Bcause%3D302%00>,"
			    "<sip:+442@x>",
	    "+441 unconditional" },

	/* RFC 7044 section 10.3: behind "0" an entry is
	 * missing, not a diversion. */
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1,<sip:+442@y>;index=1.0.1",
	    "" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1,<sip:+442@y>;index=1.10.1",
	    "+441 unknown" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1,"
			    "<sip:+442@y;cause=302>;index=1.0.1",
	    "+441 unconditional" },

	/* Who has no name counts for the next one;
	 * behind the last one, for him. */
	{ SIP_DIVERSION, NOBODY ">;reason=user-busy", "unknown user-busy" },
	{ SIP_DIVERSION, NOBODY ">;counter=3;privacy=full", "unknown  3" },
	{ SIP_DIVERSION, "<tel:unknown>", "unknown " },
	{ SIP_DIVERSION, "<sip:+441@x>;counter=2, " NOBODY ">;counter=3",
	    "+441  5" },
	{ SIP_DIVERSION, NOBODY ">;reason=away, <sip:+441@x>;reason=no-answer",
	    "+441 no-answer 2" },
	{ SIP_HISTORY_INFO, NOBODY ">;index=1, "
			    "<sip:+442@x;cause=486>;index=1.1;mp=1",
	    "unknown user-busy" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1,"
			    NOBODY ";cause=302>;index=1.1;mp=1,"
			    "<sip:+442@x;cause=486>;index=1.1.1;mp=1.1",
	    "+441 unconditional 2" },
	{ SIP_HISTORY_INFO,
	    "<sip:unknown@unknown.invalid>;index=1, "
	    "<sip:unknown@unknown.invalid;cause=404>;index=1.1;mp=1, "
	    "<sip:+441@x;cause=404>;index=1.1.1;mp=1.1, "
	    "<sip:+442@x;cause=302>;index=1.1.1.1;mp=1.1.1",
	    "+441 unconditional 3" },
	{ SIP_HISTORY_INFO, "<sip:+441@x>;index=1,<>;index=1.1;mp=1,"
			    "<sip:+442@x>;index=1.1.1;mp=1.1",
	    "+441 unknown 2" },
};

static void
read_as(enum sip_header id, struct diversion_chain *chain)
{
	if (id == SIP_DIVERSION)
		diversion_read(&draft, 0, chain);
	else
		diversion_read_history(&draft, 0, NULL, chain);
}

static void
write_as(enum sip_header id, const struct diversion_chain *chain,
    struct span host, struct text *t)
{
	unsigned i;

	if (id == SIP_HISTORY_INFO) {
		diversion_add_history(t, chain, host, TARGET);
		return;
	}
	for (i = chain->n; i-- > 0;) {
		if (t->len > 0)
			TEXT_LIT(t, ", ");
		diversion_add(t, &chain->list[i], host);
	}
}

/* Written either way and read again it is the same. */
static void
assert_round_trip(const struct diversion_chain *chain)
{
	static const enum sip_header ids[] = { SIP_DIVERSION,
		SIP_HISTORY_INFO };
	struct diversion_chain again;
	size_t i;

	for (i = 0; chain->n > 0 && i < ARRAY_LEN(ids); i++) {
		char buf[8192];
		struct text t = text_over(buf, sizeof(buf));

		write_as(ids[i], chain, SPAN_NONE, &t);
		ck_assert(!t.overflow);
		draft_with(ids[i], text_cstr(&t));
		read_as(ids[i], &again);
		ck_assert_msg(diversion_same(chain, &again, NULL), "%s", buf);
	}
}

START_TEST(chain_is_read)
{
	struct diversion_chain chain;
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));

	draft_with(reads[_i].id, reads[_i].value);
	read_as(reads[_i].id, &chain);
	chain_text(&chain, &t);
	ck_assert_span(text_span(&t), reads[_i].want);
	assert_round_trip(&chain);
}
END_TEST

/* A tel URI is known again by how it is written: with escapes, three times as
 * long. What is longer than any number is nobody. */
START_TEST(long_number_is_read)
{
	char params[DIVERSION_USER_MAX + 1], buf[DIVERSION_USER_MAX + 64];
	size_t n = DIVERSION_USER_MAX - strlen("+441;") + (size_t)_i;
	struct diversion_chain chain;

	memset(params, '^', n);
	params[n] = '\0';
	snprintf(buf, sizeof(buf), "<tel:+441;%s>", params);
	draft_with(SIP_DIVERSION, buf);
	read_as(SIP_DIVERSION, &chain);
	ck_assert_uint_eq(chain.n, _i == 0);
	assert_round_trip(&chain);
}
END_TEST

static const struct {
	enum sip_header from, to;
	const char *value;
	const char *want;
} writes[] = {
	{ SIP_DIVERSION, SIP_HISTORY_INFO,
	    "<sip:+443@x>;reason=unconditional;counter=1;privacy=off, "
	    "<sip:+442@x>;reason=user-busy;counter=1;privacy=full, "
	    "<sip:+441@x>;reason=no-answer;counter=1;privacy=off",
	    "<sip:+441@sbc>;index=1, "
	    "<sip:+442@sbc;cause=408?Privacy=history>;index=1.1;mp=1, "
	    "<sip:+443@sbc;cause=486>;index=1.1.1;mp=1.1, "
	    "<sip:+449@out;user=phone;cause=302>;index=1.1.1.1;mp=1.1.1" },
	{ SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:+441@x?Privacy=history>;index=1, "
	    "<sip:+442@x;cause=302?Privacy=none>;index=1.1;mp=1, "
	    "<sip:+443@x;cause=486>;index=1.1.1;mp=1.1",
	    "<sip:+442@sbc>;reason=user-busy;counter=1;privacy=off, "
	    "<sip:+441@sbc>;reason=unconditional;counter=1;privacy=full" },
	{ SIP_DIVERSION, SIP_HISTORY_INFO,
	    "\"Bo\" <sip:+441@x>;counter=2;reason=do-not-disturb",
	    "<sip:unknown@unknown.invalid>;index=1, "
	    "\"Bo\" <sip:+441@sbc;cause=404>;index=1.1;mp=1, "
	    "<sip:+449@out;user=phone;cause=404>;index=1.1.1;mp=1.1" },
	{ SIP_DIVERSION, SIP_DIVERSION,
	    "<sip:+441;ext=1@x:5080;user=phone>;reason=my-own;limit=5;"
	    "screen=yes;privacy=uri;x=y",
	    "<sip:+441;ext=1@sbc;user=phone>;reason=my-own;counter=1;limit=5;"
	    "privacy=uri;screen=yes" },
	{ SIP_DIVERSION, SIP_HISTORY_INFO,
	    "<sip:anonymous@anonymous.invalid>;privacy=full",
	    "<sip:anonymous@anonymous.invalid>;index=1, "
	    "<sip:+449@out;user=phone;cause=404>;index=1.1;mp=1" },
	{ SIP_DIVERSION, SIP_DIVERSION,
	    "Anonymous <sip:anonymous@anonymous.invalid>;privacy=off",
	    "Anonymous <sip:anonymous@anonymous.invalid>;reason=unknown;"
	    "counter=1;privacy=full" },
};

START_TEST(chain_is_written)
{
	struct diversion_chain chain;
	char buf[1024];
	struct text t = text_over(buf, sizeof(buf));

	draft_with(writes[_i].from, writes[_i].value);
	read_as(writes[_i].from, &chain);
	write_as(writes[_i].to, &chain, SPAN("sbc"), &t);
	ck_assert_span(text_span(&t), writes[_i].want);
}
END_TEST

/* --- RFC 7544, row by row --- */

/* From one header into the other. */
static void
assert_becomes(
    enum sip_header from, enum sip_header to, const char *value, const char *want)
{
	struct diversion_chain chain;
	char buf[1024];
	struct text t = text_over(buf, sizeof(buf));

	draft_with(from, value);
	read_as(from, &chain);
	write_as(to, &chain, SPAN_NONE, &t);
	ck_assert_span(text_span(&t), want);
}

/* A reason of Diversion, its cause, and the reason of that cause. */
static const struct {
	const char *reason;
	unsigned cause;
	const char *back;
} reasons[] = {
	{ "unknown", 404, "unknown" },
	{ "unconditional", 302, "unconditional" },
	{ "user-busy", 486, "user-busy" },
	{ "no-answer", 408, "no-answer" },
	{ "deflection", 480, "deflection" },
	{ "unavailable", 503, "unavailable" }, /* erratum 3071 of RFC 6044 */
	{ "time-of-day", 404, "unknown" },
	{ "do-not-disturb", 404, "unknown" },
	{ "follow-me", 404, "unknown" },
	{ "out-of-service", 404, "unknown" },
	{ "away", 404, "unknown" },
	{ "of-my-own", 404, "unknown" },
	{ "User-Busy", 486, "user-busy" },
};

START_TEST(reason_is_mapped)
{
	char value[256], want[256];

	snprintf(value, sizeof(value), "<sip:1@x>;reason=%s",
	    reasons[_i].reason);
	snprintf(want, sizeof(want),
	    "<sip:1@x>;index=1, <sip:+449@out;user=phone;cause=%u>;index=1.1"
	    ";mp=1", reasons[_i].cause);
	assert_becomes(SIP_DIVERSION, SIP_HISTORY_INFO, value, want);
	snprintf(value, sizeof(value), "<sip:1@x>;reason=%s;counter=1"
	    ";privacy=off", reasons[_i].back);
	assert_becomes(SIP_HISTORY_INFO, SIP_DIVERSION, want, value);
}
END_TEST

/* A cause of RFC 4458 or none of them; the last is RFC 8119's. */
static const struct {
	unsigned cause;
	const char *reason;
} causes[] = {
	{ 404, "unknown" },
	{ 302, "unconditional" },
	{ 486, "user-busy" },
	{ 408, "no-answer" },
	{ 480, "deflection" },
	{ 487, "deflection" },
	{ 503, "unavailable" },
	{ 600, "unknown" },
	{ 380, "unknown" },
};

START_TEST(cause_is_mapped)
{
	char value[256], want[256];

	snprintf(value, sizeof(value),
	    "<sip:1@x>;index=1, <sip:2@y;cause=%u>;index=1.1;mp=1",
	    causes[_i].cause);
	snprintf(want, sizeof(want), "<sip:1@x>;reason=%s;counter=1;privacy=off",
	    causes[_i].reason);
	assert_becomes(SIP_HISTORY_INFO, SIP_DIVERSION, value, want);
	ck_assert_span(diversion_reason(causes[_i].cause), causes[_i].reason);
}
END_TEST

/* Privacy of Diversion ("" : none), and the header in the URI of
 * History-Info. */
static const struct {
	enum sip_header from;
	const char *privacy, *becomes;
} privacies[] = {
	{ SIP_DIVERSION, ";privacy=full", "?Privacy=history" },
	{ SIP_DIVERSION, ";privacy=name", "?Privacy=history" },
	{ SIP_DIVERSION, ";privacy=uri", "?Privacy=history" },
	{ SIP_DIVERSION, ";privacy=off", "" },
	{ SIP_DIVERSION, "", "" },
	{ SIP_HISTORY_INFO, "?Privacy=history", "full" },
	{ SIP_HISTORY_INFO, "?Privacy=History", "full" },
	{ SIP_HISTORY_INFO, "?privacy=header%3Bhistory", "full" },
	{ SIP_HISTORY_INFO, "?Privacy=session", "full" },
	{ SIP_HISTORY_INFO, "?Privacy=header", "full" },
	{ SIP_HISTORY_INFO, "?Privacy=id", "full" },
	{ SIP_HISTORY_INFO, "?Privacy=none", "off" },
	{ SIP_HISTORY_INFO, "", "off" },
};

START_TEST(privacy_is_mapped)
{
	const char *privacy = privacies[_i].privacy;
	const char *becomes = privacies[_i].becomes;
	char diversion[256], history[256];
	bool from = privacies[_i].from == SIP_DIVERSION;

	snprintf(diversion, sizeof(diversion),
	    "<sip:1@x>;reason=user-busy;counter=1%s%s",
	    from ? privacy : ";privacy=", from ? "" : becomes);
	snprintf(history, sizeof(history),
	    "<sip:1@x%s>;index=1, <sip:+449@out;user=phone;cause=486>"
	    ";index=1.1;mp=1",
	    from ? becomes : privacy);
	if (from)
		assert_becomes(
		    SIP_DIVERSION, SIP_HISTORY_INFO, diversion, history);
	else
		assert_becomes(
		    SIP_HISTORY_INFO, SIP_DIVERSION, history, diversion);
}
END_TEST

#define DIVERTED(user, counter)                                                \
	"<sip:" user "@x>;reason=no-answer;counter=" counter ";privacy=off"
/* What a counter says beyond one are entries of nobody, and index goes on. */
static const struct {
	const char *diversion, *history;
} counters[] = {
	{ DIVERTED("1", "1"),
	    "<sip:1@x>;index=1, "
	    "<sip:+449@out;user=phone;cause=408>;index=1.1;mp=1" },
	{ DIVERTED("1", "2"),
	    NOBODY ">;index=1, <sip:1@x;cause=404>;index=1.1;mp=1, "
		   "<sip:+449@out;user=phone;cause=408>;index=1.1.1;mp=1.1" },
	{ DIVERTED("1", "4"),
	    NOBODY ">;index=1, " NOBODY ";cause=404>;index=1.1;mp=1, " NOBODY
		   ";cause=404>;index=1.1.1;mp=1.1, "
		   "<sip:1@x;cause=404>;index=1.1.1.1;mp=1.1.1, "
		   "<sip:+449@out;user=phone;cause=408>;index=1.1.1.1.1"
		   ";mp=1.1.1.1" },
	{ DIVERTED("2", "2") ", " DIVERTED("1", "1"),
	    "<sip:1@x>;index=1, " NOBODY ";cause=408>;index=1.1;mp=1, "
	    "<sip:2@x;cause=404>;index=1.1.1;mp=1.1, "
	    "<sip:+449@out;user=phone;cause=408>;index=1.1.1.1;mp=1.1.1" },
};

START_TEST(counter_is_mapped)
{
	assert_becomes(SIP_DIVERSION, SIP_HISTORY_INFO, counters[_i].diversion,
	    counters[_i].history);
	assert_becomes(SIP_HISTORY_INFO, SIP_DIVERSION, counters[_i].history,
	    counters[_i].diversion);
}
END_TEST

#define NETWORK_1                                                              \
	"<sip:p1.x>;index=1, <sip:222@x>;index=1.1;rc=1, "                     \
	"<sip:p2.x;cause=302>;index=1.1.1;mp=1.1"
#define DIVERTED_222 "<sip:222@x>;reason=unconditional"

/* Section 3.4, and the example of section 7.3: both headers came, and Diversion
 * knows more. NULL: the other one is written anew. */
static const struct {
	const char *history, *diversion, *want;
} extended[] = {
	{ NETWORK_1,
	    "<sip:444@x>;reason=time-of-day, "
	    "<sip:333@x>;reason=no-answer;privacy=full, " DIVERTED_222,
	    NETWORK_1 ", <sip:333@x?Privacy=history>;index=1.1.1.0.1, "
		      "<sip:444@x;cause=408>;index=1.1.1.0.1.1;mp=1.1.1.0.1, "
		      "<sip:+449@out;user=phone;cause=404>"
		      ";index=1.1.1.0.1.1.1;mp=1.1.1.0.1.1" },
	/* No gap: who diverted last is where History-Info ends. */
	{ "<sip:222@x>;index=1, <sip:333@x;cause=302>;index=1.1;mp=1",
	    "<sip:444@x>;reason=away, <sip:333@x>;reason=user-busy, "
	    DIVERTED_222,
	    "<sip:222@x>;index=1, <sip:333@x;cause=302>;index=1.1;mp=1, "
	    "<sip:444@x;cause=486>;index=1.1.1;mp=1.1, "
	    "<sip:+449@out;user=phone;cause=404>;index=1.1.1.1;mp=1.1.1" },
	{ "<sip:222@x>;index=1, <sip:333@x;cause=302>;index=1.1;mp=1",
	    "<sip:333@x>;reason=user-busy;counter=2, " DIVERTED_222,
	    "<sip:222@x>;index=1, <sip:333@x;cause=302>;index=1.1;mp=1, "
	    NOBODY ">;index=1.1.0.1, "
	    "<sip:333@x;cause=404>;index=1.1.0.1.1;mp=1.1.0.1, "
	    "<sip:+449@out;user=phone;cause=486>;index=1.1.0.1.1.1"
	    ";mp=1.1.0.1.1" },
	/* Another story, all of it, or one that cannot go on. */
	{ NETWORK_1, "<sip:444@x>;reason=away, <sip:333@x>", NULL },
	{ NETWORK_1, DIVERTED_222, NULL },
	{ "<sip:222@x>;index=1", "<sip:333@x>, " DIVERTED_222, NULL },
	{ NETWORK_1 ", <>;index=1.2", "<sip:333@x>, " DIVERTED_222, NULL },
	{ "<sip:222@x>;index=1, <sip:3@x;cause=302>;mp=1",
	    "<sip:333@x>, " DIVERTED_222, NULL },
	{ "<sip:222@x>;index=1, <sip:3@x;cause=302>;index=\"1\";mp=1",
	    "<sip:333@x>, " DIVERTED_222, NULL },
	/* Who hides where he is known already. */
	{ "<sip:222@x>;index=1, <sip:333@x;cause=302>;index=1.1;mp=1",
	    "<sip:333@x>;reason=away;privacy=full, " DIVERTED_222, NULL },
};

START_TEST(history_is_extended)
{
	struct diversion_chain chain, again;
	char buf[1024];
	struct text t = text_over(buf, sizeof(buf));
	bool is;

	draft_with(SIP_DIVERSION, extended[_i].diversion);
	sip_draft_add(&draft, SIP_HISTORY_INFO, span_of(extended[_i].history),
	    SIP_OWNER_PEER);
	diversion_read(&draft, 0, &chain);
	is = diversion_extend_history(
	    &t, &draft, 0, NULL, &chain, SPAN_NONE, TARGET);
	ck_assert_span(text_span(&t), is ? extended[_i].want : "");
	ck_assert(is == (extended[_i].want != NULL));
	if (!is)
		return;
	draft_with(SIP_HISTORY_INFO, text_cstr(&t));
	diversion_read_history(&draft, 0, NULL, &again);
	ck_assert_uint_eq(again.n, chain.n);
}
END_TEST

static void
assert_ends_with(const char *target, const char *want)
{
	struct diversion_chain chain, again;
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));

	draft_with(SIP_DIVERSION, "<sip:1@x>;reason=user-busy");
	read_as(SIP_DIVERSION, &chain);
	diversion_add_history(&t, &chain, SPAN_NONE, span_of(target));
	ck_assert(span_iends(text_span(&t), span_of(want)));
	draft_with(SIP_HISTORY_INFO, text_cstr(&t));
	read_as(SIP_HISTORY_INFO, &again);
	ck_assert_msg(diversion_same(&chain, &again, NULL), "%s", buf);
}

/* Section 5: the last entry is the Request-URI, and has the cause; what can
 * have none becomes a sip URI (note 3). */
static const struct {
	const char *uri, *want;
} targets[] = {
	{ "sip:+442@y", "<sip:+442@y;cause=486>;index=1.1;mp=1" },
	{ "sips:+442@y:5061;user=phone;cause=302;target=sip:z?Subject=x",
	    "<sips:+442@y:5061;user=phone;cause=486>;index=1.1;mp=1" },
	{ "tel:+44-207-946-0000;isub=1",
	    "<sip:+44-207-946-0000;isub=1@unknown.invalid;user=phone;cause=486>"
	    ";index=1.1;mp=1" },
	{ "urn:service:sos", NOBODY ";cause=486>;index=1.1;mp=1" },
	{ "tel:+44|0", NOBODY ";cause=486>;index=1.1;mp=1" },
	{ "garbage", NOBODY ";cause=486>;index=1.1;mp=1" },
};

START_TEST(target_is_mapped)
{
	assert_ends_with(targets[_i].uri, targets[_i].want);
}
END_TEST

/* What the tables above leave; users have numbers for names. */
static const struct {
	const char *section;
	enum sip_header from, to;
	const char *value, *want;
} sections[] = {
	/* Note 3. */
	{ "5", SIP_DIVERSION, SIP_HISTORY_INFO, "<tel:+442>;reason=no-answer",
	    "<sip:+442@unknown.invalid;user=phone>;index=1, "
	    "<sip:+449@out;user=phone;cause=408>;index=1.1;mp=1" },
	/* Note 1: what the other header cannot say. */
	{ "5", SIP_DIVERSION, SIP_HISTORY_INFO,
	    "<sip:1@x>;reason=no-answer;limit=5;screen=yes;x=y",
	    "<sip:1@x>;index=1, "
	    "<sip:+449@out;user=phone;cause=408>;index=1.1;mp=1" },
	/* Note 4: the cause counts, the index does not. */
	{ "5", SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:1@x>;index=1, <sip:1@y>;index=1.1.1.1;np=1, "
	    "<sip:2@x;cause=408>;index=1.1.1.3;mp=1.1.1.1",
	    "<sip:1@y>;reason=no-answer;counter=1;privacy=off" },
	/* Without mp who diverted is the entry before. */
	{ "6", SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:1@x>;index=1, <sip:2@x>;index=1.1;rc=1, "
	    "<sip:3@x;cause=503>;index=1.1.1",
	    "<sip:2@x>;reason=unavailable;counter=1;privacy=off" },
	/* With mp it is the entry that mp names, wherever that is. */
	{ "6", SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:1@x>;index=1, <sip:2@x>;index=1.1;rc=1, "
	    "<sip:2@y>;index=1.1.1;np=1.1, "
	    "<sip:3@x;cause=503>;index=1.2;mp=1.1",
	    "<sip:2@x>;reason=unavailable;counter=1;privacy=off" },
	/* Section 4.1: the cause of the URI is meant, not that of Reason. */
	{ "4.1", SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:1@x?Privacy=none&Reason=SIP%3Bcause%3D302>;index=1, "
	    "<sip:2@x;cause=480?Privacy=history>;index=1.1;mp=1, "
	    "<sip:3@x;cause=486>;index=1.1.1;mp=1.1",
	    "<sip:2@x>;reason=user-busy;counter=1;privacy=full, "
	    "<sip:1@x>;reason=deflection;counter=1;privacy=off" },
	{ "7.1", SIP_DIVERSION, SIP_HISTORY_INFO,
	    "<sip:3@x>;reason=unconditional;counter=1;privacy=off, "
	    "<sip:2@x>;reason=user-busy;counter=1;privacy=full, "
	    "<sip:1@x>;reason=no-answer;counter=1;privacy=off",
	    "<sip:1@x>;index=1, "
	    "<sip:2@x;cause=408?Privacy=history>;index=1.1;mp=1, "
	    "<sip:3@x;cause=486>;index=1.1.1;mp=1.1, "
	    "<sip:+449@out;user=phone;cause=302>;index=1.1.1.1;mp=1.1.1" },
	{ "7.2", SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:1@x?Privacy=history>;index=1, "
	    "<sip:2@x;cause=302?Privacy=none>;index=1.1;mp=1, "
	    "<sip:9@x;cause=486>;index=1.1.1;mp=1.1",
	    "<sip:2@x>;reason=user-busy;counter=1;privacy=off, "
	    "<sip:1@x>;reason=unconditional;counter=1;privacy=full" },
	{ "7.3", SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:p1.x>;index=1, <sip:222@x>;index=1.1;rc=1, "
	    "<sip:p2.x;cause=302>;index=1.1.1;mp=1.1",
	    "<sip:222@x>;reason=unconditional;counter=1;privacy=off" },
	{ "7.3", SIP_HISTORY_INFO, SIP_DIVERSION,
	    "<sip:p1.x>;index=1, <sip:222@x>;index=1.1;rc=1, "
	    "<sip:p2.x;cause=302>;index=1.1.1;mp=1.1, "
	    "<sip:333@x?Privacy=history>;index=1.1.1.0.1, "
	    "<sip:444@x;cause=408?Privacy=none>;index=1.1.1.0.1.1"
	    ";mp=1.1.1.0.1, "
	    "<sip:555@x;cause=404>;index=1.1.1.0.1.1.1;mp=1.1.1.0.1.1",
	    "<sip:444@x>;reason=unknown;counter=1;privacy=off, "
	    "<sip:333@x>;reason=no-answer;counter=1;privacy=full, "
	    "<sip:222@x>;reason=unconditional;counter=1;privacy=off" },
};

START_TEST(section)
{
	assert_becomes(sections[_i].from, sections[_i].to, sections[_i].value,
	    sections[_i].want);
}
END_TEST

/* The first and the latest nine stay, the counters say how many there were. */
START_TEST(chain_is_bounded)
{
	static const enum sip_header ids[] = { SIP_DIVERSION,
		SIP_HISTORY_INFO };
	struct diversion_chain chain;
	char buf[4096], text[512];
	struct text t = text_over(buf, sizeof(buf));
	struct text said = text_over(text, sizeof(text));
	enum sip_header id = ids[_i];
	int i;

	for (i = 1; i <= 15; i++)
		text_addf(&t, "<sip:+44%02d@x>;index=%d%s",
		    id == SIP_DIVERSION ? 16 - i : i, i, i < 15 ? "," : "");
	if (id == SIP_HISTORY_INFO)
		TEXT_LIT(&t, ",<sip:1@x>;index=16");
	draft_with(id, text_cstr(&t));
	read_as(id, &chain);
	ck_assert_uint_eq(chain.n, DIVERSION_MAX);
	ck_assert_uint_eq(diversion_steps(&chain), 15);
	for (i = 0; i < DIVERSION_MAX; i++)
		text_addf(&said, "%.*s ", SPAN_ARG(chain.list[i].who.user));
	ck_assert_span(text_span(&said),
	    "+4401 +4407 +4408 +4409 +4410 +4411 +4412 +4413 +4414 +4415 ");
	ck_assert_uint_eq(chain.list[1].counter, 6);
	assert_round_trip(&chain);
}
END_TEST

START_TEST(counters_are_bounded)
{
	struct diversion_chain chain;

	draft_with(SIP_DIVERSION,
	    "<sip:1@x>;counter=20, <sip:2@x>;counter=20, <sip:3@x>");
	diversion_read(&draft, 0, &chain);
	ck_assert_uint_eq(chain.n, 3);
	ck_assert_uint_eq(diversion_steps(&chain), DIVERSION_STEPS);
	ck_assert_uint_eq(chain.list[2].counter, 18);
	assert_round_trip(&chain);
}
END_TEST

/* Somebody unknown who is alone counts for who is pushed behind him. */
START_TEST(nobody_makes_room)
{
	const struct diversion newest = { .counter = 1,
		.who = { .user = SPAN("+442"), .host = SPAN("x") } };
	struct diversion_chain chain;

	draft_with(SIP_DIVERSION, NOBODY ">;counter=3");
	diversion_read(&draft, 0, &chain);
	diversion_push(&chain, &newest);
	ck_assert_uint_eq(chain.n, 1);
	ck_assert_uint_eq(chain.list[0].counter, 4);
	ck_assert_span(chain.list[0].who.user, "+442");
	assert_round_trip(&chain);
}
END_TEST

/* 10,000 entries cost no more than reading them. */
START_TEST(history_is_bounded)
{
	struct diversion_chain chain;
	char *buf = malloc(400000);
	struct text t = text_over(buf, 400000);
	int i;

	for (i = 0; i < 10000; i++)
		text_addf(&t, "<sip:%d@x>;index=1.%d;mp=1.%d,", i, i, i - 1);
	ck_assert(!t.overflow);
	draft_with(SIP_HISTORY_INFO, text_cstr(&t));
	diversion_read_history(&draft, 0, NULL, &chain);
	ck_assert_uint_eq(chain.n, DIVERSION_MAX);
	ck_assert_span(chain.list[0].who.user, "0");
	ck_assert_span(chain.list[9].who.user, "9998");
	free(buf);
}
END_TEST

START_TEST(privacy_of_the_message_hides_all)
{
	struct diversion_chain chain;

	draft_with(SIP_HISTORY_INFO,
	    "<sip:+441@x>;index=1, <sip:+442@x;cause=302>;index=1.1;mp=1");
	diversion_read_history(
	    &draft, IDENTITY_PRIVACY_ID, NULL, &chain);
	ck_assert(!chain.list[0].hidden);
	diversion_read_history(
	    &draft, IDENTITY_PRIVACY_HISTORY, NULL, &chain);
	ck_assert(chain.list[0].hidden);
	draft_with(SIP_DIVERSION, "<sip:+441@x>, " NOBODY ">");
	diversion_read(&draft, IDENTITY_PRIVACY_HEADER, &chain);
	ck_assert(chain.list[0].hidden);
	draft_with(SIP_DIVERSION, NOBODY ">");
	diversion_read(&draft, IDENTITY_PRIVACY_HEADER, &chain);
	ck_assert(!chain.list[0].hidden);
}
END_TEST

static const struct {
	const char *uri;
	const char *want;
} uris[] = {
	{ "sip:vm@x;target=sip:+441@y;cause=486", "+441 user-busy" },
	{ "sip:vm@x;cause=302;target=sip%3A%2B441%40y", "+441 unconditional" },
	{ "sip:vm@x;target=sip:+441@y", "" },
	{ "sip:vm@x;cause=486", "" },
	{ "sip:vm@x;cause=200;target=sip:+441@y", "" },
	{ "sip:vm@x;cause=486;target=%", "" },
	{ "sip:vm@x;cause=486;target=sip%3A%00", "" },
	{ "garbage", "" },
};

START_TEST(request_uri_is_read)
{
	struct diversion_chain chain;
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));

	diversion_read_uri(span_of(uris[_i].uri), &chain);
	chain_text(&chain, &t);
	ck_assert_span(text_span(&t), uris[_i].want);
}
END_TEST

/* RFC 7544: both tables. */
START_TEST(reasons_and_causes)
{
	static const struct {
		const char *reason;
		unsigned cause;
		const char *back;
	} rows[] = {
		{ "unknown", 404, "unknown" },
		{ "unconditional", 302, "unconditional" },
		{ "User-Busy", 486, "user-busy" },
		{ "no-answer", 408, "no-answer" },
		{ "deflection", 480, "deflection" },
		{ "unavailable", 503, "unavailable" },
		{ "time-of-day", 404, "unknown" },
		{ "do-not-disturb", 404, "unknown" },
		{ "follow-me", 404, "unknown" },
		{ "out-of-service", 404, "unknown" },
		{ "away", 404, "unknown" },
		{ "my-own", 404, "unknown" },
		{ "", 404, "unknown" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_uint_eq(
		    diversion_cause(span_of(rows[i].reason)), rows[i].cause);
		ck_assert_span(
		    diversion_reason(rows[i].cause), rows[i].back);
	}
	ck_assert_span(diversion_reason(487), "deflection");
	ck_assert_span(diversion_reason(200), "unknown");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("diversion");
	TCase *tc = tcase_create("diversion");

	tcase_add_loop_test(tc, chain_is_read, 0, ARRAY_LEN(reads));
	tcase_add_loop_test(tc, long_number_is_read, 0, 2);
	tcase_add_loop_test(tc, chain_is_written, 0, ARRAY_LEN(writes));
	tcase_add_loop_test(tc, reason_is_mapped, 0, ARRAY_LEN(reasons));
	tcase_add_loop_test(tc, cause_is_mapped, 0, ARRAY_LEN(causes));
	tcase_add_loop_test(tc, privacy_is_mapped, 0, ARRAY_LEN(privacies));
	tcase_add_loop_test(tc, counter_is_mapped, 0, ARRAY_LEN(counters));
	tcase_add_loop_test(tc, history_is_extended, 0, ARRAY_LEN(extended));
	tcase_add_loop_test(tc, target_is_mapped, 0, ARRAY_LEN(targets));
	tcase_add_loop_test(tc, section, 0, ARRAY_LEN(sections));
	tcase_add_loop_test(tc, chain_is_bounded, 0, 2);
	tcase_add_test(tc, counters_are_bounded);
	tcase_add_test(tc, nobody_makes_room);
	tcase_add_test(tc, history_is_bounded);
	tcase_add_test(tc, privacy_of_the_message_hides_all);
	tcase_add_loop_test(tc, request_uri_is_read, 0, ARRAY_LEN(uris));
	tcase_add_test(tc, reasons_and_causes);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
