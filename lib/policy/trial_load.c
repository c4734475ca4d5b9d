/*
 * trial_load.c - tests = ( { ... } ) of a policy file
 */

#include "policy/trial_private.h"

#include <stdlib.h>

#include "base/container.h"
#include "sip/chars.h"
#include "sip/value.h"

#define MESSAGE_SIZE 65536

/* --- facts of a trunk --- */

static void
keep_string(struct loader *loader, const config_setting_t *at, struct span *out)
{
	loader_keep_string(loader, at, config_setting_name(at), out);
}

static void
trunk_name(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct policy_trunk *)into)->name);
}

static void
trunk_host(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct policy_trunk *)into)->host);
}

static void
trunk_domain(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct policy_trunk *)into)->domain);
}

static void
trunk_area(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct policy_trunk *)into)->area);
}

static void
trunk_transport(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct policy_trunk *)into)->transport);
}

static void
trunk_caller(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct policy_trunk *)into)->default_caller);
}

static void
trunk_country(struct loader *loader, const config_setting_t *at, void *into)
{
	struct policy_trunk *trunk = into;
	const char *s = loader_string(loader, at, "country");

	if (s == NULL)
		return;
	trunk->plan = number_plan_find(span_of(s));
	if (trunk->plan == NULL)
		loader_problem(loader, at, "unknown country \"%.20s\"", s);
}

static void
trunk_media(struct loader *loader, const config_setting_t *at, void *into)
{
	struct policy_trunk *trunk = into;
	const char *s = loader_string(loader, at, "media_address");

	trunk->media_direct = true;
	if (s != NULL && !address_parse_ip(span_of(s), &trunk->media))
		loader_problem(loader, at, "media_address wants an IP address");
}

static const struct loader_member trunk_members[] = {
	{ "name", trunk_name },
	{ "host", trunk_host },
	{ "domain", trunk_domain },
	{ "country", trunk_country },
	{ "area", trunk_area },
	{ "transport", trunk_transport },
	{ "default_caller", trunk_caller },
	{ "media_address", trunk_media },
};

/* --- the expectations --- */

static void
load_spans(struct loader *loader, const config_setting_t *at,
    struct span **list, unsigned *count)
{
	unsigned i, n = loader_items(at);

	*list = loader_alloc(loader, n, sizeof(**list));
	for (i = 0; *list != NULL && i < n; i++) {
		const char *s = loader_string(
		    loader, loader_item(at, i), config_setting_name(at));

		if (s != NULL)
			(*list)[(*count)++] = loader_keep(loader, span_of(s));
	}
}

/* Targets, each with ": VALUE" behind it when `with_value`. */
static void
load_values(struct loader *loader, const config_setting_t *at, bool with_value,
    struct trial_value **list, unsigned *count)
{
	unsigned i, n = loader_items(at);

	*list = loader_alloc(loader, n, sizeof(**list));
	if (n > TRIAL_VALUES) {
		loader_problem(loader, at, "at most %d of them", TRIAL_VALUES);
		return;
	}
	for (i = 0; *list != NULL && i < n; i++) {
		const config_setting_t *item = loader_item(at, i);
		const char *s =
		    loader_string(loader, item, config_setting_name(at));
		struct span target, value = SPAN_NONE;
		struct trial_value *into = &(*list)[*count];

		if (s == NULL)
			continue;
		target = span_of(s);
		if (with_value)
			target = span_cut(target, ':', &value);
		into->value = loader_keep(loader, span_trim(value));
		into->target =
		    rule_target_load(loader, item, span_trim(target));
		*count += into->target != NULL;
	}
}

/* "CLI-*" is one when it fits one. */
static bool
is_code(const struct rule_set *rules, struct span pattern)
{
	unsigned i;

	for (i = 0; i < rules->own_n; i++) {
		if (span_imatch(rules->own[i].code, pattern))
			return true;
	}
	for (i = DIAG_NONE + 1; i < DIAGNOSTICS; i++) {
		if (span_imatch(
			span_of(diagnosis_get((enum diagnostic)i)->code),
			pattern))
			return true;
	}
	return false;
}

static void
load_codes(struct loader *loader, const config_setting_t *at,
    struct span **list, unsigned *count)
{
	const char *nearest;
	unsigned i;

