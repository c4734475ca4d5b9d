#include <stdio.h>

#include "base/container.h"
#include "sdp/sdp_codec.h"
#include "sdp/sdp_make.h"
#include "unit.h"

#define HEAD                                                                   \
	"v=0\r\n"                                                              \
	"o=pbx 4711 3 IN IP4 192.168.1.5\r\n"                                  \
	"s=-\r\n"                                                              \
	"c=IN IP4 192.168.1.5\r\n"                                             \
	"t=0 0\r\n"
#define AUDIO "m=audio 10000 RTP/AVP 0 8 18 101\r\n"

static const char offer[] = HEAD "b=AS:84\r\n" AUDIO "a=rtpmap:0 PCMU/8000\r\n"
				 "a=rtpmap:8 PCMA/8000\r\n"
				 "a=rtpmap:18 G729/8000\r\n"
				 "a=fmtp:18 annexb=no\r\n"
				 "a=rtpmap:101 telephone-event/8000\r\n"
				 "a=fmtp:101 0-16\r\n"
				 "a=rtcp:10001 IN IP4 192.168.1.5\r\n"
				 "a=ptime:20\r\n"
				 "m=video 0 RTP/AVP 99\r\n"
				 "c=IN IP4 198.51.100.9\r\n"
				 "a=rtpmap:99 H264/90000\r\n"
				 "a=inactive\r\n";

static struct sdp sdp;
static struct sdp_edits edits;
static char out_buf[SDP_BODY_MAX];

static void
ck_read(struct sdp *s, const char *body)
{
	const char *fault;

	ck_assert_msg(
	    sdp_read(s, span_of(body), &fault), "%s in %s", fault, body);
	ck_assert_ptr_null(fault);
}

static void
ck_refused(const char *body, const char *words)
{
	const char *fault = NULL;

	ck_assert_msg(!sdp_read(&sdp, span_of(body), &fault), "%s", body);
	ck_assert_ptr_nonnull(fault);
	ck_assert_msg(strstr(fault, words) != NULL, "%s", fault);
}

static void
begin(const char *body)
{
	ck_read(&sdp, body);
	sdp_edit_begin(&edits, &sdp);
}

static struct span
written(void)
{
	struct text out = text_over(out_buf, sizeof(out_buf));
	struct span result;

	ck_assert(sdp_edit_write(&edits, &out, &result));
	return result;
}

/* --- reading --- */

START_TEST(reads_an_offer)
{
	struct sdp_origin o;
	struct sdp_host host;

	ck_read(&sdp, offer);
	ck_assert_uint_eq(sdp.media_n, 2);
	ck_assert_span(sdp.media[0].kind, "audio");
	ck_assert_uint_eq(sdp.media[0].port, 10000);
	ck_assert_uint_eq(sdp.media[0].count, 1);
	ck_assert_span(sdp.media[0].proto, "RTP/AVP");
	ck_assert_span(sdp.media[0].formats, "0 8 18 101");
	ck_assert_span(sdp.media[1].kind, "video");
	ck_assert_uint_eq(sdp.media[1].port, 0);
	ck_assert(sdp_origin(&sdp, &o));
	ck_assert_span(o.user, "pbx");
	ck_assert_span(o.session, "4711");
	ck_assert_span(o.version, "3");
	ck_assert_span(o.host.text, "192.168.1.5");
	ck_assert(sdp_connection(&sdp, 0, &host));
	ck_assert_span(host.text, "192.168.1.5");
	ck_assert_uint_eq(host.ip.family, AF_INET);
	ck_assert_uint_eq(host.ip.port, 10000);
	ck_assert(sdp_connection(&sdp, 1, &host));
	ck_assert_span(host.text, "198.51.100.9");
	ck_assert(sdp_connection(&sdp, SDP_SESSION, &host));
	ck_assert_uint_eq(host.ip.port, 0);
	ck_assert_int_eq(sdp_direction(&sdp, 0), SDP_SENDRECV);
	ck_assert_int_eq(sdp_direction(&sdp, 1), SDP_INACTIVE);
}

END_TEST

START_TEST(reads_what_is_odd_and_harmless)
{
	struct sdp_origin o;
	struct sdp_host host;

	/* Bare LF, no last line end, unknown lines, c= behind a=, blanks. */
	ck_read(&sdp,
	    "v=0\no=John Q. Public 1 2 IN IP6 2001:db8::1 \nz=?\nx=y\nt=0 0\n"
	    "m=audio  4000/2 \tRTP/SAVP 0\t8 \na=sendonly \nc=IN IP4 "
	    "pbx.example");
	ck_assert(sdp_origin(&sdp, &o));
	ck_assert_span(o.user, "John Q. Public");
	ck_assert_span(o.version, "2");
	ck_assert_uint_eq(o.host.ip.family, AF_INET6);
	ck_assert_uint_eq(sdp.media[0].count, 2);
	ck_assert_span(sdp.media[0].proto, "RTP/SAVP");
	ck_assert(sdp_connection(&sdp, 0, &host));
	ck_assert_span(host.text, "pbx.example");
	ck_assert_uint_eq(host.ip.family, 0);
	ck_assert(sdp_media_held(&sdp, 0));
	/* Blank lines at the end; no media; no o=. */
	ck_read(&sdp, "v=0\r\ns=-\r\n\r\n\r\n");
	ck_assert_uint_eq(sdp.media_n, 0);
	ck_assert(!sdp_origin(&sdp, &o));
	/* A refused media needs neither address nor format. */
	ck_read(&sdp, "v=0\r\nm=video 0 RTP/AVP\r\n");
	ck_assert(!sdp_connection(&sdp, 0, &host));
}

END_TEST

