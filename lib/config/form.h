/*
 * form.h - what the strings of cordon.conf have to look like
 */

#ifndef CORDON_CONFIG_FORM_H
#define CORDON_CONFIG_FORM_H

#include "config/options.h"

/* Does the string have that form? The empty one is for the caller to judge. */
bool form_fits(enum option_form form, struct span s);

/* What would be right: "the name of a host". */
const char *form_wanted(enum option_form form);

/* A name of labels as in DNS. */
bool form_is_host(struct span s);

#endif
