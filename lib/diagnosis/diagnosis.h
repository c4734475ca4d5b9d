/*
 * diagnosis.h - the catalogue: every code that Cordon can name, one row each
 */

#ifndef CORDON_DIAGNOSIS_DIAGNOSIS_H
#define CORDON_DIAGNOSIS_DIAGNOSIS_H

#include <stdio.h>

#include "base/span.h"

/* DIAG_CLI_PAI_NOT_OWNED is the row "CLI-PAI-NOT-OWNED". 0 is no diagnosis. */
enum diagnostic {
	DIAG_NONE,
#define DIAGNOSTIC(                                                            \
    id, code, side, severity, rows, title, symptom, cause, does, person)       \
	DIAG_##id,
#include "diagnosis/catalogue.def"
#undef DIAGNOSTIC
	DIAGNOSTICS
};

/* Whose side a person has to look at. */
enum diag_side {
	SIDE_SBC,
	SIDE_PBX,
	SIDE_CARRIER,
	SIDE_NETWORK,
	SIDE_PEER,   /* whoever the entry names: either may be the one */
	SIDE_CALLEE, /* the person called, or the person's telephone company */
	SIDE_UNSEEN  /* it never reached the wire */
};

enum diag_severity {
	SEVERITY_INFO,    /* nothing is wrong, or it has been repaired */
	SEVERITY_WARNING, /* works, and should be looked at */
	SEVERITY_FAULT    /* a call fails, or somebody sees or hears the wrong thing */
};

struct diagnosis {
	const char *code;
	enum diag_side side;
	enum diag_severity severity;
	const char *rows;    /* "TWI-01,TWI-21": what it answers; may be "" */
	const char *title;   /* a few words, no full stop */
	const char *symptom; /* as a user tells it */
	const char *cause;
	const char *does;    /* what Cordon does about it */
	const char *person;  /* what a person can do */
};

/* The row; for DIAG_NONE a row whose code is "-". */
const struct diagnosis *diagnosis_get(enum diagnostic id);
/* By its code, case ignored; DIAG_NONE: no such code. */
enum diagnostic diagnosis_find(struct span code);
const char *diagnosis_nearest(struct span code);  /* NULL: none is near */
const char *diag_side_name(enum diag_side side);
const char *diag_severity_name(enum diag_severity severity);

/* For `cordon explain` and cordon-diagnostics(7). */
void diagnosis_print(enum diagnostic id, FILE *out);
void diagnosis_print_mdoc(FILE *out); /* the list of all, as mdoc */

#endif
