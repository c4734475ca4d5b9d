#include "base/container.h"
#include "capture/capture.h"
#include "pcap_make.h"
#include "unit.h"

#define MESSAGE(id)                                                            \
	"INVITE sip:+442079460000@192.0.2.2 SIP/2.0\r\nCall-ID: " id           \
	"\r\nContent-Length: 4\r\n\r\nv=0\n"

static struct pcap_make make;
static struct capture *capture;
static struct capture_message got;

static void
reopen(void)
{
	char error[CAPTURE_ERROR_MAX] = "";

	capture_close(capture);
	capture = capture_open(pcap_make_open(&make), error);
	ck_assert_msg(capture != NULL, "%s", error);
}

static void
expect(const char *text)
{
	ck_assert_msg(capture_next(capture, &got), "no message, wanted %s", text);
	ck_assert_span(got.bytes, text);
}

static struct capture_figures
expect_end(void)
{
	struct capture_figures figures;

	ck_assert(!capture_next(capture, &got));
	capture_get_figures(capture, &figures);
	return figures;
}

static void
finish(void)
{
	capture_close(capture);
	capture = NULL;
}

static const struct {
	enum pcap_make_link link;
	unsigned vlans;
	bool ipv6;
} links[] = {
	{ MAKE_ETHERNET, 0, false },
	{ MAKE_ETHERNET, 1, false },
	{ MAKE_ETHERNET, 3, true },
	{ MAKE_ETHERNET, 0, true },
	{ MAKE_SLL, 0, false },
	{ MAKE_SLL, 0, true },
	{ MAKE_SLL2, 0, false },
	{ MAKE_SLL2, 0, true },
	{ MAKE_RAW, 0, false },
	{ MAKE_RAW, 0, true },
	{ MAKE_NULL, 0, false },
	{ MAKE_LOOP, 0, true },
};

START_TEST(reads_each_link)
{
	char buf[ADDRESS_TEXT_MAX];

	pcap_make_begin(&make, links[_i].link);
	make.vlans = links[_i].vlans;
	make.ipv6 = links[_i].ipv6;
	pcap_make_udp(&make, 1, SPAN(MESSAGE("a")));
	pcap_make_udp(&make, 2, SPAN("\r\n\r\n"));
	pcap_make_udp(&make, 2, SPAN("SIP/2.0 200 OK\r\n\r\n"));
	reopen();
	expect(MESSAGE("a"));
	ck_assert_str_eq(address_print(&got.from, buf),
	    links[_i].ipv6 ? "[2001:db8::1]:5060" : "192.0.2.1:5060");
	ck_assert_str_eq(address_print(&got.to, buf),
	    links[_i].ipv6 ? "[2001:db8::2]:5060" : "192.0.2.2:5060");
	ck_assert_uint_eq(got.time, 1795255200250000);
	ck_assert_uint_eq(got.packet, 1);
	ck_assert(!got.stream);
	expect("SIP/2.0 200 OK\r\n\r\n");
	ck_assert_uint_eq(got.packet, 3);
	ck_assert_uint_eq(expect_end().foreign, 1);
	ck_assert_ptr_null(capture_fault(capture));
	finish();
}
END_TEST

START_TEST(puts_fragments_together)
{
	bool reversed = _i & 1, ipv6 = _i & 2;
	struct capture_figures figures;

	pcap_make_begin(&make, MAKE_ETHERNET);
	make.ipv6 = ipv6;
	pcap_make_fragments(&make, SPAN(MESSAGE("lost")), 32, reversed, 1);
	pcap_make_fragments(&make, SPAN(MESSAGE("whole")), 32, reversed, -1);
	pcap_make_udp(&make, 1, SPAN(MESSAGE("next")));
	reopen();
	expect(MESSAGE("whole"));
	expect(MESSAGE("next"));
	figures = expect_end();
	ck_assert_uint_eq(figures.broken, 0);
	ck_assert_uint_eq(figures.packets, make.frames);
	ck_assert_uint_eq(figures.fragments, make.frames - 1);
	finish();
}
END_TEST

/* Pieces that contradict each other make no packet of bytes that never came. */
START_TEST(makes_nothing_of_false_fragments)
{
	struct capture_figures figures;

	pcap_make_begin(&make, MAKE_RAW);
	pcap_make_fragment(&make, 7, 800, true, SPAN("far away"));
	pcap_make_fragment(&make, 7, 8, false, SPAN("the end?"));
	pcap_make_fragment(&make, 8, 8, false, SPAN("the end."));
	pcap_make_fragment(&make, 8, 800, true, SPAN("far away"));
	reopen();
	figures = expect_end();
	ck_assert_uint_eq(figures.fragments, 4);
	ck_assert_uint_eq(figures.incomplete, 4);
	ck_assert_uint_eq(figures.foreign + figures.broken + figures.cut, 0);
	finish();
}
END_TEST

