/*
 * refer_test.c - Refer-To and what it carries, Replaces, sipfrag, Event and
 * Subscription-State
 */

#include "base/container.h"
#include "sip/refer.h"
#include "sip/sipfrag.h"
#include "sip/subscription.h"
#include "unit.h"

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

static char buf[4096];
static struct text text;
static struct refer_to to;
static struct sip_fault fault;

static void
ck_read(struct span value)
{
	memset(&to, 0xa5, sizeof(to));
	text = text_over(buf, sizeof(buf));
	ck_assert_msg(refer_to_read(exact(value), &to, &fault), "%.*s: %s",
	    SPAN_ARG(value), fault.text);
}

static struct span
target(void)
{
	size_t mark = text.len;

	refer_to_write_target(&to, &text);
	ck_assert(!text.overflow);
	return text_since(&text, mark);
}

/* --- Refer-To --- */

START_TEST(a_name_addr_is_read)
{
	ck_read(SPAN("\"Bob, B.\" <sip:bob@pbx.example:5070;transport=tcp"
		     ";method=INVITE;x=y?Replaces=a%40b%3Bto-tag%3D1"
		     "%3Bfrom-tag%3D2&Subject=hi>;q=1"));
	ck_assert_span(to.display, "\"Bob, B.\"");
	ck_assert_span(to.uri.whole,
	    "sip:bob@pbx.example:5070;transport=tcp;method=INVITE;x=y");
	ck_assert_int_eq(to.uri.scheme, SIP_SCHEME_SIP);
	ck_assert_span(to.uri.user, "bob");
	ck_assert_span(to.uri.host, "pbx.example");
	ck_assert_uint_eq(to.uri.port, 5070);
	ck_assert_span(to.uri.headers, "");
	ck_assert_span(to.params, ";q=1");
	ck_assert(to.has_replaces);
	ck_assert(!to.requires_tags);
	ck_assert_span(to.replaces, "a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2");
	ck_assert_span(target(), "sip:bob@pbx.example:5070;transport=tcp;x=y");
}

END_TEST

START_TEST(other_forms_are_read)
{
	ck_read(SPAN("sip:bob@pbx.example;q=1"));
	ck_assert_span(target(), "sip:bob@pbx.example");
	ck_assert_span(to.params, ";q=1");
	ck_assert(!to.has_replaces);
	ck_assert_span(to.headers, "");
	/* Against RFC 3261 section 20, and done. */
	ck_read(SPAN("sip:bob@pbx.example?Require=replaces"));
	ck_assert_span(target(), "sip:bob@pbx.example");
	ck_assert(to.requires_tags);
	ck_read(SPAN("<tel:+442079460000;x=y;;z>"));
	ck_assert_int_eq(to.uri.scheme, SIP_SCHEME_TEL);
	ck_assert_span(target(), "tel:+442079460000;x=y;z");
	ck_read(SPAN("<sips:b@h;METHOD=INVITE>"));
	ck_assert_span(target(), "sips:b@h");
	ck_read(SPAN(" ,<sip:h?>, "));
	ck_assert_span(target(), "sip:h");
	ck_read(SPAN("<sip:[2001:db8::1]:5060?a=b>"));
	ck_assert_span(target(), "sip:[2001:db8::1]:5060");
}

END_TEST

