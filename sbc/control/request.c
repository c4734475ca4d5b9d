#include "control/request.h"

#include <stdlib.h>
#include <time.h>

#include "control/answer.h"

static void
add_time(struct text *t, uint64_t micros)
{
	time_t seconds = (time_t)(micros / 1000000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL)
		return;
	text_addf(t, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (unsigned)(micros / 1000 % 1000));
}

void
request_add_time(struct text *out, const char *key, uint64_t micros)
{
	if (micros == 0)
		return;
	text_addf(out, ",\"%s\":\"", key);
	add_time(out, micros);
	text_add_char(out, '"');
}

void
request_add_string(struct text *out, const char *key, struct span value)
{
	if (span_empty(value))
		return;
	text_addf(out, ",\"%s\":\"", key);
	text_add_json(out, value);
	text_add_char(out, '"');
}

void
request_add_number(struct text *out, const char *key, uint64_t value)
{
	text_addf(out, ",\"%s\":", key);
	text_add_u64(out, value);
}

void
request_add_error(struct text *out, int exit_status, struct span text)
{
	TEXT_LIT(out, "{\"error\":\"");
	text_add_json(out, text);
	text_addf(out, "\",\"exit\":%d}\n", exit_status);
}

static void
add_leg(struct text *out, const struct memory_summary *summary,
    enum memory_leg leg)
{
	static const char *const names[MEMORY_LEGS] = { "caller", "callee",
		"target" };

	text_addf(out, ",\"%s\":{\"trunk\":\"", names[leg]);
	text_add_json(out, summary->trunk[leg]);
	text_add_char(out, '"');
	request_add_string(out, "number", summary->number[leg]);
	request_add_string(out, "call_id", summary->call_id[leg]);
	text_add_char(out, '}');
}

void
request_add_call(struct text *out, const struct memory_summary *summary,
    const char *state)
{
	TEXT_LIT(out, "\"call\":\"");
	text_add_hex64(out, summary->call);
	text_add_char(out, '"');
	request_add_string(
	    out, "state", span_of(state == NULL ? "ended" : state));
	request_add_time(out, "start", summary->start);
	request_add_time(out, "answer", summary->answer);
	request_add_time(out, "end", summary->end);
	if (summary->answer != 0 && summary->end >= summary->answer)
		request_add_number(out, "talked_ms",
		    (summary->end - summary->answer) / 1000);
	if (summary->status != 0)
		request_add_number(out, "status", summary->status);
	if (state == NULL)
		text_add_str(out,
		    summary->fault ? ",\"fault\":true" : ",\"fault\":false");
	if (summary->diagnostic != DIAG_NONE)
		request_add_string(out, "diagnostic",
		    span_of(diagnosis_get(summary->diagnostic)->code));
	request_add_string(out, "reason", summary->reason);
	add_leg(out, summary, MEMORY_CALLER);
	add_leg(out, summary, MEMORY_CALLEE);
	if (!span_empty(summary->number[MEMORY_TARGET]))
		add_leg(out, summary, MEMORY_TARGET);
}

static enum request_state
refuse(struct text *out, struct span text)
{
	request_add_error(out, 2, text);
	return REQUEST_DONE;
}

static bool
read_arguments(struct request *request, const json_t *list)
{
	size_t i, n = json_array_size(list);

	if (list != NULL && !json_is_array(list))
		return false;
	if (n > REQUEST_ARGUMENTS)
		return false;
	for (i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);

		if (!json_is_string(item))
			return false;
		request->argument[i] = span_make(
		    json_string_value(item), json_string_length(item));
	}
	request->arguments = n;
	return true;
}

static enum request_state
unknown_command(struct text *out, struct span name)
{
	const char *near = command_nearest(name);
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));

	TEXT_LIT(&t, "no such command: ");
	text_add_quoted(&t, span_up_to(name, 40));
	if (near != NULL)
		text_addf(&t, ", is it \"%s\"?", near);
	return refuse(out, text_span(&t));
}

static enum request_state
dispatch(struct request *request, struct text *out)
{
	const json_t *name = json_object_get(request->root, "command");
	const json_t *list = json_object_get(request->root, "arguments");
	struct span command;
	enum command_id id;
	request_fn *begin;

	if (!json_is_string(name))
		return refuse(out, SPAN("a request has a \"command\""));
	if (!read_arguments(request, list))
		return refuse(out, SPAN("arguments are up to four strings"));
	command = span_make(json_string_value(name), json_string_length(name));
	if (!command_find(command, &id))
		return unknown_command(out, command);
	begin = answer_find(id);
	if (begin == NULL)
		return refuse(out, SPAN("this command needs no daemon"));
	return begin(request, out);
}

/* An answer is whole or is an error. */
static enum request_state
finish(struct request *request, enum request_state state, struct text *out,
    size_t mark)
{
	if (out->overflow) {
		out->overflow = false;
		out->len = mark;
		request_add_error(out, 1, SPAN("the answer is too long"));
		state = REQUEST_DONE;
	}
	if (state != REQUEST_MORE && state != REQUEST_WAIT)
		request_close(request);
	return state;
}

enum request_state
request_start(struct request *request, const struct control_ops *ops,
    struct span line, struct text *out)
{
	size_t mark = out->len;
	enum request_state state;

	*request = (struct request){ .ops = ops };
	request->root =
	    json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(request->root))
		state =
		    refuse(out, SPAN("a request is one JSON object a line"));
	else
		state = dispatch(request, out);
	return finish(request, state, out, mark);
}

enum request_state
request_step(struct request *request, struct text *out)
{
	size_t mark = out->len;

	return finish(request, request->step(request, out), out, mark);
}

void
request_close(struct request *request)
{
	json_decref(request->root);
	free(request->text);
	memory_reader_destroy(request->entries);
	request->root = NULL;
	request->text = NULL;
	request->entries = NULL;
}
