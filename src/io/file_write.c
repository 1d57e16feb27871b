/* Writing on, writing at an offset, and getting it all to the disk.
 *
 * A write goes into the block as a whole or not at all: where it does not fit, the block is
 * written first.  So a write that fails has taken nothing, and one that is larger than the
 * block, written straight from the caller's memory, leaves the place where it stopped. */
#include "io/file.h"
#include "io/print.h"
#include <stdio.h>
#include <string.h>

/* What cannot seek and is read as well has its block for reading alone. */
static bool gathers(const bide_file *f)
{
    return f->flags & FILE_PLAIN || !(f->flags & FILE_READS);
}

static int write_gathered(bide_file *f, const void *data, size_t size)
{
    int rc = bide__file_take_block(f);
    if (rc == 0 && f->flags & FILE_GATHERS && size > f->room - f->end)
        rc = bide__file_push(f);
    if (rc < 0)
        return rc;
    if (size >= f->room)
        return bide__file_push_from(f, data, size);
    memcpy(f->block + f->end, data, size);
    f->end += size;
    f->flags |= FILE_GATHERS;
    return 0;                   /* a full block is the next one's to write: this is taken */
}

int bide__file_write_on(bide_file *f, const void *data, size_t size)
{
    if (!size)
        return 0;
    if (!gathers(f))
        return bide__file_push_from(f, data, size);
    bide__file_forget(f);
    return write_gathered(f, data, size);
}

int bide_file_write(bide_file *f, const void *data, size_t size)
{
    int rc = bide__file_enter(f, FILE_WRITES, "write");
    return rc < 0 ? rc : (int)bide__file_leave(f, "write", bide__file_write_on(f, data, size));
}

int bide_file_printf(bide_file *f, const char *fmt, ...)
{
    struct printed p;
    va_list args;
    va_start(args, fmt);
    int rc = bide__print(&p, fmt, args);
    va_end(args);
    if (rc == 0)
        rc = bide_file_write(f, p.text, p.size);
    bide__print_end(&p);
    return rc;
}

/* --- at an offset --- */

static int write_at(bide_file *f, const void *data, size_t size, int64_t offset)
{
    if (offset < 0)
        return bide_fail(BIDE_EINVAL, "an offset below 0");
    if (f->flags & FILE_APPENDS)
        return bide_fail(BIDE_EINVAL, "opened to append: only its end is written");
    struct transfer t = { .fd = f->fd, .data = (char *)(uintptr_t)data, .size = size,
                          .at = offset };
    int rc = bide__file_transfer_out(&t);
    if (t.done && !(f->flags & FILE_GATHERS))
        f->flags |= FILE_STALE;
    if (f->flags & FILE_STALE && !(f->flags & FILE_BUSY))
        bide__file_forget(f);
    return rc;
}

int bide_file_write_at(bide_file *f, const void *data, size_t size, int64_t offset)
{
    int rc = bide__file_enter_at(f, FILE_WRITES, "write");
    if (rc < 0)
        return rc;
    return (int)bide__file_leave_at(f, "write", write_at(f, data, size, offset));
}

/* --- to the system, to the disk --- */

int bide_file_flush(bide_file *f)
{
    int rc = bide__file_enter(f, 0, "flush");
    return rc < 0 ? rc : (int)bide__file_leave(f, "flush", bide__file_push(f));
}

/* A failure is told by the system once, and the pages then count as written: so it is kept. */
static int sync_by(bide_file *f, bool data_only)
{
    int rc = bide__file_push(f);
    if (rc < 0)
        return rc;
    if (f->sync_code)
        return bide_fail(f->sync_code, "an earlier sync failed: %s", bide_strerror(f->sync_code));
    rc = bide__file_sync(f->fd, data_only);
    if (rc < 0 && rc != BIDE_ECANCELED && rc != BIDE_EINVAL)
        f->sync_code = rc;
    return rc;
}

int bide_file_sync(bide_file *f)
{
    int rc = bide__file_enter(f, 0, "sync");
    return rc < 0 ? rc : (int)bide__file_leave(f, "sync", sync_by(f, false));
}

int bide_file_datasync(bide_file *f)
{
    int rc = bide__file_enter(f, 0, "sync");
    return rc < 0 ? rc : (int)bide__file_leave(f, "sync", sync_by(f, true));
}
