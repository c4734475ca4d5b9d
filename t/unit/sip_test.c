#include "unit.h"

#include <stdio.h>

#include "sip/draft.h"
#include "sip/grammar.h"
#include "sip/message.h"
#include "sip/mime.h"
#include "sip/nameaddr.h"
#include "sip/uri.h"
#include "sip/value.h"
#include "sip/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The last copy, in a block of its exact size: a read past its end is seen by
 * AddressSanitizer. */
static char *block;

static struct span
exact(struct span s)
{
	free(block);
	block = malloc(s.n == 0 ? 1 : s.n);
	ck_assert_ptr_nonnull(block);
	if (s.n > 0)
		memcpy(block, s.p, s.n);
	return span_make(block, s.n);
}

static void
teardown(void)
{
	free(block);
	block = NULL;
}

static struct sip_message msg;
static struct sip_view view;
static struct sip_fault fault;

/* Index, view and sanity, as the receiving side does them. */
static bool
receive(struct span raw)
{
	/* What a former message left must not shine through. */
	memset(&msg, 0xa5, sizeof(msg));
	memset(&view, 0xa5, sizeof(view));
	return sip_index(&msg, raw, &fault) &&
	    sip_view_read(&msg, &view, &fault) &&
	    sip_sanity(&msg, &view, &fault);
}

static bool
receive_text(const char *text)
{
	return receive(exact(span_of(text)));
}

#define VIA  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
#define FROM "From: \"Fred\" <sip:fred@example.com>;tag=f1\r\n"
#define TO   "To: <sip:bob@example.com>\r\n"
#define ID   "Call-ID: abc@192.0.2.1\r\n"
#define CSEQ "CSeq: 7 INVITE\r\n"
#define BASE VIA FROM TO ID CSEQ
#define LINE "INVITE sip:bob@example.com SIP/2.0\r\n"
#define END  "\r\n"

/* --- names --- */

START_TEST(names)
{
	static const struct {
		const char *name;
		enum sip_header id;
	} table[] = {
		{ "Via", SIP_VIA },
		{ "v", SIP_VIA },
		{ "V", SIP_VIA },
		{ "f", SIP_FROM },
		{ "t", SIP_TO },
		{ "i", SIP_CALL_ID },
		{ "m", SIP_CONTACT },
		{ "l", SIP_CONTENT_LENGTH },
		{ "c", SIP_CONTENT_TYPE },
		{ "call-id", SIP_CALL_ID },
		{ "CALL-ID", SIP_CALL_ID },
		{ "CaLl-iD", SIP_CALL_ID },
		{ "Call_ID", SIP_OTHER_HEADER },
		{ "Call-IDx", SIP_OTHER_HEADER },
		{ "Call-I", SIP_OTHER_HEADER },
		{ "z", SIP_OTHER_HEADER },
		{ "!", SIP_OTHER_HEADER },
		{ "6", SIP_OTHER_HEADER },
		{ "", SIP_OTHER_HEADER },
		{ "X-Anything", SIP_OTHER_HEADER },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++)
		ck_assert_msg(sip_header_find(exact(span_of(table[i].name))) ==
			table[i].id,
		    "%s", table[i].name);
}
END_TEST

START_TEST(names_all)
{
	int id;

	for (id = 0; id < SIP_OTHER_HEADER; id++) {
		const char *name = sip_header_name(id);
		char upper[64];
		size_t i;

		for (i = 0; name[i] != '\0'; i++)
			upper[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ?
				name[i] - 'a' + 'A' :
				name[i]);
		upper[i] = '\0';
		ck_assert_int_eq(sip_header_find(span_of(name)), id);
		ck_assert_int_eq(sip_header_find(span_of(upper)), id);
	}
	for (id = 0; id < SIP_METHOD_OTHER; id++)
		ck_assert_int_eq(
		    sip_method_find(span_of(sip_method_name(id))), id);
	ck_assert_str_eq(sip_header_name(SIP_OTHER_HEADER), "?");
	ck_assert_str_eq(sip_method_name(SIP_METHOD_OTHER), "?");
	ck_assert_int_eq(sip_method_find(SPAN("invite")), SIP_METHOD_OTHER);
	ck_assert_int_eq(sip_method_find(SPAN("INVITEX")), SIP_METHOD_OTHER);
	ck_assert_int_eq(sip_method_find(SPAN("")), SIP_METHOD_OTHER);
	ck_assert_uint_eq(
	    sip_header_flags(SIP_VIA),
	    SIP_FLAG_LIST | SIP_FLAG_DIALOG | SIP_FLAG_OURS);
	ck_assert_uint_eq(sip_header_flags(SIP_AUTHORIZATION),
	    SIP_FLAG_SECRET | SIP_FLAG_OURS);
	ck_assert_uint_eq(sip_header_flags(SIP_OTHER_HEADER), 0);
}
END_TEST

/* --- index --- */

START_TEST(index_request)
{
	ck_assert(receive_text(LINE BASE "Max-Forwards: 70\r\n"
					 "Content-Length: 4\r\n\r\nbodysurplus"));
	ck_assert(msg.request);
	ck_assert_int_eq(msg.method, SIP_METHOD_INVITE);
	ck_assert_span(msg.method_name, "INVITE");
	ck_assert_span(msg.uri, "sip:bob@example.com");
	ck_assert_span(msg.start_line, "INVITE sip:bob@example.com SIP/2.0");
	ck_assert_span(msg.body, "body");
	ck_assert_ptr_eq(span_end(msg.raw), span_end(msg.body));
	ck_assert_uint_eq(msg.lines_n, 7);
	ck_assert_span(msg.lines[3].name, "Call-ID");
	ck_assert_span(msg.lines[3].value, "abc@192.0.2.1");
	ck_assert_int_eq(msg.lines[3].id, SIP_CALL_ID);
	ck_assert(msg.lines[3].plain);
	ck_assert_ptr_eq(sip_find(&msg, SIP_CALL_ID), &msg.lines[3]);
	ck_assert(sip_has(&msg, SIP_CALL_ID));
	ck_assert(!sip_has(&msg, SIP_CONTACT));
	ck_assert(!sip_has_twice(&msg, SIP_CALL_ID));
	ck_assert_ptr_null(sip_find(&msg, SIP_CONTACT));
	ck_assert_ptr_null(sip_value(&msg, SIP_CONTACT).p);
	ck_assert_ptr_null(fault.text);
}
END_TEST

START_TEST(index_response)
{
	ck_assert(receive_text("SIP/2.0 183 Session  Progress \r\n" BASE END));
	ck_assert(!msg.request);
	ck_assert_uint_eq(msg.status, 183);
	ck_assert_span(msg.reason, "Session  Progress");
	ck_assert_int_eq(msg.method, SIP_METHOD_INVITE);
	ck_assert_span(msg.method_name, "INVITE");
	ck_assert_span(msg.uri, "");
	ck_assert(receive_text("SIP/2.0 200\r\n" BASE END));
	ck_assert_span(msg.reason, "");
	ck_assert(receive_text("sip/2.0 200 OK\r\n" BASE END));
}
END_TEST

START_TEST(index_framing)
{
	/* Bare LF, leading line ends, no Content-Length: the rest is the
	 * body. */
	ck_assert(receive_text("\r\n\r\n\nINVITE sip:bob@example.com SIP/2.0\n"
			       "v:SIP/2.0/UDP h;branch=z9hG4bK1\n"
			       "f:<sip:a@b>;tag=1\nt:<sip:c@d>\ni:x\n"
			       "CSeq:1 INVITE\n\nall of the rest\n"));
	ck_assert_span(msg.body, "all of the rest\n");
	ck_assert_span(view.call_id, "x");
	ck_assert_span(sip_value(&msg, SIP_VIA), "SIP/2.0/UDP h;branch=z9hG4bK1");
	ck_assert(msg.raw.p[0] == 'I');

	/* A header name with blanks before its colon is that header. */
	ck_assert(receive_text(LINE VIA FROM TO "Call-ID \t : one\r\n" CSEQ
					       "X-Bypass-me : yes\r\n" END));
	ck_assert_span(view.call_id, "one");
	ck_assert_span(sip_find_name(&msg, SPAN("x-bypass-ME"))->value, "yes");
	ck_assert_span(
	    sip_find_name(&msg, SPAN("X-Bypass-me"))->name, "X-Bypass-me");
	ck_assert_span(sip_find_name(&msg, SPAN("i"))->value, "one");
	ck_assert_ptr_null(sip_find_name(&msg, SPAN("X-None")));

	/* Folds, also with bare LF, belong to their field. */
	ck_assert(receive_text(LINE BASE "Subject: one\r\n two\n\tthree\r\n"
					 "Empty:\r\nX:\r\n y\r\n" END));
	ck_assert_span(sip_value(&msg, SIP_SUBJECT), "one\r\n two\n\tthree");
	ck_assert(sip_folded(sip_value(&msg, SIP_SUBJECT)));
	ck_assert(!sip_find(&msg, SIP_SUBJECT)->plain);
	ck_assert(!sip_folded(sip_value(&msg, SIP_CALL_ID)));
	ck_assert_span(sip_find_name(&msg, SPAN("Empty"))->value, "");
	ck_assert_span(sip_find_name(&msg, SPAN("X"))->value, "y");
	/* The body may begin with a blank. */
	ck_assert(receive_text(LINE BASE "\r\n body"));
	ck_assert_span(msg.body, " body");
}
END_TEST

START_TEST(index_repeated)
{
	const struct sip_line *line;

	ck_assert(receive_text(LINE BASE VIA "X-A: 1\r\nX-B: 2\r\nx-a: 3\r\n"
					     "Via: SIP/2.0/TCP h\r\n" END));
	ck_assert(sip_has_twice(&msg, SIP_VIA));
	ck_assert_uint_eq(view.via_count, 3);
	line = sip_find(&msg, SIP_VIA);
	line = sip_find_next(&msg, line);
	line = sip_find_next(&msg, line);
	ck_assert_span(line->value, "SIP/2.0/TCP h");
	ck_assert_ptr_null(sip_find_next(&msg, line));
	ck_assert_ptr_null(
	    sip_find_next(&msg, sip_find(&msg, SIP_CALL_ID)));
	line = sip_find_name(&msg, SPAN("X-A"));
	ck_assert_span(line->value, "1");
	line = sip_find(&msg, SIP_OTHER_HEADER);
	ck_assert_span(line->value, "1");
	ck_assert_span(sip_find_next(&msg, line)->value, "2");
}
END_TEST

