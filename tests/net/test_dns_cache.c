/* tests/net/test_dns_cache.c -- what a loop remembers of names, and for how long; loops beside
 * each other; running out of memory. */
#include "net/dns.h"

#include "base/sys.h"

#include <bide/memory.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 200; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int resolve_one(void *arg)
{
    struct bide_addresses found;
    return bide_resolve(arg, &found);
}

static void hush(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg, (void)level, (void)text;
}

/* ---- what is remembered ---- */

static void asked_after(struct dns *dns, const char *name, double seconds, int asked)
{
    struct bide_addresses found;
    CHECK_EQ(bide_sleep(seconds), 0);
    bide_ignore(bide_resolve(name, &found, .family = AF_INET));
    CHECK_EQ(dns->asked, asked);
}

NET_TEST(addresses_are_remembered_for_their_time)
{
    DNS(dns, { "a.example", 0, "127.0.0.1", 30 });
    asked_after(dns, "a.example", 0, 1);
    asked_after(dns, "a.example", 29.9, 1);
    asked_after(dns, "A.Example", 0, 1);
    asked_after(dns, "a.example", 0.2, 2);
}

NET_TEST(a_long_time_is_cut)
{
    DNS(dns, { "a.example", 0, "127.0.0.1", 86400 });
    asked_after(dns, "a.example", 0, 1);
    asked_after(dns, "a.example", 299, 1);
    asked_after(dns, "a.example", 2, 2);
    CHECK_EQ(bide_resolver_set(dns->address, .search = "", .ttl_max = 10), 0);
    asked_after(dns, "a.example", 0, 3);
    asked_after(dns, "a.example", 9.9, 3);
    asked_after(dns, "a.example", 0.2, 4);
}

NET_TEST(the_shortest_time_of_several_addresses_counts)
{
    DNS(dns, { "a.example", 0, "127.0.0.1 127.0.0.2 127.0.0.3", 30, .ttl_step = 10 });
    asked_after(dns, "a.example", 0, 1);
    asked_after(dns, "a.example", 9.9, 1);
    asked_after(dns, "a.example", 0.2, 2);
}

NET_TEST(no_time_at_all_serves_those_who_wait)
{
    DNS(dns, { "a.example", 0, "127.0.0.1 ::1", 0 });
    for (int i = 1; i <= 2; i++) {
        BIDE_GROUP(g);
        for (int j = 0; j < 5; j++)
            bide_spawn(g, resolve_one, (void *)(uintptr_t)"a.example");
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(dns->asked, 2 * i);
    }
}

NET_TEST(that_there_is_none_is_remembered_for_the_zone_s_time)
{
    DNS(dns, { "five.example", .kind = DNS_NXDOMAIN, .ttl = 900, .minimum = 5 },
        { "ttl.example", .kind = DNS_NODATA, .ttl = 3, .minimum = 900 },
        { "day.example", .kind = DNS_NXDOMAIN, .ttl = 86400, .minimum = 86400 },
        { "bare.example", .kind = DNS_NXDOMAIN });
    asked_after(dns, "five.example", 0, 1);
    asked_after(dns, "five.example", 4.9, 1);
    asked_after(dns, "five.example", 0.2, 2);
    asked_after(dns, "ttl.example", 0, 3);
    asked_after(dns, "ttl.example", 2.9, 3);
    asked_after(dns, "ttl.example", 0.2, 4);
    asked_after(dns, "day.example", 0, 5);
    asked_after(dns, "day.example", 9.9, 5);
    asked_after(dns, "day.example", 0.2, 6);
    asked_after(dns, "bare.example", 0, 7);
    asked_after(dns, "bare.example", 0, 8);
}

NET_TEST(failures_are_not_remembered)
{
    DNS(dns, { "a.example", .kind = DNS_SERVFAIL });
    CHECK_EQ(bide_resolver_set(dns->address, .search = "", .tries = 1), 0);
    asked_after(dns, "a.example", 0, 1);
    asked_after(dns, "a.example", 0, 2);
}

NET_TEST(the_name_that_was_unused_longest_is_forgotten)
{
    DNS(dns, { "a.example", 0, "127.0.0.1", 60 }, { "b.example", 0, "127.0.0.1", 60 },
        { "c.example", 0, "127.0.0.1", 60 });
    CHECK_EQ(bide_resolver_set(dns->address, .search = "", .names_max = 2), 0);
    asked_after(dns, "a.example", 0, 1);
    asked_after(dns, "b.example", 0, 2);
    asked_after(dns, "a.example", 0, 2);
    asked_after(dns, "c.example", 0, 3);
    asked_after(dns, "a.example", 0, 3);
    asked_after(dns, "b.example", 0, 4);
    asked_after(dns, "c.example", 0, 5);
}

NET_TEST(names_that_are_asked_for_are_not_forgotten)
{
    static char names[20][20];
    struct dns_rule rules[21] = { { .name = NULL } };
    DNS(dns, { "none.example" });
    CHECK_EQ(bide_resolver_set(dns->address, .search = "", .hosts = "", .names_max = 2), 0);
    for (int i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "n%d.example", i);
        rules[i] = (struct dns_rule){ names[i], 0, "127.0.0.1 ::1", 60, .delay = 0.1 * i };
    }
    dns->rules = rules;
    BIDE_GROUP(g);
    for (int i = 0; i < 20; i++)
        bide_spawn(g, resolve_one, names[i]);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(dns->asked, 40);
    asked_after(dns, "n19.example", 0, 40);
    asked_after(dns, "n18.example", 0, 40);
    asked_after(dns, "n17.example", 0, 41);
}

