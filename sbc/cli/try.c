/*
 * try.c - cordon test: one message through one policy, before and after
 */

#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/book.h"
#include "cli/compare.h"
#include "cli/input.h"
#include "cli/offline.h"
#include "cli/world.h"
#include "trunk/rehearse.h"

struct attempt {
	const char *policy_name;
	const char *trunk_name;
	const char *config;
	const char *country;
	const char *packet;
	const char *call;
	bool in, out;
	struct world world;
	struct policy *policy;
	struct rehearsal *rehearsal;
	struct sip_message *msg;
	struct sip_view view;
	struct book book;
};

static bool
route_ends_at(
    const struct config_route *route, bool in, const struct trunk *trunk)
{
	const char *name;
	size_t i;

	if (in)
		return span_eq(span_of(route->from), trunk->name);
	for (i = 0; (name = config_route_trunk(route, i)) != NULL; i++)
		if (span_eq(span_of(name), trunk->name))
			return true;
	return false;
}

static const struct trunk *
routed_trunk(const struct attempt *run, bool in, const struct trunk *ours)
{
	const struct trunks *trunks = run->world.trunks;
	const struct config *config = trunks->config;
	size_t i;

	for (i = 0; i < config->routes_n; i++) {
		const struct config_route *route = &config->routes[i];

		if (route_ends_at(route, in, ours))
			return trunk_find(
			    trunks, span_of(in ? route->to : route->from));
	}
	return NULL;
}

/* The trunk on the other side: by the first route that has ours on
 * its side. What is within a call goes either way, a response most
 * often against the route. */
static const struct trunk *
other_trunk(const struct attempt *run, const struct trunk *ours)
{
	bool against = !run->msg->request;
	const struct trunk *other = routed_trunk(run, run->in != against, ours);

	if (other == NULL && (against || !span_empty(run->view.to_tag)))
		other = routed_trunk(run, run->in == against, ours);
	return other;
}

static bool
uses_policy(const struct trunk *trunk, bool in, const char *file)
{
	const struct policy *policy = in ? trunk->policy_in : trunk->policy_out;
	const char *a = strrchr(policy_file(policy), '/');
	const char *b = strrchr(file, '/');

	return policy_file(policy)[0] != '\0' &&
	    strcmp(a == NULL ? policy_file(policy) : a + 1,
		b == NULL ? file : b + 1) == 0;
}

/* By name; else the one that uses the policy; else the first that has a
 * route. */
static const struct trunk *
own_trunk(struct attempt *run, struct cli *cli)
{
	const struct trunks *trunks = run->world.trunks;
	const char *file = policy_file(run->policy);
	size_t i;

	if (run->trunk_name != NULL)
		return world_trunk(&run->world, cli, run->trunk_name);
	for (i = 0; i < trunks->n; i++)
		if (uses_policy(&trunks->list[i], run->in, file))
			return &trunks->list[i];
	for (i = 0; i < trunks->n; i++)
		if (other_trunk(run, &trunks->list[i]) != NULL)
			return &trunks->list[i];
	fputs("cordon: there is no trunk with a route\n", cli->err);
	return NULL;
}

static bool
choose_trunks(struct attempt *run, struct cli *cli)
{
	struct rehearsal *r = run->rehearsal;
	const struct trunk *own = own_trunk(run, cli), *other;

	if (own == NULL)
		return false;
	other = other_trunk(run, own);
	if (other == NULL) {
		fprintf(cli->err, "cordon: no route leads %s trunk %.*s\n",
		    run->in ? "from" : "to", SPAN_ARG(own->name));
		return false;
	}
	r->from = run->in ? own : other;
	r->to = run->in ? other : own;
	r->in = run->in ? run->policy : r->from->policy_in;
	r->out = run->in ? r->to->policy_out : run->policy;
	r->today = run->world.today;
	r->user_agent = span_of(run->world.config->user_agent);
	r->journal = book_journal(&run->book);
	return true;
}

