/*
 * refer_fuzz.c - what transfers, PRACK and session timers read: the first byte
 * says which, the rest is the value. What is written of it must be read as the
 * same.
 */

#include "base/container.h"
#include "fuzz.h"
#include "sip/capability.h"
#include "sip/chars.h"
#include "sip/refer.h"
#include "sip/reliable.h"
#include "sip/session_timer.h"
#include "sip/sipfrag.h"
#include "sip/subscription.h"
#include "sip/value.h"

#define ROOM 65536

static char first[ROOM], second[ROOM], third[ROOM];

/* A value that goes into a header field as it is. */
static void
check_line(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		FUZZ_CHECK(((unsigned char)s.p[i] >= 0x20 || s.p[i] == '\t') &&
			   s.p[i] != 0x7f);
}

/* --- Refer-To --- */

static void
check_target(const struct refer_to *to, struct span target)
{
	struct span rest, name, value;
	struct sip_uri uri;

	FUZZ_CHECK(sip_uri_parse(target, &uri));
	FUZZ_CHECK(sip_uri_sound(&uri));
	FUZZ_CHECK(uri.scheme == to->uri.scheme);
	FUZZ_CHECK(span_eq(uri.user, to->uri.user));
	FUZZ_CHECK(span_eq(uri.host, to->uri.host));
	FUZZ_CHECK(uri.port == to->uri.port);
	FUZZ_CHECK(uri.headers.n == 0);
	rest = uri.params;
	while (sip_param_next(&rest, &name, &value))
		FUZZ_CHECK(!span_ieq(name, SPAN("method")));
}

/* Writes the headers behind the target, as another Refer-To. */
static void
write_headers(const struct refer_to *to, struct text *out)
{
	struct text scratch = text_over(second, ROOM);
	struct span rest = to->headers;
	struct refer_header header;
	unsigned n = 0;

	while (refer_header_next(&rest, &scratch, &header)) {
		FUZZ_CHECK(sip_is_token(header.name));
		FUZZ_CHECK(header.id == sip_header_find(header.name));
		FUZZ_CHECK(!span_ieq(header.name, SPAN("body")));
		check_line(header.value);
		FUZZ_CHECK(!refer_header_may_pass(header.name, false) ||
			   refer_header_may_pass(header.name, true));
		refer_header_write(out, n++ == 0, header.name, header.value);
	}
	FUZZ_CHECK(!scratch.overflow && rest.n == 0);
	FUZZ_CHECK(n <= REFER_HEADERS_MAX);
	FUZZ_CHECK(!to->has_replaces || n > 0);
}

static void
check_same_headers(const struct refer_to *a, const struct refer_to *b)
{
	struct text ta = text_over(second, ROOM), tb = text_over(third, ROOM);
	struct span ra = a->headers, rb = b->headers;
	struct refer_header ha, hb;

	while (refer_header_next(&ra, &ta, &ha)) {
		FUZZ_CHECK(refer_header_next(&rb, &tb, &hb));
		FUZZ_CHECK(span_eq(ha.name, hb.name));
		FUZZ_CHECK(span_eq(ha.value, hb.value));
	}
	FUZZ_CHECK(!refer_header_next(&rb, &tb, &hb));
}

static void
check_replaces(struct span value)
{
	struct text text = text_over(third, ROOM);
	struct sip_replaces read, again;

	if (!sip_replaces_read(value, &read))
		return;
	FUZZ_CHECK(fuzz_inside(read.call_id, value) && read.call_id.n > 0);
	FUZZ_CHECK(fuzz_inside(read.to_tag, value) && read.to_tag.n > 0);
	FUZZ_CHECK(fuzz_inside(read.from_tag, value) && read.from_tag.n > 0);
	sip_replaces_write(&read, &text);
	check_line(text_span(&text));
	FUZZ_CHECK(sip_replaces_read(text_span(&text), &again));
	FUZZ_CHECK(span_eq(read.call_id, again.call_id));
	FUZZ_CHECK(span_eq(read.to_tag, again.to_tag));
	FUZZ_CHECK(span_eq(read.from_tag, again.from_tag));
	FUZZ_CHECK(read.early_only == again.early_only);
}