START_TEST(refuses_what_makes_no_sense)
{
	static const char *const media[] = { "m=", "m=audio", "m=audio 1",
		"m=audio 1 RTP/AVP", "m=audio 65536 RTP/AVP 0",
		"m=audio -1 RTP/AVP 0", "m=audio x RTP/AVP 0",
		"m=audio 1/0 RTP/AVP 0", "m=audio 1/ RTP/AVP 0",
		"m=audio 1/2/3 RTP/AVP 0", "m=audio /1 RTP/AVP 0" };
	char body[256];
	size_t i;

	ck_refused("", "v=0");
	ck_refused("o=- 1 1 IN IP4 1.2.3.4\r\n", "v=0");
	ck_refused("v=1\r\n", "v=0");
	ck_refused("v=0\r\ns=-\r\nv=0\r\n", "second");
	ck_refused("v=0\r\nnonsense\r\n", "type");
	ck_refused("v=0\r\n=x\r\n", "type");
	ck_refused("v=0\r\nc=IN IP4\r\n", "c=");
	ck_refused("v=0\r\nm=audio 1 RTP/AVP 0\r\n", "no line c=");
	ck_refused("v=0\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP4 1.2.3.4\r\n"
		   "m=audio 2 RTP/AVP 0\r\n",
	    "no line c=");
	ck_refused("v=0\r\ns=a\rb\r\n", "control");
	ck_refused("v=0\r\ns=\x7f\r\n", "control");
	ck_refused("v=0\x01\r\n", "v=0");
	for (i = 0; i < ARRAY_LEN(media); i++) {
		snprintf(body, sizeof(body), HEAD "%s\r\n", media[i]);
		ck_refused(body, "m=");
	}
}

END_TEST

/* `head`, then `n` times `line`, then `tail`. */
static const char *
repeated(const char *head, const char *line, unsigned n, const char *tail)
{
	static char body[SDP_BODY_MAX + 1024];
	size_t at = (size_t)sprintf(body, "%s", head);

	while (n-- > 0)
		at += (size_t)sprintf(body + at, "%s", line);
	sprintf(body + at, "%s", tail);
	return body;
}

START_TEST(refuses_what_is_over_the_limits)
{
	ck_read(&sdp, repeated("v=0\n", "a=x\n", SDP_LINES_MAX - 1, ""));
	ck_refused(repeated("v=0\n", "a=x\n", SDP_LINES_MAX, ""), "lines");
	ck_read(&sdp,
	    repeated("v=0\n", "m=audio 0 RTP/AVP 0\n", SDP_MEDIA_MAX, ""));
	ck_refused(
	    repeated("v=0\n", "m=audio 0 RTP/AVP 0\n", SDP_MEDIA_MAX + 1, ""),
	    "many media");
	ck_read(&sdp,
	    repeated("v=0\nm=audio 0 RTP/AVP", " 0", SDP_FORMATS_MAX, "\n"));
	ck_refused(
	    repeated("v=0\nm=audio 0 RTP/AVP", " 0", SDP_FORMATS_MAX + 1, "\n"),
	    "m=");
	ck_refused(repeated("v=0\ns=", "0123456789abcdef", 4096, "\n"), "long");
}

END_TEST

START_TEST(control_byte_nul_is_refused)
{
	static const char body[] = "v=0\r\ns=a\0b\r\n";
	const char *fault;

	ck_assert(!sdp_read(&sdp, SPAN(body), &fault));
}

END_TEST

START_TEST(finds_lines_and_attributes)
{
	struct span value;
	int i;

	ck_read(&sdp, offer);
	i = sdp_find_attribute(&sdp, 0, SPAN("rtpmap"), 0, &value);
	ck_assert_int_eq(i, (int)sdp.media[0].first + 1);
	ck_assert_span(value, "0 PCMU/8000");
	i = sdp_find_attribute(
	    &sdp, 0, SPAN("rtpmap"), (unsigned)i + 1, &value);
	ck_assert_span(value, "8 PCMA/8000");
	ck_assert_int_ge(
	    sdp_find_attribute(&sdp, 1, SPAN("inactive"), 0, &value), 0);
	ck_assert(span_empty(value));
	ck_assert_int_eq(
	    sdp_find_attribute(&sdp, SDP_SESSION, SPAN("rtpmap"), 0, NULL), -1);
	ck_assert_int_eq(
	    sdp_find_attribute(&sdp, 0, SPAN("inactive"), 0, NULL), -1);
	ck_assert_int_eq(sdp_find(&sdp, SDP_SESSION, 's', 0), 2);
	ck_assert_int_eq(sdp_find(&sdp, SDP_SESSION, 's', 3), -1);
	ck_assert_int_eq(sdp_find(&sdp, 0, 'c', 0), -1);
}

END_TEST

START_TEST(knows_hold)
{
	static const struct {
		const char *body;
		bool held;
	} rows[] = {
		{ HEAD AUDIO, false },
		{ HEAD AUDIO "a=recvonly\r\n", false },
		{ HEAD AUDIO "a=sendonly\r\n", true },
		{ HEAD AUDIO "a=inactive\r\n", true },
		{ HEAD "a=sendonly\r\n" AUDIO, true },
		{ HEAD "a=sendonly\r\n" AUDIO "a=sendrecv\r\n", false },
		{ HEAD AUDIO "c=IN IP4 0.0.0.0\r\n", true },
		{ HEAD AUDIO "c=IN IP6 ::\r\n", true },
		{ HEAD "a=inactive\r\nm=audio 0 RTP/AVP 0\r\n", false },
	};

	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ck_read(&sdp, rows[i].body);
		ck_assert_msg(
		    sdp_media_held(&sdp, 0) == rows[i].held, "%s",
		    rows[i].body);
	}
}

END_TEST

START_TEST(compares_sessions)
{
	static struct sdp other;

	ck_read(&sdp, HEAD AUDIO);
	ck_read(&other, "v=0\no=x 1 2 IN IP6 ::1\ns=-\n"
			"c=IN IP4 192.168.1.5\nt=0 0\n" AUDIO);
	ck_assert(sdp_same_but_origin(&sdp, &other));
	ck_read(&other, HEAD AUDIO "a=sendonly\r\n");
	ck_assert(!sdp_same_but_origin(&sdp, &other));
	ck_read(&other, HEAD "m=audio 10002 RTP/AVP 0 8 18 101\r\n");
	ck_assert(!sdp_same_but_origin(&sdp, &other));
	ck_read(&other, "v=0\r\no=x 1 2 IN IP6 ::1\r\ns=-\r\n"
			"c=IN IP4 192.168.1.6\r\nt=0 0\r\n" AUDIO);
	ck_assert(!sdp_same_but_origin(&sdp, &other));
	ck_read(&other, "v=0\r\ns=-\r\no=x 1 2 IN IP6 ::1\r\n"
			"c=IN IP4 192.168.1.5\r\nt=0 0\r\n" AUDIO);
	ck_assert(!sdp_same_but_origin(&sdp, &other));
	/* An o= line that nobody can read, and none at all. */
	ck_read(&sdp, "v=0\r\no=x\r\n");
	ck_read(&other, "v=0\r\no=y\r\n");
	ck_assert(sdp_same_but_origin(&sdp, &other));
	ck_read(&other, "v=0\r\n");
	ck_assert(!sdp_same_but_origin(&sdp, &other));
	ck_read(&sdp, "v=0\r\n");
	ck_assert(sdp_same_but_origin(&sdp, &other));
}

