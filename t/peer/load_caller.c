#include "peer/load.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/container.h"

static struct load_call *
call_of(struct timer *timer)
{
	return CONTAINER_OF(timer, struct load_call, request.timer);
}

static void
add_via(struct text *t, const struct load_call *call, const char *method)
{
	text_addf(t, "Via: SIP/2.0/UDP %s;branch=z9hG4bK-%x-%llu-%s;rport\r\n",
	    call->load->caller_host, call->load->run,
	    (unsigned long long)call->number, method);
	TEXT_LIT(t, "Max-Forwards: 70\r\n");
}

static void
add_from(struct text *t, const struct load_call *call)
{
	text_addf(t,
	    "From: \"Alice Caller\" <sip:+44207946%04u@%s>;tag=a%x-%llu\r\n",
	    (unsigned)(call->number % 10000), call->load->caller_host,
	    call->load->run, (unsigned long long)call->number);
}

static void
add_call_id(struct text *t, const struct load_call *call)
{
	text_addf(t, "Call-ID: %x-%llu@%s\r\n", call->load->run,
	    (unsigned long long)call->number, call->load->caller_host);
}

static void
add_dialled(struct text *t, const struct load_call *call)
{
	text_addf(t, "sip:+44%010llu@%s",
	    (unsigned long long)call->number + 2000000000, call->load->dut_host);
}

static void
add_identity(struct text *t, const struct load_call *call)
{
	const char *host = call->load->caller_host;

	text_addf(t,
	    "P-Asserted-Identity: \"Alice Caller\" <sip:+44207946%04u@%s>\r\n"
	    "Privacy: id\r\n"
	    "Diversion: <sip:+441632960000@%s>;reason=unconditional;counter=1"
	    "\r\n",
	    (unsigned)(call->number % 10000), host, host);
	TEXT_LIT(t, "User-Agent: Load Generator PBX 1.0\r\n"
		    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO\r\n"
		    "Supported: timer, replaces\r\n");
}

static void
add_offer(struct text *t, const struct load_call *call)
{
	static const char form[] = "v=0\r\no=- %llu 1 IN IP4 %s\r\ns=-\r\n"
				   "c=IN IP4 %s\r\nt=0 0\r\n"
				   "m=audio %u RTP/AVP 8 0 101\r\n"
				   "a=rtpmap:8 PCMA/8000\r\n"
				   "a=rtpmap:0 PCMU/8000\r\n"
				   "a=rtpmap:101 telephone-event/8000\r\n"
				   "a=fmtp:101 0-15\r\na=ptime:20\r\n";
	char host[ADDRESS_TEXT_MAX], body[512];
	struct text ip = text_over(host, sizeof(host));
	int n;

	address_add_ip(&ip, &call->load->options.caller);
	text_cstr(&ip);
	n = snprintf(body, sizeof(body), form, (unsigned long long)call->number,
	    host, host, 20000 + 2 * (unsigned)(call->number % 10000));
	text_addf(t, "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n",
	    n);
	text_add(t, span_make(body, (size_t)n));
}

static void
invite_again(struct timer *timer)
{
	struct load_call *call = call_of(timer);
	struct load *load = call->load;

	if (!load_call_repeat(load, &call->request, LOAD_GIVE_UP, invite_again)) {
		load->figures.timeouts++;
		load_call_end(call, &load->figures.failed);
		return;
	}
	load->figures.again_invite++;
	datagrams_copy(load->caller,
	    span_make(call->request.bytes, call->request.n), &load->options.dut);
}

/* Sends what was built and keeps it for retransmission. */
static void
send_request(struct load_call *call, struct text *t, timer_fn *again)
{
	struct load *load = call->load;

	if (load->options.show && call->number == 0)
		fprintf(stderr, "%.*s", (int)t->len, t->buf);
	if (!load_call_keep(&call->request, text_span(t)) ||
	    !datagrams_send(load->caller, &load->options.dut)) {
		load_call_end(call, &load->figures.failed);
		return;
	}
	timer_start(&load->timers, &call->request.timer, LOAD_T1, again);
}

