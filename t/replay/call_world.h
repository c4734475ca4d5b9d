/*
 * call_world.h - the call core between a PBX and a carrier that a test plays
 *
 * The core is the real one, from calls_receive() down to the wire. A test says
 * what the two peers send, and hears what they get. One world exists at a time.
 */

#ifndef CORDON_T_REPLAY_CALL_WORLD_H
#define CORDON_T_REPLAY_CALL_WORLD_H

#include "../unit/unit.h"
#include "call/transfer.h"
#include "wire.h"

#define PBX     "192.0.2.10:5060"
#define CARRIER "198.51.100.20:5060"
#define US_IN   "192.0.2.1"    /* as the PBX sees us */
#define US_OUT  "198.51.100.1" /* as the carrier does */

#define T1_64   (64 * 500)
#define RING_MS 180000

/* Ends a text of header fields: the rest is a session description. */
#define SDP_PORT(ip, port)                                                     \
	"Content-Type: application/sdp\n\n"                                    \
	"v=0\no=- 1 1 IN IP4 " ip "\ns=-\nc=IN IP4 " ip                        \
	"\nt=0 0\nm=audio " port " RTP/AVP 0\n"
#define OFFER  SDP_PORT("192.0.2.10", "4000")
#define ANSWER SDP_PORT("198.51.100.20", "6000")
#define OFFERS "m=audio 4000"
#define ANSWERS "m=audio 6000"

/* The two ends of a call; then the target of a transfer, behind the callee's
 * trunk, and the caller's second call to it. */
enum side { CALLER, CALLEE, SIDES, TARGET = SIDES, CONSULT, FURTHER, PEERS = 10 };

/* One peer, as a user agent. Members marked * may be changed by a test before
 * the call begins. */
struct peer {
	const char *address; /* where it is: PBX or CARRIER */
	struct net_path path;
	const char *contact; /* * value of its Contact */
	const char *vias;    /* * Via fields behind its own one, each with "\n" */
	const char *routes;  /* * Record-Route fields of what makes its dialog */
	const char *tag;     /* * its own tag */
	char uri[64];        /* its address of record */
	char call_id[64];
	char our_tag[64]; /* as learned; empty: not yet */
	unsigned cseq;    /* of its last request; the INVITE's is 1 */
	unsigned branch;  /* of its last request */
	unsigned invite_branch, invite_cseq; /* of its last INVITE */
	char *last; /* its last request, for again() */
};

struct world {
	struct replay net;
	struct record record;
	struct memory *memory;
	struct trunks *trunks;
	struct calls *calls;
	struct peer peer[PEERS];
	const struct replay_sent *invite; /* the last one that makes a dialog */
	uint32_t lag;
	char *outside; /* packed entries of no call */
	size_t outside_n;
};

struct world_options {
	const char *top;     /* groups of options, as text of cordon.conf */
	const char *pbx;     /* options of the trunk "pbx" */
	const char *carrier; /* likewise */
	const char *pbx_policy; /* the inside of its policy_out; NULL: none */
	const char *policy;     /* the same of the carrier */
	const char *peers;   /* of the carrier, besides: ", \"192.0.2.1\"" */
	const char *trunks;  /* besides: ", { ... }" */
	const char *routes;  /* NULL: each to the other */
	bool from_carrier;   /* the carrier is the caller */
	enum net_transport transport; /* of both listeners */
};

extern struct world *w;

/* Makes `w`. */
void begin(void);
void begin_with(const struct world_options *options);

/*
 * The end of a test: nothing is left to look at, no call, leg or transaction is
 * at work; once the clock has run on, no transaction and no timer exists.
 */
void finish(void);
/* The end in the middle of whatever is going on: only memory must not stay. */
void abandon(void);

/* Another snapshot of trunks beside the one in force, from other options. */
void change_trunks(const struct world_options *options);

/* --- what the peers say --- */

/* One message as it stands; replay_inject() says how it is written. */
void say(enum side side, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The caller's INVITE for a new call; `fields` as for replay_answer(). */
void invite(const char *fields);
/* The same of another peer. */
void invite_as(enum side side, const char *fields);
/* A request of that peer inside its dialog, with the next CSeq. */
void ask(enum side side, const char *method, const char *fields);
/* The peer's last request once more, byte for byte. */
void again(enum side side);
/* ACK to a 2xx that its last INVITE got. */
void ack(enum side side, const char *fields);
/* ACK to a failure of its last INVITE. */
void ack_failure(enum side side);
void cancel(enum side side, const char *fields);
/* A response to what was sent to it, with Contact, and
 * its tag where it needs one. */
void answer(const struct replay_sent *request, const char *status_line,
    const char *fields);
/* The same with that tag and without a Contact of its own. */
void answer_as(const struct replay_sent *request, const char *status_line,
    const char *tag, const char *fields);

/* --- what they get --- */

/* The next message; as replay_expect(). */
#define hear(side, start, ...)                                                 \
	learn(side,                                                            \
	    replay_expect(&w->net, w->peer[side].address, start,               \
		##__VA_ARGS__, NULL))
const struct replay_sent *learn(enum side side, const struct replay_sent *sent);

/* Nothing more. */
static inline void
hear_nothing(void)
{
	replay_expect_nothing(&w->net);
}

static inline void
wait_ms(uint64_t ms)
{
	replay_advance(&w->net, ms);
	calls_reap(w->calls);
}

/* A value of it. */
struct span value_of(const struct replay_sent *sent, enum sip_header id);

/* --- pieces of calls --- */

/* The caller's INVITE with an offer is at the callee: `w->invite`. */
void trying(void);
/* And rings. */
void ringing(void);
/* And is answered and acknowledged on both sides. */
void up(void);
/* The caller's BYE, through to the callee's 200. */
void hang_up(void);
/* The callee's 200 to the INVITE, up to our ACK to it and our 200. */
void accept_invite(const char *fields);
/* The failure that the caller's INVITE gets, and its ACK. */
#define hear_failure(start, ...)                                               \
	do {                                                                   \
		hear(CALLER, start, ##__VA_ARGS__);                            \
		ack_failure(CALLER);                                           \
	} while (0)

/* --- what was written down --- */

/* How many entries of live, ended or no calls have that code and, unless NULL,
 * that text in what was found, made of it, or the reason. */
unsigned noted(const char *code, const char *text);
#define ck_noted(code, text)                                                   \
	ck_assert_msg(noted(code, text) > 0, "no %s entry with \"%s\"", code,  \
	    (text) == NULL ? "" : (text))
#define ck_not_noted(code) ck_assert_uint_eq(noted(code, NULL), 0)
/* Entries of live calls with that code, of which there is one, all name that
 * message: "200 INVITE", or "" where only time had passed. */
void ck_noted_of(const char *message, const char *code);
/* The name of the end reason of the call that ended last. */
void ck_ended(const char *reason);

/* --- the state tables --- */

/* The tables of legs: that of a target, and of who takes a place, besides. */
enum table { CALLERS, CALLEES, TARGETS_, REPLACERS, TABLES };
extern const leg_table *const leg_tables[TABLES];
/* How often leg_step() and transfer_step() met each cell. */
extern unsigned cells_met[TABLES][LEG_STATES][LEG_EVENTS];
extern unsigned transfers_met[TRANSFER_STATES][TRANSFER_EVENTS];

#endif