START_TEST(index_request_uri)
{
	static const struct {
		const char *line;
		const char *uri;
	} table[] = {
		{ "INVITE  sip:a@b  SIP/2.0  ", "sip:a@b" },
		{ "INVITE\tsip:a@b\tSIP/2.0", "sip:a@b" },
		{ "INVITE <sip:a@b> SIP/2.0", "sip:a@b" },
		{ "INVITE < sip:a@b > SIP/2.0", "sip:a@b" },
		{ "INVITE sip:a@b?Route=%3Csip:c%3E SIP/2.0", "sip:a@b" },
		{ "INVITE sip:b?Route=%3Csip:c%3E SIP/2.0", "sip:b" },
		{ "INVITE sip:a?x@b SIP/2.0", "sip:a?x@b" },
		{ "INVITE sip:a?@b?To=x SIP/2.0", "sip:a?@b" },
		{ "INVITE <sip:a@b;lr?To=x> SIP/2.0", "sip:a@b;lr" },
		{ "INVITE sips:a@[2001:db8::1]:5061 SIP/2.0",
		    "sips:a@[2001:db8::1]:5061" },
		{ "INVITE tel:+442079460000 SIP/2.0", "tel:+442079460000" },
		{ "INVITE sip:*21*#0207@b SIP/2.0", "sip:*21*#0207@b" },
	};
	char text[1024];
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		snprintf(text, sizeof(text), "%s\r\n%s\r\n", table[i].line, BASE);
		ck_assert_msg(receive_text(text), "%s: %s", table[i].line,
		    fault.text);
		ck_assert_span(msg.uri, table[i].uri);
	}
}
END_TEST

/* What is refused, at which stage it does not matter, and the answer. */
START_TEST(refused)
{
	static const struct {
		unsigned status;
		const char *text;
	} table[] = {
		{ 0, "" },
		{ 0, "\r\n\r\n" },
		{ 0, "INVITE sip:bob@example.com SIP/2.0" },
		{ 0, "GET / HTTP/1.1\r\n" BASE END },
		{ 0, "INVITE sip:bob@example.com\r\n" BASE END },
		{ 0, "garbage\r\n" BASE END },
		{ 505, "INVITE sip:bob@example.com SIP/2.1\r\n" BASE END },
		{ 505, "INVITE sip:bob@example.com SIP/7.0\r\n" BASE END },
		{ 505, "INVITE sip:bob@example.com SIP/2.00\r\n" BASE END },
		{ 0, "ACK sip:bob@example.com SIP/7.0\r\n" BASE END },
		{ 400, "INV@ITE sip:bob@example.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:bob@exa mple.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:bob@example.com; lr SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:bob@<example.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:bo\"b@example.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:bo\xffg@example.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:a@b@example.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:@example.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip: SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:a@b:0 SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:a@b:65536 SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:a@b:5060x SIP/2.0\r\n" BASE END },
		{ 400, "INVITE sip:a@[::1 SIP/2.0\r\n" BASE END },
		{ 400, "INVITE bob@example.com SIP/2.0\r\n" BASE END },
		{ 400, "INVITE tel: SIP/2.0\r\n" BASE END },
		{ 416, "INVITE http://example.com/ SIP/2.0\r\n" BASE END },
		{ 416, "INVITE urn:isbn:0451450523 SIP/2.0\r\n" BASE END },
		{ 416, "INVITE urn:service: SIP/2.0\r\n" BASE END },
		{ 0, "SIP/2.0 99 No\r\n" BASE END },
		{ 0, "SIP/2.0 700 No\r\n" BASE END },
		{ 0, "SIP/2.0 2000 No\r\n" BASE END },
		{ 0, "SIP/2.0 020 No\r\n" BASE END },
		{ 0, "SIP/2.0 -20 No\r\n" BASE END },
		{ 0, "SIP/2.0 4294967496 No\r\n" BASE END },
		{ 0, "SIP/2.0 OK\r\n" BASE END },
		{ 0, "SIP/3.0 200 OK\r\n" BASE END },
		{ 400, LINE BASE },
		{ 400, LINE BASE "Content-Length: 0" },
		{ 400, LINE BASE "Content-Length: 0\r\n" },
		{ 400, LINE BASE "No colon\r\n" END },
		{ 400, LINE BASE ": no name\r\n" END },
		{ 400, LINE " folded start line: x\r\n" BASE END },
		{ 400, LINE BASE "Bad name: x\r\n" END },
		{ 400, LINE BASE "Subject: a\rCall-ID: b\r\n" END },
		{ 400, "INVITE sip:a@b SIP/2.0\r \r\n" BASE END },
		{ 0, "SIP/2.0 100 \r  \n" BASE END },
		{ 400, LINE BASE "Content-Length: 5\r\n\r\nfour" },
		{ 400, LINE BASE "Content-Length: -1\r\n\r\nfour" },
		{ 400, LINE BASE "Content-Length: 4 junk\r\n\r\nfour" },
		{ 400, LINE BASE "Content-Length: 4,4\r\n\r\nfour" },
		{ 400, LINE BASE "Content-Length: 0x4\r\n\r\nfour" },
		{ 400, LINE BASE "Content-Length: +4\r\n\r\nfour" },
		{ 400, LINE BASE "Content-Length:\r\n\r\nfour" },
		{ 400, LINE BASE "l: 18446744073709551620\r\n\r\nfour" },
		{ 400, LINE BASE "l: 4\r\nl: 4\r\n\r\nfour" },
		{ 400, LINE FROM TO ID CSEQ END },
		{ 400, LINE VIA TO ID CSEQ END },
		{ 400, LINE VIA FROM ID CSEQ END },
		{ 400, LINE VIA FROM TO CSEQ END },
		{ 400, LINE VIA FROM TO ID END },
		{ 400, LINE BASE FROM END },
		{ 400, LINE BASE TO END },
		{ 400, LINE BASE ID END },
		{ 400, LINE BASE CSEQ END },
		{ 400, LINE BASE "Max-Forwards: 1\r\nMax-Forwards: 1\r\n" END },
		{ 400, LINE VIA FROM TO "Call-ID: \r\n" CSEQ END },
		{ 400, LINE VIA FROM TO "Call-ID: a b\r\n" CSEQ END },
		{ 400, LINE VIA FROM TO "Call-ID: a\xe9\r\n" CSEQ END },
		{ 400, LINE VIA FROM TO ID "CSeq: 2147483648 INVITE\r\n" END },
		{ 400, LINE VIA FROM TO ID "CSeq: -1 INVITE\r\n" END },
		{ 400, LINE VIA FROM TO ID "CSeq: INVITE\r\n" END },
		{ 400, LINE VIA FROM TO ID "CSeq: 1\r\n" END },
		{ 400, LINE VIA FROM TO ID "CSeq: 1INVITE\r\n" END },
		{ 400, LINE VIA FROM TO ID "CSeq: 1 INVITE x\r\n" END },
		{ 400, LINE VIA FROM TO ID "CSeq: 1 BYE\r\n" END },
		{ 400, LINE VIA FROM TO ID "CSeq: 1 invite\r\n" END },
		{ 400, LINE BASE "Max-Forwards: 256\r\n" END },
		{ 400, LINE BASE "Max-Forwards: -1\r\n" END },
		{ 400, LINE BASE "Max-Forwards: many\r\n" END },
		{ 400, LINE BASE "Max-Forwards: 4294967297\r\n" END },
		{ 400, LINE "Via: SIP/2.0/UDP\r\n" FROM TO ID CSEQ END },
		{ 400, LINE "Via: SIP/2.0 UDP h\r\n" FROM TO ID CSEQ END },
		{ 400, LINE "Via: SIP/2.0/UDP h:0\r\n" FROM TO ID CSEQ END },
		{ 400, LINE "Via: SIP/2.0/UDP h:70000\r\n" FROM TO ID CSEQ END },
		{ 400, LINE "Via: SIP/2.0/UDP h:\r\n" FROM TO ID CSEQ END },
		{ 400, LINE "Via: SIP/2.0/UDP [::1\r\n" FROM TO ID CSEQ END },
		{ 400, LINE "Via: SIP/2.0/UDP h;branch=a b\r\n" FROM TO ID CSEQ
		    END },
		{ 400, LINE "Via: ,\r\n" FROM TO ID CSEQ END },
		{ 400, LINE BASE "Via: SIP/2.0/UDP h;;,;,,\r\n" END },
		{ 400, LINE VIA "From: \"Fred <sip:a@b>;tag=1\r\n" TO ID CSEQ END },
		{ 400, LINE VIA "From: <sip:a@b;tag=1\r\n" TO ID CSEQ END },
		{ 400, LINE VIA "From: sip:a@b>;tag=1\r\n" TO ID CSEQ END },
		{ 400, LINE VIA "From: <sip:a@b>;tag=\"1\r\n" TO ID CSEQ END },
		{ 400, LINE VIA "From: <sip:a@b>;tag=a b\r\n" TO ID CSEQ END },
		{ 400, LINE VIA "From: <sip:a@b>;tag=a,b\r\n" TO ID CSEQ END },
		{ 400, LINE BASE "Contact: \"a <sip:a@b>\r\n" END },
		{ 400, LINE BASE "Contact: <sip:a@b>, <sip:c@d\r\n" END },
		{ 400, LINE BASE "Contact: sip:a@b?Route=x\r\n" END },
		{ 0, "ACK sip:b@c SIP/2.0\r\n" BASE END },
		{ 0, "SIP/2.0 200 OK\r\n" BASE ID END },
		{ 0, "SIP/2.0 200 OK\r\n" FROM TO ID CSEQ END },
		{ 0, "SIP/2.0 200 OK\r\n" BASE "l: 9\r\n" END },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		ck_assert_msg(!receive_text(table[i].text), "%s", table[i].text);
		ck_assert_msg(fault.status == table[i].status, "%u %s: %s",
		    fault.status, fault.text, table[i].text);
		ck_assert_ptr_nonnull(fault.text);
	}
}
END_TEST

