/*
 * policies.c - cordon policy: which there are, what is stale, what one says
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/container.h"
#include "base/day.h"
#include "cli/arguments.h"
#include "cli/offline.h"
#include "cli/table.h"
#include "cli/world.h"
#include "policy/describe.h"
#include "policy/trial.h"

#define FILES_MAX 1024
#define LINE_MAX  4096

struct files {
	char *list[FILES_MAX];
	size_t n;
};

static void
files_fini(struct files *files)
{
	while (files->n > 0)
		free(files->list[--files->n]);
}

static void
add_file(struct files *files, const char *dir, const char *name)
{
	char *file = NULL;

	if (files->n == FILES_MAX)
		return;
	if (asprintf(&file, "%s%s%s", dir, dir[0] == '\0' ? "" : "/", name) > 0)
		files->list[files->n++] = file;
}

static int
is_policy(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	    span_iends(span_of(entry->d_name), SPAN(".conf"));
}

/* False when there is no such directory. */
static bool
add_directory(struct files *files, const char *dir)
{
	struct dirent **list;
	int i, n = scandir(dir, &list, is_policy, alphasort);

	if (n < 0)
		return false;
	for (i = 0; i < n; i++) {
		add_file(files, dir, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return true;
}

/* Files and directories as named; else those of the site and of the program. */
static bool
files_find(struct files *files, struct cli *cli, char **argv, int argc)
{
	char buf[WORLD_PATH_MAX];
	const char *file;
	int i;

	files->n = 0;
	if (argc == 0) {
		add_directory(files, CORDON_SYSCONFDIR "/policies");
		add_directory(files, CORDON_DATADIR "/policies");
	}
	for (i = 0; i < argc; i++) {
		if (add_directory(files, argv[i]))
			continue;
		file = world_policy_file(argv[i], buf);
		if (file == NULL) {
			arguments_complain(
			    cli, "no policy \"", argv[i], "\"");
			files_fini(files);
			return false;
		}
		add_file(files, "", file);
	}
	if (files->n > 0)
		return true;
	fputs("cordon: there are no policies\n", cli->err);
	return false;
}

/* Days since 1970 of a date of the file; -1 without one. */
static int64_t
day_of(const char *date)
{
	int32_t day;

	return day_parse(span_of(date), &day) ? day : -1;
}

static bool
is_stale(const struct describe_head *head)
{
	int64_t day = day_of(head->expires);

	return day >= 0 && day < world_today();
}

/* ---- list ---- */

static void
dump_head(FILE *out, const char *file, const struct policy *policy)
{
	struct describe_head h = { .name = "", .title = "", .as_of = "",
		.expires = "" };
	json_t *o;

	if (policy != NULL)
		describe_head(policy, &h);
	o = json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:i, s:i, s:i}", "file",
	    file, "good", policy != NULL, "name", h.name, "title", h.title,
	    "as_of", h.as_of, "expires", h.expires, "sources", (int)h.sources,
	    "rules", (int)h.rules, "tests", (int)h.tests);
	json_dumpf(o, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(o);
}

static void
add_head(struct table *table, const char *file, const struct policy *policy)
{
	struct describe_head h;
	int i;

	if (policy == NULL) {
		table_add(table, PAINT_RED, "refused");
		for (i = 0; i < 4; i++)
			table_add(table, PAINT_NONE, "");
		table_add(table, PAINT_NONE, file);
		table_add(table, PAINT_RED, "cordon policy lint says why");
		return;
	}
	describe_head(policy, &h);
	table_add(table, PAINT_BOLD, h.name);
	table_add(table, PAINT_NONE, h.as_of);
	table_add(table, is_stale(&h) ? PAINT_RED : PAINT_NONE, h.expires);
	table_addf(table, PAINT_NONE, "%u", h.rules);
	table_addf(table, h.tests == 0 ? PAINT_YELLOW : PAINT_NONE, "%u",
	    h.tests);
	table_add(table, PAINT_NONE, file);
	table_add(table, PAINT_NONE, h.title);
}

int
policy_list_run(struct cli *cli, char **argv, int argc)
{
	static const char *const titles[] = { "NAME", "AS OF", "EXPIRES",
		">RULES", ">TESTS", "FILE", "TITLE" };
	static struct files files;
	struct table table;
	size_t i;

	if (!files_find(&files, cli, argv, argc))
		return CLI_NO;
	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 0; i < files.n; i++) {
		struct problems problems;
		struct policy *policy;

		problems_init(&problems);
		policy = policy_load(files.list[i], 0, &problems);
		problems_fini(&problems);
		if (cli->json)
			dump_head(cli->print.out, files.list[i], policy);
		else
			add_head(&table, files.list[i], policy);
		policy_unref(policy);
	}
	if (!cli->json)
		table_print(&table, &cli->print);
	table_fini(&table);
	files_fini(&files);
	return CLI_YES;
}