/* The identifier of a packet that was not whole comes again a minute later. */
START_TEST(mixes_no_fragments_of_two_packets)
{
	static const char old[] = "........INVITE sip:old@b SIP/2.0\r\n\r\n";
	static const char new[] = "\x13\xc4\x13\xc4\0\x26\0\0"
				  "INVITE sip:new@b SIP/2.0\r\n\r\n--";
	struct capture_figures figures;

	pcap_make_begin(&make, MAKE_RAW);
	pcap_make_fragment(
	    &make, 9, 16, false, span_make(old + 16, sizeof(old) - 17));
	make.later = 60;
	pcap_make_fragment(&make, 9, 0, true, span_make(new, 16));
	pcap_make_fragment(&make, 9, 16, false, span_make(new + 16, 22));
	reopen();
	expect("INVITE sip:new@b SIP/2.0\r\n\r\n--");
	figures = expect_end();
	ck_assert_uint_eq(figures.messages, 1);
	finish();
}
END_TEST

/* Seen on two interfaces, each piece is there twice. */
START_TEST(takes_fragments_once)
{
	static const char text[] = "\x13\xc4\x13\xc4\0\x24\0\0"
				   "INVITE sip:one@b SIP/2.0\r\n\r\n";
	struct capture_figures figures;
	unsigned i;

	pcap_make_begin(&make, MAKE_RAW);
	for (i = 0; i < 4; i++)
		pcap_make_fragment(&make, 9, i / 2 * 16, i < 2,
		    span_make(text + i / 2 * 16, i < 2 ? 16 : 20));
	pcap_make_fragment(&make, 10, 16, false, span_make(text + 16, 20));
	reopen();
	expect("INVITE sip:one@b SIP/2.0\r\n\r\n");
	figures = expect_end();
	ck_assert_uint_eq(figures.messages, 1);
	ck_assert_uint_eq(figures.fragments, 5);
	ck_assert_uint_eq(figures.incomplete, 1);
	finish();
}
END_TEST

START_TEST(finds_udp_behind_options)
{
	pcap_make_begin(&make, MAKE_ETHERNET);
	make.ipv6 = make.options = true;
	pcap_make_fragments(&make, SPAN(MESSAGE("a")), 32, false, -1);
	reopen();
	expect(MESSAGE("a"));
	ck_assert_uint_eq(expect_end().broken, 0);
	finish();
}
END_TEST

START_TEST(takes_line_ends_off)
{
	pcap_make_begin(&make, MAKE_RAW);
	pcap_make_udp(&make, 1, SPAN("\r\n\r\n" MESSAGE("a")));
	reopen();
	expect(MESSAGE("a"));
	ck_assert_uint_eq(expect_end().foreign, 0);
	finish();
}
END_TEST

static struct span
part(const char *text, size_t at, size_t n)
{
	return span_make(text + at, n);
}

START_TEST(puts_streams_in_order)
{
	static const char two[] = MESSAGE("one") MESSAGE("two");
	const size_t end = sizeof(two) - 1;
	struct capture_figures figures;
	uint32_t seq = 0xffffffd0; /* it wraps within the first message */

	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, seq - 1, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, seq, false, part(two, 0, 10));
	/* Again, then what comes later before what comes sooner. */
	pcap_make_tcp(&make, 1, seq, false, part(two, 0, 10));
	pcap_make_tcp(&make, 1, seq + 90, false, part(two, 90, end - 90));
	pcap_make_tcp(&make, 1, seq + 40, false, part(two, 40, 50));
	pcap_make_tcp(&make, 2, 7, false, SPAN("SIP/2.0 200 OK\r\nContent-"
		"Length: 0\r\n\r\n"));
	pcap_make_tcp(&make, 1, seq + 5, false, part(two, 5, 60));
	reopen();
	expect("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
	ck_assert(got.stream);
	expect(MESSAGE("one"));
	expect(MESSAGE("two"));
	figures = expect_end();
	ck_assert_uint_eq(figures.repeated, 1);
	ck_assert_uint_eq(figures.gaps, 0);
	finish();
}
END_TEST

START_TEST(goes_on_behind_a_hole)
{
	static char filler[5000];
	struct capture_figures figures;
	uint32_t seq = 100;
	unsigned i;

	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, seq, false, SPAN("middle of something"));
	pcap_make_tcp(&make, 1, seq, false, SPAN(MESSAGE("a")));
	seq += 100000;
	memset(filler, 'x', sizeof(filler));
	for (i = 0; i < 70; i++)
		pcap_make_tcp(&make, 1, seq + i * 5000, false,
		    span_make(filler, sizeof(filler)));
	pcap_make_tcp(&make, 1, seq + i * 5000, false, SPAN(MESSAGE("b")));
	reopen();
	expect(MESSAGE("a"));
	expect(MESSAGE("b"));
	figures = expect_end();
	ck_assert_uint_eq(figures.gaps, 1);
	ck_assert_uint_gt(figures.foreign, 1);
	finish();
}
END_TEST

