/*
 * responses.c - what a refusal by a trunk means: responses = ( { ... } )
 *
 * A row fits by status and reason phrase, and says which diagnostic it is and
 * what is to be done. The first that fits counts, so one that can never be
 * reached is a mistake, and is refused.
 */

#include "policy/rule.h"

#include "base/container.h"
#include "sip/chars.h"

#define STATUS_MIN 300
#define STATUS_MAX 699

static const struct {
	const char *word;
	const char *help;
} thens[POLICY_THENS] = {
	[POLICY_THEN_RELAY] = { "relay",
	    "It goes to the caller, unless the options of the trunk know "
	    "better: a redirection may be followed, and 420, 421 and 422 are "
	    "met with another INVITE. The default; also for a 503, which "
	    "without a row would lead to the next target." },
	[POLICY_THEN_ADVANCE] = { "advance",
	    "The next target of the call is asked: the next peer of the trunk, "
	    "then the next trunk of the route." },
	[POLICY_THEN_STOP] = { "stop",
	    "It goes to the caller, and nothing else is tried: no other "
	    "target, no redirection, no other INVITE." },
	[POLICY_THEN_SLOW_DOWN] = { "slow-down",
	    "The trunk is given new calls more slowly for a time, and this one "
	    "goes to the next trunk of the route." },
	[POLICY_THEN_RETRY_AFTER] = { "retry-after",
	    "The peer gets no new calls for as long as its Retry-After says, "
	    "and this one goes to the next target. Without Retry-After as "
	    "advance." },
};

const char *
policy_then_name(enum policy_then then)
{
	return thens[then].word;
}

/* --- what fits --- */

/* Is `part` in `s`, whatever the case? */
static bool
contains(struct span s, struct span part)
{
	for (; s.n >= part.n; s = span_from(s, 1)) {
		if (span_istarts(s, part))
			return true;
		if (s.n == 0)
			break;
	}
	return false;
}

static bool
status_fits(const struct response_row *row, unsigned status)
{
	unsigned i;

	for (i = 0; i < row->status_n; i++) {
		if (status >= row->status[i].from &&
		    status <= row->status[i].to)
			return true;
	}
	return row->status_n == 0;
}

static bool
phrase_fits(const struct response_row *row, struct span phrase)
{
	unsigned i;

	for (i = 0; i < row->phrases_n; i++) {
		if (contains(phrase, row->phrases[i]))
			return true;
	}
	return row->phrases_n == 0;
}

const struct policy_response *
policy_response_find(
    const struct policy *policy, unsigned status, struct span phrase)
{
	unsigned i;

	if (status < STATUS_MIN || status > STATUS_MAX)
		return NULL;
	for (i = 0; i < policy->responses.n; i++) {
		const struct response_row *row = &policy->responses.list[i];

		if (status_fits(row, status) && phrase_fits(row, phrase))
			return &row->means;
	}
	return NULL;
}

/* --- reading --- */

/* A row while it is read. */
struct reading {
	struct response_row *row;
	const config_setting_t *diagnostic;
};

static void
member_id(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;

	loader_keep_string(loader, at, "id", &r->row->id);
}

static void
member_status(struct loader *loader, const config_setting_t *at, void *into)
{
	struct response_row *row = ((struct reading *)into)->row;
	unsigned i, n = loader_items(at);

	if (n == 0 || n > RULE_STATUS_MAX) {
		loader_problem(
		    loader, at, "status wants 1 to %d codes", RULE_STATUS_MAX);
		return;
	}
	for (i = 0; i < n; i++) {
		const config_setting_t *item = loader_item(at, i);
		bool negated = false;

		if (!rule_range_load(item, &negated, &row->status[i]) ||
		    negated || row->status[i].from < STATUS_MIN)
			loader_problem(loader, item,
			    "status of a response wants 300 to 699, \"4xx\" or "
			    "\"480-488\"");
	}
	row->status_n = n;
}

static bool
is_phrase(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	}
	return s.n > 0;
}

static void
member_phrase(struct loader *loader, const config_setting_t *at, void *into)
{
	struct response_row *row = ((struct reading *)into)->row;
	unsigned i, n = loader_items(at);

	row->phrases = loader_alloc(loader, n, sizeof(*row->phrases));
	if (n == 0)
		loader_problem(loader, at, "phrase wants a text");
	for (i = 0; row->phrases != NULL && i < n; i++) {
		const config_setting_t *item = loader_item(at, i);
		const char *s = loader_string(loader, item, "phrase");

		if (s == NULL)
			return;
		if (!is_phrase(span_of(s)))
			loader_problem(loader, item,
			    "a phrase is one line, and not empty");
		row->phrases[row->phrases_n++] =
		    loader_keep(loader, span_of(s));
	}
}

static void
member_diagnostic(struct loader *loader, const config_setting_t *at, void *into)
{
	(void)loader;
	((struct reading *)into)->diagnostic = at;
}

static void
member_reason(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;

	loader_keep_string(loader, at, "reason", &r->row->means.reason);
}

