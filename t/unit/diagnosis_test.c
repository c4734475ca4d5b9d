#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "base/container.h"
#include "diagnosis/cause.h"
#include "diagnosis/journal.h"
#include "diagnosis/trail.h"
#include "unit.h"

/* --- the catalogue --- */

static bool
is_sentence(const char *s)
{
	size_t n = strlen(s);

	return n > 4 && (s[n - 1] == '.' || strcmp(s + n - 2, ".\"") == 0 ||
			    strcmp(s + n - 2, "?\"") == 0);
}

START_TEST(catalogue_is_complete_and_in_order)
{
	const struct diagnosis *row, *last = NULL;
	unsigned i;

	ck_assert_uint_gt(DIAGNOSTICS, 105);
	for (i = 1; i < DIAGNOSTICS; i++, last = row) {
		row = diagnosis_get(i);
		ck_assert(
		    last == NULL || strcasecmp(last->code, row->code) < 0);
		ck_assert_msg(*row->title != '\0' &&
				  row->title[strlen(row->title) - 1] != '.',
		    "%s: title", row->code);
		/* It goes into the journal as it is. */
		ck_assert_msg(span_is_plain(span_of(row->title)) &&
				  strpbrk(row->title, "\"\\") == NULL,
		    "%s: title", row->code);
		ck_assert_msg(is_sentence(row->symptom), "%s", row->code);
		ck_assert_msg(is_sentence(row->cause), "%s", row->code);
		ck_assert_msg(is_sentence(row->does), "%s", row->code);
		ck_assert_msg(is_sentence(row->person), "%s", row->code);
		ck_assert_str_ne(diag_side_name(row->side), "?");
		ck_assert_str_ne(diag_severity_name(row->severity), "?");
	}
}

END_TEST

START_TEST(every_code_is_found)
{
	unsigned i;

	for (i = 1; i < DIAGNOSTICS; i++)
		ck_assert_uint_eq(
		    diagnosis_find(span_of(diagnosis_get(i)->code)), i);
	ck_assert_uint_eq(
	    diagnosis_find(SPAN("cli-pai-not-owned")), DIAG_CLI_PAI_NOT_OWNED);
	ck_assert_str_eq(
	    diagnosis_get(DIAG_DLG_FORKED_18X)->code, "DLG-FORKED-18x");
	ck_assert_uint_eq(diagnosis_find(SPAN("CLI-PAI-NOT-OWNE")), DIAG_NONE);
	ck_assert_uint_eq(
	    diagnosis_find(SPAN("CLI-PAI-NOT-OWNEDX")), DIAG_NONE);
	ck_assert_uint_eq(diagnosis_find(SPAN("-")), DIAG_NONE);
	ck_assert_uint_eq(diagnosis_find(SPAN_NONE), DIAG_NONE);
	ck_assert_str_eq(diagnosis_get(DIAG_NONE)->code, "-");
	ck_assert_str_eq(diagnosis_get(9999)->code, "-");
}

END_TEST

START_TEST(nearest_code_is_offered)
{
	ck_assert_str_eq(
	    diagnosis_nearest(SPAN("CLI-PAI-NOT-OWND")), "CLI-PAI-NOT-OWNED");
	ck_assert_str_eq(diagnosis_nearest(SPAN("RSP-6O3")), "RSP-603");
	ck_assert_str_eq(diagnosis_nearest(SPAN("dlg-ack")), "DLG-ACK-TARGET");
	ck_assert_ptr_null(diagnosis_nearest(SPAN("zzzzzzzz")));
}

END_TEST

/* What `print` writes, as a string that the caller frees. */
static char *
captured(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(out);
	print(out);
	fclose(out);
	return text;
}

static void
print_one(FILE *out)
{
	diagnosis_print(DIAG_MED_SDP_PRIVATE, out);
}

static void
print_all(FILE *out)
{
	unsigned i;

	for (i = 0; i < DIAGNOSTICS; i++)
		diagnosis_print(i, out);
}

static void
ck_assert_lines_fit(const char *text, size_t width)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1)
		ck_assert_msg((size_t)(end - text) <= width, "%.*s",
		    (int)(end - text), text);
	ck_assert_str_eq(text, "");
}

