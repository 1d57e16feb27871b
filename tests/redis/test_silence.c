/* Subscriptions that hear nothing: is the server there?  On the jumping clock. */
#include "db/cutter.h"
#include "redis/toy.h"

#include <bide/redis.h>

static bide_redis_subscription *listen_to(bide_redis *redis, const char *channel)
{
    bide_redis_subscription *sub =
        bide_redis_subscribe(redis, (const char *[]){ channel, NULL }, NULL);
    CHECK(sub != NULL);
    for (int i = 0; i < 3; i++) {       /* the toy's news */
        struct bide_redis_message m;
        CHECK_EQ(bide_redis_next(sub, &m), 1);
        CHECK(!m.gap);
    }
    return sub;
}

TASK_TEST(silence_is_asked_about)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url, .heartbeat = 5);
    bide_auto(redis_subscription) sub = listen_to(redis, "a");
    struct bide_redis_message m;
    BIDE_TIMEOUT(limit, 1000);
    int rc = bide_redis_next(sub, &m);
    CHECK_EQ(bide_scope_result(limit, rc), BIDE_ETIMEDOUT);
    CHECK(toy.pings >= 200);            /* one of them when it logged in */
    CHECK_EQ(bide_redis_stats(redis).connected, 1);
    bide_redis_subscription_close(bide_steal(sub));
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

TASK_TEST(who_does_not_answer_is_left)
{
    TOY(toy);
    CUTTER(cutter, toy.address);
    char url[64];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", cutter.port);
    bide_auto(redis) redis = bide_redis_open(url, .heartbeat = 5);
    bide_auto(redis_subscription) sub = listen_to(redis, "a");
    cutter_arm(&cutter, CUTTER_TO_CLIENT, 0, CUTTER_STALL);
    struct bide_redis_message m;
    double begun = bide_now();
    CHECK_EQ(bide_redis_next(sub, &m), 1);
    CHECK(m.gap);
    CHECK_NEAR(bide_now() - begun, 10, 0.5);
    CHECK_EQ(bide_redis_next(sub, &m), 1);
    CHECK_STR(m.data, "one");
    CHECK_EQ(bide_redis_stats(redis).connected, 2);
    bide_redis_subscription_close(bide_steal(sub));
    bide_redis_close(bide_steal(redis));
    CUTTER_END(cutter);
    TOY_END(toy);
}