START_TEST(accepted)
{
	static const char *const table[] = {
		LINE BASE "Max-Forwards: 0068\r\nContent-Length: 000\r\n" END,
		LINE BASE "Max-Forwards: 0\r\n" END,
		LINE BASE "Max-Forwards: 255\r\n" END,
		"ACK sip:b@c SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 ACK\r\n" END,
		"FOO sip:b@c SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 FOO\r\n" END,
		LINE VIA FROM TO ID "CSeq: 2147483647\r\n INVITE\r\n" END,
		LINE VIA "From: \"Fred Bloggs\"<;user=phone>;epid=x;tag=y\r\n" TO ID
		    CSEQ END,
		LINE VIA "From: <>;tag=y\r\n" TO ID CSEQ END,
		LINE VIA "From: <sip:0208;;user=phone>;tag=y\r\n" TO ID CSEQ END,
		LINE VIA "From: Bell, A <sip:a@b>;tag=y\r\n" TO ID CSEQ END,
		LINE VIA "From: sip:a@b\r\n" TO ID CSEQ END,
		LINE BASE "P-Asserted-Identity: \"Fred <>, x\"\r\n" END,
		LINE BASE "Remote-Party-ID: <<<\r\nDiversion: \"\r\n" END,
		LINE BASE "Privacy: ;;,\"\r\nHistory-Info: >\r\n" END,
		LINE BASE "Date: never\r\nContact: *\r\n" END,
		LINE BASE "Contact: <sip:a@b?Route=x>\r\n" END,
		LINE BASE "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\n" END,
		"SIP/2.0 200 OK\r\n" BASE "Date: a\r\nDate: b\r\n" END,
		LINE "Via: SIP / 2.0 / UDP\r\n h : 5060 ; branch = a\r\n" FROM TO
		    ID CSEQ END,
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++)
		ck_assert_msg(receive_text(table[i]), "%s: %s", fault.text,
		    table[i]);
}
END_TEST

/* What was read before the fault is there to be answered to. */
START_TEST(fault_keeps_answer)
{
	ck_assert(!receive_text(
	    "INVITE sip:bob@example.com SIP/7.0\r\n" BASE "l: 900\r\n" END));
	ck_assert_uint_eq(fault.status, 505);
	ck_assert(sip_view_read(&msg, &view, &fault));
	ck_assert_span(view.call_id, "abc@192.0.2.1");
	ck_assert_span(view.via.branch, "z9hG4bK1");

	ck_assert(!receive_text(LINE VIA FROM TO CSEQ END));
	ck_assert_int_eq(fault.header, SIP_CALL_ID);
	ck_assert_span(view.via.host, "192.0.2.1");
	ck_assert_span(view.from_tag, "f1");
	ck_assert_uint_eq(view.cseq, 7);
	ck_assert_span(view.call_id, "");

	ck_assert(!receive_text(LINE BASE "Content-Length: 9\r\n\r\nfour"));
	ck_assert_int_eq(fault.header, SIP_CONTENT_LENGTH);
	ck_assert(!receive_text(LINE BASE "Expires: 1\r\nExpires: 2\r\n" END));
	ck_assert_int_eq(fault.header, SIP_EXPIRES);
	/* Of the second half of the mask. */
	ck_assert(!receive_text(LINE BASE "RSeq: 1\r\nRSeq: 2\r\n" END));
	ck_assert_int_eq(fault.header, SIP_RSEQ);
}
END_TEST

static char big[SIP_MESSAGE_MAX + 4096];

START_TEST(limits)
{
	struct text t = text_over(big, sizeof(big));
	int i;

	/* As many lines as fit, then one more. */
	TEXT_LIT(&t, LINE BASE);
	for (i = 5; i < SIP_LINES_MAX; i++)
		text_addf(&t, "X-%d: %d\r\n", i, i);
	TEXT_LIT(&t, END);
	ck_assert(receive(exact(text_span(&t))));
	ck_assert_uint_eq(msg.lines_n, SIP_LINES_MAX);
	t.len -= 2;
	TEXT_LIT(&t, "X: y\r\n" END);
	ck_assert(!receive(exact(text_span(&t))));
	ck_assert_uint_eq(fault.status, 513);
	ck_assert(sip_view_read(&msg, &view, &fault));

	/* A header of 64 KB, and one that is longer. */
	t.len = 0;
	TEXT_LIT(&t, LINE BASE "X: ");
	while (t.len < SIP_HEAD_MAX - 4)
		text_add_char(&t, 'x');
	TEXT_LIT(&t, "\r\n\r\nbody");
	ck_assert(receive(exact(text_span(&t))));
	ck_assert_span(msg.body, "body");
	t.len -= 8;
	TEXT_LIT(&t, "xxxx\r\n\r\nbody");
	ck_assert(!receive(exact(text_span(&t))));
	ck_assert_uint_eq(fault.status, 513);

	/* A message over 256 KB. */
	t.len = 0;
	TEXT_LIT(&t, LINE BASE END);
	while (t.len <= SIP_MESSAGE_MAX)
		text_add_char(&t, 'x');
	ck_assert(!receive(text_span(&t)));
	ck_assert_uint_eq(fault.status, 513);
}
END_TEST

START_TEST(via_limit)
{
	struct text t = text_over(big, sizeof(big));
	int i;

	TEXT_LIT(&t, LINE FROM TO ID CSEQ "Via: SIP/2.0/UDP h0");
	for (i = 1; i < 70; i++)
		text_addf(&t, ", SIP/2.0/UDP h%d", i);
	TEXT_LIT(&t, "\r\n\r\n");
	ck_assert(receive(exact(text_span(&t))));
	ck_assert_uint_eq(view.via_count, 70);
	t.len -= 2;
	TEXT_LIT(&t, VIA END);
	ck_assert(!receive(exact(text_span(&t))));
	ck_assert_uint_eq(fault.status, 400);
	ck_assert_int_eq(fault.header, SIP_VIA);
}
END_TEST

/* Each prefix of a message, and each with a byte changed to a hostile one: only
 * that nothing is read that is not there. */
START_TEST(cut_and_bent)
{
	static const char text[] = LINE BASE
	    "Contact: \"a\\\"b\" <sip:a@[2001:db8::1]:5060;lr>;q=\"x\\\"\"\r\n"
	    "Content-Length: 4\r\n\r\nbody";
	static const char bytes[] = { '\0', '\r', '\n', '"', '\\', '<', '>', ',',
		';', ':', ' ', '[', '%', '?', (char)0xff };
	char copy[sizeof(text)];
	size_t n, k, passed = 0;

	for (n = 0; n < sizeof(text) - 1; n++)
		ck_assert_msg(!receive(exact(span_make(text, n))), "%zu", n);
	for (n = 0; n < sizeof(text) - 1; n++)
		for (k = 0; k < sizeof(bytes); k++) {
			memcpy(copy, text, sizeof(copy));
			copy[n] = bytes[k];
			passed +=
			    receive(exact(span_make(copy, sizeof(text) - 1)));
		}
	ck_assert_uint_gt(passed, 100);
}
END_TEST

/* --- RFC 4475 --- */

START_TEST(rfc4475)
{
	/* 0: accepted. 1: dropped. The call layer answers some of the accepted
	 * ones (405, 415, 420, 483). */
	static const struct {
		const char *name;
		unsigned status;
	} table[] = {
		{ "wsinv", 0 }, { "intmeth", 0 }, { "esc01", 0 },
		{ "escnull", 0 }, { "esc02", 0 }, { "lwsdisp", 0 },
		{ "longreq", 0 }, { "dblreq", 0 }, { "semiuri", 0 },
		{ "transports", 0 }, { "mpart01", 0 }, { "unreason", 0 },
		{ "noreason", 0 }, { "badinv01", 400 }, { "clerr", 400 },
		{ "ncl", 400 }, { "scalar02", 400 }, { "scalarlg", 1 },
		{ "quotbal", 400 }, { "ltgtruri", 0 }, { "lwsruri", 400 },
		{ "lwsstart", 0 }, { "trws", 0 }, { "escruri", 0 },
		{ "baddate", 0 }, { "regbadct", 400 }, { "badaspec", 0 },
		{ "baddn", 400 }, { "badvers", 505 }, { "mismatch01", 400 },
		{ "mismatch02", 400 }, { "bigcode", 1 }, { "badbranch", 0 },
		{ "insuf", 400 }, { "unkscm", 416 }, { "novelsc", 416 },
		{ "unksm2", 0 }, { "bext01", 0 }, { "invut", 0 },
		{ "regaut01", 0 }, { "multi01", 400 }, { "mcl01", 400 },
		{ "bcast", 0 }, { "zeromf", 0 }, { "cparam01", 0 },
		{ "cparam02", 0 }, { "regescrt", 0 }, { "sdp01", 0 },
		{ "inv2543", 0 },
	};
	char path[512];
	size_t i, n;
	bool ok;

	ck_assert_uint_eq(COUNT(table), 49);
	for (i = 0; i < COUNT(table); i++) {
		FILE *f;

		snprintf(path, sizeof(path), SEEDS "/sip_index/rfc4475-%s",
		    table[i].name);
		f = fopen(path, "rb");
		ck_assert_msg(f != NULL, "%s", path);
		n = fread(big, 1, sizeof(big), f);
		fclose(f);
		ok = receive(exact(span_make(big, n)));
		ck_assert_msg(ok == (table[i].status == 0), "%s: %s",
		    table[i].name, fault.text);
		if (!ok)
			ck_assert_msg((fault.status == 0 ? 1 : fault.status) ==
				table[i].status,
			    "%s: %u", table[i].name, fault.status);
	}
}
END_TEST

START_TEST(rfc4475_wsinv)
{
	struct sip_values it;
	struct span value;
	struct sip_via via;
	FILE *f = fopen(SEEDS "/sip_index/rfc4475-wsinv", "rb");
	size_t n;

	ck_assert_ptr_nonnull(f);
	n = fread(big, 1, sizeof(big), f);
	fclose(f);
	ck_assert(receive(span_make(big, n)));
	ck_assert_span(view.to_tag, "1918181833n");
	ck_assert_span(view.from_tag, "98asjd8");
	ck_assert_int_eq(view.max_forwards, 68);
	ck_assert_uint_eq(view.cseq, 9);
	ck_assert_uint_eq(view.via_count, 3);
	ck_assert_span(view.via.transport, "UDP");
	ck_assert_span(view.via.host, "192.0.2.2");
	ck_assert_span(view.via.branch, "390skdjuw");
	ck_assert_uint_eq(msg.body.n, 150);
	it = sip_values(&msg, SIP_VIA);
	ck_assert(sip_values_next(&it, &value));
	ck_assert(sip_values_next(&it, &value));
	ck_assert(sip_via_parse(value, &via));
	ck_assert_span(via.transport, "TCP");
	ck_assert_span(via.host, "spindle.example.com");
	ck_assert_span(via.branch, "z9hG4bK9ikj8");
	ck_assert(sip_values_next(&it, &value));
	ck_assert(!sip_values_next(&it, &value));
}
END_TEST

