/*
 * rule_target.c - what a rule can be about: names, and
 * where they are in a draft
 */

#include "policy/rule.h"

#include "base/container.h"
#include "sip/chars.h"
#include "sip/value.h"

/* Behind a header's name, and behind "request". `uri` parts lie in a URI. */
static const struct part {
	const char *name; /* "(" stands for a name in brackets */
	enum rule_part part;
	bool request;
	const char *help;
} parts[] = {
	{ ".display", PART_DISPLAY, false,
	    "The display name of a name-addr, without its quotes; what a "
	    "backslash escapes in them stays so." },
	{ ".uri", PART_URI, false, "Its URI." },
	{ ".uri.user", PART_USER, true,
	    "The user part, without user parameters; of a tel URI the "
	    "number." },
	{ ".uri.host", PART_HOST, true, "The host, without the port." },
	{ ".uri.port", PART_PORT, true, "The port." },
	{ ".uri.param(", PART_URI_PARAM, true,
	    "A parameter of the URI: From.uri.param(user)." },
	{ ".param(", PART_PARAM, false,
	    "A parameter behind the URI: Diversion.param(reason)." },
};

static const struct part *
part_find(struct span rest, bool request, struct span *param)
{
	size_t i;

	*param = SPAN_NONE;
	for (i = 0; i < ARRAY_LEN(parts); i++) {
		struct span name = span_of(parts[i].name);

		if (request && !parts[i].request)
			continue;
		if (request)
			name = span_from(name, 4);
		if (span_eq(rest, name))
			return name.p[name.n - 1] == '(' ? NULL : &parts[i];
		if (name.p[name.n - 1] != '(' || !span_starts(rest, name) ||
		    rest.p[rest.n - 1] != ')')
			continue;
		*param = span_make(rest.p + name.n, rest.n - name.n - 1);
		return sip_is_token(*param) ? &parts[i] : NULL;
	}
	return NULL;
}

static bool
read_part(struct rule_target *target, struct span rest, bool request)
{
	const struct part *part;

	if (rest.n == 0)
		return true;
	part = part_find(rest, request, &target->param);
	if (part == NULL)
		return false;
	target->part = part->part;
	return true;
}

/* "sdp.a", "sdp.a(ptime)". */
static bool
read_sdp(struct rule_target *target, struct span rest)
{
	target->place = PLACE_SDP;
	if (rest.n == 0 || rest.p[0] < 'a' || rest.p[0] > 'z')
		return false;
	target->type = rest.p[0];
	rest = span_from(rest, 1);
	if (rest.n == 0)
		return true;
	if (target->type != 'a' || rest.n < 3 || rest.p[0] != '(' ||
	    rest.p[rest.n - 1] != ')')
		return false;
	target->name = span_make(rest.p + 1, rest.n - 2);
	return sip_is_token(target->name) && span_find(target->name, '*') < 0;
}

/* "[2]" off the front. */
static bool
read_index(struct rule_target *target, struct span *rest)
{
	uint32_t index;
	struct span digits;

	if (rest->n == 0 || rest->p[0] != '[')
		return true;
	digits = span_cut(span_from(*rest, 1), ']', rest);
	if (!span_to_u32(digits, 63, &index))
		return false;
	target->index = (int)index;
	return true;
}

/* Parts of a message that are no headers, and that no target names. */
static bool
is_mistaken(struct span name)
{
	static const char *const names[] = { "body", "method", "phrase", "sdp",
		"status" };

	return span_iword(name, names, ARRAY_LEN(names)) < ARRAY_LEN(names);
}

static bool
read_header(struct rule_target *target, struct span text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] != '[' && text.p[n] != '.')
		n++;
	target->name = span_make(text.p, n);
	text = span_from(text, n);
	if (!sip_is_token(target->name) || is_mistaken(target->name))
		return false;
	target->wild = span_find(target->name, '*') >= 0;
	target->id =
	    target->wild ? SIP_OTHER_HEADER : sip_header_find(target->name);
	if (target->id != SIP_OTHER_HEADER)
		target->name = span_of(sip_header_name(target->id));
	if (!read_index(target, &text) || !read_part(target, text, false))
		return false;
	if (target->index >= 0 && target->wild)
		return false;
	target->values = (target->index >= 0 || target->part != PART_WHOLE) &&
			 (target->id == SIP_OTHER_HEADER ||
			     (sip_header_flags(target->id) & SIP_FLAG_LIST));
	return target->index <= 0 || target->values;
}

static bool
read_target(struct rule_target *target, struct span text)
{
	target->index = target->keep = -1;
	target->id = SIP_OTHER_HEADER;
	if (span_starts(text, SPAN("sdp.")))
		return read_sdp(target, span_from(text, 4));
	if (span_eq(text, SPAN("request")) ||
	    span_starts(text, SPAN("request."))) {
		target->place = PLACE_REQUEST;
		return read_part(target, span_from(text, 7), true);
	}
	return read_header(target, text);
}

