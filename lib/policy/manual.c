/*
 * manual.c - what cordon-policy(5) lists of settings and rules
 */

#include "base/container.h"
#include "policy/rule.h"
#include "policy/setting.h"

/* A sentence begins a line, and no line is long: what mdoc wants. */
void
policy_print_prose(FILE *out, const char *prose)
{
	struct span rest = span_of(prose);
	size_t column = 0;

	while (rest.n > 0) {
		struct span word = span_cut(rest, ' ', &rest);
		bool ends = word.p[word.n - 1] == '.';

		if (column > 0 && column + word.n > 70) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(
		    out, "%s%.*s", column > 0 ? " " : "", SPAN_ARG(word));
		if (ends || rest.n == 0) {
			fputc('\n', out);
			column = 0;
		}
	}
}

/* The first of several that exclude each other is the default. */
static void
print_choices(FILE *out, const char *choices, bool one)
{
	char buf[256];
	struct text t = text_over(buf, sizeof(buf));
	struct span rest = span_of(choices);

	text_add_str(&t, one ? "One of " : "Any of ");
	while (rest.n > 0) {
		struct span word = span_cut(rest, ' ', &rest);

		text_add(&t, word);
		if (word.p[word.n - 1] == ':')
			text_add_str(&t,
			    span_eq(word, SPAN("map:")) ? "FILE" : "NUMBER");
		if (one && word.p == choices)
			TEXT_LIT(&t, " (the default)");
		if (rest.n > 0)
			TEXT_LIT(&t, ", ");
	}
	text_add_char(&t, '.');
	policy_print_prose(out, text_cstr(&t));
}

/* Those of a group stand together, wherever their rows do. */
static void
print_group(FILE *out, const char *group)
{
	int i;

	fprintf(out, ".Bl -tag -width Ds\n");
	for (i = 0; i < SETTINGS; i++) {
		const struct setting_row *row = &setting_rows[i];

		if (strcmp(row->group, group) != 0)
			continue;
		fprintf(out, ".It Ic %s\n", row->name);
		policy_print_prose(out, row->help);
		if (row->choices[0] != '\0')
			print_choices(
			    out, row->choices, row->kind == KIND_CHOICE);
	}
	fprintf(out, ".El\n");
}

static bool
is_first_of_group(int at)
{
	int i;

	for (i = 0; i < at; i++)
		if (strcmp(setting_rows[i].group, setting_rows[at].group) == 0)
			return false;
	return true;
}

void
policy_print_mdoc(FILE *out)
{
	int i;

	print_group(out, "");
	for (i = 0; i < SETTINGS; i++) {
		const char *group = setting_rows[i].group;

		if (group[0] == '\0' || !is_first_of_group(i))
			continue;
		fprintf(out, ".Ss %s = { ... }\n", group);
		print_group(out, group);
	}
}

void
policy_print_rules_mdoc(FILE *out)
{
	static const struct {
		const char *title;
		void (*print)(FILE *out);
	} lists[] = {
		{ "Verbs", rule_print_verbs },
		{ "Parts of a target", rule_print_targets },
		{ "Conditions", rule_print_conditions },
		{ "Variables", rule_print_variables },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", lists[i].title);
		lists[i].print(out);
		fprintf(out, ".El\n");
	}
}
