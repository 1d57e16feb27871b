/* With a real server: commands, replies, many tasks, blocking commands, transactions, scripts. */
#include <bide.h>
#include <bide/redis.h>

#include "redis/server.h"

#define OK(call) do { bide_auto(redis_reply) ok_ = call; if (!ok_) \
    test_fail(__FILE__, __LINE__, "%s: %s", #call, bide_errmsg()); } while (0)

SERVER_TEST(values_come_as_what_they_are, NULL)
{
    (void)server;
    OK(bide_redis_call(redis, "SET", "n", "42"));
    bide_auto(redis_reply) text = bide_redis_call(redis, "GET", "n");
    CHECK_EQ(bide_redis_type(text), BIDE_REDIS_TEXT);
    CHECK_STR(bide_redis_text(text), "42");
    CHECK_EQ(bide_redis_int(text, -1), 42);
    bide_auto(redis_reply) number = bide_redis_call(redis, "INCR", "n");
    CHECK_EQ(bide_redis_type(number), BIDE_REDIS_INT);
    CHECK_EQ(bide_redis_int(number, -1), 43);
    bide_auto(redis_reply) nothing = bide_redis_call(redis, "GET", "nowhere");
    CHECK(nothing && bide_redis_is_null(nothing));
    bide_auto(redis_reply) status = bide_redis_call(redis, "SET", "s", "x");
    CHECK_EQ(bide_redis_type(status), BIDE_REDIS_STATUS);
    CHECK(bide_redis_bool(status));
    OK(bide_redis_call(redis, "HSET", "h", "a", "1", "b", "2.5"));
    bide_auto(redis_reply) hash = bide_redis_call(redis, "HGETALL", "h");
    CHECK_EQ(bide_redis_count(hash), 4);
    CHECK_STR(bide_redis_text(bide_redis_field(hash, "a")), "1");
    CHECK_NEAR(bide_redis_real(bide_redis_field(hash, "b"), 0), 2.5, 1e-9);
    CHECK(!bide_redis_field(hash, "c"));
    CHECK(!bide_redis_at(hash, 4));
}

SERVER_TEST(the_server_s_word_is_the_error, NULL)
{
    (void)server;
    OK(bide_redis_call(redis, "SET", "s", "x"));
    CHECK(!bide_redis_call(redis, "LPUSH", "s", "1"));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "redis: WRONGTYPE ");
    CHECK(!bide_redis_call(redis, "SUBSCRIBE", "c"));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "bide_redis_subscribe()");
    CHECK(!bide_redis_call(redis, "SET", "s", NULL));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
}

SERVER_TEST(arguments_hold_any_bytes, NULL)
{
    (void)server;
    char value[300];
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (char)i;
    const char *argv[] = { "SET", "b", value };
    OK(bide_redis_command(redis, argv, 3, .sizes = (size_t[]){ 3, 1, sizeof value }));
    bide_auto(redis_reply) r = bide_redis_call(redis, "GET", "b");
    CHECK_EQ(bide_redis_size(r), sizeof value);
    CHECK_MEM(bide_redis_text(r), value, sizeof value);
}

struct asker { bide_redis *redis; int id, *done; };
static int ask_some(void *arg)
{
    struct asker *a = arg;
    char key[16], value[16];
    snprintf(key, sizeof key, "k%d", a->id);
    for (int i = 0; i < 5; i++) {
        snprintf(value, sizeof value, "%d-%d", a->id, i);
        OK(bide_redis_call(a->redis, "SET", key, value));
        bide_auto(redis_reply) r = bide_redis_call(a->redis, "GET", key);
        CHECK_STR(bide_redis_text(r), value);
    }
    ++*a->done;
    return 0;
}

SERVER_TEST(a_thousand_tasks_share_a_connection_and_few_writes, NULL)
{
    (void)server;
    int done = 0;
    BIDE_GROUP(g);
    for (int i = 0; i < 1000; i++)
        bide_spawn_with(g, ask_some, struct asker, redis, i, &done);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(done, 1000);
    CHECK_EQ(bide_redis_stats(redis).open, 1);
    CHECK_EQ(bide_redis_stats(redis).queued, 0);
    CHECK(bide_redis_stats(redis).writes < 2000);
}

