/*
 * cause.h - SIP status and Q.850 cause (RFC 3398 sections 7.2.4.1 and 8.2.6.1)
 */

#ifndef CORDON_DIAGNOSIS_CAUSE_H
#define CORDON_DIAGNOSIS_CAUSE_H

/* The cause that a failure stands for, 0 when the RFC names none. */
unsigned cause_from_status(unsigned status);

/* The failure that a cause stands for: the first of the table, 0: none. */
unsigned cause_to_status(unsigned cause);

#endif
