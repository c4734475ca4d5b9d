/*
 * private.h - what the files of this directory share
 *
 * calls.c     the layer: create, destroy, receive, list, reap
 * ingress.c   from bytes to a transaction, or to silence
 * call.c      one call: made, routed, its event queue, ended
 * leg.c       the two state tables and the one writer of a leg's state
 * caller.c    actions of the leg that called us (a user agent server)
 * callee.c    actions of the leg that we call (a user agent client)
 * hangup.c    actions that both legs share: BYE in either direction
 * early.c     what a caller is shown before the answer: forks, ringing
 * exchange.c  requests inside a dialog: from one leg to the other, and our own
 * extension.c option tags: what may be demanded, and of whom
 * attempt.c   the INVITE of a call once more: by another way, or in other words
 * convert.c   a session description, made so that its receiver can take it
 * update.c    an UPDATE becomes a re-INVITE
 * offer.c     an offer of our own, toward peers that want one in each INVITE
 * session.c   the session description that each leg has in force
 * interval.c  session timers: what is asked for, refused and granted
 * refresh.c   session timers: kept up, or awaited from the peer
 * restate.c   the session description that a peer has of us, once more
 * request.c   a new request: which of all that is it?
 * dialog.c    identifiers, targets and route sets of one dialog
 * compose.c   messages made from a whitelist, policies, and the guard
 * reliable.c  reliable provisional responses and PRACK (RFC 3262)
 * choose.c    the target of a call: which peer of which trunk may be asked now
 * advance.c   from a target that fails to the next one
 * early_offer.c an offer in a PRACK, for a callee that has not answered yet
 * redirect.c  a callee that says where else the call should go: 3xx
 * reason.c    the Reason header: what peers say of the end, and what we say
 * refuse.c    what we answer ourselves, always with its reason
 * evidence.c  what the peers said last, and what that says of a failure
 * parties.c   who a call is known by, transfers included
 * notes.c     journal entries with the call, leg and message filled in
 *
 * Those of transfers are listed in transfer.h, those of redirection in
 * redirect.h.
 */

#ifndef CORDON_CALL_PRIVATE_H
#define CORDON_CALL_PRIVATE_H

#include "base/container.h"
#include "call/call.h"
#include "identity/identity.h"
#include "policy/passage.h"
#include "sdp/sdp_edit.h"
#include "sip/capability.h"
#include "sip/draft.h"
#include "sip/grammar.h"
#include "sip/mime.h"
#include "sip/nameaddr.h"
#include "sip/value.h"
#include "trunk/route.h"
#include "trunk/watch.h"

enum leg_state {
#define LEG_STATE(id, name) LEG_##id,
#include "call/leg_states.def"
#undef LEG_STATE
	LEG_STATES
};

enum leg_event {
#define LEG_EVENT(id, name) EV_##id,
#include "call/leg_events.def"
#undef LEG_EVENT
	LEG_EVENTS
};

struct leg;

/* A blank cell (act NULL) is an event that is refused in that state. */
struct leg_rule {
	bool (*act)(struct leg *leg);
	enum leg_state next; /* entered when act returns true */
};
typedef struct leg_rule leg_table[LEG_STATES][LEG_EVENTS];

/* Of a leg whose INVITE we have cancelled, and of any whose dialog stands. */
#define LEG_CANCELLED_CELLS                                                    \
	[LEG_CANCELLING] = {                                                   \
		[EV_PROVISIONAL] = { callee_provisional_late,                  \
		    LEG_CANCELLING },                                          \
		[EV_ACCEPTED] = { callee_accepted_late, LEG_LEAVING },         \
		[EV_REFUSED] = { leg_nothing, LEG_GONE },                      \
		[EV_TIMEOUT] = { leg_nothing, LEG_GONE },                      \
		[EV_UNSENT] = { leg_nothing, LEG_GONE },                       \
		[EV_HANG_UP] = { leg_nothing, LEG_CANCELLING },                \
	}
#define LEG_CONFIRMED_CELLS                                                    \
	[LEG_UP] = {                                                           \
		[EV_NO_ACK] = { caller_not_acked, LEG_LEAVING },               \
		[EV_BYE] = { leg_peer_left, LEG_GONE },                        \
		[EV_HANG_UP] = { leg_send_bye, LEG_LEAVING },                  \
	},                                                                     \
	[LEG_LEAVING] = {                                                      \
		[EV_BYE] = { leg_nothing, LEG_LEAVING },                       \
		[EV_BYE_DONE] = { leg_nothing, LEG_GONE },                     \
		[EV_HANG_UP] = { leg_nothing, LEG_LEAVING },                   \
	},                                                                     \
	[LEG_GONE] = {                                                         \
		[EV_HANG_UP] = { leg_nothing, LEG_GONE },                      \
	}

#define TAG_MAX     48
#define CALL_ID_MAX 40

/* A text in the block of a dialog. */
struct dialog_text {
	uint16_t at;
	uint16_t n;
};

/* One dialog (RFC 3261 section 12). Its texts are read by dialog_call_id() and
 * so on, and written by dialog_store(): until then they are valid. */
struct dialog {
	char *block;
	struct dialog_text call_id;
	struct dialog_text local;  /* value of our From (as UAC) with our tag */
	struct dialog_text remote; /* the peer's, with its tag once known */
	struct dialog_text local_tag;
	struct dialog_text remote_tag; /* empty: not known yet */
	struct dialog_text target;     /* URI of the peer's Contact */
	struct dialog_text routes;     /* "Route" values in order */
	uint32_t local_cseq;           /* last one used */
	uint32_t remote_cseq;          /* last one seen; 0: none */
	struct net_path path;          /* where the dialog was made */
	bool ours;                     /* its Call-ID: we sent the INVITE */
};

#define DIALOG_TEXT(name)                                                      \
	static inline struct span dialog_##name(const struct dialog *dialog)   \
	{                                                                      \
		struct dialog_text text = dialog->name;                        \
                                                                               \
		return text.n == 0                                             \
		    ? SPAN_NONE                                                \
		    : span_make(dialog->block + text.at, text.n);              \
	}
DIALOG_TEXT(call_id)
DIALOG_TEXT(local)
DIALOG_TEXT(remote)
DIALOG_TEXT(local_tag)
DIALOG_TEXT(remote_tag)
DIALOG_TEXT(target)
DIALOG_TEXT(routes)
#undef DIALOG_TEXT

