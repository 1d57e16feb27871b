/* Taking and giving connections. */
#include "http/pool.h"

#include "base/memory.h"
#include "core/park.h"
#include "http/pool_hosts.h"

#include <bide/run.h>

/* Idle for less than this, a connection is not looked at again unless the poller has told of
 * news: the read that ended its last message found nothing behind it. */
static const double FRESH = 0.005;

/* The loop's last look at the clock: precise enough here, and free. */
static double about_now(void)
{
    struct loop *loop = bide__loop();
    return loop ? (double)loop->looked_ns * 1e-9 : bide_now();
}

static bool undo_ticket(struct wait *w)
{
    struct ticket *ticket = w->data;
    bide__unlink(w);
    bide__hosts_changed(ticket->pool, ticket->host);
    return true;
}

static const struct waitkind pool_wait = { .what = "a free connection", .undo = undo_ticket };

/* ---- idle connections ---- */

static void put_idle(struct connection *c)
{
    struct host *host = c->host;
    struct pool *pool = c->pool;
    c->newer = c->newer_of_all = NULL;
    c->older = host->newest;
    c->older_of_all = pool->newest;
    *(c->older ? &c->older->newer : &host->oldest) = c;
    *(c->older_of_all ? &c->older_of_all->newer_of_all : &pool->oldest) = c;
    host->newest = pool->newest = c;
}

static void take_out(struct connection *c)
{
    struct host *host = c->host;
    struct pool *pool = c->pool;
    *(c->newer ? &c->newer->older : &host->newest) = c->older;
    *(c->older ? &c->older->newer : &host->oldest) = c->newer;
    *(c->newer_of_all ? &c->newer_of_all->older_of_all : &pool->newest) = c->older_of_all;
    *(c->older_of_all ? &c->older_of_all->newer_of_all : &pool->oldest) = c->newer_of_all;
}

static void drop_stream(struct connection *c)
{
    bide_stream_close(c->stream);
    c->stream = NULL;
    c->reused = false;
}

/* The connection leaves its host; its struct can go to another one or to the spares. */
static void leave_host(struct connection *c)
{
    struct host *host = c->host;
    c->host = NULL;
    host->open--;
    c->pool->open--;
    bide__hosts_changed(c->pool, host);
}

static void join_host(struct connection *c, struct host *host)
{
    c->host = host;
    host->open++;
    c->pool->open++;
    bide__hosts_changed(c->pool, host);
}

static void put_spare(struct connection *c)
{
    c->newer = c->pool->spare;
    c->pool->spare = c;
}

static void close_idle(struct connection *c)
{
    take_out(c);
    drop_stream(c);
    leave_host(c);
    put_spare(c);
}

static void close_expired(struct pool *pool, double now)
{
    while (pool->oldest && now - pool->oldest->since >= pool->keep_alive)
        close_idle(pool->oldest);
}

/* As far as the poller has told, which costs nothing to ask. */
static bool has_news(const struct connection *c)
{
    const struct loop *loop = bide__loop();
    return loop && bide__fd_looks_readable(&loop->fds, bide_stream_fd(c->stream));
}

/* Has the server said something unasked, or closed?  Then it must not carry a request. */
static bool is_stale(const struct connection *c, double now, bool careful)
{
    if (bide_stream_buffered(c->stream) > 0)
        return true;
    return (careful || now - c->since >= FRESH || has_news(c)) && bide_stream_readable(c->stream);
}

/* The newest idle connection of the host that is still good.  NULL: none, but a stale one
 * left its room. */
static struct connection *take_idle(struct host *host, double now, bool careful)
{
    while (host->newest) {
        struct connection *c = host->newest;
        if (!is_stale(c, now, careful)) {
            take_out(c);
            return c;
        }
        if (host->oldest == c) {
            take_out(c);
            drop_stream(c);
            return c;           /* the room of the last one; the host stays alive */
        }
        close_idle(c);
    }
    return NULL;
}

/* ---- room ---- */