END_TEST

START_TEST(compares_answers)
{
	static struct sdp other;

	ck_read(&sdp, offer);
	ck_read(&other, HEAD AUDIO "m=video 0 RTP/AVP 99\r\n");
	ck_assert(sdp_same_media(&sdp, &other));
	ck_read(&other, HEAD AUDIO);
	ck_assert(!sdp_same_media(&sdp, &other));
	ck_read(&other, HEAD "m=video 0 RTP/AVP 99\r\n" AUDIO);
	ck_assert(!sdp_same_media(&sdp, &other));
}

END_TEST

/* --- edits --- */

START_TEST(nothing_changed_is_the_same_span)
{
	begin(offer);
	ck_assert_ptr_eq(written().p, offer);
	/* A change to what it is already is none. */
	ck_assert(sdp_edit_replace(&edits, 2, SPAN("s=-")));
	ck_assert_uint_eq(edits.changes, 0);
	ck_assert_ptr_eq(written().p, offer);
}

END_TEST

START_TEST(other_bytes_are_kept)
{
	begin("v=0\ns=-  \r\nx=\xff\nt=0 0\r\na=one\na=two\r\na=three");
	ck_assert(sdp_edit_replace(&edits, 4, SPAN("a=1")));
	ck_assert(sdp_edit_delete(&edits, 5));
	ck_assert(sdp_edit_insert(&edits, 6, SPAN("a=4")));
	ck_assert(sdp_edit_insert(&edits, 6, SPAN("a=5")));
	ck_assert(sdp_edit_insert(&edits, 1, SPAN("i=info")));
	ck_assert_span(written(),
	    "v=0\ns=-  \r\ni=info\r\nx=\xff\nt=0 0\r\na=1\r\na=three\r\n"
	    "a=4\r\na=5\r\n");
	ck_assert_span(sdp_edit_line(&edits, 4), "a=1");
	ck_assert(span_empty(sdp_edit_line(&edits, 5)));
	ck_assert_span(sdp_edit_line(&edits, 6), "a=three");
}

END_TEST

START_TEST(a_last_line_without_end_gets_one)
{
	begin("v=0\r\ns=-\r");
	ck_assert(sdp_edit_insert(&edits, 1, SPAN("a=x")));
	ck_assert_span(written(), "v=0\r\ns=-\r\na=x\r\n");
	begin("v=0\ns=-");
	ck_assert(sdp_edit_insert(&edits, 1, SPAN("a=x")));
	ck_assert_span(written(), "v=0\ns=-\r\na=x\r\n");
}
END_TEST

START_TEST(structure_is_guarded)
{
	unsigned i;

	begin(offer);
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(sdp_edit_delete(&edits, i), i == 3);
	sdp_edit_begin(&edits, &sdp);
	ck_assert(!sdp_edit_delete(&edits, sdp.media[1].first));
	ck_assert(!sdp_edit_replace(&edits, 2, SPAN("m=audio 1 RTP/AVP 0")));
	ck_assert(!sdp_edit_replace(&edits, 2, SPAN("s=a\r\nm=audio 1 X 0")));
	ck_assert(!sdp_edit_replace(&edits, 2, SPAN("s")));
	ck_assert(!sdp_edit_replace(&edits, 2, SPAN_NONE));
	ck_assert(!sdp_edit_replace(
	    &edits, sdp.media[0].first, SPAN("m=video 1 RTP/AVP 0")));
	ck_assert(!sdp_edit_replace(
	    &edits, sdp.media[0].first, SPAN("m=audio 1 RTP/AVP")));
	ck_assert(!sdp_edit_replace(&edits, sdp.media[0].first, SPAN("a=x")));
	ck_assert(!sdp_edit_insert(&edits, 3, SPAN("m=audio 1 RTP/AVP 0")));
	ck_assert(!sdp_edit_insert(&edits, 3, SPAN("v=0")));
	ck_assert(!sdp_edit_insert(&edits, 3, SPAN("o=- 1 1 IN IP4 1.2.3.4")));
	ck_assert(!sdp_edit_insert(&edits, 3, SPAN("a=\nb")));
	ck_assert(!sdp_edit_insert(&edits, 3, SPAN("nonsense")));
	ck_assert_uint_eq(edits.changes, 0);
	ck_assert(!edits.overflow);
	ck_assert(sdp_edit_replace(
	    &edits, sdp.media[0].first, SPAN("m=audio 0 RTP/AVP 0")));
	ck_assert_uint_eq(edits.changes, 1);
}

END_TEST

START_TEST(the_writer_refuses_a_broken_result)
{
	struct text out = text_over(out_buf, sizeof(out_buf));
	struct span result;

	/* Without c= the audio has no address any more. */
	begin(offer);
	ck_assert(sdp_edit_delete(&edits, 3));
	ck_assert(!sdp_edit_write(&edits, &out, &result));
}

END_TEST

START_TEST(the_writer_stays_in_bounds)
{
	struct span result, whole;
	char small[sizeof(offer) + 8];
	size_t n;

	begin(offer);
	ck_assert(sdp_edit_replace(&edits, 2, SPAN("s=call")));
	whole = written();
	ck_assert_uint_eq(whole.n, sizeof(offer) - 1 + 3);
	for (n = 0; n <= whole.n; n++) {
		struct text out = text_over(small, n);

		ck_assert_int_eq(
		    sdp_edit_write(&edits, &out, &result), n == whole.n);
	}
	for (n = 0; n < SDP_INSERTS_MAX; n++)
		ck_assert(sdp_edit_insert(&edits, 3, SPAN("a=x")));
	ck_assert(!sdp_edit_insert(&edits, 3, SPAN("a=x")));
	ck_assert(edits.overflow);
}

END_TEST

/* --- addresses --- */

static char told_buf[8192];
static struct text told_text;

