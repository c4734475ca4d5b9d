#include "control/answer.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/container.h"
#include "control/did.h"
#include "control/peers.h"
#include "record/log.h"

/* One step of a list: so much text, so many calls looked at. */
#define STEP_TEXT  32768
#define STEP_CALLS 500
#define LAST_CALLS 20
#define CONFIG_LINE_MAX 8192
#define PROBLEMS_MAX    200
#define INVITE_LINE_MAX 1024

static enum request_state
fail(struct text *out, int exit_status, const char *text)
{
	request_add_error(out, exit_status, span_of(text));
	return REQUEST_DONE;
}

static enum request_state
unavailable(struct text *out)
{
	return fail(out, 2, "not available here");
}

static enum request_state
misused(struct text *out, enum command_id id)
{
	const struct command *c = command_get(id);
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));

	text_addf(&t, "usage: %s%s%s", c->name,
	    c->arguments[0] == '\0' ? "" : " ", c->arguments);
	request_add_error(out, 2, text_span(&t));
	return REQUEST_DONE;
}

static enum request_state
end(struct request *request, struct text *out)
{
	TEXT_LIT(out, "{\"end\":true");
	request_add_number(out, "count", request->count);
	TEXT_LIT(out, "}\n");
	return REQUEST_DONE;
}

static enum request_state
go_on(struct request *request, struct text *out, request_fn *step)
{
	request->step = step;
	return step(request, out);
}

static bool
has_room(const struct text *out)
{
	return out->len < STEP_TEXT && !out->overflow;
}

/* ---- status ---- */

static void
add_writer(struct text *out, const struct writer *writer)
{
	struct writer_figures f = { 0 };

	if (writer != NULL)
		writer_get_figures(writer, &f);
	text_addf(out, ",\"journal\":{\"failing\":%s",
	    f.error != 0 ? "true" : "false");
	request_add_number(out, "written", f.written);
	request_add_number(out, "waiting", f.waiting);
	request_add_number(out, "lost", f.lost);
	request_add_number(out, "failures", f.failures);
	if (f.last_error != 0)
		request_add_string(
		    out, "last_error", span_of(strerror(f.last_error)));
	text_add_char(out, '}');
}

static void
add_memory(struct text *out, const struct memory *memory)
{
	struct memory_figures f = { 0 };

	if (memory != NULL)
		memory_get_figures(memory, &f);
	TEXT_LIT(out, ",\"memory\":{\"calls\":");
	text_add_u64(out, f.calls);
	request_add_number(out, "bytes", f.bytes);
	request_add_number(out, "size", f.size);
	request_add_number(out, "dropped", f.dropped);
	request_add_time(out, "oldest", f.oldest);
	text_add_char(out, '}');
}

static enum request_state
answer_status(struct request *request, struct text *out)
{
	struct control_status s = { .version = "" };

	if (request->arguments > 0)
		return misused(out, COMMAND_ID_STATUS);
	if (request->ops->status == NULL)
		return unavailable(out);
	request->ops->status(request->ops->arg, &s);
	text_addf(out, "{\"state\":\"%s\"",
	    s.draining ? "draining" : "running");
	request_add_string(out, "version", span_of(s.version));
	request_add_number(out, "pid", (uint64_t)getpid());
	request_add_time(out, "started", s.started);
	request_add_time(out, "loaded", s.loaded);
	request_add_number(out, "lag_ms", s.lag);
	TEXT_LIT(out, ",\"calls\":{\"now\":");
	text_add_u64(out, s.calls);
	request_add_number(out, "limit", s.calls_limit);
	request_add_number(out, "total", s.calls_total);
	request_add_number(out, "answered", s.calls_answered);
	request_add_number(out, "failed", s.calls_failed);
	text_add_char(out, '}');
	add_writer(out, request->ops->writer);
	add_memory(out, request->ops->memory);
	TEXT_LIT(out, "}\n");
	return REQUEST_DONE;
}

