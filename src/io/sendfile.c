/* A file's bytes to a stream: from the system's memory straight to a socket where the stream
 * can do that, else by way of a buffer.
 *
 * sendfile(2) waits for the disk where a page is missing, non-blocking socket or not.  So
 * before each window the file is asked for the window's ends without waiting; if one is missing
 * a thread reads the window first, and then the loop sends it from memory. */
#include "base/memory.h"
#include "base/sys.h"
#include "io/file.h"
#include "io/stream.h"
#include <fcntl.h>

enum { WINDOW = 256 << 10, PIECE = 64 << 10 };

struct sending { bide_stream *to; bide_file *from; int64_t at; size_t left; };

/* Reads a window for nothing but that the system has it then. */
static int warm_job(void *arg)
{
    struct transfer *t = arg;
    char *scratch = bide__alloc(PIECE);
    if (!scratch)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    ssize_t n = 1;
    while (n > 0 && t->done < t->size) {
        size_t size = t->size - t->done < PIECE ? t->size - t->done : PIECE;
        n = bide__sys.pread(t->fd, scratch, size, t->at + (int64_t)t->done);
        if (n > 0)
            t->done += (size_t)n;
    }
    int rc = n < 0 ? bide__fail_errno("") : 0;
    bide__free(scratch);
    posix_fadvise(t->fd, t->at + (int64_t)t->done, WINDOW, POSIX_FADV_WILLNEED);
    return rc;
}

static bool has_byte(const bide_file *f, int64_t at)
{
    char byte;
    struct iovec piece = { &byte, 1 };
    return bide__sys.preadv2(f->fd, &piece, 1, at, RWF_NOWAIT) == 1;
}

static int warm(const struct sending *s, size_t size)
{
    const bide_file *f = s->from;
    if (f->flags & FILE_MEMORY || (!(f->flags & FILE_THREADS) && has_byte(f, s->at) &&
                                   has_byte(f, s->at + (int64_t)size - 1)))
        return 0;
    struct transfer t = { .fd = f->fd, .size = size, .at = s->at };
    return bide__file_hop(warm_job, &t);
}

static size_t window(const struct sending *s)
{
    return s->left < WINDOW ? s->left : WINDOW;
}

/* waits: through the stream's operations */
static ssize_t send_window(struct sending *s, char *unused)
{
    (void)unused;
    int rc = warm(s, window(s));
    return rc < 0 ? rc : s->to->ops->sendfile(s->to, s->from->fd, s->at, window(s));
}

static ssize_t copy_window(struct sending *s, char *buffer)
{
    size_t size = s->left < PIECE ? s->left : PIECE;
    bool ended;
    ssize_t n = bide__file_pull(s->from, buffer, size, s->at, &ended);
    struct iovec piece = { buffer, n > 0 ? (size_t)n : 0 };
    int rc = n > 0 ? bide__stream_write(s->to, &piece, 1) : 0;
    return rc < 0 ? rc : n;
}

static int64_t send_all(struct sending *s, ssize_t (*step)(struct sending *, char *),
                        char *buffer)
{
    int64_t from = s->at;
    while (s->left) {
        ssize_t n = step(s, buffer);            /* waits: send_window copy_window */
        if (n < 0 && s->at > from)
            s->to->flags |= STREAM_CUT_SHORT;
        if (n <= 0)
            return n < 0 ? n : s->at - from;
        s->at += n;
        s->left -= (size_t)n;
    }
    return s->at - from;
}

static bool is_no_way(int64_t rc)
{
    return rc == BIDE_EINVAL || rc == -ENOSYS || rc == -EOPNOTSUPP;
}

/* Not every pair of a file system and a descriptor can do it (/proc, a terminal); then nothing was
 * sent. */
/* waits: through one of the two steps */
static int64_t send_file(struct sending *s)
{
    if (s->to->flags & STREAM_ENDED)
        return bide_fail(-EPIPE, "the writing side was ended");
    if (s->to->ops->sendfile) {
        int64_t from = s->at, sent = send_all(s, send_window, NULL);
        if (s->at > from || !is_no_way(sent))
            return sent;
    }
    char *buffer = bide__alloc(PIECE);
    if (!buffer)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int64_t sent = send_all(s, copy_window, buffer);
    bide__free(buffer);
    return sent;
}

static int64_t enter_file(struct sending *s)
{
    int rc = bide__file_enter_at(s->from, FILE_READS, "sendfile");
    return rc < 0 ? rc : bide__file_leave_at(s->from, "sendfile", send_file(s));
}

int64_t bide_sendfile(bide_stream *s, bide_file *f, int64_t offset, size_t size)
{
    struct sending all = { s, f, offset, size };
    if (!f || !s)
        return bide_errcode();
    if (offset < 0)
        return bide_fail(BIDE_EINVAL, "sendfile: an offset below 0");
    int rc = bide__stream_enter(s, STREAM_WRITING, "write");
    if (rc < 0)
        return rc;
    int64_t sent = enter_file(&all);
    bide__stream_leave(s, STREAM_WRITING, "write", 0);
    return sent;
}