static void
told(void *arg, struct span target, struct span before, struct span after)
{
	(void)arg;
	text_add(&told_text, target);
	text_add_char(&told_text, ' ');
	text_add(&told_text, before);
	TEXT_LIT(&told_text, " -> ");
	text_add(&told_text, after);
	text_add_char(&told_text, '\n');
}

static const struct sdp_changed teller = { told, NULL };

static unsigned
replace_private(const char *with, bool keep_candidates)
{
	struct address to;

	told_text = text_over(told_buf, sizeof(told_buf));
	ck_assert(address_parse_ip(span_of(with), &to));
	return sdp_replace_private(&edits, &to, keep_candidates, &teller);
}

START_TEST(private_addresses_are_replaced)
{
	begin(offer);
	ck_assert_uint_eq(replace_private("203.0.113.7", false), 3);
	ck_assert_span(written(), "v=0\r\n"
				  "o=pbx 4711 3 IN IP4 203.0.113.7\r\n"
				  "s=-\r\n"
				  "c=IN IP4 203.0.113.7\r\n"
				  "t=0 0\r\n"
				  "b=AS:84\r\n" AUDIO "a=rtpmap:0 PCMU/8000\r\n"
				  "a=rtpmap:8 PCMA/8000\r\n"
				  "a=rtpmap:18 G729/8000\r\n"
				  "a=fmtp:18 annexb=no\r\n"
				  "a=rtpmap:101 telephone-event/8000\r\n"
				  "a=fmtp:101 0-16\r\n"
				  "a=rtcp:10001 IN IP4 203.0.113.7\r\n"
				  "a=ptime:20\r\n"
				  "m=video 0 RTP/AVP 99\r\n"
				  "c=IN IP4 198.51.100.9\r\n"
				  "a=rtpmap:99 H264/90000\r\n"
				  "a=inactive\r\n");
	ck_assert_span(text_span(&told_text),
	    "sdp.o 192.168.1.5 -> 203.0.113.7\n"
	    "sdp.c 192.168.1.5 -> 203.0.113.7\n"
	    "sdp.media[0].rtcp 192.168.1.5 -> 203.0.113.7\n");
}

END_TEST

START_TEST(replacing_twice_changes_nothing)
{
	static char once[2048];
	struct span first;

	begin(offer);
	ck_assert_uint_eq(replace_private("203.0.113.7", false), 3);
	first = written();
	memcpy(once, first.p, first.n);
	once[first.n] = '\0';
	begin(once);
	ck_assert_uint_eq(replace_private("203.0.113.7", false), 0);
	ck_assert_ptr_eq(written().p, once);
	/* A private address of our own is no reason to go on and on either. */
	begin("v=0\r\nc=IN IP4 10.0.0.1\r\n");
	ck_assert_uint_eq(replace_private("10.0.0.1", false), 0);
}

END_TEST

START_TEST(the_family_may_change)
{
	begin("v=0\n"
	      "o=John Doe 1 2 IN IP4 10.1.1.1\n"
	      "c=IN IP4 10.1.1.1/127 \n"
	      "m=audio 4000 RTP/AVP 0\n"
	      "c=IN IP6 fd00::5\n"
	      "a=rtcp:4001 IN IP4 10.1.1.1\n");
	ck_assert_uint_eq(replace_private("2001:db8::7", false), 4);
	ck_assert_span(written(), "v=0\n"
				  "o=John Doe 1 2 IN IP6 2001:db8::7\r\n"
				  "c=IN IP6 2001:db8::7 \r\n"
				  "m=audio 4000 RTP/AVP 0\n"
				  "c=IN IP6 2001:db8::7\r\n"
				  "a=rtcp:4001 IN IP6 2001:db8::7\r\n");
	begin("v=0\r\nc=IN IP6 fe80::1\r\no=- 1 1 IN ip4 10.0.0.1\r\n");
	ck_assert_uint_eq(replace_private("192.0.2.1", false), 2);
	ck_assert_span(written(),
	    "v=0\r\nc=IN IP4 192.0.2.1\r\no=- 1 1 IN ip4 192.0.2.1\r\n");
}

END_TEST

START_TEST(hold_names_and_public_addresses_stay)
{
	static const char *const values[] = { "IP4 0.0.0.0",
		"IP6 ::", "IP4 pbx.local", "IP4 192.0.2.5", "IP6 2001:db8::5",
		"IP4 224.2.1.1/127/3" };
	char body[256];
	size_t i;

	for (i = 0; i < ARRAY_LEN(values); i++) {
		snprintf(body, sizeof(body),
		    "v=0\r\nc=IN %s\r\nm=audio 4 RTP/AVP 0\r\na=rtcp:5\r\n",
		    values[i]);
		begin(body);
		ck_assert_uint_eq(replace_private("203.0.113.7", false), 0);
		ck_assert_ptr_eq(written().p, body);
	}
}

END_TEST

START_TEST(every_private_range_is_replaced)
{
	static const char *const values[] = { "10.255.0.1", "172.16.0.1",
		"172.31.255.255", "192.168.0.1", "100.64.0.1", "127.0.0.1",
		"169.254.1.1", "fd12::1", "fe80::1", "::1" };
	char body[256];
	size_t i;

	for (i = 0; i < ARRAY_LEN(values); i++) {
		snprintf(body, sizeof(body),
		    "v=0\r\nm=audio 0 RTP/AVP 0\r\nc=IN %s %s\r\n",
		    strchr(values[i], ':') == NULL ? "IP4" : "IP6", values[i]);
		begin(body);
		ck_assert_uint_eq(replace_private("203.0.113.7", false), 1);
		ck_assert_span(written(), "v=0\r\nm=audio 0 RTP/AVP 0\r\n"
					  "c=IN IP4 203.0.113.7\r\n");
	}
}

END_TEST

static const char ice[] = HEAD AUDIO
    "a=candidate:1 1 UDP 2130706431 192.168.1.5 10000 typ host\r\n"
    "a=candidate:2 1 UDP 1694498815 198.51.100.9 20000 typ srflx raddr "
    "192.168.1.5 rport 10000\r\n"
    "a=candidate:3 1 UDP 1 6fc5.local 4 typ host\r\n"
    "a=remote-candidates:1 10.0.0.9 7 2 198.51.100.8 8\r\n";