START_TEST(what_cannot_be_used_is_refused)
{
	static const struct {
		const char *value;
		unsigned status;
	} rows[] = {
		{"",				      400},
		{ ",",				    400},
		{ "<sip:a@h>, <sip:b@h>",                 400},
		{ "sip:a@h,sip:b@h",                      400},
		{ "<sip:a@h",                             400},
		{ "<>",				   400},
		{ "bob",				  400},
		{ "<sip:>",			       400},
		{ "<sip:a@h:99999>",                      400},
		{ "\"x <sip:a@h>",                        400},
		{ "<sip:a@h\r\n ;x>",                     400},
		{ "<http://h/>",                          416},
		{ "<urn:service:sos>",                    416},
		{ "<sip:a@h;method=BYE>",                 403},
		{ "<sip:a@h;method=invite>",              403},
		{ "<sip:a@h;method>",                     403},
		{ "<sip:a@h;method=INVITE;method=REFER>", 403},
		{ "<sip:a@h;method=%49NVITE>",            403},
		{ "<tel:+44?Subject=x>",                  400},
		{ "<sip:a@h?Subject>",                    400},
		{ "<sip:a@h?=x>",                         400},
		{ "<sip:a@h?a=b&>",                       400},
		{ "<sip:a@h?&a=b>",                       400},
		{ "<sip:a@h?a=b&&c=d>",                   400},
		{ "<sip:a@h?body=x>",                     400},
		{ "<sip:a@h?a=b&BoDy=x>",                 400},
		{ "<sip:a@h?%62ody=x>",                   400},
		{ "<sip:a@h?Subject=a%0D%0AVia:x>",       400},
		{ "<sip:a@h?Subject=a%0aVia:x>",          400},
		{ "<sip:a@h?Subject=a%00>",               400},
		{ "<sip:a@h?Subject=a%7f>",               400},
		{ "<sip:a@h?Subj%0Dect=a>",               400},
		{ "<sip:a@h?Sub%20ject=a>",               400},
		{ "<sip:a@h?Subject=a%>",                 400},
		{ "<sip:a@h?Subject=a%4>",                400},
		{ "<sip:a@h?Subject=a%4g>",               400},
		{ "<sip:a@h?Replaces=a&replaces=b>",      400},
		{ "<sip:a@h?Replaces=a&Rep%6caces=b>",    400},
		{ "<sip:a@h?Require=a&Require=b>",        400},
	};

	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		to.has_replaces = true;
		ck_assert_msg(
		    !refer_to_read(exact(span_of(rows[i].value)), &to, &fault),
		    "%s", rows[i].value);
		ck_assert_msg(fault.status == rows[i].status, "%s: %u",
		    rows[i].value, fault.status);
		ck_assert_int_eq(fault.header, SIP_REFER_TO);
		ck_assert_ptr_nonnull(fault.text);
		ck_assert(to.has_replaces);
	}
}

END_TEST

START_TEST(headers_are_limited)
{
	char many[1024];
	struct text t = text_over(many, sizeof(many));
	unsigned i;

	TEXT_LIT(&t, "sip:a@h");
	for (i = 0; i < REFER_HEADERS_MAX; i++)
		refer_header_write(&t, i == 0, SPAN("X-A"), SPAN("b"));
	ck_assert(refer_to_read(text_span(&t), &to, &fault));
	refer_header_write(&t, false, SPAN("X-A"), SPAN("b"));
	ck_assert(!refer_to_read(text_span(&t), &to, &fault));
	ck_assert_uint_eq(fault.status, 400);
	/* A name longer than any. */
	t.len = 0;
	TEXT_LIT(&t, "sip:a@h?");
	for (i = 0; i < 65; i++)
		text_add_char(&t, 'a');
	TEXT_LIT(&t, "=b");
	ck_assert(!refer_to_read(text_span(&t), &to, &fault));
}

END_TEST

START_TEST(headers_are_unescaped_one_by_one)
{
	struct refer_header header;
	struct span rest;

	ck_read(SPAN("<sip:a@h?Referred%2dBy=%3Csip%3Aeve%40h%3E&X-Odd="
		     "&b=1%2B1+%09%c3%a9&Subject=%20a%3Db=c%20>"));
	rest = to.headers;
	ck_assert(refer_header_next(&rest, &text, &header));
	ck_assert_span(header.name, "Referred-By");
	ck_assert_span(header.value, "<sip:eve@h>");
	ck_assert_int_eq(header.id, SIP_REFERRED_BY);
	ck_assert(refer_header_next(&rest, &text, &header));
	ck_assert_span(header.name, "X-Odd");
	ck_assert_span(header.value, "");
	ck_assert_int_eq(header.id, SIP_OTHER_HEADER);
	ck_assert(refer_header_next(&rest, &text, &header));
	ck_assert_int_eq(header.id, SIP_REFERRED_BY);
	ck_assert_span(header.value, "1+1+\t\xc3\xa9");
	ck_assert(refer_header_next(&rest, &text, &header));
	ck_assert_span(header.value, "a=b=c");
	ck_assert(!refer_header_next(&rest, &text, &header));
	ck_assert(!text.overflow);
	/* Without room it ends, and says why. */
	rest = to.headers;
	text = text_over(buf, 12);
	ck_assert(!refer_header_next(&rest, &text, &header));
	ck_assert(text.overflow);
	rest = to.headers;
	text = text_over(buf, 4);
	ck_assert(!refer_header_next(&rest, &text, &header));
	ck_assert(text.overflow);
}

