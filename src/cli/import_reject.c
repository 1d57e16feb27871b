/* cli/import_reject.c -- the file of refused rows: file, line, column, reason, row.
 *
 * A batch's lines are written and on the disk before its rows are, and one such batch comes after
 * the other; how long the file is then goes into the table of states with the rows.  So what is
 * behind that length belongs to no batch, and is cut off when the import goes on.
 *
 * Where a commit was sent and its answer never came, the lines stay: the next run reads from the
 * table whether they count (under --queue this one asks: import_doubt.c).  Nothing is written
 * behind them, for that would make them count. */
#include "cli/import.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

#define HEADER "file,line,column,reason,row\n"

static int failed(const struct import_reject *r)
{
    return bide_fail(-errno, "%s: %s", r->name, strerror(errno));
}

static int write_all(struct import_reject *r, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t put = pwrite(r->fd, data, size, (off_t)r->size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return failed(r);
        r->size += (uint64_t)put;
        data += put;
        size -= (size_t)put;
    }
    return 0;
}

/* Two that write to the same places would spoil each other's lines. */
static int keep_others_out(const struct import_reject *r, const struct stat *info)
{
    if (!S_ISREG(info->st_mode) || flock(r->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return 0;               /* some file systems have no such locks */
    return bide_fail(BIDE_EBUSY, "%s: another process writes its refused rows there", r->name);
}

int import_reject_open(struct import_reject *r, const char *name, uint64_t size)
{
    struct stat info;
    *r = (struct import_reject){ .fd = -1, .name = name };
    if (!name)
        return 0;
    r->fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (r->fd < 0 || fstat(r->fd, &info) < 0)
        return failed(r);
    if (keep_others_out(r, &info) < 0)
        return bide_errcode();
    r->size = size == IMPORT_REJECT_ALL ? (uint64_t)info.st_size : size;
    if (ftruncate(r->fd, (off_t)r->size) < 0 && errno != EINVAL)
        return failed(r);
    return r->size == 0 ? write_all(r, HEADER, strlen(HEADER)) : 0;
}

struct writing { struct import_reject *reject; const struct import_batch *batch; };

static int write_batch(void *arg)
{
    struct writing *w = arg;
    uint64_t before = w->reject->size;
    int rc = write_all(w->reject, w->batch->refused, w->batch->refused_size);
    if (rc == 0 && fdatasync(w->reject->fd) < 0 && errno != EINVAL && errno != EROFS)
        rc = failed(w->reject);
    if (rc < 0)
        w->reject->size = before;
    return rc;
}

int import_reject_write(struct import_reject *r, const struct import_batch *b)
{
    struct writing w = { r, b };
    if (r->unsure)
        return bide_fail(BIDE_ECANCELED, "%s: ends with what may not count", r->name);
    return r->fd < 0 || b->refused_size == 0 ? 0 : bide_to_thread(write_batch, &w);
}

void import_reject_cut(struct import_reject *r, uint64_t size)
{
    r->size = size;
    if (ftruncate(r->fd, (off_t)size) < 0)
        errno = 0;              /* no plain file: it has the lines twice */
}

void import_reject_close(struct import_reject *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}