static int ask_for_long(void *arg)
{
    bide_auto(redis_reply) r = bide_redis_call(arg, "DEBUG", "SLEEP", "0.05");
    return 0;
}

SERVER_TEST(cancelled_tasks_leave_their_replies_to_nobody, "--enable-debug-command", "yes")
{
    (void)server;
    int done = 0;
    BIDE_KEEP_GOING(g);
    OK(bide_redis_call(redis, "PING"));
    for (int i = 0; i < 50; i++) {
        bide_task *t;
        bide_spawn(g, ask_for_long, redis, .handle = &t);
        CHECK_EQ(bide_yield(), 0);
        bide_cancel(t);
        if (i == 25)
            CHECK_EQ(bide_sleep(0.01), 0);
    }
    struct asker a = { redis, 1, &done };
    CHECK_EQ(ask_some(&a), 0);
    CHECK_EQ(bide_redis_stats(redis).queued, 0);
    CHECK_EQ(bide_redis_stats(redis).connected, 1);
    bide_ignore(bide_group_wait(g));
}

static int pop(void *arg)
{
    struct asker *a = arg;
    bide_auto(redis_reply) r = bide_redis_call(a->redis, "BLPOP", "list", "0");
    CHECK_STR(bide_redis_text(bide_redis_at(r, 1)), "item");
    return *a->done = 1;
}

SERVER_TEST(a_command_that_blocks_holds_up_nobody, NULL)
{
    (void)server;
    int done = 0;
    BIDE_GROUP(g);
    bide_spawn_with(g, pop, struct asker, redis, 0, &done);
    while (bide_redis_stats(redis).connected == 0)
        CHECK_EQ(bide_sleep(0.001), 0);
    for (int i = 0; i < 10; i++)
        OK(bide_redis_call(redis, "PING"));
    CHECK_EQ(done, 0);
    OK(bide_redis_call(redis, "LPUSH", "list", "item"));
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(done, 1);
    CHECK_EQ(bide_redis_stats(redis).idle, 1);
}

SERVER_TEST(a_batch_has_a_reply_for_each, NULL)
{
    (void)server;
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    CHECK_EQ(bide_redis_add(b, "LPUSH", "n", "x"), 0);
    bide_auto(redis_reply) all = bide_redis_send(b);
    CHECK_EQ(bide_redis_count(all), 1001);
    CHECK_EQ(bide_redis_int(bide_redis_at(all, 999), 0), 1000);
    CHECK_EQ(bide_redis_type(bide_redis_at(all, 1000)), BIDE_REDIS_ERROR);
    bide_auto(redis_reply) none = bide_redis_send(b);
    CHECK(none && bide_redis_count(none) == 0);
}

SERVER_TEST(a_transaction_is_done_whole_or_not_at_all, NULL)
{
    (void)server;
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    CHECK(!bide_redis_look(b, "GET", "n"));
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    bide_auto(redis_reply) both = bide_redis_exec(b);
    CHECK_EQ(bide_redis_int(bide_redis_at(both, 1), 0), 2);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    CHECK_EQ(bide_redis_add(b, "NONSENSE"), 0);
    CHECK(!bide_redis_exec(b));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "unknown command");
    bide_auto(redis_reply) n = bide_redis_call(redis, "GET", "n");
    CHECK_STR(bide_redis_text(n), "2");
}

SERVER_TEST(what_is_watched_and_changed_is_told_apart, NULL)
{
    (void)server;
    for (int changed = 0; changed < 2; changed++) {
        bide_auto(redis_batch) b = bide_redis_batch_new(redis);
        CHECK_EQ(bide_redis_watch(b, "n"), 0);
        bide_auto(redis_reply) before = bide_redis_look(b, "GET", "n");
        CHECK(before);
        if (changed)
            OK(bide_redis_call(redis, "SET", "n", "other"));
        CHECK_EQ(bide_redis_add(b, "SET", "n", "ours"), 0);
        bide_auto(redis_reply) done = bide_redis_exec(b);
        CHECK_EQ(done == NULL, changed);
        if (changed)
            CHECK_EQ(bide_errcode(), BIDE_EAGAIN);
        bide_auto(redis_reply) n = bide_redis_call(redis, "GET", "n");
        CHECK_STR(bide_redis_text(n), changed ? "other" : "ours");
    }
    CHECK_EQ(bide_redis_stats(redis).idle, 1);
}