END_TEST

START_TEST(only_harmless_headers_may_pass)
{
	static const char *const pass[] = { "Referred-By", "b", "User-to-User",
		"user-TO-user", "Subject" };
	static const char *const custom[] = { "X-Queue", "x-y", "Account" };
	static const char *const never[] = { "Route", "Record-Route", "Via",
		"v", "Contact", "m", "Call-ID", "i", "CSeq", "From", "f", "To",
		"t", "Max-Forwards", "Content-Type", "c", "Content-Length",
		"Content-Foo", "Authorization", "Proxy-Authorization",
		"Proxy-Foo", "P-Asserted-Identity", "P-Preferred-Identity",
		"P-Charging-Vector", "P-Access-Network-Info", "Remote-Party-ID",
		"Diversion", "History-Info", "Privacy", "Identity",
		"Identity-Info", "Security-Verify", "Replaces", "Require",
		"Refer-To", "Join-Foo ", "Alert-Info", "body", "Body", "Path",
		"Session-Expires", "Supported", "Target-Dialog", "", "a b",
		"a\r\nVia", "z", "Reason", "Call-Info" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(pass); i++) {
		ck_assert(refer_header_may_pass(span_of(pass[i]), false));
		ck_assert(refer_header_may_pass(span_of(pass[i]), true));
	}
	for (i = 0; i < ARRAY_LEN(custom); i++) {
		ck_assert(!refer_header_may_pass(span_of(custom[i]), false));
		ck_assert(refer_header_may_pass(span_of(custom[i]), true));
	}
	for (i = 0; i < ARRAY_LEN(never); i++) {
		ck_assert(!refer_header_may_pass(span_of(never[i]), false));
		ck_assert_msg(!refer_header_may_pass(span_of(never[i]), true),
		    "%s", never[i]);
	}
}

END_TEST

START_TEST(a_header_is_written_as_it_is_read)
{
	struct refer_header header;
	struct span rest;
	char line[512];
	struct text t = text_over(line, sizeof(line));
	struct sip_replaces r = { SPAN("a&b@h"), SPAN("1=?"), SPAN("0"), true };
	char value[128];
	struct text v = text_over(value, sizeof(value));

	TEXT_LIT(&t, "<sip:a@h");
	sip_replaces_write(&r, &v);
	refer_header_write(&t, true, SPAN("Replaces"), text_span(&v));
	refer_header_write(&t, false, SPAN("X-%"), SPAN("<\"\xff>\t;,&=?%41"));
	TEXT_LIT(&t, ">");
	ck_assert_span(text_span(&t),
	    "<sip:a@h?Replaces=a%26b%40h%3Bto-tag%3D1%3D?%3Bfrom-tag%3D0"
	    "%3Bearly-only&X-%25=%3C%22%FF%3E%09%3B%2C%26%3D?%2541>");
	ck_read(text_span(&t));
	ck_assert(refer_to_replaces(&to, &text, &r));
	ck_assert_span(r.call_id, "a&b@h");
	ck_assert_span(r.to_tag, "1=?");
	rest = to.headers;
	ck_assert(refer_header_next(&rest, &text, &header));
	ck_assert(refer_header_next(&rest, &text, &header));
	ck_assert_span(header.name, "X-%");
	ck_assert_span(header.value, "<\"\xff>\t;,&=?%41");
}