/* What the peer of a leg sent last, but for 100 and ACK. */
struct heard {
	uint8_t method;   /* enum sip_method */
	bool acked;       /* an ACK to a 2xx has come from it */
	uint16_t status;  /* 0: a request */
	uint32_t session; /* s: its last Session-Expires; 0: none */
	uint64_t at;      /* ms, monotonic; 0: it has sent nothing */
};

struct exchange;

/* What a message says of session timers (RFC 4028). */
struct session_terms {
	uint32_t expires;  /* s; 0: asks for none, or grants none */
	uint32_t minimum;  /* s; 0: not said */
	uint8_t refresher; /* SIP_REFRESHER_... */
	bool timer;        /* the peer supports them */
	bool allow_known;  /* it has an Allow */
	bool update;       /* with UPDATE */
};

/* The session timer of a leg, or the OPTIONS that stand for one. */
struct refresh {
	struct timer timer;
	struct leg *leg;
	slab_handle handle;
	uint64_t ends;     /* ms, monotonic: when we give up without a refresh */
	uint32_t interval; /* s; 0: no session timer is in force */
	uint32_t minimum;  /* s: Min-SE of the peer's 422; 0: none */
	bool ours;         /* we refresh, the peer does not */
	bool update;       /* the peer allows UPDATE */
	bool no_update;    /* and has refused it all the same */
	uint8_t misses;    /* OPTIONS without an answer, in a row */
};

/* What the INVITE of a callee's leg says otherwise once it is sent again. */
struct attempt {
	uint8_t n;     /* how often it was */
	uint8_t tried; /* a bit a row of the table in attempt.c */
	struct span without; /* option tags left out, as the 420 has them; owned */
	uint32_t supported;  /* option tags that it has to see, for 421 */
};

/* One of the early dialogs that an INVITE of ours has. */
struct fork {
	uint32_t tag;    /* hash of its To tag */
	uint32_t rseq;   /* of the last reliable response; 0: none */
	bool update;     /* which allows UPDATE */
	struct span sdp; /* the answer in one of those; owned */
	struct dialog *dialog; /* which they make; NULL: none was reliable; owned */
};
#define FORKS_KEPT 8

/* What a leg needs until the call is answered, and most do not. */
struct early {
	struct leg *leg;
	struct timer ringing; /* of the caller: our own 180 */
	struct timer silence; /* of the callee: another one could be asked */
	/* Of the caller: its INVITE wants its provisionals acknowledged. */
	bool reliable;
	bool required; /* it would not take any other */
	bool waiting;  /* for the PRACK to the last one */
	bool answered; /* it has the answer to its offer, and has said so */
	bool with_sdp; /* which carried one */
	bool held_sdp; /* `held` has one */
	uint32_t rseq; /* of the last one */
	uint32_t cseq; /* of the INVITE */
	uint32_t interval;
	uint64_t deadline;
	struct timer again;
	struct span held; /* the response that goes next, as it came; owned */
	/* Of the callee. */
	unsigned passed; /* of the caller: early dialogs of targets that failed */
	unsigned pracks; /* reliable responses so far */
	unsigned forks_n;
	struct fork forks[FORKS_KEPT];
};

/*
 * One side of a call. Legs are found by their own handle (it stands
 * in our tag and owns their transactions), so that one can change
 * its partner, or its call.
 */
struct leg {
	enum leg_state state;  /* written by leg_step() only */
	enum journal_leg side; /* its name in the journal, and nothing else */
	uint16_t once;         /* bits of note_once */
	bool bye_repeated;
	bool no_update;        /* its peer has refused one for its method */
	bool counted;          /* among its trunk's calls */
	bool discarded;        /* waits for calls_reap() */
	uint32_t nonce;        /* in our tag */
	const leg_table *table;
	slab_handle handle;
	struct call *call;
	struct leg *next;      /* of the call, or of calls->dead_legs */
	struct leg *other;     /* whom it talks to; NULL: nobody (any more) */
	struct trunks *trunks; /* that know its trunk; a reference */
	struct trunk *trunk;
	struct route_place place; /* where it stands among the targets of a call */
	const struct policy_response *word; /* on its failure; NULL: none */
	struct exchange *invite; /* that makes its dialog; NULL once acknowledged */
	struct attempt *attempt; /* NULL: its INVITE was sent once */
	struct early *early;     /* NULL: nothing of that */
	uint32_t first_fork;     /* hash of the first To tag that rang; 0: none */
	uint32_t media_fork;     /* of the first one whose SDP was shown */
	struct refresh *refresh; /* NULL: it never had a timer */
	client_tx bye;
	struct dialog dialog;
	struct heard heard;
	struct span sdp;       /* its peer's session description in force; owned */
	struct span privacy;   /* that its peer asked for as it called; owned */
	uint32_t told;         /* fingerprint of the one that its peer has of us */
	uint32_t offered;      /* and of our offer that is not answered yet */
	struct origin *origin; /* session.c; NULL: that of whom it talks to */
	struct subscription *subscription; /* refer.c; NULL: it asked for nothing */
};

enum exchange_state {
	EXCHANGE_PENDING, /* from the start: waits for the final response */
	EXCHANGE_ANSWERED /* INVITE: 2xx passed, waits for the ACK */
};

/* What becomes of a request that we made ourselves. Each of these ends with
 * exchange_close(), at once or later. */
struct exchange_ops {
	void (*response)(struct exchange *x); /* the one at hand, but no 100 */
	void (*lost)(struct exchange *x);     /* no final response in time */
	void (*unsent)(struct exchange *x);   /* its connection is gone */
};

/*
 * A request that passes from one leg to the other, and its response back; or
 * one of our own. INVITE, the first one and each re-INVITE, also has an ACK.
 */
struct exchange {
	enum exchange_state state;
	enum sip_method method;
	bool first;       /* an INVITE that makes a dialog */
	bool offer;       /* the request carried an offer */
	bool as_invite;   /* an UPDATE, which goes on as a re-INVITE */
	bool late;        /* it carried none, and `from` gets one of ours: offer.c */
	bool mute;        /* a provisional would have to be reliable: none passes */
	bool ack_waits;   /* the ACK to `to` needs the answer in the one of `from` */
	const struct exchange_ops *ops; /* of our own; NULL: it passes */
	struct exchange *next; /* of the call */
	slab_handle handle;
	struct leg *from; /* NULL: our own */
	struct leg *to;
	server_tx server;
	client_tx client;
	uint32_t server_cseq;
	uint32_t client_cseq;
	char *target;     /* from's new Contact, in force once it is accepted */
	struct span sdp;  /* from's offer, likewise; owned */
	struct session_terms terms; /* of from's request */
	struct timer patience;      /* INVITE: with a peer that said 1xx */
};

