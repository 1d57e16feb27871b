/* What the loop asks of the system's way of waiting: one contract, one file per
 * implementation.
 *
 * A poller reports what descriptors have become ready for, edge-triggered: a readiness is told
 * once, and holds until the reader or writer has met EAGAIN or a short count.  One that only
 * knows levels (poll) is told with want() what somebody waits for and forgets it once
 * reported.  All input and output above goes through core/fd.h's calls, which name a whole
 * operation (read into this buffer, accept, connect), so that a ring can take the operation
 * itself and report its completion. */
#ifndef CORE_POLLER_H
#define CORE_POLLER_H
#include <stddef.h>
#include <stdint.h>

enum { READY_READ = 1, READY_WRITE = 2, READY_HANGUP = 4 };
struct poller_event { int fd; uint32_t generation; unsigned ready; };

struct poller;
struct poller_ops {
    const char *name;
    int (*open)(struct poller *p);
    void (*close)(struct poller *p);
    /* Begins to watch; the generation comes back with each event.  -EPERM: always ready, as
     * plain files are; -EEXIST: is watched already. */
    int (*watch)(struct poller *p, int fd, uint32_t generation);
    /* Ends watching; closing: the descriptor is closed right after this. */
    void (*unwatch)(struct poller *p, int fd, int closing);
    /* Somebody waits for this; NULL where edges are reported anyway. */
    int (*want)(struct poller *p, int fd, uint32_t generation, unsigned ready);
    /* Waits up to timeout_ns (< 0: no limit) and fills in events: their number, or -errno. */
    int (*wait)(struct poller *p, int64_t timeout_ns, struct poller_event *events, int max);
};
struct poller {
    const struct poller_ops *ops;
    int fd;                     /* the implementation's */
    void *state;
};

extern const struct poller_ops bide__poller_epoll, bide__poller_poll;
/* By name, or the best there is if name is NULL: 0, or < 0 with the error held. */
int bide__poller_open(struct poller *p, const char *name);

#endif
