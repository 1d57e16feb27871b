/* A block's way between a file and the system.
 *
 * Reading tries the system's memory first, on the loop: a block is copied in 20 us, a hop to a
 * thread and back costs as much again.  Each try lets the others run once before, so that a
 * reader of a cached file holds up the loop for one block and no more.  A job that has to wait
 * for the disk (file_transfer.c) asks for the block after its own as well; so the next try often
 * succeeds, and the disk works while the caller does. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/fd.h"
#include "core/park.h"
#include "io/file.h"
#include <string.h>

enum { POLLED_BLOCK = 65536 };

/* --- reading --- */

/* What the system has in memory; -1: it has not, or does not say. */
static ssize_t pull_at_once(bide_file *f, void *buf, size_t size, int64_t at)
{
    struct iovec piece = { buf, size };
    struct stat st;
    bide_ignore(bide__give_way());
    ssize_t n = f->flags & FILE_MEMORY ? bide__sys.pread(f->fd, buf, size, at)
        : bide__sys.preadv2(f->fd, &piece, 1, at, RWF_NOWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR && !(f->flags & FILE_MEMORY))
        f->flags |= FILE_THREADS;
    if (n == 0 && (bide__sys.fstat(f->fd, &st) < 0 || st.st_size > at))
        return -1;              /* Linux 5.9 and 5.10 say 0 where they mean EAGAIN */
    return n;
}

ssize_t bide__file_pull(bide_file *f, void *buf, size_t size, int64_t at, bool *ended)
{
    *ended = false;
    if (size <= FILE_LOOP_MOST && !(f->flags & FILE_THREADS)) {
        ssize_t n = pull_at_once(f, buf, size, at);
        if (n >= 0)
            return n;
    }
    struct transfer t = { .fd = f->fd, .data = buf, .size = size, .at = at };
    int rc = bide__file_transfer_in(&t);
    *ended = t.ended;
    return rc < 0 ? rc : (ssize_t)t.done;
}

size_t bide__file_room(const bide_file *f)
{
    if (f->room)
        return f->room;
    if (f->block_size)
        return f->block_size;
    return f->flags & FILE_PLAIN ? FILE_BLOCK : POLLED_BLOCK;
}

static int resize(bide_file *f, size_t room)
{
    char *block = bide__resize(f->block, room + FILE_BLOCK_SPARE);
    if (!block)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    f->block = block;
    f->room = room;
    return 0;
}

int bide__file_take_block(bide_file *f)
{
    return f->block ? 0 : resize(f, bide__file_room(f));
}

/* Only the first try says whether each block will need a thread; then larger ones are faster: a
 * GB in lines takes 0.20 s and not 0.24. */
static void enlarge(bide_file *f)
{
    if (f->flags & FILE_THREADS && !f->block_size && f->room == FILE_BLOCK)
        bide_ignore(resize(f, FILE_BLOCK_THREADS));
}

/* What is left over goes to the beginning; a block that is full of it grows. */
static int make_room(bide_file *f)
{
    if (f->begin == f->end) {
        f->begin = f->end = 0;
        enlarge(f);
    }
    if (f->end < f->room)
        return 0;
    if (f->begin == 0)
        return f->room ? resize(f, f->room * 2) : bide__file_take_block(f);
    f->end -= f->begin;
    memmove(f->block, f->block + f->begin, f->end);
    f->begin = 0;
    return 0;
}

ssize_t bide__file_fill(bide_file *f)
{
    int rc = make_room(f);
    if (rc < 0)
        return rc;
    char *to = f->block + f->end;
    size_t size = f->room - f->end;
    bool ended;
    ssize_t n = f->flags & FILE_PLAIN ? bide__file_pull(f, to, size, f->where, &ended)
        : bide__fd_read(f->fd, to, size);
    if (n > 0) {
        f->end += (size_t)n;
        f->where += n;
    }
    return n;
}

void bide__file_forget(bide_file *f)
{
    f->flags &= ~(unsigned)(FILE_STALE | FILE_LINE);
    if (f->flags & FILE_GATHERS || !(f->flags & FILE_PLAIN))
        return;
    f->where -= (int64_t)(f->end - f->begin);
    f->begin = f->end = 0;
}

/* --- writing --- */

static int write_at_once(struct transfer *t)
{
    bide_ignore(bide__give_way());
    return bide__file_write_job(t);
}

static int push_plain(bide_file *f, struct transfer *t)
{
    bool at_once = f->flags & FILE_MEMORY && t->size <= FILE_LOOP_MOST;
    int rc = at_once ? write_at_once(t) : bide__file_transfer_out(t);
    f->where = t->append && t->done ? t->at : f->where + (int64_t)t->done;
    return rc;
}

static int push_polled(bide_file *f, struct transfer *t)
{
    while (t->done < t->size) {
        struct iovec rest = { t->data + t->done, t->size - t->done };
        ssize_t n = bide__fd_writev(f->fd, &rest, 1);
        if (n < 0)
            return (int)n;
        t->done += (size_t)n;
        f->where += n;
    }
    return 0;
}

static int push(bide_file *f, struct transfer *t)
{
    return f->flags & FILE_PLAIN ? push_plain(f, t) : push_polled(f, t);
}

int bide__file_push_from(bide_file *f, const void *data, size_t size)
{
    struct transfer t = { .fd = f->fd, .data = (char *)(uintptr_t)data, .size = size,
                          .at = f->where, .append = f->flags & FILE_APPENDS };
    return push(f, &t);
}

int bide__file_push(bide_file *f)
{
    if (!(f->flags & FILE_GATHERS))
        return 0;
    struct transfer t = { .fd = f->fd, .data = f->block + f->begin, .size = f->end - f->begin,
                          .at = f->where, .append = f->flags & FILE_APPENDS };
    int rc = push(f, &t);
    f->begin += t.done;
    if (f->begin == f->end) {
        f->begin = f->end = 0;
        f->flags &= ~(unsigned)FILE_GATHERS;
    }
    return rc;
}
