/*
 * capability.h - what the peer of a trunk can do, as it said itself
 *
 * Learnt from Allow and Supported of what comes: INVITE and OPTIONS, 2xx to
 * either, and 405 to anything. One cache a trunk, which lives as long as its
 * state: a reload forgets nothing. A value that was seen before costs a hash
 * and no parsing, also where the devices behind a trunk take turns.
 */

#ifndef CORDON_TRUNK_CAPABILITY_H
#define CORDON_TRUNK_CAPABILITY_H

#include "base/text.h"
#include "sip/capability.h"

struct record;
struct trunk;

enum capability_answer {
	CAPABILITY_UNKNOWN, /* the peer has not said anything yet */
	CAPABILITY_NO,
	CAPABILITY_YES
};

#define CAPABILITY_SEEN 4

/* What one header says. */
struct capability {
	bool known;
	uint8_t method;  /* enum sip_method of the message that said so last */
	uint16_t status; /* of it; 0: it was the request */
	uint32_t mask;   /* SIP_METHOD_BIT()s, or SIP_OPTION_BIT()s */
	uint64_t time;   /* of it, microseconds since 1970 */
	struct {
		uint64_t hash; /* of the raw value; 0: free */
		uint32_t mask;
	} seen[CAPABILITY_SEEN];
	unsigned next; /* of `seen` to be overwritten */
};

struct capabilities {
	struct capability allow, supported;
	uint64_t noted_since; /* an hour in which so many changes were noted */
	unsigned noted;
};

/*
 * Reads what `msg`, which came from the trunk, says of its peer. The time is
 * that of `record`, where it is noted (CAP-NO-REFER) each time that REFER is
 * found missing in Allow; of a trunk whose devices differ, ten times an hour.
 */
void capability_learn(struct trunk *trunk, const struct sip_message *msg,
    struct record *record);

enum capability_answer capability_allows(
    const struct trunk *trunk, enum sip_method method);
enum capability_answer capability_supports(
    const struct trunk *trunk, enum sip_option option);

/* "OPTIONS 200", "INVITE": the message that said so last. */
void capability_add_source(struct text *t, const struct capability *capability);

#endif
