/*
 * sanity.c - what a message must not be, though it could be indexed (RFC 4475)
 */

#include "sip/chars.h"
#include "sip/message.h"
#include "sip/nameaddr.h"
#include "sip/value.h"
#include "sip/view.h"

/* A longer Via stack is a loop (RFC 3261 section 8.1.1.6: 70 hops). */
#define VIA_MAX 70

enum {
	ONCE = SIP_FLAG_ONCE,
	LIST = SIP_FLAG_LIST,
	OURS = SIP_FLAG_OURS,
	RELAY = SIP_FLAG_RELAY,
	SECRET = SIP_FLAG_SECRET,
	BODY = SIP_FLAG_BODY,
	DIALOG = SIP_FLAG_DIALOG | SIP_FLAG_OURS
};

/* Headers that may stand once, as masks of struct sip_message. */
#define ONCE_BIT(id, flags, half)                                              \
	(((flags)&ONCE) != 0 && SIP_##id >> 6 == (half)                        \
		? (uint64_t)1 << (SIP_##id & 63)                               \
		: 0)
static const uint64_t once[2] = {
#define SIP_HEADER(id, name, compact, flags) ONCE_BIT(id, flags, 0) |
#include "sip/headers.def"
#undef SIP_HEADER
	0,
#define SIP_HEADER(id, name, compact, flags) ONCE_BIT(id, flags, 1) |
#include "sip/headers.def"
#undef SIP_HEADER
	0
};

struct check {
	const struct sip_message *msg;
	const struct sip_view *view;
	struct sip_fault *fault;
};

static bool
refuse(const struct check *c, unsigned status, enum sip_header header,
    const char *text)
{
	if (!c->msg->request || c->msg->method == SIP_METHOD_ACK)
		status = 0;
	*c->fault = (struct sip_fault){ status, header, text };
	return false;
}

static enum sip_header
first_of(const uint64_t mask[2])
{
	if (mask[0] != 0)
		return (enum sip_header)__builtin_ctzll(mask[0]);
	return (enum sip_header)(64 + __builtin_ctzll(mask[1]));
}

/* A response is dropped only for what would make it another's. */
static bool
response_is_ambiguous(const struct sip_message *msg)
{
	return sip_has_twice(msg, SIP_CALL_ID) ||
	       sip_has_twice(msg, SIP_CSEQ) || sip_has_twice(msg, SIP_FROM) ||
	       sip_has_twice(msg, SIP_TO) ||
	       sip_has_twice(msg, SIP_CONTENT_LENGTH);
}

static bool
check_once(const struct check *c)
{
	uint64_t bad[2] = { c->msg->twice[0] & once[0],
		c->msg->twice[1] & once[1] };

	if ((bad[0] | bad[1]) == 0 ||
	    (!c->msg->request && !response_is_ambiguous(c->msg)))
		return true;
	return refuse(
	    c, 400, first_of(bad), "A header that stands once is there twice.");
}

static bool
check_request_uri(const struct check *c)
{
	const struct sip_uri *uri = &c->view->uri;

	if (uri->scheme == SIP_SCHEME_NONE)
		return refuse(c, 400, SIP_OTHER_HEADER,
		    "The Request-URI has no scheme, or no host.");
	if (uri->scheme == SIP_SCHEME_OTHER && !sip_uri_is_service(uri))
		return refuse(c, 416, SIP_OTHER_HEADER,
		    "The scheme of the Request-URI is not sip, sips, tel or "
		    "urn:service.");
	if (!sip_uri_sound(uri))
		return refuse(c, 400, SIP_OTHER_HEADER,
		    "The Request-URI has bytes that no URI may have.");
	return true;
}

static bool
check_cseq(const struct check *c)
{
	if (!span_eq(c->view->cseq_method_name, c->msg->method_name))
		return refuse(c, 400, SIP_CSEQ,
		    "The method of CSeq is not that of the request.");
	return true;
}

static bool
check_max_forwards(const struct check *c)
{
	if (c->view->max_forwards == SIP_MAX_FORWARDS_BAD)
		return refuse(c, 400, SIP_MAX_FORWARDS,
		    "Max-Forwards is not a number from 0 to 255.");
	return true;
}

/* The top Via has been read by the view. */
static bool
check_via(const struct check *c)
{
	struct sip_values it = sip_values(c->msg, SIP_VIA);
	struct span value;
	struct sip_via via;

	if (c->view->via_count == 1)
		return true;
	if (c->view->via_count > VIA_MAX)
		return refuse(c, 400, SIP_VIA, "There are more than 70 Via.");
	while (sip_values_next(&it, &value))
		if (!sip_via_parse(value, &via))
			return refuse(c, 400, SIP_VIA, "A Via is malformed.");
	return true;
}

static bool
check_balance(const struct check *c, enum sip_header id, bool balanced)
{
	if (balanced)
		return true;
	return refuse(c, 400, id, "A quote or bracket has no pair.");
}

static bool
check_contact(const struct check *c, const struct nameaddr *na)
{
	if ((na->defects & NAMEADDR_UNBALANCED) != 0)
		return refuse(
		    c, 400, SIP_CONTACT, "A quote or bracket has no pair.");
	/* RFC 3261 section 20.10: whose are the headers? */
	if (!na->brackets && span_find(na->uri_text, '?') >= 0)
		return refuse(c, 400, SIP_CONTACT,
		    "A Contact with '?' stands without brackets.");
	return true;
}

/* The view has the first one; more than one is rare. */
static bool
check_contacts(const struct check *c)
{
	struct sip_values it;
	struct nameaddr na;
	struct span value;

	if (c->view->contact.whole.n == 0)
		return true;
	if (!check_contact(c, &c->view->contact))
		return false;
	it = sip_values(c->msg, SIP_CONTACT);
	for (sip_values_next(&it, &value); sip_values_next(&it, &value);) {
		nameaddr_parse(value, &na);
		if (!check_contact(c, &na))
			return false;
	}
	return true;
}

bool
sip_sanity(const struct sip_message *msg, const struct sip_view *view,
    struct sip_fault *fault)
{
	struct check c = { msg, view, fault };

	*fault = (struct sip_fault){ 0, SIP_OTHER_HEADER, NULL };
	if (!check_once(&c) ||
	    !check_balance(&c, SIP_FROM, view->from_balanced) ||
	    !check_balance(&c, SIP_TO, view->to_balanced) ||
	    !check_contacts(&c))
		return false;
	return !msg->request || (check_request_uri(&c) && check_cseq(&c) &&
				    check_max_forwards(&c) && check_via(&c));
}
