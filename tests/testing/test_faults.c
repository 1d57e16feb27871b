/* tests/testing/test_faults.c -- seeds reproduce, and faults hit the nth. */
#include "testing/said.h"

#include "base/memory.h"
#include <bide/group.h>
#include <bide/net.h>
#include <bide/scope.h>
#include <bide/sync.h>
#include <stdlib.h>
#include <string.h>

/* --- shuffling --- */

static char order[64], *place;

static int says(void *letter)
{
    *place++ = *(const char *)letter;
    return 0;
}

static int says_all(void *unused)
{
    static const char letters[] = "abcdefgh";
    (void)unused;
    place = memset(order, 0, sizeof order);
    BIDE_GROUP(g);
    for (int i = 0; i < 8; i++)
        bide_spawn(g, says, (void *)(uintptr_t)&letters[i]);
    return bide_group_wait(g);
}

TEST(a_seed_gives_the_same_order_again)
{
    char first[64];
    CHECK_EQ(bide_test(says_all, NULL), 0);
    CHECK_STR(order, "abcdefgh");
    CHECK_EQ(bide_test(says_all, NULL, .seed = 12), 0);
    CHECK(strcmp(order, "abcdefgh") != 0);
    memcpy(first, order, sizeof first);
    CHECK_EQ(bide_test(says_all, NULL, .seed = 12), 0);
    CHECK_STR(order, first);
    CHECK_EQ(bide_test(says_all, NULL, .seed = 13), 0);
    CHECK(strcmp(order, first) != 0);
}

static int wants_a_before_b(void *unused)
{
    CHECK_EQ(says_all(unused), 0);
    if (strchr(order, 'a') < strchr(order, 'b'))
        return 0;
    return bide_fail(BIDE_ETEST, "it was %s", order);
}

TEST(the_first_seed_that_fails_is_told_and_reruns)
{
    char sentence[252], *end;
    CHECK_EQ(bide_test_shuffled(wants_a_before_b, NULL), BIDE_ETEST);
    CHECK_HAS(bide_errmsg(), "seed ");
    snprintf(sentence, sizeof sentence, "%s", bide_errmsg());
    unsigned long seed = strtoul(sentence + 5, &end, 10);
    CHECK(seed >= 1 && seed <= 100);
    CHECK_HAS(sentence, "BIDE_SHUFFLE=");
    CHECK_HAS(sentence, "): it was ");
    *end = '\0';
    setenv("BIDE_SHUFFLE", sentence + 5, 1);
    *end = ' ';
    CHECK_EQ(bide_test_shuffled(wants_a_before_b, NULL), BIDE_ETEST);
    CHECK_STR(bide_errmsg(), sentence);
    unsetenv("BIDE_SHUFFLE");
    CHECK_EQ(bide_test_shuffled(says_all, NULL), 0);
}

/* --- allocations --- */

static int tries, refusals;

/* Three allocations of its own, after those of the loop. */
static int allocates(void *unused)
{
    (void)unused;
    void *a = bide__alloc(1), *b = bide__alloc(2), *c = bide__alloc(3);
    tries++;
    refusals += !a + !b + !c;
    int rc = a && b && c ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
    bide__free(a);
    bide__free(b);
    bide__free(c);
    return rc;
}

TEST(every_allocation_fails_once)
{
    tries = refusals = 0;
    int faults = bide_test_each_allocation(allocates, NULL);
    CHECK(faults > 3);
    CHECK_EQ(refusals, 3);
    CHECK(tries >= 5 && tries <= faults + 2);
}

