/*
 * capability_test.c - option tags, Allow, session timers and reliable
 * provisional responses
 */

#include "base/container.h"
#include "sip/capability.h"
#include "sip/reliable.h"
#include "sip/session_timer.h"
#include "unit.h"

static char buf[1024];
static struct text text;
static struct sip_message msg;

#define BIT(id)  SIP_OPTION_BIT(SIP_OPTION_##id)
#define ABLE(id) SIP_METHOD_BIT(SIP_METHOD_##id)

/* Indexes a message of these lines alone; it must live as long as they do. */
static void
index_lines(const char *lines)
{
	static char raw[1024];
	struct text t = text_over(raw, sizeof(raw));
	struct sip_fault fault;

	TEXT_LIT(&t, "OPTIONS sip:h SIP/2.0\r\n");
	text_add_str(&t, lines);
	TEXT_LIT(&t, "\r\n");
	ck_assert(sip_index(&msg, text_span(&t), &fault));
	text = text_over(buf, sizeof(buf));
}

START_TEST(headers_of_calls_are_known)
{
	static const struct {
		const char *name, *compact;
		enum sip_header id;
	} rows[] = {
		{"Refer-To",            "r",  SIP_REFER_TO          },
		{ "Referred-By",        "b",  SIP_REFERRED_BY       },
		{ "Replaces",           NULL, SIP_REPLACES          },
		{ "Refer-Sub",          NULL, SIP_REFER_SUB         },
		{ "Session-Expires",    "x",  SIP_SESSION_EXPIRES   },
		{ "Min-SE",             NULL, SIP_MIN_SE            },
		{ "RSeq",               NULL, SIP_RSEQ              },
		{ "RAck",               NULL, SIP_RACK              },
		{ "Event",              "o",  SIP_EVENT             },
		{ "Subscription-State", NULL, SIP_SUBSCRIPTION_STATE},
		{ "Allow-Events",       "u",  SIP_ALLOW_EVENTS      },
		{ "Supported",          "k",  SIP_SUPPORTED         },
		{ "Require",            NULL, SIP_REQUIRE           },
		{ "Unsupported",        NULL, SIP_UNSUPPORTED       },
		{ "Reason",             NULL, SIP_REASON            },
		{ "Target-Dialog",      NULL, SIP_TARGET_DIALOG     },
		{ "Retry-After",        NULL, SIP_RETRY_AFTER       },
	};

	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_int_eq(
		    sip_header_find(span_of(rows[i].name)), rows[i].id);
		ck_assert_str_eq(sip_header_name(rows[i].id), rows[i].name);
		if (rows[i].compact != NULL)
			ck_assert_int_eq(
			    sip_header_find(span_of(rows[i].compact)),
			    rows[i].id);
	}
}

END_TEST

START_TEST(option_tags_are_found)
{
	int i;

	for (i = 0; i < SIP_OPTION_OTHER; i++)
		ck_assert_int_eq(sip_option_find(span_of(
				     sip_option_name((enum sip_option)i))),
		    i);
	ck_assert_int_eq(sip_option_find(SPAN("TIMER")), SIP_OPTION_TIMER);
	ck_assert_int_eq(sip_option_find(SPAN("100re")), SIP_OPTION_OTHER);
	ck_assert_int_eq(sip_option_find(SPAN("")), SIP_OPTION_OTHER);
	ck_assert_int_eq(sip_option_find(SPAN("?")), SIP_OPTION_OTHER);
	ck_assert_str_eq(sip_option_name(SIP_OPTION_OTHER), "?");
}

END_TEST

START_TEST(option_tags_are_read_over_all_lines)
{
	struct sip_option_tags tags;

	index_lines("Supported: replaces ,Timer,,\r\n 100REL\r\n"
		    "Require: x-own, path\r\nk: tdialog\r\n");
	tags = sip_option_tags_read(&msg, SIP_SUPPORTED);
	ck_assert_uint_eq(
	    tags.mask, BIT(REPLACES) | BIT(TIMER) | BIT(100REL) | BIT(TDIALOG));
	ck_assert(!tags.has_unknown);
	tags = sip_option_tags_read(&msg, SIP_REQUIRE);
	ck_assert_uint_eq(tags.mask, BIT(PATH));
	ck_assert(tags.has_unknown);
	tags = sip_option_tags_read(&msg, SIP_UNSUPPORTED);
	ck_assert_uint_eq(tags.mask, 0);
	ck_assert(!tags.has_unknown);
	index_lines("Supported:\r\nRequire: timer;x=y, 100rel 199\r\n");
	ck_assert_uint_eq(sip_option_tags_read(&msg, SIP_SUPPORTED).mask, 0);
	tags = sip_option_tags_read(&msg, SIP_REQUIRE);
	ck_assert_uint_eq(tags.mask, 0);
	ck_assert(tags.has_unknown);
}

