/*
 * rules.h - inside of a policy, shared by the files of lib/policy
 */

#ifndef CORDON_POLICY_RULES_H
#define CORDON_POLICY_RULES_H

#include "identity/identity.h"
#include "number/map.h"
#include "policy/policy.h"

enum setting {

#define SETTING(id, group, name, kind, choices, help) SETTING_##id,
#include "policy/settings.def"
#undef SETTING
	SETTINGS
};
_Static_assert(SETTINGS <= 64, "policy.given has a bit a setting");

/* Each in the order of its row's choices. */
enum asserted_mode {
	ASSERTED_AS_RECEIVED,
	ASSERTED_ABSENT,
	ASSERTED_FROM,
	ASSERTED_FIXED,
	ASSERTED_OWNED,
	ASSERTED_MAP
};

enum from_mode {
	FROM_KEEP,
	FROM_OWNED,
	FROM_ASSERTED,
	FROM_DEFAULT,
	FROM_ANONYMOUS
};

enum invalid_ani_mode {
	INVALID_ANI_PASS,
	INVALID_ANI_REPLACE,
	INVALID_ANI_REJECT
};

enum values_mode { VALUES_AS_RECEIVED, VALUES_ONE, VALUES_SIP_AND_TEL };

enum keep_mode { KEEP, ABSENT };

enum privacy_mode {
	PRIVACY_KEEP,
	PRIVACY_HONOUR,
	PRIVACY_DROP_ID,
	PRIVACY_DROP_ID_IF_PUBLIC,
	PRIVACY_ADD
};

enum anonymous_mode {
	ANONYMOUS_KEEP,
	ANONYMOUS_USE_ASSERTED,
	ANONYMOUS_DEFAULT,
	ANONYMOUS_REJECT,
	ANONYMOUS_PRIVATE
};

enum diversion_mode {
	DIVERSION_KEEP,
	DIVERSION_DIVERSION,
	DIVERSION_HISTORY,
	DIVERSION_BOTH,
	DIVERSION_ABSENT
};

enum diverted_mode { DIVERTED_ORIGINAL, DIVERTED_DIVERTING };

enum remote_party_mode {
	REMOTE_PARTY_KEEP,
	REMOTE_PARTY_ABSENT,
	REMOTE_PARTY_FROM
};

enum host_mode { HOST_KEEP, HOST_OWN, HOST_DOMAIN };

enum show_mode { SHOW_ACCEPTED, SHOW_FROM };

enum private_mode { PRIVATE_REPLACE, PRIVATE_KEEP };

/* Bits of numbers.in. */
enum number_target {
	NUMBER_IN_REQUEST = 1,
	NUMBER_IN_TO = 2,
	NUMBER_IN_FROM = 4,
	NUMBER_IN_ASSERTED = 8,
	NUMBER_IN_PREFERRED = 16,
	NUMBER_IN_REMOTE_PARTY = 32,
	NUMBER_IN_DIVERTING = 64,
	NUMBER_IN_REFERRED_BY = 128
};

struct policy_strings {
	const char **list;
	size_t n;
};

/* Memory of a policy that is freed as a whole. */
struct policy_block {
	struct policy_block *next;
	_Alignas(16) char data[];
};

/* The free rules of a file (rule.h). */
struct rule_set {
	struct rule *list;
	unsigned n;
	struct rule_diagnostic *own; /* codes that the file declares */
	unsigned own_n;
	struct rule_pattern *patterns; /* all of the file */
	struct rule_matcher *matcher;
};

/* What refusals mean (responses.c). */
struct response_set {
	struct response_row *list;
	unsigned n;
};

/* The tests in a file (trial.h). */
struct trial_set {
	struct trial_case *list;
	unsigned n;
};