/* Of a response or a request within a call it is not to be seen. */
static bool
choose_kind(struct attempt *run, struct cli *cli)
{
	struct rehearsal *r = run->rehearsal;
	unsigned i;

	for (i = 0; run->call != NULL && i <= POLICY_CALL_EMERGENCY; i++) {
		if (strcmp(run->call, policy_call_name((enum policy_call)i)) !=
		    0)
			continue;
		r->kind_given = true;
		r->kind = (enum policy_call)i;
	}
	if (run->call == NULL || r->kind_given)
		return true;
	fputs("cordon: --call wants direct, diverted, transferred or emergency\n",
	    cli->err);
	return false;
}

/* ---- what comes out ---- */

static void
print_refusal(const struct print *print, const struct policy_refusal *refusal)
{
	char text[32];

	snprintf(
	    text, sizeof(text), "It does not leave: %u", refusal->status);
	fputc('\n', print->out);
	print_str(print, PAINT_RED, text);
	fputs("  ", print->out);
	print_str(print, PAINT_BOLD, diagnosis_get(refusal->diagnostic)->code);
	fputs("\n  ", print->out);
	print_str(print, PAINT_NONE, refusal->text);
	fputc('\n', print->out);
}

static void
print_head(const struct print *print, const struct rehearsal *r)
{
	print_painted(print, PAINT_BOLD, r->message);
	fprintf(print->out,
	    ", %s, from trunk %.*s (%s) to trunk %.*s (%s)\n\n",
	    policy_call_phrase(r->kind), SPAN_ARG(r->from->name),
	    policy_name(r->in), SPAN_ARG(r->to->name), policy_name(r->out));
}

static void
print_tally(const struct print *print, const struct rehearsal *r)
{
	char text[64];

	snprintf(text, sizeof(text), "%u change%s", r->changes,
	    r->changes == 1 ? "" : "s");
	fputc('\n', print->out);
	print_str(print, PAINT_BOLD, text);
	if (r->vetoes > 0) {
		snprintf(text, sizeof(text), ", %u vetoed by the guard",
		    r->vetoes);
		print_str(print, PAINT_YELLOW, text);
	}
	fputc('\n', print->out);
}

/* By the carrier's own rules, where the policy states them. */
static void
print_presentation(const struct print *print, const struct book *book)
{
	struct journal_entry entry;
	size_t at = 0;

	while (book_next(book, &at, &entry)) {
		if (entry.diagnostic != DIAG_CLI_SIMULATE)
			continue;
		fputs("The called side sees ", print->out);
		print_painted(print, PAINT_GREEN, entry.after);
		if (!span_eq(entry.before, entry.after)) {
			fputs("\n    without this policy ", print->out);
			print_painted(print, PAINT_RED, entry.before);
		}
		fputc('\n', print->out);
	}
}

/* What the policy says of a refusal. */
static void
print_response(const struct print *print, const struct rehearsal *r)
{
	if (r->response == NULL)
		return;
	fputs("What is done about it: ", print->out);
	print_str(
	    print, PAINT_BOLD, policy_then_name(r->response->then));
	fputc('\n', print->out);
}

static void
print_result(struct cli *cli, const struct attempt *run)
{
	const struct rehearsal *r = run->rehearsal;
	json_t *entries = book_json(&run->book);

	print_head(&cli->print, r);
	compare_print(&cli->print, "as received", run->msg->raw,
	    "as it would leave", r->wire);
	if (!r->leaves)
		print_refusal(&cli->print, &r->refusal);
	print_tally(&cli->print, r);
	print_response(&cli->print, r);
	print_presentation(&cli->print, &run->book);
	why_print_entries(&cli->print, entries);
	json_decref(entries);
}