static void
member_then(struct loader *loader, const config_setting_t *at, void *into)
{
	struct reading *r = into;
	const char *words[POLICY_THENS];
	const char *s = loader_string(loader, at, "then");
	unsigned i;

	for (i = 0; s != NULL && i < POLICY_THENS; i++) {
		words[i] = thens[i].word;
		if (strcmp(s, words[i]) == 0) {
			r->row->means.then = (enum policy_then)i;
			return;
		}
	}
	if (s != NULL)
		loader_unknown(loader, at, "then", s, words, i);
}

static const struct loader_member members[] = {
	{ "id", member_id },
	{ "status", member_status },
	{ "phrase", member_phrase },
	{ "diagnostic", member_diagnostic },
	{ "reason", member_reason },
	{ "then", member_then },
};

/* --- what a file may say --- */

static struct rule_range
range_of(const struct response_row *row, unsigned i)
{
	return row->status_n == 0 ? (struct rule_range){ STATUS_MIN, STATUS_MAX }
				  : row->status[i];
}

static unsigned
ranges_of(const struct response_row *row)
{
	return row->status_n == 0 ? 1 : row->status_n;
}

/* All codes of `later` are codes of `first`. */
static bool
takes_status(const struct response_row *first, const struct response_row *later)
{
	unsigned i, status;

	for (i = 0; i < ranges_of(later); i++) {
		struct rule_range range = range_of(later, i);

		for (status = range.from; status <= range.to; status++) {
			if (!status_fits(first, status))
				return false;
		}
	}
	return true;
}

/* What has a phrase of `later` in it has one of `first` in it. */
static bool
takes_phrase(const struct response_row *first, const struct response_row *later)
{
	unsigned i;

	if (first->phrases_n == 0)
		return true;
	for (i = 0; i < later->phrases_n; i++) {
		if (!phrase_fits(first, later->phrases[i]))
			return false;
	}
	return later->phrases_n > 0;
}

static void
check_reached(struct loader *loader, const config_setting_t *at, unsigned n)
{
	const struct response_row *list = loader->policy->responses.list;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!takes_status(&list[i], &list[n]) ||
		    !takes_phrase(&list[i], &list[n]))
			continue;
		loader_problem(loader, at,
		    "it can never match: the row in line %u takes all of it",
		    list[i].line);
		return;
	}
}

/* RFC 3261 section 21.6: nobody else can do better. */
static bool
is_final(const struct response_row *row)
{
	unsigned i;

	for (i = 0; i < ranges_of(row); i++) {
		if (range_of(row, i).to >= 600)
			return true;
	}
	return false;
}

static void
check_row(struct loader *loader, const config_setting_t *at,
    const struct response_row *row)
{
	enum policy_then then = row->means.then;

	if (row->status_n == 0 && row->phrases_n == 0)
		loader_problem(
		    loader, at, "a response wants status, phrase or both");
	else if (is_final(row) && then != POLICY_THEN_RELAY &&
		 then != POLICY_THEN_STOP)
		loader_problem(loader, at,
		    "a 6xx is the last word, no other route is tried: name a "
		    "status below 600 for %s",
		    thens[then].word);
}

void
responses_load(struct loader *loader, const config_setting_t *at)
{
	struct response_set *set = &loader->policy->responses;
	unsigned i, n = loader_groups(loader, at, "responses");

	set->list = loader_alloc(loader, n, sizeof(*set->list));
	for (i = 0; set->list != NULL && i < n; i++) {
		const config_setting_t *item = config_setting_get_elem(at, i);
		struct response_row *row = &set->list[i];
		struct reading r = { .row = row };

		row->line = config_setting_source_line(item);
		row->means.rule = loader_place(loader, item);
		loader_group(loader, item, "response", members,
		    ARRAY_LEN(members), &r);
		rule_diagnostic_load(loader, r.diagnostic, item,
		    &row->means.diagnostic, &row->means.reason);
		check_row(loader, item, row);
		check_reached(loader, item, i);
		set->n++;
	}
}

/* --- for people --- */

static void
add_ranges(struct text *t, const struct response_row *row)
{
	unsigned i;

	for (i = 0; i < row->status_n; i++) {
		text_addf(t, "%s%u", i == 0 ? "" : ", ", row->status[i].from);
		if (row->status[i].to != row->status[i].from)
			text_addf(t, "-%u", row->status[i].to);
	}
}

void
responses_add(struct text *t, const struct response_row *row)
{
	unsigned i;

	add_ranges(t, row);
	for (i = 0; i < row->phrases_n; i++) {
		text_add_str(t, i > 0 ? ", " : row->status_n > 0 ? " " : "");
		text_add_quoted(t, row->phrases[i]);
	}
	TEXT_LIT(t, ": ");
	text_add_str(t, thens[row->means.then].word);
}

void
policy_print_responses_mdoc(FILE *out)
{
	size_t i;

	fprintf(out, ".Bl -tag -width retry-after\n");
	for (i = 0; i < ARRAY_LEN(thens); i++) {
		fprintf(out, ".It Ic %s\n", thens[i].word);
		policy_print_prose(out, thens[i].help);
	}
	fprintf(out, ".El\n");
}
