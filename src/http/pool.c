/* Taking and giving connections. */
#include "http/pool.h"

#include "base/memory.h"
#include "core/park.h"
#include "http/pool_hosts.h"
#include "io/stream.h"

#include <bide/run.h>
#include <bide/tls.h>

/* Idle for less than this, a connection is not looked at again unless the poller has told of
 * news: the read that ended its last message found nothing behind it. */
static const int64_t FRESH_NS = 5000000;
static const double KEEP_MAX = 1e9;       /* seconds: for ever */
/* Each connection that is looked at in vain puts off the next look by so much: else as many as end
 * one after the other would cost their number squared. Nobody is given one whose time is over, so
 * it stays open for a moment longer, and that is all: 10 ms, of ten thousand. */
static const int64_t LOOK_PAUSE_NS = 1000;

/* The loop's last look at the clock: precise enough here, and free. */
static int64_t about_now(void)
{
    struct loop *loop = bide__loop();
    return loop ? loop->looked_ns : (int64_t)(bide_now() * 1e9);
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

/* Of a connection that is still to be made. */
static void start_anew(struct connection *c)
{
    c->stream = NULL;
    c->protocol = NULL;
    c->reused = c->ending = false;
    c->streams_max = 1;
    c->requests_left = c->pool->force_close ? 0 : UINT32_MAX;
    c->keep_ns = c->pool->keep_ns;
}

static void drop_stream(struct connection *c)
{
    bide_stream_close(c->stream);
    start_anew(c);
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

/* The alarm rings: closes those whose time is over, and is set for the next.  They lie in the order
 * in which they became idle, so behind one whose time cannot be over no other's is. */
static void close_expired(struct alarm *alarm)
{
    struct pool *pool = (struct pool *)(void *)((char *)alarm - offsetof(struct pool, alarm));
    int64_t now = about_now(), next = INT64_MAX, least = now;
    for (struct connection *c = pool->oldest, *newer; c; c = newer) {
        int64_t until = c->until_ns, until_least = c->since_ns + pool->keep_least_ns;
        newer = c->newer_of_all;
        if (until <= now) {
            close_idle(c);
            continue;
        }
        if (until_least > now) {
            next = until_least < next ? until_least : next;
            break;
        }
        next = until < next ? until : next;
        least += LOOK_PAUSE_NS;
    }
    if (pool->oldest)
        bide__alarm_set(&pool->alarm, next > least ? next : least);
}

/* As far as the poller has told, which costs nothing to ask. */
static bool has_news(const struct connection *c)
{
    return bide__fd_looks_readable(bide__stream_fd(c->stream));
}

/* Has the server said something unasked, or closed?  Then it must not carry a request. */
static bool is_stale(const struct connection *c, int64_t now, bool careful)
{
    if (now >= c->until_ns || bide_stream_buffered(c->stream) > 0)
        return true;
    return (careful || now - c->since_ns >= FRESH_NS || has_news(c)) &&
           bide_stream_readable(c->stream);
}

/* The newest idle connection of the host that is still good.  NULL: none, but a stale one
 * left its room. */
static struct connection *take_idle(struct host *host, int64_t now, bool careful)
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
    if (!c) {
        bide_fail(BIDE_ENOMEM, "out of memory for a connection");
        return NULL;
    }
    c->pool = pool;
    start_anew(c);
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
    if (!c) {
        bide__hosts_changed(pool, host);
        return NULL;
    }
    c->streams_open = 1;
    join_host(c, host);
    return c;
}

/* A place on c, or the room for it, goes to the first in the host's line. */
static void give_to_first(struct host *host, struct connection *c)
{
    struct ticket *ticket = host->waiters.head->data;
    ticket->given = c;
    c->streams_open++;
    bide__settle_first(&host->waiters, 0);
}

/* Gives free room to the first who waits for it, whatever the host. */
static void pass_room_on(struct pool *pool, struct connection *c)
{
    struct host *host = bide__hosts_first_ready(pool);
    if (!host || pool->open >= pool->limit) {
        put_spare(c);
        return;
    }
    give_to_first(host, c);
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
    if (c && c->stream && c->streams_max == 1 && is_stale(c, about_now(), careful))
        drop_stream(c);
    return c;
}

/* ---- places of connections that are in use ---- */

static void share(struct connection *c)
{
    struct host *host = c->host;
    c->is_shared = true;
    c->newer = NULL;
    c->older = host->shared;
    if (host->shared)
        host->shared->newer = c;
    host->shared = c;
}

static void unshare(struct connection *c)
{
    if (!c->is_shared)
        return;
    c->is_shared = false;
    *(c->newer ? &c->newer->older : &c->host->shared) = c->older;
    if (c->older)
        c->older->newer = c->newer;
}

static bool has_place(const struct connection *c)
{
    return !c->ending && c->requests_left > 0 && c->streams_open < c->streams_max;
}

static struct connection *take_shared(struct host *host)
{
    struct connection *c = host->shared;
    c->streams_open++;
    c->requests_left--;
    if (!has_place(c))
        unshare(c);
    return c;
}

/* Hands its free places to those who wait; what is left over is there for all. */
static void offer_places(struct connection *c)
{
    struct host *host = c->host;
    while (host->waiters.head && has_place(c)) {
        c->requests_left--;
        give_to_first(host, c);
    }
    bide__hosts_changed(c->pool, host);
    if (!has_place(c))
        unshare(c);
    else if (!c->is_shared)
        share(c);
}

void bide__pool_set_streams(struct connection *c, uint32_t max)
{
    c->streams_max = max > 0 ? max : 1;
    if (c->pool->closed || (c->streams_max == 1 && c->streams_open <= 1))
        return;
    offer_places(c);
}

/* One stream of several has ended.  Is the connection still in use? */
static bool is_still_used(struct connection *c)
{
    if (c->streams_open == 0) {
        unshare(c);
        return false;
    }
    if (!c->pool->closed)
        offer_places(c);
    return true;
}

/* ---- public ---- */

struct connection *bide__pool_take(struct pool *pool, const struct route *route, bool careful)
{
    if (bide__enter() < 0)
        return NULL;
    if (pool->closed) {
        bide_fail(BIDE_ECLOSED, "the session is closed");
        return NULL;
    }
    struct host *host = bide__hosts_get(pool, route);
    if (!host)
        return NULL;
    if (host->shared)
        return take_shared(host);
    struct connection *c = host->newest ? take_idle(host, about_now(), careful) : NULL;
    if (c) {
        c->streams_open = 1;
        if (c->streams_max > 1 && c->stream)
            offer_places(c);
        return c;
    }
    if (has_room(pool, host))
        return take_room(pool, host);
    if (pool->on_wait)
        pool->on_wait(route);
    return wait_in_line(pool, host, careful);
}

/* Is somebody of another host before the first who waits for this one? */
static bool other_comes_first(struct pool *pool, const struct host *host)
{
    struct host *ready = bide__hosts_first_ready(pool);
    return ready && ready != host &&
           (!host->waiters.head || bide__hosts_ticket(ready) < bide__hosts_ticket(host));
}

static void close_used(struct connection *c)
{
    struct pool *pool = c->pool;
    drop_stream(c);
    leave_host(c);
    pass_room_on(pool, c);
}

/* It is idle now, for a time. */
static void keep(struct connection *c)
{
    struct pool *pool = c->pool;
    bide_stream_rest(c->stream);
    if (c->keep_ns < pool->keep_least_ns)
        pool->keep_least_ns = c->keep_ns;
    put_idle(c);
    if (!bide__alarm_is_set(&pool->alarm) || c->until_ns < pool->alarm.due_ns)
        bide__alarm_set(&pool->alarm, c->until_ns);
}

void bide__pool_give(struct connection *c, bool reusable)
{
    struct pool *pool = c->pool;
    struct host *host = c->host;
    c->streams_open--;
    c->ending |= !reusable;
    if (c->streams_max > 1 && is_still_used(c))
        return;
    if (c->ending || c->requests_left == 0 || pool->closed || !c->stream ||
        other_comes_first(pool, host)) {
        close_used(c);
        return;
    }
    c->reused = true;
    c->requests_left--;
    c->since_ns = about_now();
    c->until_ns = c->since_ns + c->keep_ns;
    if (host->waiters.head) {
        give_to_first(host, c);
        bide__hosts_changed(pool, host);
        return;
    }
    keep(c);
}

void bide__pool_renew(struct connection *c)
{
    unshare(c);
    drop_stream(c);
}

static int64_t to_ns(double seconds)
{
    return seconds < KEEP_MAX ? (int64_t)(seconds * 1e9) : (int64_t)(KEEP_MAX * 1e9);
}

void bide__pool_note_keep_alive(struct connection *c, double seconds, int64_t max)
{
    if (seconds >= 0) {
        double own = (double)c->pool->keep_ns * 1e-9;
        double left = seconds - 1;
        c->keep_ns = left < own ? to_ns(left) : c->pool->keep_ns;
        if (!(left > 0))
            c->requests_left = 0;
    }
    if (max >= 0 && max < c->requests_left)
        c->requests_left = (uint32_t)max;
}

int bide__pool_open(struct pool *pool)
{
    pool->keep_ns = pool->keep_least_ns = to_ns(pool->keep_alive);
    pool->alarm.fn = close_expired;
    return bide__hosts_open(pool);
}

void bide__pool_close(struct pool *pool)
{
    pool->closed = true;
    bide__alarm_clear(&pool->alarm);
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
    bide_tls_free(pool->tls);
}
