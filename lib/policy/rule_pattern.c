/*
 * rule_pattern.c - regular expressions on text from the wire
 *
 * An expression may try only so often: what would take longer than the rest of
 * the message gives up, and the journal says so. Without JIT, since the service
 * may not make memory executable.
 */

#include "policy/rule.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_MAX      512   /* bytes of an expression */
#define PATTERN_NEST     32    /* brackets inside brackets */
#define PATTERN_SUBJECT  2048  /* bytes that are looked at */
#define PATTERN_TRIES    10000 /* over all places of a subject */
#define PATTERN_TRIES_AT 16    /* at one place, at the least */
#define PATTERN_DEPTH    250
#define PATTERN_HEAP     64 /* KiB, made at load and kept */

struct rule_pattern {
	struct rule_pattern *next;
	const struct rule_matcher *matcher;
	struct span text; /* as written */
	pcre2_code *code;
	uint32_t captures;
	bool anchored; /* it is tried at the first byte only */
};

/* One a policy: what matching needs, made before the first message. */
struct rule_matcher {
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static void
matcher_free(struct rule_matcher *matcher)
{
	if (matcher == NULL)
		return;
	pcre2_match_data_free(matcher->data);
	pcre2_match_context_free(matcher->context);
	free(matcher);
}

/* An expression that needs all the memory that there is: later ones find it. */
static void
matcher_warm(struct rule_matcher *matcher)
{
	static const char deep[] = "(?:a|b)*(?=(c))";
	char subject[PATTERN_SUBJECT];
	int error;
	PCRE2_SIZE at;
	pcre2_code *code = pcre2_compile(
	    (PCRE2_SPTR)deep, sizeof(deep) - 1, 0, &error, &at, NULL);

	if (code == NULL)
		return;
	memset(subject, 'a', sizeof(subject));
	pcre2_set_match_limit(matcher->context, PATTERN_TRIES);
	pcre2_set_depth_limit(matcher->context, PATTERN_TRIES);
	pcre2_match(code, (PCRE2_SPTR)subject, sizeof(subject), 0, 0,
	    matcher->data, matcher->context);
	pcre2_set_depth_limit(matcher->context, PATTERN_DEPTH);
	pcre2_code_free(code);
}

static struct rule_matcher *
matcher_create(void)
{
	struct rule_matcher *matcher = calloc(1, sizeof(*matcher));

	if (matcher == NULL)
		return NULL;
	matcher->data = pcre2_match_data_create(RULE_CAPTURES, NULL);
	matcher->context = pcre2_match_context_create(NULL);
	if (matcher->data == NULL || matcher->context == NULL) {
		matcher_free(matcher);
		return NULL;
	}
	pcre2_set_heap_limit(matcher->context, PATTERN_HEAP);
	matcher_warm(matcher);
	return matcher;
}

static pcre2_code *
compile(struct loader *loader, const config_setting_t *at, const char *text)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_UCHAR why[160] = "";
	PCRE2_SIZE offset = 0;
	pcre2_code *code;
	int error = 0;

	if (context == NULL) {
		loader_problem(loader, at, "out of memory");
		return NULL;
	}
	pcre2_set_parens_nest_limit(context, PATTERN_NEST);
	pcre2_set_max_pattern_length(context, PATTERN_MAX);
	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
	    PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C, &error,
	    &offset, context);
	pcre2_compile_context_free(context);
	if (code != NULL)
		return code;
	pcre2_get_error_message(error, why, sizeof(why));
	loader_problem(loader, at,
	    "the expression is wrong at character %zu: %s", (size_t)offset + 1,
	    (const char *)why);
	return NULL;
}

static bool
is_anchored(const pcre2_code *code)
{
	uint32_t options = 0, first = 0;

	pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &first);
	return (options & PCRE2_ANCHORED) != 0 || first == 2;
}

