/* Reading the files of settings into an SSL_CTX.
 *
 * All that costs time is done here: reading authorities, keys and lists.  The system's store is a
 * folder of hashed names in most places, and then read as it is needed.  What has been read does
 * not change any more, but for certificates that are added; a stream holds on to what it began
 * with. */
#include "tls/material.h"

#include "base/memory.h"
#include "tls/refusal.h"
#include "tls/stream.h"
#include "tls/trust.h"

#include <bide/error.h>
#include <openssl/crypto.h>
#include <string.h>

/* OpenSSL's level at which less than 112 bits of strength (RSA 2048, SHA-256) are refused. */
enum { SECURITY_LEVEL = 2 };
/* The keys of tickets: a name, one for their digest, one for the cipher. */
enum { TICKET_KEYS_MAX = 128 };

static int set_versions(SSL_CTX *context, const char *least)
{
    static const struct { const char *name; int number; } versions[] = {
        { "1.0", TLS1_VERSION }, { "1.1", TLS1_1_VERSION },
        { "1.2", TLS1_2_VERSION }, { "1.3", TLS1_3_VERSION },
    };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (strcmp(least ? least : "1.2", versions[i].name))
            continue;
        /* OpenSSL 3 speaks the broken versions at level 0 only. */
        SSL_CTX_set_security_level(context, i < 2 ? 0 : SECURITY_LEVEL);
        if (SSL_CTX_set_min_proto_version(context, versions[i].number) == 1 &&
            SSL_CTX_set_max_proto_version(context, 0) == 1)
            return 0;
        return bide__tls_refused(BIDE_ETLS, "min_version");
    }
    return bide_fail(BIDE_EINVAL, "min_version '%.20s': neither \"1.2\" nor \"1.3\"", least);
}

static int set_protocol(SSL_CTX *context, const struct bide_tls_opts *o)
{
    int rc = set_versions(context, o->min_version);
    if (rc < 0)
        return rc;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (o->ciphers && SSL_CTX_set_cipher_list(context, o->ciphers) != 1)
        return bide_fail(BIDE_EINVAL, "ciphers '%.100s': none of them is known", o->ciphers);
    if (o->server)
        bide__tls_choose_alpn(context);
    return 0;
}

/* ---- what we show ---- */

/* Taken note of, whatever is shown then: info and sessions have it. */
static int note_name(SSL *ssl, int *alert, void *unused)
{
    (void)alert, (void)unused;
    return SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) ? SSL_TLSEXT_ERR_OK
                                                              : SSL_TLSEXT_ERR_NOACK;
}

static int choose_identity(SSL *ssl, void *identities)
{
    return bide__identities_show(identities, ssl,
                                 SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
}

static int set_identities(struct material *m)
{
    int rc = bide__identities_open(&m->identities);
    if (rc < 0)
        return rc;
    SSL_CTX_set_tlsext_servername_callback(m->context, note_name);
    SSL_CTX_set_cert_cb(m->context, choose_identity, &m->identities);
    rc = bide__identities_add(&m->identities, m->context);
    return rc < 0 ? rc : 0;
}

static int set_own(struct material *m, const struct bide_tls_opts *o)
{
    if (!o->cert_file)
        return o->server || o->key_file
            ? bide_fail(BIDE_EINVAL, o->server ? "a server needs cert_file"
                                               : "key_file without cert_file") : 0;
    struct identity_files files = { o->cert_file, o->key_file, o->key_password };
    int rc = bide__identity_read(m->context, &files);
    return rc == 0 && o->server ? set_identities(m) : rc;
}

/* By way of a context, which makes sure that key and certificate belong together and are strong
 * enough. */
int bide__material_add(struct material *m, const struct bide_tls_opts *o,
                       const struct identity_files *files)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = set_versions(context, o->min_version);
    if (rc == 0)
        rc = bide__identity_read(context, files);
    if (rc == 0)
        rc = bide__identities_add(&m->identities, context);
    if (rc == 0)
        rc = bide_fail(BIDE_EINVAL, "certificate: %s: its subjectAltName names no host, so nobody "
                       "would ask for it", files->certificate);
    SSL_CTX_free(context);
    return rc < 0 ? rc : 0;
}

/* ---- sessions ---- */

/* A session is for the name that was asked for when it began (RFC 6066, 3), and OpenSSL does not
 * look at that: what a client could do as one name, with the certificate that it saw there, is
 * not to be gone on with as another.  So the name is part of what OpenSSL does look at, before it
 * thinks of resuming.  As the client wrote it: another spelling means one handshake in full. */
static int bind_sessions(SSL *ssl, int *alert, void *unused)
{
    const unsigned char *name = NULL;
    size_t size = 0;
    unsigned char context[SSL_MAX_SID_CTX_LENGTH];
    unsigned context_size = 0;
    (void)unused;
    SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &name, &size);
    if (EVP_Digest(name, size, context, &context_size, EVP_sha256(), NULL) == 1 &&
        SSL_set_session_id_context(ssl, context, context_size) == 1)
        return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
}

static int set_sessions(struct material *m, const struct bide_tls_opts *o)
{
    SSL_CTX_set_session_cache_mode(m->context, SSL_SESS_CACHE_OFF);
    if (o->no_resumption) {
        SSL_CTX_set_options(m->context, SSL_OP_NO_TICKET);
        if (o->server)
            SSL_CTX_set_num_tickets(m->context, 0);
        return 0;
    }
    if (o->server) {
        SSL_CTX_set_client_hello_cb(m->context, bind_sessions, NULL);
        return 0;
    }
    bide__tls_keep_sessions(m->context);
    return bide__sessions_open(&m->sessions, o->session_max ? o->session_max : BIDE_TLS_SESSIONS);
}

void bide__material_inherit(struct material *m, const struct material *before)
{
    unsigned char keys[TICKET_KEYS_MAX];
    long size = SSL_CTX_get_tlsext_ticket_keys(m->context, NULL, 0);
    if (SSL_CTX_get_verify_mode(m->context) & SSL_VERIFY_PEER || size > (long)sizeof keys)
        return;
    if (SSL_CTX_get_tlsext_ticket_keys(before->context, keys, size) == 1)
        SSL_CTX_set_tlsext_ticket_keys(m->context, keys, size);
    OPENSSL_cleanse(keys, sizeof keys);
}

/* ---- as a whole ---- */

static int read_all(struct material *m, const struct bide_tls_opts *o)
{
    int rc = set_protocol(m->context, o);
    if (rc == 0)
        rc = set_own(m, o);
    if (rc == 0)
        rc = bide__trust_set(m->context, o);
    return rc < 0 ? rc : set_sessions(m, o);
}

struct material *bide__material_read(const struct bide_tls_opts *o)
{
    struct material *m = bide__zalloc(sizeof *m);
    if (m) {
        m->owners = 1;
        m->context = SSL_CTX_new(o->server ? TLS_server_method() : TLS_client_method());
    }
    int rc = m && m->context ? read_all(m, o) : bide_fail(BIDE_ENOMEM, "out of memory");
    if (rc == 0)
        return m;
    bide__material_drop(m);
    return NULL;
}

struct material *bide__material_ref(struct material *m)
{
    __atomic_add_fetch(&m->owners, 1, __ATOMIC_RELAXED);
    return m;
}

void bide__material_drop(struct material *m)
{
    if (!m || __atomic_sub_fetch(&m->owners, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    SSL_CTX_free(m->context);
    bide__identities_close(&m->identities);
    bide__sessions_close(&m->sessions);
    bide__free(m);
}