struct rule_target *
rule_target_load(
    struct loader *loader, const config_setting_t *at, struct span text)
{
	struct rule_target *target = loader_alloc(loader, 1, sizeof(*target));
	char buf[160];
	struct text t = text_over(buf, sizeof(buf));

	if (target == NULL)
		return NULL;
	target->text = loader_keep(loader, text);
	if (text.n > 0 && text.n < 128 && read_target(target, target->text))
		return target;
	text_add_quoted(&t, span_make(text.p, text.n > 30 ? 30 : text.n));
	loader_problem(loader, at,
	    "%s is no target: a header (\"From\", \"X-*\", "
	    "\"P-Asserted-Identity[0]\"), a part of it (\"From.uri.user\", "
	    "\".uri.host\", \".uri.port\", \".uri.param(NAME)\", "
	    "\".param(NAME)\", "
	    "\".display\"), \"request\" with \".user\", \".host\", \".port\" "
	    "or "
	    "\".param(NAME)\", or SDP lines (\"sdp.a\", \"sdp.a(NAME)\")",
	    text_cstr(&t));
	return NULL;
}

bool
rule_target_is(const struct rule_target *target, const struct sip_field *field)
{
	if (target->wild)
		return span_imatch(field->name, target->name);
	if (target->id != SIP_OTHER_HEADER || field->id != SIP_OTHER_HEADER)
		return field->id == target->id;
	return span_ieq(field->name, target->name);
}

/* --- the places in a draft --- */

void
rule_spots_begin(struct rule_spots *spots, struct sip_draft *draft,
    const struct rule_target *target)
{
	spots->draft = draft;
	spots->target = target;
	spots->field = -1;
	spots->ordinal = 0;
	spots->inside = false;
	spots->rest = SPAN_NONE;
}

static bool
next_field(struct rule_spots *spots)
{
	const struct sip_draft *draft = spots->draft;
	const struct rule_target *target = spots->target;
	int at = spots->field + 1, end = (int)draft->fields_n;

	/* Nearly all headers that rules name have an id. */
	if (target->id != SIP_OTHER_HEADER)
		at = sip_draft_find(draft, target->id, (unsigned)at);
	else
		while (at < end && !rule_target_is(target, &draft->fields[at]))
			at++;
	spots->field = at < 0 ? end : at;
	return spots->field < end;
}

static bool
next_value(struct rule_spots *spots, struct span *value)
{
	while (!spots->inside || !sip_list_next(&spots->rest, value)) {
		if (!next_field(spots))
			return false;
		spots->inside = true;
		spots->rest = spots->draft->fields[spots->field].value;
	}
	return true;
}

/* The Request-URI is the one place of its kind. */
static bool
next_request(struct rule_spots *spots, struct rule_spot *spot)
{
	if (spots->inside || !spots->draft->request)
		return false;
	spots->inside = true;
	spot->field = -1;
	spot->value = spots->draft->uri;
	return true;
}

static bool
next_place(struct rule_spots *spots, struct rule_spot *spot)
{
	int at;

	if (spots->target->place == PLACE_REQUEST)
		return next_request(spots, spot);
	do {
		if (!spots->target->values) {
			if (!next_field(spots))
				return false;
			spot->value = spots->draft->fields[spots->field].value;
		} else if (!next_value(spots, &spot->value)) {
			return false;
		}
		at = spots->ordinal++;
	} while (spots->target->index >= 0 && at != spots->target->index);
	spot->field = spots->field;
	return true;
}

bool
rule_spots_next(struct rule_spots *spots, struct rule_spot *spot)
{
	if (!next_place(spots, spot))
		return false;
	spot->there = rule_part_read(
	    &spots->draft->names, spots->target, spot->value, &spot->part);
	return true;
}

void
rule_spots_moved(struct rule_spots *spots, size_t behind)
{
	struct span value;

	if (!spots->target->values || spots->target->place != PLACE_HEADER)
		return;
	value = spots->draft->fields[spots->field].value;
	spots->rest = span_from(value, value.n - behind);
}

void
rule_spots_removed(struct rule_spots *spots)
{
	spots->field--;
	spots->inside = false;
}

/* --- parts of a value --- */

static struct span
port_of(const struct sip_uri *uri)
{
	const char *p = span_end(uri->host), *end = span_end(uri->whole);
	struct span rest;

	if (uri->port == 0 || p == end)
		return SPAN_NONE;
	rest = span_between(p + 1, end);
	return sip_take(&rest, CHAR_DIGIT);
}