END_TEST

START_TEST(a_replaces_of_the_uri_is_read)
{
	struct sip_replaces r = { .early_only = false };

	ck_read(SPAN("<sip:a@h>"));
	ck_assert(!refer_to_replaces(&to, &text, &r));
	/* '@' that should have been escaped. */
	ck_read(SPAN("<sip:a@h?Replaces=12@192.0.2.1%3bto-tag%3d7%3bfrom-tag"
		     "%3d8%3bearly-only>"));
	ck_assert(refer_to_replaces(&to, &text, &r));
	ck_assert_span(r.call_id, "12@192.0.2.1");
	ck_assert_span(r.to_tag, "7");
	ck_assert_span(r.from_tag, "8");
	ck_assert(r.early_only);
	ck_read(SPAN("<sip:a@h?Replaces=12%3bto-tag%3d7>"));
	ck_assert(to.has_replaces);
	ck_assert(!refer_to_replaces(&to, &text, &r));
	ck_read(SPAN("<sip:a@h?Replaces=12%3bto-tag%3d7%3bfrom-tag%3d8>"));
	text = text_over(buf, 20);
	ck_assert(!refer_to_replaces(&to, &text, &r));
	ck_assert(text.overflow);
}

END_TEST

START_TEST(refer_sub_is_read)
{
	bool subscribe = true;

	ck_assert(refer_sub_read(SPAN("false"), &subscribe) && !subscribe);
	ck_assert(refer_sub_read(SPAN(" True ;x=y"), &subscribe) && subscribe);
	ck_assert(!refer_sub_read(SPAN("no"), &subscribe));
	ck_assert(!refer_sub_read(SPAN(""), &subscribe));
	ck_assert(subscribe);
}

END_TEST

/* --- Replaces --- */

START_TEST(replaces_is_read)
{
	struct sip_replaces r;
	struct text t;
	struct span value = exact(SPAN(
	    " 98732@sip.example.com ;from-tag=r33; To-Tag = ff87;early-only"));

	ck_assert(sip_replaces_read(value, &r));
	ck_assert_span(r.call_id, "98732@sip.example.com");
	ck_assert_span(r.to_tag, "ff87");
	ck_assert_span(r.from_tag, "r33");
	ck_assert(r.early_only);
	t = text_over(buf, sizeof(buf));
	sip_replaces_write(&r, &t);
	ck_assert_span(text_span(&t),
	    "98732@sip.example.com;to-tag=ff87;from-tag=r33;early-only");
	ck_assert(
	    sip_replaces_read(SPAN("a;to-tag=0;x=\"b,;c\";from-tag=0;y"), &r));
	ck_assert_span(r.to_tag, "0");
	ck_assert_span(r.from_tag, "0");
	ck_assert(!r.early_only);
	ck_assert(
	    sip_replaces_read(SPAN("a;\r\n to-tag=1;\r\n\tfrom-tag=2"), &r));
	ck_assert_span(r.from_tag, "2");
}

END_TEST

START_TEST(broken_replaces_is_refused)
{
	static const char *const values[] = { "", "a", ";to-tag=1;from-tag=2",
		"a;to-tag=1", "a;from-tag=1", "a;to-tag;from-tag=1",
		"a;to-tag=;from-tag=1", "a;to-tag=1;from-tag=2;to-tag=1",
		"a;to-tag=1;from-tag=2;FROM-TAG=3",
		"a;to-tag=1;from-tag=2;early-only;early-only",
		"a b;to-tag=1;from-tag=2", "a,b;to-tag=1;from-tag=2",
		"a;to-tag=1;from-tag=2,b;to-tag=1;from-tag=2",
		"a;to-tag=1 2;from-tag=2", "a;to-tag=\"1\";from-tag=2",
		"a;to-tag=1;from-tag=2;x,b",
		"a;to-tag=1;from-tag=2;early-only 1",
		"a;to-tag=1;from-tag=2;x=\"y\",b", "a;to-tag=1;from-tag=2;x=y,b",
		"a;to-tag=1;from-tag=\x01", "a\r\n;to-tag=<;from-tag=2" };
	struct sip_replaces r = { .early_only = true };
	size_t i;

	for (i = 0; i < ARRAY_LEN(values); i++)
		ck_assert_msg(!sip_replaces_read(exact(span_of(values[i])), &r),
		    "%s", values[i]);
	ck_assert(r.early_only);
}

