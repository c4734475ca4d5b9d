/*
 * identity.h - who calls, who is asserted, what is private
 *
 * Read once, whatever its defects; every value is kept as it came. Values
 * beyond IDENTITY_VALUES of one header are counted and otherwise ignored.
 */

#ifndef CORDON_IDENTITY_IDENTITY_H
#define CORDON_IDENTITY_IDENTITY_H

#include "base/span.h"
#include "base/text.h"
#include "sip/draft.h"
#include "sip/message.h"
#include "sip/nameaddr.h"

#define IDENTITY_VALUES 6

/* Tokens of Privacy (RFC 3323, RFC 3325, RFC 7044). */
enum identity_privacy {
	IDENTITY_PRIVACY_NONE = 1,
	IDENTITY_PRIVACY_HEADER = 2,
	IDENTITY_PRIVACY_SESSION = 4,
	IDENTITY_PRIVACY_USER = 8,
	IDENTITY_PRIVACY_CRITICAL = 16,
	IDENTITY_PRIVACY_ID = 32,
	IDENTITY_PRIVACY_HISTORY = 64,
	IDENTITY_PRIVACY_OTHER = 128
};

/* The values of one header, over all its fields. */
struct identity_list {
	unsigned fields; /* header fields that they came in */
	unsigned total;  /* values, empty ones ("<>", or nothing) included */
	unsigned n;      /* of them in `value` */
	struct nameaddr value[IDENTITY_VALUES];
};

struct identity {
	struct nameaddr caller; /* From; whole is empty when there is none */
	struct identity_list asserted;     /* P-Asserted-Identity */
	struct identity_list preferred;    /* P-Preferred-Identity */
	struct identity_list remote_party; /* Remote-Party-ID */
	unsigned privacy; /* identity_privacy bits */
	bool party_hides; /* Remote-Party-ID asks to hide the caller's number */
};

/* Reads a received message or a draft; spans point into it. Folded values
 * are unfolded by sip_draft_copy(): read the draft where values will be sent
 * on. Values that `names`, or the draft, knows already are not taken apart
 * again. */
void identity_read(const struct sip_message *msg, struct nameaddr_memo *names,
    struct identity *out);
void identity_read_draft(struct sip_draft *draft, struct identity *out);

/* A usable URI that names somebody: neither empty nor anonymous. */
bool identity_is_public(const struct nameaddr *na);
/* "anonymous" by URI, or by display name (RFC 3323 section 4.1.1.3);
 * "restricted", "private", "withheld" and the like mean the same. */
bool identity_is_anonymous(const struct nameaddr *na);
/* The display name alone, as it will be written. */
bool identity_says_anonymous(struct span display);
/* Somebody is named, and not by a word that says that the caller is not known
 * ("unavailable", "unknown"). */
bool identity_names_caller(const struct nameaddr *na);

/* The value of Remote-Party-ID that is about the caller; NULL: none. */
const struct nameaddr *identity_calling_party(const struct identity *id);
/* Does such a value say that the number is to be hidden? */
bool identity_party_hides(const struct nameaddr *na);

unsigned identity_privacy_bits(struct span value);
/* Cuts the next token of a Privacy value off *rest; its bit. */
bool identity_privacy_next(struct span *rest, struct span *token);
unsigned identity_privacy_bit(struct span token);

/*
 * A From or To value with another tag: `received` as it came, unfolded,
 * without its tag parameter, then ";tag=" and `tag` (nothing when `tag` is
 * empty). Broken values stay broken: policies repair them with a journal
 * entry. One whose end cannot be made out (a quote or bracket without its
 * pair) becomes "<>". For the core.
 */
void identity_add_retagged(
    struct text *t, struct span received, struct span tag);

/* What makes up one value to be written. */
struct identity_parts {
	struct span display; /* made legal by nameaddr_add_display() */
	enum sip_scheme scheme;
	struct span user; /* with its user parameters; tel: the number; of any
			      * other scheme: the whole URI */
	bool subscriber;  /* sip, but `user` is as a tel URI had it, with all its
			      * parameters: identity_add_subscriber() */
	struct span host; /* sip and sips; with its port */
	struct span uri_params; /* from ';', or empty; empty ones left out */
	struct span params; /* header parameters, likewise */
};

/*
 * What stands behind "tel:" as the user part of a sip URI (RFC 3261 section
 * 19.1.6): all of it, its parameters in the order of RFC 3966 section 3, what
 * has no case in lower case, what a user part may not hold escaped.
 */
void identity_add_subscriber(struct text *t, struct span subscriber);
/* Number and parameters of a tel URI: what follows its "tel:". */
static inline struct span
identity_subscriber(const struct sip_uri *uri)
{
	return uri->params.n == 0
		   ? uri->user
		   : span_between(uri->user.p, span_end(uri->params));
}

/* Does a user part begin with a plus, or with what stands for one? */
bool identity_is_global(struct span user);
/*
 * The number that a user part (with its parameters) or a tel URI names, in the
 * form in which it is looked up and compared: a local number keeps its
 * phone-context, without which it would be somebody else's (RFC 3966 section
 * 5.1.5), any other number stands alone. lib/number reads both. A sip URI with
 * a context behind its host, where none is defined, gives something that is no
 * number.
 */
struct span identity_number_in(struct span user);
struct span identity_number(const struct sip_uri *uri);

/* Host and port of a URI, as written. */
struct span identity_host_port(const struct sip_uri *uri);
/* The parts of a value that can be written (nameaddr_usable()). */
void identity_parts_of(const struct nameaddr *na, struct identity_parts *out);
/* identity_number() of parts. */
struct span identity_parts_number(const struct identity_parts *parts);
/* Nobody, with the header parameters that are there
 * (RFC 3323 section 4.1.1.3). */
void identity_parts_hide(struct identity_parts *parts);
/* Appends `display <scheme:user@host;uri_params>;params`. */
void identity_add(struct text *t, const struct identity_parts *parts);

/* Why a list cannot be sent as it is. */
enum identity_flaw {
	IDENTITY_BROKEN_VALUE = 1, /* a value without usable URI */
	IDENTITY_TOO_MANY = 2,     /* two of a scheme, or more than two */
	IDENTITY_UNTIDY = 4        /* empty parameters, stray bytes */
};

/* identity_flaw bits of a P-Asserted-Identity list (RFC 3325 section 9.1). */
unsigned identity_asserted_flaws(const struct identity_list *list);

/*
 * Row SFB-07: the one value (scheme sip or sips) that the list asserts, and the
 * tel value beside it. A sip value whose user is a number is best; else one is
 * built from the tel value, with the display name of the list's first named
 * value, `host`, and user=phone; else the first sip value. False when the list
 * asserts nobody. `*tel` is SIP_SCHEME_NONE without a number.
 */
bool identity_asserted_best(const struct identity_list *list, struct span host,
    struct identity_parts *sip, struct identity_parts *tel);

/* True for a global or dialled number: optional '+', digits and separators;
 * "%2B" and "%20" are a plus and a blank. */
bool identity_user_is_number(struct span user);

/* Appends parameters without empty and broken ones and without private ones
 * (epid, ms-*, row SFB-08). Returns false when it left something out. */
bool identity_add_params(struct text *t, struct span params);
/* True when it would leave nothing out. */
bool identity_params_clean(struct span params);

#endif
