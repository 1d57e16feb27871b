/* tests/net/test_connect.c -- several addresses at once: RFC 8305.
 *
 * Most tests have no network: a socket is one end of a pair whose buffer is full, so that it is
 * not writable, which is what a connection under way looks like; it is "connected" when the test
 * empties it.  What each address does stands in a plan. */
#include "net/both.h"

#include "base/sys.h"
#include "net/connect.h"

#include <bide/memory.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOCKETS = 150 };
/* What happens `after` seconds (0: at once, in the call itself; BIDE_FOREVER: never). */
struct plan { const char *address; double after; int error; };
static struct { int fd, peer, error; const struct plan *plan; bool closed; } sockets[SOCKETS];
static int socket_count, sockets_max;
static const struct plan *plans;
static struct sys real;
static bide_group *network;
static char tried[512];

static int fake_socket(int family, int type, int protocol)
{
    static const char zeros[4096];
    int ends[2];
    if (!(type & SOCK_STREAM) || (type & 0xf) != SOCK_STREAM)
        return real.socket(family, type, protocol);
    if (socket_count >= sockets_max) {
        errno = EMFILE;
        return -1;
    }
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    while (write(ends[0], zeros, sizeof zeros) > 0)
        ;
    sockets[socket_count].fd = ends[0];
    sockets[socket_count].closed = false;
    sockets[socket_count++].peer = ends[1];
    return ends[0];
}

static int number_of(int fd)
{
    for (int i = socket_count - 1; i >= 0; i--)
        if (sockets[i].fd == fd && !sockets[i].closed)
            return i;
    return -1;
}

static void drain(int i)
{
    char buf[4096];
    while (read(sockets[i].peer, buf, sizeof buf) > 0)
        ;
}

static int open_later(void *arg)
{
    int i = (int)(intptr_t)arg;
    if (bide_sleep(sockets[i].plan->after) == 0 && !sockets[i].closed)
        drain(i);
    return 0;
}

static int fake_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    char text[SOCKADDR_TEXT];
    int i = number_of(fd);
    if (i < 0)
        return real.connect(fd, address, size);
    bide__sockaddr_format(address, text);
    strcat(strcat(tried, *tried ? " " : ""), text);
    sockets[i].plan = plans;
    while (strcmp(sockets[i].plan->address, text) != 0)
        CHECK((++sockets[i].plan)->address);
    sockets[i].error = sockets[i].plan->error;
    if (sockets[i].plan->after > 0) {
        bide_spawn(network, open_later, (void *)(intptr_t)i);
        errno = EINPROGRESS;
        return -1;
    }
    errno = sockets[i].plan->error;
    return sockets[i].plan->error ? -1 : 0;
}

static int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    int i = name == SO_ERROR ? number_of(fd) : -1;
    if (i < 0)
        return real.getsockopt(fd, level, name, value, size);
    memcpy(value, &sockets[i].error, sizeof sockets[i].error);
    sockets[i].error = 0;       /* told once */
    return 0;
}

static int fake_close(int fd)
{
    int i = number_of(fd);
    if (i >= 0) {
        sockets[i].closed = true;
        real.close(sockets[i].peer);
    }
    return real.close(fd);
}

static int still_open(void)
{
    int count = 0;
    for (int i = 0; i < socket_count; i++)
        count += !sockets[i].closed;
    return count;
}

static void begin(const struct plan *plan, struct bide_addresses *addresses)
{
    plans = plan;
    socket_count = 0;
    sockets_max = SOCKETS;
    *tried = '\0';
    addresses->count = 0;
    for (; plan->address; plan++)
        CHECK_EQ(bide_address_read(&addresses->list[addresses->count++], plan->address), 0);
    real = bide__sys;
    bide__sys.socket = fake_socket;
    bide__sys.connect = fake_connect;
    bide__sys.getsockopt = fake_getsockopt;
    bide__sys.close = fake_close;
}

static void end(void *unused)
{
    (void)unused;
    CHECK_EQ(still_open(), 0);
    bide__sys = real;
}

/* Declares `addresses`, which do as they are planned to until the block ends. */
#define NETWORK(...) \
    static const struct plan plan_[] = { __VA_ARGS__, { .address = NULL } }; \
    struct bide_addresses addresses; \
    begin(plan_, &addresses); \
    BIDE_DEFER(end_, end, NULL); \
    BIDE_KEEP_GOING(network_); \
    network = network_; \
    double start = bide_now(); \
    CHECK(start >= 0)

#define SIX "[2001:db8::1]:80"
#define SIX_B "[2001:db8::2]:80"
#define FOUR "192.0.2.1:80"
#define FOUR_B "192.0.2.2:80"

