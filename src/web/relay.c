/* The line, and who takes from it. */
#include "web/relay.h"

#include "core/loop.h"
#include "web/connection.h"

#include <bide/task.h>

static void add(struct relay *relay, struct connection *c)
{
    c->next = NULL;
    *(relay->first ? &relay->last->next : &relay->first) = c;
    relay->last = c;
}

static struct connection *take(struct relay *relay)
{
    struct connection *c = relay->first;
    if (c)
        relay->first = c->next;
    return c;
}

static int serve_line(void *arg);

/* The plainest of spawns, for it is the cheapest; the group hears of one that cannot start, and it
 * is nothing to it. */
static void see_to_next(struct bide_worker *worker)
{
    struct relay *relay = &worker->relay;
    if (!relay->first || relay->next_is_ready)
        return;
    relay->next_is_ready = bide_spawn(worker->busy, serve_line, worker) == 0;
    while (!relay->next_is_ready && relay->first)
        bide__connection_go_without(take(relay));
}

/* May this task serve another one?  To the loop each is like a switch, so that the poller gets its
 * turn; and nobody may find the sentence of somebody else's failure. */
static bool may_go_on(void)
{
    struct loop *l = bide__loop();
    return !(l->current->flags & TASK_HELD) && --l->ticks > 0;
}

/* What became of one client is no failure of the server. */
static int serve_line(void *arg)
{
    struct bide_worker *worker = arg;
    struct connection *c;
    worker->relay.next_is_ready = false;
    do {
        c = take(&worker->relay);
        see_to_next(worker);
        if (c)
            bide_ignore(bide__connection_serve(c));
    } while (c && may_go_on());
    return 0;
}

void bide__relay_enter(struct bide_worker *worker, struct connection *c)
{
    add(&worker->relay, c);
    see_to_next(worker);
}
