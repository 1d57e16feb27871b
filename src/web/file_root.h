/* Where names of files are looked up, and what may be found there.
 *
 * A name from a client never leaves the directory: the kernel itself resolves it beneath
 * (openat2, RESOLVE_BENEATH), so neither dots nor a symbolic link, even one put there
 * meanwhile, lead out.  Kernels before Linux 5.6 are asked step by step, and no link is followed at
 * all.
 *
 * What the kernel has in memory is looked up on the loop (RESOLVE_CACHED); what it has not, by
 * a thread, for disks are slow and network file systems slower. */
#ifndef BIDE_WEB_FILE_ROOT_H
#define BIDE_WEB_FILE_ROOT_H

#include <bide/base.h>
#include <sys/stat.h>

enum { FILE_WHOLE_MAX = 65536 };        /* a file up to this size is read as it is opened */

struct file_root {
    int directory;              /* a descriptor; AT_FDCWD: paths of the program's own */
    bool beneath;               /* names come from outside and stay in the directory */
    bool links;                 /* symbolic links may lead out all the same */
};

struct found_file {
    int fd;                     /* -1: none, it was read whole, or is a directory */
    char *data;                 /* NULL: none; has a byte more than st.st_size */
    struct stat st;             /* a plain file or a directory */
};

/* Opens a name and looks at it; .fd is open afterwards, or .data is its contents.  0; -ENOENT,
 * -EACCES, ...; BIDE_EINVAL: it is neither a plain file nor a directory. */
BIDE_WAITS int bide__file_find(const struct file_root *root, const char *path,
                               struct found_file *found);
/* The same by a thread that may wait: opens for `flags` beneath the root.  -1 with errno. */
int bide__file_root_open(const struct file_root *root, const char *path, int flags);
/* Closes and frees what was found. */
void bide__found_file_end(struct found_file *found);

#endif
