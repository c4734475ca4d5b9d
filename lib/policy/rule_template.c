/*
 * rule_template.c - values with variables: "sip:${capture.1}@${trunk.domain}"
 *
 * A variable that has no value now makes the rule stand back: half a value is
 * never written.
 */

#include "policy/rule.h"

#include "base/container.h"
#include "sip/value.h"

static bool
trunk_name(const struct rule_run *run, struct span *out)
{
	*out = run->apply->trunk->name;
	return true;
}

static bool
trunk_host(const struct rule_run *run, struct span *out)
{
	*out = run->apply->trunk->host;
	return true;
}

static bool
trunk_domain(const struct rule_run *run, struct span *out)
{
	*out = run->apply->trunk->domain;
	return true;
}

static bool
trunk_area(const struct rule_run *run, struct span *out)
{
	*out = run->apply->trunk->area;
	return true;
}

static bool
trunk_country(const struct rule_run *run, struct span *out)
{
	if (run->apply->trunk->plan == NULL)
		return false;
	*out = span_of(run->apply->trunk->plan->country);
	return true;
}

static bool
trunk_transport(const struct rule_run *run, struct span *out)
{
	*out = run->apply->trunk->transport;
	return true;
}

static bool
call_kind(const struct rule_run *run, struct span *out)
{
	*out = span_of(policy_call_name(apply_call(run->apply)));
	return true;
}

static bool
call_id(const struct rule_run *run, struct span *out)
{
	struct sip_draft *draft = run->apply->draft;
	size_t mark = sip_draft_mark(draft);

	text_add_hex64(&draft->scratch, run->apply->edit.entry.call);
	*out = sip_draft_keep(draft, mark);
	return true;
}

/* Other words for a target. */
static const struct alias {
	const char *name, *target, *help;
} aliases[] = {
	{ "call.caller", "From.uri.user", "User part of From." },
	{ "call.dialled", "request.user", "User part of the Request-URI." },
	{ "call.asserted", "P-Asserted-Identity[0].uri.user",
	    "User part of the first P-Asserted-Identity." },
	{ "call.diverting", "Diversion[0].uri.user",
	    "User part of the first, which is the latest, Diversion." },
};

static const struct rule_variable {
	const char *name;
	bool of_trunk;
	bool (*read)(const struct rule_run *run, struct span *out);
	const char *help;
} variables[] = {
	{ "trunk.name", true, trunk_name, "Name of the trunk." },
	{ "trunk.host", true, trunk_host,
	    "Our name toward it: fqdn, else advertise." },
	{ "trunk.domain", true, trunk_domain, "Its domain." },
	{ "trunk.country", true, trunk_country, "Its country." },
	{ "trunk.area", true, trunk_area, "Its area code." },
	{ "trunk.transport", true, trunk_transport, "udp, tcp or tls." },
	{ "call.kind", false, call_kind,
	    "direct, diverted, transferred or emergency." },
	{ "call.id", false, call_id, "What names the call in the journal." },
};

static bool
load_header(struct loader *loader, const config_setting_t *at, struct span name,
    struct rule_piece *piece)
{
	piece->target = rule_target_load(loader, at, name);
	if (piece->target == NULL)
		return false;
	if (piece->target->place != PLACE_SDP && !piece->target->wild)
		return true;
	loader_problem(
	    loader, at, "a variable names one value: no wildcard, and no SDP");
	return false;
}

static bool
load_name(struct loader *loader, const config_setting_t *at, struct span name,
    struct rule_piece *piece)
{
	const char *words[ARRAY_LEN(variables) + ARRAY_LEN(aliases) + 2];
	char buf[64];
	struct text t = text_over(buf, sizeof(buf));
	size_t i, j;

