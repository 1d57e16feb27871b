/* Listeners in a ring: the system goes on accepting, and tells of each connection.
 *
 * It begins when somebody waits for one, and is told to end when QUEUE_MOST have not been taken,
 * or the wait is given up: who comes then stays in the backlog, where others can have him.  What
 * it has accepted until it heard of that waits here in the order of its coming; a burst may be as
 * long as the ring has room for reports.  A listener on which others accept too, in another thread
 * or process, is not for this: the first would have all who come at once.
 *
 * A connection that is told after its listener was closed has no taker, and is closed too. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/ring.h"
#include <errno.h>

enum { QUEUE_MOST = 16, QUEUE_FIRST = 64 };

enum accepting { IDLE, ACCEPTING, CEASING };     /* ceasing: the last report is still to come */
struct ring_listener {
    struct ring_listener *next;
    int fd;
    uint32_t serial;            /* of its request */
    enum accepting state;
    int error;                  /* the request's end, which nobody has heard of; or 0 */
    int *queue;                 /* descriptors */
    unsigned first, count, room;
};

static struct ring_listener **find(struct ring *r, int fd)
{
    struct ring_listener **at = &r->listeners;
    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    return at;
}

/* ---- the queue ------------------------------------------------------------------------------- */

static bool grow(struct ring_listener *l)
{
    unsigned room = l->room ? 2 * l->room : QUEUE_FIRST;
    int *queue = bide__alloc(room * sizeof *queue);
    if (!queue)
        return false;
    for (unsigned i = 0; i < l->count; i++)
        queue[i] = l->queue[(l->first + i) % l->room];
    bide__free(l->queue);
    l->queue = queue;
    l->first = 0;
    l->room = room;
    return true;
}

/* Without memory this client was unlucky. */
static void put(struct ring_listener *l, int fd)
{
    if (l->count == l->room && !grow(l)) {
        bide__sys.close(fd);
        return;
    }
    l->queue[(l->first + l->count++) % l->room] = fd;
}

static int take(struct ring_listener *l)
{
    int taken = l->count ? l->queue[l->first] : l->error ? l->error : -EAGAIN;
    if (l->count) {
        l->first = (l->first + 1) % l->room;
        l->count--;
    } else {
        l->error = 0;
    }
    return taken;
}

/* With room for the first, so that a connection is rarely taken that cannot be kept. */
static struct ring_listener *add(struct ring *r, int fd)
{
    struct ring_listener *l = bide__zalloc(sizeof *l);
    if (!l || !grow(l)) {
        bide__free(l);
        return NULL;
    }
    l->fd = fd;
    l->next = r->listeners;
    r->listeners = l;
    return l;
}

/* ---- what the system tells ------------------------------------------------------------------- */

static void end(struct ring *r, struct ring_listener *l)
{
    if (l->state == ACCEPTING && bide__ring_cancel(r, mark_of(MARK_ACCEPT, l->fd, l->serial)))
        l->state = CEASING;
}

static void note(struct ring *r, struct ring_listener *l, const struct io_uring_cqe *cqe)
{
    if (cqe->res >= 0)
        put(l, cqe->res);
    if (!(cqe->flags & IORING_CQE_F_MORE)) {
        l->state = IDLE;
        l->error = cqe->res < 0 && cqe->res != -ECANCELED ? cqe->res : 0;
    } else if (l->count >= QUEUE_MOST) {
        end(r, l);
    }
}

bool bide__ring_accepted(struct ring *r, const struct io_uring_cqe *cqe, struct poller_event *event)
{
    int fd = mark_fd(cqe->user_data);
    struct ring_listener *l = *find(r, fd);
    if (!l || mark_of(MARK_ACCEPT, fd, l->serial) != cqe->user_data) {
        if (cqe->res >= 0)
            bide__sys.close(cqe->res);
        return false;
    }
    note(r, l, cqe);
    *event = (struct poller_event){ .fd = fd, .generation = r->places[fd].generation,
                                    .ready = READY_READ };
    return true;
}

/* ---- what the poller is asked for ------------------------------------------------------------ */

static int begin(struct ring *r, struct ring_listener *l)
{
    struct io_uring_sqe *sqe = bide__ring_entry(r);
    if (!sqe)
        return -ENOMEM;
    bide__ring_rest(r, l->fd);
    l->serial = ++r->serial;
    l->state = ACCEPTING;
    io_uring_prep_multishot_accept(sqe, l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    io_uring_sqe_set_data64(sqe, mark_of(MARK_ACCEPT, l->fd, l->serial));
    return -EAGAIN;
}

/* At once. */
static bool halt(struct ring *r, struct ring_listener *l)
{
    if (l->state == IDLE)
        return false;
    end(r, l);
    bide__ring_submit(r);
    bide__ring_note(r, mark_of(MARK_ACCEPT, l->fd, l->serial));
    return true;
}

static void stop(struct ring *r, struct ring_listener *l)
{
    if (halt(r, l))
        bide__ring_poll(r, l->fd);
}

int bide__ring_accept(struct poller *p, int fd, bool going_on)
{
    struct ring *r = p->state;
    struct ring_listener *l = *find(r, fd);
    if (l && !going_on)
        stop(r, l);
    int taken = l ? take(l) : -EAGAIN;
    if (taken != -EAGAIN || !going_on || (l && l->state != IDLE))
        return taken;
    if (!l && !(l = add(r, fd)))
        return -ENOMEM;
    return begin(r, l);
}

bool bide__ring_accept_stop(struct poller *p, int fd)
{
    struct ring_listener *l = *find(p->state, fd);
    if (l)
        stop(p->state, l);
    return l && l->count;
}

void bide__ring_accept_end(struct ring *r, int fd)
{
    struct ring_listener **at = find(r, fd), *l = *at;
    if (!l)
        return;
    halt(r, l);
    *at = l->next;
    while (l->count)
        bide__sys.close(take(l));
    bide__free(l->queue);
    bide__free(l);
}

void bide__ring_accept_close(struct ring *r)
{
    while (r->listeners)
        bide__ring_accept_end(r, r->listeners->fd);
}