END_TEST

START_TEST(option_tags_are_written)
{
	index_lines("Require: timer, x-own, a b,100rel, x-own\r\nRequire: path"
		    "\r\n");
	sip_option_tags_write(0, &text);
	ck_assert_uint_eq(text.len, 0);
	TEXT_LIT(&text, "k: ");
	sip_option_tags_write(BIT(TIMER) | BIT(100REL), &text);
	ck_assert_span(text_span(&text), "k: 100rel, timer");
	text.len = 0;
	ck_assert_uint_eq(sip_option_tags_write_others(
			      &msg, SIP_REQUIRE, BIT(TIMER) | BIT(PATH), &text),
	    4);
	ck_assert_span(text_span(&text), "x-own, 100rel, x-own");
	text.len = 0;
	ck_assert_uint_eq(
	    sip_option_tags_write_others(&msg, SIP_SUPPORTED, 0, &text), 0);
	ck_assert_uint_eq(text.len, 0);
}

END_TEST

START_TEST(allow_is_read)
{
	uint32_t mask = 7;

	index_lines("Max-Forwards: 7\r\n");
	ck_assert(!sip_allow_read(&msg, &mask));
	ck_assert_uint_eq(mask, 7);
	index_lines("Allow:\r\n");
	ck_assert(sip_allow_read(&msg, &mask));
	ck_assert_uint_eq(mask, 0);
	index_lines("Allow: INVITE,ACK, refer\r\nAllow: UPDATE\r\n");
	ck_assert(sip_allow_read(&msg, &mask));
	ck_assert_uint_eq(
	    mask, ABLE(INVITE) | ABLE(ACK) | ABLE(UPDATE) | ABLE(OTHER));
}

END_TEST

START_TEST(session_expires_is_read)
{
	static const struct {
		const char *value;
		bool ok;
		uint32_t seconds;
		int refresher;
	} rows[] = {
		{"1800",				    true,  1800,        SIP_REFRESHER_NONE},
		{ "1800;refresher=uac",                     true,  1800,        SIP_REFRESHER_UAC },
		{ " 90 ; Refresher=UAS;x=y ",               true,  90,          SIP_REFRESHER_UAS },
		{ "90;x=\"a;refresher=uac\";refresher=uas", true,  90,
                 SIP_REFRESHER_UAS								},
		{ "90;\r\n refresher=uas",                  true,  90,          SIP_REFRESHER_UAS },
		{ "90;refresher=nobody",                    true,  90,          SIP_REFRESHER_NONE},
		{ "90;refresher",                           true,  90,          SIP_REFRESHER_NONE},
		{ "0",				      true,  0,           SIP_REFRESHER_NONE},
		{ "4294967295",                             true,  4294967295u, SIP_REFRESHER_NONE},
		{ "4294967296",                             false, 0,           0                 },
		{ "99999999999999999999999",                false, 0,           0                 },
		{ "-1",				     false, 0,           0                 },
		{ "1.5",				    false, 0,           0                 },
		{ "90, 91",				 false, 0,           0                 },
		{ "90 refresher=uac",                       false, 0,           0                 },
		{ "abc",				    false, 0,           0                 },
		{ "",				       false, 0,           0                 },
		{ ";refresher=uac",                         false, 0,           0                 },
	};

	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct sip_session_expires x = { .seconds = 0 };
		uint32_t least = 0;

		ck_assert_msg(sip_session_expires_read(
				  span_of(rows[i].value), &x) == rows[i].ok,
		    "%s", rows[i].value);
		ck_assert_uint_eq(x.seconds, rows[i].seconds);
		ck_assert_int_eq(x.refresher, rows[i].refresher);
		ck_assert(sip_min_se_read(span_of(rows[i].value), &least) ==
			  rows[i].ok);
		ck_assert_uint_eq(least, rows[i].seconds);
	}
}

