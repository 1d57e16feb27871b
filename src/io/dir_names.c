/* What is done to names: one system call each, on a thread.
 *
 * The caller waits until the thread is done, so paths and results are handed over by address. */
#include "base/sys.h"
#include "io/file.h"
#include <bide/dir.h>
#include <stdio.h>
#include <unistd.h>

struct named {
    const char *path, *other;
    bool two;                   /* `other` is meant too */
    struct stat *st;
    char *buf;
    size_t size;
};

static int result(int rc)
{
    return rc < 0 ? bide__fail_errno("") : 0;
}

/* One job after another, and what it was about if it fails. */
static int run(bide_fn *job, const char *verb, struct named n)
{
    if (!n.path || (n.two && !n.other))
        return bide_fail(BIDE_EINVAL, "%s: no path", verb);
    int rc = bide__file_hop(job, &n);
    if (rc >= 0 || rc == BIDE_ECANCELED)
        return rc;
    if (n.other)
        return bide_within("%s: %s to %s", verb, n.path, n.other);
    return bide_within("%s: %s", verb, n.path);
}

static int stat_job(void *arg)
{
    const struct named *n = arg;
    return result(stat(n->path, n->st));
}

int bide_stat(const char *path, struct stat *st)
{
    return run(stat_job, "stat", (struct named){ .path = path, .st = st });
}

static int lstat_job(void *arg)
{
    const struct named *n = arg;
    return result(lstat(n->path, n->st));
}

int bide_lstat(const char *path, struct stat *st)
{
    return run(lstat_job, "stat", (struct named){ .path = path, .st = st });
}

static int rename_job(void *arg)
{
    const struct named *n = arg;
    return result(bide__sys.rename(n->path, n->other));
}

int bide_rename(const char *from, const char *to)
{
    return run(rename_job, "rename", (struct named){ .path = from, .other = to, .two = true });
}

static int unlink_job(void *arg)
{
    const struct named *n = arg;
    return result(unlink(n->path));
}

int bide_unlink(const char *path)
{
    return run(unlink_job, "unlink", (struct named){ .path = path });
}

static int rmdir_job(void *arg)
{
    const struct named *n = arg;
    return result(rmdir(n->path));
}

int bide_rmdir(const char *path)
{
    return run(rmdir_job, "rmdir", (struct named){ .path = path });
}

static int link_job(void *arg)
{
    const struct named *n = arg;
    return result(link(n->path, n->other));
}

int bide_link(const char *from, const char *to)
{
    return run(link_job, "link", (struct named){ .path = from, .other = to, .two = true });
}

static int symlink_job(void *arg)
{
    const struct named *n = arg;
    return result(symlink(n->other, n->path));
}

int bide_symlink(const char *target, const char *path)
{
    return run(symlink_job, "symlink",
               (struct named){ .path = path, .other = target, .two = true });
}

static int readlink_job(void *arg)
{
    struct named *n = arg;
    ssize_t size = readlink(n->path, n->buf, n->size);
    if (size < 0)
        return bide__fail_errno("");
    if ((size_t)size >= n->size)
        return bide_fail(BIDE_ELIMIT, "it points to a name of %zu bytes or more", n->size);
    n->buf[size] = '\0';
    return (int)size;
}

ssize_t bide_readlink(const char *path, char *buf, size_t size)
{
    return run(readlink_job, "readlink",
               (struct named){ .path = path, .buf = buf, .size = size });
}

static int remove_tree_job(void *arg)
{
    const struct named *n = arg;
    return bide__tree_remove_job((char *)(uintptr_t)n->path);
}

int bide_remove_tree(const char *path)
{
    return run(remove_tree_job, "remove", (struct named){ .path = path });
}
