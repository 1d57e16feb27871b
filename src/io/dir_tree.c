/* Making directories with their parents, and removing whole trees; each in one job.
 *
 * A tree is walked by descriptors and names within them, and links are not followed, so that
 * nobody who renames things meanwhile can lead the way out of it.  One descriptor is open per
 * level. */
#include "io/file.h"
#include <bide/dir.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { PERMISSIONS = 0777, DEPTH_MAX = 512 };

/* Without the slashes at its end: "a/" would be another matter than "a" to the system, which
 * follows a link there.  On the stack, for memory is not to be needed to remove things. */
static int copy_bare(const char *path, char bare[PATH_MAX])
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    if (size >= PATH_MAX)
        return bide_fail(-ENAMETOOLONG, "%s", bide_strerror(-ENAMETOOLONG));
    memcpy(bare, path, size);
    bare[size] = '\0';
    return 0;
}

/* --- making --- */

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int make_one(const char *path, mode_t permissions, bool parents)
{
    if (mkdir(path, permissions) == 0)
        return 0;
    int code = -errno;
    if (parents && code == -EEXIST && is_dir(path))
        return 0;
    return bide_fail(code, "%s", bide_strerror(code));
}

/* `path` is cut at each slash in turn, and whole again afterwards. */
static int make_all(char *path, mode_t permissions)
{
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        int rc = make_one(path, PERMISSIONS, true);
        *slash = '/';
        if (rc < 0)
            return rc;
    }
    return make_one(path, permissions, true);
}

static int mkdir_job(void *arg)
{
    const struct bide_mkdir_opts *o = arg;
    mode_t permissions = o->permissions ? o->permissions : PERMISSIONS;
    if (!o->parents || !*o->path)
        return make_one(o->path, permissions, false);
    char path[PATH_MAX];
    int rc = copy_bare(o->path, path);
    return rc < 0 ? rc : make_all(path, permissions);
}

int bide_mkdir_opts(const struct bide_mkdir_opts *opts)
{
    struct bide_mkdir_opts o = *opts;
    if (!o.path)
        return bide_fail(BIDE_EINVAL, "mkdir: no path");
    int rc = bide__file_hop(mkdir_job, &o);
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("mkdir: %s", o.path) : rc;
}

/* --- removing --- */

/* What was met: the first failure, with the name that it is about. */
struct removal { int code; char name[128]; };

static void note(struct removal *r, int code, const char *name)
{
    if (r->code)
        return;
    r->code = code;
    strncpy(r->name, name, sizeof r->name - 1);
}

static void remove_dir(struct removal *r, int parent, const char *name, int depth);

static void remove_name(struct removal *r, int parent, const char *name, bool dir, int depth)
{
    if (!dir && unlinkat(parent, name, 0) == 0)
        return;
    if (dir || errno == EISDIR)
        remove_dir(r, parent, name, depth);
    else if (errno != ENOENT)
        note(r, -errno, name);
}

static void remove_contents(struct removal *r, DIR *dir, int depth)
{
    for (struct dirent *e; !bide__file_stopped() && (e = readdir(dir)); )
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            remove_name(r, dirfd(dir), e->d_name, e->d_type == DT_DIR, depth);
}

static void remove_dir(struct removal *r, int parent, const char *name, int depth)
{
    int fd = depth < DEPTH_MAX
        ? openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (depth == DEPTH_MAX)
        errno = EMFILE;
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        note(r, -errno, name);
        if (fd >= 0)
            close(fd);
        return;
    }
    remove_contents(r, dir, depth + 1);
    closedir(dir);
    if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT && !bide__file_stopped())
        note(r, -errno, name);
}

static int remove_tree(const char *path, bool must_be_dir)
{
    struct removal r = { .code = 0 };
    struct stat st;
    if (lstat(path, &st) < 0)
        return bide__fail_errno("");
    if (must_be_dir && !S_ISDIR(st.st_mode))
        return bide_fail(-ENOTDIR, "%s", bide_strerror(-ENOTDIR));
    remove_name(&r, AT_FDCWD, path, S_ISDIR(st.st_mode), 0);
    if (bide__file_stopped())
        return bide_fail(BIDE_ECANCELED, "cancelled");
    if (!r.code)
        return 0;
    return strcmp(r.name, path) == 0 ? bide_fail(r.code, "%s", bide_strerror(r.code))
        : bide_fail(r.code, "%s: %s", r.name, bide_strerror(r.code));
}

int bide__tree_remove_job(void *path)
{
    char name[PATH_MAX];
    int rc = copy_bare(path, name);
    return rc < 0 ? rc : remove_tree(name, strlen(name) < strlen(path));
}
