/*
 * cause.h - SIP status and Q.850 cause (RFC 3398 section 8.2.6.1)
 */

#ifndef CORDON_DIAGNOSIS_CAUSE_H
#define CORDON_DIAGNOSIS_CAUSE_H

/* The cause that a failure stands for, 0 when the RFC names none. */
unsigned cause_from_status(unsigned status);

#endif