NET_TEST(an_address_that_answers_at_once_is_the_only_one_tried)
{
    NETWORK({ SIX, 0, 0 }, { FOUR, 0, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), SIX);
    CHECK_STR(tried, SIX);
    CHECK_NEAR(bide_now(), start, 1e-6);
}

NET_TEST(beside_one_that_hangs_the_next_is_tried)
{
    NETWORK({ SIX, BIDE_FOREVER, 0 }, { FOUR, 0.02, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), FOUR);
    CHECK_NEAR(bide_now() - start, 0.27, 1e-6);
    CHECK_EQ(still_open(), 1);
    bide_group_cancel(network_);
}

NET_TEST(after_one_that_refuses_the_next_is_tried_at_once)
{
    NETWORK({ SIX, 0.03, ECONNREFUSED }, { FOUR, 0.02, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), FOUR);
    CHECK_NEAR(bide_now() - start, 0.05, 1e-6);
}

NET_TEST(without_ipv6_nobody_waits_for_it)
{
    NETWORK({ SIX, 0, ENETUNREACH }, { SIX_B, 0, ENETUNREACH }, { FOUR, 0.02, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_NEAR(bide_now() - start, 0.02, 1e-6);
    CHECK_STR(tried, SIX " " FOUR);
}

NET_TEST(a_slow_one_wins_over_a_later_slower_one)
{
    NETWORK({ SIX, 0.3, 0 }, { FOUR, 0.1, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), SIX);
    CHECK_NEAR(bide_now() - start, 0.3, 1e-6);
    CHECK_EQ(still_open(), 1);
}

NET_TEST(two_that_come_at_the_same_moment_are_one)
{
    NETWORK({ SIX, 0.35, 0 }, { FOUR, 0.1, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_NEAR(bide_now() - start, 0.35, 1e-6);
    CHECK_EQ(still_open(), 1);
}

NET_TEST(families_take_turns)
{
    NETWORK({ SIX, BIDE_FOREVER, 0 }, { SIX_B, BIDE_FOREVER, 0 }, { "[2001:db8::3]:80", 0, 0 },
            { FOUR, BIDE_FOREVER, 0 }, { FOUR_B, BIDE_FOREVER, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_STR(tried, SIX " " FOUR " " SIX_B " " FOUR_B " [2001:db8::3]:80");
    CHECK_NEAR(bide_now() - start, 4 * 0.25, 1e-6);
    CHECK_EQ(still_open(), 1);
    bide_group_cancel(network_);
}

NET_TEST(all_reasons_are_told)
{
    NETWORK({ SIX, 0.3, ECONNRESET }, { SIX_B, 0, ENETUNREACH }, { FOUR, 0.02, ECONNREFUSED },
            { FOUR_B, 0, EHOSTUNREACH });
    CHECK(!bide__connect_to(&addresses));
    CHECK_EQ(bide_errcode(), -ECONNRESET);
    CHECK_STR(bide_errmsg(), "connect: " FOUR ": Connection refused; "
              SIX_B ": Network is unreachable; " FOUR_B ": No route to host; "
              SIX ": Connection reset by peer");
    CHECK_NEAR(bide_now() - start, 0.3, 1e-6);
}

NET_TEST(what_the_system_calls_a_time_out_is_a_failure)
{
    NETWORK({ SIX, 0.1, ETIMEDOUT }, { FOUR, 0.02, ECONNREFUSED });
    CHECK(!bide__connect_to(&addresses));
    CHECK_STR(bide_errmsg(), "connect: " SIX ": timed out; " FOUR ": Connection refused");
    CHECK_NEAR(bide_now() - start, 0.12, 1e-6);
}

NET_TEST(that_somebody_refused_says_more_than_that_there_is_no_way)
{
    NETWORK({ FOUR, 0, ECONNREFUSED }, { SIX, 0, ENETUNREACH });
    CHECK(!bide__connect_to(&addresses));
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
}

NET_TEST(reasons_without_room_are_counted)
{
    NETWORK({ "192.0.2.1:80", 0, ECONNREFUSED }, { "192.0.2.2:80", 0, ECONNREFUSED },
            { "192.0.2.3:80", 0, ECONNREFUSED }, { "192.0.2.4:80", 0, ECONNREFUSED },
            { "192.0.2.5:80", 0, ECONNREFUSED }, { "192.0.2.6:80", 0, ECONNREFUSED },
            { "192.0.2.7:80", 0, ECONNREFUSED }, { "192.0.2.8:80", 0, ECONNREFUSED });
    CHECK(!bide__connect_to(&addresses));
    CHECK_HAS(bide_errmsg(), "192.0.2.6:80: Connection refused; and 2 more");
    CHECK_NEAR(bide_now(), start, 1e-6);
}

static int connect_to(void *addresses)
{
    bide_auto(stream) s = bide__connect_to(addresses);
    return s ? 0 : bide_errcode();
}

NET_TEST(cancelled_at_any_moment_all_are_closed)
{
    NETWORK({ SIX, BIDE_FOREVER, 0 }, { FOUR, BIDE_FOREVER, 0 }, { SIX_B, 0.6, 0 },
            { FOUR_B, BIDE_FOREVER, 0 });
    for (double after = 0; after < 1.2; after += 0.05) {
        *tried = '\0';
        int rc = bide_timeout(after, connect_to, &addresses);
        CHECK_EQ(rc, after < 1.1 - 1e-9 ? BIDE_ETIMEDOUT : 0);
        CHECK_EQ(still_open(), 0);
    }
    bide_group_cancel(network_);
}

NET_TEST(a_cancelled_task_tries_nothing)
{
    NETWORK({ SIX, 0, 0 }, { FOUR, 0, 0 });
    BIDE_SCOPE(s);
    bide_scope_cancel(s);
    CHECK(!bide__connect_to(&addresses));
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_STR(tried, "");
}

NET_TEST(out_of_descriptors_the_first_goes_on)
{
    NETWORK({ SIX, 0.7, 0 }, { FOUR, 0, 0 });
    sockets_max = 1;
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), SIX);
    CHECK_NEAR(bide_now() - start, 0.7, 1e-6);
    sockets_max = 0;
    CHECK(!bide__connect_to(&addresses));
    CHECK_EQ(bide_errcode(), -EMFILE);
    CHECK_HAS(bide_errmsg(), "Too many open files; ");
}

static int connect_hastily(void *unused)
{
    NETWORK({ "127.0.0.1:80", 0.001, 0 }, { "[::1]:80", 0, ECONNREFUSED });
    (void)unused;
    for (int i = 0; i < 40; i++) {
        struct bide_addresses found;
        for (int j = 0; j < 110 + i; j++)       /* a task yields after 128 instant calls */
            CHECK_EQ(bide_resolve("127.0.0.1", &found), 0);
        bide_auto(stream) s = bide_connect("localhost:80", .delay = 1e-9);
        CHECK(s);
        *tried = '\0';
    }
    CHECK(bide_now() >= start);
    return 0;
}

/* An attempt's time may be up before it has begun: the poller has its turn between any two. */
TEST(a_delay_may_be_too_short_to_begin_in)
{
    CHECK_EQ(bide_run(connect_hastily, NULL, .shuffle_seed = 1), 0);
}

/* ---- memory ---- */

static int allocations, fail_at;
static void *counted_alloc(size_t size)
{
    return ++allocations == fail_at ? NULL : malloc(size);
}
static void *counted_resize(void *memory, size_t size)
{
    return ++allocations == fail_at ? NULL : realloc(memory, size);
}
static void hush(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
}

static int race_once(void *unused)
{
    (void)unused;
    NETWORK({ SIX, BIDE_FOREVER, 0 }, { FOUR, 0.3, 0 }, { SIX_B, 0.6, 0 });
    bide_auto(stream) s = bide__connect_to(&addresses);
    bide_group_cancel(network_);
    return s ? 0 : bide_errcode();
}

TEST(out_of_memory_is_told_and_leaves_nothing_open)
{
    static const struct bide_allocator counted = { .alloc = counted_alloc,
                                                   .resize = counted_resize,
                                                   .free = free };
    bide_log_to(hush, NULL, BIDE_LOG_ERROR);
    bide_allocator_set(&counted);
    int rc = 0;
    for (fail_at = 1; fail_at < 200; fail_at++) {
        allocations = 0;
        rc = bide_run(race_once, NULL, .jumping_clock = true);
        CHECK(rc == 0 || rc == BIDE_ENOMEM || rc == BIDE_ESTACK || rc == BIDE_EDEADLK ||
              rc == -EMFILE);
        if (allocations < fail_at)
            break;
    }
    CHECK_EQ(rc, 0);
    CHECK(fail_at > 3);
}

static int count_one(void *listener)
{
    for (int i = 0; i < 2; i++) {
        int before = allocations;
        bide_auto(stream) s = bide_connect(bide_listener_address(listener));
        CHECK(s);
        if (i == 1)             /* the first also makes the table of descriptors */
            CHECK_EQ(allocations - before, 1);
    }
    return 0;
}

static int listen_and_count(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    return count_one(l);
}

TEST(one_address_costs_one_allocation)
{
    static const struct bide_allocator counted = { .alloc = counted_alloc,
                                                   .resize = counted_resize,
                                                   .free = free };
    bide_allocator_set(&counted);
    CHECK_EQ(bide_run(listen_and_count, NULL), 0);
}

/* ---- options, on real sockets ---- */

NET_TEST(the_delay_can_be_chosen)
{
    NETWORK({ "127.0.0.1:80", BIDE_FOREVER, 0 }, { "[::1]:80", 0, 0 });
    bide_auto(stream) s = bide_connect("localhost:80", .delay = 0.05);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), "[::1]:80");
    CHECK_NEAR(bide_now() - start, 0.05, 1e-6);
    bide_group_cancel(network_);
}

NET_TEST(without_a_delay_each_has_its_turn)
{
    NETWORK({ "127.0.0.1:80", 100, ECONNREFUSED }, { "[::1]:80", 0, 0 });
    bide_auto(stream) s = bide_connect("localhost:80", .delay = BIDE_FOREVER);
    CHECK(s);
    CHECK_NEAR(bide_now() - start, 100, 1e-6);
    CHECK_STR(tried, "127.0.0.1:80 [::1]:80");
}

NET_TEST(the_family_can_be_chosen)
{
    NETWORK({ "127.0.0.1:80", 0, ECONNREFUSED }, { "[::1]:80", 0, 0 });
    bide_auto(stream) s = bide_connect("localhost:80", .family = AF_INET6);
    CHECK(s);
    CHECK_STR(tried, "[::1]:80");
    CHECK(!bide_connect("127.0.0.1:80", .family = AF_INET6));
    CHECK_EQ(bide_errcode(), BIDE_EDNS);
    CHECK_STR(bide_errmsg(), "dns: 127.0.0.1: is not of this family");
}

NET_TEST(the_local_address_can_be_chosen)
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) s = bide_connect(bide_listener_address(l), .local_address = "127.0.0.7");
    CHECK(s);
    bide_auto(stream) accepted = bide_accept(l);
    CHECK_HAS(bide_stream_peer(accepted), "127.0.0.7:");
    CHECK(!bide_connect(bide_listener_address(l), .local_address = "127.0.0.7",
                        .family = AF_INET6));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_connect(bide_listener_address(l), .local_address = "here"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_connect(bide_listener_address(l), .local_address = "192.0.2.77"));
    CHECK_EQ(bide_errcode(), -EADDRNOTAVAIL);
    CHECK_HAS(bide_errmsg(), ": from 192.0.2.77:0: ");
    CHECK(!bide_connect(bide_listener_address(l), .local_address = "[::1]:0"));
    CHECK_EQ(bide_errcode(), BIDE_EDNS);
}

