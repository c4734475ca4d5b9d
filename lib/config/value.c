#include "config/value.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/container.h"
#include "config/duration.h"
#include "config/form.h"

#define STRING_MAX 255 /* where the table names no length */

/* The lists of struct config all look like this. */
struct any_list {
	void *list;
	size_t n;
};

_Static_assert(sizeof(struct any_list) == sizeof(struct config_strings) &&
	sizeof(struct any_list) == sizeof(struct config_addresses) &&
	sizeof(struct any_list) == sizeof(struct config_prefixes),
    "the lists differ");
_Static_assert(
    sizeof(enum config_transport) == sizeof(unsigned), "enum is no unsigned");

typedef void read_fn(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field);
typedef bool preset_fn(const struct option *option, void *field);
typedef void print_fn(
    const struct option *option, const void *field, FILE *out);
typedef bool equal_fn(const void *a, const void *b);
typedef void free_fn(void *field);

struct type {
	const char *name;   /* in the manual */
	const char *wanted; /* in problems */
	unsigned accepts;   /* a bit a type of libconfig */
	size_t size;        /* of the field, or of an element of a list */
	bool list;
	read_fn *read; /* the field, or an element of a list */
	preset_fn *preset;
	print_fn *print;
	equal_fn *equal;
	free_fn *free;
};

static const struct type types[TYPES];

/* What libconfig calls the types, for people. */
static const char *const setting_types[] = {
	[CONFIG_TYPE_NONE] = "nothing",
	[CONFIG_TYPE_GROUP] = "a group { }",
	[CONFIG_TYPE_INT] = "an integer",
	[CONFIG_TYPE_INT64] = "an integer",
	[CONFIG_TYPE_FLOAT] = "a number with a fraction",
	[CONFIG_TYPE_STRING] = "a string",
	[CONFIG_TYPE_BOOL] = "true or false",
	[CONFIG_TYPE_ARRAY] = "an array [ ]",
	[CONFIG_TYPE_LIST] = "a list ( )",
};

/* "found X" for a value of the right type. */
static void
add_found(struct text *t, const config_setting_t *setting)
{
	if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		struct span s = span_of(config_setting_get_string(setting));
		bool cut = s.n > 60;

		text_add_quoted(t, cut ? span_make(s.p, 60) : s);
		text_add_str(t, cut ? "..." : "");
	} else {
		text_addf(t, "%lld", config_setting_get_int64(setting));
	}
}

static void
wrong_type(struct reader *reader, const struct option *option,
    const config_setting_t *setting, const char *wanted)
{
	source_problem(reader->source, PROBLEM_ERROR, setting,
	    "%s%s%s: found %s, expected %s", reader->label, reader->separator,
	    option->name, setting_types[config_setting_type(setting)], wanted);
}

static void
wrong_value(struct reader *reader, const struct option *option,
    const config_setting_t *setting, const char *wanted)
{
	char found[320];
	struct text t = text_over(found, sizeof(found));

	add_found(&t, setting);
	source_problem(reader->source, PROBLEM_ERROR, setting,
	    "%s%s%s: found %s, expected %s", reader->label, reader->separator,
	    option->name, text_cstr(&t), wanted);
}

static void
no_memory(struct reader *reader, const config_setting_t *setting)
{
	source_problem(reader->source, PROBLEM_ERROR, setting, "out of memory");
}

static struct span
setting_span(const config_setting_t *setting)
{
	return span_of(config_setting_get_string(setting));
}

/* Numbers */

static void
read_bool(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	(void)reader;
	(void)option;
	*(bool *)field = config_setting_get_bool(setting) == CONFIG_TRUE;
}

static bool
preset_bool(const struct option *option, void *field)
{
	*(bool *)field = strcmp(option->preset, "true") == 0;
	return true;
}

static void
print_bool(const struct option *option, const void *field, FILE *out)
{
	(void)option;
	fputs(*(const bool *)field ? "true" : "false", out);
}

