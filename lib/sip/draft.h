/*
 * draft.h - a message being made: fields as spans, edited before it is written
 *
 * A draft is filled from a whitelist and from what the dialog says, edited by
 * policies, checked by the guard, then written once. Its spans point into the
 * received message, into constants, or into its own scratch buffer.
 */

#ifndef CORDON_SIP_DRAFT_H
#define CORDON_SIP_DRAFT_H

#include "base/span.h"
#include "base/text.h"
#include "sip/message.h"
#include "sip/nameaddr.h"

#define SIP_DRAFT_FIELDS  192
#define SIP_DRAFT_SCRATCH 32768

/* Who made a field, and so who may change it. */
enum sip_owner {
	SIP_OWNER_PEER,   /* relayed: any rule may change it */
	SIP_OWNER_POLICY, /* made or changed by a policy */
	SIP_OWNER_DIALOG, /* transaction and dialog: the guard keeps it */
	SIP_OWNER_OWN     /* ours by choice (User-Agent, Allow): rules may change it */
};

struct sip_field {
	enum sip_header id;
	struct span name; /* canonical for a known header */
	struct span value; /* one line, unfolded */
	enum sip_owner owner;
};

struct sip_draft {
	bool request;
	enum sip_method method;
	struct span method_name;
	struct span uri;    /* requests */
	unsigned status;    /* responses */
	struct span reason;
	/* Complete lines, each with its CRLF, written as they are between the
	 * start line and the fields: what a response echoes of its request. */
	struct span head;
	unsigned fields_n;
	struct sip_field fields[SIP_DRAFT_FIELDS];
	struct span body;
	bool overflow; /* scratch or fields ran out: do not send */
	struct nameaddr_memo names; /* of its values, and of what it is made of */
	struct text scratch;
	char scratch_buf[SIP_DRAFT_SCRATCH];
};

/* Nothing is being written: no request, and a response of status 0. */
void sip_draft_clear(struct sip_draft *draft);
void sip_draft_request(
    struct sip_draft *draft, enum sip_method method, struct span method_name,
    struct span uri);
void sip_draft_response(
    struct sip_draft *draft, unsigned status, struct span reason);

/* Appends a field. Its value must be one line and live as long as the draft. */
void sip_draft_add(struct sip_draft *draft, enum sip_header id,
    struct span value, enum sip_owner owner);
/* The same for a header by name; a known name gets its id. */
void sip_draft_add_name(struct sip_draft *draft, struct span name,
    struct span value, enum sip_owner owner);
/* Copies a received field, unfolded. */
void sip_draft_copy(struct sip_draft *draft, const struct sip_line *line);

/* First field of that header at or behind index `from`; -1 without one. */
int sip_draft_find(
    const struct sip_draft *draft, enum sip_header id, unsigned from);
/* Value of the first one, SPAN_NONE when absent. */
struct span sip_draft_value(const struct sip_draft *draft, enum sip_header id);

/* Takes a field out; order of the others is kept. */
void sip_draft_remove(struct sip_draft *draft, unsigned index);

/* Text that lives as long as the draft: write into &draft->scratch between
 * mark and keep. On overflow the span is empty and draft->overflow is set. */
size_t sip_draft_mark(struct sip_draft *draft);
struct span sip_draft_keep(struct sip_draft *draft, size_t mark);
struct span sip_draft_copy_text(struct sip_draft *draft, struct span s);

/* A field that is a number, and what stands behind it. */
void sip_draft_add_number(struct sip_draft *draft, enum sip_header id,
    uint64_t v, struct span behind, enum sip_owner owner);

/*
 * Writes start line, fields, Content-Length (always, and true) and body. False
 * when it does not fit, the draft overflowed, or a value holds CR, LF or NUL:
 * nothing of it may then be sent.
 */
bool sip_draft_write(const struct sip_draft *draft, struct text *out);

/* The reason phrase of RFC 3261 and its kin for a status, "" when unknown. */
const char *sip_reason_phrase(unsigned status);

#endif
