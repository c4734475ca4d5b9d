#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/container.h"

#define DIGEST_SIZE 32
#define FILE_PIECE  8192

/* Where the parts of one context come from; "" means
 * none, or the system's CAs. */
struct tls_files {
	const char *certificate, *key;
	const char *ciphers, *ciphersuites;
	enum config_tls_version min_version;
	const char *who; /* "listener" or "trunk", for problems */
	const char *name;
	const char *file; /* of the configuration, may be NULL */
	int line;
};

struct tls_sni {
	char *name;
	SSL_CTX *ctx;
};

struct tls_server {
	unsigned references;
	SSL_CTX *ctx; /* for who asks for none of the names */
	struct tls_sni *sni;
	size_t sni_n;
	uint8_t digest[DIGEST_SIZE];
};

struct tls_client {
	unsigned references;
	SSL_CTX *ctx;
	char *sni; /* NULL: none is sent */
	char **names;
	size_t names_n;
	uint8_t digest[DIGEST_SIZE];
};

/* --- what a person is told --- */

static const struct {
	int reason;
	const char *text;
} ssl_reasons[] = {
	{ SSL_R_NO_SHARED_CIPHER, "no cipher suite that both sides accept" },
	{ SSL_R_UNSUPPORTED_PROTOCOL, "no TLS version that both sides accept" },
	{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
	    "the peer accepts none of our TLS versions" },
	{ SSL_R_WRONG_VERSION_NUMBER, "what came is not TLS" },
	{ SSL_R_HTTP_REQUEST, "what came is HTTP, not TLS" },
	{ SSL_R_HTTPS_PROXY_REQUEST, "what came is HTTP, not TLS" },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
	    "the peer sent no certificate, and one is required" },
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA,
	    "the peer does not know the CA of our certificate" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
	    "the peer says that our certificate has expired" },
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
	    "the peer refuses our certificate" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
	    "the peer refuses our certificate" },
	{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
	    "the peer does not accept this kind of certificate" },
	{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
	    "the peer requires a certificate, and we have none for it" },
	{ SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
	    "the peer accepts none of our ciphers, or misses a certificate" },
	{ SSL_R_TLSV1_UNRECOGNIZED_NAME,
	    "the peer does not know the server name that we ask for" },
};

static const char *
reason_text(unsigned long code)
{
	const char *text;
	size_t i;

	if (ERR_SYSTEM_ERROR(code))
		return strerror(ERR_GET_REASON(code));
	for (i = 0; i < ARRAY_LEN(ssl_reasons); i++)
		if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
		    ERR_GET_REASON(code) == ssl_reasons[i].reason)
			return ssl_reasons[i].text;
	text = ERR_reason_error_string(code);
	return text == NULL ? "closed by the peer in the handshake" : text;
}

