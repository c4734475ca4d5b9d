/*
 * syntax.h - what libconfig calls a syntax error, in words
 */

#ifndef CORDON_CONFIG_SYNTAX_H
#define CORDON_CONFIG_SYNTAX_H

#include "base/text.h"

/*
 * Walks over a file that libconfig refused, whose strings and comments end.
 * Appends to `why` what does not fit, and what would; returns the line. 0, and
 * nothing is appended, where all fits: then another file is to blame.
 */
int syntax_explain(struct span file, struct text *why);

#endif