START_TEST(page_fits_a_terminal)
{
	char *page = captured(print_one), *all = captured(print_all);

	ck_assert_ptr_nonnull(
	    strstr(page, "MED-SDP-PRIVATE: A private address in the SDP\n"
			 "fault, side: pbx, rows: TWI-26\n"
			 "\n"
			 "Symptom   The person outside"));
	ck_assert_ptr_nonnull(strstr(page, "\n\nRemedy    Set the public"));
	ck_assert_lines_fit(all, 78);
	free(page);
	free(all);
}

END_TEST

START_TEST(manual_lists_every_code)
{
	char *page = captured(diagnosis_print_mdoc), *line, *rest = page;
	unsigned codes = 0;

	ck_assert_lines_fit(page, 80);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, ".Ss ", 4) == 0)
			ck_assert_uint_eq(
			    diagnosis_find(span_of(line + 4)), ++codes);
		else if (*line == '.')
			ck_assert(strncmp(line, ".Bl ", 4) == 0 ||
				  strncmp(line, ".It ", 4) == 0 ||
				  strcmp(line, ".El") == 0);
		ck_assert_int_ne(*line, '\'');
	}
	ck_assert_uint_eq(codes, DIAGNOSTICS - 1);
	free(page);
}

END_TEST

/* --- the journal --- */

static struct journal_entry
example(void)
{
	return (struct journal_entry){
		.kind = JOURNAL_REWRITE,
		.time = UINT64_C(1795255200123456),
		.call = UINT64_C(0x7f3a000000000001),
		.leg = JOURNAL_CALLEE,
		.stage = STAGE_OUT,
		.diagnostic = DIAG_CLI_PAI_NOT_OWNED,
		.cseq = 1,
		.trunk = SPAN("twilio"),
		.message = SPAN("INVITE"),
		.target = SPAN("P-Asserted-Identity[0]"),
		.before = SPAN("\"A\" <sip:+442071234567@pbx>"),
		.after = SPAN("<sip:+442079460000@sbc.example.com>"),
		.rule = SPAN("policies/twilio-termination.conf:12"),
		.reason = SPAN("It is not ours."),
	};
}

static char line_buf[JOURNAL_LINE_MAX];

static struct span
json_of(const struct journal_entry *entry)
{
	struct text t = text_over(line_buf, sizeof(line_buf));

	ck_assert(journal_add_json(&t, entry));
	return text_span(&t);
}

static struct span
text_of(const struct journal_entry *entry)
{
	struct text t = text_over(line_buf, sizeof(line_buf));

	ck_assert(journal_add_text(&t, entry));
	return text_span(&t);
}

START_TEST(json_has_every_field)
{
	struct journal_entry e = example();

	ck_assert_span(json_of(&e),
	    "{\"time\":\"2026-11-21T10:00:00.123Z\",\"kind\":\"rewrite\","
	    "\"call\":\"7f3a000000000001\",\"leg\":\"callee\","
	    "\"trunk\":\"twilio\",\"stage\":\"out\",\"message\":\"INVITE\","
	    "\"cseq\":1,\"target\":\"P-Asserted-Identity[0]\","
	    "\"before\":\"\\\"A\\\" <sip:+442071234567@pbx>\","
	    "\"after\":\"<sip:+442079460000@sbc.example.com>\","
	    "\"rule\":\"policies/twilio-termination.conf:12\","
	    "\"diagnostic\":\"CLI-PAI-NOT-OWNED\","
	    "\"reason\":\"It is not ours.\"}");
}

END_TEST

START_TEST(json_leaves_out_what_is_empty)
{
	struct journal_entry e = { .kind = JOURNAL_SYSTEM };

	ck_assert_span(json_of(&e), "{\"kind\":\"system\"}");
	e.diagnostic = DIAG_CFG_RELOADED;
	ck_assert_span(json_of(&e),
	    "{\"kind\":\"system\",\"diagnostic\":\"CFG-RELOADED\","
	    "\"reason\":\"A new configuration is in force\"}");
}

END_TEST