START_TEST(dead_candidates_are_deleted)
{
	begin(ice);
	ck_assert_uint_eq(replace_private("203.0.113.7", false), 5);
	ck_assert_span(written(),
	    "v=0\r\no=pbx 4711 3 IN IP4 203.0.113.7\r\ns=-\r\n"
	    "c=IN IP4 203.0.113.7\r\nt=0 0\r\n" AUDIO
	    "a=candidate:2 1 UDP 1694498815 198.51.100.9 20000 typ srflx raddr "
	    "192.168.1.5 rport 10000\r\n");
	ck_assert(span_find_span(text_span(&told_text),
		      SPAN("sdp.media[0].candidate 1 1 UDP 2130706431 "
			   "192.168.1.5 10000 typ host -> \n")) > 0);
	begin(ice);
	ck_assert_uint_eq(replace_private("203.0.113.7", true), 2);
	ck_assert(span_find_span(written(), SPAN("raddr 192.168.1.5")) > 0);
	ck_assert(span_find_span(written(), SPAN("6fc5.local")) > 0);
}

END_TEST

START_TEST(replacing_in_the_largest_body_fits_or_is_told)
{
	struct text out = text_over(out_buf, sizeof(out_buf));
	const char *body = repeated("v=0\n", "c=IN IP4 10.0.0.1\n", 500, "");
	struct span result;

	begin(body);
	replace_private("2001:db8:1111:2222:3333:4444:5555:6666", false);
	ck_assert(edits.overflow);
	ck_assert(!sdp_edit_write(&edits, &out, &result));
	body = repeated("v=0\n", "c=IN IP4 10.0.0.1\n", 200, "");
	begin(body);
	ck_assert_uint_eq(replace_private("192.0.2.1", false), 200);
	ck_assert_uint_eq(written().n, 4 + 200 * 20);
}

END_TEST

/* --- direction, codecs --- */

START_TEST(direction_is_set)
{
	told_text = text_over(told_buf, sizeof(told_buf));
	begin("v=0\na=sendonly\nc=IN IP4 1.2.3.4\nm=audio 4 RTP/AVP 0\na=x\n\n"
	      "m=audio 6 RTP/AVP 0\na=recvonly\na=inactive");
	ck_assert(sdp_set_direction(&edits, 0, SDP_SENDONLY, &teller));
	ck_assert_uint_eq(edits.changes, 0);
	ck_assert(sdp_set_direction(&edits, 0, SDP_SENDRECV, &teller));
	ck_assert(sdp_set_direction(&edits, 1, SDP_SENDONLY, &teller));
	ck_assert_span(written(),
	    "v=0\na=sendonly\nc=IN IP4 1.2.3.4\nm=audio 4 RTP/AVP 0\na=x\n"
	    "a=sendrecv\r\n\n"
	    "m=audio 6 RTP/AVP 0\na=sendonly\r\na=sendonly\r\n");
	ck_assert_span(text_span(&told_text),
	    "sdp.media[0].direction sendonly -> sendrecv\n"
	    "sdp.media[1].direction inactive -> sendonly\n");
}

END_TEST

START_TEST(directions_are_set)
{
	begin("v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 4 RTP/AVP 0\r\n"
	      "a=sendonly\r\nm=image 0 udptl t38\r\n"
	      "m=video 6 RTP/AVP 99\r\n");
	ck_assert(sdp_set_directions(&edits, SDP_INACTIVE, NULL));
	ck_assert_span(written(),
	    "v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 4 RTP/AVP 0\r\n"
	    "a=inactive\r\nm=image 0 udptl t38\r\n"
	    "m=video 6 RTP/AVP 99\r\na=inactive\r\n");
}

END_TEST

/* --- hold --- */

#define TOP  "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\n"
#define HERE "c=IN IP4 1.2.3.4\r\n"
#define ZERO "c=IN IP4 0.0.0.0\r\n"
#define MUSIC "m=audio 4 RTP/AVP 0\r\n"

START_TEST(forms_of_hold_are_known)
{
	static const struct {
		const char *body;
		enum sdp_hold form;
	} rows[] = {
		{ TOP HERE MUSIC, SDP_HOLD_NONE },
		{ TOP HERE MUSIC "a=sendrecv\r\n", SDP_HOLD_NONE },
		{ TOP HERE MUSIC "a=sendonly\r\n", SDP_HOLD_SENDONLY },
		{ TOP HERE MUSIC "a=recvonly\r\n", SDP_HOLD_RECVONLY },
		{ TOP HERE "a=inactive\r\n" MUSIC, SDP_HOLD_INACTIVE },
		{ TOP ZERO MUSIC, SDP_HOLD_ADDRESS },
		{ TOP HERE MUSIC ZERO, SDP_HOLD_ADDRESS },
		{ TOP HERE MUSIC "c=IN IP6 ::\r\n", SDP_HOLD_ADDRESS },
		{ TOP ZERO MUSIC HERE, SDP_HOLD_NONE },
		{ TOP ZERO MUSIC "a=sendonly\r\n", SDP_HOLD_SENDONLY },
		{ TOP ZERO "m=audio 0 RTP/AVP 0\r\n", SDP_HOLD_OFF },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ck_read(&sdp, rows[i].body);
		ck_assert_msg(sdp_hold(&sdp, 0) == rows[i].form, "%s: %d",
		    rows[i].body, sdp_hold(&sdp, 0));
	}
}

END_TEST

