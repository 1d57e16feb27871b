/* bide/stream.h -- byte streams: sockets, pipes and memory pairs read and write alike.
 *
 * Reads are buffered, writes are not: a write returns when the system (for a memory pair:
 * the other end's buffer) has taken every byte, so it waits while more than the high-water
 * mark is on its way, and closing loses nothing that was written.  One reader and one
 * writer at a time; a second gets BIDE_EBUSY.  A read that fails has taken nothing.  A
 * write that fails (is cancelled, timed out) after its first byte has sent an unknown part:
 * the stream takes no more writes, they fail with BIDE_ECLOSED.  A stream is closed by its
 * owner; any task may abort it.  Bytes that have arrived and are not read when a socket is
 * closed make TCP reset the connection, and what was written last may then be lost to the
 * peer: read to the end before. */
#ifndef BIDE_STREAM_H
#define BIDE_STREAM_H
#include <bide/base.h>
#include <sys/uio.h>
BIDE_BEGIN_

typedef struct bide_stream bide_stream;

/* The longest line that bide_read_until() takes, in bytes, unless set otherwise. */
#define BIDE_LINE_MAX 65536
/* The default high-water mark, in bytes. */
#define BIDE_HIGH_WATER 65536

/* A stream of a descriptor (socket, pipe, terminal), which becomes its own and non-blocking.
 * NULL: -EBADF, BIDE_EBUSY (another stream has it), BIDE_ENOMEM, BIDE_EPERM outside a loop;
 * then the descriptor is still yours. */
bide_stream *bide_stream_of_fd(int fd);
/* Two ends in memory: what is written to one is read from the other.  0, or BIDE_ENOMEM. */
int bide_stream_pair(bide_stream *ends[2]);

/* Up to size bytes as soon as there are any; 0: the end; < 0: -ECONNRESET, BIDE_ECLOSED,
   ... */
BIDE_WAITS ssize_t bide_read(bide_stream *s, void *buf, size_t size);
/* Exactly size bytes: 0; BIDE_EEOF if the stream ends before (what came stays readable). */
BIDE_WAITS int bide_read_exactly(bide_stream *s, void *buf, size_t size);
/* Everything through `end` (1 to 16 bytes): its length, and *line points to it, with a NUL
 * after it, until the next read.  0: the stream ended with nothing left.  A last piece
 * without end is returned as it is.  More than bide_stream_line_max(): BIDE_ELIMIT, nothing
 * is lost. */
BIDE_WAITS ssize_t bide_read_until(bide_stream *s, const char *end, char **line);
/* Waits until there is something buffered and points *data to it without taking it: its size;
 * 0: the end.  Valid until the next read.  With bide_stream_consume(): parsing in place. */
BIDE_WAITS ssize_t bide_stream_peek(bide_stream *s, const char **data);
/* The same, but waits until more than `have` bytes are buffered; 0: the stream ended
   before. */
BIDE_WAITS ssize_t bide_stream_peek_more(bide_stream *s, const char **data, size_t have);
/* Writes all: 0.  -EPIPE, -ECONNRESET: the peer is gone. */
BIDE_WAITS int bide_write(bide_stream *s, const void *data, size_t size);
/* Writes several pieces in one system call where possible; the pieces are not changed. */
BIDE_WAITS int bide_writev(bide_stream *s, const struct iovec *pieces, int count);
/* printf to a stream, in one write; more than 64 KiB: BIDE_ELIMIT. */
BIDE_WAITS int bide_printf(bide_stream *s, const char *fmt, ...) BIDE_PRINTF_(2, 3);
/* Copies until `from` ends; the number of bytes.  moved (or NULL) is called after each piece
 * and must not wait. */
BIDE_WAITS int64_t bide_copy(bide_stream *to, bide_stream *from,
                             void (*moved)(void *arg, size_t size), void *arg);
/* Ends the writing side: the peer reads its end; reading goes on.  Once more: 0.  Writing
 * then is -EPIPE.  What is no socket and open for both (a terminal): BIDE_EINVAL. */
BIDE_WAITS int bide_write_end(bide_stream *s);

/* Takes `size` peeked bytes out of the buffer (at most what was peeked). */
void bide_stream_consume(bide_stream *s, size_t size);
/* How many bytes are buffered, ready to be read without waiting. */
size_t bide_stream_buffered(const bide_stream *s);
/* Gives the read buffer back while it is empty; the next read takes one again.  For idle
 * connections. */
void bide_stream_rest(bide_stream *s);
/* Is anything (bytes, the end, an error) there to be read now?  Looks at the system, does not
 * wait. */
bool bide_stream_readable(bide_stream *s);
/* Sets the limit of bide_read_until() and bide_stream_peek_more(), in bytes; default
 * BIDE_LINE_MAX. */
void bide_stream_line_max(bide_stream *s, size_t size);
/* Bytes on their way above which writes wait; default BIDE_HIGH_WATER.  Memory pairs and TCP
 * (TCP_NOTSENT_LOWAT); elsewhere the system's own buffer is the limit. */
void bide_stream_high_water(bide_stream *s, size_t size);
/* The descriptor, still the stream's; -1 if it has none. */
int bide_stream_fd(const bide_stream *s);
/* "127.0.0.1:8080" or "[::1]:80", the peer's; "" if it has none.  The stream's. */
const char *bide_stream_peer(bide_stream *s);
/* By any task of the loop: all calls on it fail at once with BIDE_ECLOSED; the owner still
 * closes. */
void bide_stream_abort(bide_stream *s);
/* By its owner: closes and frees.  Who is still in it fails with BIDE_ECLOSED.  NULL:
   nothing. */
void bide_stream_close(bide_stream *s);
BIDE_AUTO_(stream, bide_stream_close)

BIDE_END_
#endif
