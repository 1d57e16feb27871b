/* tests/testing/scenario.h -- a use of the library, and all that can go wrong in it.
 *
 * SCENARIO(fn) makes tests of a bide_fn: with every allocation refused, every wait cancelled, every
 * system call refused, shortened and interrupted, and in any order. */
#ifndef TESTS_SCENARIO_H
#define TESTS_SCENARIO_H
#include "testing/said.h"

/* What a scenario says where it is not just unlucky. */
#define WRONG(...) bide_fail(BIDE_ETEST, __VA_ARGS__)

#define SUCCEEDS(call) \
    do { \
        if ((call) < 0) \
            test_fail(__FILE__, __LINE__, "%s: %s", #call, bide_errmsg()); \
    } while (0)

/* Where threads take part, not everything is the same twice. */
#define THREADED_SCENARIO(fn) \
    TEST(fn##_with_every_allocation_refused) { SUCCEEDS(bide_test_each_allocation(fn, NULL)); } \
    TEST(fn##_with_every_wait_cancelled) \
    { \
        SUCCEEDS(bide_test_each_wait(fn, NULL)); \
        SUCCEEDS(bide_test_each_wait(fn, NULL, .seed = 17, .poller = "poll")); \
    } \
    TEST(fn##_in_any_order) { SUCCEEDS(bide_test_shuffled(fn, NULL)); }

#define SCENARIO(fn) \
    THREADED_SCENARIO(fn) \
    TEST(fn##_with_every_call_refused) \
    { \
        SUCCEEDS(bide_test_each_call(fn, NULL)); \
        SUCCEEDS(bide_test_each_call(fn, NULL, .poller = "poll")); \
    } \
    TEST(fn##_with_every_call_short_or_interrupted) \
    { \
        SUCCEEDS(bide_test_each_call(fn, NULL, .fault = BIDE_TEST_SHORT)); \
        SUCCEEDS(bide_test_each_call(fn, NULL, .fault = BIDE_TEST_INTERRUPT)); \
        SUCCEEDS(bide_test_each_call(fn, NULL, .fault = BIDE_TEST_INTERRUPT, .poller = "poll")); \
    }

#endif
