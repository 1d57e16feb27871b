/* cli/body.c -- see body.h.
 *
 * Writing to a disk waits for no task: the system takes the bytes into its cache.  Errors
 * of the disk may come as late as close(2), so that is looked at too. */
#include "cli/body.h"
#include <bide/error.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void part_name(const struct body *b, char part[FILENAME_SIZE + 8])
{
    snprintf(part, FILENAME_SIZE + 8, "%s.part", b->name);
}

static int fail_body(const struct body *b, int error)
{
    return bide_fail(-error, "write %s/%s: %s", b->directory_name, b->name, strerror(error));
}

int body_open(struct body *b, uint64_t number, const char *url, size_t size)
{
    char part[FILENAME_SIZE + 8];
    filename_make(b->name, number, url, size);
    part_name(b, part);
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    b->fd = openat(b->directory, part, flags, 0666);
    return b->fd < 0 ? fail_body(b, errno) : 0;
}

int body_write(struct body *b, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        ssize_t n = write(b->fd, from, size);
        if (n < 0 && errno != EINTR)
            return fail_body(b, errno);
        if (n > 0) {
            from += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

int body_keep(struct body *b)
{
    char part[FILENAME_SIZE + 8];
    part_name(b, part);
    int rc = close(b->fd);
    b->fd = -1;
    if (rc == 0 || errno == EINTR)
        rc = renameat(b->directory, part, b->directory, b->name);
    if (rc == 0)
        return 0;
    rc = fail_body(b, errno);
    unlinkat(b->directory, part, 0);
    return rc;
}

void body_drop(struct body *b)
{
    if (b->fd < 0)
        return;
    char part[FILENAME_SIZE + 8];
    part_name(b, part);
    close(b->fd);
    b->fd = -1;
    unlinkat(b->directory, part, 0);
}
