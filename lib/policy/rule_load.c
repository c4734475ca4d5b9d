/*
 * rule_load.c - rules = ( { ... } ) of a policy file, compiled
 */

#include "policy/rule.h"

#include "base/container.h"
#include "sip/value.h"

/* A rule while it is read. */
struct reading {
	struct rule *rule;
	const config_setting_t *verb; /* the member that is the verb */
	const config_setting_t *value;
	const config_setting_t *match;
	const config_setting_t *diagnostic;
	unsigned verbs;
	bool deaf; /* an expression of it could not be read */
};

static void
member_id(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;

	loader_keep_string(loader, at, "id", &r->rule->id);
}

static void
member_on(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;

	rule_when_on(loader, at, &r->rule->when);
}

static void
member_when(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;
	size_t errors = loader->problems->errors;

	rule_when_load(loader, at, &r->rule->when);
	r->deaf |= loader->problems->errors != errors;
}

static void
member_verb(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;
	unsigned i;

	(void)loader;
	for (i = 0; i < VERBS; i++) {
		if (strcmp(config_setting_name(at),
			rule_verb_name((enum rule_verb)i)) == 0)
			r->rule->verb = (enum rule_verb)i;
	}
	r->verb = at;
	r->verbs++;
}

static void
member_value(struct loader *loader, const config_setting_t *at, void *into)
{
	(void)loader;
	((struct reading *)into)->value = at;
}

static void
member_match(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;
	const char *s = loader_string(loader, at, "match");

	r->match = at;
	if (s != NULL)
		r->rule->match = rule_pattern_load(loader, at, s);
	r->deaf |= r->rule->match == NULL;
	if (s != NULL && s[0] == '!')
		loader_problem(loader, at,
		    "\"!\" means not in a condition only; write \"[!]\" for "
		    "the character");
}

static void
member_diagnostic(struct loader *loader, const config_setting_t *at, void *into)
{
	(void)loader;
	((struct reading *)into)->diagnostic = at;
}

static void
member_reason(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;

	loader_keep_string(loader, at, "reason", &r->rule->reason);
}

static const struct loader_member members[] = {
	{ "id", member_id },
	{ "on", member_on },
	{ "when", member_when },
	{ "absent", member_verb },
	{ "set", member_verb },
	{ "ensure", member_verb },
	{ "append", member_verb },
	{ "replace", member_verb },
	{ "keep_only", member_verb },
	{ "rename", member_verb },
	{ "value", member_value },
	{ "match", member_match },
	{ "diagnostic", member_diagnostic },
	{ "reason", member_reason },
};

/* --- targets --- */

enum target_trouble {
	ANY_VERB = 0,
	NO_WILDCARD = 1,
	NO_INDEX = 2,
	NO_PART = 4,
	NO_REQUEST = 8,
	NO_SDP = 16
};

static const unsigned verb_forbids[VERBS] = {
	[VERB_ABSENT] = ANY_VERB,
	[VERB_SET] = ANY_VERB,
	[VERB_ENSURE] = NO_WILDCARD,
	[VERB_APPEND] = NO_WILDCARD | NO_INDEX | NO_PART | NO_REQUEST,
	[VERB_REPLACE] = ANY_VERB,
	[VERB_KEEP_ONLY] = NO_PART | NO_REQUEST,
	[VERB_RENAME] = NO_WILDCARD | NO_INDEX | NO_PART | NO_REQUEST | NO_SDP,
};

static const struct {
	unsigned bit;
	const char *text;
} troubles[] = {
	{ NO_WILDCARD, "a name without asterisk" },
	{ NO_INDEX, "a whole header, without [n]" },
	{ NO_PART, "a whole header, not a part of it" },
	{ NO_REQUEST, "a header, not the Request-URI" },
	{ NO_SDP, "a header, not SDP" },
};

static unsigned
traits_of(const struct rule_target *target)
{
	return (target->wild ? NO_WILDCARD : 0) |
	       (target->index >= 0 ? NO_INDEX : 0) |
	       (target->part != PART_WHOLE ? NO_PART : 0) |
	       (target->place == PLACE_REQUEST ? NO_REQUEST : 0) |
	       (target->place == PLACE_SDP ? NO_SDP : 0);
}

/* What the guard would veto each time; a wildcard turns out at run time. */
static const char *
forbidden_header(const struct rule_target *target, enum rule_verb verb)
{
	if (target->place != PLACE_HEADER || target->wild)
		return NULL;
	if (target->id != SIP_OTHER_HEADER && guard_owns_header(target->id))
		return "belongs to the transaction or the dialog";
	if (target->id != SIP_FROM && target->id != SIP_TO)
		return NULL;
	if (target->part == PART_PARAM && span_ieq(target->param, SPAN("tag")))
		return "belongs to the dialog";
	if (target->part != PART_WHOLE)
		return NULL;
	if (verb == VERB_ABSENT || verb == VERB_RENAME)
		return "must be there";
	return NULL;
}

