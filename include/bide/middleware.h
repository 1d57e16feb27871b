/* bide/middleware.h -- ready middlewares: who may read answers, how often, who asks, what a browser
 * must not do.
 *
 *     bide_use_secure_headers(app);
 *     bide_use_csrf(app);
 *     bide_use_rate_limit(app, 10, .burst = 100);
 *     bide_use_session(app, BIDE_KEYS(getenv("SESSION_KEY")));
 *
 * Each call makes one and adds it to the application, as bide_use_with() would: the first is the
 * outermost.  They return 0, or < 0 and nothing was added: BIDE_EINVAL (an option), BIDE_ENOMEM,
 * BIDE_EBUSY (the application runs).  Options are copied, unless it is said otherwise.  What they
 * say in headers is said in error pages too; a handler changes a header for its own answer by
 * bide_respond_header_set(). */
#ifndef BIDE_MIDDLEWARE_H
#define BIDE_MIDDLEWARE_H
#include <bide/app.h>
#include <bide/cookies.h>
#include <bide/json.h>
BIDE_BEGIN_

/* ---- who may read answers: CORS ---- */

/* Options of bide_use_cors(); 0 is the default of each. */
struct bide_cors_opts {
    size_t abi_;
    const char *origins;        /* hidden: the last plain argument */
    bool credentials;           /* with cookies and logins; not with "*" */
    const char *methods;        /* besides GET, HEAD and POST: "PUT, DELETE", or "*" for all;
                                   default none */
    const char *headers;        /* of requests, besides those that are always allowed:
                                   "Content-Type, X-Token", or "*"; default none */
    const char *expose;         /* headers of answers that scripts may read; default those that
                                   they always may */
    double max_age;             /* seconds for which a browser remembers what it has asked, a day
                                   at most; default 600; < 0: it is told to ask each time */
};
/* Lets pages of other origins read answers (Fetch standard, CORS protocol):
 * bide_use_cors(app, "https://app.example.org, https://other.example:8443").  origins is a list
 * with commas: scheme, host and, if it is not the scheme's own, port; "*." before the host stands
 * for one or more names; "*" is everybody, "null" what has no origin (a file, a sandbox).  What a
 * browser asks beforehand (OPTIONS with Access-Control-Request-Method) is answered here, with 204
 * or, where it is not allowed, 403.  A request from elsewhere runs all the same, without leave to
 * read the answer: see bide_use_csrf().  Counterpart: aiohttp_cors.setup(). */
#define bide_use_cors(app, ...) \
    bide_use_cors_opts(app, BIDE_OPTS_(bide_cors_opts, .origins = __VA_ARGS__))
int bide_use_cors_opts(bide_app *app, const struct bide_cors_opts *opts);

/* ---- what other pages must not do: CSRF ---- */

/* Options of bide_use_csrf(); 0 is the default of each. */
struct bide_csrf_opts {
    size_t abi_;
    const char *origins;        /* who may all the same: as of bide_use_cors(), without "*" */
};
/* Refuses, with 403, what a page of another origin makes a browser send and what is not GET, HEAD
 * or OPTIONS, by what the browser says of it: Sec-Fetch-Site, else Origin, which must be the
 * request's own host.  Requests that have neither come from no browser, and pass.  So there are no
 * tokens in forms.  Handlers of GET must change nothing. */
#define bide_use_csrf(app, ...) bide_use_csrf_opts(app, BIDE_OPTS_(bide_csrf_opts, __VA_ARGS__))
int bide_use_csrf_opts(bide_app *app, const struct bide_csrf_opts *opts);

/* ---- how often ---- */

/* Options of bide_use_rate_limit(); 0 is the default of each. */
struct bide_rate_limit_opts {
    size_t abi_;
    double per_second;          /* hidden: the last plain argument */
    unsigned burst;             /* requests at once; default one second's, at least 1 */
    unsigned clients_max;       /* clients remembered; default 10000 of 40 bytes, at most 2^24;
                                   then those that were silent for longest are forgotten */
    /* Who a request counts for; must not wait.  NULL from it: it does not count.  Default: the
     * client's address, of IPv6 its /64. */
    const char *(*key)(bide_request *req);
    const char *name;           /* of the policy, in headers, 64 letters at most; default
                                   "default" */
};
/* Allows each client `burst` requests at once, and as many again as come back at `per_second`
 * (a token bucket): bide_use_rate_limit(app, 5, .burst = 20).  More are answered with 429 and
 * Retry-After.  Answers tell what is left in RateLimit and RateLimit-Policy (IETF draft
 * httpapi-ratelimit-headers-10).  All workers count together. */
#define bide_use_rate_limit(app, ...) \
    bide_use_rate_limit_opts(app, BIDE_OPTS_(bide_rate_limit_opts, .per_second = __VA_ARGS__))
int bide_use_rate_limit_opts(bide_app *app, const struct bide_rate_limit_opts *opts);

/* ---- what browsers must not do ---- */

/* Options of bide_use_secure_headers(): values of headers; NULL is the default of each, "" leaves
 * it out. */
struct bide_secure_headers_opts {
    size_t abi_;
    const char *content_security_policy;        /* default "default-src 'self'; base-uri 'self';
                                   form-action 'self'; frame-ancestors 'self'; object-src 'none'" */
    const char *strict_transport_security;      /* over https only; default "max-age=31536000" */
    const char *referrer_policy;        /* default "strict-origin-when-cross-origin" */
    const char *frame_options;          /* X-Frame-Options; default "SAMEORIGIN" */
    const char *content_type_options;   /* default "nosniff" */
    const char *opener_policy;          /* Cross-Origin-Opener-Policy; default "same-origin" */
    const char *resource_policy;        /* Cross-Origin-Resource-Policy; default "same-origin" */
    const char *permissions_policy;     /* default none */
};
/* Adds the headers that keep browsers from doing what most applications never want:
 * bide_use_secure_headers(app), bide_use_secure_headers(app, .frame_options = ""). */
