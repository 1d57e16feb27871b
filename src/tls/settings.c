/* Settings, shared by connections of any thread.
 *
 * What the options say stays as it is; what the files said can be read anew (material.c) and is
 * then replaced as a whole, so that no connection meets a new certificate with an old key.  Two
 * locks, for reading takes its time: who changes something waits for who is at it, who begins a
 * connection for nobody. */
#include "tls/settings.h"

#include "base/memory.h"
#include "tls/bio.h"
#include "tls/options.h"

#include <bide/error.h>
#include <openssl/err.h>
#include <string.h>

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

static int set_up(bide_tls *tls, const struct bide_tls_opts *o)
{
    int rc = bide__tls_options_copy(&tls->opts, o);
    if (rc == 0)
        rc = bide__alpn_read(&tls->alpn, o->alpn);
    if (rc == 0)
        rc = bide__pins_read(&tls->pins, &tls->pin_count, o->pins);
    if (rc < 0)
        return rc;
    tls->bio = bide__tls_bio_method();
    if (!tls->bio)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    tls->material = bide__material_read(o);
    return tls->material ? 0 : bide_errcode();
}

bide_tls *bide_tls_new_opts(const struct bide_tls_opts *o)
{
    static uint64_t made;
    /* Programs may still use TLS on other threads while they exit. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
    ERR_clear_error();
    bide_tls *tls = bide__zalloc(sizeof *tls);
    if (!tls) {
        bide_fail(BIDE_ENOMEM, "tls: out of memory");
        return NULL;
    }
    tls->owners = 1;
    tls->id = __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
    tls->server = o->server;
    tls->insecure = o->insecure;
    tls->added_end = &tls->added;
    pthread_mutex_init(&tls->changing, NULL);
    pthread_mutex_init(&tls->lock, NULL);
    int rc = set_up(tls, o);
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

uint64_t bide__tls_id(const bide_tls *tls)
{
    return tls ? tls->id : 0;
}

struct material *bide__tls_material(bide_tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    struct material *m = bide__material_ref(tls->material);
    pthread_mutex_unlock(&tls->lock);
    return m;
}

/* ---- certificates that are added ---- */

static void free_added(struct added *one)
{
    if (one) {
        bide__free(one->certificate);
        bide__free(one->key);
    }
    bide__free(one);
}

static struct added *new_added(const char *certificate, const char *key)
{
    struct added *one = bide__zalloc(sizeof *one);
    if (one) {
        one->certificate = bide__copy_text(certificate, strlen(certificate));
        one->key = key ? bide__copy_text(key, strlen(key)) : NULL;
    }
    if (one && one->certificate && (one->key || !key))
        return one;
    free_added(one);
    bide_fail(BIDE_ENOMEM, "out of memory");
    return NULL;
}

static int read_added(struct material *m, const bide_tls *tls, const struct added *one)
{
    struct identity_files files = { one->certificate, one->key, tls->opts.key_password };
    return bide__material_add(m, &tls->opts, &files);
}

static int add(bide_tls *tls, const char *certificate, const char *key)
{
    struct added *one = new_added(certificate, key);
    int rc = one ? read_added(tls->material, tls, one) : bide_errcode();
    if (rc < 0) {
        free_added(one);
        return rc;
    }
    *tls->added_end = one;
    tls->added_end = &one->next;
    return 0;
}

int bide_tls_add_certificate(bide_tls *tls, const char *cert_file, const char *key_file)
{
    if (!tls)
        return bide_errcode();
    if (!tls->server || !cert_file)
        return bide_fail(BIDE_EINVAL, "tls: add a certificate: %s",
                         cert_file ? "a client has one at most" : "no file");
    ERR_clear_error();
    pthread_mutex_lock(&tls->changing);
    int rc = add(tls, cert_file, key_file);
    pthread_mutex_unlock(&tls->changing);
    ERR_clear_error();
    return rc < 0 ? bide_within("tls") : 0;
}

/* ---- reading again ---- */

static struct material *read_again(const bide_tls *tls)
{
    struct material *m = bide__material_read(&tls->opts);
    for (const struct added *one = tls->added; m && one; one = one->next) {
        if (read_added(m, tls, one) == 0)
            continue;
        bide__material_drop(m);
        return NULL;
    }
    return m;
}

static struct material *replace(bide_tls *tls, struct material *m)
{
    pthread_mutex_lock(&tls->lock);
    struct material *before = tls->material;
    tls->material = m;
    pthread_mutex_unlock(&tls->lock);
    return before;
}

int bide_tls_reload(bide_tls *tls)
{
    if (!tls)
        return bide_errcode();
    ERR_clear_error();
    pthread_mutex_lock(&tls->changing);
    struct material *m = read_again(tls);
    if (m) {
        bide__material_inherit(m, tls->material);
        bide__material_drop(replace(tls, m));
    }
    pthread_mutex_unlock(&tls->changing);
    ERR_clear_error();
    return m ? 0 : bide_within("tls: reload");
}

/* ---- its end ---- */

void bide_tls_free(bide_tls *tls)
{
    if (!tls || __atomic_sub_fetch(&tls->owners, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    while (tls->added) {
        struct added *gone = tls->added;
        tls->added = gone->next;
        free_added(gone);
    }
    bide__material_drop(tls->material);
    BIO_meth_free(tls->bio);
    pthread_mutex_destroy(&tls->changing);
    pthread_mutex_destroy(&tls->lock);
    bide__tls_options_free(&tls->opts);
    bide__free(tls->pins);
    bide__free(tls);
}
