/* cli/output.c -- see output.h.
 *
 * A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking, more might
 * block; a terminal behaves much the same.  Plain files and /dev/null never make anybody
 * wait, and take all in one call. */
#include "cli/output.h"
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_SIZE (4 * OUTPUT_LINE_MAX)
#define OUTPUT_BLOCK 65536

int output_open(struct output *o, int fd)
{
    struct stat info;
    *o = (struct output){ .fd = fd, .name = "standard output", .room = OUTPUT_SIZE,
                           .data = malloc(OUTPUT_SIZE) };
    if (!o->data)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    bool known = fstat(fd, &info) == 0;
    o->whole = known && (S_ISREG(info.st_mode) || (S_ISCHR(info.st_mode) && !isatty(fd)));
    return 0;
}

static int fail_output(struct output *o, int error)
{
    o->error = -error;
    return bide_fail(-error, "%s: %s", o->name, strerror(error));
}

/* Waits until a write of one piece will not block. */
static int wait_writable(struct output *o)
{
    for (;;) {
        struct pollfd now = { .fd = o->fd, .events = POLLOUT };
        int count = poll(&now, 1, 0);
        if (o->whole || count > 0 || (count < 0 && errno != EINTR))
            return 0;
        int rc = bide_fd_wait(o->fd, POLLOUT);
        if (rc < 0)
            return rc;
    }
}

static int write_piece(struct output *o)
{
    int rc = o->whole ? 0 : wait_writable(o);
    if (rc < 0)
        return rc;
    if (o->before)
        o->before(o->arg);
    size_t size = o->end - o->start;
    if (!o->whole && size > PIPE_BUF)
        size = PIPE_BUF;
    ssize_t n = write(o->fd, o->data + o->start, size);
    if (n > 0)
        o->start += (size_t)n;
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        return fail_output(o, errno);
    if (o->start == o->end)
        o->start = o->end = 0;
    return 0;
}

/* Writes until no more than `left` bytes are left. */
static int write_down_to(struct output *o, size_t left)
{
    bide_auto(permit) writing = bide_semaphore_acquire(&o->writing);
    if (!writing)
        return bide_errcode();
    int rc = 0;
    while (rc == 0 && o->error == 0 && o->end - o->start > left)
        rc = write_piece(o);
    return o->error < 0 && rc == 0 ? fail_output(o, -o->error) : rc;
}

/* Moves what is there to the front, and takes more memory if that is not enough. */
static int make_room(struct output *o, size_t size)
{
    if (o->room - o->end >= size)
        return 0;
    memmove(o->data, o->data + o->start, o->end - o->start);
    o->end -= o->start;
    o->start = 0;
    if (o->room - o->end >= size)
        return 0;
    char *more = realloc(o->data, o->end + size);
    if (!more)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    o->data = more;
    o->room = o->end + size;
    return 0;
}

/* Also when the wait was cancelled there is room for the last lines of those who were at
 * work. */
int output_reserve_sized(struct output *o, size_t size)
{
    int rc = 0;
    if (o->end - o->start >= OUTPUT_BLOCK || o->error < 0)
        rc = write_down_to(o, OUTPUT_BLOCK / 2);
    return o->error < 0 ? rc : make_room(o, size);
}

int output_reserve(struct output *o)
{
    return output_reserve_sized(o, OUTPUT_LINE_MAX);
}

char *output_place(struct output *o)
{
    return o->data + o->end;
}

void output_commit(struct output *o, char *end)
{
    o->end = (size_t)(end - o->data);
}

int output_flush(struct output *o)
{
    return o->end > o->start || o->error < 0 ? write_down_to(o, 0) : 0;
}

void output_close(struct output *o)
{
    bide_fd_forget(o->fd);
    free(o->data);
    o->data = NULL;
}
