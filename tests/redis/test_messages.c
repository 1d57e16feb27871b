/* With a real server: messages, and streams with consumer groups. */
#include <bide.h>
#include <bide/redis.h>

#include "redis/server.h"

static void publish(bide_redis *redis, const char *channel, const char *text)
{
    bide_auto(redis_reply) r = bide_redis_call(redis, "PUBLISH", channel, text);
    CHECK(r != NULL);
}

SERVER_TEST(messages_come_by_channel_and_by_pattern, NULL)
{
    (void)server;
    bide_auto(redis_subscription) sub = bide_redis_subscribe(redis,
        (const char *[]){ "a", "b", NULL }, (const char *[]){ "p*", NULL });
    CHECK(sub != NULL);
    struct bide_redis_message m;
    for (int i = 0; i < 100; i++) {
        publish(redis, i % 2 ? "b" : "pat", "text");
        CHECK_EQ(bide_redis_next(sub, &m), 1);
        CHECK_STR(m.channel, i % 2 ? "b" : "pat");
        CHECK_STR(m.pattern, i % 2 ? NULL : "p*");
        CHECK_STR(m.data, "text");
        CHECK_EQ(m.size, 4);
        CHECK(!m.gap);
    }
    CHECK(!bide_redis_subscribe(redis, NULL, NULL));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

SERVER_TEST(a_subscription_says_that_it_may_have_missed_something, NULL)
{
    bide_auto(redis_subscription) sub =
        bide_redis_subscribe(redis, (const char *[]){ "a", NULL }, NULL);
    struct bide_redis_message m;
    server_kill(server);
    server_start(server);
    CHECK_EQ(bide_redis_next(sub, &m), 1);
    CHECK(m.gap);
    publish(redis, "a", "again");
    CHECK_EQ(bide_redis_next(sub, &m), 1);
    CHECK(!m.gap);
    CHECK_STR(m.data, "again");
}

SERVER_TEST(silence_is_asked_about, NULL)
{
    (void)redis;
    bide_auto(redis) quick = bide_redis_open(server->url, .heartbeat = 0.02);
    bide_auto(redis_subscription) sub =
        bide_redis_subscribe(quick, (const char *[]){ "a", NULL }, NULL);
    struct bide_redis_message m;
    BIDE_TIMEOUT(limit, 0.2);
    int rc = bide_redis_next(sub, &m);
    CHECK_EQ(bide_scope_result(limit, rc), BIDE_ETIMEDOUT);
    CHECK_EQ(bide_redis_stats(quick).connected, 1);
}

static int wait_for_message(void *arg)
{
    struct bide_redis_message m;
    CHECK_EQ(bide_redis_next(arg, &m), BIDE_ECLOSED);
    return 0;
}

SERVER_TEST(closing_the_client_ends_who_listens, NULL)
{
    (void)redis;
    bide_redis *other = bide_redis_open(server->url);
    bide_auto(redis_subscription) sub =
        bide_redis_subscribe(other, (const char *[]){ "a", NULL }, NULL);
    BIDE_GROUP(g);
    bide_spawn(g, wait_for_message, sub);
    CHECK_EQ(bide_yield(), 0);
    bide_redis_close(other);
    CHECK_EQ(bide_group_wait(g), 0);
}

SERVER_TEST(a_group_shares_a_stream_and_claims_what_a_dead_one_had, NULL)
{
    (void)server;
    CHECK_EQ(bide_redis_group_create(redis, "s", "g"), 0);
    CHECK_EQ(bide_redis_group_create(redis, "s", "g"), 0);
    for (int i = 0; i < 10; i++) {
        bide_auto(redis_reply) id = bide_redis_stream_add(redis, "s",
            BIDE_PAIRS({ "url", "http://x/" }, { "depth", "1" }), 1000);
        CHECK_HAS(bide_redis_text(id), "-");
    }
    bide_auto(redis_entries) dead = bide_redis_group_read(redis, "s", "g", "dead", 4, 0);
    bide_auto(redis_entries) mine = bide_redis_group_read(redis, "s", "g", "me", 100, 0);
    CHECK_EQ(bide_redis_entries_count(dead), 4);
    CHECK_EQ(bide_redis_entries_count(mine), 6);
    struct bide_redis_entry e;
    while (bide_redis_entries_next(mine, &e) == 1) {
        CHECK_STR(bide_redis_text(bide_redis_field(e.fields, "url")), "http://x/");
        CHECK_EQ(bide_redis_group_ack(redis, "s", "g", e.id), 1);
        CHECK_EQ(bide_redis_group_ack(redis, "s", "g", e.id), 0);
    }
    CHECK_EQ(bide_redis_group_pending(redis, "s", "g"), 4);
    bide_auto(redis_entries) young = bide_redis_group_claim(redis, "s", "g", "me", 10, 60);
    CHECK_EQ(bide_redis_entries_count(young), 0);
    bide_auto(redis_entries) claimed = bide_redis_group_claim(redis, "s", "g", "me", 10, 0);
    CHECK_EQ(bide_redis_entries_count(claimed), 4);
    bide_auto(redis_entries) none = bide_redis_group_read(redis, "s", "g", "me", 1, 0.01);
    CHECK(none && bide_redis_entries_count(none) == 0);
    CHECK_EQ(bide_redis_entries_next(none, &e), 0);
    CHECK(!bide_redis_group_read(redis, "s", "nobody", "me", 1, 0));
    CHECK_HAS(bide_errmsg(), "NOGROUP");
}