	load_spans(loader, at, list, count);
	for (i = 0; i < *count; i++) {
		if (is_code(&loader->policy->rules, (*list)[i]))
			continue;
		if (span_find((*list)[i], '*') >= 0) {
			loader_problem(loader, loader_item(at, i),
			    "no diagnostic is called \"%.*s\"",
			    SPAN_ARG((*list)[i]));
			continue;
		}
		nearest = diagnosis_nearest((*list)[i]);
		loader_problem(loader, loader_item(at, i),
		    "unknown diagnostic \"%.*s\"%s%s%s", SPAN_ARG((*list)[i]),
		    nearest == NULL ? "" : "; did you mean \"",
		    nearest == NULL ? "" : nearest,
		    nearest == NULL ? "" : "\"?");
	}
}

static void
expect_request(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct trial_expect *)into)->request);
}

static void
expect_shown(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct trial_expect *)into)->shown);
}

static void
expect_shown_before(
    struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct trial_expect *)into)->shown_before);
}

static void
expect_refused(struct loader *loader, const config_setting_t *at, void *into)
{
	int status = config_setting_get_int(at);

	if (status < 300 || status > 699)
		loader_problem(
		    loader, at, "refused wants a status: 300 to 699");
	else
		((struct trial_expect *)into)->refused = (unsigned)status;
}

static void
expect_then(struct loader *loader, const config_setting_t *at, void *into)
{
	const char *words[POLICY_THENS];
	const char *s = loader_string(loader, at, "then");
	unsigned i;

	for (i = 0; s != NULL && i < POLICY_THENS; i++) {
		words[i] = policy_then_name((enum policy_then)i);
		if (strcmp(s, words[i]) == 0) {
			((struct trial_expect *)into)->then = (int)i;
			return;
		}
	}
	if (s != NULL)
		loader_unknown(loader, at, "then", s, words, i);
}

static void
expect_values(struct loader *loader, const config_setting_t *at, void *into)
{
	struct trial_expect *expect = into;

	load_values(loader, at, true, &expect->values, &expect->values_n);
}

static void
expect_absent(struct loader *loader, const config_setting_t *at, void *into)
{
	struct trial_expect *expect = into;

	load_values(loader, at, false, &expect->absent, &expect->absent_n);
}

static void
expect_unchanged(struct loader *loader, const config_setting_t *at, void *into)
{
	struct trial_expect *expect = into;

	load_values(
	    loader, at, false, &expect->unchanged, &expect->unchanged_n);
}

static void
expect_journal(struct loader *loader, const config_setting_t *at, void *into)
{
	struct trial_expect *expect = into;

	load_codes(loader, at, &expect->journal, &expect->journal_n);
}

static void
expect_journal_absent(
    struct loader *loader, const config_setting_t *at, void *into)
{
	struct trial_expect *expect = into;

	load_codes(
	    loader, at, &expect->journal_absent, &expect->journal_absent_n);
}

static const struct loader_member expect_members[] = {
	{ "request", expect_request },
	{ "values", expect_values },
	{ "absent", expect_absent },
	{ "unchanged", expect_unchanged },
	{ "journal", expect_journal },
	{ "journal_absent", expect_journal_absent },
	{ "refused", expect_refused },
	{ "then", expect_then },
	{ "presentation", expect_shown },
	{ "presentation_before", expect_shown_before },
};

/* --- the test --- */

static void
case_name(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct trial_case *)into)->name);
}

static void
case_stage(struct loader *loader, const config_setting_t *at, void *into)
{
	static const char *const words[] = { "in", "out" };
	struct trial_case *c = into;
	const char *s = loader_string(loader, at, "stage");

	if (s == NULL)
		return;
	if (strcmp(s, words[0]) == 0)
		c->stage = STAGE_IN;
	else if (strcmp(s, words[1]) != 0)
		loader_unknown(loader, at, "stage", s, words, 2);
}

static void
case_trunk(struct loader *loader, const config_setting_t *at, void *into)
{
	loader_group(loader, at, "trunk", trunk_members,
	    ARRAY_LEN(trunk_members), &((struct trial_case *)into)->trunk);
}

static void
case_other(struct loader *loader, const config_setting_t *at, void *into)
{
	loader_group(loader, at, "other", trunk_members,
	    ARRAY_LEN(trunk_members), &((struct trial_case *)into)->other);
}

static void
case_peer(struct loader *loader, const config_setting_t *at, void *into)
{
	const char *s = loader_string(loader, at, "peer");

	if (s != NULL && !address_parse(span_of(s), 5060,
			     &((struct trial_case *)into)->peer))
		loader_problem(loader, at, "peer wants \"ADDRESS:PORT\"");
}