START_TEST(text_has_every_field)
{
	struct journal_entry e = example();

	ck_assert_span(text_of(&e),
	    "rewrite call=7f3a000000000001 leg=callee trunk=twilio dir=out "
	    "msg=INVITE cseq=1 hdr=P-Asserted-Identity[0] "
	    "old=\"\\\"A\\\" <sip:+442071234567@pbx>\" "
	    "new=\"<sip:+442079460000@sbc.example.com>\" "
	    "rule=policies/twilio-termination.conf:12 diag=CLI-PAI-NOT-OWNED "
	    "ref=SFB-05 reason=\"It is not ours.\" "
	    "time=2026-11-21T10:00:00.123Z");
	e = (struct journal_entry){ .kind = JOURNAL_DIAGNOSIS,
		.message = SPAN("200 INVITE"),
		.trunk = SPAN("a=b") };
	ck_assert_span(
	    text_of(&e), "diagnosis trunk=\"a=b\" msg=\"200 INVITE\"");
}

END_TEST

START_TEST(time_is_that_of_the_calendar)
{
	/* Every 11 h 7 min or so over 1970 to 2105: all days of leap years,
	 * 2000 and 2100 among them. */
	uint64_t s;

	for (s = 1; s < UINT64_C(4260000000); s += 40021) {
		struct journal_entry e = { .kind = JOURNAL_END,
			.time = s * 1000000 + 7999 };
		time_t at = (time_t)s;
		struct tm tm;
		char want[64];

		gmtime_r(&at, &tm);
		strftime(want, sizeof(want),
		    "{\"time\":\"%Y-%m-%dT%H:%M:%S.007Z\",\"kind\":\"end\"}",
		    &tm);
		ck_assert_span(json_of(&e), want);
	}
}

END_TEST

#define KEY "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"

static bool
shows(struct span line, const char *word)
{
	return span_find_span(line, span_of(word)) >= 0;
}

/* Neither form may show "canary", and both must show that a value was there. */
static void
ck_assert_masked(struct journal_entry e)
{
	struct span line = json_of(&e);

	ck_assert_msg(!shows(line, "canary"), "%.*s", SPAN_ARG(line));
	ck_assert(shows(line, "(masked)"));
	line = text_of(&e);
	ck_assert_msg(!shows(line, "canary"), "%.*s", SPAN_ARG(line));
	ck_assert(shows(line, "(masked)"));
}

START_TEST(secrets_are_masked_by_target)
{
	static const char *const targets[] = { "Authorization",
		"proxy-authorization", "Proxy-Authorization[0]",
		"WWW-Authenticate[1].nonce", "Proxy-Authenticate",
		"Authentication-Info", "header.Authorization",
		"sdp.media[0].crypto", "sdp.media[0].crypto[1]" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(targets); i++) {
		struct journal_entry e = { .kind = JOURNAL_REWRITE,
			.target = span_of(targets[i]),
			.before = SPAN("x canary"),
			.after = SPAN("y canary") };

		ck_assert_masked(e);
	}
}

END_TEST

START_TEST(secrets_are_masked_by_content)
{
	static const char *const values[] = {
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:canary|2^20|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 INLINE: canary",
		"inline:canary;inline:canary|1:4",
		"Digest username=\"u\", response=\"canary\"",
		"  basic canary",
		"INVITE sip:a@b SIP/2.0\r\nAuthorization : Digest canary\r\nX: "
		"y",
		"Proxy-Authenticate: Digest nonce=\"canary\"",
		"k=clear:canary",
		"k=base64:canary",
		"\"Bob\" <sip:bob:canary@pbx>;tag=1",
		"SIPS:+44;phone-context=x:canary@pbx:5061",
		"<sip:a@b>, <sip:bob:can:ary%40canary@pbx>",
		"INVITE sip:bob:canary@pbx SIP/2.0\r\nVia: SIP/2.0/UDP a:5060",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(values); i++) {
		struct journal_entry e = { .kind = JOURNAL_REWRITE,
			.target = SPAN("sdp") };

		e.before = span_of(values[i]);
		ck_assert_masked(e);
		e.before = SPAN_NONE;
		e.after = span_of(values[i]);
		ck_assert_masked(e);
		e.after = SPAN_NONE;
		e.reason = span_of(values[i]);
		ck_assert_masked(e);
	}
}

END_TEST

