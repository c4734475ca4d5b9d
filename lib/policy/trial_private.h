/*
 * trial_private.h - a test as it was read, shared by trial.c and trial_load.c
 */

#ifndef CORDON_POLICY_TRIAL_PRIVATE_H
#define CORDON_POLICY_TRIAL_PRIVATE_H

#include "policy/rule.h"
#include "policy/trial.h"

/* Of each kind in one test. */
#define TRIAL_VALUES 32

/* "From.uri.user: +442079460000" */
struct trial_value {
	const struct rule_target *target;
	struct span value;
};

struct trial_expect {
	struct span request;
	struct span shown_before, shown; /* the prediction */
	unsigned refused; /* status; 0: it must go on */
	int then;         /* -1: not asked */
	struct trial_value *values, *absent, *unchanged; /* without value */
	unsigned values_n, absent_n, unchanged_n;
	struct span *journal, *journal_absent; /* codes */
	unsigned journal_n, journal_absent_n;
};

struct trial_case {
	struct span name;
	unsigned line;
	enum journal_stage stage;
	struct policy_trunk trunk, other;
	struct address peer;
	struct span given; /* a whole message */
	bool dialog;
	int call; /* -1: by the message */
	bool has_owned;
	struct span *owned; /* "+44207946*" */
	unsigned owned_n;
	struct trial_expect expect;
};

#endif