static const struct tls_client *
client_of(SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

void
tls_add_failure(SSL *ssl, unsigned long code, struct text *out)
{
	long verify = SSL_get_verify_result(ssl);
	const struct tls_client *client = client_of(ssl);
	size_t i;

	if (verify == X509_V_OK) {
		text_add_str(out, reason_text(code));
		return;
	}
	if (verify != X509_V_ERR_HOSTNAME_MISMATCH || client == NULL) {
		text_add_str(out, "the peer's certificate: ");
		text_add_str(out, X509_verify_cert_error_string(verify));
		return;
	}
	text_add_str(out, "the peer's certificate carries none of the names");
	for (i = 0; i < client->names_n && i < 4; i++) {
		text_add_char(out, ' ');
		text_add_str(out, client->names[i]);
	}
}

enum diagnostic
tls_failure(SSL *ssl)
{
	return SSL_get_verify_result(ssl) == X509_V_ERR_HOSTNAME_MISMATCH
	    ? DIAG_TLS_PEER_NAME
	    : DIAG_TLS_HANDSHAKE;
}

void
tls_server_describe(const struct tls_server *server, struct text *out)
{
	X509 *certificate = SSL_CTX_get0_certificate(server->ctx);
	char *serial = i2s_ASN1_INTEGER(
	    NULL, X509_get0_serialNumber(certificate));
	BIO *bio = BIO_new(BIO_s_mem());
	char *day = NULL;
	long n = 0;

	if (bio != NULL &&
	    ASN1_TIME_print(bio, X509_get0_notAfter(certificate)))
		n = BIO_get_mem_data(bio, &day);
	text_addf(out, "serial %s, valid until %.*s",
	    serial == NULL ? "?" : serial, (int)n, day == NULL ? "" : day);
	OPENSSL_free(serial);
	BIO_free(bio);
}

/* Notes a file that OpenSSL does not take, with its first reason. */
static bool
file_problem(const struct tls_files *files, struct problems *problems,
    const char *what, const char *file)
{
	unsigned long code = ERR_peek_error();

	problem_add(problems, PROBLEM_ERROR, files->file, files->line,
	    "%s \"%s\": %s %s: %s", files->who, files->name, what, file,
	    code == 0 ? "cannot be used" : reason_text(code));
	ERR_clear_error();
	return false;
}

/* --- names (RFC 5922 section 7.1) --- */

/* "*.example.com" stands for exactly one label, and never for a whole domain of
 * one label. */
static bool
pattern_matches(struct span pattern, struct span name)
{
	struct span rest;

	if (span_ieq(pattern, name))
		return true;
	if (!span_starts(pattern, SPAN("*.")))
		return false;
	pattern = span_from(pattern, 2);
	if (span_find(pattern, '.') < 0 || span_find(pattern, '*') >= 0)
		return false;
	return span_cut(name, '.', &rest).n > 0 && span_ieq(pattern, rest);
}

static struct span
asn1_span(const ASN1_STRING *s)
{
	return span_make((const char *)ASN1_STRING_get0_data(s),
	    (size_t)ASN1_STRING_length(s));
}

/* The domain that a "sip:" URI names; empty for one with a user part. */
static struct span
sip_domain(struct span uri)
{
	struct span host, rest;

	if (!span_istarts(uri, SPAN("sip:")) || span_find(uri, '@') >= 0)
		return SPAN_NONE;
	host = span_cut(span_from(uri, 4), ';', &rest);
	return span_cut(host, '?', &rest);
}

/* An identity of a SAN: DNS name, or domain of a SIP URI. */
static struct span
san_identity(const GENERAL_NAME *name)
{
	if (name->type == GEN_DNS)
		return asn1_span(name->d.dNSName);
	if (name->type == GEN_URI)
		return sip_domain(asn1_span(name->d.uniformResourceIdentifier));
	return SPAN_NONE;
}

static bool
san_is_ip(const GENERAL_NAME *name, const struct address *ip)
{
	size_t n = ip->family == AF_INET ? 4 : 16;

	return name->type == GEN_IPADD &&
	    (size_t)ASN1_STRING_length(name->d.iPAddress) == n &&
	    memcmp(ASN1_STRING_get0_data(name->d.iPAddress), ip->ip, n) == 0;
}

/* A wildcard is for DNS names alone. */
static bool
san_matches(const GENERAL_NAME *name, struct span wanted)
{
	struct span identity = san_identity(name);

	if (identity.n == 0 || span_find(identity, '\0') >= 0)
		return false;
	return name->type == GEN_DNS ? pattern_matches(identity, wanted)
				     : span_ieq(identity, wanted);
}

static struct span
common_name(X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at < 0)
		return SPAN_NONE;
	return asn1_span(
	    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

bool
tls_certificate_has_name(X509 *certificate, struct span wanted)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
	    certificate, NID_subject_alt_name, NULL, NULL);
	bool found = false, identities = false, is_ip;
	struct address ip;
	struct span cn;
	int i;

	is_ip = address_parse_ip(wanted, &ip);
	for (i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (san_identity(name).n > 0)
			identities = true;
		found =
		    is_ip ? san_is_ip(name, &ip) : san_matches(name, wanted);
	}
	GENERAL_NAMES_free(names);
	if (found || identities || is_ip)
		return found;
	cn = common_name(certificate);
	return span_find(cn, '\0') < 0 && cn.n > 0 &&
	    pattern_matches(cn, wanted);
}

static bool
has_one_of_names(X509 *certificate, const struct tls_client *client)
{
	size_t i;

	if (client->names_n == 0)
		return true;
	for (i = 0; i < client->names_n; i++)
		if (tls_certificate_has_name(
		        certificate, span_of(client->names[i])))
			return true;
	return false;
}

bool
tls_peer_has_name(SSL *ssl, struct span name)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);

	return certificate != NULL &&
	    SSL_get_verify_result(ssl) == X509_V_OK &&
	    tls_certificate_has_name(certificate, name);
}

/* Again, because the handshake accepts the CAs of all trunks of the
 * listener. */
