/*
 * cause.h - SIP status and Q.850 cause (RFC 3398 sections 7.2.4.1 and 8.2.6.1)
 */

#ifndef CORDON_DIAGNOSIS_CAUSE_H
#define CORDON_DIAGNOSIS_CAUSE_H

/* The cause that a failure stands for, 0 when the RFC names none. */
unsigned cause_from_status(unsigned status);

/* The failure that a cause stands for, 0 when the RFC names none. */
unsigned cause_to_status(unsigned cause);

/* In words; NULL for a cause that is not in the table. */
const char *cause_name(unsigned cause);

#endif
