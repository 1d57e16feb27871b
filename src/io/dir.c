/* A directory that is read: a buffer full of names per hop, handed out one by one.
 *
 * Where the file system does not say what a name stands for, the same hop asks for each; so a
 * caller that looks at types pays no hop per name. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/park.h"
#include "io/file.h"
#include <bide/dir.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>

enum { BATCH = 32768 };

struct bide_dir {
    int fd;
    size_t next, size;          /* of what is in `names` */
    bool busy, closed, ended;
    char *path;
    char names[BATCH] __attribute__((aligned(8)));
};

static int open_job(void *arg)
{
    bide_dir *d = arg;
    d->fd = bide__sys.open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return d->fd < 0 ? bide__fail_errno("") : 0;
}

static void end(bide_dir *d)
{
    if (d->fd >= 0)
        bide__sys.close(d->fd);
    bide__free(d->path);
    bide__free(d);
}

static bide_dir *fail(const char *path, int rc)
{
    if (rc != BIDE_ECANCELED)
        bide_within("open: %s", path);
    return NULL;
}

bide_dir *bide_dir_open(const char *path)
{
    bide_dir *d = path ? bide__zalloc(sizeof *d) : NULL;
    if (d)
        d->path = bide__copy_text(path, strlen(path));
    if (!d || !d->path) {
        bide__free(d);
        return fail(path ? path : "NULL", path ? bide_fail(BIDE_ENOMEM, "out of memory")
                    : bide_fail(BIDE_EINVAL, "no path"));
    }
    d->fd = -1;
    int rc = bide__file_hop(open_job, d);
    if (rc >= 0)
        return d;
    end(d);
    return fail(path, rc);
}

/* --- a batch, in a thread --- */

static unsigned char type_of(int fd, const struct dirent64 *e)
{
    struct stat st;
    if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return DT_UNKNOWN;
    return IFTODT(st.st_mode) & 255;
}

static struct dirent64 *entry_at(bide_dir *d, size_t at)
{
    return (struct dirent64 *)(void *)(d->names + at);
}

static int read_job(void *arg)
{
    bide_dir *d = arg;
    ssize_t n = bide__sys.getdents64(d->fd, d->names, BATCH);
    if (n < 0)
        return bide__fail_errno("");
    d->next = 0;
    d->size = (size_t)n;
    for (size_t at = 0; at < d->size; at += entry_at(d, at)->d_reclen)
        if (entry_at(d, at)->d_type == DT_UNKNOWN)
            entry_at(d, at)->d_type = type_of(d->fd, entry_at(d, at));
    return 0;
}

/* --- one by one --- */

static enum bide_entry_type public_type(unsigned char type)
{
    return type == DT_REG ? BIDE_ENTRY_FILE : type == DT_DIR ? BIDE_ENTRY_DIR
        : type == DT_LNK ? BIDE_ENTRY_LINK : BIDE_ENTRY_OTHER;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int next(bide_dir *d, struct bide_dir_entry *entry)
{
    for (;;) {
        if (d->next == d->size && !d->ended) {
            int rc = bide__file_hop(read_job, d);
            if (rc < 0)
                return rc;
            d->ended = d->size == 0;
        }
        if (d->ended)
            return 0;
        const struct dirent64 *e = entry_at(d, d->next);
        d->next += e->d_reclen;
        if (is_dots(e->d_name))
            continue;
        *entry = (struct bide_dir_entry){ e->d_name, public_type(e->d_type), e->d_ino };
        return 1;
    }
}

int bide_dir_next(bide_dir *d, struct bide_dir_entry *entry)
{
    *entry = (struct bide_dir_entry){ .name = "" };
    if (!d)
        return bide_errcode();
    if (d->busy)
        return bide_fail(BIDE_EBUSY, "list: %s: another task is in it", d->path);
    d->busy = true;
    int rc = bide__enter();
    if (rc == 0)
        rc = next(d, entry);
    d->busy = false;
    if (rc < 0 && rc != BIDE_ECANCELED)
        bide_within("list: %s", d->path);
    if (d->closed && rc == 1)
        rc = bide_fail(BIDE_ECLOSED, "list: closed");
    if (d->closed)
        end(d);
    return rc;
}

void bide_dir_close(bide_dir *d)
{
    if (!d)
        return;
    d->closed = true;
    if (!d->busy)
        end(d);
}
