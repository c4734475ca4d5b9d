/*
 * sdp_fuzz.c - any body: read, ask everything, edit, write, read again
 */

#include <stdlib.h>

#include "base/container.h"
#include "sdp/sdp_codec.h"
#include "sdp/sdp_make.h"

#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

static struct sdp sdp, again;
static struct sdp_edits edits;
static char out_buf[2 * SDP_BODY_MAX];
static size_t sum; /* so that no query is left out by the compiler */

static void
look(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
}

static void
ask_media(int media)
{
	struct span rest = sdp.media[media].formats, format, value;
	struct sdp_codec codec;
	struct sdp_host host;

	while (sdp_field_next(&rest, &format))
		if (sdp_codec_find(&sdp, media, format, &codec))
			look(codec.name);
	if (sdp_connection(&sdp, media, &host))
		look(host.text);
	else
		MUST(sdp.media[media].port == 0);
	sum += sdp_media_held(&sdp, media) + sdp_direction(&sdp, media);
	if (sdp_find_attribute(&sdp, media, SPAN("fmtp"), 0, &value) >= 0)
		look(value);
}

static void
ask(void)
{
	struct sdp_origin origin;
	struct sdp_host host;
	unsigned i;

	for (i = 0; i < sdp.media_n; i++)
		ask_media((int)i);
	for (i = 0; i < sdp.lines_n; i++)
		if (sdp_host_parse(sdp.lines[i], &host))
			look(host.text);
	if (sdp_origin(&sdp, &origin)) {
		look(origin.user);
		look(origin.session);
		look(origin.version);
	}
	MUST(sdp_same_but_origin(&sdp, &sdp));
	MUST(sdp_same_media(&sdp, &sdp));
}

static void
told(void *arg, struct span target, struct span before, struct span after)
{
	*(unsigned *)arg += 1;
	MUST(span_starts(target, SPAN("sdp.")));
	look(target);
	look(before);
	look(after);
}

/* Writes what was edited and reads it back into `again`; false without room. */
static bool
write_back(void)
{
	struct text out = text_over(out_buf, sizeof(out_buf));
	const char *fault;
	struct span result;

	if (!sdp_edit_write(&edits, &out, &result))
		return false;
	if (edits.changes == 0)
		MUST(result.p == sdp.body.p && result.n == sdp.body.n);
	MUST(sdp_read(&again, result, &fault));
	MUST(sdp_same_media(&again, &sdp));
	return true;
}

static void
edit_private(const char *ip, bool keep)
{
	unsigned calls = 0, n;
	struct sdp_changed changed = { told, &calls };
	struct address with;

	MUST(address_parse_ip(span_of(ip), &with));
	sdp_edit_begin(&edits, &sdp);
	n = sdp_replace_private(&edits, &with, keep, &changed);
	MUST(n == calls);
	if (!write_back()) {
		MUST(edits.overflow);
		return;
	}
	MUST((n == 0) == (edits.changes == 0));
	sdp_edit_begin(&edits, &again);
	MUST(sdp_replace_private(&edits, &with, keep, &changed) == 0);
}

static void
edit_media(void)
{
	static const struct span names[] = { { "PCMU", 4 }, { "G729", 4 },
		{ "telephone-event", 15 } };
	unsigned calls = 0, i;
	struct sdp_changed changed = { told, &calls };

	sdp_edit_begin(&edits, &sdp);
	for (i = 0; i < sdp.media_n; i++) {
		sdp_keep_codecs(
		    &edits, (int)i, names, ARRAY_LEN(names), &changed);
		sdp_set_direction(&edits, (int)i,
		    (enum sdp_direction)(SDP_SENDRECV + i % 4), &changed);
	}
	if (!write_back()) {
		MUST(edits.overflow ||
		     sdp.lines_n + edits.inserts_n > SDP_LINES_MAX);
		return;
	}
	for (i = 0; i < sdp.media_n; i++)
		MUST(sdp_direction(&again, (int)i) ==
		     (enum sdp_direction)(SDP_SENDRECV + i % 4));
}

/* True when a media could not be written for want of room. */
static bool
is_full(void)
{
	return edits.overflow ||
	       sdp.lines_n + edits.inserts_n > SDP_LINES_MAX ||
	       sdp.body.n + edits.scratch.len + 2 * edits.inserts_n >
		   SDP_BODY_MAX;
}

