/*
 * agents.h - the peers of call_world.h as correct user agents
 * that answer by themselves
 *
 * Each dialog is one agent, named by its side. Messages are heard, and judged
 * by what a peer may rely on, as soon as they are sent; what an agent does
 * about them waits until agents_run(), so that a test can put other things in
 * between. Judged are: one final response a request, an ACK a 2xx, one answer
 * an offer, no offer into a pending one, nothing in a dialog that is over.
 */

#ifndef CORDON_T_REPLAY_AGENTS_H
#define CORDON_T_REPLAY_AGENTS_H

#include "call_world.h"

#define AGENT_ASKED 96
#define AGENT_HEARD 160
#define AGENT_TODO  64

/* A request of an agent, and what came back. */
struct agent_asked {
	enum sip_method method;
	unsigned cseq, branch;
	bool first; /* makes the dialog */
	bool offer; /* with a session description */
	bool cancelled;
	bool acked; /* INVITE: its 2xx was */
	bool retry_after;
	unsigned status; /* of the final response; 0: none yet */
	const struct replay_sent *final;
};

/* A request to an agent, and what it said. */
struct agent_heard {
	const struct replay_sent *sent;
	enum sip_method method;
	unsigned status;  /* of our final response; 0: none yet */
	unsigned version; /* of the session description in it; 0: none */
	bool offers;      /* our 2xx has an offer: the ACK brings the answer */
	bool acked;
};

/* Members marked * are a test's to set. */
struct agent {
	bool used;
	bool over;    /* a BYE has come, or ours was answered */
	bool left;    /* it has sent a BYE */
	struct agent_heard *rung; /* the INVITE that it said 180 to, or NULL */
	bool unanswered; /* an ACK brought no answer to its offer */
	bool rings;   /* * a call to it is not answered yet */
	bool slow;    /* * it says 100 to an INVITE at once, the rest later */
	bool mute;    /* * requests to it are lost */
	bool deaf;    /* * it does not send its ACKs yet */
	bool stays;   /* * it sends no BYE when its transfer is done */
	bool excused; /* * what it lost is not to be judged */
	/* Fields of its 2xx to INVITE and UPDATE, or NULL. */
	const char *grants;
	unsigned version; /* of its session description */
	struct agent_asked asked[AGENT_ASKED];
	struct agent_heard heard[AGENT_HEARD];
	unsigned asked_n, heard_n;
	const struct replay_sent *todo[AGENT_TODO];
	unsigned todo_n;
};

extern struct agent agents[PEERS];
/* False: deeds are not judged, for peers that are not correct; nor has what is
 * more than an agent holds to be done. */
extern bool agents_judge;

/* All of them new; a world has just begun. `what` names the case. */
void agents_begin(const char *what);

/* A call from that side; `fields` go before the offer. */
void agent_invite(enum side side, const char *fields);
/* A request inside its dialog: INVITE and UPDATE bring an offer unless
 * `bare`. */
struct agent_asked *agent_ask(
    enum side side, const char *method, const char *fields);
struct agent_asked *agent_ask_bare(
    enum side side, const char *method, const char *fields);
/* CANCEL of its last INVITE. */
void agent_cancel(enum side side);
/* Its last 2xx to an INVITE once more; false: it sent none. */
bool agent_repeat_2xx(enum side side);
/* The ACK to its last INVITE, which it held back. */
void agent_ack(enum side side);
/* The next thing that it has to do; false: nothing. */
bool agent_do_next(enum side side);
/* The same is lost, or a request is answered like that instead. */
void agent_lose_next(enum side side);
void agent_answer_next(enum side side, const char *status_line,
    const char *fields);
/* It may send an INVITE, or an UPDATE with an offer. */
bool agent_may_offer(enum side side);
/* It may hang up: its call is answered, and it did not do so yet. */
bool agent_may_leave(enum side side);
/* True while an INVITE, or an UPDATE with an offer, of that agent has no final
 * response; the second one while an INVITE has none. */
bool agent_offers(enum side side);
bool agent_invites(enum side side);
/* It has a dialog that is not over. */
bool agent_is_up(enum side side);

/* What was sent since is heard. */
void agents_hear(void);
/* Each does what it has to, the sides in order or (`last_first`) the other way
 * round, until nothing is left to do. */
void agents_run(bool last_first);
/* The same while that time passes. */
void agents_wait(uint64_t ms, bool last_first);
/* Whoever still rings answers. */
void agents_pick_up(void);

/*
 * The call is over, or its two ends can pass an INFO and then a BYE; and all
 * that is judged at an end holds.
 */
void agents_finish(bool last_first);

#endif
