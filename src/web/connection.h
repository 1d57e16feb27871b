/* A server's connection: what there is of it while nothing happens, which is little.
 *
 * Between requests a connection is this struct and its descriptor's entry with the poller, no
 * stack, no buffer: it is parked.  When bytes have come a task takes it, makes a stream over the
 * descriptor on its own stack, lets the protocol serve what is there, and parks it again.  TLS has
 * a stream that stays. */
#ifndef BIDE_WEB_CONNECTION_H
#define BIDE_WEB_CONNECTION_H

#include "core/fd.h"
#include "web/admission.h"
#include "web/worker.h"

#include <bide/resolve.h>
#include <bide/scope.h>
#include <bide/stream.h>

struct connection {
    struct fd_idler idler;      /* first */
    struct connection *next, *prev;     /* in a ring of parked ones */
    struct bide_worker *worker;
    bide_stream *stream;        /* NULL: made anew while a task has it */
    struct bide_ws *ws;         /* it is a WebSocket, served by a function per message */
    int fd;
    uint32_t parked_ms;         /* when, on the loop's clock */
    uint32_t requests;          /* served so far */
    uint8_t site;               /* which listener it came from */
    bool is_parked;
    bool starved;               /* a WebSocket for which no task could be had: it waits */
    bool admitted;              /* counted by its address */
    struct client_address client;
};

/* A task that waits between requests, where there is nothing to park. */
struct waiting {
    struct waiting *next, *prev;
    bide_scope *scope;
};

/* Takes over an accepted descriptor, with its place in the run's room, and parks it; ends both if
 * there is no memory, or its client has too many already. */
void bide__connection_accept(struct bide_worker *worker, int fd, unsigned site,
                             const struct bide_address *from);
/* Ends all that are parked, some at a time; but WebSockets get a task to say good-bye. */
BIDE_WAITS int bide__connections_dismiss(struct bide_worker *worker);
/* Ends those that could not even be dismissed, for want of memory. */
BIDE_WAITS int bide__connections_end(struct bide_worker *worker);
/* Ends those that were idle for too long: the alarm's. */
void bide__connections_ring(struct alarm *alarm);
/* Serves what has come and parks it again; false: it has ended. */
BIDE_WAITS bool bide__connection_serve(struct connection *c);
/* No task is to be had for it. */
void bide__connection_go_without(struct connection *c);
/* The stream to write to, of a connection that may be parked: `space` is used where it has none of
 * its own now. */
struct socket_stream;
bide_stream *bide__connection_borrow(struct connection *c, struct socket_stream *space);
void bide__connection_return(struct connection *c, struct socket_stream *space);
/* Of one that no task has: writes what there is room for, maybe nothing; < 0, without a
 * sentence: it failed. */
ssize_t bide__connection_write_now(struct connection *c, const struct iovec *pieces, int count);
/* Gives it a task, as if something had come. */
void bide__connection_wake(struct connection *c);

#endif