static bool
leads_to_ca(SSL *ssl, X509 *certificate, const struct tls_client *client)
{
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	bool ok = false;

	if (store != NULL &&
	    X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(client->ctx),
	        certificate, SSL_get_peer_cert_chain(ssl)) == 1)
		ok = X509_verify_cert(store) == 1;
	X509_STORE_CTX_free(store);
	ERR_clear_error();
	return ok;
}

bool
tls_peer_is(SSL *ssl, const struct tls_client *client)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);

	return certificate != NULL && client->names_n > 0 &&
	    SSL_get_verify_result(ssl) == X509_V_OK &&
	    has_one_of_names(certificate, client) &&
	    leads_to_ca(ssl, certificate, client);
}

void
tls_peer_add_names(SSL *ssl, struct text *out)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	GENERAL_NAMES *names;
	bool any = false;
	int i;

	if (certificate == NULL)
		return;
	names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		struct span identity =
		    san_identity(sk_GENERAL_NAME_value(names, i));

		if (identity.n == 0)
			continue;
		if (any)
			TEXT_LIT(out, ", ");
		text_add_quoted(out, identity);
		any = true;
	}
	GENERAL_NAMES_free(names);
	if (!any)
		text_add_quoted(out, common_name(certificate));
}

/* --- what a profile was made from --- */

static void
digest_str(EVP_MD_CTX *md, const char *s)
{
	EVP_DigestUpdate(md, s, strlen(s) + 1);
}

static void
digest_file(EVP_MD_CTX *md, const char *file)
{
	char buf[FILE_PIECE];
	FILE *in = *file == '\0' ? NULL : fopen(file, "re");
	size_t n;

	digest_str(md, file);
	if (in == NULL)
		return;
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		EVP_DigestUpdate(md, buf, n);
	fclose(in);
	OPENSSL_cleanse(buf, sizeof(buf));
}

static void
digest_files(EVP_MD_CTX *md, const struct tls_files *files)
{
	char version = (char)files->min_version;

	digest_file(md, files->certificate);
	digest_file(md, files->key);
	digest_str(md, files->ciphers);
	digest_str(md, files->ciphersuites);
	EVP_DigestUpdate(md, &version, 1);
}

static EVP_MD_CTX *
digest_start(void)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(md);
		return NULL;
	}
	return md;
}

static void
digest_end(EVP_MD_CTX *md, uint8_t out[static DIGEST_SIZE])
{
	EVP_DigestFinal_ex(md, out, NULL);
	EVP_MD_CTX_free(md);
}

/* --- contexts --- */

static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0; /* never ask on a terminal */
}

static bool
load_certificate(
    SSL_CTX *ctx, const struct tls_files *files, struct problems *problems)
{
	if (*files->certificate == '\0')
		return true;
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, files->certificate) != 1)
		return file_problem(
		    files, problems, "certificate", files->certificate);
	if (SSL_CTX_use_PrivateKey_file(ctx, files->key, SSL_FILETYPE_PEM) != 1)
		return file_problem(files, problems, "key", files->key);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return file_problem(files, problems, "key", files->key);
	return true;
}

static bool
set_ciphers(
    SSL_CTX *ctx, const struct tls_files *files, struct problems *problems)
{
	ERR_clear_error();
	if (*files->ciphers != '\0' &&
	    SSL_CTX_set_cipher_list(ctx, files->ciphers) != 1)
		return file_problem(files, problems, "ciphers", files->ciphers);
	if (*files->ciphersuites != '\0' &&
	    SSL_CTX_set_ciphersuites(ctx, files->ciphersuites) != 1)
		return file_problem(
		    files, problems, "ciphersuites", files->ciphersuites);
	return true;
}

static SSL_CTX *
new_context(const SSL_METHOD *method, const struct tls_files *files,
    struct problems *problems)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (ctx == NULL) {
		file_problem(files, problems, "TLS", "context");
		return NULL;
	}
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	SSL_CTX_set_min_proto_version(ctx,
	    files->min_version == CONFIG_TLS_1_3 ? TLS1_3_VERSION
						 : TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	        SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_dh_auto(ctx, 1);
	if (load_certificate(ctx, files, problems) &&
	    set_ciphers(ctx, files, problems))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static bool
add_ca(SSL_CTX *ctx, const char *ca, const struct tls_files *files,
    struct problems *problems)
{
	ERR_clear_error();
	if (*ca == '\0') {
		SSL_CTX_set_default_verify_paths(ctx);
		return true;
	}
	if (SSL_CTX_load_verify_file(ctx, ca) != 1)
		return file_problem(files, problems, "CA", ca);
	return true;
}

/* --- the client side, a profile a trunk --- */

static const struct config_listener *
tls_listener(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->listeners_n; i++)
		if (strcmp(config->listeners[i].name, name) == 0 &&
		    config->listeners[i].transport == CONFIG_TLS)
			return &config->listeners[i];
	return NULL;
}

