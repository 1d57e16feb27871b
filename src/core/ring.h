/* The ring of io_uring: what its files share.
 *
 * poller_ring.c watches and waits, ring_accept.c accepts, ring_receive.c receives.  A request is
 * known by its mark, which its completions bring back. */
#ifndef CORE_RING_H
#define CORE_RING_H
#include "core/poller.h"
#include "core/ring_buffers.h"
#include <liburing.h>

/* What a completion belongs to: 0 is nobody's; a descriptor's has its kind in the two lowest bits,
 * where an operation's, which is its address, has none. */
enum mark_kind { MARK_OPERATION, MARK_POLL, MARK_ACCEPT, MARK_RECEIVE };
enum { MARK_KIND = 3, MARK_FD_MAX = (1 << 30) - 1 };

/* A request is armed once the system has been told of it, or will be without another word. */
enum place_state { UNWATCHED, PENDING, ARMED, RESTING };
/* Who tells of something to read; the last three wait for a request's report. */
enum receiving { POLLED, DIRECT, RECEIVING, ENDING, STOPPING };
struct place {
    uint32_t generation, serial, receive_serial;
    int error;                  /* of receiving, behind what was received; or 0 */
    struct received received;
    uint8_t state, receiving;
    bool listed;                /* among the pending */
};
struct ring_listener;
struct ring {
    struct io_uring io;
    struct place *places;       /* by descriptor */
    int *pending;               /* those to be armed by the next wait; as much room as places */
    int room, pending_count;
    uint32_t serial;            /* the last one given to a request */
    struct ring_listener *listeners;
    struct ring_buffers *buffers;       /* NULL: none was asked for, or there are none */
    bool accepts;               /* the system can go on accepting (Linux 5.19) */
    bool receives;              /* likewise (6.0) */
};

static inline uint64_t mark_of(enum mark_kind kind, int fd, uint32_t serial)
{
    return (uint64_t)serial << 32 | (uint32_t)fd << 2 | kind;
}

static inline int mark_fd(uint64_t mark)
{
    return (int)((uint32_t)mark >> 2);
}

/* NULL: the descriptor was never watched. */
static inline struct place *place_of(struct ring *r, int fd)
{
    return fd >= 0 && fd < r->room ? &r->places[fd] : NULL;
}

/* Where the next request is written to; NULL: the system takes no more just now. */
struct io_uring_sqe *bide__ring_entry(struct ring *r);
/* Has a request end, with the next call or wait; its end is told all the same.  False: not now. */
bool bide__ring_cancel(struct ring *r, uint64_t mark);
/* Is there anything to be told to the system, or to be had from it? */
bool bide__ring_has_business(const struct ring *r);
/* Tells the system what was gathered. */
void bide__ring_submit(struct ring *r);
/* What a request has told and was not yet looked at is noted before its turn, for who asks. */
void bide__ring_note(struct ring *r, uint64_t mark);
/* A watched descriptor's edges are not wanted for now; they are again. */
void bide__ring_rest(struct ring *r, int fd);
void bide__ring_poll(struct ring *r, int fd);

/* The poller's accept and accept_stop. */
int bide__ring_accept(struct poller *p, int fd, bool going_on);
bool bide__ring_accept_stop(struct poller *p, int fd);
/* A listener's completion.  False: it is of no interest to who waits. */
bool bide__ring_accepted(struct ring *r, const struct io_uring_cqe *cqe,
                         struct poller_event *event);
/* The listener is unwatched: who was accepted and not taken is hung up on. */
void bide__ring_accept_end(struct ring *r, int fd);
void bide__ring_accept_close(struct ring *r);

/* The poller's receive, take, holds and receive_stop. */
void bide__ring_receive(struct poller *p, int fd);
ssize_t bide__ring_take(struct poller *p, int fd, void *buf, size_t size, bool *more);
bool bide__ring_holds(struct poller *p, int fd);
void bide__ring_receive_stop(struct poller *p, int fd);
/* A stream socket's completion.  False: it is of no interest to who waits. */
bool bide__ring_received(struct ring *r, const struct io_uring_cqe *cqe,
                         struct poller_event *event);
/* The socket is unwatched: what it has received is gone.  True: there is something to be told the
 * system. */
bool bide__ring_receive_end(struct ring *r, int fd);

#endif
