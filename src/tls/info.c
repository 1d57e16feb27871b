/* What a handshake has agreed on. */
#include "tls/stream.h"

#include "base/memory.h"

#include <openssl/err.h>
#include <string.h>
#include <time.h>

enum { SUBJECT_MAX = 512 };
struct facts {
    char subject[SUBJECT_MAX], issuer[SUBJECT_MAX], fingerprint[DIGEST_HEX], pin[PIN_TEXT];
    char alpn[256];
};

static const char *version_of(const SSL *ssl)
{
    switch (SSL_version(ssl)) {
    case TLS1_VERSION: return "TLS 1.0";
    case TLS1_1_VERSION: return "TLS 1.1";
    case TLS1_2_VERSION: return "TLS 1.2";
    case TLS1_3_VERSION: return "TLS 1.3";
    default: return SSL_get_version(ssl);
    }
}

/* As RFC 4514 writes names, cut at the end. */
static void write_name(char to[SUBJECT_MAX], const X509_NAME *name)
{
    BIO *text = BIO_new(BIO_s_mem());
    int size = 0;
    if (text && X509_NAME_print_ex(text, name, 0, XN_FLAG_RFC2253) >= 0)
        size = BIO_read(text, to, SUBJECT_MAX - 1);
    to[size > 0 ? size : 0] = '\0';
    BIO_free(text);
}

static void write_facts(struct facts *facts, const SSL *ssl, X509 *peer)
{
    const unsigned char *alpn;
    unsigned size;
    SSL_get0_alpn_selected(ssl, &alpn, &size);
    if (size)
        memcpy(facts->alpn, alpn, size < sizeof facts->alpn ? size : sizeof facts->alpn - 1);
    if (!peer)
        return;
    write_name(facts->subject, X509_get_subject_name(peer));
    write_name(facts->issuer, X509_get_issuer_name(peer));
    bide__fingerprint_write(facts->fingerprint, peer);
    bide__pin_write(facts->pin, peer);
}

static int64_t expiry_of(X509 *peer)
{
    struct tm day;
    return peer && ASN1_TIME_to_tm(X509_get0_notAfter(peer), &day) == 1 ? timegm(&day) : 0;
}

/* Made once, so that what was handed out stays. */
static struct facts *facts_of(struct tls_stream *t, X509 *peer)
{
    if (!t->facts && (t->facts = bide__zalloc(sizeof *t->facts))) {
        write_facts(t->facts, t->ssl, peer);
        ERR_clear_error();
    }
    return t->facts;
}

int bide_tls_info(bide_stream *s, struct bide_tls_info *info)
{
    *info = (struct bide_tls_info){ .version = "" };
    if (!s)
        return bide_errcode();
    if (s->ops != &bide__tls_ops)
        return bide_fail(BIDE_EINVAL, "tls info: not a TLS stream");
    struct tls_stream *t = (struct tls_stream *)(void *)s;
    X509 *peer = SSL_get0_peer_certificate(t->ssl);
    struct facts *facts = facts_of(t, peer);
    const char *name = SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name);
    if (!facts)
        return bide_fail(BIDE_ENOMEM, "tls info: out of memory");
    *info = (struct bide_tls_info){
        .version = version_of(t->ssl),
        .cipher = SSL_get_cipher_name(t->ssl),
        .alpn = facts->alpn,
        .server_name = name ? name : "",
        .resumed = SSL_session_reused(t->ssl) == 1,
        .verified = peer && SSL_get_verify_mode(t->ssl) & SSL_VERIFY_PEER &&
                    SSL_get_verify_result(t->ssl) == X509_V_OK,
        .subject = facts->subject,
        .issuer = facts->issuer,
        .expires = expiry_of(peer),
        .fingerprint = facts->fingerprint,
        .pin = facts->pin,
    };
    return 0;
}
