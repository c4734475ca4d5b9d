/*
 * did.h - what is known about a number: the answer to `did`
 *
 * The daemon answers with it, and the command by itself with --file.
 */

#ifndef CORDON_CONTROL_DID_H
#define CORDON_CONTROL_DID_H

#include "control/control.h"
#include "number/inventory.h"

#define DID_WANTED                                                             \
	"expected a number with its country code, such as +442079460000"

/* The digits of a number as a person writes it, with its country code:
 * separators and a plus are left out. False when it is none. */
bool did_read_number(struct span word, struct text *digits);

/* Appends one line of JSON about a number (digits of E.164). `numbers` has an
 * inventory; without trunks it is not said which of them own it. */
void did_add_answer(struct text *out, const struct control_numbers *numbers,
    struct span digits);

#endif
