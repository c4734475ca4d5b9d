/*
 * rule_apply.c - the verbs, on headers and the Request-URI
 *
 * Each says how the message shall be in the end: where it is so
 * already, nothing is changed. All changes go through the guard and
 * into the journal (edit.h).
 */

#include "policy/rule.h"

#include "base/container.h"
#include "sip/value.h"

/* --- changes --- */

/* A value for From or To without a tag gets the one that is there. */
static struct span
with_tag(struct rule_run *run, struct span before, struct span value)
{
	struct sip_draft *draft = run->apply->draft;
	struct span tag;
	size_t mark;

	if (sip_param_find(nameaddr_params(value), SPAN("tag"), &tag) ||
	    !sip_param_find(nameaddr_params(before), SPAN("tag"), &tag))
		return value;
	mark = sip_draft_mark(draft);
	text_add(&draft->scratch, value);
	TEXT_LIT(&draft->scratch, ";tag=");
	text_add(&draft->scratch, tag);
	return sip_draft_keep(draft, mark);
}

static bool
is_party(const struct rule_target *target)
{
	return target->place == PLACE_HEADER &&
	       (target->id == SIP_FROM || target->id == SIP_TO);
}

static void
put_value(struct rule_run *run, struct rule_spots *spots,
    const struct rule_spot *spot, struct span value)
{
	struct edit *edit = &run->apply->edit;
	struct span whole;
	size_t behind;

	if (spot->field < 0) {
		edit_request_uri(edit, value, &run->why);
		return;
	}
	whole = run->apply->draft->fields[spot->field].value;
	behind = (size_t)(span_end(whole) - span_end(spot->value));
	if (whole.n == spot->value.n)
		edit_set(edit, spot->field, value, &run->why);
	else
		apply_splice(
		    run->apply, spot->field, spot->value, value, &run->why);
	rule_spots_moved(spots, behind);
}

/* NULL: the part is to be absent. */
static void
put_part(struct rule_run *run, struct rule_spots *spots,
    const struct rule_spot *spot, const struct span *part)
{
	struct sip_draft *draft = run->apply->draft;
	const struct rule_target *target = spots->target;
	size_t mark = sip_draft_mark(draft);
	struct span value;

	if (target->part == PART_WHOLE && part != NULL) {
		value = is_party(target) ? with_tag(run, spot->value, *part)
					 : *part;
		put_value(run, spots, spot, value);
		return;
	}
	if (part != NULL ? spot->there && span_eq(spot->part, *part)
			 : !spot->there)
		return;
	if (rule_part_write(draft, target, spot->value, part)) {
		put_value(run, spots, spot, sip_draft_keep(draft, mark));
		return;
	}
	if (!draft->scratch.overflow)
		draft->scratch.len = mark;
	sip_draft_keep(draft, mark);
	edit_refuse(&run->apply->edit, target->text, spot->value,
	    part == NULL ? SPAN_NONE : *part,
	    SPAN("the result would not read as it was meant"), &run->why);
}

static void
remove_field(struct rule_run *run, struct rule_spots *spots,
    const struct rule_spot *spot)
{
	if (edit_remove(&run->apply->edit, spot->field, &run->why))
		rule_spots_removed(spots);
}

/* One value of a list, with the comma that it leaves. */
static void
remove_value(struct rule_run *run, struct rule_spots *spots,
    const struct rule_spot *spot)
{
	struct sip_draft *draft = run->apply->draft;
	struct span whole = draft->fields[spot->field].value, text;
	struct span before = span_trim(span_between(whole.p, spot->value.p));
	struct span after =
	    span_trim(span_between(span_end(spot->value), span_end(whole)));
	size_t mark = sip_draft_mark(draft);

	if (before.n > 0 && before.p[before.n - 1] == ',')
		before = span_trim(span_make(before.p, before.n - 1));
	if (after.n > 0 && after.p[0] == ',')
		after = span_trim(span_from(after, 1));
	if (before.n == 0 && after.n == 0) {
		remove_field(run, spots, spot);
		return;
	}
	text_add(&draft->scratch, before);
	if (before.n > 0 && after.n > 0)
		TEXT_LIT(&draft->scratch, ", ");
	text_add(&draft->scratch, after);
	text = sip_draft_keep(draft, mark);
	if (edit_set(&run->apply->edit, spot->field, text, &run->why))
		rule_spots_moved(spots, after.n);
}

static void
remove_spot(struct rule_run *run, struct rule_spots *spots,
    const struct rule_spot *spot)
{
	if (spots->target->values)
		remove_value(run, spots, spot);
	else
		remove_field(run, spots, spot);
}

static void
add_field(
    struct rule_run *run, const struct rule_target *target, struct span value)
{
	edit_add(&run->apply->edit, target->id, target->name, value, &run->why);
}