#define bide_use_secure_headers(app, ...) \
    bide_use_secure_headers_opts(app, BIDE_OPTS_(bide_secure_headers_opts, __VA_ARGS__))
int bide_use_secure_headers_opts(bide_app *app, const struct bide_secure_headers_opts *opts);

/* ---- who asks ---- */

/* Is this the user's password?  1; 0; < 0, with the error held: nobody knows.  May wait. */
typedef int bide_password_check(bide_request *req, const char *user, const char *password,
                                void *arg);
/* Options of bide_use_basic_auth(); one of check, users and file. */
struct bide_basic_auth_opts {
    size_t abi_;
    const char *realm;          /* hidden: the last plain argument; shown to the user */
    bide_password_check *check;
    void *arg;                  /* for check */
    const struct bide_pair *users;      /* names and passwords, ended by {NULL, NULL} */
    const char *file;           /* path of an htpasswd file, at most 1 MiB; copied */
    unsigned threads;           /* with a file: that hash passwords at once; default 2, most 64 */
};
/* Asks for user and password (RFC 7617) and answers 401 to who has no right ones:
 * bide_use_basic_auth(app, "the archive", .check = look_up).  They are sent in the clear unless the
 * connection is https.
 * An htpasswd file ("user:hash" a line, htpasswd -B) is read at once, blocking, and again when it
 * has changed, which requests look for once a second; if it is wrong or gone by then, that is
 * logged and its users stay.  Hashes: bcrypt, SHA-256, SHA-512 and yescrypt of crypt(5); others are
 * refused.  They are made on threads of its own, and who is not in the file waits as long as who
 * is; some 256 passwords that have fitted are known again without.  Users have at most 255 bytes,
 * passwords 511.  It fails too with BIDE_EINVAL that names the line, BIDE_ELIMIT, -ENOENT, ..., or
 * -ENOSYS: bide was built without libcrypt.  Counterpart: none in aiohttp (BasicAuth.decode()). */
#define bide_use_basic_auth(app, ...) \
    bide_use_basic_auth_opts(app, BIDE_OPTS_(bide_basic_auth_opts, .realm = __VA_ARGS__))
int bide_use_basic_auth_opts(bide_app *app, const struct bide_basic_auth_opts *opts);
/* Who has shown a right password; NULL: nobody was asked. */
const char *bide_request_user(const bide_request *req);
/* Are two secrets the same?  Takes as long whatever is in them, for texts of one length.  NULL is
 * the same as nothing. */
bool bide_secret_is(const char *given, const char *secret);

/* ---- what is remembered of a client ---- */

/* Options of bide_use_session(); 0 is the default of each. */
struct bide_session_cookie_opts {
    size_t abi_;
    const char *const *keys;    /* hidden: the last plain argument */
    const char *name;           /* the cookie's; default "session".  Over https it is sent as
                                   "__Host-session", which no other host can set */
    double max_age;             /* seconds for which it is good, 400 days at most; default 14 days.
                                   Counted anew by a request that looks at it when half of it is
                                   over */
    bool browser;               /* the browser forgets it when it ends */
    enum bide_same_site same_site;      /* default Lax */
};
/* A list of keys, for bide_use_session(). */
#define BIDE_KEYS(...) (const char *const[]){ __VA_ARGS__, NULL }
/* Keeps a JSON object for each client in a cookie, signed so that nobody can make one up or change
 * it (HMAC-SHA256), but readable by its owner: bide_use_session(app, BIDE_KEYS(new_key, old_key)).
 * Keys are texts of 32 bytes and more, at most 16 of them; the first signs, all are believed: to
 * change keys, put the new one in front, and take the old one out when max_age has passed.  What
 * cannot be believed or is too old is no session.  -ENOSYS: bide was built without OpenSSL.
 * Counterpart: aiohttp_session.setup(app, EncryptedCookieStorage(key)). */
#define bide_use_session(app, ...) \
    bide_use_session_opts(app, BIDE_OPTS_(bide_session_cookie_opts, .keys = __VA_ARGS__))
int bide_use_session_opts(bide_app *app, const struct bide_session_cookie_opts *opts);
/* The client's session, to be read and changed (bide_json_set(); BIDE_NULL takes out); empty for a
 * new client.  What has changed is sent when the handler has returned well.  It is the request's.
 * NULL: BIDE_ENOMEM, BIDE_EINVAL (there is no bide_use_session()).  Counterpart: get_session(). */
bide_json *bide_request_session(bide_request *req);
/* Forgets it: a new, empty one is returned, and the client's cookie is deleted unless something is
 * set in it.  At log-in too, so that nobody goes on with what was there before.  NULL as above.
 * Counterpart: session.invalidate(), new_session(). */
bide_json *bide_request_session_new(bide_request *req);
/* Sends what has changed so far: before an answer that is written piece by piece, whose changes are
 * lost otherwise.  0; BIDE_ELIMIT: the cookie would have more than 4096 bytes, which no browser
 * keeps; BIDE_EINVAL: there is no bide_use_session(), or the answer has begun; BIDE_ENOMEM. */
int bide_request_session_save(bide_request *req);

BIDE_END_
#endif
