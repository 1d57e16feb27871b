/* Looking up: what is known at once, what is remembered, and then a question; the rules stand in
 * cache.h and resolver.h. */
#include "net/resolve.h"
#include "base/memory.h"
#include "net/resolver.h"
#include <ctype.h>
#include <string.h>

/* How long a failure of one half is remembered where the other has addresses, so that a name
 * server that drops questions for IPv6 does not make every look-up wait for it. */
static const double failed_half_seconds = 10;
/* What getaddrinfo gives has no time of its own; aiohttp keeps it as long. */
static const double untimed_seconds = 10;

static void close_resolver(struct loop_part *part)
{
    struct resolver *r = (struct resolver *)(void *)part;
    bide__cache_clear(&r->cache);
    bide__hosts_file_close(&r->hosts);
    bide__free(r->search);
    bide__free(r);
}

static bool read_servers(struct resolver *r, const char *text)
{
    static const char gaps[] = " \t,";
    for (text += strspn(text, gaps); *text; text += strspn(text, gaps)) {
        char one[BIDE_ADDRESS_TEXT];
        size_t size = strcspn(text, gaps);
        if (r->server_count == SERVERS_MAX || size >= sizeof one)
            return false;
        memcpy(one, text, size);
        one[size] = '\0';
        struct bide_address *server = &r->servers[r->server_count++];
        if (bide_address_read(server, one) < 0)
            return false;
        if (!server->is.v4.sin_port)
            bide__address_set_port(server, 53);
        text += size;
    }
    return true;
}

static double or_default(double value, double standard)
{
    return value > 0 ? value : standard;
}

static int read_options(struct resolver *r, const struct bide_resolver_opts *o)
{
    if (!KNOWS_SERVERS && (o->servers || o->search))
        return bide_fail(-ENOSYS, "resolver: built without c-ares, so only the system's servers "
                         "are asked");
    if (o->servers && !read_servers(r, o->servers))
        return bide_fail(BIDE_EINVAL, "resolver: servers '%.100s': wanted are at most %d addresses",
                         o->servers, SERVERS_MAX);
    if (o->search && !(r->search = bide__copy_text(o->search, strlen(o->search))))
        return bide_fail(BIDE_ENOMEM, "resolver: out of memory");
    if (bide__hosts_file_open(&r->hosts, o->hosts) < 0)
        return bide_fail(BIDE_ENOMEM, "resolver: out of memory");
    r->system = o->system;
    r->timeout = or_default(o->timeout, 2);
    r->tries = o->tries > 0 ? o->tries : 3;
    r->ttl_max = or_default(o->ttl_max, 300);
    r->negative_ttl_max = or_default(o->negative_ttl_max, 10);
    r->cache.max = o->no_cache ? 0 : o->names_max ? o->names_max : 1000;
    return 0;
}

static struct resolver *make_resolver(const struct bide_resolver_opts *o)
{
    struct resolver *r = bide__zalloc(sizeof *r);
    if (!r) {
        bide_fail(BIDE_ENOMEM, "resolver: out of memory");
        return NULL;
    }
    r->part.close = close_resolver;
    if (read_options(r, o) == 0)
        return r;
    close_resolver(&r->part);
    return NULL;
}

static struct resolver *kept_resolver(void)
{
    return (struct resolver *)(void *)bide__loop_kept(close_resolver);
}

/* This loop's; NULL with the error held. */
static struct resolver *resolver_here(void)
{
    static const struct bide_resolver_opts usual = { .abi_ = sizeof usual };
    struct resolver *r = kept_resolver();
    if (!r && (r = make_resolver(&usual)))
        bide__loop_keep(&r->part);
    return r;
}

/* Questions under way go on by the new settings: the table that they answer into stays. */
int bide_resolver_set_opts(const struct bide_resolver_opts *opts)
{
    if (!bide__loop())
        return bide_fail(BIDE_EPERM, "resolver: works only inside bide_run()");
    struct resolver *r = resolver_here();
    struct resolver *set = r ? make_resolver(opts) : NULL;
    if (!set)
        return bide_errcode();
    struct resolver before = *r;
    bide__cache_clear(&before.cache);
    size_t max = set->cache.max;
    *r = *set;
    r->part = before.part;
    r->cache = before.cache;
    r->cache.max = max;
    before.cache = (struct cache){ .max = 0 };
    *set = before;
    close_resolver(&set->part);
    return 0;
}

static double at_most(double seconds, double max)
{
    return seconds < max ? seconds : max;
}

void bide__resolver_answer(struct question *q, int half, const struct bide_addresses *found,
                           unsigned rank, double seconds)
{
    struct name *n = q->name;
    if (!n)
        return;
    double max = kept_resolver()->ttl_max;
    bide__half_answer(&n->half[half], found, rank, 0, NULL,
                      at_most(seconds < 0 ? untimed_seconds : seconds, max));
    bide__name_tell(n);
}

void bide__resolver_refuse(struct question *q, int half, int code, const char *why,
                           double seconds)
{
    struct name *n = q->name;
    if (!n)
        return;
    bide__half_answer(&n->half[half], NULL, 0, code, why,
                      at_most(seconds, kept_resolver()->negative_ttl_max));
    bide__name_tell(n);
}