/* At once in one call: more are refused. Digits in INFO come faster than they
 * are answered where the way is long, or one was lost. */
#define CALL_EXCHANGES 16

/* Entries that stand in the journal once a call and leg. */
enum note_once {
	ONCE_CONTACT,      /* our Contact for the peer's private one */
	ONCE_FQDN,         /* our Contact carries the trunk's FQDN */
	ONCE_ACK_TARGET,   /* the ACK goes by Contact and route set */
	ONCE_FOREIGN,      /* private addresses of the peer left as they are */
	ONCE_VIA,          /* stacked Vias are echoed */
	ONCE_REQUIRE,      /* extensions that its peer requires */
	ONCE_FORKED,       /* several early dialogs */
	ONCE_RINGING,      /* 180 for 183, or the other way */
	ONCE_ORPHAN,       /* a Session-Expires without Supported: timer */
	ONCE_KINDS
};

struct call {
	struct calls *calls;
	slab_handle handle;
	uint64_t id; /* as people see it */
	struct trunks *trunks;
	struct leg *legs;   /* all of them */
	struct leg *caller; /* at this end now */
	struct leg *callee; /* and at the other */
	struct exchange *exchanges;
	struct transfer *transfer; /* under way, or NULL */
	struct settling *settling; /* offer.c; NULL: both sides agree */
	uint8_t transfers;  /* how many there were */
	uint8_t joined;     /* and how many of them were done */
	struct {
		uint32_t asked, passed; /* its CSeq on both sides; 0: none */
	} refer;            /* the last one that was the other side's business */
	struct span invite; /* that the callee is asked by: as it came, or as a
			     * redirection has made it; owned */
	struct redirect *redirect; /* redirect.c; NULL: nobody redirected it */
	struct advance *advance; /* advance.c; NULL: one target was asked */
	uint32_t retry_after; /* s, in a 503 of ours; 0: as configured */
	enum end_reason reason;
	struct policy_refusal refusal; /* of END_POLICY */
	struct {
		uint16_t q850, sip; /* 0: none */
	} cause;              /* that a peer gave for the end */
	unsigned status;      /* final response that the caller got, or 0 */
	uint64_t started;     /* ms, monotonic */
	uint64_t started_wall; /* us since 1970 */
	uint64_t answered;    /* ms, monotonic; 0: not */
	struct timer ring;    /* timer C; once answered, the longest duration */
	uint32_t max_forwards;
	uint32_t rewrites;
	bool dead;            /* on the list of calls_reap() */
	struct call *next_dead;
	struct edit_seen seen;
	enum policy_call kind;
	uint64_t ended;       /* ms, monotonic: call_end(); 0: not yet */
	char *evidence;       /* what a peer said of the failure; NULL: nothing */
	char *numbers;        /* block of the next two */
	struct span from;
	struct span to;
	struct parties *parties; /* NULL: nobody else came in */
	struct memory_chain chain;
};

/* The message that is being worked on. Valid until calls_receive() returns. */
struct arrival {
	const struct sip_message *msg;
	const struct sip_view *view;
	const struct net_path *path;
	struct trunk *trunk;
	uint32_t lag;
};

struct queued_event {
	slab_handle leg;      /* 0: for the transfer */
	slab_handle transfer; /* the call that has it */
	unsigned event;       /* enum leg_event or transfer_event */
};
#define QUEUE_MAX  64
#define BEFORE_MAX 8
#define LABEL_MAX  64

struct calls {
	struct calls_deps deps;
	struct transactions *transactions;
	struct watch *watch; /* owners of its transactions: WATCH_OWNER */
	struct trunks *trunks;
	struct trunks *before[BEFORE_MAX]; /* with calls still; newest first */
	struct slab slab;      /* of calls */
	struct slab legs;
	struct slab exchanges;
	struct slab refreshes;
	struct arrival arrival; /* msg NULL: nothing is being worked on */
	struct queued_event queue[QUEUE_MAX];
	unsigned queue_n;
	bool running_queue;
	bool draining;
	struct bucket complaints; /* entries about sources that nobody knows */
	char label[LABEL_MAX];    /* "200 INVITE", of the entry at hand */
	struct call *dead;
	struct leg *dead_legs; /* whose calls live on */
	struct calls_counters counters;
	struct sip_message msg;
	struct sip_message kept; /* an INVITE that is worked on once more */
	struct sip_view kept_view;
	struct sip_draft draft;
	struct net_path draft_path; /* of the request being composed */
	uint32_t draft_cseq;
	enum sip_method draft_cseq_method; /* of the response being composed */
	struct sdp sdp;
	struct sdp other_sdp;
	struct sdp_edits edits;
	char out[SIP_MESSAGE_MAX]; /* what is written; scratch before that */
};

/* --- call.c --- */
void call_create(struct calls *calls, server_tx tx);
/* One call more of its trunk, until the leg is gone. */
void leg_count(struct leg *leg);
void leg_uncount(struct leg *leg);
struct call *call_find(struct calls *calls, slab_handle handle);
void call_free(struct call *call);
/* Ends the call: idempotent, the first reason stays. Both legs leave as their
 * state tells. */
void call_end(struct call *call, enum end_reason reason);
void call_finish_if_gone(struct call *call);
/* It is answered: no longer than it may last. */
void call_limit(struct call *call);
/* That leg has come into an answered call: no longer than
 * its trunk allows from now on. */
void call_limit_by(const struct leg *leg);
/* A leg more for that call, born in that state; NULL: no room. */
struct leg *leg_create(struct call *call, enum journal_leg side,
    const leg_table *table, enum leg_state born);
void leg_free(struct leg *leg);
/* A leg that is gone and no end of its call any more
 * is forgotten; others stay. */
void leg_retire(struct leg *leg);
bool leg_is_end(const struct leg *leg);
/* Takes a leg out of its call; freed by calls_reap(). */
void leg_discard(struct leg *leg);
/* The leg of that handle, NULL when it or its call is gone. */
struct leg *leg_find(struct calls *calls, slab_handle handle);
/* A trunk of that snapshot, which need not be the one
 * that the call began with. */
void leg_set_trunk(
    struct leg *leg, struct trunks *trunks, struct trunk *trunk);