static void
check_small_scratch(const struct refer_to *to)
{
	struct text scratch = text_over(second, 16);
	struct span rest = to->headers;
	struct refer_header header;
	struct sip_replaces replaces;

	while (refer_header_next(&rest, &scratch, &header))
		FUZZ_CHECK(fuzz_inside(header.value, text_span(&scratch)));
	FUZZ_CHECK(scratch.overflow || rest.n == 0);
	scratch = text_over(second, ROOM);
	if (refer_to_replaces(to, &scratch, &replaces))
		check_replaces(text_span(&scratch));
}

static void
read_refer_to(struct span value)
{
	struct text text = text_over(first, ROOM);
	struct refer_to to, again;
	struct sip_fault fault = { .status = 0 };

	if (!refer_to_read(value, &to, &fault)) {
		FUZZ_CHECK(fault.text != NULL && fault.status >= 400);
		return;
	}
	FUZZ_CHECK(fuzz_inside(to.uri.whole, value));
	FUZZ_CHECK(fuzz_inside(to.headers, value));
	FUZZ_CHECK(fuzz_inside(to.params, value));
	TEXT_LIT(&text, "<");
	refer_to_write_target(&to, &text);
	check_target(&to, text_since(&text, 1));
	write_headers(&to, &text);
	TEXT_LIT(&text, ">");
	FUZZ_CHECK(!text.overflow);
	FUZZ_CHECK(refer_to_read(text_span(&text), &again, &fault));
	FUZZ_CHECK(again.has_replaces == to.has_replaces);
	FUZZ_CHECK(again.requires_tags == to.requires_tags);
	check_same_headers(&to, &again);
	check_small_scratch(&to);
}

/* --- NOTIFY --- */

static void
read_sipfrag(struct span body)
{
	struct text text = text_over(first, ROOM);
	struct span phrase, again;
	unsigned status, is;

	if (!sipfrag_read_status(body, &status, &phrase))
		return;
	FUZZ_CHECK(fuzz_inside(phrase, body));
	FUZZ_CHECK(sipfrag_write_status(&text, status, phrase));
	FUZZ_CHECK(!text.overflow && text.len > 2);
	check_line(span_make(first, text.len - 2));
	FUZZ_CHECK(sipfrag_read_status(text_span(&text), &is, &again));
	FUZZ_CHECK(is == status);
	if (phrase.n > 0 && span_is_plain(phrase))
		FUZZ_CHECK(span_eq(phrase, again));
}

static void
read_event(struct span value)
{
	struct text text = text_over(first, ROOM);
	struct sip_event read, again;

	if (!sip_event_read(value, &read))
		return;
	FUZZ_CHECK(fuzz_inside(read.package, value));
	FUZZ_CHECK(fuzz_inside(read.id, value));
	sip_event_write(&read, &text);
	FUZZ_CHECK(sip_event_read(text_span(&text), &again));
	FUZZ_CHECK(span_eq(read.package, again.package));
	FUZZ_CHECK(span_eq(read.id, again.id));
}

static void
read_subscription_state(struct span value)
{
	struct text text = text_over(first, ROOM);
	struct sip_subscription_state read, again;

	if (!sip_subscription_state_read(value, &read))
		return;
	FUZZ_CHECK(fuzz_inside(read.reason, value));
	sip_subscription_state_write(&read, &text);
	FUZZ_CHECK(sip_subscription_state_read(text_span(&text), &again));
	FUZZ_CHECK(read.state == again.state);
	FUZZ_CHECK(span_ieq(read.state_name, again.state_name));
	FUZZ_CHECK(span_eq(read.reason, again.reason));
	FUZZ_CHECK(read.has_expires == again.has_expires);
	FUZZ_CHECK(!read.has_expires || read.expires == again.expires);
	FUZZ_CHECK(read.has_retry_after == again.has_retry_after);
	FUZZ_CHECK(
	    !read.has_retry_after || read.retry_after == again.retry_after);
}

/* --- timers and provisional responses --- */

