/* The handshake: from a stream to a TLS stream. */
#include "tls/stream.h"

#include "base/memory.h"
#include "tls/bio.h"
#include "tls/refusal.h"

#include <arpa/inet.h>
#include <bide/scope.h>
#include <math.h>
#include <openssl/err.h>
#include <string.h>

enum { NAME_MAX_ = 255 };

/* ---- names ---- */

/* A copy without brackets, zone and last dot.  NULL, the error held. */
static char *copy_name(const char *name)
{
    size_t size = strlen(name);
    if (size > 2 && name[0] == '[' && name[size - 1] == ']') {
        name++;
        size -= 2;
    }
    if (memchr(name, ':', size) && memchr(name, '%', size))
        size = (size_t)((const char *)memchr(name, '%', size) - name);
    else if (size > 1 && name[size - 1] == '.')
        size--;
    char *copy = size <= NAME_MAX_ ? bide__copy_text(name, size) : NULL;
    if (!copy)
        bide_fail(size <= NAME_MAX_ ? BIDE_ENOMEM : BIDE_EINVAL, size <= NAME_MAX_
                  ? "out of memory" : "a server_name has at most %d bytes", NAME_MAX_);
    return copy;
}

static bool is_address(const char *name)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

/* A name that begins with a dot would be one of many to OpenSSL. */
static bool is_host(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";
    return *name && *name != '.' && !name[strspn(name, letters)];
}

/* What is asked for and what is verified. */
static int set_name(struct tls_stream *t)
{
    X509_VERIFY_PARAM *how = SSL_get0_param(t->ssl);
    bool address = is_address(t->name);
    if (!address && !is_host(t->name))
        return bide_fail(BIDE_EINVAL, "server_name '%.80s': not a host's name", t->name);
    int done = address ? X509_VERIFY_PARAM_set1_ip_asc(how, t->name)
                       : X509_VERIFY_PARAM_set1_host(how, t->name, 0) &&
                         SSL_set_tlsext_host_name(t->ssl, t->name);
    return done == 1 ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

/* Something to call it by, where it has no name. */
static char *name_of_peer(const struct tls_stream *t)
{
    const char *peer = bide_stream_peer(t->inner);
    if (!*peer)
        peer = t->tls->server ? "a client" : "a server";
    char *copy = bide__copy_text(peer, strlen(peer));
    if (!copy)
        bide_fail(BIDE_ENOMEM, "out of memory");
    return copy;
}

/* ---- sessions ---- */

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls_stream *t = bide__tls_of(ssl);
    if (!t || !t->key)
        return 0;
    bide__sessions_put(&t->material->sessions, t->key, session);
    return 1;
}

void bide__tls_keep_sessions(SSL_CTX *context)
{
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
}

/* Sessions are kept by the verified name, too: whatever key a caller gives, one that was verified
 * for another name is never resumed. */
static int set_session(struct tls_stream *t, const char *key)
{
    if (!t->material->sessions.by_key)
        return 0;
    size_t name = strlen(t->name), size = key ? strlen(key) : 0;
    t->key = bide__alloc(name + size + 2);
    if (!t->key)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    memcpy(t->key, t->name, name);
    t->key[name] = ' ';
    memcpy(t->key + name + 1, key ? key : "", size + 1);
    SSL_SESSION *session = bide__sessions_take(&t->material->sessions, t->key);
    if (session)
        SSL_set_session(t->ssl, session);
    SSL_SESSION_free(session);
    return 0;
}

/* ---- protocols ---- */

