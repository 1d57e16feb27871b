/* Whom to trust: the system's authorities, or those that were named, and what was revoked. */
#include "tls/trust.h"

#include "tls/refusal.h"
#include "tls/verify.h"

#include <bide/error.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

/* A text of any number of certificates, and whatever stands between them. */
static int load_pem(X509_STORE *store, const char *text)
{
    int count = 0;
    BIO *from = BIO_new_mem_buf(text, -1);
    if (!from)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    for (X509 *one; (one = PEM_read_bio_X509(from, NULL, NULL, NULL)); count++) {
        X509_STORE_add_cert(store, one);
        X509_free(one);
    }
    BIO_free(from);
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (count && at_end)
        return 0;
    return at_end ? bide_fail(BIDE_ETLS, "ca_pem: there is no certificate in it")
                  : bide__tls_refused(BIDE_ETLS, "ca_pem");
}

static int load_authorities(SSL_CTX *context, const struct bide_tls_opts *o)
{
    if (!o->ca_file && !o->ca_dir && !o->ca_pem)
        return SSL_CTX_set_default_verify_paths(context) == 1
            ? 0 : bide__tls_refused(BIDE_ETLS, "the system's authorities");
    if (o->ca_file && SSL_CTX_load_verify_file(context, o->ca_file) != 1)
        return bide__tls_file_refused("authorities", o->ca_file);
    if (o->ca_dir && access(o->ca_dir, R_OK | X_OK) < 0)
        return bide_fail(-errno, "authorities: %s: %s", o->ca_dir, strerror(errno));
    if (o->ca_dir && SSL_CTX_load_verify_dir(context, o->ca_dir) != 1)
        return bide__tls_file_refused("authorities", o->ca_dir);
    return o->ca_pem ? load_pem(SSL_CTX_get_cert_store(context), o->ca_pem) : 0;
}

/* Lists are asked for all the way up; where there is none is for bide__verify() to judge. */
static int load_revoked(SSL_CTX *context, const char *file)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (!lookup)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    if (X509_load_crl_file(lookup, file, X509_FILETYPE_PEM) < 1)
        return bide__tls_file_refused("revocation list", file);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return 0;
}

/* Names of a certificate's subjectAltName alone, and "*" only as a whole label. */
static void set_strictness(SSL_CTX *context)
{
    X509_VERIFY_PARAM *how = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(how, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                         X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
}

int bide__trust_set(SSL_CTX *context, const struct bide_tls_opts *o)
{
    bool named = o->ca_file || o->ca_dir || o->ca_pem;
    if (o->insecure || (o->server && !named)) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
        return o->insecure && o->crl_file
            ? bide_fail(BIDE_EINVAL, "crl_file is for verification, which is off") : 0;
    }
    int mode = SSL_VERIFY_PEER;
    if (o->server && !o->client_optional)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context, mode, bide__verify);
    set_strictness(context);
    int rc = load_authorities(context, o);
    return rc == 0 && o->crl_file ? load_revoked(context, o->crl_file) : rc;
}
