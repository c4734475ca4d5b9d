#include "config_pem.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static FILE *
create(const char *file, mode_t mode)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	FILE *out;

	ck_assert_int_ge(fd, 0);
	/* Whatever the umask is. */
	ck_assert_int_eq(fchmod(fd, mode), 0);
	out = fdopen(fd, "w");
	ck_assert_ptr_nonnull(out);
	return out;
}

static void
add_names(X509 *x, const char *names)
{
	X509_EXTENSION *extension =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

	ck_assert_ptr_nonnull(extension);
	ck_assert_int_eq(X509_add_ext(x, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static X509 *
make_certificate(EVP_PKEY *key, const char *common_name, const char *names,
    time_t from, time_t to)
{
	X509 *x = X509_new();
	X509_NAME *name;

	ck_assert_ptr_nonnull(x);
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	ck_assert_ptr_nonnull(ASN1_TIME_set(X509_getm_notBefore(x), from));
	ck_assert_ptr_nonnull(ASN1_TIME_set(X509_getm_notAfter(x), to));
	name = X509_get_subject_name(x);
	ck_assert_int_eq(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			     (const unsigned char *)common_name, -1, -1, 0),
	    1);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	if (names != NULL)
		add_names(x, names);
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	return x;
}

void
pem_write(const char *certificate, const char *key, mode_t mode,
    const char *common_name, const char *names, time_t from, time_t to,
    const char *passphrase)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x = make_certificate(pkey, common_name, names, from, to);
	FILE *out = create(certificate, 0644);

	ck_assert_int_eq(PEM_write_X509(out, x), 1);
	ck_assert_int_eq(fclose(out), 0);
	out = create(key, mode);
	ck_assert_int_eq(
	    PEM_write_PrivateKey(out, pkey,
		passphrase == NULL ? NULL : EVP_aes_128_cbc(),
		(const unsigned char *)passphrase,
		passphrase == NULL ? 0 : (int)strlen(passphrase), NULL, NULL),
	    1);
	ck_assert_int_eq(fclose(out), 0);
	X509_free(x);
	EVP_PKEY_free(pkey);
}
