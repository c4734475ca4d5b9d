/*
 * rule_sdp.c - the verbs, on lines of a session description
 *
 * All through the line editor, which keeps every other byte, the number and the
 * order of the m-lines, and what a description must have.
 */

#include "policy/rule.h"

#include "policy/media.h"

struct lines {
	struct rule_run *run;
	const struct rule_target *target;
	struct media_change change;
};

/* The value of a line that the target names: behind "a=ptime:". */
bool
rule_sdp_value(
    const struct rule_target *target, struct span line, struct span *value)
{
	struct span name;

	if (line.n < 2 || line.p[0] != target->type)
		return false;
	*value = span_from(line, 2);
	if (target->name.n == 0)
		return true;
	return sdp_attribute_parse(line, &name, value) &&
	       span_eq(name, target->name);
}

static struct span
line_text(struct lines *lines, struct span before, struct span value,
    struct span after)
{
	struct sdp_edits *edits = &lines->change.edits;
	size_t mark = sdp_edit_mark(edits);
	struct text *t = &edits->scratch;

	text_add_char(t, lines->target->type);
	text_add_char(t, '=');
	if (lines->target->name.n > 0) {
		text_add(t, lines->target->name);
		if (before.n + value.n + after.n > 0)
			text_add_char(t, ':');
	}
	text_add(t, before);
	text_add(t, value);
	text_add(t, after);
	return sdp_edit_keep(edits, mark);
}

static void
told(struct lines *lines, struct span before, struct span after)
{
	char buf[96];
	struct text t = text_over(buf, sizeof(buf));

	TEXT_LIT(&t, "sdp.");
	text_add_char(&t, lines->target->type);
	media_change_told(&lines->change, text_span(&t), before, after);
}

static void
refused(struct lines *lines, struct span before, struct span after)
{
	edit_refuse(&lines->run->apply->edit, lines->target->text, before,
	    after, SPAN("the session description would not be one any more"),
	    &lines->run->why);
}

static void
put_line(struct lines *lines, unsigned at, struct span text)
{
	struct span before = lines->change.sdp.lines[at];

	if (span_eq(before, text) || lines->change.edits.overflow)
		return;
	if (sdp_edit_replace(&lines->change.edits, at, text))
		told(lines, before, text);
	else
		refused(lines, before, text);
}

static void
delete_line(struct lines *lines, unsigned at)
{
	struct span before = lines->change.sdp.lines[at];

	if (sdp_edit_delete(&lines->change.edits, at))
		told(lines, before, SPAN_NONE);
	else
		refused(lines, before, SPAN_NONE);
}

/* The name of an attribute, else the text of the line. */
static struct span
name_of(const struct rule_target *target, struct span value)
{
	struct span rest;

	if (target->type != 'a' || target->name.n > 0)
		return value;
	return span_cut(value, ':', &rest);
}

static void
change_line(struct lines *lines, unsigned at, struct span value)
{
	struct rule_run *run = lines->run;
	struct span new;

	if (run->rule->verb == VERB_KEEP_ONLY) {
		if (!rule_keeps(run, name_of(lines->target, value), value))
			delete_line(lines, at);
		return;
	}
	if (!rule_concerns(run, value))
		return;
	if (run->rule->verb == VERB_ABSENT) {
		delete_line(lines, at);
		return;
	}
	if (!rule_template_expand(run, &run->rule->value, &new))
		return;
	if (run->rule->verb == VERB_SET)
		new = line_text(lines, SPAN_NONE, new, SPAN_NONE);
	else
		new = line_text(lines,
		    span_between(value.p, run->captures[0].p), new,
		    span_between(span_end(run->captures[0]), span_end(value)));
	put_line(lines, at, new);
}

static void
change_lines(struct lines *lines)
{
	const struct sdp *sdp = &lines->change.sdp;
	struct span value;
	unsigned i;

	for (i = 0; i < sdp->lines_n; i++) {
		if (rule_sdp_value(lines->target, sdp->lines[i], &value))
			change_line(lines, i, value);
	}
}