START_TEST(hold_changes_its_form)
{
	static const struct {
		const char *before;
		enum sdp_hold form;
		const char *after;
	} rows[] = {
		{ TOP HERE MUSIC, SDP_HOLD_NONE, TOP HERE MUSIC },
		{ TOP HERE MUSIC "a=sendonly\r\n", SDP_HOLD_ADDRESS,
		    TOP HERE MUSIC ZERO "a=sendrecv\r\n" },
		{ TOP HERE MUSIC "i=x\nb=AS:64\na=inactive\n" MUSIC,
		    SDP_HOLD_ADDRESS,
		    TOP HERE MUSIC "i=x\n" ZERO "b=AS:64\na=sendrecv\r\n" MUSIC },
		{ TOP MUSIC HERE, SDP_HOLD_ADDRESS, TOP MUSIC ZERO },
		{ TOP MUSIC "c=IN IP6 ::1\r\n", SDP_HOLD_ADDRESS,
		    TOP MUSIC "c=IN IP6 ::\r\n" },
		{ TOP ZERO MUSIC, SDP_HOLD_ADDRESS, TOP ZERO MUSIC },
		{ TOP ZERO MUSIC, SDP_HOLD_SENDONLY,
		    TOP ZERO MUSIC
		    "c=IN IP4 192.0.2.7\r\na=sendonly\r\n" },
		{ TOP MUSIC "c=IN IP6 ::\r\n", SDP_HOLD_INACTIVE,
		    TOP MUSIC "c=IN IP4 192.0.2.7\r\na=inactive\r\n" },
		{ TOP HERE MUSIC ZERO, SDP_HOLD_NONE,
		    TOP HERE MUSIC "c=IN IP4 192.0.2.7\r\n" },
		{ TOP HERE MUSIC "a=sendonly\r\n", SDP_HOLD_INACTIVE,
		    TOP HERE MUSIC "a=inactive\r\n" },
		{ TOP HERE MUSIC, SDP_HOLD_RECVONLY,
		    TOP HERE MUSIC "a=recvonly\r\n" },
	};
	struct address own;
	size_t i;

	ck_assert(address_parse_ip(SPAN("192.0.2.7"), &own));
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		begin(rows[i].before);
		ck_assert(sdp_set_hold(&edits, 0, rows[i].form, &own, NULL));
		ck_assert_span(written(), rows[i].after);
		ck_read(&sdp, rows[i].after);
		ck_assert_int_eq(sdp_hold(&sdp, 0), rows[i].form);
	}
}

END_TEST

START_TEST(hold_tells_or_refuses)
{
	struct address none = { .family = AF_INET };

	told_text = text_over(told_buf, sizeof(told_buf));
	begin(TOP HERE MUSIC "a=sendonly\r\n");
	ck_assert(
	    sdp_set_hold(&edits, 0, SDP_HOLD_ADDRESS, NULL, &teller));
	ck_assert_span(text_span(&told_text),
	    "sdp.media[0].c 1.2.3.4 -> 0.0.0.0\n"
	    "sdp.media[0].direction sendonly -> sendrecv\n");
	begin(TOP ZERO MUSIC "m=audio 0 RTP/AVP 0\r\n");
	ck_assert(!sdp_set_hold(&edits, 0, SDP_HOLD_NONE, NULL, NULL));
	ck_assert(!sdp_set_hold(&edits, 0, SDP_HOLD_NONE, &none, NULL));
	ck_assert(!sdp_set_hold(&edits, 0, SDP_HOLD_OFF, NULL, NULL));
	ck_assert(!sdp_set_hold(&edits, 1, SDP_HOLD_ADDRESS, NULL, NULL));
	ck_assert_uint_eq(edits.changes, 0);
}

END_TEST

/* --- the origin --- */

START_TEST(origin_is_written_anew)
{
	static struct sdp own;
	struct sdp_origin as;

	ck_read(&own, "v=0\r\no=John Q 77 9 IN IP6 2001:db8::1\r\n");
	ck_assert(sdp_origin(&own, &as));
	begin(HEAD AUDIO "a=odd \n");
	ck_assert(sdp_set_origin(&edits, &as, UINT64_MAX));
	ck_assert_span(written(),
	    "v=0\r\n"
	    "o=John Q 77 18446744073709551615 IN IP6 2001:db8::1\r\n"
	    "s=-\r\nc=IN IP4 192.168.1.5\r\nt=0 0\r\n" AUDIO "a=odd \n");
	begin(HEAD AUDIO);
	as = (struct sdp_origin){ .user = SPAN_NONE,
		.session = SPAN("4711"),
		.host = { .type = SPAN("IP4"), .text = SPAN("1.2.3.4") } };
	ck_assert(sdp_set_origin(&edits, &as, 0));
	ck_assert_span(sdp_edit_line(&edits, 1), "o=- 4711 0 IN IP4 1.2.3.4");
	/* The line that is there already is no change. */
	begin(HEAD AUDIO);
	ck_assert(sdp_origin(&sdp, &as));
	ck_assert(sdp_set_origin(&edits, &as, 3));
	ck_assert_uint_eq(edits.changes, 0);
	as.session = SPAN("1 2");
	ck_assert(!sdp_set_origin(&edits, &as, 3));
	as.session = SPAN("");
	ck_assert(!sdp_set_origin(&edits, &as, 3));
	as.session = SPAN("1\r");
	ck_assert(!sdp_set_origin(&edits, &as, 3));
	ck_assert_uint_eq(edits.changes, 0);
	begin("v=0\r\ns=-\r\n");
	as.session = SPAN("1");
	ck_assert(!sdp_set_origin(&edits, &as, 3));
}

END_TEST

/* --- descriptions of our own --- */

static struct address own_address;
static struct sdp_author author = { 4711, 2, &own_address };

static struct text
room(size_t n)
{
	ck_assert(address_parse_ip(SPAN("192.0.2.7"), &own_address));
	return text_over(out_buf, n);
}

#define OWN                                                                    \
	"v=0\r\no=- 4711 2 IN IP4 192.0.2.7\r\ns=-\r\n"                        \
	"c=IN IP4 192.0.2.7\r\n"

START_TEST(an_offer_is_made)
{
	static const struct span names[] = { { "opus", 4 }, { "pcmu", 4 },
		{ "nothing", 7 }, { "G729", 4 }, { "PCMU", 4 },
		{ "telephone-event", 15 } };
	struct text out = room(SDP_BODY_MAX);

	ck_assert(sdp_offer_write(&out, &author, 40000, SDP_SENDRECV, names,
	    ARRAY_LEN(names)));
	ck_assert_span(text_span(&out),
	    OWN "t=0 0\r\nm=audio 40000 RTP/AVP 111 0 18 101\r\n"
		"a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\n"
		"a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n"
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
		"a=sendrecv\r\n");
	ck_assert(address_parse_ip(SPAN("2001:db8::7"), &own_address));
	out.len = 0;
	ck_assert(sdp_offer_write(
	    &out, &author, 9, SDP_INACTIVE, &names[5], 1) == false);
	ck_assert_uint_eq(out.len, 0);
	ck_assert(sdp_offer_write(
	    &out, &author, 9, SDP_INACTIVE, &names[0], 1));
	ck_assert_span(text_span(&out),
	    "v=0\r\no=- 4711 2 IN IP6 2001:db8::7\r\ns=-\r\n"
	    "c=IN IP6 2001:db8::7\r\nt=0 0\r\nm=audio 9 RTP/AVP 111\r\n"
	    "a=rtpmap:111 opus/48000/2\r\na=inactive\r\n");
}

