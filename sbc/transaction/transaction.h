/*
 * transaction.h - the four machines of RFC 3261 section 17, with RFC 6026
 *
 * Knows requests, responses and timers, and nothing about calls. Its user names
 * things by handles (base/slab.h) and an owner number of its own choice; no
 * pointer crosses this border in either direction for longer than a function
 * call. A retransmission is answered here, with one look-up and one send.
 */

#ifndef CORDON_TRANSACTION_TRANSACTION_H
#define CORDON_TRANSACTION_TRANSACTION_H

#include "base/slab.h"
#include "base/timer.h"
#include "net/wire.h"
#include "sip/draft.h"
#include "sip/message.h"
#include "sip/view.h"

struct transactions;
typedef slab_handle server_tx; /* 0: none */
typedef slab_handle client_tx; /* 0: none */

/* What the layer tells its user. Called from transactions_receive(), from
 * timers, and never from inside a function that the user called. */
struct transaction_ops {
	/* A new request, never ACK or CANCEL: answer it, now or later, with
	 * server_respond(). tx->owner is 0 until server_set_owner(). */
	void (*request)(void *arg, server_tx tx, const struct sip_message *msg,
	    const struct sip_view *view, const struct net_path *path);

	/*
	 * The request at hand gets no transaction: 482 for a merged one (RFC
	 * 3261 section 8.2.2.2), 481 for a CANCEL without INVITE, 503 without
	 * memory. Refuse it with stateless_respond(). NULL: the layer does.
	 */
	void (*refused)(void *arg, unsigned status);

	/* An ACK that belongs to no failed INVITE: the ACK to a 2xx. */
	void (*ack)(void *arg, const struct sip_message *msg,
	    const struct sip_view *view, const struct net_path *path);

	/* CANCEL for an INVITE without a final response. It has been answered
	 * 200 already; the INVITE still wants its 487. */
	void (*cancel)(void *arg, uint64_t owner, server_tx invite,
	    const struct sip_message *msg);

	/* Each provisional; the first final; of an INVITE each 2xx with a To
	 * tag not seen before (a fork: RFC 6026 section 7.2). */
	void (*response)(void *arg, uint64_t owner, client_tx tx,
	    const struct sip_message *msg, const struct sip_view *view);

	/* Timer B or F, or 64*T1 after a CANCEL that brought no final one. */
	void (*timeout)(void *arg, uint64_t owner, client_tx tx);

	/* The request could not be sent: `error` is a negative errno. */
	void (*failed)(void *arg, uint64_t owner, client_tx tx, int error);

	/* A 2xx to an INVITE was sent again for 64*T1 and met no ACK. `sent`
	 * says how often it went out. (DLG-ACK-TARGET) */
	void (*not_acked)(
	    void *arg, uint64_t owner, server_tx invite, unsigned sent);

	/* The final response could not be sent (same terms as failed()), or a
	 * failure response to an INVITE met no ACK for 64*T1 (-ETIMEDOUT). */
	void (*respond_failed)(
	    void *arg, uint64_t owner, server_tx tx, int error);
};

/* Timer values in ms: RFC 3261 section 17, table 4. */
struct transaction_timing {
	uint32_t t1; /* 500 */
	uint32_t t2; /* 4000 */
	uint32_t t4; /* 5000 */
};

struct transaction_counters {
	uint64_t requests_in, responses_in, requests_out, responses_out;
	uint64_t retransmissions_in, retransmissions_out;
	uint64_t merged;    /* answered 482 */
	uint64_t stray;     /* responses that match nothing */
	uint64_t stateless; /* answered without a transaction */
	uint64_t shed;      /* new requests answered 503 under overload */
	uint64_t ignored;   /* events that a state has no use for */
};

struct transactions *transactions_create(struct timers *timers,
    struct wire wire, const struct transaction_timing *timing,
    const struct transaction_ops *ops, void *arg);
/* Timers that start from now on. */
void transactions_set_timing(
    struct transactions *layer, const struct transaction_timing *timing);
/* Frees everything, open transactions too, without telling anybody. */
void transactions_destroy(struct transactions *layer);

/* One message that passed sip_index, sip_view_read and sip_sanity. */
void transactions_receive(struct transactions *layer,
    struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path);

/* A stream that transactions may depend on is gone. Requests sent on it failed;
 * answers to those that came by it go by a new connection (RFC 3261 section
 * 18.2.2) until that one is lost too. */
void transactions_connection_lost(
    struct transactions *layer, slab_handle connection, int error);

/* ICMP says that nobody is at path->remote: requests without any answer yet
 * that went there from that listener failed. */
void transactions_unreachable(
    struct transactions *layer, const struct net_path *path, int error);

const struct transaction_counters *transactions_counters(
    const struct transactions *layer);
