/* bide/tls.h -- TLS over any stream: ssl.SSLContext and asyncio's start_tls().
 *
 *     bide_auto(stream) s = bide_connect("example.org:443");
 *     bide_stream *secure = bide_start_tls(s, .server_name = "example.org");
 *     if (!secure)
 *         return bide_errcode();      // "tls: example.org: the certificate has expired on ..."
 *     bide_ignore(bide_steal(s));     // `secure` owns it now
 *
 * A TLS stream is a stream like any other.  What it is made over may be anything that carries
 * bytes: a socket, a memory pair, another TLS stream.  The peer is verified unless that is turned
 * off by the one option called `insecure`: chain, dates, use, key strength, name; the refusal says
 * which of them failed for which name.  The names of a certificate are those of its
 * subjectAltName (RFC 6125); a common name is not looked at.  TLS 1.2 and 1.3 (RFC 5246, 8446);
 * renegotiation is refused.
 *
 * An end of the connection without TLS's close_notify is a failure (BIDE_EEOF), never a plain
 * end: somebody on the way may have cut the data short. */
#ifndef BIDE_TLS_H
#define BIDE_TLS_H
#include <bide/stream.h>
BIDE_BEGIN_

/* Settings that many connections share. */
typedef struct bide_tls bide_tls;
/* How many sessions are kept for resumption, unless set otherwise. */
#define BIDE_TLS_SESSIONS 1024
/* Seconds that a handshake may take, unless set otherwise. */
#define BIDE_TLS_TIMEOUT 30.0
/* Options of bide_tls_new(); 0 is the default of each.  Files are PEM. */
struct bide_tls_opts {
    size_t abi_;
    bool server;                /* the settings of the side that accepts; needs cert_file */
    bool insecure;              /* no verification at all: whoever answers is believed */
    const char *ca_file;        /* authorities to trust, instead of the system's */
    const char *ca_dir;         /* the same, a folder of files named by hash (openssl rehash) */
    const char *ca_pem;         /* the same, as text.  The three add up.  For a server: clients
                                   must show a certificate signed by one of these */
    bool client_optional;       /* for such a server: or none */
    const char *cert_file;      /* our certificate, and those between it and its authority */
    const char *key_file;       /* its key; default: in cert_file */
    const char *key_password;   /* of the key, if it is encrypted */
    const char *crl_file;       /* revocation lists.  The peer's certificate must be covered by
                                   one; those above it are looked up where there is one */
    const char *const *pins;    /* ended by NULL; one must fit: "sha256/BASE64" of the public key
                                   (RFC 7469, curl), or the SHA-256 of the certificate in hex,
                                   with or without colons (aiohttp.Fingerprint).  In addition
                                   to verification, and also with `insecure` */
    const char *min_version;    /* "1.2" (default), "1.3"; "1.0" and "1.1" are broken, and allow
                                   weak keys and digests as well */
    const char *ciphers;        /* of TLS 1.2, as in openssl-ciphers(1) */
    const char *alpn;           /* protocols offered, best first: "h2,http/1.1"; default none */
    size_t session_max;         /* sessions kept for resumption; default BIDE_TLS_SESSIONS */
    bool no_resumption;         /* keeps none */
};
/* Reads the files (blocking, for some milliseconds if there are many authorities) and holds the
 * settings; may be called outside of loops, and used by the loops of any threads at once.  NULL:
 * BIDE_EINVAL (an option), -ENOENT or the like (a file), BIDE_ETLS (what is in it; or bide was
 * built without TLS), BIDE_ENOMEM.  Counterpart: ssl.create_default_context(). */
#define bide_tls_new(...) bide_tls_new_opts(BIDE_OPTS_(bide_tls_opts, __VA_ARGS__))
bide_tls *bide_tls_new_opts(const struct bide_tls_opts *opts);
/* One more certificate for a server, with those above it, and its key (NULL: in cert_file; the
 * settings' key_password opens it).  A client that asks for a name of its subjectAltName gets this
 * one: "example.org", or "*.example.org" for any one label before; a whole name goes before a
 * wildcard.  Of several for one name the client's abilities decide between kinds of keys (ECDSA,
 * RSA), then the first.  Who asks for no name, or for one that none of them has, gets the first
 * one of all, that of bide_tls_new().  All have the settings' authorities for clients in common.
 * At any time and by any thread, blocking while the files are read; connections that begin after
 * it may get it.  0, or, and nothing has changed: BIDE_EINVAL (a client's settings; it names no
 * host), -ENOENT or the like, BIDE_ETLS (what is in the files), BIDE_ENOMEM.  Counterpart:
 * ssl.SSLContext.load_cert_chain() on several contexts, and sni_callback. */