static void
case_call(struct loader *loader, const config_setting_t *at, void *into)
{
	const char *words[POLICY_CALL_EMERGENCY + 1];
	const char *s = loader_string(loader, at, "call");
	unsigned i;

	for (i = 0; s != NULL && i < ARRAY_LEN(words); i++) {
		words[i] = policy_call_name((enum policy_call)i);
		if (strcmp(s, words[i]) == 0) {
			((struct trial_case *)into)->call = (int)i;
			return;
		}
	}
	if (s != NULL)
		loader_unknown(loader, at, "call", s, words, i);
}

static void
case_dialog(struct loader *loader, const config_setting_t *at, void *into)
{
	if (config_setting_type(at) != CONFIG_TYPE_BOOL)
		loader_problem(loader, at, "dialog is true or false");
	((struct trial_case *)into)->dialog = config_setting_get_bool(at) != 0;
}

static void
case_owned(struct loader *loader, const config_setting_t *at, void *into)
{
	struct trial_case *c = into;

	c->has_owned = true;
	load_spans(loader, at, &c->owned, &c->owned_n);
}

static void
case_expect(struct loader *loader, const config_setting_t *at, void *into)
{
	loader_group(loader, at, "expect", expect_members,
	    ARRAY_LEN(expect_members), &((struct trial_case *)into)->expect);
}

static void
case_given(struct loader *loader, const config_setting_t *at, void *into)
{
	keep_string(loader, at, &((struct trial_case *)into)->given);
}

static const struct loader_member case_members[] = {
	{ "name", case_name },
	{ "stage", case_stage },
	{ "trunk", case_trunk },
	{ "other", case_other },
	{ "peer", case_peer },
	{ "call", case_call },
	{ "dialog", case_dialog },
	{ "owned", case_owned },
	{ "given", case_given },
	{ "expect", case_expect },
};

static void
complete_given(
    struct loader *loader, const config_setting_t *at, struct trial_case *c)
{
	char *buf = malloc(MESSAGE_SIZE);
	struct text t;

	if (buf == NULL) {
		loader_problem(loader, at, "out of memory");
		return;
	}
	t = text_over(buf, MESSAGE_SIZE);
	if (!trial_complete(&t, c->given, c->dialog))
		loader_problem(loader, at, "the message is too long");
	else
		c->given = loader_keep(loader, text_span(&t));
	free(buf);
}

static void
load_case(
    struct loader *loader, const config_setting_t *at, struct trial_case *c)
{
	c->line = config_setting_source_line(at);
	c->stage = STAGE_OUT;
	c->call = -1;
	c->expect.then = -1;
	c->trunk.name = SPAN("trunk");
	c->trunk.host = SPAN("sbc.example.com");
	c->other.name = SPAN("other");
	c->other.host = SPAN("inside.example.com");
	address_parse(SPAN("192.0.2.1"), 5060, &c->peer);
	loader_group(
	    loader, at, "test", case_members, ARRAY_LEN(case_members), c);
	if (c->name.n == 0)
		loader_problem(loader, at, "a test wants a name");
	if (c->given.n == 0)
		loader_problem(
		    loader, at, "a test wants given = \"the message\"");
	else
		complete_given(loader, at, c);
	if (config_setting_get_member(at, "expect") == NULL)
		loader_problem(loader, at, "a test wants expect = { ... }");
}

void
trial_load_all(struct loader *loader, const config_setting_t *at)
{
	struct trial_set *trials = &loader->policy->trials;
	unsigned i, n = loader_groups(loader, at, "tests");

	trials->list = loader_alloc(loader, n, sizeof(*trials->list));
	for (i = 0; trials->list != NULL && i < n; i++) {
		load_case(
		    loader, config_setting_get_elem(at, i), &trials->list[i]);
		trials->n++;
	}
}

/* The test that runs, while its file is loaded. */
struct running {
	struct loader *loader;
	unsigned i;
};

static void
report_problem(void *arg, const char *difference)
{
	struct running *at = arg;
	const struct trial_case *c = &at->loader->policy->trials.list[at->i];

	problem_add(at->loader->problems, PROBLEM_ERROR, at->loader->file,
	    (int)c->line, "test \"%.*s\": %s", SPAN_ARG(c->name), difference);
}

void
trial_check_all(struct loader *loader)
{
	struct running at = { loader, 0 };

	for (at.i = 0; at.i < loader->policy->trials.n; at.i++)
		trial_run(loader->policy, at.i, report_problem, &at);
}
