/*
 * did.c - cordon did: what is known about a number, asked of the daemon or of
 * files
 */

#include <time.h>

#include "cli/cli.h"
#include "control/did.h"

#define FILES_MAX  64
#define ANSWER_MAX 16384

/* ---- for a person ---- */

static void
show_verified(struct show *show, const json_t *entry)
{
	const json_t *verified = json_object_get(entry, "verified");
	const char *day = field_string(entry, "verified_on");

	if (json_is_false(verified))
		show_pair(show, "verified", PAINT_YELLOW,
		    "no: it does not count as owned");
	else if (json_is_true(verified))
		show_pair(
		    show, "verified", PAINT_NONE, day[0] == '\0' ? "yes" : day);
}

static void
show_expires(struct show *show, const json_t *entry)
{
	const char *day = field_string(entry, "expires");
	bool expired = json_is_true(json_object_get(entry, "expired"));

	if (day[0] == '\0')
		return;
	show_label(show, "expires");
	print_str(&show->print, expired ? PAINT_RED : PAINT_NONE, day);
	fputs(expired ? ", expired: it does not count as owned\n" : "\n",
	    show->print.out);
}

static void
show_trunks(struct show *show, const json_t *line)
{
	const json_t *trunks = json_object_get(line, "trunks"), *name;
	uint64_t owning = field_number(line, "trunks_owning");
	size_t i;

	if (trunks == NULL)
		return;
	show_label(show, "owned on");
	if (owning == 0)
		print_str(&show->print, PAINT_YELLOW, "no trunk");
	json_array_foreach(trunks, i, name) {
		fputs(i == 0 ? "" : ", ", show->print.out);
		print_safe(show->print.out, span_of(json_string_value(name)));
	}
	if (owning > json_array_size(trunks))
		fprintf(show->print.out, ", and %llu more",
		    (unsigned long long)(owning - json_array_size(trunks)));
	fputc('\n', show->print.out);
}

static void
show_place(struct show *show, const json_t *entry)
{
	print_safe(show->print.out, span_of(field_string(entry, "file")));
	fprintf(show->print.out, ":%llu\n",
	    (unsigned long long)field_number(entry, "line"));
}

static void
show_entry(struct show *show, const json_t *entry)
{
	uint64_t numbers = field_number(entry, "numbers");
	FILE *out = show->print.out;

	show_label(show, "entry");
	print_safe(out, span_of(field_string(entry, "range")));
	if (numbers > 1)
		fprintf(out, ", %llu numbers", (unsigned long long)numbers);
	fputc('\n', out);
	show_pair(show, "owner", PAINT_NONE, field_string(entry, "owner"));
	show_pair(show, "label", PAINT_NONE, field_string(entry, "label"));
	show_verified(show, entry);
	show_expires(show, entry);
	show_label(show, "written in");
	show_place(show, entry);
}

static void
show_neighbour(struct show *show, const char *side, const json_t *entry)
{
	if (entry == NULL)
		return;
	show_label(show, side);
	print_safe(show->print.out, span_of(field_string(entry, "range")));
	fputs(" of ", show->print.out);
	print_safe(show->print.out, span_of(field_string(entry, "owner")));
	fputs(", ", show->print.out);
	show_place(show, entry);
}

void
did_line(struct show *show, const json_t *line)
{
	const json_t *entry = json_object_get(line, "entry");

	print_str(&show->print, PAINT_BOLD, field_string(line, "number"));
	fprintf(show->print.out, " is in %s of the inventory\n",
	    entry == NULL ? "no entry" : "an entry");
	if (json_is_false(json_object_get(line, "valid")))
		show_pair(show, "but", PAINT_YELLOW,
		    "the plan of its country has no such number");
	if (entry != NULL)
		show_entry(show, entry);
	show_trunks(show, line);
	show_neighbour(show, "below", json_object_get(line, "below"));
	show_neighbour(show, "above", json_object_get(line, "above"));
}

/* ---- without a daemon ---- */

struct question {
	const char *number;
	const char *files[FILES_MAX];
	size_t files_n;
};

bool
did_is_offline(char **argv, int argc)
{
	int i;

	for (i = 0; i < argc; i++)
		if (strcmp(argv[i], "--file") == 0)
			return true;
	return false;
}

static bool
read_question(char **argv, int argc, struct question *question)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--file") == 0) {
			if (++i == argc || question->files_n == FILES_MAX)
				return false;
			question->files[question->files_n++] = argv[i];
		} else if (question->number == NULL) {
			question->number = argv[i];
		} else {
			return false;
		}
	}
	return question->number != NULL;
}

static int
show_answer(struct cli *cli, struct text *answer)
{
	struct show show = { .print = cli->print };
	json_t *line;
	bool known;

	line = json_loadb(answer->buf, answer->len, 0, NULL);
	if (line == NULL)
		return CLI_MISUSE;
	known = json_is_true(json_object_get(line, "known"));
	if (cli->json)
		fwrite(answer->buf, 1, answer->len, cli->print.out);
	else
		did_line(&show, line);
	json_decref(line);
	return known ? CLI_YES : CLI_NO;
}

static int
look_up(struct cli *cli, const struct question *question,
    const struct inventory *inventory, int64_t today)
{
	struct control_numbers numbers = { .inventory = inventory,
		.today = today };
	char buf[ANSWER_MAX], digits_buf[32];
	struct text answer = text_over(buf, sizeof(buf));
	struct text digits = text_over(digits_buf, sizeof(digits_buf));

	if (!did_read_number(span_of(question->number), &digits)) {
		fputs("cordon: " DID_WANTED "\n", cli->err);
		return CLI_MISUSE;
	}
	did_add_answer(&answer, &numbers, text_span(&digits));
	return show_answer(cli, &answer);
}

int
did_offline(struct cli *cli, char **argv, int argc)
{
	struct question question = { .files_n = 0 };
	int64_t today = (int64_t)(time(NULL) / 86400);
	struct inventory *inventory;
	struct problems problems;
	int status = CLI_NO;

	if (!read_question(argv, argc, &question)) {
		fputs("usage: cordon did NUMBER [--file FILE]...\n", cli->err);
		return CLI_MISUSE;
	}
	problems_init(&problems);
	/* Of all that has expired only the number asked for is of interest. */
	inventory = inventory_load(
	    question.files, question.files_n, 0, &problems);
	problems_print(&problems, cli->err);
	problems_fini(&problems);
	if (inventory != NULL)
		status = look_up(cli, &question, inventory, today);
	inventory_unref(inventory);
	return status;
}