const struct config_listener *
tls_listener_of(const struct config *config, const struct config_trunk *trunk)
{
	const struct config_listener *listener =
	    tls_listener(config, trunk->listener);

	return listener != NULL ? listener
				: tls_listener(config, trunk->tcp_listener);
}

static const char *
either(const char *first, const char *second)
{
	return *first != '\0' ? first : second;
}

/* Certificate and key go together. */
static struct tls_files
trunk_files(const struct config *config, const struct config_trunk *trunk,
    const struct config_listener *listener)
{
	const struct config_tls *own = &trunk->tls, *other = &listener->tls;
	bool has_own = *own->certificate != '\0';

	return (struct tls_files){
		.certificate = has_own ? own->certificate : other->certificate,
		.key = has_own ? own->key : other->key,
		.ciphers = either(own->ciphers, other->ciphers),
		.ciphersuites = either(own->ciphersuites, other->ciphersuites),
		.min_version = own->min_version,
		.who = "trunk",
		.name = trunk->name,
		.file = config->file,
		.line = trunk->line,
	};
}

/* In the handshake, behind OpenSSL's own checks of the chain. */
static int
check_name(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    store, SSL_get_ex_data_X509_STORE_CTX_idx());

	if (!ok || X509_STORE_CTX_get_error_depth(store) != 0)
		return ok;
	if (has_one_of_names(
	        X509_STORE_CTX_get_current_cert(store), client_of(ssl)))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return 0;
}

static bool
add_name(struct tls_client *client, const char *name)
{
	char *copy = strdup(name);

	if (copy == NULL)
		return false;
	client->names[client->names_n++] = copy;
	return true;
}

static bool
copy_names(struct tls_client *client, const struct config_trunk *trunk)
{
	struct address ip;
	const char *sni;
	size_t i;

	client->names = calloc(trunk->tls_names.n + 1, sizeof(*client->names));
	if (client->names == NULL)
		return false;
	for (i = 0; i < trunk->tls_names.n; i++)
		if (!add_name(client, trunk->tls_names.list[i]))
			return false;
	if (client->names_n == 0 && *trunk->domain != '\0' &&
	    !add_name(client, trunk->domain))
		return false;
	sni = *trunk->domain != '\0' || client->names_n == 0
	    ? trunk->domain
	    : client->names[0];
	/* RFC 6066 section 3: no addresses. */
	if (*sni == '\0' || address_parse_ip(span_of(sni), &ip))
		return true;
	client->sni = strdup(sni);
	return client->sni != NULL;
}

static bool
client_digest(struct tls_client *client, const struct tls_files *files,
    const char *ca)
{
	EVP_MD_CTX *md = digest_start();
	size_t i;

	if (md == NULL)
		return false;
	digest_files(md, files);
	digest_file(md, ca);
	digest_str(md, client->sni == NULL ? "" : client->sni);
	for (i = 0; i < client->names_n; i++)
		digest_str(md, client->names[i]);
	digest_end(md, client->digest);
	return true;
}

const char *
tls_client_ca(const struct config *config, const struct config_trunk *trunk)
{
	const struct config_listener *listener = tls_listener_of(config, trunk);

	return listener == NULL ? "" : either(trunk->tls.ca, listener->tls.ca);
}

/* A store is read alone once it is made: contexts may share it. */
static bool
use_ca(struct tls_client *client, const struct tls_client *alike,
    const char *ca, const struct tls_files *files, struct problems *problems)
{
	if (alike == NULL)
		return add_ca(client->ctx, ca, files, problems);
	SSL_CTX_set1_cert_store(
	    client->ctx, SSL_CTX_get_cert_store(alike->ctx));
	return true;
}