/* ---- lists ---- */

static void
add_trunk(
    struct text *out, const struct control_trunk *trunk, bool detail)
{
	TEXT_LIT(out, "{\"trunk\":\"");
	text_add_json(out, trunk->name);
	text_add_char(out, '"');
	request_add_string(out, "state", span_of(trunk->state));
	request_add_string(out, "transport", span_of(trunk->transport));
	request_add_string(out, "peer", trunk->peer);
	request_add_string(out, "reason", trunk->reason);
	request_add_time(out, "since", trunk->since);
	request_add_number(out, "calls", trunk->calls);
	request_add_number(out, "calls_limit", trunk->calls_limit);
	request_add_number(out, "calls_per_second", trunk->calls_per_second);
	request_add_number(out, "in", trunk->calls_in);
	request_add_number(out, "out", trunk->calls_out);
	request_add_number(out, "failed", trunk->failed);
	request_add_number(out, "refused", trunk->refused);
	request_add_number(out, "advanced", trunk->advanced);
	request_add_string(out, "spared", trunk->spared);
	peers_add(out, trunk->trunk);
	if (detail)
		TEXT_LIT(out, ",\"detail\":true");
	TEXT_LIT(out, "}\n");
}

static enum request_state
end_trunks(struct request *request, struct text *out)
{
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));
	struct span s = request->argument[0];

	if (request->arguments == 0 || request->count > 0)
		return end(request, out);
	TEXT_LIT(&t, "no trunk has the name ");
	text_add_quoted(&t, span_up_to(s, 63));
	request_add_error(out, 1, text_span(&t));
	return REQUEST_DONE;
}

static enum request_state
step_trunks(struct request *request, struct text *out)
{
	const struct control_ops *ops = request->ops;
	bool one = request->arguments > 0;

	while (has_room(out)) {
		struct control_trunk trunk = { .state = "", .transport = "" };

		if (!ops->next_trunk(ops->arg, &request->at, &trunk))
			return end_trunks(request, out);
		if (one && !span_eq(trunk.name, request->argument[0]))
			continue;
		add_trunk(out, &trunk, one);
		request->count++;
	}
	return REQUEST_MORE;
}

static enum request_state
answer_trunks(struct request *request, struct text *out)
{
	if (request->arguments > 1)
		return misused(out, COMMAND_ID_TRUNKS);
	if (request->ops->next_trunk == NULL)
		return unavailable(out);
	return go_on(request, out, step_trunks);
}

static enum request_state
step_counters(struct request *request, struct text *out)
{
	const struct control_ops *ops = request->ops;

	while (has_room(out)) {
		struct control_counter c = { .name = "", .help = "" };

		if (!ops->next_counter(ops->arg, &request->at, &c))
			return end(request, out);
		TEXT_LIT(out, "{\"counter\":\"");
		text_add_json(out, span_of(c.name));
		text_add_char(out, '"');
		request_add_number(out, "value", c.value);
		request_add_string(out, "help", span_of(c.help));
		TEXT_LIT(out, "}\n");
		request->count++;
	}
	return REQUEST_MORE;
}

static enum request_state
answer_counters(struct request *request, struct text *out)
{
	if (request->arguments > 0)
		return misused(out, COMMAND_ID_COUNTERS);
	if (request->ops->next_counter == NULL)
		return unavailable(out);
	return go_on(request, out, step_counters);
}

static void
add_call_line(struct text *out, const struct memory_summary *summary,
    const char *state)
{
	text_add_char(out, '{');
	request_add_call(out, summary, state);
	TEXT_LIT(out, "}\n");
}

static enum request_state
step_calls(struct request *request, struct text *out)
{
	const struct control_ops *ops = request->ops;

	while (has_room(out)) {
		struct control_call call = { .state = "" };

		if (ops->next_call(ops->arg, &request->at, &call)) {
			add_call_line(out, &call.summary, call.state);
			request->count++;
		} else if (request->arguments == 0) {
			return end(request, out);
		} else {
			return REQUEST_FOLLOW;
		}
	}
	return REQUEST_MORE;
}

