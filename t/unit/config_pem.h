/*
 * config_pem.h - certificates and keys for tests, made on the spot
 */

#ifndef CORDON_T_CONFIG_PEM_H
#define CORDON_T_CONFIG_PEM_H

#include <sys/types.h>
#include <time.h>

/*
 * Writes a new key to `key` (mode `mode`) and a self-signed certificate to
 * `certificate`. `names` is the value of subjectAltName ("DNS:a, DNS:b"), or
 * NULL for a certificate without. A passphrase, where not NULL, locks the key.
 */
void pem_write(const char *certificate, const char *key, mode_t mode,
    const char *common_name, const char *names, time_t from, time_t to,
    const char *passphrase);

#endif
