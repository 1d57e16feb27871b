/* A byte stream from inside: a short table of operations, and one read buffer on top of them.
 *
 * Sockets, memory pairs and TLS fill in the table; reading by lines, peeking, exact counts and
 * whole writes are made here once, for all of them.  An implementation embeds struct
 * bide_stream first in its own.
 *
 * The buffer is there only while it holds something: it is taken when bytes have come and given
 * back before the next wait, so idle streams have none, and busy ones share the few that are
 * warm in the cache.  A reader and a writer may be inside at the same time; a stream that is
 * closed meanwhile is freed by the last of them to leave. */
#ifndef IO_STREAM_H
#define IO_STREAM_H
#include <bide/stream.h>

BIDE_BEGIN_

/* Waiting operations fail with the error held; what they were called for stays as it was. */
struct stream_ops {
    /* Waits until something came, and reads up to size (> 0) bytes of it; 0: the end. */
    ssize_t (*read)(bide_stream *s, void *buf, size_t size);
    /* Waits until read() has something to do; >= 0. */
    int (*await)(bide_stream *s);
    /* Waits until there is room, and writes some: at least one byte of pieces that have one. */
    ssize_t (*writev)(bide_stream *s, const struct iovec *pieces, int count);
    int (*write_end)(bide_stream *s);
    /* Would read() find something now?  Does not wait. */
    bool (*readable)(bide_stream *s);
    /* Lets whoever waits in it fail with BIDE_ECLOSED, also those who come later. */
    void (*abort)(bide_stream *s);
    /* Closes it and frees the memory that it lies in.  Nobody is in it. */
    void (*close)(bide_stream *s);
    int (*fd)(const bide_stream *s);                        /* NULL: -1 */
    const char *(*peer)(bide_stream *s);                    /* NULL: "" */
    void (*high_water)(bide_stream *s, size_t size);        /* NULL: has none */
    /* Waits until there is room, and sends some of a file from `at` on: how many bytes, 0: the
     * file ends there.  NULL: only by way of writev(). */
    ssize_t (*sendfile)(bide_stream *s, int file, int64_t at, size_t size);
    /* The same without waiting and without sentences; nobody is in the other one.  read_now: what
     * is there, 0: the end, BIDE_EAGAIN: nothing yet; write_now: what there is room for, maybe 0,
     * also when aborted.  < 0: it failed.  NULL: cannot be done without waiting. */
    ssize_t (*read_now)(bide_stream *s, void *buf, size_t size);
    ssize_t (*write_now)(bide_stream *s, const struct iovec *pieces, int count);
    /* May read_now() find something, as far as the poller has told?  The system is not asked.
     * NULL: it may. */
    bool (*may_read)(bide_stream *s);
};

enum stream_flags {
    STREAM_READING = 1, STREAM_WRITING = 2,     /* a task is inside */
    STREAM_ABORTED = 4, STREAM_CLOSED = 8,
    STREAM_ENDED = 16,          /* our writing side was ended */
    STREAM_CUT_SHORT = 32,      /* half a write was sent: no more writes */
    STREAM_LOST = 64,           /* bytes that were read could not be kept: no more reads */
    STREAM_LINE = 128,          /* the byte at `begin` was replaced by a line's NUL */
};

struct bide_stream {
    const struct stream_ops *ops;
    char *buffer;               /* NULL: none now; room for one byte more than it has */
    size_t begin, end, room;    /* what is buffered, and how much can be */
    size_t line_max;
    uint8_t flags;
    char replaced;              /* see STREAM_LINE */
    bool lent;                  /* whoever lent it will close it: a TLS stream over it does not */
};

/* bide_stream_fd() for who does not read from it: what is received ahead goes on so. */
static inline int bide__stream_fd(const bide_stream *s)
{
    return s->ops->fd ? s->ops->fd(s) : -1;
}

/* The buffers' usual room.  CPU for a GiB copied, in s: 4 KiB 0.33, 8 KiB 0.24, 16 KiB 0.18, 32
 * KiB 0.15, 64 KiB 0.16; small exchanges are the same with all. */
enum { BUFFER_ROOM = 16384 };

/* Fills in a new stream. */
void bide__stream_init(bide_stream *s, const struct stream_ops *ops);
/* What an implementation's close() calls before it frees the stream: gives back what it holds. */
void bide__stream_release(bide_stream *s);
/* Gives back the buffer, and what is in it is lost. */
void bide__stream_drop_buffer(bide_stream *s);
/* A stream of a socket, in two steps, the first of which can fail (NULL, the error held): the
 * struct, and its descriptor, watched already, with the address of its peer (NULL: found out
 * when asked for). */
struct sockaddr;
bide_stream *bide__socket_stream(void);
void bide__socket_stream_set(bide_stream *s, int fd, const struct sockaddr *peer);

/* Enters as the one reader or writer (a cancel point), and leaves with a result, to which
 * `verb` is context if it is a failure.  bide__stream_enter: 0, or < 0 with the error held. */
BIDE_WAITS int bide__stream_enter(bide_stream *s, unsigned direction, const char *verb);
ssize_t bide__stream_leave(bide_stream *s, unsigned direction, const char *verb, ssize_t rc);

/* Writes all of it, for who has entered; a failure after the first byte is the last write. */
BIDE_WAITS int bide__stream_write(bide_stream *s, const struct iovec *pieces, int count);
/* Reads once into the buffer, which must not be full: how many bytes, 0: the end. */
BIDE_WAITS ssize_t bide__stream_fill(bide_stream *s);
/* The same with what is there now: BIDE_EAGAIN: nothing yet, or not to be had without waiting; <
 * 0, without a sentence. */
ssize_t bide__stream_fill_now(bide_stream *s);
/* Moves and grows the buffer, within line_max, until it can take more.  0 or BIDE_ENOMEM. */
int bide__stream_make_room(bide_stream *s);
/* Takes `size` of the buffered bytes, and puts a NUL behind them until the next read. */
char *bide__stream_take_text(bide_stream *s, size_t size);
/* Puts back what was read, before what is buffered. */
void bide__stream_unread(bide_stream *s, const void *data, size_t size);

BIDE_END_
#endif
