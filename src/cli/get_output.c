/* cli/get_output.c -- see get.h.
 *
 * A file is written under another name beside it, and renamed when its last byte is there: what was
 * there before stays until then.  What is no plain file (/dev/null, a FIFO) is written at once. */
#include "cli/get.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_file(const struct get_output *o, int error)
{
    return bide_fail(-error, "write %s: %s", o->path, strerror(error));
}

/* Where the new file will stand: where a link leads. */
static int name_part(struct get_output *o, bool exists)
{
    o->target = exists ? realpath(o->path, NULL) : strdup(o->path);
    if (!o->target)
        return fail_file(o, errno);
    if (asprintf(&o->part, "%s.%ld.part", o->target, (long)getpid()) >= 0)
        return 0;
    o->part = NULL;
    return bide_fail(BIDE_ENOMEM, "out of memory");
}

/* A file that replaces another keeps its permissions. */
static int open_part(struct get_output *o, bool exists, mode_t mode)
{
    int flags = O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL;
    unlink(o->part);
    o->fd = open(o->part, flags, exists ? 0600 : 0666);
    if (o->fd >= 0 && (!exists || fchmod(o->fd, mode & 0777) == 0))
        return 0;
    return fail_file(o, errno);
}

static int open_file(struct get_output *o)
{
    struct stat st;
    bool exists = stat(o->path, &st) == 0;
    if (exists && !S_ISREG(st.st_mode)) {
        o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
        return o->fd < 0 ? fail_file(o, errno) : 0;
    }
    int rc = name_part(o, exists);
    return rc < 0 ? rc : open_part(o, exists, st.st_mode);
}

int get_output_open(struct get_output *o, const char *path)
{
    *o = (struct get_output){ .path = path, .fd = STDOUT_FILENO };
    int rc = path ? open_file(o) : 0;
    if (rc == 0)
        rc = output_open(&o->out, o->fd);
    if (path)
        o->out.name = path;
    return rc;
}

int get_output_keep(struct get_output *o)
{
    if (!o->path)
        return 0;
    bide_fd_forget(o->fd);
    int rc = close(o->fd);
    o->fd = -1;
    if ((rc == 0 || errno == EINTR) && o->part)
        rc = rename(o->part, o->target);
    if (rc < 0 && errno != EINTR)
        return fail_file(o, errno);
    free(o->part);
    o->part = NULL;
    return 0;
}

void get_output_close(struct get_output *o)
{
    if (o->out.data)
        output_close(&o->out);
    if (o->path && o->fd >= 0)
        close(o->fd);
    if (o->part)
        unlink(o->part);
    free(o->part);
    free(o->target);
    o->part = o->target = NULL;
}
