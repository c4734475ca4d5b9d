#include <arpa/inet.h>
#include <stdio.h>

#include "base/address.h"
#include "base/bucket.h"
#include "base/container.h"
#include "base/hash.h"
#include "base/problem.h"
#include "base/pool.h"
#include "base/slab.h"
#include "base/text.h"
#include "base/timer.h"
#include "unit.h"

/* The same numbers in each run. */
static uint64_t random_state = 88172645463325252u;

static uint64_t
draw(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

/* --- span --- */

START_TEST(spans_compare)
{
	ck_assert(span_eq(SPAN_NONE, SPAN("")));
	ck_assert(span_eq(SPAN("abc"), SPAN("abc")));
	ck_assert(!span_eq(SPAN("abc"), SPAN("abC")));
	ck_assert(!span_eq(SPAN("abc"), SPAN("ab")));
	ck_assert(span_ieq(SPAN("Via"), SPAN("vIA")));
	ck_assert(!span_ieq(SPAN("Via"), SPAN("Vib")));
	ck_assert(!span_ieq(SPAN("["), SPAN("{")));
	ck_assert(!span_ieq(SPAN("@"), SPAN("`")));
	ck_assert(span_ieq(SPAN_NONE, SPAN("")));
	/* A NUL ends nothing. */
	ck_assert(!span_ieq(SPAN("a\0b"), SPAN("a\0c")));
	ck_assert(span_ieq(SPAN("a\0b"), SPAN("A\0B")));
	/* Only ASCII letters have cases. */
	ck_assert(!span_ieq(SPAN("\xe4"), SPAN("\xc4")));
	ck_assert(span_starts(SPAN("sip:x"), SPAN("sip:")));
	ck_assert(!span_starts(SPAN("si"), SPAN("sip:")));
	ck_assert(!span_starts(SPAN("SIP:x"), SPAN("sip:")));
	ck_assert(span_istarts(SPAN("SIP:x"), SPAN("sip:")));
	ck_assert(span_iends(SPAN("a.Invalid"), SPAN(".invalid")));
	ck_assert(!span_iends(SPAN("invalid"), SPAN(".invalid")));
	ck_assert(span_iends(SPAN("x"), SPAN_NONE));
}
END_TEST

START_TEST(spans_are_words_of_a_list)
{
	static const char *const words[] = { "isub", "ext" };

	ck_assert_uint_eq(span_iword(SPAN("ISUB"), words, 2), 0);
	ck_assert_uint_eq(span_iword(SPAN("ext"), words, 2), 1);
	ck_assert_uint_eq(span_iword(SPAN("exte"), words, 2), 2);
	ck_assert_uint_eq(span_iword(SPAN("ext"), words, 1), 1);
	ck_assert_uint_eq(span_iword(SPAN_NONE, words, 2), 2);
	ck_assert_uint_eq(span_iword(SPAN("ext"), NULL, 0), 0);
}
END_TEST

START_TEST(spans_are_cut)
{
	struct span rest;

	ck_assert_span(span_trim(SPAN(" \t\r\n a b \r\n")), "a b");
	ck_assert_span(span_trim(SPAN(" \t ")), "");
	ck_assert_span(span_trim(SPAN_NONE), "");
	ck_assert_span(span_from(SPAN("abc"), 1), "bc");
	ck_assert_span(span_from(SPAN("abc"), 3), "");
	ck_assert_span(span_from(SPAN("abc"), 9), "");
	ck_assert_span(span_from(SPAN_NONE, 1), "");
	ck_assert_int_eq(span_find(SPAN("abc"), 'c'), 2);
	ck_assert_int_eq(span_find(SPAN("abc"), 'x'), -1);
	ck_assert_int_eq(span_find(SPAN_NONE, 'x'), -1);
	ck_assert_int_eq(span_find_span(SPAN("abcbc"), SPAN("bc")), 1);
	ck_assert_int_eq(span_find_span(SPAN("abc"), SPAN("")), 0);
	ck_assert_int_eq(span_find_span(SPAN("ab"), SPAN("abc")), -1);
	ck_assert_int_eq(span_find_span(SPAN("abcd"), SPAN("bd")), -1);
	ck_assert_span(span_cut(SPAN("a;b;c"), ';', &rest), "a");
	ck_assert_span(rest, "b;c");
	ck_assert_span(span_cut(SPAN("a;"), ';', &rest), "a");
	ck_assert_span(rest, "");
	ck_assert_span(span_cut(SPAN("abc"), ';', &rest), "abc");
	ck_assert_span(rest, "");
	ck_assert_span(span_cut(SPAN(";"), ';', &rest), "");
	ck_assert_span(rest, "");
}
END_TEST

START_TEST(spans_are_numbers)
{
	uint64_t v = 7;
	uint32_t w = 7;

	ck_assert(span_to_u64(SPAN("18446744073709551615"), UINT64_MAX, &v));
	ck_assert_uint_eq(v, UINT64_MAX);
	v = 7;
	ck_assert(!span_to_u64(SPAN("18446744073709551616"), UINT64_MAX, &v));
	ck_assert(!span_to_u64(SPAN("999999999999999999999"), UINT64_MAX, &v));
	ck_assert(!span_to_u64(SPAN(""), UINT64_MAX, &v));
	ck_assert(!span_to_u64(SPAN("-1"), UINT64_MAX, &v));
	ck_assert(!span_to_u64(SPAN("+1"), UINT64_MAX, &v));
	ck_assert(!span_to_u64(SPAN(" 1"), UINT64_MAX, &v));
	ck_assert(!span_to_u64(SPAN("1x"), UINT64_MAX, &v));
	ck_assert(!span_to_u64(SPAN("9"), 3, &v));
	ck_assert(!span_to_u64(SPAN("101"), 100, &v));
	ck_assert_uint_eq(v, 7);
	ck_assert(span_to_u32(SPAN("000065535"), 65535, &w));
	ck_assert_uint_eq(w, 65535);
	ck_assert(span_to_u32(SPAN("0"), 0, &w));
	ck_assert_uint_eq(w, 0);
	ck_assert(!span_to_u32(SPAN("65536"), 65535, &w));
	ck_assert(!span_to_u32(SPAN("4294967296"), UINT32_MAX, &w));
}
END_TEST

START_TEST(spans_are_hexadecimal)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uint64_t v = 7;
	unsigned c;

	for (c = 1; c < 256; c++) {
		const char *at = strchr(digits, (int)c);

		ck_assert_int_eq(span_hex_digit((char)c),
		    at == NULL ? -1 : (int)(at - digits) % 16);
	}
	ck_assert_int_eq(span_hex_digit('\0'), -1);
	ck_assert(span_to_hex64(SPAN("0123456789aBcDeF"), &v));
	ck_assert_uint_eq(v, 0x0123456789abcdefu);
	ck_assert(span_to_hex64(SPAN("f"), &v));
	ck_assert_uint_eq(v, 15);
	ck_assert(!span_to_hex64(SPAN(""), &v));
	ck_assert(!span_to_hex64(SPAN("00123456789abcdef"), &v));
	ck_assert(!span_to_hex64(SPAN("12g4"), &v));
	ck_assert_uint_eq(v, 15);
}
END_TEST

