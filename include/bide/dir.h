/* bide/dir.h -- names of files: directories, moving, removing, copying.
 *
 *     bide_auto(dir) dir = bide_dir_open("logs");
 *     struct bide_dir_entry entry;
 *     while ((rc = bide_dir_next(dir, &entry)) == 1)
 *         puts(entry.name);
 *
 * Each call is one hop to a thread, however much there is to do, so that no slow disk holds
 * up the loop; a directory is read some hundred names per hop.  A call that is cancelled
 * before its thread has begun has done nothing; those that take long (copying, removing a
 * tree) stop in the middle.  Counterparts: aiofiles.os, shutil in a thread. */
#ifndef BIDE_DIR_H
#define BIDE_DIR_H
#include <bide/base.h>
#include <sys/stat.h>
BIDE_BEGIN_

typedef struct bide_dir bide_dir;
typedef struct bide_temp_dir bide_temp_dir;
/* What a name in a directory stands for; a link is not followed. */
enum bide_entry_type { BIDE_ENTRY_OTHER, BIDE_ENTRY_FILE, BIDE_ENTRY_DIR, BIDE_ENTRY_LINK };
/* One name in a directory. */
struct bide_dir_entry {
    const char *name;           /* valid until the next call on the directory */
    enum bide_entry_type type;
    uint64_t inode;
};
/* Options of bide_mkdir(). */
struct bide_mkdir_opts {
    size_t abi_;
    const char *path;
    unsigned permissions;       /* less the umask; default 0777 */
    bool parents;               /* makes what is missing above it too, and does not mind if
                                   it is there already */
};
/* Options of bide_copy_file(). */
struct bide_copy_file_opts {
    size_t abi_;
    const char *to;
    bool exclusive;             /* -EEXIST if it is there; default: it is overwritten */
};
/* Options of bide_temp_dir_open(). */
struct bide_temp_dir_opts {
    size_t abi_;
    const char *dir;            /* where; default $TMPDIR, else /tmp */
};

/* As stat(2) and lstat(2): 0; -ENOENT, ... */
BIDE_WAITS int bide_stat(const char *path, struct stat *st);
BIDE_WAITS int bide_lstat(const char *path, struct stat *st);   /* a link itself */
/* As rename(2), unlink(2), rmdir(2), link(2), symlink(2): 0, or < 0. */
BIDE_WAITS int bide_rename(const char *from, const char *to);
BIDE_WAITS int bide_unlink(const char *path);
BIDE_WAITS int bide_rmdir(const char *path);                    /* an empty directory */
BIDE_WAITS int bide_link(const char *from, const char *to);     /* a second name */
BIDE_WAITS int bide_symlink(const char *target, const char *path);      /* a link to target */
/* Where a link points, with a NUL after it: its length; BIDE_ELIMIT if it does not fit. */
BIDE_WAITS ssize_t bide_readlink(const char *path, char *buf, size_t size);
/* Makes a directory: bide_mkdir("a"), bide_mkdir("a/b/c", .parents = true).  0; -EEXIST, ...
 * Counterpart: os.makedirs(exist_ok=True). */
#define bide_mkdir(...) bide_mkdir_opts(BIDE_OPTS_(bide_mkdir_opts, .path = __VA_ARGS__))
BIDE_WAITS int bide_mkdir_opts(const struct bide_mkdir_opts *opts);
/* Removes a file, a link, or a directory with all that is in it; links are not followed.
 * Goes on past what cannot be removed, and returns the first failure.  Not there: -ENOENT; a
 * slash at the end of what is no directory: -ENOTDIR.
 * Counterpart: shutil.rmtree(). */
BIDE_WAITS int bide_remove_tree(const char *path);
/* Copies a file with its permissions, by the system's own means where it can: the number of
 * bytes.  < 0: a new copy is gone again.  A file onto itself: BIDE_EINVAL.  Counterpart:
 * shutil.copy(). */
#define bide_copy_file(from, ...) \
    bide_copy_file_opts(from, BIDE_OPTS_(bide_copy_file_opts, .to = __VA_ARGS__))
BIDE_WAITS int64_t bide_copy_file_opts(const char *from,
                                       const struct bide_copy_file_opts *opts);

/* A directory to be read.  NULL: -ENOENT, -ENOTDIR, BIDE_ENOMEM, ...  Counterpart:
 * os.scandir(). */
BIDE_WAITS bide_dir *bide_dir_open(const char *path);
/* The next name, without "." and "..", in no order: 1; 0: that was all.  One task at a time,
 * else BIDE_EBUSY. */
BIDE_WAITS int bide_dir_next(bide_dir *d, struct bide_dir_entry *entry);
/* Closes and frees.  NULL: nothing. */
void bide_dir_close(bide_dir *d);
BIDE_AUTO_(dir, bide_dir_close)

/* A new empty directory that only this user may enter.  NULL: -ENOENT, ... */
#define bide_temp_dir_open(...) \
    bide_temp_dir_open_opts(BIDE_OPTS_(bide_temp_dir_opts, __VA_ARGS__))
BIDE_WAITS bide_temp_dir *bide_temp_dir_open_opts(const struct bide_temp_dir_opts *opts);
/* Its path; the directory's.  NULL for NULL. */
const char *bide_temp_dir_path(const bide_temp_dir *d);
/* Removes it with all that is in it; < 0: the first failure.  The guard does so too, later:
 * before bide_run() returns, with a warning in the log if it fails. */
BIDE_WAITS int bide_temp_dir_remove(bide_temp_dir *d);
/* By its owner; never waits.  NULL: nothing. */
void bide_temp_dir_close(bide_temp_dir *d);
BIDE_AUTO_(temp_dir, bide_temp_dir_close)

BIDE_END_
#endif
