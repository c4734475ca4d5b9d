/*
 * tls.h - certificates and names: one server profile a TLS listener, one client
 * profile a trunk that uses one
 *
 * A profile is made from files once and never changes; a reload makes another.
 * Connections hold a reference to theirs.
 */

#ifndef CORDON_NET_TLS_H
#define CORDON_NET_TLS_H

#include <openssl/ssl.h>

#include "config/config.h"
#include "diagnosis/diagnosis.h"

struct tls_server;
struct tls_client;

/* The TLS listener that a trunk uses; NULL when it uses none. */
const struct config_listener *tls_listener_of(
    const struct config *config, const struct config_trunk *trunk);

/*
 * The listener's certificate for all, and by SNI one for each trunk on it that
 * has a certificate and an fqdn. A client certificate may lead to the
 * listener's CA or to that of any trunk on it (no CA named: those of the
 * system). NULL: `problems` says which file and why.
 */
struct tls_server *tls_server_create(const struct config *config,
    const struct config_listener *listener, struct problems *problems);
/* Certificate, key and CA of the trunk, or of its listener where it
 * has none. The CAs of `alike` are used where it is not NULL: one with
 * the same tls_client_ca(). */
struct tls_client *tls_client_create(const struct config *config,
    const struct config_trunk *trunk, const struct tls_client *alike,
    struct problems *problems);
/* The file of the CAs, "" for those of the system. The trunk uses TLS. */
const char *tls_client_ca(
    const struct config *config, const struct config_trunk *trunk);

struct tls_server *tls_server_ref(struct tls_server *server);
void tls_server_unref(struct tls_server *server);
struct tls_client *tls_client_ref(struct tls_client *client);
void tls_client_unref(struct tls_client *client);

/* Made from the same bytes and options? */
bool tls_server_same(const struct tls_server *a, const struct tls_server *b);
bool tls_client_same(const struct tls_client *a, const struct tls_client *b);

/* Serial number and last day of the listener's certificate, for people. */
void tls_server_describe(const struct tls_server *server, struct text *out);

/* An SSL for one connection; the profile must outlive it. NULL without
 * memory. */
SSL *tls_server_ssl(struct tls_server *server);
SSL *tls_client_ssl(struct tls_client *client);

/* Was the peer's chain verified, and does the certificate carry that name? */
bool tls_peer_has_name(SSL *ssl, struct span name);
/* Does its chain lead to this profile's CA, and has it one of its names? */
bool tls_peer_is(SSL *ssl, const struct tls_client *client);
void tls_peer_add_names(SSL *ssl, struct text *out);

/* Does a certificate carry that name? (RFC 5922 section 7.1, one-label
 * wildcard) */
bool tls_certificate_has_name(X509 *certificate, struct span name);

/* Why a handshake failed, in plain words; `code` is OpenSSL's, or 0. Wire bytes
 * are quoted. */
enum diagnostic tls_failure(SSL *ssl); /* TLS-PEER-NAME or TLS-HANDSHAKE */
void tls_add_failure(SSL *ssl, unsigned long code, struct text *out);

#endif
