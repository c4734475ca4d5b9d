#include "control/did.h"

#include "base/day.h"
#include "control/request.h"
#include "number/number.h"
#include "trunk/trunk.h"

/* A trunk's name has at most 63 bytes: what does not fit is counted. */
#define TRUNKS_SHOWN 200

bool
did_read_number(struct span word, struct text *digits)
{
	size_t i;

	if (span_starts(word, SPAN("+")))
		word = span_from(word, 1);
	for (i = 0; i < word.n; i++) {
		if (word.p[i] >= '0' && word.p[i] <= '9')
			text_add_char(digits, word.p[i]);
		else if (strchr(" -.()/", word.p[i]) == NULL ||
		    word.p[i] == '\0')
			return false;
	}
	return !digits->overflow && digits->len > 0 &&
	    digits->len <= NUMBER_E164_MAX && digits->buf[0] != '0';
}

static void
add_day(struct text *out, const char *key, int32_t day)
{
	if (day == 0)
		return;
	text_addf(out, ",\"%s\":\"", key);
	day_add(out, day);
	text_add_char(out, '"');
}

static void
add_entry(struct text *out, const char *key,
    const struct inventory_entry *entry, int64_t today)
{
	text_addf(out, ",\"%s\":{\"range\":\"", key);
	inventory_add_range(out, entry);
	text_add_char(out, '"');
	request_add_number(out, "numbers", entry->last - entry->first + 1);
	request_add_string(out, "owner", entry->owner);
	request_add_string(out, "label", entry->label);
	if (entry->verified != INVENTORY_UNSAID)
		text_addf(out, ",\"verified\":%s",
		    entry->verified == INVENTORY_VERIFIED ? "true" : "false");
	add_day(out, "verified_on", entry->verified_on);
	add_day(out, "expires", entry->expires);
	text_addf(out, ",\"expired\":%s",
	    inventory_has_expired(entry, today) ? "true" : "false");
	request_add_string(out, "file", entry->file);
	request_add_number(out, "line", entry->line);
	text_add_char(out, '}');
}

static void
add_trunks(struct text *out, const struct control_numbers *numbers,
    struct span digits)
{
	const struct trunks *trunks = numbers->trunks;
	unsigned owning = 0;
	size_t i;

	TEXT_LIT(out, ",\"trunks\":[");
	for (i = 0; i < trunks->n; i++) {
		const struct trunk *trunk = &trunks->list[i];

		if (trunk_owns(trunk, digits, numbers->today, NULL) !=
			INVENTORY_OWNED ||
		    owning++ >= TRUNKS_SHOWN)
			continue;
		text_add_str(out, owning == 1 ? "\"" : ",\"");
		text_add_json(out, trunk->name);
		text_add_char(out, '"');
	}
	text_add_char(out, ']');
	request_add_number(out, "trunks_owning", owning);
}

static void
add_neighbours(struct text *out, const struct control_numbers *numbers,
    struct span digits)
{
	const struct inventory *inventory = numbers->inventory;
	struct inventory_entry entry;

	if (inventory_find_below(inventory, digits, &entry))
		add_entry(out, "below", &entry, numbers->today);
	if (inventory_find_above(inventory, digits, &entry))
		add_entry(out, "above", &entry, numbers->today);
}

static bool
is_valid(struct span digits)
{
	char buf[NUMBER_E164_MAX + 1] = "+";
	struct number number;

	memcpy(buf + 1, digits.p, digits.n);
	number_parse(
	    NULL, SPAN_NONE, span_make(buf, digits.n + 1), &number);
	return number.kind == NUMBER_PLUS;
}

void
did_add_answer(struct text *out, const struct control_numbers *numbers,
    struct span digits)
{
	struct inventory_entry entry;
	bool known = inventory_find(numbers->inventory, digits, &entry);

	TEXT_LIT(out, "{\"number\":\"+");
	text_add(out, digits);
	text_addf(out, "\",\"known\":%s,\"valid\":%s",
	    known ? "true" : "false", is_valid(digits) ? "true" : "false");
	if (known)
		add_entry(out, "entry", &entry, numbers->today);
	else
		add_neighbours(out, numbers, digits);
	if (known && numbers->trunks != NULL)
		add_trunks(out, numbers, digits);
	request_add_number(
	    out, "entries", inventory_entries(numbers->inventory));
	TEXT_LIT(out, "}\n");
}
