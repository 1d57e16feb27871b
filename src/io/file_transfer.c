/* A transfer's way, and a sync's: by a thread, or by the poller, where that takes whole operations.
 *
 * A thread reads or writes all of it in one job, and a reading one asks the system for the next
 * block as well.  The poller is given one operation after the other; most writes, and reads of
 * what the system has, are done as they are submitted: there is neither a thread nor a wake-up. */
#include "io/file.h"
#include "base/sys.h"
#include "core/operation.h"
#include <fcntl.h>
#include <unistd.h>

/* --- in a thread --- */

/* Reads all of it, unless the file ends before.  A failure after the first byte waits for the
 * next time. */
int bide__file_read_job(void *arg)
{
    struct transfer *t = arg;
    while (t->done < t->size) {
        ssize_t n = bide__sys.pread(t->fd, t->data + t->done, t->size - t->done,
                                    t->at + (int64_t)t->done);
        if (n == 0) {
            t->ended = true;
            return 0;
        }
        if (n > 0)
            t->done += (size_t)n;
        else if (errno != EINTR)
            return t->done ? 0 : bide__fail_errno("");
    }
    posix_fadvise(t->fd, t->at + (int64_t)t->done, FILE_BLOCK, POSIX_FADV_WILLNEED);
    return 0;
}

static ssize_t write_once(const struct transfer *t)
{
    struct iovec rest = { t->data + t->done, t->size - t->done };
    return t->append ? bide__sys.writev(t->fd, &rest, 1)
        : bide__sys.pwrite(t->fd, rest.iov_base, rest.iov_len, t->at + (int64_t)t->done);
}

/* Writes all of it; `done` says how far it came. */
int bide__file_write_job(void *arg)
{
    struct transfer *t = arg;
    int rc = 0;
    while (rc == 0 && t->done < t->size) {
        ssize_t n = write_once(t);
        if (n > 0)
            t->done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            rc = n == 0 ? bide_fail(-ENOSPC, "%s", bide_strerror(-ENOSPC)) : bide__fail_errno("");
    }
    if (t->append)
        t->at = lseek(t->fd, 0, SEEK_CUR);
    return rc;
}

/* --- by the poller --- */

BIDE_WAITS static int64_t do_some(const struct transfer *t, enum operation_kind kind)
{
    struct operation op = { .kind = kind, .fd = t->fd, .data = t->data + t->done,
                            .size = t->size - t->done,
                            .at = t->append ? OPERATION_ON : t->at + (int64_t)t->done };
    return bide__operation_run(&op);
}

static int fail_with(int64_t code)
{
    return bide_fail((int)code, "%s", bide_strerror((int)code));
}

static bool is_passing(int64_t code)
{
    return code == -EINTR || code == -EAGAIN;
}

/* What was read before the failure is the caller's. */
BIDE_WAITS static int read_by_poller(struct transfer *t)
{
    while (t->done < t->size) {
        int64_t n = do_some(t, OPERATION_READ);
        t->ended = n == 0;
        if (n == 0)
            return 0;
        if (n > 0)
            t->done += (size_t)n;
        else if (!is_passing(n))
            return t->done ? 0 : fail_with(n);
        else if (bide_cancelled())
            return t->done ? 0 : fail_with(BIDE_ECANCELED);
    }
    return 0;
}

BIDE_WAITS static int write_by_poller(struct transfer *t)
{
    int rc = 0;
    while (rc == 0 && t->done < t->size) {
        int64_t n = do_some(t, OPERATION_WRITE);
        if (n > 0)
            t->done += (size_t)n;
        else if (!is_passing(n))
            rc = fail_with(n ? n : -ENOSPC);
    }
    if (t->append)
        t->at = lseek(t->fd, 0, SEEK_CUR);
    return rc;
}

BIDE_WAITS static int sync_by_poller(int fd, bool data_only)
{
    int64_t rc;
    do {
        struct operation op = { .kind = data_only ? OPERATION_DATASYNC : OPERATION_SYNC,
                                .fd = fd };
        rc = bide__operation_run(&op);
    } while (is_passing(rc) && !bide_cancelled());
    return rc < 0 ? fail_with(is_passing(rc) ? BIDE_ECANCELED : rc) : 0;
}

/* --- either way --- */

/* A hop is a cancel point, and so is this.  1: the poller takes it, 0: a thread does. */
BIDE_WAITS static int choose(void)
{
    if (!bide__operation_taken())
        return 0;
    int rc = bide__enter();
    return rc < 0 ? rc : 1;
}

int bide__file_transfer_in(struct transfer *t)
{
    int rc = choose();
    if (rc < 0)
        return rc;
    return rc ? read_by_poller(t) : bide__file_hop(bide__file_read_job, t);
}

int bide__file_transfer_out(struct transfer *t)
{
    int rc = choose();
    if (rc < 0)
        return rc;
    return rc ? write_by_poller(t) : bide__file_hop(bide__file_write_job, t);
}

static int sync_job(void *fd)
{
    return bide__sys.fsync(*(int *)fd) < 0 ? bide__fail_errno("") : 0;
}

static int datasync_job(void *fd)
{
    return bide__sys.fdatasync(*(int *)fd) < 0 ? bide__fail_errno("") : 0;
}

int bide__file_sync(int fd, bool data_only)
{
    int rc = choose();
    if (rc < 0)
        return rc;
    return rc ? sync_by_poller(fd, data_only)
        : bide__file_hop(data_only ? datasync_job : sync_job, &fd);
}
