/* Settings: made once, never changed, shared by connections of any thread.
 *
 * All that costs time is done here: reading authorities, keys and lists.  The system's store is a
 * folder of hashed names in most places, and then read as it is needed. */
#include "tls/settings.h"

#include "base/memory.h"
#include "tls/bio.h"
#include "tls/refusal.h"
#include "tls/stream.h"
#include "tls/trust.h"
#include "tls/verify.h"

#include <bide/error.h>
#include <openssl/err.h>
#include <string.h>

/* OpenSSL's level at which less than 112 bits of strength (RSA 2048, SHA-256) are refused. */
enum { SECURITY_LEVEL = 2 };

int bide__alpn_read(struct alpn *alpn, const char *names)
{
    alpn->size = 0;
    if (!names || !*names)
        return 0;
    for (const char *name = names; ; name++) {
        size_t size = strcspn(name, ",");
        if (size == 0 || size > 255 || alpn->size + 1 + size > ALPN_MAX)
            return bide_fail(BIDE_EINVAL, "alpn '%.60s': not names of 1 to 255 bytes with commas "
                             "between, %d bytes in all", names, ALPN_MAX);
        alpn->wire[alpn->size] = (unsigned char)size;
        memcpy(alpn->wire + alpn->size + 1, name, size);
        alpn->size += 1 + size;
        name += size;
        if (!*name)
            return 0;
    }
}

static int set_versions(bide_tls *tls, const char *least)
{
    static const struct { const char *name; int number; } versions[] = {
        { "1.0", TLS1_VERSION }, { "1.1", TLS1_1_VERSION },
        { "1.2", TLS1_2_VERSION }, { "1.3", TLS1_3_VERSION },
    };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (strcmp(least ? least : "1.2", versions[i].name))
            continue;
        /* OpenSSL 3 speaks the broken versions at level 0 only. */
        SSL_CTX_set_security_level(tls->context, i < 2 ? 0 : SECURITY_LEVEL);
        if (SSL_CTX_set_min_proto_version(tls->context, versions[i].number) == 1 &&
            SSL_CTX_set_max_proto_version(tls->context, 0) == 1)
            return 0;
        return bide__tls_refused(BIDE_ETLS, "min_version");
    }
    return bide_fail(BIDE_EINVAL, "min_version '%.20s': neither \"1.2\" nor \"1.3\"", least);
}

static int set_protocol(bide_tls *tls, const struct bide_tls_opts *o)
{
    int rc = set_versions(tls, o->min_version);
    if (rc < 0)
        return rc;
    SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(tls->context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (o->ciphers && SSL_CTX_set_cipher_list(tls->context, o->ciphers) != 1)
        return bide_fail(BIDE_EINVAL, "ciphers '%.100s': none of them is known", o->ciphers);
    rc = bide__alpn_read(&tls->alpn, o->alpn);
    if (rc == 0 && tls->server)
        bide__tls_choose_alpn(tls->context);
    return rc;
}

static int read_password(char *to, int room, int encrypting, void *password)
{
    (void)encrypting;
    size_t size = password ? strlen(password) : 0;
    if (size == 0 || size > (size_t)room)
        return -1;
    memcpy(to, password, size);
    return (int)size;
}

/* What we show: a certificate, those above it, and the key. */
static int set_own(bide_tls *tls, const struct bide_tls_opts *o)
{
    if (!o->cert_file)
        return tls->server || o->key_file
            ? bide_fail(BIDE_EINVAL, tls->server ? "a server needs cert_file"
                                                 : "key_file without cert_file") : 0;
    const char *key = o->key_file ? o->key_file : o->cert_file;
    SSL_CTX_set_default_passwd_cb(tls->context, read_password);
    SSL_CTX_set_default_passwd_cb_userdata(tls->context, (void *)(uintptr_t)o->key_password);
    int rc = 0;
    if (SSL_CTX_use_certificate_chain_file(tls->context, o->cert_file) != 1)
        rc = bide__tls_file_refused("certificate", o->cert_file);
    else if (SSL_CTX_use_PrivateKey_file(tls->context, key, SSL_FILETYPE_PEM) != 1)
        rc = bide__tls_file_refused("key", key);
    SSL_CTX_set_default_passwd_cb_userdata(tls->context, NULL);
    return rc;
}

static int set_sessions(bide_tls *tls, const struct bide_tls_opts *o)
{
    static const unsigned char ours[] = "bide";
    SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
    if (o->no_resumption) {
        SSL_CTX_set_options(tls->context, SSL_OP_NO_TICKET);
        if (tls->server)
            SSL_CTX_set_num_tickets(tls->context, 0);
        return 0;
    }
    if (tls->server)
        return SSL_CTX_set_session_id_context(tls->context, ours, sizeof ours - 1) == 1
            ? 0 : bide__tls_refused(BIDE_ETLS, "sessions");
    bide__tls_keep_sessions(tls->context);
    return bide__sessions_open(&tls->sessions, o->session_max ? o->session_max
                                                              : BIDE_TLS_SESSIONS);
}

static int set_all(bide_tls *tls, const struct bide_tls_opts *o)
{
    int rc = set_protocol(tls, o);
    if (rc == 0)
        rc = set_own(tls, o);
    if (rc == 0)
        rc = bide__trust_set(tls, o);
    if (rc == 0)
        rc = bide__pins_read(&tls->pins, &tls->pin_count, o->pins);
    return rc < 0 ? rc : set_sessions(tls, o);
}

static bide_tls *out_of_memory(bide_tls *tls)
{
    bide_tls_free(tls);
    bide_fail(BIDE_ENOMEM, "tls: out of memory");
    return NULL;
}

bide_tls *bide_tls_new_opts(const struct bide_tls_opts *o)
{
    static uint64_t made;
    /* Programs may still use TLS on other threads while they exit. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
    ERR_clear_error();
    bide_tls *tls = bide__zalloc(sizeof *tls);
    if (!tls)
        return out_of_memory(NULL);
    tls->owners = 1;
    tls->id = __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
    tls->server = o->server;
    tls->insecure = o->insecure;
    tls->context = SSL_CTX_new(o->server ? TLS_server_method() : TLS_client_method());
    tls->bio = bide__tls_bio_method();
    if (!tls->context || !tls->bio)
        return out_of_memory(tls);
    int rc = set_all(tls, o);
    ERR_clear_error();
    if (rc == 0)
        return tls;
    bide_within("tls");
    bide_tls_free(tls);
    return NULL;
}

bide_tls *bide__tls_ref(bide_tls *tls)
{
    if (tls)
        __atomic_add_fetch(&tls->owners, 1, __ATOMIC_RELAXED);
    return tls;
}

void bide_tls_free(bide_tls *tls)
{
    if (!tls || __atomic_sub_fetch(&tls->owners, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    bide__sessions_close(&tls->sessions);
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->bio);
    bide__free(tls->pins);
    bide__free(tls);
}

uint64_t bide__tls_id(const bide_tls *tls)
{
    return tls ? tls->id : 0;
}