struct policy {
	unsigned references;
	bool builtin;
	char *file;
	uint64_t digest;           /* of the text that it was made of, or 0 */
	uint64_t given;            /* a bit a setting that the file has */
	unsigned choice[SETTINGS]; /* CHOICE: which; BOOL; WORDS: bits;
				    * ORDER: which + 1, four bits each */
	const char *text[SETTINGS]; /* TEXT, NUMBER, ..., and behind a "fixed:" */
	struct policy_strings list[SETTINGS];
	const struct number_plan *plan; /* numbers.country */
	struct number_map *asserted_map; /* of identity.asserted, or NULL */
	struct span rule[SETTINGS]; /* "policies/x.conf:12"; empty: built-in */
	struct rule_set rules;
	struct response_set responses;
	struct trial_set trials;
	struct policy_block *blocks;
};

/* What a journal entry names as the rule: file:line, or "builtin:NAME". */
struct span policy_rule(const struct policy *policy, enum setting id);

static inline bool
policy_gives(const struct policy *policy, enum setting id)
{
	return policy->given >> id & 1;
}

static inline struct span
policy_text(const struct policy *policy, enum setting id)
{
	return span_of(policy->text[id]);
}

/* True when the name matches one of the patterns of the setting. */
bool policy_lists_header(
    const struct policy *policy, enum setting id, struct span name);

/* Numbers that the trunk of the stage was asked about: the same few are
 * looked up by many rules. */
#define OWNED_KNOWN 4
#define OWNED_TEXT  24

struct owned_known {
	unsigned n;
	struct {
		uint8_t n;
		bool owned;
		char user[OWNED_TEXT];
	} list[OWNED_KNOWN];
};

/* Tokens by which a caller asks to be hidden from the callee. */
#define PRIVACY_HIDES                                                          \
	(IDENTITY_PRIVACY_ID | IDENTITY_PRIVACY_USER | IDENTITY_PRIVACY_HEADER)

/* One application of a policy to a draft. */
struct apply {
	const struct policy *policy;
	const struct policy_context *ctx;
	const struct policy_trunk *trunk; /* of this stage */
	struct sip_draft *draft;
	struct edit edit;
	struct identity id;
	const struct number_plan *read;  /* plan that numbers are written in */
	const struct number_plan *write; /* plan that they are wanted in */
	struct span area;
	bool plans_chosen;
	struct owned_known *known;
	struct span mapped; /* what asserted = map: has for who called first */
	struct span target; /* Request-URI that History-Info ends with, or empty */
};

/* Why a change is made that a setting of the file wants. */
static inline struct edit_why
apply_why(const struct apply *apply, enum diagnostic diagnostic,
    enum setting id, struct span reason)
{
	return (struct edit_why){ diagnostic, policy_rule(apply->policy, id),
		reason };
}

/* Numbers are read and written by these plans. */
void apply_plans(struct apply *apply);
/* The kind of the call; one that the guard takes for an emergency is one. */
enum policy_call apply_call(const struct apply *apply);

/* Replaces `old`, a part of the field's value, by `text`. Returns the value. */
struct span apply_splice(struct apply *apply, int field, struct span old,
    struct span text, const struct edit_why *why);
/* The same, several times for one field: only the last text takes room. All
 * zero before the first; spans into the value before are then void. */
struct apply_room {
	bool taken;
	size_t mark;
};
struct span apply_splice_more(struct apply *apply, struct apply_room *room,
    int field, struct span old, struct span text, const struct edit_why *why);
/* The host that this policy puts into identities; empty: they keep theirs. */
struct span apply_host_wanted(const struct apply *apply);
static inline const struct nameaddr *
apply_read_value(const struct apply *apply, struct span value)
{
	return nameaddr_recall(&apply->draft->names, value);
}

/* apply_splice() of the Request-URI. */
void apply_splice_uri(struct apply *apply, struct span old, struct span text,
    const struct edit_why *why);
/* Takes all fields of that header out. */
void apply_remove_all(
    struct apply *apply, enum sip_header id, const struct edit_why *why);

/* Is the user part a number that the trunk of the stage owns?
 * False where nobody knows. */
