/* tests/net/test_ring_accept.c -- connections that a ring accepts by itself: taken in their order,
 * left in the backlog while nobody waits, and none lost or kept. */
#include "test.h"

#ifdef BIDE_URING
#include <arpa/inet.h>
#include <bide.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_TEST(name_) TASK_TEST_OPTS(name_, .poller = TEST_RING, .seconds = BIDE_FOREVER)
enum { MANY = 40, QUEUED_MOST = 16 };

/* ---- the other side, without a loop ---------------------------------------------------------- */

static bide_listener *listen_somewhere(struct sockaddr_in *at)
{
    bide_listener *l = bide_listen("127.0.0.1:0");
    socklen_t size = sizeof *at;
    CHECK(l);
    CHECK_EQ(getsockname(bide_listener_fd(l), (struct sockaddr *)(void *)at, &size), 0);
    return l;
}

static int come(const struct sockaddr_in *to)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    CHECK_EQ(connect(fd, (const struct sockaddr *)(const void *)to, sizeof *to), 0);
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    CHECK_EQ(getsockname(fd, (struct sockaddr *)(void *)&own, &size), 0);
    return ntohs(own.sin_port);
}

/* Closes without a good-bye. */
static void break_off(int fd)
{
    struct linger none = { .l_onoff = 1 };
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none), 0);
    close(fd);
}

static bool is_hung_up(int fd)
{
    char c;
    struct pollfd asked = { .fd = fd, .events = POLLIN };
    CHECK_EQ(poll(&asked, 1, 5000), 1);
    return recv(fd, &c, 1, MSG_DONTWAIT) <= 0;
}

static int descriptors(void)
{
    int count = 0;
    DIR *d = opendir("/proc/self/fd");
    CHECK(d);
    while (readdir(d))
        count++;
    closedir(d);
    return count;
}

static void check_accepted(bide_listener *l, int client)
{
    bide_auto(stream) s = bide_accept(l);
    CHECK(s);
    CHECK_EQ(atoi(strrchr(bide_stream_peer(s), ':') + 1), port_of(client));
}

RING_TEST(a_closed_listener_s_port_can_be_had_again_at_once)
{
    char address[64] = "127.0.0.1:0";
    for (int i = 0; i < 20; i++) {
        BIDE_TIMEOUT(limit, 0.001);
        bide_auto(listener) l = bide_listen(address);
        CHECK(l);
        strcpy(address, bide_listener_address(l));
        CHECK(!bide_accept(l));
    }
}

/* ---- accepting ------------------------------------------------------------------------------- */

static int accept_one(void *l)
{
    bide_auto(stream) s = bide_accept(l);
    return s ? 0 : bide_errcode();
}

/* Somebody waits, so the system is accepting. */
static void begin(bide_listener *l, const struct sockaddr_in *at)
{
    BIDE_GROUP(g);
    bide_spawn(g, accept_one, l);
    CHECK_EQ(bide_sleep(0.001), 0);
    close(come(at));
    CHECK_EQ(bide_group_wait(g), 0);
}

RING_TEST(who_comes_is_accepted_in_order_and_known_by_his_address)
{
    struct sockaddr_in at;
    int clients[MANY];
    bide_auto(listener) l = listen_somewhere(&at);
    begin(l, &at);
    for (int i = 0; i < MANY; i++)
        clients[i] = come(&at);
    for (int i = 0; i < MANY; i++)
        check_accepted(l, clients[i]);
    for (int i = 0; i < MANY; i++)
        close(clients[i]);
}

RING_TEST(a_burst_that_was_accepted_already_is_taken_without_waiting)
{
    struct sockaddr_in at;
    int clients[3];
    bide_auto(listener) l = listen_somewhere(&at);
    begin(l, &at);
    for (int i = 0; i < 3; i++)
        clients[i] = come(&at);
    CHECK_EQ(bide_sleep(0.001), 0);
    {
        BIDE_TEST_NO_SWITCH(here);
        for (int i = 0; i < 3; i++)
            check_accepted(l, clients[i]);
    }
    for (int i = 0; i < 3; i++)
        close(clients[i]);
}