/* These two talk to each other from now on. */
void legs_join(struct leg *a, struct leg *b);
/* Queues an event; it runs when the action at hand has ended. */
void leg_raise(struct leg *leg, enum leg_event event);
void calls_run_queue(struct calls *calls);
uint64_t call_now(const struct call *call);
/* Tells who follows the calls: "start", "answer", "transfer", "end". */
void call_tell(const struct call *call, const char *what);

/* --- leg.c --- */
extern const leg_table caller_table, callee_table;
/* False: a blank cell. The event is counted and nothing else happens. */
bool leg_step(struct leg *leg, enum leg_event event);
const char *leg_state_name(enum leg_state state);
const char *leg_event_name(enum leg_event event);

/* --- caller.c --- */
bool caller_ring(struct leg *leg);
bool caller_ring_here(struct leg *leg);
bool caller_answer(struct leg *leg);
/* 200 of our own: who takes the callee's place will be asked for
 * media when the ACK has come. */
bool caller_answer_here(struct leg *leg);
bool caller_fail(struct leg *leg);
bool caller_cancelled(struct leg *leg);
bool caller_left_early(struct leg *leg);
bool caller_refuse(struct leg *leg);
bool caller_acked(struct leg *leg);
bool caller_not_acked(struct leg *leg);

/* --- callee.c --- */
bool callee_invite(struct leg *leg);
/* The INVITE that made the call once more, as leg->attempt wants it, in a
 * transaction of its own: Call-ID and From tag stay, CSeq is one more. */
bool callee_again(struct leg *leg);
bool callee_provisional(struct leg *leg);
bool callee_provisional_late(struct leg *leg);
bool callee_accepted(struct leg *leg);
/* The dialog of the 2xx at hand, and its ACK where it can go at once. False: no
 * memory. */
bool callee_confirm(struct leg *leg);
bool callee_refused(struct leg *leg);
bool callee_timeout(struct leg *leg);
bool callee_unsent(struct leg *leg);
/* 100 to the caller. */
void callee_tell_trying(struct call *call);
/* The failure at hand of the callee goes to the caller, and ends the call. */
void callee_relay_failure(struct leg *leg, enum end_reason reason);
bool callee_cancel(struct leg *leg);
bool callee_taken(struct leg *leg); /* the same: somebody else has answered */
bool callee_accepted_late(struct leg *leg);
/* What a caller cannot be told as it is: a challenge is meant for us, and a
 * redirection names addresses behind us. END_NONE: it can. */
enum end_reason callee_own_reason(unsigned status);
/* ACK and BYE for a 2xx that nobody waits for; `asked`: the leg
 * whose INVITE it was for, or NULL. */
void callee_decline(
    struct calls *calls, const struct leg *asked, client_tx tx);

/* --- hangup.c --- */
bool leg_nothing(struct leg *leg);
bool leg_send_bye(struct leg *leg);
bool leg_repeat_bye(struct leg *leg);
bool leg_peer_left(struct leg *leg);

/* --- exchange.c --- */
struct exchange *exchange_by_client(struct call *call, client_tx tx);
struct exchange *exchange_by_server(struct call *call, server_tx tx);
/* One more, pending, at work for `from` and `to`; NULL: as many wait as may. */
struct exchange *exchange_open(
    struct leg *from, struct leg *to, enum sip_method method);
/* Begins the draft of a request of our own; its body and fields are added, then
 * it is sent. NULL: it cannot be made now. */
struct exchange *exchange_begin(struct leg *to, enum sip_method method,
    const struct exchange_ops *ops);
/* 0, or a negative errno and the exchange is closed: its ops are not called. */
int exchange_send(struct exchange *x);
/* The offer of x->sdp, which x->from has said, in a request of that method.
 * False: a policy refuses it, or it could not be sent. */
bool exchange_send_offer(struct exchange *x, enum sip_method method);
/* A request inside a dialog that goes to the other leg. */
void exchange_request(struct leg *from, server_tx tx);
/* The response at hand to a request that we passed on. */
void exchange_response(struct exchange *x);
/* The response at hand goes back to who sent the request. */
bool exchange_pass_response(struct exchange *x);
/* There will be none: no answer in time. */
void exchange_lost(struct exchange *x);
/* It could not be sent, or its connection is gone: the call goes on. */
void exchange_unsent(struct exchange *x);
/* The ACK at hand, of that leg. */
void exchange_ack(struct leg *from);
/* The client transaction is over: nothing more comes from it. */
void exchange_forget_client(struct exchange *x);
/* Frees it; a request that waits for an answer gets 487, one that we sent is
 * forgotten. */
void exchange_close(struct exchange *x);
void exchange_close_all(struct call *call);
/* The INVITE to that leg, which rings, is our own from now on, and goes with it
 * into `call`; who called it waits for `stand_in` instead. False without
 * memory: all is as before. */
bool exchange_split(struct leg *leg, struct leg *stand_in, struct call *call);
/* The call is gone: nothing of it is sent again. */
void exchange_drop_all(struct call *call);
/* A 2xx whose ACK still waits for the other side's answer gets it now, without
 * one. */
void exchange_flush_ack(struct leg *leg);
/* ACK to the 2xx that is being worked on, or (`body` of) the late one. */
void exchange_send_ack(struct exchange *x, struct span to_tag, bool with_body);
/* Offers that, which `from` has said, to the leg by a re-INVITE of ours. False:
 * it cannot be made, or not be sent. */
bool exchange_offer(struct leg *to, struct leg *from, struct span sdp,
    const struct exchange_ops *ops);
/* The 2xx at hand to such an offer: what it says is in force, it gets its ACK,
 * and the exchange is closed. */
void exchange_accept(struct exchange *x);
/* ACK to a 2xx that brought an offer, with the session
 * of `from` for an answer. */
void exchange_answer_in_ack(
    struct exchange *x, struct leg *from, struct span to_tag);
/* The same for the 2xx at hand to a re-INVITE whose exchange is over. */
void exchange_acknowledge(struct leg *leg, client_tx tx);
/* One of our own goes with its leg to another call; before the leg does. */
void exchange_move(struct exchange *x, struct call *call);
/* True while an INVITE or UPDATE of that leg, either way, is not over. */
bool exchange_session_pending(const struct leg *leg);
/* True while an offer to or from that leg, or whom it talks to, is not over. */
bool exchange_offer_pending(const struct leg *leg);
/* An offer of ours has to wait for an exchange under way:
 * looked again after that. */