bool apply_owns(const struct apply *apply, struct span user);
/* Why not, as a sentence that lives as long as the draft. */
struct span apply_why_not(struct apply *apply, struct span user);
/* Does it read as a number? */
bool apply_is_number(const struct apply *apply, struct span user);
/* Is it meant as a number, and none that can exist? */
bool apply_is_invalid(const struct apply *apply, struct span user);
/* True when there are asserted values, and none of them can exist. */
bool apply_asserts_invalid(const struct apply *apply);
/* "+442079460000" of the policy, else of the trunk; or empty. */
struct span apply_default_caller(const struct apply *apply);
/* "+442079460000" of a user part that is owned (as it stands where no plan
 * reads it); lives as long as the draft. */
struct span apply_e164(struct apply *apply, struct span user);
/* The number that stands for one that may not be shown: the latest diverting
 * one that is owned, with `asserted` the first asserted one that is (or is
 * going to be asserted), else the default caller; or empty. */
struct span apply_stand_in(struct apply *apply, bool asserted);
/* The number that the file of asserted = map: has for the caller. */
bool apply_map(const struct apply *apply, struct span *asserted);
/* The number, as it is written, of a value that is asserted and owned, else the
 * one that the policy is going to assert instead; or empty. */
struct span apply_asserted_number(struct apply *apply);

/* `parts` with another number: what belonged to the old one goes. */
void apply_renumber(struct apply *apply, struct identity_parts *parts,
    struct span number);
/* Makes From these parts; apply->id.caller is then the new one. */
void apply_set_from(struct apply *apply, const struct identity_parts *parts,
    const struct edit_why *why);

/* Nobody knows, or the trunk owns it. */
bool apply_may_show(const struct apply *apply, struct span user);
/* Was From anonymous before any policy? */
bool apply_came_anonymous(const struct apply *apply);
/* Does the caller ask to be hidden from the callee? */
static inline bool
apply_wishes_hiding(const struct apply *apply)
{
	return (apply->id.privacy & PRIVACY_HIDES) || apply->id.party_hides;
}
/* Makes Privacy have the token id. */
void apply_add_id(struct apply *apply, const struct edit_why *why);
/* Makes the header have exactly these values, a field each. */
void apply_set_values(struct apply *apply, enum sip_header id,
    const struct span *values, unsigned n, const struct edit_why *why);

/* Who diverted the call last, of those who do not hide and whom `fits`
 * takes. */
bool rules_diverter(struct apply *apply,
    bool (*fits)(const struct apply *apply, struct span user),
    struct identity_parts *who);
/* Before anybody looks who diverted: privacy = honour. */
void rules_hide_diverting(struct apply *apply);
void rules_diversion(struct apply *apply);
/* The last entry of History-Info that is the Request-URI, as it came or as
 * it was written, follows it: the first looks before the Request-URI
 * changes, the second is behind all that may change it. In between nobody
 * else changes that entry. */
void rules_target(struct apply *apply);
void rules_retarget(struct apply *apply);
/* ACS-02: From anonymous without a wish; From is well-formed. */
bool rules_anonymous(struct apply *apply, struct policy_refusal *refusal);
/* A wish that Remote-Party-ID has and that would go with it. */
void rules_party_wish(struct apply *apply);
/* Who is hidden in From, or who diverted the call and is shown there. */
void rules_shown(struct apply *apply);
bool rules_from(struct apply *apply, struct policy_refusal *refusal);
/* What of From is about ownership; From is well-formed. */
bool rules_caller(struct apply *apply, struct policy_refusal *refusal);
void rules_identity(struct apply *apply);
void rules_called(struct apply *apply);
/* The dialled number as it is wanted. */
void rules_dialled(struct apply *apply);
void rules_values(struct apply *apply);
void rules_domain(struct apply *apply);
void rules_free(struct apply *apply);

#define ORDER_MAX 4 /* words of an ORDER */

/* What the called person will see: appended where the policy says how its
 * carrier decides (row SFB-14). */
void presentation_add(
    struct apply *apply, const struct identity *id, struct text *t);

#endif
