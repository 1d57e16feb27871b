/* Whole files in one job: loading with a limit, saving so that nobody ever sees half of it.
 *
 * Saving follows links to the file that they stand for, and keeps its permissions, and its owner
 * where it may.  The new file lies in the same directory, for only there does rename(2)
 * replace at one stroke; it is synced before, lest a crash of the machine leave the new name
 * with nothing in it, and the directory after. */
#include "base/memory.h"
#include "base/sys.h"
#include "io/file.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOAD_MAX = 64 << 20, ROOM_LEAST = 4096, PERMISSIONS = 0666, SUFFIX = 16, TRIES = 100 };
static const size_t piece_max = 8 << 20;

/* --- loading --- */

struct loading { const char *path; int fd; size_t size_max, room; bide_bytes *bytes; };

static int grow(struct loading *l, size_t room)
{
    if (room > l->size_max)
        room = l->size_max;
    bide_bytes *larger = room < SIZE_MAX - sizeof *larger - 1
        ? bide__resize(l->bytes, sizeof *larger + room + 1) : NULL;
    if (!larger)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    if (!l->bytes)
        larger->size = 0;
    larger->data = (char *)(larger + 1);
    l->bytes = larger;
    l->room = room;
    return 0;
}

static int has_more(const struct loading *l)
{
    char byte;
    ssize_t n = bide__sys.read(l->fd, &byte, 1);
    if (n > 0)
        return bide_fail(BIDE_ELIMIT, "more than %zu bytes", l->size_max);
    return n < 0 ? bide__fail_errno("") : 0;
}

/* What grows while it is read, or says that it has no size, is read to its end all the same. */
static int load_all(struct loading *l)
{
    for (;;) {
        bide_bytes *b = l->bytes;
        if (bide__file_stopped())
            return bide_fail(BIDE_ECANCELED, "cancelled");
        if (b->size == l->room) {
            if (l->room == l->size_max)
                return has_more(l);
            int rc = grow(l, l->room < SIZE_MAX / 2 ? l->room * 2 : SIZE_MAX);
            if (rc < 0)
                return rc;
            b = l->bytes;
        }
        size_t size = l->room - b->size;
        ssize_t n = bide__sys.read(l->fd, b->data + b->size, size < piece_max ? size : piece_max);
        if (n == 0)
            return 0;
        if (n > 0)
            b->size += (size_t)n;
        else if (errno != EINTR)
            return bide__fail_errno("");
    }
}

static int load_open(struct loading *l)
{
    struct opening o = { .fd = l->fd };
    int rc = bide__file_look(&o);
    if (rc < 0)
        return rc;
    if (!S_ISREG(o.st.st_mode) && !S_ISBLK(o.st.st_mode))
        return bide_fail(BIDE_EINVAL, "not a plain file: open it to read it");
    if ((uint64_t)o.st.st_size > l->size_max)
        return bide_fail(BIDE_ELIMIT, "more than %zu bytes", l->size_max);
    rc = grow(l, o.st.st_size ? (size_t)o.st.st_size + 1 : ROOM_LEAST);
    return rc < 0 ? rc : load_all(l);
}

static int load_job(void *arg)
{
    struct loading *l = arg;
    l->fd = bide__sys.open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    if (l->fd < 0)
        return bide__fail_errno("");
    int rc = load_open(l);
    bide__sys.close(l->fd);
    return rc;
}

bide_bytes *bide_file_load_opts(const struct bide_file_load_opts *opts)
{
    struct loading l = { .path = opts->path, .size_max = opts->size_max ? opts->size_max
                                                                        : LOAD_MAX };
    int rc = l.path ? bide__file_hop(load_job, &l) : bide_fail(BIDE_EINVAL, "no path");
    if (rc < 0) {
        bide__free(l.bytes);
        if (rc != BIDE_ECANCELED)
            bide_within("load: %s", l.path ? l.path : "NULL");
        return NULL;
    }
    l.bytes->data[l.bytes->size] = '\0';
    return l.bytes;
}

void bide_bytes_free(bide_bytes *bytes)
{
    bide__free(bytes);
}

/* --- saving --- */

struct saving {
    const char *path, *data;
    const struct bide_file_save_opts *opts;
    char target[PATH_MAX], beside[PATH_MAX + SUFFIX];
    struct stat old;            /* of the file that is replaced */
    bool replaces;
    int fd;
};