/* Each length up to where all widths have been used, each place, each byte. */
START_TEST(spans_are_plain_up_to)
{
	char buf[48];
	size_t n, at;
	int c;

	for (n = 0; n <= sizeof(buf); n++) {
		memset(buf, '~', sizeof(buf));
		ck_assert_uint_eq(span_plain(span_make(buf, n)), n);
		for (at = 0; at < n; at++) {
			for (c = 0; c < 256; c++) {
				size_t want = c >= 0x20 && c < 0x7f ? n : at;

				buf[at] = (char)c;
				ck_assert_uint_eq(
				    span_plain(span_make(buf, n)), want);
			}
			buf[at] = ' ';
		}
	}
	memset(buf, '\n', sizeof(buf));
	for (n = 1; n <= sizeof(buf); n++)
		ck_assert_uint_eq(span_plain(span_make(buf, n)), 0);
}

END_TEST

START_TEST(spans_match_wildcards)
{
	static const struct {
		const char *s, *pattern;
		bool match;
	} rows[] = {
		{ "X-Foo", "x-*", true },
		{ "X-", "x-*", true },
		{ "X", "x-*", false },
		{ "", "*", true },
		{ "", "", true },
		{ "a", "", false },
		{ "anything", "*", true },
		{ "anything", "***", true },
		{ "abcabd", "*abd", true },
		{ "abcabd", "*abc", false },
		{ "abcabd", "a*b*d", true },
		{ "abcabd", "a*x*d", false },
		{ "mississippi", "m*iss*ip*i", true },
		{ "mississippi", "m*iss*iss*iss*", false },
		{ "ms-thing", "ms-*", true },
	};
	char hard[2001];
	size_t i;
	char *copy;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(span_imatch(span_of(rows[i].s),
				  span_of(rows[i].pattern)) == rows[i].match,
		    "%s, %s", rows[i].s, rows[i].pattern);
	/* Quadratic at the worst, and not exponential. */
	memset(hard, 'a', sizeof(hard));
	ck_assert(!span_imatch(span_make(hard, 2000),
	    SPAN("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b")));
	copy = span_dup(span_make("abcd", 3));
	ck_assert_str_eq(copy, "abc");
	free(copy);
	copy = span_dup(SPAN_NONE);
	ck_assert_str_eq(copy, "");
	free(copy);
}
END_TEST

/* --- text --- */

