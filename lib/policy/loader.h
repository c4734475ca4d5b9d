/*
 * loader.h - what the readers of a policy file share: problems and memory
 */

#ifndef CORDON_POLICY_LOADER_H
#define CORDON_POLICY_LOADER_H

#include <libconfig.h>

#include "policy/rules.h"

struct loader {
	struct policy *policy;
	const char *file;
	const char *dir; /* of included files; "" where they are named in full */
	const char *label; /* last two parts of the file's name */
	struct problems *problems;
};

/* The file that the setting stands in; lives as long as the policy. */
const char *loader_file(struct loader *loader, const config_setting_t *at);
/* Notes an error where that setting stands (NULL: of the whole file). */
void loader_problem(struct loader *loader, const config_setting_t *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void loader_warning(struct loader *loader, const config_setting_t *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* "unknown WHAT "WORD"; did you mean ...?" */
void loader_unknown(struct loader *loader, const config_setting_t *at,
    const char *what, const char *word, const char *const *words, size_t n);

/* Zeroed memory that lives as long as the policy; NULL: noted as a problem. */
void *loader_alloc(struct loader *loader, size_t n, size_t size);
/* A copy that lives as long; SPAN_NONE without memory. */
struct span loader_keep(struct loader *loader, struct span text);
/* "policies/x.conf:12". */
struct span loader_place(struct loader *loader, const config_setting_t *at);

/* The text of a string; NULL, and noted, for anything else. */
const char *loader_string(
    struct loader *loader, const config_setting_t *at, const char *what);

/* The same, kept in *out, which stays as it is where nothing could be read. */
void loader_keep_string(struct loader *loader, const config_setting_t *at,
    const char *what, struct span *out);

/* One string, or a list of them: how many, and the i-th setting. */
unsigned loader_items(const config_setting_t *at);
const config_setting_t *loader_item(const config_setting_t *at, unsigned i);

/* The members that a group may have; `load` notes problems by itself. */
struct loader_member {
	const char *name;
	void (*load)(
	    struct loader *loader, const config_setting_t *at, void *into);
};

void loader_group(struct loader *loader, const config_setting_t *group,
    const char *what, const struct loader_member *members, size_t n,
    void *into);

/* A list of groups: how many. 0, and noted, when it is something else. */
unsigned loader_groups(
    struct loader *loader, const config_setting_t *at, const char *what);

void rule_load_all(struct loader *loader, const config_setting_t *at);
void rule_load_diagnostics(struct loader *loader, const config_setting_t *at);
void rule_check_all(struct loader *loader);
void responses_load(struct loader *loader, const config_setting_t *at);
void trial_load_all(struct loader *loader, const config_setting_t *at);
/* Runs the tests of the file; each that fails is a problem. */
void trial_check_all(struct loader *loader);

#endif
