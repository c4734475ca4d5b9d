/*
 * policy.h - rule files: load, check, apply
 *
 * How the core uses it, for every message that it is about to send:
 *
 *	build the draft (policy_relays() says which headers to copy;
 *	    identity_add_retagged() makes From and To)
 *	policy_begin(&ctx, &draft)
 *	policy_apply(in, STAGE_IN, &ctx, &draft, &refusal)    the trunk it came from
 *	policy_apply(out, STAGE_OUT, &ctx, &draft, &refusal)  the trunk it leaves by
 *	guard_check(&ctx.guard, &draft, &reason)
 *
 * Messages of our own making (100, OPTIONS, CANCEL, the ACK to a failure) need
 * none of it. Nothing here allocates, except loading.
 */

#ifndef CORDON_POLICY_POLICY_H
#define CORDON_POLICY_POLICY_H

#include "base/address.h"
#include "base/problem.h"
#include "config/config.h"
#include "diagnosis/journal.h"
#include "number/number.h"
#include "policy/edit.h"
#include "policy/guard.h"
#include "sip/draft.h"
#include "sip/message.h"

struct policy;

/*
 * Reads and checks a policy file. NULL when it has an error; all
 * problems are in `problems`, each with file:line and the nearest known
 * word. A policy past its `expires` is used with a warning: `today` is
 * days since 1970, 0: not looked at.
 */
struct policy *policy_load(
    const char *file, int64_t today, struct problems *problems);
/* The same, its tests not run: for a tool with which a file is being
 * written. */
struct policy *policy_load_draft(
    const char *file, int64_t today, struct problems *problems);
/* policy_load() from memory; `file` is what problems and the journal call
 * it. */
struct policy *policy_load_text(const char *text, const char *file,
    int64_t today, struct problems *problems);
/* What a trunk without a file gets; never fails, counts no references. */
struct policy *policy_builtin(void);
/* The same for two means that they were made of the same text, with all that it
 * includes; 0 where there was no file. */
uint64_t policy_digest(const struct policy *policy);
struct policy *policy_ref(struct policy *policy);
void policy_unref(struct policy *policy); /* NULL is allowed */
const char *policy_name(const struct policy *policy);
const char *policy_file(const struct policy *policy); /* "" of the built-in */
/* Does it depend on which numbers are owned? */
bool policy_wants_owned(const struct policy *policy);
/* False: policy_apply() has nothing for a message that we made from nothing of
 * a peer's (BYE, the ACK to an answer). */
bool policy_has_rules(const struct policy *policy);

/* The facts of a trunk that policies use. Spans and pointers stay the
 * configuration's: valid as long as the snapshot that they came from. */
struct policy_trunk {
	struct span name;
	/* Our name toward it: fqdn, else advertise; may be "". */
	struct span host;
	struct span domain;   /* wanted in Request-URI and To, or "" */
	struct address media; /* for private addresses in SDP; family 0: none */
	bool media_direct;
	const struct number_plan *plan; /* of its country, NULL: none given */
	struct span area;
	struct span default_caller; /* "+442079460000", or "" */
	struct span transport; /* "udp", "tcp", "tls", or "": not known */
	const struct config_strings *relay_headers;
};

void policy_trunk_init(
    struct policy_trunk *facts, const struct config_trunk *trunk);

/* What becomes of a REFER toward the trunk of a policy; in the order
 * of the setting's choices. */
enum policy_transfer {
	POLICY_TRANSFER_AS_CONFIGURED, /* also without a policy */
	POLICY_TRANSFER_LOCAL,
	POLICY_TRANSFER_FORWARD,
	POLICY_TRANSFER_AUTO
};

enum policy_call {
	POLICY_CALL_DIRECT,
	/* Diversion, History-Info that tells of one, a cause of RFC 4458. */
	POLICY_CALL_DIVERTED,
	POLICY_CALL_TRANSFERRED, /* Referred-By or Replaces */
	POLICY_CALL_EMERGENCY
};
/* The kind of a call by its first INVITE. `plan` is the caller's, may be
 * NULL. */
enum policy_call policy_call_kind(
    const struct sip_message *invite, const struct number_plan *plan);
/* What that policy_out says; it may be NULL. */
enum policy_transfer policy_transfer(const struct policy *out);
const char *policy_call_name(enum policy_call call);
/* "a direct call", for sentences. */
const char *policy_call_phrase(enum policy_call call);

