/*
 * print.c - the table of options, and a snapshot, as text
 */

#include <stdlib.h>

#include "config/value.h"

/* `name = value;` of each option of a group. */
static void
print_options(enum option_group group, const void *base, const char *indent,
    FILE *out)
{
	size_t i;

	for (i = 0; i < option_table_n; i++) {
		const struct option *option = &option_table[i];

		if (option->group != group)
			continue;
		fprintf(out, "%s%s = ", indent, option->name);
		value_print(option, option_field_const(option, base), out);
		fputs(";\n", out);
	}
}

static void
print_elements(const struct config *config, enum option_group group, FILE *out)
{
	struct elements e = option_elements(config, group);
	size_t i;

	fprintf(out, "%s = (\n", option_groups[group].name);
	for (i = 0; i < e.n; i++) {
		fputs("\t{\n", out);
		print_options(group, e.list + i * e.size, "\t\t", out);
		fputs(i + 1 < e.n ? "\t},\n" : "\t}\n", out);
	}
	fputs(");\n", out);
}

void
config_print(const struct config *config, FILE *out)
{
	size_t i;

	for (i = 0; i < GROUPS; i++) {
		enum option_group group = (enum option_group)i;

		if (option_groups[i].one != NULL) {
			print_elements(config, group, out);
		} else if (option_groups[i].name == NULL) {
			print_options(group, config, "", out);
		} else {
			fprintf(out, "%s = {\n", option_groups[i].name);
			print_options(group, config, "\t", out);
			fputs("};\n", out);
		}
	}
}

/* Breaks prose into lines of at most `width` bytes behind the lead. */
static void
print_wrapped(const char *lead, size_t width, const char *text, FILE *out)
{
	struct span rest = span_of(text);

	while (!span_empty(rest)) {
		size_t n = rest.n;

		if (n > width)
			for (n = width; n > 0 && rest.p[n] != ' '; n--)
				;
		if (n == 0)
			n = width;
		fprintf(out, "%s%.*s\n", lead, (int)n, rest.p);
		rest = span_trim(span_from(rest, n));
	}
}

/* Comment lines, 78 columns at the most. */
static void
print_comment(const char *indent, const char *text, FILE *out)
{
	char lead[8];

	snprintf(lead, sizeof(lead), "%s# ", indent);
	print_wrapped(lead, 76 - strlen(indent) * 8, text, out);
}

static void
print_preset(const struct option *option, FILE *out)
{
	if (value_quoted(option))
		value_print_text(span_of(option->preset), out);
	else
		fputs(option->preset, out);
}

/* The option with its help; as a comment where the default is nothing, or
 * differs from one installation to another. */
static void
print_full_option(const struct option *option, const char *indent, FILE *out)
{
	bool comment =
	    option->local || (option->preset == NULL && !option->required);
	char help[512], *type = NULL;
	size_t n;
	FILE *mem = open_memstream(&type, &n);

	if (mem == NULL)
		return;
	value_print_type(option, mem);
	if (fclose(mem) == 0) {
		snprintf(help, sizeof(help), "%s (%s%s)", option->help, type,
		    option->fixed ? "; takes a restart" : "");
		print_comment(indent, help, out);
	}
	free(type);
	fprintf(out, "%s%s%s = ", indent,
	    comment && !option->shown ? "# " : "", option->name);
	if (option->preset == NULL || option->local)
		fputs(option->example, out);
	else
		print_preset(option, out);
	fputs(";\n", out);
}

static void
print_full_options(enum option_group group, const char *indent, FILE *out)
{
	bool first = true;
	size_t i;

	for (i = 0; i < option_table_n; i++) {
		if (option_table[i].group != group)
			continue;
		if (!first)
			fputc('\n', out);
		first = false;
		print_full_option(&option_table[i], indent, out);
	}
}

/* What stands behind the first element, so that the file makes a whole. */
static const char *const more[GROUPS] = {
	[GROUP_LISTENER] = "\t{ name = \"outside\"; transport = \"udp\"; "
			   "address = \"127.0.0.2:5060\"; }",
	[GROUP_TRUNK] = "\t{ name = \"carrier\"; listener = \"outside\"; "
			"peers = [ \"127.0.0.2:5070\" ]; }",
	[GROUP_ROUTE] = "\t{ from = \"carrier\"; to = \"pbx\"; }",
};

static void
print_full_group(enum option_group group, FILE *out)
{
	const struct group *g = &option_groups[group];

	fputc('\n', out);
	print_comment("", g->help, out);
	if (g->name == NULL) {
		print_full_options(group, "", out);
		return;
	}
	fprintf(out, "%s = %s\n", g->name, g->one != NULL ? "(\n\t{" : "{");
	print_full_options(group, g->one != NULL ? "\t\t" : "\t", out);
	if (g->one != NULL)
		fprintf(out, "\t},\n%s\n);\n", more[group]);
	else
		fputs("};\n", out);
}

void
config_print_full(FILE *out)
{
	size_t i;

	print_comment("",
	    "cordon-full.conf - every option of cordon.conf(5) with its "
	    "default.",
	    out);
	print_comment("",
	    "Options that are empty by default stand in comments, with an "
	    "example. This file is made by the program: copy what you need.",
	    out);
	for (i = 0; i < GROUPS; i++)
		print_full_group((enum option_group)i, out);
}

static void
print_mdoc_option(const struct option *option, FILE *out)
{
	fprintf(out, ".It Ic %s\n", option->name);
	print_wrapped("", 76, option->help, out);
	fputs(".br\nType: ", out);
	value_print_type(option, out);
	fputs(".\n", out);
	if (option->required) {
		fputs("Required.\n", out);
	} else if (option->preset != NULL) {
		fputs("Default: ", out);
		print_preset(option, out);
		fputs(".\n", out);
	}
	if (option->fixed)
		fputs("A change takes a restart.\n", out);
	if (option->preset == NULL)
		fprintf(out, "Example: %s = %s;\n", option->name,
		    option->example);
}

void
config_print_mdoc(FILE *out)
{
	size_t group, i;

	for (group = 0; group < GROUPS; group++) {
		const struct group *g = &option_groups[group];

		fprintf(out, ".Ss %s%s\n",
		    g->name == NULL ? "Options of the file" : g->name,
		    g->one == NULL ? "" : ", a list of groups");
		print_wrapped("", 76, g->help, out);
		fputs(".Bl -tag -width Ds\n", out);
		for (i = 0; i < option_table_n; i++)
			if (option_table[i].group == (enum option_group)group)
				print_mdoc_option(&option_table[i], out);
		fputs(".El\n", out);
	}
}