static bool
equal_bool(const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

static void
free_nothing(void *field)
{
	(void)field;
}

static void
read_integer(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	long long v = config_setting_get_int64(setting);
	char wanted[80];

	if (v >= 0 && (uint64_t)v >= option->min &&
	    (uint64_t)v <= option->max) {
		*(uint32_t *)field = (uint32_t)v;
		return;
	}
	snprintf(wanted, sizeof(wanted), "%llu to %llu %s",
	    (unsigned long long)option->min, (unsigned long long)option->max,
	    option->unit);
	wrong_value(reader, option, setting, wanted);
}

static bool
preset_integer(const struct option *option, void *field)
{
	return span_to_u32(span_of(option->preset), UINT32_MAX, field);
}

static void
print_integer(const struct option *option, const void *field, FILE *out)
{
	(void)option;
	fprintf(out, "%lu", (unsigned long)*(const uint32_t *)field);
}

static bool
equal_integer(const void *a, const void *b)
{
	return *(const uint32_t *)a == *(const uint32_t *)b;
}

static void
duration_range(const struct option *option, char *buf, size_t size)
{
	struct text t = text_over(buf, size);

	TEXT_LIT(&t, "\"");
	duration_add(&t, option->min);
	TEXT_LIT(&t, "\" to \"");
	duration_add(&t, option->max);
	TEXT_LIT(&t, "\"");
	if (option->scale > 1) {
		TEXT_LIT(&t, " in steps of \"");
		duration_add(&t, option->scale);
		TEXT_LIT(&t, "\"");
	}
	text_cstr(&t);
}

static void
read_duration(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	char wanted[80];
	uint64_t ms;

	if (!duration_parse(setting_span(setting), &ms)) {
		wrong_value(
		    reader, option, setting, types[TYPE_DURATION].wanted);
	} else if (ms < option->min || ms > option->max ||
	    ms % option->scale != 0) {
		duration_range(option, wanted, sizeof(wanted));
		wrong_value(reader, option, setting, wanted);
	} else {
		*(uint32_t *)field = (uint32_t)(ms / option->scale);
	}
}

static bool
preset_duration(const struct option *option, void *field)
{
	uint64_t ms;

	if (!duration_parse(span_of(option->preset), &ms))
		return false;
	*(uint32_t *)field = (uint32_t)(ms / option->scale);
	return true;
}

static void
print_duration(const struct option *option, const void *field, FILE *out)
{
	char buf[40];
	struct text t = text_over(buf, sizeof(buf));

	duration_add(&t, (uint64_t)*(const uint32_t *)field * option->scale);
	fprintf(out, "\"%s\"", text_cstr(&t));
}

/* Choices */

static bool
choice_find(const struct option *option, struct span name, void *field)
{
	unsigned i;

	for (i = 0; option->choices[i] != NULL; i++) {
		if (!span_eq(span_of(option->choices[i]), name))
			continue;
		memcpy(field, &i, sizeof(i));
		return true;
	}
	return false;
}

/* "\"udp\", \"tcp\" or \"tls\"" */
static size_t
add_choices(const struct option *option, struct text *t)
{
	size_t i;

	for (i = 0; option->choices[i] != NULL; i++) {
		if (i > 0)
			text_add_str(
			    t, option->choices[i + 1] == NULL ? " or " : ", ");
		text_add_quoted(t, span_of(option->choices[i]));
	}
	return i;
}

static void
read_choice(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	char wanted[160];
	struct text t = text_over(wanted, sizeof(wanted));
	const char *near;
	size_t n;

	if (choice_find(option, setting_span(setting), field))
		return;
	n = add_choices(option, &t);
	near = word_nearest(setting_span(setting), option->choices, n);
	if (near != NULL)
		text_addf(&t, "; did you mean \"%s\"?", near);
	wrong_value(reader, option, setting, text_cstr(&t));
}

static bool
preset_choice(const struct option *option, void *field)
{
	return choice_find(option, span_of(option->preset), field);
}

static void
print_choice(const struct option *option, const void *field, FILE *out)
{
	unsigned v;

	memcpy(&v, field, sizeof(v));
	fprintf(out, "\"%s\"", option->choices[v]);
}

/* Strings */

static void
set_string(struct reader *reader, const config_setting_t *setting, char **field,
    char *text)
{
	if (text == NULL) {
		no_memory(reader, setting);
		return;
	}
	free(*field);
	*field = text;
}

static void
length_wrong(struct reader *reader, const struct option *option,
    const config_setting_t *setting, uint64_t max)
{
	char wanted[80];

	snprintf(wanted, sizeof(wanted), "%llu to %llu characters",
	    (unsigned long long)option->min, (unsigned long long)max);
	wrong_value(reader, option, setting, wanted);
}

static bool
string_fits(struct reader *reader, const struct option *option,
    const config_setting_t *setting)
{
	struct span s = setting_span(setting);
	bool list = types[option->type].list;
	uint64_t max = list || option->max == 0 ? STRING_MAX : option->max;

	if (s.n < option->min || s.n > max) {
		length_wrong(reader, option, setting, max);
		return false;
	}
	if (span_empty(s) ? !list : form_fits(option->form, s))
		return true;
	wrong_value(reader, option, setting, form_wanted(option->form));
	return false;
}

static void
read_string(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	if (string_fits(reader, option, setting))
		set_string(reader, setting, field,
		    span_dup(setting_span(setting)));
}

static bool
preset_string(const struct option *option, void *field)
{
	char *text = strdup(option->preset == NULL ? "" : option->preset);

	*(char **)field = text;
	return text != NULL;
}

void
value_print_text(struct span text, FILE *out)
{
	size_t i;

	fputc('"', out);
	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < 0x20 || c == 0x7f) {
			fprintf(out, "\\x%02x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			fputc('\\', out);
		fputc(c, out);
	}
	fputc('"', out);
}

static void
print_string(const struct option *option, const void *field, FILE *out)
{
	(void)option;
	value_print_text(span_of(*(char *const *)field), out);
}

static bool
equal_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b) == 0;
}

