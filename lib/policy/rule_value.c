/*
 * rule_value.c - what conditions and variables read of a message
 */

#include "policy/rule.h"

#include "sip/value.h"

static bool
is_received(const struct rule_target *target, const struct sip_line *line)
{
	unsigned flags = sip_header_flags(line->id);
	struct sip_field field = { .id = line->id, .name = line->name };

	/* What is ours toward the other side, and secrets, stay there. */
	if (line->id != SIP_OTHER_HEADER &&
	    (flags & (SIP_FLAG_OURS | SIP_FLAG_SECRET)))
		return false;
	if (line->id != SIP_OTHER_HEADER)
		field.name = span_of(sip_header_name(line->id));
	return rule_target_is(target, &field);
}

static const struct sip_line *
received_next(
    const struct apply *apply, const struct rule_target *target, unsigned *from)
{
	const struct sip_message *msg = apply->ctx->received;

	while (msg != NULL && *from < msg->lines_n) {
		const struct sip_line *line = &msg->lines[(*from)++];

		if (is_received(target, line))
			return line;
	}
	return NULL;
}

static bool
read_received(const struct apply *apply, const struct rule_target *target,
    struct span *out)
{
	const struct sip_line *line;
	unsigned from = 0;
	int ordinal = 0;
	struct span rest, value;

	while ((line = received_next(apply, target, &from)) != NULL) {
		if (!target->values)
			return rule_part_read(&apply->draft->names, target,
			    line->value, out);
		rest = line->value;
		while (sip_list_next(&rest, &value)) {
			if (target->index <= ordinal++)
				return rule_part_read(&apply->draft->names,
				    target, value, out);
		}
	}
	return false;
}

/* What a policy took out is not read from what came. */
static bool
passes(const struct apply *apply, const struct rule_target *target)
{
	return target->id != SIP_OTHER_HEADER &&
	       (sip_header_flags(target->id) & SIP_FLAG_RELAY) &&
	       apply->ctx->received != NULL;
}

bool
rule_value_read(const struct apply *apply, const struct rule_target *target,
    struct span *out)
{
	struct rule_spots spots;
	struct rule_spot spot;
	bool any = false;

	*out = SPAN_NONE;
	rule_spots_begin(&spots, apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		any = true;
		*out = spot.part;
		if (spot.there)
			return true;
	}
	if (any || target->place != PLACE_HEADER || passes(apply, target))
		return false;
	return read_received(apply, target, out);
}

bool
rule_header_is_there(
    const struct apply *apply, const struct rule_target *target)
{
	struct rule_spots spots;
	struct rule_spot spot;
	unsigned from = 0;

	rule_spots_begin(&spots, apply->draft, target);
	while (rule_spots_next(&spots, &spot)) {
		if (spot.there)
			return true;
	}
	return !passes(apply, target) && target->part == PART_WHOLE &&
	       received_next(apply, target, &from) != NULL;
}

/* The sentence for each that is neither yes nor no. */
static const char *const gave_up[] = {
	[MATCHED_GAVE_UP] =
	    "the expression tried as often or as deep as it may",
	[MATCHED_TOO_LONG] = "the value is longer than expressions look at",
	[MATCHED_TOO_MANY] = "there are more values than a rule looks at",
};

enum rule_matched
rule_look(struct rule_run *run, const struct rule_pattern *pattern,
    struct span subject)
{
	struct edit_why why = { DIAG_POL_PATTERN, run->rule->place, SPAN_NONE };
	enum rule_matched matched = MATCHED_TOO_MANY;

	/* Said once. */
	if (run->looks > RULE_LOOKS)
		return matched;
	if (run->looks++ < RULE_LOOKS)
		matched = rule_pattern_match(pattern, subject, run->captures);
	if (matched <= MATCHED)
		return matched;
	why.reason = span_of(gave_up[matched]);
	edit_note(&run->apply->edit, SPAN("match"), subject, &why);
	return matched;
}

bool
rule_concerns(struct rule_run *run, struct span value)
{
	const struct rule_pattern *match = run->rule->match;

	return match == NULL || rule_look(run, match, value) == MATCHED;
}

bool
rule_keeps(struct rule_run *run, struct span name, struct span value)
{
	unsigned i;

	if (run->rule->match != NULL)
		return rule_look(run, run->rule->match, value) != MATCHED_NO;
	for (i = 0; i < run->rule->words_n; i++) {
		if (span_imatch(name, run->rule->words[i]))
			return true;
	}
	return false;
}