START_TEST(what_is_no_secret_is_shown)
{
	struct journal_entry e = { .kind = JOURNAL_REWRITE,
		.target = SPAN("sdp.media[0].a"),
		.before = SPAN("a=crypto:1 AES inline:" KEY "|2^20|1:4 X:y"),
		.after = SPAN("a=rtpmap:0 PCMU/8000") };

	ck_assert_span(json_of(&e),
	    "{\"kind\":\"rewrite\",\"target\":\"sdp.media[0].a\","
	    "\"before\":\"a=crypto:1 AES inline:(masked)|2^20|1:4 X:y\","
	    "\"after\":\"a=rtpmap:0 PCMU/8000\"}");
	e.target = SPAN("From");
	e.before = SPAN("<sip:a:5060>,<sip:[2001::1]:5060;x=y>,<sip:b@c:5060>,"
			"<tel:1>,\"sip:x:\"a@b,<x:y:z@w>");
	e.after = SPAN("<sip:a:pass@b:5060>");
	ck_assert_span(json_of(&e),
	    "{\"kind\":\"rewrite\",\"target\":\"From\","
	    "\"before\":\"<sip:a:5060>,<sip:[2001::1]:5060;x=y>,<sip:b@c:5060>,"
	    "<tel:1>,\\\"sip:x:\\\"a@b,<x:y:z@w>\","
	    "\"after\":\"<sip:a:(masked)@b:5060>\"}");
	e.after = SPAN("a=rtpmap:0 PCMU/8000");
	e.target = SPAN("Authorization-Like");
	ck_assert(!shows(json_of(&e), "\"after\":\"(masked)\""));
}

END_TEST