END_TEST

/* --- sipfrag --- */

START_TEST(a_status_is_written)
{
	text = text_over(buf, sizeof(buf));
	ck_assert(sipfrag_write_status(&text, 180, SPAN("Ringing")));
	ck_assert_span(text_span(&text), "SIP/2.0 180 Ringing\r\n");
	text.len = 0;
	ck_assert(sipfrag_write_status(&text, 486, SPAN_NONE));
	ck_assert_span(text_span(&text), "SIP/2.0 486 Busy Here\r\n");
	text.len = 0;
	ck_assert(sipfrag_write_status(&text, 699, SPAN("a\r\nb\x01\0c")));
	ck_assert_span(text_span(&text), "SIP/2.0 699 a bc\r\n");
	text.len = 0;
	ck_assert(!sipfrag_write_status(&text, 99, SPAN("x")));
	ck_assert(!sipfrag_write_status(&text, 700, SPAN("x")));
	ck_assert_uint_eq(text.len, 0);
}

END_TEST

START_TEST(a_status_is_read)
{
	static const struct {
		const char *body;
		unsigned status; /* 0: none */
		const char *phrase;
	} rows[] = {
		{"SIP/2.0 200 OK\r\n",                                    200, "OK"     },
		{ "SIP/2.0 200 OK",				       200, "OK"     },
		{ "SIP/2.0 100 Trying\nTo: <sip:a@h>\n",                  100, "Trying" },
		{ "\r\n\n \t\r\nsip/2.0 503  No  way \r\nVia: x\r\n\r\n", 503,
                 "No  way"							      },
		{ "SIP/2.0 603",					  603, ""       },
		{ "SIP/2.0 603\rx",				       603, ""       },
		{ "SIP/2.0\t180\tRinging",                                180, "Ringing"},
		{ "",						     0,   NULL     },
		{ "\r\n",						 0,   NULL     },
		{ "SIP/2.0",					      0,   NULL     },
		{ "SIP/2.0 ",					     0,   NULL     },
		{ "SIP/2.0 20 OK",					0,   NULL     },
		{ "SIP/2.0 2000 OK",				      0,   NULL     },
		{ "SIP/2.0 099 OK",				       0,   NULL     },
		{ "SIP/2.0 700 OK",				       0,   NULL     },
		{ "SIP/2.0 2x0 OK",				       0,   NULL     },
		{ "SIP/2.0\r\n200 OK",                                    0,   NULL     },
		{ "SIP/3.0 200 OK",				       0,   NULL     },
		{ "SIP/2.0200 OK",					0,   NULL     },
		{ "To: x\r\nSIP/2.0 200 OK",                              0,   NULL     },
		{ "INVITE sip:a@h SIP/2.0\r\n",                           0,   NULL     },
	};

	unsigned status;
	struct span phrase;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		status = 0;
		ck_assert_msg(sipfrag_read_status(exact(span_of(rows[i].body)),
				  &status, &phrase) == (rows[i].status != 0),
		    "%s", rows[i].body);
		ck_assert_uint_eq(status, rows[i].status);
		if (status != 0)
			ck_assert_span(phrase, rows[i].phrase);
	}
}

END_TEST

/* --- Event and Subscription-State --- */