static int choose_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *size,
                       const unsigned char *offered, unsigned offered_size, void *unused)
{
    struct tls_stream *t = bide__tls_of(ssl);
    unsigned char *found;
    (void)unused;
    if (!t || !t->handshake || !t->handshake->alpn.size)
        return SSL_TLSEXT_ERR_NOACK;
    const struct alpn *ours = &t->handshake->alpn;
    int rc = SSL_select_next_proto(&found, size, ours->wire, (unsigned)ours->size, offered,
                                   offered_size);
    *chosen = found;
    return rc == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void bide__tls_choose_alpn(SSL_CTX *context)
{
    SSL_CTX_set_alpn_select_cb(context, choose_alpn, NULL);
}

static int set_alpn(struct tls_stream *t, const char *names)
{
    struct alpn *alpn = &t->handshake->alpn;
    *alpn = t->tls->alpn;
    int rc = names ? bide__alpn_read(alpn, names) : 0;
    if (rc < 0 || t->tls->server || !alpn->size)
        return rc;
    return SSL_set_alpn_protos(t->ssl, alpn->wire, (unsigned)alpn->size) == 0
        ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

/* ---- the stream ---- */

/* A server that speaks too old a version names it in its hello. */
static void note_hello(int ours, int version, int type, const void *data, size_t size, SSL *ssl,
                       void *handshake)
{
    const unsigned char *hello = data;
    (void)version, (void)ssl;
    if (!ours && type == SSL3_RT_HANDSHAKE && size > 5 && hello[0] == SSL3_MT_SERVER_HELLO)
        ((struct handshake *)handshake)->version = hello[4] << 8 | hello[5];
}

static int set_up(struct tls_stream *t, const struct bide_start_tls_opts *o)
{
    t->ssl = SSL_new(t->material->context);
    BIO *bio = t->ssl ? bide__tls_bio(t->tls->bio, t) : NULL;
    if (!bio)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    SSL_set_bio(t->ssl, bio, bio);
    SSL_set_app_data(t->ssl, t);
    SSL_set_msg_callback(t->ssl, note_hello);
    SSL_set_msg_callback_arg(t->ssl, t->handshake);
    int rc = set_alpn(t, o->alpn);
    if (t->tls->server)
        SSL_set_accept_state(t->ssl);
    else
        SSL_set_connect_state(t->ssl);
    if (rc < 0 || t->tls->server || !o->server_name)
        return rc;
    rc = set_name(t);
    return rc < 0 ? rc : set_session(t, o->session_key);
}

static int check_options(const struct tls_stream *t, const struct bide_start_tls_opts *o)
{
    if (isnan(o->timeout) || o->timeout < 0)
        return bide_fail(BIDE_EINVAL, "a timeout of %g s", o->timeout);
    if (!o->server_name && !t->tls->server && !t->tls->insecure)
        return bide_fail(BIDE_EINVAL, "whose certificate?  A server_name is needed to verify it");
    return 0;
}

/* NULL, the error held: then the settings are still the caller's. */
static struct tls_stream *make_stream(bide_stream *inner, bide_tls *tls,
                                      const struct bide_start_tls_opts *o,
                                      struct handshake *handshake)
{
    struct tls_stream *t = bide__zalloc(sizeof *t);
    if (!t) {
        bide_fail(BIDE_ENOMEM, "tls: out of memory");
        return NULL;
    }
    bide__stream_init(&t->stream, &bide__tls_ops);
    t->inner = inner;
    t->tls = tls;
    t->material = bide__tls_material(tls);
    t->handshake = handshake;
    int rc = check_options(t, o);
    if (rc == 0)
        t->name = o->server_name && !tls->server ? copy_name(o->server_name) : name_of_peer(t);
    if (rc == 0 && t->name && set_up(t, o) == 0)
        return t;
    bide_within("tls");
    t->tls = NULL;
    bide__tls_stream_free(t);
    return NULL;
}

/* ---- the handshake ---- */

/* Records of a handshake and alerts begin so (RFC 8446, 5.1). */
static bool looks_like_tls(const bide_stream *inner)
{
    unsigned char first = (unsigned char)inner->buffer[inner->begin];
    return first == SSL3_RT_HANDSHAKE || first == SSL3_RT_ALERT;
}

static int ended(const struct tls_stream *t, bool begun)
{
    const char *who = t->tls->server ? "client" : "server";
    return begun ? bide_fail(BIDE_EEOF, "the %s left in the middle of the handshake", who)
                 : bide_fail(BIDE_EEOF, "the %s left before the handshake", who);
}

/* waits: through the stream's operations */
static int hear(struct tls_stream *t, bool *begun)
{
    ssize_t n = bide__stream_fill(t->inner);
    if (n < 0)
        return (int)n;
    if (n == 0)
        return ended(t, *begun);
    if (!*begun && !looks_like_tls(t->inner))
        return bide_fail(BIDE_ETLS, "the %s does not speak TLS",
                         t->tls->server ? "client" : "server");
    *begun = true;
    return 0;
}

/* What a server says after the client's last word are tickets.  A client that speaks first, and
 * reads nothing before, must not keep it from listening: what finds no room goes with the next
 * write. */
BIDE_WAITS static int say_last(struct tls_stream *t)
{
    if (!t->tls->server || SSL_version(t->ssl) < TLS1_3_VERSION)
        return bide__tls_flush(t);
    bide__tls_flush_now(t);
    return 0;
}

BIDE_WAITS static int shake_hands(struct tls_stream *t)
{
    bool begun = t->inner->begin < t->inner->end;       /* somebody has looked at it */
    for (;;) {
        ERR_clear_error();
        int rc = SSL_do_handshake(t->ssl);
        if (rc != 1 && SSL_get_error(t->ssl, rc) != SSL_ERROR_WANT_READ)
            return bide__tls_give_up(t, ERR_peek_error());
        if (rc == 1)
            return say_last(t);
        rc = bide__tls_flush(t);
        if (rc < 0)
            return rc;
        rc = hear(t, &begun);
        if (rc < 0)
            return bide__tls_within(t, rc);
    }
}

static int check_pins(struct tls_stream *t)
{
    X509 *peer = SSL_get0_peer_certificate(t->ssl);
    char pin[PIN_TEXT] = "none";
    if (!t->tls->pin_count || (peer && bide__pins_fit(t->tls->pins, t->tls->pin_count, peer)))
        return 0;
    if (peer)
        bide__pin_write(pin, peer);
    bide_fail(BIDE_ETLS, "the certificate is not one of those pinned: its key is %s", pin);
    return bide__tls_within(t, BIDE_ETLS);
}

BIDE_WAITS static int shake_hands_in_time(struct tls_stream *t, double seconds)
{
    BIDE_TIMEOUT(limit, seconds);
    int rc = shake_hands(t);
    if (rc == 0)
        rc = check_pins(t);
    int judged = bide_scope_result(limit, rc);
    return judged != rc ? bide__tls_within(t, judged) : rc;
}

/* The inner stream is entered by us for good, or left as it was. */
BIDE_WAITS static int enter_inner(bide_stream *inner)
{
    int rc = bide__stream_enter(inner, STREAM_READING, "tls");
    if (rc < 0)
        return rc;
    rc = bide__stream_enter(inner, STREAM_WRITING, "tls");
    if (rc < 0)
        bide__stream_leave(inner, STREAM_READING, "tls", BIDE_ECANCELED);
    return rc;
}

static void leave_inner(bide_stream *inner)
{
    inner->flags &= (uint8_t)~STREAM_READING;
    bide__stream_leave(inner, STREAM_WRITING, "tls", 0);
}

BIDE_WAITS static bide_stream *start(bide_stream *inner, bide_tls *tls,
                                     const struct bide_start_tls_opts *o)
{
    struct handshake handshake = { .version = 0 };
    struct tls_stream *t = make_stream(inner, tls, o, &handshake);
    if (!t || enter_inner(inner) < 0) {
        if (t)
            bide__tls_stream_free(t);
        else
            bide_tls_free(tls);
        return NULL;
    }
    int rc = shake_hands_in_time(t, o->timeout == 0 ? BIDE_TLS_TIMEOUT : o->timeout);
    SSL_set_msg_callback(t->ssl, NULL);
    t->handshake = NULL;
    if (rc == 0)
        return &t->stream;
    bide__tls_stream_free(t);
    leave_inner(inner);
    return NULL;
}

bide_stream *bide_start_tls_opts(bide_stream *inner, const struct bide_start_tls_opts *o)
{
    if (!inner)
        return NULL;
    bide_tls *tls = o->tls ? bide__tls_ref(o->tls) : bide_tls_new();
    return tls ? start(inner, tls, o) : NULL;
}