END_TEST

START_TEST(events_have_the_clock_of_a_codec)
{
	static const struct {
		struct span names[3];
		const char *event;
	} rows[] = {
		{ { { "telephone-event", 15 }, { "opus", 4 }, { "CN", 2 } },
		    "telephone-event/48000\r" },
		{ { { "telephone-event", 15 }, { "opus", 4 }, { "PCMA", 4 } },
		    "telephone-event/8000\r" },
		{ { { "AMR-WB", 6 }, { "opus", 4 }, { "telephone-event", 15 } },
		    "telephone-event/16000\r" },
	};
	struct text out = room(SDP_BODY_MAX);
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		out.len = 0;
		ck_assert(sdp_offer_write(
		    &out, &author, 2, SDP_SENDRECV, rows[i].names, 3));
		ck_assert_int_ge(span_find_span(text_span(&out),
				     span_of(rows[i].event)),
		    0);
	}
}

END_TEST

START_TEST(an_offer_that_cannot_be_is_not_made)
{
	static const struct span names[] = { { "CN", 2 }, { "PCMU", 4 } };
	struct text out = room(SDP_BODY_MAX);
	size_t i, n;

	ck_assert(!sdp_offer_write(&out, &author, 2, SDP_SENDRECV, names, 0));
	ck_assert(!sdp_offer_write(&out, &author, 2, SDP_SENDRECV, names, 1));
	ck_assert(!sdp_offer_write(&out, &author, 0, SDP_SENDRECV, names, 2));
	ck_assert(sdp_offer_write(&out, &author, 2, SDP_SENDRECV, names, 2));
	n = out.len;
	for (i = 0; i < n; i++) {
		out = room(i);
		ck_assert(!sdp_offer_write(
		    &out, &author, 2, SDP_SENDRECV, names, 2));
		ck_assert_uint_eq(out.len, 0);
	}
}

END_TEST

static const char given[] =
    "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nt=5 6\nm=audio 6/2 RTP/AVP 0 96\n"
    "c=IN IP4 10.0.0.2\na=rtpmap:96 opus/48000/2\na=fmtp:96 x\na=ptime:20\n"
    "a=candidate:1 1 UDP 1 10.0.0.1 6 typ host\na=sendonly\n"
    "m=video 0 RTP/AVP\nm=audio 8 RTP/SAVP 0\nc=IN IP4 10.0.0.3\n"
    "a=crypto:1 AES inline:x\nm=image 10 udptl t38\nc=IN IP4 10.0.0.4";

START_TEST(a_black_hole_is_made)
{
	static struct sdp made;
	struct text out = room(SDP_BODY_MAX);
	const char *fault;

	ck_read(&sdp, given);
	ck_assert(sdp_black_hole_write(&out, &author, &sdp));
	ck_assert_span(text_span(&out),
	    OWN "t=5 6\r\nm=audio 6/2 RTP/AVP 0 96\r\n"
		"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 x\r\na=inactive\r\n"
		"m=video 0 RTP/AVP\r\nm=audio 0 RTP/SAVP 0\r\n"
		"m=image 0 udptl t38\r\n");
	ck_assert(sdp_read(&made, text_span(&out), &fault));
	ck_assert(sdp_same_media(&sdp, &made));
	ck_assert(sdp_media_held(&made, 0));
	out = room(300);
	while (sdp_black_hole_write(&out, &author, &sdp))
		out = room(out.len - 1);
	ck_assert_uint_eq(out.len, 0);
}

END_TEST

