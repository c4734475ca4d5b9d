/*
 * failure.h - what a failing side says of the failure in its own headers
 *
 * Row SFB-03. Each reader takes one header value as it came; the spans of its
 * result point into that value, quotes around them left out.
 */

#ifndef CORDON_DIAGNOSIS_FAILURE_H
#define CORDON_DIAGNOSIS_FAILURE_H

#include "base/text.h"
#include "diagnosis/diagnosis.h"

/* ms-diagnostics and its kin: NNNNN;reason="...";component="...". */
struct failure_ms {
	uint32_t code;
	struct span reason;    /* all may be empty */
	struct span component;
	struct span source;
};
/* False where it does not begin with a number of up to nine digits. */
bool failure_read_ms(struct span value, struct failure_ms *out);

/* One value of Warning (RFC 3261 section 20.43): 399 host "...". */
struct failure_warning {
	uint32_t code;
	struct span agent;
	struct span text;
};
bool failure_read_warning(struct span value, struct failure_warning *out);

/* The header's value for people: `ms-diagnostics 10014 "..." (component)`,
 * `Warning 399 "..."`. What cannot be read, and any other header, is added as
 * it came. Long texts are cut. */
enum failure_header { FAILURE_MS, FAILURE_WARNING, FAILURE_OTHER };
void failure_add(struct text *t, enum failure_header header, struct span name,
    struct span value);

/* What a final response to an INVITE is by its status
 * alone, where no policy knows better: 300 to 699. */
enum diagnostic failure_diagnostic(unsigned status);

#endif