#define OFFER_BUSY_MS 200
/* Offers of ours that met one of the peer's (491), before it is given up. */
#define OFFER_GLARES_MAX 5
/* How long to wait after a 491 (RFC 3261 section 14.1). */
uint64_t exchange_glare_ms(const struct leg *leg);
/* RFC 3261 section 12.2.1.2: the statuses that say that the dialog is no
 * more. */
bool exchange_loses_dialog(unsigned status);
/* Whatever that leg has part in: it is gone. What it offered to a leg that
 * stays is brought to its end (join.c). */
void exchange_close_leg(struct leg *leg);

/* --- attempt.c --- */
/* Keeps the INVITE at hand, which made the call. False without memory. */
bool attempt_keep(struct call *call);
void attempt_drop(struct call *call);
/* Makes an INVITE, as if it came by the trunk of `from` now, the message at
 * hand; *before goes to attempt_end(), also after a false: it cannot be read,
 * or is not kept any more. */
bool attempt_begin(
    struct leg *from, struct span invite, struct arrival *before);
void attempt_end(struct calls *calls, const struct arrival *before);
/* True when the failure at hand, of a callee's INVITE, is to be met by another
 * INVITE (EV_AGAIN), and leg->attempt says what is different in it. */
bool attempt_wanted(struct leg *leg);
/* What is different, into the draft, behind the policies. */
void attempt_apply(struct leg *leg);
void attempt_free(struct leg *leg);

/* --- choose.c --- */
/* The first target from leg->place on that may be asked now, for that number
 * and who wants it. END_NONE when the leg has its trunk and path, and is
 * counted; else why the first of them may not. */
enum end_reason leg_route(struct leg *leg, struct span number);
/* The same for a leg that is to be asked instead of that one, whose place
 * among its trunk's calls may be the one that the new leg needs: it has it
 * back where there is no target. */
enum end_reason leg_route_instead(
    struct leg *new, struct leg *old, struct span number);
/* Is there a target behind that one, whether it may be asked now or not? */
bool leg_has_next(const struct leg *leg);
/* Is there one at all for that number, of who asks by now? */
bool call_has_route(const struct call *call, struct span number);
/* The number that the call is asked by now: the one of
 * before, or a redirection's. */
struct span call_number(const struct call *call);
/* A call asks for its callee, once it is answered for the target of a
 * transfer: who wants it, ... */
struct leg *call_asker(const struct call *call);
/* ... the number that was wanted at first, ... */
struct span call_wanted(const struct call *call);
/* ... and the INVITE for it. */
struct span *call_invite(struct call *call);
/* Is it that leg which is asked? */
bool leg_is_asked(const struct leg *leg);
/* The new leg is asked instead of the old one. */
void leg_replace_asked(struct leg *old, struct leg *new);

/* --- advance.c --- */
/* The failure at hand of the leg's INVITE: what policies say of it is
 * noted, and has its effect on the trunk. True when the same peer
 * shall not be asked again. */
bool advance_hear(struct leg *leg);
/*
 * That callee's INVITE has failed: by the response at hand, or (lost) without
 * one, for *reason. True when somebody else is asked instead; else *reason is
 * what the call ends with.
 */
bool advance_refused(struct leg *leg, enum end_reason *reason);
bool advance_lost(struct leg *leg, enum end_reason *reason);
/* Before the failure at hand, or none, ends the call: true when an earlier one
 * says more, and the call has ended with that. */
bool advance_ends(struct leg *leg, bool at_hand);
/* The new leg is asked instead of the old one, which has no
 * part in the call any more. */
void advance_take_place(struct leg *old, struct leg *new);
/* Of the call, as the INVITE at hand has it: a
 * transferred, a diverted one, ... */
enum policy_call advance_kind(const struct call *call);
/* The INVITE of a leg that is asked instead of another. */
bool advance_invite(struct leg *leg);
/* A leg that nobody has answered, and its clock. */
void advance_expect_answer(struct leg *leg);
void advance_heard(struct leg *leg);
bool advance_silent(struct leg *leg);
/* Its refusal may yet go to the caller. */
bool advance_keeps(const struct leg *leg);
void advance_drop(struct call *call);

/* --- redirect.c --- */
/*
 * That callee's INVITE has failed, for *reason, or END_NONE for the failure at
 * hand. True when another number that a redirection named is asked instead;
 * else *reason is what the call ends with.
 */
bool redirect_goes_on(struct leg *leg, enum end_reason *reason);
/* A number is left that was named and not asked yet. */
bool redirect_has_next(const struct call *call);
/* The caller has acknowledged the answer in a provisional response: another
 * callee could not be put in that one's place. */
bool redirect_is_barred(const struct leg *leg);
/* Where the 3xx at hand says that the caller should go, into the draft. */
void redirect_add_contacts(struct leg *caller);
void redirect_drop(struct call *call);

/* --- early.c --- */
/* The leg's, made where there was none; NULL without memory. */
struct early *early_of(struct leg *leg);
void early_free(struct leg *leg);
/* The callee is asked once more: what rang before means nothing. */
void early_forget(struct leg *leg);
/* A provisional of the callee is at hand: which fork is it? */
void early_heard(struct leg *leg);
/* How the provisional at hand is shown to a caller. */
struct early_form {
	unsigned status;
	struct span reason;
	bool body;
	unsigned fork; /* 0: the first, or all of them */
};
struct early_form early_form(struct leg *leg);
void early_drop_body(struct sip_draft *draft);
/* Our tag toward the caller for that fork. */
struct span early_tag(
    const struct leg *leg, unsigned fork, char buf[static TAG_MAX]);
/* Is it such a tag of a call that is not answered yet? */
bool early_has_tag(const struct leg *leg, struct span tag);
/* The early dialog that the response at hand belongs to; NULL: no room. */
struct fork *early_fork(struct leg *leg);
/* The one whose SDP the caller has; NULL: it has none, or of no reliable
 * one. */
struct fork *early_media_fork(struct leg *leg);
/* The caller's dialog gets the tag of the fork that has answered. False without
 * memory. */
bool early_settle(struct leg *leg);
/* The same for an answer of our own: where the caller has seen a session
 * description of the callee, in a dialog that none of those is of. */
bool early_settle_apart(struct leg *leg);
/* Has a callee rung with that tag? */
bool early_knows(const struct leg *leg, struct span tag);
/* Starts the clock for our own 180, where the trunk wants one. */
void early_expect_ringing(struct leg *leg);
/* Another callee than that one is asked: what the caller sees next is
 * no early dialog of before. */
void early_turn(struct leg *caller, struct leg *old);