/* Where the new file is to stand, and what stands there. */
static int find_target(struct saving *s)
{
    if (!realpath(s->path, s->target)) {
        if (strlen(s->path) >= sizeof s->target)
            return bide_fail(-ENAMETOOLONG, "%s", bide_strerror(-ENAMETOOLONG));
        strcpy(s->target, s->path);
    }
    s->replaces = stat(s->target, &s->old) == 0;
    return s->replaces && !S_ISREG(s->old.st_mode) ? bide_fail(BIDE_EINVAL, "not a plain file") : 0;
}

/* The directory's part of it. */

static int dir_size(const struct saving *s)
{
    const char *slash = strrchr(s->target, '/');
    return slash ? (int)(slash - s->target) + 1 : 0;
}

/* What replaces a file is this user's alone until it has the old one's permissions: whoever has
 * it open before reads on. */
static int open_beside(struct saving *s)
{
    static atomic_uint counter;
    mode_t wanted = s->opts->permissions ? s->opts->permissions : PERMISSIONS;
    mode_t permissions = s->replaces && !s->opts->permissions ? 0600 : wanted;
    for (int i = 0; i < TRIES; i++) {
        unsigned number = atomic_fetch_add(&counter, 1) * 2654435761u ^ (unsigned)getpid();
        snprintf(s->beside, sizeof s->beside, "%.*s.bide-%08x", dir_size(s), s->target, number);
        s->fd = bide__sys.open(s->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
        if (s->fd >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return bide__fail_errno("");
}

static int keep_rights(const struct saving *s)
{
    if (!s->replaces)
        return 0;
    bide_ignore(fchown(s->fd, s->old.st_uid, s->old.st_gid));
    if (!s->opts->permissions && fchmod(s->fd, s->old.st_mode & 07777) < 0)
        return bide__fail_errno("");
    return 0;
}

static int write_contents(const struct saving *s)
{
    for (size_t done = 0; done < s->opts->size; ) {
        size_t size = s->opts->size - done;
        struct transfer t = { .fd = s->fd, .data = (char *)(uintptr_t)s->data + done,
                              .size = size < piece_max ? size : piece_max,
                              .at = (int64_t)done };
        if (bide__file_stopped())
            return bide_fail(BIDE_ECANCELED, "cancelled");
        int rc = bide__file_write_job(&t);
        if (rc < 0)
            return rc;
        done += t.done;
    }
    return s->opts->unsynced || bide__sys.fsync(s->fd) == 0 ? 0 : bide__fail_errno("");
}

static int sync_dir(struct saving *s)
{
    s->target[dir_size(s)] = '\0';
    int fd = bide__sys.open(*s->target ? s->target : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int rc = fd >= 0 && bide__sys.fsync(fd) < 0 && errno != EINVAL ? bide__fail_errno("") : 0;
    if (fd >= 0)
        bide__sys.close(fd);
    return rc < 0 ? bide_within("saved, but the new name may not outlast a crash") : 0;
}

static int replace(struct saving *s, int rc)
{
    if (bide__sys.close(s->fd) < 0 && errno != EINTR && rc == 0)
        rc = bide__fail_errno("");
    if (rc == 0 && bide__file_stopped())
        rc = bide_fail(BIDE_ECANCELED, "cancelled");
    if (rc == 0 && bide__sys.rename(s->beside, s->target) < 0)
        rc = bide__fail_errno("");
    if (rc < 0)
        unlink(s->beside);
    return rc;
}

static int save_job(void *arg)
{
    struct saving *s = arg;
    int rc = find_target(s);
    if (rc == 0)
        rc = open_beside(s);
    if (rc < 0)
        return rc;
    rc = keep_rights(s);
    if (rc == 0)
        rc = write_contents(s);
    rc = replace(s, rc);
    return rc < 0 || s->opts->unsynced ? rc : sync_dir(s);
}

int bide_file_save_opts(const char *path, const void *data,
                        const struct bide_file_save_opts *opts)
{
    struct saving *s = path ? bide__zalloc(sizeof *s) : NULL;
    if (!s)
        return path ? bide_fail(BIDE_ENOMEM, "save: %s: out of memory", path)
            : bide_fail(BIDE_EINVAL, "save: no path");
    s->path = path;
    s->data = data;
    s->opts = opts;
    int rc = bide__file_hop(save_job, s);
    bide__free(s);
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("save: %s", path) : rc;
}