static enum request_state
answer_calls(struct request *request, struct text *out)
{
	if (request->arguments > 1 ||
	    (request->arguments == 1 &&
	        !span_eq(request->argument[0], SPAN("--follow"))))
		return misused(out, COMMAND_ID_CALLS);
	if (request->ops->next_call == NULL)
		return unavailable(out);
	return go_on(request, out, step_calls);
}

/* ---- call and why ---- */

static bool
find_live(const struct request *request, uint64_t id, struct control_call *call)
{
	const struct control_ops *ops = request->ops;

	return ops->find_call != NULL && ops->find_call(ops->arg, id, call);
}

static bool
find_ended(const struct request *request, uint64_t id,
    struct memory_found *found)
{
	return request->ops->memory != NULL &&
	    memory_find(request->ops->memory, id, found);
}

/* A whole id, which needs no search. */
static bool
read_id(struct span s, uint64_t *id)
{
	return s.n == 16 && span_to_hex64(s, id);
}

static enum request_state
not_found(const struct request *request, struct text *out)
{
	struct span s = request->argument[0];
	char buf[512];
	struct text t = text_over(buf, sizeof(buf));

	TEXT_LIT(&t, "no call in progress or in memory matches ");
	text_add_quoted(&t, span_up_to(s, 80));
	request_add_error(out, 1, text_span(&t));
	return REQUEST_DONE;
}

static enum request_state
step_entries(struct request *request, struct text *out)
{
	const struct journal_entry *entry;

	while (has_room(out)) {
		entry = memory_next(request->entries);
		if (entry == NULL)
			return end(request, out);
		journal_add_json(out, entry);
		text_add_char(out, '\n');
		request->count++;
	}
	return REQUEST_MORE;
}

static void
add_head(struct text *out, const struct memory_summary *summary,
    const char *state, unsigned skipped)
{
	text_add_char(out, '{');
	request_add_call(out, summary, state);
	if (skipped > 0)
		request_add_number(out, "skipped", skipped);
	TEXT_LIT(out, "}\n");
}

static enum request_state
show(struct request *request, struct text *out, uint64_t id)
{
	static const struct memory_chain empty;
	struct control_call call = { .state = "" };
	struct memory_found found;

	if (find_live(request, id, &call)) {
		const struct memory_chain *chain =
		    call.chain == NULL ? &empty : call.chain;

		request->entries = memory_read_live(chain);
		if (request->entries == NULL)
			return fail(out, 1, "out of memory");
		add_head(out, &call.summary, call.state, chain->skipped);
	} else if (find_ended(request, id, &found)) {
		request->entries = memory_read_ended(&found);
		if (request->entries == NULL)
			return fail(out, 1, "out of memory");
		add_head(out, &found.summary, NULL, found.skipped);
	} else {
		return not_found(request, out);
	}
	return go_on(request, out, step_entries);
}

static enum request_state
list_candidates(struct request *request, struct text *out)
{
	struct control_call call = { .state = "" };
	struct memory_found found;
	size_t i;

	for (i = 0; i < request->candidates; i++) {
		uint64_t id = request->candidate[i];
		bool live = find_live(request, id, &call);

		if (!live && !find_ended(request, id, &found))
			continue;
		TEXT_LIT(out, "{\"candidate\":true,");
		request_add_call(out, live ? &call.summary : &found.summary,
		    live ? call.state : NULL);
		TEXT_LIT(out, "}\n");
		request->count++;
	}
	return end(request, out);
}

static void
consider(struct request *request, const struct memory_summary *summary)
{
	enum memory_match match =
	    memory_matches(summary, request->argument[0]);

	if (match == MEMORY_MATCH_NONE || match < request->best)
		return;
	if (match > request->best)
		request->candidates = 0;
	request->best = match;
	if (request->candidates < REQUEST_CANDIDATES)
		request->candidate[request->candidates++] = summary->call;
}

