/*
 * capability.c - Allow and Supported of a trunk's peer, remembered
 */

#include "trunk/capability.h"

#include "base/hash.h"
#include "record/record.h"
#include "trunk/trunk.h"

#define HOUR       (3600 * 1000000ull)
#define NOTES_HOUR 10
#define FIELDS_MAX 8

/* --- reading --- */

typedef uint32_t mask_fn(const struct sip_message *msg);

static uint32_t
read_allow(const struct sip_message *msg)
{
	uint32_t mask = 0;

	sip_allow_read(msg, &mask);
	return mask;
}

static uint32_t
read_supported(const struct sip_message *msg)
{
	return sip_option_tags_read(msg, SIP_SUPPORTED).mask;
}

/* Of all its fields; never 0. */
static uint64_t
hash_of_header(const struct sip_message *msg, enum sip_header id)
{
	struct span parts[FIELDS_MAX];
	const struct sip_line *line = sip_find(msg, id);
	uint64_t hash;
	size_t n;

	for (n = 0; n < FIELDS_MAX && line != NULL; n++) {
		parts[n] = line->value;
		line = sip_find_next(msg, line);
	}
	hash = hash_quick(parts, n);
	return hash == 0 ? 1 : hash;
}

static uint32_t
mask_of_header(struct capability *c, const struct sip_message *msg,
    enum sip_header id, mask_fn *read)
{
	uint64_t hash = hash_of_header(msg, id);
	size_t i;

	for (i = 0; i < CAPABILITY_SEEN; i++)
		if (c->seen[i].hash == hash)
			return c->seen[i].mask;
	i = c->next++ % CAPABILITY_SEEN;
	c->seen[i].hash = hash;
	c->seen[i].mask = read(msg);
	return c->seen[i].mask;
}

/* --- learning --- */

/* RFC 3261 section 20.5: without the header nothing is said. */
static void
learn_header(struct capability *c, const struct sip_message *msg,
    enum sip_header id, mask_fn *read, uint64_t now)
{
	if (!sip_has(msg, id))
		return;
	c->mask = mask_of_header(c, msg, id, read);
	c->known = true;
	c->time = now;
	c->method = (uint8_t)msg->method;
	c->status = (uint16_t)(msg->request ? 0 : msg->status);
}

static bool
may_note(struct capabilities *can, uint64_t now)
{
	if (now - can->noted_since >= HOUR) {
		can->noted_since = now;
		can->noted = 0;
	}
	return can->noted++ < NOTES_HOUR;
}

/* Row SFB-02. */
static void
note_no_refer(const struct trunk *trunk, const struct sip_message *msg,
    struct record *record)
{
	char buf[160];
	struct text t = text_over(buf, sizeof(buf));
	struct journal_entry entry = {
		.kind = JOURNAL_DIAGNOSIS,
		.diagnostic = DIAG_CAP_NO_REFER,
		.trunk = trunk->name,
		.target = SPAN("Allow"),
		.before = sip_value(msg, SIP_ALLOW),
		.message = span_of(sip_method_name(msg->method)),
	};

	TEXT_LIT(&t, "REFER: not offered (");
	capability_add_source(&t, &trunk->state->can.allow);
	TEXT_LIT(&t, "): a transfer cannot be handed to this peer");
	entry.reason = text_span(&t);
	record_note(record, NULL, &entry);
}

static bool
speaks_of_itself(const struct sip_message *msg)
{
	bool session = msg->method == SIP_METHOD_INVITE ||
	    msg->method == SIP_METHOD_OPTIONS;

	if (msg->request)
		return session;
	return msg->status == 405 ||
	    (session && msg->status >= 200 && msg->status < 300);
}

void
capability_learn(
    struct trunk *trunk, const struct sip_message *msg, struct record *record)
{
	struct capabilities *can = &trunk->state->can;
	bool missed;

	if (!speaks_of_itself(msg))
		return;
	missed = capability_allows(trunk, SIP_METHOD_REFER) == CAPABILITY_NO;
	learn_header(&can->allow, msg, SIP_ALLOW, read_allow, record->now);
	learn_header(
	    &can->supported, msg, SIP_SUPPORTED, read_supported, record->now);
	if (!missed &&
	    capability_allows(trunk, SIP_METHOD_REFER) == CAPABILITY_NO &&
	    may_note(can, record->now))
		note_no_refer(trunk, msg, record);
}

/* --- asking --- */

static enum capability_answer
has(const struct capability *c, uint32_t bit)
{
	if (!c->known)
		return CAPABILITY_UNKNOWN;
	return (c->mask & bit) != 0 ? CAPABILITY_YES : CAPABILITY_NO;
}

enum capability_answer
capability_allows(const struct trunk *trunk, enum sip_method method)
{
	return has(&trunk->state->can.allow, SIP_METHOD_BIT(method));
}

enum capability_answer
capability_supports(const struct trunk *trunk, enum sip_option option)
{
	return has(&trunk->state->can.supported, SIP_OPTION_BIT(option));
}

void
capability_add_source(struct text *t, const struct capability *c)
{
	text_add_str(t, sip_method_name((enum sip_method)c->method));
	if (c->status == 0)
		return;
	TEXT_LIT(t, " ");
	text_add_u64(t, c->status);
}
