/*
 * trial.h - the tests inside a policy file
 *
 * Each is a message, the trunks that it passes between, and what is to become
 * of it. They run whenever the file is loaded: a policy of which one fails is
 * refused.
 */

#ifndef CORDON_POLICY_TRIAL_H
#define CORDON_POLICY_TRIAL_H

#include "policy/policy.h"

/* How many tests a policy has, and what they are called. */
unsigned trial_count(const struct policy *policy);
struct span trial_name(const struct policy *policy, unsigned i);
unsigned trial_line(const struct policy *policy, unsigned i);

/* One difference between what was wanted and what came: a sentence. */
typedef void trial_report_fn(void *arg, const char *difference);

/* Runs one. True when it passed; else each difference was reported.
 * Allocates. */
bool trial_run(const struct policy *policy, unsigned i, trial_report_fn *report,
    void *arg);

/*
 * Writes a whole message for one that leaves out what does not matter: "INVITE
 * sip:1@b" or "200 INVITE", then header lines, an empty line, a body. Via,
 * From, To, their tags, Call-ID, CSeq, Max-Forwards, Contact, Content-Type and
 * Content-Length are added where they are missing. Blanks before a line do not
 * count. `dialog`: To gets a tag. False when it does not fit.
 */
bool trial_complete(struct text *t, struct span given, bool dialog);

#endif
