/*
 * uri.h - sip, sips and tel URIs, cut into spans (RFC 3261 19.1, RFC 3966)
 */

#ifndef CORDON_SIP_URI_H
#define CORDON_SIP_URI_H

#include "base/span.h"
#include "base/text.h"

enum sip_scheme {
	SIP_SCHEME_NONE, /* no scheme: not usable as a URI */
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
	SIP_SCHEME_TEL,
	SIP_SCHEME_OTHER /* urn, http, ... */
};

/* The parameter that says where a local number is a number: RFC 3966 section
 * 5.1.5. */
#define SIP_PHONE_CONTEXT SPAN("phone-context")

struct sip_uri {
	struct span whole;
	enum sip_scheme scheme;
	struct span scheme_name;
	struct span user;     /* tel: the number. Without password and user params */
	struct span user_params; /* ";ext=12" inside the user part (RFC 3966) */
	struct span password;
	struct span host;     /* IPv6 with brackets; empty for tel */
	uint16_t port;        /* 0: none */
	struct span params;   /* from the first ';' behind the host, or empty */
	struct span headers;  /* behind '?', without it */
};

/* Member by member: the loop that a compiler makes of a whole structure costs
 * more than to read a URI. */
static inline void
sip_uri_clear(struct sip_uri *uri)
{
	uri->whole = SPAN_NONE;
	uri->scheme = SIP_SCHEME_NONE;
	uri->scheme_name = SPAN_NONE;
	uri->user = SPAN_NONE;
	uri->user_params = SPAN_NONE;
	uri->password = SPAN_NONE;
	uri->host = SPAN_NONE;
	uri->port = 0;
	uri->params = SPAN_NONE;
	uri->headers = SPAN_NONE;
}

/*
 * Cuts `s` apart. Tolerant: ";;" and odd bytes inside a part are kept as they
 * are. False, and the scheme NONE, when there is no scheme, for sip and sips no
 * host or a port that is none, for tel no number: `s` cannot be used as a URI
 * (row SFB-08).
 */
bool sip_uri_parse(struct span s, struct sip_uri *uri);

/* What may be worked on, though it be odd: visible ASCII without quotes and
 * angle brackets, a user before an '@', a host of host bytes. */
bool sip_uri_sound(const struct sip_uri *uri);

/* Strict: only bytes that RFC 3261 section 25.1 allows in each part;
 * escapes are well-formed; no empty parameter. */
bool sip_uri_valid(const struct sip_uri *uri);

/* A service URN as "urn:service:sos.fire" (RFC 5031):
 * it is called as it stands. */
bool sip_uri_is_service(const struct sip_uri *uri);

/* "anonymous" as user, or a host "anonymous.invalid" (RFC 3323). */
bool sip_uri_is_anonymous(const struct sip_uri *uri);

#endif
