/* Sockets that were open before the process began. */
#include "net/both.h"

#include <bide/loop.h>
#include <bide/run.h>
#include <bide/service.h>
#include <bide/task.h>
#include <bide/unix.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A listening socket of 127.0.0.1 as others would make it: blocking, and for children too. */
static int listening_socket(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (const struct sockaddr *)(const void *)&a, sizeof a) == 0 && listen(fd, 10) == 0)
        return fd;
    close(fd);
    return -1;
}

/* ---- as systemd would have left them: numbers from 3 on ---- */

/* The test program has these in use itself.  Meanwhile a failure could not be told, so a body says
 * in which line it was; 0: it went well. */
enum { FIRST = 3, HANDED_MAX = 4 };
#define MUST(condition_) do { if (!(condition_)) return __LINE__; } while (0)

static void with_low_numbers(int (*body)(void))
{
    int kept[HANDED_MAX];
    for (int i = 0; i < HANDED_MAX; i++) {
        kept[i] = fcntl(FIRST + i, F_DUPFD_CLOEXEC, 100);
        close(FIRST + i);
    }
    int line = body();
    for (int i = 0; i < HANDED_MAX; i++) {
        close(FIRST + i);
        if (kept[i] >= 0)
            dup2(kept[i], FIRST + i);
        close(kept[i]);
    }
    bide_inherited_forget();
    if (line)
        test_fail(__FILE__, line, "line %d: %s", line, bide_errmsg());
}

static void set_number(const char *name, int number)
{
    char text[24];
    snprintf(text, sizeof text, "%d", number);
    setenv(name, text, 1);
}

static void hand_over(int count, const char *names)
{
    for (int i = 0; i < count; i++) {
        int fd = listening_socket();
        if (fd == FIRST + i)
            continue;
        dup2(fd, FIRST + i);
        close(fd);
    }
    set_number("LISTEN_PID", (int)getpid());
    set_number("LISTEN_FDS", count);
    if (names)
        setenv("LISTEN_FDNAMES", names, 1);
    else
        unsetenv("LISTEN_FDNAMES");
}

static const char *port_of(int fd)
{
    static char text[32];
    struct sockaddr_in a;
    socklen_t size = sizeof a;
    if (getsockname(fd, (struct sockaddr *)(void *)&a, &size) < 0)
        return "";
    snprintf(text, sizeof text, "127.0.0.1:%d", ntohs(a.sin_port));
    return text;
}

static void meet(bide_listener *l, const char *address)
{
    bide_auto(stream) a = bide_connect(address);
    bide_auto(stream) b = bide_accept(l);
    char byte;
    CHECK(a && b);
    CHECK_EQ(bide_write(a, "x", 1), 0);
    CHECK_EQ(bide_read(b, &byte, 1), 1);
}

/* ---- a descriptor ---- */

NET_TEST(a_listener_is_made_of_a_descriptor_and_owns_it)
{
    int fd = listening_socket();
    bide_auto(stream) early = bide_connect(port_of(fd));
    bide_listener *l = bide_listener_of_fd(fd);
    CHECK(l && early);
    CHECK_EQ(bide_listener_fd(l), fd);
    CHECK_STR(bide_listener_address(l), port_of(fd));
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    bide_auto(stream) first = bide_accept(l);       /* was there before */
    CHECK(first);
    meet(l, bide_listener_address(l));
    CHECK(!bide_listener_of_fd(fd));
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    bide_listener_close(l);
    CHECK_EQ(fcntl(fd, F_GETFD), -1);
    CHECK_EQ(bide_listener_fd(NULL), -1);
}

static void refused(int fd, int code, const char *sentence)
{
    CHECK(!bide_listener_of_fd(fd));
    CHECK_EQ(bide_errcode(), code);
    CHECK_HAS(bide_errmsg(), sentence);
}

NET_TEST(what_does_not_listen_is_refused_and_stays_open)
{
    int ends[2], udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    refused(-1, -EBADF, "listen: descriptor -1: Bad file descriptor");
    refused(1000, -EBADF, "listen: descriptor 1000");
    refused(ends[0], BIDE_EINVAL, "not a socket");
    refused(udp, BIDE_EINVAL, "not a stream socket that listens");
    refused(tcp, BIDE_EINVAL, "not a stream socket that listens");
    CHECK_EQ(close(ends[0]), 0);
    CHECK_EQ(close(ends[1]), 0);
    CHECK_EQ(close(udp), 0);
    CHECK_EQ(close(tcp), 0);
}

