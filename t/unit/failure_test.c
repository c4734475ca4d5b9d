/* What failing sides say, and what the moment of a drop tells. */

#include "base/container.h"
#include "diagnosis/drop.h"
#include "diagnosis/failure.h"
#include "unit.h"

/* --- headers of failures --- */

START_TEST(ms_diagnostics_is_read)
{
	struct failure_ms ms;

	ck_assert(failure_read_ms(
	    SPAN("10014;source=\"fe.pbx\";reason=\"Gateway; it said \\\"no\\\"\""
		 ";component=\"MediationServer\";x"),
	    &ms));
	ck_assert_uint_eq(ms.code, 10014);
	ck_assert_span(ms.reason, "Gateway; it said \\\"no\\\"");
	ck_assert_span(ms.component, "MediationServer");
	ck_assert_span(ms.source, "fe.pbx");
	ck_assert(failure_read_ms(SPAN(" 24117 ; Reason = none"), &ms));
	ck_assert_uint_eq(ms.code, 24117);
	ck_assert_span(ms.reason, "none");
	ck_assert_span(ms.component, "");
	ck_assert(failure_read_ms(SPAN("1;reason=\"not closed\\"), &ms));
	ck_assert_span(ms.reason, "\"not closed\\");
	ck_assert(!failure_read_ms(SPAN(""), &ms));
	ck_assert(!failure_read_ms(SPAN_NONE, &ms));
	ck_assert(!failure_read_ms(SPAN("abc;reason=\"x\""), &ms));
	ck_assert(!failure_read_ms(SPAN("1234567890"), &ms));
}
END_TEST

START_TEST(warning_is_read)
{
	struct failure_warning w;

	ck_assert(
	    failure_read_warning(SPAN("399 gw.x:5060 \"no, route\""), &w));
	ck_assert_uint_eq(w.code, 399);
	ck_assert_span(w.agent, "gw.x:5060");
	ck_assert_span(w.text, "no, route");
	ck_assert(!failure_read_warning(SPAN("hello"), &w));
}
END_TEST

static const char *
told(enum failure_header header, const char *name, const char *value)
{
	static char buf[1024];
	struct text t = text_over(buf, sizeof(buf));

	failure_add(&t, header, span_of(name), span_of(value));
	return text_cstr(&t);
}

START_TEST(failures_are_told)
{
	char longest[600];

	ck_assert_str_eq(told(FAILURE_MS, "ms-diagnostics",
			     "10014;reason=\"R\";component=\"C\""),
	    "ms-diagnostics 10014 \"R\" (C)");
	ck_assert_str_eq(
	    told(FAILURE_MS, "ms-diagnostics-public", "7"), "ms-diagnostics-public 7");
	ck_assert_str_eq(told(FAILURE_MS, "ms-diagnostics", "odd;x"),
	    "ms-diagnostics: odd;x");
	ck_assert_str_eq(told(FAILURE_OTHER, "Reason", " Q.850;cause=3 "),
	    "Reason: Q.850;cause=3");
	ck_assert_str_eq(told(FAILURE_WARNING, "Warning", "399 h \"T\""),
	    "Warning 399 \"T\"");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_uint_eq(strlen(told(FAILURE_OTHER, "Reason", longest)), 168);
}
END_TEST

/* --- the moment of a drop --- */

#define WAIT 32000

