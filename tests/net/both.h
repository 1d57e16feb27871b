/* tests/net/both.h -- a test under each poller, and the two ends of a TCP connection. */
#ifndef NET_BOTH_H
#define NET_BOTH_H
#include "test.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/net.h>
#include <bide/scope.h>
#include <bide/sync.h>

static inline int both_task(void *arg)
{
    ((void (*)(void))(uintptr_t)arg)();
    return 0;
}

static inline void both_run(void (*body)(void), const char *poller, bool jumping,
                            unsigned allow)
{
    test_run_task(both_task, __FILE__, __LINE__, (void *)(uintptr_t)body, .poller = poller,
                  .real_clock = !jumping, .allow = allow);
}

/* Under the jumping clock; where threads must be given time, under the real one; and where tasks
 * are left to the end of the loop. */
#define NET_TEST_(name_, jumping_, allow_) \
    static void name_(void); \
    TEST(by_epoll_##name_) { both_run(name_, "epoll", jumping_, allow_); } \
    TEST(by_poll_##name_) { both_run(name_, "poll", jumping_, allow_); } \
    TEST(by_ring_##name_) { both_run(name_, TEST_RING, jumping_, allow_); } \
    static void name_(void)
#define NET_TEST(name_) NET_TEST_(name_, true, 0)
#define NET_TEST_IN_TIME(name_) NET_TEST_(name_, false, 0)
#define NET_TEST_LEAVING_TASKS(name_) NET_TEST_(name_, true, BIDE_TEST_TASKS)

/* ends[0] connected, ends[1] accepted. */
static inline int both_connect(bide_stream *ends[2])
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    CHECK(l);
    CHECK((ends[0] = bide_connect(bide_listener_address(l))));
    CHECK((ends[1] = bide_accept(l)));
    return 0;
}

#endif