static struct connection *new_connection(struct pool *pool)
{
    struct connection *c = pool->spare;
    if (c) {
        pool->spare = c->newer;
        return c;
    }
    c = bide__zalloc(sizeof *c);
    if (c)
        c->pool = pool;
    else
        bide_fail(BIDE_ENOMEM, "out of memory for a connection");
    return c;
}

static bool has_room(const struct pool *pool, const struct host *host)
{
    return host->open < pool->limit_per_host && (pool->open < pool->limit || pool->oldest);
}

static struct connection *take_room(struct pool *pool, struct host *host)
{
    if (pool->open >= pool->limit) {
        host->open++;           /* so that closing the last of its own cannot end it */
        close_idle(pool->oldest);
        host->open--;
    }
    struct connection *c = new_connection(pool);
    if (c)
        join_host(c, host);
    else
        bide__hosts_changed(pool, host);
    return c;
}

/* Gives free room to the first who waits for it, whatever the host. */
static void pass_room_on(struct pool *pool, struct connection *c)
{
    struct host *host = bide__hosts_first_ready(pool);
    if (!host || pool->open >= pool->limit) {
        put_spare(c);
        return;
    }
    struct ticket *ticket = host->waiters.head->data;
    ticket->given = c;
    bide__settle_first(&host->waiters, 0);
    join_host(c, host);
}

/* NULL: cancelled, and then the host may be gone. */
BIDE_WAITS static struct connection *wait_in_line(struct pool *pool, struct host *host,
                                                  bool careful)
{
    struct ticket ticket = { .wait = { .kind = &pool_wait, .data = &ticket }, .pool = pool,
                             .host = host, .number = ++pool->tickets };
    bide__hosts_waiter_comes(pool, host, ticket.number);
    bide_ignore(bide__wait(&host->waiters, &ticket.wait));
    struct connection *c = ticket.given;
    if (c && c->stream && is_stale(c, about_now(), careful))
        drop_stream(c);
    return c;
}

/* ---- public ---- */

struct connection *bide__pool_take(struct pool *pool, const struct url *url, bool careful)
{
    if (bide__enter() < 0)
        return NULL;
    if (pool->closed) {
        bide_fail(BIDE_ECLOSED, "the session is closed");
        return NULL;
    }
    double now = about_now();
    close_expired(pool, now);
    struct host *host = bide__hosts_get(pool, url);
    if (!host)
        return NULL;
    struct connection *c = take_idle(host, now, careful);
    if (c)
        return c;
    if (has_room(pool, host))
        return take_room(pool, host);
    return wait_in_line(pool, host, careful);
}

/* Is somebody of another host before the first who waits for this one? */
static bool other_comes_first(struct pool *pool, const struct host *host)
{
    struct host *ready = bide__hosts_first_ready(pool);
    return ready && ready != host &&
           (!host->waiters.head || bide__hosts_ticket(ready) < bide__hosts_ticket(host));
}

void bide__pool_give(struct connection *c, bool reusable)
{
    struct pool *pool = c->pool;
    struct host *host = c->host;
    if (!reusable || pool->closed || !c->stream || other_comes_first(pool, host)) {
        drop_stream(c);
        leave_host(c);
        pass_room_on(pool, c);
        return;
    }
    c->reused = true;
    c->since = about_now();
    if (host->waiters.head) {
        struct ticket *ticket = host->waiters.head->data;
        ticket->given = c;
        bide__settle_first(&host->waiters, 0);
        bide__hosts_changed(pool, host);
        return;
    }
    bide_stream_rest(c->stream);
    put_idle(c);
    close_expired(pool, c->since);
}

int bide__pool_open(struct pool *pool)
{
    return bide__hosts_open(pool);
}

void bide__pool_close(struct pool *pool)
{
    pool->closed = true;
    while (pool->oldest)
        close_idle(pool->oldest);
}

void bide__pool_free(struct pool *pool)
{
    bide__pool_close(pool);
    while (pool->spare) {
        struct connection *c = pool->spare;
        pool->spare = c->newer;
        bide__free(c);
    }
    bide__hosts_free(pool);
}