static void
free_string(void *field)
{
	free(*(char **)field);
	*(char **)field = NULL;
}

/* "dir/name"; the name alone where it is absolute. */
static char *
path_join(const char *dir, const char *name)
{
	char *path;

	if (name[0] == '/' || name[0] == '\0')
		return strdup(name);
	return asprintf(&path, "%s/%s", dir, name) == -1 ? NULL : path;
}

static void
read_file(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	char *path;

	if (!string_fits(reader, option, setting))
		return;
	path = path_join(
	    reader->source->home, config_setting_get_string(setting));
	if (path != NULL && !types[option->type].list && option->max > 0 &&
	    strlen(path) > option->max) {
		length_wrong(reader, option, setting, option->max);
		free(path);
		return;
	}
	set_string(reader, setting, field, path);
}

static bool
file_readable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, R_OK) == 0;
}

/* The first of the directories that has the file, or NULL. */
static char *
policy_path(const char *const dirs[3], const char *name)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		char *path = path_join(dirs[i], name);

		if (path == NULL || file_readable(path))
			return path;
		free(path);
	}
	return NULL;
}

static void
read_policy(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	const char *const dirs[3] = { reader->source->home,
		CORDON_SYSCONFDIR "/policies", CORDON_DATADIR "/policies" };
	const char *name = config_setting_get_string(setting);
	char wanted[PATH_MAX];
	char *path;

	if (!string_fits(reader, option, setting))
		return;
	path = name[0] == '\0' ? strdup("") : policy_path(dirs, name);
	if (path != NULL) {
		set_string(reader, setting, field, path);
		return;
	}
	if (name[0] == '/')
		snprintf(wanted, sizeof(wanted), "a file that can be read");
	else
		snprintf(wanted, sizeof(wanted),
		    "a file that can be read in %s, %s or %s", dirs[0], dirs[1],
		    dirs[2]);
	wrong_value(reader, option, setting, wanted);
}

/* Addresses */

/* Reads an address; its port stays 0 where none is given. False for port 0. */
static bool
parse_address(struct span s, struct address *out)
{
	struct address other;

	if (!address_parse(s, 0, out) || !address_parse(s, 1, &other))
		return false;
	return other.port != 0;
}

static void
read_address(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	struct address a;

	if (parse_address(setting_span(setting), &a))
		*(struct address *)field = a;
	else
		wrong_value(
		    reader, option, setting, types[TYPE_ADDRESS].wanted);
}

static bool
preset_nothing(const struct option *option, void *field)
{
	(void)option;
	(void)field;
	return true;
}

static void
print_address(const struct option *option, const void *field, FILE *out)
{
	char buf[ADDRESS_TEXT_MAX];

	(void)option;
	fprintf(out, "\"%s\"", address_print(field, buf));
}

static bool
equal_address(const void *a, const void *b)
{
	return address_eq(a, b);
}

static void
add_prefix(struct text *t, const struct prefix *prefix)
{
	address_add_ip(t, &prefix->net);
	text_add_char(t, '/');
	text_add_u64(t, prefix->bits);
}

/* Clears the bits behind the mask of "10.0.0.1/24" for a hint. */
static bool
masked(struct span s, struct prefix *out)
{
	struct span bits, ip = span_cut(s, '/', &bits);
	struct address a;
	uint32_t n, i, all;

	if (!address_parse_ip(ip, &a))
		return false;
	all = a.family == AF_INET ? 32 : 128;
	if (!span_to_u32(bits, all, &n))
		return false;
	for (i = n; i < all; i++)
		a.ip[i / 8] &= (uint8_t)~(0x80u >> i % 8);
	*out = (struct prefix){ a, (uint8_t)n };
	return true;
}