SERVER_TEST(a_script_is_sent_once, NULL)
{
    (void)server;
    const char *keys[] = { "k" }, *args[] = { "7" };
    const char *lua = "redis.call('INCRBY', KEYS[1], ARGV[1]); return {KEYS[1], 1, false}";
    for (int i = 0; i < 3; i++) {
        bide_auto(redis_reply) r = bide_redis_script(redis, lua, keys, 1, args, 1);
        CHECK_STR(bide_redis_text(bide_redis_at(r, 0)), "k");
        CHECK(bide_redis_is_null(bide_redis_at(r, 2)));
    }
    bide_auto(redis_reply) n = bide_redis_call(redis, "GET", "k");
    CHECK_EQ(bide_redis_int(n, 0), 21);
    bide_auto(redis_reply) stats = bide_redis_call(redis, "INFO", "commandstats");
    CHECK_HAS(bide_redis_text(stats), "cmdstat_eval:calls=1,");
}

SERVER_TEST(a_unix_socket_and_a_database_by_number, NULL)
{
    char url[96];
    snprintf(url, sizeof url, "unix:%s/socket?db=3", server->folder);
    bide_auto(redis) other = bide_redis_open(url, .name = "tester");
    OK(bide_redis_call(other, "SET", "there", "yes"));
    bide_auto(redis_reply) r = bide_redis_call(redis, "GET", "there");
    CHECK(bide_redis_is_null(r));
    bide_auto(redis_reply) list = bide_redis_call(redis, "CLIENT", "LIST");
    CHECK_HAS(bide_redis_text(list), "name=tester");
    CHECK_HAS(bide_redis_text(list), "db=3");
}

SERVER_TEST(a_wrong_password_is_told_at_once, "--requirepass", "secret word")
{
    (void)redis;
    CHECK(!bide_redis_call(redis, "PING"));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "NOAUTH");
    char url[96];
    snprintf(url, sizeof url, "redis://default:secret%%20word@127.0.0.1:%d", server->port);
    bide_auto(redis) right = bide_redis_open(url);
    OK(bide_redis_call(right, "PING"));
    bide_auto(redis) wrong = bide_redis_open(url, .password = "guess");
    CHECK(!bide_redis_call(wrong, "PING"));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "WRONGPASS");
}

static int keep_asking(void *arg)
{
    struct asker *a = arg;
    while (*a->done == 0) {
        bide_auto(redis_reply) r = bide_redis_call(a->redis, "INCR", "n");
        if (!r && bide_errcode() == BIDE_ECANCELED)
            return bide_errcode();
        if (!r && bide_sleep(0.001) < 0)
            return bide_errcode();
    }
    return 0;
}

SERVER_TEST(a_server_that_is_killed_and_comes_back_is_found_again, NULL)
{
    int done = 0;
    OK(bide_redis_call(redis, "PING"));
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++)
        bide_spawn_with(g, keep_asking, struct asker, redis, i, &done);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_sleep(0.02), 0);
        server_kill(server);
        CHECK_EQ(bide_sleep(0.02), 0);
        server_start(server);
        OK(bide_redis_command(redis, ((const char *[]){ "GET", "n" }), 2, .repeatable = true));
    }
    done = 1;
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(bide_redis_stats(redis).connected >= 4);
    CHECK_EQ(bide_redis_stats(redis).queued, 0);
}

SERVER_TEST(nobody_there_fails_with_the_reason, NULL)
{
    server_kill(server);
    bide_auto(redis) r = bide_redis_open(server->url, .attempts = 2, .retry_base = 0.001);
    CHECK(!bide_redis_call(r, "PING"));
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    CHECK_HAS(bide_errmsg(), "after 2 attempts: redis: connect: 127.0.0.1:");
    CHECK(!bide_redis_call(r, "BLPOP", "l", "0"));
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    (void)redis;
}