START_TEST(text_is_bounded)
{
	char buf[8] = "XXXXXXXX";
	struct text t = text_over(buf, 6);

	TEXT_LIT(&t, "abcd");
	TEXT_LIT(&t, "efg");
	ck_assert(t.overflow);
	ck_assert_span(text_span(&t), "abcd");
	/* Nothing follows what was left out. */
	text_add_char(&t, 'x');
	ck_assert_span(text_span(&t), "abcd");
	ck_assert_str_eq(text_cstr(&t), "abcd");
	t = text_over(buf, 6);
	TEXT_LIT(&t, "abcdef");
	ck_assert(!t.overflow);
	ck_assert_str_eq(text_cstr(&t), "abcde");
	ck_assert(t.overflow);
	ck_assert_int_eq(buf[6], 'X');
	t = text_over(buf, 0);
	text_add(&t, SPAN_NONE);
	ck_assert(!t.overflow);
	ck_assert_str_eq(text_cstr(&t), "");
	text_addf(&t, "%s", "x");
	ck_assert(t.overflow);
}
END_TEST

START_TEST(text_is_built)
{
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));
	size_t mark;

	text_add_str(&t, "n=");
	text_add_u64(&t, 0);
	text_add_char(&t, ' ');
	text_add_u64(&t, UINT64_MAX);
	text_add_char(&t, ' ');
	mark = t.len;
	text_add_hex64(&t, 0x0123456789abcdefu);
	ck_assert_span(text_since(&t, mark), "0123456789abcdef");
	text_addf(&t, " %d%c", -5, '!');
	ck_assert_span(text_span(&t),
	    "n=0 18446744073709551615 0123456789abcdef -5!");
	/* A formatted text that does not fit is left out as a whole. */
	t = text_over(buf, 4);
	text_addf(&t, "%s", "abcde");
	ck_assert(t.overflow);
	ck_assert_uint_eq(t.len, 0);
}
END_TEST

static void
check_json(struct span s, const char *expected)
{
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));

	text_add_json(&t, s);
	ck_assert_span(text_span(&t), expected);
}