/* --- reliable.c --- */
/* The INVITE at hand, of that leg: does it want reliable provisionals? False
 * without memory. */
bool reliable_begin(struct leg *leg);
/* May a response go to that caller now? One that may not is kept,
 * the newest, or left out. */
bool reliable_ready(struct leg *leg);
/* True while an answer to its INVITE waits for a PRACK: no other can be
 * given. */
bool reliable_answers(const struct leg *leg);
/* Makes the provisional in the draft a reliable one; to
 * be told once it is sent. */
void reliable_mark(struct leg *leg);
void reliable_sent(struct leg *leg);
/* The PRACK at hand. */
void reliable_prack(struct leg *leg, server_tx tx);
/* What has waited for it, or for the answer to the offer in it, goes now. */
void reliable_release(struct leg *leg);
/* The leg's dialog becomes that of the fork, which is not its own until
 * the 2xx; and back again. */
void reliable_swap_dialog(struct leg *leg, struct fork *fork);
/* The provisional at hand of a callee: acknowledged where it has to
 * be. False: it is not news. */
bool reliable_heard(struct leg *leg);
/* The answer that the fork of the 2xx at hand gave before; taken over by the
 * caller of this. */
struct span reliable_take_answer(struct leg *leg);

/* --- early_offer.c --- */
/* The PRACK at hand, of a caller, brings an offer. */
void early_offer(struct leg *leg, server_tx tx);
/* True while such an offer is not answered. */
bool early_offer_pending(const struct leg *leg);

/* --- interval.c --- */
void interval_read(
    const struct sip_message *msg, struct session_terms *terms);
/* May the request at hand have the timer that it asks for? False: it has been
 * refused with 422. `leg` NULL: outside of any call. */
bool interval_check(struct calls *calls, struct leg *leg, server_tx tx);
/* Journals a Session-Expires of the request at hand that asks for nothing. */
void interval_note_orphan(struct leg *leg);
/* The next INVITE or UPDATE to that leg asks for a timer. */
bool interval_is_asked(const struct leg *leg);
/* Adds what is asked for, to an INVITE or UPDATE. */
void interval_ask(struct leg *leg);
/* Adds what is granted, to the 2xx for a request with these terms: the leg's
 * timer starts, or there is none any more. */
void interval_answer(struct leg *leg, const struct session_terms *terms);
/* The same for the 2xx at hand, to an INVITE or UPDATE of ours. */
void interval_accepted(struct leg *leg);
/* The 422 at hand wants a longer interval than it was asked for: the next
 * request will. False: it does not say so. */
bool interval_demanded(struct leg *leg);

/* --- refresh.c --- */
/* Made where there is none; NULL without memory: the leg goes without a
 * timer. */
struct refresh *refresh_of(struct leg *leg);
void refresh_free(struct leg *leg);
/* A session timer is in force. */
bool refresh_is_on(const struct leg *leg);
/* A refresh has just been. */
void refresh_start(struct leg *leg, uint32_t interval, bool ours,
    const struct session_terms *terms);
/* No timer is in force from now on. */
void refresh_stop(struct leg *leg);
/* The 2xx at hand, to an INVITE or UPDATE of ours. */
void refresh_accepted(struct leg *leg);
/* True when the request at hand only refreshes the session of that leg: it has
 * been answered, and the other leg hears nothing. */
bool refresh_request(struct leg *leg, server_tx tx);

/* --- restate.c --- */
/* The draft goes to that leg, with the session description that it has. */
void restate_told(struct leg *leg);
/* An INVITE or UPDATE to that leg was accepted. */
void restate_accepted(struct leg *leg);
/* The session description that the leg's peer has of us, into the draft. It
 * has to be what was sent before, byte for byte: *same. False: there is
 * none, or a policy refuses it. */
bool restate_add(struct leg *leg, bool *same);
/* It was not the same: it gets the next version. False: it cannot be sent. */
bool restate_raise(struct leg *leg);
/* The peer's answer to it is at hand: where its media has
 * moved, the other side is told. */
void restate_answered(struct leg *leg);

/* --- extension.c --- */
/* What we do ourselves on any leg whose peer requires it. */
#define EXTENSIONS_OURS                                                        \
	(SIP_OPTION_BIT(SIP_OPTION_100REL) |                                   \
	    SIP_OPTION_BIT(SIP_OPTION_NOREFERSUB) |                            \
	    SIP_OPTION_BIT(SIP_OPTION_REPLACES) |                              \
	    SIP_OPTION_BIT(SIP_OPTION_TIMER))
/* False: the request at hand requires what nobody here does, and has been
 * refused with 420. `passes`: it may go on to the other leg. */
bool extension_check(
    struct calls *calls, struct leg *leg, server_tx tx, bool passes);
/* What Supported says to that trunk. */
uint32_t extension_supported(const struct trunk *trunk);
/* Supported, and Require, into the draft: what is true of that leg. */
void extension_tell(struct leg *leg);
/* What the request at hand requires: what we do ourselves ends here, the
 * rest goes into Supported. */
void extension_pass(struct leg *from, struct leg *to);
/* Does the message at hand require reliable provisional responses? */
bool extension_requires_100rel(const struct calls *calls);
/* Takes the option tags of that list out of a list field of the draft. */
void extension_remove(
    struct sip_draft *draft, enum sip_header id, struct span tags);

/* --- update.c --- */
/* An UPDATE with an offer that its receiver does not
 * allow: it goes as a re-INVITE. */
bool update_needs_invite(const struct exchange *x);
void update_note(struct exchange *x);
/* The response at hand to such a re-INVITE. False: it is
 * for the UPDATE as it is. */
bool update_response(struct exchange *x);

/* --- offer.c --- */
/* Adds an offer to the INVITE in the draft, where it has none and needs one. */
void offer_add(struct leg *leg);
/* The ACK at hand, of that leg, answers an offer of ours. `first`: to the
 * INVITE that made the call. */
void offer_answered(struct leg *leg, bool first);
/* True while the two ends are not told of each other yet. */
bool offer_pending(const struct call *call);
/* True when the request at hand is a re-INVITE without an offer that has been
 * answered with one: the other side shall not see it. */
bool offer_request(struct leg *leg, server_tx tx);
/* Both have just agreed by themselves, or the call ends. */
void offer_drop(struct call *call);
/* The same where that leg has part in it: it is gone. */
void offer_forget(struct leg *leg);

/* --- convert.c --- */
/* The session in the draft at hand, which `from` has said, for the peer of
 * `to`: hold, and the number of m-lines. False: it must not be sent. */
