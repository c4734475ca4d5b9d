#include "sip/sipfrag.h"

#include "sip/chars.h"
#include "sip/draft.h"
#include "sip/value.h"

bool
sipfrag_write_status(struct text *out, unsigned status, struct span phrase)
{
	if (status < 100 || status > 699)
		return false;
	if (phrase.n == 0)
		phrase = span_of(sip_reason_phrase(status));
	TEXT_LIT(out, "SIP/2.0 ");
	text_add_u64(out, status);
	text_add_char(out, ' ');
	sip_add_unfolded(out, phrase);
	TEXT_LIT(out, "\r\n");
	return true;
}

/* Up to the first CR or LF. */
static struct span
first_line(struct span body)
{
	struct span rest, line = span_cut(body, '\n', &rest);

	return span_cut(line, '\r', &rest);
}

bool
sipfrag_read_status(struct span body, unsigned *status, struct span *phrase)
{
	struct span line, code;
	uint32_t number;

	sip_skip_blanks(&body);
	line = first_line(body);
	if (!span_ieq(sip_take(&line, CHAR_GRAPH), SPAN("SIP/2.0")))
		return false;
	sip_skip_blanks(&line);
	code = sip_take(&line, CHAR_GRAPH);
	if (code.n != 3 || !span_to_u32(code, 699, &number) || number < 100)
		return false;
	*status = number;
	*phrase = sip_trim(line);
	return true;
}
