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

static long memory_kb(void)
{
    long pages = 0, unused;
    FILE *f = fopen("/proc/self/statm", "r");
    CHECK(f && fscanf(f, "%ld %ld", &unused, &pages) == 2);
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Until the server has cut off who does not listen: how many were published. */
static int publish_to_nobody(bide_redis *redis, char *text, size_t size)
{
    for (int i = 0; i < 5000; i++) {
        snprintf(text, 8, "%07d", i);
        text[7] = 'x';
        bide_auto(redis_reply) heard = bide_redis_command(redis,
            ((const char *[]){ "PUBLISH", "a", text }), 3, .sizes = (size_t[]){ 7, 1, size });
        if (bide_redis_int(heard, -1) == 0)
            return i;
    }
    return -1;
}

SERVER_TEST(who_listens_too_slowly_is_cut_off_and_told, "--client-output-buffer-limit", "pubsub",
            "1mb", "1mb", "1")
{
    (void)server;
    static char text[65536];
    memset(text, 'x', sizeof text);
    bide_auto(redis_subscription) sub =
        bide_redis_subscribe(redis, (const char *[]){ "a", NULL }, NULL);
    long before = memory_kb();
    int published = publish_to_nobody(redis, text, sizeof text), heard = 0;
    CHECK(published > 10);
    struct bide_redis_message m = { .gap = false };
    for (; !m.gap; heard += !m.gap) {
        CHECK_EQ(bide_redis_next(sub, &m), 1);
        CHECK(m.gap || (m.size == sizeof text && atoi(m.data) == heard));
    }
    CHECK(heard > 0 && heard < published);
    CHECK(test_is_slow() || memory_kb() - before < 4096);
    publish(redis, "a", "again");
    CHECK_EQ(bide_redis_next(sub, &m), 1);
    CHECK_STR(m.data, "again");
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