static void
read_prefix(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	struct prefix p;
	char wanted[160];
	struct text t = text_over(wanted, sizeof(wanted));

	if (prefix_parse(setting_span(setting), &p)) {
		*(struct prefix *)field = p;
		return;
	}
	if (masked(setting_span(setting), &p)) {
		TEXT_LIT(&t, "no bits behind the prefix: \"");
		add_prefix(&t, &p);
		TEXT_LIT(&t, "\"");
	} else {
		TEXT_LIT(&t, "an address or a prefix such as \"192.0.2.0/24\"");
	}
	wrong_value(reader, option, setting, text_cstr(&t));
}

static void
print_prefix(const struct option *option, const void *field, FILE *out)
{
	char buf[ADDRESS_TEXT_MAX];
	struct text t = text_over(buf, sizeof(buf));

	(void)option;
	add_prefix(&t, field);
	fprintf(out, "\"%s\"", text_cstr(&t));
}

static bool
equal_prefix(const void *a, const void *b)
{
	const struct prefix *p = a, *q = b;

	return p->bits == q->bits && address_same_ip(&p->net, &q->net);
}

#define BIT(type)  (1u << (type))
#define AN_INTEGER (BIT(CONFIG_TYPE_INT) | BIT(CONFIG_TYPE_INT64))
#define A_STRING   BIT(CONFIG_TYPE_STRING)
#define A_LIST     (BIT(CONFIG_TYPE_ARRAY) | BIT(CONFIG_TYPE_LIST))

static const struct type types[TYPES] = {
	[TYPE_BOOL] = { "boolean", "true or false", BIT(CONFIG_TYPE_BOOL),
	    sizeof(bool), false, read_bool, preset_bool, print_bool, equal_bool,
	    free_nothing },
	[TYPE_INTEGER] = { "integer", "an integer", AN_INTEGER,
	    sizeof(uint32_t), false, read_integer, preset_integer,
	    print_integer, equal_integer, free_nothing },
	[TYPE_DURATION] = { "duration",
	    "a duration in quotes, such as \"500ms\", \"30s\" or \"5m\"",
	    A_STRING, sizeof(uint32_t), false, read_duration, preset_duration,
	    print_duration, equal_integer, free_nothing },
	[TYPE_CHOICE] = { "choice", "a word in quotes", A_STRING,
	    sizeof(unsigned), false, read_choice, preset_choice, print_choice,
	    equal_integer, free_nothing },
	[TYPE_STRING] = { "string", "a string in quotes", A_STRING,
	    sizeof(char *), false, read_string, preset_string, print_string,
	    equal_string, free_string },
	[TYPE_FILE] = { "file", "the name of a file in quotes", A_STRING,
	    sizeof(char *), false, read_file, preset_string, print_string,
	    equal_string, free_string },
	[TYPE_POLICY] = { "policy file", "the name of a file in quotes",
	    A_STRING, sizeof(char *), false, read_policy, preset_string,
	    print_string, equal_string, free_string },
	[TYPE_ADDRESS] = { "address",
	    "an IP address with or without a port, such as "
	    "\"192.0.2.1:5060\"",
	    A_STRING, sizeof(struct address), false, read_address,
	    preset_nothing, print_address, equal_address, free_nothing },
	[TYPE_STRINGS] = { "list of strings", "strings in [ ]", A_STRING,
	    sizeof(char *), true, read_string, preset_nothing, print_string,
	    equal_string, free_string },
	[TYPE_FILES] = { "list of files", "names of files in [ ]", A_STRING,
	    sizeof(char *), true, read_file, preset_nothing, print_string,
	    equal_string, free_string },
	[TYPE_ADDRESSES] = { "list of addresses", "addresses in [ ]", A_STRING,
	    sizeof(struct address), true, read_address, preset_nothing,
	    print_address, equal_address, free_nothing },
	[TYPE_PREFIXES] = { "list of prefixes", "prefixes in [ ]", A_STRING,
	    sizeof(struct prefix), true, read_prefix, preset_nothing,
	    print_prefix, equal_prefix, free_nothing },
};

/* Lists */

static struct any_list
list_get(const void *field)
{
	struct any_list list;

	memcpy(&list, field, sizeof(list));
	return list;
}

static void *
list_at(const struct type *type, const struct any_list *list, size_t i)
{
	return (char *)list->list + i * type->size;
}