	if (span_starts(name, SPAN("header.")))
		return load_header(loader, at, span_from(name, 7), piece);
	for (i = 0; i < ARRAY_LEN(variables); i++) {
		words[i] = variables[i].name;
		if (!span_eq(name, span_of(words[i])))
			continue;
		piece->variable = &variables[i];
		return true;
	}
	for (j = 0; j < ARRAY_LEN(aliases); j++) {
		words[i++] = aliases[j].name;
		if (span_eq(name, span_of(aliases[j].name)))
			return load_header(
			    loader, at, span_of(aliases[j].target), piece);
	}
	words[i++] = "header.NAME";
	words[i++] = "capture.1";
	text_add(&t, span_make(name.p, name.n > 40 ? 40 : name.n));
	loader_unknown(loader, at, "variable", text_cstr(&t), words, i);
	return false;
}

static bool
load_variable(struct loader *loader, const config_setting_t *at,
    struct span name, struct rule_piece *piece)
{
	piece->text = name;
	if (!span_starts(name, SPAN("capture.")))
		return load_name(loader, at, name, piece);
	piece->text = span_from(name, 8);
	piece->is_capture = true;
	if (piece->text.n > 0)
		return true;
	loader_problem(loader, at, "${capture.} wants a number or a name");
	return false;
}

static unsigned
count_variables(struct span text)
{
	unsigned n = 0;
	ptrdiff_t at;

	while ((at = span_find_span(text, SPAN("${"))) >= 0) {
		n++;
		text = span_from(text, (size_t)at + 2);
	}
	return n;
}

static void
add_text(struct rule_template *out, struct span text)
{
	if (text.n > 0)
		out->pieces[out->n++].text = text;
}

static bool
load_pieces(struct loader *loader, const config_setting_t *at,
    struct rule_template *out)
{
	struct span rest = out->text, name;
	ptrdiff_t from, end;
	bool good = true;

	while ((from = span_find_span(rest, SPAN("${"))) >= 0) {
		if (from > 0 && rest.p[from - 1] == '$') {
			add_text(out, span_make(rest.p, (size_t)from - 1));
			add_text(out, span_make(rest.p + from, 2));
			rest = span_from(rest, (size_t)from + 2);
			continue;
		}
		add_text(out, span_make(rest.p, (size_t)from));
		rest = span_from(rest, (size_t)from + 2);
		end = span_find(rest, '}');
		if (end < 0) {
			loader_problem(loader, at, "\"${\" wants its \"}\"");
			return false;
		}
		name = span_make(rest.p, (size_t)end);
		rest = span_from(rest, (size_t)end + 1);
		good &= load_variable(loader, at, name, &out->pieces[out->n++]);
	}
	add_text(out, rest);
	return good;
}