bool convert_session(struct leg *from, struct leg *to);

/* --- session.c --- */
/* The draft at hand describes a session, and is nothing else. */
bool session_in_draft(const struct calls *calls);
/* Does it bring a session description, alone or beside something else? */
bool session_is_in(const struct sip_message *msg);
/* A copy of the session description in it, to be freed with span_free(); empty:
 * there is none, or no memory. */
struct span session_copy(const struct sip_message *msg);
/* Makes the draft at hand carry it. */
void session_add(struct leg *to, struct span sdp);
/* A copy in which nobody is on hold; owned. Empty: unreadable, or no memory. */
struct span session_live(struct calls *calls, struct span sdp);
/* The same in everything but who wrote it. */
bool session_same(struct calls *calls, struct span a, struct span b);
/* And, a direction that is not said is sendrecv. */
bool session_means_same(struct calls *calls, struct span a, struct span b);
uint64_t session_fingerprint(const struct leg *leg);
/* Before somebody else's session than until now is offered to the
 * leg's peer: from now on it is one with that of before (RFC 3264
 * section 8). False: no memory. */
bool session_own(struct leg *leg);
/* The same, where the draft at hand is what it gets first. */
bool session_own_draft(struct leg *leg);
/* Makes the session in the draft at hand, for that leg, so; false: it
 * cannot. */
bool session_sign(struct leg *leg);
/* The draft at hand is not what the leg's peer had of us before: its
 * session gets a version that says so, and from now on versions of
 * its own. False: no memory. */
bool session_raise(struct leg *leg);
void session_disown(struct leg *leg);
/* In force for the leg's peer from now on; takes `sdp` over. Empty: as it
 * was. */
void session_set(struct leg *leg, struct span sdp);

/* --- refer.c --- */
void refer_request(struct leg *leg, server_tx tx);
/* The REFER in the draft goes on to that leg: a target that names us on the
 * side of `from` is one that is called by the leg's trunk. */
void refer_address(const struct leg *from, struct leg *to);
/* The NOTIFY in the draft goes on: it names its REFER by the CSeq that this
 * had where it came from. */
void refer_name_event(struct call *call);
/* NOTIFY: of a REFER that was passed on. */
void refer_notify(struct leg *leg, server_tx tx);
/* The failure at hand, of that leg, is the answer to a REFER passed on. */
void refer_refused(struct leg *leg);
/* The leg is gone: nobody is left to be told anything. */
void refer_forget(struct leg *leg);

/* --- transfer.c, replaces.c; more in transfer.h --- */
/* An INVITE that wants the place of another leg, by its Replaces. */
void replaces_invite(struct calls *calls, server_tx tx);
/* True when that leg's hanging up is a transfer's
 * business, and not the call's end. */
bool transfer_leaves(struct leg *leg);
/* The same of a target that is not joined yet. */
bool transfer_loses_target(const struct leg *leg);
/* An INVITE or UPDATE whose sender is gone, and who got it stays in
 * the call: becomes one of our own, that only waits for its end.
 * False: it is not such a one. */
bool join_leave_behind(struct exchange *x);
/* True when an offer of that leg would cross the transfer. */
bool transfer_crosses(const struct leg *leg);
/* True while that leg talks to nobody because a transfer is under way: what
 * it asks for has to wait. */
bool transfer_holds(const struct leg *leg);
/* The call ends. */
void transfer_end(struct call *call);
void transfer_drop(struct call *call);

/* --- dialog.c --- */
struct dialog_parts {
	struct span call_id, local, remote, local_tag, remote_tag;
	struct span target, routes;
};
/* Replaces what the dialog holds by copies; parts may lie in the old block.
 * False without memory, and for more than a message holds: it is as before. */
bool dialog_store(struct dialog *dialog, const struct dialog_parts *parts);
struct dialog_parts dialog_parts(const struct dialog *dialog);
void dialog_fini(struct dialog *dialog);
/* The URI of the first Contact; empty when there is none that requests can be
 * sent to (RFC 3261 section 8.1.1.8). */
struct span dialog_contact(const struct sip_view *view);
/* As UAS, from a request; as UAC, from a response. */
bool dialog_from_request(struct leg *leg, const struct sip_message *msg,
    const struct sip_view *view);
bool dialog_from_response(struct leg *leg, const struct sip_message *msg,
    const struct sip_view *view);
/* The peer's Contact of a re-INVITE, UPDATE or their 2xx (target refresh). */
bool dialog_refresh_target(struct dialog *dialog, const struct sip_view *view);
/* The same in two steps, for a request that may yet be refused (section
 * 12.2.2): a copy where it is another one, else NULL. */
char *dialog_new_target(
    const struct dialog *dialog, const struct sip_view *view);
bool dialog_set_target(struct dialog *dialog, struct span target);
/* Where the next request goes, and what stands in its start line: RFC 3261
 * section 12.2.1.1, strict routers too. */
struct dialog_route {
	struct span uri;
	struct span routes;
	struct net_path path;
};
struct dialog_route dialog_route(const struct dialog *dialog,
    const struct trunk *trunk, struct sip_draft *draft);
/* Our tag: call handle, leg and nonce. */
struct span leg_make_tag(struct leg *leg, char buf[static TAG_MAX]);
/* Is that what the leg's peer calls us by? */
bool leg_is_us(const struct leg *leg, struct span host);
/* The leg that a request inside a dialog is for; NULL: nobody's. */
struct leg *leg_by_request(struct calls *calls, const struct sip_view *view);

/* --- compose.c --- */
/*
 * Begins the draft of a request inside that dialog, with a client transaction
 * for it: Via, Max-Forwards, From, To, Call-ID, CSeq, Route, Contact. Ends with
 * compose_send(). 0: no memory.
 */
client_tx compose_request(
    struct leg *leg, enum sip_method method, struct span method_name);
/* Begins the draft of an ACK to a 2xx, which has no transaction. */
void compose_ack(struct leg *leg, uint32_t cseq, struct net_path *path);
/* Begins the draft of a response to a request of that method and CSeq. */
void compose_response(struct leg *leg, enum sip_method method, uint32_t cseq,
    unsigned status, struct span reason);
/* The INVITE of leg->invite, made from the one at hand, which came by
 * the trunk of `from`. False: a policy refuses it, or (refusal->text is
 * NULL) there is no memory. */
bool compose_invite(
    struct leg *from, struct leg *leg, struct policy_refusal *refusal);