static bool
read_uri_part(const struct rule_target *target, const struct sip_uri *uri,
    struct span *part)
{
	switch (target->part) {
	case PART_USER:
		*part = uri->user;
		break;
	case PART_HOST:
		*part = uri->host;
		break;
	case PART_PORT:
		*part = port_of(uri);
		break;
	case PART_URI_PARAM:
		return sip_param_find(uri->params, target->param, part);
	default:
		*part = uri->whole;
		break;
	}
	return part->n > 0;
}

static bool
read_param(const struct nameaddr *na, struct span name, struct span *part)
{
	bool there = sip_param_find(na->params, name, part);

	*part = sip_unquote(*part);
	return there;
}

bool
rule_part_read(struct nameaddr_memo *names, const struct rule_target *target,
    struct span value, struct span *part)
{
	const struct nameaddr *na;
	struct sip_uri uri;

	*part = value;
	if (target->part == PART_WHOLE)
		return value.n > 0;
	*part = SPAN_NONE;
	if (target->place == PLACE_REQUEST)
		return sip_uri_parse(value, &uri) &&
		       read_uri_part(target, &uri, part);
	na = nameaddr_recall(names, value);
	if (target->part == PART_PARAM)
		return read_param(na, target->param, part);
	if (target->part == PART_DISPLAY) {
		*part = sip_unquote(na->display);
		return part->n > 0;
	}
	return nameaddr_usable(na) && read_uri_part(target, &na->uri, part);
}

/* User part with what follows it, up to the host. */
static void
write_user(struct text *t, const struct sip_uri *uri, const struct span *part)
{
	const char *from = span_end(uri->scheme_name) + 1;

	if (part == NULL)
		return;
	text_add(t, *part);
	if (uri->user.n > 0)
		text_add(t, span_between(span_end(uri->user), uri->host.p));
	else if (uri->host.p > from)
		text_add(t, span_between(from, uri->host.p));
	else
		text_add_char(t, '@');
}

static void
write_hostport(struct text *t, const struct rule_target *target,
    const struct sip_uri *uri, const struct span *part)
{
	struct span port = port_of(uri);

	if (target->part == PART_PORT)
		port = part == NULL ? SPAN_NONE : *part;
	text_add(t, target->part == PART_HOST ? *part : uri->host);
	if (port.n == 0)
		return;
	text_add_char(t, ':');
	text_add(t, port);
}

static bool
write_sip_uri(struct text *t, const struct rule_target *target,
    const struct sip_uri *uri, const struct span *part)
{
	const char *from = span_end(uri->scheme_name) + 1;

	if (target->part == PART_HOST && part == NULL)
		return false;
	text_add(t, uri->scheme_name);
	text_add_char(t, ':');
	if (target->part == PART_USER)
		write_user(t, uri, part);
	else
		text_add(t, span_between(from, uri->host.p));
	write_hostport(t, target, uri, part);
	if (target->part == PART_URI_PARAM)
		sip_param_set(t, uri->params, target->param, part);
	else
		text_add(t, uri->params);
	if (uri->headers.n == 0)
		return true;
	text_add_char(t, '?');
	text_add(t, uri->headers);
	return true;
}

static bool
write_tel_uri(struct text *t, const struct rule_target *target,
    const struct sip_uri *uri, const struct span *part)
{
	text_add(t, uri->scheme_name);
	text_add_char(t, ':');
	if (target->part == PART_USER && part != NULL) {
		text_add(t, *part);
		text_add(
		    t, span_between(span_end(uri->user), span_end(uri->whole)));
		return true;
	}
	if (target->part != PART_URI_PARAM)
		return false;
	text_add(t, uri->user);
	text_add(t, uri->user_params);
	sip_param_set(t, uri->params, target->param, part);
	return true;
}

static bool
write_uri(struct text *t, const struct rule_target *target,
    const struct sip_uri *uri, const struct span *part)
{
	if (target->part == PART_URI || target->part == PART_WHOLE) {
		if (part == NULL)
			return false;
		text_add(t, *part);
		return true;
	}
	if (uri->scheme == SIP_SCHEME_TEL)
		return write_tel_uri(t, target, uri, part);
	if (uri->scheme != SIP_SCHEME_SIP && uri->scheme != SIP_SCHEME_SIPS)
		return false;
	return write_sip_uri(t, target, uri, part);
}

/* Between brackets, where a parameter is the URI's. */
static bool
write_bracketed(struct text *t, const struct rule_target *target,
    const struct nameaddr *na, const struct span *part)
{
	const char *end = span_end(na->uri_text);

	if (na->brackets)
		text_add(t, span_between(na->whole.p, na->uri_text.p));
	else
		text_add_char(t, '<');
	if (!write_uri(t, target, &na->uri, part))
		return false;
	if (!na->brackets)
		text_add_char(t, '>');
	text_add(t, span_between(end, span_end(na->whole)));
	return true;
}

/* Taken out of quotes, as parts are read: what is escaped in them is so
 * still. */
