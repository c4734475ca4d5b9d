/*
 * check.h - what the options of cordon.conf mean together
 */

#ifndef CORDON_CONFIG_CHECK_H
#define CORDON_CONFIG_CHECK_H

#include <time.h>

#include "config/options.h"
#include "config/source.h"

/* Element i of a list of the configuration was read from element i of the list
 * of the same name in the source; elements with errors have empty options. */
struct check {
	struct source *source;
	struct config *config;
	time_t now; /* for the dates of certificates */
};

/* Fills in what follows from other options (ports, addresses), and notes what
 * does not fit together. */
void check_all(struct check *check);

/* The part of check_all() that opens certificates and keys. */
void certificate_check_all(struct check *check);

/* Element `i` of the list, or its option of that name where it is given. */
const config_setting_t *check_setting(
    const struct check *check, enum option_group group, size_t i,
    const char *option);

/* The listener of the trunk that speaks TLS, or NULL. */
const struct config_listener *check_tls_listener(
    const struct config *config, const struct config_trunk *trunk);

#endif
