/*
 * net_cert.h - certificates for tests, made on the spot in a directory of the
 * test
 */

#ifndef CORDON_T_NET_CERT_H
#define CORDON_T_NET_CERT_H

struct cert {
	const char *name;   /* files NAME.pem and NAME.key */
	const char *issuer; /* name of its CA; NULL: it is a CA itself */
	const char *cn;
	const char *san; /* "DNS:a,URI:sip:b", or NULL */
	const char *usage; /* "serverAuth", or NULL */
	long from, to;     /* s, relative to now; both 0: valid for a day */
};

void cert_start(void);
void cert_stop(void); /* removes everything */
void cert_make(const struct cert *cert);
/* Path of a file of the directory; NAME.pem, NAME.key.
 * Valid until cert_stop(). */
char *cert_file(const char *name, const char *suffix);
/* Moves the files of one certificate over those of another. */
void cert_rename(const char *from, const char *to);

#endif
