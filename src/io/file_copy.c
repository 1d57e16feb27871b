/* Copying a file, in one job: by copy_file_range(2), which may share the blocks instead of
 * copying them; else by sendfile(2); else by reading and writing, as what /proc holds needs,
 * where the first two find nothing.  Whether somebody cancelled is asked between pieces. */
#include "base/memory.h"
#include "base/sys.h"
#include "io/file.h"
#include <bide/dir.h>
#include <fcntl.h>
#include <unistd.h>

enum { PIECE = 8 << 20, BUFFER = 256 << 10 };

struct copying {
    const struct bide_copy_file_opts *opts;
    const char *path;
    int from, to;
    struct stat st;
    bool created;
    int64_t size;
    char *buffer;
};

/* Each copies some: how many bytes, 0: the end or nothing here, < 0: errno. */
static ssize_t by_range(const struct copying *c)
{
    return bide__sys.copy_file_range(c->from, NULL, c->to, NULL, PIECE, 0);
}

static ssize_t by_sendfile(const struct copying *c)
{
    return bide__sys.sendfile(c->to, c->from, NULL, PIECE);
}

static ssize_t by_buffer(const struct copying *c)
{
    ssize_t n;
    do
        n = bide__sys.read(c->from, c->buffer, BUFFER);
    while (n < 0 && errno == EINTR);
    for (ssize_t done = 0; done < n; ) {
        struct iovec rest = { c->buffer + done, (size_t)(n - done) };
        ssize_t written = bide__sys.writev(c->to, &rest, 1);
        if (written < 0 && errno != EINTR)
            return -1;
        done += written > 0 ? written : 0;
    }
    return n;
}

static int copy_by(struct copying *c, ssize_t (*some)(const struct copying *))
{
    for (;;) {
        if (bide__file_stopped())
            return bide_fail(BIDE_ECANCELED, "cancelled");
        ssize_t n = some(c);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? bide__fail_errno("") : 0;
        c->size += n;
    }
}

/* These say that the way is not to be had, not that the copy cannot be made. */
static bool is_no_way(int rc)
{
    return rc == -EXDEV || rc == BIDE_EINVAL || rc == -EOPNOTSUPP || rc == -ENOSYS ||
           rc == -EBADF || rc == BIDE_EPERM;
}

static int copy_contents(struct copying *c)
{
    int rc = copy_by(c, by_range);
    if (c->size == 0 && is_no_way(rc))
        rc = copy_by(c, by_sendfile);
    if (c->size || (rc < 0 && !is_no_way(rc)))
        return rc;
    c->buffer = bide__alloc(BUFFER);
    if (!c->buffer)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    rc = copy_by(c, by_buffer);
    bide__free(c->buffer);
    return rc;
}

static int open_to(struct copying *c)
{
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct stat st;
    c->to = bide__sys.open(c->opts->to, flags | O_EXCL, c->st.st_mode & 0777);
    c->created = c->to >= 0;
    if (c->to < 0 && errno == EEXIST && !c->opts->exclusive)
        c->to = bide__sys.open(c->opts->to, flags, 0666);
    if (c->to < 0)
        return bide__fail_errno("");
    if (bide__sys.fstat(c->to, &st) < 0)
        return bide__fail_errno("");
    if (st.st_dev == c->st.st_dev && st.st_ino == c->st.st_ino)
        return bide_fail(BIDE_EINVAL, "both are the same file");
    if (!S_ISREG(st.st_mode))
        return bide_fail(BIDE_EINVAL, "not a plain file");
    return bide__sys.ftruncate(c->to, 0) < 0 ? bide__fail_errno("") : 0;
}

static int close_to(struct copying *c, int rc)
{
    if (c->to < 0)
        return rc;
    if (rc == 0)
        bide_ignore(fchmod(c->to, c->st.st_mode & 0777));
    if (bide__sys.close(c->to) < 0 && errno != EINTR && rc == 0)
        rc = bide__fail_errno("");
    if (rc < 0 && c->created)
        unlink(c->opts->to);
    return rc;
}

static int copy_job(void *arg)
{
    struct copying *c = arg;
    c->from = bide__sys.open(c->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
    if (c->from < 0)
        return bide__fail_errno("");
    int rc = bide__sys.fstat(c->from, &c->st) < 0 ? bide__fail_errno("") : 0;
    if (rc == 0 && !S_ISREG(c->st.st_mode))
        rc = S_ISDIR(c->st.st_mode) ? bide_fail(-EISDIR, "%s", bide_strerror(-EISDIR))
            : bide_fail(BIDE_EINVAL, "not a plain file");
    if (rc == 0)
        rc = open_to(c);
    if (rc == 0)
        rc = copy_contents(c);
    bide__sys.close(c->from);
    return close_to(c, rc);
}

int64_t bide_copy_file_opts(const char *from, const struct bide_copy_file_opts *opts)
{
    struct copying c = { .opts = opts, .path = from, .from = -1, .to = -1 };
    if (!from || !opts->to)
        return bide_fail(BIDE_EINVAL, "copy: no path");
    int rc = bide__file_hop(copy_job, &c);
    if (rc < 0 && rc != BIDE_ECANCELED)
        return bide_within("copy: %s to %s", from, opts->to);
    return rc < 0 ? rc : c.size;
}