/* --- view --- */

START_TEST(view_all)
{
	ck_assert(receive_text(LINE
	    "Via: SIP/2.0/TLS [2001:db8::9]:5061;rport=1234;received=192.0.2.3"
	    ";branch=z9hG4bKx;maddr=224.2.0.1,SIP/2.0/UDP other\r\n"
	    "From: \"a;tag=no\\\",<\" <sip:a;tag=no@b;tag=no>;x=\";tag=no\";TAG=yes"
	    "\r\nTo: sip:c@d;tag=there;tag=second\r\n" ID
	    "CSeq: 00012  INVITE\r\nMax-Forwards: 3\r\n" END));
	ck_assert_span(view.via.transport, "TLS");
	ck_assert_span(view.via.host, "[2001:db8::9]");
	ck_assert_uint_eq(view.via.port, 5061);
	ck_assert(view.via.rport);
	ck_assert_uint_eq(view.via.rport_value, 1234);
	ck_assert_span(view.via.received, "192.0.2.3");
	ck_assert_span(view.via.maddr, "224.2.0.1");
	ck_assert_span(view.via.branch, "z9hG4bKx");
	ck_assert_uint_eq(view.via_count, 2);
	ck_assert_span(view.from_tag, "yes");
	ck_assert_span(view.to_tag, "there");
	ck_assert_span(view.to, "sip:c@d;tag=there;tag=second");
	ck_assert_uint_eq(view.cseq, 12);
	ck_assert_int_eq(view.cseq_method, SIP_METHOD_INVITE);
	ck_assert_int_eq(view.max_forwards, 3);
	ck_assert(receive_text(LINE BASE END));
	ck_assert_int_eq(view.max_forwards, -1);
	ck_assert_span(view.to_tag, "");
	ck_assert(view.via.rport);
	ck_assert_uint_eq(view.via.rport_value, 0);
}
END_TEST

START_TEST(view_via)
{
	static const struct {
		const char *value;
		const char *host; /* NULL: refused */
		unsigned port;
		const char *branch;
	} table[] = {
		{ "SIP/2.0/UDP h", "h", 0, "" },
		{ "SIP/2.0/UDP h:5060;branch=b", "h", 5060, "b" },
		{ "SIP/2.0/UDP h : 5060 ; branch = b ; rport", "h", 5060, "b" },
		{ "SIP/2.0/UDP\r\n h;branch=b", "h", 0, "b" },
		{ "SIP/2.0/UDP h;;branch=b;", "h", 0, "b" },
		{ "SIP/2.0/UDP h;branch", "h", 0, "" },
		{ "SIP/2.0/UDP h;x=\";branch=no\";branch=b", "h", 0, "b" },
		{ "SIP/2.0/UDP h;branch=z9hG4bK==/+", "h", 0, "z9hG4bK==/+" },
		{ "SIP/2.0/UDP [::1]:1;branch=b", "[::1]", 1, "b" },
		{ "sip/2.0/udp h", "h", 0, "" },
		{ "SIP / 2.0 / UDP h;branch=b", "h", 0, "b" },
		{ "SIP/2.0/ UDP h", "h", 0, "" },
		{ "SIP/2.0 /UDP h", "h", 0, "" },
		{ "SIP/2.0/UDP", NULL, 0, NULL },
		{ "SIP/2.0/UDPh", NULL, 0, NULL },
		{ "SIP/2.0/ h", NULL, 0, NULL },
		{ "SIP//UDP h", NULL, 0, NULL },
		{ "HTTP/1.1/TCP h", NULL, 0, NULL },
		{ "SIP/2.0/UDP h i", NULL, 0, NULL },
		{ "SIP/2.0/UDP h:x", NULL, 0, NULL },
		{ "SIP/2.0/UDP [::1;branch=b", NULL, 0, NULL },
		{ "SIP/2.0/UDP h;branch=\"b\"", NULL, 0, NULL },
		{ "SIP/2.0/UDP h;br\aanch=b", NULL, 0, NULL },
		{ "", NULL, 0, NULL },
		{ "SIP", NULL, 0, NULL },
		{ "SIP/", NULL, 0, NULL },
	};
	struct sip_via via;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		bool ok = sip_via_parse(exact(span_of(table[i].value)), &via);

		ck_assert_msg(ok == (table[i].host != NULL), "%s",
		    table[i].value);
		if (!ok)
			continue;
		ck_assert_span(via.host, table[i].host);
		ck_assert_uint_eq(via.port, table[i].port);
		ck_assert_span(via.branch, table[i].branch);
	}
}
END_TEST

/* --- values --- */

START_TEST(value_list)
{
	static const struct {
		const char *list;
		const char *joined; /* each value in its own brackets */
	} table[] = {
		{ "a", "[a]" },
		{ "a,b", "[a][b]" },
		{ " a , b ", "[a][b]" },
		{ ",,a,, ,b,", "[a][b]" },
		{ "", "" },
		{ ",", "" },
		{ "\"a,b\",c", "[\"a,b\"][c]" },
		{ "\"a\\\",b\",c", "[\"a\\\",b\"][c]" },
		{ "\"a\\\\\",c", "[\"a\\\\\"][c]" },
		{ "<a,b>,c", "[<a,b>][c]" },
		{ "<a\",b>,c", "[<a\",b>][c]" },
		{ "\"<\",b", "[\"<\"][b]" },
		{ "<a,b", "[<a][b]" },
		{ "<a,<b,c>,d", "[<a][<b,c>][d]" },
		{ "<<a,b>,c", "[<<a,b>][c]" },
		{ "\"a,b", "[\"a,b]" },
		{ "a>,b", "[a>][b]" },
		{ "a\r\n ,\r\n b", "[a][b]" },
		{ "\"Fred Bloggs\"<>,tel:+442071234567",
		    "[\"Fred Bloggs\"<>][tel:+442071234567]" },
	};
	char buf[256];
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		struct span rest = exact(span_of(table[i].list)), value;
		struct text t = text_over(buf, sizeof(buf));

		while (sip_list_next(&rest, &value)) {
			text_add_char(&t, '[');
			text_add(&t, value);
			text_add_char(&t, ']');
		}
		ck_assert_span(text_span(&t), table[i].joined);
	}
}
END_TEST

START_TEST(value_list_of_fields)
{
	struct sip_values it;
	struct span value;

	ck_assert(receive_text(LINE BASE
	    "Supported: timer, 100rel\r\nk: replaces;x\r\nSupported:\r\n"
	    "Supported: ,\r\nSupported: gruu\r\n" END));
	it = sip_values(&msg, SIP_SUPPORTED);
	ck_assert(sip_values_next(&it, &value));
	ck_assert_span(value, "timer");
	ck_assert(sip_values_next(&it, &value));
	ck_assert_span(value, "100rel");
	ck_assert(sip_values_next(&it, &value));
	ck_assert_span(value, "replaces;x");
	ck_assert(sip_values_next(&it, &value));
	ck_assert_span(value, "gruu");
	ck_assert(!sip_values_next(&it, &value));
	ck_assert(!sip_values_next(&it, &value));
	ck_assert(sip_list_has(&msg, SIP_SUPPORTED, SPAN("100REL")));
	ck_assert(sip_list_has(&msg, SIP_SUPPORTED, SPAN("replaces")));
	ck_assert(!sip_list_has(&msg, SIP_SUPPORTED, SPAN("100")));
	ck_assert(!sip_list_has(&msg, SIP_REQUIRE, SPAN("100rel")));
}
END_TEST

START_TEST(value_params)
{
	static const struct {
		const char *params;
		const char *name;
		const char *value; /* NULL: not there */
	} table[] = {
		{ ";a=1;b=2", "b", "2" },
		{ ";a=1;b=2", "B", "2" },
		{ ";a=1;b", "b", "" },
		{ ";a=1;b=", "b", "" },
		{ ";a=1;;b=2", "b", "2" },
		{ " ; a = 1 ; b = 2 ", "b", "2" },
		{ ";a=\"x;b=1\";b=2", "b", "2" },
		{ ";a=\"x\\\";b=1\";b=2", "b", "2" },
		{ ";a=\"x;b=1", "b", NULL },
		{ ";b=\"x\\\"y\"", "b", "\"x\\\"y\"" },
		{ ";b=1;b=2", "b", "1" },
		{ ";\r\n b\r\n =\r\n 2", "b", "2" },
		{ ";bb=1", "b", NULL },
		{ ";=1;b=2", "b", "2" },
		{ "", "b", NULL },
		{ ";", "b", NULL },
		{ ";;; ;", "b", NULL },
		{ ";x=\"\\", "b", NULL },
	};
	struct span value;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		bool found = sip_param_find(exact(span_of(table[i].params)),
		    span_of(table[i].name), &value);

		ck_assert_msg(found == (table[i].value != NULL), "%s",
		    table[i].params);
		ck_assert_span(value, found ? table[i].value : "");
	}
}
END_TEST

START_TEST(value_text)
{
	static const struct {
		const char *in;
		const char *out;
	} table[] = {
		{ "plain", "plain" },
		{ "a\r\n b", "a b" },
		{ "a\r\n \t  b", "a b" },
		{ "a\n\tb", "a b" },
		{ "a\r\n \r\n \r\n b", "a b" },
		{ "a\tb", "a b" },
		{ "a\rb", "a b" },
		{ "a\x01\x7f" "b", "ab" },
		{ "a\xc3\xa9", "a\xc3\xa9" },
		{ "", "" },
	};
	char buf[64];
	struct text t = text_over(buf, sizeof(buf));
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		t.len = 0;
		sip_add_unfolded(&t, exact(span_of(table[i].in)));
		ck_assert_span(text_span(&t), table[i].out);
	}
	t.len = 0;
	sip_add_unfolded(&t, exact(SPAN("a\0b\r\n")));
	ck_assert_span(text_span(&t), "ab ");
	ck_assert_span(sip_unquote(SPAN("\"a\\\"b\"")), "a\\\"b");
	ck_assert_span(sip_unquote(SPAN("a")), "a");
	ck_assert_span(sip_unquote(SPAN("\"")), "\"");
	ck_assert_span(sip_unquote(SPAN("\"\"")), "");
	ck_assert(sip_is_token(SPAN("a-.!%*_+`'~0")));
	ck_assert(!sip_is_token(SPAN("")));
	ck_assert(!sip_is_token(SPAN("a b")));
	ck_assert(!sip_is_token(SPAN("a@b")));
	ck_assert(!sip_is_token(SPAN("a\xc3\xa9")));
}
END_TEST