/* ---- while nobody waits ---------------------------------------------------------------------- */

RING_TEST(who_is_not_taken_stays_in_the_backlog_beyond_a_few)
{
    struct sockaddr_in at;
    int clients[MANY], before = descriptors();
    bide_auto(listener) l = listen_somewhere(&at);
    begin(l, &at);
    for (int i = 0; i < MANY; i++) {
        clients[i] = come(&at);
        CHECK_EQ(bide_sleep(0.001), 0);
    }
    CHECK(descriptors() <= before + 1 + MANY + QUEUED_MOST + 1);
    for (int i = 0; i < MANY; i++)
        check_accepted(l, clients[i]);
    for (int i = 0; i < MANY; i++)
        close(clients[i]);
}

static void give_up(bide_listener *l)
{
    BIDE_TIMEOUT(limit, 0.001);
    CHECK(!bide_accept(l));
}

RING_TEST(after_a_wait_that_was_given_up_nobody_is_accepted)
{
    struct sockaddr_in at;
    bide_auto(listener) l = listen_somewhere(&at);
    give_up(l);
    int client = come(&at), before = descriptors();
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(descriptors(), before);
    check_accepted(l, client);
    close(client);
}

/* What the system has accepted comes first, and then what has stayed in the backlog. */
RING_TEST(without_waiting_all_who_have_come_are_had)
{
    struct sockaddr_in at;
    int clients[MANY];
    bide_auto(listener) l = listen_somewhere(&at);
    begin(l, &at);
    for (int i = 0; i < MANY; i++)
        clients[i] = come(&at);
    for (int i = 0; i < MANY; i++) {
        bide_auto(stream) s = bide_accept_nowait(l);
        CHECK(s);
        CHECK_EQ(atoi(strrchr(bide_stream_peer(s), ':') + 1), port_of(clients[i]));
    }
    CHECK(!bide_accept_nowait(l));
    CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
    for (int i = 0; i < MANY; i++)
        close(clients[i]);
}

RING_TEST(a_listener_s_descriptor_can_be_waited_for_between_accepts)
{
    struct sockaddr_in at;
    bide_auto(listener) l = listen_somewhere(&at);
    begin(l, &at);
    int first = come(&at), second = come(&at);
    CHECK_EQ(bide_sleep(0.001), 0);
    CHECK_EQ(bide_fd_wait(bide_listener_fd(l), POLLIN), POLLIN);
    check_accepted(l, first);
    CHECK_EQ(bide_fd_wait(bide_listener_fd(l), POLLIN), POLLIN);
    check_accepted(l, second);
    {
        BIDE_TIMEOUT(limit, 0.001);
        CHECK_EQ(bide_fd_wait(bide_listener_fd(l), POLLIN), BIDE_ECANCELED);
    }
    int third = come(&at);
    CHECK_EQ(bide_fd_wait(bide_listener_fd(l), POLLIN), POLLIN);
    check_accepted(l, third);
    close(first);
    close(second);
    close(third);
}

/* ---- the end --------------------------------------------------------------------------------- */

RING_TEST(who_was_accepted_and_never_taken_is_hung_up_on_with_the_listener)
{
    struct sockaddr_in at;
    bide_listener *l = listen_somewhere(&at);
    begin(l, &at);
    int told = come(&at);
    CHECK_EQ(bide_sleep(0.001), 0);
    int untold = come(&at);             /* nobody has asked the ring since */
    bide_listener_close(l);
    CHECK(is_hung_up(told));
    CHECK(is_hung_up(untold));
    close(told);
    close(untold);
}

