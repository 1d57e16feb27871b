/* tests/net/test_resolve.c -- names: threads, cancelled and stuck look-ups, failures.
 *
 * The system is never asked: each test puts a function in its place, which runs on the
 * resolver's threads. */
#include "net/both.h"

#include "net/resolve.h"
#include "net/resolver.h"

#include <netdb.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_int begun, ended, together, most;
static sem_t gate;

static void answer(struct bide_addresses *found, const char *number)
{
    CHECK(bide__address_of_number(number, 0, &found->list[found->count++]));
}

/* Hangs until the gate is opened, as a dead name server would let it. */
static int hang(const char *host, struct bide_addresses *found)
{
    (void)host;
    atomic_fetch_add(&begun, 1);
    while (sem_wait(&gate) != 0)
        ;
    answer(found, "127.0.0.1");
    atomic_fetch_add(&ended, 1);
    return 0;
}

static int count_together(const char *host, struct bide_addresses *found)
{
    struct timespec moment = { .tv_nsec = 5000000 };
    int now = atomic_fetch_add(&together, 1) + 1, before = atomic_load(&most);
    while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
        ;
    nanosleep(&moment, NULL);
    atomic_fetch_sub(&together, 1);
    atomic_fetch_add(&begun, 1);
    answer(found, strcmp(host, "three.example") == 0 ? "127.0.0.3" : "127.0.0.1");
    return 0;
}

static int fail_with;
static int fail(const char *host, struct bide_addresses *found)
{
    (void)host, (void)found;
    return fail_with;
}

static int two_addresses(const char *host, struct bide_addresses *found)
{
    (void)host;
    answer(found, "127.0.0.2");
    answer(found, "127.0.0.1");
    return 0;
}

/* Lets the stuck threads end, so that nothing is left for the leak checker. */
static void open_gate(int stuck)
{
    struct timespec moment = { .tv_nsec = 1000000 };
    for (int i = 0; i < stuck; i++)
        sem_post(&gate);
    while (atomic_load(&ended) < atomic_load(&begun))   /* a slow thread had none to begin */
        nanosleep(&moment, NULL);
    nanosleep(&moment, NULL);
}

static int both_families(const char *host, struct bide_addresses *found)
{
    bool six_first = strcmp(host, "six.example") == 0;
    answer(found, six_first ? "::1" : "127.0.0.1");
    answer(found, six_first ? "127.0.0.1" : "::1");
    return 0;
}

NET_TEST(the_system_s_order_of_families_is_kept)
{
    struct bide_addresses found;
    bide__resolve_with(both_families);
    CHECK_EQ(bide__resolve("six.example", 1, &found), 0);
    CHECK_EQ(found.count, 2);
    CHECK_EQ(found.list[0].is.any.sa_family, AF_INET6);
    CHECK_EQ(bide__resolve("four.example", 1, &found), 0);
    CHECK_EQ(found.count, 2);
    CHECK_EQ(found.list[0].is.any.sa_family, AF_INET);
}

NET_TEST(a_name_is_looked_up_on_another_thread)
{
    struct bide_addresses found;
    char text[SOCKADDR_TEXT];
    bide__resolve_with(count_together);
    CHECK_EQ(bide__resolve("three.example", 99, &found), 0);
    CHECK_EQ(found.count, 1);
    bide__sockaddr_format(&found.list[0].is.any, text);
    CHECK_STR(text, "127.0.0.3:99");
}

NET_TEST(numbers_and_localhost_ask_nobody)
{
    struct bide_addresses found;
    bide__resolve_with(hang);
    CHECK_EQ(bide__resolve("127.0.0.1", 1, &found), 0);
    CHECK_EQ(bide__resolve("::1", 1, &found), 0);
    CHECK_EQ(bide__resolve("localhost", 1, &found), 0);
    CHECK_EQ(atomic_load(&begun), 0);
}