/* Elements that are wrong are left out of the list. */
static void
read_element(struct reader *reader, const struct option *option,
    const config_setting_t *setting, struct any_list *list)
{
	const struct type *type = &types[option->type];
	void *field = list_at(type, list, list->n);
	size_t errors = reader->source->problems->errors;

	if ((type->accepts & BIT(config_setting_type(setting))) == 0) {
		wrong_type(reader, option, setting, "a string in quotes");
		return;
	}
	type->read(reader, option, setting, field);
	if (reader->source->problems->errors == errors)
		list->n++;
}

static void
read_list(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	const struct type *type = &types[option->type];
	size_t i, n = (size_t)config_setting_length(setting);
	struct any_list list = { .n = 0 };
	char wanted[64];

	if (n > option->max) {
		snprintf(wanted, sizeof(wanted), "at most %llu",
		    (unsigned long long)option->max);
		source_problem(reader->source, PROBLEM_ERROR, setting,
		    "%s%s%s: found %zu entries, expected %s", reader->label,
		    reader->separator, option->name, n, wanted);
		return;
	}
	if (n == 0)
		return;
	list.list = calloc(n, type->size);
	if (list.list == NULL) {
		no_memory(reader, setting);
		return;
	}
	for (i = 0; i < n; i++)
		read_element(reader, option,
		    config_setting_get_elem(setting, (unsigned)i), &list);
	memcpy(field, &list, sizeof(list));
}

static void
print_list(const struct option *option, const void *field, FILE *out)
{
	const struct type *type = &types[option->type];
	struct any_list list = list_get(field);
	size_t i;

	fputs("[ ", out);
	for (i = 0; i < list.n; i++) {
		fputs(i > 0 ? ", " : "", out);
		type->print(option, list_at(type, &list, i), out);
	}
	fputs(list.n > 0 ? " ]" : "]", out);
}

static bool
equal_list(const struct type *type, const void *a, const void *b)
{
	struct any_list p = list_get(a), q = list_get(b);
	size_t i;

	if (p.n != q.n)
		return false;
	for (i = 0; i < p.n; i++)
		if (!type->equal(list_at(type, &p, i), list_at(type, &q, i)))
			return false;
	return true;
}

static void
free_list(const struct type *type, void *field)
{
	struct any_list list = list_get(field);
	size_t i;

	for (i = 0; i < list.n; i++)
		type->free(list_at(type, &list, i));
	free(list.list);
	memset(field, 0, sizeof(list));
}

bool
value_preset(const struct option *option, void *field)
{
	return types[option->type].preset(option, field);
}

void
value_read(struct reader *reader, const struct option *option,
    const config_setting_t *setting, void *field)
{
	const struct type *type = &types[option->type];
	unsigned accepts = type->list ? A_LIST : type->accepts;

	if ((accepts & BIT(config_setting_type(setting))) == 0)
		wrong_type(reader, option, setting, type->wanted);
	else if (type->list)
		read_list(reader, option, setting, field);
	else
		type->read(reader, option, setting, field);
}

void
value_print(const struct option *option, const void *field, FILE *out)
{
	if (types[option->type].list)
		print_list(option, field, out);
	else
		types[option->type].print(option, field, out);
}

bool
value_equal(const struct option *option, const void *a, const void *b)
{
	const struct type *type = &types[option->type];

	return type->list ? equal_list(type, a, b) : type->equal(a, b);
}

void
value_free(const struct option *option, void *field)
{
	const struct type *type = &types[option->type];

	if (type->list)
		free_list(type, field);
	else
		type->free(field);
}

void
value_copy(const struct option *option, void *to, const void *from)
{
	const struct type *type = &types[option->type];
	char *text;

	if (type->free != free_string) {
		memcpy(to, from, type->size);
		return;
	}
	text = strdup(*(char *const *)from);
	if (text == NULL)
		return;
	free_string(to);
	*(char **)to = text;
}

bool
value_quoted(const struct option *option)
{
	return (types[option->type].accepts & A_STRING) != 0;
}

void
value_print_type(const struct option *option, FILE *out)
{
	char buf[160];
	struct text t = text_over(buf, sizeof(buf));

	fputs(types[option->type].name, out);
	if (option->type == TYPE_INTEGER) {
		fprintf(out, ", %llu to %llu %s",
		    (unsigned long long)option->min,
		    (unsigned long long)option->max, option->unit);
	} else if (option->type == TYPE_DURATION) {
		duration_range(option, buf, sizeof(buf));
		fprintf(out, ", %s", buf);
	} else if (option->type == TYPE_CHOICE) {
		add_choices(option, &t);
		fprintf(out, ": %s", text_cstr(&t));
	}
}