static bool
is_one_line(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

bool
rule_template_load(struct loader *loader, const config_setting_t *at,
    const char *text, bool empty, struct rule_template *out)
{
	unsigned n = 2 * count_variables(span_of(text)) + 1;

	out->n = 0;
	if (n > RULE_PIECES) {
		loader_problem(loader, at, "a value has at most %d variables",
		    RULE_PIECES / 2);
		return false;
	}
	out->text = loader_keep(loader, span_of(text));
	out->pieces = loader_alloc(loader, n, sizeof(*out->pieces));
	if (out->pieces == NULL || out->text.p == NULL)
		return false;
	if (span_trim(out->text).n == 0) {
		if (!empty)
			loader_problem(
			    loader, at, "the value is empty: use absent");
		return empty;
	}
	if (is_one_line(out->text))
		return load_pieces(loader, at, out);
	loader_problem(loader, at, "a value is one line without control bytes");
	return false;
}

static int
capture_find(const struct rule_pattern *pattern, struct span name)
{
	uint32_t n;

	if (span_to_u32(name, RULE_CAPTURES - 1, &n))
		return n <= rule_pattern_captures(pattern) ? (int)n : -1;
	return rule_pattern_named(pattern, name);
}

/* How others write a capture: "$1", "\1". */
static void
warn_of_digit(struct loader *loader, const config_setting_t *at,
    struct span text, unsigned captures)
{
	size_t i;

	for (i = 0; i + 1 < text.n; i++) {
		char digit = text.p[i + 1];

		if ((text.p[i] != '$' && text.p[i] != '\\') || digit < '1' ||
		    (unsigned)(digit - '0') > captures)
			continue;
		loader_warning(loader, at,
		    "\"%c%c\" is written as it stands: the capture is "
		    "${capture.%c}",
		    text.p[i], digit, digit);
		return;
	}
}

void
rule_template_check(struct loader *loader, const config_setting_t *at,
    const struct rule_template *value, const struct rule_pattern *pattern)
{
	unsigned i;
	int n;

	if (pattern != NULL)
		warn_of_digit(loader, at, value->text,
		    rule_pattern_captures(pattern));
	for (i = 0; i < value->n; i++) {
		struct rule_piece *piece = &value->pieces[i];

		if (!piece->is_capture)
			continue;
		if (pattern == NULL) {
			loader_problem(loader, at,
			    "${capture.%.*s}: the rule has no expression that "
			    "captures; give it match, or matches in its "
			    "condition",
			    SPAN_ARG(piece->text));
			continue;
		}
		n = capture_find(pattern, piece->text);
		if (n < 0)
			loader_problem(loader, at,
			    "${capture.%.*s}: the expression has %u capture%s, "
			    "and none of that name",
			    SPAN_ARG(piece->text),
			    rule_pattern_captures(pattern),
			    rule_pattern_captures(pattern) == 1 ? "" : "s");
		else
			piece->capture = (unsigned)n;
	}
}

static bool
read_piece(const struct rule_run *run, const struct rule_piece *piece,
    struct span *out)
{
	const struct rule_variable *variable = piece->variable;

	*out = SPAN_NONE;
	if (piece->target != NULL)
		return rule_value_read(run->apply, piece->target, out);
	if (variable == NULL) {
		*out = run->captures[piece->capture];
		return true;
	}
	if (variable->of_trunk && run->apply->trunk == NULL)
		return false;
	return variable->read(run, out);
}

static bool
is_text(const struct rule_piece *piece)
{
	return piece->variable == NULL && piece->target == NULL &&
	       !piece->is_capture;
}

bool
rule_template_expand(const struct rule_run *run,
    const struct rule_template *value, struct span *out)
{
	struct sip_draft *draft = run->apply->draft;
	struct span parts[RULE_PIECES];
	size_t mark;
	unsigned i;

	if (value->n == 1 && is_text(&value->pieces[0])) {
		*out = value->pieces[0].text;
		return true;
	}
	for (i = 0; i < value->n; i++) {
		parts[i] = value->pieces[i].text;
		if (is_text(&value->pieces[i]))
			continue;
		if (!read_piece(run, &value->pieces[i], &parts[i]) ||
		    parts[i].n == 0)
			return false;
	}
	mark = sip_draft_mark(draft);
	for (i = 0; i < value->n; i++)
		sip_add_unfolded(&draft->scratch, parts[i]);
	*out = sip_draft_keep(draft, mark);
	return !draft->overflow;
}

static void
print_variable(FILE *out, const char *name, const char *help)
{
	fprintf(out, ".It Ic ${%s}\n", name);
	policy_print_prose(out, help);
}

void
rule_print_variables(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(variables); i++)
		print_variable(out, variables[i].name, variables[i].help);
	for (i = 0; i < ARRAY_LEN(aliases); i++)
		print_variable(out, aliases[i].name, aliases[i].help);
	print_variable(out, "header.TARGET",
	    "The value of a header or of a part of it, also of one that was "
	    "received and does not pass: ${header.X-Account}, "
	    "${header.Diversion[1].uri.user}.");
	print_variable(out, "capture.1",
	    "What the first brackets of match hold, or those of the last "
	    "matches of the condition. By number, or by name where they have "
	    "one: (?<code>...). 0 is all that matched.");
}