static enum request_state
step_search_ended(struct request *request, struct text *out)
{
	struct memory_found found;
	unsigned n;

	for (n = 0; n < STEP_CALLS; n++) {
		if (request->ops->memory == NULL ||
		    !memory_last(request->ops->memory, &request->ring_at,
		        &found))
			break;
		consider(request, &found.summary);
	}
	if (n == STEP_CALLS)
		return REQUEST_MORE;
	if (request->candidates == 0)
		return not_found(request, out);
	if (request->candidates == 1)
		return show(request, out, request->candidate[0]);
	return list_candidates(request, out);
}

static enum request_state
step_search_live(struct request *request, struct text *out)
{
	const struct control_ops *ops = request->ops;
	struct control_call call = { .state = "" };
	unsigned n;

	for (n = 0; n < STEP_CALLS; n++) {
		if (ops->next_call == NULL ||
		    !ops->next_call(ops->arg, &request->at, &call))
			return go_on(request, out, step_search_ended);
		consider(request, &call.summary);
	}
	(void)out;
	return REQUEST_MORE;
}

static enum request_state
list_last(struct request *request, struct text *out)
{
	struct memory_found found;

	while (request->candidates < LAST_CALLS &&
	    request->ops->memory != NULL &&
	    memory_last(request->ops->memory, &request->ring_at, &found))
		request->candidate[request->candidates++] = found.summary.call;
	return list_candidates(request, out);
}

/* A Call-ID of ours begins with the id of its call: that finds the call also by
 * a target that was asked before another. */
static bool
read_own_call_id(const struct request *request, struct span s, uint64_t *id)
{
	struct control_call call = { .state = "" };
	struct memory_found found;

	return s.n == 32 && read_id(span_make(s.p, 16), id) &&
	    (find_live(request, *id, &call) ||
		find_ended(request, *id, &found));
}

static enum request_state
answer_why(struct request *request, struct text *out)
{
	uint64_t id;

	if (request->arguments == 0)
		return list_last(request, out);
	if (request->arguments > 1)
		return misused(out, COMMAND_ID_WHY);
	if (read_id(request->argument[0], &id) ||
	    read_own_call_id(request, request->argument[0], &id))
		return show(request, out, id);
	return go_on(request, out, step_search_live);
}

static enum request_state
answer_call(struct request *request, struct text *out)
{
	struct control_call call = { .state = "" };
	struct memory_found found;
	uint64_t id;

	if (request->arguments != 1)
		return misused(out, COMMAND_ID_CALL);
	if (!read_id(request->argument[0], &id))
		return fail(out, 2, "an id has 16 hexadecimal digits");
	if (find_live(request, id, &call))
		add_call_line(out, &call.summary, call.state);
	else if (find_ended(request, id, &found))
		add_call_line(out, &found.summary, NULL);
	else
		return not_found(request, out);
	return REQUEST_DONE;
}

static enum request_state
answer_did(struct request *request, struct text *out)
{
	struct control_numbers numbers = { .inventory = NULL };
	char buf[32];
	struct text digits = text_over(buf, sizeof(buf));

	if (request->arguments != 1)
		return misused(out, COMMAND_ID_DID);
	if (request->ops->numbers == NULL)
		return unavailable(out);
	if (!did_read_number(request->argument[0], &digits))
		return fail(out, 2, DID_WANTED);
	request->ops->numbers(request->ops->arg, &numbers);
	if (numbers.inventory == NULL)
		return fail(out, 1, "the configuration has no inventory");
	did_add_answer(out, &numbers, text_span(&digits));
	return REQUEST_DONE;
}

/* ---- invites ---- */

static void
add_address(struct text *out, const char *key, const struct address *a)
{
	char buf[ADDRESS_TEXT_MAX];

	if (a->family != 0)
		request_add_string(out, key, span_of(address_print(a, buf)));
}

