#include "sip/grammar.h"

/* Two names that both sides use; sofia's headers also test undefined macros. */
#define sip_header_name sofia_header_name
#define sip_method_name sofia_method_name
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#include <sofia-sip/msg.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su_alloc.h>
#pragma GCC diagnostic pop
#undef sip_header_name
#undef sip_method_name

#include "sip/chars.h"
#include "sip/value.h"

/* No value of these headers is honestly longer. */
#define VALUE_MAX 2048
#define ARENA_MAX 4096

/* Memory of one reading: on the stack, and freed where it grew beyond it. */
struct arena {
	su_home_t *home;
	char text[VALUE_MAX + 1];
	char area[ARENA_MAX] __attribute__((aligned(16)));
};

/* Opens an arena with the value in it as one clean line. */
static bool
arena_open(struct arena *arena, struct span value)
{
	struct text text = text_over(arena->text, sizeof(arena->text));

	sip_add_unfolded(&text, value);
	if (text.overflow || text.len == VALUE_MAX + 1)
		return false;
	text_cstr(&text);
	arena->home = su_home_auto(arena->area, sizeof(arena->area));
	return arena->home != NULL;
}

static void
arena_close(struct arena *arena)
{
	su_home_deinit(arena->home);
}

bool
sip_reason_parse(struct span value, struct sip_reason *out)
{
	struct sip_reason read = { .cause = 0 };
	struct span rest = sip_trim(value), cause;
	struct arena arena;
	sip_reason_t *re;

	if (!arena_open(&arena, value))
		return false;
	re = sip_reason_make(arena.home, arena.text);
	arena_close(&arena);
	if (re == NULL)
		return false;
	read.protocol = sip_take(&rest, CHAR_TOKEN);
	sip_skip_blanks(&rest);
	if (read.protocol.n == 0 || (rest.n > 0 && rest.p[0] != ';'))
		return false;
	if (sip_param_find(rest, SPAN("cause"), &cause) &&
	    !span_to_u32(cause, 999, &read.cause))
		return false;
	sip_param_find(rest, SPAN("text"), &read.text);
	*out = read;
	return true;
}

/* "type/subtype" and nothing else: what nearly every message has. */
static bool
is_plain_type(struct span value)
{
	struct span subtype, type = span_cut(value, '/', &subtype);

	return sip_is_token(type) && sip_is_token(subtype);
}

bool
sip_content_type_parse(struct span value, struct sip_content_type *out)
{
	struct span params, type = sip_trim(span_cut(value, ';', &params));
	struct span boundary;
	struct arena arena;
	sip_content_type_t *c;

	if (is_plain_type(value)) {
		*out = (struct sip_content_type){ value, SPAN_NONE };
		return true;
	}
	if (!arena_open(&arena, value))
		return false;
	c = sip_content_type_make(arena.home, arena.text);
	arena_close(&arena);
	if (c == NULL || type.n == 0)
		return false;
	sip_param_find(params, SPAN("boundary"), &boundary);
	*out = (struct sip_content_type){ type, sip_unquote(boundary) };
	return true;
}

static void
copy_string(char *to, size_t size, const char *from)
{
	struct span s = span_of(from);

	if (s.n >= size)
		s.n = size - 1;
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}

static void
read_oracle(const sip_t *sip, struct sip_oracle *out)
{
	const sip_via_t *via;

	out->request = sip->sip_request != NULL;
	if (out->request)
		copy_string(out->method, sizeof(out->method),
		    sip->sip_request->rq_method_name);
	else
		out->status = (unsigned)sip->sip_status->st_status;
	if (sip->sip_call_id != NULL)
		copy_string(
		    out->call_id, sizeof(out->call_id), sip->sip_call_id->i_id);
	if (sip->sip_from != NULL)
		copy_string(
		    out->from_tag, sizeof(out->from_tag), sip->sip_from->a_tag);
	if (sip->sip_to != NULL)
		copy_string(
		    out->to_tag, sizeof(out->to_tag), sip->sip_to->a_tag);
	if (sip->sip_cseq != NULL)
		out->cseq = sip->sip_cseq->cs_seq;
	for (via = sip->sip_via; via != NULL; via = via->v_next)
		out->via_count++;
}

void
sip_oracle_read(struct span raw, struct sip_oracle *out)
{
	const unsigned bad = MSG_FLG_ERROR | MSG_FLG_TRUNC | MSG_FLG_TOOLARGE;
	msg_t *msg;
	sip_t *sip;

	memset(out, 0, sizeof(*out));
	if (raw.n == 0 || raw.n > SIP_MESSAGE_MAX)
		return;
	msg = msg_make(sip_default_mclass(), 0, raw.p, (ssize_t)raw.n);
	sip = msg == NULL ? NULL : sip_object(msg);
	if (sip != NULL &&
	    (sip->sip_request != NULL || sip->sip_status != NULL)) {
		out->accepted = msg_is_complete(msg) && !msg_has_error(msg) &&
				sip->sip_error == NULL &&
				((unsigned)sip->sip_flags & bad) == 0;
		read_oracle(sip, out);
	}
	if (msg != NULL)
		msg_destroy(msg);
}
