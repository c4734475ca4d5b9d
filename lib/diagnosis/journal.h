/*
 * journal.h - one entry a rewrite, one a diagnosis
 *
 * Whoever changes or finds something notes it here; where the entry goes is
 * the sink's business (the daemon: the call's memory and the writer thread; a
 * test or `cordon test`: an array).
 */

#ifndef CORDON_DIAGNOSIS_JOURNAL_H
#define CORDON_DIAGNOSIS_JOURNAL_H

#include "base/text.h"
#include "diagnosis/diagnosis.h"

enum journal_kind {
	JOURNAL_CALL,      /* the identifiers of both legs: once a leg */
	JOURNAL_REWRITE,   /* a value was changed */
	JOURNAL_VETO,      /* a rule wanted to change what it must not */
	JOURNAL_KEPT,      /* left alone, or done right, where others break it */
	JOURNAL_DIAGNOSIS, /* something was found; nothing was changed */
	JOURNAL_END,       /* how the call ended */
	JOURNAL_SYSTEM     /* of no call: reload, overload, a dropped source */
};

enum journal_leg {
	JOURNAL_NO_LEG,
	JOURNAL_CALLER,
	JOURNAL_CALLEE,
	JOURNAL_TARGET /* of a transfer */
};

/* Where on its way the message was. */
enum journal_stage {
	STAGE_NONE,
	STAGE_IN,    /* repaired as it came from its trunk */
	STAGE_OUT,   /* rendered for the trunk it leaves by */
	STAGE_GUARD, /* the egress guard */
	STAGE_CORE   /* done by the B2BUA itself */
};

#define JOURNAL_TEXTS 7

/* Spans may be empty. Text from the wire stays raw here and is quoted or
 * masked where it is written out. */
struct journal_entry {
	enum journal_kind kind;
	uint64_t time;  /* microseconds since 1970; set by the sink */
	uint64_t call;  /* 0: of no call */
	enum journal_leg leg;
	enum journal_stage stage;
	enum diagnostic diagnostic;
	uint32_t cseq;
	union {
		struct {
			struct span trunk;
			struct span message; /* "INVITE", "200 INVITE" */
			/* "P-Asserted-Identity[0]", "sdp.c", "call-id" */
			struct span target;
			struct span before;
			struct span after;
			/* "policies/x.conf:12", or "builtin:contact" */
			struct span rule;
			/* one sentence; empty: the catalogue's title */
			struct span reason;
		};
		struct span text[JOURNAL_TEXTS];
	};
};

/* A longer span is cut where it is packed or written out, and "..." added: no
 * entry is lost because of its size. */
#define JOURNAL_VALUE_MAX 1024
/* What always suffices for journal_pack(), and for a line of either form. */
#define JOURNAL_PACK_MAX  8192
#define JOURNAL_LINE_MAX  49152

struct journal {
	void (*note)(void *arg, const struct journal_entry *entry);
	void *arg;
};

static inline void
journal_note(const struct journal *journal, const struct journal_entry *entry)
{
	journal->note(journal->arg, entry);
}

/*
 * One line without its end: JSON, or `rewrite call=... old="..." new="..."`.
 * Empty fields are left out. Secrets in before, after and reason (credentials,
 * keys of a=crypto and k=) are masked by the name of the target and by
 * content; no control byte gets out raw. False when it did not fit.
 */
bool journal_add_json(struct text *t, const struct journal_entry *entry);
bool journal_add_text(struct text *t, const struct journal_entry *entry);

/* Compact binary form for queues and memory. pack: bytes appended, 0 (and
 * nothing appended, no overflow set) when it does not fit; the texts of
 * `packed`, which may be the entry itself or NULL, become those that were
 * appended. unpack: bytes read, 0 when broken; spans point into `buf`. */
size_t journal_pack(struct text *t, const struct journal_entry *entry,
    struct journal_entry *packed);
size_t journal_unpack(struct span buf, struct journal_entry *entry);

const char *journal_kind_name(enum journal_kind kind);
const char *journal_leg_name(enum journal_leg leg); /* none: "" */
const char *journal_stage_name(enum journal_stage stage); /* none: "" */

#endif
