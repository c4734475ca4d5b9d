/*
 * compare.h - two messages side by side, or one above the other
 */

#ifndef CORDON_CLI_COMPARE_H
#define CORDON_CLI_COMPARE_H

#include "cli/print.h"

/*
 * Headers are paired by name and order, lines of the body by what stands in
 * them. Beside each other on 100 columns or more. What a B2BUA makes anew by
 * nature (Via, tags, Call-ID, ...) is not shown as a difference. An empty
 * message: it was not sent.
 */
void compare_print(const struct print *print, const char *left_title,
    struct span left, const char *right_title, struct span right);

/* Are both values of that header the same but for what is made anew by
 * nature? */
bool compare_same_header(struct span name, struct span a, struct span b);

#endif