END_TEST

START_TEST(session_expires_is_written)
{
	struct sip_session_expires x = { 1800, SIP_REFRESHER_NONE };

	text = text_over(buf, sizeof(buf));
	sip_session_expires_write(&x, &text);
	ck_assert_span(text_span(&text), "1800");
	text.len = 0;
	x = (struct sip_session_expires){ UINT32_MAX, SIP_REFRESHER_UAC };
	sip_session_expires_write(&x, &text);
	ck_assert_span(text_span(&text), "4294967295;refresher=uac");
	text.len = 0;
	x.refresher = SIP_REFRESHER_UAS;
	sip_session_expires_write(&x, &text);
	ck_assert_span(text_span(&text), "4294967295;refresher=uas");
	text.len = 0;
	sip_min_se_write(SIP_MIN_SE_LEAST, &text);
	ck_assert_span(text_span(&text), "90");
}

END_TEST

START_TEST(rseq_is_read_and_written)
{
	uint32_t rseq = 0;

	ck_assert(sip_rseq_read(SPAN(" 988789 "), &rseq) && rseq == 988789);
	ck_assert(sip_rseq_read(SPAN("4294967295"), &rseq));
	ck_assert_uint_eq(rseq, UINT32_MAX);
	ck_assert(!sip_rseq_read(SPAN("4294967296"), &rseq));
	ck_assert(!sip_rseq_read(SPAN("1;x"), &rseq));
	ck_assert(!sip_rseq_read(SPAN("1 2"), &rseq));
	ck_assert(!sip_rseq_read(SPAN("-1"), &rseq));
	ck_assert(!sip_rseq_read(SPAN(""), &rseq));
	ck_assert_uint_eq(rseq, UINT32_MAX);
	text = text_over(buf, sizeof(buf));
	sip_rseq_write(rseq, &text);
	ck_assert_span(text_span(&text), "4294967295");
}

END_TEST

START_TEST(rack_is_read_and_written)
{
	static const char *const broken[] = { "", "1", "1 2", "1 2 ",
		"1 INVITE", "1 2 INVITE x", "1 2 IN,VITE", "-1 2 INVITE",
		"4294967296 2 INVITE", "1 2147483648 INVITE", "1 2INVITE",
		"12 INVITE", "1  INVITE 2", "a 2 INVITE" };
	struct sip_rack rack;
	size_t i;

	ck_assert(sip_rack_read(SPAN("776656 1 INVITE"), &rack));
	ck_assert_uint_eq(rack.rseq, 776656);
	ck_assert_uint_eq(rack.cseq, 1);
	ck_assert_int_eq(rack.method, SIP_METHOD_INVITE);
	ck_assert_span(rack.method_name, "INVITE");
	ck_assert(sip_rack_read(SPAN(" 1\r\n 2147483647\r\n\tFOO "), &rack));
	ck_assert_int_eq(rack.method, SIP_METHOD_OTHER);
	text = text_over(buf, sizeof(buf));
	sip_rack_write(&rack, &text);
	ck_assert_span(text_span(&text), "1 2147483647 FOO");
	text.len = 0;
	rack = (struct sip_rack){ 7, 8, SIP_METHOD_UPDATE, SPAN_NONE };
	sip_rack_write(&rack, &text);
	ck_assert_span(text_span(&text), "7 8 UPDATE");
	for (i = 0; i < ARRAY_LEN(broken); i++)
		ck_assert_msg(
		    !sip_rack_read(span_of(broken[i]), &rack), "%s", broken[i]);
	ck_assert_uint_eq(rack.rseq, 7);
}

END_TEST

int
main(void)
{
	Suite *suite = suite_create("capability");
	TCase *tc = tcase_create("capability");

	tcase_add_test(tc, headers_of_calls_are_known);
	tcase_add_test(tc, option_tags_are_found);
	tcase_add_test(tc, option_tags_are_read_over_all_lines);
	tcase_add_test(tc, option_tags_are_written);
	tcase_add_test(tc, allow_is_read);
	tcase_add_test(tc, session_expires_is_read);
	tcase_add_test(tc, session_expires_is_written);
	tcase_add_test(tc, rseq_is_read_and_written);
	tcase_add_test(tc, rack_is_read_and_written);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
