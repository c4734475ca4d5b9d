#include "peer/load.h"

#include <stdio.h>

#include "base/container.h"

enum reply_kind { REPLY_BARE, REPLY_CONTACT, REPLY_SDP };

static void
add_answer(struct text *t, const struct load *load, uint64_t number)
{
	static const char form[] = "v=0\r\no=- %llu 1 IN IP4 %s\r\ns=-\r\n"
				   "c=IN IP4 %s\r\nt=0 0\r\n"
				   "m=audio %u RTP/AVP 8 101\r\n"
				   "a=rtpmap:8 PCMA/8000\r\n"
				   "a=rtpmap:101 telephone-event/8000\r\n"
				   "a=fmtp:101 0-15\r\na=ptime:20\r\n";
	char host[ADDRESS_TEXT_MAX], body[512];
	struct text ip = text_over(host, sizeof(host));
	int n;

	address_add_ip(&ip, &load->options.callee);
	text_cstr(&ip);
	n = snprintf(body, sizeof(body), form, (unsigned long long)number, host,
	    host, 20000 + 2 * (unsigned)(number % 10000));
	text_addf(t, "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n",
	    n);
	text_add(t, span_make(body, (size_t)n));
}

static struct text *
begin_reply(struct load *load, const struct load_message *m, const char *status,
    enum reply_kind kind, uint64_t number)
{
	struct text *t = datagrams_begin(load->callee);
	unsigned i;

	text_addf(t, "SIP/2.0 %s\r\n", status);
	for (i = 0; i < m->vias; i++)
		text_addf(t, "Via: %.*s\r\n", SPAN_ARG(m->via[i]));
	for (i = 0; kind != REPLY_BARE && i < m->routes; i++)
		text_addf(t, "Record-Route: %.*s\r\n", SPAN_ARG(m->route[i]));
	text_addf(t, "From: %.*s\r\nTo: %.*s", SPAN_ARG(m->from),
	    SPAN_ARG(m->to));
	if (!load_message_has_tag(m->to))
		text_addf(t, ";tag=b%x-%llu", load->run,
		    (unsigned long long)number);
	text_addf(t, "\r\nCall-ID: %.*s\r\nCSeq: %.*s\r\n",
	    SPAN_ARG(m->call_id), SPAN_ARG(m->cseq));
	if (kind != REPLY_BARE)
		text_addf(t,
		    "Contact: <sip:bob@%s>\r\nServer: Load Generator 1.0\r\n"
		    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\n",
		    load->callee_host);
	if (kind == REPLY_SDP)
		add_answer(t, load, number);
	else
		TEXT_LIT(t, "Content-Length: 0\r\n\r\n");
	return t;
}

static void
answer_again(struct timer *timer)
{
	struct load_call *call =
	    CONTAINER_OF(timer, struct load_call, answer.timer);
	struct load *load = call->load;

	if (!load_call_repeat(load, &call->answer, LOAD_T2, answer_again)) {
		load_call_drop(load, &call->answer);
		return;
	}
	load->figures.again_200++;
	datagrams_copy(load->callee,
	    span_make(call->answer.bytes, call->answer.n), &call->callee_peer);
}

static void
note_delay(struct load *load, const struct load_call *call)
{
	uint64_t bin = (load_now_us() - call->left_us) / LOAD_BIN_US;

	load->figures.delay[bin > LOAD_BINS ? LOAD_BINS : bin]++;
}

static void
ring_and_answer(struct load_call *call, const struct load_message *m)
{
	struct load *load = call->load;
	struct text *t;

	note_delay(load, call);
	begin_reply(load, m, "100 Trying", REPLY_BARE, call->number);
	datagrams_send(load->callee, &call->callee_peer);
	begin_reply(load, m, "180 Ringing", REPLY_CONTACT, call->number);
	datagrams_send(load->callee, &call->callee_peer);
	t = begin_reply(load, m, "200 OK", REPLY_SDP, call->number);
	if (t->overflow || !load_call_keep(&call->answer, text_span(t)))
		return;
	datagrams_send(load->callee, &call->callee_peer);
	call->callee = CALLEE_ANSWERED;
	load->callees++;
	timer_start(&load->timers, &call->answer.timer, LOAD_T1, answer_again);
}

/* The number dialled is sip:+44NNNNNNNNNN@..., NNNNNNNNNN the
 * call's number plus 2000000000. */
static bool
number_dialled(const struct load_message *m, uint64_t *number)
{
	static const struct span start = { "sip:+44", 7 };
	struct span rest, uri;

	span_cut(m->first, ' ', &uri);
	if (!span_istarts(uri, start))
		return false;
	uri = span_cut(span_from(uri, start.n), '@', &rest);
	if (!span_to_u64(uri, 9999999999, number) || *number < 2000000000)
		return false;
	*number -= 2000000000;
	return true;
}

/* Our To tag is bRUN-NUMBER. */
static bool
number_tagged(const struct load_message *m, uint64_t *number)
{
	ptrdiff_t at = span_find_span(m->to, SPAN(";tag=b"));
	struct span rest, more;

	if (at < 0)
		return false;
	span_cut(span_from(m->to, (size_t)at + 6), '-', &rest);
	return span_to_u64(span_cut(rest, ';', &more), UINT64_MAX, number);
}

static void
got_invite(
    struct load *load, const struct load_message *m, const struct address *from)
{
	struct load_call *call = NULL;
	uint64_t number;

	if (number_dialled(m, &number))
		call = load_call_find(load, number);
	if (call == NULL || call->caller == CALLER_DONE) {
		load->figures.unexpected++;
		return;
	}
	if (call->callee != CALLEE_IDLE) {
		load->figures.seen_invite++;
		if (call->callee == CALLEE_ANSWERED && call->answer.n > 0)
			datagrams_copy(load->callee,
			    span_make(call->answer.bytes, call->answer.n),
			    &call->callee_peer);
		return;
	}
	call->callee_peer = *from;
	ring_and_answer(call, m);
}

static void
got_in_dialog(
    struct load *load, const struct load_message *m, const struct address *from)
{
	struct load_call *call = NULL;
	uint64_t number = 0;

	if (number_tagged(m, &number))
		call = load_call_find(load, number);
	if (span_eq(m->method, SPAN("ACK"))) {
		if (call == NULL || call->callee != CALLEE_ANSWERED)
			return;
		call->callee = CALLEE_UP;
		load_call_drop(load, &call->answer);
		return;
	}
	begin_reply(load, m, "200 OK", REPLY_BARE, number);
	datagrams_send(load->callee, from);
	if (call == NULL || !span_eq(m->method, SPAN("BYE")) ||
	    call->callee == CALLEE_IDLE || call->callee == CALLEE_GONE)
		return;
	call->callee = CALLEE_GONE;
	load->callees--;
}

void
load_callee_got(void *arg, struct datagrams *datagrams, struct span bytes,
    const struct address *from)
{
	struct load *load = arg;
	struct load_message m;

	(void)datagrams;
	if (!load_message_read(bytes, &m) || m.status != 0) {
		load->figures.unexpected++;
		return;
	}
	if (load->options.show && load->figures.started == 1)
		fprintf(stderr, "%.*s", (int)bytes.n, bytes.p);
	if (span_eq(m.method, SPAN("INVITE")) && !load_message_has_tag(m.to))
		got_invite(load, &m, from);
	else
		got_in_dialog(load, &m, from);
}
