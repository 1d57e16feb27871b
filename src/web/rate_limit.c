/* So many requests a client.  The table is shared by all workers, under a lock that is held for a
 * hash and a few words. */
#include "base/memory.h"
#include "web/lasting.h"
#include "web/rate_table.h"

#include <bide/middleware.h>
#include <bide/respond.h>

#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>

enum { CLIENTS_MAX = 10000, CLIENTS_MOST = 1 << 24, POLICY_MAX = 64 };

struct rate_limit {
    struct rate_table table;
    pthread_mutex_t lock;
    const char *(*key)(bide_request *req);
    char name[POLICY_MAX + 1];
    char policy[POLICY_MAX + 64];        /* RateLimit-Policy */
};

/* Who a request counts for: an IPv6 client has a /64 to choose from, so that is one client. */
static struct text client_of(const struct rate_limit *r, bide_request *req,
                             unsigned char space[16])
{
    if (r->key) {
        const char *name = r->key(req);
        return name ? text_from(name) : text_of(NULL, 0);
    }
    const char *address = bide_request_remote(req);
    if (inet_pton(AF_INET6, address, space) == 1)
        return text_of((const char *)space, 8);
    return text_from(address);
}

static struct rate_left take(struct rate_limit *r, struct text client)
{
    double now = bide_now();
    pthread_mutex_lock(&r->lock);
    struct rate_left left = bide__rate_table_take(&r->table, client.at, client.size, now);
    pthread_mutex_unlock(&r->lock);
    return left;
}

static int tell(bide_request *req, const struct rate_limit *r, const struct rate_left *left)
{
    char value[POLICY_MAX + 64];
    snprintf(value, sizeof value, "\"%s\";r=%.0f;t=%.0f", r->name, floor(left->tokens),
             ceil(left->allowed ? left->full : left->wait));
    int rc = bide__respond_lasting(req, "RateLimit-Policy", r->policy);
    return rc < 0 ? rc : bide__respond_lasting(req, "RateLimit", value);
}

static int refuse(bide_request *req, const struct rate_left *left)
{
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%.0f", fmax(1, ceil(left->wait)));
    int rc = bide_respond_header(req, "Retry-After", seconds);
    return rc < 0 ? rc : bide_respond_error(req, 429, "Too many requests; try again in %s s.",
                                            seconds);
}

/* waits: in the rest of the chain */
BIDE_WAITS static int run(bide_request *req)
{
    struct rate_limit *r = bide_middleware_arg(req);
    unsigned char space[16];
    struct text client = client_of(r, req, space);
    if (!client.at)
        return bide_next(req);
    struct rate_left left = take(r, client);
    int rc = tell(req, r, &left);
    if (rc < 0)
        return rc;
    return left.allowed ? bide_next(req) : refuse(req, &left);
}

/* ---- making it ---- */

static void drop(void *arg)
{
    struct rate_limit *r = arg;
    pthread_mutex_destroy(&r->lock);
    bide__rate_table_end(&r->table);
    bide__free(r);
}

/* In quotes in a header (RFC 8941, 3.3.3). */
static bool is_name(const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < size; i++)
        if (name[i] < ' ' || name[i] > '~' || name[i] == '"' || name[i] == '\\')
            return false;
    return size > 0 && size <= POLICY_MAX;
}

static int read_options(struct rate_limit *r, const struct bide_rate_limit_opts *o)
{
    const char *name = o->name ? o->name : "default";
    double burst = o->burst ? o->burst : fmax(1, ceil(o->per_second));
    if (!(o->per_second > 0) || o->per_second > 1e9 || o->clients_max > CLIENTS_MOST)
        return bide_fail(BIDE_EINVAL, "rate limit: a rate above 0, of at most %d clients",
                         CLIENTS_MOST);
    if (!is_name(name))
        return bide_fail(BIDE_EINVAL, "rate limit: a name of 1 to %d letters", POLICY_MAX);
    r->key = o->key;
    snprintf(r->name, sizeof r->name, "%s", name);
    snprintf(r->policy, sizeof r->policy, "\"%s\";q=%.0f;w=%.0f", name, burst,
             fmax(1, ceil(burst / o->per_second)));
    return bide__rate_table_start(&r->table, o->per_second, burst,
                                  o->clients_max ? o->clients_max : CLIENTS_MAX);
}

int bide_use_rate_limit_opts(bide_app *app, const struct bide_rate_limit_opts *opts)
{
    struct rate_limit *r = bide__zalloc(sizeof *r);
    if (!r)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    pthread_mutex_init(&r->lock, NULL);
    int rc = read_options(r, opts);
    if (rc == 0)
        return bide_use_with(app, run, r, drop);
    drop(r);
    return rc;
}