static const char *
forbidden_sdp(const struct rule_target *target, enum rule_verb verb)
{
	bool must = strchr("vostm", target->type) != NULL;

	if (target->place != PLACE_SDP)
		return NULL;
	if (must && (verb == VERB_ABSENT || verb == VERB_KEEP_ONLY))
		return "must be there";
	if (strchr("vom", target->type) != NULL &&
	    (verb == VERB_ENSURE || verb == VERB_APPEND))
		return "is there already";
	if (verb == VERB_SET && target->type == 'm')
		return "keeps its kind and formats: use replace";
	return NULL;
}

static bool
is_never_absent(const struct rule_target *target)
{
	if (target->part == PART_HOST || target->part == PART_URI)
		return true;
	return target->place == PLACE_REQUEST && target->part == PART_WHOLE;
}

static void
check_target(struct loader *loader, const config_setting_t *at,
    const struct rule_target *target, enum rule_verb verb)
{
	unsigned bad = verb_forbids[verb] & traits_of(target);
	const char *why = forbidden_header(target, verb);
	size_t i;

	for (i = 0; i < ARRAY_LEN(troubles); i++) {
		if (bad & troubles[i].bit)
			loader_problem(loader, at, "%s wants %s",
			    rule_verb_name(verb), troubles[i].text);
	}
	if (why == NULL)
		why = forbidden_sdp(target, verb);
	if (why == NULL && verb == VERB_ABSENT && is_never_absent(target))
		why = "cannot be absent";
	if (why != NULL)
		loader_problem(
		    loader, at, "%.*s %s", SPAN_ARG(target->text), why);
}

static bool
is_list(const struct rule_target *target)
{
	return target->id == SIP_OTHER_HEADER ||
	       (sip_header_flags(target->id) & SIP_FLAG_LIST);
}

/* Whether the verb looks at fields or at list values. */
static void
choose_values(
    struct loader *loader, const struct reading *r, struct rule_target *target)
{
	struct rule *rule = r->rule;
	bool plain = target->place == PLACE_HEADER && !target->wild &&
		     target->part == PART_WHOLE;

	if (plain && target->index >= 0 &&
	    (rule->verb == VERB_KEEP_ONLY || rule->verb == VERB_ABSENT)) {
		target->keep = target->index;
		target->index = -1;
	}
	if (!plain)
		return;
	if (rule->verb == VERB_APPEND && !is_list(target))
		loader_problem(loader, r->verb,
		    "%.*s is no list: use set or ensure",
		    SPAN_ARG(target->text));
	if (rule->verb == VERB_KEEP_ONLY || rule->verb == VERB_APPEND ||
	    (rule->verb == VERB_ABSENT && rule->match != NULL))
		target->values = is_list(target);
}

static void
load_targets(struct loader *loader, const struct reading *r)
{
	struct rule *rule = r->rule;
	unsigned i, n = loader_items(r->verb);

	rule->targets = loader_alloc(loader, n, sizeof(struct rule_target *));
	if (n == 0)
		loader_problem(loader, r->verb, "%s wants a target",
		    rule_verb_name(rule->verb));
	for (i = 0; rule->targets != NULL && i < n; i++) {
		const config_setting_t *at = loader_item(r->verb, i);
		const char *s =
		    loader_string(loader, at, rule_verb_name(rule->verb));
		struct rule_target *target =
		    s == NULL ? NULL
			      : rule_target_load(loader, at, span_of(s));

		if (target == NULL)
			continue;
		check_target(loader, at, target, rule->verb);
		choose_values(loader, r, target);
		rule->targets[rule->targets_n++] = target;
	}
}

/* --- values --- */

static void
load_words(struct loader *loader, const struct reading *r)
{
	struct rule *rule = r->rule;
	unsigned i, n = loader_items(r->value);

	rule->words = loader_alloc(loader, n, sizeof(*rule->words));
	for (i = 0; rule->words != NULL && i < n; i++) {
		const char *s =
		    loader_string(loader, loader_item(r->value, i), "value");

		if (s != NULL)
			rule->words[rule->words_n++] =
			    loader_keep(loader, span_of(s));
	}
}

