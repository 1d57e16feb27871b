/* tests/io/ends.h -- one test, three kinds of stream.
 *
 * STREAM_TEST(name) makes three tests of one body, which gets `bide_stream *ends[2]`: two ends
 * in memory, and two of a socket pair under each poller.  All under the jumping clock.  The
 * ends are closed after the body. */
#ifndef IO_ENDS_H
#define IO_ENDS_H
#include "test.h"

#include <bide/group.h>
#include <bide/scope.h>
#include <bide/stream.h>
#include <sys/socket.h>

struct ends { void (*body)(bide_stream *ends[2]); bool memory; };

static inline void ends_open(bide_stream *ends[2], bool memory)
{
    int fds[2];
    if (memory) {
        CHECK_EQ(bide_stream_pair(ends), 0);
        return;
    }
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    for (int i = 0; i < 2; i++)
        CHECK((ends[i] = bide_stream_of_fd(fds[i])));
}

static inline int ends_task(void *arg)
{
    struct ends *test = arg;
    bide_stream *ends[2];
    ends_open(ends, test->memory);
    test->body(ends);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return 0;
}

static inline void ends_run(void (*body)(bide_stream *ends[2]), const char *poller, bool memory)
{
    struct ends test = { body, memory };
    test_run_task(ends_task, __FILE__, __LINE__, &test, .poller = poller);
}

#define STREAM_TEST(name_) \
    static void name_(bide_stream *ends[2]); \
    TEST(in_memory_##name_) { ends_run(name_, "epoll", true); } \
    TEST(by_epoll_##name_) { ends_run(name_, "epoll", false); } \
    TEST(by_poll_##name_) { ends_run(name_, "poll", false); } \
    TEST(by_ring_##name_) { ends_run(name_, TEST_RING, false); } \
    static void name_(bide_stream *ends[2])

/* Byte `i` of a long pattern. */
static inline char ends_byte(size_t i)
{
    return (char)(i * 7 + i / 251);
}

static inline void ends_fill(char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        data[i] = ends_byte(i);
}

/* Writes text; fails the test if that fails. */
static inline void ends_say(bide_stream *s, const char *text)
{
    CHECK_EQ(bide_printf(s, "%s", text), 0);
}
/* Checks that text comes. */
static inline void ends_hear(bide_stream *s, const char *text)
{
    char got[256];
    size_t size = __builtin_strlen(text);
    CHECK_EQ(bide_read_exactly(s, got, size), 0);
    CHECK_MEM(got, text, size);
}

#endif