/* The place of a call is used again once that call is done; a call that needs
 * the place earlier fails. */
void
load_caller_start(struct load *load, uint64_t number)
{
	struct load_call *call = &load->calls[number % load->slots];
	struct text *t;

	load->figures.started++;
	if (call->load != NULL && call->caller != CALLER_DONE) {
		load->figures.failed++;
		return;
	}
	memset(call, 0, sizeof(*call));
	call->load = load;
	call->number = number;
	call->caller = CALLER_CALLING;
	load->alive++;
	t = datagrams_begin(load->caller);
	TEXT_LIT(t, "INVITE ");
	add_dialled(t, call);
	TEXT_LIT(t, " SIP/2.0\r\n");
	add_via(t, call, "INVITE");
	add_from(t, call);
	TEXT_LIT(t, "To: <");
	add_dialled(t, call);
	TEXT_LIT(t, ">\r\n");
	add_call_id(t, call);
	text_addf(t, "CSeq: 1 INVITE\r\nContact: <sip:alice@%s>\r\n",
	    load->caller_host);
	add_identity(t, call);
	add_offer(t, call);
	call->left_us = load_now_us();
	send_request(call, t, invite_again);
}

static struct text *
begin_in_dialog(struct load_call *call, const char *method, unsigned cseq)
{
	struct text *t = datagrams_begin(call->load->caller);

	text_addf(t, "%s ", method);
	text_add(t, call->target);
	TEXT_LIT(t, " SIP/2.0\r\n");
	add_via(t, call, method);
	text_add(t, call->routes);
	add_from(t, call);
	TEXT_LIT(t, "To: ");
	text_add(t, call->to);
	TEXT_LIT(t, "\r\n");
	add_call_id(t, call);
	text_addf(t, "CSeq: %u %s\r\nContent-Length: 0\r\n\r\n", cseq, method);
	return t;
}

static void
send_ack(struct load_call *call)
{
	begin_in_dialog(call, "ACK", 1);
	datagrams_send(call->load->caller, &call->load->options.dut);
}

static void
bye_again(struct timer *timer)
{
	struct load_call *call = call_of(timer);
	struct load *load = call->load;

	if (!load_call_repeat(load, &call->request, LOAD_T2, bye_again)) {
		load->figures.timeouts++;
		load_call_end(call, &load->figures.failed);
		return;
	}
	load->figures.again_bye++;
	datagrams_copy(load->caller,
	    span_make(call->request.bytes, call->request.n), &load->options.dut);
}

void
load_caller_hang_up(struct load_call *call)
{
	if (call->caller != CALLER_UP)
		return;
	call->caller = CALLER_LEAVING;
	call->load->up--;
	send_request(call, begin_in_dialog(call, "BYE", 2), bye_again);
}

static void
hold_over(struct timer *timer)
{
	load_caller_hang_up(call_of(timer));
}

/* Keeps To, the remote target and the route set (the Record-Route values of the
 * answer in reverse, RFC 3261 section 12.1.2). */
static bool
keep_dialog(struct load_call *call, const struct load_message *m)
{
	struct text *t = &(struct text){ .cap = DATAGRAMS_MAX };
	size_t at_target, at_routes;
	unsigned i;

	t->buf = call->dialog = malloc(t->cap);
	if (t->buf == NULL)
		return false;
	text_add(t, m->to);
	at_target = t->len;
	text_add(t, load_message_uri(m->contact));
	at_routes = t->len;
	for (i = m->routes; i-- > 0;) {
		TEXT_LIT(t, "Route: ");
		text_add(t, m->route[i]);
		TEXT_LIT(t, "\r\n");
	}
	if (t->overflow)
		return false;
	t->buf = realloc(t->buf, t->len);
	if (t->buf == NULL)
		return false;
	call->dialog = t->buf;
	call->to = span_make(t->buf, at_target);
	call->target = span_make(t->buf + at_target, at_routes - at_target);
	call->routes = text_since(t, at_routes);
	return true;
}