static void
check_new_name(struct loader *loader, const struct reading *r)
{
	struct span name = r->rule->value.text;
	enum sip_header id = sip_header_find(name);
	unsigned i;

	if (!sip_is_token(name) || span_find(name, '*') >= 0) {
		loader_problem(loader, r->value,
		    "rename wants the name of a header as its value");
		return;
	}
	if (guard_owns_header(id) || id == SIP_FROM || id == SIP_TO)
		loader_problem(loader, r->value,
		    "%.*s belongs to the transaction or the dialog",
		    SPAN_ARG(name));
	/* The letter "s" is Subject too. */
	if (id != SIP_OTHER_HEADER)
		name = span_of(sip_header_name(id));
	for (i = 0; i < r->rule->targets_n; i++) {
		if (span_ieq(r->rule->targets[i]->name, name))
			loader_problem(
			    loader, r->value, "it has that name already");
	}
}

/* An expression that must not match holds nothing when it does not. */
static const struct rule_pattern *
captures_of(const struct rule_when *when)
{
	unsigned i = when->matches_n;

	while (i-- > 0) {
		if (!when->matches[i].negated)
			return when->matches[i].pattern;
	}
	return NULL;
}

/* A parameter is there without a value, too. */
static bool
may_be_empty(const struct rule *rule)
{
	unsigned i;

	for (i = 0; i < rule->targets_n; i++) {
		if (rule->targets[i]->part != PART_PARAM &&
		    rule->targets[i]->part != PART_URI_PARAM)
			return false;
	}
	return rule->verb == VERB_SET || rule->verb == VERB_ENSURE;
}

static void
load_value(struct loader *loader, const struct reading *r)
{
	struct rule *rule = r->rule;
	const char *s;

	if (rule->verb == VERB_KEEP_ONLY) {
		load_words(loader, r);
		return;
	}
	s = loader_string(loader, r->value, "value");
	if (s == NULL ||
	    !rule_template_load(
		loader, r->value, s, may_be_empty(rule), &rule->value))
		return;
	rule->has_value = true;
	rule->captured =
	    rule->match == NULL ? captures_of(&rule->when) : rule->match;
	if (!r->deaf)
		rule_template_check(
		    loader, r->value, &rule->value, rule->captured);
	if (rule->verb == VERB_RENAME)
		check_new_name(loader, r);
}

/* Which members a verb has besides its targets. */
enum { WANTED, OPTIONAL, USELESS };

static const struct {
	int value, match;
} verb_members[VERBS] = {
	[VERB_ABSENT] = { USELESS, OPTIONAL },
	[VERB_SET] = { WANTED, OPTIONAL },
	[VERB_ENSURE] = { WANTED, USELESS },
	[VERB_APPEND] = { WANTED, USELESS },
	[VERB_REPLACE] = { WANTED, WANTED },
	[VERB_KEEP_ONLY] = { OPTIONAL, OPTIONAL },
	[VERB_RENAME] = { WANTED, USELESS },
};

static void
check_member(struct loader *loader, const struct reading *r,
    const config_setting_t *member, const char *name, int want)
{
	const char *verb = rule_verb_name(r->rule->verb);

	if (want == WANTED && member == NULL)
		loader_problem(
		    loader, r->verb, "%s wants %s = \"...\"", verb, name);
	else if (want == USELESS && member != NULL)
		loader_problem(
		    loader, member, "%s does nothing with %s", verb, name);
}

static void
check_members(struct loader *loader, const struct reading *r)
{
	const struct rule *rule = r->rule;
	bool index = rule->targets_n > 0 && rule->targets[0]->keep >= 0;
	int ways = (r->value != NULL) + (r->match != NULL) + index;

	check_member(
	    loader, r, r->value, "value", verb_members[rule->verb].value);
	check_member(
	    loader, r, r->match, "match", verb_members[rule->verb].match);
	if (rule->verb == VERB_KEEP_ONLY && ways != 1)
		loader_problem(loader, r->verb,
		    "keep_only wants one of: an index in the target, value = [ "
		    "... ], match = \"...\"");
}

/* --- diagnostics --- */

static void
own_code(struct loader *loader, const config_setting_t *at, void *into)
{
	struct rule_diagnostic *own = into;
	const char *s = loader_string(loader, at, "code");

	if (s == NULL)
		return;
	own->code = loader_keep(loader, span_of(s));
	if (!sip_is_token(span_of(s)))
		loader_problem(loader, at,
		    "a code is letters, digits and hyphens: MY-CODE");
	else if (diagnosis_find(span_of(s)) != DIAG_NONE)
		loader_problem(loader, at, "the catalogue has %s already", s);
}

static void
own_title(struct loader *loader, const config_setting_t *at, void *into)
{
	struct rule_diagnostic *own = into;

	loader_keep_string(loader, at, "title", &own->title);
}