/* --- lines that are to be there --- */

/* RFC 4566 section 5: the order of the lines of a section. */
static int
place_of(bool media, char type)
{
	const char *order = media ? "micbka" : "vosiuepcbtrzka";
	const char *at = strchr(order, type);

	return at == NULL ? 99 : (int)(at - order);
}

/* Is it in the section? Also by value, when `value` is not NULL. */
static bool
section_has(
    struct lines *lines, unsigned from, unsigned end, const struct span *value)
{
	struct span found;
	unsigned i;

	for (i = from; i < end; i++) {
		if (rule_sdp_value(
			lines->target, lines->change.sdp.lines[i], &found) &&
		    (value == NULL || span_eq(found, *value)))
			return true;
	}
	return false;
}

static void
insert_line(struct lines *lines, bool media, unsigned from, unsigned end,
    struct span value)
{
	const struct sdp *sdp = &lines->change.sdp;
	int place = place_of(media, lines->target->type);
	struct span text = line_text(lines, SPAN_NONE, value, SPAN_NONE);
	unsigned after = from, i;

	if (lines->change.edits.overflow)
		return;
	for (i = from; i < end; i++) {
		if (sdp->lines[i].n > 0 &&
		    place_of(media, sdp->lines[i].p[0]) <= place)
			after = i;
	}
	if (sdp_edit_insert(&lines->change.edits, after, text))
		told(lines, SPAN_NONE, text);
	else
		refused(lines, SPAN_NONE, text);
}

static void
add_to_section(struct lines *lines, bool media, unsigned from, unsigned end)
{
	bool append = lines->run->rule->verb == VERB_APPEND;
	struct span value;

	if (!rule_template_expand(
		lines->run, &lines->run->rule->value, &value) ||
	    section_has(lines, from, end, append ? &value : NULL))
		return;
	insert_line(lines, media, from, end, value);
}

/* Attributes belong to each media that is in use, other lines to the
 * session. */
static void
add_lines(struct lines *lines)
{
	const struct sdp *sdp = &lines->change.sdp;
	unsigned i;

	if (lines->target->type != 'a' && lines->target->type != 'b') {
		add_to_section(lines, false, 0, sdp->session_end);
		return;
	}
	for (i = 0; i < sdp->media_n; i++) {
		if (sdp->media[i].port != 0)
			add_to_section(lines, true, sdp->media[i].first,
			    sdp->media[i].end);
	}
}

static bool
adds_lines(const struct rule *rule)
{
	return rule->verb == VERB_ENSURE || rule->verb == VERB_APPEND;
}

/* `set` of a text without variables, which the line has. */
static bool
is_set_already(const struct rule *rule, struct span value)
{
	const struct rule_template *text = &rule->value;

	return rule->verb == VERB_SET && rule->match == NULL && text->n == 1 &&
	       span_eq(text->pieces[0].text, text->text) &&
	       span_eq(value, text->text);
}

/* A look at the lines of the body before it is taken apart: most
 * descriptions have nothing for a rule to do. Lines of other parts
 * of a multipart count too. */
static bool
may_concern(const struct rule *rule, const struct rule_target *target,
    struct span body)
{
	struct span line, value;

	if (adds_lines(rule))
		return body.n > 0;
	while (media_line_next(&body, &line)) {
		if (rule_sdp_value(target, line, &value) &&
		    !is_set_already(rule, value))
			return true;
	}
	return false;
}

void
rule_sdp(struct rule_run *run, const struct rule_target *target)
{
	struct lines lines;

	if (!may_concern(run->rule, target, run->apply->draft->body) ||
	    !media_change_begin(&lines.change, run->apply->draft))
		return;
	lines.run = run;
	lines.target = target;
	if (adds_lines(run->rule))
		add_lines(&lines);
	else
		change_lines(&lines);
	media_change_commit(&lines.change, &run->apply->edit, &run->why);
}
