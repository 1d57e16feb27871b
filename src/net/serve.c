/* A task per connection.
 *
 * The connections belong to a group of their own: a failing one is nobody's failure but its
 * own, told at once.  The group is closed when accepting ends, and waited for whatever happens,
 * for its tasks use the caller's `arg`. */
#include "io/stream.h"

#include <bide/group.h>
#include <bide/net.h>
#include <bide/scope.h>
#include <bide/sync.h>

struct connection {
    bide_stream *stream;
    int (*fn)(bide_stream *s, void *arg);
    void *arg;
};

/* waits: through the connection's function */
static int connection(void *arg)
{
    struct connection *c = arg;
    return c->fn(c->stream, c->arg);
}

static void close_connection(void *arg)
{
    struct connection *c = arg;
    bide_stream_close(c->stream);
}

static int accept_all(bide_listener *l, bide_group *g, struct connection c)
{
    while ((c.stream = bide_accept(l))) {
        c.stream->lent = true;
        bide_spawn(g, connection, &c, .copy = sizeof c, .drop = close_connection);
    }
    return bide_errcode();
}

static void tell(void *ended)
{
    bide_event_set(ended);
}

int bide_serve(bide_listener *l, int (*fn)(bide_stream *s, void *arg), void *arg)
{
    bide_event ended = { .set_ = 0 };
    bide_group *g = bide_group_open("serve", tell, &ended);
    if (!g)
        return bide_errcode();
    int rc = accept_all(l, g, (struct connection){ .fn = fn, .arg = arg });
    BIDE_KEEP_ERROR(why);
    BIDE_SHIELD(until_joined, BIDE_FOREVER);
    bide_group_close(g);
    bide_ignore(bide_event_wait(&ended));
    return rc;
}