static const struct {
	uint64_t talked;
	enum journal_leg by;
	bool acked;
	uint32_t session[DROP_LEGS];
	enum drop_kind kind;
	const char *sentence; /* a part of it */
} drops[] = {
	{ 32000, JOURNAL_NO_LEG, false, { 0, 0 }, DROP_NO_ACK,
	    "ended by us after 32.0 s: the 200 OK was never ACKed" },
	{ 32000, JOURNAL_NO_LEG, true, { 0, 0 }, DROP_NONE, "" },
	{ 90000, JOURNAL_NO_LEG, true, { 90, 0 }, DROP_NONE, "" },
	{ 300000, JOURNAL_NO_LEG, false, { 0, 0 }, DROP_NONE, "" },
	{ 31900, JOURNAL_CALLER, false, { 0, 0 }, DROP_NO_ACK,
	    "ended by the caller (pbx) after 31.9 s: the 200 OK was never" },
	{ 33000, JOURNAL_CALLER, true, { 0, 0 }, DROP_ACK_BEYOND,
	    "one behind it got lost" },
	{ 32500, JOURNAL_CALLEE, true, { 0, 0 }, DROP_ACK_BEYOND,
	    "ended by the callee (carrier) after 32.5 s: as one that waits" },
	{ 32500, JOURNAL_CALLEE, false, { 0, 0 }, DROP_ACK_BEYOND,
	    "ours did not reach it" },
	{ 33001, JOURNAL_CALLEE, true, { 0, 0 }, DROP_NONE, "" },
	{ 30999, JOURNAL_CALLEE, true, { 0, 0 }, DROP_RTCP, "hears no RTCP" },
	{ 29000, JOURNAL_CALLER, true, { 0, 0 }, DROP_RTCP, "hears no RTCP" },
	{ 28999, JOURNAL_CALLER, true, { 0, 0 }, DROP_NONE, "" },
	{ 91900, JOURNAL_CALLER, true, { 90, 0 }, DROP_SESSION,
	    "the whole of the Session-Expires (90 s) that the caller (pbx)" },
	{ 92100, JOURNAL_CALLER, true, { 90, 0 }, DROP_NONE, "" },
	{ 45500, JOURNAL_CALLER, true, { 0, 90 }, DROP_SESSION_HALF,
	    "half of the Session-Expires (90 s) that the callee (carrier)" },
	{ 61000, JOURNAL_CALLEE, true, { 0, 90 }, DROP_SESSION_EARLY,
	    "what a missed refresh leaves of the Session-Expires (90 s)" },
	{ 1768000, JOURNAL_CALLEE, true, { 1800, 0 }, DROP_SESSION_EARLY,
	    "(1800 s)" },
	/* Agreed values say more than usual ones. */
	{ 1800000, JOURNAL_CALLEE, true, { 1800, 0 }, DROP_SESSION, "" },
	{ 900000, JOURNAL_CALLEE, true, { 0, 1800 }, DROP_SESSION_HALF, "" },
	{ 32000, JOURNAL_CALLEE, true, { 64, 0 }, DROP_SESSION_HALF, "" },
	/* But an ACK that never came is a fact. */
	{ 32000, JOURNAL_CALLER, false, { 64, 0 }, DROP_NO_ACK, "" },
	{ 301500, JOURNAL_CALLEE, true, { 0, 0 }, DROP_ROUND,
	    "ended by the callee (carrier) after 301.5 s: 5 minutes are" },
	{ 301501, JOURNAL_CALLEE, true, { 0, 0 }, DROP_NONE, "" },
	{ 598500, JOURNAL_CALLER, true, { 0, 0 }, DROP_ROUND, "10 minutes" },
	{ 900000, JOURNAL_CALLER, true, { 0, 0 }, DROP_ROUND, "15 minutes" },
	{ 1800000, JOURNAL_CALLER, true, { 0, 0 }, DROP_ROUND, "30 minutes" },
	{ 3600000, JOURNAL_CALLER, true, { 0, 0 }, DROP_ROUND, "60 minutes" },
	{ 2400000, JOURNAL_CALLER, true, { 0, 0 }, DROP_NONE, "" },
	{ 0, JOURNAL_CALLER, false, { 0, 0 }, DROP_NONE, "" },
	{ 0, JOURNAL_CALLER, true, { 1, 1 }, DROP_NONE, "" },
	{ UINT64_MAX, JOURNAL_CALLEE, true, { UINT32_MAX, UINT32_MAX },
	    DROP_NONE, "" },
};

START_TEST(drops_are_judged)
{
	struct drop_facts facts = { .ack_wait = WAIT,
		.trunk = { SPAN("pbx"), SPAN("carrier") } };
	char buf[256];
	struct drop drop;
	struct text t;

	facts.talked = drops[_i].talked;
	facts.by = drops[_i].by;
	facts.acked = drops[_i].acked;
	memcpy(facts.session, drops[_i].session, sizeof(facts.session));
	drop = drop_judge(&facts);
	ck_assert_uint_eq(drop.kind, drops[_i].kind);
	t = text_over(buf, sizeof(buf));
	drop_add_sentence(&t, &facts, &drop);
	ck_assert_uint_eq(t.len == 0, drop.kind == DROP_NONE);
	ck_assert(!t.overflow);
	ck_assert_msg(strstr(text_cstr(&t), drops[_i].sentence) != NULL, "%s",
	    text_cstr(&t));
}
END_TEST

START_TEST(a_status_alone_has_a_code)
{
	unsigned status;

	ck_assert_int_eq(failure_diagnostic(403), DIAG_RSP_403);
	ck_assert_int_eq(failure_diagnostic(407), DIAG_AUTH_CHALLENGED);
	ck_assert_int_eq(failure_diagnostic(604), DIAG_RTE_UNALLOCATED);
	for (status = 300; status < 700; status++)
		ck_assert_int_ne(failure_diagnostic(status), DIAG_NONE);
}
END_TEST

/* A small T1 has a small margin. */
START_TEST(the_wait_for_an_ack_is_that_of_t1)
{
	struct drop_facts facts = { .ack_wait = 64 * 50,
		.by = JOURNAL_CALLEE };

	facts.talked = 3200 + 400;
	ck_assert_uint_eq(drop_judge(&facts).kind, DROP_ACK_BEYOND);
	facts.talked = 3200 + 401;
	ck_assert_uint_eq(drop_judge(&facts).kind, DROP_NONE);
	facts.talked = WAIT;
	ck_assert_uint_eq(drop_judge(&facts).kind, DROP_NONE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failures and drops");
	TCase *tc = tcase_create("failure");

	tcase_add_test(tc, ms_diagnostics_is_read);
	tcase_add_test(tc, warning_is_read);
	tcase_add_test(tc, failures_are_told);
	tcase_add_test(tc, a_status_alone_has_a_code);
	tcase_add_loop_test(tc, drops_are_judged, 0, ARRAY_LEN(drops));
	tcase_add_test(tc, the_wait_for_an_ack_is_that_of_t1);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
