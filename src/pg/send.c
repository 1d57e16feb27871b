/* Sending: what libpq holds, by a task where it does not go at once.
 *
 * libpq 15 writes at each Sync, and so once for each statement.  For the kernel a segment through
 * the network is the dear part of that; so the second statement of a turn of the loop, and those
 * after it, are only gathered there (TCP_CORK), and go when everybody who is ready has had a turn.
 * The first goes at once: nobody who asks alone waits for anything. */
#include "pg/connection.h"

#include <bide/group.h>
#include <bide/scope.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* ---- gathering ------------------------------------------------------------------------------- */

static int set_cork(struct pg_connection *c, int on)
{
    return setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

static int uncork(void *arg)
{
    struct pg_connection *c = arg;
    c->corked = false;
    if (c->fd >= 0)
        set_cork(c, 0);
    if (bide__pg_is_left(c))
        bide__pg_free(c);
    return 0;
}

void bide__pg_gather(struct pg_connection *c)
{
    uint32_t turn = bide__loop()->turns;
    bool first = c->sent_turn != turn || !c->head;
    c->sent_turn = turn;
    if (first || c->corked || c->is_local || c->fd < 0)
        return;
    if (set_cork(c, 1) < 0) {
        c->is_local = true;     /* no TCP */
        return;
    }
    c->corked = true;
    if (bide_spawn(bide__db_group(c->base.pool), uncork, c) == 0)
        return;
    c->corked = false;
    set_cork(c, 0);
}

/* ---- sending --------------------------------------------------------------------------------- */

static ssize_t flush_once(int fd, void *arg)
{
    (void)fd;
    struct pg_connection *c = arg;
    int left = c->pg && !c->broken ? PQflush(c->pg) : 0;
    if (left <= 0)
        return left < 0 ? 1 : 0;
    errno = EAGAIN;
    return -1;
}

static int send_rest(void *arg)
{
    struct pg_connection *c = arg;
    BIDE_SHIELD(shield, BIDE_FOREVER);  /* ended by closing, or by the pump's limits */
    ssize_t rc = c->broken ? 0 : bide__fd_do(c->fd, READY_WRITE, flush_once, c);
    if (rc > 0 && !c->closed)
        bide__pg_lose(c, -ECONNRESET, PQerrorMessage(c->pg));
    c->writing = false;
    bide__settle_all(&c->flushed, 0);
    if (bide__pg_is_left(c))
        bide__pg_free(c);
    return 0;
}

void bide__pg_send(struct pg_connection *c)
{
    if (c->writing)
        return;
    int left = PQflush(c->pg);
    if (left < 0)
        bide__pg_lose(c, -ECONNRESET, PQerrorMessage(c->pg));
    if (left <= 0)
        return;
    c->writing = true;
    if (bide_spawn(bide__db_group(c->base.pool), send_rest, c) == 0)
        return;
    c->writing = false;
    bide__pg_lose(c, BIDE_ENOMEM, "out of memory for a task that sends");
}

int bide__pg_flush(struct pg_connection *c)
{
    static const struct waitkind sending = { "room for data to PostgreSQL", bide__undo, NULL };
    bide__pg_send(c);
    while (c->writing && !c->broken) {
        struct wait w = { .kind = &sending };
        int rc = bide__wait(&c->flushed, &w);
        if (rc < 0)
            return rc;
    }
    return c->broken ? bide__pg_fail_lost(c) : 0;
}
