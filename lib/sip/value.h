/*
 * value.h - inside one header value: lists, parameters, quoting
 */

#ifndef CORDON_SIP_VALUE_H
#define CORDON_SIP_VALUE_H

#include "base/span.h"
#include "base/text.h"
#include "sip/message.h"

/*
 * Walks the values of a list header over all its fields:
 *
 *	struct sip_values it = sip_values(msg, SIP_P_ASSERTED_IDENTITY);
 *	struct span value;
 *	while (sip_values_next(&it, &value)) ...
 *
 * Commas split outside quotes and angle brackets only; empty values are
 * skipped.
 */
struct sip_values {
	const struct sip_message *msg;
	const struct sip_line *line;
	struct span rest;
};
struct sip_values sip_values(const struct sip_message *msg, enum sip_header id);
bool sip_values_next(struct sip_values *it, struct span *value);

/* The same over one value: cuts the next element off *rest. */
bool sip_list_next(struct span *rest, struct span *value);

/* True when the list of that header has that token, ASCII case ignored. */
bool sip_list_has(
    const struct sip_message *msg, enum sip_header id, struct span token);

/* Walks ";name=value" parameters; *value is empty for a flag. Quotes stay. */
bool sip_param_next(struct span *rest, struct span *name, struct span *value);

/* The parameter `name` in `params` (which begins at a ';'). */
bool sip_param_find(struct span params, struct span name, struct span *value);

/* Appends `params` with the parameter `name` set to *value, once; `value` NULL:
 * without it. */
void sip_param_set(struct text *t, struct span params, struct span name,
    const struct span *value);

/* Appends what a message is called: "BYE" (status 0), "486 INVITE". */
void sip_add_label(struct text *t, unsigned status, struct span method);

/* Without the quotes around it; escapes stay. */
struct span sip_unquote(struct span s);

/* Appends with each fold (CRLF and the blanks behind it) made one SP, and other
 * control bytes left out: what may stand inside one header field. */
void sip_add_unfolded(struct text *t, struct span value);

/* True for a non-empty RFC 3261 token. */
bool sip_is_token(struct span s);

#endif
