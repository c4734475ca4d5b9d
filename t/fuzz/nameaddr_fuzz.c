/*
 * nameaddr_fuzz.c - a name-addr that can be used is written again: it must be
 * read as the same URI, under a display name that stays what it is.
 */

#include "fuzz.h"
#include "sip/nameaddr.h"
#include "sip/value.h"

#define ROOM 65536

static struct span
render(const struct nameaddr *na, char *buf)
{
	struct text t = text_over(buf, ROOM);

	nameaddr_add_display(&t, na->display);
	TEXT_LIT(&t, " <");
	text_add(&t, na->uri_text);
	text_add_char(&t, '>');
	sip_add_unfolded(&t, na->params);
	FUZZ_CHECK(!t.overflow);
	return text_span(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char first[ROOM], second[ROOM];
	struct span value = fuzz_span(data, size), once, twice;
	struct nameaddr na, again;

	if (size > ROOM / 4)
		return 0;
	nameaddr_parse(value, &na);
	FUZZ_CHECK(fuzz_inside(na.display, value));
	FUZZ_CHECK(fuzz_inside(na.uri_text, value));
	FUZZ_CHECK(fuzz_inside(na.params, value));
	FUZZ_CHECK(nameaddr_balanced(value) ==
	    ((na.defects & NAMEADDR_UNBALANCED) == 0));
	if (!nameaddr_usable(&na) || (na.defects & NAMEADDR_UNBALANCED) != 0)
		return 0;
	once = render(&na, first);
	FUZZ_CHECK(!sip_folded(once));
	nameaddr_parse(once, &again);
	FUZZ_CHECK(nameaddr_usable(&again));
	FUZZ_CHECK(span_eq(again.uri_text, na.uri_text));
	twice = render(&again, second);
	FUZZ_CHECK(span_eq(span_trim(once), span_trim(twice)));
	return 0;
}