NET_TEST(a_time_that_is_none_is_refused_and_not_taken_for_one_that_is_over)
{
    CHECK(!bide_connect("127.0.0.1:80", .timeout = -1));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "connect: a timeout of -1 s");
    CHECK(!bide_connect("127.0.0.1:80", .timeout = NAN));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK(!bide_connect("127.0.0.1:80", .delay = -0.5));
    CHECK_STR(bide_errmsg(), "connect: a delay of -0.5 s");
}

/* A listener whose backlog is full: the kernel lets further connections hang. */
static int full_listener(struct bide_address *a, int *stuffing, int count)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a->size = sizeof a->is;
    CHECK_EQ(bind(fd, &a->is.any, sizeof a->is.v4), 0);
    CHECK_EQ(listen(fd, 0), 0);
    CHECK_EQ(getsockname(fd, &a->is.any, &a->size), 0);
    for (int i = 0; i < count; i++) {
        stuffing[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int ignored = connect(stuffing[i], &a->is.any, a->size);
        (void)ignored;
    }
    return fd;
}

NET_TEST_IN_TIME(a_listener_that_takes_nobody_is_passed_by)
{
    struct bide_addresses addresses = { .count = 2 };
    int stuffing[4];
    CHECK_EQ(bide_address_read(&addresses.list[0], "127.0.0.3:0"), 0);
    int fd = full_listener(&addresses.list[0], stuffing, 4);
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    CHECK_EQ(bide_address_read(&addresses.list[1], bide_listener_address(l)), 0);
    double start = bide_now();
    bide_auto(stream) s = bide__connect_to(&addresses);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), bide_listener_address(l));
    CHECK(bide_now() - start >= 0.25);
    for (int i = 0; i < 4; i++)
        close(stuffing[i]);
    close(fd);
}
