/* The jar from inside: what the client asks of it, and how it is built.
 *
 * Cookies lie in one list per domain (a map finds it), sorted as they are sent; a request looks at
 * the lists of its host and of each domain above it, so thousands of hosts cost nothing.  Two more
 * lists hold all cookies: as they came, and as they were last used, for eviction. */
#ifndef BIDE_HTTP_COOKIES_H
#define BIDE_HTTP_COOKIES_H

#include "http/set_cookie.h"
#include "http/url.h"
#include "http/write.h"

#include <bide/cookies.h>
#include <bide/strings.h>

enum { COOKIES_MAX = 3000, COOKIES_DOMAIN_MAX = 50 };      /* the defaults of the limits */

/* A further owner of the jar; NULL stays NULL.  Ended by bide__cookies_unref(). */
struct bide_cookies *bide__cookies_ref(struct bide_cookies *jar);
void bide__cookies_unref(struct bide_cookies *jar);
/* Takes in one Set-Cookie header of a response from this URL.  What is not allowed is left out and
 * counted; the held error stays as it is.  jar NULL: nothing. */
void bide__cookies_learn(struct bide_cookies *jar, const struct url *url, struct text set_cookie);
/* Appends "a=b; c=d", the cookies for a request to this URL, and returns true; false: there are
 * none (or jar is NULL), and nothing was written. */
bool bide__cookies_write(struct bide_cookies *jar, const struct url *url, struct writer *w);

/* The rest is for the cookie files. */

struct cookie_link { struct cookie_link *before, *after; };

struct cookie_domain {
    struct cookie *first;       /* longer paths first, then older ones */
    size_t count;
    uint8_t size;
    char name[];                /* with a NUL */
};

struct cookie {
    struct cookie_link all, used;
    struct cookie *next;        /* of the domain */
    struct cookie *sent;        /* of the request that is being written */
    struct cookie_domain *domain;
    uint64_t number;            /* grows in the order of creation */
    int64_t expires;            /* INT64_MAX: with the session */
    uint16_t name_size, value_size, path_size;
    bool secure, http_only, host_only;
    uint8_t same_site;
    char text[];                /* name, value and path, a NUL behind each */
};

struct bide_cookies {
    size_t owners, count, secure_count, refused;
    size_t count_max, domain_max;
    bide_strmap *domains;
    struct cookie_link all;     /* the oldest first */
    struct cookie_link used;    /* the one not used for longest first */
    struct cookie *place;       /* where bide_cookies_next() is; NULL: unknown */
    uint64_t number;            /* of the newest */
    int64_t earliest;           /* nothing expires before */
};

_Static_assert(URL_SIZE_MAX <= UINT16_MAX, "a path's size fits");

#define cookie_of(link_, list_) \
    ((struct cookie *)(void *)((char *)(link_) - offsetof(struct cookie, list_)))

static inline struct text cookie_name(const struct cookie *c)
{
    return text_of(c->text, c->name_size);
}

static inline struct text cookie_value(const struct cookie *c)
{
    return text_of(c->text + c->name_size + 1, c->value_size);
}

static inline struct text cookie_path(const struct cookie *c)
{
    return text_of(c->text + c->name_size + c->value_size + 2, c->path_size);
}

static inline struct text cookie_domain(const struct cookie *c)
{
    return text_of(c->domain->name, c->domain->size);
}

/* What a new cookie is made of. */
struct cookie_plan {
    struct text name, value, path, domain;      /* domain: in lower case */
    bool persistent, secure, http_only, host_only;
    uint8_t same_site;
    int64_t expires;
};

/* Puts a cookie into the jar, in place of the one it replaces, and sees to the limits; one that has
 * expired only takes the old one away.  1: it is there now; 0: it has expired; BIDE_ENOMEM (without
 * a sentence): all is as it was. */
int bide__cookies_put(struct bide_cookies *jar, const struct cookie_plan *plan, int64_t now);
/* The list of a domain, in lower case; NULL: none. */
struct cookie_domain *bide__cookies_domain(const struct bide_cookies *jar, struct text domain);
/* Takes it out and frees it. */
void bide__cookies_drop(struct bide_cookies *jar, struct cookie *cookie);
/* Drops what has expired. */
void bide__cookies_expire(struct bide_cookies *jar, int64_t now);
/* What a request to this URL sends, linked by `sent` in the order of sending. */
struct cookie *bide__cookies_choose(struct bide_cookies *jar, const struct url *url);
/* Section 5.7: judges and puts.  As bide__cookies_put(); BIDE_EINVAL and *why: not allowed. */
int bide__cookies_judge(struct bide_cookies *jar, const struct url *url, struct text set_cookie,
                        const char **why);

#endif
