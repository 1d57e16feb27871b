/* Who we are, told to servers and proxies: Basic (RFC 7617), Bearer (RFC 6750), Digest (RFC 7616).
 *
 * A struct auth is what is known of one origin (or proxy) and one user: which scheme, and for
 * Digest the realm, nonce and count, so that later requests say it before they are asked.  The
 * way of a request: bide__auth_write() makes the header's value, if anything is known; after a
 * 401 (407), bide__auth_begin(), bide__auth_hear() for each challenge header, and
 * bide__auth_decide() says whether another try has a chance; after anything else,
 * bide__auth_worked().  It does not wait, so several tasks may share one. */
#ifndef BIDE_HTTP_AUTH_H
#define BIDE_HTTP_AUTH_H

#include "http/digest.h"
#include "http/write.h"

#include <bide/strings.h>

enum {
    AUTH_TEXT_MAX = 4096,       /* of realm, nonce or opaque; a challenge with more is refused */
    AUTH_TRIES_MAX = 3,         /* headers of ours that one request may have refused */
    AUTH_KEPT_MAX = 256,        /* origins remembered by a session; the oldest go */
};

enum auth_scheme { AUTH_NONE, AUTH_BASIC, AUTH_DIGEST, AUTH_BEARER };

/* The caller's texts.  A bearer token, or user and password. */
struct credentials {
    const char *user, *password;        /* password NULL: "" */
    const char *bearer;                 /* not NULL: user and password mean nothing */
    bool digest;                        /* the password is never sent: Basic is not answered */
};

struct auth_request {
    struct text method, target;         /* as in the request line */
    struct text body;
    bool body_known;                    /* body is all of it; else it comes from elsewhere */
};

/* What a digest challenge said; texts are in one piece of memory. */
struct auth_digest {
    char *memory;
    struct text realm, nonce, opaque;
    bool has_opaque, has_algorithm, session, userhash, utf8;
    bool auth, auth_int;                /* qop offered; neither: RFC 2069 */
    enum digest_hash hash;
    uint32_t count;                     /* requests made with this nonce */
    char cnonce[33];                    /* ours, drawn with the nonce */
};

struct auth {
    unsigned owners;
    enum auth_scheme scheme;            /* what is sent; Basic and Bearer may be set at once */
    bool proven;                        /* the server has taken it once */
    bool stale;                         /* of the best heard: only the nonce was too old */
    bool changed;                       /* its nonce is another than ours */
    enum auth_scheme heard;
    struct auth_digest digest, heard_digest;
};

/* Begins with nothing known, or with a scheme that needs no challenge. */
void bide__auth_start(struct auth *auth, enum auth_scheme scheme);
void bide__auth_end(struct auth *auth);

/* Checks what the program gave: 0; BIDE_EINVAL and *why, a static sentence (a colon in the user
 * for Basic, a control character, a token that is none). */
int bide__credentials_check(const struct credentials *c, enum auth_scheme scheme,
                            const char **why);

/* Appends the value of the (Proxy-)Authorization header and returns true; false: nothing is known
 * yet that could be said, and nothing was written.  What cannot be said makes the writer bad. */
bool bide__auth_write(struct auth *auth, const struct credentials *c,
                      const struct auth_request *request, struct writer *w);
/* After a 401 or 407: begins to listen. */
void bide__auth_begin(struct auth *auth);
/* One WWW-Authenticate or Proxy-Authenticate header.  What is malformed is passed over. */
void bide__auth_hear(struct auth *auth, const struct credentials *c, struct text value);
/* Takes the strongest scheme heard (Digest before Basic, among its hashes SHA-512-256, SHA-256,
 * MD5).  True: asking again may go well.  refused: how many headers of ours this request has had
 * refused; the same thing is not said twice, but for a nonce that has become stale, or may have
 * since these credentials worked. */
bool bide__auth_decide(struct auth *auth, unsigned refused);
/* The server did not ask again. */
void bide__auth_worked(struct auth *auth);
/* An Authentication-Info or Proxy-Authentication-Info header: takes the next nonce from it.  Its
 * rspauth is not checked: over http, who can write it can write the response as well. */
void bide__auth_info(struct auth *auth, struct text value);

/* What a session remembers, by origin and user.  All zero is an empty one. */
struct auth_cache {
    bide_strmap *all;
};

/* The entry of that key ("https://example.org:443", or a proxy's), user and kind of credentials,
 * made with this scheme if there is none; the caller owns a share of it until bide__auth_unref().
 * NULL: BIDE_ENOMEM. */
struct auth *bide__auth_get(struct auth_cache *cache, const char *key,
                            const struct credentials *c, enum auth_scheme scheme);
void bide__auth_unref(struct auth *auth);
void bide__auth_cache_end(struct auth_cache *cache);

#endif