/* "MY-CODE: the sentence" is the reason that the journal has. */
static void
own_sentence(struct loader *loader, const config_setting_t *at, void *into)
{
	struct rule_diagnostic *own = into;

	loader_keep_string(loader, at, "sentence", &own->sentence);
}

/* How the journal tells a code that is the file's own. */
static struct span
own_reason(struct loader *loader, const config_setting_t *at, struct span code,
    struct span sentence)
{
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));

	text_add(&t, code);
	TEXT_LIT(&t, ": ");
	text_add(&t, sentence);
	if (t.overflow)
		loader_problem(loader, at, "the sentence is too long");
	return loader_keep(loader, text_span(&t));
}

static void
finish_own(struct loader *loader, const config_setting_t *at,
    struct rule_diagnostic *own)
{
	if (own->code.n == 0 || own->title.n == 0 || own->sentence.n == 0) {
		loader_problem(loader, at,
		    "a diagnostic wants { code; title; sentence; }");
		return;
	}
	own->sentence = own_reason(loader, at, own->code, own->sentence);
}

void
rule_load_diagnostics(struct loader *loader, const config_setting_t *at)
{
	static const struct loader_member own_members[] = {
		{ "code", own_code },
		{ "title", own_title },
		{ "sentence", own_sentence },
	};
	struct rule_set *rules = &loader->policy->rules;
	unsigned i, n = loader_groups(loader, at, "diagnostics");

	rules->own = loader_alloc(loader, n, sizeof(*rules->own));
	for (i = 0; rules->own != NULL && i < n; i++) {
		const config_setting_t *item = config_setting_get_elem(at, i);

		loader_group(loader, item, "diagnostic", own_members,
		    ARRAY_LEN(own_members), &rules->own[i]);
		finish_own(loader, item, &rules->own[i]);
		rules->own_n++;
	}
}

static const struct rule_diagnostic *
own_find(const struct rule_set *rules, struct span code)
{
	unsigned i;

	for (i = 0; i < rules->own_n; i++) {
		if (span_ieq(rules->own[i].code, code))
			return &rules->own[i];
	}
	return NULL;
}

void
rule_diagnostic_load(struct loader *loader, const config_setting_t *at,
    const config_setting_t *group, enum diagnostic *diagnostic,
    struct span *reason)
{
	const struct rule_diagnostic *own;
	const char *s, *nearest;

	if (at == NULL) {
		loader_problem(loader, group,
		    "it names no diagnostic: what is it that this is about?");
		return;
	}
	s = loader_string(loader, at, "diagnostic");
	if (s == NULL)
		return;
	*diagnostic = diagnosis_find(span_of(s));
	own = own_find(&loader->policy->rules, span_of(s));
	if (own != NULL) {
		*diagnostic = DIAG_POL_LOCAL;
		*reason = reason->n == 0 ? own->sentence
					 : own_reason(loader, at, own->code,
					       *reason);
	}
	if (*diagnostic != DIAG_NONE)
		return;
	nearest = diagnosis_nearest(span_of(s));
	loader_problem(loader, at,
	    "unknown diagnostic \"%.40s\"%s%s%s (or declare it in diagnostics)",
	    s, nearest == NULL ? "" : "; did you mean \"",
	    nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\"?");
}

/* --- one rule --- */

static void
load_rule(struct loader *loader, const config_setting_t *at, struct rule *rule)
{
	struct reading r = { .rule = rule };

	rule->line = config_setting_source_line(at);
	rule->place = loader_place(loader, at);
	loader_group(loader, at, "rule", members, ARRAY_LEN(members), &r);
	rule_diagnostic_load(
	    loader, r.diagnostic, at, &rule->diagnostic, &rule->reason);
	rule_when_finish(&rule->when);
	if (r.verbs != 1) {
		loader_problem(loader, at,
		    "a rule has one verb: absent, set, ensure, append, "
		    "replace, "
		    "keep_only or rename");
		return;
	}
	load_targets(loader, &r);
	check_members(loader, &r);
	if (r.value != NULL && verb_members[rule->verb].value != USELESS)
		load_value(loader, &r);
}

void
rule_load_all(struct loader *loader, const config_setting_t *at)
{
	struct rule_set *rules = &loader->policy->rules;
	unsigned i, n = loader_groups(loader, at, "rules");

	rules->list = loader_alloc(loader, n, sizeof(*rules->list));
	for (i = 0; rules->list != NULL && i < n; i++) {
		size_t errors = loader->problems->errors;

		load_rule(
		    loader, config_setting_get_elem(at, i), &rules->list[i]);
		rules->list[i].broken = loader->problems->errors != errors;
		rules->n++;
	}
}