/* What waits behind a hole is not lost, neither when too much waits
 * nor when the capture ends. */
START_TEST(keeps_what_waits_behind_a_hole)
{
	struct capture_figures figures;
	struct span part = SPAN(MESSAGE("b"));
	uint32_t seq = 100;
	unsigned i, n = _i ? 3 : 70;

	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, seq, true, SPAN(""));
	pcap_make_tcp(&make, 1, seq + 1, false, SPAN(MESSAGE("a")));
	seq += 1000;
	pcap_make_tcp(&make, 1, seq - 4, false, SPAN("rest"));
	for (i = 0; i < n; i++)
		pcap_make_tcp(
		    &make, 1, seq + i * (uint32_t)part.n, false, part);
	reopen();
	expect(MESSAGE("a"));
	for (i = 0; i < n; i++)
		expect(MESSAGE("b"));
	figures = expect_end();
	ck_assert_uint_ge(figures.gaps, 1);
	finish();
}
END_TEST

/* Messages share segments: the next one is found within the segment. */
START_TEST(finds_a_request_within_a_segment)
{
	static const char three[] = MESSAGE("one") "SIP/2.0 200 OK\r\n"
	    "Subject: SIP/2.0\r\nContent-Length: 0\r\n\r\n" MESSAGE("two");
	const size_t end = sizeof(three) - 1;

	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, 30, false, part(three, 30, end - 30));
	if (_i == 1) { /* behind a hole */
		pcap_make_begin(&make, MAKE_ETHERNET);
		pcap_make_tcp(&make, 1, 0, false, part(three, 0, 10));
		pcap_make_tcp(&make, 1, 30, false, part(three, 30, end - 30));
	}
	reopen();
	expect(MESSAGE("two"));
	expect_end();
	finish();
}
END_TEST

/* A SYN that comes late or twice does not undo what came behind it. */
START_TEST(takes_a_syn_once)
{
	static const char two[] = MESSAGE("one") MESSAGE("two");
	const size_t end = sizeof(two) - 1;

	pcap_make_begin(&make, MAKE_ETHERNET);
	if (_i == 0)
		pcap_make_tcp(&make, 1, 99, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, 100, false, part(two, 0, 50));
	pcap_make_tcp(&make, 1, 99, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, 150, false, part(two, 50, end - 50));
	reopen();
	expect(MESSAGE("one"));
	expect(MESSAGE("two"));
	ck_assert_uint_eq(expect_end().gaps, 0);
	finish();
}
END_TEST

/* The same addresses and ports again: its SYN seen or not, at any number. */
START_TEST(tells_connections_apart)
{
	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, 99, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, 100, false, SPAN(MESSAGE("a")));
	pcap_make_tcp_end(
	    &make, 1, 100 + (uint32_t)SPAN(MESSAGE("a")).n);
	pcap_make_tcp(&make, 1, 99, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, 100, false, SPAN(MESSAGE("b")));
	pcap_make_tcp(&make, 1, 100 - 2000000, false, SPAN(MESSAGE("c")));
	reopen();
	expect(MESSAGE("a"));
	expect(MESSAGE("b"));
	expect(MESSAGE("c"));
	ck_assert_uint_eq(expect_end().repeated, 0);
	finish();
}
END_TEST

START_TEST(counts_what_is_encrypted)
{
	struct capture_figures figures;

	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, 0, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, 1, false, SPAN("\x16\x03\x01 hello"));
	pcap_make_tcp(&make, 1, 10, false, SPAN("\x17\x03\x03 secret"));
	pcap_make_tcp(&make, 1, 20, false, SPAN("the rest of it"));
	pcap_make_tcp(&make, 2, 5, false, SPAN("\x17\x03\x03 from the middle"));
	pcap_make_tcp(&make, 2, 500, true, SPAN_NONE);
	pcap_make_tcp(&make, 2, 501, false, SPAN("nothing of it"));
	pcap_make_tcp(&make, 2, 514, false, SPAN("\r\n" MESSAGE("a")));
	reopen();
	figures = expect_end();
	ck_assert_uint_eq(figures.encrypted, 4);
	ck_assert_uint_eq(figures.foreign, 1);
	finish();
}
END_TEST

