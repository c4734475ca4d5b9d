/*
 * hostile_test.c - expressions that would try for ever, and headers of 64 KB:
 * each ends at a limit, is journalled, and the message goes on as it came
 *
 * CORDON_REPEAT=1000 t/unit/hostile_test prints what one application of each
 * costs; nothing is asserted about time.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/container.h"
#include "policy/passage.h"
#include "policy/trial.h"
#include "unit.h"

#define GAVE_UP  "the expression tried as often or as deep as it may"
#define TOO_LONG "the value is longer than expressions look at"
#define HEADER_MAX (SIP_HEAD_MAX - 1024)
#define RULES	   5 /* a way each in which an expression is used */

static const struct {
	const char *expression;
	const char *unit; /* what the value is made of */
	size_t n;	  /* bytes of it */
	const char *end;  /* behind them */
	const char *reason;
} cases[] = {
	/* The limit of tries: without it each takes years. */
	{ "^(a+)+$", "a", 40, "!", GAVE_UP },
	{ "(a+)+$", "a", 2000, "!", GAVE_UP },
	{ "^(a|aa)+$", "a", 1500, "!", GAVE_UP },
	{ "^(a|a?)+$", "a", 200, "!", GAVE_UP },
	{ "^(a*)*[xy]$", "a", 60, "!x", GAVE_UP },
	{ "^(.*?-){12}[PQ]$", "1-", 120, "", GAVE_UP },
	{ "(x+x+)+[yz]", "x", 600, "", GAVE_UP },
	{ "^([a-z]+)*[A-Z]$", "abc", 300, "", GAVE_UP },
	{ "^(?:(?=(a+))a)+[bc]|^(a|aa)+[bc]$", "a", 100, "", GAVE_UP },
	{ "^(\\\\w*)*\\\\1$", "q", 60, "-", GAVE_UP },
	/* The limit of depth. */
	{ "^(a(?1)?b?)$", "a", 2000, "!", GAVE_UP },
	{ "^((?:a|b)(?1)*)$", "ab", 1800, "!", GAVE_UP },
	/* Too long to begin with. */
	{ "^a", "a", 2049, "", TOO_LONG },
	{ "^(a+)+$", "a", HEADER_MAX, "!", TOO_LONG },
	/* Or a list of 21504 values. */
	{ "x", "a, ", HEADER_MAX, "", TOO_LONG },
};

struct world {
	char file[2048];
	char raw[2 * SIP_HEAD_MAX];
	struct sip_message msg;
	struct sip_view view;
	struct sip_draft draft;
	struct policy_trunk trunk;
	struct policy_context ctx;
	struct journal journal;
	struct policy *policy;
	unsigned noted;
	bool other;
	char reason[128], rule[64];
	char line[JOURNAL_LINE_MAX];
	char before[2 * SIP_HEAD_MAX], after[2 * SIP_HEAD_MAX];
};

static void
note(void *arg, const struct journal_entry *entry)
{
	struct world *w = arg;
	struct text t = text_over(w->line, sizeof(w->line));

	ck_assert(journal_add_json(&t, entry));
	w->other |= entry->diagnostic != DIAG_POL_PATTERN;
	snprintf(w->reason, sizeof(w->reason), "%.*s", SPAN_ARG(entry->reason));
	snprintf(w->rule, sizeof(w->rule), "%.*s", SPAN_ARG(entry->rule));
	w->noted++;
}

static void
world_message(struct world *w, int i)
{
	struct text t = text_over(w->raw, sizeof(w->raw));
	char *given = malloc(HEADER_MAX + 256);
	struct text g = text_over(given, HEADER_MAX + 256);
	struct sip_fault fault;
	size_t unit = strlen(cases[i].unit), n;

	TEXT_LIT(&g, "INVITE sip:+442079460001@b\nSubject: kept\nX-A: ");
	for (n = 0; n < cases[i].n; n++)
		text_add_char(&g, cases[i].unit[n % unit]);
	text_add_str(&g, cases[i].end);
	ck_assert(trial_complete(&t, text_span(&g), false));
	free(given);
	ck_assert(sip_index(&w->msg, text_span(&t), &fault));
	ck_assert(sip_view_read(&w->msg, &w->view, &fault));
}

static void
world_draft(struct world *w)
{
	unsigned i;

	sip_draft_request(
	    &w->draft, w->msg.method, w->msg.method_name, w->msg.uri);
	for (i = 0; i < w->msg.lines_n; i++)
		sip_draft_copy(&w->draft, &w->msg.lines[i]);
	w->ctx = (struct policy_context){ .from = &w->trunk,
		.to = &w->trunk,
		.journal = &w->journal,
		.received = &w->msg };
	policy_begin(&w->ctx, &w->draft);
}

