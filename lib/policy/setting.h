/*
 * setting.h - the settings of a policy file, and how their values are read
 */

#ifndef CORDON_POLICY_SETTING_H
#define CORDON_POLICY_SETTING_H

#include "policy/loader.h"

enum setting_kind {
	KIND_TEXT,
	KIND_DATE,
	KIND_LIST, /* of strings */
	KIND_CHOICE,
	KIND_WORDS, /* a list of choices */
	KIND_ORDER, /* the same, and their order counts */
	KIND_BOOL,
	KIND_NUMBER, /* E.164 with plus */
	KIND_COUNTRY,
	KIND_DIGITS,
	KIND_CODECS, /* a list of their names */
	KIND_HEADERS /* a list of header names, '*' at the end */
};

/* A row of settings.def. */
struct setting_row {
	const char *group; /* "": the top */
	const char *name;
	enum setting_kind kind;
	const char *choices; /* of CHOICE, WORDS and ORDER; else "" */
	const char *help;
};

extern const struct setting_row setting_rows[SETTINGS];

/* -1: the group has no such setting. */
int setting_find(const char *group, const char *name);

/* Reads a setting into the policy; what is wrong with it is noted. */
void setting_load(
    struct loader *loader, const config_setting_t *at, enum setting id);

#endif
