/*
 * privacy.c - the tokens of a Privacy header
 */

#include "base/container.h"
#include "identity/identity.h"
#include "sip/value.h"

static const struct {
	const char *name;
	unsigned bit;
} tokens[] = {
	{ "id", IDENTITY_PRIVACY_ID },
	{ "none", IDENTITY_PRIVACY_NONE },
	{ "user", IDENTITY_PRIVACY_USER },
	{ "header", IDENTITY_PRIVACY_HEADER },
	{ "session", IDENTITY_PRIVACY_SESSION },
	{ "critical", IDENTITY_PRIVACY_CRITICAL },
	{ "history", IDENTITY_PRIVACY_HISTORY }
};

unsigned
identity_privacy_bit(struct span token)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(tokens); i++) {
		if (span_ieq(token, span_of(tokens[i].name)))
			return tokens[i].bit;
	}
	return IDENTITY_PRIVACY_OTHER;
}

/* A semicolon separates them (RFC 3323 section 4.2); many write a comma. */
bool
identity_privacy_next(struct span *rest, struct span *token)
{
	while (rest->n > 0) {
		size_t i = 0;

		while (i < rest->n && rest->p[i] != ';' && rest->p[i] != ',')
			i++;
		*token = sip_unquote(span_trim(span_make(rest->p, i)));
		*rest = span_from(*rest, i + 1);
		if (token->n > 0)
			return true;
	}
	return false;
}

unsigned
identity_privacy_bits(struct span value)
{
	struct span token;
	unsigned bits = 0;

	while (identity_privacy_next(&value, &token))
		bits |= identity_privacy_bit(token);
	return bits;
}