/* --- URIs --- */

START_TEST(uri_parts)
{
	static const struct {
		const char *text;
		enum sip_scheme scheme; /* NONE: refused */
		const char *user, *user_params, *password, *host;
		unsigned port;
		const char *params, *headers;
	} table[] = {
		{ "sip:a@b", SIP_SCHEME_SIP, "a", "", "", "b", 0, "", "" },
		{ "SIPS:b", SIP_SCHEME_SIPS, "", "", "", "b", 0, "", "" },
		{ "sip:a:pw@b:5070;lr;x=y?To=c&d=e", SIP_SCHEME_SIP, "a", "", "pw",
		    "b", 5070, ";lr;x=y", "To=c&d=e" },
		{ "sip:+44;ext=1;x:p@b", SIP_SCHEME_SIP, "+44", ";ext=1;x", "p",
		    "b", 0, "", "" },
		{ "sip:user;par=u%40example.net@b", SIP_SCHEME_SIP, "user",
		    ";par=u%40example.net", "", "b", 0, "", "" },
		{ "sip:a?b/c@d;e", SIP_SCHEME_SIP, "a?b/c", "", "", "d", 0, ";e",
		    "" },
		{ "sip:a@[2001:db8::1]:5060;x", SIP_SCHEME_SIP, "a", "", "",
		    "[2001:db8::1]", 5060, ";x", "" },
		{ "sip:b;;user=phone", SIP_SCHEME_SIP, "", "", "", "b", 0,
		    ";;user=phone", "" },
		{ "sip:b?", SIP_SCHEME_SIP, "", "", "", "b", 0, "", "" },
		{ "sip:@b", SIP_SCHEME_SIP, "", "", "", "b", 0, "", "" },
		{ "tel:+44-20;phone-context=x", SIP_SCHEME_TEL, "+44-20", "", "",
		    "", 0, ";phone-context=x", "" },
		{ "urn:service:sos", SIP_SCHEME_OTHER, "", "", "", "", 0, "", "" },
		{ "soap.beep://h:1", SIP_SCHEME_OTHER, "", "", "", "", 0, "", "" },
		{ .text = "" },
		{ .text = "sip" },
		{ .text = "sip:" },
		{ .text = "sip:a@" },
		{ .text = "sip:a@;x" },
		{ .text = "sip:;user=phone" },
		{ .text = "sip:a@:5060" },
		{ .text = "sip:a@b:" },
		{ .text = "sip:a@b:0" },
		{ .text = "sip:a@b:65536" },
		{ .text = "sip:a@b:5x" },
		{ .text = "sip:a@[::1" },
		{ .text = "tel:" },
		{ .text = "tel:;x" },
		{ .text = ";user=phone" },
		{ .text = "0208" },
		{ .text = "a@b:5060" },
		{ .text = ":a" },
		{ .text = "1a:b" },
		{ .text = "a b:c" },
		{ .text = "urn:" },
	};
	struct sip_uri uri;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		bool ok = sip_uri_parse(exact(span_of(table[i].text)), &uri);

		ck_assert_msg(ok == (table[i].scheme != SIP_SCHEME_NONE), "%s",
		    table[i].text);
		ck_assert_int_eq(uri.scheme, table[i].scheme);
		if (!ok)
			continue;
		ck_assert_span(uri.whole, table[i].text);
		ck_assert_span(uri.user, table[i].user);
		ck_assert_span(uri.user_params, table[i].user_params);
		ck_assert_span(uri.password, table[i].password);
		ck_assert_span(uri.host, table[i].host);
		ck_assert_uint_eq(uri.port, table[i].port);
		ck_assert_span(uri.params, table[i].params);
		ck_assert_span(uri.headers, table[i].headers);
	}
}
END_TEST

START_TEST(uri_valid)
{
	static const char *const valid[] = {
		"sip:example.com", "sip:a@example.com.", "sip:a@192.0.2.1",
		"sip:a@[2001:db8::1]:5060", "sips:a:p&=+$,@b",
		"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,"
		"weird!*pas$wo~d_too.(doesn't-it)@example.com",
		"sip:a%20b@c", "sip:sips%3Auser%40example.com@example.net",
		"sip:a@b;lr", "sip:a@b;transport=tcp;lr;x=%3b;[y]=:&",
		"sip:a@b;ttl=255", "sip:a@b?x=&y=1%20", "sip:a@b-c.d2",
		"sip:a@3com.com", "tel:+44-(20).7946", "tel:+1;ext=1;isub=%20",
		"tel:7042;phone-context=example.com",
		"tel:*21#;phone-context=+44", "urn:service:sos",
		"http://example.com/a?b",
	};
	static const char *const invalid[] = {
		"sip:a b@c", "sip:#31#020@c", "sip:a%2@c", "sip:a%@c",
		"sip:a%gg@c", "sip:@c", "sip:\xc3\xa9@c", "sip:a\"@c", "sip:<a@c",
		"sip:a@b_c", "sip:a@-b", "sip:a@b-", "sip:a@b..c", "sip:a@.b",
		"sip:a@b.1c", "sip:a@b-.c", "sip:a@1.2.3", "sip:a@1.2.3.256",
		"sip:a@[::1", "sip:a@[g::1]", "sip:a@[]", "sip:a@[::1]x",
		"sip:a@[1.2.3.4]", "sip:a@b@c", "sip:a@b;;x", "sip:a@b;",
		"sip:a@b;x;", "sip:a@b;=y", "sip:a@b;x=", "sip:a@b;x=y=z",
		"sip:a@b;x=\"y\"", "sip:a@b;x;X", "sip:a@b;ttl=256",
		"sip:a@b;ttl=x", "sip:a@b?", "sip:a@b?x", "sip:a@b?=x",
		"sip:a@b?x=y&", "sip:a@b?x=y&&z=1", "sip:a@b?x=<", "sip:a:p;@b;",
		"tel:", "tel:+", "tel:+-", "tel:+44a", "tel:7042", "tel:+44;;x",
		"tel:7042;phone-context=", "tel:x;phone-context=a",
		"tel:+44;x=\"", "tel:+44;a;a", "urn:a b", "x:\x7f",
	};
	struct sip_uri uri;
	size_t i;

	for (i = 0; i < COUNT(valid); i++) {
		ck_assert_msg(
		    sip_uri_parse(exact(span_of(valid[i])), &uri) &&
			sip_uri_valid(&uri),
		    "%s", valid[i]);
		ck_assert_msg(sip_uri_sound(&uri), "%s", valid[i]);
	}
	for (i = 0; i < COUNT(invalid); i++)
		ck_assert_msg(
		    !sip_uri_parse(exact(span_of(invalid[i])), &uri) ||
			!sip_uri_valid(&uri),
		    "%s", invalid[i]);
}
END_TEST

START_TEST(uri_many_params)
{
	struct text t = text_over(big, sizeof(big));
	struct sip_uri a, b;
	int i;

	TEXT_LIT(&t, "sip:a@b");
	for (i = 0; i < 64; i++)
		text_addf(&t, ";p%d", i);
	ck_assert(sip_uri_parse(text_span(&t), &a));
	ck_assert(sip_uri_valid(&a));
	while (t.len < 65000)
		text_addf(&t, ";p%d", i++);
	ck_assert(sip_uri_parse(text_span(&t), &b));
	ck_assert(!sip_uri_valid(&b));
}
END_TEST

START_TEST(uri_sound)
{
	static const struct {
		const char *text;
		bool sound;
	} table[] = {
		{ "sip:#31#020@b_c", true },
		{ "sip:a%@b", true },
		{ "sip:a@b;;x", true },
		{ "sip:a@[::1]", true },
		{ "sip:@b", false },
		{ "sip:a b@c", false },
		{ "sip:a@b@c", false },
		{ "sip:a@b/c", false },
		{ "sip:a@[::x]", false },
		{ "sip:a@[::1]x", false },
		{ "sip:a\"@b", false },
		{ "sip:a<@b", false },
		{ "sip:\x01@b", false },
		{ "sip:a@\xff", false },
	};
	struct sip_uri uri;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		ck_assert(sip_uri_parse(exact(span_of(table[i].text)), &uri));
		ck_assert_msg(sip_uri_sound(&uri) == table[i].sound, "%s",
		    table[i].text);
	}
	uri.scheme = SIP_SCHEME_NONE;
	ck_assert(!sip_uri_sound(&uri));
	ck_assert(!sip_uri_valid(&uri));
}
END_TEST

START_TEST(uri_anonymous)
{
	static const struct {
		const char *text;
		bool anonymous;
	} table[] = {
		{ "sip:anonymous@anonymous.invalid", true },
		{ "sip:Anonymous@example.com", true },
		{ "sip:x@ANONYMOUS.invalid", true },
		{ "sip:anonymous.invalid", true },
		{ "sip:anonymous1@example.com", false },
		{ "sip:anonymous", false },
		{ "tel:+44", false },
	};
	struct sip_uri uri;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		sip_uri_parse(span_of(table[i].text), &uri);
		ck_assert_msg(
		    sip_uri_is_anonymous(&uri) == table[i].anonymous, "%s",
		    table[i].text);
	}
}
END_TEST

/* --- name-addr --- */

#define BAD_URI                                                                \
	(NAMEADDR_EMPTY_URI | NAMEADDR_NO_SCHEME | NAMEADDR_NO_HOST |          \
	    NAMEADDR_BAD_BYTES)