static void *volatile lost;              /* or the leak checker below would find it too */
static int leaks_if_refused(void *unused)
{
    (void)unused;
    void *a = lost = bide__alloc(64), *b = bide__alloc(2);
    if (!b)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    bide__free(a);
    bide__free(b);
    return a ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

TEST(a_leak_on_the_way_out_is_found)
{
    listen_to_log();
    CHECK_EQ(bide_test_each_allocation(leaks_if_refused, NULL), BIDE_ETEST);
    CHECK_HAS(bide_errmsg(), "refusing allocation ");
    CHECK_HAS(bide_errmsg(), ": leaked: 64 bytes in 1 block");
}

static int hides_it(void *unused)
{
    int rc = allocates(unused);
    return rc < 0 ? BIDE_EUNKNOWN : 0;
}

TEST(a_failure_that_says_nothing_is_not_clean)
{
    CHECK_EQ(bide_test_each_allocation(hides_it, NULL), BIDE_EUNKNOWN);
    CHECK_HAS(bide_errmsg(), "refusing allocation ");
}

static int finds_fault(void *unused)
{
    int rc = allocates(unused);
    return rc < 0 ? bide_fail(BIDE_ETEST, "that is wrong") : 0;
}

TEST(the_tests_own_complaint_is_not_clean)
{
    CHECK_EQ(bide_test_each_allocation(finds_fault, NULL), BIDE_ETEST);
    CHECK_HAS(bide_errmsg(), ": that is wrong");
}

static int always_fails(void *unused)
{
    (void)unused;
    return bide_fail(-EIO, "anyway");
}

TEST(what_fails_without_a_fault_is_told_first)
{
    CHECK_EQ(bide_test_each_allocation(always_fails, NULL), -EIO);
    CHECK_STR(bide_errmsg(), "without a fault: anyway");
    CHECK_EQ(bide_test_each_wait(always_fails, NULL), -EIO);
}

/* --- system calls --- */

static int connects(void *unused)
{
    char got[5];
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    bide_auto(stream) a = l ? bide_connect(bide_listener_address(l)) : NULL;
    if (!a)
        return bide_errcode();
    BIDE_TIMEOUT(limit, 30);
    bide_auto(stream) b = bide_accept(l);
    int rc = b ? bide_write(a, "hello", 5) : bide_errcode();
    if (rc == 0)
        rc = bide_read_exactly(b, got, 5);
    if (rc == 0 && memcmp(got, "hello", 5) != 0)
        return bide_fail(BIDE_ETEST, "the wrong bytes");
    return bide_scope_result(limit, rc);
}

TEST(every_call_is_refused_once)
{
    int faults = bide_test_each_call(connects, NULL);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 15);
    CHECK_EQ(bide_test_each_call(connects, NULL, .call = "socket"), 2);
    CHECK_EQ(bide_test_each_call(connects, NULL, .call = "listen", .code = -EADDRINUSE), 1);
    CHECK_EQ(bide_test_each_call(connects, NULL, .call = "no such"), 0);
}

TEST(short_and_interrupted_calls_go_unnoticed)
{
    int faults = bide_test_each_call(connects, NULL, .fault = BIDE_TEST_SHORT);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(faults, 1);
    faults = bide_test_each_call(connects, NULL, .fault = BIDE_TEST_INTERRUPT);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 3);
    faults = bide_test_each_call(connects, NULL, .fault = BIDE_TEST_INTERRUPT, .poller = "poll");
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

static int keeps_code(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    if (!l)
        CHECK_EQ(bide_errcode(), -EACCES);
    refusals += !l;
    return l ? 0 : bide_errcode();
}

TEST(the_failure_is_the_one_asked_for)
{
    refusals = 0;
    CHECK_EQ(bide_test_each_call(keeps_code, NULL, .call = "bind", .code = -EACCES), 1);
    CHECK_EQ(refusals, 1);
    CHECK_EQ(bide_test_each_call(keeps_code, NULL, .code = 5), BIDE_EINVAL);
    CHECK_EQ(bide_test_each_call(keeps_code, NULL, .fault = (enum bide_test_fault)9), BIDE_EINVAL);
}

/* --- waits --- */

static int cancelled, finished;
static int waits_three_times(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++)
        if (bide_sleep(1) < 0) {
            cancelled++;
            return bide_errcode();
        }
    finished++;
    return 0;
}

TEST(every_wait_is_cancelled_once)
{
    cancelled = finished = 0;
    int faults = bide_test_each_wait(waits_three_times, NULL);
    CHECK(faults >= 3);
    CHECK(cancelled >= 3);
    CHECK_EQ(cancelled + finished, faults + 2);
}

static bide_semaphore gate = BIDE_SEMAPHORE(1);
static int loses_a_permit(void *unused)
{
    (void)unused;
    bide_permit *p = bide_semaphore_acquire(&gate);
    if (!p)
        return bide_fail(BIDE_ETEST, "the permit of the last run was not given back");
    int rc = bide_sleep(1);
    if (rc == 0)
        bide_permit_release(p);
    return rc;
}

TEST(what_is_lost_by_cancelling_shows)
{
    listen_to_log();
    CHECK(bide_test_each_wait(loses_a_permit, NULL) < 0);
    CHECK_HAS(bide_errmsg(), "cancelled at stop ");
}
