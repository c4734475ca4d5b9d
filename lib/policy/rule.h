/*
 * rule.h - free rules as they were compiled, shared by the files rule_*.c
 *
 * A rule is a verb with targets, a value and a condition. Verbs name the end
 * state. Nothing here allocates once a file is loaded.
 */

#ifndef CORDON_POLICY_RULE_H
#define CORDON_POLICY_RULE_H

#include "policy/loader.h"

/* --- targets --- */

enum rule_place { PLACE_HEADER, PLACE_REQUEST, PLACE_SDP };

enum rule_part {
	PART_WHOLE,
	PART_DISPLAY,
	PART_URI,
	PART_USER,
	PART_HOST,
	PART_PORT,
	PART_URI_PARAM,
	PART_PARAM
};

struct rule_target {
	struct span text; /* as written */
	enum rule_place place;
	enum rule_part part;
	enum sip_header id;
	bool wild;   /* `name` is a pattern */
	bool values; /* works on list values, else on whole fields */
	int index;   /* of a list value; -1: all */
	int keep; /* its index where all are walked: of keep_only what stays, of
		   * absent the first that goes; -1: none */
	char type;         /* of an SDP line */
	struct span name;  /* of the header; of the SDP attribute or empty */
	struct span param; /* of PART_URI_PARAM and PART_PARAM */
};

/* Reads "From.uri.user", "X-*", "sdp.a(ptime)". NULL, and noted, when it is no
 * target. The result lives as long as the policy. */
struct rule_target *rule_target_load(
    struct loader *loader, const config_setting_t *at, struct span text);

/* Does that field carry the header of the target? */
bool rule_target_is(
    const struct rule_target *target, const struct sip_field *field);

/* One place that a target names. */
struct rule_spot {
	int field;         /* -1: the Request-URI */
	struct span value; /* whole field or list value that it lies in */
	struct span part;  /* empty: not there */
	bool there;        /* a parameter without value is there too */
};

/* Walks them; a change is told by rule_spots_moved(). */
struct rule_spots {
	struct sip_draft *draft;
	const struct rule_target *target;
	int field;
	int ordinal; /* of the next list value */
	bool inside; /* `rest` is what is left of the field */
	struct span rest;
};

void rule_spots_begin(struct rule_spots *spots, struct sip_draft *draft,
    const struct rule_target *target);
bool rule_spots_next(struct rule_spots *spots, struct rule_spot *spot);
/* The field has another value now, of which that many bytes are not walked. */
void rule_spots_moved(struct rule_spots *spots, size_t behind);
/* The field is gone. */
void rule_spots_removed(struct rule_spots *spots);

/* True for what a list would have as one value: no comma on its own, and each
 * quote and bracket has its pair. */
bool rule_is_one_value(struct span value);

/* The part of one value or URI. False when it has none. */
bool rule_part_read(struct nameaddr_memo *names,
    const struct rule_target *target, struct span value, struct span *part);
/*
 * Appends to the scratch `value` with its part set to `part` (NULL:
 * taken away). False when the value has no such place, or when the
 * result would not read back.
 */
bool rule_part_write(struct sip_draft *draft, const struct rule_target *target,
    struct span value, const struct span *part);

/* --- patterns --- */

#define RULE_CAPTURES 16 /* the whole match is number 0 */

struct rule_pattern;

struct rule_pattern *rule_pattern_load(
    struct loader *loader, const config_setting_t *at, const char *text);
struct span rule_pattern_text(const struct rule_pattern *pattern);
unsigned rule_pattern_captures(const struct rule_pattern *pattern);
/* The number of a named capture, -1: none. */
int rule_pattern_named(const struct rule_pattern *pattern, struct span name);

enum rule_matched {
	MATCHED_NO,
	MATCHED,
	MATCHED_GAVE_UP, /* it tried as often, or as deep, as it may */
	MATCHED_TOO_LONG, /* it did not begin */
	MATCHED_TOO_MANY  /* so many values were looked at already */
};

/* Values that one rule looks at in one message. */
#define RULE_LOOKS 256

/* `captures` has RULE_CAPTURES places; those that did not take part are
 * empty. */
enum rule_matched rule_pattern_match(const struct rule_pattern *pattern,
    struct span subject, struct span *captures);
void rule_patterns_free(struct policy *policy);

/* --- values --- */

#define RULE_PIECES 33

/* A variable, a target or a capture; else text. */
struct rule_piece {
	const struct rule_variable *variable;
	struct span text;
	const struct rule_target *target; /* of ${header.TARGET} */
	bool is_capture;
	unsigned capture;
};

struct rule_template {
	struct span text; /* as written */
	struct rule_piece *pieces;
	unsigned n;
};

/* --- conditions --- */

#define RULE_STATUS_MAX 8

struct rule_range {
	unsigned from, to;
};

/* A condition that has tests is a list of tests of one kind. */
enum rule_test_kind { TEST_PRESENT, TEST_MATCHES, TEST_OWNED };

struct rule_test {
	enum rule_test_kind kind;
	bool negated;
	const struct rule_target *target;
	const struct rule_pattern *pattern;
};

struct rule_word {
	bool negated;
	struct span pattern;
};

struct rule_when {
	unsigned given; /* a bit a condition of the table */
	uint32_t methods;
	bool on; /* and so a request */
	unsigned messages, stages, calls, transports;
	bool dialog;
	unsigned status_n;
	unsigned status_not; /* a bit a range that has '!' */
	struct rule_range status[RULE_STATUS_MAX];
	unsigned trunk_n, other_n, header_n, matches_n, owned_n;
	struct rule_word *trunk, *other;
	struct rule_test *header, *matches, *owned;
	struct span text; /* the same for the same conditions */
};

