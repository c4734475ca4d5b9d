/*
 * options.h - the table of options of cordon.conf
 *
 * One row an option. Reading, defaults, printing, comparing, freeing, the
 * manual and cordon-full.conf all go by these rows.
 */

#ifndef CORDON_CONFIG_OPTIONS_H
#define CORDON_CONFIG_OPTIONS_H

#include "config/config.h"

enum option_group {
	GROUP_TOP,
	GROUP_JOURNAL,
	GROUP_LOG,
	GROUP_CONTROL,
	GROUP_SIP,
	GROUP_LIMITS,
	GROUP_LISTENER,
	GROUP_TRUNK,
	GROUP_ROUTE,
	GROUPS
};

enum option_type {
	TYPE_BOOL,
	TYPE_INTEGER,
	TYPE_DURATION, /* "500ms" */
	TYPE_CHOICE,
	TYPE_STRING,
	TYPE_FILE,   /* made absolute, from the directory of the file */
	TYPE_POLICY, /* looked up in several directories, must be there */
	TYPE_ADDRESS,
	TYPE_STRINGS,
	TYPE_FILES,
	TYPE_ADDRESSES,
	TYPE_PREFIXES,
	TYPES
};

/* What a string, or each string of a list, has to look like. */
enum option_form {
	FORM_TEXT, /* printable */
	FORM_NAME,
	FORM_HOST,
	FORM_HOST_WILD, /* may begin with "*." */
	FORM_HOST_OR_IP,
	FORM_IP,
	FORM_COUNTRY,
	FORM_DIGITS,
	FORM_DIALLED,
	FORM_E164,
	FORM_HEADER, /* may end in '*' */
	FORM_METHOD,
	FORMS
};

struct option {
	enum option_group group;
	enum option_type type;
	enum option_form form;
	const char *name;
	const char *const *choices; /* by value, ends in NULL */
	uint64_t min, max; /* of an integer; ms of a duration; bytes of a
			    * string, where a `max` of 0 is the usual limit */
	uint32_t scale;    /* ms in a unit of the structure's field */
	const char *unit;  /* of an integer, for the manual */
	const char *preset;  /* the default as text; NULL: empty */
	const char *example; /* as it stands in the file, quotes included */
	bool required;
	bool shown; /* cordon-full.conf has the example, not as a comment */
	bool local; /* the default depends on how Cordon was built */
	bool fixed; /* a change takes a restart */
	size_t offset;
	const char *help; /* a sentence; no backslash, and no line of it that
			   * mdoc would take for a macro */
};

struct group {
	const char *name; /* in the file; NULL: the file itself */
	const char *one;  /* an element of a list; NULL: no list */
	size_t size;      /* of an element */
	size_t list, n;   /* offsets in struct config */
	size_t line;      /* offset in an element */
	uint32_t max;     /* elements */
	const char *help;
};

extern const struct group option_groups[GROUPS];
extern const struct option option_table[];
extern const size_t option_table_n;

/* The option of that name in that group, or NULL. */
const struct option *option_find(enum option_group group, struct span name);

/* The known word nearest to `name` in that group (for the file itself, names of
 * groups count too), or NULL. */
const char *option_nearest(enum option_group group, struct span name);

static inline void *
option_field(const struct option *option, void *base)
{
	return (char *)base + option->offset;
}

static inline const void *
option_field_const(const struct option *option, const void *base)
{
	return (const char *)base + option->offset;
}

/* The elements of a list group. */
struct elements {
	char *list;
	size_t n;
	size_t size;
};

struct elements option_elements(
    const struct config *config, enum option_group group);

#endif