NET_TEST(a_failed_look_up_says_of_what_and_why)
{
    struct bide_addresses found;
    char text[128];
    bide__resolve_with(fail);
    fail_with = EAI_NONAME;
    CHECK_EQ(bide__resolve("example.invalid", 1, &found), BIDE_EDNS);
    snprintf(text, sizeof text, "dns: example.invalid: %s", gai_strerror(EAI_NONAME));
    CHECK_STR(bide_errmsg(), text);
    fail_with = EAI_AGAIN;
    CHECK(!bide_connect("example.invalid:80"));
    CHECK_EQ(bide_errcode(), BIDE_EDNS);
    CHECK_HAS(bide_errmsg(), "dns: example.invalid: ");
    fail_with = EAI_MEMORY;
    CHECK_EQ(bide__resolve("example.invalid", 1, &found), BIDE_ENOMEM);
    char large[400];
    memset(large, 'a', sizeof large);
    large[399] = '\0';
    CHECK_EQ(bide__resolve(large, 1, &found), BIDE_EDNS);
}

static int resolve_one(void *arg)
{
    struct bide_addresses found;
    return bide__resolve(arg, 1, &found);
}

NET_TEST(at_most_four_are_looked_up_at_once)
{
    static char names[20][20];
    bide__resolve_with(count_together);
    BIDE_GROUP(g);
    for (int i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "name%d.example", i);
        bide_spawn(g, resolve_one, names[i]);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(atomic_load(&begun), 20);
    CHECK(atomic_load(&most) >= 2);
    CHECK(atomic_load(&most) <= RESOLVER_THREADS);
}

NET_TEST(who_asks_for_the_same_name_meanwhile_joins_in)
{
    struct bide_addresses found;
    bide__resolve_with(count_together);
    BIDE_GROUP(g);
    for (int i = 0; i < 20; i++)
        bide_spawn(g, resolve_one, (void *)(uintptr_t)"same.example");
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(atomic_load(&begun), 1);
    CHECK_EQ(bide__resolve("same.example", 1, &found), 0);
    CHECK_EQ(atomic_load(&begun), 1);
    CHECK_EQ(bide_sleep(10), 0);        /* as long as aiohttp remembers */
    CHECK_EQ(bide__resolve("same.example", 1, &found), 0);
    CHECK_EQ(atomic_load(&begun), 2);
}

static bool has_asked;
static int ask_patiently(void *arg)
{
    has_asked = true;
    return resolve_one(arg);
}

NET_TEST(a_look_up_goes_on_while_anybody_wants_it)
{
    struct bide_addresses found;
    bide__resolve_with(hang);
    sem_init(&gate, 0, 0);
    BIDE_GROUP(patient);
    for (int i = 0; i < 3; i++) {
        BIDE_GROUP(hasty);
        bide_spawn(hasty, resolve_one, (void *)(uintptr_t)"stuck.example");
        if (i == 0)
            bide_spawn(patient, ask_patiently, (void *)(uintptr_t)"stuck.example");
        while (atomic_load(&begun) < 1 || !has_asked)
            CHECK_EQ(bide_yield(), 0);
        bide_group_cancel(hasty);
        CHECK_EQ(bide_group_wait(hasty), 0);
    }
    CHECK_EQ(bide_group_count(patient), 1);
    open_gate(1);
    CHECK_EQ(bide_group_wait(patient), 0);
    CHECK_EQ(atomic_load(&begun), 1);
    bide__resolve_with(two_addresses);
    CHECK_EQ(bide_resolve("stuck.example", &found, .fresh = true), 0);
    CHECK_EQ(found.count, 2);
}

NET_TEST(a_cancelled_look_up_returns_though_the_system_hangs)
{
    struct bide_addresses found;
    bide__resolve_with(hang);
    sem_init(&gate, 0, 0);
    {
        static char names[10][20];
        BIDE_GROUP(g);
        for (int i = 0; i < 10; i++) {
            snprintf(names[i], sizeof names[i], "stuck%d.example", i);
            bide_spawn(g, resolve_one, names[i]);
        }
        while (atomic_load(&begun) < 4)
            CHECK_EQ(bide_yield(), 0);
        bide_group_cancel(g);
        CHECK_EQ(bide_group_wait(g), 0);
    }
    CHECK_EQ(bide__resolve("127.0.0.1", 1, &found), 0);
    open_gate(4);
    CHECK_EQ(atomic_load(&begun), 4);   /* the other six were never begun */
    bide__resolve_with(two_addresses);
    CHECK_EQ(bide__resolve("again.example", 1, &found), 0);
    CHECK_EQ(found.count, 2);
}