enum { MESSAGE_REQUEST = 1, MESSAGE_RESPONSE = 2 };

enum { WHEN_STAGE_IN = 1, WHEN_STAGE_OUT = 2 };

/* The words of those conditions, in the order of their bits. */
#define RULE_MESSAGES   2
#define RULE_STAGES     2
#define RULE_TRANSPORTS 3
extern const char *const rule_messages[RULE_MESSAGES];
extern const char *const rule_stages[RULE_STAGES];
extern const char *const rule_transports[RULE_TRANSPORTS];

/* --- the rule --- */

enum rule_verb {
	VERB_ABSENT,
	VERB_SET,
	VERB_ENSURE,
	VERB_APPEND,
	VERB_REPLACE,
	VERB_KEEP_ONLY,
	VERB_RENAME,
	VERBS
};

struct rule {
	struct span id;    /* may be empty */
	struct span place; /* "policies/x.conf:12" */
	unsigned line;
	bool broken; /* not to be looked at together with others */
	enum rule_verb verb;
	const struct rule_target **targets;
	unsigned targets_n;
	bool has_value;
	struct rule_template value;
	struct span *words; /* of keep_only: what stays */
	unsigned words_n;
	const struct rule_pattern *match;
	const struct rule_pattern *captured; /* whose captures the value uses */
	struct rule_when when;
	enum diagnostic diagnostic;
	struct span reason;
};

/* A row of `responses`. */
struct response_row {
	struct span id; /* may be empty */
	unsigned line;
	unsigned status_n; /* 0: any from 300 on */
	struct rule_range status[RULE_STATUS_MAX];
	unsigned phrases_n; /* 0: any */
	struct span *phrases;
	struct policy_response means;
};

/* "503 \"CPS limit\": slow-down" */
void responses_add(struct text *t, const struct response_row *row);

/* A code that the file itself declares. */
struct rule_diagnostic {
	struct span code, title, sentence;
};

/* One rule at work on one message. */
struct rule_run {
	struct apply *apply;
	const struct rule *rule;
	struct edit_why why;
	struct span captures[RULE_CAPTURES];
	unsigned looks; /* at values, with an expression */
};

/* 486, "4xx", "180-183", each with '!' before it: *negated. */
bool rule_range_load(
    const config_setting_t *at, bool *negated, struct rule_range *range);
/* The code of a rule, or of a row of `responses`; a problem where there is
 * none. `at` is the member `diagnostic` or NULL, `group` what it should stand
 * in. One of the file's own sets *reason. */
void rule_diagnostic_load(struct loader *loader, const config_setting_t *at,
    const config_setting_t *group, enum diagnostic *diagnostic,
    struct span *reason);
void rule_when_load(struct loader *loader, const config_setting_t *group,
    struct rule_when *when);
void rule_when_on(
    struct loader *loader, const config_setting_t *at, struct rule_when *when);
/* When all of a rule has been read. */
void rule_when_finish(struct rule_when *when);
bool rule_when_holds(struct rule_run *run);
/* It names only methods of requests within a dialog. */
bool rule_when_in_dialog(const struct rule_when *when);
/* It says in which kinds of call. */
bool rule_when_names_calls(const struct rule_when *when);
/* It says whether within a dialog. */
bool rule_when_names_dialog(const struct rule_when *when);
/* NULL, or why it never can. */
const char *rule_when_never(const struct rule_when *when);

/* False, and noted, when it cannot be used. Blanks alone have no pieces, and
 * are an error unless it may be `empty`. */
bool rule_template_load(struct loader *loader, const config_setting_t *at,
    const char *text, bool empty, struct rule_template *out);
/* Notes captures that the pattern does not have. */
void rule_template_check(struct loader *loader, const config_setting_t *at,
    const struct rule_template *value, const struct rule_pattern *pattern);
/* False when a variable has no value now: the rule is then not applied. The
 * result lives as long as the draft. */
bool rule_template_expand(const struct rule_run *run,
    const struct rule_template *value, struct span *out);

/* The value of a target for conditions and variables: of the draft, else as the
 * message was received. */
bool rule_value_read(const struct apply *apply,
    const struct rule_target *target, struct span *out);
/* Is the header there, likewise? */
bool rule_header_is_there(
    const struct apply *apply, const struct rule_target *target);

/* Matches; a pattern that gave up is journalled, and the rule then leaves that
 * value alone. */
enum rule_matched rule_look(struct rule_run *run,
    const struct rule_pattern *pattern, struct span subject);
/* keep_only: does that one stay? */
bool rule_keeps(struct rule_run *run, struct span name, struct span value);
/* Does `match` leave it to the rule? Sets the captures. */
bool rule_concerns(struct rule_run *run, struct span value);

/* The value of an SDP line that the target names. */
bool rule_sdp_value(
    const struct rule_target *target, struct span line, struct span *value);
void rule_sdp(struct rule_run *run, const struct rule_target *target);

const char *rule_verb_name(enum rule_verb verb);

/* For cordon-policy(5). A sentence begins a line: what mdoc wants. */
void policy_print_prose(FILE *out, const char *prose);
void rule_print_verbs(FILE *out);
void rule_print_targets(FILE *out);
void rule_print_conditions(FILE *out);
void rule_print_variables(FILE *out);

#endif
