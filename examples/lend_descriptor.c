/* A descriptor handed to another task through a Unix socket, as to another process: who gets it
 * writes into a pipe that it was never told of. */
#include <bide.h>
#include <stdio.h>
#include <unistd.h>

static int borrow(void *end)
{
    char why[32];
    int fds[1];
    size_t count = 1;
    ssize_t n = bide_unix_receive(end, why, sizeof why, fds, &count);
    if (n < 0 || count != 1)
        return bide_errcode();
    printf("got a descriptor for \"%.*s\"\n", (int)n, why);
    bide_auto(stream) out = bide_stream_of_fd(fds[0]);
    return bide_printf(out, "written by who borrowed it\n");
}

static int lend(bide_stream *to, int *pipe_in)
{
    int ends[2];
    if (pipe(ends) < 0)
        return bide_fail(-errno, "pipe");
    *pipe_in = ends[0];
    int rc = bide_unix_send(to, "the log", 7, &ends[1], 1);
    close(ends[1]);                     /* the other has a copy */
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    bide_stream *ends[2];
    int pipe_in = -1;
    char *line;
    if (bide_unix_pair(ends) < 0)
        return bide_errcode();
    bide_auto(stream) mine = ends[0];
    bide_auto(stream) theirs = ends[1];
    BIDE_GROUP(g);
    bide_spawn(g, borrow, theirs);
    if (lend(mine, &pipe_in) < 0)
        return bide_errcode();
    bide_auto(stream) in = bide_stream_of_fd(pipe_in);
    while (bide_read_until(in, "\n", &line) > 0)
        printf("read: %s", line);
    return bide_group_wait(g);
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