START_TEST(nameaddr_parts)
{
	static const struct {
		const char *text;
		const char *display, *uri, *params;
		bool brackets;
		unsigned defects;
	} table[] = {
		{ "<sip:a@b>", "", "sip:a@b", "", true, 0 },
		{ "sip:a@b", "", "sip:a@b", "", false, 0 },
		{ "sip:a@b;tag=1", "", "sip:a@b", ";tag=1", false, 0 },
		{ "sip:a@b , c", "", "sip:a@b", "", false, 0 },
		{ "\"Fred\" <sip:a@b;x>;tag=1", "\"Fred\"", "sip:a@b;x", ";tag=1",
		    true, 0 },
		{ "Fred Bloggs<sip:a@b> ; tag=1", "Fred Bloggs", "sip:a@b",
		    "; tag=1", true, 0 },
		{ "\"a<b>;c,\\\"\" <sip:a@b>", "\"a<b>;c,\\\"\"", "sip:a@b", "",
		    true, 0 },
		{ "\"Watson\" < sip:a@b >", "\"Watson\"", "sip:a@b", "", true, 0 },
		{ "Bell, A <sip:a@b>;tag=1", "Bell, A", "sip:a@b", ";tag=1", true,
		    0 },
		{ "\"A\"\r\n <sip:a@b>\r\n ;tag=1", "\"A\"", "sip:a@b", ";tag=1",
		    true, 0 },
		{ "<tel:+44;ext=1>;x", "", "tel:+44;ext=1", ";x", true, 0 },
		{ "tel:+442071234567", "", "tel:+442071234567", "", false, 0 },
		{ "TEL:12;EXT=3;phone-context=+44;tag=1;ext=4", "",
		    "TEL:12;EXT=3;phone-context=+44", ";tag=1;ext=4", false, 0 },
		{ "tel:12;phone-context=a.b, tel:13", "",
		    "tel:12;phone-context=a.b", "", false, 0 },
		{ "sip:12@b;ext=3", "", "sip:12@b", ";ext=3", false, 0 },
		{ "<urn:service:sos>", "", "urn:service:sos", "", true, 0 },
		{ "<sip:#31#@b>", "", "sip:#31#@b", "", true, 0 },
		{ "\"\x01\\\x01\" <sip:a@b>", "\"\x01\\\x01\"", "sip:a@b", "",
		    true, NAMEADDR_BAD_BYTES },
		{ "\"\\\x01\" <sip:a@b>", "\"\\\x01\"", "sip:a@b", "", true, 0 },
		/* rows SFB-07 and SFB-08 */
		{ "\"Fred Bloggs\"<>", "\"Fred Bloggs\"", "", "", true,
		    NAMEADDR_EMPTY_URI },
		{ "\"Fred Bloggs\"<>,tel:+44", "\"Fred Bloggs\"", "", "", true,
		    NAMEADDR_EMPTY_URI },
		{ "\"Fred Bloggs\"<;user=phone>;epid=x;tag=y", "\"Fred Bloggs\"",
		    ";user=phone", ";epid=x;tag=y", true, NAMEADDR_NO_SCHEME },
		{ "<sip:0208@b;;user=phone>", "", "sip:0208@b;;user=phone", "",
		    true, NAMEADDR_EMPTY_PARAM },
		{ "<sip:0208;;user=phone>", "", "sip:0208;;user=phone", "", true,
		    NAMEADDR_EMPTY_PARAM },
		{ "<sip:@x>", "", "sip:@x", "", true, NAMEADDR_BAD_BYTES },
		{ "<sip:@x", "", "sip:@x", "", true,
		    NAMEADDR_BAD_BYTES | NAMEADDR_UNBALANCED },
		{ "<sip:>", "", "sip:", "", true, NAMEADDR_NO_HOST },
		{ "<sip:a@>", "", "sip:a@", "", true, NAMEADDR_NO_HOST },
		{ "<tel:>", "", "tel:", "", true, NAMEADDR_NO_HOST },
		{ "<0208>", "", "0208", "", true, NAMEADDR_NO_SCHEME },
		{ "garbage", "", "garbage", "", false, NAMEADDR_NO_SCHEME },
		{ "*", "", "*", "", false, NAMEADDR_NO_SCHEME },
		{ "", "", "", "", false, NAMEADDR_EMPTY_URI },
		{ ";tag=1", "", "", ";tag=1", false, NAMEADDR_EMPTY_URI },
		{ "<sip:a@b:x>", "", "sip:a@b:x", "", true, NAMEADDR_BAD_BYTES },
		{ "<sip:a b@c>", "", "sip:a b@c", "", true, NAMEADDR_BAD_BYTES },
		{ "a b sip:a@b", "", "a b sip:a@b", "", false,
		    NAMEADDR_NO_SCHEME },
		{ "<sip:a@b>;;tag=1", "", "sip:a@b", ";;tag=1", true,
		    NAMEADDR_EMPTY_PARAM },
		{ "<sip:a@b>;tag=1;", "", "sip:a@b", ";tag=1;", true,
		    NAMEADDR_EMPTY_PARAM },
		{ "<sip:a@b>;x=\";;\"", "", "sip:a@b", ";x=\";;\"", true, 0 },
		{ "<sip:a@b> junk", "", "sip:a@b", "", true, NAMEADDR_BAD_BYTES },
		{ "\"Fred <sip:a@b>;tag=1", "\"Fred", "sip:a@b", ";tag=1", true,
		    NAMEADDR_UNBALANCED },
		{ "\"Fred sip:a@b", "", "\"Fred sip:a@b", "", false,
		    NAMEADDR_UNBALANCED | NAMEADDR_NO_SCHEME },
		{ "<sip:a@b;tag=1", "", "sip:a@b;tag=1", "", true,
		    NAMEADDR_UNBALANCED },
		{ "sip:a@b>;tag=1", "", "sip:a@b>", ";tag=1", false,
		    NAMEADDR_UNBALANCED | NAMEADDR_BAD_BYTES },
		{ "<sip:a@b>;x=\"y", "", "sip:a@b", ";x=\"y", true,
		    NAMEADDR_UNBALANCED },
		/* A ';' before the bracket: what follows is a parameter. */
		{ "a;tag=evil <sip:a@b>;tag=1", "", "a",
		    ";tag=evil <sip:a@b>;tag=1", false, NAMEADDR_NO_SCHEME },
	};
	struct nameaddr na;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		struct span s = exact(span_of(table[i].text));

		nameaddr_parse(s, &na);
		ck_assert_span(na.whole, table[i].text);
		ck_assert_span(na.display, table[i].display);
		ck_assert_span(na.uri_text, table[i].uri);
		ck_assert_span(na.params, table[i].params);
		ck_assert_span(nameaddr_params(s), table[i].params);
		ck_assert_msg(na.defects == table[i].defects, "%u: %s",
		    na.defects, table[i].text);
		ck_assert_int_eq(na.brackets, table[i].brackets);
		ck_assert_int_eq(
		    nameaddr_usable(&na), (na.defects & BAD_URI) == 0);
		ck_assert_int_eq(nameaddr_balanced(s),
		    (na.defects & NAMEADDR_UNBALANCED) == 0);
	}
}
END_TEST

/* Row SFB-07: the six forms, each through a message. */
/* What lies at a place may be another value of the same length by now. */
START_TEST(nameaddr_is_recalled_as_it_is_now)
{
	static struct nameaddr_memo memo;
	char bytes[NAMEADDR_MEMO_TEXT + 40] = "Ann <sip:123@h>;tag=1";
	struct span value = span_of(bytes), more;
	const struct nameaddr *na = nameaddr_recall(&memo, value);

	ck_assert_span(na->uri.user, "123");
	ck_assert_ptr_eq(nameaddr_recall(&memo, value), na);
	memcpy(bytes, "Bea <sip:456@h>;tag=2", value.n);
	na = nameaddr_recall(&memo, value);
	ck_assert_span(na->display, "Bea");
	ck_assert_span(na->uri.user, "456");
	ck_assert_span(na->params, ";tag=2");
	/* Another value that begins there, and one
	 * that is too long to be kept. */
	memset(bytes + value.n, 'x', sizeof(bytes) - value.n);
	more = span_make(bytes, sizeof(bytes));
	ck_assert_uint_eq(nameaddr_recall(&memo, more)->whole.n, more.n);
	bytes[5] = 't';
	ck_assert_uint_eq(
	    nameaddr_recall(&memo, more)->uri.scheme, SIP_SCHEME_OTHER);
	ck_assert_uint_eq(nameaddr_recall(&memo, SPAN_NONE)->whole.n, 0);
	ck_assert_uint_eq(nameaddr_recall(&memo, SPAN_NONE)->defects,
	    NAMEADDR_EMPTY_URI);
}

END_TEST

/* More values than there are places. */
START_TEST(nameaddr_recalls_what_it_can)
{
	static struct nameaddr_memo memo;
	static char bytes[100][32];
	unsigned i, turn;

	for (i = 0; i < 100; i++)
		snprintf(bytes[i], sizeof(bytes[i]), "<sip:%u@h>", i);
	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < 100; i++) {
			struct span value = span_of(bytes[i]);
			struct nameaddr na;

			nameaddr_parse(value, &na);
			ck_assert(span_eq(na.uri.user,
			    nameaddr_recall(&memo, value)->uri.user));
		}
	}
}

END_TEST

START_TEST(nameaddr_asserted)
{
	static const struct {
		const char *lines;
		const char *usable; /* URIs that can be used, in brackets */
		unsigned n;         /* values */
	} table[] = {
		{ "P-Asserted-Identity: \"Fred Bloggs\"<>,tel:+442071234567\r\n",
		    "[tel:+442071234567]", 2 },
		{ "P-Asserted-Identity: \"Fred Bloggs\"<sip:fred@contoso.com>,"
		  "tel:+442071234567\r\n",
		    "[sip:fred@contoso.com][tel:+442071234567]", 2 },
		{ "P-Asserted-Identity: \"Fred, B\" <sip:fred@contoso.com>\r\n"
		  "p-asserted-identity: <tel:+442071234567>\r\n",
		    "[sip:fred@contoso.com][tel:+442071234567]", 2 },
		{ "P-Asserted-Identity: \"Fred\"\r\n <sip:fred@contoso.com>,\r\n"
		  "\ttel:+442071234567\r\n",
		    "[sip:fred@contoso.com][tel:+442071234567]", 2 },
		{ "P-Asserted-Identity: <sip:a@b>, <tel:+44>, <sips:c@d>\r\n",
		    "[sip:a@b][tel:+44][sips:c@d]", 3 },
		{ "P-Asserted-Identity: \"x\" garbage<, @@\r\n", "", 2 },
	};
	char buf[256];
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		struct text t = text_over(big, sizeof(big));
		struct text uris = text_over(buf, sizeof(buf));
		struct sip_values it;
		struct span value;
		unsigned n = 0;

		text_addf(&t, LINE BASE "%s\r\n", table[i].lines);
		ck_assert(receive(exact(text_span(&t))));
		it = sip_values(&msg, SIP_P_ASSERTED_IDENTITY);
		for (; sip_values_next(&it, &value); n++) {
			struct nameaddr na;

			nameaddr_parse(value, &na);
			if (!nameaddr_usable(&na))
				continue;
			text_add_char(&uris, '[');
			text_add(&uris, na.uri_text);
			text_add_char(&uris, ']');
		}
		ck_assert_span(text_span(&uris), table[i].usable);
		ck_assert_uint_eq(n, table[i].n);
	}
}
END_TEST

