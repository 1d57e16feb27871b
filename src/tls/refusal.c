/* OpenSSL's failures in words: what a peer's alert or a broken record means for who reads it. */
#include "tls/refusal.h"

#include "tls/stream.h"

#include <bide/error.h>
#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/sslerr.h>
#include <string.h>

/* Alerts come as reasons with this added (SSL_AD_REASON_OFFSET). */
enum { ALERTS = SSL_AD_REASON_OFFSET };

static const struct { int reason; const char *of_server, *of_client; } known[] = {
    { SSL_R_WRONG_VERSION_NUMBER, "the server does not speak TLS",
      "the client does not speak TLS" },
    { SSL_R_HTTP_REQUEST, NULL, "the client speaks plain HTTP" },
    { SSL_R_HTTPS_PROXY_REQUEST, NULL, "the client speaks plain HTTP" },
    { SSL_R_UNSUPPORTED_PROTOCOL, "the server speaks an older TLS than is allowed here",
      "the client speaks no TLS that is allowed here" },
    { SSL_R_NO_SHARED_CIPHER, NULL, "no cipher in common with the client" },
    { SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, NULL, "the client shows no certificate" },
    { SSL_R_DH_KEY_TOO_SMALL, "the server's Diffie-Hellman key is too weak", NULL },
    { SSL_R_EE_KEY_TOO_SMALL, "the certificate's key is too weak", NULL },
    { SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "a record was damaged on its way",
      "a record was damaged on its way" },
    { ALERTS + 20, "the server says that a record was damaged on its way",
      "the client says that a record was damaged on its way" },
    { ALERTS + 40, "the server refuses the handshake: nothing in common (version, cipher, "
      "certificate), or a client certificate missing", "the client refuses the handshake" },
    { ALERTS + 42, "the server refuses our certificate",
      "the client refuses our certificate" },
    { ALERTS + 44, "the server says that our certificate was revoked",
      "the client says that our certificate was revoked" },
    { ALERTS + 45, "the server says that our certificate has expired",
      "the client says that our certificate has expired" },
    { ALERTS + 46, "the server refuses our certificate",
      "the client refuses our certificate" },
    { ALERTS + 48, "the server does not know the authority of our certificate",
      "the client does not know the authority of our certificate" },
    { ALERTS + 49, "the server denies access", "the client denies access" },
    { ALERTS + 70, "the server speaks only versions of TLS that are older than allowed here",
      "the client speaks no TLS that is allowed here" },
    { ALERTS + 71, "the server wants stronger cryptography", NULL },
    { ALERTS + 80, "the server has an internal error", "the client has an internal error" },
    { ALERTS + 112, "the server knows no host of that name", NULL },
    { ALERTS + 116, "the server wants a client certificate", NULL },
    { ALERTS + 120, "the server speaks none of the protocols offered (ALPN)", NULL },
    { SSL_R_NO_APPLICATION_PROTOCOL, NULL, "the client offers none of our protocols (ALPN)" },
};

/* The bare words of OpenSSL's first error. */
static const char *reason_of(unsigned long error)
{
    const char *reason = ERR_reason_error_string(error);
    return ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
        : reason ? reason : "for a reason that OpenSSL does not tell";
}

static bool is_of_memory(unsigned long error)
{
    return ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
}

int bide__tls_refused(int code, const char *about)
{
    unsigned long error = ERR_peek_error();
    if (is_of_memory(error))
        return bide_fail(BIDE_ENOMEM, "%s: out of memory", about);
    return bide_fail(code, "%s: %s", about, reason_of(error));
}

/* OpenSSL says "no start line" and, of keys, "unsupported". */
static bool is_of_another_kind(unsigned long error)
{
    int reason = ERR_GET_REASON(error);
    return (ERR_GET_LIB(error) == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE) ||
           (ERR_GET_LIB(error) == ERR_LIB_OSSL_DECODER && reason == ERR_R_UNSUPPORTED);
}

int bide__tls_file_refused(const char *what, const char *path)
{
    unsigned long error = ERR_peek_error();
    int code = ERR_SYSTEM_ERROR(error) ? -ERR_GET_REASON(error) : BIDE_ETLS;
    if (is_of_another_kind(error))
        bide_fail(code, "%s: there is none in it", path);
    else
        bide__tls_refused(code, path);
    return bide_within("%s", what);
}

/* A server's hello that named a version below ours. */
static const char *old_version(const struct tls_stream *t)
{
    int version = t->handshake ? t->handshake->version : 0;
    switch (version) {
    case SSL3_VERSION: return "the server speaks only SSL 3";
    case TLS1_VERSION: return "the server speaks only TLS 1.0";
    case TLS1_1_VERSION: return "the server speaks only TLS 1.1";
    case TLS1_2_VERSION: return "the server speaks only TLS 1.2";
    default: return NULL;
    }
}

static const char *words_for(const struct tls_stream *t, int reason)
{
    if (reason == SSL_R_UNSUPPORTED_PROTOCOL && !t->tls->server && old_version(t))
        return old_version(t);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].reason == reason)
            return t->tls->server ? known[i].of_client : known[i].of_server;
    return NULL;
}

int bide__tls_failed(const struct tls_stream *t, unsigned long error)
{
    if (t->no_memory || is_of_memory(error))
        return bide_fail(BIDE_ENOMEM, "out of memory");
    if (t->handshake && *t->handshake->why)
        return bide_fail(BIDE_ETLS, "%s", t->handshake->why);
    const char *words = ERR_GET_LIB(error) == ERR_LIB_SSL
        ? words_for(t, ERR_GET_REASON(error)) : NULL;
    return bide_fail(BIDE_ETLS, "%s", words ? words : error ? reason_of(error)
                                           : "the connection has failed before");
}