NET_TEST(a_unix_sockets_listener_tells_its_path_and_leaves_its_file)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/bide-inherited-%d", (int)getpid());
    bide_auto(listener) owner = bide_unix_listen(path);
    CHECK(owner);
    int copy = fcntl(bide_listener_fd(owner), F_DUPFD_CLOEXEC, 0);
    bide_listener *l = bide_listener_of_fd(copy);
    CHECK(l);
    CHECK_STR(bide_listener_address(l), path);
    char address[80];
    snprintf(address, sizeof address, "unix:%s", path);
    meet(l, address);
    bide_listener_close(l);
    CHECK_EQ(access(path, F_OK), 0);
    meet(owner, address);
    bide_auto(listener) abstract = bide_unix_listen("@bide-inherited");
    l = bide_listener_of_fd(fcntl(bide_listener_fd(abstract), F_DUPFD_CLOEXEC, 0));
    CHECK_STR(bide_listener_address(l), "@bide-inherited");
    bide_listener_close(l);
}

NET_TEST(fd_and_number_is_an_address)
{
    char address[20];
    int fd = listening_socket();
    snprintf(address, sizeof address, "fd:%d", fd);
    bide_auto(listener) a = bide_listen(address);
    bide_auto(listener) b = bide_listen(address);
    CHECK(a && b);
    CHECK(bide_listener_fd(a) != fd && bide_listener_fd(b) != fd);
    CHECK_STR(bide_listener_address(a), port_of(fd));
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    meet(a, port_of(fd));
    bide_listener_close(bide_steal(a));
    meet(b, port_of(fd));
    CHECK_EQ(close(fd), 0);
    CHECK(!bide_listen(address));
    CHECK_EQ(bide_errcode(), -EBADF);
    CHECK(!bide_listen("fd:"));
    CHECK_STR(bide_errmsg(), "listen: fd:: not \"fd:NUMBER\"");
    CHECK(!bide_listen("fd:3x"));
    CHECK(!bide_listen("fd:-1"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

static int listen_with_a_copy(void *unused)
{
    (void)unused;
    bide_auto(listener) owner = bide_listen("127.0.0.1:0");
    int copy = owner ? fcntl(bide_listener_fd(owner), F_DUPFD_CLOEXEC, 0) : bide_errcode();
    bide_auto(listener) l = copy < 0 ? NULL : bide_listener_of_fd(copy);
    if (!l && copy >= 0)
        close(copy);                        /* it is still ours */
    if (!l)
        return bide_errcode();
    char address[16];
    snprintf(address, sizeof address, "fd:%d", bide_listener_fd(owner));
    bide_auto(listener) third = bide_listen(address);
    return third ? 0 : bide_errcode();
}

TEST(whatever_fails_the_descriptor_is_the_listeners_or_still_the_callers)
{
    static const char *const calls[] = { "fcntl", "getsockopt", "epoll_ctl" };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (bide_test_each_call(listen_with_a_copy, NULL, .call = calls[i], .code = -ENOMEM,
                                .poller = "epoll") <= 0)
            test_fail(__FILE__, __LINE__, "%s: %s", calls[i], bide_errmsg());
    if (bide_test_each_allocation(listen_with_a_copy, NULL) <= 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

/* ---- what was handed over ---- */

static int find_by_name_and_index(void)
{
    hand_over(4, "web:admin:web");
    MUST(bide_inherited_fd(NULL, 0) == 3);
    MUST(bide_inherited_fd(NULL, 3) == 6);
    MUST(bide_inherited_fd("web", 0) == 3);
    MUST(bide_inherited_fd("web", 1) == 5);
    MUST(bide_inherited_fd("admin", 0) == 4);
    MUST(bide_inherited_fd("unknown", 0) == 6);
    MUST(bide_inherited_fd("web", 2) == -ENOENT);
    MUST(strstr(bide_errmsg(), "no such one among the 4 sockets that were handed over"));
    MUST(bide_inherited_fd("we", 0) == -ENOENT);
    MUST(bide_inherited_fd("webs", 0) == -ENOENT);
    MUST(bide_inherited_fd(NULL, 4) == -ENOENT);
    MUST(bide_inherited_fd(NULL, -1) == -ENOENT);
    for (int fd = FIRST; fd < FIRST + 4; fd++)
        MUST(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    MUST(getenv("LISTEN_FDS") && getenv("LISTEN_PID") && getenv("LISTEN_FDNAMES"));
    bide_inherited_forget();
    MUST(!getenv("LISTEN_FDS") && !getenv("LISTEN_PID") && !getenv("LISTEN_FDNAMES"));
    MUST(bide_inherited_fd(NULL, 0) == -ENOENT);
    MUST(strstr(bide_errmsg(), "no sockets were handed over to this process"));
    return 0;
}

TEST(descriptors_that_were_handed_over_are_found_by_name_and_index)
{
    with_low_numbers(find_by_name_and_index);
}

static int find_without_names(void)
{
    hand_over(2, NULL);
    MUST(bide_inherited_fd("unknown", 1) == 4);
    MUST(bide_inherited_fd("web", 0) == -ENOENT);
    hand_over(0, "");
    MUST(bide_inherited_fd(NULL, 0) == -ENOENT);
    return 0;
}

TEST(without_names_all_are_called_unknown)
{
    with_low_numbers(find_without_names);
}

static int take_what_is_not_ours(void)
{
    static const char *const bad[] = { "", "x", "1x", "-1", "99999999999999999999" };
    hand_over(1, "web");
    MUST(bide_inherited_fd(NULL, 0) == 3);
    setenv("LISTEN_PID", "1", 1);
    MUST(bide_inherited_fd(NULL, 0) == -ENOENT);
    set_number("LISTEN_PID", (int)getpid());
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        setenv("LISTEN_FDS", bad[i], 1);
        MUST(bide_inherited_fd(NULL, 0) == BIDE_EINVAL);
        MUST(strstr(bide_errmsg(), "no number"));
    }
    setenv("LISTEN_FDS", "1000", 1);
    MUST(bide_inherited_fd(NULL, 0) == -EBADF);
    unsetenv("LISTEN_FDS");
    MUST(bide_inherited_fd(NULL, 0) == -ENOENT);
    return 0;
}

TEST(what_is_for_another_process_or_no_number_is_not_taken)
{
    with_low_numbers(take_what_is_not_ours);
}

static bool listens_like(const char *address, int fd)
{
    bide_auto(listener) l = bide_listen(address);
    return l && strcmp(bide_listener_address(l), port_of(fd)) == 0;
}

static int listen_by_name(void *unused)
{
    (void)unused;
    MUST(listens_like("systemd:", 3));
    MUST(listens_like("systemd:web", 3));
    MUST(listens_like("systemd:web:1", 5));
    MUST(listens_like("systemd::2", 5));
    MUST(listens_like("systemd:admin", 4));
    MUST(!bide_listen("systemd:other") && bide_errcode() == -ENOENT);
    MUST(strcmp(bide_errmsg(), "listen: systemd:other: no such one among the 3 sockets that were "
                "handed over") == 0);
    MUST(!bide_listen("systemd:web:x") && bide_errcode() == BIDE_EINVAL);
    bide_auto(listener) admin = bide_listen("systemd:admin");
    bide_auto(stream) a = bide_connect(port_of(4));
    bide_auto(stream) b = bide_accept(admin);
    MUST(a && b);
    return 0;
}

static int listen_in_a_loop(void)
{
    hand_over(3, "web:admin:web");
    int line = bide_run(listen_by_name, NULL);
    MUST(fcntl(3, F_GETFD) == FD_CLOEXEC);          /* the process's own are still there */
    return line;
}

TEST(sockets_that_were_handed_over_are_addresses)
{
    with_low_numbers(listen_in_a_loop);
}

/* ---- loops that share one ---- */

enum { CONNECTIONS = 40 };
static int accepted, listening;

static int accept_all(bide_listener *l)
{
    while (__atomic_load_n(&accepted, __ATOMIC_RELAXED) < CONNECTIONS) {
        bide_stream *s = bide_accept_nowait(l);
        if (s)
            __atomic_add_fetch(&accepted, 1, __ATOMIC_RELAXED);
        bide_stream_close(s);
        if (!s && bide_sleep(0.001) < 0)
            return bide_errcode();
    }
    return 0;
}

static int share(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("systemd:web");
    bide_stream *clients[CONNECTIONS] = { NULL };
    int rc = l ? 0 : bide_errcode();
    __atomic_add_fetch(&listening, 1, __ATOMIC_RELAXED);
    for (int i = 0; rc == 0 && bide_loops_index() == 0 && i < CONNECTIONS; i++)
        rc = (clients[i] = bide_connect(bide_listener_address(l))) ? 0 : bide_errcode();
    if (rc == 0)
        rc = accept_all(l);
    for (int i = 0; i < CONNECTIONS; i++)
        bide_stream_close(clients[i]);
    return rc;
}

static int share_in_loops(void)
{
    hand_over(1, "web");
    MUST(bide_loops(share, NULL, .count = 2) == 0);
    MUST(accepted == CONNECTIONS && listening == 2);
    return 0;
}

TEST(the_loops_of_several_threads_listen_with_the_same_one)
{
    with_low_numbers(share_in_loops);
}
