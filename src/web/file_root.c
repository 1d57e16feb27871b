/* Two tries for each thing: now, from the system's memory, else by a thread. */
#include "web/file_root.h"

#include "base/memory.h"
#include "base/sys.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* linux/openat2.h is younger than many systems. */
enum {
    NO_MAGICLINKS = 0x02, BENEATH = 0x08, CACHED = 0x20,
    /* A FIFO without a writer must not hold anybody up, nor a terminal become ours. */
    FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
};

struct finding {
    const struct file_root *root;
    const char *path;
    struct found_file *found;
};

static uint64_t resolve_of(const struct file_root *root)
{
    if (!root->beneath)
        return 0;
    return root->links ? NO_MAGICLINKS : NO_MAGICLINKS | BENEATH;
}

/* ---- without openat2 ---- */

/* One name of a path, ended by a NUL of its own. */
static const char *next_name(const char *path, char name[NAME_MAX + 1])
{
    size_t size = strcspn(path, "/");
    if (size == 0 || size > NAME_MAX || (size <= 2 && strspn(path, ".") == size)) {
        errno = size > NAME_MAX ? ENAMETOOLONG : ENOENT;
        return NULL;
    }
    memcpy(name, path, size);
    name[size] = '\0';
    return path + size + strspn(path + size, "/");
}

static int open_step_by_step(int directory, const char *path, int flags)
{
    char name[NAME_MAX + 1];
    int at = directory;
    while ((path = next_name(path, name)) != NULL) {
        int how = *path ? O_PATH | O_DIRECTORY | O_CLOEXEC : flags;
        int next = bide__sys.openat(at, name, how | O_NOFOLLOW);
        int code = errno;
        if (at != directory)
            bide__sys.close(at);
        at = next;
        errno = code;
        if (next < 0 || !*path)
            return next;
    }
    int code = errno;
    if (at != directory)
        bide__sys.close(at);
    errno = code;
    return -1;
}

int bide__file_root_open(const struct file_root *root, const char *path, int flags)
{
    int fd;
    if (!root->beneath || root->links || strcmp(path, ".") == 0)
        return bide__sys.openat(root->directory, path, flags);
    for (int tries = 0; tries < 8; tries++) {   /* EAGAIN: something was renamed just then */
        fd = bide__sys.openat2(root->directory, path, flags, resolve_of(root));
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_step_by_step(root->directory, path, flags);
    return fd;
}

/* ---- what was opened ---- */

static bool is_whole(const struct found_file *found)
{
    return S_ISREG(found->st.st_mode) && found->st.st_size <= FILE_WHOLE_MAX;
}

/* What a device, a FIFO or a socket would give is nobody's file. */
static int look(struct found_file *found)
{
    if (bide__sys.fstat(found->fd, &found->st) < 0)
        return bide__fail_errno("");
    if (!S_ISREG(found->st.st_mode) && !S_ISDIR(found->st.st_mode))
        return bide_fail(BIDE_EINVAL, "not a plain file");
    if (!is_whole(found))
        return 0;
    found->data = bide__alloc((size_t)found->st.st_size + 1);
    return found->data ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

/* A file that has shrunk meanwhile is as long as it is now. */
static int take(struct found_file *found, size_t size)
{
    found->st.st_size = (off_t)size;
    return 0;
}

static int read_job(void *arg)
{
    struct found_file *found = arg;
    size_t size = (size_t)found->st.st_size, done = 0;
    while (done < size) {
        ssize_t n = bide__sys.pread(found->fd, found->data + done, size - done, (off_t)done);
        if (n < 0)
            return bide__fail_errno("");
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return take(found, done);
}

/* All of it that is in memory, or none. */
static bool read_now(struct found_file *found)
{
    struct iovec piece = { found->data, (size_t)found->st.st_size };
    return piece.iov_len == 0 ||
           bide__sys.preadv2(found->fd, &piece, 1, 0, RWF_NOWAIT) == (ssize_t)piece.iov_len;
}

static int open_job(void *arg)
{
    struct finding *f = arg;
    f->found->fd = bide__file_root_open(f->root, f->path, FLAGS);
    if (f->found->fd < 0)
        return bide__fail_errno("");
    int rc = look(f->found);
    return rc == 0 && f->found->data ? read_job(f->found) : rc;
}

BIDE_WAITS static int find(struct finding *f)
{
    struct found_file *found = f->found;
    found->fd = bide__sys.openat2(f->root->directory, f->path, FLAGS,
                                  resolve_of(f->root) | CACHED);
    if (found->fd < 0 && (errno == ENOENT || errno == EACCES || errno == EXDEV ||
                          errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG))
        return bide__fail_errno("");
    if (found->fd < 0)
        return bide__file_hop(open_job, f);
    int rc = look(found);
    if (rc == 0 && found->data && !read_now(found))
        rc = bide__file_hop(read_job, found);
    return rc;
}

int bide__file_find(const struct file_root *root, const char *path, struct found_file *found)
{
    struct finding f = { root, path, found };
    *found = (struct found_file){ .fd = -1 };
    int rc = find(&f);
    if (rc < 0)
        bide__found_file_end(found);
    else if (found->data || S_ISDIR(found->st.st_mode)) {
        bide__sys.close(found->fd);
        found->fd = -1;
    }
    return rc;
}

void bide__found_file_end(struct found_file *found)
{
    if (found->fd >= 0)
        bide__sys.close(found->fd);
    bide__free(found->data);
    *found = (struct found_file){ .fd = -1 };
}
