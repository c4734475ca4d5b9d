/*
 * describe.h - what a loaded policy says, for people and tools
 */

#ifndef CORDON_POLICY_DESCRIBE_H
#define CORDON_POLICY_DESCRIBE_H

#include "policy/policy.h"

/* Strings are never NULL, and the policy's. */
struct describe_head {
	const char *name;
	const char *title;
	const char *as_of;   /* "2026-11-21", or "" */
	const char *expires; /* likewise */
	size_t sources;
	unsigned rules;
	unsigned tests;
};

void describe_head(const struct policy *policy, struct describe_head *out);
/* The i-th of the sources; NULL behind the last. */
const char *describe_source(const struct policy *policy, size_t i);

/* One setting that the file gives, one rule, or one row of `responses`. */
struct describe_part {
	bool rule;
	struct span place; /* "policies/x.conf:12" */
	struct span name;  /* "identity.asserted", or the rule's id or "" */
	unsigned calls;    /* a bit (1 << enum policy_call) a kind it may touch */
	enum diagnostic diagnostic; /* of a rule or a response */
	struct span code;  /* its code: the file's own, where it is one; or "" */
};

/* In the order of cordon-policy(5): settings, rules,
 * responses. False behind the last. */
bool describe_part(
    const struct policy *policy, size_t i, struct describe_part *out);

/* What it wants: the value of the setting, or "set request.host = ...". */
void describe_add_aim(struct text *t, const struct policy *policy, size_t i);
/* The conditions of a rule, those of `on` among them;
 * nothing where it has none. */
void describe_add_when(struct text *t, const struct policy *policy, size_t i);

#endif