/* ---- lint ---- */

/* Comments that say of a fact that nobody has proven it. */
static unsigned
find_unverified(const char *file, struct problems *problems)
{
	char line[LINE_MAX];
	FILE *in = fopen(file, "r");
	unsigned found = 0;
	int n;

	for (n = 1; in != NULL && fgets(line, sizeof(line), in) != NULL; n++) {
		const char *comment = strchr(line, '#');
		const char *mark = comment == NULL
		    ? NULL
		    : strcasestr(comment, "unverified");
		struct span rest, text;
		bool bare;

		if (mark == NULL)
			continue;
		text = span_trim(span_cut(span_of(comment + 1), '\n', &rest));
		/* Behind a setting the word alone is meant for that. */
		bare = span_ieq(text, SPAN("unverified"));
		if (bare)
			text = span_trim(span_between(line, comment));
		found++;
		problem_add(problems, PROBLEM_WARNING, file, n, "%s%.*s",
		    bare ? "unverified: " : "",
		    SPAN_ARG(span_up_to(text, 200)));
	}
	if (in != NULL)
		fclose(in);
	return found;
}

static void
find_gaps(const char *file, const struct describe_head *h,
    struct problems *problems)
{
	const struct {
		bool gap;
		const char *text;
	} gaps[] = {
		{ h->as_of[0] == '\0', "no as_of: when were its facts true?" },
		{ h->expires[0] == '\0',
		    "no expires: when are its facts to be looked at again?" },
		{ h->sources == 0, "no sources: who says so?" },
		{ h->tests == 0, "no tests: what shows that it works?" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(gaps); i++)
		if (gaps[i].gap)
			problem_add(problems, PROBLEM_WARNING, file, 0, "%s",
			    gaps[i].text);
}

static json_t *
lint_json(const char *file, const struct problems *problems, bool good)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:i, s:o}", "level",
			p->level == PROBLEM_ERROR ? "error" : "warning",
			"line", p->line, "text",
			json_string(p->text == NULL ? "" : p->text)));
	}
	return json_pack("{s:s, s:b, s:o}", "file", file, "good", good,
	    "problems", list);
}

static bool
lint(struct cli *cli, const char *file)
{
	struct problems problems;
	struct describe_head head;
	struct policy *policy;
	bool good;

	problems_init(&problems);
	policy = policy_load(file, world_today(), &problems);
	good = policy != NULL;
	if (good) {
		describe_head(policy, &head);
		good = !is_stale(&head);
		find_gaps(file, &head, &problems);
	}
	find_unverified(file, &problems);
	policy_unref(policy);
	if (cli->json) {
		json_t *o = lint_json(file, &problems, good);

		json_dumpf(o, cli->print.out, JSON_COMPACT);
		fputc('\n', cli->print.out);
		json_decref(o);
	} else {
		problems_print(&problems, cli->print.out);
		if (problems.n == 0)
			fprintf(cli->print.out, "%s: nothing to say\n", file);
	}
	problems_fini(&problems);
	return good;
}

int
policy_lint_run(struct cli *cli, char **argv, int argc)
{
	static struct files files;
	bool good = true;
	size_t i;

	if (!files_find(&files, cli, argv, argc))
		return CLI_NO;
	for (i = 0; i < files.n; i++)
		good &= lint(cli, files.list[i]);
	files_fini(&files);
	return good ? CLI_YES : CLI_NO;
}

/* ---- show ---- */

#define CALLS 4
#define AIM_MAX 400

/* "all", or those that it may touch. */
static void
add_calls(struct text *t, unsigned calls)
{
	unsigned i;

	if (calls == (1u << CALLS) - 1) {
		TEXT_LIT(t, "all");
		return;
	}
	for (i = 0; i < CALLS; i++) {
		if (!(calls >> i & 1))
			continue;
		text_add_str(t, t->len == 0 ? "" : ", ");
		text_add_str(t, policy_call_name((enum policy_call)i));
	}
}

static struct span
line_of(struct span place)
{
	ptrdiff_t at = -1, i;

	for (i = 0; i < (ptrdiff_t)place.n; i++)
		if (place.p[i] == ':')
			at = i;
	return span_from(place, (size_t)(at + 1));
}

static void
add_span(struct table *table, enum paint paint, struct span s)
{
	char *text = span_dup(s);

	table_add(table, paint, text);
	free(text);
}

