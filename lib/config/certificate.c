/*
 * certificate.c - certificates, keys and cipher lists, before a peer sees them
 */

#include "config/check.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "config/file.h"

#define PEM_SIZE_MAX (4 * 1024 * 1024) /* bundles of CAs are large */
#define SOON         (14 * 24 * 3600)  /* s */

/* The TLS options of one listener or trunk. */
struct subject {
	struct check *check;
	enum option_group group;
	size_t i;
	const char *name;
	const struct config_tls *tls;
};

__attribute__((format(printf, 4, 5))) static void
note(const struct subject *subject, enum problem_level level,
    const char *option, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	source_problem(subject->check->source, level,
	    check_setting(subject->check, subject->group, subject->i, option),
	    "%s \"%s\": %s: %s", option_groups[subject->group].one,
	    subject->name, option, text);
}

/* The content of a PEM file, or NULL where it was noted that there is none. */
static BIO *
open_pem(const struct subject *subject, const char *option, const char *file,
    char **content, size_t *n, struct stat *st)
{
	const char *why;
	BIO *bio;

	*content = file_read(file, PEM_SIZE_MAX, n, st, &why);
	if (*content == NULL) {
		note(subject, PROBLEM_ERROR, option,
		    "\"%s\" cannot be read: %s", file, why);
		return NULL;
	}
	bio = BIO_new_mem_buf(*content, (int)*n);
	if (bio == NULL)
		note(subject, PROBLEM_ERROR, option, "out of memory");
	return bio;
}

/* A passphrase is not asked for: nobody sits at a daemon. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)arg = true;
	return -1;
}

static X509 *
read_certificate(const struct subject *subject, const char *option,
    const char *file)
{
	bool asked = false;
	struct stat st;
	char *content;
	size_t n;
	BIO *bio = open_pem(subject, option, file, &content, &n, &st);
	X509 *x = NULL;

	if (bio != NULL) {
		x = PEM_read_bio_X509(bio, NULL, no_passphrase, &asked);
		if (x == NULL)
			note(subject, PROBLEM_ERROR, option,
			    "\"%s\" holds no certificate in PEM form", file);
	}
	BIO_free(bio);
	free(content);
	ERR_clear_error();
	return x;
}

static void
check_mode(const struct subject *subject, const char *file, mode_t mode)
{
	if (mode & S_IROTH)
		note(subject, PROBLEM_ERROR, "key",
		    "\"%s\" can be read by everybody (mode %03o); it has to "
		    "be 600",
		    file, (unsigned)(mode & 0777));
	else if (mode & 077)
		note(subject, PROBLEM_WARNING, "key",
		    "\"%s\" is open to others than its owner (mode %03o); 600 "
		    "would be right",
		    file, (unsigned)(mode & 0777));
}

static EVP_PKEY *
read_key(const struct subject *subject, const char *file)
{
	bool asked = false;
	struct stat st;
	char *content;
	size_t n = 0;
	BIO *bio = open_pem(subject, "key", file, &content, &n, &st);
	EVP_PKEY *key = NULL;

	if (bio != NULL) {
		check_mode(subject, file, st.st_mode);
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
		if (key == NULL)
			note(subject, PROBLEM_ERROR, "key",
			    asked ? "\"%s\" is locked by a passphrase; it has "
				    "to be stored without"
				  : "\"%s\" holds no private key in PEM form",
			    file);
	}
	BIO_free(bio);
	if (content != NULL)
		OPENSSL_cleanse(content, n);
	free(content);
	ERR_clear_error();
	return key;
}

static void
date_text(const ASN1_TIME *at, char *buf, size_t size)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(at, &tm) != 1 ||
	    strftime(buf, size, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		snprintf(buf, size, "a time that cannot be read");
}

static void
check_dates(const struct subject *subject, const char *file, const X509 *x)
{
	time_t now = subject->check->now, soon = now + SOON;
	const ASN1_TIME *from = X509_get0_notBefore(x);
	const ASN1_TIME *to = X509_get0_notAfter(x);
	char from_text[48], to_text[48];

	date_text(from, from_text, sizeof(from_text));
	date_text(to, to_text, sizeof(to_text));
	if (X509_cmp_time(from, &now) > 0)
		note(subject, PROBLEM_ERROR, "certificate",
		    "\"%s\" is not valid before %s", file, from_text);
	else if (X509_cmp_time(to, &now) <= 0)
		note(subject, PROBLEM_ERROR, "certificate",
		    "\"%s\" has expired at %s", file, to_text);
	else if (X509_cmp_time(to, &soon) <= 0)
		note(subject, PROBLEM_WARNING, "certificate",
		    "\"%s\" expires within 14 days, at %s", file, to_text);
}

static void
check_own(const struct subject *subject)
{
	const struct config_tls *tls = subject->tls;
	X509 *x = NULL;
	EVP_PKEY *key = NULL;

	if (tls->certificate[0] != '\0')
		x = read_certificate(subject, "certificate", tls->certificate);
	if (tls->key[0] != '\0')
		key = read_key(subject, tls->key);
	if (x != NULL)
		check_dates(subject, tls->certificate, x);
	if (x != NULL && key != NULL && X509_check_private_key(x, key) != 1)
		note(subject, PROBLEM_ERROR, "key",
		    "\"%s\" is not the key of the certificate \"%s\"", tls->key,
		    tls->certificate);
	X509_free(x);
	EVP_PKEY_free(key);
	ERR_clear_error();
}

/* One cipher of a list; those with a sign before them only order or remove. */
static void
check_cipher(const struct subject *subject, SSL_CTX *ctx, struct span word)
{
	char name[128];

	if (span_empty(word) || strchr("@!-+", word.p[0]) != NULL)
		return;
	snprintf(name, sizeof(name), "%.*s", SPAN_ARG(word));
	if (SSL_CTX_set_cipher_list(ctx, name) != 1)
		note(subject, PROBLEM_WARNING, "ciphers",
		    "OpenSSL knows no cipher \"%s\"", name);
}