struct tls_client *
tls_client_create(const struct config *config,
    const struct config_trunk *trunk, const struct tls_client *alike,
    struct problems *problems)
{
	const struct config_listener *listener = tls_listener_of(config, trunk);
	struct tls_files files = trunk_files(config, trunk, listener);
	const char *ca = tls_client_ca(config, trunk);
	struct tls_client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return NULL;
	client->references = 1;
	client->ctx = new_context(TLS_client_method(), &files, problems);
	if (client->ctx == NULL ||
	    !use_ca(client, alike, ca, &files, problems) ||
	    !copy_names(client, trunk) || !client_digest(client, &files, ca)) {
		tls_client_unref(client);
		return NULL;
	}
	if (client->names_n == 0)
		problem_add(problems, PROBLEM_WARNING, config->file,
		    trunk->line,
		    "trunk \"%s\": without tls_names or domain any name that "
		    "its CA has signed is accepted",
		    trunk->name);
	SSL_CTX_set_verify(client->ctx, SSL_VERIFY_PEER, check_name);
	return client;
}

struct tls_client *
tls_client_ref(struct tls_client *client)
{
	client->references++;
	return client;
}

void
tls_client_unref(struct tls_client *client)
{
	size_t i;

	if (client == NULL || --client->references > 0)
		return;
	SSL_CTX_free(client->ctx);
	for (i = 0; i < client->names_n; i++)
		free(client->names[i]);
	free(client->names);
	free(client->sni);
	free(client);
}

bool
tls_client_same(const struct tls_client *a, const struct tls_client *b)
{
	return memcmp(a->digest, b->digest, DIGEST_SIZE) == 0;
}

SSL *
tls_client_ssl(struct tls_client *client)
{
	SSL *ssl = SSL_new(client->ctx);

	if (ssl == NULL)
		return NULL;
	SSL_set_app_data(ssl, client);
	if (client->sni != NULL)
		SSL_set_tlsext_host_name(ssl, client->sni);
	return ssl;
}

/* --- the server side, a profile a listener --- */