/* What is to be done about a refusal by a trunk. */
enum policy_then {
	POLICY_THEN_RELAY,       /* it goes to the caller */
	POLICY_THEN_ADVANCE,     /* the next target of the call is asked */
	POLICY_THEN_STOP,        /* nothing else is tried */
	POLICY_THEN_SLOW_DOWN,   /* the trunk's rate goes down; next trunk */
	POLICY_THEN_RETRY_AFTER, /* the peer is left alone; next target */
	POLICY_THENS
};

/* One row of `responses`; lives as long as the policy. */
struct policy_response {
	enum policy_then then;
	enum diagnostic diagnostic;
	struct span rule;   /* "policies/x.conf:12" */
	struct span reason; /* one sentence, or empty */
};

const char *policy_then_name(enum policy_then then);
/* What the file says of a final response to INVITE that came from its trunk;
 * NULL: nothing. The first row that fits counts. */
const struct policy_response *policy_response_find(
    const struct policy *policy, unsigned status, struct span phrase);

struct policy_context {
	/* Set by the core. */
	const struct policy_trunk *from; /* that the message came from */
	const struct policy_trunk *to;   /* that it leaves by */
	enum policy_call call;
	/* Every response, and every request but the first INVITE of a leg (and
	 * OPTIONS, REGISTER, MESSAGE, ... outside a dialog). */
	bool in_dialog;
	const struct journal *journal; /* may be NULL */
	/* Call, leg, cseq and message; the rest is ours. */
	struct journal_entry entry;
	struct edit_seen *seen; /* the call's memory; may be NULL */
	/* Is that number (digits of E.164, no plus) one that the trunk of the
	 * stage may show? NULL: nobody knows, and what would depend on it is
	 * left as it is. `why_not` appends a sentence without its stop, for a
	 * number that it may not; may be NULL. Set anew for each stage. */
	bool (*owns)(void *arg, struct span e164);
	void (*why_not)(void *arg, struct span e164, struct text *t);
	void *owns_arg;
	enum sip_method method; /* of a response: of its request */
	/* What the draft was made of, for headers that do not pass; or NULL. */
	const struct sip_message *received;
	/* For tests: each rule is applied twice, and one that then changes
	 * something is told by its file:line. Else NULL. */
	void (*unsteady)(void *arg, struct span rule);
	void *unsteady_arg;

	/* Set by policy_begin(). */
	struct guard guard;

	/* Set by policy_hear(). */
	const struct policy_response *response;

	/* Counted by policy_apply(). */
	unsigned changes;
	unsigned vetoes;
};

/* When a policy cannot let a message go: what to answer, and why. */
struct policy_refusal {
	unsigned status;
	enum diagnostic diagnostic;
	const char *text; /* one sentence, ours: for Warning and journal */
};

/* Takes the guard's snapshot. The draft has everything that the core puts
 * in. */
void policy_begin(struct policy_context *ctx, const struct sip_draft *draft);

/*
 * Applies one policy at one stage (STAGE_IN or STAGE_OUT). Safe to apply twice:
 * the second time changes nothing. False when the message must not go on (From
 * without usable URI and no default caller): *refusal is set and noted in the
 * journal. Responses and in-dialog requests are never refused.
 */
bool policy_apply(const struct policy *policy, enum journal_stage stage,
    struct policy_context *ctx, struct sip_draft *draft,
    struct policy_refusal *refusal);

/*
 * Where the draft is a refusal of an INVITE and no policy has named it yet:
 * looks for it in `responses` of a policy of the trunk that it came from, and
 * notes the row in the journal and in ctx->response.
 */
void policy_hear(const struct policy *policy, struct policy_context *ctx,
    const struct sip_draft *draft);
/* The same for one that no draft is made of, or not yet: noted once. */
void policy_hear_refusal(const struct policy *policy, struct policy_context *ctx,
    unsigned status, struct span phrase);

/* May this received header go on to `to`? By the table of headers, the trunk's
 * relay_headers, and the policy's headers.relay and headers.absent. */
bool policy_relays(const struct policy *out, const struct policy_trunk *to,
    const struct sip_line *line);

/* Journals which headers of a received message policy_relays() keeps
 * back: one SCRUB-PRIVATE-HDR with their names. Call it once a call,
 * with the first INVITE; headers that every hop makes its own (Via,
 * Contact, ...) are not named. */
void policy_scrub(const struct policy *out, struct policy_context *ctx,
    const struct sip_message *msg);

/* The settings as mdoc, for cordon-policy(5). */
void policy_print_mdoc(FILE *out);
/* Verbs, targets, conditions and variables of rules, likewise. */
void policy_print_rules_mdoc(FILE *out);
/* What is done about responses, likewise. */
void policy_print_responses_mdoc(FILE *out);

#endif