static bool
expand(struct rule_run *run, struct span *out)
{
	if (!rule_template_expand(run, &run->rule->value, out))
		return false;
	*out = span_trim(*out);
	return out->n > 0 || run->rule->value.n == 0;
}

/* The same, where it is to be one value of a list: two would never be found
 * again as one. */
static bool
expand_one(
    struct rule_run *run, const struct rule_target *target, struct span *out)
{
	if (!expand(run, out))
		return false;
	if (!target->values || rule_is_one_value(*out))
		return true;
	edit_refuse(&run->apply->edit, target->text, SPAN_NONE, *out,
	    SPAN("it would not be one value of the list"), &run->why);
	return false;
}

/* --- verbs --- */

static void
verb_absent(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;

	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (spots.ordinal <= target->keep ||
		    !rule_concerns(run, spot.part))
			continue;
		if (target->part == PART_WHOLE && spot.field >= 0)
			remove_spot(run, &spots, &spot);
		else
			put_part(run, &spots, &spot, NULL);
	}
}

/* Whole headers: one field of that value, where no expression chooses some. */
static void
set_header(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;
	struct span value;
	bool some = run->rule->match != NULL || target->wild;
	unsigned n = 0;

	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (!rule_concerns(run, spot.value) || !expand(run, &value))
			continue;
		if (n++ == 0 || some)
			put_part(run, &spots, &spot, &value);
		else
			remove_field(run, &spots, &spot);
	}
	if (n == 0 && !some && spots.ordinal == 0 && expand(run, &value))
		add_field(run, target, value);
}

/* A value of a list that is next behind the last is added. */
static void
set_value(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;
	struct span value;

	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (rule_concerns(run, spot.value) &&
		    expand_one(run, target, &value))
			put_part(run, &spots, &spot, &value);
		return;
	}
	if (spots.ordinal == target->index && run->rule->match == NULL &&
	    expand_one(run, target, &value))
		add_field(run, target, value);
}

static void
set_part(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;
	struct span value;

	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if ((target->wild && !spot.there) ||
		    !rule_concerns(run, spot.part) || !expand(run, &value))
			continue;
		put_part(run, &spots, &spot, &value);
	}
}

static void
verb_set(struct rule_run *run, const struct rule_target *target)
{
	if (target->part != PART_WHOLE || target->place == PLACE_REQUEST)
		set_part(run, target);
	else if (target->index >= 0)
		set_value(run, target);
	else
		set_header(run, target);
}

/* Where another tool says that the header exists already (row SFB-12). */
static void
note_kept(struct rule_run *run, const struct rule_target *target,
    const struct rule_spot *spot)
{
	struct edit_why why = { DIAG_POL_NOT_IDEMPOTENT, run->rule->place,
		SPAN_NONE };

	edit_keep(&run->apply->edit, target->text, spot->part, &why);
}

static void
verb_ensure(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;
	struct span value;
	bool found = false;

	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		found = true;
		if (spot.there)
			note_kept(run, target, &spot);
		else if (expand(run, &value))
			put_part(run, &spots, &spot, &value);
	}
	if (!found && target->part == PART_WHOLE &&
	    target->place == PLACE_HEADER &&
	    (target->index < 0 || spots.ordinal == target->index) &&
	    expand_one(run, target, &value))
		add_field(run, target, value);
}

/* Behind the values of that field. */
static void
append_to(struct rule_run *run, int at, struct span value)
{
	struct sip_draft *draft = run->apply->draft;
	size_t mark = sip_draft_mark(draft);

	text_add(&draft->scratch, draft->fields[at].value);
	TEXT_LIT(&draft->scratch, ", ");
	text_add(&draft->scratch, value);
	edit_set(
	    &run->apply->edit, at, sip_draft_keep(draft, mark), &run->why);
}

static void
verb_append(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;
	struct span value, last = SPAN_NONE;
	int at = -1;

	if (!expand_one(run, target, &value))
		return;
	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (span_ieq(spot.value, value)) {
			note_kept(run, target, &spot);
			return;
		}
		at = spot.field;
		last = spot.value;
	}
	/* A broken value would swallow what comes behind it. */
	if (rule_is_one_value(last))
		append_to(run, at, value);
	else
		add_field(run, target, value);
}

static void
verb_replace(struct rule_run *run, const struct rule_target *target)
{
	struct sip_draft *draft = run->apply->draft;
	struct rule_spots spots;
	struct rule_spot spot;
	struct span value, now;
	size_t mark;

	rule_spots_begin(&spots, draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (!spot.there || !rule_concerns(run, spot.part) ||
		    !expand(run, &value))
			continue;
		mark = sip_draft_mark(draft);
		text_add(&draft->scratch,
		    span_between(spot.part.p, run->captures[0].p));
		text_add(&draft->scratch, value);
		text_add(
		    &draft->scratch, span_between(span_end(run->captures[0]),
					 span_end(spot.part)));
		now = sip_draft_keep(draft, mark);
		put_part(run, &spots, &spot, &now);
	}
}

