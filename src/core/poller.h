/* What the loop asks of the system's way of waiting: one contract, one file per
 * implementation.
 *
 * A poller reports what descriptors have become ready for, edge-triggered: a readiness is told
 * once, and holds until the reader or writer has met EAGAIN or a short count.  One that only
 * knows levels (poll) is told with want() what somebody waits for and forgets it once
 * reported.  One that keeps what it watches open (a ring) lets go of somebody else's while
 * nobody waits.  All input and output above goes through core/fd.h's calls, which name a whole
 * operation (read into this buffer, accept, connect), so that a ring can take the operation
 * itself and report its completion. */
#ifndef CORE_POLLER_H
#define CORE_POLLER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { READY_READ = 1, READY_WRITE = 2, READY_HANGUP = 4 };
struct poller_event { int fd; uint32_t generation; unsigned ready; };

struct operation;
struct poller;
struct poller_ops {
    const char *name;
    int (*open)(struct poller *p);
    void (*close)(struct poller *p);
    /* Begins to watch; the generation comes back with each event.  -EPERM: always ready, as
     * plain files are; -EEXIST: is watched already.  pollable: it is known to be no such file. */
    int (*watch)(struct poller *p, int fd, uint32_t generation, bool pollable);
    /* Ends watching; closing: the descriptor is closed right after this. */
    void (*unwatch)(struct poller *p, int fd, int closing);
    /* Nobody waits for somebody else's descriptor now, and it may be closed without a word; to be
     * watched again before the next wait.  NULL where watching does not keep a file open. */
    void (*rest)(struct poller *p, int fd);
    /* Somebody waits for this; NULL where edges are reported anyway. */
    int (*want)(struct poller *p, int fd, uint32_t generation, unsigned ready);
    /* Waits up to timeout_ns (< 0: no limit) and fills in events: their number, or -errno. */
    int (*wait)(struct poller *p, int64_t timeout_ns, struct poller_event *events, int max);
    /* What was gathered for the next wait() is told the system now, for somebody else waits in its
     * place: a guest's host.  NULL where nothing is gathered. */
    void (*submit)(struct poller *p);
    /* Takes a whole operation (core/operation.h), whose end wait() tells by bide__operation_end().
     * 0; < 0: it was not taken.  NULL, as cancel() then is: none is taken. */
    int (*begin)(struct poller *p, struct operation *op);
    /* Has it end early; it ends all the same. */
    void (*cancel)(struct poller *p, struct operation *op);
    /* Takes a connection that the poller has accepted by itself on a listener it watches: its
     * descriptor, non-blocking and closed on exec.  going_on: it accepts from now on, and tells
     * READY_READ; else no more, and who has none tries himself.  -EAGAIN: there is none; < 0: it
     * could not.  Both are there where the poller `accepts`. */
    int (*accept)(struct poller *p, int fd, bool going_on);
    /* Accepts no more, and tells of who waits for it as of any other; is there one to be taken? */
    bool (*accept_stop)(struct poller *p, int fd);
    /* Nothing is left to be read on a stream socket that is watched, and somebody is going to wait:
     * the poller may receive by itself from now on, and then tells READY_READ.  These four are
     * there where it `receives`. */
    void (*receive)(struct poller *p, int fd);
    /* Takes what was received: its size; < 0: an error that came after it.  -EAGAIN: nothing yet;
     * -ENODATA: that was all, and the next is to be read by who wants it.  more: there is no need
     * to wait. */
    ssize_t (*take)(struct poller *p, int fd, void *buf, size_t size, bool *more);
    /* Is there something to be taken? */
    bool (*holds)(struct poller *p, int fd);
    /* Receives no more; what it has received is there to be taken, told or not. */
    void (*receive_stop)(struct poller *p, int fd);
};
struct poller {
    const struct poller_ops *ops;
    int fd;                     /* the implementation's */
    void *state;
    bool accepts, receives;     /* by itself, as the system is */
};

/* What the bits of poll(2) mean, which a ring has too: READY_... */
unsigned bide__poller_meaning(unsigned events);
/* Is a file of this mode always ready, as epoll knows by itself? */
bool bide__poller_is_plain(mode_t mode);

extern const struct poller_ops bide__poller_epoll, bide__poller_poll, bide__poller_ring;
/* By name, or the best there is if name is NULL: 0, or < 0 with the error held.  Where the system
 * refuses a ring, as containers do, it is epoll. */
int bide__poller_open(struct poller *p, const char *name);

#endif
