/* Attempts at an operation on a descriptor, until one succeeds: what fd.c's files share.
 *
 *     struct fd_entry *e = bide__fd_begin(fd);
 *     int rc = e ? 0 : bide_errcode();
 *     while (rc == 0 && (rc = bide__fd_ensure(fd, e, direction)) == 0) {
 *         ... try; return if it was done ...
 *         rc = bide__fd_retry(e, direction);
 *     }
 *     return rc; */
#ifndef CORE_FD_ATTEMPT_H
#define CORE_FD_ATTEMPT_H
#include "core/fd.h"
#include "core/park.h"

/* NULL: nobody watches it. */
static inline struct fd_entry *fd_watched(struct loop *l, int fd)
{
    struct fd_entry *e = fd_entry_of(&l->fds, fd);
    return e && e->watched ? e : NULL;
}

/* The descriptor's entry; NULL with the error held. */
BIDE_WAITS static inline struct fd_entry *bide__fd_begin(int fd)
{
    if (bide__enter() < 0)
        return NULL;
    struct fd_entry *e = fd_watched(bide__loop(), fd);
    if (e && !e->aborted)
        return e;
    bide_fail(BIDE_ECLOSED, "closed");
    return NULL;
}

/* Waits until it is thought to be ready. */
BIDE_WAITS int bide__fd_await(int fd, struct fd_entry *e, unsigned direction);
BIDE_WAITS static inline int bide__fd_ensure(int fd, struct fd_entry *e, unsigned direction)
{
    return e->ready & direction ? 0 : bide__fd_await(fd, e, direction);
}

/* Nothing is left to be read: the poller tells of the next, or receives it. */
void bide__fd_drained(struct fd_entry *e);
/* What a failed attempt means, by errno: 0, wait for readiness and try again; < 0, the failure. */
int bide__fd_retry(struct fd_entry *e, unsigned direction);

#endif
