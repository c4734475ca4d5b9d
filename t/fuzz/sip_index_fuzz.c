/*
 * sip_index_fuzz.c - arbitrary bytes as a message: index, view, sanity, and
 * every accessor on every value. What they return must lie inside the input.
 */

#include "fuzz.h"
#include "sip/message.h"
#include "sip/mime.h"
#include "sip/nameaddr.h"
#include "sip/value.h"
#include "sip/view.h"

static struct sip_message msg;
static struct span whole;

#define INSIDE(span) FUZZ_CHECK(fuzz_inside(span, whole))

static void
check_uri(struct span text)
{
	struct sip_uri uri;

	sip_uri_parse(text, &uri);
	INSIDE(uri.scheme_name);
	INSIDE(uri.user);
	INSIDE(uri.user_params);
	INSIDE(uri.password);
	INSIDE(uri.host);
	INSIDE(uri.params);
	INSIDE(uri.headers);
	sip_uri_is_anonymous(&uri);
	sip_uri_valid(&uri);
	sip_uri_sound(&uri);
}

static void
check_value(struct span value)
{
	static char buf[SIP_MESSAGE_MAX];
	struct text t = text_over(buf, sizeof(buf));
	struct span rest, name, v;
	struct nameaddr na;
	struct sip_via via;

	INSIDE(value);
	nameaddr_parse(value, &na);
	INSIDE(na.display);
	INSIDE(na.uri_text);
	INSIDE(na.params);
	check_uri(na.uri_text);
	sip_via_parse(value, &via);
	INSIDE(via.host);
	INSIDE(via.transport);
	INSIDE(via.branch);
	rest = na.params;
	while (sip_param_next(&rest, &name, &v)) {
		INSIDE(name);
		INSIDE(v);
		INSIDE(sip_unquote(v));
	}
	sip_add_unfolded(&t, value);
	FUZZ_CHECK(!t.overflow && t.len <= value.n);
	FUZZ_CHECK(!sip_folded(text_span(&t)));
	FUZZ_CHECK(span_find(text_span(&t), '\0') < 0);
}

static void
check_lines(void)
{
	unsigned i;

	for (i = 0; i < msg.lines_n; i++) {
		const struct sip_line *line = &msg.lines[i];
		struct span rest = line->value, value;

		INSIDE(line->name);
		FUZZ_CHECK(sip_is_token(line->name));
		FUZZ_CHECK(sip_has(&msg, line->id));
		FUZZ_CHECK(sip_find_name(&msg, line->name) <= line);
		check_value(line->value);
		while (sip_list_next(&rest, &value)) {
			FUZZ_CHECK(value.n > 0);
			check_value(value);
		}
	}
}

static void
check_view(const struct sip_view *view)
{
	INSIDE(view->via.whole);
	INSIDE(view->via.received);
	INSIDE(view->via.maddr);
	INSIDE(view->call_id);
	INSIDE(view->from);
	INSIDE(view->to);
	INSIDE(view->from_tag);
	INSIDE(view->to_tag);
	INSIDE(view->cseq_method_name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_fault fault;
	struct sip_view view;
	struct mime_part part;
	bool indexed, viewed;

	whole = fuzz_span(data, size);
	indexed = sip_index(&msg, whole, &fault);
	FUZZ_CHECK(indexed == (fault.text == NULL));
	INSIDE(msg.raw);
	INSIDE(msg.start_line);
	INSIDE(msg.method_name);
	INSIDE(msg.uri);
	INSIDE(msg.reason);
	INSIDE(msg.body);
	check_lines();
	check_uri(msg.uri);
	viewed = sip_view_read(&msg, &view, &fault);
	FUZZ_CHECK(viewed == (fault.text == NULL));
	check_view(&view);
	if (indexed && viewed && sip_sanity(&msg, &view, &fault))
		FUZZ_CHECK(msg.request ? msg.uri.n > 0 :
					 msg.status >= 100 && msg.status < 700);
	if (mime_find(sip_value(&msg, SIP_CONTENT_TYPE), msg.body,
		SPAN("application/sdp"), &part)) {
		INSIDE(part.head);
		INSIDE(part.body);
	}
	return 0;
}