START_TEST(event_is_read_and_written)
{
	struct sip_event event;
	const char *id;

	ck_assert(sip_event_read(exact(SPAN("refer")), &event));
	ck_assert_span(event.package, "refer");
	ck_assert_span(event.id, "");
	ck_assert(sip_event_read(
	    exact(SPAN(" message-summary.winfo ; x=y;ID=93809824 ")), &event));
	ck_assert_span(event.package, "message-summary.winfo");
	ck_assert_span(event.id, "93809824");
	id = event.id.p;
	text = text_over(buf, sizeof(buf));
	sip_event_write(&event, &text);
	ck_assert_span(text_span(&text), "message-summary.winfo;id=93809824");
	ck_assert(!sip_event_read(exact(SPAN("")), &event));
	ck_assert(!sip_event_read(exact(SPAN(";id=1")), &event));
	ck_assert(!sip_event_read(exact(SPAN("refer,talk")), &event));
	ck_assert(!sip_event_read(exact(SPAN("refer x")), &event));
	ck_assert(!sip_event_read(exact(SPAN("refer;id=")), &event));
	ck_assert(!sip_event_read(exact(SPAN("refer;id=\"1\"")), &event));
	ck_assert_ptr_eq(event.id.p, id);
}

END_TEST

START_TEST(subscription_state_is_read_and_written)
{
	static const struct {
		const char *value;
		const char *written;
	} rows[] = {
		{"active;expires=60",                              "active;expires=60"},
		{ "Active ; Expires = 4294967295",
                 "active;expires=4294967295"                                          },
		{ "pending",				       "pending"          },
		{ "TERMINATED;reason=noresource",
                 "terminated;reason=noresource"                                       },
		{ "terminated;retry-after=5;x=y;reason=probation",
                 "terminated;reason=probation;retry-after=5"                          },
		{ "waiting;expires=0",                             "waiting;expires=0"},
		{ "",					      NULL               },
		{ ";expires=1",				    NULL               },
		{ "active,expires=1",                              NULL               },
		{ "active;expires=",                               NULL               },
		{ "active;expires",                                NULL               },
		{ "active;expires=-1",                             NULL               },
		{ "active;expires=4294967296",                     NULL               },
		{ "active;expires=99999999999999999999999",        NULL               },
		{ "terminated;reason=",                            NULL               },
		{ "terminated;reason=\"a\"",                       NULL               },
		{ "terminated;retry-after=soon",                   NULL               },
	};
	struct sip_subscription_state state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		memset(&state, 0xa5, sizeof(state));
		ck_assert_msg(
		    sip_subscription_state_read(exact(span_of(rows[i].value)),
			&state) == (rows[i].written != NULL),
		    "%s", rows[i].value);
		if (rows[i].written == NULL)
			continue;
		text = text_over(buf, sizeof(buf));
		sip_subscription_state_write(&state, &text);
		ck_assert_span(text_span(&text), rows[i].written);
	}
	ck_assert(sip_subscription_state_read(SPAN("terminated"), &state));
	ck_assert_int_eq(state.state, SIP_SUBSTATE_TERMINATED);
	ck_assert(!state.has_expires && !state.has_retry_after);
}

END_TEST

static TCase *
refer_cases(void)
{
	TCase *tc = tcase_create("refer");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, a_name_addr_is_read);
	tcase_add_test(tc, other_forms_are_read);
	tcase_add_test(tc, what_cannot_be_used_is_refused);
	tcase_add_test(tc, headers_are_limited);
	tcase_add_test(tc, headers_are_unescaped_one_by_one);
	tcase_add_test(tc, only_harmless_headers_may_pass);
	tcase_add_test(tc, a_header_is_written_as_it_is_read);
	tcase_add_test(tc, a_replaces_of_the_uri_is_read);
	tcase_add_test(tc, refer_sub_is_read);
	return tc;
}

static TCase *
notify_cases(void)
{
	TCase *tc = tcase_create("replaces and notify");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, replaces_is_read);
	tcase_add_test(tc, broken_replaces_is_refused);
	tcase_add_test(tc, a_status_is_written);
	tcase_add_test(tc, a_status_is_read);
	tcase_add_test(tc, event_is_read_and_written);
	tcase_add_test(tc, subscription_state_is_read_and_written);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("refer");

	suite_add_tcase(suite, refer_cases());
	suite_add_tcase(suite, notify_cases());
	return unit_run(suite);
}