/* Is there a value of that index? Where it is alone already there is none. */
static bool
has_kept(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;

	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (spots.ordinal > target->keep)
			return true;
	}
	return false;
}

static void
verb_keep_only(struct rule_run *run, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;
	struct span name;

	if (target->keep >= 0 && !has_kept(run, target))
		return;
	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		name = target->wild ? run->apply->draft->fields[spot.field].name
				    : spot.value;
		if (target->keep >= 0 ? spots.ordinal != target->keep + 1
				      : !rule_keeps(run, name, spot.value))
			remove_spot(run, &spots, &spot);
	}
}

static void
verb_rename(struct rule_run *run, const struct rule_target *target)
{
	struct edit *edit = &run->apply->edit;
	struct rule_spots spots;
	struct rule_spot spot;
	struct span name = run->rule->value.text;
	enum sip_header id = sip_header_find(name);

	if (id != SIP_OTHER_HEADER)
		name = span_of(sip_header_name(id));
	rule_spots_begin(&spots, run->apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (edit_add(edit, id, name, spot.value, &run->why))
			remove_field(run, &spots, &spot);
	}
}

static const struct {
	const char *name;
	void (*apply)(struct rule_run *run, const struct rule_target *target);
	const char *help;
} verbs[VERBS] = {
	[VERB_ABSENT] = { "absent", verb_absent,
	    "The target is not there. With an index: no value from that one "
	    "on. "
	    "With match: none that matches." },
	[VERB_SET] = { "set", verb_set,
	    "The target is there once, and has the value. A part, a header "
	    "named by a wildcard and an SDP line get it where they are there; "
	    "with match: those that match." },
	[VERB_ENSURE] = { "ensure", verb_ensure,
	    "The target is there: with the value where it was not." },
	[VERB_APPEND] = { "append", verb_append,
	    "The list has the value among its values." },
	[VERB_REPLACE] = { "replace", verb_replace,
	    "What match finds in the target is the value, with ${capture.1} "
	    "for what its first brackets hold. Once in each place." },
	[VERB_KEEP_ONLY] = { "keep_only", verb_keep_only,
	    "Of the values (of a wildcard: the headers; of sdp.a: the "
	    "attributes) only that of the index, those of the list value, or "
	    "those that match are there." },
	[VERB_RENAME] = { "rename", verb_rename,
	    "The header has the name that is the value." },
};

const char *
rule_verb_name(enum rule_verb verb)
{
	return verbs[verb].name;
}

/* Within a dialog these are the dialog's: a rule that does not speak of
 * requests within one means the others. */
static bool
stands_back(const struct rule_run *run, const struct rule_target *target)
{
	return run->apply->edit.guard->in_dialog &&
	       (target->place == PLACE_REQUEST || is_party(target)) &&
	       !rule_when_in_dialog(&run->rule->when);
}

static void
apply_rule(struct rule_run *run)
{
	const struct rule *rule = run->rule;
	unsigned i;

	run->looks = 0;
	if (!rule_when_holds(run))
		return;
	for (i = 0; i < rule->targets_n; i++) {
		const struct rule_target *target = rule->targets[i];

		if (target->place == PLACE_SDP)
			rule_sdp(run, target);
		else if (!stands_back(run, target))
			verbs[rule->verb].apply(run, target);
	}
}

/* A test: once more, unseen; what changes now is not an end. */
static void
apply_again(struct rule_run *run)
{
	struct edit *edit = &run->apply->edit;
	const struct policy_context *ctx = run->apply->ctx;
	const struct journal *journal = edit->journal;
	unsigned changes = edit->changes;

	edit->journal = NULL;
	apply_rule(run);
	edit->journal = journal;
	if (edit->changes != changes)
		ctx->unsteady(ctx->unsteady_arg, run->rule->place);
}

void
rules_free(struct apply *apply)
{
	const struct rule_set *rules = &apply->policy->rules;
	struct rule_run run = { .apply = apply };
	unsigned i;

	for (i = 0; i < rules->n; i++) {
		run.rule = &rules->list[i];
		run.why = (struct edit_why){ run.rule->diagnostic,
			run.rule->place, run.rule->reason };
		apply_rule(&run);
		if (apply->ctx->unsteady != NULL)
			apply_again(&run);
	}
}

void
rule_print_verbs(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(verbs); i++) {
		fprintf(out, ".It Ic %s\n", verbs[i].name);
		policy_print_prose(out, verbs[i].help);
	}
}