START_TEST(lines_are_added_and_left_out)
{
	static const char two[] =
	    "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\n"
	    "m=audio 6 RTP/AVP 0\na=x\nm=video 8 RTP/AVP 96\na=y";
	static const char one[] =
	    "v=0\no=- 2 2 IN IP4 10.0.0.2\ns=-\nc=IN IP4 10.0.0.2\nt=0 0\n"
	    "m=audio 10 RTP/AVP 8\na=z";
	static struct sdp long_one, short_one;
	struct text out = room(SDP_BODY_MAX);

	ck_read(&long_one, two);
	ck_read(&short_one, one);
	ck_assert(sdp_fit_media_write(&out, &short_one, &long_one));
	ck_assert_span(text_span(&out),
	    "v=0\no=- 2 2 IN IP4 10.0.0.2\ns=-\nc=IN IP4 10.0.0.2\nt=0 0\n"
	    "m=audio 10 RTP/AVP 8\na=z\r\nm=video 0 RTP/AVP 96\r\n");
	out = room(SDP_BODY_MAX);
	ck_assert(sdp_fit_media_write(&out, &long_one, &short_one));
	ck_assert_span(text_span(&out),
	    "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\n"
	    "m=audio 6 RTP/AVP 0\na=x\n");
	out = room(SDP_BODY_MAX);
	ck_assert(sdp_fit_media_write(&out, &long_one, &long_one));
	ck_assert_span(text_span(&out), two);
	out = room(sizeof(one) + 20);
	ck_assert(!sdp_fit_media_write(&out, &short_one, &long_one));
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(codecs_that_can_be_offered)
{
	ck_assert(sdp_can_offer(SPAN("pcmu")));
	ck_assert(sdp_can_offer(SPAN("telephone-event")));
	ck_assert(!sdp_can_offer(SPAN("MP3")));
	ck_assert(!sdp_can_offer(SPAN_NONE));
}
END_TEST

START_TEST(codecs_are_found)
{
	struct sdp_codec codec;

	ck_read(&sdp, HEAD "m=audio 4 RTP/AVP 0 9 18 96 97 98\r\n"
			   "a=rtpmap:96 opus/48000/2\r\n"
			   "a=rtpmap:97  telephone-event/8000\r\n"
			   "a=rtpmap:18 G729A/8000\r\n");
	ck_assert(sdp_codec_find(&sdp, 0, SPAN("96"), &codec));
	ck_assert_span(codec.name, "opus");
	ck_assert_uint_eq(codec.clock, 48000);
	ck_assert_uint_eq(codec.channels, 2);
	ck_assert(sdp_codec_find(&sdp, 0, SPAN("9"), &codec));
	ck_assert_span(codec.name, "G722");
	ck_assert_uint_eq(codec.channels, 1);
	ck_assert(sdp_codec_find(&sdp, 0, SPAN("18"), &codec));
	ck_assert_span(codec.name, "G729A");
	ck_assert(sdp_codec_find(&sdp, 0, SPAN("97"), &codec));
	ck_assert(!sdp_codec_is_sound(&codec));
	ck_assert(!sdp_codec_find(&sdp, 0, SPAN("98"), &codec));
}

END_TEST

START_TEST(codecs_are_kept_by_name)
{
	static const struct span names[] = { { "pcma", 4 },
		{ "telephone-event", 15 }, { "PCMU", 4 } };

	told_text = text_over(told_buf, sizeof(told_buf));
	begin(offer);
	ck_assert(sdp_keep_codecs(&edits, 0, names, 3, &teller));
	ck_assert(sdp_keep_codecs(&edits, 1, names, 3, &teller));
	ck_assert_span(written(), HEAD "b=AS:84\r\n"
				       "m=audio 10000 RTP/AVP 0 8 101\r\n"
				       "a=rtpmap:0 PCMU/8000\r\n"
				       "a=rtpmap:8 PCMA/8000\r\n"
				       "a=rtpmap:101 telephone-event/8000\r\n"
				       "a=fmtp:101 0-16\r\n"
				       "a=rtcp:10001 IN IP4 192.168.1.5\r\n"
				       "a=ptime:20\r\n"
				       "m=video 0 RTP/AVP 99\r\n"
				       "c=IN IP4 198.51.100.9\r\n"
				       "a=rtpmap:99 H264/90000\r\n"
				       "a=inactive\r\n");
	ck_assert_span(text_span(&told_text),
	    "sdp.media[0].formats 0 8 18 101 -> 0 8 101\n");
}

END_TEST

START_TEST(the_last_codec_is_not_taken)
{
	static const struct span names[] = { { "telephone-event", 15 },
		{ "opus", 4 } };

	begin(offer);
	ck_assert(!sdp_keep_codecs(&edits, 0, names, 2, NULL));
	ck_assert_ptr_eq(written().p, offer);
	begin(HEAD "m=image 4 udptl t38\r\n");
	ck_assert(sdp_keep_codecs(&edits, 0, names, 2, NULL));
	ck_assert_uint_eq(edits.changes, 0);
}

END_TEST

START_TEST(changes_add_up)
{
	static const struct span names[] = { { "PCMA", 4 } };

	begin(HEAD AUDIO "a=fmtp:18 annexb=no");
	ck_assert_uint_eq(replace_private("203.0.113.7", false), 2);
	ck_assert(sdp_keep_codecs(&edits, 0, names, 1, NULL));
	ck_assert(sdp_set_direction(&edits, 0, SDP_INACTIVE, NULL));
	ck_assert_span(written(), "v=0\r\n"
				  "o=pbx 4711 3 IN IP4 203.0.113.7\r\n"
				  "s=-\r\n"
				  "c=IN IP4 203.0.113.7\r\n"
				  "t=0 0\r\n"
				  "m=audio 10000 RTP/AVP 8\r\n"
				  "a=inactive\r\n");
}

END_TEST

static TCase *
read_cases(void)
{
	TCase *tc = tcase_create("read");

	tcase_add_test(tc, reads_an_offer);
	tcase_add_test(tc, reads_what_is_odd_and_harmless);
	tcase_add_test(tc, refuses_what_makes_no_sense);
	tcase_add_test(tc, refuses_what_is_over_the_limits);
	tcase_add_test(tc, control_byte_nul_is_refused);
	tcase_add_test(tc, finds_lines_and_attributes);
	tcase_add_test(tc, knows_hold);
	tcase_add_test(tc, compares_sessions);
	tcase_add_test(tc, compares_answers);
	return tc;
}

static TCase *
edit_cases(void)
{
	TCase *tc = tcase_create("edit");

	tcase_add_test(tc, nothing_changed_is_the_same_span);
	tcase_add_test(tc, other_bytes_are_kept);
	tcase_add_test(tc, a_last_line_without_end_gets_one);
	tcase_add_test(tc, structure_is_guarded);
	tcase_add_test(tc, the_writer_refuses_a_broken_result);
	tcase_add_test(tc, the_writer_stays_in_bounds);
	tcase_add_test(tc, private_addresses_are_replaced);
	tcase_add_test(tc, replacing_twice_changes_nothing);
	tcase_add_test(tc, the_family_may_change);
	tcase_add_test(tc, hold_names_and_public_addresses_stay);
	tcase_add_test(tc, every_private_range_is_replaced);
	tcase_add_test(tc, dead_candidates_are_deleted);
	tcase_add_test(tc, replacing_in_the_largest_body_fits_or_is_told);
	tcase_add_test(tc, direction_is_set);
	tcase_add_test(tc, directions_are_set);
	tcase_add_test(tc, forms_of_hold_are_known);
	tcase_add_test(tc, hold_changes_its_form);
	tcase_add_test(tc, hold_tells_or_refuses);
	tcase_add_test(tc, origin_is_written_anew);
	return tc;
}

static TCase *
make_cases(void)
{
	TCase *tc = tcase_create("make");

	tcase_add_test(tc, an_offer_is_made);
	tcase_add_test(tc, events_have_the_clock_of_a_codec);
	tcase_add_test(tc, an_offer_that_cannot_be_is_not_made);
	tcase_add_test(tc, a_black_hole_is_made);
	tcase_add_test(tc, lines_are_added_and_left_out);
	tcase_add_test(tc, codecs_that_can_be_offered);
	return tc;
}

static TCase *
codec_cases(void)
{
	TCase *tc = tcase_create("codec");

	tcase_add_test(tc, codecs_are_found);
	tcase_add_test(tc, codecs_are_kept_by_name);
	tcase_add_test(tc, the_last_codec_is_not_taken);
	tcase_add_test(tc, changes_add_up);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("sdp");

	suite_add_tcase(suite, read_cases());
	suite_add_tcase(suite, edit_cases());
	suite_add_tcase(suite, codec_cases());
	suite_add_tcase(suite, make_cases());
	return unit_run(suite);
}