START_TEST(nameaddr_display)
{
	static const struct {
		const char *in;
		const char *out;
	} table[] = {
		{ "", "" },
		{ "Fred", "Fred" },
		{ "Fred Bloggs", "Fred Bloggs" },
		{ "\"Fred Bloggs\"", "\"Fred Bloggs\"" },
		{ "\"a\\\"b\\\\\"", "\"a\\\"b\\\\\"" },
		{ "Bell, A", "\"Bell, A\"" },
		{ "a@b", "\"a@b\"" },
		{ "a\"b", "\"a\\\"b\"" },
		{ "a\\b", "\"a\\\\b\"" },
		{ "\"Fred", "\"Fred\"" },
		{ "\"Fred\" Bloggs", "\"Fred\\\" Bloggs\"" },
		{ "\"", "\"\"" },
		{ "\"\"", "\"\"" },
		{ "\"\\\"", "\"\\\"\"" },
		{ "\"a\\", "\"a\\\\\"" },
		{ "\"a\r\n b\"", "\"a b\"" },
		{ "a\r\n b", "\"a b\"" },
		{ "\"a\tb\"", "\"a b\"" },
		{ "\"a\x01\x7f" "b\"", "\"ab\"" },
		{ "\"a\\\x01" "b\"", "\"ab\"" },
		{ "\"M\xc3\xbcller\"", "\"M\xc3\xbcller\"" },
		{ "M\xc3\xbcller", "\"M\xc3\xbcller\"" },
		{ "\"M\xfcller\"", "\"Mller\"" },
		{ "\"a\xc3\"", "\"a\"" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		struct text t = text_over(buf, sizeof(buf));

		nameaddr_add_display(&t, exact(span_of(table[i].in)));
		ck_assert_span(text_span(&t), table[i].out);
		/* What was made legal stays as it is. */
		t = text_over(buf, sizeof(buf));
		nameaddr_add_display(&t, exact(span_of(table[i].out)));
		ck_assert_span(text_span(&t), table[i].out);
	}
}
END_TEST

/* --- drafts --- */

static struct sip_draft draft;

static struct span
written(void)
{
	struct text t = text_over(big, sizeof(big));

	ck_assert(sip_draft_write(&draft, &t));
	return text_span(&t);
}

static bool
writes(void)
{
	struct text t = text_over(big, sizeof(big));
	bool ok;

	TEXT_LIT(&t, "before");
	ok = sip_draft_write(&draft, &t);
	/* What could not be written leaves nothing behind. */
	if (!ok)
		ck_assert_span(text_span(&t), "before");
	return ok;
}

static void
begin(void)
{
	memset(&draft, 0xa5, sizeof(draft));
	sip_draft_request(
	    &draft, SIP_METHOD_INVITE, SPAN_NONE, SPAN("sip:a@b"));
}

START_TEST(draft_request)
{
	begin();
	sip_draft_add(&draft, SIP_VIA, SPAN("SIP/2.0/UDP h"), SIP_OWNER_DIALOG);
	sip_draft_add_name(&draft, SPAN("X-One"), SPAN("1"), SIP_OWNER_PEER);
	sip_draft_add_name(&draft, SPAN("s"), SPAN("hello"), SIP_OWNER_OWN);
	sip_draft_add(
	    &draft, SIP_CONTENT_LENGTH, SPAN("99"), SIP_OWNER_PEER);
	draft.body = SPAN("body\r\n");
	ck_assert_span(written(),
	    "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nX-One: 1\r\n"
	    "Subject: hello\r\nContent-Length: 6\r\n\r\nbody\r\n");
	ck_assert_int_eq(draft.fields[2].id, SIP_SUBJECT);
	ck_assert_int_eq(draft.fields[2].owner, SIP_OWNER_OWN);

	sip_draft_request(
	    &draft, SIP_METHOD_OTHER, SPAN("FOO"), SPAN("tel:+44"));
	ck_assert_span(
	    written(), "FOO tel:+44 SIP/2.0\r\nContent-Length: 0\r\n\r\n");
}
END_TEST

START_TEST(draft_response)
{
	memset(&draft, 0xa5, sizeof(draft));
	sip_draft_response(&draft, 180, span_of(sip_reason_phrase(180)));
	draft.head = SPAN("Via: SIP/2.0/UDP h\r\n ;branch=x\r\nTo: y\r\n");
	sip_draft_add(&draft, SIP_SERVER, SPAN("s"), SIP_OWNER_OWN);
	ck_assert_span(written(),
	    "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP h\r\n ;branch=x\r\nTo: y\r\n"
	    "Server: s\r\nContent-Length: 0\r\n\r\n");
	sip_draft_response(&draft, 299, SPAN_NONE);
	ck_assert_span(
	    written(), "SIP/2.0 299 \r\nContent-Length: 0\r\n\r\n");
}
END_TEST

START_TEST(draft_copy)
{
	ck_assert(receive_text(LINE BASE "s: a\r\n  b\r\nx-Odd : \tv\r\n"
					 "X-Nul: a\x01\r\n" END));
	begin();
	sip_draft_copy(&draft, sip_find(&msg, SIP_SUBJECT));
	sip_draft_copy(&draft, sip_find_name(&msg, SPAN("X-Odd")));
	sip_draft_copy(&draft, sip_find(&msg, SIP_CALL_ID));
	ck_assert_span(written(),
	    "INVITE sip:a@b SIP/2.0\r\nSubject: a b\r\nx-Odd: v\r\n"
	    "Call-ID: abc@192.0.2.1\r\nContent-Length: 0\r\n\r\n");
	ck_assert_int_eq(draft.fields[0].owner, SIP_OWNER_PEER);
	ck_assert(receive(exact(SPAN(LINE BASE "X-Nul: a\0b\r\n\r\n"))));
	begin();
	sip_draft_copy(&draft, sip_find_name(&msg, SPAN("X-Nul")));
	ck_assert_span(draft.fields[0].value, "ab");
	ck_assert(writes());
}
END_TEST

START_TEST(draft_edit)
{
	size_t mark;

	begin();
	ck_assert_int_eq(sip_draft_find(&draft, SIP_ROUTE, 0), -1);
	ck_assert_ptr_null(sip_draft_value(&draft, SIP_ROUTE).p);
	sip_draft_add(&draft, SIP_ROUTE, SPAN("<sip:1>"), SIP_OWNER_DIALOG);
	sip_draft_add_name(&draft, SPAN("X-A"), SPAN("x"), SIP_OWNER_PEER);
	sip_draft_add(&draft, SIP_ROUTE, SPAN("<sip:2>"), SIP_OWNER_DIALOG);
	sip_draft_add(&draft, SIP_DATE, SPAN("now"), SIP_OWNER_PEER);
	ck_assert_int_eq(sip_draft_find(&draft, SIP_ROUTE, 0), 0);
	ck_assert_int_eq(sip_draft_find(&draft, SIP_ROUTE, 1), 2);
	ck_assert_int_eq(sip_draft_find(&draft, SIP_ROUTE, 3), -1);
	ck_assert_int_eq(sip_draft_find(&draft, SIP_ROUTE, 900), -1);
	ck_assert_span(sip_draft_value(&draft, SIP_ROUTE), "<sip:1>");
	sip_draft_remove(&draft, 9);
	ck_assert_uint_eq(draft.fields_n, 4);
	sip_draft_remove(&draft, 1);
	ck_assert_uint_eq(draft.fields_n, 3);
	ck_assert_span(draft.fields[1].value, "<sip:2>");
	ck_assert_span(draft.fields[2].value, "now");
	sip_draft_remove(&draft, 2);
	ck_assert_uint_eq(draft.fields_n, 2);

	mark = sip_draft_mark(&draft);
	TEXT_LIT(&draft.scratch, "made");
	ck_assert_span(sip_draft_keep(&draft, mark), "made");
	mark = sip_draft_mark(&draft);
	ck_assert_span(sip_draft_copy_text(&draft, SPAN("text")), "text");
	ck_assert_uint_eq(sip_draft_mark(&draft), mark + 4);
}
END_TEST

START_TEST(draft_refused)
{
	static const struct {
		const char *name;
		struct span value;
	} bad[] = {
		{ "X", { "a\r\nb", 4 } },
		{ "X", { "a\rb", 3 } },
		{ "X", { "a\nb", 3 } },
		{ "X", { "a\0b", 3 } },
		{ "Subject", { "a\r\n b", 5 } },
		{ "X Y", { "a", 1 } },
		{ "X:", { "a", 1 } },
		{ "X\r\nY", { "a", 1 } },
		{ "", { "a", 1 } },
	};
	static const char *const heads[] = { "\r\n", "Via: x", "Via: x\n",
		"Via: x\r\n\r\n", "\r\nVia: x\r\n", "Via: x\n\nTo: y\r\n",
		"Via: x\r\n\r\nTo: y\r\n" };
	static const char *const uris[] = { "", "?a", "sip:a b", "sip:a\r\nX: y",
		"sip:\xff" };
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		begin();
		ck_assert(writes());
		sip_draft_add_name(&draft, span_of(bad[i].name), bad[i].value,
		    SIP_OWNER_POLICY);
		ck_assert_msg(!writes(), "%zu", i);
	}
	for (i = 0; i < COUNT(heads); i++) {
		begin();
		draft.head = span_of(heads[i]);
		ck_assert_msg(!writes(), "%zu", i);
	}
	for (i = 0; i < COUNT(uris); i++) {
		begin();
		draft.uri = span_of(uris[i]);
		ck_assert_msg(!writes(), "%zu", i);
	}
	begin();
	draft.method_name = SPAN("A B");
	ck_assert(!writes());
	sip_draft_response(&draft, 99, SPAN_NONE);
	ck_assert(!writes());
	sip_draft_response(&draft, 700, SPAN_NONE);
	ck_assert(!writes());
	sip_draft_response(&draft, 200, SPAN("OK\r\nX: y"));
	ck_assert(!writes());
}
END_TEST

