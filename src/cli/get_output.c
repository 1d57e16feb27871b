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

static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int open_file(struct get_output *o)
{
    int flags = O_WRONLY | O_CLOEXEC;
    if (is_special(o->path)) {
        o->fd = open(o->path, flags);
        return o->fd < 0 ? fail_file(o, errno) : 0;
    }
    if (asprintf(&o->part, "%s.%ld.part", o->path, (long)getpid()) < 0) {
        o->part = NULL;
        return bide_fail(BIDE_ENOMEM, "out of memory");
    }
    o->fd = open(o->part, flags | O_CREAT | O_TRUNC | O_NOFOLLOW, 0666);
    if (o->fd >= 0)
        return 0;
    int rc = fail_file(o, errno);
    free(o->part);
    o->part = NULL;
    return rc;
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
        rc = rename(o->part, o->path);
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
    o->part = NULL;
}
