/*
 * load.h - what the parts of the load generator share
 *
 * Caller and callee live in one process, on both sides of the program under
 * test, and share one record a call. The number of a call is in its Call-ID, in
 * its tags and in the number dialled, so neither side needs a table: a B2BUA
 * may replace the Call-ID, the callee then knows the call by the number.
 */

#ifndef CORDON_T_PEER_LOAD_H
#define CORDON_T_PEER_LOAD_H

#include "base/timer.h"
#include "peer/datagrams.h"

#define LOAD_T1      500   /* ms, RFC 3261 section 17.1.1.1 */
#define LOAD_T2      4000  /* ms */
#define LOAD_GIVE_UP 32000 /* ms, 64 * T1 */

#define LOAD_BIN_US 10 /* resolution of the delays */
#define LOAD_BINS   100000

struct load_options {
	struct address dut, caller, callee;
	double rate;       /* calls a second */
	double duration;   /* s */
	uint64_t count;    /* calls; 0: rate times duration */
	uint32_t hold;     /* ms */
	uint32_t drain;    /* ms to wait for the last calls */
	const char *mark;  /* written when all calls are up, or NULL */
	const char *until; /* calls are held until it exists, or NULL */
	bool show;         /* print the messages of the first call */
};

struct load_figures {
	uint64_t started, ok, failed, rejected, timeouts;
	uint64_t again_invite, again_bye, again_200; /* retransmissions of ours */
	uint64_t seen_invite, seen_200; /* retransmissions that reached us */
	uint64_t in_time; /* of `ok`: ended while calls were still being made */
	uint64_t unexpected;
	uint64_t late_us; /* most that a call started behind its time */
	uint32_t delay[LOAD_BINS + 1];
};

enum load_caller_state {
	CALLER_IDLE,
	CALLER_CALLING,
	CALLER_PROCEEDING,
	CALLER_UP,
	CALLER_LEAVING,
	CALLER_DONE
};

enum load_callee_state { CALLEE_IDLE, CALLEE_ANSWERED, CALLEE_UP, CALLEE_GONE };

/* A request or answer that may have to be sent again. */
struct load_repeat {
	struct timer timer;
	uint32_t interval; /* ms until the next one */
	uint32_t waited;   /* ms since the first one */
	char *bytes;
	size_t n;
};

struct load_call {
	struct load *load;
	uint64_t number;
	uint64_t left_us; /* when the INVITE left the caller */
	enum load_caller_state caller;
	enum load_callee_state callee;
	struct load_repeat request; /* of the caller */
	struct load_repeat answer;  /* of the callee */
	struct address callee_peer;
	char *dialog; /* memory of the three below */
	struct span to, target, routes;
};

struct load {
	struct load_options options;
	struct load_figures figures;
	struct datagrams *caller, *callee;
	struct timers timers;
	struct load_call *calls;
	uint64_t slots;
	uint64_t total;   /* calls to make */
	uint64_t alive;   /* calls not done */
	uint64_t up;      /* calls answered and not hung up */
	uint64_t callees; /* calls that the callee has answered, without BYE */
	uint64_t window_us; /* when the last call should have been hung up */
	uint32_t run;     /* tells this run's calls from an earlier one's */
	char caller_host[ADDRESS_TEXT_MAX];
	char callee_host[ADDRESS_TEXT_MAX];
	char dut_host[ADDRESS_TEXT_MAX];
};

/* load_message.c: a received message, no more read than the generator needs. */
#define LOAD_LIST_MAX 8

struct load_message {
	struct span first, method; /* method is empty in a response */
	unsigned status;           /* 0 in a request */
	struct span from, to, call_id, cseq, contact;
	struct span via[LOAD_LIST_MAX], route[LOAD_LIST_MAX];
	unsigned vias, routes; /* route: the values of Record-Route */
};

bool load_message_read(struct span bytes, struct load_message *m);
struct span load_message_uri(struct span name_addr);
bool load_message_has_tag(struct span name_addr);

/* load_call.c: what both sides need. */
uint64_t load_now_us(void);
struct load_call *load_call_find(struct load *load, uint64_t number);
bool load_call_keep(struct load_repeat *repeat, struct span bytes);
void load_call_drop(struct load *load, struct load_repeat *repeat);
/* Doubles the interval up to `most`; false when it is time to give up. */
bool load_call_repeat(struct load *load, struct load_repeat *repeat,
    uint32_t most, timer_fn *expired);
void load_call_end(struct load_call *call, uint64_t *counter);

/* load_caller.c */
void load_caller_start(struct load *load, uint64_t number);
void load_caller_hang_up(struct load_call *call);
datagrams_fn load_caller_got;

/* load_callee.c */
datagrams_fn load_callee_got;

#endif