static struct world *
world_create(int i)
{
	static const struct {
		const char *before, *not, *behind;
	} rules[RULES] = {
		{ "set = \"X-A\"; ", "", "value = \"gone\";" },
		{ "replace = \"X-A\"; ", "", "value = \"gone\";" },
		{ "absent = \"X-A\"; ", "", "" },
		{ "set = \"Subject\"; value = \"gone\"; when = { matches = { "
		  "target = \"X-A\"; ",
		    "", "}; };" },
		{ "set = \"Subject\"; value = \"gone\"; when = { matches = { "
		  "target = \"X-A\"; ",
		    "!", "}; };" },
	};
	struct world *w = calloc(1, sizeof(*w));
	struct problems problems;
	struct text t = text_over(w->file, sizeof(w->file));
	size_t k;

	TEXT_LIT(&t, "policy = { name = \"hostile\"; rules = (\n");
	for (k = 0; k < ARRAY_LEN(rules); k++)
		text_addf(&t,
		    "%s{ diagnostic = \"CLI-FORMAT\"; %s match = \"%s%s\"; "
		    "%s }\n",
		    k == 0 ? "" : ", ", rules[k].before, rules[k].not,
		    cases[i].expression, rules[k].behind);
	TEXT_LIT(&t, "); };");
	problems_init(&problems);
	w->policy = policy_load_text(text_cstr(&t), "x.conf", 0, &problems);
	problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(w->policy);
	problems_fini(&problems);
	w->journal = (struct journal){ note, w };
	w->trunk.name = SPAN("t");
	world_message(w, i);
	world_draft(w);
	return w;
}

static struct span
written(struct world *w, char *buf, size_t size)
{
	struct text t = text_over(buf, size);

	ck_assert(sip_draft_write(&w->draft, &t));
	return text_span(&t);
}

static void
apply(struct world *w)
{
	struct policy_refusal refusal;

	ck_assert(policy_apply(
	    w->policy, STAGE_IN, &w->ctx, &w->draft, &refusal));
}

static void
measure(struct world *w, int i, unsigned long repeat)
{
	struct timespec from, to;
	unsigned long k;
	double us;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (k = 0; k < repeat; k++)
		apply(w);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	us = ((double)(to.tv_sec - from.tv_sec) * 1e9 +
		 (double)(to.tv_nsec - from.tv_nsec)) /
	     1e3 / (double)repeat / RULES;
	printf("# %7.1f us a rule: %s on %zu bytes\n", us, cases[i].expression,
	    cases[i].n);
}

START_TEST(hostile_expression)
{
	struct world *w = world_create(_i);
	struct span before = written(w, w->before, sizeof(w->before));
	const char *repeat = getenv("CORDON_REPEAT"), *why;

	apply(w);
	ck_assert_uint_eq(w->noted, RULES);
	ck_assert_msg(!w->other, "%s", w->line);
	ck_assert_str_eq(w->reason, cases[_i].reason);
	ck_assert_str_eq(w->rule, "x.conf:6");
	ck_assert_ptr_nonnull(
	    strstr(w->line, "\"diagnostic\":\"POL-PATTERN\""));
	ck_assert_uint_eq(w->ctx.changes, 0);
	ck_assert(guard_check(&w->ctx.guard, &w->draft, &why));
	ck_assert(span_eq(before, written(w, w->after, sizeof(w->after))));
	if (repeat != NULL && strtoul(repeat, NULL, 10) > 0)
		measure(w, _i, strtoul(repeat, NULL, 10));
	policy_unref(w->policy);
	free(w);
}
END_TEST

/* The same expressions do their work where it is little. */
START_TEST(not_hostile)
{
	static const struct {
		const char *expression, *value;
	} few[] = {
		{ "^(a+)+$", "aaa" },
		{ "^(a|aa)+$", "aaaa" },
		{ "^(a(?1)?b?)$", "aab" },
	};
	struct problems problems;
	struct policy *policy;
	char file[1024];

	snprintf(file, sizeof(file),
	    "policy = { name = \"x\"; headers = { relay = [ \"X-*\" ]; };\n"
	    "rules = ( { set = \"X-A\"; match = \"%s\"; value = \"gone\"; "
	    "diagnostic = \"CLI-FORMAT\"; } );\n tests = ( { name = \"t\"; given "
	    "= \"INVITE sip:1@b\nX-A: %s\"; expect = { values = \"X-A: gone\"; "
	    "journal_absent = \"POL-*\"; }; } ); };",
	    few[_i].expression, few[_i].value);
	problems_init(&problems);
	policy = policy_load_text(file, "x.conf", 0, &problems);
	problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(policy);
	problems_fini(&problems);
	policy_unref(policy);
}
END_TEST

/* What could not be looked at stays: one that is hostile, one behind many. */
START_TEST(keep_only_keeps)
{
	char file[4096];
	struct text t = text_over(file, sizeof(file));
	struct problems problems;
	struct policy *policy;
	int i;

	text_add_str(&t,
	    "policy = { name = \"x\"; headers = { relay = [ \"X-*\" ]; };\n"
	    "rules = ( { keep_only = \"X-A\"; match = \"^((a+)+|b)$\"; "
	    "diagnostic = \"CLI-FORMAT\"; } );\n tests = ( { name = \"t\"; given "
	    "= \"INVITE sip:1@b\nX-A: ");
	for (i = 0; i < (_i == 0 ? 40 : 300); i++)
		text_add_str(&t, _i == 0 ? "a" : "b,");
	TEXT_LIT(&t, "!\"; expect = { unchanged = \"X-A\"; journal = "
		     "\"POL-PATTERN\"; }; } ); };");
	problems_init(&problems);
	policy = policy_load_text(text_cstr(&t), "x.conf", 0, &problems);
	problems_print(&problems, stderr);
	ck_assert_ptr_nonnull(policy);
	problems_fini(&problems);
	policy_unref(policy);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tc = tcase_create("hostile");

	tcase_add_loop_test(tc, hostile_expression, 0, ARRAY_LEN(cases));
	tcase_add_loop_test(tc, not_hostile, 0, 3);
	tcase_add_loop_test(tc, keep_only_keeps, 0, 2);
	tcase_set_timeout(tc, 300);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