static void
edit_origin(void)
{
	struct sdp_origin as = { .user = SPAN("a b"),
		.session = SPAN("18446744073709551616"),
		.host = { .type = SPAN("IP6"), .text = SPAN("::1") } };
	struct sdp_origin is;

	sdp_edit_begin(&edits, &sdp);
	MUST(sdp_set_origin(&edits, &as, UINT64_MAX) == (sdp.origin >= 0));
	if (!write_back()) {
		MUST(is_full());
		return;
	}
	MUST(sdp_same_but_origin(&sdp, &again));
	if (sdp.origin < 0)
		return;
	MUST(sdp_origin(&again, &is));
	MUST(span_eq(is.user, as.user) && span_eq(is.session, as.session));
	MUST(span_eq(is.version, SPAN("18446744073709551615")));
	MUST(span_eq(is.host.text, as.host.text));
	/* And back, with another version. */
	if (!sdp_origin(&sdp, &is))
		return;
	sdp_edit_begin(&edits, &again);
	if (sdp_set_origin(&edits, &is, 7))
		MUST(edits.changes == 1);
}

static void
edit_hold(enum sdp_hold form)
{
	unsigned i, calls = 0;
	struct sdp_changed changed = { told, &calls };
	struct address own;
	bool done[SDP_MEDIA_MAX];

	MUST(address_parse_ip(SPAN("192.0.2.7"), &own));
	sdp_edit_begin(&edits, &sdp);
	for (i = 0; i < sdp.media_n; i++)
		done[i] = sdp_set_hold(&edits, (int)i, form, &own, &changed);
	if (!write_back()) {
		MUST(is_full());
		return;
	}
	for (i = 0; i < sdp.media_n; i++) {
		MUST(done[i] == (sdp.media[i].port != 0));
		MUST(sdp_hold(&again, (int)i) ==
		     (done[i] ? form : SDP_HOLD_OFF));
	}
}

/* What is made of a description fits it. */
static void
make(void)
{
	struct text out = text_over(out_buf, sizeof(out_buf));
	struct address own;
	struct sdp_author author = { UINT64_MAX, 0, &own };
	const char *fault;
	unsigned i;

	MUST(address_parse_ip(SPAN("2001:db8::7"), &own));
	MUST(sdp_black_hole_write(&out, &author, &sdp));
	/* There is a line more a media, of the 512 that may be. */
	if (!sdp_read(&again, text_span(&out), &fault)) {
		MUST(sdp.lines_n + 4 + sdp.media_n > SDP_LINES_MAX ||
		     out.len > SDP_BODY_MAX);
		return;
	}
	MUST(sdp_same_media(&sdp, &again));
	for (i = 0; i < again.media_n; i++) {
		MUST(again.media[i].port == 0 ||
		     again.media[i].port == sdp.media[i].port);
		MUST(sdp_hold(&again, (int)i) ==
		     (again.media[i].port == 0 ? SDP_HOLD_OFF
					       : SDP_HOLD_INACTIVE));
	}
}

static void
make_offer(const uint8_t *data, size_t size)
{
	struct span names[8], rest = span_make((const char *)data, size);
	struct text out = text_over(out_buf, sizeof(out_buf));
	struct address own;
	struct sdp_author author = { 0, UINT64_MAX, &own };
	struct sdp_codec codec;
	const char *fault;
	struct span format;
	size_t n = 0;

	MUST(address_parse_ip(SPAN("192.0.2.7"), &own));
	names[n++] = SPAN("PCMA");
	while (n < ARRAY_LEN(names) && !span_empty(rest))
		names[n++] = span_cut(rest, ' ', &rest);
	MUST(sdp_offer_write(&out, &author, 4, SDP_SENDONLY, names, n));
	MUST(sdp_read(&again, text_span(&out), &fault));
	MUST(again.media_n == 1 && sdp_hold(&again, 0) == SDP_HOLD_SENDONLY);
	rest = again.media[0].formats;
	while (sdp_field_next(&rest, &format))
		MUST(sdp_codec_find(&again, 0, format, &codec));
}

/* Lines put in each other's place, deleted and doubled, as the bytes say. */
static void
edit_wildly(const uint8_t *data, size_t size)
{
	size_t i;

	sdp_edit_begin(&edits, &sdp);
	for (i = 0; i + 2 < size && i < 96; i += 3) {
		unsigned a = data[size - 1 - i] % sdp.lines_n;
		unsigned b = data[size - 2 - i] % sdp.lines_n;

		switch (data[size - 3 - i] % 3) {
		case 0:
			sdp_edit_replace(&edits, a, sdp.lines[b]);
			break;
		case 1:
			sdp_edit_delete(&edits, a);
			break;
		default:
			sdp_edit_insert(&edits, a, sdp.lines[b]);
		}
	}
	write_back();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *fault = NULL;

	if (!sdp_read(&sdp, span_make((const char *)data, size), &fault)) {
		MUST(fault != NULL);
		return 0;
	}
	MUST(fault == NULL && sdp.lines_n > 0);
	sdp_edit_begin(&edits, &sdp);
	MUST(write_back());
	ask();
	edit_private("203.0.113.7", false);
	edit_private("2001:db8::7", true);
	edit_media();
	edit_origin();
	edit_hold((enum sdp_hold)(size % SDP_HOLD_OFF));
	make();
	make_offer(data, size);
	edit_wildly(data, size);
	return 0;
}