static void
got_answer(struct load_call *call, const struct load_message *m)
{
	struct load *load = call->load;

	if (call->caller != CALLER_CALLING && call->caller != CALLER_PROCEEDING) {
		load->figures.seen_200++;
		if (call->caller != CALLER_DONE)
			send_ack(call);
		return;
	}
	load_call_drop(load, &call->request);
	if (!keep_dialog(call, m)) {
		load_call_end(call, &load->figures.failed);
		return;
	}
	call->caller = CALLER_UP;
	load->up++;
	send_ack(call);
	if (load->options.until == NULL)
		timer_start(&load->timers, &call->request.timer,
		    load->options.hold, hold_over);
}

/* The ACK to a failure belongs to the INVITE's transaction: same branch. */
static void
got_refusal(struct load_call *call, const struct load_message *m)
{
	struct load *load = call->load;
	struct text *t = datagrams_begin(load->caller);

	TEXT_LIT(t, "ACK ");
	add_dialled(t, call);
	TEXT_LIT(t, " SIP/2.0\r\n");
	add_via(t, call, "INVITE");
	add_from(t, call);
	TEXT_LIT(t, "To: ");
	text_add(t, m->to);
	TEXT_LIT(t, "\r\n");
	add_call_id(t, call);
	TEXT_LIT(t, "CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
	datagrams_send(load->caller, &load->options.dut);
	load_call_end(call, m->status == 503 ? &load->figures.rejected
					     : &load->figures.failed);
}

static void
got_to_invite(struct load_call *call, const struct load_message *m)
{
	bool waits = call->caller == CALLER_CALLING ||
	    call->caller == CALLER_PROCEEDING;

	if (m->status < 200) {
		if (call->caller != CALLER_CALLING)
			return;
		call->caller = CALLER_PROCEEDING;
		timer_stop(&call->load->timers, &call->request.timer);
		return;
	}
	if (m->status < 300)
		got_answer(call, m);
	else if (waits || call->caller == CALLER_DONE)
		got_refusal(call, m);
}

static void
got_to_bye(struct load_call *call, const struct load_message *m)
{
	struct load_figures *f = &call->load->figures;

	if (m->status < 200 || call->caller != CALLER_LEAVING)
		return;
	if (m->status < 300 && load_now_us() < call->load->window_us)
		f->in_time++;
	load_call_end(call, m->status < 300 ? &f->ok : &f->failed);
}

/* Our Call-ID is RUN-NUMBER@HOST. */
static struct load_call *
call_by_id(struct load *load, struct span call_id)
{
	struct span rest, host, run = span_cut(call_id, '-', &rest);
	char expected[16];
	uint64_t number;

	snprintf(expected, sizeof(expected), "%x", load->run);
	if (!span_eq(run, span_of(expected)) ||
	    !span_to_u64(span_cut(rest, '@', &host), UINT64_MAX, &number))
		return NULL;
	return load_call_find(load, number);
}

void
load_caller_got(void *arg, struct datagrams *datagrams, struct span bytes,
    const struct address *from)
{
	struct load *load = arg;
	struct load_message m;
	struct load_call *call;

	(void)datagrams;
	(void)from;
	if (!load_message_read(bytes, &m) || m.status == 0) {
		load->figures.unexpected++;
		return;
	}
	call = call_by_id(load, m.call_id);
	if (call == NULL)
		return; /* a late answer of an earlier run */
	if (load->options.show && call->number == 0)
		fprintf(stderr, "%.*s", (int)bytes.n, bytes.p);
	if (span_iends(m.cseq, SPAN("INVITE")))
		got_to_invite(call, &m);
	else if (span_iends(m.cseq, SPAN("BYE")))
		got_to_bye(call, &m);
}