START_TEST(text_is_escaped)
{
	char buf[128];
	struct text t = text_over(buf, sizeof(buf));

	check_json(SPAN("plain"), "plain");
	check_json(SPAN("a\"b\\c\r\n\t\x01\x7f"),
	    "a\\\"b\\\\c\\r\\n\\t\\u0001\\u007f");
	check_json(SPAN("\0"), "\\u0000");
	check_json(SPAN("\xc2\x9b\xc2\x80\xc2\xa0"), "\\u009b\\u0080\xc2\xa0");
	check_json(SPAN("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	/* Overlong, surrogate, too large, cut off, lone. */
	check_json(SPAN("\xc0\xaf"), "\\u00c0\\u00af");
	check_json(SPAN("\xed\xa0\x80"), "\\u00ed\\u00a0\\u0080");
	check_json(SPAN("\xf4\x90\x80\x80"), "\\u00f4\\u0090\\u0080\\u0080");
	check_json(SPAN("\xe0\x80\x80"), "\\u00e0\\u0080\\u0080");
	check_json(SPAN("\xe2\x82"), "\\u00e2\\u0082");
	check_json(SPAN("\x80x\xff"), "\\u0080x\\u00ff");
	text_add_quoted(&t, SPAN("a\"\\\r\n\0\xe4z"));
	ck_assert_span(
	    text_span(&t), "\"a\\\"\\\\\\x0d\\x0a\\x00\\xe4z\"");
}
END_TEST

/* --- address --- */

START_TEST(addresses_read_and_print)
{
	static const struct {
		const char *text, *printed; /* NULL: refused */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1:9" },
		{ "192.0.2.1:5060", "192.0.2.1:5060" },
		{ "[2001:db8::1]:5060", "[2001:db8::1]:5060" },
		{ "[2001:DB8:0:0::1]", "[2001:db8::1]:9" },
		{ "2001:db8::1", "[2001:db8::1]:9" },
		{ "::ffff:192.0.2.1", "192.0.2.1:9" },
		{ "[::ffff:192.0.2.1]:80", "192.0.2.1:80" },
		{ "192.0.2.1:", NULL },
		{ "192.0.2.1:65536", NULL },
		{ "192.0.2.1:-1", NULL },
		{ "192.0.2.1: 5", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.256", NULL },
		{ "192.0.2.01", NULL },
		{ "[192.0.2.1]", NULL },
		{ "[2001:db8::1", NULL },
		{ "[2001:db8::1]5060", NULL },
		{ "[]", NULL },
		{ "", NULL },
		{ ":5060", NULL },
		{ "example.com", NULL },
		{ "fe80::1%eth0", NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999", NULL },
	};
	struct address a;
	char buf[ADDRESS_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool ok = address_parse(span_of(rows[i].text), 9, &a);

		ck_assert_msg(ok == (rows[i].printed != NULL), "%s",
		    rows[i].text);
		if (ok)
			ck_assert_str_eq(
			    address_print(&a, buf), rows[i].printed);
	}
	ck_assert(!address_parse_ip(SPAN("192.0.2.1\0"), &a));
	a = (struct address){ .family = 0 };
	ck_assert_str_eq(address_print(&a, buf), "-:0");
	/* The longest of all fits. */
	ck_assert(address_parse(
	    SPAN("[1111:2222:3333:4444:5555:6666:7777:8888]:65535"), 0, &a));
	ck_assert_str_eq(address_print(&a, buf),
	    "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}
END_TEST

static struct address
address(const char *text)
{
	struct address a;

	ck_assert_msg(address_parse(span_of(text), 5060, &a), "%s", text);
	return a;
}

START_TEST(addresses_pass_through_sockaddr)
{
	static const char *const texts[] = { "192.0.2.1:5060",
		"[2001:db8::1]:5061" };
	struct sockaddr_storage ss;
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6,
		.sin6_port = htons(7) };
	struct address a, b;
	char buf[ADDRESS_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		a = address(texts[i]);
		ck_assert_uint_gt(address_to_sockaddr(&a, &ss), 0);
		address_from_sockaddr((struct sockaddr *)&ss, &b);
		ck_assert(address_eq(&a, &b));
		ck_assert_str_eq(address_print(&b, buf), texts[i]);
	}
	inet_pton(AF_INET6, "::ffff:192.0.2.1", &mapped.sin6_addr);
	address_from_sockaddr((struct sockaddr *)&mapped, &b);
	ck_assert_str_eq(address_print(&b, buf), "192.0.2.1:7");
	a = (struct address){ .family = 0 };
	ck_assert_uint_eq(address_to_sockaddr(&a, &ss), 0);
}
END_TEST

START_TEST(addresses_compare)
{
	struct address a = address("192.0.2.1:1"), b = address("192.0.2.1:2");
	struct address c = address("192.0.2.2:1");
	struct address d = address("[c000:201::]:1");

	ck_assert(address_same_ip(&a, &b));
	ck_assert(!address_eq(&a, &b));
	ck_assert(!address_same_ip(&a, &c));
	/* The same bytes in another family. */
	ck_assert_int_eq(memcmp(a.ip, d.ip, 16), 0);
	ck_assert(!address_same_ip(&a, &d));
}
END_TEST

START_TEST(addresses_are_of_a_kind)
{
	static const char *const private[] = { "10.1.2.3", "172.16.0.1",
		"172.31.255.255", "192.168.0.1", "100.64.0.1", "127.0.0.1",
		"169.254.1.1", "0.0.0.0", "::", "::1", "fe80::1", "fd00::1",
		"::ffff:10.0.0.1" };
	static const char *const public[] = { "192.0.2.1", "172.32.0.1",
		"172.15.0.1", "100.128.0.1", "11.0.0.1", "2001:db8::1", "::2",
		"ff02::1" };
	static const char *const multicast[] = { "224.0.0.1",
		"239.255.255.255", "255.255.255.255", "ff02::1" };
	struct address a;
	size_t i;

	for (i = 0; i < ARRAY_LEN(private); i++) {
		a = address(private[i]);
		ck_assert_msg(address_is_private(&a), "%s", private[i]);
		ck_assert(!address_is_multicast(&a));
	}
	for (i = 0; i < ARRAY_LEN(public); i++) {
		a = address(public[i]);
		ck_assert_msg(!address_is_private(&a), "%s", public[i]);
	}
	for (i = 0; i < ARRAY_LEN(multicast); i++) {
		a = address(multicast[i]);
		ck_assert_msg(address_is_multicast(&a), "%s", multicast[i]);
	}
	a = address("254.0.0.1");
	ck_assert(!address_is_multicast(&a));
	ck_assert(!address_is_unspecified(&a));
	a = address("0.0.0.0");
	ck_assert(address_is_unspecified(&a));
	a = address("::");
	ck_assert(address_is_unspecified(&a));
}
END_TEST

START_TEST(prefixes_contain)
{
	static const struct {
		const char *prefix, *in, *out;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
		{ "192.0.2.8/29", "192.0.2.15", "192.0.2.16" },
		{ "192.0.2.1", "192.0.2.1", "192.0.2.0" },
		{ "0.0.0.0/0", "255.255.255.255", "::" },
		{ "128.0.0.0/1", "255.0.0.1", "127.255.255.255" },
		{ "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
		{ "2001:db8::8/125", "2001:db8::f", "2001:db8::10" },
		{ "::/0", "ff::", "1.2.3.4" },
		{ "2001:db8::1", "2001:db8::1", "2001:db8::2" },
	};
	static const char *const wrong[] = { "192.0.2.1/24", "192.0.2.0/33",
		"192.0.2.0/", "192.0.2.0/x", "/24", "192.0.2.0/24/24",
		"2001:db8::1/64", "2001:db8::/129", "192.0.2.0/-1", "" };
	struct prefix p;
	struct address a;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert(prefix_parse(span_of(rows[i].prefix), &p));
		a = address(rows[i].in);
		ck_assert_msg(prefix_contains(&p, &a), "%s", rows[i].prefix);
		a = address(rows[i].out);
		ck_assert_msg(!prefix_contains(&p, &a), "%s", rows[i].prefix);
	}
	for (i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(
		    !prefix_parse(span_of(wrong[i]), &p), "%s", wrong[i]);
}
END_TEST

/* --- timer --- */

#define TIMERS 64

struct entry {
	struct timer timer;
	uint64_t due; /* what the sorted list would say; 0: not running */
	unsigned fired;
};

static struct timers wheel;
static struct entry entries[TIMERS];
static uint64_t last_fired;

static uint64_t
earliest(void)
{
	uint64_t first = UINT64_MAX;
	size_t i;

	for (i = 0; i < TIMERS; i++)
		if (entries[i].due != 0 && entries[i].due < first)
			first = entries[i].due;
	return first;
}

static void fired(struct timer *timer);

static void
start(struct entry *entry)
{
	static const unsigned widths[] = { 1, 3, 7, 13, 20, 31, 36, 38 };
	uint64_t delay = draw((uint64_t)1 << widths[draw(ARRAY_LEN(widths))]);
	uint64_t slack = (uint64_t)1 << (draw(4) * 3);

	timer_start_slack(&wheel, &entry->timer, delay, slack, fired);
	entry->due = wheel.now + (delay == 0 ? 1 : delay);
	entry->due = (entry->due + slack - 1) / slack * slack;
}

static void
stop(struct entry *entry)
{
	timer_stop(&wheel, &entry->timer);
	entry->due = 0;
}

/* Never early, never late, in order; and it may start and stop any other. */
static void
fired(struct timer *timer)
{
	struct entry *entry = CONTAINER_OF(timer, struct entry, timer);

	ck_assert_uint_eq(entry->due, wheel.now);
	ck_assert_uint_eq(earliest(), entry->due);
	ck_assert_uint_ge(wheel.now, last_fired);
	ck_assert(!timer_running(timer));
	last_fired = wheel.now;
	entry->due = 0;
	entry->fired++;
	if (draw(3) == 0)
		start(entry);
	if (draw(3) == 0)
		stop(&entries[draw(TIMERS)]);
	if (draw(3) == 0)
		start(&entries[draw(TIMERS)]);
}

static void
check_wheel(void)
{
	unsigned running = 0, wrong = 0;
	size_t i;

	for (i = 0; i < TIMERS; i++) {
		running += entries[i].due != 0;
		wrong += timer_running(&entries[i].timer) !=
		    (entries[i].due != 0);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(wheel.running, running);
	if (running == 0) {
		ck_assert_uint_eq(timers_next(&wheel), UINT64_MAX);
		return;
	}
	ck_assert_uint_gt(earliest(), wheel.now);
	ck_assert_uint_le(timers_next(&wheel), earliest() - wheel.now);
	ck_assert_uint_gt(timers_next(&wheel), 0);
}

static void
step(void)
{
	uint64_t to;

	switch (draw(6)) {
	case 0:
		stop(&entries[draw(TIMERS)]);
		break;
	case 1:
	case 2:
		start(&entries[draw(TIMERS)]);
		break;
	case 3:
		to = wheel.now + draw((uint64_t)1 << draw(30));
		timers_advance(&wheel, to);
		ck_assert_uint_eq(wheel.now, to);
		break;
	case 4:
		/* As the loop does. */
		if (wheel.running == 0)
			break;
		timers_advance(&wheel, wheel.now + timers_next(&wheel));
		break;
	default:
		timers_advance(&wheel, wheel.now + draw(3));
	}
	check_wheel();
}

/* Against what a sorted list would do, over every border of the wheel. */
START_TEST(timers_are_as_a_sorted_list)
{
	static const uint64_t begins[] = { 0, 63, 4095, 262143, 16777215,
		1073741823, 68719476735, 1111111111111, 1u << 30 };
	unsigned i, k, n = 0;

	for (k = 0; k < ARRAY_LEN(begins); k++) {
		memset(entries, 0, sizeof(entries));
		last_fired = 0;
		timers_init(&wheel, begins[k]);
		for (i = 0; i < 4000; i++)
			step();
		for (i = 0; i < TIMERS; i++) {
			n += entries[i].fired;
			stop(&entries[i]);
		}
		check_wheel();
	}
	ck_assert_uint_gt(n, 5000);
}
END_TEST

START_TEST(timers_of_a_day)
{
	memset(entries, 0, sizeof(entries));
	timers_init(&wheel, 5);
	timer_start(&wheel, &entries[0].timer, 86400000, fired);
	entries[0].due = 86400005;
	timers_advance(&wheel, 86400004);
	ck_assert_uint_eq(entries[0].fired, 0);
	timers_advance(&wheel, 86400005);
	ck_assert_uint_eq(entries[0].fired, 1);
	/* The clock never goes back. */
	timers_advance(&wheel, 7);
	ck_assert_uint_eq(wheel.now, 86400005);
}
END_TEST

START_TEST(timers_may_wait_for_ever)
{
	memset(entries, 0, sizeof(entries));
	timers_init(&wheel, 1000);
	timer_start(&wheel, &entries[0].timer, UINT64_MAX, fired);
	timer_start_slack(
	    &wheel, &entries[1].timer, UINT64_MAX - 999, 256, fired);
	timers_advance(&wheel, 1000000000000u);
	ck_assert_uint_eq(entries[0].fired + entries[1].fired, 0);
	ck_assert_uint_eq(wheel.running, 2);
	timer_stop(&wheel, &entries[0].timer);
	timer_stop(&wheel, &entries[0].timer);
	timer_stop(&wheel, &entries[1].timer);
	ck_assert_uint_eq(wheel.running, 0);
}
END_TEST

/* --- pool --- */

START_TEST(pools_give_blocks_of_the_size)
{
	struct {
		char *p;
		size_t n;
	} held[200] = { { 0 } };
	char want[6000];
	unsigned i, turn;

	for (turn = 0; turn < 20000; turn++) {
		i = turn * 7919 % ARRAY_LEN(held);
		memset(want, (int)i, sizeof(want));
		if (held[i].n > 0)
			ck_assert_mem_eq(held[i].p, want, held[i].n);
		pool_free(held[i].p, held[i].n);
		held[i].n = turn * 31 % 6000;
		held[i].p = pool_alloc(held[i].n);
		ck_assert_ptr_nonnull(held[i].p);
		memset(held[i].p, (int)i, held[i].n);
	}
	for (i = 0; i < ARRAY_LEN(held); i++)
		pool_free(held[i].p, held[i].n);
	pool_free(NULL, 100);
}
END_TEST

START_TEST(pools_copy)
{
	char *copy = pool_dup(SPAN("SIP/2.0 200 OK"));

	ck_assert_mem_eq(copy, "SIP/2.0 200 OK", 14);
	pool_free(copy, 14);
	copy = pool_dup(SPAN_NONE);
	ck_assert_ptr_nonnull(copy);
	pool_free(copy, 0);
}
END_TEST

/* --- slab --- */

START_TEST(slabs_forget_what_is_gone)
{
	struct slab slab;
	slab_handle handles[200], again;
	uint64_t *object;
	unsigned i;
	uint32_t at = 0;

	slab_init(&slab, sizeof(uint64_t), 200);
	ck_assert_ptr_null(slab_find(&slab, 0));
	ck_assert_ptr_null(slab_find(&slab, 1));
	for (i = 0; i < 200; i++) {
		object = slab_alloc(&slab, &handles[i]);
		ck_assert_ptr_nonnull(object);
		ck_assert_uint_eq(*object, 0);
		ck_assert_uint_ne(handles[i], 0);
		ck_assert_uint_eq(slab_handle_of(object), handles[i]);
		*object = i;
	}
	ck_assert_ptr_null(slab_alloc(&slab, &again));
	for (i = 0; i < 200; i++) {
		object = slab_find(&slab, handles[i]);
		ck_assert_uint_eq(*object, i);
	}
	for (i = 0; i < 200; i += 2)
		slab_free(&slab, handles[i]);
	slab_free(&slab, handles[0]);
	slab_free(&slab, 0);
	ck_assert_uint_eq(slab.used, 100);
	/* The place is used again, under another name, and zeroed. */
	object = slab_alloc(&slab, &again);
	ck_assert_ptr_nonnull(object);
	ck_assert_uint_eq(*object, 0);
	for (i = 0; i < 200; i += 2) {
		ck_assert_uint_ne(again, handles[i]);
		ck_assert_ptr_null(slab_find(&slab, handles[i]));
	}
	slab_free(&slab, again);
	for (i = 0; (object = slab_next(&slab, &at)) != NULL; i++)
		slab_free(&slab, handles[*object]);
	ck_assert_uint_eq(i, 100);
	ck_assert_uint_eq(slab.used, 0);
	slab_fini(&slab);
}
END_TEST

START_TEST(slabs_against_chance)
{
	enum { N = 300 };
	struct slab slab;
	slab_handle live[N] = { 0 }, dead[N] = { 0 };
	uint64_t *object;
	unsigned i, k, used = 0;

	slab_init(&slab, 24, N);
	for (i = 0; i < 20000; i++) {
		k = (unsigned)draw(N);
		if (live[k] == 0) {
			object = slab_alloc(&slab, &live[k]);
			ck_assert_ptr_nonnull(object);
			ck_assert_uint_eq(object[0] | object[1] | object[2], 0);
			object[0] = object[2] = live[k];
			used++;
		} else {
			object = slab_find(&slab, live[k]);
			ck_assert_uint_eq(object[0], live[k]);
			ck_assert_uint_eq(object[2], live[k]);
			slab_free(&slab, live[k]);
			dead[k] = live[k];
			live[k] = 0;
			used--;
		}
		ck_assert_ptr_null(slab_find(&slab, dead[draw(N)]));
		ck_assert_uint_eq(slab.used, used);
	}
	slab_fini(&slab);
}
END_TEST

/* --- hash --- */

static uint64_t
hash1(const char *p, size_t n)
{
	struct span part = span_make(p, n);

	return hash_of(&part, 1);
}

static void
seed_hash(void)
{
	static const uint8_t key[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12, 13, 14, 15 };

	hash_seed(key);
}

/* The vectors that were published with SipHash-2-4. */
START_TEST(hash_is_siphash)
{
	static const char in[15] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14 };

	seed_hash();
	ck_assert_uint_eq(hash1(in, 0), 0x726fdb47dd0e0e31u);
	ck_assert_uint_eq(hash1(in, 1), 0x74f839c593dc67fdu);
	ck_assert_uint_eq(hash1(in, 8), 0x93f5f5799a932462u);
	ck_assert_uint_eq(hash1(in, 15), 0xa129ca6149be45e5u);
}
END_TEST

START_TEST(hash_parts_have_borders)
{
	struct span ab_c[] = { SPAN("ab"), SPAN("c") };
	struct span a_bc[] = { SPAN("a"), SPAN("bc") };
	struct span abc_[] = { SPAN("abc"), SPAN_NONE };
	char whole[264];
	struct span two[2];

	seed_hash();
	ck_assert_uint_ne(hash_of(ab_c, 2), hash_of(a_bc, 2));
	ck_assert_uint_ne(hash_of(abc_, 2), hash_of(abc_, 1));
	ck_assert_uint_ne(hash_of(abc_, 2), hash_of(ab_c, 2));
	/* A part that holds what a border looks like. */
	memset(whole, 'x', sizeof(whole));
	memset(whole + 248, 0, 7);
	whole[255] = (char)248;
	two[0] = span_make(whole, 248);
	two[1] = span_make(whole + 256, 8);
	ck_assert_uint_ne(hash_of(two, 2), hash1(whole, sizeof(whole)));
	ck_assert_uint_ne(hash_quick(ab_c, 2), hash_quick(a_bc, 2));
	ck_assert_uint_ne(hash_quick(abc_, 2), hash_quick(abc_, 1));
	ck_assert_uint_ne(hash_quick(abc_, 2), hash_quick(ab_c, 2));
}
END_TEST

/* Each byte counts, wherever it stands. */
START_TEST(quick_hash_sees_each_byte)
{
	char bytes[40] = { 0 };
	size_t n, i;

	seed_hash();
	for (n = 1; n <= sizeof(bytes); n++) {
		struct span s = span_make(bytes, n);
		uint32_t before = (uint32_t)hash_quick(&s, 1);

		for (i = 0; i < n; i++) {
			bytes[i] = 1;
			ck_assert_uint_ne((uint32_t)hash_quick(&s, 1), before);
			bytes[i] = 0;
		}
	}
}
END_TEST

struct item {
	struct hash_node node;
	unsigned n;
	bool in;
};

static unsigned
count_item(const struct hash_table *table, uint64_t hash, unsigned n)
{
	struct hash_node *node = hash_first(table, hash);
	unsigned found = 0;

	for (; node != NULL; node = hash_again(node)) {
		ck_assert_uint_eq(node->hash, hash);
		found += CONTAINER_OF(node, struct item, node)->n == n;
	}
	return found;
}

START_TEST(hash_tables_find)
{
	enum { N = 1000 };
	static struct item items[N];
	struct hash_table table = { 0 };
	unsigned i, k;

	memset(items, 0, sizeof(items));
	ck_assert_ptr_null(hash_first(&table, 1));
	hash_remove(&table, &items[0].node);
	for (i = 0; i < 20000; i++) {
		k = (unsigned)draw(N);
		/* Few hashes: many meet, and many share a bucket. */
		if (items[k].in) {
			hash_remove(&table, &items[k].node);
		} else {
			items[k].n = k;
			ck_assert(hash_insert(&table, &items[k].node,
			    k % 97 * 0x100000001u));
		}
		items[k].in = !items[k].in;
		k = (unsigned)draw(N);
		ck_assert_uint_eq(
		    count_item(&table, k % 97 * 0x100000001u, k), items[k].in);
	}
	for (i = k = 0; k < N; k++)
		i += items[k].in;
	ck_assert_uint_eq(table.used, i);
	hash_fini(&table);
	ck_assert_ptr_null(hash_first(&table, 0));
}
END_TEST

/* --- problem --- */

START_TEST(problems_are_collected)
{
	struct problems problems;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	problems_init(&problems);
	problem_add(&problems, PROBLEM_ERROR, "a.conf", 12, "unknown \"%s\"",
	    "lsiten");
	problem_add(&problems, PROBLEM_WARNING, "a.conf", 0, "old");
	problem_add(&problems, PROBLEM_ERROR, NULL, 0, "no file");
	ck_assert_uint_eq(problems.n, 3);
	ck_assert_uint_eq(problems.errors, 2);
	problems_print(&problems, out);
	fclose(out);
	ck_assert_str_eq(text,
	    "a.conf:12: error: unknown \"lsiten\"\n"
	    "a.conf: warning: old\n"
	    "error: no file\n");
	free(text);
	problems_fini(&problems);
	ck_assert_uint_eq(problems.n, 0);
	ck_assert_uint_eq(problems.errors, 0);
	problems_fini(&problems);
}
END_TEST

START_TEST(words_have_neighbours)
{
	static const char *const words[] = { "listen", "transport", "trunk",
		"t1", "t2", "timeout" };
	static const struct {
		const char *word, *nearest;
	} rows[] = {
		{ "lsiten", "listen" },
		{ "Listen", "listen" },
		{ "listne", "listen" },
		{ "listening", "listen" },
		{ "trnasprot", "transport" },
		{ "trunks", "trunk" },
		{ "tunk", "trunk" },
		{ "t3", "t1" },
		{ "t2", "t2" },
		{ "codecs", NULL },
		{ "", NULL },
		{ "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
		  "zzzzzzzzzzz",
		    NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const char *found = word_nearest(
		    span_of(rows[i].word), words, ARRAY_LEN(words));

		ck_assert_pstr_eq(found, rows[i].nearest);
	}
	ck_assert_ptr_null(word_nearest(SPAN("x"), words, 0));
}
END_TEST

/* --- bucket --- */

START_TEST(buckets_empty_and_fill)
{
	struct bucket bucket;
	unsigned i;

	bucket_init(&bucket, 10, 5, 1000);
	for (i = 0; i < 5; i++)
		ck_assert(bucket_take(&bucket, 1000));
	ck_assert(!bucket_take(&bucket, 1000));
	ck_assert(!bucket_take(&bucket, 1099));
	ck_assert(bucket_take(&bucket, 1100));
	ck_assert(!bucket_take(&bucket, 1100));
	/* The clock does not go back, and never more than the burst is in. */
	ck_assert(!bucket_take(&bucket, 500));
	for (i = 0; i < 5; i++)
		ck_assert(bucket_take(&bucket, 1000000));
	ck_assert(!bucket_take(&bucket, 1000000));
	/* However far away it is. */
	for (i = 0; i < 5; i++)
		ck_assert(bucket_take(&bucket, UINT64_MAX));
	ck_assert(!bucket_take(&bucket, UINT64_MAX));
}
END_TEST

START_TEST(buckets_that_give_nothing)
{
	struct bucket bucket;

	bucket_init(&bucket, 0, 2, 0);
	ck_assert(bucket_take(&bucket, 0));
	ck_assert(bucket_take(&bucket, 0));
	ck_assert(!bucket_take(&bucket, UINT64_MAX));
	bucket_init(&bucket, 10, 0, 0);
	ck_assert(!bucket_take(&bucket, 100000));
}
END_TEST

/* Whatever the steps of the clock. */
START_TEST(buckets_keep_their_rate)
{
	static const uint64_t rates[] = { 1, 3, 7, 50, 999, 3000, 100000 };
	struct bucket bucket;
	uint64_t now, taken;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rates); i++) {
		now = taken = 0;
		bucket_init(&bucket, rates[i], 10, now);
		while (now < 20000) {
			now += 1 + draw(3);
			while (bucket_take(&bucket, now))
				taken++;
		}
		ck_assert_uint_le(taken, 10 + rates[i] * now / 1000);
		/* A burst of 10 in three milliseconds is the most it gives. */
		if (rates[i] <= 3000)
			ck_assert_uint_ge(
			    taken + 1, rates[i] * now / 1000);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_test(tc, spans_compare);
	tcase_add_test(tc, spans_are_words_of_a_list);
	tcase_add_test(tc, spans_are_cut);
	tcase_add_test(tc, spans_are_numbers);
	tcase_add_test(tc, spans_are_hexadecimal);
	tcase_add_test(tc, spans_are_plain_up_to);
	tcase_add_test(tc, spans_match_wildcards);
	tcase_add_test(tc, text_is_bounded);
	tcase_add_test(tc, text_is_built);
	tcase_add_test(tc, text_is_escaped);
	tcase_add_test(tc, addresses_read_and_print);
	tcase_add_test(tc, addresses_pass_through_sockaddr);
	tcase_add_test(tc, addresses_compare);
	tcase_add_test(tc, addresses_are_of_a_kind);
	tcase_add_test(tc, prefixes_contain);
	tcase_add_test(tc, timers_are_as_a_sorted_list);
	tcase_add_test(tc, timers_of_a_day);
	tcase_add_test(tc, timers_may_wait_for_ever);
	tcase_add_test(tc, pools_give_blocks_of_the_size);
	tcase_add_test(tc, pools_copy);
	tcase_add_test(tc, slabs_forget_what_is_gone);
	tcase_add_test(tc, slabs_against_chance);
	tcase_add_test(tc, hash_is_siphash);
	tcase_add_test(tc, hash_parts_have_borders);
	tcase_add_test(tc, quick_hash_sees_each_byte);
	tcase_add_test(tc, hash_tables_find);
	tcase_add_test(tc, problems_are_collected);
	tcase_add_test(tc, words_have_neighbours);
	tcase_add_test(tc, buckets_empty_and_fill);
	tcase_add_test(tc, buckets_that_give_nothing);
	tcase_add_test(tc, buckets_keep_their_rate);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