START_TEST(no_raw_control_byte_gets_out)
{
	struct journal_entry e = example();
	char all[256];
	struct span line;
	json_t *json;
	size_t i;

	for (i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	e.trunk = e.message = e.target = e.before = e.after = e.rule =
	    e.reason = span_make(all, sizeof(all));
	line = json_of(&e);
	json = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	ck_assert_ptr_nonnull(json);
	ck_assert_uint_eq(json_object_size(json), 14);
	json_decref(json);
	for (i = 0; i < line.n; i++)
		ck_assert(isprint((unsigned char)line.p[i]));
	line = text_of(&e);
	for (i = 0; i < line.n; i++)
		ck_assert(isprint((unsigned char)line.p[i]));
}

END_TEST

START_TEST(a_line_that_does_not_fit_is_told)
{
	struct journal_entry e = example();
	size_t json = json_of(&e).n, text = text_of(&e).n, cap;
	char buf[2048];

	for (cap = 0; cap <= json; cap++) {
		struct text t = text_over(buf, cap);

		ck_assert_int_eq(journal_add_json(&t, &e), cap == json);
	}
	for (cap = 0; cap <= text; cap++) {
		struct text t = text_over(buf, cap);

		ck_assert_int_eq(journal_add_text(&t, &e), cap == text);
	}
}

END_TEST

START_TEST(the_longest_entry_fits)
{
	static char big[70000], packed[JOURNAL_PACK_MAX];
	struct text t = text_over(packed, sizeof(packed));
	struct journal_entry e = example(), back;
	struct span line;
	size_t n;

	memset(big, 1, sizeof(big));
	e.trunk = e.message = e.target = e.before = e.after = e.rule =
	    e.reason = span_make(big, sizeof(big));
	ck_assert(shows(json_of(&e), "\\u0001...\",\"rule\""));
	n = journal_pack(&t, &e, NULL);
	ck_assert_uint_gt(n, 7 * JOURNAL_VALUE_MAX);
	ck_assert_uint_eq(journal_unpack(text_span(&t), &back), n);
	line = json_of(&back);
	ck_assert(shows(line, "\\u0001...\",\"rule\""));
	ck_assert(shows(text_of(&back), "\\x01...\" rule=\""));
}

END_TEST

START_TEST(packing_keeps_the_entry)
{
	struct journal_entry e = example(), back;
	char buf[1024], line[1024];
	struct text t = text_over(buf, sizeof(buf)), l;
	size_t n = journal_pack(&t, &e, NULL), cut;

	ck_assert_uint_eq(n, t.len);
	ck_assert_uint_eq(journal_pack(&t, &e, NULL), n);
	ck_assert_uint_eq(t.len, 2 * n);
	memset(&back, 0xff, sizeof(back));
	ck_assert_uint_eq(journal_unpack(text_span(&t), &back), n);
	l = text_over(line, sizeof(line));
	ck_assert(journal_add_json(&l, &back));
	ck_assert(span_eq(json_of(&e), text_span(&l)));
	for (cut = 0; cut < n; cut++) {
		struct text small = text_over(buf, cut);

		ck_assert_uint_eq(
		    journal_unpack(span_make(buf, cut), &back), 0);
		ck_assert_uint_eq(journal_pack(&small, &e, NULL), 0);
		ck_assert_uint_eq(small.len, 0);
		ck_assert(!small.overflow);
	}
}

END_TEST

START_TEST(broken_bytes_do_not_unpack)
{
	struct journal_entry e = example(), back;
	char buf[1024];
	struct text t = text_over(buf, sizeof(buf));
	size_t n = journal_pack(&t, &e, NULL), i;

	/* Whatever a byte of the head becomes: refused, or names that exist. */
	for (i = 0; i < 40; i++) {
		char was = buf[i];

		buf[i] = (char)0xff;
		if (journal_unpack(span_make(buf, n), &back) != 0) {
			ck_assert_uint_le(back.kind, JOURNAL_SYSTEM);
			ck_assert_uint_lt(back.diagnostic, DIAGNOSTICS);
			ck_assert_str_ne(journal_leg_name(back.leg), "?");
			ck_assert_str_ne(journal_stage_name(back.stage), "?");
			ck_assert(span_end(back.reason) <= buf + n);
		}
		buf[i] = was;
	}
	buf[20] = (char)0xff; /* the diagnostic */
	buf[21] = (char)0xff;
	ck_assert_uint_eq(journal_unpack(span_make(buf, n), &back), 0);
}

END_TEST

/* --- entries of one call, one behind the other --- */

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* Often the text of before, often much the same. */
static struct span
some_text(uint32_t *state, struct span before)
{
	static const char letters[] =
	    "aaaaaaaaaaaaaaaabaaaaaaaaaaaaaaaacaaaaaaaaaaaaaa";
	uint32_t how = next_random(state) % 4;
	uint32_t at = next_random(state) % 24, n = next_random(state) % 24;

	if (how == 0)
		return before;
	return how == 1 ? SPAN_NONE : span_make(letters + at, n);
}

static struct journal_entry
some_entry(uint32_t *state, const struct journal_entry *last)
{
	return (struct journal_entry){
		.kind = (enum journal_kind)(next_random(state) % (JOURNAL_SYSTEM + 1)),
		.leg = next_random(state) % (JOURNAL_TARGET + 1),
		.stage = next_random(state) % (STAGE_CORE + 1),
		.diagnostic = next_random(state) % DIAGNOSTICS,
		.call = next_random(state) % 8 == 0 ? last->call + 1
						    : last->call,
		.time = last->time + next_random(state) % 1000 - 100,
		.cseq = next_random(state),
		.trunk = some_text(state, last->trunk),
		.message = some_text(state, last->message),
		.target = some_text(state, last->target),
		.before = some_text(state, last->before),
		.after = some_text(state, last->after),
		.rule = some_text(state, last->rule),
		.reason = some_text(state, last->reason),
	};
}

static void
check_same(const struct journal_entry *a, const struct journal_entry *b)
{
	char one[JOURNAL_PACK_MAX], other[JOURNAL_PACK_MAX];
	struct text t = text_over(one, sizeof(one));
	struct text o = text_over(other, sizeof(other));

	ck_assert_uint_gt(journal_pack(&t, a, NULL), 0);
	ck_assert_uint_gt(journal_pack(&o, b, NULL), 0);
	ck_assert(span_eq(text_span(&t), text_span(&o)));
}

START_TEST(a_trail_keeps_each_entry)
{
	struct journal_entry last = example(), e, back;
	char buf[1024], texts[1024];
	uint32_t state = 1, i;

	for (i = 0; i < 20000; i++) {
		const struct journal_entry *known = i % 8 == 0 ? NULL : &last;
		struct text t = text_over(buf, sizeof(buf));
		struct text out = text_over(texts, sizeof(texts));
		size_t n;

		e = some_entry(&state, &last);
		n = trail_add(&t, known, &e);
		ck_assert_uint_eq(n, t.len);
		ck_assert_uint_eq(
		    trail_read(text_span(&t), known, &out, &back), n);
		check_same(&e, &back);
		last = e;
	}
}

END_TEST

START_TEST(a_trail_holds_the_longest_entry)
{
	static char big[JOURNAL_VALUE_MAX], buf[JOURNAL_PACK_MAX],
	    texts[JOURNAL_PACK_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct text out = text_over(texts, sizeof(texts));
	struct journal_entry e = example(), back;

	memset(big, 'x', sizeof(big));
	e.call = e.time = UINT64_MAX;
	e.trunk = e.message = e.target = e.before = e.after = e.rule =
	    e.reason = span_make(big, sizeof(big));
	ck_assert_uint_gt(trail_add(&t, NULL, &e), 0);
	ck_assert_uint_eq(
	    trail_read(text_span(&t), NULL, &out, &back), t.len);
	check_same(&e, &back);
}

END_TEST

START_TEST(a_trail_is_small_where_entries_are_alike)
{
	struct journal_entry last = example(), e = example();
	char buf[1024];
	struct text t = text_over(buf, sizeof(buf));

	e.rule = SPAN("policies/twilio-termination.conf:19");
	e.after = SPAN("\"A\" <sip:+442079460000@pbx>");
	ck_assert_uint_le(trail_add(&t, &last, &e), 20);
}

END_TEST

START_TEST(a_broken_trail_is_not_read)
{
	struct journal_entry last = example(), e = example(), back;
	char buf[1024], texts[256];
	struct text t = text_over(buf, sizeof(buf)), out;
	size_t n, i;

	e.before = SPAN("\"A\" <sip:+442071234568@pbx>");
	n = trail_add(&t, &last, &e);
	for (i = 0; i < n; i++) {
		out = text_over(texts, sizeof(texts));
		ck_assert_uint_eq(trail_read(span_make(buf, i), &last, &out,
				      &back),
		    0);
	}
	for (i = 0; i < 256 * n; i++) {
		char was = buf[i / 256];

		buf[i / 256] = (char)i;
		out = text_over(texts, sizeof(texts));
		if (trail_read(text_span(&t), &last, &out, &back) > 0)
			ck_assert_uint_lt(back.diagnostic, DIAGNOSTICS);
		buf[i / 256] = was;
	}
	for (i = 0; i < 80; i++) {
		out = text_over(texts, i);
		ck_assert_uint_eq(
		    trail_read(text_span(&t), &last, &out, &back), 0);
	}
}

END_TEST

/* --- causes: the tables of RFC 3398, each row --- */

struct pair {
	unsigned from, to;
};

/* Section 7.2.4.1. */
static const struct pair to_status[] = {
	{ 1, 404 }, { 2, 404 }, { 3, 404 }, { 17, 486 }, { 18, 408 },
	{ 19, 480 }, { 20, 480 }, { 21, 403 }, { 22, 410 }, { 23, 410 },
	{ 26, 404 }, { 27, 502 }, { 28, 484 }, { 29, 501 }, { 31, 480 },
	{ 34, 503 }, { 38, 503 }, { 41, 503 }, { 42, 503 }, { 47, 503 },
	{ 55, 403 }, { 57, 403 }, { 58, 503 }, { 65, 488 }, { 70, 488 },
	{ 79, 501 }, { 87, 403 }, { 88, 503 }, { 102, 504 }, { 111, 500 },
	{ 127, 500 },
};

/* Section 8.2.6.1, and the statuses that it leaves to the reader:
 * 487, 488, 606, 607 and 608. */
static const struct pair from_status[] = {
	{ 400, 41 }, { 401, 21 }, { 402, 21 }, { 403, 21 }, { 404, 1 },
	{ 405, 63 }, { 406, 79 }, { 407, 21 }, { 408, 102 }, { 410, 22 },
	{ 413, 127 }, { 414, 127 }, { 415, 79 }, { 416, 127 }, { 420, 127 },
	{ 421, 127 }, { 423, 127 }, { 480, 18 }, { 481, 41 }, { 482, 25 },
	{ 483, 25 }, { 484, 28 }, { 485, 1 }, { 486, 17 }, { 487, 16 },
	{ 488, 79 }, { 500, 41 }, { 501, 79 }, { 502, 38 }, { 503, 41 },
	{ 504, 102 }, { 505, 127 }, { 513, 127 }, { 600, 17 }, { 603, 21 },
	{ 604, 1 }, { 606, 79 }, { 607, 21 }, { 608, 21 },
};

/* As the table has it, and nothing but the table, up to `last`. */
static void
ck_mapping(unsigned (*map)(unsigned), const struct pair *pairs, size_t n,
    unsigned last)
{
	unsigned from;
	size_t i, met = 0;

	for (from = 0; from <= last; from++) {
		unsigned wanted = 0;

		for (i = 0; i < n; i++)
			if (pairs[i].from == from)
				wanted = pairs[i].to;
		ck_assert_msg(map(from) == wanted, "%u became %u, not %u",
		    from, map(from), wanted);
		met += wanted != 0;
	}
	ck_assert_uint_eq(met, n);
}

START_TEST(every_cause_has_its_status)
{
	ck_mapping(cause_to_status, to_status, ARRAY_LEN(to_status), 999);
}

END_TEST

START_TEST(every_status_has_its_cause)
{
	ck_mapping(cause_from_status, from_status, ARRAY_LEN(from_status), 999);
}

END_TEST

START_TEST(every_cause_of_the_tables_has_a_name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(to_status); i++)
		ck_assert_msg(cause_name(to_status[i].from) != NULL, "%u",
		    to_status[i].from);
	for (i = 0; i < ARRAY_LEN(from_status); i++)
		ck_assert_msg(cause_name(from_status[i].to) != NULL, "%u",
		    from_status[i].to);
	ck_assert_str_eq(cause_name(17), "user busy");
	ck_assert_ptr_null(cause_name(0));
	ck_assert_ptr_null(cause_name(128));
}

END_TEST

static TCase *
cause_cases(void)
{
	TCase *tc = tcase_create("causes");

	tcase_add_test(tc, every_cause_has_its_status);
	tcase_add_test(tc, every_status_has_its_cause);
	tcase_add_test(tc, every_cause_of_the_tables_has_a_name);
	return tc;
}

static TCase *
catalogue_cases(void)
{
	TCase *tc = tcase_create("catalogue");

	tcase_add_test(tc, catalogue_is_complete_and_in_order);
	tcase_add_test(tc, every_code_is_found);
	tcase_add_test(tc, nearest_code_is_offered);
	tcase_add_test(tc, page_fits_a_terminal);
	tcase_add_test(tc, manual_lists_every_code);
	return tc;
}

static TCase *
journal_cases(void)
{
	TCase *tc = tcase_create("journal");

	tcase_add_test(tc, json_has_every_field);
	tcase_add_test(tc, json_leaves_out_what_is_empty);
	tcase_add_test(tc, text_has_every_field);
	tcase_add_test(tc, time_is_that_of_the_calendar);
	tcase_add_test(tc, secrets_are_masked_by_target);
	tcase_add_test(tc, secrets_are_masked_by_content);
	tcase_add_test(tc, what_is_no_secret_is_shown);
	tcase_add_test(tc, no_raw_control_byte_gets_out);
	tcase_add_test(tc, a_line_that_does_not_fit_is_told);
	tcase_add_test(tc, the_longest_entry_fits);
	tcase_add_test(tc, packing_keeps_the_entry);
	tcase_add_test(tc, broken_bytes_do_not_unpack);
	tcase_add_test(tc, a_trail_keeps_each_entry);
	tcase_add_test(tc, a_trail_holds_the_longest_entry);
	tcase_add_test(tc, a_trail_is_small_where_entries_are_alike);
	tcase_add_test(tc, a_broken_trail_is_not_read);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("diagnosis");

	suite_add_tcase(suite, catalogue_cases());
	suite_add_tcase(suite, cause_cases());
	suite_add_tcase(suite, journal_cases());
	return unit_run(suite);
}
