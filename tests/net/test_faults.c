/* tests/net/test_faults.c -- one conversation, again and again: with the nth system call
 * failing, and cancelled after the nth turn.  It must end, say why, and leave nothing behind
 * (the sanitizers look). */
#include "net/both.h"

#include "base/sys.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_MAX = 400 };

/* --- the conversation: a server, a client, two lines, two ends --- */

static int converse(bide_stream *s, void *arg)
{
    char *line;
    ssize_t n;
    (void)arg;
    while ((n = bide_read_until(s, "\n", &line)) > 0)
        if (bide_write(s, line, (size_t)n) < 0)
            return bide_errcode();
    return n < 0 ? (int)n : bide_write_end(s);
}

static int serve(void *listener)
{
    return bide_serve(listener, converse, NULL);
}

static int talk(bide_listener *l)
{
    char *line, c;
    bide_auto(stream) s = bide_connect(bide_listener_address(l));
    if (!s || bide_write(s, "one\ntwo\n", 8) < 0)
        return bide_errcode();
    for (int i = 0; i < 2; i++) {
        ssize_t n = bide_read_until(s, "\n", &line);
        if (n < 0)
            return (int)n;
        if (n != 4)
            return bide_fail(BIDE_EEOF, "only %zd bytes", n);
        CHECK_STR(line, i ? "two\n" : "one\n");
    }
    int rc = bide_write_end(s);
    return rc < 0 ? rc : (int)bide_read(s, &c, 1);
}

static int conversation(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    if (!l)
        return bide_errcode();
    BIDE_TIMEOUT(t, 60);
    BIDE_GROUP(g);
    bide_spawn(g, serve, l);
    int rc = talk(l);
    bide_group_cancel(g);
    int served = bide_group_wait(g);
    return bide_scope_result(t, rc < 0 ? rc : served);
}

static void hush(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 200; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* --- the nth call of a kind fails --- */

static struct sys real;
static int number, fail_at, fail_with;

static bool fails(void)
{
    if (++number != fail_at)
        return false;
    errno = fail_with;
    return true;
}

static ssize_t bad_recv(int fd, void *buf, size_t size, int flags)
{
    return fails() ? -1 : real.recv(fd, buf, size, flags);
}
static ssize_t bad_sendmsg(int fd, const struct msghdr *message, int flags)
{
    return fails() ? -1 : real.sendmsg(fd, message, flags);
}
static int bad_socket(int family, int type, int protocol)
{
    return fails() ? -1 : real.socket(family, type, protocol);
}
static int bad_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    return fails() ? -1 : real.connect(fd, address, size);
}
static int bad_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    return fails() ? -1 : real.bind(fd, address, size);
}
static int bad_listen(int fd, int backlog)
{
    return fails() ? -1 : real.listen(fd, backlog);
}
static int bad_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    return fails() ? -1 : real.accept4(fd, address, size, flags);
}
static int bad_shutdown(int fd, int how)
{
    return fails() ? -1 : real.shutdown(fd, how);
}
static int bad_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    return fails() ? -1 : real.getsockopt(fd, level, name, value, size);
}
static int bad_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
    return fails() ? -1 : real.setsockopt(fd, level, name, value, size);
}
static int bad_eventfd(unsigned count, int flags)
{
    return fails() ? -1 : real.eventfd(count, flags);
}
static int bad_epoll_create1(int flags)
{
    return fails() ? -1 : real.epoll_create1(flags);
}
static int bad_epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
    return fails() ? -1 : real.epoll_ctl(set, operation, fd, event);
}

/* Runs it with the 1st, 2nd, ... call failing until there are not so many; how many there were. */
static int fail_each(const char *poller, int error)
{
    int before = open_descriptors(), failed = 0;
    fail_with = error;
    for (fail_at = 1; fail_at < RUNS_MAX; fail_at++) {
        number = 0;
        int rc = bide_run(conversation, NULL, .poller = poller, .jumping_clock = true);
        CHECK_EQ(open_descriptors(), before);
        if (number < fail_at) {
            CHECK_EQ(rc, 0);
            break;
        }
        failed += rc < 0;
        if (rc < 0 && rc != -error && rc != BIDE_EEOF && rc != -ECONNRESET && rc != -EPIPE &&
            rc != BIDE_ECLOSED)
            test_fail(__FILE__, __LINE__, "call %d: %d %s", fail_at, rc, bide_errmsg());
    }
    CHECK(fail_at > 1);
    return failed;
}

#define FAULT_TEST(call_, error_, most_fail_) \
    static void fail_##call_(void) \
    { \
        bide_log_to(hush, NULL, BIDE_LOG_ERROR); \
        real = bide__sys; \
        bide__sys.call_ = bad_##call_; \
        CHECK_EQ(fail_each("epoll", error_) > 0, most_fail_); \
        bide__sys = real; \
    } \
    TEST(it_survives_that_##call_##_fails_with_##error_) { fail_##call_(); }

FAULT_TEST(recv, ECONNRESET, true)
FAULT_TEST(sendmsg, EPIPE, true)
FAULT_TEST(socket, EMFILE, true)
FAULT_TEST(connect, ENETUNREACH, true)
FAULT_TEST(bind, EACCES, true)
FAULT_TEST(listen, EADDRINUSE, true)
FAULT_TEST(accept4, EMFILE, false)
FAULT_TEST(shutdown, ENOTCONN, true)
FAULT_TEST(getsockopt, ENOBUFS, true)
FAULT_TEST(setsockopt, ENOPROTOOPT, false)
FAULT_TEST(eventfd, EMFILE, true)
FAULT_TEST(epoll_create1, EMFILE, true)
FAULT_TEST(epoll_ctl, ENOMEM, true)

/* Interrupted calls are no failures at all. */
TEST(an_interrupted_call_is_repeated)
{
    real = bide__sys;
    bide__sys.recv = bad_recv;
    bide__sys.sendmsg = bad_sendmsg;
    bide__sys.accept4 = bad_accept4;
    CHECK_EQ(fail_each("epoll", EINTR), 0);
    CHECK_EQ(fail_each("poll", EINTR), 0);
    bide__sys = real;
}

/* --- cancelled after the nth turn --- */

struct cancelling { bide_scope *scope; int turns; bool done; };
static int cancel_after(void *arg)
{
    struct cancelling *c = arg;
    for (int i = 0; i < c->turns; i++)
        if (bide_yield() < 0)
            return 0;
    bide_scope_cancel(c->scope);
    c->done = true;
    return 0;
}

static int turns;
static bool too_late;
static int cancelled_conversation(void *unused)
{
    BIDE_GROUP(g);
    BIDE_SCOPE(s);
    struct cancelling c = { s, turns, false };
    bide_spawn(g, cancel_after, &c);
    int rc = conversation(unused);
    too_late = !c.done;
    CHECK(rc == 0 || (rc == BIDE_ECANCELED && c.done));
    bide_group_cancel(g);
    return 0;
}

static void cancel_each(const char *poller)
{
    int before = open_descriptors();
    too_late = false;
    for (turns = 0; !too_late; turns++) {
        CHECK_EQ(bide_run(cancelled_conversation, NULL, .poller = poller,
                          .jumping_clock = true), 0);
        CHECK_EQ(open_descriptors(), before);
        CHECK(turns < 100000);
    }
    CHECK(turns > 5);
}

TEST(cancelled_after_any_turn_it_leaves_nothing_behind)
{
    cancel_each("epoll");
    cancel_each("poll");
}
