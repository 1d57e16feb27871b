/* tests/testing/test_ordeal.c -- every stream of the library goes through the ordeal; and broken
 * ones do not. */
#include "testing/said.h"

#include "io/stream.h"
#include <bide/net.h>
#include <sys/socket.h>
#include <unistd.h>

static int make_pair(void *unused, bide_stream *ends[2])
{
    (void)unused;
    return bide_stream_pair(ends);
}

TEST(memory_pairs_stand_it)
{
    if (bide_test_ordeal(make_pair, NULL) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    if (bide_test_ordeal(make_pair, NULL, .seed = 77) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

static int make_cruel(void *opts, bide_stream *ends[2])
{
    return bide_test_stream_pair_opts(ends, opts);
}

TEST(cruel_pairs_stand_it)
{
    static const struct bide_test_stream_opts cruel[] = {
        { .split = 0 }, { .split = 1 }, { .split = 7, .short_writes = 3 }, { .seed = 1 },
        { .delay = 0.3 }, { .seed = 12, .split = 5, .delay = 0.01, .high_water = 100 },
        { .short_writes = 1 },
    };
    for (size_t i = 0; i < sizeof cruel / sizeof *cruel; i++) {
        struct bide_test_stream_opts o = cruel[i];
        if (bide_test_ordeal(make_cruel, &o) < 0)
            test_fail(__FILE__, __LINE__, "pair %zu: %s", i, bide_errmsg());
    }
}

static int make_sockets(void *unused, bide_stream *ends[2])
{
    int fds[2];
    (void)unused;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    for (int i = 0; i < 2; i++)
        CHECK((ends[i] = bide_stream_of_fd(fds[i])));
    return 0;
}

TEST(socket_pairs_stand_it_by_epoll)
{
    if (bide_test_ordeal(make_sockets, NULL, .poller = "epoll") < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

TEST(socket_pairs_stand_it_by_poll)
{
    if (bide_test_ordeal(make_sockets, NULL, .poller = "poll", .seed = 5) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

static int make_tcp(void *unused, bide_stream *ends[2])
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    if (!l || !(ends[0] = bide_connect(bide_listener_address(l))))
        return bide_errcode();
    ends[1] = bide_accept(l);
    return ends[1] ? 0 : bide_errcode();
}

TEST(tcp_stands_it)
{
    if (bide_test_ordeal(make_tcp, NULL) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    if (bide_test_ordeal(make_tcp, NULL, .poller = "poll") < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

/* --- what is broken is found out --- */

static struct stream_ops broken;
static const struct stream_ops *good;

static ssize_t loses_bytes(bide_stream *s, void *buf, size_t size)
{
    ssize_t n = good->read(s, buf, size);
    return n > 100 ? n - 1 : n;
}

static ssize_t fails_at_the_end(bide_stream *s, void *buf, size_t size)
{
    ssize_t n = good->read(s, buf, size);
    return n == 0 ? bide_fail(-EIO, "gone") : n;
}

static int does_not_end(bide_stream *s)
{
    (void)s;
    return 0;
}

static void does_not_abort(bide_stream *s)
{
    (void)s;
}

static bool is_never_readable(bide_stream *s)
{
    (void)s;
    return false;
}

static int make_broken(void *unused, bide_stream *ends[2])
{
    int rc = make_pair(unused, ends);
    for (int i = 0; rc == 0 && i < 2; i++)
        ends[i]->ops = &broken;
    return rc;
}

static void prepare(void *unused)
{
    (void)unused;
    listen_to_log();
    broken = *good;
}

static int learn(void *unused)
{
    bide_stream *ends[2];
    CHECK_EQ(make_pair(unused, ends), 0);
    good = ends[0]->ops;
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    return 0;
}

TEST(broken_streams_do_not_stand_it)
{
    CHECK_EQ(bide_test(learn, NULL), 0);
    prepare(NULL);
    CHECK_EQ(bide_test_ordeal(make_broken, NULL), 0);
    broken.read = loses_bytes;
    CHECK(bide_test_ordeal(make_broken, NULL) < 0);
    CHECK_HAS(bide_errmsg(), "large_both_ways: ");
    prepare(NULL);
    broken.read = fails_at_the_end;
    CHECK(bide_test_ordeal(make_broken, NULL) < 0);
    prepare(NULL);
    broken.write_end = does_not_end;
    CHECK(bide_test_ordeal(make_broken, NULL) < 0);
    prepare(NULL);
    broken.readable = is_never_readable;
    CHECK(bide_test_ordeal(make_broken, NULL) < 0);
    CHECK_HAS(bide_errmsg(), "readable_says_so: ");
}

/* Nothing ends who is inside, so the kit's limit must. */
TEST(a_stream_that_hangs_is_a_failure)
{
    CHECK_EQ(bide_test(learn, NULL), 0);
    prepare(NULL);
    broken.abort = does_not_abort;
    CHECK(bide_test_ordeal(make_broken, NULL) < 0);
    CHECK_HAS(bide_errmsg(), "abort_with_all_inside: ");
}

/* --- pipes: two of them make a pair --- */

static int one_way(void *unused)
{
    int fds[2];
    char *line;
    (void)unused;
    CHECK_EQ(pipe(fds), 0);
    bide_auto(stream) from = bide_stream_of_fd(fds[0]);
    bide_auto(stream) to = bide_stream_of_fd(fds[1]);
    CHECK(from && to);
    CHECK_EQ(bide_write(to, "line\n", 5), 0);
    bide_stream_close(bide_steal(to));
    CHECK_EQ(bide_read_until(from, "\n", &line), 5);
    return (int)bide_read_until(from, "\n", &line);
}

TEST(a_pipe_leaves_nothing)
{
    CHECK_EQ(bide_test(one_way, NULL), 0);
}