static int
on_server_name(SSL *ssl, int *alert, void *arg)
{
	const struct tls_server *server = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	size_t i;

	(void)alert;
	if (name == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	for (i = 0; i < server->sni_n; i++) {
		if (!span_ieq(span_of(name), span_of(server->sni[i].name)))
			continue;
		SSL_set_SSL_CTX(ssl, server->sni[i].ctx);
		break;
	}
	return SSL_TLSEXT_ERR_OK;
}

/* Which CAs a client certificate may lead to, and which the client is told. */
static bool
add_client_ca(SSL_CTX *ctx, const char *ca, const struct tls_files *files,
    struct problems *problems)
{
	STACK_OF(X509_NAME) *names;

	if (!add_ca(ctx, ca, files, problems))
		return false;
	if (*ca == '\0')
		return true;
	names = SSL_dup_CA_list(SSL_CTX_get_client_CA_list(ctx));
	if (names == NULL)
		names = sk_X509_NAME_new_null();
	if (names == NULL ||
	    SSL_add_file_cert_subjects_to_stack(names, ca) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return file_problem(files, problems, "CA", ca);
	}
	SSL_CTX_set_client_CA_list(ctx, names);
	return true;
}

static bool
accept_clients(SSL_CTX *ctx, const struct config *config,
    const struct config_listener *listener, const struct tls_files *files,
    struct problems *problems)
{
	int mode = SSL_VERIFY_PEER;
	size_t i;

	if (listener->client_certificate == CONFIG_CLIENT_CERT_NONE)
		return true;
	if (listener->client_certificate == CONFIG_CLIENT_CERT_REQUIRED)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(ctx, mode, NULL);
	/* Public CAs have stopped to write clientAuth into certificates. */
	SSL_CTX_set_purpose(ctx,
	    listener->client_usage ? X509_PURPOSE_SSL_CLIENT
				   : X509_PURPOSE_ANY);
	/* A resumed session has no chain left that could be checked again. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx, 0);
	if (!add_client_ca(ctx, listener->tls.ca, files, problems))
		return false;
	for (i = 0; i < config->trunks_n; i++) {
		const struct config_trunk *trunk = &config->trunks[i];

		if (tls_listener_of(config, trunk) == listener &&
		    *trunk->tls.ca != '\0' &&
		    !add_client_ca(ctx, trunk->tls.ca, files, problems))
			return false;
	}
	return true;
}

static SSL_CTX *
server_context(const struct config *config,
    const struct config_listener *listener, const struct tls_files *files,
    struct problems *problems)
{
	static const unsigned char id[] = "cordon";
	SSL_CTX *ctx = new_context(TLS_server_method(), files, problems);

	if (ctx == NULL)
		return NULL;
	/* Tickets cost us no memory; a cache would, for each peer that
	 * wants. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
	SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	if (accept_clients(ctx, config, listener, files, problems))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static bool
has_own_face(const struct config_trunk *trunk)
{
	return *trunk->fqdn != '\0' && *trunk->tls.certificate != '\0';
}

static bool
add_sni(struct tls_server *server, const struct config *config,
    const struct config_listener *listener, const struct config_trunk *trunk,
    EVP_MD_CTX *md, struct problems *problems)
{
	struct tls_files files = trunk_files(config, trunk, listener);
	struct tls_sni *sni = &server->sni[server->sni_n];

	/* The version is agreed upon before the name is looked at. */
	files.min_version = listener->tls.min_version;
	digest_str(md, trunk->fqdn);
	digest_files(md, &files);
	sni->ctx = server_context(config, listener, &files, problems);
	if (sni->ctx == NULL)
		return false;
	sni->name = strdup(trunk->fqdn);
	server->sni_n++;
	return sni->name != NULL;
}

static bool
add_all_sni(struct tls_server *server, const struct config *config,
    const struct config_listener *listener, EVP_MD_CTX *md,
    struct problems *problems)
{
	bool ok = true;
	size_t i;

	server->sni = calloc(config->trunks_n + 1, sizeof(*server->sni));
	if (server->sni == NULL)
		return false;
	for (i = 0; i < config->trunks_n; i++) {
		const struct config_trunk *trunk = &config->trunks[i];

		if (tls_listener_of(config, trunk) != listener)
			continue;
		digest_file(md, trunk->tls.ca);
		if (has_own_face(trunk) &&
		    !add_sni(server, config, listener, trunk, md, problems))
			ok = false;
	}
	return ok;
}

static struct tls_files
listener_files(
    const struct config *config, const struct config_listener *listener)
{
	const struct config_tls *tls = &listener->tls;

	return (struct tls_files){
		.certificate = tls->certificate,
		.key = tls->key,
		.ciphers = tls->ciphers,
		.ciphersuites = tls->ciphersuites,
		.min_version = tls->min_version,
		.who = "listener",
		.name = listener->name,
		.file = config->file,
		.line = listener->line,
	};
}

/* Fills in a server; the digest takes in all that it is made from. */
static bool
build_server(struct tls_server *server, const struct config *config,
    const struct config_listener *listener, EVP_MD_CTX *md,
    struct problems *problems)
{
	struct tls_files files = listener_files(config, listener);
	char clients[2] = { (char)listener->client_certificate,
		(char)listener->client_usage };

	if (*files.certificate == '\0') {
		problem_add(problems, PROBLEM_ERROR, config->file,
		    listener->line,
		    "listener \"%s\": TLS needs a certificate and a key",
		    listener->name);
		return false;
	}
	digest_files(md, &files);
	digest_file(md, listener->tls.ca);
	EVP_DigestUpdate(md, clients, sizeof(clients));
	server->ctx = server_context(config, listener, &files, problems);
	if (server->ctx == NULL)
		return false;
	SSL_CTX_set_tlsext_servername_callback(server->ctx, on_server_name);
	SSL_CTX_set_tlsext_servername_arg(server->ctx, server);
	return add_all_sni(server, config, listener, md, problems);
}

struct tls_server *
tls_server_create(const struct config *config,
    const struct config_listener *listener, struct problems *problems)
{
	struct tls_server *server = calloc(1, sizeof(*server));
	EVP_MD_CTX *md = digest_start();
	bool ok = false;

	if (server != NULL)
		server->references = 1;
	if (server != NULL && md != NULL)
		ok = build_server(server, config, listener, md, problems);
	if (ok) {
		digest_end(md, server->digest);
		return server;
	}
	EVP_MD_CTX_free(md);
	tls_server_unref(server);
	return NULL;
}

struct tls_server *
tls_server_ref(struct tls_server *server)
{
	server->references++;
	return server;
}

void
tls_server_unref(struct tls_server *server)
{
	size_t i;

	if (server == NULL || --server->references > 0)
		return;
	for (i = 0; i < server->sni_n; i++) {
		SSL_CTX_free(server->sni[i].ctx);
		free(server->sni[i].name);
	}
	free(server->sni);
	SSL_CTX_free(server->ctx);
	free(server);
}

bool
tls_server_same(const struct tls_server *a, const struct tls_server *b)
{
	return memcmp(a->digest, b->digest, DIGEST_SIZE) == 0;
}

SSL *
tls_server_ssl(struct tls_server *server)
{
	return SSL_new(server->ctx);
}
