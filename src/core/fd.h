/* Descriptors: who waits for which, and the operations on them that wait.
 *
 * A descriptor is watched once, for both directions, and has an entry that remembers what it
 * is thought to be ready for.  Operations try when the entry says ready, take EAGAIN or a
 * short count as "drained", and wait for the next edge.  A hang-up that was seen is never
 * drained: data and end may come in one event, and no further edge would come.  Entries lie in
 * chunks that never move; a generation tells a closed descriptor's late events from its
 * number's next life. */
#ifndef CORE_FD_H
#define CORE_FD_H
#include "core/poller.h"
#include <bide/base.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

BIDE_BEGIN_                     /* bide-http parks connections: bide.map, BIDE_PRIVATE */

struct wait;
struct loop;
enum { FD_CHUNK = 256 };
/* Who waits for a descriptor without a task of its own. */
struct fd_idler {
    /* The poller's call, once per parking, when there is something to read, or the descriptor was
     * aborted.  It must not wait; as a rule it spawns a task. */
    void (*wake)(struct fd_idler *idler);
};
struct fd_entry {
    union {
        struct wait *reader;
        struct fd_idler *idler; /* parked */
    };
    struct wait *writer;
    int fd;                     /* its number */
    uint32_t generation;
    uint8_t ready;              /* READY_..., as far as is known */
    bool watched, socket, steady;       /* steady: always ready, as plain files are */
    bool drains;                /* a short read says that nothing is left: a stream socket */
    bool aborted;               /* all operations fail */
    bool foreign;               /* somebody else's, who may close it without a word */
    bool listens;               /* the poller may accept by itself */
    bool receivable, receives;  /* it may receive by itself; and has begun to, once */
    bool parked;                /* the idler is waiting, no reader */
};
struct fd_table {
    struct fd_entry **chunks;
    unsigned chunk_count;
    uint32_t waiters;           /* tasks in a descriptor wait */
    uint64_t operations;        /* done; tells the jumping clock what may be on its way */
};

/* With what is ready: a socket that was made non-blocking, so the system need not be asked;
 * somebody else's descriptor, whose flags are left alone; one of our own, whose flags are; a
 * listening socket on which nobody else accepts; one of TCP that nobody else reads, and that is
 * read by bide__fd_read() and _read_now() alone. */
enum { WATCH_SOCKET = 128, WATCH_FOREIGN = 64, WATCH_AS_IS = 32, WATCH_LISTENER = 16,
       WATCH_STREAM = 8 };
/* Makes it non-blocking and watches it; `ready` is what it may be tried for at once.  0, or <
 * 0 with the error held. */
int bide__fd_watch(int fd, unsigned ready);
/* No longer watches it; who waits fails with BIDE_ECLOSED. */
void bide__fd_unwatch(int fd);
/* The same, and closes it. */
void bide__fd_close(int fd);
/* Others may read it too: from now on nothing is received before it is asked for. */
void bide__fd_expose(int fd);
/* Who waits fails with BIDE_ECLOSED, and so does every later operation; it stays open and
 * watched. */
void bide__fd_abort(int fd);

/* Each waits until the operation can be done, does it once, and returns what the system call
 * did, < 0 with the error held. */
BIDE_WAITS ssize_t bide__fd_read(int fd, void *buf, size_t size);
BIDE_WAITS ssize_t bide__fd_writev(int fd, const struct iovec *pieces, int count);
/* A file's bytes that the system has in memory; 0: the file ends at `at`. */
BIDE_WAITS ssize_t bide__fd_sendfile(int fd, int file, int64_t at, size_t size);
BIDE_WAITS int bide__fd_accept(int fd, struct sockaddr *address, socklen_t *size);
BIDE_WAITS int bide__fd_connect(int fd, const struct sockaddr *address, socklen_t size);
/* Leaves the descriptor to the idler until something is to be read.  True: it is parked, and nobody
 * may read it before it is woken or called back.  False: look first, there may be something now; or
 * it was aborted, or somebody reads. */
bool bide__fd_park(int fd, struct fd_idler *idler);
/* Calls it back; it will not be woken. */
void bide__fd_unpark(int fd);
/* Any other system call on a descriptor: attempt() does it once, and says -1 and errno where it
 * has to wait for `direction` (READY_READ or READY_WRITE). */
typedef ssize_t bide__fd_attempt(int fd, void *arg);
BIDE_WAITS ssize_t bide__fd_do(int fd, unsigned direction, bide__fd_attempt *attempt, void *arg);
/* Waits until one of `wanted` is ready; the ready ones. */
BIDE_WAITS int bide__fd_ready(int fd, unsigned wanted);

/* For a wait among several: the foreign descriptor's ready ones of poll(2)'s events now, or 0. */
int bide__fd_look(int fd, int poll_events);
/* Lines w up for them (sets kind and data); to be looked at anew when it is settled. */
int bide__fd_join(int fd, int poll_events, struct wait *w);

/* Reads what is there: how many bytes, 0: the end; BIDE_EAGAIN: nothing; < 0, all without a
 * sentence. */
ssize_t bide__fd_read_now(int fd, void *buf, size_t size);
/* Is something there to be read that the poller has received, and the system has no more? */
bool bide__fd_has_received(int fd);
/* Accepts one that is there: its descriptor; BIDE_EAGAIN: there is none; < 0, all without a
 * sentence. */
int bide__fd_accept_now(int fd, struct sockaddr *address, socklen_t *size);
/* Writes what goes at once, also where it was aborted: how many bytes, maybe 0; < 0, without a
 * sentence. */
ssize_t bide__fd_write_now(int fd, const struct iovec *pieces, int count);

/* writev(2) at once, without SIGPIPE. */
ssize_t bide__fd_write_unsignalled(int fd, const struct iovec *pieces, int count);

/* NULL: nobody has ever watched one near it. */
static inline struct fd_entry *fd_entry_of(const struct fd_table *table, int fd)
{
    unsigned chunk = (unsigned)fd / FD_CHUNK;   /* a negative one's is beyond all */
    if (chunk >= table->chunk_count || !table->chunks[chunk])
        return NULL;
    return &table->chunks[chunk][(unsigned)fd % FD_CHUNK];
}

/* May there be something to read: has the poller told of it, and it was not drained yet?  One that
 * tells only what it is asked for leaves it open. */
bool bide__fd_looks_readable(int fd);

/* The poller's news. */
void bide__fd_event(struct loop *l, const struct poller_event *event);
void bide__fd_table_close(struct fd_table *table);

BIDE_END_
#endif