static void
add_invite(struct text *out, const struct recent_invite *invite)
{
	static unsigned char base64[(RECENT_MESSAGE_MAX + 2) / 3 * 4 + 1];
	struct span rest, line = span_cut(invite->bytes, '\n', &rest);
	int n = EVP_EncodeBlock(base64,
	    (const unsigned char *)invite->bytes.p, (int)invite->bytes.n);

	TEXT_LIT(out, "{\"invite\":");
	text_add_u64(out, invite->number);
	request_add_time(out, "time", invite->time);
	request_add_string(out, "trunk", invite->trunk);
	add_address(out, "from", &invite->from);
	add_address(out, "to", &invite->to);
	request_add_string(
	    out, "transport", span_of(invite->stream ? "tcp" : "udp"));
	request_add_string(
	    out, "line", span_trim(span_up_to(line, INVITE_LINE_MAX)));
	request_add_number(out, "bytes", invite->bytes.n);
	request_add_string(out, "message",
	    span_make((const char *)base64, n < 0 ? 0 : (size_t)n));
	TEXT_LIT(out, "}\n");
}

static enum request_state
step_invites(struct request *request, struct text *out)
{
	struct recent_invite invite;

	while (has_room(out)) {
		if (!recent_next(
			request->ops->recent, &request->ring_at, &invite))
			return end(request, out);
		add_invite(out, &invite);
		request->count++;
	}
	return REQUEST_MORE;
}

static enum request_state
answer_invites(struct request *request, struct text *out)
{
	if (request->arguments > 0)
		return misused(out, COMMAND_ID_INVITES);
	if (request->ops->recent == NULL)
		return fail(
		    out, 1, "no INVITEs are kept: journal.invites is 0");
	return go_on(request, out, step_invites);
}

/* ---- what changes something ---- */

static enum request_state
step_config(struct request *request, struct text *out)
{
	while (has_room(out)) {
		struct span line;

		if (span_empty(request->rest))
			return end(request, out);
		line = span_cut(request->rest, '\n', &request->rest);
		if (line.n > CONFIG_LINE_MAX)
			line.n = CONFIG_LINE_MAX;
		TEXT_LIT(out, "{\"line\":\"");
		text_add_json(out, line);
		TEXT_LIT(out, "\"}\n");
		request->count++;
	}
	return REQUEST_MORE;
}

static enum request_state
answer_show_config(struct request *request, struct text *out)
{
	size_t n = 0;
	FILE *file;

	if (request->arguments > 0)
		return misused(out, COMMAND_ID_SHOW_CONFIG);
	if (request->ops->print_config == NULL)
		return unavailable(out);
	file = open_memstream(&request->text, &n);
	if (file == NULL)
		return fail(out, 1, "out of memory");
	request->ops->print_config(request->ops->arg, file);
	if (fclose(file) != 0)
		return fail(out, 1, "out of memory");
	request->rest = span_make(request->text, n);
	return go_on(request, out, step_config);
}

static enum request_state
answer_log_level(struct request *request, struct text *out)
{
	enum log_level level;

	if (request->arguments > 1)
		return misused(out, COMMAND_ID_LOG_LEVEL);
	if (request->arguments == 1) {
		if (!log_level_find(request->argument[0], &level))
			return fail(out, 2,
			    "a level is error, warning, info or debug");
		log_set_level(level);
	}
	text_addf(out, "{\"level\":\"%s\"}\n", log_level_name(log_get_level()));
	return REQUEST_DONE;
}

static void
add_problem(struct text *out, const struct problem *p)
{
	text_addf(out, "{\"level\":\"%s\"",
	    problem_level_name(p->level));
	request_add_string(out, "file", span_of(p->file));
	if (p->line > 0)
		request_add_number(out, "line", (uint64_t)p->line);
	request_add_string(out, "text",
	    span_of(p->text == NULL ? "out of memory" : p->text));
	text_add_char(out, '}');
}