static void
add_part(struct table *table, const struct policy *policy, size_t i,
    const struct describe_part *part)
{
	char aim[AIM_MAX], when[AIM_MAX], calls[64];
	struct text a = text_over(aim, sizeof(aim));
	struct text w = text_over(when, sizeof(when));
	struct text c = text_over(calls, sizeof(calls));

	describe_add_aim(&a, policy, i);
	describe_add_when(&w, policy, i);
	add_calls(&c, part->calls);
	add_span(table, PAINT_DIM, line_of(part->place));
	add_span(table, PAINT_BOLD, part->name);
	table_add(table, PAINT_NONE, text_cstr(&a));
	table_add(table, PAINT_NONE, text_cstr(&w));
	table_add(table, PAINT_NONE, text_cstr(&c));
	add_span(table, PAINT_NONE, part->code);
}

static void
print_parts(const struct print *print, const struct policy *policy)
{
	static const char *const titles[] = { ">LINE", "NAME", "WANTS", "WHEN",
		"CALLS", "DIAGNOSTIC" };
	struct describe_part part;
	struct table table;
	size_t i;

	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 0; describe_part(policy, i, &part); i++)
		add_part(&table, policy, i, &part);
	fputc('\n', print->out);
	table_print(&table, print);
	table_fini(&table);
}

static void
print_tests(const struct print *print, const struct policy *policy)
{
	static const char *const titles[] = { ">LINE", "TEST" };
	unsigned i, n = trial_count(policy);
	struct table table;

	if (n == 0)
		return;
	table_init(&table, titles, ARRAY_LEN(titles));
	for (i = 0; i < n; i++) {
		table_addf(&table, PAINT_DIM, "%u", trial_line(policy, i));
		add_span(&table, PAINT_NONE, trial_name(policy, i));
	}
	fputc('\n', print->out);
	table_print(&table, print);
	table_fini(&table);
}

static void
print_fact(const struct print *print, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	print_str(print, PAINT_DIM, name);
	print_pad(print, strlen(name), 10);
	print_str(print, PAINT_NONE, value);
	fputc('\n', print->out);
}

static void
print_policy(const struct print *print, const struct policy *policy)
{
	struct describe_head h;
	const char *source;
	size_t i;

	describe_head(policy, &h);
	print_str(print, PAINT_BOLD, h.name);
	fputs(h.title[0] == '\0' ? "" : ": ", print->out);
	print_str(print, PAINT_NONE, h.title);
	fputc('\n', print->out);
	print_fact(print, "file", policy_file(policy));
	print_fact(print, "as of", h.as_of);
	print_fact(print, is_stale(&h) ? "EXPIRED" : "expires", h.expires);
	for (i = 0; (source = describe_source(policy, i)) != NULL; i++)
		print_fact(print, "source", source);
	print_parts(print, policy);
	print_tests(print, policy);
}

static json_t *
text_json(const struct policy *policy, size_t i,
    void (*add)(struct text *t, const struct policy *policy, size_t i))
{
	char buf[4 * AIM_MAX];
	struct text t = text_over(buf, sizeof(buf));

	add(&t, policy, i);
	return json_string(text_cstr(&t));
}

static json_t *
part_json(const struct policy *policy, size_t i,
    const struct describe_part *part)
{
	json_t *calls = json_array();
	unsigned c;

	for (c = 0; c < CALLS; c++)
		if (part->calls >> c & 1)
			json_array_append_new(calls,
			    json_string(policy_call_name((enum policy_call)c)));
	return json_pack("{s:s, s:s%, s:s%, s:o, s:o, s:o, s:s%}", "kind",
	    part->rule				  ? "rule"
	    : part->diagnostic != DIAG_NONE ? "response"
					    : "setting",
	    "place", part->place.p,
	    part->place.n, "name", part->name.p == NULL ? "" : part->name.p,
	    part->name.n, "wants", text_json(policy, i, describe_add_aim),
	    "when", text_json(policy, i, describe_add_when), "calls", calls,
	    "diagnostic", part->code.p == NULL ? "" : part->code.p,
	    part->code.n);
}

static void
dump_policy(FILE *out, const struct policy *policy)
{
	struct describe_part part;
	size_t i;

	dump_head(out, policy_file(policy), policy);
	for (i = 0; describe_part(policy, i, &part); i++) {
		json_t *o = part_json(policy, i, &part);

		json_dumpf(o, out, JSON_COMPACT);
		fputc('\n', out);
		json_decref(o);
	}
}

int
policy_show_run(struct cli *cli, char **argv, int argc)
{
	struct policy *policy = world_policy(cli, argv[0]);

	(void)argc;
	if (policy == NULL)
		return CLI_NO;
	if (cli->json)
		dump_policy(cli->print.out, policy);
	else
		print_policy(&cli->print, policy);
	policy_unref(policy);
	return CLI_YES;
}
