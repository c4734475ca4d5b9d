#include <stdio.h>

#include "record/recent.h"
#include "unit.h"

static struct sip_message msg;

static void
keep(struct recent *recent, const char *text)
{
	struct recent_invite invite = { .time = 77, .trunk = SPAN("pbx"),
		.stream = true };
	struct sip_fault fault;

	ck_assert(address_parse(SPAN("192.0.2.1:5062"), 0, &invite.from));
	ck_assert_msg(sip_index(&msg, span_of(text), &fault), "%s", fault.text);
	recent_add(recent, &invite, &msg);
}

static void
keep_long(struct recent *recent, unsigned id, unsigned long filler)
{
	static char text[60000];

	snprintf(text, sizeof(text),
	    "INVITE sip:%u@b SIP/2.0\r\nSubject: %0*d\r\n\r\n", id,
	    (int)filler, 0);
	keep(recent, text);
}

START_TEST(keeps_what_came)
{
	static const char text[] = "INVITE sip:a@b SIP/2.0\r\nTo: b\r\n\r\nbody";
	struct recent *recent = recent_create(4096);
	struct recent_invite got;
	uint64_t at = 0;

	ck_assert(!recent_next(recent, &at, &got));
	keep(recent, text);
	ck_assert(recent_next(recent, &at, &got));
	ck_assert_span(got.bytes, text);
	ck_assert_span(got.trunk, "pbx");
	ck_assert_uint_eq(got.number, 1);
	ck_assert_uint_eq(got.time, 77);
	ck_assert_uint_eq(got.from.port, 5062);
	ck_assert(got.stream);
	ck_assert(!recent_next(recent, &at, &got));
	recent_destroy(recent);
}
END_TEST

START_TEST(masks_secrets)
{
	struct recent *recent = recent_create(4096);
	struct recent_invite got;
	uint64_t at = 0;

	keep(recent,
	    "INVITE sip:a:1234@b SIP/2.0\r\n"
	    "Authorization: Digest response=\"12\"\r\n"
	    "From: <sip:a:%34;@b>, sip:x:5060\r\n"
	    "proxy-authorization : Basic QWxhZGRp\r\n\r\nv=0\r\n"
	    "a=sip:a:b@c\r\n"
	    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3\r\n"
	    "k=clear:geheim\na=rtpmap:0 PCMU/8000\r\n");
	ck_assert(recent_next(recent, &at, &got));
	ck_assert_span(got.bytes,
	    "INVITE sip:a:xxxx@b SIP/2.0\r\n"
	    "Authorization: xxxxxxxxxxxxxxxxxxxx\r\n"
	    "From: <sip:a:xxxx@b>, sip:x:5060\r\n"
	    "proxy-authorization : xxxxxxxxxxxxxx\r\n\r\nv=0\r\n"
	    "a=sip:a:x@c\r\n"
	    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xxxxxxxxxxxxxxxx\r\n"
	    "k=xxxxxxxxxxxx\na=rtpmap:0 PCMU/8000\r\n");
	recent_destroy(recent);
}
END_TEST

/* All lengths, so that every kind of rest at the end of the memory occurs. */
START_TEST(the_oldest_make_room)
{
	struct recent *recent = recent_create(3000);
	unsigned i, n;

	for (i = 1; i <= 2000; i++) {
		struct recent_invite got;
		uint64_t at = 0, before;
		char head[40];

		keep_long(recent, i, i * 7 % 1300);
		for (n = 0, before = 0; recent_next(recent, &at, &got); n++) {
			ck_assert(before == 0 || got.number == before + 1);
			before = got.number;
			snprintf(head, sizeof(head), "INVITE sip:%u@b ",
			    (unsigned)got.number);
			ck_assert(span_starts(got.bytes, span_of(head)));
			ck_assert_span(got.trunk, "pbx");
		}
		ck_assert_uint_eq(before, i);
		ck_assert_uint_ge(n, 1);
	}
	recent_destroy(recent);
}
END_TEST

START_TEST(a_reader_may_be_overtaken)
{
	struct recent *recent = recent_create(2000);
	struct recent_invite got;
	uint64_t at = 0;
	unsigned i;

	keep_long(recent, 1, 100);
	keep_long(recent, 2, 100);
	ck_assert(recent_next(recent, &at, &got));
	for (i = 3; i < 50; i++)
		keep_long(recent, i, 300);
	ck_assert(recent_next(recent, &at, &got));
	ck_assert_uint_gt(got.number, 40);
	recent_destroy(recent);
}
END_TEST

START_TEST(what_is_too_long_is_not_kept)
{
	struct recent *recent = recent_create(1000000), *small;
	struct recent_invite got;
	uint64_t at = 0;

	keep_long(recent, 1, RECENT_MESSAGE_MAX);
	ck_assert(!recent_next(recent, &at, &got));
	keep_long(recent, 2, 10);
	ck_assert(recent_next(recent, &at, &got));
	ck_assert_uint_eq(got.number, 2);
	recent_destroy(recent);
	small = recent_create(64);
	at = 0;
	keep_long(small, 1, 10);
	ck_assert(!recent_next(small, &at, &got));
	recent_destroy(small);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("recent");
	TCase *t = tcase_create("recent");

	tcase_add_test(t, keeps_what_came);
	tcase_add_test(t, masks_secrets);
	tcase_add_test(t, the_oldest_make_room);
	tcase_add_test(t, a_reader_may_be_overtaken);
	tcase_add_test(t, what_is_too_long_is_not_kept);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