/* Those of that level, while there is room; returns how many are told then. */
static size_t
add_problems_of(struct text *out, const struct problems *problems,
    enum problem_level level, size_t told)
{
	size_t i;

	for (i = 0; i < problems->n && told < PROBLEMS_MAX && has_room(out);
	     i++) {
		if (problems->list[i].level != level)
			continue;
		if (told++ > 0)
			text_add_char(out, ',');
		add_problem(out, &problems->list[i]);
	}
	return told;
}

static void
add_rest(struct text *out, size_t told, const char *level, size_t n,
    const char *what)
{
	if (n > 0)
		text_addf(out,
		    "%s{\"level\":\"%s\",\"text\":\"%zu more %s; the log has "
		    "them\"}",
		    told > 0 ? "," : "", level, n, what);
}

static size_t
count_notes(const struct problems *problems)
{
	size_t i, n = 0;

	for (i = 0; i < problems->n; i++)
		n += problems->list[i].level == PROBLEM_NOTE;
	return n;
}

/* Errors first: hundreds of warnings must not hide why it was refused. */
static void
add_problems(struct text *out, const struct problems *problems)
{
	size_t notes = count_notes(problems), told;

	TEXT_LIT(out, ",\"problems\":[");
	told = add_problems_of(out, problems, PROBLEM_ERROR, 0);
	told = add_problems_of(out, problems, PROBLEM_WARNING, told);
	add_rest(out, told, told < problems->errors ? "error" : "warning",
	    problems->n - notes - told, "problems");
	TEXT_LIT(out, "],\"changes\":[");
	told = add_problems_of(out, problems, PROBLEM_NOTE, 0);
	add_rest(out, told, "note", notes - told, "changes");
	text_add_char(out, ']');
}

static enum request_state
step_reload(struct request *request, struct text *out)
{
	const struct control_ops *ops = request->ops;
	const struct problems *problems;
	bool good;

	if (!ops->reload_result(ops->arg, request->reload, &good, &problems))
		return REQUEST_WAIT;
	if (good)
		TEXT_LIT(out, "{\"reloaded\":true");
	else
		TEXT_LIT(out, "{\"error\":\"refused; everything stays as it "
		              "was\",\"exit\":1");
	add_problems(out, problems);
	TEXT_LIT(out, "}\n");
	return REQUEST_DONE;
}

static enum request_state
answer_reload(struct request *request, struct text *out)
{
	const struct control_ops *ops = request->ops;

	if (request->arguments > 0)
		return misused(out, COMMAND_ID_RELOAD);
	if (ops->reload == NULL || ops->reload_result == NULL)
		return unavailable(out);
	request->reload = ops->reload(ops->arg);
	return go_on(request, out, step_reload);
}

static enum request_state
answer_drain(struct request *request, struct text *out)
{
	if (request->arguments > 0)
		return misused(out, COMMAND_ID_DRAIN);
	if (request->ops->drain == NULL)
		return unavailable(out);
	request->ops->drain(request->ops->arg);
	TEXT_LIT(out, "{\"draining\":true}\n");
	return REQUEST_DONE;
}

request_fn *
answer_find(enum command_id id)
{
	static request_fn *const begin[COMMANDS] = {
		[COMMAND_ID_WHY] = answer_why,
		[COMMAND_ID_STATUS] = answer_status,
		[COMMAND_ID_TRUNKS] = answer_trunks,
		[COMMAND_ID_CALLS] = answer_calls,
		[COMMAND_ID_CALL] = answer_call,
		[COMMAND_ID_DID] = answer_did,
		[COMMAND_ID_COUNTERS] = answer_counters,
		[COMMAND_ID_INVITES] = answer_invites,
		[COMMAND_ID_SHOW_CONFIG] = answer_show_config,
		[COMMAND_ID_LOG_LEVEL] = answer_log_level,
		[COMMAND_ID_RELOAD] = answer_reload,
		[COMMAND_ID_DRAIN] = answer_drain,
	};

	return begin[id];
}