static void
check_ciphers(const struct subject *subject, SSL_CTX *ctx)
{
	const struct config_tls *tls = subject->tls;
	struct span rest = span_of(tls->ciphers);

	if (tls->ciphersuites[0] != '\0' &&
	    SSL_CTX_set_ciphersuites(ctx, tls->ciphersuites) != 1)
		note(subject, PROBLEM_ERROR, "ciphersuites",
		    "OpenSSL does not accept \"%s\"", tls->ciphersuites);
	if (tls->ciphers[0] == '\0')
		return;
	if (SSL_CTX_set_cipher_list(ctx, tls->ciphers) != 1) {
		note(subject, PROBLEM_ERROR, "ciphers",
		    "OpenSSL finds no cipher in \"%s\"", tls->ciphers);
		return;
	}
	while (!span_empty(rest)) {
		size_t n = 0;

		while (n < rest.n && strchr(":, ", rest.p[n]) == NULL)
			n++;
		check_cipher(subject, ctx, span_make(rest.p, n));
		rest = span_from(rest, n < rest.n ? n + 1 : n);
	}
}

static void
check_subject(const struct subject *subject)
{
	const struct config_tls *tls = subject->tls;
	SSL_CTX *ctx;

	check_own(subject);
	if (tls->ca[0] != '\0')
		X509_free(read_certificate(subject, "ca", tls->ca));
	if (tls->ciphers[0] == '\0' && tls->ciphersuites[0] == '\0')
		return;
	ctx = SSL_CTX_new(TLS_method());
	if (ctx == NULL)
		note(subject, PROBLEM_ERROR, "ciphers", "out of memory");
	else
		check_ciphers(subject, ctx);
	SSL_CTX_free(ctx);
	ERR_clear_error();
}

/* "sbc.example.com, *.example.org"; true when there is a subjectAltName. */
static bool
add_names(const X509 *x, struct text *t)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	size_t from = t->len;
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_IA5STRING *dns = name->d.dNSName;

		if (name->type != GEN_DNS)
			continue;
		if (t->len > from)
			TEXT_LIT(t, ", ");
		text_add_quoted(t,
		    span_make((const char *)ASN1_STRING_get0_data(dns),
			(size_t)ASN1_STRING_length(dns)));
	}
	GENERAL_NAMES_free(names);
	return names != NULL;
}

/* Carries the certificate that name? The common name counts only where there
 * are no alternative names (RFC 5922 section 7.1), a wildcard for one label. */
static void
check_carries(const struct subject *subject, enum problem_level level,
    const struct config_tls *tls, const char *fqdn)
{
	unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
	const char *why;
	char names[512];
	struct text t = text_over(names, sizeof(names));
	size_t n;
	char *content =
	    file_read(tls->certificate, PEM_SIZE_MAX, &n, NULL, &why);
	BIO *bio = content == NULL ? NULL : BIO_new_mem_buf(content, (int)n);
	X509 *x = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);

	if (x != NULL) {
		bool alternative = add_names(x, &t);

		if (alternative)
			flags |= X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
		if (X509_check_host(x, fqdn, strlen(fqdn), flags, NULL) != 1)
			note(subject, level, "fqdn",
			    "the certificate \"%s\" does not carry \"%s\"; its "
			    "names are %s%s",
			    tls->certificate, fqdn,
			    t.len == 0 ? alternative ? "none"
						     : "its common name only"
				       : text_cstr(&t),
			    t.overflow ? ", ..." : "");
	}
	X509_free(x);
	BIO_free(bio);
	free(content);
	ERR_clear_error();
}

/* What the peer sees when it connects is the listener's certificate; when we
 * connect, it is the trunk's own, where it has one. */
static void
check_fqdn(const struct subject *subject, const struct config_trunk *trunk)
{
	const struct config_listener *listener =
	    check_tls_listener(subject->check->config, trunk);
	bool own = trunk->tls.certificate[0] != '\0';

	if (trunk->fqdn[0] == '\0' || listener == NULL)
		return;
	if (own)
		check_carries(subject, PROBLEM_ERROR, &trunk->tls, trunk->fqdn);
	if (listener->tls.certificate[0] != '\0')
		check_carries(subject, own ? PROBLEM_WARNING : PROBLEM_ERROR,
		    &listener->tls, trunk->fqdn);
}

void
certificate_check_all(struct check *check)
{
	const struct config *config = check->config;
	struct subject s = { .check = check };

	s.group = GROUP_LISTENER;
	for (s.i = 0; s.i < config->listeners_n; s.i++) {
		s.name = config->listeners[s.i].name;
		s.tls = &config->listeners[s.i].tls;
		check_subject(&s);
	}
	s.group = GROUP_TRUNK;
	for (s.i = 0; s.i < config->trunks_n; s.i++) {
		s.name = config->trunks[s.i].name;
		s.tls = &config->trunks[s.i].tls;
		check_subject(&s);
		check_fqdn(&s, &config->trunks[s.i]);
	}
}
