/*
 * answer.h - what the daemon answers to each command
 */

#ifndef CORDON_CONTROL_ANSWER_H
#define CORDON_CONTROL_ANSWER_H

#include "control/request.h"

/* The function that begins the answer; NULL for a command without a daemon. */
request_fn *answer_find(enum command_id id);

#endif
