/* The jar as its owner uses it: made, filled, looked into, emptied, ended. */
#include "http/cookies.h"

#include "base/memory.h"
#include "bide/error.h"
#include "http/cookie_match.h"
#include "http/wall.h"

#include <string.h>

bide_cookies *bide_cookies_new_opts(const struct bide_cookies_opts *o)
{
    bide_cookies *jar = bide__zalloc(sizeof *jar);
    if (!jar) {
        bide_fail(BIDE_ENOMEM, "cookies: out of memory");
        return NULL;
    }
    jar->domains = bide_strmap_new(.drop = bide__free);
    if (!jar->domains) {
        bide__free(jar);
        return NULL;
    }
    jar->owners = 1;
    jar->count_max = o->count_max ? o->count_max : COOKIES_MAX;
    jar->domain_max = o->domain_max ? o->domain_max : COOKIES_DOMAIN_MAX;
    jar->all = (struct cookie_link){ &jar->all, &jar->all };
    jar->used = (struct cookie_link){ &jar->used, &jar->used };
    jar->earliest = INT64_MAX;
    return jar;
}

static int read_url(struct url *url, const char *text)
{
    const char *why;
    char shown[URL_SHOWN_SIZE];
    if (!text)
        return bide_fail(BIDE_EURL, "cookies: the URL is NULL");
    if (bide__url_parse(url, text, strlen(text), &why) < 0)
        return bide_fail(BIDE_EURL, "cookies: %s: %s", bide__url_show(shown, text), why);
    return 0;
}

int bide_cookies_set(bide_cookies *jar, const char *url_text, const char *set_cookie)
{
    struct url url;
    const char *why;
    if (!jar)
        return bide_errcode();
    if (!set_cookie)
        return bide_fail(BIDE_EINVAL, "cookies: the cookie is NULL");
    if (read_url(&url, url_text) < 0)
        return bide_errcode();
    int rc = bide__cookies_judge(jar, &url, text_of(set_cookie, strlen(set_cookie)), &why);
    if (rc == BIDE_EINVAL)
        return bide_fail(rc, "cookies: %.80s: %s", set_cookie, why);
    return rc < 0 ? bide_fail(rc, "cookies: out of memory") : rc;
}

const char *bide_cookies_get(bide_cookies *jar, const char *url_text, const char *name)
{
    struct url url;
    if (!jar || !name || read_url(&url, url_text) < 0)
        return NULL;
    for (struct cookie *c = bide__cookies_choose(jar, &url); c; c = c->sent)
        if (strcmp(c->text, name) == 0)
            return cookie_value(c).at;
    return NULL;
}

ssize_t bide_cookies_for(bide_cookies *jar, const char *url_text, char *out, size_t size)
{
    struct url url;
    struct writer w = { .at = out, .room = size > 0 ? size - 1 : 0 };
    if (size > 0)
        out[0] = '\0';
    if (!jar)
        return bide_errcode();
    if (read_url(&url, url_text) < 0)
        return bide_errcode();
    bide__cookies_write(jar, &url, &w);
    bool fits = w.code == 0 && size > 0;
    char shown[URL_SHOWN_SIZE];
    if (size > 0)
        out[fits ? w.size : 0] = '\0';
    if (!fits)
        return bide_fail(BIDE_ELIMIT, "cookies: %s: more than %zu bytes",
                         bide__url_show(shown, url_text), w.room);
    return (ssize_t)w.size;
}

static bide_cookie view(const struct cookie *c)
{
    return (bide_cookie){
        .name = c->text, .value = cookie_value(c).at, .domain = c->domain->name,
        .path = cookie_path(c).at, .expires = c->expires == INT64_MAX ? 0 : c->expires,
        .host_only = c->host_only, .secure = c->secure, .http_only = c->http_only,
        .same_site = (enum bide_same_site)c->same_site,
    };
}

bool bide_cookies_next(bide_cookies *jar, uint64_t *at, bide_cookie *cookie)
{
    if (!jar)
        return false;
    int64_t now = wall_now();
    bool known = jar->place && jar->place->number == *at;
    struct cookie_link *next = known ? jar->place->all.after : jar->all.after;
    while (next != &jar->all && (cookie_of(next, all)->number <= *at ||
                                 cookie_of(next, all)->expires <= now))
        next = next->after;
    if (next == &jar->all)
        return false;
    jar->place = cookie_of(next, all);
    *at = jar->place->number;
    *cookie = view(jar->place);
    return true;
}

size_t bide_cookies_count(bide_cookies *jar)
{
    if (!jar)
        return 0;
    bide__cookies_expire(jar, wall_now());
    return jar->count;
}

size_t bide_cookies_refused(const bide_cookies *jar)
{
    return jar ? jar->refused : 0;
}

size_t bide_cookies_remove(bide_cookies *jar, bool (*fn)(void *arg, const bide_cookie *cookie),
                           void *arg)
{
    size_t removed = 0;
    if (!jar)
        return 0;
    for (struct cookie_link *at = jar->all.after, *next; at != &jar->all; at = next) {
        next = at->after;
        bide_cookie cookie = view(cookie_of(at, all));
        if (fn(arg, &cookie)) {
            bide__cookies_drop(jar, cookie_of(at, all));
            removed++;
        }
    }
    return removed;
}

static bool any(void *unused, const bide_cookie *cookie)
{
    (void)unused;
    (void)cookie;
    return true;
}

static bool is_of_domain(void *domain, const bide_cookie *cookie)
{
    const struct text *wanted = domain;
    return bide__cookie_domain_matches(text_of(cookie->domain, strlen(cookie->domain)), *wanted);
}

void bide_cookies_clear(bide_cookies *jar)
{
    bide_cookies_remove(jar, any, NULL);
}

size_t bide_cookies_clear_domain(bide_cookies *jar, const char *domain)
{
    char lower[URL_HOST_MAX + 1];
    size_t dot = domain && domain[0] == '.', size = domain ? strlen(domain) - dot : 0;
    if (size == 0 || size > URL_HOST_MAX)
        return 0;
    for (size_t i = 0; i < size; i++)
        lower[i] = char_lower(domain[dot + i]);
    struct text wanted = text_of(lower, size);
    return bide_cookies_remove(jar, is_of_domain, &wanted);
}

struct bide_cookies *bide__cookies_ref(struct bide_cookies *jar)
{
    if (jar)
        jar->owners++;
    return jar;
}

void bide__cookies_unref(struct bide_cookies *jar)
{
    if (!jar || --jar->owners > 0)
        return;
    bide_cookies_clear(jar);
    bide_strmap_free(jar->domains);
    bide__free(jar);
}

void bide_cookies_free(bide_cookies *jar)
{
    bide__cookies_unref(jar);
}
