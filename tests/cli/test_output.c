/* What cli/output.c must hold: every byte once and in order, however slow the reader; a failure is
 * told again and again; and a wait that is cancelled loses nothing. */
#include "cli/output.c"
#include "test.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>

static struct output out;
static int ends[2];
static size_t wanted, got;

static void open_pipe(void)
{
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    CHECK_EQ(output_open(&out, ends[1]), 0);
    CHECK(!out.whole);
}

/* A line of a size that depends on its number. */
static size_t make_line(char *at, size_t number)
{
    int size = sprintf(at, "%zu %0*d\n", number, (int)(number % 997), 0);
    return (size_t)size;
}

static int write_lines(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < wanted; i++) {
        int rc = output_reserve(&out);
        if (rc < 0)
            return rc;
        char *place = output_place(&out);
        output_commit(&out, place + make_line(place, i));
    }
    int rc = output_flush(&out);
    bide_fd_forget(ends[1]);
    close(ends[1]);
    return rc;
}

static int read_lines(void *unused)
{
    static char room[1024], expected[1024];
    (void)unused;
    for (size_t size = 0;;) {
        int rc = bide_fd_wait(ends[0], POLLIN);
        if (rc < 0)
            return rc;
        ssize_t n = read(ends[0], room + size, 1);
        if (n == 0)
            return 0;
        if (room[size++] != '\n')
            continue;
        CHECK_EQ((long long)size, (long long)make_line(expected, got++));
        CHECK_MEM(room, expected, size);
        size = 0;
    }
}

TASK_TEST(a_slow_reader_gets_every_line_in_order)
{
    BIDE_GROUP(group);
    wanted = 1500;
    open_pipe();
    bide_spawn(group, write_lines, NULL);
    bide_spawn(group, read_lines, NULL);
    CHECK_EQ(bide_group_wait(group), 0);
    CHECK_EQ((long long)got, (long long)wanted);
    output_close(&out);
    bide_fd_forget(ends[0]);
    close(ends[0]);
}

TASK_TEST(a_wait_for_the_reader_can_be_cancelled_and_loses_nothing)
{
    open_pipe();
    size_t size = 0;
    {
        BIDE_TIMEOUT(timeout, 1);
        while (output_reserve(&out) == 0 && !bide_scope_expired(timeout)) {
            memset(output_place(&out), 'x', OUTPUT_LINE_MAX);
            output_commit(&out, output_place(&out) + OUTPUT_LINE_MAX);
            size += OUTPUT_LINE_MAX;
        }
    }
    int piped = 0;
    CHECK_EQ(ioctl(ends[0], FIONREAD, &piped), 0);
    CHECK_EQ((long long)size, (long long)(out.end - out.start) + piped);
    output_close(&out);
    close(ends[0]);
    close(ends[1]);
}

TASK_TEST(a_closed_pipe_is_told_each_time)
{
    signal(SIGPIPE, SIG_IGN);
    open_pipe();
    close(ends[0]);
    CHECK_EQ(output_reserve(&out), 0);
    output_commit(&out, output_place(&out) + make_line(output_place(&out), 1));
    CHECK_EQ(output_flush(&out), -EPIPE);
    CHECK_EQ(output_flush(&out), -EPIPE);
    CHECK_EQ(output_reserve(&out), -EPIPE);
    CHECK_STR(bide_errmsg(), "standard output: Broken pipe");
    output_close(&out);
    close(ends[1]);
}

TASK_TEST(a_full_disk_is_told)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK_EQ(output_open(&out, full), 0);
    CHECK(out.whole);
    CHECK_EQ(output_reserve(&out), 0);
    output_commit(&out, output_place(&out) + make_line(output_place(&out), 1));
    CHECK_EQ(output_flush(&out), -ENOSPC);
    output_close(&out);
    close(full);
}

TASK_TEST(nothing_to_write_is_not_written)
{
    CHECK_EQ(output_open(&out, -1), 0);
    CHECK_EQ(output_flush(&out), 0);
    output_close(&out);
}