/* Headers that pass to the leg that `leg` stands for, and the body. */
void compose_relay(struct leg *leg, const struct sip_message *msg);
/* Allow, Supported, User-Agent or Server: what we are. */
void compose_own(struct leg *leg);
/* Policies: in of the trunk it came from, out of the trunk it leaves by; then
 * the guard. False when the draft must not be sent: *refusal says why. */
bool compose_apply(struct leg *from, struct leg *to,
    struct policy_refusal *refusal);
/* The same for a BYE or ACK that we made ourselves: never refused. */
void compose_apply_rules(struct leg *leg);
/* The draft as bytes in calls->out. Empty: it must not be sent. */
struct span compose_write(struct leg *leg);
/* Writes and sends the draft that compose_request() began: by TCP when it is
 * too big for UDP and the trunk allows it. 0, *tx is then the transaction that
 * it went out in; or a negative errno, and there is none. */
int compose_send(struct leg *leg, client_tx *tx);

/* --- reason.c --- */
/* The message at hand, of that leg's peer, ends the call: the causes that its
 * Reason header gives are kept and noted. */
void reason_hear(struct leg *leg);
/* What a caller without a final response gets: the status that the peer's cause
 * stands for, `otherwise` without one. */
unsigned reason_status(const struct call *call, unsigned otherwise);
/* Appends ": user busy (Q.850 cause 17)", or nothing. */
void reason_describe(const struct call *call, struct text *t);
/* The Reason fields of the message at hand, into the draft; false without
 * any. */
bool reason_copy(struct calls *calls);
/* Into a BYE: the same; or, where it waited for an ACK, what was heard; or the
 * end that we decided, where it is a fault. */
void reason_add_to_bye(struct call *call);
/* Into a failure that says nothing of a cause: the one of its status. */
void reason_add_cause(struct sip_draft *draft, unsigned status);
/* The value for a CANCEL: of the message at hand, else of our end. */
#define REASON_MAX 512
struct span reason_of_cancel(
    const struct call *call, char buf[static REASON_MAX]);

/* --- refuse.c --- */
/* Final response of our own, with Warning and journal entry. `leg` is the one
 * that the request belongs to; NULL: outside of any call. */
void refuse(struct calls *calls, struct leg *leg, server_tx tx, unsigned status,
    enum diagnostic diagnostic, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* Sends the draft, the least that can be said: where even that does not fit,
 * the request is left without an answer. */
void answer_last(struct calls *calls, server_tx tx, struct span to_tag);
/* The value of a Warning header, RFC 3261 section 20.43. */
void warning_add(struct text *t, const struct trunk *trunk,
    enum diagnostic diagnostic, struct span text);
void answer_options(struct calls *calls, server_tx tx);
void add_allow(struct calls *calls, const struct trunk *trunk);
void add_server(struct calls *calls, const struct trunk *trunk);

/* --- ingress.c --- */
/* Answers the message at hand, if it may be answered, without a transaction;
 * the journal hears of it at a pace of its own. */
void refuse_stateless(struct calls *calls, enum diagnostic diagnostic,
    const struct sip_fault *fault);

/* --- request.c --- */
/* May the body of the request at hand be one that describes a session?
 * False: it has been refused. */
bool session_body_is_sound(struct calls *calls, struct leg *leg, server_tx tx);
/* 200 with nothing in it, to the request at hand. */
void answer_plain(struct leg *leg, server_tx tx);
extern const struct transaction_ops calls_transaction_ops;

/* --- evidence.c --- */
/* The message at hand came from the peer of that leg. Before it has an
 * effect. */
void evidence_hear(struct leg *leg);
/* "carrier 203.0.113.5:5060": trunk and address that the leg's requests go to. */
void evidence_add_peer(struct text *t, const struct leg *leg);
/* The peer of that leg refuses the INVITE by the message at hand: what it
 * said, and who, unless a policy has named it. Row ACS-06. */
void evidence_note_refusal(struct leg *leg);
/* The call is over: does the moment tell why (DLG-DROP-TIME)? */
void evidence_judge_end(struct call *call);

/* --- parties.c --- */
/* A transfer brings that leg in, or tries to: the call is known by it too, and
 * still by those who began it. */
void parties_bring(
    struct call *call, const struct leg *leg, struct span number);
/* It did not come: whoever a transfer brought in before is the one again. */
void parties_take_back(struct call *call);
/* The dialog of the leg that was brought in last has its Call-ID now. */
void parties_know_call_id(struct leg *leg);
/* The number of that leg's peer, or what stands for one; may be empty. */
struct span parties_number(const struct leg *leg);
/* Trunks, Call-IDs and numbers. */
void parties_tell(const struct call *call, struct memory_summary *s);
void parties_free(struct call *call);

/* --- notes.c --- */
/* A sink with everything about that leg's draft at hand filled in. */
struct record_sink leg_sink(struct leg *leg);
/* ": carrier 203.0.113.5:5060" where the call has ended because of the target
 * of its INVITE, which is not who the entry is of. */
void note_add_target(const struct call *call, struct text *t);
/* "BYE", or "486 INVITE": the message at hand. */
struct span note_label(const struct arrival *a, char buf[static LABEL_MAX]);
void note(struct leg *leg, const struct journal_entry *entry);
/* The same, once a call and leg. */
void note_once(struct leg *leg, enum note_once what,
    const struct journal_entry *entry);
/* A diagnosis of a request or call that a leg has part in; `leg` may be
 * NULL: of the trunk at hand. */
void note_diagnosis(struct calls *calls, struct leg *leg,
    enum diagnostic diagnostic, struct span target, struct span found,
    struct span reason);
void note_legs(struct leg *leg);
/* That it is one, and passes as it came. */
void note_emergency(struct leg *leg);
/* What our own Contact, Via and ACK cure by nature (TWI-14 to TWI-17,
 * ACS-14). */
void note_contact(struct leg *from, struct leg *to);
void note_vias(struct leg *leg);
void note_ack_target(struct leg *leg, const struct net_path *path);
void note_not_acked(struct leg *leg, unsigned sent);
/* A request to that leg's peer failed, before any answer. */
void note_unreached(struct leg *leg, enum diagnostic diagnostic,
    struct span method, struct span reason);
/* It was not sent: `error` is negative. */
void note_unsent(struct leg *leg, struct span method, int error);
/* The peer of that leg has lost the dialog, by the response at hand. */
void note_lost(struct leg *leg);
void note_end(struct call *call);
void call_summarize(const struct call *call, struct memory_summary *out);

#endif