/* Transactions of both sides that exist now: 0 when all is over. */
unsigned transactions_count(const struct transactions *layer);
/* The same for those still waiting for something to happen, without the ones
 * that only linger to absorb retransmissions. */
unsigned transactions_active(const struct transactions *layer);

/*
 * Answers a request without a transaction: for what sanity refused and for new
 * INVITEs under overload. Via, From, To (with a tag made from the branch),
 * Call-ID, CSeq are echoed as far as the view has them; nothing is sent when
 * that is not enough, to an ACK, or to a response. `fields` (may be empty) are
 * complete header lines, as "Warning: ...\r\n".
 */
void stateless_respond(struct transactions *layer,
    const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path, unsigned status, struct span reason,
    struct span fields);

/*
 * Under overload: answers a new request 503 with Retry-After (seconds) and,
 * where not empty, Warning (its value). False, with nothing done, for what
 * belongs to a transaction already, and for ACK and CANCEL: give those to
 * transactions_receive().
 */
bool transactions_shed(struct transactions *layer,
    const struct sip_message *msg, const struct sip_view *view,
    const struct net_path *path, unsigned retry_after, struct span warning);

/* --- server side --- */

void server_set_owner(struct transactions *layer, server_tx tx, uint64_t owner);

/*
 * Sends a response. The layer writes Via (byte-exact, received and rport added
 * to the top one: RFC 3581), From, To with `to_tag` (not used for a 100 or when
 * the request had one; empty: one made from the branch), Call-ID, CSeq, and
 * Record-Route as received where the response makes a dialog; then the fields
 * and body of `draft`. A 2xx to INVITE is sent again until server_acked();
 * other finals of INVITE until their ACK. To other requests RFC 4320 forbids
 * 408, any 1xx but 100, and 100 too early: these are not sent, and 0 is
 * returned; after 64*T1 they are gone, answered or not. Returns 0, -ENOENT (no
 * such transaction, or it has its final response), -EMSGSIZE (does not fit, or
 * the draft is broken) and -ENOMEM (both: nothing has changed, try a smaller
 * one), or what the wire said: of a final response the transaction is then
 * gone. Over UDP an error of the wire counts as a loss on the way.
 */
int server_respond(struct transactions *layer, server_tx tx,
    struct sip_draft *draft, struct span to_tag);

/* Keeps provisional responses of that INVITE on streams too, for the next. */
void server_keep_provisionals(struct transactions *layer, server_tx tx);

/* Sends the last provisional response once more, while there is no final
 * one (RFC 3262 section 3). */
void server_respond_again(struct transactions *layer, server_tx tx);

/* No final response can be sent, however small: as if one had been, the request
 * is absorbed until its sender has given up. */
void server_abandon(struct transactions *layer, server_tx tx);

/* The ACK to our 2xx has come: stop sending it. */
void server_acked(struct transactions *layer, server_tx tx);

/* --- client side --- */

#define BRANCH_MAX 48
#define VIA_MAX    160

/*
 * A new client transaction toward `path`. Its owner gets response(), timeout()
 * or failed(). `branch` receives the branch parameter's value, to be written
 * into the request's Via; the request is sent by client_send(). 0 without
 * memory.
 */
client_tx client_create(struct transactions *layer, enum sip_method method,
    uint64_t owner, const struct net_path *path,
    char branch[static BRANCH_MAX]);

/* Sends the finished request. 0 or a negative errno; on an error the
 * transaction is gone and nobody is told again. */
int client_send(struct transactions *layer, client_tx tx, struct span request);

/* The bytes to answer each (re)transmission of this 2xx with (the whole ACK),
 * and the path they take: kept until the transaction ends, and sent once now,
 * also when it has ended already. 0, or what the wire said. */
int client_ack(struct transactions *layer, client_tx tx, struct span to_tag,
    const struct net_path *path, struct span ack);

/* Sends CANCEL for an INVITE: at once, or after its first provisional (RFC 3261
 * section 9.1); not at all once it has its final response. `reason` is a Reason
 * header's value or empty; `reason` holds no CR or LF. */
void client_cancel(
    struct transactions *layer, client_tx invite, struct span reason);

/* The owner is gone: whatever comes is absorbed and no one is told. A 2xx that
 * still arrives is given to response() with owner 0. It cancels nothing: an
 * INVITE without CANCEL is waited for three minutes after its first
 * provisional. */
void client_forget(struct transactions *layer, client_tx tx);

/* Ends a transaction of another method than INVITE at once: nothing is sent or
 * told any more, and its response will match nothing. */
void client_abandon(struct transactions *layer, client_tx tx);

/* The path as it went out last (its connection is known by then). */
bool client_path(
    const struct transactions *layer, client_tx tx, struct net_path *path);

#endif
