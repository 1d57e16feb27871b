/* The two meetings of jar and request: learning from a response (RFC 6265bis, section 5.7) and
 * choosing what is sent (section 5.8.3).
 *
 * A client has no pages, so no request of it is cross-site: SameSite is kept and shown, and
 * a cookie of any kind is sent.  Also behind a redirect, for there the cookies are those of the new
 * host. */
#include "http/cookies.h"

#include "bide/error.h"
#include "http/cookie_match.h"
#include "http/public_suffix.h"
#include "http/wall.h"

#include <string.h>

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return BIDE_EINVAL;
}

static const char *check_domain(struct text domain)
{
    for (size_t i = 0; i < domain.size; i++)
        if ((uint8_t)domain.at[i] >= 0x80)
            return "the cookie's Domain is not ASCII";
    return NULL;
}

/* Domain and host_only of the plan; the domain in lower case goes into `room`. */
static const char *plan_domain(struct cookie_plan *plan, struct text domain, struct text host,
                               char room[URL_HOST_MAX])
{
    plan->host_only = true;
    plan->domain = host;
    if (domain.size == 0)
        return NULL;
    const char *why = check_domain(domain);
    if (why)
        return why;
    if (domain.size > host.size)
        return "the cookie's Domain is not that of the URL's host";
    for (size_t i = 0; i < domain.size; i++)
        room[i] = char_lower(domain.at[i]);
    domain.at = room;
    if (!bide__cookie_domain_matches(host, domain))
        return "the cookie's Domain is not that of the URL's host";
    if (domain.size == host.size && (bide__cookie_host_is_address(host) ||
                                     bide__public_suffix(host)))
        return NULL;
    if (bide__public_suffix(domain))
        return "the cookie's Domain is a public suffix";
    plan->host_only = false;
    plan->domain = domain;
    return NULL;
}

/* Would this cookie, which came where others may listen, stand in for one that is Secure? */
static bool hides_secure(const struct bide_cookies *jar, const struct cookie_plan *plan)
{
    if (jar->secure_count == 0)
        return false;
    for (struct cookie_link *at = jar->all.after; at != &jar->all; at = at->after) {
        const struct cookie *c = cookie_of(at, all);
        if (!c->secure || c->name_size != plan->name.size ||
            memcmp(c->text, plan->name.at, plan->name.size) != 0)
            continue;
        if ((bide__cookie_domain_matches(plan->domain, cookie_domain(c)) ||
             bide__cookie_domain_matches(cookie_domain(c), plan->domain)) &&
            bide__cookie_path_matches(plan->path, cookie_path(c)))
            return true;
    }
    return false;
}

int bide__cookies_judge(struct bide_cookies *jar, const struct url *url, struct text set_cookie,
                        const char **why)
{
    struct set_cookie c;
    char room[URL_HOST_MAX];
    int64_t now = wall_now();
    if (bide__set_cookie_parse(&c, set_cookie, now, why) < 0)
        return BIDE_EINVAL;
    struct cookie_plan plan = {
        .name = c.name, .value = c.value, .persistent = c.persistent, .secure = c.secure,
        .http_only = c.http_only, .same_site = (uint8_t)c.same_site, .expires = c.expires,
        .path = c.path.size > 0 ? c.path : bide__cookie_default_path(url->path),
    };
    const char *fault = plan_domain(&plan, c.domain, url_host(url), room);
    if (!fault)
        fault = bide__set_cookie_prefix_fault(&c, plan.host_only);
    if (fault)
        return refuse(why, fault);
    bool trusted = bide__cookie_is_trusted(url);
    if (c.secure && !trusted)
        return refuse(why, "a Secure cookie cannot be set over http");
    if (c.same_site == SAME_SITE_NONE && !c.secure)
        return refuse(why, "a cookie with SameSite=None must be Secure");
    if (!c.secure && !trusted && hides_secure(jar, &plan))
        return refuse(why, "the cookie would hide a Secure one of that name");
    return bide__cookies_put(jar, &plan, now);
}

void bide__cookies_learn(struct bide_cookies *jar, const struct url *url, struct text set_cookie)
{
    const char *why;
    BIDE_KEEP_ERROR(held);
    if (jar && bide__cookies_judge(jar, url, set_cookie, &why) < 0)
        jar->refused++;
}

/* Merges two lists that are sorted as they are sent. */
static struct cookie *merge(struct cookie *a, struct cookie *b)
{
    struct cookie *first = NULL, **end = &first;
    while (a && b) {
        bool is_a = a->path_size != b->path_size ? a->path_size > b->path_size
                                                 : a->number < b->number;
        struct cookie **from = is_a ? &a : &b;
        *end = *from;
        end = &(*from)->sent;
        *from = *end;
    }
    *end = a ? a : b;
    return first;
}

/* What a domain has for this request. */
static struct cookie *choose_of(const struct cookie_domain *d, const struct url *url, bool exact,
                                bool trusted, int64_t now)
{
    struct cookie *first = NULL, **end = &first;
    for (struct cookie *c = d->first; c; c = c->next) {
        if ((c->host_only && !exact) || (c->secure && !trusted) || c->expires <= now ||
            !bide__cookie_path_matches(url->path, cookie_path(c)))
            continue;
        *end = c;
        end = &c->sent;
    }
    *end = NULL;
    return first;
}

struct cookie *bide__cookies_choose(struct bide_cookies *jar, const struct url *url)
{
    struct cookie *chosen = NULL;
    struct text host = url_host(url), domain = host;
    bool trusted = bide__cookie_is_trusted(url), address = bide__cookie_host_is_address(host);
    int64_t now = wall_now();
    for (;;) {
        const struct cookie_domain *d = bide__cookies_domain(jar, domain);
        if (d)
            chosen = merge(chosen, choose_of(d, url, domain.size == host.size, trusted, now));
        const char *dot = address ? NULL : memchr(domain.at, '.', domain.size);
        if (!dot)
            return chosen;
        domain = text_of(dot + 1, domain.size - (size_t)(dot + 1 - domain.at));
    }
}

/* To the end of the list of use. */
static void touch(struct bide_cookies *jar, struct cookie *c)
{
    c->used.before->after = c->used.after;
    c->used.after->before = c->used.before;
    c->used.before = jar->used.before;
    c->used.after = &jar->used;
    jar->used.before->after = &c->used;
    jar->used.before = &c->used;
}

bool bide__cookies_write(struct bide_cookies *jar, const struct url *url, struct writer *w)
{
    if (!jar || jar->count == 0)
        return false;
    struct cookie *first = bide__cookies_choose(jar, url);
    for (struct cookie *c = first; c; c = c->sent) {
        if (c != first)
            writer_literal(w, "; ");
        if (c->name_size > 0) {
            writer_put(w, c->text, c->name_size);
            writer_literal(w, "=");
        }
        writer_put(w, cookie_value(c).at, c->value_size);
        touch(jar, c);
    }
    return first != NULL;
}
