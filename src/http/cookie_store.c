/* Where cookies lie: putting, replacing, expiring, evicting.
 *
 * Who has to go when a limit is met (RFC 6265bis, section 5.7): what has expired; in a domain that
 * has too many, first those that are not Secure; else the one that was not used for longest. */
#include "http/cookies.h"

#include "base/memory.h"
#include "bide/error.h"

#include <string.h>

static void link_before(struct cookie_link *place, struct cookie_link *link)
{
    link->before = place->before;
    link->after = place;
    place->before->after = link;
    place->before = link;
}

static void unlink_from(struct cookie_link *link)
{
    link->before->after = link->after;
    link->after->before = link->before;
}

static bool same(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

struct cookie_domain *bide__cookies_domain(const struct bide_cookies *jar, struct text domain)
{
    return bide_strmap_get_sized(jar->domains, domain.at, domain.size);
}

static struct cookie_domain *make_domain(struct bide_cookies *jar, struct text name)
{
    struct cookie_domain *d = bide__cookies_domain(jar, name);
    if (d)
        return d;
    d = bide__alloc(sizeof *d + name.size + 1);
    if (!d)
        return NULL;
    *d = (struct cookie_domain){ .size = (uint8_t)name.size };
    memcpy(d->name, name.at, name.size);
    d->name[name.size] = '\0';
    if (bide_strmap_set_sized(jar->domains, name.at, name.size, d) < 0) {
        bide__free(d);
        return NULL;
    }
    return d;
}

static void leave_domain(struct bide_cookies *jar, struct cookie_domain *d)
{
    if (d->count == 0)
        bide_strmap_remove_sized(jar->domains, d->name, d->size);   /* frees it */
}

static void put_text(char **to, struct text text)
{
    if (text.size > 0)
        memcpy(*to, text.at, text.size);
    *to += text.size;
    *(*to)++ = '\0';
}

static struct cookie *make(const struct cookie_plan *plan)
{
    size_t size = plan->name.size + plan->value.size + plan->path.size + 3;
    struct cookie *c = bide__alloc(sizeof *c + size);
    if (!c)
        return NULL;
    *c = (struct cookie){
        .expires = plan->persistent ? plan->expires : INT64_MAX,
        .name_size = (uint16_t)plan->name.size, .value_size = (uint16_t)plan->value.size,
        .path_size = (uint16_t)plan->path.size, .secure = plan->secure,
        .http_only = plan->http_only, .host_only = plan->host_only,
        .same_site = plan->same_site,
    };
    char *to = c->text;
    put_text(&to, plan->name);
    put_text(&to, plan->value);
    put_text(&to, plan->path);
    return c;
}

static struct cookie *find(const struct cookie_domain *d, const struct cookie_plan *plan)
{
    struct cookie *c = d ? d->first : NULL;
    while (c && !(c->host_only == plan->host_only && same(cookie_name(c), plan->name) &&
                  same(cookie_path(c), plan->path)))
        c = c->next;
    return c;
}

static bool goes_before(const struct cookie *a, const struct cookie *b)
{
    return a->path_size != b->path_size ? a->path_size > b->path_size : a->number < b->number;
}

/* Takes it out of all lists; its domain stays, if empty. */
static void take_out(struct bide_cookies *jar, struct cookie *c)
{
    struct cookie **at = &c->domain->first;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->domain->count--;
    unlink_from(&c->all);
    unlink_from(&c->used);
    jar->count--;
    jar->secure_count -= c->secure;
    if (jar->place == c)
        jar->place = NULL;
}

void bide__cookies_drop(struct bide_cookies *jar, struct cookie *c)
{
    struct cookie_domain *d = c->domain;
    take_out(jar, c);
    bide__free(c);
    leave_domain(jar, d);
}

/* Into all lists; before `place` among all. */
static void put_in(struct bide_cookies *jar, struct cookie_domain *d, struct cookie *c,
                   struct cookie_link *place)
{
    struct cookie **at = &d->first;
    while (*at && goes_before(*at, c))
        at = &(*at)->next;
    c->next = *at;
    *at = c;
    c->domain = d;
    d->count++;
    link_before(place, &c->all);
    link_before(&jar->used, &c->used);
    jar->count++;
    jar->secure_count += c->secure;
    if (c->expires < jar->earliest)
        jar->earliest = c->expires;
}

void bide__cookies_expire(struct bide_cookies *jar, int64_t now)
{
    if (jar->earliest > now)
        return;
    jar->earliest = INT64_MAX;
    for (struct cookie_link *at = jar->all.after, *next; at != &jar->all; at = next) {
        struct cookie *c = cookie_of(at, all);
        next = at->after;
        if (c->expires <= now)
            bide__cookies_drop(jar, c);
        else if (c->expires < jar->earliest)
            jar->earliest = c->expires;
    }
}

/* A domain's cookie that was not used for longest; if there are any, among the not Secure ones.
 * The order of use is that of the jar's list, so the first of the domain there is it. */
static struct cookie *least_of(const struct bide_cookies *jar, const struct cookie_domain *d)
{
    struct cookie *secure = NULL;
    for (struct cookie_link *at = jar->used.after; at != &jar->used; at = at->after) {
        struct cookie *c = cookie_of(at, used);
        if (c->domain != d)
            continue;
        if (!c->secure)
            return c;
        if (!secure)
            secure = c;
    }
    return secure;
}

/* Sees to it that there is room for one more in the jar, and in the domain, where it is counted
 * already: so the domain stays when all others go. */
static void make_room(struct bide_cookies *jar, struct cookie_domain *d, int64_t now)
{
    bool full = d->count > jar->domain_max || jar->count >= jar->count_max;
    if (!full)
        return;
    bide__cookies_expire(jar, now);
    while (d->count > jar->domain_max)
        bide__cookies_drop(jar, least_of(jar, d));
    while (jar->count >= jar->count_max)
        bide__cookies_drop(jar, cookie_of(jar->used.after, used));
}

static int put_new(struct bide_cookies *jar, const struct cookie_plan *plan, int64_t now)
{
    struct cookie *c = make(plan);
    struct cookie_domain *d = c ? make_domain(jar, plan->domain) : NULL;
    if (!d) {
        bide__free(c);
        return BIDE_ENOMEM;
    }
    d->count++;
    make_room(jar, d, now);
    d->count--;
    c->number = ++jar->number;
    put_in(jar, d, c, &jar->all);
    return 1;
}

/* The new one is as old as the old one. */
static int replace(struct bide_cookies *jar, const struct cookie_plan *plan, struct cookie *old)
{
    struct cookie *c = make(plan);
    if (!c)
        return BIDE_ENOMEM;
    struct cookie_link *place = old->all.after;
    struct cookie_domain *d = old->domain;
    c->number = old->number;
    take_out(jar, old);
    bide__free(old);
    put_in(jar, d, c, place);
    return 1;
}

int bide__cookies_put(struct bide_cookies *jar, const struct cookie_plan *plan, int64_t now)
{
    struct cookie *old = find(bide__cookies_domain(jar, plan->domain), plan);
    if (plan->persistent && plan->expires <= now) {
        if (old)
            bide__cookies_drop(jar, old);
        return 0;
    }
    return old ? replace(jar, plan, old) : put_new(jar, plan, now);
}