struct rule_pattern *
rule_pattern_load(
    struct loader *loader, const config_setting_t *at, const char *text)
{
	struct rule_set *rules = &loader->policy->rules;
	struct rule_pattern *pattern;

	if (rules->matcher == NULL)
		rules->matcher = matcher_create();
	pattern = loader_alloc(loader, 1, sizeof(*pattern));
	if (pattern == NULL || rules->matcher == NULL)
		return NULL;
	pattern->code = compile(loader, at, text);
	if (pattern->code == NULL)
		return NULL;
	pattern->matcher = rules->matcher;
	pattern->text = loader_keep(loader, span_of(text));
	pattern->next = rules->patterns;
	rules->patterns = pattern;
	pattern->anchored = is_anchored(pattern->code);
	pcre2_pattern_info(
	    pattern->code, PCRE2_INFO_CAPTURECOUNT, &pattern->captures);
	if (pattern->captures < RULE_CAPTURES)
		return pattern;
	loader_problem(loader, at,
	    "the expression has %u captures; %d are allowed", pattern->captures,
	    RULE_CAPTURES - 1);
	return NULL;
}

void
rule_patterns_free(struct policy *policy)
{
	struct rule_pattern *pattern;

	for (pattern = policy->rules.patterns; pattern != NULL;
	     pattern = pattern->next)
		pcre2_code_free(pattern->code);
	matcher_free(policy->rules.matcher);
}

struct span
rule_pattern_text(const struct rule_pattern *pattern)
{
	return pattern->text;
}

unsigned
rule_pattern_captures(const struct rule_pattern *pattern)
{
	return pattern->captures;
}

int
rule_pattern_named(const struct rule_pattern *pattern, struct span name)
{
	char buf[64];
	struct text t = text_over(buf, sizeof(buf) - 1);
	int n;

	text_add(&t, name);
	if (t.overflow)
		return -1;
	n = pcre2_substring_number_from_name(
	    pattern->code, (PCRE2_SPTR)text_cstr(&t));
	return n > 0 ? n : -1;
}

/* The tries are those of one place: few places may try often. */
static uint32_t
tries_of(const struct rule_pattern *pattern, struct span subject)
{
	size_t places = pattern->anchored ? 1 : subject.n + 1;
	size_t tries = PATTERN_TRIES / places;

	return tries < PATTERN_TRIES_AT ? PATTERN_TRIES_AT : (uint32_t)tries;
}

/* `n` of them have a value; what an expression does not have, nobody asks
 * for. */
static void
keep_captures(const struct rule_pattern *pattern, int n, struct span subject,
    struct span *captures)
{
	const PCRE2_SIZE *at =
	    pcre2_get_ovector_pointer(pattern->matcher->data);
	int i;

	for (i = 0; i <= (int)pattern->captures; i++) {
		captures[i] = SPAN_NONE;
		if (i < n && at[2 * i] != PCRE2_UNSET &&
		    at[2 * i] <= at[2 * i + 1])
			captures[i] = span_make(
			    subject.p + at[2 * i], at[2 * i + 1] - at[2 * i]);
	}
}

enum rule_matched
rule_pattern_match(const struct rule_pattern *pattern, struct span subject,
    struct span *captures)
{
	const struct rule_matcher *matcher = pattern->matcher;
	int n;

	if (subject.n > PATTERN_SUBJECT)
		return MATCHED_TOO_LONG;
	if (subject.n == 0)
		subject = SPAN("");
	pcre2_set_match_limit(matcher->context, tries_of(pattern, subject));
	n = pcre2_match(pattern->code, (PCRE2_SPTR)subject.p, subject.n, 0, 0,
	    matcher->data, matcher->context);
	if (n == PCRE2_ERROR_NOMATCH)
		return MATCHED_NO;
	if (n < 0)
		return MATCHED_GAVE_UP;
	keep_captures(pattern, n, subject, captures);
	/* \K behind a lookahead can end a match before its start. */
	return captures[0].p == NULL ? MATCHED_NO : MATCHED;
}