RING_TEST(a_listener_that_is_closed_and_opened_again_is_a_new_one)
{
    struct sockaddr_in at;
    for (int i = 0; i < 20; i++) {
        bide_auto(listener) l = listen_somewhere(&at);
        begin(l, &at);
        int client = come(&at);
        check_accepted(l, client);
        close(client);
        client = come(&at);             /* on its way when the listener goes */
        close(client);
    }
}

static int leaves_it_open(void *listener)
{
    struct sockaddr_in at;
    bide_listener *l = listen_somewhere(&at);
    begin(l, &at);
    int client = come(&at);
    CHECK_EQ(bide_sleep(0.001), 0);
    close(client);
    *(bide_listener **)listener = l;
    return 0;
}

TEST(a_loop_that_ends_closes_who_was_not_taken)
{
    int before = descriptors();
    bide_listener *left;
    CHECK_EQ(bide_run(leaves_it_open, &left, .poller = TEST_RING), 0);
    bide_listener_close(left);
    CHECK_EQ(descriptors(), before);
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static int told;
static void count_told(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
    told++;
}

/* The next descriptor is one too many. */
static rlim_t allow_no_more(void)
{
    int next = dup(0);
    struct rlimit limit;
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = (rlim_t)next;
    close(next);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static int allow_later(void *before)
{
    struct rlimit limit;
    int rc = bide_sleep(0.25);
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = *(rlim_t *)before;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return rc;
}

RING_TEST(out_of_descriptors_who_comes_waits_until_there_are_some)
{
    struct sockaddr_in at;
    bide_auto(listener) l = listen_somewhere(&at);
    int client = come(&at);
    rlim_t before = allow_no_more();
    bide_log_to(count_told, NULL, BIDE_LOG_WARNING);
    BIDE_GROUP(g);
    bide_spawn(g, allow_later, &before);
    check_accepted(l, client);
    CHECK_EQ(told, 1);
    CHECK_EQ(bide_group_wait(g), 0);
    close(client);
}

RING_TEST(who_has_gone_before_he_was_taken_is_passed_over)
{
    struct sockaddr_in at;
    bide_auto(listener) l = listen_somewhere(&at);
    begin(l, &at);
    int gone = come(&at), client = come(&at);
    CHECK_EQ(bide_sleep(0.001), 0);
    break_off(gone);
    check_accepted(l, client);
    close(client);
}

static int accepts_a_few(void *unused)
{
    struct sockaddr_in at;
    int clients[3], taken = 0;
    socklen_t size = sizeof at;
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    if (!l)
        return bide_errcode();
    CHECK_EQ(getsockname(bide_listener_fd(l), (struct sockaddr *)(void *)&at, &size), 0);
    for (int i = 0; i < 3; i++)
        clients[i] = come(&at);
    for (int i = 0; i < 3; i++) {
        BIDE_TIMEOUT(limit, 1);
        bide_auto(stream) s = bide_accept(l);
        taken += s != NULL;
    }
    for (int i = 0; i < 3; i++)
        close(clients[i]);
    return taken == 3 ? 0 : bide_fail(BIDE_ENOMEM, "%d were taken", taken);
}

TEST(without_memory_a_connection_is_closed_and_none_is_leaked)
{
    CHECK(bide_test_each_allocation(accepts_a_few, NULL, .poller = TEST_RING) > 0);
}

TEST(cancelled_at_any_wait_it_leaves_nothing_behind)
{
    CHECK(bide_test_each_wait(accepts_a_few, NULL, .poller = TEST_RING) > 0);
}

TEST(each_call_of_the_ring_may_be_interrupted_or_refused)
{
    CHECK(bide_test_each_call(accepts_a_few, NULL, .poller = TEST_RING,
                              .fault = BIDE_TEST_INTERRUPT) > 0);
    CHECK(bide_test_each_call(accepts_a_few, NULL, .poller = TEST_RING, .call = "ring_submit",
                              .fault = BIDE_TEST_REFUSE) >= 0);
}

#else

TEST(without_liburing_there_is_nothing_to_be_tested)
{
}

#endif
