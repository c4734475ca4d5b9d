/*
 * capability.h - what a peer can do: option tags (RFC 3261 section 19.2) and
 * Allow (section 20.5)
 *
 * To ask for one tag alone, sip_list_has() of value.h will do.
 */

#ifndef CORDON_SIP_CAPABILITY_H
#define CORDON_SIP_CAPABILITY_H

#include "base/text.h"
#include "sip/message.h"

enum sip_option {
#define SIP_OPTION(id, name) SIP_OPTION_##id,
#include "sip/option_tags.def"
#undef SIP_OPTION
	SIP_OPTION_OTHER
};

/* Its bit in a mask of option tags; OTHER has none. */
#define SIP_OPTION_BIT(option) ((uint32_t)1 << (option))

struct sip_option_tags {
	uint32_t mask;
	bool has_unknown; /* a tag that option_tags.def does not know */
};

/* Case does not count (RFC 3261 section 7.3.1). */
enum sip_option sip_option_find(struct span name);
const char *sip_option_name(enum sip_option option); /* "?" for OTHER */

/* All tags of all fields of Supported, Require, Proxy-Require or Unsupported;
 * empty without the header. */
struct sip_option_tags sip_option_tags_read(
    const struct sip_message *msg, enum sip_header header);

/* Appends the tags of a mask as a list, "replaces, timer"; nothing for none. */
void sip_option_tags_write(uint32_t mask, struct text *out);

/* Appends the tags of that header that are not in `understood`, known or not:
 * the Unsupported of a 420 (RFC 3261 section 8.2.2.3). What is no token is left
 * out. Returns how many there are. */
unsigned sip_option_tags_write_others(const struct sip_message *msg,
    enum sip_header header, uint32_t understood, struct text *out);

/* Its bit in a mask of methods; all unknown ones share that of OTHER. */
#define SIP_METHOD_BIT(method) ((uint32_t)1 << (method))

/* All methods of all fields of Allow. False without the header, where nothing
 * is known; a header without a method is a mask of 0. */
bool sip_allow_read(const struct sip_message *msg, uint32_t *mask);

#endif