START_TEST(draft_overflow)
{
	struct text small;
	char buf[40];
	size_t mark;
	int i;

	begin();
	for (i = 0; i < SIP_DRAFT_FIELDS; i++)
		sip_draft_add(&draft, SIP_DATE, SPAN("x"), SIP_OWNER_OWN);
	ck_assert(writes());
	sip_draft_add(&draft, SIP_DATE, SPAN("x"), SIP_OWNER_OWN);
	ck_assert_uint_eq(draft.fields_n, SIP_DRAFT_FIELDS);
	ck_assert(draft.overflow);
	ck_assert(!writes());

	begin();
	ck_assert_uint_eq(
	    sip_draft_copy_text(&draft, span_make(big, SIP_DRAFT_SCRATCH)).n,
	    SIP_DRAFT_SCRATCH);
	ck_assert(writes());
	mark = sip_draft_mark(&draft);
	text_add_char(&draft.scratch, 'x');
	ck_assert_span(sip_draft_keep(&draft, mark), "");
	ck_assert(!writes());

	begin();
	small = text_over(buf, sizeof(buf));
	ck_assert(!sip_draft_write(&draft, &small));
	ck_assert_uint_eq(small.len, 0);
}
END_TEST

START_TEST(reason_phrases)
{
	ck_assert_str_eq(sip_reason_phrase(100), "Trying");
	ck_assert_str_eq(sip_reason_phrase(200), "OK");
	ck_assert_str_eq(sip_reason_phrase(481),
	    "Call/Transaction Does Not Exist");
	ck_assert_str_eq(sip_reason_phrase(608), "Rejected");
	ck_assert_str_eq(sip_reason_phrase(99), "");
	ck_assert_str_eq(sip_reason_phrase(299), "");
	ck_assert_str_eq(sip_reason_phrase(699), "");
	ck_assert_str_eq(sip_reason_phrase(4000000000u), "");
}
END_TEST

/* --- single headers by their grammar --- */

/* No honest value is as long. */
START_TEST(grammar_longest)
{
	static char value[2049] = "SIP;cause=486;text=";
	size_t n = strlen(value);
	struct sip_reason r;

	memset(value + n, 'x', sizeof(value) - n);
	ck_assert(sip_reason_parse(span_make(value, 2048), &r));
	ck_assert_uint_eq(r.cause, 486);
	ck_assert(!sip_reason_parse(span_make(value, 2049), &r));
}
END_TEST

START_TEST(grammar_reason)
{
	struct sip_reason r;

	ck_assert(sip_reason_parse(
	    exact(SPAN("Q.850 ; cause=16;text=\"Normal; call\"")), &r));
	ck_assert_span(r.protocol, "Q.850");
	ck_assert_uint_eq(r.cause, 16);
	ck_assert_span(r.text, "\"Normal; call\"");
	ck_assert(sip_reason_parse(exact(SPAN("SIP")), &r));
	ck_assert_span(r.protocol, "SIP");
	ck_assert_uint_eq(r.cause, 0);
	ck_assert_span(r.text, "");
	ck_assert(!sip_reason_parse(exact(SPAN("")), &r));
	ck_assert(!sip_reason_parse(exact(SPAN(";cause=1")), &r));
	ck_assert(!sip_reason_parse(exact(SPAN("Q.850;cause=x")), &r));
	ck_assert(!sip_reason_parse(exact(SPAN("Q.850;cause=-1")), &r));
	ck_assert(!sip_reason_parse(exact(SPAN("Q.850;cause=99999999999")), &r));
}
END_TEST

START_TEST(grammar_content_type)
{
	struct sip_content_type c;

	ck_assert(sip_content_type_parse(exact(SPAN("application/sdp")), &c));
	ck_assert_span(c.type, "application/sdp");
	ck_assert_span(c.boundary, "");
	ck_assert(sip_content_type_parse(
	    exact(SPAN("multipart/mixed ; x=y; Boundary=\"a b\"")), &c));
	ck_assert_span(c.type, "multipart/mixed");
	ck_assert_span(c.boundary, "a b");
	ck_assert(sip_content_type_parse(
	    exact(SPAN("multipart/mixed;boundary=abc")), &c));
	ck_assert_span(c.boundary, "abc");
	ck_assert(!sip_content_type_parse(exact(SPAN("")), &c));
	ck_assert(!sip_content_type_parse(exact(SPAN("sdp")), &c));
	ck_assert(!sip_content_type_parse(exact(SPAN("/")), &c));
	ck_assert(!sip_content_type_parse(exact(SPAN(";boundary=x")), &c));
}
END_TEST

START_TEST(grammar_oracle)
{
	struct sip_oracle o;

	sip_oracle_read(exact(SPAN(LINE BASE VIA "l: 0\r\n" END)), &o);
	ck_assert(o.accepted);
	ck_assert(o.request);
	ck_assert_str_eq(o.method, "INVITE");
	ck_assert_str_eq(o.call_id, "abc@192.0.2.1");
	ck_assert_str_eq(o.from_tag, "f1");
	ck_assert_str_eq(o.to_tag, "");
	ck_assert_uint_eq(o.cseq, 7);
	ck_assert_uint_eq(o.via_count, 2);
	sip_oracle_read(exact(SPAN("SIP/2.0 404 No\r\n" BASE "l: 0\r\n" END)), &o);
	ck_assert(o.accepted);
	ck_assert_uint_eq(o.status, 404);
	sip_oracle_read(SPAN(LINE BASE "l: -1\r\n" END), &o);
	ck_assert(!o.accepted);
	sip_oracle_read(SPAN("garbage"), &o);
	ck_assert(!o.accepted);
	sip_oracle_read(SPAN_NONE, &o);
	ck_assert(!o.accepted);
}
END_TEST

/* --- MIME --- */

START_TEST(mime_parts)
{
	static const struct {
		const char *type;
		const char *body;
		const char *found; /* body of the application/sdp; NULL: none */
	} table[] = {
		{ "application/sdp", "v=0\r\n", "v=0\r\n" },
		{ "Application/SDP;charset=x", "v=0\r\n", "v=0\r\n" },
		{ "text/plain", "v=0\r\n", NULL },
		{ "", "v=0\r\n", NULL },
		{ "multipart/mixed;boundary=b",
		    "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--",
		    "v=0\r\n" },
		{ "multipart/mixed;boundary=\"a b\"",
		    "preamble\r\n--a b \r\nContent-Type: text/x\r\n\r\nno\r\n"
		    "--a b\r\nc:\r\n application/sdp ;x=y\r\nX: y\r\n\r\nyes\r\n"
		    "--a b--\r\nepilogue",
		    "yes" },
		{ "multipart/mixed;boundary=b",
		    "--b\nc: application/sdp\n\nyes\n--b--\n", "yes" },
		{ "multipart/mixed;boundary=b",
		    "--b\r\nc: application/sdp\r\n\r\n--b--", "" },
		{ "multipart/mixed;boundary=b",
		    "--b\r\nc: application/sdp\r\n\r\nx--b\r\n--bb\r\n--b--x\r\n"
		    "--b--",
		    "x--b\r\n--bb\r\n--b--x" },
		/* nested, one level deep */
		{ "multipart/mixed;boundary=b",
		    "--b\r\nc: multipart/alternative;boundary=i\r\n\r\n"
		    "--i\r\n\r\nplain\r\n--i\r\nc: application/sdp\r\n\r\nin\r\n"
		    "--i--\r\n--b\r\nc: application/sdp\r\n\r\nout\r\n--b--",
		    "in" },
		{ "multipart/mixed;boundary=b",
		    "--b\r\nc: multipart/x;boundary=i\r\n\r\n"
		    "--i\r\nc: multipart/x;boundary=j\r\n\r\n"
		    "--j\r\nc: application/sdp\r\n\r\ndeep\r\n--j--\r\n--i--\r\n"
		    "--b--",
		    NULL },
		/* broken */
		{ "multipart/mixed",
		    "--b\r\nc: application/sdp\r\n\r\nx\r\n--b--", NULL },
		{ "multipart/mixed;boundary=",
		    "--\r\nc: application/sdp\r\n\r\nx\r\n----", NULL },
		{ "multipart/mixed;boundary=b",
		    "--b\r\nc: application/sdp\r\n\r\nno end", NULL },
		{ "multipart/mixed;boundary=b",
		    "--b--\r\nc: application/sdp\r\n\r\nx\r\n--b--", NULL },
		{ "multipart/mixed;boundary=b", "no delimiter", NULL },
		{ "multipart/mixed;boundary=b", "", NULL },
		{ "multipart/mixed;boundary="
		  "12345678901234567890123456789012345678901234567890"
		  "123456789012345678901",
		    "--12345678901234567890123456789012345678901234567890"
		    "123456789012345678901\r\nc: application/sdp\r\n\r\nx\r\n"
		    "--12345678901234567890123456789012345678901234567890"
		    "123456789012345678901--",
		    NULL },
	};
	struct mime_part part;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		bool found = mime_find(span_of(table[i].type),
		    exact(span_of(table[i].body)), SPAN("application/sdp"),
		    &part);

		ck_assert_msg(
		    found == (table[i].found != NULL), "%s", table[i].body);
		if (!found)
			continue;
		ck_assert_span(part.body, table[i].found);
		ck_assert(span_ieq(part.type, SPAN("application/sdp")));
	}
	/* A part that names no type is text/plain. */
	ck_assert(mime_find(SPAN("multipart/mixed;boundary=b"),
	    SPAN("--b\r\nX: y\r\n\r\nplain\r\n--b--"), SPAN("text/plain"),
	    &part));
	ck_assert_span(part.body, "plain");
	ck_assert_span(part.head, "X: y\r\n");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		names, names_all, index_request, index_response, index_framing,
		index_repeated, index_request_uri, refused, accepted,
		fault_keeps_answer, limits, via_limit, cut_and_bent, rfc4475,
		rfc4475_wsinv, view_all, view_via, value_list,
		value_list_of_fields, value_params, value_text, uri_parts,
		uri_valid, uri_many_params, uri_sound, uri_anonymous,
		nameaddr_parts, nameaddr_is_recalled_as_it_is_now,
		nameaddr_recalls_what_it_can, nameaddr_asserted,
		nameaddr_display,
		draft_request, draft_response, draft_copy, draft_edit,
		draft_refused, draft_overflow, reason_phrases,
		grammar_longest, grammar_reason,
		grammar_content_type, grammar_oracle,
		mime_parts,
	};
	Suite *suite = suite_create("sip");
	TCase *tcase = tcase_create("sip");
	size_t i;

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_set_timeout(tcase, 60);
	for (i = 0; i < COUNT(tests); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