NET_TEST(nothing_is_remembered_where_that_is_wanted)
{
    struct bide_addresses found;
    DNS(dns, { "a.example", 0, "127.0.0.1", 60 });
    asked_after(dns, "a.example", 0, 1);
    CHECK_EQ(bide_resolve("a.example", &found, .family = AF_INET, .fresh = true), 0);
    CHECK_EQ(dns->asked, 2);
    CHECK_EQ(bide_resolver_set(dns->address, .search = "", .no_cache = true), 0);
    asked_after(dns, "a.example", 0, 3);
    asked_after(dns, "a.example", 0, 4);
}

/* ---- many loops, little memory ---- */

enum { LOOPS = 4 };
static char loop_names[20][20];

static int resolve_names(void *unused)
{
    (void)unused;
    DNS(dns, { "one.example", 0, "127.0.0.1 ::1", 60 });
    struct dns_rule rules[21] = { { .name = NULL } };
    for (int i = 0; i < 20; i++)
        rules[i] = (struct dns_rule){ loop_names[i], 0, "127.0.0.1 ::1", 60, .delay = 0.01 };
    dns->rules = rules;
    BIDE_GROUP(g);
    for (int i = 0; i < 20; i++)
        bide_spawn(g, resolve_one, loop_names[i]);
    int rc = bide_group_wait(g);
    CHECK_EQ(dns->asked, 40);
    return rc;
}

static void *run_loop(void *rc)
{
    *(int *)rc = bide_run(resolve_names, NULL, .jumping_clock = true);
    return NULL;
}

TEST(several_loops_look_names_up_at_once)
{
    pthread_t threads[LOOPS];
    int results[LOOPS];
    for (int i = 0; i < 20; i++)
        snprintf(loop_names[i], sizeof loop_names[i], "n%d.example", i);
    for (int i = 0; i < LOOPS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, run_loop, &results[i]), 0);
    for (int i = 0; i < LOOPS; i++) {
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
        CHECK_EQ(results[i], 0);
    }
}

static int allocations, fail_at;
static void *counted_alloc(size_t size)
{
    return ++allocations == fail_at ? NULL : malloc(size);
}
static void *counted_resize(void *memory, size_t size)
{
    return ++allocations == fail_at ? NULL : realloc(memory, size);
}

static int resolve_in_need(void *unused)
{
    (void)unused;
    int rc = 0;
    DNS(dns, { "a.example", 0, "127.0.0.1 ::1", 60, DNS_CUT, .delay = 0.01 });
    CHECK_EQ(bide_sleep(0.01), 0);
    allocations = 0;
    {
        BIDE_KEEP_GOING(g);
        for (int i = 0; i < 3; i++)
            bide_spawn(g, resolve_one, (void *)(uintptr_t)"a.example");
        rc = bide_group_wait(g);
    }
    int made = allocations;
    fail_at = made < fail_at ? -1 : fail_at;    /* there were not so many */
    CHECK(rc < 0 || dns->asked >= 4);
    return rc;
}

TEST(out_of_memory_a_look_up_fails_and_nothing_is_left)
{
    static const struct bide_allocator counted = { .alloc = counted_alloc,
                                                   .resize = counted_resize, .free = free };
    int before = open_descriptors(), failed = 0;
    bide_log_to(hush, NULL, BIDE_LOG_ERROR);
    bide_allocator_set(&counted);
    for (int i = 1; fail_at >= 0; i++) {
        fail_at = i;
        allocations = -1000000;
        int rc = bide_run(resolve_in_need, NULL, .jumping_clock = true);
        failed += rc < 0;
        CHECK_EQ(open_descriptors(), before);
        CHECK(i < 1000);
    }
    CHECK(failed > 2);
}

static struct sys real;
static int calls, fail_call, outcome;
static int bad_epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
    if (++calls != fail_call)
        return real.epoll_ctl(set, operation, fd, event);
    errno = ENOSPC;
    return -1;
}

static int resolve_unwatched(void *unused)
{
    struct bide_addresses found;
    (void)unused;
    DNS(dns, { "a.example", 0, "127.0.0.1 ::1", 60, DNS_CUT, .delay = 0.01 });
    CHECK_EQ(bide_sleep(0.01), 0);
    calls = 0;
    outcome = bide_resolve("a.example", &found);
    return 0;
}

TEST(a_socket_that_cannot_be_watched_is_told_at_once)
{
    int before = open_descriptors(), failed = 0;
    bide_log_to(hush, NULL, BIDE_LOG_ERROR);
    real = bide__sys;
    bide__sys.epoll_ctl = bad_epoll_ctl;
    for (fail_call = 1; fail_call < 100; fail_call++) {
        calls = -1000;
        CHECK_EQ(bide_run(resolve_unwatched, NULL, .jumping_clock = true, .poller = "epoll"), 0);
        CHECK_EQ(open_descriptors(), before);
        failed += outcome == -ENOSPC;
    }
    CHECK(failed > 0);
}

static int resolve_shuffled(void *unused)
{
    (void)unused;
    DNS(dns, { "a.example", 0, "127.0.0.1 ::1", 1, DNS_CUT, .delay = 0.01 });
    for (int round = 1; round <= 2; round++) {
        BIDE_GROUP(g);
        for (int i = 0; i < 10; i++)
            bide_spawn(g, resolve_one, (void *)(uintptr_t)"a.example");
        CHECK_EQ(bide_group_wait(g), 0);
        CHECK_EQ(dns->asked, 4 * round);
        CHECK_EQ(bide_sleep(2), 0);
    }
    return 0;
}

TEST(in_any_order_of_tasks_the_same_is_asked)
{
    for (uint64_t seed = 1; seed <= 50; seed++)
        CHECK_EQ(bide_run(resolve_shuffled, NULL, .jumping_clock = true, .shuffle_seed = seed), 0);
}
