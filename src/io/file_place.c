/* Where a file stands, how large it is, and cutting it.
 *
 * A place within what was read ahead is gone to without asking anybody, backwards too: the
 * block still has the bytes that were taken from it. */
#include "base/sys.h"
#include "io/file.h"
#include <unistd.h>

struct asked { bide_file *file; int64_t number; int whence; struct stat *st; };

int64_t bide_file_tell(const bide_file *f)
{
    if (!f)
        return bide_errcode();
    int64_t held = (int64_t)(f->end - f->begin);
    return f->flags & FILE_GATHERS ? f->where + held : f->where - held;
}

static int seek_job(void *arg)
{
    struct asked *a = arg;
    off_t found = lseek(a->file->fd, a->number, a->whence);
    a->number = found;
    return found < 0 ? bide__fail_errno("") : 0;
}

/* Asks the system, which knows the end, data and holes; its own place is nobody's matter, but
 * where each write is at the end anyway. */
static int64_t ask_place(bide_file *f, int64_t offset, int whence)
{
    struct asked a = { .file = f, .number = offset, .whence = whence };
    int rc = bide__file_hop(seek_job, &a);
    return rc < 0 ? rc : a.number;
}

static int64_t go_to(bide_file *f, int64_t place)
{
    int64_t first = f->where - (int64_t)f->end;
    if (place >= first && place <= f->where) {
        f->begin = (size_t)(place - first);
        return place;
    }
    bide__file_forget(f);
    f->where = place;
    return place;
}

static int64_t seek(bide_file *f, int64_t offset, int whence)
{
    if (!(f->flags & FILE_PLAIN))
        return bide_fail(-ESPIPE, "it cannot seek");
    int rc = bide__file_push(f);
    if (rc < 0)
        return rc;
    int64_t place = offset;
    if (whence == SEEK_CUR) {
        if (__builtin_add_overflow(bide_file_tell(f), offset, &place))
            return bide_fail(-EOVERFLOW, "%s", bide_strerror(-EOVERFLOW));
    } else if (whence != SEEK_SET) {
        place = ask_place(f, offset, whence);
    }
    if (place < 0 && (whence == SEEK_SET || whence == SEEK_CUR))
        return bide_fail(BIDE_EINVAL, "a place before the start");
    return place < 0 ? place : go_to(f, place);
}

int64_t bide_file_seek(bide_file *f, int64_t offset, int whence)
{
    int rc = bide__file_enter(f, 0, "seek");
    return rc < 0 ? rc : bide__file_leave(f, "seek", seek(f, offset, whence));
}

static int stat_job(void *arg)
{
    const struct asked *a = arg;
    return bide__sys.fstat(a->file->fd, a->st) < 0 ? bide__fail_errno("") : 0;
}

static int stat_file(bide_file *f, struct stat *st)
{
    struct asked a = { .file = f, .st = st };
    int rc = bide__file_push(f);
    return rc < 0 ? rc : bide__file_hop(stat_job, &a);
}

int bide_file_stat(bide_file *f, struct stat *st)
{
    int rc = bide__file_enter(f, 0, "stat");
    return rc < 0 ? rc : (int)bide__file_leave(f, "stat", stat_file(f, st));
}

static int64_t size_of(bide_file *f)
{
    struct stat st;
    int rc = stat_file(f, &st);
    if (rc < 0)
        return rc;
    return S_ISBLK(st.st_mode) ? ask_place(f, 0, SEEK_END) : st.st_size;
}

int64_t bide_file_size(bide_file *f)
{
    int rc = bide__file_enter(f, 0, "size");
    return rc < 0 ? rc : bide__file_leave(f, "size", size_of(f));
}

static int truncate_job(void *arg)
{
    const struct asked *a = arg;
    return bide__sys.ftruncate(a->file->fd, a->number) < 0 ? bide__fail_errno("") : 0;
}

static int truncate_file(bide_file *f, int64_t size)
{
    struct asked a = { .file = f, .number = size };
    int rc = bide__file_push(f);
    if (rc < 0)
        return rc;
    bide__file_forget(f);
    return bide__file_hop(truncate_job, &a);
}

int bide_file_truncate(bide_file *f, int64_t size)
{
    int rc = bide__file_enter(f, FILE_WRITES, "truncate");
    return rc < 0 ? rc : (int)bide__file_leave(f, "truncate", truncate_file(f, size));
}