static void
dump_result(struct cli *cli, const struct attempt *run)
{
	const struct rehearsal *r = run->rehearsal;
	json_t *o = json_pack(
	    "{s:s, s:o, s:o, s:s, s:b, s:i, s:i, s:o, s:o, s:o}", "policy",
	    policy_name(run->policy), "from", book_string(r->from->name), "to",
	    book_string(r->to->name), "kind", policy_call_name(r->kind),
	    "leaves", r->leaves, "changes", (int)r->changes, "vetoes",
	    (int)r->vetoes, "before", book_string(run->msg->raw), "after",
	    book_string(r->wire), "entries", book_json(&run->book));

	json_object_set_new(o, "message", book_string(r->message));
	if (r->response != NULL)
		json_object_set_new(o, "then",
		    json_string(policy_then_name(r->response->then)));
	if (!r->leaves)
		json_object_set_new(o, "refusal",
		    json_pack("{s:i, s:s, s:s}", "status",
			(int)r->refusal.status, "diagnostic",
			diagnosis_get(r->refusal.diagnostic)->code, "text",
			r->refusal.text == NULL ? "" : r->refusal.text));
	json_dumpf(o, cli->print.out, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', cli->print.out);
	json_decref(o);
}

static int
try_message(struct attempt *run, struct cli *cli, const char *name)
{
	struct sip_fault fault;
	struct input input;
	uint64_t packet = 0;
	int status = CLI_NO;

	if (run->packet != NULL &&
	    !span_to_u64(span_of(run->packet), UINT64_MAX, &packet)) {
		fputs("cordon: --packet wants a number\n", cli->err);
		return CLI_MISUSE;
	}
	if (!choose_kind(run, cli) || own_trunk(run, cli) == NULL ||
	    !input_read(&input, cli, name, packet))
		return CLI_MISUSE;
	if (!rehearse_read_any(run->msg, &run->view,
		span_make(input.bytes, input.n), &fault)) {
		arguments_complain(cli, "this message cannot be tried: ",
		    fault.text, "");
	} else if (!choose_trunks(run, cli)) {
		status = CLI_MISUSE;
	} else {
		rehearse(run->rehearsal, run->msg, &run->view);
		if (cli->json)
			dump_result(cli, run);
		else
			print_result(cli, run);
		status = run->rehearsal->leaves ? CLI_YES : CLI_NO;
	}
	input_fini(&input);
	return status;
}

/* The daemon would refuse the file, however well the message leaves. */
static int
try_tests(const struct attempt *run, struct cli *cli, int status)
{
	unsigned failed = trials_failed(run->policy);

	if (failed == 0)
		return status;
	fprintf(cli->err, "cordon: %u of the tests in it fail%s: cordon test ",
	    failed, failed == 1 ? "s" : "");
	print_safe(cli->err, span_of(policy_file(run->policy)));
	fputc('\n', cli->err);
	return status == CLI_YES ? CLI_NO : status;
}

static int
run_all(struct attempt *run, struct cli *cli, char **words, int n)
{
	int status = CLI_MISUSE;

	run->policy = world_draft(cli, words[0]);
	if (run->policy == NULL)
		return CLI_NO;
	if (n == 1)
		return trials_print(cli, run->policy);
	run->rehearsal = calloc(1, sizeof(*run->rehearsal));
	run->msg = calloc(1, sizeof(*run->msg));
	if (run->rehearsal == NULL || run->msg == NULL)
		fputs("cordon: out of memory\n", cli->err);
	else if (world_open(&run->world, cli, run->config, run->country))
		status = try_tests(run, cli, try_message(run, cli, words[1]));
	return status;
}

int
try_run(struct cli *cli, char **argv, int argc)
{
	struct attempt run = { 0 };
	const struct option_row rows[] = {
		{ "--trunk", &run.trunk_name, NULL },
		{ "--config", &run.config, NULL },
		{ "--country", &run.country, NULL },
		{ "--packet", &run.packet, NULL },
		{ "--call", &run.call, NULL },
		{ "--in", NULL, &run.in },
		{ "--out", NULL, &run.out },
	};
	int n = arguments_take(
	    cli, rows, sizeof(rows) / sizeof(rows[0]), argv, argc, 2);
	int status;

	if (n < 1 || (run.in && run.out))
		return n < 0 ? CLI_MISUSE
			     : arguments_misused(cli, COMMAND_ID_TEST);
	status = run_all(&run, cli, argv, n);
	book_fini(&run.book);
	free(run.rehearsal);
	free(run.msg);
	world_close(&run.world);
	policy_unref(run.policy);
	return status;
}
