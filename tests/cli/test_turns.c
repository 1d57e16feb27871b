/* What cli/hosts.c and cli/rate.c must hold: so many at a host, so many per second, no more. */
#include "cli/hosts.c"
#include "cli/rate.c"
#include "test.h"

static struct hosts hosts;
static int running, most;

static int visit(void *url)
{
    struct host_turn turn;
    int rc = hosts_enter(&hosts, url, &turn);
    if (rc < 0)
        return rc;
    running++;
    most = running > most ? running : most;
    rc = bide_sleep(1);
    running--;
    hosts_leave(&hosts, &turn);
    return rc;
}

static bool none_is_kept(void)
{
    for (size_t i = 0; i < HOSTS_BUCKETS; i++)
        if (hosts.buckets[i])
            return false;
    return true;
}

static double visit_all(const char *const *urls, size_t count)
{
    double started = bide_now();
    BIDE_GROUP(group);
    for (size_t i = 0; i < count; i++)
        bide_spawn(group, visit, (void *)(uintptr_t)urls[i]);
    CHECK_EQ(bide_group_wait(group), 0);
    CHECK(none_is_kept());
    return bide_now() - started;
}

TASK_TEST(a_host_has_so_many_at_once)
{
    static const char *const urls[] = { "http://a/1", "http://A/2", "http://a?3", "http://a#4" };
    hosts.limit = 2;
    CHECK_NEAR(visit_all(urls, 4), 2, 0.1);
    CHECK_EQ(most, 2);
}

TASK_TEST(hosts_do_not_wait_for_each_other)
{
    static const char *const urls[] = { "http://a/", "http://a:81/", "http://b/", "c", "" };
    hosts.limit = 1;
    CHECK_NEAR(visit_all(urls, 5), 1, 0.1);
    CHECK_EQ(most, 5);
}

TASK_TEST(without_a_limit_nobody_waits)
{
    static const char *const urls[] = { "http://a/", "http://a/", "http://a/" };
    CHECK_NEAR(visit_all(urls, 3), 1, 0.1);
}

TASK_TEST(a_cancelled_wait_for_a_turn_leaves_nothing_behind)
{
    struct host_turn first, second;
    hosts.limit = 1;
    CHECK_EQ(hosts_enter(&hosts, "http://a/", &first), 0);
    {
        BIDE_TIMEOUT(timeout, 1);
        CHECK_EQ(hosts_enter(&hosts, "http://a/", &second), BIDE_ECANCELED);
        hosts_leave(&hosts, &second);
    }
    hosts_leave(&hosts, &first);
    CHECK(none_is_kept());
}

static int wait_for_moment(void *rate)
{
    return rate_wait(rate);
}

static double wait_often(struct rate *rate, int count)
{
    double started = bide_now();
    BIDE_GROUP(group);
    for (int i = 0; i < count; i++)
        bide_spawn(group, wait_for_moment, rate);
    CHECK_EQ(bide_group_wait(group), 0);
    return bide_now() - started;
}

TASK_TEST(moments_are_spread_evenly)
{
    struct rate rate = { .interval = 0.5 };
    CHECK_NEAR(wait_often(&rate, 11), 5, 0.1);
}

TASK_TEST(a_pause_is_not_made_up_for)
{
    struct rate rate = { .interval = 0.5 };
    CHECK_NEAR(wait_often(&rate, 1), 0, 0.1);
    CHECK_EQ(bide_sleep(100), 0);
    CHECK_NEAR(wait_often(&rate, 5), 2, 0.1);
}

TASK_TEST(no_rate_is_no_wait)
{
    struct rate rate = { 0, 0 };
    CHECK_NEAR(wait_often(&rate, 1000), 0, 0.1);
}
