/* Pipes, and which stream a standard descriptor becomes. */
#include <bide/pipe.h>
#include "base/sys.h"
#include "io/stdio_stream.h"
#include <bide/error.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int bide_pipe(bide_stream *ends[2])
{
    int fds[2];
    ends[0] = ends[1] = NULL;
    if (bide__sys.pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return bide_fail(-errno, "pipe: %s", bide_strerror(-errno));
    for (int i = 0; i < 2; i++)
        ends[i] = bide_stream_of_fd(fds[i]);
    if (ends[0] && ends[1])
        return 0;
    BIDE_KEEP_ERROR(why);
    for (int i = 0; i < 2; i++) {
        if (!ends[i])
            bide__sys.close(fds[i]);
        bide_stream_close(bide_steal(ends[i]));
    }
    return why.code;
}

/* A terminal, but not the end that a terminal's program holds: opening that makes another. */
static bool is_terminal(int fd, const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev != makedev(5, 2) && isatty(fd);
}

/* What is opened anew has flags of its own. */
static bide_stream *open_anew(int fd, int direction)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int own = bide__sys.open(path, direction | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (own < 0)
        return NULL;
    bide_stream *s = bide_stream_of_fd(own);
    if (!s)
        bide__sys.close(own);
    return s;
}

static bide_stream *standard_stream(int fd, int direction)
{
    struct stat st;
    int flags = bide__sys.fcntl(fd, F_GETFL, 0);
    int access = flags & O_ACCMODE;
    if (flags < 0 || (access != direction && access != O_RDWR) || bide__sys.fstat(fd, &st) < 0) {
        bide_fail(flags < 0 ? -errno : -EBADF, "descriptor %d: %s", fd,
                  bide_strerror(flags < 0 ? -errno : -EBADF));
        return NULL;
    }
    bide_stream *s = NULL;
    if (S_ISFIFO(st.st_mode) || is_terminal(fd, &st))
        s = open_anew(fd, direction);
    return s ? s : bide__stdio_stream(fd, &st);
}

bide_stream *bide_stdin(void)
{
    return standard_stream(STDIN_FILENO, O_RDONLY);
}

bide_stream *bide_stdout(void)
{
    return standard_stream(STDOUT_FILENO, O_WRONLY);
}

bide_stream *bide_stderr(void)
{
    return standard_stream(STDERR_FILENO, O_WRONLY);
}