#ifndef TEST_UNDER_TSAN
static int look_up_again(void *unused)
{
    struct bide_addresses found;
    (void)unused;
    return bide__resolve("child.example", 1, &found);
}

NET_TEST(a_forked_child_has_threads_of_its_own)
{
    static char names[5][20];
    int status = -1;
    bide__resolve_with(hang);
    sem_init(&gate, 0, 0);
    BIDE_GROUP(g);
    for (int i = 0; i < 5; i++) {
        snprintf(names[i], sizeof names[i], "stuck%d.example", i);
        bide_spawn(g, resolve_one, names[i]);
    }
    while (atomic_load(&begun) < 4)
        CHECK_EQ(bide_yield(), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(5);               /* it is not to wait for threads that are the parent's */
        bide__resolve_with(two_addresses);
        _exit(bide_run(look_up_again, NULL) == 0 ? 0 : 1);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    open_gate(5);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(status, 0);
}
#endif

NET_TEST_IN_TIME(a_look_up_has_a_time_limit)
{
    bide__resolve_with(hang);
    sem_init(&gate, 0, 0);
    CHECK(!bide_connect("stuck.example:80", .timeout = 0.02));
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "connect: stuck.example:80: timed out after 0.02 s");
    open_gate(1);
}

static int leave_one_stuck(void *unused)
{
    (void)unused;
    bide_spawn(NULL, resolve_one, (void *)(uintptr_t)"stuck.example");
    while (atomic_load(&begun) < 1)
        bide_ignore(bide_yield());
    return 0;
}

TEST(a_stuck_look_up_does_not_hold_the_loops_end)
{
    bide__resolve_with(hang);
    sem_init(&gate, 0, 0);
    CHECK_EQ(bide_run(leave_one_stuck, NULL), 0);
    open_gate(1);
}

static int slow(const char *host, struct bide_addresses *found)
{
    struct timespec moment = { .tv_nsec = 20000000 };
    (void)host;
    nanosleep(&moment, NULL);
    answer(found, "127.0.0.1");
    return 0;
}

NET_TEST_IN_TIME(waiting_for_a_name_alone_is_no_deadlock)
{
    struct bide_addresses found;
    bide__resolve_with(slow);
    CHECK_EQ(bide__resolve("slow.example", 1, &found), 0);
}

static void keep_log(void *arg, enum bide_log_level level, const char *text)
{
    (void)level;
    if (strstr(text, "deadlock"))
        ++*(int *)arg;
}

static int wait_for_ever(void *unused)
{
    bide_event never = { .set_ = 0 };
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, resolve_one, (void *)(uintptr_t)"stuck.example");
    while (atomic_load(&begun) < 1)
        bide_ignore(bide_yield());
    bide_group_cancel(g);
    bide_ignore(bide_group_wait(g));
    return bide_event_wait(&never);
}

TEST(an_abandoned_look_up_does_not_hide_a_deadlock)
{
    int told = 0;
    bide_log_to(keep_log, &told, BIDE_LOG_ERROR);
    bide__resolve_with(hang);
    sem_init(&gate, 0, 0);
    CHECK_EQ(bide_run(wait_for_ever, NULL), BIDE_EDEADLK);
    CHECK(told > 0);
    open_gate(1);
}

NET_TEST(each_address_of_a_name_is_tried)
{
    bide__resolve_with(two_addresses);
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    char address[80];
    snprintf(address, sizeof address, "two.example%s", strrchr(bide_listener_address(l), ':'));
    bide_auto(stream) s = bide_connect(address);
    CHECK(s);
    CHECK_STR(bide_stream_peer(s), bide_listener_address(l));
    bide_auto(stream) accepted = bide_accept(l);
    CHECK(accepted);
    bide_listener_close(bide_steal(l));
    CHECK(!bide_connect(address));
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    CHECK_HAS(bide_errmsg(), "connect: 127.0.0.2:");
    CHECK_HAS(bide_errmsg(), ": Connection refused; 127.0.0.1:");
}