/* A stream of something else costs nothing and hides nothing. */
START_TEST(leaves_other_streams_alone)
{
	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, 0, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, 1, false, SPAN("\x16\x03\x01 hello"));
	pcap_make_tcp(&make, 1, 10, false, SPAN("GET / HTTP/1.1\r\n\r\n"));
	pcap_make_tcp(&make, 2, 5, false, SPAN("HTTP/1.1 200 OK\r\n\r\n"));
	pcap_make_udp(&make, 1, SPAN(MESSAGE("a")));
	reopen();
	expect(MESSAGE("a"));
	expect_end();
	finish();
}
END_TEST

/* No message can be cut out of a stream without its length: that is told. */
START_TEST(counts_what_has_no_end)
{
	pcap_make_begin(&make, MAKE_ETHERNET);
	pcap_make_tcp(&make, 1, 0, true, SPAN_NONE);
	pcap_make_tcp(&make, 1, 1, false,
	    SPAN("OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n"));
	reopen();
	ck_assert_uint_eq(expect_end().broken, 1);
	finish();
}
END_TEST

START_TEST(survives_cut_files)
{
	char error[CAPTURE_ERROR_MAX];
	size_t n;

	pcap_make_begin(&make, MAKE_ETHERNET);
	make.vlans = 1;
	pcap_make_udp(&make, 1, SPAN(MESSAGE("a")));
	pcap_make_fragments(&make, SPAN(MESSAGE("b")), 24, false, -1);
	pcap_make_tcp(&make, 1, 5, true, SPAN(MESSAGE("c")));
	for (n = make.n; n > 0; n--) {
		unsigned messages = 0;

		make.n = n - 1;
		capture = capture_open(pcap_make_open(&make), error);
		if (capture == NULL) {
			ck_assert_uint_lt(n, 30);
			ck_assert_str_ne(error, "");
			continue;
		}
		while (capture_next(capture, &got))
			messages++;
		ck_assert_uint_lt(messages, 3);
		finish();
	}
}
END_TEST

START_TEST(tells_what_was_cut)
{
	static const unsigned char frame[] = { 0x45, 0, 1, 0, 0, 0, 0, 0, 64,
		17, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x13, 0xc4, 0x13, 0xc4, 0,
		236, 0, 0, 'I', 'N', 'V' };
	struct capture_figures figures;

	pcap_make_begin(&make, MAKE_RAW);
	pcap_make_frame(&make,
	    span_make((const char *)frame, sizeof(frame)), 256);
	pcap_make_frame(&make, span_make((const char *)frame, 12), 256);
	pcap_make_frame(&make, span_make((const char *)frame, 12), 12);
	pcap_make_frame(&make, SPAN("\xf0"), 1);
	reopen();
	figures = expect_end();
	ck_assert_uint_eq(figures.cut, 2);
	ck_assert_uint_eq(figures.broken, 2);
	finish();
}
END_TEST

START_TEST(knows_a_capture)
{
	pcap_make_begin(&make, MAKE_RAW);
	ck_assert(capture_is_magic(
	    span_make((const char *)make.bytes, make.n)));
	ck_assert(capture_is_magic(SPAN("\x0a\x0d\x0d\x0a")));
	ck_assert(!capture_is_magic(SPAN("INVITE sip:")));
	ck_assert(!capture_is_magic(SPAN("\xd4\xc3")));
}
END_TEST

START_TEST(refuses_other_links)
{
	char error[CAPTURE_ERROR_MAX] = "";

	pcap_make_begin(&make, (enum pcap_make_link)105);
	ck_assert_ptr_null(capture_open(pcap_make_open(&make), error));
	ck_assert_ptr_nonnull(strstr(error, "link type"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("capture");
	TCase *t = tcase_create("capture");

	tcase_add_loop_test(t, reads_each_link, 0, ARRAY_LEN(links));
	tcase_add_loop_test(t, puts_fragments_together, 0, 4);
	tcase_add_test(t, makes_nothing_of_false_fragments);
	tcase_add_test(t, mixes_no_fragments_of_two_packets);
	tcase_add_test(t, takes_fragments_once);
	tcase_add_test(t, finds_udp_behind_options);
	tcase_add_test(t, takes_line_ends_off);
	tcase_add_test(t, puts_streams_in_order);
	tcase_add_test(t, goes_on_behind_a_hole);
	tcase_add_loop_test(t, keeps_what_waits_behind_a_hole, 0, 2);
	tcase_add_loop_test(t, finds_a_request_within_a_segment, 0, 2);
	tcase_add_loop_test(t, takes_a_syn_once, 0, 2);
	tcase_add_test(t, tells_connections_apart);
	tcase_add_test(t, counts_what_is_encrypted);
	tcase_add_test(t, leaves_other_streams_alone);
	tcase_add_test(t, counts_what_has_no_end);
	tcase_add_test(t, survives_cut_files);
	tcase_add_test(t, tells_what_was_cut);
	tcase_add_test(t, knows_a_capture);
	tcase_add_test(t, refuses_other_links);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