void bide__resolver_end(struct question *q, int code, const char *why)
{
    struct name *n = q->name;
    if (!n)
        return;
    for (int i = 0; i < HALVES; i++) {
        struct half *h = &n->half[i];
        if (h->asking != q)
            continue;
        h->asking = NULL;
        if (!h->answered)
            bide__half_answer(h, NULL, 0, code, why,
                              n->half[HALVES - 1 - i].count ? failed_half_seconds : 0);
    }
    q->name = NULL;
    bide__name_tell(n);
    bide__cache_settle(&kept_resolver()->cache, n);
}

/* A task no longer wants it. */
static bool abandon(struct wait *w)
{
    struct name *n = w->data;
    bide__unlink(w);
    if (n->waiters.head)
        return true;
    bide__name_stop(n);
    bide__cache_settle(&kept_resolver()->cache, n);
    return true;
}
static const struct waitkind resolving = { .what = "a name to be resolved", .undo = abandon };

static int begin(struct resolver *r, struct name *n, unsigned halves)
{
    if (r->system || bide__resolves_with())
        return bide__ask_threads(n, halves);
    if (!r->server_count && bide__nameservice_is_system(&r->services, n->text))
        return bide__ask_threads(n, halves);
    return bide__ask_servers(r, n, halves);
}

static int ask(struct resolver *r, struct name *n, struct want *w)
{
    unsigned unknown = bide__name_unknown(n, w->halves);
    int rc = unknown ? begin(r, n, unknown) : 0;
    if (rc < 0)
        return rc;
    w->wait = (struct wait){ .kind = &resolving, .data = n };
    return bide__wait(&n->waiters, &w->wait);
}

static int look_up(struct resolver *r, const char *host, bool fresh, struct want *w)
{
    struct name *n = bide__cache_find(&r->cache, host);
    if (!n)
        return bide_fail(BIDE_ENOMEM, "dns: %s: out of memory", host);
    for (int i = 0; fresh && i < HALVES; i++)
        if (!n->half[i].asking)
            bide__half_forget(&n->half[i]);
    if (bide__name_take(n, w))
        return 0;
    bool idle = !n->half[HALF_V4].asking && !n->half[HALF_V6].asking;
    int rc = ask(r, n, w);
    if (rc < 0 && idle && rc != BIDE_ECANCELED)
        bide__cache_settle(&r->cache, n);       /* it was not even begun */
    return rc;
}

/* RFC 6761: nobody has such a name, and nobody should be asked. */
static bool is_invalid(const char *host)
{
    size_t size = strlen(host), last = sizeof "invalid" - 1;
    if (size && host[size - 1] == '.')
        size--;
    return size >= last && strncmp(host + size - last, "invalid", last) == 0 &&
           (size == last || host[size - last - 1] == '.');
}

static int look_up_anywhere(const char *host, bool fresh, struct want *w)
{
    struct resolver *r = resolver_here();
    if (!r)
        return bide_errcode();
    if (bide__resolves_with())
        return look_up(r, host, fresh, w);
    if (is_invalid(host)) {
        w->code = BIDE_EDNS;
        w->why = "there are no names in .invalid";
        return 0;
    }
    int family = w->halves == BOTH_HALVES ? AF_UNSPEC
                 : w->halves == 1 << HALF_V6 ? AF_INET6 : AF_INET;
    if (!r->system && bide__hosts_file_find(&r->hosts, host, family, w->found) > 0) {
        if (w->found->count > 1)
            bide__addresses_sort(w->found->list, w->found->count);
        return 0;
    }
    return look_up(r, host, fresh, w);
}

static int resolve(const char *name, unsigned halves, bool fresh, struct bide_addresses *found)
{
    char host[HOST_SIZE];
    size_t size = strlen(name);
    if (size == 0 || size >= sizeof host)
        return bide_fail(BIDE_EDNS, "dns: %.80s%s", name,
                         size ? "...: the name is too long" : "an empty name");
    for (size_t i = 0; i <= size; i++)
        host[i] = (char)tolower((unsigned char)name[i]);
    struct want w = { .halves = halves, .found = found };
    int rc = look_up_anywhere(host, fresh, &w);
    if (rc < 0 || w.code == 0)
        return rc;
    return bide_fail(w.code, "dns: %s: %s", host, w.why);
}

static int halves_of(int family)
{
    switch (family) {
    case AF_UNSPEC: return BOTH_HALVES;
    case AF_INET: return 1 << HALF_V4;
    case AF_INET6: return 1 << HALF_V6;
    default: return bide_fail(BIDE_EINVAL, "dns: family %d is neither IPv4 nor IPv6", family);
    }
}

int bide_resolve_opts(const char *name, const struct bide_resolve_opts *o)
{
    int rc = bide__enter();
    int halves = rc < 0 ? rc : halves_of(o->family);
    if (halves < 0)
        return halves;
    if (!name)
        return bide_fail(BIDE_EINVAL, "dns: no name");
    if (bide__address_local(name, o->port, o->found) > 0) {
        if (bide__addresses_of(o->found, o->family) > 0)
            return 0;
        return bide_fail(BIDE_EDNS, "dns: %.80s: is not of this family", name);
    }
    rc = resolve(name, (unsigned)halves, o->fresh, o->found);
    for (int i = 0; rc == 0 && i < o->found->count; i++)
        bide__address_set_port(&o->found->list[i], o->port);
    return rc;
}

int bide__resolve(const char *host, uint16_t port, struct bide_addresses *found)
{
    return bide_resolve(host, found, .port = port);
}