static void
read_session_expires(struct span value)
{
	struct text text = text_over(first, ROOM);
	struct sip_session_expires read, again;
	uint32_t least = 0;
	bool is = sip_session_expires_read(value, &read);

	FUZZ_CHECK(sip_min_se_read(value, &least) == is);
	if (!is)
		return;
	FUZZ_CHECK(least == read.seconds);
	sip_session_expires_write(&read, &text);
	FUZZ_CHECK(sip_session_expires_read(text_span(&text), &again));
	FUZZ_CHECK(read.seconds == again.seconds);
	FUZZ_CHECK(read.refresher == again.refresher);
}

static void
read_rack(struct span value)
{
	struct text text = text_over(first, ROOM);
	struct sip_rack read, again;
	uint32_t rseq = 0;

	if (sip_rseq_read(value, &rseq)) {
		sip_rseq_write(rseq, &text);
		FUZZ_CHECK(sip_rseq_read(text_span(&text), &again.rseq));
		FUZZ_CHECK(rseq == again.rseq);
		FUZZ_CHECK(!sip_rack_read(value, &read));
		return;
	}
	if (!sip_rack_read(value, &read))
		return;
	FUZZ_CHECK(fuzz_inside(read.method_name, value));
	sip_rack_write(&read, &text);
	FUZZ_CHECK(sip_rack_read(text_span(&text), &again));
	FUZZ_CHECK(read.rseq == again.rseq && read.cseq == again.cseq);
	FUZZ_CHECK(span_eq(read.method_name, again.method_name));
}

/* --- what a peer can do --- */

static struct sip_message msg;

/* A message that has the lines under the name, and no more of them. */
static bool
index_list(struct span name, struct span value)
{
	struct text text = text_over(second, ROOM);
	struct sip_fault fault;

	TEXT_LIT(&text, "OPTIONS sip:h SIP/2.0\r\n");
	text_add(&text, name);
	TEXT_LIT(&text, ": ");
	text_add(&text, value);
	TEXT_LIT(&text, "\r\n\r\n");
	return !text.overflow && sip_index(&msg, text_span(&text), &fault);
}

static void
read_option_tags(struct span value)
{
	struct text text = text_over(first, ROOM);
	struct sip_option_tags tags;
	unsigned n;

	if (!index_list(SPAN("Require"), value))
		return;
	tags = sip_option_tags_read(&msg, SIP_REQUIRE);
	n = sip_option_tags_write_others(&msg, SIP_REQUIRE, tags.mask, &text);
	check_line(text_span(&text));
	FUZZ_CHECK((n > 0) == tags.has_unknown);
	text.len = 0;
	sip_option_tags_write(tags.mask, &text);
	FUZZ_CHECK((text.len == 0) == (tags.mask == 0));
	FUZZ_CHECK(index_list(SPAN("Require"), text_span(&text)));
	FUZZ_CHECK(
	    sip_option_tags_read(&msg, SIP_REQUIRE).mask == tags.mask);
	FUZZ_CHECK(!sip_option_tags_read(&msg, SIP_REQUIRE).has_unknown);
}

static void
read_allow(struct span value)
{
	uint32_t mask = 0;

	if (!index_list(SPAN("Allow"), value))
		return;
	FUZZ_CHECK(sip_allow_read(&msg, &mask));
	FUZZ_CHECK(mask < SIP_METHOD_BIT(SIP_METHOD_OTHER + 1));
}

static const struct {
	uint8_t letter;
	void (*read)(struct span value);
} readers[] = {
	{ 't', read_refer_to },
	{ 'p', check_replaces },
	{ 'f', read_sipfrag },
	{ 'e', read_event },
	{ 's', read_subscription_state },
	{ 'x', read_session_expires },
	{ 'k', read_rack },
	{ 'o', read_option_tags },
	{ 'a', read_allow },
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = fuzz_span(data, size);
	size_t i;

	if (size == 0 || size > ROOM / 8)
		return 0;
	for (i = 0; i < ARRAY_LEN(readers); i++)
		if (readers[i].letter == data[0])
			readers[i].read(span_from(value, 1));
	return 0;
}