static bool
is_escaped(struct span s)
{
	size_t i;

	for (i = 0; i < s.n && s.p[i] != '"'; i++) {
		if (s.p[i] == '\\' && ++i == s.n)
			return false;
	}
	return i == s.n;
}

static void
write_quoted(struct text *t, struct span s)
{
	bool escaped = is_escaped(s);
	size_t i;

	text_add_char(t, '"');
	for (i = 0; i < s.n; i++) {
		if (!escaped && (s.p[i] == '"' || s.p[i] == '\\'))
			text_add_char(t, '\\');
		text_add_char(t, s.p[i]);
	}
	text_add_char(t, '"');
}

#define DISPLAY_MAX 4100

static void
write_name(struct text *t, struct span display)
{
	char buf[DISPLAY_MAX];
	struct text quoted = text_over(buf, sizeof(buf));

	if (span_find(display, '\\') >= 0 && is_escaped(display)) {
		write_quoted(&quoted, display);
		t->overflow |= quoted.overflow;
		display = text_span(&quoted);
	}
	nameaddr_add_display(t, display);
}

static void
write_display(
    struct text *t, const struct nameaddr *na, const struct span *part)
{
	const char *end = span_end(na->uri_text);

	if (part != NULL && part->n > 0) {
		write_name(t, *part);
		text_add_char(t, ' ');
	}
	text_add_char(t, '<');
	text_add(t, na->uri_text);
	text_add_char(t, '>');
	if (na->brackets)
		end++;
	text_add(t, span_between(end, span_end(na->whole)));
}

static void
write_header_param(struct text *t, const struct rule_target *target,
    const struct nameaddr *na, const struct span *part)
{
	struct span quoted;
	char buf[512];
	struct text q = text_over(buf, sizeof(buf));

	text_add(t, span_make(na->whole.p, na->whole.n - na->params.n));
	if (part != NULL && part->n > 0 && !sip_is_token(*part)) {
		write_quoted(&q, *part);
		t->overflow |= q.overflow;
		quoted = text_span(&q);
		part = &quoted;
	}
	sip_param_set(t, na->params, target->param, part);
}

static bool
write_part(struct sip_draft *draft, const struct rule_target *target,
    struct span value, const struct span *part)
{
	struct text *t = &draft->scratch;
	const struct nameaddr *na;
	struct sip_uri uri;

	if (target->place == PLACE_REQUEST) {
		if (!sip_uri_parse(value, &uri))
			return target->part == PART_WHOLE &&
			       write_uri(t, target, &uri, part);
		return write_uri(t, target, &uri, part);
	}
	if (target->part == PART_WHOLE) {
		text_add(t, part == NULL ? SPAN_NONE : *part);
		return part != NULL;
	}
	na = nameaddr_recall(&draft->names, value);
	if (target->part == PART_PARAM) {
		write_header_param(t, target, na, part);
		return true;
	}
	if (!nameaddr_usable(na))
		return false;
	if (target->part != PART_DISPLAY)
		return write_bracketed(t, target, na, part);
	write_display(t, na, part);
	return true;
}

/* Sound where it was sound: a broken URI may be mended step by step. */
static bool
uri_stays_valid(struct nameaddr_memo *names, const struct rule_target *target,
    struct span before, struct span after)
{
	if (target->part == PART_WHOLE || target->part == PART_PARAM ||
	    target->place == PLACE_REQUEST)
		return true;
	return sip_uri_valid(&nameaddr_recall(names, after)->uri) ||
	       !sip_uri_valid(&nameaddr_recall(names, before)->uri);
}

bool
rule_is_one_value(struct span value)
{
	struct span rest = value, first;

	return sip_list_next(&rest, &first) && span_eq(first, value) &&
	       nameaddr_balanced(value);
}

/* "a@b" as a user would be read as another URI. */
bool
rule_part_write(struct sip_draft *draft, const struct rule_target *target,
    struct span value, const struct span *part)
{
	size_t mark = draft->scratch.len;
	struct span now, got;
	bool there;

	if (!write_part(draft, target, value, part) || draft->scratch.overflow)
		return false;
	now = text_since(&draft->scratch, mark);
	if (target->values && !rule_is_one_value(now))
		return false;
	there = rule_part_read(&draft->names, target, now, &got);
	if (part == NULL)
		return !there;
	if (target->part != PART_DISPLAY && target->part != PART_PARAM &&
	    !span_eq(got, *part))
		return false;
	return there && uri_stays_valid(&draft->names, target, value, now);
}

void
rule_print_targets(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(parts); i++) {
		bool named = parts[i].name[strlen(parts[i].name) - 1] == '(';

		fprintf(out, ".It Ic \\&%s%s\n", parts[i].name,
		    named ? "NAME)" : "");
		policy_print_prose(out, parts[i].help);
	}
}