int bide_tls_add_certificate(bide_tls *tls, const char *cert_file, const char *key_file);
/* Reads again all files that the settings were made of, those of certificates that were added
 * too; relative paths are looked up anew.  Handshakes that begin after it use what was read,
 * running connections keep what they have.  A server's sessions can still be resumed, unless it
 * asks for clients' certificates, for one may have been revoked; a client forgets its sessions.
 * At any time and by any thread, blocking as bide_tls_new() does (bide_to_thread() spares the
 * loop that).  0, or as there, with the file's name in the sentence, and what was in use stays
 * in use.  Counterpart: nginx -s reload; an ssl.SSLContext cannot. */
int bide_tls_reload(bide_tls *tls);
/* Frees the settings when the last stream that uses them is closed.  NULL: nothing. */
void bide_tls_free(bide_tls *tls);
BIDE_AUTO_(tls, bide_tls_free)

/* Options of bide_start_tls(); 0 is the default of each. */
struct bide_start_tls_opts {
    size_t abi_;
    bide_tls *tls;              /* default: a client's, made for this call alone */
    const char *server_name;    /* the name to ask for (SNI) and to verify, "example.org", without
                                   port; or an address, "192.0.2.1", "2001:db8::1", which is
                                   verified only.  A client needs it, unless `insecure` */
    const char *alpn;           /* instead of the settings' */
    double timeout;             /* seconds for the handshake; default BIDE_TLS_TIMEOUT;
                                   BIDE_FOREVER: none.  Negative or NaN: BIDE_EINVAL */
    const char *session_key;    /* whose sessions may be resumed, as in "example.org:443"; within
                                   the settings, and only for the same server_name.  Default: the
                                   name alone */
};
/* bide_start_tls(stream, .server_name = "example.org"): does the handshake over it and returns a
 * stream that owns `inner`, which nobody else may use from now on (but bide_serve() still closes
 * its own).  NULL on a NULL stream, or: BIDE_ETLS (refused, by us or the peer: "tls: example.org:
 * ..."), BIDE_EEOF (the peer left in the middle), BIDE_ETIMEDOUT, BIDE_EINVAL, BIDE_ENOMEM,
 * BIDE_EBUSY (somebody is in `inner`), and the failures of `inner`.  Then `inner` is still yours,
 * to be closed, and good for nothing else.  Counterpart: loop.start_tls(). */
#define bide_start_tls(inner, ...) \
    bide_start_tls_opts(inner, BIDE_OPTS_(bide_start_tls_opts, __VA_ARGS__))
BIDE_WAITS bide_stream *bide_start_tls_opts(bide_stream *inner,
                                            const struct bide_start_tls_opts *opts);

/* What a handshake has agreed on.  Texts are the stream's, never NULL. */
struct bide_tls_info {
    const char *version;        /* "TLS 1.3" */
    const char *cipher;         /* "TLS_AES_256_GCM_SHA384" */
    const char *alpn;           /* the protocol chosen; "": none */
    const char *server_name;    /* the name asked for; "": none */
    bool resumed;               /* by an earlier session, without certificates */
    bool verified;              /* the peer showed a certificate, and it was verified */
    const char *subject;        /* of the peer's certificate, "CN=example.org"; "": it has none */
    const char *issuer;
    int64_t expires;            /* seconds since 1970; 0: no certificate */
    const char *fingerprint;    /* SHA-256 of the certificate, in lower-case hex */
    const char *pin;            /* "sha256/BASE64" of its public key */
};
/* Fills in *info: 0.  BIDE_EINVAL: not a TLS stream; BIDE_ENOMEM.  Counterpart:
 * transport.get_extra_info("ssl_object"). */
int bide_tls_info(bide_stream *s, struct bide_tls_info *info);

BIDE_END_
#endif
