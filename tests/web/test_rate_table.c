/* Token buckets of many clients. */
#include "web/rate_table.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static bool take(struct rate_table *t, const char *name, double now)
{
    return bide__rate_table_take(t, name, strlen(name), now).allowed;
}

TEST(a_client_has_its_burst_and_then_its_rate)
{
    struct rate_table t;
    CHECK_EQ(bide__rate_table_start(&t, 2, 3, 10), 0);
    for (int i = 0; i < 3; i++)
        CHECK(take(&t, "a", 100));
    CHECK(!take(&t, "a", 100) && !take(&t, "a", 100.4));
    CHECK(take(&t, "b", 100.4));
    CHECK(take(&t, "a", 100.5) && !take(&t, "a", 100.5));
    for (int i = 0; i < 3; i++)
        CHECK(take(&t, "a", 200));
    CHECK(!take(&t, "a", 200));
    bide__rate_table_end(&t);
}

TEST(what_is_left_is_told)
{
    struct rate_table t;
    CHECK_EQ(bide__rate_table_start(&t, 0.5, 2, 10), 0);
    struct rate_left left = bide__rate_table_take(&t, "a", 1, 0);
    CHECK(left.allowed);
    CHECK_NEAR(left.tokens, 1, 1e-9);
    CHECK_NEAR(left.full, 2, 1e-9);
    left = bide__rate_table_take(&t, "a", 1, 0);
    left = bide__rate_table_take(&t, "a", 1, 0.5);
    CHECK(!left.allowed);
    CHECK_NEAR(left.wait, 1.5, 1e-9);
    CHECK_NEAR(left.full, 3.5, 1e-9);
    bide__rate_table_end(&t);
}

/* In any second no more than burst + rate, however the requests come. */
TEST(no_pattern_gets_more_than_the_limit)
{
    struct rate_table t;
    uint64_t seed = 1;
    double now = 0;
    int allowed = 0;
    CHECK_EQ(bide__rate_table_start(&t, 10, 5, 4), 0);
    while (now < 100) {
        seed = seed * UINT64_C(6364136223846793005) + 1;
        now += (double)(seed >> 44) / (1 << 20) * 0.05;
        allowed += take(&t, "a", now);
    }
    CHECK(allowed <= 1000 + 6 && allowed >= 990);
    bide__rate_table_end(&t);
}

TEST(those_silent_for_longest_are_forgotten)
{
    struct rate_table t;
    char name[20];
    CHECK_EQ(bide__rate_table_start(&t, 0.001, 1, 3), 0);
    CHECK(take(&t, "a", 0) && take(&t, "b", 0) && take(&t, "c", 0));
    CHECK(!take(&t, "a", 0) && !take(&t, "b", 0) && !take(&t, "c", 0));
    CHECK(!take(&t, "a", 0));
    CHECK(take(&t, "d", 0));                    /* in the place of b */
    CHECK(!take(&t, "a", 0) && !take(&t, "c", 0) && !take(&t, "d", 0));
    CHECK(take(&t, "b", 0));
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "x%d", i);
        CHECK(take(&t, name, 1));
        CHECK(!take(&t, name, 1));
    }
    bide__rate_table_end(&t);
}
