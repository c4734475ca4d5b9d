/*
 * passage.h - what a message goes through between the two legs
 *
 * The draft of an INVITE made from the one that came, and the policies and the
 * guard over any draft. Knows nothing of a daemon: the core, the tests in
 * policy files and the offline tools do the same by the same code.
 */

#ifndef CORDON_POLICY_PASSAGE_H
#define CORDON_POLICY_PASSAGE_H

#include "policy/policy.h"
#include "sip/view.h"

/* What a new INVITE is made of. All spans live as long as the draft. */
struct passage_invite {
	const struct sip_message *msg;
	const struct sip_view *view;
	const struct policy_trunk *from;
	const struct policy_trunk *to;
	const struct policy *out;
	struct address ours; /* our address toward `from` */
	struct address peer; /* where it is sent */
	struct span via;     /* whole values */
	struct span contact;
	struct span call_id;
	struct span tag;
	uint32_t cseq;
	struct span params; /* of the Request-URI that stay; may be empty */
	const struct config_strings *allow; /* empty: all that Cordon knows */
	struct span user_agent;             /* empty: none */
};

/* The whole draft, as it is before the first policy. */
void passage_draft_invite(
    struct sip_draft *draft, const struct passage_invite *invite);

/* Headers of `msg` that may pass, and its body. */
void passage_relay(struct sip_draft *draft, const struct policy *out,
    const struct policy_trunk *to, const struct sip_message *msg);

void passage_add_allow(
    struct sip_draft *draft, const struct config_strings *allow);

/* What a message of ours may still travel: one less than `msg` had, 70 without
 * one that says so. */
unsigned passage_max_forwards(
    const struct sip_message *msg, const struct sip_view *view);

/* A trunk at its stage. */
struct passage_stage {
	const struct policy *policy;
	const struct journal *journal; /* may be NULL */
	/* As in struct policy_context; NULL: nobody knows. */
	bool (*owns)(void *arg, struct span e164);
	void (*why_not)(void *arg, struct span e164, struct text *t);
	void *owns_arg;
};

struct passage {
	struct passage_stage in;  /* of the trunk that it came from */
	struct passage_stage out; /* of the trunk that it leaves by */
	const struct sip_message *msg; /* as received */
	/* policy_out of the trunk that it came from, whose
	 * `responses` count too; may be NULL. */
	const struct policy *asked;
};

/*
 * Policies: in, then out, then the guard's last look; `ctx` as policy.h
 * wants it, but for what the stages say. False when the draft must not be
 * sent: *refusal says why.
 */
bool passage_apply(const struct passage *passage, struct policy_context *ctx,
    struct sip_draft *draft, struct policy_refusal *refusal);

#endif
