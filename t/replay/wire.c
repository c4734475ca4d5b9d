#include "wire.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip/value.h"

#define FIRST_CONNECTION 1000
#define TEXT_MAX         65536

void
replay_init(
    struct replay *replay, uint64_t now, replay_receive *receive, void *arg)
{
	*replay = (struct replay){ .receive = receive, .arg = arg };
	timers_init(&replay->timers, now);
}

void
replay_fini(struct replay *replay)
{
	size_t i;

	for (i = 0; i < replay->sent_n; i++) {
		free((char *)replay->sent[i]->bytes.p);
		free(replay->sent[i]);
	}
	free(replay->sent);
	*replay = (struct replay){ .error = 0 };
}

/* --- what goes out --- */

static void
record(struct replay *replay, const struct net_path *path, struct span bytes)
{
	struct replay_sent *sent = calloc(1, sizeof(*sent));
	struct sip_fault fault;

	ck_assert_ptr_nonnull(sent);
	replay->sent = realloc(
	    replay->sent, (replay->sent_n + 1) * sizeof(*replay->sent));
	ck_assert_ptr_nonnull(replay->sent);
	replay->sent[replay->sent_n++] = sent;
	sent->at = replay->timers.now;
	sent->path = *path;
	sent->bytes = span_make(span_dup(bytes), bytes.n);
	ck_assert_msg(sip_index(&sent->msg, sent->bytes, &fault),
	    "what was sent is no message: %s\n%.*s", fault.text,
	    SPAN_ARG(bytes));
	sip_view_read(&sent->msg, &sent->view, &fault);
	ck_assert_uint_eq(sent->msg.raw.n, bytes.n);
}

static int
send_message(void *arg, struct net_path *path, struct span bytes)
{
	struct replay *replay = arg;

	if (replay->error != 0)
		return replay->error;
	if (replay->error_once_at > 0 && --replay->error_once_at == 0)
		return replay->error_once;
	if (path->connection != 0 && path->connection == replay->gone)
		return -ENOTCONN;
	path->reused = path->connection != 0 || replay->open != 0;
	if (path->connection == 0)
		path->connection = replay->open;
	if (net_transport_reliable(path->transport) && path->connection == 0)
		path->connection = FIRST_CONNECTION + replay->connections++;
	record(replay, path, bytes);
	return 0;
}

struct wire
replay_wire(struct replay *replay)
{
	return (struct wire){ send_message, replay };
}

/* --- the clock --- */

void
replay_advance(struct replay *replay, uint64_t ms)
{
	timers_advance(&replay->timers, replay->timers.now + ms);
}

/* --- what comes in --- */

struct net_path
replay_path(
    enum net_transport transport, const char *remote, slab_handle connection)
{
	struct net_path path = { .transport = transport, .listener = 1,
		.connection = connection };

	ck_assert(address_parse(span_of(remote), 5060, &path.remote));
	return path;
}

static void
add_crlf(struct text *t, struct span lines)
{
	while (lines.n > 0) {
		text_add(t, span_cut(lines, '\n', &lines));
		TEXT_LIT(t, "\r\n");
	}
}

static void
give(struct replay *replay, const struct net_path *path, struct span raw)
{
	char *bytes = span_dup(raw);
	struct sip_message *msg = malloc(sizeof(*msg));
	struct sip_view view;
	struct sip_fault fault;

	ck_assert(bytes != NULL && msg != NULL);
	ck_assert_msg(sip_index(msg, span_make(bytes, raw.n), &fault) &&
		sip_view_read(msg, &view, &fault),
	    "the test's message is none: %s\n%.*s", fault.text, SPAN_ARG(raw));
	replay->receive(replay->arg, msg, &view, path);
	free(msg);
	free(bytes);
}

/* Head and body of a test's text, made a message. */
static void
inject_text(
    struct replay *replay, const struct net_path *path, struct span text)
{
	char *buf = malloc(TEXT_MAX), *body_buf = malloc(TEXT_MAX);
	struct text t = text_over(buf, TEXT_MAX);
	struct text body = text_over(body_buf, TEXT_MAX);
	ptrdiff_t gap = span_find_span(text, SPAN("\n\n"));

	ck_assert(buf != NULL && body_buf != NULL);
	if (gap >= 0) {
		add_crlf(&body, span_from(text, (size_t)gap + 2));
		text = span_make(text.p, (size_t)gap);
	}
	add_crlf(&t, text);
	text_addf(&t, "Content-Length: %zu\r\n\r\n", body.len);
	text_add(&t, text_span(&body));
	ck_assert(!t.overflow && !body.overflow);
	give(replay, path, text_span(&t));
	free(buf);
	free(body_buf);
}

void
replay_inject(struct replay *replay, const struct net_path *path,
    const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	ck_assert_int_ge(n, 0);
	inject_text(replay, path, span_make(text, (size_t)n));
	free(text);
}

void
replay_answer(struct replay *replay, const struct replay_sent *request,
    const char *status_line, const char *to_tag, const char *fields)
{
	const struct sip_view *view = &request->view;
	struct span cseq = sip_value(&request->msg, SIP_CSEQ);

	replay_inject(replay, &request->path,
	    "SIP/2.0 %s\n"
	    "Via: %.*s\n"
	    "From: %.*s\n"
	    "To: %.*s%s%s\n"
	    "Call-ID: %.*s\n"
	    "CSeq: %.*s\n"
	    "%s",
	    status_line, SPAN_ARG(view->via.whole), SPAN_ARG(view->from),
	    SPAN_ARG(view->to), to_tag[0] == '\0' ? "" : ";tag=", to_tag,
	    SPAN_ARG(view->call_id), SPAN_ARG(cseq), fields);
}

/* --- what a test expects --- */

static const struct replay_sent *
look(struct replay *replay, const char *what)
{
	ck_assert_msg(replay->looked_at < replay->sent_n,
	    "expected \"%s\", nothing was sent", what);
	return replay->sent[replay->looked_at++];
}

static void
check_text(const struct replay_sent *sent, const char *text)
{
	bool absent = text[0] == '!';
	bool found;

	found = span_find_span(sent->bytes, span_of(text + absent)) >= 0;
	ck_assert_msg(found != absent, "\"%s\" is %s:\n%.*s", text + absent,
	    absent ? "in" : "missing from", SPAN_ARG(sent->bytes));
}

const struct replay_sent *
replay_expect(
    struct replay *replay, const char *remote, const char *start, ...)
{
	const struct replay_sent *sent = look(replay, start);
	char buf[ADDRESS_TEXT_MAX];
	const char *text;
	va_list ap;

	ck_assert_msg(span_starts(sent->bytes, span_of(start)),
	    "expected \"%s\", sent:\n%.*s", start, SPAN_ARG(sent->bytes));
	if (remote != NULL)
		ck_assert_str_eq(
		    address_print(&sent->path.remote, buf), remote);
	va_start(ap, start);
	while ((text = va_arg(ap, const char *)) != NULL)
		check_text(sent, text);
	va_end(ap);
	return sent;
}

void
replay_expect_nothing(struct replay *replay)
{
	if (replay->looked_at == replay->sent_n)
		return;
	ck_abort_msg("nothing was expected, sent:\n%.*s",
	    SPAN_ARG(replay->sent[replay->looked_at]->bytes));
}

size_t
replay_skip(struct replay *replay)
{
	size_t n = replay->sent_n - replay->looked_at;

	replay->looked_at = replay->sent_n;
	return n;
}
