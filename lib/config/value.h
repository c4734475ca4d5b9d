/*
 * value.h - the value of an option: read, defaulted, printed, compared, freed
 */

#ifndef CORDON_CONFIG_VALUE_H
#define CORDON_CONFIG_VALUE_H

#include "config/options.h"
#include "config/source.h"

/* Whose options are being read, for problems. */
struct reader {
	struct source *source;
	char label[128];       /* "sip", "trunk \"pbx\"", "" */
	const char *separator; /* to an option of theirs: ".", ": ", "" */
};

/* Sets a field, so far all zero, to the default. False without memory. */
bool value_preset(const struct option *option, void *field);

/* Reads a setting over the default. Where it is wrong, a problem is noted and
 * the field stays fit for use. */
void value_read(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field);

/* As in cordon.conf, without a line end. */
void value_print(const struct option *option, const void *field, FILE *out);
void value_print_text(struct span text, FILE *out); /* in quotes, escaped */
bool value_equal(
    const struct option *option, const void *a, const void *b);
void value_free(const struct option *option, void *field);
/* Replaces a value by a copy of another; no lists. Without memory it stays. */
void value_copy(const struct option *option, void *to, const void *from);

/* How the manual calls the type, with range: "integer, 1 to 10". */
void value_print_type(const struct option *option, FILE *out);

/* Does the default stand in quotes? */
bool value_quoted(const struct option *option);

#endif
