/* tests/core/test_poller.c -- what every poller promises to the loop. */
#include "test.h"

#include "core/poller.h"
#include <bide/error.h>
#include <string.h>
#include <unistd.h>

enum { DESCRIPTORS = 300, BATCH = 100 };

static int told[4 * DESCRIPTORS];       /* how often each was, by number */

/* One end of each of DESCRIPTORS pipes, which can always be written. */
static void open_pipes(struct poller *p, int fds[DESCRIPTORS])
{
    for (int i = 0; i < DESCRIPTORS; i++) {
        int ends[2];
        CHECK_EQ(pipe(ends), 0);
        CHECK(ends[1] < (int)(sizeof told / sizeof *told));
        fds[i] = ends[1];
        CHECK_EQ(p->ops->watch(p, fds[i], 1, false), 0);
    }
}

/* Somebody waits for each all the time, and a batch holds only some of them. */
static void every_descriptor_is_told(const char *name)
{
    struct poller p;
    struct poller_event events[BATCH];
    int fds[DESCRIPTORS];
    memset(told, 0, sizeof told);
    CHECK_EQ(bide__poller_open(&p, name), 0);
    open_pipes(&p, fds);
    for (int round = 0; round < DESCRIPTORS / BATCH; round++) {
        for (int i = 0; p.ops->want && i < DESCRIPTORS; i++)
            CHECK_EQ(p.ops->want(&p, fds[i], 1, READY_WRITE), 0);
        int n = p.ops->wait(&p, 0, events, BATCH);
        CHECK_EQ(n, BATCH);
        for (int i = 0; i < n; i++)
            told[events[i].fd]++;
    }
    for (int i = 0; i < DESCRIPTORS; i++)
        CHECK_EQ(told[fds[i]], 1);
    p.ops->close(&p);
}

TEST(epoll_lets_no_descriptor_starve)
{
    every_descriptor_is_told("epoll");
}

TEST(poll_lets_no_descriptor_starve)
{
    every_descriptor_is_told("poll");
}

TEST(an_unknown_poller_is_named_in_the_refusal)
{
    struct poller p;
    CHECK_EQ(bide__poller_open(&p, "kqueue"), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "no poller is named 'kqueue': epoll, poll or io_uring");
}
