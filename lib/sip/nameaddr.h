/*
 * nameaddr.h - name-addr and addr-spec values, well-formed or not
 *
 * Our own parser, so that a broken identity header can be repaired instead of
 * lost (rows SFB-07 and SFB-08). It never fails: it says what is wrong.
 */

#ifndef CORDON_SIP_NAMEADDR_H
#define CORDON_SIP_NAMEADDR_H

#include "base/span.h"
#include "base/text.h"
#include "sip/uri.h"

enum nameaddr_defect {
	NAMEADDR_EMPTY_URI = 1,     /* "<>" or nothing */
	NAMEADDR_NO_SCHEME = 2,     /* "<;user=phone>", "<0208...>" */
	NAMEADDR_NO_HOST = 4,       /* "<sip:@x" cut, "<sip:>" */
	NAMEADDR_EMPTY_PARAM = 8,   /* ";;" in the URI or behind it */
	NAMEADDR_UNBALANCED = 16,   /* quote or bracket without its pair */
	NAMEADDR_BAD_BYTES = 32     /* what no URI or display name may hold */
};

struct nameaddr {
	struct span whole;
	struct span display; /* as written, with its quotes if any; may be empty */
	bool brackets;       /* the URI stood in <> */
	struct span uri_text; /* inside the brackets, or the bare addr-spec */
	struct sip_uri uri;   /* uri.scheme SIP_SCHEME_NONE: no usable URI */
	struct span params;   /* header parameters, from the first ';' */
	unsigned defects;     /* nameaddr_defect bits; 0: well-formed */
};

/* Reads one value (of From, To, Contact, a PAI list, ...). A bare addr-spec
 * ends at ';' or ',': its parameters are the header's, but for what belongs to
 * the number of a tel URI (ext, isub, phone-context). */
void nameaddr_parse(struct span value, struct nameaddr *out);

/*
 * Values that were read lately: the few of one message are read again and
 * again. All zero, or `known` zero, is empty.
 */
#define NAMEADDR_MEMO      16
#define NAMEADDR_MEMO_TEXT 160 /* longer ones are read each time */

struct nameaddr_memo {
	unsigned known; /* a bit a place */
	struct {
		struct nameaddr na;
		const char *p;
		size_t n;
		char text[NAMEADDR_MEMO_TEXT];
	} slot[NAMEADDR_MEMO];
};

/* nameaddr_parse() of a value that may be known: the same bytes at the same
 * place. The result is good until the next call with that memo. */
const struct nameaddr *nameaddr_recall(
    struct nameaddr_memo *memo, struct span value);

/* nameaddr_parse() without a look at the URI: `uri` stays empty, and of the
 * defects only those of quotes, brackets and stray bytes behind them are
 * told. */
void nameaddr_split(struct span value, struct nameaddr *out);

/* The header parameters of a value alone, from their ';' on, or empty. False
 * when a quote or bracket of the value has no pair. */
bool nameaddr_cut(struct span value, struct span *params);

static inline struct span
nameaddr_params(struct span value)
{
	struct span params;

	nameaddr_cut(value, &params);
	return params;
}

static inline bool
nameaddr_balanced(struct span value)
{
	struct span params;

	return nameaddr_cut(value, &params);
}

/* True when it has a URI that can be sent. */
static inline bool
nameaddr_usable(const struct nameaddr *na)
{
	return na->uri.scheme != SIP_SCHEME_NONE &&
	    (na->defects & (NAMEADDR_EMPTY_URI | NAMEADDR_NO_SCHEME |
			       NAMEADDR_NO_HOST | NAMEADDR_BAD_BYTES)) == 0;
}

/* Appends `display` so that it is legal: kept when it is tokens or well quoted,
 * else quoted and escaped; bytes that no header may hold are left out. */
void nameaddr_add_display(struct text *t, struct span display);

#endif
