#include "net_cert.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

#include "unit.h"

#define FILES_MAX 64
#define DAY       86400

static char dir[64];
static struct {
	char path[128];
} files[FILES_MAX];
static unsigned files_n;
static long serial;

void
cert_start(void)
{
	snprintf(dir, sizeof(dir), "/tmp/cordon-net-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	files_n = 0;
}

void
cert_stop(void)
{
	unsigned i;

	for (i = 0; i < files_n; i++)
		unlink(files[i].path);
	ck_assert_int_eq(rmdir(dir), 0);
}

char *
cert_file(const char *name, const char *suffix)
{
	char path[128];
	unsigned i;

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, suffix);
	for (i = 0; i < files_n; i++)
		if (strcmp(files[i].path, path) == 0)
			return files[i].path;
	ck_assert_uint_lt(files_n, FILES_MAX);
	strcpy(files[files_n].path, path);
	return files[files_n++].path;
}

void
cert_rename(const char *from, const char *to)
{
	ck_assert_int_eq(
	    rename(cert_file(from, "pem"), cert_file(to, "pem")), 0);
	ck_assert_int_eq(
	    rename(cert_file(from, "key"), cert_file(to, "key")), 0);
}

static void
add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(extension);
	X509_add_ext(x, extension, -1);
	X509_EXTENSION_free(extension);
}

static X509 *
read_certificate(const char *name)
{
	FILE *in = fopen(cert_file(name, "pem"), "re");
	X509 *x;

	ck_assert_ptr_nonnull(in);
	x = PEM_read_X509(in, NULL, NULL, NULL);
	fclose(in);
	ck_assert_ptr_nonnull(x);
	return x;
}

static EVP_PKEY *
read_key(const char *name)
{
	FILE *in = fopen(cert_file(name, "key"), "re");
	EVP_PKEY *key;

	ck_assert_ptr_nonnull(in);
	key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
	fclose(in);
	ck_assert_ptr_nonnull(key);
	return key;
}

static void
write_files(const char *name, X509 *x, EVP_PKEY *key)
{
	FILE *out = fopen(cert_file(name, "pem"), "we");

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(PEM_write_X509(out, x), 1);
	fclose(out);
	out = fopen(cert_file(name, "key"), "we");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(
	    PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(out);
}

static void
set_subject(X509 *x, const char *cn)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)cn, -1, -1, 0);
	X509_set_subject_name(x, name);
	X509_NAME_free(name);
}

void
cert_make(const struct cert *cert)
{
	bool own = cert->issuer == NULL;
	EVP_PKEY *key = EVP_EC_gen("P-256"), *signer;
	X509 *x = X509_new(), *issuer;

	ck_assert_ptr_nonnull(key);
	issuer = own ? x : read_certificate(cert->issuer);
	signer = own ? key : read_key(cert->issuer);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(x),
	    cert->from == 0 && cert->to == 0 ? -DAY : cert->from);
	X509_gmtime_adj(X509_getm_notAfter(x),
	    cert->from == 0 && cert->to == 0 ? DAY : cert->to);
	set_subject(x, cert->cn);
	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	X509_set_pubkey(x, key);
	add_extension(x, issuer, NID_basic_constraints,
	    own ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (cert->san != NULL)
		add_extension(x, issuer, NID_subject_alt_name, cert->san);
	if (cert->usage != NULL)
		add_extension(x, issuer, NID_ext_key_usage, cert->usage);
	ck_assert_int_ne(X509_sign(x, signer, EVP_sha256()), 0);
	write_files(cert->name, x, key);
	if (!own) {
		X509_free(issuer);
		EVP_PKEY_free(signer);
	}
	X509_free(x);
	EVP_PKEY_free(key);
}
