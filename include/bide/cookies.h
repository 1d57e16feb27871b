/* bide/cookies.h -- a jar of cookies, as browsers keep one (RFC 6265bis).
 *
 *     bide_auto(cookies) jar = bide_cookies_new();
 *     if (bide_cookies_load(jar, "cookies.txt") < 0 && bide_errcode() != -ENOENT)
 *         ...
 *     bide_auto(session) s = bide_session_open(.cookies = jar);
 *     ...
 *     bide_ignore(bide_cookies_save(jar, "cookies.txt"));
 *
 * A session puts into its jar what servers set, and sends to each URL what is meant for it. Several
 * sessions of a loop may share a jar.  It can be filled, looked into and kept in a file as well.
 *
 * What browsers refuse is refused: a Domain that is not the host's own, public suffixes ("com",
 * "co.uk", "github.io"; known by libpsl, and without it only names of one label), Secure cookies
 * over http, broken promises of the names __Host- and __Secure-, control characters, more than
 * 4096 bytes of name and value.  A cookie lives 400 days at most.  Names with a tab are refused
 * too.  Addresses as hosts have cookies of their own, never shared.  This very machine
 * (localhost, 127.0.0.0/8, [::1]) counts as secure, so Secure cookies are kept there over
 * http.  SameSite is kept and shown, but holds nothing back: no request of a client is
 * cross-site.  Partitioned means nothing here. */
#ifndef BIDE_COOKIES_H
#define BIDE_COOKIES_H
#include <bide/base.h>
BIDE_BEGIN_

typedef struct bide_cookies bide_cookies;

/* The SameSite of a cookie. */
enum bide_same_site {
    BIDE_SAME_SITE_UNSET, BIDE_SAME_SITE_NONE, BIDE_SAME_SITE_LAX, BIDE_SAME_SITE_STRICT
};

/* A cookie that is looked at.  The texts are the jar's, valid until it changes: by a response
 * that sets cookies, or by one of the calls below. */
typedef struct bide_cookie {
    const char *name, *value;
    const char *domain;         /* in lower case, without a dot in front */
    const char *path;
    int64_t expires;            /* seconds since 1970; 0: it goes with the session */
    bool host_only;             /* not for names below the domain */
    bool secure, http_only;
    enum bide_same_site same_site;
} bide_cookie;

/* Options of bide_cookies_new(). */
struct bide_cookies_opts {
    size_t abi_;
    size_t count_max;           /* cookies in all; default 3000 */
    size_t domain_max;          /* cookies of one domain; default 50.  Beyond either, expired ones
                                   go first, then those not used for longest (in a domain, those
                                   that are not Secure before others) */
};
/* An empty jar.  NULL: BIDE_ENOMEM.  Counterpart: aiohttp.CookieJar. */
#define bide_cookies_new(...) \
    bide_cookies_new_opts(BIDE_OPTS_(bide_cookies_opts, __VA_ARGS__))
bide_cookies *bide_cookies_new_opts(const struct bide_cookies_opts *opts);

/* Adds what the file of that path holds, in the format of curl, wget and Netscape (cookies.txt):
 * how many there are of it.  Lines are domain, whether for names below, path, Secure, expiry
 * in seconds since 1970 (0: with the session), name and value, with tabs between; "#HttpOnly_"
 * may stand before a domain; other lines that begin with # and empty ones are passed over.  What
 * has expired or would be refused is left out.  BIDE_EINVAL: a line that is none (the sentence
 * names it and says why), and nothing was added; -ENOENT, BIDE_ELIMIT (over 64 MiB), ...
 * Counterpart: CookieJar.load(). */
BIDE_WAITS int bide_cookies_load(bide_cookies *jar, const char *path);
/* Writes all that has not expired to a file of that format, at once or not at all, readable by its
 * owner alone (0600): how many.  SameSite has no place in it.  Counterpart: CookieJar.save(). */
BIDE_WAITS int bide_cookies_save(bide_cookies *jar, const char *path);

/* Does as if a response from url had set it: bide_cookies_set(jar, "https://example.org/",
 * "token=1234; Path=/; Secure").  1: it is there now; 0: it has expired, and took away what it
 * replaces.  BIDE_EINVAL: refused, the sentence says why; BIDE_EURL, BIDE_ENOMEM.
 * Counterpart: CookieJar.update_cookies(). */
int bide_cookies_set(bide_cookies *jar, const char *url, const char *set_cookie);
/* The value of the first cookie of that name that a request to url would send, valid as those of a
 * bide_cookie; NULL: there is none, or (the call failed) BIDE_EURL. */
const char *bide_cookies_get(bide_cookies *jar, const char *url, const char *name);
/* Writes what a request to url would send, "a=b; c=d" and a NUL, into out, of size bytes: its
 * length; 0: nothing.  BIDE_EURL; BIDE_ELIMIT: it does not fit, and out is "".
 * Counterpart: CookieJar.filter_cookies(). */
ssize_t bide_cookies_for(bide_cookies *jar, const char *url, char *out, size_t size);
/* The next one, in the order in which they came; false: there are no more.  *at is 0 before the
 * first.  The jar may change meanwhile: what was removed is not met, what was added is met at the
 * end.  Counterpart: for cookie in jar. */
bool bide_cookies_next(bide_cookies *jar, uint64_t *at, bide_cookie *cookie);
/* How many there are that have not expired. */
size_t bide_cookies_count(bide_cookies *jar);
/* How many that servers wanted to set were refused so far. */
size_t bide_cookies_refused(const bide_cookies *jar);
/* Removes all.  Counterpart: CookieJar.clear(). */
void bide_cookies_clear(bide_cookies *jar);
/* Removes those of a domain and of names below it: how many.
 * Counterpart: CookieJar.clear_domain(). */
size_t bide_cookies_clear_domain(bide_cookies *jar, const char *domain);
/* Removes those of which fn(arg, cookie) says true: how many.  fn must leave the jar alone and not
 * wait.  Counterpart: CookieJar.clear(predicate). */
size_t bide_cookies_remove(bide_cookies *jar, bool (*fn)(void *arg, const bide_cookie *cookie),
                           void *arg);
/* By its owner; it is gone when the last session that uses it has closed. */
void bide_cookies_free(bide_cookies *jar);
BIDE_AUTO_(cookies, bide_cookies_free)

BIDE_END_
#endif
