/*
 * number.h - telephone numbers: what a user part means by a country's plan
 *
 * Nothing here guesses digits. What is not surely a number of the plan stays as
 * it came (rows SFB-09, SFB-15, BWC-33, TWI-06, TWI-07).
 */

#ifndef CORDON_NUMBER_NUMBER_H
#define CORDON_NUMBER_NUMBER_H

#include "base/span.h"
#include "base/text.h"
#include "sip/uri.h"

#define NUMBER_E164_MAX 15

/* One country's numbering as it is dialled there: a row of plans.def. */
struct number_plan {
	const char *country;  /* ISO 3166, "GB" */
	const char *code;     /* country code: "44" */
	/* Alternatives stand by blanks, the one that is written first. */
	const char *national;      /* trunk prefix, "0"; "": none */
	const char *international; /* prefix, "00" */
	const char *emergency;     /* besides 112, 911 and 999: "101 102" */
	const uint16_t *lengths;   /* for number_plan_lengths() alone */
	uint8_t code_n; /* digits of the country code */
	uint8_t flags;  /* number_plan_flag bits */
};

enum number_plan_flag {
	NUMBER_NANP = 1,     /* NXX NXX XXXX: neither N is 0 or 1 */
	NUMBER_BARE_TOO = 2, /* dialled with or without the trunk prefix */
	NUMBER_APART = 4,    /* no significant number begins as the code */
	NUMBER_SERVICE_1 = 8 /* 1800 ... is dialled as it is, and no E.164 */
};

/* The plan of a country, letter case ignored; NULL: not in the table. */
const struct number_plan *number_plan_find(struct span country);
/* The plan whose country code those digits begin with; where countries share
 * the code, that of the main one. NULL: none. */
const struct number_plan *number_plan_of(struct span digits);
/* The lengths that a significant number of the plan's country code may have
 * when it begins like this one: bit n for n digits. 0: none begins like it. */
static inline uint32_t
number_plan_lengths(const struct number_plan *plan, struct span significant)
{
	unsigned a, b;

	if (significant.n < 2)
		return 0;
	a = (unsigned char)significant.p[0] - '0';
	b = (unsigned char)significant.p[1] - '0';
	return a > 9 || b > 9 ? 0 : plan->lengths[10 * a + b];
}

/* The countries of the table, for messages: count, and the i-th. */
size_t number_plans(void);
const struct number_plan *number_plan_at(size_t i);
/* For a country that the table does not have: which one may be meant, or
 * NULL. */
const char *number_plan_nearest(struct span country);

/* What a user part is. */
enum number_kind {
	NUMBER_NOT,      /* a name, a code with * or #: never touched */
	NUMBER_SHORT,    /* extension, short code, emergency: never touched */
	NUMBER_INVALID,  /* digits that fit no form of the plan, or two; a plus
			  * among them */
	NUMBER_PLUS,     /* "+44...", separators or not */
	NUMBER_DIALLED,  /* international prefix: "0044...", "01144..." */
	NUMBER_BARE,     /* E.164 but for the plus, or without a trunk prefix */
	NUMBER_NATIONAL, /* trunk prefix, or as dialled where there is none */
	NUMBER_LOCAL     /* completed with the area code */
};

struct number {
	enum number_kind kind;
	uint8_t digits_n; /* 0 unless kind >= NUMBER_PLUS */
	uint8_t code_n; /* how many of them are the country code, 0: unknown */
	char digits[NUMBER_E164_MAX];   /* E.164 without plus */
	const struct number_plan *plan; /* of its country code; may be NULL */
};

/*
 * Reads a user part. `plan` is the plan of whoever wrote it, NULL: only "+..."
 * is understood. `area` completes local numbers; empty: they are NUMBER_INVALID
 * or NUMBER_SHORT. What the plan lets be read as two numbers is neither:
 * NUMBER_INVALID or NUMBER_SHORT. User parameters (";ext=12") say nothing here
 * but for the phone-context: a local number is read in it, as
 * number_from_context() does, and is NUMBER_SHORT where it is a domain.
 */
void number_parse(const struct number_plan *plan, struct span area,
    struct span user, struct number *out);

enum number_form {
	NUMBER_FORM_PLUS,         /* +442079460000 */
	NUMBER_FORM_DIGITS,       /* 442079460000, see number_to_form() */
	NUMBER_FORM_NATIONAL,     /* 02079460000; foreign: as international */
	NUMBER_FORM_INTERNATIONAL /* 00442079460000 */
};

/* Appends a number (kind >= NUMBER_PLUS) as `reader` dials it. Without a reader
 * the forms that need a prefix are written with "+". */
void number_add(struct text *t, const struct number *number,
    enum number_form form, const struct number_plan *reader);

enum number_result {
	NUMBER_UNCHANGED,  /* it is in that form, or must not be touched */
	NUMBER_REWRITTEN,  /* the new user part is in `out` */
	NUMBER_BAD_LENGTH, /* a number that the plan does not have; untouched */
	NUMBER_NO_NUMBER   /* not a number; untouched */
};

/*
 * The user part in that form; `reader` as in number_add(), `kind` what it was
 * read as (may be NULL). User parameters (";ext=12") may follow in `user` and
 * are kept. `out` is appended to on NUMBER_REWRITTEN only. Where the reader (of
 * NUMBER_FORM_DIGITS the writer, too) would take the result for another number
 * ("298123456" of the Faroes in Poland), it gets the international prefix, or a
 * plus.
 */
enum number_result number_to_form(const struct number_plan *plan,
    struct span area, struct span user, enum number_form form,
    const struct number_plan *reader, struct text *out, enum number_kind *kind);

/*
 * RFC 3966 section 5.1.5: a local number in its phone-context, which must be
 * "+..." and is then the prefix of the number. Written (NUMBER_REWRITTEN, kind
 * NUMBER_LOCAL) only where a plan of the table has the whole, and the local
 * number is none that is dialled with a trunk prefix; a short code of a whole
 * country and emergency numbers are NUMBER_UNCHANGED.
 */
enum number_result number_from_context(
    struct span context, struct span user, struct number *out);

/* An emergency number of the plan or one of 112, 911, 999; exact digits. */
bool number_is_emergency(const struct number_plan *plan, struct span user);
/* The same for a Request-URI; urn:service:sos and below count (RFC 5031). */
bool number_uri_is_emergency(
    const struct number_plan *plan, const struct sip_uri *uri);

/* True when both user parts are the same subscriber: equal as E.164, in their
 * phone-contexts, or equal text where one of them is no number. */
bool number_same(const struct number_plan *plan, struct span area,
    struct span a, struct span b);

#endif
